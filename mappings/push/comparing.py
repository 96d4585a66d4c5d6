"""What was sent, compared with what a server has, resource by resource and as a Trial

A server owns some of what it gives back (`SERVER_OWNED`, and the addresses that take the place of urns and conditional references);
it may keep more tags, profiles and security labels than were sent (https://hl7.org/fhir/R5/resource.html#Meta).  Everything else
is to be as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html.entities import html5
from typing import Any
from xml.etree.ElementTree import ParseError, canonicalize

from msgspec import UnsetType

from converter.differences import ADDED, ORDER, both_ways, of_trials
from converter.json_text import encode
from converter.loss import Loss
from converter.problems import Problem, Problems, shown
from converter.trial import Trial
from mappings.fhir_format import R4, R4B, R5
from mappings.push.addresses import Base
from mappings.push.parcels import Entry
from mappings.push.words import clean
from mappings.references import members

FORMATS = {"r4": R4, "r4b": R4B, "r5": R5}
SERVER_OWNED = ("versionId", "lastUpdated", "source")
"""Members of meta that a server sets or adds to: HAPI appends the request's number to `source`, or sets it."""
KEPT = ("profile", "security", "tag")
"""Members of meta of which a server keeps what it had."""


def differences(entry: Entry, there: dict[str, Any], links: Mapping[str, str], base: Base) -> Iterator[Problem]:
    """What is different in one resource; `links` are the addresses of those it refers to, by what the entry calls them."""
    if entry.method == "POST" and entry.condition:
        return  # what a conditional create found belongs to somebody else
    try:
        sent, read = plain(entry.resource, links, base), plain(there, {}, base)
        agree(sent, read)
        for loss in both_ways(sent, read, {}) if encode(sent) != encode(read) else ():
            yield different(f"{entry.path}.resource.{loss.path}", loss)
    except RecursionError:
        yield Problem(f"{entry.path}.resource", "what the server has nests hundreds of levels deep, and was not sent so")


def different(path: str, loss: Loss) -> Problem:
    """What is said of one difference."""
    before, after, path = said(loss.value), said(loss.after), clean(path)
    if loss.reason == ORDER:
        return Problem(path, f"{before} was sent, and the server has it in another order")
    if loss.reason == ADDED:
        return Problem(path, f"was not sent, and the server has {after}")
    if isinstance(loss.after, UnsetType):
        return Problem(path, f"{before} was sent, and the server does not have it")
    return Problem(path, f"{before} was sent, and the server has {after}")


def said(value: Any) -> str:
    """A value as a message shows it: of a server's, nothing that a terminal obeys."""
    if isinstance(value, Decimal) and abs(value.adjusted()) < 20:
        return f"{value:f}"
    return clean(value if isinstance(value, str) else shown(value), 100)


def plain(resource: dict[str, Any], links: Mapping[str, str], base: Base) -> dict[str, Any]:
    """The resource without what a server owns, its references as addresses on the server, its members in order."""
    made: dict[str, Any] = ordered({name: part for name, part in resource.items() if name not in ("id", "meta")}, links, base)
    meta = resource.get("meta")
    kept = {name: part for name, part in meta.items() if name not in SERVER_OWNED} if isinstance(meta, dict) else {}
    if kept:
        made["meta"] = ordered(kept, links, base)
    return made


def ordered(tree: Any, links: Mapping[str, str], base: Base) -> Any:
    """The tree as one that equals every other that says the same: numbers by their value, members by name."""
    if isinstance(tree, dict):
        made = {name: ordered(tree[name], links, base) for name in sorted(tree)}
        if isinstance(made.get("div"), str):
            made["div"] = narrative(made["div"])
        if isinstance(led := made.get("reference"), str):
            where = base.located(led) if base.owns(led) else None
            made["reference"] = links.get(led) or (f"{where[0]}/{where[1]}" if where else led)
        return made
    if isinstance(tree, list):
        return [ordered(part, links, base) for part in tree]
    if isinstance(tree, (int, Decimal)) and not isinstance(tree, bool):
        sign, digits, exponent = Decimal(tree).as_tuple()
        kept = len(digits)
        while kept > 1 and digits[kept - 1] == 0:
            kept -= 1
        return Decimal((sign, digits[:kept], int(exponent) + len(digits) - kept)) if any(digits) else Decimal(0)
    return tree


def narrative(div: str) -> str:
    """The XHTML as every other that says the same: servers write entities, empty elements and quotes in their own way.

    https://www.w3.org/TR/xml-c14n2/.  What is no XML, or might have entities of its own, is left.
    """
    if "<!" in div:
        return div
    try:
        return canonicalize(ENTITY.sub(lambda named: html5.get(named[1], named[0]), div))
    except ParseError:
        return div


ENTITY = re.compile(r"&((?!(?:amp|lt|gt|quot|apos);)[A-Za-z]+\d*;)")
"""An entity that HTML has and XML has not."""


def agree(sent: Any, read: Any) -> None:
    """Takes what a server may make of what was sent as sent: an address for a conditional reference, more entries in lists of meta."""
    if isinstance(sent, dict) and isinstance(read, dict):
        asked, led = sent.get("reference"), read.get("reference")
        if isinstance(asked, str) and isinstance(led, str) and "?" in asked and led.startswith(f"{asked.partition('?')[0]}/"):
            sent["reference"] = led
        meta, there = sent.get("meta"), read.get("meta")
        for name in KEPT if isinstance(there, dict) else ():
            before, after = members(meta, name), members(there, name)
            if after and all(one in after for one in before):
                sent.setdefault("meta", {})[name] = after
        for name in sent.keys() & read.keys():
            agree(sent[name], read[name])
    elif isinstance(sent, list) and isinstance(read, list):
        for one, other in zip(sent, read, strict=False):
            agree(one, other)


def trial_differences(bundle: dict[str, Any], resources: Sequence[dict[str, Any] | None], release: str) -> Iterator[Problem]:
    """What is different in the Trial that the server's resources give from that of the Bundle, at its path in the Trial."""
    sent, there = trial_of(bundle, release), trial_of(as_bundle(resources), release)
    if sent is None or sent == there:
        return
    if there is None:
        yield Problem("", "no Trial can be read from what the server has")
        return
    for one in of_trials(sent, there, str, release):
        yield different(one.path, Loss(one.path, one.reason, one.before, after=one.after))


def trial_of(bundle: dict[str, Any], release: str) -> Trial | None:
    """The Trial in a Bundle; None when none can be read from it."""
    try:
        return FORMATS[release].read(encode(bundle)).trial
    except (Problems, RecursionError):
        return None


def as_bundle(resources: Sequence[dict[str, Any] | None]) -> dict[str, Any]:
    """The resources as a Bundle in which their references lead to one another."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources if one]}
