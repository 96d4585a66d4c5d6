"""Transactions as other programs write them: studies and what they refer to, of any number and joined in any way."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from tests.push.checks import Tree

SYSTEM = "https://trials.test/id"
NOBODY = "urn:uuid:00000000-0000-4000-8000-000000000000"
"""The full URL of no entry."""


def named(kind: str, value: str, **members: Any) -> Tree:
    """A resource with that identifier."""
    return {"resourceType": kind, "identifier": [{"system": SYSTEM, "value": value}], **members}


def organization(value: str, name: str = "A hospital") -> Tree:
    return named("Organization", value, name=name)


def study(value: str, release: str = "r4", at: str = "", **members: Any) -> Tree:
    """A study, at the organisation of that address: where the releases differ, by what servers check."""
    place = {"sponsor": {"reference": at}} if release == "r4" else {"site": [{"reference": at}]}
    return named("ResearchStudy", value, status="active", **(place if at else {}), **members)


def urn(resource: Tree) -> str:
    """The full URL of its entry."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, resource['resourceType'] + resource['identifier'][0]['value'])}"


def condition(resource: Tree) -> str:
    """What finds it."""
    mine = resource["identifier"][0]
    return f"identifier={quote(mine['system'] + '|' + mine['value'], safe='')}"


def update(resource: Tree, **request: str) -> Tree:
    """The entry that writes it where its identifier is found."""
    return {"fullUrl": urn(resource), "resource": resource,
            "request": {"method": "PUT", "url": f"{resource['resourceType']}?{condition(resource)}", **request}}


def create(resource: Tree) -> Tree:
    """The entry that writes it where its identifier is not found."""
    return {"fullUrl": urn(resource), "resource": resource,
            "request": {"method": "POST", "url": resource["resourceType"], "ifNoneExist": condition(resource)}}


def put(resource: Tree, id: str, **request: str) -> Tree:
    """The entry that writes it under that id."""
    return {"fullUrl": urn(resource), "resource": {**resource, "id": id},
            "request": {"method": "PUT", "url": f"{resource['resourceType']}/{id}", **request}}


def transaction(*entries: Tree) -> bytes:
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode()
