"""A text of criteria laid out: its nodes one below the other, each with its mark, its words and what is understood in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from converter.eligibility.findings import Criterion, Finding, Meaning
from converter.eligibility.shown.wording import how

if TYPE_CHECKING:
    from converter.eligibility.understanding import Understanding

Understood = Literal["whole", "part", "words"]


class Phrase(Struct, frozen=True):
    """Words in which something was found: findings that stand in each other, or begin in each other, are one phrase."""

    words: str
    findings: tuple[Finding, ...]


class Entry(Struct, frozen=True):
    """A node as it is shown: `depth` nodes stand above it.

    `understood` says how much of a criterion is: the "whole", a "part", or nothing, so that its "words" are all there is; None of
    what is no criterion.
    """

    node: Criterion
    depth: int
    mark: str
    pieces: tuple[str | Phrase, ...]
    findings: tuple[Finding, ...]
    meaning: Meaning | None
    understood: Understood | None


def entries(understanding: Understanding, minimum: float) -> Iterator[Entry]:
    """The nodes in the order of the text.  Of what was found, only what is at least so sure (0 to 1)."""
    yield from below(understanding, understanding.tree.nodes, 0, minimum)


def below(understanding: Understanding, nodes: list[Criterion], depth: int, minimum: float) -> Iterator[Entry]:
    """The same of some nodes and of those below them."""
    text = understanding.tree.text
    for node in nodes:
        found = tuple(understanding.sure(node, minimum))
        meaning = understanding.meaning(node, minimum)
        understood: Understood | None = None
        if node.role == "criterion":
            understood = "whole" if meaning is not None else "part" if found else "words"
        pieces = tuple(phrases(text, node.start, node.end, found))
        yield Entry(node, depth, text[node.mark:node.start].strip(), pieces, found, meaning, understood)
        yield from below(understanding, node.children, depth + 1, minimum)


def phrases(text: str, start: int, end: int, findings: tuple[Finding, ...]) -> Iterator[str | Phrase]:
    """The words from `start` to `end`, all of them: phrases, and what stands between them.

    `findings` stand in the order of the text; what reaches beyond the words is cut off.
    """
    at = start
    together: list[Finding] = []
    begin = reach = start
    for one in findings:
        first, last = max(one.start, start), min(one.end, end)
        if first >= last:
            continue
        if together and first >= reach:
            yield Phrase(text[begin:reach], tuple(together))
            at, together = reach, []
        if not together:
            if at < first:
                yield text[at:first]
            begin = reach = first
        together.append(one)
        reach = max(reach, last)
    if together:
        yield Phrase(text[begin:reach], tuple(together))
        at = reach
    if at < end:
        yield text[at:end]


def unsaid(entry: Entry) -> str:
    """What stands for a node that has no words, only others below it that belong together; nothing for one that has words."""
    node = entry.node
    return f"({how(node.how, node.threshold)} these)" if node.how and not entry.pieces else ""


def says_more(entry: Entry) -> bool:
    """Whether the meaning of the node has to be said by itself, since no finding of the same words says it."""
    meaning = entry.meaning
    return meaning is not None and not (isinstance(meaning, Finding) and any(same_words(one, meaning) for one in entry.findings))


def same_words(one: Finding, other: Finding) -> bool:
    return (one.start, one.end) == (other.start, other.end)


class Places:
    """Knows where in a list a finding stands of which a meaning is made.

    Logic may have changed a member of it, such as a negation of which it made a Not; so it is the one of the same words that is most alike.
    """

    def __init__(self, found: Sequence[Finding]):
        self.found = found
        self.of_words: dict[tuple[type, int, int], list[int]] = {}
        for place, one in enumerate(found):
            self.of_words.setdefault((type(one), one.start, one.end), []).append(place)

    def place(self, finding: Finding) -> int | None:
        """The finding's number, from 0; None where it is not in the list."""
        alike = self.of_words.get((type(finding), finding.start, finding.end)) or self.within(finding)
        return min(alike, key=lambda place: len(changed(self.found[place], finding)), default=None)

    def within(self, finding: Finding) -> list[int]:
        """Those in the words of one that logic has made longer ("penicillin" of "allergy to penicillin"), or shorter ("pregnancy" of
        "pregnancy/breastfeeding").
        """
        return [place for place, one in enumerate(self.found) if type(one) is type(finding) and one.rule == finding.rule and (
            finding.start <= one.start <= one.end <= finding.end or one.start <= finding.start <= finding.end <= one.end)]


def changed(before: Finding, after: Finding) -> dict[str, Any]:
    """The members that have another value afterwards, of two findings of one type."""
    return {name: value for name in after.__struct_fields__ if (value := getattr(after, name)) != getattr(before, name)}


def counts(shown: list[Entry]) -> dict[Understood, int]:
    """How many criteria are understood as a whole, in part, and not at all."""
    said = [entry.understood for entry in shown]
    return {"whole": said.count("whole"), "part": said.count("part"), "words": said.count("words")}


def closing(shown: list[Entry]) -> str:
    """The sentence that says so."""
    number = counts(shown)
    total = sum(number.values())
    return (f"{total} criteri{'on' if total == 1 else 'a'}: {number['whole']} understood, {number['part']} in part, "
            f"{number['words']} only as words")
