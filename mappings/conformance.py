"""Is this valid FHIR?  A resource or Bundle against the definitions of its release: elements, how often each is there,
datatypes, primitives, required codes, references.

The definitions become one plain table of members for each type, when it is first met.
https://hl7.org/fhir/R5/validation.html, …/json.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

from msgspec import Struct

from converter.problems import Problem, shown
from mappings.definitions import Definitions, Element, Type, definitions
from mappings.primitives import SECTION, Check, check_of
from mappings.references import Fault, Surroundings, bundle_faults, contained_faults, contained_in, entries_of, reference_faults

JSON = "json.html"
REFERENCES = ("Reference", "CodeableReference")
DEPTH = 64
"""How deep elements may stand in each other; real ones stand less than 20 deep."""
Say = Callable[[str, str, str], None]
"""Told of a fault: its path, what is wrong, the section of the specification."""


class Member(Struct, frozen=True):
    """A member of a type's JSON object: the element, the datatype that the name stands for, and the check of a primitive."""

    name: str
    element: Element
    type: str
    check: Check | None
    codes: frozenset[str] | None


class Members(Struct, frozen=True):
    """The members of a type by name, what must be there (each by any of its names), and the choices."""

    by_name: dict[str, Member]
    needed: dict[str, tuple[str, ...]]
    choices: dict[str, tuple[str, ...]]


class Look(Struct, frozen=True):
    """One look at a document: who is told of faults, and what references may lead to."""

    say: Say
    around: Surroundings = Surroundings()

    def at(self, resource: dict[str, Any], kind: str, path: str) -> Look:
        """The same inside of a resource; a contained one shares what its container has."""
        faults: Iterator[Fault] = iter(())
        if kind == "Bundle":
            made, faults = Look(self.say, Surroundings(entries=entries_of(resource))), bundle_faults(resource)
        elif ".contained[" in path.rpartition(".resource")[2]:
            made = self
        else:
            made = Look(self.say, Surroundings(contained_in(resource), self.around.entries))
            faults = contained_faults(resource)
        for where, wrong, section in faults:
            self.say(f"{path}{where}", wrong, section)
        return made


class Conformance:
    """The checks of one release."""

    def __init__(self, release: str):
        self.release = release
        self.known: Definitions = definitions(release)
        self.members = cache(self._members)
        self.resources = frozenset(self.known.resources)

    def problems(self, tree: Any) -> list[Problem]:
        """Everything that is wrong with a resource."""
        found: list[Problem] = []

        def say(path: str, message: str, section: str) -> None:
            found.append(Problem(path, f"{message} ({section})"))

        kind = tree.get("resourceType") if isinstance(tree, dict) else None
        self.resource(tree, kind if isinstance(kind, str) else "resource", Look(say), 0)
        return found

    def resource(self, tree: Any, path: str, look: Look, depth: int) -> None:
        """A resource, at the root, in a Bundle or contained."""
        if not isinstance(tree, dict):
            look.say(path, f"expected a resource, found {shown(tree)}", JSON)
            return
        kind = tree.get("resourceType")
        if not isinstance(kind, str) or kind not in self.resources:
            look.say(f"{path}.resourceType", f"expected the name of a resource of FHIR {self.known.version}, found {shown(kind)}", JSON)
        elif kind in self.known.types:
            look = look.at(tree, kind, path)
            self.object({name: part for name, part in tree.items() if name != "resourceType"}, kind, path, look, depth)

    def object(self, tree: Any, kind: str, path: str, look: Look, depth: int) -> None:
        """An object of that type."""
        if not isinstance(tree, dict):
            look.say(path, f"expected an object ({kind}), found {shown(tree)}", JSON)
            return
        if not tree:
            look.say(path, "is an object with nothing in it; leave it out", JSON)
        if depth > DEPTH:
            look.say(path, f"elements stand in one another more than {DEPTH} deep; expected a resource of a trial", JSON)
            return
        members = self.members(kind)
        for name, value in tree.items():
            if name[:1] == "_":
                self.beside(tree, name, value, members, path, look, depth)
            elif (member := members.by_name.get(name)) is None:
                look.say(f"{path}.{name}", unknown(name, kind, members), page(kind))
            else:
                self.member(value, member, f"{path}.{name}", tree.get(f"_{name}"), look, depth)
        for name, spelled in members.needed.items():
            if not any(one in tree or f"_{one}" in tree for one in spelled):
                look.say(path, f"lacks {name}, which must be there", page(kind))
        for name, spelled in members.choices.items():
            there = {one.removeprefix("_") for one in tree if one.removeprefix("_") in spelled}
            if len(there) > 1:
                look.say(path, f"has {' and '.join(sorted(there))}; {name} may be one of them", page(kind))

    def member(self, value: Any, member: Member, path: str, beside: Any, look: Look, depth: int) -> None:
        """What one member holds: a list where the element may repeat, else a single value."""
        if member.element.max == 1:
            self.value(value, member, path, look, depth)
            return
        if not isinstance(value, list):
            look.say(path, f"expected a list, found {shown(value)}", JSON)
            return
        if not value:
            look.say(path, "is a list with nothing in it; leave it out", JSON)
        if member.element.max is not None and len(value) > member.element.max:
            look.say(path, f"expected at most {member.element.max}, found {len(value)}", page(path))
        for n, part in enumerate(value):
            if part is None and member.check and isinstance(beside, list) and n < len(beside) and beside[n] is not None:
                continue  # only the extensions of this one are there
            self.value(part, member, f"{path}[{n}]", look, depth)

    def value(self, value: Any, member: Member, path: str, look: Look, depth: int) -> None:
        """One value of the member's datatype."""
        if member.check:
            if wrong := member.check(value):
                look.say(path, wrong, SECTION)
            elif member.codes is not None and value not in member.codes:
                look.say(path, f"expected one of {some(member.codes)}, found {shown(value)}", member.element.bound)
        elif member.type == "Resource":
            self.resource(value, path, look, depth + 1)
        else:
            self.object(value, member.type, path, look, depth + 1)
            if not isinstance(value, dict):
                return
            if member.element.bound:
                self.coded(value, member, path, look)
            held = value.get("reference") if member.type == "CodeableReference" else value
            if member.type in REFERENCES and isinstance(held, dict):
                below = path if held is value else f"{path}.reference"
                for where, wrong, section in reference_faults(held, member.element.targets.get(member.type, ()), look.around):
                    look.say(f"{below}{where}", wrong, section)

    def coded(self, value: dict[str, Any], member: Member, path: str, look: Look) -> None:
        """A Coding, or a concept with one, from the value set that is required."""
        codes = self.known.codes.get(member.element.bound)
        if codes is None or member.type not in ("CodeableConcept", "Coding"):
            return
        codings = value.get("coding", []) if member.type == "CodeableConcept" else [value]
        if not isinstance(codings, list) or any(isinstance(one, dict) and one.get("code") in codes.get(str(one.get("system")), ())
                                                for one in codings):
            return
        every = [code for each in codes.values() for code in each]
        look.say(path, f"expected a code of {', '.join(codes)} ({some(every)})", member.element.bound)

    def beside(self, tree: dict[str, Any], name: str, value: Any, members: Members, path: str, look: Look, depth: int) -> None:
        """What stands beside a primitive: its id and extensions, for each entry of a list or null."""
        plain = name[1:]
        member = members.by_name.get(plain)
        if member is None or member.check is None:
            look.say(f"{path}.{name}", f"there is no primitive {plain!r} that it could stand beside", JSON)
            return
        entries = value if member.element.max != 1 and isinstance(value, list) else [value]
        if isinstance(tree.get(plain), list) and isinstance(value, list) and len(tree[plain]) != len(value):
            look.say(f"{path}.{name}", f"expected as many entries as {plain} has, {len(tree[plain])}, found {len(value)}", JSON)
        for n, one in enumerate(entries):
            if one is not None or not isinstance(value, list):
                self.object(one, "Element", f"{path}.{name}[{n}]" if isinstance(value, list) else f"{path}.{name}", look, depth + 1)

    def _members(self, kind: str) -> Members:
        known = ELEMENT if kind == "Element" else self.known.types[kind]
        by_name: dict[str, Member] = {}
        needed: dict[str, tuple[str, ...]] = {}
        choices: dict[str, tuple[str, ...]] = {}
        for name, element in known.elements.items():
            if element.max == 0:
                continue  # a profile forbids it
            spelled = tuple(self.spelled(name, element))
            by_name.update((one.name, one) for one in spelled)
            if element.min:
                needed[name] = tuple(one.name for one in spelled)
            if len(spelled) > 1:
                choices[name] = tuple(one.name for one in spelled)
        return Members(by_name, needed, choices)

    def spelled(self, name: str, element: Element) -> Iterator[Member]:
        """The members that the element may be."""
        for kind in element.types:
            known = self.known.types.get(kind)
            check = check_of(kind, known) if known and known.kind == "primitive" else None
            codes = self.known.codes.get(element.bound) if check and element.bound else None
            spelled = known.datatype or kind if known else kind
            yield Member(name.replace("[x]", spelled[0].upper() + spelled[1:]), element, kind, check,
                         frozenset(code for each in codes.values() for code in each) if codes is not None else None)


ELEMENT = Type("complex-type", {"id": Element(("string",)), "extension": Element(("Extension",), max=None)})
"""What stands beside a primitive."""


def unknown(name: str, kind: str, members: Members) -> str:
    """The sentence about a member that the type does not have."""
    like = get_close_matches(name, members.by_name, 1)
    return f"{kind} has no element {name!r}" + (f"; is {like[0]!r} meant?" if like else "")


def page(kind: str) -> str:
    """The page of the specification about the type."""
    return f"{kind.split('.')[0].lower()}.html"


def some(codes: Any) -> str:
    """Some of the codes, in words."""
    every = sorted(codes)
    return ", ".join(every[:12]) + (f" and {len(every) - 12} more" if len(every) > 12 else "")


@cache
def conformance(release: str) -> Conformance:
    """The checks of "r4", "r4b" or "r5"."""
    return Conformance(release)
