"""The search parameters by which a server finds our studies          https://hl7.org/fhir/R5/searchparameter.html

Sponsor, parties, sites and interventions are contained in a study or in its protocol, and as a rule a server indexes nothing
of what is contained (https://hl7.org/fhir/R4/search.html#contained).  These expressions lead there; a server evaluates them on
what is written after it has them.  They keep to `ofType` and `where`: where an expression fails, it refuses the whole write.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from mappings.datatypes import BASE, OWN
from mappings.extensions import CROSS, own_address
from mappings.identity import full_url, quoted

PARTY = CROSS + "ResearchStudy.associatedParty"
ACTIVITY = "PlanDefinition.contained.ofType(ActivityDefinition)"
NAMES_OF_ACTIVITIES = f"{ACTIVITY}.title | {ACTIVITY}.extension.where(url = '{OWN}other-name').value"
URI = "urn:ietf:rfc:3986"
"""The system of an identifier that is an address."""


class Parameter(Struct, frozen=True):
    """A search parameter: its code in a search, what it finds, in which resources, and by which FHIRPath.

    All are of type string: a search by the beginning of the text, whatever its case and accents
    (https://hl7.org/fhir/R5/search.html#string).  `r4` is the expression of R4 and R4B, where theirs is another.
    """

    code: str
    description: str
    base: tuple[str, ...]
    r5: str
    r4: str = ""

    def expression(self, release: str) -> str:
        return self.r5 if release == "r5" else self.r4 or self.r5


PARAMETERS = (
    Parameter("sponsor-name", "The name of the lead sponsor of the study.", ("ResearchStudy",),
              r5="ResearchStudy.associatedParty.where(role.coding.where(code = 'lead-sponsor').exists()).name",
              r4="ResearchStudy.sponsor.display"),
    Parameter("party-name", "The name of a party to the study: sponsor, collaborator, responsible party, official or contact.",
              ("ResearchStudy",),
              r5="ResearchStudy.associatedParty.name",
              r4=f"ResearchStudy.extension.where(url = '{PARTY}' or url = '{own_address(PARTY)}').extension.where(url = 'name').value"),
    Parameter("site-name", "The name of a site of the study; of a site without a name, its place.", ("ResearchStudy",),
              r5="ResearchStudy.site.display"),
    Parameter("site-city", "The city of a site of the study.", ("ResearchStudy",),
              r5="ResearchStudy.contained.ofType(Location).address.city"),
    Parameter("drug", "A drug or other intervention, by its name; in the study by its MeSH term too, in the protocol by its other names.",
              ("ResearchStudy", "PlanDefinition"),
              r5=f"ResearchStudy.focus.concept.coding.display | {NAMES_OF_ACTIVITIES}",
              r4=f"ResearchStudy.focus.coding.display | {NAMES_OF_ACTIVITIES}"),
)


def search_parameters(release: str) -> list[dict[str, Any]]:
    """The SearchParameter resources for a server of "r4", "r4b" or "r5", always in the same order."""
    return [search_parameter(one, release) for one in PARAMETERS]


def search_parameter(one: Parameter, release: str) -> dict[str, Any]:
    """The parameter as a resource.  R5 demands a processing mode beside an expression (spd-1), R4 and R4B have none."""
    return {
        "resourceType": "SearchParameter",
        "id": one.code,
        "url": f"{BASE}SearchParameter/{one.code}",
        "name": "".join(part.capitalize() for part in one.code.split("-")),
        "status": "active",
        "experimental": False,
        "publisher": "trialbridge",
        "description": one.description,
        "code": one.code,
        "base": list(one.base),
        "type": "string",
        "expression": one.expression(release),
        **({"processingMode": "normal"} if release == "r5" else {}),
    }


def search_bundle(release: str) -> dict[str, Any]:
    """A transaction after which a server of "r4", "r4b" or "r5" has the search parameters once, however often it is sent.

    Each is a conditional update by its address (https://hl7.org/fhir/R5/http.html#cond-update).  None brings an id: a server
    that already has the parameter under another one would refuse it.
    """
    entries = []
    for resource in search_parameters(release):
        del resource["id"]
        address = resource["url"]
        entries.append({"fullUrl": full_url("SearchParameter", URI, address), "resource": resource,
                        "request": {"method": "PUT", "url": f"SearchParameter?url={quoted(address)}"}})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}
