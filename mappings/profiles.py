"""The definitions of our own extensions and of the code system of fields, made from the tables; and the files of all definitions.

One set for all releases, without fhirVersion: StructureDefinition and CodeSystem have the same elements in R4, R4B and
R5 as far as they are used here.  https://hl7.org/fhir/R5/structuredefinition.html, …/defining-extensions.html

The tables say enough to define those of HL7's cross-version extensions that we write, too: a validator of R4 or R4B
without them faults every use (https://hl7.org/fhir/R5/versions.html#extensions).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from converter.json_text import encode, indented
from mappings.datatypes import FIELD, OWN
from mappings.definitions import definitions as of_release
from mappings.extensions import CROSS, Said, Shape
from mappings.fields import said
from mappings.own_extensions import Definition, spelled_by_functions
from mappings.places import Extension, Spot, Sub, found_in
from mappings.search_parameters import search_parameters

DIALECTS = ("r5", "r4", "r4-own")
PUBLISHER = "trialbridge"
COMPLEX = {"Address", "CodeableConcept", "Coding", "ContactPoint", "HumanName", "Period", "Quantity", "Range", "Reference"}
"""The datatypes among the values of extensions that are no primitives."""


def definitions() -> list[Definition]:
    """Every extension of ours that a dialect writes, by its address."""
    made = {one.address: one for one in spelled_by_functions()}
    fields: dict[str, list[str]] = {}
    for name, spot, n in own_steps():
        step = spot[n]
        one = made.setdefault(step.address, Definition(step.address, step.shape))
        one.many |= step.many
        # What stands in an extension that carries an element of R5 stands, for a validator, on an Extension.
        one.contexts.append("Extension" if isinstance(spot[n - 1], Extension) else step.context)
        if name and len(spot) == n + 2 and isinstance(spot[-1], Sub):
            if not step.address.startswith(OWN + "extension-"):
                one.parts.setdefault(spot[-1].name, described(name))
            name = name.rpartition(".")[0]
        if name and len(spot) <= n + 2:
            fields.setdefault(step.address, []).append(name)
    for address, one in made.items():
        one.contexts = sorted(set(one.contexts))
        if one.element:
            one.description = f"R5's {one.element}, for servers that do not know HL7's own extension for it ({CROSS}{one.element})."
            one.many, one.needed = occurrence(one)
        elif not one.description:
            names = dict.fromkeys(fields[address])
            text = next((text for name in names if (text := described(name))), "")
            one.description = sentences(text, f"Carries {', '.join(names)} of a trial.")
    return [made[address] for address in sorted(made)]


def occurrence(one: Definition) -> tuple[bool, set[str]]:
    """Whether the element of R5 that it carries repeats, and what R5 demands of it: its parts, or "" for its value."""
    types = of_release("r5").types
    outer, _, name = one.element.rpartition(".")
    element = types[outer].elements[name]
    if not isinstance(one.shape, dict):
        return element.max != 1, {""} if element.min else set()
    inner = types[element.types[0]].elements
    return element.max != 1, {part for part in one.shape if part in inner and inner[part].min}


def cross_version() -> list[Definition]:
    """HL7's cross-version extensions that a Bundle of R4 or R4B has: what ours in their place are, by HL7's address.

    They define only the parts that we write, and bind no codes.  HL7's own (https://github.com/HL7/fhir-xver-r5-r4) are for
    R4 alone.
    """
    return [replace(one, address=CROSS + one.element, description=f"R5's {one.element} in R4 and R4B, as far as trialbridge writes it.")
            for one in definitions() if one.element]


def own_steps() -> Iterator[tuple[str, Spot, int]]:
    """Every extension of ours that a row names: the field, the way to it, and where on that way the extension is."""
    for dialect in DIALECTS:
        for found in found_in(dialect):
            for spot in found.spots:
                for n, step in enumerate(spot):
                    if isinstance(step, Extension) and step.address.startswith(OWN):
                        yield found.field, spot, n


@cache
def docs() -> dict[str, str]:
    """Every field of the Trial, with what the Trial says of it."""
    return dict(said())


def described(name: str) -> str:
    """What the Trial says of its field; "" when it says nothing."""
    return docs()[name]


def sentences(*texts: str) -> str:
    """The texts, those that say something, one after the other."""
    return " ".join(text if text.endswith((".", "?")) else f"{text}." for text in texts if text)


def words(name: str) -> str:
    """The name as words: "time-frame", "dateUnknown"; an element of R5 stays as it is."""
    if element := re.match(r"(?:extension|ext-R5)-(.+)", name):
        return f"R5: {element[1]}"
    spaced = re.sub(r"([a-z])([A-Z])", lambda found: f"{found[1]} {found[2].lower()}", name.rpartition("/")[2].strip("_")).replace("-", " ")
    spaced = re.sub(r"\b(bmi|dmc|fda|id|pmid|url)\b", lambda found: found[1].upper(), spaced).replace("fdaaa801", "FDAAA 801")
    return re.sub(r"\bus\b", "U.S.", spaced[:1].upper() + spaced[1:], flags=re.IGNORECASE)


def types(shape: Shape | tuple[str, ...]) -> list[dict[str, str]]:
    """FHIR's codes of the datatypes: primitives begin small."""
    names = shape if isinstance(shape, tuple) else (shape,)
    return [{"code": name if name in COMPLEX else name[0].lower() + name[1:]} for name in names]


def structure_definition(one: Definition) -> dict[str, Any]:
    """The extension's StructureDefinition.

    One of ours demands no value: an `enrollment-kind` that no string can hold has an extension of its own instead.
    """
    title = words(one.id)
    return {
        "resourceType": "StructureDefinition",
        "id": one.id,
        "url": one.address,
        "name": "".join(part[:1].upper() + part[1:] for part in re.split(r"[-.]", one.id)),
        "title": title,
        "status": "active",
        "experimental": False,
        "publisher": PUBLISHER,
        "description": one.description,
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": context} for context in one.contexts],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {"element": [
            {"id": "Extension", "path": "Extension", "short": title, "definition": one.description,
             **cardinality(one.many, "" in one.needed)},
            *(complex_elements(one, one.shape) if isinstance(one.shape, dict) else [
                {"id": "Extension.url", "path": "Extension.url", "fixedUri": one.address},
                {"id": "Extension.value[x]", "path": "Extension.value[x]", **at_least("" in one.needed), "type": types(one.shape)},
            ]),
        ]},
    }


def cardinality(many: bool, needed: bool = False) -> dict[str, Any]:
    return {"min": int(needed), "max": "*" if many else "1"}


def at_least(needed: bool) -> dict[str, Any]:
    return {"min": 1} if needed else {}


def complex_elements(one: Definition, shape: dict[str, Shape]) -> Iterator[dict[str, Any]]:
    """The elements of an extension with parts; others may stand beside them (slicing: open)."""
    by_url = {"discriminator": [{"type": "value", "path": "url"}], "ordered": False, "rules": "open"}
    needed = one.needed | {name for name, part in shape.items() if isinstance(part, Said)}
    yield {"id": "Extension.extension", "path": "Extension.extension", "slicing": by_url, **at_least(bool(needed))}
    for name, part in shape.items():
        slice_name = name.rpartition("/")[2]
        inner, many = (part[0], True) if isinstance(part, list) else (part, False)
        fixed = {"fixedString": inner.value} if isinstance(inner, Said) else {}
        at, path = f"Extension.extension:{slice_name}", "Extension.extension"
        short = one.parts.get(name) or words(slice_name)
        yield {"id": at, "path": path, "sliceName": slice_name, "short": short, **cardinality(many, name in needed)}
        yield {"id": f"{at}.url", "path": f"{path}.url", "fixedUri": name}
        kind = types(inner.type if isinstance(inner, Said) else inner)
        yield {"id": f"{at}.value[x]", "path": f"{path}.value[x]", **at_least(name in needed), "type": kind, **fixed}
    yield {"id": "Extension.url", "path": "Extension.url", "fixedUri": one.address}
    yield {"id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0"}


def field_codes() -> dict[str, str]:
    """Every code of a field that a coding of ours says, with the field."""
    made: dict[str, str] = {}

    def look(sign: Any, name: str) -> None:
        for part in sign.values() if isinstance(sign, dict) else sign if isinstance(sign, list) else ():
            look(part, name)
        if isinstance(sign, dict) and sign.get("system") == FIELD:
            made.setdefault(sign["code"], name)

    for found in (found for dialect in DIALECTS for found in found_in(dialect) if found.field):
        for step in (step for spot in found.spots for step in spot):
            look(getattr(step, "sign", None), found.field)
    return dict(sorted(made.items()))


def code_system() -> dict[str, Any]:
    """The code system whose codes say which field of a trial a classifier, study design, party or characteristic carries."""
    concepts = [{"code": code, "display": words(code), "definition": sentences(described(name), f"The field {name} of a trial.")}
                for code, name in field_codes().items()]
    return {
        "resourceType": "CodeSystem",
        "id": "field",
        "url": FIELD,
        "name": "TrialField",
        "title": "Fields of a trial",
        "status": "active",
        "experimental": False,
        "publisher": PUBLISHER,
        "description": "Which field of a trial a classifier, study design, party or characteristic carries.",
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        "concept": concepts,
    }


def profiles(hl7: bool = False) -> list[dict[str, Any]]:
    """All definitions, always in the same order; with `hl7`, those of HL7's cross-version extensions that we write too."""
    return [code_system(), *map(structure_definition, definitions()), *map(structure_definition, cross_version() if hl7 else ())]


def files(hl7: bool = False) -> dict[str, dict[str, Any]]:
    """All definitions by the names of their files: those of `profiles`, and the search parameters.

    A search parameter is not the same in every release; its file says which it is for (".r4.json" is for R4B too).
    """
    return {
        **{f"{one['resourceType']}-{one['id']}.json": one for one in profiles(hl7)},
        **{f"SearchParameter-{one['id']}.{release}.json": one for release in ("r4", "r5") for one in search_parameters(release)},
    }


def write_profiles(folder: Path, hl7: bool = False) -> list[Path]:
    """Writes one JSON file for each definition (see `files`) into the folder, which is made; gives their paths.

    A file appears under its name when it is whole.  Raises OSError when a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, definition in files(hl7).items():
        path = folder / name
        beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            beside.write_bytes(indented(encode(definition)))
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        paths.append(path)
    return paths
