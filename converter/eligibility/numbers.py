"""Numbers as people write them: decimal commas, dotted thousands, words, Roman numerals; never the digits of a name."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty")
FEW = {word: number for number, word in enumerate(ONES[:10], 1)}
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
COUNTED = {word: number for number, word in enumerate(ONES, 1)} | TENS
IN_WORDS = {word: Decimal(number) for word, number in COUNTED.items()} | {
    f"{tens}{link}{one}": Decimal(number + index)
    for tens, number in TENS.items() for index, one in enumerate(ONES[:9], 1) for link in "- "} | {
    "twice": Decimal(2), "double": Decimal(2), "triple": Decimal(3)}
ROMAN = {numeral: Decimal(number) for number, numeral in enumerate(("i", "ii", "iii", "iv", "v", "vi"), 1)} | {
    "ⅰ": Decimal(1), "ⅱ": Decimal(2), "ⅲ": Decimal(3), "ⅳ": Decimal(4), "ⅴ": Decimal(5), "ⅵ": Decimal(6),
    "l": Decimal(1), "ll": Decimal(2), "lll": Decimal(3), "il": Decimal(2), "lv": Decimal(4)}
"""With the small letter l, which stands for I in some texts."""
SPELLED = frozenset(word for word in IN_WORDS if word.isalpha())
LETTERS = SPELLED | ROMAN.keys()
"""Words that are numbers, or Roman numerals: where none of these stands, no number is read but in figures."""
FIGURES = (
    r"\d++(?![.,·\s]\d)|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d{1,3}(?:\.\d{3})+(?![\d.,])|[1-9]\d{0,2}(?:\s\d{3})+(?!\d|\s?/\s?l\b)|\d+(?:[.,·]\d+)?|\.\d+")
"""By far the most have no groups and no decimals, so that these are tried first."""
GROUPED = re.compile(r"[1-9]\d{0,2}(?:[,\s]\d{3})+(?:\.\d+)?")
DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})*\.[0-9]00")
OF_AGES = re.compile(r"\b(?:ages?|aged)\b[^.;]*$")
YEARS_FOLLOW = re.compile(
    r"\s?(?:-|to|and|or|through)\s(?:(?:over|above|under|below|up\sto|at\sleast|(?:older|younger|more|less|greater)\sthan)\s)?"
    r"(?:\d{1,3}|[a-z]{3,}ty(?:[-\s][a-z]{3,5})?|[a-z]{2,5}teen|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[\s-](?:years?|months?)\b")
"""What follows the first of two numbers of years in words: "two to 5 year-old"."""


@lru_cache(1024)
def value(written: str) -> Decimal:
    """The number that the figures or the words mean.

    A dot before three figures separates thousands where they are round ("50.000"), a comma always; otherwise both are the decimal sign.
    """
    if written.isdecimal():
        return Decimal(written)
    if (known := IN_WORDS.get(written)) is not None:
        return known
    if GROUPED.fullmatch(written) or written.count(",") > 1 or ("," in written and "." in written):
        return Decimal(re.sub(r"[,\s]", "", written))
    if DOTTED.fullmatch(written) or written.count(".") > 1:
        return Decimal(written.replace(".", ""))
    return Decimal(written.replace(",", ".").replace("·", "."))


def of_years(plain: str, start: int, at: int, stop: int, end: int) -> bool:
    """Whether the number in words between `at` and `stop` is one of years though they do not stand with it: "ages eighteen to sixty"."""
    return bool(OF_AGES.search(plain, max(start, at - 40), at) or YEARS_FOLLOW.match(plain, stop, end))
