"""A FHIR server, and Bundles pushed to it: the library's side of `trialbridge push`.

    server = Server("https://fhir.example.org/r4", auth="bearer", token_file="token")
    server.capabilities().refused                       what the preflight found
    for outcome in server.push(bundles, jobs=4, journal="push.journal"):
        outcome.status                                  "created", "updated", "unchanged", "failed" or "unknown"

The server is held to hold exactly what was sent, once, whatever happens on the way; what is not sure is told.  `Problems` is the
only exception, but for OSError where a journal cannot be written.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from msgspec.structs import replace

from converter.problems import Problem, Problems, refuse, shown
from mappings.push import credentials as who
from mappings.push.addresses import base, checked
from mappings.push.capability import Capabilities, capabilities, listed, told
from mappings.push.client import FRESH, Client
from mappings.push.credentials import Unauthorised
from mappings.push.discovery import KINDS as KINDS
from mappings.push.http import Limits, Transport
from mappings.push.journal import Journal
from mappings.push.outcomes import Outcome as Outcome
from mappings.push.outcomes import exit_code as exit_code
from mappings.push.parcels import Given as Given
from mappings.push.parcels import Parcel
from mappings.push.pushing import Choices, Pushing, Strategy
from mappings.push.running import Running
from mappings.push.secrets import Redactor, key_password
from mappings.push.secrets import header_file as headers_in
from mappings.push.tls import context
from mappings.push.trying import Asking, Cause, GivenUp, Trying
from mappings.push.waiting import Clock, Patience
from mappings.releases import VERSIONS

STRATEGIES: tuple[Strategy, ...] = ("conditional", "put-id", "sequential")
PREFLIGHT_TRIES = 4
FilePath = str | os.PathLike[str]


class NotReady(Problems):
    """Nothing was sent: the preflight refused the server ("preflight"), or had no answer ("auth", "network")."""

    def __init__(self, cause: Cause, problems: Iterable[Problem]):
        super().__init__(problems)
        self.cause: Cause = cause

    def __reduce__(self) -> tuple[Any, ...]:
        return NotReady, (self.cause, self.problems)


class Server:
    """A FHIR server at its base URL, and who we are to it.

    `auth` is "none", "basic" (`client_id` and a password), "bearer" (a token), "client-credentials" (OAuth 2 with a secret) or
    "smart-backend" (SMART Backend Services with `key`, a PEM or JWK file).  A token, password or secret comes from `token_file`,
    from what `token_command` prints, or from TRIALBRIDGE_TOKEN in `environ`.  `cert` is a client certificate (its key in the same
    file, or in `key` where that is not SMART's), `ca_bundle` whom to trust instead of the system's authorities, `header_file`
    further headers, `kinds` the types for which scopes are asked when `scope` gives none, `proxy` an address in which a user and a
    password may be.  The environment's proxies, .netrc and CA bundles are not used.

    Raises Problems where these cannot be meant together, or a file cannot be used.  No request is made before one is needed.
    """

    def __init__(self, url: str, *, auth: str = "none", token_file: FilePath | None = None, token_command: str | None = None,
                 client_id: str | None = None, key: FilePath | None = None, token_url: str | None = None, scope: str | None = None,
                 cert: FilePath | None = None, ca_bundle: FilePath | None = None, proxy: str | None = None,
                 header_file: FilePath | None = None, allow_http: bool = False, limits: Limits | None = None,
                 patience: Patience | None = None, kinds: tuple[str, ...] = KINDS, environ: Mapping[str, str] = os.environ):
        self.base = base(url, allow_http)
        self.redactor = Redactor()
        self.patience = patience or Patience()
        smart = auth == "smart-backend"
        trusted = context(path(ca_bundle), path(cert), None if smart else path(key), key_password(environ))
        if proxy is not None:
            parts = checked(proxy, "--proxy", allow_http=True, secret=True)
            user, password = unquote(parts.username or ""), unquote(parts.password or "")
            for secret in (password, parts.password or "", b64encode(f"{user}:{password}".encode()).decode() if password else ""):
                self.redactor.add(secret)
        transport = Transport(trusted, proxy, limits)
        identity = who.credentials(auth, base=self.base, transport=transport, redactor=self.redactor, token_file=path(token_file),
                                   token_command=token_command, client_id=client_id, key=path(key) if smart else None,
                                   token_url=token_url, scope=scope, allow_http=allow_http, kinds=kinds, environ=environ,
                                   wait=lambda seconds: self._clock.wait(seconds))
        headers = headers_in(Path(header_file), auth, self.redactor) if header_file else {}
        self.client = Client(self.base, transport, identity, self.redactor, headers)
        self._clock = Clock()
        self._known: dict[tuple[str | None, Strategy], Capabilities] = {}

    def capabilities(self, release: str | None = None, strategy: Strategy = "conditional", deadline: float | None = None) -> Capabilities:
        """The preflight: what the server says of itself, for pushing that release of FHIR (None: its own) by that strategy.

        It is asked once.  `deadline` is how many seconds that may take.  Raises NotReady when it gives no answer, or does not take our
        credentials.
        """
        asked = release, strategy
        if asked not in self._known:
            try:
                found = capabilities(self._asking(deadline), release=release, strategy=strategy)
            except GivenUp as error:
                raise NotReady("network", [Problem("", self.redactor.clean(f"{self.base.url}: {error}"))]) from None
            except Unauthorised as error:
                raise NotReady("auth", [Problem("", self.redactor.clean(f"{self.base.url}: {error.reason}"))]) from None
            clean = self.redactor.clean
            checks = tuple(replace(one, found=clean(one.found), advice=clean(one.advice)) for one in found.checks)
            found = replace(found, checks=checks, software=clean(found.software), version=clean(found.version))
            self._known[asked] = self._known[found.release or release, strategy] = found
        return self._known[asked]

    def _asking(self, deadline: float | None = None) -> Asking:
        """Asks before anything is sent: less often, for of a server that is not there a person wants to hear soon."""
        self._clock = Clock(deadline)
        return Asking(Trying(self.client, replace(self.patience, tries=min(self.patience.tries, PREFLIGHT_TRIES)), self._clock))

    def search_codes(self, kind: str) -> set[str]:
        """The codes of the search parameters that the server has for that type, as its CapabilityStatement lists them now."""
        try:
            reply = self._asking().ask("GET", "metadata", headers=FRESH)
        except (GivenUp, Unauthorised):
            return set()
        return {name for rest in listed(reply.resource, "rest") for resource in listed(rest, "resource")
                if resource.get("type") == kind for name in told(resource, "searchParam", "name")}

    def push(self, bundles: Iterable[Given | bytes | dict[str, Any]], *, release: str | None = None, strategy: Strategy = "conditional",
             verify: bool = False, skip_unchanged: bool = False, journal: FilePath | None = None, resume: bool = False, jobs: int = 1,
             deadline: float | None = None) -> Iterator[Outcome]:
        """What becomes of each transaction Bundle, as it becomes known; their order is that of `bundles` only with one job.

        `release` is what the server is to speak ("r4", "r4b", "r5"); without it, whatever it speaks.  `strategy`:

            conditional   each Bundle as it is, one transaction
            put-id        the same, conditional updates being updates of ids of ours
            sequential    single searches and writes, where there are no transactions

        `verify` reads everything back and compares.  `skip_unchanged` looks first and writes only what is different.  `journal` is
        a file with a line before and after each try; `resume` goes on with what it says.  `jobs` is the number of Bundles on
        their way at a time, `deadline` the seconds after which nothing more is begun.

        Raises NotReady before anything is sent, Problems where the arguments cannot be, and OSError where the journal cannot be
        written.  The run ends early where all that follows would fare the same: its last outcomes say why.
        """
        if resume and journal is None:
            raise refuse("there is no journal to go on with; name one (--journal FILE)", "--resume")
        spoken = self.ready(release, strategy, deadline)
        if not isinstance(jobs, int) or jobs < 1:
            raise refuse(f"found {shown(jobs)}; expected a number of requests at a time, at least 1", "jobs")
        kept = Journal(journal, self.base.url) if journal is not None else None
        clock = self._clock = Clock(deadline)
        choices = Choices(spoken, strategy, verify, skip_unchanged, resume)
        running = Running(Pushing(self.client, choices, kept, self.patience, clock).outcome, jobs, clock, spoken)
        return self._outcomes(running, bundles, kept)

    def ready(self, release: str | None = None, strategy: Strategy = "conditional", deadline: float | None = None) -> str:
        """The release that the server speaks, when it can do what `push` with these arguments needs.  Raises NotReady, and Problems
        where there is no such strategy."""
        if strategy not in STRATEGIES:
            raise refuse(f"found {shown(strategy)}; expected one of {', '.join(STRATEGIES)}", "strategy")
        if release is not None and release not in VERSIONS:
            raise refuse(f"found {shown(release)}; expected one of {', '.join(VERSIONS)}", "release")
        able = self.capabilities(release, strategy, deadline)
        missing = [Problem("", f"{one.subject}: {one.found}. {one.advice}".rstrip(". ")) for one in able.checks if one.status == "missing"]
        spoken = able.release or release
        if missing or spoken is None:
            unsaid = Problem("", "the server does not say which release of FHIR it speaks; name it (--release)")
            raise NotReady("preflight", missing or [unsaid])
        return spoken

    def prepared(self, bundles: Iterable[Given | bytes | dict[str, Any]], release: str) -> Iterator[Parcel | Outcome]:
        """What `push` would send to a server of that release, Bundle by Bundle: a Parcel, or the Outcome of one that it refuses."""
        running = Running(never, 1, Clock(), release)
        return (running.prepared(bundle, number) for number, bundle in enumerate(bundles))

    def _outcomes(self, running: Running, bundles: Iterable[Any], kept: Journal | None) -> Iterator[Outcome]:
        """The outcomes, with no secret of ours that the server repeats; the journal is closed after them."""
        try:
            for outcome in running.outcomes(bundles):
                yield replace(outcome, problems=tuple(
                    replace(one, message=self.redactor.clean(one.message), path=self.redactor.clean(one.path)) for one in outcome.problems))
        finally:
            if kept:
                kept.close()


def never(parcel: Parcel) -> tuple[Outcome, GivenUp | None]:
    """What is only prepared is not pushed."""
    raise NotImplementedError


def path(file: FilePath | None) -> Path | None:
    return None if file is None else Path(file)
