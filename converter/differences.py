"""What a round trip changes: the source against what is written back, and the Trial against the Trial that FHIR gives.

A difference stands at its path in the source.  Where a row of the tables has the value, it is named: the field of the Trial
and its place in that release of FHIR.  What counts as equal is what the accounting of losses says (`converter.loss`).
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from converter.contrast import bounded
from converter.formats import FORMATS, Format, format_named, is_fhir
from converter.formats.trial_json import looks_like_json
from converter.json_text import encode, parse
from converter.loss import EMPTY, NOT_CARRIED, Loss, canonical, lost, pair, same
from converter.problems import join, member
from converter.trial import Trial

ADDED = "was not in the source"
ORDER = "comes back in another order"
CHANGED = "is not the same after FHIR"
INDEX = re.compile(r"\[\d+\]")
STEP = re.compile(r"""\.?([\w$-]+)|\[(?:(\d+)|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))\]""")
"""A step of a path, as `converter.problems.member` and `join` write it: a name, an index, or a name in quotes."""


class Difference(Struct, frozen=True, omit_defaults=True):
    """A place of the source whose value is another one after the round trip, or on one side only.

    An object or list has its `count` of single values besides; one that is too long to be given is an Excerpt (`converter.contrast`).
    `field` is the Trial's, `place` where FHIR has it.
    """

    path: str
    reason: str
    before: Any = UNSET
    after: Any = UNSET
    count: int = 1
    field: str | UnsetType = UNSET
    place: str | UnsetType = UNSET


def of_losses(losses: Iterable[Loss], release: str) -> tuple[Difference, ...]:
    """The losses that a reader or writer tells, paths being those of the source; each with the row that has its place."""
    rows = by_source(release)
    found = []
    for loss in losses:
        field, place = rows.get(INDEX.sub("", loss.path), (UNSET, UNSET))
        found.append(Difference(loss.path, loss.reason, loss.value, loss.after, loss.count, field, place))
    return tuple(found)


def of_fhir(losses: tuple[Loss, ...], written: bytes, release: str) -> Iterator[Difference]:
    """What its reader leaves behind of the FHIR that we have written, paths being those in it."""
    tree = parse(written) if losses else None
    for loss in losses:
        found = with_value(loss, tree)
        yield Difference(f"{release}: {found.path}", found.reason, found.value, found.after, found.count)


def of_sources(content: bytes, format: str, back: bytes, told: tuple[Loss, ...]) -> tuple[Loss, ...]:
    """Where a document and what was written back from its Trial differ; `told` is what its reader says is lost.

    Nothing is compared value by value when both are the same to the digit, but for whole members that the reader names.
    """
    if back == content:
        return ()
    before, after = tree_of(content, format), parse(back)
    rest, named = before, {loss.path for loss in told}
    if isinstance(before, dict) and named <= before.keys():
        rest = {name: part for name, part in before.items() if name not in named}
    if canonical(rest) == canonical(after):
        return tuple(with_value(loss, before) for loss in told)
    if is_fhir(format):
        from mappings.chosen import around, choose, left_behind

        return tuple(with_value(loss, before) for loss in left_behind(before, choose(before, around(before)), after))
    return tuple(both_ways(before, after, {loss.path: loss.reason for loss in told}))


def of_trials(before: Trial, after: Trial, locate: Callable[[str], str], release: str) -> tuple[Difference, ...]:
    """Where two Trials differ, each with its row; `locate` says where the source has a path of the Trial."""
    rows = by_field(release)
    found = []
    for loss in both_ways(parse(encode(before)), parse(encode(after)), {}):
        field = INDEX.sub("[]", loss.path)
        if field not in rows and f"{field}[]" in rows:
            field = f"{field}[]"
        reason = CHANGED if loss.reason == NOT_CARRIED else loss.reason
        found.append(Difference(locate(loss.path), reason, loss.value, loss.after, loss.count, field, rows.get(field, UNSET)))
    return tuple(found)


def both_ways(before: Any, after: Any, reasons: dict[str, str]) -> Iterator[Loss]:
    """What one of two trees says and the other does not, or says otherwise, or in another order; with both values."""
    found = [with_value(loss, before) for loss in lost(before, after, why=lambda path: reasons.get(path, NOT_CARRIED))]
    for loss in lost(after, before):
        if loss.after is UNSET and loss.reason != EMPTY:
            found.append(Loss(loss.path, ADDED, count=loss.count, after=with_value(loss, after).value))
    if found:
        yield from found
        return
    for path in turned(before, after, ""):
        old, new = bounded(value_at(before, path), value_at(after, path))
        yield Loss(path, ORDER, old, after=new)


def with_value(loss: Loss, tree: Any) -> Loss:
    """The loss with its value, which `tree` has at its path, also where that is an object or list."""
    value, after = bounded(value_at(tree, loss.path) if loss.value is UNSET else loss.value, loss.after)
    return replace(loss, value=value, after=after)


def value_at(tree: Any, path: str) -> Any:
    """What stands in the tree at the path; UNSET when nothing does."""
    for name, index, quoted in STEP.findall(path):
        try:
            tree = tree[int(index) if index else literal_eval(quoted) if quoted else name]
        except (LookupError, TypeError):
            return UNSET
    return tree


def turned(before: Any, after: Any, path: str) -> Iterator[str]:
    """The lists that have the same entries in another order."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before.keys() & after.keys():
            yield from turned(before[name], after[name], member(path, name))
    elif isinstance(before, list) and isinstance(after, list) and not same(before, after):
        if all(partner == index for index, partner in pair(before, after)):
            for index, (one, other) in enumerate(zip(before, after, strict=False)):
                yield from turned(one, other, join(path, index))
        else:
            yield path


def tree_of(content: bytes, format: str) -> Any:
    """The tree of a document of a format that is written."""
    if format == "trial" and not looks_like_json(content):
        from converter.formats.trial_yaml import parse as parse_yaml

        return parse_yaml(content)
    return parse(content)


def way_back(format: str, content: bytes) -> Format:
    """The format that writes a Trial as its source was; our own record where the source's is only read."""
    if not FORMATS[format].writes:
        format = "trial"
    found: Any = format_named(format)
    if is_fhir(format):
        from mappings.criteria import coding_of
        from mappings.releases import dialect_of

        found = found.with_options(extensions="own" if dialect_of(format, content) == "r4-own" else None, **coding_of(content))
    return found  # type: ignore[no-any-return]


@cache
def by_field(release: str) -> dict[str, str]:
    """The place of every field in that release."""
    from mappings.fields import fields

    return {one.field: there.place for one in fields(release) for _, there in one.places}


@cache
def by_source(release: str) -> dict[str, tuple[str, str]]:
    """The field that has a path of ClinicalTrials.gov's study, and the field's place in that release."""
    from mappings.fields import fields

    return {one.ctgov: (one.field, there.place) for one in fields(release) if one.ctgov for _, there in one.places}
