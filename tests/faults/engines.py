"""What each engine says of documents: ours, the models of fhir.resources, and HAPI's validator.

An engine is a function of a release and documents (compact JSON, a line each) that gives the issues of each document.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from converter.json_text import parse, repeated
from converter.problems import Problems

NOTE = re.compile(r"/\*.*?\*/")
OF_TYPE = re.compile(r"(\w+)\.ofType\((\w)(\w*)\)")


class Issue(Struct, frozen=True):
    """What an engine says: a path as FHIRPath in the document, a severity, a message and, of HAPI, the id of the message."""

    path: str
    severity: str
    message: str
    id: str = ""


Engine = Callable[[str, Sequence[bytes]], list[list[Issue]]]


def own(release: str, documents: Sequence[bytes]) -> list[list[Issue]]:
    """What `mappings.conformance` says, and the parser before it."""
    return [own_issues(release, document) for document in documents]


def own_issues(release: str, document: bytes) -> list[Issue]:
    from mappings.conformance import conformance

    try:
        tree = parse(document)
    except Problems as error:
        return [Issue(f"Bundle.{one.path}".rstrip("."), one.severity, one.message) for one in error.problems]
    twice = [Issue(f"Bundle.{one.path}", "error", one.reason) for one in repeated(document, alike=True)]
    return twice + [Issue(one.path, one.severity, one.message) for one in conformance(release).problems(tree)]


def models(release: str, documents: Sequence[bytes]) -> list[list[Issue]]:
    """What fhir.resources says; it has no models of R4 but R4B's, which are alike in what we write."""
    import fhir.resources.bundle
    import fhir.resources.R4B.bundle

    model = {"r4": fhir.resources.R4B.bundle.Bundle, "r5": fhir.resources.bundle.Bundle}[release]
    return [model_issues(model, document) for document in documents]


def model_issues(model: Any, document: bytes) -> list[Issue]:
    from pydantic import ValidationError

    try:
        model.model_validate_json(document)
    except ValidationError as error:
        return [Issue(dotted(one["loc"]), "error", one["msg"], one["type"]) for one in error.errors()]
    except Exception as error:  # of an unknown resource type, a KeyError
        return [Issue("Bundle", "error", f"{type(error).__name__}: {error}", type(error).__name__)]
    return []


def dotted(steps: Sequence[str | int]) -> str:
    """The steps as a path in the Bundle."""
    return "Bundle" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def hapi(release: str, documents: Sequence[bytes]) -> list[list[Issue]]:
    """What HAPI's validator says, with definitions of HL7's cross-version extensions and of our own.  Raises Unavailable."""
    from mappings.profiles import write_profiles
    from tests.hapi import validator

    with tempfile.TemporaryDirectory() as folder:
        write_profiles(Path(folder), hl7=True)
        with validator(release, Path(folder)) as check:
            return [[Issue(fhirpath(one.path), "error" if one.wrong else one.severity, one.message, one.id or "") for one in issues]
                    for issues in check(documents)]


def fhirpath(said: str) -> str:
    """The place as a path: without the notes of what stands there, and a choice by its JSON name."""
    return OF_TYPE.sub(lambda match: f"{match[1]}{match[2].upper()}{match[3]}", NOTE.sub("", said or "Bundle")).rstrip(".")


ENGINES: dict[str, Engine] = {"own": own, "models": models, "hapi": hapi}
