"""What a criterion means -> characteristics of a Group                   https://hl7.org/fhir/R5/group.html

A meaning of one thing is one characteristic: what is looked at as `code`, what is demanded as value.  What joins several is a
contained Group by reference, with an extension of ours that says how its characteristics combine: no release before R6 has
combinationMethod.  A Range has inclusive ends, so other bounds are comparators, each a characteristic of its own.  A multiple of a
limit of normal stays a multiple: its unit is the limit ({ULN} is an annotation of UCUM), never that of the quantity measured.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import Any

from converter.eligibility.findings import (
    Bound,
    Coding,
    Combined,
    Comparison,
    Finding,
    Grades,
    Meaning,
    Mention,
    Not,
    Statement,
    Timed,
    Window,
)
from converter.eligibility.variables import LOINC, loinc, variable
from mappings.concepts import coding
from mappings.datatypes import OWN
from mappings.group import AGE, SEX
from mappings.terms import GENDER, GENDER_SYSTEM, UCUM

SNOMED, LANGUAGES = "http://snomed.info/sct", "urn:ietf:bcp:47"
KIND = {
    "condition": {"coding": [coding(SNOMED, "64572001")], "text": "Disease"},
    "procedure": {"coding": [coding(SNOMED, "71388002")], "text": "Procedure"},
    "medication": {"text": "Medication"},
    "allergy": {"text": "Allergy or intolerance"},
    "pregnancy": {"coding": [coding(LOINC, "82810-3")], "text": "Pregnancy status"},
    "sex": SEX,
    "life-stage": {"text": "Life stage"},
    "lactation": {"text": "Lactation"},
    "childbearing": {"text": "Childbearing potential"},
    "contraception": {"text": "Contraception"},
    "pregnancy-test": {"text": "Pregnancy test"},
    "consent": {"text": "Informed consent"},
    "language": {"text": "Language"},
    "healthy": {"text": "Healthy volunteer"},
}
"""What is looked at, as the Groups of HL7's EBM IG say it; LOINC 82810-3 as in the International Patient Summary."""
BY_REFERENCE = {"text": "Defined by Reference"}
COMBINATION, FINDING, WINDOW = OWN + "combination", OWN + "criterion-finding", OWN + "criterion-window"
PART = {"valueCodeableConcept": "concept", "valueQuantity": "quantity", "valueRange": "range"}
"""The parts of a finding's extension that hold a value of that type."""
CERTAINLY = {"lactation": "Breastfeeding", "childbearing": "Of childbearing potential", "contraception": "Uses contraception",
             "consent": "Gives informed consent", "healthy": "Healthy", "language": "Speaks the language of the trial"}
"""What a usual requirement asks where it has no answer.  The text's words do not say it: some deny it ("unable to consent")."""
JOINED = {"all-of": "all of", "any-of": "any of", "at-least": "at least {} of", "except": "the first, but none of the others of"}
UNITS = {"a": "years", "mo": "months", "wk": "weeks", "d": "days", "h": "hours", "min": "minutes",
         "{ULN}": "times the upper limit of normal", "{LLN}": "times the lower limit of normal"}


class Characteristics:
    """Characteristics, and the contained Groups to which they refer.  `dialect` is that of the tables."""

    def __init__(self, text: str, dialect: str):
        self.text = text
        self.newer = dialect == "r5"
        self.contained: list[dict[str, Any]] = []

    def group(self, how: str, threshold: int | None, entries: list[dict[str, Any]]) -> dict[str, str]:
        """A reference to a contained Group of these characteristics; its display says how they combine where that Group is left out."""
        id = f"criterion-{len(self.contained) + 1}"
        combination: list[dict[str, Any]] = [{"url": "method", "valueCode": how}]
        if threshold is not None:
            combination.append({"url": "threshold", "valuePositiveInt": threshold})
        definition = {"membership": "definitional"} if self.newer else {"actual": False}
        self.contained.append({"resourceType": "Group", "id": id, "extension": [{"url": COMBINATION, "extension": combination}],
                               "type": "person", **definition, "characteristic": entries})
        number = f"{len(entries)} characteristic{'s' if len(entries) > 1 else ''}"
        return {"reference": f"#{id}", "display": f"{JOINED[how].format(threshold)} {number}"}

    def combined(self, how: str, threshold: int | None, entries: list[dict[str, Any]]) -> dict[str, Any]:
        """One characteristic that several make together."""
        return {"code": BY_REFERENCE, "valueReference": self.group(how, threshold, entries), "exclude": False}

    def of(self, meaning: Meaning) -> dict[str, Any]:
        """The characteristic of that meaning."""
        if isinstance(meaning, Combined):
            return self.combined(meaning.how, meaning.threshold, [self.of(part) for part in meaning.parts])
        if isinstance(meaning, Not):
            made = self.of(meaning.part)
            return {**made, "exclude": not made["exclude"]}
        if isinstance(meaning, Timed):
            return extended(self.of(meaning.part), self.window(meaning.window))
        several = self.several(meaning)
        if len(several) == 1:
            return extended({**several[0], "exclude": negated(meaning)}, finding(meaning))
        return extended(self.combined("any-of" if isinstance(meaning, Grades) else "all-of", None, several), finding(meaning))

    def several(self, meaning: Finding) -> list[dict[str, Any]]:
        """What the finding demands: all of it, or of grades any."""
        if isinstance(meaning, Comparison):
            code = measured(meaning.variable, self.text[slice(*meaning.subject)], meaning.unit)
            sex = [{"code": SEX, "valueCodeableConcept": gender(meaning.sex), "exclude": False}] if meaning.sex else []
            return sex + [{"code": code, **value, "exclude": False} for value in values(meaning)]
        if isinstance(meaning, Grades):
            code = measured(meaning.variable, self.text[slice(*meaning.subject)])
            return [{"code": code, "valueCodeableConcept": {"text": value}, "exclude": False} for value in meaning.values]
        assert isinstance(meaning, (Mention, Statement))
        return [{"code": KIND[meaning.kind], "valueCodeableConcept": self.concept(meaning), "exclude": False}]

    def concept(self, meaning: Mention | Statement) -> dict[str, Any]:
        """What is named, with its codes."""
        if isinstance(meaning, Statement):
            if meaning.kind == "sex":
                return gender(meaning.value)
            if meaning.kind == "language" and meaning.value:
                return {"coding": [coding(LANGUAGES, meaning.value)], "text": meaning.value}
            return {"text": meaning.value or CERTAINLY[meaning.kind]}
        return {"coding": codings(meaning.codes), "text": self.words(meaning)} if meaning.codes else {"text": self.words(meaning)}

    def words(self, finding: Finding) -> str:
        return " ".join(self.text[finding.start:finding.end].split())

    def window(self, window: Window) -> dict[str, Any]:
        """The time within which it holds."""
        return {"url": WINDOW, "extension": self.time(window) + evidence(window)}

    def time(self, window: Window) -> list[dict[str, Any]]:
        """How long, and on which side of what."""
        parts: list[dict[str, Any]] = [
            {"url": "duration", "valueQuantity": amount(window.value, window.unit, ">=" if window.least else "<=")},
            {"url": "direction", "valueCode": window.direction},
        ]
        if window.anchor:
            parts.append({"url": "anchor", "valueString": " ".join(self.text[slice(*window.anchor)].split())})
        return parts

    def part(self, found: Finding) -> dict[str, Any]:
        """A finding in a criterion that is not wholly understood: beside its words, and no demand."""
        if isinstance(found, Window):
            return {"url": FINDING, "extension": evidence(found) + self.time(found)}
        several = self.several(found)
        values = [{"url": PART[name], name: one[name]} for one in several for name in PART if name in one]
        opposite = [{"url": "negated", "valueBoolean": True}] if negated(found) else []
        code = {"url": "code", "valueCodeableConcept": several[-1]["code"]}
        return {"url": FINDING, "extension": [*evidence(found), *opposite, code, *values]}


@lru_cache(maxsize=10_000)
def codings(codes: tuple[Coding, ...]) -> list[dict[str, str]]:
    """The codes as FHIR's; those of a name are the same wherever it stands."""
    return [{"system": one.system, "code": one.code, "display": one.display} for one in codes]


@lru_cache(maxsize=10_000)
def share(confidence: float) -> Decimal:
    """The confidence with two digits, never more than it is."""
    return Decimal(str(confidence)).quantize(Decimal("0.01"), ROUND_DOWN)


def extended(characteristic: dict[str, Any], extension: dict[str, Any]) -> dict[str, Any]:
    """The characteristic with one more extension."""
    return {**characteristic, "extension": [*characteristic.get("extension", ()), extension]}


def negated(found: Finding) -> bool:
    return isinstance(found, (Mention, Statement)) and (found.negated or (isinstance(found, Mention) and found.excepted))


def finding(found: Finding) -> dict[str, Any]:
    """Where it stands in the text of the criteria, and how it was found."""
    return {"url": FINDING, "extension": evidence(found)}


def evidence(found: Finding) -> list[dict[str, Any]]:
    """The span in characters of the criteria's text, the rule, and the share of its answers that are right."""
    made: list[dict[str, Any]] = [
        {"url": "start", "valueUnsignedInt": found.start}, {"url": "end", "valueUnsignedInt": found.end},
        {"url": "rule", "valueString": found.rule}, {"url": "confidence", "valueDecimal": share(found.confidence)},
    ]
    if isinstance(found, Mention) and found.status:
        made.append({"url": "status", "valueCode": found.status})
    return made


def measured(key: str | None, words: str, unit: str | None = None) -> dict[str, Any]:
    """The variable as a concept, its code that for a value in that unit; its words alone where it is not listed."""
    if key == "age":
        return AGE
    text = " ".join(words.split())
    known = loinc(key, unit) if key else None
    if known is None:
        return {"text": text or (variable(key).display if key else "")}
    return {"coding": codings((known,)), "text": text or known.display}


def gender(sex: str | None) -> dict[str, Any]:
    word = (sex or "").capitalize()
    return {"coding": [coding(GENDER_SYSTEM, GENDER[word])], "text": word} if word in GENDER else {"text": sex}


def values(found: Comparison) -> list[dict[str, Any]]:
    """The bounds as values: a quantity, a Range, or a quantity for each bound."""
    unit = f"{{{found.limit}}}" if found.limit else found.unit
    low, high = found.lower, found.upper
    if low and high and low.included and high.included:
        if low.value == high.value:
            return [{"valueQuantity": amount(low.value, unit)}]
        return [{"valueRange": {"low": amount(low.value, unit), "high": amount(high.value, unit)}}]
    return [{"valueQuantity": amount(bound.value, unit, comparator(bound, sign))} for bound, sign in ((low, ">"), (high, "<")) if bound]


def comparator(bound: Bound, sign: str) -> str:
    return f"{sign}=" if bound.included else sign


def amount(value: Decimal, unit: str | None, comparator: str = "") -> dict[str, Any]:
    """The Quantity; its unit in UCUM where there is one."""
    number = int(value) if value == value.to_integral_value() and not str(value).count(".") else value
    return {"value": number, **({"comparator": comparator} if comparator else {}),
            **({"unit": UNITS.get(unit, unit), "system": UCUM, "code": unit} if unit else {})}
