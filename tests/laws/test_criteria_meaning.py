"""Whatever criteria say, what they mean is made of what was found in them, and the usual requirements stand where they are said."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest

from converter.eligibility.findings import Combined, Finding, Meaning, Not, Timed, Window
from converter.eligibility.reading import NOTHING
from converter.eligibility.understanding import Understanding, understand
from tests.corpus import corpus

INVENTED = """Inclusion Criteria:

* Adults with asthma or COPD, able to speak English
* Hemoglobin ≥ 12 g/dL and platelets > 100 x 10^9/L
* At least two of the following:
    * hypertension
    * BMI > 30 kg/m2
    * type 2 diabetes
* No history of stroke or epilepsy

Exclusion Criteria:

* Pregnant or breastfeeding women
* Myocardial infarction, stroke or surgery within 6 months
* Cancer other than basal cell carcinoma
* Uncontrolled hypertension (systolic blood pressure > 160 mmHg)
* Unable to give informed consent
"""


def leaves(meaning: Meaning) -> Iterator[tuple[Finding, tuple[Window, ...]]]:
    """The findings of a meaning, each with the times that limit it."""
    match meaning:
        case Combined():
            for part in meaning.parts:
                yield from leaves(part)
        case Not():
            yield from leaves(meaning.part)
        case Timed():
            yield from ((leaf, (*times, meaning.window)) for leaf, times in leaves(meaning.part))
        case _:
            yield meaning, ()


def holds(understanding: Understanding) -> None:
    for node in understanding.nodes:
        meaning = understanding.meaning(node)
        own = understanding.own_meaning(node)
        assert meaning not in (NOTHING, Not(NOTHING))
        if own is None:
            assert meaning is None
            continue
        found = understanding.of(node)
        windows = [one for one in found if isinstance(one, Window)]
        for leaf, times in leaves(own):
            assert node.start < leaf.end <= node.end  # it begins above where the heading names the variable
            assert any(one.start < leaf.end and leaf.start < one.end and type(one) is type(leaf) for one in found)
            assert not getattr(leaf, "negated", False)
            assert all(time in windows for time in times)
        timed = {time for _, times in leaves(own) for time in times}
        assert timed == set(windows), "no time is lost"


def test_the_meaning_of_invented_criteria() -> None:
    holds(understand(INVENTED))


@pytest.mark.corpus
def test_the_meaning_of_registered_criteria() -> None:
    for path in sorted(corpus("eligibility/dev/lct").glob("*.txt")):
        holds(understand(path.read_text(encoding="utf-8")))
    with gzip.open(corpus("ctgov_v2/records.ndjson.gz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            holds(understand(json.loads(line)["protocolSection"].get("eligibilityModule", {}).get("eligibilityCriteria", "")))
