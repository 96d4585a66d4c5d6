"""The Bundles of one run -> the server, which is not trusted before it has shown that it tells trials apart."""

from __future__ import annotations

import threading
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from converter.problems import Problem
from mappings.push.answers import Written
from mappings.push.capability import identifier_check
from mappings.push.client import FRESH, Client
from mappings.push.credentials import Unauthorised
from mappings.push.discovery import KINDS
from mappings.push.journal import Journal
from mappings.push.outcomes import Outcome
from mappings.push.parcels import Parcel, with_ids
from mappings.push.sending import Sending
from mappings.push.trying import Asking, GivenUp, Trying
from mappings.push.waiting import Clock, Patience

Strategy = Literal["conditional", "put-id", "sequential"]


class Choices(Struct, frozen=True):
    """How a run pushes; see `mappings.server.Server.push`."""

    release: str
    strategy: Strategy = "conditional"
    verify: bool = False
    skip_unchanged: bool = False
    resume: bool = False


class Pushing:
    """Pushes the Bundles of one run.  Threads may share it."""

    def __init__(self, client: Client, choices: Choices, journal: Journal | None, patience: Patience, clock: Clock):
        self.client, self.choices, self.journal, self.clock = client, choices, journal, clock
        self.trying = Trying(client, patience, clock)
        self.asking = Asking(self.trying)
        self._trusted = choices.strategy == "put-id"
        """Does the server search by identifier?  Of one that holds nothing, the preflight could not tell."""
        self._begun = False
        self._end: GivenUp | None = None
        self._first = threading.Lock()
        self._places: dict[str, str] = {}
        """What was written where."""

    def outcome(self, parcel: Parcel) -> tuple[Outcome, GivenUp | None]:
        """What becomes of the Bundle; and why the run ends with it, where every other would fare the same.

        Raises OSError where the journal cannot be written.
        """
        if self.choices.strategy == "put-id":
            parcel = with_ids(parcel)
        if self.choices.resume and not self.choices.verify and self.journal and self.journal.done(parcel):
            known = Problem("", "an earlier run wrote it, by the journal", "information")
            return Outcome(parcel.given.source, parcel.given.index, parcel.id, "unchanged", problems=(known,)), None
        if self._trusted:
            return Sending(self, parcel).outcome()
        with self._first:  # one by one, until there is something on the server
            if not self._begun:
                self._begun, self._trusted = True, parcel.main.kind in KINDS and self.holds(parcel.main.kind)
            if not self._trusted and not self._end:
                made, self._end = Sending(self, parcel).outcome()
                if made.written and self._end is None:
                    self._end = self.doubted(parcel.main.kind)
                    self._trusted = self._end is None
                    if self._end:
                        told = tuple(replace(one, severity="warning") for one in self._end.problems)
                        made = replace(made, problems=made.problems + told)
                return made, self._end
        if self._end:
            return not_sent(parcel, self._end), self._end
        return Sending(self, parcel).outcome()

    def holds(self, kind: str) -> bool:
        """Has the server a resource of that type, so that the preflight would have found it by an identifier that it does not have?"""
        try:
            total = self.asking.ask("GET", f"{kind}?_summary=count", headers=FRESH).resource.get("total")
        except (GivenUp, Unauthorised):
            return False
        return isinstance(total, int) and total > 0

    def doubted(self, kind: str) -> GivenUp | None:
        """Why the server, which has something of that type now, is not to be sent more: one trial would be written over the other."""
        try:
            found = identifier_check(self.asking, kind, {}, None)
        except (GivenUp, Unauthorised):
            return None  # what follows will tell
        if found.status != "missing":
            return None
        return GivenUp("preflight", Problem("", f"{found.subject}: {found.found}. {found.advice}"), stops=True)

    def claim(self, parcel: Parcel, written: Written) -> None:
        """Notes where the study is.  Raises GivenUp where another of this run is in the same place."""
        place = f"{written.kind}/{written.id}"
        other = self._places.setdefault(place, parcel.key)
        if other != parcel.key:
            raise GivenUp("refused", Problem("", f"the server wrote it to {place}, where it had written {other} in this run: it does not "
                                             "look for the identifier. Push that again, with --strategy put-id"), stops=True)


def not_sent(parcel: Parcel, end: GivenUp | None) -> Outcome:
    """The outcome of a Bundle that was not sent, since the run ended before."""
    why = f": {end.problems[0].message}" if end else ""
    return Outcome(parcel.given.source, parcel.given.index, parcel.id, "failed",
                   problems=(Problem("", f"not sent: the run ended before{why}"),), cause=end.cause if end else "network")
