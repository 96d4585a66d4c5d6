"""YAML 1.2 <-> a tree, for records that people write by hand      https://yaml.org/spec/1.2.2/

Only what JSON can say: texts, numbers with their digits, true and false, lists, objects.  A date stays the text that it
is.  Aliases are followed as long as the record stays small; merge keys and tags are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from converter.json_text import BOM, encode, not_utf8, too_deep
from converter.problems import Problems, refuse, shown

LARGEST = 4 << 20
MOST = 100_000
"""Values of a record, names counted.  ruamel.yaml takes 5 s for so many; the largest known record of a registry fills 15 400 lines."""
DEEPEST = 50
# A leading zero is no part of a number: 02115 is somebody's postal code.
INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
# Words that some YAML reader takes for something other than text.
RESERVED = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"))
PLAIN = re.compile(r"[A-Za-z]([A-Za-z0-9 ()/_.,-]*[A-Za-z0-9)])?")
HALF = re.compile("[\ud800-\udfff]")
LONE = re.compile("[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]")
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
BLOCK = re.compile("[!-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
                   "[ -~\n\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")


def parse(document: bytes) -> Any:
    """The tree that a YAML document says.  Raises Problems."""
    if problems := not_utf8(document):
        raise problems
    if len(document) > LARGEST:
        raise refuse(f"the YAML has {len(document) >> 20} MiB; expected at most {LARGEST >> 20}. Write it as JSON")
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = Nodes  # type: ignore[assignment]
    try:
        node = yaml.compose(document.removeprefix(BOM).decode())
    except Problems:
        raise
    except RecursionError:
        raise too_deep() from None
    except MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        if error.problem == "but found another document":
            raise refuse("found a second document (---); expected one record in a file",
                         f"line {at.line + 1}") from None
        raise refuse(f"is not YAML: {error.problem or error.context}",
                     f"line {at.line + 1}, column {at.column + 1}" if at else "") from None
    except Exception as error:
        # ruamel.yaml raises whatever it likes on damaged text: ValueError, IndexError, its own ReaderError.
        raise refuse(f"is not YAML: {str(error).splitlines()[0] if str(error) else type(error).__name__}") from None
    if node is None:
        raise refuse("the document is empty; expected a record")
    return Builder().build(node, 0)


class Nodes(Composer):
    """Makes nodes of a text, and stops at once at a name that is said twice and where there are too many: it is slow."""

    def __init__(self, loader: Any):
        super().__init__(loader)
        self.made = 0
        self.names: dict[int, set[str]] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The next node; of an object, `index` is None for a name."""
        node = super().compose_node(parent, index)
        self.made += 1
        if self.made > MOST:
            raise too_many(node)
        if index is None and isinstance(parent, MappingNode) and isinstance(node, ScalarNode):
            names = self.names.setdefault(id(parent), set())
            if node.value in names:
                raise refuse(f"the name {shown(node.value)} is said twice in one object; remove one", place(node))
            names.add(node.value)
        return node


def too_many(node: Node) -> Problems:
    """The refusal of a record without end."""
    return refuse(f"the record goes deeper than {DEEPEST} levels or has more than {MOST} values; "
                  "does an alias (*name) stand within what it repeats?", place(node))


class Builder:
    """Makes a tree of YAML nodes, and stops where aliases would make it grow without end."""

    def __init__(self) -> None:
        self.made = 0

    def build(self, node: Node, depth: int) -> Any:
        """The value of one node."""
        self.made += 1
        if depth > DEEPEST or self.made > MOST:
            raise too_many(node)
        if isinstance(node, MappingNode):
            return self.mapping(node, depth)
        if isinstance(node, SequenceNode):
            return [self.build(entry, depth + 1) for entry in node.value]
        assert isinstance(node, ScalarNode)
        return scalar(node)

    def mapping(self, node: MappingNode, depth: int) -> dict[str, Any]:
        """An object; its names are texts."""
        tree: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                raise refuse("found a merge key (<<) or a key that is no text; expected a field's name", place(key))
            tree[characters(key)] = self.build(value, depth + 1)
        return tree


def scalar(node: ScalarNode) -> Any:
    """The value of a scalar: numbers keep their digits, and a date is a text."""
    kind, text = str(node.tag).removeprefix("tag:yaml.org,2002:"), str(node.value)
    match kind:
        case "str" | "timestamp":
            return characters(node)
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" if INTEGER.fullmatch(text) and len(text) < 4300:
            return int(text)
        case "float" if NUMBER.fullmatch(text):
            try:
                return Decimal(text)
            except InvalidOperation:
                pass
    if kind in ("int", "float"):
        raise refuse(f"found {shown(text)}; expected a number in decimal digits, or a text in quotes", place(node))
    raise refuse(f"found the tag {shown(str(node.tag))}; expected a text, a number, true or false, a list or an object",
                 place(node))


def characters(node: ScalarNode) -> str:
    """The text of a scalar.  Two escapes that are the halves of a character, as in JSON (YAML 1.2.2, section 1.3), are that character."""
    text = str(node.value)
    if not HALF.search(text):
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        half = f"\\u{ord(LONE.findall(text)[0]):04x}"
        raise refuse(f"found half a character (the lone surrogate {half}); expected both halves, or the character itself",
                     place(node)) from None


def place(node: Node) -> str:
    """Where the node begins."""
    return f"line {node.start_mark.line + 1}, column {node.start_mark.column + 1}"


def text(tree: dict[str, Any]) -> bytes:
    """The tree as a YAML document that every reader of YAML reads alike."""
    return ("\n".join(lines(tree, "")) + "\n").encode()


def lines(tree: Any, indent: str) -> Iterator[str]:
    """The lines of an object or a list that is not empty."""
    members = tree.items() if isinstance(tree, dict) else (("-", entry) for entry in tree)
    for name, value in members:
        lead = "-" if isinstance(tree, list) else f"{name}:"
        if isinstance(value, dict) and value and lead == "-":
            first, *more = lines(value, indent + "  ")
            yield f"{indent}- {first.lstrip(' ')}"
            yield from more
        elif isinstance(value, (dict, list)) and value:
            yield f"{indent}{lead}"
            yield from lines(value, indent + "  ")
        elif isinstance(value, str) and "\n" in value.strip("\n") and block(value):
            yield f"{indent}{lead} {'|' if value.endswith(chr(10)) else '|-'}"
            yield from (f"{indent}  {line}" if line else "" for line in value.removesuffix("\n").split("\n"))
        else:
            yield f"{indent}{lead} {spelled(value)}"


def block(value: str) -> bool:
    """True of a text that a literal block gives back to the byte."""
    return BLOCK.fullmatch(value) is not None and " \n" not in value and not value.endswith((" ", "\n\n"))


def spelled(value: Any) -> str:
    """A scalar: a plain word where nobody can mistake it, else as JSON spells it, which YAML understands."""
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in RESERVED:
        return value
    return UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", encode(value).decode())
