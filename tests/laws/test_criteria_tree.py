"""The tree of criteria loses nothing of any text: what belongs to no node is marks, blanks, and the "or" or "and" between two nodes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.eligibility import headings
from converter.eligibility.closing import GAP
from converter.eligibility.findings import Criterion
from converter.eligibility.plain import plain, spaced
from converter.eligibility.tree import Tree, parse, pieces, walk
from converter.json_text import parse as parsed
from tests.corpus import corpus

WORD = re.compile(r"[^\W_]+")
MARK = re.compile(r"\d{1,2}|[ivx]{1,5}|[a-z]|[①-⑳]|and|or|plus")
SIGNS = re.compile(r"[^\w]|_")


def check(text: str) -> None:
    """Raises AssertionError where the text's tree breaks the law."""
    tree = parse(text)
    assert tree.text == text
    assert tree.plain == plain(text)
    assert "".join(piece for piece, _ in pieces(tree)) == text
    in_order(tree)
    closed_up(tree)
    for piece, node in pieces(tree):
        if node is None:
            assert all(MARK.fullmatch(word) for word in WORD.findall(plain(piece))), piece
    for node in tree.nodes:
        fits(node, tree.plain)


def closed_up(tree: Tree) -> None:
    """The words of every node are the same closed up, but for blanks, and each character of them is found in the text again."""
    closed = tree.closed
    assert len(closed.text) == len(closed.plain) == len(tree.text)
    for node in walk(tree.nodes):
        start, end = closed.within((node.start, node.end))
        words = spaced(tree.text[node.start:node.end])
        assert closed.text[start:end] == GAP.sub(lambda gap: plain(gap[0])[0], words)
        assert "  " not in closed.text[start:end]
        for place in range(start, end):
            there = closed.outward(place)
            assert closed.inward(there) == place
            assert closed.text[place] == spaced(tree.text)[there] or (closed.text[place], tree.text[there]) in {
                ("<", "&"), (">", "&"), ("≤", "&"), ("≥", "&")}


def in_order(tree: Tree) -> None:
    """The nodes follow one another in the text; each has words, or else children that an "or" joins."""
    at = 0
    for node in walk(tree.nodes):
        assert at <= node.mark <= node.start <= node.end
        at = node.end
        words = tree.plain[node.start:node.end]
        assert words == words.strip()
        assert words or (node.how == "any-of" and node.role == "heading" and len(node.children) > 1)


def fits(node: Criterion, words: str) -> None:
    """A section stands below nothing; what says how many says of how many; below inclusions are no others but exclusions, and below those
    none, unless a heading says so ("Allowed:", "Required:").
    """
    assert (node.threshold is None) == (node.how != "at-least")
    assert node.threshold is None or 1 < node.threshold < len(node.children)
    for child in node.children:
        assert child.role != "section"
        assert child.side in (node.side, "exclusion", headings.demanded(words, child.start, child.end, node.side)) or node.side is None
        fits(child, words)


LINES = st.sampled_from([
    "", " ", "\t", "Inclusion Criteria:", "**Exclusion Criteria**", "EXCLUSION CRITERIA: x", "Group 1", "For adults:", "OR", "and/or", "1.", "-", "\\*",
    "At least two of the following:", "- any of:", "* a or", "  * b; and", "1. x: 1) y 2) z", "a. b c. d", "i. x", "• • x", "- • x", "Age. Sex. Note it; so",
    "5-fluorouracil", "E. coli", "AGE AND SEX: x", "Patients will be excluded if:", "x Exclusion criteria: y Inclusion Criteria: z", "　①x②y", "(1) x (2) y",
    "word " * 14 + "and", "12 beats", "入选标准：成人", "2.1 Age", "<!-- -->", "Name: x; y", "or x", "(open. Close", "ß İ ﬁ Ǆ", "\u200b\ufeff", "* \\",
])
INDENTS = st.sampled_from(["", " ", "  ", "   ", "     ", "\t", "          "])
BREAKS = st.sampled_from(["\n", "\n\n", "\r\n", "\r", "\u2028", "\x0b"])
TEXTS = st.lists(st.tuples(INDENTS, LINES, BREAKS), max_size=14).map(lambda parts: "".join(map("".join, parts)))
SCRAPS = st.lists(st.sampled_from([*"*-•.;:()[]\\ \n1aiAxo①?#_·,<>", " or ", "the following", "Exclusion criteria", "1. ", "2. ", "a) ", "b) ", "\n* "]),
                  max_size=40).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(TEXTS, SCRAPS, st.text(max_size=80)))
def test_nothing_of_a_text_is_lost(text: str) -> None:
    check(text)


def criteria() -> Iterator[str]:
    """The criteria of every record that is kept beside the checkout."""
    with gzip.open(corpus("ctgov_v2/records.ndjson.gz")) as lines:
        for line in lines:
            found = parsed(line)["protocolSection"].get("eligibilityModule", {}).get("eligibilityCriteria")
            if found:
                yield found
    for path in sorted(corpus("eligibility/dev/lct").glob("*.txt")):
        yield path.read_bytes().decode()


@pytest.mark.corpus
def test_nothing_of_the_registries_texts_is_lost() -> None:
    number = 0
    for text in criteria():
        check(text)
        number += 1
    assert number > 2000


@pytest.mark.parametrize("line", ["* a b\n", "1. x:\n", "1. x:\na. y\n", "x. Exclusion Criteria: y ", "1) x ", "• x ", "A. b; ", "* a\nOR\n", "(", "A", "?", ".", "; and"])
def test_twice_the_text_makes_twice_the_nodes_at_most(line: str) -> None:
    """Nothing grows faster than the text, nor nests deeper than can be walked by recursion."""
    few, many = (sum(1 for _ in walk(parse(line * times).nodes)) for times in (500, 1000))
    assert many <= 2 * few + 2
