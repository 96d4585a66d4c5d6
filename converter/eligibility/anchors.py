"""The event that a length of time is counted from: the words after "prior to", "before", "of", "after", "since"."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from converter.eligibility.time_words import (
    AFTER,
    AGO,
    BEFORE,
    BEFORE_EVENT,
    BEFORE_TO,
    BOUNDS,
    EARLIER,
    ENDED,
    ENTRY,
    EVENT_LEADING,
    EVENT_STOP,
    EVENT_TRAILING,
    PLANNED_EVENTS,
    STUDY_EVENTS,
)

Relation = Literal["before", "after", "of", "from", "since", "ago"]

LONGEST = 9
LONGER = ("longer", "longest", "shorter", "greater", "later", "first", ",", ")", ";", ".")
BEFORE_RELATION = frozenset(("must", "should", "have", "has", "elapsed", "passed", "-"))
EVENT_AFTER_PRIOR = ("the", "your", "first", "last", "initial", "each", "every", "any")
LIVES = ("lives", "life", "halflives", "halflife")


class Anchor(Struct, frozen=True):
    """How a length of time stands to an event: the words first up to last (not included) are the event's; equal where there is none.

    `end` is the place after all that was read.
    """

    relation: Relation
    first: int
    last: int
    end: int

    @property
    def named(self) -> bool:
        """Whether the event's words are there."""
        return self.first < self.last


def anchor(texts: list[str], at: int) -> Anchor | None:
    """What the words from `at` on say of the event that a length which ended there is counted from, None where nothing."""
    if at >= len(texts):
        return None
    if texts[at] in ("(", ",", "or", "whichever"):
        at = beyond_alternative(texts, at)
    elif texts[at] == "at" and (texts[at + 1:at + 2] == ["time"] or texts[at + 1:at + 3] == ["the", "time"]):
        return None  # the length ends there, whatever it is counted from
    while at < len(texts) and texts[at] in BEFORE_EVENT:
        at += 1
    if at < len(texts) and texts[at] in BEFORE_RELATION:
        if texts[at] in ("must", "should"):
            at += 1
        if texts[at:at + 1] in (["have"], ["has"]) and texts[at + 1:at + 2] in (["elapsed"], ["passed"]):
            at += 1
        if texts[at:at + 1] in (["elapsed"], ["passed"]) and texts[at + 1:at + 2] in (["since"], ["between"], ["from"], ["after"]):
            return event(texts, "since", at + 2)
        if texts[at:at + 1] == ["-"] and texts[at + 1:at + 2] in (["post"], ["prior"], ["pre"], ["before"]):
            at += 1
    if at >= len(texts):
        return None
    word, following = texts[at], texts[at + 1] if at + 1 < len(texts) else ""
    if word in ("prior", "previous") and following in ("to", "of"):
        return event(texts, "before", at + 2)
    if word in ("prior", "previous") and (following in STUDY_EVENTS or following in EVENT_AFTER_PRIOR):
        return event(texts, "before", at + 1)
    if word in ("leading", "running") and texts[at + 1:at + 3] == ["up", "to"]:
        return event(texts, "before", at + 3)
    if word in ("in", "ahead") and following in ("advance", "of") and (word, following) != ("in", "of"):
        return event(texts, "before", at + 2)
    if word in BEFORE:
        found = event(texts, "before", at + 1)
        return found if found.named else Anchor("ago", at, at, at + 1)
    if word.startswith("post") and len(word) > 6 and word.isalpha():  # postpartum, postmenopausal
        return Anchor("after", at, at + 1, at + 1)
    if word == "since":
        found = event(texts, "since", at + 1)
    elif word in AFTER:
        found = event(texts, "after", at + 1)
    elif word == "of":
        found = event(texts, "of", at + 1)
    elif word in ("from", "around"):
        found = event(texts, "from", at + 1)
    elif word == "between":
        found = event(texts, "since", at + 1)
    else:
        return Anchor("ago", at, at, at + 1) if word in AGO else None
    return found if found.named else None


def beyond_alternative(texts: list[str], at: int) -> int:
    """The place after words in brackets, and after "or 5 half-lives, whichever is longer,", where an event's relation follows them."""
    k = at
    for _ in range(3):
        here = texts[k] if k < len(texts) else ""
        if here == "(":
            k = after_one_of(texts, k, (")",), k + 12)
        elif here == "or" and any(word.startswith(("half", "elimination")) for word in texts[k + 1:k + 7]):
            k = after_one_of(texts, k, LIVES, k + 9)
            if texts[k:k + 1] == ["of"]:
                k = event(texts, "of", k).end
        elif here == "whichever" or (here == "," and texts[k + 1:k + 2] == ["whichever"]):
            k = after_one_of(texts, k + 1, LONGER, k + 20)
        elif here == ",":
            k += 1
    follows = texts[k] if at < k < len(texts) else ""
    return k if follows in BEFORE or follows in AFTER or follows == "since" or texts[k:k + 2] == ["prior", "to"] else at


def after_one_of(texts: list[str], at: int, ends: tuple[str, ...], limit: int) -> int:
    """The place after the next of some words, or the limit."""
    while at < min(len(texts), limit) and texts[at] not in ends:
        at += 1
    return at + 1


def event(texts: list[str], relation: Relation, at: int) -> Anchor:
    """The event whose words begin at `at`."""
    first = at
    while first < len(texts) and texts[first] in EVENT_LEADING:
        first += 1
    last = first + (texts[first:first + 1] == ["["])
    while last < len(texts) and last < first + LONGEST and goes_on(texts, first, last):
        last += 1
    while last > first and texts[last - 1] in EVENT_TRAILING and texts[last - 2] != "-":
        last -= 1
    return Anchor(relation, first, last, max(last, at))


def goes_on(texts: list[str], first: int, at: int) -> bool:
    """Whether the word `at` still belongs to the event whose words begin at `first`."""
    word = texts[at]
    if word == "in" and texts[at - 1] != "-":  # check-in
        return texts[at + 1:at + 2] in (["the"], ["this"], ["a"], ["our"], ["study"]) and EARLIER.isdisjoint(texts[at + 2:at + 3])
    if word == "with":
        return at > first and texts[at - 1] in ("treatment", "therapy", "dosing", "administration")
    if word in ("prior", "previous"):
        return texts[at + 1:at + 2] != ["to"]
    if word == "to":
        return at > first and texts[at - 1] in BEFORE_TO
    if word in BOUNDS and word.isalpha():
        return texts[at + 1:at + 2] != ["than"]
    return word not in EVENT_STOP


def planned(texts: list[str], found: Anchor) -> bool:
    """Whether the event is one of the study's own, or one that is planned: a time "of" it may lie before it."""
    return of_study(texts, found) or not PLANNED_EVENTS.isdisjoint(texts[found.first:found.last])


def past(texts: list[str], event: Anchor) -> bool:
    """Whether what is within a time of the event comes after it: "of symptom onset", "of the last dose"; of most it may come before."""
    words = texts[event.first:event.last]
    if event.relation == "from":
        return not planned(texts, event)
    return not ENDED.isdisjoint(words) and ENTRY.isdisjoint(words) and PLANNED_EVENTS.isdisjoint(words)


def of_entry(texts: list[str], found: Anchor) -> bool:
    """Whether somebody enters the study by the event, or the study or its treatment begins with it; not an earlier treatment."""
    words = texts[found.first:found.last]
    if not ENTRY.isdisjoint(words) or words[:1] in (["start"], ["beginning"], ["initiation"]):
        return True
    return "study" in words and EARLIER.isdisjoint(words) and "end" not in words and "completion" not in words


def of_study(texts: list[str], found: Anchor) -> bool:
    """Whether the event is one of the study's own."""
    return not STUDY_EVENTS.isdisjoint(texts[found.first:found.last])
