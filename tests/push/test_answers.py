"""What a server says of a transaction, in whatever form, and what cannot be believed."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from converter.json_text import encode
from converter.problems import Problem
from mappings.push.addresses import base
from mappings.push.answers import Answer, Written, answer, version_in
from mappings.push.http import Reply
from mappings.push.parcels import Given, Parcel, halves, parcel
from tests.faults import answers as faults
from tests.push.checks import Tree
from tests.push.transactions import create, named, organization, put, study, transaction, update

SERVER = base("https://fhir.example.org/r4")
HAPI = "https://hapifhir.io/fhir/CodeSystem/hapi-fhir-storage-response-code"
UPDATE, CREATE = update(study("A")), create(organization("B"))
CHOSEN, PLAIN = put(named("Group", "C"), "c-1"), {"resource": named("Group", "D"), "request": {"method": "POST", "url": "Group"}}


def sent(*entries: Tree) -> Parcel:
    return parcel(Given(transaction(*entries)))


def reply(*entries: Any, **members: Any) -> Reply:
    tree = {"resourceType": "Bundle", "type": "transaction-response", "entry": list(entries), **members}
    return Reply(200, {}, encode({name: value for name, value in tree.items() if value is not None}))


def said(status: Any = "201", location: Any = None, code: str = "", **members: Any) -> Tree:
    """An entry of an answer, as HAPI writes the code of what it did."""
    outcome = {"outcome": {**faults.outcome("Done", "informational", "information")}} if code else {}
    if code:
        outcome["outcome"]["issue"][0]["details"] = {"coding": [{"system": HAPI, "code": code}]}
    response = {"status": status, "location": location, **outcome, **members}
    return {"response": {name: value for name, value in response.items() if value is not None}}


def of_one(entry: Tree, response: Any) -> Answer:
    return answer(sent(entry), reply(response), SERVER)


STUDY = ("ResearchStudy", "1")
FATES: list[tuple[str, Tree, Tree, Written]] = [
    # what, what was sent, what is answered, what was written
    ("created", UPDATE, said("201", "ResearchStudy/1"), Written(*STUDY, "created")),
    ("updated", UPDATE, said("200", "ResearchStudy/1"), Written(*STUDY, "updated")),
    ("without content", UPDATE, said("204", "ResearchStudy/1"), Written(*STUDY, "updated")),
    ("status with words", UPDATE, said("201 Created", "ResearchStudy/1"), Written(*STUDY, "created")),
    ("status with other words", UPDATE, said("200 As you wish", "ResearchStudy/1"), Written(*STUDY, "updated")),
    ("status as a number", UPDATE, said(201, "ResearchStudy/1"), Written(*STUDY, "created")),
    ("created, by HAPI", UPDATE, said("201 Created", "ResearchStudy/1/_history/1", "SUCCESSFUL_UPDATE_NO_CONDITIONAL_MATCH"), Written(*STUDY, "created", "1")),
    ("updated, by HAPI", UPDATE, said("200 OK", "ResearchStudy/1/_history/2", "SUCCESSFUL_UPDATE_WITH_CONDITIONAL_MATCH"), Written(*STUDY, "updated", "2")),
    ("unchanged, by HAPI", UPDATE, said("200 OK", "ResearchStudy/1/_history/1", "SUCCESSFUL_UPDATE_WITH_CONDITIONAL_MATCH_NO_CHANGE"), Written(*STUDY, "unchanged", "1")),
    ("under our id, updated by HAPI", CHOSEN, said("200 OK", "Group/c-1/_history/2", "SUCCESSFUL_UPDATE"), Written("Group", "c-1", "updated", "2")),
    ("under our id, unchanged by HAPI", CHOSEN, said("200 OK", "Group/c-1/_history/1", "SUCCESSFUL_UPDATE_NO_CHANGE"), Written("Group", "c-1", "unchanged", "1")),
    ("a conditional create that created", CREATE, said("201", "Organization/7"), Written("Organization", "7", "created")),
    ("a conditional create that found one", CREATE, said("200", "Organization/7"), Written("Organization", "7", "unchanged")),
    ("the same, by HAPI", CREATE, said("200 OK", "Organization/7/_history/3", "SUCCESSFUL_CREATE_WITH_CONDITIONAL_MATCH"), Written("Organization", "7", "unchanged", "3")),
    ("a plain create", PLAIN, said("201", "Group/9"), Written("Group", "9", "created")),
    # where it is
    ("with a version", UPDATE, said("201", "ResearchStudy/1/_history/4"), Written(*STUDY, "created", "4")),
    ("absolute", UPDATE, said("201", "https://fhir.example.org/r4/ResearchStudy/1"), Written(*STUDY, "created")),
    ("absolute with a version", UPDATE, said("201", "https://fhir.example.org:443/r4/ResearchStudy/1/_history/4"), Written(*STUDY, "created", "4")),
    ("with a slash", UPDATE, said("201", "/ResearchStudy/1"), Written(*STUDY, "created")),
    ("in the resource alone", UPDATE, {**said("201"), "resource": {"resourceType": "ResearchStudy", "id": "1"}}, Written(*STUDY, "created")),
    ("in both", UPDATE, {**said("201", "ResearchStudy/1"), "resource": {"resourceType": "ResearchStudy", "id": "2"}}, Written(*STUDY, "created")),
    ("nowhere, where the id is ours", CHOSEN, said("200"), Written("Group", "c-1", "updated")),
    # its version
    ("the version of a weak ETag", UPDATE, said("201", "ResearchStudy/1", etag='W/"3"'), Written(*STUDY, "created", "3")),
    ("of a strong one", UPDATE, said("201", "ResearchStudy/1", etag='"3"'), Written(*STUDY, "created", "3")),
    ("of a bare one", UPDATE, said("201", "ResearchStudy/1", etag="3"), Written(*STUDY, "created", "3")),
    ("that of the location counts", UPDATE, said("201", "ResearchStudy/1/_history/4", etag='W/"3"'), Written(*STUDY, "created", "4")),
    *((f"none of {etag!r}", UPDATE, said("201", "ResearchStudy/1", etag=etag), Written(*STUDY, "created")) for etag in ("", 'W/""', 3, ["3"], "\x1b[2J", 'W/"a b"', "a\nb", "../3")),
    # the rest of what is said
    ("an outcome that is none", UPDATE, said("200", "ResearchStudy/1", outcome="NO"), Written(*STUDY, "updated")),
    ("more members", UPDATE, {**said("201", "ResearchStudy/1", lastModified="2026-11-26T12:00:00Z"), "fullUrl": "x", "link": []}, Written(*STUDY, "created")),
]


@pytest.mark.parametrize(("entry", "response", "written"), [case[1:] for case in FATES], ids=[case[0] for case in FATES])
def test_what_was_done_is_understood_however_it_is_said(entry: Tree, response: Tree, written: Written) -> None:
    assert of_one(entry, response) == Answer((written,))


def test_an_answer_is_that_of_each_entry_in_their_order() -> None:
    found = answer(sent(UPDATE, CREATE, CHOSEN, PLAIN), reply(
        said("201", "ResearchStudy/1"), said("200", "Organization/7"), said("200", "Group/c-1"), said("201", "Group/9"), type="batch-response", link=[], total=4), SERVER)
    assert found == Answer((Written("ResearchStudy", "1", "created"), Written("Organization", "7", "unchanged"), Written("Group", "c-1", "updated"),
                            Written("Group", "9", "created")))


@pytest.mark.parametrize(("written", "location"), [
    (Written("Group", "1", "created"), "Group/1"), (Written("Group", "1", "created", "2"), "Group/1/_history/2"), (Written("Group", "1", "created", ""), "Group/1")])
def test_a_location_is_relative_to_the_base(written: Written, location: str) -> None:
    assert written.location == location


@pytest.mark.parametrize(("etag", "version"), [
    ('W/"1"', "1"), ('"1"', "1"), ("1", "1"), ('W/"0a-B.9"', "0a-B.9"), ('w/"1"', None), ('W/"1" ', None), (f'"{"a" * 64}"', "a" * 64), (f'"{"a" * 65}"', None), (None, None), (1, None),
    ("*", None), ('"1","2"', None)])
def test_a_version_is_that_of_an_etag(etag: Any, version: str | None) -> None:
    assert version_in(etag) == version


# What cannot be believed

def nowhere(where: str, path: str = "Bundle.entry[0]", kind: str = "ResearchStudy") -> str:
    return f"the server gave {where} for {path}; expected {kind}/ and an id at its own address"


NOT_HERE: list[tuple[str, Tree, Any, str]] = [
    # what, what was sent, what is answered, what is said
    ("no location", UPDATE, said("201"), nowhere("no location")),
    ("another server", UPDATE, said("201", "https://elsewhere.test/r4/ResearchStudy/1"), nowhere("https://elsewhere.test/r4/ResearchStudy/1")),
    ("another scheme", UPDATE, said("201", "http://fhir.example.org/r4/ResearchStudy/1"), nowhere("http://fhir.example.org/r4/ResearchStudy/1")),
    ("another type", UPDATE, said("201", "Group/1"), nowhere("Group/1")),
    ("another id than ours", CHOSEN, said("201", "Group/c-2"), nowhere("Group/c-2", kind="Group")),
    ("an id that is none", UPDATE, said("201", "ResearchStudy/a b"), nowhere("ResearchStudy/a b")),
    ("no id", UPDATE, said("201", "ResearchStudy"), nowhere("ResearchStudy")),
    ("an empty location", UPDATE, said("201", ""), nowhere("")),
    ("an operation", UPDATE, said("201", "ResearchStudy/1/$everything"), nowhere("ResearchStudy/1/$everything")),
    ("up the tree", UPDATE, said("201", "../ResearchStudy/1"), nowhere("../ResearchStudy/1")),
    ("no text", UPDATE, said("201", 5), nowhere("5")),
    ("what a terminal obeys", UPDATE, said("201", "\x1b[2JGroup/1"), nowhere("Group/1")),
    ("another type in the resource", UPDATE, {**said("201"), "resource": {"resourceType": "Group", "id": "1"}}, nowhere("no location")),
    ("no id in the resource", UPDATE, {**said("201"), "resource": {"resourceType": "ResearchStudy"}}, nowhere("no location")),
    ("an id in the resource that is none", UPDATE, {**said("201"), "resource": {"resourceType": "ResearchStudy", "id": "../../admin"}}, nowhere("no location")),
    ("a resource that is none", UPDATE, {**said("201"), "resource": "ResearchStudy/1"}, nowhere("no location")),
    ("another id in the resource than ours", CHOSEN, {**said("201"), "resource": {"resourceType": "Group", "id": "c-2"}}, nowhere("no location", kind="Group")),
]


@pytest.mark.parametrize(("entry", "response", "doubt"), [case[1:] for case in NOT_HERE], ids=[case[0] for case in NOT_HERE])
def test_a_place_that_cannot_be_meant_is_doubted(entry: Tree, response: Any, doubt: str) -> None:
    assert of_one(entry, response) == Answer(doubt=doubt)


A, B = said("201", "ResearchStudy/1"), said("201", "Organization/7")
TWO = sent(UPDATE, CREATE)
NO_BUNDLE = "the server answered 200 with {}; expected a Bundle"
DOUBTS: list[tuple[str, Reply, str]] = [
    # what, the answer to two entries, what is said
    ("nothing", Reply(200, {}, b""), NO_BUNDLE.format("an empty answer")),
    ("blanks", Reply(200, {}, b" \n"), NO_BUNDLE.format("an empty answer")),
    ("a page", Reply(200, {}, b"<html>Login</html>"), NO_BUNDLE.format("no FHIR")),
    ("half a Bundle", Reply(200, {}, reply(A, B).body[:-3]), NO_BUNDLE.format("no FHIR")),
    ("a list", Reply(200, {}, b"[]"), NO_BUNDLE.format("no FHIR")),
    ("lists in lists", Reply(200, {}, faults.deep().content), NO_BUNDLE.format("no FHIR")),
    ("an outcome", Reply(200, {}, encode(faults.outcome("Done"))), NO_BUNDLE.format("OperationOutcome")),
    ("a type that a terminal obeys", Reply(200, {}, encode({"resourceType": "\x1b[2JGroup"})), NO_BUNDLE.format("Group")),
    ("another status", Reply(201, {}, b""), NO_BUNDLE.format("an empty answer").replace("200", "201")),
    ("a search", reply(A, B, type="searchset"), "the server answered with a Bundle of type searchset; expected transaction-response"),
    ("what was sent", reply(A, B, type="transaction"), "the server answered with a Bundle of type transaction; expected transaction-response"),
    ("no type", reply(A, B, type=None), "the server answered with a Bundle of type None; expected transaction-response"),
    ("a type that a terminal obeys", reply(A, B, type="\x1b[2Jx"), "the server answered with a Bundle of type x; expected transaction-response"),
    ("fewer", reply(A), "the server answered for 1 of 2 entries"),
    ("none", reply(), "the server answered for 0 of 2 entries"),
    ("no list", reply(entry=None), "the server answered for 0 of 2 entries"),
    ("an object for the list", reply(entry={"0": A}), "the server answered for 0 of 2 entries"),
    ("more", reply(A, B, B), "the server answered for 3 entries, and 2 were sent"),
    ("more, one failed", reply(A, B, said("400")), "the server answered for 3 entries, and 2 were sent"),
    ("in another order", reply(B, A), nowhere("Organization/7")),
    ("the second is elsewhere", reply(A, said("201", "Group/1")), nowhere("Group/1", "Bundle.entry[1]", "Organization")),
]


@pytest.mark.parametrize(("found", "doubt"), [case[1:] for case in DOUBTS], ids=[case[0] for case in DOUBTS])
def test_an_answer_that_does_not_fit_is_doubted(found: Reply, doubt: str) -> None:
    assert answer(TWO, found, SERVER) == Answer(doubt=doubt)


UNTOLD: list[tuple[str, Any]] = [
    ("no status", said(None, "ResearchStudy/1")),
    ("a status that is none", said("Created", "ResearchStudy/1")),
    ("a longer number", said("2001", "ResearchStudy/1")),
    ("other digits", said("\u0662\u0660\u0661", "ResearchStudy/1")),
    ("no response", {"resource": {"resourceType": "ResearchStudy", "id": "1"}}),
    ("a response that is none", {"response": "201"}),
    ("no object", None),
    ("a number", 201),
]


@pytest.mark.parametrize("untold", [case[1] for case in UNTOLD], ids=[case[0] for case in UNTOLD])
def test_an_entry_of_which_no_status_is_told_may_have_been_written(untold: Any) -> None:
    for number, responses in enumerate([(untold, B), (A, untold)]):
        found = answer(TWO, reply(*responses), SERVER)
        assert (found.written, found.problems) == ((), ())
        assert f"Bundle.entry[{number}]" in found.doubt


# What failed

def failed(number: int, status: int, kind: str, words: str) -> Problem:
    return Problem(f"Bundle.entry[{number}]", f"the server answered {status} for the {kind} inside a success: {words}")


def refused(status: Any, *words: str) -> Tree:
    outcome = {"outcome": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing", "diagnostics": one} for one in words]}} if words else {}
    return {"response": {"status": status, **outcome}}


FAILED: list[tuple[str, list[Any], Answer]] = [
    # what, what is answered, what it means
    ("one of two", [A, refused("400 Bad Request", "No such code")], Answer(problems=(failed(1, 400, "Organization", "No such code"),), others=True)),
    ("both", [refused("422", "a", "b"), refused("404")], Answer(problems=(failed(0, 422, "ResearchStudy", "a; b"), failed(1, 404, "Organization", "without a reason")))),
    ("a status as a number", [A, refused(412)], Answer(problems=(failed(1, 412, "Organization", "without a reason"),), others=True)),
    ("words that a terminal obeys", [A, refused("400", "\x1b[31mno\x1b[0m")], Answer(problems=(failed(1, 400, "Organization", "no"),), others=True)),
    ("a redirect", [A, refused("301")], Answer(problems=(failed(1, 301, "Organization", "without a reason"),), others=True)),
    ("something that is done later", [A, refused("202")], Answer(problems=(failed(1, 202, "Organization", "without a reason"),), others=True)),
    ("no time for one", [A, refused("429")], Answer(problems=(failed(1, 429, "Organization", "without a reason"),), others=True, busy=True)),
    ("no time for both", [refused("503"), refused("429")], Answer(problems=(failed(0, 503, "ResearchStudy", "without a reason"), failed(1, 429, "Organization", "without a reason")), busy=True)),
    ("no time for one, and another failed", [refused("503"), refused("400")], Answer(problems=(failed(0, 503, "ResearchStudy", "without a reason"), failed(1, 400, "Organization", "without a reason")))),
    ("an outcome that is none", [A, {"response": {"status": "400", "outcome": {"resourceType": "Group"}}}], Answer(problems=(failed(1, 400, "Organization", "without a reason"),), others=True)),
    ("one of one", [refused("400")], Answer(problems=(failed(0, 400, "ResearchStudy", "without a reason"),))),
]


@pytest.mark.parametrize("type", ["transaction-response", "batch-response"])
@pytest.mark.parametrize(("responses", "found"), [case[1:] for case in FAILED], ids=[case[0] for case in FAILED])
def test_a_success_may_hold_failures(responses: list[Any], found: Answer, type: str) -> None:
    first = int(found.problems[0].message.removeprefix("the server answered ")[:3])
    assert answer(TWO, reply(*responses, type=type), SERVER) == replace(found, status=first)


def test_in_a_part_of_a_bundle_entries_are_told_by_their_places_in_the_whole() -> None:
    parts = halves(sent(UPDATE, update(named("Group", "G")), CREATE))
    assert parts is not None
    second = parts[1]
    numbers = [entry.number for entry in second.entries]
    assert 0 not in numbers
    found = answer(second, reply(*(refused("400") for _ in numbers)), SERVER)
    assert [problem.path for problem in found.problems] == [f"Bundle.entry[{number}]" for number in numbers]
    doubted = answer(second, reply(*(said("201") for _ in numbers)), SERVER)
    assert doubted == Answer(doubt=nowhere("no location", f"Bundle.entry[{numbers[0]}]", second.entries[0].kind))
