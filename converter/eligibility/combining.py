"""What a heading says of how the criteria below it combine: all, any, at least two of them."""

from __future__ import annotations

import re
from typing import Literal

from converter.eligibility import headings
from converter.eligibility.findings import Criterion, Side
from converter.eligibility.numbers import FEW

How = Literal["all-of", "any-of", "at-least"]

NUMBER = rf"(?:{'|'.join(FEW)}|\d{{1,2}})"
NEAR = r"(?=:| *$| (?:[\w-]+ ){0,3}(?:following|below|these|criteria|conditions)\b)"
HOW = re.compile(
    # "none of the following" is none of the three.
    r"(?:\b|(?=[≥>]))(?:(?P<none>none|neither|not (?:meet |have |fulfil |satisfy )?(?:any|all|one))\b"
    rf"|(?P<any>either(?: one)?(?: of)?(?=:| *$| of| the)|any\b(?: one| 1)?(?: or more| or all)?(?: of)?{NEAR}"
    r"|(?P<one>one|1) (?:of|or more|or both|or several)\b)"
    rf"|(?P<least>at least|minimum of|not less than|[≥>]=?|> ?=) ?(?P<n>{NUMBER})\b"
    r"(?! *(?:years?|months?|weeks?|days?|hours?|mg|g|kg|%|ml|mm)\b)"
    rf"|(?P<more>{NUMBER}) or more\b"
    rf"|(?P<of>{NUMBER})(?: ?\(\d\))?(?: out)? of\b(?: (?:the )?{NUMBER} of\b)?"
    rf"|(?P<all>all|each|both)\b(?: (?:\d|two|three|four|five|six))?(?: of)?{NEAR})")
OF_WHAT = re.compile(
    r"(?: ?\(\d\))?(?: or more)?:?(?: [\w/()-]+){0,4}? (?:following|below|these|criteria|conditions|of|either|factors|signs|symptoms)\b")

NUMBERED = re.compile(r"\b(?:day|cycle|visit|week|month|part|phase|grade|type|study|stage|group|step|table|arm|cohort|version) $")
"""What a number may be the name of: "before day 1 of the treatment"."""
MORE = re.compile(r"(?<!\bno )(?<!\bnot )\b(?:more|greater) than $")
OTHERWISE = re.compile(
    r"(?<!\bno less )(?<!\bno fewer )\bthan $"
    rf"|(?:\b(?:up to|most|exactly|only|just|maximum(?: of)?|max|all but|{NUMBER} (?:or|to|and))|[<≤=]) ?$")
"""Before a number that is not the least: "no more than two of", "up to two of", "one or two of"."""

# What may be said of everybody: words of nothing but these, and of how many, have no meaning of their own.
EMPTY = re.compile(
    r"(?:\b(?:patients?|subjects?|participants?|individuals?|persons?|volunteers?|candidates?|women|men|children|infants|must|should|will|"
    r"shall|may|can|be|is|are|was|were|been|have|has|had|having|meet|meets|met|meeting|fulfil\w*|satisf\w+|qualif\w+|who|that|which|with|"
    r"the|a|an|in|to|for|of|this|study|trial|research|eligible|eligibility|ineligible|included?|inclusion|excluded?|exclusion|enrol\w+|"
    r"participat\w+|enter\w*|from|if|they|he|she|any|all|at|least|one|two|three|four|five|six|seven|eight|nine|ten|\d+|or|and|more|both|"
    r"each|either|only|following|follows|as|below|criteria|criterion|conditions?|characteristics?|requirements?|apply|applies|these|when|"
    r"order|history|presence|evidence|current|previous|prior|known|out|also|then|there|exist|by|do|does|would|according|defined|other|"
    r"additional|items|situations?|circumstances)\b|\W)*")


def combination(plain: str, start: int, end: int) -> tuple[How | None, int | None]:
    """How the words say that what stands below them combines, and of "at-least" how many.

    Of several such words the last counts.  (None, None) where they say nothing, or something else, and None with a number
    where they say of how many, and not that these are the least.
    """
    last: re.Match[str] | None = None
    for found in HOW.finditer(plain, max(start, end - 200), end):
        if found["one"] == "1" and NUMBERED.search(plain, start, found.start()):
            continue
        if not (found["n"] or found["more"] or found["of"]) or OF_WHAT.match(plain, found.end() - 3 if found["of"] else found.end(), end):
            last = found
    if last is None or last["none"]:
        return None, None
    if last["all"]:
        return "all-of", None
    word = last["n"] or last["more"] or last["of"] or last["one"]
    if word is None:
        return "any-of", None
    number = FEW.get(word) or int(word)
    before = plain[max(start, last.start() - 20):last.start()]
    if last["least"] == ">" or MORE.search(before):
        number += 1
    elif not number or OTHERWISE.search(before):
        return None, number
    return ("any-of", None) if number == 1 else ("at-least", number)


def says_nothing_else(plain: str, start: int, end: int) -> bool:
    """Whether the words are of how the criteria below combine, and of nothing else."""
    return end - start < 300 and EMPTY.fullmatch(plain[start:end]) is not None


def settle(text: str, plain: str, parents: list[Criterion]) -> None:
    """Every node that has children says how they combine, and is a heading, where its words say that."""
    for node in parents:
        if node.role == "section" or not node.children:
            continue
        start, end = node.start, node.end
        node.how, number = combination(plain, start, end)
        if node.how == "at-least" and number and number < len(node.children):
            node.threshold = number
        elif node.how == "at-least":
            node.how = "all-of" if number == len(node.children) else None
        if node.how or node.role == "criterion":
            only = says_nothing_else(plain, start, end)
            node.role = "heading" if only or (node.role == "heading" and not node.how) else "criterion"
        if node.role == "criterion" and plain[end - 1] == ":" and (name := headings.group(text, plain, start, end)):
            node.role = "heading"
            spread(node, group=name)
        if node.side == "inclusion" and headings.excludes(plain, start, end):
            spread(node, side="exclusion")


def spread(node: Criterion, group: str | None = None, side: Side | None = None) -> None:
    """The node and all below it are of the group, or of the side."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        one.group, one.side = group or one.group, side or one.side
        waiting.extend(one.children)
