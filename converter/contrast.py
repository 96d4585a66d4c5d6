"""Two values beside each other, so that what differs is seen at once: [-old-] and {+new+}, as word diffs mark it.

However long the values are, no more is shown than fits: texts are cut around what differs.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from msgspec import UNSET

from converter.json_text import encode

AROUND = 24
"""Characters that are left around what differs, on each side."""
LONGEST = 60
"""Characters that are shown of a value, or of a part that differs."""
FINE = 400
"""Parts that are longer are marked as a whole: to look for what they have in common would take too long."""
NOTHING = "(nothing)"


def contrast(before: Any, after: Any, count: int = 1) -> tuple[str, str]:
    """The two values as texts; `count` is how many single values stand where a subtree has no value of its own."""
    if isinstance(before, str) and isinstance(after, str):
        return marked(before, after)
    only = f"{count:,} values" if count > 1 else NOTHING
    old, new = (NOTHING if value is UNSET else spelled(value) for value in (before, after))
    if before is UNSET and after is UNSET:
        return only, NOTHING
    return (only, new) if before is UNSET and after is None else (old, new)


def spelled(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    if isinstance(value, str):
        return f'"{cut(escaped(value[:LONGEST * 2]), len(value) > LONGEST * 2)}"'
    text = encode(value).decode()
    return cut(text, False)


def cut(text: str, more: bool) -> str:
    """The beginning of a text."""
    return f"{text[:LONGEST]}…" if more or len(text) > LONGEST else text


def marked(before: str, after: str) -> tuple[str, str]:
    """Two texts in quotes, each with the parts marked that the other has not."""
    start = common(before, after)
    end = common(before[:start - 1 if start else None:-1], after[:start - 1 if start else None:-1])
    old, new = before[start:len(before) - end], after[start:len(after) - end]
    head, tail = before[:start], before[len(before) - end:] if end else ""
    lead = ("…" if len(head) > AROUND else "") + escaped(head[-AROUND:])
    rest = escaped(tail[:AROUND]) + ("…" if len(tail) > AROUND else "")
    one, other = fine(old, new) if max(len(old), len(new)) <= FINE else (coarse(old, "[-", "-]"), coarse(new, "{+", "+}"))
    return f'"{lead}{one}{rest}"', f'"{lead}{other}{rest}"'


def common(one: str, other: str) -> int:
    """How many characters the texts have in common at their start, found by halving: the texts may be very long."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def fine(old: str, new: str) -> tuple[str, str]:
    """Two short texts with every part marked that differs."""
    one = other = ""
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            same = old[a:b] if b - a <= 2 * AROUND else f"{old[a:a + AROUND]}…{old[b - AROUND:b]}"
            one, other = one + escaped(same), other + escaped(same)
        else:
            one, other = one + coarse(old[a:b], "[-", "-]"), other + coarse(new[c:d], "{+", "+}")
    return one, other


def coarse(part: str, begin: str, end: str) -> str:
    """A part that differs, marked, cut in its middle where it is long."""
    if len(part) > LONGEST:
        part = f"{part[:LONGEST - AROUND]}…{part[-AROUND:]}"
    return f"{begin}{escaped(part)}{end}" if part else ""


def escaped(text: str) -> str:
    """The text with what cannot be seen written as an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
