"""How the criteria are written: --criteria and --min-confidence of convert, push and roundtrip; what the record says otherwise."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from converter.commands import trialbridge
from converter.convert import convert, read, write, writing
from converter.json_text import encode, parse
from converter.problems import Problems
from converter.roundtrip import roundtrip
from converter.trial import Trial
from mappings.criteria import CODED

RECORD = Path(__file__).parents[1] / "samples" / "ctgov" / "NCT02837978.json"
TEXT = "Inclusion Criteria:\n\n* Age 18 to 80 years\n\nExclusion Criteria:\n\n* Something that nobody understands"


def group(document: bytes) -> dict[str, Any]:
    resource: dict[str, Any] = parse(document)["entry"][2]["resource"]
    return resource


def characteristics(trial: Trial, release: str = "r5", **options: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = group(write(trial, release, **options))["characteristic"]
    return found


@pytest.mark.parametrize("release", ["r4", "r4b", "r5"])
def test_criteria_are_coded_one_for_one(release: str) -> None:
    """https://hl7.org/fhir/R5/group.html: a Range has inclusive ends; what is not understood is words."""
    first, second = characteristics(Trial(title="A", criteria=TEXT), release)
    assert [part["value" + kind] for part, kind in ((first["extension"][0], "String"), (second["extension"][0], "String"))] == [
        "Age 18 to 80 years", "Something that nobody understands"]
    assert first["valueRange"]["low"]["value"] == 18
    assert first["valueRange"]["high"] == {"value": 80, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a"}
    assert (first["exclude"], second["exclude"]) == (False, True)
    assert second["valueCodeableConcept"] == {"text": "Something that nobody understands"}


def test_criteria_as_text_are_the_words_of_the_sections() -> None:
    assert characteristics(Trial(title="A", criteria=TEXT), criteria="text") == [
        {"code": {"text": "Inclusion criterion"}, "valueCodeableConcept": {"text": "* Age 18 to 80 years"}, "exclude": False},
        {"code": {"text": "Exclusion criterion"}, "valueCodeableConcept": {"text": "* Something that nobody understands"}, "exclude": True}]


def test_what_is_less_sure_than_asked_for_is_not_coded() -> None:
    """No rule is always right."""
    first, _ = characteristics(Trial(title="A", criteria=TEXT), min_confidence=1)
    assert first["valueCodeableConcept"] == {"text": "Age 18 to 80 years"}
    assert len(first["extension"]) == 1


@pytest.mark.parametrize("options", [{}, {"criteria": "text"}, {"min_confidence": 0}, {"min_confidence": "0.5"}])
@pytest.mark.parametrize("release", ["r4", "r4b", "r5"])
def test_however_they_are_written_they_come_back(release: str, options: dict[str, Any]) -> None:
    trial = read(RECORD).trial
    document = write(trial, release, **options)
    reading = read(document, release)
    assert (reading.trial, reading.problems, reading.lost) == (trial, (), ())
    [trip] = roundtrip(document, release, release, **options)
    assert (trip.status, trip.differences) == ("same", ())


@pytest.mark.parametrize("release", ["r4", "r5"])
def test_a_code_that_the_text_does_not_say_is_reported(release: str) -> None:
    """Somebody changed a bound on the server, and not the words."""
    tree = parse(write(Trial(title="A", criteria=TEXT), release))
    tree["entry"][2]["resource"]["characteristic"][0]["valueRange"]["low"]["value"] = 21
    reading = read(encode(tree), release)
    assert reading.trial.criteria == TEXT
    assert [(loss.path, loss.value, loss.after) for loss in reading.lost] == [
        ("entry[2].resource.characteristic[0].valueRange.low.value", 21, 18)]


@pytest.mark.parametrize("release", ["r4", "r5"])
@pytest.mark.parametrize("minimum", ["many", None, 7, -1, True])
def test_a_group_that_does_not_say_how_sure_it_is_is_read(release: str, minimum: Any) -> None:
    tree = parse(write(Trial(title="A", criteria=TEXT), release))
    mark = next(one for one in tree["entry"][2]["resource"]["extension"] if one["url"] == CODED)
    mark["valueDecimal"] = minimum
    reading = read(encode(tree), release)
    assert reading.trial.criteria == TEXT
    assert any("valueDecimal" in loss.path or "characteristic" in loss.path for loss in reading.lost)


REFUSED = [
    ({"criteria": "codes"}, "criteria: expected coded or text, found 'codes'"),
    ({"min_confidence": "high"}, "min_confidence: expected a number from 0 to 1, such as 0.95, found 'high'"),
    ({"min_confidence": Decimal("1.01")}, "min_confidence: expected a number from 0 to 1, such as 0.95, found 1.01"),
    ({"min_confidence": "NaN"}, "min_confidence: expected a number from 0 to 1, such as 0.95, found 'NaN'"),
    ({"min_confidence": True}, "min_confidence: expected a number from 0 to 1, such as 0.95, found true"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_options_that_cannot_be(options: dict[str, Any], message: str) -> None:
    for call in (lambda: convert(RECORD, "r5", **options), lambda: roundtrip(RECORD, "r5", **options)):
        with pytest.raises(Problems) as wrong:
            call()
        assert str(wrong.value) == message


ARGUMENTS = {"convert": [str(RECORD), "--to", "r5"], "roundtrip": [str(RECORD)], "push": [str(RECORD), "--server", "http://localhost:1/fhir"]}


@pytest.mark.parametrize("command", ARGUMENTS)
@pytest.mark.parametrize(("more", "message"), [
    (["--min-confidence", "2"], "Invalid value for '--min-confidence': 2.0 is not in the range 0<=x<=1."),
    (["--min-confidence", "high"], "Invalid value for '--min-confidence': 'high' is not a valid float range."),
    (["--criteria", "codes"], "Invalid value for '--criteria': 'codes' is not one of 'coded', 'text'."),
    (["--criteria", "text", "--min-confidence", "0.9"],
     "--min-confidence says what is coded, and --criteria text codes nothing; leave one of them out"),
])
def test_arguments_that_cannot_be(command: str, more: list[str], message: str) -> None:
    found = CliRunner().invoke(trialbridge, [command, *ARGUMENTS[command], *more])
    assert found.exit_code == 2
    assert message in " ".join(found.output.split())


def test_the_options_of_the_commands_reach_the_format() -> None:
    made = {}
    for more in ([], ["--criteria", "text"], ["--min-confidence", "0.5"]):
        found = CliRunner().invoke(trialbridge, ["convert", *ARGUMENTS["convert"], *more])
        assert found.exit_code == 0
        made[tuple(more)] = group(found.stdout_bytes)
    assert CODED not in encode(made["--criteria", "text"]).decode()
    minimum = [next(one["valueDecimal"] for one in made[more]["extension"] if one["url"] == CODED) for more in ((), ("--min-confidence", "0.5"))]
    assert minimum == [Decimal("0.9"), Decimal("0.5")]
    found = CliRunner().invoke(trialbridge, ["roundtrip", str(RECORD), "--criteria", "text"])
    assert found.exit_code == 0


# What the record says otherwise

CONTRADICTIONS = [
    (Trial(criteria="Inclusion Criteria:\n\n* Age ≥ 18 years", minimum_age="21 Years"),
     ["the text has 'Age ≥ 18 years', but minimum_age is 21 Years; correct the one that is wrong"]),
    (Trial(criteria="Inclusion Criteria:\n\n* Age ≥ 18 years", minimum_age="18 Years", maximum_age="80 Years"), []),
    (Trial(criteria="Inclusion Criteria:\n\n* Age > 17 years", minimum_age="18 Years"), []),
    (Trial(criteria="Inclusion Criteria:\n\n* Age ≥ 1 year", minimum_age="12 Months"), []),
    (Trial(criteria="Inclusion Criteria:\n\n* Age ≥ 1 year", minimum_age="6 Months"),
     ["the text has 'Age ≥ 1 year', but minimum_age is 6 Months; correct the one that is wrong"]),
    (Trial(criteria="Exclusion Criteria:\n\n* Age < 18 years", minimum_age="21 Years"), []),
    (Trial(criteria="Inclusion Criteria:\n\n* Age 18-75 years", minimum_age="18 Years", maximum_age="70 Years"),
     ["the text has 'Age 18-75 years', but maximum_age is 70 Years; correct the one that is wrong"]),
    (Trial(criteria="Inclusion Criteria:\n\n* Female", sex="Male"), ["the text has 'Female', but sex is Male; correct the one that is wrong"]),
    (Trial(criteria="Inclusion Criteria:\n\n* Female", sex="Female"), []),
    (Trial(criteria="Inclusion Criteria:\n\n* Female", minimum_age="N/A"), []),
    (Trial(criteria="Inclusion Criteria:\n\n* Age 18 to 80 years", minimum_age="NaN Months", maximum_age="1E+99999 Months"), []),
]


@pytest.mark.parametrize(("trial", "messages"), CONTRADICTIONS)
def test_what_the_record_says_otherwise_is_a_warning(trial: Trial, messages: list[str]) -> None:
    found = writing(trial, "r5").problems
    assert [(one.path, one.severity, one.message) for one in found if one.path == "criteria"] == [
        ("criteria", "warning", message) for message in messages]


@pytest.mark.parametrize("command", ["convert", "roundtrip", "push"])
def test_what_is_no_number_is_refused_as_usage(command: str) -> None:
    arguments = [command, str(RECORD), "--min-confidence", "nan", *(["--server", "http://localhost:1"] if command == "push" else [])]
    result = CliRunner().invoke(trialbridge, arguments)
    assert result.exit_code == 2
    assert "expected a number from 0 to 1" in result.output
