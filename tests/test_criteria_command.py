"""`trialbridge criteria`: what stands where, in which words, with which exit code.  What is understood is invented here."""

import io
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from converter.commands import trialbridge
from converter.eligibility import understanding
from converter.eligibility.findings import CERTAIN
from converter.json_text import encode
from tests.invented_criteria import FINDINGS, TEXT, Invented

USAGE = "Usage: trialbridge criteria [OPTIONS] INPUT...\nTry 'trialbridge criteria --help' for help.\n\nError: "
BOLD, PLAIN = "\x1b[1m", "\x1b[0m"


def study(number: int = 1, text: str | None = TEXT) -> bytes:
    return encode({"protocolSection": {"identificationModule": {"nctId": f"NCT{number:08}", "briefTitle": "A \x1b[31mtrial"},
                                       **({"eligibilityModule": {"eligibilityCriteria": text}} if text else {})}})


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command in a folder of its own, where `files` are; gives exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(understanding, "understand", Invented)
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "TERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)

    def run(arguments, stdin=b"", **files):
        for name, content in files.items():
            Path(re.sub("_(?=[a-z]+$)", ".", name)).write_bytes(content)
        found = CliRunner().invoke(trialbridge, ["criteria", *shlex.split(arguments)], prog_name="trialbridge", input=io.BytesIO(stdin))
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.exit_code, found.stdout_bytes.decode(), found.stderr

    return run


SHOWN = """\
NCT00000001 A �[31mtrial

Inclusion Criteria:
  * ⟦Age ≥ 18 and < 80 years⟧
      = Age ≥ 18 and < 80 years  [LOINC 30525-0]  98%
  * ⟦ALT or AST > 2.5 × ULN⟧
      · ALT > 2.5 × ULN  [LOINC 1742-6]  96%
      · AST > 2.5 × ULN  [LOINC 1920-8]  96%
      = any of (ALT > 2.5 × ULN; AST > 2.5 × ULN)
  * ⟦PLT < 80 × 10⁹/L⟧; ⟦Child-Pugh A or B⟧
      = PLT < 80 ×10⁹/L  [LOINC 777-3]  96%
      ~ Child-Pugh: A or B  95%
  * Active ⟦hypertension⟧, with ⟦surgery⟧ ⟦within 4 weeks before screening⟧
      ~ condition: hypertension  [MeSH D006973]  97%
      ~ procedure: surgery  95%
      ~ surgery: at most 4 weeks before screening  96%

Exclusion Criteria:
  1. ⟦Pregnant⟧ ⟦women⟧, allergy to ⟦penicillin⟧
      ~ pregnancy, current: Pregnant  99%
      ~ sex: female  97%
      ~ allergy: not penicillin  95%
  2. At least two of the following:
      = at least 2 of (condition: stroke, at most 6 months earlier; pregnancy, current: Pregnant; sex: female)
    * ⟦stroke⟧ ⟦in the last 6 months⟧
        · condition: stroke  [MeSH D020521, ICD-10-CM I63]  97%
        · stroke: at most 6 months earlier  98%
        = condition: stroke, at most 6 months earlier
    * <b onclick="alert(1)">sepsis</b> & �[31mred �der

7 criteria: 4 understood, 2 in part, 1 only as words
"""
LEGEND = "⟦ ⟧ understood words;  = the whole criterion, as that;  · a part of the meaning in the line with =;  ~ found in it\n"


def test_the_text_with_what_is_understood_marked_in_it(run):
    assert run("a.json", a_json=study()) == (0, SHOWN + LEGEND, "")


def test_several_records_follow_each_other_also_those_without_criteria(run):
    assert run("a.ndjson b.json", a_ndjson=study() + b"\n" + study(2, None), b_json=study(3)) == (
        0, f"{SHOWN}\nNCT00000002 A �[31mtrial\n\nIt has no criteria.\n\n{SHOWN.replace('NCT00000001', 'NCT00000003')}{LEGEND}", "")


def test_what_is_less_sure_is_shown_when_it_is_asked_for(run):
    assert "⟦sepsis⟧" in run("a.json --min-confidence 0.6", a_json=study())[1]
    found = run("a.json --min-confidence 0.98", a_json=study())[1]
    assert re.findall("⟦.*?⟧", found.removesuffix(LEGEND)) == ["⟦Age ≥ 18 and < 80 years⟧", "⟦Pregnant⟧", "⟦in the last 6 months⟧"]
    assert "7 criteria: 1 understood, 2 in part, 4 only as words" in found


def test_a_terminal_has_colours_and_the_marks_all_the_same(run, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    code, found, said = run("a.json", a_json=study())
    assert (code, said) == (0, "")
    assert "  * \x1b[1;36m⟦Age ≥ 18 and < 80 years⟧\x1b[0m\n" in found
    assert f"{BOLD}Inclusion Criteria:{PLAIN}" in found
    lines = re.sub("\x1b\\[[0-9;]*m", "", found).splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert not re.search("\x1b\\[31m(red|trial)", found), "a colour that the record asked for"
    assert "".join(" ".join(lines).split()) == "".join((SHOWN + LEGEND).split())


def test_no_color_leaves_the_colours_out(run, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    found = run("a.json", a_json=study())[1]
    assert not re.search("\x1b\\[[0-9;]*3[0-9]", found)
    assert "⟦stroke⟧" in found


def test_on_a_wide_terminal_the_code_stands_beside_the_words(run, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    lines = re.sub("\x1b\\[[0-9;]*m", "", run("a.json", a_json=study())[1]).splitlines()
    assert max(map(cell_len, lines)) <= 120
    assert [re.split(" {3,}", line.strip()) for line in lines[3:7]] == [
        ["* ⟦Age ≥ 18 and < 80 years⟧", "= Age ≥ 18 and < 80 years  [LOINC 30525-0]  98%"],
        ["* ⟦ALT or AST > 2.5 × ULN⟧", "· ALT > 2.5 × ULN  [LOINC 1742-6]  96%"],
        ["· AST > 2.5 × ULN  [LOINC 1920-8]  96%"],
        ["= any of (ALT > 2.5 × ULN; AST > 2.5 × ULN)"],
    ]


def test_json_is_one_record_for_people_or_a_line_for_each(run):
    one = json.loads(run("a.json --format json", a_json=study())[1])
    assert (one["source"], one["index"], one["id"], one["problems"], one["min_confidence"], one["text"]) == (
        "a.json", 0, "NCT00000001", [], CERTAIN, TEXT)
    code, found, said = run("a.ndjson --format json", a_ndjson=study() + b"\nx\n" + study(2, None))
    first, second, third = map(json.loads, found.splitlines())
    assert first == {**one, "source": "a.ndjson"}
    assert second["problems"] == [{"path": "", "message": "found 'x'; expected one JSON object, a record", "severity": "error"}]
    assert (second["text"], second["criteria"], second["findings"]) == (None, [], [])
    assert (third["text"], third["problems"], third["criteria"], third["findings"]) == (None, [], [], [])
    assert (code, said) == (1, "trialbridge: a.ndjson[1]: found 'x'; expected one JSON object, a record\n"
                               "trialbridge: 1 of 3 records could not be read\n")


def test_json_has_the_tree_and_refers_to_findings_by_number(run):
    found = json.loads(run("a.json --format json", a_json=study())[1])
    inclusion, exclusion = found["criteria"]
    assert inclusion["children"][1] == {
        "role": "criterion", "side": "inclusion", "group": None, "how": None, "threshold": None,
        "mark": 47, "start": 49, "end": 71, "words": "ALT or AST > 2.5 × ULN", "findings": [1, 2],
        "meaning": {"how": "any-of", "threshold": None, "parts": [{"finding": 1}, {"finding": 2}]}, "children": [],
    }
    assert exclusion["children"][1]["meaning"] == {"how": "at-least", "threshold": 2, "parts": [
        {"timed": {"finding": 11}, "window": 12}, {"finding": 8}, {"finding": 9}]}
    assert found["findings"][1] == {
        "type": "comparison", "start": 49, "end": 71, "rule": "lab.before", "confidence": 0.96, "words": "ALT or AST > 2.5 × ULN",
        "side": "inclusion", "codes": [{"system": "http://loinc.org", "code": "1742-6", "display":
                                        "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma"}],
        "variable": "alt", "subject": [49, 52], "lower": {"value": 2.5, "included": False}, "upper": None, "unit": None, "limit": "ULN", "sex": None,
    }
    assert [one["words"] for one in found["findings"]] == [TEXT[one.start:one.end] for one in FINDINGS if one.confidence >= CERTAIN]


def test_a_file_is_written_whole_and_its_name_says_the_form(run):
    assert run("a.json -o b.json", a_json=study()) == (0, "", "")
    assert Path("b.json").read_text() == run("a.json --format json")[1]
    assert run("a.json -o b.html") == (0, "", "")
    assert Path("b.html").read_text() == run("a.json --format html")[1]
    assert run("a.json -o b.txt") == (0, "", "")
    assert Path("b.txt").read_text() == SHOWN + LEGEND
    assert run("a.json -o b.html --format text") == (0, "", "")
    assert Path("b.html").read_text() == SHOWN + LEGEND
    assert sorted(path.name for path in Path().iterdir()) == ["a.json", "b.html", "b.json", "b.txt"]


@pytest.mark.parametrize(("arguments", "stdin", "source"), [
    ("c.txt --from text", b"", "c.txt[0]"),
    ("- --from text", TEXT.encode(), "-[0]"),
    (". --from text", b"", "c.txt[0]"),
])
def test_a_file_may_hold_the_criteria_and_nothing_else(run, arguments, stdin, source):
    assert run(arguments, stdin, c_txt=b"\xef\xbb\xbf" + TEXT.encode(), d_json=study()) == (
        0, SHOWN.replace("NCT00000001 A �[31mtrial", source) + LEGEND, "")


@pytest.mark.parametrize(("arguments", "content", "message"), [
    ("a.txt", b"Adults with asthma\n", "no format knows a text that begins with 'Adults with asthma'; name its format (--from): clinconnect_page, "
     "meddatax_page, ctgov, r4, r4b, r5, trial; or text, where the criteria stand in it and nothing else"),
    ("a.txt --from text", b"a\xffb", "column 2: found the byte 0xFF, which is not UTF-8 (is it Latin-1?); expected UTF-8. Save the document again as UTF-8"),
    ("a.txt --from text", b" \n", "the document is empty; expected criteria. Is the file complete?"),
    ("a.txt --from ctgov", b"{}", "nothing in it is known to the format ctgov"),
])
def test_what_cannot_be_read_is_told(run, arguments, content, message):
    code, found, said = run(arguments, a_txt=content)
    assert (code, found, said) == (1, "", f"trialbridge: a.txt[0]: {message}\n")


def test_a_folder_without_texts_is_told(run):
    Path("empty").mkdir()
    assert run("empty --from text") == (1, "", "trialbridge: empty[0]: holds no file named .txt; expected criteria in such files\n")


@pytest.mark.parametrize(("arguments", "message"), [
    ("", "Missing argument 'INPUT...'."),
    ("b.json", "b.json: there is no such file or folder"),
    ("''", 'INPUT is ""; expected the name of a file or folder'),
    ("a.json --format table", "Invalid value for '--format': 'table' is not one of 'text', 'json', 'html'."),
    ("a.json --min-confidence 2", "Invalid value for '--min-confidence': 2.0 is not in the range 0<=x<=1."),
    ("a.json -o ''", '-o is ""; expected the name of a file'),
    ("a.json -o .", "-o . is a folder; expected the name of a file"),
    ("a.json -o a.json", "-o names the input a.json, which would be written over; name another file"),
    ("a.json -o x/b.html", "-o x/b.html: there is no folder x; make it first"),
])
def test_what_cannot_be_meant_is_a_matter_of_usage(run, arguments, message):
    assert run(arguments, a_json=study()) == (2, "", f"{USAGE}{message}\n")


def test_what_a_folder_passes_over_is_told(run):
    assert run(".", a_json=study(), b_bin=b"\0\1") == (0, SHOWN + LEGEND, "trialbridge: .: skipped 1 file that no format knows: b.bin\n")
