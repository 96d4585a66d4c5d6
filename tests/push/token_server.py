"""A token endpoint of RFC 6749 and SMART Backend Services that enforces every rule, and a FHIR server that takes its tokens.

`TokenServer` is a context manager.  Under `url` (the base of the FHIR server) it answers `/.well-known/smart-configuration`,
and everything else where the request shows a token that is valid; `token_url` grants tokens.  `script` holds answers that come
first, instead of what it would say: (status, headers, body), or None for a connection that breaks.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from base64 import b64decode
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote_plus

import jwt

SMART_LIFE = 300
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


class Refused(Exception):
    def __init__(self, error: str, status: int = 400):
        self.error, self.status = error, status


class TokenServer:
    def __init__(self, tls: ssl.SSLContext | None = None):
        self.secrets: dict[str, str] = {}
        """Client secrets by client id."""
        self.keys: dict[tuple[str, str], Any] = {}
        """Public keys by client id and kid."""
        self.methods = ("client_secret_basic", "client_secret_post")
        self.scopes: tuple[str, ...] | None = None
        """What a client may ask for; None: everything."""
        self.answer: dict[str, Any] = {"token_type": "Bearer", "expires_in": 300}
        """What comes with a token."""
        self.configuration: dict[str, Any] = {}
        """What the discovery says besides the token endpoint, or instead of it."""
        self.script: list[tuple[int, dict[str, str], bytes] | None] = []
        self.ahead = 0
        """Seconds that its clock is ahead of the true time."""
        self.requests: list[Request] = []
        self.valid: list[str] = []
        """Tokens that the FHIR server takes."""
        self.granted: list[str] = []
        self.jtis: set[str] = set()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        host = f"{'https' if tls else 'http'}://127.0.0.1:{self._http.server_port}"
        self.url, self.token_url = f"{host}/fhir", f"{host}/token"

    def __enter__(self) -> TokenServer:
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def answered(self, request: Request) -> tuple[int, dict[str, str], bytes] | None:
        with self._lock:
            self.requests.append(request)
            if self.script:
                return self.script.pop(0)
            if request.path == "/token":
                try:
                    return 200, {}, json.dumps(self.grant(request)).encode()
                except Refused as refused:
                    return refused.status, {}, json.dumps({"error": refused.error, "error_description": "see the log of the server"}).encode()
            if request.path == "/fhir/.well-known/smart-configuration":
                return 200, {}, json.dumps({"token_endpoint": self.token_url, **self.configuration}).encode()
            if request.headers.get("authorization") in [f"Bearer {token}" for token in self.valid]:
                return 200, {}, b'{"resourceType":"Parameters"}'
            return 401, {"WWW-Authenticate": 'Bearer realm="fhir", error="invalid_token", error_description="The token is over"'}, b""

    def grant(self, request: Request) -> dict[str, Any]:
        form = request.form
        if request.method != "POST" or request.headers.get("content-type") != "application/x-www-form-urlencoded":
            raise Refused("invalid_request")
        if form.get("grant_type") != "client_credentials":
            raise Refused("unsupported_grant_type")
        if "client_assertion" in form:
            self.check_assertion(form)
        else:
            self.check_secret(request)
        if self.scopes is not None and not set(form.get("scope", "").split()) <= set(self.scopes):
            raise Refused("invalid_scope")
        token = f"granted-token-{len(self.granted)}-{id(self)}"
        self.granted.append(token)
        self.valid.append(token)
        return {"access_token": token, **({"scope": form["scope"]} if form.get("scope") else {}), **self.answer}

    def check_assertion(self, form: dict[str, str]) -> None:
        """SMART App Launch 2.2, "Client authentication: asymmetric", protocol details."""
        if form.get("client_assertion_type") != ASSERTION or "client_id" in form:
            raise Refused("invalid_request")
        assertion = form["client_assertion"]
        try:
            head = jwt.get_unverified_header(assertion)
            issuer = jwt.decode(assertion, options={"verify_signature": False})["iss"]
            claims = jwt.decode(assertion, self.keys[issuer, head["kid"]], algorithms=["RS384", "ES384"], audience=self.token_url,
                                options={"require": ["iss", "sub", "aud", "exp", "jti"], "verify_exp": False})
        except (jwt.PyJWTError, KeyError):
            raise Refused("invalid_client", 401) from None
        now = time.time() + self.ahead
        wrong = claims["iss"] != claims["sub"] or not now < claims["exp"] <= now + SMART_LIFE or claims["jti"] in self.jtis
        if wrong or head.get("typ") != "JWT" or claims["aud"] != self.token_url:
            raise Refused("invalid_client")
        self.jtis.add(claims["jti"])

    def check_secret(self, request: Request) -> None:
        kind, _, shown = request.headers.get("authorization", "").partition(" ")
        if kind == "Basic" and "client_secret_basic" in self.methods:
            client, _, secret = b64decode(shown).decode().partition(":")
            client, secret = unquote_plus(client), unquote_plus(secret)
        elif not kind and "client_secret_post" in self.methods:
            client, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
        else:
            raise Refused("invalid_client", 401)
        if not secret or self.secrets.get(client) != secret:
            raise Refused("invalid_client", 401)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def date_time_string(self, timestamp: float | None = None) -> str:
                return formatdate((time.time() if timestamp is None else timestamp) + server.ahead, usegmt=True)

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = server.answered(Request(self.command, self.path, headers, {name: values[0] for name, values in parse_qs(body).items()}))
                if answer is None:
                    self.close_connection = True
                    return
                status, more, content = answer
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
