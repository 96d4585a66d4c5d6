"""A trial that is pushed again: unchanged it changes nothing, changed it changes in its place, half-written it becomes whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest

from converter.convert import convert
from tests.faults.answers import Answer, refusal, reply
from tests.faults.memory import MemoryServer
from tests.faults.proxy import Fault, Proxy, first, lose, refuse
from tests.faults.scripted import Request
from tests.push.checks import (
    PLACES,
    REAL,
    REALLY,
    RECORD,
    TYPES,
    Place,
    Tree,
    arrived,
    asked,
    copies,
    entries,
    held,
    journal_true,
    made,
    not_arrived,
    nothing_doubled,
    nothing_lost,
    number,
    pushed,
    versions,
)
from tests.push.transactions import organization, put, study, transaction
from tests.servers import medplum

everywhere = pytest.mark.parametrize("place", PLACES, indirect=True)
in_memory = pytest.mark.parametrize("place", ["memory"], indirect=True)
STRATEGIES = ("conditional", "put-id", "sequential")
in_every_way = pytest.mark.parametrize(("place", "strategy"), [
    *(("memory", strategy) for strategy in STRATEGIES), ("memory-medplum", "conditional"),
    *(pytest.param(name, strategy, marks=pytest.mark.servers) for name in REAL for strategy in STRATEGIES)], indirect=["place"])
SAMPLES = Path(__file__).parents[2] / "samples"
ONE_ARM = "Without cystic fibrosis"
"""Only one arm of the record has these words."""


@pytest.fixture(autouse=True)
def no_authorities(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the system are not read: that takes as long as all the rest of a short run."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path_factory.getbasetemp() / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path_factory.getbasetemp() / "none"))


def record(number: str) -> Tree:
    """The record of that number, as its registry gives it."""
    tree: Tree = json.loads(RECORD.replace(b"NCT99999902", number.encode()))
    return tree


def bundle_of(record: Tree, release: str) -> bytes:
    document = convert(json.dumps(record).encode(), release, "ctgov").document
    assert document is not None
    return document


def addresses(url: str, bundle: bytes) -> list[str]:
    """Type and id of the resources that the server has for the Bundle's entries."""
    return [f"{one['resourceType']}/{one['id']}" for _, resource in entries(bundle) for one in held(url, resource)]


def as_kept(url: str, bundle: bytes) -> list[Tree]:
    """The resources that the server has for the Bundle's entries, with all that it says of them."""
    return [one for _, resource in entries(bundle) for one in held(url, resource)]


def writes(proxy: Proxy) -> list[str]:
    """The requests that were no questions."""
    return [f"{one.method} {one.path}" for one in proxy.requests if one.method != "GET"]


def elsewhere(folder: Path, name: str = "elsewhere") -> Path:
    """A folder that knows nothing of an earlier run."""
    (folder / name).mkdir()
    return folder / name


# 25

@in_every_way
def test_25_the_same_again_writes_nothing_where_unchanged_is_skipped(place: Place, strategy: str, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in range(2)]
    pushed(tmp_path, place.url, "--strategy", strategy, bundles=bundles)
    before = [as_kept(place.url, bundle) for bundle in bundles]
    with Proxy(place.url) as proxy:
        run = pushed(elsewhere(tmp_path), proxy.url, "--strategy", strategy, "--skip-unchanged", "--verify", bundles=bundles)
    assert writes(proxy) == []
    arrived(run, place.url, *bundles, status="unchanged")
    assert [as_kept(place.url, bundle) for bundle in bundles] == before


@in_every_way
def test_25_the_same_again_is_written_to_the_same_place_where_it_is_not(place: Place, strategy: str, tmp_path: Path) -> None:
    """HAPI keeps the version of what does not change, Medplum's router makes a new one; single writes look first anyway."""
    bundles = [made(number(), place.release) for _ in range(2)]
    pushed(tmp_path, place.url, "--strategy", strategy, bundles=bundles)
    before = [as_kept(place.url, bundle) for bundle in bundles]
    run = pushed(elsewhere(tmp_path), place.url, "--strategy", strategy, "--verify", bundles=bundles)
    same = place.hapi or strategy == "sequential"
    arrived(run, place.url, *bundles, status="unchanged" if same else "updated")
    after = [as_kept(place.url, bundle) for bundle in bundles]
    assert [[one["id"] for one in each] for each in after] == [[one["id"] for one in each] for each in before]
    assert (after == before) is same


def page(number: str) -> bytes:
    return (SAMPLES / "pages" / "registry_page_NCT03540472.txt").read_bytes().replace(b"NCT03540472", number.encode())


INPUTS: dict[str, Callable[[str], bytes]] = {
    "study.json": lambda number: json.dumps(record(number)).encode(),
    "studies.ndjson": lambda number: json.dumps(record(number)).encode() + b"\n",
    "trial.json": lambda number: convert(json.dumps(record(number)).encode(), "trial", "ctgov").document or b"",
    "page.txt": page,
    "collection.json": lambda number: made(number).replace(b'"type":"transaction"', b'"type":"collection"'),
}


@in_memory
@pytest.mark.parametrize("name", INPUTS)
def test_25_a_file_pushed_twice_is_written_once_whatever_is_in_it(place: Place, name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(INPUTS[name](number()))
    run = pushed(tmp_path, place.url, str(file), "--verify")
    assert (run.code, run.statuses, run.problems) == (0, ["created"], [])
    journal_true(run)
    with Proxy(place.url) as proxy:
        again = pushed(elsewhere(tmp_path), proxy.url, str(file), "--skip-unchanged")
    assert (again.code, again.statuses, writes(proxy)) == (0, ["unchanged"], [])
    assert again.outcomes[0]["locations"] == run.outcomes[0]["locations"]
    journal_true(again)


@everywhere
def test_25_several_at_a_time_are_skipped_too(place: Place, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in range(12)]
    pushed(tmp_path, place.url, "--jobs", "4", bundles=bundles)
    with Proxy(place.url) as proxy:
        run = pushed(elsewhere(tmp_path), proxy.url, "--jobs", "4", "--skip-unchanged", bundles=bundles)
    assert writes(proxy) == []
    arrived(run, place.url, *bundles, status="unchanged")


@in_every_way
def test_25_what_somebody_changed_on_the_server_is_no_longer_unchanged(place: Place, strategy: str, tmp_path: Path) -> None:
    """They took a member away from one resource, and added one to another."""
    bundle, other = made(number(), place.release), made(number(), place.release)
    pushed(tmp_path, place.url, "--strategy", strategy, bundles=[bundle, other])
    plan, group = (next(one for one in as_kept(place.url, bundle) if one["resourceType"] == kind) for kind in ("PlanDefinition", "Group"))
    del plan["title"]
    group["quantity"] = 7
    for one in (plan, group):
        assert asked(place.url, "PUT", f"{one['resourceType']}/{one['id']}", one).status_code == 200
    before = addresses(place.url, bundle)
    with Proxy(place.url) as proxy:
        run = pushed(elsewhere(tmp_path), proxy.url, "--strategy", strategy, "--skip-unchanged", "--verify", bundles=[bundle, other])
    assert len(writes(proxy)) == (2 if strategy == "sequential" else 1)
    assert run.statuses == ["updated", "unchanged"]
    arrived(run, place.url, bundle, other)
    assert addresses(place.url, bundle) == before


@pytest.mark.parametrize("place", REALLY, indirect=True)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_25_what_somebody_deleted_on_the_server_comes_back(place: Place, strategy: str, tmp_path: Path) -> None:
    bundle, other = made(number(), place.release), made(number(), place.release)
    pushed(tmp_path, place.url, "--strategy", strategy, bundles=[bundle, other])
    (deleted,) = (one for one in addresses(place.url, bundle) if one.startswith("ResearchStudy/"))
    assert asked(place.url, "DELETE", deleted).status_code in (200, 204)
    assert copies(place.url, bundle) == [0, 1, 1]
    run = pushed(elsewhere(tmp_path), place.url, "--strategy", strategy, "--skip-unchanged", "--verify", bundles=[bundle, other])
    assert run.statuses[1] == "unchanged"
    arrived(run, place.url, bundle, other)


# 26

def fewer_arms(record: Tree) -> None:
    """One arm is gone, what was done in it alone too, and the title is another."""
    protocol = record["protocolSection"]
    arms = protocol["armsInterventionsModule"]
    del arms["armGroups"][1]
    for one in arms["interventions"]:
        one["armGroupLabels"] = [label for label in one["armGroupLabels"] if label != "Siblings"]
    protocol["identificationModule"]["briefTitle"] = "Registry of Children"


def bare(record: Tree) -> None:
    """All is gone that a record can be without."""
    identification = record["protocolSection"]["identificationModule"]
    record.clear()
    record["protocolSection"] = {"identificationModule": {name: identification[name] for name in ("nctId", "briefTitle")}}


CHANGES: dict[str, tuple[Callable[[Tree], None], tuple[str, ...]]] = {
    "fewer arms": (fewer_arms, ()),
    "nothing but a title": (bare, ("--skip-unchanged",)),
}


@in_every_way
@pytest.mark.parametrize("change", CHANGES)
def test_26_a_changed_trial_is_changed_in_its_place(place: Place, strategy: str, change: str, tmp_path: Path) -> None:
    name, other = number(), made(number(), place.release)
    study = record(name)
    earlier = bundle_of(study, place.release)
    alter, options = CHANGES[change]
    alter(study)
    later = bundle_of(study, place.release)
    pushed(tmp_path, place.url, "--strategy", strategy, bundles=[earlier, other])
    before, beside = addresses(place.url, earlier), as_kept(place.url, other)
    assert ONE_ARM in json.dumps(as_kept(place.url, earlier))
    run = pushed(tmp_path, place.url, "--strategy", strategy, "--verify", *options, bundles=[later])
    arrived(run, place.url, later, status="updated")
    assert addresses(place.url, later) == before
    assert ONE_ARM not in json.dumps(as_kept(place.url, later))
    assert as_kept(place.url, other) == beside


PARTS = [name for name in json.loads(RECORD)["protocolSection"] if name != "identificationModule"]


@everywhere
def test_26_each_part_that_a_source_no_longer_has_disappears(place: Place, tmp_path: Path) -> None:
    whole = [record(number()) for _ in PARTS]
    pushed(tmp_path, place.url, bundles=[bundle_of(one, place.release) for one in whole])
    for one, part in zip(whole, PARTS, strict=True):
        del one["protocolSection"][part]
    later = [bundle_of(one, place.release) for one in whole]
    run = pushed(tmp_path, place.url, "--verify", bundles=later)
    arrived(run, place.url, *later, status="updated")


@in_every_way
def test_26_a_change_in_one_resource_leaves_the_others_as_they_are(place: Place, strategy: str, tmp_path: Path) -> None:
    """Where the server keeps the version of what does not change; single writes make sure of it everywhere."""
    name = number()
    study = record(name)
    earlier = bundle_of(study, place.release)
    study["protocolSection"]["statusModule"]["overallStatus"] = "TERMINATED"
    later = bundle_of(study, place.release)
    changed = [kind for kind, old, new in zip(TYPES, entries(earlier), entries(later), strict=True) if old != new]
    assert changed == ["ResearchStudy"]
    pushed(tmp_path, place.url, "--strategy", strategy, bundles=[earlier])
    before = versions(place.url, earlier)
    run = pushed(tmp_path, place.url, "--strategy", strategy, "--verify", bundles=[later])
    arrived(run, place.url, later, status="updated")
    grown = [kind for kind, old, new in zip(TYPES, before, versions(place.url, later), strict=True) if old != new]
    assert grown == (changed if place.hapi or strategy == "sequential" else list(TYPES))


@everywhere
def test_26_a_resumed_run_does_not_take_a_changed_trial_for_one_that_is_done(place: Place, tmp_path: Path) -> None:
    name, other = number(), made(number(), place.release)
    later = made(name, place.release, title="Another title")
    with Proxy(place.url) as proxy:
        pushed(tmp_path, proxy.url, bundles=[made(name, place.release), other])
        run = pushed(tmp_path, proxy.url, "--resume", bundles=[later, other])
        assert run.statuses == ["updated", "unchanged"]
        arrived(run, place.url, later, other)
        before = len(writes(proxy))
        again = pushed(tmp_path, proxy.url, "--resume", bundles=[later, other])
    assert (before, len(writes(proxy))) == (3, 3)
    arrived(again, place.url, later, other, status="unchanged")


@everywhere
def test_26_a_change_that_is_taken_back_leaves_the_trial_as_it_was(place: Place, tmp_path: Path) -> None:
    name = number()
    first_of_all, then = made(name, place.release), made(name, place.release, title="Another title")
    for bundle, status in ((first_of_all, "created"), (then, "updated"), (first_of_all, "updated")):
        run = pushed(tmp_path, place.url, "--resume", "--verify", bundles=[bundle])
        arrived(run, place.url, bundle, status=status)


def with_tags(bundle: bytes, *codes: str) -> bytes:
    """The Bundle, its study with these tags."""
    tree = json.loads(bundle)
    tree["entry"][0]["resource"]["meta"]["tag"] = [{"system": "https://trials.test/tags", "code": code} for code in codes]
    return json.dumps(tree, ensure_ascii=False).encode()


@pytest.mark.parametrize("place", REALLY, indirect=True)
def test_26_tags_are_added_and_those_that_a_server_keeps_are_no_difference(place: Place, tmp_path: Path) -> None:
    """HAPI keeps those that are taken away, as FHIR lets it (https://hl7.org/fhir/R4/resource.html#tag-updates); ours have none."""
    bundle = made(number(), place.release)
    pushed(tmp_path, place.url, bundles=[with_tags(bundle, "one", "two")])
    later = with_tags(bundle, "one", "three")
    run = pushed(tmp_path, place.url, "--verify", bundles=[later])
    assert (run.code, run.statuses, run.problems) == (0, ["updated"], [])
    journal_true(run)
    kept = {tag["code"] for tag in as_kept(place.url, later)[0]["meta"]["tag"]}
    assert kept == ({"one", "two", "three"} if place.hapi else {"one", "three"})
    with Proxy(place.url) as proxy:
        again = pushed(tmp_path, proxy.url, "--skip-unchanged", bundles=[later])
    assert (again.code, again.statuses, writes(proxy)) == (0, ["unchanged"], [])
    nothing_doubled(place.url, later)


# 34

Style = Literal["hapi", "medplum"]
HALFWAY = ["memory", "memory-medplum", pytest.param("medplum", marks=pytest.mark.servers)]
AGAIN: list[tuple[str, ...]] = [(), ("--resume", "--skip-unchanged", "--jobs", "3"), ("--strategy", "sequential")]
again_in_every_way = pytest.mark.parametrize("options", AGAIN, ids=[" ".join(options) for options in AGAIN])


@contextmanager
def that_rolls_back_nothing(name: str) -> Iterator[str]:
    """The address of a server that keeps what it had written before an entry of a transaction failed."""
    if name == "medplum":
        with medplum(rollback=False) as real:
            yield real.url
        return
    with MemoryServer(style="medplum" if name == "memory-medplum" else "hapi", atomic=False) as server:
        yield server.url


@pytest.fixture(scope="module")
def without_rollback(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "medplum":
        request.getfixturevalue("medplum")  # skips the test, where it cannot run
    with that_rolls_back_nothing(request.param) as url:
        yield url


class Spoilt(Proxy):
    """The last entry of the first write is one that no server takes."""

    def passed(self, request: Request) -> Answer:
        if request.method == "POST" and not any(one.statuses for one in self.requests if one.method == "POST"):
            tree = json.loads(request.body)
            tree["entry"][-1]["resource"]["resourceType"] = "Location"
            request._body = json.dumps(tree).encode()
        return super().passed(request)


@pytest.mark.parametrize("without_rollback", HALFWAY, indirect=True)
@again_in_every_way
def test_34_where_nothing_is_rolled_back_a_rerun_makes_it_whole(without_rollback: str, options: tuple[str, ...], tmp_path: Path) -> None:
    bundle, other = made(number()), made(number())
    with Spoilt(without_rollback) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle, other])
        assert (run.code, run.statuses) == (1, ["failed", "created"])
        journal_true(run)
        assert copies(proxy.url, bundle) == [1, 1, 0]
        nothing_lost(proxy.url, other)
        half = addresses(proxy.url, bundle)
        again = pushed(tmp_path, proxy.url, "--verify", *options, bundles=[bundle, other])
        arrived(again, proxy.url, bundle, other)
        assert addresses(proxy.url, bundle)[:2] == half


class Halved(Proxy):
    """Of the first writes only what refers to nothing reaches the server behind, and is kept there; then that answer comes."""

    def __init__(self, upstream: str, *answers: Answer):
        super().__init__(upstream)
        self.left = list(answers)

    def passed(self, request: Request) -> Answer:
        if request.method != "POST" or not self.left:
            return super().passed(request)
        tree = json.loads(request.body)
        tree["entry"] = [entry for entry in tree["entry"] if b'"urn:uuid:' not in json.dumps(entry["resource"]).encode()]
        request._body = json.dumps(tree).encode()
        assert super().passed(request).status == 200
        return self.left.pop(0)


HALF = {"reset": lose().change(Answer()), "502": refuse(502).change(Answer())}


@everywhere
@pytest.mark.parametrize("answer", HALF)
def test_34_a_server_that_breaks_off_in_the_middle_is_asked_until_it_is_whole(place: Place, answer: str, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Halved(place.url, HALF[answer], HALF[answer]) as proxy:
        run = pushed(tmp_path, proxy.url, "--verify", bundles=[bundle])
    assert len(writes(proxy)) == 3
    arrived(run, place.url, bundle)


@everywhere
@again_in_every_way
def test_34_where_it_stays_half_that_is_told_and_a_rerun_makes_it_whole(place: Place, options: tuple[str, ...], tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Halved(place.url, *[HALF["502"]] * 8) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert (run.code, run.statuses, len(writes(proxy))) == (5, ["unknown"], 8)
    journal_true(run)
    assert copies(place.url, bundle) == [0, 0, 1]
    again = pushed(tmp_path, place.url, "--verify", *options, bundles=[bundle])
    arrived(again, place.url, bundle)


# 35

@pytest.mark.parametrize("style", ["hapi", "medplum"])
def test_35_where_ids_of_ours_are_refused_the_advice_works(style: Style, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(2)]
    with MemoryServer(style=style, client_ids=False) as server:
        run = pushed(tmp_path, server.url, "--strategy", "put-id", bundles=bundles)
        not_arrived(run, server.url, *bundles, code=1)
        assert "This server gives out ids itself; use --strategy conditional" in run.problems[0]
        assert [one.method for one in server.requests].count("POST") <= len(bundles)
        again = pushed(tmp_path, server.url, "--resume", "--verify", bundles=bundles)
        arrived(again, server.url, *bundles, status="created")


def say_no_ids(tree: Tree) -> Tree:
    for resource in tree["rest"][0]["resource"]:
        resource["updateCreate"] = False
    return tree


@everywhere
def test_35_where_the_server_says_so_beforehand_nothing_is_sent_and_the_advice_works(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    said = Fault("says no", lambda answer: reply(200, say_no_ids(json.loads(answer.content))))
    with Proxy(place.url, lambda request: said if request.path.endswith("/metadata") else None) as proxy:
        run = pushed(tmp_path, proxy.url, "--strategy", "put-id", bundles=[bundle])
        assert (run.code, run.journal, writes(proxy)) == (3, (), [])
        assert [check["advice"] for check in json.loads(run.stdout)["preflight"]["checks"] if check["status"] == "missing"] == ["Use --strategy conditional"] * 3
        assert copies(place.url, bundle) == [0, 0, 0]
        again = pushed(tmp_path, proxy.url, "--verify", bundles=[bundle])
    arrived(again, place.url, bundle, status="created")


REFUSALS = {
    "HAPI": refusal(400, "HAPI-0960: Can not create resource with ID[x], ID must not be supplied on a create (POST) operation"),
    "HAPI, no update as create": refusal(405, "HAPI-0959: Resource Group/x does not exist, and this server does not support client-assigned IDs", "not-supported"),
    "as FHIR has it": refusal(405, "No Group has the id x, and the server does not let clients define ids", "not-supported"),
    "by the name of the switch": refusal(404, "update_create is not enabled for this store", "not-found"),
    "Medplum": reply(404, {"resourceType": "OperationOutcome", "id": "not-found", "issue": [{"severity": "error", "code": "not-found",
                                                                                             "details": {"text": "Not found"}}]}),
}


@pytest.mark.parametrize("whose", REFUSALS)
def test_35_a_refusal_of_ids_is_understood_whoever_says_it(whose: str, tmp_path: Path) -> None:
    bundle = made(number())
    with MemoryServer(fault=lambda request: REFUSALS[whose] if request.method == "POST" else None) as server:
        run = pushed(tmp_path, server.url, "--strategy", "put-id", bundles=[bundle])
        not_arrived(run, server.url, bundle, code=1)
    assert run.problems[0].endswith("This server gives out ids itself; use --strategy conditional")


@pytest.mark.parametrize("place", ["memory", "memory-r5", *REALLY[:2]], indirect=True)
@pytest.mark.parametrize("strategy", ["conditional", "sequential"])
def test_35_of_an_id_of_digits_in_a_bundle_of_others_no_strategy_is_advised(place: Place, strategy: str, tmp_path: Path) -> None:
    """With each of them the Bundle asks for what it asks for; what is to be changed is the Bundle."""
    value, id = number(), number()[3:]
    bundle = transaction(put(study(value, place.release), id))
    run = pushed(tmp_path, place.url, "--strategy", strategy, "--no-validate", bundles=[bundle])
    not_arrived(run, place.url, bundle, code=1)
    assert "HAPI-0960" in run.problems[0]
    assert f"--strategy {strategy}" not in run.problems[0] and "--strategy conditional" not in run.problems[0]


@in_every_way
def test_35_an_id_that_the_server_takes_is_kept(place: Place, strategy: str, tmp_path: Path) -> None:
    value = number()
    ids = f"site-{value}", f"study-{value}"
    bundle = transaction(put(organization(value), ids[0]), put(study(value, place.release, f"Organization/{ids[0]}"), ids[1]))
    run = pushed(tmp_path, place.url, "--strategy", strategy, "--verify", bundles=[bundle])
    arrived(run, place.url, bundle)
    assert addresses(place.url, bundle) == [f"Organization/{ids[0]}", f"ResearchStudy/{ids[1]}"]


@everywhere
def test_35_a_trial_that_is_there_with_an_id_of_the_server_is_not_doubled(place: Place, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    pushed(tmp_path, place.url, bundles=[bundle])
    run = pushed(tmp_path, place.url, "--strategy", "put-id", bundles=[bundle])
    assert (run.code, run.statuses) == (1, ["failed"])
    journal_true(run)
    told = " ".join(run.problems)
    assert [address for address in addresses(place.url, bundle) if address in told] == addresses(place.url, bundle)
    assert "--strategy conditional" in run.problems[0]
    nothing_lost(place.url, bundle)
    nothing_doubled(place.url, bundle)
    again = pushed(tmp_path, place.url, "--skip-unchanged", bundles=[bundle])
    arrived(again, place.url, bundle, status="unchanged")


@everywhere
@pytest.mark.parametrize("status", [403, 500, 503])
def test_35_where_nobody_can_tell_whether_a_trial_is_there_it_is_not_written_with_ids_of_ours(place: Place, status: int, tmp_path: Path) -> None:
    """It is; and the server, which can search, does not just now."""
    bundle = made(number(), place.release)
    pushed(tmp_path, place.url, bundles=[bundle])
    with Proxy(place.url, lambda request: refuse(status) if "_count=" in request.path else None) as proxy:
        run = pushed(tmp_path, proxy.url, "--strategy", "put-id", bundles=[bundle])
    assert writes(proxy) == []
    assert (run.code > 0, run.statuses) == (True, ["failed"])
    journal_true(run)
    nothing_lost(place.url, bundle)
    nothing_doubled(place.url, bundle)


@everywhere
@pytest.mark.parametrize("strategy", ["conditional", "sequential"])
def test_35_a_trial_that_is_there_with_ids_of_ours_stays_there(place: Place, strategy: str, tmp_path: Path) -> None:
    name = number()
    pushed(tmp_path, place.url, "--strategy", "put-id", bundles=[made(name, place.release)])
    later = made(name, place.release, title="Another title")
    before = addresses(place.url, later)
    with Proxy(place.url, first(lose())) as proxy:
        run = pushed(tmp_path, proxy.url, "--strategy", strategy, "--verify", bundles=[later])
    arrived(run, place.url, later, status="updated")
    assert addresses(place.url, later) == before
