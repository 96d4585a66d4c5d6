"""The scorers, unchanged and as processes of their own, and what other systems answered on the same documents."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.eligibility.split import DATA, Task

OPPONENTS: dict[Task, dict[str, str]] = {
    "numeric": {"Go grammar": "go_cfg_parser.numeric.jsonl", "Valx": "valx.numeric.jsonl"},
    "temporal": {"one regex": "regex.temporal.jsonl"},
    "entities": {"dictionary": "dictionary.entities.jsonl"},
}
"""The Go grammar is facebookresearch/Clinical-Trial-Parser, the dictionary a longest match of MeSH diseases and drug names."""


class Figures(NamedTuple):
    """One printed line of a scorer; `inclusive` is F1 with the inclusive flag, `unit` and `exclude` are shares of the matches."""

    gold: int
    predicted: int
    precision: float
    recall: float
    f1: float
    inclusive: float | None = None
    unit: float | None = None
    exclude: float | None = None


COUNTS = re.compile(r"gold(?: windows)? +(\d+)[, ]+pred(?:icted)? +(\d+)")
LINE = re.compile(r"^(.+?) +(?:gold .*?)?P (\d\.\d+) R (\d\.\d+) F1 (\d\.\d+)"
                  r"(?: \| F1 with inclusive flag (\S+) \| unit right (\d+)/(\d+))?$")
EXCLUDE = re.compile(r"^exclude flag right on matches (\d+)/(\d+)", re.M)


def scored(task: Task, gold: Path, predictions: Path) -> dict[str, Figures]:
    """The figures of a scorer by the name of its line.  Raises SystemExit with its own words when it fails."""
    ran = subprocess.run([sys.executable, str(DATA / "score" / f"score_{task}.py"), str(gold), str(predictions)],
                         capture_output=True, encoding="utf-8")
    if ran.returncode:
        raise SystemExit(f"the scorer of {task} failed: {ran.stderr.strip()}")
    return figures(ran.stdout)


def figures(printed: str) -> dict[str, Figures]:
    """The figures that a scorer printed, by the name of the line."""
    found = {}
    counts = COUNTS.search(printed)
    exclude = EXCLUDE.search(printed)
    for line in printed.splitlines():
        if (one := LINE.match(line)) and (own := COUNTS.search(line) or counts):
            name, precision, recall, f1, inclusive, right, of = one.groups()
            found[name] = Figures(int(own[1]), int(own[2]), float(precision), float(recall), float(f1),
                                  float(inclusive) if inclusive else None, share(right, of), share(*exclude.groups()) if exclude else None)
    return found


def share(right: str | None, of: str | None) -> float | None:
    return int(right or 0) / int(of) if of and int(of) else None
