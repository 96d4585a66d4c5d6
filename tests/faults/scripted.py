"""A server on 127.0.0.1 that answers as a script says, well or badly.

    with Scripted([RESET_READ, reply(200, {"resourceType": "Bundle"})]) as server:
        ...                               # a client works with server.url
    assert [one.method for one in server.requests] == ["POST", "POST"]

It writes its bytes to the socket itself, since what is wrong with an answer is what matters here (RFC 9112).
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, BinaryIO, Self

from converter.json_text import parse
from tests.faults.answers import FHIR, Answer, phrase, refusal

BASE = "/fhir"
LINE = 1 << 20
"""The longest line of a request's head, in bytes."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER for no time: the socket closes with RST instead of FIN."""


class Gone(ConnectionError):
    """The client ended the connection in the middle of a request."""


class Request:
    """A request as it came: `number` from 0, `path` with the query as sent, `headers` in small letters.

    `body` is read when it is first asked for; it is b"" when it did not arrive whole.  A Proxy adds the `statuses` that the server
    behind it answered, one for each time that it was sent on, and the name of the `fault`.
    """

    def __init__(self, number: int, origin: str, method: str, path: str, headers: dict[str, str], stream: BinaryIO):
        self.number, self.origin, self.method, self.path, self.headers = number, origin, method, path, headers
        self.statuses: list[int] = []
        self.fault = ""
        self._stream = stream
        self._body: bytes | None = None

    def __repr__(self) -> str:
        return f"<{self.number}: {self.method} {self.path} {self.fault or '-'} {self.statuses}>"

    @property
    def body(self) -> bytes:
        """Raises Gone where it is read, and does not arrive whole."""
        if self._body is None:
            self._body = b""
            try:
                self._body = body_of(self.headers, self._stream)
            except OSError as error:
                raise Gone from error
        return self._body

    def leave(self) -> None:
        """Nothing of the body is read any more."""
        self._body = b""

    @property
    def tree(self) -> Any:
        """The JSON of the body.  Raises Problems."""
        return parse(self.body)


Script = Callable[[Request], Answer]


class Scripted:
    """A server that answers by `script`: a function of the Request, or answers and functions of which each serves one request.

    The last of several serves all requests that follow.  `url` is the address of the FHIR server, `origin` that of the host, and
    `requests` are all that came, in order.  With a `context` it speaks TLS.  What the script raises is answered with 500 and is
    raised again at the end of the `with`.
    """

    def __init__(self, script: Script | Sequence[Answer | Script], context: ssl.SSLContext | None = None, base: str = BASE):
        self.script, self.context = script, context
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._address = self._socket.getsockname()
        self.origin = f"{'https' if context else 'http'}://127.0.0.1:{self._address[1]}"
        self.url = self.origin + base
        self._lock = threading.Lock()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._raised: list[Exception] = []

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._raised:
            raise self._raised[0]

    def stop(self) -> None:
        """Nothing is listened to, sent or waited for any more, and no thread is left.  Raises RuntimeError when one does not end."""
        self.stopping.set()
        with suppress(OSError):
            socket.create_connection(self._address).close()  # wakes the thread that waits in accept
        self._listener.join()
        with self._lock:
            for connection in self._open:
                shut(connection)
        for thread in self._threads:
            thread.join(10)
        self._socket.close()
        if still := [thread.name for thread in self._threads if thread.is_alive()]:
            raise RuntimeError(f"{self.url} was stopped, and {len(still)} of its threads still run: {', '.join(still)}")

    def answer(self, request: Request) -> Answer:
        """What the script says to the request."""
        if callable(self.script):
            return self.script(request)
        step = self.script[min(request.number, len(self.script) - 1)]
        return step(request) if callable(step) else step

    def opened(self, connection: socket.socket) -> socket.socket:
        """The connection, which from now on ends when the server stops."""
        with self._lock:
            self._open.add(connection)
            if self.stopping.is_set():
                shut(connection)
        return connection

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.discard(connection)
        connection.close()

    def _listen(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            if self.stopping.is_set():
                connection.close()
                return
            thread = threading.Thread(target=self._serve, args=[self.opened(connection)], daemon=True)
            thread.start()
            self._threads = [*(one for one in self._threads if one.is_alive()), thread]

    def _serve(self, connection: socket.socket) -> None:
        """Answers the requests of one connection, until it ends: by an answer, the client or the end of the server."""
        try:
            if self.context:
                plain = connection
                connection = encrypted = self.context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
                self.closed(plain)
                self.opened(connection)
                encrypted.do_handshake()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection.makefile("rb") as stream:
                while (request := self._request(stream)) and self._answered(request, connection):
                    pass
        except OSError:
            pass  # the client has gone, speaks no TLS that is accepted, or the server stops
        finally:
            self.closed(connection)

    def _request(self, stream: BinaryIO) -> Request | None:
        """The next request; None when the client sends no more."""
        lines: list[str] = []
        while line := stream.readline(LINE).decode("latin-1"):
            if not line.strip():
                break
            lines.append(line)
        if not (line and lines):
            return None
        method, path, _ = lines[0].split()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        with self._lock:
            request = Request(len(self.requests), self.origin, method, path, headers, stream)
            self.requests.append(request)
        return request

    def _answered(self, request: Request, connection: socket.socket) -> bool:
        """Sends the answer.  Is the connection still open?"""
        try:
            answer = self.answer(request)
        except Gone:
            raise
        except Exception as error:
            self._raised.append(error)
            answer = refusal(500, f"the script of the test raised {error!r}")
        if answer.unread:
            request.leave()
        else:
            _ = request.body
        self.stopping.wait(answer.delay)
        if answer.status:
            self._send(answer, connection)
        if answer.ends == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return not answer.ends and request.headers.get("connection", "").lower() != "close"

    def _send(self, answer: Answer, connection: socket.socket) -> None:
        chunked = not isinstance(answer.body, bytes) and answer.length is None
        pieces = [answer.body] if isinstance(answer.body, bytes) else answer.body()
        head = {"Content-Type": FHIR} if answer.body and "content-type" not in map(str.lower, answer.headers) else {}
        if chunked:
            head["Transfer-Encoding"] = "chunked"
        elif answer.status != HTTPStatus.NO_CONTENT:
            head["Content-Length"] = str(len(answer.content) if answer.length is None else answer.length)
        head.update(answer.headers)
        lines = [f"HTTP/1.1 {answer.status} {phrase(answer.status)}", *(f"{name}: {value}" for name, value in head.items())]
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        if answer.drip:
            pieces = (bytes([byte]) for piece in pieces for byte in piece)
        for piece in pieces:
            if piece:  # an empty chunk would end the body
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            if self.stopping.wait(answer.drip):
                return
        if chunked and not answer.ends:
            connection.sendall(b"0\r\n\r\n")


def shut(connection: socket.socket) -> None:
    """Ends what goes over the connection.  SSLSocket's own shutdown would take TLS away under the thread that uses it."""
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def body_of(headers: Mapping[str, str], stream: BinaryIO) -> bytes:
    """The body of a message whose headers have been read.  Raises ConnectionError when it ends early."""
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return exactly(int(headers.get("content-length", 0)), stream)
    pieces = []
    while size := int(stream.readline().partition(b";")[0] or b"0", 16):
        pieces.append(exactly(size, stream))
        stream.readline()
    while stream.readline().strip():
        pass  # trailers
    return b"".join(pieces)


def exactly(size: int, stream: BinaryIO) -> bytes:
    """So many bytes.  Raises ConnectionError when fewer come."""
    body = stream.read(size)
    if len(body) < size:
        raise ConnectionError(f"the body ended after {len(body)} of {size} bytes")
    return body
