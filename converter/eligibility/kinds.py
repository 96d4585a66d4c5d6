"""What is compared though a listed variable is named: its change, its product, another specimen, method, symptom or time."""

from __future__ import annotations

import re
from typing import Literal

CHANGE = (
    r"changes?|reversibility|increased|decreased|reductions?|reduced|loss|gain|drop|fluctuations?|variations?|variability|differences?|rise|fall|decline|"
    r"improvement")
CHANGED = re.compile(
    rf"\b(?:{CHANGE}|increase|decrease|elevation|deterioration|worsening|responsiveness|reversibility)\s(?:in|of|from|on)\s(?:the\s|their\s|his\s)?(?:\w+\s)?$")
OF_CHANGE = re.compile(
    rf"\b(?:{CHANGE}|lost|gained|losing|gaining|increases?|decreases?|decrement|increment|elevation|deterioration|worsening|fell|rose|changed|improved)\s(?:of|by)?\s?$")
CHANGES = re.compile(
    rf"\b(?:{CHANGE}|responsiveness|reversibility|dropped|improved|grade|transfusions?|per|goals?|times|multiplied|sputum|urine|csf|biops\w+|tissue)\b|\s[x×*]\s(?!10)")
CHANGED_BY = re.compile(
    r"\.?\)?\s?(?:points?\s)?(?:improvement|increase|decrease|reduction|reversib|changes?\b|rise\b|fall\b|drop\b|decline|variab|elevation|loss\b|gain\b|"
    r"(?:of|from|above|below|over)\s(?:the\s|their\s)?(?:baseline|(?:ideal|desirable|usual)\s))")
SPECIMEN = (
    r"(?:sputum|urine|urinary|csf|tissue|bal|biops(?:y|ies)|o?esophag(?:us|eal)|nasal|"
    r"mucosal?|ascit\w+|synovial|pleural|semen|stool|faecal|fecal|vaginal|gastric|saliva(?:ry)?|skin)")
OF_SPECIMEN = re.compile(
    rf"\b(?:{SPECIMEN}|cerebrospinal\sfluid|bone\smarrow|infiltrating|intraepithelial|atypical|abnormal)\s(?:fluid\s)?$")
IN_SPECIMEN = re.compile(rf"\s?(?:in|of|on)\s(?:the\s|an?\s)?(?:induced\s)?{SPECIMEN}\b")
LOADED = (
    r"(?:\b(?:[0-4]|one|two)\s?-?\s?(?:h|hrs?|hours?)\b|post-?\s?(?:load|prandial|meal|challenge)|\bogtt\b|"
    r"tolerance\stest|glucose\sload)")
OF_URINE = frozenset(("uacr", "upcr"))
TRACED = r"(?:(?:radio-?)?isotop\w*|nuclear|iohexol|inulin|iothalamate|dtpa|edta)"
BY_TRACER = re.compile(rf"\b{TRACED}\b")
PREDICTED = re.compile(r"\b(?:ppo|post-?operative)[\s-]?$")
METHODS = {
    "glucose": (re.compile(LOADED + r"(?:(?!\b(?:or|and)\b)[^.;,<>≤≥]){0,20}$"),
                re.compile(r"\s?,?\s?(?:(?:at|after|during|in|on|following)\b|\()(?:(?!\b(?:or|and)\b)[^.;]){0,40}?" + LOADED)),
    "egfr": (re.compile(rf"\bmeasured\s$|\b{TRACED}\b[^.;,]{{0,15}}$"), None),
    "fev1": (PREDICTED, None), "dlco": (PREDICTED, None),
    "crcl": (re.compile(r"\bmeasured\s$|\b24[- ]?(?:h|hr|hour)s?\s(?:urine\s|urinary\s)?$"), None)}
"""By variable: what stands before its name, or behind its bounds, where another method is meant."""
NOT_PAIN = re.compile(
    r"itch|prurit|fatigue|anxiety|stress|dyspn|nausea|sleep|satisf|breathless|discomfort|mood|burning|dryness|symptom|"
    r"mucus|blocked|congest|nasal|cough|heartburn")
OF_EVENT = re.compile(r"\b(?:onset|menarche|menopause|first|diagnos\w+)\b")
AT_EVENT = re.compile(r"\b(?:(?:diagnosed|onset|began|begun|started)\s(?:at\s)?|diagnosis\b[^.;,]{0,30}\bat\s)(?:an?\s|the\s)?$")
"""Before "age", what makes it that at which something happened."""
OF_OTHERS = re.compile(
    r"^\sof\s(?:(?:the|an?|their|her|his|any)\s)?(?:\w+\s)?(?:bab(?:y|ies)|infants?|child|children|f(?:o)?etus|newborns?|neonates?|donors?|mothers?"
    r"|fathers?|parents?|partners?|spouses?|caregivers?|prostate|tumou?rs?|thyroid|stones?|lesions?|uterus|spleen)\b"
    r"|^\s(?:target|goal|lifting|at\sbirth)\b|^[\s-]mb\b")
"""Behind the name, what makes it that of somebody or something else, of another time, or what is aimed at: "weight of the baby"."""
OF_MEAL = re.compile(rf"{LOADED}|\b(?:after|post)\s(?:an?\s|the\s)?(?:meal|breakfast|lunch|dinner|eating|food)\b")
WORSE = re.compile(r"^(?:\sscore)?\s(?:increas|decreas|chang|improve|worsen|reduc|deteriorat|declin|loss|fluctuat|differ|drop)")
"""Behind the name of a score, what makes it a change of it: "EDSS worsening ≥ 1"."""
BY_SO_MUCH = re.compile(r"\b(?:increase|decrease|rise|elevation|reduction|improvement)s?\s(?:of|by)\b")
BRACKET = re.compile(r"\s?\([^()]{1,30}\)")
SCALED = re.compile(r"scor|intens|nrs|nprs|vas|scale|rating|rated?\b|sever|analog|/\s?10|worst|averag|point|level")
SUBSCALE = re.compile(r"\b(?:womac|koos|hoos|sub-?scale|interference)\b")
RATED = re.compile(r"\b(?:nrs|nprs|vas|numeric\w*|visual)\b")
ITEM = re.compile(r"\b(?:items?|question)\b|^\W*\d[a-c]\b")
PART = re.compile(
    r"\b(?:consciousness|motor|arm|leg|eye|verbal|orientation|recall|respiratory|cardiovascular|renal|coagulation|hepatic|pyramidal|memory"
    r"|grade|pattern)\b")
PARTED = frozenset(("nihss", "gcs", "mmse", "moca", "sofa", "edss", "gleason"))
"""Scores of which parts are scored as well, or which another scale of the same name goes with."""
COUNTED = re.compile(r"\b(?:present|defined|responses?|regions?|joints?|sites?|index|days?|weeks?|months?|times?)\b")


def no_pain(plain: str, start: int, end: int) -> bool:
    """Whether what is rated between start and end is no pain: another symptom, or a part of a questionnaire."""
    around = plain[start:end]
    return (NOT_PAIN.search(around) is not None and "pain" not in around) or (
        SUBSCALE.search(around) is not None and RATED.search(around) is None)


def something_else(
        plain: str, low: int, first: int, name: tuple[int, int, str], kind: str, gap: str, end: int,
        limited: bool) -> Literal["", "change", "kin"]:
    """What is compared instead of the variable of that name and kind: its change or count, something akin to it; "" where it is itself.

    `gap` is what stands between the name and the bounds, without brackets, `end` where the bounds end; `limited` where they are
    multiples of a limit of normal.  The criterion
    begins at `first`; before `low` stands what is read already.  What stands before the name of something akin belongs to it.
    """
    start, stop, key = name
    if OF_OTHERS.match(gap):
        return "change"
    if key == "age":
        return "change" if OF_EVENT.search(gap) or AT_EVENT.search(plain, max(low, start - 50), start) else ""
    if key == "glucose" and OF_MEAL.search(gap):
        return "change"
    if kind == "score" and (BY_SO_MUCH.search(gap) or WORSE.search(gap)):
        return "change"
    if key == "pain_nrs":
        return "change" if COUNTED.search(gap) or no_pain(plain, max(low, start - 60), end + 40) or (
            plain[start:stop] == "pain" and gap.strip() and not SCALED.search(plain, max(low, start - 60), end + 80)) else ""
    if kind == "score":
        return "change" if ITEM.search(gap) or (key in PARTED and PART.search(gap)) else ""
    if (found := CHANGES.search(gap)) and not (found[0] == "urine" and key in OF_URINE):
        return "change"
    if not limited and BY_SO_MUCH.search(gap):
        return "change"
    again = BRACKET.match(plain, end)
    if CHANGED.search(plain, max(low, start - 40), start) or (
            kind in ("lab", "vital") and CHANGED_BY.match(plain, again.end() if again else end)):
        return "change"
    before, after = METHODS.get(key, (None, None))
    if before and (akin := before.search(plain, max(first, start - 50), start)):
        return "kin" if akin.start() >= low else "change"
    if kind != "lab" or key in OF_URINE:
        return ""
    if "prolong" in gap or IN_SPECIMEN.match(plain, end):
        return "change"
    if OF_SPECIMEN.search(plain, max(low, start - 24), start):
        return "kin"
    if key == "egfr" and BY_TRACER.search(plain, stop, end):
        return "change"
    return "change" if after and after.match(plain, end) else ""
