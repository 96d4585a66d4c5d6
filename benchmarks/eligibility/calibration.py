"""Whether the confidence that is stated is the share that is right, on texts that had no part in the figure."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from typing import NamedTuple

from benchmarks.eligibility.matching import Answer
from benchmarks.eligibility.split import Part, belongs
from converter.eligibility.confidence import family
from tools.confidence import TASKS, answers, fitted, judged

EDGES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.01)
LEAST = 400
WITHIN = 0.03
FOLDS = 10
Pair = tuple[float, bool]
"""What an answer says of itself, and whether it is right."""


class Bin(NamedTuple):
    """Answers that say much the same of themselves: how many, what they say on average, the share that is right."""

    low: float
    high: float
    number: int
    stated: float
    measured: float


def bins(pairs: Iterable[Pair], least: int = LEAST) -> list[Bin]:
    """The answers by what they state, from the surest down; a bin of fewer than the least is one with its neighbour."""
    pairs = list(pairs)
    groups: list[tuple[float, float, list[Pair]]] = []
    for low, high in reversed(list(itertools.pairwise(EDGES))):
        inside = [pair for pair in pairs if low <= pair[0] < high]
        if not inside:
            continue
        if groups and len(groups[-1][2]) < least:
            groups[-1] = (low, groups[-1][1], groups[-1][2] + inside)
        else:
            groups.append((low, high, inside))
    if len(groups) > 1 and len(groups[-1][2]) < least:
        low, _, inside = groups.pop()
        groups[-1] = (low, groups[-1][1], groups[-1][2] + inside)
    return [Bin(low, high, len(inside), sum(stated for stated, _ in inside) / len(inside), sum(right for _, right in inside) / len(inside))
            for low, high, inside in groups]


def stated(fit: Iterable[Answer], test: Iterable[Answer]) -> list[Pair]:
    """What a table that is made of some answers says of others."""
    table = {rule: share for rule, (_, _, share) in fitted(fit, judged()).items()}
    return [(table.get(one.row["rule"], table.get(family(one.row["rule"]), 0.0)), bool(one.sound)) for one in test if one.right is not None]


def fold(document: str) -> int:
    return int(hashlib.sha1(f"fold {document}".encode()).hexdigest(), 16) % FOLDS


def crossed(given: list[Answer], part: Part) -> list[Pair]:
    """What is said of every answer of a part by a table made of all other folds of documents."""
    return [pair for number in range(FOLDS)
            for pair in stated((one for one in given if fold(one.row["doc"]) != number),
                               (one for one in given if fold(one.row["doc"]) == number and belongs(one.row["doc"], part)))]


def calibration(held_out: bool) -> None:
    """The bins are on standard output: of rules by a table made without their documents, of mentions by their own word.

    Mentions are judged where their weights were learned without the documents.  "And above" is the precision of all that is at least
    so sure: of what is coded from there on.
    """
    found: dict[str, dict[str, list[Pair]]] = {}
    for task in TASKS:
        given = answers(task, "all")
        check = [one for one in given if belongs(one.row["doc"], "check")]
        work = [one for one in given if belongs(one.row["doc"], "work")]
        found[task] = {"check by work": stated(work, check), "check by all others": crossed(given, "check"),
                       "all by all others": crossed(given, "all")}
    if held_out:
        found["entities"] = dict.fromkeys(("check by work", "check by all others"), own(answers("entities", "check")))
    found["all together"] = {name: [pair for of in found.values() for pair in of.get(name, ())] for name in found["numeric"]}
    print(f"{'task':14}{'measured on':22}{'bin':>10}{'answers':>9}{'stated':>8}{'right':>8}{'apart':>8}{'and above':>11}")
    for title, measured in found.items():
        for name, pairs in measured.items():
            found_bins = bins(pairs)
            for place, one in enumerate(found_bins):
                above = found_bins[:place + 1]
                precision = sum(each.number * each.measured for each in above) / sum(each.number for each in above)
                apart = one.measured - one.stated
                judged = "too few to judge" if one.number < LEAST else "met" if abs(apart) <= WITHIN else "not met"
                edges = f"{one.low:.2f}-{min(one.high, 1.0):.2f}"
                print(f"{title:14}{name:22}{edges:>10}{one.number:9}{one.stated:8.3f}{one.measured:8.3f}{apart:+8.3f}"
                      f"{precision:11.3f}  {judged}")


def own(given: Iterable[Answer]) -> list[Pair]:
    return [(one.row["confidence"], bool(one.sound)) for one in given if one.right is not None]
