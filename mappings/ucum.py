"""Is this a code of the Unified Code for Units of Measure?  Parsed by its grammar, units by its table; nothing is computed.

Terms, prefixes, exponents, annotations and parentheses as https://ucum.org/ucum has them, in the case-sensitive spelling, which
FHIR asks for.  Where parsers are more liberal than the grammar (`10{x}`, `mg{a}{b}`, `//mg`), the grammar counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from msgspec import Struct
from msgspec.json import decode

from converter.problems import shown

SYSTEM = "http://unitsofmeasure.org"
TOKEN = re.compile(
    r"""(?P<unit>(?:10[*^]|(?:[A-Za-z%'"_]|\[[!-Z\\^-~]+\])+)) (?:[+-]?[0-9]+)? (?:\{[!-z|~]*\})?
        |(?P<note>\{[!-z|~]*\}) |(?P<number>[0-9]+) |(?P<open>\() |(?P<close>\)) |(?P<sign>[./])""", re.VERBOSE)
MEANT = {
    "%": "percent", "Cel": "degC °C", "L": "liter litre", "[degF]": "degF °F",
    "[ft_i]": "feet foot", "[iU]": "IU iu UI", "[in_i]": "in inch inches", "[lb_av]": "lb lbs pound pounds", "[ppb]": "ppb",
    "[ppm]": "ppm", "a": "year years yr yrs y", "cm[H2O]": "cmH2O", "cm3": "cc CC", "d": "day days", "dL": "DL", "g": "gm gram grams gr",
    "h": "hour hours hr hrs", "kg": "Kg KG kgs", "meq": "mEq mEQ MEQ", "min": "minute minutes mins", "mm[Hg]": "mmHg mmhg MMHG",
    "mo": "month months mth", "mol": "mole moles", "mosm": "mOsm", "s": "sec second seconds", "ug": "mcg µg μg", "uL": "µL μL",
    "um": "µm μm", "umol": "µmol μmol", "wk": "week weeks", "{ULN}": "ULN", "{cells}": "cells", "{copies}": "copies",
    "{points}": "points", "{ratio}": "ratio", "{score}": "score",
}
HINTS = {spelled: code for code, words in MEANT.items() for spelled in words.split()}
"""What people write, and UCUM does not know."""
TRAPS = {
    "MG": ("megagauss", "mg"), "ML": ("megalitres", "mL"), "Mg": ("megagrams", "mg"), "Mmol": ("megamoles", "mmol"),
    "PH": ("petahenries", "[pH]"), "ft": ("femtotonnes", "[ft_i]"), "kG": ("kilogauss", "kg"), "mG": ("milligauss", "mg"),
    "pH": ("picohenries", "[pH]"),
}
ALONE = {"A": ("amperes", "a"), "C": ("coulombs", "Cel"), "F": ("farads", "[degF]"), "H": ("henries", "h"), "S": ("siemens", "s")}
"""Codes of something else than they look like: in any place, and where nothing stands beside them."""
COUNTS = {"K": ("kelvins", "10*3"), "G": ("gauss", "10*9"), "T": ("teslas", "10*12")}
"""What laboratories write for thousands, milliards and billions in a volume."""
A_COUNT = re.compile(r"([KGT])(/(?:[munpfdc]?[Ll]|[dcm]?m3))")
A_DECIMAL = re.compile(r"(?<![^/.(])[0-9]+\.[0-9]+")
A_PRODUCT = re.compile(r"/([^/.()]+(?:\.[^/.()]+)+)")
IN_BRACES = re.compile(r"\{[^}]*\}|(?<=\[)[^\]]*")


class Table(Struct, frozen=True):
    """UCUM's own table: prefixes, the units that take one, the others."""

    version: str
    prefixes: str
    metric: str
    others: str


@cache
def units() -> frozenset[str]:
    """Every unit with every prefix that it may have."""
    table = decode(files(__package__).joinpath("ucum.json").read_bytes(), type=Table)
    metric = table.metric.split()
    return frozenset([*metric, *table.others.split(), *(prefix + unit for prefix in table.prefixes.split() for unit in metric)])


def faults(code: str) -> str:
    """What is wrong with the code, as a sentence; "" when it is one of UCUM."""
    wrong = next(unfit(code), "")
    return f"expected a code of UCUM, found {shown(code)}: {wrong}" if wrong else ""


def unfit(code: str) -> Iterator[str]:
    """Where the code leaves the grammar: there a unit must follow, or an operator."""
    at, depth, wanted = 0, 0, True
    while at < len(code):
        token = TOKEN.match(code, at)
        kind = token.lastgroup if token else None
        if token is None or (kind == "close" and (wanted or not depth)) or (kind == "sign" and wanted and (at or code[0] == ".")) or (
                kind not in ("sign", "close") and not wanted and not (kind == "note" and code[at - 1] == ")")):
            yield unexpected(code, at, wanted)
            return
        if kind == "unit" and token["unit"] not in units():
            yield unknown(token["unit"])
        depth += (kind == "open") - (kind == "close")
        wanted = kind in ("open", "sign")
        at = token.end()
    if wanted:
        yield "a unit must follow at its end" if code else "it is empty"
    if depth:
        yield "a parenthesis is not closed"


def unexpected(code: str, at: int, wanted: bool) -> str:
    """The sentence about a character that cannot stand there."""
    word = re.match(r"[^\s./(){}]*", code[at:])
    if word and (meant := HINTS.get(word[0])):
        return f"there is no unit {shown(word[0])}; is {meant!r} meant?"
    return f"{shown(code[at])} at {at} where {'a unit' if wanted else '. or /'} must follow"


def unknown(unit: str) -> str:
    """The sentence about a unit that UCUM does not have."""
    meant = HINTS.get(unit)
    return f"there is no unit {shown(unit)}" + (f"; is {meant!r} meant?" if meant else "")


def doubt(code: str) -> str:
    """What the code means and its writer hardly can have meant, as a sentence; "" where no such trap is known."""
    bare = IN_BRACES.sub("", code)
    if found := A_DECIMAL.search(bare):
        return (f"UCUM has no decimal numbers, so {found[0]!r} in {shown(code)} is {found[0].replace('.', ' times ')}; "
                "is an annotation meant, such as {1.73_m2}?")
    if found := A_COUNT.fullmatch(bare):
        what, meant = COUNTS[found[1]]
        return f"{shown(code)} is in {what}; is {meant + found[2]!r} meant?"
    if found := A_PRODUCT.search(bare):
        return f"{shown(code)} divides by {found[1].partition('.')[0]!r} alone and multiplies by the rest; is '/({found[1]})' meant?"
    for unit in [bare, *re.split(r"[./()]", bare)]:
        if trap := TRAPS.get(unit) or (unit == bare and ALONE.get(unit)):
            where = "" if unit == code else f" in {shown(code)}"
            return f"{unit!r}{where} is in {trap[0]}; is {trap[1]!r} meant?"
    return ""
