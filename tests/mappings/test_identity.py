"""How a trial's resources are known: what never changes, and what a server makes of it."""

from urllib.parse import unquote

import pytest

from converter.formats import format_named
from converter.trial import Organization, Trial
from mappings.identity import request

URLS = [
    # value of the identifier, as a search parameter (FHIR R5, 3.2.1.5.7: a backslash before \\ , $ |), percent-encoded
    ("NCT03540472", "NCT03540472", "NCT03540472"),
    ("a b+c&d#é", "a b+c&d#é", "a%20b%2Bc%26d%23%C3%A9"),
    ("1,2|3$4\\5", "1\\,2\\|3\\$4\\\\5", "1%5C%2C2%5C%7C3%5C%244%5C%5C5"),
]


@pytest.mark.parametrize(("value", "parameter", "encoded"), URLS)
def test_a_condition_is_escaped_for_search_and_for_a_url(value: str, parameter: str, encoded: str) -> None:
    assert unquote(encoded) == parameter
    assert request("Group", "urn:s", value) == {"method": "PUT", "url": f"Group?identifier=urn%3As%7C{encoded}"}


ALIKE = ("has neither number nor title nor sponsor, so every such record has the same identifiers: on a server one takes the place of "
         "the other")


@pytest.mark.parametrize(("trial", "doubts"), [
    (Trial(summary="x"), [ALIKE]),
    (Trial(sponsor=Organization(kind="NIH"), summary="x"), [ALIKE]),
    (Trial(id="NCT03540472"), []), (Trial(title="x"), []), (Trial(sponsor=Organization(name="x")), []),
])
def test_records_that_nothing_tells_apart_are_warned_of(trial: Trial, doubts: list[str]) -> None:
    for release in ("r4", "r5"):
        assert [problem.message for problem in format_named(release).write(trial).problems] == doubts
