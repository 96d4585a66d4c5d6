"""The text as the grammars read it: every blank a space, and between the words of a criterion, which may go over several lines, but one.

Each criterion begins where it does in the text, so only what was found behind a gap in a criterion stands elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from converter.eligibility.findings import Combined, Comparison, Criterion, Finding, Grades, Meaning, Not, Span, Timed, Window
from converter.eligibility.plain import spaced

BLANKS = re.compile(" {2,}")
Found = TypeVar("Found", bound=Finding)


class Gaps(Struct, frozen=True):
    """Where the words of one criterion go on behind more than one blank, in the text and closed up."""

    places: list[int]
    closed: list[int]

    def inward(self, place: int) -> int:
        """Where a place of the text is, closed up."""
        before = bisect_right(self.places, place)
        return place - (self.places[before - 1] - self.closed[before - 1]) if before else place

    def outward(self, place: int) -> int:
        """Where a place of what is closed up is in the text."""
        before = bisect_right(self.closed, place)
        return place + (self.places[before - 1] - self.closed[before - 1]) if before else place

    def span(self, span: Span) -> Span:
        """The span in the text; it ends behind its last character, not behind the blanks that follow."""
        return self.outward(span[0]), self.outward(span[1] - 1) + 1

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


class Closed(Struct, frozen=True):
    """A text closed up, and in plain signs, of the same length; `gaps` by the start of those criteria that have any."""

    text: str
    plain: str
    gaps: dict[int, Gaps]

    def span(self, criterion: Criterion) -> Span:
        """Where the criterion's own words stand."""
        return self.within((criterion.start, criterion.end))

    def within(self, span: Span) -> Span:
        """Where the words of a criterion with that span in the text stand."""
        gaps = self.gaps.get(span[0])
        return (span[0], gaps.inward(span[1])) if gaps else span


def closed(text: str, plain: str, criteria: Iterable[Criterion]) -> Closed:
    """The text with the words of the criteria, which are in its order, closed up; what is left over behind them is blank."""
    text = spaced(text)
    gaps: dict[int, Gaps] = {}
    changes: list[tuple[int, int, str]] = []
    for one in criteria:
        if plain.find("  ", one.start, one.end) < 0:
            continue
        left = 0
        places: list[int] = []
        moved: list[int] = []
        for start, end in [found.span() for found in BLANKS.finditer(text, one.start, one.end)]:  # a backslash is no blank there
            changes.append((start, end, " "))
            left += end - start - 1
            places.append(end)
            moved.append(end - left)
        if left:
            gaps[one.start] = Gaps(places, moved)
            changes.append((one.end, one.end, " " * left))
    return Closed(changed(text, changes), changed(plain, changes), gaps) if changes else Closed(text, plain, gaps)


def changed(text: str, changes: list[tuple[int, int, str]]) -> str:
    """The text with other words from one place to another, in its order."""
    parts: list[str] = []
    at = 0
    for start, end, instead in changes:
        parts += text[at:start], instead
        at = end
    return "".join((*parts, text[at:]))
