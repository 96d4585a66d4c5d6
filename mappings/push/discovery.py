"""What a server says of its token endpoint          https://hl7.org/fhir/smart-app-launch/conformance.html"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from converter.problems import Problems
from mappings.push.addresses import Base, checked, printable
from mappings.push.authorization import SENDABLE, Unauthorised
from mappings.push.http import Reply
from mappings.push.secrets import told

PLACE = ".well-known/smart-configuration"
ADVICE = "give its address with --token-url"
KINDS = ("ResearchStudy", "PlanDefinition", "Group")


class Endpoint(Struct, frozen=True):
    """A token endpoint: its address, the algorithms it takes (empty when unsaid), and whether it knows only scopes of SMART v1."""

    url: str
    algorithms: tuple[str, ...] = ()
    old_scopes: bool = False

    @property
    def printable(self) -> str:
        """The address as a message may show it."""
        return printable(urlsplit(self.url))


def endpoint(reply: Reply, base: Base, allow_http: bool) -> Endpoint:
    """The token endpoint that the server's answer names.

    Raises Unauthorised when it names none, or one on another host: a server that could send us anywhere could have our secret
    sent there.  It is used only where the person names it.
    """
    place = base.to(PLACE)
    found = reply.tree if reply.status == 200 else None
    url = found.get("token_endpoint") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(url, str) or not SENDABLE.fullmatch(url):
        raise Unauthorised(f"{place} names no token endpoint (HTTP {reply.status}); {ADVICE}")
    try:
        parts = checked(url, "token_endpoint", allow_http)
    except Problems as problems:
        raise Unauthorised(f"{place} names a token endpoint that cannot be used ({told(problems)}); {ADVICE}") from None
    own = urlsplit(base.url)
    if parts.hostname != own.hostname or (own.scheme == "https" and parts.scheme != "https"):
        raise Unauthorised(f"{place} names a token endpoint elsewhere, {printable(parts)}; {ADVICE} if that is the right one")
    abilities = words(found.get("capabilities"))
    return Endpoint(url, words(found.get("token_endpoint_auth_signing_alg_values_supported")),
                    "permission-v1" in abilities and "permission-v2" not in abilities)


def words(value: Any) -> tuple[str, ...]:
    """The strings in a list; empty where it is none."""
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def scope(endpoint: Endpoint, kinds: tuple[str, ...] = KINDS) -> str:
    """The least that pushing resources of these kinds needs: to create, read, update and search them.

    https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
    """
    wanted = (("read", "write") if endpoint.old_scopes else ("crus",))
    return " ".join(f"system/{kind}.{right}" for kind in kinds for right in wanted)
