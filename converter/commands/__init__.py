"""The program `trialbridge`: its commands by name, each the parsing of arguments and one call of the library.

Each is loaded when it is asked for, and nothing is imported here but click, so that `--help` is at once there.
"""

from __future__ import annotations

from importlib import import_module

import click

from converter.version import VERSION

COMMANDS = {
    "convert": ("converter.commands.convert:convert", "Convert records from any format that can be read to another."),
    "criteria": ("converter.commands.criteria:criteria", "Show what is understood of eligibility criteria, in its place in the text."),
    "fields": ("converter.commands.listing:fields", "Show where each field stands in FHIR, and what carries it."),
    "formats": ("converter.commands.listing:formats", "List the formats, and what each can do."),
    "push": ("converter.commands.push:push", "Push records to a FHIR server, once and whole."),
    "profiles": ("converter.commands.listing:profiles", "Write the definitions of our extensions."),
    "roundtrip": ("converter.commands.roundtrip:roundtrip", "Send records to FHIR and back, and show what is different."),
    "schema": ("converter.commands.listing:schema", "Print the JSON Schema of our own record."),
    "validate": ("converter.commands.validate:validate", "Say what is wrong with records and FHIR."),
}


class Commands(click.Group):
    """A group whose commands are imported when they run; their help lines stand above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog="""
\b
Examples:
  trialbridge convert NCT02837978.json                  one record to FHIR R4, for people
  trialbridge convert studies.ndjson -o out.r5.ndjson   many records to FHIR R5
  trialbridge convert --help                            everything about converting

Exit codes: 0 done; 1 something could not be done; 2 usage; 3 refused because it would lose something.
""")
@click.version_option(VERSION, message="%(prog)s %(version)s")
def trialbridge() -> None:
    """Converts the records of clinical trials to FHIR and back, and loses nothing silently."""
