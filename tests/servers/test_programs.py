"""A server is built once, started, and says why it cannot be; programs of the test stand in for those that do it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import Unavailable, building, missing, process
from tests.servers.building import Name, built

Fake = Callable[[str, str], None]
JAVA = "echo 'Picked up JAVA_TOOL_OPTIONS: -Xmx2g'; echo 'openjdk version \"17.0.15\" 2025-04-15'"
HAPI = "HAPI's server needs a JDK (17 or newer) and Maven, on Debian `apt install openjdk-17-jdk-headless maven`"
MEDPLUM = "Medplum's server needs Node.js (20.19 or newer) and npm, see https://nodejs.org/en/download"


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Puts a shell script in the place of a program; the servers are built in a folder of the test, from a pom.xml."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("hapi", "medplum"):
        (tmp_path / name).mkdir()
    (tmp_path / "hapi" / "pom.xml").write_text("<project/>")
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(building, "HERE", tmp_path)

    def write(name: str, script: str) -> None:
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)

    write("java", JAVA)
    write("mvn", "mkdir target && echo built >> builds")
    write("node", "echo v22.12.0")
    write("npm", "exit 1")
    return write


@pytest.mark.parametrize(("server", "program", "said"), [
    ("hapi", "java", f"`java` is not here; {HAPI}"),
    ("hapi", "mvn", f"`mvn` is not here; {HAPI}"),
    ("medplum", "node", f"`node` is not here; {MEDPLUM}"),
    ("medplum", "npm", f"`npm` is not here; {MEDPLUM}"),
])
def test_what_is_missing_is_named(server: Name, program: str, said: str, fake: Fake, tmp_path: Path,
                                  monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "programs" / program).unlink()
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    assert missing(server) == said
    with pytest.raises(Unavailable) as raised:
        built(server)
    assert str(raised.value) == said


@pytest.mark.parametrize(("server", "program", "says", "said"), [
    ("hapi", "java", JAVA, None),
    ("hapi", "java", "echo 'openjdk version \"21\" 2023-09-19'", None),
    ("hapi", "java", "echo 'java version \"1.8.0_392\"' >&2", f"`java` is too old; {HAPI}"),
    ("medplum", "node", "echo v20.19.0", None),
    ("medplum", "node", "echo v20.18.3", f"`node` is too old; {MEDPLUM}"),
])
def test_what_is_too_old_is_named(server: Name, program: str, says: str, said: str | None, fake: Fake) -> None:
    fake(program, says)
    assert missing(server) == said


def test_it_is_built_once_until_its_sources_change(fake: Fake, tmp_path: Path) -> None:
    assert built("hapi") == built("hapi") == tmp_path / "hapi" / "target"
    assert (tmp_path / "hapi" / "builds").read_text() == "built\n"
    (tmp_path / "hapi" / "pom.xml").write_text("<project></project>")
    built("hapi")
    assert (tmp_path / "hapi" / "builds").read_text() == "built\nbuilt\n"


def test_two_processes_build_it_once(fake: Fake, tmp_path: Path) -> None:
    fake("mvn", "sleep 0.3; mkdir target && echo built >> builds")
    program = ("from pathlib import Path; from tests.servers import building; "
               f"building.HERE = Path({str(tmp_path)!r}); building.built('hapi')")
    started = [subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2]) for _ in range(2)]
    assert [process.wait() for process in started] == [0, 0]
    assert (tmp_path / "hapi" / "builds").read_text() == "built\n"


@pytest.mark.parametrize(("server", "program", "script", "said"), [
    ("hapi", "mvn", "mkdir target; echo '[INFO] x'; echo '[ERROR] Unknown host'; echo '[ERROR] y'; exit 1", "[ERROR] Unknown host"),
    ("medplum", "npm", "echo 'npm error code ENOTFOUND' >&2; exit 1", "npm error code ENOTFOUND"),
    ("medplum", "npm", "exit 1", "no reason given"),
])
def test_a_build_that_fails_says_what_its_program_says(server: Name, program: str, script: str, said: str, fake: Fake) -> None:
    fake(program, script)
    name = {"hapi": "HAPI's server", "medplum": "Medplum's server"}[server]
    for _ in range(2):  # half a build does not count
        with pytest.raises(Unavailable) as raised:
            built(server)
        assert str(raised.value) == f"{name} could not be built; the first time this needs the network. `{program}` says: {said}"


@pytest.mark.parametrize(("script", "patience", "said"), [
    ("echo one; echo two >&2; exit 3", 60, "A server ended: one\ntwo\n"),
    ("echo starting; exec sleep 60", 0.5, "A server gave no answer for 0.5 s: starting\n"),
])
def test_a_server_that_does_not_start_says_what_it_said(script: str, patience: float, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PATIENCE", patience)
    with pytest.raises(RuntimeError) as raised, process.running("A server", ["sh", "-c", script], {}, None):
        pass
    assert str(raised.value) == said
