"""R4, R4B and R5: their numbers, and how a document shows which one it is    https://hl7.org/fhir/R5/versions.html"""

from __future__ import annotations

from typing import Any

from mappings.datatypes import OWN
from mappings.extensions import CROSS

VERSIONS = {"r4": "4.0.1", "r4b": "4.3.0", "r5": "5.0.0"}
ONLY_R5 = {
    "ResearchStudy": {
        "associatedParty", "classifier", "comparisonGroup", "date", "descriptionSummary", "label", "name", "outcomeMeasure",
        "progressStatus", "recruitment", "region", "result", "studyDesign", "url", "version", "whyStopped",
    },
    "Group": {"description", "membership"},
    "PlanDefinition": {"actor", "asNeededBoolean", "copyrightLabel", "versionAlgorithmString"},
}
ONLY_R4 = {
    "ResearchStudy": {"arm", "category", "contact", "enrollment", "location", "principalInvestigator", "reasonStopped", "sponsor"},
    "Group": {"actual"},
    "PlanDefinition": set(),
}
"""Elements that only the one family of releases has (R4 and R4B are alike in all of these)."""
R4_STATES = {
    "administratively-completed", "approved", "closed-to-accrual", "closed-to-accrual-and-intervention", "completed",
    "disapproved", "in-review", "temporarily-closed-to-accrual", "temporarily-closed-to-accrual-and-intervention", "withdrawn",
}
"""States of a ResearchStudy that R5's status does not have."""


def resources(tree: Any) -> list[tuple[str, dict[str, Any]]]:
    """The resources of a Bundle, or the one resource, each with its path."""
    if not isinstance(tree, dict):
        return []
    if tree.get("resourceType") != "Bundle":
        return [("", tree)] if isinstance(tree.get("resourceType"), str) else []
    entries = tree.get("entry")
    parts = [(f"entry[{n}].resource", part.get("resource"))
             for n, part in enumerate(entries if isinstance(entries, list) else []) if isinstance(part, dict)]
    return [(path, part) for path, part in parts if isinstance(part, dict) and isinstance(part.get("resourceType"), str)]


def evidence(tree: Any) -> int:
    """How many elements only R5 has, less those that only R4 and R4B have."""
    found = 0
    for _, resource in resources(tree):
        kind = resource["resourceType"]
        found += len(ONLY_R5.get(kind, set()) & resource.keys()) - len(ONLY_R4.get(kind, set()) & resource.keys())
        found -= kind == "ResearchStudy" and str(resource.get("status")) in R4_STATES
    return found


def release_of(tree: Any) -> str | None:
    """The format whose document this is: "r5", or "r4" (which reads R4B too); None when it is no FHIR.

    The elements decide; where none of them tells the releases apart, it is R4.
    """
    if not resources(tree):
        return "r4" if isinstance(tree, dict) and tree.get("resourceType") == "Bundle" else None
    return "r5" if evidence(tree) > 0 else "r4"


def dialect_of(release: str, document: bytes) -> str:
    """How the tables name it: R4 with HL7's cross-version extensions, or with ours."""
    if release == "r5":
        return "r5"
    ours = (OWN + "extension-").encode()
    return "r4-own" if ours in document and CROSS.encode() not in document else "r4"
