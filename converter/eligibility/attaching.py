"""Bounds attached to what they are said of: the variable named before them, after them, or in the heading above."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from converter.eligibility import ages, sexes, units, unlisted
from converter.eligibility.bounds import Stated
from converter.eligibility.findings import Bound, Comparison, Span
from converter.eligibility.kinds import OF_CHANGE, something_else
from converter.eligibility.making import fits, made, of_variable, said_again, whole_scale
from converter.eligibility.operators import SIGN, Operator, before, signed
from converter.eligibility.plain import words
from converter.eligibility.variables import Named, named, variable

REACH = 60
"""So many characters at most stand between a variable and its bounds."""
BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
APART = re.compile(
    r"[;?]|\.\s|\b(?:and|or|but|while|who|whose|patients|if|because|due to|treated|requiring|despite|unless|except)\b")
"""What parts a name from bounds that are not its own."""
NEXT_TO = re.compile(
    r"(?:[\s:=,()\[\]*-]|\b(?:of|is|are|was|levels?|counts?|values?|scores?|concentrations?|must|be|should|at|an?|the|to|or|class|grade|status|index|"
    r"rate|has|have|with|between|from|range|ranging|in|total|equal|measured|baseline|screening|ratio|activity|result|percentage|test|[a-z]{2,5}(?=\)))\b)*")
GRADED = re.compile(
    r"(?:[\s:=,()\[\]*.-]|\b(?:of|is|are|was|scores?|scored|class|classes|classification|grades?|graded|status|physical|stages?|staging|levels?|scale|"
    r"system|functional|performance|ps|must|be|should|at|an?|the|to|or|as|points?|risk|index|state|category|categories|criteria|between|from|ecog|who|"
    r"asa|nyha|symptoms?|heart|failure|total|baseline|screening|zubrod)\b)*")
JOINT = re.compile(
    r"[\s()\[\],、/&+-]*(?:\b(?:and|or|serum|total|levels?|both|either|baseline|the|plasma|blood|peripheral|counts?)\b[\s()\[\],、/&-]*)*")
BEFORE_NAME = re.compile(
    r"(?:\s?(?:points?|or\s(?:more|higher|less|greater|above)))?\s?(?:[(\[]\s?)?"
    r"(?:(?:of|in|on|for|by|at|according\sto|as\smeasured\sby|measured\s(?:by|on|with|using)|using|from)\s)?(?:the\s|an?\s|their\s|his\s)?"
    r"(?:(?:total|serum|baseline|initial|of|blood|plasma|predicted|\d+[- ](?:point|item)|0-10|0-100)\s){0,2}")
SIGN_BEFORE = re.compile(rf"{SIGN}\s?$")
LABEL = re.compile(r"[-\s](?:lead|point|item|step|met(?:er|re))s?\b")
"""What makes a number a name of how it was measured: "12-lead"."""
REVERSED = re.compile(r"\s?[<>≤≥=/ ]+(?:the\s)?\s?")
GRADE_OF = re.compile(r"\b(?:class|grade|stage|score|status|level|scores|classes|grades)\s(?:of\s|is\s)?$")
REGULAR = re.compile(r"\b(?:adequate|normal|acceptable|sufficient|within|regular|stable)\b")
OPERATED = re.compile(r"\b(?:than|over|above|exceed\w*|least|most)\b|[<>≤≥]")
MULTIPLIED = re.compile(
    r"\)?\s{0,2}(?:(?:the\s)?(?:normal|upper)\b|\*\s?(?:[a-z]{3}|10)|[x×](?![a-z0-9])|times?\b|-?\s?folds?\b)(?!\s?10\b)")
"""What makes a multiple of the number before it, of what is not known."""
UNREAD = re.compile(
    r"\s?(?!(?:and|or|he|she|him|his)\b)(?:[a-zµ][a-zµ0-9.^-]{0,14}\s?/\s?(?:l|dl|ml|[uµ]l|mm3|kg|m2|min|h|hr|day|d|g|mg|lit(?:er|re))\b|\.?\s?(?:per)?centile)"
    r"|\s?/\s?(?:[mµud]?l\d?|mm\d?|cc|kg|g)\b|\s?(?:±|\+/-)|\s?of(?=\s?[.,;)]|\s?$)")
"""A unit that is not known."""
GOES_ON = re.compile(r"/(?:[a-z]|1[.,·]7\d)")
ALONE = frozenset(("time", "pressure", "mass", "length", "fraction", "score"))
"""What is measured in units that are not divided: a stroke behind them begins something else."""
NEXT_SIGN = re.compile(r"\s{0,2}[<>≤≥=]")
UNIT_BEHIND = re.compile(r"(?:\s?(?:or|and)\s?[<>≤≥=]{0,2}\s?\d{2,3}\s?(?:systolic|diastolic))?(?=\s?mm)")
"""What stands between "≥ 160 systolic" and the unit that is told but once."""
FURTHER = 150
"""As REACH, of a clearance with its unit, of which the formula is often told."""
RATIO_OF = re.compile(r"\bratio\s(?:of|between)\s(?:the\s)?$")
SLASHED = frozenset((
    "alt", "ast", "alp", "ggt", "total_bilirubin", "direct_bilirubin", "sbp", "dbp", "bp", "karnofsky", "lansky", "ecog", "pt",
    "inr", "aptt",
    "creatinine", "crcl", "egfr", ""))
"""Variables that are joined by a stroke; the stroke between others makes a ratio of them."""
RATIOS = {("fev1", "fvc"): "fev1_fvc", ("pao2", "fio2"): "pao2_fio2"}
AMBIGUOUS = frozenset(("cr", "pt", "ga", "tb", "ck", "pct", "map", "got", "tg", "hr", "rr", "bil", "alp", "acr"))
"""Abbreviations that often mean something else (CR: complete response): a sign or a unit that fits must stand with them."""


class Attaching(Struct):
    """The words of a criterion, whose bounds are attached one after the other.  Nothing before `low` is looked at again."""

    plain: str
    start: int
    end: int
    names: list[Named]
    above: Span | None
    sexed: bool = False
    low: int = -1
    last: list[Comparison] = []
    other: bool = False
    akin: bool = False

    def attached(self, bounds: Stated) -> list[Comparison]:
        """The comparisons that the bounds are, one for each variable that they are said of; none where that is not clear."""
        self.low, self.other, self.akin = max(self.low, self.start), False, False
        if any(name.start <= bounds.number < name.end for name in self.names) or not (bounds.lower or bounds.upper):
            return []
        found = [] if self.unclear(bounds) else list(self.comparisons(bounds))
        if found or bounds.shape != "bare":
            self.last = found
        opened = "(" in self.plain[max(0, bounds.number - 3):bounds.number]
        beside = opened or bounds.measures == "time" or LABEL.match(self.plain, bounds.end)
        if found or bounds.shape != "bare" or not beside:
            self.low = bounds.end
        return [one for one in found if not whole_scale(one)]

    def unclear(self, bounds: Stated) -> bool:
        """Whether a unit stands with the bounds that is not known, or they are a multiple of what is not known."""
        if bounds.limit:
            return False
        if bounds.unit:
            return bounds.measures not in ALONE and GOES_ON.match(self.plain, bounds.end, self.end) is not None
        return bool(UNREAD.match(self.plain, bounds.end, self.end) or MULTIPLIED.match(self.plain, bounds.end, self.end))

    def comparisons(self, bounds: Stated) -> Iterator[Comparison]:
        if bounds.shape == "reversed":
            yield from self.reversed(bounds)
            return
        following = self.following(bounds)
        kind = variable(following.key).kind if following else ""
        if following and bounds.shape not in ("bare", "list") and (
                following.key in ("sbp", "dbp") or (bounds.chained and self.last and self.last[-1].rule.endswith(".before-variable"))):
            if not bounds.unit and (shared := UNIT_BEHIND.match(self.plain, following.end, self.end)) and (
                    unit := units.unit_at(self.plain, shared.end(), self.end)) and unit.measures == "pressure":
                bounds.unit, bounds.measures = unit.code, unit.measures
            yield from of_variable(bounds, following.key, following[:2], f"{kind}.before-variable")
            return
        if bounds.chained and self.last and bounds.shape != "bare":
            if said_again(bounds, self.last[0]):
                return
            yield from (made(bounds, one.variable, one.subject, one.rule.partition(".")[0] + ".chained" if one.variable else one.rule)
                        for one in self.last if one.variable is None or fits(bounds, one.variable))
            return
        preceding = list(self.preceding(bounds))
        if preceding:
            for key, subject, rule in preceding:
                yield from of_variable(bounds, key, subject, rule)
            return
        if following and kind == "score" and bounds.shape in ("bare", "list", "range") and bounds.measures in ("", "score") and (
                GRADE_OF.search(self.plain, max(self.low, bounds.start - 16), bounds.start)):
            yield from of_variable(bounds, following.key, following[:2], "score.before-variable")
        elif bounds.shape == "bare":
            return
        elif aged := ages.told(self.plain, self.start, self.end, self.low, bounds):
            yield made(bounds, *aged)
        elif following and following.key != "age" and (bounds.measures or kind == "score"):
            yield from of_variable(bounds, following.key, following[:2], f"{kind}.before-variable")
        elif self.above and not self.plain[self.start:bounds.start].strip(" :-(") and (
                heading := self.heading(bounds)):
            yield from of_variable(bounds, heading.key, heading[:2], f"{variable(heading.key).kind}.heading")
        elif not self.other and (other := unlisted.told(self.plain, self.low, self.end, bounds, self.akin)) and not any(
                name.key and name.start < other[0][1] and other[0][0] < name.end for name in self.names):
            yield made(bounds, None, *other)

    def reversed(self, bounds: Stated) -> Iterator[Comparison]:
        """What is said of the variable behind the sign: "18 < age"."""
        for name in self.names:
            if name.key and name.start >= bounds.end and REVERSED.fullmatch(self.plain, bounds.end, name.start) and fits(bounds, name.key):
                yield from of_variable(bounds, name.key, name[:2], f"{variable(name.key).kind}.reversed")

    def ratio(self, one: Named, other: Named) -> str:
        """ "ratio" where the two names are one measure: "FEV1/FVC", "ratio of FEV1 to FVC"; "" where they are not."""
        between = self.plain[one.end:other.start]
        stroke = "/" in between and JOINT.fullmatch(between) and not {one.key, other.key} <= SLASHED
        return "ratio" if stroke or RATIO_OF.search(self.plain, max(self.low, one.start - 20), one.start) else ""

    def following(self, bounds: Stated) -> Named | None:
        """The variable that is named directly after the bounds: "≥ 5 on the NRS"."""
        name = next((name for name in self.names if name.start >= bounds.end), None)
        if name is None or NEXT_SIGN.match(self.plain, name.end, self.end):
            return None
        if name.key and name.start - bounds.end <= REACH and fits(bounds, name.key) and (
                BEFORE_NAME.fullmatch(self.plain, bounds.end, name.start)) and (
                variable(name.key).kind == "score" or not OF_CHANGE.search(self.plain, max(self.low, bounds.start - 30), bounds.start)):
            return name
        return None

    def preceding(self, bounds: Stated) -> Iterator[tuple[str, Span, str]]:
        """The variables named before the bounds: the nearest that they fit, and those joined to it ("ALT and AST < 2.5 ULN")."""
        plain = self.plain
        left = [name for name in self.names if self.low <= name.start and name.end <= bounds.start]
        for at in range(len(left) - 1, max(len(left) - 4, -1), -1):
            name = left[at]
            gap = plain[name.end:bounds.start]
            if "(" in gap or "[" in gap:
                self.unit_in_brackets(bounds, name)
                gap = BRACKETED.sub("", gap)
            reach = FURTHER if name.key in ("egfr", "crcl") and bounds.measures.startswith("volume/time") else REACH
            if not name.key or len(gap) > reach or APART.search(gap):
                return
            clear = bounds.measures or bounds.limit or bounds.shape == "sign" or plain[name.start:name.end] not in AMBIGUOUS
            if not clear or not fits(bounds, name.key):
                continue
            kind = variable(name.key).kind
            if instead := something_else(plain, self.low, self.start, name, kind, gap, bounds.end):
                self.other, self.akin = kind != "score" and instead == "change", instead == "kin"
                self.names = [one for one in self.names if one != name]
                return
            if (bounds.shape in ("bare", "list") and not self.equal(bounds, name, kind, gap)):
                return
            first = at
            while first and left[first - 1].key == name.key:
                first -= 1
            if first and left[first - 1].key and (of_both := self.ratio(left[first - 1], left[first])):
                if key := RATIOS.get((left[first - 1].key, name.key)):
                    yield key, (left[first - 1].start, name.end), f"{kind}.{of_both}"
                return
            if at and left[at - 1].key in RATIOS.values() and plain[left[at - 1].end:name.start].strip() == "(":
                name = left[at - 1]
            near = NEXT_TO.fullmatch(gap)
            if not near and kind in ("lab", "vital") and not (bounds.measures or bounds.limit):
                return
            family = "age" if name.key == "age" else kind
            if self.sexed and bounds.sex is None and (
                    sum(one.key == name.key for one in self.names) > 1 or sexes.OTHER.match(plain, bounds.end)):
                bounds.sex = sexes.whose(plain, self.low, self.start, name.start)
            form = ("multiple" if bounds.shape == "bare" else "limit") if bounds.limit else "after-variable" if near else "apart"
            yield name.key, name[:2], f"{family}.{form}"
            seen = {name.key}
            alone = bounds.second is not None or name.key in RATIOS.values()
            while at and not alone and left[at - 1].key and JOINT.fullmatch(plain, left[at - 1].end, left[at].start):
                at -= 1
                joined = left[at]
                if joined.key not in seen and fits(bounds, joined.key) and (
                        bounds.limit or variable(joined.key).accepts & variable(name.key).accepts):
                    seen.add(joined.key)
                    yield joined.key, joined[:2], f"{kind}.joined"
            return

    def heading(self, bounds: Stated) -> Named | None:
        """The variable that the heading names, if it names but one and the bounds tell enough."""
        names = named(self.plain, *self.above, set(words(self.plain, *self.above))) if self.above else []
        keys = {name.key for name in names}
        name = names[-1] if names else None
        return name if name and len(keys) == 1 and name.key and fits(bounds, name.key) and (
            bounds.measures or bounds.limit or variable(name.key).kind == "score") else None

    def unit_in_brackets(self, bounds: Stated, name: Named) -> None:
        """Take the unit that stands in brackets behind the name: "BMI (kg/m2) between 18 and 27"."""
        found = None if bounds.unit or bounds.limit else BRACKETED.search(self.plain, name.end, bounds.start)
        unit = units.unit_at(self.plain, found.start() + 1, found.end() - 1) if found else None
        if found and unit and unit.end == found.end() - 1:
            bounds.unit, bounds.measures = unit.code, unit.measures

    def equal(self, bounds: Stated, name: Named, kind: str, gap: str) -> bool:
        """Whether a number without operator is one of the variable: a grade, "minimum age 18", "ALT twice the ULN"."""
        if bounds.limit:
            if not bounds.lower or REGULAR.search(self.plain, self.start, bounds.start) or not NEXT_TO.fullmatch(gap) or (
                    OPERATED.search(self.plain, max(self.start, name.start - 50), name.start)):
                return False
            bounds.upper = None
            return True
        if not GRADED.fullmatch(gap) or self.plain[name.start:name.end] == "pain":
            return False
        operator = self.before(name)
        if operator and operator.side in ("lower", "upper") and bounds.shape == "bare" and bounds.lower:
            bound = Bound(bounds.lower.value, operator.included)
            bounds.lower, bounds.upper = (bound, None) if operator.side == "lower" else (None, bound)
            return True
        return kind == "score"

    def before(self, name: Named) -> Operator | None:
        """The operator before the name, where that is: "> NYHA 2", "minimum age: 18"."""
        if sign := SIGN_BEFORE.search(self.plain, max(self.low, name.start - 8), name.start):
            return signed(sign[0], sign.start())
        return before(self.plain, self.low, name.start)
