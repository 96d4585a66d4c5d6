"""Trial <-> our own record, as JSON or YAML      https://w3id.org/trialbridge/schema/trial.json

Nothing is lost here: a record that this format reads comes back as it was.  msgspec reads it at once.  It is more
lenient than the schema in a few things (a number in quotes, null, an empty object, an escaped name); a record in which
one of them may stand is compared with what was read, and the schema then says everything that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args, get_type_hints

from msgspec import MsgspecError
from msgspec.json import Decoder

from converter.formats import Reading, Writing
from converter.json_text import BOM, encode, parse
from converter.loss import same
from converter.problems import Problem, Problems, join, refuse, shown
from converter.trial import Part, Trial

NAME = "trial"
KINDS = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
         "array": "a list", "object": "an object"}
HALF = re.compile("[\ud800-\udfff]")
NOTHING = re.compile(rb"\{\s*\}")

_decode = Decoder(Trial).decode


class TrialRecord:
    """The format; with `yaml`, it is written as YAML.  Both are read."""

    name = NAME

    def __init__(self, yaml: bool = False):
        self.yaml = yaml

    def with_options(self, *, yaml: bool = False) -> TrialRecord:
        """The same format, writing YAML or JSON."""
        return TrialRecord(yaml)

    def read(self, document: bytes) -> Reading:
        """The trial in one record.  Raises Problems: everything that the schema finds wrong, each at its path."""
        if document.startswith(BOM):
            document = document[len(BOM):]
        if not looks_like_json(document):
            return self.read_yaml(document)
        try:
            trial = _decode(document)
        except (ValueError, RecursionError, ArithmeticError):
            tree = parse(document)
        else:
            if not doubtful(document):
                return Reading(trial)
            tree = parse(document)
            if not hollow(tree) and same(tree, parse(encode(trial))):
                return Reading(trial)
        raise Problems(complaints(tree))

    def read_yaml(self, document: bytes) -> Reading:
        """The same, of YAML."""
        from converter.formats.trial_yaml import parse as parse_yaml

        tree = parse_yaml(document)
        if found := complaints(tree, or_none=True):
            raise Problems(found)
        return Reading(_decode(encode(tree)))

    def write(self, trial: Trial) -> Writing:
        """The trial as one compact JSON object, or as YAML.  Raises Problems when JSON cannot say a value of it."""
        document = spelled(trial)
        if self.yaml:
            from converter.formats.trial_yaml import text

            document = text(parse(document))
        return Writing(document)


FORMAT = TrialRecord()


def looks_like_json(document: bytes) -> bool:
    """True unless the text can only be YAML; JSON is what a mistake is more likely to have been."""
    start = document[:64].lstrip()[:1]
    return start in (b"{", b"[", b'"', b"") or document[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in document[:4]


def claims(tree: Any) -> str | None:
    """The name of this format when every member of the object is a field of the Trial."""
    return NAME if isinstance(tree, dict) and tree and tree.keys() <= set(Trial.__struct_fields__) else None


def spelled(trial: Trial) -> bytes:
    """The trial as JSON.  Raises Problems when it holds what JSON cannot say."""
    try:
        document = encode(trial)
    except Exception as error:
        # Objects of any class (TypeError), a list within itself (RecursionError).
        raise Problems(list(unsayable(trial, "")) or [Problem("", (
            f"the Trial holds what JSON cannot say: {error}; expected texts, numbers, true or false, "
            "and parts of converter.trial"))]) from None
    if (b"NaN" in document or b"Infinity" in document) and (found := list(unsayable(trial, ""))):
        raise Problems(found)
    return document


def unsayable(value: Any, path: str) -> Iterator[Problem]:
    """Every half character, and every number that is none, of a trial."""
    if isinstance(value, Part):
        for name in value.__struct_fields__:
            yield from unsayable(getattr(value, name), join(path, name))
    elif isinstance(value, tuple):
        for index, entry in enumerate(value):
            yield from unsayable(entry, join(path, index))
    elif isinstance(value, str) and (half := HALF.search(value)):
        yield Problem(path, f"found half a character (the lone surrogate U+{ord(half[0]):04X}) in {shown(value)}; expected a text")
    elif isinstance(value, Decimal) and not value.is_finite():
        yield Problem(path, f"found {value}; expected a number")


def checked(trial: Trial) -> Trial:
    """The trial, when its values have the types that `converter.trial` declares.  Raises Problems, each at its path."""
    if not isinstance(trial, Trial):
        raise refuse(f"found {shown(trial)}; expected a Trial")
    again = FORMAT.read(spelled(trial)).trial
    if found := list(mistyped(trial, again, "")):
        raise Problems(found)
    return trial


def mistyped(value: Any, due: Any, path: str) -> Iterator[Problem]:
    """Every value of a trial that is of another type than the one that reading it again gives."""
    if type(value) is not type(due):
        kind = f"a {type(due).__name__}"
        yield Problem(path, f"found {shown(value)}, a {type(value).__name__}; expected {kind}")
    elif isinstance(value, Part):
        for name in value.__struct_fields__:
            yield from mistyped(getattr(value, name), getattr(due, name), join(path, name))
    elif isinstance(value, tuple):
        for index, (entry, due_entry) in enumerate(zip(value, due, strict=True)):
            yield from mistyped(entry, due_entry, join(path, index))


def doubtful(document: bytes) -> bool:
    """True of a record in which something may stand that msgspec lets through and the schema does not."""
    return (b"null" in document or b"\\u00" in document or NOTHING.search(document) is not None
            or any(name in document and quoted.search(document) for name, quoted in decimals()))


def hollow(tree: Any) -> bool:
    """True when there is an empty object somewhere in the tree, or an empty list."""
    if isinstance(tree, dict):
        return not tree or any(map(hollow, tree.values()))
    return isinstance(tree, list) and (not tree or any(map(hollow, tree)))


@cache
def decimals() -> tuple[tuple[bytes, re.Pattern[bytes]], ...]:
    """The names of the fields that hold a decimal number, each with the pattern of one that is written in quotes."""
    names = {name for part in Part.__subclasses__() for name, hint in get_type_hints(part).items()
             if Decimal in get_args(hint)}
    return tuple((f'"{name}"'.encode(), re.compile(rf'"{name}"\s*:\s*"'.encode())) for name in sorted(names))


def complaints(tree: Any, *, or_none: bool = False) -> list[Problem]:
    """Everything that the schema finds wrong with the tree."""
    found = [problem for error in validator().iter_errors(tree) for problem in sentences(error)]
    if not found and not or_none:
        try:
            _decode(encode(tree))
        except MsgspecError as error:
            return [Problem("", f"is not a record: {error}")]
        return [Problem("", "is spelled in a way that is not read; write it as `trialbridge schema` says")]
    return found


@cache
def validator() -> Any:
    """The validator of our schema."""
    from jsonschema import Draft202012Validator

    from converter.schema import FILE

    return Draft202012Validator(parse(FILE.read_bytes()))


def sentences(error: Any) -> Iterator[Problem]:
    """What an error of jsonschema says, in words and at its path."""
    path, value = "", error.instance
    for step in error.absolute_path:
        path = join(path, step)
    match error.validator:
        case "type":
            due = KINDS[error.validator_value]
            advice = ". Leave it out where nothing is known" if value is None else (
                ". Put it in quotes" if due == "text" and not isinstance(value, (dict, list)) else "")
            yield Problem(path, f"found {shown(value)}; expected {due}{advice}")
        case "minItems" | "minProperties" if path:
            yield Problem(path, f"found {shown(value)}; leave it out where there is nothing to say")
        case "minProperties":
            yield Problem(path, "found an empty object; expected a record with at least one field, such as \"title\"")
        case "additionalProperties":
            known = list(error.schema["properties"])
            for name in (name for name in value if name not in known):
                near = get_close_matches(name, known, 1)
                yield Problem(join(path, name), f"is no field of a {error.schema['title']}; " + (
                    f"did you mean {near[0]!r}?" if near else f"its fields are {', '.join(known[:6])}"
                    f"{' …; `trialbridge schema` has them all' if len(known) > 6 else ''}"))
        case _:
            yield Problem(path, error.message)
