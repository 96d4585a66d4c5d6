"""A transaction Bundle that is to be pushed: what it asks for, by what it is known again, what can be seen to be wrong.

https://hl7.org/fhir/R5/http.html#transaction, …/http.html#cond-update, …/http.html#ccreate
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from hashlib import sha256
from typing import Any
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct
from msgspec.structs import replace

from converter.json_text import encode, parse
from converter.problems import Problem, Problems, join, member, refuse, shown
from mappings.identity import request as conditional_update
from mappings.references import kind_of
from mappings.transactions import REST, request_faults

URN = re.compile(rb"urn:(?:uuid|oid):")
LINK = re.compile(rb'"(?:reference|fullUrl)":"(urn:(?:uuid|oid):[0-9a-fA-F.-]+)"')
"""Where a urn may stand: servers put the address of the written resource in its place, some of them everywhere."""


class Entry(Struct, frozen=True):
    """One write of a Bundle, `number` being that of its entry.

    `condition` is the search by which the resource is known ("identifier=…"); "" without one.
    """

    number: int
    kind: str
    method: str
    url: str
    condition: str
    full_url: str
    resource: dict[str, Any]
    request: dict[str, Any]

    @property
    def path(self) -> str:
        """Where it stands in the Bundle."""
        return f"Bundle.entry[{self.number}]"

    @property
    def idempotent(self) -> bool:
        """Does sending it again leave one copy?"""
        return self.method != "POST" or bool(self.condition)

    @property
    def key(self) -> str:
        """What it writes to, as an address on the server in plain spelling; "" for a plain create."""
        return unquote(f"{self.kind}?{self.condition}" if self.condition else self.url if self.method == "PUT" else "")

    @property
    def search(self) -> str:
        """The search that finds what it wrote: its condition, or the resource's first identifier; "" when it has none."""
        found = self.condition or condition_of(self.resource)
        return f"{self.kind}?{found}" if found else ""

    @property
    def id(self) -> str:
        """The id that it gives to the resource; "" where the server does."""
        return self.url.partition("/")[2] if self.method == "PUT" and "?" not in self.url else ""

    @property
    def names(self) -> tuple[str, ...]:
        """What a reference from another entry may call it."""
        there = REST.fullmatch(self.full_url)
        relative = f"{there[1]}/{there[2]}" if there else f"{self.kind}/{self.id}" if self.id else ""
        asked = f"{self.kind}?{self.condition}" if self.condition else ""
        return tuple(dict.fromkeys(name for name in (self.full_url, relative, asked, self.key) if name))


class Given(Struct, frozen=True):
    """A Bundle to push, and which record it is: `index` counts from 0 in `source`.  `tree` is what `content` holds, where it is known."""

    content: bytes
    source: str = ""
    index: int = 0
    id: str | None = None
    tree: dict[str, Any] | None = None


class Parcel:
    """A Bundle that is to be pushed."""

    def __init__(self, given: Given, tree: dict[str, Any], content: bytes, entries: tuple[Entry, ...]):
        self.given, self.tree, self.content, self.entries = given, tree, content, entries

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the bytes that are sent."""
        return sha256(self.content).hexdigest()

    @cached_property
    def main(self) -> Entry:
        """The study; without one the first that is not shared with others (a conditional create), or the first of all."""
        study = (entry for entry in self.entries if entry.kind == "ResearchStudy")
        own = (entry for entry in self.entries if entry.method == "PUT" or not entry.condition)
        return next(study, None) or next(own, self.entries[0])

    @cached_property
    def key(self) -> str:
        """By what the Bundle is known again from run to run."""
        return self.main.key or self.main.search or f"sha256:{self.sha256}"

    @property
    def id(self) -> str:
        """What a message calls it: the record's id, or the identifier of the study."""
        return self.given.id or re.sub(r"\\(.)", r"\1", unquote(self.main.search).partition("|")[2]) or self.key

    @cached_property
    def keys(self) -> frozenset[str]:
        """Everything that it writes to and others may write to, too."""
        return frozenset(entry.key for entry in self.entries if entry.key)

    @property
    def idempotent(self) -> bool:
        """May it be sent again when nobody knows whether it arrived?"""
        return all(entry.idempotent for entry in self.entries)


def parcel(given: Given) -> Parcel:
    """The Bundle, ready to be sent.

    Raises Problems when it is no transaction of writes, or when sending it would do something else than it says: one key twice
    (HAPI drops the second body in silence), a urn that leads nowhere, or one in a text that servers would rewrite.
    """
    tree = given.tree or parse(given.content)
    if kind_of(tree) != "Bundle" or tree.get("type") != "transaction":
        found = f"a Bundle of type {shown(tree.get('type'))}" if kind_of(tree) == "Bundle" else kind_of(tree) or shown(tree)
        raise refuse(f"found {found}; expected a Bundle of type transaction, as `convert` writes it")
    parts = tree.get("entry")
    if not isinstance(parts, list) or not parts:
        raise refuse("the Bundle has no entries; expected at least one", "Bundle.entry")
    entries = tuple(entry_of(part, n) for n, part in enumerate(parts))
    made = Parcel(given, tree, encode(tree), entries)
    if wrong := tuple(faults(made)):
        raise Problems(wrong)
    return made


def entry_of(part: Any, number: int) -> Entry:
    """The write that an entry asks for; its ifNoneExist is made the condition alone, as FHIR has it: Medplum misreads others.

    Raises Problems when it is no write.
    """
    path = f"Bundle.entry[{number}]"
    request, resource = (part.get("request"), part.get("resource")) if isinstance(part, dict) else (None, None)
    if not isinstance(request, dict) or not isinstance(resource, dict) or not kind_of(resource):
        raise refuse("expected a resource and a request (a PUT or POST)", path)
    kind, method, url = kind_of(resource), request.get("method"), request.get("url")
    if method not in ("PUT", "POST"):
        raise refuse(f"found {shown(method)}; expected a PUT or POST: nothing else is pushed", f"{path}.request.method")
    if isinstance(none := request.get("ifNoneExist"), str):
        request["ifNoneExist"] = none.rpartition("?")[2]
    if not isinstance(url, str):
        raise refuse(f"found {shown(url)}; expected {kind}, and with a PUT an id or a condition", f"{path}.request.url")
    if re.search(r"(^|/)(\$|_)", url.partition("?")[0]):
        raise refuse(f"found {shown(url)}, an operation; expected a resource: nothing else is pushed", f"{path}.request.url")
    if wrong := [Problem(f"{path}.request{where}", words) for where, words in request_faults(request, resource)]:
        raise Problems(wrong)
    condition = url.partition("?")[2] if method == "PUT" else request.get("ifNoneExist") or ""
    return Entry(number, kind, method, url, condition, str(part.get("fullUrl") or ""), resource, request)


def condition_of(resource: dict[str, Any]) -> str:
    """The search for the resource by its first identifier with system and value; "" when it has none."""
    identifiers = resource.get("identifier")
    for one in identifiers if isinstance(identifiers, list) else [identifiers]:
        if isinstance(one, dict) and isinstance(one.get("system"), str) and isinstance(one.get("value"), str):
            return conditional_update("", one["system"], one["value"])["url"].removeprefix("?")
    return ""


def faults(parcel: Parcel) -> Iterator[Problem]:
    """What would make a server do something else than the Bundle says."""
    for key, times in Counter(entry.key for entry in parcel.entries if entry.key).items():
        if times > 1:
            second = [entry for entry in parcel.entries if entry.key == key][1]
            yield Problem(f"{second.path}.request.url", f"{shown(key)} is written {times} times; expected once: a server may "
                          "drop the second without a word")
    known = {entry.full_url for entry in parcel.entries}
    links = LINK.findall(parcel.content)
    if len(links) < len(URN.findall(parcel.content)) or not {link.decode() for link in links} <= known:  # else the bytes have shown enough
        yield from urn_faults(parcel, {urn for urn in known if urn.startswith("urn:")})


def urn_faults(parcel: Parcel, known: set[str]) -> Iterator[Problem]:
    """References that lead to no entry, and the full URLs of entries that stand where no reference is."""
    for path, said in texts(parcel.tree["entry"], "Bundle.entry"):
        if path.endswith(".reference"):
            if said.startswith(("urn:uuid:", "urn:oid:")) and said not in known:
                yield Problem(path, f"{shown(said)} is the full URL of no entry; expected the resource in the same Bundle")
        elif not path.endswith(".fullUrl") and any(urn in said for urn in known):
            yield Problem(path, f"has the full URL of an entry in {shown(said)}; expected it only in a reference: servers put the new "
                          "address in its place, here too")


def texts(tree: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text, with its path."""
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, dict):
        for key, part in tree.items():
            yield from texts(part, member(path, key))
    elif isinstance(tree, list):
        for n, part in enumerate(tree):
            yield from texts(part, join(path, n))


def led_to(entries: tuple[Entry, ...]) -> dict[int, set[int]]:
    """For the number of each entry, the numbers of those that it refers to."""
    numbers = {name: entry.number for entry in entries for name in entry.names}
    return {entry.number: {numbers[said] for path, said in texts(entry.resource, "") if path.endswith("reference") and said in numbers}
            - {entry.number} for entry in entries}


def remade(parcel: Parcel, entries: tuple[Entry, ...]) -> Parcel:
    """The Bundle of those entries alone, each as it asks now."""
    parts = [{**({"fullUrl": entry.full_url} if entry.full_url else {}),
              "resource": entry.resource, "request": {**entry.request, "url": entry.url}} for entry in entries]
    tree = {**parcel.tree, "entry": parts}
    return Parcel(parcel.given, tree, encode(tree), entries)


def with_ids(parcel: Parcel) -> Parcel:
    """The same Bundle, every conditional update being one of an id: always the same, made from its condition (RFC 9562, version 5).

    For servers that know no conditional update, or few of them in one transaction.
    """
    return remade(parcel, tuple(map(with_id, parcel.entries)))


def with_id(entry: Entry) -> Entry:
    """The update of a resource with an id of ours, which is that of its urn:uuid."""
    if entry.method != "PUT" or not entry.condition:
        return entry
    urn = re.fullmatch(r"urn:uuid:([0-9a-f-]{36})", entry.full_url)
    id = urn[1] if urn else str(uuid5(NAMESPACE_URL, entry.key))
    return replace(entry, url=f"{entry.kind}/{id}", resource={**entry.resource, "id": id})


def components(parcel: Parcel) -> list[tuple[Entry, ...]]:
    """The entries in groups that no reference joins, so that each can be written without the others."""
    group = {entry.number: entry.number for entry in parcel.entries}

    def root(number: int) -> int:
        while group[number] != number:
            number = group[number]
        return number

    for number, others in led_to(parcel.entries).items():
        for other in others:
            group[root(number)] = root(other)
    made: dict[int, list[Entry]] = {}
    for entry in parcel.entries:
        made.setdefault(root(entry.number), []).append(entry)
    return list(map(tuple, made.values()))


def halves(parcel: Parcel) -> tuple[Parcel, Parcel] | None:
    """The Bundle in two, never through a reference; None when everything in it belongs together."""
    groups = components(parcel)
    if len(groups) < 2:
        return None
    first: list[Entry] = []
    while len(groups) > 1 and (not first or len(first) + len(groups[0]) <= len(parcel.entries) / 2):
        first += groups.pop(0)
    return remade(parcel, tuple(first)), remade(parcel, tuple(entry for group in groups for entry in group))
