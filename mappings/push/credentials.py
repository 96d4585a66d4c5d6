"""The credentials that the options of a command name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from converter.problems import Problem, Problems, refuse, shown
from mappings.push import discovery, smart
from mappings.push.addresses import Base, checked
from mappings.push.authorization import ONE_LINE, Basic, Bearer, Credentials, Nobody, Unauthorised, one_line
from mappings.push.discovery import Endpoint
from mappings.push.http import Reply, Transport
from mappings.push.secrets import TOKEN, Redactor, Source, key_password, source
from mappings.push.tokens import Granted, Proof, Secret, Wait, persistent
from mappings.push.waiting import Clock

__all__ = ["Credentials", "Unauthorised", "credentials"]

USES = {
    "none": (),
    "basic": ("--client-id", "--token-file", "--token-command"),
    "bearer": ("--token-file", "--token-command"),
    "client-credentials": ("--client-id", "--token-file", "--token-command", "--token-url", "--scope"),
    "smart-backend": ("--client-id", "--key", "--token-url", "--scope"),
}
"""The options that each kind uses."""
SECRETS = {"basic": "a password", "bearer": "a token", "client-credentials": "a client secret"}
"""What each kind reads from a file, a command or the environment."""
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*")
"""RFC 6749, section 3.3."""


def credentials(auth: str, *, base: Base, transport: Transport, redactor: Redactor, token_file: Path | None = None,
                token_command: str | None = None, client_id: str | None = None, key: Path | None = None, token_url: str | None = None,
                scope: str | None = None, allow_http: bool = False, kinds: tuple[str, ...] = discovery.KINDS,
                environ: Mapping[str, str] = os.environ, wait: Wait | None = None) -> Credentials:
    """Who we are to the server at `base`: what the options of these names say, with `auth` one of `KINDS`.

    Every secret is told to `redactor`.  `kinds` are the types of the resources to be sent, for which scopes are asked where
    `scope` gives none; `wait` waits between two tries for a token.  No server is asked before the first request.  Raises
    Problems for everything that does not go together, and for secrets and keys that cannot be used.
    """
    given = {"--token-file": token_file, "--token-command": token_command, "--client-id": client_id, "--key": key,
             "--token-url": token_url, "--scope": scope}
    secret = source(token_file, token_command, environ)
    if problems := list(faults(auth, {name for name, value in given.items() if value is not None}, secret)):
        raise Problems(problems)
    if client_id is not None and not ONE_LINE.fullmatch(client_id):
        raise refuse(f"found {shown(client_id)}; expected a name without control characters", "--client-id")
    if scope is not None and not SCOPE.fullmatch(scope):
        raise refuse(f"found {shown(scope)}; expected scopes with a blank between them", "--scope")
    named = None if token_url is None else named_endpoint(token_url, allow_http)
    patient = wait or Clock().wait
    proof: Proof | None = None
    if secret and auth == "bearer":
        return Bearer(secret, redactor)
    if secret and client_id and auth == "basic":
        return Basic(client_id, secret, redactor)
    if secret and client_id and auth == "client-credentials":
        proof = Secret(client_id, one_line(secret, redactor), redactor)
    if key and client_id and auth == "smart-backend":
        password = key_password(environ)
        redactor.add(password or "")
        proof = smart.Assertion(client_id, smart.key(key, password), redactor)
    if proof is None:
        return Nobody()

    def locate(until: float | None) -> Endpoint:
        place = base.to(discovery.PLACE)
        def once() -> Reply:
            return transport.exchange("GET", place, {"Accept": "application/json"}, until=until)
        return named or discovery.endpoint(persistent(once, place, patient), base, allow_http)

    def wanted(endpoint: Endpoint) -> str:
        return scope or (discovery.scope(endpoint, kinds) if auth == "smart-backend" else "")

    return Granted(proof, locate, wanted, transport, redactor, patient)


def faults(auth: str, given: set[str], secret: Source | None) -> Iterator[Problem]:
    """What is given and not used, and what is used and not given."""
    if auth not in USES:
        yield Problem("--auth", f"expected one of {', '.join(USES)}, found {shown(auth)}")
        return
    for name in sorted(given - set(USES[auth])):
        users = [kind for kind, names in USES.items() if name in names]
        yield Problem(name, f"is not used by --auth {auth}; leave it out, or give --auth {' or '.join(users)}")
    for name in ("--client-id", "--key"):
        if name in USES[auth] and name not in given:
            yield Problem(name, f"is needed by --auth {auth}, and is not given")
    if {"--token-file", "--token-command"} <= given:
        yield Problem("--token-command", "is given with --token-file; expected one of the two")
    if auth in SECRETS and secret is None:
        yield Problem("--auth", f"{auth} needs {SECRETS[auth]}; expected --token-file, --token-command or the environment variable {TOKEN}")


def named_endpoint(url: str, allow_http: bool) -> Endpoint:
    """The token endpoint that the person names, wherever it is.  Raises Problems."""
    if "#" in url:
        raise refuse("found an address with a fragment; a token endpoint has none", "--token-url")
    checked(url, "--token-url", allow_http)
    return Endpoint(url.strip())
