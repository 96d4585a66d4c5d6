"""Comparing words and signs: what stands before a number ("at least", ">/="), after it ("or older"), and between two."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

from msgspec import Struct

from converter.eligibility import tables

Side = Literal["lower", "upper", "equal", "range"]
SIGN = r"[<>≤≥=]_?(?:\s?(?:/|or|and)?\s?[<>≤≥=])*(?:\s?(?:or\s)?equals?(?:\s?to)?\b|\s?to\b)?"
OPPOSITE: dict[Side, Side] = {"lower": "upper", "upper": "lower", "equal": "equal", "range": "range"}
SIGN_BEFORE = re.compile(rf"{SIGN}\s?$")
WORD = re.compile(r"([a-z]+)")
AROUND = " (:-"
BETWEEN_WORDS = f"{AROUND}/"
FILLERS = frozenset((
    "the", "a", "an", "of", "age", "ages", "is", "are", "about", "approximately", "approx", "around", "to", "or", "than", "level", "class",
    "grade"))
"""Words that may stand between an operator and its number."""
AFTER = re.compile(
    r"\s?[,(]?\s?(?:and|or|and\s?/\s?or|to)\s?(?:=\s?or\s)?(?:is\s|are\s)?(?:(?:equal\s(?:to\s)?or\s)?"
    r"(?P<lower>older|above|over|more|greater|higher|upwards?|beyond|up|better|worse|longer|elder|larger|superior|plus)"
    r"|(?P<upper>younger|below|under|less|lower|fewer|smaller|shorter|inferior))\b(?!\s(?:than|or\s(?:equal|=|less|lower|more|greater|higher))\b|\sthe\s)\)?"
    r"|\s?(?P<plus>\+)(?!\s?(?:\d|[/+-]))|\s(?P<least>minimum)\b|\s(?P<most>maximum)\b")
"""What makes a bound of the number before it."""
GRADES = frozenset(("class", "grade"))
EQUAL = frozenset(("equal", "equals"))
DENIAL = r"(?<!\bneed )\b(?:not?|never|cannot|nor)\s{1,2}(?:(?:to\s|have\s)?be(?:en)?\s{1,2})?"
"""What turns the comparison that begins behind it: "not > 5", "must never be below 18"; but what need not be so may be so."""
DENIED = re.compile(rf"{DENIAL}$")
RANGES = frozenset((
    "-", "--", "---", "~", "to", "through", "thru", "until", "till", "up to", "- to", "to -", "and up to", "÷", "..", "...", "-to-",
    "through to", "to the age of", "up to the age of", "until the age of", "to age", "up to and including"))
"""What stands between the ends of a range."""
JOINS = frozenset((
    "and", "&", "but", "or", "and/or", ",", "", "-", "/", ", and", ", or", ", but", "to", ";", "; or", "; and", "or,", "and also",
    "~", "but also",
    "and not", "or/and", "+", "and is", "and are", "and /or"))
"""What stands between two bounds of the same."""
LISTS = frozenset((",", "or", "and", ", or", ", and", "/", "&", "and/or", "and / or", ",or", ",and", "or even"))
"""What stands between the values of a list."""


class Operator(Struct, frozen=True):
    """What the words before a number say of it.

    `aged` where only an age is compared so; `start` is where the words begin.  `denied`: they say the opposite of it, so it is turned.
    """

    side: Side
    included: bool
    aged: bool
    start: int
    denied: bool = False


class After(Struct, frozen=True):
    """What the words behind a number make of it.  `aged` as above; `plus` where it is only the sign +."""

    side: Side
    aged: bool
    plus: bool
    end: int


def after(plain: str, at: int, end: int) -> After | None:
    """The comparing words that begin at `at`: "or older", "and above", "+"."""
    if not (found := AFTER.match(plain, at, end)):
        return None
    side: Side = "upper" if found["upper"] or found["most"] else "lower"
    return After(side, (found["lower"] or found["upper"]) in ("older", "younger", "elder"), bool(found["plus"]), found.end())


@cache
def endings() -> frozenset[str]:
    """The words of which one stands directly before a number that is compared in words."""
    return FILLERS | phrases().keys()


@cache
def phrases() -> dict[str, Any]:
    """The comparing phrases as a tree of their words, last word first; the key "" ends one."""
    tree: dict[str, Any] = {}
    for row in tables.named_rows("operators.tsv"):
        at = tree
        for word in reversed(row["words"].split()):
            at = at.setdefault(word, {})
        at[""] = (row["side"], row["included"] == "yes", row["of"] == "age")
    return tree


def signed(sign: str, start: int) -> Operator:
    """The operator that the signs mean: every spelling of < ≤ = ≥ >."""
    equal = "=" in sign or "_" in sign or "≤" in sign or "≥" in sign or "equal" in sign
    side: Side = "lower" if ">" in sign or "≥" in sign else "upper" if "<" in sign or "≤" in sign else "equal"
    return Operator(side, equal, False, start)


def sign_before(plain: str, lowest: int, at: int) -> Operator | None:
    """The operator that the signs which end at `at` are: "> ", "not > "."""
    sign = SIGN_BEFORE.search(plain, max(lowest, at - 8), at)
    return turned(plain, lowest, signed(sign[0], sign.start())) if sign else None


def turned(plain: str, lowest: int, operator: Operator) -> Operator:
    """The operator with the word that denies it, if one stands before it: "no less than" is at least."""
    if operator.side not in ("lower", "upper") or not (denied := DENIED.search(plain, max(lowest, operator.start - 24), operator.start)):
        return operator
    return Operator(OPPOSITE[operator.side], not operator.included, operator.aged, denied.start(), True)


def before(plain: str, lowest: int, at: int) -> Operator | None:
    """The comparing words that end at `at`, the longest that there are."""
    words_before = plain[max(lowest, at - 16):at].rstrip(AROUND)
    if words_before[words_before.rfind(" ") + 1:].lstrip("(-") not in endings():
        return None
    parts = WORD.split(plain[max(lowest, at - 50):at])
    words, gaps = parts[1::2], parts[2::2]
    found, read, aged = None, 0, False
    for skipped in range(min(6, len(words))):
        last = len(words) - 1 - skipped
        found, read = longest(words, gaps, last)
        if found or words[last] not in FILLERS or gaps[last].strip(BETWEEN_WORDS):
            break
        aged = aged or words[last] in ("age", "ages")
    if found is None or (found[0] == "range" and skipped and not GRADES.isdisjoint(words[-skipped:])):
        return None
    side, included, of_age = found
    operator = Operator(side, included, aged or of_age, at - len("".join(parts[2 * read + 1:])))
    strict = not included or not EQUAL.isdisjoint(words[read:last + 1])  # but not "no minimum"
    return turned(plain, lowest, operator) if strict else operator


def longest(words: list[str], gaps: list[str], last: int) -> tuple[tuple[Side, bool, bool] | None, int]:
    """The longest phrase that ends with the word at `last`, and the index of its first word; each word has a gap behind it."""
    tree, found, read = phrases(), None, 0
    for index in range(last, -1, -1):
        if words[index] not in tree or gaps[index].strip(BETWEEN_WORDS):
            break
        tree = tree[words[index]]
        if "" in tree:
            found, read = tree[""], index
    return found, read
