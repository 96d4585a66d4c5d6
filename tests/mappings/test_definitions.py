"""The compact tables of HL7's definitions: whole, and as the specification's pages and fhir.resources have them."""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from mappings.definitions import Definitions, Element, Type, definitions

RELEASES = ("r4", "r4b", "r5")
MODELS = {"r4b": "fhir.resources.R4B", "r5": "fhir.resources"}
NO_PATTERN = {"xhtml"}
RULES = ("dom-2", "dom-3", "dom-4", "dom-5", "dom-6")
STATUS = ("active", "administratively-completed", "approved", "closed-to-accrual", "closed-to-accrual-and-intervention", "completed",
          "disapproved", "in-review", "temporarily-closed-to-accrual", "temporarily-closed-to-accrual-and-intervention", "withdrawn")
VALUE_SET = "http://hl7.org/fhir/ValueSet/"
KINDS = {
    "r4": ("animal", "device", "medication", "person", "practitioner", "substance"),
    "r4b": ("animal", "device", "medication", "person", "practitioner", "substance"),
    "r5": ("animal", "careteam", "device", "healthcareservice", "location", "organization", "person", "practitioner", "relatedperson",
           "specimen"),
}
"""The codes of Group.type."""
UNCOUNTABLE = {
    "r4": {"currencies", "mimetypes", "timezones"},
    "r4b": {"country", "currencies", "mimetypes", "timezones", "questionnaire-usage-mode", "choice-list-orientation", "hl7-work-group",
            "implantStatus", "v3-EntityNameUseR2", "v3-NullFlavor", "ValueSet-match-grade.html"},
    "r5": {"all-languages", "country", "currencies", "mimetypes", "timezones", "ucum-units"},
}
"""Grammars and foreign systems; R4B's artifact also lacks HL7's v3 tables and the code systems of extensions."""


@pytest.mark.parametrize("release", RELEASES)
def test_everything_that_is_named_is_there(release: str) -> None:
    found = definitions(release)
    for name, known in found.types.items():
        assert set(known.invariants) <= set(found.invariants)
        for inner, element in known.elements.items():
            where = f"{name}.{inner}"
            assert element.types and (len(element.types) == 1 or inner.endswith("[x]")), where
            assert set(element.types) <= set(found.types), where
            assert set(element.invariants) <= set(found.invariants), where
            assert not element.bound or element.bound in found.codes, where
            assert set(element.targets) <= set(element.types), where
            assert {target for some in element.targets.values() for target in some} <= {*found.resources, "CanonicalResource", "MetadataResource"}, where
    assert {name for name, known in found.types.items() if known.kind == "primitive" and not known.pattern} == NO_PATTERN
    assert {url.rpartition("/")[2] for url, codes in found.codes.items() if codes is None} == UNCOUNTABLE[release]
    for rule in found.invariants.values():
        assert rule.human and all(rule.expressions) and all(rule.expressions.values())


@pytest.mark.parametrize("release", RELEASES)
def test_every_resource_with_contained_ones_has_the_rules_about_them(release: str) -> None:
    """R5's published snapshots leave them out of its canonical resources."""
    found = definitions(release)
    without = {name for name, known in found.types.items() if known.kind == "resource" and not set(RULES) <= set(known.invariants)}
    assert without == {"Binary", "Bundle", "Parameters", "Resource"}


@pytest.mark.parametrize("release", ["r4", "r4b"])
def test_the_study_of_r4(release: str) -> None:
    study = definitions(release).types["ResearchStudy"].elements
    assert study["status"] == Element(("code",), 1, bound=f"{VALUE_SET}research-study-status", modifier=True)
    assert definitions(release).codes[study["status"].bound] == {"http://hl7.org/fhir/research-study-status": STATUS}
    assert study["sponsor"] == Element(("Reference",), targets={"Reference": ("Organization",)})
    assert study["arm"] == Element(("ResearchStudy.arm",), max=0)


def test_the_study_of_r5() -> None:
    study = definitions("r5").types
    assert study["ResearchStudy"].elements["status"] == Element(("code",), 1, bound=f"{VALUE_SET}publication-status", modifier=True)
    assert study["ResearchStudy.associatedParty"].elements["party"].targets == {
        "Reference": ("Organization", "Practitioner", "PractitionerRole")}
    assert study["ResearchStudy.comparisonGroup"].elements["observedGroup"] == Element(("Reference",), targets={"Reference": ("Group",)})


@pytest.mark.parametrize("release", RELEASES)
def test_what_refers_to_another_content_has_its_type(release: str) -> None:
    found = definitions(release)
    assert found.types["PlanDefinition.action"].elements["action"] == Element(("PlanDefinition.action",), max=0)
    assert found.types["Bundle.entry"].elements["link"].types == ("Bundle.link",)


@pytest.mark.parametrize("release", RELEASES)
def test_the_codes_of_a_value_set_are_those_of_the_release(release: str) -> None:
    assert definitions(release).codes[f"{VALUE_SET}group-type"] == {"http://hl7.org/fhir/group-type": KINDS[release]}


@pytest.mark.parametrize("release", RELEASES)
def test_an_extension_says_where_it_stands_and_what_it_holds(release: str) -> None:
    found = definitions(release).extensions
    absent = found["http://hl7.org/fhir/StructureDefinition/data-absent-reason"]
    assert (absent.contexts, absent.max, absent.types, absent.bound) == (("Element",), 1, ("code",), f"{VALUE_SET}data-absent-reason")
    translation = found["http://hl7.org/fhir/StructureDefinition/translation"]
    assert (translation.max, set(translation.parts)) == (0, {"lang", "content"})


@pytest.mark.parametrize("release", RELEASES)
def test_patterns_are_regular_expressions(release: str) -> None:
    patterns = {name: known.pattern for name, known in definitions(release).types.items() if known.pattern}
    for pattern in patterns.values():
        re.compile(pattern)
    assert re.fullmatch(patterns["id"], "a" * 64) and not re.fullmatch(patterns["id"], "a_b")


@pytest.mark.parametrize("release", MODELS)
def test_the_elements_are_those_of_fhir_resources(release: str) -> None:
    """Names, and what must be there or may be there more than once, of every resource and its backbone elements."""
    found = definitions(release)
    for name in [name for name, known in found.types.items() if known.kind == "resource" and name != "Resource"]:
        model = getattr(import_module(f"{MODELS[release]}.{name.lower()}"), name)
        compare(found, name, found.types[name], model)


def compare(found: Definitions, name: str, known: Type, model: Any) -> None:
    elements = {info.alias or field: info for field, info in model.model_fields.items() if not field.endswith("__ext") and field != "fhir_comments"}
    expected = {inner: element for inner, element in known.elements.items() if not inner.endswith("[x]")}
    choices = {inner.removesuffix("[x]") for inner in known.elements if inner.endswith("[x]")}
    plain = {alias for alias in elements if alias not in ("resourceType", "resource_type")}
    assert set(expected) <= plain, name
    assert all(any(extra.startswith(choice) for choice in choices) for extra in plain - set(expected)), name
    for inner, element in expected.items():
        assert (element.max == 0) == ("List" in str(elements[inner].annotation)), f"{name}.{inner}"


def test_the_tables_are_what_the_packages_give() -> None:
    """Where the packages are at hand; the folder that holds them is named by TRIALBRIDGE_FHIR_PACKAGES."""
    folder = os.environ.get("TRIALBRIDGE_FHIR_PACKAGES")
    if not folder:
        pytest.skip("TRIALBRIDGE_FHIR_PACKAGES names no folder with HAPI's hapi-fhir-validation-resources jars")
    from tools.definitions import HERE, VERSIONS, made
    from tools.packages import fetched

    for release in VERSIONS:
        assert (HERE / f"{release}.json").read_bytes() == made(release, fetched(release, Path(folder)))
