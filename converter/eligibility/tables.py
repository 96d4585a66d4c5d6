"""The tables of data/: lines of columns between tabs, below a header.  A table is read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).with_name("data")


def lines(name: str) -> list[str]:
    """The lines of a table below its header."""
    return FOLDER.joinpath(name).read_text(encoding="utf-8").splitlines()[1:]


def rows(name: str) -> list[list[str]]:
    """The columns of each line."""
    return [line.split("\t") for line in lines(name)]


def named_rows(name: str) -> Iterator[dict[str, str]]:
    """The columns of each line by their names in the header."""
    names, *below = (line.split("\t") for line in FOLDER.joinpath(name).read_text(encoding="utf-8").splitlines())
    return (dict(zip(names, columns, strict=True)) for columns in below)


def pairs(name: str) -> dict[str, str]:
    """The second column of a table of two, by the first."""
    # These tables are large: to split the whole is faster than line by line, and few copies of it are made.
    _, _, below = FOLDER.joinpath(name).read_bytes().partition(b"\n")
    fields = iter(below.replace(b"\n", b"\t").decode().split("\t"))
    return dict(zip(fields, fields, strict=False))
