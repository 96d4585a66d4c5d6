"""What a document says that does not come back.

Loss is computed: a document is read, written again, and compared.  So nobody has to remember to report one.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.json import Encoder
from msgspec.structs import replace

from converter.problems import join, member, shown

NOT_CARRIED = "has no place in a Trial"
EMPTY = "is empty, which equals absent"
canonical = Encoder(order="sorted", decimal_format="number").encode
"""A tree as JSON whose members are in order: two texts are equal when their trees are the `same`."""


class Loss(Struct, frozen=True, omit_defaults=True):
    """Something of the source that is left behind.  `value` is that of a single leaf; a subtree has only its count of leaves.

    `after` is what comes back in its place.
    """

    path: str
    reason: str
    value: Any = UNSET
    count: int = 1
    after: Any = UNSET

    def __str__(self) -> str:
        what = f"{self.count} values" if isinstance(self.value, UnsetType) else shown(self.value)
        return f"{self.path}: {what} {self.reason}"


def count(tree: Any) -> int:
    """The number of leaves: values that are neither object nor list."""
    if tree.__class__ is not dict and tree.__class__ is not list:
        return 1
    total, containers = 0, [tree]
    for container in containers:
        total += len(container)
        containers += [part for part in (container.values() if container.__class__ is dict else container)
                       if part.__class__ is dict or part.__class__ is list]
    return total - len(containers) + 1


def count_in(text: bytes) -> int:
    """`count` of a JSON text, without parsing it: commas outside of strings, one more, less the empty objects and lists."""
    text = ESCAPED.sub(b"", text)
    signs = without_strings(text.translate(None, NO_SIGN).replace(b'""', b"ss"))
    if empty := empties(signs):  # or lists of one number
        signs = without_strings(text).translate(None, b" \t\r\n")
        empty = empties(signs)
    return signs.count(b",") + 1 - empty


def empties(signs: bytes) -> int:
    """How many empty objects and lists there are, no space within."""
    return signs.count(b"{}") + signs.count(b"[]")


def without_strings(text: bytes) -> bytes:
    """The JSON text, in which nothing is escaped, with a letter for each string."""
    return b"s".join(text.split(b'"')[::2])


ESCAPED = re.compile(rb"\\.")
NO_SIGN = bytes(set(range(256)) - set(b'"{},[]'))


def left(path: str, tree: Any, reason: str = NOT_CARRIED) -> Loss:
    """The loss of all of `tree`."""
    if isinstance(tree, (dict, list)) and tree:
        return Loss(path, reason, count=count(tree))
    return Loss(path, EMPTY if tree in ({}, []) else reason, tree)


def unknown(path: str) -> str:
    """The reason where nobody named the subtree."""
    return NOT_CARRIED


def lost(before: Any, after: Any, path: str = "", why: Callable[[str], str] = unknown) -> Iterator[Loss]:
    """What `before` says and `after` does not, each at the highest path that is wholly gone, with the reason `why` gives.

    Lists are compared entry by entry: equal entries are paired wherever they stand, the others in their order.
    """
    if before in ({}, []) and after not in ({}, []):
        yield left(path, before)
    elif isinstance(before, dict) and isinstance(after, dict):
        for name, part in before.items():
            if name in after:
                yield from lost(part, after[name], member(path, name), why)
            elif part and isinstance(part, dict) and not count(part):
                yield from lost(part, {}, member(path, name), why)
            else:
                yield left(member(path, name), part, why(member(path, name)))
    elif isinstance(before, list) and isinstance(after, list):
        for index, partner in pair(before, after):
            if partner is None:
                yield left(join(path, index), before[index], why(join(path, index)))
            else:
                yield from lost(before[index], after[partner], join(path, index), why)
    elif not same(before, after):
        if isinstance(before, (dict, list)):
            yield replace(left(path, before, f"comes back as {shown(after)}"), after=after)
        else:
            yield Loss(path, f"comes back as {shown(after)}", before, after=after)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1, and a decimal keeps its digits."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) or isinstance(other, str) or one is None or other is None:
        return type(one) is type(other) and bool(one == other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(part, other[name]) for name, part in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and str(one) == str(other)


MOST_PAIRS = 10_000


def pair(before: list[Any], after: list[Any]) -> Iterator[tuple[int, int | None]]:
    """For each entry of `before` its partner's index in `after`, or None: the equal ones, then those that have most in
    common, then those of one kind in their order."""
    partner: dict[int, int] = {i: i for i in range(min(len(before), len(after))) if same(before[i], after[i])}
    equal: dict[bytes, deque[int]] = {}
    for j in (j for j in range(len(after)) if j not in partner):
        equal.setdefault(canonical(after[j]), deque()).append(j)
    for i in (i for i in range(len(before)) if i not in partner) if equal else ():
        if like := equal.get(canonical(before[i])):
            partner[i] = like.popleft()
    free = sorted(j for like in equal.values() for j in like)
    rest = [i for i in range(len(before)) if i not in partner and before[i] not in ({}, [])]
    # Every entry against every other is dear where a long list differs throughout: then their order must do.
    near = [(i, j) for i in rest for j in free] if len(rest) * len(free) <= MOST_PAIRS else []
    alike = [(common(before[i], after[j]), -i, -j) for i, j in near if kind(before[i]) == kind(after[j])]
    for score, i, j in sorted(alike, reverse=True):
        if score and -i not in partner and -j in free:
            partner[-i] = -j
            free.remove(-j)
    waiting = deque(free)
    for i in rest:
        if i not in partner and waiting and kind(before[i]) == kind(after[waiting[0]]):
            partner[i] = waiting.popleft()
    return ((i, partner.get(i)) for i in range(len(before)))


def common(one: Any, other: Any) -> int:
    """How many leaves the two say alike, at the same paths."""
    if isinstance(one, dict) and isinstance(other, dict):
        return sum(common(part, other[name]) for name, part in one.items() if name in other)
    if isinstance(one, list) and isinstance(other, list):
        return sum(map(common, one, other))
    return int(same(one, other))


def kind(tree: Any) -> Any:
    """What tells entries of a mixed list apart: an extension's url, a resource's type, else nothing."""
    if not isinstance(tree, dict):
        return None
    extension = "extension" in tree or any(name.startswith("value") for name in tree)
    return (tree.get("url") if extension else None, tree.get("resourceType"))
