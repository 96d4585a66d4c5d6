"""The program that the tests ask about FHIR is built once, answers in order, and says why it cannot."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import hapi
from tests.hapi import Issue, Unavailable, built, kind, validator

INSTALL = "HAPI's validator needs a JDK (17 or newer) and Maven, on Debian `apt install openjdk-17-jdk-headless maven`"
Fake = Callable[[str, str], None]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Puts a shell script in the place of a program; what is built is kept in a folder of the test."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TRIALBRIDGE_CACHE", str(tmp_path / "cache"))

    def write(name: str, script: str) -> None:
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)

    write("java", "exit 0")
    write("mvn", "mkdir target && echo built >> ../../../builds")
    return write


@pytest.mark.parametrize("missing", ["java", "mvn"])
def test_what_is_missing_is_named(missing: str, fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "programs" / missing).unlink()
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    with pytest.raises(Unavailable) as raised:
        built()
    assert str(raised.value) == f"`{missing}` is not here; {INSTALL}"


def test_it_is_built_once(fake: Fake, tmp_path: Path) -> None:
    assert built() == built()
    assert (tmp_path / "cache" / "builds").read_text() == "built\n"
    assert [path.name for path in (tmp_path / "cache" / "validator").iterdir()] == [built().name]


def test_a_build_that_fails_says_what_maven_says(fake: Fake, tmp_path: Path) -> None:
    fake("mvn", "echo '[INFO] x'; echo '[ERROR] Unknown host repo.maven.apache.org'; echo '[ERROR] y'; exit 1")
    with pytest.raises(Unavailable) as raised:
        built()
    assert str(raised.value) == ("HAPI's validator could not be built; the first time this needs Maven Central. "
                                 "Maven says: [ERROR] Unknown host repo.maven.apache.org")
    assert list((tmp_path / "cache" / "validator").iterdir()) == []


def test_answers_come_in_the_order_of_the_documents(fake: Fake) -> None:
    """A document may have several lines; the program may answer in any order."""
    fake("java", """read a; read b
echo '{"index":1,"issues":[{"severity":"error","path":"'"$b"'","message":"m","id":"i"}]}'
echo '{"index":0,"issues":[{"severity":"warning","path":"'"$a"'","message":"m"}]}'
read c; echo '{"index":2,"issues":[]}'""")
    with validator("r4") as check:
        assert check([b"[1,\n2]\n", b"3"]) == [[Issue("warning", "[1, 2]", "m")], [Issue("error", "3", "m", "i")]]
        assert check([b"4"]) == [[]]


def test_a_program_that_ends_says_what_it_said(fake: Fake) -> None:
    fake("java", "read a; echo 'no such release' >&2")
    with validator("r9") as check, pytest.raises(RuntimeError, match=r"^HAPI's validator ended: no such release\n$"):
        check([b"1"])


def test_a_program_that_says_nothing_is_stopped(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hapi, "PATIENCE", 0.2)
    fake("java", "exec sleep 60")
    with validator("r4") as check, pytest.raises(TimeoutError, match=r"^HAPI's validator gave no answer for 0.2 s$"):
        check([b"1"])


@pytest.mark.parametrize(("issue", "counted"), [
    (Issue("information", "a", "m", "Extension_EXT_Unknown"), "information: Extension_EXT_Unknown"),
    (Issue("warning", "a", "Coding has no system. A code"), "warning: Coding has no system"),
    (Issue("error", "a", "Coding has no system. A code"), "UNEXPLAINED error: a: Coding has no system. A code"),
    (Issue("warning", "Bundle.entry[0].resource/*Group/null*/.name[12]", "Bad code for 's#c'; codes = s#c"),
     "UNEXPLAINED warning: Bundle.entry.resource.name: Bad code"),
])
def test_issues_are_counted_by_kind(issue: Issue, counted: str) -> None:
    assert kind(issue, ["Coding has no system"]) == counted
