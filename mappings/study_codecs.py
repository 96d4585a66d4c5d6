"""What a ResearchStudy spells in a way of its own                  https://hl7.org/fhir/R5/researchstudy.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from converter.codec import Codec, expect, get_member, put_member
from converter.compiled import ready
from converter.loss import same
from converter.place import Home
from converter.registries import is_registry_system, registry_of
from converter.trial import Enrollment
from converter.visit import MISSING, Beside, Visit
from mappings import terms
from mappings.concepts import concept_of
from mappings.datatypes import BASE, OWN, exact, inexact, string, unsigned, whole
from mappings.extensions import Packed, cross
from mappings.identity import RECORD, system_of


class Registered(Codec, frozen=True):
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
        return f"{{'use': {self.use!r}, 'system': {m.name(system_of)}({x} := {string.outward(m, e)}), 'value': {x}}}"

    def inward(self, m: Any, e: str) -> str:
        return f"{m.name(FastRegistered(self.use))}({e})"

    def fits(self, m: Any, e: str) -> str:
        return f"{e}.get('use') == {self.use!r}"


class FastRegistered(Struct, frozen=True):
    """The number of an identifier that is just what we would write."""

    use: str

    def __call__(self, tree: Any) -> Any:
        number = tree["value"]
        if number.__class__ is not str or not number.strip() or tree != {"use": self.use, "system": system_of(number), "value": number}:
            raise ValueError
        return number


def join_phases(phases: tuple[str, ...]) -> str:
    """The phases as one text, "Phase 1/Phase 2"; a stroke or backslash within a phase gets a backslash before it."""
    return "/".join(re.sub(r"([\\/])", r"\\\1", phase) for phase in phases)


def split_phases(text: str) -> tuple[str, ...]:
    """What `join_phases` joined."""
    return tuple(re.sub(r"\\(.)", r"\1", part, flags=re.S) for part in re.findall(r"(?:[^\\/]|\\.)+|(?<=/)(?=/|$)|^(?=/|$)", text, re.S))


class Phases(Codec, frozen=True):
    """The phases as one concept: FHIR's phase is 0..1, and its codes join two phases."""

    one: concept_of = concept_of(terms.PHASE, terms.PHASE_SYSTEM)
    fhir = "CodeableConcept"

    def on(self, dialect: str) -> Phases:
        return Phases(self.one.on(dialect))

    def write(self, value: Any, visit: Visit) -> Any:
        return self.one.write(join_phases(tuple(expect(str, phase) for phase in value)), visit)

    def read(self, tree: Any, visit: Visit) -> Any:
        text = self.one.read(tree, visit)
        return text if text is MISSING else split_phases(text)

    def outward(self, m: Any, e: str) -> str:
        return f"{m.name({split_phases(text): ready(self.one.tree(text)) for text in terms.PHASE}, 'T')}[{e}]"

    def inward(self, m: Any, e: str) -> str:
        table = {text: split_phases(text) for text in terms.PHASE}
        return f"{m.name(table, 'T')}[{self.one.inward(m, e)}]"


KIND = OWN + "enrollment-kind"
"""Beside a number of participants: what kind of number the source says it is, where FHIR's element cannot tell."""
PLACES = {"Actual": "actualNumber", "Estimated": "targetNumber"}


class Recruitment(Codec, frozen=True):
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
                word = string.write(value.kind, visit)
                said |= word.tree if word.__class__ is Beside else {"valueString": word}
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
                count = expect(int, tree[place]) if place in tree else whole(inexact(beside))
                said = [e for e in expect(list, expect(dict, beside).get("extension", [])) if isinstance(e, dict) and e.get("url") == KIND]
                word = string.read(said[0].get("valueString", Beside(said[0])), visit) if said else kind
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


class FastRecruitment(Struct, frozen=True):
    """The numbers, when they are just what we would write."""

    codec: Recruitment

    def __call__(self, tree: Any) -> Any:
        value = self.codec.read(tree, Visit())
        if not same(fast_recruitment(value), tree):
            raise ValueError
        return value


COUNT = OWN + "enrollment-count"
"""R4: a number of participants that FHIR's element cannot hold."""


class NumberExtensions(Home, frozen=True):
    """R4: the extensions of a study that say how many take part."""

    path: str = "extension"
    numbers: tuple[tuple[str, Packed], ...] = tuple(
        (name, cross(f"ResearchStudy.recruitment.{name}", "UnsignedInt", "ResearchStudy")) for name in ("targetNumber", "actualNumber"))

    def __hash__(self) -> int:
        return hash(self.path)

    def on(self, dialect: str) -> NumberExtensions:
        return NumberExtensions(self.path, tuple((name, home.on(dialect)) for name, home in self.numbers))

    def entries(self, tree: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        known = [KIND, COUNT, *(address for _, home in self.numbers for address in home.addresses)]
        for index, extension in super().entries(tree):
            if isinstance(extension, dict) and extension.get("url") in known:
                yield index, extension

    def tests(self, m: Any, e: str) -> list[str]:
        return [f"{e}['url'] in {(*(home.address for _, home in self.numbers), KIND, COUNT)!r}"]

    def __str__(self) -> str:
        return "extension(ResearchStudy.recruitment)"


class NumbersInR4(Codec, frozen=True):
    """How many take part, as extensions of the study: the number, and its kind where the number's element does not tell."""

    home: NumberExtensions = NumberExtensions()
    fields = ("enrollment",)

    def on(self, dialect: str) -> NumbersInR4:
        return NumbersInR4(self.home.on(dialect))

    def write(self, value: Any, visit: Visit) -> Any:
        count, kind = value.enrollment.count, value.enrollment.kind
        made: list[dict[str, Any]] = []
        held = count is not None and unsigned.write(count, visit.at("enrollment.count")).__class__ is int
        if held:
            made.append({"url": dict(self.home.numbers)[PLACES.get(kind or "", "targetNumber")].address, "valueUnsignedInt": count})
        elif count is not None:
            said = exact(count).tree["extension"][0]
            made.append({**said, "url": COUNT})
        if kind is None:
            made.append({"url": KIND, "valueBoolean": False})
        elif not (held and kind in PLACES):
            word = string.write(kind, visit.at("enrollment.kind"))
            made.append({"url": KIND, **(word.tree if word.__class__ is Beside else {"valueString": word})})
        return made

    def gather(self, tree: Any, visit: Visit) -> dict[str, Any]:
        """The number and its kind."""
        count: Any = None
        kind: Any = None
        said = False
        for extension in tree:
            address = extension["url"]
            if address == KIND:
                part, said = extension.get("valueString", Beside(extension)), True
                word = string.read(part, visit)
                kind = None if word is MISSING else word
            elif address == COUNT:
                count = expect(int, whole(next((part for name, part in extension.items() if name.startswith("value")), None)))
            else:
                count = expect(int, extension.get("valueUnsignedInt"))
                place = next(name for name, home in self.home.numbers if address in home.addresses)
                kind = kind if said else next(word for word, name in PLACES.items() if name == place)
        return {"enrollment": Enrollment(count=count, kind=kind)} if count is not None or kind is not None else {}

    def inward(self, m: Any, e: str) -> str:
        return f"{m.name(Exactly(self))}({e})"


class Exactly(Struct, frozen=True):
    """The number and its kind, of extensions that are just what we would write."""

    codec: NumbersInR4

    def __call__(self, entries: list[Any]) -> tuple[Any]:
        visit = Visit()
        found = Enrolled(**self.codec.gather(entries, visit))
        if not same(self.codec.write(found, visit), entries) or visit.problems:
            raise ValueError
        return (found.enrollment,)


class Enrolled(Struct, frozen=True):
    """What of a trial the codec looks at."""

    enrollment: Enrollment


class SourceName(Codec, frozen=True):
    """The format of the source record, of the address that names the record; what a server appends to it is dropped."""

    def read(self, tree: Any, visit: Visit) -> Any:
        address = expect(str, tree).partition("#")[0]
        if address.startswith(f"{BASE}source/"):
            return unquote(address.removeprefix(f"{BASE}source/"))
        return "ctgov" if re.match(r"https?://(www\.)?clinicaltrials\.gov/", address, re.IGNORECASE) else MISSING
