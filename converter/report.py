"""The report: one line of JSON for each record of the input, in its order.

    {"source": "a.ndjson", "index": 0, "id": "NCT…", "status": "done", "lost": […], "problems": […]}
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from converter.convert import Outcome, Status
from converter.json_text import encode
from converter.problems import Problem


class Row(Struct, frozen=True):
    """What is lost at one path: a single value, or the number of values of a subtree."""

    path: str
    value: Any | UnsetType = UNSET
    count: int = 1
    reason: str = ""


class Line(Struct, frozen=True):
    """What became of one record."""

    source: str
    index: int
    id: str | None
    status: Status
    lost: tuple[Row, ...]
    problems: tuple[Problem, ...]


def line(outcome: Outcome) -> bytes:
    """The report's line about a record, with its line end."""
    lost = tuple(Row(each.path, each.value, each.count, each.reason) for each in outcome.lost)
    return encode(Line(outcome.source, outcome.index, outcome.id, outcome.status, lost, outcome.problems)) + b"\n"
