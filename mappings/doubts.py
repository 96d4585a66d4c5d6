"""What a document of others says that may change the meaning of what is read from it."""

from __future__ import annotations

from typing import Any

from converter.problems import shown
from converter.visit import Visit


def doubt(tree: Any, visit: Visit) -> None:
    """Warns of everything that may change the meaning of what it stands on, and is not understood here.

    https://hl7.org/fhir/R5/extensibility.html#modifierExtension, …/resource-definitions.html#Resource.implicitRules
    """
    if isinstance(tree, dict):
        for name in ("modifierExtension", "implicitRules"):
            if name in tree:
                visit.at(name).warn("may change the meaning of all that it stands on, and is not understood; the rest is read without it")
        for name, part in tree.items():
            if isinstance(part, (dict, list)) and name != "modifierExtension":
                doubt(part, visit.at(name))
    elif isinstance(tree, list):
        for index, part in enumerate(tree):
            doubt(part, visit.at(index))


def doubt_group(resource: dict[str, Any], visit: Visit) -> None:
    """Warns where a Group says something else than who is eligible."""
    if resource.get("type", "person") != "person":
        visit.at("type").warn(f"expected a Group of persons, found one of {shown(resource['type'])}; it is read all the same")
    if resource.get("combinationMethod", "all-of") != "all-of":
        visit.at("combinationMethod").warn(
            f"found {shown(resource['combinationMethod'])}; expected that all characteristics are demanded, and they are read so")
    if resource.get("actual") is True or resource.get("membership") == "enumerated":
        visit.at("actual" if "actual" in resource else "membership").warn(
            "this Group is a list of members, not a definition of who is eligible; it is read all the same")
