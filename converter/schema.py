"""The JSON Schema (2020-12) of a Trial, made from `converter.trial`.      `python -m converter.schema` renews the file

What it demands beyond the types: no unknown field, no null, no empty list and no empty object.  Absent is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from converter.json_text import encode, indented
from converter.trial import Trial

FILE = Path(__file__).with_name("trial.schema.json")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = "https://w3id.org/trialbridge/schema/trial.json"


def schema() -> dict[str, Any]:
    """The schema as a tree: the Trial itself outermost, its parts in $defs."""
    made = msgspec.json.schema(Trial)
    parts = {name: part(definition) for name, definition in sorted(made["$defs"].items())}
    return {"$schema": DIALECT, "$id": ID, **parts.pop("Trial"), "$defs": parts}


def part(definition: dict[str, Any]) -> dict[str, Any]:
    """The schema of one part of a trial."""
    return {
        "title": definition["title"],
        "description": definition["description"],
        "type": "object",
        "properties": {name: field(value) for name, value in definition["properties"].items()},
        "minProperties": 1,
        "additionalProperties": False,
    }


def field(definition: dict[str, Any]) -> dict[str, Any]:
    """The schema of one field.  None stands for an absent field, which JSON does not write; so null is not offered."""
    kind: dict[str, Any]
    (kind,) = (choice for choice in definition["anyOf"] if choice != {"type": "null"})
    if kind.get("format") == "decimal":
        kind = {"type": "number"}
    said: dict[str, Any] = {"description": definition["description"]} if "description" in definition else {}
    return said | kind


def text() -> bytes:
    """The file's content."""
    return indented(encode(schema()))


if __name__ == "__main__":
    FILE.write_bytes(text())
