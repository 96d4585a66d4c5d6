"""What a server's words mean, and what to do about it

The code of an issue is nearly always "processing", so what is meant is told by the HTTP status and the words: HAPI has numbers
in them (HAPI-2207), others have sentences.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any, NamedTuple

from converter.problems import join
from mappings.origin import field_at
from mappings.push.wording import Said, clean, is_page, outcome_words, said

__all__ = ["Said", "clean", "fields", "hint", "is_multiple_match", "is_page", "is_stale", "outcome_words", "said", "too_large"]

MULTIPLE = (r"HAPI-(2207|0958|0988)|multiple-matches|matched (multiple|\d+) resources|multiple (resources (match|found)|matches)|"
            r"not selective enough")
STALE = r"HAPI-0989|not the current version|if-match|\be-?tag\b|precondition failed|does not match (the )?current"
LARGE = (r"too many (entries|resources)|more \w+ operations than allowed|exceed\w* the configured limit|bundle (is )?too large|"
         r"max(imum)? (number|amount) of (entries|resources)")
IDS = (r"HAPI-(0521|0959|0960)|client.?(assigned|supplied|specified|defined|generated) ids?|update.?create|"
       r"clients?\b.{0,40}\b(choose|define|assign|supply|create)\w*\b.{0,20}\bids?\b")
REFUSED = (400, 404, 409, 412, 422)
ABSENT = (404, 405, 410, 501)


class Row(NamedTuple):
    """What to try where the answer has one of these statuses and, in its words, this pattern."""

    statuses: Collection[int]
    words: str
    advice: str
    strategy: str = ""
    """Only with that one."""


NOT_THERE = "Nothing there answers as a FHIR server does; check the base URL that --server gives"
OWN_IDS = "This server gives out ids itself; use --strategy conditional"
TOO_LARGE = "The Bundle is too large for this server; take it apart, use --strategy sequential, or have the limit raised"
ROWS = (
    Row(range(300, 400), r"^redirect:", "Redirects are not followed; use that address as --server, where it is the server's own"),
    Row((*range(200, 300), 403), r"^html:",
        "A proxy, a firewall or a login page answered in place of the server; check --server, --proxy and --auth"),
    Row((400, 422), r"http://hl7\.org/fhir/[3-6]\.\d/StructureDefinition/extension-",
        "This server validates without HL7's cross-version definitions; use --extensions own, or load the definitions"),
    Row(REFUSED, r"HAPI-1684|not known in FHIR version", "This server speaks another release of FHIR; choose it with --release"),
    Row(REFUSED, r"HAPI-0541", "The Bundle refers to an entry that it does not have; add the entry, or take the reference out"),
    Row(REFUSED, r"HAPI-109[14]|does not resolve to a resource|referential integrity",
        "It refers to something that is not on the server; push that first, or in the same Bundle"),
    Row(REFUSED, r"HAPI-0507", "This server takes no references to other servers; take them out, or have the server allow them"),
    Row(REFUSED, r"HAPI-(0534|0535|0542)|duplicate resource identity|multiple entries that refers? to the same",
        "Two entries write to the same resource; leave one of them out"),
    Row(REFUSED, r"HAPI-(0539|0929)", "The condition asks for an identifier that the resource does not have; correct one of the two"),
    Row(REFUSED, r"HAPI-(0488|0524)|unknown search parameter", "This server cannot search for it in that way; use --strategy put-id"),
    Row((400, 409, 412), MULTIPLE, "Several resources on the server have that identifier; leave one of them there, then push again"),
    Row((409, 412), STALE, "Somebody changed the resource on the server meanwhile; push again"),
    Row((*REFUSED, 403, 405), IDS, OWN_IDS, "put-id"),
    Row((*REFUSED, 403, 405), IDS, "This server takes no such id from a client; write it by a condition (Type?identifier=system|value)"),
    Row((404,), r"^not-found: not found$", OWN_IDS, "put-id"),
    Row((400, 422), LARGE, TOO_LARGE),
    Row((413,), "", TOO_LARGE),
    Row(ABSENT, "", NOT_THERE, "sequential"),
    Row(ABSENT, "", "This server knows no transactions, or --server is not its base URL; --strategy sequential needs no transactions"),
    Row((403,), "", "{scopes}"),
    Row((406, 415), "", "It takes no FHIR as JSON there; check the base URL that --server gives"),
    Row((407,), "", "The proxy asks for a name and a password; check --proxy"),
    Row((409,), "", "Others wrote to the same resources at the same time; push again, perhaps with fewer --jobs"),
    Row((412,), "", "Several resources have that identifier, or one was changed meanwhile; look at the server, then push again"),
    Row((408, 429, 503), "", "The server has too much to do, or is down; push again later, perhaps with fewer --jobs"),
    Row((500, 502, 504), "", "The server, or a gateway before it, failed; push again: what has arrived is not written twice"),
)
"""The first row that fits counts.  A pattern sees each thing said as "code: text", a line each."""


def says(said: Collection[Said], pattern: str) -> bool:
    """Is the pattern in what was said?"""
    return re.search(pattern, "\n".join(f"{one.code}: {one.text}" for one in said), re.IGNORECASE | re.MULTILINE) is not None


def is_multiple_match(status: int, said: Collection[Said]) -> bool:
    """Did a condition find several resources?  FHIR has 412 for it; a transaction of Medplum's answers 400."""
    return status in (400, 409, 412) and says(said, MULTIPLE)


def is_stale(status: int, said: Collection[Said]) -> bool:
    """Was the version in If-Match not the current one?  FHIR has 412 for it; HAPI answers 409, which is else a race."""
    return status in (409, 412) and not is_multiple_match(status, said) and says(said, STALE)


def too_large(status: int, said: Collection[Said]) -> bool:
    """Had the Bundle more entries, or bytes, than the server takes?"""
    return status == 413 or (status in (400, 422) and says(said, LARGE))


def hint(status: int, said: Collection[Said] = (), kinds: Collection[str] = (), granted: Collection[str] = (), strategy: str = "") -> str:
    """What to try after this answer, in a sentence without its full stop; "" where nothing is known.

    `kinds` are the types of resources that were sent, `granted` the scopes of the token, for a 403; `strategy` is the one in use.
    """
    advice = next((row.advice for row in ROWS if status in row.statuses and row.strategy in ("", strategy) and says(said, row.words)), "")
    return advice.format(scopes=forbidden(kinds, granted)) if "{" in advice else advice


SCOPE = re.compile(r"(?:system|user)/([A-Za-z]+|\*)\.(\*|read|write|c?r?u?d?s?)")
"""SMART v1 and v2: https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html.  One with a query (?) covers only some."""
V1 = {"read": "rs", "write": "cud", "*": "cruds"}


def forbidden(kinds: Collection[str], granted: Collection[str]) -> str:
    """Which scope is missing for creating and updating these types, in the manner in which the others are granted."""
    held = [(match[1], match[2]) for scope in granted if (match := SCOPE.fullmatch(scope))]
    v1 = any(may in V1 for _, may in held)
    missing = []
    for kind in kinds:
        may = "".join(V1.get(may, may) for of, may in held if of in (kind, "*"))
        if lacks := "".join(letter for letter in "cu" if letter not in may):
            missing.append(f"system/{kind}.{'write' if v1 else lacks}")
    if not missing:
        return "The server does not allow it to these credentials; ask who runs it"
    if held:
        return f"The token lacks the scope {' '.join(missing)}; ask for it with --scope, and have it granted by who runs the server"
    return f"These credentials may not write there; have it allowed by who runs the server (as SMART scopes: {' '.join(missing)})"


PATH = re.compile(r"(?<![\w/.-])[A-Z][A-Za-z]+(?:(?:/\*[^*]*\*/)?\.[a-z]\w*(?:\[\w+\])?)+")
"""A path in a text: "ResearchStudy.sponsor", "Bundle.entry[0].resource/*ResearchStudy/null*/.title"."""
FILTER = re.compile(r"\[\w+=[^\]]*\]")
"""What HAPI adds to a path: [url='…']."""
ELEMENT = re.compile(r"element named '(\w+)' within resource of type: (\w+)")
"""HAPI-0541."""
ATTRIBUTE = re.compile(r'\[element="(\w+)"\] Invalid attribute value "([^"]*)"')
"""HAPI-1821, which says what it found, and not where."""
PLACES = 10
"""How many places are followed for one thing said."""


def fields(said: Collection[Said], bundle: Any, release: str) -> tuple[str, ...]:
    """The fields of the Trial that the server's words point at, each once: "sponsor", "sites[2].city"."""
    found = (field_at(bundle, path, release, again=True) for one in said for path in islice(pointed(one, bundle), PLACES))
    return tuple(dict.fromkeys(field for field in found if field))


def pointed(one: Said, bundle: Any) -> Iterator[str]:
    """The places in the Bundle that the words name."""
    for path in one.paths:
        yield FILTER.sub("", path)
    for match in PATH.finditer(one.text):
        yield match[0]
    for name, kind in ELEMENT.findall(one.text):
        yield f"{kind}.{name}"
    for name, value in ATTRIBUTE.findall(one.text):
        yield from places(bundle, name, value)


def places(tree: Any, name: str, value: str, path: str = "") -> Iterator[str]:
    """Where a member of that name has that value."""
    if isinstance(tree, dict):
        for member, part in tree.items():
            here = join(path, member)
            if member == name and clean(str(part)) == value:
                yield here
            else:
                yield from places(part, name, value, here)
    elif isinstance(tree, list):
        for index, part in enumerate(tree):
            yield from places(part, name, value, join(path, index))
