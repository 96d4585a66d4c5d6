"""The codes of a name: those of the longest term of the vocabulary that it and the words beside it make, or of what it abbreviates."""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import zip_longest
from typing import NamedTuple

from converter.eligibility import tables
from converter.eligibility.dictionary import KINDS, WORD, Kind, codes, parts, stem, terms
from converter.eligibility.findings import Coding
from converter.eligibility.tagger import Tagged, Token, Word, Words

ALONGSIDE = {"condition": "cga", "pregnancy": "cg", "medication": "mpa", "procedure": "mp", "allergy": "acmp"}
"""What kinds of terms a name of each kind may be: "penicillin" after "allergic to" is an allergy, and a substance in the vocabulary."""
SMALL = frozenset({"of", "and", "the", "in", "with", "to", "for", "s", "or"})
GAP = 1
"""A term may have so many words that were not tagged between two that were: "basal cell carcinoma"."""
AHEAD = 5
"""A term may begin so many words before what was tagged: "diffuse large B-cell lymphoma"."""
NO_WORD = Word("", False, "", "")
HEAD = "head=c2"
"""The words that end many terms (infection, cancer, failure): what stands before one of them says which."""


class Name(NamedTuple):
    """A name: what it names, its first and last word (exclusive), its score, whether it is a term of the vocabulary, and its codes."""

    kind: Kind
    first: int
    last: int
    score: int
    known: bool
    codes: tuple[Coding, ...]


class Meant(NamedTuple):
    """What a term means: the letter of its kind, its codes, and whether as one word it is but a "class" or rather "general"."""

    kind: str
    codes: tuple[Coding, ...]
    alone: str


class Beside(NamedTuple):
    """Words that are no part of a term they stand beside, that change nothing before it, that make it part of another name behind it.

    Some do that behind a condition only; a few behind a hyphen do not ("HIV-infected").  Others make it another from before it
    ("in situ cervical cancer", "drug-induced asthma"), and a few names say less than with another word of the vocabulary ("eye surgery"),
    or with any other word ("tripterygium glycosides").
    """

    apart: frozenset[str]
    neutral: frozenset[str]
    others: frozenset[str]
    treating: frozenset[str]
    joined: frozenset[str]
    narrowing: frozenset[str]
    general: frozenset[str]
    compounds: frozenset[str]
    classes: frozenset[str]


@cache
def beside() -> Beside:
    """The words of data/beside_terms.tsv."""
    apart, neutral, *others = (frozenset(words.split()) for _, words in tables.rows("beside_terms.tsv"))
    return Beside(apart, apart | neutral, *others)


def named(words: Words, found: list[Tagged], text: str) -> list[Name]:
    """The names, none reaching into another.  `text` is the whole text."""
    made: list[Name] = []
    after = 0
    for one, following in zip_longest(found, found[1:]):
        if one.first >= after and one.kind != "observation":
            name = coded(words, one, one.kind, after, following, text)
            made.append(name)
            after = name.last
    return made


def coded(words: Words, of: Tagged, kind: Kind, after: int, following: Tagged | None, text: str) -> Name:
    """The name with the words beside it that make it a longer term, and its codes.

    `after` is the last word (exclusive) of the name before it and `following` the one behind it, which it may take in.
    """
    known, apart, tokens = terms(), beside().apart, words.tokens
    _, first, last, score = of
    start = place = first
    _, close, word, root = tokens[first][-1]
    if last - first == 1 and word.isupper() and (term := abbreviated(word, text)):
        return Name(KINDS[known[term][0]], first, last, score, True, codes(term))
    longer = term = root if last - first == 1 else key(tokens[first:last])
    while close and place > max(after, first - AHEAD):
        place -= 1
        _, close, word, root = tokens[place][-1]
        if word in apart and word != "non":
            break
        longer = f"{root} {longer}"
        if longer in known:
            start, term = place, longer
    first = start
    _, close, word, root = tokens[last][-1]
    if close:  # and so another word stands there
        distance = following.first - last if following else len(tokens)
        if distance and word not in apart and (longer := f"{term} {root}") in known:
            last, term = last + 1, longer
        elif following and distance <= GAP and following.kind == kind and (
                all(token[-1].close for token in tokens[last:following.first + 1])) and (
                longer := f"{term} {key(tokens[last:following.last])}") in known:
            last, term = following.last, longer
    if last - first > 1 and first > after and not tokens[first][-1].between.strip(" -") and tokens[first - 1][-1].written.lower() == "non":
        return Name(kind, first - 1, last, score, False, ())  # "non-cardiac surgery" is another surgery, not none
    of_term = meant(term)
    if of_term is None or of_term.kind not in ALONGSIDE[kind]:
        return Name(kind, first, last, score, False, ())
    return Name(kind, first, last, score, True, () if vague(tokens, first, last, term, of_term) else of_term.codes)


def key(tokens: list[Token]) -> str:
    """The words of a name as the table of terms has them (`dictionary.key`)."""
    return " ".join([root for token in tokens if (root := token[-1].root)])


@lru_cache(maxsize=20_000)
def meant(term: str) -> Meant | None:
    """What the term means; None for what is no term."""
    line = terms().get(term)
    if line is None:
        return None
    known = beside()
    alone = "" if " " in term else "class" if term in known.classes or HEAD in parts().get(term, "").split() else (
        "general" if term in known.general else "")
    return Meant(line[0], codes(term), alone)


def vague(tokens: list[Token], first: int, last: int, term: str, of_term: Meant) -> bool:
    """Whether the words beside a term make it mean something narrower, or something else, than it does by itself."""
    known = beside()
    between, close, after, _ = tokens[last][-1]
    after = after.lower() if close else ""
    if after and (after in known.others or (after in known.treating and of_term.kind == "c")
                  or (between == "-" and after not in known.joined) or (after == "in" and tokens[last + 1][-1].written == "situ")):
        return True
    between, _, before, _ = tokens[first - 1][-1] if tokens[first][-1].close else NO_WORD
    before = before.lower()
    if before in known.narrowing or (before.startswith("non") and before not in ("non", "none")) or (
            before in known.compounds and between == "-"):
        return True
    if of_term.alone == "class":
        return after == "of" or (after == "with" and term == "infection") or (before != "" and before not in known.neutral)
    return of_term.alone == "general" and before not in known.neutral and (
        before.isdigit() or "part=" in parts().get(stem(before), ""))


@lru_cache(maxsize=64)
def abbreviated(short: str, text: str) -> str | None:
    """The term that the text abbreviates so: MI in "myocardial infarction (MI)".  None for none."""
    at = text.find(f"({short})")
    letters = short.lower()
    before = WORD.findall(text[max(0, at - 80):at].lower()) if at > 0 else []
    for many in range(2, min(len(letters) + 3, len(before)) + 1):
        name = before[-many:]
        initials = {"".join(word[0] for word in said) for said in (name, [word for word in name if word not in SMALL])}
        if letters in initials and name[0] not in SMALL:
            term = " ".join(filter(None, map(stem, name)))
            return term if term in terms() else None
    return None
