"""What a server says of its token endpoint, and what it may not say."""

import json
import re

import pytest

from mappings.push.addresses import base
from mappings.push.credentials import Unauthorised, credentials
from mappings.push.http import Reply
from mappings.push.secrets import Redactor
from tests.push.identities import CLIENT, SECRET, TOKEN, secret_client
from tests.push.token_server import TokenServer


@pytest.fixture
def server():
    with TokenServer() as found:
        found.secrets[CLIENT] = SECRET
        yield found


ELSEWHERE = "names a token endpoint elsewhere, "
NONE = "names no token endpoint"
GIVE = "; give its address with --token-url"
DISCOVERIES = [
    # status, what it says, what is said of that
    (200, {"token_endpoint": "https://elsewhere.example.org/token?a=b"}, f"{ELSEWHERE}https://elsewhere.example.org/token{GIVE} if that is the right one"),
    (200, {"token_endpoint": "https://127.0.0.1.example.org/token"}, f"{ELSEWHERE}https://127.0.0.1.example.org/token{GIVE} if that is the right one"),
    (200, {"token_endpoint": "http://localhost/token"}, f"{ELSEWHERE}http://localhost/token{GIVE} if that is the right one"),
    (200, {"token_endpoint": "http://elsewhere.example.org/token"},
     "names a token endpoint that cannot be used (token_endpoint: http://elsewhere.example.org/token is not encrypted: anybody on the way could read and "
     f"change what is sent; expected https. --allow-http sends it all the same){GIVE}"),
    (200, {"token_endpoint": "https://a:b@127.0.0.1/token"},
     "names a token endpoint that cannot be used (token_endpoint: found a user name or password in the address of 127.0.0.1; leave it out: others see the "
     f"command line. --auth basic takes them from a file){GIVE}"),
    (200, {"token_endpoint": "file:///etc/passwd"},
     "names a token endpoint that cannot be used (token_endpoint: found 'file:///etc/passwd'; expected an address such as https://fhir.example.org/r4)"
     f"{GIVE}"),
    (200, {"token_endpoint": "https://127.0.0.1/\x1b[31m"}, f"{NONE} (HTTP 200){GIVE}"),
    (200, {"token_endpoint": 5}, f"{NONE} (HTTP 200){GIVE}"),
    (200, {"token_endpoint": None}, f"{NONE} (HTTP 200){GIVE}"),
    (200, [], f"{NONE} (HTTP 200){GIVE}"),
    (404, {"token_endpoint": "{}"}, f"{NONE} (HTTP 404){GIVE}"),
    (302, {"token_endpoint": "{}"}, f"{NONE} (HTTP 302){GIVE}"),
]


@pytest.mark.parametrize(("status", "configuration", "message"), DISCOVERIES)
def test_a_token_endpoint_that_the_server_may_not_name_is_not_used(server, status, configuration, message):
    server.script = [(status, {"Location": server.token_url}, json.dumps(configuration).replace("{}", server.token_url).encode())]
    with pytest.raises(Unauthorised) as refused:
        secret_client(server).headers()
    assert refused.value.reason == f"{server.url}/.well-known/smart-configuration {message}"
    assert len(server.requests) == 1


class Says:
    """A transport that keeps what is asked of it."""

    def __init__(self, token_endpoint: str):
        self.asked: list[tuple[str, float | None]] = []
        self.token_endpoint = token_endpoint

    def exchange(self, method, url, headers, body=None, until=None):
        self.asked.append((url, until))
        said = {"token_endpoint": self.token_endpoint} if method == "GET" else {"access_token": "abcd", "token_type": "Bearer"}
        return Reply(200, {}, json.dumps(said).encode())


@pytest.mark.parametrize(("server", "endpoint", "is_used"), [
    ("https://fhir.example.org/r4", "https://fhir.example.org/oauth/token", True),
    ("https://fhir.example.org/r4", "https://FHIR.example.org:8443/token", True),
    ("https://fhir.example.org/r4", "http://fhir.example.org/token", False),
    ("https://fhir.example.org/r4", "https://example.org/token", False),
    ("http://fhir.example.org/r4", "http://fhir.example.org:8080/token", True),
    ("http://fhir.example.org/r4", "https://fhir.example.org/token", True),
])
def test_a_server_names_a_token_endpoint_on_its_own_host_and_no_less_encrypted(server, endpoint, is_used):
    says = Says(endpoint)
    found = credentials("client-credentials", base=base(server, allow_http=True), transport=says, redactor=Redactor(), client_id="a", allow_http=True, **TOKEN)
    asked = [(f"{server}/.well-known/smart-configuration", 12345.0)]
    if is_used:
        assert found.headers(12345.0) == {"Authorization": "Bearer abcd"}
        assert says.asked == [*asked, (endpoint, 12345.0)]
    else:
        with pytest.raises(Unauthorised, match=re.escape(f"names a token endpoint elsewhere, {endpoint};")):
            found.headers(12345.0)
        assert says.asked == asked


def test_the_person_may_name_a_token_endpoint_elsewhere_and_the_server_is_not_asked(server):
    with TokenServer() as elsewhere:
        elsewhere.secrets[CLIENT] = SECRET
        secret_client(server, token_url=elsewhere.token_url.replace("127.0.0.1", "localhost")).headers()
        assert (len(server.requests), len(elsewhere.granted)) == (0, 1)
