"""Tables -> plain functions, once.  The interpreter of `converter.table` stays the meaning.

A function made here gives what the interpreter gives, or raises: it only notices that something is wrong, or doubtful,
or would be lost, and the caller then asks the interpreter what.  So the fast reader of a document accepts just what the
table would write (an unknown member, an entry out of its order, a null: all refused), and nothing of it is lost.

`Module` collects functions as source; every node of the notation says its own expressions.  A name in the source is
either a function made here or a value of the tables, by reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

from converter.codec import Beside, Scalar, each, inside, only
from converter.table import ABSENT, Also, Always, Derived, Entries, Implied, Mapping, Members, Numbered, Part, PassedOver, Row, Told


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


@dataclass(frozen=True)
class Deferred:
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

    def name(self, value: Any, hint: str = "k") -> str:
        """How the source names `value`."""
        if value.__class__ in (str, bool, int):
            return repr(value)
        if id(value) not in self.known:
            self.known[id(value)] = name = f"{hint}{next(self.serial)}"
            self.names[name] = value
        return self.known[id(value)]

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


# Writing: a dict, its members in the order of the table

def write(m: Module, table: Mapping, sign: dict[str, Any]) -> Iterator[str]:
    """The body of a function from a record to its tree."""
    if table.aside:
        yield "C = []"
    if not table.numbered:
        yield "i = 1"
    yield "t = {" + ", ".join(f"{name!r}: {m.name(part)}" for name, part in sign.items()) + "}"
    rows = [r for r in table.rows if not isinstance(r, (PassedOver, Implied, Also))]
    nodes = {(): "t"}
    last = {node: r for r in rows for node in r.place.nodes}
    for r in rows:
        for node in r.place.nodes:
            if node not in nodes:
                nodes[node] = x = m.fresh()
                empty = "[]" if isinstance(r.place, Entries) else "{}"
                yield f"{x} = {nodes[node[:-1]]}[{node[-1]!r}] = {empty}"
        yield from write_row(m, r, nodes[r.place.nodes[-1]] if r.place.nodes else "t")
        for node in reversed(r.place.nodes):
            if last[node] is r:
                yield f"if not {nodes[node]}: del {nodes[node[:-1]]}[{node[-1]!r}]"
    for name in table.lacks:
        yield f"if r.{name} is not None: raise Bad"
    if table.aside:
        yield f"if C: t[{table.aside!r}] = C"
    yield "return t"


def write_row(m: Module, r: Any, node: str) -> Iterator[str]:
    """The statements that put what the row says at its place, in the object or list `node`."""
    if isinstance(r, Derived):
        if isinstance(r.make, Always):
            yield set_at(m, r.place, node, m.name(r.make.value))
        elif isinstance(r.make, Numbered):
            yield set_at(m, r.place, node, f"[{r.make.expression}]" if isinstance(r.place, Entries) else r.make.expression)
        else:
            yield f"if (v := {m.name(r.make)}(r)) is not None: {set_at(m, r.place, node, 'v')}"
        return
    if isinstance(r, Told):
        yield f"if (v := {m.name(r.make)}(r)) is not None: {set_at(m, r.place, node, 'v')}"
        return
    absent = " or ".join(f"r.{name} is not None" for name in r.fields)
    condition, e = (f"(v := r.{r.field}) is not None", "v") if isinstance(r, Row) else (absent, "r")
    yield f"if {condition}: " + (add_to(m, r, node, e) if isinstance(r.place, Entries) else set_at(m, r.place, node, r.codec.outward(m, e)))
    if isinstance(r, Row) and r.needed is not None:
        yield "else: " + ("raise Bad" if r.needed.__class__ is Beside else set_at(m, r.place, node, m.name(r.needed)))


def set_at(m: Module, place: Any, node: str, value: str) -> str:
    """The statement that puts a whole value at its place."""
    if isinstance(place, Entries):
        return f"{node} += {place.home.outward_all(m, value)}"
    return f"{node}.update({value})" if isinstance(place, Members) else f"{node}[{place.steps[-1]!r}] = {value}"


def add_to(m: Module, r: Any, node: str, e: str) -> str:
    """The statement that adds the row's entries to its list."""
    home, sign = r.place.home, r.place.said
    if isinstance(r.codec, only) or (isinstance(r, Part) and not r.many):
        inner = r.codec.inner if isinstance(r.codec, only) else r.codec
        return f"{node}.append({home.outward(m, signed(m, inner, sign, e))})"
    if isinstance(r.codec, each):
        x, inner = m.fresh(), r.codec.inner
        entry = home.outward(m, signed(m, inner, sign, x))
        return f"{node} += [{entry} for {f'i, {x} in enumerate({e}, 1)' if inner.numbered else f'{x} in {e}'}]"
    return f"{node} += {home.outward_all(m, r.codec.outward(m, e))}"


def signed(m: Module, codec: Any, sign: dict[str, Any], e: str) -> str:
    """The expression of an entry that carries the sign."""
    if not sign or codec.says_sign:
        return str(codec.outward(m, e))
    if isinstance(codec, Mapping):
        return f"{m.writer(codec, sign)}({e}{m.arguments(codec)})"
    members = ", ".join(f"{name!r}: {m.name(part)}" for name, part in sign.items())
    if isinstance(codec, inside):
        return f"{{{members}, {codec.member!r}: {codec.inner.outward(m, e)}}}"
    return f"{{{members}, **{codec.outward(m, e)}}}"


# Reading: every member is counted, so that an unknown one is noticed

def read(m: Module, table: Mapping, known: int) -> Iterator[str]:
    """The body of a function from a tree to its record; to a tuple of the fields where the table is part of a record."""
    if table.aside:
        yield f"c = t.get({table.aside!r}); C = {{}}"
        yield "if c is not None: C = {p['id']: p for p in some(c)}"
        yield "if c is not None and len(C) != len(c): raise Bad"
    yield "j = i" if table.numbered else "i = j = 1"
    yield from members(m, known_rows(table), (), "t", f"{known} + (c is not None)" if table.aside else str(known))
    if table.aside:
        yield "if C: raise Bad"
    if table.partial:
        yield f"return ({''.join(f'v_{name}, ' for name in table.fields)})"
        return
    yield f"r = {m.name(table.make)}({', '.join(f'{name}=v_{name}' for name in table.fields)})"
    yield f"if r == {m.name(table.make())}: raise Bad"
    yield from check(m, table.rows, "t")
    yield "return r"


def known_rows(table: Mapping) -> list[Any]:
    """The rows that say something of the tree."""
    return [r for r in table.rows if not isinstance(r, (PassedOver, Also))]


def members(m: Module, rows: list[Any], done: tuple[str, ...], node: str, known: str) -> Iterator[str]:
    """The statements that read the members of one object; each container is opened once."""
    n = m.fresh()
    yield f"{n} = {known}"
    groups: dict[str, list[Any]] = {}
    for r in rows:
        if isinstance(r, Implied):
            yield f"v_{r.field} = {m.name(r.value)}"
        else:
            groups.setdefault(r.place.steps[len(done)], []).append(r)
    for member, group in groups.items():
        first, x = group[0], m.fresh()
        if isinstance(first.place, Members) and len(first.place.steps) == len(done) + 1:
            yield f"{x} = {{k: {node}[k] for k in {first.place.names!r} if k in {node}}}; {n} += len({x})"
            yield f"v_{first.field} = {first.codec.inward(m, x)} if {x} else None"
            continue
        if len(first.place.steps) == len(done) + 1 and not isinstance(first.place, Entries):
            yield from member_of(m, first, node, member, n)
            continue
        yield f"{x} = {node}.get({member!r})"
        yield f"if {x} is None: {' = '.join([f'v_{name}' for r in group for name in r.fields] or ['_'])} = None"
        yield "else:"
        yield f" {n} += 1"
        inner = entries(m, group, x) if isinstance(first.place, Entries) else members(m, group, (*done, member), x, "0")
        yield from (f" {line}" for line in inner)
        yield f" if not {x}: raise Bad"
    yield f"if {n} != len({node}): raise Bad"


def member_of(m: Module, r: Any, node: str, member: str, n: str) -> Iterator[str]:
    """The statements that read one member."""
    if isinstance(r, Derived):
        if isinstance(r.make, Always):
            yield from equal(m, f"{node}.get({member!r})", r.make.value)
            yield f"{n} += 1"
        elif isinstance(r.make, Numbered):
            yield f"if {node}[{member!r}] != {r.make.expression}: raise Bad"
            yield f"{n} += 1"
        else:
            yield f"if {member!r} in {node}: {n} += 1"
        return
    if isinstance(r, Row):
        v = f"v_{r.field}"
        yield f"{v} = {node}.get({member!r})"
        yield f"if {v} is not None:"
        yield f" {n} += 1"
        if r.codec.__class__ is Scalar and r.codec.kind is not Decimal:
            yield f" if {v}.__class__ is not {r.codec.kind.__name__}: raise Bad"
        else:
            read = r.codec.inward(m, v)
            yield f" {v} = {read if r.needed is None else f'None if {v} == {m.name(r.needed)} else {read}'}"
        if r.needed is not None:
            yield "else: raise Bad"
        return
    x, fields = m.fresh(), ", ".join(f"v_{name}" for name in r.fields)
    yield f"{x} = {node}.get({member!r})"
    yield f"if {x} is None: {fields.replace(', ', ' = ')} = None"
    yield "else:"
    yield f" {n} += 1; {fields}, = {r.codec.inward(m, x)}"


def equal(m: Module, e: str, value: Any) -> Iterator[str]:
    """The statement that refuses another value; true is not 1."""
    yield f"if {e} {'is not' if value.__class__ is bool else '!='} {m.name(value)}: raise Bad"


def entries(m: Module, group: list[Any], x: str) -> Iterator[str]:
    """The statements that read a list whose entries stand in the order of the rows."""
    q = m.fresh()
    yield f"{q} = 0; z = len({x})"
    for run in runs(group):
        if len(run) > 2:
            yield from dispatched(m, run, x, q)
        else:
            for r in run:
                yield from in_turn(m, r, x, q)
    yield f"if {q} != z: raise Bad"


def in_turn(m: Module, r: Any, x: str, q: str) -> Iterator[str]:
    """The statements that read the entries of one row, from place `q` of the list on."""
    home, codec = r.place.home, None if isinstance(r, Derived) else r.codec
    opened, test = home.inward(m, f"{x}[{q}]"), m.fresh()
    guard = f"{q} < z and " + " and ".join(
        [*home.tests(m, f"{x}[{q}]"), f"({test} := {opened}) is not None", *tests(m, codec, r.place, test)])
    if isinstance(r, Derived):
        numbered = isinstance(r.make, Numbered)
        yield f"if {guard} and {test} == {r.make.expression}: {q} += 1" if numbered else f"while {guard}: {q} += 1"
    elif isinstance(r, Part) and r.many:
        a = m.fresh()
        yield f"{a} = []"
        yield f"while {guard}: {q} += 1; {a}.append({test})"
        yield f"if {a}: ({''.join(f'v_{name}, ' for name in r.fields)}) = {r.codec.inward(m, a)}"
        yield f"else: {' = '.join(f'v_{name}' for name in r.fields)} = None"
    elif is_many(r):
        a = m.fresh()
        yield f"{a} = []"
        number = f"i = len({a}) + 1; " if r.codec.inner.numbered else ""
        yield f"while {guard}: {q} += 1; {number}{a}.append({unsigned(m, r.codec.inner, r.place.said, test)})"
        yield f"v_{r.field} = tuple({a}) or None"
    else:
        inner = r.codec.inner if isinstance(r.codec, only) else r.codec
        target = f"v_{r.field}" if isinstance(r, Row) else "".join(f"v_{name}, " for name in r.fields)
        yield f"if {guard}: {q} += 1; {'i = j; ' if inner.numbered else ''}{target} = {unsigned(m, inner, r.place.said, test)}"
        yield f"else: {' = '.join(f'v_{name}' for name in r.fields)} = None"


def is_many(r: Any) -> bool:
    return isinstance(r.codec, each) and not isinstance(r.codec, only)


def runs(group: list[Any]) -> list[list[Any]]:
    """The rows, those together that follow each other in one home and are told apart by a leaf at one place."""
    made: list[list[Any]] = []
    for r in group:
        way = leaf(r)[0]
        if made and way and leaf(made[-1][-1])[0] == way and made[-1][-1].place.home == r.place.home and (
                leaf(r)[1] not in [leaf(other)[1] for other in made[-1]]):
            made[-1].append(r)
        else:
            made.append([r])
    return made


def leaf(r: Any) -> tuple[tuple[str | int, ...], Any]:
    """The way to the first leaf of the row's sign, and that leaf; an empty way where the sign is no such thing."""
    if not isinstance(r, Row) or ABSENT in r.place.sign.values():
        return (), None
    way: tuple[str | int, ...] = ()
    tree: Any = r.place.sign
    while isinstance(tree, (dict, list)) and tree:
        step: Any = 0 if isinstance(tree, list) else "code" if "code" in tree else next(iter(tree))
        way, tree = (*way, step), tree[step]
    return (way, tree) if isinstance(tree, str) else ((), None)


def dispatched(m: Module, run: list[Any], x: str, q: str) -> Iterator[str]:
    """The statements that read the entries of several rows by one look at each entry."""
    home, way = run[0].place.home, leaf(run[0])[0]
    functions = m.name({leaf(r)[1]: (k, is_many(r), m.deferred(entry_reader(m, r))) for k, r in enumerate(run)}, "D")
    e, found, last = m.fresh(), m.fresh(), m.fresh()
    steps = "".join(f"[{step!r}]" for step in way)
    aside = "C" if any(r.codec.linked for r in run) else "None"
    yield f"{found} = [None] * {len(run)}; {last} = -1"
    yield f"while {' and '.join([f'{q} < z', *home.tests(m, f'{x}[{q}]')])}:"
    yield f" {e} = {home.inward(m, f'{x}[{q}]')}"
    yield f" k = {functions}.get({e}{steps})"
    yield " if k is None: break"
    yield " k, many, f = k"
    yield f" if k > {last}: v = f({e}, {aside}, 1); {found}[k] = [v] if many else v; {last} = k"
    yield f" elif k == {last} and many: {found}[k].append(f({e}, {aside}, len({found}[k]) + 1))"
    yield " else: break"
    yield f" {q} += 1"
    yield f"({''.join(f'v_{r.field}, ' for r in run)}) = {found}"
    for r in run:
        if is_many(r):
            yield f"if v_{r.field} is not None: v_{r.field} = tuple(v_{r.field})"


def entry_reader(m: Module, r: Any) -> str:
    """The name of a function from one entry of the row to its value; it tests the whole sign."""
    inner = r.codec.inner if isinstance(r.codec, each) else r.codec
    return m.function(f"entry_{r.field}_", ("entry", id(r)), "e, C, i", iter([
        f"if not ({' and '.join(tests(m, r.codec, r.place, 'e')) or True}): raise Bad",
        f"return {unsigned(m, inner, r.place.said, 'e')}",
    ]))


def tests(m: Module, codec: Any, place: Entries, e: str) -> Iterator[str]:
    """What must be true of an entry that carries the sign."""
    inner = codec.inner if isinstance(codec, each) else codec
    if place.mark:
        part: Any = place.sign
        for step in place.mark:
            part = part[step]
        way = e
        for step in place.mark:
            y = m.fresh()
            way = f"{way}.get({step!r})" if isinstance(step, str) else f"({y}[{step}] if ({y} := {way}) else NO)"
        yield f"{way} == {m.name(part)}"
        return
    if inner is not None and inner.says_sign:
        yield inner.fits(m, e)
        return
    for name, part in place.sign.items():
        yield f"{name!r} not in {e}" if part is ABSENT else f"{e}.get({name!r}) == {m.name(part)}"


def unsigned(m: Module, codec: Any, sign: dict[str, Any], e: str) -> str:
    """The expression for the value of an entry whose sign was found."""
    if not sign or codec.says_sign:
        return str(codec.inward(m, e))
    if isinstance(codec, Mapping):
        return f"{m.reader(codec, len(sign))}({e}{m.arguments(codec)})"
    if isinstance(codec, inside):
        return codec.inner.inward(m, f"({e}[{codec.member!r}] if len({e}) == {len(sign) + 1} else bad())")
    return str(codec.inward(m, f"without({e}, {tuple(sign)!r})"))


def check(m: Module, rows: Any, t: str) -> Iterator[str]:
    """The statements that refuse a tree whose derived members are not what the record `r` gives."""
    for r in rows:
        settled = isinstance(r, Derived) and (
            isinstance(r.make, Numbered) or (isinstance(r.make, Always) and not isinstance(r.place, Entries)))
        if isinstance(r, Told) or (isinstance(r, Derived) and r.checked and not settled):
            x = m.fresh()
            if isinstance(r.place, Entries):
                signs = " and ".join([*r.place.home.tests(m, "e"), *tests(m, None, r.place, "e")])
                found = f"[e for e in {t}.get({r.place.home.path!r}, ()) if {signs}]"
                yield f"{x} = {m.name(r.make)}(r)"
                yield f"if {found} != ({r.place.home.outward_all(m, x)} if {x} is not None else []): raise Bad"
                continue
            *steps, last = r.place.steps
            node = t + "".join(f".get({step!r}, {{}})" for step in steps)
            yield f"if {node}.get({last!r}) != {m.name(r.make)}(r): raise Bad"


def checker(m: Module, table: Mapping) -> str:
    """The name of a function that refuses a tree whose derived members are not what the whole record gives."""
    return m.function("check_", ("c", id(table)), "t, r", iter([*check(m, table.rows, "t"), "return"]))
