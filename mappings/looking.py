"""One look at a document: what was found so far, at which path, and what is around the present element.

A path is kept as a chain of steps, and spelled only where something is wrong: most documents are right.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from msgspec import UNSET

from converter.problems import Problem, Severity
from mappings.invariants import Around

MOST = 1000
"""So many problems of one document are listed."""
DEEPEST = 64
"""How deep elements may stand in each other; a trial's stand less than 20 deep, and servers and parsers have bounds of their own."""
Path = tuple[Any, ...] | None
"""The path above and one step more: (above, name) or (above, name, index); None is the document."""


class Look:
    """What was found, what is around the present element, the type of the resource that it stands in, and its elements' ids."""

    __slots__ = ("around", "depth", "found", "ids", "kind", "more", "root", "strange")

    def __init__(self, root: str, around: Around):
        self.root = root
        self.kind = root
        self.around = around
        self.found: list[Problem] = []
        self.ids: set[str] = set()
        self.more: Counter[Severity] = Counter()
        self.depth = 0
        self.strange = 0

    def too_deep(self, path: Path) -> bool:
        """False: whoever is at `depth` more than DEEPEST goes no further, once that is said."""
        self.say(path, f"elements stand in one another more than {DEEPEST} deep; what is here is not checked", "json.html")
        return False

    def say(self, path: Path, message: str, section: str, severity: Severity = "error") -> None:
        """Something is wrong at that path; `section` is the page of the specification."""
        if len(self.found) < MOST:
            self.found.append(Problem(spelled(path, self.root), message, severity, section or UNSET))
        else:
            self.more[severity] += 1

    def everything(self) -> list[Problem]:
        """What was found; of more than MOST, the rest is counted."""
        rest = [Problem(self.root, f"{count} problems more like these are not listed", severity) for severity, count in self.more.items()]
        return self.found + rest


def spelled(path: Path, root: str) -> str:
    """The path in FHIRPath: Bundle.entry[0].resource.status.  https://hl7.org/fhir/R5/fhirpath.html"""
    steps: list[str] = []
    while path:
        steps.append(f"{path[1]}[{path[2]}]" if len(path) == 3 else path[1])
        path = path[0]
    return ".".join([root, *reversed(steps)])


def element_path(path: Path, kind: str) -> str:
    """The path of an element in the definitions, from the resource in which it stands: ResearchStudy.label.type."""
    steps: list[str] = []
    while path and path[1] not in RESOURCES:
        steps.append(path[1])
        path = path[0]
    return ".".join([kind, *reversed(steps)])


RESOURCES = ("resource", "contained", "outcome")
"""Where a resource stands in another one."""


def further(path: Path, where: str) -> Path:
    """The path and those steps of text more."""
    return (path, where.removeprefix(".")) if where else path


@cache
def page(kind: str) -> str:
    """The page of the specification about the type."""
    return f"{kind.split('.')[0].lower()}.html"


def some(codes: Any) -> str:
    """Some of the codes, in words."""
    every = sorted(codes)
    return ", ".join(every[:12]) + (f" and {len(every) - 12} more" if len(every) > 12 else "")
