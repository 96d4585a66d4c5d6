"""What others write of a study, as far as it goes."""

from typing import Any

import pytest

from converter.formats import format_named
from converter.json_text import encode, parse
from converter.loss import Loss
from converter.problems import Problems
from converter.trial import Identifier, Milestone, Official, Organization, Outcome, Site, Trial
from mappings.identity import RECORD

NCT = "http://clinicaltrials.gov"
TITLE = "http://terminology.hl7.org/CodeSystem/title-type"
ROLE = "http://terminology.hl7.org/CodeSystem/research-study-party-role"
OBJECTIVE = "http://terminology.hl7.org/CodeSystem/research-study-objective-type"


def study(release: str, **members: Any) -> Trial:
    """The trial of a ResearchStudy with those members."""
    return format_named(release).read(encode({"resourceType": "ResearchStudy", "status": "active", **members})).trial


def coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": "shown"}]}


CASES = [
    ("r4", {"status": "completed"}, Trial(status="Completed")),
    ("r4", {"sponsor": {"display": "Charité"}}, Trial(sponsor=Organization(name="Charité"), status="Active")),
    ("r4", {"principalInvestigator": {"display": "Dr Who"}},
     Trial(officials=(Official(name="Dr Who", role="Principal Investigator"),), status="Active")),
    ("r5", {"identifier": [{"system": "https://clinicaltrials.gov", "value": "NCT01234567"}]}, Trial(id="NCT01234567")),
    ("r5", {"identifier": [{"system": "x", "value": "DRKS00038775"}, {"system": NCT, "value": "NCT01234567", "use": "official"},
                           {"value": "STUDY-9", "use": "official"}]},
     Trial(id="NCT01234567", secondary_ids=(Identifier(value="DRKS00038775"), Identifier(value="STUDY-9")))),
    ("r5", {"identifier": [{"system": NCT, "value": "NCT00000001", "use": "old"}, {"system": NCT, "value": "NCT01234567"}]},
     Trial(id="NCT01234567", former_ids=("NCT00000001",))),
    ("r5", {"label": [{"type": coded(TITLE, "official"), "value": "A long title"}]}, Trial(official_title="A long title")),
    ("r5", {"outcomeMeasure": [{"name": "Death", "type": [coded(OBJECTIVE, "primary")]}]}, Trial(primary_outcomes=(Outcome(measure="Death"),))),
    ("r5", {"associatedParty": [{"role": coded(ROLE, "lead-sponsor"), "name": "Charité"}]}, Trial(sponsor=Organization(name="Charité"))),
    ("r5", {"condition": [{"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": "Asthma"}]}]}, Trial(conditions=("Asthma",))),
    ("r5", {"period": {"start": "2018-01-01T00:00:00Z"}}, Trial(start=Milestone(date="2018-01-01T00:00:00Z"))),
]


@pytest.mark.parametrize(("release", "members", "expected"), CASES)
def test_others_spellings_are_read(release: str, members: dict[str, Any], expected: Trial) -> None:
    assert study(release, **members) == expected


def test_the_name_is_that_of_the_resource_not_what_the_reference_shows() -> None:
    party = {"role": coded(ROLE, "primary-investigator"), "party": {"reference": "#o", "display": "Organization"}}
    contained = [{"resourceType": "Organization", "id": "o", "name": "Endokrinologikum Berlin"}]
    found = study("r5", contained=contained, associatedParty=[party])
    assert found.officials == (Official(name="Endokrinologikum Berlin", role="Principal Investigator"),)


def test_each_wrong_object_is_named_once_with_its_path() -> None:
    with pytest.raises(Problems) as caught:
        study("r5", period="x", identifier={})
    assert [str(problem) for problem in caught.value.problems] == [
        "identifier: expected a list, found an empty object", "period: expected an object, found 'x'"]


def page_bundle() -> Any:
    trial = Trial(source="clinconnect_page", title="T", completion=Milestone(not_reported=True))
    return parse(format_named("r5").write(trial).document)


@pytest.mark.parametrize("wrong", ["masked", "", None, "asked-declined"])
def test_another_reason_for_a_missing_date_is_no_silent_loss(wrong: Any) -> None:
    tree = page_bundle()
    end = tree["entry"][0]["resource"]["progressStatus"][0]["period"]["_end"]
    end["extension"][0]["valueCode"] = wrong
    lost = format_named("r5").read(encode(tree)).lost
    assert [loss.path for loss in lost] == ["entry[0].resource.progressStatus[0].period._end.extension[0].valueCode"]


def test_a_second_study_of_a_bundle_is_named() -> None:
    tree = page_bundle()
    tree["entry"].append({"resource": {"resourceType": "ResearchStudy", "status": "active", "title": "Another"}})
    assert Loss("entry[3].resource", "is another study; put each study into a Bundle of its own", count=3) in format_named("r5").read(encode(tree)).lost


def test_a_warning_is_placed_in_the_document() -> None:
    fhir = format_named("r4")
    trial = Trial(title="A", sponsor=Organization(name="B"), sites=(Site(city="Bern"), Site(city="Basel")))
    document = fhir.write(trial).document
    assert fhir.locate(document, trial, "title") == "entry[0].resource.title"
    assert fhir.locate(document, trial, "sites[1].city") == "entry[0].resource.contained[1].address.city"
    assert fhir.locate(document, trial, "criteria") == "Group.extension(artifact-description)"
    assert fhir.locate(document, trial, "sites[2].city") == "ResearchStudy.contained(Location).address.city (sites[2].city)"
    assert fhir.locate(document, trial, "nothing") == "nothing"


def test_the_group_of_another_study_is_not_taken_for_its_own() -> None:
    """A search's answer may hold a study without its Group and another one with it."""
    group = {"resourceType": "Group", "type": "person", "actual": False, "description": "Cohort of ward 7"}
    here = {"resourceType": "ResearchStudy", "status": "active", "title": "A", "enrollment": [{"reference": "Group/elsewhere"}]}
    plain = {name: part for name, part in here.items() if name != "enrollment"}
    for studies in ([here], [plain, {**here, "title": "B"}]):
        entries = [{"resource": resource} for resource in [*studies, group]]
        reading = format_named("r4").read(encode({"resourceType": "Bundle", "type": "collection", "entry": entries}))
        assert reading.trial.criteria is None
        assert f"entry[{len(studies)}].resource" in [loss.path for loss in reading.lost]


def test_a_malformed_extension_beside_a_number_is_named() -> None:
    with pytest.raises(Problems, match=r"^recruitment: expected a list, found null$"):
        study("r5", recruitment={"targetNumber": 5, "_targetNumber": {"extension": None}})


MEANING = "may change the meaning of all that it stands on, and is not understood; the rest is read without it"
GROUP_AGE = {"code": {"text": "Age"}, "valueQuantity": {"value": 18, "unit": "Years", "comparator": ">="}, "exclude": False}
DOUBTS = [
    ("r4", {"resourceType": "ResearchStudy", "status": "active", "modifierExtension": [{"url": "urn:x", "valueBoolean": True}]},
     [f"modifierExtension: {MEANING}"]),
    ("r5", {"resourceType": "Bundle", "type": "collection", "implicitRules": "urn:x", "entry": [{"resource": {
        "resourceType": "ResearchStudy", "status": "active", "title": "A",
        "associatedParty": [{"role": coded(ROLE, "sponsor"), "name": "Acme", "modifierExtension": []}]}}]},
     [f"implicitRules: {MEANING}", f"entry[0].resource.associatedParty[0].modifierExtension: {MEANING}",
      "entry[0].resource.associatedParty: no party is the lead-sponsor; the one whose role is sponsor is read as the organization that "
      "keeps the record"]),
    ("r5", {"resourceType": "Group", "type": "person", "membership": "definitional", "combinationMethod": "any-of", "characteristic": [
        {**GROUP_AGE, "modifierExtension": [{"url": "urn:x", "valueBoolean": True}]}]},
     [f"characteristic[0].modifierExtension: {MEANING}",
      "combinationMethod: found 'any-of'; expected that all characteristics are demanded, and they are read so",
      "nothing in it says anything that a Trial has; all of it is left behind"]),
    ("r5", {"resourceType": "ResearchStudy", "status": "active", "title": "A", "implicitRules": "urn:x"},
     [f"implicitRules: {MEANING}"]),
    ("r4", {"resourceType": "Group", "type": "animal", "actual": True, "name": "Herd 7"},
     ["type: expected a Group of persons, found one of 'animal'; it is read all the same",
      "actual: this Group is a list of members, not a definition of who is eligible; it is read all the same",
      "nothing in it says anything that a Trial has; all of it is left behind"]),
    ("r5", {"resourceType": "Group", "type": "person", "membership": "enumerated", "description": "Ward 7"},
     ["membership: this Group is a list of members, not a definition of who is eligible; it is read all the same"]),
]


@pytest.mark.parametrize(("release", "resource", "doubts"), DOUBTS)
def test_what_may_change_the_meaning_is_warned_of(release: str, resource: dict[str, Any], doubts: list[str]) -> None:
    assert [str(problem) for problem in format_named(release).read(encode(resource)).problems] == doubts


@pytest.mark.parametrize("number", ["\x01", "\x1b[0m", "\xa0", "", " "])
@pytest.mark.parametrize("release", ["r4", "r5"])
def test_a_number_that_no_identifier_can_hold_is_no_key_and_comes_back(release: str, number: str) -> None:
    trial = Trial(id=number, title="A", former_ids=(number,))
    document = format_named(release).write(trial).document
    assert format_named(release).read(document).trial == trial
    study, plan, group = (entry["resource"] for entry in parse(document)["entry"])
    record = study["identifier"][0]
    assert record["system"] == RECORD and record["value"] == plan["identifier"][0]["value"] == group["identifier"][0]["value"]
