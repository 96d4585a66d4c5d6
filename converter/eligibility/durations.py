"""Lengths of time in the words of a criterion: "4 weeks", "twelve (12) months", "half a year", "3~6 months", "past year".

What no length of time that limits something can be is left out: ages, lengths of pregnancy, frequencies ("2 days a week"),
names of tests ("2-hour glucose").  What a length limits, and how, is the subject of windows.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from converter.eligibility.numbers import COUNTED, TENS
from converter.eligibility.time_words import EARLIER, LATER, each

WORD = re.compile(r" *(?:[a-z]+\d*|\d+(?:[.,]\d+)?|\S)")

UNITS = {
    **dict.fromkeys(("year", "years", "yr", "yrs"), "a"), **dict.fromkeys(("month", "months", "mo", "mos", "mth", "mths", "mnths"), "mo"),
    **dict.fromkeys(("week", "weeks", "wk", "wks"), "wk"), **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "h"), **dict.fromkeys(("minute", "minutes", "min", "mins"), "min"),
}
LETTERS = {"y": "a", "w": "wk", "d": "d", "h": "h"}  # "m" is metre, month or minute
NAMED = UNITS | LETTERS
UNIT_WORDS = frozenset(NAMED)
SINGULAR = each("year month week day hour minute yr mo mth wk hr min y w d h")
SHORT = each("yr mo mth wk hr y w d h")  # are written after any number
WRITTEN_OUT = each("year years month months week weeks day days hour hours minute minutes")
# Two expressions, each with few first signs, cost a third of one with both.
SPELLED = re.compile(r"(?:year|month|week|day|hour|minute)")
ABBREVIATED = re.compile(r"\d\)?[ -]?(?:yrs?|mn?ths?|mos?|wks?|hrs?|mins?|[ywdh])(?![a-z])")

HALF = Decimal("0.5")
NUMBERS = {**{word: Decimal(number) for word, number in COUNTED.items()}, "½": HALF}
LARGEST = 1000  # above stand calendar years
WITHIN_UNIT = EARLIER | LATER | each(
    "consecutive calendar full continuous whole complete first more additional business working postoperative",
)

AGE_AFTER = each("old age aged")
LIFE_AFTER = each("age ages life")
PREGNANCY = each("gestation gestational gestations amenorrhea amenorrhoea pregnant ga postmenstrual fetus pregnancy")
# "2 h glucose", "1 hour post-load glucose"
MEASURED_AT = each("glucose blood plasma urine urinary ogtt postprandial pp pg fasting postload")
OFTEN_AFTER = each("per each every weekly monthly daily yearly")
OFTEN_BEFORE = each("every per each once twice")
# A singular unit after a number other than one is part of a name ("2-hour glucose") unless one of these comes next.
AFTER_SINGULAR = each(
    "period periods history duration interval intervals window time timeframe prior before preceding proceeding previous pre of from",
    "after following post since until to ago and or with without at on in by washout earlier old apart immediately immediate for are is",
    "were was will not run s",
)
BEFORE_ARTICLE = each("within least than over for about past")  # "a month" is a length after these only


class Duration(Struct, frozen=True):
    """A number with a unit of time: the words first up to last (not included).

    `value` in `unit` (UCUM); `low` where it is a range.  `numbered` is false where no number stands there ("past year", "a month").
    """

    first: int
    last: int
    value: Decimal
    unit: str
    low: Decimal | None = None
    numbered: bool = True


def words(plain: str, start: int, end: int) -> list[str]:
    """The words, numbers and signs of plain[start:end], each with the blanks before it, so that nothing is between them."""
    return WORD.findall(plain, start, end)


def timed(plain: str, start: int, end: int, known: list[str]) -> bool:
    """Whether a unit of time is named, and not only a letter that could be one; `known` are the words there, some of UNIT_WORDS."""
    return not WRITTEN_OUT.isdisjoint(known) or (
        SPELLED.search(plain, start, end) is not None or ABBREVIATED.search(plain, start, end) is not None)


def durations(texts: list[str]) -> Iterator[Duration]:
    """The lengths of time among the words, in order."""
    at = -1
    for text in filter(NAMED.__contains__, texts):
        at = texts.index(text, at + 1)
        if text in UNITS or (at and texts[at - 1].replace(".", "").isdecimal()):
            found = before_unit(texts, at, NAMED[text])
            if found is not None and not other_thing(texts, found):
                yield found


def before_unit(texts: list[str], at: int, unit: str) -> Duration | None:
    """The length whose unit is the word `at`."""
    last = at + 4 if texts[at + 1:at + 4] == ["(", "s", ")"] else at + 1
    k = at - 1
    while k >= 0 and (texts[k] == "-" or texts[k] in WITHIN_UNIT):
        k -= 1
    if k > 0 and texts[k] == "or" and texts[k + 1] == "more":  # "7 or more days"
        k -= 1
    number = number_before(texts, k)
    if number is None:
        return unnumbered(texts, at, last, unit)
    first, value = number
    before = texts[first - 1] if first else ""
    if value > LARGEST or before == "/" or (before in ("+", "-") and texts[first - 2:first - 1] == ["/"]):
        return None
    if before == "±" and texts[first - 2:first - 1] != ["within"]:
        return None
    if before == "+" and first > 1 and texts[first - 2].isdecimal():  # 24 + 0 weeks of pregnancy
        return None
    low = number_before(texts, first - 2) if before in ("-", "~", "to", "or") and first > 1 else None
    if low is not None and low[1] < value and texts[low[0] - 1:low[0]] != [","]:
        return Duration(low[0], last, value, unit, low[1])
    return Duration(first, last, value, unit)


def number_before(texts: list[str], k: int) -> tuple[int, Decimal] | None:
    """The number that ends with the word k: the place of its first word, and the value."""
    if k < 0:
        return None
    text = texts[k]
    if text == ")" and k > 1 and texts[k - 2] == "(":
        return twice(texts, k)
    if text[0].isdecimal():
        if text == "2" and k > 1 and texts[k - 1] == "/" and texts[k - 2] == "1":
            return k - 2, HALF
        return k, Decimal(text.replace(",", "" if text[-4:-3] == "," else ".") if "," in text else text)
    if text in ("a", "an") and k and texts[k - 1] == "half":
        return k - 1, HALF
    if text == "half":
        if k > 1 and texts[k - 1] == "a" and texts[k - 2] == "and":
            whole = number_before(texts, k - 3) if texts[k - 3] in NUMBERS or texts[k - 3].isdecimal() else None
            return None if whole is None else (whole[0], whole[1] + HALF)
        return (k - 1 if k and texts[k - 1] in ("a", "one") else k), HALF
    value = NUMBERS.get(text)
    if value is not None and value < 10:
        tens = k - 2 if k > 1 and texts[k - 1] == "-" else k - 1
        if tens >= 0 and texts[tens] in TENS:
            return tens, NUMBERS[texts[tens]] + value
    return None if value is None else (k, value)


def twice(texts: list[str], k: int) -> tuple[int, Decimal] | None:
    """The number said twice that ends with the bracket k: "twelve (12)"."""
    inner = number_before(texts, k - 1) if texts[k - 1] in NUMBERS or texts[k - 1][0].isdecimal() else None
    if inner is None or inner[0] != k - 1:
        return None
    outer = number_before(texts, k - 3) if k > 2 and texts[k - 3] != ")" else None
    return (outer[0] if outer is not None and outer[1] == inner[1] else k - 2), inner[1]


def unnumbered(texts: list[str], at: int, last: int, unit: str) -> Duration | None:
    """One unit without a number: "past year", "a month"."""
    if not at or texts[at] not in SINGULAR:
        return None
    if texts[at - 1] in EARLIER or texts[at - 1] in LATER:
        return Duration(at, last, Decimal(1), unit, numbered=False)
    if at > 1 and texts[at - 1] in ("a", "an") and texts[at - 2] in BEFORE_ARTICLE:
        return Duration(at - 1, last, Decimal(1), unit, numbered=False)
    return None


def other_thing(texts: list[str], one: Duration) -> bool:
    """Whether the length is an age, a length of pregnancy, a frequency, or part of the name of a test."""
    if one.first and (texts[one.first - 1] in OFTEN_BEFORE or texts[one.first - 1] in PREGNANCY):
        return True
    after = texts[one.last:one.last + 2]
    if not after:
        return False
    following = after[0]
    if following in AGE_AFTER or following in PREGNANCY or following in OFTEN_AFTER:
        return True
    if following in MEASURED_AT:
        return one.unit in ("h", "min")
    if following in ("and", "+") and after[1:] and after[1][0].isdecimal() and not PREGNANCY.isdisjoint(texts[one.last + 2:one.last + 5]):
        return True  # "16 weeks and 6 days of gestation"
    if len(after) > 1:
        beyond = after[1]
        if following == "-" and beyond in AGE_AFTER:
            return True
        if following in ("of", "'", "the", "-") and (beyond in LIFE_AFTER or beyond in PREGNANCY):
            return True
        if following in ("a", "an", "/") and beyond in NAMED:
            return True
    if texts[one.last - 1] in SINGULAR and one.value > 1 and following[0].isalpha() and following not in AFTER_SINGULAR:
        return texts[one.last - 2] == "-" or texts[one.last - 1] not in SHORT
    return False
