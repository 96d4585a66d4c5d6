"""Documents that are not what they claim, or very large: a problem with a path, in time and memory that grow as the document does.

Time is counted in calls of functions, not by a clock; memory is the most that was held at once.
"""

import json
import sys
import tracemalloc

import pytest

from converter.convert import convert
from converter.documents import Document, Inputs
from converter.guess import guess
from converter.problems import Problems
from converter.roundtrip import roundtrip_all
from converter.validation import validate_all

STUDY = {"resourceType": "ResearchStudy", "status": "active", "title": "A"}
URL = "urn:uuid:00000000-0000-4000-8000-{:012}"


def bundle(*resources):
    return {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": URL.format(n), "resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for n, one in enumerate(resources)]}


def locations(number):
    return [{"resourceType": "Location", "id": f"l{n}", "name": f"Site {n}"} for n in range(number)]


def sites(number):
    return [{"reference": f"#l{n}"} for n in range(number)]


def nested(depth):
    tree = {"url": "http://a", "valueString": "x"}
    for _ in range(depth):
        tree = {"url": "http://a", "extension": [tree]}
    return tree


def chain(number):
    """Organizations each of which is part of the next, the last of the first, and a study that is part of itself."""
    rest = [{"resourceType": "Organization", "id": f"o{n}", "name": "A", "partOf": {"reference": f"#o{(n + 1) % number}"}} for n in range(number)]
    return bundle({**STUDY, "partOf": [{"reference": URL.format(0)}], "sponsor": {"reference": "#o0"}, "contained": rest})


def ctgov(**modules):
    return {"protocolSection": {"identificationModule": {"nctId": "NCT00000001", "briefTitle": "A"}, **modules}}


LARGE = {
    "contained, unused": lambda n: bundle({**STUDY, "contained": locations(n)}),
    "contained, used": lambda n: bundle({**STUDY, "contained": locations(n), "site": sites(n)}),
    "contained, in another order": lambda n: bundle({**STUDY, "contained": locations(n)[::-1], "site": sites(n)[1:]}),
    "contained, of one id": lambda n: bundle({**STUDY, "contained": locations(1) * n}),
    "entries": lambda n: bundle(*[STUDY] * n),
    "a cycle of references": chain,
    "unknown elements": lambda n: {**STUDY, **{f"x{number}": number for number in range(n)}},
    "elements of wrong types": lambda n: {**STUDY, "keyword": list(range(n))},
    "unknown members of a list": lambda n: ctgov(contactsLocationsModule={"locations": [{"facility": str(number), "odd": number} for number in range(n)]}),
    "unknown fields of ours": lambda n: {"title": "A", "arms": [{"label": str(number)} for number in range(n)]},
    "a list of one's own in another order": lambda n: {"title": "A", "conditions": [str(number) for number in range(n)]},
    "names said twice": lambda n: b'{"resourceType":"ResearchStudy","status":"active",' + b",".join(b'"title":"%d"' % number for number in range(n)) + b"}",
}


def documents(content):
    try:
        return [Document("a.json", 0, content, guess(content))]
    except Problems as wrong:
        return [Document("a.json", 0, content, problems=wrong.problems)]


def validated(content):
    return next(validate_all(documents(content)))


def travelled(content):
    return next(roundtrip_all(documents(content)))


def effort(act, content):
    """Calls of functions, and bytes held at once, beyond the document itself."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    tracemalloc.start()
    sys.setprofile(count)
    try:
        act(content)
    finally:
        sys.setprofile(None)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return calls, most


def text(tree):
    return tree if isinstance(tree, bytes) else json.dumps(tree).encode()


@pytest.mark.parametrize("act", [validated, travelled])
@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_effort_grows_as_the_document_does(act, make):
    small, large = text(make(150)), text(make(600))
    act(small)  # what is made once
    calls, held = effort(act, small)
    more, most = effort(act, large)
    assert more < 6 * calls
    assert most < 6 * held + (1 << 20)
    assert most < 100 * len(large)


@pytest.mark.parametrize("act", [validated, travelled])
@pytest.mark.parametrize("member", [{"text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{"x " * 25_000_000}</div>'}},
                                    {"description": "x " * 25_000_000}], ids=["narrative", "description"])
def test_fifty_megabytes_of_text(act, member):
    content = text(bundle({**STUDY, **member}))
    act(text(bundle(STUDY)))
    calls, most = effort(act, content)
    assert calls < 100_000
    assert most < 12 * len(content)
    assert act(content).status in ("valid", "same")


DEEP = "lists or objects stand inside one another hundreds of levels deep; expected a record"
WRONG = [
    # what, the document, what validate says first, what roundtrip says first: each with its path, where there is one
    ("extensions 60 deep", bundle({**STUDY, "extension": [nested(58)]}), None, None),
    ("extensions 400 deep", bundle({**STUDY, "extension": [nested(400)]}), "elements stand in one another more than 64 deep; what is here is not checked", None),
    ("extensions 100,000 deep", b'{"resourceType":"ResearchStudy","extension":' + b'[{"extension":' * 100_000, DEEP, DEEP),
    ("lists in lists", {**STUDY, "title": [[[[]]]]}, "ResearchStudy.title: expected a text, found a list of 1", "title: expected text, found a list of 1"),
    ("a Bundle in a Bundle", bundle(bundle(STUDY)), "Bundle.entry[0].resource: is a Bundle inside a Bundle, which no server of trials takes",
     "entry[0].resource: expected a ResearchStudy, PlanDefinition or Group, alone or in a Bundle; found Bundle"),
    ("R3", bundle({"resourceType": "ReferralRequest", "status": "active"}), "Bundle.entry[0].resource.resourceType: expected the name of a resource of FHIR 4.0.1",
     "expected a ResearchStudy, PlanDefinition or Group, alone or in a Bundle; found ReferralRequest"),
    ("another resource", {"resourceType": "Patient", "id": "p"}, None, "expected a ResearchStudy, PlanDefinition or Group, alone or in a Bundle; found Patient"),
    ("entries that are none", {"resourceType": "Bundle", "entry": [None, 3, {"resource": []}]}, "Bundle.entry[0]: expected an object (Bundle.entry), found null",
     "expected a ResearchStudy, PlanDefinition or Group, alone or in a Bundle; found an object with 'resourceType', 'entry'"),
    ("UTF-16", json.dumps(STUDY).encode("utf-16"), "found UTF-16; expected UTF-8", "found UTF-16; expected UTF-8"),
    ("UTF-16 without its mark", json.dumps(STUDY).encode("utf-16-le"), "found UTF-16; expected UTF-8", "found UTF-16; expected UTF-8"),
    ("Latin-1", '{"resourceType":"ResearchStudy","title":"é"}'.encode("latin-1"), "column 42: found the byte 0xE9, which is not UTF-8",
     "column 42: found the byte 0xE9, which is not UTF-8"),
    ("half a character", b'{"resourceType":"ResearchStudy","title":"\\ud800"}', "column 42: found half a character", "column 42: found half a character"),
    ("half a document", b'{"resourceType":"ResearchStudy","title"', "column 40: the document breaks off after", "column 40: the document breaks off after"),
    ("bytes", b"\0\0\0\0", "no format knows a text that begins with", "no format knows a text that begins with"),
    ("a study that is part of itself", chain(2), None, None),
]


@pytest.mark.parametrize(("document", "validation", "trip"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_not_what_it_claims(document, validation, trip):
    content = text(document)
    for found, said in ((validated(content), validation), (travelled(content), trip)):
        errors = [str(problem) for problem in found.problems if problem.severity == "error"]
        assert "bug" not in "".join(errors)
        if said is None:
            assert errors == []
        elif said.startswith("elements stand"):
            assert errors[0].partition(": ")[2].startswith(said)
        else:
            assert errors[0].startswith(said)


def test_a_stream_takes_no_more_memory_the_longer_it_is(tmp_path):
    """Of NDJSON, for both commands: five times the records, the same memory."""
    line = convert(text(ctgov()), "r4").document + b"\n"
    (short := tmp_path / "short.ndjson").write_bytes(line * 50)
    (long := tmp_path / "long.ndjson").write_bytes(line * 250)
    for every in (validate_all, roundtrip_all):
        def act(path, every=every):
            for _ in every(Inputs([path])):
                pass
        act(short)
        assert effort(act, long)[1] < 2 * effort(act, short)[1]
