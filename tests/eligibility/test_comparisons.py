"""Comparisons and grades: what is read of phrases in comparisons.tsv, which are the traps of real criteria, and what is true of any text.

A comparison is written "variable ≥lower ≤upper unit sex", with the words in quotation marks where no variable is listed for them.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.eligibility.closing import closed
from converter.eligibility.comparisons import comparisons
from converter.eligibility.findings import Comparison, Grades
from converter.eligibility.lines import Line
from converter.eligibility.marks import Mark
from converter.eligibility.plain import plain
from converter.eligibility.variables import table

with Path(__file__).with_name("comparisons.tsv").open(encoding="utf-8", newline="") as lines:
    ROWS = [(row["words"], row["comparisons"]) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]

SOUP = [
    "age", "aged", "years", "old", "BMI", "ALT", "and", "or", "AST", "ULN", "x", "times", "the", "upper limit of normal", "hemoglobin", "(", ")", "<", "≥", ">/=", "≤", "±",
    "at least", "no more than", "between", "to", "-", "~", "18", "65", "1.5", "0,5", "50.000", "100,000", "x 10^9/L", "109/L", "/mm3", "mg/dL", "%", "kg/m2", "mmHg", "160/100",
    "blood pressure", "ECOG", "0-1", "NYHA", "class", "III", "IV", "ASA", "Child-Pugh", "B", "C", "men", "women", "weeks", "24 + 3", "gestation", "score", "VAS", "of", "in",
    "FEV1", "/", "FVC", ",", ";", ".", ":", "twice", "thirty-five", "outside", "or older", "+", "²", "½", "ⅲ", "é", "İ", "\n", "1)", "type 2 diabetes", "COVID-19", "γ-GT",
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(SOUP), max_size=30).map(" ".join))


def written(text: str, one: Comparison | Grades) -> str:
    """A comparison as the table has it."""
    name = one.variable or f"“{text[slice(*one.subject)]}”"
    if isinstance(one, Grades):
        return f"{name} {'/'.join(one.values)}"
    lower = f"{'≥' if one.lower.included else '>'}{one.lower.value}" if one.lower else ""
    upper = f"{'≤' if one.upper.included else '<'}{one.upper.value}" if one.upper else ""
    return " ".join(part for part in (name, lower, upper, one.unit, one.limit, one.sex) if part)


def read(text: str, start: int = 0, end: int | None = None, above: tuple[int, int] | None = None) -> str:
    return " ; ".join(written(text, one) for one in comparisons(plain(text), start, len(text) if end is None else end, above))


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[text for text, _ in ROWS])
def test_phrases_are_understood(text: str, expected: str) -> None:
    one_line = closed(text, plain(text), [Line(0, 0, len(text), 0, Mark("", 0, 0), False)])
    found = comparisons(one_line.plain, 0, len(one_line.plain.rstrip()))
    assert " ; ".join(written(text, one_line.finding(one)) for one in found) == expected


HEADED = [
    ("Hemoglobin:", "≥ 9 g/dL", "hemoglobin ≥9 g/dL"),
    ("ECOG performance status", "0-1", "ecog ≥0 ≤1 {score}"),
    ("AST and ALT", "≤ 3 x ULN", ""),
    ("Complete response (CR) after one of:", "at least 2 cycles", ""),
    ("HbA1c", "BMI > 30", "bmi >30 kg/m2"),
    ("Blood pressure", "> 140 mmHg", ""),
]


@pytest.mark.parametrize(("heading", "words", "expected"), HEADED)
def test_a_heading_names_what_is_measured_where_it_is_one(heading: str, words: str, expected: str) -> None:
    text = f"{heading}\n  {words}"
    assert read(text, len(heading) + 3, above=(0, len(heading))) == expected


RULES = [
    ("Age ≥ 18 years", ["age.after-variable"]),
    ("18 years of age or older", ["age.words"]),
    ("tattoos less than one year old", ["age.words-doubtful"]),
    ("Male or female, 18-65 years", ["age.people"]),
    ("18-65 years", ["age.alone"]),
    ("pregnant at 24 to 28 weeks of gestation", ["gestation.words"]),
    ("Hemoglobin < 9 g/dL or > 16 g/dL", ["lab.after-variable", "lab.chained"]),
    ("ALT and AST < 3 x ULN", ["lab.limit", "lab.joined"]),
    ("Platelets > 100, INR < 1.5, HbA1c > 7", ["lab.unitless", "lab.after-variable", "lab.after-variable"]),
    ("ALT twice the upper limit of normal", ["lab.multiple"]),
    ("creatinine clearance by the usual formula < 30 mL/min", ["lab.apart"]),
    ("7% ≤ HbA1c", ["lab.reversed"]),
    ("≥ 4 on the numeric rating scale", ["score.before-variable"]),
    ("BP > 160/100 mmHg", ["pressure.pair", "pressure.pair"]),
    ("FEV1/FVC < 70%", ["vital.after-variable"]),
    ("FEV1 / forced vital capacity < 70%", ["vital.ratio"]),
    ("lesion > 2 cm", ["unlisted.unit"]),
    ("EASI score ≥ 16", ["unlisted.score"]),
    ("SCORAD > 25", ["unlisted.sign"]),
    ("transaminases > 3 x ULN", ["unlisted.limit"]),
    ("≥ 10% body surface area", ["unlisted.before"]),
    ("Child-Pugh B", ["grades.listed"]),
    ("BCLC stage C", ["grades.unlisted"]),
]


@pytest.mark.parametrize(("text", "expected"), RULES, ids=[text for text, _ in RULES])
def test_a_finding_names_its_rule(text: str, expected: list[str]) -> None:
    assert [one.rule for one in comparisons(plain(text), 0, len(text))] == expected


@given(TEXTS)
def test_spans_stand_in_the_text_and_bounds_are_in_order(text: str) -> None:
    for one in comparisons(plain(text), 0, len(text)):
        assert 0 <= one.start <= one.subject[0] < one.subject[1] <= one.end <= len(text)
        assert one.variable is None or one.variable in table()
        if isinstance(one, Comparison):
            assert one.lower or one.upper
            assert not (one.lower and one.upper) or one.lower.value <= one.upper.value
            assert not (one.limit and one.unit)
        else:
            assert one.values


@given(TEXTS, st.text(max_size=20), st.text(max_size=20))
def test_nothing_outside_the_criterion_is_read(text: str, before: str, after: str) -> None:
    wider = f"{before}\n{text}\n{after}"
    inside = comparisons(plain(wider), len(before) + 1, len(before) + 1 + len(text))
    assert [written(wider, one) for one in inside] == [written(text, one) for one in comparisons(plain(text), 0, len(text))]
