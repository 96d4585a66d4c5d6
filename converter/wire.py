"""A source's table -> typed classes that msgspec decodes into, and a function from those to the record.

The same bargain as in `converter.compiled`: an unknown member, a wrong type, a null or an unknown word is an exception,
and the interpreter is asked.  Two things that a source may say and the record does not hold are let through, because
they are frequent: a subtree that the table passes over by name, and an empty object.  They are handed back, so that they
can be reported.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from msgspec import UNSET, Raw, defstruct
from msgspec.json import Decoder

from converter.codec import Codec, Scalar, each, word
from converter.compiled import Module
from converter.rows import Implied, PassedOver, Row
from converter.table import Mapping

Left = tuple[str, bytes, str]
"""What was let through: its path, its JSON, why."""


def reader(table: Mapping) -> Callable[[bytes], tuple[Any, list[Left], bool]]:
    """A function from one JSON document to the record, what was left behind, and whether every member is said just once.

    It raises whatever it likes.  msgspec takes the last of two members of one name; so the members of the record are
    counted, and compared with the names in the text.
    """
    m = Module()
    found = [0]
    m.names |= {"UNSET": UNSET, "N": found}
    wire, name = part_of(m, table)
    decode: Callable[[bytes], Any] = Decoder(wire, float_hook=Decimal).decode
    convert = m.load()[name]

    def read(document: bytes) -> tuple[Any, list[Left], bool]:
        left: list[Left] = []
        found[0] = 0
        record = convert(decode(document), left, "")
        told = document
        for _, part, _ in left:
            told = without(told, part)
        once = found[0] == told.count(b'":')
        return record, left, once or found[0] + sum(names_in(part) for _, part, _ in left) == names_in(document)

    return read


def without(document: bytes, part: bytes) -> bytes:
    """The document without an object or list that stands in it; the document itself, where another begins like it before."""
    start = document.find(part[:64])  # to look for all of it takes longer than what is saved
    is_there = part.startswith((b"{", b"[")) and document.startswith(part, start)
    return document[:start] + document[start + len(part):] if is_there else document


def names_in(text: bytes) -> int:
    """How many member names a JSON text has: a quote and a colon, unless the quote is escaped.

    With white space before a colon, or a backslash at the end of a text, it is another number; then somebody looks closer.
    """
    return text.count(b'":') - text.count(b'\\":')


def part_of(m: Module, table: Mapping) -> tuple[type, str]:
    """The class of one record of the table, and the name of the function that turns it into the record."""
    key = ("wire", id(table))
    if key not in m.made:
        lines: list[str] = []
        wire = container(m, table.rows, (), "w", lines)
        nothing = m.name(table.make(**{r.field: r.value for r in table.rows if isinstance(r, Implied)}))
        deep = [f"v_{r.field} = " for r in table.rows if isinstance(r, Row) and len(r.place.steps) > 1]
        body = [
            "n = 0",
            *(["".join(deep) + "None"] if deep else []),
            *lines,
            "N[0] += n",
            *(f"v_{r.field} = {m.name(r.value)}" for r in table.rows if isinstance(r, Implied)),
            f"r = {m.record(table.make, table.fields)}",
            f"if r == {nothing}: raise Bad",
            "return r",
        ]
        m.made[key] = m.function(f"wire_{table.make.__name__}_", (*key, "f"), "w, L=None, p=''", iter(body))
        m.names[f"class {m.made[key]}"] = wire
    return m.names[f"class {m.made[key]}"], m.made[key]


def container(m: Module, rows: Any, done: tuple[str, ...], node: str, lines: list[str], indent: str = "") -> type:
    """The class of one object of the source; the statements that read its members are added to `lines`."""
    groups: dict[str, list[Any]] = {}
    for r in rows:
        if not isinstance(r, Implied):
            groups.setdefault(r.place.steps[len(done)], []).append(r)
    fields: list[Any] = []
    rename: dict[str, str] = {}
    lines.append(f"{indent}n += {len(groups)}")  # less each that is not there
    for member, group in groups.items():
        attribute = f"a{len(fields)}"
        rename[attribute] = member
        r = group[0]
        path = ".".join((*done, member))
        if len(r.place.steps) > len(done) + 1:
            x = m.fresh()
            inner_lines: list[str] = []
            wire = container(m, group, (*done, member), x, inner_lines, indent + " ")
            lines += [
                f"{indent}{x} = {node}.{attribute}",
                f"{indent}if {x} is None: n -= 1",
                f"{indent}elif {x} == {m.name(wire())}: L.append((p + {path!r}, b'{{}}', ''))",
                f"{indent}else:",
                *inner_lines,
            ]
            fields.append((attribute, wire, None))
        elif isinstance(r, PassedOver):
            fields.append((attribute, Raw, None))
            lines.append(f"{indent}if {node}.{attribute} is None: n -= 1")
            lines.append(f"{indent}else: L.append((p + {path!r}, bytes({node}.{attribute}), {r.why!r}))")
        else:
            kind, convert = member_of(m, r, path)
            v = f"v_{r.field}"
            lines.append(f"{indent}{v} = {node}.{attribute}")
            if kind is Any:  # an untyped member takes a null, so its absence must look otherwise
                fields.append((attribute, kind, UNSET))
                lines.append(f"{indent}if {v} is UNSET: n -= 1; {v} = None")
            else:
                fields.append((attribute, kind, None))
                lines.append(f"{indent}if {v} is None: n -= 1")
            if convert:
                lines.append(f"{indent}else: {v} = {convert}")
    return defstruct("W", fields, rename=rename, forbid_unknown_fields=True, frozen=True, gc=False)


def member_of(m: Module, r: Row, path: str) -> tuple[Any, str]:
    """The type of one member on the wire, and the expression that turns it into the field's value ("" where equal)."""
    v = f"v_{r.field}"
    if isinstance(r.codec, each):
        inner = r.codec.inner
        if isinstance(inner, Mapping):
            wire, function = part_of(m, inner)
            each_one = (f"[{function}(x, L, f'{{p}}{path}[{{i}}].') for i, x in enumerate({v})]" if names_places(inner) else
                        f"[{function}(x) for x in {v}]")
            return tuple[wire, ...], f"tuple({each_one}) or bad()"  # type: ignore[valid-type]
        kind, convert = scalar(m, inner, "x")
        return tuple[kind, ...], f"tuple([{convert} for x in {v}]) or bad()" if convert else f"{v} or bad()"  # type: ignore[valid-type]
    if isinstance(r.codec, Mapping):
        wire, function = part_of(m, r.codec)
        return wire, f"{function}({v}, L, f'{{p}}{path}.')" if names_places(r.codec) else f"{function}({v})"
    return scalar(m, r.codec, v)


def names_places(table: Mapping) -> bool:
    """May something below be handed back, with its path?"""
    return bool(list(table.passes())) or any(len(r.place.steps) > 1 for r in table.rows if not isinstance(r, Implied))


def scalar(m: Module, codec: Codec, e: str) -> tuple[Any, str]:
    """The type of a scalar on the wire, and its conversion."""
    if isinstance(codec, Scalar):
        return (Any, codec.inward(m, e)) if codec.kind is Decimal else (codec.kind, "")
    return (str if isinstance(codec, word) else Any), codec.inward(m, e)

