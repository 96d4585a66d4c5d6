"""Extensions: is each one known where it must be, does it stand where it may, as often as it may, and hold what it should?

https://hl7.org/fhir/R5/extensibility.html, …/defining-extensions.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from converter.problems import shown
from mappings.coded import Coded
from mappings.definitions import Extension, Part, definitions
from mappings.invariants import invariant, invariants
from mappings.known_extensions import known, unknown
from mappings.looking import DEEPEST, Look, Path, element_path
from mappings.references import SECTION as REFERENCES
from mappings.references import target_fault

JSON = "json.html"
SECTION = "extensibility.html"


class ExtensionChecks:
    """The checks of extensions of one release.

    `shape` checks the object as such, and `part` gives the check of one member of it; nested extensions are left to this class,
    which knows what they are part of.
    """

    def __init__(self, release: str, shape: Callable[[Any, Look, Path, str], None], part: Callable[[str], Any], coded: Coded):
        self.release = release
        self.known = known(release)
        self.rules = invariants(release)
        self.types = definitions(release).types
        self.resources = frozenset(definitions(release).resources)
        self.shape = shape
        self.part = part
        self.coded = coded
        self.values: dict[int, dict[str, str]] = {}
        self.stands: dict[str, frozenset[str]] = {}

    def member(self, kind: str, name: str) -> Callable[[Any, Look, Path, dict[str, Any], str], None]:
        """The check of the extensions of an object of that type."""
        here = frozenset((kind, "Element", *(self.types[kind].base if kind in self.types else ())))
        modifiers = name == "modifierExtension"

        def check(value: Any, look: Look, path: Path, tree: dict[str, Any], at: str) -> None:
            self.all(value, look, path, name, at, here, None, modifiers)

        return check

    def all(self, value: Any, look: Look, path: Path, name: str, at: str, here: frozenset[str], parts: dict[str, Part] | None,
            modifiers: bool = False) -> None:
        """The extensions that stand on one element, or in an extension that has `parts` (None: it is not known)."""
        if value.__class__ is not list:
            look.say((path, name), f"expected a list, found {shown(value)}", JSON)
            return
        if not value:
            look.say((path, name), "is a list with nothing in it; leave it out", JSON)
        seen: set[str] = set()
        for n, extension in enumerate(value):
            where = (path, name, n)
            address: Any = extension.get("url") if extension.__class__ is dict else None
            definition = (parts.get(address) if parts else None) or self.known.get(address) if address.__class__ is str else None
            if definition is None or len(extension) != 2:
                self.shape(extension, look, where, "Extension")
                if not isinstance(address, str):
                    continue
                self.either(extension, look, where)
            else:  # as nearly all are: the url that is known, and one member more
                self.short(extension, look, where)
            if definition is None:
                self.unknown(address, look, where, parts, modifiers)
            else:
                if address in seen and definition.max == 1:
                    look.say(where, f"{shown(address, 160)} may stand here once, and is here again", SECTION)
                seen.add(address)
                for key, holds in self.rules.get(address, ()):
                    if not holds(extension, look.around):
                        look.say(where, f"breaks the rule {key}: {invariant(key, self.release).human}", SECTION)
                if definition.__class__ is Extension:
                    self.place(address, definition, look, path, where, at, here, modifiers)
                if definition.types or definition.parts:  # of those for other types only the contexts are known
                    self.value(definition, extension, look, where)
            if "extension" in extension:
                look.depth += 1
                if look.depth <= DEEPEST or look.too_deep(where):
                    self.all(extension["extension"], look, where, "extension", "Extension", inside(address),
                             definition.parts if definition is not None else None)
                look.depth -= 1
        for address, part in (parts or {}).items():
            if part.min and address not in seen:
                look.say(path, f"lacks the part {address!r}, which must be there", SECTION)

    def short(self, extension: dict[str, Any], look: Look, path: Path) -> None:
        """An extension of two members, one of them its url: the other one, as `shape` and `either` would have it."""
        for name, value in extension.items():
            if name not in ("url", "extension"):
                part = self.part(name)
                if part is None or not name.startswith(("value", "_value")):
                    self.shape(extension, look, path, "Extension")
                    self.either(extension, look, path)
                else:
                    part(value, look, path, extension, "Extension")

    def either(self, extension: dict[str, Any], look: Look, path: Path) -> None:
        """Is there a value or parts, and one value?"""
        values = {name.removeprefix("_") for name in extension if name.startswith(("value", "_value"))}
        if ("extension" in extension) == bool(values):
            look.say(path, "breaks the rule ext-1: must have either extensions or a value, not both", f"{SECTION}#invs")
        if len(values) > 1:
            look.say(path, f"has {' and '.join(sorted(values))}; value may be one of them", SECTION)

    def unknown(self, address: str, look: Look, path: Path, parts: dict[str, Part] | None, modifiers: bool) -> None:
        """An extension of which there is no definition: an error, or for information."""
        wrong = unknown(address)
        if "|" in address:
            look.say((path, "url"), f"expected an address without a version, found {shown(address, 160)}", SECTION)
        elif modifiers:
            look.say((path, "url"), f"{shown(address, 160)} may change the meaning of what it stands on, and is not known",
                     f"{SECTION}#modifierExtension")
        elif wrong:
            look.say((path, "url"), wrong, SECTION)
        elif ":" in address:
            look.say((path, "url"), f"no definition of {shown(address, 160)} is known here; it is not checked", SECTION, "information")
        elif parts is not None:
            look.say((path, "url"), f"expected {' or '.join(parts) or 'a value, no parts'}, found {shown(address)}", SECTION)
        elif not (path and path[0] and path[0][1] in ("extension", "modifierExtension")):
            look.say((path, "url"), f"expected an absolute address, found {shown(address)}", SECTION)

    def place(self, address: str, definition: Extension, look: Look, above: Path, path: Path, at: str, here: frozenset[str],
              modifiers: bool) -> None:
        """May it stand there?"""
        if modifiers != definition.modifier:
            name = "modifierExtension" if definition.modifier else "extension"
            look.say(path, f"{shown(address, 160)} must stand in {name}", SECTION)
        stands = self.stands.get(address)
        if stands is None:
            stands = self.stands[address] = frozenset(context.removesuffix("[x]") for context in definition.contexts)
        if at not in stands and stands.isdisjoint(here) and element_path(above, look.kind) not in stands:
            look.say(path, f"{shown(address, 160)} may stand on {' or '.join(definition.contexts)}, found on "
                           f"{element_path(above, look.kind)}", f"{SECTION}#context")

    def value(self, definition: Part, extension: dict[str, Any], look: Look, path: Path) -> None:
        """Does it hold a value of its type, or its parts?"""
        allowed = self.values.get(id(definition))
        if allowed is None:
            allowed = self.values[id(definition)] = {self.member_name(kind): kind for kind in definition.types}
        found = None
        for name in extension:
            if name[:5] == "value":
                found = name
        if found is None:
            if definition.needs_value and not any(name.startswith("_value") for name in extension):
                look.say(path, f"lacks its value, a {' or '.join(definition.types)}", SECTION)
        elif found not in allowed:
            said = " or ".join(definition.types) or "parts, no value"
            look.say((path, "value"), f"expected {said}, found {found}", SECTION)
        else:
            value = extension[found]
            if definition.fixed and value != definition.fixed:
                look.say((path, "value"), f"expected {shown(definition.fixed)}, found {shown(value)}", SECTION)
            reference = value.get("reference") if definition.targets and value.__class__ is dict else None
            if fault := target_fault(reference, definition.targets.get("Reference", ()), look.around, self.resources):
                look.say((path, "value.reference"), fault, REFERENCES)
            if definition.bound or definition.extensible:
                self.coded.check(value, definition, allowed[found], look, (path, "value"))

    def member_name(self, kind: str) -> str:
        """The member that holds a value of that type."""
        word = self.types[kind].datatype or kind if kind in self.types else kind
        return f"value{word[0].upper()}{word[1:]}"


@cache
def inside(address: str) -> frozenset[str]:
    """Where what stands in an extension of that address stands."""
    return frozenset(("Extension", "Element", address))
