"""The tables of data/: lines of columns between tabs, below a header.  A table is read when it is asked for."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

FOLDER: Traversable = files("converter.eligibility").joinpath("data")


def lines(name: str) -> list[str]:
    """The lines of a table below its header."""
    return FOLDER.joinpath(name).read_text(encoding="utf-8").splitlines()[1:]


def rows(name: str) -> list[list[str]]:
    """The columns of each line."""
    return [line.split("\t") for line in lines(name)]


def named_rows(name: str) -> Iterator[dict[str, str]]:
    """The columns of each line by their names in the header."""
    return csv.DictReader(FOLDER.joinpath(name).read_text(encoding="utf-8").splitlines(), delimiter="\t")


def pairs(name: str) -> dict[str, str]:
    """The second column of a table of two, by the first."""
    _, _, below = FOLDER.joinpath(name).read_text(encoding="utf-8").partition("\n")
    fields = below.replace("\n", "\t").split("\t")  # faster than line by line: these tables are large
    return dict(zip(fields[::2], fields[1::2], strict=False))
