"""The gold's logical forms ("union(cond("stroke"), drug("insulin").temporality(...))") and our meanings in one shape, to be compared.

A shape is how atoms are nested: and, or, not, at-least, except, if.  The atom's words are what it and its modifiers quote.  What says
the same is written the same: not (a or b) is (not a) and (not b); "either sex" limits nobody; the pregnant are women.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import permutations
from typing import Literal, NamedTuple

from converter.eligibility.findings import Combined, Comparison, Grades, Meaning, Mention, Not, Statement, Timed

TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\w-]+|[().,]')
WORD = re.compile(r"[^\W_]+")
EMPTY = {"of", "the", "a", "an", "and", "or", "in", "for", "to", "with", "by", "on", "at", "any", "other", "no", "not", "s"}
NAMES = {
    "age": "age aged ages old years year", "female": "female women woman females girls", "male": "male men man males boys",
    "child": "children child pediatric", "adult": "adult adults", "infant": "infant infants newborn newborns neonates neonate",
}  # fmt: skip
GROUPS = {"union": "or", "or": "or", "intersect": "and", "and": "and", "criteria": "list"}
WRAPPERS = {"contraindication", "indication", "risk", "allergy", "possible", "family_member"}
MOTHERHOOD = {"pregnant", "pregnancy", "lactating", "lactation", "breastfeeding", "nursing", "childbearing", "breast", "wocbp"}

How = Literal["atom", "and", "or", "list", "not", "at-least", "except", "if", "same"]


class Call(NamedTuple):
    """name("quoted", inner(...)).modifier(...)"""

    name: str
    inner: list[Call]
    quoted: list[str]
    modifiers: list[Call]


class Shape(NamedTuple):
    """How atoms are nested.  A "list" is joined by "and" or "or", the gold does not say which; "same" is its first part, said again."""

    how: How
    parts: tuple[Shape, ...] = ()
    words: frozenset[str] = frozenset()
    number: bool = False
    timed: bool = False
    threshold: int = 0


def gold_shape(form: str) -> Shape:
    """The shape of a logical form.  Raises ValueError where it is not well formed."""
    tokens = TOKENS.findall(form)
    try:
        call, place = _call(tokens, 0)
    except IndexError:
        place = -1
    if place != len(tokens):
        raise ValueError(f"not a logical form: {form}")
    return simplest(_shape(call))


def own_shape(meaning: Meaning, plain: str) -> Shape:
    """The shape of a meaning, its atoms with their words in the text."""
    return simplest(_own(meaning, plain))


def _call(tokens: list[str], place: int) -> tuple[Call, int]:
    call = Call(tokens[place], [], [], [])
    place += 1
    if place < len(tokens) and tokens[place] == "(":
        place += 1
        while tokens[place] != ")":
            if tokens[place] == ",":
                place += 1
            elif tokens[place].startswith('"'):
                call.quoted.append(tokens[place].strip('"').lower())
                place += 1
            else:
                inner, place = _call(tokens, place)
                call.inner.append(inner)
        place += 1
    while place + 1 < len(tokens) and tokens[place] == ".":
        modifier, place = _call(tokens, place + 1)
        # The modifiers of a modifier are read by it: they belong to what stands before.
        call.modifiers.append(Call(modifier.name, modifier.inner, modifier.quoted, []))
        call.modifiers.extend(modifier.modifiers)
    return call, place


def _words(texts: list[str]) -> frozenset[str]:
    """The words of texts, and each text written as one word ("Hb A 1c")."""
    each = [WORD.findall(text.lower()) for text in texts]
    return frozenset(word for words in each for word in [*words, "".join(words)] if word) - EMPTY


def _quoted(call: Call) -> list[str]:
    """All that is quoted in the call and its modifiers, but the values and units of comparisons."""
    inner = [text for one in (*call.inner, *call.modifiers) if one.name not in ("eq", "num_filter") for text in _quoted(one)]
    return [*call.quoted, *inner, *NAMES.get(call.name, "").split()]


def _shape(call: Call) -> Shape:
    inner = [one for one in call.inner if one.name not in ("eq", "min_count")]
    if call.name in GROUPS and inner:
        found = Shape(GROUPS[call.name], tuple(_shape(one) for one in inner))  # type: ignore[arg-type]
    elif call.name == "neg" and inner:
        found = Shape("not", (_group("list", [_shape(one) for one in inner]),))
    elif call.name == "seq" and inner:
        found = _timed(_shape(inner[0]))
    elif call.name == "if_then":
        found = Shape("if", tuple(_shape(one) for one in inner))
    elif call.name in WRAPPERS and inner:
        found = _group("list", [_worded(_shape(one), frozenset([call.name])) for one in inner])
    else:
        texts = [*call.quoted, *NAMES.get(call.name, "").split(), *(text for one in inner for text in _quoted(one))]
        found = Shape("atom", words=_words(texts))
    for modifier in call.modifiers:
        found = _modified(found, modifier)
    return found


def _modified(found: Shape, modifier: Call) -> Shape:
    if modifier.name == "equiv":
        return Shape("same", (found, *(_shape(one) for one in modifier.inner)))
    if modifier.name == "except":
        return Shape("except", (found, *(_shape(one) for one in modifier.inner))) if modifier.inner else found
    if modifier.name == "min_count":
        number = next((value for text in _values(modifier) if (value := _number(text))), 1)
        if found.how in ("list", "or", "and", "same"):
            items = found.parts[1:] if found.how == "same" else found.parts
            return Shape("at-least", items, threshold=number) if number > 1 else _group("or", list(items))
        return found._replace(number=True)
    if modifier.name == "num_filter":
        either = [one for one in modifier.inner if one.name == "or" and len(one.inner) > 1]
        if either and found.how == "atom":
            return Shape("or", tuple(found._replace(number=True) for _ in either[0].inner))
        return _each(found, lambda atom: atom._replace(number=True))
    found = _worded(found, _words(_quoted(modifier)))
    return _timed(found) if modifier.name in ("temporality", "duration") and _values(modifier) else found


def _values(call: Call) -> list[str]:
    own = call.quoted if call.name == "val" else []
    return [*own, *(text for one in call.inner for text in _values(one))]


def _number(text: str) -> int:
    words = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
    return int(text) if text.isdigit() else words.get(text, 0)


def _own(meaning: Meaning, plain: str) -> Shape:
    match meaning:
        case Combined(how="at-least"):
            return Shape("at-least", tuple(_own(part, plain) for part in meaning.parts), threshold=meaning.threshold or 0)
        case Combined(parts=(Comparison() as one, *others)) if all(isinstance(part, Comparison) and part.subject == one.subject
                                                                  and part.end == one.end for part in others):  # fmt: skip
            return _own(one, plain)  # a pair ("> 140/90") is one atom in the gold
        case Combined():
            how: How = "and" if meaning.how == "all-of" else "or" if meaning.how == "any-of" else "except"
            return Shape(how, tuple(_own(part, plain) for part in (_ranges(meaning) if how == "and" else meaning.parts)))
        case Not():
            return Shape("not", (_own(meaning.part, plain),))
        case Timed():
            return _timed(_own(meaning.part, plain))
        case Comparison() | Grades():
            named = NAMES["age"].split() if isinstance(meaning, Comparison) and meaning.variable == "age" else []
            texts = [plain[meaning.start : meaning.end], plain[meaning.subject[0] : meaning.subject[1]], *named]
            return Shape("atom", words=_words(texts), number=True)
        case Statement():
            shape = Shape("atom", words=_words([plain[meaning.start : meaning.end], *NAMES.get(meaning.value or "", "").split()]))
            return Shape("not", (shape,)) if meaning.negated else shape
        case Mention():
            return Shape("atom", words=_words([plain[meaning.start : meaning.end]]))
    raise TypeError(meaning)


def _ranges(meaning: Combined) -> list[Meaning]:
    """The parts with two ends of a range ("> 18 and < 60 years") as one, as the gold has them."""
    found: list[Meaning] = []
    for part in meaning.parts:
        ahead = found[-1] if found else None
        if not (isinstance(part, Comparison) and isinstance(ahead, Comparison) and part.subject == ahead.subject):
            found.append(part)
    return found


def _each(shape: Shape, change: Callable[[Shape], Shape]) -> Shape:
    return change(shape) if shape.how == "atom" else shape._replace(parts=tuple(_each(part, change) for part in shape.parts))


def _timed(shape: Shape) -> Shape:
    return _each(shape, lambda atom: atom._replace(timed=True))


def _worded(shape: Shape, words: frozenset[str]) -> Shape:
    return _each(shape, lambda atom: atom._replace(words=atom.words | words))


def _group(how: How, parts: list[Shape]) -> Shape:
    return parts[0] if len(parts) == 1 else Shape(how, tuple(parts))


def simplest(shape: Shape) -> Shape:
    """The shape without what limits nobody, its groups not nested in groups of the same kind, "not" at its atoms."""
    if shape.how == "atom":
        return shape
    parts = [simplest(part) for part in shape.parts]
    if shape.how == "not":
        below = parts[0]
        if below.how in ("and", "or", "list"):
            how: How = {"and": "or", "or": "and"}.get(below.how, "list")  # type: ignore[assignment]
            return simplest(Shape(how, tuple(Shape("not", (part,)) for part in below.parts)))
        return below.parts[0] if below.how == "not" else Shape("not", (below,))
    if shape.how not in ("and", "or", "list"):
        return shape._replace(parts=tuple(parts))
    flat: list[Shape] = []
    for part in parts:
        flat += part.parts if part.how == shape.how else (part,)
    if shape.how == "and":
        motherhood = any(not one.words.isdisjoint(MOTHERHOOD) for part in flat for one in (part, *part.parts))
        flat = [part for part in flat if not _limits_nobody(part, motherhood)] or flat[:1]
    return _group(shape.how, flat)


def _limits_nobody(part: Shape, motherhood: bool) -> bool:
    female, male = frozenset(NAMES["female"].split()), frozenset(NAMES["male"].split())
    if part.how == "or" and {one.words for one in part.parts} == {female, male}:
        return True
    return part.how == "atom" and not part.number and (not part.words or (motherhood and part.words == female))


def same(gold: Shape, own: Shape) -> bool:
    """Whether both nest the same atoms in the same way."""
    if gold.how == "same":
        return any(same(simplest(one), own) for one in _readings(gold))
    if gold.how == "list" and own.how in ("and", "or"):
        gold = gold._replace(how=own.how)
    if gold.how != own.how or gold.threshold != own.threshold or len(gold.parts) != len(own.parts):
        # A part may itself be one of several readings that makes the group flat.
        return False
    if gold.how == "atom":
        return gold.number == own.number and gold.timed == own.timed and (not gold.words or not gold.words.isdisjoint(own.words))
    if gold.how in ("except", "if"):
        return all(same(one, other) for one, other in zip(gold.parts, own.parts, strict=True))
    if len(gold.parts) > 7:
        return all(any(same(one, other) for other in own.parts) for one in gold.parts)
    return any(all(same(one, other) for one, other in zip(gold.parts, order, strict=True)) for order in permutations(own.parts))


def _readings(gold: Shape) -> list[Shape]:
    """What "a, that is b, c" can mean: a; what it is said to be; both."""
    first, *others = gold.parts
    listed = _group("list", others)
    return [first, listed, Shape("and", (first, listed)), Shape("list", (first, *others))]
