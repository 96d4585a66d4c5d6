"""Makes `mappings/definitions/{r4,r4b,r5}.json` from HL7's definitions.

    python -m tools.definitions [--from DIR] [--check]

Without `--from`, Maven fetches the packages.  `--check` writes nothing and fails when a file is not what it would be.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import to_builtins

from mappings.definitions import Definitions
from tools.codes import codes_of, systems_of
from tools.packages import fetched, resources
from tools.published import extension
from tools.structures import Structures

HERE = Path(__file__).parents[1] / "mappings" / "definitions"
RESOURCES = (
    "ActivityDefinition", "Binary", "Bundle", "Citation", "Device", "DeviceDefinition", "DocumentReference", "Endpoint",
    "Evidence", "EvidenceVariable", "Group", "HealthcareService", "Library", "List", "Location", "Medication", "OperationOutcome",
    "Organization", "Parameters", "Patient", "PlanDefinition", "Practitioner", "PractitionerRole", "Provenance",
    "Questionnaire", "RelatedPerson", "ResearchStudy", "ResearchSubject", "Substance", "SubstanceDefinition",
)
"""What a trial's Bundle can hold: what we write, what others put beside it, and what their elements lead to."""
VERSIONS = {"r4": "4.0.1", "r4b": "4.3.0", "r5": "5.0.0"}
TERMS = {"r4": ("r4",), "r4b": ("r4b", "r4", "r5"), "r5": ("r5",)}
"""Where the codes of a release are looked for: R4B's artifact lacks HL7's v2 and v3 tables, and the code systems of its extensions."""


@cache
def everything(release: str, folder: Path) -> list[dict[str, Any]]:
    """The definitions of the release."""
    return list(resources(release, fetched(release, folder)))


def made(release: str, folder: Path) -> bytes:
    """The file of that release, from the packages in the folder."""
    of_release = everything(release, folder)
    found = Structures(of_release)
    for name in (*RESOURCES, "Element", "Extension", "Narrative", "Reference", "xhtml"):
        found.add(name)
    heads = set(found.types) | {name for known in found.types.values() for name in known.base}
    defined = [one for one in of_release if one["resourceType"] == "StructureDefinition" and one.get("type") == "Extension"
               and one.get("derivation") == "constraint"]
    extensions = {one["url"]: extension(one, found, heads) for one in defined}
    places = {url: one.invariants for url, one in extensions.items()}
    for name, known in found.types.items():
        places[name] = (*places.get(name, ()), *known.invariants)
        for inner, element in known.elements.items():
            places[f"{name}.{inner}"] = (*places.get(f"{name}.{inner}", ()), *element.invariants)
    terms = {one["url"]: one for source in reversed(TERMS[release]) for one in everything(source, folder) if "url" in one}
    whole = Definitions(
        VERSIONS[release],
        tuple(sorted(one["name"] for one in found.structures.values() if one["kind"] == "resource")),
        dict(sorted(found.types.items())),
        found.invariants(places),
        {url: codes_of(url, terms) for url in sorted(found.bound)},
        dict(sorted(extensions.items())),
        systems_of(found.named, terms))
    return "".join(lines(to_builtins(whole))).encode()


def lines(tree: dict[str, Any]) -> Iterator[str]:
    """The tree as JSON, a line for each element, so that a change of it can be read."""
    yield "{\n"
    for n, (name, part) in enumerate(tree.items()):
        yield f"{',' * bool(n)}{json.dumps(name)}: "
        if not isinstance(part, dict):
            yield f"{json.dumps(part)}\n"
            continue
        yield "{\n"
        for k, (inner, value) in enumerate(part.items()):
            yield f"{',' * bool(k)}{json.dumps(inner)}: "
            if isinstance(value, dict) and isinstance(value.get("elements"), dict):
                rest = {key: said for key, said in value.items() if key != "elements"}
                yield json.dumps(rest)[:-1] + ', "elements": {\n'
                yield ",\n".join(f"  {json.dumps(key)}: {json.dumps(said)}" for key, said in value["elements"].items())
                yield "}}\n"
            else:
                yield f"{json.dumps(value)}\n"
        yield "}\n"
    yield "}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes mappings/definitions/*.json from HL7's definitions.")
    parser.add_argument("--from", dest="folder", type=Path, help="where the packages are, or are to be kept")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is not current")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for release in VERSIONS:
            content = made(release, given.folder or Path(temporary))
            path = HERE / f"{release}.json"
            if not given.check:
                path.write_bytes(content)
            elif path.read_bytes() != content:
                sys.exit(f"{path} is not what the packages give; run python -m tools.definitions")


if __name__ == "__main__":
    main()
