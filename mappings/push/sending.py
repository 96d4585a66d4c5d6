"""One Bundle -> the server: sent until it is there, every entry's answer looked at, and what is doubtful looked up.

https://hl7.org/fhir/R5/http.html#transaction
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from msgspec import UNSET
from msgspec.structs import replace

from converter.problems import Problem
from mappings.origin import field_at
from mappings.push.answers import Answer, Written, answer
from mappings.push.comparing import trial_differences
from mappings.push.credentials import Unauthorised
from mappings.push.http import Reply, Unanswered
from mappings.push.outcomes import Outcome, Status, fate_of
from mappings.push.parcels import Entry, Parcel, halves
from mappings.push.reading_back import NotRead, ids, looked_up, matches, read_back, several_found
from mappings.push.sequential import in_sequence
from mappings.push.trying import Cause, GivenUp, may_have_arrived, words
from mappings.push.words import fields, hint, is_multiple_match, is_page, said, too_large

if TYPE_CHECKING:
    from mappings.push.pushing import Pushing

Pairs = list[tuple[Entry, Written]]
STOPS = (405, 406, 410, 415, 501)
"""Answers to a transaction that are about the server or its address, and not about the Bundle; so are redirects."""
NO_SEARCH = (400, 404, 405, 501)
"""Answers to a search of a server that has none, or not by identifier."""
REFUSED = (400, 409, 412, 413, 422)
"""Answers that say of what was sent that nothing of it was done: also of what was sent before, when it was the same."""


class Sending:
    """One Bundle on its way.

    `done` is what the server said of entries, `arrived` whether something may have arrived without our knowing what became of it,
    `warnings` are about answers that had to be looked up, `attempts` the requests that wrote.
    """

    def __init__(self, pushing: Pushing, parcel: Parcel):
        self.pushing, self.parcel, self.choices, self.journal = pushing, parcel, pushing.choices, pushing.journal
        self.client, self.trying, self.asking, self.until = pushing.client, pushing.trying, pushing.asking, pushing.clock.until
        self.done: Pairs = []
        self.arrived = False
        self.warnings: tuple[Problem, ...] = ()
        self.attempts = 0
        self.request = ""
        self.http: int | None = None

    def outcome(self) -> tuple[Outcome, GivenUp | None]:
        """See `Pushing.outcome`."""
        begun = perf_counter()
        status: Status
        cause: Cause | None
        end: GivenUp | None = None
        try:
            self.done = self.pushed()
            self.pushing.claim(self.parcel, next(one for entry, one in self.done if entry.number == self.parcel.main.number))
            status, cause = fate_of([one for _, one in self.done]), None
            if self.choices.verify and (wrong := self.verified()):
                raise GivenUp("refused", *wrong)
        except GivenUp as error:
            end = error
        except NotRead as error:
            end = GivenUp("refused", Problem("", str(error)), stops=error.passed_over)
        except Unauthorised as error:
            end = GivenUp("auth", Problem("", error.reason), stops=True)
        if end:
            status, cause = "failed", end.cause
            if self.arrived and end.refused not in REFUSED:
                status, cause = "unknown", "network" if cause == "refused" else cause
            end.stops = end.stops or (cause == "network" and not self.server_answers())
        if end and self.done:
            written = ", ".join(f"{entry.path} ({one.location})" for entry, one in self.done)
            self.warnings += (Problem("", f"written all the same: {written}", "warning"),)
        if not (end and self.trying.clock.stopped.is_set()):  # else the journal's last line says how far it came
            self.note(status, locations=tuple(one.location for _, one in self.done))
        given = self.parcel.given
        problems = tuple(map(self.with_field, end.problems if end else ())) + self.warnings
        return Outcome(given.source, given.index, self.parcel.id, status, tuple(one for _, one in self.done), problems, cause,
                       self.attempts, perf_counter() - begun), end if end and end.stops else None

    def note(self, outcome: str, **more: Any) -> None:
        """Writes it to the journal, where one is kept."""
        if self.journal:
            self.journal.note(self.parcel, outcome, attempt=self.attempts, request=self.request, http=self.http, **more)

    def with_field(self, problem: Problem) -> Problem:
        """The problem with the field of the Trial from which its place was written."""
        field = field_at(self.parcel.tree, problem.path, self.choices.release, again=True) if problem.path and not problem.field else ""
        return replace(problem, field=field) if field else problem

    def server_answers(self) -> bool:
        """Does the server answer at all?  Then what failed was about this Bundle."""
        try:
            return self.client.ask("GET", "metadata", until=self.until).status < 500
        except (Unanswered, Unauthorised):
            return False

    def pushed(self) -> Pairs:
        """What is on the server afterwards for each entry, in their order.  Raises GivenUp, NotRead and Unauthorised."""
        parcel = self.parcel
        unsure = self.choices.resume and self.journal is not None and self.journal.unsure(parcel)
        if self.choices.strategy == "sequential" and parcel.idempotent:
            return in_sequence(self)  # which looks first, too
        if self.choices.skip_unchanged or (self.choices.resume and self.journal and self.journal.seen(parcel)):
            try:
                look = looked_up(self.asking, parcel)
            except NotRead as error:
                if error.passed_over or (unsure and not parcel.idempotent):
                    raise
                self.warnings += (Problem("", f"{error}; sent all the same", "warning"),)
            else:
                if look.same:
                    return list(zip(parcel.entries, look.written("unchanged"), strict=True))
        if unsure and not parcel.idempotent:
            self.arrived = True
            raise GivenUp("network", Problem("", "an earlier run sent it and had no answer, and it is not on the server as it was sent; to "
                                             "send it again could make a second copy. Look there; without --resume it is sent"))
        escaped = [entry for entry in parcel.entries if "%5C" in entry.condition and not entry.id]
        for entry in escaped:  # Medplum misreads the escape of a bar, and would write over what it finds: such a search tells
            matches(self.asking, entry.search)
        if self.choices.strategy == "put-id" and (elsewhere := self.elsewhere()):
            raise GivenUp("refused", *elsewhere)
        if self.choices.strategy == "sequential":
            return in_sequence(self)
        self.sent(parcel)
        if lost := [entry for entry in escaped if not matches(self.asking, entry.search)]:
            raise GivenUp("refused", Problem(f"{lost[0].path}.request.url", f"it was written, and the server does not find it by "
                                             f"{lost[0].key}: the next push would write a second copy. Delete it there, and use "
                                             "--strategy put-id"))
        return sorted(self.done, key=lambda pair: pair[0].number)

    def elsewhere(self) -> tuple[Problem, ...]:
        """The resources that are on the server already, with an id that is not ours: a second copy would be made."""
        told: list[Problem] = []
        for entry in self.parcel.entries:
            try:
                there = matches(self.asking, entry.search) if entry.id and entry.search else []
            except NotRead as error:
                if not error.passed_over and error.status not in NO_SEARCH:
                    raise
                continue
            if others := [one for one in ids(there) if one != entry.url]:
                told.append(Problem(f"{entry.path}.request.url", f"{', '.join(others)} has the same identifier, and an id that is not "
                                    "ours; expected none, or --strategy conditional, which writes to it"))
        return tuple(told)

    def sent(self, parcel: Parcel) -> None:
        """What is `done` has the Bundle: as one transaction, or as several when it is too large for the server and falls into parts."""
        try:
            self.done += self.once(parcel)
        except GivenUp as end:
            parts = halves(parcel) if end.too_large else None
            if not parts:
                raise
            for part in parts:
                self.sent(part)

    def once(self, parcel: Parcel) -> Pairs:
        """What is on the server after one transaction.  Raises as `pushed` does."""
        found = Answer()

        def is_busy(reply: Reply) -> str:
            nonlocal found
            found = answer(parcel, reply, self.client.base) if reply.status != 202 else Answer()
            self.arrived = self.arrived or (found.busy and found.others)
            return "; ".join(problem.message for problem in found.problems) if found.busy and parcel.idempotent else ""

        try:
            reply = self.trying.ask(lambda: self.post(parcel), parcel.idempotent, is_busy)
            if reply.status == 202:
                reply = self.trying.polled(reply)
                found = answer(parcel, reply, self.client.base)
        except GivenUp as end:
            return self.made_sure(parcel, end)
        if not 200 <= reply.status < 300:
            return self.made_sure(parcel, self.refusal(parcel.entries, reply))
        if found.written:
            written = [replace(one, fate="updated") if self.arrived and one.fate == "unchanged" else one for one in found.written]
            self.arrived = False
            return list(zip(parcel.entries, written, strict=True))
        if found.problems:
            atomic = "; other entries were written: this server does not make a transaction all or nothing" if found.others else ""
            return self.made_sure(parcel, GivenUp("refused", *(replace(one, message=one.message + atomic) for one in found.problems),
                                                   refused=found.status))
        self.arrived = True
        if is_page(reply):
            return self.made_sure(parcel, GivenUp("network", self.told(reply), stops=True))
        return self.made_sure(parcel, GivenUp("refused", Problem("", found.doubt)))

    def post(self, parcel: Parcel) -> Reply:
        """The answer to the transaction."""
        headers = {"Prefer": "return=minimal"}
        return self.recorded(lambda request: self.client.ask("POST", "", parcel.content, {**headers, "X-Request-Id": request}, self.until))

    def recorded(self, send: Callable[[str], Reply]) -> Reply:
        """The answer to a write, which `send` makes with a request's number; the journal has a line before and after."""
        self.attempts += 1
        self.request, self.http = str(uuid4()), None
        self.note("sending")
        try:
            reply = send(self.request)
        except Unanswered as error:
            self.arrived = self.arrived or error.sent
            self.note("unanswered")
            raise
        self.http = reply.status
        self.arrived = self.arrived or may_have_arrived(reply)
        if not 200 <= reply.status < 300:
            self.note("answered")
        return reply

    def made_sure(self, parcel: Parcel, end: GivenUp) -> Pairs:
        """What is on the server after something may have arrived.  Raises `end` where that is not what was sent, or nothing can have."""
        if not self.arrived or not all(entry.id or entry.search for entry in parcel.entries):
            raise end
        try:
            look = looked_up(self.asking, parcel)
        except (NotRead, GivenUp, Unauthorised):
            raise end from None
        if not look.same:
            raise GivenUp(end.cause, *end.problems, *look.differences, stops=end.stops, refused=end.refused, too_large=end.too_large)
        self.arrived = False
        self.warnings += tuple(Problem("", f"{one.message}; looked up: all of it is on the server", "warning") for one in end.problems)
        return list(zip(parcel.entries, look.written("updated"), strict=True))

    def told(self, reply: Reply, entries: tuple[Entry, ...] = ()) -> Problem:
        """The answer as a problem: the server's words, what to try, and the field of the Trial that they point at."""
        spoken = said(reply)
        kinds = tuple(dict.fromkeys(entry.kind for entry in entries))
        advice = hint(reply.status, spoken, kinds, self.client.credentials.scopes, self.choices.strategy)
        named = ", ".join(fields(spoken, self.parcel.tree, self.choices.release))
        path = entries[0].path if len(entries) == 1 else ""
        return Problem(path, f"{words(reply)}. {advice}".rstrip(". "), field=named or UNSET)

    def refusal(self, entries: tuple[Entry, ...], reply: Reply) -> GivenUp:
        """Why the server did not take the entries."""
        problems = [self.told(reply, entries)]
        if is_multiple_match(reply.status, said(reply)):
            problems += self.several(entries)
        stops = reply.status in STOPS or 300 <= reply.status < 400 or (reply.status == 404 and not reply.resource)
        return GivenUp("auth" if reply.status == 403 else "refused", *problems, stops=stops, refused=reply.status,
                       too_large=too_large(reply.status, said(reply)))

    def several(self, entries: tuple[Entry, ...]) -> list[Problem]:
        """Which conditions find more than one resource, and which."""
        told: list[Problem] = []
        for entry in entries:
            try:
                there = matches(self.asking, entry.search) if entry.condition else []
            except (NotRead, GivenUp):
                continue
            if len(there) > 1:
                told.append(several_found(entry, there))
        return told

    def verified(self) -> tuple[Problem, ...]:
        """What is different on the server from what was sent: resource by resource, and in the Trial that they give."""
        try:
            look = read_back(self.asking, self.parcel, [one for _, one in self.done])
        except (NotRead, GivenUp) as error:
            return (Problem("", f"it was written, and could not be read back: {error}"),)
        if look.same:
            return ()
        return (*look.differences, *trial_differences(self.parcel.tree, look.resources, self.choices.release))
