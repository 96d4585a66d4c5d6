"""The command `push`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from converter.commands.arguments import check_criteria, check_file, check_inputs, criteria_options, in_good_order
from converter.documents import Inputs
from converter.formats import FORMATS
from converter.problems import Problems
from converter.progress import followed
from converter.pushed import Pushed, as_json, code_for
from converter.readying import Ready, ready
from converter.summary import tell
from mappings.push.outcomes import Outcome

if TYPE_CHECKING:
    from mappings.push.capability import Capabilities
    from mappings.server import Server

STOPPED = "the run ended before its input did, since every other record would have fared the same"
AUTH = ("none", "basic", "bearer", "client-credentials", "smart-backend")


@click.command(epilog="""
\b
Examples:
  trialbridge push --server https://fhir.example.org/r4 --check
  trialbridge push studies.ndjson --server https://fhir.example.org/r4 --auth bearer --token-file token --jobs 4
  trialbridge push studies.ndjson --server https://fhir.example.org/r4 --journal push.journal --resume --verify
  trialbridge push bundles.r5.ndjson --server http://localhost:8080/fhir --skip-unchanged --json

\b
Secrets: --token-file, --token-command or TRIALBRIDGE_TOKEN hold the token of bearer, the password of basic (its user is
--client-id) or the secret of client-credentials; TRIALBRIDGE_KEY_PASSWORD opens an encrypted --key or --cert.

\b
Exit codes: 0 done; 1 a record was not taken by the server, or could not be converted or is not valid; 2 usage;
3 the preflight refused the server; 4 the credentials were not taken; 5 no answer, or no time left (--resume goes on).
""")
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option("--server", "url", required=True, metavar="URL", help="Base URL of the FHIR server.")
@click.option("--from", "from_", type=click.Choice(list(FORMATS)), metavar="FORMAT",
              help="Format of the inputs. Without it, their content tells. `trialbridge formats` lists them.")
@click.option("--release", type=click.Choice(["r4", "r4b", "r5"]), help="Release of FHIR. Without it, the one that the server speaks.")
@click.option("--strategy", type=click.Choice(["conditional", "put-id", "sequential"]), default="conditional", show_default=True,
              help="One transaction of conditional updates for each record; the same with ids of ours; single searches and writes.")
@click.option("--extensions", type=click.Choice(["hl7", "own"]), help="Whose extensions say what R4 has no place for.")
@criteria_options
@click.option("--no-validate", is_flag=True, help="Send what is not valid, too: what comes of that is up to the server.")
@click.option("--strict", is_flag=True, help="Refuse a record that would lose something in the conversion (exit code 1).")
@click.option("--dry-run", is_flag=True, help="Do all but write: convert, validate, ask the server what it can, say what would be sent.")
@click.option("--check", is_flag=True, help="Only say what the server can, and what to do about what it cannot.")
@click.option("--verify", is_flag=True, help="Read everything back, compare it, and compare the trial that it gives.")
@click.option("--search-parameters", is_flag=True,
              help="First load the search parameters that find studies by sponsor, site, city and drug.")
@click.option("--journal", metavar="FILE", help="Write a line before and after each try.")
@click.option("--resume", is_flag=True, help="Go on with what the journal says.")
@click.option("--skip-unchanged", is_flag=True, help="Look first, and write only what is different.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N", help="Number of requests at a time.")
@click.option("--deadline", type=click.FloatRange(0, min_open=True), metavar="S", help="Seconds after which nothing more is begun.")
@click.option("--auth", type=click.Choice(AUTH), default="none", show_default=True, help="How the server knows us.")
@click.option("--token-file", metavar="F", help="A file with the token, password or secret.")
@click.option("--token-command", metavar="CMD", help="A command that prints it.")
@click.option("--client-id", metavar="ID", help="Who we are: client of SMART or OAuth 2, user of basic.")
@click.option("--key", metavar="F", help="Private key of smart-backend (PEM or JWK), else of --cert.")
@click.option("--token-url", metavar="U", help="Where tokens are given. Without it, the server's smart-configuration says.")
@click.option("--scope", metavar="S", help="Scopes to ask for. Without it, those that writing needs.")
@click.option("--cert", metavar="F", help="Our certificate (PEM), for servers that want one.")
@click.option("--ca-bundle", metavar="F", help="Whom to trust, instead of the system's authorities.")
@click.option("--proxy", metavar="U", envvar="TRIALBRIDGE_PROXY", help="A proxy; those of the environment are not used.")
@click.option("--header-file", metavar="F", help="A file with further headers, one to a line.")
@click.option("--allow-http", is_flag=True, help="Send without encryption to other machines, too.")
@click.option("--json", "json", is_flag=True, help="One line of JSON for each record, and one for the run.")
@click.option("-q", "--quiet", is_flag=True, help="Show only errors.")
def push(inputs: tuple[str, ...], url: str, from_: str | None, release: str | None, strategy: Any, extensions: str | None,
         criteria: str | None, min_confidence: float | None, no_validate: bool, strict: bool, dry_run: bool, check: bool, verify: bool,
         search_parameters: bool, journal: str | None, resume: bool, skip_unchanged: bool, jobs: int, deadline: float | None, json: bool,
         quiet: bool, **connection: Any) -> None:
    """Push records to a FHIR server, once and whole, whatever happens on the way.

    INPUT is what `convert` takes, or transaction Bundles, which are pushed as they are. What has errors is not sent.
    """
    check_inputs(inputs)
    check_file("--journal", journal, inputs)
    coding = check_criteria(criteria, min_confidence)
    if journal == "":
        raise click.UsageError('--journal is ""; expected the name of a file')
    if resume and not journal:
        raise click.UsageError("--resume: there is no journal to go on with; name one (--journal FILE)")
    if not inputs and not (check or search_parameters):
        raise click.UsageError("there is no INPUT; expected files, folders or -, or --check")
    if "@" in (connection["proxy"] or "") and click.get_current_context().get_parameter_source("proxy") == ParameterSource.COMMANDLINE:
        raise click.UsageError("--proxy has a user or password in it, which others see; put the address into TRIALBRIDGE_PROXY")
    with in_good_order("standard output"):
        until = None if deadline is None else monotonic() + deadline
        try:
            server, able = reached(url, release, strategy, deadline, connection, search_parameters)
            if check or able.refused:
                shown(able, json)
            if check or able.refused:
                raise SystemExit(code_for("preflight") if able.refused else 0)
            if (speaks := able.release or release) is None:
                raise click.UsageError("the server does not say which release of FHIR it speaks; name it with --release")
            if search_parameters and not dry_run:
                load(server, speaks, strategy, left(until))
        except KeyboardInterrupt:
            tell("interrupted; no record was sent")
            raise SystemExit(code_for("network")) from None
        if not inputs:
            return
        documents = Inputs(inputs, from_, written=[journal] if journal else [])
        told = Pushed(json, quiet, lines=not sys.stdout.isatty())
        given = Read(ready(documents, speaks, extensions=extensions, valid=not no_validate, strict=strict, **coding))
        records = told.readied(iter(given))
        if dry_run:
            for one in server.prepared(bundles(records), speaks):
                told.tell(one) if isinstance(one, Outcome) else told.would(one)
            raise SystemExit(told.finished(documents.notices))
        try:
            outcomes = server.push(bundles(records), release=speaks, strategy=strategy, verify=verify, skip_unchanged=skip_unchanged,
                                   journal=journal, resume=resume, jobs=jobs, deadline=left(until))
        except Problems as wrong:  # the journal; the preflight is done
            raise click.UsageError(str(wrong)) from None
        try:
            for outcome in outcomes if quiet else followed(outcomes, documents):
                told.tell(outcome)
        except KeyboardInterrupt:
            told.broken_off("interrupted")
        except OSError as error:
            told.broken_off(f"cannot write {error.filename or 'standard output'}: {error.strerror}")
            if not error.filename:  # nothing more can be told there, nor when Python ends
                told.json = False
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise SystemExit(told.finished(documents.notices, "" if given.all else STOPPED, journal))


def left(until: float | None) -> float | None:
    """The seconds until that moment (time.monotonic); None when there is none."""
    return None if until is None else max(until - monotonic(), 0.001)


class Read:
    """The records, and whether all of them were taken."""

    def __init__(self, records: Iterable[Ready]):
        self.records, self.all = records, False

    def __iter__(self) -> Iterator[Ready]:
        yield from self.records
        self.all = True


def reached(url: str, release: str | None, strategy: Any, deadline: float | None, connection: dict[str, Any],
            searched: bool) -> tuple[Server, Capabilities]:
    """The server, and what it says of itself.  Raises UsageError where the options cannot be, and ends where it cannot be reached.

    `searched`: search parameters are to be written, too.
    """
    from mappings.server import KINDS, NotReady, Server

    try:
        server = Server(url, **connection, kinds=(*KINDS, "SearchParameter") if searched else KINDS)
    except Problems as wrong:
        raise click.UsageError(str(wrong)) from None
    try:
        return server, server.capabilities(release, strategy, deadline)
    except NotReady as wrong:
        tell(str(wrong))
        raise SystemExit(code_for(wrong.cause)) from None


def shown(able: Capabilities, json: bool) -> None:
    """Shows what the server can, as a table or as a line of JSON."""
    from mappings.push.capability import table

    if json:
        click.echo(as_json(preflight=able, refused=able.refused))
    else:
        for line in table(able):
            click.echo(line)


def load(server: Server, release: str, strategy: Any, deadline: float | None) -> None:
    """Loads our search parameters.  Ends where the server does not take them; warns where it does not use them."""
    from converter.json_text import encode
    from mappings.search_parameters import PARAMETERS, search_bundle
    from mappings.server import Given, NotReady

    try:
        given = Given(encode(search_bundle(release)), "search parameters")
        outcomes = list(server.push([given], release=release, strategy=strategy, deadline=deadline))
    except NotReady as wrong:
        tell(f"search parameters: {wrong}")
        raise SystemExit(code_for(wrong.cause)) from None
    for outcome in outcomes:
        tell(f"search parameters: {outcome.status}")
        for problem in outcome.problems if not outcome.well else ():
            tell(f"search parameters: {problem}")
        if not outcome.well:
            raise SystemExit(code_for(outcome.cause or "refused"))
    if unused := {one.code for one in PARAMETERS} - server.search_codes("ResearchStudy"):
        tell(f"the server took the search parameters, and does not list {', '.join(sorted(unused))}: it may not use them")


def bundles(records: Iterable[Ready]) -> Iterator[Any]:
    """The records as the library takes them."""
    from mappings.server import Given

    return (Given(one.content, one.source, one.index, one.id, one.tree) for one in records if one.content is not None)
