"""Documents with one thing changed: what valid samples cannot show."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

OTHERS: list[Any] = [
    None, True, False, 0, 1, -1, 7, Decimal("1.50"), "", " ", "zz", "2018-13-45", "http://a b", "\x01", [], {}, [1], [None], {"zz": 1},
    ["a", "b"], {"coding": [{"system": "http://example.org", "code": "x"}]}, {"reference": "#nowhere"}, "Recruiting", "RECRUITING",
]


def nodes(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in the tree."""
    for key, part in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield (*path, key)
        if isinstance(part, (dict, list)):
            yield from nodes(part, (*path, key))


def at(tree: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def mutated(tree: Any, chance: random.Random) -> tuple[Any, str]:
    """The tree with one node replaced, removed, doubled, renamed, moved or given a neighbour; and what was done."""
    tree = copy.deepcopy(tree)
    paths = list(nodes(tree))
    *outer, last = chance.choice(paths)
    holder = at(tree, tuple(outer))
    what = chance.choice(["replace", "replace", "remove", "double", "rename", "add", "swap", "system", "move"])
    if what == "remove":
        del holder[last]
    elif what == "double" and isinstance(holder, list):
        holder.insert(last, copy.deepcopy(holder[last]))
    elif what == "rename" and isinstance(holder, dict):
        holder[chance.choice([f"_{last}", f"{last}x", "extension", "id", "text"])] = holder.pop(last)
    elif what == "add" and isinstance(holder, dict):
        holder[chance.choice(["extension", "id", "zz", "_value", "text", "display", "use"])] = chance.choice(OTHERS)
    elif what == "swap" and isinstance(holder, list) and len(holder) > 1:
        chance.shuffle(holder)
    elif what == "system" and isinstance(holder, dict) and isinstance(holder[last], str):
        holder[last] = chance.choice([holder[last] + "x", holder[last].upper(), holder[last][:-1], "http://example.org/" + holder[last]])
    elif what == "move":
        other = chance.choice(paths)
        value = copy.deepcopy(at(tree, tuple(other)))
        holder[last] = value
    else:
        what = "replace"
        holder[last] = copy.deepcopy(chance.choice(OTHERS))
    return tree, f"{what} {'.'.join(map(str, (*outer, last)))}"
