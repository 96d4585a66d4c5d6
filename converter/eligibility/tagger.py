"""Which words of a text name something clinical, by weights learned from criteria that people have annotated.

The kind of a word is the one with the highest sum of weights: of the word itself, of the two words on each side, and of the signs
before and after it.  Words of one kind that stand together are one name.  The weights (data/weights.tsv) are made by
`python -m tools.tagger`; what the words' parts say comes from the vocabulary (data/words.tsv, made by `python -m tools.vocabulary`).

All kinds' weights are summed at once, as the digits of one number: each kind has `WIDTH` bits of it, a weight of 1 is `UNIT`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
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
PLACES = {"-1 ": 1, "+1 ": 2, "-2 ": 3, "+2 ": 4}
"""Where in the weights of a word those of a trait stand that is learned of a neighbour."""


class Words(NamedTuple):
    """The words of a part of a text, what stands between them (and before the first and behind the last: nothing), and where they are.

    Word n is text[places[2 * n + 1]:places[2 * n + 2]].
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


def split(text: str, start: int, end: int) -> Words:
    """The words of text[start:end]."""
    pieces = WORD.split(text[start:end])
    places = list(accumulate(map(len, pieces), initial=start))
    pieces[0] = pieces[-1] = ""
    return Words(pieces[1::2], pieces[::2], places)


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
    found += parts().get(root, ())
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

    def __init__(self, rows: Iterable[tuple[str, list[int]]]) -> None:
        super().__init__()
        learned: dict[str, list[int]] = {}
        for trait, weights in rows:
            place = PLACES.get(trait[:3], 0)
            of_trait = learned.setdefault(trait[3:] if place else trait, [0] * 5)
            of_trait[place] = sum(weight << WIDTH * kind for kind, weight in enumerate(weights))
        self.learned: dict[str, Word] = {trait: (own, before, after, long_before, long_after)
                                         for trait, (own, before, after, long_before, long_after) in learned.items()}
        self.nothing = SIGNS + self.learned.get("any", NONE)[0]
        _, before, after, _, _ = self.learned.get("edge", NONE)
        self.edge: Word = (0, before, after, 0, 0)
        self.signs = Signs({trait: own for trait, (own, *_) in self.learned.items()})

    def __missing__(self, word: str) -> Word:
        if len(self) >= LIMIT:
            self.clear()
        found = traits(word)
        own, before, after = self.nothing, 0, 0
        for trait in found:
            if weights := self.learned.get(trait):
                own += weights[0]
                before += weights[1]
                after += weights[2]
        itself = self.learned.get(found[0], NONE)
        self[word] = made = own, before, after, itself[3], itself[4]
        return made


class Signs(dict[str, tuple[int, int, bool]]):
    """The weights of what stands between words, for the word before it and the one after it, and whether it joins them."""

    def __init__(self, learned: dict[str, int]) -> None:
        super().__init__()
        self.learned = learned

    def __missing__(self, between: str) -> tuple[int, int, bool]:
        if len(self) >= LIMIT:
            self.clear()
        kind = sign(between)
        self[between] = made = self.learned.get(f"before {kind}", 0), self.learned.get(f"after {kind}", 0), kind in JOINS
        return made


@cache
def weights() -> Weights:
    """The weights of data/weights.tsv."""
    lines = files(__package__).joinpath("data", "weights.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return Weights((trait, [int(weight or 0) for weight in learned]) for trait, *learned in (line.split("\t") for line in lines))


def tagged(of: Words, learned: Weights) -> list[Tagged]:
    """What the words name, in their order."""
    edge, sign_weights = learned.edge, learned.signs
    words = [edge, edge, *[learned[word] for word in of.words], edge, edge]
    signs = [sign_weights[between] for between in of.between]
    weighed = zip(words, words[1:], words[2:], words[3:], words[4:], signs, signs[1:], strict=False)
    sums = [(place, total) for place, (long_before, before, word, after, long_after, ahead, behind) in enumerate(weighed)
            if (total := word[0] + before[1] + after[2] + long_before[3] + long_after[4] + ahead[1] + behind[0]) & SIGNS]
    found: list[list[int]] = []
    last, name = -2, -1
    for place, total in sums:
        values = UNPACK(total.to_bytes(SIZE, "little"))
        rising = sorted(values)
        most, second = rising[-1], rising[-2]
        label = values.index(most)
        margin = most - (second if second > HALF else HALF)
        if label == name and place == last + 1 and signs[place][2] and place - found[-1][1] < LONGEST:
            found[-1][2] = place + 1
            found[-1][3] += margin
        else:
            found.append([label, place, place + 1, margin])
        last, name = place, label
    return [Tagged(LABELS[label], first, last, score) for label, first, last, score in found]
