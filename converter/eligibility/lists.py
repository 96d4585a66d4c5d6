"""Lists: what "A, B or C" and "A and B" mean.

Inclusions are joined as English joins them.  What an exclusion names is excluded: of three or more ("A, B and C") it is each;
"A and B" may be both together or each, so it is refused.  So is "and" beside "or" without brackets.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, NamedTuple

from converter.eligibility.findings import Combined, Comparison, Meaning, Mention, Not, Side, Statement, leaves, of_anybody
from converter.eligibility.parts import Part, Sort

Sign = str | Part
JOINS = {",", "and", "or", "and/or", "/"}
BEFORE = JOINS | {".", ";", ":", "-", ")"}
BEHIND = JOINS | {".", ";", ":", "-", "head"}
"""What says nothing at the ends of a stream."""


NO_NAMES = frozenset(("person", "measure", "agreement"))
"""What is no name of anything."""


class Refused(Exception):
    """The words can be read in more than one way, or in none."""


class Items(NamedTuple):
    """The items of a list, and the signs that join them."""

    items: list[Part]
    joins: set[str]


def joined(how: Literal["all-of", "any-of", "at-least"], parts: list[Meaning], threshold: int | None = None) -> Meaning:
    """The parts as one meaning.  Where all of several hold, one that limits nobody ("of either sex") is left out.

    So is a word for an age that is told ("infants from 6 to 36 months"): what it means by itself may be less.
    """
    if how == "at-least":
        return Combined(how, tuple(parts), threshold)
    flat: list[Meaning] = []
    for part in parts:
        for one in part.parts if isinstance(part, Combined) and part.how == how else (part,):
            if not any(_says_again(one, other) for other in flat):
                flat.append(one)
    if how == "all-of":
        flat = [part for part in flat if not _said_more_exactly(part, flat)] or flat[:1]
    return flat[0] if len(flat) == 1 else Combined(how, tuple(flat))


def _said_more_exactly(part: Meaning, others: list[Meaning]) -> bool:
    """Whether the part limits nobody, or an age says more exactly where its stage of life begins or, of one from birth on, ends.

    "Men and women" beside what only women are does not: it may be that one thing is said of the women (plausibility.py).
    """
    if not isinstance(part, Statement):
        return False
    if of_anybody(part):
        return not any(isinstance(one, Statement) and of_women_alone(one) for one in others)
    ages = [one for one in others if isinstance(one, Comparison) and one.variable == "age"]
    return part.kind == "life-stage" and (
        any(one.lower for one in ages) if part.value in ("adult", "older-adult") else
        any(one.upper for one in ages) if part.value in ("newborn", "infant", "child", "adolescent") else False)


def of_women_alone(one: Statement) -> bool:
    """Whether only women are what it says."""
    return one.kind == "childbearing" or (one.value or "").endswith("menopausal")


def _says_again(one: Meaning, other: Meaning) -> bool:
    """Whether both are the same requirement: "consents to participate and signs the consent form"."""
    return isinstance(one, Statement) and isinstance(other, Statement) and (one.kind, one.value) == (other.kind, other.value)


def trimmed(stream: list[Sign]) -> list[Sign]:
    """The stream without punctuation and joins at its ends."""
    start, end = 0, len(stream)
    while start < end and isinstance(sign := stream[start], str) and sign in BEFORE:
        start += 1
    while start < end and isinstance(sign := stream[end - 1], str) and sign in BEHIND:
        end -= 1
    return stream[start:end]


def items_of(stream: list[Sign]) -> Items:
    """The items of a list that has one join, or a comma and a join, between any two.  Raises Refused."""
    items: list[Part] = []
    joins: set[str] = set()
    between: list[str] = []
    last: list[str] = []
    for sign in stream:
        if isinstance(sign, str):
            between.append(sign)
            continue
        if items and (not between or not JOINS.issuperset(between) or len(between) > 2 or (len(between) == 2 and between[0] != ",")):
            raise Refused
        if not items and between:
            raise Refused
        joins.update(between)
        items.append(sign)
        last, between = between, []
    if between or not items or _shared(items) or (last == [","] and joins & {"or", "and/or"}):  # "asthma or COPD, age > 40"
        raise Refused
    return Items(items, joins)


def _shared(items: list[Part]) -> bool:
    """Whether what narrows one name may narrow the next, too: "severe asthma or bronchitis".  What is said again is said of one each."""
    before = False
    for earlier, later in pairwise(items):
        if later.limited and not earlier.limited:
            return True
        if earlier.sort == "allergy" and later.narrowed and not earlier.narrowed:
            return True  # "hypersensitivity or contraindication to metformin"
        if earlier.narrowed and not before and not later.described and earlier.sort == later.sort:
            return True
        if later.shares:
            return True
        if earlier.treats and later.sort == "other":
            return True
        before = earlier.narrowed
    return False


def same_time(items: Items) -> None:
    """Raises Refused where a time may be meant for all of a list, or what follows it may be what it is counted from."""
    if len({item.timed for item in items.items}) > 1:
        raise Refused


def how_joined(found: Items, side: Side | None, count: int | None = None) -> Literal["all-of", "any-of"]:
    """How a list of `count` (as many as there are items, where that is not given) is joined.  Raises Refused where that is not certain."""
    items, joins = found
    count = count or len(items)
    if any((earlier.long and later.loose) or (earlier.bare and later.long) for earlier, later in pairwise(items)):
        raise Refused
    sorts = {item.sort for item in items}
    if side == "exclusion" and "," in joins and "motherhood" in sorts and _people(items[0]):
        raise Refused  # "women aged 18-45 years, pregnant or breastfeeding": the first are those who are spoken of
    named = sum(item.sort in ("other", "treatment", "allergy") for item in items)
    if count == 1:
        return "all-of"
    if "and" in joins and joins & {"or", "and/or", "/"}:
        raise Refused
    if joins & {"or", "and/or"}:
        kinds = {sort if sort in NO_NAMES else "name" for sort in sorts}
        if "," in joins and len(kinds - {"person", "agreement"} if side == "exclusion" else kinds) > 1:
            raise Refused  # "heart failure, LVEF < 40 % or NYHA > 2"; but "under 18 years, pregnant or breastfeeding" among exclusions
        if side == "inclusion" and all(only_upper(item) for item in items):
            raise Refused  # "AST or ALT < 3 × ULN": both are meant, as a rule
        return "any-of"
    if sorts == {"motherhood"} and side == "exclusion":
        return "any-of"
    if joins == {"/"} and sorts <= {"measure"}:
        return "all-of" if side == "inclusion" and all(only_upper(item) for item in items) else _each(side)
    if "/" in joins:
        return "any-of"
    if side == "inclusion" and (_both_mothers(items) or ("and" in joins and _several_people(items))):
        raise Refused  # "pregnant and breastfeeding women", "women and children": either, as a rule
    if side == "inclusion" and not _disjoint(items) and (named <= 1 or (joins == {"and"} and count == 2)):
        return "all-of"
    if side == "exclusion" and "," in joins and (count > 2 or "and" not in joins) and _alike(items, sorts, count):
        return "any-of"
    if side == "exclusion" and _disjoint(items):
        return "any-of"
    raise Refused


def _people(item: Part) -> bool:
    """Whether the item names people, not only how old they are."""
    return any(isinstance(one, Statement) and one.kind in ("sex", "life-stage", "childbearing", "healthy") for one in leaves(item.meaning))


def _several_people(items: list[Part]) -> bool:
    """Whether people are named by their age and others by their sex or pregnancy."""
    kinds = {one.kind for item in items if not item.negated and isinstance(one := item.meaning, Mention | Statement)}
    return "life-stage" in kinds and not kinds.isdisjoint(("sex", "pregnancy"))


def _both_mothers(items: list[Part]) -> bool:
    """Whether pregnancy and lactation are demanded, neither denied."""
    affirmed = [item.meaning for item in items if item.sort == "motherhood" and not item.negated]
    return any(isinstance(one, Mention) for one in affirmed) and any(
        isinstance(one, Statement) and one.kind == "lactation" for one in affirmed)


def _alike(items: list[Part], sorts: set[Sort], count: int) -> bool:
    """Whether the items are of a kind, so that none says more of the one before it ("hypertension, BP > 160")."""
    if "person" in sorts:
        return count > 2 and "measure" not in sorts
    if "measure" in sorts:
        return sorts == {"measure"}
    return count > 2 or all(item.coded or item.sort == "motherhood" for item in items)


def _each(side: Side | None) -> Literal["any-of"]:
    if side != "exclusion":
        raise Refused
    return "any-of"


def only_upper(item: Part) -> bool:
    meaning = item.meaning
    return isinstance(meaning, Comparison) and meaning.lower is None


def _disjoint(items: list[Part]) -> bool:
    """Whether no value is in all bounds: "age < 18 and > 65"."""
    bounds = [item.meaning for item in items if isinstance(item.meaning, Comparison)]
    if len(bounds) < len(items) or len({(one.variable, one.unit, one.limit) for one in bounds}) > 1:
        return False
    lower = max((one.lower.value for one in bounds if one.lower), default=None)
    upper = min((one.upper.value for one in bounds if one.upper), default=None)
    return lower is not None and upper is not None and lower >= upper


def said(part: Part) -> Meaning:
    """What the part means outside the reach of a negation.  Raises Refused where the part knows of one that is not read."""
    if not part.negated:
        return part.meaning
    if not part.denies:
        raise Refused
    return Not(part.meaning)


def affirmed(part: Part) -> Meaning:
    """What the part means but for the negation that has been read.  Raises Refused where the part knows of none."""
    if part.sort != "measure" and (not part.negated or part.denies):
        raise Refused
    return part.meaning
