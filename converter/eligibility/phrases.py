"""Phrases that mean something of their own: "pregnant women", "women of childbearing potential must …", "allergy to …"."""

from __future__ import annotations

from msgspec.structs import replace

from converter.eligibility.findings import Combined, Comparison, Meaning, Mention, Not, Side, Statement, Timed
from converter.eligibility.lists import Refused, Sign, how_joined, items_of, joined, said
from converter.eligibility.parts import Part


def required(stream: list[Sign], side: Side | None) -> Meaning | None:
    """ "Women of childbearing potential must use contraception" in an inclusion: others need not.  None where none are spoken of."""
    places = [place for place, sign in enumerate(stream) if isinstance(sign, Part) and kind_of(sign) == "childbearing" and not sign.negated]
    if side != "inclusion" or not places or len(stream) == 1:
        return None
    place = places[0]
    rest = stream[1:] if place == 0 else stream[:-1]
    kinds = {kind_of(one) for one in rest if isinstance(one, Part)}
    if place not in (0, len(stream) - 1) or not kinds <= {"contraception", "pregnancy-test"}:
        raise Refused
    rest = rest[1:] if rest[0] == "," else rest[:-1] if rest[-1] == "," else rest
    items, joins = items_of(rest)
    if not joins <= {"and", ","} or any(item.negated for item in items):
        raise Refused
    who = stream[place]
    assert isinstance(who, Part)
    return joined("any-of", [Not(who.meaning), joined("all-of", [said(item) for item in items])])


def allergies(stream: list[Sign], side: Side | None) -> Meaning | None:
    """ "Allergy or intolerance to A or B", "A allergy": an allergy to each.  None where it is not that."""
    kinds = [isinstance(sign, Part) and sign.sort == "allergy" for sign in stream]
    if kinds == [False, True]:
        kinds, stream = [True, False], stream[::-1]
    if not kinds[0] or False not in kinds:
        return None
    last = max(place for place, allergy in enumerate(kinds) if allergy)
    before, after = stream[: last + 1], stream[last + 1 :]
    if not after or isinstance(after[0], str):
        return None
    words, joins = items_of(before)
    to, _ = listed = items_of(after)
    if not joins <= {"or", "and/or", ",", "/"} or any(
            item.negated or not isinstance(item.meaning, Mention) or item.meaning.kind == "pregnancy" for item in words + to):
        raise Refused
    if {"condition", "medication"} <= {item.meaning.kind for item in to if isinstance(item.meaning, Mention)}:
        raise Refused  # "hypersensitivity to aspirin, or cancer"
    return joined(how_joined(listed, side), [_allergy(words, item) for item in to])


def _allergy(words: list[Part], to: Part) -> Mention:
    """The allergy to one thing: its words are those from the first to the last that say so, its codes those of the thing."""
    spans = [item.meaning for item in (*words, to) if isinstance(item.meaning, Mention)]
    assert isinstance(to.meaning, Mention)
    coded = not any(item.narrowed or item.limited for item in words)
    start, end = min(one.start for one in spans), max(one.end for one in spans)
    return replace(to.meaning, start=start, end=end, kind="allergy", codes=to.meaning.codes if coded else ())


def alike(stream: list[Sign]) -> list[Sign]:
    """The stream with "children and adolescents" as one: nobody is both."""
    found: list[Sign] = []
    for sign in stream:
        ahead = found[-2] if len(found) > 1 and found[-1] in ("and", "or", "and/or", "/") else None
        if isinstance(sign, Part) and isinstance(ahead, Part) and _same_kind(ahead, sign):
            found[-2:] = [replace(ahead, meaning=joined("any-of", [said(ahead), said(sign)]), negated=False)]
        elif isinstance(sign, Part) and isinstance(ahead, Part) and found[-1] == "or" and _ages(ahead, sign):
            found[-2:] = [replace(ahead, meaning=joined("any-of", [ahead.meaning, sign.meaning]))]
        else:
            found.append(sign)
    return found


def _same_kind(one: Part, other: Part) -> bool:
    """Whether both say of which age or sex a person is, in words."""
    kinds = [{part.kind if isinstance(part, Statement) else "" for part in _parts(sign.meaning)} for sign in (one, other)]
    return one.sort == other.sort == "person" and kinds[0] == kinds[1] and kinds[0] in ({"sex"}, {"life-stage"}) and not (
        of_women(one) and of_women(other))  # "pregnant women or women with diabetes"


def _ages(one: Part, other: Part) -> bool:
    """Whether both are ages: "women under 18 or over 45"."""
    return one.sort == other.sort == "person" and isinstance(one.meaning, Comparison) and isinstance(other.meaning, Comparison)


def _parts(meaning: Meaning) -> tuple[Meaning, ...]:
    """The parts of a meaning that is several, or itself."""
    return meaning.parts if isinstance(meaning, Combined) else (meaning,)


def beside(stream: list[Sign]) -> list[Sign]:
    """The stream with persons that stand side by side as one, and "pregnant women", "or women who are pregnant" as the pregnant."""
    found: list[Sign] = []
    for sign in stream:
        ahead = found[-1] if found else None
        if len(found) > 1 and isinstance(ahead, Part) and of_women(ahead) and isinstance(sign, Part) and (
                sign.sort == "motherhood" and not sign.negated and found[-2] in ("or", "and/or")):
            found[-1] = sign
            continue
        if isinstance(sign, Part) and isinstance(ahead, Part) and sign.sort == "person":
            if ahead.sort == "motherhood" and of_women(sign):
                if ahead.negated or "not" in found:
                    raise Refused  # "non-lactating women": is it that women must not be so, or that none but women may take part?
                continue
            if ahead.sort == "person" and not ahead.negated and not sign.negated:
                found[-1] = replace(ahead, meaning=joined("all-of", [ahead.meaning, sign.meaning]))
                continue
        found.append(sign)
    return found


def of_women(part: Part) -> bool:
    return isinstance(part.meaning, Statement) and part.meaning.value == "female"


def kind_of(part: Part) -> str:
    """The kind of a statement, timed or not; nothing for what is none."""
    meaning = part.meaning.part if isinstance(part.meaning, Timed) else part.meaning
    return meaning.kind if isinstance(meaning, Statement) else ""
