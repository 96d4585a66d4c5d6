"""The rules of quantities, ranges, ratios and sampled data.  https://hl7.org/fhir/R5/datatypes.html#quantity"""

from __future__ import annotations

from typing import Any

from mappings.invariants.presence import Around, exists, number, part

UCUM = "http://unitsofmeasure.org"
SECONDS = {"a": 31557600, "mo": 2629800, "wk": 604800, "d": 86400, "h": 3600, "min": 60, "s": 1}
"""UCUM's units of time, as ages and durations have them: a year is 365.25 days, a month its twelfth (https://ucum.org/ucum, 4.3)."""


def qty_3(tree: Any, around: Around) -> bool:
    """If a code for the unit is present, the system SHALL also be present."""
    return not exists(tree, "code") or exists(tree, "system")


def age_1(tree: Any, around: Around) -> bool:
    """There SHALL be a code if there is a value, the system SHALL be UCUM, and the value positive."""
    value = part(tree, "value")
    return dis_1(tree, around) and not (number(value) and value <= 0)


def cnt_3(tree: Any, around: Around) -> bool:
    """There SHALL be a code "1" if there is a value, the system SHALL be UCUM, and the value a whole number."""
    value = part(tree, "value")
    return (dis_1(tree, around) and (not exists(tree, "code") or tree.get("code") == "1")
            and (not number(value) or "." not in str(value)))


def dis_1(tree: Any, around: Around) -> bool:
    """There SHALL be a code if there is a value; a system SHALL be UCUM."""
    return (exists(tree, "code") or not exists(tree, "value")) and (not exists(tree, "system") or tree.get("system") == UCUM)


def drt_1(tree: Any, around: Around) -> bool:
    """With a code, there SHALL be a value and the system UCUM."""
    return not exists(tree, "code") or (tree.get("system") == UCUM and exists(tree, "value"))


def drt_1_r4b(tree: Any, around: Around) -> bool:
    """With a value, there SHALL be a code and the system UCUM."""
    return not exists(tree, "value") or (tree.get("system") == UCUM and exists(tree, "code"))


def rng_2(tree: Any, around: Around) -> bool:
    """If present, low SHALL have a lower value than high."""
    return in_order(part(tree, "low"), part(tree, "high"))


def range_unit(tree: Any, around: Around) -> bool:
    """Low and high are in the same unit, or nobody can tell which is less."""
    low, high = part(tree, "low"), part(tree, "high")
    both = number(part(low, "value")) and number(part(high, "value"))
    return not both or unit(low) == unit(high)


def rat_1(tree: Any, around: Around) -> bool:
    """Numerator and denominator SHALL both be present, or both absent; if both are absent, there SHALL be some extension."""
    if not isinstance(tree, dict):
        return True
    numerator = exists(tree, "numerator")
    return numerator == exists(tree, "denominator") and (numerator or exists(tree, "extension"))


def ratrng_1(tree: Any, around: Around) -> bool:
    """One of lowNumerator or highNumerator and denominator SHALL be present, or all are absent and some extension present."""
    if not isinstance(tree, dict):
        return True
    above = exists(tree, "lowNumerator") or exists(tree, "highNumerator")
    return above == exists(tree, "denominator") and (above or exists(tree, "extension"))


def ratrng_2(tree: Any, around: Around) -> bool:
    """If present, lowNumerator SHALL have a lower value than highNumerator.

    As the sentence says: R5's expression asks hasValue() of a Quantity, which never has one, and so always holds.
    """
    return in_order(part(tree, "lowNumerator"), part(tree, "highNumerator"))


inv_2 = ratrng_2
"""What R4B calls it."""


def sdd_1(tree: Any, around: Around) -> bool:
    """A SampledData SHALL have either an interval or offsets, but not both."""
    return not isinstance(tree, dict) or exists(tree, "interval") != exists(tree, "offsets")


def in_order(low: Any, high: Any) -> bool:
    """Is the one no more than the other?  Units of time are compared with each other, other ones only with themselves.

    By the numbers that are there, as the sentences say; R5's expressions allow for what rounding may have hidden, and let
    6 to 5 pass.
    """
    first, last = part(low, "value"), part(high, "value")
    if not number(first) or not number(last):
        return True
    one, other = unit(low), unit(high)
    if one == other:
        return bool(first <= last)
    both = one in SECONDS and other in SECONDS
    return not both or bool(first * SECONDS[one] <= last * SECONDS[other])


def unit(quantity: dict[str, Any]) -> str:
    """The unit: UCUM's code, another system's with the system, or else a text."""
    system, code, text = (str(quantity.get(name, "")) for name in ("system", "code", "unit"))
    return code if system == UCUM else f"{system}|{code or text}"
