"""Trials as nobody would write them: every field, words that no list has, texts that FHIR cannot hold."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any, get_type_hints

import msgspec

from converter import words
from converter.trial import Milestone, Part, Trial

TEXTS = [
    "tacrolimus", "Drug: tacrolimus", "NCT03540472", "NCT01234567", "2018", "2018-06", "2018-06-10", "2018-02-31", "2018-13", "0000",
    "http://example.org/a", "http://a b/c", "", " ", "\n", "\t x", "x ", "a\x00b", "%41", "\x7f", "é", "e\u0301", "中文", "\u200f", "\u00a0",
    "\ufffe", "😀", "<b>&\"'", "a/b", "\\", "a\\/b", "Phase 1/Phase 2", "18 Years", "6 Months", "1 Year", "N/A", "18 years", "018 Years",
    "-1 Years", "Inclusion Criteria:\n\n* a\n\nExclusion Criteria:\n\n* b", "EXCLUSION CRITERIA", "clusion", "true", "Yes", "[1]", '{"a":1}',
    "Start", "Completion", "Recruiting", "RECRUITING", "x" * 300, "#", "#loc-1", "Principal Investigator", "Contact", "Actual", "Estimated",
    "United States", "Nowhere", "Beijing", "12345678", "D001172", "unknown", "Female", "Male", "All",
]
WORDS = [ours for table in vars(words).values() if isinstance(table, dict) for ours in table.values() if isinstance(ours, str)]
NUMBERS = [0, 1, -1, 30, 2**31 - 1, 2**31, 10**12, -(10**12), 10**30]
DECIMALS = [Decimal(text) for text in ("0", "39.90", "-0.0", "1E+5", "0.00", "12345678901234567890.123", "-77.1002", "38")]


def value(kind: Any, chance: random.Random) -> Any:
    """Some value of that type."""
    kind = msgspec.inspect.type_info(kind) if not isinstance(kind, msgspec.inspect.Type) else kind
    if isinstance(kind, msgspec.inspect.UnionType):
        return value(next(t for t in kind.types if not isinstance(t, msgspec.inspect.NoneType)), chance)
    if isinstance(kind, msgspec.inspect.Metadata):
        return value(kind.type, chance)
    if isinstance(kind, msgspec.inspect.VarTupleType):
        return tuple(value(kind.item_type, chance) for _ in range(chance.choice([1, 1, 2, 3])))
    if isinstance(kind, msgspec.inspect.StructType):
        return part(kind.cls, chance)
    if isinstance(kind, msgspec.inspect.StrType):
        return chance.choice(WORDS if chance.random() < 0.5 else TEXTS)
    if isinstance(kind, msgspec.inspect.BoolType):
        return chance.random() < 0.5
    if isinstance(kind, msgspec.inspect.IntType):
        return chance.choice(NUMBERS)
    if isinstance(kind, msgspec.inspect.DecimalType):
        return chance.choice(DECIMALS)
    raise TypeError(kind)


def part(make: type[Part], chance: random.Random, share: float = 0.6) -> Any:
    """A part with some of its fields, and always one."""
    hints = get_type_hints(make, include_extras=True)
    names = [name for name in make.__struct_fields__ if chance.random() < share] or [chance.choice(make.__struct_fields__)]
    made = {name: value(hints[name], chance) for name in names}
    if make is Milestone and made.pop("not_reported", None):
        made = {name: part for name, part in made.items() if name != "date"} | {"not_reported": True}
    return make(**made) if made else make(date="2018")


def trial(seed: int) -> Trial:
    """The trial of that number, always the same."""
    chance = random.Random(seed)
    made: Trial = part(Trial, chance, chance.choice([0.02, 0.1, 0.3, 0.6, 1.0]))
    return made
