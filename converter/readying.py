"""Records -> Bundles that may be pushed: converted to the server's release where they are none yet, and found valid.

A transaction Bundle is pushed as it is.  Everything else (a page, a record, a single ResearchStudy, a collection) is converted, as
`convert` would do it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from converter.convert import converted, target
from converter.documents import Document
from converter.formats import Format, is_fhir
from converter.json_text import parse
from converter.loss import Loss
from converter.problems import Problem, Problems
from converter.validation import fhir_problems, id_of


class Ready(Struct, frozen=True):
    """A record as a Bundle; `content` is None when there is none to push, and `problems` say why.  `tree` is what `content` holds, where
    it was looked at."""

    source: str
    index: int
    id: str | None
    content: bytes | None
    tree: dict[str, Any] | None = None
    problems: tuple[Problem, ...] = ()
    lost: tuple[Loss, ...] = ()


def ready(documents: Iterable[Document], release: str, *, extensions: str | None = None, valid: bool = True,
          strict: bool = False, **options: Any) -> Iterator[Ready]:
    """Each record as a Bundle of that release.  What has errors is none, unless `valid` is false; nor is, when `strict`, what would
    lose something.  `options` are further ones of the format.  Raises Problems at once when the options cannot be."""
    options |= {name: value for name, value in {"extensions": extensions, "check": valid or None}.items() if value is not None}
    made = target(release, **options)
    return (as_it_is(document, tree, release, valid) if (tree := transaction_in(document)) else made_one(document, made, strict)
            for document in documents)


def made_one(document: Document, made: Format, strict: bool) -> Ready:
    """The record, converted."""
    found = converted(document, made, strict)
    problems = found.problems
    if found.status == "refused":
        problems += (Problem("", f"would lose {sum(loss.count for loss in found.lost)} values, and --strict refuses that"),)
    return Ready(found.source, found.index, found.id, found.document, None, problems, found.lost)


def transaction_in(document: Document) -> dict[str, Any] | None:
    """The Bundle that says what a server is to do; None of a document that is none."""
    if document.problems or not is_fhir(document.format):
        return None
    try:
        tree = parse(document.content)
    except Problems:
        return None
    return tree if isinstance(tree, dict) and tree.get("type") == "transaction" else None


def as_it_is(document: Document, tree: dict[str, Any], release: str, valid: bool) -> Ready:
    """The Bundle itself, when it has no errors (or need not be valid)."""
    from mappings.releases import evidence

    found = Ready(document.source, document.index, id_of(tree), document.content, tree)
    if not valid or ((said := evidence(tree)) and (said > 0) != (release == "r5")):
        return found  # of another release, it is refused as that
    problems = tuple(one for one in fhir_problems(tree, release) if one.severity != "information")
    return replace(found, content=None if any(one.severity == "error" for one in problems) else found.content, problems=problems)
