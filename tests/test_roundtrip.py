"""What a round trip finds: nothing where nothing is lost, else every difference with its path, values and row."""

import gzip
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from converter import roundtrip as module
from converter import workers
from converter.allowances import Allowances
from converter.contrast import MOST, Excerpt
from converter.convert import convert
from converter.differences import Difference
from converter.documents import Document, Inputs
from converter.formats import Reading, Writing, format_named
from converter.json_text import encode, parse
from converter.loss import NOT_CARRIED
from converter.problems import Problem, Problems
from converter.roundtrip import Trip, roundtrip, roundtrip_all
from converter.trial import Site
from mappings.fhir_format import FhirFormat
from tests.corpus import corpus

SAMPLES = Path(__file__).parents[1] / "samples"
SITES = "protocolSection.contactsLocationsModule.locations"
TITLE = "protocolSection.identificationModule.briefTitle"
RESULTS = "holds results, which are not carried yet"


def study(number=1, **members):
    return {"protocolSection": {"identificationModule": {"nctId": f"NCT{number:08}", "briefTitle": "A trial"},
                                "contactsLocationsModule": {"locations": [{"facility": "A", "city": "B"}, {"facility": "C", "city": "D"}]}}, **members}


def timeless(trips):
    return [replace(trip, seconds=0.0) for trip in trips]


def found(document, to="r4", **how):
    return timeless(roundtrip(document if isinstance(document, bytes) else encode(document), to, **how))


def differences(document, to="r4"):
    (trip,) = found(document, to)
    return [*trip.differences]


@pytest.mark.parametrize("path", sorted(path for folder in ("ctgov", "pages", "trials", "bundles") for path in (SAMPLES / folder).iterdir()),
                         ids=lambda path: path.name)
def test_the_samples_come_back_from_every_release(path):
    assert [(trip.release, trip.status, trip.differences) for trip in roundtrip(path, "all")] == [
        ("r4", "same", ()), ("r4b", "same", ()), ("r5", "same", ())]


@pytest.mark.corpus
def test_the_records_come_back_but_for_what_is_allowed():
    allow = Allowances(["resultsSection", "**.locations_nested", "timestamp", "Timestamp"])
    path = corpus("ctgov_v2/records.ndjson.gz")
    for trip in roundtrip_all(Inputs([path]), "r5", allow=allow):
        assert {one.reason for one in trip.differences} <= {"is empty, which equals absent"}, trip
        assert trip.status != "failed"
    assert allow.unused == []


@pytest.mark.parametrize("document", [
    study(), json.dumps(study(), indent=3, sort_keys=True).encode(), b"\xef\xbb\xbf" + encode(study()), b"title: A\nconditions: [B]\n",
    {"title": "A", "arms": [{"name": "x"}]}, *(convert(encode(study()), to, extensions=own).document for to in ("r4", "r5") for own in ("hl7", "own")),
], ids=range(9))
@pytest.mark.parametrize("to", ["r4", "r5"])
def test_the_spelling_of_a_document_is_no_difference(document, to):
    (trip,) = found(document, to)
    assert (trip.status, trip.differences, trip.problems) == ("same", (), ())


SOURCE = [
    # what the source says besides, the differences: FHIR has no part in them
    ({"resultsSection": {"a": [1, 2]}}, [Difference("resultsSection", RESULTS, {"a": [1, 2]}, count=2)]),
    ({"odd": "x"}, [Difference("odd", NOT_CARRIED, "x")]),
    ({"odd": {"y": "x" * MOST}}, [Difference("odd", NOT_CARRIED, Excerpt(1, f'{{"y":"{"x" * 54}…'))]),
    ({"a.b": {"it's": 1}, 'c"d\'[0]': [[{}, 5]]}, [Difference("['a.b']", NOT_CARRIED, {"it's": 1}),
                                                  Difference("""['c"d\\'[0]']""", NOT_CARRIED, [[{}, 5]], count=1)]),
    ({"odd": {}}, [Difference("odd", "is empty, which equals absent", {})]),
]


@pytest.mark.parametrize(("more", "expected"), SOURCE, ids=["results", "unknown", "too long", "names in quotes", "empty"])
def test_what_the_reader_leaves_behind_is_a_difference(more, expected):
    assert differences(study(**more)) == expected


def test_what_is_lost_further_in_stands_at_its_path():
    document = study()
    document["protocolSection"]["contactsLocationsModule"]["locations"][1]["odd"] = {"a": 1, "b": 2}
    assert differences(document) == [Difference(f"{SITES}[1].odd", NOT_CARRIED, {"a": 1, "b": 2}, count=2)]
    document["protocolSection"]["contactsLocationsModule"]["locations"][1] = {"facility": "C", "city": {}}
    assert differences(document) == [Difference(f"{SITES}[1].city", "is empty, which equals absent", {}, field="sites[].city",
                                                place="ResearchStudy.contained(Location).address.city")]


def test_a_name_said_twice_is_a_difference():
    text = encode(study()).replace(b'"briefTitle"', b'"briefTitle":"B","briefTitle"')
    assert differences(text) == [Difference(TITLE, "is said again further on, and the last one counts", "B", field="title", place="ResearchStudy.title")]


def test_a_foreign_bundle_is_held_against_what_is_written_from_it():
    document = parse(convert(encode(study()), "r4").document)
    document["entry"][0]["resource"]["phase"] = {"text": "odd", "coding": [{"system": "http://a", "code": "b"}]}
    document["entry"][1]["resource"]["library"] = ["http://a"]
    assert differences(document) == differences(document, "r5") == [
        Difference("entry[0].resource.phase.coding", NOT_CARRIED, [{"system": "http://a", "code": "b"}], count=2),
        Difference("entry[1].resource.library", NOT_CARRIED, ["http://a"])]


def test_a_resource_that_has_no_place_is_told_whole():
    other = {"resourceType": "DiagnosticOrder", "id": "x"}
    document = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": {"resourceType": "ResearchStudy", "status": "completed", "title": "A"}}, {"resource": other}]}
    assert differences(document) == [Difference("entry[1].resource", NOT_CARRIED, other, count=2)]


@pytest.fixture
def broken(monkeypatch):
    """Makes FHIR's reader give another trial than was written."""
    def broken(**changed):
        read = FhirFormat.read

        def other(self, document):
            reading = read(self, document)
            return Reading(replace(reading.trial, **changed), said_once=True)

        monkeypatch.setattr(FhirFormat, "read", other)
    return broken


def test_what_fhir_changes_is_told_with_both_values_and_the_row(broken):
    broken(title="A tri", sites=None, acronym="NEW")
    first, *rest = differences(study())
    assert first == Difference(TITLE, "comes back as 'A tri'", "A trial", "A tri", field="title", place="ResearchStudy.title")
    assert rest == [
        Difference(SITES, "is not the same after FHIR", [{"facility": "A", "city": "B"}, {"facility": "C", "city": "D"}], count=4,
                   field="sites[]", place=rest[0].place),
        Difference("protocolSection.identificationModule.acronym", "was not in the source", after="NEW", field="acronym", place=rest[1].place)]
    assert rest[0].place.startswith("ResearchStudy.site")


def test_an_entry_that_is_lost_or_came_is_told_whole(broken):
    one, two, three = ({"facility": name, "city": name} for name in "ACX")
    document = study()
    document["protocolSection"]["contactsLocationsModule"]["locations"] = [one, two]
    broken(sites=(Site(facility="A", city="A"),))
    (lost,) = differences(document)
    assert (lost.path, lost.before, lost.after, lost.count) == (f"{SITES}[1]", two, UNSET, 2)
    document["protocolSection"]["contactsLocationsModule"]["locations"] = [one]
    broken(sites=(Site(facility="A", city="A"), Site(facility="X", city="X")))
    (came,) = differences(document)
    assert (came.path, came.reason, came.before, came.after, came.count) == (f"{SITES}[1]", "was not in the source", UNSET, three, 2)


def test_the_row_is_that_of_the_release(broken):
    broken(acronym="NEW")
    places = [differences(study(), to)[0].place for to in ("r4", "r4b", "r5")]
    assert places == ["ResearchStudy.extension(ResearchStudy.label: acronym).extension(value)"] * 2 + ["ResearchStudy.label(acronym).value"]


def test_a_page_is_held_against_the_trial_that_comes_back(broken):
    broken(title="B")
    (trip,) = roundtrip(SAMPLES / "pages" / "registry_page_NCT03540472.txt")
    assert [(one.path, one.after, one.field) for one in trip.differences] == [("line 1", "B", "title")]


def test_values_that_are_equal_but_not_the_same_are_different(broken):
    broken(has_dmc=1)
    document = study()
    document["protocolSection"]["oversightModule"] = {"oversightHasDmc": True}
    assert [(one.path, one.before, one.after) for one in differences(document)] == [("protocolSection.oversightModule.oversightHasDmc", True, 1)]


def test_the_order_of_a_list_counts(broken):
    broken(conditions=("b", "a"))
    document = study()
    document["protocolSection"]["conditionsModule"] = {"conditions": ["a", "b"]}
    assert differences(document) == [Difference("protocolSection.conditionsModule.conditions", "comes back in another order",
                                                ["a", "b"], ["b", "a"], field="conditions[]", place="ResearchStudy.condition.text")]


def test_faults_in_what_is_written_make_a_trip_invalid(monkeypatch):
    fault = Problem("Bundle.entry[0]", "is odd", section="a.html", field="title")
    monkeypatch.setattr(module, "fhir_problems", lambda tree, release: [fault] * (release == "r5"))
    assert [(trip.status, trip.problems) for trip in found(study(), "all")] == [("same", ()), ("same", ()), ("invalid", (fault,))]


def test_a_record_that_fhir_cannot_have_has_failed(monkeypatch):
    monkeypatch.setattr(FhirFormat, "write", lambda self, trial: (_ for _ in ()).throw(Problems([Problem("sites[1].city", "is bad")])))
    assert found(study()) == [Trip("", 0, "NCT00000001", "r4", "failed", problems=(Problem(f"{SITES}[1].city", "is bad"),))]
    monkeypatch.setattr(FhirFormat, "write", lambda self, trial: 1 / 0)
    assert [(trip.status, trip.problems[0].message) for trip in found(study())] == [
        ("failed", BUG)]


BUG = "this is a bug in trialbridge (ZeroDivisionError: division by zero); please report it with this record"
FAILING = [
    # what is raised on the way to R5, what is said of it
    (lambda: 1 / 0, BUG),
    (lambda: (_ for _ in ()).throw(RecursionError), "lists or objects stand inside one another hundreds of levels deep; expected a record"),
]


@pytest.mark.parametrize(("fail", "said"), FAILING, ids=["a bug", "too deep"])
def test_what_fails_on_the_way_to_one_release_fails_there_only(monkeypatch, fail, said):
    monkeypatch.setattr(module, "fhir_problems", lambda tree, release: fail() if release == "r5" else [])
    assert timeless(roundtrip_all([Document("", 0, encode(study()), "ctgov")], "all")) == [
        Trip("", 0, "NCT00000001", "r4", "same"), Trip("", 0, "NCT00000001", "r4b", "same"),
        Trip("", 0, "NCT00000001", "r5", "failed", problems=(Problem("", said),))]


def test_what_is_lost_of_our_own_fhir_is_told(monkeypatch):
    read = FhirFormat.read
    monkeypatch.setattr(FhirFormat, "read", lambda self, document: replace(read(self, document), lost=(
        module.Loss("entry[0].x", "is why", 1), module.Loss("entry[0].request", "is why", count=2))))
    assert differences(study()) == [
        Difference("r4: entry[0].x", "is why", 1), Difference("r4: entry[0].request", "is why", {
            "method": "PUT", "url": "ResearchStudy?identifier=http%3A%2F%2Fclinicaltrials.gov%7CNCT00000001"}, count=2)]


def test_documents_that_cannot_be_read_are_trips_like_the_others(tmp_path):
    (path := tmp_path / "a.ndjson").write_bytes(b"\n".join([encode(study(1)), b"[]", b'{"resourceType":"Patient"}', encode(study(2))]))
    trips = timeless(roundtrip_all(Inputs([path]), "all"))
    assert [(trip.index, trip.id, trip.release, trip.status) for trip in trips] == [
        (index, id, release, status) for index, id, status in [(0, "NCT00000001", "same"), (1, None, "failed"), (2, None, "failed"), (3, "NCT00000002", "same")]
        for release in ("r4", "r4b", "r5")]
    assert [str(problem) for problem in trips[6].problems] == ["expected a ResearchStudy, PlanDefinition or Group, alone or in a Bundle; found Patient"]
    with pytest.raises(Problems) as refused:
        roundtrip(b'{"resourceType":"Patient"}')
    assert str(refused.value) == str(trips[6].problems[0])


def test_what_is_allowed_is_set_aside():
    allow = Allowances(["resultsSection", "never"])
    document = study(resultsSection={"a": 1}, odd=1)
    assert found(document, allow=allow) == [Trip("", 0, "NCT00000001", "r4", "different", (Difference("odd", NOT_CARRIED, 1),),
                                                 (Difference("resultsSection", RESULTS, {"a": 1}),))]
    assert allow.unused == ["never"]
    assert found(document, allow=Allowances(["*"]))[0].status == "same"


def test_the_order_is_that_of_the_input_whatever_the_number_of_processes(tmp_path, monkeypatch):
    lines = [b"broken" if n % 50 == 7 else encode(study(n, odd=n)) for n in range(120)]
    (path := tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(b"\n".join(lines)))
    monkeypatch.setattr(workers, "RECORDS", 16)
    one, two = (timeless(roundtrip_all(Inputs([path]), "r5", jobs=jobs)) for jobs in (1, 2))
    assert len(one) == 120
    assert one == two


def die(documents):
    if any(b"deadly" in document.content for document in documents):
        os.kill(os.getpid(), signal.SIGKILL)
    return workers.work(documents)


def test_a_pool_that_is_closed_while_a_process_is_started_costs_nothing(monkeypatch):
    """As CPython's is, where another of its processes dies at that moment."""
    documents = [Document("a", n, encode(study(n)), "ctgov") for n in range(24)]
    monkeypatch.setattr(workers, "RECORDS", 8)
    submit, asked = workers.ProcessPoolExecutor.submit, []

    def closed_once(pool, *rest):
        asked.append(rest)
        if len(asked) == 2:
            raise OSError("handle is closed")
        return submit(pool, *rest)

    monkeypatch.setattr(workers.ProcessPoolExecutor, "submit", closed_once)
    assert [(trip.index, trip.status) for trip in roundtrip_all(documents, jobs=2)] == [(n, "same") for n in range(24)]


def test_a_process_that_dies_costs_one_record(monkeypatch):
    documents = [Document("a", n, encode(study(n, deadly=1) if n == 11 else study(n)), "ctgov") for n in range(24)]
    monkeypatch.setattr(workers, "RECORDS", 8)
    submit = workers.ProcessPoolExecutor.submit
    monkeypatch.setattr(workers.ProcessPoolExecutor, "submit", lambda pool, act, *rest: submit(pool, die, *rest))
    assert [(trip.index, trip.release, trip.problems) for trip in roundtrip_all(documents, "all", jobs=2) if trip.status != "same"] == [
        (11, release, (Problem("", workers.DIED),)) for release in ("r4", "r4b", "r5")]


PROGRAM = """
import os, threading
from converter import workers
from converter.documents import Document
from converter.problems import Problems
from converter.roundtrip import roundtrip_all
workers.RECORDS = 1
if "thread" in os.environ:
    threading.Thread(target=threading.Event().wait, daemon=True).start()
try:
    print(len(list(roundtrip_all([Document("a", n, b"{}", "ctgov") for n in range(9)], jobs=2))))
except Problems as wrong:
    print(wrong)
"""


def program(**more):
    return subprocess.run([sys.executable, "-"], input=PROGRAM, cwd=Path(__file__).parents[1], env={**os.environ, **more},
                          capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says whether a process may be forked")
def test_a_program_without_threads_is_forked():
    found = program()
    assert (found.returncode, found.stdout, found.stderr) == (0, "9\n", "")


def test_processes_that_cannot_start_are_told_at_once():
    found = program(thread="")
    assert (found.returncode, found.stdout) == (0, f"{workers.UNABLE}\n")
    # Two processes, and the one that was tried in their place.
    assert 1 <= found.stderr.count("Traceback") <= 3


def test_nothing_is_compared_value_by_value_where_nothing_is_different(monkeypatch):
    monkeypatch.setattr("converter.differences.both_ways", lambda *_: 1 / 0)
    for document in (study(), study(resultsSection={"a": 1}), json.loads(json.dumps(study(), sort_keys=True))):
        assert found(document)[0].status in ("same", "different")


def test_a_release_that_is_none_is_refused():
    with pytest.raises(Problems) as refused:
        roundtrip_all([], "r6")
    assert str(refused.value) == "'r6' is no release of FHIR that is written; expected one of r4, r4b, r5, all"


def test_a_way_back_that_changes_is_noticed_though_the_trials_are_equal(monkeypatch):
    """The source is written from the Trial that FHIR gave, not from the first."""
    written = []
    ctgov = format_named("ctgov")
    write = ctgov.write
    monkeypatch.setattr(ctgov, "write", lambda trial: written.append(trial) or write(trial))
    found(study(), "all")
    assert len(written) == 4
    monkeypatch.setattr(ctgov, "write", lambda trial: Writing(b"{}"))
    assert [one.path for one in differences(study())] == ["protocolSection"]
