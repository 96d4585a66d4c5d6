"""Round trips of the records, with the checks of what is written, as whole processes.

    python -m benchmarks.roundtrip [--runs 3] [--records FILE] [--to r4]

Prints medians of wall and CPU time with 1 and 2 processes, round trips a second, and the largest resident size of a process.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.convert import RECORDS, median, run

QUIET = ["/bin/sh", "-c", '"$@" > /dev/null || [ $? = 1 ]', "sh"]
"""What runs a command and forgets its output; some of the records have empty objects, which is a difference (exit code 1)."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--records", type=Path, default=RECORDS)
    parser.add_argument("--to", choices=["r4", "r4b", "r5"], default="r4")
    given = parser.parse_args()
    if not given.records.exists():
        raise SystemExit(f"the records are not here: {given.records} (--records names another file)")
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "records.ndjson"
        with gzip.open(given.records) as packed, source.open("wb") as plain:
            shutil.copyfileobj(packed, plain)  # in pieces: a process begins with the resident size of its parent
        with source.open("rb") as lines:
            count = sum(1 for _ in lines)
        print(f"{count} records, {source.stat().st_size / 1e6:.1f} MB, to {given.to}; medians of {given.runs} runs")
        print(f"{'':8}{'wall s':>8}{'CPU s':>8}{'per s':>8}{'per CPU s':>11}{'MiB':>6}")
        for jobs in (1, 2):
            found = Path(temporary) / "x.xml"
            command = [*QUIET, sys.executable, "-m", "converter.cli", "roundtrip", str(source), "--to", given.to, "--jobs", str(jobs),
                       "--junit", str(found)]
            one = median([run(command) for _ in range(given.runs)])
            if found.read_text(encoding="utf-8").count("<testcase ") != count:
                raise SystemExit(f"failed: {' '.join(command)}")
            found.unlink()
            name = f"{jobs} job{'s' * (jobs > 1)}"
            print(f"{name:8}{one.wall:8.2f}{one.cpu:8.2f}{count / one.wall:8.0f}{count / one.cpu:11.0f}{one.rss:6.0f}")


if __name__ == "__main__":
    main()
