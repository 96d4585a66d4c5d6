"""Makes `weights.tsv` and `mention_confidence.tsv` in `converter/eligibility/data` from criteria that people have annotated.

    pip install --require-hashes --no-deps -r tools/vocabulary.txt   # beside the project
    python -m tools.tagger FOLDER [--part work|all] [--to FOLDER | --calibration]

FOLDER is the development part of the Leaf Clinical Trials corpus: `lct/<document>.txt` and `lct_entities.jsonl`.  A word's kind is learned
by maximum entropy (python-crfsuite with sequences of one word; the same input gives the same weights).  The confidence is measured on
documents that were not learned from, a tenth of them at a time: the share of answers with a score that are right, as the corpus's scorer
judges it (text and kind).  `--part work` leaves a third of the documents (sha1 of the name modulo 3 is 0) unseen.  `--calibration` writes
nothing: it prints how far the confidence is from the share that is right, both of documents that had no part in either.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha1
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pycrfsuite  # type: ignore[import-not-found,import-untyped,unused-ignore]

from benchmarks.eligibility.calibration import bins
from converter.eligibility.coding import Name, named
from converter.eligibility.tagger import LABELS, UNIT, Weights, sign, split, tagged, traits
from converter.eligibility.tree import parse, walk

HERE = Path(__file__).parents[1] / "converter" / "eligibility" / "data"
FOLDS = 10
LEAST_ANSWERS = 200
"""A step of confidence stands on so many answers."""
SETTINGS = {"c1": 0.3, "c2": 0.3, "max_iterations": 80}
NEIGHBOURS = ("", "-1 ", "+1 ", "-2 ", "+2 ")
"""How a trait is written that is one of the word itself, of the one before it ..."""
COLUMNS = ("itself", "before", "after", "second before", "second after")
"""In which column its weights stand: for the word itself, as the one before another ..."""
Rows = dict[str, str]


class Document(NamedTuple):
    """A text with its annotations: kind, spans, and what the scorer compares."""

    name: str
    text: str
    entities: list[dict[str, Any]]


def documents(folder: Path, part: str) -> list[Document]:
    """The documents of the part."""
    entities: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with (folder / "lct_entities.jsonl").open(encoding="utf-8") as lines:
        for entity in map(json.loads, lines):
            entities[entity["doc"]] += [] if entity.get("empty") else [entity]
    return [Document(name, (folder / "lct" / f"{name}.txt").read_bytes().decode(), found) for name, found in sorted(entities.items())
            if part == "all" or number(name) % 3]


def number(name: str) -> int:
    """By which the documents are divided."""
    return int(sha1(name.encode()).hexdigest(), 16)


def nodes(text: str) -> list[tuple[int, int]]:
    """The spans of the criteria of a text, which are tagged one by one."""
    return [(node.start, node.end) for node in walk(parse(text).nodes) if node.start < node.end]


def words(document: Document) -> tuple[list[list[str]], list[str]]:
    """What is learned of each word of the text, and its kind."""
    found = split(document.text, nodes(document.text), Weights({}))
    between, _, said, _ = zip(*(token[-1] for token in found.tokens), strict=True)
    known = [traits(word) if word else ["edge"] for word in said]
    near = [[trait for trait in of if not trait.startswith("begins")] for of in known]
    made, kinds = [], []
    entities = sorted(document.entities, key=lambda entity: -sum(end - start for start, end in entity["span"]))
    for place in (place for place, word in enumerate(said) if word):
        row = ["any", *known[place], f"after {sign(between[place])}", f"before {sign(between[place + 1])}"]
        row += [f"-1 {trait}" for trait in near[place - 1]]
        row += [f"+1 {trait}" for trait in near[place + 1]]
        row += [f"{far:+} {known[place + far][0]}" for far in (-2, 2) if said[place + far]]
        made.append(row)
        first, last = found.span(place, place + 1)
        of = [entity["kind"] for entity in entities if any(start <= first and last <= end for start, end in entity["span"])]
        kinds.append(of[-1] if of else "nothing")
    return made, kinds


def learned(read: Iterable[tuple[list[list[str]], list[str]]]) -> Rows:
    """The lines of weights.tsv by trait: the weights for each kind, in units, against those of a word that names nothing."""
    trainer = pycrfsuite.Trainer(verbose=False)
    for made, kinds in read:
        for row, kind in zip(made, kinds, strict=True):
            trainer.append([row], [kind])
    trainer.set_params(SETTINGS)
    with TemporaryDirectory() as folder:
        trainer.train(f"{folder}/model")
        model = pycrfsuite.Tagger()
        model.open(f"{folder}/model")
        weights: dict[str, dict[str, float]] = defaultdict(dict)
        for (trait, kind), weight in model.info().state_features.items():
            weights[trait][kind] = weight
    rows: dict[str, list[str]] = defaultdict(lambda: [""] * len(NEIGHBOURS))
    for feature, of in sorted(weights.items()):
        if any(summed := [round((of.get(label, 0.0) - of.get("nothing", 0.0)) * UNIT) for label in LABELS]):
            place = feature[:3] if feature[:3] in NEIGHBOURS else ""
            rows[feature[len(place):]][NEIGHBOURS.index(place)] = " ".join(map(str, summed))
    return {trait: "\t".join(row) for trait, row in sorted(rows.items())}


class Answer(NamedTuple):
    """An answer on a document that was not learned from."""

    kind: str
    known: bool
    score: int
    right: bool


def answers(document: Document, weights: Weights) -> list[Answer]:
    """The answers, each right when the scorer finds the entity that it is."""
    found: list[tuple[Name, str]] = []
    said = split(document.text, nodes(document.text), weights)
    for name in named(said, tagged(said.tokens), document.text):
        found.append((name, document.text[slice(*said.span(name.first, name.last))]))
    entities = [entity for entity in document.entities if entity["kind"] != "observation"]
    pairs = sorted(((likeness(text, entity["text"]) + 0.01 * (name.kind == entity["kind"]), i, j)
                    for i, (name, text) in enumerate(found) for j, entity in enumerate(entities)), reverse=True)
    matched: dict[int, int] = {}
    for like, i, j in pairs:
        if like >= 0.5 and i not in matched and j not in matched.values():
            matched[i] = j
    return [Answer(name.kind, name.known, name.score, i in matched and entities[matched[i]]["kind"] == name.kind)
            for i, (name, _) in enumerate(found)]


def likeness(one: str, other: str) -> float:
    """As the corpus's scorer measures it: the share of words in common, at least 0.6 where one's words are all among the other's."""
    a, b = scored_words(one), scored_words(other)
    if not a or not b:
        return 0.0
    return max(len(a & b) / len(a | b), 0.6 if a <= b or b <= a else 0.0)


def scored_words(name: str) -> set[str]:
    return {re.sub("(?<=[a-z]{3})s$", "", word) for word in re.findall("[a-z0-9]+", name.lower())
            if word not in ("the", "a", "an", "of", "or", "and", "any", "with", "for", "to", "in", "by")}


def steps(found: list[Answer]) -> list[tuple[int, int, float]]:
    """From which score on how many answers are right in which share: rising steps (pool adjacent violators) of at least LEAST_ANSWERS."""
    ordered = sorted(found, key=lambda answer: answer.score)
    count = max(len(ordered) // LEAST_ANSWERS, 1)
    pools: list[tuple[int, int, int]] = []
    for chunk in (ordered[len(ordered) * n // count:len(ordered) * (n + 1) // count] for n in range(count)):
        pools.append((chunk[0].score, len(chunk), sum(answer.right for answer in chunk)))
        while len(pools) > 1 and pools[-2][2] * pools[-1][1] >= pools[-1][2] * pools[-2][1]:
            (first, number_of, right), (_, more, also) = pools[-2:]
            pools[-2:] = [(first, number_of + more, right + also)]
    return [(first if place else 0, number_of, (right + 1) / (number_of + 2)) for place, (first, number_of, right) in enumerate(pools)]


def tables(found: list[Answer]) -> dict[tuple[str, bool], list[tuple[int, int, float]]]:
    """The steps of each kind, of names that are no terms and of those that are; of both together where either are few."""
    made: dict[tuple[str, bool], list[tuple[int, int, float]]] = {}
    for kind in LABELS[:-1]:
        of_kind = [answer for answer in found if answer.kind == kind]
        for term in (False, True):
            of_both = [answer for answer in of_kind if answer.known == term]
            made[kind, term] = steps(of_both if len(of_both) >= LEAST_ANSWERS else of_kind)
    return made


def stated(found: list[Answer], others: list[Answer]) -> Iterator[tuple[float, bool]]:
    """What the steps of other answers say of each answer, and whether it is right."""
    made = tables(others)
    for answer in found:
        yield [share for first, _, share in made[answer.kind, answer.known] if first <= answer.score][-1], answer.right


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--part", choices=("work", "all"), default="all")
    arguments.add_argument("--to", type=Path, default=HERE)
    arguments.add_argument("--calibration", action="store_true")
    asked = arguments.parse_args()
    part = documents(asked.folder, asked.part)
    read = {document.name: words(document) for document in part}
    folds: list[list[Answer]] = []
    for fold in range(FOLDS):
        unseen = {document.name for document in part if number(document.name) // 3 % FOLDS == fold}
        weights = Weights(learned(read[document.name] for document in part if document.name not in unseen))
        folds.append([answer for document in part if document.name in unseen for answer in answers(document, weights)])
    if asked.calibration:
        pairs = [pair for fold, found in enumerate(folds)
                 for pair in stated(found, [answer for other in range(FOLDS) if other != fold for answer in folds[other]])]
        for low, high, count, said, measured in bins(pairs):
            print(f"{low:.2f}-{min(high, 1):.2f} {count:6} answers, stated {said:.3f}, right {measured:.3f}, apart {measured - said:+.3f}")
        return 0
    with (asked.to / "mention_confidence.tsv").open("w", encoding="utf-8") as file:
        file.write("kind\tterm\tscore\tanswers\tconfidence\n")
        for (kind, term), of_both in tables([answer for found in folds for answer in found]).items():
            for score, count, share in of_both:
                file.write(f"{kind}\t{'yes' if term else 'no'}\t{score}\t{count}\t{share:.3f}\n")
    with (asked.to / "weights.tsv").open("w", encoding="utf-8") as file:
        file.write("trait\t" + "\t".join(COLUMNS) + "\n")
        for trait, row in learned(read.values()).items():
            file.write(f"{trait}\t{row}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
