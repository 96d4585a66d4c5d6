"""People, organisations and sites <-> parties and sites of a ResearchStudy    https://hl7.org/fhir/R5/researchstudy.html

What a party or a site says of itself is contained in the study; the study's element says its role.
"""

from __future__ import annotations

from typing import Any

from converter.codec import Codec, coded, each, expect, inside, only
from converter.place import Entries, Home
from converter.rows import Numbered, also, constant, derived, part
from converter.table import mapping
from converter.trial import Contact, Official, Organization, Position, ResponsibleParty, Site
from converter.visit import MISSING, Beside, Visit
from mappings import terms
from mappings.concepts import coding, concept, concept_of, tagged
from mappings.datatypes import FIELD, UNKNOWN, decimal, kept, row, string
from mappings.extensions import DATATYPE, Said, cross, hl7, own
from mappings.links import by_field, link, whole

RESPONSIBLE = {"coding": [coding(FIELD, "responsible-party")]}
OFFICIAL_ROLE = {"coding": [coding(FIELD, "official")]}


def name_of(party: Any) -> str | None:
    return party.name  # type: ignore[no-any-return]


class Shown(Codec, frozen=True):
    """What a reference shows that leads nowhere."""

    def read(self, tree: Any, visit: Visit) -> Any:
        shown = expect(dict, tree).get("display")
        return shown if isinstance(shown, str) and "reference" not in tree else MISSING


def role(code: str) -> dict[str, Any]:
    """The sign of a party with a role of its own."""
    return {"role": {"coding": [coding(terms.ROLE_SYSTEM, code)]}}


def organization(prefix: str) -> Any:
    """A sponsor or collaborator: an organisation, contained."""
    return mapping(Organization,
        derived("name",                                         name_of),
        row("kind",             Entries(Home("classifier")),    only(concept_of(terms.AGENCY, (terms.AGENCY_SYSTEM,)))),
        part("party", link(prefix, mapping(Organization,
            constant("resourceType",                            "Organization"),
            derived("id",                                       Numbered(f"{prefix}-")),
            row("name",         "name",                         string),
            partial=True,
        ), ("name",))),
        also("name",            "name",                         string),
    )


PHONE = mapping(Contact,
    row("phone_ext",            Entries(hl7("contactpoint-extension", "String")), only(string)),
    row("phone",                "value",                        string),
    partial=True,
)
TELECOM = (
    part(Entries(Home("telecom"), {"system": "phone"}),         PHONE),
    row("email",                Entries(Home("telecom"), {"system": "email"}), only(inside("value", string))),
)
NAME = row("name",              Entries(Home("name")),          only(inside("text", string)))

CONTACT = mapping(Contact,
    derived("name",                                             name_of),
    row("role",                 Entries(Home("classifier")),    only(concept)),
    part("party", link("contact", mapping(Contact,
        constant("resourceType",                                "Practitioner"),
        derived("id",                                           Numbered("contact-")),
        NAME,
        *TELECOM,
        partial=True,
    ), ("name",))),
    also("name",                "name",                         string),
)
OFFICIAL = mapping(Official,
    derived("name",                                             name_of),
    row("role",                 "role",
        tagged("official", codes=terms.OFFICIAL, system=terms.ROLE_SYSTEM, others=terms.ROLE_SYSTEMS),          needed=OFFICIAL_ROLE),
    part("party", link("official", mapping(Official,
        constant("resourceType",                                "PractitionerRole"),
        derived("id",                                           Numbered("official-")),
        row("name",             "practitioner.display",         string),
        row("affiliation",      "organization.display",         string),
        partial=True,
    ), ("name", "affiliation"))),
    also("name",                "name",                         string),
    also("affiliation",         "party",                        Shown()),
)
RESPONSIBLE_PARTY = mapping(ResponsibleParty,
    derived("name",                                             name_of),
    row("kind",                 "role",
        tagged("responsible-party", codes=terms.RESPONSIBLE, system=terms.ROLE_SYSTEM),                         needed=RESPONSIBLE),
    part("party", link("responsible", mapping(ResponsibleParty,
        constant("resourceType",                                "PractitionerRole"),
        derived("id",                                           Numbered("responsible-")),
        row("old_name_title",   Entries(own("old-name-title", "String", "PractitionerRole")), only(string)),
        row("old_organization", Entries(own("old-organization", "String", "PractitionerRole")), only(string)),
        row("name",             "practitioner.display",         string),
        row("affiliation",      "organization.display",         string),
        row("title",            Entries(Home("code")),          only(concept)),
        partial=True,
    ), ("name", "old_name_title", "affiliation", "old_organization"))),
)

CONTACT_SHAPE = {
    DATATYPE: Said("String", "ExtendedContactDetail"), "purpose": "CodeableConcept", "name": ["HumanName"],
    "telecom": ["ContactPoint"], "address": "Address", "organization": "Reference", "period": "Period",
}
SITE_CONTACT = mapping(Contact,
    row("role",                 "purpose",                      concept),
    NAME,
    *TELECOM,
)
POSITION = mapping(Position,
    row("longitude",            "longitude",                    decimal,        needed=Beside(UNKNOWN)),
    row("latitude",             "latitude",                     decimal,        needed=Beside(UNKNOWN)),
)


def location(*rows: Any) -> Any:
    """A site, without its status."""
    return mapping(Site,
        constant("resourceType",                                "Location"),
        derived("id",                                           Numbered("loc-")),
        *rows,
        row("facility",         "name",                         string),
        row("city",             "address.city",                 string),
        row("state",            "address.state",                string),
        row("zip",              "address.postalCode",           string),
        row("country",          "address.country",              string),
        row("position",         "position",                     POSITION),
        row("contacts",         Entries(Home("contact")),       each(SITE_CONTACT), r4=Entries(cross("Location.contact", CONTACT_SHAPE))),
        partial=True,
    )


SHOWN = ("facility", "city", "state", "country")
LOCATION = link("loc", location(), SHOWN)
SITE = by_field(Site, "status",
    present=link("site", mapping(Site,
        constant("resourceType",                                "ResearchStudy"),
        derived("id",                                           Numbered("site-")),
        constant("partOf",                                      [{"reference": "#", "display": "This study"}]),
        constant("status",                                      "active"),
        part(Entries(Home("site")),                             LOCATION),
        row("status",           Entries(Home("progressStatus")), only(inside("state", concept_of(terms.STATUS, terms.STATUS_SYSTEM)))),
        partial=True,
    ), SHOWN),
    absent=LOCATION,
)
"""R5: a site with a status is a study of its own, part of this one, at one place."""
R4_SITE = whole(Site, link("loc", location(
    row("status",               Entries(own("site-status", "Code", "Location")), only(kept(coded(terms.SITE_STATUS)))),
), SHOWN))
