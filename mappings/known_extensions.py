"""The extensions whose definition is known: HL7's of the release, what our tables take from newer ones, and our own.

`mappings/definitions/extensions.json` has what HL7's definitions of R4 and R4B lack; `python -m tools.extensions` makes
it from the mapping tables and the definitions of R5.  https://hl7.org/fhir/R5/extensibility.html
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from msgspec import Struct
from msgspec.json import decode

from converter.problems import shown
from mappings.datatypes import BASE
from mappings.definitions import Codes, Extension, definitions

MUST_BE_KNOWN = re.compile(rf"http://hl7\.org/fhir/[0-9]+\.[0-9]+/|{re.escape(BASE)}")
"""Where HL7 has the elements of each release as extensions, and our own base."""
PATH = Path(__file__).with_name("definitions") / "extensions.json"


class Known(Struct, frozen=True):
    """What HL7's definitions of a release lack: our own extensions and code systems; for R4 and R4B newer extensions of HL7's, with
    their codes.

    Value sets are named with their version ("…|5.0.0"): R4 has other codes under some of these addresses.
    """

    own: dict[str, Extension]
    newer: dict[str, Extension]
    codes: Codes
    systems: dict[str, dict[str, str]]


@cache
def beside() -> Known:
    """What is known beside HL7's definitions of each release."""
    return decode(PATH.read_bytes(), type=Known)


@cache
def known(release: str) -> dict[str, Extension]:
    """The extensions known in "r4", "r4b" or "r5", by url."""
    newer = {} if release == "r5" else beside().newer
    return {**newer, **definitions(release).extensions, **beside().own}


@cache
def codes(release: str) -> Codes:
    """The codes of every value set that an element or extension of the release is bound to, by system."""
    return {**beside().codes, **definitions(release).codes}


def systems(release: str) -> dict[str, dict[str, str]]:
    """The code systems that are known as a whole, HL7's of the release and our own: every code with its display."""
    return definitions(release).systems | beside().systems


def unknown(url: str) -> str | None:
    """What is wrong with an extension of that url, which is not known; None where anybody may have defined it.

    HAPI's validator has it so: under http://hl7.org/fhir/5.0/ and the like an extension without definition is an error.
    """
    base = MUST_BE_KNOWN.match(url)
    return f"expected an extension that is defined, as everything under {base[0]} must be, found {shown(url, 160)}" if base else None
