"""A table's function from a record to its tree, as source: a dict, its members in the order of the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from converter.codec import each, inside, only
from converter.place import Entries, Members
from converter.rows import Also, Always, Derived, Implied, Numbered, Part, PassedOver, Row, Told
from converter.table import Mapping
from converter.visit import Beside


def write(m: Any, table: Mapping, sign: dict[str, Any]) -> Iterator[str]:
    """The body of a function from a record to its tree."""
    if table.aside:
        yield "C = []"
    if not table.numbered:
        yield "i = 1"
    yield "t = {" + ", ".join(f"{name!r}: {m.tree(part)}" for name, part in sign.items()) + "}"
    rows = [r for r in table.rows if not isinstance(r, (PassedOver, Implied, Also))]
    nodes = {(): "t"}
    own: dict[tuple[str, ...], list[int]] = {}
    for n, r in enumerate(rows):
        for node in r.place.nodes:
            own.setdefault(node, []).append(n)
    # A container goes to its place when it is full; at once, and out again if it stays empty, where rows of others stand between its own.
    together = {node for node, rows_of in own.items() if rows_of[-1] - rows_of[0] < len(rows_of)}
    for n, r in enumerate(rows):
        for node in r.place.nodes:
            if node not in nodes:
                nodes[node] = x = m.fresh()
                put = "" if node in together else f"{nodes[node[:-1]]}[{node[-1]!r}] = "
                yield f"{x} = {put}{'[]' if isinstance(r.place, Entries) else '{}'}"
        yield from write_row(m, r, nodes[r.place.nodes[-1]] if r.place.nodes else "t")
        for node in reversed(r.place.nodes):
            if own[node][-1] == n:
                x, at = nodes[node], f"{nodes[node[:-1]]}[{node[-1]!r}]"
                yield f"if {x}: {at} = {x}" if node in together else f"if not {x}: del {at}"
    for name in table.lacks:
        yield f"if r.{name} is not None: raise Bad"
    for name, said in table.implies:
        yield f"if r.{name} is not None and r.{name} != {m.name(said)}: raise Bad"
    if table.aside:
        yield f"if C: t[{table.aside!r}] = C"
    yield "return t"


def write_row(m: Any, r: Any, node: str) -> Iterator[str]:
    """The statements that put what the row says at its place, in the object or list `node`."""
    if isinstance(r, Derived):
        if isinstance(r.make, Always):
            yield set_at(m, r.place, node, m.name(r.make.value) if isinstance(r.place, Entries) else m.tree(r.make.value))
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
        yield "else: " + ("raise Bad" if r.needed.__class__ is Beside else set_at(m, r.place, node, m.tree(r.needed)))


def set_at(m: Any, place: Any, node: str, value: str) -> str:
    """The statement that puts a whole value at its place."""
    if isinstance(place, Entries):
        return f"{node} += {place.home.outward_all(m, value)}"
    return f"{node}.update({value})" if isinstance(place, Members) else f"{node}[{place.steps[-1]!r}] = {value}"


def add_to(m: Any, r: Any, node: str, e: str) -> str:
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


def signed(m: Any, codec: Any, sign: dict[str, Any], e: str) -> str:
    """The expression of an entry that carries the sign."""
    if not sign or codec.says_sign:
        return str(codec.outward(m, e))
    if isinstance(codec, Mapping):
        return f"{m.writer(codec, sign)}({e}{m.arguments(codec)})"
    members = ", ".join(f"{name!r}: {m.tree(part)}" for name, part in sign.items())
    if isinstance(codec, inside):
        return f"{{{members}, {codec.member!r}: {codec.inner.outward(m, e)}}}"
    return f"{{{members}, **{codec.outward(m, e)}}}"
