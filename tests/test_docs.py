"""What the documents show is what the program does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from converter.commands.push import push
from mappings.push.outcomes import CODES
from tests.faults.memory import MemoryServer

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("block", CONSOLE, ids=lambda block: block.splitlines()[0][2:50])
def test_the_console_of_the_readme(block: str, tmp_path: Path) -> None:
    """Every command gives the output that stands below it, standard error included."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    (tmp_path / "trialbridge").write_text(f'#!/bin/sh\nexec {sys.executable} -m converter.cli "$@"\n', encoding="utf-8")
    (tmp_path / "trialbridge").chmod(0o755)
    (tmp_path / "python").symlink_to(sys.executable)
    path = f"{tmp_path}:{os.environ['PATH']}"
    with MemoryServer() as server:  # where the README says http://localhost:8080/fhir
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = step.partition("\n")
            command = command.replace("http://localhost:8080/fhir", server.url)
            done = subprocess.run(["sh", "-c", command], cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}, check=False)
            assert done.stdout == expected, command


def test_the_library_of_the_readme() -> None:
    """The Python example prints what stands below it."""
    code, expected = re.findall(r"```(?:python)?\n(.*?)```", README[README.index("## The library"):], re.DOTALL)[:2]
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, check=True)
    assert done.stdout == expected


def test_the_commands_of_the_readme_exist() -> None:
    from converter.commands import COMMANDS

    assert set(re.findall(r"`trialbridge ([a-z]+)", README)) <= set(COMMANDS)


def test_the_links_of_the_documents_lead_somewhere() -> None:
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_what_is_said_of_servers_is_held_by_tests() -> None:
    """Every row about HAPI and Medplum names the tests that ask them."""
    text = (ROOT / "docs" / "servers.md").read_text(encoding="utf-8")
    tried = text[text.index("## HAPI and Medplum, tried"):text.index("## Others")]
    rows = [line for line in tried.splitlines() if line.startswith("| ")][2:]
    there = {name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)}
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named, row
        assert set(named) <= there, row


def test_the_exit_codes_of_push_are_those_of_its_document() -> None:
    text = (ROOT / "docs" / "push.md").read_text(encoding="utf-8")
    assert set(CODES.values()) <= set(map(int, re.findall(r"(?:^|· )(\d) ", text[text.index("## Exit codes"):], re.M)))


def test_the_options_of_push_are_those_of_its_document() -> None:
    text = (ROOT / "docs" / "push.md").read_text(encoding="utf-8")
    said = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text[text.index("```") :text.index("## What happens")].split("```")[1]))
    assert said == {option for one in push.params if one.opts[0].startswith("-") for option in one.opts} - {"--quiet"}
