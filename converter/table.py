"""The notation: mappings.  A mapping is a record and its table of rows; the same table writes and reads.

`converter.codec` has the codecs, `converter.place` the places, `converter.rows` the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Any

from msgspec.structs import replace

from converter.codec import Codec, each, expect
from converter.loss import NOT_CARRIED
from converter.place import At, Members
from converter.problems import join
from converter.rows import Also, Derived, Implied, Numbered, Part, PassedOver, Row
from converter.visit import MISSING, Kept, Refused, Visit


def below(path: str, *rows: Any) -> tuple[Any, ...]:
    """The rows, each at its place below `path`."""
    return tuple(replace(r, place=At(f"{path}.{r.place}")) for r in rows)


class Mapping(Codec, frozen=True, eq=False, dict=True):
    """A record and its rows.  With `aside`, the object keeps linked parts of the record in that list of its own."""

    make: type
    rows: tuple[Any, ...]
    aside: str = ""
    fhir: str = ""
    partial: bool = False

    @property
    def linked(self) -> bool:  # type: ignore[override]
        return not self.aside and any(r.codec.linked for r in self.rows if isinstance(r, (Row, Part)))

    @property
    def numbered(self) -> bool:  # type: ignore[override]
        return not self.aside and any(isinstance(r.make, Numbered) if isinstance(r, Derived) else r.codec.numbered
                                      for r in self.rows if isinstance(r, (Row, Part, Derived)))

    @property
    def lacks(self) -> list[str]:
        """The fields of the record that this format has no place for."""
        return [] if self.partial else [name for name in self.make.__struct_fields__ if name not in self.fields]  # type: ignore[attr-defined]

    @property
    def implies(self) -> list[tuple[str, Any]]:
        """The fields that the format does not say, with the value that reading gives them."""
        return [(r.field, r.value) for r in self.rows if isinstance(r, Implied)]

    def on(self, dialect: str) -> Mapping:
        return on(self, dialect)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        return tuple(name for r in self.rows for name in r.fields)

    def write(self, value: Any, visit: Visit) -> dict[str, Any]:
        if not isinstance(value, self.make):
            raise Refused(f"expected a {self.make.__name__}, found {value!r:.60}")
        tree: dict[str, Any] = {}
        if self.aside:
            visit = visit.under([])
        for r in self.rows:
            r.write(value, tree, visit)
        for name in self.lacks:
            if getattr(value, name) is not None:
                visit.lose(name, getattr(value, name))
        for name, said in self.implies:
            if getattr(value, name) not in (None, said):
                visit.lose(name, getattr(value, name))
        if self.aside and visit.aside:
            tree[self.aside] = visit.aside
        return in_order(tree, self.order)

    @cached_property
    def order(self) -> dict[str, Any]:
        """The members in the order in which the rows name them, each with the order of its own members."""
        order: dict[str, Any] = {}
        for r in self.rows:
            if not isinstance(r, (PassedOver, Implied, Also)):
                inner = order
                for step in r.place.path.split(".") if isinstance(r.place, Members) else r.place.steps:
                    inner = inner.setdefault(step, {})
                if isinstance(r.place, Members):
                    inner.update({name: {} for name in r.place.names})
        return order

    def gather(self, tree: Any, visit: Visit) -> dict[str, Any]:
        """The fields that `tree` gives."""
        expect(dict, tree)
        if self.aside:
            visit = visit.under(Kept(expect(list, tree.get(self.aside, []))))
        found: dict[str, Any] = {}
        for r in self.rows:
            for name, value in r.read(tree, visit):
                found.setdefault(name, value)
        return found

    def read(self, tree: Any, visit: Visit) -> Any:
        found = self.gather(tree, visit)
        if found:
            found |= {r.field: r.value for r in self.rows if isinstance(r, Implied)}
        return self.make(**found) if found else MISSING

    def outward(self, m: Any, e: str) -> str:
        return f"{m.writer(self)}({e}{m.arguments(self)})"

    def inward(self, m: Any, e: str) -> str:
        return f"{m.reader(self)}({e}{m.arguments(self)})"

    def why(self, path: str) -> str:
        """Why what stands at this path is not carried."""
        plain = re.sub(r"\[\d+\]", "[]", path)
        return next((why for where, why in self.passes() if plain == where), NOT_CARRIED)

    def passes(self, outer: str = "") -> Iterator[tuple[str, str]]:
        """Every subtree that is passed over, below `outer`, with the reason."""
        for r in self.rows:
            if isinstance(r, PassedOver):
                yield join(outer, str(r.place)), r.why
            elif isinstance(r, Row) and isinstance(r.codec, each) and isinstance(r.codec.inner, Mapping):
                yield from r.codec.inner.passes(join(outer, str(r.place)) + "[]")

    def locate(self, path: str) -> str:
        """Where in the document the Trial's `path` stands ("sites[0].city"); the path itself when no row has it."""
        name, rest = re.fullmatch(r"(\w*)(.*)", path).groups()  # type: ignore[union-attr]
        for r in self.rows:
            if isinstance(r, Row) and r.field == name:
                index, inner = re.fullmatch(r"((?:\[\d+\])?)\.?(.*)", rest).groups()  # type: ignore[union-attr]
                table = r.codec.inner if isinstance(r.codec, each) else r.codec
                below = table.locate(inner) if inner and isinstance(table, Mapping) else ""
                return join(f"{r.place}{index}", below) if below else f"{r.place}{index}"
        return path


def in_order(tree: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    """The object with its members in that order, "_name" after "name"; others follow."""
    names = list(dict.fromkeys(name for known in order for name in (known, f"_{known}") if name in tree))
    names += [name for name in tree if name not in names]
    return {name: in_order(tree[name], order[name]) if order.get(name) and isinstance(tree[name], dict) else tree[name] for name in names}


@cache
def on(table: Mapping, dialect: str) -> Mapping:
    """The table as the dialect has it; the same object each time, so that it is compiled once."""
    return replace(table, rows=tuple(r for r in (r.on(dialect) for r in table.rows) if r))


def mapping(make: type, *rows: Any, aside: str = "", fhir: str = "", partial: bool = False) -> Mapping:
    """A mapping; `partial` when other tables have the rest of the record.

    Raises TypeError when a row names a field that the record lacks, or two rows name the same one.
    """
    made = Mapping(make, rows, aside, fhir, partial)
    if unknown := set(made.fields) - set(make.__struct_fields__):  # type: ignore[attr-defined]
        raise TypeError(f"{make.__name__} has no field {', '.join(sorted(unknown))}")
    if twice := {name for name in made.fields if made.fields.count(name) > 1}:
        raise TypeError(f"two rows for {', '.join(sorted(twice))} of {make.__name__}")
    return made
