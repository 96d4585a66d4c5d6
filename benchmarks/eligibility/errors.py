"""Wrong and missed answers with the line of the text, for who writes the grammars: of the documents to develop on, never of the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from benchmarks.eligibility.matching import Answer, Row, matched, variable
from benchmarks.eligibility.predict import predictions
from benchmarks.eligibility.split import Task, rows, texts
from converter.eligibility.understanding import understand


def line(text: str, start: int, end: int) -> str:
    """The line of the text around a span, which is marked; a long line is cut to what is near."""
    first, last = max(text.rfind("\n", 0, start) + 1, start - 160), min((text + "\n").index("\n", end), end + 160)
    return re.sub(r"\s+", " ", f"{text[first:start]}⟦{text[start:end]}⟧{text[end:last]}").strip()


def bounds(row: Row) -> str:
    """What a row of gold or predictions says, in short."""
    if "lower" in row or "upper" in row:
        low = f"{'≥' if row['lower_incl'] else '>'}{row['lower']:g} " if row.get("lower") is not None else ""
        high = f"{'≤' if row['upper_incl'] else '<'}{row['upper']:g}" if row.get("upper") is not None else ""
        name = variable(row) or f"({row.get('var_text') or row.get('text')})"
        return f"{name} {low}{high} {row.get('unit_text', row.get('unit'))}"
    if "value" in row:
        return f"{row['value']:g} {row['unit']} of {row.get('target_text', row.get('text'))!r}"
    return f"{row['kind']} {row['text']!r}" + (" negated" if row.get("negated") else "")


def wrong(task: Task, answers: list[Answer], rule: str) -> Iterator[str]:
    """One line for each wrong answer of the rules that begin so; a match whose stricter form fails is half wrong."""
    for one in answers:
        if one.right is False or one.whole is False:
            if not one.row["rule"].startswith(rule):
                continue
            row, what = one.row, "FP  " if one.right is False else "HALF"
            meant = f" | gold: {bounds(one.gold)}" if one.gold else ""
            yield (f"{what} {row['doc']} {row['section']} {row['rule']} {row['confidence']:.2f} | {one.side} {bounds(row)}{meant}"
                   f" | {line(texts()[row['doc']], row['start'], row['end'])}")


def place(row: Row) -> tuple[int, int]:
    """Where the gold has it: from the first to the last of its pieces, an operator's before a target's."""
    spans = [span for name in ("cmp_span", "span") for span in row.get(name, ())]
    return min(start for start, _ in spans), max(end for _, end in spans)


def errors(task: Task, rule: str = "") -> None:
    """All wrong and missed answers and, last, the rules with their answers and right ones, are on standard output."""
    given = [row for document, text in texts("work").items() for row in predictions(task, document, understand(text))]
    answers, missed = matched(task, rows(task, "work"), given)
    for text in wrong(task, answers, rule):
        print(text)
    if not rule:
        for row, side in missed:
            print(f"FN   {row['doc']} {row['section']} | {side} {bounds(row)} | {line(texts()[row['doc']], *place(row))}")
    counts = Counter(one.row["rule"] for one in answers if one.right is not None)
    right = Counter(one.row["rule"] for one in answers if one.right)
    whole = Counter(one.row["rule"] for one in answers if one.whole)
    print(f"\n{'rule':40}{'answers':>8}{'right':>7}{'P':>7}{'whole':>7}")
    for name, count in counts.most_common():
        print(f"{name:40}{count:8}{right[name]:7}{right[name] / count:7.3f}{whole[name] / count:7.3f}")
    print(f"{'all':40}{counts.total():8}{right.total():7}{right.total() / max(1, counts.total()):7.3f}"
          f"{whole.total() / max(1, counts.total()):7.3f}; missed {len(missed)}")
