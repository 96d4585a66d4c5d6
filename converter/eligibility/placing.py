"""Findings laid out in the order of the text: each word belongs to one finding at most, and what belongs to none stays to be read."""

from __future__ import annotations

import re

from msgspec.structs import replace

from converter.eligibility.adjectives import state
from converter.eligibility.asides import asides, said_again
from converter.eligibility.connectives import signs
from converter.eligibility.findings import Comparison, Finding, Grades, Mention, Statement, Timed, Window, of_anybody
from converter.eligibility.lists import JOINS
from converter.eligibility.measured import labelled, measured, spell_out
from converter.eligibility.narrowing import narrow
from converter.eligibility.negation import PAST
from converter.eligibility.parts import Claim, Part, Sort

SORTS: dict[str, Sort] = {"pregnancy": "motherhood", "medication": "treatment", "procedure": "treatment", "allergy": "allergy"}
PERSONS = {"sex", "life-stage", "healthy"}
ALLERGIES = {"allergy", "allergies", "hypersensitivity", "intolerance", "sensitivity", "anaphylaxis", "allergic reaction"}
ORGANS = frozenset((
    "breast", "lung", "liver", "kidney", "heart", "prostate", "bladder", "colon", "brain", "skin", "bone", "blood", "stomach", "bowel",
    "pancreas", "thyroid"))
"""As ADJECTIVES: "breast or ovarian cancer"."""
ADJECTIVES = ("al", "ic", "ous", "ive", "ar", "ary", "ory", "ent", "ed")
VALUE = re.compile(r"\d|\b(?:uln|lln|limit)\b")
EXTENT = re.compile(r"\s(?:activity|severity)\b")
DENIAL = re.compile(r"\b(?:not?|non|nor|without)\b")
SEVERAL = re.compile(r"\b(?:and|or)\b|[/,;]")
DEPENDING = re.compile(r"\bhalf[ -]?li(?:fe|ves)\b|\bwhichever\b|\(\s?\d+\s(?:hours?|days?|weeks?|months?|years?)\s(?:for|if|in|when)\b")
"""What makes a time that of each drug, or of each patient: "4 weeks or 5 half-lives, whichever is longer", "(6 weeks for mitomycin)"."""
ABBREVIATION = re.compile(r"\s*[(\[]\s*([a-z][\w/&+-]{1,9})\s*[)\]]")
DIAGNOSED = re.compile(r"\bdiagnos(?:is|es|ed)\b")
"""What makes a time that of the diagnosis, of what may be there much longer: "diagnosed within 5 years"."""
AHEAD = re.compile(r"\b(?:plan|anticipat|schedul|expect|intend|will)")
"""What makes a time after an event one that is to come: "planned within 4 weeks of the surgery"."""
OPEN = re.compile(r"\bor\s+(?:during|throughout|at|after|before|currently|now|ongoing)\b")
"""Behind a time, what is joined to it: "within 4 weeks or during screening"."""
METHOD = re.compile(
    r"\b(?:confirm|document|prov|verif|demonstrat|evidenc|show|detect|establish|assess|determin|evaluat|diagnos|defin|visuali[sz])\w*\s"
    r"(?:by|on|with|via|using|through)\s(?:means\sof\s)?(?:an?\s|the\s|either\s)?(?:[\w-]+\s)?\Z"
)
"""Before what a disease is known by: "stroke, confirmed by CT or MRI"."""
PAST_OR = re.compile(r"\b(?:history of|prior|previous|past)(?: known)?,? (?:or|and/or) (?:known )?(?:active )?\Z")
"""With "active", what says it of both times: "history of, or known active tuberculosis"."""
NEVER = ("never ", "never been ")
"""Before "pregnant": that is of the past as well."""
INFINITIVES = ("feed", "lactate")
"""What "planning to" may go on to: "planning to become pregnant or breastfeed"."""
MOTHERHOOD = {"lactation", "childbearing", "pregnancy-test"}


def placed(plain: str, start: int, end: int, findings: list[Finding]) -> list[Claim] | None:
    """The claims of the findings in order, none overlapping another; None where two findings contend for the same words, and where a
    finding may not be said as it stands (a time that depends on the drug, by what a disease is known).

    What limits nobody (asides.py) and the abbreviation behind a name ("myocardial infarction (MI)") are claimed as well.
    """
    if not findings:
        return []
    if plain.find("/", start, end) > 0:
        findings = _apart(plain, findings)
    brackets = bracketed(plain, start, end)
    aside = [Claim(*span) for span in asides(plain, start, end, brackets)]
    for claim in aside:
        claim.start = start + len(plain[start : claim.start].rstrip())
    windows: list[Window] = []
    measures: list[Comparison | Grades] = []
    named: list[Statement | Mention] = []
    for one in findings:
        if aside and (within := [claim for claim in aside if _overlap(one, claim)]):
            target = one.target if isinstance(one, Window) else None
            if target and not (within[0].start <= target[0] and target[1] <= within[0].end):
                return None
            continue
        if isinstance(one, Mention):
            says = _named(plain, one)
            if says is False or (one.kind == "pregnancy" and (one.status in PAST or plain.endswith(NEVER, start, one.start))):
                return None  # who was pregnant is not
            if plain.find("active", max(start, one.start - 8), one.start + 6) >= 0 and PAST_OR.search(
                    plain, max(start, one.start - 40), one.start):
                return None
            if one.kind == "procedure" and METHOD.search(plain, max(start, one.start - 40), one.start):
                return None
            if says:
                named.append(one)
        elif isinstance(one, Window):
            windows.append(one)
        elif isinstance(one, Statement):
            named.append(one)
        elif isinstance(one, Comparison | Grades):
            measures.append(one)
    if windows and (DEPENDING.search(plain, start, end) or OPEN.search(plain, windows[-1].end, end)):
        return None
    if any(not one.least for one in windows) and DIAGNOSED.search(plain, start, end) and any(
            isinstance(one, Mention) and one.kind == "condition" for one in named):
        return None
    if any(one.rule == "window.within-of" and one.direction == "after" and not AHEAD.search(plain, start, one.start) for one in windows):
        return None  # "within 6 hours of presentation": before it, or after?
    if any(window.target and one.start < window.target[0] < one.end for window in windows for one in measures):
        return None  # "class III or IV, or class II within 6 months": of one of them, or of all?
    after = labelled(plain, start, end)
    if after > start and measures and all(one.start >= after for one in (*measures, *windows)) and not any(
            one.start >= after for one in named):
        aside.append(Claim(start, after))
    measures, named = _sexes(measures, named)
    values = measured(plain, measures)
    claims = aside + [Claim(*span) for span in {(one.start, one.end) for one in windows}]
    if values is None or any(_overlap(one, claim) for one in values for claim in claims):
        return None
    claims += values
    if brackets:
        for claim in values:
            spell_out(plain, start, claim, named)
            close = said_again(plain, claim.end, end)
            if not any(one.start < close and claim.end < one.end for one in findings):
                claim.end = close
        claims += _abbreviations(plain, start, end, [*named, *values])
    named.sort(key=_longest)
    for one in named:
        others = [claim for claim in claims if _overlap(one, claim)]
        if not others:
            claims.append(Claim(one.start, one.end, _part(plain, one)))
        elif not all(_covers(plain, claim, one) for claim in others):
            return None
    claims.sort(key=_start)
    claims = narrow(plain, start, end, claims, {(one.start, one.end) for one in windows})
    return claims if all(_limit(window, claims) for window in windows) else None


def _apart(plain: str, named: list[Finding]) -> list[Finding]:
    """The findings, "pregnant/breastfeeding" without what is a requirement of its own."""
    begins = {one.start for one in named if isinstance(one, Statement) and one.kind == "lactation"}
    found: list[Finding] = []
    for one in named:
        if isinstance(one, Mention) and one.kind == "pregnancy" and (slash := plain.find("/", one.start, one.end)) > 0 and any(
                slash < begin < one.end for begin in begins):
            one = replace(one, end=one.start + len(plain[one.start:slash].rstrip()), codes=())
        found.append(one)
    return found


def _start(claim: Claim) -> int:
    return claim.start


def _longest(one: Statement | Mention) -> tuple[int, bool]:
    """The order in which names claim their words: the longest first, of two as long the statement."""
    return one.start - one.end, isinstance(one, Mention)


def _named(plain: str, one: Mention) -> bool | None:
    """Whether the name says enough to stand alone, of one thing; None where it says nothing by itself ("diagnosis", "treatment")."""
    words = plain[one.start : one.end]
    found = signs(words)
    if found is not None and EXTENT.match(plain, one.end):
        return None  # "disease activity"
    if found is not None:
        if "vague" not in found and "loose" not in found:
            return None
        # "Bleeding disorder" is one name, of words that say little each.
        return found == ("loose",) or (bool(one.codes) and len(found) > 1 and JOINS.isdisjoint(found))
    return bool(one.codes) or not SEVERAL.search(words)


def _sexes(
    measures: list[Comparison | Grades], named: list[Statement | Mention]
) -> tuple[list[Comparison | Grades], list[Statement | Mention]]:
    """The findings with sex said once: by the bounds where there are women's and men's, or it stands among their words ("> 40 (men)"),
    else by the words ("women ≥ 18 years").
    """
    bound = [one for one in measures if isinstance(one, Comparison) and one.sex]
    said = [one for one in named if isinstance(one, Statement) and one.kind == "sex"]
    if not bound or not said:
        return measures, named
    if len({one.sex for one in bound}) > 1 or all(any(one.start <= word.start and word.end <= one.end for one in bound) for word in said):
        return measures, [one for one in named if one not in said]
    return [replace(one, sex=None) if isinstance(one, Comparison) else one for one in measures], named


def bracketed(plain: str, start: int, end: int) -> bool:
    """Whether a bracket opens in the text."""
    return plain.find("(", start, end) >= 0 or plain.find("[", start, end) >= 0


def _abbreviations(plain: str, start: int, end: int, named: list[Statement | Mention | Claim]) -> list[Claim]:
    """The brackets that hold nothing but the initials, or some letters, of the name before them."""
    ends = {one.end: plain[one.start : one.end] for one in named}
    found = []
    for match in ABBREVIATION.finditer(plain, start, end):
        letters = iter(ends.get(match.start(), ""))
        if match.start() in ends and all(letter in letters for letter in match[1].rstrip("s") if letter.isalpha()):
            found.append(Claim(*match.span()))
    return found


def _overlap(one: Finding | Claim, other: Finding | Claim) -> bool:
    return one.start < other.end and other.start < one.end


def _covers(plain: str, claim: Claim, one: Statement | Mention) -> bool:
    """Whether the words of `one` are said by the claim: a longer name, the anchor of a window, what is measured, its value's unit."""
    if not claim.subjects:
        return claim.part is None or (claim.start <= one.start and one.end <= claim.end)
    if any(one.start < end and start < one.end for start, end in claim.subjects) or of_anybody(one):
        return True
    start, end = claim.subjects[0]
    if one.end <= start:
        return claim.start <= one.start and plain[one.end : start].strip() in ("(", "[")
    return one.end <= claim.end and bool(VALUE.search(plain, end, one.end))


def _part(plain: str, one: Statement | Mention) -> Part:
    words = plain[one.start : one.end]
    if isinstance(one, Mention):
        denied = one.negated or one.excepted
        meaning: Mention | Statement = replace(one, negated=False, excepted=False) if denied else one
        sort: Sort = "allergy" if words in ALLERGIES else SORTS.get(one.kind, "other")
        part = Part(meaning, sort, denied, dated=one.status is not None, coded=bool(one.codes), long=" " in words)
        part.loose = signs(words) == ("loose",)
        part.described = (one.kind == "pregnancy" and not words.endswith(INFINITIVES)) or (part.long and state(words.partition(" ")[0]))
        part.bare = not (part.long or part.coded) and (words.endswith(ADJECTIVES) or words in ORGANS)
        return part
    meaning = replace(one, negated=False) if one.negated else one
    sort = "person" if one.kind in PERSONS else "motherhood" if one.kind in MOTHERHOOD else "agreement"
    return Part(meaning, sort, one.negated, denies=one.negated and (one.kind != "lactation" or bool(DENIAL.search(words))),
                described=not words.endswith(INFINITIVES))


def _limit(window: Window, claims: list[Claim]) -> bool:
    """The parts that the window limits are timed; false where none is."""
    target = window.target
    limited = [claim for claim in claims if claim.part and target and claim.start < target[1] and target[0] < claim.end]
    for claim in limited:
        assert claim.part
        claim.part = replace(claim.part, meaning=Timed(claim.part.meaning, window), timed=True)
    return bool(limited)
