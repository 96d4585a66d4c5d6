"""What a push tells a person: of one record, and of all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from converter.loss import Loss
from converter.problems import Problem
from converter.pushed import Pushed, code_for, with_field
from converter.readying import Ready
from mappings.push.answers import Written
from mappings.push.outcomes import Outcome
from mappings.push.parcels import Given, parcel
from tests.push.transactions import study, transaction, update


@pytest.mark.parametrize(("problem", "said"), [
    (Problem("", "no"), "no"), (Problem("Bundle.entry[0]", "no"), "Bundle.entry[0]: no"), (Problem("", "no", field="title"), "the field title: no"),
    (Problem("Bundle.entry[0].resource.title", "no", field="title"), "Bundle.entry[0].resource.title (the field title): no")])
def test_a_problem_is_told_with_its_field(problem: Problem, said: str) -> None:
    assert with_field(problem) == said


def test_of_many_problems_of_a_record_the_first_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    told = Pushed(json=False, quiet=False, lines=True)
    told.tell(Outcome("a", 0, "NCT1", "failed", problems=(Problem("", "a warning", "warning"), *(Problem("", f"no {n}") for n in range(25))), cause="refused"))
    out, err = capsys.readouterr()
    assert out == "failed    a[0] NCT1\n"
    assert err.splitlines()[0] == "trialbridge: a[0] NCT1: no 0"
    assert err.splitlines()[20:] == ["trialbridge: a[0] NCT1: … and 5 more; --json gives all"]


def test_on_a_terminal_the_bar_stands_in_place_of_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    told = Pushed(json=False, quiet=False, lines=False)
    told.tell(Outcome("a", 0, "NCT1", "created"))
    assert capsys.readouterr() == ("", "")


def pushed(**options: bool) -> Pushed:
    return Pushed(**{"json": False, "quiet": False, "lines": True, **options})


def test_a_record_that_cannot_be_pushed_is_told_and_others_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    told = pushed()
    records = [Ready("a", 0, "NCT1", b"{}", lost=(Loss("x", "y", count=3),)), Ready("a", 1, None, None, problems=(Problem("title", "no"),)), Ready("a", 2, "NCT3", b"{}")]
    assert list(told.readied(iter(records))) == [records[0], records[2]]
    out, err = capsys.readouterr()
    assert (out, err) == ("failed    a[1]\n", "trialbridge: a[1]: title: no\n")
    told.tell(Outcome("a", 0, "NCT1", "created"))
    told.tell(Outcome("a", 2, "NCT3", "unchanged"))
    assert told.finished([]) == 1
    lost, counted = capsys.readouterr().err.splitlines()
    assert lost == "trialbridge: 1 record lost 3 values in the conversion; `trialbridge convert --report FILE` lists them"
    assert counted.startswith("trialbridge: 3 records: 1 created, 0 updated, 1 unchanged, 1 failed, 0 unknown; ")


def test_of_one_that_failed_only_its_errors_are_told_where_it_has_any(capsys: pytest.CaptureFixture[str]) -> None:
    for problems in ((Problem("", "a warning", "warning"), Problem("", "no")), (Problem("", "known", "information"),)):
        pushed().tell(Outcome("a", 0, None, "failed", problems=problems, cause="refused"))
    assert capsys.readouterr().err == "trialbridge: a[0]: no\ntrialbridge: a[0]: known\n"


def test_as_json_a_record_has_all_that_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    told = pushed(json=True)
    problem = Problem("Bundle.entry[0].resource.title", "no", field="title")
    told.tell(Outcome("a", 0, "NCT1", "failed", (Written("Group", "1", "created", "2"),), (problem,), "refused", 2, 1.23456))
    [line] = map(json.loads, capsys.readouterr().out.splitlines())
    assert line == {"source": "a", "index": 0, "id": "NCT1", "status": "failed", "cause": "refused", "locations": ["Group/1/_history/2"], "attempts": 2, "seconds": 1.235,
                    "problems": [{"path": "Bundle.entry[0].resource.title", "message": "no", "severity": "error", "field": "title"}]}


@pytest.mark.parametrize(("journal", "said"), [("push.journal", "--journal push.journal --resume goes on"), (None, "with --journal FILE, --resume could go on")])
def test_a_run_that_ends_early_says_how_to_go_on(journal: str | None, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = pushed(quiet=True)
    told.tell(Outcome("a", 0, None, "failed", problems=(Problem("", "no"),), cause="network"))
    assert told.finished(["a notice"], "it ended", journal) == 5
    assert capsys.readouterr().err.splitlines() == ["trialbridge: a[0]: no", "trialbridge: a notice", f"trialbridge: it ended; {said}"]


def test_what_was_on_its_way_when_it_was_broken_off_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    told = pushed(json=True, quiet=True)
    list(told.readied(Ready("a", n, None, b"{}") for n in range(3)))
    told.tell(Outcome("a", 0, None, "created"))
    told.broken_off("interrupted")
    assert told.finished([], journal="j") == 5
    out, err = capsys.readouterr()
    summary: dict[str, Any] = json.loads(out.splitlines()[-1])["summary"]
    assert {name: summary[name] for name in ("created", "unknown", "records", "complete", "exit")} == {"created": 1, "unknown": 2, "records": 3, "complete": False, "exit": 5}
    assert err == "trialbridge: interrupted; 2 records on the way or waiting, counted as unknown; --journal j --resume goes on\n"


def test_what_would_be_sent_is_told_by_its_size_and_hash_alone(capsys: pytest.CaptureFixture[str]) -> None:
    one = parcel(Given(transaction(update(study("A", title="Of nobody's business"))), "a", 3, "NCT1"))
    told = pushed()
    told.would(one)
    assert told.finished([]) == 0
    out, err = capsys.readouterr()
    assert out == f"would send a[3] NCT1  {len(one.content)} bytes, sha256 {one.sha256}\n"
    assert err.startswith("trialbridge: 1 record: 1 would be sent, 0 would not; ") and "nobody" not in out + err


@pytest.mark.parametrize(("cause", "code"), [("refused", 1), ("preflight", 3), ("auth", 4), ("network", 5)])
def test_a_run_that_could_not_begin_has_the_code_of_its_cause(cause: Any, code: int) -> None:
    assert code_for(cause) == code
