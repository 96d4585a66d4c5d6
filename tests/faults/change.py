"""One change of a document, and the fault that it makes, as data."""

from __future__ import annotations

import re
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from converter.json_text import encode
from converter.problems import join

STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<index>\d+)\]|\{(?P<key>[^}]*)\})?(?:\.|$)")
"""A step of a path: a member; an entry of a list by its number, or {by the end of its `url`, or by its `id`}."""
RELEASES = ("r4", "r5")


class Change(Struct, frozen=True):
    """What is done to a document: a value put at a path or added to the list there, what stands there dropped, or text swapped.

    Of a swap, `path` is the text that goes (where it first stands) and `value` what comes for it.
    """

    does: Literal["put", "add", "drop", "swap"]
    path: str
    value: Any = None


class Fault(Struct, frozen=True):
    """A fault: its name, the rule that it breaks and the section with the rule, the change that makes it, where it is to be found.

    `severity` is a warning where the specification itself says no more than SHOULD.
    """

    name: str
    change: Change
    at: str = ""
    rule: str = ""
    section: str = ""
    releases: tuple[str, ...] = RELEASES
    severity: str = "error"
    note: str = ""


def put(path: str, value: Any) -> Change:
    """That value at the path, in place of what is there."""
    return Change("put", path, value)


def add(path: str, value: Any) -> Change:
    """That value as the last entry of the list at the path."""
    return Change("add", path, value)


def drop(path: str) -> Change:
    """Nothing at the path any more."""
    return Change("drop", path)


def swap(old: str, new: str) -> Change:
    """Other text where the compact JSON first has `old`."""
    return Change("swap", old, new)


def fault(name: str, change: Change, at: str = "", section: str = "", only: str = "", severity: str = "error", note: str = "") -> Fault:
    """A fault of which `of` says the rule; `only` is the one release that has what it breaks."""
    return Fault(name, change, at, section=section, releases=(only,) if only else RELEASES, severity=severity, note=note)


def of(rule: str, section: str, *faults: Fault) -> list[Fault]:
    """The faults that break the rule; the section is that of the rule, where a fault does not name its own."""
    return [replace(one, rule=rule, section=one.section or section) for one in faults]


def steps(tree: Any, path: str) -> list[str | int]:
    """The path as members and numbers, keys looked up in the tree.  Raises LookupError where the tree has no such entry."""
    made: list[str | int] = []
    for step in STEP.finditer(path):
        made.append(step["name"])
        tree = tree.get(step["name"]) if isinstance(tree, dict) else None
        number = step["index"] and int(step["index"])
        if step["key"] is not None:
            number = next((n for n, one in enumerate(tree or []) if is_named(one, step["key"])), None)
            if number is None:
                raise LookupError(f"nothing is called {step['key']!r} in {path}")
        if number is not None:
            made.append(number)
            tree = tree[number] if isinstance(tree, list) and number < len(tree) else None
    return made


def is_named(one: Any, key: str) -> bool:
    return isinstance(one, dict) and (one.get("id") == key or str(one.get("url", "")).endswith(key))


def spelled(tree: Any, path: str) -> str:
    """The path as FHIRPath in the Bundle, with numbers in place of keys."""
    said = "Bundle"
    for step in steps(tree, path):
        said = join(said, step)
    return said


def changed(tree: Any, change: Change) -> Any:
    """The tree changed in place.  Raises LookupError where there is nothing to change."""
    *outer, last = steps(tree, change.path)
    holder = tree
    for step in outer:
        holder = holder[step]
    if change.does == "put":
        holder[last] = change.value
    elif change.does == "add":
        holder.setdefault(last, []).append(change.value)
    else:
        del holder[last]
    return tree


def faulty(tree: Any, change: Change) -> bytes:
    """The document with the fault in it, as compact JSON; the tree is changed."""
    if change.does != "swap":
        return encode(changed(tree, change))
    text = encode(tree).decode()
    if change.path not in text:
        raise LookupError(f"nothing reads {change.path}")
    return text.replace(change.path, change.value, 1).encode("utf-8", "surrogatepass")


def place(tree: Any, one: Fault) -> str:
    """Where the fault is to be found, in the faulty tree: where it says, else where the change was made."""
    path = one.at or (one.change.path.rpartition(".")[0] if one.change.does == "drop" else one.change.path)
    return spelled(tree, path) if path != "Bundle" else path
