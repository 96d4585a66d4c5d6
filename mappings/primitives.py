"""What a primitive of FHIR may be, in JSON: its kind, its pattern, and what a pattern cannot say.

https://hl7.org/fhir/R5/datatypes.html#primitive, https://hl7.org/fhir/R5/json.html#primitive
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from converter.problems import shown
from mappings.definitions import Type

SECTION = "datatypes.html#primitive"
LEAST = {"integer": -(2**31), "unsignedInt": 0, "positiveInt": 1}
DATES = ("date", "dateTime", "instant")
FORMS = {
    "base64Binary": "base64 (RFC 4648)",
    "canonical": "an address without blanks",
    "code": "a code: no blank at its ends, no two in a row",
    "date": "YYYY, YYYY-MM or YYYY-MM-DD",
    "dateTime": "YYYY, YYYY-MM, YYYY-MM-DD, or a date and time with its zone",
    "id": "1 to 64 letters, digits, - and .",
    "instant": "a date and time with seconds and zone",
    "oid": "urn:oid: and numbers with points",
    "time": "hh:mm:ss",
    "uri": "an address without blanks",
    "url": "an address without blanks",
    "uuid": "urn:uuid: and a UUID in lower case",
}
Check = Callable[[Any], str]
"""What is wrong with a value, as a sentence; "" when nothing is."""


def check_of(name: str, known: Type) -> Check:
    """The check of the primitive of that name."""
    if known.json == "boolean":
        return lambda value: "" if value.__class__ is bool else expected("true or false", value)
    if name == "decimal":
        return lambda value: "" if value.__class__ in (int, Decimal) else expected("a number", value)
    if known.json == "number":
        return number(LEAST[name])
    return text(name, re.compile(known.pattern).fullmatch if known.pattern else None)


def expected(what: str, value: Any) -> str:
    return f"expected {what}, found {shown(value)}"


def number(least: int) -> Check:
    """A whole number of 32 bits."""
    what = f"a whole number from {least} to {2**31 - 1}"

    def check(value: Any) -> str:
        return "" if value.__class__ is int and least <= value < 2**31 else expected(what, value)

    return check


def text(name: str, fits: Callable[[str], Any] | None) -> Check:
    """A text, of the primitive's form."""
    what = FORMS.get(name, "a text")

    def check(value: Any) -> str:
        if value.__class__ is not str:
            return expected(what if name in FORMS else "a text", value)
        if not value or value.isspace():
            return "is a text with nothing in it; leave the element out"
        if fits and not fits(value):
            return expected(what, value)
        return "" if name not in DATES or is_day(value) else f"{shown(value)} is no day of the calendar"

    return check


def is_day(said: str) -> bool:
    """Is the date one of the calendar?  The pattern lets 31 February pass."""
    try:
        date.fromisoformat((said[:10] + "-01-01")[:10])
    except ValueError:
        return False
    return True
