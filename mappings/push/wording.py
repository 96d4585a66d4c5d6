"""The words in a server's answer, whatever they are written in        https://hl7.org/fhir/R5/operationoutcome.html

A server is not trusted: its words are cut, freed of all that a terminal would obey, and only ever shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from msgspec import Struct

from converter.problems import join
from mappings.push.addresses import printable
from mappings.push.http import Reply
from mappings.references import kind_of, members

SHOWN = 5
"""How many issues of an outcome are told."""
MOST = 1_000
"""How many are looked at, to choose those from."""
LONGEST = 1 << 18
"""Bytes of an answer that is no JSON: so much is read."""
ESCAPES = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
                     r"|\x1b[ -/]*[0-~]")
"""What a terminal obeys: ECMA-48, sections 5.3, 5.4 and 5.6 (control sequences, control strings, escape sequences)."""
TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,1000})", re.IGNORECASE)
PAGE = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")
"""What differs between messages of one kind."""
TOLD = ("message", "Message", "error_description", "detail", "msg", "title", "error", "errors", "errorMessage", "description")
"""Members under which gateways and frameworks say what is wrong: Google and Azure, AWS, OAuth, FastAPI, RFC 9457, Spring."""
CODES = ("status", "code", "error", "type")


class Said(Struct, frozen=True):
    """One thing that a server said, fit to be shown; `paths` are FHIRPath, as far as the server says where."""

    text: str
    paths: tuple[str, ...] = ()
    code: str = ""
    severity: str = "error"


def clean(text: str, limit: int = 300) -> str:
    """The text in one line of at most `limit` characters, without anything that a terminal obeys or that cannot be seen."""
    begins = ESCAPES.sub("", text[:20 * limit])
    line = " ".join("".join(one if one.isprintable() else " " if one.isspace() else "" for one in begins).split())
    return line if len(line) <= limit and len(text) <= 20 * limit else f"{line[:limit - 1].rstrip()}…"


def said(reply: Reply) -> tuple[Said, ...]:
    """What the answer says in words, whatever it is written in; nothing for an empty answer, or a resource that is no outcome."""
    if 300 <= reply.status < 400 and reply.headers.get("location"):
        return (Said(f"a redirect to {address(reply.headers['location'])}", code="redirect"),)
    tree = reply.tree
    if tree is not None:
        return outcome_words(tree) if kind_of(tree) else tuple(told_in(tree))[:SHOWN] or plain(text_of(reply))
    text = text_of(reply)
    if is_page(reply):
        title = TITLE.search(text)
        name = clean(unescape(title[1])) if title else ""
        return (Said(f"an HTML page, {name!r}" if name else "an HTML page", code="html"),)
    return xml_words(text) or plain(text)


def text_of(reply: Reply) -> str:
    """The beginning of the answer as text, without blanks in front."""
    return reply.body[:LONGEST].decode("utf-8-sig", errors="replace").lstrip()


def is_page(reply: Reply) -> bool:
    """Is the answer a page for people: of a proxy, a gateway, a login?"""
    text = text_of(reply)
    return text.startswith("<") and ("html" in reply.headers.get("content-type", "") or PAGE.search(text[:1024]) is not None)


def address(location: str) -> str:
    """An address as it may be shown: without user name, password and query."""
    try:
        return printable(urlsplit(clean(location)))
    except ValueError:
        return "what is no address"


def outcome_words(resource: Any) -> tuple[Said, ...]:
    """What an OperationOutcome says: of its errors (of all issues, when none is one) five, of different kinds where there are, and
    how many more there are.  Nothing for anything else."""
    if kind_of(resource) != "OperationOutcome":
        return ()
    issues = [issue for issue in members(resource, "issue") if isinstance(issue, dict)]
    errors = [issue for issue in issues if issue.get("severity") in ("error", "fatal")] or issues
    seen: Counter[str] = Counter()
    turns: list[tuple[int, int, Said]] = []
    for number, issue in enumerate(errors[:MOST]):
        one = Said(issue_text(issue), paths_of(issue), word(issue, "code"), word(issue, "severity"))
        kind = QUOTED.sub("", one.text)
        turns.append((seen[kind], number, one))
        seen[kind] += 1
    chosen = sorted(turn[:2] for turn in turns)[:SHOWN]
    more = (Said(f"... and {len(errors) - SHOWN} more"),) if len(errors) > SHOWN else ()
    return tuple(turns[number][2] for _, number in chosen) + more


def issue_text(issue: dict[str, Any]) -> str:
    """What an issue says: its details and its diagnostics; where it has neither, their code, or its own."""
    details = issue.get("details")
    texts = [text for text in (word(details, "text"), word(issue, "diagnostics")) if text]
    if not texts:
        codings = [word(coding, "display") or word(coding, "code") for coding in members(details, "coding")]
        texts = [text for text in (*codings, word(issue, "code")) if text][:1]
    if len(texts) == 2 and (texts[0] in texts[1] or texts[1] in texts[0]):
        texts = [max(texts, key=len)]
    return clean(": ".join(texts)) or "an issue without words"


def word(tree: Any, name: str) -> str:
    """The text of that member, fit to be shown; "" when there is none."""
    text = tree.get(name) if isinstance(tree, dict) else None
    return clean(text) if isinstance(text, str) else ""


def paths_of(issue: dict[str, Any]) -> tuple[str, ...]:
    """Where the issue is: HAPI says it in both members, beside a line and column of what it was sent."""
    texts = [*members(issue, "expression"), *members(issue, "location")]
    return tuple(dict.fromkeys(clean(text) for text in texts[:20] if isinstance(text, str) and not text.startswith("Line[")))


def told_in(tree: Any, depth: int = 4) -> Iterator[Said]:
    """What JSON that is no FHIR says is wrong: a text, or what stands under one of the usual names."""
    if isinstance(tree, str) and (text := clean(tree)):
        yield Said(text)
    elif isinstance(tree, list) and depth:
        for part in tree[:SHOWN]:
            yield from told_in(part, depth - 1)
    elif isinstance(tree, dict) and depth:
        found = next((found for name in TOLD if (found := list(told_in(tree.get(name), depth - 1)))), [])
        code = next((code for name in CODES if (code := word(tree, name))), "")
        steps = [step for step in members(tree, "loc") if isinstance(step, (str, int))]  # FastAPI: where in the body
        path = ""
        for step in steps[steps[:1] == ["body"]:]:
            path = join(path, step)
        for one in found:
            yield Said(one.text, one.paths or ((clean(path),) if path else ()), one.code or code)


def xml_words(text: str) -> tuple[Said, ...]:
    """What an OperationOutcome in XML says, or the text of any other document; nothing when it is no XML, or has a DTD."""
    if not text.startswith("<") or "<!DOCTYPE" in text:
        return ()
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return ()
    if root.tag.rpartition("}")[2] != "OperationOutcome":
        return plain(" ".join(root.itertext()))
    return outcome_words({"resourceType": "OperationOutcome", "issue": [
        {**values(issue), "details": values(issue.find("{*}details"))} for issue in root.findall("{*}issue")]})


def values(element: ElementTree.Element | None) -> dict[str, Any]:
    """The members of an element of FHIR's XML as JSON has them: those that paths are in as lists."""
    found: dict[str, Any] = {}
    for part in element if element is not None else ():
        name, value = part.tag.rpartition("}")[2], part.get("value", "")
        if name in ("expression", "location"):
            found.setdefault(name, []).append(value)
        elif name == "coding":
            found.setdefault(name, []).append(values(part))
        else:
            found[name] = value
    return found


def plain(text: str) -> tuple[Said, ...]:
    """A text as it is."""
    line = clean(text)
    return (Said(line),) if line else ()
