"""The servers of the tests are what they are said to be: real ones, of their release, with the settings they were asked for."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import randrange
from urllib.parse import urlsplit

import pytest
import requests

from converter.convert import convert
from tests.conftest import TOKEN
from tests.servers import Server, hapi, medplum

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[1]
RECORD = (ROOT / "samples" / "ctgov" / "NCT99999902.json").read_bytes()
TYPES = ("ResearchStudy", "PlanDefinition", "Group")
SERVERS = [("hapi_r4", "r4", "4.0.1"), ("hapi_r5", "r5", "5.0.0"), ("medplum", "r4", "4.0.1")]
"""The fixture, the release as we say it and as the server does."""


@pytest.fixture
def number() -> str:
    """A number that no other test uses."""
    return f"NCT{randrange(10**8):08}"


@pytest.fixture
def web() -> Iterator[requests.Session]:
    """Asks as we do, whatever the environment says of proxies."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Content-Type"] = "application/fhir+json"
        yield session


def bundle(number: str, release: str = "r4", extensions: str = "hl7") -> bytes:
    return convert(RECORD.replace(b"NCT99999902", number.encode()), release, "ctgov", extensions=extensions).document


def copies(web: requests.Session, server: Server, number: str) -> list[int]:
    """How many resources of each type have that number."""
    found = [web.get(f"{server.url}/{type}", params={"identifier": number}).json() for type in TYPES]
    assert [answer["type"] for answer in found] == ["searchset"] * 3
    return [len(answer.get("entry", [])) for answer in found]


def statuses(answer: requests.Response) -> list[str]:
    return [entry["response"]["status"][:3] for entry in answer.json()["entry"]]


# What every server does

@pytest.mark.parametrize(("fixture", "release", "version"), SERVERS)
def test_it_says_its_release(fixture: str, release: str, version: str, web: requests.Session, request: pytest.FixtureRequest) -> None:
    said = web.get(f"{request.getfixturevalue(fixture).url}/metadata").json()
    assert (said["resourceType"], said["fhirVersion"]) == ("CapabilityStatement", version)
    found_by = {one["type"]: {parameter["name"] for parameter in one["searchParam"]} for one in said["rest"][0]["resource"]}
    assert [type for type in TYPES if "identifier" not in found_by[type]] == []


@pytest.mark.parametrize(("fixture", "release", "version"), SERVERS)
def test_a_transaction_posted_again_makes_no_copy(fixture: str, release: str, version: str, number: str, web: requests.Session,
                                                  request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue(fixture)
    assert copies(web, server, number) == [0, 0, 0]
    answers = [web.post(server.url, bundle(number, release)) for _ in range(3)]
    assert [statuses(answer) for answer in answers] == [["201"] * 3, ["200"] * 3, ["200"] * 3]
    assert copies(web, server, number) == [1, 1, 1]
    written = [[entry["response"]["location"].split("/")[:2] for entry in answer.json()["entry"]] for answer in answers]
    assert written[0] == written[1] == written[2]
    assert [type for type, _ in written[0]] == list(TYPES)


@pytest.mark.parametrize(("fixture", "release", "version"), SERVERS)
def test_a_request_that_breaks_off_leaves_nothing(fixture: str, release: str, version: str, number: str, web: requests.Session,
                                                  request: pytest.FixtureRequest) -> None:
    server, document = request.getfixturevalue(fixture), bundle(number, release)
    place = urlsplit(server.url)
    head = [f"POST {place.path} HTTP/1.1", f"Host: {place.netloc}", "Content-Type: application/fhir+json",
            f"Content-Length: {len(document)}"]
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + document[:-1])
    assert copies(web, server, number) == [0, 0, 0]


# What it was asked for

def demands_its_token(server: Server, web: requests.Session) -> None:
    """/metadata is open, and everything else refused, but with the token as it is written."""
    assert server.token
    assert web.get(f"{server.url}/metadata").status_code == 200
    tried = [web.get(f"{server.url}/Group", headers={"Authorization": given} if given else {})
             for given in (None, f"Bearer {server.token.lower()}", f"Bearer {server.token}")]
    assert [answer.status_code for answer in tried] == [401, 401, 200]
    assert [answer.headers.get("WWW-Authenticate", "")[:6] for answer in tried] == ["Bearer", "Bearer", ""]
    assert [answer.json()["resourceType"] for answer in tried] == ["OperationOutcome", "OperationOutcome", "Bundle"]


def test_hapi_demands_its_token(hapi_r4_token: Server, web: requests.Session) -> None:
    demands_its_token(hapi_r4_token, web)


def test_hapi_validates(hapi_r4_validating: Server, number: str, web: requests.Session) -> None:
    """It refuses the extensions that HL7 made of later releases, which it does not know, and takes ours, which it does not know either."""
    refused = web.post(hapi_r4_validating.url, bundle(number))
    assert refused.status_code == 422
    errors = [issue["diagnostics"] for issue in refused.json()["issue"] if issue["severity"] == "error"]
    assert errors
    assert [text for text in errors if "url 'http://hl7.org/fhir/5.0/StructureDefinition/extension-" not in text] == []
    assert copies(web, hapi_r4_validating, number) == [0, 0, 0]
    assert statuses(web.post(hapi_r4_validating.url, bundle(number, extensions="own"))) == ["201"] * 3


@pytest.mark.usefixtures("hapi_r4")
def test_hapi_refuses_more_entries_than_it_takes_and_repeats_its_searches(number: str, web: requests.Session) -> None:
    with hapi("r4", max_bundle=2, search_cache=60_000) as server:
        assert web.post(server.url, bundle(number)).status_code == 413
        assert copies(web, server, number) == [0, 0, 0]
        for entry in json.loads(bundle(number, extensions="own"))["entry"]:
            if entry["resource"]["resourceType"] != "ResearchStudy":  # which refers to the others
                assert web.put(f"{server.url}/{entry['request']['url']}", json=entry["resource"]).status_code == 201
        assert copies(web, server, number) == [0, 0, 0]
        web.headers["Cache-Control"] = "no-cache"
        assert copies(web, server, number) == [0, 1, 1]


@pytest.mark.usefixtures("medplum")
def test_medplum_demands_its_token(web: requests.Session) -> None:
    with medplum(token=TOKEN) as server:
        demands_its_token(server, web)


@pytest.mark.usefixtures("medplum")
def test_medplum_fails_as_it_was_asked(number: str, web: requests.Session) -> None:
    """A transaction whose last entry cannot be done: what it says, and what is left of the others."""
    document = json.loads(bundle(number))
    document["entry"].append({"request": {"method": "PUT", "url": "Group/absent", "ifMatch": 'W/"1"'},
                              "resource": {"resourceType": "Group", "id": "absent", "type": "person", "actual": False}})
    for started, status, left in [(medplum(), 404, [0, 0, 0]), (medplum(rollback=False), 404, [1, 1, 1]),
                                  (medplum(transactions=False), 200, [1, 1, 1])]:
        with started as server:
            answer = web.post(server.url, json=document)
            assert (answer.status_code, copies(web, server, number)) == (status, left)
    assert statuses(answer) == ["201"] * 3 + ["404"]


# That it goes

ALONE = """
import signal
from tests.servers import hapi, medplum
signal.signal(signal.SIGINT, signal.default_int_handler)  # which what runs in the background of a shell ignores
with {server} as server:
    print(server.url, flush=True)
    input()
"""


@pytest.mark.parametrize(("fixture", "server", "how"), [
    ("medplum", "medplum()", signal.SIGINT), ("medplum", "medplum()", signal.SIGKILL), ("hapi_r4", "hapi('r4')", signal.SIGKILL)])
def test_it_ends_with_the_one_who_started_it(fixture: str, server: str, how: signal.Signals, web: requests.Session,
                                             request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(fixture)
    with subprocess.Popen([sys.executable, "-c", ALONE.format(server=server)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as starter:
        assert starter.stdout
        url = starter.stdout.readline().strip()
        assert web.get(f"{url}/metadata").status_code == 200
        starter.send_signal(how)
        starter.wait()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            web.get(f"{url}/metadata")
        except requests.ConnectionError:
            return
        time.sleep(0.1)
    pytest.fail(f"{url} still answers")
