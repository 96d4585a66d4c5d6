"""The rules of datatypes that are not about amounts or time.  https://hl7.org/fhir/R5/datatypes.html, …/metadatatypes.html"""

from __future__ import annotations

import re
from typing import Any

from mappings.invariants.presence import NOTHING, Around, chosen, exists, has_value, part

VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}").fullmatch


def ele_1(tree: Any, around: Around) -> bool:
    """All FHIR elements must have a @value or children (besides their id)."""
    if not isinstance(tree, dict):
        return True
    for name, value in tree.items():  # noqa: SIM110 - on every object there is, and twice as fast as any()
        if name not in ("id", "_id") and value not in NOTHING:
            return True
    return False


def ext_1(tree: Any, around: Around) -> bool:
    """Must have either extensions or value[x], not both."""
    return not isinstance(tree, dict) or exists(tree, "extension") != chosen(tree, "value")


def att_1(tree: Any, around: Around) -> bool:
    """If the Attachment has data, it SHALL have a contentType."""
    return not exists(tree, "data") or exists(tree, "contentType")


def cpt_2(tree: Any, around: Around) -> bool:
    """A system is required if a value is provided."""
    return not exists(tree, "value") or exists(tree, "system")


def drq_1(tree: Any, around: Around) -> bool:
    """Either a path or a searchParam must be provided, but not both."""
    return not isinstance(tree, dict) or exists(tree, "path") != exists(tree, "searchParam")


drq_2 = drq_1
"""The same of a dateFilter."""


def exp_1(tree: Any, around: Around) -> bool:
    """An expression or a reference must be provided."""
    return not isinstance(tree, dict) or exists(tree, "expression") or exists(tree, "reference")


def exp_2(tree: Any, around: Around) -> bool:
    """The name must be a valid variable name in most computer languages.

    The whole name, as the sentence says; matches() of the expression is content with a part of it.
    """
    name = part(tree, "name")
    return not has_value(name) or VARIABLE(str(name)) is not None


def trd_1(tree: Any, around: Around) -> bool:
    """Either timing, or a data requirement, but not both."""
    return not exists(tree, "data") or not chosen(tree, "timing")


def trd_2(tree: Any, around: Around) -> bool:
    """A condition only if there is a data requirement."""
    return not exists(tree, "condition") or exists(tree, "data")


def trd_3(tree: Any, around: Around) -> bool:
    """A named event requires a name, a periodic event requires timing, and a data event requires data."""
    kind = part(tree, "type")
    if kind == "named-event":
        return exists(tree, "name")
    if kind == "periodic":
        return chosen(tree, "timing")
    return not isinstance(kind, str) or not kind.startswith("data-") or exists(tree, "data")
