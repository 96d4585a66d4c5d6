"""The rules of a Questionnaire and its items.  https://hl7.org/fhir/R5/questionnaire.html#invs"""

from __future__ import annotations

from typing import Any

from mappings.invariants.presence import Around, below, count, exists, part

WITH_OPTIONS = ("choice", "open-choice", "coding", "decimal", "integer", "date", "dateTime", "time", "string", "quantity")
"""Items that may have options; what R4 calls choice and open-choice, R5 calls coding, and no release has both."""
WITH_LENGTH = ("boolean", "decimal", "integer", "string", "text", "url", "open-choice")


def que_1(tree: Any, around: Around) -> bool:
    """Group items must have nested items, display items cannot have nested items (R4)."""
    return (part(tree, "type") != "group" or exists(tree, "item")) and que_1c(tree, around)


def que_1a(tree: Any, around: Around) -> bool:
    """Group items must have nested items when the Questionnaire is complete."""
    return part(tree, "type") != "group" or around.resource.get("status") != "complete" or exists(tree, "item")


def que_1c(tree: Any, around: Around) -> bool:
    """Display items cannot have child items."""
    return part(tree, "type") != "display" or not exists(tree, "item")


def que_2(tree: Any, around: Around) -> bool:
    """The link ids for groups and questions must be unique within the questionnaire."""
    ids = [value for name, value in below(tree) if name == "linkId" and isinstance(value, str)]
    return len(set(ids)) == len(ids)


def que_3(tree: Any, around: Around) -> bool:
    """Display items cannot have a "code" asserted."""
    return part(tree, "type") != "display" or not exists(tree, "code")


def que_4(tree: Any, around: Around) -> bool:
    """A question cannot have both answerOption and answerValueSet."""
    return not exists(tree, "answerOption") or not exists(tree, "answerValueSet")


def que_5(tree: Any, around: Around) -> bool:
    """Only coding, decimal, integer, date, dateTime, time, string or quantity items can have answerOption or answerValueSet."""
    return part(tree, "type") in WITH_OPTIONS or not (exists(tree, "answerOption") or exists(tree, "answerValueSet"))


def que_6(tree: Any, around: Around) -> bool:
    """Required and repeat aren't permitted for display items."""
    return part(tree, "type") != "display" or not (exists(tree, "required") or exists(tree, "repeats"))


def que_7(tree: Any, around: Around) -> bool:
    """If the operator is "exists", the value must be a boolean."""
    return part(tree, "operator") != "exists" or exists(tree, "answerBoolean")


def que_8(tree: Any, around: Around) -> bool:
    """Initial values can't be specified for groups or display items."""
    return part(tree, "type") not in ("group", "display") or not exists(tree, "initial")


def que_9(tree: Any, around: Around) -> bool:
    """Read-only can't be specified for "display" items."""
    return part(tree, "type") != "display" or not exists(tree, "readOnly")


def que_10(tree: Any, around: Around) -> bool:
    """Maximum length can only be declared for simple question types."""
    return part(tree, "type") in WITH_LENGTH or part(tree, "answerConstraint") == "optionOrString" or not exists(tree, "maxLength")


def que_11(tree: Any, around: Around) -> bool:
    """If one or more answerOption is present, initial cannot be present."""
    return not exists(tree, "answerOption") or not exists(tree, "initial")


def que_12(tree: Any, around: Around) -> bool:
    """If there are more than one enableWhen, enableBehavior must be specified.

    As the sentence says, and the expressions of R4B and R5; R4's begins with three.
    """
    return count(tree, "enableWhen") < 2 or exists(tree, "enableBehavior")


def que_13(tree: Any, around: Around) -> bool:
    """Can only have multiple initial values for repeating items."""
    return part(tree, "repeats") is True or count(tree, "initial") < 2
