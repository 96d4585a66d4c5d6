"""Measures what is understood of eligibility criteria.

    python -m benchmarks.eligibility                                  the table: each task beside its opponents
    python -m benchmarks.eligibility predict --task TASK TEXTDIR      answers for a folder of <document>.txt, as JSON lines
    python -m benchmarks.eligibility errors --task TASK [--rule R]    wrong and missed answers, never of the third that is only checked
    python -m benchmarks.eligibility calibration                      confidence stated beside precision measured
    python -m benchmarks.eligibility shares [--min-confidence C]      criteria that are coded, partly understood, words only
    python -m benchmarks.eligibility speed [--runs 3]                 milliseconds for a text, records a second

TASK is numeric, temporal or entities.  All but `predict` need texts that are kept beside the checkout.  The weights for mentions that ship
have seen every annotated text: the table, `errors` and `calibration` take `--learned FOLDER` with weights learned from two thirds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.eligibility.split import TASKS
from converter.eligibility.findings import CERTAIN


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.eligibility", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command")
    predict = commands.add_parser("predict", help="answers for a folder of texts, as JSON lines")
    predict.add_argument("--task", choices=TASKS, required=True)
    predict.add_argument("folder", type=Path, metavar="TEXTDIR")
    errors = commands.add_parser("errors", help="wrong and missed answers of the documents to develop on")
    errors.add_argument("--task", choices=TASKS, required=True)
    errors.add_argument("--rule", default="", help="only wrong answers of rules that begin so")
    commands.add_parser("calibration", help="confidence stated beside precision measured")
    shares = commands.add_parser("shares", help="criteria that are coded, partly understood, words only")
    shares.add_argument("--min-confidence", type=float, default=CERTAIN)
    speed = commands.add_parser("speed", help="milliseconds for a text, records a second")
    speed.add_argument("--runs", type=int, default=3)
    for command in (parser, commands.choices["errors"], commands.choices["calibration"]):
        command.add_argument("--learned", type=Path, metavar="FOLDER", default=argparse.SUPPRESS,
                             help="weights for mentions, learned without the third that is only checked (tools.tagger --part work)")
    given = parser.parse_args()
    if folder := getattr(given, "learned", None):
        from benchmarks.eligibility.learned import learned
        learned(folder)
    match given.command:
        case "predict":
            from benchmarks.eligibility import predict as predicting
            predicting.predict(given.task, given.folder)
        case "errors":
            from benchmarks.eligibility import errors as wrong
            wrong.errors(given.task, given.rule)
        case "calibration":
            from benchmarks.eligibility import calibration
            calibration.calibration(held_out=bool(folder))
        case "shares":
            from benchmarks.eligibility import shares as measured
            measured.shares(given.min_confidence)
        case "speed":
            from benchmarks.eligibility import speed as timing
            timing.speed(given.runs)
        case _:
            from benchmarks.eligibility import table
            table.table(held_out=bool(folder))


if __name__ == "__main__":
    main()
