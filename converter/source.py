"""A file's records one after the other, each with its format: what an input is made of."""

from __future__ import annotations

import os
import re

from msgspec import Struct

from converter.formats import FORMATS, Entry
from converter.guess import Unknown, fitting, guess, is_json
from converter.json_text import parse
from converter.problems import Problem, Problems, refuse, shown
from converter.splitting import record_problems

RECORDS = re.compile(r"(.*/)?[^./][^/]*\.(json|ndjson|jsonl|txt|html?|ya?ml)(\.gz)?", re.IGNORECASE | re.DOTALL)
"""Names of files that are meant to be records.  Those that begin with a dot are the notes of some program (macOS: ._a.json)."""


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
    """One file: counts its records and knows their format, guessed again where a record begins with another member.

    `unknown` of them no format knows.  A file that was not chosen by name is passed over when that is all it has; what is
    damaged or empty counts as unknown too, unless the file's name says that it is meant to be a record.
    """

    def __init__(self, name: str, format: str | None, chosen: bool):
        self.name = name
        self.named = format
        self.chosen = chosen
        self.meant = RECORDS.fullmatch(name) is not None
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
            if not self.chosen and self.named not in (found := fitting(content)):
                if not found and is_json(content):
                    parse(content)
                raise Unknown([Problem("", f"does not look like {self.named}")])
            return self.named
        except Problems as wrong:
            self.unknown += isinstance(wrong, Unknown) or not self.meant
            raise

    def failed(self, problems: tuple[Problem, ...], content: bytes = b"", ndjson: bool = False) -> Document:
        """The next record, which cannot be read."""
        self.count += 1
        return Document(self.name, self.count - 1, content, "", ndjson, problems)

    def damaged(self, problems: tuple[Problem, ...]) -> Document:
        """What stands for a file in which nothing can be made out."""
        self.unknown += not self.meant
        return self.failed(problems)

    def strange(self, problems: tuple[Problem, ...], content: bytes = b"") -> Document:
        """What stands for a whole document, or an entry of one, that is none of any format."""
        self.unknown += 1
        return self.failed(problems, content)

    def refused(self, message: str) -> Document:
        """The next record, which cannot be read for one reason."""
        return self.failed((Problem("", message),))


def known(name: object) -> Entry:
    """The registry's line for the format of that name.  Raises Problems when there is none."""
    if not isinstance(name, str):
        raise refuse(f"found {shown(name)}; expected the name of a format, one of {', '.join(FORMATS)}")
    if name not in FORMATS:
        raise refuse(f"no format is called {name!r}; expected one of {', '.join(FORMATS)}")
    return FORMATS[name]


def printable(name: str) -> str:
    """The name of a file, also when its bytes are no text."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
