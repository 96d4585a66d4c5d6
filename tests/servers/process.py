"""A server's process: started, waited for, and stopped whatever happens to the one who started it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

PATIENCE = 300
"""Seconds that a server may take until it answers; HAPI's in R5 takes 40 on an idle machine."""


class Server:
    """A server that answers at `url`, which is its base URL and has no slash at its end; `token` is what it demands, if anything."""

    def __init__(self, url: str, token: str | None, process: subprocess.Popen[bytes]) -> None:
        self.url = url
        self.token = token
        self.process = process

    def stop(self) -> None:
        """It runs no more, and what it held is gone."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running(name: str, command: Sequence[str], settings: Mapping[str, str], token: str | None) -> Iterator[Server]:
    """The command runs and answers; at the end it is stopped.  Raises RuntimeError when it ends or does not answer in time.

    It is given its settings as environment variables, and READY, the file that it writes its base URL to.  Its standard input is a pipe
    that nobody writes to: when this process is killed, the system closes it, upon which the server ends.
    """
    with tempfile.TemporaryDirectory() as folder:
        ready, log = Path(folder) / "ready", Path(folder) / "log"
        environment = {**os.environ, **settings, "TOKEN": token or "", "READY": str(ready)}
        with log.open("wb") as output, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=environment,
                                                        start_new_session=True) as process:
            try:
                yield Server(answering(name, process, ready, log), token, process)
            finally:
                process.kill()


def answering(name: str, process: subprocess.Popen[bytes], ready: Path, log: Path) -> str:
    """The base URL of the server, which has answered there once: HAPI's first answer takes seconds."""
    deadline = time.monotonic() + PATIENCE
    while not ready.is_file():
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended: {log.read_text(errors='replace')[-2000:]}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{name} gave no answer for {PATIENCE} s: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)
    url = ready.read_text()
    with requests.Session() as session:
        session.trust_env = False  # 127.0.0.1 is behind no proxy
        session.get(f"{url}/metadata", timeout=PATIENCE).raise_for_status()
    return url
