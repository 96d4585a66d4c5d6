"""What is the same on a server as it was sent, what is not, and what is said of that."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from converter.json_text import encode, parse
from converter.problems import Problem
from mappings.push.addresses import base
from mappings.push.comparing import as_bundle, differences, trial_differences
from mappings.push.parcels import Entry, entry_of
from tests.push.checks import Tree
from tests.push.transactions import create, named, put, study, update

SERVER = base("https://fhir.example.org/r4")
URN, OTHER = "urn:uuid:00000000-0000-4000-8000-00000000000a", "urn:uuid:00000000-0000-4000-8000-00000000000b"
LINKS = {URN: "Group/7", OTHER: "Organization/8", "Organization?identifier=o": "Organization/9"}
SAMPLES = Path(__file__).parents[2] / "samples" / "bundles"


def entry(resource: Tree, number: int = 0, made: Callable[[Tree], Tree] = update) -> Entry:
    return entry_of(json.loads(json.dumps(made(resource))), number)


def differing(sent: Tree, there: Tree, number: int = 0) -> list[str]:
    """What is said of two studies with these members more."""
    one = entry_of(parse(encode(update({**study("A"), **sent}))), number)
    return list(map(str, differences(one, parse(encode({**study("A"), **there})), LINKS, SERVER)))


def text(number: str) -> Tree:
    """A member with that number, its digits as they are."""
    return dict(parse(b'{"extension":[{"url":"https://trials.test/n","valueDecimal":%b}]}' % number.encode()))


def text_of(inner: str) -> Tree:
    """A narrative."""
    return {"text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'}}


SAME: list[tuple[str, Tree, Tree]] = [
    # what, what was sent, what the server has
    ("the same", {"title": "A trial"}, {"title": "A trial"}),
    ("an id", {}, {"id": "1"}),
    ("a version", {}, {"meta": {"versionId": "3", "lastUpdated": "2026-11-26T12:00:00Z"}}),
    ("a source of the server", {}, {"meta": {"source": "#a1b2c3"}}),
    ("a source with the request's number", {"meta": {"source": "https://trials.test/1"}}, {"meta": {"source": "https://trials.test/1#a1b2c3", "versionId": "1"}}),
    ("a source that is not kept", {"meta": {"source": "https://trials.test/1"}}, {"meta": {"versionId": "1"}}),
    ("an empty meta", {"meta": {}}, {}),
    ("a meta that holds nothing of ours", {"meta": {"source": "x"}}, {}),
    ("more tags than were sent", {"meta": {"tag": [{"code": "a"}]}}, {"meta": {"tag": [{"code": "b"}, {"code": "a"}]}}),
    ("tags where none were sent", {}, {"meta": {"tag": [{"code": "b"}], "security": [{"code": "R"}], "profile": ["https://trials.test/p"]}}),
    ("a profile that was there before", {"meta": {"profile": ["https://trials.test/p"]}}, {"meta": {"profile": ["https://trials.test/q", "https://trials.test/p"]}}),
    ("the order of members", {"title": "A", "status": "active", "note": [{"text": "a", "time": "2026"}]}, {"note": [{"time": "2026", "text": "a"}], "status": "active", "title": "A"}),
    # numbers
    *((f"{one} and {other}", text(one), text(other)) for one, other in (
        ("1.0", "1"), ("1", "1.000"), ("1.50", "1.5"), ("0.10", "0.1"), ("100", "1e2"), ("1E+2", "100.00"), ("0", "0.00"), ("0", "-0.0"), ("0.000", "0E+5"), ("1e-2", "0.01"),
        ("1e20", "100000000000000000000"), ("-2.50", "-2.5"), ("12345678901234567890123456789012345.10", "12345678901234567890123456789012345.1"))),
    # narratives
    *((f"{one} and {other}", text_of(one), text_of(other)) for one, other in (
        ("a<br/>b", "a<br></br>b"), ("a &#233; &eacute;", "a é é"), ("a&nbsp;b", "a\u00a0b"), ("<p class='x' id=\"y\">a</p>", "<p id='y' class=\"x\">a</p>"), ("&lt;b&gt; &amp;", "&#60;b> &#38;"))),
    # references
    ("an address for a urn", {"enrollment": [{"reference": URN}]}, {"enrollment": [{"reference": "Group/7"}]}),
    ("an address of its own", {"enrollment": [{"reference": URN}]}, {"enrollment": [{"reference": "https://fhir.example.org/r4/Group/7"}]}),
    ("an address with a version", {"enrollment": [{"reference": URN}]}, {"enrollment": [{"reference": "https://fhir.example.org/r4/Group/7/_history/2"}]}),
    ("its own address that was sent", {"enrollment": [{"reference": "https://fhir.example.org/r4/Group/7"}]}, {"enrollment": [{"reference": "Group/7"}]}),
    ("a relative address", {"enrollment": [{"reference": "Group/7"}]}, {"enrollment": [{"reference": "https://FHIR.example.org:443/r4/Group/7"}]}),
    ("an address elsewhere", {"sponsor": {"reference": "https://elsewhere.test/Organization/1"}}, {"sponsor": {"reference": "https://elsewhere.test/Organization/1"}}),
    ("an address for a condition", {"sponsor": {"reference": "Organization?identifier=x"}}, {"sponsor": {"reference": "Organization/1"}}),
    ("an address for a condition of the Bundle", {"sponsor": {"reference": "Organization?identifier=o"}}, {"sponsor": {"reference": "Organization/9"}}),
    ("what is contained", {"contained": [{"resourceType": "Location", "id": "a"}], "location": [{"reference": "#a"}]},
     {"contained": [{"id": "a", "resourceType": "Location"}], "location": [{"reference": "#a"}]}),
    ("a urn of no entry", {"identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2"}]}, {"identifier": [{"value": "urn:oid:1.2", "system": "urn:ietf:rfc:3986"}]}),
]


@pytest.mark.parametrize(("sent", "there"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_what_a_server_may_make_of_it_is_no_difference(sent: Tree, there: Tree) -> None:
    assert differing(sent, there) == []


R = "Bundle.entry[0].resource."
OTHERWISE: list[tuple[str, Tree, Tree, list[str]]] = [
    # what, what was sent, what the server has, what is said
    ("another text", {"title": "A trial"}, {"title": "A trail"}, [f"{R}title: A trial was sent, and the server has A trail"]),
    ("another case", {"title": "A"}, {"title": "a"}, [f"{R}title: A was sent, and the server has a"]),
    ("nothing", {"title": "A trial"}, {}, [f"{R}title: A trial was sent, and the server does not have it"]),
    ("something more", {}, {"title": "A trial"}, [f"{R}title: was not sent, and the server has A trial"]),
    ("another type", {"title": "1"}, {"title": 1}, [f"{R}title: 1 was sent, and the server has 1"]),
    ("true is not 1", {"a": True}, {"a": 1}, [f"{R}a: true was sent, and the server has 1"]),
    ("null is not false", {"a": None}, {"a": False}, [f"{R}a: null was sent, and the server has false"]),
    ("an object for a text", {"a": "b"}, {"a": {"b": "c"}}, [f"{R}a: b was sent, and the server has an object with 'b'"]),
    ("an object that is gone", {"a": {"b": 1, "c": [1, 2]}}, {}, [f"{R}a: an object with 'b', 'c' was sent, and the server does not have it"]),
    ("in the depth", {"arm": [{"name": "a"}, {"name": "b", "type": {"text": "x"}}]}, {"arm": [{"name": "a"}, {"name": "b", "type": {"text": "y"}}]},
     [f"{R}arm[1].type.text: x was sent, and the server has y"]),
    ("an entry that is gone", {"note": [{"text": "a"}, {"text": "b"}]}, {"note": [{"text": "b"}]}, [f"{R}note[0]: an object with 'text' was sent, and the server does not have it"]),
    ("an entry twice", {"note": [{"text": "a"}]}, {"note": [{"text": "a"}, {"text": "a"}]}, [f"{R}note[1]: was not sent, and the server has an object with 'text'"]),
    ("another order", {"note": [{"text": "a"}, {"text": "b"}]}, {"note": [{"text": "b"}, {"text": "a"}]},
     [f"{R}note: a list of 2 was sent, and the server has it in another order"]),
    ("a tag that is gone", {"meta": {"tag": [{"code": "a"}, {"code": "b"}]}}, {"meta": {"tag": [{"code": "b"}]}},
     [f"{R}meta.tag[0]: an object with 'code' was sent, and the server does not have it"]),
    ("all tags that are gone", {"meta": {"tag": [{"code": "a"}]}}, {"meta": {"versionId": "1"}}, [f"{R}meta: an object with 'tag' was sent, and the server does not have it"]),
    ("another profile", {"meta": {"profile": ["a"]}}, {"meta": {"profile": ["b"]}}, [f"{R}meta.profile[0]: a was sent, and the server has b"]),
    ("an extension of meta", {"meta": {"extension": [{"url": "a", "valueCode": "b"}]}}, {"meta": {"extension": [{"url": "a", "valueCode": "c"}]}},
     [f"{R}meta.extension[0].valueCode: b was sent, and the server has c"]),
    ("the language", {"language": "de"}, {"language": "en"}, [f"{R}language: de was sent, and the server has en"]),
    ("the id of what is contained", {"contained": [{"resourceType": "Location", "id": "a"}]}, {"contained": [{"resourceType": "Location", "id": "b"}]},
     [f"{R}contained[0].id: a was sent, and the server has b"]),
    ("another address for a urn", {"enrollment": [{"reference": URN}]}, {"enrollment": [{"reference": "Group/6"}]}, [f"{R}enrollment[0].reference: Group/7 was sent, and the server has Group/6"]),
    ("a urn that is kept", {"enrollment": [{"reference": URN}]}, {"enrollment": [{"reference": URN}]}, [f"{R}enrollment[0].reference: Group/7 was sent, and the server has {URN}"]),
    ("the address elsewhere", {"enrollment": [{"reference": URN}]}, {"enrollment": [{"reference": "https://elsewhere.test/r4/Group/7"}]},
     [f"{R}enrollment[0].reference: Group/7 was sent, and the server has https://elsewhere.test/r4/Group/7"]),
    ("another type for a condition", {"sponsor": {"reference": "Organization?identifier=x"}}, {"sponsor": {"reference": "Practitioner/1"}},
     [f"{R}sponsor.reference: Organization?identifier=x was sent, and the server has Practitioner/1"]),
    ("a condition that is kept where the Bundle has the resource", {"sponsor": {"reference": "Organization?identifier=o"}}, {"sponsor": {"reference": "Organization?identifier=o"}},
     [f"{R}sponsor.reference: Organization/9 was sent, and the server has Organization?identifier=o"]),
    ("a urn in a text", {"description": URN}, {"description": "Group/7"}, [f"{R}description: {URN} was sent, and the server has Group/7"]),
    ("another narrative", text_of("a"), text_of("b"), [
        f'{R}text.div: <div xmlns="http://www.w3.org/1999/xhtml">a</div> was sent, and the server has <div xmlns="http://www.w3.org/1999/xhtml">b</div>']),
    ("blanks of a narrative", text_of("<pre>a b</pre>"), text_of("<pre>a  b</pre>"), [
        f'{R}text.div: <div xmlns="http://www.w3.org/1999/xhtml"><pre>a b</pre></div> was sent, and the server has '
        '<div xmlns="http://www.w3.org/1999/xhtml"><pre>a b</pre></div>']),
    ("a narrative with a DTD", text_of("<!DOCTYPE a>x"), text_of("<!DOCTYPE b>x"), [
        f'{R}text.div: <div xmlns="http://www.w3.org/1999/xhtml"><!DOCTYPE a>x</div> was sent, and the server has <div xmlns="http://www.w3.org/1999/xhtml"><!DOCTYPE b>x</div>']),
    # numbers, told as they are written
    ("another number", text("120"), text("130"), [f"{R}extension[0].valueDecimal: 120 was sent, and the server has 130"]),
    ("another decimal", text("2.5"), text("2.51"), [f"{R}extension[0].valueDecimal: 2.5 was sent, and the server has 2.51"]),
    ("another sign", text("-1"), text("1"), [f"{R}extension[0].valueDecimal: -1 was sent, and the server has 1"]),
    ("a number beyond what a float can hold", text("0.1234567890123456789012345678901"), text("0.1234567890123456789012345678902"),
     [f"{R}extension[0].valueDecimal: 0.1234567890123456789012345678901 was sent, and the server has 0.1234567890123456789012345678902"]),
    ("a number as a float has it", text("0.1"), text("0.1000000000000000055511151231257827"),
     [f"{R}extension[0].valueDecimal: 0.1 was sent, and the server has 0.1000000000000000055511151231257827"]),
    ("a text for a number", text("1.5"), text('"1.5"'), [f"{R}extension[0].valueDecimal: 1.5 was sent, and the server has 1.5"]),
]


@pytest.mark.parametrize(("sent", "there", "told"), [case[1:] for case in OTHERWISE], ids=[case[0] for case in OTHERWISE])
def test_what_is_otherwise_is_told_with_its_place(sent: Tree, there: Tree, told: list[str]) -> None:
    assert differing(sent, there) == told


def test_a_place_is_that_of_the_entry() -> None:
    assert differing({"title": "A"}, {"title": "B"}, number=3) == ["Bundle.entry[3].resource.title: A was sent, and the server has B"]


def test_what_a_conditional_create_finds_is_somebody_else_s() -> None:
    one = {"resourceType": "Organization", "id": "1", "name": "Ours", "identifier": [{"system": "a", "value": "b"}]}
    assert list(differences(entry({**one, "name": "Yours"}, made=create), one, {}, SERVER)) == []


def test_what_is_put_or_created_without_a_condition_is_compared() -> None:
    resource = named("Group", "g", name="Ours")
    plain = {"resource": resource, "request": {"method": "POST", "url": "Group"}}
    for one in (entry(resource, made=lambda tree: put(tree, "1")), entry(resource, made=lambda tree: plain)):
        assert [problem.message for problem in differences(one, {**resource, "name": "Yours"}, {}, SERVER)] == ["Ours was sent, and the server has Yours"]


def test_nothing_that_is_compared_is_changed() -> None:
    one = entry({**study("A"), "meta": {"tag": [{"code": "a"}]}, "sponsor": {"reference": "Organization?identifier=x"}, "enrollment": [{"reference": URN}]})
    there = {**study("A"), "id": "1", "meta": {"versionId": "1", "tag": [{"code": "b"}, {"code": "a"}]}, "sponsor": {"reference": "Organization/1"}, "enrollment": [{"reference": "Group/7"}]}
    before = deepcopy((one.resource, there, LINKS))
    assert list(differences(one, there, LINKS, SERVER)) == []
    assert (one.resource, there, LINKS) == before


HOSTILE = [
    ({"title": "\x1b[2J\x1b]0;owned\x07ok"}, [f"{R}title: A was sent, and the server has ok"]),
    ({"title": "a\r\nb\u2028c"}, [f"{R}title: A was sent, and the server has a b c"]),
    ({"title": "A", "\x1b[2J": 1}, None),
    ({"title": "A", "a\nb": {"c\x07": 1}}, None),
    ({"title": "x" * 100_000}, None),
    ({"title": "A", "y" * 100_000: 1}, None),
]


@pytest.mark.parametrize(("there", "told"), HOSTILE)
def test_a_server_that_is_not_trusted_writes_nothing_to_the_terminal(there: Tree, told: list[str] | None) -> None:
    found = differing({"title": "A"}, there)
    assert len(found) == 1 and all(line.isprintable() and len(line) < 1000 for line in found)
    assert told in (None, found)


@pytest.mark.parametrize("depth", [400, 2000])
def test_what_nests_without_end_is_told_and_not_followed(depth: int) -> None:
    there: Tree = study("A")
    for _ in range(depth):
        there = {**study("A"), "extension": [there]}
    assert len(list(differences(entry(study("A")), there, LINKS, SERVER))) == 1


# As a Trial

RELEASES = ["r4", "r4b", "r5"]


def sample(release: str) -> Tree:
    return dict(parse((SAMPLES / f"ctgov-NCT99999902.{release}.json").read_bytes()))


def there(bundle: Tree, change: Callable[[Tree], Any] = lambda study: None) -> list[Tree | None]:
    """The resources as a server has them, which has given them ids; the study changed."""
    body = json.dumps(json.loads(encode(bundle)))
    for n, one in enumerate(bundle["entry"]):
        body = body.replace(one["fullUrl"], f"{one['resource']['resourceType']}/{n + 1}")
    found: list[Tree | None] = []
    for n, one in enumerate(json.loads(body)["entry"]):
        found.append({**one["resource"], "id": str(n + 1), "meta": {**one["resource"].get("meta", {}), "versionId": "1"}})
    change(next(one for one in found if one and one["resourceType"] == "ResearchStudy"))
    return found


@pytest.mark.parametrize("release", RELEASES)
def test_the_trial_that_a_server_gives_is_the_one_that_was_sent(release: str) -> None:
    bundle = sample(release)
    assert list(trial_differences(bundle, there(bundle), release)) == []


@pytest.mark.parametrize("release", RELEASES)
def test_where_it_is_another_the_field_is_told(release: str) -> None:
    bundle = sample(release)
    title = next(one["resource"]["title"] for one in bundle["entry"] if one["resource"]["resourceType"] == "ResearchStudy")
    found = list(trial_differences(bundle, there(bundle, lambda study: study.update(title="Another title")), release))
    assert found == [Problem("title", f"{title} was sent, and the server has Another title")]


@pytest.mark.parametrize("resources", [[], [None, None, None], [{"resourceType": "Patient", "id": "1"}]])
def test_where_there_is_none_it_is_said(resources: list[Tree | None]) -> None:
    assert list(trial_differences(sample("r4"), resources, "r4")) == [Problem("", "no Trial can be read from what the server has")]


def test_of_a_bundle_in_which_there_is_none_nothing_is_said() -> None:
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [update(named("Patient", "p"))]}
    assert list(trial_differences(bundle, [{"resourceType": "Patient", "id": "1"}], "r4")) == []


def test_resources_are_a_bundle_again() -> None:
    one, two = {"resourceType": "Group", "id": "1"}, {"resourceType": "ResearchStudy", "id": "2"}
    assert as_bundle([one, None, two]) == {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one}, {"resource": two}]}
