"""What a criterion means as a whole: its findings joined as its words join them.  Where that is not certain there is no meaning.

A meaning stands only where every word is a finding's or says nothing by itself (connectives.py).  In a meaning the negation is
always a Not: the findings in it are not negated themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from converter.eligibility.asides import asides, said_again
from converter.eligibility.closing import Closed
from converter.eligibility.combining import combination
from converter.eligibility.connectives import signs
from converter.eligibility.findings import Comparison, Criterion, Finding, Grades, Meaning, Mention, Not, Side, Statement
from converter.eligibility.lists import Refused, Sign, joined
from converter.eligibility.measured import labelled, spelled_out
from converter.eligibility.narrowing import added, intended, limited, narrowed
from converter.eligibility.placing import ABBREVIATION, bracketed, placed
from converter.eligibility.plausibility import implausible, says_more
from converter.eligibility.reading import NOTHING, read

SPOKESPERSONS = re.compile(r"\b(?:parents?|guardians?|representatives?|caregivers?|carers?|surrogates?|prox(?:y|ies))\b")
"""Who may consent for somebody else."""
LINKED = re.compile(r"\s*,\s*(?:with|in|on|who|which|whose|having|treated|receiving|taking)\b")
"""What goes on from what stands before it, comma or not: "hypertension, with a systolic pressure > 170"."""
MOST = 150
"""No sentence has so many parts and signs; what has would be read too deep."""
NOBODY = Not(NOTHING)
EMPTY = (NOTHING, NOBODY)
MEASURED = (Comparison, Grades)


def meaning(plain: str, start: int, end: int, findings: list[Finding], side: Side | None = None) -> Meaning | None:
    """What plain[start:end] means, of the findings in it; None where that is not certain.

    Words that limit nobody by themselves ("patients with any of the following:") mean NOTHING, and Not(NOTHING) where they negate
    what is below them.
    """
    if not _said_by(plain, start, end, findings):
        return None
    claims = placed(plain, start, end, findings)
    if claims is None or _for_others(plain, start, end, findings):
        return None
    stream: list[Sign] = []
    place = start
    for claim in claims:
        between = plain[place : claim.start]
        found = signs(between)
        if found is None:
            return None
        if found[:1] == (",",) and LINKED.match(between):
            found = found[1:]
        stream += found
        stream.append(claim.part or "aside")
        place = claim.end
    rest = signs(plain[place:end])
    if rest is None or len(stream) + len(rest) > MOST:
        return None
    try:
        whole = read([*stream, *rest], side)
    except Refused:
        return None
    return None if implausible(whole, side) or says_more(plain, start, end) else whole


def _for_others(plain: str, start: int, end: int, findings: list[Finding]) -> bool:
    """Whether some consent for those of an age: "adult patient, parent or guardian is willing to consent"."""
    said = {one.kind for one in findings if isinstance(one, Statement)}
    aged = "life-stage" in said or any(isinstance(one, Comparison) and one.variable == "age" for one in findings)
    return "consent" in said and aged and SPOKESPERSONS.search(plain, start, end) is not None


def _said_by(plain: str, start: int, end: int, findings: list[Finding]) -> bool:
    """Whether the words outside findings may all be read.  Most criteria have some that may not: this is quickly seen."""
    brackets = bracketed(plain, start, end)
    begun, start = start, labelled(plain, start, end)
    for one in findings:
        first, last = one.start, one.end
        if isinstance(one, MEASURED):
            if brackets and spelled_out(plain, start, one.subject):
                return True
            first, last = min(first, one.subject[0]), said_again(plain, max(last, one.subject[1]), end)
        if first > start and not _readable(plain[start:first], brackets):
            if limited(plain, start, end) > start:
                return True
            begin = first
            if isinstance(one, Mention):
                begin = intended(plain, start, first) if one.kind == "pregnancy" else narrowed(plain, start, first, last)
            if begin == first or not _readable(plain[start:begin], brackets):
                return _aside(plain, begun, start, first, end, brackets)
        start = max(start, last)
        if isinstance(one, Mention):
            start = added(plain, start, end)
    return start >= end or _readable(plain[start:end], brackets) or limited(plain, start, end) > start or _aside(
        plain, begun, start, end, end, brackets)


def _aside(plain: str, begun: int, start: int, stop: int, end: int, brackets: bool) -> bool:
    """Whether some of the words from `start` to `stop` limit nobody, in the criterion from `begun` to `end`."""
    return any(first < stop and start < last for first, last in asides(plain, begun, end, brackets))


def _readable(words: str, brackets: bool) -> bool:
    """Whether all words may be read; abbreviations in brackets are left out, where there are any brackets."""
    return signs(ABBREVIATION.sub(" ", words) if brackets and ("(" in words or "[" in words) else words) is not None


def combined(criterion: Criterion, meaning_of: Callable[[Criterion], Meaning | None]) -> Meaning | None:
    """What the criterion means with the ones below it, `meaning_of` giving what each node's own words mean; None where not certain."""
    found = _combined(criterion, meaning_of)
    return None if found is None or found in EMPTY else found


def _combined(criterion: Criterion, meaning_of: Callable[[Criterion], Meaning | None]) -> Meaning | None:
    own = meaning_of(criterion)
    if not criterion.children or own is None:
        return own
    negated = own == NOBODY
    if negated and criterion.side == "exclusion":
        return None  # "absence of any of the following": of each, or of all?
    how = criterion.how or ("any-of" if negated else None)
    if how is None:
        return None
    parts: list[Meaning] = []
    for child in criterion.children:
        part = _combined(child, meaning_of)
        if part is None or part in EMPTY:
            return None
        parts.append(part)
    below = joined(how, parts, criterion.threshold)
    if negated:
        return Not(below)
    return below if own == NOTHING else joined("all-of", [own, below])


def apart(closed: Closed, criterion: Criterion, own: Meaning | None) -> bool:
    """Whether each of the ones below stands for itself, as if the criterion were not there; `own` is what its own words mean.

    So it is below words that limit nobody: "all of the following" among inclusions, "any of the following" among exclusions, and
    where nothing is said of how they combine.  "Three of the following" over two says something, if not what.
    """
    if own != NOTHING:
        return False
    if criterion.how is None:
        return combination(closed.plain, *closed.within((criterion.start, criterion.end))) == (None, None)
    return criterion.how == {"inclusion": "all-of", "exclusion": "any-of"}.get(criterion.side or "")
