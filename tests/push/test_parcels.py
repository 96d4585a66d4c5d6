"""What a Bundle asks for, by what it is known again, what is refused of it, and that it falls apart only where nothing holds it."""

from __future__ import annotations

import json
import random
import re
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from converter.json_text import encode, parse
from converter.problems import Problems
from mappings.push.parcels import Entry, Given, Parcel, components, halves, led_to, parcel, with_ids
from tests.push.checks import Tree
from tests.push.transactions import NOBODY, SYSTEM, condition, create, named, organization, put, study, transaction, update, urn

SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "bundles").glob("*.json"))
S = "https%3A%2F%2Ftrials.test%2Fid"
GROUP, SPONSOR = named("Group", "g"), organization("o")


def plain(resource: Tree, **members: Any) -> Tree:
    """The entry that creates it, whatever is there."""
    return {"fullUrl": "urn:uuid:00000000-0000-4000-8000-00000000000f", "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}, **members}


def made(*entries: Any, **given: Any) -> Parcel:
    return parcel(Given(transaction(*entries), **given))


def one(entry: Tree) -> Entry:
    return made(entry).entries[0]


def asking(method: Any, url: Any, resource: Any = GROUP, **request: Any) -> Tree:
    return {"fullUrl": urn(GROUP), "resource": resource, "request": {"method": method, "url": url, **request}}


# What an entry asks for

ENTRIES: list[tuple[str, Tree, tuple[str, str, str, str, str, str, bool]]] = [
    # what, the entry, its kind, method and condition, the key, the search and the id, and whether it may be sent again
    ("a conditional update", update(GROUP), ("Group", "PUT", f"identifier={S}%7Cg", f"Group?identifier={SYSTEM}|g", f"Group?identifier={S}%7Cg", "", True)),
    ("a conditional update in plain spelling", asking("PUT", f"Group?identifier={SYSTEM}|g"),
     ("Group", "PUT", f"identifier={SYSTEM}|g", f"Group?identifier={SYSTEM}|g", f"Group?identifier={SYSTEM}|g", "", True)),
    ("an update by something else", asking("PUT", "Group?_id=5"), ("Group", "PUT", "_id=5", "Group?_id=5", "Group?_id=5", "", True)),
    ("a conditional create", create(GROUP), ("Group", "POST", f"identifier={S}%7Cg", f"Group?identifier={SYSTEM}|g", f"Group?identifier={S}%7Cg", "", True)),
    ("a conditional create with the type", asking("POST", "Group", ifNoneExist=f"Group?{condition(GROUP)}"),
     ("Group", "POST", f"identifier={S}%7Cg", f"Group?identifier={SYSTEM}|g", f"Group?identifier={S}%7Cg", "", True)),
    ("a conditional create with a question mark", asking("POST", "Group", ifNoneExist=f"?{condition(GROUP)}"),
     ("Group", "POST", f"identifier={S}%7Cg", f"Group?identifier={SYSTEM}|g", f"Group?identifier={S}%7Cg", "", True)),
    ("an update of an id", put(GROUP, "1"), ("Group", "PUT", "", "Group/1", f"Group?identifier={S}%7Cg", "1", True)),
    ("a plain create", plain(GROUP), ("Group", "POST", "", "", f"Group?identifier={S}%7Cg", "", False)),
    ("a plain create of what has no identifier", plain({"resourceType": "Group"}), ("Group", "POST", "", "", "", "", False)),
]


@pytest.mark.parametrize(("entry", "said"), [case[1:] for case in ENTRIES], ids=[case[0] for case in ENTRIES])
def test_what_an_entry_asks_for(entry: Tree, said: tuple[str, str, str, str, str, str, bool]) -> None:
    found = one(entry)
    assert (found.kind, found.method, found.condition, found.key, found.search, found.id, found.idempotent) == said
    assert (found.number, found.path, found.full_url) == (0, "Bundle.entry[0]", entry["fullUrl"])
    assert (found.resource, found.url) == (entry["resource"], entry["request"]["url"])


def identified(*identifiers: Any) -> Tree:
    return plain({"resourceType": "Group", "identifier": list(identifiers)})


SEARCHES: list[tuple[Tree, str]] = [
    # the entry, the search that finds what it wrote
    (identified({"system": "s", "value": "v"}), "Group?identifier=s%7Cv"),
    (identified({"system": "s", "value": "v"}, {"system": "t", "value": "w"}), "Group?identifier=s%7Cv"),
    (identified({"value": "v"}, {"system": "t"}, None, "x", {"system": 1, "value": "v"}, {"system": "t", "value": "w"}), "Group?identifier=t%7Cw"),
    (plain({"resourceType": "Task", "identifier": {"system": "s", "value": "v"}}), "Task?identifier=s%7Cv"),
    (identified({"value": "v"}), ""), (identified(), ""), (plain({"resourceType": "Group", "identifier": "v"}), ""),
    *((identified({"system": "s", "value": value}), f"Group?identifier=s%7C{spelled}") for value, spelled in (
        ("a+b", "a%2Bb"), ("a&b", "a%26b"), ("a#b", "a%23b"), ("a b", "a%20b"), ("a/b?c=d", "a%2Fb%3Fc%3Dd"), ("50%", "50%25"), ("é", "%C3%A9"),
        ("a,b", "a%5C%2Cb"), ("a$b", "a%5C%24b"), ("a|b", "a%5C%7Cb"), ("a\\b", "a%5C%5Cb"), ("a;b", "a%3Bb"))),
    (identified({"system": "https://a.example.org/id?x=y&z", "value": "v"}), "Group?identifier=https%3A%2F%2Fa.example.org%2Fid%3Fx%3Dy%26z%7Cv"),
]


@pytest.mark.parametrize(("entry", "search"), SEARCHES)
def test_what_was_written_is_found_by_its_first_identifier(entry: Tree, search: str) -> None:
    assert one(entry).search == search


NAMES: list[tuple[str, Tree, tuple[str, ...]]] = [
    ("a urn", update(GROUP), (urn(GROUP), f"Group?identifier={S}%7Cg", f"Group?identifier={SYSTEM}|g")),
    ("an address", {**update({**GROUP, "id": "1"}), "fullUrl": "https://a.example.org/r4/Group/1"},
     ("https://a.example.org/r4/Group/1", "Group/1", f"Group?identifier={S}%7Cg", f"Group?identifier={SYSTEM}|g")),
    ("an id", put(GROUP, "1"), (urn(GROUP), "Group/1")),
    ("no full URL", {"resource": {**GROUP, "id": "1"}, "request": {"method": "PUT", "url": "Group/1"}}, ("Group/1",)),
    ("nothing", {"resource": GROUP, "request": {"method": "POST", "url": "Group"}}, ()),
]


@pytest.mark.parametrize(("entry", "names"), [case[1:] for case in NAMES], ids=[case[0] for case in NAMES])
def test_what_a_reference_may_call_it(entry: Tree, names: tuple[str, ...]) -> None:
    assert one(entry).names == names


# What a Bundle is known by

KEYS: list[tuple[str, list[Tree], str, str, list[str], bool]] = [
    # what, the entries, the key, the name, all keys, whether it may be sent again
    ("a study", [update(SPONSOR), update(study("A"))], f"ResearchStudy?identifier={SYSTEM}|A", "A",
     [f"Organization?identifier={SYSTEM}|o", f"ResearchStudy?identifier={SYSTEM}|A"], True),
    ("a study under an id", [put(study("A"), "a-1")], "ResearchStudy/a-1", "A", ["ResearchStudy/a-1"], True),
    ("no study", [create(SPONSOR), update(GROUP)], f"Group?identifier={SYSTEM}|g", "g", [f"Group?identifier={SYSTEM}|g", f"Organization?identifier={SYSTEM}|o"], True),
    ("only what is shared", [create(SPONSOR)], f"Organization?identifier={SYSTEM}|o", "o", [f"Organization?identifier={SYSTEM}|o"], True),
    ("a plain create", [plain(GROUP)], f"Group?identifier={S}%7Cg", "g", [], False),
    ("one plain create", [plain(GROUP), update(study("A"))], f"ResearchStudy?identifier={SYSTEM}|A", "A", [f"ResearchStudy?identifier={SYSTEM}|A"], False),
    ("a value with a bar", [update(study("A|B"))], f"ResearchStudy?identifier={SYSTEM}|A|B", "", [f"ResearchStudy?identifier={SYSTEM}|A|B"], True),
]


@pytest.mark.parametrize(("entries", "key", "id", "keys", "idempotent"), [case[1:] for case in KEYS], ids=[case[0] for case in KEYS])
def test_a_bundle_is_known_by_its_study(entries: list[Tree], key: str, id: str, keys: list[str], idempotent: bool) -> None:
    found = made(*entries)
    assert (found.key, sorted(found.keys), found.idempotent) == (key, keys, idempotent)
    assert id in ("", found.id)


def test_what_has_nothing_to_be_known_by_is_known_by_its_bytes() -> None:
    found = made(plain({"resourceType": "Group"}))
    assert found.key == found.id == f"sha256:{found.sha256}"


def test_a_message_calls_it_by_the_id_of_its_record() -> None:
    assert made(update(study("A")), id="NCT00000001").id == "NCT00000001"
    assert made(update(study("2012-003632-23/AT: é"))).id == "2012-003632-23/AT: é"


@pytest.mark.parametrize("spelled", [f"ResearchStudy?identifier={S}%7CA", f"ResearchStudy?identifier={SYSTEM}|A", f"ResearchStudy?identifier={S}|A",
                                     f"ResearchStudy?identifier={S.replace('%3A', '%3a')}%7cA", f"ResearchStudy?identifier={S}%7C%41"])
def test_a_key_is_the_same_however_it_is_spelled(spelled: str) -> None:
    assert made(asking("PUT", spelled, study("A"))).key == f"ResearchStudy?identifier={SYSTEM}|A"


def test_the_hash_is_that_of_what_is_sent() -> None:
    found = made(update(study("A")))
    assert found.sha256 == sha256(found.content).hexdigest()
    spaced = parcel(Given(json.dumps(json.loads(transaction(update(study("A")))), indent=4).encode()))
    assert (spaced.sha256, spaced.content) == (found.sha256, found.content)
    assert made(update(study("A", title="B"))).sha256 != found.sha256


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_what_we_write_is_sent_to_the_byte(path: Path) -> None:
    content = path.read_bytes()
    found = parcel(Given(content))
    assert parse(found.content) == parse(content)
    assert [entry.kind for entry in found.entries] == [part["resource"]["resourceType"] for part in parse(content)["entry"]]
    assert all(entry.condition and entry.idempotent for entry in found.entries)


def test_the_tree_that_is_known_is_not_parsed_again() -> None:
    tree = json.loads(transaction(update(study("A"))))
    assert parcel(Given(b"", tree=tree)).content == encode(tree)


# What is refused

TRANSACTION = "expected a Bundle of type transaction, as `convert` writes it"
WRITE = "expected a resource and a request (a PUT or POST)"
NO_ENTRIES: list[Any] = [[], None, {}, "x"]
REFUSED: list[tuple[str, bytes | list[Any], list[str]]] = [
    # what, the document or its entries, what is said
    ("a resource", encode(study("A")), [f"found ResearchStudy; {TRANSACTION}"]),
    ("a batch", encode({"resourceType": "Bundle", "type": "batch", "entry": [update(GROUP)]}), [f"found a Bundle of type 'batch'; {TRANSACTION}"]),
    ("a collection", encode({"resourceType": "Bundle", "type": "collection"}), [f"found a Bundle of type 'collection'; {TRANSACTION}"]),
    ("a Bundle without a type", encode({"resourceType": "Bundle"}), [f"found a Bundle of type null; {TRANSACTION}"]),
    ("an object", encode({"a": 1}), [f"found an object with 'a'; {TRANSACTION}"]),
    ("a list", encode([1, 2]), [f"found a list of 2; {TRANSACTION}"]),
    ("null", encode(None), [f"found null; {TRANSACTION}"]),
    ("a text", encode("x"), [f"found 'x'; {TRANSACTION}"]),
    *((f"entries: {entries}", encode({"resourceType": "Bundle", "type": "transaction", "entry": entries}), ["Bundle.entry: the Bundle has no entries; expected at least one"])
      for entries in NO_ENTRIES),
    *((f"an entry: {entry}", [entry], [f"Bundle.entry[0]: {WRITE}"]) for entry in (
        None, 5, {}, {"resource": GROUP}, {"request": {"method": "PUT", "url": "Group/1"}}, {"resource": GROUP, "request": None}, {"resource": {"a": 1}, "request": {"method": "PUT", "url": "Group/1"}},
        {"resource": None, "request": {"method": "GET", "url": "Group/1"}})),
    ("the second entry", [update(GROUP), {}], [f"Bundle.entry[1]: {WRITE}"]),
    *((f"the method {method}", [asking(method, "Group/1")], [f"Bundle.entry[0].request.method: found {method!r}; expected a PUT or POST: nothing else is pushed"])
      for method in ("GET", "DELETE", "PATCH", "HEAD", "put", "")),
    ("no method", [asking(None, "Group/1")], ["Bundle.entry[0].request.method: found null; expected a PUT or POST: nothing else is pushed"]),
    ("no url", [asking("PUT", None)], ["Bundle.entry[0].request.url: found null; expected Group, and with a PUT an id or a condition"]),
    ("a url that is none", [asking("PUT", 5)], ["Bundle.entry[0].request.url: found 5; expected Group, and with a PUT an id or a condition"]),
    ("another type", [asking("PUT", "Patient?identifier=a")], ["Bundle.entry[0].request.url: expected Group, or Group with an id or a condition, found 'Patient?identifier=a'"]),
    ("no type", [asking("PUT", "?identifier=a")], ["Bundle.entry[0].request.url: expected Group, or Group with an id or a condition, found '?identifier=a'"]),
    ("no id and no condition", [asking("PUT", "Group")], ["Bundle.entry[0].request.url: expected Group with an id or a condition for a PUT, found 'Group'"]),
    ("an empty id", [asking("PUT", "Group/")], ["Bundle.entry[0].request.url: expected Group/ and an id, 1 to 64 letters, digits, - and ., found 'Group/'"]),
    ("an id that is none", [asking("PUT", "Group/a/b")], ["Bundle.entry[0].request.url: expected Group/ and an id, 1 to 64 letters, digits, - and ., found 'Group/a/b'"]),
    ("another id than the resource's", [asking("PUT", "Group/1", {**GROUP, "id": "2"})], ["Bundle.entry[0].request.url: asks for 'Group/1'; expected that id in the resource, found '2'"]),
    ("an empty condition", [asking("PUT", "Group?")], ["Bundle.entry[0].request.url: expected a condition with a value, such as Group?identifier=system|value, found 'Group?'"]),
    ("a condition without a value", [asking("PUT", "Group?identifier=")], [
        "Bundle.entry[0].request.url: expected a condition with a value, such as Group?identifier=system|value, found 'Group?identifier='"]),
    ("a condition in a POST's url", [asking("POST", "Group?identifier=a")], ["Bundle.entry[0].request.url: expected Group alone for a POST, found 'Group?identifier=a'"]),
    ("an id in a POST's url", [asking("POST", "Group/1")], ["Bundle.entry[0].request.url: expected Group alone for a POST, found 'Group/1'"]),
    ("an empty ifNoneExist", [asking("POST", "Group", ifNoneExist="")], ["Bundle.entry[0].request.ifNoneExist: expected the condition alone, such as identifier=system|value, found ''"]),
    ("ifNoneExist with a PUT", [asking("PUT", "Group?identifier=a", ifNoneExist="identifier=a")], ["Bundle.entry[0].request.ifNoneExist: is only for a POST, found with 'PUT'"]),
    ("one key twice", [update(GROUP), update(study("A")), update(GROUP)], [
        "Bundle.entry[2].request.url: 'Group?identifier=https://trials.test/id|g' is written 2 times; expected once: a server may drop the second without a word"]),
    ("one key three times", [update(GROUP), update(GROUP), update(GROUP)], [
        "Bundle.entry[1].request.url: 'Group?identifier=https://trials.test/id|g' is written 3 times; expected once: a server may drop the second without a word"]),
    ("one key in two spellings", [update(GROUP), asking("PUT", f"Group?identifier={SYSTEM}|g")], [
        "Bundle.entry[1].request.url: 'Group?identifier=https://trials.test/id|g' is written 2 times; expected once: a server may drop the second without a word"]),
    ("an update and a conditional create of one key", [update(GROUP), create(GROUP)], [
        "Bundle.entry[1].request.url: 'Group?identifier=https://trials.test/id|g' is written 2 times; expected once: a server may drop the second without a word"]),
    ("one id twice", [put(GROUP, "1"), put(named("Group", "h"), "1")], ["Bundle.entry[1].request.url: 'Group/1' is written 2 times; expected once: a server may drop the second without a word"]),
    ("a urn of no entry", [update(study("A", at=NOBODY))], [f"Bundle.entry[0].resource.sponsor.reference: '{NOBODY}' is the full URL of no entry; expected the resource in the same Bundle"]),
    ("a urn:oid of no entry", [update(study("A", at="urn:oid:1.2.3"))], [
        "Bundle.entry[0].resource.sponsor.reference: 'urn:oid:1.2.3' is the full URL of no entry; expected the resource in the same Bundle"]),
    ("a urn with a fragment", [update(study("A", at=f"{urn(SPONSOR)}#x")), update(SPONSOR)], [
        f"Bundle.entry[0].resource.sponsor.reference: '{urn(SPONSOR)}#x' is the full URL of no entry; expected the resource in the same Bundle"]),
    ("a urn in a text", [update(study("A", description=f"See {urn(SPONSOR)}")), update(SPONSOR)], [
        f"Bundle.entry[0].resource.description: has the full URL of an entry in 'See {urn(SPONSOR)}'; expected it only in a reference: servers put the new address in its place, here too"]),
    ("a urn in a canonical", [update(study("A", instantiatesCanonical=[urn(SPONSOR)])), update(SPONSOR)], [
        f"Bundle.entry[0].resource.instantiatesCanonical[0]: has the full URL of an entry in '{urn(SPONSOR)}'; expected it only in a reference: servers put the new address in its place, "
        "here too"]),
    ("a urn:oid in a text", [{**update(GROUP), "fullUrl": "urn:oid:1.2.3"}, update(study("A", title="urn:oid:1.2.3"))], [
        "Bundle.entry[1].resource.title: has the full URL of an entry in 'urn:oid:1.2.3'; expected it only in a reference: servers put the new address in its place, here too"]),
    ("a urn in a request", [update(GROUP), asking("PUT", f"Group?a={urn(GROUP)}")], [
        f"Bundle.entry[1].request.url: has the full URL of an entry in 'Group?a={urn(GROUP)}'; expected it only in a reference: servers put the new address in its place, here too"]),
    ("several at once", [update(study("A", at=NOBODY, description=urn(GROUP))), update(GROUP), update(GROUP)], [
        "Bundle.entry[2].request.url: 'Group?identifier=https://trials.test/id|g' is written 2 times; expected once: a server may drop the second without a word",
        f"Bundle.entry[0].resource.sponsor.reference: '{NOBODY}' is the full URL of no entry; expected the resource in the same Bundle",
        f"Bundle.entry[0].resource.description: has the full URL of an entry in '{urn(GROUP)}'; expected it only in a reference: servers put the new address in its place, here too"]),
]


@pytest.mark.parametrize(("document", "said"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_would_do_something_else_than_it_says_is_refused(document: bytes | list[Any], said: list[str]) -> None:
    with pytest.raises(Problems) as refused:
        parcel(Given(document if isinstance(document, bytes) else transaction(*document)))
    assert list(map(str, refused.value.problems)) == said


@pytest.mark.parametrize("url", ["Group/$do", "Group/1/$do", "$do", "Group/_search", "_search", "Patient/$do"])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_an_operation_is_no_write(method: str, url: str) -> None:
    with pytest.raises(Problems, match=r"^Bundle\.entry\[0\]\.request\.url: "):
        made(asking(method, url))


@pytest.mark.parametrize("content", [b"", b"{", b"x", b"\xff", b'{"resourceType":"Bundle"', b"[" * 100_000])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(Problems):
        parcel(Given(content))


TAKEN: list[tuple[str, list[Tree]]] = [
    ("a urn that leads to an entry", [update(study("A", at=urn(SPONSOR))), update(SPONSOR)]),
    ("forwards and backwards", [update(SPONSOR), update(study("A", at=urn(SPONSOR), enrollment=[{"reference": urn(GROUP)}])), update(GROUP)]),
    ("a urn:oid that leads to an entry", [{**update(GROUP), "fullUrl": "urn:oid:1.2.3"}, update(study("A", at="urn:oid:1.2.3"))]),
    ("a urn of no entry as an identifier", [update(study("A", relatedArtifact=[{"url": NOBODY}])), update(SPONSOR)]),
    ("a urn of no entry in a text", [update(study("A", description=f"See {NOBODY}"))]),
    ("other urns", [update(study("A", at="urn:ietf:rfc:3986"))]),
    ("references elsewhere", [update(study("A", at="https://elsewhere.test/Organization/1")), update(study("B", at="Organization/1")), update(study("C", at="Organization?identifier=x"))]),
    ("no full URLs", [{"resource": GROUP, "request": {"method": "POST", "url": "Group"}}, {"resource": GROUP, "request": {"method": "POST", "url": "Group"}}]),
    ("two types with one identifier", [update(GROUP), update(named("PlanDefinition", "g"))]),
]


@pytest.mark.parametrize("entries", [case[1] for case in TAKEN], ids=[case[0] for case in TAKEN])
def test_what_does_as_it_says_is_taken(entries: list[Tree]) -> None:
    assert len(made(*entries).entries) == len(entries)


# Ids of ours

def test_under_our_ids_every_conditional_update_is_one_of_an_id() -> None:
    before = made(update(study("A", at=urn(SPONSOR)), ifMatch='W/"3"'), create(SPONSOR), put(GROUP, "1"), plain(named("Group", "h")))
    found = with_ids(before)
    ids = [urn(study("A")).removeprefix("urn:uuid:"), "", "1", ""]
    assert [entry.id for entry in found.entries] == ids
    assert [entry.url for entry in found.entries] == [f"ResearchStudy/{ids[0]}", "Organization", "Group/1", "Group"]
    assert [entry.condition for entry in found.entries][1:] == [entry.condition for entry in before.entries][1:]
    parts = parse(found.content)["entry"]
    assert [part["request"]["url"] for part in parts] == [entry.url for entry in found.entries]
    assert [part["resource"].get("id") for part in parts] == [ids[0], None, "1", None]
    assert [part["fullUrl"] for part in parts] == [entry.full_url for entry in before.entries]
    assert parts[0]["request"]["ifMatch"] == 'W/"3"'
    assert parts[0]["resource"]["sponsor"] == {"reference": urn(SPONSOR)}
    assert (found.given, found.sha256) == (before.given, sha256(found.content).hexdigest())


@pytest.mark.parametrize("full_url", [None, "https://a.example.org/r4/Group/9", "urn:oid:1.2.3", urn(GROUP).upper().replace("URN:UUID", "urn:uuid")])
def test_where_there_is_no_uuid_the_id_is_made_of_the_condition(full_url: str | None) -> None:
    entry = {name: part for name, part in {**update(GROUP), "fullUrl": full_url}.items() if part is not None}
    [found] = with_ids(made(entry)).entries
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", found.id)
    if not (full_url or "").startswith("urn:uuid:"):
        assert found.id == str(uuid5(NAMESPACE_URL, f"Group?identifier={SYSTEM}|g"))
    again = {**entry, "request": {"method": "PUT", "url": f"Group?identifier={SYSTEM}|g"}}
    assert with_ids(made(again)).entries[0].id == found.id


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_our_ids_are_those_of_our_full_urls_and_stay_so(path: Path) -> None:
    before = parcel(Given(path.read_bytes()))
    once = with_ids(before)
    assert [f"urn:uuid:{entry.id}" for entry in once.entries] == [entry.full_url for entry in before.entries]
    assert with_ids(once).content == once.content == with_ids(parcel(Given(path.read_bytes()))).content
    assert parcel(Given(once.content)).content == once.content  # which is a Bundle that can be pushed


# What falls apart

def chain(*values: str) -> list[Tree]:
    """Groups, each of which refers to the one before it."""
    resources = [named("Group", value) for value in values]
    return [update({**one, "managingEntity": {"reference": urn(before)}} if before else one) for before, one in zip([None, *resources], resources, strict=False)]


JOINED: list[tuple[str, list[Tree], list[list[int]]]] = [
    # what, the entries, the numbers of those that belong together
    ("nothing", [update(named("Group", value)) for value in "abc"], [[0], [1], [2]]),
    ("a chain", chain(*"abc"), [[0, 1, 2]]),
    ("two chains", [*chain(*"ab"), *chain(*"cd")], [[0, 1], [2, 3]]),
    ("one in the middle of another", [(two := chain(*"cd"))[0], *chain(*"ab"), two[1]], [[0, 3], [1, 2]]),
    ("a circle", [update({**GROUP, "managingEntity": {"reference": urn(SPONSOR)}}), update({**SPONSOR, "partOf": {"reference": urn(GROUP)}})], [[0, 1]]),
    ("one that two refer to", [update(study("A", at=urn(SPONSOR))), update(study("B", at=urn(SPONSOR))), update(SPONSOR)], [[0, 1, 2]]),
    ("a reference to itself", [update(study("A", at=urn(study("A")))), update(GROUP)], [[0], [1]]),
    ("a reference by id", [update(study("A", at="Organization/o-1")), put(SPONSOR, "o-1"), update(GROUP)], [[0, 1], [2]]),
    ("a reference by address", [update(study("A", at="https://a.example.org/r4/Organization/9")), {**update(SPONSOR), "fullUrl": "https://a.example.org/r4/Organization/9"}, update(GROUP)],
     [[0, 1], [2]]),
    ("a relative one to that address", [update(study("A", at="Organization/9")), {**update(SPONSOR), "fullUrl": "https://a.example.org/r4/Organization/9"}, update(GROUP)], [[0, 1], [2]]),
    ("a reference by condition", [update(study("A", at=f"Organization?{condition(SPONSOR)}")), create(SPONSOR), update(GROUP)], [[0, 1], [2]]),
    ("a condition in another spelling", [update(study("A", at=f"Organization?identifier={SYSTEM}|o")), create(SPONSOR), update(GROUP)], [[0, 1], [2]]),
    ("a reference in the depth", [update(study("A", extension=[{"url": "x", "valueReference": {"reference": urn(SPONSOR)}}])), update(SPONSOR)], [[0, 1]]),
    ("a reference in what is contained", [update(study("A", contained=[{"resourceType": "Location", "id": "l", "managingOrganization": {"reference": urn(SPONSOR)}}])), update(SPONSOR)], [[0, 1]]),
    ("elsewhere", [update(study("A", at="Organization/77")), update(SPONSOR)], [[0], [1]]),
]
joined = pytest.mark.parametrize(("entries", "groups"), [case[1:] for case in JOINED], ids=[case[0] for case in JOINED])


@joined
def test_what_refers_to_each_other_belongs_together(entries: list[Tree], groups: list[list[int]]) -> None:
    assert sorted([entry.number for entry in group] for group in components(made(*entries))) == groups


@joined
def test_a_bundle_is_halved_where_nothing_holds_it(entries: list[Tree], groups: list[list[int]]) -> None:
    whole = made(*entries)
    parts = halves(whole)
    if len(groups) == 1:
        assert parts is None
        return
    assert parts is not None
    is_halved(whole, *parts)


def is_halved(whole: Parcel, *parts: Parcel) -> None:
    """The parts have every entry once, as it was and under its number, and refer to nothing outside."""
    assert all(part.entries for part in parts)
    assert sorted((entry for part in parts for entry in part.entries), key=lambda entry: entry.number) == sorted(whole.entries, key=lambda entry: entry.number)
    for part in parts:
        inside = {entry.number for entry in part.entries}
        assert all(others <= inside for number, others in led_to(whole.entries).items() if number in inside)
        assert [one["resource"] for one in parse(part.content)["entry"]] == [entry.resource for entry in part.entries]
        assert parcel(Given(part.content)).sha256 == part.sha256  # which is a Bundle that can be pushed
        assert part.given == whole.given


def test_any_bundle_is_halved_until_it_is_one() -> None:
    chance = random.Random(5)
    for _ in range(15):
        number = chance.randrange(2, 30)
        resources = [named("Group", str(n)) for n in range(number)]
        references = {n: chance.randrange(number) for n in range(number) if chance.random() < 0.4}
        whole = made(*(update({**one, **({"managingEntity": {"reference": urn(resources[references[n]])}} if n in references else {})}) for n, one in enumerate(resources)))
        todo, done = [whole], []
        while todo:
            parts = halves(part := todo.pop())
            if parts is None:
                assert len(components(part)) == 1
                done.append(part)
            else:
                is_halved(part, *parts)
                todo += parts
        assert len(done) == len(components(whole))
        is_halved(whole, *done)


def test_the_halves_are_as_alike_as_can_be() -> None:
    whole = made(*(update(named("Group", str(n))) for n in range(8)))
    assert [len(part.entries) for part in halves(whole) or ()] == [4, 4]


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_what_we_write_belongs_together(path: Path) -> None:
    assert halves(parcel(Given(path.read_bytes()))) is None
