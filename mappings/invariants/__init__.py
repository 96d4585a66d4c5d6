"""The rules ("invariants") that HL7 states in FHIRPath for the types of a trial's Bundle, each a plain Python function.

A function is named after the rule's key: qty-3 is `qty_3`; where a release means something else by the key, its name follows
(`drt_1_r4b`).  A rule holds where its expression gives true; the expression is read as a later release corrected it where it
gives nothing for what may be left out.  https://hl7.org/fhir/R5/conformance-rules.html#constraints
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from mappings.definitions import Invariant, definitions
from mappings.invariants import amounts, bundle, datatypes, extensions, questionnaire, references, resources, times
from mappings.invariants.presence import Around, Holds, around, entries_by_url

__all__ = ["ADDED", "ELSEWHERE", "Around", "Holds", "around", "entries_by_url", "invariant", "invariants", "places"]

SUBJECTS = (amounts, bundle, datatypes, extensions, questionnaire, references, resources, times)
ELSEWHERE = {
    "sqty-1": "a SimpleQuantity has no element comparator",
    "txt-1": "the elements and attributes of a narrative are checked where its XHTML is read",
    "txt-2": "so is whether it has content",
}
"""Rules of severity error that have no function here, and why."""
DEFINITIONS = (
    "ActivityDefinition", "Citation", "Evidence", "EvidenceVariable", "Library", "PlanDefinition", "Questionnaire", "ResearchStudy",
)
ADDED = {
    "Bundle": ("bdl-15",),
    "PlanDefinition": ("pld-3", "pld-4"),
    "Bundle.entry": ("entry-url",),
    "Location.position": ("position",),
    "Range": ("range-unit",),
    **{f"{name}.url": ("canonical-url",) for name in DEFINITIONS},
}
"""Rules that only R5 states, and that are true of every release: an entry has its full URL in R4 too (bundle.html, by its prose),
and what leads nowhere is as wrong there; and rules that stand in the text alone."""
STATED = {
    "canonical-url": Invariant("error", "the URL of a definition is an absolute address", {}),
    "entry-url": Invariant("warning", "an entry has a full URL, without which nothing can refer to its resource", {}),
    "range-unit": Invariant("warning", "low and high are in the same unit, or nobody can tell which is less", {}),
    "position": Invariant("error", "latitude is from -90 to 90 and longitude from -180 to 180 (WGS 84)", {}),
}
"""Rules of the text, under names of ours: canonicalresource.html, bundle.html#bundle-unique, datatypes.html#Range, location.html."""
OTHERS: dict[tuple[str, str], Holds] = {("inv-1", "RatioRange"): amounts.ratrng_1}
"""R4B uses this key twice."""


@cache
def invariants(release: str) -> dict[str, tuple[tuple[str, Holds], ...]]:
    """The rules of "r4", "r4b" or "r5" by what they stand on, each with its function: a type ("Quantity", "Bundle.entry") or an
    element ("ActivityDefinition.url"); an extension, by its address.

    Warnings are there when they have a function.  Every object but a resource has ele-1: R5's resources take it from Base, and
    HL7's own snapshots of them leave it out.  Raises LookupError for a rule of severity error that has no function.
    """
    known = definitions(release)
    stated: dict[str, list[str]] = {}
    for name, kind in known.types.items():
        if kind.kind != "primitive":
            own = [key for key in kind.invariants if key != "ele-1"]
            own += [key for key in ADDED.get(name, ()) if key not in own]
            stated[name] = own if kind.kind == "resource" else ["ele-1", *own]
        for element, held in kind.elements.items():
            if rules := [*held.invariants, *ADDED.get(f"{name}.{element}", ())]:
                stated[f"{name}.{element}"] = rules
    for address, extension in known.extensions.items():
        stated[address] = [key for key in extension.invariants if key not in ("ele-1", "ext-1")]
    made: dict[str, tuple[tuple[str, Holds], ...]] = {}
    for path, keys in stated.items():
        found = [(key, function(key, path, release)) for key in keys]
        for key, holds in found:
            if holds is None and key not in ELSEWHERE and invariant(key, release).severity == "error":
                raise LookupError(f"{release}: the rule {key} of {path} has no function")
        if functions := tuple((key, holds) for key, holds in found if holds):
            made[path] = functions
    return made


def function(key: str, path: str, release: str) -> Holds | None:
    """The function of the rule there, None where there is none."""
    if special := OTHERS.get((key, path)):
        return special
    name = key.replace("-", "_")
    return next((vars(subject)[one] for one in (f"{name}_{release}", name) for subject in SUBJECTS if one in vars(subject)), None)


def invariant(key: str, release: str) -> Invariant:
    """What the release says of the rule, R5 or its text where it says nothing: severity, sentence, expressions."""
    return STATED.get(key) or definitions(release).invariants.get(key) or definitions("r5").invariants[key]


FINDERS: dict[str, Callable[[Any], Iterator[str]]] = {
    "dom-3": references.unused, "pld-3": resources.goals_of_nobody, "pld-4": resources.actions_of_nobody,
}
"""Rules that know where they are broken."""


def places(key: str, holds: Holds, tree: dict[str, Any], around: Around) -> list[str]:
    """Where in an element a rule of it is broken, nearer than the whole: "contained[2]"; nothing where that cannot be said.

    A rule on all contained resources, or all entries, is asked about each alone.
    """
    if finder := FINDERS.get(key):
        return list(finder(tree))
    for name in ("contained", "entry"):
        entries = tree.get(name)
        if isinstance(entries, list) and holds({**tree, name: []}, around):
            return [f"{name}[{n}]" for n, one in enumerate(entries) if not holds({**tree, name: [one]}, around)]
    return []
