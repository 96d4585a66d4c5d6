"""Criteria that were invented, and what an invented understanding has found in them: every sort of finding, and every trap for who shows it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from converter.eligibility.closing import Closed
from converter.eligibility.findings import (
    Bound,
    Coding,
    Combined,
    Comparison,
    Criterion,
    Finding,
    Grades,
    Meaning,
    Mention,
    Side,
    Span,
    Statement,
    Timed,
    Window,
    leaves,
)
from converter.eligibility.plain import plain
from converter.eligibility.tree import Tree

TEXT = """Inclusion Criteria:

* Age ≥ 18 and < 80 years
* ALT or AST > 2.5 × ULN
* PLT < 80 × 10⁹/L; Child-Pugh A or B
* Active hypertension, with surgery within 4 weeks
  before screening

Exclusion Criteria:

1. Pregnant women, allergy to penicillin
2. At least two of the following:
   * stroke in the last 6 months
   * <b onclick="alert(1)">sepsis</b> & \x1b[31mred \u202eder
"""
MESH, ICD = "https://www.nlm.nih.gov/mesh", "http://hl7.org/fhir/sid/icd-10-cm"
STROKE = (Coding(MESH, "D020521", "Stroke"), Coding(ICD, "I63", 'Cerebral <infarction> & "more"'))


def span(words: str) -> Span:
    """Where the words stand."""
    start = TEXT.index(words)
    return start, start + len(words)


def found(type_: Any, words: str, rule: str, confidence: float, **members: Any) -> Any:
    """A finding of that type in those words."""
    start, end = span(words)
    return type_(start=start, end=end, rule=rule, confidence=confidence, **members)


LIVER = {"lower": Bound(Decimal("2.5"), False), "limit": "ULN"}
FINDINGS: list[Any] = [
    found(Comparison, "Age ≥ 18 and < 80 years", "age.range", 0.985, variable="age", subject=span("Age"), lower=Bound(Decimal(18), True),
          upper=Bound(Decimal(80), False), unit="a"),
    found(Comparison, "ALT or AST > 2.5 × ULN", "lab.before", 0.96, variable="alt", subject=span("ALT"), **LIVER),
    found(Comparison, "ALT or AST > 2.5 × ULN", "lab.before", 0.96, variable="ast", subject=span("AST"), **LIVER),
    found(Comparison, "PLT < 80 × 10⁹/L", "lab.before", 0.96, variable="platelets", subject=span("PLT"), upper=Bound(Decimal(80), False), unit="10*9/L"),
    found(Grades, "Child-Pugh A or B", "score.set", 0.951, variable=None, subject=span("Child-Pugh"), values=("A", "B")),
    found(Mention, "hypertension", "dictionary.condition", 0.97, kind="condition", codes=(Coding(MESH, "D006973", "Hypertension"),)),
    found(Mention, "surgery", "tagger.procedure", 0.955, kind="procedure"),
    found(Window, "within 4 weeks\n  before screening", "window.before", 0.96, value=Decimal(4), unit="wk", direction="before", least=False,
          anchor=span("screening"), target=span("surgery")),
    found(Mention, "Pregnant", "tagger.pregnancy", 0.99, kind="pregnancy", status="current"),
    found(Statement, "women", "statement.sex", 0.97, kind="sex", value="female"),
    found(Mention, "penicillin", "tagger.allergy", 0.951, kind="allergy", negated=True),
    found(Mention, "stroke", "dictionary.condition", 0.97, kind="condition", codes=STROKE),
    found(Window, "in the last 6 months", "window.last", 0.98, value=Decimal(6), unit="mo", direction="before", least=False, target=span("stroke")),
    found(Mention, "sepsis", "tagger.condition", 0.6, kind="condition"),
]
AGE, ALT, AST, PLATELETS, _, _, _, _, PREGNANT, WOMEN, _, STROKEN, LAST, _ = FINDINGS
MEANINGS: dict[str, Meaning] = {
    "Age": AGE, "ALT": Combined("any-of", (ALT, AST)), "stroke": Timed(STROKEN, LAST),
    "PLT": PLATELETS, "At least": Combined("at-least", (Timed(STROKEN, LAST), PREGNANT, WOMEN), 2),
}
"""What criteria mean that begin with those words."""


def node(words: str, mark: str = "", **members: Any) -> Criterion:
    """The node of those words after that mark."""
    start, end = span(mark + words)
    return Criterion(mark=start, start=start + len(mark), end=end, **members)


def criterion(words: str, mark: str, side: Side) -> Criterion:
    return node(words, mark, role="criterion", side=side)


NODES = [
    node("Inclusion Criteria:", role="section", side="inclusion", children=[
        criterion("Age ≥ 18 and < 80 years", "* ", "inclusion"),
        criterion("ALT or AST > 2.5 × ULN", "* ", "inclusion"),
        criterion("PLT < 80 × 10⁹/L; Child-Pugh A or B", "* ", "inclusion"),
        criterion("Active hypertension, with surgery within 4 weeks\n  before screening", "* ", "inclusion"),
    ]),
    node("Exclusion Criteria:", role="section", side="exclusion", children=[
        criterion("Pregnant women, allergy to penicillin", "1. ", "exclusion"),
        node("At least two of the following:", "2. ", role="heading", side="exclusion", how="at-least", threshold=2, children=[
            criterion("stroke in the last 6 months", "* ", "exclusion"),
            criterion('<b onclick="alert(1)">sepsis</b> & \x1b[31mred \u202eder', "* ", "exclusion"),
        ]),
    ]),
]


class Invented:
    """Stands for an Understanding of TEXT, whatever text it is asked to understand."""

    def __init__(self, text: str = TEXT):
        self.tree = Tree(TEXT, plain(TEXT), NODES, Closed(TEXT, plain(TEXT), [], []))
        self.findings = FINDINGS

    def sure(self, node: Criterion, minimum: float) -> list[Finding]:
        return [one for one in FINDINGS if node.start <= one.start < node.end and one.confidence >= minimum]

    def side(self, finding: Finding) -> Side:
        return "inclusion" if finding.start < NODES[1].start else "exclusion"

    def meaning(self, node: Criterion, minimum: float = 0.0) -> Meaning | None:
        meaning = next((meaning for words, meaning in MEANINGS.items() if TEXT.startswith(words, node.start)), None)
        return meaning if meaning is not None and all(one.confidence >= minimum for one in leaves(meaning)) else None
