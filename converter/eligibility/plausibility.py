"""What criteria cannot mean: where it is what their words were read as, they were misread."""

from __future__ import annotations

from converter.eligibility.findings import Combined, Meaning, Mention, Not, Side, Statement, Timed

ONE = ("sex", "life-stage")
"""Of each of these a person has one value."""
UTTERED = ("consent", "language")
"""A negation before one of these may be meant for the next as well: "does not speak English or Spanish"."""


def implausible(meaning: Meaning, side: Side | None) -> bool:
    """Whether nobody can be all that is demanded, one sex is excluded among other things, or a negation may reach further."""
    if isinstance(meaning, Not | Timed):
        return implausible(meaning.part, side)
    if not isinstance(meaning, Combined):
        return False
    stated = [part for part in meaning.parts if isinstance(part, Statement)]
    if meaning.how == "all-of":
        if any(len({one.value for one in stated if one.kind == kind}) > 1 for kind in ONE):
            return True  # "children, adolescents", "men and postmenopausal women"
        if any(one.kind == "healthy" for one in stated) and any(isinstance(part, Mention) for part in meaning.parts):
            return True  # "patients with migraine and healthy volunteers"
    elif meaning.how == "any-of":
        if side == "exclusion" and 0 < sum(one.kind == "sex" for one in stated) < len(meaning.parts):
            return True
        denied = [part.part.kind for part in meaning.parts if isinstance(part, Not) and isinstance(part.part, Statement)]
        uttered = [kind for kind in (*denied, *(one.kind for one in stated)) if kind in UTTERED]
        if len(uttered) > 1 and not set(UTTERED).isdisjoint(denied):
            return True
    return any(implausible(part, side) for part in meaning.parts)
