"""What became of a Bundle, and of all of them, in a word and in a number."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from mappings.push.answers import Fate, Written
from mappings.push.outcomes import CODES, STATUSES, Outcome, Status, exit_code, fate_of
from mappings.push.trying import Cause

FATES: list[tuple[list[Fate], Status]] = [
    (["created", "created", "created"], "created"), (["updated", "created", "unchanged"], "created"), (["unchanged", "unchanged", "created"], "created"),
    (["updated", "unchanged"], "updated"), (["unchanged", "updated"], "updated"), (["unchanged", "unchanged"], "unchanged"), (["unchanged"], "unchanged"), ([], "unchanged"),
]


@pytest.mark.parametrize(("fates", "status"), FATES)
def test_a_bundle_is_what_happened_most_to_its_resources(fates: list[Fate], status: Status) -> None:
    assert fate_of([Written("Group", str(n), fate) for n, fate in enumerate(fates)]) == status


@pytest.mark.parametrize(("status", "well"), [("created", True), ("updated", True), ("unchanged", True), ("failed", False), ("unknown", False)])
def test_only_what_is_known_to_be_there_is_well(status: Status, well: bool) -> None:
    assert Outcome("a", 0, None, status).well is well


EXITS: list[tuple[list[Cause], int]] = [
    # the causes of what failed, the exit code
    ([], 0), (["refused"], 1), (["preflight"], 3), (["auth"], 4), (["network"], 5), (["refused", "network"], 5), (["network", "preflight", "refused"], 3), (["network", "auth"], 4),
    (["refused", "preflight", "auth", "network"], 4),
]


@pytest.mark.parametrize(("causes", "code"), EXITS)
def test_of_several_causes_that_counts_which_a_person_must_act_on(causes: list[Cause], code: int) -> None:
    assert exit_code(Counter(causes)) == code


def test_every_status_is_counted_and_every_cause_has_a_code() -> None:
    assert get_args(Status) == STATUSES == ("created", "updated", "unchanged", "failed", "unknown")
    assert set(CODES) == set(get_args(Cause))
    assert sorted(CODES.values()) == [1, 3, 4, 5]
