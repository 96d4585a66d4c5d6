"""What the readers of pages share: places, dates, values without labels."""

from __future__ import annotations

import pytest

from converter.formats.clinconnect_page import calendar_date
from converter.formats.page import Page, date, place, recognized
from converter.formats.page_lines import Line
from converter.trial import Site


@pytest.mark.parametrize(("said", "site", "doubt"), [
    ("Jinan, China", Site(city="Jinan", country="China"), False),
    ("Jinan, Shandong, China", Site(city="Jinan", state="Shandong", country="China"), False),
    ("Seoul, Korea, Republic of", Site(city="Seoul", country="Korea, Republic of"), False),
    ("Kinshasa, Congo, The Democratic Republic of the",
     Site(city="Kinshasa", country="Congo, The Democratic Republic of the"), False),
    ("Jinan", Site(city="Jinan"), True),
    ("Republic of", Site(city="Republic of"), True),
    ("Jinan, ", Site(city="Jinan,"), True),
    ("A, B, C, D", Site(city="A, B, C, D"), True),
])
def test_a_place_is_split_where_that_is_certain(said: str, site: Site, doubt: bool) -> None:
    page = Page([Line(1, said)])
    assert place(page, page.lines[0]) == site
    assert bool(page.problems) == doubt


@pytest.mark.parametrize(("said", "iso"), [
    ("Jul 15, 2016", "2016-07-15"), ("September 07, 2025", "2025-09-07"), ("May 1, 2015", "2015-05-01"),
    ("Feb 29, 2016", "2016-02-29"), ("Feb 29, 2015", None), ("Jul 2016", "2016-07"), ("July 15", None),
    ("Foo 15, 2016", None), ("15 Jul 2016", None), ("jul 15, 2016", None), ("Julember 15, 2016", None), ("", None),
    ("Jul 15, 0000", None),
])
def test_dates_in_words(said: str, iso: str | None) -> None:
    assert calendar_date(said) == iso


@pytest.mark.parametrize(("said", "good"), [
    ("2018", True), ("2018-06", True), ("2018-06-10", True), ("2018-13", False), ("2018-06-31", False), ("0000", False),
    ("20180610", False), ("2018-06-1", False), ("2018-W01-1", False), ("", False), ("\u0662\u0660\u0661\u0668", False),
])
def test_dates_in_figures(said: str, good: bool) -> None:
    assert date(said) == (said if good else None)


def test_values_without_labels_are_told_apart_step_by_step() -> None:
    fits = {"even": lambda said: int(said) % 2 == 0, "small": lambda said: int(said) < 10}
    four, twelve, six = (Line(number, said) for number, said in enumerate(("4", "12", "6"), 1))
    assert recognized([four, twelve], fits) == {"even": twelve, "small": four}
    assert recognized([four, six], fits) == {"even": four, "small": six}
    assert recognized([four], fits) == {}
