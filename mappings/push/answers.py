"""What a server says of a transaction: each entry's fate                https://hl7.org/fhir/R5/http.html#trules

HTTP 200 is not yet success: entries may have failed, may be missing (HAPI makes one of two with the same key), or lead elsewhere.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from msgspec import Struct

from converter.problems import Problem
from mappings.push.addresses import ID, Base
from mappings.push.http import Reply
from mappings.push.parcels import Entry, Parcel
from mappings.push.words import clean, outcome_words
from mappings.references import kind_of, members

Fate = Literal["created", "updated", "unchanged"]
NO_CHANGE = re.compile(r"NO_CHANGE|CREATE_WITH_CONDITIONAL_MATCH")
"""In codes of HAPI's: nothing was written, since it was there already.  (UPDATE_WITH_CONDITIONAL_MATCH is a change.)"""
DONE = (200, 201, 204)
ETAG = re.compile(rf'(?:W/)?"?({ID.pattern})"?')


class Written(Struct, frozen=True):
    """A resource that is on the server now, and what was done for that."""

    kind: str
    id: str
    fate: Fate
    version: str | None = None

    @property
    def location(self) -> str:
        """Where it is, relative to the base."""
        return f"{self.kind}/{self.id}" + (f"/_history/{self.version}" if self.version else "")


class Answer(Struct, frozen=True):
    """What an answer says: `written` when everything in it is right.

    `problems` are entries that failed, the first with `status`; `others` says that not all did, and `busy` that they failed for want
    of time or room only (429, 503).  `doubt`: why the answer cannot be believed, so that the server must be looked at.
    """

    written: tuple[Written, ...] = ()
    problems: tuple[Problem, ...] = ()
    others: bool = False
    busy: bool = False
    status: int = 0
    doubt: str = ""


def answer(parcel: Parcel, reply: Reply, base: Base) -> Answer:
    """What the reply (a success by HTTP) says of the Bundle's entries."""
    tree, entries = reply.resource, parcel.entries
    if kind_of(tree) != "Bundle":
        found = clean(kind_of(tree)) or ("an empty answer" if not reply.body.strip() else "no FHIR")
        return Answer(doubt=f"the server answered {reply.status} with {found}; expected a Bundle")
    if tree.get("type") not in ("transaction-response", "batch-response"):
        return Answer(doubt=f"the server answered with a Bundle of type {clean(str(tree.get('type')))}; expected transaction-response")
    parts = members(tree, "entry")
    if len(parts) > len(entries):
        return Answer(doubt=f"the server answered for {len(parts)} entries, and {len(entries)} were sent")
    responses = [part.get("response") if isinstance(part, dict) else None for part in parts]
    statuses = list(map(status_of, responses))
    if None in statuses:
        return Answer(doubt=f"the server gave no status for {entries[statuses.index(None)].path}")
    failed = [n for n, status in enumerate(statuses) if status not in DONE]
    if failed:
        return Answer(problems=tuple(fault(entries[n], responses[n]) for n in failed), others=len(failed) < len(responses),
                      busy=all(statuses[n] in (429, 503) for n in failed), status=statuses[failed[0]] or 0)
    if len(responses) < len(entries):
        return Answer(doubt=f"the server answered for {len(responses)} of {len(entries)} entries")
    written: list[Written] = []
    for entry, response, part in zip(entries, responses, parts, strict=True):
        one = placed(entry, response, part, base)
        if one is None:
            where = clean(str((response or {}).get("location", "no location")))
            return Answer(doubt=f"the server gave {where} for {entry.path}; expected {entry.kind}/ and an id at its own address")
        written.append(one)
    return Answer(tuple(written))


def status_of(response: Any) -> int | None:
    """The HTTP status of an entry, which servers write as "201", "201 Created" or a number; None for none."""
    match = re.match(r"\d{3}(?!\d)", str(response.get("status", "")), re.ASCII) if isinstance(response, dict) else None
    return int(match[0]) if match else None


def fault(entry: Entry, response: Any) -> Problem:
    """Why the entry was not written."""
    words = "; ".join(one.text for one in outcome_words(response.get("outcome"))) or "without a reason"
    return Problem(entry.path, f"the server answered {status_of(response)} for the {entry.kind} inside a success: {words}")


def placed(entry: Entry, response: Any, part: Any, base: Base) -> Written | None:
    """What was written, by the location or the resource in the answer; None when it says nothing that can be meant."""
    location, resource = response.get("location"), part.get("resource")
    where = base.located(location) if isinstance(location, str) else None
    if location is None:
        id = resource.get("id") if kind_of(resource) == entry.kind else entry.id
        where = (entry.kind, id, None) if isinstance(id, str) and ID.fullmatch(id) else None
    if where is None or where[0] != entry.kind or (entry.id and where[1] != entry.id):
        return None
    same = NO_CHANGE.search(str(response.get("outcome")))
    fate: Fate = "created" if status_of(response) == 201 else "unchanged" if same or entry.method == "POST" else "updated"
    return Written(where[0], where[1], fate, where[2] or version_in(response.get("etag")))


def version_in(etag: Any) -> str | None:
    """The version that an ETag says, with W/ and quotes or without; None when it is none."""
    match = ETAG.fullmatch(etag) if isinstance(etag, str) else None
    return match[1] if match else None
