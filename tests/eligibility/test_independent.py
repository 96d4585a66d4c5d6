"""Criteria written by one who had not seen the grammars: what fails here fails on texts that nobody has seen.

`bounds` are "variable sign value unit" ("?" for a variable that is not listed), `windows` "sign value unit direction: a word of what is
limited"; alternatives stand between bars.  `not yet` is the reason why a line is not understood.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from converter.eligibility.findings import Comparison, Window
from converter.eligibility.understanding import understand

with Path(__file__).with_name("independent.tsv").open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
MARKED = [pytest.param(row["words"], row["bounds"], row["windows"], id=row["words"],
                       marks=[pytest.mark.xfail(strict=True, reason=row["not yet"])] if row["not yet"] else []) for row in ROWS]


def bounds(one: Comparison) -> list[str]:
    """A comparison as the table writes it, one for each bound."""
    unit = f"{{{one.limit}}}" if one.limit else one.unit
    return [f"{one.variable or '?'} {sign}{'=' if bound.included else ''} {bound.value.normalize():f} {unit or ''}".strip()
            for sign, bound in ((">", one.lower), ("<", one.upper)) if bound]


def is_bound(expected: str, found: str) -> bool:
    """Is this the bound?  A unit is held to only where the table names it."""
    *wanted, = expected.split()
    *given, = found.split()
    return len(given) >= len(wanted[:3]) and all(any(same(one, other) for one in want.split("|"))
                                                for want, other in zip(wanted, [*given, ""], strict=False))


def same(one: str, other: str) -> bool:
    return one == other or (one[0].isdigit() and other[:1].isdigit() and one[-1].isdigit() and other[-1].isdigit() and Decimal(one) == Decimal(other))


def is_window(expected: str, found: Window, text: str) -> bool:
    """Is this the window?  Of what it limits one of the words is enough."""
    head, _, words = expected.partition(": ")
    sign, value, unit, direction = head.split()
    target = text[slice(*found.target)].lower() if found.target else ""
    return ((">=" if found.least else "<=") in sign.split("|") and str(found.value) in value.split("|") and found.unit in unit.split("|")
            and found.direction in direction.split("|") and any(word in target for word in words.split("|")))


@pytest.mark.parametrize(("words", "expected", "timed"), MARKED)
def test_criteria_of_another_hand_are_understood(words: str, expected: str, timed: str) -> None:
    text = f"Inclusion Criteria:\n\n* {words}"
    findings = understand(text).findings
    found = [bound for one in findings if isinstance(one, Comparison) for bound in bounds(one)]
    windows = [one for one in findings if isinstance(one, Window)]
    asked, asked_windows = [one for one in expected.split("; ") if one], [one for one in timed.split("; ") if one]
    said = f"{found} {[(one.least, one.value, one.unit, one.direction, one.target and text[slice(*one.target)]) for one in windows]}"
    assert len(found) == len(asked) and all(any(is_bound(one, other) for other in found) for one in asked), said
    assert len(windows) == len(asked_windows) and all(any(is_window(one, other, text) for other in windows) for one in asked_windows), said
