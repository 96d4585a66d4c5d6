"""What a primitive of FHIR may be, in JSON: a check for each, which says nothing when the value is right.

Written by hand, not made of the specification's patterns: R5's let a date with a zone and a time without one pass, R4's for
base64Binary takes exponential time, and none knows the calendar.  No sentence is built for a right value.
https://hl7.org/fhir/R5/datatypes.html#primitive, https://hl7.org/fhir/R5/json.html#primitive
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any

from converter.problems import shown
from mappings import xhtml
from mappings.definitions import Type

SECTION = "datatypes.html#primitive"
LONGEST = 1024 * 1024
"""Characters of a string, which the specification limits; a markdown may be longer, and so HAPI has it."""
BLANK = "is a text with nothing in it; leave the element out"
Check = Callable[[Any], str]
"""What is wrong with a value, as a sentence; "" when nothing is."""

SHORT = 100
"""Below, isprintable() sees control characters sooner than the way over bytes does."""
CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
DAY = r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)"
ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
a_day = re.compile(DAY).fullmatch
a_month = re.compile(r"(?!0000)[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?").fullmatch
an_id = re.compile(r"[A-Za-z0-9.-]{1,64}").fullmatch
an_oid = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+").fullmatch
a_uuid = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
a_decimal = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,17})?(?:[Ee][+-]?[0-9]{1,9})?").fullmatch
a_long = re.compile(r"-?(?:0|[1-9][0-9]{0,18})").fullmatch
absolute = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.").match
ADDRESS = "an address without blanks"
CANONICAL = "an absolute address, with |version or not, or # and the id of a contained resource"
OID, UUID = "urn:oid: and numbers with points", "urn:uuid: and a UUID in lower case"
SPECIAL = {"urn:oid:": (an_oid, OID), "urn:uuid": (a_uuid, UUID)}
seen: set[str] = set()
"""Addresses that were right: the same few dozen stand in every Bundle.  At most MANY."""
MANY = 2048


def check_of(name: str, known: Type) -> Check:
    """The check of the primitive of that name, in the release of that definition."""
    if name in TIMES:  # R5 stops at the nanosecond
        return TIMES[name](r"(?:\.[0-9]{1,9})?" if "{1,9}" in known.pattern else r"(?:\.[0-9]+)?")
    if name == "decimal" and "{0,17}" in known.pattern:
        return short_decimal
    if name == "base64Binary":
        return base64(blanks=r"\s" in known.pattern)
    return CHECKS[name]


def expected(what: str, value: Any) -> str:
    """The sentence about a value that is not what it should be; a blank text is that in the first place."""
    blank = value.__class__ is str and (not value or value.isspace())
    return BLANK if blank else f"expected {what}, found {shown(value)}"


def boolean(value: Any) -> str:
    """true or false."""
    return "" if value.__class__ is bool else expected("true or false", value)


def decimal(value: Any) -> str:
    """A number, of any precision and size."""
    kind = value.__class__
    if kind is int or (kind is Decimal and value.is_finite()) or (kind is float and isfinite(value)):
        return ""
    return expected("a number", value)


def short_decimal(value: Any) -> str:
    """A number as R5 has it, of some 18 digits."""
    if wrong := decimal(value):
        return wrong
    return "" if a_decimal(str(value)) else expected("a number of at most 18 digits before its point and 17 behind it", value)


def whole(least: int) -> Check:
    """The check of a whole number of 32 bits."""
    def check(value: Any) -> str:
        if value.__class__ is int and least <= value < 2147483648:
            return ""
        return expected(f"a whole number from {least} to 2147483647", value)

    return check


def integer64(value: Any) -> str:
    """R5's whole number of 64 bits, which JSON has as a text."""
    if value.__class__ is str and a_long(value) and -(2**63) <= int(value) < 2**63:
        return ""
    return expected("a whole number of 64 bits, as a text", value)


def string(value: Any) -> str:
    """A text that has something in it, of a megabyte at most."""
    if value.__class__ is str:
        if len(value) < SHORT and value.isprintable() and value and not value.isspace():
            return ""
        if len(value) > LONGEST:
            return f"expected at most {LONGEST} characters, found {len(value)}"
    return markdown(value)


def markdown(value: Any) -> str:
    """A text that has something in it, and no control characters but tab and line ends: XML cannot have them."""
    if value.__class__ is not str or not value or value.isspace():
        return expected("a text", value)
    if len(value) < SHORT and value.isprintable():
        return ""
    said = value.encode("utf-8", "surrogatepass")
    if len(said.translate(None, CONTROLS)) == len(said):
        return ""
    return f"has the control character U+{min(filter(CONTROLS.__contains__, said)):04X}; expected none but tab and line ends"


def code(value: Any) -> str:
    """A text without blanks but single ones inside."""
    if value.__class__ is str and value:
        if " " not in value and value.isprintable():
            return ""
        if " ".join(value.split()) == value:
            return markdown(value)
    return expected("a code: no blank at its ends, no two in a row", value)


def uri(value: Any) -> str:
    """An address, which may be relative; a UUID or OID in its full form."""
    if value.__class__ is str:
        if value in seen:
            return ""
        if value.split() == [value]:
            if value[:8] in SPECIAL:
                fits, what = SPECIAL[value[:8]]
                return "" if fits(value) else expected(what, value)
            if value.startswith(("oid:", "uuid:")):
                return expected(f"urn:{value[:value.index(':')]}:", value)
            if len(seen) < MANY and len(value) < 256:
                seen.add(value)
            return markdown(value)
    return expected(ADDRESS, value)


def canonical(value: Any) -> str:
    """An absolute address with a version or not, or a fragment."""
    if wrong := uri(value):
        return wrong
    _, bar, version = value.partition("|")
    if (absolute(value) or value[0] == "#") and bool(version) == bool(bar) and "|" not in version:
        return ""
    return expected(CANONICAL, value)


def form(fits: Callable[[str], Any], what: str) -> Check:
    """The check of a text of that form."""
    def check(value: Any) -> str:
        return "" if value.__class__ is str and fits(value) else expected(what, value)

    return check


def day(value: Any) -> str:
    """A year, month or day."""
    if value.__class__ is str and (in_calendar(value) if len(value) == 10 else a_month(value)):
        return ""
    return no_day(value) or expected("YYYY, YYYY-MM or YYYY-MM-DD", value)


def date_time(fraction: str) -> Check:
    """The check of a year, month, day, or a time of one with its zone."""
    a_time = re.compile(f"T{CLOCK}{fraction}{ZONE}").fullmatch

    def check(value: Any) -> str:
        if value.__class__ is str:
            length = len(value)
            if in_calendar(value[:10]) and (length == 10 or a_time(value, 10)) if length >= 10 else a_month(value):
                return ""
        return no_day(value) or expected("YYYY, YYYY-MM, YYYY-MM-DD, or a date and time with its zone", value)

    return check


def instant(fraction: str) -> Check:
    """The check of a time of a day, with its zone."""
    a_time = re.compile(f"T{CLOCK}{fraction}{ZONE}").fullmatch

    def check(value: Any) -> str:
        if value.__class__ is str and in_calendar(value[:10]) and a_time(value, 10):
            return ""
        return no_day(value) or expected("a date and time with seconds and zone", value)

    return check


def time(fraction: str) -> Check:
    """The check of a time of any day."""
    return form(re.compile(CLOCK + fraction).fullmatch, "hh:mm:ss")


def in_calendar(said: str) -> bool:
    """Is this YYYY-MM-DD, and a day that there is?"""
    try:
        date.fromisoformat(said)  # takes 2020-W01-1 and 20200101 too
    except ValueError:
        return False
    return len(said) == 10 and said[4] == said[7] == "-"


def no_day(value: Any) -> str:
    """The sentence about 30 February, "" about what is no date or a right one."""
    if value.__class__ is str and a_day(value[:10]) and not in_calendar(value[:10]):
        return f"{shown(value)} is no day of the calendar"
    return ""


def base64(blanks: bool) -> Check:
    """The check of base64 text.  White space in it: R4 lets it be, R5 does not."""
    def check(value: Any) -> str:
        if value.__class__ is str and value:
            said = "".join(value.split()) if blanks else value
            try:
                if len(said) % 4 == 0 and said.isascii() and a2b_base64(said, strict_mode=True):
                    return ""
            except Error:
                pass
        return expected("base64 (RFC 4648)" if blanks else "base64 (RFC 4648) without white space", value)

    return check


def div(value: Any) -> str:
    """A narrative."""
    return xhtml.faults(value) if value.__class__ is str else expected("a text", value)


TIMES = {"dateTime": date_time, "instant": instant, "time": time}
CHECKS: dict[str, Check] = {
    "boolean": boolean, "canonical": canonical, "code": code, "date": day, "decimal": decimal,
    "id": form(an_id, "1 to 64 letters, digits, - and ."), "integer": whole(-(2**31)), "integer64": integer64, "markdown": markdown,
    "oid": form(an_oid, OID), "positiveInt": whole(1), "string": string, "unsignedInt": whole(0), "uri": uri, "url": uri,
    "uuid": form(a_uuid, UUID), "xhtml": div,
}
