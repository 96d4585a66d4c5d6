"""A server that stands between a client and a FHIR server, and fails as told.

    with MemoryServer() as server, Proxy(server.url, first(lose())) as proxy:
        ...                               # a client works with proxy.url
    assert [(one.fault, one.statuses) for one in proxy.requests] == [("lose", [200]), ("", [200])]

Requests go on whole, so the server behind has received one or has not.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Sequence
from random import Random
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from tests.faults.answers import CLOSED, RESET_READ, Answer, cut, late, refusal
from tests.faults.scripted import Request, Scripted

OWN = {"host", "connection", "keep-alive", "transfer-encoding", "content-length", "accept-encoding"}
"""Headers that are between two neighbours (RFC 9110 7.6.1), or that the proxy says itself: bodies pass unpacked, to be changed."""
PATIENCE = 300.0
"""Seconds that the server behind may take to answer: HAPI starts slowly and validates slowly."""


class Fault(Struct, frozen=True):
    """What goes wrong with one request: how often it is sent on, and what becomes of the answer (the last, if there are several).

    Of a request that is not sent on, `change` is given an empty Answer.
    """

    name: str
    change: Callable[[Answer], Answer]
    forwards: int = 1


Faults = Callable[[Request], Fault | None]


class Proxy(Scripted):
    """A server that sends requests on to the one at `upstream` (http), with the fault that `faults` says for each; None is none.

    `url` is its own address for the same base; in answers it stands for the other.  Each of `requests` tells its `fault` and the
    `statuses` with which the server behind answered.  Without that server it answers 502.
    """

    def __init__(self, upstream: str, faults: Faults | None = None, context: ssl.SSLContext | None = None):
        address = urlsplit(upstream)
        super().__init__(self.passed, context, address.path)
        self.host, self.behind = address.netloc, f"{address.scheme}://{address.netloc}"
        self.faults = faults

    def passed(self, request: Request) -> Answer:
        """The answer of the server behind, with the fault of this request."""
        fault = self.faults(request) if self.faults else None
        if fault is None:
            return self.forwarded(request)
        request.fault = fault.name
        answer = Answer()
        for _ in range(fault.forwards):
            answer = self.forwarded(request)
        return fault.change(answer)

    def forwarded(self, request: Request) -> Answer:
        """The answer of the server behind."""
        body = request.body
        headers = {name: value for name, value in request.headers.items() if name not in OWN}
        headers |= {"Connection": "close", "Accept-Encoding": "identity"}
        connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)
        try:
            connection.connect()
            sock = self.opened(connection.sock)
            try:
                connection.request(request.method, request.path, body or None, headers)
                response = connection.getresponse()
                content = response.read()
            finally:
                self.closed(sock)
        except (OSError, http.client.HTTPException) as error:
            return refusal(502, f"the server behind the proxy does not answer: {error!r}")
        request.statuses.append(response.status)
        own = {name: self.here(value) for name, value in response.getheaders() if name.lower() not in OWN}
        return Answer(response.status, self.here(content.decode("latin-1")).encode("latin-1"), own)

    def here(self, text: str) -> str:
        """The same, with our own address in place of that of the server behind."""
        return text.replace(self.behind, self.origin)


# The faults

def drop() -> Fault:
    """The connection is reset before the server behind has received anything."""
    return Fault("drop", lambda _: RESET_READ, forwards=0)


def lose() -> Fault:
    """The server behind has done what was asked, and the connection is reset before its answer."""
    return Fault("lose", lambda _: RESET_READ)


def hang_up() -> Fault:
    """The same as `lose`, and the connection is closed in good order."""
    return Fault("hang up", lambda _: CLOSED)


def delay(seconds: float) -> Fault:
    """The answer comes, so many seconds late."""
    return Fault("delay", lambda answer: late(answer, seconds))


def refuse(status: int, retry_after: str | None = None, after: bool = False) -> Fault:
    """A page of HTML with that status, as gateways send it: before the server behind has received anything, or `after` it has
    done what was asked."""
    headers = {"Content-Type": "text/html", **({} if retry_after is None else {"Retry-After": retry_after})}
    page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>".encode()
    return Fault(f"{status} after" if after else f"{status}", lambda _: Answer(status, page, headers), int(after))


def cut_off(share: float = 0.5) -> Fault:
    """That share of the answer comes, then the connection is closed."""
    return Fault("cut off", lambda answer: cut(answer, share))


def twice() -> Fault:
    """The server behind receives the request two times; the client has its second answer."""
    return Fault("twice", lambda answer: answer, forwards=2)


def rewrite(change: Callable[[bytes], bytes], status: int | None = None) -> Fault:
    """The answer has another body, and another status where one is given."""
    return Fault("rewrite", lambda answer: replace(answer, status=status or answer.status, body=change(answer.content)))


# Which request has which

def first(*faults: Fault | None, method: str | None = "POST", path: str = "") -> Faults:
    """The first requests of that method (None: of any) with `path` in theirs have these faults, in this order; None is none."""
    left = iter(faults)
    return lambda request: next(left, None) if method in (None, request.method) and path in request.path else None


AT_RANDOM = (drop(), lose(), hang_up(), delay(0.5), cut_off(), refuse(429, "0"), refuse(429, "1"), refuse(429), refuse(500), refuse(502),
             refuse(503, "1"), refuse(503), refuse(504), refuse(500, after=True), refuse(502, after=True), refuse(504, after=True))


def at_random(share: float, seed: int, faults: Sequence[Fault] = AT_RANDOM) -> Faults:
    """That share of all requests has one of the faults; the same for the same `seed` and number of the request."""
    def chosen(request: Request) -> Fault | None:
        random = Random(f"{seed} {request.number}")
        return random.choice(faults) if random.random() < share else None
    return chosen
