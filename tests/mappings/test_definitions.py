"""The compact tables of HL7's definitions: whole, and as the specification's pages and fhir.resources have them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from mappings.definitions import Element, Extension, Part, definitions
from tests.corpus import DATA

RELEASES = ("r4", "r4b", "r5")
BUNDLES = Path(__file__).parents[2] / "samples" / "bundles"
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
    "r4": {"all-languages", "bcp13.txt", "currencies", "jurisdiction", "mimetypes", "timezones"},
    "r4b": {"all-languages", "country", "currencies", "jurisdiction", "mimetypes", "timezones"},
    "r5": {"all-languages", "country", "currencies", "jurisdiction", "mimetypes", "sect_CID_33.html", "timezones", "ucum-units"},
}
"""Grammars and foreign systems."""
EXTENDED = "http://hl7.org/fhir/StructureDefinition/"


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
            assert {element.bound, element.extensible} <= {"", *found.codes}, where
            assert set(element.targets) <= set(element.types), where
            assert {target for some in element.targets.values() for target in some} <= set(found.resources), where
    assert {name for name, known in found.types.items() if known.kind == "primitive" and not known.pattern} == NO_PATTERN
    assert {url.rpartition("/")[2] for url, codes in found.codes.items() if codes is None} == UNCOUNTABLE[release]
    for url, extension in found.extensions.items():
        for part in all_parts(extension):
            assert set(part.types) <= set(found.types) and set(part.targets) <= set(part.types), url
            assert {part.bound, part.extensible} <= {"", *found.codes} and set(part.invariants) <= set(found.invariants), url
    for rule in found.invariants.values():
        assert rule.human and all(rule.expressions) and all(rule.expressions.values())


def all_parts(part: Part) -> Iterator[Part]:
    yield part
    for inner in part.parts.values():
        yield from all_parts(inner)


@pytest.mark.parametrize("release", RELEASES)
def test_every_resource_of_a_trial_is_defined(release: str) -> None:
    """What we write; where they are at hand also HL7's examples, and the Bundles of DRKS, which are R5."""
    paths = [*BUNDLES.glob(f"*.{release}.json"), *(DATA / "fhir_examples" / release).glob("*.json")]
    paths += (DATA / "drks").glob("*_FHIR_*.json") if release == "r5" else ()
    found: set[str] = set()

    def look(tree: Any) -> None:
        if isinstance(tree, dict) and "resourceType" in tree:
            found.add(tree["resourceType"])
        for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
            look(part)

    for path in paths:
        look(json.loads(path.read_bytes()))
    assert "ActivityDefinition" in found and found <= definitions(release).types.keys()


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
    assert study["arm"] == Element(("ResearchStudy.arm",), max=None)


def test_the_study_of_r5() -> None:
    study = definitions("r5").types
    assert study["ResearchStudy"].elements["status"] == Element(("code",), 1, bound=f"{VALUE_SET}publication-status", modifier=True)
    assert study["ResearchStudy.associatedParty"].elements["party"].targets == {
        "Reference": ("Organization", "Practitioner", "PractitionerRole")}
    assert study["ResearchStudy.comparisonGroup"].elements["observedGroup"] == Element(("Reference",), targets={"Reference": ("Group",)})


@pytest.mark.parametrize("release", RELEASES)
def test_what_refers_to_another_content_has_its_type(release: str) -> None:
    found = definitions(release)
    assert found.types["PlanDefinition.action"].elements["action"] == Element(("PlanDefinition.action",), max=None)
    assert found.types["Bundle.entry"].elements["link"].types == ("Bundle.link",)


@pytest.mark.parametrize("release", RELEASES)
def test_the_codes_of_a_value_set_are_those_of_the_release(release: str) -> None:
    assert definitions(release).codes[f"{VALUE_SET}group-type"] == {"http://hl7.org/fhir/group-type": KINDS[release]}


@pytest.mark.parametrize("release", RELEASES)
def test_an_extension_says_where_it_stands_and_what_it_holds(release: str) -> None:
    found = definitions(release).extensions
    absent = found[EXTENDED + "data-absent-reason"]
    assert absent == Extension(("code",), bound=f"{VALUE_SET}data-absent-reason", needs_value=True, contexts=("Element",))
    translation = found[EXTENDED + "translation"]
    assert (translation.max, translation.types, set(translation.parts)) == (None, (), {"lang", "content"})


@pytest.mark.parametrize("release", RELEASES)
def test_of_an_extension_for_other_types_the_contexts_are_kept(release: str) -> None:
    assert definitions(release).extensions[EXTENDED + "allergyintolerance-certainty"] == Extension((), contexts=("AllergyIntolerance.reaction",))


@pytest.mark.parametrize("release", RELEASES)
def test_an_extension_asks_something_of_where_it_stands(release: str) -> None:
    extension = definitions(release).extensions[EXTENDED + "questionnaire-unitOption"]
    assert "Questionnaire.item" in extension.contexts and extension.context_invariants == ("type='quantity'",)


def test_parts_have_parts_and_rules_of_their_own() -> None:
    found = definitions("r5")
    goal = Part(("string", "Reference"), 1, targets={"Reference": ("Goal",)}, needs_value=True)
    assert found.extensions[EXTENDED + "dosage-minimumGapBetweenDose"].parts["meetGoal"] == Part(
        (), max=None, parts={"offset": Part(("Duration",), needs_value=True), "goal": goal})
    rules = {"der-1": "derivation-reference", "rid-1": "resource-instance-description", "rin-1": "resource-instance-name", "var-1": "variable"}
    for key, name in rules.items():
        assert found.extensions[EXTENDED + name].invariants == (key,)
        assert list(found.invariants[key].expressions.values()) == [(EXTENDED + name,)]


def test_extensions_of_canonical_resources_are_known_in_r5() -> None:
    found = definitions("r5")
    assert found.types["PlanDefinition"].base == ("MetadataResource", "CanonicalResource", "DomainResource", "Resource", "Base")
    assert {name: found.extensions[EXTENDED + name].types for name in (
        "_datatype", "canonicalresource-short-description", "metadataresource-publish-date", "structuredefinition-normative-version")} == {
        "_datatype": ("string",), "canonicalresource-short-description": ("string",), "metadataresource-publish-date": ("date",),
        "structuredefinition-normative-version": ("code",)}


@pytest.mark.parametrize("release", RELEASES)
def test_a_simple_quantity_has_no_comparator(release: str) -> None:
    found = definitions(release).types
    assert found["Range"].elements["low"].types == ("SimpleQuantity",)
    simple, quantity = found["SimpleQuantity"], found["Quantity"]
    assert (simple.datatype, simple.base) == ("Quantity", ("Quantity", *quantity.base))
    assert set(simple.invariants) == {*quantity.invariants, "sqty-1"}
    assert {name: element.max for name, element in simple.elements.items() if element != quantity.elements[name]} == {"comparator": 0}
    assert [name for name, known in found.items() for element in known.elements.values() if element.max == 0] == ["SimpleQuantity"]


@pytest.mark.parametrize("release", RELEASES)
def test_ids_of_elements_are_strings(release: str) -> None:
    found = definitions(release).types
    kinds = {(known.kind == "resource", known.elements["id"].types) for known in found.values() if "id" in known.elements}
    assert kinds == {(True, ("id",)), (False, ("string",))}


@pytest.mark.parametrize("release", RELEASES)
def test_every_element_has_something_in_it(release: str) -> None:
    assert {name for name, known in definitions(release).types.items() if known.kind not in ("primitive", "resource")
            and "ele-1" not in known.invariants} == set()


@pytest.mark.parametrize("release", RELEASES)
def test_what_a_type_derives_from(release: str) -> None:
    found = definitions(release).types
    rest = ("Base",) if release == "r5" else ()
    assert found["Age"].base == (("Quantity", "DataType", "Element", "Base") if rest else ("Quantity", "Element"))
    assert found["Bundle.entry"].base == ("BackboneElement", "Element", *rest)
    assert found["ResearchStudy"].base[-2 - len(rest):] == ("DomainResource", "Resource", *rest)


@pytest.mark.parametrize("release", RELEASES)
def test_extensible_bindings_are_kept_with_their_codes(release: str) -> None:
    found = definitions(release)
    location = found.types["Location"].elements["type"]
    assert (location.bound, location.extensible) == ("", "http://terminology.hl7.org/ValueSet/v3-ServiceDeliveryLocationRoleType")
    assert found.codes[f"{VALUE_SET}plan-definition-type"] == {
        "http://terminology.hl7.org/CodeSystem/plan-definition-type": ("clinical-protocol", "eca-rule", "order-set", "workflow-definition")}
    assert found.types["Age"].extensible == f"{VALUE_SET}age-units"
    assert max(len(codes) for systems in found.codes.values() if systems for codes in systems.values()) < 300
    assert not {system for systems in found.codes.values() if systems for system in systems if "snomed" in system or "loinc" in system}


def test_r4b_has_the_codes_that_its_package_lacks() -> None:
    """They are R4's, and those of HL7's terminology."""
    terms = "http://terminology.hl7.org/CodeSystem/"
    counts = {url.rpartition("/")[2]: len(definitions("r4b").codes[url][terms + url.rpartition("/")[2]]) for url in (  # type: ignore[index]
        "http://terminology.hl7.org/ValueSet/v3-NullFlavor", "http://terminology.hl7.org/ValueSet/v3-EntityNameUseR2",
        terms + "questionnaire-usage-mode")}
    assert counts == {"v3-NullFlavor": 17, "v3-EntityNameUseR2": 18, "questionnaire-usage-mode": 5}
    assert definitions("r4b").codes["https://terminology.hl7.org/ValueSet-match-grade.html"] == {
        terms + "match-grade": ("certain", "certainly-not", "possible", "probable")}


@pytest.mark.parametrize("release", RELEASES)
def test_patterns_are_regular_expressions(release: str) -> None:
    patterns = {name: known.pattern for name, known in definitions(release).types.items() if known.pattern}
    for pattern in patterns.values():
        re.compile(pattern)
    assert re.fullmatch(patterns["id"], "a" * 64) and not re.fullmatch(patterns["id"], "a_b")


@pytest.mark.parametrize("release", MODELS)
def test_the_elements_are_those_of_fhir_resources(release: str) -> None:
    """Names, and what must be there or may be there more than once, of every type that is no primitive."""
    found = definitions(release)
    wrong: dict[str, Any] = {}
    for name, known in found.types.items():
        if known.kind == "primitive" or known.datatype:
            continue
        model = model_of(name, release)
        expected = {spelled: (kind.min > 0, kind.max != 1) for inner, kind in known.elements.items() for spelled in spellings(inner, kind)}
        elements = {info.alias or field: info for field, info in model.model_fields.items()
                    if not field.endswith("__ext") and field not in ("fhir_comments", "resource_type")}
        there = {spelled: (required(info), "List" in str(info.annotation)) for spelled, info in elements.items()}
        wrong |= {f"{name}.{inner}": (expected.get(inner), there.get(inner)) for inner in expected.keys() | there.keys()
                  if expected.get(inner) != there.get(inner)}
    assert wrong == {}


def spellings(name: str, element: Element) -> list[str]:
    """The members that the element may be."""
    kinds = [{"SimpleQuantity": "Quantity"}.get(kind, kind) for kind in element.types]
    return [name.replace("[x]", kind[0].upper() + kind[1:]) for kind in kinds] if name.endswith("[x]") else [name]


def required(info: Any) -> bool:
    extra = info.json_schema_extra or {}
    return bool(info.is_required() or extra.get("element_required") or extra.get("one_of_many_required"))


def model_of(name: str, release: str) -> Any:
    """The class of fhir.resources: of a backbone element its path without points, in the module of its resource."""
    head, _, rest = name.partition(".")
    module = import_module(f"{MODELS[release]}.{head.lower()}")
    return getattr(module, head + "".join(part[0].upper() + part[1:] for part in rest.split(".") if part))


def test_the_tables_are_what_the_packages_give() -> None:
    """Where the packages are at hand; the folder that holds them is named by TRIALBRIDGE_FHIR_PACKAGES."""
    folder = os.environ.get("TRIALBRIDGE_FHIR_PACKAGES")
    if not folder:
        pytest.skip("TRIALBRIDGE_FHIR_PACKAGES names no folder with HAPI's hapi-fhir-validation-resources jars")
    from tools.definitions import HERE, VERSIONS, made

    for release in VERSIONS:
        assert (HERE / f"{release}.json").read_bytes() == made(release, Path(folder))
