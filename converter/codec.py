"""The notation, first half: values.  A codec is one value's two spellings and knows no names.

    text, flag, integer, number      a JSON scalar, the same on both sides
    coded({...})                     words that pair off one to one; another word is refused
    word({...})                      the same, but a word that is in no list stands as it is, with a warning
    inside(member, codec)            the one member of an object
    each(codec), only(codec)         a list; a list for a single value

`write` goes outward, from the Trial to a tree of JSON; `read` comes inward.  A codec that cannot do its job raises
Refused with a sentence; whoever called it adds where.  Reading gives MISSING when nothing there is understood:
what is then left behind shows when the document is written again.

A codec may also say itself as two Python expressions, `outward` and `inward`; `converter.compiled` makes functions of
them.  Those need only notice that something is wrong, by any exception: the codec itself then says what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Table
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from converter.problems import shown
from converter.visit import MISSING, Beside, Refused, Visit


class Scribe(Protocol):
    """What expressions may ask of the module that is being generated (`converter.compiled.Module`)."""

    def name(self, value: Any, hint: str = "k") -> str: ...
    def fresh(self) -> str: ...
    def once(self, e: str) -> tuple[str, str]: ...
    def arguments(self, codec: Any) -> str: ...


class Codec(Struct, frozen=True):
    """The base of all codecs."""

    fhir = ""
    """The FHIR datatype that it writes, where that matters."""
    linked = False
    """Does it keep part of the value aside?"""
    numbered = False
    """Does it use the value's number in its list?"""
    says_sign = False
    """Does its entry of a list carry the list's sign by itself?  Then `fits` is the test for it."""

    def on(self, dialect: str) -> Any:
        """The codec as that dialect of the target has it."""
        return self

    def write(self, value: Any, visit: Visit) -> Any:
        raise NotImplementedError

    def read(self, tree: Any, visit: Visit) -> Any:
        raise NotImplementedError

    def outward(self, m: Scribe, e: str) -> str:
        return f"{m.name(Called(self.write))}({e})"

    def inward(self, m: Scribe, e: str) -> str:
        return f"{m.name(Called(self.read))}({e})"


class Called(Struct, frozen=True):
    """A codec without expressions, called; anything that it notes is refused."""

    act: Callable[..., Any]

    def __call__(self, value: Any) -> Any:
        visit = Visit()
        made = self.act(value, visit)
        if visit.problems or visit.lost or made is MISSING or made.__class__ is Beside:
            raise Refused("noted")
        return made


KINDS = {str: "text", dict: "an object", list: "a list", bool: "true or false", int: "a whole number", Decimal: "a number"}


def expect(kind: type, tree: Any, where: str = "") -> Any:
    """`tree`, when it is of that kind of JSON.  Raises Refused; `where` is how far in it stands."""
    if tree.__class__ is kind or (kind is Decimal and tree.__class__ is int):
        return tree
    raise Refused(f"expected {KINDS[kind]}, found {shown(tree)}", where)


class Scalar(Codec, frozen=True):
    """A JSON scalar, the same on both sides.  A number is a Decimal in the Trial, with the digits that it came with."""

    kind: type

    def write(self, value: Any, visit: Visit) -> Any:
        return expect(self.kind, value)

    def read(self, tree: Any, visit: Visit) -> Any:
        expect(self.kind, tree)
        return Decimal(tree) if self.kind is Decimal and tree.__class__ is int else tree

    def outward(self, m: Scribe, e: str) -> str:
        return e

    def inward(self, m: Scribe, e: str) -> str:
        first, x = m.once(e)
        if self.kind is Decimal:
            return f"({x} if {first}.__class__ is Decimal else Decimal({x}) if {x}.__class__ is int else bad())"
        return f"({x} if {first}.__class__ is {self.kind.__name__} else bad())"


text, flag, integer, number = Scalar(str), Scalar(bool), Scalar(int), Scalar(Decimal)


def inverse(table: Table[Any, Any]) -> dict[Any, Any]:
    """The table the other way round.  Raises ValueError when it does not invert."""
    turned = {theirs: ours for ours, theirs in table.items()}
    if len(turned) != len(table):
        raise ValueError(f"two words share a code: {dict(table)}")
    return turned


class coded(Codec, frozen=True, dict=True):
    """Words that pair off one to one: the Trial's on the left, theirs on the right."""

    terms: Table[Any, Any]

    def __post_init__(self) -> None:
        inverse(self.terms)

    @cached_property
    def back(self) -> dict[Any, Any]:
        return inverse(self.terms)

    def write(self, value: Any, visit: Visit) -> Any:
        return look(value, self.terms)

    def read(self, tree: Any, visit: Visit) -> Any:
        return look(tree, self.back)

    def outward(self, m: Scribe, e: str) -> str:
        return f"{m.name(dict(self.terms), 'T')}[{e}]"

    def inward(self, m: Scribe, e: str) -> str:
        return f"{m.name(self.back, 'T')}[{Scalar(next(iter(self.back)).__class__).inward(m, e)}]"


def look(key: Any, table: Table[Any, Any]) -> Any:
    """What the table has for `key`.  Raises Refused: true is not 1, and a list is no key."""
    for known, value in table.items():
        if known.__class__ is key.__class__ and known == key:
            return value
    raise Refused(f"expected one of {', '.join(sorted(map(str, table)))}, found {shown(key)}")


class word(Codec, frozen=True, dict=True):
    """A word of a closed list, theirs on the left.  A word that is in no list passes as text, with a warning.

    So that it comes back whatever it is, writing and reading are one and the same exchange: a foreign word that looks
    like one of ours takes the place of the word that ours stands for.
    """

    theirs: Table[str, str]

    def __post_init__(self) -> None:
        if any(ours in self.theirs and self.theirs[ours] != ours for ours in inverse(self.theirs)):
            raise ValueError(f"a word is on both sides of the list: {dict(self.theirs)}")

    @cached_property
    def swap(self) -> dict[str, str]:
        return {**inverse(self.theirs), **self.theirs}

    def write(self, value: Any, visit: Visit) -> Any:
        written = self.swap.get(expect(str, value), value)
        if written not in self.theirs:
            visit.warn(f"{shown(value)} is not among the known words ({', '.join(self.theirs.values())}); written as {shown(written)}")
        return written

    def read(self, tree: Any, visit: Visit) -> Any:
        if expect(str, tree) not in self.theirs:
            visit.warn(f"{shown(tree)} is not among the known words ({', '.join(self.theirs)}); kept as it stands")
        return self.swap.get(tree, tree)

    def outward(self, m: Scribe, e: str) -> str:
        return f"{m.name(inverse(self.theirs), 'T')}[{e}]"

    def inward(self, m: Scribe, e: str) -> str:
        return f"{m.name(dict(self.theirs), 'T')}[{e}]"


class inside(Codec, frozen=True):
    """A value kept as the one member of an object, {"text": …}; beside members that always say the same."""

    member: str
    inner: Codec
    fhir: str = ""
    said: Table[str, Any] = {}

    @property
    def linked(self) -> bool:  # type: ignore[override]
        return self.inner.linked

    def on(self, dialect: str) -> inside:
        return replace(self, inner=self.inner.on(dialect))

    def write(self, value: Any, visit: Visit) -> Any:
        tree: dict[str, Any] = dict(self.said)
        put_member(tree, self.member, self.inner.write(value, visit))
        return tree

    def read(self, tree: Any, visit: Visit) -> Any:
        part = get_member(expect(dict, tree), self.member)
        if part is MISSING or any(name not in tree or tree[name] != value for name, value in self.said.items()):
            return MISSING
        return self.inner.read(part, visit.at(self.member))

    def outward(self, m: Scribe, e: str) -> str:
        said = "".join(f"{name!r}: {m.name(value)}, " for name, value in self.said.items())
        return f"{{{said}{self.member!r}: {self.inner.outward(m, e)}}}"

    def inward(self, m: Scribe, e: str) -> str:
        x = m.fresh()
        said = "".join(f" and {x}[{name!r}] == {m.name(value)}" for name, value in self.said.items())
        return self.inner.inward(m, f"({x}[{self.member!r}] if len({x} := {e}) == {len(self.said) + 1}{said} else bad())")


def put_member(tree: dict[str, Any], member: str, value: Any) -> None:
    """The member holds the value, or what stands beside it."""
    if value.__class__ is Beside:
        tree[f"_{member}"] = value.tree
    elif value is not MISSING:
        tree[member] = value


def get_member(tree: dict[str, Any], member: str) -> Any:
    """The member's value, or what stands beside it, or MISSING."""
    if member in tree:
        return tree[member]
    return Beside(tree[f"_{member}"]) if f"_{member}" in tree else MISSING


class Picked(list[Any]):
    """Entries picked from a longer list, with their places in it."""

    def __init__(self, entries: Iterable[tuple[int, Any]]):
        self.indices, values = map(list, zip(*entries, strict=True))
        super().__init__(values)


class each(Codec, frozen=True):
    """A list.  An empty entry equals an absent one."""

    inner: Any

    @property
    def linked(self) -> bool:  # type: ignore[override]
        return bool(self.inner.linked)

    def on(self, dialect: str) -> each:
        return replace(self, inner=self.inner.on(dialect))

    def write(self, value: Any, visit: Visit) -> Any:
        return [visit.attempt(i, self.inner.write, v) for i, v in enumerate(expect_tuple(value))]

    def read(self, tree: Any, visit: Visit) -> Any:
        entries = zip(tree.indices, tree, strict=True) if tree.__class__ is Picked else enumerate(expect(list, tree))
        parts = [visit.attempt(i, self.inner.read, t) for i, t in entries if t not in ({}, [])]
        return tuple(part for part in parts if part is not MISSING) or MISSING

    def outward(self, m: Scribe, e: str) -> str:
        if isinstance(self.inner, Scalar):
            return f"[*{e}]"
        x = m.fresh()
        return f"[{self.inner.outward(m, x)} for {self.over(x, e)}]"

    def inward(self, m: Scribe, e: str) -> str:
        x = m.fresh()
        return f"tuple([{self.inner.inward(m, x)} for {self.over(x, f'some({e})')}])"

    def over(self, x: str, e: str) -> str:
        """The clause that goes over the entries, with their numbers where they are used."""
        return f"i, {x} in enumerate({e}, 1)" if self.inner.numbered else f"{x} in {e}"


def expect_tuple(value: Any) -> Any:
    """`value`, when it is a tuple that holds something.  Raises Refused."""
    if value.__class__ is not tuple or not value:
        raise Refused(f"expected a tuple with entries (None when there are none), found {shown(value)}")
    return value


class only(each, frozen=True):
    """A list for a single value: writes a list of one; reads the first that is understood."""

    @property
    def numbered(self) -> bool:  # type: ignore[override]
        return bool(self.inner.numbered)

    def write(self, value: Any, visit: Visit) -> Any:
        return [self.inner.write(value, visit)]

    def read(self, tree: Any, visit: Visit) -> Any:
        parts = super().read(tree, visit)
        return parts[0] if parts else MISSING

    def outward(self, m: Scribe, e: str) -> str:
        return f"[{self.inner.outward(m, e)}]"

    def inward(self, m: Scribe, e: str) -> str:
        return str(self.inner.inward(m, f"one({e})"))
