"""Trial <-> ResearchStudy                                        https://hl7.org/fhir/R5/researchstudy.html

Read a row as: field of Trial, element of ResearchStudy in R5, how the value is spelled.
`r4=` is what R4 and R4B do instead.  A row without it is the same in all three.
"""

from __future__ import annotations

from typing import Any

from converter.codec import Codec, each, inside, only
from converter.place import ABSENT, Entries, Home, Members
from converter.rows import constant, derived, in_r4, in_r5, part, told
from converter.table import mapping
from converter.trial import Trial
from mappings import foreign, narrative, terms
from mappings import study_facts as facts
from mappings.concepts import coding, concept, concept_of, tagged
from mappings.datatypes import FIELD, date_time, digits, element, markdown, row, string, yes_no
from mappings.extensions import cross, hl7, newer, scalar
from mappings.identity import source_of
from mappings.parts import (
    ARM,
    AVAILABLE_DATA,
    DOCUMENT,
    ENDS,
    LINK,
    MESH,
    MESH_SIGN,
    OUTCOME,
    PROTOCOL_ID,
    PUBLICATION,
    SECONDARY_ID,
    STARTS,
    Artifact,
    Coded,
    Published,
)
from mappings.people import (
    CONTACT,
    OFFICIAL,
    OFFICIAL_ROLE,
    R4_SITE,
    RESPONSIBLE,
    RESPONSIBLE_PARTY,
    SITE,
    organization,
    role,
)
from mappings.registry_facts import REGISTRY_FACTS
from mappings.study_codecs import NumberExtensions, NumbersInR4, Phases, Recruitment, Registered, SourceName

IDENTIFIER, CONDITION, ARTIFACT, FOCUS = Home("identifier"), Home("condition"), Home("relatedArtifact"), Home("focus")
PARTY_SHAPE = {"name": "String", "role": "CodeableConcept", "period": ["Period"], "classifier": ["CodeableConcept"], "party": "Reference"}
PROGRESS_SHAPE = {"state": "CodeableConcept", "actual": "Boolean", "period": "Period"}
OUTCOME_SHAPE = {"name": "String", "type": ["CodeableConcept"], "description": "Markdown", "reference": "Reference"}
REGISTRATION_SHAPE = {"activity": "CodeableConcept", "actual": "Boolean", "period": "Period"}

CLASSIFIER = newer("ResearchStudy.classifier", "CodeableConcept")
DESIGN = newer("ResearchStudy.studyDesign", "CodeableConcept")
LABEL = newer("ResearchStudy.label", {"type": "CodeableConcept", "value": "String"})
PARTY = newer("ResearchStudy.associatedParty", PARTY_SHAPE)
PROGRESS = newer("ResearchStudy.progressStatus", PROGRESS_SHAPE)
OUTCOMES = newer("ResearchStudy.outcomeMeasure", OUTCOME_SHAPE)
REGISTRATION = hl7("researchStudy-studyRegistration", REGISTRATION_SHAPE)


def said(name: str, home: Home, spell: Codec = string, codes: dict[str, str] | None = None, system: str = "", many: bool = False) -> Any:
    """A field as a concept that says by a coding of ours which field it is."""
    code = name.replace("_", "-")
    inner = tagged(code, spell, codes, system)
    return row(name, Entries(home, {"coding": [coding(FIELD, code)]}), each(inner) if many else only(inner))


def classifier(name: str, spell: Codec = string, codes: dict[str, str] | None = None, *, many: bool = False) -> Any:
    return said(name, CLASSIFIER, spell, codes, terms.CLASSIFIER_SYSTEM, many=many)


def design(name: str, codes: dict[str, str] | None = None, *, many: bool = False) -> Any:
    return said(name, DESIGN, string, codes, terms.DESIGN_SYSTEM, many)


def label(name: str, code: str) -> Any:
    """A further title."""
    place = Entries(LABEL, {"type": {"coding": [coding(terms.TITLE_SYSTEM, code)]}}, loose={"type": {"coding": [{"code": code}]}})
    return row(name, place, only(inside("value", string)))


def value(name: str, path: str, codec: Any) -> Any:
    """A single value of R5 that R4 has in its cross-version extension."""
    return row(name, path, codec, r4=(scalar(f"ResearchStudy.{path}", codec.fhir), only(codec)))


def activity(code: str) -> dict[str, Any]:
    """The sign of one activity of registration."""
    return {"activity": {"coding": [coding(terms.REGISTRATION_SYSTEM, code)]}}


def on_day(name: str, code: str, end: str = "start") -> Any:
    """The day of an activity of registration; the registry tells of it when it has happened."""
    place = Entries(REGISTRATION, {**activity(code), "actual": True}, loose=activity(code))
    return row(name, place, only(inside("period", inside(end, date_time))))


def when(name: str, code: str, table: Any = STARTS) -> Any:
    """The day of an activity of registration, and whether it has happened."""
    return row(name, Entries(REGISTRATION, activity(code)), only(table))


def progress(name: str, text: str, table: Any) -> Any:
    """The start or end of the whole study."""
    return row(name, Entries(PROGRESS, {"state": Coded(terms.STATUS_SYSTEM, "overall-study", text)}), only(table))


def outcomes(name: str, code: str) -> Any:
    place = Entries(OUTCOMES, {"type": [Coded(terms.OBJECTIVE_SYSTEM, code)]}, loose={"type": [{"coding": [{"code": code}]}]})
    return row(name, place, each(OUTCOME))


def party(code: str) -> Entries:
    """The parties of one role, whatever its system is called; a role that a field of ours marks is not it."""
    return Entries(PARTY, role(code), loose={"role": {"coding": [{"code": code}]}}, but={"role": {"coding": [{"system": FIELD}]}})


NO_DATE = {"actual": ABSENT, "_actual": ABSENT, "period": ABSENT}
LAST_KNOWN = {"coding": [coding(FIELD, "last-known-status")]}
NUMBERS = Members("recruitment", ("targetNumber", "_targetNumber", "actualNumber", "_actualNumber"))
STATE = concept_of(terms.STATUS, terms.STATUS_SYSTEM)
SYSTEM = ("coding", 0, "system")
NO_SYSTEM = {"coding": [{"system": None}]}
MESH_CONCEPT = inside("coding", only(MESH))

RESEARCH_STUDY = mapping(Trial,
    constant("resourceType",                                "ResearchStudy"),
    told("source", element("meta.source"),                  source_of, SourceName()),
    derived("text",                                         narrative.study, checked=False),

    # Extensions that every release needs
    on_day("status_verified",       "record-verification", "end"),
    when("primary_completion",      "primary-outcome-data-collection", ENDS),
    on_day("first_submitted",       "registration-submission"),
    on_day("first_submitted_qc",    "registration-submission-qc"),
    when("first_posted",            "registration-posting"),
    on_day("results_submitted",     "results-submission"),
    on_day("results_submitted_qc",  "results-submission-qc"),
    when("results_posted",          "results-posting"),
    on_day("delay_submitted",       "disposition-submission"),
    on_day("delay_submitted_qc",    "disposition-submission-qc"),
    when("delay_posted",            "disposition-posting"),
    on_day("update_submitted",      "update-submission", "end"),
    when("update_posted",           "update-posting", ENDS),
    *REGISTRY_FACTS,

    # Which trial
    derived(Entries(IDENTIFIER, {"use": ABSENT}),           facts.record_identifier),
    row("id",                       Entries(IDENTIFIER, {"use": "official"}), only(Registered("official"))),
    row("former_ids",               Entries(IDENTIFIER, {"use": "old"}), each(Registered("old"))),
    row("protocol_id",              Entries(IDENTIFIER, {"use": "usual"}), only(PROTOCOL_ID)),
    row("secondary_ids",            Entries(IDENTIFIER, {"use": "secondary"}), each(SECONDARY_ID)),
    value("record_version",         "version",              string),
    in_r5(derived("name",                                   facts.study_name)),
    in_r4(derived(Entries(hl7("artifact-name", "String")),  facts.study_names)),
    row("title",                    "title",                string),
    label("official_title",         "official"),
    label("acronym",                "acronym"),
    derived("protocol",                                     facts.protocol),
    row("publications",             Entries(ARTIFACT, Artifact("cites", "citation")), each(PUBLICATION)),
    row("links",                    Entries(ARTIFACT, Artifact("documentation", "documentation")), each(LINK)),
    row("available_data",           Entries(ARTIFACT, Artifact("composed-of", "composed-of")), each(AVAILABLE_DATA)),
    row("documents",                Entries(ARTIFACT, Artifact("supported-with", "documentation")), each(DOCUMENT)),
    in_r5(derived("date",                                   facts.changed)),
    in_r4(derived(Entries(cross("ResearchStudy.date", "DateTime")), facts.changes)),

    # Where it stands
    in_r5(constant("status",                                "active")),
    in_r4(derived("status",                                 facts.r4_status, of="status")),
    in_r4(constant("_status",                               Published())),
    row("primary_purpose",          "primaryPurposeType",   concept_of(terms.PURPOSE, terms.PURPOSE_SYSTEM)),
    row("phases",                   "phase",                Phases()),
    in_r4(derived("category",                               facts.categories, of="study_type")),
    design("study_type",            terms.STUDY_TYPE),
    design("allocation",            terms.ALLOCATION),
    design("intervention_model",    terms.INTERVENTION_MODEL),
    design("intervention_model_description"),
    design("observational_model",   terms.OBSERVATIONAL_MODEL),
    design("time_perspective",      terms.TIME_PERSPECTIVE),
    design("masking"),
    design("who_masked",            terms.WHO_MASKED, many=True),
    design("masking_description"),
    in_r5(row("intervention_mesh",  Entries(FOCUS, {"concept": MESH_SIGN}, ("concept", *SYSTEM)), each(inside("concept", MESH_CONCEPT)))),
    in_r5(derived(Entries(FOCUS, {"concept": NO_SYSTEM}, ("concept", *SYSTEM)), facts.drug_references, of="interventions")),
    in_r4(row("intervention_mesh",  Entries(FOCUS, MESH_SIGN, SYSTEM), each(MESH_CONCEPT))),
    in_r4(derived(Entries(FOCUS, NO_SYSTEM, SYSTEM),        facts.drugs, of="interventions")),
    row("conditions",               Entries(CONDITION, {"coding": ABSENT}), each(concept)),
    row("condition_mesh",           Entries(CONDITION, MESH_SIGN, SYSTEM), each(MESH_CONCEPT)),
    row("keywords",                 Entries(Home("keyword")), each(concept)),
    in_r5(derived("region",                                 facts.places, of="sites")),
    in_r4(derived("location",                               facts.places, of="sites")),
    value("summary",                "descriptionSummary",   markdown),
    row("description",              "description",          markdown),
    derived("period",                                       facts.period),
    row("sites",                    Entries(Home("site")),  each(SITE),     r4=(Entries(Home("site")), each(R4_SITE))),

    # What has no element of its own
    classifier("expanded_access",   yes_no),
    classifier("expanded_access_id"),
    classifier("expanded_access_status"),
    classifier("expanded_access_individual", yes_no),
    classifier("expanded_access_intermediate", yes_no),
    classifier("expanded_access_treatment", yes_no),
    classifier("expanded_access_pointers", digits()),
    classifier("posting_delayed",   yes_no),
    classifier("results_waived",    yes_no),
    classifier("has_dmc",           yes_no),
    classifier("fda_regulated_drug", yes_no, {"Yes": "fda-regulated-drug"}),
    classifier("fda_regulated_device", yes_no, {"Yes": "fda-regulated-device"}),
    classifier("unapproved_device", yes_no),
    classifier("pediatric_postmarket", yes_no),
    classifier("us_export",         yes_no),
    classifier("fdaaa801_violation", yes_no),
    classifier("biospecimen_retention"),
    classifier("biospecimen_description"),
    classifier("patient_registry",  yes_no),
    classifier("target_duration"),
    classifier("healthy_volunteers", yes_no),
    classifier("sex"),
    classifier("gender_based",      yes_no),
    classifier("gender_description"),
    classifier("age_groups",        many=True),
    classifier("sampling_method"),
    classifier("data_sharing"),
    classifier("data_sharing_description"),
    classifier("data_sharing_items", many=True),
    classifier("data_sharing_time_frame"),
    classifier("data_sharing_access"),
    classifier("data_sharing_url"),
    classifier("no_analysis_plan",  yes_no),
    classifier("unposted_responsible_party"),
    classifier("removed_countries", many=True),
    classifier("has_results",       yes_no),

    # Who runs it
    row("sponsor",                  party("lead-sponsor"),  only(organization("sponsor"))),
    row("organization",             party("sponsor"),       only(organization("organization"))),
    row("collaborators",            party("collaborator"),  each(organization("collaborator"))),
    row("responsible_party",        Entries(PARTY, {"role": RESPONSIBLE}, ("role", "coding", 0)), only(RESPONSIBLE_PARTY)),
    row("officials",                Entries(PARTY, {"role": OFFICIAL_ROLE}, ("role", "coding", 0)), each(OFFICIAL)),
    row("contacts",                 party("recruitment-contact"), each(CONTACT)),
    in_r4(derived("contact",                                facts.contacts, of="contacts")),
    in_r4(derived("sponsor",                                facts.sponsor, of="sponsor")),
    in_r4(derived("principalInvestigator",                  facts.principal, of="officials")),

    # How it goes on
    row("status",                   Entries(PROGRESS, NO_DATE), only(inside("state", STATE))),
    row("last_known_status",        Entries(PROGRESS, {"state": LAST_KNOWN}, ("state", "coding", 0)),
                                    only(inside("state", tagged("last-known-status")))),
    progress("start",               "Start",                STARTS),
    progress("completion",          "Completion",           ENDS),
    row("why_stopped",              "whyStopped",           concept,        r4="reasonStopped"),
    in_r5(row("enrollment",         NUMBERS,                Recruitment())),
    in_r4(part(Entries(NumberExtensions()),                 NumbersInR4(), many=True)),
    in_r5(derived("recruitment.eligibility",                facts.eligibility)),
    in_r4(derived("enrollment",                             facts.enrollment)),
    row("arms",                     Entries(Home("comparisonGroup")), each(ARM), r4=Entries(Home("arm"))),
    outcomes("primary_outcomes",    "primary"),
    outcomes("secondary_outcomes",  "secondary"),
    outcomes("other_outcomes",      "exploratory"),
    *foreign.STUDY,
    aside="contained",
    partial=True,
)
