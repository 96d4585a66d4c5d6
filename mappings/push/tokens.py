"""Tokens that a token endpoint grants to a program          https://www.rfc-editor.org/rfc/rfc6749#section-4.4

How the program shows there who it is, is a `Proof`: a secret here, a signed assertion in `mappings.push.smart`.  Tokens stay
in memory.
"""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, NoReturn, Protocol
from urllib.parse import quote_plus, urlencode

from mappings.push.authorization import SENDABLE, Unauthorised, clock, said
from mappings.push.discovery import Endpoint
from mappings.push.http import Reply, Transport, Unanswered
from mappings.push.secrets import Redactor
from mappings.push.waiting import retry_after

TRIES = 3
LONGEST_WAIT = 30.0
EARLY, SHORT = 60.0, 120.0
"""A token is renewed so many seconds before its end; one whose life is shorter than the other, after half of it."""
UNSAID = 300.0
"""Seconds that a token lives of which the endpoint does not say how long; SMART wants no more than that."""
ERROR = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]{1,60}")
"""What RFC 6749, section 5.2 allows as an error's name, and no more than a name."""
ADVICE = {
    "invalid_scope": "give --scope with what this client was registered for",
    "unauthorized_client": "have the client registered for the grant type client_credentials",
    "unsupported_grant_type": "the endpoint grants nothing to programs; is --token-url the right one?",
}
"""What to do about the errors of RFC 6749, section 5.2; of invalid_client the `Proof` knows more."""

Wait = Callable[[float], bool]
"""Waits so many seconds; False when there is no time for that."""


class Proof(Protocol):
    """How a client shows to a token endpoint who it is."""

    client_id: str
    kind: str
    advice: str
    """What to check when the client is unknown there."""

    def fits(self, endpoint: Endpoint) -> None:
        """Raises Unauthorised when the endpoint says beforehand that it takes no such proof."""

    def request(self, endpoint: Endpoint) -> tuple[dict[str, str], dict[str, str]]:
        """Headers and members of the form for one request, and for one only."""

    def otherwise(self) -> bool:
        """There is another way to show the same, which `request` takes from now on."""


class Secret:
    """Shows a client secret, as a header (which every endpoint must take) or in the form: RFC 6749, section 2.3.1."""

    kind = "OAuth 2 client credentials"
    advice = "check --client-id and the client secret"

    def __init__(self, client_id: str, secret: str, redactor: Redactor):
        self.client_id, self._secret = client_id, secret
        self._basic = b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()
        self._in_form = False
        redactor.add(self._basic)

    def fits(self, endpoint: Endpoint) -> None:
        """Every endpoint may take it."""

    def request(self, endpoint: Endpoint) -> tuple[dict[str, str], dict[str, str]]:
        """The secret, in the one place or the other."""
        if self._in_form:
            return {}, {"client_id": self.client_id, "client_secret": self._secret}
        return {"Authorization": f"Basic {self._basic}"}, {}

    def otherwise(self) -> bool:
        """In the form, once the header was refused."""
        first, self._in_form = not self._in_form, True
        return first


class Token:
    """A token as a header shows it, when to have a new one (time.monotonic), and what it allows."""

    def __init__(self, answer: Mapping[str, Any], asked: float):
        life = seconds(answer.get("expires_in"))
        scope = answer.get("scope")
        self.header = f"Bearer {answer['access_token']}"
        self.stale = asked + (life - EARLY if life >= SHORT else life / 2)
        self.scopes = tuple(scope.split()) if isinstance(scope, str) else ()


def seconds(life: Any) -> float:
    """How long a token lives, by what the endpoint said, as a number or its digits; `UNSAID` where that is nothing of use."""
    try:
        found = 0.0 if isinstance(life, bool) else float(life)
    except (TypeError, ValueError, OverflowError):
        return UNSAID
    return found if 0 < found < float("inf") else UNSAID


class Granted:
    """Shows tokens of a token endpoint, each until shortly before its end."""

    def __init__(self, proof: Proof, locate: Callable[[float | None], Endpoint], scope: Callable[[Endpoint], str], transport: Transport,
                 redactor: Redactor, wait: Wait):
        self._proof, self._locate, self._scope = proof, locate, scope
        self._transport, self._redactor, self._wait = transport, redactor, wait
        self._lock = threading.Lock()
        self._endpoint: Endpoint | None = None
        self._token: Token | None = None
        self.scopes: tuple[str, ...] = ()

    def headers(self, until: float | None = None) -> dict[str, str]:
        """A token that lives long enough.  One thread fetches it, and the others wait for it."""
        with self._lock:
            if self._token is None or monotonic() >= self._token.stale:
                self._token = self._fetched(until)
                self.scopes = self._token.scopes
            return {"Authorization": self._token.header}

    def renew(self, shown: Mapping[str, str]) -> bool:
        """The next request shows another token: one that another thread has fetched meanwhile, or a new one."""
        with self._lock:
            if self._token is not None and shown.get("Authorization") == self._token.header:
                self._token = None
        return True

    def refused(self, reply: Reply) -> str:
        """The server does not take what the token endpoint grants."""
        scopes = f" (granted: {self._redactor.clean(' '.join(self.scopes))})" if self.scopes else ""
        return (f"the server refused a token that {self._place} had just granted{said(reply, self._redactor)}: check that the endpoint "
                f"belongs to this server (--token-url), and the scope{scopes}{clock(reply)}")

    def described(self) -> str:
        """The kind, the client and the endpoint."""
        return f"{self._proof.kind}, client {self._proof.client_id}, {self._place.removeprefix('the ')}"

    @property
    def _place(self) -> str:
        return f"the token endpoint {self._endpoint.printable}" if self._endpoint else "the token endpoint that the server names"

    def _fetched(self, until: float | None) -> Token:
        """A new token.  Raises Unauthorised, Unanswered."""
        endpoint = self._endpoint
        if endpoint is None:
            endpoint = self._locate(until)
            self._proof.fits(endpoint)
            self._endpoint = endpoint
        scope = self._scope(endpoint)
        reply, asked = self._asked(endpoint, scope, until)
        if reply.status in (400, 401) and self._error(reply) == "invalid_client" and self._proof.otherwise():
            reply, asked = self._asked(endpoint, scope, until)
        answer = reply.tree if reply.status == 200 else None
        if not isinstance(answer, dict) or "access_token" not in answer:
            self._refuse(reply, scope)
        token, kind = answer.get("access_token"), answer.get("token_type")
        if not isinstance(token, str) or not SENDABLE.fullmatch(token):
            raise Unauthorised(f"{self._place} answered without an access_token that can be sent; is it the right one (--token-url)?")
        self._redactor.add(token)
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise Unauthorised(f"{self._place} granted a token whose token_type is not bearer; no other is understood")
        return Token(answer, asked)

    def _asked(self, endpoint: Endpoint, scope: str, until: float | None) -> tuple[Reply, float]:
        """The endpoint's answer to a request for a token, and when that was asked, which is no later than the token's life begins.

        What is meant for the server's own requests is not sent there.
        """
        asked = 0.0

        def once() -> Reply:
            nonlocal asked
            asked = monotonic()
            headers, form = self._proof.request(endpoint)
            sent = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded", **headers}
            members = {"grant_type": "client_credentials", **({"scope": scope} if scope else {}), **form}
            return self._transport.exchange("POST", endpoint.url, sent, urlencode(members).encode(), until)
        return persistent(once, self._place, self._wait), asked

    def _error(self, reply: Reply) -> str:
        """The error's name, which is all that is shown of an answer: the rest may hold anything."""
        answer = reply.tree
        name = answer.get("error") if isinstance(answer, dict) else None
        name = self._redactor.clean(name) if isinstance(name, str) else ""
        return name if ERROR.fullmatch(name) else ""

    def _refuse(self, reply: Reply, scope: str) -> NoReturn:
        """Raises Unauthorised, which says what the endpoint said and what to do."""
        name, place = self._error(reply), self._place
        if 300 <= reply.status < 400:
            raise Unauthorised(f"{place} answered with a redirect (HTTP {reply.status}), which is not followed; give its address "
                               "with --token-url")
        if reply.status in (404, 405) or (reply.status == 200 and not name):
            raise Unauthorised(f"{place} answered like no token endpoint (HTTP {reply.status}); give its address with --token-url")
        if reply.status == 429 or reply.status >= 500:
            raise Unauthorised(f"{place} granted no token in {TRIES} tries (HTTP {reply.status}); try again later")
        advice = self._proof.advice if name == "invalid_client" else ADVICE.get(name, "ask who runs it")
        asked = f" (asked for: {scope})" if name == "invalid_scope" and scope else ""
        raise Unauthorised(f"{place} granted no token (HTTP {reply.status}, {name or 'no reason given'}){asked}: {advice}{clock(reply)}")


def persistent(once: Callable[[], Reply], place: str, wait: Wait) -> Reply:
    """The answer to a request that may be made again, which it is where it fails for the moment, up to `TRIES` times in all.

    Raises Unanswered, which says that nothing was sent: to the server, for whose request this is a preparation.
    """
    for tried in range(1, TRIES + 1):
        found: Reply | Unanswered
        try:
            found = once()
        except Unanswered as error:
            found = Unanswered(f"{place}: {error.reason}", sent=False, final=error.final)
        if tried == TRIES or is_settled(found) or not wait(pause(found, tried)):
            break
    if isinstance(found, Unanswered):
        raise found
    return found


def is_settled(found: Reply | Unanswered) -> bool:
    """Would asking again bring the same?"""
    return found.final if isinstance(found, Unanswered) else found.status != 429 and found.status < 500


def pause(found: Reply | Unanswered, tried: int) -> float:
    """Seconds until the next try: what the endpoint asks for, else a little more each time."""
    asked = retry_after(found) if isinstance(found, Reply) else None
    return min(float(tried) if asked is None else asked, LONGEST_WAIT)
