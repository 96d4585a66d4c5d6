"""Text to tree: the trees of trees.txt, and those of the two pages that the project began with."""

from pathlib import Path

import pytest

from converter.convert import read
from converter.eligibility.tree import parse, pieces, walk
from tests.eligibility.trees import outline, trees

PAGES = Path(__file__).parents[2] / "samples" / "pages"


@pytest.mark.parametrize("name", trees())
def test_tree(name: str) -> None:
    text, drawn = trees()[name]
    assert outline(text) == drawn


@pytest.mark.parametrize("text", ["", " \n\t\r\n", "* \n- \n<!-- -->\n1.\n", "\\*\n****\n---"])
def test_what_has_no_words_has_no_nodes(text: str) -> None:
    assert parse(text).nodes == []


PIECES = [
    ("* \\<18 years\n\nOR\n\n* > 65 years; or\n* pregnant", ["* \\", "<18 years", "\n\nOR\n\n* ", "> 65 years;", " or\n* ", "pregnant"]),
    ("**Inclusion:** 1) age 2) weight.", ["**", "Inclusion:", "** 1) ", "age", " 2) ", "weight."]),
    ("  no marks\u200b \r\n", ["  ", "no marks", "\u200b \r\n"]),
]


@pytest.mark.parametrize(("text", "expected"), PIECES, ids=["conjunctions", "one line", "blanks"])
def test_pieces(text: str, expected: list[str]) -> None:
    """Words and what stands between them take turns; only words have a node."""
    found = list(pieces(parse(text)))
    assert [piece for piece, _ in found] == expected
    assert [node is None for _, node in found] == [place % 2 == 0 for place in range(len(expected))]


def test_mark_and_words_of_a_node() -> None:
    """A node's mark begins where its line does, or at the "or" before it; its words follow."""
    (first, second), = [node.children for node in parse("- a\nor\n2\\. b").nodes]
    assert (first.mark, first.start, first.end) == (0, 2, 3)
    assert (second.mark, second.start, second.end) == (4, 11, 12)


PAGE_TREES = {
    "clinconnect_refractory_ra_tacrolimus.txt": """\
+§ Inclusion Criteria:
  + Patients diagnosed based on 1987 ACR classification criteria for rheumatoid arthritis;
  + Age ≥18 years;
  + Patients have a history of DMARDs including csDMARDs(methotrexate,leflunomide, hydroxychloroquine, iguratimod, sulfasalazine) or any \
biologic DMARDs(TNFi,tocilizumab or Tofacitinib),prednisone or Chinese traditional Medicine(tripterygium Glycosides,Sinomenine)for 3 \
months, but couldn't achieve clinical remission, or couldn't tolerate one or more DMARDs;
  + Medium or high disease activity (DAS28≥3.2);
  + Extra-articular manifestations (such as pulmonary fibrosis, proteinuria, leukopenia and peripheral neuropathy ) of RA patients are \
stable or no significant progress;
  + Dose of prednisone and NSAIDs remain stable for at least one month.
-§ Exclusion Criteria:
  - Patients with acute or chronic infections such as active bacterial, viral, fungal, tuberculosis infection or active hepatitis B;
  - Platelet counts(PLT) \\<80 x 10\\^9 / L, or white blood cell (WBC) \\<3 x 10\\^9 / L;
  - Propionate acid aminotransferase (ALT) or aspartate aminotransferase (AST) is two times higher than the upper limit of normal;
  - Renal insufficiency: serum Cr ≥ 176 umol / L;
  - Pregnant or nursing women (breastfeeding) ;
  - Patients has a history of malignancy (cure time in less than 5 years);
  - Patients with severe or poorly controlled hypertension, diabetes or cardiac dysfunction;
  - Other comorbidities that cannot be treated with immune suppressants. In addition, once patients experience severe adverse drug \
reactions、ineffective treatment or rapid progression of rheumatoid arthritis, then quit this research.""",
    "registry_page_NCT03540472.txt": """\
+§ Inclusion Criteria:
  + Refractory pure red cell aplasia.
  + 18-80 years old.
  + No response or intolerant to first and second line therapies.
  + Written informed consent.
-§ Exclusion Criteria:
  - Other diseases which might cause hematological abnormalities.
  - Response and well tolerate to first or second line therapy.
  - Patients who are under 18-year-old or over 80-year-old.
  - Pregnant or lactating.
  - Patients unwilling to or unable to comply with the protocol.""",
}


@pytest.mark.parametrize("page", PAGE_TREES)
def test_the_pages_of_the_project(page: str) -> None:
    criteria = read(PAGES / page).trial.criteria
    assert criteria is not None
    assert outline(criteria) == PAGE_TREES[page]


def test_nesting_has_a_bottom() -> None:
    """A text that nests a thousand deep gives a tree that can be walked by recursion."""
    depth, nodes = 0, parse("\n".join("  " * place + "* a" for place in range(1000))).nodes
    while nodes:
        depth, nodes = depth + 1, nodes[-1].children
    assert depth == 31


@pytest.mark.parametrize("text", ["İ) yaş", "İ. Foo", "(İ) foo", "1) a İ) b"])
def test_a_letter_of_two_characters_in_lower_case_may_be_a_mark(text: str) -> None:
    assert "".join(piece for piece, _ in pieces(parse(text))) == text


def test_a_sign_as_html_has_it_is_one_of_the_words_that_it_begins() -> None:
    text = "Inclusion Criteria:\n\n- &gt;18 years of age\n"
    [section] = parse(text).nodes
    assert [text[node.start:node.end] for node in section.children] == ["&gt;18 years of age"]


@pytest.mark.parametrize("text", ["* asthma              or\n* gout", "* endometrial protection;\n                 and/or\n* gout"])
def test_blanks_before_a_joining_word_are_no_words(text: str) -> None:
    words = [text[node.start:node.end] for node in walk(parse(text).nodes)]
    assert words == [word.strip() for word in words]
