"""What HL7 defines of the types that a trial's Bundle can hold, release by release: a compact copy of their definitions.

The tables are made by `python -m tools.definitions` from the packages named there and in NOTICE (HL7, CC0).
https://hl7.org/fhir/R5/structuredefinition.html, …/valueset.html
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from msgspec import Struct
from msgspec.json import decode

Codes = dict[str, dict[str, tuple[str, ...]] | None]
"""The codes of a value set by system; None where they cannot be counted up."""


class Element(Struct, frozen=True, omit_defaults=True):
    """One element of a type.

    `types` are datatypes, "Type.element" for a backbone of its own (also where another one's content is referred to);
    a choice, whose name ends in "[x]", has several.  `max` is None for any number, and 0 where a profile forbids the
    element.  `targets` are the resources that a reference or canonical may lead to, or that may stand here, by
    datatype; no entry is any.  `bound` is the value set of a required binding (or the largest that a weaker one
    allows), `extensible` that of an extensible one.
    """

    types: tuple[str, ...]
    min: int = 0
    max: int | None = 1
    targets: dict[str, tuple[str, ...]] = {}
    bound: str = ""
    extensible: str = ""
    modifier: bool = False
    invariants: tuple[str, ...] = ()


class Type(Struct, frozen=True, omit_defaults=True):
    """A resource, datatype or backbone element: its elements in their order, and what must hold of the whole.

    `base` is what it derives from, the nearest first.  `datatype` is the name that the members of JSON have, where the
    type is a profile of a datatype: "Quantity" of SimpleQuantity.  `extensible` is the value set of the whole (Age).
    """

    kind: str
    elements: dict[str, Element] = {}
    invariants: tuple[str, ...] = ()
    json: str = ""
    pattern: str = ""
    base: tuple[str, ...] = ()
    datatype: str = ""
    extensible: str = ""


class Invariant(Struct, frozen=True, omit_defaults=True):
    """A rule of the specification: its text, and its FHIRPath expressions with the types, elements and extensions on which each stands."""

    severity: str
    human: str
    expressions: dict[str, tuple[str, ...]]


class Part(Element, frozen=True, omit_defaults=True):
    """A part of an extension: how often it is there, and what it holds: a value, or parts by their urls.

    `types` are those of its value, which must be there when `needs_value`, and which is `fixed` where that says something.
    """

    needs_value: bool = False
    fixed: str = ""
    parts: dict[str, Part] = {}


class Extension(Part, frozen=True, omit_defaults=True):
    """An extension: also where it may stand (types, elements, addresses of extensions), and what must hold there (FHIRPath).

    Of one that may stand on nothing that is defined here, only the contexts are kept: it has neither types nor parts.
    """

    contexts: tuple[str, ...] = ()
    context_invariants: tuple[str, ...] = ()


class Definitions(Struct, frozen=True):
    """The definitions of one release.  `systems` are the code systems of HL7's that are here as a whole: every code with its display."""

    version: str
    resources: tuple[str, ...]
    types: dict[str, Type]
    invariants: dict[str, Invariant]
    codes: Codes
    extensions: dict[str, Extension]
    systems: dict[str, dict[str, str]]


@cache
def definitions(release: str) -> Definitions:
    """The definitions of "r4", "r4b" or "r5"."""
    return decode(Path(__file__).with_name(f"{release}.json").read_bytes(), type=Definitions)
