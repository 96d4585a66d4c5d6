"""Criteria that somebody else wrote as characteristics: the text that they give, and what of them it does not say."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from converter.convert import read, write
from converter.formats import format_named
from converter.json_text import encode, parse
from converter.problems import Problems
from mappings.characteristics import COMBINATION
from mappings.criteria import CODED as MARK
from mappings.criteria import WORDS
from tests.corpus import corpus

SNOMED = "http://snomed.info/sct"
CODED = {"code": {"coding": [{"system": SNOMED, "code": "64572001", "display": "Disease"}]},
         "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "44054006", "display": "Type 2 diabetes"}]}, "exclude": True}


def group(*characteristics: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"resourceType": "Group", "type": "person", "membership": "definitional", **members, "characteristic": list(characteristics)}


def one(value: dict[str, Any], code: str = "X", **more: Any) -> dict[str, Any]:
    return {"code": {"text": code}, **value, "exclude": False, **more}


CASES: list[tuple[dict[str, Any], str, list[str]]] = [
    (group(one({"valueCodeableConcept": {"text": "Able to walk"}}, "Defined by CodeableConcept")), "Inclusion Criteria:\n\n* Able to walk", []),
    (group(one({"valueBoolean": False}, "Smoker")), "Inclusion Criteria:\n\n* Smoker: no", []),
    (group(one({"valueQuantity": {"value": 8, "comparator": ">=", "unit": "%"}}, "HbA1c")), "Inclusion Criteria:\n\n* HbA1c ≥ 8 %", []),
    (group(one({"valueQuantity": {"value": 8, "code": "%", "system": "http://unitsofmeasure.org"}}, "HbA1c")),
     "Inclusion Criteria:\n\n* HbA1c = 8 %", ["characteristic[0].valueQuantity.system"]),
    (group(one({"valueRange": {"low": {"value": 30, "unit": "kg/m2"}, "high": {"value": 40, "unit": "kg/m2"}}}, "BMI")),
     "Inclusion Criteria:\n\n* BMI ≥ 30 kg/m2 and ≤ 40 kg/m2", []),
    (group(one({"valueReference": {"reference": "Practitioner/1"}}, "Attributed to")), "Inclusion Criteria:\n\n* Attributed to: Practitioner/1", []),
    (group(CODED, one({"valueBoolean": True}, "Adult")), "Inclusion Criteria:\n\n* Adult: yes\n\nExclusion Criteria:\n\n* Disease: Type 2 diabetes",
     ["characteristic[0].code.coding[0].code", "characteristic[0].code.coding[0].system",
      "characteristic[0].valueCodeableConcept.coding[0].code", "characteristic[0].valueCodeableConcept.coding[0].system"]),
    (group(one({"valueCodeableConcept": {"text": "code"}}, extension=[{"url": WORDS, "valueString": "Their own\n words"}])),
     "Inclusion Criteria:\n\n* Their own words", ["characteristic[0].code", "characteristic[0].valueCodeableConcept"]),
    (group(one({"valueReference": {"reference": "#a"}}), contained=[{**group(one({"valueBoolean": True}, "A"), {**one({"valueBoolean": True}, "B"),
                                                                                                              "exclude": True}),
                                                                    "id": "a", "combinationMethod": "at-least", "combinationThreshold": 1}]),
     "Inclusion Criteria:\n\n* X: at least 1 of the following\n  * A: yes\n  * not: B: yes",
     ["contained"]),
    (group(one({"valueBoolean": "often"}, "Smoker"), one({"valueExpression": {"language": "text/cql", "expression": "A"}}, "B")),
     "Inclusion Criteria:\n\n* Smoker\n* B", ["characteristic[0].valueBoolean", "characteristic[1].valueExpression"]),
    (group(one({"valueQuantity": {"value": 8, "comparator": "ad", "unit": "mg"}}, "Dose")), "Inclusion Criteria:\n\n* Dose: ad 8 mg", []),
    (group(one({"valueBoolean": True}, ""), one({"valueBoolean": True}, "A"), one({}, "")), "Inclusion Criteria:\n\n* yes\n* A: yes",
     ["characteristic[2]"]),
    (group(one({"valueReference": {"reference": "#a"}}), one({"valueReference": {"reference": "#a"}}, "Y"),
           contained=[{**group(one({"valueReference": {"reference": "#a"}}, "Z"), one({"valueBoolean": True}, "B")), "id": "a"}]),
     "Inclusion Criteria:\n\n* X: all of the following\n  * Z: all of the following\n  * B: yes\n* Y: all of the following", ["contained"]),
    (group(one({"valueBoolean": True}, "A"), one({"valueBoolean": True}, "B"), combinationMethod="any-of"),
     "Inclusion Criteria:\n\n* any of the following:\n  * A: yes\n  * B: yes", ["combinationMethod"]),
]


@pytest.mark.parametrize(("tree", "text", "lost"), CASES, ids=[text for _, text, _ in CASES])
def test_characteristics_give_a_text(tree: dict[str, Any], text: str, lost: list[str]) -> None:
    reading = format_named("r5").read(encode(tree))
    assert reading.trial.criteria == text
    assert sorted(loss.path for loss in reading.lost) == lost


def test_groups_that_refer_to_each_other_end() -> None:
    """Ten Groups, each with ten references to all: spelled again and again they would be 10 ** 8 lines."""
    everything = [one({"valueReference": {"reference": f"#g{n}"}}) for n in range(10)]
    tree = group(*everything, contained=[{**group(*everything), "id": f"g{n}"} for n in range(10)])
    text = format_named("r5").read(encode(tree)).trial.criteria
    assert text is not None
    assert text.count("\n* ") + text.count(" * ") == 110


WEIRD: list[Any] = [None, True, 0, "", " ", "x", "#a", [], {}, [None], ["x"], {"": 5}, {"text": 5}, {"coding": [None, {"display": 3}]}, {"reference": "#a"},
                    {"value": "5"}, {"value": True, "unit": "a"}, {"value": 5, "comparator": []}, {"low": None, "high": {"value": "9"}}, {"low": [], "high": 5}]
PLACES: list[Callable[[Any], dict[str, Any]]] = [
    lambda value: group(one(dict.fromkeys(("valueCodeableConcept", "valueBoolean", "valueQuantity", "valueRange", "valueReference"), value))),
    *(lambda value, name=name: group(one({name: value})) for name in (  # type: ignore[misc]
        "valueCodeableConcept", "valueBoolean", "valueQuantity", "valueRange", "valueReference", "valueDate", "exclude", "extension", "period")),
    lambda value: group(value),
    lambda value: group({"code": value, "valueBoolean": True, "exclude": False}),
    lambda value: {"resourceType": "Group", "type": "person", "membership": "definitional", "characteristic": value},
    lambda value: group(one({"valueCodeableConcept": {"coding": value}}, "Minimum age")),
    lambda value: group(one({"valueReference": {"reference": "#a"}}), contained=value),
    lambda value: group(one({"valueReference": {"reference": "#a"}}), contained=[{**group(value), "id": "a"}]),
    lambda value: group(one({"valueReference": {"reference": "#a"}}), contained=[{**group(one({})), "id": "a", "combinationMethod": value}]),
    lambda value: group(one({"valueReference": {"reference": "#a"}}),
                        contained=[{**group(one({})), "id": "a", "extension": [{"url": value}, {"url": COMBINATION, "extension": value}]}]),
    lambda value: group(one({}, extension=[{"url": value}, {"url": WORDS, "valueString": value}])),
    lambda value: group(one({}), extension=[{"url": COMBINATION, "extension": [{"url": value}, {"url": "method", "valueCode": value}]}]),
    lambda value: group(one({}), extension=[{"url": MARK, "valueDecimal": value}]),
    lambda value: group(one({}), combinationMethod="{0.a}{b}", combinationThreshold=value),
]


@pytest.mark.parametrize("place", range(len(PLACES)))
def test_whatever_stands_there_nothing_but_problems_gets_out(place: int) -> None:
    for value in WEIRD:
        with suppress(Problems):
            format_named("r5").read(encode(PLACES[place](value)))


def test_what_the_trial_says_elsewhere_is_no_criterion() -> None:
    """A record without criteria comes back without."""
    trial = read(Path(__file__).parents[2] / "samples" / "trials" / "ctgov-NCT99999906.json").trial
    for release in ("r4", "r5"):
        tree = parse(write(trial, release))
        resource = tree["entry"][2]["resource"]
        resource["id"] = "x"  # so the interpreter reads it
        assert format_named(release).read(encode(tree)).trial.criteria == trial.criteria


@pytest.mark.corpus
@pytest.mark.parametrize("release", ["r4", "r4b", "r5"])
def test_of_hl7s_examples_everything_is_understood_or_reported(release: str) -> None:
    """https://hl7.org/fhir/R5/group-examples.html"""
    texts = {
        "Group-101": "Inclusion Criteria:\n\n* gender: mixed\n* owner: John Smith",
        "Group-example-patientlist": "Inclusion Criteria:\n\n* Patients primarily attributed to: Practitioner/123",
        "Group-herd1": "Inclusion Criteria:\n\n* gender: female",
    }
    for name, text in texts.items():
        document = corpus(f"fhir_examples/{release}/{name}.json").read_bytes()
        reading = format_named(release).read(document)
        assert reading.trial.criteria == text
        characteristics = parse(document)["characteristic"]
        reported = {loss.path for loss in reading.lost}
        for n, one in enumerate(characteristics):
            for coding in range(len(one["code"].get("coding", ()))):
                assert f"characteristic[{n}].code.coding[{coding}].code" in reported or f"characteristic[{n}].code.coding" in reported
            assert not any(path.startswith((f"characteristic[{n}].value", f"characteristic[{n}].exclude")) for path in reported)
