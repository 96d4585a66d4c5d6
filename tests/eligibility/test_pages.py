"""What the two web pages of samples/pages demand, criterion by criterion, as a person reads them; tests/criteria has how it is shown."""

from pathlib import Path

import pytest

from converter.convert import read
from converter.eligibility.findings import Bound, Comparison, Finding, Mention, Statement, Window
from converter.eligibility.understanding import understand

PAGES = Path(__file__).parents[2] / "samples" / "pages"


def bound(one: Bound | None, sign: str) -> str:
    return "" if one is None else f" {sign}{'=' if one.included else ''} {one.value}"


def said(found: Finding, text: str) -> str:
    """A finding in brief."""
    match found:
        case Comparison():
            return f"{found.variable}{bound(found.lower, '>')}{bound(found.upper, '<')} {found.limit or found.unit}"
        case Window():
            target = " ".join(text[slice(*found.target)].split()) if found.target else ""
            return f"{target}: {found.direction} {'>=' if found.least else '<='} {found.value} {found.unit}"
        case Mention():
            return f"{found.kind}: {' '.join(one.code for one in found.codes)}"
        case Statement():
            return f"{found.kind}: {found.value}"
    return ""


# by page: words in which a criterion is known, and what must be found in it
DEMANDS = {
    "clinconnect_refractory_ra_tacrolimus.txt": [
        ("1987 ACR", ["condition: D001172 M06.9"]),
        ("Age ≥18", ["age >= 18 a"]),
        ("DMARDs including", ["medication: D000077339 G162GK9U4W", "medication: 87LA6FU830"]),
        ("disease activity", ["das28 >= 3.2 {score}"]),
        ("Extra-articular", ["condition: D011658 J84.10", "condition: D010523"]),
        ("Dose of prednisone", ["medication: D011241 VB0R961HZT", "Dose of prednisone and NSAIDs: lasting >= 1 mo"]),
        ("acute or chronic", ["condition: D006509"]),
        ("Platelet counts", ["platelets < 80 10*9/L", "wbc < 3 10*9/L"]),
        ("Propionate", ["alt >= 2 ULN", "ast >= 2 ULN"]),
        ("Renal insufficiency", ["condition: D051437", "creatinine >= 176 umol/L"]),
        ("Pregnant or nursing", ["pregnancy: D011247 Z33.1", "lactation: None"]),
        ("history of malignancy", ["condition: D009369", "cure: lasting <= 5 a"]),
        ("hypertension", ["condition: D006973 I10"]),
    ],
    "registry_page_NCT03540472.txt": [
        ("pure red cell", ["condition: D012010"]),
        ("18-80", ["age >= 18 <= 80 a"]),
        ("informed consent", ["consent: None"]),
        ("under 18-year-old", ["age < 18 a", "age > 80 a"]),
        ("Pregnant or", ["pregnancy: D011247 Z33.1", "lactation: None"]),
    ],
}


@pytest.mark.parametrize("page", DEMANDS)
def test_what_the_page_demands_is_found(page: str) -> None:
    text = read(PAGES / page).trial.criteria
    assert text is not None
    understanding = understand(text)
    lacks = []
    for words, demands in DEMANDS[page]:
        [node] = [one for one in understanding.nodes if words in text[one.start:one.end]]
        found = [said(one, text) for one in understanding.of(node)]
        lacks += [(words, demand, found) for demand in demands if demand not in found]
    assert lacks == []
