"""The notation: rows.  A row joins a field of the record, its place, and its codec.

    row(field, place, codec, r4=…)   one field; `r4=` is what FHIR R4 and R4B do instead
    part(place, mapping)             more fields of the same record, in an object of their own
    constant(place, value)           what the format demands: written, ignored when read
    derived(place, function)         said again for the reader's comfort: written, ignored when read
    told(field, place, …)            written from the whole record, read by a codec
    also(field, place, codec)        a further place that is only read, used where the ones before it hold nothing
    implied(field, value)            what every document of the format gives, without saying it
    passed_over(path, why)           a subtree that is not carried, by name
    in_r5(row), in_r4(row)           a row that only R5, or only R4 and R4B, has
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from converter.codec import Codec
from converter.place import At, Entries, in_dialect
from converter.trial import is_empty
from converter.visit import MISSING, Refused, Visit

UNCHANGED: Any = object()


class Row(Struct, frozen=True):
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


class Told(Row, frozen=True):
    """A field that is written with the help of others: `make` of the record; and read by the codec."""

    make: Any = None

    def on(self, dialect: str) -> Told:
        return replace(self, place=self.place.on(dialect), codec=self.codec.on(dialect))

    def write(self, record: Any, tree: dict[str, Any], visit: Visit) -> None:
        value = self.make(record)
        if value is not None:
            self.place.put(tree, value)


class Also(Row, frozen=True):
    """A place of a field that is only read, where the places before it hold nothing."""

    @property
    def fields(self) -> tuple[str, ...]:
        return ()

    def on(self, dialect: str) -> Also:
        return Also(self.field, self.place.on(dialect), self.codec.on(dialect))

    def write(self, record: Any, tree: dict[str, Any], visit: Visit) -> None:
        pass


class In(Struct, frozen=True):
    """A row of some dialects only."""

    dialects: tuple[str, ...]
    row: Any

    def on(self, dialect: str) -> Any:
        return self.row.on(dialect) if dialect in self.dialects else None

    @property
    def fields(self) -> tuple[str, ...]:
        return ()


class Part(Struct, frozen=True):
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


class Derived(Struct, frozen=True):
    """What the record says elsewhere, said again.  One that is not `checked` may differ when it is read, and is not lost.

    `of` is the field that it says again, where it is one.
    """

    place: Any
    make: Any
    checked: bool = True
    of: str = ""
    fields: tuple[str, ...] = ()

    def on(self, dialect: str) -> Derived:
        return replace(self, place=self.place.on(dialect), make=in_dialect(self.make, dialect))

    def write(self, record: Any, tree: dict[str, Any], visit: Visit) -> None:
        value = self.make.text(visit.index) if isinstance(self.make, Numbered) else self.make(record)
        if value is not None:
            self.place.put(tree, [value] if isinstance(self.make, Numbered) and isinstance(self.place, Entries) else value)

    def read(self, tree: dict[str, Any], visit: Visit) -> Iterator[tuple[str, Any]]:
        return iter(())


class Always(Struct, frozen=True):
    """A function that always gives the same."""

    value: Any

    def on(self, dialect: str) -> Always:
        return Always(in_dialect(self.value, dialect))

    def __call__(self, record: Any) -> Any:
        return self.value


class Numbered(Struct, frozen=True):
    """A text with the record's number in its list, from 1."""

    before: str

    def text(self, index: int) -> str:
        return f"{self.before}{index}"

    @property
    def expression(self) -> str:
        return f"f'{self.before}{{i}}'"


class Implied(Struct, frozen=True):
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


class PassedOver(Struct, frozen=True):
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


def derived(where: Any, make: Any, *, checked: bool = True, of: str = "") -> Derived:
    """Written from what the rest of the record says (a named function), such as the field `of`; never read back."""
    return Derived(place(where), make, checked, of)


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
