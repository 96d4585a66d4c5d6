"""A real browser for tests of pages: headless Chromium, which npm brings, so that nothing has to be installed on the machine.

`seen(page)` opens a page in it, goes through it as a person would (look.mjs), and gives what was seen.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.servers.building import locked

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
NEEDS = "the browser for tests needs Node.js (20 or newer) and npm on Linux for x86-64, see https://nodejs.org/en/download"


class Unavailable(Exception):
    """There can be no browser here; the text says why, and what to install."""


def installed() -> None:
    """The browser and its driver are in node_modules, as package-lock.json says.  Raises Unavailable."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Unavailable(f"`{program}` is not here; {NEEDS}")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    if not (found := re.match(r"v(\d+)", version)) or int(found[1]) < 20:
        raise Unavailable(f"`node` is too old; {NEEDS}")
    key = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / "installed-from"
    with locked(HERE):
        if stamp.is_file() and stamp.read_text() == key:
            return
        shutil.rmtree(MODULES, ignore_errors=True)
        made = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, capture_output=True, text=True)
        if made.returncode:
            said = next((line for line in (made.stdout + made.stderr).splitlines() if "error" in line.lower()), "no reason given")
            raise Unavailable(f"the browser could not be installed; the first time this needs the network. `npm` says: {said}")
        stamp.write_text(key)


def seen(page: Path, picture: Path | None = None) -> dict[str, Any]:
    """What look.mjs saw of a page; it may leave a picture.  Raises Unavailable where there can be no browser."""
    installed()
    (unpacked := MODULES / "unpacked").mkdir(exist_ok=True)  # the package unpacks its browser into the folder for temporary files
    command = ["node", str(HERE / "look.mjs"), str(page), *([str(picture)] if picture else [])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, "TMPDIR": str(unpacked)})
    if done.returncode:
        if "cannot open shared object file" in done.stderr or "ENOEXEC" in done.stderr:
            raise Unavailable(f"the browser does not run here: {done.stderr.strip().splitlines()[-1]}; {NEEDS}")
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
