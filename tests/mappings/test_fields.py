"""Every field of a Trial has one place in each release, and the place exists there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from msgspec.structs import replace

from converter.trial import Part as Record
from converter.trial import Trial
from mappings.extensions import CROSS, DATATYPE, OWN, Said
from mappings.fields import FILE, as_json, as_markdown, as_table, fields, own_share
from mappings.links import by_field
from mappings.people import SITE
from mappings.places import Contained, Extension, Found, Member, Sub, Value, found_in, spelled
from tests.mappings.elements import Element, datatype, element, member

DIALECTS = ("r5", "r4", "r4-own")


def paths(part: type[Record], outer: str = "") -> Iterator[str]:
    """Every field below the part, by the types."""
    for name, kind in get_type_hints(part).items():
        kinds = [kind]
        while any(get_args(kind) for kind in kinds):
            kinds = [inner for kind in kinds for inner in (get_args(kind) or (kind,))]
        listed = any(get_origin(choice) is tuple for choice in get_args(kind))
        path = f"{outer}{name}{'[]' * listed}"
        yield path
        for inner in kinds:
            if isinstance(inner, type) and issubclass(inner, Record):
                yield from paths(inner, f"{path}.")


# Law 6

@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_field_has_exactly_one_owning_row(dialect: str) -> None:
    assert Counter(found.field for found in found_in(dialect) if found.field) == Counter(paths(Trial))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_two_single_values_stand_at_the_same_spots(dialect: str) -> None:
    # How many take part and what number that is stand in one: the element is the actual or the planned number.
    spots = Counter(repr(found.spots) for found in found_in(dialect) if found.field and found.leaf and found.field != "enrollment.kind")
    assert [spot for spot, count in spots.items() if count > 1] == []


def test_a_site_without_status_has_a_row_for_all_its_other_fields() -> None:
    """The two ways of `by_field` together own each field; the field that decides is only on the one where it is present."""
    site = SITE.on("r5")
    assert isinstance(site, by_field)
    present, absent = ([found.field for found in spelled(way, ((Member("ResearchStudy"),),), "") if found.field] for way in (site.present, site.absent))
    assert Counter(present) == Counter([*absent, site.name])


def test_a_codec_that_is_not_known_is_refused() -> None:
    with pytest.raises(TypeError, match="no place is known for what object spells"):
        list(spelled(object(), ((),), "x"))


def test_the_table_of_every_row_of_a_part_is_followed() -> None:
    """A row whose codec is a table or a link gives more than itself."""
    for found in (found for dialect in DIALECTS for found in found_in(dialect) if found.field and not found.leaf):
        assert any(other.field.startswith(found.field + ".") for other in found_in("r5")), found.field


# Law 5: a place that is not in the release

def resolve(found: Found, dialect: str) -> None:
    """Nothing, when every step exists in the release.  Raises LookupError, or fails, with the step that does not."""
    for spot in found.spots:
        at: Element | None = None
        for n, step in enumerate(spot):
            before = spot[n - 1] if n else None
            if isinstance(step, Member) and step.name == "resourceType":
                continue  # JSON's name for the type of the resource, no element of it
            if isinstance(step, Member):
                at = member(at, step.name, dialect) if at else datatype(step.name, dialect)
                assert not (step.sign and not at.many), f"{at.path} does not repeat, and has no entries with a sign"
                for name in step.sign or ():
                    if at.model:
                        member(at, name.removeprefix("_"), dialect)
            elif isinstance(step, Contained):
                assert at is not None
                member(at, "contained", dialect)
                at = datatype(step.kind, dialect)
            elif isinstance(step, Extension):
                stands(step, at, before, dialect)
                known(step, dialect)
                at = None
            elif isinstance(step, Value):
                at = datatype(step.type, dialect)
            else:
                assert isinstance(before, Extension) and isinstance(step, Sub) and step.name in before.shape


def stands(step: Extension, at: Element | None, before: Any, dialect: str) -> None:
    """The extension stands on the element that its context says; or in the extension that carries that element of R5."""
    if not step.context:
        assert step.address.startswith("http://hl7.org/fhir/StructureDefinition/")
    elif at is None:
        assert isinstance(before, Extension) and isinstance(before.shape, dict)
        assert before.address.removeprefix(CROSS).removeprefix(OWN + "extension-") == step.context
    else:
        assert step.context in at.names, f"{step} is said to stand on {step.context}, and stands on {at.path}"
        assert element(step.context, dialect).path == step.context


def known(step: Extension, dialect: str) -> None:
    """A cross-version extension carries an element that R5 has, in the shape of that element, and only in R4."""
    path = step.address.removeprefix(CROSS).removeprefix(OWN + "extension-")
    if path == step.address or (step.address.startswith(OWN) and not step.address.startswith(OWN + "extension-")):
        return
    assert dialect == ("r4" if step.address.startswith(CROSS) else "r4-own")
    carried = element(path, "r5")
    if isinstance(step.shape, str):
        assert step.shape == carried.type
        return
    for name, part in step.shape.items():
        if name == DATATYPE:
            assert part == Said("String", carried.type)
        else:
            inner = member(carried, name, "r5")
            assert part == ([inner.type] if inner.many else inner.type), f"{path}.{name}"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_place_exists_in_the_release(dialect: str) -> None:
    wrong = []
    for found in found_in(dialect):
        try:
            resolve(found, dialect)
        except (LookupError, AssertionError) as error:
            wrong.append(f"{found.field} at {found.place}: {error}")
    assert wrong == []


@pytest.mark.parametrize(("dialect", "place", "wrong"), [
    ("r5", (Member("ResearchStudy"), Member("arm")), "r5 has no ResearchStudy.arm"),
    ("r4", (Member("ResearchStudy"), Member("label")), "r4 has no ResearchStudy.label"),
    ("r4", (Member("ResearchStudy"), Contained("Location"), Member("address"), Member("town")), "r4 has no Address.town"),
    ("r5", (Member("Trial"),), "r5 has no type Trial"),
    ("r4", (Member("ResearchStudy"), Extension(CROSS + "ResearchStudy.arm", "String")), "r5 has no ResearchStudy.arm"),
])
def test_a_place_that_does_not_exist_is_noticed(dialect: str, place: tuple[Any, ...], wrong: str) -> None:
    place = tuple(replace(step, context="ResearchStudy") if isinstance(step, Extension) else step for step in place)
    with pytest.raises(LookupError, match=wrong):
        resolve(Found("x", (place,)), dialect)


# What it is for

@pytest.mark.parametrize(("release", "share"), [("r5", 0.072), ("r4", 0.078), ("r4b", 0.078)])
def test_at_most_15_percent_of_the_protocol_section_needs_extensions_of_ours(release: str, share: float) -> None:
    assert round(own_share(release), 3) == share <= 0.15


EXAMPLES = [
    # field, ClinicalTrials.gov, R5, R4
    ("id", "protocolSection.identificationModule.nctId", "native ResearchStudy.identifier(official).value",
     "native ResearchStudy.identifier(official).value"),
    ("sites[].city", "protocolSection.contactsLocationsModule.locations.city", "native ResearchStudy.contained(Location).address.city",
     "native ResearchStudy.contained(Location).address.city"),
    ("sites[].status", "protocolSection.contactsLocationsModule.locations.status",
     "native ResearchStudy.contained(ResearchStudy).progressStatus.state.text", "own ResearchStudy.contained(Location).extension(site-status)"),
    ("primary_outcomes[].time_frame", "protocolSection.outcomesModule.primaryOutcomes.timeFrame",
     "own ResearchStudy.outcomeMeasure(primary).extension(time-frame)",
     "own ResearchStudy.extension(ResearchStudy.outcomeMeasure: primary).extension(time-frame)"),
    ("sex", "protocolSection.eligibilityModule.sex", "native ResearchStudy.classifier(sex).text",
     "cross-version ResearchStudy.extension(ResearchStudy.classifier: sex).value.text"),
    ("contacts[].phone_ext", "protocolSection.contactsLocationsModule.centralContacts.phoneExt",
     "cross-version ResearchStudy.contained(Practitioner).telecom(phone).extension(contactpoint-extension)",
     "cross-version ResearchStudy.contained(Practitioner).telecom(phone).extension(contactpoint-extension)"),
    ("enrollment.count", "protocolSection.designModule.enrollmentInfo.count",
     "native ResearchStudy.recruitment.targetNumber or ResearchStudy.recruitment.actualNumber",
     "cross-version ResearchStudy.extension(ResearchStudy.recruitment.targetNumber)"
     " or ResearchStudy.extension(ResearchStudy.recruitment.actualNumber)"),
    ("criteria", "protocolSection.eligibilityModule.eligibilityCriteria", "native Group.description",
     "cross-version Group.extension(artifact-description)"),
]


@pytest.mark.parametrize(("name", "ctgov", "r5", "r4"), EXAMPLES)
def test_places(name: str, ctgov: str, r5: str, r4: str) -> None:
    one = next(one for one in fields() if one.field == name)
    assert (one.ctgov, *(f"{there.carrier} {there.place}" for _, there in one.places)) == (ctgov, r5, r4)


def test_the_fields_are_told_in_the_order_of_the_trial() -> None:
    assert [one.field for one in fields()] == list(paths(Trial))


def test_json() -> None:
    told = json.loads(as_json("r4b"))
    assert told == json.loads(as_json("r4"))
    assert told[0] == {"field": "source", "description": "Format that the record was read from", "leaf": True,
                       "r4": {"place": "ResearchStudy.meta.source", "carrier": "native"}}
    assert {"r5", "r4"} < json.loads(as_json())[0].keys()


def test_table() -> None:
    lines = as_table().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("official_title "))
    assert [line.split(None, 2) for line in (lines[0], lines[start - 1])] == [
        ["FIELD", "RELEASE", "CARRIER        PLACE"], ["title", "R5", "R4    native         ResearchStudy.title"]]
    assert lines[start].split() == ["official_title", "R5", "native", "ResearchStudy.label(official).value"]
    assert lines[start + 1].split(None, 2) == ["R4", "cross-version", "ResearchStudy.extension(ResearchStudy.label: official).extension(value)"]
    assert len(as_table("r5").splitlines()) == 1 + len(fields())


@pytest.mark.parametrize("release", [None, "r5", "r4", "r4b"])
def test_markdown(release: str | None) -> None:
    """Every line of a table has the cells of its head."""
    for section in as_markdown(release).split("\n## ")[1:]:
        counts = {line.count("|") for line in section.splitlines() if line.startswith("|")}
        assert counts == ({3} if section.startswith("Identifier systems") else {8} if release is None else {6}), section[:40]


def test_the_page_in_the_documentation_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == as_markdown(), "renew it: python -m mappings.fields"
