"""The codes of a value set, counted up from the code systems of the same packages.

https://hl7.org/fhir/R5/valueset.html#compositions
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.packages import many

Codes = dict[str, tuple[str, ...]]
MISSPELT = {"https://terminology.hl7.org/ValueSet-match-grade.html": "http://hl7.org/fhir/ValueSet/match-grade"}
"""Addresses of value sets as an extension of R4B has them, and as they should be; another one there names a code system."""


MOST = 300
"""Codes of a system that is kept whole; the larger ones are classifications that change by themselves."""


class Uncountable(Exception):
    """The codes are not all here: a grammar, a foreign system, a filter by something else than the hierarchy."""


def codes_of(url: str, known: dict[str, Any]) -> Codes | None:
    """The codes by system; None where they cannot be counted up.  `url` may be wrong where HL7's definitions are."""
    value_set = known.get(MISSPELT.get(url, url))
    try:
        if value_set and value_set["resourceType"] == "CodeSystem":
            found = {url: {code for code, _ in in_system(value_set)}}
        else:
            found = composed(value_set, known)
    except Uncountable:
        return None
    return {system: tuple(sorted(codes)) for system, codes in sorted(found.items())}


def composed(value_set: Any, known: dict[str, Any]) -> dict[str, set[str]]:
    """The codes of a value set; of all its includes, less its excludes."""
    if value_set is None or "compose" not in value_set:
        raise Uncountable
    found: dict[str, set[str]] = {}
    for part in many(value_set["compose"], "include"):
        for system, codes in included(part, known).items():
            found.setdefault(system, set()).update(codes)
    for part in many(value_set["compose"], "exclude"):
        for system, codes in included(part, known).items():
            found.get(system, set()).difference_update(codes)
    return found


def included(part: dict[str, Any], known: dict[str, Any]) -> dict[str, set[str]]:
    """The codes of one include: those of its system, that are in all its value sets."""
    sets = [composed(known.get(url.partition("|")[0]), known) for url in many(part, "valueSet")]
    if "system" in part:
        system = part["system"]
        if "concept" in part:
            codes = {concept["code"] for concept in many(part, "concept")}
        else:
            concepts = dict(in_system(known.get(system)))
            codes = set(concepts)
            for said in many(part, "filter"):
                codes &= filtered(said, concepts)
        sets.append({system: codes})
    made = sets[0]
    for other in sets[1:]:
        made = {system: codes & other.get(system, set()) for system, codes in made.items()}
    return made


def in_system(code_system: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every code of a code system with those above it."""
    if code_system is None or code_system.get("content") != "complete":
        raise Uncountable

    def below(concepts: list[Any], above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for concept in concepts:
            parents = tuple(said.get("valueCode", "") for said in many(concept, "property") if said.get("code") == "subsumedBy")
            yield concept["code"], (*above, *parents)
            yield from below(many(concept, "concept"), (*above, concept["code"]))

    yield from below(many(code_system, "concept"), ())


def filtered(said: dict[str, Any], concepts: dict[str, tuple[str, ...]]) -> set[str]:
    """The codes that a filter by the hierarchy leaves."""
    if said["property"] != "concept" or said["op"] not in ("is-a", "descendent-of", "is-not-a"):
        raise Uncountable

    below, added = {said["value"]}, True
    while added:
        more = {code for code, parents in concepts.items() if code not in below and not below.isdisjoint(parents)}
        below, added = below | more, bool(more)
    below.discard(said["value"])
    if said["op"] == "is-not-a":
        return set(concepts) - below - {said["value"]}
    return below | {said["value"]} if said["op"] == "is-a" else below


def systems_of(value_sets: set[str], known: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The code systems of HL7's from which those value sets take some codes, where the system is here as a whole: each code with
    its display."""
    met, waiting, found = set[str](), sorted(value_sets), dict[str, dict[str, str]]()
    for url in waiting:
        if url in met or (value_set := known.get(MISSPELT.get(url, url))) is None:
            continue
        met.add(url)
        for part in many(value_set.get("compose", {}), "include"):
            waiting += [one.partition("|")[0] for one in many(part, "valueSet")]
            system = known.get(part.get("system", ""))
            if system and system.get("content") == "complete":
                codes = displays(system)
                if len(codes) <= MOST:
                    found[part["system"]] = dict(sorted(codes.items()))
    return dict(sorted(found.items()))


def displays(concepts: dict[str, Any]) -> dict[str, str]:
    """Every code below, with its display ("" where it has none)."""
    found = {}
    for concept in many(concepts, "concept"):
        found[concept["code"]] = concept.get("display", "")
        found |= displays(concept)
    return found
