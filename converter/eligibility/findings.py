"""What is understood in the text of criteria.  Every finding says where it stands, by which rule it was found, and how sure that is.

Spans count characters of the text.  A finding is as stated: an exclusion "age < 18" has the upper bound 18.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from msgspec import Struct

CERTAIN = 0.9
"""The least confidence of what is coded unless another is asked for: of all that is at least so sure, more than 95 % is right."""
Side = Literal["inclusion", "exclusion"]
Span = tuple[int, int]


class Coding(Struct, frozen=True):
    """A code of a code system, with its display."""

    system: str
    code: str
    display: str


class Bound(Struct, frozen=True):
    """One end of what is allowed."""

    value: Decimal
    included: bool


class Finding(Struct, frozen=True, kw_only=True):
    """A span of the text that was understood.  `confidence` is the share of the rule's answers that are right (0 to 1)."""

    start: int
    end: int
    rule: str
    confidence: float = 0.0


class Comparison(Finding, frozen=True, kw_only=True):
    """A measured value within bounds.

    `variable` is a key of data/variables.tsv, None for what is not listed; `subject` the span of its words.  `unit` is UCUM.
    With `limit` ("ULN", "LLN") the bounds are multiples of that limit of normal, and there is no unit.  `sex` limits it to one.
    """

    variable: str | None
    subject: Span
    lower: Bound | None = None
    upper: Bound | None = None
    unit: str | None = None
    limit: Literal["ULN", "LLN"] | None = None
    sex: Literal["female", "male"] | None = None


class Grades(Finding, frozen=True, kw_only=True):
    """One of several grades of an ordinal scale that is not a number: Child-Pugh A or B."""

    variable: str | None
    subject: Span
    values: tuple[str, ...]


class Window(Finding, frozen=True, kw_only=True):
    """A length of time that limits something.

    `value` in `unit` (UCUM: a, mo, wk, d, h, min); `direction` says on which side of the anchor it lies: "before" (within 4 weeks
    prior to), "after", "around" (within 30 days of), "lasting" (stable for at least 3 months), "since" (more than 5 years ago).
    `least` is true where the time is at least the value ("for at least 3 months", "more than 5 years ago"), false where at most.
    `anchor` is the span of the event's words, `target` the span of what is limited; either may be unknown.
    """

    value: Decimal
    unit: str
    direction: Literal["before", "after", "around", "lasting", "since"]
    least: bool
    anchor: Span | None = None
    target: Span | None = None


class Mention(Finding, frozen=True, kw_only=True):
    """Something clinical that is named: the span is its name.

    `negated` is true in "no history of" and "unable to", `excepted` in "other than" and "except".  `status` is what the words say of time.
    """

    kind: Literal["condition", "medication", "procedure", "allergy", "pregnancy"]
    codes: tuple[Coding, ...] = ()
    negated: bool = False
    excepted: bool = False
    status: Literal["history", "current", "prior", "concomitant"] | None = None


class Statement(Finding, frozen=True, kw_only=True):
    """A usual requirement: sex, lactation, contraception, informed consent, language.  `value` is its answer where it has one.

    sex: female, male, any; life-stage: newborn, infant, child, adolescent, adult, older-adult, premenopausal, postmenopausal;
    language: its BCP 47 code; consent: assent (a child's) or None; pregnancy-test: negative, positive; the others have none.
    """

    kind: Literal["sex", "life-stage", "lactation", "childbearing", "contraception", "pregnancy-test", "consent", "language", "healthy"]
    value: str | None = None
    negated: bool = False


class Combined(Struct, frozen=True):
    """Several meanings as one.

    "all-of", "any-of"; "at-least" `threshold` of them; "except": something that is the first, and none of the others.
    """

    how: Literal["all-of", "any-of", "at-least", "except"]
    parts: tuple[Meaning, ...]
    threshold: int | None = None


class Not(Struct, frozen=True):
    """The opposite of what is meant."""

    part: Meaning


class Timed(Struct, frozen=True):
    """What is meant, limited to a time."""

    part: Meaning
    window: Window


Meaning = Comparison | Grades | Mention | Statement | Combined | Not | Timed


def of_anybody(meaning: Meaning | Finding) -> bool:
    """Whether it limits nobody: "men and women"."""
    return isinstance(meaning, Statement) and meaning.value == "any"


def leaves(meaning: Meaning) -> Iterator[Finding]:
    """The findings that a meaning is made of."""
    match meaning:
        case Combined():
            for part in meaning.parts:
                yield from leaves(part)
        case Not():
            yield from leaves(meaning.part)
        case Timed():
            yield from leaves(meaning.part)
            yield meaning.window
        case _:
            yield meaning


class Criterion(Struct):
    """A node of the tree of criteria.

    The node's own words are text[start:end], without its mark ("1.", "*") and without its children's words; the mark begins at
    `mark` (== start where there is none).  `role`: a "section" heading, a "heading" that says something of the ones below
    (a cohort, "at least one of the following"), or a "criterion".  `how` and `threshold` say how the children combine, None where
    that is not said.  `group` is the part or cohort that the nodes below such a heading are for.
    """

    mark: int
    start: int
    end: int
    role: Literal["section", "heading", "criterion"]
    side: Side | None = None
    group: str | None = None
    how: Literal["all-of", "any-of", "at-least"] | None = None
    threshold: int | None = None
    children: list[Criterion] = []
