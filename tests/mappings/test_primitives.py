"""Every primitive: values that are right, and what is said of wrong ones, in each release."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.definitions import definitions
from mappings.primitives import LONGEST, check_of

RELEASES = ("r4", "r4b", "r5")
BLANK = "is a text with nothing in it; leave the element out"
CODE = "expected a code: no blank at its ends, no two in a row, found "
MOMENT = "expected YYYY, YYYY-MM, YYYY-MM-DD, or a date and time with its zone, found "
INSTANT = "expected a date and time with seconds and zone, found "
URI = "expected an address without blanks, found "
CANONICAL = "expected an absolute address, with |version or not, or # and the id of a contained resource, found "
UUID = "expected urn:uuid: and a UUID in lower case, found "
OID = "expected urn:oid: and numbers with points, found "
A_UUID = "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"

RIGHT: list[tuple[str, Any]] = [
    *[("base64Binary", value) for value in ("AAAA", "AAA=", "AA==", "AB==", "+/+/")],
    *[("boolean", value) for value in (True, False)],
    *[("canonical", value) for value in ("http://a.example/b", "http://a.example/b|1.0", "http://a.example/b#c", "#int-1", A_UUID, "urn:oid:2.16.840.1")],
    *[("code", value) for value in ("a", "a b", "a/b", "é", "a b c", "A-1")],
    *[("date", value) for value in ("2020", "2020-01", "2020-02-29", "0001", "9999-12-31")],
    *[("dateTime", value) for value in (
        "2020", "2020-01", "2020-01-31", "2020-01-31T10:20:30Z", "2020-01-31T10:20:30+01:00", "2020-01-31T23:59:60.123-14:00", "2024-02-29T00:00:00Z")],
    *[("decimal", value) for value in (0, -1, Decimal("7.10"), Decimal("1E-20"), Decimal("1E+400"), 0.5)],
    *[("id", value) for value in ("a", "A-1.b", "x" * 64)],
    *[("instant", value) for value in ("2020-01-31T10:20:30Z", "2020-01-31T10:20:30.123+01:00")],
    *[("integer", value) for value in (0, -(2**31), 2**31 - 1)],
    *[("markdown", value) for value in ("a\n\n* b\t", " a ", "<b>", "x" * (LONGEST + 1), "\U0001f600" * 200)],
    *[("oid", value) for value in ("urn:oid:1.2.3", "urn:oid:2.16.840.1.113883.3.1077")],
    *[("positiveInt", value) for value in (1, 2**31 - 1)],
    *[("string", value) for value in ("a", " a ", "a\tb\r\nc", "a\u00a0b", "\u200b", "x" * LONGEST, "ä" * 200)],
    *[("time", value) for value in ("10:20:30", "23:59:60", "00:00:00.5")],
    *[("unsignedInt", value) for value in (0, 2**31 - 1)],
    *[("uri", value) for value in ("http://a.example/b", "a", "#a", "Patient/1", "urn:x", "urn:isbn:1", A_UUID, "urn:oid:1.2.3", "x" * 300)],
    *[("url", value) for value in ("http://a.example/b", "mailto:a@b", "#a")],
    ("uuid", A_UUID),
    ("xhtml", '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'),
]

WRONG: list[tuple[str, Any, str]] = [
    *[(name, value, BLANK) for value in ("", " ", "\u00a0", "\n") for name in (
        "canonical", "code", "date", "dateTime", "id", "instant", "markdown", "oid", "string", "time", "uri", "url", "uuid")],
    *[(name, None, said + "null") for name, said in (
        ("boolean", "expected true or false, found "), ("code", CODE), ("dateTime", MOMENT), ("decimal", "expected a number, found "),
        ("instant", INSTANT), ("markdown", "expected a text, found "), ("string", "expected a text, found "), ("uri", URI),
        ("xhtml", "expected a text, found "), ("canonical", URI))],
    ("base64Binary", ["x"], "expected base64 (RFC 4648), found a list of 1"),
    *[("base64Binary", value, f"expected base64 (RFC 4648), found {value!r}") for value in ("AAA", "A===", "====", "A-_A", "AAAA=", "éAAA", "AA=A")],
    *[("boolean", value, f"expected true or false, found {said}") for value, said in ((1, "1"), ("true", "'true'"))],
    *[("canonical", value, f"{CANONICAL}{value!r}") for value in ("Library/x", "a", "http://a|", "http://a|1|2", "a:")],
    ("canonical", "http://a b", URI + "'http://a b'"),
    *[("code", value, f"{CODE}{value!r}") for value in ("a  b", " a", "a ", "a\tb", "a\u00a0b", "a\nb")],
    ("code", "a\x01", "has the control character U+0001; expected none but tab and line ends"),
    *[("date", value, f"expected YYYY, YYYY-MM or YYYY-MM-DD, found {value!r}") for value in (
        "2020-01-31Z", "0000", "2020-13", "2020-13-01", "2020-W01-1", "20200131", "2020-1-1", "2020-01-32", "２０２０", "2020-01-31T10:20:30Z", "0000-01-01")],
    ("date", "2021-02-29", "'2021-02-29' is no day of the calendar"),
    *[("dateTime", value, f"{MOMENT}{value!r}") for value in (
        "2020-01-31T10:20", "2020-01-31T10:20Z", "2020-01-31T10:20:30", "2020-01-31Z", "2020-01Z", "2020Z", "2020-01-31+01:00", "2020-01-31T24:00:00Z",
        "2020-01-31T10:20:30+14:30", "2020-01-31t10:20:30z", "2020-01-31 10:20:30Z", "2020-01-31T10:20:30.Z", "2020-01-31T", "2020 ", "2020-01-31T10:20:61Z")],
    ("dateTime", "2020-02-30T10:20:30Z", "'2020-02-30T10:20:30Z' is no day of the calendar"),
    *[("decimal", value, f"expected a number, found {said}") for value, said in (
        ("1.0", "'1.0'"), (True, "true"), (Decimal("NaN"), "NaN"), (float("inf"), "inf"))],
    *[("id", value, f"expected 1 to 64 letters, digits, - and ., found {said}") for value, said in (
        ("a_b", "'a_b'"), ("é", "'é'"), ("a\n", "'a\\n'"), ("x" * 65, "'" + "x" * 59 + "…"))],
    *[("instant", value, f"{INSTANT}{value!r}") for value in ("2020", "2020-01-31", "2020-01-31T10:20:30", "2020-01-31T10:20Z")],
    ("instant", "2020-02-30T10:20:30Z", "'2020-02-30T10:20:30Z' is no day of the calendar"),
    *[("integer", value, f"expected a whole number from -2147483648 to 2147483647, found {said}") for value, said in (
        (2**31, "2147483648"), (Decimal("1.0"), "1.0"), ("1", "'1'"), (True, "true"))],
    *[("oid", value, f"{OID}{value!r}") for value in ("1.2.3", "urn:oid:1", "urn:oid:3.1", "urn:oid:1.02", "urn:oid:1.2.")],
    *[("positiveInt", value, f"expected a whole number from 1 to 2147483647, found {value}") for value in (0, -1, 2**31)],
    ("string", 1, "expected a text, found 1"),
    ("string", "x" * (LONGEST + 1), "expected at most 1048576 characters, found 1048577"),
    *[(name, value, "has the control character U+0001; expected none but tab and line ends") for name in ("string", "markdown") for value in (
        "a\x01b", "a" * 200 + "\n\x0b\x01")],
    *[("time", value, f"expected hh:mm:ss, found {value!r}") for value in ("10:20", "10:20:30Z", "24:00:00", "1:20:30", "10:20:30.")],
    *[("unsignedInt", value, f"expected a whole number from 0 to 2147483647, found {value}") for value in (-1, 2**31)],
    *[(name, value, f"{URI}{value!r}") for name in ("uri", "url") for value in ("a b", " a", "a ", "a\nb", "http://a\u00a0b")],
    *[("uri", value, OID + repr(value)) for value in ("urn:oid:x", "urn:oid:1")],
    *[("uri", value, UUID + repr(value)) for value in ("urn:uuid:x", A_UUID.upper().replace("URN:UUID", "urn:uuid"))],
    ("uri", "oid:1.2.3", "expected urn:oid:, found 'oid:1.2.3'"),
    ("uri", "uuid:x", "expected urn:uuid:, found 'uuid:x'"),
    *[("uuid", value, UUID + repr(value)) for value in (A_UUID[9:], A_UUID + "0", A_UUID.replace("c757", "C757"))],
    ("xhtml", "<p>", 'expected a div in the namespace of XHTML: <div xmlns="http://www.w3.org/1999/xhtml">'),
]
IN_RELEASE: list[tuple[str, str, Any, str]] = [
    ("r4", "base64Binary", "AA AA\n", ""),
    ("r5", "base64Binary", "AA AA", "expected base64 (RFC 4648) without white space, found 'AA AA'"),
    ("r4", "dateTime", "2020-01-31T10:20:30.1234567890Z", ""),
    ("r5", "dateTime", "2020-01-31T10:20:30.123456789Z", ""),
    ("r5", "dateTime", "2020-01-31T10:20:30.1234567890Z", MOMENT + "'2020-01-31T10:20:30.1234567890Z'"),
    ("r5", "instant", "2020-01-31T10:20:30.1234567890Z", INSTANT + "'2020-01-31T10:20:30.1234567890Z'"),
    ("r5", "time", "10:20:30.1234567890", "expected hh:mm:ss, found '10:20:30.1234567890'"),
    ("r4", "decimal", Decimal("0.123456789012345678"), ""),
    ("r5", "decimal", Decimal("12345678.90"), ""),
    ("r5", "decimal", 10**18, "expected a number of at most 18 digits before its point and 17 behind it, found 1000000000000000000"),
    ("r5", "decimal", Decimal("0.123456789012345678"),
     "expected a number of at most 18 digits before its point and 17 behind it, found 0.123456789012345678"),
    ("r5", "decimal", "1", "expected a number, found '1'"),
    *[("r5", "integer64", value, "") for value in ("0", "-9223372036854775808", "9223372036854775807")],
    *[("r5", "integer64", value, f"expected a whole number of 64 bits, as a text, found {said}") for value, said in (
        (1, "1"), ("9223372036854775808", "'9223372036854775808'"), ("01", "'01'"), ("+1", "'+1'"), ("1.0", "'1.0'"))],
]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name, value", RIGHT, ids=lambda value: str(value)[:40])
def test_nothing_is_said_of_a_right_value(release: str, name: str, value: Any) -> None:
    assert check_of(name, definitions(release).types[name])(value) == ""


@pytest.mark.parametrize("name, value, said", WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_value_is_refused_in_words(name: str, value: Any, said: str) -> None:
    assert check_of(name, definitions("r4").types[name])(value) == said
    assert check_of(name, definitions("r5").types[name])(value) == said.replace("(RFC 4648)", "(RFC 4648) without white space")


@pytest.mark.parametrize("release, name, value, said", IN_RELEASE)
def test_what_a_release_has_for_itself(release: str, name: str, value: Any, said: str) -> None:
    assert check_of(name, definitions(release).types[name])(value) == said


@pytest.mark.parametrize("release", RELEASES)
def test_every_primitive_of_the_definitions_has_its_check(release: str) -> None:
    primitives = {name for name, known in definitions(release).types.items() if known.kind == "primitive"}
    assert primitives - {name for name, _ in RIGHT} == ({"integer64"} if release == "r5" else set())
    assert all(check_of(name, definitions(release).types[name])({"x": 1}) for name in primitives)


@pytest.mark.parametrize("name, value", [
    ("base64Binary", "AAAA  " * 1_000_000 + "!"), ("code", "a " * 3_000_000), ("dateTime", "2020" * 1_000_000), ("markdown", "a" * 5_000_000 + "\x01"),
    ("oid", "urn:oid:1" + ".1" * 2_500_000 + "."), ("string", "a" * 5_000_000), ("uri", "a" * 5_000_000 + " "), ("xhtml", "<div>" * 1_000_000),
], ids=lambda value: value[:20])
def test_a_long_value_is_looked_through_once(name: str, value: str) -> None:
    """R4's own pattern for base64Binary doubles its time with every group of the first of these: it would not come back."""
    assert check_of(name, definitions("r4").types[name])(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2), max_leaves=4)


@pytest.mark.parametrize("release", ["r4", "r5"])
@given(value=JSON)
def test_whatever_comes_a_check_answers(release: str, value: Any) -> None:
    """With a sentence or with none, and the same twice: an address that was right is remembered."""
    for name, known in definitions(release).types.items():
        if known.kind == "primitive":
            check = check_of(name, known)
            assert isinstance(check(value), str) and check(value) == check(value)
