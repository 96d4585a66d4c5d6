"""A Bundle as single writes, for servers without transactions: what others refer to first.

What has a condition is searched for and then created or updated; after a write that was not answered it is searched for again, so
that a repeat leaves one copy.  https://hl7.org/fhir/R5/http.html#create, …#update, …#ccreate
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from converter.json_text import encode
from converter.problems import Problem
from mappings.push.addresses import ID
from mappings.push.answers import Fate, Written
from mappings.push.comparing import differences
from mappings.push.http import Reply
from mappings.push.parcels import Entry, led_to
from mappings.push.reading_back import found, several_found, version_of
from mappings.push.trying import GivenUp
from mappings.push.words import is_stale, said

if TYPE_CHECKING:
    from mappings.push.sending import Pairs, Sending

ROUNDS = 3
"""How often a resource is looked up anew after somebody else wrote it meanwhile."""


def in_sequence(sending: Sending) -> Pairs:
    """What is on the server afterwards for each entry.  Raises as `Sending.pushed` does."""
    links: dict[str, str] = {}
    for entry in targets_first(sending.parcel.entries):
        one = written(sending, entry, links)
        sending.done.append((entry, one))
        links |= dict.fromkeys(entry.names, f"{one.kind}/{one.id}")
    return sorted(sending.done, key=lambda pair: pair[0].number)


def targets_first(entries: tuple[Entry, ...]) -> list[Entry]:
    """The entries, each after those that it refers to.  Raises GivenUp when they refer to each other in a circle."""
    numbered = {entry.number: entry for entry in entries}
    try:
        return [numbered[n] for n in TopologicalSorter(led_to(entries)).static_order()]
    except CycleError:
        raise GivenUp("refused", Problem("Bundle.entry", "the entries refer to each other in a circle, so none can be written first; "
                                         "expected --strategy conditional or put-id")) from None


def written(sending: Sending, entry: Entry, links: dict[str, str]) -> Written:
    """The resource on the server, after a search and at most one write that counts.  Raises as `Sending.pushed` does."""
    for _ in range(ROUNDS):
        one = Single(sending, entry, links)
        reply = sending.trying.ask(one.send, idempotent=entry.idempotent)
        if one.known:
            fate: Fate = "updated" if sending.arrived else "unchanged"
            sending.arrived = False
            return Written(entry.kind, one.known["id"], fate, version_of(one.known))
        if reply.status == 200 and one.created:
            continue  # somebody else created it meanwhile, and this wrote nothing
        if 200 <= reply.status < 300:
            sending.arrived = False
            return one.placed(reply)
        if "ifMatch" in entry.request or not is_stale(reply.status, said(reply)):
            break
    raise sending.refusal((entry,), reply)


class Single:
    """One resource on its way.  `known` is what the server has when that is what it should have, `id` that of one to be updated;
    `created`: it was to be created if there is none."""

    def __init__(self, sending: Sending, entry: Entry, links: dict[str, str]):
        self.sending, self.entry, self.links = sending, entry, links
        self.known: dict[str, Any] | None = None
        self.id = ""
        self.created = False

    def there(self) -> dict[str, Any] | None:
        """What the server has by the entry's id or condition; of a plain create, nothing is asked.  Raises GivenUp where it has several."""
        those = found(self.sending.asking, self.entry) if self.entry.key else []
        if len(those) > 1:
            raise GivenUp("refused", several_found(self.entry, those))
        return those[0] if those else None

    def send(self) -> Reply:
        """The answer to the write; to the search, when there is nothing to write."""
        entry, client, there = self.entry, self.sending.client, self.there()
        if there and (entry.method == "POST" or not any(differences(entry, there, self.links, client.base))):
            self.known = there
            return Reply(200, {}, b"")
        self.id = there["id"] if there else entry.id
        resource = linked(entry.resource, self.links)
        headers = {"Prefer": "return=minimal"}
        if self.id:
            method, path, resource = "PUT", f"{entry.kind}/{self.id}", {**resource, "id": self.id}
            version = version_of(there) if there else None
            if wanted := entry.request.get("ifMatch") or (f'W/"{version}"' if version else None):
                headers["If-Match"] = wanted
        else:
            method, path = "POST", entry.kind
            if entry.condition:
                headers["If-None-Exist"], self.created = entry.condition, True
        body, until = encode(resource), self.sending.until
        return self.sending.recorded(lambda request: client.ask(method, path, body, {**headers, "X-Request-Id": request}, until))

    def placed(self, reply: Reply) -> Written:
        """What was written, by the answer; where that does not say it, by a search.  Raises GivenUp when none finds it."""
        where = self.sending.client.base.located(reply.headers.get("location", ""))
        fate: Fate = "created" if reply.status == 201 else "updated"
        if where and where[0] == self.entry.kind:
            return Written(self.entry.kind, where[1], fate, where[2])
        id = self.id or reply.resource.get("id")
        if isinstance(id, str) and ID.fullmatch(id):
            return Written(self.entry.kind, id, fate)
        if there := self.there():
            return Written(self.entry.kind, there["id"], fate, version_of(there))
        raise GivenUp("refused", Problem(self.entry.path, f"the server answered {reply.status} without saying where the "
                                         f"{self.entry.kind} is (Location), and a search does not find it"))


def linked(tree: Any, links: dict[str, str]) -> Any:
    """The tree, the references in it being addresses on the server."""
    if isinstance(tree, dict):
        return {name: links.get(part, part) if name == "reference" and isinstance(part, str) else linked(part, links)
                for name, part in tree.items()}
    return [linked(part, links) for part in tree] if isinstance(tree, list) else tree
