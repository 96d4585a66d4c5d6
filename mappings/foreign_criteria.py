"""The criteria of a Group that somebody else wrote -> the text of criteria       https://hl7.org/fhir/R5/group.html

A Group of others may say its criteria in characteristics alone.  Each becomes a line of the text: its words where it has them, else
what is looked at and what is demanded.  `Said.carried` is what of the characteristic the line says; the rest is left behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from msgspec import Struct

from converter.place import matches
from converter.visit import Refused, Visit
from mappings.characteristics import COMBINATION
from mappings.criteria import WORDS, is_worded
from mappings.group import POPULATION, SEX, Ages

DESCRIPTION = "http://hl7.org/fhir/6.0/StructureDefinition/extension-Group.characteristic.description"
PLAIN = {"defined by codeableconcept", "eligibility criterion", "inclusion criterion", "exclusion criterion", "eligibility criteria",
         "eligibility criteria (unstructured)"}
"""What the code says of a criterion that is words: in HL7's EBM IG, in what its converters make of registries, and in ours."""
JOINED = {"all-of": "all of the following", "any-of": "any of the following", "at-least": "at least {} of the following",
          "except": "the first of the following, but none of the others"}
SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
SIGN = {*SIGNS.values(), "="}
DEEPEST = 8
"""How far Groups within Groups are followed."""


class Said(Struct, frozen=True):
    """A characteristic as lines of text, the first its own, and what of it they say."""

    lines: tuple[str, ...]
    carried: dict[str, Any]


def criteria(group: dict[str, Any], sex: str | None) -> tuple[str, list[dict[str, Any]]] | None:
    """The text that the characteristics give, and what of them it says; None when none of them is a criterion.

    What a trial says elsewhere is none: its ages, its population, and its `sex` where that is known.
    """
    elsewhere = [{"code": POPULATION}, *([{"code": {"coding": SEX["coding"]}}] if sex else [])]
    said: dict[bool, list[Said]] = {False: [], True: []}
    opened: set[int] = set()
    for entry in entries(group):
        if "modifierExtension" in entry or (not is_worded(entry) and (
                is_age(entry) or any(matches(sign, entry) for sign in elsewhere))):
            continue
        one = spelled(entry, group, 0, opened)
        if one.lines[0].strip("* "):
            said[entry.get("exclude") is True].append(one)
    how = joined(group)
    parts = ["\n".join((f"{heading}:", "", *listed([line for one in found for line in one.lines], how)))
             for heading, found in (("Inclusion Criteria", said[False]), ("Exclusion Criteria", said[True])) if found]
    return ("\n\n".join(parts), [one.carried for found in said.values() for one in found]) if parts else None


def is_age(entry: dict[str, Any]) -> bool:
    """Is it a bound of age, which the trial says elsewhere?"""
    try:
        return bool(Ages().gather([entry], Visit()))
    except Refused:
        return False


def listed(lines: list[str], how: str) -> list[str]:
    """The bullets; below one that says how they combine, where not all are demanded."""
    return lines if how == JOINED["all-of"] else [f"* {how}:", *(f"  {line}" for line in lines)]


def entries(group: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The characteristics that are objects with a code."""
    return (entry for entry in objects(group.get("characteristic")) if isinstance(entry.get("code"), dict))


def objects(tree: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list; nothing of what is none."""
    return (one for one in tree if isinstance(one, dict)) if isinstance(tree, list) else iter(())


def spelled(entry: dict[str, Any], group: dict[str, Any], depth: int, opened: set[int]) -> Said:
    """One characteristic as a bullet, those of a Group that it refers to as bullets below.

    A Group is spelled where it is first referred to: `opened` has those that were.  So Groups that refer to one another end.
    """
    name, demanded, carried = demand(entry)
    below: list[str] = []
    if name == "valueReference" and depth < DEEPEST and (inner := contained(group, entry[name])):
        demanded, carried = joined(inner), entry[name]
        if id(inner) not in opened:
            opened.add(id(inner))
            below = ["  " + line for one in entries(inner) for line in spelled(one, {**group, **inner}, depth + 1, opened).lines]
    looked, code = concept(entry["code"])
    if worded := own_words(entry):  # the codes beside them say the same once more
        words, extension = worded
        whole: dict[str, Any] = {"extension": [extension]}
    else:
        words = demanded if demanded and looked.lower() in PLAIN else f"{looked} {demanded}" if demanded[:1] in SIGN else (
            ": ".join(filter(None, (looked, demanded))))
        whole = {"code": code, **({name: carried} if name else {})}
    negation = "not: " if depth and entry.get("exclude") is True else ""
    exclude = {"exclude": entry["exclude"]} if isinstance(entry.get("exclude"), bool) else {}
    return Said((f"* {negation}{' '.join(words.split())}", *below), {**whole, **exclude})


def own_words(entry: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The words of a criterion that stand beside its codes, and the extension that has them."""
    for one in objects(entry.get("extension")):
        if one.get("url") in (WORDS, DESCRIPTION):
            words = one.get("valueString", one.get("valueMarkdown"))
            if isinstance(words, str):
                return words, one
    return None


def concept(tree: Any) -> tuple[str, dict[str, Any]]:
    """The words of a CodeableConcept, and what of it they say."""
    if not isinstance(tree, dict):
        return "", {}
    if isinstance(tree.get("text"), str):
        return tree["text"], {"text": tree["text"]}
    for one in objects(tree.get("coding")):
        if isinstance(said := one.get("display", one.get("code")), str):
            return said, {"coding": [{"display" if "display" in one else "code": said}]}
    return "", {}


def demand(entry: dict[str, Any]) -> tuple[str, str, Any]:
    """The member that holds the value, its words, and what of it they say."""
    name = next((name for name in entry if name.startswith("value")), "")
    tree = entry.get(name)
    match name:
        case "valueCodeableConcept":
            return (name, *concept(tree))
        case "valueBoolean" if isinstance(tree, bool):
            return name, "yes" if tree else "no", tree
        case "valueQuantity":
            return (name, *quantity(tree, "="))
        case "valueRange":
            return (name, *span(tree))
        case "valueReference":
            part = next((part for part in ("display", "reference") if isinstance(tree, dict) and isinstance(tree.get(part), str)), "")
            return (name, tree[part], {part: tree[part]}) if part and isinstance(tree, dict) else (name, "", {})
    return "", "", None


def quantity(tree: Any, alone: str) -> tuple[str, dict[str, Any]]:
    """A Quantity as "≥ 18 years"; `alone` is the sign of one without comparator, a comparator without a sign stands for itself."""
    if not isinstance(tree, dict) or isinstance(tree.get("value"), bool) or not isinstance(tree.get("value"), (int, Decimal)):
        return "", {}
    comparator = tree.get("comparator")
    sign = SIGNS.get(comparator, comparator) if isinstance(comparator, str) else alone
    unit = next((part for part in ("unit", "code") if isinstance(tree.get(part), str)), None)
    carried = {part: tree[part] for part in ("value", "comparator", *([unit] if unit else ())) if part in tree}
    return " ".join(filter(None, (sign, str(tree["value"]), tree[unit] if unit else ""))), carried


def span(tree: Any) -> tuple[str, dict[str, Any]]:
    """A Range as "≥ 18 years and ≤ 80 years"."""
    ends = {end: quantity(tree.get(end), sign) for end, sign in (("low", "≥"), ("high", "≤"))} if isinstance(tree, dict) else {}
    return " and ".join(words for words, _ in ends.values() if words), {end: carried for end, (_, carried) in ends.items() if carried}


def contained(group: dict[str, Any], reference: Any) -> dict[str, Any] | None:
    """The contained Group to which the reference leads."""
    address = reference.get("reference") if isinstance(reference, dict) else None
    return next((one for one in objects(group.get("contained"))
                 if one.get("resourceType") == "Group" and isinstance(one.get("id"), str) and f"#{one['id']}" == address), None)


def joined(group: dict[str, Any]) -> str:
    """How the characteristics of a Group combine, as the heading of a list."""
    how, threshold = group.get("combinationMethod", "all-of"), group.get("combinationThreshold")
    for one in objects(group.get("extension")):
        if one.get("url") == COMBINATION:
            for part in objects(one.get("extension")):
                if part.get("url") == "method":
                    how = part.get("valueCode", how)
                elif part.get("url") == "threshold":
                    threshold = part.get("valuePositiveInt", threshold)
    return JOINED.get(str(how), str(how)).replace("{}", str(threshold))
