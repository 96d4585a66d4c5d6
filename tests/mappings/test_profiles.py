"""Every extension of ours that a Bundle has is defined, and used as its definition says."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from converter.commands import listing
from converter.eligibility.understanding import understand
from converter.formats.ctgov import FORMAT
from converter.json_text import encode
from converter.trial import Enrollment, Trial
from converter.visit import Visit
from mappings.bundle import DIALECTS, write
from mappings.coded_criteria import coded
from mappings.datatypes import FIELD, OWN
from mappings.extensions import CROSS
from mappings.profiles import code_system, cross_version, definitions, field_codes, files, profiles, structure_definition, write_profiles
from mappings.search_parameters import search_parameters
from tests.corpus import DATA
from tests.laws.trials import trial
from tests.mappings.elements import PACKAGES, Element, datatype, element, member

SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "ctgov").glob("*.json"))
HL7 = DATA.parent / "servers" / "validator" / "profiles"
DEFINED = {one.address: structure_definition(one) for one in definitions()}
NUMBERS = (Enrollment(count=5), Enrollment(count=-5), Enrollment(count=2**31), Enrollment(kind="Actual"), Enrollment(count=5, kind="some"))


@cache
def trials() -> list[Trial]:
    """The samples, trials with all that a Trial can say, and numbers of participants of every sort."""
    generated = [trial(seed) for seed in range(40)]
    return [*(FORMAT.fast_read(path.read_bytes())[0] for path in SAMPLES), *generated, *(Trial(id="NCT00000001", enrollment=n) for n in NUMBERS)]


CRITERIA = """Inclusion Criteria:

* At least two of the following:
  * Age from 18 to 80 years
  * Platelets < 100 x 10^9/L
  * Type 2 diabetes
* Hemoglobin < 9 g/dL, whatever the reason
* No history of stroke within 6 months before screening"""


@cache
def bundles(dialect: str) -> list[Any]:
    coding = coded(understand(CRITERIA), Decimal(0), dialect)
    with_codes = write(Trial(id="NCT00000001", criteria=CRITERIA), dialect, Visit(), coding)
    return [json.loads(encode(one)) for one in (*(write(one, dialect, Visit()) for one in trials()), with_codes)]


# What the Bundles have

def check(tree: Any, at: Element, dialect: str) -> Iterator[tuple[str, set[str], Any]]:
    """Every extension of ours below the element: its address, what its context may say, and the extension."""
    if isinstance(tree, list):
        for entry in tree:
            yield from check(entry, at, dialect)
    elif isinstance(tree, dict):
        for name, part in tree.items():
            if name == "extension":
                yield from in_extensions(part, at.names, dialect)
            elif name == "contained":
                for resource in part:
                    yield from check(resource, datatype(resource["resourceType"], dialect), dialect)
            elif name not in ("resourceType", "text", "id"):
                inner = member(at, name.removeprefix("_"), dialect) if at.model else at
                yield from check(part, inner, dialect)


def in_extensions(extensions: list[Any], contexts: set[str], dialect: str) -> Iterator[tuple[str, set[str], Any]]:
    for extension in extensions:
        if extension["url"].startswith(OWN):
            yield extension["url"], contexts, extension
        yield from in_extensions(extension.get("extension", []), {"Extension"}, dialect)
        for name, value in extension.items():
            if name.startswith("value") and isinstance(value, dict):
                yield from check(value, datatype(name.removeprefix("value"), dialect), dialect)
            elif name.startswith("_value"):
                yield from in_extensions(value["extension"], {"Extension.value[x]", name.removeprefix("_value")}, dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_extension_of_ours_is_defined_and_used_as_defined(dialect: str) -> None:
    wrong = set()
    for bundle in bundles(dialect):
        for resource in (entry["resource"] for entry in bundle["entry"]):
            for address, contexts, extension in check(resource, datatype(resource["resourceType"], dialect), dialect):
                wrong |= {f"{address}: {problem}" for problem in problems(address, contexts, extension)}
    assert wrong == set()


def problems(address: str, contexts: set[str], extension: Any) -> Iterator[str]:
    """What of the extension its definition does not allow."""
    if address not in DEFINED:
        yield "has no definition"
        return
    defined = {one["expression"] for one in DEFINED[address]["context"]}
    if not defined & (contexts | {"Element"}):
        yield f"stands on {contexts}, is defined on {defined}"
    elements = {one["id"]: one for one in DEFINED[address]["differential"]["element"]}
    parts = Counter(part["url"] for part in extension.get("extension", []) if not part["url"].startswith(OWN))
    for name, count in parts.items():
        part = elements.get(f"Extension.extension:{name.rpartition('/')[2]}")
        if part is None or (part["max"] != "*" and count > 1):
            yield f"has {count} parts {name}"
    for part in extension.get("extension", []):
        if not part["url"].startswith(OWN):
            yield from held(part, elements.get(f"Extension.extension:{part['url'].rpartition('/')[2]}.value[x]", {}))
    yield from held(extension, elements["Extension.value[x]"])


def held(extension: Any, element: Any) -> Iterator[str]:
    """What it holds, when that is none of the datatypes that are defined."""
    for name in extension:
        kinds = [f"value{kind['code'][0].upper()}{kind['code'][1:]}" for kind in element.get("type", [])]
        if name.startswith("value") and name not in kinds:
            yield f"has {name}, of {kinds}"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_extension_that_stands_once_stands_once(dialect: str) -> None:
    once = {address for address, one in DEFINED.items() if one["differential"]["element"][0]["max"] == "1"}

    def look(tree: Any) -> Iterator[str]:
        if isinstance(tree, dict):
            counts = Counter(extension["url"] for extension in tree.get("extension", []))
            yield from (address for address, count in counts.items() if count > 1 and address in once)
        for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
            yield from look(inner)

    assert set(look(bundles(dialect))) == set()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_extension_has_a_value_or_parts(dialect: str) -> None:
    """The invariant ext-1; HL7's cross-version extensions too."""
    wrong = []

    def look(tree: Any) -> None:
        if isinstance(tree, dict):
            wrong.extend(one for one in tree.get("extension", []) if any(name.strip("_").startswith("value") for name in one) == ("extension" in one))
        for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
            look(inner)

    look(bundles(dialect))
    assert wrong == []


def test_every_definition_is_used() -> None:
    text = "".join(json.dumps(bundles(dialect)) for dialect in DIALECTS)
    assert [address for address in DEFINED if json.dumps(address) not in text] == []


def test_the_code_system_has_the_codes_of_the_bundles() -> None:
    codes = set()

    def look(tree: Any) -> None:
        if isinstance(tree, dict) and tree.get("system") == FIELD:
            codes.add(tree["code"])
        for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
            look(inner)

    for dialect in DIALECTS:
        look(bundles(dialect))
    assert codes == {concept["code"] for concept in code_system()["concept"]} == field_codes().keys()


# The definitions themselves

@pytest.mark.parametrize("release", ["r5", "r4"])
def test_every_definition_is_valid(release: str) -> None:
    for profile in profiles(hl7=True):
        PACKAGES[release].get_fhir_model_class(profile["resourceType"]).model_validate(profile)


def test_names_and_addresses_are_legal_and_unique() -> None:
    """Resource.id; the invariants cnl-0 of the name (a computer's name) and cnl-1 of the url."""
    made = profiles(hl7=True)
    for member_ in ("id", "url", "name"):
        assert [value for value, count in Counter(profile[member_] for profile in made).items() if count > 1] == []
    assert [title for title, count in Counter(profile["title"] for profile in profiles()).items() if count > 1] == []
    for profile in made:
        assert re.fullmatch(r"[A-Za-z0-9.-]{1,64}", profile["id"])
        assert re.fullmatch(r"[A-Z][A-Za-z0-9_]{0,254}", profile["name"])
        assert profile["url"].endswith(f"/{profile['resourceType']}/{profile['id'].replace('ext-R5-', 'extension-')}")
        assert not set("|# ") & set(profile["url"])
        assert profile["description"].strip() and "date" not in profile and "fhirVersion" not in profile


def test_every_context_is_an_element_of_a_release() -> None:
    for address, profile in DEFINED.items():
        for context in (one["expression"] for one in profile["context"]):
            found = []
            for dialect in ("r5", "r4"):
                try:
                    found.append(context in ("Element", "Extension") or element(context, dialect).path == context)
                except LookupError:
                    found.append(False)
            assert any(found), f"{address} on {context}"


def cross_versions() -> Iterator[tuple[str, Any]]:
    for address, profile in DEFINED.items():
        if address.startswith(OWN + "extension-"):
            yield address.removeprefix(OWN + "extension-"), profile


def test_r5_elements_under_our_address_are_elements_of_r5() -> None:
    for path, profile in cross_versions():
        found = element(path, "r5")
        top, *_, value = profile["differential"]["element"]
        assert top["max"] == "1" or found.many, path
        if "type" in value:
            kind = value["type"][0]["code"]
            assert kind == (found.type if found.model else found.type[0].lower() + found.type[1:]), path


@pytest.mark.parametrize("release", ["r4", "r4b"])
def test_cross_version_definitions_agree_with_hl7(release: str) -> None:
    """Contexts, datatypes, parts and cardinalities, of what the tables write of them."""
    folder = HL7 / release / "hl7"
    if not folder.is_dir():
        pytest.skip(f"HL7's definitions are not here: {folder} (TRIALBRIDGE_DATA names the folder beside)")
    theirs = {one["url"]: one for path in folder.glob("StructureDefinition-*.json") for one in [json.loads(path.read_text(encoding="utf-8"))]}
    for one in map(structure_definition, cross_version()):
        hl7 = theirs[one["url"]]
        assert [one["type"], one["context"]] == [hl7["type"], hl7["context"]]
        ours = told(one)
        assert ours == {id_: told(hl7).get(id_) for id_ in ours}, one["url"]


def told(profile: Any) -> dict[str, Any]:
    """What the definition says of each element: how often it stands there, the datatypes, a fixed url."""
    return {one["id"]: {
        "min": one.get("min", 1 if one["id"].endswith("url") else 0), "max": one.get("max", "*" if one["id"] == "Extension.extension" else "1"),
        "types": [kind["code"] for kind in one.get("type", [])], "url": one.get("fixedUri"),
    } for one in profile["differential"]["element"]}


def test_cross_version_definitions_are_those_that_r4_has() -> None:
    addresses: set[str] = set()

    def look(tree: Any) -> None:
        if isinstance(tree, dict):
            addresses.update(url for url in [tree.get("url")] if isinstance(url, str) and url.startswith(CROSS))
        for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
            look(inner)

    look(bundles("r4"))
    assert addresses == {one.address for one in cross_version()}


def test_a_cross_version_extension() -> None:
    """R5 demands a value of Group.membership, so HL7's extension does."""
    address = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Group.membership"
    assert structure_definition(cross_version()[0]) == {
        "resourceType": "StructureDefinition",
        "id": "ext-R5-Group.membership",
        "url": address,
        "name": "ExtR5GroupMembership",
        "title": "R5: Group.membership",
        "status": "active",
        "experimental": False,
        "publisher": "trialbridge",
        "description": "R5's Group.membership in R4 and R4B, as far as trialbridge writes it.",
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": "Group"}],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {"element": [
            {"id": "Extension", "path": "Extension", "short": "R5: Group.membership",
             "definition": "R5's Group.membership in R4 and R4B, as far as trialbridge writes it.", "min": 1, "max": "1"},
            {"id": "Extension.url", "path": "Extension.url", "fixedUri": address},
            {"id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1, "type": [{"code": "code"}]},
        ]},
    }


def test_a_plain_extension() -> None:
    assert DEFINED[OWN + "time-frame"] == {
        "resourceType": "StructureDefinition",
        "id": "time-frame",
        "url": "https://w3id.org/trialbridge/StructureDefinition/time-frame",
        "name": "TimeFrame",
        "title": "Time frame",
        "status": "active",
        "experimental": False,
        "publisher": "trialbridge",
        "description": "Carries primary_outcomes[].time_frame, secondary_outcomes[].time_frame, other_outcomes[].time_frame of a trial.",
        "kind": "complex-type",
        "abstract": False,
        "context": [{"type": "element", "expression": "Extension"}, {"type": "element", "expression": "ResearchStudy.outcomeMeasure"}],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {"element": [
            {"id": "Extension", "path": "Extension", "short": "Time frame",
             "definition": "Carries primary_outcomes[].time_frame, secondary_outcomes[].time_frame, other_outcomes[].time_frame of a trial.",
             "min": 0, "max": "1"},
            {"id": "Extension.url", "path": "Extension.url", "fixedUri": "https://w3id.org/trialbridge/StructureDefinition/time-frame"},
            {"id": "Extension.value[x]", "path": "Extension.value[x]", "type": [{"code": "string"}]},
        ]},
    }


def test_an_extension_with_parts() -> None:
    path = "Extension.extension"
    assert DEFINED[OWN + "retraction"]["differential"]["element"] == [
        {"id": "Extension", "path": "Extension", "short": "Retraction",
         "definition": "The retraction of a publication. Carries publications[].retractions[] of a trial.", "min": 0, "max": "*"},
        {"id": path, "path": path, "slicing": {"discriminator": [{"type": "value", "path": "url"}], "ordered": False, "rules": "open"}},
        {"id": f"{path}:pmid", "path": path, "sliceName": "pmid", "short": "PubMed number of the retraction", "min": 0, "max": "1"},
        {"id": f"{path}:pmid.url", "path": f"{path}.url", "fixedUri": "pmid"},
        {"id": f"{path}:pmid.value[x]", "path": f"{path}.value[x]", "type": [{"code": "string"}]},
        {"id": f"{path}:source", "path": path, "sliceName": "source", "short": "Source", "min": 0, "max": "1"},
        {"id": f"{path}:source.url", "path": f"{path}.url", "fixedUri": "source"},
        {"id": f"{path}:source.value[x]", "path": f"{path}.value[x]", "type": [{"code": "string"}]},
        {"id": "Extension.url", "path": "Extension.url", "fixedUri": "https://w3id.org/trialbridge/StructureDefinition/retraction"},
        {"id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0"},
    ]


def test_a_code_says_what_the_trial_says_of_the_field() -> None:
    concepts = {concept["code"]: concept for concept in code_system()["concept"]}
    assert concepts["has-dmc"] == {
        "code": "has-dmc", "display": "Has DMC", "definition": "Is there a data monitoring committee? The field has_dmc of a trial."}


# Their files

def test_the_files_are_the_same_each_time(tmp_path: Path) -> None:
    first, second = (write_profiles(tmp_path / name / "deep") for name in ("one", "two"))
    before = {path.name: path.read_bytes() for path in first}
    assert before == {path.name: path.read_bytes() for path in second} == {path.name: path.read_bytes() for path in write_profiles(tmp_path / "one" / "deep")}
    assert sorted(first) == sorted((tmp_path / "one" / "deep").iterdir())
    assert {path.name: json.loads(path.read_bytes()) for path in first} == files()
    assert [path.name for path in first][:2] == ["CodeSystem-field.json", "StructureDefinition-arm.json"]
    assert [*files().values()][:len(profiles())] == profiles()


def test_the_files_of_search_parameters_say_their_release(tmp_path: Path) -> None:
    written = {path.name: json.loads(path.read_bytes()) for path in write_profiles(tmp_path)}
    assert {name: one for name, one in written.items() if name.startswith("SearchParameter-")} == {
        f"SearchParameter-{one['code']}.{release}.json": one for release in ("r4", "r5") for one in search_parameters(release)}


def test_the_files_of_hl7_stand_beside_ours(tmp_path: Path) -> None:
    ours, both = write_profiles(tmp_path / "ours"), write_profiles(tmp_path / "both", hl7=True)
    names = [path.name for path in ours]
    added = [path for path in both if path.name not in names]
    assert [path.name for path in both if path.name in names] == names
    assert [json.loads(path.read_bytes()) for path in added] == [*map(structure_definition, cross_version())]
    assert added[0].name == "StructureDefinition-ext-R5-Group.membership.json"


@pytest.mark.parametrize("hl7", [False, True])
def test_the_command_says_how_many_it_wrote(hl7: bool, tmp_path: Path) -> None:
    done = CliRunner().invoke(listing.profiles, ["-o", str(tmp_path), *["--hl7"] * hl7])
    assert (done.exit_code, done.output) == (0, f"wrote {len(files(hl7))} definitions to {tmp_path}\n")
    assert {path.name for path in tmp_path.iterdir()} == files(hl7).keys()


def test_a_file_that_cannot_be_written_leaves_nothing_half(tmp_path: Path) -> None:
    (tmp_path / "StructureDefinition-arm.json").mkdir()
    with pytest.raises(OSError):
        write_profiles(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CodeSystem-field.json", "StructureDefinition-arm.json"]
