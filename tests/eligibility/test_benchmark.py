"""The benchmark of criteria: its answers have the scorers' form, and its matching is theirs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks.eligibility.calibration import Bin, bins
from benchmarks.eligibility.matching import matched
from benchmarks.eligibility.opponents import OPPONENTS, Figures, figures, scored
from benchmarks.eligibility.predict import predictions
from benchmarks.eligibility.split import DATA, PARTS, TASKS, Part, Task, belongs, gold, rows, third
from benchmarks.eligibility.table import missed, rendered
from converter.eligibility.understanding import understand
from tests.corpus import corpus

ROOT = Path(__file__).parents[2]
TEXT = """Inclusion Criteria:

* Age 18 to < 65 years
* ALT ≤ 2.5 x ULN

Exclusion Criteria:

* Stroke within 6 months before randomization
* No history of diabetes, other than gestational diabetes
"""
ANSWERS: dict[Task, list[dict[str, Any]]] = {
    "numeric": [
        {"doc": "A", "section": "inclusion", "variable": "age", "text": "Age", "unit": "a",
         "lower": 18.0, "lower_incl": True, "upper": 65.0, "upper_incl": False},
        {"doc": "A", "section": "inclusion", "variable": "alt", "text": "ALT", "unit": "{ULN}",
         "lower": None, "lower_incl": None, "upper": 2.5, "upper_incl": True},
    ],
    "temporal": [{"doc": "A", "section": "exclusion", "text": "Stroke", "value": 6.0, "unit": "mo"}],
    "entities": [
        {"doc": "A", "section": "exclusion", "kind": "condition", "text": "Stroke", "exclude": True},
        {"doc": "A", "section": "exclusion", "kind": "condition", "text": "diabetes", "exclude": False},
        {"doc": "A", "section": "exclusion", "kind": "condition", "text": "gestational diabetes", "exclude": True},
    ],
}


@pytest.mark.parametrize("task", TASKS)
def test_answers_are_as_the_scorers_read_them(task: Task) -> None:
    given = list(predictions(task, "A", understand(TEXT), least=0.0))
    for one in given:
        assert set(one) - set(ANSWERS[task][0]) == {"start", "end", "rule", "confidence"}
    assert [{key: value for key, value in one.items() if key in ANSWERS[task][0]} for one in given] == ANSWERS[task]


def test_an_answer_that_is_less_sure_is_not_given() -> None:
    assert list(predictions("numeric", "A", understand(TEXT), least=1.1)) == []


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "benchmarks.eligibility", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8")


@pytest.mark.parametrize("task", TASKS)
def test_a_folder_of_texts_becomes_lines_of_json(task: Task, tmp_path: Path) -> None:
    with (tmp_path / "A.txt").open("w", encoding="utf-8", newline="") as out:
        out.write(TEXT)
    (tmp_path / "B.txt").write_text("", encoding="utf-8")
    (tmp_path / "A.ann").write_text("no text", encoding="utf-8")
    ran = run("predict", "--task", task, str(tmp_path))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [json.loads(line) for line in ran.stdout.splitlines()] == list(predictions(task, "A", understand(TEXT)))


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing, empty, broken = tmp_path / "missing", tmp_path / "empty", tmp_path / "broken"
    empty.mkdir()
    broken.mkdir()
    (broken / "A.txt").write_bytes(b"Age \xff 18")
    for folder, said in (
        (missing, f"there is no folder {missing}\n"),
        (empty, f"the folder {empty} has no file <document>.txt\n"),
        (broken, f"cannot read {broken / 'A.txt'} as UTF-8: 'utf-8' codec can't decode byte 0xff in position 4: invalid start byte\n"),
    ):
        ran = run("predict", "--task", "numeric", str(folder))
        assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", said)


def test_the_parts_of_the_gold_never_change() -> None:
    assert [third(document) for document in ("NCT00000001", "NCT00000002", "NCT00000003", "NCT00000004", "NCT00000005")] == [0, 1, 0, 0, 1]


PRINTED = {
    """2 documents; predictions ignored (number of an unscored record, or end of an ordinal scale): 1
age + listed     gold    10 pred     9 tp     8  P 0.889 R 0.800 F1 0.842 | F1 with inclusive flag 0.789 | unit right 3/4
ALL              gold    12 pred     9 tp     8  P 0.889 R 0.667 F1 0.762 | F1 with inclusive flag 0.700 | unit right 0/0
""": {"age + listed": Figures(10, 9, 0.889, 0.8, 0.842, 0.789, 0.75, None), "ALL": Figures(12, 9, 0.889, 0.667, 0.762, 0.7, None, None)},
    """2 documents, gold windows 10, predicted 5 (+2 ignored)
window found       P 1.000 R 0.500 F1 0.667
window + target    P 0.800 R 0.400 F1 0.533
""": {"window found": Figures(10, 5, 1.0, 0.5, 0.667), "window + target": Figures(10, 5, 0.8, 0.4, 0.533)},
    """2 documents, gold 20, predicted 10
text        P 0.900 R 0.450 F1 0.600
text + kind P 0.800 R 0.400 F1 0.533
exclude flag right on matches 8/9
recall by kind {'condition': 0.5}
""": {"text": Figures(20, 10, 0.9, 0.45, 0.6, None, None, 8 / 9), "text + kind": Figures(20, 10, 0.8, 0.4, 0.533, None, None, 8 / 9)},
}


@pytest.mark.parametrize("printed", PRINTED, ids=["numeric", "temporal", "entities"])
def test_what_a_scorer_prints_is_read(printed: str) -> None:
    assert figures(printed) == PRINTED[printed]


def test_the_table_says_what_is_not_reached() -> None:
    parts: tuple[Part, ...] = PARTS
    one = Figures(10, 9, 0.96, 0.9, 0.93, 0.9, None, None)
    two = Figures(10, 9, 0.94, 0.8, 0.86, 0.89, 0.9, None)
    found = {("age + listed", system, part): one if part == "work" else two for system in ("trialbridge", "Valx") for part in parts}
    assert missed(one, {"f1": 0.9, "precision": 0.95, "unit": 0.97}) == ["unit"]
    assert "\n".join(rendered(found)) == """\
task              system       part    gold  pred      P      R     F1   incl   unit   excl  to reach
age + listed      trialbridge  work      10     9  0.960  0.900  0.930  0.900      -      -  F1 0.90, P 0.95, unit 0.97, incl 0.88: not met (unit)
age + listed      trialbridge  check     10     9  0.940  0.800  0.860  0.890  0.900      -  F1 0.90, P 0.95, unit 0.97, incl 0.88: not met (F1, P, unit)
age + listed      trialbridge  all       10     9  0.940  0.800  0.860  0.890  0.900      -  F1 0.90, P 0.95, unit 0.97, incl 0.88: not met (F1, P, unit)
age + listed      Valx         work      10     9  0.960  0.900  0.930  0.900      -      -
age + listed      Valx         check     10     9  0.940  0.800  0.860  0.890  0.900      -
age + listed      Valx         all       10     9  0.940  0.800  0.860  0.890  0.900      -
"""


def test_a_bin_with_few_answers_is_one_with_its_neighbour() -> None:
    pairs = [(0.99, True)] * 3 + [(0.96, True)] * 2 + [(0.91, True), (0.91, False)] * 3 + [(0.4, False)]
    assert [(one.low, one.high, one.number, round(one.stated, 4), round(one.measured, 4)) for one in bins(pairs, least=5)] == [
        (0.95, 1.01, 5, 0.978, 1.0), (0.3, 0.95, 7, 0.8371, 0.4286)]
    assert bins([], least=5) == []
    assert bins([(0.5, True)], least=5) == [Bin(0.5, 0.6, 1, 0.5, 1.0)]


@pytest.mark.corpus
@pytest.mark.parametrize(("task", "file"), [(task, file) for task in TASKS for file in OPPONENTS[task].values()])
@pytest.mark.parametrize("part", PARTS)
def test_every_answer_is_judged_as_by_the_scorer(task: Task, file: str, part: Part, tmp_path: Path) -> None:
    path = corpus("eligibility") / "opponents" / file
    loose, strict = {"numeric": ("ALL", "ALL"), "temporal": ("window found", "window + target"), "entities": ("text", "text + kind")}[task]
    printed = scored(task, gold(task, part, tmp_path), DATA / "opponents" / file)
    with path.open(encoding="utf-8") as lines:
        judged = matched(task, rows(task, part), map(json.loads, lines))
    right = Counter(one.right for one in judged.answers)
    whole = sum(bool(one.whole) for one in judged.answers)
    for line, number in ((loose, right[True]), (strict, whole)):
        assert printed[line].predicted == right[True] + right[False]
        assert printed[line].gold == right[True] + len(judged.missed)
        assert printed[line].precision == pytest.approx(number / printed[line].predicted, abs=0.0005001)


@pytest.mark.corpus
@pytest.mark.parametrize("task", TASKS)
def test_no_error_of_a_document_that_is_only_checked_is_shown(task: Task) -> None:
    corpus("eligibility")
    ran = run("errors", "--task", task)
    shown = set(re.findall(r"^(?:FP|HALF|FN) +(NCT\d{8}) ", ran.stdout, re.M))
    assert ran.returncode == 0 and shown and all(belongs(document, "work") for document in shown), ran.stderr
