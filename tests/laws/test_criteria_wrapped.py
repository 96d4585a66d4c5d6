"""Where a line ends says nothing: criteria that ClinicalTrials.gov wraps, as it does in XML, are understood as they are on one line."""

from __future__ import annotations

import gzip
import json
import re
import textwrap
from itertools import islice

import pytest

from converter.eligibility.findings import Comparison
from converter.eligibility.tree import walk
from converter.eligibility.understanding import Understanding, understand
from tests.corpus import corpus
from tests.laws.test_criteria_meaning import INVENTED

SPAN = re.compile(r"\b(?:start|end)=\d+|\b(?:subject|anchor|target)=\(\d+, \d+\)")
BULLET = re.compile(r"\n +[*\\#•·-]")
"""A line that begins so stands for itself."""
LONG = [
    "Patients with stable disease who were treated before and have platelets of at least 100,000/uL or an ALT of less than 2.5 x ULN",
    "Women of childbearing potential must have a negative serum pregnancy test within 7 days before the first dose of the study drug",
    "Myocardial infarction, unstable angina, stroke, transient ischemic attack or major surgery within 6 months before the screening visit",
    "Men and women between 18 and 65 years of age, inclusive, who have had a diagnosis of asthma for at least 12 months before screening",
]


def below(side: str, words: str) -> str:
    return f"{side.title()} Criteria:\n\n          -  {words}\n"


def wrapped(words: str, width: int) -> str:
    """The words on lines of that many columns, as the registry indents them."""
    return textwrap.fill(words, width=width, break_long_words=False, break_on_hyphens=False).replace("\n", "\r\n             ")


def said(understanding: Understanding) -> list[str]:
    """All that is understood, but for where it stands."""
    meant = [understanding.meaning(node) for node in understanding.nodes]
    return [SPAN.sub("", repr(one)) for one in (*understanding.findings, *meant)]


def holds(side: str, words: str, width: int) -> None:
    lines = wrapped(words, width)
    if "\n" in lines and not BULLET.search(lines):
        one, other = understand(below(side, words)), understand(below(side, lines))
        assert [" ".join(other.tree.text[node.start:node.end].split()) for node in other.nodes] == [
            " ".join(one.tree.text[node.start:node.end].split()) for node in one.nodes]
        assert said(other) == said(one)
        for found in other.findings:
            assert not other.tree.text[found.start].isspace() and not other.tree.text[found.end - 1].isspace()


@pytest.mark.parametrize("words", LONG)
@pytest.mark.parametrize("width", range(60, 87))
def test_long_criteria(words: str, width: int) -> None:
    holds("inclusion", words, width)


def test_invented_criteria() -> None:
    for node in walk(understand(INVENTED).tree.nodes):
        if node.side:
            holds(node.side, INVENTED[node.start:node.end], 86)


@pytest.mark.corpus
def test_registered_criteria() -> None:
    with gzip.open(corpus("ctgov_v2/records.ndjson.gz"), "rt", encoding="utf-8") as lines:
        for line in islice(lines, 0, None, 3):
            text = json.loads(line)["protocolSection"].get("eligibilityModule", {}).get("eligibilityCriteria", "")
            for node in walk(understand(text).tree.nodes):
                if node.side and node.role == "criterion" and not node.children:
                    holds(node.side, text[node.start:node.end], 86)


HEADED = [
    ("Exclusion criterion below a sentence that excludes", """        Subjects who have one of the following concomitant diseases or laboratory values will not
        be included in any part of this study:

             -  asthma or chronic obstructive pulmonary disease
"""),
    ("A heading in a section of inclusions that excludes", """        Inclusion Criteria:

          -  Adults

        People who were treated at the centre of the trial before or who live far away are not
        eligible if they have any of the following:

          -  asthma
"""),
    ("The heading of a section in a paragraph", """        Inclusion criteria: all patients with a diagnosis of asthma who take part. Exclusion
        criteria: stroke or gout
"""),
    ("Labels in a paragraph", """        Age: 18 and over Performance status: ECOG 0-2 Life expectancy: More than 12 weeks or Life
        expectancy: At least 2 months Renal: Creatinine no greater than 1.5 mg/dL
"""),
]


@pytest.mark.parametrize("text", [text for _, text in HEADED], ids=[name for name, _ in HEADED])
def test_headings_are_what_they_are_on_one_line(text: str) -> None:
    paragraphs = text.split("\n\n")
    on_one = "\n\n".join(re.sub(r"(?<=\S)\n +(?=[^ -])", " ", paragraph) for paragraph in paragraphs)
    one, other = understand(on_one), understand(text)
    assert on_one != text
    assert [(node.side, node.role, node.how, " ".join(other.tree.text[node.start:node.end].split())) for node in other.nodes] == [
        (node.side, node.role, node.how, on_one[node.start:node.end]) for node in one.nodes]
    assert said(other) == said(one)


def test_what_a_heading_names_on_its_second_line_is_found_there() -> None:
    text = """Inclusion Criteria:

          -  Patients must be in a good general condition, as it is shown by their performance status of
             the ECOG, which is:

               -  0 or 1
"""
    [found] = [one for one in understand(text).findings if isinstance(one, Comparison)]
    assert (text[slice(*found.subject)], text[found.start:found.start + 4]) == ("ECOG", "ECOG")


FULL = "Currently using anti-allergy medication and other drugs with antihistaminic activities"
APART = [
    f"        {FULL}\n        Patients currently participating in a clinical trial\n        {FULL} and more of what is told\n",
    f"        {FULL}\n        Exclusions:\n        Stroke\n",
    f"        1. {FULL}\n        2. Patients participating in a clinical trial\n",
    f"        {FULL}\n      Patients participating in a clinical trial\n",
    "入选标准:\n      1、" + "年" * 44 + "\n      2、" + "年" * 44 + "\n",
    "\r".join(["Inclusion", "     Age of 18 years or over", "     informed consent of parents", "     Very good health", "     Uncontrolled asthma"]),
]


@pytest.mark.parametrize("text", APART, ids=["wider", "heading", "numbers", "indent", "no blanks", "other line ends"])
def test_full_lines_that_stand_for_themselves(text: str) -> None:
    words = [text[node.start:node.end] for node in understand(text).nodes]
    for line in text.splitlines():
        assert any(line.endswith(one) and len(one) > 3 for one in words), (line, words)
