"""Who made a Bundle, from what, and when: a Provenance, only when asked for   https://hl7.org/fhir/R5/provenance.html"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from converter.trial import Trial
from converter.version import VERSION
from mappings.datatypes import BASE
from mappings.identity import full_url, study_id, study_system

encode = msgspec.json.Encoder(decimal_format="number").encode


def provenance_entry(trial: Trial, entries: list[dict[str, Any]], instant: str) -> dict[str, Any]:
    """An entry that names the three resources, the record by its hash, this program's version, and the instant.

    The hash is the SHA-256 of the trial as trial JSON, which is the same for the same record.
    """
    record = sha256(encode(trial)).hexdigest()
    software = f"trialbridge {VERSION}"
    said = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>Written by {software} at {instant}.</p></div>'
    what: dict[str, Any] = {
        "identifier": {"system": study_system(trial), "value": study_id(trial)},
        "display": f"SHA-256 of the trial as JSON: {record}",
    }
    resource = {
        "resourceType": "Provenance",
        "text": {"status": "generated", "div": said},
        "target": [{"reference": entry["fullUrl"]} for entry in entries],
        "recorded": instant,
        "agent": [{"who": {"identifier": {"system": BASE + "sid/software", "value": software}, "display": software}}],
        "entity": [{"role": "source", "what": what}],
    }
    return {
        "fullUrl": full_url("Provenance", study_system(trial), f"{study_id(trial)}|{instant}|{record}"),
        "resource": resource,
        "request": {"method": "POST", "url": "Provenance"},
    }
