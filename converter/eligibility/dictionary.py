"""What the names of conditions, drugs and procedures mean: the terms of data/terms.tsv with their codes, found whatever their spelling.

Two names are the same term when their words are the same but for number (fractures), possessive (Crohn's), hyphen and British
spelling.  The tables are made by `python -m tools.vocabulary`; nothing is read before the first question.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Literal

from converter.eligibility import tables
from converter.eligibility.findings import Coding
from mappings.terms import MESH_SYSTEM

WORD = re.compile(r"([^\W_]+)")
SYSTEMS = {"M": MESH_SYSTEM, "I": "http://hl7.org/fhir/sid/icd-10-cm", "U": "http://fdasis.nlm.nih.gov"}
ENDINGS = (("stases", "stasis"), ("yses", "ysis"), ("oses", "osis"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"),
           ("ies", "y"))
NO_PLURALS = ("ss", "us", "is", "as", "os")

Kind = Literal["condition", "medication", "procedure", "pregnancy", "allergy"]
KINDS: dict[str, Kind] = {"c": "condition", "m": "medication", "p": "procedure", "g": "pregnancy", "a": "allergy"}


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The word in the singular and in American spelling, in lower case; nothing for a possessive s."""
    word = word.lower()
    if word.isascii() and not word.isalpha():
        return word
    if word == "s":
        return ""
    if len(word) > 3 and word[-1] == "s":
        for ending, singular in ENDINGS:
            if word.endswith(ending) and len(word) > len(ending) + 1:
                word = word[:-len(ending)] + singular
                break
        else:
            if not word.endswith(NO_PLURALS):
                word = word[:-1]
    return word.replace("ae", "e").replace("oe", "e").replace("mour", "mor").replace("isation", "ization")


@lru_cache(maxsize=50_000)
def key(name: str) -> str:
    """The words of a name as the table has them: "Crohn's diseases" is "crohn disease"."""
    return " ".join(filter(None, map(stem, WORD.findall(name))))


@cache
def terms() -> dict[str, str]:
    """The kind of each term and its codes."""
    return tables.pairs("terms.tsv")


@cache
def displays() -> dict[str, str]:
    """The name of each code, by the letter of its system and the code."""
    return tables.pairs("codes.tsv")


@cache
def parts() -> dict[str, str]:
    """What the vocabulary says of each stem."""
    return tables.pairs("words.tsv")


@lru_cache(maxsize=20_000)
def codes(term: str) -> tuple[Coding, ...]:
    """The codes of the term, MeSH first; none for what is no term, or means several things.  The term is a `key`."""
    line = terms().get(term)
    if line is None:
        return ()
    names = displays()
    return tuple(Coding(SYSTEMS[code[0]], code[2:], names[code]) for code in line[2:].split())
