"""A document as the objects of fhir.resources, for programs that work with those; and what they find wrong with it.

They check structure: elements, how often each is there, datatypes.  They do not check codes, invariants, references, narratives.
fhir.resources is imported when first used: that takes a second.       https://github.com/nazrulworld/fhir.resources
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from converter.json_text import parse
from converter.problems import Problem, Problems, join, refuse, shown

PACKAGES = {"r4": "R4B", "r4b": "R4B", "r5": "R5"}
"""Where each release's models are.  There are none of R4; R4B's differ in nothing that a trial's Bundle has."""
DEPTH = 128
"""How deep objects and lists may stand in each other: about there Python's own limit ends the models."""
RESOURCE = re.compile(r"\.(resource|contained\[\d+\])$")
NAMES = re.compile(r"'(\w+)'")
KINDS = {
    "bool_parsing": "true or false", "bool_type": "true or false", "decimal_parsing": "a number", "decimal_type": "a number",
    "dict_type": "an object", "int_from_float": "a whole number", "int_parsing": "a whole number", "int_type": "a whole number",
    "json_invalid": "an object", "json_type": "an object", "list_type": "a list", "model_attributes_type": "an object",
    "model_type": "an object", "string_type": "a text",
}
"""What pydantic asks for, by the kind of its error (https://docs.pydantic.dev/latest/errors/validation_errors)."""


def to_models(document: Any, release: str) -> Any:
    """The resource, a `fhir.resources` object of its type: a Bundle mostly.

    `document` is JSON, as bytes or str, or the tree that a parser made of it, which is not changed.

    `release` is "r4", "r4b" (both in the models of `fhir.resources.R4B`) or "r5".  A Decimal stays one with all its digits in
    the object, and 7.10 stays 7.10; but `model_dump_json()` of fhir.resources writes decimals as binary fractions: 7.1.  An
    instant becomes a datetime, and forgets how many digits its second had.  To write FHIR, write the tree, not the object.
    Raises Problems, all at once, with paths such as `Bundle.entry[0].resource.status`; nothing else.
    """
    text = document.encode("utf-8", "surrogatepass") if isinstance(document, str) else document
    tree = parse(text) if isinstance(text, bytes) else text
    model = model_of(tree, release)
    problems = list(unknown_resources(tree, release))
    if problems:
        raise Problems(problems)
    from pydantic import ValidationError

    try:
        return model.model_validate(tree)
    except ValidationError as error:
        problems = [problem(tree, fault) for fault in error.errors(include_url=False)]
    except Exception as error:
        raise refuse(f"the models of fhir.resources cannot hold it: {type(error).__name__}: {error}", str(tree["resourceType"])) from error
    raise Problems(dict.fromkeys(problems))


def model_problems(tree: Any, release: str) -> list[Problem]:
    """What the models of that release find wrong with the tree; nothing when they take it."""
    try:
        to_models(tree, release)
    except Problems as problems:
        return list(problems.problems)
    return []


def model_of(tree: Any, release: str) -> Any:
    """The class for the resource."""
    if release not in PACKAGES:
        raise refuse(f"expected a release, {', '.join(PACKAGES)}, found {shown(release)}")
    kind = tree.get("resourceType") if isinstance(tree, dict) else None
    if not isinstance(kind, str):
        raise refuse(f"expected a resource of FHIR, found {shown(tree)}")
    if (model := model_named(kind, release)) is None:
        raise refuse(f"expected the name of a resource of FHIR {release.upper()}, found {shown(kind)}", "resourceType")
    return model


def model_named(kind: str, release: str) -> Any:
    """The class of resources of that name, or None."""
    if PACKAGES[release] == "R4B":
        from fhir.resources.R4B import get_fhir_model_class
    else:
        from fhir.resources import get_fhir_model_class
    try:
        model = get_fhir_model_class(kind)
    except (KeyError, ValueError):
        return None
    return model if model.has_resource_base() else None


def unknown_resources(tree: dict[str, Any], release: str) -> Iterator[Problem]:
    """Resources of no such type, where the models stop with an error of their own, or take it for another; and too much depth."""
    rest: list[tuple[Any, str, int]] = [(tree, tree["resourceType"], 0)]
    while rest:
        part, path, depth = rest.pop()
        if depth > DEPTH:
            yield Problem(path, f"objects and lists stand in one another more than {DEPTH} deep; expected a resource of a trial")
            return
        if isinstance(part, dict):
            kind = part.get("resourceType")
            if kind is None and RESOURCE.search(path):
                yield Problem(path, "lacks resourceType, which must be there")
            elif kind is not None and (not isinstance(kind, str) or model_named(kind, release) is None):
                yield Problem(f"{path}.resourceType", f"expected the name of a resource of FHIR {release.upper()}, found {shown(kind)}")
        parts = part.items() if isinstance(part, dict) else enumerate(part)
        rest.extend((value, join(path, step), depth + 1) for step, value in parts if isinstance(value, (dict, list)))


def problem(tree: dict[str, Any], fault: Any) -> Problem:
    """An error of pydantic, with the path in the document and in the words of this library."""
    steps = list(fault["loc"])
    kind, found = fault["type"], fault.get("input")
    said = str(fault["msg"]).removeprefix("Value error, ")
    names = NAMES.findall(said)
    if kind == "extra_forbidden":
        message = "there is no such element"
    elif kind == "model_field_validation.missing" and steps:
        message = f"lacks {steps.pop()}, which must be there"
    elif "field value" in said and names and isinstance(found, dict):
        there = [name for name in names if name in found]
        message = f"has {' and '.join(there)}; one of them may be there" if there else f"lacks one of {', '.join(names)}"
    elif kind in KINDS:
        message = f"expected {KINDS[kind]}, found {shown(found)}"
    elif kind == "string_pattern_mismatch" or "spec regex" in said:
        message = "is a text with nothing in it" if found == "" else f"{shown(found)} has not the form of its datatype"
    elif kind.startswith("date"):
        message = f"{shown(found)} is no day of the calendar"
    else:
        message = f"{said[:1].lower()}{said[1:].rstrip('.')}; found {shown(found)}"
    path = str(tree["resourceType"])
    for step in steps:
        path = join(path, step)
    return Problem(path, message)
