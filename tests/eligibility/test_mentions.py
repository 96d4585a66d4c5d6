"""What is named in a criterion, with its codes and what is said of it: whole answers for whole lines, and what is true of any text."""

import gzip
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.eligibility.coding import abbreviated
from converter.eligibility.findings import Mention
from converter.eligibility.mentions import mentions
from converter.eligibility.plain import plain, words
from converter.eligibility.tree import parse, walk
from tests.corpus import corpus

LINES = [
    ("Known hypersensitivity to penicillin or aspirin", [
        "condition hypersensitivity: D006967",
        "medication penicillin: D010406 B9405MYY5G",
        "medication aspirin: D001241 R16CO5Y76E"]),
    ("No history of myocardial infarction (MI) or stroke within 6 months", [
        "condition myocardial infarction: D009203 I21.9, denied, history",
        "condition MI: D009203 I21.9, denied, history",
        "condition stroke: D020521, denied, history"]),
    ("Prior chemotherapy or radiotherapy for breast cancer", [
        "procedure chemotherapy: prior",
        "procedure radiotherapy: D011878, prior",
        "condition breast cancer: D001943"]),
    ("Malignancy other than basal cell carcinoma of the skin", [
        "condition Malignancy: D009369",
        "condition basal cell carcinoma: D002280, excepted"]),
    ("Pregnant or breastfeeding women", [
        "pregnancy Pregnant: D011247 Z33.1",
        "pregnancy breastfeeding: D001942"]),
    ("Concomitant use of warfarin", ["medication warfarin: D014859 5Q7ZVV76EI, concomitant"]),
    ("Patients scheduled for elective total knee arthroplasty under general anesthesia", [
        "procedure total knee arthroplasty: D019645",
        "procedure general anesthesia: D000768"]),
    ("Unable to undergo MRI", ["procedure MRI: D008279, denied"]),
    ("Active hepatitis B, hepatitis C or HIV infection", [
        "condition hepatitis B: D006509, current",
        "condition hepatitis C: D006526, current",
        "condition HIV infection: D015658, current"]),
    ("Uncontrolled type 2 diabetes mellitus", ["condition type 2 diabetes mellitus: D003924 E11"]),
    ("Non-Hodgkin lymphoma", ["condition Non-Hodgkin lymphoma: D008228 C85.9"]),
    ("Admitted for non-cardiac surgery", ["procedure non-cardiac surgery:"]),  # another surgery: neither denied nor coded
    ("Crohn’s disease", ["condition Crohn’s disease: D003424 K50"]),
    ("Orbital infection", ["condition infection:"]),  # an infection, but not any: no code
    ("Adenocarcinoma of the prostate", ["condition Adenocarcinoma:"]),
    ("Infection with HIV", ["condition Infection:", "condition HIV: D015658"]),
    ("Steroid-induced diabetes", ["medication Steroid:", "condition diabetes:"]),
    ("HIV-positive patients", ["condition HIV-positive: D015658"]),
    ("In situ cervical cancer", ["condition cervical cancer:"]),
    ("Ductal carcinoma in situ", ["condition Ductal carcinoma:"]),
    ("Non-melanoma skin cancer", ["condition skin cancer:"]),
    ("Squamous NSCLC", ["condition Squamous NSCLC:"]),
    ("Triple-negative breast cancer", ["condition Triple-negative breast cancer: D064726"]),
    ("Confirmed non-small cell lung cancer", ["condition non-small cell lung cancer: D002289"]),
    ("Non- small cell lung cancer", ["condition Non- small cell lung cancer:"]),
    ("Upper respiratory tract infection", ["condition Upper respiratory tract infection: J06.9"]),
    ("Archived tumor tissue", ["condition tumor:"]),
    ("Insulin pump", ["medication Insulin:"]),
    ("Elective surgery under general anesthesia", ["procedure surgery: D013514", "procedure general anesthesia: D000768"]),
    ("mRNA-1273 vaccine", ["medication vaccine:"]),
    ("Brain metastases", ["condition Brain metastases: C79.31"]),
    ("Non-pregnant women", ["pregnancy pregnant: D011247 Z33.1, denied"]),
    ("Score on the Beck Depression Inventory above 20", []),
    ("Nursing home residents", []),
    ("PLT < 80 × 10⁹/L or WBC < 3 × 10⁹/L", []),
    ("Signed informed consent", []),
    ("", []),
]

ABBREVIATED = [
    ("COPD", "chronic obstructive pulmonary disease (COPD)", "chronic obstructive pulmonary disease"),
    ("AML", "severe traumatic brain injury (TBI) and acute myeloid leukemia (AML)", "acute myeloid leukemia"),
    ("TBI", "severe traumatic brain injury (TBI) and acute myeloid leukemia (AML)", "traumatic brain injury"),
    ("CIS", "carcinoma in situ (CIS)", "carcinoma in situ"),
    ("MI", "myocardial infarction (heart attack)", None),
    ("MI", "(MI)", None),
    ("MI", "myocardial infarctions of the mitral valve (MI)", None),
    ("TSD", "the study drug (TSD)", None),
]


def read(text: str, start: int = 0) -> list[Mention]:
    """What is named in the text from `start` on."""
    usual = plain(text)
    [found] = mentions(usual, text, [(start, len(text), words(usual, start, len(text)))])
    return found


def written(text: str, one: Mention) -> str:
    """A mention as the table has it."""
    said = ", ".join(filter(None, [" ".join(code.code for code in one.codes), "denied" * one.negated, "excepted" * one.excepted, one.status]))
    return f"{one.kind} {text[one.start:one.end]}: {said}".strip()


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_a_line_is_read(line: str, expected: list[str]) -> None:
    assert [written(line, one) for one in read(line)] == expected


@pytest.mark.parametrize(("short", "text", "expected"), ABBREVIATED)
def test_a_text_says_which_term_it_abbreviates(short: str, text: str, expected: str | None) -> None:
    assert abbreviated(short, text) == expected


def test_an_abbreviation_is_known_in_the_whole_text_after_it_was_defined_anywhere() -> None:
    text = "Cystic fibrosis (CF). Severe CF"
    assert written(text, read(text, 22)[-1]) == "condition CF: D003550 E84"
    assert read("Severe CF")[-1].codes == ()


def test_a_name_that_is_a_term_is_surer_than_one_that_is_not() -> None:
    text = "Patients with asthma or poor tissue"
    found = {one.rule: one.confidence for one in read(text)}
    assert found["dictionary.condition"] >= 0.9


def lawful(text: str, start: int, end: int, found: list[Mention]) -> None:
    """The laws of mentions of any text."""
    for one in found:
        assert start <= one.start < one.end <= end
        assert one.rule in (f"dictionary.{one.kind}", f"tagger.{one.kind}")
        assert 0 < one.confidence < 1
        assert len(text[one.start:one.end].split()) <= 8
        assert not one.codes or one.rule.startswith("dictionary")
    assert all(one.end <= other.start for one, other in pairwise(found))


WORDS = ["asthma", "basal", "cell", "carcinoma", "no", "history", "of", "(MI)", "myocardial", "infarction", "untreated", "HIV", "infection", "type", "2", "diabetes",
         "mellitus", "other", "than", "pregnant", ",", "-", "\n", "surgery", "allergic", "to", "milk", "penicillin", "mg", "Crohn's", "disease", "non-", "'"]


@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)), st.integers(0, 5))
def test_any_text_is_read_lawfully(text: str, start: int) -> None:
    start = min(start, len(text))
    lawful(text, start, len(text), read(text, start))


@pytest.mark.corpus
def test_the_criteria_of_a_registry_are_read_lawfully() -> None:
    with gzip.open(corpus("ctgov_v2/records.ndjson.gz"), "rt", encoding="utf-8") as records:
        for record in map(json.loads, records):
            text = record["protocolSection"].get("eligibilityModule", {}).get("eligibilityCriteria", "")
            tree = parse(text)
            places = [(node.start, node.end, words(tree.plain, node.start, node.end)) for node in walk(tree.nodes)]
            for (start, end, _), found in zip(places, mentions(tree.plain, text, places), strict=True):
                lawful(text, start, end, found)
