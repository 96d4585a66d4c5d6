"""Whatever becomes of a server's answer, the trial is there once and whole, and what is told of it is true.

The faults are those of a proxy before a server: one in memory, and real ones where they can be started.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import trustme

from mappings.push.http import Limits
from tests.faults.answers import RESET_UNREAD, Answer, redirect, refusal
from tests.faults.memory import MemoryServer
from tests.faults.proxy import Fault, Faults, Proxy, cut_off, delay, drop, first, hang_up, lose, refuse, rewrite
from tests.faults.scripted import Request, Scripted
from tests.push.checks import (
    ALL_PLACES,
    PLACES,
    Place,
    Tree,
    arrived,
    copies,
    creates,
    entries,
    given,
    journal_true,
    made,
    not_arrived,
    nothing_doubled,
    nothing_lost,
    number,
    out_of_the_way,
    pushed,
)
from tests.servers import medplum

everywhere = pytest.mark.parametrize("place", PLACES, indirect=True)
everywhere_and_more = pytest.mark.parametrize("place", ALL_PLACES, indirect=True)
in_memory = pytest.mark.parametrize("place", ["memory"], indirect=True)
BUNDLE = {"resourceType": "Bundle", "type": "transaction-response"}


def writes(proxy: Proxy) -> list[tuple[str, list[int]]]:
    """The fault of each request that writes, and what the server behind answered to it."""
    return [(one.fault, one.statuses) for one in proxy.requests if one.method != "GET"]


def always(fault: Fault, method: str | None = "POST", path: str = "") -> Faults:
    """Every request of that method (None: of any) with `path` in theirs has the fault."""
    return lambda request: fault if method in (None, request.method) and path in request.path else None


def instead(answer: Answer, after: bool) -> Fault:
    """That answer, in place of the server's own: before it has received anything, or `after` it has done what was asked."""
    return Fault("instead", lambda _: answer, int(after))


def changed(change: Callable[[Tree], Any]) -> Fault:
    """The answer, its JSON changed."""
    def rewritten(body: bytes) -> bytes:
        tree = json.loads(body)
        change(tree)
        return json.dumps(tree).encode()
    return rewrite(rewritten)


def patience(place: Place) -> Limits:
    """Waits for an answer so long that the server gives one, when nothing stands in its way."""
    return Limits(read=0.4 if place.in_memory else 4.0)


# 1

LOST = (lose(), hang_up(), cut_off())


@everywhere_and_more
def test_01_a_reply_lost_after_the_commit_leaves_one_copy(place: Place, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in LOST]
    with Proxy(place.url, first(*(one for fault in LOST for one in (fault, None)))) as proxy:
        run = pushed(tmp_path, proxy.url, "--verify", bundles=bundles)
    assert writes(proxy) == [one for fault in LOST for one in ((fault.name, [200]), ("", [200]))]
    bodies = [one.body for one in proxy.requests if one.method == "POST"]
    assert bodies[::2] == bodies[1::2]
    arrived(run, place.url, *bundles, status="updated")


@everywhere_and_more
def test_01_a_reply_lost_after_an_update_of_our_own_ids_leaves_one_copy(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Proxy(place.url, first(lose())) as proxy:
        run = pushed(tmp_path, proxy.url, "--strategy", "put-id", "--verify", bundles=[bundle])
    assert writes(proxy) == [("lose", [200]), ("", [200])]
    arrived(run, place.url, bundle, status="updated")


@everywhere_and_more
def test_01_a_reply_lost_after_a_single_create_leaves_one_copy(place: Place, tmp_path: Path) -> None:
    """What a search finds then is not created again."""
    bundle = made(number(), place.release)
    with Proxy(place.url, first(lose(), lose(), lose())) as proxy:
        run = pushed(tmp_path, proxy.url, "--strategy", "sequential", "--verify", bundles=[bundle])
    assert writes(proxy) == [("lose", [201])] * 3
    arrived(run, place.url, bundle, status="updated")


@everywhere
def test_01_a_plain_create_is_not_sent_again_but_looked_for(place: Place, tmp_path: Path) -> None:
    bundle = creates(made(number(), place.release))
    with Proxy(place.url, first(lose())) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert writes(proxy) == [("lose", [200])]
    arrived(run, place.url, bundle)


@everywhere
def test_01_a_plain_create_of_which_nothing_is_found_is_unknown(place: Place, tmp_path: Path) -> None:
    bundle = creates(made(number(), place.release))
    with Proxy(place.url, first(drop())) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert writes(proxy) == [("drop", [])]
    not_arrived(run, place.url, bundle, code=5, status="unknown")


# 2

AFTER = [refuse(status, after=True) for status in (408, 500, 502, 503, 504)]
"""503 is what Envoy answers where the server behind it closed the connection after it had the request."""


@everywhere
def test_02_a_timeout_after_the_commit_leaves_one_copy(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Proxy(place.url, first(delay(60))) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle], limits=patience(place))
    assert writes(proxy)[0] == ("delay", [200])
    arrived(run, place.url, bundle, status="updated")


@everywhere
def test_02_a_gateway_s_error_after_the_commit_leaves_one_copy(place: Place, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in AFTER]
    with Proxy(place.url, first(*(one for fault in AFTER for one in (fault, None)))) as proxy:
        run = pushed(tmp_path, proxy.url, "--verify", bundles=bundles)
    assert writes(proxy) == [one for fault in AFTER for one in ((fault.name, [200]), ("", [200]))]
    arrived(run, place.url, *bundles, status="updated")


@in_memory
@pytest.mark.parametrize("fault", [lose(), *AFTER], ids=lambda fault: fault.name)
def test_02_a_gateway_that_never_answers_otherwise_hides_nothing(place: Place, fault: Fault, tmp_path: Path) -> None:
    """Every write is carried out, and none is confirmed: it is looked up."""
    bundle = made(number())
    with Proxy(place.url, always(fault)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert {fault for fault, _ in writes(proxy)} == {fault.name}
    arrived(run, place.url, bundle, status="updated")


@in_memory
@pytest.mark.parametrize("status", [408, 502, 503, 504])
def test_02_a_plain_create_after_a_gateway_s_error_of_which_nothing_is_found_is_unknown(place: Place, status: int, tmp_path: Path) -> None:
    bundle = creates(made(number()))
    with Proxy(place.url, first(refuse(status))) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert writes(proxy) == [(str(status), [])]
    not_arrived(run, place.url, bundle, code=5, status="unknown")


@in_memory
def test_02_a_plain_create_after_a_gateway_s_error_is_not_sent_again_but_looked_for(place: Place, tmp_path: Path) -> None:
    bundles = [creates(made(number())) for _ in AFTER]
    with Proxy(place.url, first(*AFTER)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=bundles)
    assert writes(proxy) == [(fault.name, [200]) for fault in AFTER]
    arrived(run, place.url, *bundles, status="updated")


class Overtaken(Proxy):
    """The first write reaches the server behind only after the second has been answered."""

    def __init__(self, upstream: str):
        super().__init__(upstream)
        self.second, self.arrived = threading.Event(), threading.Event()

    def passed(self, request: Request) -> Answer:
        earlier = [one for one in self.requests[:request.number] if one.method == "POST"]
        if request.method == "POST" and not earlier:
            self.second.wait(60)
        answer = self.forwarded(request)
        if request.method == "POST":
            (self.second if earlier else self.arrived).set()
        return answer


@everywhere
def test_02_a_request_that_arrives_after_its_own_repeat_changes_nothing(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Overtaken(place.url) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle], limits=patience(place))
        assert proxy.arrived.wait(60)
    assert [statuses for _, statuses in writes(proxy)][:2] == [[200], [200]]
    arrived(run, place.url, bundle)


# 3

@everywhere
def test_03_a_reset_before_the_commit_is_tried_again(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    unread = Fault("unread", lambda _: RESET_UNREAD, forwards=0)
    with Proxy(place.url, first(drop(), unread, drop())) as proxy:
        run = pushed(tmp_path, proxy.url, "--verify", bundles=[bundle])
    assert writes(proxy) == [("drop", []), ("unread", []), ("drop", []), ("", [200])]
    arrived(run, place.url, bundle, status="created")
    assert [line["outcome"] for line in run.journal] == ["sending", "unanswered"] * 3 + ["sending", "created"]


@everywhere
def test_03_a_server_that_goes_away_ends_the_run_and_a_resumed_one_ends_the_work(place: Place, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in range(3)]
    with Proxy(place.url) as proxy:
        proxy.faults = lambda request: drop() if sum(one.method == "POST" for one in proxy.requests) > 1 else None
        run = pushed(tmp_path, proxy.url, bundles=bundles)
        assert (run.code, run.statuses) == (5, ["created", "unknown", "failed"])
        journal_true(run)
        nothing_lost(place.url, bundles[0])
        assert [copies(place.url, bundle) for bundle in bundles] == [[1] * 3, [0] * 3, [0] * 3]
        proxy.faults = None
        again = pushed(tmp_path, proxy.url, "--resume", bundles=bundles)
    arrived(again, place.url, *bundles)
    assert again.statuses == ["unchanged", "created", "created"]


def test_03_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with Scripted([Answer()]) as server:
        url = server.url
    run = pushed(tmp_path, url, bundles=[made(number())])
    assert (run.code, run.stdout, run.journal) == (5, "", ())
    assert f"{url}: no connection" in run.stderr


# 4

WAITS: list[tuple[Callable[[], str | None], float, float]] = [
    # what Retry-After says, and the least and most seconds that are waited after try 1, 2 … 7
    (lambda: "7", 7, 7),
    (lambda: formatdate(time.time() + 100, usegmt=True), 60, 100),
    (lambda: "99999999", 300, 300),
    (lambda: formatdate(0, usegmt=True), 0, 0),
    (lambda: "-5", 0, 16),
    (lambda: "soon, \x07please", 0, 32),
    (lambda: None, 0, 60),
]


@everywhere
@pytest.mark.parametrize("status", [429, 503])
def test_04_retry_after_is_obeyed_within_a_limit_and_understood_or_left(place: Place, status: int, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Proxy(place.url, first(*[refuse(status, said()) for said, _, _ in WAITS])) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert writes(proxy) == [(str(status), [])] * 7 + [("", [200])]
    assert [round(wait, 3) for wait, (_, least, most) in zip(run.waits, WAITS, strict=True) if not least <= wait <= most] == []
    arrived(run, place.url, bundle, status="created")


@everywhere
def test_04_a_server_that_is_always_busy_ends_the_run_and_a_resumed_one_ends_the_work(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Proxy(place.url, always(refuse(429, "2"))) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
        assert (writes(proxy), run.waits) == ([("429", [])] * 8, (2,) * 7)
        not_arrived(run, place.url, bundle, code=5)
        assert "429" in run.problems[0] and "tried 8 times" in run.problems[0]
        proxy.faults = None
        again = pushed(tmp_path, proxy.url, "--resume", bundles=[bundle])
    arrived(again, place.url, bundle, status="created")


@in_memory
def test_04_a_wait_beyond_the_deadline_is_not_begun(place: Place, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(2)]
    with Proxy(place.url, always(refuse(503, "600"))) as proxy:
        run = pushed(tmp_path, proxy.url, "--deadline", "60", bundles=bundles)
    assert (writes(proxy), run.waits) == ([("503", [])], (300,))
    assert "the time for this run is over" in run.problems[0]
    assert f"--journal {tmp_path}/push.journal --resume" in run.stderr
    not_arrived(run, place.url, *bundles, code=5)


@everywhere
def test_04_a_plain_create_is_sent_again_where_the_server_itself_has_no_time(place: Place, tmp_path: Path) -> None:
    bundle = creates(made(number(), place.release))
    busy = [instead(refusal(503, "later", "transient", **header), after=False) for header in ({}, {"Retry_After": "1"})]
    with Proxy(place.url, first(*busy, refuse(429, "1"))) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert writes(proxy) == [("instead", [])] * 2 + [("429", []), ("", [200])]
    arrived(run, place.url, bundle, status="created")


QUESTIONS = [
    # of which questions the first three have no answer, and what asks them
    ("metadata", ()),
    ("Group?", ()),
    ("ResearchStudy/", ("--verify",)),
    ("PlanDefinition?", ("--skip-unchanged",)),
    ("Group?", ("--strategy", "sequential")),
    ("Group?", ("--strategy", "put-id")),
]


@everywhere
@pytest.mark.parametrize(("path", "options"), QUESTIONS, ids=[" ".join((path, *options)) for path, options in QUESTIONS])
def test_04_a_question_is_asked_again_as_a_write_is(place: Place, path: str, options: tuple[str, ...], tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    faults = refuse(429, "1"), drop(), refuse(503)
    asking = first(*faults, method="GET", path=path)
    with Proxy(place.url) as proxy:
        proxy.faults = lambda request: asking(request) if not options or "_summary" not in request.path else None  # which the preflight has
        run = pushed(tmp_path, proxy.url, *options, bundles=[bundle])
    assert [one.fault for one in proxy.requests if one.fault] == [fault.name for fault in faults]
    arrived(run, place.url, bundle)
    assert [status for status in run.statuses if status not in ("created", "updated")] == []


def test_04_a_server_that_is_busy_from_the_beginning_is_no_server_without_means(tmp_path: Path) -> None:
    """Exit code 5, go on later; and not 3, which would send its reader to look for another server."""
    with Scripted([refuse(503, "1").change(Answer())]) as server:
        run = pushed(tmp_path, server.url, bundles=[made(number())])
    assert (run.code, run.journal) == (5, ())
    assert "503" in run.stderr


# 5

LOGIN = Answer(200, b"<!DOCTYPE html><html><head><title>Sign in to the hospital</title></head><body><form></form></body></html>",
               {"Content-Type": "text/html; charset=utf-8"})


def echo(status: int) -> Callable[[Request], Fault | None]:
    """The first write is answered by a gateway, with a page that shows the request as it came, its credentials with it."""
    seen: list[Request] = []

    def fault(request: Request) -> Fault | None:
        if request.method != "POST" or seen:
            return None
        seen.append(request)
        shown = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        return instead(Answer(status, f"<html><title>{shown}</title><body>{shown}</body></html>".encode(), {"Content-Type": "text/html"}), after=False)

    return fault


@everywhere
def test_05_a_proxy_s_page_with_503_is_waited_out(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Proxy(place.url, echo(503)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert writes(proxy) == [("instead", []), ("", [200])]
    arrived(run, place.url, bundle, status="created")


@in_memory
@pytest.mark.parametrize(("status", "code"), [(200, 5), (400, 1), (403, 4), (422, 1)])
def test_05_a_page_that_shows_the_credentials_is_told_without_them(place: Place, status: int, code: int, tmp_path: Path) -> None:
    bundle = made(number())
    with Proxy(place.url, echo(status)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert "HTML page" in run.problems[0] and "authorization: " in run.problems[0]
    not_arrived(run, place.url, bundle, code=code, status=None)


@everywhere
def test_05_a_login_page_with_200_is_no_success_and_ends_the_run(place: Place, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in range(2)]
    with Proxy(place.url, always(instead(LOGIN, after=False))) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=bundles)
    assert writes(proxy) == [("instead", [])]
    assert "'Sign in to the hospital'" in run.problems[0] and "check --server, --proxy and --auth" in run.problems[0]
    not_arrived(run, place.url, *bundles, code=5, status=None)


@everywhere
def test_05_a_login_page_in_place_of_the_capability_statement_refuses_the_server(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Proxy(place.url, always(instead(LOGIN, after=False), None)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert (run.code, run.journal) == (3, ())
    assert "Sign in to the hospital" in run.stdout
    assert copies(place.url, bundle) == [0] * 3


EMPTY = [Answer(200), Answer(204), Answer(200, b"  \n"), Answer(201), *(Answer(200, body) for body in (
    b"null", b"{}", b"[]", b'"OK"', b'{"resourceType":"Parameters"}', b'{"resourceType":"Bundle"}', b'{"resourceType":"Bundle","type":"searchset"}',
    b'{"resourceType":"Bundle","type":"transaction-response"}'))]


@everywhere
def test_05_a_success_without_words_is_looked_up(place: Place, tmp_path: Path) -> None:
    """Of two Bundles that are answered so the first is written all the same, the second is not."""
    bundles = [made(number(), place.release) for _ in EMPTY * 2]
    with Proxy(place.url, first(*(instead(answer, after) for answer in EMPTY for after in (True, False)))) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=bundles)
    assert writes(proxy) == [("instead", [200]), ("instead", [])] * len(EMPTY)
    assert run.statuses[::2] == ["updated"] * len(EMPTY)
    assert (run.code, set(run.statuses[1::2])) in [(1, {"failed"}), (5, {"unknown"})]
    journal_true(run)
    nothing_lost(place.url, *bundles[::2])
    nothing_doubled(place.url, *bundles[::2])
    assert [copies(place.url, bundle) for bundle in bundles[1::2]] == [[0] * 3] * len(EMPTY)
    warnings = [problem for problem in run.problems if problem.startswith("warning: ")]
    assert [one for one in warnings if not one.endswith("; looked up: all of it is on the server")] == []
    assert len(warnings) == len(EMPTY)


@everywhere
def test_05_a_page_after_the_commit_hides_nothing(place: Place, tmp_path: Path) -> None:
    """A gateway may show its own page in place of an answer that it does not let pass."""
    bundles = [made(number(), place.release) for _ in range(2)]
    with Proxy(place.url, first(instead(LOGIN, after=True), instead(Answer(200, LOGIN.body), after=True))) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=bundles)
    assert writes(proxy) == [("instead", [200])] * 2
    arrived(run, place.url, *bundles, status="updated")


# 6

REDIRECTS = [(300, "same host"), (301, "same host"), (301, "other host"), (302, "other host"), (303, "same host"), (307, "same host"),
             (307, "other host"), (308, "same host"), (308, "other host")]


def redirected(place: Place, status: int, where: str, folder: Path) -> None:
    """A redirect of the write is told, and sends nothing elsewhere."""
    bundles = [made(number(), place.release) for _ in range(2)]
    with Scripted([Answer()]) as other, Proxy(place.url) as proxy:
        target = f"{other.origin if where == 'other host' else proxy.origin}/fhir/"
        proxy.faults = always(instead(redirect(f"{target}?ticket=s3cret-ticket", status), after=False))
        run = pushed(folder, proxy.url, bundles=bundles, secrets=["s3cret-ticket"])
    assert other.requests == []
    assert writes(proxy) == [("instead", [])]
    assert f"a redirect to {target}." in run.problems[0]
    not_arrived(run, place.url, *bundles, code=1)


@in_memory
@pytest.mark.parametrize(("status", "where"), REDIRECTS)
def test_06_a_redirect_is_not_followed_but_told(place: Place, status: int, where: str, tmp_path: Path) -> None:
    redirected(place, status, where, tmp_path)


@everywhere
@pytest.mark.parametrize("where", ["same host", "other host"])
def test_06_nor_is_one_of_a_real_server_s_neighbour(place: Place, where: str, tmp_path: Path) -> None:
    """With 307 a client would send the Bundle on."""
    redirected(place, 307, where, tmp_path)


@in_memory
def test_06_a_redirect_of_the_capability_statement_names_the_base_to_use(place: Place, tmp_path: Path) -> None:
    with Scripted([Answer()]) as other, Proxy(place.url, always(instead(redirect(f"{other.origin}/r4/metadata", 301), after=False), None)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[made(number())])
    assert (run.code, run.journal, other.requests, writes(proxy)) == (3, (), [], [])
    assert f"a redirect to {other.origin}/r4" in run.stdout and f"{other.origin}/r4/metadata" not in run.stdout
    assert "use that address as --server" in run.stdout


@pytest.mark.parametrize("status", [301, 307])
def test_06_an_encrypted_server_that_sends_elsewhere_unencrypted_is_not_followed(status: int, tmp_path: Path) -> None:
    ca, bundle = trustme.CA(), made(number())
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    with MemoryServer() as plain, MemoryServer(context=context, fault=lambda one: redirect(plain.url, status) if one.method == "POST" else None) as server:
        run = pushed(tmp_path, server.url, "--ca-bundle", str(tmp_path / "ca.pem"), bundles=[bundle])
    assert plain.requests == []
    assert [one.method for one in server.requests].count("POST") == 1
    assert f"a redirect to {plain.url}." in run.problems[0]
    assert (run.code, run.statuses, server.memory.kept) == (1, ["failed"], {})
    journal_true(run)


# 7

@everywhere
@pytest.mark.parametrize("status", [404, 405, 501])
def test_07_without_transactions_the_run_ends_with_advice_that_works(place: Place, status: int, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in range(2)]
    with Proxy(place.url, lambda request: refuse(status) if request.method == "POST" and request.path.rstrip("/") == "/fhir" else None) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=bundles)
        assert writes(proxy) == [(str(status), [])]
        assert "--strategy sequential" in run.problems[0]
        not_arrived(run, place.url, *bundles, code=1)
        again = pushed(tmp_path, proxy.url, "--strategy", "sequential", "--verify", bundles=bundles)
    arrived(again, place.url, *bundles, status="created")


def say_no_transactions(statement: Tree) -> None:
    statement["rest"][0]["interaction"] = [{"code": "history-system"}]


@everywhere
def test_07_a_server_that_says_it_has_no_transactions_is_refused_with_advice_that_works(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Proxy(place.url, always(changed(say_no_transactions), "GET", "/metadata")) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
        assert (run.code, writes(proxy), run.journal) == (3, [], ())
        assert "Use --strategy sequential" in run.stdout
        again = pushed(tmp_path, proxy.url, "--strategy", "sequential", "--verify", bundles=[bundle])
    assert "/fhir" not in [one.path for one in proxy.requests if one.method == "POST"]
    arrived(again, place.url, bundle, status="created")


# 8

class AsBatch(Proxy):
    """The server behind executes every transaction as a batch, and says that it was a transaction."""

    def forwarded(self, request: Request) -> Answer:
        if request.method == "POST":
            request._body = request.body.replace(b'"type":"transaction"', b'"type":"batch"')
        answer = super().forwarded(request)
        return Answer(answer.status, answer.content.replace(b"batch-response", b"transaction-response"), answer.headers)


@everywhere_and_more
def test_08_a_transaction_executed_as_a_batch_is_no_success_where_an_entry_failed(place: Place, tmp_path: Path) -> None:
    """HAPI replaces no urn of another entry in a batch, so it refuses what refers to others; for Medplum two Groups are in the way."""
    bundle, other = made(number(), place.release), made(number(), place.release)
    resources = [resource for _, resource in entries(bundle)]
    group = next(resource for resource in resources if resource["resourceType"] == "Group")
    failed = [n for n, resource in enumerate(resources) if ('"urn:uuid:' in json.dumps(resource) if place.hapi else resource is group)]
    assert 0 < len(failed) < len(resources)
    twins = [] if place.hapi else given(place.url, group, group)
    with AsBatch(place.url) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert (run.code, run.statuses, writes(proxy)) == (1, ["failed"], [("", [200])])
    journal_true(run)
    for n, problem in zip(failed, run.problems, strict=True):
        kind = resources[n]["resourceType"]
        assert re.match(rf"error: Bundle\.entry\[{n}\]: the server answered 4\d\d for the {kind} inside a success: .*; other entries were written: "
                        "this server does not make a transaction all or nothing$", problem)
    assert copies(place.url, bundle) == [len(twins) if n in failed else 1 for n in range(len(resources))]
    for twin in twins[1:]:
        out_of_the_way(place.url, twin)
    again = pushed(tmp_path, place.url, "--verify", bundles=[bundle, other])
    arrived(again, place.url, bundle, other)


@pytest.mark.servers
@pytest.mark.usefixtures("medplum")
def test_08_medplum_without_its_transactions_tells_what_failed(tmp_path: Path) -> None:
    bundle, other = made(number()), made(number())
    group = next(resource for _, resource in entries(bundle) if resource["resourceType"] == "Group")
    with medplum(transactions=False) as server:
        given(server.url, group, group)
        run = pushed(tmp_path, server.url, bundles=[bundle, other])
        assert (run.code, run.statuses) == (1, ["failed", "created"])
        journal_true(run)
        assert "for the Group inside a success" in run.problems[0] and "all or nothing" in run.problems[0]
        nothing_lost(server.url, other)
        nothing_doubled(server.url, other)


def busy(status: str) -> Tree:
    """An entry for which the server had no time."""
    issue = {"severity": "error", "code": "throttled", "diagnostics": "too many at once"}
    return {"response": {"status": status, "outcome": {"resourceType": "OperationOutcome", "issue": [issue]}}}


def no_time(status: str) -> Callable[[Tree], None]:
    """The second entry is such a one."""
    def change(tree: Tree) -> None:
        tree["entry"][1] = busy(status)
    return change


@everywhere
def test_08_entries_that_had_no_time_inside_a_success_are_sent_again(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Proxy(place.url, first(changed(no_time("429")), changed(no_time("503 Service Unavailable")))) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert writes(proxy) == [("rewrite", [200])] * 2 + [("", [200])]
    arrived(run, place.url, bundle, status="updated")


@in_memory
def test_08_entries_for_which_there_is_never_time_are_told_in_the_server_s_words(place: Place, tmp_path: Path) -> None:
    bundle = made(number())
    answer = Answer(200, json.dumps({**BUNDLE, "entry": [busy("429")] * 3}).encode())
    with Proxy(place.url, always(instead(answer, after=False))) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert writes(proxy) == [("instead", [])] * 8
    assert "429" in " ".join(run.problems) and "too many at once" in " ".join(run.problems)
    not_arrived(run, place.url, bundle, code=5)


# 9

def each(**members: Callable[[Tree], Any]) -> Callable[[Tree], None]:
    """Changes these members of every entry's response; one that becomes None is taken out."""
    def change(tree: Tree) -> None:
        for entry in tree["entry"]:
            response = entry["response"]
            made = {name: make(response) for name, make in members.items()}
            entry["response"] = {name: value for name, value in {**response, **made}.items() if value is not None}
    return change


def plain(response: Tree) -> str:
    """The location, relative and without a version."""
    return "/".join(re.sub(r"/_history/.*", "", response["location"]).split("/")[-2:])


USABLE: dict[str, Callable[[Tree], Any]] = {
    "status alone": each(status=lambda response: response["status"][:3]),
    "status with words": each(status=lambda response: f"{response['status'][:3]} As you wish"),
    "status as a number": each(status=lambda response: int(response["status"][:3])),
    "location relative": each(location=plain),
    "location with a version": each(location=lambda response: f"{plain(response)}/_history/1"),
    "location absolute": each(location=lambda response: f"BASE/{plain(response)}"),
    "location absolute with a version": each(location=lambda response: f"BASE/{plain(response)}/_history/1"),
    "no etag": each(etag=lambda response: None, lastModified=lambda response: None),
    "etag weak": each(etag=lambda response: 'W/"1"'),
    "no outcome": each(outcome=lambda response: None),
    "batch-response": lambda tree: tree.update(type="batch-response"),
    "more members": lambda tree: tree.update(link=[], total=3, signature=None),
}
"""Answers of which every server may give one, or which mean only one thing."""


@everywhere
def test_09_an_answer_is_understood_however_it_is_written(place: Place, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in USABLE]
    with Proxy(place.url) as proxy:
        def based(fault: Fault) -> Fault:
            return Fault("changed", lambda answer: instead_of_base(fault.change(answer), proxy.url))

        proxy.faults = first(*(based(changed(change)) for change in USABLE.values()))
        run = pushed(tmp_path, proxy.url, bundles=bundles)
    assert dict(zip(USABLE, run.statuses, strict=True)) == dict.fromkeys(USABLE, "created")
    assert writes(proxy) == [("changed", [200])] * len(USABLE)
    arrived(run, place.url, *bundles)
    assert (run.problems, {len(one["locations"]) for one in run.outcomes}) == ([], {3})


def instead_of_base(answer: Answer, base: str) -> Answer:
    """The answer with the server's address where BASE is."""
    return Answer(answer.status, answer.content.replace(b"BASE", base.encode()), answer.headers)


def exchange_locations(tree: Tree) -> None:
    one, two, *_ = (entry["response"] for entry in tree["entry"])
    one["location"], two["location"] = two["location"], one["location"]


DOUBTFUL: dict[str, Callable[[Tree], Any]] = {
    "fewer entries": lambda tree: tree["entry"].pop(),
    "no entries": lambda tree: tree["entry"].clear(),
    "more entries": lambda tree: tree["entry"].append(tree["entry"][0]),
    "more entries, one failed": lambda tree: tree["entry"].append({"response": {"status": "400"}}),
    "reordered": lambda tree: tree["entry"].reverse(),
    "locations exchanged": exchange_locations,
    "no location": lambda tree: [(entry["response"].pop("location"), entry.pop("resource", None)) for entry in tree["entry"]],
    "location of another server": each(location=lambda response: f"http://elsewhere.test/fhir/{plain(response)}"),
    "location of something else": each(location=lambda response: f"{plain(response)}/$everything"),
    "location up the tree": each(location=lambda response: f"../{plain(response)}"),
    "location no text": each(location=lambda response: 5),
    "no status": each(status=lambda response: None),
    "status no number": each(status=lambda response: "Created"),
    "no response": lambda tree: [entry.pop("response") for entry in tree["entry"]],
    "entries no objects": lambda tree: tree.update(entry=[None, 1, "x"]),
    "entry no list": lambda tree: tree.update(entry={"response": {"status": "201"}}),
    "type searchset": lambda tree: tree.update(type="searchset"),
    "no type": lambda tree: tree.pop("type"),
}
"""Answers after which nobody knows what was written."""


@everywhere
def test_09_an_answer_that_does_not_fit_the_request_is_looked_up(place: Place, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in DOUBTFUL]
    with Proxy(place.url, first(*map(changed, DOUBTFUL.values()))) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=bundles)
    assert dict(zip(DOUBTFUL, run.statuses, strict=True)) == dict.fromkeys(DOUBTFUL, "updated")
    assert writes(proxy) == [("rewrite", [200])] * len(DOUBTFUL)
    arrived(run, place.url, *bundles)
    assert [problem for problem in run.problems if not problem.startswith("warning: ")] == []
    assert len(run.problems) == len(DOUBTFUL)


@everywhere
def test_09_an_answer_that_leads_to_another_resource_is_found_out_by_verify(place: Place, tmp_path: Path) -> None:
    other, bundle = made(number(), place.release), made(number(), place.release)
    before = pushed(tmp_path, place.url, bundles=[other])
    locations = {where.partition("/")[0]: where for where in before.outcomes[0]["locations"]}
    elsewhere = each(location=lambda response: locations[plain(response).partition("/")[0]])
    with Proxy(place.url, first(changed(elsewhere))) as proxy:
        run = pushed(tmp_path, proxy.url, "--verify", bundles=[bundle])
    assert (run.code, run.statuses) == (1, ["failed"])
    assert any("identifier" in problem for problem in run.problems)
    journal_true(run)
    nothing_lost(place.url, bundle, other)
    nothing_doubled(place.url, bundle, other)
