"""The commands that tell about the program itself: formats, schema."""

from __future__ import annotations

import click


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
    from pathlib import Path

    import converter

    click.echo((Path(converter.__path__[0]) / "trial.schema.json").read_text(encoding="utf-8"), nl=False)
