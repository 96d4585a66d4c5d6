"""Grades that are letters: Child-Pugh A or B, ASIA impairment scale A to C, as the sets of grades that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from converter.eligibility import tables
from converter.eligibility.findings import Grades
from converter.eligibility.variables import table

LETTERED = frozenset(("child", "childs", "asia", "ais", "bclc", "spinal", "barcelona"))
"""Where none of these words stands, none of the scales is named."""
GAP = (
    r"(?:[\s:=,()\[\]-]|\b(?:class|classes|classification|score|scores|grades?|category|status|stages?|cirrhosis|of|is|are|scale|ais|asia|"
    r"liver|function|cirrhotic|level|disease|"
       r"impairment|criteria|turcotte|patients?|with)\b){0,12}?")
LOWER = r"(?:>|worse\sthan|higher\sthan|greater\sthan|more\sthan|above|over|exceeding|beyond|more\ssevere\sthan)"
LEAST = r"(?:≥|>\s?=|>\s?/\s?=|at\sleast)"
MOST = r"(?:≤|<\s?=|=\s?<|up\sto|at\smost|better\sthan\sor\sequal\sto)"
UPPER = r"(?:<|less\sthan|better\sthan|below|lower\sthan|under)"
ENDS = (
    r"(?=\s*(?:$|[.,;:()\[\]]|/(?!\s?[a-e](?![a-z]))|\b(?:or|and|classifications?|category|liver|cirrhosis|cirrhotic|disease|class|"
    r"score(?!\s(?:of|is|≤|<|>|≥|between|\d))|grade|only|patients|status|at|within|based|according|by|for|hepatic|if|as|without|in|with|on)\b))")


class Scale:
    """A scale with letters for grades, in order, the mildest first; `key` is "" for one that is no listed variable."""

    def __init__(self, key: str, names: tuple[str, ...], grades: tuple[str, ...]) -> None:
        self.key, self.grades = key, grades
        letter = "[" + "".join(grades).lower() + "]"
        name = "|".join(re.escape(word).replace("\\ ", r"[\s-]").replace(r"\-", r"[\s-]?") for word in sorted(names, key=len, reverse=True))
        self.names = re.compile(name)
        self.pattern = re.compile(
            rf"(?:(?P<above>{LOWER})\s?|(?P<below>{UPPER})\s?|(?P<from>{LEAST})\s?|(?P<until>{MOST})\s?)?(?<![a-z])(?P<name>{name})(?:'s|s)?(?![a-z]){GAP}(?:(?P<lower>{LOWER})|(?P<least>{LEAST})|(?P<most>{MOST})|(?P<upper>{UPPER}))?\s?(?:class\s|grade\s|score\s|stage\s)?"
            rf"(?P<list>(?<![a-z]){letter}(?:[1-9]\d?)?(?![a-z])(?:\s?(?P<to>-|to|through)\s?{letter}(?![a-z])|(?:\s?(?:,\s?(?:or|and)?|/|or|and|&)\s?(?:class\s|grade\s)?{letter}(?:\d)?(?![a-z]))*))"
            rf"(?:\s?\(?(?:or|and)\s(?:(?P<worse>worse|higher|greater|above|poorer|more(?:\s(?:severe|advanced))?|beyond)|(?P<better>better|lower|less|below|milder))\b\)?)?{ENDS}")
        self.part = re.compile(rf"(?<![a-z]){letter}\d")
        self.letter = re.compile(rf"(?<![a-z]){letter}(?![a-z])")

    def values(self, found: re.Match[str]) -> tuple[str, ...]:
        """The grades that are meant, in the order of the scale."""
        if self.part.search(found["list"]):  # "B7 or B8" is but a part of B
            return ()
        named = [letter.upper() for letter in self.letter.findall(found["list"])]
        first, last = self.grades.index(named[0]), self.grades.index(named[-1])
        if found["lower"] or found["above"]:
            return self.grades[last + 1:]
        if found["least"] or found["from"] or found["worse"]:
            return self.grades[first:]
        if found["most"] or found["until"] or found["better"]:
            return self.grades[:last + 1]
        if found["upper"] or found["below"]:
            return self.grades[:first]
        return self.grades[first:last + 1] if found["to"] else tuple(grade for grade in self.grades if grade in named)


@cache
def scales() -> tuple[Scale, ...]:
    """The scales of letters of data/scales.tsv."""
    return tuple(Scale(row["key"], table()[row["key"]][1] if row["key"] else tuple(row["named"].split(";")), tuple(row["grades"].split()))
                 for row in tables.named_rows("scales.tsv"))


def grades(plain: str, start: int, end: int) -> Iterator[Grades]:
    """The grades that are named between start and end."""
    for scale in scales():
        if not scale.names.search(plain, start, end):  # the pattern alone would be tried at every character
            continue
        for found in scale.pattern.finditer(plain, start, end):
            if values := scale.values(found):
                yield Grades(start=found.start(), end=found.end(), rule="grades.listed" if scale.key else "grades.unlisted",
                             variable=scale.key or None, subject=found.span("name"), values=values)
