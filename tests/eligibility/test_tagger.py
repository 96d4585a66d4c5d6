"""Words are tagged by the sums of the weights of what they are and of what stands beside them."""

from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.eligibility.tagger import HALF, LABELS, LONGEST, UNIT, Tagged, Weights, Word, sign, split, tagged, traits, weights

SIGNS = [
    ("", "line"), ("\n", "line"), (" \n  - ", "line"), (" ", "space"), ("  ", "space"), ("\xa0", "space"), ("-", "hyphen"), ("–", "hyphen"), (" - ", "dash"),
    (", ", "comma"), ("/", "slash"), (" / ", "slash"), ("'", "apostrophe"), ("’", "apostrophe"), (" (", "open"), (") ", "close"), ("), ", "closed"),
    (". ", "stop"), ("; ", "semicolon"), (": ", "colon"), (" > ", "other"),
]


PLACES = ("", "-1 ", "+1 ", "-2 ", "+2 ")


def of_rows(rows: dict[str, tuple[int, ...]]) -> Weights:
    """Weights: for a trait, "-1 word=of" where it is the word before's, those of the kinds in the order of LABELS; the last may be missing."""
    columns: dict[str, list[str]] = {}
    for name, row in rows.items():
        place = name[:3] if name[:3] in PLACES else ""
        columns.setdefault(name[len(place):], [""] * len(PLACES))[PLACES.index(place)] = " ".join(map(str, row))
    return Weights({trait: "\t".join(row) for trait, row in columns.items()})


def learned(**rows: tuple[int, ...]) -> Weights:
    """The same in whole units, and names with "_" for "=" and "__" for a blank; every word is one unit from being a name."""
    return of_rows({name.replace("__", " ").replace("_", "="): tuple(UNIT * weight for weight in row)
                    for name, row in {"any": (-1,) * len(LABELS), **rows}.items()})


def answers(text: str, by: Weights) -> list[tuple[str, str, float]]:
    words = split(text, [(0, len(text))], by)
    return [(one.kind, text[slice(*words.span(one.first, one.last))], one.score / UNIT) for one in tagged(words.tokens)]


NOTHING = Weights({})
EDGE = Word("", False, "", "")


def said(text: str, criteria: list[tuple[int, int]]) -> list[Word]:
    return [token[-1] for token in split(text, criteria, NOTHING).tokens]


def test_a_text_is_split_into_words_and_what_stands_between() -> None:
    words = split("x (b12), Cafés _ y", [(0, 1), (2, 16)], NOTHING)
    assert said("x (b12), Cafés _ y", [(0, 1), (2, 16)]) == [
        EDGE, EDGE, Word("", False, "x", "x"), EDGE, EDGE, Word("", False, "b12", "b12"), Word("), ", False, "Cafés", "café"), EDGE, EDGE]
    assert words.ends == [0, 0, 1, 1, 1, 6, 14, 16, 16]
    assert words.span(6, 7) == (9, 14)
    assert said("a b-c_d", [(0, 7)])[3:6] == [Word(" ", True, "b", "b"), Word("-", True, "c", "c"), Word("=", False, "d", "d")]
    assert said("- .", [(0, 3)]) == said("", [(0, 0)]) == [EDGE] * 4
    assert said("", []) == [EDGE] * 2


@pytest.mark.parametrize(("between", "expected"), SIGNS)
def test_what_stands_between_words_is_a_sign(between: str, expected: str) -> None:
    assert sign(between) == expected


def test_a_word_has_traits() -> None:
    assert traits("Fractures") == [
        "word=fracture", "inflected", "capital", "term=c", "head=c2", "part=c2",
        "ends=ure", "ends=ture", "ends=cture", "begins=fra", "begins=frac", "begins=fract", "begins=fractu",
    ]
    assert traits("HER2")[:3] == ["word=her2", "digits", "capitals"]
    assert traits("xyz") == ["word=xyz"]


def test_a_word_is_what_its_weights_say_and_nothing_by_default() -> None:
    by = learned(word_cancer=(3,), word_surgery=(1, 0, 4))
    assert answers("cancer", by) == [("condition", "cancer", 2)]
    assert answers("before surgery of xyz", by) == [("procedure", "surgery", 3)]
    assert answers("xyz", by) == []


def test_the_score_is_how_far_the_kind_is_ahead_of_the_next_one_or_of_nothing() -> None:
    assert answers("xyz", learned(word_xyz=(4, 3))) == [("condition", "xyz", 1)]
    assert answers("xyz", learned(word_xyz=(4, -3))) == [("condition", "xyz", 3)]


def test_the_words_and_signs_beside_a_word_count() -> None:
    by = of_rows({"any": (-UNIT,) * len(LABELS), "-1 word=of": (2 * UNIT,), "+1 word=mg": (0, 2 * UNIT),
                  "-2 word=history": (UNIT,), "+2 word=day": (UNIT,), "after open": (0, 0, 0, 0, 0, UNIT + 1)})
    assert answers("history of xyz", by) == [("condition", "xyz", 2)]
    assert answers("xyz mg", by) == [("medication", "xyz", 1)]
    assert answers("of xyz in days", by) == [("condition", "xyz", 2)]
    assert answers("of (xyz", by) == [("condition", "xyz", 1 - 1 / UNIT)]


def test_a_word_that_is_hardly_ever_part_of_a_name_is_none_whatever_stands_beside_it() -> None:
    by = learned(word_of=(-4,) * len(LABELS), word_by=(-3,) * len(LABELS), **{"-1__word_xyz": (20,)})
    assert answers("xyz of", by) == []
    assert answers("xyz by", by) == [("condition", "by", 16)]


def test_words_of_one_kind_that_are_joined_are_one_name() -> None:
    by = learned(word_lung=(2,), word_cancer=(2,), word_surgery=(0, 0, 2))
    assert answers("lung cancer surgery", by) == [("condition", "lung cancer", 2), ("procedure", "surgery", 1)]
    assert answers("lung-cancer", by) == [("condition", "lung-cancer", 2)]
    assert answers("lung, cancer", by) == [("condition", "lung", 1), ("condition", "cancer", 1)]
    assert answers("lung\ncancer", by) == [("condition", "lung", 1), ("condition", "cancer", 1)]
    assert answers("lung of cancer", by) == [("condition", "lung", 1), ("condition", "cancer", 1)]
    assert [name.count(" ") + 1 for _, name, _ in answers("lung " * 10, by)] == [LONGEST, 2]


def test_a_new_word_forgets_the_others_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("converter.eligibility.tagger.LIMIT", 3)
    by = learned(word_cancer=(3,))
    assert answers("a b c d cancer e f", by) == [("condition", "cancer", 2)]
    assert len(by) <= 3


@pytest.mark.parametrize(("trait", "text", "criteria"), [
    ("-1 word=of", "of xyz", [(0, 2), (3, 6)]), ("+1 word=of", "xyz of", [(0, 3), (4, 6)]),
    ("-2 word=of", "of a xyz", [(0, 4), (5, 8)]), ("+2 word=of", "xyz a of", [(0, 3), (4, 8)])])
def test_the_words_of_another_criterion_do_not_count(trait: str, text: str, criteria: list[tuple[int, int]]) -> None:
    by = learned(word_xyz=(2,), **{trait.replace(" ", "__").replace("=", "_"): (5,)})
    assert answers(text, by) == [("condition", "xyz", 6)]
    assert [one.score / UNIT for one in tagged(split(text, criteria, by).tokens)] == [1]


@given(st.text(), st.lists(st.integers(0, 50)))
def test_any_text_is_tagged_in_order(text: str, ends: list[int]) -> None:
    words = split(text, pairwise(sorted({0, len(text), *(end for end in ends if end < len(text))})), weights())
    found = tagged(words.tokens)
    assert [text[slice(*words.span(n, n + 1))] for n in range(len(words.tokens))] == [token[-1].written for token in words.tokens]
    assert all(0 <= one.first < one.last <= len(words.tokens) and one.last - one.first <= LONGEST and one.score >= 0 for one in found)
    assert all(one.last <= other.first for one, other in pairwise(found))


def test_no_sum_of_the_weights_can_leave_its_part() -> None:
    most = dict.fromkeys(LABELS, 0)
    header, *rows = files("converter.eligibility").joinpath("data", "weights.tsv").read_text(encoding="utf-8").splitlines()
    assert header == "trait\titself\tbefore\tafter\tsecond before\tsecond after"
    groups: dict[tuple[str, int, int], dict[str, int]] = {}
    for line in rows:
        trait, *columns = line.split("\t")
        name, _, value = trait.partition("=")
        for place, column in enumerate(columns):
            of = groups.setdefault((name, len(value) if name in ("begins", "ends") else 0, place), dict.fromkeys(LABELS, 0))
            for label, weight in zip(LABELS, column.split(" "), strict=True) if column else ():
                of[label] = max(of[label], abs(int(weight)))
    for of in groups.values():
        for label in LABELS:
            most[label] += of[label]
    assert max(most.values()) < HALF


def test_a_name_is_a_tuple_of_its_kind_words_and_score() -> None:
    by = learned(word_cancer=(3,))
    assert tagged(split("no cancer", [(0, 9)], by).tokens) == [Tagged("condition", 3, 4, 2 * UNIT)]
