"""The records of inputs -> the text of each one's eligibility criteria, as `trialbridge criteria` shows it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from converter.convert import read_as
from converter.documents import Inputs
from converter.json_text import BOM, not_utf8
from converter.problems import Problem, Problems, refuse
from converter.source import printable


class Criteria(Struct, frozen=True):
    """The criteria of one record; `text` is None where it has none.  With problems, it could not be read."""

    source: str
    index: int
    id: str | None = None
    title: str | None = None
    text: str | None = None
    problems: tuple[Problem, ...] = ()
    ndjson: bool = False


def of_records(inputs: Inputs) -> Iterator[Criteria]:
    """The criteria of each record of the inputs, in their order.  A record that cannot be read costs one record."""
    for document in inputs:
        source, index = document.source, document.index
        if document.problems:
            yield Criteria(source, index, problems=tuple(map(advised, document.problems)), ndjson=document.ndjson)
            continue
        try:
            trial = read_as(document.content, document.format, document.name).trial
        except Problems as wrong:
            yield Criteria(source, index, problems=wrong.problems, ndjson=document.ndjson)
            continue
        yield Criteria(source, index, trial.id, trial.title, trial.criteria, ndjson=document.ndjson)


def advised(problem: Problem) -> Problem:
    """The same; of a text that is no record, it also says what to do where it is the criteria themselves."""
    if not problem.message.startswith("no format knows a text"):
        return problem
    return replace(problem, message=f"{problem.message}; or text, where the criteria stand in it and nothing else")


def of_texts(names: Iterable[str]) -> Iterator[Criteria]:
    """The criteria that files, or standard input ("-"), hold themselves, in UTF-8; of a folder, its files named .txt."""
    for name in names:
        paths = sorted(Path(name).glob("*.txt")) if name != "-" and Path(name).is_dir() else [name]
        if not paths:
            yield Criteria(printable(name), 0, problems=refuse("holds no file named .txt; expected criteria in such files").problems)
        for path in paths:
            yield of_text(path)


def of_text(path: str | Path) -> Criteria:
    """The criteria in one file."""
    source = printable(str(path))
    if path == "-" and sys.stdin is None:
        return Criteria(source, 0, problems=refuse("cannot be read: standard input is closed").problems)
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        return Criteria(source, 0, problems=refuse(f"cannot be read: {error.strerror}").problems)
    if wrong := not_utf8(content):
        return Criteria(source, 0, problems=wrong.problems)
    text = content.removeprefix(BOM).decode()
    if not text.strip():
        return Criteria(source, 0, problems=refuse("the document is empty; expected criteria. Is the file complete?").problems)
    return Criteria(source, 0, text=text)
