"""A document as objects of fhir.resources, and what those find wrong, at which path."""

from __future__ import annotations

import copy
import gzip
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from converter.formats import format_named
from converter.json_text import parse
from converter.problems import Problems
from mappings.models import DEPTH, model_problems, to_models
from tests.corpus import corpus

SAMPLES = Path(__file__).parents[2] / "samples" / "bundles"
STUDY = "Bundle.entry[0].resource"
RELEASES = ("r4", "r4b", "r5")
A_RESOURCE = "expected a resource of FHIR, found "


def sample(release: str) -> Any:
    return parse((SAMPLES / f"ctgov-NCT02837978.{release}.json").read_bytes())


def said(release: str, tree: Any) -> list[str]:
    return [str(problem) for problem in model_problems(tree, release)]


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.name)
def test_the_bundles_of_the_samples_become_objects(path: Path) -> None:
    release = path.name.split(".")[-2]
    bundle = to_models(path.read_bytes(), release)
    assert [entry.resource.get_resource_type() for entry in bundle.entry] == [entry["resource"]["resourceType"] for entry in parse(path.read_bytes())["entry"]]
    assert type(bundle).__module__ == ("fhir.resources.bundle" if release == "r5" else "fhir.resources.R4B.bundle")


def test_bytes_text_and_tree_give_the_same_and_the_tree_is_left_alone() -> None:
    document = (SAMPLES / "ctgov-NCT02837978.r5.json").read_bytes()
    tree, before = parse(document), parse(document)
    assert to_models(document, "r5") == to_models(document.decode(), "r5") == to_models(tree, "r5")
    assert tree == before


@pytest.mark.parametrize("release", RELEASES)
def test_decimals_keep_their_digits_in_the_object_and_not_in_its_json(release: str) -> None:
    made = to_models(b'{"resourceType": "Parameters", "parameter": [{"name": "x", "valueDecimal": 7.10}]}', release)
    assert str(made.parameter[0].valueDecimal) == "7.10" and isinstance(made.parameter[0].valueDecimal, Decimal)
    assert '"valueDecimal":7.1}' in made.model_dump_json()


def study(**members: Any) -> Callable[[Any], None]:
    return lambda tree: tree["entry"][0]["resource"].update(members)


def without(*names: str) -> Callable[[Any], None]:
    def change(tree: Any) -> None:
        for name in names:
            tree["entry"][0]["resource"].pop(name, None)
    return change


FAULTS: list[tuple[Callable[[Any], None], str]] = [
    (study(titel="x"), ".titel: there is no such element"),
    (study(title=["x"]), ".title: expected a text, found a list of 1"),
    (study(title=""), ".title: is a text with nothing in it"),
    (study(identifier={}), ".identifier: expected a list, found an empty object"),
    (study(identifier=["x"]), ".identifier[0]: expected an object, found 'x'"),
    (study(id="a_b"), ".id: 'a_b' has not the form of its datatype"),
    (study(period={"start": "2020-2"}), ".period.start: '2020-2' has not the form of its datatype"),
    (study(period={"start": "2020-02-30"}), ".period.start: '2020-02-30' is no day of the calendar"),
    (study(extension=[{"url": "urn:x", "valueString": "x", "valueCode": "x"}]), ".extension[0]: has valueCode and valueString; one of them may be there"),
    (study(extension=[{"valueString": "x"}]), ".extension[0]: lacks url, which must be there"),
    (study(extension=[{"url": "urn:x", "valueInteger": Decimal("1.5")}]), ".extension[0].valueInteger: expected a whole number, found 1.5"),
    (study(condition=[{"coding": [{"codee": "x"}]}]), ".condition[0].coding[0].codee: there is no such element"),
    (study(contained=[{"resourceType": "Studie"}]), ".contained[0].resourceType: expected the name of a resource of FHIR {release}, found 'Studie'"),
    (study(contained=[{"resourceType": ["Group"]}]), ".contained[0].resourceType: expected the name of a resource of FHIR {release}, found a list of 1"),
    (study(contained=[{"resourceType": "Location", "nam": "x"}]), ".contained[0].nam: there is no such element"),
    (study(contained=[{"id": "x"}]), ".contained[0]: lacks resourceType, which must be there"),
    (without("status", "_status"), ": lacks status, which must be there"),
    (without("resourceType"), ": lacks resourceType, which must be there"),
]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("change, message", FAULTS, ids=[message for _, message in FAULTS])
def test_a_fault_is_said_once_at_its_path(release: str, change: Callable[[Any], None], message: str) -> None:
    tree = copy.deepcopy(sample(release))
    change(tree)
    assert said(release, tree) == [STUDY + message.replace("{release}", release.upper())]


def test_everything_is_said_at_once() -> None:
    tree = sample("r5")
    study(titel="x", title=1, date="x")(tree)
    with pytest.raises(Problems) as refused:
        to_models(tree, "r5")
    assert sorted(map(str, refused.value.problems)) == [
        f"{STUDY}.date: 'x' has not the form of its datatype", f"{STUDY}.titel: there is no such element", f"{STUDY}.title: expected a text, found 1"]


def test_a_choice_that_is_missing() -> None:
    tree = {"resourceType": "Group", "type": "person", "membership": "definitional", "characteristic": [{"code": {"text": "x"}, "exclude": False}]}
    assert said("r5", tree) == ["Group.characteristic[0]: lacks one of valueBoolean, valueCodeableConcept, valueQuantity, valueRange, valueReference"]


@pytest.mark.parametrize("tree, message", [
    (None, A_RESOURCE + "null"), ([], A_RESOURCE + "an empty list"), ({}, A_RESOURCE + "an empty object"), (b"[1]", A_RESOURCE + "a list of 1"),
    ({"resourceType": 5}, A_RESOURCE + "an object with 'resourceType'"),
    ({"resourceType": "Nope"}, "resourceType: expected the name of a resource of FHIR R5, found 'Nope'"),
    ({"resourceType": "Identifier"}, "resourceType: expected the name of a resource of FHIR R5, found 'Identifier'"),
    ({"resourceType": "Group", "extension": "x"}, "Group.extension: expected a list, found 'x'"),
    ("{", "column 2: the document breaks off after '{'; expected the rest of the JSON. Fetch or copy it again"),
])
def test_what_is_no_resource_gives_a_problem(tree: Any, message: str) -> None:
    assert said("r5", tree) == [message]


def test_another_release_is_refused() -> None:
    assert said("stu3", {"resourceType": "Group"}) == ["expected a release, r4, r4b, r5, found 'stu3'"]


@pytest.mark.parametrize("times", [40, 80, 400])
def test_depth_is_bounded(times: int) -> None:
    tree: Any = {"url": "urn:x", "valueString": "x"}
    for _ in range(times):
        tree = {"url": "urn:x", "extension": [tree]}
    found = said("r5", {"resourceType": "Group", "type": "person", "membership": "definitional", "extension": [tree]})
    assert [one.partition(": ")[2] for one in found] == (
        [f"objects and lists stand in one another more than {DEPTH} deep; expected a resource of a trial"] if 2 * times + 2 > DEPTH else [])


@pytest.mark.corpus
@pytest.mark.parametrize("release", ["r4", "r5"])
def test_the_records_become_objects(release: str) -> None:
    with gzip.open(corpus("ctgov_v2/records.ndjson.gz")) as records:
        for record in [next(records) for _ in range(100)]:
            assert said(release, format_named(release).write(format_named("ctgov").read(record).trial).document) == []
