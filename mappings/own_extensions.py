"""The extensions of ours that no row of a table names, and what there is to say of any.

https://hl7.org/fhir/R5/defining-extensions.html
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mappings.characteristics import COMBINATION, FINDING, WINDOW
from mappings.criteria import CODED, WORDS
from mappings.datatypes import ESCAPED, EXACT, EXACT_PART, OWN
from mappings.extensions import CROSS, Shape
from mappings.study_codecs import COUNT, KIND

EVIDENCE = {"start": "UnsignedInt", "end": "UnsignedInt", "rule": "String", "confidence": "Decimal"}
"""The parts of an extension that say where something was found in the criteria's text, and how."""

TIME = {"duration": "Quantity", "direction": "Code", "anchor": "String"}
"""The parts of an extension that say of a time how long it is, and on which side of what."""


@dataclass
class Definition:
    """An extension of ours: where it stands, whether more than once, what it holds, and what it carries.

    `shape` is that of the tables, or the names of several datatypes; `parts` says what each part of a complex one is;
    `needed` are the parts that must be there, "" being the value of one without parts.
    """

    address: str
    shape: Shape | tuple[str, ...]
    description: str = ""
    contexts: list[str] = field(default_factory=list)
    many: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    needed: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        return self.address.removeprefix(OWN).replace(CROSS, "ext-R5-")

    @property
    def element(self) -> str:
        """The element of R5 that it carries under our own address; "" when it is something else."""
        name = self.id.removeprefix("extension-")
        return "" if name == self.id else name


def spelled_by_functions() -> list[Definition]:
    """The extensions that no row names: codecs, signs and functions write them."""
    return [
        Definition(EXACT, ("String", "Boolean", "Integer", "Decimal"),
                   "The exact value, where the element cannot hold it: a date that is none, a negative count, a URL with a blank.",
                   ["Element"]),
        Definition(ESCAPED, "String",
                   "A text that no FHIR string can hold (blank, or with control characters), between quotes, each such character as %XX.",
                   ["Element"]),
        Definition(EXACT_PART, {"of": "Uri"},
                   "In place of an extension, or of a part of one, that cannot hold its value: whose place it takes, and the exact value.",
                   ["Element"], many=True, parts={"of": "The url of the extension, or of its part, whose place this takes."}),
        Definition(KIND, ("Boolean", "String"),
                   "What kind of number of participants this is by the source, where the element cannot tell; false where it says nothing.",
                   ["ResearchStudy", "ResearchStudy.recruitment.targetNumber", "ResearchStudy.recruitment.actualNumber"]),
        Definition(COUNT, ("Integer", "Decimal", "String"),
                   "How many take part: a number that FHIR's element cannot hold.", ["ResearchStudy"]),
        Definition(CODED, "Decimal",
                   "The criteria of this Group are coded where what was found is right at least with this probability (0 to 1).",
                   ["Group"]),
        Definition(WORDS, "String", "The exact words of the criterion, with those of the criteria below it.", ["Group.characteristic"]),
        Definition(COMBINATION, {"method": "Code", "threshold": "PositiveInt"},
                   "How the characteristics of this Group combine: all-of, any-of, at-least the threshold, except (something that is the "
                   "first, and none of the others).", ["Group"], needed={"method"}),
        Definition(WINDOW, {**TIME, **EVIDENCE},
                   "The time within which it holds: how long, on which side of what (before, after, around, lasting, since).",
                   ["Group.characteristic"], many=True, needed={"duration", "direction"}),
        Definition(FINDING, {**EVIDENCE, "status": "Code", "negated": "Boolean", "code": "CodeableConcept", "concept": ["CodeableConcept"],
                             "quantity": ["Quantity"], "range": ["Range"], **TIME},
                   "What was found in the words of the criterion, where, by which rule, and the share of its answers that are right. With "
                   "a code, or a duration, it says what was found in a criterion that is not wholly understood, and demands nothing.",
                   ["Group.characteristic"], many=True, needed=set(EVIDENCE)),
        Definition(OWN + "extension-PlanDefinition.action.linkId", "String", contexts=["PlanDefinition.action"]),
        Definition(OWN + "extension-RelatedArtifact.type", "Code", contexts=["RelatedArtifact.type"]),
        Definition(OWN + "extension-ResearchStudy.status", "Code", contexts=["ResearchStudy.status"]),
    ]
