"""The extensions that are known in each release, and those that must be."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mappings.datatypes import OWN
from mappings.definitions import Extension, Part, Type, definitions
from mappings.extensions import CROSS, HL7
from mappings.known_extensions import PATH, codes, known, unknown
from mappings.profiles import definitions as own_definitions
from mappings.profiles import structure_definition
from tests.corpus import DATA
from tools.extensions import made

RELEASES = ("r4", "r4b", "r5")
OLDER = ("r4", "r4b")
BUNDLES = sorted((Path(__file__).parents[2] / "samples" / "bundles").glob("*.json"))
THEIRS = DATA.parent / "servers" / "validator" / "profiles"
VALUE_SET = "http://hl7.org/fhir/ValueSet/"
CONCEPT, TEXT = Part(("CodeableConcept",)), Part(("string",))

KNOWN: dict[str, tuple[tuple[str, ...], Extension]] = {
    HL7 + "contactpoint-extension": (RELEASES, Extension(("string",), needs_value=True, contexts=("ContactPoint",))),
    HL7 + "artifact-name": (RELEASES, Extension(("string",), needs_value=True, contexts=("Element",))),
    HL7 + "_datatype": (("r5",), Extension(("string",), needs_value=True, contexts=("Base",))),
    CROSS + "Group.membership": (OLDER, Extension(
        ("code",), bound=f"{VALUE_SET}group-membership-basis|5.0.0", needs_value=True, contexts=("Group",))),
    CROSS + "RelatedArtifact.classifier": (OLDER, Extension(("CodeableConcept",), max=None, contexts=("RelatedArtifact",))),
    CROSS + "ResearchStudy.comparisonGroup.intendedExposure": (OLDER, Extension(
        ("Reference",), max=None, targets={"Reference": ("EvidenceVariable",)}, contexts=("ResearchStudy.arm",))),
    CROSS + "ResearchStudy.associatedParty": (OLDER, Extension((), max=None, contexts=("ResearchStudy",), parts={
        "name": TEXT,
        "role": Part(("CodeableConcept",), 1, extensible=f"{VALUE_SET}research-study-party-role|5.0.0", needs_value=True),
        "period": Part(("Period",), max=None),
        "classifier": Part(("CodeableConcept",), max=None),
        "party": Part(("Reference",), targets={"Reference": ("Organization", "Practitioner", "PractitionerRole")})})),
    CROSS + "Location.contact": (OLDER, Extension((), max=None, contexts=("Location",), parts={
        HL7 + "_datatype": Part(("string",), 1, needs_value=True, fixed="ExtendedContactDetail"),
        "purpose": CONCEPT,
        "name": Part(("HumanName",), max=None),
        "telecom": Part(("ContactPoint",), max=None),
        "address": Part(("Address",)),
        "organization": Part(("Reference",), targets={"Reference": ("Organization",)}),
        "period": Part(("Period",))})),
    OWN + "extension-ResearchStudy.label": (RELEASES, Extension((), max=None, contexts=("ResearchStudy",), parts={
        "type": CONCEPT, "value": TEXT})),
    OWN + "time-frame": (RELEASES, Extension(("string",), contexts=("Extension", "ResearchStudy.outcomeMeasure"))),
    OWN + "exact-part": (RELEASES, Extension((), max=None, contexts=("Element",), parts={"of": Part(("uri",))})),
    OWN + "enrollment-count": (RELEASES, Extension(("integer", "decimal", "string"), contexts=("ResearchStudy",))),
}


@pytest.mark.parametrize("url", KNOWN)
def test_what_is_known_of_an_extension(url: str) -> None:
    releases, extension = KNOWN[url]
    assert {release: known(release)[url] for release in RELEASES if url in known(release)} == dict.fromkeys(releases, extension)


UNKNOWN = {
    CROSS + "ResearchStudy.colour": "under http://hl7.org/fhir/5.0/ must be",
    "http://hl7.org/fhir/6.0/StructureDefinition/extension-Group.x": "under http://hl7.org/fhir/6.0/ must be",
    "http://hl7.org/fhir/3.0/StructureDefinition/extension-Group.x": "under http://hl7.org/fhir/3.0/ must be",
    OWN + "colour": "under https://w3id.org/trialbridge/ must be",
    HL7 + "colour": None,
    "http://hl7.org/fhir/StructureDefinition/5.0/colour": None,
    "https://example.org/StructureDefinition/colour": None,
    "": None,
}


@pytest.mark.parametrize("url", UNKNOWN)
def test_some_addresses_must_be_known(url: str) -> None:
    said = UNKNOWN[url]
    assert unknown(url) == (said and f"expected an extension that is defined, as everything {said}, found {url!r}")
    assert not any(url in known(release) for release in RELEASES)


@pytest.mark.parametrize("release", RELEASES)
def test_every_value_set_of_an_extension_has_an_entry(release: str) -> None:
    def look(part: Part) -> Iterator[str]:
        yield from {part.bound, part.extensible} - {""}
        for inner in part.parts.values():
            yield from look(inner)

    assert {url for one in known(release).values() for url in look(one)} <= codes(release).keys()


def test_codes_of_r5_stand_beside_those_of_r4() -> None:
    name = f"{VALUE_SET}related-artifact-type"
    assert "amends" in codes("r4")[f"{name}|5.0.0"]["http://hl7.org/fhir/related-artifact-type"]  # type: ignore[index]
    assert "amends" not in codes("r4")[name]["http://hl7.org/fhir/related-artifact-type"]  # type: ignore[index]


def test_the_file_is_what_the_tables_give() -> None:
    """`python -m tools.extensions` renews it."""
    assert PATH.read_bytes() == made()


@pytest.mark.parametrize("release", OLDER)
def test_newer_ones_are_as_hl7_defines_them(release: str) -> None:
    """Where HL7's cross-version definitions are at hand; they demand some extensions, which we may leave out."""
    folder = THEIRS / release / "hl7"
    if not folder.is_dir():
        pytest.skip(f"HL7's definitions are not here: {folder} (TRIALBRIDGE_DATA names the folder beside)")
    found = {one["url"]: one for path in folder.glob("StructureDefinition-*.json") for one in [json.loads(path.read_text(encoding="utf-8"))]}
    newer = {url: one for url, one in known(release).items() if url.startswith(CROSS)}
    assert newer
    for url, one in newer.items():
        elements = {said["id"]: said for said in found[url].get("snapshot", found[url]["differential"])["element"]}
        assert one.contexts == tuple(said["expression"] for said in found[url]["context"]), url
        assert (None if elements["Extension"]["max"] == "*" else int(elements["Extension"]["max"])) == one.max, url
        assert dict(facts(elements)) == dict(parts("Extension", one)), url


def facts(elements: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Of each value: may it be there, must it, of which datatypes; of each part: how often."""
    for name, one in elements.items():
        if name.endswith(".value[x]"):
            needed = one["max"] != "0" and one["min"] > 0
            yield name, (needed, () if one["max"] == "0" else tuple(kind["code"] for kind in one["type"]))
        elif name.rpartition(".")[2].startswith("extension:"):
            yield name, (one["min"], one["max"])


def parts(name: str, part: Part) -> Iterator[tuple[str, Any]]:
    yield f"{name}.value[x]", (part.needs_value, part.types)
    for inner, one in part.parts.items():
        below = f"{name}.extension:{inner.rpartition('/')[2]}"
        yield below, (one.min, "*" if one.max is None else str(one.max))
        yield from parts(below, one)


def test_our_own_are_as_their_profiles_say() -> None:
    for one in own_definitions():
        profile = structure_definition(one)
        elements = {said["id"]: said for said in profile["differential"]["element"]}
        extension = known("r5")[one.address]
        assert extension.contexts == tuple(said["expression"] for said in profile["context"])
        assert ("*" if extension.max is None else str(extension.max)) == elements["Extension"]["max"]
        for name, part in (("Extension", extension), *((f"Extension.extension:{url.rpartition('/')[2]}", inner)
                                                       for url, inner in extension.parts.items())):
            assert part.types == tuple(kind["code"] for kind in elements[f"{name}.value[x]"].get("type", ())), one.address


# The Bundles of samples/

def used(tree: Any, names: set[str], types: tuple[str, ...], release: str) -> Iterator[tuple[set[str], list[Any]]]:
    """All extensions that stand together somewhere in the tree, which is of those types: what a context may call that, and they."""
    for entry in tree if isinstance(tree, list) else [tree]:
        if not isinstance(entry, dict):
            continue
        kind = entry["resourceType"] if types == ("Resource",) else types[0]
        found = definitions(release).types[kind]
        here = {*names, kind, *found.base, "Element"}
        if "extension" in entry:
            yield here, entry["extension"]
        for name, part in entry.items():
            plain = name.removeprefix("_")
            if found.kind == "primitive" and name == "extension":
                yield from used(part, {"Extension"}, ("Extension",), release)
            elif found.kind != "primitive" and plain not in ("resourceType", "div"):
                inner, element = member(found, plain, release)
                yield from used(part, {f"{kind}.{inner}"}, element, release)


def member(found: Type, name: str, release: str) -> tuple[str, tuple[str, ...]]:
    """The element that the member is, and its type."""
    if name in found.elements:
        return name, found.elements[name].types
    for choice, element in found.elements.items():
        for kind in element.types if choice.endswith("[x]") else ():
            spelled = definitions(release).types[kind].datatype or kind
            if name == choice.replace("[x]", spelled[0].upper() + spelled[1:]):
                return choice, (kind,)
    raise LookupError(name)


@pytest.mark.parametrize("path", BUNDLES, ids=lambda path: path.stem)
def test_every_extension_of_a_sample_is_known_and_stands_where_it_may(path: Path) -> None:
    release = path.stem.rpartition(".")[2]
    extensions = used(json.loads(path.read_bytes()), set(), ("Resource",), release)
    assert [wrong for names, together in extensions for wrong in problems(names, together, known(release))] == []


def problems(names: set[str], together: list[Any], all_known: dict[str, Extension]) -> Iterator[str]:
    counts = Counter(one["url"] for one in together)
    for one in together:
        url = one["url"]
        if "/" not in url or (url == HL7 + "_datatype" and url not in all_known):
            continue  # a part, which is looked at with its whole
        extension = all_known.get(url)
        if extension is None:
            yield f"{url} is not known"
            continue
        if names.isdisjoint(extension.contexts):
            yield f"{url} stands on {sorted(names)}"
        if extension.max is not None and counts[url] > extension.max:
            yield f"{url} is there {counts[url]} times"
        yield from held(one, extension, url)


def held(one: Any, part: Part, where: str) -> Iterator[str]:
    """What is wrong with the value or the parts."""
    values = [name.removeprefix("value") for name in one if name.startswith("value")]
    if any(value not in [kind[0].upper() + kind[1:] for kind in part.types] for value in values) or (part.needs_value and not values):
        yield f"{where} holds {values}"
    if part.fixed and one["valueString"] != part.fixed:
        yield f"{where} is not {part.fixed}"
    counts = Counter(inner["url"] for inner in one.get("extension", []))
    replaced = {inner["extension"][0]["valueUri"] for inner in one.get("extension", []) if inner["url"] == OWN + "exact-part"}
    for name, inner in part.parts.items():
        if not (inner.min <= counts[name] + (name in replaced) and (inner.max is None or counts[name] <= inner.max)):
            yield f"{where} has {counts[name]} {name}"
    for inner in one.get("extension", []):
        if inner["url"] in part.parts:
            yield from held(inner, part.parts[inner["url"]], f"{where}.{inner['url']}")
        elif "/" not in inner["url"]:
            yield f"{where} has no part {inner['url']}"


def test_a_seeded_fault_is_found() -> None:
    """The look at the samples does find what it looks for."""
    label = {"url": CROSS + "ResearchStudy.label", "extension": [{"url": "value", "valueCode": "x"}, {"url": "colour"}]}
    status = {"url": CROSS + "ResearchStudy.progressStatus", "extension": []}
    version = {"url": CROSS + "ResearchStudy.version", "valueString": "1"}
    study = {"resourceType": "ResearchStudy", "extension": [status, version, version], "title": "x", "_title": {"extension": [label]},
             "arm": [{"name": "x", "extension": [{"url": OWN + "colour"}]}]}
    found = [wrong for names, together in used(study, set(), ("Resource",), "r4") for wrong in problems(names, together, known("r4"))]
    short = [wrong.replace(CROSS, "").replace(OWN, "") for wrong in found]
    assert short == [
        "ResearchStudy.progressStatus has 0 state",
        "ResearchStudy.version is there 2 times",
        "ResearchStudy.version is there 2 times",
        "ResearchStudy.label stands on ['Element', 'ResearchStudy.title', 'string']",
        "ResearchStudy.label.value holds ['Code']",
        "ResearchStudy.label has no part colour",
        "colour is not known",
    ]


