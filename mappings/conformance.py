"""Is this valid FHIR?  A resource or Bundle against HL7's definitions of its release, and ours of our extensions.

    conformance("r4").problems(tree)        everything that is wrong, each at its FHIRPath with the page of the specification

The definitions of a type become one plain function when it is first met: a check for each of its members, what must be
there, and its rules.  https://hl7.org/fhir/R5/validation.html, …/json.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import cache, partial
from typing import Any

from msgspec import Struct

from converter.problems import Problem, shown
from mappings.coded import CONCEPTS, Coded
from mappings.definitions import Definitions, Element, definitions
from mappings.extension_checks import ExtensionChecks
from mappings.ids import element_id, links
from mappings.invariants import around, entries_by_url, invariant, invariants, places
from mappings.known_codes import identifier_faults, quantity_faults
from mappings.looking import DEEPEST, Look, Path, further, page
from mappings.primitives import SECTION, Check, check_of
from mappings.references import contained_faults, leads_inside, reference_faults
from mappings.transactions import bundle_faults

JSON = "json.html"
ABSTRACT = ("Resource", "DomainResource", "CanonicalResource", "MetadataResource")
"""Names of no resource that there is."""
BUILT_IN = ("ele-1", "ext-1", "ref-1", "bdl-7")
"""Rules that the walk itself holds, nearer to what is wrong: an element has something in it, an extension a value or parts,
a fragment leads to a contained resource, full URLs are unique."""
EXPLAINED = 20
"""Of so many unknown elements of a document it is looked for what is meant."""
Object = Callable[[Any, Look, Path, str], None]
"""The check of an object: its JSON, who is told, its path, and where it stands in the definitions ("ResearchStudy.label")."""
Part = Callable[[Any, Look, Path, dict[str, Any], str], None]
"""The check of a member: its JSON, who is told, the path of the object, the object, and where that stands."""


class Member(Struct, frozen=True):
    """A member of a type's JSON object: its name there and in FHIRPath, the element, the datatype, the check of a primitive."""

    name: str
    plain: str
    element: Element
    type: str
    check: Check | None


class Conformance:
    """The checks of one release."""

    def __init__(self, release: str):
        self.release = release
        self.known: Definitions = definitions(release)
        self.coded = Coded(release)
        self.resources = frozenset(self.known.resources) - set(ABSTRACT)
        self.values = {"Coding": self.coded.coding_faults, "Identifier": identifier_faults, "Quantity": quantity_faults}
        self.rules = invariants(release)
        self.objects: dict[str, Object] = {}
        self.members: dict[str, dict[str, Part]] = {}
        self.made: dict[str, Callable[[str], Part | None]] = {}
        self.extensions = ExtensionChecks(release, self.object("Extension"), partial(self.part, "Extension"), self.coded)

    def problems(self, tree: Any) -> list[Problem]:
        """Everything that is wrong with a resource."""
        kind = tree.get("resourceType") if isinstance(tree, dict) else None
        name = kind if isinstance(kind, str) else "resource"
        look = Look(name, around(tree if isinstance(tree, dict) else {}))
        self.resource(tree, look, None)
        return look.everything()

    def resource(self, tree: Any, look: Look, path: Path, at: str = "") -> None:
        """A resource: at the root, in a Bundle, or contained."""
        if not isinstance(tree, dict):
            look.say(path, f"expected a resource, found {shown(tree)}", JSON)
            return
        kind = tree.get("resourceType")
        if not isinstance(kind, str) or kind not in self.resources:
            look.say((path, "resourceType"), f"expected the name of a resource of FHIR {self.known.version}, found {shown(kind)}", JSON)
            return
        if kind not in self.known.types:
            look.say(path, f"a {kind} is no part of a trial's Bundle, and is not checked", page(kind), "information")
            return
        before = look.around, look.kind, look.ids
        look.ids = set()
        if path and path[1] == "contained":
            look.around = look.around.inside(tree)
            if kind == "Bundle":
                look.say(path, "is a Bundle inside of a resource; expected what belongs to the resource alone", "references.html#contained")
        else:
            look.around = around(tree, entries_of(tree) if kind == "Bundle" else look.around.entries if look.around.in_bundle else None)
            for where, wrong, section in contained_faults(tree) if kind != "Bundle" else bundle_faults(tree):
                look.say(further(path, where), wrong, section)
        look.kind = kind
        self.object(kind)(tree, look, path, kind)
        look.around, look.kind, look.ids = before

    def object(self, kind: str) -> Object:
        """The check of an object of that type, made when it is first asked for."""
        if kind in self.objects:
            return self.objects[kind]
        known = self.known.types[kind]
        if is_beside := known.kind == "primitive":  # what stands beside one: its id and extensions
            known = self.known.types["Element"]
        every = {name: tuple(self.spelled(name, element)) for name, element in known.elements.items() if element.max != 0}
        needed = tuple((name.removesuffix("[x]"), spelled[0].name, tuple(found for one in spelled for found in (one.name, f"_{one.name}")))
                       for name, spelled in every.items() if spelled and spelled[0].element.min)
        choices = tuple((name.removesuffix("[x]"), frozenset(one.name for one in spelled)) for name, spelled in every.items()
                        if len(spelled) > 1 and kind != "Extension")
        rules = tuple((key, holds) for key, holds in self.rules.get(kind, ()) if key not in BUILT_IN)
        is_resource = known.kind == "resource"
        values = next((self.values[name] for name in (kind, *known.base) if name in self.values), None)
        section = page(kind)
        by_name = {one.name: one for spelled in every.values() for one in spelled}
        members = self.members[kind] = {"resourceType": lambda *_: None} if is_resource else {}

        def made(name: str) -> Part | None:
            """The check of a member that is met for the first time; None where the type has no such member."""
            bare = name.removeprefix("_")
            one = by_name.get(bare)
            if one is None or (bare != name and not one.check):
                return None
            members[name] = self.member(kind, one) if bare == name else self.beside(kind, one)
            return members[name]

        def check(tree: Any, look: Look, path: Path, at: str) -> None:
            if tree.__class__ is not dict:
                look.say(path, f"expected an object ({kind}), found {shown(tree)}", JSON)
                return
            if not is_resource and "id" in tree:
                element_id(tree["id"], look, path)
            for name, value in tree.items():
                part = members.get(name) or made(name)
                if part is None:
                    unknown(name, "Element" if is_beside else kind, by_name, look, path)
                else:
                    part(value, look, path, tree, at)
            if not tree or (len(tree) == 1 and "id" in tree and not is_resource and not is_beside):
                look.say(path, "is an object with nothing in it; leave it out", JSON)
            for name, likely, others in needed:
                if likely not in tree and tree.keys().isdisjoint(others):
                    look.say(path, f"lacks {name}, which must be there", section)
            for name, spelled_so in choices:
                if len(found := {one.removeprefix("_") for one in tree} & spelled_so) > 1:
                    look.say(path, f"has {' and '.join(sorted(found))}; {name} may be one of them", section)
            for key, holds in rules:
                if not holds(tree, look.around):
                    for place in places(key, holds, tree, look.around) or ("",):
                        self.broken(key, kind, look, further(path, place))
            if values:
                for where, (severity, wrong) in values(tree):
                    look.say((path, where), wrong, section, severity)
            if kind == "Narrative":
                links(tree.get("div"), look, path)

        self.objects[kind] = check
        self.made[kind] = made
        return check

    def part(self, kind: str, name: str) -> Part | None:
        """The check of one member of a type whose own check is made; None where the type has no such member."""
        return self.members[kind].get(name) or self.made[kind](name)

    def member(self, kind: str, one: Member) -> Part:
        """The check of one member: of a list where the element may repeat, else of a single value."""
        if one.type == "Extension":
            return self.extensions.member(kind, one.name) if kind != "Extension" else lambda *_: None  # that is in its hands
        single = self.primitive(kind, one) if one.check else self.complex(kind, one)
        return single if one.element.max == 1 else self.several(one, single)

    def several(self, one: Member, single: Part) -> Part:
        """The check of a list.  A null stands for an entry of which there are only extensions."""
        plain, most, beside, is_primitive = one.plain, one.element.max, f"_{one.name}", one.check is not None

        def check(value: Any, look: Look, path: Path, tree: dict[str, Any], at: str) -> None:
            if value.__class__ is not list:
                look.say((path, plain), f"expected a list, found {shown(value)}", JSON)
                return
            if not value:
                look.say((path, plain), "is a list with nothing in it; leave it out", JSON)
            if most is not None and len(value) > most:
                look.say((path, plain), f"expected at most {most}, found {len(value)}", page(at))
            for n, entry in enumerate(value):
                if entry is None and is_primitive:
                    others = tree.get(beside)
                    if others.__class__ is list and n < len(others) and others[n] is not None:
                        continue
                single(entry, look, (path, plain, n), tree, at)

        return check

    def primitive(self, kind: str, one: Member) -> Part:
        """The check of a primitive: its form, the codes that are required, its rules."""
        plain, fits, many, bound = one.plain, one.check, one.element.max != 1, one.element.bound
        assert fits is not None
        allowed = self.coded.listed(bound) or frozenset()
        rules = self.rules.get(f"{kind}.{one.plain}", ())
        targets = one.element.targets.get("canonical", ()) if one.type == "canonical" else None
        more = bool(bound or rules or targets is not None)

        def check(value: Any, look: Look, path: Path, tree: dict[str, Any], at: str) -> None:
            if wrong := fits(value):
                look.say(path if many else (path, plain), wrong, SECTION)
            elif more:
                further_checks(value, look, path if many else (path, plain))

        def further_checks(value: Any, look: Look, path: Path) -> None:
            if bound and value not in allowed:
                self.coded.check(value, one.element, one.type, look, path)
            if targets is not None and value[0] == "#":
                for _, wrong, section in reference_faults({"reference": value}, targets, look.around, self.resources):
                    look.say(path, wrong, section)
            for key, holds in rules:
                if not holds(value, look.around):
                    self.broken(key, kind, look, path)

        return check

    def complex(self, kind: str, one: Member) -> Part:
        """The check of an object of the member's datatype; of where it leads, when it is a reference; of its codes."""
        plain, many, spot = one.plain, one.element.max != 1, f"{kind}.{one.plain}"
        inner = self.resource if one.type in ABSTRACT else self.object(one.type)
        targets = one.element.targets.get(one.type, ())
        refers = one.type in ("Reference", "CodeableReference")
        coded = one.type in CONCEPTS and (one.element.bound or one.element.extensible)
        rules = self.rules.get(spot, ()) if spot != one.type else ()  # a backbone's own rules are its type's

        def check(value: Any, look: Look, path: Path, tree: dict[str, Any], at: str) -> None:
            here = path if many else (path, plain)
            look.depth += 1
            if look.depth <= DEEPEST or look.too_deep(here):
                inner(value, look, here, spot)
            look.depth -= 1
            if value.__class__ is not dict:
                return
            if refers:
                held = value if one.type == "Reference" else value.get("reference")
                if held.__class__ is dict and ("type" in held or not leads_inside(held.get("reference"), targets, look.around)):
                    for where, wrong, section in reference_faults(held, targets, look.around, self.resources):
                        look.say(further(here if held is value else (here, "reference"), where), wrong, section)
            if coded:
                self.coded.check(value, one.element, one.type, look, here)
            for key, holds in rules:
                if not holds(value, look.around):
                    self.broken(key, kind, look, here)

        return check

    def broken(self, key: str, kind: str, look: Look, path: Path) -> None:
        """A rule of the type does not hold there."""
        rule = invariant(key, self.release)
        look.say(path, f"breaks the rule {key}: {rule.human}", f"{page(kind)}#invs", "warning" if rule.severity == "warning" else "error")

    def beside(self, kind: str, one: Member) -> Part:
        """The check of what stands beside a primitive: its id and extensions, for each entry of a list or null."""
        name, plain, many, spot = one.name, one.plain, one.element.max != 1, f"{kind}.{one.plain}"
        element = self.object(one.type)
        needs_code = one.element.min > 0 and one.element.bound != ""

        def check(value: Any, look: Look, path: Path, tree: dict[str, Any], at: str) -> None:
            values = tree.get(name)
            if not many:
                single(value, values, look, (path, plain))
                if needs_code and name not in tree:
                    look.say((path, plain), "has no code, and one is required; extensions do not stand for it", one.element.bound)
                return
            if value.__class__ is not list:
                look.say((path, plain), f"expected a list beside {name}, found {shown(value)}", JSON)
                return
            values = values if values.__class__ is list else []
            if values and len(values) != len(value):
                look.say((path, plain), f"expected as many entries in _{name} as in {name}, {len(values)}, found {len(value)}", JSON)
            for n, entry in enumerate(value):
                if entry is not None:
                    single(entry, values[n] if n < len(values) else None, look, (path, plain, n))

        def single(entry: Any, value: Any, look: Look, path: Path) -> None:
            element(entry, look, path, spot)
            if value is None and entry.__class__ is dict and entry.keys() == {"id"}:
                look.say(path, "is an element with nothing in it but its id; leave it out", JSON)

        return check

    def spelled(self, name: str, element: Element) -> Iterator[Member]:
        """The members that the element may be."""
        for kind in element.types:
            known = self.known.types.get(kind)
            check = check_of(kind, known) if known and known.kind == "primitive" else None
            word = known.datatype or kind if known else kind
            yield Member(name.replace("[x]", word[0].upper() + word[1:]), name.removesuffix("[x]"), element, kind, check)


def entries_of(bundle: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the references of the Bundle's entries may lead to: in a batch, no other entry (http.html#batch)."""
    return {} if bundle.get("type") == "batch" else entries_by_url(bundle)


def unknown(name: str, kind: str, known: Iterable[str], look: Look, path: Path) -> None:
    """Tells of a member that the type does not have; of the first few, also which is meant: to find that out takes time."""
    if name.startswith("_"):
        look.say((path, name), f"there is no primitive {name[1:]!r} that it could stand beside", JSON)
        return
    look.strange += 1
    like = get_close_matches(name, known, 1) if look.strange <= EXPLAINED else ()
    look.say((path, name), f"{kind} has no element {name!r}" + (f"; is {like[0]!r} meant?" if like else ""), page(kind))


@cache
def conformance(release: str) -> Conformance:
    """The checks of "r4", "r4b" or "r5"."""
    return Conformance(release)
