"""A document is a list of lines: the text of a web page, or the same page saved as HTML.

Nothing here knows a site.  Of HTML only what is a block matters, no class names: sites rename those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser, LexborNode

from converter.problems import Problems, refuse

BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd", "details", "dialog",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre",
    "search", "section", "select", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
))
DROPPED = frozenset(("head", "noscript", "script", "style", "svg", "template"))
MARKUP = re.compile(r"\s*<(!doctype|!--|\?xml|[a-z][a-z0-9-]*[\s/>])", re.IGNORECASE)
LISTED = re.compile(r"\s*([*•-]|\d+[.)])\s")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


class Line(Struct, frozen=True):
    """A line of a page: its number from 1, its text as it stands, and whether a new paragraph begins with it."""

    number: int
    text: str
    apart: bool = True

    @property
    def words(self) -> str:
        """The text without the space around it."""
        return self.text.strip()


def lines_of(document: bytes) -> list[Line]:
    """The lines that are not blank, of a text or of saved HTML (numbered as its text lines).  Raises Problems."""
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_utf8(document, error) from None
    lines = list(html_lines(text) if MARKUP.match(text) else text_lines(text))
    for line in lines:
        if found := CONTROL.search(line.text):
            raise refuse(f"found the control character U+{ord(found[0]):04X}, so this is binary or damaged; "
                         "expected a page, its text or the saved HTML", f"line {line.number}")
    return lines


def text_lines(text: str) -> Iterator[Line]:
    """The lines of a text that are not blank; a blank line begins a paragraph."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    blank = "" in map(str.strip, "\n".join(lines).strip().split("\n"))
    before = ""
    for number, line in enumerate(lines, 1):
        if line.strip():
            # A page without a single blank line does not say where paragraphs begin.
            yield Line(number, line.rstrip(), not before if blank else not listed(before, line))
        before = line.strip()


def listed(before: str, line: str) -> bool:
    """True of two entries of one list, which stand on lines of their own and yet are one paragraph."""
    return LISTED.match(before) is not None and LISTED.match(line) is not None


def not_utf8(document: bytes, error: UnicodeDecodeError) -> Problems:
    """The refusal of bytes that are not UTF-8, with the line of the first of them."""
    number = document.count(b"\n", 0, error.start) + 1
    where = f"line {number}"
    found = document[error.start:error.start + 3]
    if document.startswith((b"\xff\xfe", b"\xfe\xff")):
        return refuse("found UTF-16; expected UTF-8. Save the page again as UTF-8", "line 1")
    if len(found) == 3 and found[0] == 0xED and 0xA0 <= found[1] <= 0xBF and 0x80 <= found[2] <= 0xBF:
        return refuse(f"found half a character (lone surrogate U+{ord(found.decode('utf-8', 'surrogatepass')):04X}); "
                      "expected UTF-8. Save the page again as UTF-8", where)
    return refuse(f"found the byte 0x{found[0]:02X}, which is not UTF-8 (is it Latin-1?). Save the page again as UTF-8",
                  where)


def html_lines(markup: str) -> Iterator[Line]:
    """The lines that a browser would show, space folded: one for each block, and one after each <br>."""
    said: list[str] = []
    begins, number, before = True, 0, ""
    for event, text in events(LexborHTMLParser(markup).root):
        if event == "text":
            said.append(text)
            continue
        if line := re.sub(r"[ \t\n\r\f]+", " ", "".join(said)).strip():
            number += 1
            yield Line(number, line, begins and not listed(before, line))
            begins, before = False, line
        said.clear()
        begins = begins or event == "block"


def events(root: LexborNode | None) -> Iterator[tuple[str, str]]:
    """What happens on the way through a document: a piece of text, the begin or end of a block, a <br>.

    No recursion: saved pages nest as deep as they like.
    """
    node, path = root, list[LexborNode]()
    while node is not None:
        if node.is_text_node:
            yield "text", node.text_content or ""
        elif node.tag == "br":
            yield "br", ""
        elif node.tag in BLOCKS:
            yield "block", ""
        if node.child is not None and node.tag not in DROPPED:
            path.append(node)
            node = node.child
            continue
        while path and node.next is None:
            node = path.pop()
            if node.tag in BLOCKS:
                yield "block", ""
        node = node.next if path else None
    yield "block", ""
