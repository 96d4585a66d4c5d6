"""The library's front door: what can be asked of a server, what is refused before anything is sent, and what is said of the rest."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from converter.convert import convert_all
from converter.documents import Inputs
from converter.problems import Problem, Problems
from mappings import server as front
from mappings.push.http import Limits
from mappings.push.outcomes import Outcome
from mappings.push.parcels import Parcel
from mappings.push.waiting import Patience
from mappings.server import Given, NotReady, Server
from tests.faults.answers import Answer, refusal, reply
from tests.faults.memory import MemoryServer
from tests.faults.scripted import Request, Scripted
from tests.push.checks import Tree
from tests.push.transactions import study, transaction, update

PATIENCE = Patience(first=0, asked=0)
TOKEN = "s3cr3t-of-ours/+="
URL = "https://fhir.example.org/r4"
ROOT = Path(__file__).parents[2]
A, B = transaction(update(study("A"))), transaction(update(study("B")))


def to(server: Scripted, **options: Any) -> Server:
    return Server(server.url, **{"patience": PATIENCE, "environ": {}, **options})


@pytest.fixture(autouse=True)
def no_authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is trusted: to read the system's authorities takes long."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "no-authorities"))


@pytest.fixture
def memory() -> Iterator[MemoryServer]:
    with MemoryServer() as found:
        yield found


# What cannot be meant

KEY, OPEN = "key.pem", "open"
REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    # what, the address, the options, what is said
    ("no address", "fhir.example.org", {}, "--server: found 'fhir.example.org'; expected an address such as https://fhir.example.org/r4"),
    ("not encrypted", "http://fhir.example.org/r4", {}, "--server: http://fhir.example.org/r4 is not encrypted: anybody on the way could read and change what is sent; "
     "expected https. --allow-http sends it all the same"),
    ("an address on the server", f"{URL}/metadata", {}, f"--server: '{URL}/metadata' is an address on the server; expected its base URL, perhaps {URL}"),
    ("no such auth", URL, {"auth": "digest"}, "--auth: expected one of none, basic, bearer, client-credentials, smart-backend, found 'digest'"),
    ("no token", URL, {"auth": "bearer"}, "--auth: bearer needs a token; expected --token-file, --token-command or the environment variable TRIALBRIDGE_TOKEN"),
    ("a token that is not used", URL, {"token_file": "token"}, "--token-file: is not used by --auth none; leave it out, or give --auth basic or bearer or client-credentials"),
    ("a token that others may read", URL, {"auth": "bearer", "token_file": OPEN},
     "--token-file: others may read or change open (its mode is 0644); expected a file for its owner alone: chmod 600"),
    ("a token that is not there", URL, {"auth": "bearer", "token_file": "missing"}, "--token-file: missing cannot be read: No such file or directory; expected a file with a secret"),
    ("a key of no certificate", URL, {"key": KEY}, "--key: is the key of a certificate, and there is none; give --cert too"),
    ("no key for smart-backend", URL, {"auth": "smart-backend", "client_id": "a"}, "--key: is needed by --auth smart-backend, and is not given"),
    ("a certificate that is not there", URL, {"cert": "missing"}, "--cert: missing cannot be read: No such file or directory"),
    ("nobody to trust", URL, {"ca_bundle": OPEN}, "--ca-bundle: found no certificate in open; expected certificates as PEM"),
    ("authorities that are not there", URL, {"ca_bundle": "missing"}, "--ca-bundle: missing cannot be read: No such file or directory; expected a file or folder of certificates"),
    ("no proxy", URL, {"proxy": "proxy.example.org:3128"}, "--proxy: found 'proxy.example.org:3128'; expected an address such as https://fhir.example.org/r4"),
    ("headers that are none", URL, {"header_file": "token"}, "--header-file: line 1 of token is no header; expected Name: value"),
    ("headers that others may read", URL, {"header_file": OPEN}, "--header-file: others may read or change open (its mode is 0644); expected a file for its owner alone: chmod 600"),
]


@pytest.mark.parametrize(("url", "options", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_cannot_be_meant_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, options: dict[str, Any], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    for name, mode in (("token", 0o600), (OPEN, 0o644), (KEY, 0o600)):
        (tmp_path / name).write_text("something")
        (tmp_path / name).chmod(mode)
    with pytest.raises(Problems) as refused:
        Server(url, **{"environ": {}, **options})
    assert str(refused.value) == message


def test_files_may_be_named_by_a_text_or_a_path(tmp_path: Path, memory: MemoryServer) -> None:
    memory.memory.tokens = [TOKEN]
    (path := tmp_path / "token").write_text(TOKEN)
    path.chmod(0o600)
    for name in (path, str(path)):
        assert to(memory, auth="bearer", token_file=name).capabilities().release == "r4"


def test_a_server_is_not_asked_before_there_is_something_to_ask(memory: MemoryServer) -> None:
    to(memory)
    assert memory.requests == []


# The preflight

def test_the_preflight_is_asked_once(memory: MemoryServer) -> None:
    server = to(memory)
    able = server.capabilities()
    assert (able.version, able.release, able.refused) == ("4.0.1", "r4", False)
    before = len(memory.requests)
    assert server.capabilities() is able and server.capabilities("r4") is able
    list(server.push([A]))
    assert [one.path for one in memory.requests[before:]].count("/fhir/metadata") == 0
    assert server.capabilities(strategy="put-id") is not able


@pytest.mark.parametrize(("release", "version"), [("r4", "4.0.1"), ("r4b", "4.3.0"), ("r5", "5.0.0")])
def test_the_release_is_the_server_s_own_unless_it_is_named(release: str, version: str) -> None:
    with MemoryServer(release) as memory:
        server = to(memory)
        assert (server.ready(), server.ready(release), server.capabilities().version) == (release, release, version)
        [found] = server.push([A])
        assert found.status == "created"


def silent(tree: Tree) -> Tree:
    """A statement that does not say the version."""
    return {name: part for name, part in tree.items() if name != "fhirVersion"}


NOT_READY: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    # what, the server, what is asked, the cause, the beginning of what is said
    ("another release", {}, {"release": "r5"}, "preflight", "FHIR version: 4.0.1 (R4); the Bundles are R5. A server takes another release without a word"),
    ("no transactions", {"transactions": False, "statement": lambda tree: {**tree, "rest": [{**tree["rest"][0], "interaction": [{"code": "batch"}]}]}}, {}, "preflight",
     "transaction: not among batch. Use --strategy sequential"),
    ("no studies", {"types": ("Group", "PlanDefinition")}, {}, "preflight", "ResearchStudy: not among the 2 types of the server. "),
    ("no version", {"statement": silent}, {}, "preflight", "the server does not say which release of FHIR it speaks; name it (--release)"),
]


@pytest.mark.parametrize(("switches", "options", "cause", "said"), [case[1:] for case in NOT_READY], ids=[case[0] for case in NOT_READY])
def test_a_server_that_will_not_do_is_sent_nothing(switches: dict[str, Any], options: dict[str, Any], cause: str, said: str, tmp_path: Path) -> None:
    with MemoryServer(**switches) as memory:
        with pytest.raises(NotReady) as refused:
            to(memory).push([A], journal=tmp_path / "journal", **options)  # before the first outcome is asked for
        assert (refused.value.cause, str(refused.value).startswith(said)) == (cause, True), str(refused.value)
        assert {one.method for one in memory.requests} == {"GET"}
        assert not (tmp_path / "journal").exists()


def test_a_server_that_does_not_say_its_release_is_told_it() -> None:
    with MemoryServer(statement=silent) as memory:
        assert to(memory).ready("r4") == "r4"
        [found] = to(memory).push([A], release="r4")
        assert found.status == "created"


def test_a_server_that_is_not_there_is_told_soon() -> None:
    with Scripted([refusal(503, "starting")]) as busy, pytest.raises(NotReady) as refused:
        to(busy).push([A])
    assert (refused.value.cause, str(refused.value)) == ("network", f"{busy.url}: the server answered 503: starting; tried {front.PREFLIGHT_TRIES} times")
    with pytest.raises(NotReady) as refused:
        to(busy).capabilities()  # it is stopped
    assert (refused.value.cause, str(refused.value)) == ("network", f"{busy.url}: no connection: Connection refused; tried {front.PREFLIGHT_TRIES} times")


def test_a_server_that_does_not_know_us_is_told_as_that() -> None:
    with Scripted([Answer(401, headers={"WWW-Authenticate": "Bearer"})]) as server, pytest.raises(NotReady) as refused:
        to(server).push([A])
    assert (refused.value.cause, str(refused.value).startswith(f"{server.url}: the server asks for credentials (Bearer)")) == ("auth", True)


def test_the_refusal_goes_from_process_to_process() -> None:
    before = NotReady("auth", [Problem("", "no")])
    after = pickle.loads(pickle.dumps(before))
    assert (type(after), after.cause, after.problems, str(after)) == (NotReady, "auth", before.problems, "no")
    assert isinstance(after, Problems)


# Pushing

def test_bundles_are_pushed_in_whatever_form_they_come(memory: MemoryServer) -> None:
    bundles: list[Any] = [A, json.loads(B), Given(transaction(update(study("C"))), "c.json", 7, "NCT1")]
    found = list(to(memory).push(bundles))
    assert [(one.source, one.index, one.id, one.status) for one in found] == [("", 0, "A", "created"), ("", 1, "B", "created"), ("c.json", 7, "NCT1", "created")]
    assert [one["identifier"][0]["value"] for one in memory.memory.all("ResearchStudy")] == ["A", "B", "C"]


def test_outcomes_come_before_the_last_bundle_is_there(memory: MemoryServer) -> None:
    def bundles() -> Iterator[bytes]:
        yield A
        yield B
        pytest.fail("more was asked for than was needed")

    outcomes = to(memory).push(bundles())
    assert [next(outcomes).status] == ["created"]


ARGUMENTS: list[tuple[dict[str, Any], str]] = [
    ({"strategy": "create"}, "strategy: found 'create'; expected one of conditional, put-id, sequential"),
    ({"resume": True}, "--resume: there is no journal to go on with; name one (--journal FILE)"),
    *(({"jobs": jobs}, f"jobs: found {said}; expected a number of requests at a time, at least 1") for jobs, said in ((0, "0"), (-1, "-1"), ("4", "'4'"), (2.5, "2.5"), (None, "null"))),
    ({"journal": "missing/push.journal"}, "--journal: missing/push.journal: No such file or directory; name another file"),
]


@pytest.mark.parametrize(("options", "message"), ARGUMENTS)
def test_arguments_that_cannot_be_are_refused_at_once(memory: MemoryServer, options: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Problems) as refused:
        to(memory).push([A], **options)
    assert str(refused.value) == message
    assert memory.memory.all("ResearchStudy") == []


@pytest.mark.parametrize("statement", [None, silent])
def test_so_is_a_release_that_there_is_not(statement: Callable[[Tree], Tree] | None) -> None:
    with MemoryServer(statement=statement) as memory, pytest.raises(Problems):
        to(memory).push([A], release="r9")


def test_a_run_that_is_over_frees_its_journal(memory: MemoryServer, tmp_path: Path) -> None:
    server, journal = to(memory), tmp_path / "journal"
    list(server.push([A], journal=journal))
    outcomes = server.push([A, B], journal=journal)
    next(outcomes)
    with pytest.raises(Problems, match="another push is writing to it"):
        server.push([A], journal=journal)
    outcomes.close()  # type: ignore[attr-defined]
    assert {one.status for one in server.push([A], journal=journal, resume=True)} == {"unchanged"}


def test_a_run_that_was_never_begun_frees_it_too(memory: MemoryServer, tmp_path: Path) -> None:
    server, journal = to(memory), tmp_path / "journal"
    server.push([A], journal=journal)
    assert [one.status for one in server.push([A], journal=journal)] == ["created"]


def test_a_run_whose_time_is_over_sends_nothing_more() -> None:
    with MemoryServer(fault=lambda request: refusal(503, "later", Retry_After="3600") if request.method == "POST" else None) as memory:
        found = list(to(memory, patience=Patience()).push([A, B], deadline=30))
        assert [(one.status, one.cause) for one in found] == [("failed", "network")] * len(found)
        assert found[0].problems[0].message == "the server answered 503: later; the time for this run is over before the next try"
        assert [one.method for one in memory.requests].count("POST") == 1


def test_what_is_said_holds_no_secret_that_the_server_repeats(tmp_path: Path) -> None:
    def echo(request: Request) -> Answer | None:
        return refusal(422, f"you said {request.headers['authorization']}") if request.method == "POST" else None

    with MemoryServer(fault=echo) as memory:
        server = to(memory, auth="bearer", environ={"TRIALBRIDGE_TOKEN": TOKEN})
        [found] = server.push([A], journal=tmp_path / "journal")
    assert found.status == "failed" and "[secret]" in found.problems[0].message
    assert TOKEN not in repr(found) + (tmp_path / "journal").read_text()


def test_nor_does_the_preflight() -> None:
    def echo(request: Request) -> Answer:
        return reply(200, {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "software": {"name": request.headers["authorization"]}, "rest": []})

    with Scripted(echo) as there:
        able = to(there, auth="bearer", environ={"TRIALBRIDGE_TOKEN": TOKEN}).capabilities()
    assert able.software == "Bearer [secret]" and TOKEN not in repr(able)


def test_a_proxy_is_used_and_its_password_is_told_to_nobody(memory: MemoryServer) -> None:
    def proxy(request: Request) -> Answer:
        return refusal(503, f"{request.headers['proxy-authorization']} pa55word") if request.path.startswith("http") else Answer(500)

    with Scripted(proxy) as between, pytest.raises(NotReady) as refused:
        to(memory, proxy=f"http://bob:pa55word@{between.origin[7:]}").capabilities()
    assert memory.requests == [] and len(between.requests) == front.PREFLIGHT_TRIES
    assert "pa55word" not in str(refused.value)


def test_further_headers_go_with_every_request(memory: MemoryServer, tmp_path: Path) -> None:
    (path := tmp_path / "headers").write_text("X-Tenant: north\n# a comment\nX-Purpose: research\n")
    path.chmod(0o600)
    list(to(memory, header_file=path).push([A], verify=True))
    assert {(one.headers["x-tenant"], one.headers["x-purpose"]) for one in memory.requests} == {("north", "research")}


def test_limits_are_those_that_are_given() -> None:
    with Scripted([Answer(200, b"x" * 2000)]) as server, pytest.raises(NotReady, match="more than"):
        to(server, limits=Limits(reply=1000)).capabilities()


# What would be sent

def test_what_would_be_sent_is_what_would_be_sent(memory: MemoryServer) -> None:
    bundles: list[Any] = [A, b"nonsense", A, Given(B, "b.json", 4)]
    server = to(memory)
    made = list(server.prepared(bundles, "r4"))
    assert [type(one) for one in made] == [Parcel, Outcome, Outcome, Parcel]
    pushed = list(server.push(bundles))
    assert [one for one in made if isinstance(one, Outcome)] == [one for one in pushed if not one.well]
    assert [one.sha256 for one in made if isinstance(one, Parcel)] == [
        sha256(request.body).hexdigest() for request in memory.requests if request.method == "POST"]


# Search parameters

STATEMENTS: list[tuple[Any, set[str]]] = [
    ({"rest": [{"resource": [{"type": "ResearchStudy", "searchParam": [{"name": "identifier"}, {"name": "sponsor"}]}, {"type": "Group", "searchParam": [{"name": "code"}]}]}]},
     {"identifier", "sponsor"}),
    ({"rest": []}, set()), ({}, set()), ({"rest": "x"}, set()), ({"rest": [None, 1, "x", []]}, set()), ({"rest": [{"resource": [None, 1, "x", []]}]}, set()),
    ({"rest": [{"resource": [{"type": "ResearchStudy", "searchParam": [None, 1, {"name": 5}, {}, {"name": "a"}]}]}]}, {"a"}),
]


@pytest.mark.parametrize(("statement", "codes"), STATEMENTS)
def test_the_search_parameters_of_a_type_are_those_that_the_server_lists_now(statement: Any, codes: set[str]) -> None:
    with Scripted([reply(200, {"resourceType": "CapabilityStatement", **statement})]) as server:
        assert to(server).search_codes("ResearchStudy") == codes
    assert [(one.path, one.headers["cache-control"]) for one in server.requests] == [("/fhir/metadata", "no-cache")]


@pytest.mark.parametrize("answer", [refusal(500, "no"), Answer(401), Answer(200, b"<html>"), Answer(0, ends="close")])
def test_a_server_that_does_not_say_has_none(answer: Answer) -> None:
    with Scripted([answer]) as server:
        assert to(server).search_codes("ResearchStudy") == set()


# As the documentation says it

def test_records_are_converted_and_pushed_in_a_few_lines(memory: MemoryServer) -> None:
    server = to(memory)
    release = server.ready()
    documents = convert_all(Inputs([ROOT / "samples" / "ctgov"]), release)
    found = list(server.push((one.document for one in documents if one.document), jobs=4, verify=True))
    assert {one.status for one in found} == {"created"}
    assert len(memory.memory.all("ResearchStudy")) == len(found) == len(list((ROOT / "samples" / "ctgov").iterdir()))


def test_what_belongs_to_the_front_door_is_there() -> None:
    for name in ("Server", "Given", "Outcome", "NotReady", "KINDS", "exit_code", "STRATEGIES"):
        assert hasattr(front, name)
    assert front.KINDS == ("ResearchStudy", "PlanDefinition", "Group")
