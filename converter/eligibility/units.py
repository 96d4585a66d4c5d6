"""Units of measure as people write them: read to UCUM, with what they measure, so that a bound can be checked against its variable.

A unit is put together of words: a numerator and what it is divided by.  data/units.tsv has the words; "10*9/L" and its
spellings have a power of ten before.  Where UCUM only has an annotation ({score}), that is given.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import groupby
from typing import NamedTuple

from converter.eligibility import tables

POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
POWER = re.compile(
    r"\s{0,2}(?:[x×*•·']\s?10\s{0,2}(?:\^|\*{1,2}|e|exp|\(|\s)?\s?(?P<times>1[02]|[3469]|[³⁶⁹]|¹²)\)?"
    r"|10\s{0,2}(?:\^|\*{1,2}|e)\s?(?P<alone>1[02]|[3469])|10\s?(?P<raised>[³⁶⁹]|¹²)|e\+?0?(?P<e>[369])|10\s?(?P<bare>9|12)(?=\s*/\s?l\b))(?=\s*(?:/|per\b|\^?-|l\b|[a-z])|[,;)]|$)"
    r"|\s?(?P<word>k|thou|thousands?|giga|gpt|million|billion)(?=\s?(?:cells?\s?|platelets?\s?)?(?:/|per\s)\s?(?:[µum]|l\b|lit|cubic|cmm|cu))")
TIMES = {"year": "a", "month": "mo", "week": "wk", "day": "d", "hour": "h"}
PLAIN_TIME = re.compile(r"\s?-?\s?(?:(?:completed?|full)\s)?(year|month|week|day|hour)s?\b(?!'|\s?(?:/|per\b|a\s|each\b))")
"""By far the most units, read first."""
POWERED = frozenset("x×*•·'1ektgmb")
"""What a power of ten may begin with."""
EXPONENTS = {"k": "3", "thou": "3", "thousand": "3", "thousands": "3", "giga": "9", "gpt": "9", "million": "6", "billion": "9"}
DIVIDED = (
    r"\s*(?:/|per\b|\ba(?=\s(?:day|week|month)\b)|each\b)\s?\(?|\s?[·*×.]\s?(?=1[.,·]73)|(?<=mol) (?=l\b)|(?<=mg) (?=dl\b)"
    r"|(?<=kg)\.(?=m)|(?<=kg)\s?[.·*•⋅]?\s?(?=m(?:\^?-?2|²))")


class Unit(NamedTuple):
    """A unit that was read: its UCUM code, what it measures ("mass/volume"), and where its words end."""

    code: str
    measures: str
    end: int


@cache
def spelled() -> dict[str, tuple[str, str]]:
    """The words of units without blanks, each with its UCUM code and what it measures."""
    return {word.replace(" ", ""): (row["ucum"], row["measures"]) for row in tables.named_rows("units.tsv")
            for word in row["spelled"].split(";")}


@cache
def words() -> str:
    """The pattern of one unit word, the longest that there is, not going on as another word."""
    found = {word for row in tables.named_rows("units.tsv") for word in row["spelled"].split(";")}
    longest_first = sorted(found, key=lambda word: (word[0], -len(word), word))
    by_letter = (  # so that only those with the right first letter are tried
        re.escape(letter) + "(?:" + "|".join(
            re.escape(word[1:]).replace("\\ ", r"\s?").replace(r"\^", r"\s{0,2}\^\s?") for word in spellings) + ")"
        for letter, spellings in groupby(longest_first, key=lambda word: word[0]))
    return "(?:" + "|".join(by_letter) + r")(?![a-z0-9µ%]|-eq\b)"


@cache
def component() -> re.Pattern[str]:
    """A word of a unit, behind its number or behind what divides it, which is the first group.

    It has no figures, only what it is divided by may: "12-24 h".
    """
    return re.compile(rf"(?>({DIVIDED})|\s?[-(\[]?\s?(?!\d))({words()})")


@cache
def kinds() -> dict[str, str]:
    """What the units of UCUM in the table measure."""
    return {code: kind for code, kind in spelled().values() if code}


@lru_cache(maxsize=1_000)
def measures(code: str) -> str:
    """What a unit of UCUM measures, as `Unit.measures` has it; "" of one that is not made of the table's."""
    above, *below = code.split("/")
    power = above.startswith("10*")
    numerator = above.partition(".")[2] if power else above
    found = [kinds().get(part, "") for part in ([numerator] if numerator else []) + below]
    return joined("/".join([*(() if numerator else ("count" if power else "",)), *(kind for kind in found if kind)]))


def joined(kind: str) -> str:
    """The kind of a quotient, where nothing is counted that has a name: cells in a volume, beats in a time."""
    if kind.startswith("/"):
        return ("count" if "volume" in kind or "area" in kind else "events") + kind
    return kind


def unit_at(plain: str, at: int, end: int) -> Unit | None:
    """The unit that stands at `at` (after a number), None where there is none."""
    if found := PLAIN_TIME.match(plain, at, end):
        return Unit(TIMES[found[1]], "time", found.end())
    stop, power = at, ""
    if plain[at:at + 3].lstrip()[:1] in POWERED and (found := POWER.match(plain, at, end)):
        number = found["times"] or found["alone"] or found["raised"] or found["e"] or found["bare"]
        power = "10*" + (number.translate(POWERS) if number else EXPONENTS[found["word"]])
        stop = found.end()
    code, kind = "", "count" if power else ""
    found = component().match(plain, stop, end)
    if found and found[1] is None:
        code, kind = spelled()[found[2].replace(" ", "")]
        stop = found.end()
        found = component().match(plain, stop, end)
    parts: list[str] = []
    while found and found[1] and not (parts and found[1].strip() == "a"):  # "10 g/dL a week before"
        part, of = spelled()[found[2].replace(" ", "")]
        parts.append(part)
        kind += f"/{of}" if of else ""
        stop = found.end()
        found = component().match(plain, stop, end) if len(parts) < 3 else None
    if stop == at:
        return None
    if not parts and code in ("mg", "ug", "ng", "pg"):
        kind = "drug"
    if power:
        code = f"{power}.{code}" if code else power
    return Unit("/".join([code, *parts]), joined(kind), stop)
