"""Which sentences of a paragraph stand on their own."""

import pytest

from converter.eligibility.plain import plain
from converter.eligibility.sentences import sentences

PARAGRAPHS = [
    ["Adults."], ["Adults.", "18-80 years old.", "No asthma"], ["Age > 18;", "BMI < 30;", "no diabetes"], ["Is it asthma?", "Be sure."], ["Is it asthma? Or not."],
    ["Drugs, e.g. Aspirin, vs. Placebo, are allowed."], ["Treated at St. James. In addition, they smoke."], ["Glucose of 7.5 mmol/L.", ">18 years."],
    ["Adults. This is no reason to wait.", "Smokers."], ["Asthma (mild. Moderate. Severe) for a year.", "Smokers."], ["An unclosed (bracket. Smokers."],
    ["Use the following: triptans; oxygen; lithium."], ["Adults; and smokers."], ["seen by Dr. Smith.", "Smokers"], ["one. two. three."],
    ["Age: 18 and over", "Performance status: 70-100% Karnofsky", "Hepatic: Not specified"],
]


@pytest.mark.parametrize("expected", PARAGRAPHS, ids=[" | ".join(one) for one in PARAGRAPHS])
def test_sentences(expected: list[str]) -> None:
    text = " ".join(expected)
    assert [text[start:end] for start, end in sentences(text, plain(text), 0, len(text))] == expected
