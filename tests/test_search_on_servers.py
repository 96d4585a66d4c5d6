"""On real servers a study is found by its sponsor, parties, sites, cities and drugs; on one without our search parameters by its texts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from msgspec import Struct

from converter.convert import write
from converter.json_text import encode
from converter.trial import Contact, Intervention, Official, Organization, Site, Trial
from mappings.search_parameters import PARAMETERS, search_bundle

pytestmark = pytest.mark.servers

PATIENCE = 120
"""Seconds to wait for an answer."""
Query = tuple[str, dict[str, str]]


class Asked(Struct, frozen=True):
    """A server of a release, and a session with it."""

    release: str
    url: str
    session: requests.Session

    def post(self, bundle: bytes) -> list[Any]:
        """Executes the transaction; gives the responses of its entries."""
        answer = self.session.post(self.url, data=bundle, headers={"Content-Type": "application/fhir+json"}, timeout=PATIENCE)
        answer.raise_for_status()
        return [entry["response"] for entry in answer.json()["entry"]]

    def search(self, kind: str, parameters: dict[str, str]) -> list[Any]:
        """The resources that are found, those brought along too."""
        headers = {"Cache-Control": "no-cache"}  # else the answer may be that of the same search a minute ago
        answer = self.session.get(f"{self.url}/{kind}", params=parameters, headers=headers, timeout=PATIENCE)
        answer.raise_for_status()
        return [entry["resource"] for entry in answer.json().get("entry", ())]


class Study(Struct, frozen=True):
    """A study whose names no other one on the server has: each begins with the word."""

    number: str
    word: str

    def trial(self) -> Trial:
        return Trial(
            id=self.number, title=f"{self.word} in migraine", study_type="Interventional", status="Recruiting",
            keywords=(f"{self.word} keyword",),
            sponsor=Organization(name=f"{self.word} Foundation", kind="Other"),
            collaborators=(Organization(name=f"{self.word} Institute"),),
            officials=(Official(name=f"{self.word} Müller", role="Study Chair"),),
            contacts=(Contact(name=f"{self.word} desk", phone="555-0100"),),
            sites=(Site(facility=f"{self.word} Clinic", city=f"{self.word}stadt", country="Germany", status="Recruiting"),
                   Site(facility=f"{self.word} Hospital", city=f"{self.word}ville", country="France"),
                   Site(city=f"{self.word}burg", country="Germany")),
            interventions=(Intervention(kind="Drug", name=f"{self.word}olol", other_names=(f"{self.word}-17",)),
                           Intervention(kind="Behavioral", name=f"{self.word} training")),
        )


def study() -> Study:
    return Study(f"NCT{random.randrange(10**8):08}", "Q" + "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=11)))


@pytest.fixture(params=["r4", "r5"])
def server(request: pytest.FixtureRequest) -> Iterator[Asked]:
    with requests.Session() as session:
        session.trust_env = False  # 127.0.0.1 is behind no proxy
        yield Asked(request.param, request.getfixturevalue(f"hapi_{request.param}").url, session)


@pytest.fixture
def loaded(server: Asked) -> Asked:
    """The server, with the search parameters."""
    server.post(encode(search_bundle(server.release)))
    return server


@pytest.fixture
def pushed(server: Asked) -> Study:
    """A study that the server has, beside another like it."""
    made, other = study(), study()
    for one in (made, other):
        server.post(write(one.trial(), server.release))
    return made


def found(server: Asked, study: Study, kind: str, parameters: dict[str, str]) -> list[tuple[str, str]]:
    """Type and number of what the search finds; {} stands for the study's word."""
    asked = {name: value.replace("{}", study.word) for name, value in parameters.items()}
    return [(one["resourceType"], one["identifier"][0]["value"]) for one in server.search(kind, asked)]


# With the search parameters

BY_PARAMETER: list[Query] = [
    ("ResearchStudy", {"sponsor-name": "{}"}),
    ("ResearchStudy", {"sponsor-name:exact": "{} Foundation"}),
    ("ResearchStudy", {"party-name": "{} Foundation"}),
    ("ResearchStudy", {"party-name": "{} Institute"}),
    ("ResearchStudy", {"party-name": "{} muller"}),
    ("ResearchStudy", {"party-name": "{} desk"}),
    ("ResearchStudy", {"site-name": "{} clinic"}),
    ("ResearchStudy", {"site-name": "{} Hospital"}),
    ("ResearchStudy", {"site-city": "{}stadt"}),
    ("ResearchStudy", {"site-city": "{}ville"}),
    ("ResearchStudy", {"site-city": "{}burg"}),
    ("ResearchStudy", {"site-city": "Nowhere,{}stadt"}),
    ("ResearchStudy", {"drug": "{}olol"}),
    ("ResearchStudy", {"drug": "{} training"}),
    ("ResearchStudy", {"protocol.drug": "{}-17"}),
    ("ResearchStudy", {"sponsor-name": "{}", "site-name": "{}", "site-city": "{}", "drug": "{}"}),
    ("PlanDefinition", {"drug": "{}olol"}),
    ("PlanDefinition", {"drug": "{}-17"}),
]


def test_a_study_is_found_by_sponsor_party_site_city_and_drug(loaded: Asked, pushed: Study) -> None:
    """It is pushed right after the parameters are loaded: a server has them at once."""
    answers = [(kind, parameters, found(loaded, pushed, kind, parameters)) for kind, parameters in BY_PARAMETER]
    assert answers == [(kind, parameters, [(kind, pushed.number)]) for kind, parameters in BY_PARAMETER]


def test_a_protocol_brings_its_study_along(loaded: Asked, pushed: Study) -> None:
    answer = found(loaded, pushed, "PlanDefinition", {"drug": "{}-17", "_revinclude": "ResearchStudy:protocol"})
    assert sorted(answer) == [("PlanDefinition", pushed.number), ("ResearchStudy", pushed.number)]


BY_NEITHER: list[Query] = [
    ("ResearchStudy", {"sponsor-name": "{} Institute"}),
    ("ResearchStudy", {"sponsor-name": "Foundation"}),
    ("ResearchStudy", {"site-name": "{}stadt"}),
    ("ResearchStudy", {"site-city": "{} Clinic"}),
    ("ResearchStudy", {"site-city:exact": "{}"}),
    ("ResearchStudy", {"drug": "{}-17"}),
    ("ResearchStudy", {"sponsor-name": "{}", "site-city": "Nowhere"}),
]


def test_a_study_is_not_found_by_what_it_does_not_say(loaded: Asked, pushed: Study) -> None:
    """Nor by a word that does not begin the name."""
    assert [query for query in BY_NEITHER if found(loaded, pushed, *query)] == []


def test_the_parameters_are_there_once_however_often_they_are_sent(loaded: Asked) -> None:
    addresses = [entry["resource"]["url"] for entry in search_bundle(loaded.release)["entry"]]
    before = {address: loaded.search("SearchParameter", {"url": address}) for address in addresses}
    assert {response["status"][:3] for response in loaded.post(encode(search_bundle(loaded.release)))} == {"200"}
    assert before == {address: loaded.search("SearchParameter", {"url": address}) for address in addresses}
    assert {len(resources) for resources in before.values()} == {1}


def test_the_server_says_that_it_has_them(loaded: Asked) -> None:
    answer = loaded.session.get(f"{loaded.url}/metadata", headers={"Cache-Control": "no-cache"}, timeout=PATIENCE).json()
    listed = {(resource["type"], parameter["name"]) for resource in answer["rest"][0]["resource"] for parameter in resource["searchParam"]}
    assert {(kind, one.code) for one in PARAMETERS for kind in one.base} <= listed


# Without them

BY_TEXT: dict[str, list[Query]] = {
    "r4": [
        ("ResearchStudy", {"location:text": "{} clinic"}),
        ("ResearchStudy", {"location:text": "{} Hospital\\, {}ville"}),
        ("ResearchStudy", {"location:text": "{}ville"}),
        ("ResearchStudy", {"location:text": "{}burg"}),
        ("ResearchStudy", {"location": "FR", "title": "{}"}),
        ("ResearchStudy", {"focus:text": "{}olol"}),
        ("ResearchStudy", {"focus:text": "Drug: {}"}),
        ("ResearchStudy", {"focus:text": "{} training"}),
    ],
    "r5": [
        ("ResearchStudy", {"region:text": "{} clinic"}),
        ("ResearchStudy", {"region:text": "{} Hospital\\, {}ville"}),
        ("ResearchStudy", {"region:text": "{}ville"}),
        ("ResearchStudy", {"region:text": "{}burg"}),
        ("ResearchStudy", {"region": "FR", "title": "{}"}),
        ("ResearchStudy", {"focus-code:text": "{}olol"}),
        ("ResearchStudy", {"focus-code:text": "Drug: {}"}),
        ("ResearchStudy", {"focus-code:text": "{} training"}),
    ],
}
"""By site, city, country, and drug."""
BY_TEXT_IN_ALL: list[Query] = [
    ("ResearchStudy", {"keyword:text": "{} keyword"}),
    ("ResearchStudy", {"title": "{} in mig"}),
]


def test_a_plain_server_finds_a_study_by_its_texts(server: Asked, pushed: Study) -> None:
    """By the beginning of each, as the search parameters that FHIR itself defines have them."""
    queries = [*BY_TEXT[server.release], *BY_TEXT_IN_ALL]
    answers = [(kind, parameters, found(server, pushed, kind, parameters)) for kind, parameters in queries]
    assert answers == [(kind, parameters, [(kind, pushed.number)]) for kind, parameters in queries]
