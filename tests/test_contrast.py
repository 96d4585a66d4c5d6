"""How two values stand beside each other."""

from decimal import Decimal

import pytest
from msgspec import UNSET

from converter.contrast import MOST, Excerpt, bounded, contrast

LONG = "word " * 5_000_000
SITES = [{"facility": f"Hospital {n}", "city": "Bern"} for n in range(30)]
WHOLE = {"a": "x" * (MOST - 8)}
MANY = [*range(3_000)]
PAIRS = [
    # before, after, how many are lost, how they are shown
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
    (UNSET, UNSET, 1, "1 value", "(nothing)"),
    ({"facility": "A\u200b", "city": "Bern"}, UNSET, 2, '{"facility":"A\\u200b","city":"Bern"}', "(nothing)"),
    (UNSET, SITES, 1, "(nothing)", '60 values: [{"facility":"Hospital 0","city":"Bern"},{"facility":"Hospit…'),
    (["a b", "c", "d"], ["d", "c", "a b"], 1, '["[-a b-]","c","[-d-]"]', '["{+d+}","c","{+a b+}"]'),
    (SITES, [*SITES[:8], SITES[9], SITES[8], *SITES[10:]], 1,
     '…},{"facility":"Hospital [-8-]","city":"Bern"},{"facility":"Hospital [-9-]","city":"Bern"},{"facil…',
     '…},{"facility":"Hospital {+9+}","city":"Bern"},{"facility":"Hospital {+8+}","city":"Bern"},{"facil…'),
    (SITES, SITES[::-1], 1, '[{"facility":"Hospital [-0","city":"Bern"},{"facility":"Hospi…{"facility":"Hospital 29-]","city":"Bern"}]',
     '[{"facility":"Hospital {+29","city":"Bern"},{"facility":"Hosp…,{"facility":"Hospital 0+}","city":"Bern"}]'),
    ({"a": 1}, "x", 1, '{"a":1}', '"x"'),
    (Excerpt(1, "…x…"), Excerpt(1234, "…y…"), 1, "1 value: …x…", "1,234 values: …y…"),
    ({"a": list(range(100))}, UNSET, 1, '100 values: {"a":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,2…', "(nothing)"),
    ("y" * 90, UNSET, 1, f'"{"y" * 60}…"', "(nothing)"),
]


@pytest.mark.parametrize(("before", "after", "lost", "old", "new"), PAIRS, ids=range(len(PAIRS)))
def test_two_values(before, after, lost, old, new):
    assert contrast(before, after, lost) == (old, new)


BOUNDED = [
    # two values, what programs are given
    ((WHOLE, UNSET), (WHOLE, UNSET)),
    (({"a": WHOLE["a"] + "x"}, UNSET), (Excerpt(1, f'{{"a":"{"x" * 54}…'), UNSET)),
    ((UNSET, MANY), (UNSET, Excerpt(3_000, "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,…"))),
    ((MANY, [1]), (Excerpt(3_000, "[[-0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,1…2995,2996,2997,2998,2999-]]"), Excerpt(1, "[{+1+}]"))),
    ((MANY, "x"), (Excerpt(3_000, "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,…"), "x")),
    ((MANY, [*MANY[:-2], 7, 8]), (Excerpt(3_000, "…993,2994,2995,2996,2997,[-2998-],[-2999-]]"),
                                      Excerpt(3_000, "…993,2994,2995,2996,2997,{+7+},{+8+}]"))),
    (("x" * MOST * 2, "y"), ("x" * MOST * 2, "y")),
]


@pytest.mark.parametrize(("given", "expected"), BOUNDED, ids=range(len(BOUNDED)))
def test_what_is_too_long_is_an_excerpt(given, expected):
    assert bounded(*given) == expected
