"""A text of criteria as characteristics: what is demanded of whom, and what is left in words because it is not certain."""

from decimal import Decimal
from typing import Any

import pytest

from converter.eligibility.understanding import understand
from mappings.characteristics import FINDING, WINDOW
from mappings.coded_criteria import coded
from mappings.criteria import Coded


def outline(characteristics: list[dict[str, Any]], made: Coded) -> list[Any]:
    """Each characteristic as its code with what is demanded, "not" before it where it excludes; a contained Group as a list behind it."""
    found: list[Any] = []
    for one in characteristics:
        text = one["code"]["text"]
        value = next(part for name, part in one.items() if name.startswith("value"))
        inner = next((group for group in made.contained if f"#{group['id']}" == value.get("reference")), None)
        demanded = value["display"] if inner else value.get("text") or f"{value.get('comparator', '')}{value.get('value', 'range')}"
        found.append(f"{'not ' if one['exclude'] else ''}{text}: {demanded}")
        if inner:
            found.append(outline(inner["characteristic"], made))
    return found


CASES: dict[str, tuple[str, list[Any]]] = {
    "what is for a cohort is demanded of nobody else": (
        "Inclusion Criteria:\n\nPart A:\n\n* Age > 18 years\n* Asthma\n\nPart B:\n\n* Age > 60 years",
        ["Inclusion criterion: Part A: any of 2 characteristics",
         ["not Cohort: Part A", "Defined by Reference: all of 2 characteristics", ["Age: >18", "Disease: Asthma"]],
         "Inclusion criterion: Part B: any of 2 characteristics",
         ["not Cohort: Part B", "Defined by Reference: all of 1 characteristic", ["Age: >60"]]]),
    "nor what a section for a cohort holds": (
        "Inclusion Criteria for Cohort 2:\n\n* Age > 18 years\n* Nobody understands this\n\nExclusion Criteria for Cohort 2:\n\n* Asthma",
        ["Inclusion criterion: Cohort 2: any of 2 characteristics", ["not Cohort: Cohort 2", "Age: >18"],
         "Inclusion criterion: Cohort 2: Nobody understands this",
         "not Exclusion criterion: Cohort 2: all of 2 characteristics", ["Cohort: Cohort 2", "Disease: Asthma"]]),
    "all cohorts are everybody": (
        "Inclusion Criteria for All Participants:\n\n* Asthma\n\nInclusion Criteria for all enrolled subjects:\n\n* Age > 18 years",
        ["Disease: Asthma", "Age: >18"]),
    "words that demand something are not passed over in a cohort": (
        "Inclusion Criteria:\n\nPart A:\n\n* Treated by somebody with:\n  * metformin\n  * insulin",
        ["Inclusion criterion: Part A: any of 2 characteristics",
         ["not Cohort: Part A", "Defined by Reference: all of 1 characteristic",
          ["Inclusion criterion: Treated by somebody with:\n  * metformin\n  * insulin"]]]),
    "words that deny are no value of what is denied": (
        "Inclusion Criteria:\n\n* Not breastfeeding\n\nExclusion Criteria:\n\n* Unable to give informed consent",
        ["not Lactation: Breastfeeding", "Informed consent: Gives informed consent"]),
    "of any sex is no demand": ("Inclusion Criteria:\n\n* Male or female", ["Inclusion criterion: Male or female"]),
    "what is denied for more than a time may be a long use or a long absence": (
        "Inclusion Criteria:\n\n* No prednisone for more than 4 weeks\n* No prednisone for at least 4 weeks\n* No stroke within 6 months",
        ["Inclusion criterion: No prednisone for more than 4 weeks", "not Medication: prednisone", "not Disease: stroke"]),
    "of diseases below words that do not say how many, one may be enough": (
        "Inclusion Criteria:\n\n* Persons with:\n  * Asthma\n  * Stroke\n* Patients with:\n  * Asthma\n  * Age > 18 years",
        ["Inclusion criterion: Persons with:\n  * Asthma\n  * Stroke",
         "Defined by Reference: all of 2 characteristics", ["Disease: Asthma", "Age: >18"]]),
    "each exclusion excludes": (
        "Exclusion Criteria:\n\n* Any of the following:\n  * Asthma\n  * Stroke, in the opinion of somebody",
        ["not Defined by Reference: any of 2 characteristics",
         ["Disease: Asthma", "Exclusion criterion: Stroke, in the opinion of somebody"]]),
    "of how many below it is not certain, none is demanded by itself": (
        "Inclusion Criteria:\n\n* At least three of the following:\n  * Asthma\n  * Stroke",
        ["Inclusion criterion: At least three of the following:\n  * Asthma\n  * Stroke"]),
    "who was pregnant need not be": (
        "Exclusion Criteria:\n\n* History of pregnancy\n* Pregnant", ["not Exclusion criterion: History of pregnancy", "not Pregnancy status: Pregnant"]),
    "what is for those of a kind does not demand that kind": (
        "Inclusion Criteria:\n\n* For women of childbearing potential:\n* Asthma\n* Eligible for spinal anesthesia",
        ["Inclusion criterion: For women of childbearing potential:", "Disease: Asthma", "Procedure: Eligible for spinal anesthesia"]),
    "what is said of all, and of any, is not certain": (
        "Inclusion Criteria:\n\n* All of the following:\n  * Asthma\n  * OR\n  * Stroke",
        ["Inclusion criterion: All of the following:\n  * Asthma\n  * OR\n  * Stroke"]),
    "of what the absence excludes is not certain": (
        "Exclusion Criteria:\n\n* Absence of any of the following:\n  * Asthma\n  * Stroke",
        ["not Exclusion criterion: Absence of any of the following:\n  * Asthma\n  * Stroke"]),
    "a side that is not said is none": ("* Asthma", ["Eligibility criterion: Asthma"]),
    "no criterion": ("Inclusion Criteria:\n\n*\n", []),
}


@pytest.mark.parametrize("name", CASES)
def test_criteria_are_written_so(name: str) -> None:
    text, expected = CASES[name]
    made = coded(understand(text), Decimal(0), "r5")
    assert outline(made.characteristics, made) == expected


def test_what_is_sure_only_in_part_is_not_coded() -> None:
    """That it is below 1 is surer than that it is above 2, and both are said by the same words."""
    understanding = understand("Inclusion Criteria:\n\n* ECOG outside 1-2")
    below, above = sorted(understanding.findings, key=lambda one: -one.confidence)
    assert above.confidence < 0.9 <= below.confidence
    made = coded(understanding, Decimal("0.9"), "r5")
    assert outline(made.characteristics, made) == ["Inclusion criterion: ECOG outside 1-2"]


def test_a_time_in_a_criterion_that_is_not_understood_limits_nothing() -> None:
    """Whatever it is for: the whole of the criterion is more than that."""
    [one] = coded(understand("Exclusion Criteria:\n\n* Something within 4 weeks before screening, or stroke"), Decimal(0), "r5").characteristics
    urls = [extension["url"] for extension in one["extension"]]
    assert WINDOW not in urls
    duration = [part for extension in one["extension"] if extension["url"] == FINDING for part in extension["extension"] if part["url"] == "duration"]
    assert [part["valueQuantity"]["code"] for part in duration] == ["wk"]


def test_the_code_of_a_name_that_is_narrowed_stands_beside_all_its_words() -> None:
    [one] = coded(understand("Inclusion Criteria:\n\n* No severe asthma"), Decimal(0), "r5").characteristics
    assert (one["valueCodeableConcept"], one["exclude"]) == ({"text": "severe asthma"}, True)
    found = [{part["url"]: part for part in extension["extension"]} for extension in one["extension"] if extension["url"] == FINDING]
    whole, name = found
    assert sorted(whole) == ["confidence", "end", "rule", "start"]
    assert [coding["code"] for coding in name["concept"]["valueCodeableConcept"]["coding"]] == ["D001249", "J45"]
    assert name["negated"]["valueBoolean"] is True
