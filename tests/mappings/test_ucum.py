"""UCUM codes: those that are, those that are not and why, those that mean something else; with ucumvert as the oracle."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from mappings.ucum import HINTS, TRAPS, doubt, faults, units
from tools.ucum import HERE, table

RIGHT = """
1 10 100 % %{WBC} 10* 10*9/L 10^9/L 10*3/uL 10*-3 10*+3 10*6.[CFU] /uL /[HPF] /{HPF} / {score} {} {A.B} {1.73_m2} {#}/uL ' ''
A Cel [degF] [pH] U/L [iU]/L [IU]/L [arb'U]/mL kat ukat/L mg ug ng/mL pg/mL mg/dL g/dL g% kg/m2 mL/min/{1.73_m2} mL/(min.m2) mmol/mol{Hb}
mm[Hg] cm[H2O] [in_i'Hg] m[H2O] B[10.nV] [m/s2/Hz^(1/2)] mg/kg/d mg/(kg.d) kg.m.s-2 km2/s2 m-1 mg3/mL2 2.mg mg/2 (mg) (mg/(L.h)).d a mo wk d h min s
mo_j a_g eV Ohm Mg MG ML pH kBy dag daL [lb_av] [ppm] cd ccd ar har Kibit [D'ag'U] K/uL mg/24.h mL/min/1.73.m2
""".replace(" / ", " ").split()
HINTED = [("years", "a"), ("IU/L", "[iU]"), ("mmHg", "mm[Hg]"), ("mcg", "ug"), ("mEq/L", "meq"), ("degC", "Cel"), ("Kg", "kg"), ("cc", "cm3"), ("µg", "ug"),
          ("cells/uL", "{cells}"), ("score", "{score}"), ("hr", "h"), ("ppm", "[ppm]"), ("mg/day", "d"), ("°C", "Cel")]
WRONG = [
    ("", "it is empty"), ("[copies]/mL", "there is no unit '[copies]'"), ("mmin", "there is no unit 'mmin'"), ("k", "there is no unit 'k'"),
    ("m^2", "'^' at 1 where . or / must follow"), ("10*x", "'x' at 3 where . or / must follow"), ("mg L", "' ' at 2 where . or / must follow"), (" mg", "' ' at 0 where a unit must follow"),
    ("mg²", "'²' at 2 where . or / must follow"), ("{é}", "'{' at 0 where a unit must follow"), ("{x", "'{' at 0 where a unit must follow"),
    ("{x}}", "'}' at 3 where . or / must follow"), ("{a b}", "'{' at 0 where a unit must follow"), ("mg/", "a unit must follow at its end"),
    ("mg..L", "'.' at 3 where a unit must follow"), (".mg", "'.' at 0 where a unit must follow"), ("//mg", "'/' at 1 where a unit must follow"),
    ("()", "')' at 1 where a unit must follow"), ("(mg/L", "a parenthesis is not closed"), ("mg/L)", "')' at 4 where . or / must follow"),
    ("(mg)2", "'2' at 4 where . or / must follow"), ("mg2L", "'L' at 3 where . or / must follow"), ("2mg", "'m' at 1 where . or / must follow"),
    ("10{x}", "'{' at 2 where . or / must follow"), ("mg{x}{y}", "'{' at 5 where . or / must follow"), ("{x}%", "'%' at 3 where . or / must follow"),
    ("10e9/L", "'e' at 2 where . or / must follow"), ("#/uL", "'#' at 0 where a unit must follow"), ("(/m)", "'/' at 1 where a unit must follow"),
]
DOUBTS = [
    ("K/uL", "'K/uL' is in kelvins; is '10*3/uL' meant?"), ("G/L", "'G/L' is in gauss; is '10*9/L' meant?"), ("T/L", "'T/L' is in teslas; is '10*12/L' meant?"),
    ("mL/min/1.73.m2", "UCUM has no decimal numbers, so '1.73' in 'mL/min/1.73.m2' is 1 times 73; is an annotation meant, such as {1.73_m2}?"),
    ("mg/24.h", "'mg/24.h' divides by '24' alone and multiplies by the rest; is '/(24.h)' meant?"),
    ("mL/min.m2", "'mL/min.m2' divides by 'min' alone and multiplies by the rest; is '/(min.m2)' meant?"),
    ("pH", "'pH' is in picohenries; is '[pH]' meant?"), ("C", "'C' is in coulombs; is 'Cel' meant?"), ("A", "'A' is in amperes; is 'a' meant?"),
    ("MG/dL", "'MG' in 'MG/dL' is in megagauss; is 'mg' meant?"), ("kg/ML", "'ML' in 'kg/ML' is in megalitres; is 'mL' meant?"),
    ("Mmol/L{x}", "'Mmol' in 'Mmol/L{x}' is in megamoles; is 'mmol' meant?"),
]


@pytest.mark.parametrize("code", RIGHT)
def test_a_code_of_ucum_parses(code: str) -> None:
    assert faults(code) == ""


@pytest.mark.parametrize("code, said", WRONG)
def test_what_is_wrong_is_said(code: str, said: str) -> None:
    assert faults(code) == f"expected a code of UCUM, found {code!r}: {said}"


@pytest.mark.parametrize("code, meant", HINTED)
def test_what_people_write_is_put_right(code: str, meant: str) -> None:
    unit = re.split("/(?=day)|/(?!day)", code)
    found = next(one for one in reversed(unit) if one in HINTS)
    assert faults(code) == f"expected a code of UCUM, found {code!r}: there is no unit {found!r}; is {meant!r} meant?"


@pytest.mark.parametrize("code, said", DOUBTS)
def test_what_hardly_can_be_meant_is_doubted(code: str, said: str) -> None:
    assert (faults(code), doubt(code)) == ("", said)


@pytest.mark.parametrize("code", ["mg/dL", "mL/min/{1.73_m2}", "mg/(24.h)", "K", "K/min", "kg.m/s2", "[pH]", "{K/uL}", "B[10.nV]", "[m/s2/Hz^(1/2)]", "10*3/uL", "S/m", "L/d"])
def test_the_rest_is_not_doubted(code: str) -> None:
    assert (faults(code), doubt(code)) == ("", "")


def test_hints_and_traps_name_codes_that_are() -> None:
    assert all(faults(code) == "" for code in HINTS.values())
    assert all(faults(spelled) for spelled in HINTS)
    assert all(faults(trap) == "" and faults(meant) == "" for trap, (_, meant) in TRAPS.items())


def test_depth_and_length_are_nothing() -> None:
    assert faults("(" * 100_000 + "m" + ")" * 100_000) == ""
    assert faults("m." * 100_000 + "m") == ""
    assert faults("{" * 100_000) != ""


def test_the_table_is_what_the_tool_makes() -> None:
    pytest.importorskip("ucumvert", reason="ucumvert, which carries UCUM's own table, is not installed")
    assert HERE.read_text(encoding="utf-8") == table()


@pytest.fixture(scope="module")
def accepts() -> Callable[[str], bool]:
    """Whether ucumvert takes a code."""
    ucumvert: Any = pytest.importorskip("ucumvert", reason="ucumvert, the oracle for UCUM, is not installed")
    from lark.exceptions import LarkError

    parse = ucumvert.get_ucum_parser().parse

    def accepted(code: str) -> bool:
        try:
            parse(code)
        except LarkError:
            return False
        return True

    return accepted


LIBERAL = re.compile(r"\(/|\)[0-9+{-]|(?<![0-9*^A-Za-z\])])[0-9]+[{+-]|[0-9][+-][0-9]|\}[0-9+-]|\)\{")
"""What the grammar of UCUM does not have and ucumvert takes: more after a parenthesis, a number or an annotation; /, inside of (."""
ZERO = re.compile(r"(?<=[A-Za-z\])'%])0")
"""An exponent that begins with 0: the grammar has it, ucumvert does not."""


def test_an_oracle_says_the_same(accepts: Callable[[str], bool]) -> None:
    """ucumvert, over the codes above, every unit, and a thousand of them with one character changed, taken out or put in."""
    chance = random.Random(1)
    codes = [*RIGHT, *(code for code, _ in WRONG), *(code for code, _ in HINTED)]
    codes += chance.sample(sorted(units()), 400)
    for code in chance.choices(RIGHT, k=1000):
        at, by = chance.randrange(len(code) + 1), chance.choice("./(){}1279*^[]mgLdk-+'%x")
        codes.append(code[:at] + by + code[at + chance.randrange(2):])
    differ = [code for code in codes if accepts(code) == bool(faults(code))]
    assert [code for code in differ if not LIBERAL.search(code) and not ZERO.search(code)] == []
