"""What is said of a name by the words around it: that it is denied ("no history of"), excepted ("other than"), and of which time it is.

A word says it of the name that it stands before, and of those that are listed with that one: "no A, B or C".  "Hindered" ("unable to")
denies one name and its abbreviation, "next denied" ("non-") one that follows at once, "before denied" ("is not permitted") the name
that it stands behind, "behind denied" ("-negative") that too if nothing but words of a test stand between.
The words are in data/beside_names.tsv; those that say "nothing" are there because a part of them would say something.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, NamedTuple

from converter.eligibility import tables
from converter.eligibility.dictionary import WORD

Status = Literal["history", "current", "prior", "concomitant"]

STATUS: dict[str, Status] = {"history": "history", "prior": "prior", "current": "current", "concomitant": "concomitant"}
TIMES: dict[str, Status | None] = {**STATUS, "any time": None}
"""The same, and that of a name of which two are said ("previous or current")."""
PAST = ("history", "prior")
STOP = re.compile(
    r"[,.;:()\n]|\b(?:with(?<!treated with)(?<!treatment with)(?<!therapy with)(?<!diagnosed with)(?<!infected with)(?<!vaccinated with)|"
    r"because|due|but|who|which|including|contraindications?|response|indications?|harm|more|less|only|limited|restricted|older|younger|"
    r"later|longer|exceed(?:s|ing)?|poorer|associated|give|provide|able|available|correctable|sufficient|addressed|meet|meeting|fulfill?|"
    r"follow|follow-up|understand|participate(?! in)|recovered|resolved|responded|explained|expected|confirmed by|attribut\w+|caused by|"
    r"related to|controlled(?<!inadequately controlled)(?<!poorly controlled)|(?<!-)(?:day|week|month|year)s?)\b")
"""What ends the reach of a word before it has met a name."""
END = re.compile(r"[,.;:)\n]")
"""What ends the reach of a word that excepts: "except for patients with"."""
BEHIND = {"before denied": re.compile(r"[^.;:]{0,40}"), "behind denied": re.compile(
    r"[ -]?(?: ?(?:tests?|testing|serology|status|antibody|antibodies|antigen|dna|rna|is|are|was|were|must|be|results?)\b ?){0,3}")}
"""What may stand between a name and the words that deny it from behind."""
NEW = (r"(?:is|are|was|were|be|has|have|had|must|should|will|can|may|adequate|normal|stable|good|able|willing|no|not|with|without|for|at|"
       r"use|diagnos\w+|documented|confirmed)\b")
"""What begins something else behind an "or"."""
ASIDE = r"(?:\s*\)|\s?\([^()]{2,40}\))?"
"""What may stand behind a name of a list: "(CHD)"."""
LISTED = re.compile(rf"\s*\(|[ -]|'s |{ASIDE}(?:\s*[,/]\s*(?:(?:and ?/ ?or|or|nor|and)\s+)?|\s+(?:and ?/ ?or|or|nor|and)\s+)"
                    r"(?:(?:any|other|of|the|a|an|active|acute|chronic|severe|significant|systemic|major|known|previous|prior|use of|using|"
                    r"taking|receiving|history|evidence)\s+)*")
"""What may stand between the names of a list."""
FURTHER = re.compile(rf"{ASIDE},?\s+(?:and/)?n?or\s+(?:(?!{NEW})[\w'/-]+\s+){{1,3}}")
"""What more may stand there of what is denied or excepted: "no steroids or enzyme-inducing drugs"."""
SAME = re.compile(r"\b(?:(?:signs?|symptoms?|evidence|diagnosis|history) of|(?:treated|treatment|therapy) with|"
                  r"(?:allergy|allergies|allergic|hypersensitivity|exposure) to) (?:an? |any |the )?$")
"""What joins a name and one that is denied with it: "no treatment with"."""
EITHER = ("with or ", "with and ", "with/", "have or ", "may or may ", "presence or ", "presence and ", "presence/", "family ")
"""Before "without", "not have", "absence of" and "history of" these words make them say nothing."""
LATER = ("after ", "following ", "until ", "since ", "upon ", "before ", "time of ")
"""What has been "discontinued" then was there."""
REACH = 60
"""So many characters before a name a word still speaks of it."""
SHORT = 20
"""The words of SAME that are no part of a name are shorter."""


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
def phrases() -> dict[str, dict[str, str]]:
    """The phrases of data/beside_names.tsv by their first word, and what each says."""
    known: dict[str, dict[str, str]] = {}
    for says, words in tables.rows("beside_names.tsv"):
        for phrase in words.split(" | "):
            known.setdefault(WORD.split(phrase)[1], {})[phrase] = says
    return known


@cache
def firsts() -> dict[str, str]:
    """The first words of the phrases, as they are written in a text."""
    return {written: first for first in phrases() for written in (first, first.capitalize(), first.upper())}


@cache
def pattern(first: str) -> re.Pattern[str]:
    """Finds any of the phrases that begin with that word, the longest there is.  To begin with plain letters makes it fast."""
    rest = "|".join(phrase[len(first):].replace(" ", "[ /-]+") for phrase in sorted(phrases()[first], key=len, reverse=True))
    return re.compile(rf"{first}(?<![^\W_]{first})(?:{rest})(?![^\W_])")


def cues(plain: str, start: int, end: int, words: list[str]) -> list[Cue]:
    """What says something of names between start and end, in its order.  `words` are the words of the text there."""
    written = firsts()
    met = written.keys() & words
    if not met:
        return []
    found = []
    for first in {written[word] for word in met}:
        says = phrases()[first]
        found += [Cue(match.start(), match.end(), says.get(match[0]) or says[re.sub("[ /-]+", " ", match[0])])
                  for match in pattern(first).finditer(plain, start, end)]
    return sorted(found)


def said(plain: str, start: int, end: int, words: list[str], names: list[tuple[int, int]]) -> list[Said]:
    """What the words between start and end say of each of the names, which are spans in the order of the text."""
    found = [NOTHING] * len(names)
    at = after = 0
    before = (-1, 0, "")  # the name that the last word of a time was said of, where that word ends, and what it says
    for begin, close, says in cues(plain, start, end, words):
        if begin < after or says == "nothing" or plain.endswith(EITHER, start, begin):
            after = close
            continue
        while at < len(names) and names[at][0] < close:
            at += 1
        if at and names[at - 1][0] <= begin < names[at - 1][1]:
            continue  # it is a part of the name
        if says in BEHIND:
            place = at - 1
            while place >= 0 and not found[place].denied and (
                    BEHIND[says].fullmatch(plain, names[place][1], begin) if place == at - 1
                    else listed(says, plain, *names[place:place + 2])):
                found[place] = found[place]._replace(denied=True)
                place -= 1
                if says == "behind denied" and plain[begin - 1] == "-":
                    break  # "cancer and treatment-naive"
            continue
        if at == len(names):
            break
        ahead = names[at][0]
        if ahead - close > (1 if says == "next denied" else REACH) or (END if says == "excepted" else STOP).search(plain, close, ahead):
            continue
        if says == "hindered" and plain.endswith(LATER, start, begin):
            continue
        if says in STATUS:
            (same, ended, said_before), before = before, (at, close, says)
            if same == at and (said_before in PAST) != (says in PAST):
                if plain[ended:begin].strip() not in ("or", "and", "and/or", "/"):
                    continue  # "history of active tuberculosis" is of the past
                says = "any time"
        found[at] = _with(found[at], says)
        for place in range(at + 1, len(names) if says != "next denied" else 0):
            closed = plain.find(")", close, names[place][0])
            if not listed(says, plain, *names[place - 1:place + 1]) or (closed >= 0 and plain.find("(", close, closed) < 0):
                break
            told, found[place] = found[place], _with(found[place], says)
            if told == found[place]:
                break  # the same word before said it of this name, and so of those behind it: long lists repeat it before each name
    for place in [place for place, span in enumerate(names) if plain.startswith("untreated", *span)] if "untreated" in words else ():
        found[place] = found[place]._replace(denied=True)
    return found


def listed(says: str, plain: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether what a word says of one name it says of the other, which follows it, too."""
    if says == "hindered":
        return plain[one[1]:other[0]] == " " or (plain[one[1]:other[0]] == " (" and plain.startswith(")", other[1]))
    if LISTED.fullmatch(plain, one[1], other[0]) or (says not in TIMES and FURTHER.fullmatch(plain, one[1], other[0])):
        return says != "behind denied" or plain.find(",", one[1], other[0]) < 0
    return other[0] - one[1] < SHORT and SAME.search(plain, one[0], other[0]) is not None


def _with(said: Said, says: str) -> Said:
    """The same and what one of the words says."""
    if says in TIMES:
        return said._replace(status=TIMES[says])
    return said._replace(excepted=True) if says == "excepted" else said._replace(denied=True)
