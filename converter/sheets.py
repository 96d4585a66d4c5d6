"""What validate and roundtrip print: for people, or for programs as JSON, JUnit XML or GitHub's workflow commands.

A sheet takes what was checked, one after the other, and ends with the closing lines of the run.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, Protocol, TypeVar

import click
from msgspec import UNSET

from converter.annotations import StepSummary, command, commands
from converter.cases import Case, row_of, short, told
from converter.contrast import contrast
from converter.differences import ORDER, Difference
from converter.json_text import encode
from converter.junit import Suite
from converter.outputs import WholeFile
from converter.problems import Problem
from converter.roundtrip import Trip
from converter.summary import name, tell
from converter.validation import Verdict

SHOWN = 20
"""Records that are shown to a person, and findings of each."""
COLOURS = {"error": "red", "warning": "yellow", "information": "blue"}
Checked = TypeVar("Checked", contravariant=True)


class Sheet(Protocol[Checked]):
    """Where results go."""

    def take(self, checked: Checked) -> None:
        """One result more."""

    def end(self, closing: list[str], warnings: list[str]) -> None:
        """The run is over: the lines it ends with, and what a person should know besides."""


class ForPeople(Generic[Checked]):
    """Lines on standard output, coloured on a terminal; of so many records with findings that it is no wall."""

    def __init__(self, lines: Callable[[Checked], Iterator[str]]):
        self.lines = lines
        self.shown = self.more = 0

    def take(self, checked: Checked) -> None:
        lines = self.lines(checked)
        first = next(lines, None)
        if first is None:
            return
        if self.shown == SHOWN:
            self.more += 1
            return
        self.shown += 1
        click.echo("\n".join([first, *lines]) + "\n")

    def end(self, closing: list[str], warnings: list[str]) -> None:
        if self.more:
            click.echo(f"… and {self.more:,} more with findings; --format json lists them all\n")
        click.echo("\n".join(closing))
        tell_all(warnings)


class ForPrograms(Generic[Checked]):
    """A line of JSON for each result."""

    def __init__(self, row: Callable[[Checked], dict[str, Any]]):
        self.row = row

    def take(self, checked: Checked) -> None:
        sys.stdout.buffer.write(encode(self.row(checked)) + b"\n")

    def end(self, closing: list[str], warnings: list[str]) -> None:
        sys.stdout.buffer.flush()
        tell_all(warnings)


class ForJUnit(Generic[Checked]):
    """JUnit XML on standard output, or beside another sheet where `write` takes it."""

    def __init__(self, title: str, case: Callable[[Checked], Case], write: Callable[[bytes], object] | None = None):
        self.case = case
        self.suite = Suite(title)
        self.write = write

    def take(self, checked: Checked) -> None:
        self.suite.take(self.case(checked))

    def end(self, closing: list[str], warnings: list[str]) -> None:
        self.suite.write(self.write or sys.stdout.buffer.write)
        self.suite.close()
        if self.write is None:
            sys.stdout.buffer.flush()
            tell_all(warnings)


@contextmanager
def junit_beside(path: str | None, title: str, case: Callable[[Checked], Case]) -> Iterator[list[Sheet[Checked]]]:
    """The sheet of a file beside what is printed, none without a path; the file is in its place when the block ends in good order."""
    if not path:
        yield []
        return
    file = WholeFile(path)
    try:
        yield [ForJUnit(title, case, file.write)]
        file.commit()
    finally:
        file.discard()


class ForGitHub(Generic[Checked]):
    """Annotations on standard output, and the summary on the page of the run."""

    def __init__(self, title: str, case: Callable[[Checked], Case]):
        self.case = case
        self.summary = StepSummary(title)

    def take(self, checked: Checked) -> None:
        case = self.case(checked)
        self.summary.take(case)
        for line in commands(case):
            click.echo(line)

    def end(self, closing: list[str], warnings: list[str]) -> None:
        for warning in warnings:
            click.echo(command("warning", warning))
        click.echo("\n".join(closing))
        self.summary.write([*closing, *warnings])


def tell_all(warnings: list[str]) -> None:
    """Says them on standard error."""
    for warning in warnings:
        tell(warning)


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON has it."""
    return {name: getattr(verdict, name) for name in ("source", "index", "id", "format", "status", "problems")}


def trip_row(trip: Trip) -> dict[str, Any]:
    """A round trip as JSON has it."""
    names = ("source", "index", "id", "release", "status", "differences", "allowed", "problems")
    return {name: getattr(trip, name) for name in names}


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """What a person sees of a verdict: nothing where nothing is wrong."""
    found = [problem for problem in verdict.problems if problem.severity != "information"]
    if found:
        yield heading(verdict, verdict.format or "not read", verdict.status)
        yield from some([problem_line(problem) for problem in found[:SHOWN]], len(found))


def trip_lines(trip: Trip) -> Iterator[str]:
    """What a person sees of a round trip: nothing where nothing is different."""
    if trip.status == "same":
        return
    errors = [problem for problem in trip.problems if problem.severity == "error"]
    yield heading(trip, trip.release, trip.status)
    yield from some([problem_line(problem) for problem in errors[:SHOWN]], len(errors))
    width = shutil.get_terminal_size((120, 0)).columns
    yield from some([line for one in trip.differences[:SHOWN] for line in difference_lines(one, width)], len(trip.differences))


def heading(checked: Verdict | Trip, about: str, status: str) -> str:
    """The line above what was found in a record."""
    bad = status not in ("valid", "same")
    return f"{click.style(name(checked), bold=True)}  {about}  {click.style(status, fg='red' if bad else 'green')}"


def some(lines: list[str], number: int) -> Iterator[str]:
    """The lines about the first findings, and how many more findings there are."""
    yield from lines
    if number > SHOWN:
        yield f"  … and {number - SHOWN:,} more; --format json lists them all"


def problem_line(problem: Problem) -> str:
    """A problem after the word for how bad it is."""
    return f"  {click.style(f'{problem.severity:7}', fg=COLOURS[problem.severity])}  {told(problem)}"


def difference_lines(difference: Difference, width: int) -> Iterator[str]:
    """A difference: its place, then the two values side by side, or above each other where they are too wide for that."""
    old, new = contrast(difference.before, difference.after, difference.count)
    row = f"  ({row_of(difference)})" if row_of(difference) else ""
    values_tell = UNSET not in (difference.before, difference.after) and difference.reason != ORDER
    why = "" if values_tell else f": {difference.reason}"
    yield f"  {click.style(short(difference.path) or '(the record)', bold=True)}{why}{row}"
    before, after = coloured(old, "[-", "-]", "red"), coloured(new, "{+", "+}", "green")
    if len(old) + len(new) + 12 <= width:
        yield f"      {before}  →  {after}"
    else:
        yield from (f"      {before}", f"    → {after}")


def coloured(value: str, begin: str, end: str, colour: str) -> str:
    """The value with its marked parts in colour."""
    return re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda part: click.style(part[0], fg=colour), value)
