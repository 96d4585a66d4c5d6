"""The field of the Trial from which a place in a Bundle of ours was written.

A checker or a server says where something is wrong by a path in FHIR (https://hl7.org/fhir/R5/fhirpath.html); who keeps
the record wants to know which field it is.  The spots of the tables (`mappings.places`) are followed along that path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from converter.visit import Refused, Visit
from mappings.criteria import apart
from mappings.extensions import Packed, replaced, unpack
from mappings.group import Ages
from mappings.places import Contained, Extension, Member, Spot, Sub, Value, found_in
from mappings.releases import resources

Step = tuple[str, int | None]
"""A member as JSON calls it (of "_name" the name), and which entry of a list."""
Steps = tuple[Step, ...]
Token = tuple[str, int | None]
"""A name of a path, and its index."""

DIALECTS = {"r5": ("r5",), "r4": ("r4", "r4-own"), "r4b": ("r4", "r4-own")}
"""What a document of a release may be written in; the first that knows the place counts."""
TYPES = re.compile(r"/\*[^*]*\*/|\.(?:ofType|as)\(\w*\)| as \w+|\[x\]")
"""What says only which type is meant, which the tree says too."""
TOKEN = re.compile(r"(\w+)(?:\[(\d{1,9})\])?", re.ASCII)


def field_at(tree: Any, path: str, release: str, again: bool = False) -> str:
    """The field of the Trial from which `path` in a Bundle or resource was written: "sites[2].city"; "" when none is known.

    `path` is FHIRPath as checkers and servers write it ("Bundle.entry[0].resource.site[0]", "ResearchStudy.title",
    "contained[2].address.city"; HAPI's "resource/*ResearchStudy/null*/", `ofType`), `release` "r4", "r4b" or "r5".
    It is the deepest field that covers the path; of a path above several fields, what they have in common.  Where a record of
    the Trial has an entry or resource of its own, what always says the same in it is the record's; elsewhere it has no field,
    nor has what is said again, but with `again`: then R4's status is from the field status.  Raises nothing, whatever the tree and
    the path hold.
    """
    tokens = [(name, int(index) if index else None) for name, index in TOKEN.findall(TYPES.sub("", path))]
    resource, tokens = meant(tree, tokens)
    steps = steps_in(resource, tokens)
    if not (resource and steps):
        return ""
    origins = Origins(resource)
    found = next((field for dialect in DIALECTS[release] if (field := origins.field_at(steps, dialect))), "")
    return found or (origins.said_again(steps, DIALECTS[release][0]) if again else "")


def meant(tree: Any, tokens: list[Token]) -> tuple[Any, list[Token]]:
    """The resource that the path is in, and the rest of the path."""
    near = dict(resources(tree))
    names = [name for name, _ in tokens]
    if names[:1] == ["Bundle"]:
        tokens, names = tokens[1:], names[1:]
    if names[:2] == ["entry", "resource"]:
        return near.get(f"entry[{tokens[0][1]}].resource"), tokens[2:]
    if names and names[0][0].isupper():
        several = [resource for resource in near.values() if resource["resourceType"] == names[0]]
        return several[0] if len(several) == 1 else None, tokens[1:]
    return near.get(""), tokens


def steps_in(resource: Any, tokens: list[Token]) -> Steps:
    """The path as the members and entries that the resource has; it ends at a list of which no entry is named."""
    node = resource
    steps: list[Step] = []
    for name, index in tokens:
        name = spelled_in(node, name.removeprefix("_"))
        node = held(node, name)
        if not isinstance(node, list):
            steps.append((name, None))
            continue
        index = 0 if index is None and len(node) == 1 else index
        steps.append((name, index))
        if index is None:
            break
        node = node[index] if index < len(node) else None
    return tuple(steps)


def spelled_in(node: Any, name: str) -> str:
    """The member as the object has it: FHIRPath says `value` for JSON's `valueQuantity`."""
    known = {one.removeprefix("_") for one in node if isinstance(one, str)} if isinstance(node, dict) else set()
    choices = [one for one in known if one.startswith(name) and one[len(name):][:1].isupper()]
    return choices[0] if name not in known and len(choices) == 1 else name


def held(node: Any, name: str) -> Any:
    """What the member holds; for a primitive with something beside it, that: nothing else is further in."""
    if not isinstance(node, dict):
        return None
    value, beside = node.get(name), node.get(f"_{name}")
    return value if isinstance(value, (dict, list)) or beside is None else beside


class Origins:
    """The fields from which the places of one resource were written."""

    def __init__(self, resource: dict[str, Any]):
        self.resource, self.coded = apart(resource)
        self.contained = contained if isinstance(contained := self.resource.get("contained"), list) else []
        self.numbers: dict[str, int] = {}
        for n, part in enumerate(self.contained):
            if isinstance(part, dict) and isinstance(part.get("id"), str):
                self.numbers.setdefault(part["id"], n)
        self.ways: dict[int, dict[int, tuple[int, ...]]] = {}

    def field_at(self, steps: Steps, dialect: str) -> str:
        """The field there, as that dialect has it."""
        if self.coded and self.is_coded(steps[0]):
            return ""
        covers: list[tuple[int, int, str]] = []
        above: list[str] = []
        for field, spot in regions(dialect).get(self.resource["resourceType"], ()):
            for rest, left, indices, _, _ in self.along(spot[1:], self.resource, steps):
                if rest:
                    above.append(indexed(field, indices))
                else:
                    covers.append((len(steps) - len(left or ()), signs(spot), indexed(field, indices)))
        deepest = max(covers, default=(0, 0, ""))
        cover = self.one_of([field for *depth, field in covers if depth == [*deepest[:2]]], steps)
        if cover and deepest[0] == len(steps):
            return cover
        return self.one_of(above, steps) or cover

    def is_coded(self, step: Step) -> bool:
        """Is that a part of the coded criteria?  They are the last characteristics, all that is contained, and an extension."""
        name, index = step
        rest = self.resource.get(name, [])
        return name in ("characteristic", "contained", "extension") and index is not None and isinstance(rest, list) and index >= len(rest)

    def said_again(self, steps: Steps, dialect: str) -> str:
        """The field that is only repeated there; "" when none is."""
        if self.coded and self.is_coded(steps[0]):
            return "criteria"
        return next((indexed(field, indices) for field, spot in repeated(dialect).get(self.resource["resourceType"], ())
                     for rest, _, indices, _, _ in self.along(spot[1:], self.resource, steps) if not rest), "")

    def one_of(self, fields: list[str], steps: Steps) -> str:
        """What the fields have in common; of both bounds of age, which stand alike, the one that is said there."""
        if set(fields) == set(Ages.fields):
            said = bounds(held(self.resource, steps[0][0]), steps[0][1])
            fields = [field for field in fields if field in said]
        return common(fields)

    def place_of(self, path: str, dialect: str) -> str:
        """The path in the resource at which the field of the Trial stands ("contained[3].address.city" of "sites[2].city"), as the
        members of JSON are called; "" where it does not stand in the way of the tables."""
        plain = re.sub(r"\[\d+\]", "[]", path)
        for field, spot in regions(dialect).get(self.resource["resourceType"], ()):
            if field in (plain, f"{plain}[]"):
                for _, _, indices, _, way in self.along(spot[1:], self.resource, None):
                    if indexed(field, indices) in (path, f"{path}[0]"):
                        return way.removeprefix(".")
        return ""

    def along(self, spot: Spot, node: Any, left: Steps | None, indices: tuple[int, ...] = (),
              way: str = "") -> Iterator[tuple[Spot, Steps | None, tuple[int, ...], Any, str]]:
        """Where the spot leads from `node` along the steps (None: everywhere).

        Each time: what is left of the spot (then the path is above it) and of the steps (then the spot covers the path), the
        numbers of the entries in the Trial's lists, what is there, and the way to it.
        """
        if not spot or left == ():
            yield spot, left, indices, node, way
            return
        name = name_of(spot[0])
        if left and left[0][0] != name:
            return
        for number, inner, counted in self.entries(spot[0], node, left[0][1] if left else None):
            if left and left[0][1] is None and number is not None:  # the whole list
                yield spot, (), indices, None, way
                return
            member = f"_{name}" if inner is not None and isinstance(node, dict) and inner is node.get(f"_{name}") else name
            here = f"{way}.{member}" if number is None else f"{way}.{member}[{number}]"
            yield from self.along(spot[1:], inner, left and left[1:], indices + counted, here)

    def entries(self, step: Any, node: Any, wanted: int | None) -> Iterator[tuple[int | None, Any, tuple[int, ...]]]:
        """What the step leads to: which entry of a list, what is there, and its number in the Trial's list where it is of one."""
        if isinstance(step, Contained) and step.way:
            led = self.led(step)
            for number in led if wanted is None else led.keys() & {wanted}:
                yield number, self.contained[number], led[number]
            return
        inner = held(node, name_of(step))
        if isinstance(step, Value) or not isinstance(inner, list):
            if isinstance(step, (Member, Value)):
                yield None, inner, ()
        elif wanted is None:
            found = [(n, entry) for n, entry in enumerate(inner) if carries(step, entry)]
            yield from ((n, entry, (number,) if step.listed else ()) for number, (n, entry) in enumerate(found))
        elif wanted < len(inner) and carries(step, inner[wanted]):
            yield wanted, inner[wanted], (sum(carries(step, entry) for entry in inner[:wanted]),) if step.listed else ()

    def led(self, step: Contained) -> dict[int, tuple[int, ...]]:
        """The contained resources to which the step's references lead, each with the numbers of the entries on the way."""
        if id(step) not in self.ways:
            led = self.ways[id(step)] = {}
            for _, _, indices, said, _ in self.along(step.way[1:], self.resource, None):
                number = self.numbers.get(said[1:]) if isinstance(said, str) and said.startswith("#") else None
                if number is not None and self.contained[number].get("resourceType") == step.kind:
                    led.setdefault(number, indices)
        return self.ways[id(step)]


def name_of(step: Any) -> str:
    """The member of JSON into which the step goes."""
    if isinstance(step, Member):
        return step.name
    return f"value{step.type}" if isinstance(step, Value) else "contained" if isinstance(step, Contained) else "extension"


def carries(step: Any, entry: Any) -> bool:
    """Is this entry of a list one to which the step leads?"""
    if isinstance(step, (Extension, Sub)):
        if not isinstance(entry, dict):
            return False
        kept = replaced(entry)
        if (kept[0] if kept else entry.get("url")) not in (addresses(step.address) if isinstance(step, Extension) else (step.name,)):
            return False
        if step.among is None or not (step.among.sign or step.among.but):
            return True
        try:
            entry = unpack(step.shape, entry)
        except Refused:
            return False
    return step.among is None or step.among.carries(entry)


@cache
def addresses(address: str) -> tuple[str, ...]:
    """The addresses under which the extension may stand."""
    return Packed(address=address).addresses


def signs(spot: Spot) -> int:
    """On how many steps a sign says something: where two fields fit, the sign that says more decides."""
    return sum(bool(getattr(step, "sign", None)) for step in spot)


def bounds(characteristics: Any, number: int | None) -> dict[str, str]:
    """The bounds of age that the characteristic says."""
    try:
        return Ages().gather([characteristics[number]], Visit())
    except (Refused, TypeError, KeyError):
        return {}


def indexed(field: str, indices: tuple[int, ...]) -> str:
    """The field with the numbers of its entries, as far as they are known."""
    for number in indices:
        field = field.replace("[]", f"[{number}]", 1)
    return field.replace("[]", "")


def common(fields: list[str]) -> str:
    """The part that begins all of the fields."""
    shared = []
    for parts in zip(*(field.split(".") for field in fields), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return ".".join(shared)


@cache
def regions(dialect: str) -> dict[str, list[tuple[str, Spot]]]:
    """By type of resource: the fields, and for each a spot all below which was written for it.

    A contained resource was written for the record that all the fields in it belong to.
    """
    made: dict[str, list[tuple[str, Spot]]] = {}
    records: dict[int, tuple[Spot, list[str]]] = {}
    for found in found_in(dialect):
        for spot in found.home if found.field else ():
            made.setdefault(spot[0].name, []).append((found.field, spot))
            if isinstance(spot[1], Contained) and spot[1].way:
                records.setdefault(id(spot[1]), (spot[:2], []))[1].append(found.field.rpartition(".")[0])
    for spot, fields in records.values():
        made[spot[0].name].append((common(fields), spot))
    return made


@cache
def repeated(dialect: str) -> dict[str, list[tuple[str, Spot]]]:
    """By type of resource: the fields that are said again, and where."""
    made: dict[str, list[tuple[str, Spot]]] = {}
    for found in found_in(dialect):
        for spot in found.spots if found.again else ():
            made.setdefault(spot[0].name, []).append((found.again, spot))
    return made
