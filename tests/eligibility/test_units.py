"""Units as people write them, and the table that they are read by."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from converter.eligibility.plain import plain
from converter.eligibility.units import Unit, measures, spelled, unit_at
from mappings.ucum import doubt, faults

READ = [
    ("years", "a", "time"), ("yrs", "a", "time"), ("y/o", "a", "time"), ("-year-old", "a", "time"), (" months", "mo", "time"), ("weeks'", "wk", "time"),
    ("h", "h", "time"), ("msec", "ms", "time"), ("kg", "kg", "mass"), ("lbs", "[lb_av]", "mass"), ("pounds", "[lb_av]", "mass"), ("mg", "mg", "drug"),
    ("mg/dL", "mg/dL", "mass/volume"), ("mg /dL", "mg/dL", "mass/volume"), ("g / dl", "g/dL", "mass/volume"), ("gm%", "g/dL", "mass/volume"),
    ("µmol/L", "umol/L", "substance/volume"), ("umol / L", "umol/L", "substance/volume"), ("mEq/L", "meq/L", "substance/volume"),
    ("mmol/mol", "mmol/mol", "substance/substance"), ("IU/L", "[IU]/L", "activity/volume"), ("U/l", "U/L", "activity/volume"),
    ("mIU/mL", "m[IU]/mL", "activity/volume"), ("/mm3", "/uL", "count/volume"), ("cells/mm^3", "/uL", "count/volume"), ("/㎕", "/uL", "count/volume"),
    ("cells per cubic millimeter", "/uL", "count/volume"), ("x10^9/L", "10*9/L", "count/volume"), ("× 10\\^9/L", "10*9/L", "count/volume"),
    ("x109/L", "10*9/L", "count/volume"), (" 109/L", "10*9/L", "count/volume"), ("×10⁹/L", "10*9/L", "count/volume"), ("* 109/L", "10*9/L", "count/volume"),
    ("x 10^3/μL", "10*3/uL", "count/volume"), ("K/uL", "10*3/uL", "count/volume"), ("10E9/L", "10*9/L", "count/volume"),
    ("x 10^9 cells/L", "10*9/L", "count/volume"), ("mL/min/1.73 m2", "mL/min/{1.73_m2}", "volume/time"), ("ml / min / 1.73m²", "mL/min/{1.73_m2}", "volume/time"),
    ("ml/min", "mL/min", "volume/time"), ("kg/m2", "kg/m2", "mass/area"), ("kg / m^2", "kg/m2", "mass/area"), ("mm Hg", "mm[Hg]", "pressure"),
    ("cm H2O", "cm[H2O]", "pressure"), ("°C", "Cel", "temperature"), ("degrees C", "Cel", "temperature"), ("°F", "[degF]", "temperature"),
    ("%", "%", "fraction"), ("percent", "%", "fraction"), ("bpm", "/min", "events/time"), ("beats per minute", "/min", "events/time"),
    ("events/hour", "/h", "events/time"), ("mg/24h", "mg/(24.h)", "mass/time"), ("mg/g", "mg/g", "mass/mass"), ("points", "{score}", "score"),
    ("cigarettes a day", "{cigarettes}/d", "things/time"), ("pack-years", "{pack-years}", "exposure"), ("mm/h", "mm/h", "length/time"),
    ("kUA/L", "k[IU]/L", "activity/volume"), ("kilounits per liter", "k[IU]/L", "activity/volume"), ("micromolar/L", "umol/L", "substance/volume"),
    (" completed weeks", "wk", "time"), ("%predicted", "%", "fraction"), ("cps/mL", "/mL", "count/volume"), ("EU/mL", "{EU}/mL", "activity/volume"),
]


@pytest.mark.parametrize(("text", "code", "kind"), READ, ids=[text for text, _, _ in READ])
def test_a_unit_is_read_whole(text: str, code: str, kind: str) -> None:
    assert unit_at(plain(text), 0, len(text)) == Unit(code, kind, len("-year") if text == "-year-old" else len(text))


@pytest.mark.parametrize("text", ["ULN", "diabetes", "th", "of the", "patients", "kgb", "x ULN", "", "-fold", ") or", "Gy-Eq"])
def test_no_unit_is_read_where_there_is_none(text: str) -> None:
    assert unit_at(plain(text), 0, len(text)) is None


@pytest.mark.parametrize("code", sorted({code for _, code, _ in READ} | {code for code, _ in spelled().values() if code}))
def test_every_unit_is_one_of_ucum_and_none_of_its_traps(code: str) -> None:
    assert (faults(code), doubt(code)) == ("", "")


@pytest.mark.parametrize(("text", "code", "kind"), [row for row in READ if row[0] != "mg"], ids=[text for text, _, _ in READ if text != "mg"])
def test_what_a_code_measures_is_what_its_words_measure(text: str, code: str, kind: str) -> None:
    assert measures(code) == kind


def test_no_spelling_is_of_two_units() -> None:
    rows = csv.DictReader(files("converter.eligibility").joinpath("data/units.tsv").read_text(encoding="utf-8").splitlines(), delimiter="\t")
    words = [word.replace(" ", "") for row in rows for word in {word.replace(" ", "") for word in row["spelled"].split(";")}]
    assert sorted(words) == sorted(set(words))
