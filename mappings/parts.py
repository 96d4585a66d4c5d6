"""Parts of a Trial <-> elements of a ResearchStudy                 https://hl7.org/fhir/R5/researchstudy.html

Read a row as: field of the part, element, how the value is spelled.  `r4=` is what R4 and R4B do instead; a row without
it is the same in all three.  An element that R4 lacks is packed into HL7's cross-version extension as a whole.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from converter.codec import Codec, coded, each, expect, inside, only
from converter.place import ABSENT, Entries, Home
from converter.registries import registry_of
from converter.rows import Numbered, constant, derived, in_r4, in_r5, part
from converter.table import mapping
from converter.trial import (
    Arm,
    AvailableData,
    BrowseBranch,
    BrowseLeaf,
    Document,
    Identifier,
    Link,
    MeshTerm,
    Milestone,
    Outcome,
    Publication,
    Retraction,
    Submission,
    UnpostedEvent,
    Violation,
)
from converter.visit import MISSING, Beside, Refused, Visit
from mappings import terms
from mappings.concepts import coding, concept, concept_of
from mappings.datatypes import (
    DATA_ABSENT,
    UNKNOWN,
    boolean,
    code,
    date_,
    date_time,
    kept,
    markdown,
    row,
    size,
    string,
    unsigned,
    url,
)
from mappings.extensions import CROSS, Apart, cross, own, own_address

PROTOCOL_NUMBER = [{**coding("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "C132351"), "display": "Sponsor Protocol Identifier"}]


class Coded(Struct, frozen=True):
    """The concept of one code, whose system R5 moved."""

    systems: tuple[str, ...]
    code: str
    text: str = ""

    def on(self, dialect: str) -> dict[str, Any]:
        system = self.systems[0] if dialect == "r5" else self.systems[-1]
        return {"coding": [coding(system, self.code)], **({"text": self.text} if self.text else {})}


class Artifact(Struct, frozen=True):
    """The type of a related artifact; where R4 has no such code, the nearest, and R5's beside it."""

    r5: str
    r4: str

    def on(self, dialect: str) -> dict[str, Any]:
        if dialect == "r5":
            return {"type": self.r5}
        if self.r4 == self.r5:
            return {"type": self.r4, "_type": ABSENT}
        address = CROSS + "RelatedArtifact.type"
        address = own_address(address) if dialect == "r4-own" else address
        return {"type": self.r4, "_type": {"extension": [{"url": address, "valueCode": self.r5}]}}


class Published(Struct, frozen=True):
    """Beside R4's status: what R5's status says, that the record is published and in use."""

    def on(self, dialect: str) -> dict[str, Any]:
        address = CROSS + "ResearchStudy.status"
        return {"extension": [{"url": own_address(address) if dialect == "r4-own" else address, "valueCode": "active"}]}


class NotReported(Codec, frozen=True):
    """A date that the source says was not reported: a data-absent-reason beside the date."""

    def write(self, value: Any, visit: Visit) -> Any:
        if value is not True:
            raise Refused("expected true, or nothing")
        return UNKNOWN

    def read(self, tree: Any, visit: Visit) -> Any:
        found = [e for e in expect(list, expect(dict, tree).get("extension", [])) if isinstance(e, dict) and e.get("url") == DATA_ABSENT]
        return True if found else MISSING

    def inward(self, m: Any, e: str) -> str:
        return f"(True if {e} == {m.name(UNKNOWN)} else bad())"


def milestone(end: str) -> Any:
    """A date and whether it has happened, in a state of the study's progress; at the start or the end of its period."""
    return mapping(Milestone,
        row("date",             f"period.{end}",                date_time),
        row("not_reported",     f"period._{end}",               NotReported()),
        row("kind",             "actual",                       kept(coded({"Actual": True, "Estimated": False}))),
    )


STARTS, ENDS = milestone("start"), milestone("end")


def identifier_system(number: Identifier) -> str | None:
    """The system of a number whose form shows the registry that gave it."""
    registry = registry_of(number.value) if number.value else None
    return registry.system if registry else None


def identifier(*rows: Any) -> Any:
    """A number that somebody gave the trial."""
    return mapping(Identifier, *rows,
        derived("system",                                       identifier_system),
        row("kind",             "type.text",                    string),
        row("value",            "value",                        string),
        row("issuer",           "assigner.display",             string),
        row("link",             Entries(own("identifier-link", "Url", "Identifier")), only(url)),
    )


PROTOCOL_ID = identifier(constant("type.coding", PROTOCOL_NUMBER))
SECONDARY_ID = identifier()

MESH = mapping(MeshTerm,
    constant("system",                                          terms.MESH_SYSTEM),
    row("id",                   "code",                         code),
    row("term",                 "display",                      string),
)
MESH_SIGN = {"coding": [{"system": terms.MESH_SYSTEM}]}
EXPOSURE = "ResearchStudy.comparisonGroup.intendedExposure"
ARM = mapping(Arm,
    in_r5(derived("linkId",                                     Numbered("arm-"))),
    in_r4(derived(Entries(cross("ResearchStudy.comparisonGroup.linkId", "Id", "ResearchStudy.arm")), Numbered("arm-"))),
    row("name",                 "name",                         string,         needed=Beside(UNKNOWN)),
    row("kind",                 "type",                         concept_of(terms.ARM, terms.ARM_SYSTEM)),
    row("description",          "description",                  markdown),
    row("interventions",        Entries(Home("intendedExposure")), each(inside("display", string)),
                                                                r4=Entries(cross(EXPOSURE, "Reference", "ResearchStudy.arm"))),
)
OUTCOME = mapping(Outcome,
    row("measure",              "name",                         string),
    row("description",          "description",                  markdown),
    row("time_frame",           Entries(own("time-frame", "String", "ResearchStudy.outcomeMeasure")), only(string)),
)


def pubmed_page(publication: Publication) -> str | None:
    """The web page of the publication, where its number is one."""
    return f"{terms.PUBMED}/{publication.pmid}" if publication.pmid and publication.pmid.isascii() and publication.pmid.isdigit() else None


PUBMED_ID = inside("identifier", inside("value", string, said={"system": terms.PUBMED}))
PUBLICATION = mapping(Publication,
    row("retractions",          Entries(own("retraction", {"pmid": "String", "source": "String"}, "RelatedArtifact")),
        each(mapping(Retraction,
            row("pmid",         "pmid",                         string),
            row("source",       "source",                       string),
        ))),
    row("kind",                 Entries(Home("classifier")),    only(concept),
                                                                r4=Entries(cross("RelatedArtifact.classifier", "CodeableConcept"))),
    row("citation",             "citation",                     markdown),
    row("pmid",                 "resourceReference",            PUBMED_ID,
        r4=(Entries(cross("RelatedArtifact.resourceReference", "Reference")), only(PUBMED_ID))),
    in_r4(derived("url",                                        pubmed_page)),
)
LINK = mapping(Link,
    row("label",                "document.title",               string),
    row("url",                  "document.url",                 url),
)
AVAILABLE_DATA = mapping(AvailableData,
    row("id",                   "label",                        string),
    row("comment",              "display",                      string),
    row("kind",                 "document.title",               string),
    row("url",                  "document.url",                 url),
)
DOCUMENT_SHAPE = {"hasProtocol": "Boolean", "hasAnalysisPlan": "Boolean", "hasConsentForm": "Boolean", "uploaded": "String"}


def content_type(document: Document) -> str | None:
    """The type that the file's name shows (RFC 2046)."""
    return "application/pdf" if document.filename and document.filename.lower().endswith(".pdf") else None


DOCUMENT = mapping(Document,
    part(Entries(own("document", DOCUMENT_SHAPE, "RelatedArtifact")), mapping(Document,
        row("has_protocol",     "hasProtocol",                  boolean),
        row("has_analysis_plan", "hasAnalysisPlan",             boolean),
        row("has_consent_form", "hasConsentForm",               boolean),
        row("uploaded",         "uploaded",                     string),
        partial=True,
    )),
    row("kind",                 "label",                        string),
    row("label",                "display",                      string),
    derived("document.contentType",                             content_type),
    row("filename",             "document.title",               string),
    row("date",                 "document.creation",            date_time),
    row("size",                 Apart("document.size"),         kept(size()),     r4=(Apart("document.size"), unsigned)),
)
UNPOSTED_EVENT = mapping(UnpostedEvent,
    row("kind",                 "kind",                         string),
    row("date",                 "date",                         date_),
    row("date_unknown",         "dateUnknown",                  boolean),
)
VIOLATION = mapping(Violation,
    row("kind",                 "kind",                         string),
    row("description",          "description",                  string),
    row("created",              "created",                      date_),
    row("issued",               "issued",                       date_),
    row("released",             "released",                     date_),
    row("posted",               "posted",                       date_),
)
SUBMISSION = mapping(Submission,
    row("released",             "released",                     date_),
    row("unreleased",           "unreleased",                   date_),
    row("unreleased_unknown",   "unreleasedUnknown",            boolean),
    row("reset",                "reset",                        date_),
    row("major_comments",       "majorComments",                unsigned),
)
COMMENTS_POSTED = mapping(Milestone,
    row("date",                 "date",                         date_),
    row("kind",                 "kind",                         string),
    row("not_reported",         "notReported",                  boolean),
)
LEAF = mapping(BrowseLeaf,
    row("id",                   "id",                           string),
    row("name",                 "name",                         string),
    row("as_found",             "asFound",                      string),
    row("relevance",            "relevance",                    string),
)
BRANCH = mapping(BrowseBranch,
    row("abbreviation",         "abbreviation",                 string),
    row("name",                 "name",                         string),
)
