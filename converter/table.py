"""The notation, second half: names.  A mapping is a table of rows; a row names a field, its place, and its codec.

    At("a.b")                        a dotted path
    Entries("list", sign)            those entries of a list that carry the sign
    row(field, place, codec, r4=…)   one field; `r4=` is what FHIR R4 and R4B do instead
    part(place, mapping)             more fields of the same record, in an object of their own
    constant(place, value)           what the format demands: written, ignored when read
    derived(place, codec, function)  said again for the reader's comfort: written, ignored when read
    passed_over(path, why)           a subtree that is not carried, by name

    also(field, place, codec)        a further place that is only read, used where the ones before it hold nothing
    in_r5(row), in_r4(row)           a row that only R5, or only R4 and R4B, has
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from converter.codec import MISSING, Codec, Picked, Refused, Visit, each, expect, get_member, put_member
from converter.loss import NOT_CARRIED
from converter.problems import join
from converter.trial import is_empty

UNCHANGED: Any = object()
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


@dataclass(frozen=True)
class At:
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
        for step in steps:
            if step not in tree:
                return MISSING
            tree = expect(dict, tree[step])
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


class Element(At):
    """A dotted path in FHIR JSON, where "_name" stands beside "name"."""

    def member(self, tree: dict[str, Any], last: str) -> Any:
        return get_member(tree, last)


@dataclass(frozen=True)
class Members:
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
        return MISSING if outer is MISSING else {name: outer[name] for name in self.names if name in expect(dict, outer)} or MISSING

    def put(self, tree: dict[str, Any], value: dict[str, Any]) -> None:
        for step in self.path.split("."):
            tree = tree.setdefault(step, {})
        tree.update(value)

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True)
class Home:
    """A list of entries, where it stands in the document."""

    path: str

    def on(self, dialect: str) -> Home:
        return self

    def entries(self, tree: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        yield from enumerate(expect(list, tree.get(self.path, [])))

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


@dataclass(frozen=True)
class Entries:
    """Those entries of a list that carry the sign; a sign is what tells them apart from the others.

    A sign is an object, or something that is one `on` each dialect.
    """

    home: Home
    sign: Any = field(default_factory=dict)
    mark: tuple[str | int, ...] = ()
    """Where the sign is a part of what a row of the entry says: the way to it.  Then the entry carries it by itself."""

    def on(self, dialect: str) -> Entries:
        sign = self.sign.on(dialect) if hasattr(self.sign, "on") else self.sign
        return Entries(self.home.on(dialect), {name: in_dialect(said, dialect) for name, said in sign.items()}, self.mark)

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
        found = [(i, entry) for i, entry in self.home.entries(tree) if not self.sign or matches(self.sign, entry)]
        return Picked(found) if found else MISSING

    def put(self, tree: dict[str, Any], value: list[Any]) -> None:
        self.home.add(tree, [{**self.said, **entry} if self.said else entry for entry in value if entry is not MISSING])

    def __str__(self) -> str:
        return str(self.home)


@dataclass(frozen=True)
class Row:
    """One field of the record: where it stands and how it is spelled.

    `needed` is what to write when the field is absent and the format demands the member all the same.
    """

    field: str
    place: Any
    codec: Any
    older: Any = UNCHANGED
    needed: Any = None

    def on(self, dialect: str) -> Row | None:
        place, codec = self.place, self.codec
        if dialect != "r5" and self.older is not UNCHANGED:
            if self.older is None:
                return None
            place, codec = self.older if isinstance(self.older, tuple) else (self.older, codec)
        return Row(self.field, place.on(dialect), codec.on(dialect), needed=self.needed)

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field,)

    def write(self, record: Any, tree: dict[str, Any], visit: Visit) -> None:
        value = getattr(record, self.field)
        if value is not None:
            visit.attempt(self.field, self.put, tree, value)
        elif self.needed is not None:
            self.place.put(tree, self.needed)

    def put(self, tree: dict[str, Any], value: Any, visit: Visit) -> None:
        if is_empty(value):
            raise Refused("is empty; leave it out (None)")
        made = self.codec.write(value, visit)
        if made not in ({}, []):
            self.place.put(tree, made)

    def read(self, tree: dict[str, Any], visit: Visit) -> Iterator[tuple[str, Any]]:
        part = visit.attempt("", lambda visit: self.place.get(tree))
        if part is not MISSING and part not in ({}, []) and (self.needed is None or part != self.needed):
            value = visit.attempt(str(self.place), self.codec.read, part)
            if value is not MISSING:
                yield self.field, value


@dataclass(frozen=True)
class Told(Row):
    """A field that is written with the help of others: `make` of the record; and read by the codec."""

    make: Any = None

    def on(self, dialect: str) -> Told:
        return replace(self, place=self.place.on(dialect), codec=self.codec.on(dialect))

    def write(self, record: Any, tree: dict[str, Any], visit: Visit) -> None:
        value = self.make(record)
        if value is not None:
            self.place.put(tree, value)


class Also(Row):
    """A place of a field that is only read, where the places before it hold nothing."""

    @property
    def fields(self) -> tuple[str, ...]:
        return ()

    def on(self, dialect: str) -> Also:
        return Also(self.field, self.place.on(dialect), self.codec.on(dialect))

    def write(self, record: Any, tree: dict[str, Any], visit: Visit) -> None:
        pass


@dataclass(frozen=True)
class In:
    """A row of some dialects only."""

    dialects: tuple[str, ...]
    row: Any

    def on(self, dialect: str) -> Any:
        return self.row.on(dialect) if dialect in self.dialects else None

    @property
    def fields(self) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class Part:
    """More fields of the same record, in an object of their own; left out when none of them is there.

    With `many` the codec writes and reads all the entries of a list.
    """

    place: Any
    codec: Any
    many: bool = False

    def on(self, dialect: str) -> Part:
        return Part(self.place.on(dialect), self.codec.on(dialect), self.many)

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.codec.fields)

    def write(self, record: Any, tree: dict[str, Any], visit: Visit) -> None:
        if any(getattr(record, name) is not None for name in self.fields):
            made = visit.attempt("", self.codec.write, record)
            if made is not MISSING:
                self.place.put(tree, [made] if isinstance(self.place, Entries) and not self.many else made)

    def read(self, tree: dict[str, Any], visit: Visit) -> Iterator[tuple[str, Any]]:
        part = visit.attempt("", lambda visit: self.place.get(tree))
        if part is not MISSING and part not in ({}, []):
            one = part[0] if isinstance(self.place, Entries) and not self.many else part
            found = visit.attempt(str(self.place), self.codec.gather, one)
            if found is not MISSING:
                yield from found.items()


@dataclass(frozen=True)
class Derived:
    """What the record says elsewhere, said again.  One that is not `checked` may differ when it is read, and is not lost."""

    place: Any
    make: Any
    checked: bool = True
    fields: tuple[str, ...] = ()

    def on(self, dialect: str) -> Derived:
        return replace(self, place=self.place.on(dialect), make=in_dialect(self.make, dialect))

    def write(self, record: Any, tree: dict[str, Any], visit: Visit) -> None:
        value = self.make.text(visit.index) if isinstance(self.make, Numbered) else self.make(record)
        if value is not None:
            self.place.put(tree, [value] if isinstance(self.make, Numbered) and isinstance(self.place, Entries) else value)

    def read(self, tree: dict[str, Any], visit: Visit) -> Iterator[tuple[str, Any]]:
        return iter(())


@dataclass(frozen=True)
class Always:
    """A function that always gives the same."""

    value: Any

    def on(self, dialect: str) -> Always:
        return Always(in_dialect(self.value, dialect))

    def __call__(self, record: Any) -> Any:
        return self.value


@dataclass(frozen=True)
class Numbered:
    """A text with the record's number in its list, from 1."""

    before: str

    def text(self, index: int) -> str:
        return f"{self.before}{index}"

    @property
    def expression(self) -> str:
        return f"f'{self.before}{{i}}'"


@dataclass(frozen=True)
class Implied:
    """A field that every document of the format gives, without saying it."""

    field: str
    value: Any

    def on(self, dialect: str) -> Implied:
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field,)

    def write(self, record: Any, tree: dict[str, Any], visit: Visit) -> None:
        pass

    def read(self, tree: dict[str, Any], visit: Visit) -> Iterator[tuple[str, Any]]:
        return iter(())


@dataclass(frozen=True)
class PassedOver:
    """A subtree of the source that is not carried, by name and with the reason."""

    place: At
    why: str
    fields: tuple[str, ...] = ()

    def on(self, dialect: str) -> PassedOver:
        return self

    def write(self, record: Any, tree: dict[str, Any], visit: Visit) -> None:
        pass

    def read(self, tree: dict[str, Any], visit: Visit) -> Iterator[tuple[str, Any]]:
        return iter(())


def place(where: Any) -> Any:
    """A path as text is `At` that path."""
    return At(where) if isinstance(where, str) else where


def row(name: str, where: Any, codec: Codec, *, r4: Any = UNCHANGED, needed: Any = None) -> Row:
    """`r4=` says what R4 and R4B do instead: a place, a (place, codec), or None for no room."""
    if r4 is not UNCHANGED and r4 is not None:
        r4 = (place(r4[0]), r4[1]) if isinstance(r4, tuple) else place(r4)
    return Row(name, place(where), codec, r4, needed)


def also(name: str, where: Any, codec: Codec) -> Also:
    """A further place of the field, only read."""
    return Also(name, place(where), codec)


def part(where: Any, codec: Any, *, many: bool = False) -> Part:
    """Fields of the same record, continued in an object at `where`; in several entries of a list, with `many`."""
    return Part(place(where), codec, many)


def told(name: str, where: Any, make: Callable[[Any], Any], codec: Codec) -> Told:
    """A field that is written from the whole record (a named function), and read by the codec."""
    return Told(name, place(where), codec, make=make)


def derived(where: Any, make: Any, *, checked: bool = True) -> Derived:
    """Written from what the rest of the record says (a named function); never read back."""
    return Derived(place(where), make, checked)


def constant(where: Any, value: Any) -> Derived:
    """What the format demands."""
    return derived(where, Always(value))


def in_r5(inner: Any) -> In:
    """A row that only R5 has."""
    return In(("r5",), inner)


def in_r4(inner: Any) -> In:
    """A row that only R4 and R4B have."""
    return In(("r4", "r4-own"), inner)


def implied(name: str, value: Any) -> Implied:
    """Reading the format always gives this value."""
    return Implied(name, value)


def passed_over(where: str, why: str) -> PassedOver:
    """Not carried, on purpose; reported as one loss."""
    return PassedOver(At(where), why)


def below(path: str, *rows: Any) -> tuple[Any, ...]:
    """The rows, each at its place below `path`."""
    return tuple(replace(r, place=At(f"{path}.{r.place}")) for r in rows)


@dataclass(frozen=True, eq=False)
class Mapping(Codec):
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

    def on(self, dialect: str) -> Mapping:
        return on(self, dialect)

    @property
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
            visit = visit.under(expect(list, tree.get(self.aside, [])))
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
