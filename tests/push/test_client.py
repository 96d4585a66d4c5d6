"""What every request to a server says, and what of its answer is seen."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import pytest

from mappings.push.addresses import base
from mappings.push.authorization import Nobody, Unauthorised
from mappings.push.client import Client
from mappings.push.http import Reply, Transport
from mappings.push.secrets import MASK, Redactor
from mappings.push.tls import context
from tests.faults.answers import Answer, outcome, refusal, reply
from tests.faults.scripted import Request, Scripted

TLS = context()
OLD, NEW = "the-old-token", "the-new-token"


class Renewed(Nobody):
    """Shows the old token until it is refused, and then the new one, which is what there is."""

    def __init__(self) -> None:
        self.token = OLD

    def headers(self, until: float | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def renew(self, shown: Mapping[str, str]) -> bool:
        before, self.token = self.token, NEW
        return before != NEW

    def refused(self, reply: Reply) -> str:
        return f"the server refused {self.token}"


def client(server: Scripted, credentials: Nobody | None = None, headers: Mapping[str, str] | None = None) -> Client:
    redactor = Redactor()
    for secret in (OLD, NEW):
        redactor.add(secret)
    return Client(base(server.url), Transport(TLS), credentials or Nobody(), redactor, headers)


def test_a_question_asks_for_fhir_and_has_a_number_of_its_own() -> None:
    with Scripted([reply(200, {})]) as server:
        for _ in range(2):
            client(server).ask("GET", "Group?identifier=a%7Cb")
    for one in server.requests:
        assert (one.method, one.path, one.headers["accept"], "content-type" in one.headers) == (
            "GET", "/fhir/Group?identifier=a%7Cb", "application/fhir+json, application/json;q=0.8", False)
        assert UUID(one.headers["x-request-id"]).version == 4
    assert len({one.headers["x-request-id"] for one in server.requests}) == 2


def test_a_write_says_what_it_sends() -> None:
    with Scripted([reply(200, {})]) as server:
        client(server, headers={"X-Tenant": "north"}).ask("POST", "", b"{}", {"Prefer": "return=minimal", "X-Request-Id": "mine"})
        [one] = server.requests
    assert (one.method, one.path, one.body) == ("POST", "/fhir", b"{}")
    assert {name: one.headers[name] for name in ("content-type", "prefer", "x-request-id", "x-tenant")} == {
        "content-type": "application/fhir+json", "prefer": "return=minimal", "x-request-id": "mine", "x-tenant": "north"}


@pytest.mark.parametrize(("given", "path", "asked"), [
    ("", "", "/fhir"), ("/", "", "/fhir/"), ("/", "metadata", "/fhir/metadata"), ("", "metadata", "/fhir/metadata"), ("", "ORIGIN/jobs/1", "/jobs/1"),
    ("", "https://elsewhere.test/jobs/1", "/fhir/https://elsewhere.test/jobs/1"), ("", "//elsewhere.test/jobs/1", "/fhir///elsewhere.test/jobs/1")])
def test_nothing_goes_anywhere_else(given: str, path: str, asked: str) -> None:
    with Scripted([reply(200, {})]) as server:
        Client(base(server.url + given), Transport(TLS), Nobody(), Redactor()).ask("GET", path.replace("ORIGIN", server.origin))
        assert [one.path for one in server.requests] == [asked]


def test_a_token_that_is_refused_is_renewed_once_and_the_same_is_sent_again() -> None:
    def guarded(request: Request) -> Answer:
        return reply(200, {}) if request.headers["authorization"] == f"Bearer {NEW}" else Answer(401)

    with Scripted(guarded) as server:
        assert client(server, Renewed()).ask("POST", "", b"{}").status == 200
        assert [(one.headers["authorization"], one.body) for one in server.requests] == [(f"Bearer {OLD}", b"{}"), (f"Bearer {NEW}", b"{}")]


@pytest.mark.parametrize(("credentials", "times", "said"), [(Renewed(), 2, f"the server refused {MASK}"), (Nobody(), 1, "the server asks for credentials")])
def test_where_none_is_taken_it_is_said_without_it(credentials: Nobody, times: int, said: str) -> None:
    with Scripted([Answer(401)]) as server, pytest.raises(Unauthorised) as refused:
        client(server, credentials).ask("GET", "metadata")
    assert refused.value.reason.startswith(said) and len(server.requests) == times


def test_secrets_that_a_server_repeats_are_masked_where_it_refuses() -> None:
    with Scripted([refusal(422, f"you are {OLD}", X_Token=NEW, Location=f"/?token={NEW}")]) as server:
        found = client(server).ask("POST", "", b"{}")
    assert found.resource == outcome(f"you are {MASK}")
    assert (found.headers["x-token"], found.headers["location"]) == (MASK, f"/?token={MASK}")


@pytest.mark.parametrize("status", [200, 201])
def test_a_resource_stays_what_it_is(status: int) -> None:
    tree = {"resourceType": "Group", "name": f"said {OLD}"}
    with Scripted([reply(status, tree)]) as server:
        assert client(server).ask("GET", "Group/1").resource == tree
