"""The same task for many records in several processes: results in the order of the records, a bounded number under way.

A process gets some records as they stand in the input, and gives their results back.  When one dies over a record
(out of memory, killed), the others are done again, and that record alone has failed.

When the results are wanted no more (Ctrl-C, an error), each process ends after the record that it is at.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice, takewhile
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from converter.documents import Document
from converter.problems import Problem, refuse

RECORDS = 32
BYTES = 1 << 20
"""A chunk is that many records, or fewer when they are large."""
DIED = ("the process that had this record died (out of memory?); try the record by itself, and please report it "
        "with this record if it dies again")
UNABLE = ('the processes cannot start; a program that wants several jobs must be a file and start from `if __name__ == "__main__":`, '
          "as multiprocessing demands; or use jobs=1")
PATIENCE = 5.0
"""Seconds that a process may go on when its results are wanted no more."""
Result = TypeVar("Result")
Made = TypeVar("Made", covariant=True)


class Task(Protocol[Made]):
    """What is done with every document; it is sent to each process."""

    def ready(self) -> Callable[[list[Document]], Iterator[Made]]:
        """What makes the result of each document; asked for once in a process."""

    def failed(self, document: Document, problem: Problem) -> Made:
        """The result of a document that could not be worked on."""


_do: Callable[[list[Document]], Iterator[Any]]
_unwanted = False


def start(task: Task[Any], wanted: Connection, want: Connection | None) -> None:
    """Makes a process ready, which ends when the one that started it does, however that ends, or closes the other end of `wanted`.

    That end is `want`, which a fork has too.
    """
    global _do
    if want:
        want.close()
    if hasattr(signal, "pthread_sigmask"):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # by which the pool ends the others when one has died
    threading.Thread(target=follow, args=(wanted,), daemon=True).start()
    gc.set_threshold(50_000, 20, 100)
    _do = task.ready()
    gc.freeze()
    atexit.register(gc.freeze)  # what is there at the end need not be looked through once more


def follow(wanted: Connection) -> None:
    """Ends this process: at once after the one that started it has ended, else when it has been told, and does not end by itself.

    It is not killed at once: half a result would have the other process wait for the rest of it.
    """
    global _unwanted
    if parent := multiprocessing.parent_process():
        wait([parent.sentinel, wanted])
        _unwanted = True
        parent.join(PATIENCE)
        os._exit(1)


def work(documents: list[Document]) -> list[Any]:
    """The results of some records; not of all when they are wanted no more."""
    return list(takewhile(lambda _: not _unwanted, _do(documents)))


def in_processes(task: Task[Result], documents: Iterable[Document], jobs: int) -> Iterator[Result]:
    """The results of the documents in their order.  What fits into one chunk needs no other process."""
    waiting = chunks(iter(documents))
    ahead = list(islice(waiting, 2))
    if len(ahead) < 2:
        do = task.ready()
        yield from (result for chunk in ahead for result in do(chunk))
        return
    with Crew(task, jobs) as crew:
        for chunk in ahead:
            crew.submit(chunk)
        for chunk in waiting:
            if len(crew.under_way) >= 2 * jobs:
                yield from crew.next()
            crew.submit(chunk)
        while crew.under_way:
            yield from crew.next()


def chunks(documents: Iterator[Document]) -> Iterator[list[Document]]:
    """The documents in lists of about the same size."""
    chunk: list[Document] = []
    size = 0
    for document in documents:
        chunk.append(document)
        size += len(document.content)
        if len(chunk) >= RECORDS or size >= BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def alone() -> bool:
    """Whether this process has no other thread, whoever began it: a fork would wait for ever for what that one holds.

    Only Linux says; elsewhere the system's own libraries may not be forked.
    """
    try:
        return len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


@contextmanager
def deaf() -> Iterator[None]:
    """Nothing ends this process meanwhile: it hears afterwards what came, for a process that is half started would complain.

    Those that are started meanwhile hear neither Ctrl-C nor that the terminal closes: that is for the one that started them.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Crew(Generic[Result]):
    """Some processes, and the chunks that they have, first come first served."""

    def __init__(self, task: Task[Result], jobs: int):
        self.task = task
        self.jobs = jobs
        self.under_way: deque[tuple[list[Document], Future[list[Result]]]] = deque()
        self.wanted, self.want = multiprocessing.Pipe(duplex=False)
        # Registered after multiprocessing's own, so called before that waits for the processes, should the crew never be left.
        atexit.register(self.want.close)
        self.pool = self.started()

    def started(self) -> ProcessPoolExecutor:
        """New processes: forks where they are safe, which have at once what was imported here."""
        how, want = ("fork", self.want) if alone() else ("spawn", None)
        with deaf():
            return ProcessPoolExecutor(self.jobs, multiprocessing.get_context(how), start, (self.task, self.wanted, want))

    def __enter__(self) -> Crew[Result]:
        return self

    def __exit__(self, *_: object) -> None:
        # Ctrl-C would break off the wait, and then the program would wait for processes that nobody has told to end.
        with deaf():
            self.want.close()
            self.pool.shutdown(wait=True, cancel_futures=True)
            self.wanted.close()
            atexit.unregister(self.want.close)

    def begun(self, chunk: list[Document]) -> Future[list[Result]]:
        """What will be the results of the chunk.  That a process has died meanwhile is told when they are asked for.

        When one dies while another is started, its pool is closed under the one that starts, which is an OSError.
        """
        try:
            with deaf():
                return self.pool.submit(work, chunk)
        except (BrokenProcessPool, OSError) as error:
            future: Future[list[Result]] = Future()
            future.set_exception(BrokenProcessPool(str(error)))
            return future

    def submit(self, chunk: list[Document]) -> None:
        """One chunk more."""
        self.under_way.append((chunk, self.begun(chunk)))

    def next(self) -> list[Result]:
        """The results of the oldest chunk."""
        chunk, future = self.under_way.popleft()
        try:
            return future.result()
        except BrokenProcessPool:
            return self.restart(chunk)

    def restart(self, chunk: list[Document]) -> list[Result]:
        """The results of a chunk, record by record, after a process has died; the chunks behind it are begun again."""
        found = []
        self.renew()
        for document in chunk:
            try:
                found += self.begun([document]).result()
            except BrokenProcessPool:
                found.append(self.task.failed(document, Problem("", DIED)))
                self.renew()
        behind = [chunk for chunk, _ in self.under_way]
        self.under_way.clear()
        for chunk in behind:
            self.submit(chunk)
        return found

    def renew(self) -> None:
        """There are new processes.  Raises Problems when they die before they have got a record: others would die too."""
        self.pool.shutdown(wait=False)
        self.pool = self.started()
        try:
            self.begun([]).result()
        except BrokenProcessPool:
            raise refuse(UNABLE) from None
