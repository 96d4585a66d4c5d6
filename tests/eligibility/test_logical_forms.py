"""The scorer of single criteria is fair: what nests otherwise, or of other atoms, is not right."""

from __future__ import annotations

from decimal import Decimal

import pytest

from benchmarks.eligibility.logical_forms import Shape, gold_shape, own_shape, same
from converter.eligibility.findings import Bound, Combined, Comparison, Meaning, Mention, Not, Statement, Timed, Window

TEXT = "stroke asthma epilepsy ALT > 3 x ULN women pregnant within 2 weeks"


def named(word: str) -> Mention:
    start = TEXT.index(word)
    return Mention(start=start, end=start + len(word), rule="", kind="condition")


STROKE, ASTHMA, EPILEPSY, PREGNANT = map(named, ("stroke", "asthma", "epilepsy", "pregnant"))
ALT = Comparison(start=23, end=36, rule="", variable="alt", subject=(23, 26), lower=Bound(Decimal(3), False))
ALT_BELOW = Comparison(start=23, end=37, rule="", variable="alt", subject=(23, 26), upper=Bound(Decimal(9), False))
WOMEN = Statement(start=37, end=42, rule="", kind="sex", value="female")
WINDOW = Window(start=52, end=66, rule="", value=Decimal(2), unit="wk", direction="before", least=False)


def every(*parts: Meaning) -> Combined:
    return Combined("all-of", parts)


def either(*parts: Meaning) -> Combined:
    return Combined("any-of", parts)


CASES = [
    # the gold's logical form, our meaning, and whether it is right
    ('cond("stroke")', STROKE, True),
    ('cond("stroke")', ASTHMA, False),
    ('cond("stroke")', Not(STROKE), False),
    ('cond("stroke")', every(STROKE, ASTHMA), False),
    ('cond("stroke").severity(SEVERE).mod("ischemic")', STROKE, True),
    ('union(cond("stroke"), cond("asthma"))', either(ASTHMA, STROKE), True),
    ('union(cond("stroke"), cond("asthma"))', every(ASTHMA, STROKE), False),
    ('union(cond("stroke"), cond("asthma"), cond("epilepsy"))', either(STROKE, ASTHMA), False),
    ('union(cond("stroke"), union(cond("asthma"), cond("epilepsy")))', either(STROKE, ASTHMA, EPILEPSY), True),
    ('union(cond("stroke"), intersect(cond("asthma"), cond("epilepsy")))', either(STROKE, every(ASTHMA, EPILEPSY)), True),
    ('union(cond("stroke"), intersect(cond("asthma"), cond("epilepsy")))', either(STROKE, ASTHMA, EPILEPSY), False),
    ('neg(cond("stroke"))', Not(STROKE), True),
    ('neg(cond("stroke"))', STROKE, False),
    ('neg(union(cond("stroke"), cond("asthma")))', Not(either(STROKE, ASTHMA)), True),
    ('intersect(neg(cond("stroke")), neg(cond("asthma")))', Not(either(STROKE, ASTHMA)), True),
    ('intersect(neg(cond("stroke")), neg(cond("asthma")))', Not(every(STROKE, ASTHMA)), False),
    ('lab("ALT").num_filter(eq(op(GT), val("3")))', ALT, True),
    ('lab("ALT")', ALT, False),
    ('lab("ALT").num_filter(or(eq(op(GT), val("3")), eq(op(LT), val("9"))))', either(ALT, ALT_BELOW), True),
    ('lab("ALT").num_filter(and(eq(op(GT), val("3")), eq(op(LT), val("9"))))', every(ALT, ALT_BELOW), True),
    ('cond("stroke").temporality(eq(val("2"), temporal_unit(WEEK)))', Timed(STROKE, WINDOW), True),
    ('cond("stroke").temporality(eq(val("2"), temporal_unit(WEEK)))', STROKE, False),
    ('cond("stroke").temporality(eq(temporal_per(PAST)))', STROKE, True),
    ('cond("stroke").except(cond("asthma"))', Combined("except", (STROKE, ASTHMA)), True),
    ('cond("stroke").except(cond("asthma"))', Combined("except", (ASTHMA, STROKE)), False),
    ('criteria(cond("stroke"), cond("asthma"), cond("epilepsy")).min_count(eq(val("two")))', Combined("at-least", (STROKE, ASTHMA, EPILEPSY), 2), True),
    ('criteria(cond("stroke"), cond("asthma"), cond("epilepsy")).min_count(eq(val("two")))', Combined("at-least", (STROKE, ASTHMA, EPILEPSY), 3), False),
    ('cond("stroke").equiv(cond("asthma"))', STROKE, True),
    ('cond("stroke").equiv(cond("asthma"))', every(STROKE, ASTHMA), True),
    ('cond("stroke").equiv(cond("asthma"))', EPILEPSY, False),
    ('intersect(cond("pregnant"), female())', PREGNANT, True),
    ('intersect(cond("stroke"), female())', STROKE, False),
    ('intersect(cond("stroke"), female())', every(WOMEN, STROKE), True),
    ('intersect(union(male(), female()), cond("stroke"))', STROKE, True),
    ('if_then(cond("stroke"), cond("asthma"))', every(STROKE, ASTHMA), False),
]


@pytest.mark.parametrize(("form", "meaning", "right"), CASES)
def test_the_same_atoms_nested_alike_are_right(form: str, meaning: Meaning, right: bool) -> None:
    assert same(gold_shape(form), own_shape(meaning, TEXT.lower())) is right


@pytest.mark.parametrize("form", ["cond(", 'cond("a"))', 'intersect(cond("a")'])
def test_a_form_with_brackets_missing_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match="not a logical form"):
        gold_shape(form)


def test_a_list_may_be_joined_in_either_way() -> None:
    gold = gold_shape('contraindication(cond("stroke"), cond("asthma"))')
    assert gold == Shape("list", (Shape("atom", words=frozenset({"stroke", "contraindication"})), Shape("atom", words=frozenset({"asthma", "contraindication"}))))
    assert same(gold, own_shape(either(STROKE, ASTHMA), TEXT))
    assert same(gold, own_shape(every(STROKE, ASTHMA), TEXT))
