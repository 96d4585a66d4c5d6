"""`trialbridge push` as a person runs it, and what must be true after it, whatever happened on the way.

    run = pushed(folder, proxy.url, "--verify", bundles=[bundle])
    arrived(run, server.url, bundle, status="updated")

`pushed` itself makes sure that no secret is in anything that was written.  What a server holds is asked of the server directly,
past every proxy, in ways that are not those of the program.
"""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import randrange
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import canonicalize

import msgspec
import pytest
import requests
from click.testing import CliRunner
from msgspec import Struct

from converter.commands import trialbridge
from converter.convert import convert
from mappings.push.http import Limits
from mappings.push.journal import Line
from mappings.push.outcomes import STATUSES
from mappings.push.waiting import Clock
from tests.faults.conditions import essence
from tests.faults.memory import Memory, MemoryServer

Tree = dict[str, Any]
RECORD = (Path(__file__).parents[2] / "samples" / "ctgov" / "NCT99999902.json").read_bytes()
TYPES = ("ResearchStudy", "PlanDefinition", "Group")
HEADERS = {"Content-Type": "application/fhir+json", "Cache-Control": "no-cache"}
SHORT = 0.005
"""Seconds that a wait of the program takes in a test, however long it should be."""
PATIENCE = 120
"""Seconds that a server may take to answer a test."""


# Where to push

class Place(Struct, frozen=True):
    """A server to push to: its base URL, the release that it speaks, whether it answers as HAPI does (else as Medplum's), and its memory
    where it is none that is real."""

    url: str
    release: str = "r4"
    hapi: bool = True
    in_memory: Memory | None = None


IN_MEMORY = {"memory": ("r4", "hapi"), "memory-r5": ("r5", "hapi"), "memory-medplum": ("r4", "medplum")}
REAL = {"hapi_r4": ("r4", True), "hapi_r5": ("r5", True), "medplum": ("r4", False)}
"""By the names of their fixtures."""
REALLY = [pytest.param(name, marks=pytest.mark.servers) for name in REAL]
PLACES = ["memory", *REALLY]
"""For `@pytest.mark.parametrize("place", PLACES, indirect=True)`: the fixture `place` is the server."""
ALL_PLACES = [*IN_MEMORY, *REALLY]
"""The same, for what a server's release or manner may make different."""


def placed(request: pytest.FixtureRequest) -> Iterator[Place]:
    """The server that the test's parameter names, until the test ends."""
    if request.param in REAL:
        release, hapi = REAL[request.param]
        yield Place(request.getfixturevalue(request.param).url, release, hapi)
        return
    release, style = IN_MEMORY[request.param]
    with MemoryServer(release, style=style) as server:
        yield Place(server.url, release, style == "hapi", server.memory)


def number() -> str:
    """A registry's number that no other test uses."""
    return f"NCT{randrange(10**8):08}"


def made(number: str, release: str = "r4", title: str = "", **options: Any) -> bytes:
    """The Bundle of a trial with that number, and another title where one is given."""
    record = RECORD.replace(b"NCT99999902", number.encode())
    if title:
        tree = json.loads(record)
        tree["protocolSection"]["identificationModule"]["briefTitle"] = title
        record = json.dumps(tree).encode()
    document = convert(record, release, "ctgov", **options).document
    assert document is not None
    return document


def creates(bundle: bytes) -> bytes:
    """The same Bundle, every entry a create without a condition."""
    tree = json.loads(bundle)
    for entry in tree["entry"]:
        entry["request"] = {"method": "POST", "url": entry["resource"]["resourceType"]}
    return json.dumps(tree, ensure_ascii=False).encode()


# Pushing

class Run(Struct, frozen=True):
    """A run of the program, which has ended.

    `outcomes` are its lines of --json but the last, the `summary`; `journal` the lines that this run added to its journal.
    `waits` are the seconds that it waited, each time that it did, and `written` everything that it wrote anywhere.
    """

    code: int
    stdout: str
    stderr: str
    outcomes: tuple[Tree, ...]
    summary: Tree
    journal: tuple[Tree, ...]
    waits: tuple[float, ...]
    written: bytes

    @property
    def statuses(self) -> list[str]:
        """What became of each record."""
        return [one["status"] for one in self.outcomes]

    @property
    def problems(self) -> list[str]:
        """Everything said of the records, as "severity: path: message"."""
        return [f"{one.get('severity', 'error')}: {one['path']}: {one['message']}" for outcome in self.outcomes for one in outcome.get("problems", ())]


def pushed(folder: Path, url: str, *options: str, bundles: Sequence[bytes] = (), json: bool = True, limits: Limits | None = None,
           env: Mapping[str, str] | None = None, secrets: Sequence[str] = (), journal: str = "push.journal") -> Run:
    """A run of `trialbridge push` in `folder`, with a journal there ("" for none), which a second run with the same folder goes on with.

    The Bundles are its input, where there are any.  A bearer token is sent where no --auth is among the options.  Waits are as
    short as can be, but Run says how long they would have been.  No secret, neither that token nor one of `secrets`, is in
    anything that the run writes.
    """
    arguments = ["push", "--server", url, *options]
    if bundles:
        (folder / "bundles.ndjson").write_bytes(b"".join(bundle.strip() + b"\n" for bundle in bundles))
        arguments.append(str(folder / "bundles.ndjson"))
    if journal:
        arguments += ["--journal", str(folder / journal)]
    if json:
        arguments.append("--json")
    if "--auth" not in options:
        token = token_urlsafe(24)
        (folder / "token").write_text(token)
        (folder / "token").chmod(0o600)
        arguments += ["--auth", "bearer", "--token-file", str(folder / "token")]
        secrets = [*secrets, token]
    before = files(folder)
    with short_waits() as waits, pytest.MonkeyPatch.context() as patch:
        if limits:
            patch.setattr("mappings.push.http.Limits", lambda: limits)
        found = CliRunner().invoke(trialbridge, arguments, prog_name="trialbridge", env=env, input=io.BytesIO())
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    after = files(folder)
    new = {path: content for path, content in after.items() if before.get(path) != content}
    written = b"\n".join([found.stdout_bytes, found.stderr_bytes, *new.values()])
    told, summary = outcomes_of(found.stdout) if json else ((), {})
    known = before.get(folder / journal, b"") if journal else b""
    lines = after.get(folder / journal, b"")[len(known):] if journal else b""
    run = Run(found.exit_code, found.stdout, found.stderr, told, summary, tuple(map(msgspec.json.decode, lines.split(b"\n")[:-1])), tuple(waits), written)
    assert not lines.strip() or lines.endswith(b"\n"), "the journal ends in the middle of a line"
    if lines:
        assert (folder / journal).stat().st_mode & 0o777 == 0o600
    no_secret(run, *secrets)
    return run


def files(folder: Path) -> dict[Path, bytes]:
    """What is in the folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def outcomes_of(stdout: str) -> tuple[tuple[Tree, ...], Tree]:
    """The outcomes and the summary that --json gives; nothing where it gives something else (a preflight)."""
    lines = [json.loads(line) for line in stdout.splitlines()]
    return (tuple(lines[:-1]), lines[-1]["summary"]) if lines and "summary" in lines[-1] else ((), {})


@contextmanager
def short_waits() -> Iterator[list[float]]:
    """Every wait of the program takes next to no time, and is in the list with the seconds that it should have taken.

    One beyond the deadline ends the run, as always.
    """
    waits: list[float] = []
    real: Callable[[Clock, float], bool] = Clock.wait

    def wait(clock: Clock, seconds: float) -> bool:
        waits.append(seconds)
        beyond = clock.until is not None and time.monotonic() + seconds > clock.until
        return real(clock, seconds if beyond else min(seconds, SHORT))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Clock, "wait", wait)
        yield waits


# What must be true

def no_secret(run: Run, *secrets: str) -> None:
    """None of the secrets, nor any in the form that Basic authentication or an address gives it, is in what the run wrote."""
    for secret in secrets:
        for form in {secret, quote(secret, safe="")}:
            assert form.encode() not in run.written, "a secret was written"


def journal_true(run: Run) -> None:
    """The journal says of each record what was told of it, one line before and one after each try, and nothing of what was sent."""
    assert len({(line["run"], line["server"]) for line in run.journal}) <= 1
    assert [line["time"] for line in run.journal] == sorted(line["time"] for line in run.journal)
    by_source: dict[str, list[Tree]] = {f"{one['source']}[{one['index']}]": [] for one in run.outcomes}
    for line in run.journal:
        assert set(line) <= set(Line.__struct_fields__), line
        by_source[line["source"]].append(line)
    for outcome in run.outcomes:
        lines = by_source[f"{outcome['source']}[{outcome['index']}]"]
        words = [line["outcome"] for line in lines]
        assert words.count("sending") == outcome.get("attempts", 0), words
        if not lines:  # it was not sent, and nothing had to be looked up
            assert outcome["status"] in ("failed", "unchanged")
            continue
        assert re.fullmatch(rf"(sending ((unanswered|answered) )?)*({'|'.join(STATUSES)})", " ".join(words)), words
        assert words[-1] == outcome["status"]
        assert [*lines[-1].get("locations", ())] == [*outcome.get("locations", ())]
        assert [line["attempt"] for line in lines if line["outcome"] == "sending"] == [*range(1, words.count("sending") + 1)]
        assert len({(line["key"], line["sha256"]) for line in lines}) == 1
        assert re.fullmatch(r"[0-9a-f]{64}", lines[0]["sha256"])


def arrived(run: Run, url: str, *bundles: bytes, status: str = "", code: int = 0) -> None:
    """Each Bundle is on the server, once and whole, and its run says so: with that status, where all have the same."""
    assert run.code == run.summary["exit"] == code, run.stderr
    if status:
        assert run.statuses == [status] * len(bundles), run.problems
    journal_true(run)
    nothing_lost(url, *bundles)
    nothing_doubled(url, *bundles)
    if len(bundles) == len(run.outcomes):
        places_true(run, url, *bundles)


def not_arrived(run: Run, url: str, *bundles: bytes, code: int, status: str | None = "failed") -> None:
    """Nothing of the Bundles is on the server, and the run says so, with that exit code; by `status` None, or that it does not know."""
    assert run.code == code, run.problems
    assert set(run.statuses) <= ({"failed", "unknown"} if status is None else {status}), run.problems
    journal_true(run)
    for bundle in bundles:
        assert copies(url, bundle) == [0] * len(entries(bundle))


def nothing_doubled(url: str, *bundles: bytes) -> None:
    """Of every entry the server has one resource."""
    for bundle in bundles:
        assert copies(url, bundle) == [1] * len(entries(bundle))


def nothing_lost(url: str, *bundles: bytes) -> None:
    """Every resource is there as it was sent, and refers to the others."""
    for bundle in bundles:
        there = [found[0] if (found := held(url, resource)) else {} for _, resource in entries(bundle)]
        addresses = {name: f"{one.get('resourceType')}/{one.get('id')}" for (name, _), one in zip(entries(bundle), there, strict=True) if name}
        text = bundle.decode()
        for name, address in addresses.items():
            text = text.replace(name, address)
        for entry, one in zip(json.loads(text)["entry"], there, strict=True):
            if "ifNoneExist" not in entry["request"]:  # what that finds is somebody else's
                assert said(one) == said(entry["resource"])


def said(resource: Tree) -> Tree:
    """What the resource says, however the XHTML in it is written."""
    found = essence(resource)
    if div := found.get("text", {}).get("div"):
        found["text"] = {**found["text"], "div": canonicalize(div)}
    return found


def places_true(run: Run, url: str, *bundles: bytes) -> None:
    """The places that are told of the run's Bundles are those where their resources are."""
    for outcome in run.outcomes:
        if told := outcome.get("locations"):
            there = [held(url, resource)[0] for _, resource in entries(bundles[outcome["index"]])]
            assert [where.partition("/_history/")[0] for where in told] == [f"{one['resourceType']}/{one['id']}" for one in there]


def copies(url: str, bundle: bytes) -> list[int]:
    """How many resources the server has with the first identifier of each entry."""
    return [len(held(url, resource)) for _, resource in entries(bundle)]


def entries(bundle: bytes) -> list[tuple[str, Tree]]:
    """The full URL and resource of each entry."""
    return [(entry.get("fullUrl", ""), entry["resource"]) for entry in json.loads(bundle)["entry"]]


def held(url: str, resource: Tree) -> list[Tree]:
    """The resources that the server has with the same first identifier, whatever it found for the same search before."""
    mine = resource["identifier"][0]
    value = re.sub(r"([\\,$|])", r"\\\1", mine["value"])
    searches = [f"identifier={quote(mine['system'] + '|' + value, safe='')}&_count=50"]
    searches += ["_count=1000"] if "|" in value else []  # Medplum's search finds no such value
    return next((found for search in searches if (found := [one for one in searched(url, f"{resource['resourceType']}?{search}")
                                                            if mine in one.get("identifier", ())])), [])


def searched(url: str, search: str) -> list[Tree]:
    """The resources that a search finds."""
    answer = asked(url, "GET", search)
    assert answer.status_code == 200, answer.text
    return [entry["resource"] for entry in answer.json().get("entry", ())]


def asked(url: str, method: str, path: str = "", tree: Any = None, **headers: str) -> requests.Response:
    """The server's answer to a request of the test's own, for which nothing is taken from the environment."""
    with requests.Session() as session:
        session.trust_env = False
        body = None if tree is None else json.dumps(tree).encode()
        return session.request(method, f"{url}/{path}" if path else url, data=body, headers={**HEADERS, **headers}, timeout=PATIENCE)


def given(url: str, *resources: Tree) -> list[str]:
    """The resources are on the server, whatever was there before; their addresses."""
    addresses = []
    for resource in resources:
        answer = asked(url, "POST", resource["resourceType"], resource, Prefer="return=representation")
        assert answer.status_code == 201, answer.text
        addresses.append(f"{resource['resourceType']}/{answer.json()['id']}")
    return addresses


def out_of_the_way(url: str, address: str) -> None:
    """The resource has another identifier, so that no condition finds it any more."""
    resource = asked(url, "GET", address).json()
    resource["identifier"] = [{"system": "https://elsewhere.test", "value": address}]
    assert asked(url, "PUT", address, resource).status_code == 200


def versions(url: str, bundle: bytes) -> list[str]:
    """The version of each entry's resource on the server."""
    return [held(url, resource)[0]["meta"]["versionId"] for _, resource in entries(bundle)]
