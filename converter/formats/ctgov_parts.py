"""Parts of a Trial <-> parts of a ClinicalTrials.gov study, API version 2      https://clinicaltrials.gov/data-api/about-api

Read a row as: field of the part, member of the study's object, how the value is spelled.
"""

from converter import words
from converter.codec import each, flag, integer, number, text, word
from converter.rows import passed_over, row
from converter.table import mapping
from converter.trial import (
    Arm,
    AvailableData,
    BrowseBranch,
    BrowseLeaf,
    Contact,
    Document,
    Enrollment,
    Identifier,
    Intervention,
    Link,
    MeshTerm,
    Milestone,
    Official,
    Organization,
    Outcome,
    Position,
    Publication,
    ResponsibleParty,
    Retraction,
    Site,
    Submission,
    UnpostedEvent,
    Violation,
)

status = word(words.STATUS)

IDENTIFIER = mapping(Identifier,
    row("value",            "id",                           text),
    row("kind",             "type",                         word(words.ID_KIND)),
    row("issuer",           "domain",                       text),
    row("link",             "link",                         text),
)
MILESTONE = mapping(Milestone,
    row("date",             "date",                         text),
    row("kind",             "type",                         word(words.DATE_KIND)),
)
SPONSOR = mapping(Organization,
    row("name",             "name",                         text),
    row("kind",             "class",                        word(words.AGENCY)),
)
ORGANIZATION = mapping(Organization,
    row("name",             "fullName",                     text),
    row("kind",             "class",                        word(words.AGENCY)),
)
RESPONSIBLE_PARTY = mapping(ResponsibleParty,
    row("kind",             "type",                         word(words.RESPONSIBLE)),
    row("name",             "investigatorFullName",         text),
    row("title",            "investigatorTitle",            text),
    row("affiliation",      "investigatorAffiliation",      text),
    row("old_name_title",   "oldNameTitle",                 text),
    row("old_organization", "oldOrganization",              text),
)
ENROLLMENT = mapping(Enrollment,
    row("count",            "count",                        integer),
    row("kind",             "type",                         word(words.DATE_KIND)),
)
ARM = mapping(Arm,
    row("name",             "label",                        text),
    row("kind",             "type",                         word(words.ARM_KIND)),
    row("description",      "description",                  text),
    row("interventions",    "interventionNames",            each(text)),
)
INTERVENTION = mapping(Intervention,
    row("kind",             "type",                         word(words.INTERVENTION_KIND)),
    row("name",             "name",                         text),
    row("description",      "description",                  text),
    row("arms",             "armGroupLabels",               each(text)),
    row("other_names",      "otherNames",                   each(text)),
    passed_over("interventionMappedName",                   "is a field of the 2023 beta that the registry dropped"),
)
OUTCOME = mapping(Outcome,
    row("measure",          "measure",                      text),
    row("description",      "description",                  text),
    row("time_frame",       "timeFrame",                    text),
)
CONTACT = mapping(Contact,
    row("name",             "name",                         text),
    row("role",             "role",                         word(words.ROLE)),
    row("phone",            "phone",                        text),
    row("phone_ext",        "phoneExt",                     text),
    row("email",            "email",                        text),
)
OFFICIAL = mapping(Official,
    row("name",             "name",                         text),
    row("affiliation",      "affiliation",                  text),
    row("role",             "role",                         word(words.ROLE)),
)
POSITION = mapping(Position,
    row("latitude",         "lat",                          number),
    row("longitude",        "lon",                          number),
)
SITE = mapping(Site,
    row("facility",         "facility",                     text),
    row("status",           "status",                       status),
    row("city",             "city",                         text),
    row("state",            "state",                        text),
    row("zip",              "zip",                          text),
    row("country",          "country",                      text),
    row("contacts",         "contacts",                     each(CONTACT)),
    row("position",         "geoPoint",                     POSITION),
)
PUBLICATION = mapping(Publication,
    row("pmid",             "pmid",                         text),
    row("kind",             "type",                         word(words.PUBLICATION_KIND)),
    row("citation",         "citation",                     text),
    row("retractions",      "retractions",                  each(mapping(Retraction,
        row("pmid",         "pmid",                         text),
        row("source",       "source",                       text),
    ))),
)
LINK = mapping(Link,
    row("label",            "label",                        text),
    row("url",              "url",                          text),
)
AVAILABLE_DATA = mapping(AvailableData,
    row("id",               "id",                           text),
    row("kind",             "type",                         text),
    row("url",              "url",                          text),
    row("comment",          "comment",                      text),
)
DOCUMENT = mapping(Document,
    row("kind",             "typeAbbrev",                   text),
    row("has_protocol",     "hasProtocol",                  flag),
    row("has_analysis_plan", "hasSap",                      flag),
    row("has_consent_form", "hasIcf",                       flag),
    row("label",            "label",                        text),
    row("date",             "date",                         text),
    row("uploaded",         "uploadDate",                   text),
    row("filename",         "filename",                     text),
    row("size",             "size",                         integer),
)
UNPOSTED_EVENT = mapping(UnpostedEvent,
    row("kind",             "type",                         word(words.UNPOSTED_EVENT)),
    row("date",             "date",                         text),
    row("date_unknown",     "dateUnknown",                  flag),
)
VIOLATION = mapping(Violation,
    row("kind",             "type",                         word(words.VIOLATION_KIND)),
    row("description",      "description",                  text),
    row("created",          "creationDate",                 text),
    row("issued",           "issuedDate",                   text),
    row("released",         "releaseDate",                  text),
    row("posted",           "postedDate",                   text),
)
SUBMISSION = mapping(Submission,
    row("released",         "releaseDate",                  text),
    row("unreleased",       "unreleaseDate",                text),
    row("unreleased_unknown", "unreleaseDateUnknown",       flag),
    row("reset",            "resetDate",                    text),
    row("major_comments",   "mcpReleaseN",                  integer),
)
MESH_TERM = mapping(MeshTerm,
    row("id",               "id",                           text),
    row("term",             "term",                         text),
)
BROWSE_LEAF = mapping(BrowseLeaf,
    row("id",               "id",                           text),
    row("name",             "name",                         text),
    row("as_found",         "asFound",                      text),
    row("relevance",        "relevance",                    word(words.RELEVANCE)),
)
BROWSE_BRANCH = mapping(BrowseBranch,
    row("abbreviation",     "abbrev",                       text),
    row("name",             "name",                         text),
)

