"""The words between findings as signs: what joins, negates and excepts; words that say nothing by themselves are left out.

A text with a word that is not in data/connectives.tsv has no signs: it is not understood.  In the table {a,b,} stands for a or b or
nothing.  The signs:

* "and", "or", "and/or", "both", "not", "neither", "except" and the punctuation itself
* "of 2", "of all": so many of the ones that follow
* "head": who is spoken of ("patients")
* "taking", "measure", "past", "active", "study": words that say nothing only beside a treatment, a measured value, what carries its own
  time (the next two), consent or contraception
* "now": says nothing; but before an "or", the time that follows is joined to it ("currently or within 4 weeks")
* "in", "out": words that say nothing only in an inclusion, in an exclusion ("are excluded")
* "may": so in an inclusion, but only before what is meant: behind it ("patients with asthma are eligible") they may permit
* "must": between two findings it demands the second of those alone whom the first names, and among exclusions something that excludes
  nobody
* "without" is "not" that denies in an exclusion as well; "non" does so before "pregnant" alone ("non-squamous" is a kind)
* "if" ("for patients with"): says nothing only before childbearing potential, whose requirements are of those who have it anyhow
* "defined": what follows is what the name before means ("obesity, defined as BMI > 30")
* "degree": a word that says nothing only where the value that it means follows ("uncontrolled hypertension (BP > 160)"); else it
  narrows the name behind it (adjectives.py)
* "vague", "loose": a name that says too little to stand alone ("disorders"), or behind a longer one ("nasal infection or inflammation")
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from converter.eligibility import tables
from converter.eligibility.numbers import FEW

TOKEN = re.compile(r"[^\W_]+(?:'[a-z]+)?|[^\w\s]")
NUMBER = rf"\d|{'|'.join(FEW)}"
KINDS = (
    r"(?: (?:criteria|criterion|conditions|symptoms|signs|findings|features|items|characteristics|(?:risk )?factors|categories|diseases"
    r"|situations|treatments|medications|therapies|requirements|abnormalities))"
)
OF = rf"\b(?:of(?: the| these| those)?(?: following)?|the following|following|inclusion|exclusion)(?: (?:{NUMBER}))?{KINDS}*"
# "at least 2 of the following", "two or more of these", "any of", "all of the following": the number is in one of the groups.
SEVERAL = re.compile(
    rf"(?<!\w)(?:(?:at least|minimum(?: of)?|a minimum of|≥|> ?=|any) ?)?(?P<number>{NUMBER})(?: \((?:{NUMBER})\))?(?: \(?or more\)?)? {OF}"
    rf"|more than (?P<above>{NUMBER}) {OF}|(?:any|either)(?: one)?(?: or more)? {OF}|(?P<all>all|each) (?:{OF}|(?:{NUMBER}){KINDS})"
)
# "according to the … criteria (for)": whose criteria they are does not change what is meant.
CRITERIA = re.compile(
    r"\b(?:according to|based on|fulfill?ing|fulfill?s?|meeting|meets?|(?:as )?defined by|as per|per|by)(?: the)?"
    r"(?: (?!exclusion|inclusion|eligibility|all|following|any)[\w'/.-]+){1,7}? (?:criteria|guidelines?|classification)(?: (?:for|of)\b)?"
)
WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
BRACKETS = {"[": "(", "]": ")"}
RECURRING = 16
"""Longer words between findings hardly ever recur; most of these are not understood, and soon seen to be so."""


LONGEST = 400
"""Nobody writes so much between two findings that it says nothing."""


class Table(NamedTuple):
    """The table as it is used."""

    phrases: dict[tuple[str, ...], str]  # with their signs
    lengths: dict[str, list[int]]  # of the phrases that begin with a word, the longest first
    known: frozenset[str]  # all words that may be read: others are seen quickly


def signs(words: str) -> tuple[str, ...] | None:
    """The signs in plain words between findings, in their order; None where a word is not understood."""
    if len(words) > LONGEST or (len(words) > RECURRING and not table().known.issuperset(WORD.findall(words)) and not _usual(words)):
        return None
    return _signs(words)


def _usual(words: str) -> bool:
    """Whether some criteria may be named that others defined."""
    return "criteria" in words or "guideline" in words or "classification" in words


@lru_cache(maxsize=8192)
def _signs(words: str) -> tuple[str, ...] | None:
    phrases, lengths, known = table()
    found: list[str] = []
    usual = _usual(words)
    if not usual and not known.issuperset(WORD.findall(words)):
        return None
    if ("of" in words or "all" in words) and (several := SEVERAL.search(words)):
        before, after = signs(words[: several.start()]), signs(words[several.end() :])
        return None if before is None or after is None else (*before, f"of {_number(several)}", *after)
    tokens = tuple(TOKEN.findall(CRITERIA.sub(" ", words) if usual else words))
    place = 0
    while place < len(tokens):
        token = tokens[place]
        for length in lengths.get(token, ()):
            if sign := phrases.get(tokens[place : place + length]):
                if sign != "neutral":
                    found.append(sign)
                place += length
                break
        else:
            if token.isalnum() or token not in ",;()[]/.:-*•":
                return None
            if token not in "*•":
                found.append(BRACKETS.get(token, token))
            place += 1
    return tuple(found)


def _number(several: re.Match[str]) -> int | str:
    if several["all"]:
        return "all"
    words = several["number"] or several["above"]
    number = 1 if words is None else FEW.get(words) or int(words)
    return number + 1 if several["above"] else number


@cache
def table() -> Table:
    """The table, read once."""
    phrases: dict[tuple[str, ...], str] = {}
    for sign, listed in tables.rows("connectives.tsv"):
        for pattern in listed.split(" | "):
            pieces = [piece.split(",") if number % 2 else [piece] for number, piece in enumerate(re.split(r"[{}]", pattern))]
            for words in product(*pieces):
                phrases.setdefault(tuple(TOKEN.findall("".join(words))), sign)
    lengths: dict[str, set[int]] = {}
    for phrase in phrases:
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    several = WORD.findall(SEVERAL.pattern.replace(r"\b", " ").replace("?P<", "<"))
    known = frozenset(word for phrase in phrases for word in phrase) | frozenset(several)
    return Table(phrases, {first: sorted(those, reverse=True) for first, those in lengths.items()}, known)


def words_known() -> frozenset[str]:
    """The words that are in some phrase of the table."""
    return table().known
