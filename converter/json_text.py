"""JSON text <-> a tree with every digit kept (RFC 8259); what is wrong with a text, and where it stands.

msgspec parses and prints.  It says little about why it stops, and calls half a character a truncation; so a text that
it refuses is looked at again here.  It also takes the last of two members of the same name without a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from converter.loss import Loss, left, same
from converter.problems import Problems, join, member, refuse, shown

BOM = b"\xef\xbb\xbf"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
TWICE = "is said again further on, and the last one counts"
ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
OFFSET = re.compile(r"(?:JSON is malformed: )?(.*?) \(byte (\d+)\)")
WORD = re.compile(rb"[ntf]")
NO_NUMBER = re.compile(r"-?(NaN|Inf(inity)?)", re.IGNORECASE)
SAID = {
    "object keys must be strings": "a member's name in double quotes",
    "trailing comma in object": "another member after the comma, or no comma",
    "trailing comma in array": "another entry after the comma, or no comma",
    "expected ':'": "a colon after the member's name",
    "expected ',' or '}'": "a comma or }",
    "expected ',' or ']'": "a comma or ]",
    "invalid number": "a number as JSON spells it: no leading zero or plus sign, a digit on each side of the point",
    "invalid escape character in string": r"one of the escapes \" \\ \/ \b \f \n \r \t \u",
    "invalid character in unicode escape": r"four hexadecimal digits after \u",
    "invalid character": "a value, a name or a bracket of JSON",
}

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
encode = msgspec.json.Encoder(decimal_format="number").encode
"""A tree, or a Struct, as compact JSON; decimals with their digits."""


def parse(document: bytes) -> Any:
    """The JSON in `document`, decimals with their digits, a byte order mark skipped.  Raises Problems."""
    if document.startswith(BOM):
        document = document[len(BOM):]
    try:
        return _decode(document)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise explained(document, error) from None


def indented(document: bytes) -> bytes:
    """The same JSON as people read it: a member a line, two spaces a level, digits as they were, a line end."""
    return msgspec.json.format(document, indent=2) + b"\n"


def explained(document: bytes, error: Exception) -> Problems:
    """What is wrong with a text that the parser refused with `error`, and where."""
    if isinstance(error, RecursionError):
        return too_deep()
    if not document.strip():
        return refuse("the document is empty; expected a JSON object. Is the file complete?")
    if problems := not_utf8(document):
        return problems
    if isinstance(error, InvalidOperation):
        return refuse("found a number whose exponent has too many digits to be kept exactly; correct the number")
    said = str(error)
    if (half := half_character(document)) is not None and ("truncated" in said or "surrogate" in said):
        found = document[half:half + 6].decode()
        return refuse(f"found half a character (the lone surrogate {found}); expected both halves, or the character "
                      "itself. The program that wrote it cut a text in two", where(document, half))
    if "truncated" in said:
        end = document.rstrip()[-24:].decode(errors="ignore")
        return refuse(f"the document breaks off after {shown(end)}; expected the rest of the JSON. "
                      "Fetch or copy it again", where(document, len(document.rstrip())))
    match = OFFSET.fullmatch(said)
    if match is None:
        return refuse("found a number of more than 4300 digits; correct the number" if "Integer" in said
                      else f"is not JSON: {said}")
    return at(document, int(match[2]), match[1])


def at(document: bytes, offset: int, said: str) -> Problems:
    """The refusal of the text that stands at `offset`, for which the parser had the words `said`."""
    if said == "trailing characters" or document[offset - 1:offset + 1] == b"-I":
        offset -= 1
    elif said == "invalid character":
        offset = word(document, offset)
    place, text = where(document, offset), document[offset:offset + 80].decode(errors="replace")
    if match := NO_NUMBER.match(text):
        return refuse(f"found {match[0]}, which is no number in JSON; leave the member out where a number is not known",
                      place)
    if said == "trailing characters":
        return refuse(f"found {shown(text, 24)} after the end of the JSON; expected nothing more. "
                      "Several records go into a list, or one to a line (.ndjson)", place)
    if text[:1] < " ":
        code = ord(text[:1] or chr(0))
        return refuse(f"found the control character U+{code:04X}; expected it as the escape \\u{code:04x}", place)
    return refuse(f"found {shown(text, 24)}; expected {SAID.get(said, f'JSON ({said})')}", place)


def word(document: bytes, offset: int) -> int:
    """Where the word begins in which the parser stopped: of a misspelled null it reads four letters before it looks."""
    for start in (offset - 4, offset - 5):
        if start >= 0 and WORD.match(document, start) and document[start - 1:start] in (b"", b"[", b",", b":", b" ", b"\n"):
            return start
    return offset


def too_deep() -> Problems:
    """The refusal of brackets within brackets without end."""
    return refuse("lists or objects stand inside one another hundreds of levels deep; expected a record")


def not_utf8(document: bytes) -> Problems | None:
    """The refusal of bytes that are not UTF-8, with the place of the first; None when they are."""
    if document.startswith(UTF16) or (document[0:4:2] == b"\0\0") != (document[1:4:2] == b"\0\0"):
        return refuse("found UTF-16; expected UTF-8. Save the document again as UTF-8")
    try:
        document.decode()
    except UnicodeDecodeError as error:
        found = document[error.start]
        if found == 0xED and document[error.start + 1:error.start + 2] >= b"\xa0":
            return refuse("found half a character (a lone surrogate, as bytes); expected UTF-8. "
                          "The program that wrote it cut a text in two", where(document, error.start))
        return refuse(f"found the byte 0x{found:02X}, which is not UTF-8 (is it Latin-1?); expected UTF-8. "
                      "Save the document again as UTF-8", where(document, error.start))
    return None


def half_character(document: bytes) -> int | None:
    """Where the first escape stands that is half of a surrogate pair without the other half."""
    before: re.Match[bytes] | None = None
    for match in ESCAPE.finditer(document):
        value = int(match[1], 16) if match[1] else 0
        if before:
            if not (0xDC00 <= value <= 0xDFFF and match.start() == before.end()):
                return before.start()
            before = None
        elif 0xDC00 <= value <= 0xDFFF:
            return match.start()
        elif 0xD800 <= value <= 0xDBFF:
            before = match
    return before.start() if before else None


def where(document: bytes, offset: int) -> str:
    """The place in words; the line is left out of a document that has but one."""
    line_start = document.rfind(b"\n", 0, offset) + 1
    column = len(document[line_start:offset].decode(errors="replace")) + 1
    if b"\n" not in document.strip():
        return f"column {column}"
    line = document.count(b"\n", 0, offset) + 1
    return f"line {line}, column {column}"


class Members(list[tuple[str, Any]]):
    """The members of one object, in order, each as often as it is said."""


def repeated(document: bytes, alike: bool = False) -> tuple[Loss, ...]:
    """What a member says whose name comes again in the same object, and that is not what the last one says.

    With `alike`, also where both say the same: nothing is lost then, and still it is no good JSON (RFC 8259, section 4).
    Takes about twice as long as parsing; to be asked where every loss matters.  A malformed document has none.
    """
    twice = False

    def note(members: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        said = dict(members)
        twice = twice or len(said) != len(members)
        return said

    try:
        text = document.decode("utf-8-sig")
        json.JSONDecoder(object_pairs_hook=note, parse_int=str, parse_float=str, strict=False).decode(text)
        if not twice:
            return ()
        return tuple(said_twice(json.JSONDecoder(object_pairs_hook=Members, parse_float=Decimal).decode(text), "", alike))
    except (ValueError, RecursionError, InvalidOperation):
        return ()


def said_twice(tree: Any, path: str, alike: bool = False) -> Iterator[Loss]:
    """The same, of a tree that still has every member."""
    if isinstance(tree, Members):
        last = {name: (number, value) for number, (name, value) in enumerate(tree)}
        for number, (name, value) in enumerate(tree):
            counts, what = last[name]
            if number == counts:
                yield from said_twice(value, member(path, name), alike)
            elif alike or not same(plain(value), plain(what)):
                yield left(member(path, name), plain(value), TWICE)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from said_twice(value, join(path, index), alike)


def plain(tree: Any) -> Any:
    """The tree as the parser gives it."""
    if isinstance(tree, Members):
        return {name: plain(value) for name, value in tree}
    return list(map(plain, tree)) if isinstance(tree, list) else tree


def names(document: bytes) -> Iterable[str]:
    """The member names of the outermost object, in order; of a damaged document, those that can be made out."""
    try:
        return list(_names(document))
    except (ValueError, RecursionError):
        return list(dict.fromkeys(outermost(document[:1 << 20])))


_names = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
TOKEN = re.compile(rb'"((?:[^"\\\n]|\\.)*)"\s*(:?)|[{}\[\]]')


def outermost(document: bytes) -> Iterator[str]:
    """The names at the first level of a text that need not be whole."""
    if document.removeprefix(BOM).lstrip()[:1] != b"{":
        return
    depth = 0
    for token in TOKEN.finditer(document):
        if token[0] in b"{[":
            depth += 1
        elif token[0] in b"}]":
            depth -= 1
        elif depth == 1 and token[2]:
            yield token[1].decode(errors="replace")
