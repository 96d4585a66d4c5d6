"""What a FHIR server understands of the addresses, conditions and references that it is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

Tree = dict[str, Any]
ABOUT_THE_ANSWER = ("_summary", "_count", "_total", "_format", "_elements", "_sort")
"""Parameters of a search that choose nothing (https://hl7.org/fhir/R4/search.html#return)."""
OR = re.compile(r"(?:\\.|[^\\,])+", re.DOTALL)
"""One of several values: a comma parts them, unless a backslash stands before it (https://hl7.org/fhir/R4/search.html#escaping)."""
TOKEN = re.compile(r"((?:\\.|[^\\|])*)(\|?)(.*)", re.DOTALL)
"""A system, the bar, a value."""


def condition(query: str, identifiers: bool = True) -> Callable[[Tree], bool]:
    """Tells which resources the query finds, by `identifier` and `_id`; without `identifiers` the first finds all.

    Raises LookupError, which names the parameter, for others.  A + is a space, as in forms: clients must write %2B.
    """
    tests: list[Callable[[Tree], bool]] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "identifier":
            tests += [has_one_of([token(one) for one in OR.findall(value)])] if identifiers else []
        elif name == "_id":
            tests.append(has_id_of(value.split(",")))
        elif name not in ABOUT_THE_ANSWER:
            raise LookupError(name)
    return lambda resource: all(test(resource) for test in tests)


def has_id_of(ids: list[str]) -> Callable[[Tree], bool]:
    """Has a resource one of the ids?"""
    return lambda resource: resource["id"] in ids


def has_one_of(tokens: list[tuple[str | None, str]]) -> Callable[[Tree], bool]:
    """Has a resource an identifier that fits one of the tokens?"""
    def test(resource: Tree) -> bool:
        return any(system in (None, one.get("system", "")) and (value == one.get("value") or (system and not value))
                   for one in resource.get("identifier", []) for system, value in tokens)
    return test


def token(text: str) -> tuple[str | None, str]:
    """System and value of "system|value", "|value" (without a system), "system|" (any value) and "value" (any system: None)."""
    before, bar, after = (re.sub(r"\\(.)", r"\1", part) for part in TOKEN.fullmatch(text).groups())  # type: ignore[union-attr]
    return (before, after) if bar else (None, before)


def renamed(tree: Any, names: dict[str, str], in_prose: bool) -> Any:
    """The tree with the addresses that the server gave in place of those of the entries; `in_prose`: in the middle of texts too."""
    if isinstance(tree, dict):
        return {name: renamed(value, names, in_prose) for name, value in tree.items()}
    if isinstance(tree, list):
        return [renamed(one, names, in_prose) for one in tree]
    if not isinstance(tree, str):
        return tree
    if in_prose and "urn:uuid:" in tree:
        for name, address in names.items():
            tree = tree.replace(name, address)
    return names.get(tree, tree)


def references(tree: Any) -> Iterator[str]:
    """What `reference` says, anywhere in the tree."""
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    for part in parts:
        yield from references(part)
    if isinstance(tree, dict) and isinstance(tree.get("reference"), str):
        yield tree["reference"]


def essence(resource: Tree) -> Tree:
    """The resource without what a server says of it."""
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in ("versionId", "lastUpdated", "source")}
    return {**{name: value for name, value in resource.items() if name not in ("id", "meta")}, **({"meta": meta} if meta else {})}
