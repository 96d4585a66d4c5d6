"""A format that is one table over JSON: read and written fast, and by the interpreter where something is to be said."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from converter.compiled import Module
from converter.formats import Reading, Writing
from converter.json_text import encode, parse
from converter.loss import Loss, count_in, left, lost
from converter.problems import Problems, refuse
from converter.table import Mapping
from converter.trial import Trial
from converter.visit import MISSING, Visit
from converter.wire import Left, reader


def passed_over(rest: Left) -> Loss:
    """The loss of what the fast reader let through; a large subtree is counted, not parsed."""
    path, text, why = rest
    if text[:1] in (b"{", b"[") and (leaves := count_in(text)):
        return Loss(path, why, count=leaves)
    return left(path, parse(text), why)


class TableFormat:
    """The format that `table` describes."""

    def __init__(self, name: str, table: Mapping):
        self.name = name
        self.table = table

    @cached_property
    def fast_read(self) -> Callable[[bytes], Any]:
        return reader(self.table)

    @cached_property
    def fast_write(self) -> Callable[[Trial], Any]:
        m = Module()
        name = m.writer(self.table)
        write: Callable[[Trial], Any] = m.load()[name]
        return write

    def read(self, document: bytes) -> Reading:
        """The trial in one JSON object.  Raises Problems."""
        try:
            trial, rest, said_once = self.fast_read(document)
        except Exception:
            return self.interpret(parse(document))
        return Reading(trial, (), tuple(map(passed_over, rest)), said_once)

    def interpret(self, tree: Any) -> Reading:
        """The same, slowly: everything that is wrong, doubtful, or lost."""
        visit = Visit()
        trial = visit.attempt("", self.table.read, tree)
        if visit.failed:
            raise Problems(visit.problems)
        if trial is MISSING:
            raise refuse(f"nothing in it is known to the format {self.name}")
        return Reading(trial, tuple(visit.problems), tuple(lost(tree, self.table.write(trial, Visit()), why=self.table.why)))

    def write(self, trial: Trial) -> Writing:
        """The trial as one compact JSON object.  Raises Problems when it is malformed."""
        try:
            return Writing(encode(self.fast_write(trial)))
        except Exception:
            visit = Visit()
            tree = visit.attempt("", self.table.write, trial)
            if visit.failed:
                raise Problems(visit.problems) from None
            return Writing(encode(tree), tuple(visit.problems), tuple(visit.lost))

    def locate(self, document: bytes, trial: Trial, path: str) -> str:
        """Where in a document of this format the Trial's `path` stands."""
        return self.table.locate(path)
