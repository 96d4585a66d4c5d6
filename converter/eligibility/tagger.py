"""Which words of a text name something clinical, by weights learned from criteria that people have annotated.

The kind of a word is the one with the highest sum of weights: of the word itself, of the two words on each side, and of the signs
before and after it.  Words of one kind that stand together are one name.  The weights (data/weights.tsv) are made by
`python -m tools.tagger`; what the words' parts say comes from the vocabulary (data/words.tsv, made by `python -m tools.vocabulary`).

All kinds' weights are summed at once, as the digits of one number: each kind has `WIDTH` bits of it, a weight of 1 is `UNIT`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Literal, NamedTuple

from converter.eligibility.dictionary import WORD, parts, stem
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

LONGEST = 8
"""A name has at most so many words."""
JOINS = frozenset({"space", "hyphen", "apostrophe", "slash"})
"""The signs between words of one name."""

Word = tuple[int, int, int, int, int]
"""The weights a word has for itself, as the one before and the one after, as the second before and the second after."""

NONE: Word = (0, 0, 0, 0, 0)
NEIGHBOURS = ("", "-1 ", "+1 ", "-2 ", "+2 ")
"""How a trait begins that is learned of the word itself, and of those beside it, in the order of a word's weights."""
EDGE = ["", ""]
"""The words before the first and behind the last one of a criterion: two, so that no word beside another is one of another criterion."""


class Words(NamedTuple):
    """The words of some criteria, what stands before each, and where they are; between two criteria and at both ends is an EDGE.

    Word n is text[places[2 * n + 1]:places[2 * n + 2]].  Nothing stands before an edge, nor before the word behind it.
    """

    words: list[str]
    between: list[str]
    places: list[int]


class Tagged(NamedTuple):
    """A name: its kind, its first and last word (exclusive), and how far ahead of other kinds its words are, in sum."""

    kind: Label
    first: int
    last: int
    score: int


def split(text: str, spans: Iterable[tuple[int, int]]) -> Words:
    """The words of those parts of the text, which are criteria."""
    words, between, places = [*EDGE], [*EDGE], [0, 0, 0, 0]
    for start, end in spans:
        pieces = WORD.split(text[start:end])
        places += accumulate(map(len, pieces), initial=start)
        places += end, end
        pieces[0] = pieces[-1] = ""
        words += pieces[1::2]
        words += EDGE
        between += pieces[::2]
        between.append("")
    places.append(places[-1])
    return Words(words, between, places)


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


class Weights(dict[str, Word]):
    """The weights of the words that were met so far; those of a new word are put together from its traits."""

    def __init__(self, rows: Mapping[str, str]) -> None:
        """`rows` are the lines of data/weights.tsv by their traits."""
        super().__init__()
        self.learned = Traits(rows)
        self.nothing = SIGNS + self.learned["any"][0]
        _, before, after, _, _ = self.learned["edge"]
        self.edge: Word = (0, before, after, 0, 0)
        self.signs = Signs(self.learned)

    def __missing__(self, word: str) -> Word:
        if len(self) >= LIMIT:
            self.clear()
        if not word:
            self[word] = self.edge
            return self.edge
        found = traits(word)
        own, before, after = self.nothing, 0, 0
        for weights in map(self.learned.__getitem__, found):
            own += weights[0]
            before += weights[1]
            after += weights[2]
        itself = self.learned[found[0]]
        self[word] = made = own, before, after, itself[3], itself[4]
        return made


class Traits(dict[str, Word]):
    """The weights of the traits that were met so far: most of them are never asked for in a run."""

    def __init__(self, rows: Mapping[str, str]) -> None:
        super().__init__()
        self.rows = rows

    def __missing__(self, trait: str) -> Word:
        own, before, after, long_before, long_after = [packed(self.rows.get(place + trait, "")) for place in NEIGHBOURS]
        made = own, before, after, long_before, long_after
        if made == NONE:
            return NONE
        self[trait] = made
        return made


def packed(row: str) -> int:
    """The weights of all kinds as one number."""
    return sum(int(weight) << WIDTH * kind for kind, weight in enumerate(row.split("\t")) if weight)


class Signs(dict[str, tuple[int, int, bool]]):
    """The weights of what stands between words, for the word before it and the one after it, and whether it joins them."""

    def __init__(self, learned: Traits) -> None:
        super().__init__()
        self.learned = learned

    def __missing__(self, between: str) -> tuple[int, int, bool]:
        if len(self) >= LIMIT:
            self.clear()
        kind = sign(between)
        self[between] = made = self.learned[f"before {kind}"][0], self.learned[f"after {kind}"][0], kind in JOINS
        return made


@cache
def weights() -> Weights:
    """The weights of data/weights.tsv."""
    lines = files(__package__).joinpath("data", "weights.tsv").read_text(encoding="utf-8").splitlines()
    return Weights({trait: row for trait, _, row in (line.partition("\t") for line in lines[1:])})


def tagged(of: Words, learned: Weights) -> list[Tagged]:
    """What the words name, in their order."""
    words = of.words
    own, before, after, long_before, long_after = zip(*map(learned.__getitem__, words), strict=True)
    behind, ahead, joins = zip(*map(learned.signs.__getitem__, of.between), strict=True)
    totals = map(sum, zip(own[2:], before[1:], after[3:], long_before, long_after[4:], ahead[2:], behind[3:], strict=False))
    sums = [(place, total) for place, total in enumerate(totals, 2) if total & SIGNS and words[place]]
    found: list[list[int]] = []
    last, name = -2, -1
    for place, total in sums:
        values = UNPACK(total.to_bytes(SIZE, "little"))
        rising = sorted(values)
        most, second = rising[-1], rising[-2]
        label = values.index(most)
        margin = most - (second if second > HALF else HALF)
        if label == name and place == last + 1 and joins[place] and place - found[-1][1] < LONGEST:
            found[-1][2] = place + 1
            found[-1][3] += margin
        else:
            found.append([label, place, place + 1, margin])
        last, name = place, label
    return [Tagged(LABELS[label], first, last, score) for label, first, last, score in found]
