"""A web page is a list of lines, and every line is read into a field, known as furniture, or reported.

The ledger of a Page starts with every line unread.  A reader crosses a line off by reading it; whatever it forgets,
or does not understand, is still in the ledger at the end and becomes the `lost` of the Reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date as day
from difflib import SequenceMatcher
from typing import Any

from msgspec import Struct

from converter.formats import Reading
from converter.formats.page_lines import Line, lines_of
from converter.loss import Loss
from converter.problems import Problem, refuse, shown
from converter.trial import Site, Trial

UNREAD = "was not read into any field"
# How the registry's names of countries end that hold a comma themselves: "Seoul, Korea, Republic of"
INVERTED = re.compile(r"((Islamic|The Democratic|Democratic People's|United|The Former Yugoslav) )?Republic of( the)?")


class Heading(Struct, frozen=True):
    """A heading of a layout, the fixed sentence that the layout prints below it, and whether its order is fixed too."""

    text: str
    sentence: str = ""
    anywhere: bool = False


class Page:
    """The lines of one page that are not blank, and the ledger of those that nobody has read."""

    def __init__(self, lines: Iterable[Line]):
        self.lines = list(lines)
        self.problems: list[Problem] = []
        self._unread = {line.number: UNREAD for line in self.lines}

    def read(self, line: Line) -> str:
        """Its words; the line is crossed off.  To be called where they go into a field, or are furniture."""
        self._unread.pop(line.number, None)
        return line.words

    def text(self, lines: Sequence[Line]) -> str | None:
        """All of them as one text, paragraphs apart as the registry keeps them; None when there is no line."""
        joined = "".join(("\n\n" if line.apart else "\n") + line.text for line in lines).strip()
        for line in lines:
            self.read(line)
        return joined or None

    def word(self, line: Line, words: dict[str, str], said: str | None = None) -> str:
        """The Trial's word for the line, or for the part `said` of it; one that no list has stands, with a warning."""
        whole = self.read(line)
        said = whole if said is None else said
        if said not in words:
            self.warn(line, f"{shown(said)} is a word that no list has; it is kept as it stands")
        return words.get(said, said)

    def warn(self, line: Line, message: str) -> None:
        """The reader of the page is told something about the line."""
        self.problems.append(Problem(f"line {line.number}", message, "warning"))

    def leave(self, lines: Iterable[Line], reason: str) -> None:
        """The lines stay unread, and it is known why."""
        self._unread.update({line.number: f"{UNREAD}: {reason}" for line in lines if line.number in self._unread})

    def reading(self, trial: Trial) -> Reading:
        """The trial, what was doubtful, and every line that is still in the ledger."""
        lost = [Loss(f"line {line.number}", self._unread[line.number], line.words)
                for line in self.lines if line.number in self._unread]
        in_order = sorted(self.problems, key=lambda problem: int(problem.path.removeprefix("line ")))
        return Reading(trial, tuple(in_order), tuple(lost))


def locate(document: bytes, trial: Trial, path: str) -> str | None:
    """The line of the page that says what the Trial has at `path`, and the least besides; the path where no line does.

    None when the page does not say it in any way.
    A flag that is set is looked for by its name: `not_reported` is on the page as "Not reported".
    """
    value: Any = trial
    if path == "source":
        return None  # which format the page is stands nowhere on it
    for step in re.findall(r"\w+", path):
        value = value[int(step)] if isinstance(value, tuple) else getattr(value, step, "")
        said = step.replace("_", " ").capitalize() if value is True else str(value)
    holding = [line for line in lines_of(document) if said in line.words]
    return f"line {min(holding, key=lambda line: len(line.words)).number}" if said and holding else path


def open_page(document: bytes, site: str) -> Page:
    """The lines of a page that was kept as text or as HTML.  Raises Problems when it is neither."""
    page = Page(lines_of(document))
    if not page.lines:
        raise refuse(f"the document is empty; expected a page of {site}, its text or the saved HTML")
    return page


def sections(page: Page, headings: Sequence[Heading]) -> dict[str, list[Line]]:
    """The lines below each heading that the page has; those before the first heading are at "".

    Headings and fixed sentences are crossed off.  A heading with its sentence below it is one wherever it stands (a
    description may have a line "Study Design" of its own); one without it only in the order of the layout.
    """
    starts: dict[str, int] = {}
    for heading in headings:
        for index, line in enumerate(page.lines[1:]):
            if page.lines[index].words == heading.text and alike(line.words, heading.sentence):
                starts.setdefault(heading.text, index)
        names = {one.text for one in headings if one.sentence == heading.sentence}
        if heading.sentence and not any(line.words in names for line in page.lines):
            for index, line in enumerate(page.lines):
                if line.words == heading.sentence and heading.text not in starts:
                    page.warn(line, f"the heading {heading.text!r} is missing above its sentence; the section is read all the same")
                    starts[heading.text] = index
    for rank, heading in enumerate(headings):
        after = max((starts[one.text] for one in headings[:rank]
                     if one.text in starts and not one.anywhere), default=-1)
        until = min((starts[one.text] for one in headings[rank:]
                     if starts.get(one.text, -1) > after and not one.anywhere), default=len(page.lines))
        if heading.anywhere:
            after, until = -1, len(page.lines)
        for index in range(after + 1, until):
            if page.lines[index].words == heading.text:
                starts.setdefault(heading.text, index)
    ends = sorted([*starts.values(), len(page.lines)])
    found = {"": page.lines[:ends[0]]}
    for heading in headings:
        if (start := starts.get(heading.text)) is not None:
            page.read(page.lines[start])
            body = page.lines[start + 1:next(end for end in ends if end > start)]
            found[heading.text] = below(page, body, heading.sentence)
    return found


def below(page: Page, body: Sequence[Line], sentence: str) -> list[Line]:
    """The lines without the fixed sentence that opens them; it is crossed off if it stands there word for word."""
    for index, line in enumerate(body[:3]):
        if line.words == sentence:
            page.read(line)
            page.leave(body[:index], "it stands between a heading and its sentence")
            return list(body[index + 1:])
    if body and alike(body[0].words, sentence):
        page.leave(body[:1], f"the layout says here {shown(sentence)}")
        return list(body[1:])
    return list(body)


def alike(one: str, other: str) -> bool:
    """True of two wordings of the same sentence, as far as their beginnings show."""
    matcher = SequenceMatcher(None, one[:300], other[:300], autojunk=False)
    return matcher.real_quick_ratio() > 0.6 and matcher.ratio() > 0.6


def groups(lines: Iterable[Line], last: Callable[[str], Any]) -> Iterator[list[Line]]:
    """The lines in groups, each up to and including the line of which `last` is true; what is over comes at the end."""
    group: list[Line] = []
    for line in lines:
        group.append(line)
        if last(line.words):
            yield group
            group = []
    if group:
        yield group


def each_whole(page: Page, lines: Iterable[Line], what: str) -> tuple[str, ...] | None:
    """One for each line, never split: the sites join keywords or conditions by a single space, which they hold too."""
    found = []
    for line in lines:
        if " " in line.words:
            page.warn(line, f"{shown(line.words)} may be one {what} or several, joined by spaces; it is kept whole as "
                            "one")
        found.append(page.read(line))
    return tuple(found) or None


def labelled(page: Page, lines: Sequence[Line], forms: dict[str, Callable[[str], Any]]) -> dict[str, Line]:
    """The line below each label; the labels are crossed off, the values are not.

    A line in between is passed over if it has not the form of the label's values and the next line has.
    """
    found: dict[str, Line] = {}
    label = ""
    for line, following in zip(lines, [*lines[1:], None], strict=False):
        if line.words in forms and line.words not in found:
            label = page.read(line)
        elif label and (forms[label](line.words) or not following or not forms[label](following.words)):
            found[label], label = line, ""
    return found


def recognized(lines: Iterable[Line], fits: dict[str, Callable[[str], Any]]) -> dict[str, Line]:
    """The line of each label on a page that prints no labels, as far as the values themselves leave no doubt.

    A value is in no doubt when it fits one label only, or when those that fit the same labels are as many as these.
    """
    found: dict[str, Line] = {}
    rest = list(lines)
    while True:
        open_labels = [label for label in fits if label not in found]
        alike_lines: dict[tuple[str, ...], list[Line]] = {}
        for line in rest:
            alike_lines.setdefault(tuple(label for label in open_labels if fits[label](line.words)), []).append(line)
        sure = {label: line for labels, those in alike_lines.items() if len(labels) == len(those)
                for label, line in zip(labels, those, strict=True)}
        if not sure:
            return found
        found.update(sure)
        rest = [line for line in rest if line not in sure.values()]


def place(page: Page, line: Line) -> Site:
    """City, state and country of "City, State, Country" or "City, Country"; any other line is all kept as the city."""
    said = page.read(line)
    parts = said.split(", ")
    if len(parts) > 1 and INVERTED.fullmatch(parts[-1]):
        parts[-2:] = [", ".join(parts[-2:])]
    if all(parts) and len(parts) in (2, 3):
        return Site(city=parts[0], state=parts[1] if len(parts) == 3 else None, country=parts[-1])
    page.warn(line, f"{shown(said)} is neither 'City, State, Country' nor 'City, Country'; it is kept whole as the "
                    "city")
    return Site(city=said)


def date(said: str) -> str | None:
    """The date as it is written, if it is a year, month or day of the calendar in ISO 8601."""
    try:
        day.fromisoformat((said + "-01-01")[:10])
    except ValueError:
        return None
    return said if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", said) else None
