"""The extensions that HL7 publishes, from their StructureDefinitions.

https://hl7.org/fhir/R5/defining-extensions.html
"""

from __future__ import annotations

from typing import Any

from mappings.definitions import Element, Extension, Part
from tools.packages import many
from tools.structures import Structures, most


def extension(structure: dict[str, Any], found: Structures, heads: set[str]) -> Extension:
    """The extension; its contexts alone where it may stand on none of the types, or what they derive from, in `heads`."""
    contexts = tuple(sorted({said["expression"] for said in many(structure, "context")}))
    if heads.isdisjoint(context.partition(".")[0] for context in contexts):
        return Extension((), contexts=contexts)
    elements = {one["id"]: one for one in many(structure["snapshot"], "element")}
    first = elements["Extension"]
    own = {**first, "constraint": [rule for rule in many(first, "constraint") if rule["key"] not in ("ele-1", "ext-1")]}
    held = part("Extension", elements, found)
    return Extension(held.types, 0, most(first), held.targets, held.bound, held.extensible, first.get("isModifier") == "true",
                     found.keys(structure["url"], own), held.needs_value, "", held.parts, contexts,
                     tuple(many(structure, "contextInvariant")))


def part(at: str, elements: dict[str, Any], found: Structures) -> Part:
    """The part with that id, or the whole: its value, or the parts of its own (ext-1 forbids both, some definitions do not)."""
    inner = {url_of(id_, elements): part(id_, elements, found) for id_ in elements
             if id_.startswith(f"{at}.extension:") and "." not in id_.removeprefix(f"{at}.extension:")}
    value = None if inner else elements.get(f"{at}.value[x]") or elements.get(f"{at}.value")
    held = found.element({**value, "path": "x"}, set()) if value and value["max"] != "0" else Element(())
    here = elements[at]
    return Part(held.types, int(here["min"]), most(here), held.targets, held.bound, held.extensible,
                needs_value=bool(held.types) and held.min > 0, parts=inner)


def url_of(id_: str, elements: dict[str, Any]) -> str:
    """The url of the part."""
    return str(elements.get(f"{id_}.url", {}).get("fixedUri") or elements[id_]["sliceName"])
