"""The text in plain signs: one character for one, whatever the text."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.eligibility.plain import SIGNS, plain

CASES = {
    "A\\<3×10\\^9/L": "a <3×10 ^9/l", "Age＞18 ⩽ 80": "age>18 ≤ 80", "１８–２０ µg": "18-20 µg", "ＡＬＴ\u00a0\u2009x\r\n": "alt  x  ", "μ": "µ",
    "Hb \\&lt; 8 &ge;10%, R&D": "hb  <    8 ≥   10%, r&d",
    "‘a’ “b”": "'a' \"b\"", "İ": "i", "ẞ": "ß",
}


@pytest.mark.parametrize("text", CASES)
def test_a_text_in_plain_signs(text: str) -> None:
    assert plain(text) == CASES[text]


def test_every_character_is_one() -> None:
    assert [sign for sign in map(chr, range(sys.maxunicode + 1)) if len(plain(sign)) != 1] == []


def test_every_sign_is_replaced_whatever_stands_beside_it() -> None:
    assert plain("".join(SIGNS)) == "".join(SIGNS.values())


@given(st.text())
def test_it_is_what_its_characters_are(text: str) -> None:
    """A final sigma is the one letter whose small form hangs on its neighbours."""
    text = text.replace("Σ", "")
    assert plain(text) == "".join(map(plain, text))
