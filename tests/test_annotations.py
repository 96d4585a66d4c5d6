"""GitHub's workflow commands and the summary of a run."""

from converter.annotations import SHOWN, WIDEST, StepSummary, command, commands
from converter.cases import Case

BAD = Case("a,b:c%.json", 0, "NCT1", "r4", "failure", "different", ("title: 50% is\r\nodd, see: x", "b: c"), ("d",))
COMMANDS = [
    # kind, message, properties, the command
    ("error", "odd", {}, "::error::odd"),
    ("error", "odd", {"file": ""}, "::error::odd"),
    ("warning", "a%0A\r\nb,c:d", {"file": "a,b:c%\n.json", "title": "x"}, "::warning file=a%2Cb%3Ac%25%0A.json,title=x::a%250A%0D%0Ab,c:d"),
]


def test_everything_is_escaped():
    for kind, message, properties, made in COMMANDS:
        assert command(kind, message, **properties) == made


def test_a_case_is_an_error_and_what_is_doubtful_a_warning():
    assert list(commands(BAD)) == [
        "::error file=a%2Cb%3Ac%25.json,title=NCT1%2C r4%3A different::title: 50%25 is%0D%0Aodd, see: x%0Ab: c",
        "::warning file=a%2Cb%3Ac%25.json,title=NCT1%2C r4%3A different::d"]
    assert list(commands(Case("-", 2, None, "r4", "failure", "different", ("a",)))) == ["::error title=-[2]%2C r4%3A different::a"]
    assert list(commands(Case("a", 0, "NCT1", "r4"))) == []


def test_the_summary_is_added_to_the_page(tmp_path, monkeypatch):
    (page := tmp_path / "page").write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    summary = StepSummary("trialbridge roundtrip")
    summary.take(Case("a", 0, "NCT1", "r4"))
    summary.take(Case("a_b.json", 1, "NCT2", "r5", "failure", "different", ("title: <b>|`x`\n  before y",)))
    summary.write(["2 round trips", "  1 × title"])
    assert page.read_text(encoding="utf-8") == (
        "before\n### trialbridge roundtrip\n\n2 round trips  \n1 × title  \n\n"
        "| Record | Against | Result | First of what was found |\n| --- | --- | --- | --- |\n"
        "| a\\_b.json\\[1\\] NCT2 | r5 | different | title: &lt;b&gt;\\|\\`x\\` |\n")


def test_the_summary_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "page"))
    summary = StepSummary("x")
    for n in range(SHOWN + 1200):
        summary.take(Case("a", n, None, "r4", "failure", "different", ("y" * 10_000,)))
    summary.write([])
    text = (tmp_path / "page").read_text(encoding="utf-8")
    assert text.endswith("\n… and 1,200 more.\n")
    assert len(text) < SHOWN * (WIDEST + 100)


def test_without_a_page_nothing_is_written(monkeypatch, tmp_path):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    monkeypatch.chdir(tmp_path)
    StepSummary("x").write(["y"])
    assert list(tmp_path.iterdir()) == []
