"""The files below a folder -> their records, in name order, but for what is written there meanwhile."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from converter.source import printable

if TYPE_CHECKING:
    from converter.documents import Document, Inputs

UNFINISHED = re.compile(r"\..+\.[0-9]+\.tmp", re.DOTALL)
"""How `converter.outputs` calls a file that it has not put in its place."""


def files(inputs: Inputs, path: str) -> Iterator[tuple[str, Iterator[Document]]]:
    """Each file's path, and its records.  What the same run writes there is none of its inputs, and told in a notice."""
    root = os.path.realpath(path)
    # A folder within the one that is written to was chosen by name.
    return below(inputs, path, [each for each in inputs.written if not within(root, each)])


def below(inputs: Inputs, path: str, written: list[str]) -> Iterator[tuple[str, Iterator[Document]]]:
    """The same.  A link to a folder is not followed: it may lead back up."""
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError as error:
        yield path, iter([inputs.source(path).refused(f"cannot be opened: {error.strerror}")])
        return
    here = os.path.realpath(path)
    for entry in entries:
        real = os.path.realpath(entry.path) if entry.is_symlink() else f"{here.rstrip(os.sep)}{os.sep}{entry.name}"
        if UNFINISHED.fullmatch(entry.name) or any(within(real, each) for each in written):
            inputs.notices.append(f"{printable(entry.path)}: passed over as an input; the output or report goes there")
        elif entry.is_dir(follow_symlinks=False):
            yield from below(inputs, entry.path, written)
        elif entry.is_file():
            yield entry.path, inputs.file(entry.path, chosen=False)
        else:
            yield entry.path, iter(())


def within(path: str, other: str) -> bool:
    """Is the path the other one, or below it?  Both are real paths."""
    return path == other or path.startswith(other.rstrip(os.sep) + os.sep)
