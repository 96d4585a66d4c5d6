"""What a ResearchStudy says again, for readers and searches that look no further.  Written, never read back."""

from __future__ import annotations

from typing import Any

from converter.trial import Milestone, Trial
from mappings import terms
from mappings.concepts import coding
from mappings.countries import country_code
from mappings.datatypes import DATA_ABSENT, is_date, is_date_time
from mappings.identity import RECORD, computer_name, group_url, is_number, plan_url, reference, study_id


def record_identifier(trial: Trial) -> list[dict[str, str]] | None:
    """What stands for the number of a record that has none."""
    return None if trial.id and is_number(trial.id) else [{"system": RECORD, "value": study_id(trial)}]


def study_name(trial: Trial) -> str:
    return computer_name(study_id(trial))


def study_names(trial: Trial) -> list[str]:
    return [study_name(trial)]


def protocol(trial: Trial) -> list[dict[str, str]]:
    return [reference(plan_url(trial), f"Protocol of {study_id(trial)}")]


def eligibility(trial: Trial) -> dict[str, str]:
    return reference(group_url(trial), f"{study_id(trial)} eligibility")


def enrollment(trial: Trial) -> list[dict[str, str]]:
    return [eligibility(trial)]


def changed(trial: Trial) -> str | None:
    """When the record last changed."""
    posted = trial.update_posted.date if trial.update_posted else None
    return next((day for day in (trial.update_submitted, posted) if day and is_date(day)), None)


def changes(trial: Trial) -> list[str] | None:
    day = changed(trial)
    return [day] if day else None


def bound(milestone: Milestone | None, member: str) -> dict[str, Any]:
    """One end of the study's period."""
    if milestone is None:
        return {}
    if milestone.date is not None and is_date_time(milestone.date):
        return {member: milestone.date}
    return {f"_{member}": {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}} if milestone.not_reported else {}


def period(trial: Trial) -> dict[str, Any] | None:
    """Start and completion."""
    return {**bound(trial.start, "start"), **bound(trial.completion, "end")} or None


def r4_status(trial: Trial) -> str:
    """R4's nearest word for where the trial stands; the exact one is in progressStatus."""
    return terms.R4_STATUS.get(trial.status or "", "in-review")


def places(trial: Trial) -> list[dict[str, Any]] | None:
    """Countries with their codes, cities, sites by name and city: a plain server's text search, which compares beginnings, finds them."""
    if not trial.sites:
        return None
    countries = dict.fromkeys([site.country for site in trial.sites if site.country])
    made: list[dict[str, Any]] = [
        {"coding": [coding(terms.COUNTRY_SYSTEM, code)], "text": name} if (code := country_code(name)) else {"text": name}
        for name in countries if name.strip()]
    seen = dict.fromkeys([site.city for site in trial.sites])
    seen |= dict.fromkeys([f"{site.facility}, {site.city}" if site.city else site.facility for site in trial.sites if site.facility])
    return made + [{"text": text} for text in seen if text and text.strip()] or None


def drugs(trial: Trial) -> list[dict[str, Any]] | None:
    """The interventions, as concepts whose display a text search finds."""
    return [{"coding": [{"display": one.name}], "text": f"{one.kind}: {one.name}" if one.kind else one.name}
            for one in trial.interventions or () if one.name and one.name.strip()] or None


def drug_references(trial: Trial) -> list[dict[str, Any]] | None:
    """The same for R5, whose focus is a concept or a reference."""
    return [{"concept": concept} for concept in drugs(trial) or ()] or None


def categories(trial: Trial) -> list[dict[str, str]] | None:
    return [{"text": f"Study Type: {trial.study_type}"}] if trial.study_type and trial.study_type.strip() else None


def contacts(trial: Trial) -> list[dict[str, Any]] | None:
    """R4: whom to ask, with the ways to do so."""
    made = []
    for contact in trial.contacts or ():
        ways = [{"system": system, "value": value}
                for system, value in (("phone", contact.phone), ("email", contact.email)) if value and value.strip()]
        entry = {**({"name": contact.name} if contact.name and contact.name.strip() else {}), **({"telecom": ways} if ways else {})}
        if entry:
            made.append(entry)
    return made or None


def sponsor(trial: Trial) -> dict[str, str] | None:
    """R4: the lead sponsor."""
    return reference("#sponsor-1", trial.sponsor.name) if trial.sponsor and trial.sponsor.name else None


def principal(trial: Trial) -> dict[str, str] | None:
    """R4: the first principal investigator among the officials."""
    for n, official in enumerate(trial.officials or (), 1):
        if official.role == "Principal Investigator" and (shown := official.name or official.affiliation):
            return reference(f"#official-{n}", shown)
    return None
