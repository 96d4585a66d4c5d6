"""The tree of criteria while it grows, line by line."""

from __future__ import annotations

import re
from bisect import bisect_left
from operator import itemgetter
from typing import Literal

from msgspec import Struct

from converter.eligibility import headings, marks
from converter.eligibility.findings import Criterion, Side
from converter.eligibility.headings import Heading
from converter.eligibility.lines import Line
from converter.eligibility.marks import Mark, Part
from converter.eligibility.sentences import sentences

UNMARKED = Mark("", 0, 0)


class Open(Struct):
    """A node that may still get children: a section at rank 0, a heading without mark at 1 (of a group) or 2, a line of a list at 3.

    `colon` is true where its words end with one.
    """

    node: Criterion
    rank: int
    indent: int = 0
    mark: Mark = UNMARKED
    colon: bool = False


MIDDLE = re.compile(r"(?<=[ .;,])(?:in|ex)clusion criteria *(?::|$)")
MENTION = re.compile(r"(?:.*[ /])?(?:the|any|all|following|or|and|meets?|met|of|above|to|/|these|those|per|study)")
CAPITALS = re.compile(r"[A-Z]{2}[A-Z /&,()-]{1,60}:(?= )")
# No registry nests so deep; texts that are no criteria might.
DEEPEST = 30
# Lists in lists inside of one line.
MOST_IN_ONE = 4


class Growth:
    """The tree so far, and which of its nodes are open."""

    def __init__(self, text: str, words: str) -> None:
        self.text, self.plain = text, words
        self.nodes: list[Criterion] = []
        self.open: list[Open] = []
        self.group: str | None = None
        # How far each style of marks has counted.
        self.counted: dict[str, int] = {}
        # The "or" that stands alone before a node, by the node's id.
        self.joins: dict[int, str] = {}
        # Those that have children, in the order of the text.
        self.parents: list[Criterion] = []
        self.before_list = False
        # Where a side may be said, and the end.
        self.sides = [one.start() for one in headings.SAID.finditer(words)] + [len(words)]

    def add(self, line: Line, before_list: bool) -> None:
        """The line's nodes are in the tree; `before_list` when the next line has a mark."""
        words = self.plain
        self.before_list = before_list
        while True:
            mark = self.settled(line.found)
            start, end = mark.end, line.end
            said = self.sides[bisect_left(self.sides, start)] < end
            heading = headings.section(self.text, words, start, end, bool(mark.style))
            middle = self.middle(start, heading.end if heading else start + 1, end) if said else 0
            stop = start + len(words[start:middle].rstrip()) if middle else end
            if not heading:
                self.ordinary(line, mark, start, stop)
            elif heading.end > stop:
                self.section(line, start, heading._replace(end=stop), stop)
            else:
                self.section(line, start, heading, stop)
            if not middle:
                return
            line = Line(middle, middle, end, 0, Mark("", 0, middle), False)

    def middle(self, start: int, after: int, end: int) -> int:
        """Where in the middle of a line the heading of a section begins, and not the mention of one; 0 for nowhere."""
        words = self.plain
        if words.find("clusion criteria", after, end) < 0:
            return 0
        for found in MIDDLE.finditer(words, after, end):
            before = words[max(start, found.start() - 40):found.start()].rstrip()
            if before and (before[-1] in ".;" or (self.text[found.start()].isupper() and not MENTION.fullmatch(before))):
                return found.start()
        return 0

    def settled(self, mark: Mark) -> Mark:
        """The mark as its list reads it: the "i." behind "h." is a letter, the "E." of "E. coli" none but behind "D."."""
        if mark.otherwise or mark.value in (1, 22, 24):
            before = {(one.mark.style, one.mark.value) for one in self.open if one.rank == 3}
            turned = marks.other(mark)
            if turned is not mark and (turned.style, turned.value - 1) in before and (mark.style, mark.value - 1) not in before:
                return turned
            if mark.otherwise and (mark.style, mark.value - 1) not in before and (mark.value, mark.style) not in ((1, "1-"), (1, "a.")):
                return mark.otherwise
        return mark

    def section(self, line: Line, start: int, heading: Heading, end: int) -> None:
        """A section is open; what follows its heading on the line stands in it."""
        words = self.plain
        self.named_before()
        stop = start + len(words[start:heading.end].rstrip(" *_"))
        node = Criterion(line.mark, start, stop, "section", heading.side, heading.group or self.group)
        self.nodes.append(node)
        self.open = [Open(node, 0, -1)]
        rest = end - len(words[heading.end:end].lstrip(" *_"))
        if any(sign.isalnum() for sign in words[rest:end]):
            mark = marks.begin(self.text, words, rest, end)
            if mark.end >= end or mark.otherwise:
                mark = Mark("", 0, rest)
            self.ordinary(Line(rest, mark.end, end, line.indent, mark, False), mark, mark.end, end)

    def named_before(self) -> None:
        """What stands right before the heading of a section is the part or cohort that the section is for."""
        last = self.open[-1] if self.open else None
        if last is None or last.rank == 0 or last.node.children or (last.rank == 3 and not last.colon):
            return
        node = last.node
        above = self.open[-2].node.children if len(self.open) > 1 else self.nodes
        if len(above) == 1 and above is not self.nodes and self.plain[node.end - 1] != ":":
            return
        name = node.group if last.rank == 1 else headings.group(self.text, self.plain, node.start, node.end)
        if name is None and last.rank == 3:
            return
        self.group = name or self.group
        above.pop()
        self.nodes.append(node)
        node.role, node.side, node.group = "heading", None, self.group

    def ordinary(self, line: Line, mark: Mark, start: int, end: int) -> None:
        """A line that is no heading of a section is in the tree."""
        words = self.plain
        if not mark.style and (capitals := CAPITALS.match(self.text, start, end)):
            self.heading(line, start, capitals.end(), 2)
            start = capitals.end() + 1
            line = Line(start, start, end, line.indent, Mark("", 0, start), False)
        possible = marks.candidates(self.text, words, start, end)
        if mark.style:
            return self.item(line.mark, start, end, line.indent, mark, possible, line.joined)
        parts = self.parts(possible, start, end, mark)
        stop = start + len(words[start:parts[0].mark].rstrip()) if parts else end
        if stop > start and (parts or not self.headed(line, start, end)):
            self.paragraph(line, start, stop)
        if parts:
            self.numbered(parts, possible, end, line.indent if parts[0].value > 1 or stop == start else line.indent + 2, 0)
        return None

    def headed(self, line: Line, start: int, end: int) -> bool:
        """Whether a line without mark is a heading; if so, it is in the tree."""
        if line.indent > next((one.indent for one in reversed(self.open) if one.rank == 3 and one.mark.style), 99):
            return False
        last = self.plain[end - 1]
        if last == ":" or (self.before_list and headings.leads(self.plain, start, end)):
            name = headings.group(self.text, self.plain, start, end)
            self.heading(line, start, end, 1 if name else 2, name, headings.stated(self.plain, start, end))
            return True
        name = headings.group(self.text, self.plain, start, end) if end - start < 90 and last not in ".;," else None
        if name and not (self.before_list or headings.is_named(self.text, self.plain, start, end)):
            return False
        if name:
            self.heading(line, start, end, 1, name)
        return name is not None

    def heading(self, line: Line, start: int, end: int, rank: int, name: str | None = None, side: Side | None = None) -> None:
        """A heading without mark is open, below the section or the heading of a group."""
        while self.open and self.open[-1].rank >= rank:
            self.open.pop()
        node = self.node(line.mark, start, end, "heading")
        node.group = name or node.group
        turns = side == "exclusion" and node.side == "inclusion" and headings.says_excluded(self.plain, start, end)
        if side and (node.side is None or turns):
            if not self.open or self.open[-1].rank == 0:
                self.open = []
                node.role = "section"
                rank = 0
            node.side = side
        self.put(node, Open(node, rank, line.indent, colon=True), line.joined)

    def paragraph(self, line: Line, start: int, end: int) -> None:
        """Each sentence of a paragraph without mark is in the tree."""
        while self.open and not self.holds(self.open[-1], line.indent):
            self.open.pop()
        above, mark, joined = len(self.open), line.mark, line.joined
        for begin, stop in sentences(self.text, self.plain, start, end):
            del self.open[above:]
            node = self.node(begin if begin > start else mark, begin, stop)
            self.put(node, Open(node, 3, line.indent, colon=self.plain[stop - 1] == ":"), joined)
            joined = ""

    def holds(self, last: Open, indent: int) -> bool:
        """Whether a paragraph with that indent stands below the open one."""
        children = last.node.children
        if last.rank == 0:
            return True
        if last.rank < 3:
            return not children or not self.plain[children[-1].mark:children[-1].start].strip()
        if last.mark.style:
            return indent > last.indent or (last.colon and not children)
        return indent > last.indent or (last.colon and indent == last.indent)

    def item(self, at: int, start: int, end: int, indent: int, mark: Mark, possible: list[Part], joined: str = "", depth: int = 0) -> None:
        """A line of a list is in the tree, below the one that its indent and its mark put it; with it the parts of `possible` that it has.

        Those that go on counting stand beside it, others below it.
        """
        words = self.plain
        parts = self.parts(possible, start, end, mark) if possible and depth < MOST_IN_ONE else []
        stop = start + len(words[start:parts[0].mark].rstrip()) if parts else end
        if stop == start:
            parts, stop = [], end
        colon = words[stop - 1] == ":"
        beside = bool(parts) and (parts[0].value > 1 or (parts[0].follows(mark) and not colon))
        if beside and possible[0].mark < stop:
            first = bisect_left(possible, stop, key=itemgetter(0))
            self.item(at, start, stop, indent, mark, possible[:first], joined, depth + 1)
        else:
            del self.open[self.place(indent, mark):]
            # "- • " is what registries make of the first bullet of a list; the deeper "- " behind it are its neighbours (NCT05288634).
            node = self.node(at, start, stop)
            self.put(node, Open(node, 3, indent + 5 if mark.double and not colon else indent, mark, colon), joined)
            self.counted[mark.style] = mark.value
        if parts:
            self.numbered(parts, possible, end, indent if beside else indent + 2, depth + 1)

    def parts(self, possible: list[Part], start: int, end: int, mark: Mark) -> list[Part]:
        """The parts that inner marks make of plain[start:end]."""
        if not possible:
            return []
        return marks.sequence(self.plain, possible, start, end, mark, [one.mark for one in self.open if one.rank == 3])

    def numbered(self, parts: list[Part], possible: list[Part], end: int, indent: int, depth: int) -> None:
        """The parts of a line that inner marks number are in the tree."""
        at = 0
        for part, after in zip(parts, [*[part.mark for part in parts[1:]], end], strict=True):
            words = self.plain[part.start:after].rstrip()
            start = part.start + len(words) - len(words.lstrip())
            first = bisect_left(possible, start, at, key=itemgetter(0))
            at = bisect_left(possible, after, first, key=itemgetter(0))
            self.item(part.mark, start, part.start + len(words), indent, Mark(part.style, part.value, start), possible[first:at], "", depth)

    def place(self, indent: int, mark: Mark) -> int:
        """How many of the open ones stay open above a line of a list with that indent and mark."""
        place = len(self.open)
        last = self.open[-1] if place else None
        counts = mark.value > 1 and self.counted.get(mark.style) == mark.value - 1
        if last and last.rank == 3 and last.colon and not last.node.children and mark.value == 1 and indent >= last.indent:
            return place
        while place and self.open[place - 1].rank == 3:
            one = self.open[place - 1]
            goes_on = indent > one.indent and mark.value > 1 and mark.follows(one.mark)
            if mark.style == one.mark.style and (abs(indent - one.indent) < 2 or goes_on):
                return place - 1
            if indent >= one.indent + 2 or (not one.mark.style and one.colon and indent >= one.indent and not (
                    counts and one.node.children)):
                return place
            if abs(indent - one.indent) < 2 and self.opens(place - 1, indent, mark):
                return place
            place -= 1
        if counts and place and self.open[place - 1].rank == 2 and self.open[place - 1].node.children:
            return place - 1  # the list goes on that the heading stands in, with another one below it
        return place

    def opens(self, place: int, indent: int, mark: Mark) -> bool:
        """Whether a mark of another style at the same indent begins a list below the open one at that place."""
        last = self.open[place]
        return bool(last.mark.style) and (last.colon or (last.mark.value > 0 and mark.value < 2)) and not any(
            outer.mark.style == mark.style and abs(outer.indent - indent) < 2 for outer in self.open[:place] if outer.rank == 3)

    def node(self, mark: int, start: int, end: int, role: Literal["heading", "criterion"] = "criterion") -> Criterion:
        """A new node, of the side and the group of what it stands below."""
        if not self.open:
            return Criterion(mark, start, end, role, None, self.group)
        above = self.open[-1].node
        return Criterion(mark, start, end, role, above.side, above.group)

    def put(self, node: Criterion, opened: Open, joined: str) -> None:
        """The node is the last child of the last that is open, and open itself."""
        del self.open[DEEPEST:]
        if opened.colon:
            node.side = headings.demanded(self.plain, node.start, node.end, node.side)
        if not self.open:
            self.nodes.append(node)
        else:
            above = self.open[-1].node
            if not above.children:
                self.parents.append(above)
            above.children.append(node)
        self.open.append(opened)
        if joined:
            self.joins[id(node)] = joined
