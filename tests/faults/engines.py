"""What each engine says of documents: ours, the models of fhir.resources, and HAPI's validator.

An engine is a function of a release and documents (compact JSON, a line each) that gives the issues of each document.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from converter.json_text import parse, repeated
from converter.problems import Problems

NOTE = re.compile(r"/\*.*?\*/")
OF_TYPE = re.compile(r"(\w+)\.ofType\((\w)(\w*)\)")
HAPI = Path(os.environ.get("TRIALBRIDGE_HAPI") or Path(__file__).parents[2] / ".." / "shared" / "servers" / "validator")
"""The folder with the program validate.sh around HAPI's validator, and its profiles."""


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
    twice = [Issue(f"Bundle.{one.path}", "error", one.reason) for one in repeated(document)]
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
    """What HAPI's validator says, with HL7's cross-version definitions and our own loaded.  Raises OSError where it cannot run."""
    import tempfile

    from mappings.profiles import write_profiles

    with tempfile.TemporaryDirectory() as folder:
        write_profiles(Path(folder))
        folders = [one for one in (Path(folder), HAPI / "profiles" / release / "hl7") if one.is_dir()]
        options = [word for one in folders for word in ("--profiles", str(one))]
        lines = b"".join(document.replace(b"\n", b" ") + b"\n" for document in documents)
        done = subprocess.run([str(HAPI / "validate.sh"), "--fhir", release, *options, "--all"], input=lines, stdout=subprocess.PIPE, check=True)
    return [[hapi_issue(one) for one in (*answer["errors"], *answer["others"])] for answer in map(json.loads, done.stdout.splitlines())]


def hapi_issue(said: dict[str, str | None]) -> Issue:
    """An issue, its place as a path: without the notes of what stands there, and a choice by its JSON name."""
    path = OF_TYPE.sub(lambda match: f"{match[1]}{match[2].upper()}{match[3]}", NOTE.sub("", said["location"] or "Bundle")).rstrip(".")
    severity = "error" if said["severity"] == "fatal" else str(said["severity"])
    return Issue(path, severity, said["message"] or "", said["messageId"] or "")


ENGINES: dict[str, Engine] = {"own": own, "models": models, "hapi": hapi}
