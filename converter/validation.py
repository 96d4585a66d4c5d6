"""What is wrong with a document: FHIR by the specification, a record by its format.

    validate("bundle.json")                     a Verdict
    validate_all(Inputs(["bundles.ndjson"]))    a Verdict for each record, in constant memory

FHIR is any Bundle or resource, whether or not a trial is in it.  Our own record is held against its JSON Schema; of a study
of ClinicalTrials.gov or a page, what its reader finds wrong or doubtful is told, and what it does not know.
Whatever the document is, its Verdict says what is wrong with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import Any, Literal

from msgspec import UNSET, Struct
from msgspec.structs import replace

from converter.convert import bug, one, read_as
from converter.documents import Document
from converter.formats import FORMATS, is_fhir, load
from converter.json_text import encode, parse, repeated, too_deep
from converter.loss import NOT_CARRIED, Loss
from converter.problems import Problem, Problems, refuse, shown

ENGINES = {"own": "mappings.conformance:conformance", "models": "mappings.models:model_problems"}
OURS = b"https://w3id.org/trialbridge/"
"""What is in every Bundle that we wrote."""
TRACED = 100
"""Of so many problems of a document the field is looked for."""
TWICE = "is said twice in one object; expected each name once (RFC 8259, section 4)"
UNKNOWN = "the format has no such member"


class Verdict(Struct, frozen=True):
    """What is wrong with one record.  `format` is what it was held against; "" when it could not be told.

    A valid one has no errors; when it is looked at strictly, no warnings either.
    """

    source: str
    index: int
    id: str | None
    format: str
    status: Literal["valid", "invalid"]
    problems: tuple[Problem, ...] = ()
    strict: bool = False
    seconds: float = 0.0

    def fails(self, problem: Problem) -> bool:
        """True of a problem that makes the record invalid."""
        return problem.severity == "error" or (self.strict and problem.severity == "warning")


def validate(document: bytes | str | os.PathLike[str], format: str | None = None, *, release: str | None = None,
             engine: str = "own") -> Verdict:
    """The verdict on one record: its bytes, or the path of a file.

    `release` (r4, r4b, r5) is that of FHIR, which else the content tells.  `engine` "models" asks fhir.resources about FHIR.
    Raises Problems only when the format or engine cannot be.
    """
    known_engine(engine)
    if format is not None and format not in FORMATS:
        raise refuse(f"no format is called {format!r}; expected one of {', '.join(FORMATS)}")
    try:
        found = one(document, format)
    except Problems as wrong:
        found = Document("" if isinstance(document, bytes) else os.fspath(document), 0, b"", problems=wrong.problems)
    return verdict(found, release or (format if format and is_fhir(format) else None), engine)


def validate_all(documents: Iterable[Document], *, release: str | None = None, engine: str = "own",
                 strict: bool = False) -> Iterator[Verdict]:
    """The verdict on each record, in their order; when `strict`, warnings make one invalid too.

    Raises Problems at once when there is no such engine.
    """
    known_engine(engine)
    return (verdict(document, release, engine, strict) for document in documents)


def known_engine(engine: str) -> None:
    """Raises Problems when there is none of that name."""
    if engine not in ENGINES:
        raise refuse(f"no engine is called {engine!r}; expected one of {', '.join(ENGINES)}")


def verdict(document: Document, release: str | None = None, engine: str = "own", strict: bool = False) -> Verdict:
    """The verdict on one record, with the time it took.  Never raises."""
    begun = perf_counter()
    id, format, problems = None, document.format, document.problems
    if not problems:
        try:
            if is_fhir(document.format):
                tree = parse(document.content)
                id, format = id_of(tree), release or release_for(tree, document.format)
                problems = tuple(fhir_problems(tree, format, engine))
                said_once = len(encode(tree)) == len(document.content)
            else:
                reading = read_as(document.content, document.format, document.name)
                id, said_once = reading.trial.id, reading.said_once or FORMATS[document.format].page
                problems = reading.problems + tuple(map(unread, reading.lost))
        except Problems as wrong:
            problems, said_once = wrong.problems, False
        except RecursionError:
            problems, said_once = too_deep().problems, True
        except Exception as error:
            problems, said_once = bug(error, document.name).problems, False
        if not said_once:
            problems += tuple(Problem(loss.path, TWICE) for loss in repeated(document.content, alike=True))
    found = Verdict(document.source, document.index, id, format, "valid", problems, strict, perf_counter() - begun)
    return replace(found, status="invalid") if any(map(found.fails, problems)) else found


def fhir_problems(tree: Any, release: str, engine: str = "own") -> list[Problem]:
    """What the engine finds wrong with a resource or Bundle, each with the field of the Trial from which the place was written, as
    far as that can be told.  Every command asks here."""
    checks = load(ENGINES[engine])
    found: list[Problem] = checks(release).problems(tree) if engine == "own" else checks(tree, release)
    if not found or OURS not in encode(tree):
        return found
    return [with_field(problem, tree, release) for problem in found[:TRACED]] + found[TRACED:]


def with_field(problem: Problem, tree: Any, release: str) -> Problem:
    """The problem with the field, where one is known."""
    from mappings.origin import field_at

    field = field_at(tree, problem.path, release)
    return replace(problem, field=field) if field else problem


def release_for(tree: Any, told: str) -> str:
    """The release of a resource: `told` by its elements, or the first that has every type of resource in it."""
    from mappings.definitions import definitions
    from mappings.releases import VERSIONS, evidence, resources

    kinds = {resource["resourceType"] for _, resource in resources(tree)}
    if evidence(tree) or told not in VERSIONS:
        return told
    return next((release for release in VERSIONS if kinds <= set(definitions(release).resources)), told)


def id_of(tree: Any) -> str | None:
    """What a message calls the resource: its id, or the first identifier of the first resource in it that has one."""
    from mappings.releases import resources

    if isinstance(tree, dict) and isinstance(tree.get("id"), str):
        return str(tree["id"])
    for _, resource in resources(tree):
        identifiers = resource.get("identifier")
        first = identifiers[0] if isinstance(identifiers, list) and identifiers else identifiers
        if isinstance(first, dict) and isinstance(first.get("value"), str):
            return str(first["value"])
    return None


def unread(loss: Loss) -> Problem:
    """What a reader passes over: a warning where the format has no such member, else for information."""
    if loss.reason != NOT_CARRIED:
        return Problem(loss.path, loss.reason, "information")
    found = f"{loss.count} values" if loss.value is UNSET else shown(loss.value)
    return Problem(loss.path, f"found {found}; {UNKNOWN}", "warning")
