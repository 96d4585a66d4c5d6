"""Pushes to a real FHIR server (HAPI's in R4, started here), and holds it to what it promises.

    python -m benchmarks.push speed  [--records 400] [--jobs 4] [--runs 3]
    python -m benchmarks.push stress [--records 1000] [--kills 10]

speed: finished Bundles with --no-validate, in turn with a bare loop of `requests.post` of the same bytes with as many threads, to the
same server, both into an empty place and over what is there.  stress: the records go through a proxy that fails 20 % of all requests,
and the program is killed (SIGKILL) at random moments and resumed; then the server is read.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local

import requests

from benchmarks.convert import RECORDS
from converter.convert import convert_all
from converter.documents import Inputs
from tests.push.stress import KINDS, stressed
from tests.servers import hapi


def records(count: int, folder: Path) -> Path:
    """A file with the first records; the program ends when they are not here."""
    if not RECORDS.exists():
        raise SystemExit(f"the records are not here: {RECORDS} (TRIALBRIDGE_DATA names another folder)")
    path = folder / "records.ndjson"
    with gzip.open(RECORDS) as packed, path.open("wb") as plain:
        plain.writelines(itertools.islice(packed, count))
    return path


def renamed(bundles: Path, turn: int) -> Path:
    """The same Bundles under other numbers, so that the server has none of them."""
    path = bundles.with_name(f"{turn}.ndjson")
    content = bundles.read_bytes()
    path.write_bytes(re.sub(rb"NCT\d(\d{7})", rb"NCT%d\g<1>" % turn, content))
    return path


def bare(bundles: Path, url: str, jobs: int) -> float:
    """Seconds of a loop that posts and looks at nothing.  (HAPI answers some of the first with 409, which the loop loses.)"""
    mine = local()

    def post(line: bytes) -> None:
        if not hasattr(mine, "session"):
            mine.session = requests.Session()
            mine.session.trust_env = False
        mine.session.post(url, data=line, headers={"Content-Type": "application/fhir+json"})

    lines = bundles.read_bytes().splitlines()
    begun = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(post, lines))
    return time.perf_counter() - begun


def ours(bundles: Path, url: str, jobs: int, journal: Path) -> float:
    """Seconds of `trialbridge push`, as it says them: without starting Python, which the loop does not do either."""
    command = [sys.executable, "-m", "converter.cli", "push", str(bundles), "--server", url, "--no-validate", "--jobs", str(jobs),
               "--journal", str(journal), "--json"]
    done = subprocess.run(command, capture_output=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1])["summary"]["seconds"])


def speed(given: argparse.Namespace, folder: Path) -> None:
    """Prints the rates of both."""
    made = folder / "bundles.ndjson"
    with made.open("wb") as out:
        out.writelines((outcome.document or b"") + b"\n" for outcome in convert_all(Inputs([records(given.records, folder)]), "r4"))
    found: dict[str, list[float]] = {}
    with hapi("r4") as server:
        bare(renamed(made, 9), server.url, given.jobs)  # HAPI's first transactions are slow
        for turn in range(given.runs):
            steps = [("requests.post", 2 * turn), ("trialbridge push", 2 * turn + 1)]
            for name, number in steps if turn % 2 == 0 else reversed(steps):
                bundles = renamed(made, number)
                for what in ("new", "again"):
                    seconds = (bare(bundles, server.url, given.jobs) if name == "requests.post" else
                               ours(bundles, server.url, given.jobs, folder / f"journal{number}{what}"))
                    found.setdefault(f"{name}, {what}", []).append(given.records / seconds)
    print(f"{given.records} Bundles to HAPI R4, {given.jobs} at a time; records a second, medians of {given.runs} runs")
    for what in ("new", "again"):
        loop, push = (statistics.median(found[f"{name}, {what}"]) for name in ("requests.post", "trialbridge push"))
        print(f"{what:8} requests.post {loop:7.1f}   trialbridge push {push:7.1f}   {push / loop:6.0%}")


def stress(given: argparse.Namespace, folder: Path) -> None:
    """Prints what happened, and ends with 1 when the server does not hold just what was sent."""
    source = records(given.records, folder)
    with hapi("r4") as server:
        held = stressed(server.url, source, folder / "journal", kills=given.kills, jobs=given.jobs, seed=given.seed)
    print(f"{given.records} records to HAPI R4 through a proxy that failed {sum(held.faults.values())} of {held.requests} requests: "
          f"{held.kills} kills, {held.runs} runs, {held.seconds:.0f} s")
    print("faults: " + ", ".join(f"{name} {times}" for name, times in sorted(held.faults.items())))
    counts = ", ".join(f"{held.counts[kind]} {kind}" for kind in KINDS)
    print(f"the server holds {counts}; {len(held.wrong)} differ from what was sent")
    print("\n".join(held.wrong[:20]))
    if held.wrong or set(held.counts.values()) != {given.records} or held.kills < given.kills:
        raise SystemExit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("what", choices=["speed", "stress"])
    parser.add_argument("--records", type=int)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    given.records = given.records or (400 if given.what == "speed" else 1000)
    with tempfile.TemporaryDirectory() as folder:
        {"speed": speed, "stress": stress}[given.what](given, Path(folder))


if __name__ == "__main__":
    main()
