"""What was understood of criteria, as one page of HTML that needs nothing else: hovering over a phrase, or focusing it, shows its code.

Nothing in it is loaded from anywhere, and its policy forbids that too; only the style and the script that it brings may be used, by their
hashes.  Tooltips are as WCAG 2.2 wants them (1.4.13): they stay, can be pointed at, and Escape hides them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from converter.eligibility.findings import Finding
from converter.eligibility.shown.codes import codes
from converter.eligibility.shown.layout import Entry, Phrase, Understood, closing, entries, says_more, unsaid
from converter.eligibility.shown.wording import BLANKS, expression, fact, harmless, kind, label, one_line, percent, readable

if TYPE_CHECKING:
    from converter.eligibility.understanding import Understanding

KINDS = {"measure": "measured values and grades", "time": "time windows", "condition": "conditions", "medication": "medications",
         "procedure": "procedures", "other": "allergies, pregnancy, consent and the like"}
"""Kinds of phrases; each has a colour and an underline of its own."""
STATES: dict[Understood, str] = {"whole": "= understood", "part": "~ in part", "words": "words only"}


@cache
def asset(name: str) -> str:
    """The file of that name that goes into the page."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def hashed(content: str) -> str:
    """How a policy names the content of a style or a script."""
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def page(titles: list[str], bodies: Iterable[str], minimum: float) -> Iterator[str]:
    """The page in parts: `bodies` are what `body` makes of each record, `titles` what each is called."""
    style, script = asset("page.css"), asset("page.js")
    policy = f"default-src 'none'; style-src {hashed(style)}; script-src {hashed(script)}; base-uri 'none'; form-action 'none'"
    title = f"Eligibility criteria of {titles[0] if len(titles) == 1 else f'{len(titles):,} records'}"
    yield ('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
           f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
           '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{text(title)}</title>\n'
           f"<style>{style}</style>\n</head>\n<body>\n<header>\n<h1>{text(title)}</h1>\n"
           "<p>Point at underlined words, or go to them with the Tab key, to see what they were understood as; Escape hides it again. "
           f"Shown is what is right in at least {percent(minimum)} of cases.</p>\n"
           '<ul class="legend">\n')
    yield from (f'<li><span class="phrase {word}"><mark>{said}</mark></span></li>\n' for word, said in KINDS.items())
    yield "</ul>\n</header>\n"
    if len(titles) > 1:
        yield '<nav aria-label="Records">\n<ol>\n'
        yield from (f'<li><a href="#r{n}">{text(title)}</a></li>\n' for n, title in enumerate(titles))
        yield "</ol>\n</nav>\n"
    yield "<main>\n"
    yield from bodies
    yield f"</main>\n<script>{script}</script>\n</body>\n</html>\n"


def body(number: int, title: str | None, said: Understanding | str, minimum: float) -> str:
    """The record of that number, headed by the title; in place of its criteria may stand a sentence about why there are none.

    Of what was found, only what is at least so sure (0 to 1) is shown.
    """
    parts = [f'<section id="r{number}">\n']
    if title is not None:
        parts.append(f"<h2>{text(title)}</h2>\n")
    if isinstance(said, str):
        parts.append(f'<p class="faint">{text(said)}</p>\n')
    else:
        shown = list(entries(said, minimum))
        parts.append(f'<p class="faint">{closing(shown)}</p>\n')
        parts.extend(nested(shown, said.tree.text, f"r{number}", 2 if title is None else 3))
    return "".join([*parts, "</section>\n"])


def nested(shown: list[Entry], words: str, prefix: str, level: int) -> Iterator[str]:
    """The nodes as lists in lists; a section that stands in no list is headed."""
    depth = -1
    tips = 0
    for entry in shown:
        if entry.depth > depth:
            yield '<ul class="criteria">\n' * (entry.depth - depth)
        else:
            yield "</li>\n" + "</ul>\n</li>\n" * (depth - entry.depth)
        depth = entry.depth
        own = unsaid(entry)
        for piece in entry.pieces:
            if isinstance(piece, Phrase):
                own += phrase(piece, words, f"{prefix}t{tips}")
                tips += 1
            else:
                own += text(readable(piece))
        mark = f'<span class="mark">{text(readable(entry.mark))}</span>' if entry.mark else ""
        tag = f"h{level}" if entry.node.role == "section" and entry.depth == 0 else "span"
        yield f'<li class="{entry.node.role}">{mark}<{tag} class="words">{own}</{tag}>'
        if entry.understood:
            yield f' <span class="state">{STATES[entry.understood]}</span>'
        if entry.meaning is not None and says_more(entry):
            yield f'<span class="meaning">= {text(expression(entry.meaning, words))}</span>'
        yield "\n"
    if shown:
        yield "</li>\n" + "</ul>\n</li>\n" * depth + "</ul>\n"


def phrase(phrase: Phrase, words: str, id: str) -> str:
    """Words with the tooltip that says what they were understood as."""
    sort = kind(phrase.findings[0])
    return (f'<span class="phrase {sort if sort in KINDS else "other"}">'
            f'<mark tabindex="0" aria-describedby="{id}">{text(readable(phrase.words))}</mark>'
            f'<span class="tip" role="tooltip" id="{id}">{"".join(told(one, words) for one in phrase.findings)}</span></span>')


def told(finding: Finding, words: str) -> str:
    """A finding in a tooltip: what it says, each code with its name, how sure that is and by which rule."""
    named = "".join(f"<code>{text(label(one))} {text(one_line(one.display))}</code> " for one in codes(finding))
    return (f'<span class="fact"><b>{text(fact(finding, words))}</b> {named}'
            f'<span class="sure">{percent(finding.confidence)} sure, by the rule {text(one_line(finding.rule))}</span></span>')


def text(words: str) -> str:
    """The words as HTML."""
    return escape(harmless(BLANKS.sub(" ", words)))
