"""The inputs of a command -> their records, one after the other, as documents that a format can read.

An input is a file, a folder, a zip or "-" (standard input).  A file is one record, NDJSON, a JSON list of records or an
answer of the registry's API ({"studies": [...]}); compressed with gzip or not.  NDJSON is read line by line, so that
its length does not matter.  An input that cannot be read is a document with problems, never an exception.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from converter.problems import refuse, shown
from converter.source import Document as Document
from converter.source import Source, known, printable
from converter.splitting import LARGEST, TOO_LONG, Lines, bare, record_problems, split

GZIP = b"\x1f\x8b"
BUFFER = 1 << 18
PEEKED = 10
"""How many records of a file found in a folder are kept while none is known; with more, the file is begun again."""
UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile)


class Inputs:
    """The documents of all inputs, in order.  What is passed over on the way is told in `notices`, a sentence each.

    `written` names the files and folders that are written meanwhile: in a folder they are passed over.
    """

    def __init__(self, names: Iterable[str | os.PathLike[str]], format: str | None = None,
                 stdin: BinaryIO | None = None, written: Iterable[str | os.PathLike[str]] = ()):
        if isinstance(names, (str, os.PathLike)) or not isinstance(names, Iterable):
            raise refuse(f"found {shown(names)}; expected a list of names of files and folders, or \"-\"")
        given = list(names)
        for n, name in enumerate(given):
            if not isinstance(name, (str, os.PathLike)):
                raise refuse(f"found {shown(name)}, a {type(name).__name__}; expected the name of a file or folder, or \"-\"", f"[{n}]")
        self.names = [os.fspath(name) for name in given]
        if format is not None:
            known(format)
        self.format = format
        self.stdin = stdin
        self.written = [os.path.realpath(path) for path in written]
        self.notices: list[str] = []
        self.size = sum(map(os.path.getsize, self.names)) if all(map(os.path.isfile, self.names)) else None
        self._done = 0
        self._now: BinaryIO | None = None

    @property
    def position(self) -> int:
        """How many bytes of `size` are read."""
        return self._done + (self._now.tell() if self._now and not self._now.closed and self._now.seekable() else 0)

    def __iter__(self) -> Iterator[Document]:
        for name in self.names:
            if name == "-":
                yield from self.standard()
            elif is_folder(name):
                from converter.folder import files

                yield from self.several(name, files(self, name))
            else:
                yield from self.file(name, chosen=True)

    def standard(self) -> Iterator[Document]:
        """The records of standard input."""
        stdin: Any = self.stdin or (sys.stdin and sys.stdin.buffer)
        if stdin is None:
            yield self.source("-").refused("cannot be read: standard input is closed")
        else:
            yield from self.stream("-", stdin if hasattr(stdin, "peek") else io.BufferedReader(stdin, BUFFER))

    def source(self, name: str, chosen: bool = True) -> Source:
        """The file of that name, nothing of it read yet."""
        return Source(printable(name), self.format, chosen)

    def file(self, path: str, chosen: bool) -> Iterator[Document]:
        """The records of a file."""
        try:
            with Path(path).open("rb", buffering=BUFFER) as stream:
                self._now = stream
                yield from self.stream(path, stream, chosen)
                self._done = self.position
                self._now = None
        except (OSError, ValueError) as error:
            yield self.source(path).refused(f"cannot be opened: {getattr(error, 'strerror', None) or error}")

    def several(self, name: str, files: Iterator[tuple[str, Iterator[Document]]], chosen: bool = True) -> Iterator[Document]:
        """The records of those files that some format knows; the others are told in one notice.

        Of a zip that was not chosen by name: none and no notice, when it holds no record.
        """
        skipped: list[str] = []
        found = False
        for path, documents in files:
            known = False
            for document in documents:
                known = found = True
                yield document
            if not known:
                skipped.append(path.removeprefix(name).lstrip("/\\"))
        if skipped and (found or chosen):
            files_are = "1 file" if len(skipped) == 1 else f"{len(skipped)} files"
            self.notices.append(f"{printable(name)}: skipped {files_are} that no format knows: {', '.join(map(printable, skipped))}")
        if chosen and not found:
            yield self.source(name).refused("holds no record that a format knows; expected at least one")

    def stream(self, name: str, stream: Any, chosen: bool = True) -> Iterator[Document]:
        """The records of an open file.  Of one that was not chosen by name: none, when no format knows any of them."""
        from converter.archive import is_zip, members

        source = self.source(name, chosen)
        try:
            if is_zip(stream):
                yield from self.several(name, members(self, name, stream), chosen)
                return
        except UNREADABLE as error:
            yield broken_off(source, error)
            return
        documents = self.records(source, name, stream)
        if not chosen:
            told = len(self.notices)
            first = list(islice(documents, PEEKED))
            if source.count == source.unknown:
                if all(source.count == source.unknown for _ in documents):
                    return
                # Some record further on is known: the file counts, from its first record on.
                stream.seek(0)
                del self.notices[told:]
                first, documents = [], self.records(self.source(name, chosen), name, stream)
            documents = chain(first, documents)
        yield from documents

    def records(self, source: Source, name: str, stream: Any) -> Iterator[Document]:
        """The records of an open file that is no zip."""
        try:
            if stream.peek(2)[:2] == GZIP:
                # Not buffered once more: of a file that breaks off, the lines before the break are to come out.
                stream = gzip.GzipFile(fileobj=stream)
                if stream.peek(2)[:2] == GZIP:
                    yield source.refused("is compressed twice; expected once. Unpack it once (gunzip)")
                    return
            yield from self.content(source, name, stream)
        except UNREADABLE as error:
            yield broken_off(source, error)

    def content(self, source: Source, name: str, stream: Any) -> Iterator[Document]:
        """The records of an open file that is not compressed."""
        lines = Lines(stream)
        if lines.ndjson(name):
            for line in lines:
                yield source.document(line, ndjson=True) if line else source.refused(TOO_LONG)
            if not source.count:
                yield source.damaged(EMPTY)
            return
        whole = lines.rest()
        if whole is None:
            yield source.refused(f"has more than {LARGEST >> 30} GiB; expected as much only of NDJSON. "
                                 "Write one record to a line and name it .ndjson")
            return
        if not whole.strip():
            yield source.damaged(EMPTY)
            return
        parts = split(whole)
        if parts.ndjson:
            for line in filter(None, map(bare, whole.split(b"\n"))):
                yield source.document(line, ndjson=True)
            return
        if parts.note:
            self.notices.append(f"{source.name}: {parts.note}")
        if parts.problems:
            yield source.damaged(parts.problems) if parts.damaged else source.strange(parts.problems)
        for record in parts.records:
            content = bytes(record)
            problems = record_problems(content) if parts.many else None
            yield source.strange(problems.problems, content) if problems else source.document(content)


def only_documents(documents: Iterable[Document]) -> Iterator[Document]:
    """The same documents.  Raises Problems where there are none, at once, and where one is something else."""
    if isinstance(documents, (str, bytes)) or not isinstance(documents, Iterable):
        raise refuse(f"found {shown(documents)}, a {type(documents).__name__}; expected documents, as Inputs gives them")
    return map(the_document, documents)


def the_document(document: Document) -> Document:
    """The same.  Raises Problems where it is something else."""
    if not isinstance(document, Document):
        raise refuse(f"found {shown(document)}, a {type(document).__name__}; expected a document, as Inputs gives them")
    return document


def is_folder(name: str) -> bool:
    """Is it a folder?  No, of a name that no file can have."""
    return os.path.isdir(name)  # noqa: PTH112 (Path.is_dir raises OSError where a name is too long)


def broken_off(source: Source, error: Exception) -> Document:
    """What stands for the rest of a file that cannot be read."""
    return source.refused(f"cannot be read to its end: {getattr(error, 'strerror', None) or error}. Is the file complete?")


EMPTY = refuse("the document is empty; expected a record. Is the file complete?").problems
