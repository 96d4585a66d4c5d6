"""Words of a criterion that limit nobody: examples in brackets, who judges, the formula of a value, the value again in another unit."""

from __future__ import annotations

import re

from converter.eligibility.findings import Span

EXAMPLES = re.compile(
    r"[(\[]\s*(?:e ?\. ?g|eg|such as|for example|for instance|including|examples?|like)\b[^()\[\]]*(?:\([^()]*\)[^()\[\]]*)*[)\]]"
)
QUALIFYING = re.compile(
    r"\b(?:that|which|who|would|may|might|could|interfer\w+|exclud\w+|except\w*|unless|not|within|opinion|dos(?:e|es|age)|mg)\b"
)
"""What makes more of examples: "(e.g. cirrhosis that may interfere with the study)"."""
OPINION = r"(?:clinical |medical |best )?(?:opinion|judge?ment|discretion|assessment)"
JUDGED = re.compile(
    r"\b(?:(?:as (?:determined|judged|assessed|evaluated|deemed|considered|decided|defined|specified) by"
    rf"|(?:in|according to|at|based on) the {OPINION} of|per)"
    r"(?: the)?(?: (?:study|principal|site|treating|local|responsible|enrolling|clinical))*"
    rf" (?:investigators?|physicians?|doctors?|clinicians?|sponsor|pi)(?:'s? (?:{OPINION}|decision))?"
    r"|(?:in|according to|at|based on) (?:the )?(?:study |principal |site |treating )?(?:investigator|physician|clinician)'?s?'? "
    rf"{OPINION})(?!\w)"
    r"|as (?:evidenced|determined|assessed|confirmed|judged|established) by"
    r"(?:,? (?:a|an|the|and|or|past|medical|clinical|physical|general|screening|laboratory|lab|vital|ecg|history|examinations?|exams?"
    r"|tests?|testing|evaluations?|results?|data|signs)\b)+"
)
FORMULA = re.compile(
    r",? ?(?P<opened>[(\[])?\s*(?:as )?(?:(?:calculated|estimated|determined|measured|assessed|corrected) )?"
    r"(?:by|using|with|according to|per|based on)(?: the| a)?(?: modified| adjusted| bedside)?"
    r"(?: cockcroft(?: and |[ –-]*)gault| ckd[- ]epi| mdrd| modification of diet in renal disease| schwartz| fridericia| bazett)(?:'s)?"
    r"(?: \(?\d{4}\)?)?(?: (?:formula|equation|method|correction|calculation)s?)?\s*(?(opened)[)\]]|(?!\w))"
)
AGAIN = re.compile(
    r"\s*\(\s*(?:[<>≤≥=] ?)*\d[\d.,]*(?: ?[x×*] ?10 ?\^? ?\d+ ?| ?/ ?| ?)"
    r"(?:%|mm ?hg|(?<=[<>≤≥=]\d)|(?<=[<>≤≥=]\d\d)|(?!for\b|to\b|in\b|or\b|and\b)/?[a-zµμ]{1,6}(?:/[a-zµμ\d.]{1,6}){0,2}\d?)\s*\)"
)


def asides(plain: str, start: int, end: int, brackets: bool) -> list[Span]:
    """The spans of words between start and end that limit nobody; `brackets` says whether any bracket opens there."""
    found = [match.span() for match in EXAMPLES.finditer(plain, start, end) if not QUALIFYING.search(match[0])] if brackets else []
    words = plain[start:end]
    if ("as " in words and "ed by" in words) or "investigator" in words or "physician" in words or "clinician" in words or (
            "doctor" in words or "sponsor" in words or " pi" in words):
        found += [match.span() for match in JUDGED.finditer(plain, start, end)]
    if "formula" in words or "equation" in words or "gault" in words or "mdrd" in words or "ckd-epi" in words or "frideric" in words:
        found += [match.span() for match in FORMULA.finditer(plain, start, end)]
    if len(found) < 2:
        return found
    found.sort()
    return [span for place, span in enumerate(found) if not any(span[0] < other[1] for other in found[:place])]


def said_again(plain: str, start: int, end: int) -> int:
    """Where a bracket ends that says the value before `start` again in another unit; `start` where there is none."""
    found = AGAIN.match(plain, start, end)
    unit = found[0].strip("() ").lstrip("<>≤≥= 0123456789.,") if found else ""
    return start if found is None or (unit and plain.endswith(unit, 0, start)) else found.end()  # "< 9 g/dL (8 g/dL)" is another value
