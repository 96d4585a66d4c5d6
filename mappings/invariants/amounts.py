"""The rules of quantities, ranges, ratios and sampled data.  https://hl7.org/fhir/R5/datatypes.html#quantity"""

from __future__ import annotations

from typing import Any

from mappings.invariants.presence import Around, exists, number, part

UCUM = "http://unitsofmeasure.org"


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
    """Is the one no more than the other?  Quantities of different units are not compared, here as in the specification."""
    if not isinstance(low, dict) or not isinstance(high, dict):
        return True
    first, last = low.get("value"), high.get("value")
    return not (number(first) and number(last) and unit(low) == unit(high) and first > last)


def unit(quantity: dict[str, Any]) -> tuple[Any, Any]:
    """The unit: its code and the system, or else its text."""
    code = quantity.get("code")
    return (quantity.get("system"), code) if code is not None else (None, quantity.get("unit"))
