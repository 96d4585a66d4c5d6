"""What is said of a name by the words around it: that it is denied ("no history of"), excepted ("other than"), and of which time it is.

A word says it of the name that it stands before, and of those that are listed with that one: "no A, B or C".  "Hindered" ("unable to")
denies one name only, "next denied" ("non-") one that follows at once, "before denied" ("is not permitted") the name it stands behind.
The words are in data/beside_names.tsv; those that say "nothing" are there because a part of them would say something.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from converter.eligibility.dictionary import WORD

Status = Literal["history", "current", "prior", "concomitant"]

STATUS: dict[str, Status] = {"history": "history", "prior": "prior", "current": "current", "concomitant": "concomitant"}
STOP = re.compile(
    r"[,.;:()\n]|\b(?:because|due|but|with|who|which|including|contraindications?|response|indications?|harm|more|less|only|limited|restricted|"
    r"older|younger|later|longer|exceeding|poorer|associated|give|provide|able|available|correctable|sufficient|addressed|meet|meeting|fulfill?|follow|follow-up|understand|participate)\b")
"""What ends the reach of a word before it has met a name."""
BEHIND = re.compile(r"[^.;:]{0,40}")
"""What may stand between a name and the words that deny it from behind."""
LISTED = re.compile(r"\s*\(|\s*\)?(?:\s*[,/]\s*(?:(?:and/or|or|nor|and)\s+)?|\s+(?:and/or|or|nor|and)\s+)"
                    r"(?:(?:any|other|of|the|a|an|active|acute|chronic|severe|significant|systemic|major|known|previous|prior)\s+)*")
"""What may stand between the names of a list."""
EITHER = ("with or ", "with and ", "with/", "have or ", "family ")
"""Before "without", "not have" and "history of" these words make them say nothing."""
REACH = 60
"""So many characters before a name a word still speaks of it."""

class Said(NamedTuple):
    """What the words around a name say of it."""

    denied: bool = False
    excepted: bool = False
    status: Status | None = None


class Cue(NamedTuple):
    """Words that say something of a name."""

    start: int
    end: int
    says: str


NOTHING = Said()


@cache
def phrases() -> dict[str, tuple[re.Pattern[str], dict[str, str]]]:
    """The phrases of data/beside_names.tsv by their first word: a pattern for all of them, and what each says."""
    lines = files(__package__).joinpath("data", "beside_names.tsv").read_text(encoding="utf-8").splitlines()[1:]
    known: dict[str, dict[str, str]] = {}
    for says, words in (line.split("\t") for line in lines):
        for phrase in words.split(" | "):
            known.setdefault(WORD.split(phrase)[1], {})[phrase] = says
    return {first: (_pattern(first, sorted(said, key=len, reverse=True)), said) for first, said in known.items()}


@cache
def firsts() -> dict[str, str]:
    """The first words of the phrases, as they are written in a text."""
    return {written: first for first in phrases() for written in (first, first.capitalize(), first.upper())}


def _pattern(first: str, longest: list[str]) -> re.Pattern[str]:
    """Finds any of the phrases that begin with that word, the longest there is.  To begin with plain letters makes it fast."""
    rest = "|".join(phrase[len(first):].replace(" ", "[ /-]+") for phrase in longest)
    return re.compile(rf"{first}(?<![^\W_]{first})(?:{rest})(?![^\W_])")


def cues(plain: str, start: int, end: int, words: list[str]) -> list[Cue]:
    """What says something of names between start and end, in its order.  `words` are the words of the text there."""
    written = firsts()
    met = written.keys() & words
    if not met:
        return []
    found = []
    for first in {written[word] for word in met}:
        pattern, says = phrases()[first]
        found += [Cue(match.start(), match.end(), says.get(match[0]) or says[re.sub("[ /-]+", " ", match[0])])
                  for match in pattern.finditer(plain, start, end)]
    return sorted(found)


def said(plain: str, start: int, end: int, words: list[str], names: list[tuple[int, int]]) -> list[Said]:
    """What the words between start and end say of each of the names, which are spans in the order of the text."""
    found = [NOTHING] * len(names)
    at = after = 0
    for begin, close, says in cues(plain, start, end, words):
        if begin < after or says == "nothing" or plain.endswith(EITHER, start, begin):
            after = close
            continue
        while at < len(names) and names[at][0] < close:
            at += 1
        if says == "before denied":
            place = at - 1
            while place >= 0 and not found[place].denied and (
                    BEHIND.fullmatch(plain, names[place][1], begin) if place == at - 1
                    else LISTED.fullmatch(plain, names[place][1], names[place + 1][0])):
                found[place] = found[place]._replace(denied=True)
                place -= 1
            continue
        if at == len(names):
            break
        if names[at][0] - close > (1 if says == "next denied" else REACH) or STOP.search(plain, close, names[at][0]):
            continue
        found[at] = _with(found[at], says)
        for place in range(at + 1, len(names) if says not in ("hindered", "next denied") else 0):
            if not LISTED.fullmatch(plain, names[place - 1][1], names[place][0]):
                break
            found[place] = _with(found[place], says)
    for place in [place for place, span in enumerate(names) if plain.startswith("untreated", *span)] if "untreated" in words else ():
        found[place] = found[place]._replace(denied=True)
    return found


def _with(said: Said, says: str) -> Said:
    """The same and what one of the words says."""
    if says in STATUS:
        return said._replace(status=STATUS[says])
    return said._replace(excepted=True) if says == "excepted" else said._replace(denied=True)
