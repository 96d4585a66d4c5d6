"""What a server says that it can do, and what the preflight makes of it."""

from urllib.parse import unquote

import pytest

from converter.json_text import encode, parse
from mappings.push.authorization import Nobody, Unauthorised
from mappings.push.capability import KINDS, REPOSITORY, SILENT, Capabilities, Check, capabilities, release_of, table
from mappings.push.http import Reply, Unanswered

ALL = ("read", "vread", "search-type", "create", "update", "delete")
SAYS_ALL = {"conditionalCreate": True, "conditionalUpdate": True}
UNSURE = "The first Bundle will show it"
PUT_ID = "Use --strategy put-id"
ANOTHER = "Choose a server that takes it, such as a research repository"


class Bearer:
    """Credentials that show something."""

    def described(self):
        return "bearer token from a file"


class Server:
    """Answers like a server: with its statement, and to every search alike, or for a type of its own."""

    def __init__(self, statement, search=None, credentials=None, **searches):
        self.statement, self.search, self.searches = statement, search or found(), searches
        self.credentials = credentials or Nobody()
        self.asked = []

    def ask(self, method, path="", body=None, headers=None, until=None):
        self.asked.append((method, path, headers, until))
        answer = self.statement if path == "metadata" else self.searches.get(path.partition("?")[0], self.search)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Reply) else reply(answer)


def reply(body, status=200, **headers):
    return Reply(status, headers, body if isinstance(body, bytes) else encode(body))


def found(total=0, **members):
    return {"resourceType": "Bundle", "type": "searchset", "total": total, **members}


def outcome(text, code="processing"):
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code, "diagnostics": text}]}


def resource(kind, interactions=ALL, parameters=("_id", "identifier"), **members):
    return {"type": kind, "interaction": [{"code": code} for code in interactions], "searchParam": [{"name": name, "type": "token"} for name in parameters],
            **(SAYS_ALL | members)}


def statement(*resources, version="4.0.1", system=("transaction",), **members):
    rest = {"mode": "server", "resource": list(resources or map(resource, KINDS)), "interaction": [{"code": code} for code in system], **members}
    return {"resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "software": {"name": "Test", "version": "1.2"},
            "fhirVersion": version, "format": ["json"], "rest": [rest]}


def without(tree, *names):
    return {name: part for name, part in tree.items() if name not in names}


def checked(able):
    return {check.subject: check for check in able.checks}


def wrong(able):
    """What is not right, as subject and found."""
    return [(check.status, check.subject, check.found, check.advice) for check in able.checks if check.status != "ok"]


def study(**members):
    return statement(resource("ResearchStudy", **members), *map(resource, KINDS[1:]))


# Real statements, cut down to what matters

HAPI = {"resourceType": "CapabilityStatement", "name": "RestServer", "status": "active", "kind": "instance", "software": {"name": "HAPI FHIR Server", "version": "8.8.0"},
        "fhirVersion": "4.0.1", "format": ["application/fhir+xml", "xml", "application/fhir+json", "json"],
        "rest": [{"mode": "server", "interaction": [{"code": "transaction"}, {"code": "history-system"}], "resource": [
            {"type": kind, "versioning": "versioned-update", "conditionalCreate": True, "conditionalUpdate": True, "conditionalDelete": "multiple",
             "interaction": [{"code": code} for code in ("search-type", "update", "vread", "read", "patch", "history-type", "history-instance", "delete", "create")],
             "searchParam": [{"name": "_id", "type": "token"}, {"name": "identifier", "type": "token"}]} for kind in ("Account", *KINDS)]}]}
HAPI_FOUND_NOTHING = {"resourceType": "Bundle", "id": "52d47b7c-90e5-48ab-b727-75fb60d0e681", "type": "searchset", "total": 0, "meta": {
    "tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}]}}
MEDPLUM = {"resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "date": "2026-01-01", "fhirVersion": "4.0.1", "format": ["json"], "rest": [
    {"mode": "server", "interaction": [{"code": "transaction"}, {"code": "batch"}], "resource": [
        {"type": kind, "interaction": [{"code": code} for code in ("read", "create", "update", "search-type")], "updateCreate": True, **SAYS_ALL,
         "searchParam": [{"name": "identifier", "type": "token"}]} for kind in (*KINDS, "Organization")]}]}


@pytest.mark.parametrize(("said", "search", "strategy"), [
    (HAPI, HAPI_FOUND_NOTHING, "conditional"), (HAPI, HAPI_FOUND_NOTHING, "sequential"),
    (MEDPLUM, found(), "conditional"), (MEDPLUM, found(), "put-id"), (MEDPLUM, found(), "sequential"),
])
def test_real_servers_pass(said, search, strategy):
    able = capabilities(Server(said, search), release="r4", strategy=strategy)
    assert wrong(able) == []
    assert (able.version, able.release, able.refused) == ("4.0.1", "r4", False)


def test_hapi_is_not_refused_for_what_it_does_without_saying_so():
    able = capabilities(Server(HAPI), release="r4", strategy="put-id")
    assert not able.refused
    assert wrong(able) == [("doubtful", f"{kind}, ids of ours", "does not say", f"{UNSURE}; else use --strategy conditional") for kind in KINDS]


def test_the_whole_of_a_preflight():
    server = Server(study(interactions=("read", "search-type")), credentials=Bearer(), Group=reply(outcome("Forbidden"), 403))
    able = capabilities(server, release=None, strategy="conditional")
    assert able == Capabilities("4.0.1", "r4", "Test 1.2", (
        Check("server", "Test 1.2", "ok"),
        Check("FHIR version", "4.0.1 (R4)", "ok"),
        Check("ResearchStudy", "read, search; no create, update", "missing", REPOSITORY),
        Check("ResearchStudy, conditional", "update: yes; create: yes", "ok"),
        Check("ResearchStudy by identifier", "listed; found 0 by an identifier that nobody has", "ok"),
        Check("PlanDefinition", "read, search, create, update", "ok"),
        Check("PlanDefinition, conditional", "update: yes; create: yes", "ok"),
        Check("PlanDefinition by identifier", "listed; found 0 by an identifier that nobody has", "ok"),
        Check("Group", "read, search, create, update", "ok"),
        Check("Group, conditional", "update: yes; create: yes", "ok"),
        Check("Group by identifier", "listed; asked for one, it answered 403 with Forbidden", "doubtful", "These credentials may not search; ask who runs the server"),
        Check("transaction", "yes", "ok"),
        Check("authorisation", "the server names nothing; in use: bearer token from a file", "ok"),
    ))
    assert able.refused


def test_the_table_is_for_people():
    able = Capabilities("4.0.1", "r4", "Test", (Check("server", "Test", "ok"), Check("Group by identifier", "listed", "doubtful", "Ask"), Check("transaction", "no", "missing", "Try")))
    assert table(able) == [
        "ok          server               Test",
        "? doubtful  Group by identifier  listed",
        "                                 Ask",
        "✗ missing   transaction          no",
        "                                 Try",
    ]


def test_programs_get_the_same():
    able = capabilities(Server(HAPI), release="r4")
    assert parse(encode(able))["checks"][1] == {"subject": "FHIR version", "found": "4.0.1 (R4)", "status": "ok", "advice": ""}


# Versions

VERSIONS = [
    # what the server says, release asked for, release found, what is said
    ("4.0.1", "r4", "r4", None), ("4.0.0", "r4", "r4", None), ("4.3.0", "r4b", "r4b", None), ("5.0.0", "r5", "r5", None), ("5.0.0-ballot", "r5", "r5", None),
    ("4.0.1", None, "r4", None), ("4.3.0", None, "r4b", None), ("5.0.0", None, "r5", None),
    ("4.0.1", "r5", "r4", ("missing", "4.0.1 (R4); the Bundles are R5", f"{SILENT}; use --release r4")),
    ("5.0.0", "r4", "r5", ("missing", "5.0.0 (R5); the Bundles are R4", f"{SILENT}; use --release r5")),
    ("4.3.0", "r4", "r4b", ("missing", "4.3.0 (R4B); the Bundles are R4", f"{SILENT}; use --release r4b")),
    ("3.0.2", "r4", None, ("missing", "3.0.2", "trialbridge writes R4, R4B, R5; another server is needed")),
    ("1.0.2", None, None, ("missing", "1.0.2", "trialbridge writes R4, R4B, R5; another server is needed")),
    ("6.0.0-ballot3", None, None, ("missing", "6.0.0-ballot3", "trialbridge writes R4, R4B, R5; another server is needed")),
    ("14.0.1", None, None, ("missing", "14.0.1", "trialbridge writes R4, R4B, R5; another server is needed")),
    ("5.01", None, None, ("missing", "5.01", "trialbridge writes R4, R4B, R5; another server is needed")),
    ("R4", None, None, ("missing", "R4", "trialbridge writes R4, R4B, R5; another server is needed")),
    ("", "r4", None, ("doubtful", "does not say", f"{SILENT}; make sure that it is the one of --release")),
    ("", None, None, ("doubtful", "does not say", f"{SILENT}; make sure that it is the one of --release")),
]


@pytest.mark.parametrize(("version", "release", "theirs", "expected"), VERSIONS)
def test_a_server_of_another_release_is_refused(version, release, theirs, expected):
    able = capabilities(Server(statement(version=version)), release=release)
    check = checked(able)["FHIR version"]
    assert (able.version, able.release) == (version, theirs)
    assert (check.status, check.found, check.advice) == (expected or ("ok", f"{version} ({theirs.upper()})", ""))


@pytest.mark.parametrize("version", [None, 4, ["4.0.1"], {"value": "4.0.1"}])
def test_a_version_that_is_no_text_is_none(version):
    assert capabilities(Server(statement(version=version)), release=None).release is None


def test_a_statement_of_dstu2_is_of_another_release():
    able = capabilities(Server({"resourceType": "Conformance", "fhirVersion": "1.0.2"}), release="r4")
    assert (able.refused, able.release, release_of(able.version)) == (True, None, None)


# What is listed, and what is not

STATEMENTS = [
    # what, statement, strategy, what is not right: status, subject, found, advice
    ("a type is not listed", statement(*map(resource, KINDS[:2])), "conditional", [("missing", "Group", "not among the 2 types of the server", ANOTHER)]),
    ("an electronic health record", statement(resource("Patient"), resource("Group", ("read", "search-type"))), "sequential", [
        ("missing", "ResearchStudy", "not among the 2 types of the server", REPOSITORY),
        ("missing", "PlanDefinition", "not among the 2 types of the server", ANOTHER),
        ("missing", "Group", "read, search; no create, update", ANOTHER)]),
    ("no create", study(interactions=("read", "search-type", "update")), "conditional", [("missing", "ResearchStudy", "read, search, update; no create", REPOSITORY)]),
    ("no update", study(interactions=("read", "search-type", "create")), "sequential", [("missing", "ResearchStudy", "read, search, create; no update", REPOSITORY)]),
    ("no create, and ids of ours", study(interactions=("read", "search-type", "update"), updateCreate=True), "put-id", [
        ("doubtful", "ResearchStudy", "read, search, update; no create", "--verify and --skip-unchanged may not work")]),
    ("no search, and searched for", study(interactions=("read", "create", "update")), "sequential", [("missing", "ResearchStudy", "read, create, update; no search", "Use --strategy conditional")]),
    ("no search", study(interactions=("read", "create", "update")), "conditional", [
        ("doubtful", "ResearchStudy", "read, create, update; no search", "--verify and --skip-unchanged may not work")]),
    ("no read", study(interactions=("search-type", "create", "update")), "conditional", [
        ("doubtful", "ResearchStudy", "search, create, update; no read", "--verify and --skip-unchanged may not work")]),
    ("other interactions", study(interactions=("vread",)), "conditional", [("missing", "ResearchStudy", "; no read, search, create, update", REPOSITORY)]),
    ("no word of interactions", study(interactions=()), "conditional", [("doubtful", "ResearchStudy", "does not say what it does with them", UNSURE)]),
    ("no conditional update", study(conditionalUpdate=False), "conditional", [
        ("missing", "ResearchStudy, conditional", "update: no; create: yes", "Use --strategy put-id or sequential")]),
    ("no word of conditional update", study(conditionalUpdate=None, conditionalCreate=None), "conditional", [
        ("doubtful", "ResearchStudy, conditional", "update: does not say; create: does not say", f"{UNSURE}; else use --strategy put-id or sequential")]),
    ("no conditional create", study(conditionalCreate=False), "conditional", [
        ("doubtful", "ResearchStudy, conditional", "update: yes; create: no", "Only Bundles with ifNoneExist need that")]),
    ("no conditions where none is needed", study(conditionalUpdate=False, conditionalCreate=False), "sequential", []),
    ("no ids of ours", study(updateCreate=False), "put-id", [("missing", "ResearchStudy, ids of ours", "no", "Use --strategy conditional")]),
    ("no word of an identifier", study(parameters=("_id",)), "conditional", [
        ("doubtful", "ResearchStudy by identifier", "not listed; found 0 by an identifier that nobody has", f"It may pass the identifier over; {PUT_ID.lower()}")]),
    ("no word of parameters", study(parameters=()), "conditional", []),
    ("no transaction", statement(system=("batch", "history-system")), "conditional", [("missing", "transaction", "not among batch, history-system", "Use --strategy sequential")]),
    ("no transaction for ids of ours", statement(*(resource(kind, updateCreate=True) for kind in KINDS), system=("batch",)), "put-id", [
        ("missing", "transaction", "not among batch", "Use --strategy sequential")]),
    ("no transaction where none is needed", statement(system=("batch",)), "sequential", []),
    ("no word of transactions", statement(system=()), "conditional", [("doubtful", "transaction", "does not say", f"{UNSURE}; else use --strategy sequential")]),
    ("a client's side first", {**statement(), "rest": [{"mode": "client", "resource": [resource("Patient")]}, *statement()["rest"]]}, "conditional", []),
    ("nobody, where somebody is expected", statement(security={"cors": True, "service": [{"coding": [{"code": "SMART-on-FHIR"}]}, {"text": "OAuth"}, {}]}), "conditional", [
        ("doubtful", "authorisation", "the server names SMART-on-FHIR, OAuth; in use: no credentials", "Give --auth")]),
]


@pytest.mark.parametrize(("said", "strategy", "expected"), [case[1:] for case in STATEMENTS], ids=[case[0] for case in STATEMENTS])
def test_what_is_denied_is_missing_and_what_is_not_said_is_doubtful(said, strategy, expected):
    able = capabilities(Server(said), release="r4", strategy=strategy)
    if strategy == "put-id":
        assert [one for one in wrong(able) if one[2] != "does not say"] == expected
    else:
        assert wrong(able) == expected
    assert able.refused == any(status == "missing" for status, *_ in expected)


SECTIONS = [without(statement(), "rest"), {**statement(), "rest": None}, {**statement(), "rest": [None, 5]}, {**statement(), "rest": [{"mode": "server"}]},
            {**statement(), "rest": [{"mode": "server", "resource": {}, "interaction": "transaction", "security": []}]},
            {**statement(), "rest": [{"mode": "server", "resource": [{"type": kind, "interaction": [None, {}], "searchParam": [[]]} for kind in KINDS]}]}]


@pytest.mark.parametrize("said", SECTIONS)
def test_a_section_that_is_not_there_refuses_nothing(said):
    able = capabilities(Server(said), release="r4")
    assert not able.refused
    assert {check.subject for check in able.checks if check.status == "doubtful"} >= {*KINDS, *(f"{kind}, conditional" for kind in KINDS)}


def test_a_server_that_names_its_services_is_told_as_whom_we_come():
    service = {"service": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "OAuth"}]}]}
    able = capabilities(Server(statement(security=service), credentials=Bearer()), release="r4")
    assert able.checks[-1] == Check("authorisation", "the server names OAuth; in use: bearer token from a file", "ok")


def test_only_the_types_that_are_sent_are_checked():
    able = capabilities(Server(statement(resource("Organization"), resource("Location", ("read",)))), release="r4", kinds=("Organization", "Location"))
    assert wrong(able) == [("missing", "Location", "read; no search, create, update", ANOTHER)]
    assert not {subject for subject in checked(able) if "ResearchStudy" in subject}


# Searching by identifier

IGNORES = "It passes the identifier over, and would update anything; use --strategy put-id"
DOUBT = "It may pass the identifier over; use --strategy put-id"
HAPI_UNKNOWN = 'HAPI-0524: Unknown search parameter "identifier" for resource type "ResearchStudy".'
PROBES = [
    # what, answer, status, found, advice
    ("nothing", found(), "ok", "found 0 by an identifier that nobody has", ""),
    ("nothing, without a number", without(found(), "total"), "ok", "found 0 by an identifier that nobody has", ""),
    ("everything", found(4), "missing", "found 4 by an identifier that nobody has", IGNORES),
    ("everything, without a number", without(found(entry=[{"resource": {"resourceType": "ResearchStudy"}}] * 3), "total"), "missing", "found 3 by an identifier that nobody has", IGNORES),
    ("everything, with a wrong number", found(entry=[{}]), "missing", "found 1 by an identifier that nobody has", IGNORES),
    ("a number that is none", found("4\x1b[2J"), "ok", "found 0 by an identifier that nobody has", ""),
    ("a remark", found(entry=[{"search": {"mode": "outcome"}, "resource": outcome("The parameter identifier is not supported")}]), "doubtful",
     "found 0 by an identifier that nobody has; The parameter identifier is not supported", DOUBT),
    ("an unknown parameter", reply(outcome(HAPI_UNKNOWN), 400), "missing", f"asked for one, it answered 400 with {HAPI_UNKNOWN}", PUT_ID),
    ("an unknown summary", reply(outcome("Unknown parameter _summary"), 400), "doubtful", "asked for one, it answered 400 with Unknown parameter _summary", ""),
    ("no such type", reply(outcome("HAPI-0302: Unknown resource type 'ResearchStudy'"), 404), "missing", "asked for one, it answered 404 with HAPI-0302: Unknown resource type 'ResearchStudy'", REPOSITORY),
    ("forbidden", reply(b"", 403), "doubtful", "asked for one, it answered 403 with nothing", "These credentials may not search; ask who runs the server"),
    ("busy", reply(b"", 503), "doubtful", "asked for one, it answered 503 with nothing", "The server has too much to do, or is down; push again later, perhaps with fewer --jobs"),
    ("another resource", outcome("Hm"), "doubtful", "asked for one, it answered 200 with Hm", ""),
    ("a login page", reply(b"<html><title>Sign in</title>"), "doubtful", "asked for one, it answered 200 with an HTML page, 'Sign in'",
     "A proxy, a firewall or a login page answered in place of the server; check --server, --proxy and --auth"),
]


@pytest.mark.parametrize("strategy", ["conditional", "sequential"])
@pytest.mark.parametrize(("answer", "status", "expected", "advice"), [case[1:] for case in PROBES], ids=[case[0] for case in PROBES])
def test_the_identifier_is_searched_for_and_not_only_listed(answer, status, expected, advice, strategy):
    able = capabilities(Server(statement(), ResearchStudy=answer), release="r4", strategy=strategy)
    assert checked(able)["ResearchStudy by identifier"] == Check("ResearchStudy by identifier", f"listed; {expected}", status, advice)


def test_a_server_that_lists_no_identifier_and_ignores_it_is_refused():
    able = capabilities(Server(study(parameters=("_id",)), ResearchStudy=found(1)), release="r4")
    assert wrong(able) == [("missing", "ResearchStudy by identifier", "not listed; found 1 by an identifier that nobody has", IGNORES)]


def test_an_identifier_is_searched_for_that_nobody_has():
    server = Server(statement())
    capabilities(server, release="r4", until=5.0)
    capabilities(server, release="r4", until=5.0)
    searches = [ask for ask in server.asked if ask[1] != "metadata"]
    assert len({path for _, path, *_ in searches}) == 6
    for method, path, headers, until in searches:
        kind, _, query = path.partition("?")
        assert (method, until) == ("GET", 5.0)
        assert kind in KINDS
        assert unquote(query).startswith("identifier=https://w3id.org/trialbridge/sid/none|")
        assert query.endswith("&_summary=count")
        assert headers == {"Cache-Control": "no-cache", "Prefer": "handling=strict"}


def test_no_search_is_made_where_it_decides_nothing():
    server = Server(statement(resource("Group"), resource("ResearchStudy", updateCreate=True)))
    capabilities(server, release="r4", strategy="put-id")
    capabilities(server, release="r4", kinds=("PlanDefinition",))
    assert [path for _, path, *_ in server.asked] == ["metadata", "metadata"]


# No statement at all

NOT_THERE = "Nothing there answers as a FHIR server does; check the base URL that --server gives"
NO_STATEMENT = [
    # what, answer, found, advice
    ("a login page", reply(b"<!doctype html><title>Sign in</title>"), "200 with an HTML page, 'Sign in'",
     "A proxy, a firewall or a login page answered in place of the server; check --server, --proxy and --auth"),
    ("another address", reply({"detail": "Not Found"}, 404), "404 with Not Found", NOT_THERE),
    ("a redirect", reply(b"", 301, location="https://fhir.example.org/fhir/metadata"), "301 with a redirect to https://fhir.example.org/fhir",
     "Redirects are not followed; use that address as --server, where it is the server's own"),
    ("forbidden", reply(outcome("Not for you"), 403), "403 with Not for you", "The server does not allow it to these credentials; ask who runs it"),
    ("nobody known", reply(outcome("Who are you?"), 401), "401 with Who are you?", NOT_THERE),
    ("down", reply(b"upstream connect error", 503), "503 with upstream connect error", "The server has too much to do, or is down; push again later, perhaps with fewer --jobs"),
    ("another resource", found(), "200 with Bundle", NOT_THERE),
    ("an outcome inside of a success", outcome("Not today"), "200 with Not today", NOT_THERE),
    ("other JSON", {"name": "x"}, '200 with {"name":"x"}', NOT_THERE),
    ("nothing", reply(b""), "200 with nothing", NOT_THERE),
    ("a statement inside of a failure", reply(statement(), 500), "500 with CapabilityStatement", "The server, or a gateway before it, failed; push again: what has arrived is not written twice"),
]


@pytest.mark.parametrize(("answer", "expected", "advice"), [case[1:] for case in NO_STATEMENT], ids=[case[0] for case in NO_STATEMENT])
def test_a_server_without_a_statement_is_refused_in_its_own_words(answer, expected, advice):
    server = Server(answer)
    able = capabilities(server, release="r4")
    assert able == Capabilities("", None, "", (Check("capability statement", f"the server answered {expected}", "missing", advice),))
    assert [path for _, path, *_ in server.asked] == ["metadata"]


@pytest.mark.parametrize("error", [Unanswered("no connection", sent=False), Unauthorised("no token")])
@pytest.mark.parametrize("where", ["metadata", "search"])
def test_who_asks_hears_of_a_server_that_does_not_answer(error, where):
    with pytest.raises(type(error)):
        capabilities(Server(error) if where == "metadata" else Server(statement(), error), release="r4")


@pytest.mark.parametrize("content", ["application/fhir+json", "application/json+fhir", "application/json;charset=utf-8", "text/plain"])
def test_a_statement_is_one_whatever_its_content_type(content):
    assert not capabilities(Server(reply(statement(), **{"content-type": content})), release="r4").refused


def test_nothing_that_the_server_says_reaches_a_terminal_as_it_is():
    hostile = "\x1b[2J\x07\u202e\n"
    said = statement(*(resource(kind, (*ALL, hostile)) for kind in KINDS), version=f"4.0.1{hostile}", system=(f"batch{hostile}",),
                     security={"service": [{"text": f"OAuth{hostile}"}]})
    said["software"] = {"name": f"Test{hostile}", "version": hostile * 1_000}
    able = capabilities(Server(said, reply(outcome(f"no{hostile}"), 500)), release="r5")
    assert able.version == "4.0.1"
    assert all(line.isprintable() for line in table(able))
    assert max(map(len, table(able))) < 500


def test_a_statement_of_any_shape_is_no_fault_of_ours():
    for odd in (None, 5, "x", [], [[]], {}, {"code": 5}, [{"code": None}], True):
        for name in ("software", "fhirVersion", "rest"):
            capabilities(Server({**statement(), name: odd}), release="r4")
        for name in ("mode", "resource", "interaction", "security"):
            capabilities(Server(statement(**{name: odd}) if name not in ("resource", "interaction") else
                                {**statement(), "rest": [{**statement()["rest"][0], name: odd}]}), release="r4")
        for name in ("type", "interaction", "searchParam", "conditionalUpdate", "conditionalCreate", "updateCreate"):
            for strategy in ("conditional", "put-id", "sequential"):
                capabilities(Server(statement(*({**resource(kind), name: odd} for kind in KINDS))), release="r4", strategy=strategy)
        capabilities(Server(statement(security={"service": odd})), release="r4")
        capabilities(Server(statement(), found(odd, entry=odd)), release="r4")
