"""The page of `trialbridge criteria`, opened in a real browser: by keyboard, by pointer, without colours, on paper, for who cannot see it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from converter.eligibility.shown.page import body, page
from tests.browser import Unavailable, seen
from tests.invented_criteria import Invented

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
AGE = "Age ≥ 18 and < 80 years\nLOINC 30525-0 Age\n98% sure, by the rule age.range"
LIVER = ("ALT > 2.5 × ULN\nLOINC 1742-6 Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma\n96% sure, by the rule lab.before\n"
         "AST > 2.5 × ULN\nLOINC 1920-8 Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma\n96% sure, by the rule lab.before")
STROKE = "stroke: at most 6 months earlier\n98% sure, by the rule window.last"
PHRASES = ["Age ≥ 18 and < 80 years", "ALT or AST > 2.5 × ULN", "PLT < 80 × 10⁹/L", "Child-Pugh A or B", "hypertension", "surgery",
           "within 4 weeks before screening", "Pregnant", "women", "penicillin", "stroke", "in the last 6 months"]
CASES = ["invented", "several"]


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    """What is seen of a page: the invented criteria alone, or a page of several records."""
    folder = tmp_path_factory.mktemp("pages")

    @cache
    def look(case: str) -> dict[str, Any]:
        titles = ["NCT00000001 A <trial>"] if case == "invented" else [f"NCT0000000{n} A <trial>" for n in (1, 2, 3)]
        bodies = [body(n, None if case == "invented" else title, Invented() if n < 2 else "It has no criteria.", 0.95)  # type: ignore[arg-type]
                  for n, title in enumerate(titles)]
        (path := folder / f"{case}.html").write_text("".join(page(titles, bodies, 0.95)), encoding="utf-8")
        try:
            return seen(path)
        except Unavailable as reason:
            pytest.skip(str(reason))

    return look


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_loaded_and_nothing_is_wrong(look, case):
    assert (look(case)["requests"], look(case)["messages"]) == ([], [])


def test_the_keyboard_shows_and_hides_what_was_understood(look):
    assert look("invented")["keyboard"]["steps"] == [
        {"key": "", "focused": None, "tips": []},
        {"key": "Tab", "focused": "Age ≥ 18 and < 80 years", "tips": [AGE]},
        {"key": "Escape", "focused": "Age ≥ 18 and < 80 years", "tips": []},
        {"key": "Tab", "focused": "ALT or AST > 2.5 × ULN", "tips": [LIVER]},
        {"key": "Shift+Tab", "focused": "Age ≥ 18 and < 80 years", "tips": [AGE]},
    ]


def test_the_keyboard_goes_through_the_page_in_its_order(look):
    assert look("invented")["keyboard"]["order"] == PHRASES
    assert look("several")["keyboard"]["order"] == [f"NCT0000000{n} A <trial>" for n in (1, 2, 3)] + PHRASES * 2


def test_the_focus_can_be_seen(look):
    assert look("invented")["keyboard"]["outline"] == "solid 3px"


def test_the_pointer_shows_what_was_understood_and_can_go_onto_it(look):
    assert look("invented")["pointer"] == [
        {"where": "phrase", "tips": [STROKE]}, {"where": "tooltip", "tips": [STROKE]}, {"where": "Escape", "tips": []},
        {"where": "away", "tips": []}, {"where": "phrase", "tips": [STROKE]}, {"where": "away", "tips": []},
    ]


@pytest.mark.parametrize("case", CASES)
def test_a_narrow_window_holds_every_tooltip_and_is_not_scrolled_sideways(look, case):
    assert look(case)["narrow"] == {"outside": [], "scrolls": False}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_contrast_included(look, case, scheme):
    found = look(case)[scheme]
    assert found["violations"] == []
    assert {"color-contrast", "html-has-lang", "list", "listitem", "heading-order"} <= set(found["passes"])


def test_kinds_of_phrases_are_told_apart_without_colours(look):
    underlines = look("invented")["underlines"]
    assert len(set(underlines)) == len(underlines) == 6


def test_it_works_without_its_script(look):
    assert look("invented")["scriptless"] is True


def test_paper_has_what_was_understood_beside_every_phrase(look):
    assert look("invented")["printed"] == {"phrases": len(PHRASES), "tips": len(PHRASES), "ground": "rgb(255, 255, 255)"}


def test_criteria_bring_no_element_and_no_script_into_the_page(look):
    assert look("invented")["foreign"] == {
        "scripts": 1, "handlers": [], "elements": ["b", "code", "h2", "li", "mark", "p", "section", "span", "ul"]}
