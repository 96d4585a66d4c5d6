"""What is left in words: criteria that say more than findings can, and those that cannot mean what they were read as."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import combinations, product

from converter.eligibility import tables
from converter.eligibility.findings import (
    Bound,
    Combined,
    Comparison,
    Finding,
    Meaning,
    Mention,
    Not,
    Side,
    Statement,
    Timed,
    Window,
    leaves,
    of_anybody,
)
from converter.eligibility.lists import of_women_alone
from converter.eligibility.variables import variable

ONE = ("sex", "life-stage")
"""Of each of these a person has one value."""
CHILDLESS = ("newborn", "infant", "child")
"""Who has no children yet."""
YOUNGEST = 10
"""Years of age at which nobody is a mother."""
UTTERED = ("consent", "language")
"""A negation before one of these may be meant for the next as well: "does not speak English or Spanish"."""
REFUSED = frozenset((*UTTERED, "contraception"))
"""Of these one denial may be meant for each that follows."""
MEASURED = ("age.", "lab.", "vital.")
"""The rules of what is measured; of a score one value may be meant."""


@cache
def _more() -> list[tuple[str, re.Pattern[str]]]:
    """The patterns of data/left_in_words.tsv, each behind the words of which one stands where it is found: they are looked for sooner."""
    return [(word, re.compile(row["pattern"])) for row in tables.named_rows("left_in_words.tsv") for word in row["words"].split("|")]


def says_more(plain: str, start: int, end: int) -> bool:
    """Whether the words say what no finding holds: the table gives the reasons, each with an example."""
    said = plain[start:end]
    return any(word in said and pattern.search(plain, start, end) for word, pattern in _more())


@cache
def _extremes() -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """The least and the greatest value that people live with, generously, by variable and unit (data/extremes.tsv)."""
    return {(row["variable"], row["unit"]): (Decimal(row["least"]), Decimal(row["most"])) for row in tables.named_rows("extremes.tsv")}


def impossible(one: Comparison) -> bool:
    """Whether a bound is one that nobody's value can lie near: the unit was mistaken ("hemoglobin > 9 mg/dL"), and so would its code be.

    Or whether only one value is allowed of what is measured: the sign was lost ("BMI = 35"); or the unit is not said, and so no machine
    can tell what it is compared with ("creatinine < 1.5").
    """
    if one.variable and not (one.unit or one.limit or variable(one.variable).pure):
        return True
    if one.lower and one.upper and one.lower.value == one.upper.value and one.rule.startswith(MEASURED):
        return True
    ends = _extremes().get((one.variable or "", one.unit or ""))
    return ends is not None and any(bound and not ends[0] <= bound.value <= ends[1] for bound in (one.lower, one.upper))


def implausible(meaning: Meaning, side: Side | None) -> bool:
    """Whether nobody can be all that is demanded, one sex is excluded among other things, or a negation may reach further."""
    if isinstance(meaning, Not | Timed):
        part = meaning.part
        if isinstance(meaning, Not) and any(isinstance(one, Window) and one.direction == "lasting" for one in leaves(part)):
            return True  # "negative for malignancy for 5 years" is not that it lasts so long
        return (isinstance(meaning, Timed) and overtimed(meaning)) or implausible(part, side)
    if not isinstance(meaning, Combined):
        return isinstance(meaning, Comparison) and impossible(meaning)
    if same_ends(meaning) or any(len({sort(part) for part in parts}) > 1 for parts in at_once(meaning)):
        return True
    stated = [part for part in meaning.parts if isinstance(part, Statement)]
    if meaning.how == "all-of":
        if of_nobody(meaning):
            return True
        if any(one.isdisjoint(other) for kind in ONE for one, other in combinations(said_of(kind, meaning), 2)):
            return True  # "children, adolescents", "men and postmenopausal women"
        if of_mothers(meaning) and (any(one.value == "male" for one in stated) or any(
                isinstance(part, Comparison) and part.variable == "age" and part.upper and (part.unit != "a" or part.upper.value < YOUNGEST)
                for part in meaning.parts)):
            return True  # "men and pregnant women", "breastfeeding, infant under 6 months"
        if any(map(of_anybody, stated)) and any(map(of_women_alone, stated)):
            return True  # "postmenopausal women or men"
        if any(one.value in CHILDLESS for one in stated) and (any(one.kind in ("lactation", "childbearing") for one in stated) or any(
                isinstance(part, Mention) and part.kind == "pregnancy" for part in meaning.parts)):
            return True  # "infants of breastfeeding mothers"
        if any(said_apart(part, other) for part in meaning.parts for other in meaning.parts):
            return True
        if side == "exclusion" and {"sbp", "dbp"} <= {part.variable for part in meaning.parts if isinstance(part, Comparison)}:
            return True  # "less than 100/60": each of them, or one?
        if any(one.kind == "healthy" for one in stated) and any(isinstance(part, Mention) for part in meaning.parts):
            return True  # "patients with migraine and healthy volunteers"
    elif meaning.how == "any-of":
        if of_everybody(meaning):
            return True
        if any(one.kind in ONE for one in stated) and any(isinstance(part, Combined) and part.how == "all-of" and any(
                isinstance(one, Comparison) and one.variable == "age" for one in part.parts) for part in meaning.parts):
            return True  # "men or postmenopausal women aged 40 to 75 years"
        if side == "exclusion" and 0 < sum(one.kind == "sex" for one in stated) < len(meaning.parts):
            return True
        denied = [part.part.kind for part in meaning.parts if isinstance(part, Not) and isinstance(part.part, Statement)]
        uttered = [kind for kind in (*denied, *(one.kind for one in stated)) if kind in UTTERED]
        if len(uttered) > 1 and not set(UTTERED).isdisjoint(denied):
            return True
        if REFUSED.intersection(denied) and any(one.kind in REFUSED for one in stated):
            return True  # "unwilling to give consent or use contraception"
    return any(implausible(part, side) for part in meaning.parts)


def said_of(kind: str, meaning: Combined) -> list[set[str | None]]:
    """What each of the parts that are of a kind of statement alone allows: "children", "adolescents or adults"."""
    found = [list(leaves(part)) for part in meaning.parts if not isinstance(part, Not)]
    return [{one.value for one in each if isinstance(one, Statement)} for each in found if all(
        isinstance(one, Statement) and one.kind == kind for one in each)]


def of_mothers(meaning: Combined) -> bool:
    """Whether pregnancy or lactation is demanded, or is among what may be demanded."""
    return any((isinstance(one, Mention) and one.kind == "pregnancy") or (isinstance(one, Statement) and one.kind == "lactation")
               for part in meaning.parts if not isinstance(part, Not) for one in leaves(part))


def said_apart(part: Meaning, other: Meaning) -> bool:
    """Whether the other has alternatives of which one compares what the part compares, too: "age 12-17 with weight ≥ 40 kg or age ≥ 18"."""
    return isinstance(part, Comparison) and part.variable is not None and isinstance(other, Combined) and other.how == "any-of" and any(
        isinstance(one, Comparison) and one.variable == part.variable for one in other.parts)


def facing(meaning: Combined) -> Iterator[tuple[Bound, Bound, bool]]:
    """The lower and the upper bounds of parts that compare the same, each with each; true where neither part has another bound."""
    parts = [part for part in meaning.parts if isinstance(part, Comparison) and part.variable and part.sex is None]
    for one, other in product(parts, parts):
        if one.lower and other.upper and (one.variable, one.unit, one.limit) == (other.variable, other.unit, other.limit):
            yield one.lower, other.upper, not (one.upper or other.lower)


def of_everybody(meaning: Combined) -> bool:
    """Whether each value is within one of the bounds: "BMI of at least 18 or at most 32"."""
    return any(alone and lower.value < upper.value for lower, upper, alone in facing(meaning))


def of_nobody(meaning: Combined) -> bool:
    """Whether no value is within all of the bounds: "aged < 18 years patients aged > 18 years with a hernia"."""
    return any(lower.value > upper.value or (lower.value == upper.value and not (lower.included and upper.included))
               for lower, upper, _ in facing(meaning))


def overtimed(meaning: Timed) -> bool:
    """Whether a time is said of what has none ("age 18-80 with stroke within 24 hours"), or of several sorts of things."""
    parts = [one for one in leaves(meaning.part) if not isinstance(one, Window)]
    if meaning.window.direction == "after" and any(isinstance(one, Mention) and one.kind == "pregnancy" and one.codes for one in parts):
        return True  # "pregnant or planning to become pregnant in the next month"
    return len(set(map(sort, parts))) > 1 or any(
        one.variable == "age" if isinstance(one, Comparison) else
        isinstance(one, Statement) and one.kind in ONE and "menopausal" not in (one.value or "") for one in parts)


def at_once(meaning: Combined) -> Iterator[list[Meaning]]:
    """The parts that one time is said of, for each time: "BMI > 40 or bariatric surgery within a year"."""
    times: dict[tuple[int, int], list[Meaning]] = {}
    for part in meaning.parts:
        timed = part.part if isinstance(part, Not) else part
        if isinstance(timed, Timed):
            times.setdefault((timed.window.start, timed.window.end), []).append(timed.part)
    yield from times.values()


def sort(meaning: Meaning | Finding) -> str:
    """What sort of thing it is, for the time that it takes: a value, a treatment, or a state."""
    if isinstance(meaning, Comparison):
        return "value"
    return "treatment" if isinstance(meaning, Mention) and meaning.kind in ("medication", "procedure") else "state"


def same_ends(meaning: Combined) -> bool:
    """Whether a variable has two lower or two upper bounds, which are for two groups: "≥ 45 for men and ≥ 55 for women"."""
    ends: set[tuple[str, bool]] = set()
    for part in meaning.parts:
        if isinstance(part, Comparison) and part.variable and part.sex is None and (part.lower is None) != (part.upper is None):
            end = part.variable, part.lower is None
            if end in ends:
                return True
            ends.add(end)
    return False
