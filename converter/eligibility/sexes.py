"""The sex that bounds are for: "< 12 g/dL in women", "> 450 ms (men)", "men: ≥ 13"."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Sex = Literal["female", "male"]
WORDS = r"men|man|males?|women|woman|females?|boys|girls"
MALE = frozenset(("men", "man", "male", "males", "boys", "m"))
FEMALE = frozenset(("women", "woman", "female", "females", "girls", "f"))
SEXES: dict[str, Sex] = {**dict.fromkeys(MALE, "male"), **dict.fromkeys(FEMALE, "female")}
AFTER = re.compile(
    rf"\s(?P<bare>males?|females?|men|women)\b(?!\s?(?:and|or|/)\s?(?:wom|fem|m[ae]))|\s?,?\s?(?:[(\[]\s?(?:in\s|for\s)?(?:adult\s)?(?P<alone>{WORDS}|m|f)\s?[)\]]"
    rf"|[(\[]?(?:in|for|if|among)\s(?:the\s|a\s)?(?:adult\s)?(?P<those>{WORDS})\b(?!\s?(?:and|or|/)\s?(?:for\s|in\s)?(?:wom|fem|m[ae]|girl|boy))"
    r"(?:\s(?:subjects|patients|participants))?[)\]]?)")
BEFORE = re.compile(
    rf"(?<!\band )(?<!\bor )(?<!/)\b(?P<sex>{WORDS})(?:\s(?:subjects|patients|participants))?\s?[:,=(-]?\s?"
    r"(?:of|with|is|are|must\sbe)?\s?$")

WHOSE = re.compile(
    rf"\b(?P<sex>{WORDS})(?:\s(?:subjects|patients|participants|volunteers))?\s?[:,]?\s?(?:(?:with|have|having|who|whose|must|should|will|has|an?|the|"
    r"is|are|be|of|minimum|maximum|total|their|serum|corrected|qt|interval|level)\s)*\(?\s?$")
OTHER = re.compile(rf"\s?[,;]?\s?(?:(?:and|or)\s)?(?:{WORDS})\b(?!\s?(?:and|or|/))")
TOGETHER = re.compile(
    rf"\b(?:{WORDS})(?:\s(?:subjects|patients|participants|volunteers))?\s?(?:and|or|/|&|,)[\s/]?(?:[^\s<>≤≥\d]+\s){{0,3}}$")


class Sexed(NamedTuple):
    """A sex that was read, and the end of its words that lies away from the bounds."""

    sex: Sex
    at: int


def after(plain: str, at: int, end: int, bare: bool) -> Sexed | None:
    """The sex that stands behind bounds; not a word directly behind a `bare` number: "5 men"."""
    found = AFTER.match(plain, at, end)
    if found is None or (bare and found["bare"]):
        return None
    return Sexed(SEXES[found["alone"] or found["those"] or found["bare"]], found.end())


def before(plain: str, low: int, at: int) -> Sexed | None:
    """The sex that stands before bounds."""
    found = BEFORE.search(plain, max(low, at - 24), at)
    return Sexed(SEXES[found["sex"]], found.start()) if found else None


def whose(plain: str, low: int, start: int, at: int) -> Sex | None:
    """The sex of those whose measure is named at `at`: "female subjects must weigh"; None of both: "men and women who weigh"."""
    found = WHOSE.search(plain, max(low, at - 50), at)
    if found is None or TOGETHER.search(plain, max(start, found.start() - 50), found.start()):
        return None
    return SEXES[found["sex"]]
