"""Every place that the tables name, found by following their rows and codecs to single values.

    spot        the way to a value, step by step: from a resource, into members, extensions, contained resources
    Found       a field of the Trial, its spots (several when the value decides), and what carries it there
    found_in    all that the tables say in a dialect

A codec that is not known here is refused: then say in TEXTS, PLAIN or SEVERAL where its value stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from converter.codec import Scalar, coded, each, inside, only, word
from converter.formats.ctgov import STUDY
from converter.place import ABSENT, Entries, Members
from converter.rows import Also, Derived, Implied, Part, PassedOver
from converter.schema import schema
from converter.table import Mapping
from mappings.concepts import concept_of
from mappings.datatypes import DATA_ABSENT, OWN, digits, kept, primitive
from mappings.extensions import Packed
from mappings.group import GROUP, Ages
from mappings.links import by_field, link, whole
from mappings.parts import NotReported
from mappings.plan_definition import PLAN_DEFINITION
from mappings.research_study import RESEARCH_STUDY
from mappings.study_codecs import NumberExtensions, NumbersInR4, Phases, Recruitment, Registered, SourceName

TABLES = {"ResearchStudy": RESEARCH_STUDY, "PlanDefinition": PLAN_DEFINITION, "Group": GROUP}

# A spot is the way to a value, step by step


class Member(Struct, frozen=True):
    """A member of an object; of a list of them, the entry that carries the sign.

    `among` is the place in the table, which tells the entries apart; `listed` whether they are those of a list of the Trial.
    So in the steps below.
    """

    name: str
    sign: Any = None
    among: Entries | None = None
    listed: bool = False

    def __str__(self) -> str:
        which = word_of(self.sign)
        return f"{self.name}({which})" if which else self.name


class Contained(Struct, frozen=True):
    """The contained resource to which the reference at the end of `way` leads; without a way, one of that type."""

    kind: str
    prefix: str = ""
    way: tuple[Any, ...] = ()
    among: Entries | None = None
    listed: bool = False

    def __str__(self) -> str:
        return f"contained({self.kind})"


class Extension(Struct, frozen=True):
    """An extension; `context` is the element on which the tables say that it stands, `many` whether it may stand there again."""

    address: str
    shape: Any
    context: str = ""
    sign: Any = None
    many: bool = False
    among: Entries | None = None
    listed: bool = False

    def __str__(self) -> str:
        return f"extension({labelled(self.address.rpartition('/')[2].removeprefix('extension-'), self.sign)})"


class Sub(Struct, frozen=True):
    """A part of an extension that has several."""

    name: str
    shape: Any
    sign: Any = None
    among: Entries | None = None
    listed: bool = False

    def __str__(self) -> str:
        return f"extension({labelled(self.name, self.sign)})"


class Value(Struct, frozen=True):
    """What an extension, or a part of one, holds."""

    type: str

    def __str__(self) -> str:
        return "value"


Spot = tuple[Any, ...]


def into(spot: Spot, name: str, sign: Any = None) -> Spot:
    """One member further in."""
    if name == "contained" and sign:
        return (spot[0], Contained(sign["resourceType"]))
    if spot and isinstance(last := spot[-1], (Extension, Sub)):
        if isinstance(last.shape, dict):
            shape = last.shape[name.removeprefix("_")]
            return (*spot, Sub(name, shape[0] if isinstance(shape, list) else shape, sign))
        spot = (*spot, Value(last.shape))
    return (*spot, Member(name.removeprefix("_"), sign))


def beside(spot: Spot, home: Packed, sign: Any = None, many: bool = False) -> Spot:
    """The extension of what stands here."""
    if isinstance(spot[-1], (Extension, Sub)) and isinstance(spot[-1].shape, str):
        spot = (*spot, Value(spot[-1].shape))
    return (*spot, Extension(home.address, home.shape, home.context, sign, many or bool(sign)))


def word_of(sign: Any) -> str:
    """What a sign says that tells its entries apart: its last word that is no address, else its system's last name."""
    words: list[str] = []
    systems: list[str] = []

    def look(tree: Any, name: str) -> None:
        if isinstance(tree, dict):
            for inner, part in tree.items():
                look(part, inner)
        elif isinstance(tree, list):
            for part in tree:
                look(part, name)
        elif isinstance(tree, str) and name != "url":
            (systems if name == "system" and "/" in tree else words).append(tree)

    look(sign, "")
    return words[-1] if words else systems[-1].rpartition("/")[2] if systems else ""


def labelled(name: str, sign: Any) -> str:
    """The name of an extension, and which of several it is."""
    which = word_of(sign)
    return f"{name}: {which}" if which else name


def at(place: Any, spot: Spot, many: bool = False) -> tuple[Spot, ...]:
    """Where the place of a row is, from where its table stands; several when it depends on the value."""
    if isinstance(place, Entries):
        if isinstance(place.home, NumberExtensions):
            return tuple(beside(spot, home) for _, home in place.home.numbers)
        sign = {name: part for name, part in place.sign.items() if part is not ABSENT}
        *outer, last = beside(spot, place.home, sign, many) if isinstance(place.home, Packed) else into(spot, place.home.path, sign)
        return ((*outer, replace(last, among=place, listed=many)),)
    if isinstance(place, Members):
        return tuple(into(inner, name) for inner in at_path(place.path, spot) for name in place.names if not name.startswith("_"))
    return at_path(place.path, spot)


def at_path(path: str, spot: Spot) -> tuple[Spot, ...]:
    """Where the dotted path leads."""
    for step in path.split("."):
        spot = into(spot, step)
    return (spot,)


# Rows and codecs, followed to the leaves

TEXTS: dict[type, str] = {concept_of: "text", Phases: "text", Registered: "value"}
"""Codecs that spell one value as an object, with the member that holds it."""
PLAIN = (Scalar, primitive, coded, word, digits, SourceName)
"""Codecs that spell one value as a scalar."""
SEVERAL: dict[type, dict[str, tuple[str, ...]]] = {
    Recruitment: {"count": ("",), "kind": ("",)},
    NumbersInR4: {"enrollment": ("",), "enrollment.count": ("",), "enrollment.kind": ("",)},
    Ages: {
        "minimum_age": ("valueRange.low", "valueQuantity", "valueCodeableConcept.text"),
        "maximum_age": ("valueRange.high", "valueQuantity", "valueCodeableConcept.text"),
    },
}
"""Codecs that spell several fields of a record by themselves: where each may stand."""
ABSENT_REASON = Packed(address=DATA_ABSENT, shape="Code")


class Found(Struct, frozen=True):
    """A field (its path in the Trial; "" for what is only said again), where it stands, and whether it is a single value.

    `home` is all that is written for it: the element or entry in which its value stands, beside what always says the same.  `again` is
    the field that is said again.
    """

    field: str
    spots: tuple[Spot, ...]
    leaf: bool = True
    home: tuple[Spot, ...] = ()
    again: str = ""

    @property
    def place(self) -> str:
        return " or ".join(dict.fromkeys(".".join(map(str, spot)) for spot in self.spots))

    @property
    def carrier(self) -> str:
        """What carries it: an element (native), an extension of HL7's (cross-version), or one of ours (own)."""
        addresses = [step.address for spot in self.spots for step in spot if isinstance(step, Extension)]
        return "own" if any(address.startswith(OWN) for address in addresses) else "cross-version" if addresses else "native"


def walk(table: Mapping, spots: tuple[Spot, ...], outer: str = "") -> Iterator[Found]:
    """All that the rows say, below `spots`."""
    for r in table.rows:
        if isinstance(r, (PassedOver, Implied, Also)):
            continue
        codec = None if isinstance(r, Derived) else r.codec
        many = isinstance(codec, each) and not isinstance(codec, only)
        here = tuple(found for spot in spots for found in at(r.place, spot, many))
        if codec is None:
            yield Found("", here, again=outer + r.of if r.of else "")
        elif isinstance(r, Part):
            yield from spelled(codec, here, outer)
        else:
            path = outer + r.field + "[]" * is_list(table.make, r.field)
            inner = list(spelled(codec, here, path + "."))
            if any(found.field != path + "." for found in inner):
                yield Found(path, here, leaf=False, home=here)
            yield from (replace(found, field=found.field.removesuffix("."), home=found.home or here) for found in inner)


def spelled(codec: Any, spots: tuple[Spot, ...], outer: str) -> Iterator[Found]:
    """All that the codec says there.  Raises TypeError for a codec that is not known here."""
    if isinstance(codec, Mapping):
        yield from walk(codec, spots, outer)
    elif isinstance(codec, (each, kept, whole)):
        yield from spelled(codec.inner, spots, outer)
    elif isinstance(codec, inside):
        yield from spelled(codec.inner, tuple(into(spot, codec.member) for spot in spots), outer)
    elif isinstance(codec, link):
        ends = tuple((spot[0], Contained(codec.kind, codec.prefix, into(spot, "reference"))) for spot in spots)
        yield from walk(codec.table, ends, outer)
    elif isinstance(codec, by_field):
        others = {found.field: found for found in spelled(codec.absent, spots, outer)}
        for found in spelled(codec.present, spots, outer):
            other = others.get(found.field, Found("", ()))
            yield replace(found, spots=found.spots + other.spots, home=found.home + other.home)
    elif type(codec) in SEVERAL:
        several = SEVERAL[type(codec)]
        for name, ways in several.items():
            ends = tuple(end for way in ways for spot in spots for end in (at_path(way, spot) if way else (spot,)))
            yield Found(outer + name, ends, not any(other.startswith(f"{name}.") for other in several), home=ends + spots)
    elif isinstance(codec, NotReported):
        ends = tuple(beside(spot, ABSENT_REASON) for spot in spots)
        yield Found(outer, ends, home=ends)
    elif type(codec) in TEXTS:
        yield Found(outer, tuple(into(spot, TEXTS[type(codec)]) for spot in spots))
    elif isinstance(codec, PLAIN):
        yield Found(outer, spots)
    else:
        raise TypeError(f"no place is known for what {type(codec).__name__} spells")


@cache
def found_in(dialect: str) -> tuple[Found, ...]:
    """All that the tables of FHIR say in that dialect; of ClinicalTrials.gov's study, with "ctgov"."""
    if dialect == "ctgov":
        return tuple(walk(STUDY, ((),)))
    return tuple(found for kind, table in TABLES.items() for found in walk(table.on(dialect), ((Member(kind),),)))


@cache
def parts() -> dict[str, Any]:
    """The JSON Schema of the Trial and of each of its parts, by name."""
    trial = schema()
    return {"Trial": trial, **trial["$defs"]}


def is_list(make: type, name: str) -> bool:
    """Is the field a list?"""
    return bool(parts()[make.__name__]["properties"][name].get("type") == "array")
