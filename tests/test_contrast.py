"""How two values stand beside each other."""

from decimal import Decimal

import pytest
from msgspec import UNSET

from converter.contrast import contrast

LONG = "word " * 5_000_000
PAIRS = [
    # before, after, count, how they are shown
    ("A trial of Tacrolimus in RA", "A trial of Sirolimus in RA", 1, '"A trial of [-Tacrolimus-] in RA"', '"A trial of {+Sirolimus+} in RA"'),
    ("one two", "one", 1, '"one[- two-]"', '"one"'),
    ("x", "x ", 1, '"x"', '"x{+ +}"'),
    ("a  b\n", "a b", 1, '"a [- -]b[-\\n-]"', '"a b"'),
    ("a\u200bb", "a b", 1, '"a[-\\u200b-]b"', '"a{+ +}b"'),
    ("a b c d e", "a X c Y e", 1, '"a [-b-] c [-d-] e"', '"a {+X+} c {+Y+} e"'),
    (LONG + "b " + LONG, LONG + "d " + LONG, 1, '"…ord word word word word [-b-] word word word word wor…"', '"…ord word word word word {+d+} word word word word wor…"'),
    (LONG, "x", 1, f'"[-{"word " * 7}w…{"ord word word word word "}-]"', '"{+x+}"'),
    ("a", "", 1, '"[-a-]"', '""'),
    (True, 1, 1, "true", "1"),
    (Decimal("1.50"), Decimal("1.5"), 1, "1.50", "1.5"),
    ("1", 1, 1, '"1"', "1"),
    (None, UNSET, 1, "null", "(nothing)"),
    (UNSET, "x\n", 1, "(nothing)", '"x\\n"'),
    (UNSET, UNSET, 1234, "1,234 values", "(nothing)"),
    ({"a": list(range(100))}, UNSET, 1, '{"a":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,2…', "(nothing)"),
    ("y" * 90, UNSET, 1, f'"{"y" * 60}…"', "(nothing)"),
]


@pytest.mark.parametrize(("before", "after", "count", "old", "new"), PAIRS, ids=range(len(PAIRS)))
def test_two_values(before, after, count, old, new):
    assert contrast(before, after, count) == (old, new)
