"""docs/criteria.md shows what the command gives, and names every member of its JSON with every word that it can have."""

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args, get_type_hints

import pytest
from click.testing import CliRunner

from converter.commands.criteria import criteria
from converter.eligibility import findings
from converter.eligibility.findings import Comparison, Criterion, Grades, Mention, Statement, Window
from converter.eligibility.shown.terminal import WIDE
from converter.json_text import parse

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "criteria.md").read_text(encoding="utf-8")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
STEP = re.compile(r"^\$ (.*)\n(?s:.*?)(?=^\$ |\Z)", re.MULTILINE)
TYPES = (Comparison, Grades, Window, Mention, Statement)


def members(heading: str) -> dict[str, list[str]]:
    """The members that the table below a heading names, each with the other cells of its row."""
    section = TEXT.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {name: cells for names, *cells in rows for name in re.findall(r"`(\w+)`", names)}


def test_the_console_of_the_document(tmp_path):
    """Every command gives the output that stands below it; `python -m tests.test_criteria_document` renews that."""
    assert current(tmp_path) == TEXT


def current(folder: Path) -> str:
    """The document with what its commands give now, run in a folder of their own."""
    (folder / "trialbridge").write_text(f'#!/bin/sh\nexec {sys.executable} -m converter.cli "$@"\n', encoding="utf-8")
    (folder / "trialbridge").chmod(0o755)
    (folder / "python").symlink_to(sys.executable)
    (folder / "criteria.txt").write_text(TEXT.partition("$ cat criteria.txt\n")[2].partition("$ ")[0], encoding="utf-8")
    path = f"{folder}:{os.environ['PATH']}"

    def ran(step: re.Match[str]) -> str:
        done = subprocess.run(["sh", "-c", step[1]], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}, check=False)
        return f"$ {step[1]}\n{done.stdout}"

    return CONSOLE.sub(lambda block: f"```console\n{STEP.sub(ran, block[1])}```", TEXT)


def test_the_options_of_the_command_are_those_of_the_document():
    said = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", TEXT.split("```")[1]))
    assert said == {option for one in criteria.params if one.opts[0].startswith("-") for option in one.opts}


def test_the_width_of_the_document_is_that_of_the_command():
    assert f"from {WIDE} columns on" in TEXT


def test_every_member_of_the_json_is_in_the_document(tmp_path):
    (tmp_path / "a.txt").write_text("Inclusion Criteria:\n* Age > 18 years\n", encoding="utf-8")
    row = parse(CliRunner().invoke(criteria, [str(tmp_path / "a.txt"), "--from", "text", "--format", "json"]).stdout_bytes)
    assert list(members("The record")) == list(row)
    assert list(members("A node")) == list(row["criteria"][0])
    assert set(members("A node")) == {*Criterion.__struct_fields__, "words", "findings", "meaning"}
    named = members("A finding")
    for type_ in TYPES:
        name = type_.__name__.lower()
        assert {member for member, cells in named.items() if cells[0] == "all" or name in cells[0].split(", ")} == {
            *type_.__struct_fields__, "type", "words", "side", "codes"}


@pytest.mark.parametrize("type_", [*TYPES, Criterion])
def test_every_word_of_a_closed_list_is_in_the_document(type_):
    named = members("A node" if type_ is Criterion else "A finding")
    for member, hint in get_type_hints(type_, vars(findings)).items():
        words = {word for part in (hint, *get_args(hint)) for word in get_args(part) if isinstance(word, str)}
        assert words <= set(re.findall(r"`([\w-]+)`", named[member][-1])), member


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        (ROOT / "docs" / "criteria.md").write_text(current(Path(folder)), encoding="utf-8")
