"""Which records are Bundles that may be pushed, what they become before, and why others are not sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from converter.convert import convert
from converter.documents import Inputs
from converter.json_text import encode
from converter.loss import Loss
from converter.problems import Problem, Problems
from converter.readying import Ready, ready, transaction_in
from converter.source import Document
from mappings.push.parcels import Given, parcel
from mappings.releases import evidence

CTGOV = {"protocolSection": {"identificationModule": {"nctId": "NCT00000001", "briefTitle": "A trial"}, "conditionsModule": {"conditions": ["Asthma"]}}}
TRIAL = {"source": "ctgov", "id": "NCT00000001", "title": "A trial"}
LOSSY = {**CTGOV, "resultsSection": {"a": [1, 2]}}
RESULTS = "holds results, which are not carried yet"
SAMPLES = Path(__file__).parents[1] / "samples"
RELEASES = ["r4", "r4b", "r5"]


def document(tree: Any, format: str, source: str = "a.ndjson", index: int = 0) -> Document:
    return Document(source, index, tree if isinstance(tree, bytes) else encode(tree), format)


def one(tree: Any, format: str, release: str = "r4", **options: Any) -> Ready:
    [found] = ready([document(tree, format)], release, **options)
    return found


def ours(release: str) -> bytes:
    found = convert(encode(CTGOV), release).document
    assert found is not None
    return found


def changed(release: str, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """Our Bundle with its study changed."""
    tree = json.loads(ours(release))
    change(next(entry["resource"] for entry in tree["entry"] if entry["resource"]["resourceType"] == "ResearchStudy"))
    return json.dumps(tree, ensure_ascii=False).encode()


# What is converted

CONVERTED: list[tuple[str, Any, str]] = [
    ("a study of ClinicalTrials.gov", CTGOV, "ctgov"),
    ("our own record", TRIAL, "trial"),
    ("our own record as YAML", b"source: ctgov\nid: NCT00000001\ntitle: A trial\n", "trial"),
    ("a collection", json.loads(ours("r4")) | {"type": "collection"}, "r4"),
    ("a single study", json.loads(ours("r4"))["entry"][0]["resource"] | {}, "r4"),
    ("a collection of another release", json.loads(ours("r5")) | {"type": "collection"}, "r5"),
]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("tree", "format"), [case[1:] for case in CONVERTED], ids=[case[0] for case in CONVERTED])
def test_what_is_no_transaction_is_made_one(tree: Any, format: str, release: str) -> None:
    found = one(tree, format, release)
    assert (found.source, found.index, found.id, [problem for problem in found.problems if problem.severity == "error"]) == ("a.ndjson", 0, "NCT00000001", [])
    assert found.content is not None
    made = parcel(Given(found.content))
    assert (made.main.kind, made.id, evidence(made.tree) > 0) == ("ResearchStudy", "NCT00000001", release == "r5")


@pytest.mark.parametrize("release", RELEASES)
def test_it_is_what_convert_makes_of_it(release: str) -> None:
    assert one(CTGOV, "ctgov", release).content == ours(release)


@pytest.mark.parametrize("path", sorted((SAMPLES / "pages").glob("*.*")), ids=lambda path: path.name)
def test_a_page_is_a_record_like_others(path: Path) -> None:
    for found in ready(Inputs([path]), "r4"):
        assert found.content is not None and parcel(Given(found.content)).main.kind == "ResearchStudy"


def test_whose_extensions_are_written_is_the_user_s_choice() -> None:
    record = {**TRIAL, "why_stopped": "No money", "sponsor": {"name": "A hospital"}, "collaborators": [{"name": "Another"}]}
    hl7, own = (one(record, "trial", extensions=name).content or b"" for name in ("hl7", "own"))
    assert one(record, "trial").content == hl7 != own
    assert b"http://hl7.org/fhir/5.0/" not in own and b"https://w3id.org/trialbridge/" in own


# What is pushed as it is

@pytest.mark.parametrize("release", RELEASES)
def test_a_transaction_is_left_as_it_is(release: str) -> None:
    spaced = json.dumps(json.loads(ours(release)), indent=1).encode()
    found = one(spaced, release, release)
    assert (found.content, found.tree, found.lost) == (spaced, json.loads(spaced), ())
    assert (found.id, [problem for problem in found.problems if problem.severity != "warning"]) == ("NCT00000001", [])


@pytest.mark.parametrize(("bundle", "server"), [("r5", "r4"), ("r5", "r4b"), ("r4", "r5"), ("r4b", "r5")])
def test_one_of_another_release_is_left_to_be_refused_as_that(bundle: str, server: str) -> None:
    content = changed(bundle, lambda study: study.update({"label": [{"value": "x"}]} if bundle == "r5" else {"arm": [{"name": "x"}]}))
    assert one(content, bundle, server) == Ready("a.ndjson", 0, "NCT00000001", content, json.loads(content))


TRANSACTIONS: list[tuple[str, Document, bool]] = [
    ("a transaction", document({"resourceType": "Bundle", "type": "transaction"}, "r4"), True),
    ("of R5", document({"resourceType": "Bundle", "type": "transaction"}, "r5"), True),
    ("a collection", document({"resourceType": "Bundle", "type": "collection"}, "r4"), False),
    ("a batch", document({"resourceType": "Bundle", "type": "batch"}, "r4"), False),
    ("a study", document({"resourceType": "ResearchStudy"}, "r4"), False),
    ("our own record", document({"type": "transaction"}, "trial"), False),
    ("a list", document([{"type": "transaction"}], "r4"), False),
    ("no JSON", document(b"{", "r4"), False),
    ("a document that could not be read", Document("a", 0, b'{"type":"transaction"}', "r4", problems=(Problem("", "x"),)), False),
]


@pytest.mark.parametrize(("document", "found"), [case[1:] for case in TRANSACTIONS], ids=[case[0] for case in TRANSACTIONS])
def test_what_a_transaction_is(document: Document, found: bool) -> None:
    assert (transaction_in(document) is not None) is found


# What is not sent

@pytest.mark.parametrize("release", RELEASES)
def test_a_transaction_with_errors_is_not_sent_unless_it_need_not_be_valid(release: str) -> None:
    content = changed(release, lambda study: study.update(status="bogus", titel="x"))
    found = one(content, release, release)
    assert found.content is None
    assert {problem.path.rpartition(".")[2] for problem in found.problems if problem.severity == "error"} == {"status", "titel"}
    assert {problem.path.partition(".resource.")[0] for problem in found.problems} <= {"Bundle.entry[0]", "Bundle.entry[1]", "Bundle.entry[2]"}
    anyway = one(content, release, release, valid=False)
    assert (anyway.content, anyway.problems) == (content, ())


def test_its_warnings_are_told_and_it_is_sent() -> None:
    content = changed("r4", lambda study: study["condition"].append({"coding": [{"code": "a"}]}))
    found = one(content, "r4")
    assert found.content == content
    assert [(problem.path, problem.severity) for problem in found.problems] == [("Bundle.entry[0].resource.condition[1].coding[0].code", "warning")]


FAILED: list[tuple[str, Document, str]] = [
    ("a document that could not be read", Document("a.ndjson", 3, b"x", problems=(Problem("", "found 'x'; expected one JSON object, a record"),)),
     "found 'x'; expected one JSON object, a record"),
    ("half a record", document(b'{"protocolSection":', "ctgov", index=3), "column 20: the document breaks off after '{\"protocolSection\":'; expected the rest of the JSON. Fetch or copy it again"),
    ("a field of a wrong type", document({**TRIAL, "title": 5}, "trial", index=3), "title: found 5; expected text. Put it in quotes"),
    ("a resource without a trial", document({"resourceType": "Patient", "id": "p"}, "r4", index=3), "expected a ResearchStudy, PlanDefinition or Group, alone or in a Bundle; found Patient"),
    ("half a transaction", document(b'{"resourceType":"Bundle","type":"transaction"', "r4", index=3), "column 46: "),
]


@pytest.mark.parametrize(("document", "said"), [case[1:] for case in FAILED], ids=[case[0] for case in FAILED])
def test_a_record_that_cannot_be_converted_is_told_and_hides_no_other(document: Document, said: str) -> None:
    found = list(ready([document, Document("a.ndjson", 4, encode(CTGOV), "ctgov")], "r4"))
    assert [(one.source, one.index, one.content is None) for one in found] == [("a.ndjson", 3, True), ("a.ndjson", 4, False)]
    assert str(found[0].problems[0]).startswith(said), found[0].problems


def test_a_converted_record_that_is_not_valid_is_not_sent_unless_it_need_not_be() -> None:
    nowhere = {"contactsLocationsModule": {"locations": [{"city": "Bern", "geoPoint": {"lat": 95, "lon": 7}}]}}
    wrong = {"protocolSection": {**CTGOV["protocolSection"], **nowhere}}
    strict, loose = one(wrong, "ctgov"), one(wrong, "ctgov", valid=False)
    assert (strict.content, [problem.path for problem in strict.problems]) == (None, ["protocolSection.contactsLocationsModule.locations[0].geoPoint"])
    assert loose.content is not None and loose.content.startswith(b'{"resourceType":"Bundle"') and loose.problems == ()


def test_what_is_lost_is_told_and_refused_where_nothing_may_be() -> None:
    lost = (Loss("resultsSection", RESULTS, count=2),)
    found = one(LOSSY, "ctgov")
    assert (found.content, found.lost, found.problems) == (ours("r4"), lost, ())
    refused = one(LOSSY, "ctgov", strict=True)
    assert (refused.content, refused.lost, refused.id) == (None, lost, "NCT00000001")
    assert refused.problems == (Problem("", "would lose 2 values, and --strict refuses that"),)
    assert one(CTGOV, "ctgov", strict=True).content == ours("r4")


def test_a_transaction_loses_nothing() -> None:
    assert one(ours("r4"), "r4", strict=True).content == ours("r4")


# How

def test_records_are_taken_one_by_one() -> None:
    def documents() -> Any:
        yield document(CTGOV, "ctgov")
        pytest.fail("another was read than was asked for")

    assert next(iter(ready(documents(), "r4"))).content == ours("r4")


@pytest.mark.parametrize(("release", "options"), [("r9", {}), ("ctgov_page", {}), ("r4", {"extensions": "mine"}), ("meddatax_page", {})])
def test_options_that_cannot_be_are_refused_at_once(release: str, options: dict[str, Any]) -> None:
    with pytest.raises(Problems):
        ready([], release, **options)
