"""Where converted records go: standard output, a file, a folder.  A file appears under its name when it is whole."""

from __future__ import annotations

import gzip
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

from converter.convert import Outcome
from converter.formats import FORMATS
from converter.json_text import indented
from converter.problems import refuse

LINES = re.compile(r"\.(ndjson|jsonl)(\.gz)?$", re.IGNORECASE)
YAML = re.compile(r"\.ya?ml$", re.IGNORECASE)
UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


class WholeFile:
    """A file that is written beside its place, and put there by `commit`; `discard` leaves what stood there before.

    Something that is no ordinary file (/dev/null, a named pipe) is written to directly.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path).resolve()
        self.direct = self.path.exists() and not self.path.is_file()
        self.written = self.path if self.direct else self.path.with_name(f".{self.path.name[:100]}.{os.getpid()}.tmp")
        self._file: BinaryIO | None = None

    def write(self, content: bytes) -> None:
        """Adds to the file, which is begun by that."""
        if self._file is None:
            self._file = self.written.open("wb", buffering=1 << 20)
        self._file.write(content)

    def commit(self) -> None:
        """Puts the file in its place.  One that nothing was written to is not made."""
        if self._file:
            self._file.close()
            if not self.direct:
                self.written.replace(self.path)
            self._file = None

    def discard(self) -> None:
        """Leaves nothing behind."""
        if self._file:
            with suppress(OSError):
                self._file.close()
            if not self.direct:
                self.written.unlink(missing_ok=True)
            self._file = None


class Output:
    """Takes the documents of outcomes.  Leaving the `with` block puts them in place, unless an exception leaves it."""

    def write(self, outcome: Outcome) -> None:
        """Takes one record."""
        raise NotImplementedError

    def commit(self) -> None:
        """Everything has been written."""

    def discard(self) -> None:
        """It will not be."""

    def __enter__(self) -> Output:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            try:
                self.commit()
                return
            except BaseException:
                self.discard()
                raise
        self.discard()


class Printed(Output):
    """Standard output: a line for each record, or one record for people."""

    def __init__(self, lines: bool):
        self.lines = lines
        self.write_bytes = sys.stdout.buffer.write

    def write(self, outcome: Outcome) -> None:
        document = outcome.document or b""
        self.write_bytes(document + b"\n" if self.lines else indented(document))

    def commit(self) -> None:
        sys.stdout.buffer.flush()


class OneFile(Output):
    """A file of one record, for people."""

    def __init__(self, path: str):
        self.file = WholeFile(path)
        self.yaml = YAML.search(path) is not None
        self.commit, self.discard = self.file.commit, self.file.discard  # type: ignore[method-assign]

    def write(self, outcome: Outcome) -> None:
        document = outcome.document or b""
        self.file.write(document if self.yaml else indented(document))


class LinesFile(Output):
    """A file of NDJSON, compressed when its name says so; the same records give the same bytes."""

    def __init__(self, path: str):
        self.file = WholeFile(path)
        self.pack = path.lower().endswith(".gz")
        self.packed: Any = None
        self.write_bytes = self.file.write

    def write(self, outcome: Outcome) -> None:
        if self.pack and not self.packed:
            self.packed = gzip.GzipFile("", "wb", 6, cast(BinaryIO, self.file), mtime=0)
            self.write_bytes = self.packed.write
        self.write_bytes(outcome.document or b"")
        self.write_bytes(b"\n")

    def commit(self) -> None:
        if self.packed:
            self.packed.close()
        self.file.commit()

    def discard(self) -> None:
        if self.packed:
            # Closed now: it would write its end when it is collected, after the file is gone.
            with suppress(OSError):
                self.packed.close()
        self.file.discard()


class Folder(Output):
    """A folder with a file for each record, <id>.<format>.json; a second record of an id is <id>-2.

    A record without an id is named after its source.  Some file systems hold upper and lower case for the same.
    A file that is an input is not written over: the record fails.
    """

    def __init__(self, path: str, format: str, inputs: Iterable[str] = ()):
        self.path = Path(path)
        self.format = format
        self.inputs = {identity(0 if name == "-" else name) for name in inputs} - {None}
        self.names: set[str] = set()
        self.path.mkdir(parents=True, exist_ok=True)

    def write(self, outcome: Outcome) -> None:
        path = self.path / f"{self.name(outcome)}.{self.format}.json"
        if identity(path) in self.inputs:
            raise refuse(f"{path} is an input, and would be written over; name another folder (-o)")
        file = WholeFile(path)
        try:
            file.write(indented(outcome.document or b""))
            file.commit()
        except BaseException:
            file.discard()
            raise

    def name(self, outcome: Outcome) -> str:
        """A name that no record of this run has had."""
        wanted = name = fit(outcome.id or "") or fit(self.stem(outcome)) or "record"
        number = 1
        while name.lower() in self.names:
            number += 1
            name = f"{wanted}-{number}"
        self.names.add(name.lower())
        return name

    def stem(self, outcome: Outcome) -> str:
        """What a record without an id is called."""
        source = "stdin" if outcome.source == "-" else outcome.source.rsplit("/", 1)[-1].split(".", 1)[0]
        return f"{source}-{outcome.index}" if outcome.index else source


def fit(name: str) -> str:
    """The name with nothing in it that a file system takes for anything else, and not too long."""
    return UNFIT.sub("_", name).strip("._")[:120]


def identity(path: str | Path | int) -> tuple[int, int] | None:
    """What tells a file, or one that is open, from every other, whatever names it has; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 (a Path is no open file)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def output(path: str | None, format: str, several: bool, ndjson: bool, inputs: Iterable[str] = ()) -> Output:
    """The output of that name.  Raises Problems when it cannot hold the records.

    `several` says that there is more than one record, `ndjson` that they come from NDJSON, `inputs` names what is read.
    """
    if path is None or path == "-":
        if sys.stdout is None:
            raise refuse("standard output is closed; name a file to write (-o)")
        return Printed(several or ndjson)
    if is_folder(path):
        return Folder(path, format, inputs)
    device = Path(path).exists() and not Path(path).is_file()
    if LINES.search(path) or (device and (several or ndjson)):
        return LinesFile(path)
    if path.lower().endswith(".gz"):
        raise refuse(f"{path}: only NDJSON is compressed; name a file that ends in .ndjson.gz")
    if several:
        stem = path.removesuffix(Path(path).suffix)
        raise refuse(f"{path} holds one record, and the inputs have several; name a file that ends in .ndjson "
                     f"({stem}.ndjson), or a folder ({stem}/)")
    return OneFile(path)


def is_folder(path: str) -> bool:
    """True of an output that is a folder, or is to be one."""
    return path.endswith(("/", os.sep)) or Path(path).is_dir()


def format_in(path: str | None) -> str | None:
    """The format that the name of an output says: "out.r5.ndjson", "trial.yaml"; None when it says none."""
    if path is None:
        return None
    name = Path(path).name
    said = next((part for part in reversed(name.lower().split(".")) if part in FORMATS and FORMATS[part].writes), None)
    return said or ("trial" if YAML.search(path) else None)


def is_yaml(path: str | None) -> bool:
    """True of an output whose record is to be YAML."""
    return path is not None and YAML.search(path) is not None
