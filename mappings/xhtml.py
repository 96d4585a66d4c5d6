"""What a narrative's div may hold, which is little of XHTML     https://hl7.org/fhir/R5/narrative.html#xhtml (txt-1, txt-2)

Elements, attributes and where each may stand are those that HL7's validator takes (org.hl7.fhir 6.7.9, asked about every element in
every other, with every attribute); it leaves out a few that R4's schema had (ol's start, bgcolor): HTML 4.0 deprecates them.
Unlike it, this asks for well-formed XML.  R4, R4B and R5 are alike.
"""

from __future__ import annotations

import re
from xml.parsers.expat import ErrorString, ExpatError, ParserCreate

from msgspec import Struct

from converter.problems import shown

XHTML = "http://www.w3.org/1999/xhtml"
DEPTH = 100
"""How deep elements may stand in each other; those of a person's text stand less than 20 deep."""
ANYWHERE = ("abbr accesskey align axis char charoff class colspan dir headers id lang rowspan scope span style tabindex title valign width "
            "xml:lang xml:space xmlns")
"""Attributes that any element may have."""
OF = {
    "a": "charset coords href hreflang name rel rev shape type", "area": "alt coords href nohref shape", "blockquote": "cite",
    "img": "alt border height ismap longdesc src usemap", "map": "name", "pre": "space", "q": "cite",
    "table": "border cellpadding cellspacing frame rules summary", "td": "nowrap",
}
"""Attributes that an element may have beside those."""
NESTED = "a abbr acronym b bdo big cite code dfn em i kbd q samp small strong sub sup tt var"
"""Elements of a line of text, which do not stand in one of their own kind."""
LINES = f"{NESTED} address caption dd dt h1 h2 h3 h4 h5 h6 p pre span"
BLOCKS = "div ol pre table ul"
"""Elements that hold a line of text, and those that do not stand anywhere in one."""
PARAGRAPHS = f"{BLOCKS} blockquote p"
"""What does not stand anywhere in a p."""
ONLY = {
    "area": "", "br": "", "colgroup": "col", "dl": "dd dt", "hr": "", "img": "", "map": "area", "ol": "li", "tbody": "tr", "tfoot": "tr",
    "table": "caption col colgroup tbody tfoot thead tr", "thead": "tr", "tr": "td th", "ul": "li",
}
"""What elements hold that hold no text."""
WITHIN = {
    "caption": "table", "col": "colgroup table", "colgroup": "table", "dd": "dl", "dt": "dl", "li": "ol ul", "tbody": "table", "td": "tr",
    "tfoot": "table", "th": "tr", "thead": "table", "tr": "table tbody tfoot thead",
}
"""Elements that stand only in some others."""


class Element(Struct, frozen=True):
    """What an element may have, may hold (None is anything), may stand in, and not stand in at any depth."""

    attributes: frozenset[str]
    holds: frozenset[str] | None
    within: frozenset[str] | None
    not_in: frozenset[str]


def element(name: str) -> Element:
    """The element of that name."""
    groups = ((NESTED, name), (BLOCKS, LINES), (PARAGRAPHS, "p"))
    outside = {one for group, holders in groups if name in group.split() for one in holders.split()}
    allowed = frozenset(f"{ANYWHERE} {OF.get(name, '')}".split())
    return Element(allowed, words(ONLY.get(name)), words(WITHIN.get(name)), frozenset(outside))


def words(said: str | None) -> frozenset[str] | None:
    return None if said is None else frozenset(said.split())


ELEMENTS = {name: element(name) for name in {*LINES.split(), *BLOCKS.split(), "blockquote", *ONLY, *WITHIN}}
ACTIVE = re.compile(r"\s*(?:javascript|vbscript)\s*:", re.IGNORECASE)
BAD = re.compile(r"""[\s<>"]""")


WHITE = " \t\r\n"
"""What XML calls white space."""


class Fault(Exception):
    """What is wrong; the parser stops there."""


def faults(div: str) -> str:
    """What is wrong with the text of a div, first of all, as a sentence; "" when nothing is."""
    parser = ParserCreate()
    inside: list[str] = []
    content = False

    def start(name: str, attributes: list[str]) -> None:
        nonlocal content
        known = ELEMENTS.get(name)
        if known is None:
            raise Fault(f"has the element {shown(name)}; expected only those of a text, such as p, table and b")
        if inside:
            outer = inside[-1]
            holds = ELEMENTS[outer].holds
            if (holds is not None and name not in holds) or (known.within is not None and outer not in known.within):
                raise Fault(f"has {name} in {outer}; expected {place(name, outer)}")
            if not known.not_in.isdisjoint(inside):
                raise Fault(f"has {name} inside of {next(one for one in inside if one in known.not_in)}; expected it outside")
            if len(inside) == DEPTH:
                raise Fault(f"elements stand in one another more than {DEPTH} deep; expected a text")
        elif name != "div" or ("xmlns", XHTML) not in zip(attributes[::2], attributes[1::2], strict=True):
            raise Fault(f'expected a div in the namespace of XHTML: <div xmlns="{XHTML}">')
        if attributes:
            allow(name, attributes, known.attributes)
        if name == "img":
            content = True
        inside.append(name)

    def end(name: str) -> None:
        inside.pop()

    def text(said: str) -> None:
        nonlocal content
        holds = ELEMENTS[inside[-1]].holds
        blank = not said.strip(WHITE)  # a no-break space is a text
        content = content or not blank
        if holds is not None and not (blank and holds):
            raise Fault(f"has text in {inside[-1]}; expected {place('', inside[-1])}")

    parser.ordered_attributes = parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(div, True)
    except Fault as fault:
        return str(fault)
    except (ExpatError, UnicodeEncodeError) as error:
        return malformed(div, error)
    return "" if content else "has no text and no image; expected some content (txt-2)"


def within(div: str) -> tuple[list[str], list[str]]:
    """Ids that its links and images lead to (#x) and none of its elements has: they may be those of an element of the resource;
    and ids that several of its elements have."""
    led: dict[str, None] = {}
    there: set[str] = set()
    twice: dict[str, None] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if (id := attributes.get("id")) is not None:
            if id in there:
                twice[id] = None
            there.add(id)
        there.update(value for key, value in attributes.items() if key == "name")
        led.update((value[1:], None) for key, value in attributes.items() if key in ("href", "src") and value[:1] == "#" and value != "#")

    if "#" in div or " id=" in div:
        parser = ParserCreate()
        parser.StartElementHandler = start
        try:
            parser.Parse(div, True)
        except (ExpatError, UnicodeEncodeError):
            return [], []  # `faults` says that
    return [one for one in led if one not in there], list(twice)


def allow(name: str, attributes: list[str], allowed: frozenset[str]) -> None:
    """The attributes of an element, name and value in turn, are such as it may have."""
    for attribute, value in zip(attributes[::2], attributes[1::2], strict=True):
        if attribute not in allowed and not attribute.startswith("xmlns:"):
            raise Fault(f"has the attribute {shown(attribute)} on {name}; expected only those of a text, such as class, style and title")
        if attribute == "xmlns" and value != XHTML:
            raise Fault(f"has the namespace {shown(value)} on {name}; expected {XHTML}")
        if attribute in ("href", "src") and (not value or BAD.search(value) or ACTIVE.match(value)):
            raise Fault(f"has the {attribute} {shown(value)}; expected an address without blanks that runs no script")


def place(name: str, outer: str) -> str:
    """Where the element may stand, or what the other may hold."""
    holds = ELEMENTS[outer].holds
    if holds is None:
        return f"it in {' or '.join(sorted(ELEMENTS[name].within or ()))}"
    return f"only {' or '.join(sorted(holds))} there" if holds else "nothing there"


def doctype(*_: object) -> None:
    raise Fault("has a DOCTYPE; expected the div alone")


def malformed(div: str, error: ExpatError | UnicodeEncodeError) -> str:
    """The sentence about a text that is no well-formed XML."""
    if isinstance(error, UnicodeEncodeError):
        return "has half a character (a lone surrogate); expected well-formed XML"
    at = sum(len(line) + 1 for line in div.split("\n")[:error.lineno - 1]) + error.offset
    said = ErrorString(error.code)
    if said == "undefined entity":
        entity = re.search(r"&(?!(?:amp|lt|gt|quot|apos|#\w+);)[^;]{0,20};?", div[at:])
        found = shown(entity[0] if entity else "&")
        return f"has the entity {found}; expected those of XML, &amp; &lt; &gt; &quot; &apos;, or a number such as &#160;"
    return f"expected well-formed XML, found at {at} in {shown(div[max(0, at - 20):at + 20])}: {said}"
