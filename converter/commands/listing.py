"""The commands that tell about the program itself: fields, formats, profiles, schema."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="""
\b
Examples:
  trialbridge fields
  trialbridge fields --to r4 --format json
""")
@click.option("--to", "release", type=click.Choice(["r5", "r4", "r4b"]), help="One release only.")
@click.option("--format", "form", type=click.Choice(["table", "json", "md"]), default="table", show_default=True,
              help="For people, for programs, or for documents.")
def fields(release: str | None, form: str) -> None:
    """Show for every field of the record its place in R5 and in R4, and what carries it there.

    The carrier is native (an element of the release), cross-version (an extension that HL7 defines) or own (an extension
    of ours; `trialbridge profiles` writes its definition).
    """
    from mappings.fields import as_json, as_markdown, as_table

    if form == "json":
        from converter.json_text import indented

        click.echo(indented(as_json(release)), nl=False)
    else:
        click.echo((as_table if form == "table" else as_markdown)(release).rstrip())


@click.command(epilog="""
\b
Examples:
  trialbridge profiles -o definitions/
  trialbridge profiles --hl7 -o definitions/
""")
@click.option("-o", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, metavar="DIR",
              help="Where to write them, one file each; made if it is not there.")
@click.option("--hl7", is_flag=True, help="Those of HL7's cross-version extensions too, as far as our Bundles in R4 and R4B have them.")
def profiles(folder: Path, hl7: bool) -> None:
    """Write the StructureDefinitions of our extensions, the CodeSystem of our field codes, and SearchParameters.

    The first two serve all releases, with --extensions own too: load them into a server or validator that wants to know them.

    The SearchParameters find studies by sponsor, party, site, city and drug, which are contained in them: load those of the
    server's release (.r4.json is for R4B too) before you push.

    A server that validates R4 or R4B without knowing HL7's cross-version extensions answers 422 to our Bundles
    (http://hl7.org/fhir/5.0/StructureDefinition/…): load the definitions of --hl7 into it, or convert with --extensions own.
    """
    from mappings.profiles import write_profiles

    try:
        written = write_profiles(folder, hl7)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}; name another folder (-o)") from None
    click.echo(f"wrote {len(written)} definitions to {folder}")


@click.command(epilog="""
\b
Example:
  trialbridge formats
""")
def formats() -> None:
    """List the formats by the names that --from and --to take."""
    from converter.formats import FORMATS

    width = max(map(len, FORMATS))
    for name, entry in FORMATS.items():
        click.echo(f"{name:{width}}  {'read, write' if entry.writes else 'read       '}  {entry.title}")


@click.command(epilog="""
\b
Example:
  trialbridge schema > trial.schema.json
""")
def schema() -> None:
    """Print the JSON Schema (2020-12) of our own record, the format "trial"."""
    import converter

    click.echo((Path(converter.__path__[0]) / "trial.schema.json").read_text(encoding="utf-8"), nl=False)
