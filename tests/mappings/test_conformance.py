"""What is wrong with a Bundle, at which path, in which words; and nothing where nothing is."""

from __future__ import annotations

import gzip
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from converter.formats import format_named
from converter.json_text import parse
from mappings.conformance import conformance
from tests.corpus import corpus

SAMPLES = Path(__file__).parents[2] / "samples" / "bundles"
STUDY = "Bundle.entry[0].resource"


def sample(release: str) -> Any:
    return parse((SAMPLES / f"ctgov-NCT02837978.{release}.json").read_bytes())


def problems(release: str, tree: Any) -> list[str]:
    return [f"{problem} ({problem.section})" for problem in conformance(release).problems(tree) if problem.severity != "information"]


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.name)
def test_nothing_is_wrong_with_the_bundles_of_the_samples(path: Path) -> None:
    assert problems(path.name.split(".")[-2], parse(path.read_bytes())) == []


@pytest.mark.corpus
@pytest.mark.parametrize(("release", "first"), [("r4", 0), ("r5", 1)])
def test_nothing_is_wrong_with_the_bundles_of_the_records(release: str, first: int) -> None:
    """Each record is seen in one release."""
    with gzip.open(corpus("ctgov_v2/records.ndjson.gz")) as records:
        for record in islice(records, first, None, 2):
            document = format_named(release).write(format_named("ctgov").read(record).trial).document
            assert problems(release, parse(document)) == []


def study(**members: Any) -> Any:
    def change(tree: Any) -> None:
        tree["entry"][0]["resource"].update(members)
    return change


def without(name: str) -> Any:
    def change(tree: Any) -> None:
        for there in (name, f"_{name}"):  # extensions alone are an element too
            tree["entry"][0]["resource"].pop(there, None)
    return change


FAULTS = [
    (study(titel="x"), "titel: ResearchStudy has no element 'titel'; is 'title' meant? (researchstudy.html)"),
    (study(title=["x"]), "title: expected a text, found a list of 1 (datatypes.html#primitive)"),
    (study(title=None), "title: expected a text, found null (datatypes.html#primitive)"),
    (study(title=" "), "title: is a text with nothing in it; leave the element out (datatypes.html#primitive)"),
    (study(identifier={}), "identifier: expected a list, found an empty object (json.html)"),
    (study(identifier=[]), "identifier: is a list with nothing in it; leave it out (json.html)"),
    (study(identifier=[{}]), "identifier[0]: is an object with nothing in it; leave it out (json.html)"),
    (study(identifier=["x"]), "identifier[0]: expected an object (Identifier), found 'x' (json.html)"),
    (study(identifier=[None]), "identifier[0]: expected an object (Identifier), found null (json.html)"),
    (study(id="a_b"), "id: expected 1 to 64 letters, digits, - and ., found 'a_b' (datatypes.html#primitive)"),
    (study(period={"start": "2020-02-30"}), "period.start: '2020-02-30' is no day of the calendar (datatypes.html#primitive)"),
    (study(period={"start": "2020-2"}), "period.start: expected YYYY, YYYY-MM, YYYY-MM-DD, or a date and time with its zone, "
                                        "found '2020-2' (datatypes.html#primitive)"),
    (study(identifier=[{"use": "main"}]), "identifier[0].use: expected one of official, old, secondary, temp, usual, found 'main' "
                                          "(http://hl7.org/fhir/ValueSet/identifier-use)"),
    (study(identifier=[{"system": "a b"}]), "identifier[0].system: expected an address without blanks, found 'a b' (datatypes.html#primitive)"),
    (study(_title={"x": 1}), "title.x: Element has no element 'x' (element.html)"),
    (study(_period={"id": "x"}), "_period: there is no primitive 'period' that it could stand beside (json.html)"),
    (study(extension=[{"valueString": "x"}]), "extension[0]: lacks url, which must be there (extension.html)"),
    (study(extension=[{"url": "urn:x", "valueString": "x", "valueCode": "x"}]),
     "extension[0]: has valueCode and valueString; value may be one of them (extensibility.html)"),
    (study(extension=[{"url": "urn:x", "valueInteger": "1"}]),
     "extension[0].value: expected a whole number from -2147483648 to 2147483647, found '1' (datatypes.html#primitive)"),
    (study(extension=[{"url": "urn:x", "valueBoolean": 1}]),
     "extension[0].value: expected true or false, found 1 (datatypes.html#primitive)"),
    (study(extension=[{"url": "urn:x", "valuePositiveInt": 0}]),
     "extension[0].value: expected a whole number from 1 to 2147483647, found 0 (datatypes.html#primitive)"),
    (without("status"), "lacks status, which must be there (researchstudy.html)"),
]
VERSIONS = {"r4": "4.0.1", "r5": "5.0.0"}


@pytest.mark.parametrize("release", VERSIONS)
@pytest.mark.parametrize("change, said", FAULTS, ids=[said for _, said in FAULTS])
def test_a_fault_is_named_with_its_path(release: str, change: Any, said: str) -> None:
    tree = sample(release)
    change(tree)
    path, colon, message = said.partition(": ")
    expected = f"{STUDY}.{path}: {message}" if colon else f"{STUDY}: {said}"
    assert problems(release, tree) == [expected.replace("{version}", VERSIONS[release])]


def request(n: int, **members: Any) -> Any:
    return lambda tree: tree["entry"][n]["request"].update(members)


def again(tree: Any) -> None:
    tree["entry"][1]["fullUrl"] = tree["entry"][2]["fullUrl"]


def contained_again(tree: Any) -> None:
    tree["entry"][0]["resource"]["contained"].append(tree["entry"][0]["resource"]["contained"][0])


IN_BUNDLE = [
    (study(partOf=[{"reference": "#nobody"}]), [f"{STUDY}.partOf[0].reference: '#nobody' leads to no contained resource (references.html)"]),
    (study(partOf=[{"reference": "urn:uuid:00000000-0000-0000-0000-000000000000"}]),
     [f"{STUDY}.partOf[0].reference: 'urn:uuid:00000000-0000-0000-0000-000000000000' is the full URL of no entry of the Bundle that it may refer to (references.html)"]),
    (study(partOf=[{"reference": "Patient/1"}]),
     [f"{STUDY}.partOf[0].reference: expected a reference to ResearchStudy, found one to Patient (references.html)"]),
    (study(partOf=[{"reference": "https://a.example/fhir/ResearchStudy/1", "type": "Group"}]),
     [f"{STUDY}.partOf[0].type: says Group, and the reference leads to ResearchStudy (references.html)"]),
    (study(partOf=[{"reference": "ResearchStudy?identifier=a|b"}]), []),
    (study(partOf=[{"display": "another study"}]), []),
    (request(0, url="Group?identifier=a|b"),
     ["Bundle.entry[0].request.url: expected ResearchStudy, or ResearchStudy with an id or a condition, found 'Group?identifier=a|b' "
      "(http.html#transaction)"]),
    (request(0, url="ResearchStudy"),
     ["Bundle.entry[0].request.url: expected ResearchStudy with an id or a condition for a PUT, found 'ResearchStudy' (http.html#transaction)"]),
    (request(0, method="POST", url="ResearchStudy", ifNoneExist="ResearchStudy?identifier=a"),
     ["Bundle.entry[0].request.ifNoneExist: expected the condition alone, such as identifier=system|value, "
      "found 'ResearchStudy?identifier=a' (http.html#transaction)"]),
    (request(0, method="POST", url="ResearchStudy", ifNoneExist="identifier=a|b"), []),
    (request(0, method="send"),
     ["Bundle.entry[0].request.method: expected one of DELETE, GET, HEAD, PATCH, POST, PUT, found 'send' (http://hl7.org/fhir/ValueSet/http-verb)",
      "Bundle.entry[0]: breaks the rule bdl-3c"]),
]


@pytest.mark.parametrize("release", VERSIONS)
@pytest.mark.parametrize("change, said", IN_BUNDLE)
def test_references_and_requests(release: str, change: Any, said: list[str]) -> None:
    tree = sample(release)
    change(tree)
    found = problems(release, tree)
    assert [one.partition(": For")[0].partition(": entry")[0] for one in found] == [
        one for one in said if release == "r5" or "bdl-3c" not in one]


@pytest.mark.parametrize("release", VERSIONS)
def test_nothing_is_there_twice(release: str) -> None:
    tree = sample(release)
    again(tree)
    assert any("is the full URL of another entry too (bundle.html bdl-7)" in said for said in problems(release, tree))
    tree = sample(release)
    contained_again(tree)
    assert [said.partition(": ")[2] for said in problems(release, tree)] == [
        f"'{tree['entry'][0]['resource']['contained'][0]['id']}' is the id of another contained resource too (references.html#contained)"]


@pytest.mark.parametrize("release", VERSIONS)
def test_a_contained_resource_is_one_of_the_release(release: str) -> None:
    tree = sample(release)
    contained = tree["entry"][0]["resource"]["contained"]
    contained.append({"resourceType": "Studie", "id": "x"})
    assert problems(release, tree)[:1] == [
        f"{STUDY}.contained[{len(contained) - 1}].resourceType: expected the name of a resource of FHIR {VERSIONS[release]}, "
        "found 'Studie' (json.html)"]


def test_a_code_of_another_release_is_refused() -> None:
    tree = sample("r5")
    tree["entry"][0]["resource"]["status"] = "completed"
    assert problems("r5", tree) == [f"{STUDY}.status: expected one of active, draft, retired, unknown, found 'completed' "
                                    "(http://hl7.org/fhir/ValueSet/publication-status)"]


@pytest.mark.parametrize("tree", [None, 1, "x", [], {}, {"resourceType": 1}, {"resourceType": ["Bundle"]}, {"resourceType": "Bundle", "entry": 1}])
def test_what_is_no_resource_gives_a_problem(tree: Any) -> None:
    assert problems("r4", tree)


def test_depth_is_bounded() -> None:
    tree: Any = {"url": "urn:x", "valueString": "x"}
    for _ in range(400):
        tree = {"url": "urn:x", "extension": [tree]}
    said = problems("r4", {"resourceType": "Group", "type": "person", "actual": False, "extension": [tree]})
    assert len(said) == 1
    assert said[0].endswith(": elements stand in one another more than 64 deep; what is here is not checked (json.html)")


TRANSLATION = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/translation", "extension": [
    {"url": "lang", "valueCode": "de"}, {"url": "content", "valueString": "Eine Studie"}]}]}
PATCH = {"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001", "resource": {"resourceType": "Parameters", "parameter": [
    {"name": "operation", "valueString": "x"}]}, "request": {"method": "PATCH", "url": "Location/3"}}


def entry(more: Any) -> Any:
    return lambda tree: tree["entry"].append(more)


LEGAL = [
    study(_title=TRANSLATION), study(_title={"id": "t1"}), study(_title={"id": "t1", **TRANSLATION}),
    entry(PATCH), entry({**PATCH, "request": {"method": "POST", "url": "ResearchStudy/$everything"}}),
    entry({**PATCH, "resource": {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": "W10="}}),
    study(note=[{"text": "x", "_text": {"id": "n"}}]),
]


@pytest.mark.parametrize("release", VERSIONS)
@pytest.mark.parametrize("change", LEGAL)
def test_what_is_legal_and_seldom_seen(release: str, change: Any) -> None:
    tree = sample(release)
    change(tree)
    assert problems(release, tree) == []


@pytest.mark.parametrize("release", VERSIONS)
def test_ids_of_elements_are_those_of_one_resource(release: str) -> None:
    tree = sample(release)
    for part in tree["entry"][0]["resource"]["contained"][:2]:
        part["text"] = {"id": "a", "status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
    assert not [said for said in problems(release, tree) if "another element" in said]


PLACED = [
    (lambda tree: tree["entry"][0]["resource"]["contained"].append({"resourceType": "Organization", "id": "new", "name": "x"}),
     "Bundle.entry[0].resource.contained[{last}]: breaks the rule dom-3"),
    (lambda tree: tree["entry"][1]["resource"].update(action=[{"title": "A", "action": [{"title": "B", "goalId": ["nobody"]}]}]),
     "Bundle.entry[1].resource.action[0].action[0].goalId[0]: breaks the rule pld-3"),
    (lambda tree: tree["entry"][0]["resource"]["contained"][0].update(meta={"versionId": "1"}),
     "Bundle.entry[0].resource.contained[0]: breaks the rule dom-4"),
    (study(partOf=[{"display": "x", "type": "Foo"}]), "Bundle.entry[0].resource.partOf[0].type: expected the name of a resource, found 'Foo'"),
    (study(extension=[{"url": "http://hl7.org/fhir/StructureDefinition/resource-lastReviewDate", "valueDate": "2020"}]),
     "Bundle.entry[0].resource.extension[0]: 'http://hl7.org/fhir/StructureDefinition/resource-lastReviewDate' may stand on"),
]


@pytest.mark.parametrize("release", VERSIONS)
@pytest.mark.parametrize(("change", "said"), PLACED)
def test_a_rule_of_a_whole_is_told_where_it_is_broken(release: str, change: Any, said: str) -> None:
    tree = sample(release)
    change(tree)
    last = len(tree["entry"][0]["resource"]["contained"]) - 1
    found = problems(release, tree)
    assert len(found) == 1
    assert found[0].startswith(said.replace("{last}", str(last)))


def test_of_very_many_problems_the_rest_is_counted() -> None:
    tree = sample("r4")
    tree["entry"][0]["resource"]["keyword"] = [1] * 3000
    said = conformance("r4").problems(tree)
    assert len(said) == 1001
    assert str(said[-1]) == "Bundle: 2000 problems more like these are not listed"


def test_an_id_said_again_and_again_in_a_narrative_is_told_once() -> None:
    tree = sample("r4")
    paragraphs = '<p id="a">x</p>' * 500
    tree["entry"][0]["resource"]["text"]["div"] = f'<div xmlns="http://www.w3.org/1999/xhtml">{paragraphs}</div>'
    assert problems("r4", tree) == [f"{STUDY}.text.div: has the id 'a' more than once (narrative.html)"]
