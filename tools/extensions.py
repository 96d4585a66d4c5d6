"""Makes `mappings/definitions/extensions.json` from the mapping tables and the definitions of R5.

    python -m tools.extensions [--check]

`--check` writes nothing and fails when the file is not what it would be.
"""

from __future__ import annotations

import argparse
import sys
from typing import TypeVar

from msgspec import to_builtins
from msgspec.structs import replace

from mappings.datatypes import FIELD, OWN
from mappings.definitions import Element, Extension, Part, definitions
from mappings.extensions import CROSS, HL7, Said, Shape
from mappings.known_extensions import PATH, Known
from mappings.own_extensions import Definition
from mappings.places import Extension as Step
from mappings.places import found_in
from mappings.profiles import DIALECTS, field_codes, types, words
from mappings.profiles import definitions as own_definitions
from tools.definitions import VERSIONS, lines

R5 = definitions("r5")
ELEMENT = OWN + "extension-"
SomePart = TypeVar("SomePart", bound=Part)


def made() -> bytes:
    """The file."""
    own = {one.address: extension(one) for one in own_definitions()}
    newer = {url: R5.extensions[url] for url in published_since()} | {
        CROSS + url.removeprefix(ELEMENT): as_r5_has_it(url.removeprefix(ELEMENT), one)
        for url, one in own.items() if url.startswith(ELEMENT)}
    bound = sorted({value_set for one in newer.values() for value_set in value_sets(one)})
    known = Known(own, {url: of_r5(one) for url, one in sorted(newer.items())}, {versioned(url): R5.codes[url] for url in bound},
                  {FIELD: {code: words(code) for code in field_codes()}})
    return "".join(lines(to_builtins(known))).encode()


def extension(one: Definition) -> Extension:
    """The extension of a table as one of HL7's."""
    parts = {name: part(shape) for name, shape in one.shape.items()} if isinstance(one.shape, dict) else {}
    return Extension(() if parts else codes_of(one.shape), max=None if one.many else 1, parts=parts, contexts=tuple(one.contexts))


def part(shape: Shape) -> Part:
    """The part of an extension that has that shape in a table."""
    if isinstance(shape, Said):
        return Part(codes_of(shape.type), 1, needs_value=True, fixed=shape.value)
    return Part(codes_of(shape[0]), max=None) if isinstance(shape, list) else Part(codes_of(shape))


def codes_of(shape: Shape) -> tuple[str, ...]:
    """FHIR's names of the datatypes."""
    return tuple(kind["code"] for kind in types(shape))


def as_r5_has_it(path: str, known: Extension) -> Extension:
    """The cross-version extension, with what R5 says of the element: how often it is there, targets, value sets."""
    outer, _, name = path.rpartition(".")
    element = R5.types[outer].elements[name]
    inner = R5.types[element.types[0]].elements if known.parts else {}
    parts = {name: as_element(one, inner[name]) if name in inner else one for name, one in known.parts.items()}
    return replace(as_element(known, element), min=0, parts=parts)


def as_element(one: SomePart, element: Element) -> SomePart:
    """The same, with what R5 says of the element."""
    targets = element.targets if set(element.targets) <= set(one.types) else {}
    return replace(one, min=element.min, max=element.max, needs_value=bool(element.min and one.types), targets=targets,
                   bound=element.bound, extensible=element.extensible)


def published_since() -> list[str]:
    """HL7's extensions that the tables write, and that R4 did not have yet."""
    steps = {step.address for dialect in DIALECTS for found in found_in(dialect) for spot in found.spots for step in spot
             if isinstance(step, Step) and step.address.startswith(HL7)}
    return sorted(steps - {url for release in VERSIONS if release != "r5" for url in definitions(release).extensions})


def value_sets(one: Part) -> set[str]:
    """The value sets of its bindings, and of its parts' ones."""
    return {one.bound, one.extensible}.union(*map(value_sets, one.parts.values())) - {""}


def of_r5(one: SomePart) -> SomePart:
    """The same, with value sets of R5 by version: another release may have others under these addresses."""
    return replace(one, bound=versioned(one.bound), extensible=versioned(one.extensible),
                   parts={name: of_r5(inner) for name, inner in one.parts.items()})


def versioned(url: str) -> str:
    """The address of R5's value set."""
    return f"{url}|{R5.version}" if url else ""


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes mappings/definitions/extensions.json from the mapping tables and R5.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is not current")
    content = made()
    if not parser.parse_args().check:
        PATH.write_bytes(content)
    elif PATH.read_bytes() != content:
        sys.exit(f"{PATH} is not what the tables give; run python -m tools.extensions")


if __name__ == "__main__":
    main()
