"""Comparisons made of bounds and the variable that they are said of."""

from __future__ import annotations

from decimal import Decimal

from converter.eligibility.bounds import Stated
from converter.eligibility.findings import Bound, Comparison, Span
from converter.eligibility.variables import Variable, variable

OUT_OF = frozenset(map(Decimal, (5, 10, 15, 20, 24, 27, 28, 30, 42, 50, 56, 60, 63, 70, 100)))
"""The most points of usual scores: 24/30."""
IMPLIED = frozenset(("a", "{score}", "kg/m2", "/min", "/h"))
"""Units that are meant where the text has none: another one is hardly ever used for what is measured in these."""
OF_BLOOD = frozenset(("sbp", "dbp", "map"))
"""Pressures that are told in mmHg: others are in cm of water or kPa too."""
MOST_HBA1C = 20
"""Without a unit, a greater one is not in %."""
MOST_CELSIUS = 50
"""Where degrees are not told apart, more are of Fahrenheit."""
SHORT = {"g/L": ("count/volume", "10*9/L"), "mm": ("pressure", "mm[Hg]"), "uL": ("count/volume", "/uL"),
         "10*9": ("count/volume", "10*9/L"), "deg": ("temperature", "Cel")}
"""What a unit means where that is what a variable's units measure: G/L of cells, mm of pressure, cells mm3."""


def whole_scale(one: Comparison) -> bool:
    """Whether the bounds only say how a score counts: "NRS (0-10)"."""
    return one.variable == "pain_nrs" and one.lower is not None and one.upper is not None and (
        one.lower.value in (0, 1) and one.upper.value in (10, 100))


def said_again(bounds: Stated, one: Comparison) -> bool:
    """Whether the bounds are those before in another unit: "≥ 9 g/dL or ≥ 5.6 mmol/L"."""
    return bool(bounds.unit and one.unit and bounds.unit != one.unit) and bounds.measures != "time" and (
        (bounds.lower is None) == (one.lower is None) and (bounds.upper is None) == (one.upper is None))


def of_variable(bounds: Stated, key: str, subject: Span, rule: str) -> list[Comparison]:
    """The comparison; of a pair, systolic and diastolic pressure, or the points of a score out of so many.

    Blood pressure without a pair is not clear.
    """
    second = bounds.second
    if second is None:
        return [made(bounds, key, subject, rule)] if key != "bp" else []
    if key in ("bp", "sbp", "dbp"):
        if bounds.limit or second <= 20:
            return []
        lower, upper = (Bound(second, bound.included) if bound else None for bound in (bounds.lower, bounds.upper))
        diastolic = Stated(bounds.start, bounds.number, bounds.end, bounds.shape, lower, upper, bounds.unit)
        return [made(bounds, "sbp", subject, "pressure.pair"), made(diastolic, "dbp", subject, "pressure.pair")]
    if variable(key).kind != "score":
        return []
    if second not in OUT_OF:
        if bounds.shape != "bare" or not bounds.lower or not bounds.lower.value < second <= 6:
            return []
        bounds.upper = Bound(second, True)
    return [made(bounds, key, subject, rule)]


def percent(bounds: Stated) -> str | None:
    """The unit of a share: "1" where it is not written in percent ("FEV1/FVC < 0.7"); None where that is not certain ("> 1")."""
    values = [bound.value for bound in (bounds.lower, bounds.upper) if bound]
    if not values or max(values) > 1:
        return "%"
    return "1" if min(values) < 1 else None


def fits(bounds: Stated, key: str) -> bool:
    """Whether the unit of the bounds can be one of the variable."""
    known = variable(key)
    if bounds.limit:
        return "limit" in known.accepts
    if known.kind == "score" and not possible(bounds, key):
        return False
    if bounds.measures == "time" and known.kind in ("lab", "vital") and bounds.unit not in ("ms", "s", "min"):
        return False
    return not bounds.measures or bounds.measures in known.accepts or (
        bounds.unit in SHORT and SHORT[bounds.unit][0] in known.accepts)


def possible(bounds: Stated, key: str) -> bool:
    """Whether there are such values of the variable, as far as that is known."""
    known = variable(key)
    if known.values is None or bounds.limit or (bounds.unit and known.unit not in (bounds.unit, SHORT.get(bounds.unit, ("", ""))[1])):
        return True
    least, most = known.values
    return all(bound is None or least <= bound.value <= most + (not bound.included) for bound in (bounds.lower, bounds.upper))


def implied(known: Variable, bounds: Stated) -> str | None:
    """The unit of a value of the variable where none is written, if one is certain."""
    if known.unit == "%":
        return percent(bounds)
    return known.unit if known.unit in IMPLIED or known.key in OF_BLOOD else None


def made(bounds: Stated, key: str | None, subject: Span, rule: str) -> Comparison:
    """The comparison of the bounds with the variable.  The activity of enzymes is in U."""
    known = variable(key) if key else None
    unit = bounds.unit or (implied(known, bounds) if known else None)
    if key == "hba1c" and not bounds.unit and any(bound and bound.value > MOST_HBA1C for bound in (bounds.lower, bounds.upper)):
        unit = "mmol/mol"
    measured, short = SHORT.get(unit or "", ("", ""))
    if known is None or measured not in known.accepts:
        short = ""
    if short == "Cel" and any(bound and bound.value > MOST_CELSIUS for bound in (bounds.lower, bounds.upper)):
        unit = "[degF]"
    elif short:
        unit = short
    elif known and unit and known.unit.startswith("U/"):
        unit = unit.replace("[IU]", "U")
    if known and known.kind == "lab" and not (unit or bounds.limit or known.pure):
        rule = "lab.unitless"
    return Comparison(start=min(bounds.start, subject[0]), end=max(bounds.end, subject[1]), rule=rule, variable=key, subject=subject,
                      lower=bounds.lower, upper=bounds.upper, unit=None if bounds.limit else unit, limit=bounds.limit,
                      sex=bounds.sex if known is None or known.kind in ("lab", "vital") else None)
