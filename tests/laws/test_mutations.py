"""Law 8 on documents: the compiled reader refuses whatever the interpreter refuses, doubts or loses, and is equal otherwise.

Valid samples cannot show it; so one thing is changed in real documents: a null, a foreign code system, a doubled entry,
another order, a member that nobody knows.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from converter.formats import Reading, format_named
from converter.json_text import encode, parse
from converter.loss import left
from converter.problems import Problems
from mappings import bundle
from mappings.fhir_format import may_be_unheld
from mappings.releases import dialect_of
from tests.corpus import corpus
from tests.laws.mutation import mutated

ROOT = Path(__file__).parents[2] / "samples"
SAMPLES = sorted((ROOT / "ctgov").glob("*.json"))


def fast_ctgov(document: bytes) -> Reading:
    trial, rest, _ = format_named("ctgov").fast_read(document)
    return Reading(trial, (), tuple(left(path, parse(bytes(raw)), why) for path, raw, why in rest))


def fast_fhir(name: str, document: bytes) -> Reading:
    if may_be_unheld(document):
        raise ValueError
    return Reading(bundle.fast_reader(dialect_of(name, document))(parse(document)))


def outcomes(name: str, documents: list[Any], times: int, seed: int) -> Counter[str]:
    """How the two readers did on the documents, each changed so often; fails where they differ."""
    form, chance, found = format_named(name), random.Random(seed), Counter[str]()
    for document in documents:
        for _ in range(times):
            tree, what = mutated(document, chance)
            text = encode(tree)
            try:
                fast = fast_ctgov(text) if name == "ctgov" else fast_fhir(name, text)
            except Exception:
                found["refused by the compiled reader"] += 1
                try:
                    form.read(text)
                except Problems:
                    found["refused by both"] += 1
                continue
            slow = form.interpret(parse(text)) if name == "ctgov" else form.interpret(parse(text), text)
            assert fast.trial == slow.trial, what
            assert slow.problems == (), what
            assert sorted(map(str, fast.lost)) == sorted(map(str, slow.lost)), what
            found["the same"] += 1
    return found


@pytest.mark.parametrize("name", ["ctgov", "r5", "r4"])
def test_mutated_samples(name: str) -> None:
    paths = SAMPLES if name == "ctgov" else sorted((ROOT / "bundles").glob(f"*.{name}.json"))
    documents = [parse(path.read_bytes()) for path in paths]
    found = outcomes(name, documents, 25 if name == "ctgov" else 40, 7)
    assert found["the same"] > 20
    assert found["refused by both"] > 20


def bundled(name: str, study: Any) -> Any:
    """The study as a Bundle of that release."""
    return parse(format_named(name).write(format_named("ctgov").read(encode(study)).trial).document)


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["ctgov", "r5", "r4"])
def test_mutated_records(name: str) -> None:
    import gzip

    with gzip.open(corpus("ctgov_v2/records.ndjson.gz")) as lines:
        studies = [parse(line) for line in lines if len(line) < 12_000][::25]
    documents = studies if name == "ctgov" else [bundled(name, study) for study in studies[::3]]
    found = outcomes(name, documents, 25 if name == "ctgov" else 40, 11)
    assert found["the same"] > 10
