"""Scores meanings against the gold's logical forms of single criteria: is the nesting the same, of the same atoms?

    python -m benchmarks.eligibility.logic

For each kind of logical form: how many criteria there are, to how many there is a meaning, and how many of those are right.  Beside
it what two answers without thought would reach: all findings taken together, and the first finding alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.eligibility.logical_forms import Shape, gold_shape, own_shape, same
from benchmarks.eligibility.split import DATA, Part, belongs, texts
from converter.eligibility.findings import Combined, Meaning, Window
from converter.eligibility.understanding import Understanding, understand

CLASSES = ("number", "atom", "timed", "and", "or", "not", "at-least", "except", "if")
Answer = Callable[[Understanding], Meaning | None]


def rows(part: Part) -> Iterator[dict[str, Any]]:
    """The gold's rows of a part.  Raises SystemExit where the gold is absent."""
    path = DATA / "dev" / "llf" / "criteria.jsonl"
    if not path.exists():
        raise SystemExit(f"the gold is not here: {path} (TRIALBRIDGE_DATA names another folder)")
    with path.open(encoding="utf-8") as lines:
        yield from (row for line in lines if belongs((row := json.loads(line))["doc"], part))


def original(row: dict[str, Any]) -> str:
    """The criterion as the trial wrote it: the gold has blanks around its signs."""
    words = r"\s*".join(re.escape(sign) for sign in row["text"].replace(" ", ""))
    found = re.search(words, texts().get(row["doc"], ""))
    return found[0] if found else str(row["text"])


def kind(shape: Shape) -> str:
    """The class under which a logical form is counted."""
    if shape.how == "same":
        return kind(shape.parts[0])
    if shape.how == "atom":
        return "timed" if shape.timed else "number" if shape.number else "atom"
    return "or" if shape.how == "list" else shape.how


def understood(row: dict[str, Any]) -> Understanding:
    """The criterion under its section's heading."""
    return understand(f"{row['section'] or 'inclusion'} criteria:\n".capitalize() + original(row))


def ours(found: Understanding) -> Meaning | None:
    """The meaning of the one criterion; None where there is none, or the text was taken for several."""
    below = [node for section in found.tree.nodes for node in ([section] if section.role != "section" else section.children)]
    return found.meaning(below[0]) if len(below) == 1 else None


def together(found: Understanding) -> Meaning | None:
    """All findings, each of which has to hold."""
    parts = tuple(one for one in found.findings if not isinstance(one, Window))
    return parts[0] if len(parts) == 1 else Combined("all-of", parts) if parts else None  # type: ignore[return-value,arg-type]


def first(found: Understanding) -> Meaning | None:
    """The first finding."""
    return next((one for one in found.findings if not isinstance(one, Window)), None)  # type: ignore[return-value]


def score(part: Part, answer: Answer = ours) -> dict[str, dict[str, int]]:
    """By class of logical form, and for "all": how many there are, how many are answered, how many of these are right.

    The forms that are not well formed (brackets missing, about one in a hundred) are in "unreadable" alone.
    """
    counts = {name: {"criteria": 0, "answered": 0, "right": 0} for name in (*CLASSES, "unreadable", "all")}
    for row in rows(part):
        try:
            gold = gold_shape(row["logical_form"])
        except ValueError:
            counts["unreadable"]["criteria"] += 1
            continue
        found = understood(row)
        meaning = answer(found)
        for name in (kind(gold), "all"):
            counts[name]["criteria"] += 1
            if meaning is not None:
                counts[name]["answered"] += 1
                counts[name]["right"] += same(gold, own_shape(meaning, found.tree.plain))
    return counts


def table(part: Part) -> list[str]:
    """The score of a part as lines to print."""
    scores = [score(part, answer) for answer in (ours, together, first)]
    lines = [f"{part:20}{'meaning':>27}{'all findings':>18}{'first finding':>18}"]
    heads = ("answered", "right", "share", "right", "share", "right", "share")
    lines.append(f"{'':11}{'criteria':>9}" + "".join(f"{word:>9}" for word in heads))
    for name in scores[0]:
        meant, *others = (one[name] for one in scores)
        line = f"{name:11}{meant['criteria']:9}{meant['answered']:9}{meant['right']:9}{_share(meant)}"
        lines.append(line + "".join(f"{one['right']:9}{_share(one)}" for one in others))
    return lines


def _share(counts: dict[str, int]) -> str:
    return f"{counts['right'] / counts['answered']:9.3f}" if counts["answered"] else f"{'–':>9}"


if __name__ == "__main__":
    each: Part
    for each in ("work", "check"):
        print("\n".join(table(each)), end="\n\n")
