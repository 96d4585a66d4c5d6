"""How a length of time limits: on which side of an event or of now, at most or at least, or for how long.

The words before a length ("within the last", "for at least") and after it ("before surgery", "ago", "or more") say it.  Where they do
not, or may say two things, nothing is said: a criterion with a wrong time is worse than one without.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from converter.eligibility.anchors import LIVES, Anchor, of_entry, past, planned
from converter.eligibility.durations import Duration
from converter.eligibility.time_words import (
    ABOUT,
    ABSENT,
    ABSENT_NO_MORE,
    AFTER_AMOUNT,
    BOUNDS,
    EARLIER,
    ENDED,
    ENTRY,
    GLUE,
    HAPPENED,
    INSIDE,
    LASTING,
    LATER,
    LEAD,
    LONGER,
    LOWER,
    PLANNED,
    SHOWN,
    STATES,
    STEADY,
    STEADY_NO_MORE,
    UNTIL,
    UPPER,
    WITHIN,
)

Direction = Literal["before", "after", "around", "lasting", "since"]

GLUE_FIRST = GLUE - {"at", "="}
# "over the past 3 months" is a period, "over 3 months" at least that long.
PERIOD_AFTER_OVER = EARLIER | {"the", "a"}
HISTORY = (["history"], ["duration"])
AND_MORE = ("more", "above", "longer", "older", "greater", "up")
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


def begins(texts: list[str], begun: int, one: Duration) -> int:
    """The first of the words before a length that say how it limits; `begun` is where the window before it ends."""
    first = one.first
    while first > begun and texts[first - 1] in LEAD and not of_another(texts, first - 1, one):
        first -= 1
    while first < one.first and texts[first] in GLUE_FIRST:
        first += 1
    return first


def limit(texts: list[str], begun: int, first: int, one: Duration, event: Anchor | None, alike: Limit | None, joined: bool) -> Limit | None:
    """How a length limits whose words begin with `first`, None where nothing says so.

    `alike` is how the length before it does, which ended at `begun`; `joined` where nothing stands between them ("2 weeks or 30 days").
    """
    if first == one.first and event is None:
        if joined and alike is not None:
            return replace(alike, first=first)
        if one.last - first < 3 and texts[one.last:one.last + 1] not in AFTER_BARE:
            return None
    said = beside(texts, first, one)
    if event is not None and (event.relation == "before" or (event.relation == "ago" and not said.past)):
        return before_event(texts, begun, said, event)
    if said.past:
        if said.lasts and absent(texts, begun, said):
            return Limit(first, "before", False, "absent")
        lasts = said.lasts or steady(texts, begun, first)
        return Limit(first, "lasting" if lasts else "before", lasts, "within-last" if said.inside else "last")
    if said.future:
        return Limit(first, "after", False, "next")
    if event is not None:
        found = after_event(texts, begun, said, event)
        if found is not None:
            return found
    elif "first" in said.words or "initial" in said.words:
        return Limit(first, "after", False, "first")
    if said.inside:
        return Limit(first, "before" if PLANNED.isdisjoint(texts[max(begun, first - 8):first]) else "after", False, "within")
    if said.lasts:
        if absent(texts, begun, said):
            return Limit(first, "before", False, "absent")
        return Limit(first, "lasting", not said.upper, "for" if said.upper or said.lower else "for-bare")
    if said.upper or said.lower:
        if alike is not None and event is None and first - begun < 3 and texts[first - 1] in ("or", "and"):
            return Limit(first, alike.direction, said.lower, "bound-alike")  # "at least 21 days before enrolment or at least 42 days if …"
        return bounded(texts, begun, one, event, said)
    tail = texts[one.last:one.last + 1]
    if said.among and event is None and one.unit in ("a", "mo", "wk") and "over" not in said.words and not "".join(tail).isalpha():
        return Limit(first, "before" if PLANNED.isdisjoint(texts[max(begun, first - 8):first]) else "after", False, "in")
    return Limit(first, "lasting", True, "history") if tail in HISTORY and one.numbered else None


def beside(texts: list[str], first: int, one: Duration) -> Said:
    """What is said by the words from `first` up to a length, among its own, and just after it ("or more")."""
    lead = texts[first:one.first]
    words, between, tail = set(lead), set(texts[one.first:one.last]), texts[one.last:said_more(texts, one.last)]
    upper, lower = not words.isdisjoint(UPPER), not words.isdisjoint(LOWER) or not between.isdisjoint(LOWER)
    if "over" in words and PERIOD_AFTER_OVER.isdisjoint(lead[lead.index("over") + 1:lead.index("over") + 2]):
        lower = True
        words.discard("over")
    if "no" in words or "not" in words:
        upper, lower = lower, upper
    if tail:
        upper, lower = upper or tail[1] in UPPER, lower or tail[1] in LOWER or tail[1] == "over"
    around = words | between
    return Said(
        first, words, upper, lower, past=not around.isdisjoint(EARLIER), future=not around.isdisjoint(LATER), lasts="for" in words,
        inside=not words.isdisjoint(WITHIN), among=not words.isdisjoint(INSIDE),
    )


def before_event(texts: list[str], begun: int, said: Said, event: Anchor) -> Limit:
    """How a length limits that ends with an event or now: "before surgery", "ago"."""
    if event.relation == "before":
        if said.lasts and not (said.upper or said.lower or "history" not in texts[max(begun, said.first - 16):said.first]):
            return Limit(said.first, "before", False, "for-history")  # "history of alcohol abuse for 3 years before screening"
        if (said.lasts or (said.lower and not said.inside)) and absent(texts, begun, said):
            return Limit(said.first, "before", False, "absent")
        if said.lasts:
            return Limit(said.first, "lasting", not said.upper, "for-before" if said.upper or said.lower else "for-bare-before")
        rule = "within-before" if said.inside else "in-before" if said.among or said.past else "before"
        if not said.upper and steady(texts, begun, said.first):
            return Limit(said.first, "lasting", True, rule)
        until = rule == "before" and not said.upper and texts[said.first - 1:said.first] in (["until"], ["till"])
        return Limit(said.first, "before", until or (said.lower and not said.inside), rule)  # "permitted until 24 hours before"
    if said.inside or said.among or said.lasts:
        return Limit(said.first, "lasting" if said.lasts else "before", said.lasts, "within-ago")
    return Limit(said.first, "since", said.lower and not said.upper, "ago")


def after_event(texts: list[str], begun: int, said: Said, event: Anchor) -> Limit | None:
    """How a length limits that begins with an event, None where the event alone does not say."""
    if event.relation in ("after", "since"):
        if said.lasts:
            return Limit(said.first, "lasting", not said.upper, "for-after")
        if event.relation == "since" or said.upper or said.lower:
            return Limit(said.first, "after", said.lower or (not said.words and event.relation == "since"), event.relation)
        if said.inside or said.among:
            return Limit(said.first, "after", False, "within-after")
        if texts[event.first] in STATES and not texts[event.first].endswith("partum"):
            return Limit(said.first, "after", True, "after")
        return Limit(said.first, "after", False, "until-after") if until(texts, begun, said) else None  # else a point of time
    if event.relation == "ago":
        return None
    if "after" in said.words:
        return Limit(said.first, "after", True, "after-of")
    if "first" in said.words or "initial" in said.words:
        # "The first 6 months of screening" are, as others translate, the 6 months before it.
        entered = not ENTRY.isdisjoint(texts[event.first:event.last])
        return Limit(said.first, "before" if entered else "after", False, "first")
    if said.inside:
        ahead = not PLANNED.isdisjoint(texts[max(begun, said.first - 8):said.first]) and PLANNED.isdisjoint(texts[event.first:event.last])
        return Limit(said.first, "after" if ahead or past(texts, event) else "around", False, "within-of")
    if said.among and event.relation == "of" and not (said.lasts or said.upper or said.lower or planned(texts, event)):
        return Limit(said.first, "after", False, "in-of")
    return None


def until(texts: list[str], begun: int, said: Said) -> bool:
    """Whether a length with nothing but an event after it is the end of a time: "during the study and 6 months after the last dose"."""
    before = texts[max(0, said.first - 3):said.first]
    if not before or "after" in said.words:
        return False
    if before[-1] in ("until", "till", "through"):
        return True
    if before[-2:-1] != [")"] and any(word[0].isdecimal() or word in LIVES for word in before):
        return False  # "at baseline, 6, 12 and 24 months after"
    return before[-1] in UNTIL or (before[-1] == "," and begun == said.first - 1)


def bounded(texts: list[str], begun: int, one: Duration, event: Anchor | None, said: Said) -> Limit | None:
    """How a length limits that only "less than" or "at least" stand before."""
    first, lower = said.first, said.lower
    beyond = texts[one.last:one.last + 3]
    near = {*texts[max(begun, first - 6):first], *(beyond[:2] if beyond and beyond[0].isalpha() else ())}
    k = first
    while k > begun and texts[k - 1] in ABOUT:
        k -= 1
    ahead = texts[k - 1] if k else ""
    if lower and (ahead == "on" or "in" in said.words or (beyond[1:] == ["the", "week"] and beyond[0] in ("in", "during", "of"))):
        return None  # so many days are counted
    happened = not near.isdisjoint(HAPPENED)
    if event is not None and (event.relation == "of" or (event.relation == "from" and near.isdisjoint(("duration", "stable")))):
        return bounded_by(texts, said, event)
    if not near.isdisjoint(LASTING) or ahead in ("with", "free") or (ahead == "of" and not (lower or happened)):
        return Limit(first, "lasting", lower, "lasting")
    if texts[first:one.first] == ["over"] and not happened:
        return None  # "a mean score over 7 days", "pain over 3 months"
    if not near.isdisjoint(("apart", "between", "doubling")) or (one.unit == "a" and not (happened and ahead not in ("and", "or"))):
        return None
    if lower and beyond in (["must", "have", "elapsed"], ["should", "have", "elapsed"]):
        return Limit(first, "since", True, "bound")
    if ahead == ":" and lower and one.unit not in ("h", "min"):
        return Limit(first, "since", True, "bound-label")  # "radiotherapy: ≥ 6 weeks"
    return Limit(first, "lasting" if lower and not happened else "since", lower, "parenthesis" if ahead == "(" else "bound")


def bounded_by(texts: list[str], said: Said, event: Anchor) -> Limit:
    """How a length limits with "less than" or "at least" before it, and "of" or "from" and an event after it."""
    of_study = of_entry(texts, event)
    if event.relation == "of":
        if of_study and not said.lower:
            return Limit(said.first, "around", False, "bound-from")
        if said.upper and not ENDED.isdisjoint(texts[event.first:event.last]):
            return Limit(said.first, "after", False, "bound-from")
        return Limit(said.first, "lasting", said.lower, "bound-of")
    if said.lower:
        return Limit(said.first, "before" if of_study else "after", True, "bound-from")
    return Limit(said.first, "around" if planned(texts, event) else "after", False, "bound-from")


def of_another(texts: list[str], at: int, one: Duration) -> bool:
    """Whether the word `at`, which can stand before a length, ends what is said before it: "50% or more after 2 weeks", "follow-up"."""
    word, following = texts[at], texts[at + 1]
    if word == "up":
        return at > 0 and texts[at - 1] in ("-", "follow")
    if word == "last" and at and texts[at - 1] in ("to", "not", "should", "must", "can"):
        return True
    if word == "following":
        return following not in ("the", "a") and at + 1 < one.first
    return word in BOUNDS and at > 0 and texts[at - 1] == "or" and following in AFTER_AMOUNT and at + 1 < one.first


def absent(texts: list[str], begun: int, said: Said) -> bool:
    """Whether nothing of the kind is to be there for so long, "no seizures for at least 3 months": then there is none within that time.

    "No steroids for more than 3 weeks" can forbid what lasts so long.
    """
    if said.upper or (said.lasts and not LONGER.isdisjoint(said.words) and SHOWN.isdisjoint(texts[max(begun, said.first - 10):said.first])):
        return False
    from_here = max(begun, said.first - 10)
    if ABSENT.isdisjoint(texts[from_here:said.first]):
        return False
    for k in range(said.first - 1, from_here - 1, -1):
        if texts[k] in ABSENT:
            return texts[k - 1:k] == ["not"] if texts[k].startswith("requir") else texts[k - 1:k] != ["or"]  # "with or without"
        if texts[k] in ABSENT_NO_MORE:
            return False
    return False


def steady(texts: list[str], begun: int, first: int) -> bool:
    """Whether the words just before tell of what does not change: "stable dose", "symptom free"; it lasts over all of the time."""
    from_here = max(begun, first - 9)
    if STEADY.isdisjoint(texts[from_here:first]):
        return False
    for k in range(first - 1, from_here - 1, -1):
        if texts[k] in STEADY:
            return texts[k + 1] != "angina" and texts[k - 1:k] != ["not"]
        if texts[k] in STEADY_NO_MORE:
            return False
    return False


def said_more(texts: list[str], last: int) -> int:
    """The place after "or more", "or longer" where that stands at `last`."""
    if texts[last:last + 1] not in (["or"], ["and"]):
        return last
    following = texts[last:last + 3]
    if len(following) < 2 or not following[1].isalpha() or following[2:] == ["than"]:
        return last
    if following[1] == "over":
        return last + 2 if following[0] == "or" and following[2:] not in (["the"], ["a"]) else last
    return last + 2 if following[1] in (BOUNDS if following[0] == "or" else AND_MORE) else last
