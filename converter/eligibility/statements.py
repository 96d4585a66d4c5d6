"""The usual requirements that criteria state: sex, life stage, lactation, contraception, consent, language, good health.

A requirement has a core ("consent") and words around it that say nothing else ("willing and able to provide written informed …
form"): the finding takes in both.  Both are tables: data/statements.tsv (cores, first that fits counts), data/statement_words.tsv
(the words around, and those that negate), data/languages.tsv (BCP 47).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from itertools import pairwise, takewhile
from typing import NamedTuple

from msgspec import Struct

from converter.eligibility.connectives import words_known
from converter.eligibility.findings import Statement
from converter.eligibility.plain import words as words_of
from converter.eligibility.tables import rows

TOKEN = re.compile(r"[^\W_]+(?:'[a-z]+)?|[^\w\s]")
LANGUAGE = re.compile(r"[^\W_]+\b")
CLAUSE = {".", ",", ";", ":", "(", ")", "and", "or", "/", "who"}
SENTENCE = {".", ";"}
DEFINES = {"are those", "are defined", "is defined", "include all", "include women", "include premenopausal", "is a", "means a"}
# Words of other requirements, which may stand beside one.
BESIDE = {"pregnant", "pregnancy", "parturient", "potential", "sexes", "genders", "consent", "registration"}
# "Consent … prior to any study-related procedures": when it is given says nothing else.
EARLIER = re.compile(
    r",? (?:prior to|before|in advance of)(?:[ -](?:a|an|any|all|the|this|of|in|to|or|and|other|study|studies|trial|protocol|research"
    r"|clinical|specific|related|mandated|required|initiation|initiating|start|starting|beginning|commencement|commencing|conduct|conducting|performance|performing|performed"
    r"|implementing|implementation|carrying|carried|out|undertaking|undertaken|undergoing|entering|entry|enrolling|enrolling|participating"
    r"|participation|admission|into|conducted|procedures?|activit(?:y|ies)|assessments?|interventions?|tests?|screening|evaluations?|enrol?lment|treatment|inclusion"
    r"|randomi[sz]ation|registration|being|is|are|qualification|drug|administration|requirements?)\b)+(?= ?(?:[.;,)]|and\b|$))"
)
WHO = {"sex", "life-stage", "healthy", "childbearing"}
"""The kinds of statements that say what a person is."""
BEHIND_PERSONS = {
    "over", "under", "above", "below", "beyond", "greater", "less", "equal", "up", "exceeding", "older", "younger", "attending", "admitted",
    "hospitalized", "hospitalised", "scheduled", "referred", "requiring", "needing", "born", "planning", "planned", "treated",
}
JOINS = {"or", "and", "/", ","}
OTHERS = {"enrolled", "child", "children", "minor", "minors"}
"""Beside a "consent", who is spoken of as well."""
FAR = 100
"""So many words of a clause are looked at on either side."""
BRACKETS = {"(", ")", "s"}  # of "parent(s)", "method(s)"


DOUBTFUL = {"life-stage", "lactation", "sex"}
"""What says little where the clause says more: "father a child", "stop breastfeeding", "male 1.2" are answers that are mostly wrong."""


class Core(NamedTuple):
    """What is stated, and how its core is written."""

    kind: str
    value: str | None
    pattern: re.Pattern[str]


class Around(Struct):
    """The words that may stand around the core of one kind of statement."""

    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    negating: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()  # directly before the words: these are not the requirement ("at the time of consent")
    across: frozenset[str] = frozenset()  # a negation reaches over these ("not pregnant or lactating")
    back: frozenset[str] = frozenset()  # all that the words before may be, and after, and over which a negation reaches
    forth: frozenset[str] = frozenset()
    over: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()  # one of these has to be there
    acts: frozenset[str] = frozenset()  # and one of these, where it is demanded


NONE_AROUND = Around()


class Table(NamedTuple):
    """The tables as they are used."""

    asked: frozenset[str]  # every core has one of these words: most criteria have none, and are done with
    cores: dict[str, list[Core]]  # by the word that they begin with
    around: dict[str, Around]
    joining: frozenset[str]
    languages: frozenset[str]
    hearsay: frozenset[str]  # after these it is spoken of, not demanded
    told: frozenset[str]  # beside these nothing else is said: the words of requirements, and those that join


class Words(NamedTuple):
    """The words of a text, and where they begin."""

    starts: list[int]
    tokens: list[str]


def statements(plain: str, start: int, end: int, known: list[str] | None = None) -> list[Statement]:
    """The usual requirements in plain[start:end], in the order of the text, none overlapping another; `known` are the words there, if
    they are (plain.words).
    """
    table = tables()
    if table.asked.isdisjoint(words_of(plain, start, end) if known is None else known):
        return []
    words = _words(plain, start, end)
    found: list[Statement] = []
    for place, token in enumerate(words.tokens):
        if token in table.cores and not (found and words.starts[place] < found[-1].end):
            for core in table.cores[token]:
                if one := _whole(core, plain, place, words, end, found):
                    found.append(one)
                    break
    return found


def _whole(core: Core, plain: str, first: int, words: Words, end: int, found: list[Statement]) -> Statement | None:
    """The statement whose core begins at the word `first`; None where that is no core, or the words around say that it is none."""
    match = core.pattern.match(plain, words.starts[first], end)
    if not match:
        return None
    table, tokens = tables(), words.tokens
    around, joining = table.around.get(core.kind, NONE_AROUND), table.joining
    last = bisect_left(words.starts, match.end()) - 1
    least = bisect_left(words.starts, found[-1].end) if found else 0
    begin = _reach(tokens, first, least - 1, -1, around.back)
    if begin > 0 and tokens[begin - 1] in around.about:
        return None
    if begin > least and tokens[begin - 1] not in CLAUSE and not _told(tokens[begin - 1]):
        # "Comply with the study procedures and give consent"
        begin = next((place + 1 for place in range(begin, first) if tokens[place] in ("and", "or")), begin)
    finish = _reach(tokens, last, len(tokens), 1, around.forth)
    if core.kind == "consent":
        # "Enrolled in a clinical trial or unable to consent", "unable to consent, or children": the others are no part of it.
        for place in range(begin + 1, first):
            if tokens[place] in JOINS and not OTHERS.isdisjoint(tokens[begin:place]):
                begin = place + 1
        for place in range(last + 1, finish + 1):
            if tokens[place] in JOINS and OTHERS.union(JOINS).issuperset(tokens[place : finish + 1]):
                finish = place
                break
    while begin < first and (tokens[begin] in joining or tokens[begin] in BRACKETS):
        begin += 1
    while finish > last and (tokens[finish] in joining or tokens[finish] in BRACKETS):
        finish -= 1
    if core.kind == "consent" and (earlier := EARLIER.match(plain, words.starts[finish] + len(tokens[finish]), end)):
        finish = bisect_left(words.starts, earlier.end()) - 1
    own = tokens[begin : finish + 1]
    # "Able to speak English or Spanish", "unable to give consent and assent": the second as the first.
    again = bool(found) and found[-1].kind == core.kind and joining.issuperset(tokens[least:first])
    if around.needs and around.needs.isdisjoint(own) and not again:
        # "English or Spanish speaking"
        ahead = _reach(tokens, last, len(tokens), 1, around.forth | table.languages) if around.needs and core.value else last
        if around.needs.isdisjoint(tokens[last : ahead + 1]):
            return None
    if again and begin == first:
        negated = found[-1].negated
    else:
        denials = [place for place, token in enumerate(own) if token in around.negating]
        if any(JOINS.isdisjoint(own[one:other]) for one, other in pairwise(denials)):
            return None  # "no language barrier", "not unwilling to consent"
        negated = bool(denials) or _negated_across(tokens, begin, around)
    clear = _clear(words, begin, finish, core.kind, negated)
    if not clear and core.kind in DOUBTFUL:
        return None
    return Statement(
        start=words.starts[begin],
        end=words.starts[finish] + len(tokens[finish]),
        rule=f"statement.{core.kind}" if clear else f"statement.{core.kind}-within",
        kind=core.kind,  # type: ignore[arg-type]  # the table's kinds are tested to be those of Statement
        value=core.value,
        negated=negated,
    )


def _clear(words: Words, begin: int, finish: int, kind: str, negated: bool) -> bool:
    """Whether nothing else is said in the clause: "contraception" is not a requirement in "acceptable contraception includes condoms".

    What a person is stands before other things: there the next word alone tells ("infant formula").
    """
    tokens, table = words.tokens, tables()
    acts = table.around.get(kind, NONE_AROUND).acts
    if acts and not negated and acts.isdisjoint(tokens[begin : finish + 1]):
        return False
    farthest, place, hearsay = max(0, begin - FAR), begin, table.hearsay.difference(table.around.get(kind, NONE_AROUND).before)
    while place > farthest and tokens[place - 1] not in CLAUSE:
        place -= 1
        if not _told(tokens[place]):
            return False
    while place > farthest and tokens[place] not in SENTENCE:
        place -= 1
        if tokens[place] in hearsay:
            return False
    ahead = tokens[finish + 1 : finish + 3]
    if kind in WHO and ((begin and tokens[begin - 1].isdigit()) or ahead[:1] == ["="] or (ahead[1:] == ["."] and ahead[0].isdigit())):
        return False  # a table: "male 1.2 female 1.4"
    if " ".join(ahead) in DEFINES:
        return False
    if kind in WHO and ahead[:1] and ahead[0] in BEHIND_PERSONS:
        return True
    after = tokens[finish + 1 : finish + FAR] if kind not in WHO else tokens[finish + 1 : finish + 2]
    return all(map(_told, takewhile(lambda token: token not in CLAUSE, after)))


def _told(token: str) -> bool:
    """Whether the word says nothing else than such requirements."""
    return not token.isalpha() or token in tables().told


def _negated_across(tokens: list[str], begin: int, around: Around) -> bool:
    """Whether a negation before other requirements reaches this one: "not pregnant or lactating"."""
    if not around.across:
        return False
    place = _reach(tokens, begin, -1, -1, around.over)
    return place > 0 and tokens[place - 1] in around.negating


def _reach(tokens: list[str], place: int, limit: int, step: int, allowed: frozenset[str]) -> int:
    """The farthest word from `place` to which all words are allowed."""
    while place + step != limit and tokens[place + step] in allowed:
        place += step
    return place


def _words(plain: str, start: int, end: int) -> Words:
    matches = list(TOKEN.finditer(plain, start, end))
    return Words([match.start() for match in matches], [match[0] for match in matches])


@cache
def tables() -> Table:
    """The tables, read once."""
    cores: dict[str, list[Core]] = {}
    asked: set[str] = set()
    for kind, value, begins, asks, pattern, unless_after in rows("statements.tsv"):
        asked.update((asks or begins).split())
        core = Core(kind, value or None, re.compile(rf"(?:{pattern})(?!\w){f'(?!{unless_after})' if unless_after else ''}"))
        for word in begins.split():
            cores.setdefault(word, []).append(core)
    for name, code in rows("languages.tsv"):
        asked.add(name)
        cores[name] = [Core("language", code, LANGUAGE)]
    around: dict[str, Around] = {}
    general: dict[str, frozenset[str]] = {}
    for kind, role, words in rows("statement_words.tsv"):
        if kind == "*":
            general[role] = frozenset(words.split())
        else:
            setattr(around.setdefault(kind, Around()), role, frozenset(words.split()))
    joining = general["joining"]
    for one in around.values():
        one.back = one.before | one.negating | joining if one.before or one.negating else frozenset()
        one.forth = one.after | joining if one.after else frozenset()
        one.over = one.across | joining
    own = (words for one in around.values() for words in (one.before, one.after, one.negating, one.acts))
    told = words_known().union(cores, asked, BESIDE, *own) - general["hearsay"]
    languages = frozenset(name for name, _ in rows("languages.tsv"))
    return Table(frozenset(asked), cores, around, joining, languages, general["hearsay"], told)
