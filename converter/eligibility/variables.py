"""What is measured: the listed variables, found in a text by their names, the longest first.

data/variables.tsv has a line for each: LOINC code and name, the unit that is meant where the text has none, what its units may
measure, its synonyms.  Names are compared word by word, so that hyphens, blanks and brackets do not count.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache
from itertools import compress, count
from typing import NamedTuple

from converter.eligibility import tables
from converter.eligibility.findings import Coding
from converter.eligibility.plain import words
from converter.eligibility.units import measures

LOINC = "http://loinc.org"

WORD = re.compile(r"((?:asa|nyha|ecog|bmi|age|aged|ages|kps|gcs|mmse|nihss|ps|vas|nrs)(?=\d)|[^\W_]+\+?)")
"""A word; a name to which its value is written without a blank ("ASA1") stands by itself."""


class Variable(NamedTuple):
    """A listed variable.

    `unit` is UCUM, the one that LOINC's code is in; `accepts` what the units of it may measure, "limit" where multiples of a limit of
    normal are usual; `values` the least and the greatest that there can be in its own unit.  `molar_mass` (g/mol) makes amounts of
    substance and masses of one another.  `instead` is the key of the variable that it is when the unit measures something else.
    """

    key: str
    loinc: str
    display: str
    kind: str
    unit: str
    accepts: frozenset[str]
    values: tuple[int, int] | None
    molar_mass: str
    instead: dict[str, str]

    @property
    def pure(self) -> bool:
        """Whether its values are numbers without a unit: INR, pH."""
        return self.unit in ("", "[pH]")


class Named(NamedTuple):
    """A name that stands in the text; `key` is "" for something else that only looks like a listed variable."""

    start: int
    end: int
    key: str


@cache
def table() -> dict[str, tuple[Variable, tuple[str, ...]]]:
    """The listed variables by key, each with its synonyms."""
    return {row["key"]: (
        Variable(row["key"], row["loinc"], row["display"], row["kind"], row["unit"], frozenset(row["accepts"].split(";")),
                 ends(row["values"]), row["molar_mass"], dict(measured.split("=") for measured in row["instead"].split(";") if measured)),
        tuple(row["synonyms"].split(";"))) for row in tables.named_rows("variables.tsv")}


def ends(written: str) -> tuple[int, int] | None:
    """The ends of "0-30"; None of ""."""
    least, _, most = written.partition("-")
    return (int(least), int(most)) if most else None


@cache
def variable(key: str) -> Variable:
    """The listed variable of that key."""
    return table()[key][0]


def coded(key: str, unit: str | None) -> Variable | None:
    """The variable whose LOINC code is right for a value in that unit of UCUM; None where its code means another kind of quantity.

    FEV1 in % is that of the predicted value; lymphocytes in % are not those of a volume.  Masses and amounts of substance are
    of one kind where the molar mass is known.
    """
    known = variable(key)
    if not unit or known.kind == "score" or not known.unit:
        return known
    measured, meant = measures(unit), measures(known.unit)
    if measured in known.instead:
        return variable(known.instead[measured])
    if measured == meant or (known.molar_mass and measured.replace("substance", "mass") == meant.replace("substance", "mass")):
        return known
    return None


def loinc(key: str, unit: str | None) -> Coding | None:
    """The code of LOINC for a value of the variable in that unit; None where there is none that is certain."""
    known = coded(key, unit)
    return Coding(LOINC, known.loinc, known.display) if known and known.loinc else None


@cache
def names() -> dict[str, list[tuple[list[str], str]]]:
    """By first word: the further words of every name and its key, the longest first."""
    found: dict[str, set[tuple[tuple[str, ...], str]]] = {}
    for key, (_, synonyms) in table().items():
        for synonym in synonyms:
            first, *further = WORD.findall(synonym)
            found.setdefault(first, set()).add((tuple(further), key))
    for row in tables.named_rows("other_measures.tsv"):
        first, *further = WORD.findall(row["words"])
        found.setdefault(first, set()).add((tuple(further), ""))
    return {first: [(list(further), key) for further, key in sorted(rest, key=lambda name: -len(name[0]))] for first, rest in found.items()}


@cache
def telling() -> dict[str, list[set[str]]]:
    """By each name's longest run of letters all that plain.words gives for it: where not all of these stand, the name does not."""
    found: dict[str, list[set[str]]] = {}
    for first, rest in names().items():
        for further, _ in rest:
            said = words_of_name(first, further)
            found.setdefault(max(said, key=len), []).append(set(said))
    return found


@cache
def scored() -> frozenset[str]:
    """The longest run of letters of each name of a score."""
    return frozenset(max(words_of_name(first, further), key=len) for first, rest in names().items()
                     for further, key in rest if key and variable(key).kind == "score")


def words_of_name(first: str, further: list[str]) -> list[str]:
    name = " ".join((first, *further))
    return words(name, 0, len(name))


def named(plain: str, start: int, end: int, said: Set[str]) -> list[Named]:
    """The names of variables between start and end, in order, none within another; `said` are the words there (plain.words)."""
    told, known = telling(), names()
    if not any(name <= said for word in told.keys() & said for name in told[word]):
        return []
    parts = WORD.split(plain[start:end])  # every other one is a word
    spelled = parts[1::2]
    found: list[Named] = []
    low = 0
    for index in compress(count(), map(known.__contains__, spelled)):
        if index >= low:
            for further, key in known[spelled[index]]:
                behind = index + 1 + len(further)
                if spelled[index + 1:behind] == further and not (further and listed(parts, index, behind, key)):
                    low = behind
                    first = start + len("".join(parts[:2 * index + 1]))
                    found.append(Named(first, first + len("".join(parts[2 * index + 1:2 * behind])), key))
                    break
    return found


def listed(parts: list[str], first: int, last: int, key: str) -> bool:
    """Whether the words from the first to the last (exclusive) name several variables: "PT, INR", but not "bilirubin, direct"."""
    alone = [{of for further, of in names().get(word, ()) if not further} for word in parts[2 * first + 1:2 * last:2]]
    return any(of - {key} for of in alone) and any(
        of and "," in gap for of, gap in zip(alone[1:], parts[2 * first + 2:2 * last:2], strict=False))
