"""The counts of a run of validate or roundtrip, and the lines that it ends with."""

from __future__ import annotations

from collections import Counter
from time import monotonic

from converter.allowances import Allowances
from converter.differences import INDEX
from converter.roundtrip import Trip
from converter.validation import Verdict

MOST_LOST = 10
"""Paths that a run ends with."""
MOST_PATHS = 100_000
"""Paths that are counted; where every record has names of its own, there would be no end of them."""


class Verdicts:
    """Counts verdicts."""

    def __init__(self) -> None:
        self.records = self.invalid = 0
        self.problems: Counter[str] = Counter()

    def count(self, verdict: Verdict) -> None:
        """One verdict more."""
        self.records += 1
        self.invalid += verdict.status == "invalid"
        self.problems.update(problem.severity for problem in verdict.problems)

    def closing(self) -> list[str]:
        """What a run ends with: a line."""
        said = [counted(self.problems[kind], name) for kind, name in (("error", "error"), ("warning", "warning")) if self.problems[kind]]
        if self.problems["information"]:
            said.append(f"{self.problems['information']:,} for information (--format json lists them)")
        return [f"{counted(self.records, 'record')}: {self.records - self.invalid:,} valid, {self.invalid:,} invalid"
                f"{'; ' * bool(said)}{', '.join(said)}"]

    @property
    def code(self) -> int:
        """The exit code."""
        return 1 if self.invalid else 0


class Trips:
    """Counts round trips, from now on."""

    def __init__(self, allow: Allowances) -> None:
        self.allow = allow
        self.begun = monotonic()
        self.statuses: Counter[str] = Counter()
        self.releases: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.allowed = self.warnings = 0

    def count(self, trip: Trip) -> None:
        """One trip more."""
        self.statuses[trip.status] += 1
        self.releases[trip.release] += 1
        self.allowed += bool(trip.allowed)
        self.warnings += sum(problem.severity == "warning" for problem in trip.problems)
        self.lost.update(path for path in {INDEX.sub("", one.path) for one in trip.differences}
                         if path in self.lost or len(self.lost) < MOST_PATHS)

    def closing(self) -> list[str]:
        """What a run ends with: counts and speed, then the paths that were lost most, each with its number of trips."""
        trips = self.statuses.total()
        speed = trips / max(monotonic() - self.begun, 1e-3)
        same = f"{self.statuses['same']:,} the same" + (f" ({self.allowed:,} with what is allowed set aside)" if self.allowed else "")
        others = [f"{self.statuses[status]:,} {status}" for status in ("different", "invalid", "failed")]
        lines = [f"{counted(trips, 'round trip')} of {counted(max(self.releases.values(), default=0), 'record')} "
                 f"({', '.join(self.releases) or 'none'}): {', '.join([same, *others])}; "
                 f"{counted(self.warnings, 'warning')}; {speed:.0f} a second"]
        if self.lost:
            most = sorted(self.lost.items(), key=lambda item: (-item[1], item[0]))[:MOST_LOST]
            width = len(f"{most[0][1]:,}")
            lines += ["Lost most:", *(f"  {times:{width},} × {path}" for path, times in most)]
            if len(self.lost) > MOST_LOST:
                lines.append(f"  and {counted(len(self.lost) - MOST_LOST, 'path')} more")
        return lines

    @property
    def unused(self) -> list[str]:
        """A warning for every allowance that matched nothing."""
        return [f"--allow {glob} matches nothing; leave it out" for glob in self.allow.unused]

    @property
    def code(self) -> int:
        """The exit code."""
        return 0 if self.statuses.keys() <= {"same"} else 1


def counted(number: int, one: str) -> str:
    """A number of things, in words."""
    return f"{number:,} {one}{'s' * (number != 1)}"
