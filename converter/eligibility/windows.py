"""Lengths of time that limit something: "within 4 weeks prior to screening", "stable for at least 3 months", "more than 5 years ago".

A length (durations.py) limits something where the words before it ("within the last", "for at least") or after it ("before", "ago")
say how (directions.py); a bare one does not, nor does an age (lifetimes.py).  What it is counted from is read by anchors.py, what it
limits by targets.py.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate

from converter.eligibility.anchors import Anchor, anchor
from converter.eligibility.directions import Limit, begins, limit, said_more
from converter.eligibility.durations import UNIT_WORDS, Duration, durations, timed, words
from converter.eligibility.findings import Span, Window
from converter.eligibility.lifetimes import LIFETIMES, lifetime
from converter.eligibility.plain import words as words_of
from converter.eligibility.targets import Told, limited
from converter.eligibility.time_words import BOUNDS, EVOLVING, STATES


def windows(plain: str, start: int, end: int, known: list[str] | None = None) -> list[Window]:
    """The lengths of time that limit something in plain[start:end], in order; `known` are the words there (plain.words), if they are.

    Things joined by "or" or "and" that are limited alike are one target, "inotuzumab or gemtuzumab".  A range ("3 to 6 months") is
    two windows with one span.  Never raises.
    """
    if known is None:
        known = words_of(plain, start, end)
    if UNIT_WORDS.isdisjoint(known) or not timed(plain, start, end, known):
        return []
    said = words(plain, start, end)
    texts = list(map(str.lstrip, said))
    found: list[tuple[Duration, Limit, Told]] = []
    earlier: Told | None = None
    lead: tuple[int, Limit] | None = None
    lives = not LIFETIMES.isdisjoint(texts)
    for one in durations(texts):
        begun = earlier.last if earlier else 0
        if one.first < begun:
            continue
        after = said_more(texts, one.last)
        event = anchor(texts, after)
        joined = lead is not None and one.first - lead[0] <= 1 and texts[one.first - 1] in ("or", "and", "/")
        first = begins(texts, begun, one)
        if lives and lifetime(texts, begun, first, one, event):
            continue
        how = limit(texts, begun, first, one, event, lead and lead[1], joined)
        if how is None or (texts[how.first] == "not" and not how.least and BOUNDS.isdisjoint(texts[how.first:one.first])):
            continue  # "not within 6 months"
        counted = event is not None and (
            event.relation not in ("of", "from") or how.direction in ("around", "after") or how.rule == "first"
            or (event.relation, how.direction) == ("from", "before"))
        last = min(said_more(texts, event.end if event is not None and counted else after), len(texts))
        told = Told(how.first, last, event, one.last, named_by(texts, earlier, how, last, event))
        lead, earlier = (one.last, how), told
        found.append((one, how, told))
    if not found:
        return []
    places = list(accumulate(map(len, said), initial=start))
    return [window for one, how, told in found for window in written(texts, places, one, how, told)]


def named_by(texts: list[str], earlier: Told | None, how: Limit, last: int, event: Anchor | None) -> tuple[int, int] | None:
    """The words that a length limits: in "at least 6 weeks of conservative treatment" those behind "of", else what targets.py finds."""
    if event is not None and event.named:
        if how.rule == "bound-of" and EVOLVING.isdisjoint(texts[event.first:event.last]):
            return event.first, event.last
        if event.relation == "after" and texts[event.last - 1] in STATES:
            return event.first, event.last
    return limited(texts, earlier, how.first, last, event)


def written(texts: list[str], places: list[int], one: Duration, how: Limit, told: Told) -> list[Window]:
    """The windows of a length: one for each end of a range; `places` are those where the words before each end."""
    event = told.anchor if told.anchor is not None and told.anchor.named and told.anchor.last <= told.last else None
    start, end = span(texts, places, how.first, told.last)
    counted = None if event is None else span(texts, places, event.first, event.last)
    target = None if told.target is None else span(texts, places, *told.target)
    rule = "unnumbered" if not one.numbered else how.rule if one.low is None else "range"
    ends = [(one.value, how.least)] if one.low is None else ends_of_range(one.low, one.value, how)
    return [
        Window(
            start=start, end=end, rule=f"window.{rule}", value=value, unit=one.unit, direction=how.direction, least=least, anchor=counted,
            target=target,
        )
        for value, least in ends
    ]


def ends_of_range(low: Decimal, high: Decimal, how: Limit) -> list[tuple[Decimal, bool]]:
    """The ends of a range that are certain, each with whether it is the least.

    "Within 3 to 6 months before" is said of what happened at least 3 months ago and of what happened a day ago, "for 5 to 7 days" of what
    may last longer.
    """
    if how.direction == "lasting":
        return [(low, True)]
    if how.direction in ("before", "around") and not how.least and how.rule != "before":
        return [(high, False)]
    return [(low, True), (high, False)]


def span(texts: list[str], places: list[int], first: int, last: int) -> Span:
    """The place in the text of the words first up to last (not included)."""
    return places[first + 1] - len(texts[first]), places[last]
