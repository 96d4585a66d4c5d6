"""What headings say: the side, for whom, how the criteria below them combine."""

import pytest

from converter.eligibility.combining import combination, says_nothing_else
from converter.eligibility.findings import Side
from converter.eligibility.headings import excludes, group, section, stated
from converter.eligibility.plain import plain

SECTIONS = [
    # the line, whether it has a mark, the side, for whom, what follows on the line
    ("Inclusion Criteria:", False, "inclusion", None, ""),
    ("EXCLUSION CRITERIA", False, "exclusion", None, ""),
    ("Exclusion criteria.", True, "exclusion", None, ""),
    ("Key Exclusion Criteria :", False, "exclusion", None, ""),
    ("Inclusion Criteria*:", False, "inclusion", None, ""),
    ("Disease-specific exclusion criteria:", False, "exclusion", None, ""),
    ("Non-inclusion criteria", False, "exclusion", None, ""),
    ("Pre-inclusion criteria :", False, "inclusion", None, ""),
    ("Inclution Criteria:", False, "inclusion", None, ""),
    ("Excusion Criteria", False, "exclusion", None, ""),
    ("Inlcusion criteria:", False, "inclusion", None, ""),
    ("Inclusions:", False, "inclusion", None, ""),
    ("Subject Exclusion", False, "exclusion", None, ""),
    ("Excluded:", False, "exclusion", None, ""),
    ("Criteria for exclusion", False, "exclusion", None, ""),
    ("Inclusion/Exclusion Criteria:", False, None, None, ""),
    ("Inclusion criteria for mothers will be:", False, "inclusion", "mothers", ""),
    ("Exclusion Criteria (healthy control group)", False, "exclusion", "healthy control group", ""),
    ("Inclusion Criteria (n = 8): Adults", False, "inclusion", "n = 8", " Adults"),
    ("Key Inclusion Criteria - Arms 1a, 1b, 2, and 3", False, "inclusion", "Arms 1a, 1b, 2, and 3", ""),
    ("Inclusion Criteria - For all participants :", False, "inclusion", "all participants", ""),
    ("Exclusion Criteria- none", False, "exclusion", None, " none"),
    ("Module 2 specific exclusion criteria:", False, "exclusion", "Module 2", ""),
    ("Cohort D (4L+ Colorectal Carcinoma \\[CRC\\]) - Specific Inclusion Criteria:", False, "inclusion",
     "Cohort D (4L+ Colorectal Carcinoma \\[CRC\\])", ""),
    ("Inclusion criteria of the controls were as follows:", True, "inclusion", "controls", ""),
    ("Exclusion Criteria: 1. HIV", False, "exclusion", None, " 1. HIV"),
    ("Exclusion criteria Patients with HIV", False, "exclusion", None, "Patients with HIV"),
    ("Exclusion criteria • HIV", False, "exclusion", None, "• HIV"),
    ("Ausschlusskriterien:", False, "exclusion", None, ""),
    ("Critères d'inclusion : Adultes", False, "inclusion", None, " Adultes"),
    ("Critères de non-inclusion", False, "exclusion", None, ""),
    ("Criterios de exclusión:", False, "exclusion", None, ""),
    ("Critérios de inclusão", False, "inclusion", None, ""),
    ("Criteri di esclusione:", False, "exclusion", None, ""),
    ("纳入标准：成人", False, "inclusion", None, "成人"),
    ("排除标准", False, "exclusion", None, ""),
]


@pytest.mark.parametrize(("line", "marked", "side", "name", "rest"), SECTIONS, ids=[line for line, *_ in SECTIONS])
def test_section(line: str, marked: bool, side: Side | None, name: str | None, rest: str) -> None:
    heading = section(line, plain(line), 0, len(line), marked)
    assert heading is not None
    assert (heading.side, heading.group, line[heading.end:]) == (side, name, rest)


@pytest.mark.parametrize("line", [
    "Does not meet the inclusion criteria;", "Any inclusion criteria not met", "Subjects who do not conform to the above inclusion criteria.",
    "Other protocol-defined inclusion/exclusion criteria may apply.", "In addition to patient exclusion criteria as defined above",
    "Period of exclusion for an other study", "fever or acute disease (the inclusion must be postponed in such cases).",
    "There are no exclusion criteria for siblings", "Exclusion criteria in accordance with contraindications in the SPC of the drug",
    "Inclusion criteria is willingness to consent and be of age 18 and older", "Signed informed consent Exclusion criteria:",
    "Failure to meet any of the inclusion criteria:", "Prior inclusion", "Excluded by the investigator", "Smokers", "Included",
])
def test_bullets_that_are_no_sections(line: str) -> None:
    assert section(line, plain(line), 0, len(line), marked=True) is None


GROUPS = [
    ("Cohort A:", "Cohort A"), ("Group 1", "Group 1"), ("Part 2 only:", "Part 2 only"), ("For healthy volunteers:", "For healthy volunteers"),
    ("ALLERGIC PATIENTS:", "ALLERGIC PATIENTS"), ("Healthy controls", "Healthy controls"), ("Parkinson's Disease (PD) group", "Parkinson's Disease (PD) group"),
    ("Group 2: Allergic (not allergic to peanut; n=20)", "Group 2: Allergic (not allergic to peanut; n=20)"),
    ("For ovarian cancer:", "For ovarian cancer"), ("For ovarian cancer", None), ("For more information:", None),
    ("Medical conditions:", None), ("Renal function (within 7 days):", None), ("Women who:", None), ("Adults aged 18-40 years with:", None),
    ("Patients must have:", None), ("History of:", None), ("", None), ("Patients with any of the following:", None), ("Healthy as defined by:", None),
]


@pytest.mark.parametrize(("line", "name"), GROUPS, ids=[line for line, _ in GROUPS])
def test_group(line: str, name: str | None) -> None:
    assert group(line, plain(line), 0, len(line)) == name


STATED: list[tuple[str, Side | None]] = [
    ("Patients will be excluded if they have:", "exclusion"), ("Women were ineligible if they:", "exclusion"),
    ("A subject will not be eligible if any of the following apply:", "exclusion"), ("Patients should not meet any of the following criteria:", "exclusion"),
    ("The presence of any of the following will exclude a subject:", "exclusion"), ("Patients may not have any of the following:", "exclusion"),
    ("Subjects will be included if they:", "inclusion"), ("Participants who meet the following are eligible:", "inclusion"),
    ("All enrolled subjects:", None), ("Adequate organ function:", None), ("Lymphoma, excluding the following:", None),
]


@pytest.mark.parametrize(("line", "side"), STATED, ids=[line for line, _ in STATED])
def test_stated(line: str, side: Side | None) -> None:
    assert stated(plain(line), 0, len(line)) == side


@pytest.mark.parametrize(("line", "expected"), [
    ("Patients are to be excluded from the study if they have any of the following:", True), ("Anyone with asthma is not eligible if:", True),
    ("Patients will be excluded", False), ("GFR below 80 (patients with reversible causes are excluded) or one of:", False),
])
def test_excludes(line: str, expected: bool) -> None:
    assert excludes(plain(line), 0, len(line)) is expected


COMBINATIONS = [
    ("At least one of the following:", ("any-of", None)), ("any of the following criteria:", ("any-of", None)),
    ("one or more of the following", ("any-of", None)), ("Either:", ("any-of", None)), ("≥ 1 of the following:", ("any-of", None)),
    ("meeting one of the following:", ("any-of", None)), ("any one (1) of the following:", ("any-of", None)),
    ("at least two of the following:", ("at-least", 2)), ("at least 2 (two) of the following:", ("at-least", 2)), ("≥2 of the following:", ("at-least", 2)),
    ("two or more of the following", ("at-least", 2)), ("plus four of the following criteria:", ("at-least", 4)),
    ("at least three out of the following six conditions:", ("at-least", 3)), ("with any 2 of the following:", ("at-least", 2)),
    ("all of the following:", ("all-of", None)), ("All the following criteria must be met:", ("all-of", None)),
    ("each of the following", ("all-of", None)), ("both of these:", ("all-of", None)), ("must meet all 3 of the following criteria:", ("all-of", None)),
    ("before day 1 of the treatment, patients must meet the following criteria:", (None, None)),
    ("must meet all criteria and at least one of the following:", ("any-of", None)),
    ("none of the following:", (None, None)), ("not any of the following:", (None, None)), ("Adequate organ function:", (None, None)),
    ("for at least 4 weeks:", (None, None)), ("age > 18 years:", (None, None)), ("All patients:", (None, None)), ("any malignancy", (None, None)),
    ("at least 0 of the following:", (None, 0)),
    ("more than one of the following:", ("at-least", 2)), ("> 2 of the following:", ("at-least", 3)), ("2 out of 3 of the following:", ("at-least", 2)),
    ("no fewer than two of the following:", ("at-least", 2)), ("not less than 2 of the following:", ("at-least", 2)),
    ("no more than two of the following:", (None, 2)), ("fewer than 3 of the following:", (None, 3)), ("not more than one of the following:", (None, 1)),
    ("up to two of the following:", (None, 2)), ("at most one of the following:", (None, 1)), ("one or two of the following:", (None, 2)),
    ("exactly one of the following:", (None, 1)), ("only one of the following:", (None, 1)), ("all but one of the following:", (None, 1)),
]


@pytest.mark.parametrize(("line", "expected"), COMBINATIONS, ids=[line for line, _ in COMBINATIONS])
def test_combination(line: str, expected: tuple[str | None, int | None]) -> None:
    assert combination(plain(line), 0, len(line)) == expected


@pytest.mark.parametrize(("line", "expected"), [
    ("At least one of the following:", True), ("Patients must meet all of the following criteria:", True), ("Presence of any of the following:", True),
    ("Asthma with any of the following:", False), ("No evidence of any of the following:", False), ("Must not have any of the following:", False),
])
def test_says_nothing_else(line: str, expected: bool) -> None:
    assert says_nothing_else(plain(line), 0, len(line)) is expected
