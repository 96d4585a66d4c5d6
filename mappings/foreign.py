"""What others write of a study, read into a Trial as far as it goes; rows that are only read.

Where a study says a thing in our own spelling, that counts; these rows fill what is then still missing.  What no row
understands is reported as lost, by its path.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from converter.codec import Codec, Picked, each, expect
from converter.place import Entries, Home, matches
from converter.registries import registry_of
from converter.rows import also, in_r4, in_r5
from converter.table import mapping
from converter.trial import Contact, Identifier, Milestone, Official, Organization
from converter.visit import MISSING, Visit
from mappings import terms
from mappings.concepts import concept
from mappings.datatypes import FIELD, date_time, row, string
from mappings.identity import RECORD
from mappings.links import name_behind
from mappings.parts import MESH_SIGN
from mappings.people import OFFICIAL, TELECOM
from mappings.study_codecs import Registered


class as_part(Codec, frozen=True):
    """A value that is one field of a part: the start of a period is the date of a Milestone."""

    make: Callable[..., Any]
    field: str
    inner: Codec

    def read(self, tree: Any, visit: Visit) -> Any:
        value = self.inner.read(tree, visit)
        return value if value is MISSING else self.make(**{self.field: value})


class where(Codec, frozen=True):
    """Entries that carry one of several signs, and not another one."""

    signs: tuple[Any, ...]
    inner: Any
    but: Any = None

    def read(self, tree: Any, visit: Visit) -> Any:
        if self.but is not None and matches(self.but, tree):
            return MISSING
        return self.inner.read(tree, visit) if any(matches(sign, tree) for sign in self.signs) else MISSING


def registry_number(identifier: Any) -> str | None:
    """The value of an identifier, when its form is that of a registry's number and it is not one of our marked ones."""
    value = identifier.get("value") if isinstance(identifier, dict) else None
    return value if isinstance(value, str) and registry_of(value) and identifier.get("use") not in OURS else None


def own_number(identifiers: list[Any]) -> tuple[int | None, Any]:
    """Which identifier is the trial's own number, and the number: an official one as we spell it, else the first of a registry."""
    for index, entry in enumerate(identifiers):
        if isinstance(entry, dict) and entry.get("use") == "official":
            number = Registered("official").read(entry, Visit())
            if number is not MISSING:
                return index, number
    found = [index for index, entry in enumerate(identifiers) if registry_number(entry)]
    chosen = next((index for index in found if identifiers[index].get("use") == "official"), found[0] if found else None)
    return chosen, MISSING if chosen is None else identifiers[chosen]["value"]


class RegistryNumber(Codec, frozen=True):
    """The trial's own number, an official one before others."""

    def read(self, tree: Any, visit: Visit) -> Any:
        return own_number(tree)[1]


class OtherNumbers(Codec, frozen=True):
    """The identifiers that are neither the trial's number nor marked as ours."""

    inner: Any

    def read(self, tree: Any, visit: Visit) -> Any:
        chosen, number = own_number(tree)
        others = [(i, entry) for i, entry in enumerate(tree) if isinstance(entry, dict) and entry.get("use") not in OURS
                  and entry.get("system") != RECORD and i != chosen and (entry.get("value") != number or number is MISSING)]
        return each(self.inner).read(Picked(others), visit) if others else MISSING


class NameBehind(Codec, frozen=True):
    """The name of what a reference leads to: of the resource, or what the reference shows."""

    def read(self, tree: Any, visit: Visit) -> Any:
        return name_behind(expect(dict, tree), visit) or MISSING


class StateOnly(Codec, frozen=True):
    """R4's status as a word, where it is one that tells something."""

    def read(self, tree: Any, visit: Visit) -> Any:
        return next((word for word, code in terms.R4_STATES.items() if code == tree), MISSING)


class Investigator(Codec, frozen=True):
    """The principal investigator as the one official."""

    def read(self, tree: Any, visit: Visit) -> Any:
        name = NameBehind().read(tree, visit)
        return name if name is MISSING else (Official(name=name, role="Principal Investigator"),)


IDENTIFIER = mapping(Identifier,
    row("kind",         "type.text",            string),
    row("value",        "value",                string),
    row("issuer",       "assigner.display",     string),
    partial=True,
)
CONTACT = mapping(Contact,
    row("name",         "name",                 string),
    *TELECOM,
    partial=True,
)
OURS = ("old", "usual", "secondary")
"""The uses by which we tell identifiers apart."""
ROLES = tuple({"role": {"coding": [{"code": code}]}} for code in terms.OFFICIAL.values())

STUDY = (
    also("id",              Entries(Home("identifier")),        RegistryNumber()),
    also("secondary_ids",   Entries(Home("identifier")),        OtherNumbers(IDENTIFIER)),
    also("conditions",      Entries(Home("condition")),         each(where(({},), concept, MESH_SIGN))),
    also("start",           "period.start",                     as_part(Milestone, "date", date_time)),
    also("completion",      "period.end",                       as_part(Milestone, "date", date_time)),
    in_r4(also("status",    "status",                           StateOnly())),
    in_r4(also("sponsor",   "sponsor",                          as_part(Organization, "name", NameBehind()))),
    in_r4(also("contacts",  Entries(Home("contact")),           each(CONTACT))),
    in_r4(also("officials", "principalInvestigator",            Investigator())),
    in_r5(also("officials", Entries(Home("associatedParty")),   each(where(ROLES, OFFICIAL, {"role": {"coding": [{"system": FIELD}]}})))),
)
