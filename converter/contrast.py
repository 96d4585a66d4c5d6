"""Two values beside each other, so that what differs is seen at once: [-old-] and {+new+}, as word diffs mark it.

However long the values are, no more is shown than fits: texts, and objects and lists as JSON, are cut around what differs.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Any

from msgspec import UNSET, Struct

from converter.json_text import encode
from converter.loss import count

AROUND = 24
"""Characters that are left around what differs, on each side."""
LONGEST = 60
"""Characters that are shown of a value, or of a part that differs."""
FINE = 400
"""Parts that are longer are marked as a whole: to look for what they have in common would take too long."""
MOST = 10_000
"""Bytes of JSON up to which an object or list is given whole to programs."""
NOTHING = "(nothing)"
WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Excerpt(Struct, frozen=True):
    """What is shown of an object or list that is too long to be given whole, and how many single values are in it."""

    values: int
    excerpt: str

    def __str__(self) -> str:
        return f"{self.values:,} value{'s' * (self.values != 1)}: {self.excerpt}"


def bounded(before: Any, after: Any) -> tuple[Any, Any]:
    """The two values, or an Excerpt of each object and list where one of them is longer than MOST."""
    if all(len(encode(value)) <= MOST for value in (before, after) if is_tree(value)):
        return before, after
    texts = marked(in_json(before), in_json(after)) if is_tree(before) and is_tree(after) else (begun(before), begun(after))
    old, new = (Excerpt(count(value), text) if is_tree(value) else value for value, text in zip((before, after), texts, strict=True))
    return old, new


def contrast(before: Any, after: Any, lost: int = 1) -> tuple[str, str]:
    """The two values as texts, UNSET being nothing; `lost` is how many single values are lost where none is known."""
    if before is UNSET and after is UNSET:
        return f"{lost:,} value{'s' * (lost != 1)}", NOTHING
    if isinstance(before, str) and isinstance(after, str):
        old, new = marked(before, after)
        return f'"{old}"', f'"{new}"'
    if is_tree(before) and is_tree(after):
        return marked(in_json(before), in_json(after))
    return spelled(before), spelled(after)


def is_tree(value: Any) -> bool:
    """An object or list with something in it?"""
    return isinstance(value, (dict, list)) and bool(value)


def spelled(value: Any) -> str:
    """A value as JSON; where it is long, its beginning, and how many single values an object or list has."""
    if isinstance(value, Excerpt):
        return str(value)
    text = begun(value)
    return str(Excerpt(count(value), text)) if is_tree(value) and text.endswith("…") else text


def begun(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    if value is UNSET:
        return NOTHING
    if isinstance(value, str):
        return f'"{cut(escaped(value[:LONGEST * 2]), len(value) > LONGEST * 2)}"'
    text = in_json(value)
    return cut(escaped(text[:LONGEST * 2]), len(text) > LONGEST * 2)


def in_json(value: Any) -> str:
    """The JSON of a value."""
    return encode(value).decode()


def cut(text: str, more: bool) -> str:
    """The beginning of a text."""
    return f"{text[:LONGEST]}…" if more or len(text) > LONGEST else text


def marked(before: str, after: str) -> tuple[str, str]:
    """Two texts, each with the words marked that the other has not."""
    start = common(before, after)
    start -= letters(before[max(0, start - AROUND):start][::-1])
    old, new = before[start:], after[start:]
    end = common(old[::-1], new[::-1])
    end -= letters(old[len(old) - end:][:AROUND])
    old, new, rest = old[:len(old) - end], new[:len(new) - end], old[len(old) - end:]
    lead = ("…" if start > AROUND else "") + escaped(before[max(0, start - AROUND):start])
    follow = escaped(rest[:AROUND]) + ("…" if len(rest) > AROUND else "")
    one, other = fine(old, new) if max(len(old), len(new)) <= FINE else (coarse(old, "[-", "-]"), coarse(new, "{+", "+}"))
    return f"{lead}{one}{follow}", f"{lead}{other}{follow}"


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
