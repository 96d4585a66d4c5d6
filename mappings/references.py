"""Where references lead: to a contained resource, to an entry of the Bundle, elsewhere; and whether they may lead there.

https://hl7.org/fhir/R5/references.html, …/bundle.html#references
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from converter.problems import shown
from mappings.invariants import Around
from mappings.primitives import absolute

SECTION = "references.html"
LITERAL = re.compile(r"(?:https?://.+/)?([A-Z][A-Za-z]+)(?:/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?|\?.+)")
"""[base]/Type/id, with a version or not, and Type?query, which a transaction may have."""
ANY = ("Resource", "CanonicalResource", "MetadataResource")
Fault = tuple[str, str, str]
"""A path below the one in question, what is wrong, the section."""


def kind_of(resource: Any) -> str:
    """The type that a resource names."""
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    return kind if isinstance(kind, str) else ""


def members(tree: Any, name: str) -> list[Any]:
    """The entries of a list that should be one."""
    found = tree.get(name) if isinstance(tree, dict) else None
    return found if isinstance(found, list) else []


def reference_faults(reference: dict[str, Any], targets: tuple[str, ...], around: Around, known: frozenset[str]) -> Iterator[Fault]:
    """What is wrong with a Reference that may lead to `targets` (to anything when there is none); `known` are all resources."""
    said, kind = reference.get("reference"), reference.get("type")
    found = ""
    if isinstance(said, str):
        found, wrong = led_to(said, around, known)
        if wrong := wrong or target_fault(said, targets, around, known):
            yield ".reference", wrong, SECTION
    if isinstance(kind, str) and found and kind != found:
        yield ".type", f"says {kind}, and the reference leads to {found}", SECTION
    elif isinstance(kind, str) and kind not in known and not absolute(kind):
        yield ".type", f"expected the name of a resource, found {shown(kind)}", SECTION


def leads_inside(said: Any, targets: tuple[str, ...], around: Around) -> bool:
    """Does the reference surely lead to a contained resource, or an entry, of one of those types?  Most do."""
    if said.__class__ is not str:
        return False
    there = around.contained.get(said[1:]) if said[:1] == "#" else around.entries.get(said)
    return there is not None and there.get("resourceType") in targets


def target_fault(said: Any, targets: tuple[str, ...], around: Around, known: frozenset[str]) -> str:
    """What is wrong with the type to which a reference leads; "" when nothing is, or it cannot be known."""
    found = led_to(said, around, known)[0] if targets and isinstance(said, str) else ""
    if not found or found in targets or not set(targets).isdisjoint(ANY):
        return ""
    return f"expected a reference to {' or '.join(targets)}, found one to {found}"


def led_to(said: str, around: Around, known: frozenset[str]) -> tuple[str, str]:
    """The type to which a reference leads ("" when that cannot be known), and what is wrong with it."""
    if said.startswith("#"):
        if said == "#" or said[1:] in around.contained:
            return kind_of(around.contained.get(said[1:])), ""
        return "", f"{shown(said)} leads to no contained resource"
    if around.in_bundle:
        if said in around.entries:
            return kind_of(around.entries[said]), ""
        if said.startswith(("urn:uuid:", "urn:oid:")):
            return "", f"{shown(said)} is the full URL of no entry of the Bundle that it may refer to"
    match = LITERAL.fullmatch(said)
    if match and (match[1] in known or absolute(said)):
        return match[1] if match[1] in known else "", ""
    if absolute(said) or not around.in_bundle:  # by itself, a resource may be at an address where "1" leads somewhere
        return "", ""
    return "", f"expected # and the id of a contained resource, a resource's type and id, or an absolute address, found {shown(said)}"


def contained_faults(resource: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong with the ids of contained resources."""
    seen: set[str] = set()
    for n, part in enumerate(members(resource, "contained")):
        id = part.get("id") if isinstance(part, dict) else None
        if isinstance(part, dict) and id is None:
            yield f".contained[{n}]", "lacks id, without which nothing can refer to it", f"{SECTION}#contained"
        if isinstance(id, str):
            if id in seen:
                yield f".contained[{n}].id", f"{shown(id)} is the id of another contained resource too", f"{SECTION}#contained"
            seen.add(id)
