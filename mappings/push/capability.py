"""What a server says that it can do, held against what is to be pushed  https://hl7.org/fhir/R5/capabilitystatement.html

It is believed where it refuses, and asked where it matters: whether it finds a resource by its identifier decides whether a
conditional update hits the right one.  What it leaves out is no refusal: HAPI does more than it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal
from urllib.parse import quote
from uuid import uuid4

from msgspec import Struct

from mappings.identity import SID
from mappings.push.authorization import Credentials, Nobody
from mappings.push.client import FRESH, Client
from mappings.push.discovery import KINDS
from mappings.push.http import Reply
from mappings.push.wording import word
from mappings.push.words import NOT_THERE, hint, outcome_words, said
from mappings.references import kind_of, members
from mappings.releases import VERSIONS

Status = Literal["ok", "doubtful", "missing"]
MARKS = {"ok": "ok", "doubtful": "? doubtful", "missing": "✗ missing"}
INTERACTIONS = {"read": "read", "search-type": "search", "create": "create", "update": "update"}
NEEDED = {"conditional": {"create", "update"}, "put-id": {"update"}, "sequential": {"create", "update", "search-type"}}
"""By strategy, the interactions without which nothing is written; the others are for --verify and --skip-unchanged."""
RELEASES = {number.rpartition(".")[0]: name for name, number in VERSIONS.items()}
SILENT = "A server takes another release without a word and leaves out what it does not know"
REPOSITORY = ("Systems for patients' records (Epic, Oracle Health, athenahealth) take no studies; a research repository is needed, such as "
              "HAPI FHIR, Smile, Blaze, Azure, Google or Medplum")
UNSURE = "The first Bundle will show it"
STRICT = {**FRESH, "Prefer": "handling=strict"}
"""A server that does not know a parameter then says so, instead of passing over it: https://hl7.org/fhir/R5/search.html#errors."""


class Check(Struct, frozen=True):
    """One thing that is needed: what was found, whether that will do, and what to try where it will not."""

    subject: str
    found: str
    status: Status
    advice: str = ""


class Capabilities(Struct, frozen=True):
    """What a server is: the version of FHIR as it says it, the release of ours that is (None: none), and what was checked."""

    version: str
    release: str | None
    software: str
    checks: tuple[Check, ...]

    @property
    def refused(self) -> bool:
        """Is anything missing without which nothing should be pushed?"""
        return any(check.status == "missing" for check in self.checks)


def capabilities(client: Client, *, release: str | None, kinds: Sequence[str] = KINDS, strategy: str = "conditional",
                 until: float | None = None) -> Capabilities:
    """What the server can do of what `strategy` needs for resources of these types in `release` (None: in the server's own).

    `until` is the moment (time.monotonic) at which waiting ends.  Raises Unanswered and Unauthorised as `Client.ask` does.
    """
    reply = client.ask("GET", "metadata", until=until)
    statement = reply.resource if 200 <= reply.status < 300 else {}
    if kind_of(statement) not in ("CapabilityStatement", "Conformance"):
        return Capabilities("", None, "", (no_statement(reply),))
    version = word(statement, "fhirVersion")
    theirs = release_of(version)
    named = statement.get("software")
    software = " ".join(part for part in (word(named, "name"), word(named, "version")) if part)
    rest = next((one for one in listed(statement, "rest") if one.get("mode", "server") == "server"), {})
    checks = [Check("server", software or "does not say what it is", "ok"), version_check(version, release)]
    for kind in kinds:
        checks += kind_checks(client, kind, rest, strategy, until)
    checks += transaction_checks(rest, strategy)
    checks.append(security_check(rest, client.credentials))
    return Capabilities(version, theirs, software, tuple(checks))


def no_statement(reply: Reply) -> Check:
    """The check that fails where /metadata has no CapabilityStatement."""
    location = reply.headers.get("location")
    if location:
        reply = Reply(reply.status, {**reply.headers, "location": location.removesuffix("/metadata")}, reply.body)
    words = said(reply)
    found = "; ".join(one.text for one in words) or kind_of(reply.resource) or "nothing"
    advice = hint(reply.status, words, strategy="sequential") or NOT_THERE
    return Check("capability statement", f"the server answered {reply.status} with {found}", "missing", advice)


def release_of(version: str) -> str | None:
    """The release with that version, as FHIR numbers them: 4.0.1 is R4."""
    match = re.match(r"\d+\.\d+(?!\d)", version)
    return RELEASES.get(match[0]) if match else None


def version_check(version: str, release: str | None) -> Check:
    """Is the server's release that of the Bundles?"""
    theirs = release_of(version)
    found = f"{version} ({theirs.upper()})" if theirs else version
    if not version:
        return Check("FHIR version", "does not say", "doubtful", f"{SILENT}; make sure that it is the one of --release")
    if theirs is None:
        return Check("FHIR version", found, "missing", f"trialbridge writes {', '.join(VERSIONS).upper()}; another server is needed")
    if release not in (None, theirs):
        return Check("FHIR version", f"{found}; the Bundles are {str(release).upper()}", "missing", f"{SILENT}; use --release {theirs}")
    return Check("FHIR version", found, "ok")


def kind_checks(client: Client, kind: str, rest: dict[str, Any], strategy: str, until: float | None) -> Iterator[Check]:
    """What the server can do with resources of that type."""
    resources = listed(rest, "resource")
    resource = next((one for one in resources if one.get("type") == kind), None)
    if resources and resource is None:
        yield Check(kind, f"not among the {len(resources)} types of the server", "missing", advice_for(kind))
        return
    resource = resource or {}
    yield interactions_check(kind, resource, strategy)
    if strategy == "put-id":
        yield own_ids_check(kind, resource)
        return
    if strategy == "conditional":
        yield conditions_check(kind, resource)
    yield identifier_check(client, kind, resource, until)


def interactions_check(kind: str, resource: dict[str, Any], strategy: str) -> Check:
    """Reading, searching, creating and updating."""
    codes = told(resource, "interaction", "code")
    if not codes:
        return Check(kind, "does not say what it does with them", "doubtful", UNSURE)
    there = [name for code, name in INTERACTIONS.items() if code in codes]
    absent = [name for code, name in INTERACTIONS.items() if code not in codes]
    found = ", ".join(there) + (f"; no {', '.join(absent)}" if absent else "")
    if lacks := NEEDED[strategy] - codes:
        return Check(kind, found, "missing", advice_for(kind) if lacks & {"create", "update"} else "Use --strategy conditional")
    return Check(kind, found, "doubtful" if absent else "ok", "--verify and --skip-unchanged may not work" if absent else "")


def advice_for(kind: str) -> str:
    """What to do where a server does not take that type."""
    return REPOSITORY if kind == "ResearchStudy" else "Choose a server that takes it, such as a research repository"


def conditions_check(kind: str, resource: dict[str, Any]) -> Check:
    """Updating what a search finds; creating what it does not find is only in Bundles of others."""
    subject, update, create = f"{kind}, conditional", resource.get("conditionalUpdate"), resource.get("conditionalCreate")
    found = f"update: {yes_or_no(update)}; create: {yes_or_no(create)}"
    if update is False:
        return Check(subject, found, "missing", "Use --strategy put-id or sequential")
    if update is not True:
        return Check(subject, found, "doubtful", f"{UNSURE}; else use --strategy put-id or sequential")
    if create is False:
        return Check(subject, found, "doubtful", "Only Bundles with ifNoneExist need that")
    return Check(subject, found, "ok")


def own_ids_check(kind: str, resource: dict[str, Any]) -> Check:
    """Creating with an id that the client gives, of which HAPI says nothing, though it does it."""
    subject, value = f"{kind}, ids of ours", resource.get("updateCreate")
    if value is True:
        return Check(subject, "yes", "ok")
    if value is False:
        return Check(subject, "no", "missing", "Use --strategy conditional")
    return Check(subject, "does not say", "doubtful", f"{UNSURE}; else use --strategy conditional")


def yes_or_no(value: Any) -> str:
    """What the statement says."""
    return "yes" if value is True else "no" if value is False else "does not say"


def identifier_check(client: Client, kind: str, resource: dict[str, Any], until: float | None) -> Check:
    """Does it find resources by their identifier: does it say so, and does it find nothing by one that nobody has?"""
    subject = f"{kind} by identifier"
    names = told(resource, "searchParam", "name")
    says = "listed" if "identifier" in names else "not listed" if names else "does not say"
    reply = client.ask("GET", f"{kind}?identifier={quote(f'{SID}none|{uuid4()}', safe='')}&_summary=count", headers=STRICT, until=until)
    bundle = reply.resource
    if reply.status == 200 and kind_of(bundle) == "Bundle":
        total, entries = bundle.get("total"), listed(bundle, "entry")
        notes = [one.text for entry in entries for one in outcome_words(entry.get("resource"))]
        number = sum(not outcome_words(entry.get("resource")) for entry in entries) or (total if isinstance(total, int) else 0)
        found = "; ".join([says, f"found {number} by an identifier that nobody has", *notes[:1]])
        if number:
            return Check(subject, found, "missing", "It passes the identifier over, and would update anything; use --strategy put-id")
        if notes or says == "not listed":
            return Check(subject, found, "doubtful", "It may pass the identifier over; use --strategy put-id")
        return Check(subject, found, "ok")
    words = "; ".join(one.text for one in said(reply)) or kind_of(bundle) or "nothing"
    found = f"{says}; asked for one, it answered {reply.status} with {words}"
    if reply.status == 404:
        return Check(subject, found, "missing", advice_for(kind))
    if reply.status == 400 and "_summary" not in words:
        return Check(subject, found, "missing", "Use --strategy put-id")
    if reply.status == 403:
        return Check(subject, found, "doubtful", "These credentials may not search; ask who runs the server")
    return Check(subject, found, "doubtful", hint(reply.status, said(reply), strategy="sequential"))


def transaction_checks(rest: dict[str, Any], strategy: str) -> Iterator[Check]:
    """Writing a whole Bundle or nothing of it, where the strategy needs that."""
    codes = told(rest, "interaction", "code")
    if strategy == "sequential":
        return
    if "transaction" in codes:
        yield Check("transaction", "yes", "ok")
    elif codes:
        yield Check("transaction", f"not among {', '.join(sorted(codes)[:10])}", "missing", "Use --strategy sequential")
    else:
        yield Check("transaction", "does not say", "doubtful", f"{UNSURE}; else use --strategy sequential")


def security_check(rest: dict[str, Any], credentials: Credentials) -> Check:
    """Who may ask, as far as the server says, and as whom we do."""
    services = [word(service, "text") or next((word(coding, "code") for coding in listed(service, "coding")), "")
                for service in listed(rest.get("security"), "service")[:5]]
    asks = ", ".join(service for service in services if service)
    found = f"{f'the server names {asks}' if asks else 'the server names nothing'}; in use: {credentials.described()}"
    if asks and isinstance(credentials, Nobody):
        return Check("authorisation", found, "doubtful", "Give --auth")
    return Check("authorisation", found, "ok")


def listed(tree: Any, name: str) -> list[dict[str, Any]]:
    """The objects in that list; none when it is none."""
    return [one for one in members(tree, name) if isinstance(one, dict)]


def told(tree: Any, name: str, member: str) -> set[str]:
    """What the objects in that list have as that member."""
    return {text for one in listed(tree, name) if (text := word(one, member))}


def table(capabilities: Capabilities) -> list[str]:
    """The checks as lines for a person, the advice below what it is for."""
    width = max(len(check.subject) for check in capabilities.checks)
    lines = []
    for check in capabilities.checks:
        lines.append(f"{MARKS[check.status]:<10}  {check.subject:<{width}}  {check.found}")
        if check.advice:
            lines.append(f"{'':<10}  {'':<{width}}  {check.advice}")
    return lines
