"""What a ResearchStudy spells in a way of its own                  https://hl7.org/fhir/R5/researchstudy.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from converter.codec import MISSING, Codec, Visit, expect, get_member, put_member
from converter.registries import is_registry_system, registry_of
from converter.table import Home
from converter.trial import Enrollment
from mappings import terms
from mappings.datatypes import BASE, OWN, concept_of, inexact, string, unsigned
from mappings.extensions import Packed, cross
from mappings.identity import RECORD, system_of


@dataclass(frozen=True)
class Registered(Codec):
    """A number under which a registry knows the trial, with the registry's identifier system.

    Written with the one system that is registered for it; the others that are seen in the wild are read.
    """

    use: str
    says_sign = True

    def write(self, value: Any, visit: Visit) -> Any:
        tree: dict[str, Any] = {"use": self.use, "system": system_of(expect(str, value))}
        put_member(tree, "value", string.write(value, visit))
        return tree

    def read(self, tree: Any, visit: Visit) -> Any:
        part = get_member(expect(dict, tree), "value")
        if part is MISSING or tree.get("system") == RECORD:
            return MISSING
        number = string.read(part, visit.at("value"))
        if isinstance(number, str) and tree.get("system") != system_of(number):
            registry = registry_of(number)
            if registry is None or not is_registry_system(registry, str(tree.get("system", ""))):
                return MISSING
        return number

    def outward(self, m: Any, e: str) -> str:
        x = m.fresh()
        return f"{{'use': {self.use!r}, 'system': {m.name(system_of)}({x} := {e}), 'value': {x}}}"

    def inward(self, m: Any, e: str) -> str:
        return f"{m.name(FastRegistered(self.use))}({e})"

    def fits(self, m: Any, e: str) -> str:
        return f"{e}.get('use') == {self.use!r}"


@dataclass(frozen=True)
class FastRegistered:
    """The number of an identifier that is just what we would write."""

    use: str

    def __call__(self, tree: Any) -> Any:
        number = tree["value"]
        if number.__class__ is not str or tree != {"use": self.use, "system": system_of(number), "value": number}:
            raise ValueError
        return number


def join_phases(phases: tuple[str, ...]) -> str:
    """The phases as one text, "Phase 1/Phase 2"; a stroke or backslash within a phase gets a backslash before it."""
    return "/".join(re.sub(r"([\\/])", r"\\\1", phase) for phase in phases)


def split_phases(text: str) -> tuple[str, ...]:
    """What `join_phases` joined."""
    return tuple(re.sub(r"\\(.)", r"\1", part, flags=re.S) for part in re.findall(r"(?:[^\\/]|\\.)+|(?<=/)(?=/|$)|^(?=/|$)", text, re.S))


@dataclass(frozen=True)
class Phases(Codec):
    """The phases as one concept: FHIR's phase is 0..1, and its codes join two phases."""

    one: concept_of = field(default_factory=lambda: concept_of(terms.PHASE, terms.PHASE_SYSTEM))
    fhir = "CodeableConcept"

    def on(self, dialect: str) -> Phases:
        return Phases(self.one.on(dialect))

    def write(self, value: Any, visit: Visit) -> Any:
        return self.one.write(join_phases(tuple(expect(str, phase) for phase in value)), visit)

    def read(self, tree: Any, visit: Visit) -> Any:
        text = self.one.read(tree, visit)
        return text if text is MISSING else split_phases(text)

    def outward(self, m: Any, e: str) -> str:
        return f"{m.name({split_phases(text): self.one.tree(text) for text in terms.PHASE}, 'T')}[{e}]"

    def inward(self, m: Any, e: str) -> str:
        table = {text: split_phases(text) for text in terms.PHASE}
        return f"{m.name(table, 'T')}[{self.one.inward(m, e)}]"


KIND = OWN + "enrollment-kind"
"""Beside a number of participants: what kind of number the source says it is, where FHIR's element cannot tell."""
PLACES = {"Actual": "actualNumber", "Estimated": "targetNumber"}


@dataclass(frozen=True)
class Recruitment(Codec):
    """How many take part.  An actual number is the actualNumber; another is the targetNumber.

    That it is an estimate goes without saying; where the source does not say so, or says something else, that stands beside.
    """

    def write(self, value: Any, visit: Visit) -> Any:
        if value.__class__ is not Enrollment:
            return expect(Enrollment, value)
        tree: dict[str, Any] = {}
        place = PLACES.get(value.kind or "", "targetNumber")
        beside: list[Any] = []
        if value.count is not None:
            put_member(tree, place, unsigned.write(value.count, visit))
            beside = tree.pop(f"_{place}", {"extension": []})["extension"]
        if value.kind not in PLACES:
            said: dict[str, Any] = {"url": KIND}
            if value.kind is None:
                said["valueBoolean"] = False
            else:
                put_member(said, "valueString", string.write(value.kind, visit))
            beside = [*beside, said]
        elif value.count is None:
            beside = [{"url": KIND, "valueString": value.kind}]
        if beside:
            tree[f"_{place}"] = {"extension": beside}
        return tree

    def read(self, tree: Any, visit: Visit) -> Any:
        for kind, place in PLACES.items():
            beside = tree.get(f"_{place}", {})
            if place in tree or beside:
                count = expect(int, tree[place]) if place in tree else inexact(beside)
                said = [e for e in expect(dict, beside).get("extension", []) if isinstance(e, dict) and e.get("url") == KIND]
                part = get_member(said[0], "valueString") if said else kind
                word = None if part is MISSING else string.read(part, visit)
                return Enrollment(count=None if count is MISSING else expect(int, count), kind=None if word is MISSING else word)
        return MISSING

    def outward(self, m: Any, e: str) -> str:
        return f"{m.name(fast_recruitment)}({e})"

    def inward(self, m: Any, e: str) -> str:
        return f"{m.name(FastRecruitment(self))}({e})"


def fast_recruitment(value: Enrollment) -> dict[str, Any]:
    """The same, of a plain number."""
    if value.count is None or not 0 <= value.count < 2**31:
        raise ValueError
    if value.kind in PLACES:
        return {PLACES[value.kind]: value.count}
    if value.kind is None:
        return {"targetNumber": value.count, "_targetNumber": {"extension": [{"url": KIND, "valueBoolean": False}]}}
    raise ValueError


@dataclass(frozen=True)
class FastRecruitment:
    """The numbers, when they are just what we would write."""

    codec: Recruitment

    def __call__(self, tree: Any) -> Any:
        value = self.codec.read(tree, Visit())
        if fast_recruitment(value) != tree:
            raise ValueError
        return value


@dataclass(frozen=True)
class RecruitmentNumbers(Home):
    """R4: the two numbers of recruitment, each in its cross-version extension."""

    path: str = "extension"
    numbers: tuple[tuple[str, Packed], ...] = tuple(
        (name, cross(f"ResearchStudy.recruitment.{name}", "UnsignedInt", "ResearchStudy")) for name in ("targetNumber", "actualNumber"))

    def __hash__(self) -> int:
        return hash(self.path)

    def on(self, dialect: str) -> RecruitmentNumbers:
        return RecruitmentNumbers(self.path, tuple((name, home.on(dialect)) for name, home in self.numbers))

    def entries(self, tree: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        for index, extension in super().entries(tree):
            for name, home in self.numbers:
                if isinstance(extension, dict) and extension.get("url") in home.addresses:
                    members = {"valueUnsignedInt": name, "_valueUnsignedInt": f"_{name}"}
                    yield index, {to: extension[of] for of, to in members.items() if of in extension}

    def add(self, tree: dict[str, Any], entries: list[Any]) -> None:
        tree.setdefault("extension", []).extend(self.packed(entry) for entry in entries)

    def packed(self, entry: dict[str, Any]) -> dict[str, Any]:
        """The extension of one number, with what stands beside it."""
        name = next(iter(entry)).lstrip("_")
        made = {"url": dict(self.numbers)[name].address}
        if name in entry:
            made["valueUnsignedInt"] = entry[name]
        if f"_{name}" in entry:
            made["_valueUnsignedInt"] = entry[f"_{name}"]
        return made

    def unpacked(self, extension: dict[str, Any]) -> dict[str, Any]:
        """The entry of that extension, when it says nothing else."""
        name = next(name for name, home in self.numbers if home.address == extension["url"])
        entry = {("_" if key.startswith("_") else "") + name: part for key, part in extension.items() if key != "url"}
        if not entry or self.packed(entry) != extension:
            raise ValueError
        return entry

    def outward(self, m: Any, e: str) -> str:
        return f"{m.name(self.packed)}({e})"

    def outward_all(self, m: Any, e: str) -> str:
        return f"[{self.outward(m, 'y')} for y in {e}]"

    def inward(self, m: Any, e: str) -> str:
        return f"{m.name(self.unpacked)}({e})"

    def tests(self, m: Any, e: str) -> list[str]:
        return [f"{e}['url'] in {tuple(home.address for _, home in self.numbers)!r}"]


@dataclass(frozen=True)
class SourceName(Codec):
    """The format of the source record, of the address that names the record; what a server appends to it is dropped."""

    def read(self, tree: Any, visit: Visit) -> Any:
        address = expect(str, tree).partition("#")[0]
        if address.startswith(f"{BASE}source/"):
            return unquote(address.removeprefix(f"{BASE}source/"))
        return "ctgov" if re.match(r"https?://(www\.)?clinicaltrials\.gov/", address, re.IGNORECASE) else MISSING
