"""Secrets: where they are read from, and that nobody sees them.

They come from a file that nobody else can read, from a command or from the environment, in this order; never from the
command line, which every user of the machine sees.  None is ever asked for: a program that waits for an answer hangs where
nobody sits.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from msgspec import Struct

from converter.problems import Problems, refuse, shown

TOKEN = "TRIALBRIDGE_TOKEN"
KEY_PASSWORD = "TRIALBRIDGE_KEY_PASSWORD"
LARGEST = 64 << 10
"""Bytes of a secret."""
PATIENCE = 60.0
"""Seconds that a command may take."""
SHORTEST = 4
"""Characters of a secret that is looked for in what is shown: a shorter one stands in too much that is none."""
MASK = "[secret]"
NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header: a token of RFC 9110, section 5.6.2."""
VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?")
"""The value of a header that every server reads alike: RFC 9110, section 5.5, without what lies beyond ASCII."""
OURS = ("host", "content-length", "content-type", "accept", "transfer-encoding", "connection")
TELLING = 8
"""Characters of a header's value from which it may be a key, and is no ordinary word."""


class Source(Struct, frozen=True):
    """Where a secret is read, again when it may have changed; `place` says where that is: "from a file"."""

    read: Callable[[], str]
    place: str
    option: str


def source(file: Path | None, command: str | None, environ: Mapping[str, str]) -> Source | None:
    """The first of file, command and environment that is there."""
    if file is not None:
        return Source(lambda: secret_file(file, "--token-file"), "from a file", "--token-file")
    if command is not None:
        return Source(lambda: secret_command(command, "--token-command"), "from a command", "--token-command")
    if environ.get(TOKEN):
        return Source(lambda: environ[TOKEN], "from the environment", TOKEN)
    return None


def key_password(environ: Mapping[str, str] = os.environ) -> str | None:
    """The password of an encrypted key; None where the environment has none."""
    return environ.get(KEY_PASSWORD) or None


def secret_file(path: Path, option: str) -> str:
    """The text of a file with a secret, without the line end at its end.

    Raises Problems, for the option of that name, where there is none, or where others may read or change it.
    """
    try:
        with path.open("rb") as file:
            kept_private(os.fstat(file.fileno()), path, option)
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise refuse(f"{path} cannot be read: {error.strerror}; expected a file with a secret", option) from None
    return text_of(content, str(path), option)


def kept_private(status: os.stat_result, path: Path, option: str) -> None:
    """Raises Problems where others than its owner may read or change the file.  A pipe (process substitution) is nobody else's."""
    if stat.S_ISFIFO(status.st_mode):
        return
    if not stat.S_ISREG(status.st_mode):
        raise refuse(f"{path} is neither a file nor a pipe; expected a file with a secret", option)
    if os.name == "posix" and (mode := stat.S_IMODE(status.st_mode)) & 0o077:
        raise refuse(f"others may read or change {path} (its mode is {mode:04o}); expected a file for its owner alone: chmod 600", option)


def text_of(content: bytes, place: str, option: str) -> str:
    """The text of a secret, without the line end at its end.  Raises Problems, which hold nothing of it."""
    if len(content) > LARGEST:
        raise refuse(f"found more than {LARGEST >> 10} KiB in {place}; expected a secret", option)
    try:
        text = content.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        text = None  # raised further down: this exception holds the secret
    if text is None:
        raise refuse(f"found bytes in {place} that are not UTF-8; expected a secret as text", option)
    if not text.strip():
        raise refuse(f"found nothing in {place}; expected a secret", option)
    return text


def secret_command(command: str, option: str) -> str:
    """What a command prints, without the line end at its end.  No shell reads it; what it prints as errors, the person sees.

    Raises Problems, for the option of that name, when it cannot be started, fails, prints nothing or takes too long.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise refuse(f"cannot be taken apart into words: {error}; expected a command and its arguments", option) from None
    if not words:
        raise refuse("found nothing; expected a command and its arguments", option)
    name = shown(words[0])
    content, failure = b"", ""
    try:
        content = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=PATIENCE, check=True).stdout
    except OSError as error:
        failure = f"{name} cannot be started: {error.strerror}"
    except subprocess.TimeoutExpired:
        failure = f"{name} printed no secret within {PATIENCE:.0f} s"
    except subprocess.CalledProcessError as error:
        failure = f"{name} failed with exit code {error.returncode}"
    if failure:  # raised here: the exceptions above hold what the command printed
        raise refuse(f"{failure}; expected a command that prints a secret", option)
    return text_of(content, f"what {name} printed", option)


def header_file(path: Path, auth: str, redactor: Redactor) -> dict[str, str]:
    """The headers of a file of lines `Name: value`; empty lines and lines that begin with # are passed over.

    They are sent with every request to the server, so they may be keys: the file must be its owner's alone, and the values are
    told to `redactor`.  Raises Problems for lines that are no header, and for headers that are not the user's to set;
    Authorization is where `auth` is "none".
    """
    found: dict[str, str] = {}
    for number, line in enumerate(secret_file(path, "--header-file").split("\n"), 1):
        line = line.removesuffix("\r")
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, value = line.partition(":")
        value = value.strip(" \t")
        if wrong := header_fault(name, value if colon else "", auth, found):
            raise refuse(f"line {number} of {path} {wrong}", "--header-file")
        found[name] = value
        for part in (value, value.rpartition(" ")[2] if name.lower() == "authorization" else ""):
            if len(part) >= TELLING:
                redactor.add(part)
    return found


def header_fault(name: str, value: str, auth: str, before: Mapping[str, str]) -> str:
    """What is wrong with a header; "" when nothing is.  It never holds the value."""
    if not NAME.fullmatch(name) or not value:
        return "is no header; expected Name: value"
    if not VALUE.fullmatch(value):
        return f"gives {name} a value with characters that a header cannot have; expected ASCII without control characters"
    if name.lower() in (one.lower() for one in before):
        return f"gives {name} again; expected each header once"
    if name.lower() in OURS:
        return f"gives {name}, which is set for each request by what is sent; leave it out"
    if name.lower() == "authorization" and auth != "none":
        return f"gives Authorization, which --auth {auth} sets; leave one of the two out"
    return ""


class Redactor:
    """Knows every secret that is in use, and takes it out of what is shown.  Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._secrets: tuple[str, ...] = ()

    def add(self, secret: str) -> None:
        """From now on the secret is masked, also as it stands in JSON and in forms and addresses."""
        if len(secret) < SHORTEST:
            return
        forms = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1],
                 quote(secret, safe="", errors="replace"), quote(secret, errors="replace"), quote_plus(secret, errors="replace")}
        with self._lock:
            # A longer secret may hold a shorter one, whose mask would leave the rest of it to be seen.
            self._secrets = tuple(sorted(forms.union(self._secrets), key=len, reverse=True))

    def clean(self, text: str) -> str:
        """The text with a mask for each secret."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
            if "…" in text:  # where a text was cut, the beginning of a secret may be left
                text = re.sub("|".join(re.escape(secret[:n]) + "…" for n in range(len(secret) - 1, SHORTEST - 1, -1)), f"{MASK}…", text)
        return text

    def clean_bytes(self, content: bytes) -> bytes:
        """The same of bytes, which are UTF-8."""
        for secret in self._secrets:
            content = content.replace(secret.encode("utf-8", "surrogateescape"), MASK.encode())
        return content

    def clean_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The same of the values of headers."""
        return {name: self.clean(value) for name, value in headers.items()}


def told(problems: Problems) -> str:
    """The problems in one line, as part of a sentence."""
    return "; ".join(map(str, problems.problems))
