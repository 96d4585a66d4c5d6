"""Every seeded fault is a fault, and is found; what HAPI finds in HL7's examples and in the faults, we find."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from converter.json_text import encode, parse
from converter.problems import Problem
from mappings.conformance import conformance
from tests.corpus import corpus
from tests.faults import examples
from tests.faults.change import RELEASES, Change, add, drop, faulty, put, swap
from tests.faults.engines import own, own_issues
from tests.faults.findings import Case, cases, enough, found, kept, missed, near, not_yet
from tests.faults.ground import ground, written
from tests.faults.report import NAMES, PAGE, page, verdicts
from tests.faults.table import FAULTS

RULES = """
unknown element, must be there, no more than, choice, JSON text, duplicate JSON keys, empty and null, shape of values, depth, element ids, resource type,
required binding, code of its system, UCUM, LOINC, SNOMED CT, country, identifier,
type of a reference, form of a reference, reference to an entry, contained, canonical fragment, full URL, request, batch,
unknown extension, url of an extension, context of an extension, value of an extension, cardinality of an extension, parts of an extension,
narrative is XHTML, txt-1, txt-2, links of the narrative, bdl-1, bdl-2, bdl-3, bdl-4, bdl-5, bdl-7, bdl-8, per-1, rng-2, qty-3, ref-2, ext-1, pld-3, pld-4
"""
PRIMITIVES = "base64Binary boolean canonical code date dateTime decimal id instant integer integer64 markdown oid positiveInt string time unsignedInt uri url uuid"
TYPES = {"Bundle", "ResearchStudy", "PlanDefinition", "ActivityDefinition", "Group", "Location", "Organization", "Practitioner",
         "PractitionerRole", "Provenance"}
KNOWN_TO_BE_MISSED = """
reference-to-no-entry url-of-another-type condition-in-full text-blank content-type-of-no-form coding-display-of-another-code
cross-version-date-twice goal-of-nobody plan-name-with-blanks
"""
"""What HAPI is known not to have as errors, one fault of each kind."""


def test_the_table_holds_every_rule_and_type() -> None:
    rules = {fault.rule for fault in FAULTS}
    assert {rule.strip() for rule in re.split(r"[,\n]", RULES) if rule.strip()} <= rules
    assert {f"primitive {name}" for name in PRIMITIVES.split()} <= rules
    for release in RELEASES:
        assert {kind(case) for case in cases(release)} >= TYPES
        assert len(cases(release)) >= 120


def kind(case: Case) -> str:
    """The type of the resource in which the fault is; "" where that is gone."""
    tree = here = ground(case.release)
    for name, number in re.findall(r"\.(\w+)(?:\[(\d+)\])?", case.place):
        here = here.get(name) if isinstance(here, dict) else None
        if number and isinstance(here, list):
            here = here[int(number)] if int(number) < len(here) else None
        if isinstance(here, dict) and "resourceType" in here:
            tree = here
    return str(tree["resourceType"])


def test_no_two_faults_have_one_name() -> None:
    assert [name for name, count in Counter(fault.name for fault in FAULTS).items() if count > 1] == []


@pytest.mark.parametrize("release", RELEASES)
def test_nothing_is_wrong_before_a_fault_is_made(release: str) -> None:
    assert own_issues(release, written(release)) == []


@pytest.mark.parametrize("release", RELEASES)
def test_each_fault_changes_the_document_in_its_own_way(release: str) -> None:
    documents = Counter(case.document for case in cases(release))
    assert written(release) not in documents
    assert [count for count in documents.values() if count > 1] == []
    assert written(release) == encode(ground(release))


def test_what_is_not_found_yet_is_exactly_what_is_listed() -> None:
    assert missed("own") == {name for name in not_yet() if "/" not in name}


def test_19_of_20_faults_are_found() -> None:
    for release in RELEASES:
        said = found("own", release)
        assert sum(enough(one, case.fault) for case, one in said) >= 0.95 * len(said)


def test_what_hapi_finds_is_found_and_what_it_is_known_to_miss() -> None:
    by_hapi = {f"{fault.name} {release}" for fault in FAULTS for release in fault.releases} - missed("hapi")
    known = {f"{name} {release}" for name in KNOWN_TO_BE_MISSED.split() for release in RELEASES}
    assert (by_hapi | known) & missed("own") == set()


@pytest.mark.parametrize("engine", ["hapi", "models"])
@pytest.mark.parametrize("release", RELEASES)
def test_what_is_kept_of_other_engines_is_of_these_faults(engine: str, release: str) -> None:
    said = kept()[engine][release]
    assert {name: one["change"] for name, one in said.items()} == {case.fault.name: case.digest for case in cases(release)}


def test_the_page_is_what_the_table_gives() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(verdicts(list(NAMES))), "run `python -m tests.faults --write`"


TREE = b'{"entry":[{"id":"a","name":"A"},{"url":"https://a.example/b"}]}'


@pytest.mark.parametrize("change, document", [
    (put("entry[0].name", None), b'{"entry":[{"id":"a","name":null},{"url":"https://a.example/b"}]}'),
    (put("entry{b}", 1), b'{"entry":[{"id":"a","name":"A"},1]}'),
    (add("entry{a}.alias", "B"), b'{"entry":[{"id":"a","name":"A","alias":["B"]},{"url":"https://a.example/b"}]}'),
    (drop("entry[0]"), b'{"entry":[{"url":"https://a.example/b"}]}'),
    (swap('"A"', "A"), b'{"entry":[{"id":"a","name":A},{"url":"https://a.example/b"}]}'),
])
def test_a_change(change: Change, document: bytes) -> None:
    assert faulty(parse(TREE), change) == document


@pytest.mark.parametrize("change, said", [
    (put("entry{c}.name", "C"), "nothing is called 'c' in entry{c}.name"),
    (drop("entry[0].alias"), "'alias'"),
    (swap("C", "D"), "nothing reads C"),
])
def test_a_change_of_what_is_not_there(change: Change, said: str) -> None:
    with pytest.raises(LookupError) as raised:
        faulty(parse(TREE), change)
    assert str(raised.value) == said


ODD: list[Any] = [
    "", " ", "x", 1, -1, Decimal("1.5"), True, None, {}, [], ["x"], [{}], {"x": 1}, [[]], [None], "#", "#x", "urn:uuid:", 10**40, {"reference": 1},
    {"reference": ["#x"]}, {"coding": 1}, {"coding": [1]}, {"coding": [{"code": {}, "system": []}]}, {"url": {}}, [{"url": []}], {"extension": {}},
    {"extension": [1]}, {"value": {}}, {"start": 1, "end": {}}, {"div": 1}, {"repeat": {"when": 1, "duration": {}}},
]


@pytest.mark.parametrize("release", RELEASES)
def test_of_an_odd_value_anywhere_come_problems_and_nothing_else(release: str) -> None:
    tree = ground(release)
    for number, (holder, key) in enumerate(list(nodes(tree))):
        before = holder[key]
        holder[key] = ODD[number % len(ODD)]
        assert all(isinstance(one, Problem) for one in conformance(release).problems(tree))
        holder[key] = before
    assert encode(tree) == written(release)


def nodes(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Each member of an object and entry of a list: who holds it, and its name or number."""
    for key, below in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield tree, key
        if isinstance(below, dict | list):
            yield from nodes(below)


@pytest.mark.parametrize("said, where, is_near", [
    ("Bundle.entry[0].resource.title", "Bundle.entry[0].resource.title", True),
    ("Bundle.entry[0].resource._title.id", "Bundle.entry[0].resource.title", True),
    ("Bundle.entry[2].resource.characteristic[0].value.low", "Bundle.entry[2].resource.characteristic[0].valueRange", True),
    ("Bundle.entry[2].resource.characteristic[0].value", "Bundle.entry[2].resource.characteristic[0].valueRange.low", True),
    ("Bundle.entry[2].resource.characteristic[0].value", "Bundle.entry[2].resource.characteristic[0].valueSet", False),
    ("Bundle.entry[0].resource.keyword[0]", "Bundle.entry[0].resource.keyword", True),
    ("Bundle.entry[0].resource", "Bundle.entry[0].resource.contained[1].name", True),
    ("Bundle", "Bundle.type", True),
    ("Bundle", "Bundle.entry[0].resource.title", False),
    ("Bundle.entry[1].resource", "Bundle.entry[0].resource.title", False),
    ("Bundle.entry[0].resource.titles", "Bundle.entry[0].resource.title", False),
    ("Bundle.entry[0].resource.title", "Bundle", True),
])
def test_what_is_near(said: str, where: str, is_near: bool) -> None:
    assert near(said, where) is is_near


@pytest.mark.corpus
@pytest.mark.parametrize("release", examples.RELEASES)
def test_examples_that_hapi_calls_clean_have_no_error(release: str) -> None:
    corpus(f"fhir_examples/{release}")
    by_hapi = examples.kept()[release]
    documents = dict(examples.examples(release))
    assert documents.keys() == by_hapi.keys()
    clean = [name for name, errors in by_hapi.items() if not errors]
    said = zip(clean, own(release, [documents[name] for name in clean]), strict=True)
    assert {name: errors for name, issues in said if (errors := [one for one in issues if one.severity == "error"])} == {}


@pytest.mark.corpus
@pytest.mark.parametrize("release", examples.RELEASES)
def test_errors_that_hapi_finds_in_examples_are_found(release: str) -> None:
    corpus(f"fhir_examples/{release}")
    assert examples.missed(release) == {name for name in not_yet() if name.startswith(f"{release}/")}


def test_the_readme_tells_what_the_table_shows() -> None:
    readme = (PAGE.parents[1] / "README.md").read_text(encoding="utf-8")
    assert missed("own") == set()
    shares = {}
    for engine in ("hapi", "models"):
        said = [enough(one, case.fault) for release in RELEASES for case, one in found(engine, release)]
        shares[engine] = round(100 * sum(said) / len(said))
    assert f"It finds every one of [{len(FAULTS)} seeded faults](docs/faults.md), where HAPI's validator finds {shares['hapi']} % and " \
           f"fhir.resources {shares['models']} %" in " ".join(readme.split())
