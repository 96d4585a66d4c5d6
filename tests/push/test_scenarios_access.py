"""Who may write: a token that ends is renewed once and no more, a right that is missing is named; and in what words servers speak.

A proxy stands before a server that takes one token only; what a token endpoint grants counts as that one, until it is taken back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace

from tests.conftest import TOKEN
from tests.faults.answers import Answer, refusal
from tests.faults.memory import MemoryServer
from tests.faults.proxy import Fault, Faults, Proxy, lose
from tests.faults.scripted import Request
from tests.push.cases import cases
from tests.push.checks import (
    PLACES,
    Place,
    Run,
    arrived,
    copies,
    journal_true,
    made,
    no_secret,
    not_arrived,
    nothing_doubled,
    nothing_lost,
    number,
    pushed,
)
from tests.push.identities import CLIENT, SECRET, pem, private, public_thumbprint, written
from tests.push.token_server import TokenServer
from tests.push.transactions import organization, study, transaction, update, urn
from tests.servers import Unavailable, medplum

everywhere = pytest.mark.parametrize("place", PLACES, indirect=True)


class Locked(Struct, frozen=True):
    """A server that demands a token: its base URL, and one where the tests may look."""

    url: str
    open: str


class Keyed(Proxy):
    """Shows the token that the server behind demands, whatever the client shows."""

    def forwarded(self, request: Request) -> Answer:
        request.headers["authorization"] = f"Bearer {TOKEN}"
        return super().forwarded(request)


class Guarded(Keyed):
    """Shows it for the tokens that are `valid`; a client with any other is answered by the server behind itself."""

    def __init__(self, upstream: str, valid: list[str], faults: Faults | None = None):
        super().__init__(upstream, faults)
        self.valid = valid

    def forwarded(self, request: Request) -> Answer:
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        return super().forwarded(request) if shown in self.valid else Proxy.forwarded(self, request)


@pytest.fixture(scope="module")
def medplum_token() -> Iterator[Any]:
    try:
        with medplum(token=TOKEN) as server:
            yield server
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(params=["memory", *(pytest.param(name, marks=pytest.mark.servers) for name in ("hapi_r4_token", "medplum_token"))])
def locked(request: pytest.FixtureRequest) -> Iterator[Locked]:
    """Each server that demands a token."""
    if request.param == "memory":
        with MemoryServer(tokens=[TOKEN]) as server, Keyed(server.url) as keyed:
            yield Locked(server.url, keyed.url)
        return
    with Keyed(request.getfixturevalue(request.param).url) as keyed:
        yield Locked(request.getfixturevalue(request.param).url, keyed.url)


in_memory = pytest.mark.parametrize("locked", ["memory"], indirect=True)


@pytest.fixture
def endpoint() -> Iterator[TokenServer]:
    with TokenServer() as server:
        server.secrets[CLIENT] = SECRET
        server.keys[CLIENT, public_thumbprint("EC")] = private("EC").public_key()
        yield server


def credentials(kind: str, endpoint: TokenServer, folder: Path) -> list[str]:
    """The options of a client that the endpoint knows."""
    options = ["--auth", kind, "--client-id", CLIENT, "--token-url", endpoint.token_url]
    if kind == "smart-backend":
        return [*options, "--key", str(written(folder / "key", pem("EC"))), "--scope", "system/*.cruds"]
    return [*options, "--token-file", str(written(folder / "secret", SECRET))]


def secrets(endpoint: TokenServer) -> list[str]:
    """All that nobody else should see: what the client shows, and what it is given."""
    shown = [part for request in endpoint.requests
             for part in (request.form.get("client_assertion", ""), request.headers.get("authorization", "").removeprefix("Basic "))]
    return [SECRET, pem("EC").decode(), TOKEN, *endpoint.granted, *filter(None, shown)]


def run_of(folder: Path, url: str, endpoint: TokenServer, *options: str, kind: str = "client-credentials", **more: Any) -> Run:
    """A run with the credentials of that kind, of which no secret is in anything that it wrote."""
    run = pushed(folder, url, *credentials(kind, endpoint, folder), *options, **more)
    no_secret(run, *secrets(endpoint))
    return run


def before(number: int, do: Callable[[], object]) -> Faults:
    """Something happens just before that write goes on, the first being 1."""
    left = iter([None] * (number - 1) + [do])

    def faults(request: Request) -> None:
        if request.method == "POST" and (now := next(left, None)):
            now()
    return faults


def writes(proxy: Proxy) -> list[list[int]]:
    """What the server behind answered to each request that writes."""
    return [one.statuses for one in proxy.requests if one.method != "GET"]


def told(run: Run, index: int = 0) -> list[str]:
    """What is said of that record."""
    return [one["message"] for one in run.outcomes[index].get("problems", ())]


# 17

@pytest.mark.parametrize("kind", ["client-credentials", "smart-backend"])
def test_17_a_token_that_ends_in_the_middle_of_a_run_is_renewed_once(
        locked: Locked, endpoint: TokenServer, kind: str, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(3)]
    with Guarded(locked.url, endpoint.valid, before(2, endpoint.valid.clear)) as proxy:
        run = run_of(tmp_path, proxy.url, endpoint, "--verify", kind=kind, bundles=bundles)
    assert writes(proxy) == [[200], [401], [200], [200]]
    assert len(endpoint.granted) == 2
    arrived(run, locked.open, *bundles, status="created")


def test_17_a_token_that_ends_for_several_at_a_time_is_renewed_once(locked: Locked, endpoint: TokenServer, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(8)]
    with Guarded(locked.url, endpoint.valid, before(4, endpoint.valid.clear)) as proxy:
        run = run_of(tmp_path, proxy.url, endpoint, "--jobs", "4", bundles=bundles)
    assert writes(proxy).count([200]) == 8
    assert 1 <= writes(proxy).count([401]) <= 4
    assert len(endpoint.granted) == 2
    arrived(run, locked.open, *bundles, status="created")


def test_17_a_token_that_somebody_renews_in_its_file_is_read_again(locked: Locked, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(3)]
    (folder := tmp_path / "run").mkdir()
    file = written(tmp_path / "token", "the-first-token")
    valid = ["the-first-token"]

    def renewed() -> None:
        valid[:] = ["the-second-token"]
        written(file, "the-second-token")

    with Guarded(locked.url, valid, before(2, renewed)) as proxy:
        run = pushed(folder, proxy.url, "--auth", "bearer", "--token-file", str(file), bundles=bundles,
                     secrets=["the-first-token", "the-second-token"])
    assert writes(proxy) == [[200], [401], [200], [200]]
    arrived(run, locked.open, *bundles, status="created")


def test_17_a_new_token_that_is_refused_too_ends_the_run_which_goes_on_later(locked: Locked, endpoint: TokenServer, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(4)]
    nobody: list[str] = []
    with Guarded(locked.url, endpoint.valid) as proxy:
        def shut() -> None:
            proxy.valid = nobody
        proxy.faults = before(2, shut)
        run = run_of(tmp_path, proxy.url, endpoint, bundles=bundles)
        assert writes(proxy) == [[200], [401], [401]]
        assert (len(endpoint.granted), len(endpoint.asked("/token"))) == (2, 2)
        assert (run.code, run.statuses[:3]) == (4, ["created", "failed", "failed"])
        assert re.fullmatch(r"the server refused a token that the token endpoint \S+ had just granted \(HTTP 401.*\): check that the "
                            r"endpoint belongs to this server \(--token-url\), and the scope.*", told(run, 1)[0]), told(run, 1)
        assert told(run, 2)[0].startswith("not sent") and told(run, 2)[0].endswith(told(run, 1)[0])
        journal_true(run)
        nothing_lost(locked.open, bundles[0])
        assert [copies(locked.open, bundle) for bundle in bundles[1:]] == [[0, 0, 0]] * 3
        proxy.valid, proxy.faults = endpoint.valid, None
        seen = len(proxy.requests)
        again = run_of(tmp_path, proxy.url, endpoint, "--resume", bundles=bundles)
    assert len([one for one in proxy.requests[seen:] if one.method == "POST"]) == 3
    assert again.statuses == ["unchanged", "created", "created", "created"]
    arrived(again, locked.open, *bundles)


def test_17_credentials_that_are_refused_at_once_end_the_run_before_it_begins(locked: Locked, tmp_path: Path) -> None:
    bundle = made(number())
    with Proxy(locked.url) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[bundle])
    assert (run.code, run.journal, writes(proxy)) == (4, (), [])
    assert "the server refused the token from a file (HTTP 401" in run.stderr
    assert copies(locked.open, bundle) == [0, 0, 0]


@in_memory
def test_17_no_credentials_where_some_are_asked_for_end_the_run_before_it_begins(locked: Locked, tmp_path: Path) -> None:
    bundle = made(number())
    run = pushed(tmp_path, locked.url, "--auth", "none", bundles=[bundle])
    assert (run.code, run.journal) == (4, ())
    assert "the server asks for credentials (Bearer), and --auth is none: give --auth basic" in run.stderr
    assert copies(locked.open, bundle) == [0, 0, 0]


def test_17_what_may_have_been_written_before_the_credentials_were_refused_is_unknown(
        locked: Locked, endpoint: TokenServer, tmp_path: Path) -> None:
    bundle = made(number())
    with Guarded(locked.url, endpoint.valid) as proxy:
        def lost_and_shut(request: Request) -> Fault | None:
            if request.method != "POST":
                return None
            if not writes(proxy)[0]:
                return lose()
            proxy.valid = []
            return None
        proxy.faults = lost_and_shut
        run = run_of(tmp_path, proxy.url, endpoint, bundles=[bundle])
        assert writes(proxy) == [[200], [401], [401]]
        assert (run.code, run.statuses) == (4, ["unknown"])
        journal_true(run)
        nothing_lost(locked.open, bundle)
        proxy.valid, proxy.faults = endpoint.valid, None
        again = run_of(tmp_path, proxy.url, endpoint, "--resume", bundles=[bundle])
    assert len(writes(proxy)) == 3
    arrived(again, locked.open, bundle, status="unchanged")


JSON = {"Content-Type": "application/json"}
Script = list[tuple[int, dict[str, str], bytes] | None]


def error(name: str, status: int = 400) -> tuple[int, dict[str, str], bytes]:
    return status, JSON, json.dumps({"error": name, "error_description": f"the secret is {SECRET}"}).encode()


BUSY = 429, {"Retry-After": "7"}, b""
BROKEN: tuple[int, dict[str, str], bytes] = 500, {}, b"<html>"
ENDS: dict[str, tuple[Script, str]] = {
    "400 invalid_client": ([error("invalid_client")] * 2, "granted no token (HTTP 400, invalid_client): check --client-id and the client "
                                                          "secret"),
    "401 invalid_client": ([error("invalid_client", 401)] * 2, "granted no token (HTTP 401, invalid_client): check --client-id and the "
                                                               "client secret"),
    "400 invalid_scope": ([error("invalid_scope")], "granted no token (HTTP 400, invalid_scope): give --scope with what this client was "
                                                    "registered for"),
    "400 without a word": ([(400, {}, b"")], "granted no token (HTTP 400, no reason given): ask who runs it"),
    "429 again and again": ([BUSY] * 3, "granted no token in 3 tries (HTTP 429); try again later"),
    "500 again and again": ([BROKEN] * 3, "granted no token in 3 tries (HTTP 500); try again later"),
    "200 with a page": ([(200, {"Content-Type": "text/html"}, b"<html>Log in</html>")], "answered like no token endpoint (HTTP 200); "
                                                                                       "give its address with --token-url"),
    "302": ([(302, {"Location": "https://elsewhere.test/"}, b"")], "answered with a redirect (HTTP 302), which is not followed; give its "
                                                                   "address with --token-url"),
}
GOES_ON: dict[str, tuple[Script, list[float]]] = {
    "429": ([BUSY], [7.0]),
    "429 twice": ([BUSY, BUSY], [7.0, 7.0]),
    "500": ([BROKEN], [1.0]),
    "500, then 429": ([BROKEN, BUSY], [1.0, 7.0]),
    "no answer": ([None], [1.0]),
}


@in_memory
@pytest.mark.parametrize("name", ENDS)
def test_17_a_token_endpoint_that_grants_no_other_token_ends_the_run(
        locked: Locked, endpoint: TokenServer, name: str, tmp_path: Path) -> None:
    script, message = ENDS[name]
    bundles = [made(number()) for _ in range(2)]

    def expired() -> None:
        endpoint.valid.clear()
        endpoint.script = [*script]

    with Guarded(locked.url, endpoint.valid, before(2, expired)) as proxy:
        run = run_of(tmp_path, proxy.url, endpoint, bundles=bundles)
    assert writes(proxy) == [[200], [401]]
    assert (endpoint.script, len(endpoint.granted)) == ([], 1)
    assert (run.code, run.statuses) == (4, ["created", "failed"])
    assert told(run, 1) == [f"the token endpoint {endpoint.token_url} {message}"]
    journal_true(run)
    nothing_lost(locked.open, bundles[0])
    assert copies(locked.open, bundles[1]) == [0, 0, 0]


@in_memory
@pytest.mark.parametrize("name", GOES_ON)
def test_17_a_token_endpoint_that_fails_for_the_moment_is_asked_again(
        locked: Locked, endpoint: TokenServer, name: str, tmp_path: Path) -> None:
    script, waits = GOES_ON[name]
    bundles = [made(number()) for _ in range(2)]

    def expired() -> None:
        endpoint.valid.clear()
        endpoint.script = [*script]

    with Guarded(locked.url, endpoint.valid, before(2, expired)) as proxy:
        run = run_of(tmp_path, proxy.url, endpoint, bundles=bundles)
    assert writes(proxy) == [[200], [401], [200]]
    assert [*run.waits] == waits
    arrived(run, locked.open, *bundles, status="created")


@in_memory
@pytest.mark.parametrize(("ahead", "side"), [(600, "behind"), (-600, "ahead of")])
def test_17_clocks_that_differ_are_told(locked: Locked, endpoint: TokenServer, ahead: int, side: str, tmp_path: Path) -> None:
    bundle = made(number())
    endpoint.ahead = ahead
    with Guarded(locked.url, endpoint.valid) as proxy:
        run = run_of(tmp_path, proxy.url, endpoint, kind="smart-backend", bundles=[bundle])
    assert (run.code, run.journal, writes(proxy)) == (4, (), [])
    clock = rf"\(HTTP 400, invalid_client\).*; the clock here is (599|600|601) s {side} the server's: set it right"
    assert re.search(clock, run.stderr), run.stderr
    assert copies(locked.open, bundle) == [0, 0, 0]


@in_memory
@pytest.mark.parametrize("life", [{}, *({"expires_in": life} for life in (None, "300", 0, -1, "soon"))], ids=str)
def test_17_a_token_of_which_no_life_is_told_serves_the_run(
        locked: Locked, endpoint: TokenServer, life: dict[str, Any], tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(2)]
    endpoint.answer = {"token_type": "Bearer", **life}
    with Guarded(locked.url, endpoint.valid) as proxy:
        run = run_of(tmp_path, proxy.url, endpoint, bundles=bundles)
    assert len(endpoint.granted) == 1
    arrived(run, locked.open, *bundles, status="created")


# 18

GRANTED = "system/ResearchStudy.cruds system/PlanDefinition.cruds system/Group.cruds"


def forbidden(kind: str) -> Faults:
    """Whoever writes that type is refused."""
    no = Fault("403", lambda _: refusal(403, f"Access denied: {kind}", "forbidden"), forwards=0)

    def faults(request: Request) -> Fault | None:
        if request.method == "GET":
            return None
        tree = request.tree
        return no if kind in [tree["resourceType"], *(entry["resource"]["resourceType"] for entry in tree.get("entry", ()))] else None
    return faults


def with_organization(release: str) -> bytes:
    hospital = organization(number())
    return transaction(update(study(number(), release, urn(hospital))), update(hospital))


@pytest.mark.parametrize("strategy", ["conditional", "sequential"])
@everywhere
def test_18_a_type_that_may_not_be_written_fails_its_bundles_alone(
        place: Place, endpoint: TokenServer, strategy: str, tmp_path: Path) -> None:
    wrong, *right = with_organization(place.release), made(number(), place.release), made(number(), place.release)
    endpoint.answer = {"token_type": "Bearer", "expires_in": 300, "scope": GRANTED}
    with Proxy(place.url, forbidden("Organization")) as proxy:
        run = run_of(tmp_path, proxy.url, endpoint, "--strategy", strategy, bundles=[right[0], wrong, right[1]])
    assert [one.fault for one in proxy.requests if one.fault] == ["403"]
    assert (run.code, run.statuses) == (4, ["created", "failed", "created"])
    assert told(run, 1) == ["the server answered 403: Access denied: Organization. The token lacks the scope system/Organization.cu; ask "
                            "for it with --scope, and have it granted by who runs the server"]
    assert "The token lacks the scope system/Organization.cu" in run.stderr
    journal_true(run)
    assert copies(place.url, wrong) == [0, 0]
    nothing_lost(place.url, *right)
    nothing_doubled(place.url, *right)


@pytest.mark.parametrize("place", ["memory"], indirect=True)
def test_18_scopes_that_nobody_told_are_named_all(place: Place, tmp_path: Path) -> None:
    wrong = with_organization(place.release)
    with Proxy(place.url, forbidden("Organization")) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=[wrong])
    not_arrived(run, place.url, wrong, code=4)
    assert told(run) == ["the server answered 403: Access denied: Organization. These credentials may not write there; have it allowed by "
                         "who runs the server (as SMART scopes: system/ResearchStudy.cu system/Organization.cu)"]


# 22

def typed(content_type: str) -> Faults:
    """Every answer has that Content-Type."""
    def change(answer: Answer) -> Answer:
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-type"}
        return replace(answer, headers={**headers, "Content-Type": content_type})
    return lambda request: Fault(content_type, change)


CALLED = ("application/json+fhir", "application/json;charset=utf-8", "application/json", "application/fhir+json; fhirVersion=4.0",
          "text/plain", "text/html")


@cases("content_type", CALLED, CALLED[:1])
def test_22_an_answer_in_json_is_read_whatever_it_is_called(place: Place, content_type: str, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Proxy(place.url, typed(content_type)) as proxy:
        run = pushed(tmp_path, proxy.url, "--verify", bundles=[bundle])
    arrived(run, place.url, bundle, status="created")


@cases("status", [406, 415], [406])
def test_22_a_server_that_refuses_the_parameter_fhirversion_never_meets_it(place: Place, status: int, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    no = Fault("parameter", lambda _: refusal(status, "unknown parameter fhirVersion", "not-supported"), forwards=0)

    def picky(request: Request) -> Fault | None:
        return no if "fhirversion" in (request.headers.get("content-type", "") + request.headers.get("accept", "")).lower() else None

    with Proxy(place.url, picky) as proxy:
        run = pushed(tmp_path, proxy.url, "--verify", bundles=[bundle])
    assert [one.fault for one in proxy.requests if one.fault] == []
    arrived(run, place.url, bundle, status="created")


@pytest.mark.parametrize("status", [406, 415])
@pytest.mark.parametrize("place", ["memory"], indirect=True)
def test_22_a_server_that_takes_no_fhir_as_json_ends_the_run(place: Place, status: int, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(3)]
    no = Fault(f"{status}", lambda _: refusal(status, "only XML", "not-supported"), forwards=0)
    with Proxy(place.url, lambda request: no if request.method == "POST" else None) as proxy:
        run = pushed(tmp_path, proxy.url, bundles=bundles)
    assert writes(proxy) == [[]]
    assert told(run) == [f"the server answered {status}: only XML. It takes no FHIR as JSON there; check the base URL that --server gives"]
    not_arrived(run, place.url, *bundles, code=1)
