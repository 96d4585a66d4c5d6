"""What the words beside a name say of it.  In the texts the names stand between square brackets."""

import re

import pytest

from converter.eligibility.negation import pattern, phrases, said
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
    ("inability to take [tablets] or [malabsorption]", "denied, -"),
    ("unable to [walk]", "-"),
    ("inability to [discontinue antihistamines] for skin [testing]", "denied, -"),
    ("excluded from the study if the mother received [antibiotics]", "-"),
    ("excluded from [chemotherapy]", "denied"),
    ("preventing insertion of a [catheter] ([ulcers], [tumors])", "denied, -, -"),
    ("[diabetes] and [treatment]-naive [edema]", "-, denied, -"),
    ("unable to undergo [magnetic resonance imaging] ([mri])", "denied, denied"),
    ("no [anesthesia] and / or [laparoscopy]", "denied, denied"),
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
    ("history of active [tuberculosis]", "history"),
    ("previous history of [stroke]", "history"),
    ("previous or ongoing [opioids] or [steroids]", "-, -"),
    ("history of [stroke], active [infection]", "history, current"),
    ("concurrent [infection] (active [tuberculosis])", "concomitant, current"),
    ("family history of [breast cancer]", "-"),
    ("no contraindication to [surgery]", "-"),
    ("no other disease of any organ that might in some way interfere with the [study drug]", "-"),
    ("[cancer]", "-"),
    ("not previously [treated] with [rituximab]", "denied prior, denied prior"),
    ("prior treatment with an [inhibitor]", "prior"),
    ("not diagnosed with [diabetes]", "denied"),
    ("no known [allergy] to [penicillin]", "denied, denied"),
    ("absence of [electrocardiographic] signs of [ischemia]", "denied, denied"),
    ("no [bleeding diathesis] or anatomic or [pathologic condition]", "denied, denied"),
    ("not receiving [steroids] and/or enzyme inducing [antiepileptic drugs]", "denied, denied"),
    ("without any [conditions] or taking any [agents]", "denied, denied"),
    ("no [metastases] or adequate [renal function]", "denied, -"),
    ("not [pregnant] or use a [contraceptive]", "denied, -"),
    ("active [tuberculosis] or severe viral [pneumonia]", "current, -"),
    ("no [tumor] [embolization]", "denied, denied"),
    ("[steroids] (except [replacement therapy]), [methotrexate]", "-, excepted, -"),
    ("no [steroids] ([prednisone]), [methotrexate]", "denied, denied, denied"),
    ("[cancer], except for patients with [skin cancer]", "-, excepted"),
    ("[cancer] other than adequately [treated] [carcinoma]", "-, excepted, excepted"),
    ("those who have not recovered from [surgery]", "-"),
    ("not controlled with [insulin]", "-"),
    ("no inadequately controlled [arrhythmia]", "denied"),
    ("not expected to be exacerbated by [treatment]", "-"),
    ("without progression for 4 weeks by [imaging]", "-"),
    ("cannot undergo [surgery]", "denied"),
    ("refrain from [alcohol], [caffeine]", "denied, denied"),
    ("off [steroids] for 7 days", "denied"),
    ("off-label [opioids]", "-"),
    ("until 7 days after discontinuation of [treatment]", "-"),
    ("may or may not have received [chemotherapy]", "-"),
    ("presence/absence of [disease]", "-"),
    ("[her2]-negative [breast cancer]", "denied, -"),
    ("[cancer], [er] and [pr] are negative", "-, denied, denied"),
    ("[hiv] test negative", "denied"),
    ("[triple]-negative [breast cancer]", "-, -"),
    ("[cough] must be absent", "denied"),
    ("[bladder cancer], unless [disease] free", "-, denied"),
    ("[colonoscopy] is not possible", "denied"),
    ("not possible to place the [catheter]", "-"),
    ("[steroids] or local [injections] are not excluded", "denied, denied"),
    ("not required to undergo [genetic testing]", "-"),
    ("[pneumonitis] that cannot be ruled out by [imaging]", "-, -"),
    ("no need for [sedatives]", "denied"),
    ("do not present any [cancer]", "denied"),
    ("absence of [cow]'s [milk allergy]", "denied, denied"),
    ("no [heart disease] (CHD) or [diabetes]", "denied, denied"),
    ("history of [stroke] (< 5 years ago), [cerebral hemorrhage]", "history, history"),
    ("no washout period is required for prior [treatment]", "prior"),
    ("the rhythm method is not an acceptable method of [contraception]", "-"),
    ("the rhythm method and withdrawal are not acceptable methods of [contraception]", "-"),
    ("do not need to discontinue [steroids]", "-"),
    ("lack of compliance and [mental disorders]", "-"),
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
    missing = [phrase for first, says in phrases().items() for phrase in says if not pattern(first).fullmatch(phrase)]
    assert missing == []
