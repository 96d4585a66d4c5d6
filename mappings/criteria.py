"""Coded criteria in a Group: how they are put into it, and taken off.

All of them say again what the text says.  Reading takes them off, makes them anew from the text (`mappings.coded_criteria`), and
compares.  https://hl7.org/fhir/R5/group-definitions.html#Group.characteristic
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import Struct

from converter.json_text import parse
from mappings.datatypes import OWN
from mappings.releases import resources

CODED, WORDS = OWN + "coded-criteria", OWN + "criterion-words"


class Coded(Struct, frozen=True):
    """What stands in a Group for its coded criteria."""

    extension: dict[str, Any]
    contained: list[dict[str, Any]]
    characteristics: list[dict[str, Any]]


def coding_of(document: bytes) -> dict[str, Any]:
    """How the criteria are written in a document of FHIR, as options of the format."""
    if CODED.encode() not in document:
        return {"criteria": "text"}
    marks = [mark for _, resource in resources(parse(document)) if (mark := mark_of(resource))]
    minimum = minimum_of(marks[0]) if marks else None
    return {"criteria": "text"} if minimum is None else {"criteria": "coded", "min_confidence": minimum}


def minimum_of(mark: dict[str, Any]) -> Decimal | None:
    """How sure the extension says that the codes are, from 0 to 1; None where it does not say that."""
    said = mark.get("valueDecimal")
    return Decimal(said) if isinstance(said, (int, Decimal)) and not isinstance(said, bool) and 0 <= said <= 1 else None


def mark_of(group: dict[str, Any]) -> dict[str, Any] | None:
    """The extension that says that the Group's criteria are coded, and how sure."""
    extensions = group.get("extension")
    ours = (one for one in extensions if isinstance(one, dict) and one.get("url") == CODED) if isinstance(extensions, list) else iter(())
    return next(ours, None)


def apart(group: dict[str, Any]) -> tuple[dict[str, Any], Coded | None]:
    """The Group without its coded criteria, and these; None where it has none."""
    mark = mark_of(group)
    characteristics = group.get("characteristic", [])
    if mark is None or not isinstance(characteristics, list):
        return group, None
    ours = [one for one in characteristics if is_worded(one)]
    rest = {
        **group, "extension": [one for one in group["extension"] if one is not mark],
        "characteristic": [one for one in characteristics if not is_worded(one)],
    }
    rest.pop("contained", None)
    return {name: part for name, part in rest.items() if part != []}, Coded(mark, group.get("contained", []), ours)


def together(group: dict[str, Any], made: Coded) -> dict[str, Any]:
    """The Group with the coded criteria."""
    whole = [*group.get("characteristic", ()), *made.characteristics]
    group = {**group, "extension": [*group.get("extension", ()), made.extension], "characteristic": whole}
    if not whole:
        del group["characteristic"]
    return {**group, "contained": made.contained} if made.contained else group


def is_worded(characteristic: Any) -> bool:
    """Is this a coded criterion, or the words of one that could not be coded?"""
    extensions = characteristic.get("extension") if isinstance(characteristic, dict) else None
    return isinstance(extensions, list) and bool(extensions) and isinstance(extensions[0], dict) and extensions[0].get("url") == WORDS
