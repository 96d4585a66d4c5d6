"""A request that is sent until it is answered: what may be sent again, how often, and when to give up.

Only what leaves one copy however often it arrives is sent again after it may have arrived; a plain create is not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Literal

from converter.json_text import encode
from converter.problems import Problem
from mappings.push.client import Client
from mappings.push.http import Reply, Unanswered
from mappings.push.waiting import Clock, Patience
from mappings.push.words import is_page, is_stale, said
from mappings.references import kind_of, members

Cause = Literal["refused", "preflight", "auth", "network"]
"""Why a Bundle is not on the server: the server (or its own faults), the preflight, the credentials, the network or time."""
BUSY = (408, 429, 502, 503, 504)
OVER = "the time for this run is over"
STOPPED = "the run was stopped"
POLL = 1.0
"""The least seconds between two questions whether it is done."""


class GivenUp(Exception):
    """It cannot be done: `cause` and `problems` say why.  `stops`: every other request would fare the same.

    `refused` is the status of a refusal; `too_large`: of less at once, the server might take more.
    """

    def __init__(self, cause: Cause, *problems: Problem, stops: bool = False, refused: int = 0, too_large: bool = False):
        super().__init__("; ".join(map(str, problems)))
        self.cause, self.problems, self.stops, self.refused, self.too_large = cause, problems, stops, refused, too_large


class Trying:
    """Sends requests of one run again, within its time."""

    def __init__(self, client: Client, patience: Patience, clock: Clock):
        self.client, self.patience, self.clock = client, patience, clock

    def ask(self, send: Callable[[], Reply], idempotent: bool, is_busy: Callable[[Reply], str] = lambda reply: "") -> Reply:
        """The first answer that is not to be asked for again.

        `send` sends it once more; `is_busy` says why a success is none, and to be asked for again ("" of one that is).  Raises
        GivenUp, and what else `send` raises.
        """
        counts = {409: self.patience.conflicts, 500: self.patience.errors}
        for number in range(1, self.patience.tries + 1):
            self.expect_time()
            try:
                reply = send()
            except Unanswered as error:
                last, reason = None, error.reason
                if error.final or (error.sent and not idempotent):
                    raise GivenUp("network", Problem("", reason), stops=error.final) from None
            else:
                busy = is_busy(reply) if 200 <= reply.status < 300 else ""
                if not busy and not self.is_again(reply, idempotent, counts):
                    return reply
                last, reason = reply, busy or words(reply)
            if number < self.patience.tries and not self.clock.wait(self.patience.wait(number, last)):
                self.expect_time(f"{reason}; ")
                raise GivenUp("network", Problem("", f"{reason}; {OVER} before the next try"), stops=True)
        raise GivenUp("network", Problem("", f"{reason}; tried {self.patience.tries} times"))

    def expect_time(self, before: str = "") -> None:
        """Raises GivenUp when the run has no time left, or was stopped."""
        if self.clock.stopped.is_set():
            raise GivenUp("network", Problem("", f"{before}{STOPPED}"), stops=True)
        if self.clock.over:
            raise GivenUp("network", Problem("", f"{before}{OVER}"), stops=True)

    def is_again(self, reply: Reply, idempotent: bool, counts: dict[int, int]) -> bool:
        """Is the same to be sent again after this answer?  `counts` is how often after which status, still."""
        if reply.status in counts:
            if reply.status == 409 and is_stale(reply.status, said(reply)):
                return False
            counts[reply.status] -= 1
            return idempotent and counts[reply.status] >= 0
        return reply.status in BUSY and (idempotent or not may_have_arrived(reply))

    def polled(self, reply: Reply) -> Reply:
        """The answer to what the server does by and by (202), asked for at the address that it gives.

        https://hl7.org/fhir/R5/async.html.  Raises GivenUp, and Unauthorised.
        """
        said_where = reply.headers.get("content-location", "")
        where = self.client.base.inside(said_where) if said_where else None
        if where is None:
            raise GivenUp("network", Problem("", "the server will do it later (202), and gives no address of its own to ask again"))
        last = time.monotonic() + self.patience.polling
        while reply.status == 202:
            if time.monotonic() > last:
                raise GivenUp("network", Problem("", f"the server has not finished after {self.patience.polling:.0f} s"))
            if not self.clock.wait(max(self.patience.wait(1, reply), min(POLL, self.patience.first))):
                self.expect_time("the server has not finished; ")
                raise GivenUp("network", Problem("", f"the server has not finished; {OVER}"), stops=True)
            reply = Asking(self).ask("GET", where)
        if reply.status in (404, 410):
            raise GivenUp("network", Problem("", f"asked whether it is done, {words(reply)}"))
        parts = members(reply.resource, "entry")
        inner = parts[0].get("resource") if len(parts) == 1 and isinstance(parts[0], dict) else None
        return Reply(reply.status, reply.headers, encode(inner)) if kind_of(inner) == "Bundle" else reply


class Asking(Client):
    """The same client for what changes nothing on the server: each question is asked until it is answered.

    Its `ask` raises GivenUp where `Client.ask` raises Unanswered.
    """

    def __init__(self, trying: Trying):
        client = trying.client
        super().__init__(client.base, client.transport, client.credentials, client.redactor, client.headers)
        self.trying = trying

    def ask(self, method: str, path: str = "", body: bytes | None = None, headers: Mapping[str, str] | None = None,
            until: float | None = None) -> Reply:
        once = super().ask
        return self.trying.ask(lambda: once(method, path, body, headers, until or self.trying.clock.until), idempotent=True)


def may_have_arrived(reply: Reply) -> bool:
    """May the server, or one behind it, have done it all the same, or yet do it?

    One that has no room says so itself, or when to come again; a gateway, or a page of one, does not know what became of it.
    """
    if reply.status in (429, 503):
        return "retry-after" not in reply.headers and not reply.resource
    return reply.status in (202, 408, 500, 502, 504) or (reply.status < 404 and is_page(reply))


def words(reply: Reply) -> str:
    """The answer as a message tells it."""
    text = "; ".join(one.text for one in said(reply) if one.text)
    return f"the server answered {reply.status}" + (f": {text.rstrip('.;')}" if text else "")
