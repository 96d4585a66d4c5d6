"""What we give to other people's CI does what docs/ci.md says, with the programs that will read it where these can be had.

The tests marked `ci` install the checkout as others do: from the address in the documents, which git is told to find here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ruamel.yaml import YAML

from converter.version import VERSION

ROOT = Path(__file__).parents[1]
ADDRESS = "https://github.com/OWNER/trialbridge"
GUIDE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
ACTION, TEMPLATE, HOOKS = ROOT / "action.yml", ROOT / "ci" / "gitlab.yml", ROOT / ".pre-commit-hooks.yaml"
GOOD = (ROOT / "samples" / "ctgov" / "NCT99999901.json").read_bytes()
NAMED = {"protocolSection": {"identificationModule": {"nctId": "NCT99999909", "briefTitle": "A trial"}}}
SAID_TRUE = {"protocolSection": {**NAMED["protocolSection"], "eligibilityModule": {"healthyVolunteers": "No"}}}
WRONG = "protocolSection.eligibilityModule.healthyVolunteers: expected true or false, found 'No'"
LOST = "odd: has no place in a Trial"


def yaml(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def example(heading: str, language: str = "yaml") -> str:
    """The block below a heading of the guide."""
    section = GUIDE[GUIDE.index(f"\n## {heading}\n"):]
    found = re.search(rf"^```{language}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


# What the files say

JUDGED = [
    # what, its text, the program that judges it
    ("the action", ACTION.read_text(encoding="utf-8"), ["check_jsonschema", "--builtin-schema", "vendor.github-actions"]),
    ("the template", TEMPLATE.read_text(encoding="utf-8"), ["check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]),
    ("the hooks", HOOKS.read_text(encoding="utf-8"), ["pre_commit", "validate-manifest"]),
    ("the workflow of the guide", example("GitHub Actions"), ["check_jsonschema", "--builtin-schema", "vendor.github-workflows"]),
    ("the jobs of the guide", example("GitLab CI"), ["check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]),
    ("the hooks of the guide", example("pre-commit"), ["pre_commit", "validate-config"]),
]


@pytest.mark.parametrize(("text", "judge"), [case[1:] for case in JUDGED], ids=[case[0] for case in JUDGED])
def test_they_are_what_their_readers_expect(text: str, judge: list[str], tmp_path: Path) -> None:
    (path := tmp_path / "file.yml").write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", *judge, str(path)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_they_name_the_version_that_they_come_with() -> None:
    said = re.findall(r"\bv\d+\.\d+\.\d+\b", GUIDE + TEMPLATE.read_text(encoding="utf-8"))
    assert len(said) == 6
    assert set(said) == {f"v{VERSION}"}


def test_an_input_of_the_action_is_never_part_of_its_code() -> None:
    for step in yaml(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]
        assert all(re.fullmatch(r"\$\{\{ inputs\.\w+ \}\}", value) for value in step.get("env", {}).values())


# The action, as GitHub's runner runs it: https://docs.github.com/actions/reference/workflow-syntax-for-github-actions ("bash")

class Runner:
    """Runs the steps of the action for a workflow whose files are in `workspace`; what it was told is kept in files beside that."""

    def __init__(self, folder: Path, action: Path, env: Mapping[str, str]):
        self.workspace, self.temp = folder / "workspace", folder / "temp"
        self.page, self.outputs = folder / "page.md", folder / "outputs"
        self.steps = yaml((action / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
        self.inputs = yaml((action / "action.yml").read_text(encoding="utf-8"))["inputs"]
        for path in (self.workspace, self.temp):
            path.mkdir()
        self.env = {**env, "RUNNER_TEMP": str(self.temp), "GITHUB_ACTION_PATH": str(action), "GITHUB_OUTPUT": str(self.outputs),
                    "GITHUB_STEP_SUMMARY": str(self.page), "GITHUB_WORKSPACE": str(self.workspace), "GITHUB_ACTIONS": "true"}

    def run(self, step: int, **given: str) -> tuple[int, str]:
        """The exit code of a step and all that it prints."""
        inputs = {name: given.pop(name, about.get("default", "")) for name, about in self.inputs.items()}
        assert not given
        env = {name: inputs[value.split()[1].removeprefix("inputs.")] for name, value in self.steps[step].get("env", {}).items()}
        script = self.temp.with_name("step.sh")
        script.write_text(self.steps[step]["run"], encoding="utf-8")
        done = subprocess.run(["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script], cwd=self.workspace, env={**self.env, **env},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    def junit(self) -> list[str]:
        """The names of the test cases, with the result of those that did not pass."""
        path = self.outputs.read_text(encoding="utf-8").splitlines()[-1].removeprefix("junit=")
        return [f"{case.get('name')}{''.join(f': {inner.tag}' for inner in case)}" for case in ElementTree.parse(path).getroot()]


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Where the program is that runs these tests."""
    made = Runner(tmp_path, ROOT, os.environ)
    (program := made.temp / "trialbridge" / "bin" / "trialbridge").parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m converter.cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return made


STRANGE = ["a b.json", "$(touch x).json", "`touch x`.json", "'; touch x; '.json", '"; touch x; ".json', "-x.json", "--help", " é.json", "%0A::error::.json"]
NO_FILE = "there is no such file or folder"
RUNS = [
    # what, inputs, files that hold a record, exit code, what is said, the test cases
    ("one file", {"paths": "a.json"}, ["a.json", "b.json"], 0, "1 record: 1 valid, 0 invalid", ["a.json[0] NCT99999901"]),
    ("files and folders", {"paths": "a.json\n\nc d/\n"}, ["a.json", "c d/e.json"], 0, "2 records: 2 valid", ["a.json[0] NCT99999901", "c d/e.json[0] NCT99999901"]),
    ("a pattern", {"paths": "*.json"}, ["a b.json", "c.json", "d/e.json"], 0, "2 records", ["a b.json[0] NCT99999901", "c.json[0] NCT99999901"]),
    ("a pattern of any depth", {"paths": "**/*.json"}, ["a.json", "b/c/d e.json"], 0, "2 records", ["a.json[0] NCT99999901", "b/c/d e.json[0] NCT99999901"]),
    ("a pattern with a blank", {"paths": "b c/*.json"}, ["b c/d.json"], 0, "1 record", ["b c/d.json[0] NCT99999901"]),
    ("a name that could be a pattern", {"paths": "[a].json"}, ["[a].json", "a.json"], 0, "1 record", ["[a].json[0] NCT99999901"]),
    ("round trips", {"command": "roundtrip", "paths": "a.json", "options": "--to=all\n--jobs=2"}, ["a.json"], 0,
     "3 round trips of 1 record (r4, r4b, r5): 3 the same", ["a.json[0] NCT99999901"] * 3),
    ("an option with blanks", {"command": "roundtrip", "paths": "a.json", "options": "--allow=a b $(touch x)"}, ["a.json"], 0,
     "::warning::--allow a b $(touch x) matches nothing; leave it out", ["a.json[0] NCT99999901"]),
    ("an option that could be a pattern", {"command": "roundtrip", "paths": "a.json", "options": "--allow=*.b"}, ["a.json", "--allow=a.b"], 0,
     "::warning::--allow *.b matches nothing; leave it out", ["a.json[0] NCT99999901"]),
    ("strange names", {"paths": "\n".join(STRANGE)}, STRANGE, 0, "9 records: 9 valid", [f"{name}[0] NCT99999901" for name in STRANGE]),
    *((f"no file {name}", {"paths": name}, ["a.json"], 2, f"Error: {name}: {NO_FILE}", None) for name in STRANGE[1:4]),
    ("a pattern that nothing fits", {"paths": "*.xml"}, ["a.json"], 2, f"Error: *.xml: {NO_FILE}", None),
    ("no path", {"paths": "\n"}, ["a.json"], 2, "Error: Missing argument 'INPUT...'", None),
    ("two options in a line", {"paths": "a.json", "options": "--release=r4 --from=r4"}, ["a.json"], 2, "Error: Invalid value for '--release': 'r4 --from=r4' is not one of", None),
    ("a command that is none", {"command": "validate; touch x", "paths": "a.json"}, ["a.json"], 2, "Error: No such command 'validate; touch x'.", None),
    ("a command that is for something else", {"command": "convert", "paths": "a.json"}, ["a.json"], 2, "Error: No such option", None),
]


@pytest.mark.parametrize(("inputs", "files", "code", "said", "cases"), [case[1:] for case in RUNS], ids=[case[0] for case in RUNS])
def test_what_the_action_does_with_its_inputs(runner: Runner, inputs, files, code, said, cases) -> None:
    for name in files:
        (path := runner.workspace / name).parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(GOOD)
    before = sorted(runner.workspace.rglob("*"))
    found, text = runner.run(1, **inputs)
    assert (found, said in text) == (code, True), text
    assert sorted(runner.workspace.rglob("*")) == before
    assert cases is None or sorted(runner.junit()) == sorted(cases)


FAILS = [
    # command, a record, what is printed, what the page of the run has, the test cases
    ("validate", SAID_TRUE, f"::error file=a b.json,title=a b.json[0]%2C ctgov%3A invalid::{WRONG}\n1 record: 0 valid, 1 invalid; 1 error\n",
     "| a b.json\\[0\\] | ctgov | invalid | ", ["a b.json[0]: failure"]),
    ("roundtrip", {**NAMED, "odd": 1}, f"::error file=a b.json,title=NCT99999909%2C r4%3A different::{LOST}%0A  before 1%0A  after  (nothing)\n1 round trip of 1 record",
     "| a b.json\\[0\\] NCT99999909 | r4 | different | ", ["a b.json[0] NCT99999909: failure"]),
]


@pytest.mark.parametrize(("command", "record", "printed", "page", "cases"), FAILS, ids=[case[0] for case in FAILS])
def test_what_the_action_says_of_a_record_that_is_wrong(runner: Runner, command, record, printed, page, cases) -> None:
    (runner.workspace / "a b.json").write_text(json.dumps(record), encoding="utf-8")
    code, text = runner.run(1, command=command, paths="a b.json")
    assert (code, text[:len(printed)]) == (1, printed)
    assert page in runner.page.read_text(encoding="utf-8")
    assert runner.junit() == cases


# The examples of the guide, installed and run as others do

WRONGS = [
    # a record, what validate and roundtrip say of it, None where they have nothing to say
    (SAID_TRUE, WRONG, WRONG),
    ({**NAMED, "odd": 1}, None, LOST),
]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of somebody who has the project not here but at its address, in the version that the guide names."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for program in ("git", "bash"):
        if shutil.which(program) is None:
            pytest.skip(f"`{program}` is not here")
    probe = subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder / "probe", "hatchling"], capture_output=True, text=True)
    if probe.returncode:
        pytest.skip(f"PyPI does not give what an installation needs: {probe.stderr.strip().splitlines()[-1]}")
    cache = subprocess.run([sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    programs = [f"{sys.base_prefix}/bin", *(part for part in os.environ["PATH"].split(os.pathsep) if Path(part) != Path(sys.prefix) / "bin")]
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON", "VIRTUAL_ENV", "PRE_COMMIT"))}
    settings = {f"url.file://{folder}/trialbridge.insteadOf": ADDRESS, "user.name": "A", "user.email": "a@example.org", "init.defaultBranch": "main",
                "core.autocrlf": "false"}
    env = {**mine, "HOME": str(folder), "PATH": os.pathsep.join(programs), "PIP_CACHE_DIR": cache, "PRE_COMMIT_HOME": str(folder / "pre-commit"),
           "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": str(len(settings)),
           **{f"GIT_CONFIG_KEY_{n}": key for n, key in enumerate(settings)}, **{f"GIT_CONFIG_VALUE_{n}": value for n, value in enumerate(settings.values())}}
    # The files as they are now: what is not committed yet counts too.
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (to := folder / "trialbridge" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to)
    for command in (["init", "-q"], ["add", "--all"], ["commit", "-q", "-m", "As it is now"], ["tag", f"v{VERSION}"]):
        subprocess.run(["git", *command], cwd=folder / "trialbridge", env=env, check=True)
    return env


def records(folder: Path) -> Path:
    """A folder with a folder `records`: the samples, and one that has results."""
    shutil.copytree(ROOT / "samples" / "ctgov", folder / "records", dirs_exist_ok=True)
    (folder / "records" / "with results.json").write_text(json.dumps({**NAMED, "resultsSection": {"a": 1}}), encoding="utf-8")
    return folder


def run(script: str, folder: Path, env: dict[str, str], *shell: str) -> tuple[int, str]:
    """The exit code of a script and all that it prints."""
    done = subprocess.run([*(shell or ("sh", "-e")), "-c", script], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def counts(path: Path) -> tuple[int, int]:
    """The number of test cases, and of those that passed."""
    suite = ElementTree.parse(path).getroot()
    return len(suite), len([case for case in suite if case.find("failure") is None and case.find("error") is None])


@pytest.mark.ci
def test_the_workflow_of_the_guide(elsewhere: dict[str, str], tmp_path: Path) -> None:
    action = Path(elsewhere["HOME"]) / "trialbridge"
    runner = Runner(tmp_path, action, elsewhere)
    steps = [step for step in yaml(example("GitHub Actions"))["jobs"]["records"]["steps"] if step["uses"] == f"OWNER/trialbridge@v{VERSION}"]
    validate, roundtrip = (step["with"] for step in steps)
    records(runner.workspace)
    assert runner.run(0) == (0, "")
    for given, cases in ((validate, 11), (roundtrip, 33)):
        code, text = runner.run(1, **given)
        assert (code, [line for line in text.splitlines() if line.startswith("::")]) == (0, []), text
        assert len(runner.junit()) == cases
    for record, *said in WRONGS:
        (runner.workspace / "records" / "wrong.json").write_text(json.dumps(record), encoding="utf-8")
        for given, words in zip((validate, roundtrip), said, strict=True):
            code, text = runner.run(1, **given)
            assert (code, words is None or words in text) == (0 if words is None else 1, True), text


@pytest.mark.ci
def test_the_jobs_of_the_guide(elsewhere: dict[str, str], tmp_path: Path) -> None:
    base = yaml(TEMPLATE.read_text(encoding="utf-8"))[".trialbridge"]
    jobs = {name: job for name, job in yaml(example("GitLab CI")).items() if name != "include"}
    assert [job.pop("extends") for job in jobs.values()] == [".trialbridge"] * 2
    records(tmp_path)
    before = "\n".join(base["before_script"])
    for record, *said in ((None, None, None), *WRONGS):
        if record:
            (tmp_path / "records" / "wrong.json").write_text(json.dumps(record), encoding="utf-8")
        for (name, job), words in zip(jobs.items(), said, strict=True):
            code, text = run("\n".join([before, *job["script"]]), tmp_path, elsewhere)
            assert (code, words is None or words in text) == (0 if words is None else 1, True), text
            assert f"trialbridge-{name}.xml" in {path.name for path in tmp_path.glob(base["artifacts"]["reports"]["junit"])}
            before = ". .trialbridge/bin/activate"  # installed once will do
            cases = (11 + bool(record)) * (3 if name == "roundtrip" else 1)
            assert counts(tmp_path / f"trialbridge-{name}.xml") == (cases, cases if words is None else cases - (3 if name == "roundtrip" else 1))


@pytest.mark.ci
def test_the_shell_lines_of_the_guide(elsewhere: dict[str, str], tmp_path: Path) -> None:
    found = re.search(r"sh '''\n(.*?)'''", example("Jenkins, and any shell", "groovy"), re.DOTALL)
    assert found
    code, text = run(found[1], records(tmp_path), elsewhere, "sh", "-xe")
    assert code == 0, text
    assert {path.name: counts(path) for path in tmp_path.glob("trialbridge-*.xml")} == {
        "trialbridge-validate.xml": (11, 11), "trialbridge-roundtrip.xml": (33, 33)}
    installed = "\n".join(line for line in found[1].splitlines() if "pip install" not in line and "venv" not in line)
    for record, validate, roundtrip in WRONGS:
        (tmp_path / "records" / "wrong.json").write_text(json.dumps(record), encoding="utf-8")
        code, text = run(installed, tmp_path, elsewhere, "sh", "-xe")
        assert (code, (validate or roundtrip) in text) == (1, True), text


@pytest.mark.ci
def test_the_hooks_of_the_guide(elsewhere: dict[str, str], tmp_path: Path) -> None:
    """pre-commit itself runs them on commits: one of good records, and one of each that is wrong."""
    def git(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(["git", *arguments], cwd=tmp_path, env=elsewhere, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    (tmp_path / ".pre-commit-config.yaml").write_text(example("pre-commit"), encoding="utf-8")
    (tmp_path / "package.json").write_text('{"name": "no record"}', encoding="utf-8")
    records(tmp_path)
    assert git("init", "-q") == (0, "")
    subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=tmp_path, env=elsewhere, check=True, capture_output=True)
    assert git("add", "--all") == (0, "")
    code, text = git("commit", "-m", "Records")
    assert code == 0, text
    assert re.findall(r"^trialbridge (\w+)\.+(\w+)$", text, re.MULTILINE) == [("validate", "Passed"), ("roundtrip", "Passed")]
    for record, *said in WRONGS:
        (tmp_path / "records" / "wrong.json").write_text(json.dumps(record), encoding="utf-8")
        assert git("add", "--all") == (0, "")
        code, text = git("commit", "-m", "Wrong")
        assert code == 1
        assert re.findall(r"^trialbridge (\w+)\.+(\w+)$", text, re.MULTILINE) == [
            (name, "Passed" if words is None else "Failed") for name, words in zip(("validate", "roundtrip"), said, strict=True)]
        assert all(words in text for words in said if words), text
    assert git("rev-list", "--count", "HEAD") == (0, "1\n")

    # Without `files`, whatever is JSON or YAML is taken for a record.
    config = re.sub(r" +files: .*\n", "", example("pre-commit"))
    (tmp_path / ".pre-commit-config.yaml").write_text(config, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "pre_commit", "run", "trialbridge-validate", "--all-files"], cwd=tmp_path, env=elsewhere,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert sorted(re.findall(r"^(\S+)\[0\]  not read  invalid$", done.stdout, re.MULTILINE)) == [".pre-commit-config.yaml", "package.json"]
