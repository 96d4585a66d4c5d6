"""What the terms of the rules mean in JSON: exists(), value[x], hasValue(), descendants(), %resource, %rootResource.

Every function takes whatever JSON there is, and says of what is no element that it is not there.
https://hl7.org/fhir/R5/fhirpath.html, …/json.html#primitive
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeGuard

from msgspec import Struct

NOTHING: tuple[Any, ...] = (None, [])


class Around(Struct, frozen=True):
    """Where an element stands: %resource (of a contained one, that one), and %rootResource, which holds it or is it.

    `contained` are the resources that the root contains, by id; `entries` those of the Bundle, by full URL, if it is `in_bundle`.
    https://hl7.org/fhir/R5/fhirpath.html#variables: a Bundle is not the root of its entries.
    """

    resource: dict[str, Any]
    root: dict[str, Any]
    contained: dict[str, dict[str, Any]] = {}
    entries: dict[str, dict[str, Any]] = {}
    in_bundle: bool = False

    def inside(self, contained: dict[str, Any]) -> Around:
        """The same inside of a contained resource."""
        return Around(contained, self.root, self.contained, self.entries, self.in_bundle)


Holds = Callable[[Any, Around], bool]
"""Does a rule hold of the element it stands on?  Never raises, whatever the JSON."""


def around(resource: dict[str, Any], entries: dict[str, dict[str, Any]] | None = None) -> Around:
    """What is around the elements of a resource that nothing contains; `entries` are those of its Bundle, by full URL."""
    contained = {part["id"]: part for part in each(resource, "contained") if isinstance(part.get("id"), str)}
    return Around(resource, resource, contained, entries or {}, entries is not None)


def entries_by_url(bundle: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources of a Bundle by full URL."""
    return {part["fullUrl"]: part["resource"] for part in each(bundle, "entry")
            if isinstance(part.get("fullUrl"), str) and isinstance(part.get("resource"), dict)}


def exists(tree: Any, name: str) -> bool:
    """x.exists(): there is a value, or what may stand beside a primitive (`_x`)."""
    return isinstance(tree, dict) and (tree.get(name) not in NOTHING or tree.get(f"_{name}") not in NOTHING)


def chosen(tree: Any, name: str) -> bool:
    """x.exists() of a choice of types, x[x]: `valueQuantity`, `_valueString` and so on."""
    return isinstance(tree, dict) and any(
        (bare := one.removeprefix("_")).startswith(name) and bare[len(name):len(name) + 1].isupper() and part not in NOTHING
        for one, part in tree.items())


def count(tree: Any, name: str) -> int:
    """x.count(): the entries of a list, with values or only with extensions, or the single value."""
    if not isinstance(tree, dict):
        return 0
    return max(len(part) if isinstance(part, list) else int(part is not None) for part in (tree.get(name), tree.get(f"_{name}")))


def part(tree: Any, name: str) -> Any:
    """The member of that name, None where there is none."""
    return tree.get(name) if isinstance(tree, dict) else None


def each(tree: Any, name: str) -> list[dict[str, Any]]:
    """The objects in the list of that name."""
    found = part(tree, name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def has_value(value: Any) -> bool:
    """hasValue() of a primitive's JSON."""
    return value is not None and not isinstance(value, (dict, list))


def number(value: Any) -> TypeGuard[Any]:
    """Is it a number, and can be compared with one?"""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def below(tree: Any) -> Iterator[tuple[str, Any]]:
    """descendants() that are primitives, each with its name, without recursion: JSON may be deeper than Python's stack."""
    left: list[tuple[str, Any]] = [("", tree)]
    while left:
        name, found = left.pop()
        if isinstance(found, dict):
            left.extend(found.items())
        elif isinstance(found, list):
            left.extend((name, one) for one in found)
        else:
            yield name, found
