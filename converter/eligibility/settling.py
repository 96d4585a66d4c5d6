"""Signs that say something beside some parts alone: they are taken out of a sentence where they say nothing, or it is refused."""

from __future__ import annotations

from converter.eligibility.findings import Side, of_anybody
from converter.eligibility.lists import JOINS, Refused, Sign
from converter.eligibility.parts import Part
from converter.eligibility.phrases import kind_of

GRAMMAR = {"defined", "not", "neither", "both", "except", "(", ")", ";", "degree"}
SIDES = {"in": "inclusion", "out": "exclusion"}


def settled(stream: list[Sign], side: Side | None) -> list[Sign]:
    """The stream without the signs that say nothing beside their part."""
    found: list[Sign] = []
    for place, sign in enumerate(stream):
        if isinstance(sign, Part) or sign in JOINS or sign in GRAMMAR or sign.startswith("of "):
            # "No cancer" among exclusions may be what is required.
            if sign == "not" and side == "exclusion" and not any(isinstance(one, Part) for one in found):
                raise Refused
            if sign in ("or", "and/or") and found[-1:] in (["not"], ["except"]):
                raise Refused  # "surgery other than diagnosis or biopsy": the first is no name
            found.append(sign)
            continue
        after = next((one for one in stream[place + 1 :] if isinstance(one, Part)), None)
        before = next((one for one in reversed(found) if isinstance(one, Part)), None)
        near = [one for one in (after, before) if one]
        if sign == "aside":
            # "asthma or within 6 months": what is joined to a time is not named, but for "currently or within …"
            if found and found[-1] in ("and", "or", "and/or"):
                if place > 1 and stream[place - 2] == "now":
                    found.pop()
                else:
                    raise Refused
        elif sign == "head":
            # "patients with A and patients with B" are two kinds of patients, whatever the "and" says.
            # So are "women with A or patients with B".
            if before and after and (found[-1] == "and" or (found[-1] == "or" and _person(found[0]))):
                raise Refused
        elif sign == "without" or (sign == "non" and after and after.sort == "motherhood" and side == "inclusion"):
            found.append("not")
        elif sign in ("non", "vague", "loose") or (sign == "if" and not (after and kind_of(after) == "childbearing")):
            raise Refused
        elif sign in ("if", "now"):
            continue
        elif sign == "must":
            # "Patients with liver metastases must have AST < 5 × ULN": nobody else need, and nobody needs metastases.
            # Among exclusions it says what excludes nobody.
            if side == "exclusion" or (before and after and before.sort != "motherhood" and not of_anybody(before.meaning)):
                raise Refused
        elif sign == "may":
            if before or side != "inclusion":
                raise Refused
        elif sign in SIDES:
            if side != SIDES[sign]:
                raise Refused
        elif sign == "taking":
            if before and isinstance(found[-1], str) and found[-1] in JOINS and (
                    not after or (before.sort == "other" and stream[place - 2] == "taking")):
                raise Refused  # "neuroleptics or drug use", "asthma who are receiving or have received steroids"
            if near and not any(one.sort in ("treatment", "agreement") for one in near):
                raise Refused
        elif sign == "measure":
            if near and not any(one.sort in ("measure", "person") for one in near):
                raise Refused
        elif sign in ("past", "active"):
            # "Active:" limits what is below it.
            if not near[0].dated if near else sign == "active":
                raise Refused
        elif sign == "study":
            if not (before and before.sort in ("agreement", "motherhood")):
                raise Refused
        elif sign == ":" and found and isinstance(found[-1], str) and found[-1].startswith("of "):
            continue
        elif sign == ":" and before and kind_of(before) == "childbearing":
            found.append(",")
        elif before and after:
            raise Refused
    return found


def _person(sign: Sign) -> bool:
    return isinstance(sign, Part) and sign.sort == "person"
