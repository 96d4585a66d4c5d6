"""Ages, and ages of a pregnancy, that are told without their name: "over 18 years", "women 18 to 45", "24 weeks pregnant"."""

from __future__ import annotations

import re
from string import ascii_lowercase

from converter.eligibility.bounds import Stated
from converter.eligibility.findings import Bound, Span
from converter.eligibility.variables import variable

AGES = frozenset(("", "a", "mo", "wk", "d", "h"))
"""The units of ages."""
PEOPLE = (
    r"(?:patients?|subjects?|participants?|volunteers?|individuals?|persons?|people|wom[ae]n|m[ae]n|males?|females?|adults?|children|child|"
    r"adolescents?|infants?|newborns?|neonates?|boys?|girls?|minors?|teenagers?|sex|sexes|genders?|youths?|students?|toddlers?|pediatrics?|"
    r"paediatrics?|elderly|mothers?|fathers?|caregivers?|carers?|parents?|veterans?|workers?|outpatients?|inpatients?|users?|smokers?|"
    r"residents?|donors?|recipients?|controls?|kids?|athletes?|employees?|nurses?|seniors?|probands?|candidates?|respondents?)")
AFTER_PEOPLE = re.compile(
    rf"\b{PEOPLE}(?:\s?\([^()]{{1,30}}\))?(?:\s(?:who|that|whose))?(?:\s(?:is|are|was|were|be|being|must\sbe|should\sbe|of))?[\s,:(\[-]*$")
AFTER_VERB = re.compile(r"\b(?:who|they|she|he|must|should|to)\s(?:is|are|was|were|be)\s*$|^[\s*•-]*(?:is|are|be|being|am)\s*$")
LETTERS = f"{ascii_lowercase}'-"
PLACED = frozenset((
    "", "and", "or", "with", "be", "is", "are", "was", "were", "being", "who", "to", "must", "the", "of", "healthy", "than",
    "either", "both", "any",
    "all", "in", "at", "for", "if", "only", "a", "an", "age", "aged", "ages", "group", "also", "but", "currently", "living",
    "criteria", "not",
    "years", "inclusion", "exclusion", "legally", "between", "that"))
"""Words before an age that do not make it one of something else, as in "renal transplants less than one year old"."""
LASTS = re.compile(
    r"\s?(?:\)|,)?\s?(?:ago|after|before|prior|since|from\s(?!the\sage)|post|of\s(?!age|old|either|any|both)|"
    r"or\smore\s(?:of|since|after|before|prior|ago)|duration|history|experience|behind|within|apart|follow|later|earlier|into|preceding|following|"
    r"previous|on\s|survival|wait|period|interval|without|\d|in\sduration|in\slength|per|a\s(?:day|week)|each)")
"""What follows a length of time that is no age."""
FOLLOWED = re.compile(r"\s(?:who|with|undergoing|scheduled|admitted|presenting|and|or|at)\b|\s?[,.;)]|\s?$")
PREGNANT = re.compile(r"\s?\(?\s?(?:of\s)?(?:gestation|pregnan|ga\b|amenorrh|post-?menstrual)")
BEFORE_WEEKS = re.compile(
    r"\b(?:born|delivered|birth|delivery|deliveries)\s(?:at\s)?(?:before|prior\sto)\s"
    r"(?:(?:the\s)?(?:gestational\sage|ga)\s(?:of\s)?)?$")
AFTER_PREGNANT = re.compile(r"\b(?:pregnan\w*|gestation\w*|ga|fetus\w*|foetus\w*|preterm|premature|prematurity|singletons?)\b[^.;]{0,30}$")
RELATIVES = re.compile(r"\b(?:family|familial|relatives?|siblings?|death|parental)\b")
ONSET = re.compile(
    r"\b(?:onset|menopause|menarche)\b(?:(?!\bor\b)[^.;,]){0,25}$|\bdiagnosis\sof\s(?:[\w-]+\s){1,4}(?:under|before|by)\s$|\b(?:diagnos\w+|began|begun|started|occurr\w+|appear\w+)\s(?:at|by|before|when)?\s?$"
    r"|\bbefore\s(?:the\s)?(?:age\s(?:of\s)?)?$|\b(?:until|till)\s*$|\bfirst\s(?:symptom|episode|attack|diagnos|manifest|sign)[^.;]{0,40}$"
    r"|\blegal\s(?:\w+\s)?age\b[^.;]{0,50}$|\bage\sof\s(?:consent|majority)\b[^.;]{0,50}$")
OF_MOTHERS = re.compile(r"\b(?:infants?|newborns?|neonates?|babies|child(?:ren)?|offspring)\s(?:born\s)?(?:of|to|whose)\b")
MOTHERS = re.compile(r"\b(?:mothers?|fathers?|parents?)\b")
NO_PERSON = re.compile(
    r"\b(?:surger(?:y|ies)|operations?|diseases?|disorders?|transplants?|grafts?|infarctions?|"
    r"strokes?|fractures?|injur(?:y|ies)|lesions?|biops(?:y|ies)|imaging|scans?|results?|tests?|x-rays?|mris?|radiograph\w*|symptoms?|samples?)\s?$")
"""What is not a person, before an age."""
OTHER_AGE = re.compile(r"\b(?:bone|skeletal|mental|developmental|menstrual)\sage\W*(?:(?:of|is|was|be)\s)?$")
LEARNING = re.compile(r"\b(?:education\w*|school\w*|practice)\b")
LENGTH = re.compile(
    r"\b(?:for|within|during|last|past|previous|every|lasting|duration|since|history|least|after|ago|period|interval|onset|before|diagnos\w+|"
    r"menopaus\w+|amenorrh\w+)\b[^.;,]{0,25}$")
"""What stands before a length of time that is no age."""


def unborn(plain: str, end: int, low: int, bounds: Stated) -> bool:
    """Whether a number without operator is the age that a pregnancy had not reached: "born before 28 weeks of gestation"."""
    reached = bounds.lower
    if reached and bounds.unit == "wk" and 20 <= reached.value <= 45 and (
            BEFORE_WEEKS.search(plain, max(low, bounds.start - 40), bounds.start)) and (
            PREGNANT.match(plain, bounds.end, end) or AFTER_PREGNANT.search(plain, max(low, bounds.start - 40), bounds.start)):
        bounds.lower, bounds.upper = None, Bound(reached.value, False)
        return True
    return False


def goes_on(plain: str, end: int, bounds: Stated) -> bool:
    """Whether bounds that are joined to those of an age can be an age as well, not another length of time."""
    lasts = LASTS.match(plain, bounds.end, end)
    return bounds.unit in AGES and (bounds.aged or lasts is None or lasts[0][-1].isdecimal())


def told(plain: str, start: int, end: int, low: int, bounds: Stated) -> tuple[str, Span, str] | None:
    """The variable that the bounds are an age of, with the span of its words and the rule; None where they are none."""
    stated = bounds.lower or bounds.upper
    if stated is None or bounds.unit not in AGES or bounds.limit or bounds.second is not None or bounds.shape == "list":
        return None
    span = (bounds.start, bounds.end)
    left = plain[max(low, bounds.start - 60):bounds.start]
    if bounds.unit in ("wk", "d") and (PREGNANT.match(plain, bounds.end, end) or (
            bounds.unit == "wk" and 4 <= stated.value <= 45 and AFTER_PREGNANT.search(left) and not lasting(plain, end, left, bounds))):
        return "gestational_age", span, "gestation.words"
    if not bounds.aged and bounds.unit not in ("a", "mo") and (
            bounds.unit or bounds.lower == bounds.upper or stated.value < 10 or not FOLLOWED.match(plain, bounds.end, end)):
        return None
    if bounds.unit in ("", "a") and (bounds.upper or stated).value > (variable("age").values or (0, 0))[1]:
        return None
    if MOTHERS.search(plain, max(start, bounds.start - 40), bounds.start) and OF_MOTHERS.search(plain, start, bounds.start):
        return None
    before = left.removesuffix(" ")
    word = before[len(before.rstrip(LETTERS)):]
    if bounds.aged:
        if OTHER_AGE.search(left):
            return None
        if ONSET.search(left) or RELATIVES.search(plain, max(low, bounds.start - 90), min(end, bounds.end + 30)):
            return None
        if NO_PERSON.search(left):
            return None
        sure = (word in PLACED and not LENGTH.search(left)) or AFTER_PEOPLE.search(left)
        return "age", span, "age.words" if sure else "age.words-doubtful"
    if lasting(plain, end, left, bounds) or LEARNING.search(left):
        return None
    if AFTER_PEOPLE.search(left):
        return "age", span, "age.people"
    begins = not left.strip(" -*•·().:,[") and (low <= start or left.strip(" )") != "")
    if bounds.unit == "a" and (begins or word in ("gender", "both", "and") or AFTER_VERB.search(left)):
        return "age", span, "age.alone"
    return None


def lasting(plain: str, end: int, left: str, bounds: Stated) -> bool:
    """Whether the words behind the bounds, or those to the left, make of them a length of time that is no age."""
    return bool(LASTS.match(plain, bounds.end, end) or LENGTH.search(left))
