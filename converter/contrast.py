"""Two values beside each other, so that what differs is seen at once: [-old-] and {+new+}, as word diffs mark it.

However long the values are, no more is shown than fits: texts are cut around what differs.
"""

from __future__ import annotations

import re
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
WORDS = re.compile(r"\w+|\s+|[^\w\s]")


def contrast(before: Any, after: Any, count: int = 1) -> tuple[str, str]:
    """The two values as texts, UNSET being nothing; `count` is that of a subtree, which has no value of its own."""
    if isinstance(before, str) and isinstance(after, str):
        return marked(before, after)
    old, new = (NOTHING if value is UNSET else spelled(value) for value in (before, after))
    return (f"{count:,} values", new) if before is UNSET and count > 1 and new == NOTHING else (old, new)


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
    """Two texts in quotes, each with the words marked that the other has not."""
    start = common(before, after)
    start -= letters(before[max(0, start - AROUND):start][::-1])
    old, new = before[start:], after[start:]
    end = common(old[::-1], new[::-1])
    end -= letters(old[len(old) - end:][:AROUND])
    old, new, rest = old[:len(old) - end], new[:len(new) - end], old[len(old) - end:]
    lead = ("…" if start > AROUND else "") + escaped(before[max(0, start - AROUND):start])
    follow = escaped(rest[:AROUND]) + ("…" if len(rest) > AROUND else "")
    one, other = fine(old, new) if max(len(old), len(new)) <= FINE else (coarse(old, "[-", "-]"), coarse(new, "{+", "+}"))
    return f'"{lead}{one}{follow}"', f'"{lead}{other}{follow}"'


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


def letters(text: str) -> int:
    """With how many letters and digits the text begins."""
    return next((n for n, char in enumerate(text) if not char.isalnum()), len(text))


def fine(old: str, new: str) -> tuple[str, str]:
    """Two short texts with every word marked that differs."""
    olds, news = WORDS.findall(old), WORDS.findall(new)
    one = other = ""
    for kind, a, b, c, d in SequenceMatcher(None, olds, news, autojunk=False).get_opcodes():
        lost, came = "".join(olds[a:b]), "".join(news[c:d])
        if kind == "equal":
            same = escaped(lost if len(lost) <= 2 * AROUND else f"{lost[:AROUND]}…{lost[-AROUND:]}")
            one, other = one + same, other + same
        else:
            one, other = one + coarse(lost, "[-", "-]"), other + coarse(came, "{+", "+}")
    return one, other


def coarse(part: str, begin: str, end: str) -> str:
    """A part that differs, marked, cut in its middle where it is long."""
    if len(part) > LONGEST:
        part = f"{part[:LONGEST - AROUND]}…{part[-AROUND:]}"
    return f"{begin}{escaped(part)}{end}" if part else ""


def escaped(text: str) -> str:
    """The text with what cannot be seen written as an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
