"""The command `convert`."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path

import click
from msgspec.structs import replace

from converter.commands.arguments import check_criteria, check_file, check_inputs, criteria_options, in_good_order
from converter.convert import Outcome, convert_all
from converter.documents import Inputs
from converter.formats import FORMATS
from converter.outputs import Output, WholeFile, format_in, is_folder, is_yaml, output
from converter.problems import Problems
from converter.summary import Summary, tell

WRITABLE = [name for name, entry in FORMATS.items() if entry.writes]


@click.command(epilog="""
\b
Examples:
  trialbridge convert NCT02837978.json
  trialbridge convert NCT02837978.json --to trial -o NCT02837978.yaml
  trialbridge convert studies.ndjson.gz -o out.r5.ndjson.gz --report report.ndjson --jobs 2
  trialbridge convert records/ more.zip --from ctgov --to r4 -o fhir/ --strict
  curl https://clinicaltrials.gov/api/v2/studies/NCT02837978 | trialbridge convert -

Exit codes: 0 done; 1 something could not be done; 2 usage; 3 refused because it would lose something (--strict).
""")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--from", "from_", type=click.Choice(list(FORMATS)), metavar="FORMAT",
              help="Format of the inputs. Without it, their content tells. `trialbridge formats` lists them.")
@click.option("--to", type=click.Choice(WRITABLE), metavar="FORMAT",
              help="Format to write. Without it, what the name after -o says (out.r5.json), else r4.")
@click.option("-o", "out", metavar="PATH",
              help="X.json: one record. X.yaml: one record of the format trial. X.ndjson, X.ndjson.gz: one to a line. "
                   "DIR/: a file for each. Without it, standard output.")
@click.option("--extensions", type=click.Choice(["hl7", "own"]),
              help="FHIR: whose extensions say what R4 has no place for.")
@criteria_options
@click.option("--provenance", metavar="INSTANT",
              help="FHIR: add a Provenance, recorded at that moment (2026-01-31T12:00:00Z).")
@click.option("--check", "checked", is_flag=True,
              help="FHIR: hold what is written against the specification; a record whose Bundle has errors has failed.")
@click.option("--strict", is_flag=True, help="Refuse a record that would lose something (exit code 3).")
@click.option("--report", metavar="FILE", help="Write what became of each record, one line of JSON each.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="Number of processes.")
@click.option("-q", "--quiet", is_flag=True, help="Show only errors, and what was passed over.")
def convert(inputs: tuple[str, ...], from_: str | None, to: str | None, out: str | None, extensions: str | None,
            criteria: str | None, min_confidence: float | None, provenance: str | None, checked: bool, strict: bool,
            report: str | None, jobs: int, quiet: bool) -> None:
    """Convert records from any format that can be read to any that can be written.

    INPUT is a file (a record, a JSON list of records, an answer of the ClinicalTrials.gov API, NDJSON, also .gz), a
    folder, a .zip, or - for standard input. Several are converted one after the other. Of a folder or a .zip, files that
    hold no record are passed over, and told at the end.
    """
    to = to or format_in(out) or "r4"
    check(inputs, out, report, to)
    options = {"extensions": extensions, "provenance": provenance, "check": checked or None, "yaml": is_yaml(out) or None,
               **check_criteria(criteria, min_confidence)}
    with in_good_order(out or "the output"):
        try:
            given = Inputs(inputs, from_, written=[path for path in (out, report) if path and path != "-"])
            ahead = list(islice(documents := iter(given), 2))
            given_options = {name: value for name, value in options.items() if value is not None}
            outcomes = convert_all(chain(ahead, documents), to, jobs=jobs, strict=strict, **given_options)
            made = output(out, to, several=len(ahead) > 1, ndjson=any(document.ndjson for document in ahead), inputs=inputs)
        except Problems as wrong:
            raise click.UsageError(str(wrong)) from None
        summary = Summary(given, quiet, report)
        write(outcomes if quiet else summary.followed(outcomes), made, report, summary)
        code = summary.finished()
    if out and not summary.done and Path(out).is_file():
        tell(f"{out} was not written; it is still what it was before")
    raise SystemExit(code)


def check(inputs: tuple[str, ...], out: str | None, report: str | None, to: str) -> None:
    """Raises UsageError where an argument cannot be meant."""
    for option, path in (("-o", out), ("--report", report)):
        if path == "":
            raise click.UsageError(f'{option} is ""; expected the name of a file or folder')
    if report == "-":
        raise click.UsageError("--report -: the report is a file of its own; name one")
    check_inputs(inputs)
    if out and is_folder(out):
        check_folder(inputs, out, report, to)
    elif report and out and Path(report).resolve() == Path(out).resolve():
        raise click.UsageError(f"-o and --report both name {out}; name two files")
    for option, path in (("-o", out), ("--report", report)):
        check_file(option, path, inputs, made=out if out and is_folder(out) else None)
    if is_yaml(out) and to != "trial":
        raise click.UsageError(f"YAML is only written of the format trial, not of {to}; name a file that ends in .json")


def check_folder(inputs: tuple[str, ...], out: str, report: str | None, to: str) -> None:
    """Raises UsageError where the folder to write to is an input, or may get a record in the place of the report."""
    folder = Path(out).resolve()
    if any(name != "-" and Path(name).resolve() == folder for name in inputs):
        raise click.UsageError(f"-o names the input folder {out}: what is written there would be read as records the next time; "
                               "name another folder, which may be within it")
    if report and Path(report).resolve().parent == folder and report.lower().endswith(f".{to}.json"):
        raise click.UsageError(f"--report {report} may be the name of a record in {out}; name it {Path(out) / 'report.ndjson'}")


def write(outcomes: Iterable[Outcome], made: Output, report: str | None, summary: Summary) -> None:
    """Everything is written, and put in its place at the end."""
    with ExitStack() as stack:
        if report is None:
            lines = None
        else:
            from converter.report import line

            lines = WholeFile(report)
            stack.callback(lines.discard)
        stack.enter_context(made)
        for outcome in outcomes:
            if outcome.document is not None:
                try:
                    made.write(outcome)
                except Problems as wrong:
                    outcome = replace(outcome, status="failed", document=None, problems=outcome.problems + wrong.problems)
            if lines:
                lines.write(line(outcome))
            summary.count(outcome)
        if lines:
            lines.commit()
