"""That scripted servers and proxies do what they say: what a client sees of each fault, and what the server behind has received."""

import json
import socket
import ssl
import subprocess
import threading
from io import BytesIO
from shutil import which

import pytest
import requests

from tests.faults.answers import (
    CLOSED,
    ESCAPES,
    MEBIBYTE,
    NOT_UTF8,
    RESET_READ,
    RESET_UNREAD,
    Answer,
    cut,
    deep,
    dripping,
    endless,
    gzip_bomb,
    large,
    late,
    overlong,
    redirect,
    refusal,
    reply,
)
from tests.faults.memory import MemoryServer
from tests.faults.proxy import AT_RANDOM, Proxy, at_random, cut_off, delay, drop, first, hang_up, lose, refuse, rewrite, twice
from tests.faults.scripted import Request, Scripted

GOOD = reply(200, {"resourceType": "Bundle", "type": "transaction-response"})
BODY = b'{"resourceType":"Bundle","type":"transaction"}'
GROUP = {"resourceType": "Group", "type": "person", "actual": False}
LOST = requests.ConnectionError


def post(url, body=BODY, timeout=5.0, **more):
    return requests.post(url, data=body, timeout=timeout, allow_redirects=False, **more)


BROKEN = [
    # what the server does, what the client sees, how much of the request the server has
    ("reset before the body is read", RESET_UNREAD, LOST, b""),
    ("reset after the body is read", RESET_READ, LOST, BODY),
    ("closed without an answer", CLOSED, LOST, BODY),
    ("cut in the middle", cut(GOOD), requests.exceptions.ChunkedEncodingError, BODY),
    ("cut where it is chunked", Answer(200, lambda: [b"{"], ends="close"), requests.exceptions.ChunkedEncodingError, BODY),
    ("more declared than comes", overlong(GOOD), LOST, BODY),
    ("late", late(GOOD, 60), requests.exceptions.ReadTimeout, BODY),
]


@pytest.mark.parametrize(("answer", "seen", "got"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_an_answer_that_does_not_arrive(answer, seen, got):
    with Scripted([answer, GOOD]) as server:
        with pytest.raises(seen):
            post(server.url, timeout=0.5)
        assert post(server.url).content == GOOD.body
    assert [one.body for one in server.requests] == [got, BODY]


HARMFUL = [
    # what the server does, and what is true of the response
    ("an outcome", refusal(422, "no", "invalid"), lambda got: (got.status_code, got.json()["issue"][0]["diagnostics"]) == (422, "no")),
    ("a header", reply(429, {}, Retry_After="3"), lambda got: got.headers["Retry-After"] == "3"),
    ("one byte at a time, for longer than the timeout", dripping(reply(200, "0123456789"), 0.1), lambda got: got.json() == "0123456789"),
    ("a gzip bomb", gzip_bomb(20 * MEBIBYTE), lambda got: got.content == b" " * (20 * MEBIBYTE)),
    ("a gzip bomb, as it travels", gzip_bomb(20 * MEBIBYTE), lambda got: len(got.raw.read(decode_content=False)) < MEBIBYTE // 32),
    ("an endless body", endless(), lambda got: sum(len(got.raw.read(MEBIBYTE)) for _ in range(8)) == 8 * MEBIBYTE),
    ("a large body", large(3 * MEBIBYTE), lambda got: len(got.content) == 3 * MEBIBYTE),
    ("a larger one", large(), lambda got: got.headers["Content-Length"] == str(100 * MEBIBYTE)),
    ("lists inside lists", deep(), lambda got: got.content.startswith(b"[" * 100_000)),
    ("not UTF-8", NOT_UTF8, lambda got: b"caf\xe9" in got.content),
    ("escapes of terminals", ESCAPES, lambda got: "\x1b[2J" in got.json()["issue"][0]["diagnostics"] and b"\x1b" not in got.content),
    ("elsewhere", redirect("https://elsewhere.test/fhir", 307), lambda got: (got.status_code, got.headers["Location"]) == (307, "https://elsewhere.test/fhir")),
    ("nothing", Answer(204), lambda got: (got.status_code, got.content, got.headers.get("Content-Length")) == (204, b"", None)),
]


@pytest.mark.parametrize(("answer", "holds"), [case[1:] for case in HARMFUL], ids=[case[0] for case in HARMFUL])
def test_an_answer_that_does_harm(answer, holds):
    with Scripted([answer]) as server, post(server.url, timeout=1.0, stream=True) as got:
        assert holds(got)


def test_a_client_that_follows_redirects_loses_its_body():
    with Scripted([redirect("/fhir/", 301), GOOD]) as server:
        requests.post(server.url, data=BODY, timeout=5)
    assert [(one.method, one.path, one.body) for one in server.requests] == [("POST", "/fhir", BODY), ("GET", "/fhir/", b"")]


def test_requests_are_as_they_came():
    with Scripted(lambda request: reply(200, request.tree)) as server, requests.Session() as session:
        chunks = iter([b'{"a":', b"1.50}"])
        assert session.post(f"{server.url}/Group?identifier=a%7Cb%2B", data=chunks, headers={"X-Request-Id": "7"}, timeout=5).content == b'{"a":1.50}'
        assert session.put(f"{server.url}/Group/1", json=GROUP, timeout=5).json() == GROUP
    one, two = server.requests
    assert (one.number, one.method, one.path, one.headers["x-request-id"], one.body) == (0, "POST", "/fhir/Group?identifier=a%7Cb%2B", "7", b'{"a":1.50}')
    assert (two.number, two.method, two.path, two.tree) == (1, "PUT", "/fhir/Group/1", GROUP)


def test_what_the_script_raises_is_raised_at_the_end():
    with pytest.raises(ZeroDivisionError), Scripted(lambda request: reply(200, 1 / request.number)) as server:
        assert post(server.url).status_code == 500
        assert post(server.url).status_code == 200


ANSWERS = {"late": late(GOOD, 600), "drip": dripping(GOOD, 600), "endless": endless(), "good": GOOD}


def test_a_server_stops_whatever_its_clients_do():
    before = set(threading.enumerate())
    arrived = threading.Semaphore(0)

    def script(request):
        arrived.release()
        return ANSWERS[request.path[1:]]

    with Scripted(script) as server, Proxy(server.url, first(delay(600), method="GET", path="/good")) as proxy:
        asked = [(one, f"GET /{what} HTTP/1.1\r\n\r\n") for one in (server, proxy) for what in ANSWERS]
        unasked = [(one, part) for one in (server, proxy) for part in ("", "GET /go", "GET /good HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc")]
        clients = []
        for one, part in [*asked, *unasked]:
            clients.append(socket.create_connection(tuple(one.origin.removeprefix("http://").split(":"))))
            clients[-1].sendall(part.encode())
        for _ in asked:
            assert arrived.acquire(timeout=10)
    for client in clients:
        client.close()
    assert set(threading.enumerate()) == before


@pytest.mark.parametrize("behind", [False, True], ids=["server", "proxy"])
def test_a_client_killed_in_the_middle_of_a_request_did_not_send_one(behind):
    with MemoryServer() as server, Proxy(server.url) as proxy:
        asked = proxy if behind else server
        with socket.create_connection(tuple(asked.origin.removeprefix("http://").split(":"))) as killed:
            killed.sendall(b"POST /fhir/Group HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
        assert post(f"{asked.url}/Group", json.dumps(GROUP)).status_code == 201
    assert len(server.memory.all("Group")) == 1
    assert sorted(len(one.body) for one in asked.requests) == [0, len(json.dumps(GROUP))]
    assert len(server.requests) == (1 if behind else 2)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key with its own certificate for 127.0.0.1, as two files."""
    if not which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


def test_the_same_with_tls(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    with MemoryServer(context=context, fault=lambda request: RESET_READ if request.number == 0 else None) as server:
        with pytest.raises(LOST):
            post(server.url, verify=str(certificate[0]))
        with pytest.raises(requests.exceptions.SSLError):
            post(server.url)
        stalled = socket.create_connection(tuple(server.origin.removeprefix("https://").split(":")))
        made = post(f"{server.url}/Group", json.dumps(GROUP), verify=str(certificate[0]))
    stalled.close()
    assert server.url.startswith("https://") and made.headers["Location"] == f"{server.url}/Group/1/_history/1"


AWRY = [
    # the fault, what the client sees, how many copies the server behind has, what it answered
    ("none", None, 201, 1, [201]),
    ("drop", drop(), LOST, 0, []),
    ("lose", lose(), LOST, 1, [201]),
    ("hang up", hang_up(), LOST, 1, [201]),
    ("delay", delay(60), requests.exceptions.ReadTimeout, 1, [201]),
    ("cut off", cut_off(), requests.exceptions.ChunkedEncodingError, 1, [201]),
    ("429", refuse(429, "3"), 429, 0, []),
    ("503", refuse(503), 503, 0, []),
    ("504 after", refuse(504, after=True), 504, 1, [201]),
    ("twice", twice(), 201, 2, [201, 201]),
    ("rewrite", rewrite(lambda body: body.replace(b"person", b"device"), 200), 200, 1, [201]),
]


@pytest.mark.parametrize(("name", "fault", "seen", "copies", "statuses"), AWRY, ids=[case[0] for case in AWRY])
def test_what_a_fault_does(name, fault, seen, copies, statuses):
    with MemoryServer() as server, Proxy(server.url, first(fault)) as proxy:
        if isinstance(seen, int):
            got = post(f"{proxy.url}/Group", json.dumps(GROUP))
            assert got.status_code == seen
            assert got.headers.get("Retry-After") == ("3" if name == "429" else None)
            assert (b'"device"' in got.content) == (name == "rewrite")
        else:
            with pytest.raises(seen):
                post(f"{proxy.url}/Group", json.dumps(GROUP), timeout=0.5)
        assert len(server.memory.all("Group")) == copies
        assert requests.get(f"{proxy.url}/metadata", timeout=5).status_code == 200
    assert [(one.method, one.path, one.statuses, one.fault) for one in proxy.requests] == [
        ("POST", "/fhir/Group", statuses, "" if fault is None else name), ("GET", "/fhir/metadata", [200], "")]


def test_a_proxy_gives_its_own_address():
    with MemoryServer() as server, Proxy(server.url) as proxy:
        made = post(f"{proxy.url}/Group", json.dumps(GROUP))
        found = requests.get(f"{proxy.url}/Group?_id=1", timeout=5)
    assert made.headers["Location"] == f"{proxy.url}/Group/1/_history/1"
    assert found.json()["entry"][0]["fullUrl"] == f"{proxy.url}/Group/1"


def test_without_a_server_behind_it_a_proxy_says_502():
    with MemoryServer() as server:
        pass
    with Proxy(server.url) as proxy:
        assert requests.get(f"{proxy.url}/metadata", timeout=5).status_code == 502
    assert proxy.requests[0].statuses == []


def test_the_first_requests_have_the_faults_in_order():
    faults = first(drop(), None, lose(), path="/Group")
    asked = [Request(n, "", method, path, {}, BytesIO()) for n, (method, path) in enumerate(
        [("GET", "/Group"), ("POST", "/Group"), ("POST", "/"), ("POST", "/Group"), ("POST", "/Group"), ("POST", "/Group")])]
    assert [fault and fault.name for fault in map(faults, asked)] == [None, "drop", None, None, "lose", None]


def test_faults_at_random_are_the_same_for_the_same_seed():
    asked = [Request(n, "", "POST", "/fhir", {}, BytesIO()) for n in range(2000)]
    faults = [[fault and fault.name for fault in map(at_random(share, seed), asked)] for share, seed in [(0.2, 1), (0.2, 1), (0.2, 2), (0, 1), (1, 1)]]
    assert faults[0] == faults[1] != faults[2]
    assert 350 < len([one for one in faults[0] if one]) < 450
    assert set(faults[3]) == {None}
    assert set(faults[4]) == {one.name for one in AT_RANDOM}
