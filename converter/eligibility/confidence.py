"""How sure a rule is: the share of its answers that were right on the development gold, as `tools.confidence` measured it."""

from __future__ import annotations

from functools import cache

from converter.eligibility import tables


def confidence(rule: str) -> float:
    """The share of a rule's answers that are right, 0 to 1; for a rule that was not measured its family's ("age" of "age.range"), or 0."""
    known = table()
    found = known.get(rule)
    return known.get(family(rule), 0.0) if found is None else found


def family(rule: str) -> str:
    """The name under which the rules of the same kind stand together in the table."""
    return rule.partition(".")[0] + ".*"


@cache
def table() -> dict[str, float]:
    """The confidence of every rule and family in data/confidence.tsv."""
    return {rule: float(share) for rule, _, _, share in tables.rows("confidence.tsv")}
