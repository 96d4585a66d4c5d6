"""Saved HTML gives what the text of the page gives, and whatever arrives gives a Reading or Problems."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import json

from converter.formats import Reading
from converter.formats.page_lines import lines_of
from converter.problems import Problems
from tests.formats.tacrolimus import PAGES, SAID, TRIALS

HEAD = ("<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><title>A trial</title><style>p {color: red}</style></head>\n"
        "<body><script>if (1 < 2) document.write('<p>no</p>')</script><template><p>neither</p></template>\n")


def words(line: str) -> str:
    """The line in markup, as inline elements and entities."""
    first, space, rest = escape(line).partition(" ")
    return f"<b><i>{first}</i></b>{space}\n   {rest}" if space else f"<span>{first}</span>"


MARKUPS: dict[str, Callable[[list[str]], str]] = {
    "paragraphs": lambda lines: "".join(f"<p>{words(line)}</p>" for line in lines),
    "unclosed paragraphs": lambda lines: "\n".join(f"<p>{words(line)}" for line in lines),
    "divisions": lambda lines: "\n".join(f"<div class='x'><div><span>{words(line)}</span></div></div>" for line in lines),
    "list": lambda lines: "<ul>" + "\n".join(f"<li>{words(line)}</li>" for line in lines) + "</ul>",
    "table": lambda lines: "<table>" + "".join(f"<tr><td> {words(line)} </td><td></td></tr>" for line in lines) + "</table>",
    "definitions": lambda lines: "<dl>" + "".join(
        f"<d{'dt'[at % 2]}>{words(line)}</d{'dt'[at % 2]}>" for at, line in enumerate(lines)) + "</dl>",
    "headings": lambda lines: "".join(f"<section><h{at % 6 + 1}>{words(line)}</h{at % 6 + 1}></section>"
                                      for at, line in enumerate(lines)),
    "bare text between blocks": lambda lines: "<p></p>".join(map(words, lines)),
    "comments": lambda lines: "".join(f"<!-- {at} --><article><!-- no -->{words(line)}</article>"
                                      for at, line in enumerate(lines)),
}


@pytest.mark.parametrize("markup", MARKUPS)
@pytest.mark.parametrize("name", PAGES)
def test_html_equals_text(name: str, markup: str) -> None:
    form, document = PAGES[name]
    lines = [line.words for line in lines_of(document)]
    reading = form.read(f"{HEAD}{MARKUPS[markup](lines)}</body></html>".encode())
    assert reading.trial == TRIALS[name]
    assert reading.lost == ()
    assert sorted(problem.message for problem in reading.problems) == sorted(said.split(": ", 1)[1] for said in SAID[name])


@pytest.mark.parametrize("opening", ["<!doctype HTML>", "  \n<html>", "<body>", "<!-- saved from url -->\n<html>",
                                     "<div id=root>", "\ufeff<main>"])
def test_html_is_known_by_its_beginning(opening: str) -> None:
    assert [(line.number, line.text) for line in lines_of(f"{opening}<p>One</p> <p>Two</p>".encode())] == [
        (1, "One"), (2, "Two")]


@pytest.mark.parametrize(("markup", "lines"), [
    ("<p>a<br>b</p><p>c</p>", [("a", True), ("b", False), ("c", True)]),
    ("<ul><li>* a<li>* b</ul><p>c", [("* a", True), ("* b", False), ("c", True)]),
    ("<p>  a\n\t b  <b> c</b></p>", [("a b c", True)]),
    ("<p>a &lt;&amp;&#62; b</p>", [("a <&> b", True)]),
    ("<div>a<div>b</div>c</div>d", [("a", True), ("b", True), ("c", True), ("d", True)]),
    ("<div>Re<i>fractory</i></div>", [("Refractory", True)]),
    ("<p>a<script>b</script><style>c</style></p>", [("a", True)]),
    ("<hr><p></p><br>", []),
])
def test_lines_of_html(markup: str, lines: list[tuple[str, bool]]) -> None:
    assert [(line.text, line.apart) for line in lines_of(f"<body>{markup}".encode())] == lines


@pytest.mark.parametrize(("text", "lines"), [
    ("a\n\nb\nc\n", [(1, "a", True), (3, "b", True), (4, "c", False)]),
    ("\n a  \n", [(2, " a", True)]),
    ("a\nb\n* c\n* d", [(1, "a", True), (2, "b", True), (3, "* c", True), (4, "* d", False)]),
    ("1. a\n2) b", [(1, "1. a", True), (2, "2) b", False)]),
    ("a \u2028 b\x0c\n", [(1, "a \u2028 b", True)]),
])
def test_lines_of_text(text: str, lines: list[tuple[int, str, bool]]) -> None:
    assert [(line.number, line.text, line.apart) for line in lines_of(text.encode())] == lines


@pytest.mark.parametrize("name", PAGES)
def test_blank_lines_are_not_needed(name: str) -> None:
    form, document = PAGES[name]
    reading = form.read("\n".join(line.text for line in lines_of(document)).encode())
    assert reading.trial == TRIALS[name]
    assert reading.lost == ()


def test_deep_nesting_is_read() -> None:
    assert [line.text for line in lines_of(b"<div>" * 5000 + b"deep")] == ["deep"]


# Whatever arrives

def reads_or_refuses(name: str, document: bytes) -> None:
    """A Reading that can be written down, or Problems; everything else is a fault."""
    try:
        reading = PAGES[name][0].read(document)
    except Problems as refused:
        assert all(problem.severity == "error" and problem.message for problem in refused.problems)
    else:
        assert isinstance(reading, Reading)
        assert json.decode(json.encode(reading), type=Reading) == reading


names = st.sampled_from(sorted(PAGES))


@given(name=names, document=st.binary())
@example(name="meddatax_page", document=b"\xed\xa0A")
def test_arbitrary_bytes_give_a_reading_or_problems(name: str, document: bytes) -> None:
    reads_or_refuses(name, document)


@given(name=names, text=st.text())
@example(name="clinconnect_page", text="<")
def test_arbitrary_text_gives_a_reading_or_problems(name: str, text: str) -> None:
    reads_or_refuses(name, text.encode("utf-8", "surrogatepass"))


@given(name=names, data=st.data())
@settings(deadline=None)
def test_a_page_with_lines_dropped_doubled_and_moved_gives_a_reading_or_problems(name: str, data: st.DataObject) -> None:
    lines = PAGES[name][1].decode().split("\n")
    for _ in range(data.draw(st.integers(1, 6))):
        at, to = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        change = data.draw(st.sampled_from(("drop", "double", "move", "cut", "other", "markup")))
        line = lines.pop(at)
        if change == "double":
            lines[at:at] = [line, line]
        elif change == "move":
            lines.insert(to, line)
        elif change == "cut":
            lines.insert(at, line[:to])
        elif change == "other":
            lines.insert(at, data.draw(st.text(max_size=30)))
        elif change == "markup":
            lines.insert(at, f"<p>{line}")
        if not lines:
            break
    reads_or_refuses(name, "\n".join(lines).encode("utf-8", "surrogatepass"))
