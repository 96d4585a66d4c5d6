"""The rules of HL7's extensions.  https://hl7.org/fhir/R5/extensibility.html"""

from __future__ import annotations

from typing import Any

from mappings.invariants.presence import Around, each, exists, part


def der_1(tree: Any, around: Around) -> bool:
    """Cannot have length if offset is missing."""
    parts = {one.get("url") for one in each(tree, "extension")}
    return "length" not in parts or "offset" in parts


def rid_1(tree: Any, around: Around) -> bool:
    """A description of the instance cannot be used where the resource has one already: its descriptions are string or markdown."""
    return not exists(around.resource, "description")


def rin_1(tree: Any, around: Around) -> bool:
    """A name of the instance cannot be used where the resource has a title already."""
    return not exists(around.resource, "title")


def var_1(tree: Any, around: Around) -> bool:
    """Variable expressions must have a name."""
    return not isinstance(tree, dict) or exists(part(tree, "valueExpression"), "name")
