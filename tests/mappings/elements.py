"""FHIR's elements, as the models of fhir.resources know them: R5's, and R4B's for R4 (alike in all that we use)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import fhir.resources
import fhir.resources.R4B
from fhir.resources.backboneelement import BackboneElement
from fhir.resources.R4B.backboneelement import BackboneElement as OlderBackboneElement

PACKAGES = {"r5": fhir.resources, "r4": fhir.resources.R4B, "r4-own": fhir.resources.R4B}


@dataclass(frozen=True)
class Element:
    """An element: its path ("ResearchStudy.arm"), the name of its type, whether it repeats; its model unless it is a primitive."""

    path: str
    type: str
    many: bool = False
    model: Any = None

    @property
    def names(self) -> set[str]:
        """How the context of an extension may call it."""
        return {self.path, self.type}

    @property
    def below(self) -> str:
        """Where the paths of its members begin: at the type, or at the element itself when only it has them."""
        return self.path if self.model and issubclass(self.model, (BackboneElement, OlderBackboneElement)) else self.type


@cache
def datatype(name: str, dialect: str) -> Element:
    """A resource or complex datatype.  Raises LookupError when the release has none of that name."""
    try:
        return Element(name, name, model=PACKAGES[dialect].get_fhir_model_class(name))
    except (KeyError, ValueError):
        raise LookupError(f"{dialect} has no type {name}") from None


def member(outer: Element, name: str, dialect: str) -> Element:
    """The element of that name.  Raises LookupError when the release has none."""
    fields = outer.model.model_fields.values() if outer.model else ()
    said = next((str(field.annotation) for field in fields if field.alias == name), None)
    if said is None:
        raise LookupError(f"{dialect} has no {outer.below}.{name}")
    many, path = "List[" in said, f"{outer.below}.{name}"
    if inner := re.search(r"abc\.(\w+)Type\b", said):
        kind = inner[1]
        if kind == outer.model.__name__:
            return Element(outer.path, kind, many, outer.model)  # an action of an action is an action
        if kind.startswith(outer.model.__name__):
            return Element(path, kind, many, getattr(__import__(outer.model.__module__, fromlist=[kind]), kind))
        return Element(path, kind, many, datatype(kind, dialect).model)
    primitive = re.findall(r"(\w+)\(", said)
    return Element(path, primitive[-1] if primitive else "Boolean" if "bool" in said else said, many)


def element(path: str, dialect: str) -> Element:
    """The element of that path, "ResearchStudy.arm".  Raises LookupError when the release has none."""
    kind, *names = path.split(".")
    found = datatype(kind, dialect)
    for name in names:
        found = member(found, name, dialect)
    return found
