"""What is wrong with Bundles, or too much in them, is found before it can do harm; what belongs together stays together."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mappings.push.journal import Journal
from tests.faults.answers import Answer, refusal
from tests.faults.memory import MemoryServer
from tests.faults.proxy import Fault, Faults, Proxy, first
from tests.faults.scripted import Request
from tests.push.checks import (
    ALL_PLACES,
    PLACES,
    REALLY,
    Place,
    Run,
    Tree,
    arrived,
    copies,
    given,
    held,
    journal_true,
    made,
    nothing_doubled,
    nothing_lost,
    number,
    pushed,
)
from tests.push.processes import Started
from tests.push.transactions import NOBODY, SYSTEM, condition, create, named, organization, put, study, transaction, update, urn
from tests.servers import hapi

everywhere = pytest.mark.parametrize("place", PLACES, indirect=True)
everywhere_and_more = pytest.mark.parametrize("place", ALL_PLACES, indirect=True)
really = pytest.mark.parametrize("place", REALLY, indirect=True)
on_those_that_check = pytest.mark.parametrize("place", ["memory", "memory-r5", *REALLY[:2]], indirect=True)


def sent(proxy: Proxy | MemoryServer) -> list[Request]:
    """The requests that write."""
    return [one for one in proxy.requests if one.method != "GET"]


def in_order(run: Run) -> list[Tree]:
    """The outcomes in the order of the records."""
    return sorted(run.outcomes, key=lambda one: one["index"])


def ended(run: Run) -> tuple[int, list[str]]:
    """The exit code, and what became of each record, in their order."""
    return run.code, [one["status"] for one in in_order(run)]


def told(run: Run, index: int = 0) -> list[tuple[str, str]]:
    """What is said of that record: where, and what."""
    return [(one["path"], one["message"]) for one in in_order(run)[index].get("problems", ())]


# 13

def sharing(place: Place, count: int) -> list[bytes]:
    """Studies of one new organisation, which every Bundle creates where it is not there."""
    hospital = organization(number())
    return [transaction(update(study(number(), place.release, urn(hospital))), create(hospital)) for _ in range(count)]


@everywhere_and_more
def test_13_bundles_that_share_an_organisation_leave_one_of_it(place: Place, tmp_path: Path) -> None:
    bundles = sharing(place, 8)
    with Proxy(place.url) as proxy:
        run = pushed(tmp_path, proxy.url, "--jobs", "8", "--verify", bundles=bundles)
    assert [one.statuses for one in sent(proxy)] == [[200]] * 8
    arrived(run, place.url, *bundles, status="created")


class Crowd(Proxy):
    """`most` is how many transactions were on their way at a time."""

    now = most = 0

    def forwarded(self, request: Request) -> Answer:
        if request.method != "POST":
            return super().forwarded(request)
        self.now += 1
        self.most = max(self.most, self.now)
        self.stopping.wait(0.05)
        answer = super().forwarded(request)
        self.now -= 1
        return answer


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("place", ["memory"], indirect=True)
def test_13_only_bundles_that_share_nothing_are_on_their_way_at_a_time(place: Place, shared: bool, tmp_path: Path) -> None:
    bundles = sharing(place, 8) if shared else [bundle for _ in range(8) for bundle in sharing(place, 1)]
    with Crowd(place.url) as proxy:
        run = pushed(tmp_path, proxy.url, "--jobs", "4", bundles=bundles)
    assert (proxy.most == 1) == shared
    arrived(run, place.url, *bundles, status="created")


def together() -> Faults:
    """The first two requests with the same body go on at the same time."""
    meetings: dict[bytes, threading.Barrier] = {}
    seen: dict[bytes, int] = {}
    lock = threading.Lock()

    def faults(request: Request) -> None:
        if request.method == "POST":
            with lock:
                meeting = meetings.setdefault(request.body, threading.Barrier(2))
                seen[request.body] = seen.get(request.body, 0) + 1
                is_early = seen[request.body] <= 2
            if is_early:
                meeting.wait(30)
    return faults


@everywhere
def test_13_two_processes_at_once_leave_one_copy(place: Place, tmp_path: Path) -> None:
    bundles = [*sharing(place, 3), *(made(number(), place.release) for _ in range(3))]
    with (Proxy(place.url, together()) as proxy, Started(tmp_path / "one", proxy.url, "--verify", bundles=bundles) as one,
          Started(tmp_path / "two", proxy.url, "--verify", bundles=bundles) as two):
        runs = [one.ended(), two.ended()]
    for run in runs:
        arrived(run, place.url, *bundles)
    for both in zip(*(run.statuses for run in runs), strict=True):
        assert "created" in both and both != ("created", "created")


@really
def test_13_two_processes_that_write_each_resource_by_itself_leave_one_copy(place: Place, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in range(2)]
    with (Proxy(place.url, together()) as proxy, Started(tmp_path / "one", proxy.url, "--strategy", "sequential", bundles=bundles) as one,
          Started(tmp_path / "two", proxy.url, "--strategy", "sequential", bundles=bundles) as two):
        runs = [one.ended(), two.ended()]
    for run in runs:
        arrived(run, place.url, *bundles)


@pytest.mark.parametrize("place", ["memory"], indirect=True)
def test_13_two_processes_have_two_journals(place: Place, tmp_path: Path) -> None:
    bundle = made(number())
    other = Journal(tmp_path / "push.journal", place.url)
    try:
        run = pushed(tmp_path, place.url, bundles=[bundle])
    finally:
        other.close()
    assert run.code == 2
    assert "--journal: another push is writing to it; wait for its end, or name another file" in run.stderr
    assert copies(place.url, bundle) == [0, 0, 0]


CONFLICT = "HAPI-0550: HAPI-2745: The operation has failed with a client-assigned ID constraint failure"


def in_place_of(answer: Answer) -> Fault:
    """That answer, before the server behind has received anything."""
    return Fault(f"{answer.status}", lambda _: answer, forwards=0)


@everywhere
def test_13_a_conflict_with_others_is_tried_again(place: Place, tmp_path: Path) -> None:
    bundles = sharing(place, 2)
    with Proxy(place.url, first(*[in_place_of(refusal(409, CONFLICT))] * 3)) as proxy:
        run = pushed(tmp_path, proxy.url, "--jobs", "2", bundles=bundles)
    assert [one.statuses for one in sent(proxy)] == [[]] * 3 + [[200]] * 2
    assert len(run.waits) == 3
    arrived(run, place.url, *bundles, status="created")


@everywhere
def test_13_an_organisation_that_is_there_twice_fails_those_that_share_it_and_no_others(place: Place, tmp_path: Path) -> None:
    shared, (other,) = sharing(place, 2), sharing(place, 1)
    hospital = json.loads(shared[0])["entry"][1]["resource"]
    there = given(place.url, hospital, hospital)
    run = pushed(tmp_path, place.url, "--jobs", "2", bundles=[*shared, other])
    assert ended(run) == (1, ["failed", "failed", "created"])
    for n in (0, 1):
        (path, message), = [one for one in told(run, n) if one[0]]
        assert path == "Bundle.entry[1].request.url"
        assert all(address in message for address in there), message
    journal_true(run)
    assert [copies(place.url, bundle) for bundle in (*shared, other)] == [[0, 2], [0, 2], [1, 1]]


# 14

def respelled(entry: Tree) -> Tree:
    """The same, its condition with the bar as it is."""
    request = entry["request"]
    return {**entry, "fullUrl": NOBODY, "request": {**request, "url": request["url"].replace("%7C", "|").replace("%3A", ":")}}


@pytest.mark.parametrize("place", ["memory"], indirect=True)
def test_14_with_one_job_the_outcomes_come_in_the_order_of_the_records(place: Place, tmp_path: Path) -> None:
    """Also of those that are refused at once."""
    bundle = made(number())
    run = pushed(tmp_path, place.url, bundles=[made(number()), bundle, bundle, made(number())])
    assert [one["index"] for one in run.outcomes] == [0, 1, 2, 3]


HERE, SAME = organization("TWICE"), organization("TWICE", "Another name")
AGAIN = ("'Organization?identifier=https://trials.test/id|TWICE' is written 2 times; expected once: a server may drop the second without a "
         "word")
TWICE: dict[str, tuple[list[Tree], str]] = {
    "two updates": ([update(HERE), update(SAME)], AGAIN),
    "two creates": ([create(HERE), create(SAME)], AGAIN),
    "an update and a create": ([update(HERE), create(SAME)], AGAIN),
    "in two spellings": ([update(HERE), respelled(update(SAME))], AGAIN),
    "two of one id": ([put(HERE, "twice"), put(named("Organization", "OTHER", name="Another name"), "twice")],
                      "'Organization/twice' is written 2 times; expected once: a server may drop the second without a word"),
}


def without_names(entries: list[Tree]) -> list[Tree]:
    """Two entries of the same full URL would be refused for that."""
    return [{name: part for name, part in entry.items() if name != "fullUrl"} for entry in entries]


@pytest.mark.parametrize(("name", "options"), [*((name, ["--no-validate"]) for name in TWICE), ("two updates", [])])
def test_14_a_key_that_is_twice_in_a_bundle_is_refused_before_sending(name: str, options: list[str], tmp_path: Path) -> None:
    entries, message = TWICE[name]
    wrong, right = transaction(*without_names(entries)), made(number())
    with MemoryServer() as server:
        run = pushed(tmp_path, server.url, *options, bundles=[wrong, right])
        assert len(sent(server)) == 1
        assert server.memory.all("Organization") == []
        assert ended(run) == (1, ["failed", "created"])
        if options:  # what validation finds, it says in its own words
            assert told(run) == [("Bundle.entry[1].request.url", message)]
        journal_true(run)
        nothing_lost(server.url, right)


@pytest.mark.parametrize("spelling", [lambda entry: entry, respelled], ids=["same", "respelled"])
@pytest.mark.parametrize("place", ["memory"], indirect=True)
def test_14_a_trial_that_is_twice_in_a_run_is_refused_before_sending(
        place: Place, spelling: Callable[[Tree], Tree], tmp_path: Path) -> None:
    mine = number()
    bundle, again = transaction(update(study(mine, title="One"))), transaction(spelling(update(study(mine, title="Another"))))
    run = pushed(tmp_path, place.url, bundles=[bundle, again])
    assert ended(run) == (1, ["created", "failed"])
    assert told(run, 1) == [("", f"{tmp_path}/bundles.ndjson[0] has the same key, ResearchStudy?identifier={SYSTEM}|{mine}, and would be "
                                 "written over; expected each trial once in a run")]
    journal_true(run)
    nothing_lost(place.url, bundle)
    nothing_doubled(place.url, bundle)


@pytest.mark.parametrize("place", ["memory"], indirect=True)
def test_14_what_two_bundles_update_is_the_same_in_both(place: Place, tmp_path: Path) -> None:
    """Else the second would write over what is told to be there of the first."""
    shared = number()
    first_one, same, different = (transaction(update(study(number(), at=urn(one))), update(one))
                                  for one in (organization(shared), organization(shared), organization(shared, "Another name")))
    run = pushed(tmp_path, place.url, bundles=[first_one, same, different])
    assert ended(run) == (1, ["created", "created", "failed"])
    assert told(run, 2) == [("Bundle.entry[1].resource", f"another Bundle of this run writes Organization?identifier={SYSTEM}|{shared}, "
                                                         "and something else to it; expected the same in both")]
    journal_true(run)
    nothing_lost(place.url, first_one, same)
    nothing_doubled(place.url, first_one, same)


# 15

GONE = f"'{NOBODY}' is the full URL of no entry; expected the resource in the same Bundle"
OWN = urn(HERE)
PUT_IN = "expected it only in a reference: servers put the new address in its place, here too"
LEADS: dict[str, tuple[Tree, str, str]] = {
    "a reference to nothing": ({"sponsor": {"reference": NOBODY}}, "sponsor.reference", GONE),
    "a reference to nothing, by another urn": ({"sponsor": {"reference": "urn:oid:1.2.3"}}, "sponsor.reference",
                                               "'urn:oid:1.2.3' is the full URL of no entry; expected the resource in the same Bundle"),
    "one of many": ({"extension": [{"url": "https://trials.test/at", "valueReference": {"reference": one}} for one in (OWN, NOBODY)]},
                    "extension[1].valueReference.reference", GONE),
    "in a contained resource": ({"contained": [{"resourceType": "Group", "id": "g", "type": "person", "actual": False,
                                                "managingEntity": {"reference": NOBODY}}], "enrollment": [{"reference": "#g"}]},
                                "contained[0].managingEntity.reference", GONE),
    "in a text": ({"description": f"It is at {OWN}."}, "description", f"has the full URL of an entry in 'It is at {OWN}.'; {PUT_IN}"),
    "in a canonical": ({"relatedArtifact": [{"type": "documentation", "resource": OWN}]}, "relatedArtifact[0].resource",
                       f"has the full URL of an entry in '{OWN}'; {PUT_IN}"),
    "in an address": ({"extension": [{"url": "https://trials.test/at", "valueUri": OWN}]}, "extension[0].valueUri",
                      f"has the full URL of an entry in '{OWN}'; {PUT_IN}"),
}


@pytest.mark.parametrize(("name", "options"), [*((name, ["--no-validate"]) for name in LEADS), ("a reference to nothing", [])])
def test_15_a_urn_that_leads_nowhere_or_stands_elsewhere_is_caught_before_sending(name: str, options: list[str], tmp_path: Path) -> None:
    members, path, message = LEADS[name]
    wrong, right = transaction(update(study(number(), **members)), update(HERE)), made(number())
    with MemoryServer() as server:
        run = pushed(tmp_path, server.url, *options, bundles=[wrong, right])
        assert len(sent(server)) == 1
        assert server.memory.all("Organization") == []
        assert ended(run) == (1, ["failed", "created"])
        if options:  # what validation finds, it says in its own words
            assert told(run) == [(f"Bundle.entry[0].resource.{path}", message)]
        journal_true(run)
        nothing_lost(server.url, right)


@everywhere
def test_15_a_urn_of_no_entry_is_an_identifier_or_a_text_like_any_other(place: Place, tmp_path: Path) -> None:
    mine = study(number(), place.release, description=f"Once known as {NOBODY}")
    mine["identifier"].append({"system": "urn:ietf:rfc:3986", "value": NOBODY})
    bundle = transaction(update(mine))
    run = pushed(tmp_path, place.url, "--verify", bundles=[bundle])
    arrived(run, place.url, bundle, status="created")


@on_those_that_check
def test_15_a_reference_to_what_the_server_does_not_have_is_refused_whole(place: Place, tmp_path: Path) -> None:
    wrong = transaction(update(organization(number())), update(study(number(), place.release, f"Organization/none-{number()}")))
    right = made(number(), place.release)
    run = pushed(tmp_path, place.url, bundles=[wrong, right])
    assert ended(run) == (1, ["failed", "created"])
    assert copies(place.url, wrong) == [0, 0]
    assert "It refers to something that is not on the server; push that first, or in the same Bundle" in run.stderr
    journal_true(run)
    nothing_lost(place.url, right)


# 16

def limited(most: int) -> Faults:
    """A gateway that takes no larger Bundles."""
    page = Answer(413, b"<html><head><title>413 Request Entity Too Large</title></head></html>", {"Content-Type": "text/html"})
    too_large = Fault("413", lambda _: page, forwards=0)
    return lambda request: too_large if request.method == "POST" and len(request.tree.get("entry", ())) > most else None


def parts(proxy: Proxy | MemoryServer) -> list[list[Tree]]:
    """The entries of each transaction that was sent."""
    return [one.tree["entry"] for one in sent(proxy)]


def is_closed(entries: list[Tree]) -> bool:
    """Is every entry there that another refers to?"""
    text = json.dumps([entry["resource"] for entry in entries])
    return text.count('"reference": ') == sum(text.count(f'"reference": "{entry["fullUrl"]}"') for entry in entries)


def many(release: str, count: int) -> bytes:
    """Pairs of a study and its organisation, so many, each pair far from one another; and three that are joined."""
    hospitals = [organization(number()) for _ in range(count)]
    studies = [study(number(), release, urn(one)) for one in hospitals]
    last = organization(number())
    joined = [study(number(), release, urn(last)) for _ in range(2)]
    return transaction(*map(update, studies), update(joined[0]), *map(update, hospitals), update(last), update(joined[1]))


@everywhere_and_more
def test_16_a_bundle_that_is_too_large_is_sent_in_parts_that_refer_to_nothing_outside(place: Place, tmp_path: Path) -> None:
    bundle = many(place.release, 9)
    with Proxy(place.url, limited(8)) as proxy:
        run = pushed(tmp_path, proxy.url, "--verify", bundles=[bundle])
    assert [len(part) for one, part in zip(sent(proxy), parts(proxy), strict=True) if not one.statuses] == [21, 10, 11]
    assert all(is_closed(part) for part in parts(proxy))
    arrived(run, place.url, bundle, status="created")
    assert len(run.outcomes[0]["locations"]) == 21


@pytest.mark.parametrize(("style", "most"), [("medplum", 8), ("hapi", 25), ("medplum", 50), ("hapi", 160), ("hapi", 500)])
def test_16_each_limit_that_a_server_has_is_found(style: Any, most: int, tmp_path: Path) -> None:
    bundle = transaction(*(update(organization(number())) for _ in range(most + 1)))
    with MemoryServer(style=style, max_entries=most) as server:
        run = pushed(tmp_path, server.url, "--no-validate", bundles=[bundle])
        assert sorted(map(len, parts(server))) == [(most + 1) // 2, most + 1 - (most + 1) // 2, most + 1]
        assert len(server.memory.all("Organization")) == most + 1
    assert ended(run) == (0, ["created"])
    journal_true(run)


MEDPLUM: dict[str, Callable[[], bytes]] = {
    "9 conditions": lambda: many("r4", 3),
    "51 updates": lambda: transaction(*(put(organization(one := number()), f"o-{one}") for _ in range(51))),
}


@pytest.mark.servers
@pytest.mark.parametrize("name", MEDPLUM)
def test_16_the_limits_of_medplum_are_found(name: str, medplum: Any, tmp_path: Path) -> None:
    bundle = MEDPLUM[name]()
    with Proxy(medplum.url) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert [one.statuses for one in sent(proxy)] == [[400], [200], [200]]
    arrived(run, medplum.url, bundle)


@pytest.fixture(scope="module")
def hapi_of_8() -> Iterator[Any]:
    with hapi("r4", max_bundle=8) as server:
        yield server


@pytest.mark.servers
def test_16_the_limit_of_hapi_is_found(hapi_of_8: Any, tmp_path: Path) -> None:
    bundle = many("r4", 3)
    with Proxy(hapi_of_8.url) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert [one.statuses for one in sent(proxy)] == [[413], [200], [200]]
    arrived(run, hapi_of_8.url, bundle, status="created")


@everywhere
def test_16_what_refers_to_each_other_is_never_parted(place: Place, tmp_path: Path) -> None:
    large, right = made(number(), place.release), transaction(update(organization(number())))
    with Proxy(place.url, limited(2)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[large, right])
        assert ended(run) == (1, ["failed", "created"])
        assert [len(part) for part in parts(proxy)] == [3, 1]
        assert copies(place.url, large) == [0, 0, 0]
        assert told(run) == [("", "the server answered 413: an HTML page, '413 Request Entity Too Large'. The Bundle is too large for this "
                                  "server; take it apart, use --strategy sequential, or have the limit raised")]
        journal_true(run)
        again = pushed(tmp_path, proxy.url, "--strategy", "sequential", bundles=[large, right])
    arrived(again, place.url, large, right)


def by_id(release: str) -> bytes:
    """Studies and organisations that refer to one another by their ids, the organisations last."""
    values = [number() for _ in range(4)]
    studies = [put(study(one, release, f"Organization/o-{one}"), f"s-{one}") for one in values]
    return transaction(*studies, *(put(organization(one), f"o-{one}") for one in values))


def by_condition(release: str) -> bytes:
    """The same, the studies with the search that finds the organisation."""
    values = [number() for _ in range(4)]
    studies = [update(study(one, release, f"Organization?{condition(organization(one))}")) for one in values]
    return transaction(*studies, *(update(organization(one)) for one in values))


@on_those_that_check
def test_16_a_reference_by_an_id_is_never_parted(place: Place, tmp_path: Path) -> None:
    bundle = by_id(place.release)
    with Proxy(place.url, limited(4)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert [len(part) for part in parts(proxy)] == [8, 4, 4]
    arrived(run, place.url, bundle, status="created")


@pytest.mark.parametrize("place", REALLY[:2], indirect=True)
def test_16_a_reference_by_a_condition_is_never_parted(place: Place, tmp_path: Path) -> None:
    """Servers find what it means in the same transaction, too."""
    bundle = by_condition(place.release)
    with Proxy(place.url, limited(4)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert [len(part) for part in parts(proxy)] == [8, 4, 4]
    assert ended(run) == (0, ["created"]), run.problems
    journal_true(run)
    nothing_doubled(place.url, bundle)
    for entry in json.loads(bundle)["entry"][:4]:
        there, = held(place.url, entry["resource"])
        assert "?" not in json.dumps(there.get("sponsor") or there["site"])


@everywhere
def test_16_what_fails_in_a_part_is_told_at_its_place_in_the_whole(place: Place, tmp_path: Path) -> None:
    hospitals = [organization(number()) for _ in range(2)]
    bundle = transaction(*(entry for one in hospitals for entry in (update(study(number(), place.release, urn(one))), create(one))))
    there = given(place.url, hospitals[1], hospitals[1])
    with Proxy(place.url, limited(2)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert ended(run) == (1, ["failed"])
    (path, message), = [one for one in told(run) if one[0]]
    assert path == "Bundle.entry[3].request.url"
    assert all(address in message for address in there), message
    journal_true(run)
    assert copies(place.url, bundle) == [1, 1, 0, 2]
    study_there, hospital_there = run.outcomes[0]["locations"]
    assert ("", f"written all the same: Bundle.entry[0] ({study_there}), Bundle.entry[1] ({hospital_there})") in told(run)


# 21

OTHER = {"r4": "r5", "r5": "r4"}
VERSIONS = {"r4": "4.0.1 (R4)", "r5": "5.0.0 (R5)"}


@everywhere_and_more
def test_21_a_release_that_the_server_does_not_speak_is_refused_before_sending(place: Place, tmp_path: Path) -> None:
    other = OTHER[place.release]
    bundle = made(number(), other)
    with Proxy(place.url) as proxy:
        run = pushed(tmp_path, proxy.url, "--release", other, bundles=[bundle], json=False)
        assert sent(proxy) == []
    assert run.code == 3
    assert f"{VERSIONS[place.release]}; the Bundles are {other.upper()}" in run.stdout
    assert f"use --release {place.release}" in run.stdout
    assert run.journal == ()
    assert copies(place.url, bundle) == [0, 0, 0]


@everywhere_and_more
def test_21_a_bundle_of_another_release_is_not_sent_and_others_are(place: Place, tmp_path: Path) -> None:
    wrong, right = made(number(), OTHER[place.release]), made(number(), place.release)
    with Proxy(place.url) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[wrong, right])
    assert len(sent(proxy)) == 1
    assert ended(run) == (3, ["failed", "created"])
    elements, speaks = {"r4": ("5.0.0", "4.0.1"), "r5": ("4.0.1", "5.0.0")}[place.release]
    assert told(run) == [("", f"has elements of FHIR {elements}, and the server speaks {speaks}: it would drop them without a word. "
                              f"Convert it first (trialbridge convert --to {place.release})")]
    journal_true(run)
    assert copies(place.url, wrong) == [0, 0, 0]
    nothing_lost(place.url, right)
    nothing_doubled(place.url, right)


REFUSED: dict[str, tuple[str | None, str, str]] = {
    "4.3.0 for R4": ("r4", "4.3.0", "4.3.0 (R4B); the Bundles are R4"),
    "4.3.0 for R5": ("r5", "4.3.0", "4.3.0 (R4B); the Bundles are R5"),
    "4.0.1 for R4B": ("r4b", "4.0.1", "4.0.1 (R4); the Bundles are R4B"),
    "5.0.0 for R4B": ("r4b", "5.0.0", "5.0.0 (R5); the Bundles are R4B"),
    "3.0.2": (None, "3.0.2", "3.0.2"),
    "6.0.0": (None, "6.0.0", "6.0.0"),
    "40.0.1": (None, "40.0.1", "40.0.1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_21_each_other_version_is_refused_before_sending(name: str, tmp_path: Path) -> None:
    release, version, found = REFUSED[name]
    bundle = made(number(), release or "r4")
    with MemoryServer(fhir_version=version) as server:
        run = pushed(tmp_path, server.url, *(("--release", release) if release else ()), bundles=[bundle], json=False)
        assert sent(server) == []
    assert run.code == 3
    line, = [line for line in run.stdout.splitlines() if "FHIR version" in line]
    assert line.split(maxsplit=4) == ["✗", "missing", "FHIR", "version", found]


@pytest.mark.parametrize(("version", "release"), [
    ("4.0.0", "r4"), ("4.0.1", "r4"), ("4.3.0", "r4b"), ("5.0.0", "r5"), ("5.0.0-ballot", "r5")])
def test_21_a_record_is_written_in_the_release_that_the_server_speaks(version: str, release: str, tmp_path: Path) -> None:
    record = (Path(__file__).parents[2] / "samples" / "ctgov" / "NCT99999902.json").read_bytes()
    (tmp_path / "record.json").write_bytes(record)
    bundle = made("NCT99999902", release)
    with MemoryServer(fhir_version=version) as server:
        run = pushed(tmp_path, server.url, str(tmp_path / "record.json"), "--verify")
        arrived(run, server.url, bundle, status="created")
