"""How a trial's resources are known, on every server and for ever.

An identifier never changes between releases of this program: it is the key of conditional updates, and another key
would put a second copy on every server.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha1, sha256
from urllib.parse import quote
from uuid import NAMESPACE_URL

from converter.registries import registry_of
from converter.trial import Trial
from mappings.datatypes import BASE, is_text

SID = BASE + "sid/"
RECORD = SID + "record"
"""Identifier system of a record without a number."""


@lru_cache(maxsize=1024)
def record_key(source: str | None, title: str | None, sponsor: str | None) -> str:
    """32 hex digits that stay the same while format, title and sponsor do, so that a changed page updates in place."""
    said = "\n".join(part or "" for part in (source, title, sponsor))
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def is_told_apart(trial: Trial) -> bool:
    """Does the record say anything by which it is known again?"""
    return bool((trial.id and is_number(trial.id)) or trial.title or (trial.sponsor and trial.sponsor.name))


def study_id(trial: Trial) -> str:
    """The trial's number, or what stands for it where there is none, or one that no identifier can hold."""
    if trial.id and is_number(trial.id):
        return trial.id
    return record_key(trial.source, trial.title, trial.sponsor.name if trial.sponsor else None)


@lru_cache(maxsize=4096)
def system_of(number: str) -> str:
    """The identifier system of a registry's number; of one that no registry is known for, our own."""
    registry = registry_of(number)
    return registry.system if registry else SID + "registration-number"


def study_system(trial: Trial) -> str:
    """The identifier system of `study_id`."""
    return system_of(trial.id) if trial.id and is_number(trial.id) else RECORD


def is_number(text: str) -> bool:
    """Can an identifier hold the number?"""
    return text.isalnum() or is_text(text)


@lru_cache(maxsize=8)
def full_url(kind: str, system: str, value: str) -> str:
    """The urn:uuid of a resource (RFC 9562 version 5, of its type and identifier): always the same."""
    h = sha1(NAMESPACE + f"{kind}|{system}|{value}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"urn:uuid:{h[:8]}-{h[8:12]}-5{h[13:16]}-{VARIANT[h[16]]}{h[17:20]}-{h[20:32]}"


NAMESPACE = NAMESPACE_URL.bytes
VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""The first digit of the clock sequence with the variant's two bits set."""


def group_url(trial: Trial) -> str:
    return full_url("Group", SID + "eligibility", study_id(trial))


def plan_url(trial: Trial) -> str:
    return full_url("PlanDefinition", SID + "protocol", study_id(trial))


def request(kind: str, system: str, value: str) -> dict[str, str]:
    """The conditional update of a resource (https://hl7.org/fhir/R5/http.html#cond-update).

    In the value of a search parameter the characters \\ , $ | have a backslash before them, and all is then percent-encoded
    (https://hl7.org/fhir/R5/search.html#escaping).
    """
    number = value if value.isalnum() and value.isascii() else quote(re.sub(r"([\\,$|])", r"\\\1", value), safe="")
    return {"method": "PUT", "url": f"{kind}?identifier={quoted(system)}%7C{number}"}


@lru_cache(maxsize=256)
def quoted(system: str) -> str:
    return quote(system, safe="")


def reference(url: str, display: str) -> dict[str, str]:
    return {"reference": url, "display": display}


def computer_name(number: str, of: str = "") -> str:
    """A name that a computer can use: a capital, then letters, digits and _ (invariants pdf-0 of R4, cnl-0 of R5)."""
    plain = number if number.isalnum() and number.isascii() else re.sub(r"[^A-Za-z0-9_]", "_", number)
    return (plain if "A" <= plain[:1] <= "Z" else f"Trial_{plain}")[:240] + of


def source_of(trial: Trial) -> str | None:
    """The web page of the source record; where there is none, an address of ours that names its format."""
    if trial.source == "ctgov" and trial.id and (registry := registry_of(trial.id)) and registry.system == "http://clinicaltrials.gov":
        return registry.web.format(trial.id)
    return None if trial.source is None else f"{BASE}source/{quote(trial.source, safe='')}"

