"""What a request shows of who sends it          https://www.rfc-editor.org/rfc/rfc9110#section-11

The kinds that need no token endpoint; those that do are `mappings.push.tokens`.
"""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

from converter.problems import Problems, refuse
from mappings.push.http import Reply
from mappings.push.secrets import Redactor, Source, told

KINDS = ("none", "basic", "bearer", "client-credentials", "smart-backend")
SENDABLE = re.compile(r"[\x21-\x7e]+")
"""What a header can carry of a token; RFC 6750 wants less, and servers give more."""
ONE_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
SCHEME = re.compile(r"\b(Basic|Bearer|Digest|Negotiate)\b", re.IGNORECASE)
ERROR = re.compile(r'\berror="?([\w.-]{1,60})', re.ASCII)
DESCRIPTION = re.compile(r'\berror_description="([^"]{1,300})')
SLACK = 60
"""Seconds that two clocks may differ before it is worth a word."""


class Unauthorised(Exception):
    """There are no credentials that the server takes; `reason` says why, and what to do."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Credentials(Protocol):
    """Who we are to a server.  Threads may share it."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the token endpoint said was granted; empty when it said nothing, or was not asked."""

    def headers(self, until: float | None = None) -> dict[str, str]:
        """What a request has to show now; `until` is the moment (time.monotonic) at which waiting for it ends.

        Raises Unauthorised, and Unanswered when there is no way to a token: nothing was sent to the server itself then.
        """

    def renew(self, shown: Mapping[str, str]) -> bool:
        """The server refused what was `shown`: will `headers` give something else now?  Raises Unauthorised."""

    def refused(self, reply: Reply) -> str:
        """Why there is nothing more to try after this 401, and what to do."""

    def described(self) -> str:
        """What kind of credentials these are, without a secret."""


class Nobody:
    """Shows nothing."""

    scopes: tuple[str, ...] = ()

    def headers(self, until: float | None = None) -> dict[str, str]:
        """None."""
        return {}

    def renew(self, shown: Mapping[str, str]) -> bool:
        """There is nothing else."""
        return False

    def refused(self, reply: Reply) -> str:
        """The server wants to know who we are."""
        schemes = dict.fromkeys(match.capitalize() for match in SCHEME.findall(reply.headers.get("www-authenticate", "")))
        asks = f" ({', '.join(schemes)})" if schemes else ""
        return (f"the server asks for credentials{asks}, and --auth is none: give --auth {', '.join(KINDS[1:-1])} or {KINDS[-1]}; "
                "where --header-file has an Authorization, correct it")

    def described(self) -> str:
        """The kind."""
        return "no credentials"


class Basic:
    """Shows a user name and a password: RFC 7617."""

    scopes: tuple[str, ...] = ()

    def __init__(self, user: str, password: Source, redactor: Redactor):
        """Raises Problems where the two cannot be sent."""
        if ":" in user:
            raise refuse("found a user name with a colon, which --auth basic cannot send", "--client-id")
        secret = one_line(password, redactor)
        self._shown = b64encode(f"{user}:{secret}".encode()).decode()
        redactor.add(self._shown)
        self._user, self._place, self._redactor = user, password.place, redactor

    def headers(self, until: float | None = None) -> dict[str, str]:
        """The same every time."""
        return {"Authorization": f"Basic {self._shown}"}

    def renew(self, shown: Mapping[str, str]) -> bool:
        """There is nothing else."""
        return False

    def refused(self, reply: Reply) -> str:
        """The user name or the password is wrong."""
        return (f"the server refused the user name and the password {self._place}{said(reply, self._redactor)}: "
                "check --client-id and the password, and that the server takes --auth basic")

    def described(self) -> str:
        """The kind, and the user's name."""
        return f"user name {self._user} and a password {self._place}"


class Bearer:
    """Shows a token that something else obtained: RFC 6750.  It is read again when the server refuses it."""

    scopes: tuple[str, ...] = ()

    def __init__(self, token: Source, redactor: Redactor):
        """Raises Problems where there is no token that can be sent."""
        self._source, self._redactor = token, redactor
        self._lock = threading.Lock()
        self._shown = self._read()

    def _read(self) -> str:
        found = one_line(self._source, self._redactor)
        if found[:7].lower() == "bearer ":
            raise refuse(f"found Bearer and a token {self._source.place}; expected the token alone", self._source.option)
        if not SENDABLE.fullmatch(found):
            raise refuse(f"found blanks or other characters {self._source.place} that a token cannot have; expected the token alone",
                         self._source.option)
        return f"Bearer {found}"

    def headers(self, until: float | None = None) -> dict[str, str]:
        """The token that was read last."""
        with self._lock:
            return {"Authorization": self._shown}

    def renew(self, shown: Mapping[str, str]) -> bool:
        """Is there another token now?  Raises Unauthorised when it can no longer be read."""
        with self._lock:
            if shown.get("Authorization") != self._shown:
                return True
            try:
                found = self._read()
            except Problems as problems:
                raise Unauthorised(f"the server refused the token {self._source.place}, and there is no other: {told(problems)}") from None
            renewed, self._shown = found != self._shown, found
            return renewed

    def refused(self, reply: Reply) -> str:
        """The token is not one for this server, or not any more."""
        return (f"the server refused the token {self._source.place}{said(reply, self._redactor)}: check that it has not expired, is meant "
                f"for this server and has the scope to read and write{clock(reply)}")

    def described(self) -> str:
        """The kind, and where it was read."""
        return f"bearer token {self._source.place}"


def one_line(source: Source, redactor: Redactor) -> str:
    """The password or token there, which from now on is masked.  Raises Problems where it is more than one line."""
    found = source.read()
    redactor.add(found)
    if not ONE_LINE.fullmatch(found):
        raise refuse(f"found several lines or control characters {source.place}; expected one line", source.option)
    return found


def said(reply: Reply, redactor: Redactor) -> str:
    """What a 401 says of its reason, in brackets; the names are those of RFC 6750, section 3, which allows ASCII alone."""
    challenge = redactor.clean(reply.headers.get("www-authenticate", ""))  # first: of a secret that is cut, the rest would be shown
    found = [match[1] for match in (ERROR.search(challenge), DESCRIPTION.search(challenge)) if match]
    words = " ".join(re.sub(r"[^\x20-\x7e]", "", ": ".join(found)).split())
    return f" (HTTP 401, {words})" if words else " (HTTP 401)"


def clock(reply: Reply) -> str:
    """That our clock differs from the server's, as the end of a sentence; "" when it does not, or the answer has no date.

    Tokens have beginnings and ends; they fail where clocks differ, and nothing else says so.
    """
    try:
        there = parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, OverflowError):
        return ""
    if there.tzinfo is None:
        return ""
    ahead = round((datetime.now(UTC) - there).total_seconds())
    if abs(ahead) <= SLACK:
        return ""
    return f"; the clock here is {abs(ahead)} s {'ahead of' if ahead > 0 else 'behind'} the server's: set it right"
