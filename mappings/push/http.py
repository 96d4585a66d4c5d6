"""One request to a server and its answer, both within limits: the only module that imports requests.

No redirect is followed, nothing is taken from the environment (proxies, .netrc, CA bundles), an answer has a largest size and
a longest time, and whether the server may have received a request that it did not answer is told exactly: that decides
whether it may be sent again.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from msgspec import Struct
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ProxyError, SSLError
from urllib3.util.retry import Retry

from converter.json_text import parse
from converter.problems import Problems

PIECE = 1 << 16
ENCODINGS = ("gzip", "deflate", "identity", "")
VALUES = 1_000_000
"""A study of 800 sites has 60,000 values, objects and lists; as many as here take 100 MB."""


class Limits(Struct, frozen=True):
    """How long and how much: seconds to connect, between two pieces of an answer, for all of it; bytes of an answer, unpacked.

    A HAPI server that validates takes 28 s for a trial of 800 sites; 120 s between pieces leave room.
    """

    connect: float = 10.0
    read: float = 120.0
    whole: float = 600.0
    reply: int = 50 << 20


class Reply:
    """What a server answered.  Names of headers are in small letters."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self) -> str:
        return f"Reply({self.status}, {dict(self.headers)}, {self.body[:200]!r})"

    @property
    def tree(self) -> Any:
        """The JSON in it; None when it is none, nests too deep, or has more values than memory should be given to."""
        if not hasattr(self, "_tree"):
            try:
                self._tree = parse(self.body) if sum(map(self.body.count, (b"{", b"[", b","))) <= VALUES else None
            except Problems:
                self._tree = None
        return self._tree

    @property
    def resource(self) -> dict[str, Any]:
        """The FHIR resource in it; empty when there is none."""
        tree = self.tree
        return tree if isinstance(tree, dict) and isinstance(tree.get("resourceType"), str) else {}


class Unanswered(Exception):
    """No answer came, or none that can be used.

    `sent` says whether the server may have received the request.  `final`: the same would happen again (a wrong certificate,
    an answer beyond all limits).
    """

    def __init__(self, reason: str, sent: bool, final: bool = False):
        super().__init__(reason)
        self.reason, self.sent, self.final = reason, sent, final


NOW = threading.local()
"""Of this thread's request: `last` is the moment (time.monotonic) at which it ends, `cut` what ends it then, `read` the seconds
between two pieces, `begun` whether there was a connection to send it."""


class Ending:
    """A connection that is cut when its request's time is over: a timeout begins anew with every byte of the answer."""

    def request(self, *args: Any, **kwargs: Any) -> None:
        NOW.begun = True
        super().request(*args, **kwargs)  # type: ignore[misc]

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self.sock.settimeout(NOW.read)  # type: ignore[attr-defined]  # a large request takes longer than to connect

    def getresponse(self) -> Any:
        NOW.cut = threading.Timer(max(NOW.last - time.monotonic(), 0), shut, [self.sock])  # type: ignore[attr-defined]
        NOW.cut.daemon = True
        NOW.cut.start()
        return super().getresponse()  # type: ignore[misc]


def shut(sock: socket.socket) -> None:
    """Ends the connection, and with it every wait for it."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # an SSLSocket's own takes away what the one who waits reads from


class PlainEnding(Ending, HTTPConnection):
    """One without TLS."""


class EncryptedEnding(Ending, HTTPSConnection):
    """One with TLS."""


class PlainPool(HTTPConnectionPool):
    ConnectionCls = PlainEnding


class EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = EncryptedEnding


POOLS = {"http": PlainPool, "https": EncryptedPool}


class Encrypted(HTTPAdapter):
    """Connections with our own TLS context: requests alone knows no password of a client's key."""

    def __init__(self, context: ssl.SSLContext, connections: int):
        self.context = context
        # A connection that could not be made is ours to count and to tell: nothing is tried again underneath.
        super().__init__(pool_connections=4, pool_maxsize=connections, max_retries=Retry(0, read=False, redirect=0))

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self.context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self.context, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leaves it to the context, which knows whom to trust."""


def has_length(headers: Mapping[str, str]) -> bool:
    """Do the headers say where the body ends?  http.client takes headers that break off as the last of them."""
    return headers.get("Transfer-Encoding") is not None or headers.get("Content-Length", "").strip().isdecimal()


class Here(requests.Session):
    """A Session that stays where it is: requests reads all of a redirect's body, however large, to say where it leads."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class Transport:
    """Sends requests with the same TLS context, proxy and limits.  Threads may share it."""

    def __init__(self, context: ssl.SSLContext, proxy: str | None = None, limits: Limits | None = None, connections: int = 16):
        self.limits = limits or Limits()
        self._context, self._proxy, self._connections = context, proxy, connections
        self._mine = threading.local()

    def _session(self) -> requests.Session:
        """This thread's own: a Session is not made to be shared."""
        if not hasattr(self._mine, "session"):
            session = Here()
            session.trust_env = False
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            session.headers = CaseInsensitiveDict({"Accept-Encoding": "gzip"})
            session.proxies = {"http": self._proxy, "https": self._proxy} if self._proxy else {}
            for scheme in ("http://", "https://"):
                session.mount(scheme, Encrypted(self._context, self._connections))
            self._mine.session = session
        return self._mine.session  # type: ignore[no-any-return]

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None,
                 until: float | None = None) -> Reply:
        """The answer to one request.  Raises Unanswered.  `until` is the moment (time.monotonic) at which waiting ends."""
        limits = self.limits
        last = time.monotonic() + limits.whole
        last = min(last, until) if until is not None else last
        left = max(last - time.monotonic(), 0.001)
        NOW.last, NOW.read, NOW.begun, NOW.cut = last, min(limits.read, left), False, None
        try:
            with self._session().request(method, url, headers=dict(headers), data=body, stream=True, allow_redirects=False,
                                         timeout=(min(limits.connect, left), min(limits.read, left))) as answer:
                content = self._content(answer, last)
                if not content and answer.status_code not in (204, 304) and not has_length(answer.headers):
                    raise Unanswered("the connection broke before the answer was whole", sent=True)
                return Reply(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, content)
        except Unanswered:
            raise
        except (requests.exceptions.RequestException, ValueError, OSError) as error:
            raise unanswered(error) from None
        finally:
            if NOW.cut:
                NOW.cut.cancel()

    def _content(self, answer: requests.Response, last: float) -> bytes:
        """The body of an answer.  Raises Unanswered when it is too large or comes too slowly."""
        if answer.headers.get("Content-Encoding", "gzip").strip().lower() not in ENCODINGS:
            raise Unanswered("the answer is encoded in a way that was not asked for", sent=True, final=True)
        pieces: list[bytes] = []
        size = 0
        for piece in answer.iter_content(PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > self.limits.reply:
                raise Unanswered(f"the answer has more than {self.limits.reply >> 20} MiB", sent=True, final=True)
            if time.monotonic() > last:
                raise Unanswered("the answer came too slowly to wait for its end", sent=True)
        return b"".join(pieces)


HOPELESS = re.compile(r"certificate|unknown.?ca|handshake.?failure|version|unsupported", re.IGNORECASE)
"""What is said of TLS that fails in the same way the next time."""


def unanswered(error: Exception) -> Unanswered:
    """What became of a request, by what requests raised: was it sent, and is there any use in trying again?"""
    cause: Any = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    cause = cause.reason if isinstance(cause, MaxRetryError) and cause.reason else cause
    if isinstance(error, requests.exceptions.SSLError) or isinstance(cause, SSLError):
        return Unanswered(f"no trusted TLS connection: {told(cause)}", sent=NOW.begun, final=HOPELESS.search(str(cause)) is not None)
    if isinstance(error, requests.exceptions.ProxyError) or isinstance(cause, ProxyError):
        return Unanswered(f"the proxy could not be used: {told(cause)}", sent=False)
    if isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(cause, (NewConnectionError, ConnectTimeoutError)):
        return Unanswered(f"no connection: {told(cause)}", sent=False)
    if isinstance(error, requests.exceptions.Timeout):
        return Unanswered("no answer in time", sent=NOW.begun)
    if isinstance(error, ValueError) and not NOW.begun:  # its words may hold a header, and that a secret
        return Unanswered(f"the request cannot be made ({type(error).__name__}): are the address and the headers right?", sent=False,
                          final=True)
    if isinstance(error, ValueError):
        return Unanswered(f"the answer is none of HTTP ({type(error).__name__})", sent=True)
    return Unanswered(f"the connection broke before the answer was whole: {told(cause)}", sent=NOW.begun)


def told(error: Any) -> str:
    """The innermost words of an exception: those of the operating system, where there are any."""
    seen: list[Any] = [error]
    while (inner := seen[-1].__cause__ or seen[-1].__context__) is not None and inner not in seen:
        seen.append(inner)
    words = next((one.strerror for one in reversed(seen) if isinstance(one, OSError) and isinstance(one.strerror, str)), None)
    return " ".join((words or f"{type(seen[-1]).__name__}: {seen[-1]}").split())[:200]
