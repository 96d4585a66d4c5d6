"""That the server in memory answers as the servers it stands for, which is all that tests on it are worth."""

import json
from urllib.parse import quote
from uuid import uuid4

import pytest
import requests

from converter.convert import convert
from converter.json_text import encode, parse
from tests.faults.memory import Memory, MemoryServer

HOST = "trials.test"
SYSTEM = f"https://{HOST}/id"
STYLES = ("hapi", "medplum")


def key(value, system=SYSTEM):
    """A condition that finds the identifier."""
    return "identifier=" + quote(f"{system}|{value}", safe="")


def named(kind, value, **members):
    return {"resourceType": kind, "identifier": [{"system": SYSTEM, "value": value}], **members}


def put(resource, name="", **request):
    """An entry that writes the resource where its identifier is found."""
    kind, value = resource["resourceType"], resource["identifier"][0]["value"]
    return {**({"fullUrl": name} if name else {}), "resource": resource, "request": {"method": "PUT", "url": f"{kind}?{key(value)}", **request}}


def create(resource, name="", **request):
    return {**({"fullUrl": name} if name else {}), "resource": resource, "request": {"method": "POST", "url": resource["resourceType"], **request}}


def send(server, *entries, kind="transaction"):
    return requests.post(server.url, json={"resourceType": "Bundle", "type": kind, "entry": entries}, timeout=5)


def ask(server, path, method="GET", **more):
    return requests.request(method, f"{server.url}/{path}", timeout=5, **more)


def statuses(answer):
    return [entry["response"]["status"] for entry in answer.json()["entry"]]


URN = "urn:uuid:00000000-0000-4000-8000-00000000000{}"
GROUP = named("Group", "g", type="person", actual=False)
STUDY = named("ResearchStudy", "s", status="active", enrollment=[{"reference": URN.format(1)}])
PLAN = named("PlanDefinition", "p", status="draft", library=[URN.format(1)])
ORGANIZATION = named("Organization", "o", name="A")
THREE = put(STUDY, URN.format(0)), put(PLAN, URN.format(2)), put(GROUP, URN.format(1))


@pytest.mark.parametrize(("style", "first", "again", "versions"), [
    ("hapi", ["201 Created"] * 3, ["200 OK"] * 3, 1),
    ("medplum", ["201"] * 3, ["200"] * 3, 2),
])
def test_a_transaction_sent_twice_is_kept_once(style, first, again, versions):
    with MemoryServer(style=style) as server:
        assert statuses(send(server, *THREE)) == first
        assert statuses(send(server, *THREE)) == again
    study, = server.memory.all("ResearchStudy")
    group, = server.memory.all("Group")
    plan, = server.memory.all("PlanDefinition")
    assert study["enrollment"] == [{"reference": f"Group/{group['id']}"}]
    assert plan["library"] == [f"Group/{group['id']}"]
    assert len(server.memory.versions("Group", group["id"])) == versions


@pytest.mark.parametrize("release", ["r4", "r5"])
@pytest.mark.parametrize("style", STYLES)
def test_our_own_bundle_is_kept_whole(style, release):
    record = {"protocolSection": {"identificationModule": {"nctId": "NCT00000001", "briefTitle": "A trial"}, "designModule": {"studyType": "INTERVENTIONAL"},
                                  "eligibilityModule": {"minimumAge": "18 Years", "eligibilityCriteria": "Inclusion Criteria:\n\n* A"}}}
    document = convert(encode(record), release).document
    with MemoryServer(release, style=style) as server:
        answer = requests.post(server.url, data=document, timeout=5)
    assert [status[:3] for status in statuses(answer)] == ["201"] * 3
    sent = [entry["resource"] for entry in parse(document)["entry"]]
    kept = [server.memory.all(resource["resourceType"]) for resource in sent]
    assert [[one["resourceType"], one["identifier"]] for one, in kept] == [[one["resourceType"], one["identifier"]] for one in sent]
    assert b"urn:uuid" not in encode(kept)


def test_an_entry_of_hapi():
    with MemoryServer() as server:
        send(server, put(GROUP))
        entry, = send(server, put({**GROUP, "name": "B"}), kind="batch").json()["entry"]
        same, = send(server, put({**GROUP, "name": "B"})).json()["entry"]
    response = entry["response"]
    assert (response["status"], response["location"], response["etag"]) == ("200 OK", "Group/1/_history/2", "2")
    assert response["outcome"]["issue"][0]["details"]["coding"][0]["code"] == "SUCCESSFUL_UPDATE_WITH_CONDITIONAL_MATCH"
    assert same["response"]["outcome"]["issue"][0]["details"]["coding"][0]["code"] == "SUCCESSFUL_UPDATE_WITH_CONDITIONAL_MATCH_NO_CHANGE"
    assert same["response"]["location"] == "Group/1/_history/2"
    assert "resource" not in entry


def test_an_entry_of_medplum():
    with MemoryServer(style="medplum") as server:
        entry, = send(server, put(GROUP)).json()["entry"]
    group, = server.memory.all("Group")
    assert entry["resource"] == group
    assert (entry["response"]["status"], entry["response"]["location"]) == ("201", f"Group/{group['id']}")
    assert "etag" not in entry["response"]


TWO = named("Group", "twice", type="person", actual=False), named("Group", "twice", type="person", actual=False)
OLD = {"resourceType": "Group", "id": "old", "type": "person", "actual": False}
REFUSED = [
    # what, the entries after one that is right, the status of HAPI and of Medplum (200: taken)
    ("two match a PUT", [put(TWO[0])], 412, 400),
    ("two match a create", [create(TWO[0], ifNoneExist=key("twice"))], 412, 412),
    ("the same PUT twice", [put(named("Group", "x"), URN.format(1)), put(named("Group", "x"), URN.format(2))], 200, 400),
    ("the same PUT twice, without names", [put(named("Group", "x"))] * 2, 400, 400),
    ("the same create twice", [create(named("Group", "x"), URN.format(n), ifNoneExist=key("x")) for n in (1, 2)], 200, 200),
    ("the same create twice, without names", [create(named("Group", "x"), ifNoneExist=key("x"))] * 2, 400, 200),
    ("the same id twice", [{"resource": {**OLD, "id": "a"}, "request": {"method": "PUT", "url": "Group/a"}}] * 2, 400, 400),
    ("an address that no entry has", [put({**STUDY, "site": [{"reference": URN.format(9)}]}), put(GROUP, URN.format(1))], 400, 200),
    ("a resource that is not there", [put({**STUDY, "site": [{"reference": "Location/nope"}]}), put(GROUP, URN.format(1))], 400, 200),
    ("an id of digits", [{"resource": {**OLD, "id": "123456789"}, "request": {"method": "PUT", "url": "Group/123456789"}}], 400, 200),
    ("another id than it holds", [{"resource": {**OLD, "id": "c"}, "request": {"method": "PUT", "url": "Group/b"}}], 200, 400),
    ("a condition that it does not fit", [{"resource": GROUP, "request": {"method": "PUT", "url": f"Group?{key('other')}"}}], 412, 200),
    ("a parameter that is not known", [{"resource": GROUP, "request": {"method": "PUT", "url": "Group?colour=red"}}], 400, 200),
    ("a version that is not the current one", [{"resource": OLD, "request": {"method": "PUT", "url": "Group/old", "ifMatch": 'W/"9"'}}], 409, 412),
]
ALSO = [
    # what neither server refuses in this way, and no client should send
    ("another type than it holds", [{"resource": ORGANIZATION, "request": {"method": "PUT", "url": f"Group?{key('o')}"}}], 400, 400),
    ("an unknown type", [put(named("Citation", "x"))], 404, 404),
    ("no request", [{"resource": GROUP}], 400, 400),
]


def hold_a_refusal(server, entries, status, host=HOST):
    """The transaction has that status, and leaves its first entry only when it is taken; `host` keeps it apart from others."""
    def here(tree):
        return json.loads(json.dumps(tree).replace(HOST, host))

    for resource in TWO:
        ask(server, "Group", "POST", json=here(resource))
    ask(server, "Group/old", "PUT", json=OLD)
    answer = send(server, *here([put(ORGANIZATION), *entries]))
    kept = ask(server, here(f"Organization?{key('o')}")).json()
    assert answer.status_code == status
    assert answer.json()["resourceType"] == ("Bundle" if status == 200 else "OperationOutcome")
    assert len(kept.get("entry", [])) == (status == 200)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("entries", "by_hapi", "by_medplum"), [case[1:] for case in (*REFUSED, *ALSO)], ids=[case[0] for case in (*REFUSED, *ALSO)])
def test_a_transaction_that_is_refused_leaves_nothing(entries, by_hapi, by_medplum, style):
    with MemoryServer(style=style) as server:
        hold_a_refusal(server, entries, by_hapi if style == "hapi" else by_medplum)


@pytest.mark.servers
@pytest.mark.parametrize(("style", "fixture"), [("hapi", "hapi_r4"), ("medplum", "medplum")])
@pytest.mark.parametrize(("entries", "by_hapi", "by_medplum"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_the_server_that_it_stands_for_refuses_the_same(entries, by_hapi, by_medplum, style, fixture, request):
    hold_a_refusal(request.getfixturevalue(fixture), entries, by_hapi if style == "hapi" else by_medplum, f"{uuid4()}.test")


def test_of_two_with_the_same_condition_hapi_keeps_the_first_and_answers_once():
    with MemoryServer() as server:
        answer = send(server, put({**GROUP, "name": "first"}, URN.format(1)), put({**GROUP, "name": "second"}, URN.format(3)), put(STUDY))
    assert statuses(answer) == ["201 Created"] * 2
    assert [one["name"] for one in server.memory.all("Group")] == ["first"]


SWITCHES = [
    # what the server does, its switches, the status, those of the entries, the organizations it has afterwards
    ("all or nothing", {}, 404, None, 0),
    ("no rollback", {"atomic": False}, 404, None, 1),
    ("as a batch", {"as_batch": True}, 200, ["201 Created", "404 Not Found"], 1),
    ("as a batch, as Medplum says it", {"as_batch": True, "style": "medplum"}, 200, ["201", "404"], 1),
    ("no transactions", {"transactions": False}, 405, None, 0),
    ("too many", {"max_entries": 1}, 413, None, 0),
    ("too many, as Medplum says it", {"max_entries": 1, "style": "medplum"}, 400, None, 0),
    ("no conditions", {"conditions": False}, 405, None, 0),
    ("a token", {"tokens": ["t"]}, 401, None, 0),
]


@pytest.mark.parametrize(("switches", "status", "entries", "kept"), [case[1:] for case in SWITCHES], ids=[case[0] for case in SWITCHES])
def test_what_a_switch_does_to_a_transaction_of_which_one_entry_is_wrong(switches, status, entries, kept):
    with MemoryServer(**switches) as server:
        answer = send(server, put(ORGANIZATION), put(named("Citation", "x")))
        assert ask(server, "metadata").status_code == 200
    assert answer.status_code == status
    assert entries is None or (statuses(answer), answer.json()["type"]) == (entries, "transaction-response")
    assert len(server.memory.all("Organization")) == kept


def test_a_create_if_none_exists_leaves_what_is_there():
    with MemoryServer() as server:
        for name, status in (("A", "201 Created"), ("B", "200 OK")):
            assert statuses(send(server, create({**ORGANIZATION, "name": name}, ifNoneExist=key("o")))) == [status]
        assert ask(server, "Organization", "POST", json={**ORGANIZATION, "name": "C"}, headers={"If-None-Exist": key("o")}).status_code == 200
    assert [one["name"] for one in server.memory.all("Organization")] == ["A"]


def test_a_server_without_conditions_makes_another_copy():
    with MemoryServer(conditions=False) as server:
        for _ in range(2):
            assert statuses(send(server, create(ORGANIZATION, ifNoneExist=key("o")))) == ["201 Created"]
    assert len(server.memory.all("Organization")) == 2


VALUES = ["NCT1", "a+b", "a&b", "a,b", "a|b", "a$b", "a\\b", "a#b", "a%b", "a b", "é", "a\\,b", "=", "?/"]


@pytest.mark.parametrize("value", VALUES)
def test_an_identifier_is_found_by_its_condition(value):
    escaped = "".join(f"\\{one}" if one in "\\|,$" else one for one in value)
    near = [value + "x", value.replace("+", " "), value.upper() + "!", value.split(",")[0] + "-"]
    with MemoryServer() as server:
        for one in {*near} - {value}:
            server.memory.put(named("Group", one))
        for status in (201, 200, 200):
            assert ask(server, f"Group?{key(escaped)}", "PUT", json=named("Group", value)).status_code == status
        found = ask(server, f"Group?{key(escaped)}").json()
        assert [one["resource"]["identifier"][0]["value"] for one in found["entry"]] == [value]


SEARCHES = [
    # a query, and the ids that it finds
    ("identifier=a", ["one", "two"]),
    ("identifier=s|a", ["one"]),
    ("identifier=s%7Ca", ["one"]),
    ("identifier=|a", ["two"]),
    ("identifier=s|", ["one", "three"]),
    ("identifier=s|a,s|b", ["one", "three"]),
    ("identifier=A", []),
    ("identifier=a+b", ["space"]),
    ("identifier=a%2Bb", ["plus"]),
    ("_id=one,two", ["one", "two"]),
    ("_id=one&identifier=s|b", []),
    ("", ["one", "two", "three", "plus", "space"]),
]


@pytest.mark.parametrize(("query", "ids"), SEARCHES, ids=[case[0] for case in SEARCHES])
def test_what_a_search_finds(query, ids):
    with MemoryServer() as server:
        for id, identifier in [("one", {"system": "s", "value": "a"}), ("two", {"value": "a"}), ("three", {"system": "s", "value": "b"}),
                               ("plus", {"value": "a+b"}), ("space", {"value": "a b"})]:
            server.memory.put({"resourceType": "Group", "id": id, "identifier": [identifier]})
        whole = ask(server, f"Group?{query}").json()
        counted = ask(server, f"Group?{query}&_summary=count").json()
        assert [one["fullUrl"] for one in whole.get("entry", [])] == [f"{server.url}/Group/{id}" for id in ids]
    assert whole["total"] == counted["total"] == len(ids)
    assert "entry" not in counted


def test_a_server_that_does_not_know_identifiers_finds_everything():
    with MemoryServer(identifiers=False) as server:
        server.memory.put(named("Group", "another"))
        assert ask(server, f"Group?{key('g')}", "PUT", json=GROUP).json()["id"] == "1"
        assert "identifier" not in ask(server, "metadata").text
    assert [one["identifier"] for one in server.memory.all("Group")] == [GROUP["identifier"]]


def test_versions_are_kept_and_told():
    with MemoryServer() as server:
        made = ask(server, "Group", "POST", json=GROUP)
        assert (made.status_code, made.headers["Location"], made.headers["ETag"]) == (201, f"{server.url}/Group/1/_history/1", 'W/"1"')
        changed = {**GROUP, "id": "1", "name": "B"}
        for match, status in (('W/"1"', 200), ('W/"1"', 409), ('W/"2"', 200)):
            assert ask(server, "Group/1", "PUT", json=changed, headers={"If-Match": match}).status_code == status
        assert ask(server, "Group/1").headers["ETag"] == 'W/"2"'
        assert ask(server, "Group/1/_history/1").json()["meta"]["versionId"] == "1"
        assert [one["resource"]["meta"]["versionId"] for one in ask(server, "Group/1/_history").json()["entry"]] == ["2", "1"]
        assert [ask(server, path).status_code for path in ("Group/9", "Group/9/_history", "Group/1/_history/9", "Group/1/$x", "Citation", "Citation/1")] == [404] * 6


def test_an_answer_may_be_minimal():
    with MemoryServer() as server:
        made = ask(server, "Group", "POST", json=GROUP, headers={"Prefer": "return=minimal"})
    assert (made.status_code, made.content, made.headers["Location"]) == (201, b"", f"{server.url}/Group/1/_history/1")


def test_client_ids_may_be_refused():
    for taken, status in ((True, 201), (False, 405)):
        with MemoryServer(client_ids=taken) as server:
            assert ask(server, "Group/mine", "PUT", json={**GROUP, "id": "mine"}).status_code == status


def test_a_token_is_asked_for():
    with MemoryServer(tokens={"good"}) as server:
        for token, status in (("good", 200), ("bad", 401)):
            answer = ask(server, "Group", headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.headers.get("WWW-Authenticate")) == (status, None if status == 200 else 'Bearer realm="fhir"')


def test_only_its_base_answers():
    with MemoryServer() as server:
        assert [requests.get(server.origin + path, timeout=5).status_code for path in ("/", "/metadata", "/fhir/metadata", "/fhir", "/fhir/.well-known/x")] == [
            404, 404, 200, 400, 404]
        assert requests.post(f"{server.url}/", json={"resourceType": "Bundle", "type": "batch"}, timeout=5).status_code == 200
        assert requests.post(server.url, json={"resourceType": "Bundle", "type": "collection"}, timeout=5).status_code == 400
        assert requests.post(server.url, data=b"{", timeout=5).status_code == 400


CAPABILITIES = [
    # switches, where to look, what is there
    ({}, ("fhirVersion",), "4.0.1"),
    ({"release": "r5"}, ("fhirVersion",), "5.0.0"),
    ({"fhir_version": "4.3.0"}, ("fhirVersion",), "4.3.0"),
    ({}, ("rest", 0, "interaction"), [{"code": "transaction"}]),
    ({"transactions": False}, ("rest", 0, "interaction"), []),
    ({"types": ["Group"]}, ("rest", 0, "resource", -1, "type"), "Group"),
    ({"conditions": False}, ("rest", 0, "resource", 0, "conditionalUpdate"), False),
    ({"statement": lambda tree: {**tree, "rest": []}}, ("rest",), []),
]


@pytest.mark.parametrize(("switches", "path", "expected"), CAPABILITIES)
def test_what_it_says_it_can_do(switches, path, expected):
    with MemoryServer(**switches) as server:
        found = ask(server, "metadata").json()
    for step in path:
        found = found[step]
    assert found == expected


def test_digits_of_numbers_are_kept():
    with MemoryServer() as server:
        requests.post(f"{server.url}/Group", data=json.dumps({**GROUP, "quantity": 0}).replace('"quantity": 0', '"quantity": 1.50'), timeout=5)
        assert '"quantity":1.50' in ask(server, "Group/1").text


def test_a_memory_that_is_put_into_takes_the_resource_as_it_is():
    memory = Memory()
    assert memory.put({"resourceType": "Group", "id": "7"})["meta"]["versionId"] == "1"
    assert memory.put({"resourceType": "Group", "id": "7", "name": "B"})["meta"]["versionId"] == "2"
    assert [one["name"] for one in memory.all("Group")] == ["B"]
