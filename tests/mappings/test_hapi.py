"""HAPI's validator finds no error in our Bundles, and no warning that docs/conformance.md does not explain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct

from converter.convert import convert, write
from mappings.extensions import CROSS
from mappings.profiles import write_profiles
from tests.corpus import corpus
from tests.hapi import UNEXPLAINED, Check, Unavailable, explained, kind, records, validator
from tests.renew import samples

pytestmark = pytest.mark.hapi


class Asked(Struct, frozen=True):
    """The validator of a release, and which extensions the Bundles have: HL7's cross-version ones, or ours in their place."""

    release: str
    extensions: str
    check: Check

    def objections(self, bundles: list[bytes]) -> set[str]:
        """The errors, and the kinds of warnings that are not explained."""
        found = (kind(issue, explained()) for issues in self.check(bundles) for issue in issues)
        return {name for name in found if name.startswith(UNEXPLAINED)}


@pytest.fixture(scope="module", params=[("r4", "hl7"), ("r4", "own"), ("r4b", "hl7"), ("r5", "hl7")], ids="-".join)
def hapi(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """The validator, one at a time.  Where HL7's extensions are not used, it does not know them."""
    release, extensions = request.param
    folder = tmp_path_factory.mktemp("definitions")
    write_profiles(folder, hl7=extensions == "hl7")
    try:
        with validator(release, folder) as check:
            yield Asked(release, extensions, check)
    except Unavailable as reason:
        pytest.skip(str(reason))


def test_nothing_is_wrong_in_the_samples(hapi: Asked) -> None:
    assert hapi.objections([write(sample.read().trial, hapi.release, extensions=hapi.extensions) for sample in samples()]) == set()


@pytest.mark.corpus
def test_nothing_is_wrong_in_records(hapi: Asked) -> None:
    corpus("ctgov_v2/records.ndjson.gz")
    assert hapi.objections([convert(one, hapi.release, "ctgov", extensions=hapi.extensions).document for one in records(60)]) == set()


# It would say so

SPONSOR: dict[str, dict[str, Any]] = {"r4": {"sponsor": {"reference": "Patient/1"}},
                                      "r5": {"associatedParty": [{"role": {"text": "Sponsor"}, "party": {"reference": "Patient/1"}}]}}
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"status": "recruiting"}, "was not found in the value set"),
    ({"sponsored": "x"}, "Unrecognized property 'sponsored'"),
    ({"extension": [{"url": CROSS + "Patient.nothing", "valueString": "x"}]}, "is not valid (invalid Version '5.0')"),
]


def test_it_finds_faults(hapi: Asked) -> None:
    family = "r5" if hapi.release == "r5" else "r4"
    faults = [*FAULTS, (SPONSOR[family], "Invalid Resource target type. Found Patient")]
    found = hapi.check([json.dumps({"resourceType": "ResearchStudy", "status": "active", **fault}).encode() for fault, _ in faults])
    said = ["\n".join(issue.message for issue in issues if issue.wrong) for issues in found]
    assert [expected for messages, (_, expected) in zip(said, faults, strict=True) if expected not in messages] == []


def test_it_answers_what_is_no_json(hapi: Asked) -> None:
    [issues] = hapi.check([b'{"resourceType":'])
    assert any(issue.wrong for issue in issues)
