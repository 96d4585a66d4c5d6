"""No secret is ever written, however a server, a proxy or a token endpoint shows it to us, and whatever fails."""

from __future__ import annotations

import html
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, unquote_plus, urlsplit

import pytest

from mappings.push.secrets import Redactor
from tests.faults.answers import Answer, refusal, reply
from tests.faults.memory import Memory
from tests.faults.scripted import Request, Scripted
from tests.push.checks import Tree, made, no_secret, number, pushed
from tests.push.identities import pem, written

ODD = "/+=&<'\\>%41"
"""Characters that are written in another way in JSON, HTML and addresses."""
PASSWORD = f"key-{token_hex(8)} {ODD}"
CLIENT = "bridge & co"


@pytest.fixture(autouse=True)
def no_authorities(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the system are not read: that takes as long as all the rest of a short run."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path_factory.getbasetemp() / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path_factory.getbasetemp() / "none"))


# Who we are

class Identity:
    """Options, environment and secrets of one who pushes: besides `auth` always headers from a file and a proxy with a password."""

    def __init__(self, auth: str, folder: Path):
        self.secrets = {"key": f"api-{token_hex(8)}{ODD}", "cookie": f"session={token_hex(8)}", "proxy": f"prx-{token_hex(8)}{ODD}"}
        headers = f"X-Api-Key: {self.secrets['key']}\nCookie: {self.secrets['cookie']}\n"
        self.options = ["--auth", auth.partition(" ")[0], "--header-file", str(written(folder / "headers", headers))]
        self.environment = {"TRIALBRIDGE_KEY_PASSWORD": PASSWORD}
        secret = f"{auth[:4]}-{token_hex(8)}{ODD}"
        if auth in ("basic", "client-credentials"):
            self.secrets["password"] = secret = secret + " é"
        if auth in ("bearer", "bearer from a command"):
            self.secrets["token"] = secret
        if auth == "bearer from a command":
            self.options += ["--token-command", f"cat {written(folder / 'secret', secret)}"]
        elif auth in ("basic", "bearer", "client-credentials"):
            self.options += ["--token-file", str(written(folder / "secret", secret + "\n"))]
        if auth in ("basic", "client-credentials", "smart-backend"):
            self.options += ["--client-id", CLIENT]
        if auth == "smart-backend":
            self.options += ["--key", str(written(folder / "key", pem("EC", PASSWORD)))]
        if auth == "none":
            self.secrets["authorization"] = f"own-{token_hex(8)}{ODD}"
            written(folder / "headers", f"{headers}Authorization: Bearer {self.secrets['authorization']}\n")

    def proxied(self, origin: str) -> dict[str, str]:
        """The environment, with the proxy at that address."""
        user = f"me:{quote(self.secrets['proxy'], safe='')}"
        return {**self.environment, "TRIALBRIDGE_PROXY": origin.replace("//", f"//{user}@")}

    def forms(self) -> list[str]:
        """What must not be seen: each secret as it is, encoded, cut off, and as it stands in JSON, pages and addresses."""
        found = []
        for secret in (*self.secrets.values(), PASSWORD):
            found += [secret, secret[:14], quote(secret, safe=""), quote_plus(secret), html.escape(secret), json.dumps(secret)[1:-1]]
            for name in ("me", CLIENT, quote_plus(CLIENT)):
                found += [b64encode(f"{name}:{one}".encode()).decode() for one in (secret, quote_plus(secret))]
        return list(dict.fromkeys(found))


AUTH = ("none", "basic", "bearer", "bearer from a command", "client-credentials", "smart-backend")


# Who shows us what we sent

class Telltale(Scripted):
    """A FHIR server, its token endpoint and a proxy before both, which answers the questions that `asked` finds with all it knows.

    `shown` is what it showed; `tokens` are those that it granted, and the assertions that it got for them.
    """

    def __init__(self, asked: Callable[[Request], bool], dress: Callable[[str], Answer]):
        super().__init__(self.told)
        self.memory = Memory()
        self.asked, self.dress = asked, dress
        self.shown = ""
        self.tokens: list[str] = []

    def told(self, request: Request) -> Answer:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()} if request.path.endswith("/token") else {}
        self.tokens += [form["client_assertion"]] if "client_assertion" in form else []
        if self.asked(request):
            known = known_from(request, form)
            self.shown += known
            return self.dress(known)
        if request.path.endswith("/token"):
            self.tokens.append(f"granted-{token_hex(8)}{ODD}")
            return reply(200, {"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": 300})
        if request.path.endswith("/smart-configuration"):
            return reply(200, {"token_endpoint": f"{self.origin}/token"})
        return self.memory(request)


def known_from(request: Request, form: dict[str, str]) -> str:
    """All that a request says of who sent it, also decoded, a word each."""
    words = [request.headers.get(name, "") for name in ("authorization", "x-api-key", "cookie", "proxy-authorization")]
    for word in [*words]:
        kind, _, encoded = word.partition(" ")
        if kind == "Basic":
            _, _, password = b64decode(encoded).decode().partition(":")
            words += [encoded, unquote_plus(password) if token(request) else password]
    return " ".join([*words, *form.values()])


def outcome(text: str) -> Tree:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing", "diagnostics": text}]}


def escaped(tree: Any) -> bytes:
    """JSON in which each letter and digit of the texts is an escape."""
    def text(match: re.Match[str]) -> str:
        return "".join(f"\\u{ord(one):04x}" for one in json.loads(match[0])).join('""')
    return re.sub(r'"(?:[^"\\]|\\.)*"', text, json.dumps(tree)).encode()


def references(text: str) -> str:
    """The text as a page has it in which each character is a reference."""
    return "".join(f"&#x{ord(one):x};" for one in text)


def page(status: int, escape: Callable[[str], str]) -> Callable[[str], Answer]:
    return lambda text: Answer(status, f"<html><title>{escape(text)}</title></html>".encode(), {"Content-Type": "text/html"})


def header(status: int, **headers: str) -> Callable[[str], Answer]:
    """The headers, each with the text in place of {}."""
    def dress(text: str) -> Answer:
        return Answer(status, headers={name.replace("_", "-"): value.replace("{}", text) for name, value in headers.items()})
    return dress


def entries(**response: str) -> Callable[[str], Answer]:
    """A success with three entries, each with the text."""
    return lambda text: reply(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": [
        {"response": {"status": "422", "outcome": outcome(text), **{name: value.format(text) for name, value in response.items()}}}] * 3})


def found(text: str) -> Answer:
    """A search that found two resources with such an id and such members."""
    one = {"resourceType": "Group", "id": text, text: text, "meta": {"versionId": text}}
    return reply(200, {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one}, {"resource": one}]})


def statement(text: str) -> Answer:
    """A CapabilityStatement that has the text in all that is shown of it."""
    rest = {"mode": "server", "security": {"service": [{"text": text}]}, "interaction": [{"code": text}], "resource": []}
    return reply(200, {"resourceType": "CapabilityStatement", "fhirVersion": text, "software": {"name": text, "version": text}, "rest": [rest]})


def metadata(request: Request) -> bool:
    return request.path.endswith("/metadata")


def counted(request: Request) -> bool:
    return "_summary=count" in request.path


def write(request: Request) -> bool:
    return request.method in ("POST", "PUT") and not token(request)


def search(request: Request) -> bool:
    return request.method == "GET" and "_count=" in request.path


def read(request: Request) -> bool:
    return re.search(r"/(ResearchStudy|PlanDefinition|Group)/[^/?]+$", request.path) is not None and request.method == "GET"


def token(request: Request) -> bool:
    return urlsplit(request.path).path == "/token"


def discovery(request: Request) -> bool:
    return request.path.endswith("/smart-configuration")


TOLD: list[tuple[str, Callable[[Request], bool], Callable[[str], Answer], tuple[str, ...]]] = [
    # what, which requests are answered so, with what, and the options for it
    ("the preflight forbidden", metadata, lambda text: refusal(403, text), ()),
    ("the preflight forbidden, JSON escaped", metadata, lambda text: Answer(403, escaped(outcome(text))), ()),
    ("the preflight forbidden, a page", metadata, page(403, str), ()),
    ("the preflight forbidden, a page escaped", metadata, page(403, references), ("--check",)),
    ("the preflight forbidden by a proxy", metadata, page(407, html.escape), ()),
    ("the preflight redirected", metadata, header(302, Location="http://elsewhere.test/{}/metadata?{}"), ()),
    ("the preflight unauthorised", metadata, header(401, WWW_Authenticate='Bearer error="{}", error_description="{}"'), ()),
    ("the preflight with another resource", metadata, lambda text: reply(200, {"resourceType": text}), ()),
    ("the preflight with a page", metadata, page(200, html.escape), ()),
    ("a statement", metadata, statement, ()),
    ("a statement as a table", metadata, statement, ("--check",)),
    ("a statement, JSON escaped", metadata, lambda text: Answer(200, escaped(json.loads(statement(text).content))), ("--check",)),
    ("a search that is no good", counted, lambda text: Answer(400, escaped(outcome(text))), ("--check",)),
    ("a search with a note", counted, lambda text: reply(200, {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": [
        {"resource": outcome(text)}]}), ("--check",)),
    ("a search of something else", counted, lambda text: reply(200, {"resourceType": text}), ("--check",)),
    ("a refusal", write, lambda text: refusal(422, text), ()),
    ("a refusal, JSON escaped", write, lambda text: Answer(422, escaped(outcome(text))), ()),
    ("a refusal, a long one", write, lambda text: refusal(422, f"{'x' * (270 - len(text) // 2)} {text}"), ()),
    ("a refusal, a page escaped", write, page(400, references), ()),
    ("a refusal as text", write, lambda text: Answer(418, text.encode(), {"Content-Type": "text/plain"}), ()),
    ("a refusal in XML", write, lambda text: Answer(422, f"<error>{html.escape(text)}</error>".encode(), {"Content-Type": "text/xml"}), ()),
    ("a refusal by a gateway", write, lambda text: reply(403, {"error": {"message": text, "status": text}}), ()),
    ("a refusal to each by itself", write, lambda text: refusal(422, text), ("--strategy", "sequential")),
    ("a redirect", write, header(307, Location="http://elsewhere.test/{}?{}"), ()),
    ("an unauthorised write", write, header(401, WWW_Authenticate='Bearer error="{}", error_description="{}"'), ()),
    ("no time", write, lambda text: refusal(503, text, Retry_After="1"), ()),
    ("an error", write, page(500, html.escape), ()),
    ("entries that failed", write, entries(), ()),
    ("entries that failed, strangely", write, entries(status="422 {}", location="{}", etag="{}"), ()),
    ("entries that are elsewhere", write, entries(status="201", location="{}"), ()),
    ("a Bundle of that type", write, lambda text: reply(200, {"resourceType": "Bundle", "type": text}), ()),
    ("a resource of that type", write, lambda text: reply(200, {"resourceType": text}), ()),
    ("a place", write, header(201, Location="Group/{}"), ("--strategy", "sequential")),
    ("what is there", search, found, ("--skip-unchanged",)),
    ("what is there, before a write", search, found, ("--strategy", "sequential")),
    ("what is there, with other ids", search, found, ("--strategy", "put-id")),
    ("a look that fails", search, lambda text: Answer(500, escaped(outcome(text))), ("--skip-unchanged",)),
    ("what was written", read, lambda text: reply(200, {"resourceType": "Group", "id": "1", text: text, "name": text}), ("--verify",)),
    ("a read that fails", read, lambda text: Answer(403, escaped(outcome(text))), ("--verify",)),
]
GRANTED = [
    # the same, of those who ask for tokens
    ("no token endpoint", discovery, lambda text: reply(200, {"token_endpoint": f"http://elsewhere.test/{quote(text)}"}), ()),
    ("no token endpoint at all", discovery, lambda text: reply(404, {"error": text}), ()),
    ("no token", token, lambda text: reply(400, {"error": text, "error_description": text}), ()),
    ("no token for this client", token, lambda text: reply(401, {"error": "invalid_client", "error_description": text}), ()),
    ("no token at the moment", token, page(503, str), ()),
    ("no token, but a redirect", token, header(302, Location="http://elsewhere.test/{}"), ()),
    ("a token that cannot be sent", token, lambda text: reply(200, {"access_token": f"{text} x", "token_type": "bearer"}), ()),
    ("a token of another kind", token, lambda text: reply(200, {"access_token": "abcdefgh", "token_type": text}), ()),
]


def tell(folder: Path, auth: str, asked: Callable[[Request], bool], dress: Callable[[str], Answer], options: tuple[str, ...], json: bool) -> str:
    """What the server showed of secrets in a push.  Raises AssertionError where one of them was written."""
    folder.mkdir()
    who = Identity(auth, folder)
    with Telltale(asked, dress) as server:
        run = pushed(folder, server.url, *who.options, *options, bundles=[made(number())], json=json, env=who.proxied(server.origin), secrets=who.forms())
    no_secret(run, *server.tokens, *(one[:14] for one in server.tokens if one.startswith("granted")))
    return server.shown


@pytest.mark.parametrize("auth", AUTH)
def test_no_secret_is_written_whatever_fails_and_whoever_shows_it(auth: str, tmp_path: Path) -> None:
    """Each kind of failure with one or two kinds of credentials, those of token endpoints with both that need one."""
    seen, silent = [], []
    rows = [row for n, row in enumerate(TOLD) if (n + AUTH.index(auth)) % 4 == 0]
    for n, (what, asked, dress, options) in enumerate([*rows, *(GRANTED if auth in ("client-credentials", "smart-backend") else [])]):
        try:
            shown = tell(tmp_path / str(n), auth, asked, dress, options, json=n % 2 == 0)
        except AssertionError as error:
            assert str(error).startswith("a secret was written")
            seen.append(what)
        else:
            silent += [] if shown else [what]
    assert (seen, silent) == ([], [])


def test_this_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is masked, nearly everything that a server says is enough."""
    monkeypatch.setattr(Redactor, "add", lambda self, secret: None)
    for n, (_, asked, dress, options) in enumerate(TOLD[15:18]):
        with pytest.raises(AssertionError, match="a secret was written"):
            tell(tmp_path / str(n), "bearer", asked, dress, options, json=True)
