"""The marks of a list: what begins a line of it, and marks that follow one another inside of a line.

All positions count characters of the text; the text is read in its plain form, where every blank and every backslash is a space.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from converter.eligibility.plain import plain as in_plain


class Mark(Struct, frozen=True):
    """What begins the words at `end`.  `style` is "" for none; `value` its place in the numbering, 0 for a bullet.

    `otherwise` is what begins them unless this is the next of its list: "E." of "E. coli" is a mark after "D.", "5-" of
    "5-fluorouracil" after "4-".  `double` is true of two bullets, one behind the other.
    """

    style: str
    value: int
    end: int
    otherwise: Mark | None = None
    double: bool = False

    def follows(self, before: Mark) -> bool:
        """Whether it is the next of the other's numbering."""
        return self.style == before.style and self.value == before.value + 1


# "?" is what a wrong encoding leaves of a bullet; the last four are the bullets of Word's symbol fonts.
BULLETS = "*•·●▪■□○◦‣⁃∙►▶➢➤❖◆◇✓✔√→§#?\uf0b7\uf0a7\uf0d8\uf0fc"
BEGIN = re.compile(
    r"(?![a-hj-np-uwyz][^ .)])(?:"  # most words are quickly seen to be none
    rf"(?P<bullet>[{BULLETS}]+|-+|°(?= )|o(?= +[^ ])) *"
    r"|\( ?(?P<inside>\d{1,2}|[ivx]{1,5}|[a-z]) ?\)[.:]? *"
    r"|(?P<number>\d{1,2}(?:\.\d{1,2}){0,3}) ?(?P<point>\)\.?|\.(?!\d)|、|/(?= )|-(?= +[a-z])|-(?=[a-z]{3})) *"
    r"|(?P<depth>\d{1,2}\.\d{1,2}) +(?=[a-z]{3})"
    r"|(?P<letter>[ivx]{1,5}|[a-z]) ?(?P<close>\)\.?|\.)(?: +|(?=[a-z]{3}))"
    r"|(?P<circle>[\u2460-\u2473]) *)")
# What ends a mark inside of a line.  Only its neighbours tell whether it is one.  A pattern that begins with a set of signs is fast.
INNER = re.compile(
    r"[.)•●▪·*\u2460-\u2473](?=[ a-z(])(?:(?<=[ (:;,.][a-z\d].)"
    r"|(?<=[\divx][\divx].)(?:(?<=[ (:;,.]\d\d.)|(?<=[ (:;,.][ivx]{2}.)|(?<=[ (:;,.][ivx]{3}.)|(?<=[ (:;,.][ivx]{4}.))"
    r"|(?<=[a-z\d] .)(?:(?<=[ (:;,.][a-z\d] .)|(?<=[ (:;,.]\d\d .))|(?<=[ :;,.)][•●▪·*\u2460-\u2473]))")
NAME = re.compile(r"(?:(\()|(?<=[ :;,.]))(\d{1,2}|[ivx]{1,4}|[a-z]) ?[.)]$")
UNITS = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"]
ROMAN = {name: place for place, name in enumerate([*UNITS, "x", *(f"x{unit}" for unit in UNITS), "xx"], 1)}


def begin(text: str, plain: str, start: int, end: int) -> Mark:
    """The mark that begins text[start:end], with all that are before it: "- • 1. " is a "1."."""
    mark = Mark("", 0, start)
    for _ in range(4):
        found = BEGIN.match(plain, mark.end, end)
        after = read(text, found, mark) if found else mark
        if after is mark or not after.style or (mark.value and after.value):
            break
        mark = after if after.value or not mark.style else replace(mark, end=after.end, double=True)
    return mark


def read(text: str, found: re.Match[str], before: Mark) -> Mark:
    """What a match of BEGIN is, behind the mark before it."""
    kind, end = found.lastgroup, found.end()
    if kind == "bullet":
        return Mark(found["bullet"], 0, end)
    if kind == "circle":
        return Mark("①", ord(found["circle"]) - 0x245F, end)
    if kind == "inside":
        return numbered("(", text[found.start("inside"):found.end("inside")], ")", end)
    if kind == "point":
        *outer, last = found["number"].split(".")
        point = found["point"]
        return Mark("1." * len(outer) + "1" + point[0], int(last), end, before if point == "-" and end == found.end("point") else None)
    if kind == "depth":
        # "2.1 Age" is a mark, "2.5 mg" a value.
        real = text[end].isupper() and text[end + 1].islower()
        return Mark("1.1.", int(found["depth"].partition(".")[2]), end) if real else before
    letter, close = text[found.start("letter"):found.end("letter")], found["close"][0]
    certain = close == ")" or (text[end - 1].isspace() if letter.islower() else text[end:end + 1].isupper())
    return numbered("", letter, close, end, None if certain else before)


def numbered(before: str, name: str, after: str, end: int, otherwise: Mark | None = None) -> Mark:
    """A mark of digits, of Roman digits, or of a letter."""
    if name.isdigit():
        return Mark(f"{before}1{after}", int(name), end)
    small = in_plain(name)
    if small in ROMAN and (len(small) > 1 or small == "i"):
        return Mark(f"{before}{'I' if name.isupper() else 'i'}{after}", ROMAN[small], end, otherwise)
    if len(name) > 1:
        return Mark("", 0, end)
    return Mark(f"{before}{'A' if name.isupper() else 'a'}{after}", ord(small) - 96, end, otherwise)


def other(mark: Mark) -> Mark:
    """The mark read the other way: "i." is the ninth letter, "v." the fifth Roman digit, "x." the tenth."""
    if "i" in mark.style.lower():
        return replace(mark, style=mark.style.replace("i", "a").replace("I", "A"), value=9) if mark.value == 1 else mark
    value = {22: 5, 24: 10}.get(mark.value)
    return replace(mark, style=mark.style.replace("a", "i").replace("A", "I"), value=value) if value and "a" in mark.style.lower() else mark


class Part(NamedTuple):
    """One of the parts that marks inside of a line make: its mark begins at `mark`, its words at `start` or behind a blank there."""

    mark: int
    start: int
    style: str
    value: int

    def follows(self, before: Mark) -> bool:
        """Whether it is the next of the numbering of a line."""
        return self.style == before.style and self.value == before.value + (1 if self.value else 0)


def candidates(text: str, plain: str, start: int, end: int) -> list[Part]:
    """All in text[start:end] that may be a mark inside of a line, in the order of the text."""
    found: list[Part] = []
    for one in INNER.finditer(plain, start, end):
        at = one.start()
        sign = plain[at]
        if "\u2460" <= sign <= "\u2473":
            found.append(Part(at, at + 1, "①", ord(sign) - 0x245F))
        elif sign not in ".)":
            # The star of "80\*" points to a footnote, that of "30 \* 10^9" multiplies; that of a list stands alone.
            if (text[at - 1] != "\\" or text[at - 2].isspace()) and not TIMES.match(plain, max(start, at - 5), end):
                found.append(Part(at, at + 1, sign, 0))
        elif name := NAME.search(plain, max(start, at - 7), at + 1):
            mark = numbered("(" if name[1] else "", text[name.start(2):name.end(2)], sign, at + 1)
            if mark.style and not (name[1] and sign == "."):
                found.append(Part(name.start(), at + 1, mark.style, mark.value))
    return found


TIMES = re.compile(r"[^*·]{0,5}\d *[*·] *(?:\d|(?:the )?(?:institutional )?(?:[ui]?uln|lln|upper|lower|normal))")
NO_WORDS = re.compile(r"[^a-z]*(?:(?:and|or|to|through)[^a-z]*)?")


def sequence(plain: str, possible: list[Part], start: int, end: int, mark: Mark, outer: list[Mark]) -> list[Part]:
    """Those that number the parts of plain[start:end] one after the other.

    They go on with the line's own mark, or with one of the marks of the lists around it, or begin a list.  A bullet inside of a line is
    one where there are two, or where the line begins with the same.
    """
    parts = chain(plain, possible, end, lambda one: one.follows(mark))
    if not parts and outer:
        parts = chain(plain, possible, end, lambda one: one.value > 0 and behind_a_stop(plain, one) and any(map(one.follows, outer)))
    if not parts:
        parts = chain(plain, possible, end, lambda one: one.style == "①" or begins(plain, one, start))
        if len(parts) == 1 and parts[0].style != "①":
            return []
    return parts


def chain(plain: str, possible: list[Part], end: int, may_be_first: Callable[[Part], bool]) -> list[Part]:
    """The first that may be, and what follows it; behind a full stop or a semicolon one number may be missing."""
    parts: list[Part] = []
    for one in possible:
        if not parts:
            if may_be_first(one):
                parts.append(one)
        elif one.style == parts[-1].style:
            step = one.value - parts[-1].value
            next_one = step == 1 or not one.value or (step == 2 and behind_a_stop(plain, one))
            if next_one and not NO_WORDS.fullmatch(plain, parts[-1].start, one.mark):
                parts.append(one)
    return [] if not parts or NO_WORDS.fullmatch(plain, parts[-1].start, end) else parts


def begins(plain: str, part: Part, start: int) -> bool:
    """Whether the first of a numbering may stand here: "year 1." and "see 1." end a sentence, ": 1." and "(1)" begin a list."""
    if part.value > 1:
        return part.style[0] == "1" and behind_a_stop(plain, part)
    before = plain[max(start, part.mark - 12):part.mark].rstrip()
    return part.style[0] == "(" or part.style[-1] == ")" or not part.value or not before or before.endswith(
        (":", ";", ".", ",", "-", " following", " below", " criteria", " as", " are", " include", " includes", " including"))


def behind_a_stop(plain: str, part: Part) -> bool:
    """Whether a full stop or a semicolon stands right before it."""
    return plain[max(0, part.mark - 3):part.mark].rstrip().endswith((".", ";"))
