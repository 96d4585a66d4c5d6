"""What was understood of criteria, for a person on a terminal: each criterion in its place, and beside it what it was understood as.

⟦ and ⟧ stand around words that were understood, whatever colours there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from converter.eligibility.findings import Finding, leaves
from converter.eligibility.shown.layout import Entry, Phrase, Places, closing, entries, same_words, says_more, unsaid
from converter.eligibility.shown.wording import BLANKS, expression, fact, harmless, kind, labels, percent, readable

if TYPE_CHECKING:
    from converter.eligibility.understanding import Understanding

COLOURS = {"measure": "cyan", "time": "yellow", "condition": "magenta", "medication": "green", "procedure": "blue", "allergy": "red",
           "pregnancy": "red", "statement": "cyan"}
STYLES = {"section": "bold", "heading": "italic", "criterion": ""}
WIDE = 110
"""Columns from which on what was understood stands beside the words; on less it stands below them."""
BETWEEN = 3
"""Columns between the two."""
DEEPEST = 12
"""Levels that are indented; what is deeper stands where these do."""
LEGEND = "⟦ ⟧ understood words;  = the whole criterion, as that;  · a part of the meaning in the line with =;  ~ found in it"


def lines(understanding: Understanding, minimum: float, console: Console, width: int | None) -> Iterator[Text]:
    """The lines, none wider than `width` columns; of any length where that is None."""
    text = understanding.tree.text
    shown = list(entries(understanding, minimum))
    beside = width is not None and width >= WIDE
    for n, entry in enumerate(shown):
        if n and entry.node.role == "section":
            yield Text()
        found = list(facts(entry, text))
        indent = 2 * min(entry.depth, DEEPEST)
        room = width and ((width - BETWEEN) * 3 // 5 if beside and found else width)
        mark = flat(entry.mark)
        left = list(hanging(words(entry), " " * indent + (f"{mark} " if mark else ""), room, console))
        if beside and width and room:
            right = [line for one in found for line in hanging(one, "", width - room - BETWEEN, console)]
            yield from (row(here, there, room + BETWEEN) for here, there in zip_longest(left, right))
        else:
            yield from left
            for one in found:
                yield from hanging(one, " " * (indent + 4), width, console)
    yield Text()
    yield Text(closing(shown), style="dim")


def row(left: Text | None, right: Text | None, column: int) -> Text:
    """A line of both, the right one beginning in that column."""
    made = left or Text()
    if right:
        made.append(" " * (column - made.cell_len))
        made.append_text(right)
    return made


def hanging(text: Text, begin: str, width: int | None, console: Console) -> Iterator[Text]:
    """The text after `begin`, in lines of that width, all of which start below each other."""
    wrapped = [text] if width is None else text.wrap(console, max(width - cell_len(begin), 10))
    for n, part in enumerate(wrapped):
        part.rstrip()
        made = Text(begin if n == 0 else " " * cell_len(begin))
        yield made.append_text(part)


def words(entry: Entry) -> Text:
    """The words of a node, phrases marked."""
    line = Text(unsaid(entry), style=STYLES[entry.node.role])
    for piece in entry.pieces:
        if isinstance(piece, Phrase):
            line.append(f"⟦{flat(piece.words)}⟧", style=f"bold {COLOURS[kind(piece.findings[0])]}")
        else:
            line.append(flat(piece))
    return line


def flat(words: str) -> str:
    """The words with one space for several, or for a line's end."""
    return harmless(BLANKS.sub(" ", readable(words)))


def facts(entry: Entry, text: str) -> Iterator[Text]:
    """A line for each finding, and one for what they mean together."""
    combined = says_more(entry)
    meant = list(leaves(entry.meaning)) if entry.meaning is not None else []
    places = Places(entry.findings)
    in_meaning = {places.place(one) for one in meant if any(same_words(one, finding) for finding in entry.findings)}
    for n, finding in enumerate(entry.findings):
        yield fact_line("~" if n not in in_meaning else "·" if combined else "=", finding, text)
    if entry.meaning is not None and combined:
        yield Text(f"= {expression(entry.meaning, text)}", style="bold")


def fact_line(sign: str, finding: Finding, text: str) -> Text:
    """What a finding says, its codes, and how sure that is."""
    made = Text(f"{sign} ")
    made.append(fact(finding, text), style=COLOURS[kind(finding)])
    if named := labels(finding):
        made.append(f"  [{', '.join(named)}]")
    return made.append(f"  {percent(finding.confidence)}", style="dim")
