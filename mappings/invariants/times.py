"""The rules of periods, timings, doses and hours.  https://hl7.org/fhir/R5/datatypes.html#timing, …#period"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mappings.invariants.presence import Around, exists, number, part

MEALS = ("C", "CM", "CD", "CV")
"""Times that are a meal itself, to which nothing is before or after."""


def per_1(tree: Any, around: Around) -> bool:
    """If present, start SHALL have a lower value than end (R4, R4B).

    Of 2020-03 and 2020-03-15 neither is lower: the expression gives nothing, which is not true, and HAPI's validator refuses it.
    """
    start, end = part(tree, "start"), part(tree, "end")
    undecided = isinstance(start, str) and isinstance(end, str) and start != end and (start.startswith(end) or end.startswith(start))
    return not undecided and per_1_r5(tree, around)


def per_1_r5(tree: Any, around: Around) -> bool:
    """If present, start SHALL have a lower or equal value than end.

    Compared as far as both go: of 2020 and 2020-03 either may be first.  By the day, where one has no time: the expression
    allows for the zones of the world, and so lets an end be a day before its start; the sentence does not.
    """
    start, end = part(tree, "start"), part(tree, "end")
    if not isinstance(start, str) or not isinstance(end, str) or start == end:
        return True
    if "T" in start and "T" in end:
        try:
            return datetime.fromisoformat(start) <= datetime.fromisoformat(end)
        except (ValueError, TypeError):  # no time, or one without a zone
            return True
    shared = min(len(start.partition("T")[0]), len(end.partition("T")[0]))
    return start[:shared] <= end[:shared]


def tim_1(tree: Any, around: Around) -> bool:
    """If there is a duration, there needs to be duration units."""
    return not exists(tree, "duration") or exists(tree, "durationUnit")


def tim_2(tree: Any, around: Around) -> bool:
    """If there is a period, there needs to be period units."""
    return not exists(tree, "period") or exists(tree, "periodUnit")


def tim_4(tree: Any, around: Around) -> bool:
    """Duration SHALL be a non-negative value."""
    duration = part(tree, "duration")
    return not (number(duration) and duration < 0)


def tim_5(tree: Any, around: Around) -> bool:
    """Period SHALL be a non-negative value."""
    period = part(tree, "period")
    return not (number(period) and period < 0)


def tim_6(tree: Any, around: Around) -> bool:
    """If there is a periodMax, there must be a period."""
    return not exists(tree, "periodMax") or exists(tree, "period")


def tim_7(tree: Any, around: Around) -> bool:
    """If there is a durationMax, there must be a duration."""
    return not exists(tree, "durationMax") or exists(tree, "duration")


def tim_8(tree: Any, around: Around) -> bool:
    """If there is a countMax, there must be a count."""
    return not exists(tree, "countMax") or exists(tree, "count")


def tim_9(tree: Any, around: Around) -> bool:
    """If there is an offset, there must be a when (and not C, CM, CD, CV)."""
    if not exists(tree, "offset"):
        return True
    when = part(tree, "when")
    return exists(tree, "when") and not (isinstance(when, list) and any(one in MEALS for one in when))


def tim_10(tree: Any, around: Around) -> bool:
    """If there is a timeOfDay, there cannot be a when, or vice versa."""
    return not exists(tree, "timeOfDay") or not exists(tree, "when")


def dos_1(tree: Any, around: Around) -> bool:
    """asNeededFor can only be there when asNeeded is true or not said."""
    return not exists(tree, "asNeededFor") or part(tree, "asNeeded") is not False


def av_1(tree: Any, around: Around) -> bool:
    """Cannot include start and end times when it is available all day."""
    return part(tree, "allDay") is not True or not (exists(tree, "availableStartTime") or exists(tree, "availableEndTime"))
