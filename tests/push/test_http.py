"""One request and its answer: within limits, nothing followed, nothing taken from the environment, and what arrived told exactly."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from traceback import format_exception
from typing import Any

import pytest
import requests
import trustme
from msgspec.structs import replace

from mappings.push import http
from mappings.push.http import Limits, Reply, Transport, Unanswered, told, unanswered
from mappings.push.tls import context
from tests.faults.answers import (
    CLOSED,
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
from tests.faults.scripted import Request, Scripted, shut

TLS = context()
QUICK = Limits(connect=5, read=5, whole=5, reply=MEBIBYTE)
"""Of a test that takes as long, something is wrong."""
MOMENT = 0.3
"""Seconds after which a test does not wait any more."""
BODY = b'{"resourceType":"Bundle"}'
GOOD = reply(200, {"resourceType": "Bundle"})
BROKEN = "the connection broke before the answer was whole"
SECRET = "s3cr3t of ours"
GONE = "RemoteDisconnected: Remote end closed connection without response"


def exchanged(url: str, method: str = "POST", *, until: float | None = None, limits: Limits = QUICK, proxy: str | None = None,
              tls: ssl.SSLContext | None = None, headers: dict[str, str] | None = None) -> Reply:
    """The answer to one request; `until` is in seconds from now."""
    last = None if until is None else time.monotonic() + until
    return Transport(tls or TLS, proxy, limits).exchange(method, url, headers or {}, BODY if method == "POST" else None, last)


def failed(url: str, **options: Any) -> tuple[str, bool, bool]:
    """Why there was no answer, whether the request may have arrived, and whether the same would happen again."""
    with pytest.raises(Unanswered) as end:
        exchanged(url, **options)
    assert str(end.value) == end.value.reason
    return end.value.reason, end.value.sent, end.value.final


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusted(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    (path := tmp_path_factory.mktemp("pki") / "ca.pem").write_bytes(authority.cert_pem.bytes())
    return context(path)


@pytest.fixture(scope="module")
def encrypted(authority: trustme.CA) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(found)
    return found


# What comes back

ANSWERS: list[tuple[str, Answer, int, bytes]] = [
    # what, the answer, its status, its body
    ("an outcome", refusal(422, "no", "invalid"), 422, refusal(422, "no", "invalid").content),
    ("nothing", Answer(204), 204, b""),
    ("an empty body", Answer(201), 201, b""),
    ("no FHIR", Answer(200, b"<html>", {"Content-Type": "text/html"}), 200, b"<html>"),
    ("not UTF-8", NOT_UTF8, 400, NOT_UTF8.content),
    ("pieces", Answer(200, lambda: [b"ab", b"c"]), 200, b"abc"),
    ("as much as is taken", Answer(200, b"x" * MEBIBYTE), 200, b"x" * MEBIBYTE),
    ("an odd status", Answer(599, b"x"), 599, b"x"),
]


@pytest.mark.parametrize(("answer", "status", "body"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
def test_an_answer_is_given_as_it_came(answer: Answer, status: int, body: bytes) -> None:
    with Scripted([answer]) as server:
        found = exchanged(server.url)
    assert (found.status, found.body) == (status, body)


def test_names_of_headers_are_in_small_letters_and_values_as_they_came() -> None:
    with Scripted([reply(429, {}, Retry_After="3", X_Request_Id="Ab-C", ETag='W/"1"')]) as server:
        headers = exchanged(server.url).headers
    assert {name: headers[name] for name in ("retry-after", "x-request-id", "etag")} == {"retry-after": "3", "x-request-id": "Ab-C", "etag": 'W/"1"'}


TREES: list[tuple[str, bytes, Any, dict[str, Any]]] = [
    # what, the body, the tree, the resource
    ("a resource", b'{"resourceType":"Group","a":1}', {"resourceType": "Group", "a": 1}, {"resourceType": "Group", "a": 1}),
    ("with a byte order mark", b'\xef\xbb\xbf{"resourceType":"Group"}', {"resourceType": "Group"}, {"resourceType": "Group"}),
    ("an object that is none", b'{"a":1}', {"a": 1}, {}),
    ("a resourceType that is no text", b'{"resourceType":5}', {"resourceType": 5}, {}),
    ("a list", b'[{"resourceType":"Group"}]', [{"resourceType": "Group"}], {}),
    ("a text", b'"Group"', "Group", {}),
    ("null", b"null", None, {}),
    ("nothing", b"", None, {}),
    ("a page", b"<html></html>", None, {}),
    ("half of it", b'{"resourceType":', None, {}),
    ("not UTF-8", NOT_UTF8.content, None, {}),
    ("lists inside lists", deep().content, None, {}),
]


@pytest.mark.parametrize(("body", "tree", "resource"), [case[1:] for case in TREES], ids=[case[0] for case in TREES])
def test_a_body_is_what_json_it_holds(body: bytes, tree: Any, resource: dict[str, Any]) -> None:
    found = Reply(200, {}, body)
    assert (found.tree, found.resource) == (tree, resource)


@pytest.mark.parametrize(("piece", "most"), [(b"{}", 25), (b"[]", 25), (b"1.5", 50)])
def test_a_body_of_more_values_than_any_trial_has_is_not_taken_apart(piece: bytes, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "VALUES", 50)  # signs of an object, a list, and a further value
    assert Reply(200, {}, b"[" + b",".join([piece] * most) + b"]").tree is not None
    assert Reply(200, {}, b"[" + b",".join([piece] * (most + 1)) + b"]").tree is None


def test_decimals_keep_their_digits() -> None:
    assert str(Reply(200, {}, b'{"value":1.50}').tree["value"]) == "1.50"


# What is sent

def test_a_request_has_its_method_body_and_headers_and_no_others_of_ours() -> None:
    with Scripted([GOOD]) as server:
        exchanged(server.url, headers={"X-Request-Id": "1", "Content-Type": "application/fhir+json"})
        exchanged(f"{server.url}/Group?identifier=a%7Cb%2B", "GET")
    posted, asked = server.requests
    assert (posted.method, posted.path, posted.body) == ("POST", "/fhir", BODY)
    assert (asked.method, asked.path, asked.body) == ("GET", "/fhir/Group?identifier=a%7Cb%2B", b"")
    assert (posted.headers["x-request-id"], posted.headers["content-type"]) == ("1", "application/fhir+json")
    for name in ("authorization", "cookie", "accept", "content-encoding"):
        assert name not in posted.headers and name not in asked.headers


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_redirect_is_followed(status: int, method: str) -> None:
    with Scripted([redirect("/fhir/", status), GOOD]) as server:
        found = exchanged(server.url, method)
    assert (found.status, found.headers["location"], len(server.requests)) == (status, "/fhir/", 1)


def test_nothing_is_taken_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text(f"machine 127.0.0.1 login somebody password {SECRET}\ndefault login somebody password {SECRET}\n")
    (tmp_path / ".netrc").chmod(0o600)
    proxies = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    for name, value in {"HOME": str(tmp_path), "NETRC": str(tmp_path / ".netrc"), "REQUESTS_CA_BUNDLE": "/missing", "CURL_CA_BUNDLE": "/missing",
                        **dict.fromkeys(proxies, "http://127.0.0.1:9")}.items():
        monkeypatch.setenv(name, value)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Scripted([GOOD]) as server:
        assert exchanged(server.url).status == 200
        assert exchanged(server.url, headers={"Authorization": "Bearer mine"}).status == 200
    assert [request.headers.get("authorization") for request in server.requests] == [None, "Bearer mine"]


def test_a_proxy_is_used_where_it_is_given() -> None:
    with Scripted([GOOD]) as proxy:
        assert exchanged("http://fhir.example.org/r4", proxy=f"http://bob:pass%20word@{proxy.origin[7:]}").status == 200
    assert [(one.method, one.path, one.headers["host"], one.headers["proxy-authorization"], one.body) for one in proxy.requests] == [
        ("POST", "http://fhir.example.org/r4", "fhir.example.org", "Basic Ym9iOnBhc3Mgd29yZA==", BODY)]


def test_a_request_that_cannot_be_made_is_not_sent_and_its_secrets_are_not_told() -> None:
    with Scripted([GOOD]) as server:
        for value in (f"{SECRET}\nb", f"{SECRET}\r", f" {SECRET}"):
            with pytest.raises(Unanswered) as end:
                exchanged(server.url, headers={"Authorization": value})
            assert (end.value.sent, end.value.final) == (False, True)
            assert SECRET not in "".join(format_exception(end.value))
            assert end.value.reason == "the request cannot be made (InvalidHeader): are the address and the headers right?"
    assert server.requests == []


def test_threads_may_share_a_transport() -> None:
    def echo(request: Request) -> Answer:
        return Answer(200, request.path.encode())

    with Scripted(echo) as server, ThreadPoolExecutor(8) as pool:
        transport = Transport(TLS, limits=QUICK)
        paths = [f"/fhir/Group/{n}" for n in range(64)]
        found = list(pool.map(lambda path: transport.exchange("GET", server.origin + path, {}).body.decode(), paths))
    assert found == paths


# No answer

class Dripping(Scripted):
    """Sends `head` at once and `rest` a byte at a time; `whole` says that somebody waited for all of it."""

    whole = False

    def __init__(self, head: bytes, rest: bytes, tls: ssl.SSLContext | None):
        super().__init__([replace(GOOD, ends="close")], tls)
        self.head, self.rest = head, rest

    def _send(self, answer: Answer, connection: socket.socket) -> None:
        connection.sendall(self.head)
        for number, byte in enumerate(self.rest, 1):
            connection.sendall(bytes([byte]))
            self.whole = number == len(self.rest)
            if self.stopping.wait(DRIP):
                return


class Cut(Scripted):
    """Sends the first `size` bytes of WHOLE and ends the connection."""

    size = 0

    def _send(self, answer: Answer, connection: socket.socket) -> None:
        connection.sendall(WHOLE[:self.size])


WHOLE = (b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nETag: W/\"1\"\r\nContent-Length: 25\r\nX-Request-Id: 1\r\n\r\n" + BODY)


class Plain(Scripted):
    """Answers whatever comes in plain text."""

    def _serve(self, connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        self.closed(connection)


class Deaf(Scripted):
    """Takes a connection and ends it before anything is read: to a client with TLS, in the middle of the handshake."""

    def _serve(self, connection: socket.socket) -> None:
        shut(connection)
        self.closed(connection)


LOST: list[tuple[str, Answer, str]] = [
    # what the server does, what is said; the request may have arrived, and the next may do better
    ("reset after the body is read", RESET_READ, f"{BROKEN}: Connection reset by peer"),
    ("closed without an answer", CLOSED, f"{BROKEN}: {GONE}"),
    ("cut in the middle", cut(reply(200, "0123456789")), f"{BROKEN}: IncompleteRead: IncompleteRead(6 bytes read, 6 more expected)"),
    ("packed badly", Answer(200, b"garbage", {"Content-Encoding": "gzip"}),
     f"{BROKEN}: error: Error -3 while decompressing data: incorrect header check"),
    ("a header that is too long", Answer(200, b"x", {"X": "a" * 70_000}), f"{BROKEN}: LineTooLong: got more than 65536 bytes when reading header line"),
    ("too many headers", Answer(200, b"x", {f"X{n}": "a" for n in range(120)}), f"{BROKEN}: HTTPException: got more than 100 headers"),
]


@pytest.mark.parametrize(("answer", "reason"), [case[1:] for case in LOST], ids=[case[0] for case in LOST])
def test_a_request_whose_answer_broke_may_have_arrived(answer: Answer, reason: str) -> None:
    with Scripted([answer]) as server:
        assert failed(server.url) == (reason, True, False)


def test_so_may_one_that_was_not_read_to_its_end() -> None:
    with Scripted([RESET_UNREAD]) as server:
        assert failed(server.url)[1:] == (True, False)


@pytest.mark.parametrize("answer", [RESET_READ, CLOSED, cut(GOOD)])
def test_so_may_one_that_was_encrypted(answer: Answer, trusted: ssl.SSLContext, encrypted: ssl.SSLContext) -> None:
    with Scripted([answer], encrypted) as server:
        assert failed(server.url, tls=trusted)[1:] == (True, False)
        assert server.requests[0].body == BODY


def test_an_answer_that_is_cut_at_any_byte_is_none() -> None:
    taken = []
    with Cut([replace(GOOD, ends="close")]) as server:
        for server.size in range(len(WHOLE) + 1):
            try:
                taken.append((server.size, exchanged(server.url).status))
            except Unanswered as end:
                assert (end.sent, end.final) == (True, False), WHOLE[:server.size]
    assert taken == [(len(WHOLE), 200)]


TOO_MUCH: list[tuple[str, Answer]] = [
    ("one byte more than is taken", Answer(200, b"x" * (MEBIBYTE + 1))),
    ("a large body", large(100 * MEBIBYTE)),
    ("a gzip bomb", gzip_bomb(20 * MEBIBYTE)),
    ("a body without end", endless()),
    ("a redirect with a body without end", Answer(302, endless().body, {"Location": "/elsewhere"})),
    ("a refusal with a body without end", endless(422)),
]


@pytest.mark.parametrize("answer", [case[1] for case in TOO_MUCH], ids=[case[0] for case in TOO_MUCH])
def test_an_answer_beyond_the_largest_size_is_left(answer: Answer) -> None:
    with Scripted([answer]) as server:
        assert failed(server.url) == ("the answer has more than 1 MiB", True, True)


DRIP, DRIPS = 0.02, 250
"""Seconds between two bytes, and how many come: who waits for the whole waits for five seconds."""
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, br", "x"])
def test_an_encoding_that_was_not_asked_for_is_not_undone(encoding: str) -> None:
    with Scripted([Answer(200, b"x" * 100, {"Content-Encoding": encoding})]) as server:
        assert failed(server.url) == ("the answer is encoded in a way that was not asked for", True, True)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "identity"])
def test_one_that_was_asked_for_is(encoding: str) -> None:
    body = b"x" * 100
    with Scripted([Answer(200, body if encoding == "identity" else gzip.compress(body), {"Content-Encoding": encoding})]) as server:
        assert exchanged(server.url).body == body
    assert server.requests[0].headers["accept-encoding"] == "gzip"


SLOW = [
    # what comes slowly, what comes at once, and the rest
    ("the status", b"", OK[:-1] + b"a" * DRIPS),
    ("the headers", OK, b"X-Long: " + b"a" * DRIPS + b"\r\nContent-Length: 0\r\n\r\n"),
    ("the body", OK + b"Content-Length: %d\r\n\r\n" % DRIPS, b"a" * DRIPS),
    ("the pieces of a body", OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * (DRIPS // 6) + b"0\r\n\r\n"),
]


@pytest.mark.parametrize(("head", "rest"), [case[1:] for case in SLOW], ids=[case[0] for case in SLOW])
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_waiting_ends_when_it_was_to_end(head: bytes, rest: bytes, secure: bool, trusted: ssl.SSLContext, encrypted: ssl.SSLContext) -> None:
    with Dripping(head, rest, encrypted if secure else None) as server:
        assert failed(server.url, tls=trusted if secure else None, until=MOMENT)[1:] == (True, False)
        assert not server.whole


def test_so_it_does_when_the_whole_takes_too_long() -> None:
    _, head, rest = SLOW[2]
    with Dripping(head, rest, None) as server:
        assert failed(server.url, limits=replace(QUICK, read=60, whole=MOMENT))[1:] == (True, False)
        assert not server.whole


@pytest.mark.parametrize("answer", [late(GOOD, 60), overlong(GOOD)])
def test_so_it_does_when_nothing_comes(answer: Answer) -> None:
    with Scripted([answer]) as server:
        assert failed(server.url, until=MOMENT)[1:] == (True, False)
        assert failed(server.url, limits=replace(QUICK, read=60, whole=MOMENT))[1:] == (True, False)


def test_between_two_pieces_only_so_much_time_may_pass() -> None:
    with Scripted([overlong(GOOD)]) as server:
        assert failed(server.url, limits=replace(QUICK, read=MOMENT))[1:] == (True, False)
    with Scripted([late(GOOD, 60)]) as server:
        assert failed(server.url, limits=replace(QUICK, read=MOMENT)) == ("no answer in time", True, False)


def test_a_request_after_its_end_has_no_answer() -> None:
    with Scripted([GOOD]) as server, pytest.raises(Unanswered):
        exchanged(server.url, until=-1)


def test_an_answer_in_time_is_not_cut_afterwards() -> None:
    with Scripted([dripping(reply(200, "0123456789"), 0.01)]) as server:
        transport = Transport(TLS, limits=QUICK)
        for _ in range(2):
            assert transport.exchange("GET", server.url, {}, None, time.monotonic() + 5).tree == "0123456789"


# No connection

def closed_port() -> int:
    """A port of this machine to which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_where_nobody_listens_nothing_was_sent(scheme: str) -> None:
    assert failed(f"{scheme}://127.0.0.1:{closed_port()}/fhir") == ("no connection: Connection refused", False, False)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_where_the_name_is_not_known_nothing_was_sent(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert failed(f"{scheme}://fhir.example.org/r4") == ("no connection: Name or service not known", False, False)


def test_a_handshake_that_breaks_is_no_request() -> None:
    with Deaf([GOOD]) as server:
        assert failed(f"https{server.url[4:]}")[1:] == (False, False)


def test_a_server_without_tls_is_final() -> None:
    with Plain([GOOD]) as server:
        reason, sent, final = failed(f"https{server.url[4:]}")
    assert (reason.startswith("no trusted TLS connection: "), sent, final) == (True, False, True), reason


def test_who_is_not_trusted_is_sent_nothing(encrypted: ssl.SSLContext) -> None:
    with Scripted([GOOD], encrypted) as server:
        reason, sent, final = failed(server.url)
    assert (reason.startswith("no trusted TLS connection: "), sent, final, server.requests) == (True, False, True, [])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_passes_nothing_on(scheme: str) -> None:
    url = f"{scheme}://fhir.example.org/r4"
    assert failed(url, proxy=f"http://127.0.0.1:{closed_port()}") == ("the proxy could not be used: Connection refused", False, False)


PROXIES: list[tuple[str, Answer]] = [
    ("refuses", Answer(407)), ("does not let us there", Answer(403)), ("cannot reach it", Answer(502)), ("closes the connection", CLOSED), ("resets it", RESET_READ)]


@pytest.mark.parametrize("answer", [case[1] for case in PROXIES], ids=[case[0] for case in PROXIES])
def test_a_proxy_that_makes_no_tunnel_passes_nothing_on(answer: Answer) -> None:
    with Scripted([answer]) as proxy:
        assert failed("https://fhir.example.org/r4", proxy=proxy.origin)[1:] == (False, False)
    assert [(one.method, one.path) for one in proxy.requests] == [("CONNECT", "fhir.example.org:443")]


def test_a_password_of_the_proxy_is_not_told() -> None:
    with Scripted([Answer(407)]) as proxy, pytest.raises(Unanswered) as end:
        exchanged("https://fhir.example.org/r4", proxy=f"http://bob:{SECRET.replace(' ', '%20')}@{proxy.origin[7:]}")
    assert "s3cr3t" not in "".join(format_exception(end.value))


# What an exception means

EXCEPTIONS = requests.exceptions
MEANINGS: list[tuple[Exception, bool, tuple[str, bool, bool]]] = [
    # what is raised, whether there was a connection, what is made of it
    (EXCEPTIONS.ConnectTimeout(), False, ("no connection: ConnectTimeout: ", False, False)),
    (EXCEPTIONS.ReadTimeout(), True, ("no answer in time", True, False)),
    (EXCEPTIONS.SSLError("certificate verify failed"), False, ("no trusted TLS connection: SSLError: certificate verify failed", False, True)),
    (EXCEPTIONS.SSLError("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE]"), False, ("no trusted TLS connection: SSLError: [SSL: SSLV3_ALERT_HANDSHAKE_FAILURE]", False, True)),
    (EXCEPTIONS.SSLError("unknown CA"), True, ("no trusted TLS connection: SSLError: unknown CA", True, True)),
    (EXCEPTIONS.SSLError("EOF occurred"), True, ("no trusted TLS connection: SSLError: EOF occurred", True, False)),
    (EXCEPTIONS.ProxyError("Tunnel"), False, ("the proxy could not be used: ProxyError: Tunnel", False, False)),
    (EXCEPTIONS.InvalidHeader(SECRET), False, ("the request cannot be made (InvalidHeader): are the address and the headers right?", False, True)),
    (EXCEPTIONS.InvalidURL(SECRET), False, ("the request cannot be made (InvalidURL): are the address and the headers right?", False, True)),
    (ValueError(SECRET), False, ("the request cannot be made (ValueError): are the address and the headers right?", False, True)),
    (ValueError(SECRET), True, ("the answer is none of HTTP (ValueError)", True, False)),
    (EXCEPTIONS.ChunkedEncodingError("x"), True, (f"{BROKEN}: ChunkedEncodingError: x", True, False)),
    (OSError(32, "Broken pipe"), True, (f"{BROKEN}: Broken pipe", True, False)),
]


@pytest.mark.parametrize(("error", "begun", "meaning"), MEANINGS, ids=[f"{type(error).__name__}: {error}" for error, _, _ in MEANINGS])
def test_an_exception_says_whether_it_was_sent_and_may_be_again(error: Exception, begun: bool, meaning: tuple[str, bool, bool],
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http.NOW, "begun", begun, raising=False)
    found = unanswered(error)
    assert (found.reason.strip(), found.sent, found.final) == (meaning[0].strip(), *meaning[1:])


def test_of_exceptions_within_each_other_the_words_of_the_system_are_told() -> None:
    outer, inner = ValueError("outer"), ConnectionResetError(104, "Connection reset by peer")
    outer.__context__ = inner
    assert told(outer) == "Connection reset by peer"
    inner.__context__ = outer  # a circle
    assert told(outer) == "Connection reset by peer"
    assert told(ValueError("a\n b" + "c" * 300)) == f"ValueError: a b{'c' * 300}"[:200]
