"""What nobody can mean is left in words: each text beside one that is like it and certain."""

from __future__ import annotations

import pytest

from converter.eligibility.findings import Side
from converter.eligibility.understanding import understand

CASES: list[tuple[Side, str, str]] = [
    ("inclusion", "Children, adolescents", "Children and adolescents"),
    ("inclusion", "Men and postmenopausal women", "Postmenopausal women"),
    ("inclusion", "Patients with migraine and healthy volunteers", "Patients with migraine"),
    ("exclusion", "Women, pregnant or breastfeeding", "Women who are pregnant or breastfeeding"),
    ("exclusion", "Does not speak English or Spanish", "Does not speak English"),
    ("inclusion", "Diagnosis of schizophrenia or bipolar disorder, age 18-65 years", "Diagnosis of schizophrenia, age 18-65 years"),
    ("inclusion", "Patients with liver metastases must have AST < 5 x ULN", "Patients must have AST < 5 x ULN"),
    ("inclusion", "Men must agree to use contraception", "Women of childbearing potential must agree to use contraception"),
    ("inclusion", "Patients with asthma are eligible", "Eligible patients with asthma"),
    ("inclusion", "Adults aged 18-80 years with stroke within 24 hours", "Stroke within 24 hours"),
    ("exclusion", "BMI > 40 or bariatric surgery within 1 year", "Surgery or chemotherapy within 1 year"),
    ("inclusion", "Age ≥ 45 for men and ≥ 55 for women", "Age ≥ 45 and ≤ 55"),
    ("inclusion", "Age > 18 years at diagnosis", "Age > 18 years at enrollment"),
    ("exclusion", "Cancer, except melanoma, within the past 5 years", "Cancer, except melanoma"),
    ("exclusion", "Signs of heart failure", "Heart failure"),
    ("exclusion", "Hypersensitivity or contraindication to metformin", "Contraindication to metformin"),
    ("exclusion", "Breast, lung or colon cancer", "Colon cancer or lung cancer"),
]


def understood(side: Side, text: str) -> bool:
    understanding = understand(f"{side.capitalize()} Criteria:\n\n* {text}\n")
    [section] = understanding.tree.nodes
    [node] = section.children
    return understanding.meaning(node) is not None


@pytest.mark.parametrize(("side", "text", "certain"), CASES, ids=[text for _, text, _ in CASES])
def test_what_cannot_be_meant_has_no_meaning(side: Side, text: str, certain: str) -> None:
    assert not understood(side, text)
    assert understood(side, certain)
