"""What a finding says, in a few words for a person: "ALT ≤ 2.5 × ULN", "surgery: at most 4 weeks before screening"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from converter.eligibility.findings import (
    Bound,
    Coding,
    Combined,
    Comparison,
    Finding,
    Grades,
    Meaning,
    Mention,
    Not,
    Span,
    Statement,
    Timed,
    Window,
)
from converter.eligibility.shown.codes import codes
from converter.eligibility.variables import table

TIMES = {"a": "year", "mo": "month", "wk": "week", "d": "day", "h": "hour", "min": "minute"}
"""UCUM's units of time, as people call them."""
POWER = re.compile(r"10\*(-?\d+)")
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
ANNOTATION = re.compile(r"\{([^{}]*)\}")
COUNTED = {"1", "{score}", "{class}", "{INR}", "{stage}", "{grade}", "{points}"}
"""Units that say no more than that something is counted or graded."""
SYSTEMS = {
    "http://loinc.org": "LOINC", "http://snomed.info/sct": "SNOMED CT", "https://www.nlm.nih.gov/mesh": "MeSH",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM", "http://fdasis.nlm.nih.gov": "UNII",
    "http://unitsofmeasure.org": "UCUM",
}
SIDES = {"before": ("before", "earlier"), "after": ("after", "later"), "around": ("before or after",) * 2, "lasting": ("until", ""),
         "since": ("before", "ago")}
"""On which side of the anchor a time lies, and how that is said where no anchor is named."""
HOW = {"all-of": "all of", "any-of": "any of", "except": "except"}
# Line ends and what a terminal or a browser takes for a command: controls, and signs that turn the direction of the text around.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~]|$)")
BLANKS = re.compile(r"\s+")


def harmless(text: str) -> str:
    """The text with � for each character that is a command to whatever shows it, so that no record can give one."""
    return UNPRINTABLE.sub("�", text)


def readable(text: str) -> str:
    """The text without the backslashes by which ClinicalTrials.gov escapes signs of Markdown: its own pages do not show them either."""
    return ESCAPE.sub(r"\1", text) if "\\" in text else text


def one_line(text: str) -> str:
    """The text on one line, harmless."""
    return harmless(BLANKS.sub(" ", text).strip())


def kind(finding: Finding) -> str:
    """The word for what sort of thing was found: measure, time, condition, medication, procedure, allergy, pregnancy, statement."""
    match finding:
        case Window():
            return "time"
        case Mention():
            return finding.kind
        case Statement():
            return "statement"
    return "measure"


def fact(finding: Finding, text: str) -> str:
    """What the finding says, on one line."""
    match finding:
        case Comparison():
            whose = f" ({finding.sex})" if finding.sex else ""
            return f"{name(finding, text)} {' and '.join(bounds(finding))}{whose}"
        case Grades():
            return f"{name(finding, text)}: {' or '.join(map(one_line, finding.values))}"
        case Window():
            target = words(text, finding.target)
            return f"{target}{': ' if target else ''}{during(finding, text)}"
        case Mention():
            status = f", {finding.status}" if finding.status else ""
            denied = "not " if finding.negated else "except " if finding.excepted else ""
            return f"{finding.kind}{status}: {denied}{words(text, (finding.start, finding.end))}"
        case Statement():
            value = f" {one_line(finding.value)}" if finding.value else ""
            return f"{finding.kind}:{' not' if finding.negated else ''}{value or ' ' + words(text, (finding.start, finding.end))}"
    return words(text, (finding.start, finding.end))


def name(finding: Comparison | Grades, text: str) -> str:
    """What the text calls the variable, where that is one of its names ("18 to 80 years old" is none of age); else its own."""
    said = words(text, finding.subject)
    if finding.variable is None:
        return said
    known, synonyms = table()[finding.variable]
    return said if said.lower() in synonyms else known.display.partition("[")[0].strip() or finding.variable.replace("_", " ")


def words(text: str, span: Span | None) -> str:
    """The words of a span on one line; none of no span."""
    return one_line(readable(text[span[0]:span[1]])) if span else ""


def bounds(comparison: Comparison) -> Iterator[str]:
    """What is allowed: "≥ 18 and", "≤ 80 years"; one value where both ends are that value."""
    lower, upper = comparison.lower, comparison.upper
    both = [("=", lower)] if lower and lower == upper and lower.included else [
        (sign(bound, signs), bound) for bound, signs in ((lower, "≥>"), (upper, "≤<")) if bound]
    for n, (operator, bound) in enumerate(both, 1):
        assert bound is not None
        of = f" × {comparison.limit}" if comparison.limit else ""
        yield f"{operator} {number(bound.value)}{of}{unit(comparison.unit, bound.value) if n == len(both) else ''}"


def sign(bound: Bound, signs: str) -> str:
    """The sign of a bound; `signs` are that of an included one, and of another."""
    return signs[0] if bound.included else signs[1]


def number(value: Decimal) -> str:
    """The number with its digits, never with an exponent."""
    return format(value, "f")


def unit(code: str | None, value: Decimal) -> str:
    """A UCUM unit as people write it, after a space; nothing where it only says that something is counted."""
    if not code or code in COUNTED:
        return ""
    if code in TIMES:
        return f" {TIMES[code]}{'' if value == 1 else 's'}"
    named = ANNOTATION.sub(lambda found: found[1].replace("_", " "), code)
    powers = POWER.sub(lambda found: f"10{found[1].translate(RAISED)}", named)
    return f"{' ×' if powers.startswith('10') and powers != named else ' '}{one_line(powers)}"


def during(window: Window, text: str) -> str:
    """What a window says but for what it limits: how long, on which side of what."""
    anchor = words(text, window.anchor)
    length = f"at {'least' if window.least else 'most'} {number(window.value)}{unit(window.unit, window.value)}"
    if window.direction == "lasting":
        length = f"for {length}"
    side = SIDES[window.direction][0 if anchor else 1]
    return " ".join(filter(None, (length, side, anchor)))


def labels(finding: Finding) -> list[str]:
    """The codes for what was found, each after the short name of its system: "LOINC 1742-6"."""
    return [label(one) for one in codes(finding)]


def label(coding: Coding) -> str:
    """A code after the short name of its system, or its whole name where that is not known."""
    return one_line(f"{SYSTEMS.get(coding.system, coding.system)} {coding.code}")


def percent(confidence: float) -> str:
    """How sure it is, rounded down: what is not certain is not said to be."""
    return f"{int(confidence * 100 + 1e-9)}%"


def expression(meaning: Meaning, text: str) -> str:
    """A meaning on one line: "any of (ALT > 2 × ULN; AST > 2 × ULN)"."""
    match meaning:
        case Not():
            return f"not ({expression(meaning.part, text)})"
        case Timed():
            return f"{expression(meaning.part, text)}, {during(meaning.window, text)}"
        case Combined(how="except"):
            first, *others = (expression(part, text) for part in meaning.parts)
            return f"{first}, except ({'; '.join(others)})"
        case Combined():
            return f"{how(meaning.how, meaning.threshold)} ({'; '.join(expression(part, text) for part in meaning.parts)})"
    return fact(meaning, text)


def how(word: str, threshold: int | None) -> str:
    """The word for how several belong together, as people say it: "any of", "at least 2 of"."""
    return f"at least {threshold} of" if word == "at-least" else HOW[word]
