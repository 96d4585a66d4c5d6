"""A Bundle as single writes: what others refer to first, each looked for before it is written, each there once."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from converter.json_text import encode
from mappings.push.outcomes import Outcome
from mappings.push.parcels import Given, Parcel, parcel
from mappings.push.sequential import ROUNDS, linked, targets_first
from mappings.push.trying import GivenUp
from mappings.push.waiting import Patience
from mappings.server import Server
from tests.faults.answers import CLOSED, Answer, outcome, refusal, reply
from tests.faults.conditions import essence
from tests.faults.memory import MemoryServer
from tests.faults.scripted import Request
from tests.push.checks import Tree
from tests.push.transactions import SYSTEM, condition, create, named, organization, put, study, transaction, update, urn

PATIENCE = Patience(first=0, asked=0)
SPONSOR, GROUP = organization("o"), named("Group", "g")
STUDY = study("A", at=urn(SPONSOR), enrollment=[{"reference": urn(GROUP)}])
BUNDLE = transaction(update(STUDY), create(SPONSOR), update(GROUP))
Fault = Callable[[Request], Answer | None]


@pytest.fixture(autouse=True)
def no_authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is trusted: to read the system's authorities takes long."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "no-authorities"))


def pushed(server: MemoryServer, content: bytes = BUNDLE, **options: Any) -> Outcome:
    [found] = Server(server.url, patience=PATIENCE).push([content], strategy="sequential", **options)
    return found


def writes(server: MemoryServer) -> list[tuple[str, str]]:
    """Method and path of what was written; a condition as it is read."""
    return [(one.method, one.path.removeprefix("/fhir/")) for one in server.requests if one.method != "GET"]


def fates(found: Outcome) -> list[tuple[str, str]]:
    return [(one.kind, one.fate) for one in found.written]


def said(found: Outcome) -> list[str]:
    return [str(problem) for problem in found.problems]


def server(fault: Fault | None = None, **switches: Any) -> MemoryServer:
    return MemoryServer(transactions=False, fault=fault, **switches)


# In which order

def made(*entries: Tree) -> Parcel:
    return parcel(Given(transaction(*entries)))


def test_what_is_referred_to_comes_first_in_whatever_order_it_is_given() -> None:
    for entries in itertools.permutations([update(STUDY), create(SPONSOR), update({**GROUP, "managingEntity": {"reference": urn(SPONSOR)}})]):
        assert [entry.kind for entry in targets_first(made(*entries).entries)] == ["Organization", "Group", "ResearchStudy"]


def test_so_it_does_in_any_bundle_without_a_circle() -> None:
    chance = random.Random(3)
    for _ in range(10):
        resources = [named("Group", str(n)) for n in range(12)]
        for n, one in enumerate(resources):
            one["extension"] = [{"url": "x", "valueReference": {"reference": urn(resources[other])}} for other in range(n) if chance.random() < 0.3]
        chance.shuffle(resources)
        seen: set[str] = set()
        for entry in targets_first(made(*map(update, resources)).entries):
            assert {part["valueReference"]["reference"] for part in entry.resource["extension"]} <= seen
            seen.add(entry.full_url)
        assert len(seen) == len(resources)


@pytest.mark.parametrize("reference", [urn(GROUP), f"Group?{condition(GROUP)}"])
def test_in_a_circle_none_can_be_first(reference: str) -> None:
    circle = [update({**SPONSOR, "partOf": {"reference": reference}}), update({**GROUP, "managingEntity": {"reference": urn(SPONSOR)}})]
    with pytest.raises(GivenUp) as refused:
        targets_first(made(*circle).entries)
    assert (refused.value.cause, str(refused.value), refused.value.stops) == (
        "refused", "Bundle.entry: the entries refer to each other in a circle, so none can be written first; expected --strategy conditional or put-id", False)


LINKS = {urn(SPONSOR): "Organization/7", "Organization?identifier=a": "Organization/8"}


@pytest.mark.parametrize(("tree", "found"), [
    ({"sponsor": {"reference": urn(SPONSOR)}}, {"sponsor": {"reference": "Organization/7"}}),
    ({"a": [{"b": {"reference": "Organization?identifier=a"}}]}, {"a": [{"b": {"reference": "Organization/8"}}]}),
    ({"sponsor": {"reference": "Organization/1"}}, {"sponsor": {"reference": "Organization/1"}}),
    ({"description": urn(SPONSOR)}, {"description": urn(SPONSOR)}),
    ({"reference": {"reference": urn(SPONSOR)}}, {"reference": {"reference": "Organization/7"}}),
    ({"a": 1, "b": None, "c": True}, {"a": 1, "b": None, "c": True}),
])
def test_references_become_addresses_and_nothing_else_does(tree: Tree, found: Tree) -> None:
    before = encode(tree)
    assert linked(tree, LINKS) == found
    assert encode(tree) == before


# What is written

def test_what_is_not_there_is_created_where_it_still_is_not() -> None:
    with server() as there:
        found = pushed(there)
        assert (found.status, fates(found), found.attempts) == ("created", [("ResearchStudy", "created"), ("Organization", "created"), ("Group", "created")], 3)
        assert [path for _, path in writes(there)][2] == "ResearchStudy" and {method for method, _ in writes(there)} == {"POST"}
        by_path = {one.path: one.headers for one in there.requests if one.method == "POST"}
        assert by_path["/fhir/ResearchStudy"]["if-none-exist"] == condition(STUDY)
        assert by_path["/fhir/Organization"]["if-none-exist"] == condition(SPONSOR)
        assert {headers["prefer"] for headers in by_path.values()} == {"return=minimal"}
        kept = there.memory.all("ResearchStudy")[0]
        places = {one.kind: f"{one.kind}/{one.id}" for one in found.written}
        assert essence(kept) == {**STUDY, "sponsor": {"reference": places["Organization"]}, "enrollment": [{"reference": places["Group"]}]}
        assert [one.location for one in found.written] == [f"{places[kind]}/_history/1" for kind in ("ResearchStudy", "Organization", "Group")]


def test_what_is_there_and_the_same_is_not_written() -> None:
    with server() as there:
        first = pushed(there)
        before = len(writes(there))
        found = pushed(there)
        assert (found.status, found.attempts, fates(found)) == ("unchanged", 0, [("ResearchStudy", "unchanged"), ("Organization", "unchanged"), ("Group", "unchanged")])
        assert ([one.location for one in found.written], len(writes(there))) == ([one.location for one in first.written], before)


def test_what_is_there_and_otherwise_is_updated_if_nobody_else_does() -> None:
    with server() as there:
        first = pushed(there)
        before = len(writes(there))
        found = pushed(there, transaction(update({**STUDY, "title": "Another"}), create({**SPONSOR, "name": "Another"}), update(GROUP)))
        assert (found.status, fates(found)) == ("updated", [("ResearchStudy", "updated"), ("Organization", "unchanged"), ("Group", "unchanged")])
        assert writes(there)[before:] == [("PUT", f"ResearchStudy/{first.written[0].id}")]
        sent = next(one for one in there.requests if one.method == "PUT")
        assert (sent.headers["if-match"], sent.tree["id"]) == ('W/"1"', first.written[0].id)
        assert [there.memory.all(kind)[0].get(name) for kind, name in (("ResearchStudy", "title"), ("Organization", "name"))] == ["Another", "A hospital"]
        assert found.written[0].id == first.written[0].id


def test_what_has_an_id_of_ours_is_put_there() -> None:
    with server() as there:
        found = pushed(there, transaction(put(GROUP, "g-1")))
        assert (found.status, writes(there), found.written[0].id) == ("created", [("PUT", "Group/g-1")], "g-1")
        assert pushed(there, transaction(put(GROUP, "g-1"))).status == "unchanged"
        assert pushed(there, transaction(put({**GROUP, "name": "x"}, "g-1"))).status == "updated"


def test_a_version_that_the_bundle_asks_for_counts() -> None:
    with server() as there:
        pushed(there, transaction(put(GROUP, "g-1")))
        found = pushed(there, transaction(put({**GROUP, "name": "x"}, "g-1", ifMatch='W/"7"')))
        assert (found.status, found.cause) == ("failed", "refused")
        assert [one.headers.get("if-match") for one in there.requests if one.method == "PUT"] == [None, 'W/"7"']
        assert pushed(there, transaction(put({**GROUP, "name": "x"}, "g-1", ifMatch='W/"1"'))).status == "updated"


def test_a_reference_by_a_condition_of_the_bundle_is_an_address_too() -> None:
    with server() as there:
        found = pushed(there, transaction(update(study("A", at=f"Organization?{condition(SPONSOR)}")), create(SPONSOR)))
        assert there.memory.all("ResearchStudy")[0]["sponsor"] == {"reference": f"Organization/{found.written[1].id}"}


# What others do meanwhile

def once(method: str, act: Callable[[Request], Any]) -> Fault:
    """Before the first request of that method is answered, something happens, which may be its answer."""
    done: list[Request] = []

    def fault(request: Request) -> Answer | None:
        if request.method == method and not done:
            done.append(request)
            found = act(request)
            return found if isinstance(found, Answer) else None
        return None

    return fault


@pytest.mark.parametrize("style", ["hapi", "medplum"])
def test_what_somebody_else_created_meanwhile_is_made_what_was_sent(style: str) -> None:
    there = server(style=style)
    there.script = with_fault(there, once("POST", lambda request: there.memory.put({**GROUP, "name": "Of somebody else"})))
    with there:
        found = pushed(there, transaction(update(GROUP)))
        assert [essence(one) for one in there.memory.all("Group")] == [GROUP]
        assert (found.status, fates(found)) == ("updated", [("Group", "updated")])


def test_what_somebody_else_created_meanwhile_stays_where_only_its_being_there_was_asked_for() -> None:
    there = server()
    there.script = with_fault(there, once("POST", lambda request: there.memory.put({**SPONSOR, "name": "Of somebody else"})))
    with there:
        found = pushed(there, transaction(create(SPONSOR)))
        assert [one["name"] for one in there.memory.all("Organization")] == ["Of somebody else"]
        assert (found.status, fates(found)) == ("unchanged", [("Organization", "unchanged")])


def with_fault(there: MemoryServer, fault: Fault) -> Callable[[Request], Answer]:
    """The script of a server with that fault, which may use the server's memory."""
    return lambda request: fault(request) or there.memory(request)


def test_what_somebody_else_changed_meanwhile_is_looked_up_anew() -> None:
    there = server()
    there.script = with_fault(there, once("PUT", lambda request: there.memory.put({**GROUP, "id": "g-1", "name": "Of somebody else"})))
    with there:
        there.memory.put({**GROUP, "id": "g-1", "name": "Before"})
        found = pushed(there, transaction(update(GROUP)))
        assert [essence(one) for one in there.memory.all("Group")] == [GROUP]
        assert (found.status, found.written[0].id, len(there.memory.versions("Group", "g-1"))) == ("updated", "g-1", 3)
        assert [one.headers["if-match"] for one in there.requests if one.method == "PUT"] == ['W/"1"', 'W/"2"']


def test_who_is_always_faster_is_told_in_the_end() -> None:
    there = server()

    def other(request: Request) -> None:
        if request.method == "PUT":
            there.memory.put({**GROUP, "id": "g-1", "name": f"Of somebody else {request.number}"})

    there.script = with_fault(there, other)
    with there:
        there.memory.put({**GROUP, "id": "g-1", "name": "Before"})
        found = pushed(there, transaction(update(GROUP)))
        assert (found.status, found.cause, found.attempts) == ("failed", "refused", ROUNDS)
        assert said(found)[0].startswith("Bundle.entry[0]: the server answered 409: HAPI-0550: HAPI-0989")


def test_where_there_are_several_nothing_is_written() -> None:
    with server() as there:
        for id in ("g-1", "g-2"):
            there.memory.put({**GROUP, "id": id})
        found = pushed(there, transaction(update(GROUP)))
        assert (found.status, found.cause, writes(there)) == ("failed", "refused", [])
        assert said(found) == [f"Bundle.entry[0].request.url: Group?identifier={SYSTEM}|g finds Group/g-1, Group/g-2; expected one or none. Delete what is too much on the server"]


# What goes wrong

LOST = [Answer(0, ends="reset"), CLOSED, refusal(500, "oops"), refusal(502, "bad gateway"), refusal(504, "too late"), Answer(503, b"<html>busy</html>", {"Content-Type": "text/html"})]


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("kept", [False, True])
def test_after_an_answer_that_is_lost_there_is_one_copy(lost: Answer, kept: bool) -> None:
    there = server()

    def lose(request: Request) -> Answer:
        if kept:
            there.memory(request)
        return lost

    there.script = with_fault(there, once("POST", lose))
    with there:
        found = pushed(there)
        assert (found.status, [len(there.memory.all(one["resourceType"])) for one in (STUDY, SPONSOR, GROUP)]) == ("created", [1, 1, 1])
        assert len(writes(there)) == (3 if kept else 4)


def test_an_entry_that_is_refused_is_told_with_what_was_written_before_it() -> None:
    def fault(request: Request) -> Answer | None:
        return refusal(422, "no such code", "invalid") if request.method == "POST" and request.path == "/fhir/ResearchStudy" else None

    with server(fault) as there:
        found = pushed(there)
        assert (found.status, found.cause, [one.kind for one in found.written]) == ("failed", "refused", sorted((one.kind for one in found.written), reverse=True))
        assert said(found)[0].startswith("Bundle.entry[0]: the server answered 422: no such code")
        assert {one.kind for one in found.written} == {"Organization", "Group"}
        assert said(found)[-1] == "written all the same: " + ", ".join(f"Bundle.entry[{n}] ({one.location})" for n, one in zip((1, 2), found.written, strict=True))
        assert len(writes(there)) == 3


# Where it was written

PLACES: list[tuple[str, Callable[[Tree], Answer], str]] = [
    # what, the answer to a create, the place ("" of one that is found by a search)
    ("absolute with a version", lambda one: Answer(201, headers={"Location": f"BASE/Group/{one['id']}/_history/1"}), "/_history/1"),
    ("absolute", lambda one: Answer(201, headers={"Location": f"BASE/Group/{one['id']}"}), ""),
    ("relative", lambda one: Answer(201, headers={"Location": f"Group/{one['id']}"}), ""),
    ("in the body", lambda one: reply(201, one), ""),
    ("in the body, and elsewhere in a header", lambda one: reply(201, one, Location="https://elsewhere.test/Group/9"), ""),
    ("nowhere", lambda one: Answer(201), "/_history/1"),
    ("elsewhere", lambda one: Answer(201, headers={"Location": "https://elsewhere.test/Group/9"}), "/_history/1"),
    ("another type", lambda one: Answer(201, headers={"Location": f"Patient/{one['id']}"}), "/_history/1"),
    ("an outcome", lambda one: reply(201, outcome("Done")), "/_history/1"),
]


@pytest.mark.parametrize(("answer", "version"), [case[1:] for case in PLACES], ids=[case[0] for case in PLACES])
def test_where_it_is_the_answer_says_or_a_search(answer: Callable[[Tree], Answer], version: str) -> None:
    there = server()

    def act(request: Request) -> Answer:
        there.memory(request)
        found = answer(there.memory.all("Group")[0])
        return Answer(found.status, found.body, {name: value.replace("BASE", there.url) for name, value in found.headers.items()})

    there.script = with_fault(there, once("POST", act))
    with there:
        found = pushed(there, transaction(update(GROUP)))
        assert (found.status, [one.location for one in found.written]) == ("created", [f"Group/{there.memory.all('Group')[0]['id']}{version}"])


def test_what_is_said_to_be_written_and_is_not_there_is_not_believed() -> None:
    with server(once("POST", lambda request: Answer(201))) as there:
        found = pushed(there, transaction(update(GROUP)))
        assert (found.well, there.memory.all("Group")) == (False, [])
        assert said(found) == ["Bundle.entry[0]: the server answered 201 without saying where the Group is (Location), and a search does not find it"]
