"""Elements that a release lacks, as extensions            https://hl7.org/fhir/R5/versions.html#extensions

The JSON of an R5 element, packed into an extension: a primitive or datatype as its value, a backbone element as
sub-extensions, by the shape of the element.  A shape is the name of a datatype, or {member: shape}; [shape] where the
member repeats.  R4 carries R5's elements so (HL7's cross-version extensions); what no release has is carried the same way
under our own address.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from converter.codec import expect
from converter.place import Element, Entries, Home
from converter.visit import MISSING, Beside
from mappings.datatypes import EXACT_PART, OWN

HL7 = "http://hl7.org/fhir/StructureDefinition/"
CROSS = "http://hl7.org/fhir/5.0/StructureDefinition/extension-"
DATATYPE = HL7 + "_datatype"
"""The sub-extension that names the datatype of a complex element (its url is absolute: the bare name is an error)."""

Shape = Any


class Said(Struct, frozen=True):
    """A sub-extension that always says the same."""

    type: str
    value: str


def pack(address: str, shape: Shape, tree: Any) -> dict[str, Any]:
    """The element as one extension."""
    if isinstance(shape, str):
        return instead(address, tree.tree) if tree.__class__ is Beside else {"url": address, f"value{shape}": tree}
    parts: list[Any] = []
    for member, inner in shape.items():
        if isinstance(inner, Said):
            parts.append({"url": member, f"value{inner.type}": inner.value})
        elif member in tree:
            parts += [pack(member, inner[0], entry) for entry in tree[member]] if isinstance(inner, list) else [
                pack(member, inner, tree[member])]
        elif f"_{member}" in tree:
            parts.append(instead(member, tree[f"_{member}"]))
    return {"url": address, "extension": [*parts, *tree["extension"]] if "extension" in tree else parts}


def instead(name: str, beside: dict[str, Any]) -> dict[str, Any]:
    """What stands in place of an extension, or of a part of one, whose value it cannot hold: the same, by name.

    HL7's extensions demand their value and forbid others in it; and fhir.resources knows no "_value[x]".
    """
    return {"url": EXACT_PART, "extension": [{"url": "of", "valueUri": name}, *beside["extension"]]}


def replaced(extension: dict[str, Any]) -> tuple[str, Beside] | None:
    """In whose place the extension stands, and what it keeps; None when it is no such thing."""
    inner = extension.get("extension")
    if extension.get("url") != EXACT_PART or not isinstance(inner, list):
        return None
    name = next((part.get("valueUri") for part in inner if isinstance(part, dict) and part.get("url") == "of"), None)
    rest = [part for part in inner if not (isinstance(part, dict) and part.get("url") == "of")]
    return (name, Beside({"extension": rest})) if isinstance(name, str) else None


class Apart(Element, frozen=True):
    """An element beside which nothing may stand: what there is instead of its value is an extension of the object.

    HL7's validator takes an Attachment's `_size` for a size that is wrong.
    """

    def member(self, tree: dict[str, Any], last: str) -> Any:
        if last in tree:
            return tree[last]
        entries = tree.get("extension", [])
        found = [kept[1] for entry in entries if isinstance(entry, dict) and (kept := replaced(entry)) and kept[0] == last] if isinstance(
            entries, list) else []
        return found[0] if found else MISSING

    def put(self, tree: dict[str, Any], value: Any) -> None:
        if value.__class__ is not Beside:
            super().put(tree, value)
            return
        *steps, last = self.steps
        for step in steps:
            tree = tree.setdefault(step, {})
        tree.setdefault("extension", []).append(instead(last, value.tree))


def unpack(shape: Shape, extension: dict[str, Any]) -> Any:
    """The element that the extension carries; None when it carries none."""
    if isinstance(shape, str):
        return extension.get(f"value{shape}")
    tree: dict[str, Any] = {}
    for part in expect(list, extension.get("extension", [])):
        member = expect(dict, part).get("url")
        if (kept := replaced(part)) and isinstance(shape.get(kept[0]), str):
            tree[f"_{kept[0]}"] = kept[1].tree
            continue
        inner = shape.get(member) if isinstance(member, str) else None
        if inner is None:
            tree.setdefault("extension", []).append(part)
        elif isinstance(inner, list):
            if (entry := unpack(inner[0], part)) is not None:
                tree.setdefault(member, []).append(entry)
        elif not isinstance(inner, Said) and (entry := unpack(inner, part)) is not None:
            tree[member] = entry
    return tree


class Packed(Home, frozen=True):
    """A list of elements, each kept in an extension with that address."""

    path: str = "extension"
    address: str = ""
    shape: Shape = "String"
    context: str = ""
    """The element that has the extension; in R4 it may stand in an extension that carries this element of R5."""

    def __hash__(self) -> int:
        return hash((self.address, repr(self.shape)))

    def on(self, dialect: str) -> Packed:
        if dialect == "r4-own" and self.address.startswith(CROSS):
            return Packed(self.path, own_address(self.address), self.shape, self.context)
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """The address, and the other one under which the same element may be kept."""
        if self.address.startswith(OWN + "extension-"):
            return self.address, self.address.replace(OWN + "extension-", CROSS)
        return self.address, own_address(self.address)

    def entries(self, tree: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        for index, extension in super().entries(tree):
            kept = replaced(extension) if isinstance(extension, dict) else None
            if kept and kept[0] in self.addresses:
                yield index, kept[1]
            ours = isinstance(extension, dict) and extension.get("url") in self.addresses
            if ours and (entry := unpack(self.shape, extension)) is not None:
                yield index, entry

    def add(self, tree: dict[str, Any], entries: list[Any]) -> None:
        super().add(tree, [pack(self.address, self.shape, entry) for entry in entries])

    def outward(self, m: Any, e: str) -> str:
        if isinstance(self.shape, str):
            return f"{{'url': {self.address!r}, 'value{self.shape}': {e}}}"
        return f"{packer(m, self.address, self.shape)}({e})"

    def outward_all(self, m: Any, e: str) -> str:
        return f"[{self.outward(m, 'y')} for y in {e}]"

    def inward(self, m: Any, e: str) -> str:
        if isinstance(self.shape, str):
            return f"{m.name(value_of)}({e}, 'value{self.shape}')"
        return f"{unpacker(m, self.shape)}({e})"

    def tests(self, m: Any, e: str) -> list[str]:
        return [f"{e}['url'] == {self.address!r}"]

    def __str__(self) -> str:
        return f"extension({self.address.rpartition('/')[2].removeprefix('extension-')})"


def value_of(extension: dict[str, Any], member: str) -> Any:
    """The value of an extension that has nothing else."""
    if len(extension) != 2:
        raise ValueError
    return extension[member]


def packer(m: Any, address: str, shape: dict[str, Any]) -> str:
    """The name of a function that packs an element of that shape, without anything beside its members."""
    lines = ["l = []; n = 0"]
    for member, inner in shape.items():
        if isinstance(inner, Said):
            lines.append(f"l.append({m.tree(pack(member, inner.type, inner.value))})")
        elif isinstance(inner, list):
            lines.append(f"if (v := e.get({member!r})) is not None: n += 1; l += [{{'url': {member!r}, 'value{inner[0]}': y}} for y in v]")
        else:
            lines.append(f"if (v := e.get({member!r})) is not None: n += 1; l.append({{'url': {member!r}, 'value{inner}': v}})")
    lines += ["if (v := e.get('extension')) is not None: n += 1; l += v", "if n != len(e): raise Bad"]
    return str(m.function("pack_", ("pack", address, repr(shape)), "e", iter([*lines, f"return {{'url': {address!r}, 'extension': l}}"])))


def unpacker(m: Any, shape: dict[str, Any]) -> str:
    """The name of a function that unpacks an extension which is packed just so."""
    lines = ["l = x['extension']; z = len(l); q = 0; t = {}", "if len(x) != 2 or not z: raise Bad"]
    for member, inner in shape.items():
        test = f"q < z and (s := l[q])['url'] == {member!r}"
        if isinstance(inner, Said):
            lines.append(f"if not ({test}) or s != {m.name(pack(member, inner.type, inner.value))}: raise Bad")
            lines.append("q += 1")
        elif isinstance(inner, list):
            lines += ["v = []", f"while {test}: q += 1; v.append(value_of(s, 'value{inner[0]}'))", f"if v: t[{member!r}] = v"]
        else:
            lines.append(f"if {test}: q += 1; t[{member!r}] = value_of(s, 'value{inner}')")
    m.names["value_of"] = value_of
    return str(m.function("unpack_", ("unpack", repr(shape)), "x", iter([*lines, "if q != z: t['extension'] = l[q:]", "return t"])))


def own_address(address: str) -> str:
    """The address under our own base of what HL7's cross-version extension at `address` carries."""
    return address.replace(CROSS, OWN + "extension-")


class Either(Home, frozen=True):
    """A list that R5 has as an element, and R4 in an extension."""

    older: Home | None = None

    def __hash__(self) -> int:
        return hash(self.path)

    def on(self, dialect: str) -> Any:
        if dialect == "r5" or self.older is None:
            return Home(self.path)
        return self.older.on(dialect)


def cross(element: str, shape: Shape, on: str = "") -> Packed:
    """The extension that carries R5's `element` in R4 (https://hl7.org/fhir/R5/versions.html#extensions).

    It stands on what has the element in R5, or on that element of R4, where R4 calls it something else.
    """
    return Packed(address=CROSS + element, shape=shape, context=on or element.rpartition(".")[0])


def newer(element: str, shape: Shape, older: Home | None = None) -> Either:
    """A list element of R5; R4 carries it in HL7's cross-version extension."""
    return Either(element.rpartition(".")[2], older or cross(element, shape))


def own(name: str, shape: Shape, context: str) -> Packed:
    """An extension of ours on `context`."""
    return Packed(address=OWN + name, shape=shape, context=context)


def hl7(name: str, shape: Shape) -> Packed:
    """An extension that HL7 defines for all releases."""
    return Packed(address=HL7 + name, shape=shape)


def scalar(element: str, shape: str) -> Entries:
    """The place of a single value of R5 in R4: its cross-version extension."""
    return Entries(cross(element, shape))
