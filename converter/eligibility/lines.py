"""The lines of a text of criteria, wrapped ones put together again."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from converter.eligibility import headings, marks
from converter.eligibility.marks import Mark


class Line(Struct):
    """One line with words: its mark begins at `mark`, its words stand from `start` to `end`.

    `found` is that mark; `indent` counts columns; `after_blank` is true behind an empty line.
    `joined` is the word that joins it to the line before it, where that stands alone or begins the line: "or", "and", "and/or".
    `length` is that of its last line in print.
    """

    mark: int
    start: int
    end: int
    indent: int
    found: Mark
    after_blank: bool
    joined: str = ""
    length: int = 0


NOTHING = " *•-_=#~<>!|+.·"
JOINING = re.compile(r"[\s*•\-(\[_]*(and ?/ ?or|or|and|plus)[\s*):\]_,.;\-]*")
FIRST = re.compile(r"(or|and ?/ ?or)\b[ :,]+(?=\w)")
WIDTH, INDENT = 99, 5
"""Columns of a line, and of the blanks before its words, where ClinicalTrials.gov wraps paragraphs itself: in its records in XML."""
UNFINISHED = re.compile(
    r".*(?:[,/&-]|\b(?:and|or|of|the|with|without|within|in|to|for|by|a|an|than|from|as|who|that|which|at|on|is|are|be|not|no|least|most|"
    r"less|more|above|below|under|over|between|after|before|during))$")


def lines(text: str, plain: str) -> list[Line]:
    """All lines with words, in the order of the text."""
    found: list[Line] = []
    joined, joined_at, waiting, stop, skipped, after = "", -1, None, 0, False, 0
    for line in text.splitlines(keepends=True):
        start, after = after, after + len(line)
        left = plain[start:after].lstrip()
        if not left.strip(NOTHING):
            skipped = True
            continue
        bare = left.rstrip()
        after_blank = skipped and blank(text[stop:start])
        skipped = False
        begin = after - len(left)
        stop = begin + len(bare)
        if len(bare) < 12 and (word := JOINING.fullmatch(bare)):
            joined, joined_at = word[1].replace(" ", ""), begin if joined_at < 0 else joined_at
            continue
        mark = marks.begin(text, plain, begin, stop)
        indent = begin - start + (3 * text.count("\t", start, begin) if begin > start else 0)
        follows = bool(found) and not (joined or waiting or after_blank)
        rest = follows and hard_wrapped(text, found[-1], mark, begin, indent)
        if mark.end >= stop and not rest:
            waiting = Line(begin, begin, stop, indent, mark, after_blank)
            continue
        if not mark.style and waiting and not joined:
            found.append(Line(waiting.mark, begin, stop, waiting.indent, replace(waiting.found, end=begin), after_blank, length=len(bare)))
        elif rest or (follows and wraps(text, plain, found[-1], mark, begin, indent)
                      and not headings.section(text, plain, begin, stop, False)):
            found[-1].end = stop
            found[-1].length = len(bare)
        else:
            at = joined_at if joined_at >= 0 else begin
            if found and plain[mark.end] in "oa" and (word := FIRST.match(plain, mark.end, stop)):
                joined, mark = joined or word[1].replace(" ", ""), replace(mark, end=word.end())
            found.append(Line(at, mark.end, stop, indent, mark, after_blank, joined, len(bare)))
        joined, joined_at, waiting = "", -1, None
    return found


def blank(between: str) -> bool:
    """Whether an empty line lies between two lines."""
    return between.count("\n") > 1 or between.count("\r") > 1


def wraps(text: str, plain: str, before: Line, mark: Mark, start: int, indent: int) -> bool:
    """Whether the line at `start` is the rest of the line before it."""
    if mark.style and (mark.otherwise is None or mark.follows(before.found)):
        return False
    last, first = plain[before.end - 1], text[start]
    unfinished = UNFINISHED.fullmatch(plain, max(before.start, before.end - 40), before.end) is not None
    if before.found.style and indent > before.indent:
        return last != ":" and (before.length >= 60 or first.islower() or unfinished)
    if last in ".:;!?" or before.length < 50:
        return False
    return first.islower() or first in "([<>≥≤" or unfinished


def hard_wrapped(text: str, before: Line, mark: Mark, start: int, indent: int) -> bool:
    """Whether the line before has no room for the word that begins the one at `start`, which no bullet does, in a text that is indented."""
    if indent < INDENT or (mark.style and not (text[start].isalnum() or text[start] == "(")):
        return False
    used = before.end - text.rfind("\n", 0, before.end) - 1
    return used <= WIDTH < used + 1 + len(text[start:start + WIDTH].split(None, 1)[0])
