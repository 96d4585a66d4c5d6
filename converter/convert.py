"""Any readable format to any writable one: the library's front door.

    read(document)                  a Trial, what was doubtful in the document, what it leaves behind
    write(trial, "r4")              a document
    convert(document, "r4")         both
    convert_all(Inputs(["studies.ndjson"]), "r4", jobs=4)
                                    an Outcome for each record of the inputs, in their order, in constant memory

Whatever the document is, `Problems` is the only exception.  `convert_all` raises none for a record: a record that
cannot be converted is an Outcome like the others, and costs one record.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any, Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from converter.documents import Document, Inputs, only_documents
from converter.formats import FORMATS, Format, Reading, Writing, format_named
from converter.guess import guess, is_json
from converter.json_text import BOM, parse, repeated, too_deep
from converter.loss import Loss
from converter.problems import Problem, Problems, refuse, shown
from converter.source import known
from converter.trial import Trial

NOTHING = Trial()
Status = Literal["done", "failed", "refused"]


class Conversion(Struct, frozen=True):
    """A record in another format; what was doubtful, and what did not come along, at its path in the source."""

    document: bytes
    problems: tuple[Problem, ...] = ()
    lost: tuple[Loss, ...] = ()


class Outcome(Struct, frozen=True):
    """What became of one record.  "refused" is what `strict` does to one that would lose something."""

    source: str
    index: int
    id: str | None
    status: Status
    document: bytes | None = None
    lost: tuple[Loss, ...] = ()
    problems: tuple[Problem, ...] = ()


def read(document: bytes | str | os.PathLike[str], format: str | None = None) -> Reading:
    """The trial in one record: its bytes, or the path of a file that holds just that.  Raises Problems.

    `format` is a name of `converter.formats.FORMATS`; without it, the content tells.
    """
    found = one(document, format)
    return read_as(found.content, found.format)


def write(trial: Trial, to: str, **options: Any) -> bytes:
    """The trial as one compact document of the format `to`.  Raises Problems, paths being those of the Trial.

    `options` are those of the format: `extensions` ("hl7" or "own") and `provenance` (an instant) of FHIR.
    `writing` is the same and also gives what was doubtful, and what the format has no place for.
    """
    return writing(trial, to, **options).document


def writing(trial: Trial, to: str, **options: Any) -> Writing:
    """What writing the trial gives: document, warnings, losses.  Raises Problems, also for a value of a wrong type."""
    from converter.formats.trial_json import checked

    made = target(to, **options)
    return write_as(checked(trial), made)


def convert(document: bytes | str | os.PathLike[str], to: str, format: str | None = None, **options: Any) -> Conversion:
    """One record, its bytes or a file's path, in the format `to`.  Raises Problems, paths being those of the source."""
    made = target(to, **options)
    outcome = converted(one(document, format), made)
    if outcome.document is None:
        raise Problems(outcome.problems)
    return Conversion(outcome.document, outcome.problems, outcome.lost)


def convert_all(documents: Iterable[Document], to: str, *, jobs: int = 1, strict: bool = False, **options: Any) -> Iterator[Outcome]:
    """What becomes of each record, in the order of `documents` whatever `jobs`, the number of processes, is.

    `strict` refuses a record that would lose something.  Raises Problems at once when `to`, its options or `jobs` cannot be.

    With several jobs, a program must be a file and start from `if __name__ == "__main__":`, as multiprocessing demands; when its
    processes cannot start, Problems are raised.
    """
    task = Converting(to, strict, options)
    do = task.ready()
    if not isinstance(jobs, int) or jobs < 1:
        raise refuse(f"found {shown(jobs)}; expected a number of processes, at least 1", "jobs")
    given = only_documents(documents)
    if jobs > 1:
        from converter.workers import in_processes

        return in_processes(task, given, jobs)
    return (outcome for document in given for outcome in do([document]))


class Converting(Struct, frozen=True):
    """The task of `converter.workers` that converts."""

    to: str
    strict: bool
    options: dict[str, Any]

    def ready(self) -> Callable[[list[Document]], Iterator[Outcome]]:
        """What converts some documents.  Raises Problems when the format or its options cannot be."""
        return partial(all_converted, made=target(self.to, **self.options), strict=self.strict)

    def failed(self, document: Document, problem: Problem) -> Outcome:
        """The outcome of a document that could not be worked on."""
        return Outcome(document.source, document.index, None, "failed", problems=(problem,))


def one(document: bytes | str | os.PathLike[str], format: str | None) -> Document:
    """The record in some bytes, or the only one in a file.  Raises Problems."""
    if format is not None:
        known(format)
    if not isinstance(document, (bytes, str, os.PathLike)):
        raise refuse(f"found {shown(document)}, a {type(document).__name__}; expected bytes, or the path of a file")
    if isinstance(document, bytes):
        content = document.removeprefix(BOM)
        return Document("", 0, content, format or guess(content))
    if isinstance(document, str) and document.lstrip()[:1] in ("{", "["):
        raise refuse("found a text of JSON; expected its bytes, or the path of a file")
    found = list(islice(Inputs([document], format), 2))
    if len(found) > 1:
        raise refuse(f"{found[0].source} holds several records; expected one. `convert_all` goes through them")
    if found[0].problems:
        raise Problems(found[0].problems)
    return found[0]


def target(to: str, **options: Any) -> Format:
    """The format to write, with its options.  Raises Problems when it is only read, or has no such option."""
    if not known(to).writes:
        writable = [name for name, entry in FORMATS.items() if entry.writes]
        raise refuse(f"{to} is only read; expected one of {', '.join(writable)}")
    found: Format = format_named(to)
    if not options:
        return found
    try:
        return found.with_options(**options)  # type: ignore[attr-defined, no-any-return]
    except (AttributeError, TypeError):
        raise refuse(f"{to} has no option {' or '.join(map(repr, options))}; leave it out") from None


def read_as(content: bytes, format: str, name: str = "") -> Reading:
    """The trial in a record of that format.  Raises Problems, whatever the format's reader met; `name` is for a bug."""
    try:
        reading: Reading = format_named(format).read(content)
        return reading
    except Problems:
        raise
    except RecursionError:
        raise too_deep() from None
    except Exception as error:
        if is_json(content):
            parse(content)
        raise bug(error, name) from error


def write_as(trial: Trial, made: Format, name: str = "") -> Writing:
    """What writing the trial gives.  Raises Problems, whatever the format's writer met."""
    try:
        return made.write(trial)
    except Problems:
        raise
    except Exception as error:
        raise bug(error, name) from error


def bug(error: Exception, name: str) -> Problems:
    """The refusal of a record on which this program itself fails."""
    said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return refuse(f"this is a bug in trialbridge ({said}); please report it with this record{name and f': {name}'}")


def converted(document: Document, made: Format, strict: bool = False) -> Outcome:
    """What becomes of one record."""
    return next(all_converted([document], made, strict))


def all_converted(documents: list[Document], made: Format, strict: bool = False) -> Iterator[Outcome]:
    """What becomes of some records: all are read before the first is written, for some formats are sooner done with several at once."""
    found = list(map(opened, documents))
    if prepared := getattr(made, "prepared", None):
        with suppress(Exception):  # what is wrong is told of the record whose it is, where that is written
            made = prepared([reading.trial for reading in found if isinstance(reading, Reading)])
    for document, reading in zip(documents, found, strict=True):
        yield closed(document, reading, made, strict) if isinstance(reading, Reading) else reading


def opened(document: Document) -> Reading | Outcome:
    """The record, read; what becomes of it where it cannot be."""
    if document.problems:
        return Outcome(document.source, document.index, None, "failed", problems=document.problems)
    doubts: tuple[Problem, ...] = ()
    try:
        reading = read_as(document.content, document.format, document.name)
        doubts = reading.problems
        if reading.trial == NOTHING:
            raise refuse("a Trial has no place for anything in it, so there is nothing to write; expected the record of a trial")
    except Problems as wrong:
        return Outcome(document.source, document.index, None, "failed", problems=doubts + wrong.problems)
    return reading


def closed(document: Document, reading: Reading, made: Format, strict: bool) -> Outcome:
    """What becomes of a record that has been read."""
    source, index, id = document.source, document.index, reading.trial.id
    locate: Callable[[str], str | None] = str
    if form := getattr(format_named(document.format), "locate", None):
        locate = partial(form, document.content, reading.trial)
    try:
        writing = write_as(reading.trial, made, document.name)
    except Problems as wrong:
        return Outcome(source, index, id, "failed", problems=reading.problems + located(wrong.problems, locate))
    lost = reading.lost + located(writing.lost, locate)
    if not reading.said_once:
        lost += repeated(document.content)
    problems = reading.problems + located(writing.problems, locate)
    if lost and strict:
        return Outcome(source, index, id, "refused", None, lost, problems)
    return Outcome(source, index, id, "done", writing.document, lost, problems)


Located = TypeVar("Located", Problem, Loss)


def located(found: tuple[Located, ...], locate: Callable[[str], str | None]) -> tuple[Located, ...]:
    """The same, the Trial's paths being made those of the source document; what that does not say is not lost."""
    placed = ((each, locate(each.path) if each.path else "") for each in found)
    return tuple(replace(each, path=path or each.path) for each, path in placed if path is not None or isinstance(each, Problem))
