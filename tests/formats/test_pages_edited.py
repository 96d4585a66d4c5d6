"""Web pages that say something else than the samples, and the other variants of both layouts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from converter.formats.clinconnect_page import FORMAT as CLINCONNECT
from converter.formats.meddatax_page import FORMAT as MEDDATAX
from converter.formats.meddatax_page import HEADINGS
from converter.trial import (
    Arm,
    Contact,
    Enrollment,
    Identifier,
    Intervention,
    Milestone,
    Official,
    Organization,
    Publication,
    ResponsibleParty,
    Site,
    Trial,
)
from tests.formats.tacrolimus import C_PAGE, PAGES, SAID, TRIALS, text_line
from tests.formats.tacrolimus import TACROLIMUS_PRCA as PRCA
from tests.formats.tacrolimus import TACROLIMUS_RA as RA

INVENTED = Path(__file__).parent / "pages"


def sentence(heading: str) -> str:
    return next(one.sentence for one in HEADINGS if one.text == heading)


EDITS: dict[str, tuple[str, tuple[tuple[str, str], ...], dict[str, Any], list[str], list[str]]] = {
    # what is tested: page, changes, fields that change, new warnings, what is lost
    "status that no list has": (
        "meddatax_page", (("UNKNOWN\n", "PAUSED\n"),), {"status": "PAUSED"},
        ["line 19: 'PAUSED' is a word that no list has; it is kept as it stands"], []),
    "two phases": (
        "meddatax_page", (("PHASE4\n", "PHASE1/PHASE2\n"),), {"phases": ("Phase 1", "Phase 2")}, [], []),
    "label without value": (
        "meddatax_page", (("PHASE4\n", "\n"),), {"phases": None}, [], []),
    "line between label and value": (
        "meddatax_page", (("UNKNOWN\n", "at present\n\nUNKNOWN\n"),), {}, [],
        ["line 19: 'at present' was not read into any field"]),
    "enrollment in words": (
        "meddatax_page", (("30 participants\n", "Thirty\n"),), {"enrollment": None}, [],
        ["line 27: 'Thirty' was not read into any field: it is not a value of 'Total Enrollment'"]),
    "no day of the calendar": (
        "meddatax_page", (("2018-06-10\n", "2018-06-31\n"),), {"start": None}, [],
        ["line 35: '2018-06-31' was not read into any field: it is not a value of 'Study Start Date'"]),
    "age in words": (
        "meddatax_page", (("80 Years\n", "Eighty\n"),), {"maximum_age": None}, [],
        ["line 130: 'Eighty' was not read into any field: it is not a value of 'Maximum Eligible Age'"]),
    "who is masked": (
        "meddatax_page", (("NONE\n", "DOUBLE\n\nCaregivers Outcome Assessors\n"),),
        {"masking": "Double", "who_masked": ("Care Provider", "Outcomes Assessor")}, [], []),
    "country without a site": (
        "meddatax_page", (("\nChina\n", "\nChina United States\n"),), {}, [],
        ["line 174: 'China United States' was not read into any field: 'United States' is a country without a site"]),
    "facility contacts of two sites": (
        "meddatax_page", (("Site Status RECRUITING\n", "Site Status RECRUITING\n\nHarbin, China\n"),),
        {"sites": (replace((PRCA.sites or ())[0], contacts=None), Site(city="Harbin", country="China"))}, [],
        [f"line {number}: {words!r} was not read into any field: nothing says at which of 2 sites"
         for number, words in ((198, "Zhangbiao Long, M.D."), (200, "Role: primary"), (202, "+86 13011826728"))]),
    "another name for one of two interventions": (
        "meddatax_page", (("Other Intervention Names", "rest\n\nIntervention Type OTHER\n\nOther Intervention Names"),),
        {"interventions": (replace((PRCA.interventions or ())[0], other_names=None),
                           Intervention(name="rest", kind="Other"))}, [],
        [("line 115: 'tacrolimus capsule' was not read into any field: nothing says whose other name it is, of 2 "
         "interventions")]),
    "group that describes its intervention in other words": (
        "meddatax_page", (("DRUG\n\nOn refractory PRCA patients,", "DRUG\n\nIn refractory PRCA"),), {}, [],
        ["line 95: 'In refractory PRCA tacrolimus was tried. Dosage: 1mg bid an… was not read into any field: the section "
         "'Interventions' describes it in other words"]),
    "interventions of one name": (
        "meddatax_page", ((sentence("Interventions"), sentence("Interventions") + "\n\ntacrolimus\n\nIntervention Type DRUG"),
                          ("\nInterventions\n", "\nrest\n\nGroup Type OTHER\n\ntacrolimus\n\nIntervention Type DRUG\n"
                                               "\nInterventions\n")),
        {"arms": (*(PRCA.arms or ()), Arm(name="rest", kind="Other", interventions=("Drug: tacrolimus",))),
         "interventions": (Intervention(name="tacrolimus", kind="Drug", arms=("rest",)),
                           replace((PRCA.interventions or ())[0], other_names=None))}, [],
        ["line 123: 'tacrolimus capsule' was not read into any field: nothing says whose other name it is, of 2 "
         "interventions"]),
    "no section": (
        "meddatax_page", (("Conditions\n", ""), (sentence("Conditions"), ""), ("Pure Red Cell Aplasia\n", "")),
        {"conditions": None},
        ["line 1: the page has no heading 'Conditions', which every page has"], []),
    "no heading above the sex": (
        "clinconnect_page", (("\nGender\n", "\n"),), {"sex": None, "summary": f"{RA.summary}\n\nALL"},
        ["line 1: the page has no heading 'Gender', which every page has; what stood below it is taken for part of the section before"],
        []),
    "contact without a name": (
        "meddatax_page", (("Zhangbiao Long, M.D.\n", "Bing Han\n\nRole: CONTACT\n\n+86 10 1234567\n"),),
        {"contacts": (Contact(name="Bing Han", role="Contact", phone="+86 10 1234567"),
                      Contact(role="Contact", phone="+86 13011826728"), *(PRCA.contacts or ())[1:])},
        ["line 186: no name stands above this role; the contact is kept without one"], []),
    "no heading above its sentence": (
        "meddatax_page", (("\nConditions\n", "\n"),), {},
        ["line 54: the heading 'Conditions' is missing above its sentence; the section is read all the same"], []),
    "heading inside the criteria": (
        "meddatax_page", (("Pregnant or lactating.", "Pregnant or lactating.\n\nInclusion Criteria\n\n"),),
        {"criteria": (PRCA.criteria or "").replace("Pregnant or lactating. ", "Pregnant or lactating.\n\n"
                                                   "Inclusion Criteria\n\n ")}, [], []),
    "responsible is the sponsor": (
        "meddatax_page", (("Bing Han\n\nProfessor\n\nResponsibility Role PRINCIPAL_INVESTIGATOR",
                           "Responsibility Role SPONSOR"),),
        {"responsible_party": ResponsibleParty(kind="Sponsor")}, [], []),
    "responsible, three lines": (
        "meddatax_page", (("Bing Han\n", "Bing Han\nM.D.\n"),),
        {"responsible_party": ResponsibleParty(kind="Principal Investigator")}, [],
        [f"line {number}: {words!r} was not read into any field: which of 3 lines is the name, and which the title, cannot "
         "be told" for number, words in ((154, "Bing Han"), (155, "M.D."), (157, "Professor"))]),
    "collaborator": (
        "meddatax_page", (("Sponsor Role lead\n", "Sponsor Role lead\n\nNIH\n\nNIH\n\nSponsor Role collaborator\n"),),
        {"collaborators": (Organization(name="NIH", kind="NIH"),)}, [], []),
    "other number": (
        "meddatax_page", (("tacrolimus-001\n", ("2013-1\n\nIdentifier Type: EUDRACT_NUMBER\n\nIdentifier Source: "
                                               "secondary_id\n\ntacrolimus-001\n")),),
        {"secondary_ids": (Identifier(value="2013-1", kind="EudraCT Number"),)}, [], []),
    "publication without number": (
        "meddatax_page", (("PMID: 22471345 (View on PubMed)\n", ""),),
        {"publications": (replace((PRCA.publications or ())[0], pmid=None),
                          (PRCA.publications or ())[1])}, [], []),
    "contact with mail": (
        "meddatax_page", (("+86 15811152096", "+86 15811152096\n\nhan@example.org"),),
        {"contacts": ((PRCA.contacts or ())[0],
                      replace((PRCA.contacts or ())[1], email="han@example.org"))}, [], []),
    "sponsor spelled otherwise": (
        "clinconnect_page", (("About Qiang Shu", "About Shu Qiang"), ("Qiang Shu is a dist", "Shu Qiang is a dist")),
        {"sponsor": Organization(name="QIANG SHU")},
        ["line 2: the sponsor 'QIANG SHU' is kept as printed, in upper case: the page goes on with 'About Shu Qiang'"], []),
    "nobody spells the sponsor": (
        "clinconnect_page", (("About Qiang Shu\n" + text_line(C_PAGE, 29) + "\n", ""),),
        {"sponsor": Organization(name="QIANG SHU")},
        ["line 2: the sponsor 'QIANG SHU' is kept as printed, in upper case: there is no heading 'About' to spell it"], []),
    "launched on no date": (
        "clinconnect_page", (("Jul 15, 2016", "Jul 35, 2016"),), {"first_submitted": None}, [],
        [("line 2: 'Launched by QIANG SHU · Jul 35, 2016' was not read into any field: its date, 'Jul 35, 2016', is not one "
         "such as 'Jul 15, 2016'")]),
    "current as of no date": (
        "clinconnect_page", (("September 07", "September 31"),), {"update_posted": None}, [],
        [("line 4: 'Current as of September 31, 2025' was not read into any field: 'September 31, 2025' is not a date such "
         "as 'July 15, 2016'")]),
    "status of another site": (
        "clinconnect_page", (("Completed\n", "Finished\n"),), {"status": "Finished"},
        ["line 5: 'Finished' is a word that no list has; it is kept as it stands"], []),
    "completion is estimated": (
        "clinconnect_page", (("Not reported", "Dec 2027"),), {"completion": Milestone(date="2027-12", kind="Estimated")},
        [], []),
    "completion is silent": (
        "clinconnect_page", (("Not reported\n", ""),), {"completion": None}, [], []),
    "moments with values": (
        "clinconnect_page", (("First submit\n", "First submit\nJul 15, 2016\n"),
                             ("Trial launched\n", "Trial launched\nMay 1, 2015\n"),
                             ("Trial updated\n", "Trial updated\nSep 7, 2025\n")), {}, [],
        ["line 44: 'May 1, 2015' was not read into any field"]),
    "place of four parts": (
        "clinconnect_page", (("Jinan, Shandong, China", "Lixia, Jinan, Shandong, China"),),
        {"sites": (Site(city="Lixia, Jinan, Shandong, China"),)},
        ["line 34: 'Lixia, Jinan, Shandong, China' is neither 'City, State, Country' nor 'City, Country'; it is kept whole as the city"], []),
    "two officials, one without affiliation": (
        "clinconnect_page", (("Qilu Hospital of Shandong University\n", "A. Person\nStudy Chair\n"),),
        {"officials": (Official(name="Qiang Shu, Dr.", role="Principal Investigator"),
                       Official(name="A. Person", role="Study Chair"))}, [], []),
    "official with a role of his own": (
        "clinconnect_page", (("Principal Investigator\n", "Head\n"),),
        {"officials": (replace((RA.officials or ())[0], role="Head"),)},
        ["line 38: 'Head' is a word that no list has; it is kept as it stands"], []),
    "two contacts": (
        "clinconnect_page", (("Jennifer Cobb\n", "Jennifer Cobb\nA. Person\n"),), {}, [],
        [f"line {number}: {text!r} was not read into any field: the contact that the site shows here is a name and "
         "'department at institute'" for number, text in ((31, "Jennifer Cobb"), (32, "A. Person"))]
        + [("line 33: 'Immunology at National Institute of Allergy and Infectious … was not read into any field: the "
           "contact that the site shows here is a name and 'department at institute'")]),
    "similar trials": (
        "clinconnect_page", (("Similar Trials", "Similar Trials\nTablets"),), {}, [],
        ["line 47: 'Tablets' was not read into any field"]),
}


@pytest.mark.parametrize("case", EDITS)
def test_a_page_that_says_something_else_is_read_so(case: str) -> None:
    name, changes, fields, said, lost = EDITS[case]
    form, document = PAGES[name]
    reading = form.read(edited(document, changes))
    assert to_builtins(reading.trial) == to_builtins(replace(TRIALS[name], **fields))
    known = [warning.split(": ", 1)[1] for warning in SAID[name]]
    assert [str(problem) for problem in reading.problems if problem.message not in known] == said
    assert [str(loss) for loss in reading.lost] == lost


def edited(document: bytes, changes: tuple[tuple[str, str], ...]) -> bytes:
    text = document.decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


# The other variants

def test_a_clinconnect_page_with_number_and_blank_lines() -> None:
    reading = CLINCONNECT.read((INVENTED / "clinconnect_with_number.txt").read_bytes())
    assert reading.trial == Trial(
        source="clinconnect_page",
        id="NCT00000003",
        title="Invented Tablets for Painful Joints",
        status="Active, not recruiting",
        completion=Milestone(date="2027-12-31", kind="Estimated"),
        first_submitted="2021-11-04",
        update_posted=Milestone(date="2026-01-02"),
        sponsor=Organization(name="Invented University, München"),
        summary="The tablets are invented.\n\nSo is the pain.",
        keywords=("Pain Joint Tablet",),
        sex="Female",
        criteria="Inclusion Criteria:\n\n* Pain of the joints \\> 3 months\n* Age 18 or more\n\n"
                 "Exclusion Criteria:\n\n* No joints",
        sites=(Site(city="Munich", state="Bavaria", country="Germany"), Site(city="Seoul", country="Korea, Republic of")),
        officials=(Official(name="Andrea Person", role="Study Director", affiliation="Invented University"),
                   Official(name="Berta Person", role="Principal Investigator")),
    )
    assert [str(problem) for problem in reading.problems] == [
        "line 17: 'Pain Joint Tablet' may be one keyword or several, joined by spaces; it is kept whole as one"]
    assert reading.lost == ()


VALUES_ONLY = (INVENTED / "meddatax_values_only.txt").read_bytes()
INVENTED_TRIAL = Trial(
    source="meddatax_page",
    protocol_id=Identifier(value="INV-1"),
    secondary_ids=(Identifier(value="2013-000001-01", kind="EudraCT Number"),),
    status="Completed",
    start=Milestone(date="2014-05-01"),
    completion=Milestone(date="2016-11"),
    has_results=True,
    responsible_party=ResponsibleParty(kind="Sponsor"),
    sponsor=Organization(name="Invented Pharma", kind="Industry"),
    collaborators=(Organization(name="Invented University", kind="Other"),),
    summary="An invented study of invented tablets.",
    description="The tablets are taken twice a day.",
    conditions=("Joint Disease Pain Pain, Acute",),
    study_type="Interventional",
    phases=("Phase 1", "Phase 2"),
    allocation="Randomized",
    intervention_model="Parallel Assignment",
    primary_purpose="Other",
    masking="Double",
    who_masked=("Participant", "Outcomes Assessor"),
    enrollment=Enrollment(count=84),
    arms=(Arm(name="Tablets", kind="Experimental", description="Two tablets a day",
              interventions=("Other: Invented tablet",)),
          Arm(name="Waiting list", kind="Other")),
    interventions=(Intervention(name="Invented tablet", kind="Other", description="200 mg", arms=("Tablets",),
                                other_names=("Inventin",)),),
    criteria="Inclusion Criteria:\n\n* Pain\n* Joints\n\nExclusion Criteria:\n\n* No joints",
    healthy_volunteers=True,
    sex="Female",
    minimum_age="18 Years",
    maximum_age="75 Years",
    contacts=(Contact(name="A. Person", role="Contact", phone="+49 30 1234567", email="a.person@example.org"),),
    sites=(Site(facility="Invented Clinic", city="Seoul", country="Korea, Republic of"),
           Site(city="Berlin", country="Germany", status="Recruiting")),
    publications=(Publication(pmid="12345678", kind="Derived", citation="Person A. An invented study. J Inv. 2017."),),
)


def test_a_meddatax_page_without_labels() -> None:
    reading = MEDDATAX.read(VALUES_ONLY)
    assert to_builtins(reading.trial) == to_builtins(INVENTED_TRIAL)
    assert [str(problem) for problem in reading.problems] == [
        "line 1: the page does not say which trial it is; expected 'NCT ID: NCT…' below its title",
        ("line 26: 'Joint Disease Pain Pain, Acute' may be one condition or several, joined by spaces; it is kept whole as "
        "one")]
    assert reading.lost == ()


@pytest.mark.parametrize(("old", "new", "fields", "lost"), [
    ("2014-05-01\n", "", {"start": None, "completion": None}, "line 11: '2016-11' was not read into any field"),
    ("18 Years\n", "", {"minimum_age": None, "maximum_age": None}, "line 60: '75 Years' was not read into any field"),
    ("PARALLEL\n", "SIDE_BY_SIDE\n", {"intervention_model": None}, "line 30: 'SIDE_BY_SIDE' was not read into any field"),
])
def test_without_labels_a_value_in_doubt_is_reported(old: str, new: str, fields: dict[str, Any], lost: str) -> None:
    reading = MEDDATAX.read(edited(VALUES_ONLY, ((old, new),)))
    assert reading.trial == replace(INVENTED_TRIAL, **fields)
    assert [str(loss) for loss in reading.lost] == [lost]


def test_an_observational_study_without_labels() -> None:
    design = "RANDOMIZED\nPARALLEL\nOTHER\nDOUBLE\nParticipants Outcome Assessors\n"
    page = edited(VALUES_ONLY, (("INTERVENTIONAL", "OBSERVATIONAL"), (design, "OTHER\nPROSPECTIVE\n")))
    reading = MEDDATAX.read(page)
    assert (reading.trial.observational_model, reading.trial.time_perspective) == ("Other", "Prospective")
    assert reading.lost == ()
