"""Cases as GitHub's workflow commands, and a summary of the run for its page.

https://docs.github.com/actions/reference/workflow-commands: an annotation stands at its file; a step may have ten of a kind,
the log has all.  The summary is added to the file that GITHUB_STEP_SUMMARY names; it may have 1 MiB.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from converter.cases import Case

SHOWN = 50
"""Cases that the summary lists."""
WIDEST = 200
"""Characters of a cell."""
DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
PROPERTY = {**DATA, ":": "%3A", ",": "%2C"}
MARKDOWN = re.compile(r"([\\`*_\[\]|~])")


def commands(case: Case) -> Iterator[str]:
    """The annotations that a case is told by: an error when it did not pass, a warning when something is doubtful."""
    for kind, lines in (("error", case.findings if case.result != "passed" else ()), ("warning", case.warnings)):
        if lines:
            yield command(kind, "\n".join(lines), file="" if case.source == "-" else case.source,
                          title=f"{case.id or case.name}, {case.about}: {case.status}")


def command(kind: str, message: str, **properties: str) -> str:
    """A workflow command; a property without a value is left out."""
    said = ",".join(f"{name}={replaced(value, PROPERTY)}" for name, value in properties.items() if value)
    return f"::{kind}{' ' * bool(said)}{said}::{replaced(message, DATA)}"


def replaced(said: str, by: dict[str, str]) -> str:
    """The text with every character in `by` replaced."""
    return "".join(by.get(char, char) for char in said)


class StepSummary:
    """The cases that did not pass, for the page of a run; nothing where the environment names no file."""

    def __init__(self, title: str):
        self.title = title
        self.path = os.environ.get("GITHUB_STEP_SUMMARY")
        self.rows: list[str] = []
        self.more = 0

    def take(self, case: Case) -> None:
        """One case more; only so many are kept."""
        if case.result == "passed":
            return
        if len(self.rows) >= SHOWN:
            self.more += 1
            return
        first = case.findings[0].partition("\n")[0] if case.findings else ""
        self.rows.append(f"| {' | '.join(map(cell, (case.name, case.about, case.status, first)))} |\n")

    def write(self, closing: Iterable[str]) -> None:
        """Adds the summary to the page: `closing` are the lines that a run ends with.  Raises OSError."""
        if not self.path:
            return
        made = [f"### {self.title}\n\n", *(f"{cell(line)}  \n" for line in closing)]
        if self.rows:
            made += ["\n| Record | Against | Result | First of what was found |\n| --- | --- | --- | --- |\n", *self.rows]
        if self.more:
            made.append(f"\n… and {self.more:,} more.\n")
        with Path(self.path).open("a", encoding="utf-8") as page:
            page.write("".join(made))


def cell(said: str) -> str:
    """The text as a cell of a table: one line, nothing in it markup."""
    line = " ".join(said.split())
    return MARKDOWN.sub(r"\\\1", escape(f"{line[:WIDEST]}…" if len(line) > WIDEST else line, quote=False))
