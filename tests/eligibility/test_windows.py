"""Lengths of time that limit something: what is read of phrases in windows.tsv, and what is true of any text.

A window is written "≤ 8 wk before: what is limited [its own words] @ what it is counted from"; several stand between semicolons.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.eligibility.findings import Window
from converter.eligibility.plain import plain
from converter.eligibility.windows import windows

with Path(__file__).with_name("windows.tsv").open(encoding="utf-8", newline="") as lines:
    ROWS = [(row["words"], row["windows"]) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]

SOUP = [
    "within", "in", "for", "over", "the", "last", "past", "previous", "next", "first", "at", "least", "more", "less", "than", "no", "a", "an", "half", "and", "or",
    "<", "≥", "≤", "3", "4", "12", "1.5", "0,5", "1,000", "(12)", "six", "twenty-four", "(", ")", "-", "~", "±", "+", "/", "to", ",", ";", ":", ".", "•", "%", "\n", "\t",
    "days", "weeks", "month", "months", "year", "yrs", "h", "24h", "half-lives", "kg", "mg", "per", "prior", "before", "after", "since", "of", "ago", "old", "age", "aged",
    "screening", "randomization", "surgery", "dose", "patients", "who", "have", "received", "treatment", "with", "rituximab", "stroke", "history", "whichever", "is",
    "longer", "elapsed", "carried", "out", "é", "ı", "İ", "ﬀ",
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(SOUP), max_size=40).map(" ".join))


def written(text: str, one: Window) -> str:
    """A window as the table has it."""
    target = text[slice(*one.target)] if one.target else "?"
    said = f"{'≥' if one.least else '≤'} {one.value} {one.unit} {one.direction}: {target} [{text[one.start:one.end]}]"
    return f"{said} @ {text[slice(*one.anchor)]}" if one.anchor else said


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[text for text, _ in ROWS])
def test_phrases_are_understood(text: str, expected: str) -> None:
    assert " ; ".join(written(text, one) for one in windows(plain(text), 0, len(text))) == expected


@given(TEXTS)
def test_spans_stand_in_the_text_in_order(text: str) -> None:
    found = windows(plain(text), 0, len(text))
    spans = list(dict.fromkeys((one.start, one.end) for one in found))  # the two ends of a range share one
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    for one in found:
        assert one.anchor is None or one.start <= one.anchor[0] < one.anchor[1] <= one.end
        assert one.target is None or 0 <= one.target[0] < one.target[1] <= len(text)
        assert one.target is None or one.target == one.anchor or one.target[1] <= one.start or one.target[0] >= one.start


@given(TEXTS, st.text(max_size=20), st.text(max_size=20))
def test_nothing_outside_the_criterion_is_read(text: str, before: str, after: str) -> None:
    alone = [written(text, one) for one in windows(plain(text), 0, len(text))]
    whole = before + text + after
    assert [written(whole, one) for one in windows(plain(before) + plain(text) + plain(after), len(before), len(before) + len(text))] == alone


@given(st.integers(1, 1000), st.sampled_from([("days", "d"), ("weeks", "wk"), ("months", "mo"), ("hours", "h"), ("minutes", "min"), ("years", "a")]))
def test_the_number_and_the_unit_are_as_written(number: int, unit: tuple[str, str]) -> None:
    text = f"surgery within {number} {unit[0]} prior to screening"
    assert [(one.value, one.unit) for one in windows(text, 0, len(text))] == [(Decimal(number), unit[1])]


@pytest.mark.parametrize("nested", ["(" * 3000 + "within 3 months", "(1)" * 3000 + " months ago", "one and a half " * 3000 + "years ago", "a) " * 3000 + "within 3 months"])
def test_deep_nonsense_is_read(nested: str) -> None:
    assert len(windows(nested, 0, len(nested))) <= 1
