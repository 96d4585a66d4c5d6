"""How long is waited before the next try, and what ends a wait."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from mappings.push import waiting
from mappings.push.http import Reply
from mappings.push.waiting import Clock, Patience, retry_after

NOW = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)


class Then(datetime):
    """A day that is always the same."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return NOW


@pytest.fixture(autouse=True)
def same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "datetime", Then)


def busy(said: str | None = None, status: int = 503) -> Reply:
    return Reply(status, {} if said is None else {"retry-after": said}, b"")


SAID: list[tuple[str | None, float | None]] = [
    # what Retry-After says, the seconds that it means
    ("0", 0), ("1", 1), ("120", 120), (" 120 ", 120), ("007", 7), ("99999999", 99_999_999), ("999999999999", 999_999_999_999),
    ("Thu, 26 Nov 2026 12:02:00 GMT", 120), ("Thu, 26 Nov 2026 12:02:00 -0000", 120), ("Thu, 26 Nov 2026 13:02:00 +0100", 120),
    ("Thursday, 26-Nov-26 12:02:00 GMT", 120), ("Thu Nov 26 12:02:00 2026", 120),  # the two obsolete forms: RFC 9110, section 5.6.7
    ("Thu, 26 Nov 2026 12:00:00 GMT", 0), ("Thu, 26 Nov 2026 11:00:00 GMT", 0), ("Fri, 31 Dec 1999 23:59:59 GMT", 0), ("Mon, 01 Jan 0001 00:00:00 +2300", 0),
    ("Fri, 31 Dec 9999 23:59:59 -2300", (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) + timedelta(0) - NOW).total_seconds() + 23 * 3600),
    (None, None), ("", None), ("-5", None), ("+5", None), ("1.5", None), ("1e3", None), ("abc", None), ("soon", None), ("5 s", None), ("1, 2", None), ("\u0663", None),
    ("9999999999999", None), ("1" * 100_000, None), ("Thu, 26 Nov 2026", None), ("Thu, 99 Nov 2026 12:02:00 GMT", None), ("Thu, 26 Nov 99999 12:02:00 GMT", None),
    ("Thu, 26 Nov 2026 12:02:00 +9900", None), ("2026-11-26T12:02:00Z", None), ("\x00", None),
]


@pytest.mark.parametrize(("said", "seconds"), SAID)
def test_what_a_server_asks_is_understood_or_left(said: str | None, seconds: float | None) -> None:
    assert retry_after(busy(said)) == seconds


WAITS: list[tuple[Patience, str, float]] = [
    # the patience, what is asked, the wait
    (Patience(), "0", 0), (Patience(), "1", 1), (Patience(), "60", 60), (Patience(), "61", 61), (Patience(), "300", 300), (Patience(), "301", 300),
    (Patience(), "99999999", 300), (Patience(asked=5), "6", 5), (Patience(longest=2), "6", 6),
    (Patience(), format_datetime(NOW + timedelta(hours=5), usegmt=True), 300), (Patience(), format_datetime(NOW - timedelta(hours=5), usegmt=True), 0),
]


@pytest.mark.parametrize("number", [1, 5])
@pytest.mark.parametrize(("patience", "said", "seconds"), WAITS)
def test_what_a_server_asks_is_obeyed_within_a_limit(patience: Patience, said: str, seconds: float, number: int) -> None:
    assert patience.wait(number, busy(said)) == seconds


SPANS: list[tuple[Patience, list[float]]] = [
    # the patience, the longest wait after each try
    (Patience(), [1, 2, 4, 8, 16, 32, 60, 60, 60]),
    (Patience(first=0.5, longest=3), [0.5, 1, 2, 3, 3]),
    (Patience(first=0), [0, 0, 0]),
    (Patience(first=10, longest=5), [5, 5]),
]


@pytest.mark.parametrize("reply", [None, busy(), busy("soon"), busy(status=500)])
@pytest.mark.parametrize(("patience", "spans"), SPANS)
def test_else_the_wait_is_any_part_of_a_span_that_doubles(patience: Patience, spans: list[float], reply: Reply | None,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[float, float]] = []

    def uniform(least: float, most: float) -> float:
        asked.append((least, most))
        return most

    monkeypatch.setattr(random, "uniform", uniform)
    assert [patience.wait(number, reply) for number in range(1, len(spans) + 1)] == spans
    assert asked == [(0, span) for span in spans]


def test_no_two_waits_are_alike() -> None:
    waits = [Patience().wait(4, None) for _ in range(1000)]
    assert len(set(waits)) > 990
    assert min(waits) < 1 and max(waits) > 7 and all(0 <= wait <= 8 for wait in waits)  # of full jitter the shortest waits are part


def test_its_limits_are_those_that_are_told() -> None:
    assert Patience() == Patience(tries=8, first=1.0, longest=60.0, asked=300.0, conflicts=3, errors=2)


# The time of a run

@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which passes when a test says so."""
    found = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: found[0])
    return found


def test_a_run_without_a_deadline_is_never_over(moments: list[float]) -> None:
    clock = Clock()
    moments[0] = 1e12
    assert (clock.until, clock.over, clock.wait(0)) == (None, False, True)


def test_a_run_with_one_is_over_then(moments: list[float]) -> None:
    clock = Clock(5)
    seen = []
    for moments[0] in (1000.0, 1004.9, 1005.0, 1006.0):
        seen.append(clock.over)
    assert (clock.until, seen) == (1005.0, [False, False, True, True])


def test_a_wait_beyond_the_end_is_not_begun(moments: list[float]) -> None:
    clock = Clock(5)
    assert [clock.wait(seconds) for seconds in (0, 5.001, 3600, 0.001)] == [True, False, False, True]
    moments[0] = 1006.0
    assert clock.wait(0) is False


def test_when_the_run_is_stopped_every_wait_ends() -> None:
    clock = Clock()
    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(clock.wait(3600)), daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    clock.stopped.set()
    for thread in threads:
        thread.join(30)
    assert found == [False] * 4
    assert clock.wait(3600) is False
