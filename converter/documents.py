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

from msgspec import Struct

from converter.formats import FORMATS
from converter.guess import fitting, guess
from converter.problems import Problem, Problems, refuse, shown
from converter.splitting import LARGEST, TOO_LONG, Lines, record_problems, split

GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
BUFFER = 1 << 18
PEEKED = 10
"""How many records of a file found in a folder are looked at to decide whether some format knows it."""
UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile)


class Document(Struct, frozen=True):
    """One record of an input as it stands there: which record of which source, its bytes, the format's name.

    With problems there is nothing to read: `format` is "".
    """

    source: str
    index: int
    content: bytes
    format: str = ""
    ndjson: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        """What a message calls the record; "" of one that came from no file."""
        return self.source and f"{self.source}, record {self.index}"


class Source:
    """One file: counts its records and knows their format, guessed again where a record begins with another member."""

    def __init__(self, name: str, format: str | None, chosen: bool):
        self.name = name
        self.named = format
        self.chosen = chosen
        self.count = 0
        self.unknown = 0
        self.formats: dict[bytes, str] = {}

    def document(self, content: bytes, ndjson: bool = False) -> Document:
        """The next record."""
        # Up to the end of the first member's name, where that stands at the start.
        head = content[:max(0, content.find(b'"', content.find(b'"') + 1, 200))]
        try:
            if ndjson and (problems := record_problems(content)):
                raise problems
            name = self.formats.get(head)
            if name is None:
                name = self.format(content)
                # A format that has to be asked is asked about every record: one file may hold two releases of FHIR.
                if head and (self.named or not FORMATS[name].claims):
                    self.formats[head] = name
        except Problems as wrong:
            return self.failed(wrong.problems, content, ndjson)
        self.count += 1
        return Document(self.name, self.count - 1, content, name, ndjson)

    def format(self, content: bytes) -> str:
        """The format of a record.  Raises Problems where none can be told."""
        try:
            if self.named is None:
                return guess(content)
            if not self.chosen and self.named not in fitting(content):
                raise Problems([Problem("", f"does not look like {self.named}")])
            return self.named
        except Problems:
            self.unknown += 1
            raise

    def failed(self, problems: tuple[Problem, ...], content: bytes = b"", ndjson: bool = False) -> Document:
        """The next record, which cannot be read."""
        self.count += 1
        return Document(self.name, self.count - 1, content, "", ndjson, problems)

    def refused(self, message: str) -> Document:
        """The same, for one reason."""
        return self.failed((Problem("", message),))


class Inputs:
    """The documents of all inputs, in order.  What is passed over on the way is told in `notices`, a sentence each."""

    def __init__(self, names: Iterable[str | os.PathLike[str]], format: str | None = None,
                 stdin: BinaryIO | None = None):
        if isinstance(names, (str, os.PathLike)) or not isinstance(names, Iterable):
            raise refuse(f"found {shown(names)}; expected a list of names of files and folders, or \"-\"")
        given = list(names)
        for n, name in enumerate(given):
            if not isinstance(name, (str, os.PathLike)):
                raise refuse(f"found {shown(name)}, a {type(name).__name__}; expected the name of a file or folder, or \"-\"", f"[{n}]")
        self.names = [os.fspath(name) for name in given]
        self.format = format
        self.stdin = stdin
        self.notices: list[str] = []
        paths = [Path(name) for name in self.names]
        self.size = sum(path.stat().st_size for path in paths) if all(path.is_file() for path in paths) else None
        self._done = 0
        self._now: BinaryIO | None = None

    @property
    def position(self) -> int:
        """How many bytes of `size` are read."""
        return self._done + (self._now.tell() if self._now and not self._now.closed and self._now.seekable() else 0)

    def __iter__(self) -> Iterator[Document]:
        for name in self.names:
            if name == "-":
                stdin: Any = self.stdin or sys.stdin.buffer
                yield from self.stream("-", stdin if hasattr(stdin, "peek") else io.BufferedReader(stdin, BUFFER))
            elif Path(name).is_dir():
                yield from self.several(name, self.folder(name))
            else:
                yield from self.file(name, chosen=True)

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

    def folder(self, path: str) -> Iterator[tuple[str, Iterator[Document]]]:
        """The files below a folder, in name order.  A link to a folder is not followed: it may lead back up."""
        try:
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        except OSError as error:
            yield path, iter([self.source(path).refused(f"cannot be opened: {error.strerror}")])
            return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from self.folder(entry.path)
            elif entry.is_file():
                yield entry.path, self.file(entry.path, chosen=False)
            else:
                yield entry.path, iter(())

    def several(self, name: str, files: Iterator[tuple[str, Iterator[Document]]]) -> Iterator[Document]:
        """The records of those files that some format knows; the others are told in one notice."""
        skipped: list[str] = []
        found = False
        for path, documents in files:
            known = False
            for document in documents:
                known = found = True
                yield document
            if not known:
                skipped.append(path.removeprefix(name).lstrip("/\\"))
        if skipped:
            files_are = "1 file" if len(skipped) == 1 else f"{len(skipped)} files"
            shown = ", ".join(map(printable, skipped[:5])) + (" …" if len(skipped) > 5 else "")
            self.notices.append(f"{printable(name)}: skipped {files_are} that no format knows: {shown}")
        if not found:
            yield self.source(name).refused("holds no record that a format knows; expected at least one")

    def stream(self, name: str, stream: Any, chosen: bool = True) -> Iterator[Document]:
        """The records of an open file.  Of one that was not chosen by name: none, when no format knows it."""
        source = self.source(name, chosen)
        try:
            start = stream.peek(4)[:4]
            if start in ZIP and chosen:
                from converter.archive import members

                yield from self.several(name, members(self, name, stream))
                return
            if start[:2] == GZIP:
                # Not buffered once more: of a file that breaks off, the lines before the break are to come out.
                stream = gzip.GzipFile(fileobj=stream)
            documents = self.content(source, name, stream)
            if not chosen:
                first = list(islice(documents, PEEKED))
                if len(first) <= source.unknown:
                    return
                documents = chain(first, documents)
            yield from documents
        except UNREADABLE as error:
            yield source.refused(f"cannot be read to its end: {getattr(error, 'strerror', None) or error}. "
                                 "Is the file complete?")

    def content(self, source: Source, name: str, stream: Any) -> Iterator[Document]:
        """The records of an open file that is not compressed."""
        lines = Lines(stream)
        if lines.ndjson(name):
            for line in lines:
                yield source.document(line, ndjson=True) if line else source.refused(TOO_LONG)
            if not source.count:
                yield self.empty(source)
            return
        whole = lines.rest()
        if whole is None:
            yield source.refused(f"has more than {LARGEST >> 30} GiB; expected as much only of NDJSON. "
                                 "Write one record to a line and name it .ndjson")
            return
        if not whole.strip():
            yield self.empty(source)
            return
        parts = split(whole)
        if parts.ndjson:
            for line in filter(None, map(bytes.strip, whole.split(b"\n"))):
                yield source.document(line, ndjson=True)
            return
        if parts.note:
            self.notices.append(f"{source.name}: {parts.note}")
        if parts.problems:
            source.unknown += 1
            yield source.failed(parts.problems)
        for record in parts.records:
            content = bytes(record)
            problems = record_problems(content) if parts.many else None
            yield source.failed(problems.problems, content) if problems else source.document(content)

    def empty(self, source: Source) -> Document:
        """What stands for a file without content."""
        source.unknown += 1
        return source.refused("the document is empty; expected a record. Is the file complete?")


def printable(name: str) -> str:
    """The name of a file, also when its bytes are no text."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
