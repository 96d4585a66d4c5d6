"""What the words beside a name say of it.  In the texts the names stand between square brackets."""

import re

import pytest

from converter.eligibility.negation import phrases, said
from converter.eligibility.plain import words

SAID = [
    ("history of [stroke]", "history"),
    ("no history of [stroke] or [seizures]", "denied history, denied history"),
    ("[diabetes] without [neuropathy]", "-, denied"),
    ("patients with [asthma], [copd] or [fibrosis]", "-, -, -"),
    ("no [cancer], [hepatitis], or [hiv]", "denied, denied, denied"),
    ("no [cancer]; [hepatitis]", "denied, -"),
    ("absence of active [infection]", "denied current"),
    ("free of [systemic disease]", "denied"),
    ("never had [surgery]", "denied"),
    ("neither [a] nor [b]", "denied, denied"),
    ("non-[pregnant] women", "denied"),
    ("non smokers with [asthma]", "-"),
    ("not using [contraception]", "denied"),
    ("not limited to [asthma]", "-"),
    ("no later than 3 days after [surgery]", "-"),
    ("no longer on [steroids]", "-"),
    ("with or without [chemotherapy]", "-"),
    ("with/without [edema]", "-"),
    ("have or not have [a mutation]", "-"),
    ("unable to undergo [mri], [pet]", "denied, -"),
    ("condition that would preclude [surgery]", "denied"),
    ("[mri] is not permitted", "denied"),
    ("[opioids], [benzodiazepines] are not allowed", "denied, denied"),
    ("[treatment]-naïve [hepatitis]", "denied, -"),
    ("[untreated] [hypertension]", "denied, -"),
    ("[cancer] other than [basal cell carcinoma] or [carcinoma in situ]", "-, excepted, excepted"),
    ("[malignancy] except for [skin cancer]", "-, excepted"),
    ("prior [chemotherapy] and/or [radiotherapy]", "prior, prior"),
    ("prior to [surgery]", "-"),
    ("doesn't have [asthma], w/o [eczema]", "denied, denied"),
    ("current use of [opioids]", "current"),
    ("concomitant [warfarin]", "concomitant"),
    ("concurrent [infection] (active [tuberculosis])", "concomitant, current"),
    ("family history of [breast cancer]", "-"),
    ("no contraindication to [surgery]", "-"),
    ("no other disease of any organ that might in some way interfere with the [study drug]", "-"),
    ("[cancer]", "-"),
]


@pytest.mark.parametrize(("marked", "expected"), SAID)
def test_the_words_beside_a_name_speak_of_it(marked: str, expected: str) -> None:
    plain, names = "", []
    for before, name in re.findall(r"([^\[]*)(?:\[([^]]*)\])?", marked):
        plain += before
        if name:
            names.append((len(plain), len(plain) + len(name)))
            plain += name
    found = said(plain, 0, len(plain), words(plain, 0, len(plain)), names)
    assert ", ".join(" ".join(filter(None, ("denied" * one.denied, "excepted" * one.excepted, one.status))) or "-" for one in found) == expected


def test_only_the_words_between_start_and_end_count() -> None:
    plain = "no cancer"
    assert [one.denied for one in said(plain, 3, 9, ["cancer"], [(3, 9)])] == [False]


def test_every_phrase_is_found_where_it_stands_alone() -> None:
    missing = [phrase for pattern, says in phrases().values() for phrase in says if not pattern.fullmatch(phrase)]
    assert missing == []
