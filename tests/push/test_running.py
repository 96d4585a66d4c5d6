"""That many Bundles are pushed at a time and each key by one, that little is read ahead, and that a run ends when it is to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from converter.convert import convert
from converter.json_text import encode
from converter.problems import Problem
from mappings.push.outcomes import Outcome
from mappings.push.parcels import Given, Parcel
from mappings.push.running import Push, Running, Turns
from mappings.push.trying import GivenUp
from mappings.push.waiting import Clock
from mappings.server import Server
from tests.faults.answers import Answer
from tests.faults.memory import MemoryServer
from tests.faults.scripted import Request
from tests.push.transactions import create, named, organization, study, transaction, update

PATIENCE = 30
"""Seconds after which a thread that should have done something never will."""


def given(number: int, *more: Any) -> Given:
    return Given(transaction(update(study(f"A{number}")), *more), "a.ndjson", number)


def outcome(one: Parcel, status: Any = "created", **members: Any) -> Outcome:
    return Outcome(one.given.source, one.given.index, one.id, status, **members)


def created(one: Parcel) -> tuple[Outcome, GivenUp | None]:
    return outcome(one), None


def run(push: Push = created, jobs: int = 1, release: str = "r4", clock: Clock | None = None) -> Running:
    return Running(push, jobs, clock or Clock(), release)


class Gate:
    """Pushes that wait until they are let through; `there` are the numbers of those that have come, in order."""

    def __init__(self) -> None:
        self.there: list[int] = []
        self._changed, self._open = threading.Condition(), 0

    def __call__(self, one: Parcel) -> tuple[Outcome, GivenUp | None]:
        with self._changed:
            self.there.append(one.given.index)
            mine = len(self.there)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._open >= mine, PATIENCE)
        return created(one)

    def wait(self, number: int) -> list[int]:
        """Those that have come, as soon as there are so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.there) >= number, PATIENCE), self.there
            return sorted(self.there)

    def let(self, number: int) -> None:
        """So many of those that come may go on."""
        with self._changed:
            self._open = number
            self._changed.notify_all()


def in_background(work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


# How many at a time

@pytest.mark.parametrize("jobs", [1, 2, 4, 8])
def test_every_bundle_has_one_outcome(jobs: int) -> None:
    found = list(run(jobs=jobs).outcomes(map(given, range(40))))
    assert sorted(one.index for one in found) == [*range(40)]
    assert {one.status for one in found} == {"created"}


def test_with_one_job_the_outcomes_come_in_the_order_of_the_input() -> None:
    assert [one.index for one in run().outcomes(map(given, range(40)))] == [*range(40)]


def test_an_input_without_bundles_has_no_outcomes() -> None:
    assert list(run(jobs=4).outcomes([])) == []


def test_as_many_are_on_their_way_as_there_are_jobs() -> None:
    gate, found = Gate(), list[Outcome]()
    thread = in_background(lambda: found.extend(run(gate, jobs=3).outcomes(map(given, range(10)))))
    assert gate.wait(3) == [0, 1, 2]
    gate.let(1)
    assert gate.wait(4) == [0, 1, 2, 3]
    gate.let(100)
    thread.join(PATIENCE)
    assert len(found) == 10


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_never_more_are_read_than_twice_the_jobs(jobs: int) -> None:
    read, done, ahead = 0, 0, list[int]()

    def bundles() -> Iterator[Given]:
        nonlocal read
        for number in range(50):
            read += 1
            ahead.append(read - done)
            yield given(number)

    for _ in run(jobs=jobs).outcomes(bundles()):
        done += 1
    assert (done, max(ahead)) == (50, max(ahead)) and max(ahead) <= 2 * jobs


def test_an_outcome_is_given_before_all_is_read() -> None:
    def bundles() -> Iterator[Given]:
        yield from map(given, range(4))
        pytest.fail("more was read than was needed")

    outcomes = run(jobs=2).outcomes(bundles())
    assert next(outcomes).status == "created"
    outcomes.close()  # type: ignore[attr-defined]


# Each key by one at a time

def test_of_two_that_write_to_one_key_the_second_waits_and_others_do_not() -> None:
    gate, shared = Gate(), create(organization("o"))
    bundles = [given(0, shared), given(1, shared), given(2)]
    found: list[Outcome] = []
    thread = in_background(lambda: found.extend(run(gate, jobs=3).outcomes(bundles)))
    first = gate.wait(2)
    assert 2 in first and len(first) == 2
    gate.let(100)
    thread.join(PATIENCE)
    assert sorted(gate.there) == [0, 1, 2] and len(found) == 3


def test_turns_are_taken_whole_and_given_back() -> None:
    turns, order = Turns(), list[str]()
    a, b, ab = frozenset("a"), frozenset("b"), frozenset("ab")
    turns.take(a)
    turns.take(b)  # is nobody's

    def both() -> None:
        turns.take(ab)
        order.append("ab")
        turns.give_back(ab)

    thread = in_background(both)
    order.append("a")
    turns.give_back(a)
    turns.take(frozenset("c"))
    order.append("b")
    turns.give_back(b)
    thread.join(PATIENCE)
    assert order == ["a", "b", "ab"]
    turns.take(ab)  # it was given back


def test_nobody_waits_for_nothing() -> None:
    turns = Turns()
    for _ in range(3):
        turns.take(frozenset())


def test_no_two_ever_write_to_one_key() -> None:
    writing, clashes, lock = set[str](), list[frozenset[str]](), threading.Lock()

    def push(one: Parcel) -> tuple[Outcome, GivenUp | None]:
        with lock:
            if writing & one.keys:
                clashes.append(one.keys)
            writing.update(one.keys)
        threading.Event().wait(0.001)
        with lock:
            writing.difference_update(one.keys)
        return created(one)

    bundles = [given(n, create(organization(f"o{n % 3}")), create(organization(f"p{n % 5}"))) for n in range(60)]
    assert len(list(run(push, jobs=8).outcomes(bundles))) == 60
    assert clashes == []


# What is not sent

def refused(bundles: list[Any], release: str = "r4") -> list[Outcome]:
    """What is said of those that are not pushed."""
    return [one for one in run(release=release).outcomes(bundles) if one.status != "created"]


def test_what_is_no_bundle_is_told_and_hides_no_other() -> None:
    bundles = [given(0), Given(b"{}", "a.ndjson", 1, "NCT1"), given(2), b"nonsense", 5, {"resourceType": "Bundle"}, {"a": object()}, given(7)]
    pushed: list[int] = []

    def push(one: Parcel) -> tuple[Outcome, GivenUp | None]:
        pushed.append(one.given.index)
        return created(one)

    found = list(run(push).outcomes(bundles))
    failed = [one for one in found if one.status == "failed"]
    transaction = "expected a Bundle of type transaction, as `convert` writes it"
    assert [(one.source, one.index, one.id, one.cause, one.attempts) for one in failed] == [
        ("a.ndjson", 1, "NCT1", "refused", 0), *(("", n, None, "refused", 0) for n in (3, 4, 5, 6))]
    assert [one.problems[0].message for one in failed][:4] == [
        f"found an empty object; {transaction}", "found 'nonsense'; expected a value, a name or a bracket of JSON", "found 5, a int; expected a Bundle as bytes or dict, or a Given",
        f"found a Bundle of type null; {transaction}"]
    assert failed[4].problems[0].message.startswith("cannot be JSON: ")
    assert sorted(pushed) == [0, 2, 7]


@pytest.mark.parametrize("form", [lambda content: content, json.loads, Given])
def test_a_bundle_may_be_bytes_or_a_tree_or_have_a_name(form: Callable[[bytes], Any]) -> None:
    [found] = run().outcomes([form(transaction(update(study("A"))))])
    assert (found.status, found.source, found.index, found.id) == ("created", "", 0, "A")


def test_a_trial_that_is_there_twice_is_refused() -> None:
    once, twice, spelled = given(0), Given(transaction(update(study("A0", title="Another"))), "b.ndjson", 4, "A0"), json.loads(given(0).content)
    spelled["entry"][0]["request"]["url"] = "ResearchStudy?identifier=https://trials.test/id|A0"
    found = refused([once, twice, spelled, given(5)])
    said = Problem("", "a.ndjson[0] has the same key, ResearchStudy?identifier=https://trials.test/id|A0, and would be written over; expected each trial once in a run")
    assert [(one.source, one.index, one.cause, one.problems) for one in found] == [("b.ndjson", 4, "refused", (said,)), ("", 2, "refused", (said,))]


def test_two_bundles_may_update_one_resource_only_alike() -> None:
    def sharing(number: int, name: str, made: Callable[[Any], Any] = update) -> Given:
        return given(number, made(organization("o", name)))

    assert refused([sharing(0, "A hospital"), sharing(1, "A hospital"), sharing(2, "A hospital")]) == []
    [found] = refused([sharing(0, "A hospital"), sharing(1, "Another"), sharing(2, "A hospital")])
    assert (found.index, found.problems) == (1, (Problem(
        "Bundle.entry[1].resource", "another Bundle of this run writes Organization?identifier=https://trials.test/id|o, and something else to it; expected the same in both"),))


@pytest.mark.parametrize("made", [(create, create), (create, update), (update, create)])
def test_what_is_created_where_it_is_not_there_may_be_shared_in_any_way(made: tuple[Callable[[Any], Any], Callable[[Any], Any]]) -> None:
    one, other = made
    assert refused([given(0, one(organization("o", "A hospital"))), given(1, other(organization("o", "Another")))]) == []


RELEASES = [
    # the release of the Bundle, that of the server, what is said
    ("r4", "r4", ""), ("r4", "r4b", ""), ("r4b", "r4", ""), ("r5", "r5", ""),
    ("r5", "r4", "has elements of FHIR 5.0.0, and the server speaks 4.0.1: it would drop them without a word. Convert it first (trialbridge convert --to r4)"),
    ("r5", "r4b", "has elements of FHIR 5.0.0, and the server speaks 4.3.0: it would drop them without a word. Convert it first (trialbridge convert --to r4b)"),
    ("r4", "r5", "has elements of FHIR 4.0.1, and the server speaks 5.0.0: it would drop them without a word. Convert it first (trialbridge convert --to r5)"),
]
RECORD = encode({"source": "ctgov", "id": "NCT00000001", "title": "A trial", "sponsor": {"name": "A hospital"}, "why_stopped": "x"})


@pytest.mark.parametrize(("spoken", "release", "said"), RELEASES)
def test_a_bundle_of_another_release_is_not_sent(spoken: str, release: str, said: str) -> None:
    document = convert(RECORD, spoken, "trial").document
    found = refused([document], release)
    assert [(one.cause, [problem.message for problem in one.problems]) for one in found] == ([("preflight", [said])] if said else [])


def test_a_bundle_that_no_release_is_seen_in_is_sent_to_any() -> None:
    for release in ("r4", "r4b", "r5"):
        assert refused([transaction(update(named("ResearchStudy", "A", status="active", title="A")))], release) == []


# The end of a run

def test_where_every_other_would_fare_the_same_nothing_more_is_read_or_sent() -> None:
    pushed, read, end = list[int](), list[int](), GivenUp("auth", Problem("", "the server answered 405"), stops=True)

    def push(one: Parcel) -> tuple[Outcome, GivenUp | None]:
        pushed.append(one.given.index)
        return (outcome(one, "failed", problems=end.problems, cause=end.cause), end) if one.given.index == 2 else created(one)

    def bundles() -> Iterator[Given]:
        for number in range(50):
            read.append(number)
            yield given(number)

    running = run(push, jobs=1)
    found = list(running.outcomes(bundles()))
    assert [one.index for one in found] == read == [*range(len(read))] and len(read) <= 5
    assert pushed == [0, 1, 2]
    assert running.stopped is end and found[2].problems == end.problems
    rest = found[3:]
    assert {one.status for one in rest} <= {"failed"} and {one.cause for one in rest} <= {"auth"}
    assert {problem.message for one in rest for problem in one.problems} <= {"not sent: the run ended before: the server answered 405"}


def test_the_first_that_ends_a_run_is_the_one_that_is_told() -> None:
    gate, ends = Gate(), list[GivenUp]()

    def push(one: Parcel) -> tuple[Outcome, GivenUp | None]:
        gate(one)
        ends.append(end := GivenUp("network", Problem("", f"because of {one.given.index}"), stops=True))
        return outcome(one, "failed", problems=end.problems, cause="network"), end

    running, found = run(push, jobs=2), list[Outcome]()
    thread = in_background(lambda: found.extend(running.outcomes(map(given, range(20)))))
    gate.wait(2)
    gate.let(100)
    thread.join(PATIENCE)
    assert (len(gate.there), running.stopped in ends) == (2, True)
    assert len(found) <= 4 and {one.status for one in found} == {"failed"}


def test_a_fault_of_this_program_is_told_and_hides_no_other() -> None:
    def push(one: Parcel) -> tuple[Outcome, GivenUp | None]:
        if one.given.index == 1:
            raise ZeroDivisionError("division by zero")
        return created(one)

    found = list(run(push).outcomes(map(given, range(3))))
    assert [(one.status, one.cause) for one in found] == [("created", None), ("unknown", "refused"), ("created", None)]
    assert found[1].problems == (Problem("", "this is a bug in trialbridge (ZeroDivisionError: division by zero); please report it with this record"),)


def test_a_journal_that_cannot_be_written_ends_the_run() -> None:
    pushed: list[int] = []

    def push(one: Parcel) -> tuple[Outcome, GivenUp | None]:
        pushed.append(one.given.index)
        if one.given.index == 1:
            raise OSError(28, "No space left on device", "push.journal")
        return created(one)

    outcomes = run(push).outcomes(map(given, range(20)))
    with pytest.raises(OSError, match="No space left on device"):
        list(outcomes)
    assert pushed == [0, 1]


def test_what_the_input_raises_is_raised_and_ends_the_run() -> None:
    clock, pushed = Clock(), list[int]()

    def bundles() -> Iterator[Given]:
        yield given(0)
        yield given(1)
        raise LookupError("the input is broken")

    def push(one: Parcel) -> tuple[Outcome, GivenUp | None]:
        pushed.append(one.given.index)
        return created(one)

    outcomes = run(push, clock=clock).outcomes(bundles())
    with pytest.raises(LookupError):
        list(outcomes)
    assert clock.stopped.is_set()
    assert set(pushed) <= {0, 1}


def new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    """Those that are still there after some time."""
    found = [one for one in threading.enumerate() if one not in before]
    for one in found:
        one.join(PATIENCE)
    return [one for one in found if one.is_alive()]


def test_a_run_that_is_left_early_sends_nothing_more_and_leaves_no_thread() -> None:
    before, gate, clock = set(threading.enumerate()), Gate(), Clock()
    gate.let(1)
    outcomes = run(gate, jobs=2, clock=clock).outcomes(map(given, range(50)))
    next(outcomes)
    on_their_way = gate.wait(2)
    outcomes.close()  # type: ignore[attr-defined]
    assert clock.stopped.is_set()
    gate.let(100)
    assert new_threads(before) == []
    assert len(gate.there) - len(on_their_way) <= 1  # a thread that had one in its hand


@pytest.mark.parametrize("end", ["done", "stopped", "raised"])
def test_no_run_leaves_a_thread(end: str) -> None:
    before = set(threading.enumerate())

    def push(one: Parcel) -> tuple[Outcome, GivenUp | None]:
        if end == "raised":
            raise OSError(28, "No space left on device")
        return outcome(one), GivenUp("network", Problem("", "x"), stops=True) if end == "stopped" else None

    try:
        list(run(push, jobs=4).outcomes(map(given, range(20))))
    except OSError:
        assert end == "raised"
    assert new_threads(before) == []


def test_a_request_that_is_answered_after_its_run_writes_to_no_file(tmp_path: Any) -> None:
    going, answered = threading.Event(), threading.Event()

    def slow(request: Request) -> Answer | None:
        if request.method == "POST" and b"A1" in request.body:
            going.set()
            assert answered.wait(PATIENCE)
        return None

    before = set(threading.enumerate())
    with MemoryServer(fault=slow) as server:
        serving = set(threading.enumerate())
        outcomes = Server(server.url).push([given(1), given(0)], strategy="put-id", journal=tmp_path / "push.journal", jobs=2)
        assert next(outcomes).index == 0
        assert going.wait(PATIENCE)
        outcomes.close()  # type: ignore[attr-defined]
        length = (tmp_path / "push.journal").stat().st_size
        with (tmp_path / "other").open("wb"):  # which may have the number that the journal had
            answered.set()
            assert new_threads(before | serving | {one for one in threading.enumerate() if one.name.endswith("(_serve)")}) == []
        assert (tmp_path / "other").read_bytes() == b""
        assert (tmp_path / "push.journal").stat().st_size == length
        assert len(server.memory.all("ResearchStudy")) == 2
