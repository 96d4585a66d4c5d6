"""Trial <-> PlanDefinition: arms and interventions as actions      https://hl7.org/fhir/R5/plandefinition.html

The interventions stand in contained ActivityDefinitions, and own themselves there; the actions say again which arm
gets which of them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from msgspec import Struct

from converter.codec import each, only
from converter.place import Entries, Home
from converter.rows import Numbered, also, constant, derived
from converter.table import mapping
from converter.trial import Arm, Intervention, Trial
from mappings import narrative, terms
from mappings.concepts import concept, concept_of
from mappings.datatypes import BASE, markdown, row, string
from mappings.extensions import CROSS, own, own_address
from mappings.identity import SID, computer_name, group_url, reference, source_of, study_id


def kind(intervention: Intervention) -> str | None:
    return terms.ACTIVITY_KIND.get(intervention.kind or "")


def product(intervention: Intervention) -> dict[str, str] | None:
    return {"text": intervention.name} if intervention.name and intervention.kind in terms.PRODUCT_KINDS else None


def code(intervention: Intervention) -> dict[str, str] | None:
    return {"text": intervention.name} if intervention.name and intervention.kind not in terms.PRODUCT_KINDS else None


ACTIVITY = mapping(Intervention,
    derived("id",                                               Numbered("int-")),
    row("other_names",          Entries(own("other-name", "String", "ActivityDefinition")), each(string)),
    row("arms",                 Entries(own("arm", "String", "ActivityDefinition")), each(string)),
    row("name",                 "title",                        string),
    constant("status",                                          "active"),
    row("description",          "description",                  markdown),
    row("kind",                 Entries(Home("topic")),         only(concept)),
    derived("kind",                                             kind, of="kind"),
    constant("intent",                                          "proposal"),
    derived("code",                                             code, of="name"),
    derived("productCodeableConcept",                           product, of="name"),
)


def label(intervention: Intervention) -> str:
    """How an arm names the intervention: "Drug: tacrolimus"."""
    return f"{intervention.kind}: {intervention.name}"


def link_id(name: str, dialect: str) -> dict[str, Any]:
    """The action's linkId, which R4 has in an extension."""
    if dialect == "r5":
        return {"id": name, "linkId": name}
    address = CROSS + "PlanDefinition.action.linkId"
    return {"id": name, "extension": [{"url": own_address(address) if dialect == "r4-own" else address, "valueString": name}]}


def step(name: str, title: str | None, number: int | None, dialect: str) -> dict[str, Any]:
    """The action of one intervention; `number` is that of its definition."""
    action = link_id(name, dialect)
    if title:
        action["title"] = title
    if number is not None:
        action["definitionCanonical"] = f"#int-{number}"
    return action


def arm_action(arm: Arm, n: int, numbers: dict[str, int], dialect: str) -> dict[str, Any]:
    """The action of an arm, with one inner action for each thing that it gets."""
    action = link_id(f"arm-{n}", dialect)
    if arm.name:
        action["title"] = arm.name
    if arm.description:
        action["description"] = arm.description
    if arm.kind:
        role = ARM_ROLES.get(arm.kind) or ARM_ROLE.tree(arm.kind)
        action["code"] = role if dialect == "r5" else [role]
    action["groupingBehavior"] = "logical-group"
    action["selectionBehavior"] = "all"
    if arm.interventions:
        action["action"] = [step(f"arm-{n}-int-{k}", name, numbers.get(name), dialect) for k, name in enumerate(arm.interventions, 1)]
    return action


ARM_ROLE = concept_of(terms.ARM, terms.ARM_SYSTEM)
ARM_ROLES = {kind: ARM_ROLE.tree(kind) for kind in terms.ARM}


class Actions(Struct, frozen=True):
    """The function from a trial to its actions: arms, then the interventions that no arm names."""

    dialect: str = "r5"

    def on(self, dialect: str) -> Actions:
        return Actions(dialect)

    def __call__(self, trial: Trial) -> list[dict[str, Any]] | None:
        numbers: dict[str, int] = {}
        for n, intervention in enumerate(trial.interventions or (), 1):
            numbers.setdefault(label(intervention), n)
        made = [arm_action(arm, n, numbers, self.dialect) for n, arm in enumerate(trial.arms or (), 1)]
        named = {numbers.get(name) for arm in trial.arms or () for name in arm.interventions or ()}
        made += [step(f"int-{n}-alone", intervention.name, n, self.dialect)
                 for n, intervention in enumerate(trial.interventions or (), 1) if n not in named]
        return made or None


def title(trial: Trial) -> str | None:
    return f"Protocol of {trial.title}" if trial.title else None


def name(trial: Trial) -> str:
    return computer_name(study_id(trial), "_Protocol")


def identifiers(trial: Trial) -> list[dict[str, str]]:
    return [{"system": SID + "protocol", "value": study_id(trial)}]


def address(trial: Trial) -> str:
    """The canonical url; the number in it as far as a url can hold it (invariant cnl-1 of R5)."""
    return f"{BASE}PlanDefinition/{quote(study_id(trial), safe='')}"


def subject(trial: Trial) -> dict[str, str]:
    return reference(group_url(trial), f"{study_id(trial)} eligibility")


PLAN_DEFINITION = mapping(Trial,
    constant("resourceType",                                    "PlanDefinition"),
    derived("meta.source",                                      source_of),
    derived("text",                                             narrative.protocol, checked=False),
    row("interventions",        Entries(Home("contained"), {"resourceType": "ActivityDefinition"}), each(ACTIVITY)),
    derived("url",                                              address),
    derived("identifier",                                       identifiers, of="id"),
    derived("name",                                             name, of="id"),
    derived("title",                                            title, of="title"),
    constant("type",            {"coding": [{"system": terms.THO + "plan-definition-type", "code": "clinical-protocol"}]}),
    constant("status",                                          "active"),
    derived("subjectReference",                                 subject),
    derived("action",                                           Actions(), of="arms"),
    also("title",               "title",                        string),
    also("description",         "description",                  markdown),
    partial=True,
)
