"""Which words of a text name something clinical, by weights learned from criteria that people have annotated.

The kind of a word is the one with the highest sum of weights: of the word itself, of the two words on each side, and of the signs
before and after it.  Words of one kind that stand together are one name.  The weights (data/weights.tsv) are made by
`python -m tools.tagger`; what the words' parts say comes from the vocabulary (data/words.tsv, made by `python -m tools.vocabulary`).

All kinds' weights are summed at once, as the digits of one number: each kind has `WIDTH` bits of it, a weight of 1 is `UNIT`.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import accumulate, islice
from typing import Literal, NamedTuple

from converter.eligibility import tables
from converter.eligibility.dictionary import WORD, parts, stem
from converter.eligibility.findings import Span
from converter.eligibility.plain import plain

Label = Literal["condition", "medication", "procedure", "allergy", "pregnancy", "observation"]
LABELS: tuple[Label, ...] = ("condition", "medication", "procedure", "allergy", "pregnancy", "observation")
"""The order of the weights.  Observations are learned so that they are not taken for something else, and are not answered."""
UNIT = 64
WIDTH = 16
SIGNS = sum(1 << WIDTH * (place + 1) - 1 for place in range(len(LABELS)))
"""The highest bit of each kind's part: set where its sum, with this added, is not below zero, that of a word that names nothing."""
UNPACK = struct.Struct(f"<{len(LABELS)}H").unpack
SIZE = len(LABELS) * WIDTH // 8
HALF = 1 << WIDTH - 1
LIMIT = 50_000
"""So many different words are remembered: as many as are in several thousand trials."""

LOWEST = -4 * UNIT
"""A word whose own weights are all lower names nothing, whatever stands beside it: half of all words."""
LONGEST = 8
"""A name has at most so many words."""
JOINS = frozenset({"space", "hyphen", "apostrophe", "slash"})
"""The signs between words of one name."""

CLOSE = frozenset({" ", "-", "'", "’"})
"""What stands between the words of a term."""

Sums = tuple[int, int, int, int, int]
"""The weights of a word: for itself (0: it names nothing), as the one before and after another, as the second before and after another."""
NONE: Sums = (0, 0, 0, 0, 0)
EDGE = ["", ""]
"""The words before the first and behind the last one of a criterion: two, so that no word beside another is one of another criterion."""
TOKEN = re.compile(r"\W*+\w++")
"""A word with what stands before it, where no "_" is: that is a sign, but a letter for `re`."""


class Word(NamedTuple):
    """What stands before a word and whether it is CLOSE, the word as it is written, and its stem."""

    between: str
    close: bool
    written: str
    root: str


Token = tuple[int, int, int, int, int, bool, Word]
"""The weights of a word with what stands before it, whether that joins it to the word there, and the word."""


class Words(NamedTuple):
    """The words of some criteria, and where they end; between two criteria and at both ends is an EDGE.

    Nothing stands before an edge, nor before the word behind it.
    """

    tokens: list[Token]
    ends: list[int]

    def span(self, first: int, last: int) -> Span:
        """Where the words from the first to the last (exclusive) stand in the text."""
        return self.ends[first] - len(self.tokens[first][-1].written), self.ends[last - 1]


class Tagged(NamedTuple):
    """A name: its kind, its first and last word (exclusive), and how far ahead of other kinds its words are, in sum."""

    kind: Label
    first: int
    last: int
    score: int


def split(text: str, spans: Iterable[Span], learned: Weights) -> Words:
    """The words of those parts of the text, which are criteria."""
    tokens, ends = [*EDGE], [0, 0]
    text = text.replace("_", "=")
    for start, end in spans:
        last = end
        while last > start and not text[last - 1].isalnum():
            last -= 1  # signs that no word follows would be looked through again and again
        if found := TOKEN.findall(text, start, last):
            ends += islice(accumulate(map(len, found), initial=start), 1, None)
            if not found[0][0].isalnum():
                found[0] = parted(found[0])[1]
            tokens += found
        tokens += EDGE
        ends += end, end
    return Words([learned[token] for token in tokens], ends)


def parted(token: str) -> tuple[str, str]:
    """What stands before the word of a token, and the word; nothing twice for an edge."""
    word = WORD.search(token)
    return (token[:word.start()], word[0]) if word else ("", "")


def traits(word: str) -> list[str]:
    """What is learned of a word: stem, number, case, beginnings and endings, what the vocabulary says of it."""
    lower = word.lower()
    root = stem(word)
    found = [f"word={root}"]
    if root != lower:
        found.append("inflected")
    if not lower.isalpha():
        found.append("digits")
    if len(word) > 1 and word.isupper():
        found.append("capitals")
    elif word[0].isupper():
        found.append("capital")
    elif word != lower:
        found.append("mixed")
    found += parts().get(root, "").split()
    if len(lower) > 3:
        found += [f"ends={root[-n:]}" for n in (3, 4, 5) if len(root) > n] + [f"begins={root[:n]}" for n in (3, 4, 5, 6) if len(root) > n]
    return found


def sign(between: str) -> str:
    """What stands between two words: blank, hyphen, comma, the end of a line ..."""
    if "\n" in between or not between:
        return "line"
    said = plain(between)
    bare = said.strip()
    if not bare:
        return "space"
    if bare == "-":
        return "hyphen" if said == "-" else "dash"
    return {"/": "slash", ",": "comma", "'": "apostrophe", "(": "open", ")": "close"}.get(bare) or {
        ".": "stop", ";": "semicolon", ":": "colon", ")": "closed"}.get(bare[0], "other")


class Weights(dict[str, Token]):
    """The weights of the tokens that were met so far; those of a new word are put together from its traits."""

    def __init__(self, rows: Mapping[str, str]) -> None:
        """`rows` are the lines of data/weights.tsv by their traits."""
        super().__init__()
        self.rows = rows
        self.nothing = SIGNS + self.of("any")[0]
        self.words: dict[str, Sums] = {}
        self.signs = Signs(self)

    def of(self, trait: str) -> Sums:
        """The weights of a trait."""
        row = self.rows.get(trait)
        return NONE if row is None else read(row)

    def __missing__(self, token: str) -> Token:
        if len(self) >= LIMIT:
            self.clear()
            self.words.clear()
        between, word = parted(token)
        if word not in self.words:
            self.words[word] = self.alone(word)
        own, before, after, long_before, long_after = self.words[word]
        behind, ahead, joined = self.signs[between]
        # What the sign says of the word before it goes with the word behind it: so no sign has to be looked up beside its word.
        said = Word(between, between in CLOSE, word, stem(word))
        self[token] = made = own and own + behind, before, after + ahead, long_before, long_after, joined, said
        return made

    def alone(self, word: str) -> Sums:
        """The weights of a word, whatever stands before it."""
        if not word:
            _, before, after, *_ = self.of("edge")
            return 0, before, after, 0, 0
        first, *others = traits(word)
        own, before, after, long_before, long_after = self.of(first)
        for trait in others:
            if row := self.rows.get(trait):
                weights = read(row)
                own += weights[0]
                before += weights[1]
                after += weights[2]
        own += self.nothing
        if max(UNPACK(own.to_bytes(SIZE, "little"))) < HALF + LOWEST:
            own = 0
        return own, before, after, long_before, long_after


@cache
def read(row: str) -> Sums:
    """The weights of a trait, by the columns of its line."""
    own, before, after, long_before, long_after = [
        sum([int(weight) << WIDTH * kind for kind, weight in enumerate(column.split(" ")) if weight]) for column in row.split("\t")]
    return own, before, after, long_before, long_after


class Signs(dict[str, tuple[int, int, bool]]):
    """The weights of what stands between words, for the word behind it and the one before it, and whether it joins them."""

    def __init__(self, learned: Weights) -> None:
        super().__init__()
        self.learned = learned

    def __missing__(self, between: str) -> tuple[int, int, bool]:
        if len(self) >= LIMIT:
            self.clear()
        kind = sign(between)
        self[between] = made = self.learned.of(f"after {kind}")[0], self.learned.of(f"before {kind}")[0], kind in JOINS
        return made


@cache
def weights() -> Weights:
    """The weights of data/weights.tsv."""
    return Weights({trait: row for trait, _, row in (line.partition("\t") for line in tables.lines("weights.tsv"))})


def tagged(words: list[Token]) -> list[Tagged]:
    """What the words name, in their order."""
    sums = [(place, total) for place, word in enumerate(words) if word[0] and (
        total := word[0] + words[place - 1][1] + words[place + 1][2] + words[place - 2][3] + words[place + 2][4]) & SIGNS]
    found: list[list[int]] = []
    last, name = -2, -1
    for place, total in sums:
        values = UNPACK(total.to_bytes(SIZE, "little"))
        rising = sorted(values)
        most, second = rising[-1], rising[-2]
        label = values.index(most)
        margin = most - (second if second > HALF else HALF)
        if label == name and place == last + 1 and words[place][5] and place - found[-1][1] < LONGEST:
            found[-1][2] = place + 1
            found[-1][3] += margin
        else:
            found.append([label, place, place + 1, margin])
        last, name = place, label
    return [Tagged(LABELS[label], first, last, score) for label, first, last, score in found]
