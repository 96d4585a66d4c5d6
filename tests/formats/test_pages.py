"""Web pages: every fact of a page arrives, and every line of it is a field, furniture, or reported."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins
from msgspec.structs import replace

from converter.convert import convert
from converter.formats import FORMATS, Reading
from converter.formats.ctgov import FORMAT as CTGOV
from converter.formats.meddatax_groups import OTHER_NAMES_ARE
from converter.formats.meddatax_page import FORMAT as MEDDATAX
from converter.formats.meddatax_page import HEADINGS, RESULTS_ARE
from converter.formats.page_lines import lines_of
from converter.problems import Problems
from converter.trial import Milestone, Part, Site, Trial
from tests.corpus import corpus
from tests.formats.tacrolimus import M_PAGE, PAGES, SAID, TACROLIMUS_PRCA, TRIALS

INVENTED = Path(__file__).parent / "pages"
STRANGE = "Zyx unheard of"


def warnings(reading: Reading) -> list[str]:
    assert {problem.severity for problem in reading.problems} <= {"warning"}
    return [str(problem) for problem in reading.problems]


def texts(value: Any) -> Iterator[str]:
    """Every text in a Trial."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from texts(part)


def is_said(reading: Reading, words: str) -> bool:
    """Whether the words are in the trial or in what was lost: never silently gone."""
    everywhere = [*texts(to_builtins(reading.trial)), *(str(loss.value) for loss in reading.lost)]
    return any(words in text for text in everywhere)


@pytest.mark.parametrize("name", PAGES)
def test_every_fact_of_the_page_arrives(name: str) -> None:
    form, document = PAGES[name]
    reading = form.read(document)
    assert to_builtins(reading.trial) == to_builtins(TRIALS[name])
    assert warnings(reading) == SAID[name]
    assert reading.lost == ()


@pytest.mark.parametrize("name", PAGES)
def test_the_registry_of_formats_knows_the_page(name: str) -> None:
    form, _document = PAGES[name]
    entry = FORMATS[name]
    assert entry.load() is form
    assert (form.name, entry.writes, entry.page) == (name, False, True)
    said = {other: {line.words for line in lines_of(page)} for other, (_, page) in PAGES.items()}
    said["values"] = {line.words for line in lines_of((INVENTED / "meddatax_values_only.txt").read_bytes())}
    said["number"] = {line.words for line in lines_of((INVENTED / "clinconnect_with_number.txt").read_bytes())}
    mine = {"clinconnect_page": "number", "meddatax_page": "values"}[name]
    assert {other for other, lines in said.items() if lines.issuperset(entry.sign)} == {name, mine}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("spelled", [
    lambda page: b"\xef\xbb\xbf" + page,
    lambda page: page.replace(b"\n", b"\r\n"),
    lambda page: page.replace(b"\n", b"\r"),
    lambda page: page + b"\n",
], ids=["byte order mark", "CRLF", "CR", "last line end"])
def test_the_same_page_spelled_otherwise_is_read_the_same(name: str, spelled: Callable[[bytes], bytes]) -> None:
    form, document = PAGES[name]
    assert form.read(spelled(document)) == form.read(document)


# Every line

@pytest.mark.parametrize("name", PAGES)
def test_no_unknown_line_is_silently_gone(name: str) -> None:
    form, document = PAGES[name]
    lines = document.decode().split("\n")
    for at in range(len(lines) + 1):
        for apart in ([], [""]):
            page = [*lines[:at], *apart, STRANGE, *apart, *lines[at:]]
            assert is_said(form.read("\n".join(page).encode()), STRANGE), f"line {at + 1} of {name}"


@pytest.mark.parametrize("name", PAGES)
def test_no_line_that_says_something_else_is_silently_gone(name: str) -> None:
    form, document = PAGES[name]
    lines = document.decode().split("\n")
    gone = []
    for at, line in enumerate(lines):
        if line:
            try:
                reading = form.read("\n".join([*lines[:at], STRANGE, *lines[at + 1:]]).encode())
            except Problems:
                continue
            if not is_said(reading, STRANGE):
                gone.append(line[:20])
    # The site's paragraph about the sponsor has no fixed words: one paragraph in its place is taken for it.  The names of
    # the site's own contact, and of a trial that it recommends, are known by the line below them.
    assert gone == {"clinconnect_page": ["Qiang Shu is a disti", "Jennifer Cobb"],
                    "meddatax_page": ["Haploidentical PBMC ", "Eltrombopag for Peop", "Clinical Study of BR"]}[name]


SENTENCES = [*(heading.sentence for heading in HEADINGS if heading.sentence), RESULTS_ARE[0], OTHER_NAMES_ARE]


@pytest.mark.parametrize("sentence", [sentence for sentence in SENTENCES if sentence.encode() in M_PAGE])
def test_a_sentence_in_other_words_is_reported_and_the_values_are_read(sentence: str) -> None:
    other = "Please " + sentence.replace(" the ", " this ")
    reading = MEDDATAX.read(M_PAGE.replace(sentence.encode(), other.encode()))
    assert reading.trial == TACROLIMUS_PRCA
    assert [loss.value for loss in reading.lost] == [other]


def test_all_sentences_of_the_page_are_known() -> None:
    assert sum(sentence.encode() in M_PAGE for sentence in SENTENCES) == 20


def test_a_heading_in_a_text_is_text() -> None:
    description = TACROLIMUS_PRCA.description or ""
    text = "Study Design\n\nOne group.\n\nConditions\n\nLocations"
    reading = MEDDATAX.read(M_PAGE.replace(description.encode(), text.encode()))
    assert reading.trial == replace(TACROLIMUS_PRCA, description=text)
    assert reading.lost == ()


# The pages that were rendered from records of the registry

HEADING = "the page prints headings of its own, whatever the record writes in their place"
NAMES = "the page joins the other names of an intervention, or of all of them, by spaces"
OLD = "a record of before 2011; the page prints nothing of the name and the organisation"
SPACES = "the page joins the conditions by spaces"
EXCEPTIONS = {
    "meddatax_page": {
        "conditions": dict.fromkeys((
            "NCT00763412", "NCT00857779", "NCT01224834", "NCT01479205", "NCT01618318", "NCT02341040", "NCT02782533",
            "NCT03017976", "NCT03652402", "NCT04077866", "NCT04787042", "NCT05161130", "NCT06071325", "NCT06244082",
            "NCT06388018", "NCT07019389",
        ), SPACES),
        "criteria": dict.fromkeys((
            "NCT02782533", "NCT03017976", "NCT03852342", "NCT04881773", "NCT05161130", "NCT05551793", "NCT06223893",
            "NCT06244082", "NCT07040475", "NCT07231081",
        ), HEADING),
        "interventions": dict.fromkeys((
            "NCT00763412", "NCT03652402", "NCT04077866", "NCT04787042", "NCT05752279", "NCT06388018",
        ), NAMES),
        "responsible_party": dict.fromkeys(("NCT01002976", "NCT01224834"), OLD),
        "enrollment": {"NCT01002976": "the page does not print an enrollment of 0"},
    },
    "clinconnect_page": {
        "criteria": {"NCT03852342": "the record itself begins a criterion with a bullet, which the page prints once"},
    },
}
# Pages on which a line stays unread: nothing says which of several interventions has the other names.
UNREAD = {"meddatax_page": ("NCT00763412", "NCT04077866", "NCT04787042", "NCT05752279", "NCT06388018"),
          "clinconnect_page": ()}


@cache
def records() -> dict[str, Trial]:
    """The records of the rendered pages, as the reader of the registry's own format reads them."""
    wanted = {path.stem for path in corpus("pages/rendered").glob("*/*.txt")}
    with gzip.open(corpus("ctgov_v2/records.ndjson.gz")) as lines:
        found = {json.loads(line)["protocolSection"]["identificationModule"]["nctId"]: line for line in lines}
    return {number: CTGOV.read(found[number]).trial for number in sorted(wanted)}


def without(part: Any, *fields: str) -> Any:
    """The part, or each of the parts, without these fields; what is then empty is absent."""
    if isinstance(part, tuple):
        return tuple(without(one, *fields) for one in part)
    return replace(part, **dict.fromkeys(fields)) if isinstance(part, Part) else part


def as_meddatax_shows(trial: Trial) -> Trial:
    """What of the trial the layout has room for."""
    kept = ("id", "title", "status", "has_results", "sponsor", "collaborators", "summary", "description", "conditions",
            "study_type", "phases", "allocation", "intervention_model", "primary_purpose", "observational_model",
            "time_perspective", "masking", "who_masked", "arms", "interventions", "criteria", "healthy_volunteers", "sex",
            "minimum_age", "maximum_age")
    cut = {"start": ("kind",), "completion": ("kind",), "update_posted": ("kind",), "enrollment": ("kind",),
           "protocol_id": ("kind", "issuer", "link"), "secondary_ids": ("issuer", "link"), "contacts": ("phone_ext", "email"),
           "sites": ("zip", "contacts", "position"), "publications": ("retractions",),
           "responsible_party": ("affiliation",)}
    return Trial(source="meddatax_page", **{field: getattr(trial, field) for field in kept},
                 **{field: without(getattr(trial, field), *fields) for field, fields in cut.items()})


def as_clinconnect_shows(trial: Trial) -> Trial:
    """What of the trial the layout has room for.

    These pages print the date of the registry's data as that of the page, no estimated completion, and each place once.
    """
    places = dict.fromkeys(Site(city=site.city, state=site.state, country=site.country) for site in trial.sites or ())
    kept = ("title", "status", "first_submitted", "summary", "sex", "criteria", "officials")
    return Trial(source="clinconnect_page", **{field: getattr(trial, field) for field in kept},
                 sponsor=without(trial.sponsor, "kind"), update_posted=Milestone(date=trial.record_version),
                 sites=tuple(places) or None, completion=Milestone(not_reported=True))


def criteria_alone(trial: Trial) -> Trial:
    """The trial with the words of its criteria only: this site numbers every criterion anew and flattens the lists."""
    lines = [re.sub(r"^\s*([*-] |\d+\.\s+)?", "", line).strip() for line in (trial.criteria or "").split("\n")]
    said = [line for line in lines if line and not re.fullmatch("(in|ex)clusion criteria ?:?", line, re.IGNORECASE)]
    return replace(trial, criteria="\n".join(said))


@pytest.mark.corpus
@pytest.mark.parametrize(("name", "folder", "as_shown"), [
    ("clinconnect_page", "C_clinconnect", lambda trial: criteria_alone(as_clinconnect_shows(trial))),
    ("meddatax_page", "M_meddatax", as_meddatax_shows),
])
def test_every_field_of_a_rendered_page_equals_that_of_its_record(
        name: str, folder: str, as_shown: Callable[[Trial], Trial]) -> None:
    other: dict[str, list[str]] = {}
    unread = []
    pages = sorted(corpus(f"pages/rendered/{folder}").glob("NCT*.txt"))
    assert len(pages) == 40
    for path in pages:
        reading = PAGES[name][0].read(path.read_bytes())
        read = criteria_alone(reading.trial) if name == "clinconnect_page" else reading.trial
        record = as_shown(records()[path.stem])
        for field in Trial.__struct_fields__:
            if getattr(read, field) != getattr(record, field):
                other.setdefault(field, []).append(path.stem)
        if reading.lost:
            unread.append(path.stem)
        if name == "meddatax_page":
            assert read.conditions == (" ".join(record.conditions or ()),)
    assert other == {field: list(pages) for field, pages in EXCEPTIONS[name].items()}
    assert tuple(unread) == UNREAD[name]


@pytest.mark.parametrize("name", PAGES)
def test_what_the_target_doubts_or_lacks_is_named_by_its_line(name: str) -> None:
    """"Not reported" and "Role: primary"; `source` is the reader's own word and stands on no line."""
    form, document = PAGES[name]
    made, doubted = convert(document, "ctgov", form.name), form.read(document).problems
    found = {each.path for each in (*made.lost, *made.problems[len(doubted):])}
    said = {int(path.removeprefix("line ")): path for path in found - {"source"}}
    assert [document.decode().splitlines()[number - 1].strip() for number in said] == [
        "Not reported" if form.name == "clinconnect_page" else "Role: primary"]
