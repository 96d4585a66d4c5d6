"""The entries of a Bundle taken together, and what each asks of a server.

https://hl7.org/fhir/R5/bundle.html, …/http.html#transaction
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from converter.problems import shown
from mappings.references import Fault, kind_of, members

BUNDLE = "bundle.html"
TRANSACTION = f"{BUNDLE}#transaction"
HTTP = "http.html#transaction"
WITH_RESOURCE = ("POST", "PUT", "PATCH")
WRITES = (*WITH_RESOURCE, "DELETE")
ID = r"[A-Za-z0-9.-]{1,64}"
REST = re.compile(rf"https?://.+/([A-Z][A-Za-z]+)/({ID})")
"""The address of a resource on a server."""
CONDITION = re.compile(r"[^?=&/#\s]+=[^?=&#\s]+(&[^?=&/#\s]+=[^?=&#\s]+)*")
"""Search parameters, each with a value: what one leaves out would match everything; # would end the address."""
VERSION = re.compile(r'W/"[^"]+"')


def bundle_faults(bundle: dict[str, Any]) -> Iterator[Fault]:
    """What is wrong with the entries of a Bundle, taken together, and with what they ask for."""
    urls: set[tuple[str, str]] = set()
    asked: set[str] = set()
    asks = bundle.get("type") in ("transaction", "batch")
    for n, part in enumerate(members(bundle, "entry")):
        if not isinstance(part, dict):
            continue
        here, resource, request = f".entry[{n}]", part.get("resource"), part.get("request")
        if kind_of(resource) == "Bundle" and asks:
            yield f"{here}.resource", "is a Bundle inside a Bundle, which no server of trials takes; send it by itself", BUNDLE
        if asks and "response" in part:
            yield f"{here}.response", "has no place here; a response stands in what a server answers", BUNDLE
        if isinstance(url := part.get("fullUrl"), str):
            meta = resource.get("meta") if isinstance(resource, dict) else None
            key = (url, str(meta.get("versionId", "")) if isinstance(meta, dict) else "")
            if key in urls:
                yield f"{here}.fullUrl", f"{shown(url)} is the full URL of another entry too", f"{BUNDLE} bdl-7"
            urls.add(key)
            if isinstance(resource, dict) and (wrong := full_url_fault(url, resource)):
                yield f"{here}.fullUrl", wrong, f"{BUNDLE}#bundle-unique"
        if isinstance(request, dict):
            for where, wrong in request_faults(request, resource):
                yield f"{here}.request{where}", wrong, HTTP
            url = request.get("url")
            if bundle.get("type") == "transaction" and request.get("method") in ("PUT", "PATCH", "DELETE") and isinstance(url, str):
                if url in asked:
                    yield f"{here}.request.url", f"{shown(url)} is asked for by another entry too; a transaction may change it once", HTTP
                asked.add(url)


def full_url_fault(url: str, resource: dict[str, Any]) -> str:
    """What is wrong with the full URL of a resource; "" when nothing is."""
    if not re.match(r"[a-z][a-z0-9+.-]*:.", url):
        return f"expected an absolute address, urn:uuid: or urn:oid:, found {shown(url)}"
    match, kind, id = REST.fullmatch(url), kind_of(resource), resource.get("id")
    if match and kind and match[1] != kind:
        return f"{shown(url)} is the address of a {match[1]}, and the resource is a {kind}"
    if match and isinstance(id, str) and match[2] != id:
        return f"{shown(url)} does not agree with the resource's id, {shown(id)}"
    return ""


def request_faults(request: dict[str, Any], resource: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with what an entry asks for: another type than it holds, a condition in another form."""
    url, method, none, match = (request.get(name) for name in ("url", "method", "ifNoneExist", "ifMatch"))
    kind = kind_of(resource) if method != "PATCH" else ""  # what a patch is written in: Parameters or Binary
    is_operation = isinstance(url, str) and re.search(r"(^|/)(\$|_search)", url) is not None
    if isinstance(url, str) and method in WRITES and not is_operation:
        asked, mark, rest = re.fullmatch(r"([^/?]*)([/?]?)(.*)", url, re.DOTALL).groups()  # type: ignore[union-attr]
        if not asked or (kind and asked != kind):
            yield ".url", f"expected {kind or 'a type'}, or {kind or 'a type'} with an id or a condition, found {shown(url)}"
        elif method == "POST" and url != asked:
            yield ".url", f"expected {asked} alone for a POST, found {shown(url)}"
        elif method == "PUT" and url == asked:
            yield ".url", f"expected {asked} with an id or a condition for a PUT, found {shown(url)}"
        elif mark == "?" and not CONDITION.fullmatch(rest):
            yield ".url", f"expected a condition with a value, such as {asked}?identifier=system|value, found {shown(url)}"
        elif mark == "/" and not re.fullmatch(ID, rest):
            yield ".url", f"expected {asked}/ and an id, 1 to 64 letters, digits, - and ., found {shown(url)}"
        elif mark == "/" and method == "PUT" and isinstance(resource, dict) and resource.get("id") != rest:
            found = shown(resource["id"]) if "id" in resource else "none"
            yield ".url", f"asks for {shown(url)}; expected that id in the resource, found {found}"
    if method in WITH_RESOURCE and resource is None:
        yield "", f"a {method} comes with a resource, and there is none"
    elif method in ("GET", "HEAD", "DELETE") and resource is not None:
        yield "", f"a {method} comes without a resource, and there is one"
    if isinstance(none, str):
        if method != "POST":
            yield ".ifNoneExist", f"is only for a POST, found with {shown(method)}"
        elif not CONDITION.fullmatch(none):
            yield ".ifNoneExist", f"expected the condition alone, such as identifier=system|value, found {shown(none)}"
    if isinstance(match, str) and not VERSION.fullmatch(match):
        yield ".ifMatch", f'expected W/"..." with a version, found {shown(match)}'
