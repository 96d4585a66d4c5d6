"""Which resources of a document are read as one trial, and what of the document that leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from converter.loss import Loss, left, lost
from mappings import bundle
from mappings.releases import resources

UNCOUNTED = ("text", "fullUrl", "request")
"""Made anew, and so never lost: narrative, and what a transaction says of its entries."""


def choose(tree: Any, near: dict[str, dict[str, Any]]) -> dict[str, tuple[str, dict[str, Any]]]:
    """The resources that are read, by type: the first study, and what it refers to; `near` is what a reference may lead to."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for path, resource in resources(tree):
        if resource.get("resourceType") in bundle.TABLES:
            found.setdefault(resource["resourceType"], []).append((path, resource))
    chosen = {kind: several[0] for kind, several in found.items()}
    if "ResearchStudy" in chosen:
        said = set(references(chosen["ResearchStudy"][1]))
        for kind in found.keys() - {"ResearchStudy"}:
            referred = [one for one in found[kind] if any(near.get(address) is one[1] for address in said)]
            elsewhere = any(f"{kind}/" in address and address not in near for address in said)
            if referred:
                chosen[kind] = referred[0]
            elif elsewhere or len(found["ResearchStudy"]) > 1:  # it is another study's
                del chosen[kind]
    return chosen


def references(tree: Any) -> Iterator[str]:
    """Every reference in the tree."""
    if isinstance(tree, dict):
        if isinstance(tree.get("reference"), str):
            yield tree["reference"]
        for part in tree.values():
            yield from references(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from references(part)


def around(tree: Any) -> dict[str, dict[str, Any]]:
    """The resources of a Bundle by what a reference calls them: full URL, and type with id."""
    found: dict[str, dict[str, Any]] = {}
    if isinstance(tree, dict) and isinstance(tree.get("entry"), list):
        for part in tree["entry"]:
            resource = part.get("resource") if isinstance(part, dict) else None
            if isinstance(resource, dict):
                if isinstance(part.get("fullUrl"), str):
                    found.setdefault(part["fullUrl"], resource)
                found.setdefault(f"{resource.get('resourceType')}/{resource.get('id')}", resource)
    return found


def left_behind(tree: Any, chosen: dict[str, tuple[str, dict[str, Any]]], after: dict[str, Any]) -> Iterator[Loss]:
    """What the document says that reading and writing again does not give back."""
    written = {part["resource"]["resourceType"]: part["resource"] for part in after["entry"]}
    if tree.get("resourceType") != "Bundle":
        kind = tree["resourceType"]
        yield from lost(without(tree), without(written[kind]) if kind in written else {})
        return
    yield from lost(without({**tree, "entry": []}), without({**after, "entry": []}))
    paths = {path: kind for kind, (path, _) in chosen.items()}
    for n, part in enumerate(tree["entry"] if isinstance(tree.get("entry"), list) else []):
        path = f"entry[{n}]"
        if not isinstance(part, dict):
            yield left(path, part)
            continue
        for name, inner in part.items():
            if name in UNCOUNTED:
                continue
            kind = paths.get(f"{path}.{name}")
            if kind:
                yield from lost(without(inner), without(written[kind]), f"{path}.{name}")
            elif isinstance(inner, dict) and inner.get("resourceType") == "ResearchStudy":
                yield left(f"{path}.{name}", inner, "is another study; put each study into a Bundle of its own")
            else:
                yield left(f"{path}.{name}", inner)


def without(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource without what is made anew; a `contained` one too."""
    made = {name: part for name, part in resource.items() if name not in UNCOUNTED}
    if isinstance(made.get("contained"), list):
        made["contained"] = [without(part) if isinstance(part, dict) else part for part in made["contained"]]
    return made
