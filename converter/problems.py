"""What can be wrong with a record, said so that a person can act on it: where, what was found, what was expected."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

Severity = Literal["error", "warning", "information"]


class Problem(Struct, frozen=True):
    """One thing that is wrong, at its path in the document ("" is the document itself).

    `section` is the page of the specification that says so; `field` is the field of the Trial from which the place was written.
    """

    path: str
    message: str
    severity: Severity = "error"
    section: str | UnsetType = UNSET
    field: str | UnsetType = UNSET

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Problems(ValueError):
    """Everything that is wrong with one document, each problem at its own path.  The only exception of this library."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[Problems], tuple[tuple[Problem, ...]]]:
        return Problems, (self.problems,)


def refuse(message: str, path: str = "") -> Problems:
    """The exception for a single error."""
    return Problems([Problem(path, message)])


def member(outer: str, name: str) -> str:
    """`outer` and the member of that name in an object, quoted where it is no plain word: a.b, a["b.c"]."""
    return join(outer, name) if PLAIN.fullmatch(name) else f"{outer}[{name!r}]"


PLAIN = re.compile(r"[\w$-]+")


def join(outer: str, step: str | int) -> str:
    """`outer` and one step more (or several, as a path): a.b, a[0]."""
    if isinstance(step, int):
        return f"{outer}[{step}]"
    return f"{outer}.{step}" if outer else step


def shown(value: object, limit: int = 60) -> str:
    """The value as a message shows it: its JSON kind in words, or its beginning."""
    if isinstance(value, dict):
        return f"an object with {', '.join(map(repr, list(value)[:4]))}{' …' if len(value) > 4 else ''}" if value else "an empty object"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}" if value else "an empty list"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
