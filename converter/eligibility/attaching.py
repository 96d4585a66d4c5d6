"""Bounds attached to what they are said of: the variable named before them, after them, or in the heading above."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from converter.eligibility import ages, nearness, sexes, units, unlisted
from converter.eligibility.bounds import Stated
from converter.eligibility.findings import Bound, Comparison, Span
from converter.eligibility.kinds import CHANGED_BY, OF_CHANGE, no_pain, something_else
from converter.eligibility.making import fits, made, of_variable, possible, said_again, whole_scale
from converter.eligibility.operators import before, sign_before, signed
from converter.eligibility.plain import words
from converter.eligibility.variables import Named, named, variable


class Attaching(Struct):
    """The words of a criterion, whose bounds are attached one after the other.  Nothing before `low` is looked at again."""

    plain: str
    start: int
    end: int
    names: list[Named]
    above: Span | None
    sexed: bool
    low: int
    last: list[Comparison] = []
    other: bool = False
    akin: bool = False

    def attached(self, bounds: Stated) -> list[Comparison]:
        """The comparisons that the bounds are, one for each variable that they are said of; none where that is not clear."""
        self.other = self.akin = False
        if not (bounds.lower or bounds.upper):
            return []
        for name in self.names:
            if name.start <= bounds.number < name.end:
                return []
        found = [] if self.unclear(bounds) else self.comparisons(bounds)
        if found or bounds.shape != "bare":
            self.last = found
        if found or not self.aside(bounds):
            self.low = bounds.end
        return [self.better(bounds, one) for one in found if not whole_scale(one)]

    def better(self, bounds: Stated, one: Comparison) -> Comparison:
        """The same, turned where what is better is less, or what is worse: "ECOG 2 or better", "Karnofsky 60 or worse"."""
        said = self.plain[bounds.number:bounds.end]
        turned = "better" in said if one.variable in nearness.LESS_IS_BETTER else "worse" in said
        return replace(one, lower=one.upper, upper=one.lower) if turned else one

    def aside(self, bounds: Stated) -> bool:
        """Whether bounds that are said of nothing stand in brackets, or only tell when or how: the name before them counts on."""
        plain, at = self.plain, bounds.number
        if nearness.CLOSED.match(plain, bounds.end, self.end) and nearness.OPENED.search(plain, max(self.low, at - 30), at):
            return True
        return bounds.shape == "bare" and bool(
            "(" in plain[max(0, at - 3):at] or bounds.measures == "time" or nearness.COUNTING.search(plain, max(self.low, at - 8), at)
            or nearness.LABEL.match(plain, bounds.end))

    def unclear(self, bounds: Stated) -> bool:
        """Whether a unit stands with the bounds that is not known, or they are a multiple of what is not known."""
        if bounds.limit:
            return False
        if bounds.unit:
            if (bounds.measures == "fraction" and nearness.OF_LIMIT.match(self.plain, bounds.end, self.end)) or (
                    bounds.lower == bounds.upper and nearness.FORMULA.match(self.plain, bounds.end, self.end)):
                return True
            return bounds.measures not in nearness.ALONE and nearness.GOES_ON.match(self.plain, bounds.end, self.end) is not None
        return bool(nearness.UNREAD.match(self.plain, bounds.end, self.end) or nearness.MULTIPLIED.match(self.plain, bounds.end, self.end))

    def comparisons(self, bounds: Stated) -> list[Comparison]:
        """The comparisons that the bounds are, of a whole scale too."""
        if bounds.shape == "reversed":
            return self.reversed(bounds)
        following = self.following(bounds)
        kind = variable(following.key).kind if following else ""
        if following and kind == "lab" and not bounds.unit:
            self.count_behind(bounds, following)
        if following and bounds.shape not in ("bare", "list") and (
                following.key in ("sbp", "dbp") or (bounds.chained and self.last and self.last[-1].rule.endswith(".before-variable"))):
            if not bounds.unit and (shared := nearness.UNIT_BEHIND.match(self.plain, following.end, self.end)) and (
                    unit := units.unit_at(self.plain, shared.end(), self.end)) and unit.measures == "pressure":
                bounds.unit, bounds.measures = unit.code, unit.measures
            return of_variable(bounds, following.key, following[:2], f"{kind}.before-variable")
        if bounds.chained and self.last and (bounds.shape != "bare" or bounds.second is not None):
            return self.chained(bounds)
        if preceding := list(self.preceding(bounds)):
            return [one for named_before in preceding for one in of_variable(bounds, *named_before)]
        told = following if kind == "score" or bounds.measures or (following and following.key == "bmi") else None
        if following and kind == "score" and bounds.shape in ("bare", "list", "range") and bounds.measures in ("", "score") and (
                grade := nearness.GRADE_OF.search(self.plain, max(self.low, bounds.start - 16), bounds.start)):
            self.compared(bounds, grade.start())
            return of_variable(bounds, following.key, following[:2], "score.before-variable")
        if bounds.shape == "bare":
            unborn = ages.unborn(self.plain, self.end, self.low, bounds)
            return [made(bounds, "gestational_age", (bounds.start, bounds.end), "gestation.words")] if unborn else []
        if bounds.chained and not self.last and not bounds.aged:
            return []
        if aged := ages.told(self.plain, self.start, self.end, self.low, bounds):
            return [made(bounds, *aged)]
        if following and following.key == "pain_nrs" and no_pain(
                self.plain, max(self.low, bounds.start - 80), min(self.end, following.end + 30)):
            return [made(bounds, None, following[:2], "unlisted.score")]
        if told and told.key != "age":
            return of_variable(bounds, told.key, told[:2], f"{kind}.before-variable")
        if self.above and not self.plain[self.start:bounds.start].strip(" :-(") and (
                heading := self.heading(bounds)):
            return of_variable(bounds, heading.key, heading[:2], f"{variable(heading.key).kind}.heading")
        if before_it := self.by_unit(bounds):
            return [made(bounds, before_it.key, before_it[:2], "vital.apart")]
        if not self.other and (other := unlisted.told(self.plain, self.low, self.end, bounds, self.akin)) and not any(
                name.key and name.start < other[0][1] and other[0][0] < name.end and not self.symbol(name) for name in self.names):
            return [made(bounds, None, *other)]
        return []

    def chained(self, bounds: Stated) -> list[Comparison]:
        """What goes on from the bounds before: of the same variables, as far as these bounds can be theirs too."""
        first = self.last[0]
        if bounds.second is not None:
            return of_variable(bounds, "bp", first.subject, "pressure.pair") if first.variable == "sbp" else []
        if said_again(bounds, first) or (first.variable == "age" and not ages.goes_on(self.plain, self.end, bounds)):
            return []
        found = []
        for one in self.last:
            if one.variable is None:
                found.append(made(bounds, None, one.subject, one.rule))
            elif fits(bounds, one.variable) and possible(bounds, one.variable) and (one.variable == "age" or not bounds.aged):
                found.append(made(bounds, one.variable, one.subject, f"{one.rule.partition('.')[0]}.chained"))
        return found

    def symbol(self, name: Named) -> bool:
        """Whether the name is one that counts only with a unit."""
        return self.plain[name.start:name.end] in nearness.NEED_UNIT

    def count_behind(self, bounds: Stated, name: Named) -> None:
        """Take the volume that stands behind the name: "100,000 platelets per mm3"."""
        unit = units.unit_at(self.plain, name.end, self.end)
        if unit and unit.code.startswith("/") and fits(replace(bounds, unit=unit.code, measures=unit.measures), name.key):
            bounds.unit, bounds.measures = unit.code, unit.measures

    def reversed(self, bounds: Stated) -> list[Comparison]:
        """What is said of the variable behind the sign: "18 < age"."""
        return [one for name in self.names
                if name.key and name.start >= bounds.end and nearness.REVERSED.fullmatch(self.plain, bounds.end, name.start) and (
                    fits(bounds, name.key) and possible(bounds, name.key))
                for one in of_variable(bounds, name.key, name[:2], f"{variable(name.key).kind}.reversed")]

    def ratio(self, one: Named, other: Named) -> str:
        """ "ratio" where the two names are one measure: "FEV1/FVC", "ratio of FEV1 to FVC"; "" where they are not."""
        between = self.plain[one.end:other.start]
        stroke = "/" in between.replace("and/or", "") and nearness.JOINT.fullmatch(between) and not {one.key, other.key} <= nearness.SLASHED
        return "ratio" if stroke or nearness.RATIO_OF.search(self.plain, max(self.low, one.start - 20), one.start) else ""

    def following(self, bounds: Stated) -> Named | None:
        """The variable that is named directly after the bounds: "≥ 5 on the NRS"."""
        name = next((name for name in self.names if name.start >= bounds.end), None)
        if name is None or not name.key or name.start - bounds.end > nearness.REACH or (
                not nearness.BEFORE_NAME.fullmatch(self.plain, bounds.end, name.start)):
            return None
        if not fits(bounds, name.key) or not possible(bounds, name.key) or self.symbol(name):
            return None
        if nearness.NEXT_SIGN.match(self.plain, name.end, self.end) or (
                variable(name.key).kind != "score" and nearness.NEXT_WORDS.match(self.plain, name.end, self.end)):
            return None
        changed = OF_CHANGE.search(self.plain, max(self.low, bounds.start - 30), bounds.start) or (
            nearness.FALLEN.search(self.plain, max(self.low, bounds.start - 80), bounds.start)) or (
            CHANGED_BY.match(self.plain, name.end, self.end))
        shared = bounds.measures == "fraction" and variable(name.key).unit in nearness.COUNTS
        counted = name.key == "pain_nrs" and nearness.PAINFUL.match(self.plain, name.end)
        part = variable(name.key).kind == "score" and nearness.ITEM.match(self.plain, name.end, self.end)
        return None if changed or shared or counted or part else name

    def preceding(self, bounds: Stated) -> Iterator[tuple[str, Span, str]]:
        """The variables named before the bounds: the nearest that they fit, and those joined to it ("ALT and AST < 2.5 ULN")."""
        plain = self.plain
        left = [name for name in self.names if self.low <= name.start and name.end <= bounds.start]
        for at in range(len(left) - 1, max(len(left) - 4, -1), -1):
            name = left[at]
            gap = plain[name.end:bounds.start]
            if "(" in gap or "[" in gap:
                self.unit_in_brackets(bounds, name)
                gap = nearness.BRACKETED.sub("", gap)
            reach = nearness.FURTHER if name.key in ("egfr", "crcl") and bounds.measures.startswith("volume/time") else nearness.REACH
            if not name.key or len(gap) > reach or nearness.APART.search(gap) or nearness.DENIED.search(gap):
                return
            word = plain[name.start:name.end]
            clear = bounds.measures or bounds.limit or bounds.shape == "sign" or word not in nearness.AMBIGUOUS
            if self.symbol(name) and not (bounds.measures not in ("", "fraction") and nearness.DIRECTLY.fullmatch(gap)):
                return
            if not clear or not fits(bounds, name.key) or nearness.ADJUSTED.search(plain, max(self.start, name.start - 24), name.start):
                continue
            kind = variable(name.key).kind
            if not possible(bounds, name.key):
                self.other, self.akin = name.key != "ph_blood", name.key == "ph_blood"
                self.names = [one for one in self.names if one != name]
                return
            if instead := something_else(plain[:self.end], self.low, self.start, name, kind, gap, bounds.end, bounds.limit is not None):
                self.other, self.akin = kind != "score" and instead == "change", instead == "kin"
                self.names = [one for one in self.names if one != name]
                return
            if (bounds.shape in ("bare", "list") and not self.equal(bounds, name, kind, gap)):
                return
            first = at
            while first and left[first - 1].key == name.key:
                first -= 1
            if first and left[first - 1].key and (of_both := self.ratio(left[first - 1], left[first])):
                if key := nearness.RATIOS.get((left[first - 1].key, name.key)):
                    yield key, (left[first - 1].start, name.end), f"{kind}.{of_both}"
                return
            if at and left[at - 1].key in nearness.RATIOS.values() and plain[left[at - 1].end:name.start].strip() == "(":
                name = left[at - 1]
            of_two = name.key in nearness.RATIOS.values()
            if not of_two and nearness.RATIO.match(plain, name.end, bounds.start) and plain[name.start - 1:name.start] == "/":
                return
            near = nearness.NEXT_TO.fullmatch(gap)
            if not near and gap.startswith("/"):  # two names are one, of which one is not known
                return
            if not near and kind in ("lab", "vital") and not (bounds.measures or bounds.limit):
                return
            if bounds.limit and not near and "), " in gap:
                return
            family = "age" if name.key == "age" else kind
            if self.sexed and bounds.sex is None and (
                    sum(one.key == name.key for one in self.names) > 1 or sexes.OTHER.match(plain, bounds.end)):
                bounds.sex = sexes.whose(plain, self.low, self.start, name.start)
            listed = not near and "," in gap  # "AST, ammonia < 2 × ULN"
            form = ("multiple" if bounds.shape == "bare" else "limit") if bounds.limit and not listed else (
                "after-variable" if near else "apart")
            yield name.key, name[:2], f"{family}.{form}"
            seen = {name.key}
            alone = bounds.second is not None or of_two
            while at and not alone and self.joined(left[at - 1], left[at], bounds.start):
                at -= 1
                joined = left[at]
                if joined.key not in seen and not self.symbol(joined) and fits(bounds, joined.key) and (
                        bounds.limit or (variable(joined.key).accepts & variable(name.key).accepts) - {"limit"}):
                    seen.add(joined.key)
                    yield joined.key, joined[:2], f"{kind}.joined"
            return

    def joined(self, one: Named, other: Named, at: int) -> bool:
        """Whether only joining words stand between the names, so that the bounds at `at`, behind them, are those of both."""
        if not one.key or not nearness.JOINT.fullmatch(self.plain, one.end, other.start):
            return False
        if one.key == other.key:
            return True
        between = self.plain[one.end:other.start].strip()
        opened = between.endswith(("(", "[")) and nearness.CLOSING.search(self.plain, other.end, at) is None  # "AST/ALT (AST < 35 U/L"
        return (between != "" or other.key == "bp") and not opened

    def by_unit(self, bounds: Stated) -> Named | None:
        """The variable named before whose unit belongs to nothing else: "BMI > 95th percentile or ≥ 30 kg/m2"."""
        if bounds.unit != "kg/m2" or bounds.lower == bounds.upper:
            return None
        return next((name for name in self.names if name.key == "bmi" and name.end <= bounds.start), None)

    def heading(self, bounds: Stated) -> Named | None:
        """The variable that the heading names, if it names but one and the bounds tell enough."""
        names = named(self.plain, *self.above, set(words(self.plain, *self.above))) if self.above else []
        keys = {name.key for name in names}
        name = names[-1] if names else None
        return name if name and len(keys) == 1 and name.key and fits(bounds, name.key) and possible(bounds, name.key) and (
            bounds.measures or bounds.limit or variable(name.key).kind == "score") else None

    def unit_in_brackets(self, bounds: Stated, name: Named) -> None:
        """Take the unit that stands in brackets behind the name: "BMI (kg/m2) between 18 and 27"."""
        found = None if bounds.unit or bounds.limit else nearness.BRACKETED.search(self.plain, name.end, bounds.start)
        unit = units.unit_at(self.plain, found.start() + 1, found.end() - 1) if found else None
        if found and unit and unit.end == found.end() - 1:
            bounds.unit, bounds.measures = unit.code, unit.measures

    def equal(self, bounds: Stated, name: Named, kind: str, gap: str) -> bool:
        """Whether a number without operator is one of the variable: a grade, "minimum age 18", "ALT twice the ULN"."""
        if bounds.limit:
            if not bounds.lower or nearness.REGULAR.search(self.plain, self.start, bounds.start) or not nearness.NEXT_TO.fullmatch(gap) or (
                    nearness.OPERATED.search(self.plain, max(self.start, name.start - 50), name.start)) or not (
                    nearness.HIGH.search(self.plain, max(self.start, name.start - 60), bounds.end)):
                return False
            bounds.upper = None
            return True
        if signs := nearness.SIGNED_GRADE.search(gap):
            operator = signed(signs["sign"], bounds.start)
            if bounds.shape != "bare" or not bounds.lower or operator.side not in ("lower", "upper"):
                return False
            bound, gap = Bound(bounds.lower.value, operator.included), gap[:signs.start()]
            bounds.lower, bounds.upper = (bound, None) if operator.side == "lower" else (None, bound)
        if not nearness.GRADED.fullmatch(gap) or self.plain[name.start:name.end] == "pain":
            return False
        return self.compared(bounds, name.start) or kind == "score"

    def compared(self, bounds: Stated, at: int) -> bool:
        """Whether an operator stands before the name, which is taken: "> NYHA 2", "minimum age: 18", "> class 2 of NYHA"."""
        operator = sign_before(self.plain, self.low, at) or before(self.plain, self.low, at)
        if operator is None or operator.side not in ("lower", "upper") or bounds.shape != "bare" or not bounds.lower:
            return False
        bound = Bound(bounds.lower.value, operator.included)
        bounds.lower, bounds.upper = (bound, None) if operator.side == "lower" else (None, bound)
        return True
