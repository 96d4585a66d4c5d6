"""The adjectives before a name: "severe", "acute or chronic", "type 1 or 2", "active, known or suspected".

Those that are listed in data/narrowing.tsv, and those that are known by how they end and have no other use (connectives.tsv).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Literal

from converter.eligibility import tables
from converter.eligibility.connectives import table

Sort = Literal["narrows", "adverb", "known", "join", "counted", "number", "other", ""]
WORD = re.compile(r"[\w-]+(?:'\w+)?")
SEPARATORS = {" ", ", ", "/", " / "}
ENDINGS = ("al", "ar", "ary", "ic", "ous", "ive", "ory", "ent", "ant", "able", "ible", "less", "oid", "ile")
NUMBER = re.compile(r"(?:\d[a-z]?|[iv]+[abc]?)(?:-(?:\d[a-z]?|[iv]+[abc]?))?")
BOUND = re.compile(r"[ -]?(?:[<>≥≤=] ?)*")
"""What may stand between "grade" and its number."""
REACH = 120
"""So many characters before a name its adjectives may begin."""
SORTS: dict[str, Sort] = {
    **dict.fromkeys(("or", "and", "to"), "join"),
    **dict.fromkeys(("type", "grade", "stage", "class", "level"), "counted"),
    **dict.fromkeys(("known", "documented", "confirmed", "current", "prior", "previous", "past", "ongoing"), "known"),
    **dict.fromkeys(("other", "another"), "other"),
}
OF_LIST = re.compile(r"(?:\b(?:or|and)\s|[/,]\s?)(?:any\s|all\s)?\Z")
"""Before "other", what makes it one with the list that it ends: elsewhere it is what the study is not about."""
PAIRED = {"drug", "substance", "alcohol", "tobacco", "nicotine", "type"}
"""How names begin of which the first word alone is joined to another: "alcohol or drug abuse"."""


@cache
def words() -> dict[str, frozenset[str]]:
    """The words of data/narrowing.tsv by what they do."""
    return {role: frozenset(said.split()) for role, said in tables.rows("narrowing.tsv")}


@cache
def _used() -> dict[str, str]:
    """The signs of the single words of connectives.tsv."""
    return {phrase[0]: sign for phrase, sign in table().phrases.items() if len(phrase) == 1}


def state(word: str) -> bool:
    """Whether a name that begins with the word says of which state it is: "unstable angina"."""
    return word in words()["states"]


@lru_cache(maxsize=4096)
def sort(word: str) -> Sort:
    """What a word does before a name; nothing for most."""
    if word in SORTS:
        return SORTS[word]
    known, sign = words(), _used().get(word)
    if word in known["narrows"] or sign == "degree":
        return "narrows"
    if NUMBER.fullmatch(word):
        return "number"
    if sign or word in known["does not"]:
        return ""
    if word.endswith("ly"):
        return "adverb"
    _, hyphen, last = word.rpartition("-")
    if hyphen and (last in known["ends"] or last in known["narrows"]):
        return "narrows"
    ending = next((ending for ending in ENDINGS if last.endswith(ending)), None)
    return "narrows" if ending and len(last) > len(ending) + 1 and not last.endswith("ment") else ""


def adjectives(plain: str, after: int, start: int, end: int) -> int:
    """Where the adjectives begin that stand before the name plain[start:end], not before `after`; `start` where none do."""
    if start - after < 2 or plain[start - 1] not in " /":
        return start
    last = plain[max(after, start - 30) : start].rstrip(" ,/").replace("/", " ").rpartition(" ")[2]
    if sort(last) in ("", "adverb", "known", "counted"):
        return start
    low = max(after, start - REACH)
    tokens = list(WORD.finditer(plain, low, start))
    if low > after and tokens:
        del tokens[0]  # it may have been cut
    begin, joined = _walked(plain, tokens, start)
    if begin == start or not joined:
        return begin
    # "Acute or chronic pancreatitis": what is joined to the name narrows its last word, as its own first word does.
    first, _, rest = plain[start:end].partition(" ")
    return begin if rest and (sort(first) == "narrows" or first in PAIRED) else start


def _walked(plain: str, tokens: list[re.Match[str]], start: int) -> tuple[int, bool]:
    """Where the adjectives among the words before `start` begin, and whether the last of them is joined to what begins there."""
    begin = place = start
    pending = joined = False
    index = len(tokens) - 1
    while index >= 0:
        token = tokens[index]
        between = plain[token.end() : place]
        if between not in SEPARATORS:
            break
        does = sort(token[0])
        if does == "join":
            if pending and between != "/":
                break
            pending, place = True, token.start()
            index -= 1
            continue
        linked = pending or between != " "
        if does == "number":
            index = _counted(plain, tokens, index)
            if index < 0:
                break
            token = tokens[index]
        elif does == "other":
            if OF_LIST.search(plain, max(0, token.start() - 10), token.start()):
                break
        elif begin == start and linked and token[0] in PAIRED:
            pass  # "drug or" before "alcohol abuse"
        elif does != "narrows" and not (begin < start and ((does == "adverb" and not linked) or (does == "known" and linked))):
            break
        if begin == start:
            joined = linked
        begin = place = token.start()
        pending = False
        index -= 1
    return begin, joined


def _counted(plain: str, tokens: list[re.Match[str]], index: int) -> int:
    """The place of "type" before the number there ("type 2", "type 1 or 2"); -1 where it is none."""
    for back in (1, 3):
        if index < back or sort(tokens[index - back][0]) != "counted":
            continue
        directly = BOUND.fullmatch(plain, tokens[index - back].end(), tokens[index - back + 1].start())
        if directly and (back == 1 or (sort(tokens[index - 1][0]) == "join" and sort(tokens[index - 2][0]) == "number")):
            return index - back
    return -1
