"""A bar on the terminal while work takes longer than a second; nothing otherwise."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from time import monotonic
from typing import Any, TypeVar

from converter.documents import Inputs

PATIENCE = 1.0
BETWEEN = 0.2
Result = TypeVar("Result")


def followed(outcomes: Iterator[Result], inputs: Inputs) -> Iterator[Result]:
    """The same outcomes; a person at a terminal sees how far they are."""
    if not sys.stderr.isatty():
        yield from outcomes
        return
    begin = monotonic()
    due = begin + PATIENCE
    bar: Any = None
    task: Any = None
    try:
        for number, outcome in enumerate(outcomes, 1):
            if (now := monotonic()) >= due:
                if bar is None:
                    bar, task = begun(inputs.size)
                bar.update(task, completed=inputs.position, records=number, rate=number / (now - begin))
                due = now + BETWEEN
            yield outcome
    finally:
        if bar is not None:
            bar.stop()


def begun(total: int | None) -> tuple[Any, Any]:
    """The bar, on standard error, gone when the work is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    bar = Progress(TextColumn("{task.fields[records]:,} records, {task.fields[rate]:,.1f}/s"), BarColumn(), TimeElapsedColumn(),
                   TextColumn("left"), TimeRemainingColumn(), console=Console(stderr=True), transient=True)
    bar.start()
    return bar, bar.add_task("", total=total, records=0, rate=0.0)
