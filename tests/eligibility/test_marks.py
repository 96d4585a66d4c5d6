"""What begins a line of a list, and what numbers the parts of one line."""

import pytest

from converter.eligibility.marks import Mark, begin, candidates, other, sequence
from converter.eligibility.plain import plain

BEGINNINGS = [
    # the line, the style of its mark, its place, its words
    ("Age > 18", "", 0, "Age > 18"),
    ("* Age", "*", 0, "Age"),
    ("•Age", "•", 0, "Age"),
    ("- \u2022 Age", "-", 0, "Age"),
    ("– Age", "-", 0, "Age"),
    ("-Age", "-", 0, "Age"),
    ("--- Age", "---", 0, "Age"),
    ("o Age", "o", 0, "Age"),
    ("often", "", 0, "often"),
    ("\uf0b7 Age", "\uf0b7", 0, "Age"),
    ("1. Age", "1.", 1, "Age"),
    ("12) Age", "1)", 12, "Age"),
    ("12\\. Age", "1.", 12, "Age"),
    ("1.Age", "1.", 1, "Age"),
    ("1.5 mg", "", 0, "1.5 mg"),
    ("1.5 Age", "1.1.", 5, "Age"),
    ("1.5 times", "", 0, "1.5 times"),
    ("2.3. Age", "1.1.", 3, "Age"),
    ("1、Age", "1、", 1, "Age"),
    ("1- patients", "1-", 1, "patients"),
    ("18 - 65 years", "", 0, "18 - 65 years"),
    ("18-65 years", "", 0, "18-65 years"),
    ("2-hour glucose", "1-", 2, "hour glucose"),
    ("2/ Age", "1/", 2, "Age"),
    ("(1) Age", "(1)", 1, "Age"),
    ("（1）Age", "(1)", 1, "Age"),
    ("(1)Age", "(1)", 1, "Age"),
    ("(HIV) negative", "", 0, "(HIV) negative"),
    ("a. Age", "a.", 1, "Age"),
    ("(b) Age", "(a)", 2, "Age"),
    ("C) Age", "A)", 3, "Age"),
    ("i. Age", "i.", 1, "Age"),
    ("(iv) Age", "(i)", 4, "Age"),
    ("XII. Age", "I.", 12, "Age"),
    ("e.g. Age", "", 0, "e.g. Age"),
    ("③Age", "①", 3, "Age"),
    ("* 1\\. Age", "1.", 1, "Age"),
    ("- • 3. Age", "1.", 3, "Age"),
    ("1. 2. Age", "1.", 1, "2. Age"),
    ("> 18 years", "", 0, "> 18 years"),
    ("≥ 18 years", "", 0, "≥ 18 years"),
]


@pytest.mark.parametrize(("line", "style", "value", "words"), BEGINNINGS, ids=[line for line, *_ in BEGINNINGS])
def test_begin(line: str, style: str, value: int, words: str) -> None:
    mark = begin(line, plain(line), 0, len(line))
    assert (mark.style, mark.value, line[mark.end:]) == (style, value, words)


DOUBTS = [("E. coli", ""), ("* E. coli", "*"), ("A. Age", None), ("2-hour glucose", ""), ("2- hours", None), ("a.age", ""), ("a. age", None)]


@pytest.mark.parametrize(("line", "otherwise"), DOUBTS, ids=[line for line, _ in DOUBTS])
def test_what_else_it_may_be(line: str, otherwise: str | None) -> None:
    mark = begin(line, plain(line), 0, len(line))
    assert (mark.otherwise.style if mark.otherwise else None) == otherwise


@pytest.mark.parametrize(("mark", "expected"), [
    (Mark("i.", 1, 0), ("a.", 9)), (Mark("(a)", 22, 0), ("(i)", 5)), (Mark("A.", 24, 0), ("I.", 10)), (Mark("i.", 2, 0), ("i.", 2)),
    (Mark("1.", 22, 0), ("1.", 22)), (Mark("*", 0, 0), ("*", 0)),
])
def test_letters_that_are_digits(mark: Mark, expected: tuple[str, int]) -> None:
    turned = other(mark)
    assert (turned.style, turned.value) == expected


SEQUENCES = [
    # the line, what is before its first part, its parts
    ("Any of: 1) ANC 2) PLT 3) Hb", "Any of:", ["ANC", "PLT", "Hb"]),
    ("Any of: (i) ANC; (ii) PLT", "Any of:", ["ANC;", "PLT"]),
    ("Any of: a. ANC b. PLT", "Any of:", ["ANC", "PLT"]),
    ("Any of: 1\\. ANC 2\\. PLT", "Any of:", ["ANC", "PLT"]),
    ("Any of: • ANC • PLT", "Any of:", ["ANC", "PLT"]),
    ("Any of：①ANC；②PLT", "Any of：", ["ANC；", "PLT"]),
    ("1. ANC 2. PLT 3. Hb", "ANC", ["PLT", "Hb"]),
    ("1. ANC 2) PLT", "ANC 2) PLT", []),
    ("1. ANC 3. PLT", "ANC 3. PLT", []),
    ("ANC; 3. PLT; 4. Hb. 6. INR", "ANC;", ["PLT;", "Hb.", "INR"]),
    ("ANC, one of the following 1. PLT 2. Hb", "ANC, one of the following", ["PLT", "Hb"]),
    ("1. Any of: a) ANC b) PLT 2. Hb", "Any of: a) ANC b) PLT", ["Hb"]),
    ("* ANC \\* PLT", "ANC", ["PLT"]),
    ("ANC • PLT", "ANC • PLT", []),
    ("ANC (1) PLT", "ANC (1) PLT", []),
    ("criteria 1) and 2) of the protocol", "criteria 1) and 2) of the protocol", []),
    ("in year 1. 2. ANC", "in year 1. 2. ANC", []),
    ("ANC AND (b or c)", "ANC AND (b or c)", []),
    ("80\\* puffs, 160\\* puffs", "80\\* puffs, 160\\* puffs", []),
    ("1. Vitamin B. C. difficile", "Vitamin B. C. difficile", []),
    ("1) ANC, 2)", "ANC, 2)", []),
]


@pytest.mark.parametrize(("line", "own", "expected"), SEQUENCES, ids=[line for line, *_ in SEQUENCES])
def test_sequence(line: str, own: str, expected: list[str]) -> None:
    words = plain(line)
    mark = begin(line, words, 0, len(line))
    parts = sequence(words, candidates(line, words, mark.end, len(line)), mark.end, len(line), mark, [])
    ends = [*[part.mark for part in parts], len(line)]
    assert line[mark.end:ends[0]].strip(" \\") == own
    assert [line[part.start:end].strip(" \\") for part, end in zip(parts, ends[1:], strict=True)] == expected


def test_sequence_of_a_list_around_the_line() -> None:
    line = "PLT > 50; (2) No functional disease"
    (part,) = sequence(plain(line), candidates(line, plain(line), 0, len(line)), 0, len(line), Mark("1.", 3, 0), [Mark("(1)", 1, 0)])
    assert line[part.start:] == " No functional disease"
