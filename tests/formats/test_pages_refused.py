"""What is no page, no page of this layout, or not the whole page is refused, and the message says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from converter.formats.clinconnect_page import FORMAT as CLINCONNECT
from converter.formats.meddatax_page import FORMAT as MEDDATAX
from converter.problems import Problems
from tests.formats.tacrolimus import C_PAGE, M_PAGE, PAGES, TRIALS

SITES = {"clinconnect_page": "clinconnect.io", "meddatax_page": "meddatax.com"}
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "the document is empty; expected a page of {site}, its text or the saved HTML"),
    "blank": (b"\xef\xbb\xbf \n\n\t\n", "the document is empty; expected a page of {site}, its text or the saved HTML"),
    "empty html": (b"<!DOCTYPE html><html><head><title>Trial</title></head><body><script>x</script></body></html>",
                   "the document is empty; expected a page of {site}, its text or the saved HTML"),
    "latin-1": ("Title\nM\u00fcnchen\n".encode("latin-1"),
                "line 2: found the byte 0xFC, which is not UTF-8 (is it Latin-1?). Save the page again as UTF-8"),
    "utf-16": ("Title".encode("utf-16"), "line 1: found UTF-16; expected UTF-8. Save the page again as UTF-8"),
    "lone surrogate": (b"Title\n\n\xed\xa0\xbd",
                       ("line 3: found half a character (lone surrogate U+D83D); expected UTF-8. "
                       "Save the page again as UTF-8")),
    "broken surrogate": (b"\xed\xa0A", ("line 1: found the byte 0xED, which is not UTF-8 (is it Latin-1?). "
                                       "Save the page again as UTF-8")),
    "binary": (b"PK\x03\x04\x00", ("line 1: found the control character U+0003, so this is binary or damaged; "
                                  "expected a page, its text or the saved HTML")),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_page_is_refused(name: str, case: str) -> None:
    document, message = REFUSED[case]
    with pytest.raises(Problems) as refused:
        PAGES[name][0].read(document)
    assert str(refused.value) == message.format(site=SITES[name])


@pytest.mark.parametrize(("form", "document", "message"), [
    (CLINCONNECT, M_PAGE, ("no line says 'Trial Information'; expected a trial's page of clinconnect.io, its text or the "
                          "saved HTML. If this is a page of another site, name its format")),
    (MEDDATAX, C_PAGE, ("no line says 'Basic Information' or 'Brief Summary'; expected a trial's page of meddatax.com, its "
                       "text or the saved HTML. If this is a page of another site, name its format")),
    (MEDDATAX, b'{"protocolSection": {}}',
     ("no line says 'Basic Information' or 'Brief Summary'; expected a trial's page of meddatax.com, its text or the saved "
     "HTML. If this is a page of another site, name its format")),
])
def test_another_layout_is_refused(form: Any, document: bytes, message: str) -> None:
    with pytest.raises(Problems) as refused:
        form.read(document)
    assert str(refused.value) == message


@pytest.mark.parametrize(("name", "end", "message"), [
    ("clinconnect_page", "Not reported",
     None),
    ("clinconnect_page", "- Exclusion Criteria:",
     ("line 19: the page ends with '- Exclusion Criteria:', and no line says 'Timeline'; it is cut off. Save the whole page "
     "again")),
    ("clinconnect_page", "Keywords",
     ("line 6: the page ends with 'Keywords', and no line says 'ClinConnect Summary' or 'Eligibility criteria' or "
     "'Timeline'; it is cut off. Save the whole page again")),
    ("meddatax_page", "Blinding Strategy",
     ("line 75: the page ends with 'Blinding Strategy', and no line says 'Other Identifiers', which every page has near its "
     "end; it is cut off. Save the whole page again")),
])
def test_a_page_that_is_cut_off_is_refused(name: str, end: str, message: str | None) -> None:
    form, document = PAGES[name]
    cut = document[:document.index(f"\n{end}\n".encode()) + len(end) + 1]
    if message is None:
        assert [str(problem) for problem in form.read(cut).problems] == [
            "line 45: the page ends before 'Similar Trials', its last heading; it may be cut off"]
        return
    with pytest.raises(Problems) as refused:
        form.read(cut)
    assert str(refused.value) == message


@pytest.mark.parametrize(("name", "last_needed"), [("clinconnect_page", "Timeline"), ("meddatax_page", "Other Identifiers")])
def test_a_page_that_is_cut_off_anywhere_is_refused(name: str, last_needed: str) -> None:
    form, document = PAGES[name]
    lines = document.decode().split("\n")
    for end in range(1, lines.index(last_needed)):
        with pytest.raises(Problems):
            form.read("\n".join(lines[:end]).encode())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_not_written(name: str) -> None:
    with pytest.raises(Problems) as refused:
        PAGES[name][0].write(TRIALS[name])
    assert str(refused.value) == f"{name} is only read; choose another format to write"
