"""Resources that are kept in memory by the rules of FHIR's writes, as HAPI 8 or Medplum's router apply them.

https://hl7.org/fhir/R4/http.html#cond-update, …#ccreate, …#concurrency
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct

from tests.faults.conditions import Tree, condition, essence, references

Style = Literal["hapi", "medplum"]
Versions = dict[tuple[str, str], list[Tree]]
TYPES = ("ResearchStudy", "PlanDefinition", "Group", "Organization", "Location", "Practitioner", "ActivityDefinition", "SearchParameter")
TARGET = re.compile(r"(\w+)(?:/([^/?]+)|\?(.+))?")
"""Type, Type/id or Type?condition."""


class Refused(Exception):
    """What was asked is not done; the arguments are status, text and code of the OperationOutcome."""


class Place(Struct, frozen=True):
    """Where a request writes: the type and the id, the condition by which it was found, and whether a resource is there already."""

    kind: str
    id: str
    condition: str = ""
    found: bool = False

    @property
    def address(self) -> str:
        return f"{self.kind}/{self.id}"

    @property
    def key(self) -> str:
        """What a transaction may ask for only once."""
        return f"{self.kind}?{self.condition}" if self.condition else self.address


class Written(Struct, frozen=True):
    """The status of a request that was carried out, the resource as it is kept now, and whether it was written for it."""

    status: int
    resource: Tree
    anew: bool = True

    @property
    def version(self) -> str:
        return self.resource["meta"]["versionId"]  # type: ignore[no-any-return]


class Kept:
    """The resources of a server.  Every attribute may be changed between requests.

    `types` are those it knows; `conditions` (conditional writes), `client_ids` (PUT that creates) and `identifiers` (the search
    parameter: without it each resource matches) are what it can do.
    """

    def __init__(self, style: Style, types: Iterable[str], conditions: bool, client_ids: bool, identifiers: bool):
        self.hapi, self.types = style == "hapi", tuple(types)
        self.conditions, self.client_ids, self.identifiers = conditions, client_ids, identifiers
        self.kept: Versions = {}
        self.lock = threading.RLock()
        self._ids = 0

    def all(self, kind: str) -> list[Tree]:
        """The resources of that type as they are now, oldest first."""
        with self.lock:
            return [versions[-1] for (one, _), versions in self.kept.items() if one == kind]

    def versions(self, kind: str, id: str) -> list[Tree]:
        """The versions of that resource, oldest first."""
        with self.lock:
            return [*self.kept.get((kind, id), [])]

    def put(self, resource: Tree) -> Tree:
        """The resource as it is kept now: under its own id or a new one, whatever others may do."""
        with self.lock:
            return self.write(Place(resource["resourceType"], resource.get("id") or self.new_id()), resource).resource

    def copied(self) -> Versions:
        """All that is kept, for a return to it."""
        return {key: [*versions] for key, versions in self.kept.items()}

    def no(self, number: str, text: str, hapi: int, medplum: int | None = None, code: str = "processing") -> Refused:
        """A refusal in the words of the server: HAPI numbers its own and has one code for nearly all."""
        return Refused(hapi, f"HAPI-{number}: {text}", "processing") if self.hapi else Refused(medplum or hapi, text, code)

    def place(self, method: str, url: str, none_exist: str) -> Place:
        """Where a request writes.  Raises Refused."""
        target = TARGET.fullmatch(url)
        kind, id, query = target.groups(default="") if target else ("", "", "")
        if not target or method not in ("POST", "PUT") or (method == "POST") == bool(id or query) or (query and not self.conditions):
            raise Refused(405, f"this server does not support {method} {url}", "not-supported")
        if kind not in self.types:
            raise self.no("0302", f"no type of resource is called {kind}", 404, code="not-supported")
        asked = query or (none_exist if method == "POST" and self.conditions else "")
        if not asked:
            found = (kind, id) in self.kept
            if id.isdigit() and not found and self.hapi:
                raise self.no("0960", f"no resource has the ID {id}, and clients may only choose an ID that is not a number", 400)
            if id and not found and not self.client_ids:
                raise Refused(405, f"no {kind}/{id} exists, and clients may not choose the ID of a new resource", "not-supported")
            return Place(kind, id or self.new_id(), found=found)
        there = self.search(kind, asked)
        if len(there) > 1:
            number, medplum = ("0958", 412) if method == "POST" else ("2207", 400)
            raise self.no(number, f"multiple resources ({len(there)}) match {kind}?{asked}", 412, medplum, "multiple-matches")
        return Place(kind, there[0]["id"] if there else self.new_id(), asked, bool(there))

    def check_id(self, place: Place, method: str, resource: Any) -> None:
        """A resource that is put under an id says the same.  Raises Refused."""
        if method == "PUT" and not place.condition and (not isinstance(resource, dict) or resource.get("id") != place.id):
            raise self.no("0420", f"expected the ID {place.id} in the body", 400, code="invalid")

    def written(self, place: Place, method: str, resource: Any, match: str) -> Written:
        """What is kept at the place after the request.  Raises Refused.  Neither server looks at If-Match beside a condition."""
        versions = self.kept.get((place.kind, place.id), [])
        if method == "POST" and place.found:
            return Written(200, versions[-1], anew=False)
        if not isinstance(resource, dict) or resource.get("resourceType") != place.kind:
            raise self.no("0450", f"expected a {place.kind} in the body", 400, code="invalid")
        if match and not place.condition and [match] != [f'W/"{one["meta"]["versionId"]}"' for one in versions[-1:]]:
            raise self.no("0550: HAPI-0989", f"{match} is not the current version of {place.address}", 409, 412)
        if place.condition and self.hapi and not self.condition(place.condition)({"id": place.id, **resource}):
            raise self.no("0539", f"the resource does not match {place.key}", 412)
        if versions and self.hapi and essence(resource) == essence(versions[-1]):
            return Written(200, versions[-1], anew=False)
        return self.write(place, resource)

    def write(self, place: Place, resource: Tree) -> Written:
        """The resource as another version, with what the server says of it.  Medplum says 200 for a new one under a client's ID."""
        versions = self.kept.setdefault((place.kind, place.id), [])
        meta = {**resource.get("meta", {}), "versionId": str(len(versions) + 1) if self.hapi else str(uuid.uuid4()),
                "lastUpdated": datetime.now(UTC).isoformat(timespec="milliseconds")}
        if self.hapi:
            meta["source"] = f"{meta.get('source', '')}#{uuid.uuid4().hex[:16]}"
        versions.append({**resource, "id": place.id, "meta": meta})
        chosen = not self.hapi and not place.condition and resource.get("id") == place.id
        return Written(200 if len(versions) > 1 or chosen else 201, versions[-1])

    def new_id(self) -> str:
        self._ids += 1
        return str(self._ids) if self.hapi else str(uuid.uuid4())

    def check_references(self, resources: list[Tree]) -> None:
        """Every reference leads to a resource that is kept.  Raises Refused.  Medplum takes references as they are."""
        for reference in (one for resource in resources for one in references(resource) if self.hapi and not one.startswith("#")):
            if reference.startswith("urn:"):
                raise self.no("0541", f"nothing in the request has the placeholder {reference}", 400)
            if tuple(reference.split("/")) not in self.kept:
                raise self.no("1094", f"Resource {reference} is not found", 400)

    def search(self, kind: str, query: str) -> list[Tree]:
        """The resources of that type that the query finds.  Raises Refused."""
        return [*filter(self.condition(query), self.all(kind))]

    def condition(self, query: str) -> Callable[[Tree], bool]:
        """Tells which resources the query finds.  Raises Refused.  By a parameter that it does not know Medplum finds none."""
        try:
            return condition(query, self.identifiers)
        except LookupError as unknown:
            if self.hapi:
                raise self.no("0524", f"no search parameter is called {unknown}", 400) from None
            return lambda _: False
