"""What a finding is called in a few words, and how a text is laid out in phrases."""

from __future__ import annotations

import gzip
from decimal import Decimal
from itertools import islice
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.console import Console

from converter.eligibility.closing import Closed
from converter.eligibility.findings import (
    Bound,
    Coding,
    Combined,
    Comparison,
    Criterion,
    Finding,
    Grades,
    Mention,
    Not,
    Statement,
    Timed,
    Window,
)
from converter.eligibility.shown.codes import codes
from converter.eligibility.shown.layout import Phrase, phrases
from converter.eligibility.shown.page import body
from converter.eligibility.shown.programs import tree
from converter.eligibility.shown.terminal import lines
from converter.eligibility.shown.wording import expression, fact, harmless, label, percent, readable
from converter.eligibility.tree import Tree
from converter.eligibility.understanding import understand
from converter.json_text import parse
from tests.corpus import corpus

TEXT = "ALT of men, stroke,  early, since surgery"
ALT, MEN, STROKE, SURGERY = (0, 3), (7, 10), (12, 18), (34, 41)


def bound(value: str, included: bool = True) -> Bound:
    return Bound(Decimal(value), included)


def compared(**members: Any) -> Comparison:
    return Comparison(**{"start": 0, "end": 3, "rule": "r", "variable": "alt", "subject": ALT, **members})


def window(**members: Any) -> Window:
    return Window(**{"start": 28, "end": 41, "rule": "r", "value": Decimal(4), "unit": "wk", "direction": "before", "least": False, **members})


def mention(**members: Any) -> Mention:
    return Mention(**{"start": 12, "end": 18, "rule": "r", "kind": "condition", **members})


def stated(**members: Any) -> Statement:
    return Statement(start=7, end=10, rule="r", **members)


@pytest.mark.parametrize(("finding", "said"), [
    (compared(lower=bound("18"), unit="a"), "ALT ≥ 18 years"),
    (compared(lower=bound("1", False), unit="a"), "ALT > 1 year"),
    (compared(lower=bound("18"), upper=bound("80", False), unit="a"), "ALT ≥ 18 and < 80 years"),
    (compared(lower=bound("2"), upper=bound("2"), unit="{score}"), "ALT = 2"),
    (compared(upper=bound("2.50"), limit="ULN"), "ALT ≤ 2.50 × ULN"),
    (compared(lower=bound("1"), upper=bound("3"), limit="LLN"), "ALT ≥ 1 × LLN and ≤ 3 × LLN"),
    (compared(upper=bound("80", False), unit="10*9/L"), "ALT < 80 ×10⁹/L"),
    (compared(lower=bound("1E+3"), unit="/uL"), "ALT ≥ 1000 /uL"),
    (compared(lower=bound("60"), unit="mL/min/{1.73_m2}"), "ALT ≥ 60 mL/min/1.73 m2"),
    (compared(upper=bound("7"), unit="mm[Hg]", sex="male"), "ALT ≤ 7 mm[Hg] (male)"),
    (compared(lower=bound("-2.5")), "ALT ≥ -2.5"),
    (compared(subject=(0, 0), variable="total_bilirubin", lower=bound("1")), "Bilirubin.total ≥ 1"),
    (compared(subject=STROKE, variable="life_expectancy", lower=bound("1"), unit="mo"), "life expectancy ≥ 1 month"),
    (compared(subject=STROKE, variable=None, lower=bound("1")), "stroke ≥ 1"),
    (Grades(start=0, end=3, rule="r", variable=None, subject=ALT, values=("IIIB", "IV")), "ALT: IIIB or IV"),
    (window(target=STROKE, anchor=SURGERY), "stroke: at most 4 weeks before surgery"),
    (window(target=STROKE, anchor=SURGERY, direction="after", value=Decimal(1), least=True), "stroke: at least 1 week after surgery"),
    (window(anchor=SURGERY, direction="around"), "at most 4 weeks before or after surgery"),
    (window(), "at most 4 weeks earlier"),
    (window(direction="after"), "at most 4 weeks later"),
    (window(direction="since", least=True, unit="a"), "at least 4 years ago"),
    (window(direction="lasting", least=True, unit="mo", target=STROKE), "stroke: for at least 4 months"),
    (mention(), "condition: stroke"),
    (mention(negated=True, status="history"), "condition, history: not stroke"),
    (mention(end=26), "condition: stroke, early"),
    (stated(kind="sex", value="male"), "sex: male"),
    (stated(kind="consent"), "consent: men"),
    (stated(kind="contraception", negated=True), "contraception: not men"),
])
def test_a_finding_in_words(finding, said):
    assert fact(finding, TEXT) == said


MALE = stated(kind="sex", value="male")
HIGH = compared(lower=bound("2"), limit="ULN")


@pytest.mark.parametrize(("meaning", "said"), [
    (MALE, "sex: male"),
    (Not(MALE), "not (sex: male)"),
    (Combined("any-of", (MALE, HIGH)), "any of (sex: male; ALT ≥ 2 × ULN)"),
    (Combined("all-of", (MALE, Combined("at-least", (HIGH, MALE), 2))), "all of (sex: male; at least 2 of (ALT ≥ 2 × ULN; sex: male))"),
    (Combined("except", (mention(), MALE, HIGH)), "condition: stroke, except (sex: male; ALT ≥ 2 × ULN)"),
    (Timed(mention(), window(target=STROKE)), "condition: stroke, at most 4 weeks earlier"),
])
def test_a_meaning_in_words(meaning, said):
    assert expression(meaning, TEXT) == said


STROKE_CODES = (Coding("https://www.nlm.nih.gov/mesh", "D020521", "Stroke"), Coding("http://hl7.org/fhir/sid/icd-10-cm", "I63", "Cerebral infarction"))


@pytest.mark.parametrize(("finding", "labels"), [
    (HIGH, ["LOINC 1742-6"]),
    (compared(variable=None), []),
    (compared(variable="life_expectancy"), []),
    (mention(codes=STROKE_CODES), ["MeSH D020521", "ICD-10-CM I63"]),
    (mention(codes=(Coding("urn:x", "1", "One"),)), ["urn:x 1"]),
    (MALE, []),
])
def test_the_codes_of_a_finding(finding, labels):
    assert [label(one) for one in codes(finding)] == labels


@pytest.mark.parametrize(("confidence", "said"), [(1.0, "100%"), (0.9999, "99%"), (0.95, "95%"), (0.29, "29%"), (0.0, "0%")])
def test_how_sure_it_is_is_rounded_down(confidence, said):
    assert percent(confidence) == said


@pytest.mark.parametrize(("text", "said"), [
    ("\\<80 x 10\\^9", "<80 x 10^9"), ("\\>=\\[a\\]", ">=[a]"), ("\\\\", "\\"), ("a\\", "a"), ("C:\\dir a\\ b", "C:\\dir a\\ b"),
])
def test_escapes_of_the_registry_are_not_shown(text, said):
    assert readable(text) == said


def test_what_would_be_a_command_is_no_more_than_a_sign():
    assert harmless("a\x1b[31mb\u202ec\x00\x9bd\te\nf é≥中") == "a�[31mb�c��d\te\nf é≥中"


def spans(*found: tuple[int, int]) -> tuple[Finding, ...]:
    return tuple(Finding(start=start, end=end, rule="r") for start, end in found)


@pytest.mark.parametrize(("found", "pieces"), [
    ((), ["abcdef"]),
    (((0, 6),), [["abcdef", 1]]),
    (((1, 2), (3, 4)), ["a", ["b", 1], "c", ["d", 1], "ef"]),
    (((1, 2), (2, 3)), ["a", ["b", 1], ["c", 1], "def"]),
    (((1, 4), (2, 3)), ["a", ["bcd", 2], "ef"]),
    (((1, 3), (2, 5), (4, 6)), ["a", ["bcdef", 3]]),
    (((1, 1), (2, 3)), ["ab", ["c", 1], "def"]),
    (((4, 90),), ["abcd", ["ef", 1]]),
])
def test_findings_that_overlap_are_one_phrase(found, pieces):
    assert [[piece.words, len(piece.findings)] if isinstance(piece, Phrase) else piece
            for piece in phrases("abcdefgh", 0, 6, spans(*found))] == pieces


@pytest.mark.parametrize(("how", "threshold", "said"), [("any-of", None, "(any of these)"), ("at-least", 2, "(at least 2 of these)"), (None, None, "")])
def test_what_stands_for_a_node_without_words(how, threshold, said):
    node = Criterion(mark=0, start=0, end=0, role="heading", how=how, threshold=threshold, children=[Criterion(0, 0, 3, "criterion")])
    understanding = SimpleNamespace(tree=Tree("ALT", "alt", [node], Closed("ALT", "alt", [], [])), sure=lambda _, __: [], meaning=lambda _, __: None)
    assert [line.plain for line in lines(understanding, 0.0, Console(), None)] == [said, "  ALT", "", "1 criterion: 0 understood, 0 in part, 1 only as words"]
    assert body(0, None, understanding, 0.0).count(f'<li class="heading"><span class="words">{said}</span>') == 1


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12))), st.integers(0, 10), st.integers(0, 10))
def test_no_character_of_the_words_is_lost(found, start, end):
    text = "abcdefghij"
    start, end = min(start, end), max(start, end)
    ordered = sorted((span for span in found if span[0] <= span[1]), key=lambda span: (span[0], -span[1]))
    made = list(phrases(text, start, end, spans(*ordered)))
    assert "".join(piece.words if isinstance(piece, Phrase) else piece for piece in made) == text[start:end]
    assert all(piece.words if isinstance(piece, Phrase) else piece for piece in made)


def test_a_negation_that_logic_took_out_of_a_finding_stands_beside_its_number():
    found = mention(negated=True)
    node = Criterion(mark=12, start=12, end=18, role="criterion")
    understanding = SimpleNamespace(tree=Tree(TEXT, TEXT, [node], Closed(TEXT, TEXT, [], [])), findings=[HIGH, found], sure=lambda _, __: [found], side=lambda _: "exclusion",
                                    meaning=lambda _, __: Combined("all-of", (Not(replace(found, negated=False)), found)))
    assert tree(understanding, 0.0)["criteria"][0]["meaning"] == {
        "how": "all-of", "threshold": None, "parts": [{"not": {"finding": 1, "negated": False}}, {"finding": 1}]}


def test_a_name_that_logic_made_shorter_is_the_finding_that_it_is_of():
    found = tree(understand("Exclusion Criteria:\n\n* Pregnancy/breast feeding\n"), 0.9)
    [exclusion] = found["criteria"][0]["children"]
    assert exclusion["meaning"]["parts"][0] == {"finding": 0, "end": 32}
    assert found["findings"][0]["words"] == "Pregnancy/breast feeding"


@pytest.mark.corpus
def test_every_real_text_is_shown_in_every_form():
    with gzip.open(corpus("ctgov_v2/records.ndjson.gz")) as records:
        modules = [parse(record)["protocolSection"].get("eligibilityModule", {}) for record in islice(records, 0, None, 3)]
    for number, text in enumerate(filter(None, (module.get("eligibilityCriteria") for module in modules))):
        understanding = understand(text)
        found = tree(understanding, 0.0)
        assert len(found["findings"]) == len(understanding.findings)
        assert len(tree(understanding, 0.9)["findings"]) <= len(found["findings"])
        if number % 7:
            continue
        assert max(line.cell_len for line in lines(understanding, 0.0, Console(), 100)) <= 100
        assert body(0, None, understanding, 0.0).count('role="tooltip"') <= len(understanding.findings)
