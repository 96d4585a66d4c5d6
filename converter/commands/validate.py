"""The command `validate`."""

from __future__ import annotations

import click

from converter.cases import of_verdict
from converter.commands.arguments import check_file, check_inputs, in_good_order
from converter.documents import Inputs
from converter.formats import FORMATS, is_fhir
from converter.progress import followed
from converter.sheets import ForGitHub, ForJUnit, ForPeople, ForPrograms, Sheet, junit_beside, verdict_lines, verdict_row
from converter.tally import Verdicts
from converter.validation import ENGINES, Verdict, validate_all

TITLE = "trialbridge validate"


@click.command(epilog="""
\b
Examples:
  trialbridge validate bundle.r4.json
  trialbridge validate bundles.r5.ndjson --release r5 --format json
  trialbridge validate records/ NCT02837978.json --warnings-as-errors
  trialbridge validate records/ --format junit > validate.xml
  trialbridge validate records/ --format github --junit validate.xml

Exit codes: 0 nothing is wrong; 1 something is; 2 usage.
""")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--from", "from_", type=click.Choice(list(FORMATS)), metavar="FORMAT",
              help="Format of the inputs. Without it, their content tells. `trialbridge formats` lists them.")
@click.option("--release", type=click.Choice(["r4", "r4b", "r5"]),
              help="The release that FHIR is held against. Without it, the content tells, and r4 where it does not.")
@click.option("--format", "form", type=click.Choice(["table", "json", "junit", "github"]), default="table", show_default=True,
              help="For people; one line of JSON for each record; JUnit XML; GitHub's workflow commands.")
@click.option("--junit", metavar="FILE", help="Write JUnit XML too: a test case for each record.")
@click.option("--engine", type=click.Choice(list(ENGINES)), default="own", show_default=True,
              help="What checks FHIR: this program, or the models of fhir.resources (structure only).")
@click.option("--warnings-as-errors", is_flag=True, help="A record with warnings is invalid too.")
def validate(inputs: tuple[str, ...], from_: str | None, release: str | None, form: str, junit: str | None, engine: str,
             warnings_as_errors: bool) -> None:
    """Say what is wrong with records and FHIR.

    INPUT is a file, a folder, a .zip, or - for standard input: a FHIR Bundle or resource, our own record, a study of
    ClinicalTrials.gov, a registry's page; one, a list, or NDJSON, also .gz.
    """
    check_inputs(inputs)
    check_file("--junit", junit, inputs)
    if release and from_ and release != from_:
        if not is_fhir(from_):
            raise click.UsageError(f"--release is for FHIR, and --from says {from_}; leave one out")
        raise click.UsageError(f"--from says {from_} and --release {release}; leave one out")
    given = Inputs(inputs, from_, written=[junit] if junit else [])
    tally = Verdicts()
    with in_good_order(junit or "standard output"), junit_beside(junit, TITLE, of_verdict) as beside:
        sheets = [sheet_of(form), *beside]
        release = release or (from_ if from_ and is_fhir(from_) else None)
        for verdict in followed(validate_all(given, release=release, engine=engine, strict=warnings_as_errors), given):
            tally.count(verdict)
            for sheet in sheets:
                sheet.take(verdict)
        closing = tally.closing()
        for sheet in sheets:
            sheet.end(closing, given.notices)
    raise SystemExit(tally.code)


def sheet_of(form: str) -> Sheet[Verdict]:
    """Where verdicts go that are to have that form."""
    match form:
        case "json":
            return ForPrograms(verdict_row)
        case "junit":
            return ForJUnit(TITLE, of_verdict)
        case "github":
            return ForGitHub(TITLE, of_verdict)
    return ForPeople(verdict_lines)
