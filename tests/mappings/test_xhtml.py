"""A narrative's div: what passes, what is said of the rest, and what HL7's validator says (HAPI 8.8.1, run over this table)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.json_text import parse
from mappings.xhtml import DEPTH, ELEMENTS, faults, within

SAMPLES = Path(__file__).parents[2] / "samples" / "bundles"
NOTHING = "has no text and no image; expected some content (txt-2)"
ROOT = 'expected a div in the namespace of XHTML: <div xmlns="http://www.w3.org/1999/xhtml">'
ONLY = "; expected only those of a text, such as "
LINK = "; expected an address without blanks that runs no script"
ENTITY = "; expected those of XML, &amp; &lt; &gt; &quot; &apos;, or a number such as &#160;"
AT = "expected well-formed XML, found at "


def div(inside: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{inside}</div>'


RIGHT = [
    "x", "<p>x</p>", '<img src="a.png" alt="x"/>', "<img/>", "<!-- c -->x", "<?pi x?>x", "a<![CDATA[<script>]]>", "x&#160;y", "&#160;", "\u00a0",
    "x&#x1F600;", "&amp;&lt;&gt;&quot;&apos;", "a > b", '<p style="color: red" class="a" title="&amp;">x</p>', '<a href="#x">x</a>',
    '<a href="Patient/1">x</a>', '<a href="mailto:x@y">x</a>', '<a name="x">x</a>', '<img src="data:image/png;base64,AAAA" alt="x"/>',
    '<p xml:lang="en" lang="en" xml:space="preserve">x</p>', '<p xmlns="http://www.w3.org/1999/xhtml">x</p>', '<p xmlns:x="http://x">x</p>',
    "<div><div>x</div></div>", "<br></br>x", "<p\n>x</p >", "<ul> <li>x<ul><li>y</li></ul></li> </ul>", "<dl><dt>x</dt><dd>y</dd></dl>",
    "<table><caption>x</caption><colgroup><col/></colgroup><tbody><tr><td>x</td></tr></tbody></table>", "<table> <tr> <th>x</th> </tr> </table>",
]
WRONG = [
    ("", NOTHING), (" ", NOTHING), ("<p/>", NOTHING), ("<br/><hr/>", NOTHING), ("<!-- c -->", NOTHING), ("<p> <b> </b> </p>", NOTHING),
    ("<script>x</script>", "has the element 'script'" + ONLY + "p, table and b"),
    ('<link rel="stylesheet" href="x"/>', "has the element 'link'" + ONLY + "p, table and b"),
    ("<style>p {}</style>", "has the element 'style'" + ONLY + "p, table and b"), ("<P>x</P>", "has the element 'P'" + ONLY + "p, table and b"),
    ("<form>x</form>", "has the element 'form'" + ONLY + "p, table and b"), ("<h7>x</h7>", "has the element 'h7'" + ONLY + "p, table and b"),
    ('<p onclick="x">x</p>', "has the attribute 'onclick' on p" + ONLY + "class, style and title"),
    ('<p foo="x">x</p>', "has the attribute 'foo' on p" + ONLY + "class, style and title"),
    ('<p href="x">x</p>', "has the attribute 'href' on p" + ONLY + "class, style and title"),
    ('<ol start="2"><li>x</li></ol>', "has the attribute 'start' on ol" + ONLY + "class, style and title"),
    ('<p xmlns="http://x">x</p>', "has the namespace 'http://x' on p; expected http://www.w3.org/1999/xhtml"),
    ('<a href="javascript:x">x</a>', "has the href 'javascript:x'" + LINK), ('<a href="vbscript:x">x</a>', "has the href 'vbscript:x'" + LINK),
    ('<a href="http://a b">x</a>', "has the href 'http://a b'" + LINK), ('<a href="">x</a>', "has the href ''" + LINK),
    ('<img src="a b.png" alt="x"/>', "has the src 'a b.png'" + LINK),
    ("x&nbsp;y", "has the entity '&nbsp;'" + ENTITY), ("&copy;&eacute;", "has the entity '&copy;'" + ENTITY),
    ('<p title="&amp;&nbsp;">x</p>', "has the entity '&nbsp;'" + ENTITY),
    ("<p>x", AT + "48 in 'g/1999/xhtml\"><p>x</div>': mismatched tag"), ("x & y", AT + "45 in '.org/1999/xhtml\">x & y</div>': not well-formed (invalid token)"),
    ("<b><i>x</b></i>", AT + "51 in '999/xhtml\"><b><i>x</b></i></div>': mismatched tag"), ("<br>x", AT + "49 in '/1999/xhtml\"><br>x</div>': mismatched tag"),
    ("<p>a<p>b</p></p>", "has p inside of p; expected it outside"), ("<p><b><div>x</div></b></p>", "has div inside of p; expected it outside"),
    ("<b><i><b>x</b></i></b>", "has b inside of b; expected it outside"), ("<p>x<ul><li>y</li></ul></p>", "has ul inside of p; expected it outside"),
    ("<table><td>x</td></table>", "has td in table; expected only caption or col or colgroup or tbody or tfoot or thead or tr there"),
    ("<li>x</li>", "has li in div; expected it in ol or ul"), ("<ul>a<li>x</li></ul>", "has text in ul; expected only li there"),
    ("<br>x</br>", "has text in br; expected nothing there"), ("<hr><b>x</b></hr>", "has b in hr; expected nothing there"),
    ("<br> </br>", "has text in br; expected nothing there"), ("<dl><div><dt>x</dt></div></dl>", "has div in dl; expected only dd or dt there"),
]
WHOLE = [
    ('<div title="http://www.w3.org/1999/xhtml">x</div>', ROOT),
    ("", AT + "0 in '': no element found"), ("x", AT + "0 in 'x': syntax error"), ("<div>x</div>", ROOT), (div("x").replace("/xhtml", "/xhtml/"), ROOT),
    (div("x").replace("div", "p"), ROOT), (div("x").replace("1999", "2000"), ROOT), ("y" + div("x"), AT + "1 in 'y<div xmlns=\"http://w': not well-formed (invalid token)"),
    (div("x")[:-1], AT + "43 in 'w3.org/1999/xhtml\">x</div': unclosed token"),
]
STRICTER = [
    (div("x") + "y", AT + "49 in '/1999/xhtml\">x</div>y': junk after document element"),
    ("<!DOCTYPE div>" + div("x"), "has a DOCTYPE; expected the div alone"), (div("x")[:-6], AT + "43 in 'w3.org/1999/xhtml\">x': no element found"),
    (div('<p class="a" class="b">x</p>'), AT + "55 in 'xhtml\"><p class=\"a\" class=\"b\">x</p></div': duplicate attribute"),
    (div("x&#0;y"), AT + "43 in 'w3.org/1999/xhtml\">x&#0;y</div>': reference to invalid character number"),
    (div("x\ud800"), "has half a character (a lone surrogate); expected well-formed XML"),
    (div('<a href="JavaScript:x">x</a>'), "has the href 'JavaScript:x'" + LINK),
    (div("x").replace("div", "h:div").replace("xmlns", "xmlns:h"), "has the element 'h:div'" + ONLY + "p, table and b"),
]
"""HL7's validator takes these: its parser is lenient."""


@pytest.mark.parametrize("inside", RIGHT)
def test_a_text_passes(inside: str) -> None:
    assert faults(div(inside)) == ""


@pytest.mark.parametrize("around", [" {} ", '<?xml version="1.0" encoding="UTF-8"?>{}', "<!-- c -->\n{}\n"])
def test_what_may_stand_around_it(around: str) -> None:
    assert faults(around.format(div("x"))) == ""


@pytest.mark.parametrize("text, said", [*[(div(inside), said) for inside, said in WRONG], *WHOLE, *STRICTER])
def test_a_fault_is_named(text: str, said: str) -> None:
    assert faults(text) == said


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.name)
def test_the_narratives_that_we_write_pass(path: Path) -> None:
    divs = [entry["resource"]["text"]["div"] for entry in parse(path.read_bytes())["entry"]]
    assert [said for text in divs if (said := faults(text))] == []


def test_no_element_stands_where_another_rule_forbids_it() -> None:
    """An element that stands only in some others is held by them, and what holds only some names known ones."""
    for name, known in ELEMENTS.items():
        assert known.within is None or all(ELEMENTS[outer].holds is not None and name in (ELEMENTS[outer].holds or ()) for outer in known.within)
        assert known.holds is None or known.holds <= ELEMENTS.keys()


def test_depth_is_bounded() -> None:
    deep = "<div>" * DEPTH + "x" + "</div>" * DEPTH
    assert faults(div(deep)) == f"elements stand in one another more than {DEPTH} deep; expected a text"
    assert faults(div(deep[5:-6])) == ""


def test_entities_do_not_multiply() -> None:
    bomb = '<!DOCTYPE div [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + "]>"
    assert faults(bomb + div("&i;")) == "has a DOCTYPE; expected the div alone"


def test_a_long_text_is_read_once_through() -> None:
    assert faults(div("<p>" + "x &lt; y<br/>" * 400_000 + "</p>")) == ""
    assert faults(div("<p>" + "x " * 3_000_000)).startswith(AT)


@pytest.mark.parametrize("inside, led", [
    ("x", []), ('<a href="#">x</a>', []), ('<a href="http://x#y">x</a>', []), ('<a href="#x">x</a><p id="x">y</p>', []), ('<a name="x"/><a href="#x">x</a>', []),
    ('<a href="#x">x</a>', ["x"]), ('<img src="#x" alt="x"/><a href="#y">x</a>', ["x", "y"]), ('<a href="#x">', []),
])
def test_links_that_lead_out_of_the_text(inside: str, led: list[str]) -> None:
    assert within(div(inside)) == (led, [])


def test_ids_that_several_elements_have() -> None:
    assert within(div('<p id="a">A</p><p id="b">B</p><p id="a">C</p>')) == ([], ["a"])


PIECES = st.sampled_from(["<", ">", "/", "&", ";", "<p>", "</p>", "<b>", "</b>", "<ul>", "<li>", "</li>", "</ul>", " ", "x", '"', "=", "<br/>", "\ud800", "]]>"])


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(st.characters()))
def test_whatever_comes_there_is_an_answer(inside: str) -> None:
    assert isinstance(faults(div(inside)), str) and isinstance(faults(inside), str)
    assert isinstance(within(div(inside + "#")), tuple)
