"""Law 2 on every record that is kept beside the checkout: ctgov -> FHIR -> ctgov, and the report says exactly what is missing."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from typing import Any

import pytest

from converter.formats import format_named
from converter.json_text import encode, parse
from converter.loss import Loss, same
from converter.problems import Problems
from tests.corpus import corpus

pytestmark = pytest.mark.corpus
CTGOV = format_named("ctgov")
DROPPED = {"resultsSection", "timestamp", "Timestamp", "locations_nested", "interventionMappedName", "_id", "id_str"}
"""What may be missing: results, keys that the registry's own field list lacks, and (below) empty objects and lists."""


VOLUNTEERS = "protocolSection.eligibilityModule.healthyVolunteers"
WRONG = {(VOLUNTEERS, f"expected true or false, found {word!r}") for word in ("Yes", "No")}


def studies(name: str) -> Iterator[Any]:
    """The studies of one collection."""
    with gzip.open(corpus(f"ctgov_v2/{name}.ndjson.gz")) as lines:
        for line in lines:
            tree = parse(line)
            if name == "versions":
                yield tree["old"]["record"]
                yield tree["new"]["record"]
            else:
                yield tree.get("record", tree)


def plain(tree: Any) -> Any:
    """The study without what may be missing."""
    if isinstance(tree, dict):
        parts = {name: plain(part) for name, part in tree.items() if name not in DROPPED}
        return {name: part for name, part in parts.items() if part not in ({}, [])}
    if isinstance(tree, list):
        return [part for part in map(plain, tree) if part not in ({}, [])]
    return tree


def without(tree: Any, lost: tuple[Loss, ...]) -> Any:
    """The study less exactly what the report names, and less the objects and lists that are empty then."""
    for loss in lost:
        *steps, last = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", loss.path)]
        holder = tree
        for step in steps:
            holder = holder[step]
        holder[last] = {}
    return emptied(tree)


def emptied(tree: Any) -> Any:
    if isinstance(tree, dict):
        parts = {name: emptied(part) for name, part in tree.items()}
        return {name: part for name, part in parts.items() if part not in ({}, [])}
    return [part for part in map(emptied, tree) if part not in ({}, [])] if isinstance(tree, list) else tree


@pytest.mark.parametrize("release", ["r4", "r4b", "r5"])
@pytest.mark.parametrize("name", ["records", "partial", "versions"])
def test_round_trip(name: str, release: str) -> None:
    """R4 and R4B are written by the same tables: each sees half of the records."""
    fhir, count = format_named(release), 0
    for study in islice(studies(name), *{"r4": (0, None, 2), "r4b": (1, None, 2), "r5": (None,)}[release]):
        text = encode(study)
        try:
            reading = CTGOV.read(text)
        except Problems as refused:  # a collector turned booleans into words: a wrong type, which is refused
            assert name == "partial", refused
            assert {(problem.path, problem.message) for problem in refused.problems} <= WRONG, refused
            continue
        writing = fhir.write(reading.trial)
        again = fhir.read(writing.document)
        assert again.trial == reading.trial
        assert again.lost == () and writing.lost == ()
        back = parse(CTGOV.write(again.trial).document)
        assert same(back, plain(study)), study.get("protocolSection", {}).get("identificationModule")
        assert same(back, without(study, reading.lost))
        count += 1
    assert count >= 45


def test_invented_fixtures_do_not_crash() -> None:
    for study in studies("invented_fixtures"):
        try:
            reading = CTGOV.read(encode(study))
        except Problems:
            continue
        for release in ("r4", "r5"):
            fhir = format_named(release)
            assert fhir.read(fhir.write(reading.trial).document).trial == reading.trial


@pytest.mark.parametrize("release", ["r4", "r4b", "r5"])
def test_official_examples_are_read_and_what_is_not_understood_is_named(release: str) -> None:
    """HL7's examples, and for R5 the Bundle that the German registry's converter makes."""
    paths = sorted(corpus(f"fhir_examples/{release}").glob("*.json"))
    paths += sorted(corpus("drks").glob("*FHIR*.json")) if release == "r5" else []
    assert paths
    for path in paths:
        reading = format_named(release).read(path.read_bytes())
        said = parse(path.read_bytes())
        assert reading.lost or set(said) <= {"resourceType", "text", "status"}, path.name
        assert not [loss for loss in reading.lost if re.search(r"(^|\.)(text\.(div|status)|fullUrl|request)", loss.path)], path.name


@pytest.mark.parametrize(("release", "model", "first"), [("r5", "fhir.resources.bundle", 0), ("r4", "fhir.resources.R4B.bundle", 1)])
def test_the_models_of_fhir_resources_accept_every_record(release: str, model: str, first: int) -> None:
    """Law 6 on every record, in one release or the other: the models take much longer than we do."""
    bundle = import_module(model).Bundle
    for study in islice(studies("records"), first, None, 2):
        bundle.model_validate_json(format_named(release).write(CTGOV.read(encode(study)).trial).document)
