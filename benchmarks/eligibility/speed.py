"""How long it takes to understand a text, of one core, and to convert records with their criteria coded, on two.

A text is never measured twice in one process: what was remembered of it would flatter.
"""

from __future__ import annotations

import gzip
import json
import multiprocessing
import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.convert import RECORDS, convert, run
from benchmarks.eligibility.split import texts
from converter.eligibility.findings import CERTAIN, Criterion
from converter.eligibility.understanding import Understanding, understand

LIMIT, OPPONENT = 1.5, 1.3
"""Milliseconds for a text, in the mean: what is asked of us, and what the Go grammar takes (of annotated texts, for numbers)."""
RECORDS_A_SECOND = 500


def registry() -> dict[str, str]:
    """The criteria of the records of ClinicalTrials.gov, by its number.  Raises SystemExit where they are absent."""
    if not RECORDS.exists():
        raise SystemExit(f"the records are not here: {RECORDS} (TRIALBRIDGE_DATA names another folder)")
    found = {}
    with gzip.open(RECORDS) as lines:
        for line in lines:
            protocol = json.loads(line)["protocolSection"]
            if text := protocol.get("eligibilityModule", {}).get("eligibilityCriteria"):
                found[protocol["identificationModule"]["nctId"]] = text
    return found


def corpora() -> dict[str, list[str]]:
    return {"annotated texts": list(texts().values()), "registry records": list(registry().values())}


def seconds(some: list[str]) -> tuple[float, float, float]:
    """Seconds of CPU for the first text (vocabulary is loaded), to understand each of the texts, and to say what its criteria mean."""
    begun = time.process_time()
    understand("Inclusion Criteria:\n\n* Age ≥ 18 years with asthma within 4 weeks\n* ECOG 0-2 and no warfarin")
    loaded = time.process_time() - begun
    finding = combining = 0.0
    for text in some:
        begun = time.process_time()
        one = understand(text)
        found = time.process_time()
        mean(one, one.tree.nodes)
        finding += found - begun
        combining += time.process_time() - found
    return loaded, finding, combining


def mean(understanding: Understanding, nodes: list[Criterion]) -> None:
    """The meaning of every criterion is sought, and of those below one that has none, as it is for a Group."""
    for node in nodes:
        if node.role == "section" or understanding.meaning(node, CERTAIN) is None:
            mean(understanding, node.children)


def speed(runs: int) -> None:
    """The milliseconds for a text and the records a second, the best of the runs, are on standard output."""
    fresh = multiprocessing.get_context("spawn")
    some = corpora()
    for name, given in {**some, "all": [text for of in some.values() for text in of]}.items():
        loading, finding, combining = (min(parts) for parts in zip(*(alone(fresh, given) for _ in range(runs)), strict=True))
        each, meant = finding / len(given) * 1000, combining / len(given) * 1000
        judged = f"reach {LIMIT} (Go grammar {OPPONENT}): {'met' if each + meant <= LIMIT else 'not met'}"
        print(f"{name:18}{len(given):6} texts of {sum(map(len, given)) / len(given):.0f} characters: {each + meant:.2f} ms each "
              f"({each:.2f} to find, {meant:.2f} to combine); the first {loading * 1000:.0f} ms; {judged}")
    converted(runs)


def alone(fresh: multiprocessing.context.SpawnContext, some: list[str]) -> tuple[float, float, float]:
    """The seconds in a process that has seen none of the texts."""
    with fresh.Pool(1) as pool:
        return pool.apply(seconds, (some,))


def converted(runs: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "records.ndjson"
        with gzip.open(RECORDS) as packed, source.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        with source.open("rb") as lines:
            count = sum(1 for _ in lines)
        for criteria in ("coded", "text"):
            more = ("--criteria", criteria, "--jobs", "2")
            best = min(run(convert(source, "r5", Path(temporary) / "r5.ndjson", *more)).wall for _ in range(runs))
            judged = "met" if count / best >= RECORDS_A_SECOND else "not met"
            print(f"convert --to r5 --criteria {criteria} --jobs 2: {count} records, {best:.2f} s, {count / best:.0f} records/s"
                  + (f"; reach {RECORDS_A_SECOND}: {judged}" if criteria == "coded" else ""))
