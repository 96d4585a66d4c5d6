"""The rules of references and contained resources.  https://hl7.org/fhir/R5/references.html#contained"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import Any

from converter.json_text import encode
from mappings.invariants.presence import Around, each, exists, part

ADDRESSES = frozenset((
    "additionalInfo", "address", "answerValueSet", "codeMap", "definition", "derivedFrom", "fullUrl", "implicitRules", "issuer",
    "jurisdiction", "library", "location", "observationRequirement", "observationResultRequirement", "onlineInformation", "policy",
    "profile", "reference", "resource", "source", "specimenRequirement", "subJurisdiction", "subscriptionTopic", "system", "transform",
    "type", "url", "valueSet"))
"""The members that hold a reference, canonical, uri or url in some type; and those whose name ends so."""


def ref_1(tree: Any, around: Around) -> bool:
    """SHALL have a contained resource if a local reference is provided; "#" is the container, for what it contains."""
    said = part(tree, "reference")
    if not isinstance(said, str) or said[:1] != "#":
        return True
    return said[1:] in around.contained or (said == "#" and around.resource is not around.root)


def ref_2(tree: Any, around: Around) -> bool:
    """At least one of reference, identifier and display SHALL be present (unless an extension is provided)."""
    return not isinstance(tree, dict) or any(exists(tree, name) for name in ("reference", "display", "identifier", "extension"))


def dom_2(tree: Any, around: Around) -> bool:
    """If the resource is contained in another resource, it SHALL NOT contain nested Resources."""
    return not any(exists(one, "contained") for one in each(tree, "contained"))


def dom_3(tree: Any, around: Around) -> bool:
    """A contained resource SHALL be referred to from elsewhere in the resource or SHALL refer to the containing resource.

    In an extension or another contained resource too, by a reference, canonical, uri or url.  What it says of itself is not
    elsewhere, though the expressions count it; one without an id can be referred to by nobody, though those of R4 and R5 give
    nothing then.  HAPI's validator reads the rule of R4 and R5 so.
    """
    return next(unused(tree), None) is None


def unused(tree: Any) -> Iterator[str]:
    """The contained resources to which nothing refers: contained[2]."""
    contained = part(tree, "contained")
    if not isinstance(contained, list) or not contained:
        return
    inside = [fragments(one) for one in contained]
    used = Counter(chain(fragments({name: value for name, value in tree.items() if name != "contained"}), *inside))
    for n, (one, said) in enumerate(zip(contained, inside, strict=True)):
        if isinstance(one, dict) and "#" not in said and used[own := f"#{one.get('id')}"] <= (own in said):
            yield f"contained[{n}]"


def dom_4(tree: Any, around: Around) -> bool:
    """If a resource is contained in another resource, it SHALL NOT have a meta.versionId or a meta.lastUpdated."""
    return not any(exists(meta, "versionId") or exists(meta, "lastUpdated") for meta in metas(tree))


def dom_5(tree: Any, around: Around) -> bool:
    """If a resource is contained in another resource, it SHALL NOT have a security label."""
    return not any(exists(meta, "security") for meta in metas(tree))


def prov_1(tree: Any, around: Around) -> bool:
    """Who and onBehalfOf cannot be the same."""
    who, other = ends(tree, around)
    return who is None or who is not other


def prov_2(tree: Any, around: Around) -> bool:
    """If who is a PractitionerRole, onBehalfOf can't reference the same Practitioner."""
    who, other = ends(tree, around)
    if part(who, "resourceType") != "PractitionerRole" or part(other, "resourceType") != "Practitioner":
        return True
    return resolved(part(who, "practitioner"), around) is not other


def prov_3(tree: Any, around: Around) -> bool:
    """If who is an organization, onBehalfOf can't be a PractitionerRole within that organization."""
    who, other = ends(tree, around)
    if part(who, "resourceType") != "Organization" or part(other, "resourceType") != "PractitionerRole":
        return True
    return resolved(part(other, "organization"), around) is not who


def fragments(tree: Any) -> set[str]:
    """The addresses in it that begin with "#", however deep."""
    try:
        if b'"#' not in encode(tree):  # most contained resources have none, and this is soon seen
            return set()
    except (TypeError, ValueError, RecursionError):
        pass  # it is no JSON; that is told elsewhere
    found: set[str] = set()
    left: list[tuple[str, Any]] = [("", tree)] if isinstance(tree, (dict, list)) else []
    for outer, one in left:
        for name, value in one.items() if one.__class__ is dict else ((outer, value) for value in one):
            kind = value.__class__
            if kind is str:
                if value[:1] == "#" and (name in ADDRESSES or name.endswith(("Canonical", "Uri", "Url"))):
                    found.add(value)
            elif kind is dict or kind is list:
                left.append((name, value))
    return found


def metas(tree: Any) -> list[Any]:
    """The meta of each contained resource."""
    return [one.get("meta") for one in each(tree, "contained")]


def ends(agent: Any, around: Around) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Who did it, and on whose behalf."""
    return resolved(part(agent, "who"), around), resolved(part(agent, "onBehalfOf"), around)


def resolved(reference: Any, around: Around) -> dict[str, Any] | None:
    """resolve() within the resource and its Bundle, the only places that are looked at; None where it leads nowhere there."""
    said = part(reference, "reference")
    if not isinstance(said, str):
        return None
    if said == "#":
        return around.root
    return around.contained.get(said[1:]) if said[:1] == "#" else around.entries.get(said)
