"""A text of criteria, understood: its tree, what was found in it, and what each criterion means where that is certain."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from msgspec.structs import replace

from converter.eligibility import logic
from converter.eligibility.comparisons import TELLING, comparisons
from converter.eligibility.confidence import confidence
from converter.eligibility.findings import Comparison, Criterion, Finding, Grades, Meaning, Mention, Side, Statement, Window
from converter.eligibility.mentions import Place, mentions
from converter.eligibility.plain import words
from converter.eligibility.statements import statements
from converter.eligibility.tree import Tree, parse, with_above
from converter.eligibility.windows import windows

HEADINGS = {f"{side} criteria{end}" for side in ("inclusion", "exclusion") for end in ("", ":")}
"""Where nothing need be looked for."""


class Understanding:
    """What is understood of a text.  `findings` stand in the order of the text, whatever their confidence.

    It begins with the tree; `understand` lets the grammars go over it.
    """

    def __init__(self, text: str):
        self.tree: Tree = parse(text)
        around = list(with_above(self.tree.nodes))
        plain, closed = self.tree.plain, self.tree.closed
        self.nodes: list[Criterion] = [node for node, _ in around]
        # What is looked through: nodes with the span of the words above each; where they stand, closed up, with the words there.
        self.around = [(node, above and closed.within(above)) for node, above in around if plain[node.start:node.end] not in HEADINGS]
        self.places: list[Place] = [(start, end, words(closed.plain, start, end)) for start, end in (
            closed.within((node.start, node.end)) for node, _ in self.around)]
        self.timed: list[list[Window]] = []
        self.measured: list[list[Comparison | Grades]] = []
        self.stated: list[list[Statement]] = []
        # What was found in each node, by its id; and where it stands closed up, if that is elsewhere.
        self.by_node: dict[int, list[Finding]] = {}
        self.read: dict[int, list[Finding]] = {}
        self.by_confidence: dict[float, dict[int, list[Finding]]] = {}
        self.meant: dict[tuple[int, float], Meaning | None] = {}

    def find_windows(self) -> None:
        self.timed = [windows(self.tree.closed.plain, *place) for place in self.places]

    def find_values(self) -> None:
        plain = self.tree.closed.plain
        self.measured = [
            [] if times and TELLING.isdisjoint(beside(plain, start, end, times)) else comparisons(plain, start, end, above, known)
            for (start, end, known), (_, above), times in zip(self.places, self.around, self.timed, strict=True)]

    def find_statements(self) -> None:
        self.stated = [statements(self.tree.closed.plain, *place) for place in self.places]

    def find_names(self) -> None:
        closed = self.tree.closed
        named = mentions(closed.plain, closed.text, self.places)
        found = map(together, self.timed, self.measured, self.stated, named)
        self.by_node = dict(zip([id(node) for node, _ in self.around], found, strict=True))
        if closed.places:
            self.read = self.by_node
            self.by_node = {of: list(map(closed.finding, inside)) for of, inside in self.read.items()}

    @cached_property
    def findings(self) -> list[Finding]:
        return [finding for found in self.by_node.values() for finding in found]

    def node(self, finding: Finding) -> Criterion:
        """The node in whose words the finding stands."""
        return self.nodes[bisect_right(self.starts, finding.start) - 1]

    @cached_property
    def starts(self) -> list[int]:
        return [node.start for node in self.nodes]

    def side(self, finding: Finding) -> Side | None:
        """Whether the finding stands among inclusions or exclusions; None where the text does not say."""
        return self.node(finding).side

    def meaning(self, node: Criterion, minimum: float = 0.0) -> Meaning | None:
        """What the node with its children means, of findings at least so sure; None where it is not certain."""
        if not node.children and (not self.sure(node, minimum) or self.tree.plain[node.end - 1] == ":"):
            return None  # meanings are made of findings; and a colon says that more belongs to it, which stands beside it
        asked = id(node), minimum
        if asked not in self.meant:
            self.meant[asked] = logic.combined(node, lambda one: self.own_meaning(one, minimum))
        return self.meant[asked]

    def own_meaning(self, node: Criterion, minimum: float = 0.0) -> Meaning | None:
        """What the node's own words mean; None where they are not wholly understood."""
        closed = self.tree.closed
        start, end = closed.within((node.start, node.end))
        found = certain(self.read.get(id(node), []), minimum) if self.read else self.sure(node, minimum)
        meant = logic.meaning(closed.plain, start, end, found, node.side)
        return closed.meaning(meant) if self.read and meant else meant

    def of(self, node: Criterion) -> list[Finding]:
        """The findings in the node's own words."""
        return self.by_node.get(id(node), [])

    def sure(self, node: Criterion, minimum: float) -> list[Finding]:
        """Those of them that are at least so sure."""
        if minimum not in self.by_confidence:
            self.by_confidence[minimum] = {of: certain(found, minimum) for of, found in self.by_node.items()}
        return self.by_confidence[minimum].get(id(node), [])


GRAMMARS = (Understanding.find_windows, Understanding.find_values, Understanding.find_statements, Understanding.find_names)


def understand(text: str) -> Understanding:
    """The text, understood.  Never raises."""
    return understand_all([text])[0]


def understand_all(texts: list[str]) -> list[Understanding]:
    """The texts, understood.  Never raises.

    One grammar goes over all of them before the next does, not all over one text: a tenth faster with 32 short texts, since each stays
    in the processor's cache.
    """
    found = list(map(Understanding, texts))
    for grammar in GRAMMARS:
        for one in found:
            grammar(one)
    return found


def certain(found: list[Finding], minimum: float) -> list[Finding]:
    """Those that are at least so sure; of "outside 1-2" below 1 is not, where above 2 is not."""
    kept = [one for one in found if one.confidence >= minimum]
    if len(kept) == len(found):
        return kept
    left = [one for one in found if one.confidence < minimum and isinstance(one, Comparison)]
    return [one for one in kept if not (
        isinstance(one, Comparison) and any(one.start <= other.start and other.end <= one.end for other in left))] if left else kept


def beside(plain: str, start: int, end: int, times: list[Window]) -> Iterator[str]:
    """The words of a criterion that are not those of a time."""
    for one in times:
        if one.start > start:
            yield from words(plain, start, one.start)
        start = one.end
    yield from words(plain, start, end)


def together(timed: list[Window], measured: list[Comparison | Grades], stated: list[Statement], named: list[Mention]) -> list[Finding]:
    """The findings of one node in their order, each with its confidence.  What is in the words of a time is no measured value."""
    if not (timed or measured or stated):
        return [*named]
    found: list[Finding] = [
        one for one in measured if not (timed and any(one.start < other.end and other.start < one.end for other in timed))]
    found = [replace(one, confidence=confidence(one.rule)) for one in (*found, *timed, *stated)]
    found += named
    found.sort(key=place)
    return found


def place(finding: Finding) -> tuple[int, int]:
    return finding.start, -finding.end
