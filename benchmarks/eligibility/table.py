"""One table: every task, ours and the opponents on the same documents, each part of the gold, and what is to be reached."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.eligibility import logic
from benchmarks.eligibility.opponents import OPPONENTS, Figures, scored
from benchmarks.eligibility.predict import lines, predictions
from benchmarks.eligibility.split import DATA, PARTS, TASKS, Part, gold, texts
from converter.eligibility.understanding import understand

REACH: dict[str, dict[str, float]] = {
    "age": {},
    "listed variables": {},
    "age + listed": {"f1": 0.90, "precision": 0.95, "unit": 0.97, "inclusive": 0.88},
    "other variables": {},
    "ALL": {"f1": 0.80},
    "window found": {"f1": 0.93},
    "window + target": {"f1": 0.80},
    "text": {},
    "text + kind": {"f1": 0.68, "precision": 0.80, "exclude": 0.98},
}
"""What is to be reached, by the scorers' lines, in the order of the table."""
SHORT = {"f1": "F1", "precision": "P", "unit": "unit", "inclusive": "incl", "exclude": "excl"}
OURS = "trialbridge"
LEARNED = ("text", "text + kind")


def missed(found: Figures, reach: dict[str, float]) -> list[str]:
    """The names of the figures that are below what is to be reached."""
    return [SHORT[name] for name, least in reach.items() if (getattr(found, name) or 0.0) < least]


def measured() -> dict[tuple[str, str, Part], Figures]:
    """The figures by the scorer's line, the system and the part."""
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        understood = {document: understand(text) for document, text in texts().items()}
        for task in TASKS:
            ours = folder / f"{task}.jsonl"
            with ours.open("w", encoding="utf-8") as out:
                for document, one in understood.items():
                    out.writelines(lines(predictions(task, document, one)))
            systems = {OURS: ours, **{name: DATA / "opponents" / file for name, file in OPPONENTS[task].items()}}
            for part in PARTS:
                right = gold(task, part, folder)
                for system, answers in systems.items():
                    for name, line in scored(task, right, answers).items():
                        found[name, system, part] = line
    return found


def rendered(found: dict[tuple[str, str, Part], Figures], held_out: bool = True) -> Iterator[str]:
    """The lines of the table.  Unless mentions are `held_out`, what ships has seen these texts, and nothing is said to be reached."""
    yield (f"{'task':18}{'system':12} {'part':6}{'gold':>6}{'pred':>6}{'P':>7}{'R':>7}{'F1':>7}{'incl':>7}{'unit':>7}{'excl':>7}"
           "  to reach")
    for name, reach in REACH.items():
        systems = dict.fromkeys(system for line, system, _ in found if line == name)
        for system in systems:
            for part in PARTS:
                one = found[name, system, part]
                shares = "".join("      -" if value is None else f"{value:7.3f}" for value in one[2:])
                asked = ""
                if reach and system == OURS:
                    short = missed(one, reach)
                    asked = ", ".join(f"{SHORT[key]} {least:.2f}" for key, least in reach.items())
                    asked += f": not met ({', '.join(short)})" if short else ": met"
                    if name in LEARNED and not held_out:
                        asked = "learned from these texts: --learned is the measure"
                yield f"{name:18}{system:12} {part:6}{one.gold:6}{one.predicted:6}{shares}  {asked}".rstrip()
        if systems:
            yield ""


def table(held_out: bool) -> None:
    """The table is on standard output, and below it that of single criteria."""
    for line in rendered(measured(), held_out):
        print(line)
    parts: tuple[Part, ...] = ("work", "check")
    for part in parts:
        print("single criteria, right of what is answered")
        print("\n".join(logic.table(part)), end="\n\n")
