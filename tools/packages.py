"""HL7's definitions as HAPI's Maven artifacts carry them: XML Bundles for R4 and R4B, npm packages of JSON for R5.

Both come as the same trees: an object is a dict, a member that is there once is no list, and every scalar is a text.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ARTIFACT = "ca.uhn.hapi.fhir:hapi-fhir-validation-resources-{release}:8.8.1"
FILE = "hapi-fhir-validation-resources-{release}-8.8.1.jar"
XML = ("profile/profiles-types.xml", "profile/profiles-resources.xml", "extension/extension-definitions.xml",
       "valueset/valuesets.xml", "valueset/v3-codesystems.xml", "valueset/v2-tables.xml")
"""What is read of R4 and R4B; R4B's artifact has no v2 and v3 tables."""
KINDS = ("StructureDefinition", "ValueSet", "CodeSystem")
FHIR = "{http://hl7.org/fhir}"


def fetched(release: str, folder: Path) -> Path:
    """The artifact of that release in the folder, fetched by Maven where it is not there.  Raises SystemExit without it."""
    path = folder / FILE.format(release=release)
    if not path.exists():
        try:
            subprocess.run(["mvn", "-q", "dependency:copy", f"-Dartifact={ARTIFACT.format(release=release)}",
                            f"-DoutputDirectory={folder}"], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"Maven (mvn) could not fetch {ARTIFACT.format(release=release)}: {error}. Install it, "
                             f"or put {path.name} into a folder and name that with --from") from None
    return path


def resources(release: str, artifact: Path) -> Iterator[dict[str, Any]]:
    """The definitions in the artifact."""
    with zipfile.ZipFile(artifact) as jar:
        names = set(jar.namelist())
        if release == "r5":
            for name in sorted(name for name in names if name.endswith(".tgz")):
                yield from in_package(jar.read(name))
            return
        for name in XML:
            if (path := f"org/hl7/fhir/{release}/model/{name}") in names:
                for resource in ElementTree.fromstring(jar.read(path)).iterfind(f"{FHIR}entry/{FHIR}resource/*"):
                    if (kind := resource.tag.removeprefix(FHIR)) in KINDS:
                        yield {"resourceType": kind, **from_xml(resource)}


def in_package(content: bytes) -> Iterator[dict[str, Any]]:
    """The definitions in an npm package of FHIR."""
    found = {}
    with tarfile.open(fileobj=BytesIO(content)) as package:
        for member in package:  # in the order of the archive: to go back in it is to unpack it again
            name = member.name.removeprefix("package/")
            if name.endswith(".json") and name.split("-")[0] in KINDS and (file := package.extractfile(member)):
                found[name] = from_json(json.load(file))
    for name in sorted(found):
        yield found[name]


def from_json(tree: Any) -> Any:
    """The tree with texts for scalars, and single entries for lists of one."""
    if isinstance(tree, dict):
        return {name: from_json(part) for name, part in tree.items()}
    if isinstance(tree, list):
        made = [from_json(part) for part in tree]
        return made[0] if len(made) == 1 else made
    return str(tree).lower() if isinstance(tree, bool) else str(tree)


def from_xml(node: ElementTree.Element) -> Any:
    """The same of XML; of an element with a value and extensions, the extensions are at `_name` as in JSON."""
    made: dict[str, Any] = {}
    for part in node:
        if not part.tag.startswith(FHIR):
            continue
        name = part.tag.removeprefix(FHIR)
        inner = {known: part.attrib[known] for known in ("id", "url") if known in part.attrib} | from_xml(part)
        value: Any = inner
        if (said := part.get("value")) is not None:
            value = said
            if inner:
                made[f"_{name}"] = inner
        if name in made:
            made[name] = [*many(made, name), value]
        else:
            made[name] = value
    return made


def many(tree: dict[str, Any], name: str) -> list[Any]:
    """All that the member holds."""
    found = tree.get(name, [])
    return found if isinstance(found, list) else [found]
