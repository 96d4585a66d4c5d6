"""What is measured where no listed variable is named: the words beside the bounds, with less certainty."""

from __future__ import annotations

import re

from converter.eligibility.bounds import Stated
from converter.eligibility.findings import Span
from converter.eligibility.kinds import OF_CHANGE

REACH = 80
"""So far before the bounds their words begin at most."""
DOSES = frozenset((
    "mass", "drug", "mass/mass", "mass/time", "activity", "activity/time", "substance", "time", "mass/mass/time", "mass/area",
    "activity/mass",
    "time/time", "energy", "count", "mass/area/time", "events"))
"""What doses and durations measure: a bound of these is none of the patient, as long as nothing listed is named."""
OPENING = " (:[]=-"
LINKS = ("of", "is", "was", "are", "be", "being", "must", "should", "a", "an", "the", "has", "have", "had")
"""Words between what is measured and its bounds."""
LINK = re.compile(rf"\b(?:{'|'.join(LINKS)})$")
NOBODY = re.compile(
    r"(?:ctc\s?ae[\d. v-]*|nci|elevated|positive|negative|increased|decreased|abnormal|high|low|"
    r"males?|females?|men|women|years|patients?|subjects?|participants?|children|note|values?|(?:[^a-z]|[a-z](?![a-z]))*|"
    r"(?:\w+\s)?(?:improvement|increase|decrease|reduction|change|decline|decrement|difference|drop|loss of))")
"""Words of which nothing is measured."""
NOT_MEASURED = re.compile(
    r"^(?:to|not|no|must|been|then|other|known|up|such|it|they|there|evidence|reported?|ratings?|last|only|each|either|one|more|during|with|when)\b"
    r"|\b(?:then|unless|relaxed|broadened|allowed|permitted|acceptable|received|receiving|demonstrat\w+|irradiated|consum(?:ing|es?|ed)|recover\w*|relieved|"
    r"resolved|returned|resolution|including|includes|patients|subjects|participants|formula|equation|plus|lines|sum|range|times|mean\sthat)\b"
    r"|[<>≤≥=]")
"""What is in words of which nothing is measured: verbs, people, formulas."""
NO_ANALYTE = re.compile(
    r"\b(?:syndrome|diseases?|metasta\w+|involvement|infiltration|invasion|malignan\w+|cancer|tumou?r|lesions?|increased?|elevat\w+)\b")
"""What has no limit of normal."""
GENERIC = re.compile(
    r"(?:an?\s)?(?:total\s|overall\s|baseline\s|mean\s)?(?:scores?|scale|index|ratio|class|stage|points?|test|assessment|total)")
"""Words that are but the end of a name in front of a bracket: "Sleep Quality Index (PSQI) score"."""
NAMELESS = frozenset(("grade", "grades", "class", "stage"))
"""Words by which nothing is told from anything else."""
SCORED_ON = re.compile(
    r"\s?(?:points?\s)?(?:on|using)\s(?:the\s|an?\s)?(?!\d|scale\b|day|the\s)((?:(?!(?:at|for|during|within|assessed|and|or|with|to|past|last|screening|"
    r"baseline|both|all|any|either|admission|most|more|each|two|one|questions?|items?|will|is|are|was|be|must|"
    r"should|who|that|which)\b)[\w'/&-]+\s?){1,9})")
"""What has the points: "a score of 5 or higher on the Fagerstrom Test"."""
BEGINNING = re.compile(r"(?:(?:of|the|an?|with|have|has|patients?|subjects?|whose|and|or|on|in|not|requir(?:ing|es?)|needing|needs?)\s)*")
BRACKETED = re.compile(r"([\w'/-]+(?:\s[\w'/-]+){0,6})\s?\([^()]{1,30}\)\s?$")
ITEMS = re.compile(
    r"\s?(?:[+^°]|:(?!\s?1\b)|-\d|[x×](?![a-z]))|\s(?!(?:and|or|but|at|on|in|by|within|as|with|for|during|if|before|after|to|from|when|while|according|using|"
    r"measured|is|are|was|were|who|despite|without|prior|based|assessed|determined|upon|until|unless|then|defined|indicat\w+|obtained|will|must|should|"
    r"can|may|not|have|has|that|which|where|since|except|inclusive|at|confirmed|documented|following|regardless|irrespective|either|also|points?|due|plus|"
    r"despite|including|per\sprotocol|via|through)\b)[a-z]{2,}")
"""What follows a number of things, not a value: "≥ 1 of the seven", "> 2 infections", "≥ 2+"."""
NUMBER_OF = re.compile(r"\b(?:lines?|numbers?|sum|courses|cycles)\sof\b[^,;.]*$")
CUT = re.compile(
    r".*(?:[,;:()\[\].]\s|\b(?:and|or|with|who|that|which|have|has|having|is|are|if|in|by|as|for|from|than|defined|a|an|the|of|at|any)\b)")
"""All to the last word or sign that what is measured does not reach over."""
SCORED = re.compile(
    r"\b(?:scores?|scale|index|questionnaire|inventory|ratio|class|grade|stage|levels?|points?|test|classification|categor(?:y|ies)|assessment|"
    r"screen|iq)\b[\s:(),-]*(?:[a-z0-9-]{2,10}\)\s?)?(?:(?:of|is|was|be|must|at|on|a|the|total|are)\b\s?)*$")
COUNTED = re.compile(
    r"\s?(?:[a-z-]+\s)?(?:doses?|lines?|times?|episodes?|cycles?|courses?|visits?|prior|previous|drugs?|lesions?|sites?|attacks?|events?|"
    r"exacerbations?|relapses?|of\s(?:the\s)?(?:following|these)|medications?|criteri\w+|symptoms?|risk|adverse|additional|other|different)\b")
"""What follows a number that only counts: "≥ 1 dose"."""
NOT_PART = re.compile(
    r"(?:^|\s)(?:with|without|when|during|in|each|if|at|or|and|after|before|by|for|than|who|that|which|following|compared|taking|using|within|measured|per|"
    r"as|on|from|to|is|are|was|were|the|those|this|previous|past|first|years?|days?|under|over|above|below|apart|will|according|based|undergoing|post-?\w+)\b")
"""Where the words end that name what was measured before them."""
AFTERWARDS = re.compile(r"\s?(?:points?\s)?(?:of\s|in\s|on\s|for\s)?(?:the\s|a\s|an\s)?((?:[a-z][\w'-]*\s?){1,5})")


def told(plain: str, low: int, end: int, bounds: Stated, akin: bool) -> tuple[Span, str] | None:
    """The span of the words that say what is measured, and the rule; None where that is not clear.

    `akin`: something like a listed variable is named before the bounds ("saliva pH").
    """
    if bounds.shape in ("bare", "list") or bounds.measures in DOSES:
        return None
    if bounds.second is not None and any(bound and bound.value > bounds.second for bound in (bounds.lower, bounds.upper)):
        return None  # a pair of pressures
    low = max(low, bounds.start - REACH)
    left = plain[low:bounds.start].rstrip(OPENING)
    while left.endswith(LINKS) and (link := LINK.search(plain, low, low + len(left))):
        left = plain[low:link.start()].rstrip(OPENING)
    if bounds.shape == "range" and bounds.lower and bounds.lower.value in (0, 1) and left.endswith("scale"):
        return None
    opened = left.rfind("(") + 1
    cut = CUT.match(left)
    words = left[max(cut.end() if cut else 0, opened if ")" not in left[opened:] else 0):].strip(" ,")
    if words and (leading := BEGINNING.match(words)):
        words = words[leading.end():]
    if words.count("(") > words.count(")"):
        words = words.partition("(")[2].strip()
    if words:
        rule = ("score" if SCORED.search(plain, low, bounds.start) else "limit" if bounds.limit else "unit" if bounds.measures else
                "sign" if bounds.shape == "sign" or akin else "")
        if bounds.second is not None and rule != "score":
            return None
        if (rule in ("sign", "unit") and bounds.lower == bounds.upper) or (rule == "sign" and COUNTED.match(plain, bounds.end, end)):
            return None
        if not rule or NOBODY.fullmatch(words.strip("() ")) or NOT_MEASURED.search(words) or (rule == "limit" and NO_ANALYTE.search(words)):
            return None
        if words.count("(") < words.count(")") or (
                rule == "sign" and (ITEMS.match(plain, bounds.end, end) or NUMBER_OF.search(plain, low, bounds.start))):
            return None
        at = plain.rindex(words, low, low + len(left))
        if rule == "score" and GENERIC.fullmatch(words) and (named := BRACKETED.search(plain, low, at)):
            began = BEGINNING.match(plain, named.start(1))
            return (began.end() if began else named.start(1), at + len(words)), "unlisted.score"
        if rule == "score" and words in NAMELESS:  # "grade 3 or higher toxicity"
            return (behind, "unlisted.score") if (behind := named_behind(plain, end, bounds)) else None
        if rule == "score" and GENERIC.fullmatch(words) and (named := SCORED_ON.match(plain, bounds.end, end)):
            return (named.start(1), named.start(1) + len(named[1].rstrip())), "unlisted.score"
        return (at, at + len(words)), f"unlisted.{rule}"
    if bounds.measures and not OF_CHANGE.search(left) and (behind := named_behind(plain, end, bounds)):
        return behind, "unlisted.before"
    return None


def named_behind(plain: str, end: int, bounds: Stated) -> Span | None:
    """The span of the words behind the bounds that say what is measured; None without."""
    after = AFTERWARDS.match(plain, bounds.end, end)
    if after is None:
        return None
    cut_off = NOT_PART.search(after[1])
    name = after[1][:cut_off.start() if cut_off else None].rstrip()
    if not name or NOBODY.fullmatch(name) or NOT_MEASURED.search(name):
        return None
    return after.start(1), after.start(1) + len(name)
