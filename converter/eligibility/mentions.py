"""Conditions, medications, procedures, allergies and pregnancy that are named in a criterion, with their codes.

Which words name something is learned (tagger); what the name means is looked up (dictionary), and what is said of it are the words
beside it (negation).  The confidence is measured: for names that are terms of a vocabulary ("dictionary.…") and for others ("tagger.…").
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from typing import NamedTuple

from converter.eligibility import tables
from converter.eligibility.coding import Name, named
from converter.eligibility.findings import Mention, Span
from converter.eligibility.negation import Said, said
from converter.eligibility.tagger import split, tagged, weights

Place = tuple[int, int, list[str]]
"""Where a criterion begins and ends, and the words there (plain.words)."""


class Sure(NamedTuple):
    """How sure an answer is: from which score on which share of them is right."""

    rule: str
    scores: list[int]
    shares: list[float]


@cache
def confidences() -> dict[tuple[str, bool], Sure]:
    """For each kind, of names that are terms and of others (data/mention_confidence.tsv)."""
    found: dict[tuple[str, bool], Sure] = {}
    for kind, term, score, _, share in tables.rows("mention_confidence.tsv"):
        known = term == "yes"
        sure = found.setdefault((kind, known), Sure(f"{'dictionary' if known else 'tagger'}.{kind}", [], []))
        sure.scores.append(int(score))
        sure.shares.append(float(share))
    return found


def mentions(plain: str, text: str, criteria: list[Place]) -> list[list[Mention]]:
    """What is named in each of the criteria, in its order.  `plain` is the normal form of the whole text."""
    words = split(text, [(start, end) for start, end, _ in criteria], weights())
    names = named(words, tagged(words.tokens), text)
    spans = [words.span(first, last) for _, first, last, *_ in names]
    found: list[list[Mention]] = []
    low = high = 0
    for start, end, known in criteria:
        while high < len(spans) and spans[high][0] < end:
            high += 1
        beside = said(plain, start, end, known, spans[low:high]) if low < high else ()
        found.append(list(map(made, names[low:high], spans[low:high], beside)))
        low = high
    return found


def made(name: Name, span: Span, beside: Said) -> Mention:
    """The mention that a name is."""
    (start, end), (negated, excepted, status) = span, beside
    rule, scores, shares = confidences()[name.kind, name.known]
    confidence = shares[bisect_right(scores, name.score) - 1]
    return Mention(start=start, end=end, rule=rule, confidence=confidence, kind=name.kind, codes=name.codes,
                   negated=negated, excepted=excepted, status=status)
