"""Round trips: a record to FHIR and back again, and everything that is not the same afterwards.

    source → Trial → FHIR, as bytes → is it valid? → Trial → source

For a format that is only read, the first Trial is compared with the second.

    roundtrip("NCT02837978.json", "r5")                       a Trip
    roundtrip_all(Inputs(["studies.ndjson"]), "all", jobs=2)  the Trips of every record, in constant memory

`roundtrip_all` raises nothing for a record: one that cannot be read, written or read back is a Trip like the others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, compress
from time import perf_counter
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from converter.allowances import Allowances
from converter.convert import bug, located, one, read_as, target, write_as
from converter.differences import Difference, of_fhir, of_losses, of_sources, of_trials, way_back
from converter.documents import Document
from converter.formats import FORMATS, Format, Reading, format_named
from converter.json_text import parse, repeated, too_deep
from converter.loss import Loss
from converter.problems import Problem, Problems, refuse
from converter.validation import fhir_problems

RELEASES = {"r4": ("r4",), "r4b": ("r4b",), "r5": ("r5",), "all": ("r4", "r4b", "r5")}
Status = Literal["same", "different", "invalid", "failed"]


class Trip(Struct, frozen=True):
    """What became of one record on its way to one release and back; the first that is true:

    failed      it could not be read, written or read back: `problems` say why
    invalid     the FHIR that was written has errors
    different   something is not what it was
    same        nothing is different, but for what was `allowed`
    """

    source: str
    index: int
    id: str | None
    release: str
    status: Status
    differences: tuple[Difference, ...] = ()
    allowed: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0


def roundtrip(document: bytes | str | os.PathLike[str], to: str = "r4", format: str | None = None,
              allow: Allowances | None = None, **options: Any) -> tuple[Trip, ...]:
    """The round trip of one record to the release `to`, or to each ("all").  Raises Problems when it cannot be read.

    `options` are those of the release's format, as `converter.convert.write` takes them.
    """
    made = targets(to, options)
    start = started(one(document, format))
    return tuple(accepted(trip(start, release, form), allow or Allowances()) for release, form in made.items())


def roundtrip_all(documents: Iterable[Document], to: str = "r4", *, allow: Allowances | None = None, jobs: int = 1,
                  **options: Any) -> Iterator[Trip]:
    """The round trips of every record, in their order whatever `jobs`, the number of processes, is.

    Raises Problems at once when `to` is no release, or an option cannot be.  For several jobs, see `converter.convert.convert_all`.
    """
    task = Travelling(to, options)
    do = task.ready()
    allowances = allow or Allowances()
    if jobs > 1:
        from converter.workers import in_processes

        found = in_processes(task, documents, jobs)
    else:
        found = do(documents)
    return (accepted(trip, allowances) for trip in chain.from_iterable(found))


def targets(to: str, options: dict[str, Any]) -> dict[str, Format]:
    """The releases that the word stands for, each as it is to be written.  Raises Problems when it is none, or an option cannot be."""
    if to not in RELEASES:
        raise refuse(f"{to!r} is no release of FHIR that is written; expected one of {', '.join(RELEASES)}")
    return {release: target(release, **options) for release in RELEASES[to]}


class Travelling(Struct, frozen=True):
    """The task of `converter.workers` that makes round trips."""

    to: str
    options: dict[str, Any]

    def ready(self) -> Callable[[Iterable[Document]], Iterator[tuple[Trip, ...]]]:
        """What makes the trips of documents.  Raises Problems when the release or its options cannot be."""
        return partial(map, partial(trips, made=targets(self.to, self.options)))

    def failed(self, document: Document, problem: Problem) -> tuple[Trip, ...]:
        """The trips of a document that could not be worked on."""
        return all_failed(document, RELEASES[self.to], (problem,))


def all_failed(document: Document, releases: Iterable[str], problems: tuple[Problem, ...]) -> tuple[Trip, ...]:
    """The trips of a document that is not read."""
    return tuple(Trip(document.source, document.index, None, release, "failed", problems=problems) for release in releases)


class Start(Struct, frozen=True):
    """A document that has been read: the format that writes its like, what that gives, and what is different already."""

    document: Document
    reading: Reading
    format: Format
    back: bytes
    losses: tuple[Loss, ...]
    locate: Callable[[str], str]


def trips(document: Document, made: dict[str, Format]) -> tuple[Trip, ...]:
    """The round trips of one record, one for each release."""
    if document.problems:
        return all_failed(document, made, document.problems)
    begun = perf_counter()
    try:
        start = started(document)
        reading = perf_counter() - begun
        return tuple(trip(start, release, form, reading) for release, form in made.items())
    except Exception as error:
        return all_failed(document, made, problems_of(error, document.name))


def problems_of(error: Exception, name: str) -> tuple[Problem, ...]:
    """What is said of a record on which this was raised; `name` is the record's."""
    if isinstance(error, Problems):
        return error.problems
    return (too_deep() if isinstance(error, RecursionError) else bug(error, name)).problems


def started(document: Document) -> Start:
    """The document's Trial, written back as its source at once: in what is lost so far, FHIR has no part.  Raises Problems."""
    reading = read_as(document.content, document.format, document.name)
    form = getattr(format_named(document.format), "locate", None)
    locate: Callable[[str], str] = partial(form, document.content, reading.trial) if form else str
    made = way_back(document.format, document.content)
    back = write_as(reading.trial, made, document.name).document
    losses = reading.lost
    if FORMATS[document.format].writes:
        losses = of_sources(document.content, document.format, back, losses)
    if not reading.said_once and not FORMATS[document.format].page:
        losses += repeated(document.content)
    return Start(document, reading, made, back, losses, locate)


def trip(start: Start, release: str, form: Format, before: float = 0.0) -> Trip:
    """The round trip to one release, written as `form` does, whatever happens on it; `before` is what reading took, in seconds."""
    begun = perf_counter()
    document, reading, locate, name = start.document, start.reading, start.locate, start.document.name
    problems = reading.problems
    differences: tuple[Difference, ...] = ()
    status: Status = "same"
    try:
        differences = of_losses(start.losses, release)
        written = write_as(reading.trial, form, name)
        problems += located(written.problems, locate) + tuple(fhir_problems(parse(written.document), release))
        again = read_as(written.document, release, name)
        back = write_as(again.trial, start.format, name).document
        if back != start.back or again.trial != reading.trial:
            differences += of_trials(reading.trial, again.trial, locate, release)
        differences += tuple(of_fhir(again.lost, written.document, release))
    except Exception as error:
        problems += located(problems_of(error, name), locate)
        status = "failed"
    return Trip(document.source, document.index, reading.trial.id, release, status, differences, (), problems,
                before + perf_counter() - begun)


def accepted(trip: Trip, allow: Allowances) -> Trip:
    """The trip with its status, once the differences that are accepted have been set aside."""
    allowed: tuple[Difference, ...] = ()
    differences = trip.differences
    if allow.globs and differences:
        accept = [allow.name(one.path) for one in differences]
        allowed = tuple(compress(trip.differences, accept))
        differences = tuple(one for one, accepted in zip(trip.differences, accept, strict=True) if not accepted)
    status = trip.status
    if status == "same" and any(problem.severity == "error" for problem in trip.problems):
        status = "invalid"
    elif status == "same" and differences:
        status = "different"
    return replace(trip, status=status, differences=differences, allowed=allowed)
