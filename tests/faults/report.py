"""The table of seeded faults as people read it, in a terminal and in `docs/faults.md`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from converter.problems import shown
from tests.faults.change import RELEASES, Change, Fault
from tests.faults.findings import enough, found
from tests.faults.table import FAULTS

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
NAMES = {"own": "trialbridge", "hapi": "HAPI", "models": "fhir.resources"}
MARKS = {"error": "error", "warning": "warning", "elsewhere": "elsewhere", "": "–", "?": "?"}
Verdicts = dict[str, dict[tuple[str, str], str]]
"""By engine, then by fault and release."""
HEAD = """# Seeded faults

Each fault is one change in a valid Bundle of ours (`tests/faults/ground.py`: what we write of `samples/ctgov/NCT03540472.json`, and
valid elements that we seldom write). The table is data, in `tests/faults/table/`; this page is made from it by
`python -m tests.faults --write`, and a test holds it current.

*error*: the engine says an error that the unchanged Bundle does not have, at the place of the fault, below it, or above it in the
same entry. *warning*: no more than that, at that place. *elsewhere*: an error, at another place only. –: nothing.
Two entries in a cell are R4 and R5; one is both alike, or the one release that has what the fault breaks.

HAPI is its FhirInstanceValidator 8.8.1 with the definitions of HL7's cross-version extensions (R4) and of our own;
fhir.resources 8 has no models of R4, so R4B's read R4. What both say is kept in `tests/faults/found.json`
(`python -m tests.faults --engines hapi,models --write` renews it; HAPI needs Java). HAPI names the first entry for whatever is wrong
with the full URL of any entry, so that counts as elsewhere.
"""


def verdicts(engines: list[str]) -> Verdicts:
    """What each engine says of each fault in each release."""
    return {engine: {(case.fault.name, release): said for release in RELEASES for case, said in found(engine, release)} for engine in engines}


def cell(said: dict[tuple[str, str], str], fault: Fault) -> str:
    """The verdicts on one fault."""
    both = [MARKS[said[fault.name, release]] for release in fault.releases]
    return both[0] if len(set(both)) == 1 else ", ".join(both)


def words(change: Change) -> str:
    """The change in a few words."""
    path = change.path.replace("entry[0].resource", "study").replace("entry[1].resource", "plan")
    path = path.replace("entry[2].resource", "group").replace("entry[3].resource", "provenance")
    if change.does == "swap":
        return f"`{plain(change.path, 40)}` becomes `{plain(change.value, 60)}`"
    if change.does == "drop":
        return f"without `{path}`"
    return f"`{path}` {'has another' if change.does == 'add' else 'is'} `{plain(shown(change.value, 50), 60)}`"


def plain(text: str, limit: int) -> str:
    """The text as a cell may hold it, cut."""
    text = text.encode("utf-8", "backslashreplace").decode().replace("|", "\\|").replace("\t", "\\t").replace("`", "'")
    return text if len(text) <= limit else f"{text[:limit]}…"


def totals(every: Verdicts) -> Iterator[str]:
    """A line for each engine and release: how many faults there are, and how many it finds."""
    for engine, said in every.items():
        for release in RELEASES:
            of = [fault for fault in FAULTS if release in fault.releases]
            good = sum(enough(said[fault.name, release], fault) for fault in of)
            warned = sum(said[fault.name, release] == "warning" and fault.severity == "error" for fault in of)
            yield f"| {NAMES[engine]} | {release.upper()} | {good} of {len(of)} | {good / len(of):.1%} | {warned} |"


def page(every: Verdicts) -> str:
    """The whole page, as Markdown."""
    made = [HEAD, "| engine | release | found | share | only a warning |", "| --- | --- | --- | --- | --- |", *totals(every), ""]
    for rule, faults in groupby(FAULTS, lambda fault: fault.rule):
        made += [f"## {rule}", "", f"| fault | change | section | {' | '.join(NAMES[engine] for engine in every)} |", "| --- " * (3 + len(every)) + "|"]
        for fault in faults:
            only = f" ({fault.releases[0].upper()} only)" if len(fault.releases) == 1 else ""
            note = f"; {plain(fault.note, 200)}" if fault.note else ""
            cells = " | ".join(cell(said, fault) for said in every.values())
            made.append(f"| {fault.name}{only} | {words(fault.change)}{note} | {fault.section} | {cells} |")
        made.append("")
    return "\n".join(made)
