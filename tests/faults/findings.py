"""Which engine finds which fault: computed for ours, kept in `found.json` for the others, which are slow or need Java.

Found is a problem that the unchanged Bundle does not have, at the place of the fault, below it, or above it in the same entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from converter.json_text import encode
from mappings.definitions import definitions
from tests.faults.change import RELEASES, Fault, faulty, place
from tests.faults.engines import ENGINES, Issue
from tests.faults.ground import ground, written
from tests.faults.table import FAULTS

KEPT = Path(__file__).with_name("found.json")
NOT_YET = Path(__file__).with_name("not_yet.txt")
SAID = ("error", "warning")
"""What counts; information does not."""
Kept = dict[str, dict[str, dict[str, Any]]]
"""By engine, release and fault: the digest of the change, and what was said of it."""


class Case(Struct, frozen=True):
    """A fault in one release: the document and the place."""

    fault: Fault
    release: str
    document: bytes
    place: str

    @property
    def digest(self) -> str:
        """Changes when the fault is made in another way."""
        return sha256(repr(self.fault.change).encode("utf-8", "backslashreplace")).hexdigest()[:8]


@cache
def cases(release: str) -> tuple[Case, ...]:
    """Every fault that the release has."""
    made = []
    for one in FAULTS:
        if release in one.releases:
            tree = ground(release)
            document = faulty(tree, one.change)
            made.append(Case(one, release, document, place(tree, one)))
    return tuple(made)


def new(issues: Iterable[Issue], before: Iterable[Issue]) -> list[Issue]:
    """The errors and warnings that were not there before."""
    had = {(one.path, one.severity, one.id or one.message) for one in before}
    return [one for one in issues if one.severity in SAID and (one.path, one.severity, one.id or one.message) not in had]


def run(engine: str, release: str, chosen: Sequence[Case]) -> list[list[Issue]]:
    """What is new of each of the faults.  Raises ValueError when the unchanged Bundle has an error."""
    before, *after = ENGINES[engine](release, [written(release), *(case.document for case in chosen)])
    if wrong := [one for one in before if one.severity == "error"]:
        raise ValueError(f"{engine} finds fault with the Bundle before any is made: {wrong}")
    return [new(issues, before) for issues in after]


@cache
def by_ours(release: str) -> list[list[Issue]]:
    """What ours says of each fault of the release."""
    return run("own", release, cases(release))


def near(path: str, where: str) -> bool:
    """Is one of the paths at the other or below it, and not above the entry?  Spelled either way: as in JSON, or as FHIRPath."""
    said, meant = as_fhirpath(path), as_fhirpath(where)
    if said == meant or said.startswith((f"{meant}.", f"{meant}[")):
        return True
    return meant.startswith((f"{said}.", f"{said}[")) and (said != "Bundle" or meant.count(".") < 2)


@cache
def as_fhirpath(path: str) -> str:
    """The path with `title` for `_title`, and `value` for `valueString`."""
    return choices().sub(r".\1", path.replace("._", ".").replace("[x]", ""))


@cache
def choices() -> re.Pattern[str]:
    """A choice of any type as JSON names it: its name, and that of a datatype."""
    every = [(kind, known) for release in RELEASES for kind, known in definitions(release).types.items()]
    names = {name.removesuffix("[x]") for _, known in every for name in known.elements if name.endswith("[x]")}
    kinds = {kind[0].upper() + kind[1:] for kind, known in every if "." not in kind and known.kind != "resource"}
    return re.compile(rf"\.({'|'.join(sorted(names))})({'|'.join(sorted(kinds))})(?=[.\[]|$)")


def verdict(issues: Iterable[Issue], case: Case) -> str:
    """ "error" or "warning" when it is found at its place, "elsewhere" when an error is said at another, else ""."""
    there = {one.severity for one in issues if near(one.path, case.place)}
    for severity in SAID:
        if severity in there:
            return severity
    return "elsewhere" if any(one.severity == "error" for one in issues) else ""


def enough(found: str, fault: Fault) -> bool:
    """Is the fault found, as severely as it is one?"""
    return found == "error" or found == fault.severity


def missed(engine: str) -> set[str]:
    """The faults that the engine does not find, as "name release"."""
    return {f"{case.fault.name} {release}" for release in RELEASES for case, said in found(engine, release) if not enough(said, case.fault)}


def not_yet() -> set[str]:
    """What ours is known not to find yet: faults, and examples of HL7's as "release/name".  The list may only become shorter."""
    return set(NOT_YET.read_text().splitlines())


def kept() -> Kept:
    """What is kept of the other engines."""
    return dict(msgspec.json.decode(KEPT.read_bytes())) if KEPT.exists() else {}


def keep(engine: str, fresh: bool = False) -> None:
    """Keeps what the engine says, ids, severities and places, no text: of new and changed faults, of all when `fresh`."""
    every = kept()
    before = {} if fresh else every.get(engine, {})
    every[engine] = {}
    for release in RELEASES:
        known = before.get(release, {})
        chosen = [case for case in cases(release) if known.get(case.fault.name, {}).get("change") != case.digest]
        said = {case.fault.name: short(case, issues) for case, issues in zip(chosen, run(engine, release, chosen), strict=True)}
        every[engine][release] = {case.fault.name: said.get(case.fault.name) or known[case.fault.name] for case in cases(release)}
    KEPT.write_bytes(lines(every))


def short(case: Case, issues: Iterable[Issue]) -> dict[str, Any]:
    """What is kept of a fault: the first four issues, errors and what is near before the rest."""
    said = sorted({(one.severity, one.id, one.path) for one in issues}, key=lambda one: (one[0], not near(one[2], case.place), one))
    return {"change": case.digest, "said": said[:4]}


def lines(every: Kept) -> bytes:
    """The same as JSON, a fault a line."""
    engines = []
    for engine, releases in every.items():
        parts = []
        for release, said in releases.items():
            rows = ",\n".join(f"{encode(name).decode()}:{encode(one).decode()}" for name, one in said.items())
            parts.append(f'"{release}":{{\n{rows}\n}}')
        engines.append(f'"{engine}":{{{",".join(parts)}}}')
    return ("{" + ",\n".join(engines) + "}\n").encode()


def found(engine: str, release: str) -> list[tuple[Case, str]]:
    """Each fault of the release with the verdict; of the other engines as kept, "?" where that is of another change."""
    if engine == "own":
        return [(case, verdict(issues, case)) for case, issues in zip(cases(release), by_ours(release), strict=True)]
    known = kept().get(engine, {}).get(release, {})
    made = []
    for case in cases(release):
        one = known.get(case.fault.name)
        fresh = one is not None and one["change"] == case.digest
        issues = [Issue(path, severity, "", id) for severity, id, path in one["said"]] if fresh else []
        made.append((case, verdict(issues, case) if fresh else "?"))
    return made
