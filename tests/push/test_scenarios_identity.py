"""A resource is known by its identifier: where a server finds several, or cannot look for one, nothing is written to the wrong place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from msgspec.structs import replace

from converter.convert import write
from converter.trial import Intervention, Trial
from mappings.identity import SID
from tests.faults.answers import Answer
from tests.faults.memory import Memory, MemoryServer
from tests.faults.proxy import Proxy
from tests.faults.scripted import Request
from tests.push.checks import (
    ALL_PLACES,
    PLACES,
    TYPES,
    Place,
    Run,
    Tree,
    arrived,
    asked,
    copies,
    entries,
    given,
    journal_true,
    made,
    nothing_doubled,
    nothing_lost,
    number,
    out_of_the_way,
    pushed,
    versions,
)

everywhere = pytest.mark.parametrize("place", PLACES, indirect=True)
everywhere_and_more = pytest.mark.parametrize("place", ALL_PLACES, indirect=True)
STRATEGIES = ("conditional", "put-id", "sequential")


def of(kind: str, bundle: bytes) -> Tree:
    """The resource of that type."""
    return next(resource for _, resource in entries(bundle) if resource["resourceType"] == kind)


def with_organization(bundle: bytes, name: str) -> tuple[bytes, Tree]:
    """The Bundle with an Organization that is created where there is none of its identifier; and that Organization."""
    tree = json.loads(bundle)
    organization = {"resourceType": "Organization", "identifier": [{"system": f"{SID}tests", "value": name}], "name": name}
    tree["entry"].append({"fullUrl": "urn:uuid:5f1b3c1e-58a7-4c8e-9d55-6f4b1f0e7a11", "resource": organization, "request": {
        "method": "POST", "url": "Organization", "ifNoneExist": f"identifier={quote(f'{SID}tests|', safe='')}{name}"}})
    return json.dumps(tree, ensure_ascii=False).encode(), organization


# 10

@everywhere_and_more
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_10_a_condition_that_finds_several_is_told_with_what_it_finds(place: Place, strategy: str, tmp_path: Path) -> None:
    bundle, other = made(number(), place.release), made(number(), place.release)
    group = of("Group", bundle)
    one, two = given(place.url, group, group)
    run = pushed(tmp_path, place.url, "--strategy", strategy, bundles=[bundle, other])
    assert (run.code, run.statuses[0]) == (1, "failed")
    assert run.outcomes[0].get("attempts", 0) <= 1
    told = unquote(" ".join(run.problems))
    assert one in told and two in told
    if strategy != "put-id":
        assert f"Group?identifier={SID}eligibility|{group['identifier'][0]['value']} finds {one}, {two}" in told
    journal_true(run)
    if strategy != "sequential":  # which has written the Plan by then
        assert copies(place.url, bundle) == [2 if resource["resourceType"] == "Group" else 0 for _, resource in entries(bundle)]
    nothing_lost(place.url, other)
    nothing_doubled(place.url, other)
    for twin in (one, two)[strategy != "put-id":]:  # an id that is not ours is in the way of one that is
        out_of_the_way(place.url, twin)
    again = pushed(tmp_path, place.url, "--strategy", strategy, "--verify", bundles=[bundle, other])
    arrived(again, place.url, bundle, other)


@everywhere_and_more
def test_10_a_conditional_create_that_finds_several_is_told_with_what_it_finds(place: Place, tmp_path: Path) -> None:
    name = number()
    bundle, organization = with_organization(made(number(), place.release), name)
    one, two = given(place.url, organization, organization)
    before = [asked(place.url, "GET", address).json() for address in (one, two)]
    run = pushed(tmp_path, place.url, bundles=[bundle])
    assert (run.code, run.statuses, run.outcomes[0]["attempts"]) == (1, ["failed"], 1)
    assert f"Organization?identifier={SID}tests|{name} finds {one}, {two}" in unquote(" ".join(run.problems))
    journal_true(run)
    assert copies(place.url, bundle) == [0, 0, 0, 2]
    out_of_the_way(place.url, two)
    again = pushed(tmp_path, place.url, bundles=[bundle])
    arrived(again, place.url, bundle, status="created")
    assert asked(place.url, "GET", one).json() == before[0]


# 11

class Heedless(Proxy):
    """The server behind looks for no identifier, and says nothing of it."""

    def forwarded(self, request: Request) -> Answer:
        if request.method == "GET":
            request.path = re.sub(r"(?<=[?&])identifier=[^&]*&?", "", request.path)
        return super().forwarded(request)


@contextmanager
def heedless(place: Place) -> Iterator[str]:
    """The address of a server that passes identifiers over: in memory one that also does so where it writes."""
    if place.in_memory:
        with MemoryServer(identifiers=False) as server:
            yield server.url
    else:
        with Heedless(place.url) as proxy:
            yield proxy.url


@everywhere
@pytest.mark.parametrize("strategy", ["conditional", "sequential"])
def test_11_a_server_that_passes_identifiers_over_is_refused_with_advice_that_works(place: Place, strategy: str, tmp_path: Path) -> None:
    somebody_s, bundle = made(number(), place.release), made(number(), place.release)
    with heedless(place) as url:
        there = url if place.in_memory else place.url  # through the proxy, whatever others have left would be found
        given(url, *({**resource, "id": "x"} for resource in unlinked(somebody_s)))
        before = versions(there, somebody_s)
        run = pushed(tmp_path, url, "--strategy", strategy, bundles=[bundle])
        assert (run.code, run.journal) == (3, ())
        assert "an identifier that nobody has" in run.stdout and "use --strategy put-id" in run.stdout
        assert copies(there, bundle) == [0] * 3
        again = pushed(tmp_path, url, "--strategy", "put-id", "--verify", bundles=[bundle])
        arrived(again, there, bundle, status="created" if place.hapi else "updated")
        assert versions(there, somebody_s) == before


def unlinked(bundle: bytes) -> Iterator[Tree]:
    """The resources without references to others, so that each can be kept by itself."""
    for kind in TYPES:
        kept = of(kind, bundle)
        yield {name: kept[name] for name in ("resourceType", "identifier", "status", "title", "type", "actual", "membership") if name in kept}


def say_identifier(statement: Tree) -> Tree:
    """The statement of a server that names a search parameter which it does not have."""
    for resource in statement["rest"][0]["resource"]:
        resource["searchParam"] = [{"name": "identifier", "type": "token"}]
    return statement


def say_nothing(statement: Tree) -> Tree:
    """The statement of a server that names no search parameter at all."""
    for resource in statement["rest"][0]["resource"]:
        del resource["searchParam"]
    return statement


def all_is_told(run: Run, url: str, *bundles: bytes) -> None:
    """What is told to be on the server is there, and what is told not to be is not, but for what it is told to have."""
    assert run.code in (1, 3) if run.outcomes else run.code == 3
    journal_true(run)
    for outcome in run.outcomes:
        bundle, there = bundles[outcome["index"]], [where.partition("/")[0] for where in outcome.get("locations", ())]
        assert copies(url, bundle) == [there.count(resource["resourceType"]) for _, resource in entries(bundle)]
        if outcome["status"] not in ("failed", "unknown"):
            nothing_lost(url, bundle)


@pytest.mark.parametrize("says", [None, say_nothing, say_identifier], ids=["says so", "says nothing", "says the contrary"])
@pytest.mark.parametrize("options", [("--jobs", "1"), ("--jobs", "3"), ("--strategy", "sequential")], ids=" ".join)
def test_11_a_server_that_passes_identifiers_over_is_found_out_even_while_it_is_empty(
        says: Callable[[Tree], Tree] | None, options: tuple[str, str], tmp_path: Path) -> None:
    """As long as it has nothing, a search for what nobody has finds nothing; the second trial would be written over the first."""
    bundles = [made(number()) for _ in range(3)]
    with MemoryServer(identifiers=False, statement=says) as server:
        run = pushed(tmp_path, server.url, *options, bundles=bundles)
        all_is_told(run, server.url, *bundles)


def test_11_a_server_that_writes_over_what_its_search_does_not_find_is_found_out(tmp_path: Path) -> None:
    """It searches by identifier, and passes it over in conditional updates: two trials have one place."""
    bundles = [made(number()) for _ in range(2)]
    with MemoryServer() as server:
        server.memory.place = anywhere(server.memory)  # type: ignore[method-assign]
        run = pushed(tmp_path, server.url, bundles=bundles)
    assert run.statuses == ["created", "failed"], run.problems
    assert run.code == 1
    assert of("ResearchStudy", bundles[0])["identifier"][0]["value"] in run.problems[0]


def anywhere(memory: Memory) -> Any:
    """Conditional writes go to the first resource of their type."""
    place = memory.place

    def first(method: str, url: str, none_exist: str) -> Any:
        found, there = place(method, url, none_exist), memory.all(url.partition("?")[0])
        return replace(found, id=there[0]["id"], condition="", found=True) if found.condition and there else found

    return first


# 12

SPECIAL = "+&|,$\\#%é /?=\"漢"
"""What means something in an address, in a search or in JSON, and what is not ASCII."""
MORE = ";:'<>~*()@!^`{}[]\u00a0"


def known_as(identifier: str, release: str) -> bytes:
    """The Bundle of a trial with that number."""
    return write(Trial(id=identifier, title=f"A trial of {identifier}", study_type="Interventional", status="Recruiting",
                       interventions=(Intervention(kind="Drug", name="Placebo"),)), release)


def identifiers(special: str, place: Place) -> list[str]:
    """Numbers that differ in one character; the first is what is left of others when a comma parts them."""
    begin, special = f"X-{number()}", special if place.hapi or place.in_memory else special.replace("|", "")
    return [begin, *(f"{begin}{one}x" for one in special), f"{begin}%2Bx", f"{begin}\\,x", f"{begin}{special}{MORE}x"]


@everywhere
def test_12_identifiers_with_any_characters_are_found_again(place: Place, tmp_path: Path) -> None:
    bundles = [known_as(one, place.release) for one in identifiers(SPECIAL, place)]
    run = pushed(tmp_path, place.url, "--verify", bundles=bundles)
    assert (run.statuses, run.problems) == (["created"] * len(bundles), [])
    arrived(run, place.url, *bundles)
    again = pushed(tmp_path, place.url, bundles=bundles)
    arrived(again, place.url, *bundles, status="unchanged" if place.hapi else "updated")
    before = [versions(place.url, bundle) for bundle in bundles]
    looked = pushed(tmp_path, place.url, "--skip-unchanged", bundles=bundles)
    arrived(looked, place.url, *bundles, status="unchanged")
    assert [versions(place.url, bundle) for bundle in bundles] == before


@everywhere
@pytest.mark.parametrize("strategy", ["put-id", "sequential"])
def test_12_so_they_are_in_the_other_strategies(place: Place, strategy: str, tmp_path: Path) -> None:
    bundles = [known_as(one, place.release) for one in identifiers("+&|,$\\#%é ", place)]
    run = pushed(tmp_path, place.url, "--strategy", strategy, "--verify", bundles=bundles)
    arrived(run, place.url, *bundles, status="updated" if strategy == "put-id" and not place.hapi else "created")
    again = pushed(tmp_path, place.url, "--strategy", strategy, "--skip-unchanged", bundles=bundles)
    arrived(again, place.url, *bundles, status="unchanged")


@everywhere
def test_12_so_they_are_in_conditions_of_others(place: Place, tmp_path: Path) -> None:
    """An Organization whose identifier has all of it is found, and not created a second time."""
    value = f"{number()}+&,$\\#%é x{'|' if place.hapi or place.in_memory else ''}"
    escaped = re.sub(r"([\\,$|])", r"\\\1", value)
    bundle, organization = with_organization(made(number(), place.release), "".join(f"%{byte:02X}" for byte in escaped.encode()))
    bundle = bundle.replace(json.dumps(organization["name"]).encode(), json.dumps(value).encode())
    run = pushed(tmp_path, place.url, bundles=[bundle])
    arrived(run, place.url, bundle, status="created")
    again = pushed(tmp_path, place.url, bundles=[bundle])
    arrived(again, place.url, bundle, status="unchanged" if place.hapi else "updated")


def misread_bars(memory: Memory) -> None:
    """Searches as Medplum's router does: of a value with a bar in it, what stands before the bar."""
    condition = memory.condition
    memory.condition = lambda query: condition(re.sub("%5C%7C[^&]*", "", query))  # type: ignore[method-assign]


@pytest.mark.parametrize("place", ["memory-medplum", pytest.param("medplum", marks=pytest.mark.servers)], indirect=True)
@pytest.mark.parametrize("strategy", ["conditional", "sequential"])
def test_12_where_a_server_finds_another_identifier_nothing_is_written_over(place: Place, strategy: str, tmp_path: Path) -> None:
    begin = f"X-{number()}"
    bundles = [known_as(one, place.release) for one in (begin, f"{begin}|x")]
    if place.in_memory:
        misread_bars(place.in_memory)
    run = pushed(tmp_path, place.url, "--strategy", strategy, bundles=bundles)
    nothing_lost(place.url, bundles[0])
    assert (run.code, run.statuses) == (1, ["created", "failed"])
    assert "--strategy put-id" in " ".join(run.problems)
    for _ in range(2):
        again = pushed(tmp_path, place.url, "--strategy", "put-id", "--verify", bundles=bundles[1:])
        arrived(again, place.url, *bundles[1:], status="updated")
    nothing_lost(place.url, *bundles)


@everywhere
def test_12_a_narrative_that_a_server_writes_otherwise_is_the_same(place: Place, tmp_path: Path) -> None:
    """HAPI writes 😀 as &#x1F600; in XHTML, quotes as &quot; and empty elements in the short form."""
    tree = json.loads(made(number(), place.release, title="A trial of 😀 and 𝒜"))
    group = of("Group", json.dumps(tree).encode())
    text = '<div xmlns="http://www.w3.org/1999/xhtml"><p title=\'a "b"\'>"😀"<br></br>&#233;</p></div>'
    group["text"] = {"status": "additional", "div": text}
    tree["entry"] = [{**entry, "resource": group if entry["resource"]["resourceType"] == "Group" else entry["resource"]} for entry in tree["entry"]]
    bundle = json.dumps(tree, ensure_ascii=False).encode()
    run = pushed(tmp_path, place.url, "--verify", bundles=[bundle])
    assert run.problems == []
    arrived(run, place.url, bundle, status="created")
    looked = pushed(tmp_path, place.url, "--skip-unchanged", bundles=[bundle])
    arrived(looked, place.url, bundle, status="unchanged")
