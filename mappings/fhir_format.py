"""The formats r4, r4b and r5: a Bundle of ours, or what others write about a ResearchStudy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from converter.formats import Reading, Writing
from converter.json_text import encode, parse
from converter.loss import Loss, left, lost
from converter.problems import Problem, Problems, refuse, shown
from converter.trial import Trial
from converter.visit import Visit
from mappings import bundle
from mappings.provenance import provenance_entry
from mappings.releases import VERSIONS, dialect_of, evidence, release_of, resources

ESCAPE = re.compile(rb"\\(?:u00[01]|[bf])").search
"""What a text with control characters looks like in JSON; a backslash before a letter looks like it too."""
NO_CHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]").search
SURROUNDINGS = (
    "ActivityDefinition", "Citation", "Evidence", "EvidenceVariable", "Location", "Organization", "Practitioner", "PractitionerRole",
    "Provenance", "ResearchSubject",
)
"""Resources that stand around a study: by themselves they give a Trial with nothing in it, and all of them is reported."""
UNCOUNTED = ("text", "fullUrl", "request")
"""Made anew, and so never lost: narrative, and what a transaction says of its entries."""


def may_be_unheld(document: bytes) -> bool:
    """May there be characters that FHIR cannot hold, or XML (U+FFFE and U+FFFF)?"""
    return bool(ESCAPE(document) or (b"\xef" in document and NO_CHARACTER(document)))  # one byte is found much sooner


class FhirFormat(Struct, frozen=True):
    """One release of FHIR as a format.

    `extensions` is "hl7" for HL7's cross-version extensions or "own" for the same under our own address; `provenance` is
    the instant to record in a Provenance, or None for no such entry.  With `check`, what is written is held against the
    specification, and refused when it has errors.
    """

    name: str
    extensions: str = "hl7"
    provenance: str | None = None
    check: bool = False

    def with_options(self, extensions: str | None = None, provenance: str | None = None, check: bool | None = None) -> FhirFormat:
        """The same release, written otherwise.  Raises Problems on an unknown word or an instant that is none."""
        if extensions not in (None, "hl7", "own"):
            raise refuse(f"extensions: expected hl7 or own, found {shown(extensions)}")
        if provenance is not None and not is_instant(provenance):
            raise refuse(f"provenance: expected an instant such as 2026-01-31T12:00:00Z, found {shown(provenance)}")
        if check not in (None, True, False):
            raise refuse(f"check: expected true or false, found {shown(check)}")
        return replace(self, extensions=extensions or self.extensions, provenance=provenance or self.provenance,
                       check=self.check if check is None else check)

    @property
    def dialect(self) -> str:
        """The dialect of the tables that is written."""
        return "r5" if self.name == "r5" else "r4-own" if self.extensions == "own" else "r4"

    def read(self, document: bytes) -> Reading:
        """The trial of a Bundle or resource.  Raises Problems when it holds none, or is of another release."""
        tree = parse(document)
        if not may_be_unheld(document):
            try:
                trial = bundle.fast_reader(dialect_of(self.name, document))(tree)
                return Reading(trial, said_once=len(encode(tree)) == len(document))
            except Exception:
                pass
        return self.interpret(tree, document)

    def interpret(self, tree: Any, document: bytes) -> Reading:
        """The same, slowly: everything that is wrong, doubtful, or lost."""
        self.expect_release(tree)
        dialect = dialect_of(self.name, document)
        visit, near = Visit(), around(tree)
        chosen = choose(tree, near)
        if not chosen and not any(resource["resourceType"] in SURROUNDINGS for _, resource in resources(tree)):
            kinds = ", ".join(sorted({str(resource.get("resourceType")) for _, resource in resources(tree)})) or shown(tree)
            inner = next((path for path, resource in resources(tree) if resource["resourceType"] == "Bundle"), "")
            raise refuse(f"expected a ResearchStudy, PlanDefinition or Group, alone or in a Bundle; found {kinds}", inner)
        visit.around = near
        doubt(tree, visit)
        for path, resource in chosen.values():
            if resource["resourceType"] == "Group":
                doubt_group(resource, visit.at(path) if path else visit)
        trial = bundle.read(chosen, dialect, visit)
        if visit.failed:
            raise Problems(visit.problems)
        if self.name == "r5" and trial and trial.organization and not trial.sponsor:
            path = chosen["ResearchStudy"][0]
            (visit.at(path) if path else visit).at("associatedParty").warn(
                "no party is the lead-sponsor; the one whose role is sponsor is read as the organization that keeps the record")
        if trial is None:
            trial = Trial()
            visit.warn("nothing in it says anything that a Trial has; all of it is left behind")
        return Reading(trial, tuple(visit.problems), tuple(left_behind(tree, chosen, bundle.write(trial, dialect, Visit()))))

    def expect_release(self, tree: Any) -> None:
        """Raises Problems when the elements are those of another release."""
        release = release_of(tree)
        if release is None:
            raise refuse(f"expected a FHIR resource (an object with a resourceType), found {shown(tree)}")
        if evidence(tree) and (release == "r5") != (self.name == "r5"):
            raise refuse(f"expected FHIR {VERSIONS[self.name]}, found elements of {VERSIONS[release]}; read it with --from {release}")

    def write(self, trial: Trial) -> Writing:
        """The trial as one transaction Bundle.  Raises Problems when it is malformed, or (`check`) the Bundle is."""
        made = self.written_fast(trial)
        visit = Visit()
        if made is None:
            made = encode(self.finished(bundle.write(trial, self.dialect, visit), trial))
        return Writing(made, tuple(visit.problems) + self.faults(made), tuple(visit.lost))

    def written_fast(self, trial: Trial) -> bytes | None:
        """The Bundle; None where there is something to say of it."""
        try:
            document = encode(self.finished(bundle.fast_writer(self.dialect)(trial), trial))
        except Exception:
            return None
        return None if may_be_unheld(document) else document

    def faults(self, document: bytes) -> tuple[Problem, ...]:
        """What is doubtful in a Bundle that is to be checked, at the Trial's path.  Raises Problems when it has errors."""
        if not self.check:
            return ()
        from mappings.conformance import conformance
        from mappings.origin import field_at

        tree = parse(document)
        found = tuple(Problem(field_at(tree, each.path, self.name), f"{each.path}: {each.message}", each.severity, each.section)
                      for each in conformance(self.name).problems(tree) if each.severity != "information")
        if any(each.severity == "error" for each in found):
            raise Problems(found)
        return found

    def locate(self, document: bytes, trial: Trial, path: str) -> str:
        """Where the document keeps what stands at the Trial's `path`; where the tables put it, when it is said in another way."""
        from mappings.fields import fields  # only asked where something is wrong

        for where, origins in origins_in(document):
            if there := origins.place_of(path, dialect_of(self.name, document)):
                return f"{where}.{there}" if where else there
        plain = re.sub(r"\[\d+\]", "[]", path)
        places = {one.field: one.r5 if self.name == "r5" else one.r4 for one in fields(self.name)}
        there_is = places.get(plain) or places.get(f"{plain}[]")
        return path if there_is is None else there_is.place if plain == path else f"{there_is.place} ({path})"

    def finished(self, tree: dict[str, Any], trial: Trial) -> dict[str, Any]:
        """The Bundle, with a Provenance where one is asked for."""
        if self.provenance:
            tree["entry"].append(provenance_entry(trial, tree["entry"], self.provenance))
        return tree


@lru_cache(maxsize=1)
def origins_in(document: bytes) -> list[tuple[str, Any]]:
    """The resources of the document that are read, each with its path and the fields from which its places were written."""
    from mappings.origin import Origins

    tree = parse(document)
    return [(where, Origins(resource)) for where, resource in choose(tree, around(tree)).values()]


def doubt(tree: Any, visit: Visit) -> None:
    """Warns of everything that may change the meaning of what it stands on, and is not understood here.

    https://hl7.org/fhir/R5/extensibility.html#modifierExtension, …/resource-definitions.html#Resource.implicitRules
    """
    if isinstance(tree, dict):
        for name in ("modifierExtension", "implicitRules"):
            if name in tree:
                visit.at(name).warn("may change the meaning of all that it stands on, and is not understood; the rest is read without it")
        for name, part in tree.items():
            if isinstance(part, (dict, list)) and name != "modifierExtension":
                doubt(part, visit.at(name))
    elif isinstance(tree, list):
        for index, part in enumerate(tree):
            doubt(part, visit.at(index))


def doubt_group(resource: dict[str, Any], visit: Visit) -> None:
    """Warns where a Group says something else than who is eligible."""
    if resource.get("type", "person") != "person":
        visit.at("type").warn(f"expected a Group of persons, found one of {shown(resource['type'])}; it is read all the same")
    if resource.get("combinationMethod", "all-of") != "all-of":
        visit.at("combinationMethod").warn(
            f"found {shown(resource['combinationMethod'])}; expected that all characteristics are demanded, and they are read so")
    if resource.get("actual") is True or resource.get("membership") == "enumerated":
        visit.at("actual" if "actual" in resource else "membership").warn(
            "this Group is a list of members, not a definition of who is eligible; it is read all the same")


def is_instant(said: Any) -> bool:
    """Is it a moment of the calendar, as FHIR's instant writes it?  https://hl7.org/fhir/R5/datatypes.html#instant"""
    if not isinstance(said, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", said, re.ASCII):
        return False
    try:
        datetime.fromisoformat(said)
    except ValueError:
        return False
    return True


def choose(tree: Any, near: dict[str, dict[str, Any]]) -> dict[str, tuple[str, dict[str, Any]]]:
    """The resources that are read, by type: the first study, and what it refers to; `near` is what a reference may lead to."""
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for path, resource in resources(tree):
        if resource.get("resourceType") in bundle.TABLES:
            found.setdefault(resource["resourceType"], []).append((path, resource))
    chosen = {kind: several[0] for kind, several in found.items()}
    if "ResearchStudy" in chosen:
        said = set(references(chosen["ResearchStudy"][1]))
        for kind in found.keys() - {"ResearchStudy"}:
            referred = [one for one in found[kind] if any(near.get(address) is one[1] for address in said)]
            elsewhere = any(f"{kind}/" in address and address not in near for address in said)
            if referred:
                chosen[kind] = referred[0]
            elif elsewhere or len(found["ResearchStudy"]) > 1:  # it is another study's
                del chosen[kind]
    return chosen


def references(tree: Any) -> Iterator[str]:
    """Every reference in the tree."""
    if isinstance(tree, dict):
        if isinstance(tree.get("reference"), str):
            yield tree["reference"]
        for part in tree.values():
            yield from references(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from references(part)


def around(tree: Any) -> dict[str, dict[str, Any]]:
    """The resources of a Bundle by what a reference calls them: full URL, and type with id."""
    found: dict[str, dict[str, Any]] = {}
    if isinstance(tree, dict) and isinstance(tree.get("entry"), list):
        for part in tree["entry"]:
            resource = part.get("resource") if isinstance(part, dict) else None
            if isinstance(resource, dict):
                if isinstance(part.get("fullUrl"), str):
                    found.setdefault(part["fullUrl"], resource)
                found.setdefault(f"{resource.get('resourceType')}/{resource.get('id')}", resource)
    return found


def left_behind(tree: Any, chosen: dict[str, tuple[str, dict[str, Any]]], after: dict[str, Any]) -> Iterator[Loss]:
    """What the document says that reading and writing again does not give back."""
    written = {part["resource"]["resourceType"]: part["resource"] for part in after["entry"]}
    if tree.get("resourceType") != "Bundle":
        kind = tree["resourceType"]
        yield from lost(without(tree), without(written[kind]) if kind in written else {})
        return
    yield from lost(without({**tree, "entry": []}), without({**after, "entry": []}))
    paths = {path: kind for kind, (path, _) in chosen.items()}
    for n, part in enumerate(tree["entry"] if isinstance(tree.get("entry"), list) else []):
        path = f"entry[{n}]"
        if not isinstance(part, dict):
            yield left(path, part)
            continue
        for name, inner in part.items():
            if name in UNCOUNTED:
                continue
            kind = paths.get(f"{path}.{name}")
            if kind:
                yield from lost(without(inner), without(written[kind]), f"{path}.{name}")
            elif isinstance(inner, dict) and inner.get("resourceType") == "ResearchStudy":
                yield left(f"{path}.{name}", inner, "is another study; put each study into a Bundle of its own")
            else:
                yield left(f"{path}.{name}", inner)


def without(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource without what is made anew; a `contained` one too."""
    made = {name: part for name, part in resource.items() if name not in UNCOUNTED}
    if isinstance(made.get("contained"), list):
        made["contained"] = [without(part) if isinstance(part, dict) else part for part in made["contained"]]
    return made


R4, R4B, R5 = FhirFormat("r4"), FhirFormat("r4b"), FhirFormat("r5")
