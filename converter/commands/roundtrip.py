"""The command `roundtrip`."""

from __future__ import annotations

import click

from converter.allowances import read_allowances
from converter.cases import of_trip
from converter.commands.arguments import check_criteria, check_file, check_inputs, criteria_options, in_good_order
from converter.documents import Inputs
from converter.formats import FORMATS
from converter.problems import Problems
from converter.progress import followed
from converter.roundtrip import RELEASES, Trip, roundtrip_all
from converter.sheets import ForGitHub, ForPeople, ForPrograms, Sheet, junit_beside, trip_lines, trip_row
from converter.tally import Trips

TITLE = "trialbridge roundtrip"


@click.command(epilog="""
\b
Examples:
  trialbridge roundtrip NCT02837978.json --to all
  trialbridge roundtrip studies.ndjson.gz --allow resultsSection --jobs 2
  trialbridge roundtrip records/ --allow '**.geoPoint' --junit roundtrip.xml
  trialbridge roundtrip records/ --format github

Exit codes: 0 nothing is different; 1 something is, or could not be done; 2 usage.
""")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--from", "from_", type=click.Choice(list(FORMATS)), metavar="FORMAT",
              help="Format of the inputs. Without it, their content tells. `trialbridge formats` lists them.")
@click.option("--to", type=click.Choice(list(RELEASES)), default="r4", show_default=True, help="The release of FHIR to go through, or all.")
@click.option("--allow", "allow", multiple=True, metavar="GLOB",
              help="A path that may be lost, with all below it (resultsSection, protocolSection.*.overallStatus, **.geoPoint); "
                   "@FILE has one on each line. May be given more than once.")
@criteria_options
@click.option("--junit", metavar="FILE", help="Write JUnit XML too: a test case for each record and release.")
@click.option("--format", "form", type=click.Choice(["table", "json", "github"]), default="table", show_default=True,
              help="For people; one line of JSON for each record and release; GitHub's workflow commands.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="Number of processes.")
def roundtrip(inputs: tuple[str, ...], from_: str | None, to: str, allow: tuple[str, ...], criteria: str | None,
              min_confidence: float | None, junit: str | None, form: str, jobs: int) -> None:
    """Send records to FHIR and back, and say everything that is different afterwards.

    INPUT is a file, a folder, a .zip, or - for standard input. Of a folder, the files that some format knows are taken,
    and the others told. What is written as FHIR is checked on the way.
    """
    check_inputs(inputs)
    check_file("--junit", junit, inputs)
    coding = check_criteria(criteria, min_confidence)
    try:
        allowances = read_allowances(allow)
    except Problems as wrong:
        raise click.UsageError(f"--allow: {wrong}") from None
    given = Inputs(inputs, from_, written=[junit] if junit else [])
    tally = Trips(allowances)
    with in_good_order(junit or "standard output"), junit_beside(junit, TITLE, of_trip) as beside:
        sheets = [sheet_of(form), *beside]
        for trip in followed(roundtrip_all(given, to, allow=allowances, jobs=jobs, **coding), given):
            tally.count(trip)
            for sheet in sheets:
                sheet.take(trip)
        closing = tally.closing()
        for sheet in sheets:
            sheet.end(closing, [*given.notices, *tally.unused])
    raise SystemExit(tally.code)


def sheet_of(form: str) -> Sheet[Trip]:
    """Where round trips go that are to have that form."""
    match form:
        case "json":
            return ForPrograms(trip_row)
        case "github":
            return ForGitHub(TITLE, of_trip)
    return ForPeople(trip_lines)
