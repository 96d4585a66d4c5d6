"""What is sent again, how often, and when it is given up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from converter.json_text import encode
from converter.problems import Problem
from mappings.push import trying
from mappings.push.addresses import base
from mappings.push.authorization import Nobody, Unauthorised
from mappings.push.client import Client
from mappings.push.http import Limits, Reply, Transport, Unanswered
from mappings.push.secrets import Redactor
from mappings.push.tls import context
from mappings.push.trying import OVER, STOPPED, Asking, GivenUp, Trying, may_have_arrived, words
from mappings.push.waiting import Clock, Patience
from tests.faults.answers import Answer, outcome, refusal, reply
from tests.faults.scripted import Request, Scripted

PATIENCE = Patience(tries=8, first=0)
TLS = context()
CONFLICT = encode(outcome("HAPI-0550: HAPI-0823: the operation has failed with a version constraint failure"))
STALE = encode(outcome("HAPI-0550: HAPI-0989: Trying to update with version 1, the current one is 2"))
SAID = encode(outcome("too many requests"))


class Never(Clock):
    """Waits for nothing; `waits` are the seconds that it should have, and of `ends` such waits the last does not come to its end."""

    def __init__(self, seconds: float | None = None, ends: int | None = None):
        super().__init__(seconds)
        self.waits: list[float] = []
        self.ends = ends

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return len(self.waits) != self.ends


def client(url: str = "https://fhir.example.org/r4") -> Client:
    return Client(base(url), Transport(TLS, limits=Limits(connect=5, read=5, whole=5)), Nobody(), Redactor(), {"X-Api-Key": "of ours"})


def tried(clock: Clock | None = None, patience: Patience = PATIENCE, url: str = "https://fhir.example.org/r4") -> Trying:
    return Trying(client(url), patience, clock or Never())


class Script:
    """Sends what it is told, the last of it for ever; `sent` counts."""

    def __init__(self, *steps: Reply | Exception):
        self.steps, self.sent = steps, 0

    def __call__(self) -> Reply:
        step = self.steps[min(self.sent, len(self.steps) - 1)]
        self.sent += 1
        if isinstance(step, Exception):
            raise step
        return step


def answered(status: int, body: bytes = b"", **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


GOOD = answered(200)


# The table of what is sent again

TABLE: list[tuple[str, Reply, int, int]] = [
    # what, the answer that comes every time, how often it is sent when it is idempotent, and when it is not
    *((f"{status}", answered(status), 1, 1) for status in (200, 201, 202, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 406, 410, 411, 412, 413, 415, 422, 428, 501, 505)),
    ("408", answered(408), 8, 1), ("502", answered(502), 8, 1), ("504", answered(504), 8, 1),
    ("500", answered(500), 3, 1),
    ("409", answered(409), 4, 1), ("409 of others that write", answered(409, CONFLICT), 4, 1), ("409 of a stale version", answered(409, STALE), 1, 1),
    ("412 of a stale version", answered(412, STALE), 1, 1),
    *((f"{status} of a gateway", answered(status, b"<html></html>"), 8, 1) for status in (429, 503)),
    *((f"{status} with Retry-After", answered(status, retry_after="0"), 8, 8) for status in (429, 503)),
    *((f"{status} in the server's own words", answered(status, SAID), 8, 8) for status in (429, 503)),
    *((f"{status} with Retry-After", answered(status, SAID, retry_after="0"), 8, 1) for status in (502, 504)),
    ("500 with Retry-After", answered(500, SAID, retry_after="0"), 3, 1),
    ("409 with Retry-After", answered(409, CONFLICT, retry_after="0"), 4, 1),
    ("400 with Retry-After", answered(400, SAID, retry_after="0"), 1, 1),
]


@pytest.mark.parametrize(("answer", "idempotent", "times"), [
    pytest.param(answer, idempotent, times, id=f"{what}, {'idempotent' if idempotent else 'a plain create'}")
    for what, answer, yes, no in TABLE for idempotent, times in ((True, yes), (False, no))])
def test_how_often_a_request_is_sent(answer: Reply, idempotent: bool, times: int) -> None:
    send = Script(answer)
    try:
        found = tried().ask(send, idempotent)
    except GivenUp as end:
        assert (end.cause, end.stops, times) == ("network", False, PATIENCE.tries)
        assert str(end) == f"{words(answer)}; tried 8 times"
    else:
        assert found is answer
    assert send.sent == times


COUNTS: list[tuple[str, Patience, list[Reply], int, int]] = [
    # what, the patience, what is answered, how often it is sent, the status in the end
    ("a conflict that is over", PATIENCE, [answered(409), answered(409), answered(409), GOOD], 4, 200),
    ("conflicts and errors are counted each by itself", PATIENCE, [answered(409), answered(500), answered(409), answered(500), answered(409), answered(500)], 6, 500),
    ("so they are beside other answers", PATIENCE, [answered(503), answered(500), answered(503), answered(500), answered(503), answered(500)], 6, 500),
    ("none are borne with", replace(PATIENCE, conflicts=0, errors=0), [answered(409)], 1, 409),
    ("a stale version after a conflict", PATIENCE, [answered(409), answered(409, STALE)], 2, 409),
    ("the last of all tries", PATIENCE, [answered(503)] * 7 + [GOOD], 8, 200),
    ("fewer tries", replace(PATIENCE, tries=2), [answered(503), GOOD], 2, 200),
]


@pytest.mark.parametrize(("patience", "answers", "times", "status"), [case[1:] for case in COUNTS], ids=[case[0] for case in COUNTS])
def test_some_answers_are_borne_with_a_few_times(patience: Patience, answers: list[Reply], times: int, status: int) -> None:
    send = Script(*answers)
    assert tried(patience=patience).ask(send, idempotent=True).status == status
    assert send.sent == times


LOST = Unanswered("the connection broke", sent=True)
NONE = Unanswered("no connection", sent=False)
FINAL = Unanswered("no trusted TLS connection", sent=False, final=True)
LARGE = Unanswered("the answer has more than 50 MiB", sent=True, final=True)
UNANSWERED: list[tuple[str, list[Reply | Exception], bool, int, str, bool]] = [
    # what, what comes, idempotent, how often it is sent, what is said of it ("" of an answer), whether the run stops
    ("no connection", [NONE, NONE, GOOD], True, 3, "", False),
    ("no connection for a plain create", [NONE, NONE, GOOD], False, 3, "", False),
    ("never a connection", [NONE], False, 8, "no connection; tried 8 times", False),
    ("an answer that is lost", [LOST, LOST, GOOD], True, 3, "", False),
    ("answers that are always lost", [LOST], True, 8, "the connection broke; tried 8 times", False),
    ("an answer to a plain create that is lost", [LOST, GOOD], False, 1, "the connection broke", False),
    ("no connection, then an answer that is lost", [NONE, LOST, GOOD], False, 2, "the connection broke", False),
    ("what would happen again", [FINAL, GOOD], True, 1, "no trusted TLS connection", True),
    ("what would happen again, of an answer", [LARGE, GOOD], True, 1, "the answer has more than 50 MiB", True),
    ("lost, busy, lost, done", [LOST, answered(503), LOST, answered(500), GOOD], True, 5, "", False),
]


@pytest.mark.parametrize(("steps", "idempotent", "times", "said", "stops"), [case[1:] for case in UNANSWERED], ids=[case[0] for case in UNANSWERED])
def test_only_what_leaves_one_copy_is_sent_again_after_it_may_have_arrived(steps: list[Reply | Exception], idempotent: bool, times: int, said: str,
                                                                         stops: bool) -> None:
    send = Script(*steps)
    if said:
        with pytest.raises(GivenUp) as end:
            tried().ask(send, idempotent)
        assert (end.value.cause, end.value.problems, end.value.stops, end.value.refused) == ("network", (Problem("", said),), stops, 0)
    else:
        assert tried().ask(send, idempotent) is GOOD
    assert send.sent == times


def test_what_is_wrong_with_the_credentials_is_not_tried_again() -> None:
    send = Script(Unauthorised("no"))
    with pytest.raises(Unauthorised):
        tried().ask(send, idempotent=True)
    assert send.sent == 1


def test_a_success_may_say_that_it_is_none_for_now() -> None:
    answers = [answered(200, b"busy"), answered(200, b"busy"), answered(200, b"done")]

    def is_busy(reply: Reply) -> str:
        return "an entry had no time" if reply.body == b"busy" else ""

    send = Script(*answers)
    assert tried().ask(send, True, is_busy) is answers[-1]
    send = Script(answers[0])
    with pytest.raises(GivenUp, match=r"^an entry had no time; tried 8 times$"):
        tried().ask(send, True, is_busy)
    assert send.sent == 8


def test_only_a_success_is_asked_whether_it_is_one() -> None:
    asked: list[int] = []
    tried().ask(Script(answered(400)), True, lambda reply: asked.append(reply.status) or "busy")  # type: ignore[func-returns-value]
    assert asked == []


# Time

def test_between_two_tries_is_waited_as_patience_says(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, Reply | None]] = []

    def wait(patience: Patience, number: int, last: Reply | None) -> float:
        seen.append((number, last))
        return float(number)

    monkeypatch.setattr(Patience, "wait", wait)
    clock, busy = Never(), answered(503)
    assert tried(clock).ask(Script(busy, LOST, busy, GOOD), idempotent=True) is GOOD
    assert (seen, clock.waits) == ([(1, busy), (2, None), (3, busy)], [1.0, 2.0, 3.0])


def test_after_the_last_try_nothing_is_waited_for() -> None:
    clock = Never()
    with pytest.raises(GivenUp):
        tried(clock).ask(Script(answered(503)), idempotent=True)
    assert len(clock.waits) == PATIENCE.tries - 1


ENDS: list[tuple[str, Callable[[], Clock], int, str]] = [
    # what, the clock, how often it is sent, what is said
    ("no time from the beginning", lambda: Never(-1), 0, OVER),
    ("stopped from the beginning", lambda: stopped(Never()), 0, STOPPED),
    ("no time for the next wait", lambda: Never(3600, ends=2), 2, f"the server answered 503; {OVER} before the next try"),
    ("stopped in a wait", lambda: Stopped(ends=2), 2, f"the server answered 503; {STOPPED}"),
]


class Stopped(Never):
    """Somebody stops the run in its last wait."""

    def wait(self, seconds: float) -> bool:
        ends = not super().wait(seconds)
        if ends:
            self.stopped.set()
        return not ends


def stopped(clock: Clock) -> Clock:
    clock.stopped.set()
    return clock


@pytest.mark.parametrize(("clock", "times", "said"), [case[1:] for case in ENDS], ids=[case[0] for case in ENDS])
def test_when_its_time_is_over_the_run_stops(clock: Callable[[], Clock], times: int, said: str) -> None:
    send = Script(answered(503))
    with pytest.raises(GivenUp) as end:
        tried(clock()).ask(send, idempotent=True)
    assert (send.sent, end.value.cause, str(end.value), end.value.stops) == (times, "network", said, True)


# What is done by and by

@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted([Answer(500)]) as found:
        yield found


BATCH = {"resourceType": "Bundle", "type": "transaction-response", "entry": [{"response": {"status": "201"}}]}
WRAPPED = {"resourceType": "Bundle", "type": "batch-response", "entry": [{"response": {"status": "200"}, "resource": BATCH}]}
ACCEPTED = Answer(202)


def later(where: str | None, **headers: str) -> Reply:
    return Reply(202, {**({} if where is None else {"content-location": where}), **headers}, b"")


DONE: list[tuple[str, str, list[Answer], dict[str, Any]]] = [
    # what, the address, what is answered there, the resource in the end
    ("relative", "jobs/1", [reply(200, BATCH)], BATCH),
    ("relative to the host", "/fhir/jobs/1", [reply(200, BATCH)], BATCH),
    ("absolute", "ORIGIN/fhir/jobs/1", [reply(200, BATCH)], BATCH),
    ("not at once", "jobs/1", [ACCEPTED, ACCEPTED, reply(200, BATCH)], BATCH),
    ("after errors", "jobs/1", [ACCEPTED, refusal(503, "later"), Answer(0, ends="close"), ACCEPTED, reply(200, BATCH)], BATCH),
    ("within another Bundle", "jobs/1", [reply(200, WRAPPED)], BATCH),
    ("something else within", "jobs/1", [reply(200, {**WRAPPED, "entry": [{"resource": outcome("no")}]})], {**WRAPPED, "entry": [{"resource": outcome("no")}]}),
    ("several within", "jobs/1", [reply(200, {**WRAPPED, "entry": WRAPPED["entry"] * 2})], {**WRAPPED, "entry": WRAPPED["entry"] * 2}),  # type: ignore[operator]
    ("no Bundle", "jobs/1", [reply(200, outcome("done"))], outcome("done")),
]


@pytest.mark.parametrize(("where", "answers", "resource"), [case[1:] for case in DONE], ids=[case[0] for case in DONE])
def test_what_is_done_by_and_by_is_asked_for_until_it_is(server: Scripted, where: str, answers: list[Answer], resource: dict[str, Any]) -> None:
    server.script = answers
    found = tried(url=server.url).polled(later(where.replace("ORIGIN", server.origin)))
    assert (found.status, found.resource) == (200, resource)
    assert {(one.method, one.path) for one in server.requests} == {("GET", "/fhir/jobs/1")}
    assert len(server.requests) == len(answers)


def test_between_two_questions_is_some_time_and_as_much_as_the_server_asks(server: Scripted) -> None:
    server.script = [ACCEPTED, Answer(202, headers={"Retry-After": "7"}), Answer(202, headers={"Retry-After": "0"}), reply(200, BATCH)]
    clock = Never()
    tried(clock, Patience(), server.url).polled(later("jobs/1", **{"retry-after": "120"}))
    assert clock.waits[0] == 120 and clock.waits[2:] == [7, trying.POLL]
    assert clock.waits[1] == trying.POLL


NOWHERE = "the server will do it later (202), and gives no address of its own to ask again"
ELSEWHERE = [None, "", "https://elsewhere.test/jobs/1", "//elsewhere.test/jobs/1", "http://fhir.example.org/jobs/1", "https://fhir.example.org:8443/jobs/1", "file:///etc/passwd",
             r"https://elsewhere.test\@fhir.example.org/jobs/1"]


@pytest.mark.parametrize("where", ELSEWHERE)
def test_nobody_else_is_asked(where: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transport, "exchange", lambda *_: pytest.fail("something was asked"))
    with pytest.raises(GivenUp) as end:
        tried().polled(later(where))
    assert (end.value.cause, str(end.value), end.value.stops) == ("network", NOWHERE, False)


@pytest.mark.parametrize(("answer", "said"), [
    (refusal(404, "no such job"), "asked whether it is done, the server answered 404: no such job"),
    (refusal(410, "expired"), "asked whether it is done, the server answered 410: expired"),
    (refusal(503, "busy"), "the server answered 503: busy; tried 8 times"),
])
def test_what_does_not_come_to_its_end_is_given_up(server: Scripted, answer: Answer, said: str) -> None:
    server.script = [ACCEPTED, answer]
    with pytest.raises(GivenUp) as end:
        tried(url=server.url).polled(later("jobs/1"))
    assert (end.value.cause, str(end.value), end.value.stops) == ("network", said, False)


@pytest.mark.parametrize("status", [400, 401, 403, 422, 500])
def test_what_is_refused_in_the_end_is_an_answer_too(server: Scripted, status: int) -> None:
    server.script = [ACCEPTED, refusal(status, "no")]
    if status == 401:
        with pytest.raises(Unauthorised):
            tried(url=server.url).polled(later("jobs/1"))
    else:
        assert tried(url=server.url).polled(later("jobs/1")).status == status


def test_the_end_is_not_waited_for_for_ever(server: Scripted) -> None:
    server.script = [ACCEPTED]
    with pytest.raises(GivenUp) as end:
        tried(patience=replace(PATIENCE, polling=0.05), url=server.url).polled(later("jobs/1"))
    assert (str(end.value), end.value.stops) == ("the server has not finished after 0 s", False)


@pytest.mark.parametrize(("clock", "said"), [
    (Never(3600, ends=3), f"the server has not finished; {OVER}"), (Stopped(ends=3), f"the server has not finished; {STOPPED}")])
def test_nor_longer_than_the_run(server: Scripted, clock: Clock, said: str) -> None:
    server.script = [ACCEPTED]
    with pytest.raises(GivenUp) as end:
        tried(clock, url=server.url).polled(later("jobs/1"))
    assert (str(end.value), end.value.stops, len(server.requests)) == (said, True, 2)


# Questions

def test_a_question_is_asked_until_it_is_answered(server: Scripted) -> None:
    server.script = [refusal(503, "later"), Answer(0, ends="close"), refusal(500, "oops"), refusal(429, "slowly"), reply(200, BATCH)]
    found = Asking(tried(url=server.url)).ask("GET", "Group?identifier=a", headers={"Cache-Control": "no-cache"})
    assert (found.status, found.resource) == (200, BATCH)
    assert {(one.method, one.path, one.headers["cache-control"], one.headers["x-api-key"]) for one in server.requests} == {
        ("GET", "/fhir/Group?identifier=a", "no-cache", "of ours")}
    assert len({one.headers["x-request-id"] for one in server.requests}) == len(server.requests) == 5


def test_a_question_without_an_answer_is_given_up(server: Scripted) -> None:
    server.script = [Answer(0, ends="close")]
    with pytest.raises(GivenUp, match=r"tried 8 times$"):
        Asking(tried(url=server.url)).ask("GET", "metadata")
    assert len(server.requests) == 8


def test_a_question_ends_with_the_time_of_the_run() -> None:
    waiting = threading.Event()

    def silent(request: Request) -> Answer:
        waiting.wait(30)
        return Answer(200)

    with Scripted(silent) as server:
        clock = Clock(0.6)
        with pytest.raises(GivenUp) as end:
            Asking(tried(clock, url=server.url)).ask("GET", "metadata")
        assert (clock.over, end.value.stops, len(server.requests)) == (True, True, 1)
        waiting.set()


# Words

@pytest.mark.parametrize(("answer", "said"), [
    (answered(503), "the server answered 503"),
    (answered(503, SAID), "the server answered 503: too many requests"),
    (answered(422, encode({"resourceType": "OperationOutcome", "issue": [{"diagnostics": "One."}, {"diagnostics": "Two.;"}]})), "the server answered 422: One.; Two"),
    (answered(502, b"<html><title>Bad Gateway</title></html>"), "the server answered 502: an HTML page, 'Bad Gateway'"),
    (answered(422, encode(outcome("\x1b[2Jall is well"))), "the server answered 422: all is well"),
])
def test_an_answer_is_told_in_the_server_s_words(answer: Reply, said: str) -> None:
    assert words(answer) == said


MAY: list[tuple[str, Reply, bool]] = [
    # what, the answer, whether what was sent may have been done all the same
    *((str(status), answered(status), True) for status in (202, 408, 500, 502, 504)),
    *((str(status), answered(status), False) for status in (200, 201, 301, 400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 501)),
    *((f"{status} of a gateway", answered(status, b"busy"), True) for status in (429, 503)),
    *((f"{status} of the server", answered(status, SAID), False) for status in (429, 503)),
    *((f"{status} with Retry-After", answered(status, b"busy", retry_after="1"), False) for status in (429, 503)),
    *((f"{status} as a page", answered(status, b"<html>Login</html>"), True) for status in (200, 403, 500, 503)),
    ("404 as a page", answered(404, b"<html>Not found</html>"), False),
]


@pytest.mark.parametrize(("answer", "may"), [case[1:] for case in MAY], ids=[case[0] for case in MAY])
def test_what_may_have_arrived_all_the_same(answer: Reply, may: bool) -> None:
    assert may_have_arrived(answer) is may
