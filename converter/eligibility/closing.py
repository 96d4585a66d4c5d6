"""The text as the grammars read it: every blank a space, and between the words of a line, which may be wrapped, but one.

Each line begins where it does in the text, so only what stands behind a gap in a line is elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from converter.eligibility.findings import Combined, Comparison, Criterion, Finding, Grades, Meaning, Not, Span, Timed, Window
from converter.eligibility.lines import Line
from converter.eligibility.plain import ENTITY, spaced

GAP = re.compile(rf" {{2,}}|{ENTITY}")
Found = TypeVar("Found", bound=Finding)


class Closed(Struct, frozen=True):
    """A text closed up, and that in plain signs, both as long as the text.

    `places` are where words go on behind a gap and where the lines of such words end, in the text, and `moved` the same, closed up.
    """

    text: str
    plain: str
    places: list[int]
    moved: list[int]

    def inward(self, place: int) -> int:
        """Where a place of the text is, closed up."""
        return shifted(place, self.places, self.moved)

    def outward(self, place: int) -> int:
        """Where a place of what is closed up is in the text."""
        return shifted(place, self.moved, self.places)

    def within(self, span: Span) -> Span:
        """Where words of the text stand, closed up."""
        start, end = span
        return (self.inward(start), self.inward(end - 1) + 1 if end > start else self.inward(end)) if self.places else span

    def span(self, span: Span) -> Span:
        """Where words that are closed up stand in the text."""
        start, end = span
        return (self.outward(start), self.outward(end - 1) + 1 if end > start else self.outward(end)) if self.places else span

    def criterion(self, one: Criterion) -> None:
        """The criterion, which stood where it is closed up, stands where it is in the text."""
        one.mark = self.outward(one.mark)
        one.start, one.end = self.span((one.start, one.end))

    def finding(self, one: Found) -> Found:
        """The finding with its spans in the text."""
        start, end = self.span((one.start, one.end))
        match one:
            case Comparison() | Grades():
                return replace(one, start=start, end=end, subject=self.span(one.subject))
            case Window():
                return replace(one, start=start, end=end, anchor=one.anchor and self.span(one.anchor),
                               target=one.target and self.span(one.target))
        return replace(one, start=start, end=end)

    def meaning(self, one: Meaning) -> Meaning:
        """The meaning with the spans of its findings in the text."""
        match one:
            case Combined():
                return replace(one, parts=tuple(map(self.meaning, one.parts)))
            case Not():
                return Not(self.meaning(one.part))
            case Timed():
                return Timed(self.meaning(one.part), self.finding(one.window))
        return self.finding(one)


def shifted(place: int, before: list[int], after: list[int]) -> int:
    """Where a place is when each of some places has become another: as far behind the last of them that is not behind it."""
    at = bisect_right(before, place)
    return place - before[at - 1] + after[at - 1] if at else place


def closed(text: str, plain: str, lines: list[Line]) -> Closed:
    """The text with the words of the lines closed up, and the lines' ends moved; what is left over behind them is blank."""
    text = spaced(text)
    places: list[int] = []
    moved: list[int] = []
    changes: list[tuple[int, int, str]] = []
    for line in lines:
        if plain.find("  ", line.start, line.end) < 0:
            continue
        left = 0
        for gap in GAP.finditer(text, line.start, line.end):  # a backslash is a blank in plain signs alone
            start, end = gap.span()
            changes.append((start, end, plain[start]))  # a blank, or the sign that HTML has so
            left += end - start - 1
            places.append(end)
            moved.append(end - left)
        if left:
            changes.append((line.end, line.end, " " * left))
            places.append(line.end)
            moved.append(line.end)
            line.end -= left
    return Closed(changed(text, changes), changed(plain, changes), places, moved) if changes else Closed(text, plain, [], [])


def changed(text: str, changes: list[tuple[int, int, str]]) -> str:
    """The text with other words from one place to another, in its order."""
    parts: list[str] = []
    at = 0
    for start, end, instead in changes:
        parts += text[at:start], instead
        at = end
    return "".join((*parts, text[at:]))
