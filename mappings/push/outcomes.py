"""What became of one Bundle, and of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, get_args

from msgspec import Struct

from converter.problems import Problem
from mappings.push.answers import Written
from mappings.push.trying import Cause

Status = Literal["created", "updated", "unchanged", "failed", "unknown"]
STATUSES: tuple[Status, ...] = get_args(Status)
CODES: dict[Cause, int] = {"auth": 4, "preflight": 3, "network": 5, "refused": 1}
"""The exit code for each cause; when there are several, the first here counts."""


class Outcome(Struct, frozen=True):
    """What became of one Bundle.

    created     at least one of its resources is new on the server
    updated     the server has them as they were sent, and had at least one otherwise before
    unchanged   the server had them so already
    failed      the server does not have them all as they were sent: `problems` say why, at paths in the Bundle
    unknown     it was sent, and nobody can say whether it was written

    `cause` says of the last two whether the server refused it, or the preflight, the credentials, the network or time.
    """

    source: str
    index: int
    id: str | None
    status: Status
    written: tuple[Written, ...] = ()
    problems: tuple[Problem, ...] = ()
    cause: Cause | None = None
    attempts: int = 0
    seconds: float = 0.0

    @property
    def well(self) -> bool:
        """Is it on the server, as it should be?"""
        return self.status not in ("failed", "unknown")


def fate_of(written: Sequence[Written]) -> Status:
    """The status of a Bundle whose resources were all written."""
    fates = {one.fate for one in written}
    return "created" if "created" in fates else "updated" if "updated" in fates else "unchanged"


def exit_code(causes: Counter[Cause]) -> int:
    """The program's exit code when that many Bundles failed for those causes; 0 when none did."""
    return next((code for cause, code in CODES.items() if causes[cause]), 0)
