"""The types of one release, collected from StructureDefinitions: elements, cardinality, bindings, rules.

https://hl7.org/fhir/R5/elementdefinition.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.definitions import Element, Invariant, Type
from tools.packages import many

BASE = "http://hl7.org/fhir/StructureDefinition/"
SYSTEM = "http://hl7.org/fhirpath/System."
LARGEST = BASE + "elementdefinition-maxValueSet"
IMPLEMENTS = BASE + "structuredefinition-implements"
"""How R5 says that a resource is a CanonicalResource or a MetadataResource."""
PROFILES = ("SimpleQuantity", "MoneyQuantity")
"""The profiles of datatypes that elements name as their type."""
NUMBERS = ("integer", "positiveInt", "unsignedInt", "decimal")


class Structures:
    """The types of one release, and what they name: rules, value sets."""

    def __init__(self, all_resources: list[dict[str, Any]]):
        self.by_url = {one["url"]: one for one in all_resources if "url" in one}
        self.structures = {one["name"]: one for one in all_resources if one["resourceType"] == "StructureDefinition"
                           and (one.get("derivation") != "constraint" or one["name"] in PROFILES)}
        self.types: dict[str, Type] = {}
        self.rules: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        self.bound: set[str] = set()
        self.named: set[str] = set()

    def add(self, name: str) -> None:
        """The type, its backbone elements, and every type that it names."""
        if name in self.types or name not in self.structures:
            return
        structure = self.structures[name]
        elements = many(structure["snapshot"], "element")
        if structure["kind"] == "primitive-type":
            self.types[name] = primitive(name, elements, self.base(structure))
            return
        root = elements[0]["path"]
        elements = [{**one, "path": name + one["path"].removeprefix(root)} for one in elements]
        whole = {path for path in (one["path"] for one in elements) if any(
            other["path"].startswith(f"{path}.") for other in elements)}
        for path in sorted(whole):
            first = next(one for one in elements if one["path"] == path)
            if path == name:
                base = self.base(structure)
                rules = tuple(dict.fromkeys(key for one in (*self.above(structure), first) for key in self.keys(path, one)))
            else:
                kind = many(first, "type")[0]["code"]
                base, rules = (kind, *self.base(self.structures[kind])), self.keys(path, first)
            self.types[path] = Type(
                structure["kind"] if path == name else "backbone",
                {one["path"].removeprefix(f"{path}."): self.element(one, whole) for one in elements
                 if one["path"].rpartition(".")[0] == path},
                rules, base=base, datatype=root if root != name else "",
                extensible=self.value_set(first, "extensible") if path == name else "")
        for path in whole:
            for one in self.types[path].elements.values():
                for kind in one.types:
                    self.add(kind)

    def base(self, structure: dict[str, Any]) -> tuple[str, ...]:
        """What the structure derives from or (R5) implements, the nearest first."""
        implemented = [said["valueUri"] for said in many(structure, "extension") if said["url"] == IMPLEMENTS]
        above = [self.by_url[url] for url in (*implemented, structure.get("baseDefinition", "")) if url in self.by_url]
        return tuple(dict.fromkeys(name for one in above for name in (one["name"], *self.base(one))))

    def above(self, structure: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The first lines of what the structure derives from: R5's canonical resources leave out dom-2 to dom-6."""
        if base := self.by_url.get(structure.get("baseDefinition", "")):
            yield from self.above(base)
            yield many(base["snapshot"], "element")[0]

    def keys(self, path: str, element: dict[str, Any]) -> tuple[str, ...]:
        """The keys of the rules that stand on the element, which are noted with its path."""
        rules = many(element, "constraint")
        for rule in rules:
            self.rules.setdefault(rule["key"], []).append((path, rule))
        return tuple(dict.fromkeys(rule["key"] for rule in rules))

    def element(self, one: dict[str, Any], whole: set[str]) -> Element:
        """One line of a type."""
        path, kinds, targets = one["path"], list[str](), dict[str, tuple[str, ...]]()
        if "contentReference" in one:
            kinds = [one["contentReference"].partition("#")[2]]
        elif path in whole:
            kinds = [path]
        for kind in many(one, "type") if not kinds else []:
            code = self.code(kind, path)
            profiles = tuple(sorted(profile.removeprefix(BASE) for profile in many(kind, "profile")))
            if profiles and code != "Resource":
                code, profiles = profiles[0], ()
            kinds.append(code)
            if found := profiles + tuple(sorted(profile.removeprefix(BASE) for profile in many(kind, "targetProfile"))):
                targets[code] = found
        own = () if path in whole else tuple(key for key in self.keys(path, one) if not self.typed(key, kinds))
        return Element(tuple(kinds), int(one["min"]), most(one), targets, self.value_set(one, "required"),
                       self.value_set(one, "extensible"), one.get("isModifier") == "true", own)

    def code(self, kind: dict[str, Any], path: str) -> str:
        """The datatype.  Ids of elements are strings, ids of resources are ids; the releases' own words differ on that."""
        code = str(kind["code"])
        if not code.startswith(SYSTEM):
            return code
        outer, _, name = path.rpartition(".")
        if name == "id":
            return "id" if self.structures.get(outer, {}).get("kind") == "resource" else "string"
        said = [part for part in many(kind, "extension") if part["url"].endswith("fhir-type")]
        return str(said[0].get("valueUrl") or said[0].get("valueUri")) if said else code.removeprefix(SYSTEM).lower()

    def value_set(self, one: dict[str, Any], strength: str) -> str:
        """The address of the value set that is bound so strongly; the largest one allowed binds as a required one does."""
        binding = one.get("binding", {})
        self.named.add(binding.get("valueSet", "").partition("|")[0])
        found = binding.get("valueSet", "") if binding.get("strength") == strength else ""
        if strength == "required" and not found:
            largest = (said for said in many(binding, "extension") if said["url"] == LARGEST)
            found = next((said.get("valueCanonical") or said["valueUri"] for said in largest), "")
        found = found.partition("|")[0]
        if found:
            self.bound.add(found)
        return str(found)

    def typed(self, key: str, kinds: list[str]) -> bool:
        """Does the rule already stand on the element's type?"""
        return key == "ele-1" or any(key in [rule["key"] for rule in many(
            many(self.structures[kind]["snapshot"], "element")[0], "constraint")] for kind in kinds if kind in self.structures)

    def invariants(self, places: dict[str, tuple[str, ...]]) -> dict[str, Invariant]:
        """The rules that stand somewhere in what is kept; `places` has their keys by path."""
        made = {}
        for key, said in sorted(self.rules.items()):
            there = {path: rule for path, rule in reversed(said) if key in places.get(path, ())}
            if there:
                expressions = {path: there[path].get("expression", "") for path in sorted(there)}
                first = next(rule for path, rule in said if path in there)
                made[key] = Invariant(first["severity"], first["human"], {
                    text: tuple(path for path in expressions if expressions[path] == text) for text in dict.fromkeys(expressions.values())})
        return made


def most(one: dict[str, Any]) -> int | None:
    """How often the element may be there; None for any number."""
    return None if one["max"] == "*" else int(one["max"])


def primitive(name: str, elements: list[dict[str, Any]], base: tuple[str, ...]) -> Type:
    """A primitive: what it is in JSON, and the pattern of its text (integer64 is a text in JSON: R5, 2.1.28.0.1)."""
    value = next(one for one in elements if one["path"] == f"{name}.value")
    kind = many(value, "type")[0] if "type" in value else {}
    holders = [kind, *many(kind, "_code")]
    pattern = next((said["valueString"] for holder in holders for said in many(holder, "extension") if said["url"].endswith("/regex")), "")
    return Type("primitive", json="boolean" if name == "boolean" else "number" if name in NUMBERS else "string", pattern=pattern, base=base)
