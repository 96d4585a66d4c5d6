"""The codes for what was found."""

from __future__ import annotations

from converter.eligibility.findings import Coding, Comparison, Finding, Grades, Mention
from converter.eligibility.variables import loinc


def codes(finding: Finding) -> tuple[Coding, ...]:
    """The codes of a name, or of the variable that is compared; none where there is none that is certain."""
    match finding:
        case Mention():
            return finding.codes
        case Comparison(variable=str(key), unit=unit) if known := loinc(key, unit):
            return (known,)
        case Grades(variable=str(key)) if known := loinc(key, None):
            return (known,)
    return ()
