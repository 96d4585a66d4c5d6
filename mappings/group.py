"""Trial <-> Group: who may take part                                        https://hl7.org/fhir/R5/group.html

The criteria's text stands word for word in the description and owns itself; the characteristics say what is certain in
it.  Ages own themselves: their bounds, in UCUM, with the unit word of the source.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from converter.codec import Codec, expect, inside, only
from converter.place import Entries, Home
from converter.reading import alike
from converter.rows import constant, derived, in_r4, in_r5, part
from converter.table import mapping
from converter.trial import Trial
from converter.visit import Refused, Visit
from mappings import narrative, terms
from mappings.concepts import coding, concept
from mappings.datatypes import FIELD, markdown, row
from mappings.extensions import cross, hl7
from mappings.identity import SID, source_of, study_id

AGE = {"coding": [coding("http://snomed.info/sct", "397669002"), coding("http://loinc.org", "30525-0")], "text": "Age"}
CHARACTERISTIC = Home("characteristic")


def quantity(age: str | None) -> dict[str, Any] | None:
    """The age as a quantity that spells it again; None when it is no number with a unit that we know."""
    if age is None:
        return None
    number, _, unit = age.partition(" ")
    if unit not in terms.AGE_UNIT or not AGE_NUMBER.fullmatch(number):
        return None
    return {"value": int(number), "unit": unit, "system": terms.UCUM, "code": terms.AGE_UNIT[unit]}


AGE_NUMBER = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
UNIT_WORD = {"a": "Years", "mo": "Months", "wk": "Weeks", "d": "Days", "h": "Hours", "min": "Minutes"}


def age(tree: Any) -> str | None:
    """The words of a quantity; None when it is no number with a unit of time."""
    if not isinstance(tree, dict):
        return None
    value, unit, code = tree.get("value"), str(tree.get("unit")), str(tree.get("code"))
    unit = unit if unit in terms.AGE_UNIT else UNIT_WORD.get(code, UNIT_WORD.get(unit, ""))
    return f"{value} {unit}" if unit and isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


class Ages(Codec, frozen=True):
    """Both bounds of age.  One Range when both are in one unit (its ends are inclusive); else each with a comparator.

    "1 Year" to "12 Years" is two units: validators compare the unit's words before its code, and call the Range wrong.

    A bound that is no number with a unit is said as it stands.  Range: rng-2; Quantity.comparator.
    """

    fields = ("minimum_age", "maximum_age")

    def write(self, value: Any, visit: Visit) -> Any:
        return characteristics(expect_text(value.minimum_age), expect_text(value.maximum_age))

    def gather(self, tree: Any, visit: Visit) -> dict[str, str]:
        """The bounds that the characteristics give."""
        found: dict[str, str | None] = {}
        for entry in tree:
            exclude = entry.get("exclude")
            limits = entry.get("valueRange") if isinstance(entry.get("valueRange"), dict) else {}
            bound = entry.get("valueQuantity") if isinstance(entry.get("valueQuantity"), dict) else {}
            if exclude is not False or "modifierExtension" in entry:
                continue
            found.setdefault("minimum_age", age(limits.get("low")) or (age(bound) if bound.get("comparator") == ">=" else None)
                             or said(entry, "Minimum age"))
            found.setdefault("maximum_age", age(limits.get("high")) or (age(bound) if bound.get("comparator") == "<=" else None)
                             or said(entry, "Maximum age"))
            found = {name: words for name, words in found.items() if words is not None}
        return {name: words for name, words in found.items() if words is not None}

    def inward(self, m: Any, e: str) -> str:
        return f"{m.name(exactly)}({e})"


def expect_text(value: Any) -> Any:
    return value if value is None else expect(str, value)


def exactly(entries: list[Any]) -> tuple[str | None, str | None]:
    """The bounds, of characteristics that are just what we would write."""
    found = Ages().gather(entries, Visit())
    low, high = found.get("minimum_age"), found.get("maximum_age")
    if not alike(entries, characteristics(low, high)):
        raise Refused("differs")
    return low, high


def said(entry: dict[str, Any], what: str) -> str | None:
    """The words of a bound that is no quantity."""
    value = entry.get("valueCodeableConcept")
    code = entry.get("code")
    if not isinstance(value, dict) or not isinstance(code, dict) or code.get("text") != what:
        return None
    words = concept.read(value, Visit())
    return words if isinstance(words, str) else None


def characteristics(low: str | None, high: str | None) -> list[dict[str, Any]]:
    """The bounds of age as characteristics."""
    least, most = quantity(low), quantity(high)
    if least and most and least["unit"] == most["unit"] and least["value"] <= most["value"]:
        return [{"code": AGE, "valueRange": {"low": least, "high": most}, "exclude": False}]
    return [bound(what, comparator, words, amount) for what, comparator, words, amount in (
        ("Minimum age", ">=", low, least), ("Maximum age", "<=", high, most)) if words is not None]


def bound(what: str, comparator: str, words: str, amount: dict[str, Any] | None) -> dict[str, Any]:
    """One bound of age as a characteristic."""
    if amount is None:
        return {"code": {**AGE, "text": what}, "valueCodeableConcept": concept.write(words, Visit()), "exclude": False}
    return {"code": AGE, "valueQuantity": {"value": amount["value"], "comparator": comparator, **amount}, "exclude": False}


HEADING = re.compile(r"[\W_]*(?:(?:key|main|general|major|selected|study|patient|subject)\s+)?(inclusion|exclusion)(?:\s+criteria)?[\W_]*",
                     re.IGNORECASE)


def headings(criteria: str) -> list[tuple[int, int, bool]]:
    """Where the lines begin and end that are a heading and nothing else, and whether each is of exclusions."""
    found: list[tuple[int, int, bool]] = []
    for word in ("clusion", "CLUSION"):
        at = 0
        while (at := criteria.find(word, at)) >= 0:
            start, end = criteria.rfind("\n", 0, at) + 1, criteria.find("\n", at)
            end = len(criteria) if end < 0 else end
            if end - start < 80 and (heading := HEADING.fullmatch(criteria, start, end)):
                found.append((start, end, heading[1].lower() == "exclusion"))
            at = end
    return sorted(found)


@lru_cache(maxsize=8)  # a record with coded criteria asks more than once
def sections(criteria: str) -> tuple[tuple[str, bool, str], ...]:
    """The text below each heading of its own line: what it is, whether it excludes, and the text as it stands.

    A text without such headings is one section: nothing in it says which way it goes.
    """
    found = headings(criteria)
    first = found[0][0] if found else len(criteria)
    parts = [("Eligibility criteria (unstructured)", False, criteria[:first].strip())]
    for (_, end, excludes), following in zip(found, [*found[1:], None], strict=False):
        text = criteria[end:following[0] if following else len(criteria)].strip()
        parts.append(("Exclusion criterion" if excludes else "Inclusion criterion", excludes, text))
    return tuple(part for part in parts if part[2])


def criteria(trial: Trial) -> list[dict[str, Any]] | None:
    """The sections of the criteria as characteristics that nobody has coded yet."""
    if trial.criteria is None:
        return None
    return [{"code": {"text": what}, "valueCodeableConcept": {"text": text}, "exclude": excludes}
            for what, excludes, text in sections(trial.criteria)] or None


def sex(trial: Trial) -> list[dict[str, Any]] | None:
    """The one sex that may take part."""
    if trial.sex not in terms.GENDER:
        return None
    gender = {"coding": [coding(terms.GENDER_SYSTEM, terms.GENDER[trial.sex])], "text": trial.sex}
    return [{"code": SEX, "valueCodeableConcept": gender, "exclude": False}]


SEX = {"coding": [coding("http://snomed.info/sct", "263495000")], "text": "Gender"}
POPULATION = {"coding": [coding(FIELD, "study-population")], "text": "Study population"}


def title(trial: Trial) -> str:
    return f"{study_id(trial)} eligibility"


def identifiers(trial: Trial) -> list[dict[str, str]]:
    return [{"system": SID + "eligibility", "value": study_id(trial)}]


GROUP = mapping(Trial,
    constant("resourceType",                                    "Group"),
    derived("meta.source",                                      source_of),
    derived("text",                                             narrative.eligibility, checked=False),
    in_r4(row("criteria",       Entries(hl7("artifact-description", "Markdown")), only(markdown))),
    in_r4(constant(Entries(cross("Group.membership", "Code")),  ["definitional"])),
    derived("identifier",                                       identifiers, of="id"),
    constant("type",                                            "person"),
    in_r4(constant("actual",                                    False)),
    in_r5(constant("membership",                                "definitional")),
    derived("name",                                             title, of="title"),
    in_r5(row("criteria",       "description",                  markdown)),
    part(Entries(CHARACTERISTIC, {"code": {"coding": AGE["coding"][:1]}}, ("code", "coding", 0)), Ages(), many=True),
    derived(Entries(CHARACTERISTIC, {"code": SEX}),             sex, of="sex"),
    row("study_population",     Entries(CHARACTERISTIC, {"code": POPULATION, "exclude": False}),
                                only(inside("valueCodeableConcept", concept))),
    derived(Entries(CHARACTERISTIC, {"code": {"coding": None}}, ("code", "coding")), criteria, of="criteria"),
    partial=True,
)
