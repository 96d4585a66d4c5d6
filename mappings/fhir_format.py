"""The formats r4, r4b and r5: a Bundle of ours, or what others write about a ResearchStudy."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from converter.eligibility.findings import CERTAIN
from converter.formats import Reading, Writing
from converter.json_text import encode, parse
from converter.loss import canonical
from converter.problems import Problem, Problems, refuse, shown
from converter.trial import Trial
from converter.visit import Visit
from mappings import bundle
from mappings.chosen import around, choose, left_behind, without
from mappings.criteria import Coded, apart
from mappings.doubts import doubt, doubt_group
from mappings.provenance import provenance_entry
from mappings.releases import VERSIONS, dialect_of, evidence, release_of, resources

if TYPE_CHECKING:
    from converter.eligibility.understanding import Understanding

ESCAPE = re.compile(rb"\\(?:u00[01]|[bf])").search
"""What a text with control characters looks like in JSON; a backslash before a letter looks like it too."""
NO_CHARACTER = re.compile(rb"\xef\xbf[\xbe\xbf]").search
SURROUNDINGS = (
    "ActivityDefinition", "Citation", "Evidence", "EvidenceVariable", "Location", "Organization", "Practitioner", "PractitionerRole",
    "Provenance", "ResearchSubject",
)
"""Resources that stand around a study: by themselves they give a Trial with nothing in it, and all of them is reported."""
def may_be_unheld(document: bytes) -> bool:
    """May there be characters that FHIR cannot hold, or XML (U+FFFE and U+FFFF)?"""
    return bool(ESCAPE(document) or (b"\xef" in document and NO_CHARACTER(document)))  # one byte is found much sooner


class FhirFormat(Struct, frozen=True):
    """One release of FHIR as a format.

    `extensions` is "hl7" for HL7's cross-version extensions or "own" for the same under our own address; `provenance` is
    the instant to record in a Provenance, or None for no such entry.  With `check`, what is written is held against the
    specification, and refused when it has errors.  With `criteria` "coded" the Group has what is understood of the criteria in
    codes, as far as it is at least as sure as `min_confidence`; with "text" their words alone.  `understood` has what is known already
    of some texts of criteria.
    """

    name: str
    extensions: str = "hl7"
    provenance: str | None = None
    check: bool = False
    criteria: str = "coded"
    min_confidence: Decimal = Decimal(str(CERTAIN))
    understood: dict[str, Understanding] = {}

    def with_options(self, extensions: str | None = None, provenance: str | None = None, check: bool | None = None,
                     criteria: str | None = None, min_confidence: Decimal | float | str | None = None) -> FhirFormat:
        """The same release, written otherwise.  Raises Problems on an unknown word or an instant that is none."""
        if extensions not in (None, "hl7", "own"):
            raise refuse(f"extensions: expected hl7 or own, found {shown(extensions)}")
        if provenance is not None and not is_instant(provenance):
            raise refuse(f"provenance: expected an instant such as 2026-01-31T12:00:00Z, found {shown(provenance)}")
        if check not in (None, True, False):
            raise refuse(f"check: expected true or false, found {shown(check)}")
        if criteria not in (None, "coded", "text"):
            raise refuse(f"criteria: expected coded or text, found {shown(criteria)}")
        return replace(self, extensions=extensions or self.extensions, provenance=provenance or self.provenance,
                       check=self.check if check is None else check, criteria=criteria or self.criteria,
                       min_confidence=self.min_confidence if min_confidence is None else confidence_of(min_confidence))

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
        path, group = chosen.get("Group", ("", {}))
        plain, codes = apart(group)
        trial = bundle.read({**chosen, "Group": (path, plain)} if codes else chosen, dialect, visit)
        if visit.failed:
            raise Problems(visit.problems)
        if self.name == "r5" and trial and trial.organization and not trial.sponsor:
            study = chosen["ResearchStudy"][0]
            (visit.at(study) if study else visit).at("associatedParty").warn(
                "no party is the lead-sponsor; the one whose role is sponsor is read as the organization that keeps the record")
        spelled = None
        if trial is None or trial.criteria is None:
            from mappings.foreign_criteria import criteria  # with its variables only where they are needed

            spelled = criteria(group, trial.sex if trial else None)
        if spelled:
            trial = replace(trial or Trial(), criteria=spelled[0])
        if trial is None:
            trial = Trial()
            visit.warn("nothing in it says anything that a Trial has; all of it is left behind")
        anew = None
        if codes and trial.criteria and not spelled:
            from mappings.coded_criteria import again  # with its grammars and vocabularies only where it is needed

            anew = again(codes, trial.criteria, dialect)
        if codes and anew and not alike(codes, anew):
            (visit.at(path) if path else visit).at("characteristic").warn(
                "the codes of the criteria are not those that their text gives; they are made anew from the text")
        after = bundle.write(trial, dialect, Visit(), anew)
        if spelled:
            after["entry"][-1]["resource"] = with_carried(after["entry"][-1]["resource"], trial, spelled[1])
        return Reading(trial, tuple(visit.problems), tuple(left_behind(tree, chosen, after)))

    def expect_release(self, tree: Any) -> None:
        """Raises Problems when the elements are those of another release."""
        release = release_of(tree)
        if release is None:
            raise refuse(f"expected a FHIR resource (an object with a resourceType), found {shown(tree)}")
        if evidence(tree) and (release == "r5") != (self.name == "r5"):
            raise refuse(f"expected FHIR {VERSIONS[self.name]}, found elements of {VERSIONS[release]}; read it with --from {release}")

    def write(self, trial: Trial) -> Writing:
        """The trial as one transaction Bundle.  Raises Problems when it is malformed, or (`check`) the Bundle is."""
        codes, doubts = self.coded(trial)
        made = self.written_fast(trial, codes)
        visit = Visit()
        if made is None:
            made = encode(self.finished(bundle.write(trial, self.dialect, visit, codes), trial))
        return Writing(made, tuple(visit.problems) + doubts + self.faults(made), tuple(visit.lost))

    def coded(self, trial: Trial) -> tuple[Coded | None, tuple[Problem, ...]]:
        """The criteria in codes, where they are to be written so, and what the record says otherwise."""
        if self.criteria != "coded" or not isinstance(trial.criteria, str):
            return None, ()
        # with their grammars and vocabularies only where they are needed
        from converter.eligibility.contradictions import contradictions
        from converter.eligibility.understanding import understand
        from mappings.coded_criteria import coded

        understanding = self.understood.get(trial.criteria) or understand(trial.criteria)
        return coded(understanding, self.min_confidence, self.dialect), tuple(contradictions(understanding, trial))

    def prepared(self, trials: list[Trial]) -> FhirFormat:
        """The same for these trials: several texts of criteria are sooner understood together."""
        texts = list({trial.criteria: None for trial in trials if isinstance(trial.criteria, str)})
        if self.criteria != "coded" or len(texts) < 2:
            return self
        from converter.eligibility.understanding import understand_all  # with its vocabularies only where they are needed

        return replace(self, understood=dict(zip(texts, understand_all(texts), strict=True)))

    def written_fast(self, trial: Trial, codes: Coded | None) -> bytes | None:
        """The Bundle; None where there is something to say of it."""
        try:
            document = encode(self.finished(bundle.fast_writer(self.dialect)(trial, codes), trial))
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


def alike(found: Coded, expected: Coded) -> bool:
    """Do both say the same of the criteria?"""
    one, other = (without({"contained": each.contained, "characteristic": each.characteristics}) for each in (found, expected))
    return canonical(bundle.legal(one)) == canonical(bundle.legal(other))


def with_carried(group: dict[str, Any], trial: Trial, carried: list[dict[str, Any]]) -> dict[str, Any]:
    """The Group with what the criteria's text says of the characteristics that it was made of, in place of the text."""
    group = bundle.without_words(group, trial)
    return {**group, "characteristic": [*group["characteristic"], *carried]}


def confidence_of(said: Any) -> Decimal:
    """The least confidence that is asked for, from 0 to 1.  Raises Problems when it is none."""
    try:
        found = Decimal(str(said))
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(said, bool) or found.is_nan() or not 0 <= found <= 1:
        raise refuse(f"min_confidence: expected a number from 0 to 1, such as 0.95, found {shown(said)}")
    return found


def is_instant(said: Any) -> bool:
    """Is it a moment of the calendar, as FHIR's instant writes it?  https://hl7.org/fhir/R5/datatypes.html#instant"""
    if not isinstance(said, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", said, re.ASCII):
        return False
    try:
        datetime.fromisoformat(said)
    except ValueError:
        return False
    return True


R4, R4B, R5 = FhirFormat("r4"), FhirFormat("r4b"), FhirFormat("r5")
