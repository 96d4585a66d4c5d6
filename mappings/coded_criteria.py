"""The criteria's text -> characteristics of its Group, one for each criterion, in its own place with its exact words.

A criterion that is wholly understood is coded; one that is not keeps its words as its value, and what was found in it stands
beside them, as the code of a name does of which more is said than the vocabulary has.
https://hl7.org/fhir/R5/group-definitions.html#Group.characteristic
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from converter.eligibility import headings
from converter.eligibility.findings import Combined, Criterion, Finding, Meaning, Mention, Not, Timed, leaves, of_anybody
from converter.eligibility.logic import apart
from converter.eligibility.reading import NOTHING
from converter.eligibility.understanding import Understanding, understand
from mappings.characteristics import Characteristics, extended
from mappings.criteria import CODED, WORDS, Coded, minimum_of

WHAT = {"inclusion": "Inclusion criterion", "exclusion": "Exclusion criterion", None: "Eligibility criterion"}
COHORT = {"text": "Cohort"}
EVERYBODY = re.compile(r"all (?:\w+ )?(?:participants|patients|subjects|groups|parts|cohorts|arms|sub-?studies)", re.IGNORECASE)


def coded(understanding: Understanding, minimum: Decimal, dialect: str) -> Coded:
    """The criteria as characteristics, coded where what is found is at least so sure."""
    made = Writer(understanding, float(minimum), dialect)
    return Coded({"url": CODED, "valueDecimal": minimum}, made.contained, made.contents(understanding.tree.nodes))


def again(found: Coded, text: str, dialect: str) -> Coded | None:
    """What stands in a Group as sure as that one, by the text; None where it does not say how sure."""
    minimum = minimum_of(found.extension)
    return None if minimum is None else coded(understand(text), minimum, dialect)


class Writer(Characteristics):
    """The characteristics of the nodes of a text."""

    def __init__(self, understanding: Understanding, minimum: float, dialect: str):
        super().__init__(understanding.tree.text, dialect)
        self.understanding = understanding
        self.minimum = minimum

    def contents(self, nodes: list[Criterion], cohort: str | None = None) -> list[dict[str, Any]]:
        """The characteristics of the nodes, each demanded by itself; what sections hold stands in their place.

        `cohort` is the part or cohort of the trial that they are said to be for already.  A bullet with nothing in it is no criterion.
        """
        made: list[dict[str, Any]] = []
        for node in nodes:
            if node.role == "section":
                made += self.contents(node.children, cohort)
            elif (words := self.text[node.start:last(node)]).strip():
                made.append(self.criterion(node, words, cohort))
        return made

    def criterion(self, node: Criterion, words: str, cohort: str | None) -> dict[str, Any]:
        """The characteristic of one criterion and what is below it, with their exact words."""
        group = node.group if node.group and node.group != cohort and not EVERYBODY.fullmatch(node.group) else None
        code = {"text": f"{WHAT[node.side]}: {group}" if group else WHAT[node.side]}
        made = self.understood(node)
        if made is None:
            made = {"code": code, "valueCodeableConcept": {"text": words}, "exclude": node.side == "exclusion",
                    "extension": [self.part(found) for found in self.parts(node)]}
        elif group:
            made = {**self.of_cohort(group, made, node.side == "exclusion"), "code": code}
        return {"extension": [{"url": WORDS, "valueString": words}, *made.pop("extension", ())], **made}

    def understood(self, node: Criterion) -> dict[str, Any] | None:
        """The characteristic of what the criterion means with those below it; None where that is not certain."""
        if node.side is None or any(child.side != node.side for child in node.children):
            return None
        excludes = node.side == "exclusion"
        meaning = self.understanding.meaning(node, self.minimum)
        if meaning is not None and is_said(meaning):
            made = self.of(meaning)
            for found in self.within(node, meaning):
                made = extended(made, self.part(found))
            return turned(made, excludes)
        if meaning is None and self.only_joins(node) and (excludes or node.how or not self.may_be_either(node)) and (
                entries := self.contents(node.children, node.group)):
            how = node.how or ("any-of" if excludes else "all-of")  # each exclusion excludes
            return turned(self.combined(how, node.threshold, [turned(entry, excludes) for entry in entries]), excludes)
        return None

    def within(self, node: Criterion, meaning: Meaning) -> Iterator[Finding]:
        """The names with codes among the words of names that have none: "asthma" of "severe asthma"."""
        if longer := [one for one in leaves(meaning) if isinstance(one, Mention) and not one.codes]:
            for found in self.parts(node):
                if isinstance(found, Mention) and found.codes and any(one.start <= found.start and found.end <= one.end for one in longer):
                    yield found

    def of_cohort(self, name: str, made: dict[str, Any], excludes: bool) -> dict[str, Any]:
        """What is demanded of a cohort alone, so of nobody else: being of it and excluded, or not being of it or included."""
        member = {"code": COHORT, "valueCodeableConcept": {"text": name}, "exclude": not excludes}
        return turned(self.combined("all-of" if excludes else "any-of", None, [member, turned(made, excludes)]), excludes)

    def only_joins(self, node: Criterion) -> bool:
        """Do the node's own words demand nothing, but say how those below it combine, or for whom they are?"""
        if not node.children:
            return False
        if node.role == "heading" and node.group is not None:
            closed = self.understanding.tree.closed
            return headings.group(closed.text, closed.plain, *closed.within((node.start, node.end))) == node.group
        own = self.understanding.own_meaning(node, self.minimum)
        return apart(self.understanding.tree.closed, node, own) or (node.how is not None and own == NOTHING)

    def may_be_either(self, node: Criterion) -> bool:
        """Whether several of those below are diseases: "Persons with:" one of them, it may be, where nothing says that all are demanded."""
        below = [self.understanding.meaning(child, self.minimum) for child in node.children]
        return sum(isinstance(one, Mention) and one.kind == "condition" for one in below) > 1

    def parts(self, node: Criterion) -> list[Finding]:
        """What was found, sure enough, in the node and below it."""
        found = self.understanding.sure(node, self.minimum)
        return [*found, *(one for child in node.children for one in self.parts(child))] if node.children else found


def turned(characteristic: dict[str, Any], opposite: bool) -> dict[str, Any]:
    """The characteristic, or its opposite."""
    return {**characteristic, "exclude": characteristic["exclude"] != opposite}


def is_said(meaning: Meaning) -> bool:
    """Can characteristics say it?

    There is no value for any sex.  Of something denied for a time ("no steroids for at least 4 weeks") none says what lasts.
    """
    if isinstance(meaning, Combined):
        return all(map(is_said, meaning.parts))
    if isinstance(meaning, Not):
        lasts = isinstance(meaning.part, Timed) and meaning.part.window.direction == "lasting"
        return not lasts and is_said(meaning.part)
    if isinstance(meaning, Timed):
        return is_said(meaning.part)
    return not of_anybody(meaning)


def last(node: Criterion) -> int:
    """Where the words of the node and of those below it end."""
    end = node.end
    while node.children:
        node = node.children[-1]
        end = max(end, node.end)
    return end
