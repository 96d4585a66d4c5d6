"""Where in a Trial a place of a Bundle comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from converter.json_text import parse
from converter.rows import Told
from converter.trial import BrowseLeaf, Enrollment, Part, Trial
from mappings import terms
from mappings.datatypes import OWN
from mappings.fhir_format import FhirFormat
from mappings.origin import Origins, field_at
from mappings.research_study import RESEARCH_STUDY

BUNDLES = Path(__file__).parents[2] / "samples" / "bundles"
NAMES = sorted({path.name.split(".")[0] for path in BUNDLES.iterdir()})
LARGE = "ctgov-NCT99999901"


@cache
def sample(name: str, release: str) -> tuple[Any, Trial]:
    """The sample in that release, and its Trial; "own" is R4 with R5's elements under our own address."""
    fhir = FhirFormat("r4" if release == "own" else release)
    document = (BUNDLES / f"{name}.{fhir.name}.json").read_bytes()
    trial = fhir.read(document).trial
    if release == "own":
        document = fhir.with_options(extensions="own").write(trial).document
    return parse(document), trial


def told(name: str, release: str, path: str) -> str:
    return field_at(sample(name, release)[0], path, "r4" if release == "own" else release)


# Paths of a sample, in R5 and in R4 (with either address)

PLACES = [
    # R5, R4, field
    ("title", "title", "title"),
    ("descriptionSummary", "extension[32].value", "summary"),
    ("label[1].value", "extension[20].extension[1].value", "acronym"),
    ("version", "extension[17].valueString", "record_version"),
    ("identifier[0].value", "identifier[0].value", "id"),
    ("identifier[0].system", "identifier[0].system", "id"),
    ("identifier[1].value", "identifier[1].value", "protocol_id.value"),
    ("identifier[8].assigner", "identifier[8].assigner", "secondary_ids[6].issuer"),
    ("identifier[2].extension[0].value", "identifier[2].extension[0].value", "secondary_ids[0].link"),
    ("extension[1].extension[2].value.end", "extension[1].extension[2].value.end", "primary_completion.date"),
    ("extension[1].extension[1].value", "extension[1].extension[1].value", "primary_completion.kind"),
    ("extension[0].extension[2].value", "extension[0].extension[2].value", "status_verified"),
    ("extension[13].extension[1].value", "extension[13].extension[1].value", "condition_leaves[1].name"),
    ("progressStatus[0].state.coding[0].code", "extension[66].extension[0].value.coding[0].code", "status"),
    ("progressStatus[1].period.start", "extension[67].extension[2].value.start", "start.date"),
    ("progressStatus[2].period.end", "extension[68].extension[2].value.ofType(Period).end", "completion.date"),
    ("condition[2]", "condition[2]", "conditions[2]"),
    ("condition[3].coding[0].code", "condition[3].coding[0].code", "condition_mesh[0].id"),
    ("phase.text", "phase.text", "phases"),
    ("recruitment.targetNumber", "extension[69].value", "enrollment"),
    ("classifier[8].text", "extension[41].valueCodeableConcept.text", "age_groups[1]"),
    ("comparisonGroup[0].name", "arm[0].name", "arms[0].name"),
    ("comparisonGroup[0].intendedExposure[2]", "arm[0].extension[3].value", "arms[0].interventions[2]"),
    ("outcomeMeasure[2].extension[0].value", "extension[72].extension[3].value", "secondary_outcomes[0].time_frame"),
    ("relatedArtifact[1].document", "relatedArtifact[1].document", "links[0]"),
    ("relatedArtifact[0].resourceReference.identifier", "relatedArtifact[0].extension[1].value.identifier", "publications[0].pmid"),
    ("associatedParty[0]", "extension[53]", "sponsor"),
    ("associatedParty[1].party.display", "extension[54].extension[3].value.display", "organization"),
    ("associatedParty[3].classifier[0]", "extension[56].extension[2]", "collaborators[1].kind"),
    ("associatedParty[9].role", "extension[62].extension[1]", "officials[2].role"),
    ("site", "site", "sites"),
    ("site[2]", "site[2]", "sites[2]"),
    ("site[11].reference", "site[11].reference", "sites[11]"),
    ("contained[4].address.city", "contained[2].address.city", "sites[2].city"),
    ("contained[4].address", "contained[2].address", "sites[2]"),
    ("contained[4]", "contained[2]", "sites[2]"),
    ("contained[5].progressStatus[0].state", "contained[2].extension[0]", "sites[2].status"),
    ("contained[5].partOf[0].display", "contained[2].resourceType", "sites[2]"),
    ("contained[0].contact[2].name[0].text", "contained[0].extension[3].extension[2].value.text", "sites[0].contacts[2].name"),
    ("contained[0].contact[0].telecom[0].extension[0]", "contained[0].extension[1].extension[3].value.extension[0]",
     "sites[0].contacts[0].phone_ext"),
    ("contained[5].name", "contained[2].type", "sites[2]"),  # the site's own study has no name, and a Location no type
    ("condition[3].coding.display", "condition[3].coding.display", "condition_mesh[0].term"),
    ("contained[28].code.text", "contained[18].code.text", "responsible_party.title"),
    ("contained[18].name", "contained[9].name", "sites[9].facility"),
    ("contained[25].name", "contained[15].name", "collaborators[1].name"),
    ("contained[25].id", "contained[15].id", "collaborators[1]"),
    ("contained[30].practitioner", "contained[20].practitioner", "officials[1].name"),
    ("contained[34].name[0].text", "contained[24].name[0].text", "contacts[1].name"),
    # Constant, said again, foreign, or not there
    ("", "", ""),
    ("name", "extension[18].value", ""),
    ("status", "status", ""),
    ("period.start", "period.start", ""),
    ("region[0].text", "location[0].text", ""),
    ("meta.profile[0]", "meta.profile[0]", ""),
    ("contained", "contained", ""),
    ("extension", "extension", ""),
    ("site[12]", "site[12]", ""),
    ("foo[0].bar", "foo[0].bar", ""),
]


@pytest.mark.parametrize(("r5", "r4", "field"), PLACES)
def test_the_field_of_a_place_in_the_study(r5: str, r4: str, field: str) -> None:
    outer = "Bundle.entry[0].resource."
    found = {release: told(LARGE, release, outer + path) for release, path in (("r5", r5), ("r4", r4), ("r4b", r4), ("own", r4))}
    assert set(found.values()) == {field}


PROTOCOL, ELIGIBILITY = "Bundle.entry[1].resource.", "Bundle.entry[2].resource."
OTHERS = [
    # sample, release, path, field
    (LARGE, "r5", PROTOCOL + "contained[2].topic[0]", "interventions[2].kind"),
    (LARGE, "r4", PROTOCOL + "contained[0].extension[2].value", "interventions[0].other_names[2]"),
    (LARGE, "r4", PROTOCOL + "contained[5].intent", "interventions[5]"),
    (LARGE, "r4", PROTOCOL + "contained", "interventions"),
    (LARGE, "r5", PROTOCOL + "action[0].title", ""),
    (LARGE, "r5", PROTOCOL + "type.coding[0].code", ""),
    (LARGE, "r5", ELIGIBILITY + "description", "criteria"),
    (LARGE, "r4", ELIGIBILITY + "extension[0].value", "criteria"),
    (LARGE, "own", ELIGIBILITY + "extension[0].value", "criteria"),
    (LARGE, "r5", ELIGIBILITY + "characteristic[0].value.low.unit", "minimum_age"),
    (LARGE, "r5", ELIGIBILITY + "characteristic[0].valueRange.high", "maximum_age"),
    (LARGE, "r5", ELIGIBILITY + "characteristic[0].valueRange", ""),
    (LARGE, "r5", ELIGIBILITY + "characteristic[1].value.text", ""),
    ("ctgov-NCT99999904", "r4", ELIGIBILITY + "characteristic[0].value.ofType(Quantity).value", "minimum_age"),
    ("ctgov-NCT99999904", "r4", ELIGIBILITY + "characteristic[0].code", "minimum_age"),
    ("ctgov-NCT99999906", "r5", "Bundle.entry[0].resource.progressStatus[1].state.text", "last_known_status"),
    ("ctgov-NCT99999906", "r5", "Bundle.entry[0].resource.progressStatus[0].state.text", "status"),
    ("ctgov-NCT99999906", "r4", ELIGIBILITY + "characteristic[1].value.comparator", "maximum_age"),
    (LARGE, "r5", "Bundle", ""),
    (LARGE, "r5", "Bundle.type", ""),
    (LARGE, "r5", "Bundle.entry[0]", ""),
    (LARGE, "r5", "Bundle.entry[0].resource", ""),
    (LARGE, "r5", "Bundle.entry[0].request.url", ""),
    (LARGE, "r5", "Bundle.entry[7].resource.title", ""),
]


@pytest.mark.parametrize(("name", "release", "path", "field"), OTHERS)
def test_the_field_of_a_place_in_other_resources(name: str, release: str, path: str, field: str) -> None:
    assert told(name, release, path) == field


FORMS = [
    # how a checker or server writes a path
    ("Bundle.entry[0].resource.title", "title"),
    ("Bundle.entry[0].resource/*ResearchStudy/null*/.title", "title"),
    ("Bundle.entry[0].resource/*ResearchStudy/1*/.contained[2]/*Location/loc-3*/.address.city", "sites[2].city"),
    ("Bundle.entry[0].resource.ofType(ResearchStudy).title", "title"),
    ("entry[0].resource.title", "title"),
    ("ResearchStudy.title", "title"),
    ("Group.extension[0].value.ofType(markdown)", "criteria"),
    ("Group.extension[0].valueMarkdown", "criteria"),
    ("Group.extension[0].value[x]", "criteria"),
    ("Group.extension[0].value", "criteria"),
    ("Group.extension[0].value.as(markdown)", "criteria"),
    ("(Group.extension[0].value as markdown)", "criteria"),
    ("Bundle.entry[0].resource[0].contained[2].address[0].city[0]", "sites[2].city"),
    ("ResearchStudy.site", "sites"),
    ("ResearchStudy.site.display", "sites"),
    ("Patient.name", ""),
    ("contained[2].address.city", ""),
]


@pytest.mark.parametrize(("path", "field"), FORMS)
def test_paths_are_written_in_several_ways(path: str, field: str) -> None:
    assert told(LARGE, "r4", path) == field


@pytest.mark.parametrize(("path", "field"), [
    ("contained[2].address.city", "sites[2].city"), ("ResearchStudy.contained[2].address.city", "sites[2].city"), ("Group.name", ""), ("title", "title"),
])
def test_a_resource_alone(path: str, field: str) -> None:
    assert field_at(sample(LARGE, "r4")[0]["entry"][0]["resource"], path, "r4") == field


def test_a_type_of_which_the_bundle_has_several_tells_nothing() -> None:
    entries = sample(LARGE, "r5")[0]["entry"]
    assert field_at({"resourceType": "Bundle", "entry": [*entries, entries[0]]}, "ResearchStudy.title", "r5") == ""


@pytest.mark.parametrize(("release", "path", "field"), [
    ("r5", "extension[0].extension[1].value", "results_expected"),  # in place of the extension
    ("r5", "extension[1].extension[0].extension[1].value", "condition_leaves[0].name"),  # in place of a part
    ("r4", "title.extension[0].value", "title"),
    ("r5", "recruitment.targetNumber.extension[0].value", "enrollment"),
])
def test_what_stands_in_place_of_a_value_that_fhir_cannot_hold(release: str, path: str, field: str) -> None:
    trial = Trial(id="NCT00000001", title=" ", results_expected="soon", condition_leaves=(BrowseLeaf(name=" "),), enrollment=Enrollment(count=-1))
    tree = parse(FhirFormat(release).write(trial).document)
    assert field_at(tree, f"Bundle.entry[0].resource.{path}", release) == field


STUDY = sample(LARGE, "r5")[0]["entry"][0]["resource"]
FAULTS = [
    # what a checker faults is there in other shapes than we write, or not at all
    ({"title": None}, "title", "title"),
    ({"title": 5}, "title", "title"),
    ({"title": {"extension": []}}, "title.extension", "title"),
    ({"title": None, "_title": {"extension": [{"url": "x", "valueString": " "}]}}, "title.extension[0].value", "title"),
    ({"title": None, "_title": {"extension": [{"url": "x", "valueString": " "}]}}, "_title.extension[0]", "title"),
    ({"site": STUDY["site"][1:]}, "contained[2].name", "sites[0].facility"),
    ({"site": [{"reference": "#loc-0"}]}, "site[0].reference", "sites[0]"),
    ({"site": [{"reference": "#loc-0"}]}, "contained[2].name", ""),
    ({"site": "#loc-1"}, "site", "sites"),
    ({"contained": "none"}, "site[0]", "sites[0]"),
    ({"contained": [5, {"id": []}, *STUDY["contained"][2:]]}, "contained[2].name", "sites[1].facility"),
    ({"progressStatus": [{"state": {"text": "Recruiting"}}]}, "progressStatus[0].state.coding", "status"),
    ({"extension": [{"url": []}, 5, None, *STUDY["extension"]]}, "extension[4].extension[2].value.end", "primary_completion.date"),
    ({"extension": [{**STUDY["extension"][1], "extension": 5}]}, "extension[0]", ""),
    ({"extension": [{"url": OWN + "violation", "extension": 5}]}, "extension[0].extension", "violations[0]"),
    ({"extension": [{"url": OWN + "results-expected", "valueString": "soon"}]}, "extension[0].valueString", "results_expected"),
    ({"contained": [STUDY["contained"][0], *STUDY["contained"]]}, "contained[0].name", "sites[0].facility"),
    ({"contained": [STUDY["contained"][0], *STUDY["contained"]]}, "contained[1].name", ""),
    ({"relatedArtifact": [STUDY["relatedArtifact"][1], STUDY["relatedArtifact"][0], STUDY["relatedArtifact"][2]]}, "relatedArtifact[2].document.url", "links[1].url"),
]


@pytest.mark.parametrize(("members", "path", "field"), FAULTS)
def test_a_place_with_a_fault(members: dict[str, Any], path: str, field: str) -> None:
    assert field_at({**STUDY, **members}, path, "r5") == field


# Nothing is raised

JUNK: list[Any] = [None, 5, "", "x", [], {}, [None], [[]], [{}], {"extension": 5}, {"extension": [5, {"url": {}}, {"extension": [{"url": []}]}]}, {"coding": "x"}]


def nodes(tree: Any, path: str = "Bundle") -> Iterator[tuple[Any, Any, str]]:
    """Every member and entry: what has it, its name or number, its path."""
    for key, part in list(tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()):
        below = f"{path}.{key}" if isinstance(key, str) else f"{path}[{key}]"
        yield tree, key, below
        yield from nodes(part, below)


@pytest.mark.parametrize("release", ["r4", "r5"])
def test_nothing_is_raised_whatever_the_tree_holds(release: str) -> None:
    tree = parse((BUNDLES / f"ctgov-NCT02837978.{release}.json").read_bytes())
    for n, (holder, key, path) in enumerate(nodes(tree)):
        was = holder[key]
        holder[key] = JUNK[n % len(JUNK)]
        for inner in (path, f"{path}.extension[0].value", "Bundle.entry[0].resource.contained[0].name"):
            assert isinstance(field_at(tree, inner, release), str)
        holder[key] = was


@pytest.mark.parametrize("tree", [*JUNK, {"resourceType": []}, {"resourceType": "Bundle"}, {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Group"}}]},
                                  {"resourceType": "Group", "characteristic": [{"code": 5}]}, {5: 6, "resourceType": "Group"}])
@pytest.mark.parametrize("path", ["", ".", "Bundle", "Bundle.entry[0].resource", "Bundle.entry[0].resource.x", "Group", "Group.characteristic[0].value",
                                  "[[0]]..(((", "/*/*/*", "9[9999999999999]", "Group.characteristic[0]", "entry.resource.name", "\ud800.ü[x]"])
def test_nothing_is_told_of_what_is_no_trial(tree: Any, path: str) -> None:
    assert field_at(tree, path, "r4") == ""


# Law: what stands at a place is what the Trial has in the field that is told

BESIDE = {"code", "comparator", "exclude", "system", "unit", "url", "use", "valueBoolean"}
"""Members that say again in codes what a text beside them says, or always say the same; they and what is in them."""


def leaves(tree: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every scalar with its path."""
    if isinstance(tree, dict):
        for name, part in tree.items():
            yield from leaves(part, f"{path}.{name}")
    elif isinstance(tree, list):
        for n, part in enumerate(tree):
            yield from leaves(part, f"{path}[{n}]")
    else:
        yield path, tree


def values(record: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a Trial with its field: parts, lists, single values."""
    if record is None:
        return
    yield path, record
    if isinstance(record, Part):
        for name in record.__struct_fields__:
            yield from values(getattr(record, name), f"{path}.{name}".lstrip("."))
    elif isinstance(record, tuple):
        for n, part in enumerate(record):
            yield from values(part, f"{path}[{n}]")


def spellings(value: Any) -> set[str]:
    """The texts under which a value of the Trial may stand."""
    if isinstance(value, bool):
        return {str(value), "Yes" if value else "No", "unknown"}  # of a date that was not reported
    if isinstance(value, Enrollment):
        return {str(value.count)}
    if isinstance(value, tuple):
        return {"/".join(map(str, value))}  # phases
    happened = {"Actual": "True", "Estimated": "False"}
    return {str(value), str(value).partition(" ")[0], terms.SITE_STATUS.get(value, ""), happened.get(value, "")}  # ages by their number


def as_told(field: str) -> str:
    """Of what one codec spells as one text or number, the whole."""
    return re.sub(r"^(phases|enrollment)\b.*", r"\1", field)


ADDRESSED = {r.field for r in RESEARCH_STUDY.rows if isinstance(r, Told)}
"""Fields that stand as an address made of the whole record."""
LAW = [*((name, "r5") for name in NAMES), *((f"ctgov-NCT9999990{n}", "r4") for n in (1, 2, 6, 7)), ("ctgov-NCT99999907", "own")]


@pytest.mark.parametrize(("name", "release"), LAW)
def test_what_stands_at_a_place_is_the_value_of_its_field(name: str, release: str) -> None:
    tree, trial = sample(name, release)
    known = dict(values(trial))
    standing: dict[str, set[str]] = {}
    for path, value in leaves(tree, "Bundle"):
        beside = BESIDE.intersection(re.sub(r"\[\d+\]", "", path).split(".")[-2:])
        if (field := told(name, release, path)) and field not in ADDRESSED:
            standing.setdefault(field, set()).add(str(value))
            # Without the value, a role that is needed all the same says only what sort of party this is.
            assert field in known or (beside and field.rpartition(".")[0] in known), f"{field} of {path}"
            if field in known and not isinstance(known[field], Part) and not beside:
                assert str(value) in spellings(known[field]), f"{field} of {path}"
    for field in dict.fromkeys(as_told(field) for field, value in known.items() if not isinstance(value, (Part, tuple))):
        assert field in ADDRESSED or standing.get(field, set()) & spellings(known[field]), f"no place is told to be that of {field}"


@pytest.mark.parametrize("release", ["r4", "r5"])
def test_the_place_of_a_field_is_one_that_is_told_to_be_of_the_field(release: str) -> None:
    tree, trial = sample("ctgov-NCT99999901", release)
    placed = 0
    for number, resource in enumerate(entry["resource"] for entry in tree["entry"]):
        origins = Origins(resource)
        for field in dict(values(trial)):
            if place := origins.place_of(field, release):
                placed += 1
                assert field_at(tree, f"Bundle.entry[{number}].resource.{place}", release) in (as_told(field), f"{field}[0]"), f"{field} at {place}"
    assert placed > 200


@pytest.mark.parametrize(("path", "release", "field"), [
    ("ResearchStudy.status", "r4", "status"),
    ("ResearchStudy.sponsor.reference", "r4", "sponsor"),
    ("ResearchStudy.contact[0].name", "r4", "contacts"),
    ("ResearchStudy.location[0].text", "r4", "sites"),
    ("ResearchStudy.region[0].text", "r5", "sites"),
    ("PlanDefinition.title", "r4", "title"),
    ("PlanDefinition.action[0].title", "r5", "arms"),
    ("Group.name", "r4", "title"),
    ("Group.identifier[0].value", "r5", "id"),
    ("ResearchStudy.title", "r4", "title"),
    ("ResearchStudy.status", "r5", ""),
])
def test_what_is_said_again_has_a_field_where_that_is_asked_for(path: str, release: str, field: str) -> None:
    tree, _ = sample("ctgov-NCT99999901", release)
    assert field_at(tree, path, release, again=True) == field
    assert field_at(tree, path, release) in ("", field)
