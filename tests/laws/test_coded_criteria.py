"""What a Group says of criteria: every word of the text, in order, and nothing that FHIR forbids; read back whole, or the loss is told."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from converter.eligibility.findings import Criterion
from converter.eligibility.plain import plain
from converter.eligibility.tree import walk
from converter.eligibility.understanding import understand
from converter.formats import Reading, format_named
from converter.json_text import encode, parse
from converter.problems import Problems
from converter.trial import Trial
from mappings import bundle
from mappings.characteristics import COMBINATION, FINDING, WINDOW
from mappings.coded_criteria import coded
from mappings.conformance import conformance
from mappings.criteria import CODED, WORDS, Coded
from mappings.datatypes import UNHELD
from mappings.fhir_format import may_be_unheld
from mappings.models import model_problems
from mappings.releases import dialect_of
from mappings.ucum import faults
from tests.corpus import corpus
from tests.laws.mutation import mutated
from tests.renew import samples

MINIMA = [Decimal("0"), Decimal("0.95")]
RELEASES = [("r4", "hl7"), ("r4", "own"), ("r4b", "hl7"), ("r5", "hl7")]
UCUM = "http://unitsofmeasure.org"
WORD, MARK = re.compile(r"[^\W_]+"), re.compile(r"\d{1,2}|[ivx]{1,5}|[a-z]|[①-⑳]|and|or|plus")


# The laws

def holds(text: str, minimum: Decimal) -> None:
    """Raises AssertionError where what is written of the text breaks a law."""
    understanding = understand(text)
    made = coded(understanding, minimum, "r5")
    every_word(text, understanding.tree.nodes, made)
    well_formed(made)
    for one in [*made.characteristics, *(entry for group in made.contained for entry in group["characteristic"])]:
        assert all(Decimal(part["valueDecimal"]) >= minimum for parts in evidence_of(one) for part in parts if part["url"] == "confidence")


def every_word(text: str, nodes: list[Criterion], made: Coded) -> None:
    """Each criterion has its exact words, in the order of the text; the rest is headings of sections, marks, and what joins."""
    spans = [span for span in tops(nodes) if text[slice(*span)].strip()]
    assert [words(one) for one in made.characteristics] == [text[slice(*span)] for span in spans]
    bare = list(plain(text))
    for start, end in [*spans, *((node.start, node.end) for node in walk(nodes) if node.role == "section")]:
        bare[start:end] = " " * (end - start)
    assert [word for word in WORD.findall("".join(bare)) if not MARK.fullmatch(word)] == []
    for one, (start, end) in zip(made.characteristics, spans, strict=True):
        inner(one, text[start:end], made)
        for first, last in spots([one, *below(one, made)]):
            assert start <= first < last <= end


def tops(nodes: list[Criterion]) -> Iterator[tuple[int, int]]:
    """Where the criteria stand that are below no other, with those below them."""
    for node in nodes:
        if node.role == "section":
            yield from tops(node.children)
        else:
            yield node.start, max(one.end for one in walk([node]))


def inner(one: dict[str, Any], outer: str, made: Coded) -> None:
    """The words of the criteria below stand in those of the one above, in their order."""
    at = 0
    for entry in below(one, made, deep=False):
        said = words(entry)
        if said is None:
            inner(entry, outer, made)
            continue
        at = outer.find(said, at) + len(said)
        assert at >= len(said)
        inner(entry, said, made)


def below(one: dict[str, Any], made: Coded, deep: bool = True) -> Iterator[dict[str, Any]]:
    """The characteristics of the Group that it refers to; `deep`: and theirs."""
    for group in made.contained:
        if one.get("valueReference", {}).get("reference") == f"#{group['id']}":
            for entry in group["characteristic"]:
                yield entry
                if deep:
                    yield from below(entry, made)


def words(one: dict[str, Any]) -> str | None:
    return next((part["valueString"] for part in one.get("extension", ()) if part["url"] == WORDS), None)


def spots(characteristics: list[dict[str, Any]]) -> Iterator[tuple[int, int]]:
    """Where the text has what was found."""
    for one in characteristics:
        for parts in evidence_of(one):
            said = {part["url"]: part.get("valueUnsignedInt") for part in parts}
            yield said["start"], said["end"]


def evidence_of(one: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """What is said of each of its findings."""
    return (extension["extension"] for extension in one.get("extension", ()) if extension["url"] in (FINDING, WINDOW))


def well_formed(made: Coded) -> None:
    """Every contained Group is referred to once, and the values are what they may be."""
    entries = made.characteristics + [entry for group in made.contained for entry in group["characteristic"]]
    references = [entry["valueReference"] for entry in entries if "valueReference" in entry]
    assert sorted(one["reference"] for one in references) == sorted(f"#{group['id']}" for group in made.contained)
    assert all(one["display"] for one in references)
    for group in made.contained:
        [combination] = group["extension"]
        assert combination["url"] == COMBINATION
        method, *threshold = [next(part[name] for name in part if name != "url") for part in combination["extension"]]
        assert method in ("all-of", "any-of", "at-least", "except")
        assert bool(threshold) == (method == "at-least")
        assert threshold == [] or 1 < threshold[0] < len(group["characteristic"])
        assert group["characteristic"]
        assert "contained" not in group
    for entry in entries:
        assert isinstance(entry["exclude"], bool)
        assert len([name for name in entry if name.startswith("value")]) == 1
        assert set(entry) <= {"extension", "code", "exclude", "valueCodeableConcept", "valueQuantity", "valueRange", "valueReference"}
        if "valueRange" in entry:
            low, high = entry["valueRange"]["low"], entry["valueRange"]["high"]
            assert low["value"] < high["value"]
            assert low.get("code") == high.get("code")
            assert not {"comparator"} & (low.keys() | high.keys())
        for quantity in (entry.get("valueQuantity"), *entry.get("valueRange", {}).values()):
            if quantity and "code" in quantity:
                assert quantity["system"] == UCUM
                assert not faults(quantity["code"])


def travels(text: str, minimum: Decimal | None, release: str, extensions: str) -> None:
    """Raises AssertionError where a trial of that text does not come back whole, or what is written of it is not valid."""
    trial = Trial(id="NCT01234567", criteria=text)
    coding = {"criteria": "text"} if minimum is None else {"criteria": "coded", "min_confidence": minimum}
    form = format_named(release).with_options(extensions=extensions, **coding)
    writing = form.write(trial)
    tree = parse(writing.document)
    if text.strip() and not UNHELD.search(text) and not may_be_unheld(writing.document):  # what FHIR cannot hold needs the interpreter
        assert bundle.fast_reader(dialect_of(release, writing.document))(tree) == trial
    slow = form.interpret(tree, writing.document)
    assert slow.trial == trial
    assert slow.lost == ()
    assert slow.problems == ()
    assert [one for one in conformance(release).problems(tree) if one.severity == "error"] == []
    assert model_problems(tree, release) == []


# The texts

def texts() -> list[str]:
    """The criteria of the samples."""
    return [trial.criteria for trial in (sample.read().trial for sample in samples()) if trial.criteria]


LINES = st.sampled_from([
    "Inclusion Criteria:", "Exclusion Criteria:", "Inclusion Criteria for Part A:", "Exclusion Criteria (Cohort 2)", "Part B:", "For adults:", "",
    "At least two of the following:", "Any of the following:", "Patients will be excluded if they have:", "None of the following:", "Age 18 to 80 years",
    "Age ≥ 4 and < 17 years", "Hemoglobin ≥ 12 g/dL for women and ≥ 13 g/dL for men", "ALT or AST > 2.5 × ULN", "PLT < 80 × 10^9/L", "Asthma",
    "Stroke within 6 months before screening", "No prednisone for at least 4 weeks", "Unable to give informed consent", "Male or female", "Child-Pugh A or B",
    "Cancer other than basal cell carcinoma", "Pregnant or breastfeeding", "Able to speak English", "ECOG 0-1", "BMI 18.50-30 kg/m2", "QTc > 470 ms (women)",
    "Type 2 diabetes, defined as:", "Allergy to penicillin or aspirin", "Heart rate 50 to 50 bpm", "HbA1c > 7 %; no insulin", "OR", "word " * 12,
    "a\x00b", "\u200b", "e\u0301\u00a0中文", "<b>&\"'", "\ufffe", "\\* x", "x\x0by", "1. a) Asthma; b) Cancer",
])
MARKS = st.sampled_from(["", "* ", "- ", "1. ", "2) ", "a. ", "(i) ", "• ", "  * ", "    - ", "   1. ", "\t", "*", "- • "])
BREAKS = st.sampled_from(["\n", "\n\n", "\r\n", " "])
TEXTS = st.lists(st.tuples(MARKS, LINES, BREAKS), min_size=1, max_size=9).map(lambda parts: "".join(map("".join, parts)))


@pytest.mark.parametrize("minimum", MINIMA, ids=str)
def test_the_samples_keep_every_word(minimum: Decimal) -> None:
    for text in texts():
        holds(text, minimum)


@settings(max_examples=120, deadline=None)
@given(TEXTS, st.sampled_from(MINIMA))
def test_any_text_keeps_every_word(text: str, minimum: Decimal) -> None:
    holds(text, minimum)


@pytest.mark.corpus
@pytest.mark.parametrize("minimum", MINIMA, ids=str)
def test_the_registrys_texts_keep_every_word(minimum: Decimal) -> None:
    number = 0
    for text in registered():
        holds(text, minimum)
        number += 1
    assert number > 1400


def registered() -> Iterator[str]:
    """The criteria of every record that is kept beside the checkout."""
    with gzip.open(corpus("ctgov_v2/records.ndjson.gz")) as lines:
        for line in lines:
            if found := parse(line)["protocolSection"].get("eligibilityModule", {}).get("eligibilityCriteria"):
                yield found


@pytest.mark.parametrize("minimum", [None, *MINIMA], ids=str)
@pytest.mark.parametrize(("release", "extensions"), RELEASES, ids="-".join)
def test_the_samples_come_back(release: str, extensions: str, minimum: Decimal | None) -> None:
    for text in texts():
        travels(text, minimum, release, extensions)


@settings(max_examples=80, deadline=None)
@given(TEXTS, st.sampled_from([None, *MINIMA]), st.sampled_from(RELEASES))
@example("Inclusion Criteria:\n", MINIMA[0], RELEASES[0])
@example("Inclusion Criteria for Part A:\n*", MINIMA[0], RELEASES[3])
@example("Inclusion Criteria:\n* a\x00b", MINIMA[0], RELEASES[3])
def test_any_text_comes_back(text: str, minimum: Decimal | None, form: tuple[str, str]) -> None:
    travels(text, minimum, *form)


@pytest.mark.corpus
@pytest.mark.parametrize(("release", "extensions"), RELEASES, ids="-".join)
def test_the_registrys_texts_come_back(release: str, extensions: str) -> None:
    for text in list(registered())[::25]:
        for minimum in (None, *MINIMA):
            travels(text, minimum, release, extensions)


# What somebody changed

CHANGED = """Inclusion Criteria:

* Age 18 to 80 years
* Asthma or COPD
* At least two of the following:
  * hypertension
  * type 2 diabetes
  * BMI > 30 kg/m2
* Cancer other than basal cell carcinoma
* Something that nobody understands, with stroke

Exclusion Criteria:

* Stroke within 6 months before screening
* ALT > 2.5 × ULN
"""
Change = Callable[[dict[str, Any]], Any]


def last(group: dict[str, Any]) -> Any:
    return group["characteristic"][-1]


def evidence(group: dict[str, Any], name: str) -> Any:
    return next(part for part in last(group)["extension"][1]["extension"] if part["url"] == name)


def mark(group: dict[str, Any]) -> Any:
    return next(one for one in group["extension"] if one["url"] == CODED)


def swap(holder: list[Any], one: int, other: int) -> None:
    holder[one], holder[other] = holder[other], holder[one]


FOREIGN = {"code": {"text": "Weight"}, "valueBoolean": True, "exclude": False}
GONE: dict[str, Change] = {
    "a criterion": lambda group: group["characteristic"].pop(),
    "all criteria": lambda group: group.update(characteristic=group["characteristic"][:1]),
    "the contained Groups": lambda group: group.pop("contained"),
    "one contained Group": lambda group: group["contained"].pop(0),
    "one of any": lambda group: group["contained"][0]["characteristic"].pop(),
    "a comparator": lambda group: last(group)["valueQuantity"].pop("comparator"),
    "the words": lambda group: last(group)["extension"].pop(0),
    "the evidence": lambda group: last(group)["extension"].pop(1),
    "the order": lambda group: swap(group["characteristic"], -1, -2),
    "the order of an exception": lambda group: swap(group["contained"][-1]["characteristic"], 0, 1),
}
"""What the document no longer says: nothing of it is lost, but what is made anew differs from it."""
OTHERWISE: dict[str, tuple[Change, str]] = {
    "a bound": (lambda group: last(group)["valueQuantity"].update(value=3), ".valueQuantity.value"),
    "its digits": (lambda group: last(group)["valueQuantity"].update(value=Decimal("2.50")), ".valueQuantity.value"),
    "its comparator": (lambda group: last(group)["valueQuantity"].update(comparator="<"), ".valueQuantity.comparator"),
    "a code": (lambda group: last(group)["code"]["coding"][0].update(code="1-8"), ".code.coding[0].code"),
    "the side": (lambda group: last(group).update(exclude=False), ".exclude"),
    "a number for true": (lambda group: last(group).update(exclude=1), ".exclude"),
    "the words": (lambda group: last(group)["extension"][0].update(valueString="x"), ".extension[0].valueString"),
    "the confidence": (lambda group: evidence(group, "confidence").update(valueDecimal=Decimal("0.5")), ".valueDecimal"),
    "the place": (lambda group: evidence(group, "start").update(valueUnsignedInt=1), ".valueUnsignedInt"),
    "how they combine": (lambda group: group["contained"][0]["extension"][0]["extension"][0].update(valueCode="all-of"), ".valueCode"),
    "the threshold": (lambda group: group["contained"][1]["extension"][0]["extension"][1].update(valuePositiveInt=3), ".valuePositiveInt"),
    "a member more": (lambda group: last(group).update(period={"start": "2020"}), ".period"),
    "a criterion twice": (lambda group: group["characteristic"].append(last(group)), ".characteristic[8]"),
    "one of others between": (lambda group: group["characteristic"].insert(3, FOREIGN), ".characteristic[3]"),
    "one of others behind": (lambda group: group["characteristic"].append(FOREIGN), ".characteristic[8]"),
    "nothing among them": (lambda group: group["characteristic"].append(None), ".characteristic[8]"),
    "a contained resource of others": (lambda group: group["contained"].append({"resourceType": "Patient", "id": "p"}), ".contained[3]"),
    "no list of contained ones": (lambda group: group.update(contained="x"), ".contained"),
    "no certainty": (lambda group: mark(group).pop("valueDecimal"), ".characteristic[1]"),
    "an impossible certainty": (lambda group: mark(group).update(valueDecimal=2), ".characteristic[1]"),
    "two certainties": (lambda group: group["extension"].append(mark(group)), ".extension"),
}


@pytest.mark.parametrize("what", GONE)
@pytest.mark.parametrize("release", ["r4", "r5"])
def test_what_is_missing_is_made_anew_and_told(release: str, what: str) -> None:
    slow = read_changed(release, GONE[what])
    assert slow.trial.criteria == CHANGED
    assert [(one.path, one.severity) for one in slow.problems] == [("entry[2].resource.characteristic", "warning")]


@pytest.mark.parametrize("what", OTHERWISE)
@pytest.mark.parametrize("release", ["r4", "r5"])
def test_what_is_said_otherwise_is_reported(release: str, what: str) -> None:
    change, path = OTHERWISE[what]
    slow = read_changed(release, change)
    assert slow.trial.criteria == CHANGED
    assert [loss.path for loss in slow.lost if path in loss.path] != []


def read_changed(release: str, change: Change) -> Reading:
    """The Bundle of the text as the interpreter reads it once its Group is changed; the compiled reader does not take it."""
    form = format_named(release).with_options(min_confidence=0)
    tree = parse(form.write(Trial(id="NCT01234567", criteria=CHANGED, minimum_age="18 Years")).document)
    change(tree["entry"][2]["resource"])
    document = encode(tree)
    with pytest.raises(Exception):  # noqa: B017  # whatever it likes
        bundle.fast_reader(dialect_of(release, document))(parse(document))
    reading: Reading = form.interpret(parse(document), document)
    return reading


@pytest.mark.parametrize("release", ["r4", "r5"])
def test_without_the_text_the_words_of_the_criteria_give_one(release: str) -> None:
    form = format_named(release)
    tree = parse(form.write(Trial(id="NCT01234567", criteria="Inclusion Criteria:\n\n* Age 18 to 80 years\n* Walks\n\nExclusion Criteria:\n\n1. Asthma")).document)
    group = tree["entry"][2]["resource"]
    group.pop("description", None)
    group["extension"] = [mark(group)]
    assert form.read(encode(tree)).trial.criteria == "Inclusion Criteria:\n\n* Age 18 to 80 years\n* Walks\n\nExclusion Criteria:\n\n* Asthma"


@pytest.mark.parametrize("release", ["r4", "r5"])
def test_however_a_group_is_changed_both_readers_agree(release: str) -> None:
    """The compiled one takes nothing that the interpreter doubts or loses."""
    form, chance, taken = format_named(release).with_options(min_confidence=0), random.Random(5), 0
    whole = parse(form.write(Trial(id="NCT01234567", criteria=CHANGED)).document)
    for _ in range(300):
        resource, what = mutated(whole["entry"][2]["resource"], chance)
        tree = {**whole, "entry": [*whole["entry"][:2], {**whole["entry"][2], "resource": resource}]}
        document = encode(tree)
        if may_be_unheld(document):
            continue
        try:
            fast = bundle.fast_reader(dialect_of(release, document))(parse(document))
        except Exception:
            with suppress(Problems):
                form.read(document)
            continue
        slow = form.interpret(parse(document), document)
        assert (slow.trial, slow.problems, slow.lost) == (fast, (), ()), what
        taken += 1
    assert taken > 1
