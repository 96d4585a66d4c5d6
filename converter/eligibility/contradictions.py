"""Where the text of the criteria and the record's own fields of age and sex say different things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from converter.eligibility.findings import CERTAIN, Bound, Combined, Comparison, Criterion, Finding, Meaning, Statement
from converter.eligibility.understanding import Understanding
from converter.problems import Problem, shown
from converter.trial import Trial

DAYS = {"a": Decimal("365.25"), "mo": Decimal("30.4375"), "wk": Decimal(7), "d": Decimal(1), "h": Decimal(1) / 24, "min": Decimal(1) / 1440}
CODE = {"Year": "a", "Month": "mo", "Week": "wk", "Day": "d", "Hour": "h", "Minute": "min"}
NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)
NEAR = Decimal("0.02")
"""By what part two lengths of time in different units may differ and still be the same: twelve months, a year, 52 weeks."""


def contradictions(understanding: Understanding, trial: Trial) -> Iterator[Problem]:
    """A warning for each bound of age, and for the sex, that the text gives otherwise than the record.

    Only what the text surely demands of everybody counts: no cohort, no alternative, nothing that is not wholly understood.
    """
    for found in demanded(understanding):
        words = shown(" ".join(understanding.tree.text[found.start:found.end].split()))
        if isinstance(found, Comparison) and found.variable == "age" and found.unit in DAYS and not found.sex:
            for field, age, bound in (("minimum_age", trial.minimum_age, found.lower), ("maximum_age", trial.maximum_age, found.upper)):
                if bound and isinstance(age, str) and differ(age, bound, found.unit):
                    yield Problem("criteria", f"the text has {words}, but {field} is {age}; correct the one that is wrong", "warning")
        sex = found.value if isinstance(found, Statement) and found.kind == "sex" and not found.negated else None
        if sex in ("female", "male") and isinstance(trial.sex, str) and trial.sex and sex != trial.sex.lower():
            yield Problem("criteria", f"the text has {words}, but sex is {trial.sex}; correct the one that is wrong", "warning")


def demanded(understanding: Understanding) -> Iterator[Finding]:
    """What everybody who takes part must have."""
    for node in everybody(understanding.tree.nodes):
        meaning = understanding.meaning(node, CERTAIN)
        if meaning is not None:
            yield from all_of(meaning)


def everybody(nodes: list[Criterion]) -> Iterator[Criterion]:
    """The inclusions that stand in no cohort."""
    for node in nodes:
        if node.role == "section" and not node.group:
            yield from everybody(node.children)
        elif node.side == "inclusion" and not node.group:
            yield node


def all_of(meaning: Meaning) -> Iterator[Finding]:
    """The findings that the meaning demands together."""
    if isinstance(meaning, Combined) and meaning.how == "all-of":
        for part in meaning.parts:
            yield from all_of(part)
    elif isinstance(meaning, Finding):
        yield meaning


def differ(age: str, bound: Bound, unit: str) -> bool:
    """Is the record's age another one than the text's bound?  "Over 18" may mean 18 or 19 completed years: both are the same."""
    number, _, word = age.partition(" ")
    code = CODE.get(word.removesuffix("s"))
    if code is None or not NUMBER.fullmatch(number):
        return False
    value = Decimal(number)
    if code == unit:
        return value != bound.value and (bound.included or abs(value - bound.value) != 1)
    said, meant = value * DAYS[code], bound.value * DAYS[unit]
    return abs(said - meant) > NEAR * max(said, meant)
