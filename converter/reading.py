"""A table's function from a tree to its record, as source.

Every member is counted, so that an unknown one is noticed; the entries of a list must stand in the order of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from converter.codec import Scalar, each, inside, only
from converter.place import ABSENT, Entries, Members
from converter.rows import Also, Always, Derived, Implied, Numbered, Part, PassedOver, Row, Told
from converter.table import Mapping


def read(m: Any, table: Mapping, known: int) -> Iterator[str]:
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
    yield f"r = {m.record(table.make, table.fields)}"
    yield f"if r == {m.name(table.make())}: raise Bad"
    yield from check(m, table.rows, "t")
    yield "return r"


def known_rows(table: Mapping) -> list[Any]:
    """The rows that say something of the tree."""
    return [r for r in table.rows if not isinstance(r, (PassedOver, Also))]


def members(m: Any, rows: list[Any], done: tuple[str, ...], node: str, known: str) -> Iterator[str]:
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


def member_of(m: Any, r: Any, node: str, member: str, n: str) -> Iterator[str]:
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
    yield f" if {absent(r)}: raise Bad"


def equal(m: Any, e: str, value: Any) -> Iterator[str]:
    """The statement that refuses another value; true is not 1."""
    yield f"if {e} {'is not' if value.__class__ is bool else '!='} {m.name(value)}: raise Bad"


def entries(m: Any, group: list[Any], x: str) -> Iterator[str]:
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


def in_turn(m: Any, r: Any, x: str, q: str) -> Iterator[str]:
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
        yield f"if {a}:"
        yield f" ({''.join(f'v_{name}, ' for name in r.fields)}) = {r.codec.inward(m, a)}"
        yield f" if {absent(r)}: raise Bad"
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
        yield f"if {guard}:"
        yield f" {q} += 1; {'i = j; ' if inner.numbered else ''}{target} = {unsigned(m, inner, r.place.said, test)}"
        if isinstance(r, Part):
            yield f" if {absent(r)}: raise Bad"
        yield f"else: {' = '.join(f'v_{name}' for name in r.fields)} = None"


def absent(r: Any) -> str:
    """What is true when an object gave none of the row's fields; such an object is never written."""
    return " and ".join(f"v_{name} is None" for name in r.fields)


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


def dispatched(m: Any, run: list[Any], x: str, q: str) -> Iterator[str]:
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


def entry_reader(m: Any, r: Any) -> str:
    """The name of a function from one entry of the row to its value; it tests the whole sign."""
    inner = r.codec.inner if isinstance(r.codec, each) else r.codec
    return str(m.function(f"entry_{r.field}_", ("entry", id(r)), "e, C, i", iter([
        f"if not ({' and '.join(tests(m, r.codec, r.place, 'e')) or True}): raise Bad",
        f"return {unsigned(m, inner, r.place.said, 'e')}",
    ])))


def tests(m: Any, codec: Any, place: Entries, e: str) -> Iterator[str]:
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
        same = "is" if part.__class__ is bool else "=="  # true is not 1
        yield f"{name!r} not in {e}" if part is ABSENT else f"{e}.get({name!r}) {same} {m.name(part)}"


def unsigned(m: Any, codec: Any, sign: dict[str, Any], e: str) -> str:
    """The expression for the value of an entry whose sign was found."""
    if not sign or codec.says_sign:
        return str(codec.inward(m, e))
    if isinstance(codec, Mapping):
        return f"{m.reader(codec, len(sign))}({e}{m.arguments(codec)})"
    if isinstance(codec, inside):
        return str(codec.inner.inward(m, f"({e}[{codec.member!r}] if len({e}) == {len(sign) + 1} else bad())"))
    return str(codec.inward(m, f"without({e}, {tuple(sign)!r})"))


def check(m: Any, rows: Any, t: str) -> Iterator[str]:
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
                yield f"if not {m.name(alike)}({found}, {r.place.home.outward_all(m, x)} if {x} is not None else []): raise Bad"
                continue
            *steps, last = r.place.steps
            node = t + "".join(f".get({step!r}, {{}})" for step in steps)
            yield f"if {node}.get({last!r}) != {m.name(r.make)}(r): raise Bad"


def alike(found: list[Any], made: list[Any]) -> bool:
    """Equal entries, whose members are of the same kind: true is not 1."""
    return found == made and all(
        part.__class__ is other[name].__class__
        for entry, other in zip(found, made, strict=True) if entry.__class__ is dict for name, part in entry.items())


def checker(m: Any, table: Mapping) -> str:
    """The name of a function that refuses a tree whose derived members are not what the whole record gives."""
    return str(m.function("check_", ("c", id(table)), "t, r", iter([*check(m, table.rows, "t"), "return"])))
