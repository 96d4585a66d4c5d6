"""Makes `mappings/definitions/*.json` from HL7's definitions.

    python -m tools.definitions [--from DIR] [--check]

Without `--from`, Maven fetches the packages.  `--check` writes nothing and fails when a file is not what it would be.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from mappings.definitions import Definitions, Element, Extension, Invariant, Type
from tools.codes import codes_of
from tools.packages import fetched, many, resources

HERE = Path(__file__).parents[1] / "mappings" / "definitions"
RESOURCES = (
    "ActivityDefinition", "Binary", "Bundle", "Citation", "Device", "DeviceDefinition", "DocumentReference", "Endpoint",
    "Evidence", "EvidenceVariable", "Group", "HealthcareService", "Library", "List", "Location", "Medication", "OperationOutcome",
    "Organization", "Parameters", "Patient", "PlanDefinition", "Practitioner", "PractitionerRole", "Provenance",
    "Questionnaire", "RelatedPerson", "ResearchStudy", "ResearchSubject", "Substance", "SubstanceDefinition",
)
"""What a trial's Bundle can hold: what we write, what others put beside it, and what their elements lead to."""
BASE = "http://hl7.org/fhir/StructureDefinition/"
SYSTEM = "http://hl7.org/fhirpath/System."
VERSIONS = {"r4": "4.0.1", "r4b": "4.3.0", "r5": "5.0.0"}


class Made:
    """The definitions of one release, being collected."""

    def __init__(self, all_resources: list[dict[str, Any]]):
        self.by_url = {one["url"]: one for one in all_resources if "url" in one}
        self.structures = {one["name"]: one for one in all_resources if one["resourceType"] == "StructureDefinition"
                           and one.get("derivation") != "constraint"}
        self.types: dict[str, Type] = {}
        self.invariants: dict[str, dict[str, Any]] = {}
        self.bound: set[str] = set()

    def add(self, name: str) -> None:
        """The type, its backbone elements, and every type that it names."""
        if name in self.types or name not in self.structures:
            return
        structure = self.structures[name]
        elements = many(structure["snapshot"], "element")
        if structure["kind"] == "primitive-type":
            self.types[name] = primitive(name, elements)
            return
        whole = {path for path in (one["path"] for one in elements) if any(
            other["path"].startswith(f"{path}.") for other in elements)}
        for path in sorted(whole):
            if path == name:
                of_type = tuple(dict.fromkeys(key for one in self.above(structure) for key in self.rules(path, one)))
            else:
                of_type = self.rules(path, next(one for one in elements if one["path"] == path), backbone=True)
            self.types[path] = Type(
                structure["kind"] if path == name else "backbone",
                {one["path"].removeprefix(f"{path}."): self.element(one, whole) for one in elements
                 if one["path"].rpartition(".")[0] == path},
                of_type)
        for path in whole:
            for one in self.types[path].elements.values():
                for kind in one.types:
                    self.add(kind)

    def above(self, structure: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The first lines of what the type derives from, and its own: R5's canonical resources leave out dom-2 to dom-6."""
        if base := self.by_url.get(structure.get("baseDefinition", "")):
            yield from self.above(base)
        yield many(structure["snapshot"], "element")[0]

    def rules(self, path: str, element: dict[str, Any], backbone: bool = False) -> tuple[str, ...]:
        """The keys of the rules that stand on the element; what every element has (ele-1) is left to each type."""
        found = []
        for rule in many(element, "constraint"):
            if backbone and rule["key"] == "ele-1":
                continue
            known = self.invariants.setdefault(rule["key"], {"severity": rule["severity"], "human": rule["human"], "expressions": {}})
            known["expressions"][path] = rule.get("expression", "")
            found.append(rule["key"])
        return tuple(dict.fromkeys(found))

    def element(self, one: dict[str, Any], whole: set[str]) -> Element:
        """One line of a type."""
        path, kinds, targets = one["path"], list[str](), dict[str, tuple[str, ...]]()
        if "contentReference" in one:
            kinds = [one["contentReference"].partition("#")[2]]
        elif path in whole:
            kinds = [path]
        for kind in many(one, "type") if not kinds else []:
            code = kind["code"]
            if code.startswith(SYSTEM):
                said = [part for part in many(kind, "extension") if part["url"].endswith("fhir-type")]
                code = (said[0].get("valueUrl") or said[0].get("valueUri")) if said else code.removeprefix(SYSTEM).lower()
                code = "id" if path.endswith(".id") and "." not in path.removesuffix(".id") and path[0].isupper() and code == "string" and (
                    self.structures.get(path.removesuffix(".id"), {}).get("kind") == "resource") else code
            kinds.append(code)
            if found := tuple(sorted(profile.removeprefix(BASE) for profile in many(kind, "targetProfile"))):
                targets[code] = found
        binding = one.get("binding", {})
        bound = binding.get("valueSet", "").partition("|")[0] if binding.get("strength") == "required" else ""
        if bound:
            self.bound.add(bound)
        own = () if path in whole else tuple(key for key in self.rules(path, one) if not self.typed(key, kinds))
        most = one["max"]
        return Element(tuple(kinds), int(one["min"]), 0 if most == "*" else int(most), targets, bound,
                       one.get("isModifier") == "true", own)

    def typed(self, key: str, kinds: list[str]) -> bool:
        """Does the rule already stand on the element's type?"""
        return key == "ele-1" or any(key in [rule["key"] for rule in many(
            many(self.structures[kind]["snapshot"], "element")[0], "constraint")] for kind in kinds if kind in self.structures)

    def extension(self, structure: dict[str, Any]) -> Extension | None:
        """The extension, when it may stand on something that is defined here."""
        contexts = tuple(sorted({said["expression"] for said in many(structure, "context") if said["type"] in ("element", "extension")}))
        if not contexts or not any(context in ("Element", "Resource", "DomainResource") or context.split(".")[0] in self.types
                                   for context in contexts):
            return None
        elements = many(structure["snapshot"], "element")
        by_id = {one["id"]: one for one in elements}
        value = by_id.get("Extension.value[x]") or by_id.get("Extension.value")
        parts: dict[str, Element] = {}
        for one in elements:
            if one["path"] == "Extension.extension" and "sliceName" in one:
                inner = by_id.get(f"{one['id']}.value[x]")
                holds = self.element({**inner, "path": "x"}, set()) if inner and inner["max"] != "0" else Element(())
                parts[one["sliceName"]] = Element(holds.types, int(one["min"]), 0 if one["max"] == "*" else int(one["max"]),
                                                  holds.targets, holds.bound)
        holds = self.element({**value, "path": "x"}, set()) if value and value["max"] != "0" else Element(())
        most = elements[0]["max"]
        return Extension(contexts, 0 if most == "*" else int(most), elements[0].get("isModifier") == "true",
                         holds.types, holds.targets, holds.bound, parts)


def primitive(name: str, elements: list[dict[str, Any]]) -> Type:
    """A primitive: what it is in JSON, and the pattern of its text (integer64 is a text in JSON: R5, 2.1.28.0.1)."""
    value = next(one for one in elements if one["path"] == f"{name}.value")
    kind = many(value, "type")[0] if "type" in value else {}
    holders = [kind, *many(kind, "_code")]
    pattern = next((said["valueString"] for holder in holders for said in many(holder, "extension") if said["url"].endswith("/regex")), "")
    json_kind = {"boolean": "boolean", "integer": "number", "positiveInt": "number", "unsignedInt": "number", "decimal": "number"}
    return Type("primitive", json=json_kind.get(name, "string"), pattern=pattern)


def made(release: str, artifact: Path) -> bytes:
    """The file of that release."""
    everything = list(resources(release, artifact))
    found = Made(everything)
    for name in (*RESOURCES, "Extension", "Narrative", "Reference", "xhtml"):
        found.add(name)
    extensions = {}
    for one in everything:
        if one["resourceType"] == "StructureDefinition" and one.get("type") == "Extension" and one.get("derivation") == "constraint" and (
                extension := found.extension(one)):
            extensions[one["url"]] = extension
    for known in list(found.types.values()):
        for kind in {kind for element in known.elements.values() for kind in element.types}:
            found.add(kind)
    names = sorted(one["name"] for one in found.structures.values() if one["kind"] == "resource")
    codes = {url: codes_of(url, found.by_url) for url in sorted(found.bound)}
    keys = {key for known in found.types.values()
            for key in (*known.invariants, *(key for element in known.elements.values() for key in element.invariants))}
    invariants = {key: Invariant(rule["severity"], rule["human"], by_expression(rule["expressions"], found.types, key))
                  for key, rule in sorted(found.invariants.items()) if key in keys}
    whole = Definitions(VERSIONS[release], tuple(names), dict(sorted(found.types.items())), invariants, codes,
                        dict(sorted(extensions.items())))
    return "".join(lines(to_builtins(whole))).encode()


def by_expression(expressions: dict[str, str], types: dict[str, Type], key: str) -> dict[str, tuple[str, ...]]:
    """Each expression of the rule with the types and elements on which it stands."""
    paths = sorted(path for path in expressions if stands(types, path, key))
    return {said: tuple(path for path in paths if expressions[path] == said) for said in dict.fromkeys(expressions[path] for path in paths)}


def stands(types: dict[str, Type], path: str, key: str) -> bool:
    """Does the rule stand there in what is kept?"""
    outer, _, name = path.rpartition(".")
    return (path in types and key in types[path].invariants) or (
        outer in types and name in types[outer].elements and key in types[outer].elements[name].invariants)


def lines(tree: dict[str, Any]) -> Iterator[str]:
    """The tree as JSON, a line for each element, so that a change of it can be read."""
    yield "{\n"
    for n, (name, part) in enumerate(tree.items()):
        yield f"{',' * bool(n)}{json.dumps(name)}: "
        if not isinstance(part, dict):
            yield f"{json.dumps(part)}\n"
            continue
        yield "{\n"
        for k, (inner, value) in enumerate(part.items()):
            yield f"{',' * bool(k)}{json.dumps(inner)}: "
            if isinstance(value, dict) and isinstance(value.get("elements"), dict):
                rest = {key: said for key, said in value.items() if key != "elements"}
                yield json.dumps(rest)[:-1] + ', "elements": {\n'
                yield ",\n".join(f"  {json.dumps(key)}: {json.dumps(said)}" for key, said in value["elements"].items())
                yield "}}\n"
            else:
                yield f"{json.dumps(value)}\n"
        yield "}\n"
    yield "}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes mappings/definitions/*.json from HL7's definitions.")
    parser.add_argument("--from", dest="folder", type=Path, help="where the packages are, or are to be kept")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is not current")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for release in VERSIONS:
            content = made(release, fetched(release, given.folder or Path(temporary)))
            path = HERE / f"{release}.json"
            if not given.check:
                path.write_bytes(content)
            elif path.read_bytes() != content:
                sys.exit(f"{path} is not what the packages give; run python -m tools.definitions")


if __name__ == "__main__":
    main()
