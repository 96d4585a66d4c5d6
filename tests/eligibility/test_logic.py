"""What criteria mean as a whole, of findings that are written into their text: {c stroke}, {-c stroke} (denied), {>c stroke} (dated), {xc stroke} (excepted)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.eligibility import logic
from converter.eligibility.closing import Closed
from converter.eligibility.findings import Bound, Coding, Combined, Comparison, Criterion, Finding, Meaning, Mention, Not, Side, Statement

from converter.eligibility.findings import Timed, Window  # isort: skip
from converter.eligibility.plain import plain
from converter.eligibility.reading import NOTHING
from converter.eligibility.statements import statements
from converter.eligibility.understanding import understand

MARK = re.compile(r"\{([->x]*)([cmpga#w]) ([^{}]+)\}")
KINDS = {"c": "condition", "m": "medication", "p": "procedure", "g": "pregnancy", "a": "allergy"}

CERTAIN = [
    # one
    ("inclusion", "Patients with {c asthma}.", "asthma"),
    ("inclusion", "Documented diagnosis of {c type 2 diabetes} at screening", "type 2 diabetes"),
    ("exclusion", "Known or documented {c epilepsy};", "epilepsy"),
    ("exclusion", "{>c stroke} in medical history", "stroke"),
    ("exclusion", "Current {c asthma}", "asthma"),
    ("inclusion", "{c heart failure} (HF)", "heart failure"),
    ("exclusion", "{c chronic kidney disease} [CKD]", "chronic kidney disease"),
    ("inclusion", "{c asthma} according to the 2019 GINA guidelines", "asthma"),
    ("inclusion", "Histologically or cytologically confirmed {c breast cancer}", "breast cancer"),
    ("exclusion", "Treatment with {m warfarin}", "warfarin"),
    ("exclusion", "{p surgery} {w within 4 weeks}", "surgery @ within 4 weeks"),
    ("inclusion", "Signed informed consent prior to any study procedures", "consent"),
    ("exclusion", "Unable to give informed consent", "not consent"),
    # lists
    ("exclusion", "{c stroke} or {c asthma}", "any-of(stroke, asthma)"),
    ("exclusion", "{c stroke}, {c asthma}, {c epilepsy}", "any-of(stroke, asthma, epilepsy)"),
    ("exclusion", "Known {c stroke}, {c asthma} and {c epilepsy}", "any-of(stroke, asthma, epilepsy)"),
    ("exclusion", "{c stroke}; {c asthma}; {c epilepsy}", "any-of(stroke, asthma, epilepsy)"),
    ("exclusion", "{c stroke} and/or {c asthma}", "any-of(stroke, asthma)"),
    ("inclusion", "{c asthma} or other {c lung disease}", "any-of(asthma, lung disease)"),
    ("inclusion", "{c asthma} and {c obesity}", "all-of(asthma, obesity)"),
    ("inclusion", "both {c asthma} and {c obesity}", "all-of(asthma, obesity)"),
    ("exclusion", "Both {c asthma} and {c obesity}", "all-of(asthma, obesity)"),
    ("exclusion", "Either {c asthma} or {c obesity}", "any-of(asthma, obesity)"),
    ("inclusion", "({c asthma} and {c obesity}) or {c stroke}", "any-of(all-of(asthma, obesity), stroke)"),
    ("exclusion", "use of {m aspirin}, {m heparin}, or {m warfarin} {w within 7 days}",
     "any-of(aspirin @ within 7 days, heparin @ within 7 days, warfarin @ within 7 days)"),
    # measures
    ("inclusion", "Current {# ALT (> 3})", "ALT (> 3"),
    ("inclusion", "{# ALT > 3}", "ALT > 3"),
    ("inclusion", "{# ALT > 3}, {# AST > 3}, {# INR > 2}", "all-of(ALT > 3, AST > 3, INR > 2)"),
    ("inclusion", "{# ALT > 3} and {# AST > 3}", "all-of(ALT > 3, AST > 3)"),
    ("exclusion", "{# ALT > 3} or {# AST > 3}", "any-of(ALT > 3, AST > 3)"),
    ("exclusion", "{# ALT > 3}; {# AST > 3}", "any-of(ALT > 3, AST > 3)"),
    ("exclusion", "{c anemia} ({# hemoglobin > 3})", "all-of(anemia, hemoglobin > 3)"),
    ("exclusion", "{c fever} ({# temperature > 38}) or {c pneumonia}", "any-of(all-of(fever, temperature > 38), pneumonia)"),
    ("inclusion", "{c diabetes} with {# HbA1c > 7}", "all-of(diabetes, HbA1c > 7)"),
    ("exclusion", "platelet counts({# PLT) > 80}, or white blood cell ({# WBC) > 3}", "any-of(PLT) > 80, WBC) > 3)"),
    ("exclusion", "{c aminotransferase} ({# ALT) > 2}", "ALT) > 2"),
    ("exclusion", "Renal insufficiency: {# creatinine > 2}", "creatinine > 2"),
    ("inclusion", "Adequate bone marrow function: {# ANC > 1}, {# platelets > 80}", "all-of(ANC > 1, platelets > 80)"),
    ("exclusion", "Uncontrolled {c hypertension} ({# pressure > 160})", "all-of(hypertension, pressure > 160)"),
    ("inclusion", "Medium or high {c disease} activity ({# DAS28 > 3})", "DAS28 > 3"),
    ("inclusion", "Glycated hemoglobin ({# HbA1c) > 7}", "HbA1c) > 7"),
    ("inclusion", "Hepatic: {# ALT > 3}", "ALT > 3"),
    ("exclusion", "{c obesity}, defined as {# BMI > 30}", "all-of(obesity, BMI > 30)"),
    # names with the words that narrow them
    ("exclusion", "severe {c asthma}", "severe asthma"),
    ("exclusion", "History of clinically significant {>c heart disease}", "clinically significant heart disease"),
    ("exclusion", "Patients with acute or {c chronic pancreatitis}", "acute or chronic pancreatitis"),
    ("exclusion", "active, known or suspected {c autoimmune disease}", "active, known or suspected autoimmune disease"),
    ("inclusion", "Diagnosis of type 1 or {c type 2 diabetes}", "type 1 or type 2 diabetes"),
    ("exclusion", "grade ≥ 2 {c neuropathy}", "grade ≥ 2 neuropathy"),
    ("exclusion", "drug or {c alcohol abuse}", "drug or alcohol abuse"),
    ("inclusion", "non-squamous {c lung cancer}", "non-squamous lung cancer"),
    ("exclusion", "{c asthma} or severe {c bronchitis}", "any-of(asthma, severe bronchitis)"),
    ("exclusion", "severe {c asthma}, uncontrolled {c hypertension} or {c epilepsy}",
     "any-of(severe asthma, uncontrolled hypertension, epilepsy)"),
    ("exclusion", "uncontrolled {c asthma} or a history of {>c stroke}", "any-of(uncontrolled asthma, stroke)"),
    ("exclusion", "Any contraindication to {p magnetic resonance imaging}", "contraindication to magnetic resonance imaging"),
    ("inclusion", "Scheduled for elective {p hip surgery}", "Scheduled for elective hip surgery"),
    ("exclusion", "family history of {c asthma}", "family history of asthma"),
    ("exclusion", "{c asthma} requiring {p intubation}", "asthma requiring intubation"),
    ("exclusion", "Previous {>p surgery} of the lumbar spine.", "surgery of the lumbar spine"),
    ("exclusion", "{c psychiatric disorder} that would interfere with cooperation", "psychiatric disorder that would interfere with cooperation"),
    ("exclusion", "{a hypersensitivity} to {m pembrolizumab} or any of its excipients",
     "hypersensitivity to pembrolizumab or any of its excipients"),
    ("exclusion", "{c liver disease} such as {c cirrhosis} or {c hepatitis}", "liver disease such as cirrhosis or hepatitis"),
    ("exclusion", "{c heart disease} including {c infarction}, or {c renal failure}", "heart disease including infarction, or renal failure"),
    ("exclusion", "{# bilirubin > 2} except {c Gilbert syndrome}", "all-of(bilirubin > 2, not Gilbert syndrome)"),
    ("inclusion", "{# albumin > 30} except {c cirrhosis}", "any-of(albumin > 30, cirrhosis)"),
    ("exclusion", "treatment for {c hypertension}", "treatment for hypertension"),
    ("exclusion", "severe {c asthma} or other {c lung disease}", "any-of(severe asthma, other lung disease)"),
    ("exclusion", "use of other forms of {m insulin}", "other forms of insulin"),
    # what limits nobody
    ("inclusion", "{# BMI > 30}, as judged by the investigator", "BMI > 30"),
    ("exclusion", "{c liver disease} ({m e.g.} {c cirrhosis})", "liver disease"),
    ("inclusion", "{# albumin > 25} (2.5 g/dl)", "albumin > 25"),
    ("inclusion", "{# clearance > 50} (calculated using the Cockcroft-Gault formula)", "clearance > 50"),
    # who
    ("inclusion", "Adults with {c asthma} or {c obesity}", "all-of(adult, any-of(asthma, obesity))"),
    ("inclusion", "Male or female, {# age > 18} years", "age > 18"),
    ("inclusion", "Women with {c endometriosis}", "all-of(female, endometriosis)"),
    ("inclusion", "Children and adolescents with {c asthma}", "all-of(any-of(child, adolescent), asthma)"),
    ("inclusion", "Healthy adult women", "all-of(healthy, adult, female)"),
    ("exclusion", "{g pregnant} or breastfeeding women", "any-of(pregnant, lactation)"),
    ("exclusion", "Women who are {g pregnant} or lactating", "any-of(pregnant, lactation)"),
    ("exclusion", "{g Pregnant} or nursing women (breastfeeding)", "any-of(Pregnant, lactation)"),
    ("exclusion", "{g Pregnancy} and lactation", "any-of(pregnancy, lactation)"),
    ("inclusion", "Women of childbearing potential must use effective contraception during the study", "any-of(not childbearing, contraception)"),
    ("inclusion", "Women of childbearing potential must have a negative pregnancy test and agree to use contraception",
     "any-of(not childbearing, all-of(negative, contraception))"),
    ("inclusion", "If female of childbearing potential, must have a negative pregnancy test", "any-of(not childbearing, negative)"),
    ("inclusion", "For women of childbearing potential: negative pregnancy test", "any-of(not childbearing, negative)"),
    ("inclusion", "Negative pregnancy test for women of childbearing potential", "any-of(not childbearing, negative)"),
    ("exclusion", "Women of childbearing potential not using contraception", "all-of(childbearing, not contraception)"),
    ("inclusion", "Adults with {c asthma} who speak English or French", "all-of(adult, asthma, any-of(en, fr))"),
    ("inclusion", "Both male and female", "any"),
    ("inclusion", "Women of childbearing potential (WOCBP) must use contraception", "any-of(not childbearing, contraception)"),
    ("inclusion", "Able to speak English or French", "any-of(en, fr)"),
    ("exclusion", "{g pregnant}, planning to become {g pregnant} during the study, or breastfeeding",
     "any-of(pregnant, planning to become pregnant, lactation)"),
    ("exclusion", "current or planned {g pregnancy}", "current or planned pregnancy"),
    ("inclusion", "English or Spanish speaking", "any-of(en, es)"),
    ("exclusion", "Women {# age > 65} or {# BMI > 30}", "any-of(all-of(female, age > 65), BMI > 30)"),
    # negation
    ("inclusion", "No history of {-c cancer}", "not cancer"),
    ("inclusion", "No history of {-c cancer}, {-c stroke} or {-c epilepsy}", "not any-of(cancer, stroke, epilepsy)"),
    ("inclusion", "Neither {-c asthma} nor {-c obesity}", "not any-of(asthma, obesity)"),
    ("inclusion", "No {-c asthma} and no {-c obesity}", "all-of(not asthma, not obesity)"),
    ("inclusion", "{c diabetes} without {-c nephropathy}", "all-of(diabetes, not nephropathy)"),
    ("inclusion", "Not {-g pregnant} or lactating", "not any-of(pregnant, lactation)"),
    ("exclusion", "Lack of {-c epilepsy}", "not epilepsy"),
    ("exclusion", "{c diabetes} without {-c nephropathy}", "all-of(diabetes, not nephropathy)"),
    # allergies
    ("exclusion", "Known {a allergy} to {m penicillin}", "allergy to penicillin"),
    ("exclusion", "{a Allergy} or {a hypersensitivity} to {m penicillin} or {m aspirin}",
     "any-of(Allergy or hypersensitivity to penicillin, Allergy or hypersensitivity to penicillin or aspirin)"),
    ("exclusion", "{m penicillin} {a allergy}", "penicillin allergy"),
    ("exclusion", "Known {c sensitivity} or {c intolerance} to {m penicillin}", "sensitivity or intolerance to penicillin"),
    ("exclusion", "{a allergy} or {c asthma}", "any-of(allergy, asthma)"),
    # exceptions and examples
    ("exclusion", "{c cancer} other than {xc basal cell carcinoma}", "except(cancer, basal cell carcinoma)"),
    ("exclusion", "{c cancer}, except for {xc skin cancer} or {xc cervical cancer}", "except(cancer, skin cancer, cervical cancer)"),
    ("inclusion", "No {-c cancer} except {xc skin cancer}", "not except(cancer, skin cancer)"),
    ("exclusion", "{c cancer} (other than {xc skin cancer})", "except(cancer, skin cancer)"),
    ("exclusion", "{c liver disease} (e.g., {c cirrhosis}, unknown things) or {c asthma}", "any-of(liver disease, asthma)"),
    # so many of
    ("inclusion", "At least two of the following: {c asthma}, {c obesity}, {c stroke}", "at-least 2(asthma, obesity, stroke)"),
    ("inclusion", "Two or more of the following criteria: {c asthma}, {c obesity} and {# BMI > 30}", "at-least 2(asthma, obesity, BMI > 30)"),
    ("exclusion", "Any of the following: {c asthma}, {c obesity}", "any-of(asthma, obesity)"),
    ("exclusion", "More than one of {c asthma}, {c obesity}, {c stroke}", "at-least 2(asthma, obesity, stroke)"),
    ("inclusion", "All of the following: {c asthma}, {c obesity}", "all-of(asthma, obesity)"),
    ("inclusion", "Adults with at least one of the following: {c asthma} or {c obesity}", "all-of(adult, any-of(asthma, obesity))"),
    # headings
    ("inclusion", "Patients with any of the following conditions:", "nothing"),
    ("inclusion", "Patients must have", "nothing"),
    ("inclusion", "No history of any of the following:", "not nothing"),
]

UNCERTAIN = [
    ("exclusion", "{c asthma} and {c obesity}"),  # both, or each
    ("inclusion", "{c asthma}, {c obesity}"),
    ("inclusion", "{c asthma} and {c obesity} or {c stroke}"),
    ("inclusion", "patients with {c psoriasis} and patients with {c eczema}"),
    ("inclusion", "No {-c asthma} and {-c obesity}"),
    ("inclusion", "No {c asthma}"),  # the finding does not know of the negation
    ("exclusion", "{xc asthma}"),
    ("exclusion", "{c cancer} (other than {xc skin cancer}) or {c asthma}"),
    ("inclusion", "{-c asthma}"),  # the finding knows of one that the words do not have
    ("exclusion", "severe {c asthma} or {c bronchitis}"),  # which of them severe
    ("exclusion", "any contraindication for {p MRI} or {p CT}"),
    ("exclusion", "{c asthma} or {c bronchitis} requiring {p intubation}"),
    ("exclusion", "history of or planned {>p surgery}"),
    ("inclusion", "or {c asthma}"),  # than what stands above
    ("exclusion", "uncontrolled {c hypertension} {# pressure > 180}"),  # the value may say what is meant
    ("inclusion", "for patients with {c liver metastases}, {# AST > 5} and/or {# ALT > 5}"),
    ("exclusion", "women who are or plan to become {g pregnant}"),
    ("exclusion", "lack of {-p cooperation} or {-c psychosis}"),
    ("exclusion", "{c gastric disease} that may interfere with absorption or patients who cannot swallow"),
    ("inclusion", "{# BMI > 27} (25 for Asians)"),
    ("exclusion", "women with {c asthma} or patients with {c obesity}"),
    ("exclusion", "severe {c asthma} or {c anemia} ({# hemoglobin > 8})"),
    ("inclusion", "Patients with renal insufficiency: {# creatinine > 2}"),
    ("inclusion", "Renal failure: {# creatinine > 2}, {c asthma}"),
    ("exclusion", "{c pneumonia} with {c sepsis}"),
    ("exclusion", "history of {c asthma}"),  # the finding does not know that it is past
    ("exclusion", "{c stroke}, {c asthma} or {c epilepsy} {w! within 6 months}"),  # of the last, or of all
    ("exclusion", "{p surgery} {w within 6 months} or {c stroke}"),
    ("exclusion", "{c asthma} ({c obesity})"),
    ("exclusion", "{c asthma} or {c obesity} except {xc stroke}"),
    ("exclusion", "At least four of the following: {c asthma}, {c obesity}"),
    ("inclusion", "{c asthma} (or {c obesity}"),
    (None, "{c asthma}, {c obesity}"),
    (None, "{c asthma} and {c obesity}"),
    ("inclusion", "Women of childbearing potential and men must use contraception"),
    ("inclusion", "Negative pregnancy test if female"),
    ("inclusion", "{# ALT > 3} (or {# AST > 3})"),
    ("exclusion", "No {-c cancer}"),  # excluded, or required
    ("exclusion", "Must not have {-c cancer}"),
    ("inclusion", "non-{-c squamous lung cancer}"),  # a kind of it
    ("exclusion", "{c nasal infection} or {c inflammation}"),  # of the nose, or any
    ("exclusion", "{c mental} or {c skin disorder}"),
    ("exclusion", "{c disorders}"),
    ("exclusion", "{c implants}, {c not removable}"),  # the second may say more of the first
    ("inclusion", "{c peripheral} {# eosinophils > 500}"),
    ("exclusion", "{c asthma} and other conditions"),
    ("exclusion", "{a allergy} to {m penicillin} and {m aspirin}"),
    ("exclusion", "{g pregnant} or {w within 6 weeks} post-partum"),
    ("exclusion", "{c heart and lung disease}"),  # in no vocabulary: one or two
]


def marked(text: str) -> tuple[str, list[Finding]]:
    """The text without its marks, and the findings: those of the marks, and the usual statements."""
    found: list[Finding] = []
    written = ""
    place = 0
    for match in MARK.finditer(text):
        written += text[place : match.start()]
        start, place = len(written), match.end()
        signs, kind, words = match.groups()
        only_last = words.startswith("! ")
        words = words.removeprefix("! ")
        written += words
        if kind == "#":
            name, bound = re.split(r"\)? \(?> ", words)
            found.append(Comparison(start=start, end=len(written), rule="", variable=name.lower(), subject=(start, start + len(name)),
                                    lower=Bound(Decimal(bound), False), unit="1"))
        elif kind == "w":
            targets = [one for one in found if isinstance(one, Mention)]
            found += [Window(start=start, end=len(written), rule="", value=Decimal(1), unit="mo", direction="before", least=False,
                             target=(one.start, one.end)) for one in (targets[-1:] if only_last else targets)]
        else:
            found.append(Mention(start=start, end=len(written), rule="", kind=KINDS[kind], negated="-" in signs, excepted="x" in signs,  # type: ignore[arg-type]
                                 status="history" if ">" in signs else None))
    written += text[place:]
    taken = [(one.start, one.end) for one in found]
    usual = [one for one in statements(plain(written), 0, len(written)) if not any(a < one.end and one.start < b for a, b in taken)]
    return written, sorted([*found, *usual], key=lambda one: (one.start, -one.end))


def shown(meaning: Meaning | None, text: str) -> str | None:
    match meaning:
        case None:
            return None
        case Combined(parts=()):
            return "nothing"
        case Combined():
            how = meaning.how if meaning.threshold is None else f"{meaning.how} {meaning.threshold}"
            return f"{how}({', '.join(str(shown(part, text)) for part in meaning.parts)})"
        case Not():
            return f"not {shown(meaning.part, text)}"
        case Timed():
            return f"{shown(meaning.part, text)} @ {text[meaning.window.start:meaning.window.end]}"
        case Statement():
            return meaning.value or meaning.kind
    assert not getattr(meaning, "negated", False) and not getattr(meaning, "excepted", False), "in a meaning only Not negates"
    return text[meaning.start : meaning.end].replace("Pregnancy", "pregnancy")


def meaning(text: str, side: Side | None) -> str | None:
    written, found = marked(text)
    return shown(logic.meaning(plain(written), 0, len(written), found, side), written)


@pytest.mark.parametrize(("side", "text", "expected"), CERTAIN)
def test_the_meaning_is_what_the_words_say(side: Side, text: str, expected: str | None) -> None:
    assert meaning(text, side) == expected


@pytest.mark.parametrize(("side", "text"), UNCERTAIN)
def test_what_can_be_read_in_two_ways_has_no_meaning(side: Side | None, text: str) -> None:
    assert meaning(text, side) is None


CODED = (Coding("", "D001249", "Asthma"),)


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("known asthma", 6, 12, {"start": 6, "codes": CODED}),
        ("severe asthma", 7, 13, {"start": 0, "codes": ()}),
        ("active asthma", 7, 13, {"start": 0, "codes": (), "status": None}),  # which is there, too, while it rests
        ("active infection", 7, 16, {"start": 7, "codes": CODED, "status": "current"}),  # its status says so
        ("active or severe asthma", 17, 23, {"start": 0, "codes": (), "status": None}),  # now, or at any time
        ("contraindication to asthma drug", 20, 31, {"start": 0, "codes": (), "kind": "condition"}),
    ],
)
def test_a_narrowed_name_is_no_term_of_a_vocabulary(text: str, start: int, end: int, expected: dict[str, object]) -> None:
    status: Literal["current"] | None = "current" if "active" in text else None
    kind: Literal["medication", "condition"] = "medication" if "drug" in text else "condition"
    found = Mention(start=start, end=end, rule="", kind=kind, codes=CODED, status=status)
    meant = logic.meaning(text, 0, len(text), [found], "exclusion")
    assert {name: getattr(meant, name) for name in expected} == expected


def test_what_is_written_together_is_read_as_two() -> None:
    text = "pregnant/nursing women"
    named = Mention(start=0, end=16, rule="", kind="pregnancy")
    assert shown(logic.meaning(text, 0, len(text), [named, *statements(text, 0, len(text))], "exclusion"), text) == "any-of(pregnant, lactation)"


A, B, C = (Mention(start=place, end=place + 1, rule="", kind="condition") for place in (10, 20, 30))
TREES = [
    # the words of the node itself, how the ones below combine, what those mean; what it means with them
    (NOTHING, "any-of", None, [A, B], Combined("any-of", (A, B))),
    (NOTHING, "at-least", 2, [A, B, C], Combined("at-least", (A, B, C), 2)),
    (NOTHING, "all-of", None, [A, Not(B)], Combined("all-of", (A, Not(B)))),
    (NOTHING, "any-of", None, [A, Combined("any-of", (B, C))], Combined("any-of", (A, B, C))),
    (C, "any-of", None, [A, B], Combined("all-of", (C, Combined("any-of", (A, B))))),
    (Not(NOTHING), "any-of", None, [A, B], Not(Combined("any-of", (A, B)))),
    (Not(NOTHING), None, None, [A, B], Not(Combined("any-of", (A, B)))),
    (NOTHING, None, None, [A, B], None),  # how they combine is not said
    (C, None, None, [A], None),
    (NOTHING, "any-of", None, [A, None], None),  # one below is not understood
    (NOTHING, "any-of", None, [A, NOTHING], None),
    (None, "any-of", None, [A, B], None),  # the node's own words are not
    (A, None, None, [], A),
    (NOTHING, None, None, [], None),
    (Not(NOTHING), None, None, [], None),
]


@pytest.mark.parametrize(("own", "how", "threshold", "below", "expected"), TREES)
def test_a_node_means_its_words_with_what_stands_below(
    own: Meaning | None, how: Literal["all-of", "any-of", "at-least"] | None, threshold: int | None, below: list[Meaning | None], expected: Meaning | None
) -> None:
    children = [Criterion(mark=place, start=place, end=place, role="criterion") for place in range(len(below))]
    node = Criterion(mark=99, start=99, end=99, role="criterion", how=how, threshold=threshold, children=children)
    assert logic.combined(node, lambda one: own if one is node else below[one.start]) == expected


@pytest.mark.parametrize(
    ("side", "how", "own", "expected"),
    [
        ("inclusion", "all-of", NOTHING, True),
        ("inclusion", None, NOTHING, True),
        ("exclusion", "any-of", NOTHING, True),
        ("exclusion", "all-of", NOTHING, False),
        ("inclusion", "any-of", NOTHING, False),
        ("inclusion", "at-least", NOTHING, False),
        (None, None, NOTHING, True),
        (None, "any-of", NOTHING, False),
        ("inclusion", "all-of", A, False),
        ("inclusion", "all-of", None, False),
        ("inclusion", None, Not(NOTHING), False),
    ],
)
def test_criteria_below_words_that_limit_nobody_stand_for_themselves(
    side: Side | None, how: Literal["all-of", "any-of", "at-least"] | None, own: Meaning | None, expected: bool
) -> None:
    assert logic.apart(Closed("criteria:", "criteria:", [], []), Criterion(mark=0, start=0, end=9, role="heading", side=side, how=how), own) is expected


def test_of_how_many_is_not_nothing() -> None:
    words = "three of the following:"
    assert not logic.apart(Closed(words, words, [], []), Criterion(mark=0, start=0, end=len(words), role="heading", side="inclusion"), NOTHING)


WORDS = [
    "and", "or", ",", ";", "(", ")", "not", "no", "except", "both", "neither", "of", "at least two of", "with", "{c asthma}", "{-c stroke}", "{m aspirin}", "{a allergy}", "non-{-c asthma}", "{# ALT > 3}",
    "{# age > 18}", "{w within 4 weeks}", "women", "children", "pregnant", "not lactating", "consent", "history of", "use of", "/", ":", ".", "such as", "any", "severe",
    "acute or", "requiring", "planned", "{g pregnancy}", "of the", "or any of its components", "defined as", "family", "type 2", "that may interfere with",
]


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from(["inclusion", "exclusion", None]))
def test_any_words_have_a_meaning_or_none(words: list[str], side: Side | None) -> None:
    """Never an exception; and what is meant are findings, each once, none of them negated but by Not."""
    written, found = marked(" ".join(words))
    meant = logic.meaning(plain(written), 0, len(written), found, side)
    atoms = list(leaves(meant))
    assert len({(one.start, one.end, one.subject if isinstance(one, Comparison) else None) for one in atoms}) == len(atoms)
    assert not any(getattr(one, "negated", False) for one in atoms)
    assert {type(one) for one in atoms} <= {Comparison, Mention, Statement}


def leaves(meaning: Meaning | None) -> Iterator[Finding]:
    match meaning:
        case Combined():
            for part in meaning.parts:
                yield from leaves(part)
        case Not() | Timed():
            yield from leaves(meaning.part)
        case Finding():
            yield meaning


REPEATED = ("consent ", "speaks English ", "asthma any of the following ", "asia ", ",", "…", "women ", "asthma, ", "no asthma or ", "pregnant women or ",
            "at least two of ", "ALT and ", "asthma that may interfere  ", "child-pugh A or ", "except ", "(asthma ", "age 18 to ")


@pytest.mark.parametrize("words", REPEATED)
def test_a_text_without_end_is_understood_as_well(words: str) -> None:
    """Each of these once was read too deep, or over and over again."""
    understanding = understand("Inclusion Criteria:\n\n* " + words * (20_000 // len(words)))
    for node in understanding.nodes:
        understanding.meaning(node)
