"""Bounds as they are stated: numbers with operators and units put together as ranges, unions and lists.

Nothing is known here of what is measured.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from converter.eligibility import operators
from converter.eligibility.findings import Bound
from converter.eligibility.limits import Limit
from converter.eligibility.operators import Operator
from converter.eligibility.quantities import Number, Shape, numbers_in
from converter.eligibility.sexes import Sex

BRACKETS = " ()[]"
REPEATED = re.compile(r"\b(?:asa|nyha|ecog|class|grade|stage|level|score|type)\b[-\s]?")
"""What may be said again of each value of a list: "class II, class III"."""
OUTSIDE = re.compile(
    r"\b(?:outside\s(?:of\s)?(?:the\s)?(?:(?:normal\s|reference\s)?range\s(?:of\s)?)?"
    rf"|(?P<denied>other\sthan\s|(?!nor?\s){operators.DENIAL}(?:(?:with)?in\s|inside\s|of\s|between\s|from\s)?(?:the\s(?:range|ages?)\s(?:of\s|from\s)?)?))\(?$")
OR = frozenset(("or", ", or", "/", "or,"))


class Stated(Struct):
    """Bounds that are stated together: what a comparison is, but for what is measured.

    `number` is where the first number begins, `end` where unit and operator end.  `measures` is the unit's ("" without one).
    `aged`: words of age are part of it ("older than", "years of age").  `chained`: it goes on from the one before ("or > 80").
    `denied`: they are the opposite of what is said ("not > 5").  `second` is the other number of a pair (160/100).
    """

    start: int
    number: int
    end: int
    shape: Shape
    lower: Bound | None = None
    upper: Bound | None = None
    unit: str = ""
    measures: str = ""
    limit: Limit | None = None
    aged: bool = False
    chained: bool = False
    denied: bool = False
    second: Decimal | None = None
    sex: Sex | None = None


def stated(plain: str, start: int, end: int, letters: bool, limited: bool, sexed: bool) -> list[Stated]:
    """The bounds that are stated between start and end, in order; a number that bounds nothing is there as "bare".

    With `letters` numbers in words and Roman numerals are read too, with `limited` limits of normal, with `sexed` the sex they are for.
    """
    found: list[Stated] = []
    waiting = numbers_in(plain, start, end, letters, limited, sexed)
    index = 0
    while index < len(waiting):
        first = waiting[index]
        following = waiting[index + 1] if index + 1 < len(waiting) else None
        chained = bool(found) and follows(plain, found[-1], first)
        if chained and again(plain, found[-1], first):
            found[-1].end = first.end
            index += 1
            continue
        if chained and first.shape == "bare" and first.sex:
            of_other_sex(found[-1], first)
        taken = 1
        if following and ranged(plain, first, following):
            found += both(first, following, chained)
            if beyond := OUTSIDE.search(plain, max(start, first.start - 40), first.start):
                found[-1].start = beyond.start() if beyond["denied"] else first.start
                found[-1:] = outside(found[-1])
            taken = 2
        elif (first.shape == "bare" or (first.operator and first.operator.side == "equal")) and (group := listed(plain, waiting, index)):
            found.append(several(group))
            taken = len(group)
        else:
            if first.aged and first.operator and plain.startswith("from ", first.operator.start):
                first.operator, first.shape = Operator("lower", True, True, first.start), "words"
            found.append(one(first, chained))
        index += taken
    return merged(plain, found) if len(found) > 1 else found


def again(plain: str, last: Stated, number: Number) -> bool:
    """Whether the number is only the one before it in another unit: "> 125 µmol/L or 1.4 mg/dL"."""
    if number.shape != "bare" and not (number.operator and number.operator.side == "equal"):
        return False
    if number.limit or number.unit is None or number.second is not None or "time" in (number.unit.measures, last.measures):
        return False
    gap = plain[last.end:number.start].strip(BRACKETS)
    return gap in ("", *OR) and last.measures != "" and number.unit.code != last.unit and (last.lower is None or last.upper is None)


def of_other_sex(last: Stated, number: Number) -> None:
    """The number is compared like the one before it, which is for the other sex: "≥ 13 g/dL (men) or 12 g/dL (women)"."""
    if last.sex not in (None, number.sex) and last.shape != "range" and (last.lower is None) != (last.upper is None):
        bound = last.lower or last.upper
        number.operator = Operator("lower" if last.lower else "upper", bound is not None and bound.included, False, number.start,
                                   last.denied)
        number.shape = "words"


def between(plain: str, start: int, end: int) -> str:
    """The words between two numbers, without brackets and "inclusive"."""
    return plain[start:end].strip(BRACKETS).removeprefix("inclusive").strip(BRACKETS)


def follows(plain: str, last: Stated, number: Number) -> bool:
    """Whether the number goes on from the bounds before it: nothing but a joining word stands between them."""
    if last.shape not in ("sign", "words", "after", "range"):
        return False
    gap = plain[last.end:number.sex_at if number.sex_at >= last.end else number.start].strip(BRACKETS)
    return (gap.removesuffix(" for").removesuffix(" in") if number.sex else gap) in operators.JOINS


def ranged(plain: str, first: Number, following: Number) -> bool:
    """Whether the two numbers are the ends of a range: "18-65", "between 18 and 65", "4 to < 17"."""
    if first.second is not None or following.second is not None or first.shape in ("after", "reversed"):
        return False
    opens = first.operator is not None and first.operator.side == "range"
    if (first.operator and first.operator.side == "upper") or (following.operator and following.operator.side != "upper"):
        return False
    gap = between(plain, first.end, following.start)
    if not gap and following.operator and plain.startswith("up ", following.start):
        gap = "to"
    if gap not in operators.RANGES and not (opens and gap in ("and", "&", "or", ",")) and not (opens and not gap and following.operator):
        return False
    if first.unit and following.unit and first.unit.code != following.unit.code:
        return first.unit.measures == following.unit.measures == "time"
    return following.value > first.value or (opens and following.operator is None)


def listed(plain: str, waiting: list[Number], index: int) -> list[Number]:
    """The numbers of a list that begins there: "1, 2 or 3", "class II, class III"; none where there is but one."""
    group = [waiting[index]]
    for number in waiting[index + 1:]:
        gap = plain[group[-1].end:number.start].strip(BRACKETS)
        if number.shape != "bare" or number.second is not None or group[-1].unit or group[-1].second is not None or (
                REPEATED.sub("", gap).strip(" -") not in operators.LISTS):
            break
        group.append(number)
    if (group[0].operator and group[0].operator.side != "equal") or len(group) < 2:
        return []
    return group


def both(first: Number, following: Number, chained: bool) -> list[Stated]:
    """A range; each end is included unless its own operator says otherwise.  Ends in different units are two bounds."""
    unit = following.unit or first.unit
    lower = Bound(first.value, first.operator.included if first.operator else True)
    upper = Bound(following.value, following.operator.included if following.operator else True)
    if first.unit is None:  # "24 to 29+6 weeks", "3-5 years 11 months"
        lower = Bound(lower.value * following.parts, lower.included)
    if lower.value > upper.value and not (first.unit and following.unit and first.unit.code != following.unit.code):
        lower, upper = upper, lower
    aged, limit, sex = first.aged or following.aged, following.limit or first.limit, following.sex or first.sex
    if first.unit and following.unit and first.unit.code != following.unit.code:
        (low, low_kind, _), (high, high_kind, _) = first.unit, following.unit
        return [Stated(first.start, first.at, first.end, "range", lower, None, low, low_kind, limit, aged, chained, sex=sex),
                Stated(following.start, following.at, following.end, "range", None, upper, high, high_kind, limit, aged, True, sex=sex)]
    return [Stated(first.start, first.at, following.end, "range", lower, upper, unit.code if unit else "", unit.measures if unit else "",
                   limit, aged, chained, sex=sex)]


def outside(within: Stated) -> list[Stated]:
    """What lies outside of the range: below its lower or above its upper end; below 0 is nothing."""
    if within.lower and within.upper and not within.lower.value:
        return [replace(within, lower=Bound(within.upper.value, False), upper=None)]
    below, above = replace(within, lower=None), replace(within, upper=None, chained=True)
    if within.lower and within.upper:
        below.upper, above.lower = Bound(within.lower.value, False), Bound(within.upper.value, False)
    return [below, above]


def several(group: list[Number]) -> Stated:
    """Several values: from the least to the greatest."""
    values = sorted({number.value for number in group})
    unit = group[-1].unit
    if any(other - value > 1 for value, other in pairwise(values)):
        return Stated(group[0].start, group[0].at, group[-1].end, "list")
    return Stated(group[0].start, group[0].at, group[-1].end, "list", Bound(min(values), True), Bound(max(values), True),
                  unit.code if unit else "", unit.measures if unit else "", aged=any(number.aged for number in group))


def one(number: Number, chained: bool) -> Stated:
    """A bound of one number; both the same where it is equal to it, a lower one after "from"."""
    side = number.operator.side if number.operator else "equal"
    bound = Bound(number.value, number.operator.included if number.operator and side in ("lower", "upper") else True)
    return Stated(number.start, number.at, number.end, number.shape, bound if side != "upper" else None,
                  bound if side in ("upper", "equal") else None, number.unit.code if number.unit else "",
                  number.unit.measures if number.unit else "", number.limit, number.aged, chained,
                  number.operator is not None and number.operator.denied, number.second, number.sex)


def merged(plain: str, found: list[Stated]) -> list[Stated]:
    """The same, where "≥ 21 and ≤ 60" is one; a union ("< 18 or > 80") stays two.  A unit or a limit counts for those joined to it."""
    out: list[Stated] = []
    for stated in found:
        last = out[-1] if out else None
        if last and stated.chained and stated.shape != "bare":
            gap = plain[last.end:stated.start].strip(" ()")
            if gap and not last.unit and not last.limit and stated.measures and not stated.limit:
                last.unit, last.measures, last.aged = stated.unit, stated.measures, last.aged or stated.aged
            if last.sex not in (None, stated.sex) and last.measures and not (stated.measures or stated.limit or stated.aged):
                stated.unit, stated.measures = last.unit, last.measures
            if last.sex is None and stated.sex and gap in OR and (last.lower is None) != (stated.lower is None):
                last.sex = stated.sex
            if last.sex is None and stated.sex and gap not in OR and two_ends(last, stated):
                last.sex = stated.sex
            denied = gap in OR and last.denied and not stated.denied and (last.lower is None) == (stated.lower is None)
            if denied:
                stated.lower, stated.upper = opposite(stated.upper), opposite(stated.lower)
            if last.limit and not stated.limit and not stated.measures:
                stated.limit = last.limit
            if last.limit == stated.limit and last.sex == stated.sex and last.unit in ("", stated.unit) and (denied or gap not in OR) and (
                    ends := two_ends(last, stated)):
                last.lower, last.upper, last.end = *ends, stated.end
                last.unit, last.measures = last.unit or stated.unit, last.measures or stated.measures
                last.aged = last.aged or stated.aged
                continue
        out.append(stated)
    return out


def opposite(bound: Bound | None) -> Bound | None:
    """The end of what lies on the other side of the bound."""
    return Bound(bound.value, not bound.included) if bound else None


def two_ends(last: Stated, stated: Stated) -> tuple[Bound, Bound] | None:
    """The ends of the range that the two bounds make together, None where they make none."""
    lower = last.lower if last.upper is None else stated.lower if stated.upper is None else None
    upper = last.upper if last.lower is None else stated.upper if stated.lower is None else None
    if any(bound and one.second is not None and bound.value > one.second for one in (last, stated) for bound in (one.lower, one.upper)):
        return None  # a pair of pressures
    return (lower, upper) if lower and upper and lower.value < upper.value else None
