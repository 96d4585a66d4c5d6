"""What a heading says: of which side the criteria below it are, and for whom.

The words are those of the 1,471 records of ClinicalTrials.gov and the 410 of the Leaf corpus that the rules were written on.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from converter.eligibility.findings import Side


class Heading(NamedTuple):
    """A heading of a section.  Its words end at `end`; what follows on the line is the first of what stands below it."""

    side: Side | None
    end: int
    group: str | None = None


# With the misspellings that registries hold: inclution, excusion, exlusion, inlcusion (NCT03921775, NCT03864107).
SIDE = re.compile(r"\b(non[- ]+|pre[- ]?)?(in|ex)(?:cl|lc|c|l)u[st]{1,2}ions?\b( *(?:/|and|or|&) *(?:in|ex)clusions?\b)?")
# What every match of that has; the first letter is quickly found, the sides of it looked at behind it.
SAID = re.compile(r"u(?<=[cl]u)[st]{1,2}ion")
CRITERIA = re.compile(r" +criteri(?:a|on|as|ar|um)\b *\*?")
# What a sentence about criteria holds before the word, and a heading does not.
SENTENCE = re.compile(
    r"[:;.,]|\b(?:no|not|meet|meets|met|meeting|any|all|fulfil|fulfill|fulfil(?:ls?|s|ling)|satisf(?:y|ies)|above|addition|per|conform|"
    r"failure|fail|there|have|has|had|is|are|was|were|be|will|may|must|who|that|which|with|see)\b")
VERB = re.compile(
    r"\b(?:may|could|apply|applies|applied|met|is|was|are|were|be|will|above|below|respected|should|must|can|has|have|who|that|if|they|"
    r"following|carefully|limited)\b")
AFTER = re.compile(r" *(?:(?:are|is|will be|includes?|included|as follows?|were|was|the following|following|for|of|in|at)\b *)*")
# The usual words of a heading, which name no part or cohort.
DULL = re.compile(
    r"\b(?:[a-z]+-(?:specific|related)|key|main|major|general|selected|study|patients?|subjects?|participants?|additional|specific|the|"
    r"primary|other|principal|criteria|for|of|common|list|trial|basic|brief|important|relevant|protocol|special|overall)\b|[^\w ]")
# The same in the other languages of the European registers, and in Chinese.
FOREIGN = re.compile(
    r"(?:crit[èe]res? (?P<fr>d'inclusion|d'exclusion|de non[- ]inclusion)|(?P<de>einschlu(?:ss|ß)|ausschlu(?:ss|ß))kriterien|"
    r"(?P<nl>inclusie|exclusie)(?:criteria)?|crit[eé]rios (?:principales )?de (?P<es>inclusi[oó]n|exclusi[oó]n|inclus[aã]o|exclus[aã]o)|"
    r"criteri (?:principali )?d[i'] ?(?P<it>inclusione|esclusione)|(?P<zh>入选|纳入|入组|排除)(?:标准)?)s? *(?::|$)")
FOREIGN_INCLUSION = ("d'in", "ein", "in", "入", "纳")
ALONE = re.compile(r"(?:(?P<out>excluded?|exclusions|not eligible|ineligible)|included?|eligible) *(:?)$")
BEGINNINGS = frozenset(("cr", "ei", "au", "in", "ex", "no", "el", "入选", "纳入", "入组", "排除"))
"""The first two letters of what FOREIGN and ALONE match."""
COHORT = re.compile(r"for\b|.*\b(?:arms?|parts?|cohorts?|groups?|participants|all)\b")


def section(text: str, plain: str, start: int, end: int, marked: bool) -> Heading | None:
    """The heading of a section that begins text[start:end]; `marked` when a mark of a list stands before it."""
    beginning = plain[start:start + 2] in BEGINNINGS
    if beginning and (foreign := FOREIGN.match(plain, start, end)):
        words = next(word for word in foreign.groups() if word)
        return Heading("inclusion" if words.startswith(FOREIGN_INCLUSION) else "exclusion", foreign.end())
    near = min(end, start + 120)
    found = SIDE.search(plain, start, near) if SAID.search(plain, start, near) else None
    if not found:
        alone = ALONE.match(plain, start, end) if beginning else None
        return Heading("exclusion" if alone["out"] else "inclusion", end) if alone and (alone[2] or not marked) else None
    before = plain[start:found.start()]
    words_before = before.split()
    criteria = CRITERIA.match(plain, found.end(), end)
    if not criteria and words_before[-2:] not in (["criteria", "for"], ["criteria", "of"]) and len(words_before) > 3:
        return None
    if before and (len(words_before) > (5 if marked else 14 if NUMBERED.match(before) else 9) or SENTENCE.search(before)):
        return None
    if marked and DULL.sub(" ", before).strip() and not (GROUP.fullmatch(bare := clean(before)) or NUMBERED.fullmatch(bare)):
        return None
    side: Side | None = "exclusion" if (found[2] == "ex") != bool(found[1] and found[1].startswith("non")) else "inclusion"
    return tail(text, plain, (start, found.start(), criteria.end() if criteria else found.end(), end), None if found[3] else side,
                marked, bool(criteria))


def tail(text: str, plain: str, places: tuple[int, int, int, int], side: Side | None, marked: bool, criteria: bool) -> Heading | None:
    """The heading of which the words up to the third place are read: nothing follows, a colon, or for whom it is.

    The places are where the heading begins, where its word of side does, where it is read up to, and where the line ends.
    """
    start, word, at, end = places
    rest = plain[at:min(end, at + 300)]
    bare = rest.lstrip(" .*_)")
    after = at + len(rest) - len(bare)
    first = bare[:1]
    if not first:
        return Heading(side, end, named(text, plain, start, word)) if criteria or not (rest.strip(" *_") or marked) else None
    if first == ":":
        return Heading(side, after + 1, named(text, plain, start, word))
    if first in "•*①" or (criteria and not marked and plain[at - 1] == " " and starts_anew(text, plain, after)):
        return Heading(side, after, named(text, plain, start, word))
    bracket = plain.find(")", after, end) if first in "([" else -1
    colon = plain.find(":", max(after, bracket), after + len(bare))
    if bracket >= 0 and plain[bracket + 1:colon if colon >= 0 else end].strip(" .*_-"):
        colon = -1
        if marked or VERB.search(plain, bracket, end):
            return None
    dash = first == "-"
    if not criteria and (colon < 0 or (marked and not dash)):
        return None
    stop = colon if colon >= 0 else end
    for_whom = plain[after:stop].strip(" -")
    if colon < 0 and dash and not COHORT.match(for_whom):
        return Heading(side, after + 1, named(text, plain, start, word))
    if len(for_whom.split()) > 16 or ". " in for_whom or first == "/" or "apply" in for_whom:
        return None
    short = start == word and plain.startswith(("for ", "of "), after) and len(for_whom.split()) < 9
    if colon < 0 and first not in "-([" and (VERB.search(for_whom) or (not short and (marked or for_whom.endswith((".", ";"))))):
        return None
    verbs = AFTER.match(plain, after, stop)
    name = named(text, plain, verbs.end() if verbs else after, stop) or named(text, plain, start, word)
    return Heading(side, colon + 1 if colon >= 0 else end, name)


GOING_ON = re.compile(r"(?:for|of|in|at|prior|related|specific|to|and|determined)\b")


def starts_anew(text: str, plain: str, at: int) -> bool:
    """Whether the words there are no part of the heading before them: they begin with a capital."""
    return text[at].isupper() and not GOING_ON.match(plain, at)


FIRST = re.compile(r"(?i)[^\w(\"']*(?:\d+-\d+ )?(?:(?:for|of|in|the)\s+)*")
LAST = re.compile(r"(?i)(?:\s+(?:are|is|will be|were as follows|as follows|includes?|specific|plus|the|-))*[\s:,.*_-]*$")


def named(text: str, plain: str, start: int, end: int) -> str | None:
    """The part or cohort that these words name; None when all that is in them are the usual words of a heading."""
    if start == end or end - start > 200 or not DULL.sub(" ", plain[start:end]).strip():
        return None
    words = " ".join(text[start:end].split())
    words = LAST.sub("", FIRST.sub("", words, count=1), count=1)
    if words.startswith("(") and words.endswith(")"):
        words = words[1:-1]
    return words if 0 < len(words) <= 100 and not VERB.search(words.lower()) else None


PEOPLE = (
    r"(?:cohorts?|groups?|parts?|arms?|phases?|strat(?:um|a)|modules?|sub-?stud(?:y|ies)|stages? \d|healthy|controls?|volunteers?|patients|"
    r"cases|participants|subjects|mothers?|parents?|caregivers?|siblings?|families|donors?|recipients?|children|adults?|youths?|"
    r"adolescents|infants|neonates|men|women|males?|females?|clinics?|workers|survivors|couples|providers?|clinicians|periods? \d)\b")
GROUP = re.compile(rf"(?:for |only )?(?:the )?(?:[\w/-]+ ){{0,4}}?{PEOPLE}(?: (?:[\w-]+)){{0,6}}")
NUMBERED = re.compile(r"(?:cohort|group|arm|part|stratum|module|phase|stage|step|study|sub-?study)s? [0-9ivxa-d]{1,3}[a-z]?\b.*")
FOR = re.compile(r"for (?!(?:more|further|example|instance|details|information|purposes|at|any|all|each|one)\b)[\w/-]+(?: [\w/-]+){0,9}")
COHORTS = re.compile(r"\b(?:groups?|cohorts?|arms?|controls?|only)[ )]*$")
NO_GROUP = re.compile(
    rf"{VERB.pattern}|\b(?:criteria|history|defined|no|not|never|unless|except\w*|other than|exclud\w+|includ\w+|lack\w*|missing|unable|"
    r"receiving|taking)\b|\b(?:with|who|of|for|to|by|from|in|aged|at|without|on|or|and)$")


def group(text: str, plain: str, start: int, end: int) -> str | None:
    """The cohort or part whose criteria stand below these words; None when they name none."""
    if end - start > 120:
        return None
    bare = clean(plain[start:end])
    if not bare or len(bare) > 90 or NO_GROUP.search(bare):
        return None
    if GROUP.fullmatch(bare) or NUMBERED.fullmatch(bare) or (FOR.fullmatch(bare) and plain[end - 1] == ":"):
        return " ".join(text[start:end].split()).rstrip(" :-") or None
    return None


def is_named(text: str, plain: str, start: int, end: int) -> bool:
    """Whether a line names a cohort and can be nothing else: "Group 2", "Control group", "PATIENTS"."""
    return NUMBERED.match(plain, start, end) is not None or COHORTS.search(plain, start, end) is not None or text[start:end].isupper()


BRACKETS_AND_SIGNS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[^\w/ -]")


def clean(words: str) -> str:
    """The words without brackets and signs."""
    return " ".join(BRACKETS_AND_SIGNS.sub(" ", words).split())


OUT = re.compile(r"\b(?:exclude[ds]?|ineligible|disqualif\w+|inadmissible|exclusionary|not (?:be )?eligible)\b")
NOT = re.compile(
    r"\b(?:not|n't|cannot) (?:\w+ ){0,2}?(?:eligible|included|enrol+ed|participate|take part|qualify|enter|allowed)\b|"
    r"\b(?:should|must|may|can|do|does|will) ?not (?:meet|have|fulfil|be|satisfy|present)\b[^:]{0,40}\b(?:any|following)\b")
IN = re.compile(r"\b(?:eligible|includ(?:e[ds]?|ing)|enrol+ed|participate|inclusion|selected|recruited|qualify)\b")
SAYS = re.compile(r"\b(?:if|following|who|they|must|criteria|should)\b")
OUTRIGHT = re.compile(
    r"(?:the )?(?:[\w-]+ ){0,3}(?:patients|subjects|participants|individuals|persons|people|women|men|children|volunteers|candidates|those|"
    r"anyone)\b[^,;.()]{0,80}\b(?:excluded?|ineligible|disqualified|not (?:be )?eligible)\b")


def stated(plain: str, start: int, end: int) -> Side | None:
    """The side that a sentence before a list gives: "Patients will be excluded if:"."""
    start = max(start, end - 400)
    if OUT.search(plain, start, end) or NOT.search(plain, start, end):
        return "exclusion"
    return "inclusion" if IN.search(plain, start, end) and SAYS.search(plain, start, end) else None


def says_excluded(plain: str, start: int, end: int) -> bool:
    """Whether the words name exclusion, as the heading of a section does: "must not have:" only denies what stands below it."""
    return OUT.search(plain, max(start, end - 400), end) is not None


PERMITS = re.compile(
    r"(?:also )?(?:allowed|permitted|recommended)\b[^:]{0,60}:|"
    r"(?!.*\b(?:no|none|not)\b)[^:]{0,90}\b(?:are|is|be) (?:also )?(?:allowed|permitted)(?: if)?:")
REQUIRED = re.compile(r"(?:[^:]*: ?)?required\b[^:]*:")


def demanded(plain: str, start: int, end: int, side: Side | None) -> Side | None:
    """The side of what stands below a heading there: none below "Allowed:", which demands nothing; below "Required:" it is demanded."""
    if PERMITS.fullmatch(plain, start, end):
        return None
    return "inclusion" if side == "exclusion" and REQUIRED.fullmatch(plain, start, end) else side


LEADS = re.compile(
    r".*\b(?:following(?: \w+)?(?: criteria| conditions)?|as follows|defined (?:by|as)|includ(?:es?|ing)|such as|if|if they|who|with|"
    r"must|must be|are)")


def leads(plain: str, start: int, end: int) -> bool:
    """Whether words without a colon lead to a list as one with a colon does."""
    return LEADS.fullmatch(plain, max(start, end - 60), end) is not None


def excludes(plain: str, start: int, end: int) -> bool:
    """Whether the words say outright that who meets what stands below them is excluded."""
    return plain[end - 1] == ":" and OUTRIGHT.match(plain, start, end) is not None
