"""The notation: places.  Where a value is kept in a document; a place knows no values.

    At("a.b")                        a dotted path
    Element("a.b")                   the same in FHIR JSON, where "_b" may stand beside "b"
    Members("a", names)              some members of an object that has others too
    Entries(home, sign)              those entries of a list that carry the sign
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from converter.codec import Picked, expect, get_member, put_member
from converter.visit import MISSING

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT"})()
"""In a sign: this member must not be there."""


def matches(sign: Any, tree: Any) -> bool:
    """Does `tree` say at least what `sign` says?  Each entry of a list in the sign must match one in the tree."""
    if isinstance(sign, dict):
        return isinstance(tree, dict) and all(
            name not in tree if part is ABSENT else name in tree and matches(part, tree[name]) for name, part in sign.items())
    if isinstance(sign, list):
        return isinstance(tree, list) and all(any(matches(part, entry) for entry in tree) for part in sign)
    return sign.__class__ is tree.__class__ and bool(sign == tree)


class At(Struct, frozen=True):
    """A dotted path."""

    path: str

    def on(self, dialect: str) -> At:
        return self

    @property
    def steps(self) -> list[str]:
        return self.path.split(".")

    @property
    def nodes(self) -> list[tuple[str, ...]]:
        """The objects on the way, outermost first, each as its steps."""
        return [tuple(self.steps[:n]) for n in range(1, len(self.steps))]

    def get(self, tree: dict[str, Any]) -> Any:
        *steps, last = self.steps
        for n, step in enumerate(steps, 1):
            if step not in tree:
                return MISSING
            tree = expect(dict, tree[step], ".".join(steps[:n]))
        return self.member(tree, last)

    def member(self, tree: dict[str, Any], last: str) -> Any:
        return tree.get(last, MISSING)

    def put(self, tree: dict[str, Any], value: Any) -> None:
        *steps, last = self.steps
        for step in steps:
            tree = tree.setdefault(step, {})
        put_member(tree, last, value)

    def __str__(self) -> str:
        return self.path


class Element(At, frozen=True):
    """A dotted path in FHIR JSON, where "_name" stands beside "name"."""

    def member(self, tree: dict[str, Any], last: str) -> Any:
        return get_member(tree, last)


class Members(Struct, frozen=True):
    """Some members of an object that has others too, together."""

    path: str
    names: tuple[str, ...]

    def on(self, dialect: str) -> Members:
        return self

    @property
    def steps(self) -> list[str]:
        return [*self.path.split("."), "*"]

    @property
    def nodes(self) -> list[tuple[str, ...]]:
        return [tuple(self.steps[:n]) for n in range(1, len(self.steps))]

    def get(self, tree: dict[str, Any]) -> Any:
        outer = At(self.path).get(tree)
        if outer is MISSING:
            return MISSING
        expect(dict, outer, self.path)
        return {name: outer[name] for name in self.names if name in outer} or MISSING

    def put(self, tree: dict[str, Any], value: dict[str, Any]) -> None:
        for step in self.path.split("."):
            tree = tree.setdefault(step, {})
        tree.update(value)

    def __str__(self) -> str:
        return self.path


class Home(Struct, frozen=True):
    """A list of entries, where it stands in the document."""

    path: str

    def on(self, dialect: str) -> Home:
        return self

    def entries(self, tree: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        yield from enumerate(expect(list, tree.get(self.path, []), self.path))

    def add(self, tree: dict[str, Any], entries: list[Any]) -> None:
        tree.setdefault(self.path, []).extend(entries)

    # The same as expressions: an entry outward, many outward, an entry inward, and what must hold before that

    def outward(self, m: Any, e: str) -> str:
        return e

    def outward_all(self, m: Any, e: str) -> str:
        return e

    def inward(self, m: Any, e: str) -> str:
        return e

    def tests(self, m: Any, e: str) -> list[str]:
        return []

    def __str__(self) -> str:
        return self.path


def in_dialect(said: Any, dialect: str) -> Any:
    """What a sign says, as the dialect has it."""
    if isinstance(said, list):
        return [in_dialect(entry, dialect) for entry in said]
    return said.on(dialect) if hasattr(said, "on") else said


class Entries(Struct, frozen=True):
    """Those entries of a list that carry the sign; a sign is what tells them apart from the others.

    A sign is an object, or something that is one `on` each dialect.
    """

    home: Home
    sign: Any = {}
    mark: tuple[str | int, ...] = ()
    """Where the sign is a part of what a row of the entry says: the way to it.  Then the entry carries it by itself."""
    loose: Any = None
    """What of the sign is enough in what others write."""
    but: Any = None
    """A sign that an entry must not carry."""

    def on(self, dialect: str) -> Entries:
        sign = self.sign.on(dialect) if hasattr(self.sign, "on") else self.sign
        said = {name: in_dialect(part, dialect) for name, part in sign.items()}
        return Entries(self.home.on(dialect), said, self.mark, self.loose, self.but)

    @property
    def steps(self) -> list[str]:
        return [self.home.path]

    @property
    def nodes(self) -> list[tuple[str, ...]]:
        return [(self.home.path,)]

    @property
    def said(self) -> dict[str, Any]:
        """What the sign puts into an entry."""
        return {} if self.mark else {name: part for name, part in self.sign.items() if part is not ABSENT}

    def get(self, tree: dict[str, Any]) -> Any:
        found = [(i, entry) for i, entry in self.home.entries(tree) if self.carries(entry)]
        return Picked(found) if found else MISSING

    def carries(self, entry: Any) -> bool:
        """Does the entry carry the sign, or enough of it?"""
        if self.but is not None and matches(self.but, entry):
            return False
        return not self.sign or matches(self.sign, entry) or (self.loose is not None and matches(self.loose, entry))

    def put(self, tree: dict[str, Any], value: list[Any]) -> None:
        self.home.add(tree, [{**self.said, **entry} if self.said else entry for entry in value if entry is not MISSING])

    def __str__(self) -> str:
        return str(self.home)
