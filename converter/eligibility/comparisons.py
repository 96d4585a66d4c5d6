"""Comparisons with what is measured: the bounds of a criterion, each with its variable, as far as that is sure."""

from __future__ import annotations

import re

from converter.eligibility.attaching import Attaching
from converter.eligibility.bounds import stated
from converter.eligibility.findings import Comparison, Grades, Span
from converter.eligibility.limits import LIMITING, NAME
from converter.eligibility.numbers import LETTERS, SPELLED
from converter.eligibility.plain import words as words_of
from converter.eligibility.scales import LETTERED, grades
from converter.eligibility.sexes import FEMALE, MALE
from converter.eligibility.variables import named, scored

SIGNS = re.compile(r"[<>≤≥]")
FIGURES = frozenset("0123456789")
SCALES = frozenset((
    "asa", "anesthesiologists", "anesthesiologist", "anesthesiology", "anaesthesiologists", "anaesthesiology", "physical", "nyha",
    "york", "class",
    "classes", "grade", "grades", "stage", "stages", "level", "levels", "scale", "score", "scores", "classification",
    "ⅰ", "ⅱ", "ⅲ", "ⅳ", "ⅴ", "ⅵ"))
"""Where one of these stands, Roman numerals are read."""
MULTIPLES = frozenset(("twice", "double", "triple"))
COUNTED = frozenset((
    "age", "ages", "aged", "old", "older", "younger", "under", "over", "above", "below", "than", "least", "most", "expectancy", "survival",
    "gestation", "percent", "points", "times", "fold", "folds", "upper", "normal", "uln"))
"""Where one of these stands, numbers in words may be of use."""
COMPARED = frozenset((
    "least", "over", "above", "under", "below", "minimum", "maximum", "min", "max", "minimal", "maximal", "than", "then", "beyond",
    "hypertension", "gestation", "gestational", "exceed", "exceeds"))
"""Where one of these stands, a number that is not compared itself may be, before the name of what is measured: "minimum age 18"."""
TELLING = FIGURES | LETTERED | SCALES | MULTIPLES | LIMITING | SPELLED
"""Where none of these stands, nothing is compared."""


def comparisons(plain: str, start: int, end: int, above: Span | None = None, known: list[str] | None = None) -> list[Comparison | Grades]:
    """The comparisons and grades that are stated between start and end of the plain text; `known` are the
    words there (plain.words), if they are.

    `above` is the span of the heading over it, from which the variable is taken where the words begin with a comparison.
    """
    words = words_of(plain, start, end) if known is None else known
    if TELLING.isdisjoint(words):
        return []
    said = set(words)
    found: list[Comparison | Grades] = [] if said.isdisjoint(LETTERED) else list(grades(plain, start, end))
    letters = not said.isdisjoint(SCALES) or not said.isdisjoint(MULTIPLES) or (
        not said.isdisjoint(COUNTED) and not said.isdisjoint(SPELLED))
    limited = not said.isdisjoint(LIMITING)
    spelled = letters and not said.isdisjoint(LETTERS)
    if said.isdisjoint(FIGURES) and not spelled and not (limited and NAME.search(plain, start, end)):
        return found
    men, women = not said.isdisjoint(MALE), not said.isdisjoint(FEMALE)
    told = stated(plain, start, end, spelled, limited, men or women)
    if not told:
        return found
    if not letters and said.isdisjoint(COMPARED) and said.isdisjoint(scored()) and (
            not SIGNS.search(plain, start, end)) and all(bounds.shape == "bare" for bounds in told):
        return found
    attaching = Attaching(plain, start, end, named(plain, start, end, said), above, men and women, start)
    seen = []
    for bounds in told:
        for one in attaching.attached(bounds):
            if (what := (one.variable or one.subject, one.lower, one.upper, one.limit, one.sex)) not in seen:
                seen.append(what)
                found.append(one)
    return found
