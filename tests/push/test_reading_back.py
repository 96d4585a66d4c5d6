"""What a server is found to have of a Bundle, and which of its answers cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import quote

import pytest

from converter.json_text import encode
from converter.problems import Problem
from mappings.push.addresses import base
from mappings.push.answers import Written
from mappings.push.client import Client
from mappings.push.http import Reply
from mappings.push.parcels import Given, Parcel, parcel
from mappings.push.reading_back import Look, NotRead, found, has, ids, looked_up, matches, read_back, resource_at, version_of
from tests.faults.answers import outcome
from tests.push.checks import Tree
from tests.push.transactions import SYSTEM, condition, create, named, organization, put, study, transaction, update, urn


class There:
    """A server that has these resources, or gives these answers to these paths."""

    def __init__(self, *resources: Tree, answers: Mapping[str, Reply] | None = None):
        self.base = base("https://fhir.example.org/r4")
        self.resources, self.answers = resources, answers or {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    def ask(self, method: str, path: str = "", body: bytes | None = None, headers: Mapping[str, str] | None = None, until: float | None = None) -> Reply:
        self.asked.append((method, path, dict(headers or {})))
        assert body is None
        if path in self.answers:
            return self.answers[path]
        kind, mark, query = path.partition("?")
        if mark:
            return answered(searchset(*(one for one in self.resources if one["resourceType"] == kind and query == f"{condition(one)}&_count=10")))
        for one in self.resources:
            if path == f"{one['resourceType']}/{one['id']}":
                return answered(one)
        return Reply(404, {}, encode(outcome("nothing is known of it")))


def answered(tree: Any, status: int = 200) -> Reply:
    return Reply(status, {}, encode(tree))


def searchset(*resources: Any, **members: Any) -> Tree:
    return {"resourceType": "Bundle", "type": "searchset", "total": len(resources), "entry": [{"resource": one} for one in resources], **members}


def client(there: There) -> Client:
    return cast(Client, there)


def kept(resource: Tree, id: str = "1", version: str = "1") -> Tree:
    return {**resource, "id": id, "meta": {"versionId": version}}


GROUP = named("Group", "g")
SEARCH = f"Group?{condition(GROUP)}"
ASKED = f"{SEARCH}&_count=10"
IN_WORDS = f"Group?identifier={SYSTEM}|g"


# Searches

def test_a_search_is_asked_anew_and_for_a_few() -> None:
    there = There(kept(GROUP))
    assert matches(client(there), SEARCH) == [kept(GROUP)]
    assert there.asked == [("GET", ASKED, {"Cache-Control": "no-cache"})]


FINDS: list[tuple[str, Tree, list[str]]] = [
    # what, the answer, the ids of what is found
    ("nothing", searchset(), []),
    ("nothing, without a list", {"resourceType": "Bundle", "type": "searchset", "total": 0}, []),
    ("one", searchset(kept(GROUP)), ["1"]),
    ("two", searchset(kept(GROUP), kept(GROUP, "2")), ["1", "2"]),
    ("an outcome beside it", searchset(kept(GROUP), outcome("a warning", severity="warning")), ["1"]),
    ("another type", searchset({**kept(GROUP), "resourceType": "Patient"}), []),
    ("no id", searchset(GROUP), []),
    ("an id that is none", searchset(kept(GROUP, "\x1b[2J"), kept(GROUP, "../1"), {**GROUP, "id": 1}), []),
    ("no resources", searchset(None, 1, "Group/1", []), []),
    ("no entries", searchset(entry=[None, 1, "x", {}, {"fullUrl": "x"}]), []),
    ("an object for the list", searchset(entry={"0": {"resource": kept(GROUP)}}), []),
    ("a total that is none", searchset(kept(GROUP), total="many"), ["1"]),
]


@pytest.mark.parametrize(("tree", "found"), [case[1:] for case in FINDS], ids=[case[0] for case in FINDS])
def test_what_a_search_finds(tree: Tree, found: list[str]) -> None:
    assert [one["id"] for one in matches(client(There(answers={ASKED: answered(tree)})), SEARCH)] == found


USELESS: list[tuple[str, Reply, str]] = [
    # what, the answer, what is said
    ("an error", answered(outcome("no such parameter"), 400), "the server answered 400 (no such parameter)"),
    ("not allowed", Reply(403, {}, b""), "the server answered 403"),
    ("not there", answered(outcome("no such type"), 404), "the server answered 404 (no such type)"),
    ("a page", Reply(200, {"content-type": "text/html"}, b"<html><title>Login</title></html>"), "the server answered 200 (an HTML page, 'Login')"),
    ("nothing", Reply(200, {}, b""), "the server answered 200"),
    ("an outcome", answered(outcome("no")), "the server answered 200 (no)"),
    ("a resource", answered(kept(GROUP)), "the server answered 200"),
    ("a redirect", Reply(302, {"location": "https://elsewhere.test/?token=x"}, b""), "the server answered 302 (a redirect to https://elsewhere.test/)"),
    ("words that a terminal obeys", answered(outcome("\x1b[2Jno"), 400), "the server answered 400 (no)"),
]


@pytest.mark.parametrize(("reply", "said"), [case[1:] for case in USELESS], ids=[case[0] for case in USELESS])
def test_an_answer_that_is_no_search_is_not_taken_for_an_empty_one(reply: Reply, said: str) -> None:
    with pytest.raises(NotRead) as end:
        matches(client(There(answers={ASKED: reply})), SEARCH)
    assert (str(end.value), end.value.passed_over) == (f"could not look up {IN_WORDS}: {said}", False)


def test_a_server_that_gives_what_was_not_asked_for_is_found_out() -> None:
    other = kept(named("Group", "of somebody else"), "9")
    with pytest.raises(NotRead) as end:
        matches(client(There(answers={ASKED: answered(searchset(kept(GROUP), other))})), SEARCH)
    assert str(end.value) == (f"could not look up {IN_WORDS}: the server gave Group/9, which does not have that identifier: it passes it over, or misreads it. "
                              "Use --strategy put-id")
    assert end.value.passed_over


def identified(*identifiers: Any) -> Tree:
    return {"resourceType": "Group", "identifier": list(identifiers)}


HAVING: list[tuple[Tree, str, bool]] = [
    # the resource, what is asked for, whether it has it
    (identified({"system": "s", "value": "v"}), "identifier=s%7Cv", True),
    (identified({"system": "s", "value": "v"}), "identifier=s|v", True),
    (identified({"system": "t", "value": "u"}, {"system": "s", "value": "v"}), "identifier=s%7Cv", True),
    (identified({"system": "s", "value": "V"}), "identifier=s%7Cv", True),
    (identified({"system": "s", "value": "w"}), "identifier=s%7Cv", False),
    (identified({"system": "t", "value": "v"}), "identifier=s%7Cv", False),
    (identified({"value": "v"}), "identifier=s%7Cv", False),
    (identified({"system": "s"}), "identifier=s%7Cv", False),
    (identified({"system": "s", "value": "v"}), "identifier=v", True),
    (identified({"value": "v"}), "identifier=%7Cv", True),
    (identified({"system": "s", "value": "v"}), "identifier=%7Cv", False),
    (identified(), "identifier=s%7Cv", False),
    (identified(None, 1, "s|v", []), "identifier=s%7Cv", False),
    ({"resourceType": "Group"}, "identifier=s%7Cv", False),
    ({"resourceType": "Task", "identifier": {"system": "s", "value": "v"}}, "identifier=s%7Cv", True),
    ({"resourceType": "Task", "identifier": "s|v"}, "identifier=s%7Cv", False),
    *((identified({"system": "s", "value": value}), f"identifier=s%7C{quote(spelled, safe='')}", True) for value, spelled in (
        ("a+b", "a+b"), ("a&b", "a&b"), ("a b", "a b"), ("a#b", "a#b"), ("50%", "50%"), ("é", "é"), ("a,b", r"a\,b"), ("a$b", r"a\$b"), ("a|b", r"a\|b"), ("a\\b", r"a\\b"), ("a\\|b", r"a\\\|b"))),
    (identified({"system": "s", "value": "w"}), "_id=5", True),
    (identified({"system": "s", "value": "w"}), "name=x", True),
    (identified({"system": "s", "value": "w"}), "identifier=s%7Cv&active=true", True),
]


@pytest.mark.parametrize(("resource", "asked", "having"), HAVING)
def test_whether_a_resource_has_the_identifier(resource: Tree, asked: str, having: bool) -> None:
    assert has(resource, asked) is having


# Reading

def test_a_resource_is_read_anew() -> None:
    there = There(kept(GROUP))
    assert resource_at(client(there), "Group", "1") == kept(GROUP)
    assert there.asked == [("GET", "Group/1", {"Cache-Control": "no-cache"})]


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_none(status: int) -> None:
    assert resource_at(client(There(answers={"Group/1": answered(outcome("gone"), status)})), "Group", "1") is None


@pytest.mark.parametrize(("reply", "said"), [
    (answered(outcome("no"), 403), "the server answered 403 (no)"), (answered(outcome("no")), "the server answered 200 (no)"), (Reply(200, {}, b""), "the server answered 200"),
    (answered({**kept(GROUP), "resourceType": "Patient"}), "the server answered 200"), (answered(kept(GROUP, "2")), "the server answered 200"), (answered(GROUP), "the server answered 200"),
    (Reply(304, {}, b""), "the server answered 304"), (answered(searchset(kept(GROUP))), "the server answered 200"),
])
def test_what_is_something_else_is_not_read(reply: Reply, said: str) -> None:
    with pytest.raises(NotRead) as end:
        resource_at(client(There(answers={"Group/1": reply})), "Group", "1")
    assert str(end.value) == f"could not look up Group/1: {said}"


PLAIN = {"resource": GROUP, "request": {"method": "POST", "url": "Group"}}
NAMELESS = {"resource": {"resourceType": "Group"}, "request": {"method": "POST", "url": "Group"}}
KNOWN: list[tuple[str, Tree, list[str]]] = [
    # what, the entry, what is asked
    ("a conditional update", update(GROUP), [ASKED]),
    ("a conditional create", create(GROUP), [ASKED]),
    ("under an id of ours", put(GROUP, "1"), ["Group/1"]),
    ("a plain create with an identifier", PLAIN, [ASKED]),
    ("a plain create without", NAMELESS, []),
]


@pytest.mark.parametrize(("entry", "asked"), [case[1:] for case in KNOWN], ids=[case[0] for case in KNOWN])
def test_a_resource_is_looked_up_by_what_it_is_known_by(entry: Tree, asked: list[str]) -> None:
    [one] = parcel(Given(transaction(entry))).entries
    for resources in ([kept(GROUP)], []):
        there = There(*resources)
        assert found(client(there), one) == (resources if asked else [])
        assert [path for _, path, _ in there.asked] == asked


# A whole Bundle

SPONSOR = organization("o")
STUDY = study("A", at=urn(SPONSOR))
THERE = kept({**STUDY, "sponsor": {"reference": "Organization/7"}}, "5", "2")


def both(**members: Any) -> Parcel:
    return parcel(Given(transaction(update({**STUDY, **members}), update(SPONSOR))))


LOOKS: list[tuple[str, list[Tree], list[str | None], list[str], bool]] = [
    # what, what is there, the ids that are found, what is said, whether it is the same
    ("all of it", [THERE, kept(SPONSOR, "7")], ["5", "7"], [], True),
    ("nothing", [], [None, None], [], False),
    ("one of two", [kept(SPONSOR, "7")], [None, "7"], [], False),
    ("something else", [{**THERE, "title": "x"}, kept(SPONSOR, "7")], ["5", "7"], ["Bundle.entry[0].resource.title: was not sent, and the server has x"], False),
    ("a reference to another", [THERE, kept(SPONSOR, "8")], ["5", "8"],
     ["Bundle.entry[0].resource.sponsor.reference: Organization/8 was sent, and the server has Organization/7"], False),
    ("two of one", [THERE, kept(SPONSOR, "7"), kept(SPONSOR, "8")], ["5", None], [
        f"Bundle.entry[1].request.url: Organization?identifier={SYSTEM}|o finds Organization/7, Organization/8; expected one or none. Delete what is too much on the server",
        f"Bundle.entry[0].resource.sponsor.reference: {urn(SPONSOR)} was sent, and the server has Organization/7"], False),
]


@pytest.mark.parametrize(("resources", "known", "said", "same"), [case[1:] for case in LOOKS], ids=[case[0] for case in LOOKS])
def test_a_look_says_what_is_there_and_what_is_otherwise(resources: list[Tree], known: list[str | None], said: list[str], same: bool) -> None:
    look = looked_up(client(There(*resources)), both())
    assert [one and one["id"] for one in look.resources] == known
    assert (list(map(str, look.differences)), look.same) == (said, same)


def test_what_is_read_back_is_what_is_at_the_places_that_were_told() -> None:
    written = [Written("ResearchStudy", "5", "created"), Written("Organization", "7", "created")]
    there = There(THERE, kept(SPONSOR, "7"))
    assert read_back(client(there), both(), written).same
    assert [path for _, path, _ in there.asked] == ["ResearchStudy/5", "Organization/7"]
    there = There(kept(STUDY, "6"), kept(SPONSOR, "7"))
    look = read_back(client(there), both(), written)
    assert (look.same, look.resources) == (False, (None, kept(SPONSOR, "7")))
    assert look.differences == (Problem("Bundle.entry[0]", "ResearchStudy/5 is not there, though the server said that it was written"),)


@pytest.mark.parametrize("look", [lambda there: looked_up(there, both()), lambda there: read_back(there, both(), [Written("ResearchStudy", "5", "created")] * 2)])
def test_what_cannot_be_read_ends_the_look(look: Callable[[Client], Look]) -> None:
    there = There(answers={path: Reply(403, {}, b"") for path in (f"ResearchStudy?{condition(STUDY)}&_count=10", "ResearchStudy/5")})
    with pytest.raises(NotRead):
        look(client(there))


def test_what_is_there_is_what_was_written() -> None:
    look = Look((THERE, None, {"resourceType": "Group", "id": "8"}), ())
    assert look.written("unchanged") == (Written("ResearchStudy", "5", "unchanged", "2"), Written("Group", "8", "unchanged"))
    assert not look.same and Look((THERE,), ()).same and not Look((THERE,), (Problem("", "x"),)).same
    assert ids([THERE, {"resourceType": "Group", "id": "8"}]) == ["ResearchStudy/5", "Group/8"]


@pytest.mark.parametrize(("meta", "version"), [
    ({"versionId": "3"}, "3"), ({"versionId": "a-B.9"}, "a-B.9"), ({}, None), ({"versionId": 3}, None), ({"versionId": ""}, None), ({"versionId": "\x1b[2J"}, None),
    ({"versionId": "1\r\nX: y"}, None), ("3", None), (None, None)])
def test_a_version_is_one_only_where_it_can_be(meta: Any, version: str | None) -> None:
    assert version_of({"resourceType": "Group", "id": "1", "meta": meta}) == version
