"""Lengths of time that limit something: "within 4 weeks prior to screening", "stable for at least 3 months", "more than 5 years ago".

A length (durations.py) limits something where the words before it ("within the last", "for at least") or after it ("before", "ago")
say how; a bare one does not.  What it is counted from is read by anchors.py, what it limits by targets.py.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from converter.eligibility.anchors import Anchor, anchor, planned
from converter.eligibility.durations import Duration, durations, timed, words
from converter.eligibility.findings import Span, Window
from converter.eligibility.plain import words as words_of
from converter.eligibility.targets import Told, limited
from converter.eligibility.time_words import (
    AGED,
    COUNTED_FROM_BIRTH,
    EARLIER,
    GLUE,
    HAPPENED,
    INSIDE,
    LASTING,
    LATER,
    LEAD,
    LOWER,
    PLANNED,
    SURVIVAL,
    UPPER,
    WITHIN,
)

Direction = Literal["before", "after", "around", "lasting", "since"]

GLUE_FIRST = GLUE - {"at", "="}
# "over the past 3 months" is a period, "over 3 months" at least that long.
PERIOD_AFTER_OVER = EARLIER | {"the", "a"}
HISTORY = (["history"], ["duration"])
# A bare length can limit only before one of these.
AFTER_BARE = (*HISTORY, ["or"], ["and"])


class Limit(Struct, frozen=True):
    """How a length of time limits: the word where that begins, and what the words say."""

    first: int
    direction: Direction
    least: bool
    rule: str


class Said(Struct, frozen=True):
    """What the words beside a length say: from which word on, at most or at least, before or after now, for how long, within what."""

    first: int
    words: set[str]
    upper: bool
    lower: bool
    past: bool
    future: bool
    lasts: bool
    inside: bool
    among: bool


def windows(plain: str, start: int, end: int, known: list[str] | None = None) -> list[Window]:
    """The lengths of time that limit something in plain[start:end], in order; `known` are the words there (plain.words), if they are.

    Things joined by "or" or "and" that are limited alike are one target, "inotuzumab or gemtuzumab".  A range ("3 to 6 months") is
    two windows with one span.  Never raises.
    """
    if not timed(plain, start, end, words_of(plain, start, end) if known is None else known):
        return []
    said = words(plain, start, end)
    texts = [one[0] for one in said]
    found: list[tuple[Duration, Limit, Told]] = []
    earlier: Told | None = None
    lead: tuple[int, Limit] | None = None
    for one in durations(texts):
        begun = earlier.last if earlier else 0
        if one.first < begun:
            continue
        after = said_more(texts, one.last)
        event = anchor(texts, after)
        inherited = lead[1] if lead is not None and one.first - lead[0] <= 1 and texts[one.first - 1] in ("or", "and", "/") else None
        how = limit(texts, begun, one, event, inherited)
        if how is None:
            continue
        counted = event is not None and (event.relation not in ("of", "from") or how.direction in ("around", "after"))
        last = min(said_more(texts, event.end if event is not None and counted else after), len(texts))
        told = Told(how.first, last, event, one.last, limited(texts, earlier, how.first, last, event))
        lead, earlier = (one.last, how), told
        found.append((one, how, told))
    return [window for one, how, told in found for window in written(said, one, how, told)]


def written(said: list[re.Match[str]], one: Duration, how: Limit, told: Told) -> list[Window]:
    """The windows of a length: one for each end of a range."""
    event = told.anchor if told.anchor is not None and told.anchor.named and told.anchor.last <= told.last else None
    start, end = span(said, how.first, told.last)
    counted = None if event is None else span(said, event.first, event.last)
    target = None if told.target is None else span(said, *told.target)
    rule = "unnumbered" if not one.numbered else how.rule if one.low is None else "range"
    ends = [(one.value, how.least)] if one.low is None else [(one.low, True), (one.value, False)]
    return [
        Window(
            start=start, end=end, rule=f"window.{rule}", value=value, unit=one.unit, direction=how.direction, least=least, anchor=counted,
            target=target,
        )
        for value, least in ends
    ]


def span(said: list[re.Match[str]], first: int, last: int) -> Span:
    """The place in the text of the words first up to last (not included)."""
    return said[first].start(), said[last - 1].end()


def limit(texts: list[str], begun: int, one: Duration, event: Anchor | None, inherited: Limit | None) -> Limit | None:
    """How a length limits, None where nothing says so or where it is an age or a survival."""
    first = one.first
    while first > begun and texts[first - 1] in LEAD:
        first -= 1
    while first < one.first and texts[first] in GLUE_FIRST:
        first += 1
    before = texts[max(begun, first - 8):first]
    if not SURVIVAL.isdisjoint(before) or aged(texts, begun, first, one, event):
        return None
    if first == one.first and event is None:
        if inherited is not None:
            return replace(inherited, first=first)
        if one.last - first < 3 and texts[one.last:one.last + 1] not in AFTER_BARE:
            return None
    said = beside(texts, first, one)
    if event is not None and (event.relation == "before" or (event.relation == "ago" and not said.past)):
        return before_event(said, event)
    if said.past:
        return Limit(first, "lasting" if said.lasts else "before", said.lasts, "within-last" if said.inside else "last")
    if said.future:
        return Limit(first, "after", False, "next")
    if event is not None:
        found = after_event(texts, said, event)
        if found is not None:
            return found
    elif "first" in said.words or "initial" in said.words:
        return Limit(first, "after", False, "first")
    if said.inside:
        return Limit(first, "before" if PLANNED.isdisjoint(before) else "after", said.lower, "within")
    if said.lasts:
        return Limit(first, "lasting", not said.upper, "for")
    if said.upper or said.lower:
        return bounded(texts, begun, one, event, said)
    tail = texts[one.last:one.last + 1]
    if said.among and event is None and one.unit in ("a", "mo", "wk") and "over" not in said.words and not "".join(tail).isalpha():
        return Limit(first, "before", False, "in")
    return Limit(first, "lasting", True, "history") if tail in HISTORY and one.numbered else None


def beside(texts: list[str], first: int, one: Duration) -> Said:
    """What is said by the words from `first` up to a length, among its own, and just after it ("or more")."""
    lead = texts[first:one.first]
    words, between, tail = set(lead), set(texts[one.first:one.last]), texts[one.last:one.last + 2]
    upper, lower = not words.isdisjoint(UPPER), not words.isdisjoint(LOWER) or not between.isdisjoint(LOWER)
    if "over" in words and PERIOD_AFTER_OVER.isdisjoint(lead[lead.index("over") + 1:lead.index("over") + 2]):
        lower = True
        words.discard("over")
    if "no" in words or "not" in words:
        upper, lower = lower, upper
    if len(tail) > 1 and tail[0] in ("or", "and"):
        upper, lower = upper or tail[1] in UPPER, lower or tail[1] in LOWER or tail[1] == "over"
    around = words | between
    return Said(
        first, words, upper, lower, past=not around.isdisjoint(EARLIER), future=not around.isdisjoint(LATER), lasts="for" in words,
        inside=not words.isdisjoint(WITHIN), among=not words.isdisjoint(INSIDE),
    )


def before_event(said: Said, event: Anchor) -> Limit:
    """How a length limits that ends with an event or now: "before surgery", "ago"."""
    if event.relation == "before":
        if said.lasts:
            return Limit(said.first, "lasting", not said.upper, "for-before")
        rule = "within-before" if said.inside else "in-before" if said.among or said.past else "before"
        return Limit(said.first, "before", said.lower, rule)
    if said.inside or said.among or said.lasts:
        return Limit(said.first, "lasting" if said.lasts else "before", said.lasts, "within-ago")
    return Limit(said.first, "since", said.lower and not said.upper, "ago")


def after_event(texts: list[str], said: Said, event: Anchor) -> Limit | None:
    """How a length limits that begins with an event, None where the event alone does not say."""
    if event.relation in ("after", "since"):
        if said.lasts:
            return Limit(said.first, "lasting", not said.upper, "for-after")
        return Limit(said.first, "after", said.lower or (not said.words and event.relation == "since"), event.relation)
    if event.relation == "ago":
        return None
    if "after" in said.words:
        return Limit(said.first, "after", True, "after-of")
    if "first" in said.words or "initial" in said.words:
        return Limit(said.first, "after", False, "first")
    if said.inside:
        return Limit(said.first, "around" if planned(texts, event) else "after", False, "within-of")
    if said.among and event.relation == "of" and not (said.lasts or said.upper or said.lower or planned(texts, event)):
        return Limit(said.first, "after", False, "in-of")
    return None


def bounded(texts: list[str], begun: int, one: Duration, event: Anchor | None, said: Said) -> Limit | None:
    """How a length limits that only "less than" or "at least" stand before."""
    first, lower = said.first, said.lower
    near = {*texts[max(begun, first - 6):first], *texts[one.last:one.last + 2]}
    happened = not near.isdisjoint(HAPPENED)
    if not near.isdisjoint(LASTING) or texts[first - 1:first] == ["with"]:
        return Limit(first, "lasting", lower, "lasting")
    if event is not None and event.relation in ("of", "from"):
        if lower and event.relation == "of":
            return Limit(first, "lasting", True, "bound-of")
        return Limit(first, "around" if planned(texts, event) else "after", lower, "bound-from")
    if "apart" in near or (one.unit == "a" and not happened):
        return None
    rule = "parenthesis" if texts[first - 1:first] == ["("] else "bound"
    return Limit(first, "lasting" if lower and not happened else "since", lower, rule)


def aged(texts: list[str], begun: int, first: int, one: Duration, event: Anchor | None) -> bool:
    """Whether the length is somebody's age though nothing after it says so."""
    lead = texts[first:one.first]
    if event is not None and event.relation == "before":  # "not older than 60 days before screening"
        return False
    if not AGED.isdisjoint(lead) or not AGED.isdisjoint(texts[one.last:one.last + 3]):
        return True
    near = texts[max(begun, first - 4):first]
    return not COUNTED_FROM_BIRTH.isdisjoint(near) and WITHIN.isdisjoint(lead) and EARLIER.isdisjoint(lead)


def said_more(texts: list[str], last: int) -> int:
    """The place after "or more", "or longer" where that stands at `last`."""
    following = texts[last:last + 2]
    if len(following) < 2 or following[0] not in ("or", "and") or not following[1].isalpha():
        return last
    return last + 2 if following[1] in LOWER or following[1] in UPPER else last
