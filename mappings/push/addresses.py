"""The address of a FHIR server, and what belongs to it          https://hl7.org/fhir/R5/http.html#general

What a server says of addresses (Location, a token endpoint, a status to ask again) is not trusted: it counts only where it
leads back to the server itself.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urljoin, urlsplit

from msgspec import Struct

from converter.problems import Problems, refuse, shown
from mappings import transactions

PORTS = {"http": 80, "https": 443}
LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|::1|.*\.localhost", re.IGNORECASE)
ID = re.compile(transactions.ID)
"""An id, or a version (https://hl7.org/fhir/R5/datatypes.html#id)."""
LOCATION = re.compile(rf"([A-Z][A-Za-z]{{0,63}})/({ID.pattern})(?:/_history/({ID.pattern}))?")
"""Type, id and version of a resource on a server."""
AMBIGUOUS = re.compile(r"[\\\s\x00-\x20\x7f]")
"""What one program takes as part of a host and another does not: RFC 3986 and https://url.spec.whatwg.org/ differ there."""
EXPECTED = "expected an address such as https://fhir.example.org/r4"
Origin = tuple[str, str, int]
"""Scheme, host and port (RFC 6454)."""


class Base(Struct, frozen=True):
    """The service base URL of a server, without a slash at its end.

    `slash`: it was given with one, and transactions go there: some servers answer the other only with a redirect.
    """

    url: str
    slash: bool = False

    @property
    def origin(self) -> Origin:
        """Scheme, host and port."""
        return origin_of(urlsplit(self.url))

    def to(self, path: str) -> str:
        """The address of `path` on the server; of "", the base itself."""
        return f"{self.url}/{path}" if path or self.slash else self.url

    def owns(self, address: str) -> bool:
        """Has the address the server's scheme, host and port, whoever reads it, and nothing in it that says who asks?"""
        try:
            parts = urlsplit(address)
            return not AMBIGUOUS.search(address) and "@" not in parts.netloc and origin_of(parts) == self.origin
        except ValueError:
            return False

    def inside(self, address: str) -> str | None:
        """The absolute form of what the server gave as an address of its own; None when it leads anywhere else."""
        try:
            found = urljoin(f"{self.url}/", address)
        except ValueError:
            return None
        return found if self.owns(found) and not AMBIGUOUS.search(address) else None

    def located(self, location: str) -> tuple[str, str, str | None] | None:
        """Type, id and version of a resource by its location, absolute or relative; None when that is none of this server."""
        own = urlsplit(self.url).path
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", location):
            if not (self.owns(location) and location.partition("://")[2].partition("/")[1]):
                return None
            path = location[location.index("/", location.index("://") + 3):]
            if not path.startswith(f"{own}/"):
                return None
            location = path
        relative = location[len(own):] if own and location.startswith(f"{own}/") else location
        match = LOCATION.fullmatch(relative.removeprefix("/"))
        return (match[1], match[2], match[3]) if match else None


def origin_of(parts: SplitResult) -> Origin:
    """Scheme, host and port of an address.  Raises ValueError where the port is none."""
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or PORTS.get(parts.scheme, 0)


def base(url: str, allow_http: bool = False) -> Base:
    """The server of that address.

    Raises Problems when the address is none, holds a password, is that of a resource or query, or is not encrypted: http
    is for this machine (a loopback address), else only with `allow_http`.
    """
    parts = checked(url, "--server", allow_http)
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise refuse(f"found {shown(printable(parts))} with a query or fragment; expected the base URL of the server alone", "--server")
    path = parts.path.rstrip("/")
    last = path.rpartition("/")[2]
    if last == "metadata" or LOCATION_END.fullmatch(last):
        parent = parts._replace(path=path.removesuffix(f"/{last}")).geturl()
        raise refuse(f"{shown(url)} is an address on the server; expected its base URL, perhaps {parent}", "--server")
    host = parts.netloc.lower()
    return Base(parts._replace(netloc=host, path=path).geturl(), parts.path.endswith("/"))


LOCATION_END = re.compile(r"Bundle|ResearchStudy|PlanDefinition|Group|CapabilityStatement|_history|\$[a-z-]+")
"""How the address of something on a server ends, where its base is meant."""


def checked(url: str, option: str, allow_http: bool = False, secret: bool = False) -> SplitResult:
    """The parts of an http or https address.  Raises Problems as `base` does, for the option of that name; `secret`: a user and a
    password may be in it."""
    found = shown(url) if "@" not in url else "an address with a user or password in it"
    try:
        parts = urlsplit(url.strip())
        scheme, host, _ = origin_of(parts)
    except ValueError as error:
        why = f", which is no address ({error})" if "@" not in url else ""
        raise refuse(f"found {found}{why}; {EXPECTED}", option) from None
    if scheme not in PORTS or not host or AMBIGUOUS.search(url.strip()):
        raise refuse(f"found {found}; {EXPECTED}", option)
    if "@" in url and not (secret and "@" not in url.partition("@")[2] and parts.username is not None):
        raise refuse(f"found a user name or password in the address of {host}; leave it out: others see the command line. "
                     "--auth basic takes them from a file", option)
    if scheme == "http" and not (allow_http or LOOPBACK.fullmatch(host)):
        raise not_encrypted(parts, option)
    return parts


def not_encrypted(parts: SplitResult, option: str) -> Problems:
    """The refusal of an address to which everything would go as plain text."""
    return refuse(f"{printable(parts)} is not encrypted: anybody on the way could read and change what is sent; "
                  "expected https. --allow-http sends it all the same", option)


def printable(parts: SplitResult) -> str:
    """The address without user name, password and query, as a message may show it."""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
