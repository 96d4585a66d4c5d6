"""What was understood, as the scorers read it: one JSON object for a constraint, a window or a mention, as stated in the text."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.eligibility.split import Task, folder_texts
from converter.eligibility.findings import Bound, Comparison, Finding, Mention, Window
from converter.eligibility.understanding import Understanding, understand

THRESHOLDS: dict[Task, float] = {"numeric": 0.94, "temporal": 0.0, "entities": 0.35}
UNLISTED = 0.5
DENIED = 1.0
"""The least confidence of an answer, by task, and of a number whose variable is not listed.  Numbers of listed variables want a precision
of 0.95 with F1 of 0.90; both have room here on the documents that the rules were developed on, and are above that on the others.
A name that is denied ("no asthma") is never that sure: the gold has 154 of 196 as denied too, and of the others 3,919 of 3,954 as not
denied (where the names are the same), and one with the wrong sign is worse than none."""


def predictions(task: Task, document: str, understanding: Understanding, least: float | None = None) -> Iterator[dict[str, Any]]:
    """The answers of a task for one document that are at least so sure (by default as the task wants)."""
    for finding in understanding.findings:
        found = answer(task, finding, understanding)
        if found is not None and finding.confidence >= (threshold(task, finding) if least is None else least):
            yield {"doc": document, "section": understanding.side(finding), **found, "start": finding.start, "end": finding.end,
                   "rule": finding.rule, "confidence": finding.confidence}


def threshold(task: Task, finding: Finding) -> float:
    if isinstance(finding, Mention) and finding.negated:
        return DENIED
    return UNLISTED if isinstance(finding, Comparison) and finding.variable is None else THRESHOLDS[task]


def answer(task: Task, finding: Finding, understanding: Understanding) -> dict[str, Any] | None:
    """The scorer's own members for a finding; None where the task does not ask for such: the gold has no window without a number."""
    text = understanding.tree.text
    match task, finding:
        case "numeric", Comparison():
            return {"variable": finding.variable, "text": words(text, *finding.subject), "unit": "{ULN}" if finding.limit else finding.unit,
                    **bound("lower", finding.lower), **bound("upper", finding.upper)}
        case "temporal", Window() if finding.rule != "window.unnumbered":
            return {"text": words(text, *finding.target) if finding.target else "", "value": float(finding.value), "unit": finding.unit}
        case "entities", Mention():
            return {"kind": finding.kind, "text": words(text, finding.start, finding.end),
                    "exclude": (understanding.side(finding) == "exclusion") != finding.negated}
    return None


def bound(name: str, one: Bound | None) -> dict[str, Any]:
    return {name: None, f"{name}_incl": None} if one is None else {name: float(one.value), f"{name}_incl": one.included}


def words(text: str, start: int, end: int) -> str:
    return " ".join(text[start:end].split())


def lines(answers: Iterable[dict[str, Any]]) -> Iterator[str]:
    return (json.dumps(one, ensure_ascii=False) + "\n" for one in answers)


def predict(task: Task, folder: Path) -> None:
    """The answers for every text of the folder are on standard output.  Raises SystemExit, saying why, where it cannot be read."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for document, text in folder_texts(folder).items():
        sys.stdout.writelines(lines(predictions(task, document, understand(text))))
