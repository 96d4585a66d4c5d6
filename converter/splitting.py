"""A file's bytes -> its records: one, a line each, the entries of a list, or the studies of an API answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Raw, Struct
from msgspec.json import Decoder

from converter.guess import fitting
from converter.json_text import BOM, explained, names, parse
from converter.problems import Problem, Problems, refuse, shown

LARGEST = 1 << 30
"""Bytes of a document that is read whole."""
LONGEST = 1 << 28
"""Bytes of a line of NDJSON."""
TOO_LONG = f"the line has more than {LONGEST >> 20} MiB; expected one record"
NAMED = re.compile(r"\.(ndjson|jsonl)(\.gz)?$", re.IGNORECASE)

_object = Decoder(dict[str, Raw]).decode
_list = Decoder(list[Raw]).decode
_value = Decoder(Raw).decode


class Lines:
    """The lines of a stream that are not blank, without the space around them.  One that is too long comes as b"".

    The first two can be looked at ahead; after that the stream is either gone through in a loop, or read whole.
    """

    def __init__(self, stream: Any):
        self.stream = stream
        self.begun = False
        self.ahead: list[bytes] = []

    def ndjson(self, name: str) -> bool:
        """True of a file that has a record on each line: its name says so, or its first two lines do.

        Not of one that begins with a line of nothing but a bracket, as JSON for people does, whatever its name says.
        """
        if NAMED.search(name):
            return self.look(1) not in (b"{", b"[")
        first, second = self.look(1), self.look(2)
        if first is None or second is None or first.startswith(b"<"):
            return False
        return is_object(first) or (is_record(second) and not begins_json(first))

    def look(self, number: int) -> bytes | None:
        """The line of that number, blank ones not counted; None when there are fewer."""
        while sum(map(bool, map(bytes.strip, self.ahead))) < number:
            if not (line := self.read()):
                return None
            self.ahead.append(line)
        return self.ahead[-1].strip()

    def read(self) -> bytes:
        """The next line as it stands, at most so much of it as a record may have.  A byte order mark is skipped."""
        line: bytes = self.stream.readline(LONGEST)
        if not self.begun:
            self.begun = True
            line = line.removeprefix(BOM) or self.stream.readline(LONGEST)
        return line

    def __iter__(self) -> Iterator[bytes]:
        while line := (self.ahead.pop(0) if self.ahead else self.read()):
            if len(line) >= LONGEST and not line.endswith(b"\n"):
                while (line := self.read()) and not line.endswith(b"\n"):
                    pass
                yield b""
            elif stripped := bare(line):
                yield stripped

    def rest(self) -> bytes | None:
        """All of the stream, what was looked at included; None when it is too large to be read whole."""
        start = b"".join([*self.ahead, self.read()])
        whole: bytes = start + self.stream.read(LARGEST + 1 - len(start))
        return whole if len(whole) <= LARGEST else None


def bare(line: bytes) -> bytes:
    """The line without space around it, or a byte order mark: one stands in the middle where files were joined."""
    return line.strip().removeprefix(BOM)


def is_object(line: bytes) -> bool:
    """True of one whole JSON object."""
    try:
        _object(line)
    except (ValueError, RecursionError):
        return False
    return True


def is_record(line: bytes | None) -> bool:
    """True of one whole JSON object that some format knows."""
    return line is not None and line.startswith(b"{") and is_object(line) and bool(fitting(line))


def begins_json(line: bytes) -> bool:
    """True of a line that is the beginning of a longer JSON text."""
    try:
        _value(line)
    except (ValueError, RecursionError) as error:
        return "truncated" in str(error)
    return False


class Parts(Struct):
    """The records of a document that was read whole: `many` when it is a list, `ndjson` when it is lines after all.

    With problems there are none; `damaged` tells the problems of a torn document from those of one that holds no records.
    """

    records: Sequence[Any] = ()
    many: bool = False
    ndjson: bool = False
    note: str = ""
    problems: tuple[Problem, ...] = ()
    damaged: bool = False


def split(whole: bytes) -> Parts:
    """The records in a document, none of them parsed."""
    start = whole.lstrip()[:1]
    try:
        if start == b"[":
            return entries(_list(whole))
        if start == b"{" and "studies" in names(whole) and not fitting(whole):
            return answer(_object(whole))
        if start == b"{":
            _value(whole)
    except (ValueError, RecursionError) as error:
        lines = whole.split(b"\n", 2)
        if len(lines) > 1 and is_record(bare(lines[1])):
            return Parts(ndjson=True)
        if start == b"[":
            return Parts(problems=explained(whole, error).problems, damaged=True)
    return Parts([whole])


def entries(records: list[Any]) -> Parts:
    """The entries of a list."""
    if not records:
        return Parts(problems=refuse("found an empty list; expected at least one record").problems)
    return Parts(records, many=True)


def answer(members: dict[str, Any]) -> Parts:
    """The studies of an answer of ClinicalTrials.gov's API.  What stands beside them is about the search."""
    studies = bytes(members.pop("studies"))
    if studies[:1] != b"[":
        return Parts(problems=refuse(f"found {shown(parse(studies))}; expected a list of studies", "studies").problems)
    parts = entries(_list(studies))
    beside = [f"{name} ({shown(parse(bytes(value)))})" for name, value in members.items()]
    if beside:
        parts.note = f"{len(parts.records)} studies; passed over beside them: {', '.join(beside)}"
        if "nextPageToken" in members:
            parts.note += ". There are more pages: this answer is not the whole search"
    return parts


def record_problems(content: bytes) -> Problems | None:
    """What is wrong with an entry or a line that is no object."""
    if content.startswith(b"{"):
        return None
    try:
        found = shown(parse(content))
    except Problems:
        found = shown(content[:80].decode(errors="replace"))
    return refuse(f"found {found}; expected one JSON object, a record")
