"""The clinical trial as this program thinks of it: the hub that every format is read into and written from.

No format and no FHIR in here.  Words of a closed list (status, phase, masking …) are the labels that registries show
to people ("Active, not recruiting", "Phase 2"); a word that nobody knows yet stands as its source spelled it.
Absent is None, never an empty text or list; false is not absent.  Dates are kept as written ("2018", "2018-06",
"2018-06-10"), ages and durations with their unit word ("18 Years"), numbers with their digits, texts to the byte.

Field names follow the WHO Trial Registration Data Set 1.3.1 and ClinicalTrials.gov's data element definitions.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, TypeVar

from msgspec import Meta, Struct

T = TypeVar("T")
Some = Annotated[tuple[T, ...], Meta(min_length=1)]
"""A list that, where it is present, holds something."""


class Part(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A piece of a trial.  Equal when every field is equal.  Nothing in it leads back to it: there is no garbage to look for (`gc`)."""


class Identifier(Part, frozen=True):
    """A number by which somebody else knows the trial."""

    value: str | None = None
    kind: Annotated[str | None, Meta(description="What sort of number, e.g. 'EudraCT Number'")] = None
    issuer: Annotated[str | None, Meta(description="Who gave it, as the source says it")] = None
    link: Annotated[str | None, Meta(description="Web address about this number")] = None


class Organization(Part, frozen=True):
    """A sponsor, collaborator or other organisation."""

    name: str | None = None
    kind: Annotated[str | None, Meta(description="Sort of organisation, e.g. 'Industry'")] = None


class Milestone(Part, frozen=True):
    """A date on the way of the trial, and whether it has happened."""

    date: Annotated[str | None, Meta(description="As written: 2018, 2018-06 or 2018-06-10")] = None
    kind: Annotated[str | None, Meta(description="'Actual' or 'Estimated'")] = None
    not_reported: Annotated[bool | None, Meta(description="The source says that this date was not reported")] = None


class Enrollment(Part, frozen=True):
    """How many people take part."""

    count: int | None = None
    kind: Annotated[str | None, Meta(description="'Actual' or 'Estimated'")] = None


class ResponsibleParty(Part, frozen=True):
    """Who answers for the record at the registry."""

    kind: Annotated[str | None, Meta(description="'Sponsor', 'Principal Investigator' or 'Sponsor-Investigator'")] = None
    name: str | None = None
    title: str | None = None
    affiliation: str | None = None
    old_name_title: Annotated[str | None, Meta(description="Name and title in one, in old records")] = None
    old_organization: Annotated[str | None, Meta(description="Organisation, in old records")] = None


class Arm(Part, frozen=True):
    """A group of participants that is treated alike: an arm, or a cohort of an observational study."""

    name: str | None = None
    kind: Annotated[str | None, Meta(description="Role of the arm, e.g. 'Experimental'")] = None
    description: str | None = None
    interventions: Annotated[Some[str] | None, Meta(description="What the arm gets, as 'Drug: tacrolimus'")] = None


class Intervention(Part, frozen=True):
    """What is given, done or studied."""

    kind: Annotated[str | None, Meta(description="Sort of intervention, e.g. 'Drug'")] = None
    name: str | None = None
    description: str | None = None
    arms: Annotated[Some[str] | None, Meta(description="Names of the arms that get it")] = None
    other_names: Some[str] | None = None


class Outcome(Part, frozen=True):
    """What is measured."""

    measure: str | None = None
    description: str | None = None
    time_frame: str | None = None


class Contact(Part, frozen=True):
    """A person or desk to ask."""

    name: str | None = None
    role: Annotated[str | None, Meta(description="e.g. 'Contact', 'Principal Investigator'")] = None
    phone: str | None = None
    phone_ext: str | None = None
    email: str | None = None


class Official(Part, frozen=True):
    """A person responsible for the scientific conduct of the whole trial."""

    name: str | None = None
    affiliation: str | None = None
    role: Annotated[str | None, Meta(description="e.g. 'Study Chair', 'Principal Investigator'")] = None


class Position(Part, frozen=True):
    """A point on the globe, WGS 84, in degrees."""

    latitude: Decimal | None = None
    longitude: Decimal | None = None


class Site(Part, frozen=True):
    """A place where the trial is run."""

    facility: str | None = None
    status: Annotated[str | None, Meta(description="Recruitment status of this site")] = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    contacts: Some[Contact] | None = None
    position: Position | None = None


class Retraction(Part, frozen=True):
    """The retraction of a publication."""

    pmid: Annotated[str | None, Meta(description="PubMed number of the retraction")] = None
    source: str | None = None


class Publication(Part, frozen=True):
    """A publication about the trial, or that the trial builds on."""

    pmid: Annotated[str | None, Meta(description="PubMed number")] = None
    kind: Annotated[str | None, Meta(description="'Background', 'Result' or 'Derived'")] = None
    citation: str | None = None
    retractions: Some[Retraction] | None = None


class Link(Part, frozen=True):
    """A web page about the trial."""

    label: str | None = None
    url: str | None = None


class AvailableData(Part, frozen=True):
    """Data or documents of the trial that others can get."""

    id: str | None = None
    kind: Annotated[str | None, Meta(description="e.g. 'Individual Participant Data Set'")] = None
    url: str | None = None
    comment: str | None = None


class Document(Part, frozen=True):
    """A document that the registry keeps: protocol, analysis plan, consent form."""

    kind: Annotated[str | None, Meta(description="Short word for what it holds, e.g. 'Prot_SAP'")] = None
    has_protocol: bool | None = None
    has_analysis_plan: bool | None = None
    has_consent_form: bool | None = None
    label: str | None = None
    date: str | None = None
    uploaded: Annotated[str | None, Meta(description="Date and minute of the upload, as written")] = None
    filename: str | None = None
    size: Annotated[int | None, Meta(description="Bytes")] = None


class UnpostedEvent(Part, frozen=True):
    """A step in the handling of results that are not public yet."""

    kind: Annotated[str | None, Meta(description="'Release', 'Unrelease' or 'Reset'")] = None
    date: str | None = None
    date_unknown: bool | None = None


class Violation(Part, frozen=True):
    """A notice under FDAAA 801 (42 CFR 11), as the registry publishes it."""

    kind: str | None = None
    description: str | None = None
    created: str | None = None
    issued: str | None = None
    released: str | None = None
    posted: str | None = None


class Submission(Part, frozen=True):
    """One cycle of submitting results to the registry."""

    released: str | None = None
    unreleased: str | None = None
    unreleased_unknown: bool | None = None
    reset: str | None = None
    major_comments: Annotated[int | None, Meta(description="Number of postings with major comments")] = None


class MeshTerm(Part, frozen=True):
    """A heading of the Medical Subject Headings."""

    id: str | None = None
    term: str | None = None


class BrowseLeaf(Part, frozen=True):
    """A topic under which the registry lists the trial."""

    id: str | None = None
    name: str | None = None
    as_found: Annotated[str | None, Meta(description="The words of the record that led there")] = None
    relevance: Annotated[str | None, Meta(description="'Low' or 'High'")] = None


class BrowseBranch(Part, frozen=True):
    """A group of topics under which the registry lists the trial."""

    abbreviation: str | None = None
    name: str | None = None


class Trial(Part, frozen=True):
    """A clinical trial."""

    # Which trial
    source: Annotated[str | None, Meta(description="Format that the record was read from")] = None
    id: Annotated[str | None, Meta(description="Number under which its registry knows the trial")] = None
    former_ids: Annotated[Some[str] | None, Meta(description="Numbers of that registry that are no longer used")] = None
    protocol_id: Annotated[Identifier | None, Meta(description="The number that the organisation itself uses")] = None
    secondary_ids: Some[Identifier] | None = None
    title: Annotated[str | None, Meta(description="Brief title, in plain words")] = None
    official_title: Annotated[str | None, Meta(description="Scientific title, as in the protocol")] = None
    acronym: str | None = None
    organization: Annotated[Organization | None, Meta(description="Whose record it is")] = None

    # Where it stands
    status: Annotated[str | None, Meta(description="Recruitment status, e.g. 'Recruiting'")] = None
    last_known_status: Annotated[str | None, Meta(description="Status before it became 'Unknown status'")] = None
    status_verified: Annotated[str | None, Meta(description="Date on which the record was last verified")] = None
    why_stopped: str | None = None
    expanded_access: Annotated[bool | None, Meta(description="Is the product available outside the trial?")] = None
    expanded_access_id: Annotated[str | None, Meta(description="Registry number of the expanded access record")] = None
    expanded_access_status: str | None = None
    start: Milestone | None = None
    primary_completion: Annotated[Milestone | None, Meta(description="Last data for the primary outcome")] = None
    completion: Milestone | None = None
    first_submitted: str | None = None
    first_submitted_qc: Annotated[str | None, Meta(description="First submission that met quality control")] = None
    first_posted: Milestone | None = None
    results_waived: bool | None = None
    results_submitted: str | None = None
    results_submitted_qc: str | None = None
    results_posted: Milestone | None = None
    delay_submitted: Annotated[str | None, Meta(description="Certification or extension that delays results")] = None
    delay_submitted_qc: str | None = None
    delay_posted: Milestone | None = None
    posting_delayed: Annotated[bool | None, Meta(description="The record itself is posted late (devices)")] = None
    update_submitted: str | None = None
    update_posted: Milestone | None = None

    # Who runs it
    responsible_party: ResponsibleParty | None = None
    sponsor: Organization | None = None
    collaborators: Some[Organization] | None = None

    # Oversight
    has_dmc: Annotated[bool | None, Meta(description="Is there a data monitoring committee?")] = None
    fda_regulated_drug: bool | None = None
    fda_regulated_device: bool | None = None
    unapproved_device: bool | None = None
    pediatric_postmarket: Annotated[bool | None, Meta(description="Pediatric postmarket surveillance of a device")] = None
    us_export: Annotated[bool | None, Meta(description="Is the product exported from the U.S.?")] = None
    fdaaa801_violation: bool | None = None

    # What it is about
    summary: Annotated[str | None, Meta(description="Brief summary (Markdown)")] = None
    description: Annotated[str | None, Meta(description="Detailed description (Markdown)")] = None
    conditions: Some[str] | None = None
    keywords: Some[str] | None = None

    # Design
    study_type: Annotated[str | None, Meta(description="'Interventional', 'Observational' or 'Expanded Access'")] = None
    phases: Annotated[Some[str] | None, Meta(description="e.g. ['Phase 1', 'Phase 2']")] = None
    allocation: str | None = None
    intervention_model: str | None = None
    intervention_model_description: str | None = None
    primary_purpose: str | None = None
    observational_model: str | None = None
    time_perspective: str | None = None
    masking: str | None = None
    masking_description: str | None = None
    who_masked: Some[str] | None = None
    biospecimen_retention: str | None = None
    biospecimen_description: str | None = None
    enrollment: Enrollment | None = None
    patient_registry: bool | None = None
    target_duration: Annotated[str | None, Meta(description="Follow-up of a registry, e.g. '2 Years'")] = None
    expanded_access_individual: bool | None = None
    expanded_access_intermediate: bool | None = None
    expanded_access_treatment: bool | None = None
    expanded_access_pointers: Annotated[int | None, Meta(description="How many records point to this one")] = None

    # Arms, interventions, outcomes
    arms: Some[Arm] | None = None
    interventions: Some[Intervention] | None = None
    primary_outcomes: Some[Outcome] | None = None
    secondary_outcomes: Some[Outcome] | None = None
    other_outcomes: Some[Outcome] | None = None

    # Who may take part
    criteria: Annotated[str | None, Meta(description="Inclusion and exclusion criteria, word for word (Markdown)")] = None
    healthy_volunteers: bool | None = None
    sex: Annotated[str | None, Meta(description="'All', 'Female' or 'Male'")] = None
    gender_based: bool | None = None
    gender_description: str | None = None
    minimum_age: Annotated[str | None, Meta(description="e.g. '18 Years'")] = None
    maximum_age: str | None = None
    age_groups: Annotated[Some[str] | None, Meta(description="'Child', 'Adult', 'Older Adult'")] = None
    study_population: str | None = None
    sampling_method: str | None = None

    # Whom to ask, and where
    contacts: Some[Contact] | None = None
    officials: Some[Official] | None = None
    sites: Some[Site] | None = None

    # What was published, and what is shared
    publications: Some[Publication] | None = None
    links: Some[Link] | None = None
    available_data: Some[AvailableData] | None = None
    data_sharing: Annotated[str | None, Meta(description="Are participants' data shared? 'Yes', 'No', 'Undecided'")] = None
    data_sharing_description: str | None = None
    data_sharing_items: Some[str] | None = None
    data_sharing_time_frame: str | None = None
    data_sharing_access: Annotated[str | None, Meta(description="Access criteria")] = None
    data_sharing_url: str | None = None
    documents: Some[Document] | None = None
    no_analysis_plan: Annotated[bool | None, Meta(description="There is no separate statistical analysis plan")] = None

    # What the registry adds
    unposted_responsible_party: str | None = None
    unposted_events: Some[UnpostedEvent] | None = None
    violations: Some[Violation] | None = None
    record_version: Annotated[str | None, Meta(description="Date of the registry's data release")] = None
    removed_countries: Some[str] | None = None
    results_expected: Annotated[str | None, Meta(description="Estimated date of the first results")] = None
    major_comments_posted: Milestone | None = None
    submissions: Some[Submission] | None = None
    predicted_bmi_minimum: Decimal | None = None
    predicted_bmi_maximum: Decimal | None = None
    condition_mesh: Some[MeshTerm] | None = None
    condition_ancestors: Some[MeshTerm] | None = None
    condition_leaves: Some[BrowseLeaf] | None = None
    condition_branches: Some[BrowseBranch] | None = None
    intervention_mesh: Some[MeshTerm] | None = None
    intervention_ancestors: Some[MeshTerm] | None = None
    intervention_leaves: Some[BrowseLeaf] | None = None
    intervention_branches: Some[BrowseBranch] | None = None
    has_results: bool | None = None


def is_empty(value: Any) -> bool:
    """True of what a Trial never holds: an empty list, or a part with nothing in it."""
    if isinstance(value, tuple):
        return not value
    return isinstance(value, Part) and all(getattr(value, field) is None for field in value.__struct_fields__)
