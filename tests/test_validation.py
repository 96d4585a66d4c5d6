"""What validate says of every kind of document, and that one wrong record hides no other."""

import sys
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from converter.convert import convert
from converter.documents import Inputs
from converter.json_text import encode, parse
from converter.problems import Problem, Problems
from converter.validation import TWICE, Verdict, validate, validate_all

STUDY = {"resourceType": "ResearchStudy", "status": "active", "title": "A"}
TRIAL = {"source": "ctgov", "id": "NCT00000001", "title": "A trial"}
CTGOV = {"protocolSection": {"identificationModule": {"nctId": "NCT00000001", "briefTitle": "A trial"}}}
NO_MEMBER = "the format has no such member"
TRUNCATED = b'{"resourceType":"ResearchStudy","status":'
DEEP = "lists or objects stand inside one another hundreds of levels deep; expected a record"


def study(**members):
    return {**STUDY, **members}


def bundle(*resources, **members):
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": f"urn:uuid:0000000{n}-0000-4000-8000-000000000000", "resource": one}
                                                                      for n, one in enumerate(resources)], **members}


def ours(release):
    return parse(convert(encode(CTGOV), release).document)


VALID = [
    # what, a document, what it is held against, its id
    ("a study", STUDY, "r4", None),
    ("a study of R5", study(progressStatus=[{"state": {"text": "x"}}]), "r5", None),
    ("a Patient", {"resourceType": "Patient", "id": "p1"}, "r4", "p1"),
    ("a type that came with R4B", {"resourceType": "Ingredient", "id": "i"}, "r4b", "i"),
    ("a type that came with R5", {"resourceType": "Requirements", "id": "q"}, "r5", "q"),
    ("a Bundle in a Bundle", bundle(bundle(STUDY)), "r4", None),
    ("what we write as R4", ours("r4"), "r4", "NCT00000001"),
    ("what we write as R5", ours("r5"), "r5", "NCT00000001"),
    ("our own record", TRIAL, "trial", "NCT00000001"),
    ("our own record as YAML", b"title: A\nid: NCT00000001\nconditions:\n- B\n", "trial", "NCT00000001"),
    ("a study of ClinicalTrials.gov", CTGOV, "ctgov", "NCT00000001"),
]


@pytest.mark.parametrize(("document", "format", "id"), [case[1:] for case in VALID], ids=[case[0] for case in VALID])
def test_what_is_valid(document, format, id):
    text = document if isinstance(document, bytes) else encode(document)
    said = validate(text)
    assert said.seconds > 0
    assert replace(said, problems=(), seconds=0.0) == Verdict("", 0, id, format, "valid")
    assert [problem for problem in said.problems if problem.severity != "information"] == []


INVALID = [
    # what, a document, what it is held against, the path and beginning of every error
    ("an unknown element", study(titel="A"), "r4", [("ResearchStudy.titel", "ResearchStudy has no element 'titel'")]),
    ("R3", bundle(study(status="in-progress"), {"resourceType": "ReferralRequest"}), "r4", [
        ("Bundle.entry[0].resource.status", "expected one of active"), ("Bundle.entry[1].resource.resourceType", "expected the name of a resource of FHIR 4.0.1")]),
    ("no such resource", {"resourceType": "Trial", "title": "A"}, "r4", [("Trial.resourceType", "expected the name of a resource of FHIR 4.0.1, found 'Trial'")]),
    ("a Bundle with faults inside of a Bundle", bundle(bundle(study(x=1))), "r4", [
        ("Bundle.entry[0].resource.entry[0].resource.x", "ResearchStudy has no element 'x'")]),
    ("entries that are none", {"resourceType": "Bundle", "type": "collection", "entry": [None]}, "r4", [("Bundle.entry[0]", "expected an object")]),
    ("a field that is none", {**TRIAL, "titel": "A"}, "trial", [("titel", "is no field of a Trial; did you mean 'title'?")]),
    ("a wrong type", {"protocolSection": {"identificationModule": {"nctId": 5}}}, "ctgov", [("protocolSection.identificationModule.nctId", "expected text")]),
    ("no format", {"a": 1}, "", [("", "no format knows an object with 'a'")]),
    ("a resourceType that is no text", {"resourceType": 5}, "", [("", "no format knows an object with 'resourceType'")]),
    ("half a document", TRUNCATED, "", [("column 42", "the document breaks off after")]),
    ("Latin-1", '{"resourceType":"ResearchStudy","title":"é"}'.encode("latin-1"), "", [("column 42", "found the byte 0xE9, which is not UTF-8")]),
    ("UTF-16", encode(STUDY).decode().encode("utf-16"), "", [("", "found UTF-16; expected UTF-8")]),
    ("half a character", b'{"resourceType":"ResearchStudy","title":"\\ud800"}', "", [("column 42", "found half a character")]),
    ("brackets without end", b'{"resourceType":"Bundle","entry":' + b"[" * 1_000_000, "", [("", DEEP)]),
    ("a name said twice", b'{"resourceType":"ResearchStudy","status":"active","title":"A","title":"A"}', "r4", [("title", TWICE)]),
    ("true said twice", b'{"resourceType":"Patient","active":true,"active":true}', "r4", [("active", TWICE)]),
    ("a name said twice, in ours", b'{"title":"A","title":"B"}', "trial", [("title", TWICE)]),
    ("a name said twice, in theirs", encode(CTGOV).replace(b'"nctId"', b'"nctId":"NCT00000001","nctId"'), "ctgov",
     [("protocolSection.identificationModule.nctId", TWICE)]),
]


@pytest.mark.parametrize(("document", "format", "errors"), [case[1:] for case in INVALID], ids=[case[0] for case in INVALID])
def test_what_is_invalid(document, format, errors):
    found = validate(document if isinstance(document, bytes) else encode(document))
    assert (found.status, found.format) == ("invalid", format)
    assert [problem.path for problem in found.problems] == [path for path, _ in errors]
    assert all(problem.message.startswith(said) for problem, (_, said) in zip(found.problems, errors, strict=True)), found.problems


def test_what_a_format_does_not_know_is_a_warning_and_what_is_passed_over_by_name_information():
    document = {**CTGOV, "protocolSection": {**CTGOV["protocolSection"], "odd": {"a": 1, "b": 2}, "more": "x"}, "resultsSection": {"a": 1}}
    assert replace(validate(encode(document)), seconds=0.0) == Verdict("", 0, "NCT00000001", "ctgov", "valid", (
        Problem("protocolSection.odd", f"found 2 values; {NO_MEMBER}", "warning"),
        Problem("protocolSection.more", f"found 'x'; {NO_MEMBER}", "warning"),
        Problem("resultsSection", "holds results, which are not carried yet", "information")))


def test_warnings_make_a_record_invalid_when_it_is_looked_at_strictly(tmp_path):
    (path := tmp_path / "a.ndjson").write_bytes(b"\n".join([encode({**CTGOV, "odd": 1}), encode(CTGOV), encode({**CTGOV, "resultsSection": 1})]))
    assert [verdict.status for verdict in validate_all(Inputs([path]))] == ["valid", "valid", "valid"]
    assert [verdict.status for verdict in validate_all(Inputs([path]), strict=True)] == ["invalid", "valid", "valid"]


def test_the_release_that_is_named_counts():
    text = encode(study(progressStatus=[{"state": {"text": "x"}}]))
    assert [validate(text, release=release).status for release in (None, "r4", "r4b", "r5")] == ["valid", "invalid", "invalid", "valid"]
    assert validate(text, "r4b").format == "r4b"
    assert validate(encode(STUDY), "r4b").format == "r4b"


def test_one_wrong_record_hides_no_other(tmp_path):
    lines = [encode(STUDY), TRUNCATED, encode(study(x=1)), b"[]", encode(CTGOV), encode(STUDY)]
    (path := tmp_path / "a.ndjson").write_bytes(b"\n".join(lines))
    found = list(validate_all(Inputs([path])))
    assert [(verdict.index, verdict.format, verdict.status) for verdict in found] == [
        (0, "r4", "valid"), (1, "", "invalid"), (2, "r4", "invalid"), (3, "", "invalid"), (4, "ctgov", "valid"), (5, "r4", "valid")]


def test_the_models_are_asked_when_they_are_named(monkeypatch):
    asked = []
    said = Problem("Bundle", "is odd", section="a.html", field="title")
    monkeypatch.setitem(sys.modules, "mappings.models", SimpleNamespace(model_problems=lambda tree, release: asked.append((tree, release)) or [said]))
    assert validate(encode(STUDY), engine="models", release="r5").problems == (said,)
    assert asked == [(STUDY, "r5")]


def test_a_bug_is_a_problem_of_the_record(monkeypatch):
    monkeypatch.setattr("converter.validation.fhir_problems", lambda *_: 1 / 0)
    assert [problem.message for problem in validate(encode(STUDY)).problems] == [
        "this is a bug in trialbridge (ZeroDivisionError: division by zero); please report it with this record"]


@pytest.mark.parametrize(("call", "message"), [
    (lambda: validate(b"{}", "x"), "no format is called 'x'; expected one of clinconnect_page, meddatax_page, ctgov, r4, r4b, r5, trial"),
    (lambda: validate(b"{}", engine="x"), "no engine is called 'x'; expected one of own, models"),
    (lambda: validate_all([], engine="x"), "no engine is called 'x'; expected one of own, models"),
])
def test_what_cannot_be_is_refused_at_once(call, message):
    with pytest.raises(Problems) as refused:
        call()
    assert str(refused.value) == message
