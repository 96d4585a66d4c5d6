"""A small FHIR server in memory: what tests have where no real server is installed.

It answers as HAPI 8 does, or as Medplum's router where `style` says so, as far as writing by conditions goes: transactions that hold
or roll back, conditional PUT and create, versions, search by identifier (https://hl7.org/fhir/R4/http.html).  It validates nothing.
"""

from __future__ import annotations

import ssl
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec.structs import replace

from converter.problems import Problems
from tests.faults.answers import Answer, outcome, phrase, refusal, reply
from tests.faults.conditions import Tree, renamed
from tests.faults.kept import TYPES, Kept, Place, Refused, Style, Written
from tests.faults.scripted import BASE, Request, Scripted

VERSIONS = {"r4": "4.0.1", "r4b": "4.3.0", "r5": "5.0.0"}
INTERACTIONS = ("read", "vread", "create", "update", "search-type", "history-instance")
CODES = "https://hapifhir.io/fhir/CodeSystem/hapi-fhir-storage-response-code"


class Memory(Kept):
    """A server's answers, and the resources that it keeps: `all`, `versions` and `put` are for tests.

    Of a transaction that fails nothing is kept, unless `atomic` is off; with `as_batch` each of its entries is by itself, and the
    status 200; without `transactions` there are none.  More than `max_entries` are refused.  With `tokens` a request must carry one
    of them.  `statement` changes the CapabilityStatement, `fhir_version` only its version.  The rest is as in Kept.
    """

    def __init__(self, release: str = "r4", *, style: Style = "hapi", types: Iterable[str] = TYPES, transactions: bool = True,
                 conditions: bool = True, client_ids: bool = True, identifiers: bool = True, atomic: bool = True, as_batch: bool = False,
                 max_entries: int | None = None, tokens: Iterable[str] | None = None, fhir_version: str | None = None,
                 statement: Callable[[Tree], Tree] | None = None):
        super().__init__(style, types, conditions, client_ids, identifiers)
        self.transactions, self.atomic, self.as_batch, self.max_entries = transactions, atomic, as_batch, max_entries
        self.tokens, self.statement, self.fhir_version = tokens, statement, fhir_version or VERSIONS[release]

    def __call__(self, request: Request) -> Answer:
        """The answer to a request."""
        _ = request.body  # a client may send slowly, and others need not wait for it
        with self.lock:
            before = self.copied()
            try:
                return self.answer(request)
            except Problems as problems:
                return refusal(*self.no("0450", f"the body is not JSON: {problems}", 400, code="invalid").args)
            except Refused as refused:
                if self.atomic:
                    self.kept = before
                return refusal(*refused.args)

    def copied(self) -> dict[tuple[str, str], list[Tree]]:
        return {key: [*versions] for key, versions in self.kept.items()}

    def answer(self, request: Request) -> Answer:
        """The answer to a request.  Raises Refused, Problems."""
        target = urlsplit(request.path)
        first, _, below = target.path.strip("/").partition("/")
        if f"/{first}" != BASE:
            raise Refused(404, f"nothing is at {target.path}", "not-found")
        if (request.method, below) == ("GET", "metadata"):
            return reply(200, self.capability())
        if self.tokens is not None and request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return refusal(401, "Authentication required", WWW_Authenticate='Bearer realm="fhir"')
        if not below:
            return self.bundle(request)
        if request.method == "GET":
            return self.read(below.split("/"), target.query, request.origin + BASE)
        place = self.place(request.method, f"{below}?{target.query}" if target.query else below, request.headers.get("if-none-exist", ""))
        self.check_id(place, request.method, request.tree)
        done = self.written(place, request.method, request.tree, request.headers.get("if-match", ""))
        self.check_references([done.resource])
        headers = {"ETag": f'W/"{done.version}"'}
        if request.method == "POST" if self.hapi else done.status == 201:
            headers["Location"] = f"{request.origin}{BASE}/{place.address}/_history/{done.version}"
        if self.hapi and "return=minimal" in request.headers.get("prefer", ""):
            return Answer(done.status, headers=headers)
        return reply(done.status, done.resource, **headers)

    def capability(self) -> Tree:
        """What the server says it can do (https://hl7.org/fhir/R4/capabilitystatement.html); as HAPI, it is silent about batch."""
        search = [{"name": name, "type": "token"} for name in ("_id", "identifier")[:1 + self.identifiers]]
        resources = [{"type": kind, "interaction": [{"code": code} for code in INTERACTIONS], "conditionalCreate": self.conditions,
                      "conditionalUpdate": self.conditions, "searchParam": search} for kind in self.types]
        rest = {"mode": "server", "resource": resources, "interaction": [{"code": "transaction"}] if self.transactions else []}
        tree = {"resourceType": "CapabilityStatement", "status": "active", "date": "2026-01-01", "kind": "instance",
                "fhirVersion": self.fhir_version, "format": ["application/fhir+json", "json"], "rest": [rest]}
        return self.statement(tree) if self.statement else tree

    def read(self, steps: list[str], query: str, base: str) -> Answer:
        """A resource, a version of it, its history, or what a search finds.  Raises Refused."""
        kind, id, *further = [*steps, ""] if len(steps) == 1 else steps
        if kind not in self.types:
            raise self.no("0302", f"no type of resource is called {kind}", 404, code="not-supported")
        if not id:
            found = self.search(kind, query)
            entries = [{"fullUrl": f"{base}/{kind}/{one['id']}", "resource": one, "search": {"mode": "match"}} for one in found]
            link = {"relation": "self", "url": f"{base}/{kind}?{query}"}
            tree = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": [link]}
            return reply(200, tree if not entries or ("_summary", "count") in parse_qsl(query) else {**tree, "entry": entries})
        versions = self.kept.get((kind, id), [])
        if versions and further == ["_history"]:
            return reply(200, {"resourceType": "Bundle", "type": "history", "total": len(versions),
                               "entry": [{"fullUrl": f"{base}/{kind}/{id}", "resource": one} for one in reversed(versions)]})
        meant = [one for one in versions if not further or further == ["_history", one["meta"]["versionId"]]]
        if not meant:
            raise self.no("2001", f"nothing is known of {'/'.join(steps)}", 404, code="not-found")
        return reply(200, meant[-1], ETag=f'W/"{meant[-1]["meta"]["versionId"]}"')

    def bundle(self, request: Request) -> Answer:
        """What became of the entries of a transaction or batch.  Raises Refused, Problems."""
        if request.method != "POST":
            raise Refused(400, f"this server supports no {request.method} of its base", "not-supported")
        kind, entries = request.tree.get("type"), request.tree.get("entry", [])
        if kind == "transaction" and not self.transactions:
            raise Refused(405, "this server supports no transactions", "not-supported")
        if kind not in ("transaction", "batch"):
            raise self.no("0527", f"expected a transaction or batch, found the type {kind}", 400, code="invalid")
        if self.max_entries is not None and len(entries) > self.max_entries:
            raise self.no("0528", f"{len(entries)} are too many entries, at most {self.max_entries} are taken", 413, 400, "too-costly")
        made = self.transaction(entries) if kind == "transaction" and not self.as_batch else [*self.batch(entries)]
        return reply(200, {"resourceType": "Bundle", "id": str(uuid.uuid4()), "type": f"{kind}-response", "entry": made})

    def transaction(self, entries: list[Tree]) -> list[Tree]:
        """What became of the entries, all together.  Raises Refused, when those before the one refused are written."""
        places: dict[str, Place] = {}
        names: dict[str, str] = {}
        work: list[tuple[Tree, Place]] = []
        refused = None
        for entry in entries:
            try:
                place = self.entry_place(entry)
                twin = places.get(place.key)
                if twin:
                    place = self.as_twin(twin, entry)
            except Refused as one:
                refused = one
                break
            places[place.key] = place
            if not (twin and self.hapi):  # which answers once for both
                work.append((entry, place))
            names[entry.get("fullUrl", "")] = place.address
        order = sorted(range(len(work)), key=lambda n: work[n][0]["request"]["method"] == "PUT")  # POST comes before PUT
        done = {n: self.entry(*work[n], names) for n in order}
        if refused:
            raise refused
        self.check_references([written.resource for _, written in done.values()])
        return [done[n][0] for n in range(len(work))]

    def as_twin(self, twin: Place, entry: Tree) -> Place:
        """Where an entry writes, when another of the transaction already writes there.  Raises Refused.

        HAPI takes the first of two with the same condition, where their names tell them apart; Medplum the first create.
        """
        if twin.condition and self.hapi and entry.get("fullUrl"):
            return twin
        if twin.condition and not self.hapi and entry["request"]["method"] == "POST":
            return replace(twin, found=True)
        raise self.no("2008" if twin.condition else "0535", f"several entries are for {twin.key}", 400, code="invalid")

    def batch(self, entries: list[Tree]) -> Iterator[Tree]:
        """What became of each entry, by itself.  Medplum rewrites addresses of entries before it, which a batch has no right to."""
        names: dict[str, str] = {}
        for entry in entries:
            before = self.copied()
            try:
                place = self.entry_place(entry)
                if not self.hapi:
                    names[entry.get("fullUrl", "")] = place.address
                answer, written = self.entry(entry, place, names)
                self.check_references([written.resource])
                yield answer
            except Refused as refused:
                self.kept = before
                status, text, *code = refused.args
                yield {"response": {"status": f"{status} {phrase(status)}" if self.hapi else str(status), "outcome": outcome(text, *code)}}

    def entry_place(self, entry: Tree) -> Place:
        """Where an entry writes.  Raises Refused."""
        request = entry.get("request")
        if not request:
            raise self.no("0529", "an entry has no request", 400, code="invalid")
        return self.place(request["method"], request["url"], request.get("ifNoneExist", ""))

    def entry(self, entry: Tree, place: Place, names: dict[str, str]) -> tuple[Tree, Written]:
        """The entry of the answer, and what was written.  Raises Refused."""
        request = entry["request"]
        sent = renamed(entry.get("resource"), {name: address for name, address in names.items() if name}, in_prose=not self.hapi)
        if not self.hapi:  # HAPI takes the id of the url, whatever the resource says
            self.check_id(place, request["method"], sent)
        done = self.written(place, request["method"], sent, request.get("ifMatch", ""))
        said = outcome("Done", "informational", "information")
        if not self.hapi:
            return {"resource": done.resource, "response": {"status": str(done.status), "location": place.address, "outcome": said}}, done
        by_condition = "" if not place.condition else "_WITH_CONDITIONAL_MATCH" if place.found else "_NO_CONDITIONAL_MATCH"
        same = "_NO_CHANGE" if request["method"] == "PUT" and not done.anew else ""
        code = f"SUCCESSFUL_{'CREATE' if request['method'] == 'POST' else 'UPDATE'}{by_condition}{same}"
        said["issue"][0]["details"] = {"coding": [{"system": CODES, "code": code}]}
        return {"response": {"status": f"{done.status} {phrase(done.status)}", "location": f"{place.address}/_history/{done.version}",
                             "etag": done.version, "lastModified": done.resource["meta"]["lastUpdated"], "outcome": said}}, done


class MemoryServer(Scripted):
    """A server with a Memory behind it.  `fault` is asked first: what it answers to a request is sent, and the memory not asked.

        with MemoryServer(style="medplum", fault=lambda request: refusal(503, "later") if request.number == 1 else None) as server:
            ...
        assert len(server.memory.all("Group")) == 1
    """

    def __init__(self, release: str = "r4", *, fault: Callable[[Request], Answer | None] | None = None,
                 context: ssl.SSLContext | None = None, **switches: Any):
        self.memory = Memory(release, **switches)
        super().__init__(lambda request: (fault and fault(request)) or self.memory(request), context)
