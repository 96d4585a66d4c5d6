"""What a criterion means, as characteristics: each meaning with the whole of what is written of it."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from converter.eligibility.findings import (
    Bound,
    Coding,
    Combined,
    Comparison,
    Finding,
    Grades,
    Meaning,
    Mention,
    Not,
    Statement,
    Timed,
    Window,
)
from mappings.characteristics import COMBINATION, FINDING, WINDOW, Characteristics

TEXT = "ALT and serum Cr above, MI within 4 weeks before screening"
UCUM = "http://unitsofmeasure.org"
AGE = {"coding": [{"system": "http://snomed.info/sct", "code": "397669002"}, {"system": "http://loinc.org", "code": "30525-0"}], "text": "Age"}
ALT = {"coding": [{"system": "http://loinc.org", "code": "1742-6",
                   "display": "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma"}], "text": "ALT"}
DISEASE = {"coding": [{"system": "http://snomed.info/sct", "code": "64572001"}], "text": "Disease"}
MI = {"code": DISEASE, "valueCodeableConcept": {
    "coding": [{"system": "https://www.nlm.nih.gov/mesh", "code": "D009203", "display": "Myocardial Infarction"}], "text": "MI"}}


def at_least(value: str, included: bool = True) -> Bound:
    return Bound(Decimal(value), included)


def found(start: int = 0, end: int = 3) -> dict[str, Any]:
    return {"url": FINDING, "extension": [
        {"url": "start", "valueUnsignedInt": start}, {"url": "end", "valueUnsignedInt": end}, {"url": "rule", "valueString": "a.rule"},
        {"url": "confidence", "valueDecimal": Decimal("0.97")}]}


def comparison(variable: str | None = "alt", **given: Any) -> Comparison:
    return Comparison(start=0, end=3, rule="a.rule", confidence=0.97, variable=variable, subject=(0, 3), **given)


def group(number: int, how: str, *characteristics: dict[str, Any], threshold: int | None = None) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"url": "method", "valueCode": how}]
    if threshold is not None:
        parts.append({"url": "threshold", "valuePositiveInt": threshold})
    return {"resourceType": "Group", "id": f"criterion-{number}", "extension": [{"url": COMBINATION, "extension": parts}], "type": "person",
            "membership": "definitional", "characteristic": list(characteristics)}


def refers(number: int, display: str, exclude: bool = False) -> dict[str, Any]:
    return {"code": {"text": "Defined by Reference"}, "valueReference": {"reference": f"#criterion-{number}", "display": display},
            "exclude": exclude}


def quantity(value: Any, comparator: str = "", unit: str = "", code: str = "") -> dict[str, Any]:
    return {"value": value, **({"comparator": comparator} if comparator else {}), **({"unit": unit, "system": UCUM, "code": code} if unit else {})}


STROKE = Mention(start=24, end=26, rule="a.rule", confidence=0.97, kind="condition",
                 codes=(Coding("https://www.nlm.nih.gov/mesh", "D009203", "Myocardial Infarction"),))
WEEKS = Window(start=27, end=41, rule="a.rule", confidence=0.97, value=Decimal(4), unit="wk", direction="before", least=False, anchor=(49, 58))
CASES: dict[str, tuple[Meaning, dict[str, Any], list[dict[str, Any]]]] = {
    "both ends inclusive are a Range": (
        comparison("age", lower=at_least("18"), upper=at_least("80"), unit="a"),
        {"code": AGE, "valueRange": {"low": quantity(18, unit="years", code="a"), "high": quantity(80, unit="years", code="a")},
         "exclude": False, "extension": [found()]}, []),
    "ends that are not are two, all of which is demanded": (
        comparison("age", lower=at_least("4"), upper=at_least("17", False), unit="a"),
        {**refers(1, "all of 2 characteristics"), "extension": [found()]},
        [group(1, "all-of", {"code": AGE, "valueQuantity": quantity(4, ">=", "years", "a"), "exclude": False},
               {"code": AGE, "valueQuantity": quantity(17, "<", "years", "a"), "exclude": False})]),
    "digits stay as they are": (
        comparison(lower=at_least("2.50", False), unit="U/L"),
        {"code": ALT, "valueQuantity": quantity(Decimal("2.50"), ">", "U/L", "U/L"), "exclude": False, "extension": [found()]}, []),
    "a multiple of the limit of normal is none of its unit": (
        comparison(upper=at_least("2.5"), unit="U/L", limit="ULN"),
        {"code": ALT, "valueQuantity": quantity(Decimal("2.5"), "<=", "times the upper limit of normal", "{ULN}"), "exclude": False,
         "extension": [found()]}, []),
    "one value": (comparison(lower=at_least("2"), upper=at_least("2")),
                  {"code": ALT, "valueQuantity": quantity(2), "exclude": False, "extension": [found()]}, []),
    "what is not listed is its words": (
        comparison(None, lower=at_least("7")),
        {"code": {"text": "ALT"}, "valueQuantity": quantity(7, ">="), "exclude": False, "extension": [found()]}, []),
    "a bound for one sex": (
        comparison(lower=at_least("7"), sex="female"), {**refers(1, "all of 2 characteristics"), "extension": [found()]},
        [group(1, "all-of", {"code": {"coding": [{"system": "http://snomed.info/sct", "code": "263495000"}], "text": "Gender"},
                             "valueCodeableConcept": {"coding": [{"system": "http://hl7.org/fhir/administrative-gender", "code": "female"}],
                                                      "text": "Female"}, "exclude": False},
               {"code": ALT, "valueQuantity": quantity(7, ">="), "exclude": False})]),
    "any of several grades": (
        Grades(start=0, end=3, rule="a.rule", confidence=0.97, variable="alt", subject=(0, 3), values=("A", "B")),
        {**refers(1, "any of 2 characteristics"), "extension": [found()]},
        [group(1, "any-of", {"code": ALT, "valueCodeableConcept": {"text": "A"}, "exclude": False},
               {"code": ALT, "valueCodeableConcept": {"text": "B"}, "exclude": False})]),
    "one grade": (
        Grades(start=0, end=3, rule="a.rule", confidence=0.97, variable="alt", subject=(0, 3), values=("A",)),
        {"code": ALT, "valueCodeableConcept": {"text": "A"}, "exclude": False, "extension": [found()]}, []),
    "a condition": (STROKE, {**MI, "exclude": False, "extension": [found(24, 26)]}, []),
    "its opposite": (Not(STROKE), {**MI, "exclude": True, "extension": [found(24, 26)]}, []),
    "within a time": (
        Timed(STROKE, WEEKS),
        {**MI, "exclude": False, "extension": [found(24, 26), {"url": WINDOW, "extension": [
            {"url": "duration", "valueQuantity": quantity(4, "<=", "weeks", "wk")}, {"url": "direction", "valueCode": "before"},
            {"url": "anchor", "valueString": "screening"}, *found(27, 41)["extension"]]}]}, []),
    "a usual requirement": (
        Statement(start=0, end=3, rule="a.rule", confidence=0.97, kind="consent"),
        {"code": {"text": "Informed consent"}, "valueCodeableConcept": {"text": "Gives informed consent"}, "exclude": False, "extension": [found()]}, []),
    "a language": (
        Statement(start=0, end=3, rule="a.rule", confidence=0.97, kind="language", value="en"),
        {"code": {"text": "Language"}, "valueCodeableConcept": {"coding": [{"system": "urn:ietf:bcp:47", "code": "en"}], "text": "en"},
         "exclude": False, "extension": [found()]}, []),
    "two of three, one of them joined itself": (
        Combined("at-least", (STROKE, Combined("any-of", (STROKE, Not(STROKE))), STROKE), 2),
        refers(2, "at least 2 of 3 characteristics"),
        [group(1, "any-of", {**MI, "exclude": False, "extension": [found(24, 26)]}, {**MI, "exclude": True, "extension": [found(24, 26)]}),
         group(2, "at-least", {**MI, "exclude": False, "extension": [found(24, 26)]},
               refers(1, "any of 2 characteristics"),
               {**MI, "exclude": False, "extension": [found(24, 26)]}, threshold=2)]),
    "neither of two": (
        Not(Combined("any-of", (STROKE, STROKE))), refers(1, "any of 2 characteristics", exclude=True),
        [group(1, "any-of", *[{**MI, "exclude": False, "extension": [found(24, 26)]}] * 2)]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_meaning_is_written_so(name: str) -> None:
    meaning, expected, contained = CASES[name]
    made = Characteristics(TEXT, "r5")
    assert made.of(meaning) == expected
    assert made.contained == contained


PARTS: dict[str, tuple[Finding, list[dict[str, Any]]]] = {
    "something named": (STROKE, [{"url": "code", "valueCodeableConcept": DISEASE},
                                 {"url": "concept", "valueCodeableConcept": MI["valueCodeableConcept"]}]),
    "an exception": (replace(STROKE, excepted=True),
                     [{"url": "negated", "valueBoolean": True}, {"url": "code", "valueCodeableConcept": DISEASE},
                      {"url": "concept", "valueCodeableConcept": MI["valueCodeableConcept"]}]),
    "bounds": (comparison(lower=at_least("7", False), upper=at_least("9")),
               [{"url": "code", "valueCodeableConcept": ALT}, {"url": "quantity", "valueQuantity": quantity(7, ">")},
                {"url": "quantity", "valueQuantity": quantity(9, "<=")}]),
    "a time": (WEEKS, [{"url": "duration", "valueQuantity": quantity(4, "<=", "weeks", "wk")}, {"url": "direction", "valueCode": "before"},
                       {"url": "anchor", "valueString": "screening"}]),
}


@pytest.mark.parametrize("name", PARTS)
def test_what_is_found_in_a_criterion_that_is_not_understood_demands_nothing(name: str) -> None:
    one, parts = PARTS[name]
    assert Characteristics(TEXT, "r5").part(one) == {"url": FINDING, "extension": [*found(one.start, one.end)["extension"], *parts]}


def test_in_r4_a_group_of_criteria_is_no_actual_group() -> None:
    made = Characteristics(TEXT, "r4")
    made.of(Combined("any-of", (STROKE, STROKE)))
    assert "membership" not in made.contained[0]
    assert made.contained[0]["actual"] is False
