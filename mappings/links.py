"""Parts of a record in contained resources                           https://hl7.org/fhir/R5/references.html#contained

What belongs to one resource alone is contained in it, and referenced by "#id" with a display: under _summary servers
drop `contained`, and the display is what remains.
"""

from __future__ import annotations

from typing import Any

from converter.codec import Codec, expect
from converter.table import Mapping
from converter.visit import MISSING, Kept, Visit


def named(record: Any, display: tuple[str, ...], number: str) -> str:
    """How a reference shows what it leads to: by the first of those fields, else by its number."""
    return next((value for name in display if (value := getattr(record, name)) is not None), number)


def hang(aside: list[Any], resource: dict[str, Any], display: str) -> dict[str, str]:
    """The reference to a resource that is now contained."""
    aside.append(resource)
    return {"reference": f"#{resource['id']}", "display": display}


def take(aside: dict[str, Any], reference: dict[str, Any], number: str) -> Any:
    """The contained resource of that id, which nothing else refers to.  Raises when the reference says more or less."""
    if reference["reference"] != f"#{number}" or len(reference) != 2:
        raise ValueError
    return aside.pop(number)


def shows(reference: dict[str, Any], values: tuple[Any, ...], number: str) -> None:
    """Raises when the reference's display is not the first of the values that is there."""
    if reference["display"] != next((value for value in values if value is not None), number):
        raise ValueError


class link(Codec, frozen=True, eq=False):
    """Fields of the record in a contained resource, whose id is `prefix` and the record's number in its list."""

    prefix: str
    table: Mapping
    display: tuple[str, ...]
    fhir = "Reference"
    linked = True
    numbered = True

    def on(self, dialect: str) -> link:
        return link(self.prefix, self.table.on(dialect), self.display)

    @property
    def fields(self) -> tuple[str, ...]:
        return self.table.fields

    def write(self, value: Any, visit: Visit) -> Any:
        resource = self.table.write(value, visit)
        return hang(visit.aside, resource, named(value, self.display, f"{self.prefix}-{visit.index}"))

    def gather(self, tree: Any, visit: Visit) -> dict[str, Any]:
        """The fields that the resource behind the reference gives."""
        resource = find(expect(dict, tree), visit)
        if resource is None or resource.get("resourceType") != self.kind:
            shown = name_behind(tree, visit)
            return {self.display[0]: shown} if shown and self.display[0] in self.fields else {}
        return self.table.gather(resource, visit)

    def read(self, tree: Any, visit: Visit) -> Any:
        found = self.gather(tree, visit)
        return self.table.make(**found) if found else MISSING

    @property
    def kind(self) -> str:
        """The type of resource."""
        return str(next(r.make.value for r in self.table.rows if str(r.place) == "resourceType"))

    def outward(self, m: Any, e: str) -> str:
        number = f"f'{self.prefix}-{{i}}'"
        shown = number
        for name in reversed(self.display):
            x = m.fresh()
            shown = f"{x} if ({x} := {e}.{name}) is not None else {shown}"
        resource = f"{m.writer(self.table)}({e}{m.arguments(self.table)})"
        return f"(C.append({resource}) or {{'reference': f'#{self.prefix}-{{i}}', 'display': {shown}}})"

    def inward(self, m: Any, e: str) -> str:
        """An expression for the tuple of the table's fields (of the record, where the table has all of them)."""
        if not self.table.partial:
            raise TypeError(f"{self.prefix}: a link leads to a part of a record")
        name = m.function(f"follow_{self.prefix}_", ("f", id(self)), "x, C, i", iter([
            f"({''.join(f'v_{field}, ' for field in self.fields)}) = v = {m.reader(self.table)}"
            f"({m.name(take)}(C, x, f'{self.prefix}-{{i}}'){m.arguments(self.table)})",
            f"{m.name(shows)}(x, ({''.join(f'v_{field}, ' for field in self.display)}), f'{self.prefix}-{{i}}')",
            "return v",
        ]))
        return f"{name}({e}, C, i)"


def find(reference: dict[str, Any], visit: Visit) -> dict[str, Any] | None:
    """The resource behind a reference: contained, or another entry of the Bundle."""
    address = reference.get("reference")
    if not isinstance(address, str):
        return None
    if address.startswith("#"):
        return visit.aside.by_id.get(address[1:]) if isinstance(visit.aside, Kept) else None
    return (visit.around or {}).get(address)


def name_behind(reference: dict[str, Any], visit: Visit) -> str | None:
    """The name of what a reference leads to: of the resource, or what the reference shows."""
    name = (find(reference, visit) or {}).get("name", reference.get("display"))
    if isinstance(name, list) and name and isinstance(name[0], dict):
        given = name[0].get("given")
        words = [*(given if isinstance(given, list) else []), name[0].get("family")]
        name = name[0].get("text") or " ".join(word for word in words if isinstance(word, str))
    return name if isinstance(name, str) and name else None


class by_field(Codec, frozen=True, eq=False):
    """A record whose reference leads to one resource where the field `name` is there, and to another where it is not."""

    make: type
    name: str
    present: link
    absent: link
    linked = True
    numbered = True

    def on(self, dialect: str) -> by_field:
        return by_field(self.make, self.name, self.present.on(dialect), self.absent.on(dialect))

    def choose(self, value: Any) -> link:
        return self.absent if getattr(value, self.name) is None else self.present

    def write(self, value: Any, visit: Visit) -> Any:
        return self.choose(value).write(value, visit)

    def read(self, tree: Any, visit: Visit) -> Any:
        resource = find(expect(dict, tree), visit)
        way = self.present if resource is not None and resource.get("resourceType") == self.present.kind else self.absent
        found = way.gather(tree, visit)
        return self.make(**found) if found else MISSING

    def outward(self, m: Any, e: str) -> str:
        return f"({self.present.outward(m, e)} if {e}.{self.name} is not None else {self.absent.outward(m, e)})"

    def inward(self, m: Any, e: str) -> str:
        def targets(way: link) -> str:
            return "".join(f"v_{name}, " for name in way.fields)

        name = m.function(f"read_{self.make.__name__}_", ("b", id(self)), "x, C, i", iter([
            f"if x['reference'] == f'#{self.present.prefix}-{{i}}':",
            f" {targets(self.present)} = {self.present.inward(m, 'x')}",
            f" if v_{self.name} is None: raise Bad",
            f" return {m.record(self.make, self.present.fields)}",
            f"{targets(self.absent)} = {self.absent.inward(m, 'x')}",
            f"r = {m.record(self.make, self.absent.fields)}",
            f"if r == {m.name(self.make())}: raise Bad",
            "return r",
        ]))
        return f"{name}({e}, C, i)"


class whole(Codec, frozen=True, eq=False):
    """A record that is all in the resource behind its reference."""

    make: type
    inner: link
    linked = True
    numbered = True

    def on(self, dialect: str) -> whole:
        return whole(self.make, self.inner.on(dialect))

    def write(self, value: Any, visit: Visit) -> Any:
        return self.inner.write(value, visit)

    def read(self, tree: Any, visit: Visit) -> Any:
        return self.inner.read(tree, visit)

    def outward(self, m: Any, e: str) -> str:
        return self.inner.outward(m, e)

    def inward(self, m: Any, e: str) -> str:
        name = m.function(f"read_{self.make.__name__}_", ("whole", id(self)), "x, C, i", iter([
            f"({''.join(f'v_{name}, ' for name in self.inner.fields)}) = {self.inner.inward(m, 'x')}",
            f"r = {m.record(self.make, self.inner.fields)}",
            f"if r == {m.name(self.make())}: raise Bad",
            "return r",
        ]))
        return f"{name}({e}, C, i)"
