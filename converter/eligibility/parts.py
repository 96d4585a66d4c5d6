"""What a sentence is read from: its findings as parts, and the words that they claim."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from converter.eligibility.findings import Meaning, Span

Sort = Literal["person", "motherhood", "measure", "treatment", "agreement", "allergy", "other"]


class Part(Struct):
    """A finding among the others, or several that are already one."""

    meaning: Meaning
    sort: Sort
    negated: bool = False  # it is denied, as the finding knows
    denies: bool = False  # by its own words
    timed: bool = False  # limited to a time
    dated: bool = False  # the finding knows whether it is of the past or of now
    coded: bool = False  # a vocabulary has it
    long: bool = False  # a name of several words
    loose: bool = False  # a name that may go with the first words of a longer one before it: "nasal infection or inflammation"
    narrowed: bool = False  # the words before it narrow it: "severe asthma"
    treats: bool = False  # a treatment that is named by what it is for, which may be the next name as well: "drugs for asthma or COPD"
    shares: bool = False  # a name with the first words of the one before it, too: "pulmonary embolism or hypertension"
    described: bool = False  # what narrows the name before it is not said of it: it is narrowed itself, or begins anew ("unstable angina")
    limited: bool = False  # the words behind it do: "infection of the lung"
    clause: bool = False  # … or more than where it is: "infection requiring antibiotics", "infection such as pneumonia"
    bare: bool = False  # a name that may go with the last words of a longer one behind it: "mental or skin disease"


class Claim(Struct):
    """Words that are understood; with a part where it stands."""

    start: int
    end: int
    part: Part | None = None
    subjects: tuple[Span, ...] = ()
