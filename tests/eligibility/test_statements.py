"""The usual requirements, each with all its words: what stands in brackets is the statement's span."""

from __future__ import annotations

import re
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.eligibility.findings import Statement
from converter.eligibility.plain import plain
from converter.eligibility.statements import statements, tables

# the text with the statements in [], and what each says: kind, kind=value, "not" before what is denied
STATED = [
    # consent
    ("Must be [willing and able to provide written informed consent prior to screening]", "consent"),
    ("Informed consent not required", ""), ("A written consent form is not necessary", ""),
    ("[Written informed consent must be obtained before initiation of any study-related procedures].", "consent"),
    ("[Informed consent obtained from at least one parent (or legally acceptable representative), if applicable]", "consent"),
    ("[Voluntarily agree to participate in the study and sign the informed consent form] ([ICF])", "consent; consent"),
    ("[Whose parent(s) signed the informed consent form]", "consent"),
    ("[Patients who are physically or mentally unable to consent]", "not consent"),
    ("At the time of signing the informed consent form (ICF)", ""),
    ("[Signed informed consent form]", "consent"),
    ("[Informed consent obtained from the patient or legal representative]", "consent"),
    ("[Inability or unwillingness to give informed consent]", "not consent"),
    ("[Lack of written informed consent].", "not consent"),
    ("Parental permission and [assent]", "consent=assent"),
    ("[Willing to provide assent]", "consent=assent"),
    ("[Unable to give consent] or [assent]", "not consent; not consent=assent"),
    ("[Consent not obtained]", "not consent"),
    ("[Deny consent]", "not consent"),
    ("At the time of signing the informed consent", ""),
    ("Surgery within 4 weeks before consent", ""),
    ("Must consent to genetic testing", ""),
    # lactation, childbearing, pregnancy tests
    ("Pregnant or [lactating] [women]", "lactation; sex=female"),
    ("[Currently breast-feeding]", "lactation"),
    ("[Nursing mothers]", "lactation"),
    ("Resident of a nursing home", ""),
    ("Must be [non-lactating]", "not lactation"),
    ("Not pregnant or [breastfeeding]", "not lactation"),
    ("[Women of childbearing potential] must [use contraception]", "childbearing; contraception"),
    ("[Females who are not of child-bearing potential]", "not childbearing"),
    ("[WOCBP]", "childbearing"),
    ("[Negative urine or serum pregnancy test] at screening", "pregnancy-test=negative"),
    ("[Pregnancy test must be negative]", "pregnancy-test=negative"),
    ("[Positive β-hCG pregnancy test]", "pregnancy-test=positive"),
    # contraception
    ("[Agree to use a highly effective method of contraception]", "contraception"),
    ("[Not using adequate birth control]", "not contraception"),
    ("[Unwilling to practice effective contraception]", "not contraception"),
    ("Use of oral contraceptives", ""),
    ("Taking contraceptive pills", ""),
    # language
    ("[Able to read and understand English]", "language=en"),
    ("[English-speaking] patients", "language=en"),
    ("[Non-English speaking]", "not language=en"),
    ("[Unable to speak English] or [French]", "not language=en; not language=fr"),
    ("[Fluent in German], [French] or [Italian]", "language=de; language=fr; language=it"),
    ("[Insufficient knowledge of the Dutch language]", "not language=nl"),
    ("Any [language barrier]", "not language"),
    ("[English] or [Spanish speaking]", "language=en; language=es"),
    ("[Understands and speaks French correctly]", "language=fr"),
    ("English residents", ""),
    ("Spanish influenza", ""),
    # who
    ("[Male or female] [adults]", "sex=any; life-stage=adult"),
    ("Patients of [either sex]", "sex=any"),
    ("[Men] with prostate cancer", "sex=male"),
    ("Men who have sex with men", ""),
    ("Men's partners", ""),
    ("Male partners of pregnant women", ""),
    ("Capable of fathering a child", ""),
    ("Hemoglobin below 12 g/dL in women", ""),
    ("[Children] and [adolescents]", "life-stage=child; life-stage=adolescent"),
    ("Child-Pugh class B", ""),
    ("Adult-onset disease", ""),
    ("Breastfeeding should be discontinued", ""),
    ("Infant vitamins at home", ""),
    ("age 1 to 2 years male 0.6 female 0.7", ""),
    ("Parents of children", ""),
    ("[Postmenopausal] [women]", "life-stage=postmenopausal; sex=female"),
    ("[Newborn infants]", "life-stage=newborn"),
    ("[Healthy] volunteers", "healthy"),
    ("In good general health", ""),  # with which some diseases go
    ("A healthy diet", ""),
    ("Severe asthma with eosinophilia", ""),
    ("", ""),
]


def shown(one: Statement) -> str:
    return f"{'not ' if one.negated else ''}{one.kind}{f'={one.value}' if one.value else ''}"


@pytest.mark.parametrize(("marked", "expected"), STATED)
def test_a_statement_has_all_its_words(marked: str, expected: str) -> None:
    text = marked.replace("[", "").replace("]", "")
    found = statements(plain(text), 0, len(text))
    written = text
    for one in reversed(found):
        written = f"{written[:one.start]}[{written[one.start:one.end]}]{written[one.end:]}"
    assert (written, "; ".join(map(shown, found))) == (marked, expected)


RULES = [
    ("Signed informed consent prior to screening", "consent"),
    ("Conditions that interfere with the ability to give consent", "consent-within"),
    ("Willing to comply with the protocol and give consent", "consent"),
    ("Willing to comply with the study procedures and give consent", "consent"),
    ("Able to give consent until the end of the study visits", "consent-within"),
    ("Must agree to use contraception", "contraception"),
    ("Acceptable methods of contraception include condoms", "contraception-within"),
    ("Pregnant or breastfeeding women", "lactation"),
    ("Adults with asthma", "life-stage"),
    ("Women of childbearing potential are defined as follows", "childbearing-within"),
]


@pytest.mark.parametrize(("text", "rule"), RULES)
def test_the_rule_says_whether_something_else_is_said_in_the_clause(text: str, rule: str) -> None:
    assert statements(text.lower(), 0, len(text))[0].rule == f"statement.{rule}"


def test_only_what_stands_between_start_and_end_is_read() -> None:
    text = "Pregnant. Unable to give consent. Children."
    assert statements(text.lower(), 10, 32) == [
        Statement(start=10, end=32, rule="statement.consent", kind="consent", negated=True),
    ]


def test_the_tables_name_the_kinds_and_roles_that_are_known() -> None:
    kinds = set(get_args(get_type_hints(Statement)["kind"]))
    cores = {core.kind for listed in tables().cores.values() for core in listed}
    assert cores == kinds
    assert set(tables().around) <= kinds


WORDS = sorted({word for listed in tables().cores.values() for core in listed for word in re.findall(r"[a-z]{3,}", core.pattern.pattern)} | {"not", "of", "(", ")", "-", "/", ","})


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=15))
def test_statements_are_in_order_and_inside(words: list[str]) -> None:
    text = plain(" ".join(words))
    start, end = len(text) // 4, len(text)
    found = statements(text, start, end)
    places = [place for one in found for place in (one.start, one.end)]
    assert places == sorted(places)
    assert all(start <= one.start < one.end <= end for one in found)
