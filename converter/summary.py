"""What a run tells a person on standard error: what failed, what was lost, what was doubtful."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

import click

from converter.convert import Outcome
from converter.documents import Inputs
from converter.problems import Problem

SHOWN = 20
INDEX = re.compile(r"\[\d+\]")


class Summary:
    """Counts outcomes as they come; errors are said at once, everything else in a line at the end."""

    def __init__(self, inputs: Inputs, quiet: bool, report: str | None):
        self.inputs = inputs
        self.quiet = quiet
        self.report = report
        self.records = self.failed = self.refused = self.losing = 0
        self.values = 0
        self.lost: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self.doubtful = 0

    @property
    def done(self) -> int:
        """How many records were written."""
        return self.records - self.failed - self.refused

    def followed(self, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
        """The same outcomes, with a bar on a terminal."""
        from converter.progress import followed

        return followed(outcomes, self.inputs)

    def count(self, outcome: Outcome) -> None:
        """Takes one outcome into account."""
        self.records += 1
        if outcome.status == "failed":
            self.failed += 1
            self.tell_errors(outcome)
        elif outcome.status == "refused":
            self.refused += 1
        if outcome.lost:
            self.losing += 1
            for loss in outcome.lost:
                self.values += loss.count
                self.lost[INDEX.sub("", loss.path)] += loss.count
        if warned := [problem for problem in outcome.problems if problem.severity == "warning"]:
            self.doubtful += 1
            self.warnings.update(str(Problem(INDEX.sub("", problem.path), problem.message)) for problem in warned)

    def tell_errors(self, outcome: Outcome) -> None:
        """Says why a record failed, unless that was said of many already."""
        if self.failed > SHOWN:
            return
        errors = [problem for problem in outcome.problems if problem.severity == "error"]
        for problem in errors[:SHOWN]:
            tell(f"{name(outcome)}: {problem}")
        if len(errors) > SHOWN:
            tell(f"{name(outcome)}: … and {len(errors) - SHOWN} more problems{self.where()}")

    def where(self) -> str:
        """Where all of it can be read."""
        return f"; see {self.report}" if self.report else "; --report FILE lists them"

    def finished(self) -> int:
        """Says the rest, and gives the exit code."""
        if self.failed:
            more = f"; the first {SHOWN} are shown{self.where()}" if self.failed > SHOWN else ""
            if self.records > 1:
                tell(f"{self.failed} of {records(self.records)} could not be converted{more}")
        if self.refused:
            tell(f"--strict refused {self.refused} of {records(self.records)}: {self.said_lost()}")
        for notice in self.inputs.notices:
            tell(notice)
        if not self.quiet:
            if self.doubtful:
                number = self.warnings.total()
                (most, times), *others = self.warnings.most_common()
                often = f" ({times} times)" if times > 1 else ""
                tell(f"{number:,} warnings in {records(self.doubtful)}, such as {most}{often}{self.where()}" if others
                     else f"{number:,} warning{'s' * (number > 1)} in {records(self.doubtful)}: {most}{self.where()}")
            if self.losing > self.refused:
                tell(f"{self.losing} of {records(self.records)} lost something: {self.said_lost()}")
        return 1 if self.failed else 3 if self.refused else 0

    def said_lost(self) -> str:
        """The losses by place, the most frequent first."""
        places = [f"{path} ({times})" for path, times in self.lost.most_common(4)]
        more = ", …" if len(self.lost) > 4 else ""
        values = "1 value" if self.values == 1 else f"{self.values:,} values"
        return f"{values} at {', '.join(places)}{more}{self.where()}"


def records(number: int) -> str:
    """A number of records, in words."""
    return "1 record" if number == 1 else f"{number:,} records"


class Record(Protocol):
    """What a message can name."""

    @property
    def source(self) -> str: ...
    @property
    def index(self) -> int: ...
    @property
    def id(self) -> str | None: ...


def name(record: Record) -> str:
    """The record as a message names it: its source, its number from 0, its id."""
    return f"{record.source}[{record.index}]" + (f" {record.id}" if record.id else "")


def tell(message: str) -> None:
    """Says it on standard error."""
    click.echo(f"trialbridge: {message}", err=True)
