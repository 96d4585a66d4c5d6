"""The search parameters are valid in their release, and their expressions give what the trial says of sponsor, parties, sites and drugs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models

from converter.convert import write
from converter.json_text import encode
from converter.trial import Trial
from mappings.conformance import conformance
from mappings.profiles import profiles
from mappings.search_parameters import PARAMETERS, search_bundle, search_parameters
from tests.hapi import Unavailable, validator
from tests.mappings.elements import PACKAGES
from tests.renew import samples

RELEASES = ("r4", "r4b", "r5")
WRITTEN = (("r4", "hl7"), ("r4", "own"), ("r4b", "hl7"), ("r5", "hl7"))
"""The releases, and which extensions the Bundles have in place of what R4 lacks."""
TACROLIMUS = {
    "ResearchStudy": {
        "sponsor-name": ["Peking Union Medical College Hospital"],
        "party-name": ["Peking Union Medical College Hospital", "Bing Han", "Zhangbiao Long, M.D.", "Hongmin Li, M.D."],
        "site-name": ["Peking Union Medical College Hospital"],
        "site-city": ["Beijing"],
        "drug": ["tacrolimus"],
    },
    "PlanDefinition": {"drug": ["tacrolimus", "tacrolimus capsule"]},
}
"""What NCT03540472 is found by."""


@cache
def trials() -> dict[str, Trial]:
    return {sample.name: sample.read().trial for sample in samples()}


def found_by(bundle: dict[str, Any], release: str) -> dict[str, dict[str, list[Any]]]:
    """The values that a server would index, by fhirpathpy: of each resource of the Bundle that has any, by parameter."""
    found: dict[str, dict[str, list[Any]]] = {}
    for resource in (entry["resource"] for entry in bundle["entry"]):
        for one in search_parameters(release):
            if resource["resourceType"] in one["base"]:
                values = fhirpathpy.evaluate(resource, one["expression"], None, models["r5" if release == "r5" else "r4"])
                if values:
                    found.setdefault(resource["resourceType"], {})[one["code"]] = values
    return found


def said(*values: str | None) -> set[str]:
    """Those that say something."""
    return {value for value in values if value and value.strip()}


def in_trial(trial: Trial) -> Iterator[tuple[str, str, set[str]]]:
    """What the trial says that a parameter is to find: the type of resource, the parameter, the values."""
    parties = [trial.sponsor, trial.organization, trial.responsible_party,
               *(trial.collaborators or ()), *(trial.officials or ()), *(trial.contacts or ())]
    names = said(*(one.name for one in trial.interventions or ()))
    yield "ResearchStudy", "sponsor-name", said(trial.sponsor.name if trial.sponsor else None)
    yield "ResearchStudy", "party-name", said(*(party.name for party in parties if party))
    yield "ResearchStudy", "site-name", said(*(site.facility or site.city for site in trial.sites or ()))
    yield "ResearchStudy", "site-city", said(*(site.city for site in trial.sites or ()))
    yield "ResearchStudy", "drug", names | said(*(term.term for term in trial.intervention_mesh or ()))
    yield "PlanDefinition", "drug", names | said(*(name for one in trial.interventions or () for name in one.other_names or ()))


# What they find

@pytest.mark.parametrize("release, extensions", WRITTEN)
def test_they_find_what_a_study_contains(release: str, extensions: str) -> None:
    assert found_by(json.loads(write(trials()["ctgov-NCT03540472"], release, extensions=extensions)), release) == TACROLIMUS


@pytest.mark.parametrize("release, extensions", WRITTEN)
def test_they_find_what_the_trial_says(release: str, extensions: str) -> None:
    for name, trial in trials().items():
        found = found_by(json.loads(write(trial, release, extensions=extensions)), release)
        for kind, code, values in in_trial(trial):
            assert set(found.get(kind, {}).get(code, [])) == values, f"{name}: {kind}?{code}"


def test_the_samples_say_something_of_everything() -> None:
    assert {(kind, code) for trial in trials().values() for kind, code, values in in_trial(trial) if values} == {
        (kind, one.code) for one in PARAMETERS for kind in one.base}


# The resources

def test_a_parameter_as_a_resource() -> None:
    plain = {
        "resourceType": "SearchParameter",
        "id": "sponsor-name",
        "url": "https://w3id.org/trialbridge/SearchParameter/sponsor-name",
        "name": "SponsorName",
        "status": "active",
        "experimental": False,
        "publisher": "trialbridge",
        "description": "The name of the lead sponsor of the study.",
        "code": "sponsor-name",
        "base": ["ResearchStudy"],
        "type": "string",
    }
    assert search_parameters("r4")[0] == {**plain, "expression": "ResearchStudy.sponsor.display"}
    assert search_parameters("r5")[0] == {
        **plain, "expression": "ResearchStudy.associatedParty.where(role.coding.where(code = 'lead-sponsor').exists()).name",
        "processingMode": "normal"}


@pytest.mark.parametrize("release", RELEASES)
def test_every_parameter_is_valid(release: str) -> None:
    model = PACKAGES["r5" if release == "r5" else "r4"].get_fhir_model_class("SearchParameter")
    for one in search_parameters(release):
        model.model_validate(one)
        assert ("processingMode" in one) == (release == "r5")  # spd-1 of R5


@pytest.mark.hapi
@pytest.mark.parametrize("release", RELEASES)
def test_hapis_validator_faults_no_parameter(release: str) -> None:
    try:
        with validator(release) as check:
            issues = check([encode(one) for one in search_parameters(release)])
    except Unavailable as reason:
        pytest.skip(str(reason))
    assert [str(issue) for found in issues for issue in found if issue.severity != "information"] == []


def test_names_and_addresses_are_unique() -> None:
    every = [*profiles(), *search_parameters("r4")]
    for member in ("id", "url", "name"):
        values = [one[member] for one in every]
        assert len(values) == len(set(values))


def test_r4b_has_those_of_r4() -> None:
    assert search_parameters("r4b") == search_parameters("r4") != search_parameters("r5")


# The transaction

@pytest.mark.parametrize("release", RELEASES)
def test_the_transaction_is_valid(release: str) -> None:
    """Our own check looks at the Bundle alone: SearchParameter is no part of a trial's."""
    problems = conformance(release).problems(search_bundle(release))
    assert [str(problem) for problem in problems if problem.severity != "information"] == []


@pytest.mark.parametrize("release", RELEASES)
def test_the_transaction_updates_each_parameter_by_its_address(release: str) -> None:
    entries = search_bundle(release)["entry"]
    assert [{**entry["resource"], "id": one["id"]} for entry, one in zip(entries, search_parameters(release), strict=True)] == search_parameters(release)
    assert entries[0]["request"] == {
        "method": "PUT", "url": "SearchParameter?url=https%3A%2F%2Fw3id.org%2Ftrialbridge%2FSearchParameter%2Fsponsor-name"}
    assert not any("id" in entry["resource"] for entry in entries)
    assert len({entry["request"]["url"] for entry in entries}) == len({entry["fullUrl"] for entry in entries}) == len(PARAMETERS)
    assert search_bundle(release) == search_bundle(release)
