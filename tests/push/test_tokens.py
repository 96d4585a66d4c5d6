"""Tokens of a token endpoint: how they are asked for, kept and renewed, and what comes in their place."""

import json
import re
import threading

import pytest

from mappings.push import tokens
from mappings.push.credentials import Unauthorised
from mappings.push.http import Unanswered
from mappings.push.secrets import MASK, Redactor
from tests.push.identities import CLIENT, SECRET, TOKEN, asking, made, secret_client, smart
from tests.push.seen import everything
from tests.push.token_server import TokenServer


@pytest.fixture
def server():
    with TokenServer() as found:
        found.secrets[CLIENT] = SECRET
        yield found


def test_a_client_secret_is_exchanged_for_a_token(server):
    redactor = Redactor()
    found = secret_client(server, redactor=redactor, token_url=server.token_url, scope="system/*.cruds")
    assert found.described() == "OAuth 2 client credentials, client bridge & co, token endpoint that the server names"
    assert asking(server, found).ask("GET", "metadata").status == 200
    assert found.described() == f"OAuth 2 client credentials, client bridge & co, token endpoint {server.token_url}"
    assert (found.scopes, [request.path for request in server.requests]) == (("system/*.cruds",), ["/token", "/fhir/metadata"])
    assert server.requests[0].form == {"grant_type": "client_credentials", "scope": "system/*.cruds"}
    assert redactor.clean(f"{server.granted} {server.requests[0].headers['authorization']}") == f"['{MASK}'] Basic {MASK}"


def test_without_a_scope_a_client_secret_asks_for_none_and_nothing_is_known_of_what_was_granted(server):
    found = secret_client(server)
    found.headers()
    assert (found.scopes, server.asked("/token")[0].form) == ((), {"grant_type": "client_credentials"})


def test_a_client_secret_is_sent_in_the_form_where_the_header_is_refused(server):
    server.methods = ("client_secret_post",)
    found = secret_client(server)
    first = found.headers()
    assert found.renew(first) and found.headers() != first
    asked = server.asked("/token")
    assert ["authorization" in request.headers for request in asked] == [True, False, False]
    assert asked[1].form == {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}


@pytest.mark.parametrize(("said", "seconds"), [
    (300, 240), ("3600", 3540), (120, 60), (119.0, 59.5), (60, 30), (1, 0.5),
    (None, 240), (0, 240), (-5, 240), (True, 240), ("soon", 240), ([], 240), ("inf", 240), ("nan", 240), (10 ** 400, 240),
])
def test_a_token_is_renewed_a_minute_before_its_end_or_after_half_a_short_life(server, monkeypatch, said, seconds):
    server.answer = {"token_type": "bearer", **({} if said is None else {"expires_in": said})}
    now = [1000.0]
    monkeypatch.setattr(tokens, "monotonic", lambda: now[0])
    found = secret_client(server)
    first = found.headers()
    now[0] = 1000.0 + seconds - 0.01
    assert found.headers() == first
    now[0] = 1000.0 + seconds
    assert found.headers() != first
    assert len(server.granted) == 2


def test_the_life_of_a_token_begins_with_the_request_that_was_granted(server, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(tokens, "monotonic", lambda: now[0])
    server.script, server.answer = [(503, {"Retry-After": "20"}, b"")], {"token_type": "Bearer", "expires_in": 60}
    found = secret_client(server, token_url=server.token_url, wait=lambda seconds: not now.__setitem__(0, now[0] + seconds))
    first = found.headers()
    now[0] = 1020.0 + 29.9
    assert found.headers() == first
    now[0] = 1020.0 + 30
    assert found.headers() != first


def test_threads_that_need_a_token_at_once_ask_for_one(server):
    found, shown, together = secret_client(server), [], threading.Barrier(8)

    def show() -> None:
        together.wait()
        shown.append(found.headers()["Authorization"])
    for first in (True, False):
        threads = [threading.Thread(target=show) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if first:
            assert [found.renew({"Authorization": shown[0]}) for _ in range(8)] == [True] * 8
    assert found.renew({"Authorization": shown[0]}) and found.headers() == {"Authorization": shown[-1]}  # refused late, and replaced long ago
    assert shown == [f"Bearer {server.granted[0]}"] * 8 + [f"Bearer {server.granted[1]}"] * 8


def test_a_token_that_is_refused_in_the_middle_is_replaced_once(server, tmp_path):
    found = smart(server, tmp_path)
    client = asking(server, found)
    assert client.ask("GET", "metadata").status == 200
    server.valid.clear()
    assert client.ask("GET", "metadata").status == 200
    assert [request.path for request in server.requests][3:] == ["/fhir/metadata", "/token", "/fhir/metadata"]


def test_after_the_second_refusal_there_is_an_end(server, tmp_path):
    found = smart(server, tmp_path)
    over = (401, {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}, b"")
    found.headers()
    server.script = [over, (200, {}, b'{"access_token":"another-token","token_type":"Bearer","scope":"system/Group.r"}'), over]
    with pytest.raises(Unauthorised) as refused:
        asking(server, found).ask("GET", "metadata")
    assert refused.value.reason == (
        f"the server refused a token that the token endpoint {server.token_url} had just granted (HTTP 401, insufficient_scope): check that the endpoint "
        "belongs to this server (--token-url), and the scope (granted: system/Group.r)")
    assert server.script == [] and "another-token" not in everything(refused.value)


# What a token endpoint answers instead

ENDPOINT = "the token endpoint {} "
ANSWERS = [
    # status, headers, body, what is said
    (400, {}, {"error": "invalid_client", "error_description": SECRET}, "granted no token (HTTP 400, invalid_client): check --client-id and the client secret"),
    (401, {}, {"error": "invalid_client"}, "granted no token (HTTP 401, invalid_client): check --client-id and the client secret"),
    (400, {}, {"error": "invalid_scope"}, "granted no token (HTTP 400, invalid_scope) (asked for: a.b c.d): give --scope with what this client was registered for"),
    (400, {}, {"error": "unauthorized_client"}, "granted no token (HTTP 400, unauthorized_client): have the client registered for the grant type client_credentials"),
    (400, {}, {"error": "unsupported_grant_type"},
     "granted no token (HTTP 400, unsupported_grant_type): the endpoint grants nothing to programs; is --token-url the right one?"),
    (400, {}, {"error": f"no {SECRET}"}, "granted no token (HTTP 400, no [secret]): ask who runs it"),
    (400, {}, {"error": "\x1b[31mred"}, "granted no token (HTTP 400, no reason given): ask who runs it"),
    (400, {}, {"error": "x" * 61}, "granted no token (HTTP 400, no reason given): ask who runs it"),
    (400, {}, {"error": {"code": 5}}, "granted no token (HTTP 400, no reason given): ask who runs it"),
    (403, {}, SECRET, "granted no token (HTTP 403, no reason given): ask who runs it"),
    (400, {}, "[" * 100_000, "granted no token (HTTP 400, no reason given): ask who runs it"),
    (204, {}, "", "granted no token (HTTP 204, no reason given): ask who runs it"),
    (200, {}, {"error": "invalid_scope"}, "granted no token (HTTP 200, invalid_scope) (asked for: a.b c.d): give --scope with what this client was registered for"),
    (200, {}, "<html>", "answered like no token endpoint (HTTP 200); give its address with --token-url"),
    (200, {}, {"access_token": ["x"]}, "answered without an access_token that can be sent; is it the right one (--token-url)?"),
    (200, {}, {"access_token": "a\r\nX: b"}, "answered without an access_token that can be sent; is it the right one (--token-url)?"),
    (200, {}, {"access_token": "a-token-é"}, "answered without an access_token that can be sent; is it the right one (--token-url)?"),
    (200, {}, {"access_token": "a-token"}, "granted a token whose token_type is not bearer; no other is understood"),
    (200, {}, {"access_token": "a-token", "token_type": "mac"}, "granted a token whose token_type is not bearer; no other is understood"),
    (200, {}, {"access_token": "a-token", "token_type": 5}, "granted a token whose token_type is not bearer; no other is understood"),
    (404, {}, SECRET, "answered like no token endpoint (HTTP 404); give its address with --token-url"),
    (405, {}, "", "answered like no token endpoint (HTTP 405); give its address with --token-url"),
    (307, {"Location": "{}"}, "", "answered with a redirect (HTTP 307), which is not followed; give its address with --token-url"),
    (302, {"Location": "https://elsewhere.example.org/"}, "", "answered with a redirect (HTTP 302), which is not followed; give its address with --token-url"),
]


@pytest.mark.parametrize(("status", "headers", "body", "message"), ANSWERS, ids=[f"{case[0]} {str(case[2])[:40]!a}" for case in ANSWERS])
def test_a_token_endpoint_that_grants_nothing_is_asked_no_more(server, status, headers, body, message):
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    headers = {name: value.replace("{}", server.token_url) for name, value in headers.items()}
    invalid = isinstance(body, dict) and body.get("error") == "invalid_client"
    server.script = [(status, headers, content)] * (2 if invalid else 1)  # a header that is refused may go into the form
    found = secret_client(server, token_url=server.token_url, scope="a.b c.d")
    with pytest.raises(Unauthorised) as refused:
        found.headers()
    assert refused.value.reason == ENDPOINT.replace("{}", server.token_url) + message
    assert (len(server.requests), server.granted) == (2 if invalid else 1, [])
    assert not [secret for secret in (SECRET, "a-token") if secret in everything(refused.value)]


PASSING = [
    # the answers that come first (status and Retry-After, or none), the waits, what comes in the end
    ([(429, "7")], [7], "a token"),
    ([(503, "99999999")], [30], "a token"),
    ([(500, None), (502, "garbage")], [1, 2], "a token"),
    ([(504, "-5"), (429, "0")], [1, 0], "a token"),
    ([(429, "Fri, 01 Jan 2100 00:00:00 GMT")], [30], "a token"),
    ([(429, "Sat, 01 Jan 2000 00:00:00 GMT")], [0], "a token"),
    ([None, (500, None)], [1, 2], "a token"),
    ([(429, "1"), (429, "1"), (429, "1")], [1, 1], "granted no token in 3 tries (HTTP 429); try again later"),
    ([(500, None), None, (503, "2")], [1, 2], "granted no token in 3 tries (HTTP 503); try again later"),
    ([None, None, None], [1, 2], "the connection broke before the answer was whole"),
]


@pytest.mark.parametrize(("answers", "waits", "end"), PASSING)
def test_what_passes_is_waited_for(server, answers, waits, end):
    server.script = [answer and (answer[0], {} if answer[1] is None else {"Retry-After": answer[1]}, b"busy") for answer in answers]
    waited = []
    found = secret_client(server, token_url=server.token_url, wait=lambda seconds: waited.append(seconds) or True)
    if end == "a token":
        assert found.headers() == {"Authorization": f"Bearer {server.granted[0]}"}
    else:
        with pytest.raises(Unanswered if answers[-1] is None else Unauthorised, match=re.escape(f"the token endpoint {server.token_url}")) as failed:
            found.headers()
        assert end in failed.value.reason
        assert getattr(failed.value, "sent", False) is False  # nothing was sent to the server itself
    assert waited == waits


def test_nothing_is_waited_for_when_there_is_no_time(server):
    server.script = [(503, {}, b"")]
    with pytest.raises(Unauthorised, match=r"HTTP 503"):
        secret_client(server, token_url=server.token_url, wait=lambda seconds: False).headers()
    assert len(server.requests) == 1


def test_a_token_endpoint_that_is_not_there_is_no_answer():
    found = made("client-credentials", client_id="a", token_url="http://127.0.0.1:9/token", **TOKEN)
    with pytest.raises(Unanswered, match=r"^the token endpoint http://127.0.0.1:9/token: no connection: ") as failed:
        found.headers()
    assert (failed.value.sent, failed.value.final, SECRET in everything(failed.value)) == (False, False, False)
