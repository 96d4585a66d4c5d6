"""What was sent and what came of it, on disk before and after each try, so that a run that was killed goes on where it was.

A line of JSON for each; no payload and no secret is in it, and nobody else may read it.
"""

from __future__ import annotations

import errno
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec
from msgspec import Struct

from converter.problems import Problems, refuse
from mappings.push.parcels import Parcel

DONE = ("created", "updated", "unchanged")
UNSURE = ("sending", "unanswered", "answered", "unknown")


class Line(Struct, frozen=True, omit_defaults=True):
    """One line.  `outcome` is "sending" before a try, "unanswered" or "answered" (with `http`) after one that is not the last, then what
    became of the Bundle.

    `key` is by what the Bundle is known again, `sha256` that of its bytes, `http` the status of the answer, `source` the record,
    `locations` what was written, `time` an instant (UTC).
    """

    run: str
    server: str
    key: str
    sha256: str
    outcome: str
    source: str = ""
    attempt: int = 0
    request: str = ""
    http: int | None = None
    locations: tuple[str, ...] = ()
    time: str = ""


class Journal:
    """The journal of one run.  Threads may share it; another program that writes to it at the same time is refused."""

    def __init__(self, path: str | os.PathLike[str], server: str):
        self.path, self.server, self.run = Path(path), server, str(uuid4())
        self.last: dict[str, tuple[str, str]] = {}
        """For each key the SHA-256 and outcome of its last line."""
        self._lock = threading.Lock()
        self._file = -1
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            os.fchmod(self._file, 0o600)
        except OSError as error:
            raise refuse(f"{path}: {error.strerror}; name another file", "--journal") from None
        try:
            alone(self._file)
            self._read()
        except Problems:
            self.close()
            raise

    def _read(self) -> None:
        """Takes in what earlier runs wrote to this server.  Raises Problems when the file is something else."""
        line = b"\n"
        with self.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    said = msgspec.json.decode(line, type=Line)
                except msgspec.DecodeError as error:
                    if isinstance(error, msgspec.ValidationError) or not self._is_torn(line.rstrip(b"\n")):
                        raise refuse(f"{self.path}: line {number} is none of a journal; name another file", "--journal") from None
                    continue  # cut off when its program was killed
                if said.server == self.server:
                    self.last[said.key] = said.sha256, said.outcome
        if not line.endswith(b"\n"):
            os.write(self._file, b"\n")

    @staticmethod
    def _is_torn(line: bytes) -> bool:
        """Is it the beginning of a line of ours?"""
        return BEGINNING.startswith(line[:len(BEGINNING)])

    def note(self, parcel: Parcel, outcome: str, *, attempt: int = 0, request: str = "", http: int | None = None,
             locations: tuple[str, ...] = ()) -> None:
        """Writes a line, which is on the disk afterwards.  Raises OSError."""
        source = f"{parcel.given.source}[{parcel.given.index}]" if parcel.given.source else ""
        with self._lock:
            if self._file < 0:
                return  # the run is over, and nobody waits for this any more
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            line = Line(self.run, self.server, parcel.key, parcel.sha256, outcome, source, attempt, request, http, locations, now)
            content = msgspec.json.encode(line) + b"\n"
            try:
                if os.write(self._file, content) < len(content):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(self._file)
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(self.path)) from None

    def done(self, parcel: Parcel) -> bool:
        """Did an earlier run write just this?"""
        sha256, outcome = self.last.get(parcel.key, ("", ""))
        return outcome in DONE and sha256 == parcel.sha256

    def seen(self, parcel: Parcel) -> bool:
        """Did an earlier run send it, or something else of that key?"""
        return parcel.key in self.last

    def unsure(self, parcel: Parcel) -> bool:
        """Did an earlier run send it and not learn what became of it?"""
        return self.last.get(parcel.key, ("", ""))[1] in UNSURE

    def close(self) -> None:
        """The file may be used by others; what is noted after that is not written."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
            self._file = -1

    __del__ = close


BEGINNING = b'{"run":"'


def alone(file: int) -> None:
    """Keeps the file from other programs while it is open.  Raises Problems when another has it."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise refuse("another push is writing to it; wait for its end, or name another file", "--journal") from None
    except OSError:
        pass  # a file system without locks
