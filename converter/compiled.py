"""Tables -> plain functions, once.  The interpreter of `converter.table` stays the meaning.

A function made here gives what the interpreter gives, or raises: it only notices that something is wrong, or doubtful,
or would be lost, and the caller then asks the interpreter what.  So the fast reader of a document accepts just what the
table would write (an unknown member, an entry out of its order, a null: all refused), and nothing of it is lost.

`Module` collects functions as source; every node of the notation says its own expressions.  A name in the source is
either a function made here or a value of the tables, by reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

from msgspec import Raw, Struct

from converter.json_text import encode
from converter.reading import read
from converter.table import Mapping
from converter.writing import write


class Bad(Exception):
    """The fast path met what it does not know; ask the interpreter."""


def bad(*_: Any) -> Any:
    raise Bad


def one(tree: Any) -> Any:
    """The entry of a list of one."""
    if tree.__class__ is not list or len(tree) != 1:
        raise Bad
    return tree[0]


def some(tree: Any) -> Any:
    """A list that holds something."""
    if tree.__class__ is not list or not tree:
        raise Bad
    return tree


def without(tree: dict[str, Any], members: tuple[str, ...]) -> dict[str, Any]:
    """The object without those members."""
    return {name: part for name, part in tree.items() if name not in members}


def ready(tree: Any) -> Raw:
    """The tree as JSON: where it is part of another, that is written as it stands."""
    return Raw(encode(tree))


class Deferred(Struct, frozen=True):
    """A function of the module, by name, until it is loaded."""

    name: str


class Module:
    """The functions being written, and the values that they refer to by name."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"Bad": Bad, "bad": bad, "one": one, "some": some, "without": without, "Decimal": Decimal, "NO": {}}
        self.lines: list[str] = []
        self.serial = count()
        self.made: dict[Any, str] = {}
        self.known: dict[int, str] = {}

    def fresh(self) -> str:
        """A name that nothing else has."""
        return f"x{next(self.serial)}"

    def once(self, e: str) -> tuple[str, str]:
        """How the source says an expression that is evaluated once: at first, and from then on."""
        if e.isidentifier():
            return e, e
        x = self.fresh()
        return f"({x} := {e})", x

    def name(self, value: Any, hint: str = "k") -> str:
        """How the source names `value`."""
        if value.__class__ in (str, bool, int):
            return repr(value)
        if id(value) not in self.known:
            self.known[id(value)] = name = f"{hint}{next(self.serial)}"
            self.names[name] = value
        return self.known[id(value)]

    def tree(self, value: Any) -> str:
        """How the source names what a writer always writes so: an object, or each entry of a list, is JSON already."""
        if value.__class__ not in (dict, list):
            return self.name(value)
        key = ("tree", encode(value))
        if key not in self.made:
            self.made[key] = self.name(ready(value) if value.__class__ is dict else [ready(entry) for entry in value])
        return self.made[key]

    def record(self, make: Any, fields: tuple[str, ...]) -> str:
        """The expression of a record of those fields, by place: msgspec looks for each name among all the names of a record."""
        return f"{self.name(make)}({', '.join(f'v_{name}' if name in fields else 'None' for name in make.__struct_fields__)})"

    def arguments(self, codec: Any) -> str:
        """What a function for `codec` is given besides the value: the linked parts, its number in the list."""
        return (", C" if codec.linked else "") + (", i" if codec.numbered else "")

    def function(self, hint: str, key: Any, parameters: str, body: Iterator[str]) -> str:
        """The name of the function with that body, written once for each key."""
        if key not in self.made:
            self.made[key] = name = f"{hint}{next(self.serial)}"
            lines = [f"def {name}({parameters}):", *(f" {line}" for line in body)]
            self.lines += lines
        return self.made[key]

    def deferred(self, function: str) -> Deferred:
        """A function of this module, for a value that is made before the module is loaded."""
        return Deferred(function)

    def writer(self, table: Mapping, sign: Any = None) -> str:
        return self.function(f"write_{table.make.__name__}_", ("w", id(table), repr(sign)), "r" + self.arguments(table),
                             write(self, table, sign or {}))

    def reader(self, table: Mapping, known: int = 0) -> str:
        return self.function(f"read_{table.make.__name__}_", ("r", id(table), known), "t" + self.arguments(table),
                             read(self, table, known))

    def load(self) -> dict[str, Any]:
        """The functions, by name."""
        exec(compile("\n".join(self.lines), "<tables>", "exec"), self.names)
        for value in self.names.values():
            if value.__class__ is dict:
                for key, part in value.items():
                    if part.__class__ is tuple and part and part[-1].__class__ is Deferred:
                        value[key] = (*part[:-1], self.names[part[-1].name])
        return self.names
