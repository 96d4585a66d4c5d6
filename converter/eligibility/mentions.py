"""Conditions, medications, procedures, allergies and pregnancy that are named in a criterion, with their codes.

Which words name something is learned (tagger); what the name means is looked up (dictionary), and what is said of it are the words
beside it (negation).  The confidence is measured: for names that are terms of a vocabulary ("dictionary.…") and for others ("tagger.…").
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from converter.eligibility.coding import named
from converter.eligibility.findings import Mention
from converter.eligibility.negation import said
from converter.eligibility.tagger import split, tagged, weights


class Sure(NamedTuple):
    """How sure an answer is: from which score on which share of them is right."""

    rule: str
    scores: list[int]
    shares: list[float]


@cache
def confidences() -> dict[tuple[str, bool], Sure]:
    """For each kind, of names that are terms and of others (data/mention_confidence.tsv)."""
    found: dict[tuple[str, bool], Sure] = {}
    for line in files(__package__).joinpath("data", "mention_confidence.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        kind, term, score, _, share = line.split("\t")
        known = term == "yes"
        sure = found.setdefault((kind, known), Sure(f"{'dictionary' if known else 'tagger'}.{kind}", [], []))
        sure.scores.append(int(score))
        sure.shares.append(float(share))
    return found


def mentions(plain: str, start: int, end: int, text: str) -> list[Mention]:
    """What is named in text[start:end], in its order.  `plain` is the normal form of the whole text."""
    words = split(text, start, end)
    names = named(words, tagged(words, weights()), text)
    if not names:
        return []
    places = words.places
    spans = [(places[2 * first + 1], places[2 * last]) for _, first, last, *_ in names]
    sure = confidences()
    found: list[Mention] = []
    for (kind, _, _, score, known, codes), (first, last), (denied, excepted, status) in zip(
            names, spans, said(plain, start, end, words.words, spans), strict=True):
        rule, scores, shares = sure[kind, known]
        found.append(Mention(start=first, end=last, rule=rule, confidence=shares[bisect_right(scores, score) - 1], kind=kind, codes=codes,
                             negated=denied, excepted=excepted, status=status))
    return found
