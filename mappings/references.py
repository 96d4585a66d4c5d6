"""Where references lead: to a contained resource, to an entry of the Bundle, elsewhere; and whether they may lead there.

https://hl7.org/fhir/R5/references.html, https://hl7.org/fhir/R5/bundle.html#references
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from converter.problems import shown

SECTION = "references.html"
BUNDLE = "bundle.html"
LITERAL = re.compile(r"(?:https?://.+/)?([A-Z][A-Za-z]+)(?:/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?|\?.+)")
"""[base]/Type/id, with a version or not, and Type?query, which a transaction may have."""
ANY = ("Resource", "CanonicalResource", "MetadataResource")
WRITES = ("POST", "PUT", "PATCH", "DELETE")
Fault = tuple[str, str, str]
"""A path below the one in question, what is wrong, the section."""


class Surroundings(Struct, frozen=True):
    """What a reference may lead to: contained resources by id, entries of the Bundle by full URL; the value is the type.

    `entries` is None outside of a Bundle.
    """

    contained: dict[str, str] = {}
    entries: dict[str, str] | None = None


def kind_of(resource: Any) -> str:
    """The type that a resource names."""
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    return kind if isinstance(kind, str) else ""


def members(tree: Any, name: str) -> list[Any]:
    """The entries of a list that should be one."""
    found = tree.get(name) if isinstance(tree, dict) else None
    return found if isinstance(found, list) else []


def contained_in(resource: dict[str, Any]) -> dict[str, str]:
    """The contained resources by id."""
    return {part["id"]: kind_of(part) for part in members(resource, "contained")
            if isinstance(part, dict) and isinstance(part.get("id"), str)}


def entries_of(bundle: dict[str, Any]) -> dict[str, str]:
    """The entries that have a full URL."""
    return {part["fullUrl"]: kind_of(part.get("resource")) for part in members(bundle, "entry")
            if isinstance(part, dict) and isinstance(part.get("fullUrl"), str)}


def reference_faults(reference: dict[str, Any], targets: tuple[str, ...], around: Surroundings) -> Iterator[Fault]:
    """What is wrong with a Reference that may lead to `targets` (to anything when there is none)."""
    said, kind = reference.get("reference"), reference.get("type")
    found = ""
    if isinstance(said, str):
        found, wrong = led_to(said, around)
        if wrong:
            yield ".reference", wrong, SECTION
    if found and targets and found not in targets and not set(targets) & set(ANY):
        yield ".reference", f"expected a reference to {' or '.join(targets)}, found one to {found}", SECTION
    if isinstance(kind, str) and found and kind != found:
        yield ".type", f"says {kind}, and the reference leads to {found}", SECTION


def led_to(said: str, around: Surroundings) -> tuple[str, str]:
    """The type to which a reference leads ("" when that cannot be known), and what is wrong with it."""
    if said.startswith("#"):
        if said == "#" or said[1:] in around.contained:
            return around.contained.get(said[1:], ""), ""
        return "", f"{shown(said)} leads to no contained resource"
    if around.entries is not None:
        if said in around.entries:
            return around.entries[said], ""
        if said.startswith(("urn:uuid:", "urn:oid:")):
            return "", f"{shown(said)} is the full URL of no entry of the Bundle"
    match = LITERAL.fullmatch(said)
    return match[1] if match else "", ""


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


def bundle_faults(bundle: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong with the entries of a Bundle, taken together, and with what they ask for."""
    seen: set[tuple[str, str]] = set()
    for n, part in enumerate(members(bundle, "entry")):
        if not isinstance(part, dict):
            continue
        resource, request = part.get("resource"), part.get("request")
        if isinstance(url := part.get("fullUrl"), str):
            meta = resource.get("meta") if isinstance(resource, dict) else None
            key = (url, str(meta.get("versionId", "")) if isinstance(meta, dict) else "")
            if key in seen:
                yield f".entry[{n}].fullUrl", f"{shown(url)} is the full URL of another entry too", f"{BUNDLE} bdl-7"
            seen.add(key)
        if isinstance(request, dict):
            for where, wrong in request_faults(request, kind_of(resource)):
                yield f".entry[{n}].request{where}", wrong, f"{BUNDLE}#transaction"


def request_faults(request: dict[str, Any], kind: str) -> Iterator[tuple[str, str]]:
    """What is wrong with what an entry asks for: another type than it holds, a condition in another form."""
    url, method, none = request.get("url"), request.get("method"), request.get("ifNoneExist")
    if isinstance(url, str) and isinstance(method, str) and method in WRITES:
        asked = re.split(r"[/?]", url, maxsplit=1)[0]
        if not asked or (kind and asked != kind):
            yield ".url", f"expected {kind or 'a type'}, or {kind or 'a type'} with an id or a condition, found {shown(url)}"
        elif method == "POST" and url != asked:
            yield ".url", f"expected {asked} alone for a POST, found {shown(url)}"
        elif method == "PUT" and url == asked:
            yield ".url", f"expected {asked} with an id or a condition for a PUT, found {shown(url)}"
    if isinstance(none, str) and not re.fullmatch(r"[^?=&/]+=[^?]*", none):
        yield ".ifNoneExist", f"expected the condition alone, such as identifier=system|value, found {shown(none)}"
