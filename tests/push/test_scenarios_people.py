"""Who runs the program can end it at any time and go on later, and sees how far it is: at a terminal, in a log, by another program."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from converter.convert import convert
from tests.faults.answers import refusal
from tests.faults.proxy import Fault, Faults, Proxy, delay, first, refuse
from tests.faults.scripted import Request
from tests.push.checks import (
    PLACES,
    REALLY,
    Place,
    arrived,
    copies,
    made,
    nothing_doubled,
    nothing_lost,
    number,
    pushed,
)
from tests.push.processes import Started

everywhere = pytest.mark.parametrize("place", PLACES, indirect=True)
in_memory = pytest.mark.parametrize("place", ["memory"], indirect=True)
LONG = 200
"""Seconds that the program would wait, had it not been told to end."""
PATIENCE = 60
"""Seconds in which it must have ended, and in which what is waited for must have come."""


@pytest.fixture(autouse=True)
def no_authorities(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the system are not read: that takes as long as all the rest of a short run."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path_factory.getbasetemp() / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path_factory.getbasetemp() / "none"))


# 32

@pytest.fixture(autouse=True)
def hearing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that are started here listen to Ctrl-C, even where these tests run in the background of a shell, which is deaf to it."""
    def hears() -> None:
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(one, signal.SIG_DFL)

    monkeypatch.setattr(subprocess, "Popen", partial(subprocess.Popen, preexec_fn=hears))


def until(true: Callable[[], bool]) -> None:
    """Waits until it is true."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it has not come"
        time.sleep(0.005)


def last_line(process: Started) -> str:
    """What the last whole line of the journal says."""
    lines = process.journal.read_bytes().split(b"\n")[:-1] if process.journal.exists() else []
    return str(json.loads(lines[-1])["outcome"]) if lines else ""


def told(process: Started, *how: signal.Signals) -> None:
    """The program is told to end, in these ways, and has ended."""
    for one in how:
        process.process.send_signal(one)
    process.process.wait(PATIENCE)


def of_writes(fault: Fault) -> Faults:
    return lambda request: fault if request.method != "GET" else None


WAYS = [("memory", [signal.SIGTERM]), ("memory", [signal.SIGINT] * 3),
        *(pytest.param(*place.values, [signal.SIGINT], marks=pytest.mark.servers) for place in REALLY)]


@pytest.mark.parametrize(("place", "how"), WAYS, indirect=["place"], ids=str)
def test_32_told_to_end_while_it_waits_it_ends_at_once_and_another_run_goes_on(place: Place, how: list[signal.Signals], tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in range(3)]
    with Proxy(place.url) as proxy:
        proxy.faults = lambda request: refuse(503, str(LONG)) if sum(one.method == "POST" for one in proxy.requests) > 1 else None
        with Started(tmp_path, proxy.url, bundles=bundles) as process:
            until(lambda: last_line(process) == "answered" and b'"created"' in (tmp_path / "stdout").read_bytes())
            told(process, *how)
            run = process.ended()
        assert (run.code, run.statuses, run.summary["exit"], run.summary["complete"]) == (5, ["created"], 5, False)
        assert [line["outcome"] for line in run.journal] == ["sending", "created", "sending", "answered"]
        assert "trialbridge: interrupted" in run.stderr and "--journal push.journal --resume goes on" in run.stderr
        assert "Traceback" not in run.stderr
        assert [copies(place.url, bundle) for bundle in bundles] == [[1] * 3, [0] * 3, [0] * 3]
        proxy.faults = None
        again = pushed(tmp_path, proxy.url, "--resume", bundles=bundles)
    assert again.statuses == ["unchanged", "created", "created"]
    arrived(again, place.url, *bundles)


@everywhere
@pytest.mark.parametrize("fault", [refuse(503, str(LONG), after=True), delay(LONG)], ids=["while it waits", "while the server works"])
def test_32_what_had_arrived_by_then_is_looked_up_and_not_sent_again(place: Place, fault: Fault, tmp_path: Path) -> None:
    bundle = made(number(), place.release)
    with Proxy(place.url, of_writes(fault)) as proxy:
        with Started(tmp_path, proxy.url, bundles=[bundle]) as process:
            until(lambda: any(one.statuses for one in proxy.requests if one.method == "POST"))
            told(process, signal.SIGINT)
            run = process.ended()
        assert (run.code, run.summary["complete"]) == (5, False)
        assert run.journal[0]["outcome"] == "sending"
        proxy.faults = None
        again = pushed(tmp_path, proxy.url, "--resume", bundles=[bundle])
    assert [one.method for one in proxy.requests].count("POST") == 1
    arrived(again, place.url, bundle, status="unchanged")


QUESTIONS = [
    # which questions have no answer, and what asks them
    ("/metadata", ()),
    ("Group?identifier", ("--skip-unchanged",)),
    ("ResearchStudy/", ("--verify",)),
]


@in_memory
@pytest.mark.parametrize(("path", "options"), QUESTIONS, ids=[" ".join((path, *options)) for path, options in QUESTIONS])
def test_32_so_it_ends_while_it_waits_to_ask_again(place: Place, path: str, options: tuple[str, ...], tmp_path: Path) -> None:
    bundle = made(number())
    asked: list[Request] = []

    def fault(request: Request) -> Fault | None:
        """Of the preflight's own questions only where they are meant."""
        if request.method != "GET" or path not in request.path or ("_summary" in request.path and "_summary" not in path):
            return None
        asked.append(request)
        return refuse(503, str(LONG))

    with Proxy(place.url, fault) as proxy:
        (tmp_path / "bundle.json").write_bytes(bundle)
        process = started(tmp_path, "--server", proxy.url, "--journal", "push.journal", *options)
        with process:
            until(lambda: bool(asked))
            time.sleep(0.1)  # it has the answer now, and waits
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 5, err.decode()
    assert b"trialbridge: interrupted" in err and b"Traceback" not in err
    again = pushed(tmp_path, place.url, "--resume", bundles=[bundle])
    arrived(again, place.url, bundle)


@in_memory
def test_32_that_some_were_refused_before_does_not_hide_that_it_was_ended(place: Place, tmp_path: Path) -> None:
    """With exit code 1 nobody would go on."""
    bundles = [made(number()) for _ in range(2)]
    with Proxy(place.url, first(*[Fault("refuses", lambda _: refusal(422, "no"), 0), *[refuse(503, str(LONG))] * 8])) as proxy:
        with Started(tmp_path, proxy.url, bundles=bundles) as process:
            until(lambda: [one.method for one in proxy.requests].count("POST") == 2 and last_line(process) == "answered")
            told(process, signal.SIGINT)
            run = process.ended()
        assert (run.code, run.statuses) == (5, ["failed"])
        again = pushed(tmp_path, proxy.url, "--resume", bundles=bundles)
    arrived(again, place.url, *bundles, status="created")


@in_memory
def test_32_several_at_a_time_all_end(place: Place, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(6)]
    (tmp_path / "before").mkdir()
    pushed(tmp_path / "before", place.url, bundles=[made(number())])  # an empty server is given one alone at first
    with Proxy(place.url, of_writes(refuse(503, str(LONG), after=True))) as proxy:
        with Started(tmp_path, proxy.url, "--jobs", "4", bundles=bundles) as process:
            until(lambda: process.journal.exists() and process.journal.read_text().count('"answered"') == 4)
            told(process, signal.SIGINT)
            run = process.ended()
        assert (run.code, run.summary["complete"], run.summary["created"]) == (5, False, 0)
        there = [bundle for bundle in bundles if copies(place.url, bundle) == [1, 1, 1]]
        assert len(there) == 4
        proxy.faults = None
        again = pushed(tmp_path, proxy.url, "--resume", "--jobs", "4", bundles=bundles)
    assert sorted(again.statuses) == ["created"] * 2 + ["unchanged"] * 4
    arrived(again, place.url, *bundles)


# 33

AT_ONCE = "import converter.progress as shown; shown.PATIENCE = shown.BETWEEN = 0.0; from converter.cli import main; main()"
"""The program, which shows its bar from the first record on, where it shows one."""


def started(folder: Path, *options: str, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """A push of all that is in the folder, as a process of its own."""
    files = sorted(path.name for path in folder.iterdir() if path.suffix in (".json", ".ndjson"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", "COLUMNS": "120"}
    command = [sys.executable, "-c", AT_ONCE, "push", *files, *options]
    return subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)


class Shown:
    """What a program wrote to a terminal, as it came: `text` is all of it, `screen` what can be read there in the end."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        self.text = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self.master, 1 << 16)
            except OSError as error:
                assert error.errno == errno.EIO  # nobody has the other end any more
                return
            if not piece:
                return
            self.text += piece.decode(errors="replace")

    def closed(self) -> None:
        self._reader.join(PATIENCE)
        os.close(self.master)

    @property
    def screen(self) -> list[str]:
        """The lines, whatever was written over or taken away being gone."""
        rows, row = [""], 0
        for code, word, text in re.findall(r"\x1b\[([0-9;?]*)([A-Za-z])|(\r\n|\r|\n|[^\x1b\r\n]+)", self.text):
            if word == "A":
                row = max(row - int(code or 1), 0)
            elif word == "K":
                rows[row] = ""
            elif text == "\r":
                pass
            elif text in ("\n", "\r\n"):
                row += 1
                rows += [""] * (row + 1 - len(rows))
            elif text:
                rows[row] = text
        return [line.rstrip() for line in rows if line.strip()]


@contextmanager
def terminal() -> Iterator[Shown]:
    shown = Shown()
    try:
        yield shown
    finally:
        shown.closed()


def ndjson(folder: Path, bundles: Sequence[bytes]) -> None:
    (folder / "bundles.ndjson").write_bytes(b"".join(bundle + b"\n" for bundle in bundles))


SUMMARY = r"trialbridge: 3 records: 3 created, 0 updated, 0 unchanged, 0 failed, 0 unknown; \d+\.\d s, [\d,]+\.\d records/s"


@everywhere
def test_33_without_a_terminal_each_record_is_a_line(place: Place, tmp_path: Path) -> None:
    bundles = [made(number(), place.release) for _ in range(3)]
    ndjson(tmp_path, bundles)
    with started(tmp_path, "--server", place.url) as process:
        out, err = process.communicate(timeout=PATIENCE)
    names = [json.loads(bundle)["entry"][0]["resource"]["identifier"][0]["value"] for bundle in bundles]
    where = " ".join(rf"{kind}/[\w-]+(/_history/\w+)?" for kind in ("ResearchStudy", "PlanDefinition", "Group"))
    for n, (line, name) in enumerate(zip(out.decode().split("\n")[:-1], names, strict=True)):
        assert re.fullmatch(rf"created   bundles\.ndjson\[{n}\] {name}  {where}", line), line
    assert re.fullmatch(f"{SUMMARY}\n", err.decode()), err
    assert process.returncode == 0
    nothing_lost(place.url, *bundles)
    nothing_doubled(place.url, *bundles)


def mixed(folder: Path, release: str) -> list[bytes]:
    """A folder with records of every kind: three that are taken, one that is refused, two that are none."""
    taken, refused = [made(number(), release) for _ in range(3)], made(number(), release, title="REFUSED")
    ndjson(folder, [*taken, refused])
    (folder / "broken.json").write_text('{"resourceType": "Bundle", ')
    (folder / "later.json").write_bytes(convert(b'{"source":"ctgov","id":"' + number().encode() + b'","title":"A trial"}', release).document or b"")
    invalid = json.loads(made(number(), release))
    invalid["entry"][0]["resource"]["status"] = "bogus"
    (folder / "invalid.json").write_text(json.dumps(invalid))
    return [*taken, refused]


def refuses(request: Request) -> Fault | None:
    return Fault("refuses", lambda _: refusal(422, "No such title"), 0) if b"REFUSED" in request.body else None


@everywhere
def test_33_json_is_a_line_for_each_record_and_one_for_the_run(place: Place, tmp_path: Path) -> None:
    taken = mixed(tmp_path, place.release)[:3]
    with Proxy(place.url, refuses) as proxy, \
            started(tmp_path, "--server", proxy.url, "--json") as process:
        out, err = process.communicate(timeout=PATIENCE)
    lines = [json.loads(line) for line in out.decode().split("\n")[:-1]]
    assert [json.dumps(line, separators=(",", ":"), ensure_ascii=False) for line in lines] == out.decode().split("\n")[:-1]
    records, summary = lines[:-1], lines[-1]["summary"]
    assert [(one["source"], one["index"], one["status"]) for one in records if one["source"] == "bundles.ndjson"] == [
        ("bundles.ndjson", 0, "created"), ("bundles.ndjson", 1, "created"), ("bundles.ndjson", 2, "created"), ("bundles.ndjson", 3, "failed")]
    assert {one["source"]: one["status"] for one in records if one["source"] != "bundles.ndjson"} == {
        "broken.json": "failed", "invalid.json": "failed", "later.json": "created"}
    for one in records:
        if one["status"] == "created":
            assert [where.partition("/")[0] for where in one["locations"]] == ["ResearchStudy", "PlanDefinition", "Group"]
            assert (one["attempts"], "cause" in one, "problems" in one) == (1, False, False)
            assert one["seconds"] > 0
        else:
            assert one["cause"] == "refused"
            assert all(problem["message"] for problem in one["problems"])
    assert "No such title" in next(one["problems"][0]["message"] for one in records if one["index"] == 3)
    assert {name: summary[name] for name in ("created", "updated", "unchanged", "failed", "unknown", "records", "complete", "exit")} == {
        "created": 4, "updated": 0, "unchanged": 0, "failed": 3, "unknown": 0, "records": 7, "complete": True, "exit": 1}
    assert process.returncode == 1
    assert all(line.startswith("trialbridge: ") for line in err.decode().splitlines())
    nothing_lost(place.url, *taken)
    nothing_doubled(place.url, *taken)


@in_memory
@pytest.mark.parametrize("options", [("--json", "--check"), ("--json", "--dry-run"), ("--json", "-q")], ids=" ".join)
def test_33_json_is_json_whatever_else_is_asked_for(place: Place, options: tuple[str, ...], tmp_path: Path) -> None:
    bundle = made(number())
    run = pushed(tmp_path, place.url, *options, bundles=[bundle], json=False)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    if "--check" in options:
        (checked,) = lines
        assert (checked["refused"], checked["preflight"]["release"]) == (False, "r4")
        assert {check["status"] for check in checked["preflight"]["checks"]} == {"ok"}
    else:
        record, summary = lines
        assert record["status"] == ("would be sent" if "--dry-run" in options else "created")
        assert (summary["summary"]["records"], summary["summary"]["exit"], run.code) == (1, 0, 0)
    assert run.stderr == "" or "--dry-run" in options or "--check" in options
    assert copies(place.url, bundle) == ([1, 1, 1] if "-q" in options else [0, 0, 0])


@in_memory
def test_33_quiet_says_nothing_but_what_is_wrong(place: Place, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(2)]
    run = pushed(tmp_path, place.url, "-q", bundles=bundles[:1], json=False)
    assert (run.code, run.stdout, run.stderr) == (0, "", "")
    with Proxy(place.url, of_writes(Fault("refuses", lambda _: refusal(422, "no space"), 0))) as proxy:
        run = pushed(tmp_path, proxy.url, "-q", bundles=bundles[1:], json=False)
    (line,) = run.stderr.splitlines()
    assert (run.code, run.stdout) == (1, "")
    assert line.startswith("trialbridge: ") and "no space" in line
    assert [line["outcome"] for line in run.journal] == ["sending", "answered", "failed"]


BAR = re.compile(r"(\d+) records, ([\d,]+\.\d)/s \S+ \d:\d\d:\d\d left (\S+)")


def bars(text: str) -> list[tuple[int, float, str]]:
    """The records, the rate and the time left of each bar that was shown."""
    found = BAR.findall(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text))
    return [(int(count), float(rate.replace(",", "")), left) for count, rate, left in found]


@everywhere
def test_33_at_a_terminal_a_bar_shows_rate_and_time_left_and_then_is_gone(place: Place, tmp_path: Path) -> None:
    """What failed stands in lines of its own, and stays."""
    bundles = [made(number(), place.release, title="REFUSED" if n in (3, 7) else "") for n in range(12)]
    ndjson(tmp_path, bundles)
    with Proxy(place.url, lambda request: refuses(request) or (delay(0.05) if request.method != "GET" else None)) as proxy, terminal() as shown, \
            started(tmp_path, "--server", proxy.url, stdout=shown.slave, stderr=shown.slave) as process:
        os.close(shown.slave)
        assert process.wait(PATIENCE) == 1
    counts = [count for count, _, _ in bars(shown.text)]
    assert len(counts) > 2 and counts == sorted(counts), shown.text
    assert all(rate > 0 for count, rate, _ in bars(shown.text) if count)
    assert any(re.fullmatch(r"\d:\d\d:\d\d", left) for _, _, left in bars(shown.text))
    assert shown.text.count("\x1b[?25l") == shown.text.count("\x1b[?25h") == 1  # the cursor is there again
    one, two, last = shown.screen
    assert one.startswith("trialbridge: bundles.ndjson[3] NCT") and "No such title" in one
    assert two.startswith("trialbridge: bundles.ndjson[7] NCT") and "No such title" in two
    assert re.fullmatch(SUMMARY.replace("3 records", "12 records").replace("3 created", "10 created").replace("0 failed", "2 failed"), last)
    taken = [bundle for bundle in bundles if b"REFUSED" not in bundle]
    nothing_lost(place.url, *taken)
    nothing_doubled(place.url, *taken)


@in_memory
def test_33_what_goes_to_a_file_has_no_bar_in_it_though_a_person_looks_on(place: Place, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(8)]
    ndjson(tmp_path, bundles)
    with terminal() as shown, (tmp_path / "log").open("wb") as log, \
            started(tmp_path, "--server", place.url, stdout=log.fileno(), stderr=shown.slave) as process:
        os.close(shown.slave)
        assert process.wait(PATIENCE) == 0
    lines = (tmp_path / "log").read_text().split("\n")[:-1]
    assert len(lines) == len(bundles)
    assert [line for line in lines if not line.isprintable()] == []
    assert bars(shown.text)


@in_memory
def test_33_told_to_end_at_a_terminal_it_leaves_the_terminal_as_it_was(place: Place, tmp_path: Path) -> None:
    bundles = [made(number()) for _ in range(5)]
    ndjson(tmp_path, bundles)
    with Proxy(place.url) as proxy, terminal() as shown:
        proxy.faults = lambda request: refuse(503, str(LONG)) if sum(one.method == "POST" for one in proxy.requests) > 3 else None
        with started(tmp_path, "--server", proxy.url, "--journal", "push.journal", stdout=shown.slave, stderr=shown.slave) as process:
            os.close(shown.slave)
            until(lambda: "\x1b[?25l" in shown.text and [one.method for one in proxy.requests].count("POST") == 4)
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 5
        proxy.faults = None
        assert shown.text.count("\x1b[?25l") == shown.text.count("\x1b[?25h") == 1
        assert shown.screen[-2].startswith("trialbridge: interrupted")
        assert "--journal push.journal --resume goes on" in shown.screen[-2]
        again = pushed(tmp_path, proxy.url, "--resume", bundles=bundles)
    arrived(again, place.url, *bundles)


@in_memory
@pytest.mark.parametrize("why", ["nobody reads it", "the disk is full"])
def test_33_where_nothing_more_can_be_told_the_run_ends_as_one_that_another_goes_on_with(place: Place, why: str, tmp_path: Path) -> None:
    """As with `push … | head -1`: exit code 1 would say that the server refused something, and nobody would go on."""
    bundles = [made(number()) for _ in range(4)]
    ndjson(tmp_path, bundles)
    read, write = os.pipe()
    os.close(read)
    with (os.fdopen(write, "wb") if why == "nobody reads it" else Path("/dev/full").open("wb")) as nowhere, Proxy(place.url) as proxy:
        with started(tmp_path, "--server", proxy.url, "--journal", "push.journal", stdout=nowhere.fileno()) as process:
            _, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, b"--resume" in err, b"Traceback" in err) == (5, True, False), err.decode()
        again = pushed(tmp_path, proxy.url, "--resume", bundles=bundles)
    arrived(again, place.url, *bundles)
