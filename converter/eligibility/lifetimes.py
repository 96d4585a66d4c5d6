"""Lengths of time that limit nothing: somebody's age, how long somebody is expected to live or a tumour not to grow."""

from __future__ import annotations

from converter.eligibility.anchors import Anchor
from converter.eligibility.durations import Duration
from converter.eligibility.time_words import AGED, BOUNDS, COUNTED_FROM_BIRTH, EARLIER, SURVIVAL, WITHIN, YEARS_OF, YOUNG_AND_OLD

LIFETIMES = AGED | COUNTED_FROM_BIRTH | SURVIVAL | YEARS_OF | YOUNG_AND_OLD | {"live"}
"""Where none of these words stands, there is no such length."""


def lifetime(texts: list[str], begun: int, first: int, one: Duration, event: Anchor | None) -> bool:
    """Whether the length is an age or a survival though its own words do not say so; what is said of it begins with the word `first`."""
    return survival(texts, begun, first, one, event) or aged(texts, begun, first, one, event)


def survival(texts: list[str], begun: int, first: int, one: Duration, event: Anchor | None) -> bool:
    """Whether the length is how long somebody is expected to live, or how long a tumour does not grow."""
    if not SURVIVAL.isdisjoint(texts[max(begun, first - 3):first]) or texts[max(begun, first - 2):first] == ["to", "live"]:
        return True
    lead = texts[first:one.first]
    if not (WITHIN.isdisjoint(lead) and EARLIER.isdisjoint(lead)) or (event is not None and event.relation == "before"):
        return False
    return not SURVIVAL.isdisjoint(texts[max(begun, first - 10):first]) or not SURVIVAL.isdisjoint(texts[one.last:one.last + 2])


def aged(texts: list[str], begun: int, first: int, one: Duration, event: Anchor | None) -> bool:
    """Whether the length is somebody's age though nothing after it says so."""
    lead = texts[first:one.first]
    if event is not None and event.relation == "before":  # "not older than 60 days before screening"
        return False
    after = texts[one.last:one.last + 8]
    if not AGED.isdisjoint(lead) or not AGED.isdisjoint(after[:3]):
        return True
    if not WITHIN.isdisjoint(lead) or not EARLIER.isdisjoint(lead) or "for" in lead:
        return False
    goes_on = after[:1] in (["to"], ["and"]) and len(after) > 1 and (after[1] in BOUNDS or after[1][0].isdecimal())
    if goes_on and not YEARS_OF.isdisjoint(after):
        return True  # "≥ 28 days to < 18 years of age"
    ahead = first - 2 if texts[first - 1:first] == ["("] else first - 1
    if (event is None or event.relation == "of") and ahead >= begun and texts[ahead] in YOUNG_AND_OLD:
        return True
    near = texts[max(begun, first - 6):first]
    return not COUNTED_FROM_BIRTH.isdisjoint(near) and "with" not in near and "duration" not in near
