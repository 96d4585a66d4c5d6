"""HAPI's validator, the yardstick of our Bundles: built from `tests/validator` with Maven, and kept open for a release.

    with validator("r4", folder) as check:      a folder of definitions that it shall know
        found = check([bundle, another])        the issues of each

`python -m tests.hapi --records 500 --to r4 r4b r5` asks it about that many records and counts what it finds.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO

from msgspec import Struct
from msgspec.json import decode

from converter.convert import convert
from mappings.profiles import write_profiles
from tests.corpus import DATA

HERE = Path(__file__).with_name("validator")
DOCUMENT = Path(__file__).parents[1] / "docs" / "conformance.md"
RECORDS = DATA / "ctgov_v2" / "records.ndjson.gz"
PATIENCE = 600
"""Seconds to wait for one answer; the first comes when the release's definitions are loaded, up to two minutes for R5."""
SECTION = "## HAPI's validator"
UNEXPLAINED = "UNEXPLAINED"
WANTED = "HAPI's validator needs a JDK (17 or newer) and Maven, on Debian `apt install openjdk-17-jdk-headless maven`"


class Unavailable(Exception):
    """The validator cannot be run here; the text says why, and what to install."""


class Issue(Struct, frozen=True):
    """What it says of one place in a resource; `severity` is fatal, error, warning or information."""

    severity: str
    path: str | None
    message: str
    id: str | None = None

    @property
    def wrong(self) -> bool:
        return self.severity in ("fatal", "error")

    def __str__(self) -> str:
        return f"{self.severity} {self.id}: {self.path}: {self.message}"


class Answer(Struct, frozen=True):
    index: int
    issues: list[Issue]


Check = Callable[[Sequence[bytes]], list[list[Issue]]]


# The program, built once

def built() -> Path:
    """The folder with the built program; kept for the next time in a folder of TRIALBRIDGE_CACHE, or ~/.cache/trialbridge.

    Raises Unavailable when it cannot be built or started.
    """
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            raise Unavailable(f"`{program}` is not here; {WANTED}")
    sources = [HERE / "pom.xml", *sorted(HERE.glob("src/**/*.java"))]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    cache = Path(os.environ.get("TRIALBRIDGE_CACHE") or Path.home() / ".cache" / "trialbridge") / "validator"
    if not (cache / key).is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            build(shutil.copytree(HERE, Path(scratch) / "validator", ignore=shutil.ignore_patterns("target")), cache / key)
    return cache / key


def build(project: Path, target: Path) -> None:
    """Builds the project and moves what came of it to `target`, whole.  Raises Unavailable."""
    made = subprocess.run(["mvn", "-q", "-B", "-ntp", "package"], cwd=project, capture_output=True, text=True)
    if made.returncode:
        said = next((line for line in (made.stdout + made.stderr).splitlines() if "ERROR" in line), "no reason given")
        raise Unavailable(f"HAPI's validator could not be built; the first time this needs Maven Central. Maven says: {said}")
    try:
        (project / "target").rename(target)
    except OSError:
        if not target.is_dir():  # else somebody else was faster
            raise


# The program, running

@contextmanager
def validator(release: str, *definitions: Path) -> Iterator[Check]:
    """Starts the validator of "r4", "r4b" or "r5", with the definitions in those folders; stops it at the end.

    The function that it gives returns the issues of each document, in their order.  Raises Unavailable when it cannot be
    run here; the function raises TimeoutError when an answer takes too long, RuntimeError when the program ended.
    """
    folder = built()
    command = ["java", "-Xmx3g", "-XX:+UseParallelGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
               "-cp", os.pathsep.join([f"{folder}/validator.jar", f"{folder}/lib/*"]), "trialbridge.Main", release, *map(str, definitions)]
    answers: Queue[bytes | None] = Queue()
    sent = 0
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        assert process.stdin and process.stdout
        Thread(target=listen, args=(process.stdout, answers), daemon=True).start()

        def check(documents: Sequence[bytes]) -> list[list[Issue]]:
            nonlocal sent
            before, sent = sent, sent + len(documents)
            Thread(target=send, args=(process.stdin, documents), daemon=True).start()
            found: dict[int, list[Issue]] = {}
            while len(found) < len(documents):
                try:
                    line = answers.get(timeout=PATIENCE)
                except Empty:
                    raise TimeoutError(f"HAPI's validator gave no answer for {PATIENCE} s") from None
                if line is None:
                    log.seek(0)
                    raise RuntimeError(f"HAPI's validator ended: {log.read()[-2000:].decode(errors='replace')}")
                answer = decode(line, type=Answer)
                found[answer.index - before] = answer.issues
            return [found[n] for n in range(len(documents))]

        try:
            yield check
        finally:
            process.kill()
            process.wait()


def listen(out: IO[bytes], answers: Queue[bytes | None]) -> None:
    """Puts each line into the queue, and None at the end."""
    for line in out:
        answers.put(line)
    answers.put(None)


def send(to: IO[bytes], documents: Sequence[bytes]) -> None:
    """Sends each document as one line: in JSON, a line ends only between tokens."""
    try:
        for document in documents:
            to.write(document.strip().replace(b"\n", b" ") + b"\n")
            to.flush()
    except (OSError, ValueError):
        pass  # the program ended, which the one who listens hears


# What it is asked, and what it says

def records(count: int) -> list[bytes]:
    """That many of the records for development, evenly spread over all of them."""
    with gzip.open(RECORDS) as lines:
        every = list(lines)
    return [every[n * len(every) // count] for n in range(min(count, len(every)))]


def explained() -> list[str]:
    """The kinds of warnings that docs/conformance.md explains: words of the message, the first cells of the rows of its section."""
    section = DOCUMENT.read_text(encoding="utf-8").partition(f"\n{SECTION}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def kind(issue: Issue, kinds: Sequence[str]) -> str:
    """What to count the issue as: the kind of warning that is explained, else its message, without what differs from use to use."""
    if issue.severity == "information":
        return f"information: {issue.id}"
    if known := None if issue.wrong else next((words for words in kinds if words in issue.message), None):
        return f"warning: {known}"
    path = re.sub(r"\[\d+\]|/\*.*?\*/", "", issue.path or "")
    message = re.sub(r" for '[^']*'|[;,] (and )?(a coding|codes?) .*", "", issue.message)
    return f"{UNEXPLAINED} {issue.severity}: {path}: {message}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Counts what HAPI says of our Bundles; 1 when it has an error, or a warning that is not explained."""
    parser = ArgumentParser(prog="python -m tests.hapi", description=main.__doc__)
    parser.add_argument("--records", type=int, default=60, metavar="N", help="how many of the records for development (60)")
    parser.add_argument("--to", nargs="+", choices=("r4", "r4b", "r5"), default=["r4", "r4b", "r5"], help="releases (all)")
    parser.add_argument("--extensions", choices=("hl7", "own"), default="hl7", help="see trialbridge convert")
    parser.add_argument("--definitions", type=Path, metavar="DIR", help="definitions of HL7's extensions, instead of those that the tables make")
    told = parser.parse_args(arguments)
    kinds, good, chosen = explained(), True, records(told.records)
    for release in told.to:
        bundles = [convert(record, release, "ctgov", extensions=told.extensions).document for record in chosen]
        with tempfile.TemporaryDirectory() as ours:
            write_profiles(Path(ours), hl7=told.extensions == "hl7" and told.definitions is None)
            started = time.monotonic()
            with validator(release, Path(ours), *([told.definitions] if told.definitions else [])) as check:
                found = [issue for issues in check(bundles) for issue in issues]
        counts = Counter(kind(issue, kinds) for issue in found)
        good &= not any(name.startswith(UNEXPLAINED) for name in counts)
        print(f"{release}: {len(bundles)} Bundles, {sum(issue.wrong for issue in found)} errors, {time.monotonic() - started:.0f} s")
        for name, count in counts.most_common():
            print(f"{count:8}  {name}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
