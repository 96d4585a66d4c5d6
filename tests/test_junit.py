"""JUnit XML: what stands where, that it is what Maven Surefire's schema demands, and that nothing in a record can break it."""

import subprocess
import zipfile
from xml.etree import ElementTree

import pytest

from converter.cases import MOST, Case, of_trip, of_verdict
from converter.differences import Difference
from converter.junit import BLOCK, Suite
from converter.problems import Problem
from converter.roundtrip import Trip
from converter.validation import Verdict

ARTIFACT = "org.apache.maven.surefire:surefire:3.5.2:zip:source-release"
SCHEMA = "surefire-3.5.2/maven-surefire-plugin/src/site/resources/xsd/surefire-test-report.xsd"
ERROR, WARNING = Problem("a.b", "is odd", section="a.html", field="title"), Problem("c", "may be odd", "warning")
CHANGED = Difference("a.title", "comes back as 'y'", "x", "y", field="title", place="ResearchStudy.title")
NASTY = "\x00\x0b\x1f\x7f\ud800\ufffe<&>\"']]>\r\n\t\u2028é"
CASES = [
    of_trip(Trip("a.json", 0, "NCT1", "r4", "same", seconds=0.25)),
    of_trip(Trip("a.json", 0, "NCT1", "r5", "different", (CHANGED,), seconds=0.5)),
    of_trip(Trip("a.json", 1, None, "r4", "failed", problems=(ERROR,))),
    of_trip(Trip("a.json", 2, "NCT3", "r4", "invalid", (CHANGED,), problems=(WARNING, ERROR))),
    of_verdict(Verdict("b.json", 0, "NCT1", "r4", "valid", (WARNING,), seconds=0.125)),
    of_verdict(Verdict("b.json", 1, None, "", "invalid", (ERROR,))),
    of_verdict(Verdict("b.json", 2, None, "r5", "invalid", (WARNING,), strict=True)),
    Case(NASTY, 0, NASTY, NASTY, "failure", NASTY, (NASTY, NASTY), (NASTY,)),
]
WHOLE = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="trial" tests="7" failures="3" errors="2" skipped="0" time="0.875">
  <testcase classname="trial.r4" name="a.json[0] NCT1" time="0.250"/>
  <testcase classname="trial.r5" name="a.json[0] NCT1" time="0.500"><failure type="different" message="a.title: comes back as 'y'">a.title: comes back as 'y'
  before "[-x-]"
  after  "{+y+}"
  row    title → ResearchStudy.title</failure></testcase>
  <testcase classname="trial.r4" name="a.json[1]" time="0.000"><error type="failed" message="a.b: is odd (a.html; from title)">a.b: is odd (a.html; from title)</error></testcase>
  <testcase classname="trial.r4" name="a.json[2] NCT3" time="0.000"><failure type="invalid" message="a.b: is odd (a.html; from title)">a.b: is odd (a.html; from title)
a.title: comes back as 'y'
  before "[-x-]"
  after  "{+y+}"
  row    title → ResearchStudy.title</failure></testcase>
  <testcase classname="trial.r4" name="b.json[0] NCT1" time="0.125"><system-out>c: may be odd</system-out></testcase>
  <testcase classname="trial.unread" name="b.json[1]" time="0.000"><error type="invalid" message="a.b: is odd (a.html; from title)">a.b: is odd (a.html; from title)</error></testcase>
  <testcase classname="trial.r5" name="b.json[2]" time="0.000"><failure type="invalid" message="c: may be odd">c: may be odd</failure></testcase>
</testsuite>
"""


def document(cases, name="trial"):
    suite, parts = Suite(name), []
    for case in cases:
        suite.take(case)
    suite.write(parts.append)
    suite.close()
    return b"".join(parts)


def test_the_whole_document():
    assert document(CASES[:-1]).decode() == WHOLE


def test_a_run_without_cases_is_a_suite_too():
    assert document([]).decode() == WHOLE.splitlines()[0] + (
        '\n<testsuite name="trial" tests="0" failures="0" errors="0" skipped="0" time="0.000">\n</testsuite>\n')


def test_nothing_in_a_record_breaks_the_document():
    root = ElementTree.fromstring(document([CASES[-1]], NASTY))
    escaped = "\\u0000\\u000b\\u001f\\u007f\\ud800\\ufffe<&>\"']]>\r\n\t\u2028é"
    (case,) = root
    assert root.get("name") == case.get("name").removesuffix(f"[0] {escaped}") == escaped
    assert case[0].get("type") == escaped
    assert case[0].text == f"{escaped}\n{escaped}".replace("\r\n", "\n")  # XML 1.0, 2.11


def test_of_many_findings_the_first_are_told():
    many = [Difference(f"a[{n}]", "is odd") for n in range(MOST + 7)]
    case = of_trip(Trip("a", 0, None, "r4", "different", tuple(many), problems=(ERROR,)))
    assert len(case.findings) == MOST + 1
    assert case.findings[-1] == "… and 8 more"


# https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd (3.0.2), and junit-10.xsd of Jenkins' xUnit plugin
ATTRIBUTES = {"testsuite": {"name", "time", "tests", "errors", "skipped", "failures"}, "testcase": {"name", "classname", "time"},
              "failure": {"type", "message"}, "error": {"type", "message"}, "system-out": set()}
CHILDREN = {"testsuite": ["testcase"], "testcase": ["failure", "error", "system-out"], "failure": [], "error": [], "system-out": []}
"""What both schemas know, of what is written: which attributes, and which elements in which order."""


def test_the_document_has_only_what_the_schemas_know():
    for element in ElementTree.fromstring(document(CASES)).iter():
        assert set(element.attrib) == ATTRIBUTES[element.tag]
        order = [CHILDREN[element.tag].index(child.tag) for child in element]
        assert order == sorted(order)
        assert element.tag != "testcase" or len(set(order)) == len(order)


def test_maven_surefires_schema_accepts_the_document(tmp_path):
    """The schema comes from Maven Central, in the sources of Surefire; Maven keeps it between runs."""
    xmlschema = pytest.importorskip("xmlschema")
    try:
        subprocess.run(["mvn", "-q", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={tmp_path}"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"Maven cannot fetch {ARTIFACT}, which has the schema")
    with zipfile.ZipFile(next(tmp_path.glob("*.zip"))) as sources:
        schema = xmlschema.XMLSchema(sources.read(SCHEMA).decode())
    schema.validate(document(CASES).decode())
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        schema.validate(document(CASES).decode().replace('tests="8" ', ""))


def test_the_cases_wait_on_disk():
    suite = Suite("trial")
    while not suite.cases._rolled:
        suite.take(CASES[1])
    assert suite.tests * 200 < 2 * BLOCK
    suite.close()
