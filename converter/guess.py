"""Which format a document is, told from its content alone by the signs in the registry."""

from __future__ import annotations

import re

from converter.formats import FORMATS, load
from converter.json_text import BOM, names, not_utf8, parse
from converter.problems import Problem, Problems, refuse, shown
from converter.trial import Trial

FIELD = re.compile(r"^([A-Za-z_]\w*):(?=\s|$)", re.MULTILINE)


class Unknown(Problems):
    """The refusal of what is whole, and nobody's record."""


def guess(document: bytes) -> str:
    """The name of the one format whose record this is.  Raises Problems that say what was seen; Unknown where no format fits."""
    found = fitting(document)
    if len(found) > 1 and is_json(document):
        found = claimed(document, found)
    elif found == ["trial"] and is_json(document) and not is_mostly_ours(document):
        found = []
    if len(found) == 1:
        return found[0]
    if found:
        raise refuse(f"{seen(document)} may be {' or '.join(found)}; name the one that it is (--from)")
    if is_json(document):
        parse(document)
    raise Unknown([Problem("", f"no format knows {seen(document)}; name its format (--from): {', '.join(FORMATS)}")])


def fitting(document: bytes) -> list[str]:
    """The formats whose sign the document has.  Raises Problems when it is not UTF-8."""
    if is_json(document):
        members = set(names(document))
        return [name for name, entry in FORMATS.items() if not entry.page and not members.isdisjoint(entry.sign)]
    if problems := not_utf8(document):
        raise problems
    lines = page_lines(document)
    fields = set(FIELD.findall(document.decode("utf-8-sig")))
    return [name for name, entry in FORMATS.items()
            if (lines.issuperset(entry.sign) if entry.page else not fields.isdisjoint(entry.sign))]


def page_lines(document: bytes) -> set[str]:
    """The lines of a page, as its reader sees them; of what is no page, none."""
    from converter.formats.page_lines import lines_of

    try:
        return {line.words for line in lines_of(document)}
    except Problems:
        return set()


def claimed(document: bytes, found: list[str]) -> list[str]:
    """Of several formats whose sign fits, those that still do when each was asked.  Raises Problems of a damaged document."""
    tree = parse(document)
    claims = {FORMATS[name].claims for name in found} - {""}
    answers = {load(claim)(tree) for claim in claims}
    return [name for name in found if name in answers or not FORMATS[name].claims]


def is_mostly_ours(document: bytes) -> bool:
    """Are most of the outermost members such as the format has?  An object with a title is not yet a record of ours."""
    members = set(names(document))
    return len(members & set(Trial.__struct_fields__)) * 2 > len(members)


def is_json(document: bytes) -> bool:
    """True of what begins as JSON objects and lists do."""
    return document[:64].removeprefix(BOM).lstrip()[:1] in (b"{", b"[")


def seen(document: bytes) -> str:
    """What a message shows of a document: its first member names, or its first line."""
    if is_json(document):
        members = list(names(document))
        return f"an object with {', '.join(map(repr, members[:6]))}{' …' if len(members) > 6 else ''}" if members else (
            "an empty object" if document.lstrip()[:1] == b"{" else "a list")
    text = document.decode("utf-8-sig", errors="replace").strip()
    return f"a text that begins with {shown(text.splitlines()[0])}" if text else "an empty document"
