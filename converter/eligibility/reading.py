"""A sentence read: brackets, exceptions, semicolons, "at least two of", who is spoken of; signs are settled in settling.py, lists read in
lists.py.
"""

from __future__ import annotations

from msgspec.structs import replace

from converter.eligibility.findings import Combined, Comparison, Meaning, Not, Side, Statement
from converter.eligibility.lists import (
    JOINS,
    Items,
    Refused,
    Sign,
    affirmed,
    how_joined,
    items_of,
    joined,
    only_upper,
    said,
    same_time,
    trimmed,
)
from converter.eligibility.parts import Part
from converter.eligibility.phrases import alike, allergies, beside, kind_of, of_women, required
from converter.eligibility.settling import settled

NOTHING = Combined("all-of", ())  # what words mean that limit nobody by themselves


def read(stream: list[Sign], side: Side | None) -> Meaning:
    """The meaning of parts and signs in the order of the text; NOTHING where no part is among them.

    Raises Refused.
    """
    if stream and stream[0] in ("or", "and/or"):
        raise Refused  # it goes on from what stands above
    stream = trimmed(stream)
    if len(stream) == 1 and isinstance(stream[0], Part):
        return said(stream[0])
    stream = trimmed(_unbracketed(_defined(settled(stream, side)), side))
    if not any(isinstance(sign, Part) for sign in stream):
        return _of_none(stream)
    if "except" in stream:
        return _excepted(stream, side)
    if ";" in stream:
        return _pieces(stream, side)
    return _counted(stream, side)


def _defined(stream: list[Sign]) -> list[Sign]:
    """The stream with what stands behind "defined as" in brackets: it is to the end what the last name means."""
    if "defined" not in stream:
        return stream
    place = stream.index("defined")
    before = stream[: place - 1] if stream[place - 1 : place] in ([","], ["("]) else stream[:place]
    if place and stream[place - 1] == "(":
        return [*before, "(", *stream[place + 1 :]]
    return [*before, "(", *trimmed(stream[place + 1 :]), ")"]


def _unbracketed(stream: list[Sign], side: Side | None) -> list[Sign]:
    """The stream with each bracket read: a definition by values goes with what it stands behind, a group is one part."""
    if "(" not in stream and ")" not in stream:
        return stream
    if ")" not in stream:
        raise Refused
    close = stream.index(")")
    start = max((place for place in range(close) if stream[place] == "("), default=-1)
    if start < 0:
        raise Refused
    before, inside, rest = stream[:start], stream[start + 1 : close], stream[close + 1 :]
    if inside[:1] == ["except"] and not trimmed(rest):
        return before + inside
    return _unbracketed(_bracket(before, inside, side) + rest, side)


def _bracket(before: list[Sign], inside: list[Sign], side: Side | None) -> list[Sign]:
    """What stands before a bracket, with what the bracket says of it."""
    begins, inside = inside[:1], trimmed(inside)
    if not inside:
        return before
    first, said_before = inside[0], {kind_of(one) for one in before if isinstance(one, Part)} - {""}
    if len(inside) == 1 and isinstance(first, Part) and kind_of(first) in said_before:
        return before  # said again: "nursing women (breastfeeding)"
    ahead = before[-1] if before else ","
    if isinstance(ahead, str) and ahead in JOINS:
        return [*before, Part(_counted(inside, side), "other")]
    values = all(sign.sort in ("measure", "person") if isinstance(sign, Part) else sign in JOINS for sign in inside)
    if not values or begins != inside[:1]:
        raise Refused
    if "not" in before:
        raise Refused  # "no fever (< 38 °C)": the value may be the normal one
    if side == "exclusion" and "," in inside and not {"and", "or", "and/or"} & {sign for sign in inside if isinstance(sign, str)}:
        raise Refused  # "coagulopathy (platelets < 50, INR > 1.5)": both, or one of them?
    meaning = _listed(inside, "inclusion")
    if isinstance(ahead, Part):
        if ahead.negated or ahead.sort == "measure":
            raise Refused  # "ECOG ≤ 2 (Karnofsky ≥ 60)": the same on another scale
        before, meaning = before[:-1], joined("all-of", [ahead.meaning, meaning])
    elif ahead != "degree":
        raise Refused
    # The value says what is meant by "severe", "low or medium".
    while before and (before[-1] == "degree" or (str(before[-1]) in JOINS and before[-2:-1] == ["degree"])):
        before = before[:-1]
    return [*before, replace(ahead, meaning=meaning) if isinstance(ahead, Part) else Part(meaning, "measure")]


def _of_none(stream: list[Sign]) -> Meaning:
    """What words without a part mean: nothing by themselves, or its opposite."""
    if stream == ["not"] or (len(stream) == 2 and stream[0] == "not" and str(stream[1]) in ("of 1", "head")):
        return Not(NOTHING)
    if all(isinstance(sign, str) and sign.startswith("of ") for sign in stream):
        return NOTHING
    raise Refused


def _excepted(stream: list[Sign], side: Side | None) -> Meaning:
    """ "A except B and C": an A that is neither of the others; "no A except B": not that."""
    place = stream.index("except")
    before, after = trimmed(stream[:place]), trimmed(stream[place + 1 :])
    first = before[-1] if before else None
    if before[:-1] not in ([], ["not"]) or not isinstance(first, Part):
        raise Refused
    if not after or any(sign in after for sign in ("except", "not", ";")):
        raise Refused
    items, joins = items_of([replace(sign, negated=False) if isinstance(sign, Part) else sign for sign in after])
    if {"and", "or"} <= joins or any(item.timed and not first.timed for item in items):
        raise Refused  # "cancer, except skin cancer, within 5 years"
    if joins == {","} or (len(items) == 2 and "," in joins):
        raise Refused  # "cancer other than melanoma, or HIV": is HIV excepted?
    if any(item.clause for item in items):
        raise Refused  # "illness other than stroke that would interfere": is it the illness, or the stroke?
    if first.sort != "motherhood" and any(item.sort == "motherhood" for item in items):
        raise Refused  # "cancer except skin cancer, or pregnancy"
    whole, parts = affirmed(first) if before[:-1] else said(first), [item.meaning for item in items]
    if first.sort == "person" and isinstance(whole, Comparison):
        raise Refused  # "18 to 65 years, except in asthma": are those excluded, or included at any age?
    if first.sort != "measure":
        found = Combined("except", (whole, *parts))
    elif side is None:
        raise Refused
    elif side == "inclusion" and not before[:-1]:
        return joined("any-of", [whole, *parts])  # who has Gilbert's syndrome need not fulfil what is demanded of the bilirubin
    else:
        found = Combined("all-of", (whole, Not(joined("any-of", parts))))
    return Not(found) if before[:-1] else found


def _pieces(stream: list[Sign], side: Side | None) -> Meaning:
    """What stands between semicolons, joined."""
    pieces: list[list[Sign]] = [[]]
    for sign in stream:
        if sign == ";":
            pieces.append([])
        else:
            pieces[-1].append(sign)
    joins = {sign for piece in pieces[1:] for sign in piece[:1] if isinstance(sign, str) and sign in JOINS}
    read = [_counted(piece, side) for piece in map(trimmed, pieces) if piece]
    parts = [sign for sign in stream if isinstance(sign, Part)]
    if side == "exclusion" and "not" in stream:
        raise Refused  # "diabetes; no hypertension": the second would exclude nearly everybody
    if joins and all(part.sort == "treatment" for part in parts):
        same_time(Items(parts, joins))  # "chemotherapy; or radiotherapy within 4 weeks"
    return joined(how_joined(Items(parts, joins | {","}), side, len(read)), read)


def _counted(stream: list[Sign], side: Side | None) -> Meaning:
    """The meaning of a list, "at least two of the following" before it read."""
    of = next((place for place, sign in enumerate(stream) if isinstance(sign, str) and sign.startswith("of ")), None)
    if of is None:
        return _listed(stream, side)
    before, after, number = stream[:of], trimmed(stream[of + 1 :]), str(stream[of])[3:]
    negated = before == ["not"]
    if not after or not (negated or all(isinstance(sign, Part) and sign.sort == "person" for sign in before)):
        raise Refused
    items, joins = items_of(after)
    if {"and", "or"} <= joins or (number not in ("all", "1") and int(number) >= len(items)):
        raise Refused
    meanings = [affirmed(item) if negated else said(item) for item in items]
    if number in ("all", "1"):
        whole = joined("all-of" if number == "all" else "any-of", meanings)
    else:
        whole = joined("at-least", meanings, int(number))
    if negated:
        return Not(whole)
    return joined("all-of", [*(said(sign) for sign in before if isinstance(sign, Part)), whole])


def _listed(stream: list[Sign], side: Side | None) -> Meaning:
    """The meaning of parts with joins and negations between them."""
    if demanded := required(stream, side):
        return demanded
    if allergic := allergies(stream, side):
        return allergic
    stream = beside(alike(stream))
    if isinstance(stream[0], Part) and len(stream) > 1 and (isinstance(stream[1], Part) or stream[1] == "not"):
        return _who(stream[0], stream[1:], side)
    if stream[0] in ("not", "neither"):
        return _denied(stream, side)
    if "not" in stream:
        return _without(stream, side)
    found = items_of([sign for sign in stream if sign != "both"])
    if "both" in stream and len(found.items) > 1 and (found.joins != {"and"} or len(found.items) != 2):
        raise Refused
    same_time(found)
    return joined("all-of" if "both" in stream else how_joined(found, side), [said(item) for item in found.items])


def _who(first: Part, rest: list[Sign], side: Side | None) -> Meaning:
    """ "Adults with A or B": who, and what has to hold for them; "A with a value of …", "A without B" too."""
    meaning = said(first)
    named = [sign for sign in rest if isinstance(sign, Part)]
    if only_upper(first) and rest[0] == "not" and side == "inclusion" and any(sign.sort == "other" for sign in named):
        raise Refused  # "bilirubin < 2 mg/dL in the absence of Gilbert's syndrome": unless there is that
    if first.bare:
        raise Refused  # a word of a longer name ("peripheral blood count > 500")
    if first.sort != "person":
        if first.sort == "motherhood" and side == "exclusion" and len(named) == 1 and named[0].sort in ("agreement", "motherhood"):
            # "women of childbearing potential not using contraception"
            return joined("all-of", [meaning, _listed(rest, side)])
        if side == "inclusion" and all(sign.sort == "agreement" and not sign.negated for sign in named):
            # "diabetes, who speak English or Spanish"
            return joined("all-of", [meaning, _listed(rest, side)])
        if rest[0] == "not" or (len(named) == 1 and first.sort == "other" and named[0].sort in ("measure", "person")):
            return joined("all-of", [meaning, _listed(rest, side)])
        raise Refused
    if any(sign.sort == "person" for sign in named):
        raise Refused  # "adults unable to consent, pregnant women, and children"
    if any(isinstance(sign.meaning, Statement) and sign.meaning.value == "assent" for sign in named):
        raise Refused  # asked of those who are children, not of all
    if of_women(first) and all(sign.sort == "motherhood" for sign in named):
        if side == "exclusion" and (rest[0] == "not" or named[0].negated):
            raise Refused  # "women who are not pregnant": no men
        return _listed(rest, side)
    return joined("all-of", [meaning, _listed(rest, side)])


def _denied(stream: list[Sign], side: Side | None) -> Meaning:
    """ "No A, B or C": none of them; "no A and no B": neither."""
    if stream.count("not") > 1:
        return _without(stream, side)
    items, joins = items_of(stream[1:])
    if len(items) > 1 and ("and" in joins or not joins & {"or", "and/or"} or side == "exclusion"):
        raise Refused  # "lack of A or B" among exclusions: B may be what excludes
    if any(item.sort != "motherhood" for item in items):
        same_time(Items(items, joins))
    return Not(joined("any-of", [affirmed(item) for item in items]))


def _without(stream: list[Sign], side: Side | None) -> Meaning:
    """ "A and no B", each "no" for the one item behind it: in inclusions, where "and" joins all."""
    found: list[Sign] = []
    for place, sign in enumerate(stream):
        if sign == "not":
            if place + 1 == len(stream) or not isinstance(stream[place + 1], Part):
                raise Refused
        elif isinstance(sign, Part) and place and stream[place - 1] == "not":
            found.append(replace(sign, meaning=Not(affirmed(sign)), negated=False))
        else:
            found.append(sign)
    items, joins = items_of(found)
    if side != "inclusion" or not joins <= {"and", ","} or (stream[-2] != "not" and len(items) > 1):
        raise Refused
    return joined("all-of", [said(item) for item in items])
