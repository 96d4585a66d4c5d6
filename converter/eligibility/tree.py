"""The tree of criteria that a text is: sections, headings, criteria under the one they belong to.

Nothing of the text is lost: what belongs to no node is the marks of lists, blanks, and the "or" or "and" between two.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from converter.eligibility import combining, joining
from converter.eligibility.closing import Closed, closed
from converter.eligibility.findings import Criterion, Span
from converter.eligibility.growth import Growth
from converter.eligibility.lines import lines
from converter.eligibility.plain import plain


class Tree(Struct):
    """A text with its criteria, in the order of the text; in plain signs; and closed up, as the grammars read it."""

    text: str
    plain: str
    nodes: list[Criterion]
    closed: Closed


def parse(text: str) -> Tree:
    """The tree of any text.  A side is None where no heading says it."""
    signs = plain(text)
    found = lines(text, signs)
    closed_up = closed(text, signs, found)
    growth = Growth(closed_up.text, closed_up.plain)
    for line, after in zip(found, [*found[1:], None], strict=False):
        growth.add(line, after is not None and after.found.style != "")
    combining.settle(closed_up.text, closed_up.plain, growth.parents)
    nodes = joining.joined(closed_up.plain, growth.nodes, growth.parents, growth.joins)
    if closed_up.places:
        for node in walk(nodes):
            closed_up.criterion(node)
    return Tree(text, signs, nodes, closed_up)


def pieces(tree: Tree) -> Iterator[tuple[str, Criterion | None]]:
    """Every character of the text in its order, with the node whose words it is of; None for what stands between nodes."""
    at = 0
    for node in walk(tree.nodes):
        if node.end > node.start:
            if node.start > at:
                yield tree.text[at:node.start], None
            yield tree.text[node.start:node.end], node
            at = node.end
    if at < len(tree.text):
        yield tree.text[at:], None


def walk(nodes: list[Criterion]) -> Iterator[Criterion]:
    """The nodes and all below them, in the order of the text."""
    return (node for node, _ in with_above(nodes))


def with_above(nodes: list[Criterion], above: Span | None = None) -> Iterator[tuple[Criterion, Span | None]]:
    """The same, each with the span of the words of the one above it that is no section."""
    for node in nodes:
        yield node, above
        if node.children:
            yield from with_above(node.children, None if node.role == "section" else (node.start, node.end))
