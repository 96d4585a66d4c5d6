"""What a scripted server answers: answers as they should be, and those that do harm."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from converter.json_text import encode

FHIR = "application/fhir+json;charset=utf-8"
MEBIBYTE = 1 << 20


class Answer(Struct, frozen=True):
    """What is sent for a request, and how.

    `body` is bytes, or makes pieces, which are sent chunked unless `length` is given.  `length` is the Content-Length declared
    where it is not that of the body.  `delay` is the time before the first byte and `drip` that after each byte of the body, in
    seconds.  `ends` says how the connection ends afterwards; "" leaves it open for the next request.  Of `status` 0 nothing is
    sent.  `unread` leaves the body of the request in the socket.
    """

    status: int = 200
    body: bytes | Callable[[], Iterable[bytes]] = b""
    headers: Mapping[str, str] = {}
    length: int | None = None
    delay: float = 0.0
    drip: float = 0.0
    ends: Literal["", "close", "reset"] = ""
    unread: bool = False

    @property
    def content(self) -> bytes:
        """The body, whole."""
        return self.body if isinstance(self.body, bytes) else b"".join(self.body())


def phrase(status: int) -> str:
    """What HTTP calls the status."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"


def reply(status: int, tree: Any, **headers: str) -> Answer:
    """JSON.  Of a header's name the hyphens are underscores: Retry_After="3"."""
    return Answer(status, encode(tree), {name.replace("_", "-"): value for name, value in headers.items()})


def refusal(status: int, text: str, code: str = "processing", **headers: str) -> Answer:
    """An OperationOutcome with one error that says `text`."""
    return reply(status, outcome(text, code), **headers)


def outcome(text: str, code: str = "processing", severity: str = "error") -> dict[str, Any]:
    """An OperationOutcome with one issue (https://hl7.org/fhir/R4/operationoutcome.html)."""
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code, "diagnostics": text}]}


def redirect(to: str, status: int = 302) -> Answer:
    """Asks the client to go elsewhere; `to` is an absolute address, or one on this server."""
    return Answer(status, headers={"Location": to})


RESET_UNREAD = Answer(0, ends="reset", unread=True)
"""The connection is reset before the body of the request is read."""
RESET_READ = Answer(0, ends="reset")
"""The connection is reset after the whole request is read."""
CLOSED = Answer(0, ends="close")
"""The connection is closed in good order, without an answer."""
NOT_UTF8 = Answer(400, encode(outcome("caf?", "invalid")).replace(b"?", b"\xe9"))
"""JSON in Latin-1, which JSON is not (RFC 8259 8.1)."""
ESCAPES = refusal(422, "\x1b[2J\x1b[31mAll is well\x1b[0m\r\x1b]0;title\x07 \x9b1m")
"""An OperationOutcome that clears the terminal, colours it, overwrites the line and renames the window."""


def cut(answer: Answer, share: float = 0.5) -> Answer:
    """The same, and the connection is closed in the middle of the body."""
    return replace(answer, body=answer.content[:int(len(answer.content) * share)], length=len(answer.content), ends="close")


def overlong(answer: Answer, more: int = 1000) -> Answer:
    """The same, with more bytes declared than come; the connection stays open, so the client waits for them."""
    return replace(answer, length=len(answer.content) + more)


def late(answer: Answer, seconds: float) -> Answer:
    """The same, after so many seconds."""
    return replace(answer, delay=seconds)


def dripping(answer: Answer, seconds: float) -> Answer:
    """The same, its headers at once and its body one byte at a time, so many seconds apart."""
    return replace(answer, drip=seconds)


def gzip_bomb(size: int = 200 * MEBIBYTE, status: int = 200) -> Answer:
    """Spaces that are a thousand times as many once unpacked: `size` bytes."""
    def pieces() -> Iterable[bytes]:
        packer = zlib.compressobj(9, wbits=31)  # 31: with the header and trailer of gzip
        for _ in range(size // MEBIBYTE):
            yield packer.compress(b" " * MEBIBYTE)
        yield packer.flush()
    return Answer(status, pieces, {"Content-Encoding": "gzip"})


def endless(status: int = 200) -> Answer:
    """A body that goes on until the client ends the connection."""
    return Answer(status, lambda: itertools.repeat(b" " * 65536))


def large(size: int = 100 * MEBIBYTE, status: int = 200) -> Answer:
    """A body of `size` bytes, with its true length declared."""
    return Answer(status, lambda: itertools.repeat(b" " * MEBIBYTE, size // MEBIBYTE), length=size // MEBIBYTE * MEBIBYTE)


def deep(depth: int = 100_000, status: int = 200) -> Answer:
    """Lists inside one another, all closed: it is JSON."""
    return Answer(status, b"[" * depth + b"]" * depth)
