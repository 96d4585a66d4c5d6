"""Nobody is trusted: a server's answers, its addresses and its words, the environment, who has no certificate."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, load_pem_private_key

from mappings.push.http import Limits
from tests.faults.answers import MEBIBYTE, NOT_UTF8, Answer, cut, deep, large, overlong, redirect, refusal, reply
from tests.faults.memory import Memory, MemoryServer
from tests.faults.proxy import Fault, Faults, Proxy
from tests.faults.scripted import Request, Scripted, shut
from tests.push.checks import (
    PLACES,
    Place,
    Tree,
    arrived,
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
)

everywhere = pytest.mark.parametrize("place", PLACES, indirect=True)
in_memory = pytest.mark.parametrize("place", ["memory"], indirect=True)
BUNDLE: Tree = {"resourceType": "Bundle", "type": "transaction-response"}
SMALL = 1 << 16
ESCAPE = "\x1b[2J\x1b]0;owned\x07\x9b1m\r"
"""Clears a terminal, names its window, begins anew in the line."""


@pytest.fixture(autouse=True)
def no_authorities(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the system are not read: that takes as long as all the rest of a short run."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path_factory.getbasetemp() / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path_factory.getbasetemp() / "none"))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written is as a terminal would get it: click takes escapes out of everything else."""
    class Terminal(CliRunner):
        def invoke(self, *arguments: Any, **options: Any) -> Any:
            options["color"] = True
            return super().invoke(*arguments, **options)

    monkeypatch.setattr("tests.push.checks.CliRunner", Terminal)


def unseen(text: str) -> list[str]:
    """The characters that are no text and no line's end."""
    return [one for one in text if not one.isprintable() and one != "\n"]


def instead(answer: Answer, after: bool = False) -> Fault:
    """That answer, in place of the server's own: before it has received anything, or `after` it has done what was asked."""
    return Fault("instead", lambda _: answer, int(after))


def always(fault: Fault, method: str | None = "POST", path: str = "") -> Faults:
    """Every request of that method (None: of any) with `path` in theirs has the fault."""
    return lambda request: fault if method in (None, request.method) and path in request.path else None


def each_once(answers: Mapping[bytes, Answer], after: bool) -> Faults:
    """The first write of each Bundle is answered so, by the Bundle."""
    left = {number_in(bundle): answer for bundle, answer in answers.items()}

    def fault(request: Request) -> Fault | None:
        answer = left.pop(number_in(request.body), None) if request.method == "POST" else None
        return instead(answer, after) if answer else None

    return fault


def number_in(bundle: bytes) -> bytes:
    """The registry's number of the trial."""
    found = re.search(rb"NCT\d{8}", bundle)
    assert found
    return found[0]


# 27

class Wire(Answer, frozen=True):
    """Bytes that are sent as they are, in place of an answer.  `through` is not empty when all of them were sent."""

    pieces: Callable[[], Iterable[bytes]] = tuple
    through: list[bool] = msgspec.field(default_factory=list)


class Lawless(Proxy):
    """It sends a Wire as it is."""

    def _send(self, answer: Answer, connection: socket.socket) -> None:
        if not isinstance(answer, Wire):
            super()._send(answer, connection)
            return
        for piece in answer.pieces():
            connection.sendall(piece)
            if answer.drip and self.stopping.wait(answer.drip):
                return
        answer.through.append(True)


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", "Content-Type: application/fhir+json", *lines, "", "")).encode()


def dripping(begin: bytes, piece: bytes) -> Wire:
    """The piece again and again, twenty times as long as is waited."""
    return Wire(pieces=lambda: [begin, *[piece] * 200], drip=0.05, ends="close")


def flood(begin: bytes, piece: bytes) -> Wire:
    """The piece again and again: 200 times as many bytes as are read."""
    return Wire(pieces=lambda: itertools.chain([begin], itertools.repeat(piece, 200 * MEBIBYTE // len(piece))), ends="close")


CHUNKED = head("Transfer-Encoding: chunked")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ENDLESS: dict[str, Callable[[], Wire]] = {
    "a drip of headers": lambda: dripping(b"HTTP/1.1 200 OK\r\n", b"x"),
    "a drip of preludes": lambda: dripping(b"", CONTINUE),
    "a drip of a body": lambda: dripping(head("Content-Length: 9999999"), b" "),
    "a drip of a body without a length": lambda: dripping(head("Connection: close"), b" "),
    "a drip of chunks": lambda: dripping(CHUNKED, b"1\r\n \r\n"),
    "a drip of a chunk's size": lambda: dripping(CHUNKED, b"0"),
    "a drip of trailers": lambda: dripping(CHUNKED + b"0\r\n", b"a: b\r\n"),
    "a drip of an error": lambda: dripping(head("Content-Length: 9999999", status="400 Bad Request"), b" "),
    "a drip of a redirect": lambda: dripping(head("Content-Length: 9999999", "Location: /", status="302 Found"), b" "),
    "a flood of headers": lambda: flood(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n" * 10_000),
    "a flood of one header": lambda: flood(b"HTTP/1.1 200 OK\r\nx: ", b"y" * SMALL),
    "a flood of a body": lambda: flood(head(f"Content-Length: {1 << 40}"), b" " * SMALL),
    "a flood of a body without a length": lambda: flood(head("Connection: close"), b" " * SMALL),
    "a flood of chunks": lambda: flood(CHUNKED, b"10000\r\n" + b" " * SMALL + b"\r\n"),
    "a flood of a chunk's size": lambda: flood(CHUNKED, b"0" * SMALL),
    "a flood of trailers": lambda: flood(CHUNKED + b"0\r\n", b"a: " + b"b" * SMALL + b"\r\n"),
    "a flood of an error": lambda: flood(head("Connection: close", status="500 Oops"), b" " * SMALL),
    "a flood of a redirect": lambda: flood(head("Connection: close", "Location: /", status="302 Found"), b" " * SMALL),
}
"""Answers that do not end for as long as the client listens."""
LITTLE = Limits(connect=5, read=2, whole=0.5, reply=MEBIBYTE)


@in_memory
@pytest.mark.parametrize("kind", ["drip", "flood"])
def test_27_an_answer_without_end_is_not_listened_to_for_longer_than_is_allowed(place: Place, kind: str, tmp_path: Path) -> None:
    """It comes after the commit: the write is made again, or looked up."""
    attacks = {name: make() for name, make in ENDLESS.items() if kind in name}
    answers = {made(number()): attack for attack in attacks.values()}
    with Lawless(place.url, each_once(answers, after=True)) as proxy:
        run = pushed(tmp_path, proxy.url, "--jobs", str(len(answers)), bundles=list(answers), limits=LITTLE)
    assert [name for name, attack in attacks.items() if attack.through] == []
    assert {*run.statuses} == {"updated"}
    arrived(run, place.url, *answers)


def packed(size: int, times: int = 1) -> bytes:
    """So many MiB, packed by gzip that many times."""
    content = gzip.compress(b" " * MEBIBYTE, mtime=0) * size
    for _ in range(times - 1):
        content = gzip.compress(content, mtime=0)
    return content


def body(content: bytes, status: int = 200, **headers: str) -> Answer:
    return Answer(status, content, {name.replace("_", "-"): value for name, value in headers.items()})


FULL = reply(200, {**BUNDLE, "entry": [{"response": {"status": "201", "location": f"Group/{n}"}} for n in range(100)]})
BAD: dict[str, Answer] = {
    "cut off": cut(FULL),
    "longer than it says": Answer(200, FULL.content[:100], length=100 + len(FULL.content), ends="close"),
    "shorter than it says": overlong(FULL),
    "100 times too large": large(100 * MEBIBYTE),
    "a gzip bomb": body(packed(100), Content_Encoding="gzip"),
    "a bomb in a bomb": body(packed(1000, 2), Content_Encoding="gzip, gzip"),
    "no gzip though it says so": body(b'{"resourceType":"Bundle"}', Content_Encoding="gzip"),
    "gzip that is cut off": body(packed(1)[:300], Content_Encoding="gzip"),
    "packed in an unknown way": body(b"\x00\x01\x02", Content_Encoding="x-hospital"),
    "deep": deep(),
    "deep objects": body(b'{"resourceType":"Bundle","a":' * 50_000 + b"1" + b"}" * 50_000),
    "not UTF-8": body(NOT_UTF8.content),
    "UTF-16": body('{"resourceType":"Bundle"}'.encode("utf-16")),
    "half a character": body(b'{"resourceType":"Bundle","id":"\\ud800"}'),
    "a number of 9,999 digits": body(b'{"resourceType":"Bundle","total":' + b"9" * 9_999 + b"}"),
    "a number beyond all others": body(b'{"resourceType":"Bundle","total":1e999999999}'),
    "a type of 1,000,000 letters": body(b'{"resourceType":"' + b"B" * 1_000_000 + b'"}'),
    "zero bytes": body(b"\0" * 1000),
    "two answers": body(FULL.content * 2),
    "a thousand entries too many": reply(200, {**BUNDLE, "entry": [{"response": {"status": "201", "location": "Group/1"}}] * 1003}),
    "HTTP of the future": Wire(pieces=lambda: [b"HTTP/9.9 200 OK\r\n\r\n{}"], ends="close"),
    "no HTTP": Wire(pieces=lambda: [b"SSH-2.0-OpenSSH_9.2\r\n"], ends="close"),
    "a status beyond all others": Wire(pieces=lambda: [b"HTTP/1.1 9999 OK\r\n\r\n{}"], ends="close"),
    "a length below zero": Wire(pieces=lambda: [head("Content-Length: -1"), b"{}"], ends="close"),
    "two lengths": Wire(pieces=lambda: [head("Content-Length: 2", "Content-Length: 20"), b"{}"], ends="close"),
    "a chunk of no size": Wire(pieces=lambda: [CHUNKED, b"size\r\n{}\r\n0\r\n\r\n"], ends="close"),
}
"""Answers that are no good, whatever was done."""
NOWHERE: dict[str, Answer] = {
    "a redirect to no address": Wire(pieces=lambda: [head("Location: http://[", "Content-Length: 0", status="307 Elsewhere")], ends="close"),
    "a redirect in Latin-1": Wire(pieces=lambda: [b"HTTP/1.1 307 Elsewhere\r\nLocation: /\xe9\r\nContent-Length: 0\r\n\r\n"], ends="close"),
}
"""Redirects that cannot be meant; a server that redirects has done nothing."""


@everywhere
def test_27_a_bad_answer_hides_nothing_that_was_written(place: Place, tmp_path: Path) -> None:
    bundles = {name: made(number(), place.release) for name in BAD}
    answers = {bundles[name]: BAD[name] for name in BAD}
    limits = Limits(read=0.5, reply=MEBIBYTE) if place.in_memory else Limits(read=4, reply=8 * MEBIBYTE)
    with Lawless(place.url, each_once(answers, after=True)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=list(answers), limits=limits)
    assert dict(zip(BAD, run.statuses, strict=False)) == dict.fromkeys(BAD, "updated")
    arrived(run, place.url, *answers)


@in_memory
def test_27_a_bad_answer_is_no_success_where_nothing_was_written(place: Place, tmp_path: Path) -> None:
    """The write is made again; or the run ends, says so, and another goes on."""
    answers = {made(number()): answer for answer in (*BAD.values(), *NOWHERE.values())}
    bundles = list(answers)
    with Lawless(place.url, each_once(answers, after=False)) as proxy:
        for _ in bundles:
            run = pushed(tmp_path, proxy.url, "--resume", "--no-validate", bundles=bundles, limits=Limits(read=0.5, reply=MEBIBYTE))
            there = [copies(place.url, bundle) for bundle in bundles[:len(run.statuses)]]
            assert there == [[1, 1, 1] if status in ("created", "unchanged") else [0, 0, 0] for status in run.statuses]
            journal_true(run)
            if run.code == 0:
                break
            assert run.code in (1, 5)
    arrived(run, place.url, *bundles)


QUESTIONS = [
    # which questions have a bad answer, and what asks them
    ("/metadata", ()),
    ("_summary=count", ()),
    ("PlanDefinition?", ("--skip-unchanged",)),
    ("ResearchStudy/", ("--verify",)),
    ("Group?", ("--strategy", "sequential")),
    ("Group?", ("--strategy", "put-id")),
]
WORST = ("deep", "a gzip bomb", "no HTTP")


@in_memory
@pytest.mark.parametrize(("path", "options"), QUESTIONS, ids=[" ".join((path, *options)) for path, options in QUESTIONS])
def test_27_a_bad_answer_to_a_question_is_no_success_and_harms_nothing(place: Place, path: str, options: tuple[str, ...], tmp_path: Path) -> None:
    for name in WORST:
        bundle = made(number())
        with Lawless(place.url, always(instead(BAD[name]), "GET", path)) as proxy:
            run = pushed(tmp_path, proxy.url, *options, bundles=[bundle], limits=Limits(read=0.5, reply=MEBIBYTE))
        assert run.code in (1, 3, 5) or copies(place.url, bundle) == [1, 1, 1], name
        if run.code == 0:
            arrived(run, place.url, bundle)
        else:
            assert {*run.statuses} <= {"failed", "unknown"}, name
            journal_true(run)
        again = pushed(tmp_path, place.url, bundles=[bundle])
        arrived(again, place.url, bundle)


STATUS = Path("/proc/self/status")
MEASURED = """
import pathlib, sys
from converter.cli import main
try:
    main(sys.argv[2:])
finally:
    pathlib.Path("status").write_bytes(pathlib.Path(sys.argv[1]).read_bytes())
"""


def peak(folder: Path, url: str, bundles: list[bytes]) -> tuple[int, int]:
    """The exit code of a push, and the most memory that it had, in MiB."""
    (folder / "bundles.ndjson").write_bytes(b"\n".join(bundles))
    command = [sys.executable, "-c", MEASURED, str(STATUS), "push", "bundles.ndjson", "--server", url, "-q"]
    code = subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, timeout=120).returncode
    most = re.search(r"VmHWM:\s*(\d+) kB", (folder / "status").read_text())
    assert most
    return code, int(most[1]) >> 10


GREAT: dict[str, Answer] = {
    "large": large(100 * MEBIBYTE),
    "a bomb": body(packed(1000), Content_Encoding="gzip"),
    "nearly too large": Answer(200, lambda: itertools.repeat(b" " * MEBIBYTE, 49), length=49 * MEBIBYTE),
    "many objects": Answer(200, lambda: itertools.chain([b"["], itertools.repeat(b"{}," * (MEBIBYTE // 3), 48), [b"{}]"])),
    "many numbers": Answer(200, lambda: itertools.chain([b"["], itertools.repeat(b"0.1," * (MEBIBYTE // 4), 48), [b"1]"])),
    "a large redirect": Answer(302, lambda: itertools.repeat(b" " * MEBIBYTE, 1000), {"Location": "/"}, length=1000 * MEBIBYTE),
}


@in_memory
@pytest.mark.skipif(not STATUS.exists(), reason="this system does not say how much memory a process had")
def test_27_memory_is_bounded_whatever_is_answered(place: Place, tmp_path: Path) -> None:
    """Where an answer may have 50 MiB, and is copied once or twice."""
    answers = {made(number()): answer for answer in GREAT.values()}
    _, usual = peak(tmp_path, place.url, [made(number())])
    with Proxy(place.url, each_once(answers, after=True)) as proxy:
        code, most = peak(tmp_path, proxy.url, list(answers))
    nothing_lost(place.url, *answers)
    nothing_doubled(place.url, *answers)
    assert code == 0
    assert most - usual < 250


# 28

def said(*issues: Tree) -> bytes:
    return json.dumps({"resourceType": "OperationOutcome", "issue": list(issues)}).encode()


def issue(**members: Any) -> Tree:
    return {"severity": "error", "code": "processing", **members}


XML = b"""<?xml version="1.0"?><OperationOutcome xmlns="http://hl7.org/fhir"><issue><severity value="error"/><code value="invalid"/>
<details><text value="The sponsor is not known here"/></details></issue></OperationOutcome>"""
REFUSALS: list[tuple[str, bytes, str, str]] = [
    # what, body, content type, what is told of it
    ("only a code", said({"severity": "error", "code": "business-rule"}), "", "answered 422: business-rule"),
    ("only details", said(issue(details={"text": "No such status"})), "", "answered 422: No such status"),
    ("only a coding", said(issue(details={"coding": [{"display": "Not for you"}]})), "", "answered 422: Not for you"),
    ("escapes", said(issue(diagnostics=f"{ESCAPE}All is {ESCAPE}well")), "", "answered 422: All is well"),
    ("lines", said(issue(diagnostics="no\ntrialbridge: 1 record: 1 created\r\n\u2028\u202eyes")), "", "answered 422: no trialbridge: 1 record: 1 created yes"),
    ("5,000 issues", said(*(issue(diagnostics=f"Issue {n} of many") for n in range(5000))), "", "Issue 4 of many; ... and 4995 more"),
    ("1,000,000 letters", said(issue(diagnostics="long " * 200_000)), "", "answered 422: long long"),
    ("no issue", said(), "", "answered 422"),
    ("XML", XML, "application/fhir+xml", "answered 422: The sponsor is not known here"),
    ("other XML", b"<error><text>Out of \x1b[31mspace</text></error>", "text/xml", "answered 422: "),
    ("text", b"upstream connect error\x1b[2J or disconnect", "text/plain", "answered 422: upstream connect error or disconnect"),
    ("a page", b"<!DOCTYPE html><title>Blocked&#27;[2J by the firewall</title>", "text/html", "answered 422: an HTML page, 'Blocked"),
    ("Google", b'{"error":{"code":422,"message":"Resource too odd","status":"INVALID_ARGUMENT"}}', "application/json", "answered 422: Resource too odd"),
    ("FastAPI", b'{"detail":[{"loc":["body","entry",0],"msg":"field required","type":"missing"}]}', "application/json", "answered 422: field required"),
    ("nothing", b"", "", "answered 422"),
    ("no text", bytes(range(256)), "application/octet-stream", "answered 422: "),
]


@in_memory
@pytest.mark.usefixtures("terminal")
def test_28_a_refusal_is_told_in_the_server_s_words_and_obeyed_by_no_terminal(place: Place, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in REFUSALS]
    answers = {bundle: Answer(422, content, {"Content-Type": kind or "application/fhir+json"})
               for bundle, (_, content, kind, _) in zip(bundles, REFUSALS, strict=True)}
    with Proxy(place.url, each_once(answers, after=False)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=bundles, json=False)
    assert (run.code, unseen(run.stdout + run.stderr)) == (1, [])
    told = run.stderr.splitlines()
    assert [line for line in told if not line.startswith("trialbridge: ") or len(line) > 2000] == []
    for bundle, (what, _, _, words) in zip(bundles, REFUSALS, strict=True):
        (line,) = (line for line in told if number_in(bundle).decode() in line)
        assert words in line, what
    assert [copies(place.url, bundle) for bundle in bundles] == [[0, 0, 0]] * len(bundles)
    again = pushed(tmp_path, place.url, "--resume", bundles=bundles)
    arrived(again, place.url, *bundles, status="created")


@everywhere
@pytest.mark.usefixtures("terminal")
def test_28_a_refusal_inside_a_success_is_told_in_the_server_s_words_too(place: Place, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in REFUSALS[:8]]
    answers = {bundle: reply(200, {**BUNDLE, "entry": [{"response": {"status": "422", "outcome": json.loads(content)}}] * 3})
               for bundle, (_, content, *_) in zip(bundles, REFUSALS[:8], strict=True)}
    with Proxy(place.url, each_once(answers, after=False)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=bundles, json=False)
    assert (run.code, unseen(run.stdout + run.stderr)) == (1, [])
    for bundle, (what, _, _, words) in zip(bundles, REFUSALS[:7], strict=False):
        lines = [line for line in run.stderr.splitlines() if number_in(bundle).decode() in line]
        assert len(lines) == 3
        assert all(re.sub("answered 422: |\\.$", "", words) in line for line in lines), what
    assert [copies(place.url, bundle) for bundle in bundles] == [[0, 0, 0]] * len(bundles)
    again = pushed(tmp_path, place.url, "--resume", bundles=bundles)
    arrived(again, place.url, *bundles, status="created")


@in_memory
def test_28_a_refusal_names_the_field_of_the_trial(place: Place, tmp_path: Path) -> None:
    bundle = made(number())
    answer = Answer(422, said(issue(diagnostics="Too long", expression=["Bundle.entry[0].resource.title"])))
    with Proxy(place.url, each_once({bundle: answer}, after=False)) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    (problem,) = run.outcomes[0]["problems"]
    assert "Too long" in problem["message"]
    assert problem["field"] == "title"
    not_arrived(run, place.url, bundle, code=1)


@pytest.mark.servers
def test_28_what_a_server_that_validates_says_leads_to_what_it_takes(hapi_r4_validating: Any, tmp_path: Path) -> None:
    """It does not know HL7's definitions of extensions that stand for elements of R5."""
    name = number()
    bundle = made(name)
    run = pushed(tmp_path, hapi_r4_validating.url, bundles=[bundle])
    not_arrived(run, hapi_r4_validating.url, bundle, code=1)
    assert "use --extensions own" in run.problems[0]
    own = made(name, extensions="own")
    again = pushed(tmp_path, hapi_r4_validating.url, "--verify", bundles=[own])
    arrived(again, hapi_r4_validating.url, own, status="created")


def with_escapes(statement: Tree) -> Tree:
    """The statement, escapes in every word of it that is told."""
    statement["software"] = {"name": f"FHIR{ESCAPE}", "version": f"1{ESCAPE}"}
    statement["rest"][0]["security"] = {"service": [{"text": f"OAuth{ESCAPE}"}, {"coding": [{"code": f"Basic{ESCAPE}"}]}]}
    statement["rest"][0]["interaction"].append({"code": f"batch{ESCAPE}"})
    return statement


def in_all_texts(tree: Any, also: tuple[str, ...] = ("resourceType", "system", "value", "url", "type")) -> Any:
    """The same, with escapes at the end of every text but those that a search or reading depends on."""
    if isinstance(tree, dict):
        return {name: part if name in also and isinstance(part, str) else in_all_texts(part) for name, part in tree.items()} | {f"x{ESCAPE}": ESCAPE}
    if isinstance(tree, list):
        return [in_all_texts(part) for part in tree]
    return tree + ESCAPE if isinstance(tree, str) else tree


def escaping(answer: Answer) -> Answer:
    return Answer(answer.status, json.dumps(in_all_texts(json.loads(answer.content))).encode())


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(("change", "code"), [({}, 0), ({"transactions": False}, 3), ({"fhir_version": f"4.0.1{ESCAPE}"}, 0), ({"fhir_version": f"9{ESCAPE}"}, 3)],
                         ids=["", "no transactions", "version", "another version"])
def test_28_what_a_server_says_of_itself_is_obeyed_by_no_terminal(change: dict[str, Any], code: int, tmp_path: Path) -> None:
    with MemoryServer(statement=with_escapes, **change) as server:
        run = pushed(tmp_path, server.url, "--check", json=False)
    assert run.code == code
    assert "FHIR 1" in run.stdout
    assert unseen(run.stdout + run.stderr) == []


ESCAPING = [
    # which answers have escapes in all of their texts, and what asks for them
    ("GET", "ResearchStudy/", ("--verify",)),
    ("GET", "Group?", ("--skip-unchanged",)),
    ("GET", "Group?", ("--strategy", "sequential")),
    ("GET", "Group?", ("--strategy", "put-id")),
    ("POST", "/fhir", ()),
    ("GET", "_summary", ()),
]


@in_memory
@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(("method", "path", "options"), ESCAPING, ids=str)
def test_28_what_a_server_holds_is_obeyed_by_no_terminal(place: Place, method: str, path: str, options: tuple[str, ...], tmp_path: Path) -> None:
    bundle = made(number())
    pushed(tmp_path, place.url, bundles=[bundle])
    escape = Fault("escapes", escaping)
    with Proxy(place.url, always(escape, method, path)) as proxy:
        run = pushed(tmp_path, proxy.url, *options, bundles=[bundle], json=False)
    assert "escapes" in [one.fault for one in proxy.requests]
    assert unseen(run.stdout + run.stderr) == []
    journal = (tmp_path / "push.journal").read_text()
    assert re.search(r"\\u001b|\\u009b|\\r", journal) is None and unseen(journal) == []
    again = pushed(tmp_path, place.url, bundles=[bundle])
    arrived(again, place.url, bundle)


# 29

@pytest.fixture
def environment(tmp_path: Path) -> Iterator[tuple[dict[str, str], Scripted]]:
    """An environment in which everything leads elsewhere, and where that is."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password netrc-s3cret\ndefault login eve password netrc-s3cret\n")
    (tmp_path / ".netrc").chmod(0o600)
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    with Scripted([refusal(502, "this proxy was not meant")]) as proxy:
        address = proxy.origin.replace("//", "//eve:proxy-s3cret@")
        proxies = {name: address for one in ("http_proxy", "https_proxy", "all_proxy", "ftp_proxy") for name in (one, one.upper())}
        files = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(tmp_path / "other.pem"))
        yield {**proxies, **files, "HOME": str(tmp_path), "NETRC": str(tmp_path / ".netrc"), "NO_PROXY": "", "no_proxy": "",
               "SSLKEYLOGFILE": str(tmp_path / "keys")}, proxy


Environment = tuple[dict[str, str], Scripted]
SECRETS = ["netrc-s3cret", "proxy-s3cret"]


@everywhere
def test_29_what_the_environment_has_for_other_programs_changes_nothing(place: Place, environment: Environment, tmp_path: Path) -> None:
    bundle, (variables, other) = made(number(), place.release), environment
    with Proxy(place.url) as proxy:
        run = pushed(tmp_path, proxy.url, "--verify", bundles=[bundle], env=variables, secrets=SECRETS)
    assert other.requests == []
    assert [one.headers["authorization"].partition(" ")[0] for one in proxy.requests] == ["Bearer"] * len(proxy.requests)
    arrived(run, place.url, bundle, status="created")


@in_memory
@pytest.mark.parametrize("options", [("--auth", "none"), ("--auth", "basic", "--client-id", "mallory")], ids=" ".join)
def test_29_nor_does_it_say_who_we_are(place: Place, options: tuple[str, ...], environment: Environment, tmp_path: Path) -> None:
    bundle, (variables, other) = made(number()), environment
    with Proxy(place.url) as proxy:
        run = pushed(tmp_path, proxy.url, *options, bundles=[bundle], env={**variables, "TRIALBRIDGE_TOKEN": "our-pa55word"}, secrets=[*SECRETS, "our-pa55word"])
    shown = {"none": {None}, "basic": {"Basic bWFsbG9yeTpvdXItcGE1NXdvcmQ="}}[options[1]]
    assert {one.headers.get("authorization") for one in proxy.requests} == shown
    assert other.requests == []
    arrived(run, place.url, bundle, status="created")


def speaking(ca: trustme.CA, name: str = "127.0.0.1", clients: trustme.CA | None = None) -> ssl.SSLContext:
    """How a server of that name speaks TLS, which demands a certificate of `clients`."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(found)
    if clients:
        found.verify_mode = ssl.CERT_REQUIRED
        clients.configure_trust(found)
    return found


def test_29_nor_whom_we_trust(environment: Environment, tmp_path: Path) -> None:
    bundle, ca, (variables, other) = made(number()), trustme.CA(), environment
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with MemoryServer(context=speaking(ca)) as server, Scripted(server.memory) as plain:
        trusted = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(tmp_path / "ca.pem"))
        run = pushed(tmp_path, server.url, bundles=[bundle], env={**variables, **trusted}, secrets=SECRETS)
        assert (run.code, run.journal, server.requests) == (5, (), [])
        assert "certificate" in run.stderr
        again = pushed(tmp_path, server.url, "--ca-bundle", str(tmp_path / "ca.pem"), bundles=[bundle], env=variables, secrets=SECRETS)
        arrived(again, plain.url, bundle, status="created")
    assert (other.requests, (tmp_path / "keys").exists()) == ([], False)


@everywhere
@pytest.mark.parametrize("given", ["--proxy", "TRIALBRIDGE_PROXY"])
def test_29_a_proxy_that_is_meant_is_used(place: Place, given: str, environment: Environment, tmp_path: Path) -> None:
    bundle, (variables, other) = made(number(), place.release), environment
    with Proxy(place.url) as proxy:
        options = ["--proxy", proxy.origin] if given == "--proxy" else []
        mine = {"NO_PROXY": "*"} if options else {"TRIALBRIDGE_PROXY": proxy.origin.replace("//", "//me:proxy-pa55word@")}
        run = pushed(tmp_path, place.url, *options, bundles=[bundle], env={**variables, **mine}, secrets=[*SECRETS, "proxy-pa55word", "bWU6cHJveHktcGE1NXdvcmQ="])
    assert [one.path.startswith(f"{place.url}/") or one.path == place.url for one in proxy.requests] == [True] * len(proxy.requests)
    assert proxy.requests and {one.headers.get("proxy-authorization") for one in proxy.requests} == ({None} if options else {"Basic bWU6cHJveHktcGE1NXdvcmQ="})
    assert other.requests == []
    arrived(run, place.url, bundle, status="created")


class Tunnel(Scripted):
    """A proxy that passes on what it cannot read; `seen` is what it saw of it, on the way to the server."""

    def __init__(self) -> None:
        super().__init__([refusal(405, "only tunnels")])
        self.seen: list[bytes] = []

    def _answered(self, request: Request, connection: socket.socket) -> bool:
        if request.method != "CONNECT":
            return super()._answered(request, connection)
        host, _, port = request.path.rpartition(":")
        server = self.opened(socket.create_connection((host, int(port))))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=self.relay, args=(server, connection), daemon=True)
        back.start()
        self.seen.append(self.relay(connection, server))
        back.join()
        self.closed(server)
        return False

    def relay(self, source: socket.socket, target: socket.socket) -> bytes:
        """What came from the one until its end, and went to the other."""
        seen = b""
        with suppress(OSError):
            while piece := source.recv(SMALL):
                seen += piece
                target.sendall(piece)
        shut(target)
        return seen


def test_29_a_proxy_sees_nothing_of_what_is_encrypted_and_the_server_nothing_of_the_proxy_s_password(environment: Environment, tmp_path: Path) -> None:
    bundle, ca, (variables, other) = made(number()), trustme.CA(), environment
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    (tmp_path / "headers").write_text("X-Api-Key: our-api-key\n")
    (tmp_path / "headers").chmod(0o600)
    with MemoryServer(context=speaking(ca)) as server, Scripted(server.memory) as plain:
        with Tunnel() as tunnel:
            mine = {"TRIALBRIDGE_PROXY": tunnel.origin.replace("//", "//me:proxy-pa55word@")}
            run = pushed(tmp_path, server.url, "--ca-bundle", str(tmp_path / "ca.pem"), "--header-file", str(tmp_path / "headers"), "--verify",
                         bundles=[bundle], env={**variables, **mine}, secrets=[*SECRETS, "proxy-pa55word", "our-api-key"])
        arrived(run, plain.url, bundle, status="created")
    assert {(one.method, one.headers["proxy-authorization"]) for one in tunnel.requests} == {("CONNECT", "Basic bWU6cHJveHktcGE1NXdvcmQ=")}
    assert [name for one in tunnel.requests for name in one.headers if name in ("authorization", "x-api-key")] == []
    seen = b"".join(tunnel.seen)
    assert len(seen) > len(bundle)
    assert [word for word in (b"NCT", b"Bearer", b"our-api-key", b"proxy-pa55word") if word in seen] == []
    assert {one.headers["x-api-key"] for one in server.requests} == {"our-api-key"}
    assert [name for one in server.requests for name in one.headers if name.startswith("proxy")] == []
    assert other.requests == []


# 30

PASSWORD = "pa55w0rd of the key"


class Keys:
    """Two authorities, and files with what they certify."""

    def __init__(self, folder: Path):
        self.folder, self.ours, self.theirs = folder, trustme.CA(), trustme.CA()
        self.written("ca.pem", self.ours.cert_pem.bytes())
        self.written("other-ca.pem", self.theirs.cert_pem.bytes())
        for name, ca in (("client", self.ours), ("stranger", self.theirs)):
            found = ca.issue_cert(f"{name}@hospital.example.org")
            key = found.private_key_pem.bytes()
            locked = load_pem_private_key(key, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSWORD.encode()))
            chain = b"".join(one.bytes() for one in found.cert_chain_pems)
            for end, content in (("pem", chain), ("key", key), ("locked", locked), ("both", chain + locked)):
                self.written(f"{name}.{end}", content)
        self.written("open.key", (folder / "client.key").read_bytes(), 0o644)

    def written(self, name: str, content: bytes, mode: int = 0o600) -> None:
        (self.folder / name).write_bytes(content)
        (self.folder / name).chmod(mode)

    def options(self, line: str) -> list[str]:
        """The options, their files in the folder."""
        return [one if one.startswith("--") else str(self.folder / one) for one in line.split()]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def demanding(keys: Keys) -> Iterator[MemoryServer]:
    """It demands a certificate of our authority."""
    with MemoryServer(context=speaking(keys.ours, clients=keys.ours)) as server:
        yield server


TRUST = "--ca-bundle ca.pem"
GONE = "no trusted TLS connection: .*({}|EOF occurred|reset by peer)"
"""Why a server ends a connection, of which a client hears only when the server waits for it."""
SHOWN_TO_IT = [
    # options, the key's password in the environment, exit code, what is said (a pattern)
    (f"{TRUST} --cert client.pem --key client.key", None, 0, ""),
    (f"{TRUST} --cert client.pem --key client.locked", PASSWORD, 0, ""),
    (f"{TRUST} --cert client.both", PASSWORD, 0, ""),
    (TRUST, None, 5, GONE.format("certificate required")),
    (f"{TRUST} --cert stranger.pem --key stranger.key", None, 5, GONE.format("unknown ca")),
    ("--cert client.pem --key client.key", None, 5, "CERTIFICATE_VERIFY_FAILED"),
    ("--ca-bundle other-ca.pem --cert client.pem --key client.key", None, 5, "CERTIFICATE_VERIFY_FAILED"),
    (f"{TRUST} --cert client.pem --key client.locked", None, 2, "is encrypted; set the environment variable TRIALBRIDGE_KEY_PASSWORD"),
    (f"{TRUST} --cert client.both", None, 2, "is encrypted; set the environment variable TRIALBRIDGE_KEY_PASSWORD"),
    (f"{TRUST} --cert client.pem --key client.locked", "another", 2, "the password in TRIALBRIDGE_KEY_PASSWORD does not open the key"),
    (f"{TRUST} --cert client.pem --key stranger.key", None, 2, "is not that of the certificate"),
    (f"{TRUST} --cert client.pem --key open.key", None, 2, "others may read or change"),
    (f"{TRUST} --cert client.pem", None, 2, "no private key"),
    (f"{TRUST} --cert nowhere.pem --key client.key", None, 2, "cannot be read"),
    (f"{TRUST} --key client.key", None, 2, "there is none; give --cert too"),
    ("--ca-bundle client.key", None, 2, "found no certificate"),
]


@pytest.mark.parametrize(("line", "password", "code", "words"), SHOWN_TO_IT, ids=[f"{line}, {password}" for line, password, *_ in SHOWN_TO_IT])
def test_30_only_who_shows_the_right_certificate_is_let_in(keys: Keys, demanding: MemoryServer, line: str, password: str | None, code: int,
                                                           words: str, tmp_path: Path) -> None:
    bundle, before = made(number()), len(demanding.requests)
    run = pushed(tmp_path, demanding.url, *keys.options(line), bundles=[bundle], env={"TRIALBRIDGE_KEY_PASSWORD": password},  # type: ignore[dict-item]
                 secrets=[PASSWORD, "another"])
    assert re.search(words, run.stderr, re.IGNORECASE)
    with Scripted(demanding.memory) as plain:
        if code:
            assert (run.code, run.journal, len(demanding.requests)) == (code, (), before)
            assert copies(plain.url, bundle) == [0, 0, 0]
        else:
            arrived(run, plain.url, bundle, status="created")


def test_30_without_a_terminal_nobody_is_asked_for_a_password(keys: Keys, demanding: MemoryServer, tmp_path: Path) -> None:
    """Nobody ever writes to its standard input, nor closes it."""
    (tmp_path / "bundle.json").write_bytes(made(number()))
    command = [sys.executable, "-m", "converter.cli", "push", "bundle.json", "--server", demanding.url, *keys.options(f"{TRUST} --cert client.both")]
    environment = {name: value for name, value in os.environ.items() if name != "TRIALBRIDGE_KEY_PASSWORD"}
    with subprocess.Popen(command, cwd=tmp_path, env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, start_new_session=True, text=True) as process:
        try:
            assert process.wait(60) == 2
        finally:
            process.kill()
        assert process.stdout and process.stderr
        assert "TRIALBRIDGE_KEY_PASSWORD" in process.stderr.read()
        assert process.stdout.read() == ""


# 31

class OnIPv6(MemoryServer):
    """It listens at ::1."""

    def __init__(self) -> None:
        super().__init__()
        self._socket.close()
        self._socket = socket.create_server(("::1", 0), family=socket.AF_INET6)
        self._address = self._socket.getsockname()[:2]
        self.origin = f"http://[::1]:{self._address[1]}"
        self.url = f"{self.origin}/fhir"


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


VARIANTS: dict[str, Callable[[str], str]] = {
    "as it is": lambda url: url,
    "with a slash": lambda url: f"{url}/",
    "with two": lambda url: f"{url}//",
    "with blanks around": lambda url: f" {url} ",
    "in upper case": lambda url: url.replace("http://127.0.0.1", "HTTP://LOCALHOST"),
    "by name": lambda url: url.replace("127.0.0.1", "localhost"),
}


@everywhere
@pytest.mark.parametrize("variant", VARIANTS)
def test_31_each_way_to_write_the_base_leads_to_the_same_server(place: Place, variant: str, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    run = pushed(tmp_path, VARIANTS[variant](place.url), "--verify", bundles=[bundle])
    arrived(run, place.url, bundle, status="created")
    again = pushed(tmp_path, VARIANTS[variant](place.url), "--skip-unchanged", bundles=[bundle])
    arrived(again, place.url, bundle, status="unchanged")


@in_memory
def test_31_a_journal_is_that_of_the_same_server_with_and_without_a_slash(place: Place, tmp_path: Path) -> None:
    bundle = made(number())
    with Proxy(place.url) as proxy:
        pushed(tmp_path, f"{proxy.url}/", bundles=[bundle])
        run = pushed(tmp_path, proxy.url, "--resume", bundles=[bundle])
        again = pushed(tmp_path, proxy.url.replace("http", "HTTP"), "--resume", bundles=[bundle])
    assert [one.method for one in proxy.requests].count("POST") == 1
    for one in (run, again):
        arrived(one, place.url, bundle, status="unchanged")


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_31_an_address_of_ipv6_is_one(tmp_path: Path) -> None:
    bundle = made(number())
    with OnIPv6() as server:
        run = pushed(tmp_path, server.url, "--verify", "--strategy", "sequential", bundles=[bundle])
        arrived(run, server.url, bundle, status="created")


WRONG: list[tuple[Callable[[str], str], str]] = [
    # what comes of the base, and what is said
    (lambda url: f"{url}/metadata", "expected its base URL, perhaps http://127.0.0.1:PORT/fhir"),
    (lambda url: f"{url}/metadata/", "expected its base URL, perhaps http://127.0.0.1:PORT/fhir"),
    (lambda url: f"{url}/Bundle", "expected its base URL, perhaps http://127.0.0.1:PORT/fhir"),
    (lambda url: f"{url}/$validate", "expected its base URL, perhaps http://127.0.0.1:PORT/fhir"),
    (lambda url: f"{url}?_format=json", "with a query or fragment"),
    (lambda url: f"{url}?", "with a query or fragment"),
    (lambda url: f"{url}?apikey=our-s3cret", "with a query or fragment"),
    (lambda url: f"{url}#top", "with a query or fragment"),
    (lambda url: url.replace("//", "//eve:our-s3cret@"), "found a user name or password in the address of 127.0.0.1"),
    (lambda url: url.replace("//", "//our-s3cret@"), "found a user name or password in the address of 127.0.0.1"),
    (lambda url: url.replace("http:", "ftp:"), "expected an address such as https://fhir.example.org/r4"),
    (lambda url: url.partition("//")[2], "expected an address such as https://fhir.example.org/r4"),
    (lambda url: re.sub(r":\d+", ":65537", url), "expected an address such as https://fhir.example.org/r4"),
    (lambda url: url.replace("127.0.0.1", "[::1"), "expected an address such as https://fhir.example.org/r4"),
    (lambda url: url.replace("127.0.0.1", "fhir.example.org"), "is not encrypted"),
    (lambda url: url.replace("127.0.0.1", "127.0.0.1.example.org"), "is not encrypted"),
    (lambda url: url.replace("/fhir", "/fh\x1bir"), "expected an address such as https://fhir.example.org/r4"),
    (lambda url: url.replace("/fhir", "/fh ir"), "expected an address such as https://fhir.example.org/r4"),
    (lambda url: "", "expected an address such as https://fhir.example.org/r4"),
]


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(("change", "words"), WRONG, ids=[change("http://127.0.0.1:80/fhir") for change, _ in WRONG])
def test_31_what_is_no_base_is_refused_before_anything_is_sent(change: Callable[[str], str], words: str, tmp_path: Path) -> None:
    with MemoryServer() as server:
        run = pushed(tmp_path, change(server.url), bundles=[made(number())], secrets=["our-s3cret"])
        port = server.url.split(":")[2].partition("/")[0]
    assert (run.code, run.stdout, run.journal, server.requests) == (2, "", (), [])
    assert words.replace("PORT", port) in run.stderr
    assert unseen(run.stderr) == []


# What a hostile server gains

def located(address: str) -> Callable[[Answer], Answer]:
    """The answer, with every location at that address."""
    def change(answer: Answer) -> Answer:
        tree = json.loads(answer.content)
        for entry in tree["entry"]:
            entry["response"]["location"] = f"{address}/{entry['response']['location']}"
        return reply(200, tree)
    return change


def linked(address: str) -> Callable[[Answer], Answer]:
    """The answer, which says that it goes on at that address and that its resources are there."""
    def change(answer: Answer) -> Answer:
        tree = json.loads(answer.content)
        tree["link"] = [{"relation": name, "url": f"{address}/more"} for name in ("self", "next", "first")]
        for entry in tree.get("entry", ()):
            entry["fullUrl"] = f"{address}/x"
        return reply(200, tree)
    return change


def moved(address: str) -> Callable[[Answer], Answer]:
    """The answer, its resource at that address."""
    return lambda answer: Answer(answer.status, answer.content, {**answer.headers, "Location": f"{address}/Group/1", "Content-Location": f"{address}/Group/1"})


def later(address: str) -> Callable[[Answer], Answer]:
    return lambda answer: Answer(202, headers={"Content-Location": f"{address}/status/1", "Retry-After": "0"})


def elsewhere(address: str) -> Callable[[Answer], Answer]:
    return lambda answer: redirect(f"{address}/fhir", 307)


def configured(address: str) -> Callable[[Answer], Answer]:
    return lambda answer: reply(200, {"token_endpoint": f"{address}/token"})


CLIENT = ("--auth", "client-credentials", "--client-id", "us")
TEMPTATIONS: list[tuple[str, str | None, str, Callable[[str], Callable[[Answer], Answer]], tuple[str, ...], int, bool]] = [
    # what, which requests, what they are answered with, options, the exit code, is the trial there
    ("locations of entries", "POST", "", located, (), 0, True),
    ("locations of entries, read back", "POST", "", located, ("--verify",), 0, True),
    ("a location of a create", "POST", "", moved, ("--strategy", "sequential"), 0, True),
    ("links of a search", "GET", "?identifier", linked, ("--skip-unchanged",), 0, True),
    ("links of a search before a create", "GET", "?identifier", linked, ("--strategy", "sequential"), 0, True),
    ("a status to ask", "POST", "", later, (), 0, True),
    ("a redirect of everything", None, "", elsewhere, (), 3, False),
    ("a redirect of writes", "POST", "", elsewhere, (), 1, True),
    ("a redirect of searches", "GET", "_count", elsewhere, ("--skip-unchanged",), 0, True),
    ("a redirect of reads", "GET", "Study/", elsewhere, ("--verify",), 1, True),
    ("a token endpoint elsewhere", "GET", "smart-configuration", configured, CLIENT, 4, False),
    ("a redirect to the token endpoint", "GET", "smart-configuration", elsewhere, CLIENT, 4, False),
]


@everywhere
@pytest.mark.parametrize(("method", "path", "change", "options", "code", "there"), [row[1:] for row in TEMPTATIONS], ids=[row[0] for row in TEMPTATIONS])
def test_a_hostile_server_leads_nobody_elsewhere(place: Place, method: str | None, path: str, change: Callable[[str], Callable[[Answer], Answer]],
                                                 options: tuple[str, ...], code: int, there: bool, tmp_path: Path) -> None:
    """Neither what we send nor who we are goes where it points, on another port or another host; a trial that it took is found."""
    bundle = made(number(), place.release)
    with Scripted([reply(200, {**BUNDLE, "access_token": "x", "token_type": "bearer"})]) as other, Proxy(place.url) as proxy:
        fault = Fault("tempts", change(other.origin.replace("127.0.0.1", "localhost")))
        proxy.faults = always(fault, method, path)
        run = pushed(tmp_path, proxy.url, *options, bundles=[bundle], env={"TRIALBRIDGE_TOKEN": "our-s3cret" if options == CLIENT else None},  # type: ignore[dict-item]
                     secrets=["our-s3cret"])
    assert "tempts" in [one.fault for one in proxy.requests]
    assert other.requests == []
    assert run.code == code, run.stderr
    journal_true(run)
    if there:
        nothing_lost(place.url, bundle)
        nothing_doubled(place.url, bundle)
    again = pushed(tmp_path, place.url, "--verify", bundles=[bundle])
    arrived(again, place.url, bundle)


@in_memory
def test_a_hostile_server_that_finds_what_was_not_asked_for_has_nothing_of_it_written_over(place: Place, tmp_path: Path) -> None:
    """It answers every search with a resource of somebody else's, who is not to lose it."""
    victim, bundle = made(number()), made(number())
    pushed(tmp_path, place.url, bundles=[victim])
    groups = [one for _, resource in entries(victim) if resource["resourceType"] == "Group" for one in held(place.url, resource)]
    found = reply(200, {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": one} for one in groups]})
    with Proxy(place.url, lambda request: instead(found) if "Group?" in request.path and "_summary" not in request.path else None) as proxy:
        run = pushed(tmp_path, proxy.url, "--strategy", "sequential", bundles=[bundle])
    assert run.code != 0
    nothing_lost(place.url, victim)
    nothing_doubled(place.url, victim)
    again = pushed(tmp_path, place.url, bundles=[bundle])
    arrived(again, place.url, bundle)


@everywhere
def test_a_hostile_server_is_not_told_again_what_it_told(place: Place, tmp_path: Path) -> None:
    """Its cookies would make each request larger than the one before, until nobody takes them."""
    bundles = [made(number(), place.release) for _ in range(3)]
    with Proxy(place.url) as proxy:
        proxy.faults = lambda request: Fault("cookies", lambda answer: Answer(answer.status, answer.content, {
            **answer.headers, "Set-Cookie": f"c{request.number}={'x' * 4000}; Path=/; Max-Age=999999"}))
        run = pushed(tmp_path, proxy.url, "--verify", bundles=bundles)
    assert [one.headers["cookie"] for one in proxy.requests if "cookie" in one.headers] == []
    arrived(run, place.url, *bundles, status="created")


def test_a_hostile_server_has_no_say_in_where_a_file_is_written(tmp_path: Path) -> None:
    memory = Memory()

    def hostile(request: Request) -> Answer:
        answer = memory(request)
        return Answer(answer.status, answer.content.replace(b"Group/", b"../../../../tmp/Group/"), {**answer.headers, "Content-Disposition": "attachment; filename=../x"})

    bundle = made(number())
    with Scripted(hostile) as server:
        before = {path.name for path in tmp_path.parent.iterdir()}
        run = pushed(tmp_path, server.url, bundles=[bundle])
    assert {path.name for path in tmp_path.iterdir()} == {"bundles.ndjson", "push.journal", "token"}
    assert {path.name for path in tmp_path.parent.iterdir()} == before
    journal_true(run)
