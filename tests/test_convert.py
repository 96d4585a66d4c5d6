"""The front door: any format to any other, nothing but Problems gets out, one bad record costs one record."""

import json
import os
import signal
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from converter import formats, workers
from converter.convert import Conversion, Outcome, all_converted, convert, convert_all, converted, read, target, write, writing
from converter.documents import Document, Inputs
from converter.eligibility import understanding
from converter.formats import FORMATS, Reading, Writing
from converter.json_text import encode
from converter.loss import Loss
from converter.problems import Problem, Problems, shown
from converter.report import line
from converter.trial import Link, Position, Site, Trial

READABLE = list(FORMATS)
WRITABLE = [name for name, entry in FORMATS.items() if entry.writes]


def study(number: int = 1, **more: object) -> bytes:
    identification = {"nctId": f"NCT{number:08}", "briefTitle": "A trial"}
    return encode({"protocolSection": {"identificationModule": identification, **more}})


def trial(number: int = 1) -> Trial:
    return Trial(source="ctgov", id=f"NCT{number:08}", title="A trial")


def test_read_takes_bytes_or_the_path_of_one_record(tmp_path):
    (path := tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + study())
    for document in (study(), b"\xef\xbb\xbf" + study(), path, str(path)):
        assert read(document) == read(document, "ctgov") == Reading(trial(), said_once=True)


def test_write_and_convert_give_a_document():
    assert write(trial(), "ctgov") == study()
    assert writing(trial(), "ctgov") == Writing(study())
    assert convert(study(), "trial") == Conversion(b'{"source":"ctgov","id":"NCT00000001","title":"A trial"}')
    assert convert(study(), "trial", "ctgov", yaml=True).document == b"source: ctgov\nid: NCT00000001\ntitle: A trial\n"


@pytest.mark.parametrize("to", WRITABLE)
def test_any_format_that_is_written_gives_the_trial_back(to):
    full = Trial(source="ctgov", id="NCT00000001", title="A", conditions=("x",), has_dmc=False,
                 sites=(Site(city="Bern", position=Position(latitude=Decimal("46.950"), longitude=Decimal("7.4"))),))
    assert read(write(full, to)).trial == read(write(full, to), to).trial == full


def test_what_is_lost_is_told_with_its_path_in_the_source():
    document = b'{"resultsSection":{"a":[1,2],"b":{"c":3}},"hasResults":false,' + study()[1:]
    assert convert(document, "trial").lost == (Loss("resultsSection", "holds results, which are not carried yet", count=3),)
    twice = study().replace(b'"briefTitle"', b'"briefTitle":"Another","briefTitle"')
    assert convert(twice, "trial").lost == (
        Loss("protocolSection.identificationModule.briefTitle", "is said again further on, and the last one counts", "Another"),)


PASSED_OVER = [
    b"{}", b'"nctId"', b"[1]", b'{"nctId": {"a":1}}',
    b'[{"nctId":"\\":","b\\\\":1}]', b'[{"nctId":"NCT00000001","a":"' + b"x" * 99 + b'"}]',
]


@pytest.mark.parametrize("results", PASSED_OVER)
def test_a_name_said_twice_is_told_whatever_is_passed_over_beside_it(results):
    section = b'"resultsSection":' + results
    record = study(contactsLocationsModule={"locations_nested": [{"nctId": "NCT00000001", "a": "x" * 98, "b": 1}]})
    for once in (b"{" + section + b"," + record[1:], record[:-1] + b"," + section + b"}"):
        reading = read(once)
        assert reading.said_once
        twice = once.replace(b'"nctId":"NCT00000001","briefTitle"', b'"nctId":"NCT00000002","nctId":"NCT00000001","briefTitle"')
        assert read(twice) == replace(reading, said_once=False)


REFUSED = [
    (lambda: read(b"{}", "fhir"), f"no format is called 'fhir'; expected one of {', '.join(FORMATS)}"),
    (lambda: read('{"protocolSection":{}}'), "found a text of JSON; expected its bytes, or the path of a file"),
    (lambda: read("no/such/file"), "cannot be opened: No such file or directory"),
    (lambda: read(b""), f"no format knows an empty document; name its format (--from): {', '.join(FORMATS)}"),
    (lambda: read(study(), "trial"), "protocolSection: is no field of a Trial; did you mean 'protocol_id'?"),
    (lambda: write(trial(), "clinconnect_page"), f"clinconnect_page is only read; expected one of {', '.join(WRITABLE)}"),
    (lambda: write(trial(), "ctgov", extensions="own"), "ctgov has no option 'extensions'; leave it out"),
    (lambda: write(trial(), "trial", extensions="own"), "trial has no option 'extensions'; leave it out"),
    (lambda: read(5), "found 5, a int; expected bytes, or the path of a file"),
    (lambda: Inputs([None]), "[0]: found null, a NoneType; expected the name of a file or folder, or \"-\""),
    (lambda: Inputs("a.json"), "found 'a.json'; expected a list of names of files and folders, or \"-\""),
    (lambda: write(trial(), "r4", provenance=5), "provenance: expected an instant such as 2026-01-31T12:00:00Z, found 5"),
    (lambda: Inputs(["a.json"], "xx"), f"no format is called 'xx'; expected one of {', '.join(FORMATS)}"),
    (lambda: read("x" * 5000), "cannot be opened: File name too long"),
    (lambda: read("a\0b"), "cannot be opened: embedded null byte"),
    (lambda: read(study(), ["r4"]), f"found a list of 1; expected the name of a format, one of {', '.join(FORMATS)}"),
    (lambda: convert(study(), {}), f"found an empty object; expected the name of a format, one of {', '.join(FORMATS)}"),
    (lambda: convert_all(None, "r4"), "found null, a NoneType; expected documents, as Inputs gives them"),
    (lambda: convert_all("abc", "r4"), "found 'abc', a str; expected documents, as Inputs gives them"),
    (lambda: list(convert_all([None], "r4")), "found null, a NoneType; expected a document, as Inputs gives them"),
    (lambda: list(convert_all([None], "r4", jobs=2)), "found null, a NoneType; expected a document, as Inputs gives them"),
    *[(lambda jobs=jobs: convert_all([], "r4", jobs=jobs), f"jobs: found {shown(jobs)}; expected a number of processes, at least 1")
      for jobs in (None, "2", 0, -1, 2.5)],
    (lambda: convert_all([], "x"), f"no format is called 'x'; expected one of {', '.join(FORMATS)}"),
]


@pytest.mark.parametrize(("act", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_a_refusal_says_what_was_expected(act, message):
    with pytest.raises(Problems) as refused:
        act()
    assert str(refused.value) == message


def test_standard_input_that_is_closed_is_a_failed_record(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    assert list(convert_all(Inputs(["-"]), "r4")) == [
        Outcome("-", 0, None, "failed", problems=(Problem("", "cannot be read: standard input is closed"),))]


@pytest.mark.parametrize("to", WRITABLE)
def test_a_record_of_which_nothing_is_understood_is_not_written(to):
    (outcome,) = convert_all([Document("a", 0, b'{"resourceType":"ResearchStudy","foo":1}', "r5")], to)
    assert outcome == Outcome("a", 0, None, "failed", problems=(
        Problem("", "nothing in it says anything that a Trial has; all of it is left behind", "warning"),
        Problem("", "a Trial has no place for anything in it, so there is nothing to write; expected the record of a trial")))


def test_a_file_of_several_records_is_not_one(tmp_path):
    (path := tmp_path / "a.ndjson").write_bytes(study() + b"\n" + study(2))
    with pytest.raises(Problems) as refused:
        read(path)
    assert str(refused.value) == f"{path} holds several records; expected one. `convert_all` goes through them"


def test_one_bad_record_costs_one_record(tmp_path):
    (path := tmp_path / "a.ndjson").write_bytes(b"\n".join([study(1), b"[]", study(2)[:-3], study(3)]))
    name = str(path)
    assert list(convert_all(Inputs([path]), "ctgov")) == [
        Outcome(name, 0, "NCT00000001", "done", study(1)),
        Outcome(name, 1, None, "failed", problems=(Problem("", "found an empty list; expected one JSON object, a record"),)),
        Outcome(name, 2, None, "failed", problems=(Problem(
            "column 89", "the document breaks off after '\",\"briefTitle\":\"A trial\"'; expected the rest of the JSON. "
                         "Fetch or copy it again"),)),
        Outcome(name, 3, "NCT00000003", "done", study(3)),
    ]


def test_strict_refuses_what_would_lose_something():
    lossy = Document("a", 0, b'{"resultsSection":{"a":1},' + study()[1:], "ctgov")
    plain = Document("a", 1, study(2), "ctgov")
    lost = (Loss("resultsSection", "holds results, which are not carried yet", count=1),)
    assert list(convert_all([lossy, plain], "trial", strict=True)) == [
        Outcome("a", 0, "NCT00000001", "refused", None, lost),
        Outcome("a", 1, "NCT00000002", "done", b'{"source":"ctgov","id":"NCT00000002","title":"A trial"}'),
    ]


class Broken:
    """A format with a bug in it, and one that refuses and loses what stands at a path of the Trial."""

    name = "broken"

    def __init__(self, act):
        self.act = act

    def read(self, document):
        return self.act()

    def write(self, trial):
        return self.act()


def fail(error):
    def act(*_):
        raise error
    return act


@pytest.fixture
def put(monkeypatch):
    def put(act):
        monkeypatch.setitem(FORMATS, "broken", formats.Entry("", "", ()))
        monkeypatch.setattr("converter.convert.format_named",
                            lambda name: Broken(act) if name == "broken" else formats.format_named(name))
    return put


BUG = "this is a bug in trialbridge (KeyError: 'x y'); please report it with this record"


def test_a_bug_is_a_failed_record_that_says_how_to_report_it(put):
    put(fail(KeyError("x\ny".replace("\n", " "))))
    there, back = Document("a.ndjson", 7, study(), "ctgov"), Document("a.ndjson", 8, b"x", "broken")
    assert [(outcome.id, outcome.status, outcome.problems) for outcome in convert_all([there, back], "broken")] == [
        ("NCT00000001", "failed", (Problem("", f"{BUG}: a.ndjson, record 7"),)),
        (None, "failed", (Problem("", f"{BUG}: a.ndjson, record 8"),)),
    ]
    with pytest.raises(Problems) as refused:
        write(trial(), "broken")
    assert str(refused.value) == BUG


def test_depth_without_end_is_no_bug(put):
    put(fail(RecursionError()))
    with pytest.raises(Problems) as refused:
        read(b"x", "broken")
    assert str(refused.value) == "lists or objects stand inside one another hundreds of levels deep; expected a record"


def test_a_problem_of_writing_stands_at_the_place_in_the_source(put):
    put(fail(Problems([Problem("sites[0].city", "is bad")])))
    assert [outcome.problems for outcome in convert_all([Document("a", 0, study(), "ctgov")], "broken")] == [
        (Problem("protocolSection.contactsLocationsModule.locations[0].city", "is bad"),)]
    put(lambda: Writing(b"{}", (Problem("title", "is doubtful", "warning"),), (Loss("links[1].url", "has no place", "x"),)))
    (outcome,) = convert_all([Document("a", 0, study(), "ctgov")], "broken")
    assert outcome.problems == (Problem("protocolSection.identificationModule.briefTitle", "is doubtful", "warning"),)
    assert outcome.lost == (Loss("protocolSection.referencesModule.seeAlsoLinks[1].url", "has no place", "x"),)


@pytest.mark.parametrize("alone", [workers.alone, lambda: False])
def test_the_order_is_that_of_the_input_whatever_the_number_of_processes(tmp_path, monkeypatch, alone):
    monkeypatch.setattr(workers, "alone", alone)
    lines = [b"broken" if n % 50 == 7 else b'{"resultsSection":{"a":1.10},' + study(n)[1:] for n in range(300)]
    (path := tmp_path / "a.ndjson").write_bytes(b"\n".join(lines))
    monkeypatch.setattr(workers, "RECORDS", 16)
    one, two = (list(map(line, convert_all(Inputs([path]), "trial", jobs=jobs))) for jobs in (1, 2))
    assert len(one) == 300
    assert one == two
    assert list(convert_all(Inputs([path]), "trial", jobs=2)) == list(convert_all(Inputs([path]), "trial"))


def test_criteria_that_are_understood_together_mean_what_each_does_and_a_bug_costs_one_record(monkeypatch):
    texts = ["Inclusion Criteria:\n\n* Age > 18 years", "Exclusion Criteria:\n\n* Asthma", "Inclusion Criteria:\n\n* Age > 18 years", "* Deadly"]
    documents = [Document("a", n, study(n, eligibilityModule={"eligibilityCriteria": text}), "ctgov") for n, text in enumerate(texts)]
    found = list(all_converted(documents, target("r4")))
    assert [outcome.status for outcome in found] == ["done"] * 4
    assert found == [converted(document, target("r4")) for document in documents]
    real = understanding.windows
    monkeypatch.setattr(understanding, "windows", lambda plain, *place: 1 / 0 if "deadly" in plain else real(plain, *place))
    with_bug = list(all_converted(documents, target("r4")))
    assert with_bug[:3] == found[:3]
    assert with_bug[3].problems[0].message.startswith("this is a bug in trialbridge (ZeroDivisionError: division by zero)")


def die(documents):
    if any(b"deadly" in document.content for document in documents):
        os.kill(os.getpid(), signal.SIGKILL)
    return workers.work(documents)


@pytest.mark.parametrize("alone", [workers.alone, lambda: False])
def test_a_process_that_dies_costs_one_record(monkeypatch, alone):
    monkeypatch.setattr(workers, "alone", alone)
    documents = [Document("a", n, study(n, deadly=1) if n == 11 else study(n), "ctgov") for n in range(40)]
    monkeypatch.setattr(workers, "RECORDS", 8)
    submit = workers.ProcessPoolExecutor.submit
    monkeypatch.setattr(workers.ProcessPoolExecutor, "submit", lambda pool, act, *rest: submit(pool, die, *rest))
    found = list(convert_all(documents, "trial", jobs=2))
    assert [outcome.index for outcome in found] == list(range(40))
    assert [(outcome.index, outcome.problems[0].message) for outcome in found if outcome.status != "done"] == [(11, workers.DIED)]


def test_the_report_has_a_line_for_each_record():
    outcome = Outcome("a.ndjson", 3, "NCT1", "done", b"{}", (Loss("a.b", "is why", Decimal("1.50")), Loss("c", "is why", count=7),
                                                            Loss("d", "is why", None)), (Problem("e", "is odd", "warning"),))
    assert line(outcome) == (
        b'{"source":"a.ndjson","index":3,"id":"NCT1","status":"done","lost":['
        b'{"path":"a.b","value":1.50,"count":1,"reason":"is why"},{"path":"c","count":7,"reason":"is why"},'
        b'{"path":"d","value":null,"count":1,"reason":"is why"}],'
        b'"problems":[{"path":"e","message":"is odd","severity":"warning"}]}\n')
    assert line(Outcome("-", 0, None, "failed")) == b'{"source":"-","index":0,"id":null,"status":"failed","lost":[],"problems":[]}\n'


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
    ["protocolSection", "identificationModule", "nctId", "resourceType", "Bundle", "entry", "resource", "title", "id", "sites", "arms",
     "locations", "contactsLocationsModule", "status", "studies"]) | st.text(), inner, max_size=4), max_leaves=12)
LIKE = TREES.map(lambda tree: json.dumps(tree).encode()) | st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass"))


@settings(max_examples=300, deadline=None)
@given(LIKE, st.none() | st.sampled_from(READABLE))
@example(b"[" * 100_000, "ctgov")
@example(b'{"resultsSection":' + b"[" * 600 + b"]" * 600 + b"}", "ctgov")
@example(b'{"protocolSection":' + b"[" * 900 + b"]" * 900 + b"}", None)
@example(b'{"resourceType":"Bundle","entry":' + b"[" * 900 + b"]" * 900 + b"}", None)
@example(b'{"resultsSection":{"a":"\xe9"}}', "ctgov")
@example(rb'{"resultsSection":{"a":"\ud800"},"hasResults":true}', "ctgov")
@example(b'{"resourceType":"ResearchStudy","status":1}', None)
def test_whatever_is_read_gives_a_reading_or_problems(document, format):
    try:
        found = read(document, format)
    except Problems as wrong:
        assert wrong.problems
        assert "bug in trialbridge" not in str(wrong)
    else:
        assert isinstance(found, Reading)
        for to in WRITABLE if found.trial != Trial() else ():
            write(found.trial, to)


def test_a_value_of_a_wrong_type_does_not_reach_a_format():
    with pytest.raises(Problems) as refused:
        write(Trial(title="A", links=(Link(url=5),)), "ctgov")
    assert str(refused.value) == "links[0].url: found 5; expected text. Put it in quotes"


PAGE = Path("samples/pages/clinconnect_refractory_ra_tacrolimus.txt")
END = "has no place in this format"


@pytest.mark.parametrize(("document", "lost"), [
    (PAGE, [f"line 45: true {END}"]),
    (Path("samples/bundles/clinconnect_page-clinconnect_refractory_ra_tacrolimus.r5.json"), [
        f"entry[0].resource.progressStatus[1].period._end.extension[0]: true {END}",
        f"entry[0].resource.meta.source: 'clinconnect_page' {END}"]),
    (Path("samples/bundles/clinconnect_page-clinconnect_refractory_ra_tacrolimus.r4.json"), [
        f"entry[0].resource.extension[9].extension[1].valuePeriod._end.extension[0]: true {END}",
        f"entry[0].resource.meta.source: 'clinconnect_page' {END}"]),
])
def test_a_loss_of_writing_stands_at_the_place_in_the_source(document, lost):
    assert [str(each) for each in convert(Path(__file__).parents[1] / document, "ctgov").lost] == lost


OUT_OF_EARTH = {"contactsLocationsModule": {"locations": [{"city": "Bern", "geoPoint": {"lat": 95, "lon": 7}}]}}
POSITION = ("Bundle.entry[0].resource.contained[0].position: breaks the rule position: latitude is from -90 to 90 and longitude from "
            "-180 to 180 (WGS 84)")


@pytest.mark.parametrize("to", ["r4", "r4b", "r5"])
def test_what_is_written_is_checked_where_that_is_asked_for(to):
    document = study(**OUT_OF_EARTH)
    assert convert(document, to).problems == ()
    with pytest.raises(Problems) as refused:
        convert(document, to, check=True)
    assert [str(problem) for problem in refused.value.problems] == [
        f"protocolSection.contactsLocationsModule.locations[0].geoPoint: {POSITION}"]
    assert convert(study(), to, check=True) == convert(study(), to)


def test_a_record_whose_bundle_has_errors_costs_one_record(tmp_path):
    (path := tmp_path / "a.ndjson").write_bytes(b"\n".join((study(1), study(2, **OUT_OF_EARTH), study(3))))
    for jobs in (1, 2):
        outcomes = list(convert_all(Inputs([path]), "r4", jobs=jobs, check=True))
        assert [(outcome.id, outcome.status) for outcome in outcomes] == [
            ("NCT00000001", "done"), ("NCT00000002", "failed"), ("NCT00000003", "done")]
