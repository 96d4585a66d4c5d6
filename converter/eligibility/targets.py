"""What a length of time limits: the words before it, or after it where a criterion begins with it.

It is a phrase, "major surgery" or "inotuzumab or gemtuzumab": things joined by "or" and "and" are limited alike.  In a list with
commas only the last thing is certain to be, unless something before the list governs all of it ("use of A, B or C").
"""

from __future__ import annotations

from msgspec import Struct

from converter.eligibility.anchors import Anchor, of_study
from converter.eligibility.durations import UNITS
from converter.eligibility.time_words import (
    AMONG_AMOUNT,
    ANYBODY,
    ATTRIBUTES,
    BOUNDARY,
    COMPARING,
    CONNECTING,
    DEFINED,
    ENTRY,
    FAILED,
    GOVERNING,
    JOINING,
    LEADING,
    MEASURES,
    OPENING,
    OTHER_TIME,
    PEOPLE,
    PHASE,
    STOP_AFTER,
    STUDY_EVENTS,
    TRAILING,
    WEAK,
)

OPENED = frozenset(("(", "["))
CLOSING = frozenset((")", "]"))
STRUCTURE = BOUNDARY | OPENED | CLOSING
TERMS = frozenset(("-", "long", "short"))  # "long-term (≥ 30 days) steroids"
WHILE = frozenset(("while", "whilst"))
BRACKETS = OPENED | CLOSING
UNNAMED = CLOSING | {".", ","}
NAMELESS = ANYBODY | FAILED
TURNING = CONNECTING | OPENING | {"with"}
LONGEST = 40  # words of a phrase
FARTHEST = 120  # words before a window that are looked at


class Told(Struct, frozen=True):
    """A window's own words, from first up to last (not included); its event; where its length ends; what it limits."""

    first: int
    last: int
    anchor: Anchor | None
    length: int
    target: tuple[int, int] | None


def limited(texts: list[str], earlier: Told | None, first: int, last: int, anchor: Anchor | None) -> tuple[int, int] | None:
    """The words that the window first..last limits, from the first up to the last (not included); `earlier` is the window before it."""
    event = anchor if anchor is not None and anchor.named else None
    if event is not None and event.relation == "since":
        return event.first, event.last
    begun = max(0 if earlier is None else earlier.last, first - FARTHEST)
    if texts[first - 2:first] == ["history", "("] and texts[last:last + 2] == [")", "of"]:
        start, stop = phrase_after(texts, last)  # "recent history (within 4 months) of pneumonia"
        if start < stop:
            return start, stop
    labelled = first > begun and texts[first - 1] == ":" and (event is None or event.relation == "before") and ends_there(texts, last)
    start, stop = before(texts, begun, first - labelled)
    if start == stop and earlier is not None and JOINING.issuperset(texts[begun:first]):
        if begun == first and earlier.anchor is not None and earlier.length < begun:
            start, stop = before(texts, earlier.length, first)
        elif earlier.target is not None:
            return earlier.target
    if start < stop:
        return start, stop
    if event is not None and event.relation != "before" and not of_study(texts, event):
        return event.first, event.last
    start, stop = phrase_after(texts, last)
    if start < stop:
        return start, stop
    if event is not None and event.relation != "before":
        return event.first, event.last
    if first > begun and texts[first - 1] == ":":
        start, stop = before(texts, begun, first - 1)
    return (start, stop) if start < stop else None


def ends_there(texts: list[str], last: int) -> bool:
    """Whether nothing follows a window before the word `last`, so that a label before it is what it limits: "bevacizumab: ≥ 4 weeks"."""
    return last >= len(texts) or texts[last] == "or" or not texts[last][0].isalnum()


def before(texts: list[str], begun: int, first: int) -> tuple[int, int]:
    """What is limited by a window at `first`, of the words before it; none where they name nothing."""
    start, stop = phrase_before(texts, begun, first)
    if start < stop:
        start, stop = narrowed(texts, start, stop)
    if start < stop:
        start, stop = balanced(texts, start, stop)
    return (start, start) if NAMELESS.issuperset(texts[start:stop]) else (start, stop)


def balanced(texts: list[str], start: int, stop: int) -> tuple[int, int]:
    """The words without the brackets at their ends that have no other end: "e.g. filgrastim)" is "filgrastim"."""
    while start < stop and (texts[start] in UNNAMED or (texts[start] in ("e", "g", "i") and texts[start + 1] == ".")):
        start += 1
    words = texts[start:stop]
    if words[-1:] in ([")"], ["]"]) and OPENED.isdisjoint(words):
        stop -= 1
    return start, stop


def phrase_before(texts: list[str], begun: int, first: int) -> tuple[int, int]:
    """The words before a window that what it limits stands in; none where it begins the criterion."""
    start = stop = first
    if STRUCTURE.isdisjoint(texts[begun:first]):
        start = begun
    depth = 0
    while start > begun:
        word = texts[start - 1]
        if word in STRUCTURE:
            if word in BOUNDARY:
                if depth == 0 and ends_phrase(texts, start, first):
                    break
            elif word in CLOSING:
                if OPENED.isdisjoint(texts[begun:start]):
                    break
                depth += 1
            elif depth == 0:
                if not all(inner in WEAK or inner in MEASURES or inner in UNITS or not inner.isalpha() for inner in texts[start:first]):
                    break
                attribute = start > 1 and (texts[start - 2] in ATTRIBUTES or (texts[start - 2] == "term" and texts[start - 3] in TERMS))
                return (first, first) if attribute else phrase_before(texts, begun, start - 1)
            else:
                depth -= 1
        start -= 1
    while stop > start:
        shorter = without_amount(texts, start, stop)
        if shorter == stop and (texts[stop - 1] in TRAILING or texts[stop - 2:stop] == ["carried", "out"]):
            shorter = stop - 1
        if shorter == stop:
            break
        stop = shorter
    while start < stop and (texts[start] in LEADING or texts[start] in TRAILING):
        start += 1
    if not any(len(word) > 1 and word[0].isalpha() for word in texts[start:stop]):
        return first, first
    return start, without_phase(texts, start, without_source(texts, start, stop))


def without_source(texts: list[str], start: int, stop: int) -> int:
    """The end without who or what says so: "as defined by the investigator"."""
    farthest = max(start, stop - 14)
    if "as" not in texts[farthest:stop]:
        return stop
    for k in range(stop - 2, farthest, -1):
        if texts[k] == "as" and texts[k + 1] in DEFINED:
            while k > start and texts[k - 1] in TRAILING:
                k -= 1
            return k if named(texts, start, k) else stop
        if texts[k] in BRACKETS or texts[k] == "treated":
            break
    return stop


def without_phase(texts: list[str], start: int, stop: int) -> int:
    """The end without a part of the study that stands there: "at screening", "during the study"."""
    if texts[stop] == "and":  # "whilst receiving the study drug and up to 30 days after it"
        for k in range(max(start + 1, stop - 6), stop - 1):
            if texts[k] in WHILE and (texts[k + 1] in OPENING or texts[k + 1] in ("on", "in")) and named(texts, start, k):
                return without_phase(texts, start, k - (texts[k - 1] == ","))
    if texts[stop - 2:stop] == ["consent", "form"]:
        stop -= 1
    if texts[stop - 1] not in STUDY_EVENTS and not (texts[stop - 1].isdecimal() and texts[stop - 2] == "day"):
        return stop
    for k in range(stop - 2, max(start, stop - 10), -1):
        if opens_phase(texts, k, stop):
            return without_phase(texts, start, k - (texts[k - 1] in (",", "starting"))) if named(texts, start, k) else stop
        if texts[k] == "," or (texts[k] in OPENING and texts[k] not in ("treatment", "participating")):
            break
    return stop


def opens_phase(texts: list[str], k: int, stop: int) -> bool:
    """Whether a part of the study that ends at `stop` begins with the word k: "at screening", "from signing the consent"."""
    word = texts[k]
    if word in PHASE:
        return stop - k < 6 or word not in ("at", "before")
    if word == "through":
        return texts[k + 1:k + 3] in (["the", "course"], ["the", "duration"])
    if word == "from":
        return not ENTRY.isdisjoint(texts[k + 1:stop])
    if word == "for":
        return texts[k + 1:k + 3] in (["the", "duration"], ["the", "course"], ["the", "length"])
    return word == "within" and "duration" in texts[k:k + 4]


def ends_phrase(texts: list[str], start: int, first: int) -> bool:
    """Whether the sign before the word `start` ends what a window at `first` can limit; the point of "e.g." does not, nor the colon of
    "HbA1c: 5.7".
    """
    if texts[start - 1] == ".":
        return start < 2 or len(texts[start - 2]) > 1 or not texts[start - 2].isalpha()
    return texts[start - 1] != ":" or start == first or named(texts, start, first)


def named(texts: list[str], start: int, stop: int) -> bool:
    """Whether words that could name something stand there."""
    return any(word[0].isalpha() and len(word) > 2 and word not in TRAILING and word not in MEASURES for word in texts[start:stop])


def without_amount(texts: list[str], start: int, stop: int) -> int:
    """The end without an amount that stands there: "> 3 kg", "2 days a week", "5.7 - 6.4"."""
    k = stop
    if k - start > 2 and texts[k - 1] in UNITS and texts[k - 2] in ("a", "per", "/", "each"):
        k -= 2
    if k - start > 4 and texts[k - 1] in UNITS and texts[k - 4:k - 1] == ["half", "of", "the"]:
        return k - 4
    last = k
    while k > start and (texts[k - 1] in MEASURES or texts[k - 1] in UNITS or texts[k - 1] in AMONG_AMOUNT or texts[k - 1][0].isdecimal()):
        k -= 1
    if k == last or not texts[k][0].isdecimal():
        return stop
    compared = k == start or texts[k - 1] in COMPARING or texts[last - 1] in MEASURES or texts[last - 1] in UNITS
    return k if compared else stop


def relative(texts: list[str], start: int, k: int) -> int:
    """The place of the "that" or "which" in whose clause the word k stands, k where there is none."""
    for at in range(k, max(start, k - 7), -1):
        if texts[at] in ("that", "which") and at > start and texts[at - 1].isalpha() and texts[at - 1] not in OPENING:
            return at
    return k


def narrowed(texts: list[str], start: int, stop: int) -> tuple[int, int]:
    """The last words of start..stop, from where the phrase opens that ends there."""
    k, depth, listed = stop, 0, False
    while k > start and stop - k < LONGEST:
        word = texts[k - 1]
        if word in CLOSING:
            depth += 1
        elif word in OPENED:
            depth -= 1
            if depth < 0:
                break
        elif depth == 0 and word in TURNING:
            if word == "," and not listed:
                if not (governed(texts, start, k - 1) or short_list(texts, start, stop)):
                    break
                listed = True
            if word in CONNECTING and k > 1 and texts[k - 2] in OTHER_TIME:
                break
            if word == "with" and k > 1 and texts[k - 2] in PEOPLE:
                break
            if word in OPENING and k < stop and texts[k] not in ("to", "("):
                clause = relative(texts, start, k - 1)
                if clause == k - 1 and word not in ("that", "which"):
                    break
                k = clause + 1
        k -= 1
    while k < stop and (texts[k] in LEADING or texts[k] in COMPARING or texts[k] == "%" or texts[k].isdecimal()):
        k += 1
    return (k, stop) if k < stop else (start, stop)


def short_list(texts: list[str], start: int, stop: int) -> bool:
    """Whether the words are nothing but a list of short names with "or" before the last: "angina, stroke or bypass"."""
    phrase = " ".join(texts[start:stop])
    items = phrase.replace(" or ", " , ").split(" , ")
    short = all(len(one.split()) < 4 and one.replace(" ", "").replace("-", "").isalpha() for one in items)
    return short and phrase.count(" or ") == 1 and " , or " not in phrase


def governed(texts: list[str], start: int, comma: int) -> bool:
    """Whether the list in which the comma stands is governed by one word before it, without another clause between."""
    k = comma
    while k > start and comma - k < LONGEST:
        word = texts[k - 1]
        if word in GOVERNING:
            return True
        if word in OPENING:
            return False
        k -= 1
    return False


def phrase_after(texts: list[str], last: int) -> tuple[int, int]:
    """The words after a window with which a criterion begins."""
    start = last
    while start < len(texts) and (texts[start] in LEADING or texts[start] in OPENING or texts[start] in (":", "you", "duration")):
        start += 1
    if start < len(texts) and texts[start][0].isdecimal():
        return start, start
    stop = start
    while stop < len(texts) and texts[stop] not in STOP_AFTER and stop - start < LONGEST:
        stop += 1
    if texts[max(start, stop - 2):stop] in (["(", "e"], ["(", "i"]):  # e.g., i.e.
        stop -= 2
    while stop > start and (texts[stop - 1] in CONNECTING or texts[stop - 1] in ("of", "the", "-", ":")):
        stop -= 1
    return start, stop
