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
    `length` is that of its last line in print, which begins in the column `inset`; the first begins in `column`, behind its mark.
    """

    mark: int
    start: int
    end: int
    indent: int
    found: Mark
    after_blank: bool
    joined: str = ""
    length: int = 0
    column: int = 0
    inset: int = 0


NOTHING = " *•-_=#~<>!|+.·"
JOINING = re.compile(r"[\s*•\-(\[_]*(and ?/ ?or|or|and|plus)[\s*):\]_,.;\-]*")
FIRST = re.compile(r"(or|and ?/ ?or)\b[ :,]+(?=\w)")
WIDTH, INDENT = 99, 5
"""Columns of a line, and of the blanks before its words, where ClinicalTrials.gov wraps paragraphs itself: in its records in XML."""
LONGEST = 40
"""Letters of a word: what is longer, and not of ASCII, is of a language that is written without blanks."""
UNFINISHED = re.compile(
    r".*(?:[,/&-]|\b(?:and|or|of|the|with|without|within|in|to|for|by|a|an|than|from|as|who|that|which|at|on|is|are|be|not|no|least|most|"
    r"less|more|above|below|under|over|between|after|before|during))$")


def lines(text: str, plain: str) -> list[Line]:
    """All lines with words, in the order of the text."""
    found: list[Line] = []
    joined, joined_at, waiting, stop, skipped, after = "", -1, None, 0, False, 0
    printed = text.splitlines(keepends=True)
    narrow = max(map(len, printed), default=0) <= WIDTH + 2
    for line in printed:
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
        column = begin - start
        indent = column + (3 * text.count("\t", start, begin) if column else 0)
        follows = bool(found) and not (joined or waiting or after_blank)
        rest = narrow and follows and hard_wrapped(text, plain, found[-1], mark, begin, stop, column)
        if mark.end >= stop and not rest:
            waiting = Line(begin, begin, stop, indent, mark, after_blank)
            continue
        if not mark.style and waiting and not joined:
            found.append(Line(waiting.mark, begin, stop, waiting.indent, replace(waiting.found, end=begin), after_blank, "", len(bare),
                              column, column))
        elif rest or (follows and wraps(text, plain, found[-1], mark, begin, indent)
                      and not headings.section(text, plain, begin, stop, False)):
            found[-1].end = stop
            found[-1].length, found[-1].inset = len(bare), column
        else:
            at = joined_at if joined_at >= 0 else begin
            if found and plain[mark.end] in "oa" and (word := FIRST.match(plain, mark.end, stop)):
                joined, mark = joined or word[1].replace(" ", ""), replace(mark, end=word.end())
            found.append(Line(at, mark.end, stop, indent, mark, after_blank, joined, len(bare), mark.end - start, column))
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
    goes_on = first.islower() or first in "([<>≥≤" or unfinished
    if before.found.style and indent > before.indent:
        return last != ":" and (before.length >= 60 or goes_on)
    return last not in ".:;!?" and before.length >= 50 and goes_on


def hard_wrapped(text: str, plain: str, before: Line, mark: Mark, start: int, stop: int, column: int) -> bool:
    """Whether the line text[start:stop] goes on from the line before: that has no room for its first word, and it begins where that does.

    No bullet does, nor the next number of a list, nor the heading of a section.
    """
    if column < INDENT or column not in (before.column, before.inset) or before.inset + before.length > WIDTH:
        return False
    word = text[start:stop].split(None, 1)[0]
    if before.inset + before.length + 1 + len(word) <= WIDTH or mark.follows(before.found) or (
            len(word) > LONGEST and not word[:LONGEST].isascii()):
        return False
    bullet = mark.style and not (text[start].isalnum() or text[start] == "(") and plain[mark.end - 1] == " "
    return not bullet and not (text[start].isupper() and headings.section(text, plain, start, stop, False))
