"""The commands validate and roundtrip: what stands where, in which words, with which exit code."""

import io
import json
import os
import pty
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner

from converter.commands import trialbridge
from converter.contrast import Excerpt
from converter.convert import convert
from converter.differences import ADDED, CHANGED, ORDER, Difference
from converter.json_text import TWICE, encode
from converter.sheets import difference_lines
from tests.test_cli import started

NAMES = "'clinconnect_page', 'meddatax_page', 'ctgov', 'r4', 'r4b', 'r5', 'trial'"
BROKEN = "error    found 'nonsense'; expected one JSON object, a record"
LOST = "holds results, which are not carried yet"
WHOLE = '{"a":[1,2]}'


def study(number=1, **members):
    return encode({"protocolSection": {"identificationModule": {"nctId": f"NCT{number:08}", "briefTitle": "A trial"}}, **members})


RESOURCE = {"resourceType": "ResearchStudy", "status": "active", "title": "A"}
FILES = {
    "good.json": study(), "a.ndjson": b"\n".join([study(1), study(2, resultsSection={"a": [1, 2]}), b"nonsense", study(3)]),
    "results.json": study(2, resultsSection={"a": [1, 2]}), "odd.json": study(4, odd="x"), "titel.json": encode({**RESOURCE, "titel": "A"}),
    "r5.json": convert(study(), "r5").document, "patient.json": b'{"resourceType":"Patient","id":"p"}', "bom.json": b"\xef\xbb\xbf" + study(),
}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the program in a folder of its own with the FILES; gives exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    for name, content in FILES.items():
        Path(name).write_bytes(content)

    def run(arguments, stdin=b""):
        found = CliRunner().invoke(trialbridge, shlex.split(arguments), prog_name="trialbridge", input=io.BytesIO(stdin))
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.exit_code, re.sub(r"; \d+ a second", "; N a second", found.stdout), found.stderr

    return run


TRIP = "round trip of 1 record"
TABLES = [
    # command, exit code, standard output, standard error
    ("validate good.json", 0, "1 record: 1 valid, 0 invalid\n", ""),
    ("validate r5.json patient.json bom.json", 0, "3 records: 3 valid, 0 invalid\n", ""),
    ("validate r5.json --release r5", 0, "1 record: 1 valid, 0 invalid\n", ""),
    ("validate titel.json", 1, "titel.json[0]  r4  invalid\n  error    ResearchStudy.titel: ResearchStudy has no element 'titel'; is 'title' meant? "
     "(researchstudy.html)\n\n1 record: 0 valid, 1 invalid; 1 error\n", ""),
    ("validate odd.json", 0, "odd.json[0] NCT00000004  ctgov  valid\n  warning  odd: found 'x'; the format has no such member\n\n"
     "1 record: 1 valid, 0 invalid; 1 warning\n", ""),
    ("validate odd.json --warnings-as-errors", 1, "odd.json[0] NCT00000004  ctgov  invalid\n  warning  odd: found 'x'; the format has no such member\n\n"
     "1 record: 0 valid, 1 invalid; 1 warning\n", ""),
    ("validate a.ndjson", 1, f"a.ndjson[2]  not read  invalid\n  {BROKEN}\n\n"
     "4 records: 3 valid, 1 invalid; 1 error, 1 for information (--format json lists them)\n", ""),
    ("roundtrip good.json", 0, f"1 {TRIP} (r4): 1 the same, 0 different, 0 invalid, 0 failed; 0 warnings; N a second\n", ""),
    ("roundtrip r5.json --to all", 0, "3 round trips of 1 record (r4, r4b, r5): 3 the same, 0 different, 0 invalid, 0 failed; 0 warnings; N a second\n", ""),
    ("roundtrip results.json --allow resultsSection", 0, f"1 {TRIP} (r4): 1 the same (1 with what is allowed set aside), 0 different, 0 invalid, "
     "0 failed; 0 warnings; N a second\n", ""),
    ("roundtrip results.json --allow never --allow x.*", 1, f"results.json[0] NCT00000002  r4  different\n  resultsSection: {LOST}\n      {WHOLE}  →  (nothing)\n\n"
     f"1 {TRIP} (r4): 0 the same, 1 different, 0 invalid, 0 failed; 0 warnings; N a second\nLost most:\n  1 × resultsSection\n",
     "trialbridge: --allow never matches nothing; leave it out\ntrialbridge: --allow x.* matches nothing; leave it out\n"),
    ("roundtrip a.ndjson --to r5 --jobs 2", 1, f"a.ndjson[1] NCT00000002  r5  different\n  resultsSection: {LOST}\n      {WHOLE}  →  (nothing)\n\n"
     f"a.ndjson[2]  r5  failed\n  {BROKEN}\n\n4 round trips of 4 records (r5): 2 the same, 1 different, 0 invalid, 1 failed; "
     "0 warnings; N a second\nLost most:\n  1 × resultsSection\n", ""),
    ("roundtrip patient.json", 1, "patient.json[0]  r4  failed\n  error    expected a ResearchStudy, PlanDefinition or Group, alone or in a Bundle; "
     f"found Patient\n\n1 {TRIP} (r4): 0 the same, 0 different, 0 invalid, 1 failed; 0 warnings; N a second\n", ""),
]


@pytest.mark.parametrize(("command", "code", "out", "err"), TABLES, ids=[case[0] for case in TABLES])
def test_what_a_person_sees(run, command, code, out, err):
    assert run(command) == (code, out, err)


DIFFERENCES = [
    # a difference, how a person sees it
    (Difference("a.b", "comes back as 'y'", "x", "y", field="c", place="D.e"), ['  a.b  (c → D.e)', '      "[-x-]"  →  "{+y+}"']),
    (Difference("a", ORDER, ["x", "y"], ["y", "x"]), ["  a: comes back in another order", '      ["[-x-]","[-y-]"]  →  ["{+y+}","{+x+}"]']),
    (Difference("a", ADDED, after={"b": 1}), ["  a: was not in the source", '      (nothing)  →  {"b":1}']),
    (Difference("a", LOST, Excerpt(1234, '{"b":"x…'), count=1234), [f"  a: {LOST}", '      1,234 values: {"b":"x…  →  (nothing)']),
    (Difference("a", TWICE), [f"  a: {TWICE}", "      1 value  →  (nothing)"]),
]


@pytest.mark.parametrize(("difference", "lines"), DIFFERENCES, ids=["changed", "order", "added", "too long", "unknown"])
def test_both_values_stand_side_by_side(difference, lines):
    assert [click.unstyle(line) for line in difference_lines(difference, 100)] == lines


def test_marks_are_coloured_and_other_brackets_not():
    _, values = difference_lines(Difference("a", CHANGED, "a x b", "a y b"), 100)
    assert values == '      "a \x1b[31m[-x-]\x1b[0m b"  →  "a \x1b[32m{+y+}\x1b[0m b"'
    _, values = difference_lines(Difference("a", LOST, [-1, 2]), 100)
    assert values == "      [-1,2]  →  (nothing)"


MISUSED = [
    ("validate", "Missing argument 'INPUT...'."),
    ("validate none.json", "none.json: there is no such file or folder"),
    ("validate - -", "standard input (-) can be read once only"),
    ("validate good.json --from x", f"Invalid value for '--from': 'x' is not one of {NAMES}."),
    ("validate good.json --release r3", "Invalid value for '--release': 'r3' is not one of 'r4', 'r4b', 'r5'."),
    ("validate good.json --format xml", "Invalid value for '--format': 'xml' is not one of 'table', 'json', 'junit', 'github'."),
    ("validate good.json --engine x", "Invalid value for '--engine': 'x' is not one of 'own', 'models'."),
    ("validate good.json --from ctgov --release r4", "--release is for FHIR, and --from says ctgov; leave one out"),
    ("validate good.json --from r5 --release r4", "--from says r5 and --release r4; leave one out"),
    ("validate good.json --junit no/x.xml", "--junit no/x.xml: there is no folder no; make it first"),
    ("roundtrip good.json --to ctgov", "Invalid value for '--to': 'ctgov' is not one of 'r4', 'r4b', 'r5', 'all'."),
    ("roundtrip good.json --allow @none", "--allow: none: No such file or directory; expected a file of paths, one to a line"),
    ("roundtrip good.json --allow ''", "--allow: found an empty path; expected one such as resultsSection"),
    ("roundtrip good.json --junit no/x.xml", "--junit no/x.xml: there is no folder no; make it first"),
    ("roundtrip good.json --junit ./good.json", "--junit names the input ./good.json, which would be written over; name another file"),
    ("roundtrip good.json --jobs 0", "Invalid value for '--jobs': 0 is not in the range x>=1."),
]


@pytest.mark.parametrize(("command", "message"), MISUSED, ids=[command for command, _ in MISUSED])
def test_usage_is_checked_first(run, command, message):
    name = command.split()[0]
    assert run(command) == (2, "", f"Usage: trialbridge {name} [OPTIONS] INPUT...\nTry 'trialbridge {name} --help' for help.\n\nError: {message}\n")
    assert sorted(path.name for path in Path().iterdir()) == sorted(FILES)


def test_json_has_a_line_for_each_record(run):
    code, out, err = run("validate a.ndjson titel.json --format json")
    assert (code, err) == (1, "")
    empty = {"source": "a.ndjson", "format": "ctgov", "status": "valid", "problems": []}
    assert [json.loads(line) for line in out.splitlines()] == [
        {**empty, "index": 0, "id": "NCT00000001"},
        {**empty, "index": 1, "id": "NCT00000002", "problems": [{"path": "resultsSection", "message": LOST, "severity": "information"}]},
        {**empty, "index": 2, "id": None, "format": "", "status": "invalid", "problems": [
            {"path": "", "message": "found 'nonsense'; expected one JSON object, a record", "severity": "error"}]},
        {**empty, "index": 3, "id": "NCT00000003"},
        {"source": "titel.json", "index": 0, "id": None, "format": "r4", "status": "invalid", "problems": [
            {"path": "ResearchStudy.titel", "message": "ResearchStudy has no element 'titel'; is 'title' meant?", "severity": "error",
             "section": "researchstudy.html"}]}]


def test_json_has_a_line_for_each_record_and_release(run):
    code, out, err = run("roundtrip results.json odd.json --to all --format json --allow odd")
    assert (code, err) == (1, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["source"], row["release"], row["status"]) for row in rows] == [
        (source, release, status) for source, status in (("results.json", "different"), ("odd.json", "same")) for release in ("r4", "r4b", "r5")]
    assert rows[0] == {"source": "results.json", "index": 0, "id": "NCT00000002", "release": "r4", "status": "different",
                       "differences": [{"path": "resultsSection", "reason": LOST, "before": {"a": [1, 2]}, "count": 2}], "allowed": [], "problems": []}
    assert rows[3]["allowed"] == [{"path": "odd", "reason": "has no place in a Trial", "before": "x"}]


def timeless(junit):
    return re.sub(r' time="\d+\.\d{3}"', "", junit)


def test_junit_of_validate_is_printed(run):
    code, out, err = run("validate a.ndjson --format junit")
    assert (code, err) == (1, "")
    suite = ElementTree.fromstring(out)
    assert (suite.get("name"), suite.get("tests"), suite.get("errors")) == ("trialbridge validate", "4", "1")
    assert [case.get("name") for case in suite] == ["a.ndjson[0] NCT00000001", "a.ndjson[1] NCT00000002", "a.ndjson[2]", "a.ndjson[3] NCT00000003"]


def test_junit_of_validate_is_a_file_beside_what_is_printed(run):
    before, printed = run("validate a.ndjson"), run("validate a.ndjson --format junit")
    assert printed[2] == ""
    assert run("validate a.ndjson --junit x.xml") == before
    assert timeless(Path("x.xml").read_text(encoding="utf-8")) == timeless(printed[1])
    assert "trialbridge: ./x.xml: passed over as an input; the output or report goes there\n" in run("validate . --junit x.xml")[2]


def test_junit_of_roundtrip_is_a_file(run):
    before = run("roundtrip a.ndjson --to all")
    assert run("roundtrip a.ndjson --to all --junit x.xml") == before
    suite = ElementTree.parse("x.xml").getroot()
    assert (suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("trialbridge roundtrip", "12", "3", "3")
    assert {case.get("classname") for case in suite} == {f"trialbridge roundtrip.{release}" for release in ("r4", "r4b", "r5")}


def test_github_gets_annotations_and_a_summary(run, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "page.md")
    counts = "1 round trip of 1 record (r4): 0 the same, 1 different, 0 invalid, 0 failed; 0 warnings; N a second\nLost most:\n  1 × resultsSection\n"
    assert run("roundtrip results.json --format github --allow never") == (
        1, f"::error file=results.json,title=NCT00000002%2C r4%3A different::resultsSection: {LOST}%0A  before {WHOLE}%0A  after  (nothing)\n"
           f"::warning::--allow never matches nothing; leave it out\n{counts}", "")
    assert "| results.json\\[0\\] NCT00000002 | r4 | different |" in Path("page.md").read_text(encoding="utf-8")
    code, out, _ = run("validate odd.json good.json --format github")
    assert (code, out.splitlines()[0]) == (
        0, "::warning file=odd.json,title=NCT00000004%2C ctgov%3A valid::odd: found 'x'; the format has no such member")
    assert "### trialbridge validate\n\n2 records: 2 valid, 0 invalid; 1 warning" in Path("page.md").read_text(encoding="utf-8")


def test_of_a_folder_the_files_that_no_format_knows_are_told(run):
    Path("in").mkdir()
    Path("in/a.json").write_bytes(study())
    Path("in/b.md").write_bytes(b"x")
    told = "trialbridge: in: skipped 1 file that no format knows: b.md\n"
    assert run("roundtrip in")[::2] == (0, told)
    assert run("validate in")[::2] == (0, told)


def test_standard_input(run):
    assert run("validate -", stdin=study())[0] == 0
    assert run("roundtrip - --to r5", stdin=FILES["a.ndjson"])[0] == 1


def test_of_many_records_the_first_are_shown(run):
    Path("many.ndjson").write_bytes(b"\n".join(study(n, odd=1) for n in range(30)))
    for command, shown in (("validate many.ndjson", "  valid"), ("roundtrip many.ndjson", "  different")):
        _, out, _ = run(command)
        assert sum(line.endswith(shown) for line in out.splitlines()) == 20
        assert "… and 10 more with findings; --format json lists them all\n" in out


def test_long_values_stand_above_each_other(run, monkeypatch):
    from converter import sheets
    from converter.differences import Difference

    found = Difference("title", "comes back as …", "a " * 40 + "x", "a " * 40 + "y", field="title", place="ResearchStudy.title")
    lines = list(sheets.difference_lines(found, 60))
    assert lines == ['  \x1b[1mtitle\x1b[0m  (title → ResearchStudy.title)', '      "…a a a a a a a a a a a a \x1b[31m[-x-]\x1b[0m"',
                     '    → "…a a a a a a a a a a a a \x1b[32m{+y+}\x1b[0m"']
    assert list(sheets.difference_lines(found, 120))[1:] == ['      "…a a a a a a a a a a a a \x1b[31m[-x-]\x1b[0m"  →  "…a a a a a a a a a a a a \x1b[32m{+y+}\x1b[0m"']


def test_a_full_disk_is_told(run):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    Path("many.ndjson").write_bytes(b"\n".join(study(n, odd="x" * 500) for n in range(3000)))
    assert run("roundtrip many.ndjson --junit /dev/full")[::2] == (1, "trialbridge: cannot write /dev/full: No space left on device\n")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ended_by_ctrl_c_it_leaves_nothing_behind(tmp_path, jobs):
    program = started(["roundtrip", "-", "--junit", "x.xml", "--jobs", jobs], tmp_path)
    program.stdin.write(b"\n".join(study(n, odd="x") for n in range(2000)) + b"\n")
    program.stdin.flush()
    line = program.stdout.readline()
    assert b"different" in line
    time.sleep(0.1)
    program.send_signal(2)
    _, err = program.communicate()
    assert (program.returncode, err.decode()) == (1, "trialbridge: interrupted; nothing was left half-written\n")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_has_enough_is_no_error_to_speak_of(tmp_path):
    (tmp_path / "a.ndjson").write_bytes(b"\n".join(study(n, odd="x") for n in range(3000)))
    program = started(["validate", "a.ndjson", "--format", "json"], tmp_path, bufsize=0)
    program.stdout.read(10)
    program.stdout.close()
    program.stdin.close()
    assert program.stderr.read() == b""
    assert program.wait() == 1


def test_a_terminal_gets_colours_and_a_pipe_does_not(tmp_path):
    (tmp_path / "a.json").write_bytes(FILES["titel.json"])
    command = [sys.executable, "-m", "converter.cli", "validate", str(tmp_path / "a.json")]
    outer, inner = pty.openpty()
    subprocess.run(command, stdout=inner, cwd=Path(__file__).parents[1], check=False)
    assert b"\x1b[31merror" in os.read(outer, 4096)
    plain = subprocess.run(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1], check=False).stdout
    assert b"\x1b" not in plain
