"""The command `criteria`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import click

from converter.commands.arguments import check_file, check_inputs, in_good_order
from converter.criteria import Criteria, of_records, of_texts
from converter.criteria_sheets import Sheet, sheet_of
from converter.documents import Inputs
from converter.eligibility.findings import CERTAIN
from converter.formats import FORMATS
from converter.outputs import WholeFile
from converter.progress import followed
from converter.summary import SHOWN, name, records, tell

ENDS = {".html": "html", ".htm": "html", ".json": "json", ".ndjson": "json", ".jsonl": "json"}
"""The forms that the end of an output's name says."""


@click.command(epilog="""
\b
Examples:
  trialbridge criteria NCT02837978.json
  trialbridge criteria records/ more.zip -o criteria.html
  trialbridge criteria studies.ndjson.gz --format json > criteria.ndjson
  pdftotext protocol-section-5.pdf - | trialbridge criteria - --from text

Exit codes: 0 done; 1 something could not be done; 2 usage.
""")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--from", "from_", type=click.Choice([*FORMATS, "text"]), metavar="FORMAT",
              help="Format of the inputs; text: files that hold criteria and nothing else. Without it, their content tells. "
                   "`trialbridge formats` lists the others.")
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]),
              help="For people; JSON, one line for each record where there are several; one page of HTML. "
                   "Without it, what the name after -o says, else text.")
@click.option("-o", "out", metavar="FILE", help="The file to write. Without it, standard output.")
@click.option("--min-confidence", "minimum", type=click.FloatRange(0, 1), default=CERTAIN, show_default=True, metavar="SHARE",
              help="Show as understood what is right in at least this share of cases (0 to 1).")
def criteria(inputs: tuple[str, ...], from_: str | None, form: str | None, out: str | None, minimum: float) -> None:
    """Show what is understood of the eligibility criteria of records, each in its place in the text.

    INPUT is what `convert` takes: a file, a folder, a .zip, NDJSON, or - for standard input.
    """
    check_inputs(inputs)
    if out == "":
        raise click.UsageError('-o is ""; expected the name of a file')
    if out and Path(out).is_dir():
        raise click.UsageError(f"-o {out} is a folder; expected the name of a file")
    check_file("-o", out, inputs)
    form = form or ENDS.get(Path(out or "").suffix.lower(), "text")
    written = None if out in (None, "-") else out
    with in_good_order(written or "standard output"):
        given = Inputs([] if from_ == "text" else inputs, None if from_ == "text" else from_, written=[written] if written else [])
        found = of_texts(inputs) if from_ == "text" else of_records(given)
        file = WholeFile(written) if written else None
        try:
            failed = show(found, given, sheet_of(form, minimum, file.write if file else None))
            if file:
                file.commit()
        finally:
            if file:
                file.discard()
    for notice in given.notices:
        tell(notice)
    raise SystemExit(1 if failed else 0)


def show(found: Iterator[Criteria], given: Inputs, sheet: Sheet) -> int:
    """All are shown.  Gives how many could not be read; why is told at once."""
    from converter.eligibility.understanding import understand

    ahead = list(islice(found, 2))
    sheet.begin(several=len(ahead) > 1 or any(one.ndjson for one in ahead))
    number = failed = 0
    all_ = chain(ahead, found)
    for one in all_ if sheet.interactive else followed(all_, given):
        number += 1
        failed += bool(one.problems)
        if failed <= SHOWN:
            for problem in one.problems:
                tell(f"{name(one)}: {problem}")
        sheet.take(one, None if one.text is None else understand(one.text))
    sheet.end()
    if failed and number > 1:
        tell(f"{failed} of {records(number)} could not be read{f'; the first {SHOWN} are shown' if failed > SHOWN else ''}")
    return failed
