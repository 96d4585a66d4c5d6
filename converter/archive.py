"""The members of a zip -> their records, in name order, each member read as it is unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from converter.splitting import LARGEST

if TYPE_CHECKING:
    from converter.documents import Document, Inputs

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
RATIO = 200
"""How many times its packed size a large member may have.  Records in JSON have about ten."""
LARGE = 1 << 24
DAMAGED = (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError, ValueError)


def members(inputs: Inputs, name: str, stream: Any) -> Iterator[tuple[str, Iterator[Document]]]:
    """Each member's path, and its records.  A zip on standard input is set down first: its directory is at its end."""
    if not stream.seekable():
        stream = set_down(stream)
    try:
        archive = zipfile.ZipFile(stream)
        entries = sorted(archive.infolist(), key=lambda entry: entry.filename)
    except DAMAGED as error:
        yield name, iter([inputs.source(name).refused(f"cannot be read: {error}. Is the file complete?")])
        return
    for entry in (entry for entry in entries if not entry.is_dir()):
        path = f"{name}/{entry.filename}"
        yield path, member(inputs, archive, entry, path)


def member(inputs: Inputs, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str) -> Iterator[Document]:
    """The records of one member.  What would unpack to an absurd size is refused before it does."""
    if entry.file_size > LARGEST:
        message = f"unpacks to {entry.file_size} bytes; expected at most {LARGEST}. Unpack it and give the file itself"
    elif entry.file_size > LARGE and entry.file_size > RATIO * entry.compress_size:
        message = (f"unpacks from {entry.compress_size} to {entry.file_size} bytes; expected at most {RATIO} times the "
                   "size. If it is no trap, unpack it and give the file itself")
    elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        message = f"is packed by method {entry.compress_type}; expected deflate (8). Unpack it and give the file itself"
    else:
        try:
            stream = io.BufferedReader(cast(io.RawIOBase, archive.open(entry)))
            nested = is_zip(stream)
        except DAMAGED as error:
            message = f"cannot be unpacked: {error}"
        else:
            with stream:
                if not nested:
                    yield from inputs.stream(path, stream, chosen=False)
                    return
            # Many programs keep their documents in zips (.docx): those are no records.
            if not path.lower().endswith(".zip"):
                return
            message = "is a zip within a zip; expected records. Unpack it and give the file itself"
    yield inputs.source(path).refused(message)


def is_zip(stream: Any) -> bool:
    """True of what begins as a zip does."""
    return stream.peek(4)[:4] in ZIP


def set_down(stream: Any) -> Any:
    """The same bytes in a file that can be read in any order."""
    from tempfile import SpooledTemporaryFile

    made = SpooledTemporaryFile(1 << 26)  # noqa: SIM115 (the archive reads from it as long as it lives)
    while chunk := stream.read(1 << 20):
        made.write(chunk)
    made.seek(0)
    return made
