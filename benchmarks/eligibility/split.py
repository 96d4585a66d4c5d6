"""The development gold in three parts by document: grammars are developed on two of them, the third only tells whether they are general."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from benchmarks.convert import RECORDS

DATA = RECORDS.parents[1] / "eligibility"
Part = Literal["work", "check", "all"]
PARTS: tuple[Part, ...] = get_args(Part)
Task = Literal["numeric", "temporal", "entities"]
TASKS: tuple[Task, ...] = get_args(Task)


def third(document: str) -> int:
    """0 for a document of the third that is only looked at as totals, 1 or 2 for one to develop on."""
    return int(hashlib.sha1(document.encode()).hexdigest(), 16) % 3


def belongs(document: str, part: Part) -> bool:
    return part == "all" or (third(document) == 0) == (part == "check")


def rows(task: Task, part: Part) -> Iterator[dict[str, Any]]:
    """The gold's rows of a part.  Every document has at least one, which may be empty.  Raises SystemExit where the gold is absent."""
    path = DATA / "dev" / f"lct_{task}.jsonl"
    if not path.exists():
        raise SystemExit(f"the gold is not here: {path} (TRIALBRIDGE_DATA names another folder)")
    with path.open(encoding="utf-8") as lines:
        yield from (row for line in lines if belongs((row := json.loads(line))["doc"], part))


def gold(task: Task, part: Part, folder: Path) -> Path:
    """The file with the gold of a part, as the scorers read it."""
    path = folder / f"gold.{task}.{part}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(task, part)), encoding="utf-8")
    return path


@cache
def texts(part: Part = "all") -> dict[str, str]:
    """The annotated texts of a part by document, as they are: the gold's places count the characters of line ends too."""
    return {document: text for document, text in folder_texts(DATA / "dev" / "lct").items() if belongs(document, part)}


def folder_texts(folder: Path) -> dict[str, str]:
    """The texts of a folder of `<document>.txt`, by document, in order.  Raises SystemExit, saying why, where it holds none."""
    if not folder.is_dir():
        raise SystemExit(f"there is no folder {folder}")
    found = {}
    for path in sorted(folder.glob("*.txt")):
        try:
            with path.open(encoding="utf-8", newline="") as file:
                found[path.stem] = file.read()
        except (UnicodeDecodeError, OSError) as problem:
            raise SystemExit(f"cannot read {path} as UTF-8: {problem}") from None
    if not found:
        raise SystemExit(f"the folder {folder} has no file <document>.txt")
    return found
