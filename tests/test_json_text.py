"""JSON text: what is refused, in which words; digits are kept."""

from contextlib import suppress
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.json_text import encode, indented, names, parse, repeated
from converter.loss import Loss
from converter.problems import Problems

SAVE = "Save the document again as UTF-8"
HALF = "expected both halves, or the character itself. The program that wrote it cut a text in two"
BREAKS = "expected the rest of the JSON. Fetch or copy it again"
SEVERAL = "expected nothing more. Several records go into a list, or one to a line (.ndjson)"
UNKNOWN = "which is no number in JSON; leave the member out where a number is not known"
DEEP = "lists or objects stand inside one another hundreds of levels deep; expected a record"
DIGITS = "expected a number as JSON spells it: no leading zero or plus sign, a digit on each side of the point"

REFUSED = [
    (b"", "the document is empty; expected a JSON object. Is the file complete?"),
    (b" \n ", "the document is empty; expected a JSON object. Is the file complete?"),
    (b"hello", "column 1: found 'hello'; expected a value, a name or a bracket of JSON"),
    (b'{"a":1', f"column 7: the document breaks off after '{{\"a\":1'; {BREAKS}"),
    (b'{\n  "a": [1,\n', f"line 2, column 11: the document breaks off after '{{\\n  \"a\": [1,'; {BREAKS}"),
    ('{"a":1}'.encode("utf-16"), f"found UTF-16; expected UTF-8. {SAVE}"),
    ('{"a":1}'.encode("utf-16-be"), f"found UTF-16; expected UTF-8. {SAVE}"),
    (b'{"a":\n"\xe9"}', f"line 2, column 2: found the byte 0xE9, which is not UTF-8 (is it Latin-1?); expected UTF-8. {SAVE}"),
    (b'["\xed\xa0\x80"]', "column 3: found half a character (a lone surrogate, as bytes); expected UTF-8. "
                         "The program that wrote it cut a text in two"),
    (rb'{"a":"\ud800"}', rf"column 7: found half a character (the lone surrogate \ud800); {HALF}"),
    (rb'["\ud800\u0041"]', rf"column 3: found half a character (the lone surrogate \ud800); {HALF}"),
    (rb'["\\ \udc00"]', rf"column 6: found half a character (the lone surrogate \udc00); {HALF}"),
    (b"[" * 10_000_000, DEEP),
    (b'{"a":' * 2_000_000, DEEP),
    (b"[1, NaN]", f"column 5: found NaN, {UNKNOWN}"),
    (b"[nan]", f"column 2: found nan, {UNKNOWN}"),
    (b'{"a":\n Infinity}', f"line 2, column 2: found Infinity, {UNKNOWN}"),
    (b"[-Infinity]", f"column 2: found -Infinity, {UNKNOWN}"),
    (b"[None]", "column 2: found 'None]'; expected a value, a name or a bracket of JSON"),
    (b'{"a":1}x', f"column 8: found 'x' after the end of the JSON; {SEVERAL}"),
    (b'{"a":1}\n{"b":2}', f"line 2, column 1: found '{{\"b\":2}}' after the end of the JSON; {SEVERAL}"),
    (b'"a\nb"', r"line 1, column 3: found the control character U+000A; expected it as the escape \u000a"),
    (b"{'a':1}", "column 2: found \"'a':1}\"; expected a member's name in double quotes"),
    (b'{"a":1,}', "column 8: found '}'; expected another member after the comma, or no comma"),
    (b"[1,]", "column 4: found ']'; expected another entry after the comma, or no comma"),
    (b"[1 2]", "column 4: found '2]'; expected a comma or ]"),
    (b'{"a" 1}', "column 6: found '1}'; expected a colon after the member's name"),
    (b'{"a":1 "b":2}', "column 8: found '\"b\":2}'; expected a comma or }"),
    (rb'"\x41"', "column 4: found '41\"'; expected one of the escapes " + r"\" \\ \/ \b \f \n \r \t \u"),
    (rb'"\u00zz"', r"""column 7: found 'z"'; expected four hexadecimal digits after \u"""),
    (b"01", f"column 2: found '1'; {DIGITS}"),
    (b"9" * 5000, "found a number of more than 4300 digits; correct the number"),
    (b"1E999999999999999999999", "found a number whose exponent has too many digits to be kept exactly; correct the number"),
]


@pytest.mark.parametrize(("document", "message"), REFUSED, ids=[repr(document[:20]) for document, _ in REFUSED])
def test_a_refusal_says_where_what_and_what_was_expected(document, message):
    before = process_time()
    with pytest.raises(Problems) as refused:
        parse(document)
    assert str(refused.value) == message
    assert process_time() - before < 1


@pytest.mark.parametrize("number", ["1.10", "0.00", "39.90", "1E+400", "9" * 400, "0." + "1" * 400, "-0.0", "18446744073709551616"])
def test_a_number_keeps_its_digits(number):
    assert encode(parse(number.encode())) == number.encode()
    assert indented(f'{{"a":[{number}]}}'.encode()) == f'{{\n  "a": [\n    {number}\n  ]\n}}\n'.encode()


def test_a_byte_order_mark_is_skipped():
    assert parse(b'\xef\xbb\xbf{"a":1.50}') == {"a": Decimal("1.50")}


TWICE = "is said again further on, and the last one counts"
REPEATED = [
    (b'{"a":1,"b":2}', ()),
    (b'{"a":1,"a":2}', (Loss("a", TWICE, 1),)),
    (b'{"a":1,"a":1}', ()),
    (b'{"a":{"b":[{"x":1.50,"x":2}]}}', (Loss("a.b[0].x", TWICE, Decimal("1.50")),)),
    (b'{"a":{"b":1,"c":2},"a":{}}', (Loss("a", TWICE, count=2),)),
    (rb'{"a":1,"\u0061":2}', (Loss("a", TWICE, 1),)),
    (b'{"a":1,"a":', ()),
    (b"[" * 100_000, ()),
    (b"\xff", ()),
]


@pytest.mark.parametrize(("document", "lost"), REPEATED, ids=[repr(document[:20]) for document, _ in REPEATED])
def test_what_is_said_twice_is_a_loss_where_it_differs(document, lost):
    assert repeated(document) == lost


@pytest.mark.parametrize(("document", "seen"), [
    (b'{"a":{"x":1},"b":[{"y":2}]}', ["a", "b"]),
    (b'{"a":{"x":1},"b":[{"y":2},', ["a", "b"]),
    (b'{"a":"{\\"", "b": nope, "c"', ["a", "b"]),
    (b"[1]", []),
    (b"\xff", []),
])
def test_member_names_are_made_out_in_damaged_text_too(document, seen):
    assert list(names(document)) == seen


@given(st.binary(max_size=200))
def test_only_problems_get_out(document):
    with suppress(Problems):
        parse(document)
    assert isinstance(repeated(document), tuple)
    assert isinstance(list(names(document)), list)
