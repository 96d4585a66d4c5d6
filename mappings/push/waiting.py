"""How often and how long to try again.

Full jitter (each wait is a random part of a span that doubles) keeps clients that failed together from coming back together;
what the server asks for (Retry-After, https://www.rfc-editor.org/rfc/rfc9110#field.retry-after) is obeyed within a limit.
"""

from __future__ import annotations

import random
import re
import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from msgspec import Struct

from mappings.push.http import Reply


class Patience(Struct, frozen=True):
    """`tries` of one request; seconds of the first wait, of the longest, and of the longest that a server may ask for.

    `conflicts` and `errors` are how often a request is sent again after a 409, and after a 500; `polling` is how many seconds the
    end of what a server does by and by is waited for.
    """

    tries: int = 8
    first: float = 1.0
    longest: float = 60.0
    asked: float = 300.0
    conflicts: int = 3
    errors: int = 2
    polling: float = 600.0

    def wait(self, number: int, reply: Reply | None) -> float:
        """Seconds to wait before try `number` + 1, after the answer `reply` (or none)."""
        asked = retry_after(reply) if reply else None
        if asked is not None:
            return min(asked, self.asked)
        return random.uniform(0, min(self.first * 2 ** (number - 1), self.longest))


def retry_after(reply: Reply) -> float | None:
    """The seconds that the server asks to wait; None where it says none, or nothing that can be meant."""
    said = reply.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,12}", said, re.ASCII):
        return float(said)
    try:
        moment = parsedate_to_datetime(said)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


class Clock:
    """The time that a run has, and its waits, which end at once when the run is stopped."""

    def __init__(self, seconds: float | None = None):
        self.until = None if seconds is None else time.monotonic() + seconds
        self.stopped = threading.Event()

    @property
    def over(self) -> bool:
        """Is there no time left?"""
        return self.until is not None and time.monotonic() >= self.until

    def wait(self, seconds: float) -> bool:
        """Waits; False when the run ends before that."""
        if self.until is not None and time.monotonic() + seconds > self.until:
            return False
        return not self.stopped.wait(seconds)
