"""The page of `trialbridge criteria` as a document: whole, self-contained, and deaf to what criteria say.  tests/browser opens it."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.eligibility.closing import Closed
from converter.eligibility.findings import Coding, Criterion, Mention
from converter.eligibility.shown.page import asset, body, page
from converter.eligibility.tree import Tree
from tests.invented_criteria import NODES, TEXT, Invented

VOID = {"meta"}
HOSTILE = ["<script>alert(1)</script>", '" onmouseover="alert(1)', "' autofocus onfocus='x", "</style></title><img src=x onerror=x>", "&lt;b&gt; &amp;",
           "]]><!--", "\x1b]0;x\x07", "a\u202eb", "{{x}} ${x} %s \\x"]


class Parsed(HTMLParser):
    """The elements of a page, each with its attributes, and its words without those of tooltips.  Every element must be closed in its turn."""

    def __init__(self, document: str):
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.tips: list[str] = []
        self.feed(document)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes), "an attribute twice"
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append((tag, dict(attributes)))
        if dict(attributes).get("role") == "tooltip":
            self.tips.append("")

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        tip = any(attributes.get("role") == "tooltip" for _, attributes in self.open)
        if tip:
            self.tips[-1] += data
        elif not any(tag in ("style", "script") for tag, _ in self.open):
            self.words += data

    def all(self, name: str) -> list[str]:
        """The values of the attributes of that name."""
        return [attributes[name] for _, attributes in self.elements if name in attributes]


def whole(*titles: str, minimum: float = 0.95) -> str:
    """The page of the invented criteria, once for every title."""
    several = len(titles) > 1
    return "".join(page(list(titles), [body(n, title if several else None, Invented(), minimum) for n, title in enumerate(titles)], minimum))


def understood(text: str, title: str = "A", **members: str) -> Parsed:
    """The page of one criterion, all of whose text is a condition."""
    found = Mention(start=0, end=len(text), rule=members.get("rule", "r"), confidence=1.0, kind="condition",
                    codes=(Coding("http://loinc.org", members.get("code", "c"), members.get("display", "d")),))
    node = Criterion(mark=0, start=0, end=len(text), role="criterion")
    understanding = SimpleNamespace(tree=Tree(text, text, [node], Closed(text, text, [], [])), findings=[found], sure=lambda _, __: [found], side=lambda _: None,
                                    meaning=lambda _, __: found)
    return Parsed("".join(page([title], [body(0, None, understanding, 0.5)], 0.5)))


BODY = """\
<section id="r0">
<p class="faint">1 criterion: 1 understood, 0 in part, 0 only as words</p>
<ul class="criteria">
<li class="criterion"><span class="mark">1.</span><span class="words">No <span class="phrase condition">\
<mark tabindex="0" aria-describedby="r0t0">asthma</mark><span class="tip" role="tooltip" id="r0t0">\
<span class="fact"><b>condition: not asthma</b> <code>MeSH D001249 Asthma</code> <span class="sure">98% sure, by the rule r</span></span></span></span>\
</span> <span class="state">= understood</span>
</li>
</ul>
</section>
"""


def test_a_criterion_is_a_list_entry_with_a_tooltip_for_every_phrase():
    found = Mention(start=6, end=12, rule="r", confidence=0.989, kind="condition", negated=True,
                    codes=(Coding("https://www.nlm.nih.gov/mesh", "D001249", "Asthma"),))
    node = Criterion(mark=0, start=3, end=12, role="criterion")
    understanding = SimpleNamespace(tree=Tree("1. No asthma", "", [node], Closed("", "", [], [])), sure=lambda _, __: [found], meaning=lambda _, __: found)
    assert body(0, None, understanding, 0.95) == BODY


@pytest.mark.parametrize("titles", [["NCT1 A"], ["NCT1 A", "NCT2 B"]])
def test_the_page_is_well_formed_and_its_references_lead_somewhere(titles):
    found = Parsed(whole(*titles))
    ids = found.all("id")
    assert len(set(ids)) == len(ids)
    assert set(found.all("aria-describedby")) == {id for tag, at in found.elements if (id := at.get("id")) and at.get("role") == "tooltip"}
    assert [target.removeprefix("#") for target in found.all("href")] == ([] if len(titles) == 1 else ["r0", "r1"])
    assert len(found.all("aria-describedby")) == len(found.all("tabindex")) == len(found.tips) == 12 * len(titles)
    assert [tag for tag, _ in found.elements if re.fullmatch("h[1-6]", tag)] == (["h1", "h2", "h2"] if len(titles) == 1 else ["h1", *["h2", "h3", "h3"] * 2])


def test_the_page_loads_nothing_and_allows_only_its_own_style_and_script():
    document = whole("NCT1 A")
    found = Parsed(document)
    assert not {"src", "srcset", "style", "action", "data", "background"} & {name for _, attributes in found.elements for name in attributes}
    assert not [tag for tag, _ in found.elements if tag in ("link", "img", "iframe", "object", "embed", "form", "base")]
    assert not re.search(r"url\(|@import|https?:", asset("page.css") + asset("page.js"))
    policy = next(at["content"] for tag, at in found.elements if at.get("http-equiv") == "Content-Security-Policy")
    hashes = {name: base64.b64encode(hashlib.sha256(re.search(f"<{name}>(.*?)</{name}>", document, re.DOTALL)[1].encode()).digest()).decode()
              for name in ("style", "script")}
    assert policy == (f"default-src 'none'; style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
                      "base-uri 'none'; form-action 'none'")


def test_every_criterion_stands_in_the_page_with_its_words():
    words = " ".join(Parsed(whole("NCT1 A")).words.split())
    at = 0
    for node in [NODES[0], *NODES[0].children, NODES[1], *NODES[1].children, *NODES[1].children[1].children]:
        own = " ".join(TEXT[node.start:node.end].replace("\x1b", "�").replace("\u202e", "�").split())
        at = words.index(own, at) + len(own)


def test_what_is_less_sure_is_shown_when_it_is_asked_for():
    assert "sepsis" in "".join(Parsed(whole("A", minimum=0.5)).tips)
    assert "sepsis" not in "".join(Parsed(whole("A")).tips)


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("place", ["text", "title", "rule", "code", "display"])
def test_whatever_a_record_or_a_table_says_stays_text(words, place):
    plain = understood(**{"text": "x", place: "x"})
    found = understood(**{"text": "x", place: words})
    shapes = [[(tag, {name: value for name, value in attributes.items() if name != "content"}) for tag, attributes in parsed.elements]
              for parsed in (plain, found)]
    assert shapes[0] == shapes[1]
    assert " ".join(re.sub("[\x1b\x07\u202e]", "�", words).split()) in " ".join((found.words + found.tips[0]).split())


@given(st.text(min_size=1))
def test_any_text_is_shown(text):
    found = understood(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", found.words.replace("\n", ""))


def test_a_record_without_criteria_says_so():
    assert body(3, "NCT1 <b>", "It has no criteria.", 0.95) == (
        '<section id="r3">\n<h2>NCT1 &lt;b&gt;</h2>\n<p class="faint">It has no criteria.</p>\n</section>\n')
