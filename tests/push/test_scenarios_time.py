"""What takes long, is in the way of somebody else, or is killed in the middle, comes to an end, and that end is told truly."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import msgspec
import pytest

from mappings.push.journal import Journal
from mappings.push.parcels import parcel
from mappings.push.waiting import Patience
from mappings.server import Given, Server
from tests.faults.answers import Answer, outcome, refusal, reply
from tests.faults.memory import MemoryServer
from tests.faults.proxy import Fault, Faults, Proxy, delay, drop, first, lose
from tests.faults.scripted import Request, Scripted
from tests.push.cases import cases
from tests.push.checks import (
    ALL_PLACES,
    PLACES,
    Place,
    Run,
    Tree,
    arrived,
    asked,
    copies,
    given,
    journal_true,
    made,
    not_arrived,
    nothing_doubled,
    nothing_lost,
    number,
    pushed,
)
from tests.push.processes import Started
from tests.push.transactions import organization, put, transaction, update

everywhere = pytest.mark.parametrize("place", PLACES, indirect=True)
everywhere_and_more = pytest.mark.parametrize("place", ALL_PLACES, indirect=True)
in_memory = pytest.mark.parametrize("place", ["memory"], indirect=True)


def sent(proxy: Proxy | MemoryServer) -> list[Request]:
    """The requests that write."""
    return [one for one in proxy.requests if one.method != "GET"]


def told(run: Run, index: int = 0) -> list[str]:
    """What is said of that record."""
    return [one["message"] for one in run.outcomes[index].get("problems", ())]


def in_place_of(answer: Answer) -> Fault:
    """That answer, before the server behind has received anything."""
    return Fault(f"{answer.status}", lambda _: answer, forwards=0)


# 19

CONFLICT = in_place_of(refusal(409, "HAPI-0550: HAPI-0823: The operation has failed with a version conflict"))
OTHERS = ("the server answered 409: HAPI-0550: HAPI-0823: The operation has failed with a version conflict. Others wrote to the same "
          "resources at the same time; push again, perhaps with fewer --jobs")


def conflicts(number: str) -> Faults:
    """Whatever writes the study of that number meets somebody else there."""
    return lambda request: CONFLICT if request.method != "GET" and number.encode() in request.body else None


@pytest.mark.parametrize("strategy", ["conditional", "put-id", "sequential"])
@everywhere
def test_19_conflicts_without_an_end_are_tried_four_times_and_others_go_on(place: Place, strategy: str, tmp_path: Path) -> None:
    mine = number()
    bundles = [made(mine, place.release), made(number(), place.release)]
    with Proxy(place.url, conflicts(mine)) as proxy:
        run = pushed(tmp_path, proxy.url, "--strategy", strategy, bundles=bundles)
    assert Counter(one.fault for one in sent(proxy))["409"] == 4
    assert [0 <= wait <= 2 ** n for n, wait in enumerate(run.waits)] == [True] * 3
    made_anew = "updated" if strategy == "put-id" and not place.hapi else "created"  # Medplum says 200 of a new resource with an id of ours
    assert (run.code, run.statuses, told(run)) == (1, ["failed", made_anew], [OTHERS])
    journal_true(run)
    assert copies(place.url, bundles[0]) == [0, 0, 0]
    nothing_lost(place.url, bundles[1])
    nothing_doubled(place.url, bundles[1])


@everywhere
def test_19_conflicts_after_a_reply_that_was_lost_are_of_what_is_there(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Proxy(place.url, first(lose(), *[CONFLICT] * 9)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert [one.fault for one in sent(proxy)] == ["lose", *["409"] * 4]
    arrived(run, place.url, bundle, status="updated")
    assert told(run) == [f"{OTHERS}; looked up: all of it is on the server"]


# 20

SOMEBODY = "Somebody changed the resource on the server meanwhile; push again"


def changed(url: str, address: str, name: str) -> str:
    """Somebody else gives the resource another name; its version until then."""
    resource = asked(url, "GET", address).json()
    answer = asked(url, "PUT", address, {**resource, "name": name})
    assert answer.status_code == 200, answer.text
    version: str = resource["meta"]["versionId"]
    return version


@everywhere_and_more
def test_20_a_version_that_is_not_the_current_one_is_a_conflict_and_no_duplicate(place: Place, tmp_path: Path) -> None:
    value = number()
    address, = given(place.url, organization(value))
    version = changed(place.url, address, "Of somebody else")
    bundle = transaction(put(organization(value, "Mine"), address.partition("/")[2], ifMatch=f'W/"{version}"'))
    with Proxy(place.url) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert [one.statuses for one in sent(proxy)] == [[409 if place.hapi else 412]]
    assert (run.code, run.statuses, run.waits) == (1, ["failed"], ())
    message, = told(run)
    assert message.endswith(f". {SOMEBODY}"), message
    assert "everal" not in run.stdout + run.stderr
    journal_true(run)
    assert asked(place.url, "GET", address).json()["name"] == "Of somebody else"
    nothing_doubled(place.url, bundle)


STALE: dict[str, tuple[int, str, str]] = {
    "HAPI": (409, 'HAPI-0550: HAPI-0989: Trying to update Organization/7/_history/1 but this is not the current version', SOMEBODY),
    "Medplum": (412, "Precondition Failed", SOMEBODY),
    "If-Match": (412, "The If-Match header is not the version 3", SOMEBODY),
    "ETag": (412, "ETag mismatch", SOMEBODY),
    "no more than that": (412, "no", "Several resources have that identifier, or one was changed meanwhile; look at the server, then push "
                                     "again"),
}


@in_memory
@pytest.mark.parametrize("name", STALE)
def test_20_in_whatever_words_a_stale_version_is_told_it_is_not_tried_again(place: Place, name: str, tmp_path: Path) -> None:
    status, words, advice = STALE[name]
    bundle = transaction(put(organization(number()), f"o-{number()}", ifMatch='W/"1"'))
    with Proxy(place.url, lambda request: in_place_of(refusal(status, words)) if request.method == "POST" else None) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert len(sent(proxy)) == 1
    assert told(run) == [f"the server answered {status}: {words}. {advice}"]
    not_arrived(run, place.url, bundle, code=1)


def meddling(place: Place, times: int) -> Faults:
    """So many times somebody else changes the organisation just before our write arrives."""
    left = iter(range(times))

    def faults(request: Request) -> None:
        if request.method == "PUT" and "/Organization/" in request.path and next(left, None) is not None:
            changed(place.url, request.path.removeprefix("/fhir/"), f"Of somebody else {time.monotonic()}")
    return faults


@everywhere
def test_20_what_somebody_changed_meanwhile_is_looked_up_and_written_again(place: Place, tmp_path: Path) -> None:
    value = number()
    given(place.url, organization(value))
    bundle = transaction(update(organization(value, "Mine")))
    with Proxy(place.url, meddling(place, 1)) as proxy:
        run = pushed(tmp_path, proxy.url, "--strategy", "sequential", bundles=[bundle])
    assert [one.statuses for one in sent(proxy)] == [[409 if place.hapi else 412], [200]]
    arrived(run, place.url, bundle, status="updated")


@everywhere
def test_20_what_somebody_changes_again_and_again_is_left(place: Place, tmp_path: Path) -> None:
    value = number()
    address, = given(place.url, organization(value))
    bundle = transaction(update(organization(value, "Mine")))
    with Proxy(place.url, meddling(place, 99)) as proxy:
        run = pushed(tmp_path, proxy.url, "--strategy", "sequential", bundles=[bundle])
    assert [one.statuses for one in sent(proxy)] == [[409 if place.hapi else 412]] * 3
    assert (run.code, run.statuses) == (1, ["failed"])
    assert told(run)[0].endswith(f". {SOMEBODY}")
    journal_true(run)
    assert asked(place.url, "GET", address).json()["name"].startswith("Of somebody else")
    nothing_doubled(place.url, bundle)


# 23

class Later(Proxy):
    """Answers a transaction with 202 and the address `where` (None: none), at which it is not done for `polls` times; then `last`.

    What is asked is done at once, unless `does` is off.
    """

    def __init__(self, upstream: str, where: str | None = "/fhir/_async/1", polls: float = 2,
                 last: Callable[[Answer], Answer] = lambda answer: answer, does: bool = True, retry_after: str | None = "2"):
        super().__init__(upstream)
        self.where, self.polls, self.last, self.does = where, polls, last, does
        self.waiting = {} if retry_after is None else {"Retry-After": retry_after}
        self.asked = 0
        self.kept = Answer()

    def passed(self, request: Request) -> Answer:
        if request.method == "POST":
            self.kept = self.forwarded(request) if self.does else Answer()
            return Answer(202, headers={} if self.where is None else {"Content-Location": self.where})
        if "/_async/" not in request.path:
            return super().passed(request)
        self.asked += 1
        return Answer(202, headers=self.waiting) if self.asked <= self.polls else self.last(self.kept)


def wrapped(answer: Answer) -> Answer:
    """The answer as the only entry of another (https://hl7.org/fhir/R5/async-bundle.html)."""
    entry = {"resource": json.loads(answer.content), "response": {"status": "200 OK", "location": "/"}}
    return reply(200, {"resourceType": "Bundle", "type": "batch-response", "entry": [entry]})


NO_ADDRESS = "the server will do it later (202), and gives no address of its own to ask again"
TO_ASK = {"below the base": "_async/1", "on the host": "/fhir/_async/1", "whole": "{url}/_async/1"}
NOT_TO_ASK = {"nowhere": None, "on another host": "{other}/fhir/_async/1", "of another kind": "file:///fhir/_async/1",
              "no address": "http://["}


@pytest.mark.parametrize("last", [lambda answer: answer, wrapped], ids=["bare", "wrapped"])
@cases("where", TO_ASK, ["below the base"])
def test_23_what_the_server_does_by_and_by_is_asked_for_until_it_is_done(
        place: Place, where: str, last: Callable[[Answer], Answer], tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Later(place.url, last=last) as proxy:
        proxy.where = TO_ASK[where].format(url=proxy.url)
        run = pushed(tmp_path, proxy.url, "--verify", bundles=[bundle])
    assert (len(sent(proxy)), proxy.asked, run.waits) == (1, 3, (1.0, 2.0, 2.0))
    arrived(run, place.url, bundle, status="created")


@in_memory
@pytest.mark.parametrize(("retry_after", "wait"), [(None, 1), ("0", 1), ("soon", 1), ("5", 5), ("99999999", 300)])
def test_23_the_server_is_asked_when_it_says_within_a_second_and_five_minutes(
        place: Place, retry_after: str | None, wait: float, tmp_path: Path) -> None:
    bundle = made(number())
    with Later(place.url, retry_after=retry_after) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert run.waits == (1, wait, wait)
    arrived(run, place.url, bundle, status="created")


@cases("where", NOT_TO_ASK, ["on another host"])
def test_23_an_address_elsewhere_is_not_asked_and_what_is_there_is_found(place: Place, where: str, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Scripted([Answer(200)]) as other, Later(place.url) as proxy:
        proxy.where = (NOT_TO_ASK[where] or "").format(other=other.origin) or None
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
        assert other.requests == []
    assert (len(sent(proxy)), proxy.asked) == (1, 0)
    arrived(run, place.url, bundle, status="updated")
    assert told(run) == [f"{NO_ADDRESS}; looked up: all of it is on the server"]


@cases("where", NOT_TO_ASK, ["on another host"])
def test_23_an_address_elsewhere_is_not_asked_and_what_is_not_there_is_unknown(place: Place, where: str, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Scripted([Answer(200)]) as other, Later(place.url, does=False) as proxy:
        proxy.where = (NOT_TO_ASK[where] or "").format(other=other.origin) or None
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
        assert other.requests == []
    assert (len(sent(proxy)), proxy.asked) == (1, 0)
    not_arrived(run, place.url, bundle, code=5, status="unknown")
    assert told(run)[0] == NO_ADDRESS


@everywhere
def test_23_what_is_never_done_ends_at_the_deadline(place: Place, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in range(2)]
    with Later(place.url, polls=10 ** 9, does=False) as proxy:
        run = pushed(tmp_path, proxy.url, "--deadline", "3" if place.in_memory else "6", bundles=bundles)
    assert len(sent(proxy)) == 1
    assert (run.code, run.statuses) == (5, ["unknown", "failed"])
    assert told(run)[0] == "the server has not finished; the time for this run is over"
    assert told(run, 1)[0].startswith("not sent") and told(run, 1)[0].endswith(told(run)[0])
    journal_true(run)
    assert [copies(place.url, bundle) for bundle in bundles] == [[0, 0, 0]] * 2


@in_memory
def test_23_what_is_done_though_it_never_says_so_is_found_at_the_deadline(place: Place, tmp_path: Path) -> None:
    bundle = made(number())
    with Later(place.url, polls=10 ** 9) as proxy:
        run = pushed(tmp_path, proxy.url, "--deadline", "3", bundles=[bundle])
    arrived(run, place.url, bundle, status="updated")


@in_memory
def test_23_what_is_never_done_ends_without_a_deadline_too(place: Place) -> None:
    bundle = made(number())
    with Later(place.url, polls=10 ** 9, does=False, retry_after="0") as proxy:
        outcome, = Server(proxy.url, patience=Patience(first=0.001, longest=0.001, polling=0.3)).push([bundle])
    assert proxy.asked > 2
    assert (outcome.status, outcome.cause) == ("unknown", "network")
    assert copies(place.url, bundle) == [0, 0, 0]


WRONG = "ResearchStudy.status is wrong"
INNER = {"resourceType": "Bundle", "type": "transaction-response",
         "entry": [{"response": {"status": "422", "outcome": outcome(WRONG)}}] * 3}
FAILS: dict[str, tuple[Answer, str, str, int]] = {
    "500": (refusal(500, "it broke"), "the server answered 500: it broke", "unknown", 5),
    "404": (refusal(404, "nothing is known of it", "not-found"), "the server answered 404: nothing is known of it", "unknown", 5),
    "422": (refusal(422, WRONG), f"the server answered 422: {WRONG}", "failed", 1),
    "422 inside": (reply(200, INNER), f"the server answered 422 for the ResearchStudy inside a success: {WRONG}", "failed", 1),
}
"""What comes in the end, what is told of it, and what becomes of what is not there then: only some answers say that it never will be."""


@cases("name", FAILS, ["500"])
def test_23_what_fails_in_the_end_is_told_as_that(place: Place, name: str, tmp_path: Path) -> None:
    answer, message, status, code = FAILS[name]
    bundle = made(number(), place.release)
    with Later(place.url, last=lambda _: answer, does=False) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert len(sent(proxy)) == 1
    assert message in told(run)[0], told(run)
    not_arrived(run, place.url, bundle, code=code, status=status)


@cases("name", ["500", "404"], ["404"])
def test_23_what_was_done_before_its_answer_failed_is_found(place: Place, name: str, tmp_path: Path) -> None:
    answer, message, _, _ = FAILS[name]
    bundle = made(number(), place.release)
    with Later(place.url, last=lambda _: answer) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert len(sent(proxy)) == 1
    arrived(run, place.url, bundle, status="updated")
    assert message in told(run)[0] and told(run)[0].endswith("; looked up: all of it is on the server")


# 24

MOMENTS: dict[str, tuple[Fault, list[str]]] = {
    "before the server has it": (drop(), ["unchanged", "created", "created"]),
    "before the answer": (lose(), ["unchanged", "unchanged", "created"]),
}
SOON = Patience(first=0.001, longest=0.001)


def settled(proxy: Proxy) -> None:
    """What was on its way when the client was killed has arrived, or never will."""
    deadline = time.monotonic() + 2
    while not all(one.statuses or one.fault == "drop" for one in proxy.requests) and time.monotonic() < deadline:
        time.sleep(0.005)


def written(proxy: Proxy) -> Counter[bytes]:
    """How often the server behind was sent each Bundle."""
    return Counter(one.body for one in sent(proxy) if one.statuses)


@everywhere
@pytest.mark.parametrize("moment", MOMENTS)
def test_24_a_run_that_was_killed_goes_on_where_it_was(place: Place, moment: str, tmp_path: Path) -> None:
    fault, statuses = MOMENTS[moment]
    bundles = [made(number(), place.release) for _ in range(3)]
    with Proxy(place.url) as proxy, Started(tmp_path, proxy.url, bundles=bundles) as process:
        def killing(request: Request) -> Fault | None:
            if len(sent(proxy)) == 2 and request.body:  # which has come whole
                process.kill()
                return fault
            return None
        proxy.faults = killing
        killed = process.ended()
        settled(proxy)
        assert (killed.code, [line["outcome"] for line in killed.journal]) == (-9, ["sending", "created", "sending"])
        proxy.faults = None
        again = pushed(tmp_path, proxy.url, "--resume", bundles=bundles)
        assert again.statuses == statuses
        arrived(again, place.url, *bundles)
        assert [*written(proxy).values()] == [1, 1, 1]
        seen = len(sent(proxy))
        last = pushed(tmp_path, proxy.url, "--resume", bundles=bundles)
    assert len(sent(proxy)) == seen
    arrived(last, place.url, *bundles, status="unchanged")


def killing(process: Started, proxy: Proxy, requests: int, seconds: float) -> Faults:
    """The program is killed so many seconds after that many more requests."""
    last = len(proxy.requests) + requests

    def faults(request: Request) -> Fault:
        if len(proxy.requests) >= last:
            time.sleep(seconds)
            process.process.kill()
        return delay(0.01)
    return faults


@everywhere
def test_24_a_run_that_is_killed_at_random_moments_sends_nothing_twice_and_skips_nothing(place: Place, tmp_path: Path) -> None:
    random = Random(24)
    bundles = [made(number(), place.release) for _ in range(10)]
    with Proxy(place.url) as proxy:
        for _ in range(3):
            with Started(tmp_path, proxy.url, "--resume", "--jobs", "2", bundles=bundles) as process:
                proxy.faults = killing(process, proxy, random.randint(3, 8), random.uniform(0, 0.02))
                assert process.ended().code == -9
            settled(proxy)
        proxy.faults = None
        run = pushed(tmp_path, proxy.url, "--resume", bundles=bundles)
    assert [*written(proxy).values()] == [1] * 10
    assert Counter(run.statuses).keys() == {"created", "unchanged"}
    arrived(run, place.url, *bundles)


def outcomes(server: Server, journal: Path, *bundles: Given, resume: bool = True) -> list[str]:
    """What becomes of the Bundles."""
    return [one.status for one in server.push(bundles, journal=journal, resume=resume)]


def lines(journal: Path) -> list[Tree]:
    """The lines of a journal that are whole."""
    found = []
    for line in journal.read_bytes().split(b"\n"):
        try:
            found.append(msgspec.json.decode(line))
        except msgspec.DecodeError:
            continue
    return found


def test_24_a_journal_that_ends_at_any_byte_of_what_was_done_sends_nothing_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    one, two = (Given(transaction(update(organization(value))), "études.ndjson", n) for n, value in enumerate("ab"))
    with MemoryServer() as server:
        client = Server(server.url, patience=SOON)
        assert outcomes(client, journal, one, two, resume=False) == ["created", "created"]
        whole = journal.read_bytes()
        begins = whole.rindex(b"\n", 0, -1) + 1
        for end in range(begins, len(whole) + 1):
            journal.write_bytes(whole[:end])
            assert outcomes(client, journal, one, two) == ["unchanged", "unchanged"], whole[begins:end]
            after = lines(journal)
            assert [line["outcome"] for line in after][:3] == ["sending", "created", "sending"]
            assert after[-1]["outcome"] in ("created", "unchanged") and after[-1]["key"].endswith("|b")
            with closing(Journal(journal, client.base.url)) as read:
                assert all(read.done(parcel(bundle)) for bundle in (one, two))
        assert len(sent(server)) == 2
        assert len(server.memory.all("Organization")) == 2


@pytest.mark.parametrize("is_there", [True, False])
def test_24_a_journal_that_ends_at_any_byte_of_what_was_begun_sends_what_is_not_there(is_there: bool, tmp_path: Path) -> None:
    """The line is on the disk before anything is sent: where it is torn, nothing was."""
    journal = tmp_path / "journal"
    one, two = (Given(transaction(update(organization(value))), "études.ndjson", n) for n, value in enumerate("ab"))
    with MemoryServer() as server:
        client = Server(server.url, patience=SOON)
        outcomes(client, journal, one, resume=False)
        without = server.memory.copied()
        outcomes(client, journal, two)
        begun = journal.read_bytes().splitlines(keepends=True)
        having = server.memory.copied()
        whole = b"".join(begun[:3])
        first_end = len(whole) - 1 if is_there else len(b"".join(begun[:2]))
        for end in range(first_end, len(whole) + 1):
            journal.write_bytes(whole[:end])
            server.memory.kept = dict(having if is_there else without)
            before = len(sent(server))
            assert outcomes(client, journal, one, two) == ["unchanged", "unchanged" if is_there else "created"], whole[:end]
            assert len(sent(server)) == before + (not is_there)
            assert len(server.memory.all("Organization")) == 2
            assert lines(journal)[-1]["outcome"] == ("unchanged" if is_there else "created")


LAST = ("sending", "unanswered", "answered", "failed", "unknown")
DONE = ("created", "updated", "unchanged")


@pytest.mark.parametrize("word", [*LAST, *DONE])
def test_24_only_what_the_journal_has_as_done_is_taken_as_done(word: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    bundle = Given(transaction(update(organization("a"))), "one.ndjson")
    with MemoryServer() as server:
        client = Server(server.url, patience=SOON)
        outcomes(client, journal, bundle, resume=False)
        line = {**lines(journal)[-1], "outcome": word}
        journal.write_bytes(msgspec.json.encode(line) + b"\n")
        begun = len(server.requests)
        assert outcomes(client, journal, bundle) == ["unchanged"]
        assert {one.method for one in server.requests[begun:]} == (set() if word in DONE else {"GET"})
        server.memory.kept.clear()
        journal.write_bytes(msgspec.json.encode(line) + b"\n")
        assert outcomes(client, journal, bundle) == (["unchanged"] if word in DONE else ["created"])


@in_memory
def test_24_what_changed_since_the_journal_was_written_is_sent(place: Place, tmp_path: Path) -> None:
    mine, other = number(), number()
    bundles = [made(mine), made(other)]
    arrived(pushed(tmp_path, place.url, bundles=bundles), place.url, *bundles)
    changed = [made(mine, title="Another title"), made(other)]
    again = pushed(tmp_path, place.url, "--resume", bundles=changed)
    assert again.statuses == ["updated", "unchanged"]
    arrived(again, place.url, *changed)


@in_memory
def test_24_a_journal_of_another_server_says_nothing_of_this_one(place: Place, tmp_path: Path) -> None:
    bundle = made(number())
    arrived(pushed(tmp_path, place.url, bundles=[bundle]), place.url, bundle)
    with MemoryServer() as other:
        arrived(pushed(tmp_path, other.url, "--resume", bundles=[bundle]), other.url, bundle, status="created")


@in_memory
def test_24_without_a_journal_yet_the_run_begins_anew(place: Place, tmp_path: Path) -> None:
    bundle = made(number())
    arrived(pushed(tmp_path, place.url, "--resume", bundles=[bundle]), place.url, bundle, status="created")


@in_memory
@pytest.mark.parametrize("content", [b"{}\n", b"not a journal\n", b'[1]\n{"run":"', b"\0\0\0\n"],
                         ids=["an object", "a text", "a list", "zeros"])
def test_24_a_file_that_is_no_journal_is_left_as_it_is(place: Place, content: bytes, tmp_path: Path) -> None:
    bundle = made(number())
    (tmp_path / "push.journal").write_bytes(content)
    (tmp_path / "push.journal").chmod(0o600)
    run = pushed(tmp_path, place.url, "--resume", bundles=[bundle])
    assert run.code == 2
    assert "push.journal: line 1 is none of a journal; name another file" in re.sub(r"\s+", " ", run.stderr)
    assert (tmp_path / "push.journal").read_bytes() == content
    assert copies(place.url, bundle) == [0, 0, 0]
