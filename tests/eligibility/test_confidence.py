"""A rule is as sure as the gold says it is, and no surer than its number of answers allows."""

from __future__ import annotations

import pytest

from converter.eligibility.confidence import confidence, table
from tests.corpus import corpus
from tools.confidence import HERE, PRIOR, drawn
from tools.confidence import table as made


@pytest.mark.parametrize(("right", "number", "towards", "expected"), [
    (0, 0, 0.9, 0.5),  # nothing is known: no surer than one of two
    (10, 10, 1.0, 11 / 12),
    (400, 400, 1.0, 401 / 402),
    (3, 4, 0.8, (3 + PRIOR * 0.8) / (4 + PRIOR)),
    (900, 1000, 0.5, (900 + PRIOR * 0.5) / (1000 + PRIOR)),
])
def test_a_rule_with_few_answers_is_drawn_towards_its_family(right: int, number: int, towards: float, expected: float) -> None:
    assert drawn(right, number, towards) == pytest.approx(expected)


def test_the_table_is_whole() -> None:
    lines = HERE.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "rule\tanswers\tright\tconfidence"
    for line in lines[1:]:
        rule, number, right, share = line.split("\t")
        assert 0 <= int(right) <= int(number) and 0 < float(share) <= round((int(number) + 1) / (int(number) + 2), 3), line
        assert confidence(rule) == float(share)


def test_a_rule_that_was_not_measured_is_as_sure_as_its_family_or_not_at_all() -> None:
    families = [rule for rule in table() if rule.endswith(".*")]
    assert families
    for name in families:
        assert confidence(name.replace("*", "never-met")) == table()[name]
    assert confidence("no such family.at all") == 0.0


@pytest.mark.corpus
def test_the_table_is_what_the_gold_says() -> None:
    corpus("eligibility")
    assert HERE.read_text(encoding="utf-8") == made("all"), "python -m tools.confidence renews it"
