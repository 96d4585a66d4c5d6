"""That the journal says what was sent and what came of it, whenever the program was killed, and that nobody else reads or writes it."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from converter.problems import Problems
from mappings.push.journal import DONE, UNSURE, Journal, Line
from mappings.push.parcels import Given, Parcel, parcel
from mappings.server import Server
from tests.faults.answers import Answer, refusal
from tests.faults.memory import MemoryServer
from tests.faults.scripted import Request
from tests.push.transactions import named, study, transaction, update

SERVER = "https://fhir.example.org/r4"
OTHER = "https://elsewhere.test/r4"
SHA = "0" * 64
KEY = "ResearchStudy?identifier=https%3A%2F%2Ftrials.test%2Fid%7CA"
ALL = ("sending", "unanswered", "answered", "created", "updated", "unchanged", "failed", "unknown")


def made(value: str, **members: Any) -> Parcel:
    return parcel(Given(transaction(update(study(value, **members))), "a.ndjson", 3))


def sha256_of(content: bytes) -> str:
    return parcel(Given(content)).sha256


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def line(outcome: str = "created", key: str = KEY, server: str = SERVER, sha256: str = SHA) -> bytes:
    return json.dumps({"run": "00000000-0000-4000-8000-000000000000", "server": server, "key": key, "sha256": sha256, "outcome": outcome,
                       "source": "a.ndjson[3]", "time": "2026-11-26T12:00:00.000Z"}, separators=(",", ":")).encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "push.journal"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    found = Journal(path, SERVER)
    yield found
    found.close()


# What is written

def test_a_line_says_what_was_sent_and_what_became_of_it(path: Path, journal: Journal) -> None:
    before = datetime.now(UTC).isoformat(timespec="milliseconds")
    journal.note(one := made("A"), "sending", attempt=1, request="r-1")
    journal.note(one, "answered", attempt=1, request="r-1", http=503)
    journal.note(one, "created", attempt=1, request="r-1", http=200, locations=("ResearchStudy/1/_history/1",))
    common = {"run": journal.run, "server": SERVER, "key": one.key, "sha256": one.sha256, "source": "a.ndjson[3]", "attempt": 1, "request": "r-1"}
    found = lines(path)
    times = [one.pop("time") for one in found]
    assert found == [{**common, "outcome": "sending"}, {**common, "outcome": "answered", "http": 503},
                     {**common, "outcome": "created", "http": 200, "locations": ["ResearchStudy/1/_history/1"]}]
    assert times == sorted(times) and all(time.endswith("Z") for time in times)
    assert before <= times[0].replace("Z", "+00:00")


def test_what_is_sent_is_not_in_it(path: Path, journal: Journal) -> None:
    one = made("A", title="Of nobody's business", contact=[{"name": "Dr Strange", "telecom": [{"system": "phone", "value": "+41 44 000 00 00"}]}])
    for outcome in ALL:
        journal.note(one, outcome, attempt=1, request="r-1", http=200, locations=("ResearchStudy/1",))
    written = path.read_bytes()
    assert not [text for text in (b"nobody", b"Strange", b"+41") if text in written]


def test_a_bundle_that_nobody_named_has_no_source(path: Path, journal: Journal) -> None:
    journal.note(parcel(Given(transaction(update(study("A"))))), "sending")
    assert "source" not in lines(path)[0]


def test_each_run_has_a_name_of_its_own(path: Path) -> None:
    for _ in range(3):
        (journal := Journal(path, SERVER)).note(made("A"), "sending")
        journal.close()
    assert len({one["run"] for one in lines(path)}) == len(lines(path)) == 3


def test_threads_write_whole_lines(path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)
    parcels = [made(f"{n}-{'x' * 3000}") for n in range(8)]

    def write(one: Parcel) -> None:
        for n in range(50):
            journal.note(one, "sending", attempt=n + 1)

    threads = [threading.Thread(target=write, args=[one]) for one in parcels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = lines(path)
    for one in parcels:
        assert [each["attempt"] for each in found if each["key"] == one.key] == [*range(1, 51)]


def test_a_line_is_on_the_disk_before_anything_else_is_done(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    write, fsync = os.write, os.fsync
    monkeypatch.setattr(os, "write", lambda file, content: done.append("write") or write(file, content))  # type: ignore[func-returns-value]
    monkeypatch.setattr(os, "fsync", lambda file: done.append("fsync") or fsync(file))  # type: ignore[func-returns-value]
    journal.note(made("A"), "sending")
    assert done == ["write", "fsync"]


def test_what_is_sent_is_on_the_disk_before_it_goes_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str | None, int]] = []
    synced: list[int] = []
    fsync = os.fsync

    def synchronised(file: int) -> None:
        fsync(file)
        synced.append(path.stat().st_size)

    def watched(request: Request) -> Answer | None:
        if request.method == "POST":
            last = lines(path)[-1]
            seen.append((last["outcome"], last["request"], synced[-1] - path.stat().st_size))
            assert last["request"] == request.headers["x-request-id"]
            return [refusal(503, "later", Retry_After="0"), Answer(0, ends="close"), None][len(seen) - 1]
        return None

    monkeypatch.setattr(os, "fsync", synchronised)
    monkeypatch.setattr("random.uniform", lambda least, most: 0)
    with MemoryServer(fault=watched) as server:
        [outcome] = Server(server.url).push([made("A").given], journal=path)
    assert [one["outcome"] for one in lines(path)] == ["sending", "answered", "sending", "unanswered", "sending", outcome.status]
    assert [(what, more) for what, _, more in seen] == [("sending", 0)] * 3
    assert len({request for _, request, _ in seen}) == 3


# What is read

def test_only_the_last_line_of_a_key_counts(path: Path) -> None:
    path.write_bytes(b"\n".join([line("sending"), line("created"), line("sending", "B"), line("failed", "B"), line("created", "C"), line("sending", "C", sha256="1" * 64), b""]))
    journal = Journal(path, SERVER)
    assert journal.last == {KEY: (SHA, "created"), "B": (SHA, "failed"), "C": ("1" * 64, "sending")}
    journal.close()


@pytest.mark.parametrize("outcome", ALL)
def test_what_an_earlier_run_says_of_a_bundle(path: Path, outcome: str) -> None:
    one, changed, other = made("A"), made("A", title="Changed"), made("B")
    path.write_bytes(line(outcome, one.key, sha256=one.sha256) + b"\n")
    journal = Journal(path, SERVER)
    assert [journal.done(each) for each in (one, changed, other)] == [outcome in DONE, False, False]
    assert [journal.seen(each) for each in (one, changed, other)] == [True, True, False]
    assert [journal.unsure(each) for each in (one, changed, other)] == [outcome in UNSURE, outcome in UNSURE, False]
    journal.close()


def test_every_outcome_is_either_known_or_not() -> None:
    assert (DONE, UNSURE) == (("created", "updated", "unchanged"), ("sending", "unanswered", "answered", "unknown"))
    assert set(ALL) == {*DONE, *UNSURE, "failed"}


def test_what_this_run_does_it_knows_itself(path: Path, journal: Journal) -> None:
    journal.note(one := made("A"), "created")
    assert (journal.done(one), journal.seen(one), journal.unsure(one)) == (False, False, False)


def test_lines_about_other_servers_are_passed_over_and_kept(path: Path) -> None:
    one = made("A")
    path.write_bytes(content := line("created", one.key, OTHER, one.sha256) + b"\n")
    journal = Journal(path, SERVER)
    assert (journal.done(one), journal.seen(one), journal.last) == (False, False, {})
    journal.note(one, "sending")
    journal.close()
    assert path.read_bytes().startswith(content)
    there = Journal(path, OTHER)
    assert there.done(one)
    there.close()


def test_lines_of_a_later_release_may_say_more(path: Path) -> None:
    path.write_bytes(line()[:-1] + b',"colour":"blue"}\n')
    journal = Journal(path, SERVER)
    assert journal.last == {KEY: (SHA, "created")}
    journal.close()


WHOLE = line("created") + b"\n" + line("sending", "B") + b"\n"


@pytest.mark.parametrize("content", [b"", b"\n", b"\n\n", b"{\n", b"\n" + WHOLE, WHOLE.replace(b"\n", b"\n\n")])
def test_empty_lines_and_lines_of_which_nothing_was_written_are_passed_over(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    journal = Journal(path, SERVER)
    assert journal.last == ({KEY: (SHA, "created"), "B": (SHA, "sending")} if len(content) > 2 else {})
    journal.close()


@pytest.mark.parametrize("outcome", ["sending", "created"])
def test_a_last_line_that_is_torn_at_any_byte_hides_nothing(path: Path, outcome: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)
    torn = line(outcome, "C")
    one = made("A")
    for size in range(len(torn) + 1):
        path.write_bytes(WHOLE + torn[:size])
        journal = Journal(path, SERVER)
        whole = {KEY: (SHA, "created"), "B": (SHA, "sending")}
        assert journal.last == ({**whole, "C": (SHA, outcome)} if size == len(torn) else whole), torn[:size]
        journal.note(one, "updated")
        journal.close()
        again = Journal(path, SERVER)  # the torn line is not the last any more
        assert again.done(one)
        assert again.last.keys() >= whole.keys()
        again.note(one, "sending")
        again.close()
        assert path.read_bytes().startswith(WHOLE + torn[:size])


def test_a_program_that_is_killed_leaves_a_journal_that_is_gone_on_with(path: Path) -> None:
    program = ("import os, sys\nfrom mappings.push.journal import Journal\nfrom mappings.push.parcels import Given, parcel\n"
               f"journal = Journal({str(path)!r}, {SERVER!r})\none = parcel(Given(sys.stdin.buffer.read()))\n"
               "journal.note(one, 'sending')\nos.kill(os.getpid(), 9)")
    content = transaction(update(study("A")))
    killed = subprocess.run([sys.executable, "-c", program], input=content, cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -9
    journal = Journal(path, SERVER)
    assert journal.unsure(parcel(Given(content)))
    journal.close()


NONE_OF_OURS: list[tuple[str, bytes, int]] = [
    # what, the file, the line that is none
    ("a Bundle", transaction(update(study("A"))), 1),
    ("a Bundle with a line end", transaction(update(study("A"))) + b"\n", 1),
    ("a Bundle over several lines", json.dumps(json.loads(transaction(update(study("A")))), indent=2).encode(), 2),
    ("records", b"{}\n{}\n", 1),
    ("a list", b"[]", 1),
    ("text", b"Dear diary", 1),
    ("text over lines", b"Dear diary,\ntoday", 1),
    ("bytes", b"\x00\xff\xfe", 1),
    ("Latin-1", b"\xe9", 1),
    ("a journal and something else", line() + b"\nDear diary\n", 2),
    ("a journal and something else without a line end", line() + b"\nDear diary", 2),
    ("something like a journal", b'{"ran":"x"}', 1),
    ("a member of another type", line().replace(b'"' + SHA.encode() + b'"', b"5") + b"\n", 1),
    ("a member that is missing", b'{"run":"x","server":"y"}\n', 1),
]


@pytest.mark.parametrize(("content", "number"), [case[1:] for case in NONE_OF_OURS], ids=[case[0] for case in NONE_OF_OURS])
def test_another_file_is_refused_and_left_as_it_is(path: Path, content: bytes, number: int) -> None:
    path.write_bytes(content)
    with pytest.raises(Problems) as refused:
        Journal(path, SERVER)
    assert str(refused.value) == f"--journal: {path}: line {number} is none of a journal; name another file"
    assert path.read_bytes() == content
    path.write_bytes(b"")
    Journal(path, SERVER).close()  # it is not held any more


# Who may read and write it

@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_nobody_else_may_read_it(path: Path, there: bool, mask: int) -> None:
    if there:
        path.write_bytes(WHOLE)
        path.chmod(0o644)
    before = os.umask(mask)
    try:
        Journal(path, SERVER).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_push_that_writes_to_it_is_refused(path: Path, journal: Journal) -> None:
    journal.note(made("A"), "sending")
    for server in (SERVER, OTHER):
        with pytest.raises(Problems) as refused:
            Journal(path, server)
        assert str(refused.value) == "--journal: another push is writing to it; wait for its end, or name another file"
    journal.note(made("A"), "created")
    journal.close()
    again = Journal(path, SERVER)
    assert again.done(made("A"))
    again.close()


def test_so_is_that_of_another_program(path: Path, journal: Journal) -> None:
    program = f"from mappings.push.journal import Journal\nJournal({str(path)!r}, 'x')"
    other = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert other.stderr.endswith("--journal: another push is writing to it; wait for its end, or name another file\n")


def test_a_journal_that_nobody_has_any_more_is_free(path: Path) -> None:
    Journal(path, SERVER)
    Journal(path, SERVER).close()


def test_after_its_end_nothing_is_written_to_it_or_to_a_file_in_its_place(path: Path, tmp_path: Path) -> None:
    journal = Journal(path, SERVER)
    journal.close()
    journal.close()
    with (tmp_path / "other").open("wb"):  # which has the number that the journal had
        journal.note(made("A"), "created")
    assert path.read_bytes() == (tmp_path / "other").read_bytes() == b""


# What cannot be written

@pytest.mark.parametrize(("name", "said"), [
    ("missing/push.journal", "No such file or directory"), (".", "Is a directory"), ("x" * 300, "File name too long")])
def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(Problems) as refused:
        Journal(tmp_path / name, SERVER)
    assert str(refused.value) == f"--journal: {tmp_path / name}: {said}; name another file"


def test_a_line_that_is_not_on_the_disk_is_an_error_that_names_the_file(path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="Input/output error") as failed:
        journal.note(made("A"), "sending")
    assert (failed.value.errno, failed.value.filename) == (errno.EIO, str(path))


def test_half_a_line_is_an_error_too(path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, content: write(file, content[:20]))
    with pytest.raises(OSError, match="No space left on device") as failed:
        journal.note(made("A"), "sending")
    assert failed.value.filename == str(path)


def test_where_a_file_system_has_no_locks_it_is_used_all_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", unsupported)
    journal = Journal(path, SERVER)
    journal.note(made("A"), "sending")
    journal.close()
    assert len(lines(path)) == 1


def test_a_line_has_these_members_and_no_others() -> None:
    assert Line.__struct_fields__ == ("run", "server", "key", "sha256", "outcome", "source", "attempt", "request", "http", "locations", "time")


def test_every_bundle_has_a_key(path: Path, journal: Journal) -> None:
    create = {"resource": named("Group", "g"), "request": {"method": "POST", "url": "Group"}}
    nameless = {"resource": {"resourceType": "Group"}, "request": {"method": "POST", "url": "Group"}}
    for entry in (update(study("A")), create, nameless):
        journal.note(parcel(Given(transaction(entry))), "sending")
    assert [one["key"][:60] for one in lines(path)] == [
        "ResearchStudy?identifier=https://trials.test/id|A", "Group?identifier=https%3A%2F%2Ftrials.test%2Fid%7Cg", f"sha256:{sha256_of(transaction(nameless))}"[:60]]
