"""Comparisons laid out in the order of the text: which words belong to which, and what those on the same words mean together."""

from __future__ import annotations

import re
from itertools import pairwise

from converter.eligibility import variables
from converter.eligibility.findings import Combined, Comparison, Grades, Meaning, Mention, Span, Statement
from converter.eligibility.parts import Claim, Part
from converter.eligibility.plain import words as words_of

OPENED = re.compile(r"\s*[(\[]\s*$")
CLOSING = re.compile(r"\s*\)")
WORD = re.compile(r"[^\W\d_]+")
LABEL = re.compile(
    r"\s*(?!(?:\w+[\s-])*(?:patients?|subjects?|participants?|with|without|if|for|in|part|cohort|group|arm)\b[^:]*:)"
    r"(?:[\w-]+\s){0,4}?(?:functions?|insufficiency|failure|dysfunction|impairment|reserve|parameters|values|tests?"
    r"|abnormalit(?:y|ies)"
    r"|hepatic|liver|renal|kidneys?|ha?ematolog(?:y|ic|ical)|coagulation|cardiac|bone marrow|blood routine|routine blood|laboratory"
    r"|life expectancy):\s*"
)
LABELS = (
    "function", "functions", "insufficiency", "failure", "impairment", "reserve", "parameters", "values", "test", "tests", "abnormality",
    "abnormalities", "hepatic", "liver", "renal", "kidney", "kidneys", "hematology", "hematologic", "hematological", "haematology",
    "haematological", "coagulation", "cardiac", "bone marrow", "blood routine", "routine blood", "laboratory", "life expectancy",
)
"""How a label ends before its colon."""
JOINED = re.compile(r"(?:[\s,;/]|\b(?:or|and)\b)*")
JOINING = re.compile(r"(?:[\s,;/]|\b(?:or|and)\b)*$")


def measured(plain: str, measures: list[Comparison | Grades]) -> list[Claim] | None:
    """The claims of comparisons: those that share a number stand at their variables, those that share a variable at their numbers."""
    claims: list[Claim] = []
    clusters: list[list[Comparison | Grades]] = []
    reach = -1
    for one in sorted(measures, key=lambda one: _hull(one)):
        start, end = _hull(one)
        if start < reach:
            clusters[-1].append(one)
        else:
            clusters.append([one])
        reach = max(reach, end)
    for cluster in clusters:
        parts = _cluster(plain, cluster)
        if parts is None:
            return None
        claims += parts
    return claims


def _cluster(plain: str, cluster: list[Comparison | Grades]) -> list[Claim] | None:
    """The claims of comparisons whose words overlap; None where it is not clear which number is whose."""
    hulls = [_hull(one) for one in cluster]
    subjects = list(dict.fromkeys(one.subject for one in cluster))
    starts, ends = {start for start, _ in hulls}, {end for _, end in hulls}
    if len(starts) == len(ends) == len(subjects) == 1:
        meaning = _together(cluster)
        return [_measure(plain, cluster[0], *hulls[0], meaning)] if meaning else None
    sexes = {one.sex if isinstance(one, Comparison) else None for one in cluster}
    if sexes != {None}:
        if None in sexes or len(sexes) < len(cluster) or len(subjects) > 1:
            return None
        return [_measure(plain, cluster[0], min(starts), max(ends), Combined("any-of", tuple(cluster)))]
    if len(ends) == 1 and len(subjects) == len(starts) == len(cluster):
        found = [_measure(plain, one, *one.subject, one) for one in cluster]
        found[-1].end = hulls[-1][1]
    elif len(subjects) == 1 and len(ends) == len(cluster):
        found = [_measure(plain, one, start, end, one) for one, (start, end) in zip(cluster, hulls, strict=True)]
        for earlier, later in pairwise(found):
            later.start = JOINED.match(plain, earlier.end).end()  # type: ignore[union-attr]  # it matches nothing, too
    elif len(subjects) == 1 and len(starts) == len(cluster):
        found = [_measure(plain, one, start, end, one) for one, (start, end) in zip(cluster, hulls, strict=True)]
        for earlier, later in pairwise(found):
            joined = JOINING.search(plain, earlier.start, later.start)
            earlier.end = joined.start() if joined else later.start
    else:
        return None
    return found if all(one.start < one.end for one in found) and all(a.end <= b.start for a, b in pairwise(found)) else None


def _measure(plain: str, one: Comparison | Grades, start: int, end: int, meaning: Meaning) -> Claim:
    words = plain[start:end]
    if words.count("(") > words.count(")") and (closed := CLOSING.match(plain, end)):
        end = closed.end()
    person = isinstance(one, Comparison) and one.variable == "age"
    return Claim(start, end, Part(meaning, "person" if person else "measure"), subjects=(one.subject,))


def _hull(one: Comparison | Grades) -> Span:
    """The words of the comparison with those of its variable."""
    return min(one.start, one.subject[0]), max(one.end, one.subject[1])


def _together(same: list[Comparison | Grades]) -> Meaning | None:
    """What comparisons on the same words mean: a pair ("160/100", "< 140/90"), or women's and men's bounds."""
    if len(same) == 1:
        return same[0] if isinstance(same[0], Grades) or same[0].sex is None else None
    pairs = [one for one in same if isinstance(one, Comparison)]
    if len(pairs) < len(same):
        return None
    if len({one.sex for one in pairs}) == len(pairs) and None not in {one.sex for one in pairs}:
        return Combined("any-of", tuple(pairs))
    if len({one.variable for one in pairs}) == len(pairs):
        if all(one.lower is None for one in pairs):
            return Combined("all-of", tuple(pairs))
        if all(one.upper is None for one in pairs):
            return Combined("any-of", tuple(pairs))
    return None


def labelled(plain: str, start: int, end: int) -> int:
    """The place behind a label that only says what is measured ("Bone marrow function: …"); the start where there is none."""
    colon = plain.find(":", start, end)
    label = LABEL.match(plain, start, end) if colon >= 0 and plain.endswith(LABELS, start, colon) else None
    return label.end() if label else start


def spelled_out(plain: str, start: int, subject: Span) -> re.Match[str] | None:
    """The bracket that opens before a variable: it may be the abbreviation of what stands before it."""
    return OPENED.search(plain, max(start, subject[0] - 4), subject[0])


def spell_out(plain: str, start: int, claim: Claim, named: list[Statement | Mention]) -> None:
    """The claim takes in the name before a variable that stands in brackets as its abbreviation: "platelet count (PLT) < 80"."""
    subject = claim.subjects[0]
    opened, closed = spelled_out(plain, start, subject), CLOSING.match(plain, subject[1])
    if not opened or not closed:
        return
    end = max(claim.end, closed.end())
    before = [one.start for one in named if one.end == opened.start()]
    if before:
        claim.start, claim.end = before[0], end
        return
    words = list(WORD.finditer(plain, start, opened.start()))
    for name in variables.named(plain, start, opened.start(), set(words_of(plain, start, opened.start()))):
        if name.end == opened.start() and name.key in _variables(claim):
            claim.start, claim.end = name.start, end
            return
    for word in reversed(words[-6:]):
        letters = iter(plain[word.start() : opened.start()])
        abbreviation = plain[subject[0] : subject[1]]
        if word[0][0] == abbreviation[0] and all(letter in letters for letter in abbreviation if letter.isalpha()):
            claim.start, claim.end = word.start(), end
            return


def _variables(claim: Claim) -> set[str | None]:
    """The keys of the variables that the claim speaks of."""
    meaning = claim.part.meaning if claim.part else None
    parts = meaning.parts if isinstance(meaning, Combined) else (meaning,)
    return {part.variable for part in parts if isinstance(part, (Comparison, Grades))}
