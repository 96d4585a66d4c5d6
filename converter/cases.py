"""What validate and roundtrip found, as the programs of continuous integration take it: one case for each check."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Struct
from msgspec.structs import replace

from converter.contrast import contrast
from converter.differences import Difference
from converter.problems import Problem
from converter.roundtrip import Trip
from converter.summary import name
from converter.validation import Verdict

MOST = 50
"""Findings that are told of one case."""
WIDEST = 160
"""Characters of a path that are told."""
Result = Literal["passed", "failure", "error"]


class Case(Struct, frozen=True):
    """One record that was checked: what for, whether it passed, and what was found, a line or more each.

    An "error" could not be checked at all.
    """

    source: str
    index: int
    id: str | None
    about: str
    result: Result = "passed"
    status: str = ""
    findings: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """The record as a person names it."""
        return name(self)


def of_verdict(verdict: Verdict) -> Case:
    """The case of a record that was validated."""
    result: Result = "passed" if verdict.status == "valid" else "failure" if verdict.format else "error"
    failing = [told(problem) for problem in verdict.problems if verdict.fails(problem)]
    others = [told(problem) for problem in verdict.problems if problem.severity == "warning" and not verdict.fails(problem)]
    return Case(verdict.source, verdict.index, verdict.id, verdict.format or "unread", result, verdict.status,
                first(failing), first(others), verdict.seconds)


def of_trip(trip: Trip) -> Case:
    """The case of a round trip."""
    result: Result = "passed" if trip.status == "same" else "error" if trip.status == "failed" else "failure"
    errors = [told(problem) for problem in trip.problems if problem.severity == "error"]
    findings = errors[:MOST] + [line(difference) for difference in trip.differences[:MOST]]
    return Case(trip.source, trip.index, trip.id, trip.release, result, trip.status,
                first(findings, len(errors) + len(trip.differences)), (), trip.seconds)


def first(lines: list[str], number: int = 0) -> tuple[str, ...]:
    """The first of the lines, and how many more there are; `number` is how many there are, where not all are made."""
    more = max(number, len(lines)) - MOST
    return (*lines[:MOST], *([f"… and {more:,} more"] if more > 0 else []))


def told(problem: Problem) -> str:
    """A problem in one line: where, what, the section that says so, the field it comes from."""
    beside = [] if problem.section is UNSET else [str(problem.section)]
    if problem.field is not UNSET:
        beside.append(f"from {problem.field}")
    said = str(replace(problem, path=short(problem.path)))
    return f"{said} ({'; '.join(beside)})" if beside else said


def line(difference: Difference) -> str:
    """A difference in some lines: where, why, both values, the row."""
    old, new = contrast(difference.before, difference.after, difference.count)
    row = f"\n  row    {row_of(difference)}" if row_of(difference) else ""
    return f"{short(difference.path)}: {difference.reason}\n  before {old}\n  after  {new}{row}"


def short(path: str) -> str:
    """The path, cut in its middle where things stand in one another very deep."""
    return path if len(path) <= WIDEST else f"{path[:WIDEST // 2]}…{path[-WIDEST // 2:]}"


def row_of(difference: Difference) -> str:
    """The row of the tables that has the value; "" when none has."""
    if difference.field is UNSET:
        return ""
    return f"{difference.field} → {difference.place}" if difference.place is not UNSET else str(difference.field)
