"""What commands have in common: their arguments are checked before anything is done, and they end in good order."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import Any, TypeVar

import click

from converter.summary import tell

INTERRUPTED = "interrupted; nothing was left half-written"


Command = TypeVar("Command", bound=Callable[..., Any])


def criteria_options(command: Command) -> Command:
    """The command with the options that say how the criteria of eligibility are written."""
    command = click.option("--min-confidence", type=click.FloatRange(0, 1), metavar="X",
                           help="FHIR: code what is at least so sure (0 to 1). Without it, 0.9.")(command)
    return click.option("--criteria", type=click.Choice(["coded", "text"]),
                        help="FHIR: code what is understood of the criteria (as is done without it), or write their words alone.")(command)


def check_criteria(criteria: str | None, min_confidence: float | None) -> dict[str, Any]:
    """The options of a format that the two options mean.  Raises UsageError where they do not go together."""
    if criteria == "text" and min_confidence is not None:
        raise click.UsageError("--min-confidence says what is coded, and --criteria text codes nothing; leave one of them out")
    if min_confidence is not None and isnan(min_confidence):
        raise click.UsageError("--min-confidence: expected a number from 0 to 1, such as 0.95, found nan")
    return {name: value for name, value in {"criteria": criteria, "min_confidence": min_confidence}.items() if value is not None}


def check_inputs(inputs: tuple[str, ...]) -> None:
    """Raises UsageError where there is no such input, or standard input is named twice."""
    for name in inputs:
        if not name:
            raise click.UsageError('INPUT is ""; expected the name of a file or folder')
        if name != "-" and not os.path.exists(name):  # noqa: PTH110  Path's raises where a name is too long
            raise click.UsageError(f"{name}: there is no such file or folder")
    if inputs.count("-") > 1:
        raise click.UsageError("standard input (-) can be read once only")


def check_file(option: str, path: str | None, inputs: tuple[str, ...], made: str | None = None) -> None:
    """Raises UsageError where an option names a file to write that is an input, or in no folder; `made` is one that will be."""
    if not path:
        return
    if Path(path).is_file() and any(name != "-" and Path(name).resolve() == Path(path).resolve() for name in inputs):
        raise click.UsageError(f"{option} names the input {path}, which would be written over; name another file")
    if not (folder := Path(path).parent).is_dir() and not (made and folder == Path(made)):
        raise click.UsageError(f"{option} {path}: there is no folder {folder}; make it first")


@contextmanager
def in_good_order(written: str) -> Iterator[None]:
    """Whatever ends the work within, a sentence says why and the exit code is 1; `written` is what an OSError is about."""
    gc.freeze()
    try:
        yield
    except KeyboardInterrupt:
        stopped(INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has enough (head).  Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise SystemExit(1) from None
    except OSError as error:
        stopped(f"cannot write {error.filename or written}: {error.strerror}")


def stopped(message: str) -> None:
    """Says why the run ends here."""
    tell(message)
    raise SystemExit(1) from None
