"""The rules of the other resources: names, plans, groups, lists, people and places.  https://hl7.org/fhir/R5/resourcelist.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mappings.invariants.presence import Around, chosen, count, each, exists, has_value, number, part
from mappings.primitives import absolute

NAME = re.compile(r"[A-Z][A-Za-z0-9_]{0,254}").fullmatch
NAME_R5 = re.compile(r"[A-Z][A-Za-z0-9_]{1,254}").fullmatch
NO_FRAGMENT = re.compile(r"[^|# ]+").fullmatch
DEFINED = ("Reference", "Canonical", "CodeableConcept", "Id", "ByTypeAndValue", "ByCombination")


def cnl_0(tree: Any, around: Around) -> bool:
    """Name should be usable as an identifier for the module by machine processing applications such as code generation.

    The whole name; matches() of R4's and R4B's expressions is content with a part of it.
    """
    name = part(tree, "name")
    return not has_value(name) or NAME(str(name)) is not None


def cnl_0_r5(tree: Any, around: Around) -> bool:
    """The same, of at least two characters."""
    name = part(tree, "name")
    return not has_value(name) or NAME_R5(str(name)) is not None


adf_0 = evi_0 = evv_0 = lib_0 = pdf_0 = que_0 = cnl_0
"""What R4 calls it, type by type."""


def cnl_1(tree: Any, around: Around) -> bool:
    """URL should not contain |, # or blanks: those make processing a canonical hard."""
    return not has_value(tree) or NO_FRAGMENT(str(tree)) is not None


def canonical_url(tree: Any, around: Around) -> bool:
    """The URL of a definition is an absolute address."""
    return not has_value(tree) or absolute(str(tree)) is not None


def position(tree: Any, around: Around) -> bool:
    """Latitude is from -90 to 90 and longitude from -180 to 180 degrees (WGS 84)."""
    places = ((part(tree, "latitude"), 90), (part(tree, "longitude"), 180))
    return all(not number(place) or -most <= place <= most for place, most in places)


def pld_0(tree: Any, around: Around) -> bool:
    """Input data elements must have a requirement or a relatedData, but not both."""
    return not isinstance(tree, dict) or exists(tree, "requirement") != exists(tree, "relatedData")


pld_1 = pld_0
"""The same of output."""


def pld_3(tree: Any, around: Around) -> bool:
    """A goalId should be the id of a goal."""
    return next(goals_of_nobody(tree), None) is None


def goals_of_nobody(tree: Any) -> Iterator[str]:
    """Where an action names a goal that is not there: action[0].goalId[1]."""
    goals = ids(each(tree, "goal"))
    for path, action in actions(tree):
        said = action.get("goalId")
        for n, one in enumerate(said if isinstance(said, list) else ()):
            if isinstance(one, str) and one not in goals:
                yield f"{path}.goalId[{n}]"


def pld_4(tree: Any, around: Around) -> bool:
    """A relatedAction should lead to the id of an action: targetId in R5, actionId in R4 and R4B."""
    return next(actions_of_nobody(tree), None) is None


def actions_of_nobody(tree: Any) -> Iterator[str]:
    """Where an action names another one that is not there: action[0].relatedAction[1].targetId."""
    every = list(actions(tree))
    known = ids([action for _, action in every])
    for path, action in every:
        said = action.get("relatedAction")
        for n, one in enumerate(said if isinstance(said, list) else ()):
            for name in ("targetId", "actionId"):
                if isinstance(target := part(one, name), str) and target not in known:
                    yield f"{path}.relatedAction[{n}].{name}"


def evv_1(tree: Any, around: Around) -> bool:
    """In a characteristic, at most one of the six kinds of definition shall be used."""
    return sum(count(tree, f"definition{kind}") for kind in DEFINED) < 2


def grp_1(tree: Any, around: Around) -> bool:
    """Can only have members if group is "actual"."""
    return not exists(tree, "member") or tree.get("actual") is True


def inv_1(tree: Any, around: Around) -> bool:
    """A parameter must have one and only one of (value, resource, part)."""
    return not isinstance(tree, dict) or exists(tree, "part") + exists(tree, "resource") + chosen(tree, "value") == 1


def lst_1(tree: Any, around: Around) -> bool:
    """A list can only have an emptyReason if it is empty."""
    return not (exists(tree, "emptyReason") and exists(tree, "entry"))


def lst_2(tree: Any, around: Around) -> bool:
    """The deleted flag can only be used if the mode of the list is "changes"."""
    return part(tree, "mode") == "changes" or not any(exists(entry, "deleted") for entry in each(tree, "entry"))


def lst_3(tree: Any, around: Around) -> bool:
    """An entry date can only be used if the mode of the list is "working"."""
    return part(tree, "mode") == "working" or not any(exists(entry, "date") for entry in each(tree, "entry"))


def org_1(tree: Any, around: Around) -> bool:
    """The organization SHALL at least have a name or an identifier, and possibly more than one."""
    return not isinstance(tree, dict) or exists(tree, "name") or exists(tree, "identifier")


def org_2(tree: Any, around: Around) -> bool:
    """An address of an organization can never be of use "home" (R4, R4B: the address)."""
    return bool(part(tree, "use") != "home")


org_3 = org_2
"""The same of telecom (R4, R4B)."""


def org_3_r5(tree: Any, around: Around) -> bool:
    """The telecom of an organization can never be of use "home" (R5: the contact)."""
    return not any(one.get("use") == "home" for one in each(tree, "telecom"))


def org_4(tree: Any, around: Around) -> bool:
    """The address of an organization can never be of use "home" (R5: the contact)."""
    return bool(part(part(tree, "address"), "use") != "home")


def pat_1(tree: Any, around: Around) -> bool:
    """SHALL at least contain a contact's details or a reference to an organization."""
    return not isinstance(tree, dict) or any(exists(tree, name) for name in ("name", "telecom", "address", "organization"))


def dev_1(tree: Any, around: Around) -> bool:
    """Only one Device.name.display SHALL be true when there is more than one Device.name."""
    return sum(name.get("display") is True for name in each(tree, "name")) < 2


def actions(plan: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The actions of a plan, and those in them, each with its path."""
    left = [("", plan)]
    for outer, holder in left:
        found = part(holder, "action")
        for n, action in enumerate(found if isinstance(found, list) else ()):
            if isinstance(action, dict):
                path = f"{outer}.action[{n}]" if outer else f"action[{n}]"
                yield path, action
                left.append((path, action))


def ids(parts: list[dict[str, Any]]) -> set[str]:
    """The ids of the parts that have one."""
    return {one["id"] for one in parts if isinstance(one.get("id"), str)}
