"""Numbers with what stands around them: operator, unit or limit of normal, words of age, sex."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from converter.eligibility import limits, numbers, operators, sexes, units
from converter.eligibility.limits import Limit
from converter.eligibility.operators import Operator
from converter.eligibility.sexes import Sex
from converter.eligibility.units import Unit

Shape = Literal["sign", "words", "after", "range", "list", "bare", "reversed"]
FIRST = re.compile(r"[0-9<>≤≥=][0-9]*")
SIGNED = rf"(?:(?P<sign>{operators.SIGN})\)?\s{{0,2}}(?P<minus>-)?\s?)?"
NUMBER = re.compile(rf"{SIGNED}(?<![\d.,^_])(?<![a-z]/)(?P<figures>{numbers.FIGURES})(?!\w*(?<=\d)(?:st|nd|rd|th)\b)")
ONE_FIGURE = re.compile(rf"{SIGNED}(?P<figures>[0-6])(?!\d)")
SIGNED_ROMAN = re.compile(rf"(?P<sign>{operators.SIGN})\s?(?P<roman>{'|'.join(sorted(numbers.ROMAN, key=len, reverse=True))})(?![\w'])")
OLDER = re.compile(r"\s(?:and|or)\solder\b")
LIMITS = re.compile(r"(?:upper|lower)\slimit\b")
TIMES_BEFORE = re.compile(r"(?P<factor>\d+(?:[.,]\d+)?)\s?(?:[x×]|times)\s?$")
"""The factor before the sign: "2.5x > ULN"."""
TOKEN = re.compile(rf"{FIRST.pattern}|[a-zⅰ-ⅵ][a-z']*")
HYPHENED = re.compile(r"[a-z]+[-\s][a-z]+\b")
ENUMERATOR = re.compile(r"\d{1,2}\)\s")
LISTED = re.compile(r"[0-6](?:,[0-6])+(?![\d,])")
GRADED = re.compile(r"\b(?:asa|nyha|ecog|class|grades?|stages?|status|scores?|ps)\W*(?:of\W*)?$")
AGED = re.compile(r"\.?\s?-?\s?(?:years?\s)?(?:of\s+age\b|olds?\b(?:\sage\b)?|aged?\b(?!\s(?:of|at|group|range))|of\sold\b)")
JOINED_ON = re.compile(r"(?:or|and|to)\b")
"""What is written to a number without a blank: "45and"."""
REVERSED = re.compile(rf"\s?(?P<sign>{operators.SIGN})\s?(?=[a-z])")
WEEKS_AND_DAYS = re.compile(
    r"(?:\s?\+\s?(?P<plus>[0-6])(?:\s?/\s?7)?|\s(?:and\s)?(?P<sevenths>[0-6])\s?/\s?7"
    r"|\s?(?:weeks?|wks?|w)\s?(?:\+|,|and)?\s?(?P<days>[0-6])\s?(?:days?|d\b|/\s?7))(?:\s?(?:weeks?|wks?)\b)?(?!\d|\s?=)")
AND_MONTHS = re.compile(
    r"(?:,|,?\s?and|\s?\+)?\s?(?P<months>\d|1[01])\s?(?:months?|mos?)\b"
    r"(?!\s(?:after|before|prior|ago|since|from|following|post|of\s(?!age)))")
"""The months that follow years: "15 years and 9 months"."""
INCLUSIVE = re.compile(r"\s?,?\s?\(?(?:both\s)?inclusive\b")
"""What makes "above 18 years" at least 18."""
WEEKS_DAYS = re.compile(
    r"\s?(?:weeks?|wks?),?\s?(?:and\s)?(?P<days>[0-6])\s?days?\b(?!\s(?:after|before|prior|ago|since|a\s|per|each|of\s(?!gest)))")
"""Days that follow weeks before the twentieth."""
PREGNANT = frozenset(str(weeks) for weeks in range(20, 46))
"""Weeks of pregnancy that are told with days."""
PAIR = re.compile(r"\s?/\s?[<>≤≥]?\s?(?P<second>\d{1,3})(?![\d/]|\.\d)")
AGAIN = re.compile(r"\s?\([^()]{1,30}\)")
"""The number in another unit: "150 mg/dL (1.7 mmol/L) or greater"."""
ABBREVIATED = re.compile(
    r"\.(?=\s?(?:or\s(?:older|younger|more|less|above|over|greater)|and\s(?:older|younger|above|over|up)|(?:to|-)\s?\d|of\sage\b|old\b))")
"""The full stop of an abbreviated unit: "120 lbs. to 250 lbs."."""
IN_FIGURES = re.compile(r"\s?\(\s?\d{1,3}\s?\)")
"""The same number again: "three (3) years"."""
BRACKET = re.compile(r"\s?\(")
LETTERS = re.compile(r"[^\W\d_]+$")
GLUED = frozenset(("asa", "nyha", "ecog", "bmi", "age", "aged", "ages", "kps", "gcs", "mmse", "nihss", "x", "ps", "vas", "nrs",
                   "between", "from", "to", "and", "or", "than", "least", "over", "under", "above", "below", "of"))
"""Names to which a value is often written without a blank, or with a hyphen.  With the sign of multiplication."""


class Number(Struct):
    """A number with what stands around it.

    It reaches from `start` (its operator) over `at` (its first figure) to `end`.  `aged`: words of age are part of it.  `second` is
    the other number of a pair (160/100).  `sex_at` is where the words of a sex before it begin, -1 without.  `parts` is how many
    of its unit make the larger one that it was told in as well: 7 of "29 weeks and 6 days", else 1.
    """

    start: int
    at: int
    end: int
    value: Decimal
    operator: Operator | None
    shape: Shape
    unit: Unit | None = None
    limit: Limit | None = None
    aged: bool = False
    second: Decimal | None = None
    sex: Sex | None = None
    sex_at: int = -1
    parts: int = 1


class Reading(Struct):
    """A stretch of plain text, read for its numbers from left to right; nothing before `low` is looked at again."""

    plain: str
    start: int
    end: int
    low: int
    limited: bool
    sexed: bool
    found: list[Number]

    def figures(self, at: int) -> bool:
        """Read the number in figures that begins at `at` with its sign; false where there is none."""
        plain, end = self.plain, self.end
        listed = plain[at - 1] == "," and self.found and self.found[-1].end == at - 1 and plain[at].isdigit()
        match = (ONE_FIGURE if listed else NUMBER).match(plain, at, end)
        if match is None:
            return False
        sign, minus, written = match.groups()
        at, stop = match.end() - len(written), match.end()
        if "," in written and not sign and LISTED.fullmatch(written) and GRADED.search(plain, self.start, at):
            written, stop = written[0], at + 1
        self.low = stop
        if self.of_name(at) or (plain[stop:stop + 1] == ")" and not sign and ENUMERATOR.match(plain, at, end) and (
                "(" not in plain[max(self.start, at - 12):at])):
            return True
        late = written in PREGNANT
        weeks = WEEKS_AND_DAYS.match(plain, stop, end) if late else (
            WEEKS_DAYS.match(plain, stop, end) if "w" in plain[stop:stop + 2] and len(written) < 3 else None)
        if not weeks and stop < end and plain[stop].isalpha() and plain[stop] not in "x×" and not (
                JOINED_ON.match(plain, stop) or units.unit_at(plain, stop, end)) and not (
                self.limited and limits.limit_at(plain, stop, end)):
            return True  # it goes on as a word
        amount = numbers.value(written)
        operator = self.signed(sign, match.start()) if sign else operators.before(plain, self.known(), at)
        number = Number(operator.start if operator else at, at, stop, -amount if minus else amount, operator,
                        "sign" if sign else shape(operator))
        if weeks:
            days = int((late and (weeks["plus"] or weeks["sevenths"])) or weeks["days"])
            number.end = weeks.end()
            number.parts = 7 if days else 1
            number.value, number.unit = amount * 7 + days if days else amount, Unit("d" if days else "wk", "time", number.end)
        elif "/" in plain[stop:stop + 2] and (pair := PAIR.match(plain, stop, end)):
            number.second, number.end = Decimal(pair["second"]), pair.end()
        self.behind(number)
        return True

    def signed(self, sign: str, at: int) -> Operator:
        """The operator that the signs are, with the words that say the same before it: "greater than or equal to (≥) 18"."""
        operator = operators.turned(self.plain, self.known(), operators.signed(sign, at))
        if "(" in self.plain[max(self.known(), at - 3):at] and (worded := operators.before(self.plain, self.known(), at)) and (
                worded.side == operator.side):
            return replace(operator, aged=worded.aged, start=worded.start, denied=worded.denied)
        return operator

    def in_words(self, at: int, written: str) -> None:
        """Read the number that is written in a word, if it counts units, limits or years."""
        if (longer := HYPHENED.match(self.plain, at, self.end)) and longer[0] in numbers.IN_WORDS:
            written = longer[0]
        sign = operators.sign_before(self.plain, self.known(), at)
        operator = sign or operators.before(self.plain, self.known(), at)
        self.low = at + len(written)
        if figures := IN_FIGURES.match(self.plain, self.low, self.end):
            self.low = figures.end()
        begin = operator.start if operator else at
        self.behind(Number(begin, at, self.low, numbers.value(written), operator, "sign" if sign else shape(operator)), counted=True)

    def roman(self, at: int, written: str, sign: re.Match[str] | None = None) -> None:
        """Read the Roman numeral, with its operator."""
        if sign is None and at > self.start and (self.plain[at - 1] in ".,'_" or self.plain[at - 1].isdigit()):
            return
        if self.plain[at + 1:at + 3] == ".e":
            return
        operator = self.signed(sign["sign"], sign.start()) if sign else operators.before(self.plain, self.known(), at)
        number = Number(operator.start if operator else at, at, at + len(written), numbers.ROMAN[written], operator,
                        "sign" if sign else shape(operator))
        if operator is None:
            self.compared_behind(number)
        self.found.append(number)
        self.low = number.end

    def behind(self, number: Number, counted: bool = False) -> None:
        """Read what stands behind the number: unit or limit, age, operator, sex.  With `counted` it must be one of the first three."""
        plain, end = self.plain, self.end
        if number.unit is None and self.limited and (multiple := limits.limit_at(plain, number.end, end)):
            number.limit, number.end, above = multiple
            if number.operator and LIMITS.match(plain, number.operator.start):  # "> upper limit 1.5 times of normal"
                number.operator = operators.sign_before(plain, self.start, number.start)
                number.shape, number.start = ("sign", number.operator.start) if number.operator else ("bare", number.at)
            if number.operator is None and plain[max(self.start, number.at - 8):number.at].endswith("within "):
                number.operator, number.shape = Operator("upper", True, False, number.at - 7), "words"
                number.start = number.at - 7
            if number.operator is None and above:
                number.operator, number.shape = Operator("lower", True, False, number.start), "words"
        elif number.unit is None:
            self.unit(number)
        if number.unit and number.unit.code == "a" and (more := AND_MONTHS.match(plain, number.end, end)):
            number.end = more.end()
            if more["months"] != "0":
                number.parts = 12
                number.value, number.unit = number.value * 12 + int(more["months"]), Unit("mo", "time", number.end)
        self.age(number)
        side = number.operator.side if number.operator else "equal"
        if (side == "equal" or (side == "range" and OLDER.match(plain, number.end, end))) and self.compared_behind(number):
            self.age(number)
        if number.operator is None and (turned := REVERSED.match(plain, number.end, end)):
            meant = operators.signed(turned["sign"], number.at)
            number.operator, number.shape = Operator(operators.OPPOSITE[meant.side], meant.included, False, number.at), "reversed"
        if number.operator and number.operator.aged:
            number.aged = True
        if number.operator and not number.operator.included and number.shape == "words" and INCLUSIVE.match(plain, number.end, end):
            number.operator = replace(number.operator, included=True)
        if self.sexed:
            self.sex(number)
        self.low = number.end
        if not counted or number.unit or number.limit or number.aged or numbers.of_years(plain, self.start, number.at, number.end, end):
            self.found.append(number)

    def sex(self, number: Number) -> None:
        """Read the sex that the number is for, behind it or before its operator."""
        if not number.aged and (sexed := sexes.after(self.plain, number.end, self.end, number.operator is None and number.unit is None)):
            number.sex, number.end = sexed
        elif sexed := sexes.before(self.plain, self.known(), number.start):
            number.sex, number.sex_at = sexed

    def unit(self, number: Number) -> None:
        """Read the unit; it may follow the bracket that closes behind the number: "(16-24) weeks"."""
        plain, stop = self.plain, number.end
        closed = stop < self.end and plain[stop] == ")" and "(" in plain[max(self.start, number.at - 8):number.at]
        if unit := units.unit_at(plain, stop + closed, self.end):
            number.unit, number.end = unit, unit.end
            if plain[unit.end:unit.end + 1] == "." and ABBREVIATED.match(plain, unit.end, self.end):
                number.end += 1
            if "(" in plain[unit.end:unit.end + 2] and (bracket := BRACKET.match(plain, unit.end, self.end)) and (again := units.unit_at(
                    plain, bracket.end(), self.end)) and again.code == unit.code and plain[again.end:again.end + 1] == ")":
                number.end = again.end + 1

    def age(self, number: Number) -> None:
        """Read the words that make an age of the number."""
        if not number.aged and (aged := AGED.match(self.plain, number.end, self.end)):
            number.aged, number.end = True, aged.end()

    def compared_behind(self, number: Number) -> bool:
        """Read the operator that follows the number: "or older"; false where there is none."""
        after = operators.after(self.plain, number.end, self.end)
        if after is None and "(" in self.plain[number.end:number.end + 2] and (again := AGAIN.match(self.plain, number.end, self.end)):
            after = operators.after(self.plain, again.end(), self.end)
        if after is None:
            return False
        number.operator, number.shape, number.end = Operator(after.side, True, after.aged, number.start), "after", after.end
        if after.plus and not number.unit and not number.limit:
            self.unit(number)
        return True

    def known(self) -> int:
        """Where the number before ends, or the stretch begins."""
        return self.found[-1].end if self.found else self.start

    def of_name(self, at: int) -> bool:
        """Whether the figures at `at` are part of a name: DSM-5, C3, COVID-19; not those of "ASA1-2" or "18yrs-65yrs"."""
        stop = at - 1 if at > self.start and self.plain[at - 1] == "-" else at
        if stop <= self.start or not self.plain[stop - 1].isalpha() or (self.found and self.found[-1].end == stop):
            return False
        word = LETTERS.search(self.plain, max(self.start, stop - 8), stop)
        return word is None or word[0] not in GLUED

    def limits_themselves(self) -> None:
        """Read the limits of normal that are compared with as they are: "≤ ULN", "below the lower limit of normal"."""
        names = limits.NAME.finditer(self.plain, self.start, self.end)
        if all(any(number.start <= name.start() < number.end for number in self.found) for name in names):
            return
        for match in limits.ITSELF.finditer(self.plain, self.start, self.end):
            if any(number.start < match.end() and match.start() < number.end for number in self.found):
                continue
            low = max((number.end for number in self.found if number.end <= match.start()), default=self.start)
            operator = operators.turned(self.plain, low, operators.signed(match["sign"], match.start())) if match["sign"] else (
                operators.before(self.plain, low, match.start()))
            if operator and operator.side in ("lower", "upper"):
                end, amount = match.end(), Decimal(1)
                if before := TIMES_BEFORE.search(self.plain, max(self.start, match.start() - 10), match.start()):
                    self.found = [number for number in self.found if not before.start() <= number.start < end]
                    amount = numbers.value(before["factor"])
                if factor := limits.FACTOR.match(self.plain, end, self.end):
                    self.found = [number for number in self.found if not end <= number.start < factor.end()]
                    end, amount = factor.end(), numbers.value(factor["factor"])
                self.found.append(Number(operator.start, match.start(), end, amount, operator, "words",
                                         limit="LLN" if match["lower"] else "ULN"))
        self.found.sort(key=lambda number: number.at)


def shape(operator: Operator | None) -> Shape:
    return "words" if operator and operator.side != "range" else "bare"


def numbers_in(plain: str, start: int, end: int, letters: bool, limited: bool, sexed: bool) -> list[Number]:
    """The numbers between start and end, in order.

    With `letters` those in words and Roman numerals are read too, with `limited` limits of normal, with `sexed` the sex they are for.
    """
    reading = Reading(plain, start, end, start, limited, sexed, [])
    for match in (TOKEN if letters else FIRST).finditer(plain, start, end):
        if (at := match.start()) < reading.low:
            continue
        if not letters or not (token := match[0])[0].isalpha():
            if not reading.figures(at) and letters and (sign := SIGNED_ROMAN.match(plain, at, end)):
                reading.roman(sign.start("roman"), sign["roman"], sign)
        elif token in numbers.ROMAN:
            reading.roman(at, token)
        elif token in numbers.IN_WORDS:
            reading.in_words(at, token)
    if limited:
        reading.limits_themselves()
    return reading.found
