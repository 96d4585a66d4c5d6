"""Numbers as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.eligibility.numbers import FIGURES, value

WRITTEN = [
    ("18", "18"), ("007", "7"), ("1.5", "1.5"), (".5", "0.5"), ("18,5", "18.5"), ("39,99", "39.99"), ("0,125", "0.125"), ("1·73", "1.73"), ("7.35", "7.35"),
    ("7.350", "7.350"), ("1,500", "1500"), ("150,000", "150000"), ("1,000,000", "1000000"), ("1,234.5", "1234.5"), ("50.000", "50000"), ("1.500", "1500"),
    ("100 000", "100000"), ("1.000.000", "1000000"), ("two", "2"), ("twice", "2"), ("eighteen", "18"), ("thirty-five", "35"), ("sixty five", "65"), ("ninety", "90"), ("0,125,000", "125000"), ("0,125.5", "125.5"),
]


@pytest.mark.parametrize(("written", "meant"), WRITTEN)
def test_a_number_is_read_as_it_is_meant(written: str, meant: str) -> None:
    assert value(written) == Decimal(meant)


@given(st.integers(0, 10**9))
def test_thousands_may_be_separated_by_commas_or_blanks(number: int) -> None:
    assert value(f"{number:,}") == value(f"{number:,}".replace(",", " ")) == value(str(number)) == number


@given(st.from_regex(rf"\A(?:{FIGURES})\Z"))
def test_all_figures_are_a_number(written: str) -> None:
    assert value(written.rstrip("\n")) >= 0
