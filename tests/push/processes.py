"""`trialbridge push` as a process of its own, which runs beside others and can be killed.

    with Started(folder, server.url, bundles=[bundle]) as process:
        ...
        run = process.ended()
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from secrets import token_urlsafe
from typing import Self

import msgspec

from tests.push.checks import Run, files, no_secret, outcomes_of

PATIENCE = 120
"""Seconds that a run may take."""


class Started:
    """A run in `folder` with a journal there, which a later run with the same folder goes on with; with a bearer token."""

    def __init__(self, folder: Path, url: str, *options: str, bundles: Sequence[bytes]):
        folder.mkdir(exist_ok=True)
        self.folder, self.journal = folder, folder / "push.journal"
        self.token = token_urlsafe(24)
        (folder / "token").write_text(self.token)
        (folder / "token").chmod(0o600)
        (folder / "bundles.ndjson").write_bytes(b"".join(bundle.strip() + b"\n" for bundle in bundles))
        self.before = files(folder)
        command = [sys.executable, "-m", "converter.cli", "push", "bundles.ndjson", "--server", url, "--journal", self.journal.name,
                   "--json", "--auth", "bearer", "--token-file", "token", *options]
        with (folder / "stdout").open("wb") as stdout, (folder / "stderr").open("wb") as stderr:
            self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """It is gone, in the middle of whatever it did (SIGKILL)."""
        self.process.kill()
        self.process.wait()

    def ended(self) -> Run:
        """The run, when it has ended; the lines of its journal are those that are whole."""
        code = self.process.wait(PATIENCE)
        after = files(self.folder)
        written = b"\n".join(content for path, content in after.items() if self.before.get(path) != content)
        stdout, stderr = ((self.folder / name).read_text() for name in ("stdout", "stderr"))
        told, summary = outcomes_of(stdout) if code >= 0 else ((), {})
        assert code < 0 or summary, f"it ended with {code}: {stderr}"
        lines = after.get(self.journal, b"")[len(self.before.get(self.journal, b"")):].split(b"\n")[:-1]
        run = Run(code, stdout, stderr, told, summary, tuple(msgspec.json.decode(line) for line in lines if line), (), written)
        no_secret(run, self.token)
        return run
