"""What the samples give is current, and every law of the house holds for each of them."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from converter import words
from converter.convert import read, writing
from converter.formats import Reading
from converter.json_text import encode, parse
from converter.loss import lost, same
from converter.trial import Contact, Milestone, Part
from converter.version import VERSION
from tests.renew import RELEASES, SAMPLES, Sample, made, made_from, samples, standing

ALL = {sample.name: sample for sample in samples()}
CTGOV = [name for name, sample in ALL.items() if sample.format == "ctgov"]
INVENTED = [name for name in CTGOV if name.startswith("ctgov-NCT999999")]
WRITTEN = [(release, extensions) for release in RELEASES for extensions in ("hl7", "own")]
NOT_OF_CTGOV = {("Milestone", "not_reported")}
"""Fields that only other sources give."""
EVERY_WORD = {
    "age_groups": words.AGE_GROUP, "allocation": words.ALLOCATION, "arms.kind": words.ARM_KIND, "data_sharing": words.DATA_SHARING,
    "data_sharing_items": words.DATA_ITEM, "intervention_model": words.INTERVENTION_MODEL, "interventions.kind": words.INTERVENTION_KIND,
    "masking": words.MASKING, "publications.kind": words.PUBLICATION_KIND, "responsible_party.kind": words.RESPONSIBLE,
    "secondary_ids.kind": words.ID_KIND, "sex": words.SEX, "study_type": words.STUDY_TYPE, "unposted_events.kind": words.UNPOSTED_EVENT,
    "violations.kind": words.VIOLATION_KIND, "who_masked": words.WHO_MASKED,
}
"""Fields of which the samples have every word of the registry's list."""
PAGES = {
    "meddatax_page-registry_page_NCT03540472": ("ctgov-NCT03540472", ["sites[0].contacts[0].role"]),
    "clinconnect_page-clinconnect_refractory_ra_tacrolimus": ("ctgov-NCT02837978", ["completion"]),
}
"""Each page with the record of the same trial, and what the page says that the record does not."""


@cache
def reading(name: str) -> Reading:
    return ALL[name].read()


@cache
def document(name: str, release: str, extensions: str = "hl7") -> bytes:
    return writing(reading(name).trial, release, extensions=extensions).document


def resources(name: str, release: str, extensions: str = "hl7") -> list[dict[str, Any]]:
    return [entry["resource"] for entry in parse(document(name, release, extensions))["entry"]]


def within(tree: Any) -> Iterator[Any]:
    """Every object, list and value of a tree."""
    yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from within(part)


def texts(tree: Any) -> Iterator[str]:
    return (part for part in within(tree) if isinstance(part, str))


def local_references(resource: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every reference to something contained, with what a reader is shown of it."""
    for part in within(resource):
        if isinstance(part, dict):
            if str(part.get("reference", "")).startswith("#"):
                yield part["reference"], part.get("display")
            if str(part.get("definitionCanonical", "")).startswith("#"):
                yield part["definitionCanonical"], part.get("title")


# What the samples are

def test_samples_of_every_kind_are_here() -> None:
    assert {sample.format for sample in ALL.values()} >= {"ctgov", "clinconnect_page", "meddatax_page"}
    assert len(INVENTED) >= 6
    assert set(CTGOV) - set(INVENTED) == {record for record, _ in PAGES.values()}


@pytest.mark.parametrize("name", INVENTED)
def test_an_invented_record_says_so(name: str) -> None:
    trial = reading(name).trial
    assert trial.id == ALL[name].path.stem
    assert (trial.title or "").startswith("Invented: ")
    assert "invented record" in (trial.keywords or ())


def used(value: Any) -> Iterator[tuple[str, str]]:
    """Every field that is there in a part, and in the parts of it."""
    if isinstance(value, tuple):
        for entry in value:
            yield from used(entry)
    elif isinstance(value, Part):
        for field in value.__struct_fields__:
            if (inner := getattr(value, field)) is not None:
                yield type(value).__name__, field
                yield from used(inner)


def test_together_the_samples_use_every_field_of_the_trial() -> None:
    every = {(part.__name__, field) for part in Part.__subclasses__() for field in part.__struct_fields__}
    from_ctgov = {pair for name in CTGOV for pair in used(reading(name).trial)}
    assert every - from_ctgov == NOT_OF_CTGOV
    assert {pair for name in ALL for pair in used(reading(name).trial)} == every


@pytest.mark.parametrize("field", EVERY_WORD)
def test_together_the_samples_use_every_word_of_a_list(field: str) -> None:
    assert {word for name in CTGOV for word in values(reading(name).trial, field)} == set(EVERY_WORD[field].values())


def values(part: Any, field: str) -> Iterator[Any]:
    """What stands in a field, of every entry where there are several."""
    first, _, rest = field.partition(".")
    found = getattr(part, first)
    for entry in found if isinstance(found, tuple) else () if found is None else (found,):
        if rest:
            yield from values(entry, rest)
        elif entry is not None:
            yield entry


@pytest.mark.parametrize("name", PAGES)
def test_a_page_and_the_record_of_its_trial_say_the_same(name: str) -> None:
    other, more = PAGES[name]
    page, record = reading(name).trial, reading(other).trial
    one, two = (parse(encode(trial)) for trial in (replace(page, source=record.source, id=record.id), record))
    assert [loss.path for loss in lost(one, two)] == more
    assert {loss.path for loss in lost(two, one)} <= set(more)


def test_what_a_page_says_that_its_record_does_not_is_what_the_registry_has_no_words_for() -> None:
    meddatax, clinconnect = (reading(name).trial for name in PAGES)
    assert [site.contacts for site in meddatax.sites or ()] == [
        (Contact(name="Zhangbiao Long, M.D.", role="primary", phone="+86 13011826728"),)]
    assert clinconnect.completion == Milestone(not_reported=True)


# What they give is current

@pytest.mark.parametrize("name", ALL)
def test_what_a_sample_gives_is_current(name: str) -> None:
    for file, content in made_from(ALL[name]):
        path = SAMPLES / file
        assert path.exists(), f"samples/{file} is not there: run `make samples`, and read what is new"
        assert path.read_bytes() == content, f"samples/{file} is not what the code gives now: run `make samples`, and read the difference"


def test_nothing_stands_there_that_no_sample_gives() -> None:
    assert standing().keys() - made().keys() == set(), "no sample gives these any more: run `make samples`"


# Nothing is lost

@pytest.mark.parametrize("name", CTGOV)
def test_nothing_of_a_record_is_lost_or_doubtful(name: str) -> None:
    assert (reading(name).lost, reading(name).problems) == ((), ())


@pytest.mark.parametrize(("to", "options"), [
    *((release, {"extensions": extensions}) for release, extensions in WRITTEN), ("trial", {}), ("trial", {"yaml": True}),
], ids=str)
@pytest.mark.parametrize("name", ALL)
def test_a_trial_that_is_written_and_read_is_the_same(name: str, to: str, options: dict[str, Any]) -> None:
    trial = reading(name).trial
    written = writing(trial, to, **options)
    assert (written.lost, written.problems) == ((), ())
    again = read(written.document, to)
    assert to_builtins(again.trial) == to_builtins(trial)
    assert again.trial == trial
    assert (again.lost, again.problems) == ((), ())


@pytest.mark.parametrize(("release", "extensions"), WRITTEN)
@pytest.mark.parametrize("name", CTGOV)
def test_a_record_comes_back_from_fhir_as_it_was(name: str, release: str, extensions: str) -> None:
    trial = read(document(name, release, extensions)).trial
    back, before = parse(writing(trial, "ctgov").document), parse(ALL[name].content)
    assert (list(lost(before, back)), list(lost(back, before))) == ([], [])
    assert same(before, back)


# The same input gives the same bytes

SAID = "import sys; from tests.renew import made; sys.stdout.buffer.write(repr(made()).encode())"


@pytest.mark.parametrize("sample", ALL.values(), ids=list(ALL))
def test_a_sample_gives_the_same_bytes_twice(sample: Sample) -> None:
    assert list(made_from(sample)) == list(made_from(sample))


def test_a_sample_gives_the_same_bytes_wherever_it_is_read() -> None:
    environments = (
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONHASHSEED": "4294967295", "TZ": "America/Adak", "LC_ALL": "tr_TR.UTF-8"},
    )
    for environment in environments:
        told = subprocess.run([sys.executable, "-c", SAID], env={**os.environ, **environment}, cwd=SAMPLES.parent, check=True, capture_output=True)
        assert told.stdout == repr(made()).encode()


# What is written is FHIR

def model(resource: dict[str, Any], release: str) -> Any:
    """The model of the resource's type; R4 is checked by those of R4B, which differ in nothing that is written here."""
    kind = resource["resourceType"]
    return getattr(import_module(f"fhir.resources.{'' if release == 'r5' else 'R4B.'}{kind.lower()}"), kind)


@pytest.mark.parametrize(("release", "extensions"), WRITTEN)
@pytest.mark.parametrize("name", ALL)
def test_every_resource_fits_its_model(name: str, release: str, extensions: str) -> None:
    bundle = parse(document(name, release, extensions))
    for resource in [bundle, *(part for part in resources(name, release, extensions) for part in [part, *part.get("contained", [])])]:
        model(resource, release).model_validate(resource)


@pytest.mark.parametrize(("release", "extensions"), WRITTEN)
@pytest.mark.parametrize("name", ALL)
def test_ids_are_legal_and_every_reference_leads_somewhere(name: str, release: str, extensions: str) -> None:
    bundle = parse(document(name, release, extensions))
    addresses = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(addresses)) == len(addresses)
    assert {text for text in texts(bundle) if text.startswith("urn:uuid:")} == set(addresses)
    for resource in resources(name, release, extensions):
        contained = resource.get("contained", [])
        ids = [part["id"] for part in contained]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", id) for id in ids)
        found = list(local_references(resource))
        assert {address[1:] for address, _ in found} - {""} == set(ids), "every one contained is referred to (dom-3), and no other"
        assert all(shown for _, shown in found), "every reference has a display, for servers that drop what is contained"
        for part in contained:  # dom-2, dom-4, dom-5
            assert part.keys().isdisjoint({"contained", "meta", "text"})


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", ALL)
def test_a_resource_is_updated_by_its_first_identifier(name: str, release: str) -> None:
    for entry in parse(document(name, release))["entry"]:
        first, resource, request = entry["resource"]["identifier"][0], entry["resource"], entry["request"]
        assert request["method"] == "PUT"
        address = urlsplit(request["url"])
        assert (address.path, parse_qsl(address.query)) == (resource["resourceType"], [("identifier", f"{first['system']}|{first['value']}")])


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", ALL)
def test_a_narrative_is_xhtml_that_says_something(name: str, release: str) -> None:
    for resource in resources(name, release):
        root = ElementTree.fromstring(resource["text"]["div"])
        assert root.tag == "{http://www.w3.org/1999/xhtml}div"
        assert "".join(root.itertext()).strip()


@pytest.mark.parametrize(("release", "extensions"), WRITTEN)
@pytest.mark.parametrize("name", ALL)
def test_nothing_is_in_it_that_does_not_belong_there(name: str, release: str, extensions: str) -> None:
    written, source = document(name, release, extensions), ALL[name].content
    assert b"/6.0/" not in written
    assert not any(base64.b64encode(source[skip:])[:60] in written for skip in range(3))
    for text in texts(parse(written)):
        assert not is_json(text), "a part of the source, as JSON in a text"
        assert not re.search(r"[A-Za-z0-9+/]{100}", text), "a part of the source, in base64"
    for meta in (part["meta"] for part in within(parse(written)) if isinstance(part, dict) and "meta" in part):
        assert meta.keys() <= {"source"}, "a time or a version in it would change on a server what has not changed"
        assert VERSION not in meta["source"]


def is_json(text: str) -> bool:
    """True of a text that is a JSON object or list."""
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False
