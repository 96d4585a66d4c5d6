"""Many Bundles -> the server, several at a time, each key by one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from typing import Any

from msgspec.structs import replace

from converter.convert import bug
from converter.json_text import encode
from converter.problems import Problems, refuse, shown
from mappings.push.outcomes import Outcome
from mappings.push.parcels import Given, Parcel, parcel
from mappings.push.pushing import not_sent
from mappings.push.trying import Cause, GivenUp
from mappings.push.waiting import Clock
from mappings.releases import VERSIONS, evidence

Push = Callable[[Parcel], tuple[Outcome, GivenUp | None]]


class Turns:
    """Lets one Bundle at a time write to a key: of conditional creates that meet, some servers make two copies."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._changed = threading.Condition()

    def take(self, keys: frozenset[str]) -> None:
        """Waits until nobody has any of the keys, and has them all."""
        with self._changed:
            self._changed.wait_for(lambda: self._taken.isdisjoint(keys))
            self._taken |= keys

    def give_back(self, keys: frozenset[str]) -> None:
        """Others may have them."""
        with self._changed:
            self._taken -= keys
            self._changed.notify_all()


class Running:
    """A run: `jobs` threads that push, and never more Bundles read than twice as many.

    Outcomes come as they are done; with one job, in the order of the Bundles.  `stopped` says why the run ended before its input did.
    """

    def __init__(self, push: Push, jobs: int, clock: Clock, release: str):
        self.push, self.jobs, self.clock, self.release = push, jobs, clock, release
        self.stopped: GivenUp | None = None
        self._todo: SimpleQueue[Parcel | Outcome | None] = SimpleQueue()
        self._done: SimpleQueue[Outcome | OSError] = SimpleQueue()
        self._turns = Turns()
        self._sent: dict[str, str] = {}
        self._written: dict[int, int] = {}
        """For the hash of each key, that of what is written there."""

    def outcomes(self, bundles: Iterable[Any]) -> Iterator[Outcome]:
        """What becomes of each Bundle.  Raises OSError where the journal cannot be written, and what the input raises."""
        for _ in range(self.jobs):
            threading.Thread(target=self._work, daemon=True).start()
        waiting = 0
        try:
            for number, bundle in enumerate(bundles):
                self._todo.put(self.prepared(bundle, number))
                waiting += 1
                while waiting and (waiting >= 2 * self.jobs or not self._done.empty()):
                    waiting -= 1
                    yield self._next()
                if self.clock.stopped.is_set():
                    break
            for _ in range(waiting):
                yield self._next()
        finally:
            self.clock.stopped.set()  # whoever waits to try again ends; a request on its way is not waited for
            for _ in range(self.jobs):
                self._todo.put(None)

    def _next(self) -> Outcome:
        found = self._done.get()
        if isinstance(found, OSError):
            raise found
        return found

    def prepared(self, bundle: Any, number: int) -> Parcel | Outcome:
        """The Bundle to send; the outcome of one that cannot be, the `number`-th of the run."""
        one = bundle if isinstance(bundle, Given) else Given(b"", "", number)
        cause: Cause = "refused"
        try:
            if one is not bundle:
                one = replace(one, content=content_of(bundle))
            made = parcel(one)
            if made.key in self._sent:
                raise refuse(f"{self._sent[made.key]} has the same key, {made.key}, and would be written over; expected each "
                             "trial once in a run")
            if (found := evidence(made.tree)) and (found > 0) != (self.release == "r5"):
                cause = "preflight"
                speaks = f"and the server speaks {VERSIONS[self.release]}: it would drop them without a word"
                raise refuse(f"has elements of FHIR {VERSIONS['r5' if found > 0 else 'r4']}, {speaks}. Convert it first "
                             f"(trialbridge convert --to {self.release})")
            written = {hash(entry.key): hash(encode(entry.resource)) for entry in made.entries if entry.key and entry.method == "PUT"}
            for entry in made.entries:
                if (key := hash(entry.key)) in written and self._written.get(key, written[key]) != written[key]:
                    raise refuse(f"another Bundle of this run writes {entry.key}, and something else to it; expected the same in both",
                                 f"{entry.path}.resource")
        except Problems as wrong:
            return Outcome(one.source, one.index, one.id, "failed", problems=wrong.problems, cause=cause)
        self._sent[made.key] = f"{one.source}[{one.index}]"
        self._written |= written
        return made

    def _work(self) -> None:
        """Pushes until there is nothing more, or the run ends."""
        while (one := self._todo.get()) is not None:
            if isinstance(one, Outcome):  # refused before, and told in its turn
                self._done.put(one)
                continue
            self._turns.take(one.keys)
            try:
                self._done.put(self._outcome(one))
            except OSError as error:
                self._done.put(error)
            finally:
                self._turns.give_back(one.keys)

    def _outcome(self, one: Parcel) -> Outcome:
        """What becomes of a Bundle, also when this program fails on it.  Raises OSError."""
        given = one.given
        if self.clock.stopped.is_set():
            return not_sent(one, self.stopped)
        try:
            found, end = self.push(one)
        except OSError:
            self.clock.stopped.set()
            raise
        except Exception as error:
            return Outcome(given.source, given.index, one.id, "unknown", problems=bug(error, "").problems, cause="refused")
        if end:
            self.stopped = self.stopped or end
            self.clock.stopped.set()
        return found


def content_of(bundle: Any) -> bytes:
    """The bytes of a Bundle.  Raises Problems when it is none."""
    if isinstance(bundle, bytes):
        return bundle
    if not isinstance(bundle, dict):
        raise refuse(f"found {shown(bundle)}, a {type(bundle).__name__}; expected a Bundle as bytes or dict, or a Given")
    try:
        return encode(bundle)
    except (TypeError, ValueError, RecursionError) as error:
        raise refuse(f"cannot be JSON: {error}; expected a Bundle as bytes or dict") from None
