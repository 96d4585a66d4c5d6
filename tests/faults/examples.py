"""HL7's official examples of the resource types that we know, and which errors HAPI has of each: kept in `examples.json`.

`python -m tests.faults.examples` renews it, from `fhir_examples` among the records for development; it needs Java.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from converter.json_text import encode, parse
from mappings.definitions import definitions
from tests.corpus import DATA
from tests.faults.engines import Issue, hapi, own_issues
from tests.faults.findings import near

KEPT = Path(__file__).with_name("examples.json")
FOLDER = DATA / "fhir_examples"
RELEASES = ("r4", "r4b", "r5")
Errors = dict[str, dict[str, list[tuple[str, str]]]]
"""By release and file: the path and the message's id of each error."""


def examples(release: str) -> Iterator[tuple[str, bytes]]:
    """Each example whose type we know, with its file's name."""
    for path in sorted((FOLDER / release).glob("*.json")):
        document = path.read_bytes()
        if parse(document).get("resourceType") in definitions(release).types:
            yield path.name, document


def kept() -> Errors:
    """What HAPI says of each."""
    return msgspec.json.decode(KEPT.read_bytes(), type=Errors)


def missed(release: str) -> set[str]:
    """The examples of which ours does not find an error that HAPI finds, as "release/name"."""
    by_hapi = kept()[release]
    made = set()
    for name, document in examples(release):
        ours = [one.path for one in own_issues(release, document) if one.severity == "error"]
        if any(not any(near(one, path) for one in ours) for path, _ in by_hapi[name]):
            made.add(f"{release}/{name}")
    return made


def renew() -> None:
    """Asks HAPI, and keeps what it says."""
    releases = []
    for release in RELEASES:
        names, documents = zip(*examples(release), strict=True)
        releases.append(lines(release, dict(zip(names, hapi(release, documents), strict=True))))
    KEPT.write_text("{" + ",\n".join(releases) + "}\n")


def lines(release: str, said: dict[str, list[Issue]]) -> str:
    """The errors as JSON, a file a line."""
    errors = {name: sorted({(one.path, one.id) for one in issues if one.severity == "error"}) for name, issues in said.items()}
    rows = ",\n".join(encode({name: found}).decode()[1:-1] for name, found in errors.items())
    return f'"{release}":{{\n{rows}\n}}'


if __name__ == "__main__":
    renew()
