"""Codes against what HL7's definitions list: value sets that elements are bound to, and code systems that are known as a whole.

https://hl7.org/fhir/R5/terminologies.html#strength, …/valueset.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from converter.problems import shown
from mappings.definitions import Codes, Element
from mappings.known_codes import Said, bound_fault, coding_faults
from mappings.known_extensions import codes, systems
from mappings.looking import Look, Path, some

CONCEPTS = ("CodeableConcept", "Coding", "CodeableReference")


class Coded:
    """The codes of one release."""

    def __init__(self, release: str):
        self.sets: Codes = codes(release)
        self.systems = systems(release)

    def listed(self, value_set: str) -> frozenset[str] | None:
        """Every code of the value set; None where nobody can count them up."""
        known = self.sets.get(value_set)
        return None if known is None else frozenset(every(known))

    def coding_faults(self, tree: dict[str, Any]) -> Iterator[tuple[str, Said]]:
        """What is wrong with a Coding as such."""
        yield from coding_faults(tree)
        system, code = tree.get("system"), tree.get("code")
        if system.__class__ is not str or code.__class__ is not str or (codes := self.systems.get(system)) is None:
            return
        if code not in codes:
            yield "code", ("error", f"expected a code of {system} ({some(codes)}), found {shown(code)}")
        elif (due := codes[code]) and (found := tree.get("display")).__class__ is str and found.casefold() != due.casefold():
            yield "display", ("warning", f"expected {shown(due)}, the display of {code} in {system}, found {shown(found)}")

    def check(self, value: Any, element: Element, kind: str, look: Look, path: Path) -> None:
        """A code, or what holds one, against the value set of its element."""
        if kind in CONCEPTS and value.__class__ is dict:
            self.concept(value, element, kind, look, path)
        elif element.bound and value.__class__ is str:
            known = self.sets.get(element.bound)
            if known is None:
                if said := bound_fault(element.bound, value):
                    look.say(path, said[1], element.bound, said[0])
            elif not any(value in codes for codes in known.values()):
                look.say(path, f"expected one of {some(every(known))}, found {shown(value)}", element.bound)

    def concept(self, value: dict[str, Any], element: Element, kind: str, look: Look, path: Path) -> None:
        """A Coding, or a concept with one, from the value set that is required; or against one that may be extended, when a coding
        names one of its systems and a code that is not there."""
        held = value if kind == "CodeableConcept" else value.get("concept") if kind == "CodeableReference" else {"coding": [value]}
        codings = held.get("coding", []) if held.__class__ is dict else []
        codings = [one for one in codings if one.__class__ is dict] if codings.__class__ is list else []
        bound = element.bound or element.extensible
        known = self.sets.get(bound)
        if known is None or any(one.get("code") in known.get(str(one.get("system")), ()) for one in codings):
            return
        if element.bound and (codings or kind != "CodeableReference"):
            look.say(path, f"expected a code of {', '.join(known)} ({some(every(known))})", bound)
        elif not element.bound:
            for one in codings:
                system = one.get("system")
                if system.__class__ is str and system in known and "code" in one:
                    look.say(path, f"{shown(one['code'])} is no code of {system} in {bound}; expected one of {some(known[system])}",
                             bound, "warning")


def every(known: dict[str, tuple[str, ...]]) -> Iterable[str]:
    """The codes of all systems."""
    return (code for codes in known.values() for code in codes)
