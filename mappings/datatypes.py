"""FHIR's datatypes as codecs                                          https://hl7.org/fhir/R5/datatypes.html

A value that a primitive cannot hold (a date that is none, a URL with a blank, a negative count, a blank text) is kept
exact in an extension of ours beside the absent element, with a warning; see `exact`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from converter import rows
from converter.codec import Codec, Scalar, coded, expect
from converter.place import Element
from converter.problems import shown
from converter.rows import UNCHANGED, Row
from converter.visit import MISSING, Beside, Refused, Visit

BASE = "https://w3id.org/trialbridge/"
"""Where our own definitions live."""
OWN = BASE + "StructureDefinition/"
FIELD = BASE + "CodeSystem/field"
"""The code system whose codes are fields of the Trial: it says which field a classifier or study design carries."""
EXACT = OWN + "exact-value"
ESCAPED = OWN + "escaped-text"
EXACT_PART = OWN + "exact-part"
"""In place of an extension, or of a part of one, that cannot hold its value."""
DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
UNKNOWN = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}

def element(where: Any) -> Any:
    """A path as text is that element, which may have something beside it."""
    return Element(where) if isinstance(where, str) else where


def row(name: str, where: Any, codec: Codec, *, r4: Any = UNCHANGED, needed: Any = None) -> Row:
    """A row of a FHIR table: `converter.table.row` with elements as places."""
    older = (element(r4[0]), r4[1]) if isinstance(r4, tuple) else element(r4)
    return rows.row(name, element(where), codec, r4=older, needed=needed)


UNHELD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What no FHIR string may contain (https://hl7.org/fhir/R5/datatypes.html#string)."""


def exact(value: Any) -> Beside:
    """The value in an extension of ours, to stand beside the element that cannot hold it.

    A text that no FHIR string can hold (blank, or with control characters) goes between quotes, each such character as
    %XX: so every value has one spelling, and that is a legal string.
    """
    if isinstance(value, str):
        if is_text(value):
            return Beside({"extension": [{"url": EXACT, "valueString": value}]})
        quoted = re.sub(r"[%\x00-\x1f]", lambda found: f"%{ord(found[0]):02X}", value)
        return Beside({"extension": [{"url": ESCAPED, "valueString": f'"{quoted}"'}]})
    if isinstance(value, (int, Decimal)) and not is_decimal(value):
        return Beside({"extension": [{"url": EXACT, "valueString": str(value)}]})
    kind = "Boolean" if isinstance(value, bool) else "Integer" if isinstance(value, int) and abs(value) < 2**31 else "Decimal"
    return Beside({"extension": [{"url": EXACT, f"value{kind}": value}]})


def inexact(tree: Any) -> Any:
    """The value that stands beside an element, or MISSING when something else does."""
    extensions = tree.get("extension") if isinstance(tree, dict) else None
    for extension in extensions if isinstance(extensions, list) else []:
        if isinstance(extension, dict):
            values = [part for name, part in extension.items() if name.startswith("value")]
            if extension.get("url") == EXACT and values:
                return values[0]
            if extension.get("url") == ESCAPED and values and isinstance(values[0], str):
                return re.sub(r"%([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), values[0][1:-1])
    return MISSING


@lru_cache(maxsize=1 << 16)
def is_date(text: str) -> bool:
    """Is it a date to the year, month or day, that the calendar has?"""
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", text, re.ASCII) or text.startswith("0000"):
        return False
    try:
        date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return False
    return True


BLANK = re.compile(r"[\s\x00-\x1f]")


@lru_cache(maxsize=1 << 16)
def is_date_time(text: str) -> bool:
    """Is it a date, or a date with a time of day and a zone?"""
    return is_date(text) or (TIME.fullmatch(text) is not None and is_date(text[:10]))


TIME = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-](0\d|1[0-4]):[0-5]\d)", re.ASCII)


def is_uri(text: str) -> bool:
    """Has it something, and no blank in it?"""
    return BLANK.search(text) is None and text != ""


def is_text(text: str) -> bool:
    """Can a FHIR string hold it?"""
    return bool(text.strip()) and not UNHELD.search(text)


def is_count(number: int) -> bool:
    """Is it in the range of unsignedInt?"""
    return 0 <= number < 2**31


def is_decimal(number: Decimal | int) -> bool:
    """Has it no more digits than every reader must keep (https://hl7.org/fhir/R5/datatypes.html#decimal)?"""
    return len(str(number)) <= 18 or len(Decimal(number).as_tuple().digits) <= 18


CODE = re.compile(r"[^\s\x00-\x1f]+( [^\s\x00-\x1f]+)*")


def is_code(text: str) -> bool:
    """Has it something, and no blank but single ones between words?"""
    return text.isalnum() or CODE.fullmatch(text) is not None


def anything(value: Any) -> bool:
    return True


def whole(value: Any) -> Any:
    """The number of a text of digits, which stands for one that is too long for FHIR; anything else as it is."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,999}", value, re.ASCII) else value


class primitive(Scalar, frozen=True):
    """A primitive of FHIR.  `loose` texts are tested for control characters when the document is written
    (`mappings.bundle`), all at once."""

    fhir: str = ""
    holds: Callable[[Any], bool] = anything
    loose: bool = False

    def write(self, value: Any, visit: Visit) -> Any:
        if self.holds(expect(self.kind, value)):
            return value
        visit.warn(f"a FHIR {self.fhir} cannot hold {shown(value)}; kept in an extension")
        return exact(value)

    def read(self, tree: Any, visit: Visit) -> Any:
        if tree.__class__ is Beside:
            value = inexact(tree.tree)
            if self.kind is Decimal and isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?(E[+-]?\d+)?", value, re.ASCII):
                value = Decimal(value)
            if self.kind is int:
                value = whole(value)
            return value if value is MISSING else expect(self.kind, value)
        return super().read(tree, visit)

    def outward(self, m: Any, e: str) -> str:
        if self.holds is anything:
            return e
        first, x = m.once(e)
        held = f"{first} and not {x}.isspace()" if self.loose else f"{m.name(self.holds)}({first})"
        return f"({x} if {held} else bad())"

    def inward(self, m: Any, e: str) -> str:
        if self.holds is anything:
            return super().inward(m, e)
        x = m.fresh()
        held = f"{x} and not {x}.isspace()" if self.loose else f"{m.name(self.holds)}({x})"
        if self.kind is Decimal:
            return f"({x} if {m.name(self.holds)}({x} := {super().inward(m, e)}) else bad())"
        return f"({x} if ({x} := {e}).__class__ is {self.kind.__name__} and {held} else bad())"


string = primitive(str, "String", is_text, loose=True)
markdown = primitive(str, "Markdown", is_text, loose=True)
url = primitive(str, "Url", is_uri)
date_ = primitive(str, "Date", is_date)
date_time = primitive(str, "DateTime", is_date_time)
unsigned = primitive(int, "UnsignedInt", is_count)
decimal = primitive(Decimal, "Decimal", is_decimal)
code = primitive(str, "Code", is_code)
boolean = primitive(bool, "Boolean")


class kept(Codec, frozen=True):
    """A codec that may refuse: what it cannot spell is kept exact beside the element."""

    inner: Codec
    fhir: str = ""

    def write(self, value: Any, visit: Visit) -> Any:
        try:
            return self.inner.write(value, visit)
        except Refused:
            visit.warn(f"the FHIR element has no way to say {shown(value)}; kept in an extension")
            return exact(value)

    def read(self, tree: Any, visit: Visit) -> Any:
        if tree.__class__ is not Beside:
            return self.inner.read(tree, visit)
        value = inexact(tree.tree)
        return whole(value) if isinstance(self.inner, digits) else value

    def outward(self, m: Any, e: str) -> str:
        return self.inner.outward(m, e)

    def inward(self, m: Any, e: str) -> str:
        return self.inner.inward(m, e)


yes_no = coded({True: "Yes", False: "No"})


class digits(Codec, frozen=True):
    """A whole number as text."""

    def write(self, value: Any, visit: Visit) -> Any:
        return str(expect(int, value))

    def read(self, tree: Any, visit: Visit) -> Any:
        if tree.__class__ is not str or not re.fullmatch(r"0|-?[1-9]\d{0,999}", tree, re.ASCII):
            raise Refused(f"expected a whole number as text, found {shown(tree)}")
        return int(tree)


class size(digits, frozen=True):
    """A number of bytes as text, as R5 writes a 64-bit number (https://hl7.org/fhir/R5/datatypes.html#integer64)."""

    def write(self, value: Any, visit: Visit) -> Any:
        if not 0 <= expect(int, value) < 2**63:
            raise Refused(f"expected a number of bytes, found {value}")
        return str(value)
