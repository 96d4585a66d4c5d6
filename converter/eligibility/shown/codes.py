"""The codes for what was found."""

from __future__ import annotations

from converter.eligibility.findings import Coding, Comparison, Finding, Grades, Mention
from converter.eligibility.variables import coded

LOINC = "http://loinc.org"


def codes(finding: Finding) -> tuple[Coding, ...]:
    """The codes of a name, or of the variable that is compared; none where there is none that is certain."""
    match finding:
        case Mention():
            return finding.codes
        case Comparison(variable=str(key), unit=unit) if (known := coded(key, unit)) and known.loinc:
            return (Coding(LOINC, known.loinc, known.display),)
        case Grades(variable=str(key)) if (known := coded(key, None)) and known.loinc:
            return (Coding(LOINC, known.loinc, known.display),)
    return ()
