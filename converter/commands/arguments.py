"""What commands have in common: their arguments are checked before anything is done, and they end in good order."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from converter.summary import tell

INTERRUPTED = "interrupted; nothing was left half-written"


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
