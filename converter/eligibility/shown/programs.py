"""What was understood of criteria, as a tree for programs.  docs/criteria.md says what each member means."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from converter.eligibility.findings import Combined, Criterion, Finding, Meaning, Not, Timed
from converter.eligibility.shown.codes import codes
from converter.eligibility.shown.layout import Places, changed

if TYPE_CHECKING:
    from converter.eligibility.understanding import Understanding

FIRST = ("start", "end", "rule", "confidence")
"""The members that every finding has; those of its own type follow them."""


def tree(understanding: Understanding, minimum: float) -> dict[str, Any]:
    """The criteria as a tree, and beside it the findings that are at least so sure (0 to 1), to which it refers by number from 0."""
    found = [one for one in understanding.findings if one.confidence >= minimum]
    places = Places(found)

    def refer(finding: Finding) -> dict[str, Any]:
        """The finding by its number; and the members that logic has changed, such as a negation of which it made a Not."""
        place = places.place(finding)
        assert place is not None, finding
        return {"finding": place, **changed(found[place], finding)}

    return {
        "criteria": [row(understanding, node, minimum, refer) for node in understanding.tree.nodes],
        "findings": [finding_row(understanding, one) for one in found],
    }


Refer = Callable[[Finding], dict[str, Any]]


def row(understanding: Understanding, node: Criterion, minimum: float, refer: Refer) -> dict[str, Any]:
    """A node with what stands below it."""
    text = understanding.tree.text
    meaning = understanding.meaning(node, minimum)
    return {
        "role": node.role, "side": node.side, "group": node.group, "how": node.how, "threshold": node.threshold,
        "mark": node.mark, "start": node.start, "end": node.end, "words": text[node.start:node.end],
        "findings": [refer(one)["finding"] for one in understanding.sure(node, minimum)],
        "meaning": None if meaning is None else meaning_row(meaning, refer),
        "children": [row(understanding, child, minimum, refer) for child in node.children],
    }


def meaning_row(meaning: Meaning, refer: Refer) -> dict[str, Any]:
    """A meaning: {"finding": 3}, {"not": …}, {"timed": …, "window": 4}, or {"how": …, "threshold": …, "parts": […]}."""
    match meaning:
        case Not():
            return {"not": meaning_row(meaning.part, refer)}
        case Timed():
            return {"timed": meaning_row(meaning.part, refer), "window": refer(meaning.window)["finding"]}
        case Combined():
            return {"how": meaning.how, "threshold": meaning.threshold, "parts": [meaning_row(part, refer) for part in meaning.parts]}
    return refer(meaning)


def finding_row(understanding: Understanding, finding: Finding) -> dict[str, Any]:
    """A finding: what all have, then what those of its type have."""
    members = asdict(finding)
    common = {name: members.pop(name) for name in FIRST}
    members.pop("codes", None)
    return {
        "type": type(finding).__name__.lower(), **common, "words": understanding.tree.text[finding.start:finding.end],
        "side": understanding.side(finding), "codes": codes(finding), **members,
    }
