"""Words of the Trial as FHIR concepts                     https://hl7.org/fhir/R5/datatypes.html#CodeableConcept"""

from __future__ import annotations

from collections.abc import Mapping as Table
from typing import Any

from msgspec import Struct

from converter.codec import Codec, Scalar, coded, expect, inverse
from converter.compiled import ready
from converter.visit import MISSING, Beside, Refused, Visit
from mappings.datatypes import FIELD, string


def coding(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code}


class concept_of(Codec, frozen=True):
    """A word of the Trial as a CodeableConcept: always its text, and a code where `codes` has one.

    `field` adds our own coding in front, which says what field of the Trial this is.  `systems` are R5's and R4's name of
    the code system, and others that are read.  A word without a code is text only.
    """

    codes: Table[str, str] = {}
    systems: tuple[str, ...] = ("",)
    field: str = ""
    spell: Codec = string
    dialect: str = "r5"
    fhir = "CodeableConcept"

    def __post_init__(self) -> None:
        inverse(self.codes)

    def on(self, dialect: str) -> concept_of:
        return concept_of(self.codes, self.systems, self.field, self.spell, dialect)

    @property
    def says_sign(self) -> bool:  # type: ignore[override]
        return bool(self.field)

    @property
    def system(self) -> str:
        return self.systems[1] if self.dialect != "r5" and len(self.systems) > 1 else self.systems[0]

    @property
    def marks(self) -> list[dict[str, str]]:
        return [coding(FIELD, self.field)] if self.field else []

    def tree(self, text: Any) -> dict[str, Any]:
        """The concept of that text."""
        codings = self.marks + ([coding(self.system, self.codes[text])] if text in self.codes else [])
        return {**({"coding": codings} if codings else {}), "text": text}

    def write(self, value: Any, visit: Visit) -> Any:
        text = self.spell.write(value, visit)
        if text.__class__ is Beside:
            return {**({"coding": self.marks} if self.marks else {}), "_text": text.tree}
        return self.tree(text)

    def read(self, tree: Any, visit: Visit) -> Any:
        codings = [c for c in expect(list, expect(dict, tree).get("coding", [])) if isinstance(c, dict)]
        if any(c.get("system") == FIELD and c.get("code") != self.field for c in codings):
            return MISSING
        if "text" not in tree and "_text" in tree:
            return self.spell.read(Beside(tree["_text"]), visit)
        text = expect(str, tree["text"]) if "text" in tree else None
        back = inverse(self.codes)
        coded_word = next((word for c in codings for code, word in back.items()
                           if c.get("system") in self.systems and c.get("code") == code), None)
        if coded_word is not None and text not in self.codes:
            text = coded_word
        if text is None:
            text = next((c["display"] for c in codings if isinstance(c.get("display"), str)), None)
        return MISSING if text is None else self.spell.read(text, visit.at("text"))

    def outward(self, m: Any, e: str) -> str:
        if isinstance(self.spell, coded):
            return f"{m.name({value: ready(self.tree(text)) for value, text in self.spell.terms.items()}, 'T')}[{e}]"
        if not isinstance(self.spell, Scalar):
            return f"{m.name(self.bare)}({self.spell.outward(m, e)})"
        marks = f"'coding': {m.tree(self.marks)}, " if self.marks else ""
        if not self.codes:
            return f"{{{marks}'text': {self.spell.outward(m, e)}}}"
        first, x = m.once(e)
        table = m.name({word: ready(self.tree(word)) for word in self.codes}, "T")
        return f"({table}.get({first}) or {{{marks}'text': {self.spell.outward(m, x)}}})"

    def bare(self, text: str) -> dict[str, Any]:
        """The concept of a text that has no code."""
        return {"coding": self.marks, "text": text} if self.marks else {"text": text}

    def inward(self, m: Any, e: str) -> str:
        if isinstance(self.spell, coded):
            words = {text: self.tree(text) for text in self.spell.back}
            return self.spell.inward(m, f"{m.name(Known(words, None))}({e})")
        words = {word: self.tree(word) for word in self.codes}
        return self.spell.inward(m, f"{m.name(Known(words, self.marks))}({e})")

    def fits(self, m: Any, e: str) -> str:
        return f"{e}['coding'][0] == {m.name(self.marks[0])}"


class Known(Struct, frozen=True):
    """The text of a concept that is just what we would write for that text; anything else is refused."""

    words: Table[str, Any]
    marks: list[dict[str, str]] | None

    def __call__(self, tree: Any) -> Any:
        text = tree["text"]
        if (whole := self.words.get(text)) is not None:
            if tree != whole:
                raise Refused("differs")
        elif self.marks is None or len(tree) != 1 + bool(self.marks) or (self.marks and tree["coding"] != self.marks):
            raise Refused("unknown")
        return text


concept = concept_of()
"""A text as a concept; of others' concepts the text, or the display of a coding."""


def tagged(name: str, spell: Codec = string, codes: Table[str, str] | None = None, system: str = "",
           others: tuple[str, ...] = ()) -> concept_of:
    """A word of the field `name`, which a coding of ours says; `others` are further names of the code system, that are read."""
    return concept_of(codes or {}, (system, system, *others), name, spell)
