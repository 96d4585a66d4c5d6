"""What "or" and "and" between the lines of a list say: how the lines combine."""

from __future__ import annotations

import re
from itertools import pairwise

from converter.eligibility.combining import How
from converter.eligibility.findings import Criterion

LAST = re.compile(r"\b(and/or|or|and)[ :;.,)-]*$")


def joined(plain: str, nodes: list[Criterion], parents: list[Criterion], words: dict[int, str]) -> list[Criterion]:
    """The nodes, those between which an "or" stands put together below a node of no words; `parents` are those that may have children.

    `words` has the word that stood alone before a node, by the node's id.  Where one word joins all that stand below a parent, the
    parent says it.
    """
    for node in parents:
        children = combined(plain, node, node.children, words)
        if node.threshold and len(children) < len(node.children):  # "two of: asthma or gout; anemia": do the first two count as one?
            node.how = node.threshold = None
        node.children = children
    return combined(plain, None, nodes, words)


def combined(plain: str, parent: Criterion | None, nodes: list[Criterion], words: dict[int, str]) -> list[Criterion]:
    """The children of one parent, put together where an "or" says so."""
    if len(nodes) < 2 or (parent is None and any(node.role == "section" for node in nodes)):
        return nodes
    gaps = [words.get(id(node)) or ending(plain, before) for before, node in pairwise(nodes)]
    if not any(gaps):
        return nodes
    kinds = {"or" if "or" in gap else "and" for gap in gaps if gap}
    only_last = not any(gaps[:-1])
    below = parent is not None and parent.role != "section"
    if parent is not None and below:
        if parent.how == "any-of":
            return nodes
        if len(kinds) == 1 and (all(gaps) or (only_last and listed(plain, nodes[:-2]))):
            said: How = "any-of" if kinds == {"or"} else "all-of"
            parent.how = None if (parent.how, said) == ("all-of", "any-of") else parent.how or said  # "all of: asthma or gout"
            return nodes
    # "a; b; or c": each of several exclusions excludes, and what stands below a parent that says nothing is not certain.
    natural = only_last and len(nodes) > 2 and (below or nodes[0].side == "exclusion")
    found: list[Criterion] = []
    run = [nodes[0]]
    for gap, node in zip(gaps, nodes[1:], strict=True):
        if "or" in gap and (id(node) in words or not natural):
            run.append(node)
        else:
            found.append(together(run))
            run = [node]
    return [*found, together(run)]


def listed(plain: str, nodes: list[Criterion]) -> bool:
    """Whether each ends as a part of one long sentence does."""
    return all(node.end > node.start and plain[node.end - 1] in ";," for node in nodes)


def together(run: list[Criterion]) -> Criterion:
    """One node for all; of no words when they are several."""
    if len(run) == 1:
        return run[0]
    at = run[0].mark
    return Criterion(at, at, at, "heading", run[0].side, run[0].group, "any-of", children=run)


def ending(plain: str, node: Criterion) -> str:
    """The "or" or "and" that the node, or the last below it, ends with, which is of its words no more; "" for none."""
    while node.children:
        node = node.children[-1]
    begin = max(node.start, node.end - 10)
    end = plain[begin:node.end]
    found = LAST.search(end) if end.rstrip(" :;.,)-").endswith(("or", "and")) else None
    if not found or begin + found.start() == node.start:
        return ""
    node.end = node.start + len(plain[node.start:begin + found.start()].rstrip())
    return found[1]
