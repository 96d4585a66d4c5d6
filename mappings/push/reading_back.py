"""What a server has of a Bundle: looked up by what it is known by, or read at its addresses

https://hl7.org/fhir/R5/http.html#read, …#search
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from converter.problems import Problem
from mappings.push.addresses import ID, Base
from mappings.push.answers import Fate, Written
from mappings.push.client import FRESH, Client
from mappings.push.comparing import differences
from mappings.push.http import Reply
from mappings.push.parcels import Entry, Parcel
from mappings.push.words import said
from mappings.references import kind_of, members


class NotRead(Exception):
    """The server did not give what was asked for, but an answer of that `status`.

    `passed_over`: it gave something else, for what it was asked by it does not know.
    """

    def __init__(self, asked: str, found: str, status: int, passed_over: bool = False):
        super().__init__(f"could not look up {unquote(asked)}: {found}")
        self.status, self.passed_over = status, passed_over


def not_read(reply: Reply, asked: str) -> NotRead:
    """The exception for an answer that cannot be used."""
    words = "; ".join(one.text for one in said(reply))
    return NotRead(asked, f"the server answered {reply.status}" + (f" ({words})" if words else ""), reply.status)


def matches(client: Client, search: str) -> list[dict[str, Any]]:
    """The resources that a search finds (at least two, where there are more than one).

    Raises NotRead, and what the client's `ask` raises.
    """
    kind, _, condition = search.partition("?")
    reply = client.ask("GET", f"{search}&_count=10", headers=FRESH)
    if reply.status != 200 or kind_of(reply.resource) != "Bundle":
        raise not_read(reply, search)
    found = [part.get("resource") for part in members(reply.resource, "entry") if isinstance(part, dict)]
    there = [one for one in found if isinstance(one, dict) and kind_of(one) == kind
             and isinstance(one.get("id"), str) and ID.fullmatch(one["id"])]
    for one in there:
        if not has(one, condition):
            raise NotRead(search, f"the server gave {kind}/{one['id']}, which does not have that identifier: it passes it over, or "
                          "misreads it. Use --strategy put-id", reply.status, passed_over=True)
    return there


def has(resource: dict[str, Any], condition: str) -> bool:
    """Has the resource the identifier that a condition asks for?  True of a condition that asks for anything else."""
    name, _, asked = condition.partition("=")
    if name != "identifier" or "&" in condition:
        return True
    system, mark, value = unquote(asked).partition("|")
    identifiers = resource.get("identifier")
    there = [one for one in (identifiers if isinstance(identifiers, list) else [identifiers]) if isinstance(one, dict)]
    plain = (value if mark else system).replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")
    # Some servers do not tell upper from lower case: the comparison that follows does.
    return any(str(one.get("value")).casefold() == plain.casefold() and (not mark or one.get("system", "") == system) for one in there)


def resource_at(client: Client, kind: str, id: str) -> dict[str, Any] | None:
    """The resource of that id; None when there is none (404, 410).  Raises NotRead, and what the client's `ask` raises."""
    reply = client.ask("GET", f"{kind}/{id}", headers=FRESH)
    if reply.status in (404, 410):
        return None
    if reply.status != 200 or kind_of(reply.resource) != kind or reply.resource.get("id") != id:
        raise not_read(reply, f"{kind}/{id}")
    return reply.resource


def found(client: Client, entry: Entry) -> list[dict[str, Any]]:
    """What the server has of an entry: by its id, or by its condition or identifier."""
    if entry.id:
        one = resource_at(client, entry.kind, entry.id)
        return [one] if one else []
    return matches(client, entry.search) if entry.search else []


class Look(Struct, frozen=True):
    """What the server has of a Bundle: a resource for each entry, or None; and what is different from what is sent."""

    resources: tuple[dict[str, Any] | None, ...]
    differences: tuple[Problem, ...]

    @property
    def same(self) -> bool:
        """Does the server hold just what is sent?"""
        return None not in self.resources and not self.differences

    def written(self, fate: Fate) -> tuple[Written, ...]:
        """The resources that are there."""
        return tuple(Written(kind_of(one), one["id"], fate, version_of(one)) for one in self.resources if one)


def version_of(resource: dict[str, Any]) -> str | None:
    """The version that the server gave it."""
    meta = resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, dict) else None
    return version if isinstance(version, str) and ID.fullmatch(version) else None


def looked_up(client: Client, parcel: Parcel) -> Look:
    """What the server has of the Bundle, looked up by what its entries are known by.

    Raises NotRead, and what the client's `ask` raises.
    """
    each = [found(client, entry) for entry in parcel.entries]
    several = [several_found(entry, those) for entry, those in zip(parcel.entries, each, strict=True) if len(those) > 1]
    resources = tuple(those[0] if len(those) == 1 else None for those in each)
    return Look(resources, (*several, *compared(parcel, resources, client.base)))


def several_found(entry: Entry, those: Sequence[dict[str, Any]]) -> Problem:
    """What is said where more than one resource is found."""
    return Problem(f"{entry.path}.request.url", f"{unquote(entry.search)} finds {', '.join(ids(those))}; expected one or none. "
                   "Delete what is too much on the server")


def ids(resources: Sequence[dict[str, Any]]) -> list[str]:
    """Type and id of each."""
    return [f"{kind_of(one)}/{one['id']}" for one in resources]


def read_back(client: Client, parcel: Parcel, written: Sequence[Written]) -> Look:
    """What the server has at the places that it named.  Raises NotRead, and what the client's `ask` raises."""
    resources = tuple(resource_at(client, one.kind, one.id) for one in written)
    gone = [Problem(entry.path, f"{one.kind}/{one.id} is not there, though the server said that it was written")
            for entry, one, there in zip(parcel.entries, written, resources, strict=True) if there is None]
    return Look(resources, (*gone, *compared(parcel, resources, client.base)))


def compared(parcel: Parcel, resources: Sequence[dict[str, Any] | None], base: Base) -> Iterator[Problem]:
    """What is different, at its path in the Bundle that was sent."""
    links = {name: f"{kind_of(one)}/{one['id']}" for entry, one in zip(parcel.entries, resources, strict=True) if one
             for name in entry.names}
    for entry, one in zip(parcel.entries, resources, strict=True):
        if one is not None:
            yield from differences(entry, one, links, base)
