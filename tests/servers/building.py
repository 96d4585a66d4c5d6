"""The servers' programs, built once in the checkout and kept there: `hapi/target` and `medplum/node_modules`."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from msgspec import Struct

HERE = Path(__file__).parent
Name = Literal["hapi", "medplum"]


class Unavailable(Exception):
    """A server cannot be built here; the text says why, and what to install."""


class Recipe(Struct, frozen=True):
    """How a server is built, in the folder of its name.

    `runtime` is the program that runs it, how to ask for its version, and the least version; `command` makes the folder
    `product` of the `sources`.
    """

    runtime: tuple[str, str, tuple[int, int]]
    command: tuple[str, ...]
    sources: tuple[str, ...]
    product: str
    needs: str


RECIPES: dict[Name, Recipe] = {
    "hapi": Recipe(("java", "-version", (17, 0)), ("mvn", "-q", "-B", "-ntp", "package"), ("pom.xml", "src/**/*.java"), "target",
                   "HAPI's server needs a JDK (17 or newer) and Maven, on Debian `apt install openjdk-17-jdk-headless maven`"),
    "medplum": Recipe(("node", "--version", (20, 19)), ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
                      ("package.json", "package-lock.json"), "node_modules",
                      "Medplum's server needs Node.js (20.19 or newer) and npm, see https://nodejs.org/en/download"),
}


def missing(name: Name) -> str | None:
    """What must be installed before that server can be built, as a sentence; None when nothing is missing."""
    recipe = RECIPES[name]
    runtime, option, least = recipe.runtime
    for program in (runtime, recipe.command[0]):
        if shutil.which(program) is None:
            return f"`{program}` is not here; {recipe.needs}"
    told = subprocess.run([runtime, option], capture_output=True, text=True)
    version = re.search(r'^(?:.* version "|v)(\d+)(?:\.(\d+))?', told.stdout + told.stderr, re.MULTILINE)
    if version is None or (int(version[1]), int(version[2] or 0)) < least:
        return f"`{runtime}` is too old; {recipe.needs}"
    return None


def built(name: Name) -> Path:
    """The folder with what that server's sources give; it is kept until they change.  Raises Unavailable."""
    if reason := missing(name):
        raise Unavailable(reason)
    recipe, folder = RECIPES[name], HERE / name
    product = folder / recipe.product
    stamp = product / "built-from"
    sources = sorted(path for pattern in recipe.sources for path in folder.glob(pattern))
    key = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    with locked(folder):
        if not stamp.is_file() or stamp.read_text() != key:
            shutil.rmtree(product, ignore_errors=True)
            made = subprocess.run(recipe.command, cwd=folder, capture_output=True, text=True)
            if made.returncode:
                said = next((line for line in (made.stdout + made.stderr).splitlines() if "error" in line.lower()), "no reason given")
                raise Unavailable(f"{recipe.needs.partition(' needs ')[0]} could not be built; the first time this needs the network. "
                                  f"`{recipe.command[0]}` says: {said}")
            stamp.write_text(key)
    return product


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """No other process is inside of this for the same folder.  The lock is on the folder itself, and goes with the process."""
    import fcntl  # which Windows has not, where the other tests shall run all the same

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
