"""The sentences of a paragraph that are criteria of their own."""

from __future__ import annotations

import re

END = re.compile(r"(?:(?<![.!?])[.!?]+[)\"']*|;) +(?=[^ ])")
# A dot behind one of these ends no sentence.
SHORT = re.compile(
    r"(?:^|[ (/])(?:e\.?g|i\.?e|vs|st|no|dr|mr|mrs|prof|approx|ca|cf|al|fig|incl|excl|resp|etc|max|min|sp|spp|inc|ltd|u\.s)\.$"
    r"|(?:^|[ (])[a-z]\.$")
# What begins like this says something of the sentence before.
DEPENDENT = re.compile(
    r"(?:this|these|those|they|it|its|their|such|however|in addition|additionally|also|otherwise|note|nb|n\.b|for example|for instance|"
    r"if so|in this case|in these|in such|in that|exceptions?|except|unless|or|and|but|which|who|where|thus|therefore|e\.g|i\.e|here|see|"
    r"examples?|the latter|the former|both|if not|then|as such|specifically|that)\b")
# The labels of the National Cancer Institute's abstracts, which follow one another in one paragraph (NCT00002708).
LABEL = re.compile(
    r"(?<=[a-zA-Z0-9%)] )(?:Age|Sex|Menopausal status|Performance status|Life expectancy|Hematopoietic|Hepatic|Renal|Cardiovascular|"
    r"Pulmonary|Neurologic|Immunologic|Gastrointestinal|Hormone receptor status|Other|Biologic therapy|Chemotherapy|Endocrine therapy|"
    r"Radiotherapy|Surgery): ")


def sentences(text: str, plain: str, start: int, end: int) -> list[tuple[int, int]]:
    """The spans of what stands on its own in text[start:end]; brackets are never cut, nor a list behind a colon at its semicolons."""
    labels = {found.start() for found in LABEL.finditer(text, start, end)} if text.find(": ", start, end) >= 0 else set()
    places = sorted({*labels, *(found.end() for found in END.finditer(plain, start, end))})
    parts: list[tuple[int, int]] = []
    begin = at = start
    depth = 0
    colon = plain.find(":", start, end)
    for place in places:
        opened = plain.count("(", at, place) + plain.count("[", at, place)
        depth = max(0, depth + opened - plain.count(")", at, place) - plain.count("]", at, place))
        at = place
        if depth or place - begin < 4 or not (place in labels or ends(text, plain, begin, place, 0 <= colon < place)):
            continue
        parts.append((begin, begin + len(plain[begin:place].rstrip())))
        begin = place
        colon = plain.find(":", place, end)
    return [*parts, (begin, end)]


def ends(text: str, plain: str, start: int, place: int, colon: bool) -> bool:
    """Whether a sentence that begins at `start` ends before `place`; `colon` when one stands in it."""
    if DEPENDENT.match(plain, place):
        return False
    before = plain[max(start, place - 14):place].rstrip()
    if before.endswith(";"):
        return not colon
    after = text[place]
    return (after.isupper() or after.isdigit() or after in "<>≥≤") and not SHORT.search(before)
