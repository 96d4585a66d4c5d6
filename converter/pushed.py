"""What a push tells a person: a line for each record, what failed and what to try, the numbers at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from time import monotonic
from typing import Any

import click
from msgspec import Struct

from converter.json_text import encode
from converter.problems import Problem
from converter.readying import Ready
from converter.summary import SHOWN, name, records, tell
from mappings.push.outcomes import CODES, STATUSES, Outcome, exit_code
from mappings.push.parcels import Parcel
from mappings.push.trying import Cause


class Told(Struct, frozen=True, omit_defaults=True):
    """One record, as --json gives it."""

    source: str
    index: int
    id: str | None
    status: str
    cause: str | None = None
    locations: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    lost: int = 0
    attempts: int = 0
    seconds: float = 0.0


class Pushed:
    """Tells each outcome as it comes, on standard output (lines, or JSON) and what is wrong on standard error."""

    def __init__(self, json: bool, quiet: bool, lines: bool):
        self.json, self.quiet, self.lines = json, quiet, lines
        self.statuses: Counter[str] = Counter()
        self.causes: Counter[Cause] = Counter()
        self.losing: dict[tuple[str, int], int] = {}
        self.lost = 0
        self.begun = monotonic()
        self.failures = self.dry = self.handed = self.answered = 0
        self.ended = ""

    def readied(self, ready: Iterator[Ready]) -> Iterator[Ready]:
        """The records that can be pushed; the others are told."""
        for one in ready:
            if count := sum(loss.count for loss in one.lost):
                self.losing[one.source, one.index] = count
                self.lost += count
            if one.content is None:
                self.handed += 1
                self.tell(Outcome(one.source, one.index, one.id, "failed", problems=one.problems, cause="refused"))
            else:
                self.handed += 1
                yield one

    def tell(self, outcome: Outcome) -> None:
        """Takes one outcome into account, and says it."""
        self.statuses[outcome.status] += 1
        self.answered += 1
        if outcome.cause:
            self.causes[outcome.cause] += 1
        lost = self.losing.get((outcome.source, outcome.index), 0)
        if self.json:
            click.echo(encode(Told(outcome.source, outcome.index, outcome.id, outcome.status, outcome.cause,
                                   tuple(one.location for one in outcome.written), outcome.problems, lost, outcome.attempts,
                                   round(outcome.seconds, 3))))
        elif self.lines and not self.quiet:
            where = " ".join(one.location for one in outcome.written)
            click.echo(f"{outcome.status:9} {name(outcome)}" + (f"  {where}" if where else ""))
        if not outcome.well:
            self.failures += 1
            if self.failures <= SHOWN:
                self.tell_why(outcome)

    def tell_why(self, outcome: Outcome) -> None:
        """Says why a record is not on the server."""
        shown = [one for one in outcome.problems if one.severity == "error"] or list(outcome.problems)
        for problem in shown[:SHOWN]:
            tell(f"{name(outcome)}: {with_field(problem)}")
        if len(shown) > SHOWN:
            tell(f"{name(outcome)}: … and {len(shown) - SHOWN} more; --json gives all")

    def would(self, one: Parcel) -> None:
        """Says what would be sent of a record: how much, and its hash, but not what is in it."""
        self.dry += 1
        given, size = one.given, len(one.content)
        if self.json:
            click.echo(as_json(source=given.source, index=given.index, id=one.id, status="would be sent", bytes=size, sha256=one.sha256))
        elif not self.quiet:
            click.echo(f"would send {name(given)}  {size:,} bytes, sha256 {one.sha256}")

    def broken_off(self, why: str) -> None:
        """The run ended from outside: of what was on its way, nobody knows what became."""
        self.ended = why
        self.causes["network"] += 1
        self.statuses["unknown"] += (lost := self.handed - self.answered)
        if lost:
            self.ended += f"; {records(lost)} on the way or waiting, counted as unknown"

    def finished(self, notices: list[str], ended: str = "", journal: str | None = None) -> int:
        """Says the numbers, and gives the exit code.  `ended`: why the run ended before its input did."""
        number = sum(self.statuses.values()) + self.dry
        seconds = monotonic() - self.begun
        ended = self.ended or ended
        code = exit_code(self.causes)
        if self.json:
            dry = {"would be sent": self.dry} if self.dry else {}
            click.echo(as_json(summary={**{status: self.statuses[status] for status in STATUSES}, **dry, "records": number,
                                        "lost": self.lost, "seconds": round(seconds, 3), "complete": not ended, "exit": code}))
        if self.failures > SHOWN:
            tell(f"{self.failures} of {records(number)} are not on the server; the first {SHOWN} are shown, --json gives all")
        for notice in notices:
            tell(notice)
        if ended:
            tell(f"{ended}; {f'--journal {journal} --resume goes on' if journal else 'with --journal FILE, --resume could go on'}")
        if not self.quiet:
            if self.lost:
                tell(f"{records(len(self.losing))} lost {self.lost:,} values in the conversion; "
                     "`trialbridge convert --report FILE` lists them")
            counted = ", ".join(f"{self.statuses[status]} {status}" for status in STATUSES)
            counted = f"{self.dry} would be sent, {self.statuses['failed']} would not" if self.dry else counted
            tell(f"{records(number)}: {counted}; {seconds:.1f} s, {number / max(seconds, 0.001):.1f} records/s")
        return code


def with_field(problem: Problem) -> str:
    """The problem with the field of the trial from which its place was written."""
    field = f"the field {problem.field}" if problem.field else ""
    where = f"{problem.path} ({field})" if problem.path and field else problem.path or field
    return f"{where}: {problem.message}" if where else problem.message


def code_for(cause: Cause) -> int:
    """The exit code of a run that could not begin."""
    return CODES[cause]


def as_json(**parts: Any) -> bytes:
    """One line of JSON."""
    return encode(parts)
