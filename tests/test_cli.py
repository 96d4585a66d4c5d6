"""The command line: what stands where, in which words, with which exit code."""

import gzip
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from converter import progress
from converter.cli import main
from converter.commands import COMMANDS, trialbridge
from converter.convert import convert, read
from converter.formats import FORMATS
from converter.json_text import encode
from tests.faults.memory import MemoryServer

PROGRAM = [sys.executable, "-m", "converter.cli"]
ROOT = Path(__file__).parents[1]
KEPT = "'NEW' is not among the known words (EXPANDED_ACCESS, INTERVENTIONAL, OBSERVATIONAL); kept as it stands"
RESULTS = "holds results, which are not carried yet"
USAGE = "Usage: trialbridge convert [OPTIONS] INPUT...\nTry 'trialbridge convert --help' for help.\n\nError: "


def study(number: int = 1, more: bytes = b"") -> bytes:
    identification = {"nctId": f"NCT{number:08}", "briefTitle": "A trial"}
    return b"{" + more + encode({"protocolSection": {"identificationModule": identification}})[1:]


def own(number: int = 1) -> bytes:
    return b'{"source":"ctgov","id":"NCT%08d","title":"A trial"}' % number


LOSSY = b'"resultsSection":{"a":[1,2]},'


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the program in a folder of its own, where `files` are; gives exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run(arguments, stdin=b"", **files):
        for name, content in files.items():
            Path(re.sub("_(?=[a-z]+$)", ".", name)).write_bytes(content)
        found = CliRunner().invoke(trialbridge, shlex.split(arguments), prog_name="trialbridge", input=io.BytesIO(stdin))
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.exit_code, found.stdout_bytes, found.stderr

    return run


def test_one_record_is_printed_for_people(run):
    assert run("convert a.json --to trial", a_json=study()) == (
        0, b'{\n  "source": "ctgov",\n  "id": "NCT00000001",\n  "title": "A trial"\n}\n', "")


@pytest.mark.parametrize(("arguments", "files", "out"), [
    ("a.ndjson", {"a_ndjson": study()}, own()),
    ("a.ndjson --jobs 2", {"a_ndjson": b"\n".join(map(study, range(200)))}, b"\n".join(map(own, range(200)))),
    ("b.json a.json", {"a_json": study(1), "b_json": study(2)}, own(2) + b"\n" + own(1)),
    ("a.json", {"a_json": b"[" + study(1) + b"," + study(2) + b"]"}, own(1) + b"\n" + own(2)),
    (".", {"a_json": study(1), "b_json": study(2)}, own(1) + b"\n" + own(2)),
])
def test_several_records_or_ndjson_are_a_line_each(run, arguments, files, out):
    assert run(f"convert {arguments} --to trial", **files) == (0, out + b"\n", "")


def test_standard_input(run):
    assert run("convert - --to trial -o -", stdin=study(1) + b"\n" + study(2)) == (0, own(1) + b"\n" + own(2) + b"\n", "")


def test_the_name_of_the_output_says_form_and_format(run):
    assert run("convert a.json -o a.trial.json", a_json=study()) == (0, b"", "")
    assert Path("a.trial.json").read_bytes() == b'{\n  "source": "ctgov",\n  "id": "NCT00000001",\n  "title": "A trial"\n}\n'
    assert run("convert a.json -o b.yaml") == (0, b"", "")
    assert Path("b.yaml").read_bytes() == b"source: ctgov\nid: NCT00000001\ntitle: A trial\n"
    assert run("convert b.yaml a.json -o c.ctgov.ndjson") == (0, b"", "")
    assert Path("c.ctgov.ndjson").read_bytes() == study() + b"\n" + study() + b"\n"
    for name in ("d.trial.ndjson.gz", "e.trial.ndjson.gz"):
        assert run(f"convert b.yaml a.json -o {name}") == (0, b"", "")
        assert gzip.decompress(Path(name).read_bytes()) == own() + b"\n" + own() + b"\n"
    assert Path("d.trial.ndjson.gz").read_bytes() == Path("e.trial.ndjson.gz").read_bytes()
    assert run("convert a.json") == run("convert a.json --to r4")
    assert run("convert a.json -o g.r5.json") == (0, b"", "")
    assert Path("g.r5.json").read_bytes() == run("convert a.json --to r5")[1]


def test_a_folder_gets_a_file_for_each_record(run):
    records = [study(1), study(2), study(1), b'{"title":"A"}', b'{"title":"B","id":"2012-003632-23/AT: x"}', b'{"title":"C","id":"nct00000001"}',
               b'{"title":"D","id":"..\\u002f.."}']
    assert run("convert a.ndjson --to trial -o out/", a_ndjson=b"\n".join(records)) == (0, b"", "")
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "2012-003632-23_AT_x.trial.json", "NCT00000001-2.trial.json", "NCT00000001.trial.json", "NCT00000002.trial.json",
        "a-3.trial.json", "a-6.trial.json", "nct00000001-3.trial.json"]
    assert Path("out/NCT00000001-2.trial.json").read_bytes() == Path("out/NCT00000001.trial.json").read_bytes()
    assert read("out/NCT00000002.trial.json").trial == read(own(2)).trial
    assert run("convert b.json --to trial -o out", b_json=b'{"title":"A"}') == (0, b"", "")
    assert Path("out/b.trial.json").exists()


def test_the_report_has_a_line_for_each_record(run):
    code, out, err = run("convert a.ndjson --to trial --report r.ndjson", a_ndjson=study(1) + b"\nx\n" + study(2, LOSSY))
    assert (code, out) == (1, own(1) + b"\n" + own(2) + b"\n")
    assert [json.loads(line) for line in Path("r.ndjson").read_text().splitlines()] == [
        {"source": "a.ndjson", "index": 0, "id": "NCT00000001", "status": "done", "lost": [], "problems": []},
        {"source": "a.ndjson", "index": 1, "id": None, "status": "failed", "lost": [], "problems": [
            {"path": "", "message": "found 'x'; expected one JSON object, a record", "severity": "error"}]},
        {"source": "a.ndjson", "index": 2, "id": "NCT00000002", "status": "done", "lost": [
            {"path": "resultsSection", "count": 2, "reason": RESULTS}], "problems": []},
    ]
    assert err == ("trialbridge: a.ndjson[1]: found 'x'; expected one JSON object, a record\n"
                   "trialbridge: 1 of 3 records could not be converted\n"
                   "trialbridge: 1 of 3 records lost something: 2 values at resultsSection (2); see r.ndjson\n")


def test_the_report_of_a_folder_may_stand_in_it(run):
    assert run("convert a.json --to trial -o out/ --report out/report.ndjson", a_json=study())[0] == 0
    assert Path("out/report.ndjson").read_bytes() == (
        b'{"source":"a.json","index":0,"id":"NCT00000001","status":"done","lost":[],"problems":[]}\n')


def test_loss_is_one_line_and_strict_refuses_it(run):
    files = {"a_ndjson": study(1) + b"\n" + study(2, LOSSY)}
    lost = "2 values at resultsSection (2); --report FILE lists them"
    assert run("convert a.ndjson --to trial", **files) == (
        0, own(1) + b"\n" + own(2) + b"\n", f"trialbridge: 1 of 2 records lost something: {lost}\n")
    assert run("convert a.ndjson --to trial --strict", **files) == (
        3, own(1) + b"\n", f"trialbridge: --strict refused 1 of 2 records: {lost}\n")
    assert run("convert a.ndjson --to trial -q", **files) == (0, own(1) + b"\n" + own(2) + b"\n", "")
    twice = study().replace(b'"briefTitle"', b'"briefTitle":"B","briefTitle"')
    assert run("convert a.json --to trial --strict", a_json=twice) == (
        3, b"", "trialbridge: --strict refused 1 of 1 record: 1 value at protocolSection.identificationModule.briefTitle (1); "
                "--report FILE lists them\n")


def test_warnings_are_one_line(run):
    odd = study().replace(b"}}}", b'},"designModule":{"studyType":"NEW"}}}')
    code, _, err = run("convert a.json --to trial", a_json=odd)
    assert code == 0
    assert err == ("trialbridge: 1 warning in 1 record: protocolSection.designModule.studyType: " + KEPT + "; --report FILE lists them\n")
    code, _, err = run("convert a.json b.json --to trial", b_json=odd.replace(b'}}}', b',"phases":["X"]}}}'))
    assert err == ("trialbridge: 3 warnings in 2 records, such as protocolSection.designModule.studyType: " + KEPT +
                   " (2 times); --report FILE lists them\n")


def test_a_warning_of_the_whole_record_has_no_path(run):
    code, _, err = run("convert a.ndjson --to r4 -o x.ndjson", a_ndjson=b'{"criteria":"x"}\n' * 2)
    assert (code, err) == (0, "trialbridge: 2 warnings in 2 records: has neither number nor title nor sponsor, so every such record has the "
                              "same identifiers: on a server one takes the place of the other; --report FILE lists them\n")


def test_only_the_first_failures_are_shown(run):
    code, out, err = run("convert a.ndjson --to trial", a_ndjson=b"x\n" * 30 + study())
    assert (code, out) == (1, own() + b"\n")
    assert len(err.splitlines()) == 21
    assert err.splitlines()[-1] == ("trialbridge: 30 of 31 records could not be converted; the first 20 are shown; "
                                    "--report FILE lists them")


def test_what_is_skipped_is_told(run):
    Path("in").mkdir()
    Path("in/a.json").write_bytes(study())
    Path("in/b.md").write_bytes(b"x")
    for quiet in ("", " -q"):
        assert run("convert in --to trial -o x.json" + quiet) == (
            0, b"", "trialbridge: in: skipped 1 file that no format knows: b.md\n")


NAMES = "', '".join(FORMATS)
MISUSED = [
    ("convert", "Missing argument 'INPUT...'."),
    ("convert none.json", "none.json: there is no such file or folder"),
    ("convert - -", "standard input (-) can be read once only"),
    ("convert a.json --from x", f"Invalid value for '--from': 'x' is not one of '{NAMES}'."),
    ("convert a.json --to meddatax_page", "Invalid value for '--to': 'meddatax_page' is not one of 'ctgov', 'r4', 'r4b', 'r5', 'trial'."),
    ("convert a.ndjson -o x.json", "x.json holds one record, and the inputs have several; name a file that ends in .ndjson (x.ndjson), "
                                   "or a folder (x/)"),
    ("convert a.ndjson -o x.yaml", "x.yaml holds one record, and the inputs have several; name a file that ends in .ndjson (x.ndjson), "
                                   "or a folder (x/)"),
    ("convert a.json -o x.json.gz", "x.json.gz: only NDJSON is compressed; name a file that ends in .ndjson.gz"),
    ("convert a.json --to r4 -o x.yaml", "YAML is only written of the format trial, not of r4; name a file that ends in .json"),
    ("convert a.json -o no/x.json", "-o no/x.json: there is no folder no; make it first"),
    ("convert a.json --report no/x", "--report no/x: there is no folder no; make it first"),
    ("convert a.json -o x --report ./x", "-o and --report both name x; name two files"),
    ("convert ''", 'INPUT is ""; expected the name of a file or folder'),
    ("convert a.json -o ''", '-o is ""; expected the name of a file or folder'),
    ("convert a.json --report ''", '--report is ""; expected the name of a file or folder'),
    ("convert a.json --report -", "--report -: the report is a file of its own; name one"),
    ("convert . -o ./", "-o names the input folder ./: what is written there would be read as records the next time; "
                        "name another folder, which may be within it"),
    ("convert a.json -o ./ --to r5 --report ./NCT1.R5.json", "--report ./NCT1.R5.json may be the name of a record in ./; name it report.ndjson"),
    ("convert a.json -o a.json", "-o names the input a.json, which would be written over; name another file"),
    ("convert a.json -o ./ --report a.json", "--report names the input a.json, which would be written over; name another file"),
    ("convert a.json --to ctgov --extensions own", "ctgov has no option 'extensions'; leave it out"),
    ("convert a.json --to trial --provenance 2026-01-01T00:00:00Z", "trial has no option 'provenance'; leave it out"),
    ("convert a.json --provenance 2026-01-01", "provenance: expected an instant such as 2026-01-31T12:00:00Z, found '2026-01-01'"),
    ("convert a.json --provenance 2026-02-30T12:00:00Z", "provenance: expected an instant such as 2026-01-31T12:00:00Z, "
                                                         "found '2026-02-30T12:00:00Z'"),
    ("convert a.json --jobs 0", "Invalid value for '--jobs': 0 is not in the range x>=1."),
]


@pytest.mark.parametrize(("arguments", "message"), MISUSED, ids=[arguments for arguments, _ in MISUSED])
def test_usage_is_checked_before_anything_is_written(run, arguments, message):
    code, out, err = run(arguments, a_json=study(), a_ndjson=study(1) + b"\n" + study(2))
    assert (code, out, err) == (2, b"", f"{USAGE}{message}\n")
    assert sorted(path.name for path in Path().iterdir()) == ["a.json", "a.ndjson"]


def test_standard_output_that_is_closed_is_told(tmp_path):
    (tmp_path / "a.json").write_bytes(study())
    found = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *PROGRAM, "convert", "a.json"], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
                           stderr=subprocess.PIPE, check=False)
    assert (found.returncode, found.stderr.decode()) == (2, f"{USAGE}standard output is closed; name a file to write (-o)\n")


def test_options_of_fhir_reach_it(run):
    plain, dated = (run(f"convert a.json {more}", a_json=study())[1] for more in ("", "--provenance 2026-01-31T12:00:00Z"))
    assert b"2026-01-31T12:00:00Z" in dated
    assert b"Provenance" not in plain


def test_nothing_is_written_when_no_record_is_done(run):
    why = "trialbridge: a.json[0]: the document is empty; expected a record. Is the file complete?\n"
    for out in ("x.json", "x.ndjson", "x.ndjson.gz"):
        assert run(f"convert a.json -o {out}", a_json=b"") == (1, b"", why)
        Path(out).write_bytes(b"before")
        assert run(f"convert a.json -o {out}") == (1, b"", f"{why}trialbridge: {out} was not written; it is still what it was before\n")
        assert Path(out).read_bytes() == b"before"
    code, _, err = run("convert a.json -o x.json --strict", a_json=study(more=LOSSY))
    assert (code, err.splitlines()[-1]) == (3, "trialbridge: x.json was not written; it is still what it was before")


def test_an_input_is_not_written_over(run):
    there = convert(study(), "r4").document
    assert run("convert NCT00000001.r4.json b.json -o ./", **{"NCT00000001.r4_json": there}, b_json=study(2)) == (
        1, b"", "trialbridge: NCT00000001.r4.json[0] NCT00000001: NCT00000001.r4.json is an input, and would be written over; "
                "name another folder (-o)\ntrialbridge: 1 of 2 records could not be converted\n")
    assert Path("NCT00000001.r4.json").read_bytes() == there
    assert Path("NCT00000002.r4.json").exists()


@pytest.mark.parametrize(("out", "passed"), [("in/out/", "in/out"), ("in/all.ndjson", "in/all.ndjson"), ("in/sub/all.ndjson", "in/sub/all.ndjson"),
                                             ("all.ndjson --report in/z.ndjson", "in/z.ndjson")])
def test_what_a_run_writes_into_its_input_folder_is_not_read_by_it(run, out, passed):
    Path("in/sub").mkdir(parents=True)
    Path("in/a.json").write_bytes(study(1))
    Path("in/sub/b.json").write_bytes(study(2))

    def written():
        return {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}

    assert run(f"convert in --to trial -o {out}")[0] == 0
    first = written()
    assert run(f"convert in --to trial -o {out}") == (
        0, b"", f"trialbridge: {passed}: passed over as an input; the output or report goes there\n")
    assert written() == first


def test_an_output_appears_whole_or_not_at_all(run, monkeypatch):
    Path("x.ndjson").write_bytes(b"before")
    monkeypatch.setattr("converter.report.line", lambda outcome: 1 / 0 if outcome.index else b"{}\n")
    Path("a.ndjson").write_bytes(study(1) + b"\n" + study(2))
    found = CliRunner().invoke(trialbridge, ["convert", "a.ndjson", "-o", "x.ndjson", "--report", "r.ndjson"])
    assert isinstance(found.exception, ZeroDivisionError)
    assert Path("x.ndjson").read_bytes() == b"before"
    assert sorted(path.name for path in Path().iterdir()) == ["a.ndjson", "x.ndjson"]


def test_a_full_disk_is_told(run):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    lines = b"\n".join(map(study, range(200)))
    assert run("convert a.ndjson --to trial -o /dev/full", a_ndjson=lines) == (
        1, b"", "trialbridge: cannot write /dev/full: No space left on device\n")


def test_a_device_is_written_to_and_stays(run):
    assert run("convert a.ndjson --to trial -o /dev/null", a_ndjson=study(1) + b"\n" + study(2)) == (0, b"", "")
    assert not Path("/dev/null").is_file()


def test_a_bug_is_no_traceback(monkeypatch, capsys):
    monkeypatch.setitem(COMMANDS, "formats", ("converter.nowhere:formats", ""))
    with pytest.raises(SystemExit) as ended:
        main(["formats"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == ("trialbridge: this is a bug in trialbridge (ModuleNotFoundError: No module named "
                                       "'converter.nowhere'); please report it with the command: trialbridge formats\n")


def test_formats_and_schema(run):
    code, out, _ = run("formats")
    assert code == 0
    assert [line.split()[0] for line in out.decode().splitlines()] == list(FORMATS)
    assert "ctgov             read, write  ClinicalTrials.gov API v2, JSON" in out.decode().splitlines()
    code, out, _ = run("schema")
    assert out == (ROOT / "converter" / "trial.schema.json").read_bytes()


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=["trialbridge", *COMMANDS])
def test_help_has_an_example(run, command):
    code, out, _ = run(" ".join([*command, "--help"]))
    assert code == 0
    assert re.search(rf"Examples?:\n +trialbridge {' '.join(command)}", out.decode())


def examples(command):
    """The lines of its help that are examples."""
    text = trialbridge.get_command(None, command).epilog if command else trialbridge.epilog
    for line in text.split("Example")[1].splitlines()[1:]:
        if line.startswith("  ") and "--help" not in line:
            yield line.strip()


@pytest.mark.parametrize("example", [example for command in ["", *COMMANDS] for example in examples(command)])
def test_every_example_works(run, example):
    files = {"NCT02837978_json": study(), "studies_ndjson": study(1) + b"\n" + study(2)}
    Path("bundle.r4.json").write_bytes(convert(study(), "r4").document)
    Path("bundles.r5.ndjson").write_bytes(b"\n".join(convert(study(n), "r5").document for n in range(3)))
    Path("records").mkdir()
    Path("records/a.json").write_bytes(study())
    Path("studies.ndjson.gz").write_bytes(gzip.compress(files["studies_ndjson"]))
    subprocess.run([sys.executable, "-m", "zipfile", "-c", "more.zip", "records/a.json"], check=True)
    command = re.split(r"\s{3,}| > ", example.split(" | ")[-1])[0]
    Path("token").write_text("a-token")
    Path("token").chmod(0o600)
    with MemoryServer("r5" if "r5" in command else "r4") as server:  # for those that push
        code, _, err = run(re.sub(r"https?://\S+", server.url, command).removeprefix("trialbridge "), stdin=study(), **files)
    # An example's --allow; the numbers of a push.
    told = [line for line in err.splitlines() if not re.search(r" matches nothing; leave it out$|\d records?: .* created", line)]
    assert (code, told) == (0, [])


def started(arguments, folder, deaf_to=None, **more):
    """The program, listening to Ctrl-C even where these tests run in the background of a shell, which is deaf to it."""

    def hears():
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN if number == deaf_to else signal.SIG_DFL)

    return subprocess.Popen([*PROGRAM, *arguments], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            preexec_fn=hears, **more)


def at_work(folder, jobs, **more):
    """The program in the middle of a conversion: its output and report are begun."""
    program = started(["convert", "-", "--to", "trial", "-o", "x.ndjson", "--report", "r.ndjson", "--jobs", jobs], folder, **more)
    program.stdin.write(b"\n".join(map(study, range(2000))) + b"\n")
    program.stdin.flush()
    deadline = time.monotonic() + 20
    while not any(folder.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert all(path.name.startswith(".") for path in folder.iterdir())
    return program


def group(number):
    """The processes of that group that still run."""
    told = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], check=True, capture_output=True, text=True).stdout.splitlines()
    return [line for line in told if line.split()[0] == str(number) and not line.split()[1].startswith("Z")]


def left(program):
    """What of its group still runs after a while: multiprocessing's tracker notices a little later that the others have gone."""
    deadline = time.monotonic() + 10
    while group(program.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return group(program.pid)


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ended_by_a_signal_it_leaves_nothing_behind(tmp_path, how, jobs):
    program = at_work(tmp_path, jobs)
    program.send_signal(how)
    _, err = program.communicate(timeout=30)
    assert (program.returncode, err.decode()) == (1, "trialbridge: interrupted; nothing was left half-written\n")
    assert list(tmp_path.iterdir()) == []


def under_way(folder, command):
    """The program in the middle of a command in two processes."""
    if command == "convert":
        return at_work(folder, "2", start_new_session=True)
    (folder / "a.ndjson").write_bytes(b"\n".join(map(study, range(2000))))
    program = started([command, "a.ndjson", "--to", "all", "--format", "json", "--jobs", "2"], folder, start_new_session=True)
    deadline = time.monotonic() + 20
    while len(group(program.pid)) < 4 and time.monotonic() < deadline:  # it, multiprocessing's tracker, and the two
        time.sleep(0.02)
    return program


@pytest.mark.parametrize("command", ["convert", "roundtrip"])
@pytest.mark.parametrize("how", [[signal.SIGINT] * 2, [signal.SIGINT] * 4, [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]],
                         ids=["twice", "four times", "in three ways"])
def test_told_to_end_more_than_once_it_ends_once(tmp_path, command, how):
    program = under_way(tmp_path, command)
    for number in how:
        with suppress(ProcessLookupError):
            program.send_signal(number)
        time.sleep(0.02)
    _, err = program.communicate(timeout=60)
    assert (program.returncode, err.decode()) == (1, "trialbridge: interrupted; nothing was left half-written\n")
    assert [path.name for path in tmp_path.iterdir()] == (["a.ndjson"] if command == "roundtrip" else [])
    assert left(program) == []


def test_a_terminal_that_closes_ends_all_processes_in_good_order(tmp_path):
    program = at_work(tmp_path, "2", start_new_session=True)
    os.killpg(program.pid, signal.SIGHUP)
    _, err = program.communicate(timeout=30)
    assert (program.returncode, err.decode()) == (1, "trialbridge: interrupted; nothing was left half-written\n")
    assert list(tmp_path.iterdir()) == []
    assert left(program) == []


def test_processes_end_when_the_one_that_started_them_is_killed(tmp_path):
    program = at_work(tmp_path, "2", start_new_session=True)
    assert len(group(program.pid)) > 2
    program.kill()
    program.communicate(timeout=30)
    assert left(program) == []


def test_nohup_is_respected(tmp_path):
    program = started(["convert", "-", "--to", "trial", "-o", "x.ndjson"], tmp_path, deaf_to=signal.SIGHUP)
    program.stdin.write(b"\n".join(map(study, range(2000))) + b"\n")
    program.stdin.flush()
    deadline = time.monotonic() + 20
    while not any(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    program.send_signal(signal.SIGHUP)
    _, err = program.communicate(timeout=30)
    assert (program.returncode, err.decode()) == (0, "")


def test_a_reader_that_has_enough_is_no_error_to_speak_of(tmp_path):
    program = started(["convert", "-", "--to", "trial"], tmp_path)
    program.stdout.close()
    with suppress(BrokenPipeError):
        program.stdin.write(b"\n".join(map(study, range(3000))))
        program.stdin.close()
    assert program.stderr.read() == b""
    assert program.wait() == 1


def test_a_bar_shows_on_a_terminal_after_a_while(monkeypatch, tmp_path):
    drawn = []

    class Bar:
        def update(self, task, **what):
            drawn.append(what)

        def stop(self):
            drawn.append("stopped")

    monkeypatch.setattr(progress, "begun", lambda total: (Bar(), 0))
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    clock = iter([0.0, 0.5, 1.5, 1.6, 1.8])
    monkeypatch.setattr(progress, "monotonic", lambda: next(clock))
    (path := tmp_path / "a").write_bytes(b"")
    from converter.documents import Inputs

    assert list(progress.followed(iter("abcd"), Inputs([path]))) == list("abcd")
    assert drawn == [{"completed": 0, "records": 2, "rate": 2 / 1.5}, {"completed": 0, "records": 4, "rate": 4 / 1.8}, "stopped"]
