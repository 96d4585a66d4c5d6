"""What HL7 defines of the types that a trial's Bundle can hold, release by release: a compact copy of their definitions.

The tables are made by `python -m tools.definitions` from the packages named there and in NOTICE (HL7, CC0).
https://hl7.org/fhir/R5/structuredefinition.html, …/valueset.html
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from msgspec import Struct
from msgspec.json import decode


class Element(Struct, frozen=True, omit_defaults=True):
    """One element of a type.

    `types` are datatypes, "Type.element" for a backbone of its own (also where another one's content is referred to);
    a choice, whose name ends in "[x]", has several.  `max` is 0 for any number.  `targets` are the resources that a
    reference or canonical may lead to, by datatype; no entry is any.  `bound` is the value set of a required binding.
    """

    types: tuple[str, ...]
    min: int = 0
    max: int = 1
    targets: dict[str, tuple[str, ...]] = {}
    bound: str = ""
    modifier: bool = False
    invariants: tuple[str, ...] = ()


class Type(Struct, frozen=True, omit_defaults=True):
    """A resource, datatype or backbone element: its elements in their order, and what must hold of the whole."""

    kind: str
    elements: dict[str, Element] = {}
    invariants: tuple[str, ...] = ()
    json: str = ""
    pattern: str = ""


class Invariant(Struct, frozen=True, omit_defaults=True):
    """A rule of the specification: its text, and its FHIRPath expressions with the types and elements on which each stands."""

    severity: str
    human: str
    expressions: dict[str, tuple[str, ...]]


class Extension(Struct, frozen=True, omit_defaults=True):
    """An extension that HL7 defines: where it may stand, how often, what it holds (a value, or parts by name)."""

    contexts: tuple[str, ...]
    max: int = 1
    modifier: bool = False
    types: tuple[str, ...] = ()
    targets: dict[str, tuple[str, ...]] = {}
    bound: str = ""
    parts: dict[str, Element] = {}


class Definitions(Struct, frozen=True):
    """The definitions of one release.  `codes` has the codes of a value set by system; None where they cannot be counted up."""

    version: str
    resources: tuple[str, ...]
    types: dict[str, Type]
    invariants: dict[str, Invariant]
    codes: dict[str, dict[str, tuple[str, ...]] | None]
    extensions: dict[str, Extension]


@cache
def definitions(release: str) -> Definitions:
    """The definitions of "r4", "r4b" or "r5"."""
    return decode(files(__package__).joinpath(f"{release}.json").read_bytes(), type=Definitions)
