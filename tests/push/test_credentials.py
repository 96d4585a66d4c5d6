"""Who we are to a server, what it is shown of that, and what is said when it refuses it."""

import base64
import json
import logging
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from converter.problems import Problems
from mappings.push.credentials import Unauthorised
from mappings.push.http import Reply
from mappings.push.secrets import MASK, Redactor
from tests.push.identities import CLIENT, SECRET, TOKEN, TRANSPORT, asking, made, pem, secret_client, smart, written
from tests.push.seen import everything
from tests.push.token_server import TokenServer

ROOT = Path(__file__).parents[2]
REFUSED = Reply(401, {}, b"")


@pytest.fixture
def server():
    with TokenServer() as found:
        found.secrets[CLIENT] = SECRET
        yield found


# What is refused before anything is asked

SOURCES = "expected --token-file, --token-command or the environment variable TRIALBRIDGE_TOKEN"
FILE, KEY = Path("secret"), Path("key.pem")
COMBINATIONS = [
    # auth, options, what is said
    ("digest", {}, ["--auth: expected one of none, basic, bearer, client-credentials, smart-backend, found 'digest'"]),
    ("none", {"token_file": FILE}, ["--token-file: is not used by --auth none; leave it out, or give --auth basic or bearer or client-credentials"]),
    ("none", {"client_id": "a", "token_url": "https://a"}, [
        "--client-id: is not used by --auth none; leave it out, or give --auth basic or client-credentials or smart-backend",
        "--token-url: is not used by --auth none; leave it out, or give --auth client-credentials or smart-backend"]),
    ("basic", {}, ["--client-id: is needed by --auth basic, and is not given", f"--auth: basic needs a password; {SOURCES}"]),
    ("basic", {**TOKEN, "client_id": "a", "scope": "b"}, [
        "--scope: is not used by --auth basic; leave it out, or give --auth client-credentials or smart-backend"]),
    ("basic", {**TOKEN, "client_id": "a:b"}, ["--client-id: found a user name with a colon, which --auth basic cannot send"]),
    ("basic", {**TOKEN, "client_id": ""}, ["--client-id: found ''; expected a name without control characters"]),
    ("basic", {**TOKEN, "client_id": "a\nb"}, ["--client-id: found 'a\\nb'; expected a name without control characters"]),
    ("basic", {**TOKEN, "client_id": "\udcff"}, ["--client-id: found '\\udcff'; expected a name without control characters"]),
    ("bearer", {}, [f"--auth: bearer needs a token; {SOURCES}"]),
    ("bearer", {"token_file": FILE, "token_command": "cat secret"}, ["--token-command: is given with --token-file; expected one of the two"]),
    ("bearer", {**TOKEN, "key": KEY}, ["--key: is not used by --auth bearer; leave it out, or give --auth smart-backend"]),
    ("bearer", {"token_file": Path("open")}, [
        "--token-file: others may read or change open (its mode is 0644); expected a file for its owner alone: chmod 600"]),
    ("bearer", {"token_file": Path("two lines")}, ["--token-file: found several lines or control characters from a file; expected one line"]),
    ("bearer", {"token_command": f"echo Bearer {SECRET}"}, ["--token-command: found Bearer and a token from a command; expected the token alone"]),
    ("bearer", {"token_command": f"echo {SECRET} b"}, [
        "--token-command: found blanks or other characters from a command that a token cannot have; expected the token alone"]),
    ("bearer", {"environ": {"TRIALBRIDGE_TOKEN": f"{SECRET}é"}}, [
        "TRIALBRIDGE_TOKEN: found blanks or other characters from the environment that a token cannot have; expected the token alone"]),
    ("bearer", {"environ": {"TRIALBRIDGE_TOKEN": f"{SECRET}\udcff"}}, [
        "TRIALBRIDGE_TOKEN: found several lines or control characters from the environment; expected one line"]),
    ("client-credentials", {}, ["--client-id: is needed by --auth client-credentials, and is not given",
                                f"--auth: client-credentials needs a client secret; {SOURCES}"]),
    ("client-credentials", {**TOKEN, "client_id": "a", "token_url": "http://a.example.org/token"}, [
        "--token-url: http://a.example.org/token is not encrypted: anybody on the way could read and change what is sent; expected https. "
        "--allow-http sends it all the same"]),
    ("client-credentials", {**TOKEN, "client_id": "a", "token_url": "https://a.example.org/token#x"}, [
        "--token-url: found an address with a fragment; a token endpoint has none"]),
    ("client-credentials", {**TOKEN, "client_id": "a", "scope": "a\tb"}, ["--scope: found 'a\\tb'; expected scopes with a blank between them"]),
    ("client-credentials", {**TOKEN, "client_id": "a", "scope": ""}, ["--scope: found ''; expected scopes with a blank between them"]),
    ("smart-backend", {}, ["--client-id: is needed by --auth smart-backend, and is not given", "--key: is needed by --auth smart-backend, and is not given"]),
    ("smart-backend", {"client_id": "a", "key": KEY, "token_command": "echo a"}, [
        "--token-command: is not used by --auth smart-backend; leave it out, or give --auth basic or bearer or client-credentials"]),
    ("smart-backend", {"client_id": "a", "key": KEY}, ["--key: key.pem cannot be read: No such file or directory; expected a file with a secret"]),
]


@pytest.mark.parametrize(("auth", "options", "messages"), COMBINATIONS)
def test_what_cannot_be_meant_is_refused(tmp_path, monkeypatch, auth, options, messages):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "open", SECRET, 0o644)
    written(tmp_path / "two lines", f"{SECRET}\n{SECRET}\n")
    with pytest.raises(Problems) as refused:
        made(auth, **options)
    assert list(map(str, refused.value.problems)) == messages
    assert SECRET not in everything(refused.value)


def test_without_what_signs_only_smart_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(Problems) as refused:
        made("smart-backend", client_id="a", key=written(tmp_path / "key", pem("EC")))
    assert str(refused.value) == "--auth: what smart-backend signs with is not installed; install trialbridge[smart]"
    assert made("bearer", **TOKEN).headers()


def test_what_signs_is_imported_only_when_it_signs():
    code = ("import sys\nfrom pathlib import Path\nfrom mappings.push.credentials import credentials\n"
            "from mappings.push.addresses import base\nfrom mappings.push.secrets import Redactor\n"
            "credentials('bearer', base=base('https://a'), transport=None, redactor=Redactor(), environ={'TRIALBRIDGE_TOKEN': 'abc'})\n"
            "print([name for name in ('jwt', 'cryptography') if name in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout == "[]\n"


# What a request shows

def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


STATIC = [
    # auth, options, what is shown, how it is described
    ("none", {}, {}, "no credentials"),
    ("none", TOKEN, {}, "no credentials"),
    ("basic", {**TOKEN, "client_id": "bob"}, {"Authorization": basic(f"bob:{SECRET}")}, "user name bob and a password from the environment"),
    ("basic", {"token_command": "printf 'ä : b'", "client_id": "é"}, {"Authorization": basic("é:ä : b")}, "user name é and a password from a command"),
    ("bearer", TOKEN, {"Authorization": f"Bearer {SECRET}"}, "bearer token from the environment"),
    ("bearer", {"token_file": FILE, **TOKEN}, {"Authorization": "Bearer of-a-file"}, "bearer token from a file"),
    ("bearer", {"token_command": "echo of-a-command", **TOKEN}, {"Authorization": "Bearer of-a-command"}, "bearer token from a command"),
]


@pytest.mark.parametrize(("auth", "options", "shown", "described"), STATIC)
def test_a_request_shows_what_was_given(tmp_path, monkeypatch, auth, options, shown, described):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "secret", "of-a-file\n")
    redactor = Redactor()
    found = made(auth, redactor=redactor, **options)
    assert (found.headers(), found.described(), found.scopes) == (shown, described, ())
    assert redactor.clean("".join(shown.values())) in ("", f"Basic {MASK}", f"Bearer {MASK}")
    assert not [value for value in (SECRET, *shown.values()) if value in repr(found) + found.described() + found.refused(REFUSED)]


CHALLENGE = {"www-authenticate": 'Bearer realm="fhir", error="invalid_token", error_description="The \x1b[31mtoken\x9b of {} is over"'}
SAID = "(HTTP 401, invalid_token: The [31mtoken of [secret] is over)"
FINAL = [
    # auth, options, the headers of the answer, what is said
    ("none", {}, {}, "the server asks for credentials, and --auth is none: give --auth basic, bearer, client-credentials or smart-backend; "
     "where --header-file has an Authorization, correct it"),
    ("none", {}, {"www-authenticate": 'bearer realm="x", Basic realm="y"'}, "the server asks for credentials (Bearer, Basic), and --auth is none: "
     "give --auth basic, bearer, client-credentials or smart-backend; where --header-file has an Authorization, correct it"),
    ("basic", {**TOKEN, "client_id": "bob"}, {"www-authenticate": 'Basic realm="x"'}, "the server refused the user name and the password from the environment "
     "(HTTP 401): check --client-id and the password, and that the server takes --auth basic"),
    ("bearer", TOKEN, CHALLENGE, f"the server refused the token from the environment {SAID}: check that it has not expired, is meant for this server and has "
     "the scope to read and write"),
    ("bearer", TOKEN, {"www-authenticate": f'Bearer error="{SECRET}"'}, "the server refused the token from the environment (HTTP 401): check that it has "
     "not expired, is meant for this server and has the scope to read and write"),
]


@pytest.mark.parametrize(("auth", "options", "headers", "message"), FINAL)
def test_what_is_said_of_the_last_refusal(auth, options, headers, message):
    assert made(auth, **options).refused(Reply(401, {name: value.replace("{}", SECRET) for name, value in headers.items()}, b"")) == message


@pytest.mark.parametrize(("ahead", "said"), [
    (None, ""), (timedelta(seconds=50), ""), (timedelta(seconds=-50), ""),
    (timedelta(seconds=95, microseconds=500_000), "; the clock here is 95 s behind the server's: set it right"),
    (timedelta(hours=-1), "; the clock here is 3600 s ahead of the server's: set it right"),
    ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", ""), ("yesterday", ""), ("", ""), ("Mon, 01 Jan 2024 00:00:00 -0000", ""),
])
def test_a_clock_that_differs_is_named(ahead, said):
    date = ahead if isinstance(ahead, str) else f"{datetime.now(UTC) + (ahead or timedelta()):%a, %d %b %Y %H:%M:%S GMT}"
    message = made("bearer", **TOKEN).refused(Reply(401, {"date": date}, b""))
    assert re.sub(r"\d+ s ", lambda match: f"{round(int(match[0][:-3]) / 5) * 5} s ", message).endswith(f"the scope to read and write{said}")


# A token that something else obtains

@pytest.mark.parametrize("by", ["token_file", "token_command"])
def test_a_token_that_was_replaced_is_read_again_when_the_server_refuses_the_old_one(server, tmp_path, by):
    path = written(tmp_path / "token", "the-old-token\n")
    server.valid = ["the-old-token"]
    redactor = Redactor()
    found = made("bearer", server.url, redactor=redactor, **{by: path if by == "token_file" else f"cat '{path}'"})
    client = asking(server, found)
    assert client.ask("GET", "metadata").status == 200
    path.write_text("the-new-token\n")
    assert client.ask("GET", "metadata").status == 200  # as long as the old one is taken
    server.valid = ["the-new-token"]
    assert client.ask("GET", "metadata").status == 200
    assert [request.headers["authorization"] for request in server.requests] == [
        f"Bearer the-{which}-token" for which in ("old", "old", "old", "new")]
    assert redactor.clean("the-old-token the-new-token") == f"{MASK} {MASK}"


def test_a_token_that_was_not_replaced_is_refused_once(server, tmp_path):
    path = written(tmp_path / "token", SECRET)
    with pytest.raises(Unauthorised, match=r"^the server refused the token from a file \(HTTP 401, invalid_token: The token is over\): check") as refused:
        asking(server, made("bearer", server.url, token_file=path)).ask("GET", "metadata")
    assert len(server.requests) == 1
    assert SECRET not in everything(refused.value) + refused.value.reason


def test_a_token_that_can_no_longer_be_read_is_said_so(server, tmp_path):
    path = written(tmp_path / "token", SECRET)
    found = made("bearer", server.url, token_file=path)
    path.unlink()
    with pytest.raises(Unauthorised) as refused:
        asking(server, found).ask("GET", "metadata")
    assert refused.value.reason == (f"the server refused the token from a file, and there is no other: --token-file: {path} cannot be read: "
                                    "No such file or directory; expected a file with a secret")


def test_what_another_thread_read_meanwhile_is_taken(tmp_path):
    path = written(tmp_path / "token", "the-old-token")
    found = made("bearer", token_file=path)
    old = found.headers()
    path.write_text("the-new-token")
    assert [found.renew(old), found.renew(old), found.renew(found.headers())] == [True, True, False]
    assert found.headers() == {"Authorization": "Bearer the-new-token"}


@pytest.mark.parametrize(("auth", "options"), [("none", {}), ("basic", {**TOKEN, "client_id": "bob"}), ("bearer", TOKEN)])
def test_what_cannot_change_is_not_tried_again(auth, options):
    found = made(auth, **options)
    assert found.renew(found.headers()) is False


# What is sent, and what is not

def test_headers_for_the_server_do_not_go_to_the_token_endpoint(server, tmp_path):
    found = smart(server, tmp_path)
    assert asking(server, found, {"X-Api-Key": SECRET}).ask("GET", "metadata").status == 200
    assert [(request.path, request.headers.get("x-api-key")) for request in server.requests] == [
        ("/fhir/.well-known/smart-configuration", None), ("/token", None), ("/fhir/metadata", SECRET)]
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("auth", ["none", "basic", "bearer", "client-credentials", "smart-backend"])
def test_nothing_in_the_environment_changes_what_is_sent(server, tmp_path, monkeypatch, auth):
    written(tmp_path / ".netrc", "machine 127.0.0.1 login somebody password else\ndefault login somebody password else\n")
    for name, value in {"HOME": tmp_path, "NETRC": tmp_path / ".netrc", "REQUESTS_CA_BUNDLE": "/missing", "CURL_CA_BUNDLE": "/missing",
                        **dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), "http://127.0.0.1:9")}.items():
        monkeypatch.setenv(name, str(value))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    secret = {"environ": {"TRIALBRIDGE_TOKEN": SECRET}}
    found = {"none": lambda: made("none", server.url), "basic": lambda: made("basic", server.url, client_id=CLIENT, **secret),
             "bearer": lambda: made("bearer", server.url, **secret), "client-credentials": lambda: secret_client(server),
             "smart-backend": lambda: smart(server, tmp_path)}[auth]()
    shown = found.headers()
    TRANSPORT.exchange("GET", f"{server.url}/metadata", shown)
    assert server.requests[-1].headers.get("authorization") == shown.get("Authorization")
    assert [request.headers.get("authorization") for request in server.requests[:-1] if not request.headers.get("authorization", "").startswith("Basic ")] == (
        [None] * {"client-credentials": 1, "smart-backend": 2}.get(auth, 0))


def test_no_secret_is_in_anything_that_is_shown(server, tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    redactor = Redactor()
    found = [secret_client(server, redactor=redactor), smart(server, tmp_path, redactor=redactor),
             made("basic", client_id="bob", redactor=redactor, **TOKEN), made("bearer", redactor=redactor, **TOKEN)]
    shown = [*(one.headers()["Authorization"] for one in found), server.asked("/token")[0].headers["authorization"]]
    secrets = {*(one.partition(" ")[2] for one in shown), server.asked("/token")[1].form["client_assertion"]}
    assert len(secrets) == 6 and SECRET in secrets
    said = [Reply(401, {"www-authenticate": f'Bearer error="{secret}", error_description="{before}{secret}"'}, b"")
            for secret in secrets for before in ("", "x" * 295)]
    seen = [text for one in found for text in (repr(one), str(one), one.described(), repr(one.scopes), *map(one.refused, said))]
    seen += [caplog.text, *capfd.readouterr(), redactor.clean(json.dumps([*secrets])), repr(redactor)]
    assert not [secret for secret in secrets if secret[:12] in "\n".join(seen)]
