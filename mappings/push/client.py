"""Requests to one FHIR server, as the one who may write there          https://hl7.org/fhir/R5/http.html"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from mappings.push.addresses import Base
from mappings.push.credentials import Credentials, Unauthorised
from mappings.push.http import Reply, Transport
from mappings.push.secrets import Redactor

FHIR_JSON = "application/fhir+json"
ACCEPTED = f"{FHIR_JSON}, application/json;q=0.8"
FRESH = {"Cache-Control": "no-cache"}
"""For every search whose answer decides something: HAPI gives the answer of a minute ago otherwise."""


class Client:
    """Asks one server.  Threads may share it."""

    def __init__(self, base: Base, transport: Transport, credentials: Credentials, redactor: Redactor,
                 headers: Mapping[str, str] | None = None):
        self.base, self.transport, self.credentials, self.redactor = base, transport, credentials, redactor
        self.headers = dict(headers or {})
        """Sent with every request to the server, and to no other address."""

    def ask(self, method: str, path: str = "", body: bytes | None = None, headers: Mapping[str, str] | None = None,
            until: float | None = None) -> Reply:
        """The answer to a request for `path` (relative to the base, or an absolute address of this server).

        A token that is refused (401) is renewed once.  Secrets of ours are masked in an answer that is no success.  Raises Unanswered
        when no answer came, and Unauthorised when there are no credentials that the server takes.
        """
        url = path if self.base.owns(path) else self.base.to(path)
        sent = {"Accept": ACCEPTED, **self.headers, **(headers or {})}
        sent.setdefault("X-Request-Id", str(uuid4()))
        if body is not None:
            sent.setdefault("Content-Type", FHIR_JSON)
        shown = self.credentials.headers(until)
        reply = self.transport.exchange(method, url, {**sent, **shown}, body, until)
        if reply.status == 401 and self.credentials.renew(shown):
            reply = self.transport.exchange(method, url, {**sent, **self.credentials.headers(until)}, body, until)
        if reply.status == 401:
            raise Unauthorised(self.redactor.clean(self.credentials.refused(reply)))
        if 200 <= reply.status < 300:
            return reply  # a resource must stay what it is; what is shown of it is masked then
        return Reply(reply.status, self.redactor.clean_headers(reply.headers), self.redactor.clean_bytes(reply.body))
