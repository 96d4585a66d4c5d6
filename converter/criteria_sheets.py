"""What `trialbridge criteria` prints: lines for people, JSON for programs, or a page of HTML."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from converter.criteria import Criteria
from converter.eligibility.shown.wording import one_line
from converter.json_text import encode, indented

if TYPE_CHECKING:
    from converter.eligibility.understanding import Understanding

Write = Callable[[bytes], object]
NONE = "It has no criteria."


class Sheet(Protocol):
    """Where criteria are shown.  `interactive` is true where a person sees them come."""

    interactive: bool

    def begin(self, several: bool) -> None:
        """Whether there is more than one record."""

    def take(self, criteria: Criteria, understanding: Understanding | None) -> None:
        """One record more, and what is understood of its criteria where it has any."""

    def end(self) -> None:
        """There are no more."""


def sheet_of(form: str, minimum: float, write: Write | None) -> Sheet:
    """Where criteria go that are to have that form; without `write`, to standard output.  `minimum` is the least confidence."""
    match form:
        case "json":
            return ForPrograms(minimum, write or sys.stdout.buffer.write)
        case "html":
            return AsPage(minimum, write or sys.stdout.buffer.write)
    return ForPeople(minimum, write)


class ForPeople:
    """Lines: coloured and wrapped on a terminal; elsewhere in UTF-8, each as long as it is."""

    def __init__(self, minimum: float, write: Write | None):
        from rich.console import Console

        self.minimum = minimum
        self.console = Console(highlight=False, markup=False, emoji=False)
        self.interactive = write is None and self.console.is_terminal
        self.width = self.console.width if self.interactive else None
        self.write = write or sys.stdout.buffer.write
        if self.interactive and hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")  # what the terminal has no sign for is no reason to stop

    def begin(self, several: bool) -> None:
        self.first = True

    def take(self, criteria: Criteria, understanding: Understanding | None) -> None:
        from rich.text import Text

        from converter.eligibility.shown.terminal import lines

        if criteria.problems:
            return
        self.print(*([] if self.first else [Text()]), Text(called(criteria), style="bold"), Text())
        self.first = False
        self.print(*([Text(NONE)] if understanding is None else lines(understanding, self.minimum, self.console, self.width)))

    def end(self) -> None:
        from rich.text import Text

        from converter.eligibility.shown.terminal import LEGEND

        if not self.first:
            self.print(Text(LEGEND, style="dim"))

    def print(self, *lines: object) -> None:
        """Some lines more."""
        for line in lines:
            if self.interactive:
                self.console.print(line)
            else:
                self.write(f"{line}\n".encode())


class ForPrograms:
    """JSON: one record for people to read, or a line for each of several."""

    interactive = False

    def __init__(self, minimum: float, write: Write):
        self.minimum = minimum
        self.write = write

    def begin(self, several: bool) -> None:
        self.several = several

    def take(self, criteria: Criteria, understanding: Understanding | None) -> None:
        from converter.eligibility.shown.programs import tree

        row = {"source": criteria.source, "index": criteria.index, "id": criteria.id, "title": criteria.title,
               "problems": criteria.problems, "min_confidence": self.minimum, "text": criteria.text,
               **({"criteria": [], "findings": []} if understanding is None else tree(understanding, self.minimum))}
        self.write(encode(row) + b"\n" if self.several else indented(encode(row)))

    def end(self) -> None:
        pass


class AsPage:
    """One page of HTML, written when all its records are known."""

    interactive = False

    def __init__(self, minimum: float, write: Write):
        self.minimum = minimum
        self.write = write
        self.titles: list[str] = []
        self.bodies: list[str] = []

    def begin(self, several: bool) -> None:
        self.several = several

    def take(self, criteria: Criteria, understanding: Understanding | None) -> None:
        from converter.eligibility.shown.page import body

        title = called(criteria)
        said = understanding or "; ".join(f"It could not be read: {problem}" for problem in criteria.problems) or NONE
        self.bodies.append(body(len(self.titles), title if self.several else None, said, self.minimum))
        self.titles.append(title)

    def end(self) -> None:
        from converter.eligibility.shown.page import page

        for part in page(self.titles, self.bodies, self.minimum):
            self.write(part.encode())


def called(criteria: Criteria) -> str:
    """What a record is called: its number and its title, or else where it comes from."""
    return one_line(" ".join(filter(None, (criteria.id, criteria.title))) or f"{criteria.source}[{criteria.index}]")
