"""Converts the records to R5 and R4 and back as whole processes, beside a process that only parses and dumps the same bytes.

    python -m benchmarks.convert [--runs 5] [--records FILE] [--long 100000]

Peers in the same run: orjson parse + dump of the same bytes (a process), and fhir.resources validation of the output (per
record), which is the part of `--check` that it knows.  Criteria are written as their words (`--criteria text`): what coding them costs
is measured by benchmarks.eligibility.  Prints medians of wall and CPU time, the ratio to orjson's process,
records a second, and the largest resident size.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

RECORDS = Path(os.environ.get("TRIALBRIDGE_DATA") or Path(__file__).parents[2] / "shared" / "data") / "ctgov_v2" / "records.ndjson.gz"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""As a program is installed: its modules are compiled once, and not at every start."""
ORJSON = """
import sys, orjson
with open(sys.argv[1], "rb") as lines, open(sys.argv[2], "wb") as out:
    for line in lines:
        out.write(orjson.dumps(orjson.loads(line)) + b"\\n")
"""


class Run(NamedTuple):
    """One process: seconds by the clock, seconds of CPU with its children, MiB of the largest resident size."""

    wall: float
    cpu: float
    rss: float


def run(command: Sequence[str]) -> Run:
    """The measurements of one process.  Raises SystemExit when it fails."""
    before = time.perf_counter()
    process = os.posix_spawn(command[0], command, ENVIRONMENT)
    _, status, used = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"failed: {' '.join(command)}")
    return Run(time.perf_counter() - before, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def median(runs: list[Run]) -> Run:
    return Run(*(statistics.median(part) for part in zip(*runs, strict=True)))


def convert(source: Path, to: str, out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "converter.cli", "convert", str(source), "--to", to, "-o", str(out), "-q",
            "--report", str(out.with_suffix(".report")), *more]


def orjson(source: Path, folder: Path) -> list[str]:
    return [sys.executable, "-c", ORJSON, str(source), str(folder / "orjson.ndjson")]


def validated(path: Path, model: str, records: int = 60) -> float:
    """Seconds that fhir.resources takes to validate one Bundle (the mean of some, after the first)."""
    from importlib import import_module

    bundle = import_module(model).Bundle
    with path.open("rb") as lines:
        documents = [line for line, _ in zip(lines, range(records), strict=False)]
    bundle.model_validate_json(documents[0])
    before = time.process_time()
    for document in documents:
        bundle.model_validate_json(document)
    return (time.process_time() - before) / len(documents)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--records", type=Path, default=RECORDS)
    parser.add_argument("--long", type=int, default=0, help="also stream this many records, repeating the file")
    given = parser.parse_args()
    if not given.records.exists():
        raise SystemExit(f"the records are not here: {given.records} (--records names another file)")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = folder / "records.ndjson"
        with gzip.open(given.records) as packed, source.open("wb") as plain:
            shutil.copyfileobj(packed, plain)  # in pieces: a process begins with the resident size of its parent
        with source.open("rb") as lines:
            count = sum(1 for _ in lines)
        r5, r4 = folder / "r5.ndjson", folder / "r4.ndjson"
        words = ("--criteria", "text")
        steps = {
            "orjson, records": orjson(source, folder),
            "records -> r5": convert(source, "r5", r5, *words),
            "records -> r5, 2 jobs": convert(source, "r5", r5, *words, "--jobs", "2"),
            "orjson, r5": orjson(r5, folder),
            "r5 -> records": convert(r5, "ctgov", folder / "back.ndjson"),
            "r5 -> records, 2 jobs": convert(r5, "ctgov", folder / "back.ndjson", "--jobs", "2"),
            "records -> r4": convert(source, "r4", r4, *words),
            "records -> r4, --check": convert(source, "r4", r4, *words, "--check"),
            "records -> r5, --check": convert(source, "r5", r5, *words, "--check"),
            "orjson, r4": orjson(r4, folder),
            "r4 -> records": convert(r4, "ctgov", folder / "back.ndjson"),
        }
        found: dict[str, list[Run]] = {name: [] for name in steps}
        for _ in range(given.runs):
            for name, command in steps.items():
                found[name].append(run(command))
        medians = {name: median(runs) for name, runs in found.items()}
        print(f"{count} records, {source.stat().st_size / 1e6:.1f} MB; medians of {given.runs} runs; whole processes, report included")
        print(f"{'':24}{'wall s':>8}{'CPU s':>8}{'per s':>11}{'MiB':>6}{'x orjson of the records':>27}{'x orjson of its own input':>27}")
        for name, one in medians.items():
            base = medians["orjson, records"]
            own = medians["orjson, " + name.split(" ")[0]] if "->" in name else one
            print(f"{name:24}{one.wall:8.2f}{one.cpu:8.2f}{count / one.wall:11.0f}{one.rss:6.0f}"
                  f"{one.wall / base.wall:12.1f}{one.cpu / base.cpu:8.1f}{one.wall / own.wall:26.1f}{one.cpu / own.cpu:8.1f}")
        for path, model in ((r5, "fhir.resources.bundle"), (r4, "fhir.resources.R4B.bundle")):
            each = validated(path, model)
            print(f"fhir.resources, {path.stem}: {each * 1000:.1f} ms to validate a Bundle, {1 / each:.0f} a second")
        if given.long:
            long = folder / "long.ndjson"
            with long.open("wb") as out:
                for _ in range(-(-given.long // count)):
                    with source.open("rb") as once:
                        shutil.copyfileobj(once, out)
            one = run(convert(long, "r5", folder / "long.r5.ndjson", *words))
            total = -(-given.long // count) * count
            print(f"{total} records -> r5: {one.wall:.0f} s, {total / one.wall:.0f} records/s, {one.rss:.0f} MiB resident")


if __name__ == "__main__":
    main()
