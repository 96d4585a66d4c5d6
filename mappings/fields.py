"""Every field of a Trial: its place in ClinicalTrials.gov's study, in FHIR R5 and in R4, and what carries it there.

Read off the tables, for people and for programs.  `python -m mappings.fields` renews docs/fields.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from msgspec import Struct

from converter.json_text import encode, indented
from converter.registries import FORMS
from mappings.identity import RECORD, SID
from mappings.places import found_in, parts

FILE = Path(__file__).parents[1] / "docs" / "fields.md"
RELEASES = {None: ("r5", "r4"), "r5": ("r5",), "r4": ("r4",), "r4b": ("r4",)}
"""What to show: both dialects, or one; R4B is as R4."""
SHARED = "protocolSection."
"""The section of ClinicalTrials.gov's study that its sponsor writes; the registry adds the others."""


class Place(Struct, frozen=True):
    """Where a release keeps a field, and what carries it: native, cross-version or own."""

    place: str
    carrier: str


class Field(Struct, frozen=True, omit_defaults=True):
    """A field of the Trial or of one of its parts; `leaf` when it is a single value or a list of such."""

    field: str
    description: str
    leaf: bool
    ctgov: str | None = None
    r5: Place | None = None
    r4: Place | None = None

    @property
    def places(self) -> Iterator[tuple[str, Place]]:
        """The releases that are told, by their names for people, each with the place."""
        yield from ((name.upper(), there) for name, there in (("r5", self.r5), ("r4", self.r4)) if there)


def said(part: str = "Trial", outer: str = "") -> Iterator[tuple[str, str]]:
    """Every field below the part, in the Trial's order, with what the Trial says of it."""
    for name, field in parts()[part]["properties"].items():
        target = field.get("items", field).get("$ref", "").rpartition("/")[2]
        path = outer + name + "[]" * (field.get("type") == "array")
        yield path, field.get("description") or (parts()[target]["description"].rstrip(".") if target else "")
        if target:
            yield from said(target, path + ".")


def fields(release: str | None = None) -> list[Field]:
    """Every field, in the Trial's order, with its place in that release (r5, r4, r4b); in R5 and in R4 without one."""
    dialects = RELEASES[release]
    owned = {dialect: {found.field: found for found in found_in(dialect)} for dialect in (*dialects, "ctgov")}
    made = []
    for path, description in said():
        source = owned["ctgov"].get(path)
        places = {dialect: Place(owned[dialect][path].place, owned[dialect][path].carrier) for dialect in dialects}
        made.append(Field(path, description, owned[dialects[0]][path].leaf, source.place if source else None, **places))
    return made


def own_share(release: str) -> float:
    """The share of the protocol section of ClinicalTrials.gov, by its leaf paths, that extensions of ours carry."""
    carriers = [there.carrier for one in fields(release) if one.leaf and (one.ctgov or "").startswith(SHARED) for _, there in one.places]
    return carriers.count("own") / len(carriers)


def as_json(release: str | None = None) -> bytes:
    """The fields as a JSON list, for programs."""
    return indented(encode(fields(release)))


def as_table(release: str | None = None) -> str:
    """The fields as lines for a terminal, three columns and the place; one line where the releases agree."""
    lines = [("FIELD", "RELEASE", "CARRIER", "PLACE")]
    for one in fields(release):
        name = one.field
        for there, group in groupby(one.places, key=lambda pair: pair[1]):
            lines.append((name, " ".join(release for release, _ in group), there.carrier, there.place))
            name = ""
    widths = [max(len(line[n]) for line in lines) for n in range(3)]
    return "".join(f"{'  '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=False))}  {line[3]}\n" for line in lines)


HEAD = """# Fields

Every field of a trial, where ClinicalTrials.gov has it, and where FHIR R5 and R4 keep it (R4B is as R4).
Made from the mapping tables by `python -m mappings.fields`; `trialbridge fields` shows the same.

A place is read like FHIRPath: `identifier(official)` is the entry with that sign, `extension(…)` the extension of that
name (its value, or its part), `contained(Location)` the contained resource that the element of the whole part, in the
first line of its section, refers to.
A carrier is **native** (an element of the release), **cross-version** (an extension that HL7 defines: R5's elements in
R4, and what it defines for all releases) or **own** (an extension of ours; `trialbridge profiles` writes its definition).

Of the protocol section of ClinicalTrials.gov's study, {r5:.1%} of the leaf paths are carried by own extensions in R5, and
{r4:.1%} in R4.
"""


def code(text: str | None) -> str:
    """The text as a cell of code."""
    return " or ".join(f"`{part}`" for part in text.split(" or ")) if text else ""


def table(rows: list[Field]) -> str:
    """The fields as a table."""
    ends = [cell for name, _ in rows[0].places for cell in (name, "carrier")]
    lines = [["Field", "What it is", "ClinicalTrials.gov", *ends], ["---"] * (3 + len(ends))]
    for one in rows:
        ends = [cell for _, there in one.places for cell in (code(there.place), there.carrier)]
        lines.append([f"`{one.field}`", one.description, code(one.ctgov), *ends])
    return "\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def systems() -> Iterator[tuple[str, str]]:
    """Identifier systems that we write, each with whose numbers it holds."""
    yield from {form.system: form.name for _, form in reversed(FORMS) if not form.system.endswith("/ictrp")}.items()
    yield f"{SID}ictrp", "Numbers as the WHO's ICTRP spells them"
    yield f"{SID}registration-number", "Numbers that no known registry gives"
    yield RECORD, "Records without a number: a hash of format, title and sponsor"
    yield f"{SID}protocol", "PlanDefinitions: the number of their study"
    yield f"{SID}eligibility", "Groups: the number of their study"


def as_markdown(release: str | None = None) -> str:
    """The fields as a page: the Trial's own, a section for each part, and the identifier systems."""
    told = fields(release)
    page = [HEAD.format(r5=own_share("r5"), r4=own_share("r4")), "\n## Trial\n", table([one for one in told if "." not in one.field])]
    for name, group in groupby(told, key=lambda one: one.field.partition(".")[0]):
        if len(rows := list(group)) > 1:
            page += [f"\n## {name}\n", table(rows)]
    page += ["\n## Identifier systems\n\n| System | Numbers |\n| --- | --- |\n"]
    page += [f"| `{system}` | {whose} |\n" for system, whose in sorted(systems())]
    return "".join(page)


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(as_markdown(), encoding="utf-8")
