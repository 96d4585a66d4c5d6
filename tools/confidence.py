"""Makes `converter/eligibility/data/confidence.tsv`: how many answers of each rule the development gold says are right.

    python -m tools.confidence [--part work|all] [--check]

An answer is right as the gold's own scorers have it: each bound of a comparison is one; a window with the words that it limits is one.
Answers that the scorers ignore are not counted.  The rules were written with two thirds of the documents in view, so they do better on
these than on others: an answer there counts as DEVELOPED of one in the third that was only checked.  A rule with few answers is drawn
towards its family ("age" of "age.range"), and the family towards all rules of its task, as if each had seen PRIOR more answers of the
larger group (so many, since answers in one document often are wrong together); and no rule is surer than its answers allow: n of n right
are (n + 1) of (n + 2).  The columns `answers` and `right` are plain counts.  A family's row, "age.*", is for rules that the gold never met.

The gold misses some of what the texts say, does not annotate consent, "in the last year" or pairs of blood pressures, and has few
laboratory values.  So answers were read by eye too, drawn at random from records of ClinicalTrials.gov, for which no rule was written:
`tools/judged.tsv` has how many of a rule were read, and how many of them are what the text says.  Who read them had mended the rules, so
they count half too.
`--check` writes nothing and fails when the file is not what it would be.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from benchmarks.eligibility.matching import Answer, matched
from benchmarks.eligibility.predict import predictions
from benchmarks.eligibility.split import Part, Task, belongs, rows, texts
from converter.eligibility.confidence import family
from converter.eligibility.understanding import understand

HERE = Path(__file__).parents[1] / "converter" / "eligibility" / "data" / "confidence.tsv"
JUDGED = Path(__file__).with_name("judged.tsv")
PRIOR = 10
DEVELOPED = 1 / 2
TASKS: tuple[Task, ...] = ("numeric", "temporal")
"""The tasks whose rules are measured.  A mention carries the probability of its own."""


def answers(task: Task, part: Part) -> list[Answer]:
    """Every answer of a task to the texts of a part, whatever its confidence."""
    given = [row for document, text in texts(part).items() for row in predictions(task, document, understand(text), least=0.0)]
    return matched(task, rows(task, part), given).answers


def fitted(counted: Iterable[Answer], read: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int, float]]:
    """Answers, right ones and confidence by rule and family, of one task; what was read by eye counts where the gold has the family."""
    number: Counter[str] = Counter()
    right: Counter[str] = Counter()
    weight: defaultdict[str, float] = defaultdict(float)
    weight_right: defaultdict[str, float] = defaultdict(float)
    for one in counted:
        if one.right is not None:
            counts = 1.0 if belongs(one.row["doc"], "check") else DEVELOPED
            for name in (one.row["rule"], family(one.row["rule"]), ""):
                number[name] += 1
                right[name] += bool(one.sound)
                weight[name] += counts
                weight_right[name] += counts * bool(one.sound)
    for rule, (answered, sound) in read.items():
        if family(rule) in number:
            for name in (rule, family(rule), ""):
                number[name] += answered
                right[name] += sound
                weight[name] += DEVELOPED * answered
                weight_right[name] += DEVELOPED * sound
    mean = drawn(weight_right[""], weight[""], 0.5)
    families = {name: drawn(weight_right[name], weight[name], mean) for name in number if name.endswith(".*")}
    rules = {name: drawn(weight_right[name], weight[name], families[family(name)]) for name in number if name and name not in families}
    return {name: (number[name], right[name], share) for name, share in sorted({**families, **rules}.items())}


def drawn(right: float, number: float, towards: float) -> float:
    """The share that are right, drawn towards what is expected of the larger group."""
    return min((right + PRIOR * towards) / (number + PRIOR), (number + 1) / (number + 2))


def judged() -> dict[str, tuple[int, int]]:
    """How many answers of a rule were read by eye, and how many were right."""
    lines = [line.split("\t") for line in JUDGED.read_text(encoding="utf-8").splitlines()[1:]]
    return {rule: (int(answered), int(sound)) for rule, answered, sound in lines}


def only_read(read: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int, float]]:
    """Answers, right ones and confidence of rules and families that the gold does not have."""
    number: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for rule, (answered, sound) in read.items():
        for name in (rule, family(rule)):
            number[name] += answered
            right[name] += sound
    return {name: (number[name], right[name], (right[name] + 1) / (number[name] + 2)) for name in number}


def table(part: Part) -> str:
    """The text of the file."""
    read = judged()
    rules = only_read(read)
    for task in TASKS:
        rules |= fitted(answers(task, part), read)
    lines = [f"{rule}\t{number}\t{right}\t{share:.3f}\n" for rule, (number, right, share) in sorted(rules.items())]
    return "rule\tanswers\tright\tconfidence\n" + "".join(lines)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--part", choices=("work", "all"), default="all", help="the documents of the gold that count")
    arguments.add_argument("--check", action="store_true")
    given = arguments.parse_args()
    made = table(given.part)
    if given.check:
        return 0 if HERE.read_text(encoding="utf-8") == made else 1
    HERE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
