"""The listed variables: their codes, units and names, and how they are found in a text."""

from __future__ import annotations

import re

import pytest
from ucumvert import PintUcumRegistry

from converter.eligibility.plain import plain, words
from converter.eligibility.units import measures
from converter.eligibility.variables import WORD, Variable, coded, named, table, variable
from mappings.ucum import doubt, faults

VARIABLES = [known for known, _ in table().values()]
KINDS = {"demographic", "vital", "lab", "score", "assessment"}


def luhn(stem: str) -> int:
    """The check digit of LOINC, "mod 10" over the digits before the hyphen."""
    doubled = [int(figure) * (2 if place % 2 == 0 else 1) for place, figure in enumerate(reversed(stem))]
    return -sum(number - 9 if number > 9 else number for number in doubled) % 10


@pytest.mark.parametrize("known", VARIABLES, ids=[known.key for known in VARIABLES])
def test_a_variable_has_a_code_that_checks_a_name_and_a_unit_of_its_kind(known: Variable) -> None:
    assert known.display
    assert known.kind in KINDS
    if known.loinc:
        stem, _, check = known.loinc.partition("-")
        assert re.fullmatch(r"[0-9]{1,6}-[0-9]", known.loinc) and luhn(stem) == int(check)
    if known.unit:
        assert (faults(known.unit), doubt(known.unit)) == ("", "")
    if known.unit and not known.unit.startswith(("{", "[pH]")):
        assert measures(known.unit) in known.accepts
    assert all(variable(key).key == key for key in known.instead.values())


def test_no_code_is_of_two_variables() -> None:
    codes = [known.loinc for known in VARIABLES if known.loinc]
    assert sorted(codes) == sorted(set(codes))


def test_no_name_is_of_two_variables() -> None:
    words = [tuple(WORD.findall(name)) for _, names in table().values() for name in names]
    assert sorted(words) == sorted(set(words))


def test_every_name_is_in_plain_words() -> None:
    assert [name for _, names in table().values() for name in names if name != plain(name) or not re.search("[a-zα-ω]", name)] == []


CONVERTED = [("glucose", "mg/dL", "mmol/L"), ("creatinine", "mg/dL", "umol/L"), ("total_bilirubin", "mg/dL", "umol/L"), ("hemoglobin", "g/dL", "mmol/L"),
             ("calcium", "mg/dL", "mmol/L"), ("ldl_c", "mg/dL", "mmol/L"), ("testosterone", "ng/dL", "nmol/L"), ("vitamin_d", "ng/mL", "nmol/L")]
FACTORS = {"glucose": 18.02, "creatinine": 1 / 88.4, "total_bilirubin": 1 / 17.1, "hemoglobin": 1.611, "calcium": 4.008, "ldl_c": 38.67,
           "testosterone": 28.84, "vitamin_d": 0.4006}
"""How many of the one unit the other is, as laboratories have it."""


def test_molar_masses_are_those_that_laboratories_count_with() -> None:
    registry = PintUcumRegistry()
    for key, mass, substance in CONVERTED:
        one = registry.from_ucum(substance.replace("mol", "g")) * float(variable(key).molar_mass)
        assert one.to(registry.from_ucum(mass).units).magnitude == pytest.approx(FACTORS[key], rel=0.005), key


CODED = [
    ("hemoglobin", "g/dL", "718-7"), ("hemoglobin", "mmol/L", "718-7"), ("hba1c", "%", "4548-4"), ("hba1c", "mmol/mol", "59261-8"), ("fev1", "L", "20150-9"),
    ("fev1", "%", "20152-5"), ("fvc", "%", None), ("alc", "%", None), ("wbc", "/uL", "6690-2"), ("wbc", "10*9/L", "6690-2"), ("alt", "U/L", "1742-6"),
    ("ferritin", "pmol/L", None), ("potassium", "meq/L", "2823-3"), ("karnofsky", "%", "89243-0"), ("inr", None, "6301-6"), ("weight", "[lb_av]", "29463-7"),
    ("crcl", "mL/min/{1.73_m2}", "35591-7"),
]


@pytest.mark.parametrize(("key", "unit", "loinc"), CODED)
def test_a_code_is_given_for_the_kind_of_quantity_that_it_means(key: str, unit: str | None, loinc: str | None) -> None:
    found = coded(key, unit)
    assert (found.loinc if found else None) == loinc


NAMED = [
    ("Hemoglobin (Hb) and HbA1c", ["hemoglobin", "hba1c"]),
    ("C-reactive protein / hs-CRP", ["crp", "crp"]),
    ("serum creatinine or creatinine clearance", ["creatinine", "crcl"]),
    ("weight loss, birth weight, body weight", ["", "birth_weight", "weight"]),
    ("Eastern Cooperative Oncology Group (ECOG) performance status", ["ecog"]),
    ("ASA1-2 and BMI30", ["asa", "bmi"]),
    ("fev1/fvc", ["fev1_fvc"]),
    ("CD4+ T-cell count", ["cd4"]),
    ("25-hydroxyvitamin D", ["vitamin_d"]),
    ("γ-GT", ["ggt"]),
    ("adequate communication; manage; average", []),
]


@pytest.mark.parametrize(("text", "keys"), NAMED)
def test_the_longest_name_is_found(text: str, keys: list[str]) -> None:
    plain_text = plain(text)
    assert [name.key for name in named(plain_text, 0, len(plain_text), set(words(plain_text, 0, len(plain_text))))] == keys
