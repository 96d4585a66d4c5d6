"""Which answer is right and what was missed, answer by answer: the scorers print totals only, and a test holds both to each other."""

from __future__ import annotations

import importlib.util
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from benchmarks.eligibility.split import DATA, Task

Row = dict[str, Any]
"""A row of the gold or of the predictions."""


class Answer(NamedTuple):
    """An answer, right or not; None where the scorer ignores it.  For numbers each bound is one, of the side that is named.

    `whole` is the stricter form: a window with its target, a mention with its kind.
    """

    row: Row
    side: str
    right: bool | None
    whole: bool | None
    gold: Row | None = None

    @property
    def sound(self) -> bool | None:
        """Whether it is right in all that the gold can tell: a target like "treatment" has no word that the scorer of windows looks at."""
        untold = self.gold is not None and "target_text" in self.gold and not content(self.gold["target_text"])
        return self.right if untold else self.whole


class Matched(NamedTuple):
    """The answers in the order of the predictions, and the gold that none of them matched (with the side of a bound)."""

    answers: list[Answer]
    missed: list[tuple[Row, str]]


def matched(task: Task, gold: Iterable[Row], predictions: Iterable[Row]) -> Matched:
    """Every prediction about a document of the gold is right, wrong or ignored, as the task's scorer has it."""
    truth: dict[str, list[Row]] = defaultdict(list)
    given: dict[str, list[Row]] = defaultdict(list)
    for row in gold:
        truth[row["doc"]].append(row)
    for row in predictions:
        if row["doc"] in truth:
            given[row["doc"]].append(row)
    one = {"numeric": numeric, "temporal": temporal, "entities": entities}[task]
    answers: list[Answer] = []
    missed: list[tuple[Row, str]] = []
    for document in sorted(truth):
        found = one([row for row in truth[document] if not row.get("empty")], given[document])
        answers += found.answers
        missed += found.missed
    return Matched(answers, missed)


@cache
def scorer() -> Any:
    """The scorer of numbers as a module: it says which variables, values and units are the same."""
    spec = importlib.util.spec_from_file_location("score_numeric", DATA / "score" / "score_numeric.py")
    if spec is None or spec.loader is None or not (DATA / "score").is_dir():
        raise SystemExit(f"the scorers are not here: {DATA / 'score'} (TRIALBRIDGE_DATA names another folder)")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def variables() -> Any:
    return scorer().load_vars(DATA / "variables.tsv")


def variable(row: Row) -> str | None:
    """The listed variable that a row of gold or predictions is about."""
    synonyms, loinc = variables()
    key: str | None
    if "var_text" in row:
        key = synonyms.get(scorer().nrm(row["var_text"]))
        return "age" if row["kind"] == "age" and key != "gestational_age" else key
    key = row.get("variable") or loinc.get(row.get("loinc") or "") or synonyms.get(scorer().nrm(row.get("text") or ""))
    return key


def apart(one: Row, other: Row) -> bool:
    """Whether two rows stand in different sections (a section that is not known is in none)."""
    return bool(one.get("section") and other.get("section") and one["section"] != other["section"])


def numeric(gold: list[Row], given: list[Row]) -> Matched:
    module = scorer()
    skipped = {float(number) for row in gold if "skip" in row
               for number in re.findall(r"\d+(?:\.\d+)?", " ".join(row["values_text"]) + " " + row["cmp_text"])}
    bounds = [(row, variable(row), *bound) for row in gold if "skip" not in row for bound in module.bounds(row)]
    asked = [(row, variable(row), *bound) for row in given for bound in module.bounds(row)]
    used: dict[int, int] = {}
    for listed in (True, False):
        for number, (row, key, side, value, included) in enumerate(asked):
            if number in used:
                continue
            for place, (truth, name, end, limit, inclusive) in enumerate(bounds):
                if place in used.values() or side != end or apart(row, truth):
                    continue
                if (key is None or key != name) if listed else name:
                    continue
                if module.same_bound(name or key, side, value, included, limit, inclusive):
                    used[number] = place
                    break
    answers = []
    for number, (row, key, side, value, _) in enumerate(asked):
        ends = module.ENDS.get(key, ((), ()))[side == "upper"]
        right: bool | None = True if number in used else None if value in skipped or value in ends else False
        answers.append(Answer(row, side, right, right, bounds[used[number]][0] if number in used else None))
    return Matched(answers, [(bounds[place][0], bounds[place][2]) for place in range(len(bounds)) if place not in used.values()])


UNITS = {"a": "year", "yr": "year", "mo": "month", "wk": "week", "d": "day", "h": "hour", "min": "minute",
         **{unit + "s": unit for unit in ("year", "month", "week", "day", "hour", "minute")}}
OF_ENTITIES = frozenset(("the", "a", "an", "of", "or", "and", "any", "with", "for", "to", "in", "by"))
OF_WINDOWS = OF_ENTITIES - {"by"} | {"prior", "previous", "history", "use", "treatment", "other", "study"}


def tokens(text: str | None, plural: str, without: frozenset[str]) -> frozenset[str]:
    return frozenset(re.sub(plural, "", word) for word in re.findall(r"[a-z0-9]+", (text or "").lower()) if word not in without)


def content(target: str | None) -> frozenset[str]:
    """The words by which the scorer of windows knows a target."""
    return tokens(target, "s$", OF_WINDOWS)


def temporal(gold: list[Row], given: list[Row]) -> Matched:
    windows = [row for row in gold if "ignore" not in row and "skip" not in row]
    ignored = {row["ignore"] for row in gold if "ignore" in row}
    used: set[int] = set()
    answers = []
    for row in given:
        unit = UNITS.get(str(row["unit"]).lower(), str(row["unit"]).lower())
        value = float(row["value"])
        fitting = [number for number, truth in enumerate(windows)
                   if number not in used and truth["value"] == value and truth["unit"] == unit and not apart(row, truth)]
        if not fitting:
            wrong = None if value in ignored else False
            answers.append(Answer(row, "", wrong, wrong))
            continue
        own = content(row.get("text"))
        shared = {number: len(own & content(windows[number]["target_text"])) for number in fitting}
        best = max(fitting, key=lambda number: shared[number])
        used.add(best)
        answers.append(Answer(row, "", True, shared[best] > 0, windows[best]))
    return Matched(answers, [(row, "") for number, row in enumerate(windows) if number not in used])


KINDS = ("condition", "medication", "procedure", "allergy", "pregnancy")


def entities(gold: list[Row], given: list[Row]) -> Matched:
    mentions = [row for row in gold if row["kind"] in KINDS]
    given = [row for row in given if row["kind"] in KINDS]
    own = [tokens(row["text"], r"(?<=[a-z]{3})s$", OF_ENTITIES) if len(row["text"].split()) <= 8 else frozenset() for row in given]
    theirs = [tokens(row["text"], r"(?<=[a-z]{3})s$", OF_ENTITIES) for row in mentions]
    pairs = sorted(((likeness(own[number], theirs[place]) + (0.01 if row["kind"] == truth["kind"] else 0), number, place)
                    for number, row in enumerate(given) for place, truth in enumerate(mentions) if not apart(row, truth)), reverse=True)
    match: dict[int, int] = {}
    used: set[int] = set()
    for alike, number, place in pairs:
        if alike < 0.5:
            break
        if number not in match and place not in used:
            match[number] = place
            used.add(place)
    answers = [Answer(row, "", True, row["kind"] == mentions[match[number]]["kind"], mentions[match[number]])
               if number in match else Answer(row, "", False, False) for number, row in enumerate(given)]
    return Matched(answers, [(row, "") for place, row in enumerate(mentions) if place not in used])


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return max(len(one & other) / len(one | other), 0.6 if one <= other or other <= one else 0.0)
