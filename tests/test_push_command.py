"""The command push: what stands where, in which words, with which exit code."""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec import Struct

from converter.commands import trialbridge
from converter.commands.push import push
from converter.convert import convert
from converter.json_text import encode
from converter.pushed import Pushed
from mappings.push.outcomes import Outcome
from mappings.push.waiting import Clock
from tests.faults.answers import Answer, outcome, refusal, reply
from tests.faults.memory import MemoryServer
from tests.faults.scripted import Request, Scripted
from tests.push.transactions import study as transaction_study
from tests.push.transactions import transaction, update

USAGE = "Usage: trialbridge push [OPTIONS] INPUT...\nTry 'trialbridge push --help' for help.\n\nError: "
FORMATS = "'clinconnect_page', 'meddatax_page', 'ctgov', 'r4', 'r4b', 'r5', 'trial'"
SECRET = "s3cr3t-of-ours"


def study(number: int = 1, **members: Any) -> bytes:
    return encode({"protocolSection": {"identificationModule": {"nctId": f"NCT{number:08}", "briefTitle": "A trial"}}, **members})


def bundle(number: int = 1) -> bytes:
    found = convert(study(number), "r4").document
    assert found is not None
    return found


class Ran(Struct, frozen=True):
    """What a run of the program gave."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of --json."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `push` in a folder of its own, where `files` are; no wait takes time; seconds and rates are S and R."""
    monkeypatch.chdir(tmp_path)
    for name in ("TRIALBRIDGE_TOKEN", "TRIALBRIDGE_KEY_PASSWORD", "TRIALBRIDGE_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "no-authorities"))  # to read those of the system takes long
    real: Callable[[Clock, float], bool] = Clock.wait
    monkeypatch.setattr(Clock, "wait", lambda clock, seconds: real(clock, min(seconds, 0.001)))

    def run(arguments: str, server: Scripted | None = None, stdin: bytes = b"", env: dict[str, str] | None = None, **files: bytes) -> Ran:
        for name, content in files.items():
            path = Path(re.sub("_(?=[a-z]+$)", ".", name))
            path.write_bytes(content)
            path.chmod(0o600)
        given = ["push", *shlex.split(arguments), *(["--server", server.url] if server else [])]
        found = CliRunner().invoke(trialbridge, given, prog_name="trialbridge", input=io.BytesIO(stdin), env=env)
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return Ran(found.exit_code, found.stdout, re.sub(r"\d+\.\d s, [\d.]+ records/s", "S s, R records/s", found.stderr))

    return run


def posted(server: Scripted) -> list[Request]:
    return [one for one in server.requests if one.method != "GET"]


# What a person sees

def test_a_record_is_a_line_and_the_run_a_sentence(run: Run) -> None:
    with MemoryServer() as server:
        found = run("a.ndjson", server, a_ndjson=study(1) + b"\n" + study(2))
        assert found == Ran(0, "created   a.ndjson[0] NCT00000001  ResearchStudy/1/_history/1 PlanDefinition/2/_history/1 Group/3/_history/1\n"
                               "created   a.ndjson[1] NCT00000002  ResearchStudy/4/_history/1 PlanDefinition/5/_history/1 Group/6/_history/1\n",
                            "trialbridge: 2 records: 2 created, 0 updated, 0 unchanged, 0 failed, 0 unknown; S s, R records/s\n")
        assert run("a.ndjson -q --skip-unchanged", server) == Ran(0, "", "")
        again = run("a.ndjson --skip-unchanged", server)
        assert re.findall("^.{9}", again.out, re.MULTILINE) == ["unchanged", "unchanged"]
        assert again.err == "trialbridge: 2 records: 0 created, 0 updated, 2 unchanged, 0 failed, 0 unknown; S s, R records/s\n"


def test_what_failed_is_told_with_the_record_the_field_and_what_to_try(run: Run) -> None:
    said = outcome("Unknown code", "invalid")
    said["issue"][0]["expression"] = ["Bundle.entry[0].resource.title"]
    with MemoryServer(fault=lambda request: reply(422, said) if request.method == "POST" else None) as server:
        found = run("a.json", server, a_json=study())
    assert (found.code, found.out) == (1, "failed    a.json[0] NCT00000001\n")
    first, last = found.err.splitlines()
    assert first.startswith("trialbridge: a.json[0] NCT00000001: the field title: the server answered 422: Unknown code")
    assert last == "trialbridge: 1 record: 0 created, 0 updated, 0 unchanged, 1 failed, 0 unknown; S s, R records/s"


def test_of_many_that_failed_the_first_are_told_and_how_many(run: Run) -> None:
    with MemoryServer() as server:
        found = run("a.ndjson -q", server, a_ndjson=b"\n".join([b"nonsense"] * 25 + [study()]))
    lines = found.err.splitlines()
    assert (found.code, found.out, len(lines)) == (1, "", 21)
    assert lines[0] == "trialbridge: a.ndjson[0]: found 'nonsense'; expected one JSON object, a record"
    assert lines[-1] == "trialbridge: 25 of 26 records are not on the server; the first 20 are shown, --json gives all"


def test_loss_is_one_line_and_strict_refuses_the_record(run: Run) -> None:
    content = study(1) + b"\n" + study(2, resultsSection={"a": [1, 2]})
    with MemoryServer() as server:
        found = run("a.ndjson", server, a_ndjson=content)
        assert (found.code, found.err) == (0, "trialbridge: 1 record lost 2 values in the conversion; `trialbridge convert --report FILE` lists them\n"
                                              "trialbridge: 2 records: 2 created, 0 updated, 0 unchanged, 0 failed, 0 unknown; S s, R records/s\n")
    with MemoryServer() as server:
        found = run("a.ndjson --strict", server)
        assert (found.code, len(server.memory.all("ResearchStudy"))) == (1, 1)
        assert "trialbridge: a.ndjson[1] NCT00000002: would lose 2 values, and --strict refuses that\n" in found.err


def test_json_is_a_line_for_each_record_and_one_for_the_run(run: Run) -> None:
    with MemoryServer() as server:
        found = run("a.ndjson --json", server, a_ndjson=study(1, resultsSection={"a": [1, 2]}) + b"\nnonsense")
    *records, summary = found.lines
    one, two = sorted(records, key=lambda record: int(record["index"]))
    assert {**one, "seconds": 0} == {"source": "a.ndjson", "index": 0, "id": "NCT00000001", "status": "created", "lost": 2, "attempts": 1, "seconds": 0, "locations": [
        "ResearchStudy/1/_history/1", "PlanDefinition/2/_history/1", "Group/3/_history/1"]}
    assert {**two, "seconds": 0} == {"source": "a.ndjson", "index": 1, "id": None, "status": "failed", "cause": "refused", "seconds": 0, "problems": [
        {"path": "", "message": "found 'nonsense'; expected one JSON object, a record", "severity": "error"}]}
    assert {**summary["summary"], "seconds": 0} == {"created": 1, "updated": 0, "unchanged": 0, "failed": 1, "unknown": 0, "records": 2, "lost": 2, "seconds": 0, "complete": True,
                                                     "exit": 1}
    assert found.code == 1


def test_quiet_with_json_says_the_same_without_sentences(run: Run) -> None:
    with MemoryServer() as server:
        found = run("a.json --json -q", server, a_json=study())
    assert (len(found.lines), found.err) == (2, "")


def test_a_folder_s_other_files_are_told(run: Run) -> None:
    with MemoryServer() as server:
        found = run(". --journal push.journal", server, a_json=study(), b_txt=b"nothing of ours")
        again = run(". --journal push.journal --resume", server)
    for told in (found, again):
        assert told.err.splitlines()[:2] == ["trialbridge: ./push.journal: passed over as an input; the output or report goes there",
                                             "trialbridge: .: skipped 1 file that no format knows: b.txt"]
    assert re.findall("^.{9}", again.out, re.MULTILINE) == ["unchanged"]


@pytest.mark.parametrize(("arguments", "files"), [
    ("a.json", {"a_json": study()}), ("-", {}), ("a.json", {"a_json": bundle()}), ("a.yaml", {"a_yaml": b"source: ctgov\nid: NCT00000001\ntitle: A trial\n"}),
    ("a.json --from ctgov", {"a_json": study()}), (".", {"a_json": study()}),
])
def test_an_input_is_what_convert_takes_or_a_bundle(run: Run, arguments: str, files: dict[str, bytes]) -> None:
    with MemoryServer() as server:
        assert run(arguments, server, stdin=study(), **files).code == 0
        assert [one["identifier"][0]["value"] for one in server.memory.all("ResearchStudy")] == ["NCT00000001"]


@pytest.mark.parametrize(("server", "release", "written"), [("r4", "", "r4"), ("r4b", "", "r4b"), ("r5", "", "r5"), ("r5", "--release r5", "r5")])
def test_a_record_is_written_in_the_server_s_release(run: Run, server: str, release: str, written: str) -> None:
    with MemoryServer(server) as there:
        assert run(f"a.json {release}", there, a_json=study()).code == 0
        assert posted(there)[0].body == convert(study(), written).document


# Only looking

def test_the_preflight_is_a_table_and_nothing_is_sent(run: Run) -> None:
    with MemoryServer() as server:
        found = run("a.json --check --journal push.journal", server, a_json=study())
        assert (found.code, found.err, posted(server), Path("push.journal").exists()) == (0, "", [], False)
        assert found.out == """\
ok          server                        does not say what it is
ok          FHIR version                  4.0.1 (R4)
ok          ResearchStudy                 read, search, create, update
ok          ResearchStudy, conditional    update: yes; create: yes
ok          ResearchStudy by identifier   listed; found 0 by an identifier that nobody has
ok          PlanDefinition                read, search, create, update
ok          PlanDefinition, conditional   update: yes; create: yes
ok          PlanDefinition by identifier  listed; found 0 by an identifier that nobody has
ok          Group                         read, search, create, update
ok          Group, conditional            update: yes; create: yes
ok          Group by identifier           listed; found 0 by an identifier that nobody has
ok          transaction                   yes
ok          authorisation                 the server names nothing; in use: no credentials
"""
        assert run("--check", server).out == found.out


def test_the_preflight_for_programs_is_a_line_of_json(run: Run) -> None:
    with MemoryServer(conditions=False) as server:
        found = run("--check --json", server)
    [line] = found.lines
    assert (found.code, line["refused"], line["preflight"]["release"], line["preflight"]["version"]) == (3, True, "r4", "4.0.1")
    assert [one["subject"] for one in line["preflight"]["checks"] if one["status"] == "missing"] == [f"{kind}, conditional" for kind in ("ResearchStudy", "PlanDefinition", "Group")]


def test_what_the_preflight_refuses_is_shown_with_advice_though_it_was_not_asked_for(run: Run) -> None:
    with MemoryServer(conditions=False) as server:
        found = run("a.json", server, a_json=study())
        assert (found.code, posted(server)) == (3, [])
    assert "✗ missing   ResearchStudy, conditional    update: no; create: no\n" in found.out
    assert f"{'':<10}  {'':<28}  Use --strategy put-id or sequential\n" in found.out


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(run: Run) -> None:
    files = {"a_ndjson": study(1) + b"\nnonsense\n" + bundle(2) + b"\n" + study(1)}
    with MemoryServer() as server:
        found = run("a.ndjson --dry-run --journal push.journal --search-parameters --skip-unchanged --verify", server, **files)
        assert (found.code, posted(server), server.memory.all("SearchParameter")) == (1, [], [])
    assert sorted(path.name for path in Path().iterdir()) == ["a.ndjson"]
    first, second = bundle(1), bundle(2)
    assert found.out == (f"would send a.ndjson[0] NCT00000001  {len(first):,} bytes, sha256 {sha256(first).hexdigest()}\n"
                         "failed    a.ndjson[1]\n"
                         f"would send a.ndjson[2] NCT00000002  {len(second):,} bytes, sha256 {sha256(second).hexdigest()}\n"
                         "failed    a.ndjson[3] NCT00000001\n")
    assert found.err.splitlines()[0] == "trialbridge: a.ndjson[1]: found 'nonsense'; expected one JSON object, a record"
    assert "a.ndjson[0] has the same key" in found.err.splitlines()[1]
    assert found.err.splitlines()[-1] == "trialbridge: 4 records: 2 would be sent, 2 would not; S s, R records/s"


def test_a_dry_run_for_programs_is_json(run: Run) -> None:
    with MemoryServer() as server:
        found = run("a.json --dry-run --json", server, a_json=bundle())
    one, summary = found.lines
    assert one == {"source": "a.json", "index": 0, "id": "NCT00000001", "status": "would be sent", "bytes": len(bundle()), "sha256": sha256(bundle()).hexdigest()}
    assert (summary["summary"]["would be sent"], summary["summary"]["records"], summary["summary"]["exit"]) == (1, 1, 0)


def test_what_would_be_sent_is_what_is_sent(run: Run) -> None:
    files = {"a_json": study(), "b_json": bundle(2)}
    for strategy in ("conditional", "sequential"):
        with MemoryServer() as server:
            told = re.findall("sha256 ([0-9a-f]+)", run(f"a.json b.json --dry-run --strategy {strategy}", server, **files).out)
            run("a.json b.json --journal push.journal", server)
        assert told == list(dict.fromkeys(json.loads(line)["sha256"] for line in Path("push.journal").read_bytes().splitlines()))
        Path("push.journal").unlink()


# The search parameters

def test_search_parameters_are_loaded_first_and_may_be_loaded_alone(run: Run) -> None:
    def taken(request: Request) -> Answer | None:
        if request.method == "POST" and b"SearchParameter" in request.body:
            count = len(request.tree["entry"])
            return reply(200, {"resourceType": "Bundle", "type": "transaction-response",
                               "entry": [{"response": {"status": "201", "location": f"SearchParameter/{n}"}} for n in range(count)]})
        return None

    with MemoryServer(fault=taken) as server:
        alone = run("--search-parameters", server)
        assert (alone.code, alone.out, alone.err.splitlines()[0]) == (0, "", "trialbridge: search parameters: created")
        assert alone.err.splitlines()[1].startswith("trialbridge: the server took the search parameters, and does not list ")
        both = run("a.json --search-parameters", server, a_json=study())
        assert (both.code, both.err.splitlines()[0]) == (0, "trialbridge: search parameters: created")
        assert [b"SearchParameter" in one.body for one in posted(server)] == [True, True, False]


def test_where_they_are_not_taken_nothing_else_is_sent(run: Run) -> None:
    with MemoryServer(fault=lambda request: refusal(422, "not here") if request.method == "POST" else None) as server:
        found = run("a.json --search-parameters", server, a_json=study())
        assert (found.code, len(posted(server))) == (1, 1)
    assert found.err.splitlines()[0] == "trialbridge: search parameters: failed"
    assert found.err.splitlines()[1].startswith("trialbridge: search parameters: the server answered 422: not here")


# What cannot be meant

S = "--server http://127.0.0.1:9/fhir"
IS_NOT_USED = "is not used by --auth none; leave it out, or give --auth"
ADDRESS = "expected an address such as https://fhir.example.org/r4"
WRONG: list[tuple[str, str]] = [
    # what is given beside an input that is there, the whole of what is said
    ("a.json", "Missing option '--server'."),
    (f"{S}", "there is no INPUT; expected files, folders or -, or --check"),
    (f"missing.json {S}", "missing.json: there is no such file or folder"),
    (f"'' {S}", 'INPUT is ""; expected the name of a file or folder'),
    (f"- - {S}", "standard input (-) can be read once only"),
    (f"a.json {S} --criteria codes", "Invalid value for '--criteria': 'codes' is not one of 'coded', 'text'."),
    (f"a.json {S} --min-confidence 2", "Invalid value for '--min-confidence': 2.0 is not in the range 0<=x<=1."),
    ("a.json --server fhir.example.org", f"--server: found 'fhir.example.org'; {ADDRESS}"),
    ("a.json --server ''", f"--server: found ''; {ADDRESS}"),
    ("a.json --server https://fhir.example.org/r4/metadata", "--server: 'https://fhir.example.org/r4/metadata' is an address on the server; expected its base URL, perhaps "
     "https://fhir.example.org/r4"),
    ("a.json --server https://fhir.example.org/r4?a=b", "--server: found 'https://fhir.example.org/r4' with a query or fragment; expected the base URL of the server alone"),
    (f"a.json --server https://bob:{SECRET}@fhir.example.org/r4", "--server: found a user name or password in the address of fhir.example.org; leave it out: others see the command "
     "line. --auth basic takes them from a file"),
    ("a.json --server http://fhir.example.org/r4", "--server: http://fhir.example.org/r4 is not encrypted: anybody on the way could read and change what is sent; expected https. "
     "--allow-http sends it all the same"),
    (f"a.json {S} --from pdf", f"Invalid value for '--from': 'pdf' is not one of {FORMATS}."),
    (f"a.json {S} --release r3", "Invalid value for '--release': 'r3' is not one of 'r4', 'r4b', 'r5'."),
    (f"a.json {S} --strategy create", "Invalid value for '--strategy': 'create' is not one of 'conditional', 'put-id', 'sequential'."),
    (f"a.json {S} --extensions mine", "Invalid value for '--extensions': 'mine' is not one of 'hl7', 'own'."),
    (f"a.json {S} --journal a.json", "--journal names the input a.json, which would be written over; name another file"),
    (f"a.json {S} --journal missing/push.journal", "--journal missing/push.journal: there is no folder missing; make it first"),
    (f"a.json {S} --jobs 0", "Invalid value for '--jobs': 0 is not in the range 1<=x<=64."),
    (f"a.json {S} --jobs 65", "Invalid value for '--jobs': 65 is not in the range 1<=x<=64."),
    (f"a.json {S} --jobs many", "Invalid value for '--jobs': 'many' is not a valid integer range."),
    (f"a.json {S} --deadline 0", "Invalid value for '--deadline': 0.0 is not in the range x>0."),
    (f"a.json {S} --deadline -1", "Invalid value for '--deadline': -1.0 is not in the range x>0."),
    (f"a.json {S} --deadline soon", "Invalid value for '--deadline': 'soon' is not a valid float range."),
    (f"a.json {S} --auth digest", "Invalid value for '--auth': 'digest' is not one of 'none', 'basic', 'bearer', 'client-credentials', 'smart-backend'."),
    (f"a.json {S} --auth bearer", "--auth: bearer needs a token; expected --token-file, --token-command or the environment variable TRIALBRIDGE_TOKEN"),
    (f"a.json {S} --auth basic --token-file token", "--client-id: is needed by --auth basic, and is not given"),
    (f"a.json {S} --token-file token", f"--token-file: {IS_NOT_USED} basic or bearer or client-credentials"),
    (f"a.json {S} --auth bearer --token-file missing", "--token-file: missing cannot be read: No such file or directory; expected a file with a secret"),
    (f"a.json {S} --auth bearer --token-command false", "--token-command: 'false' failed with exit code 1; expected a command that prints a secret"),
    (f"a.json {S} --auth bearer --token-file token --token-command 'cat token'", "--token-command: is given with --token-file; expected one of the two"),
    (f"a.json {S} --client-id bob", f"--client-id: {IS_NOT_USED} basic or client-credentials or smart-backend"),
    (f"a.json {S} --key token", "--key: is the key of a certificate, and there is none; give --cert too"),
    (f"a.json {S} --auth smart-backend --client-id bob", "--key: is needed by --auth smart-backend, and is not given"),
    (f"a.json {S} --token-url https://a.example.org/token", f"--token-url: {IS_NOT_USED} client-credentials or smart-backend"),
    (f"a.json {S} --auth client-credentials --client-id bob --token-file token --token-url a", f"--token-url: found 'a'; {ADDRESS}"),
    (f"a.json {S} --scope x", f"--scope: {IS_NOT_USED} client-credentials or smart-backend"),
    (f"a.json {S} --cert missing", "--cert: missing cannot be read: No such file or directory"),
    (f"a.json {S} --ca-bundle missing", "--ca-bundle: missing cannot be read: No such file or directory; expected a file or folder of certificates"),
    (f"a.json {S} --ca-bundle token", "--ca-bundle: found no certificate in token; expected certificates as PEM"),
    (f"a.json {S} --proxy proxy.example.org:3128", f"--proxy: found 'proxy.example.org:3128'; {ADDRESS}"),
    (f"a.json {S} --proxy http://bob:{SECRET}@proxy.example.org", "--proxy has a user or password in it, which others see; put the address into TRIALBRIDGE_PROXY"),
    (f"a.json {S} --header-file missing", "--header-file: missing cannot be read: No such file or directory; expected a file with a secret"),
    (f"a.json {S} --header-file token", "--header-file: line 1 of token is no header; expected Name: value"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[f"{n}: {arguments[-50:]}" for n, (arguments, _) in enumerate(WRONG)])
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(run: Run, arguments: str, said: str) -> None:
    assert run(arguments, a_json=study(), token=SECRET.encode()) == Ran(2, "", f"{USAGE}{said}\n")


def test_every_option_with_a_value_is_given_a_wrong_one() -> None:
    wrong = " ".join(arguments for arguments, _ in WRONG)
    with_a_value = {option.opts[0] for option in push.params if option.opts[0].startswith("--") and not getattr(option, "is_flag", False)}
    assert {name for name in with_a_value if f"{name} " not in wrong} == set()


RESUME = "--resume: there is no journal to go on with; name one (--journal FILE)"


@pytest.mark.parametrize("more", ["", "--dry-run", "--check"])
def test_to_go_on_needs_a_journal_whatever_is_done(run: Run, more: str) -> None:
    with MemoryServer() as server:
        assert run(f"a.json --resume {more}", server, a_json=study()) == Ran(2, "", f"{USAGE}{RESUME}\n")
        assert server.requests == []


@pytest.mark.parametrize(("content", "said"), [
    (bundle() + b"\n", "--journal: push.journal: line 1 is none of a journal; name another file"), (None, "--journal: push.journal: Is a directory; name another file")])
def test_a_journal_that_is_something_else_is_left_as_it_is(run: Run, content: bytes | None, said: str) -> None:
    Path("push.journal").write_bytes(content) if content else Path("push.journal").mkdir()
    with MemoryServer() as server:
        assert run("a.json --journal push.journal", server, a_json=study()) == Ran(2, "", f"{USAGE}{said}\n")
        assert posted(server) == []
    assert content is None or Path("push.journal").read_bytes() == content


def test_a_password_of_a_proxy_may_come_from_the_environment_and_is_not_told(run: Run) -> None:
    with Scripted([refusal(503, f"no {SECRET}")]) as proxy:
        found = run("a.json --server http://127.0.0.1:9/fhir", env={"TRIALBRIDGE_PROXY": f"http://bob:{SECRET}@{proxy.origin[7:]}"}, a_json=study())
        assert found.code == 5 and len(proxy.requests) > 0
        wrong = run("a.json --server http://127.0.0.1:9/fhir", env={"TRIALBRIDGE_PROXY": f"bob:{SECRET}@{proxy.origin[7:]}"})
        assert wrong.code == 2
    assert SECRET not in found.out + found.err + wrong.out + wrong.err


def test_a_secret_may_come_from_the_environment(run: Run) -> None:
    with MemoryServer(tokens=[SECRET]) as server:
        found = run("a.json --auth bearer --json", server, env={"TRIALBRIDGE_TOKEN": SECRET}, a_json=study())
    assert found.code == 0 and SECRET not in found.out + found.err


# Exit codes

def failing(status: int, text: str, **headers: str) -> Callable[[Request], Answer | None]:
    """A server on which every write fails."""
    return lambda request: refusal(status, text, **headers) if request.method == "POST" else None


def unauthorised(request: Request) -> Answer:
    return Answer(401, headers={"WWW-Authenticate": "Bearer"})


CODES_OF: list[tuple[str, Callable[[], Scripted], str, dict[str, bytes], int]] = [
    # what, the server, the arguments, the files, the exit code
    ("done", MemoryServer, "a.json", {"a_json": study()}, 0),
    ("nothing to do", MemoryServer, "a.ndjson", {"a_ndjson": study() + b"\n"}, 0),
    ("an empty input", MemoryServer, "a.json", {"a_json": b""}, 1),
    ("a record that does not convert", MemoryServer, "a.json", {"a_json": b"nonsense"}, 1),
    ("a record that is not valid", MemoryServer, "a.json", {"a_json": bundle().replace(b'"active"', b'"bogus"').replace(b'"status":"', b'"status":"x')}, 1),
    ("a record that the server refuses", lambda: MemoryServer(fault=failing(422, "no")), "a.json", {"a_json": study()}, 1),
    ("one of two that the server refuses", lambda: MemoryServer(fault=lambda request: refusal(422, "no") if b"NCT00000002" in request.body else None), "a.ndjson",
     {"a_ndjson": study(1) + b"\n" + study(2) + b"\n" + study(3)}, 1),
    ("a server without transactions", lambda: MemoryServer(fault=failing(405, "no")), "a.json", {"a_json": study()}, 1),
    ("a server that will not do", lambda: MemoryServer(types=("Patient",)), "a.json", {"a_json": study()}, 3),
    ("another release", MemoryServer, "a.json --release r5", {"a_json": study()}, 3),
    ("a Bundle of another release", lambda: MemoryServer("r5"), "a.json", {"a_json": transaction(update(transaction_study("A", arm=[{"name": "x"}])))}, 3),
    ("no CapabilityStatement", lambda: Scripted([Answer(200, b"<html></html>")]), "a.json", {"a_json": study()}, 3),
    ("a check that fails", lambda: MemoryServer(types=("Patient",)), "--check", {}, 3),
    ("no credentials", lambda: Scripted(unauthorised), "a.json", {"a_json": study()}, 4),
    ("no credentials for a check", lambda: Scripted(unauthorised), "--check", {}, 4),
    ("credentials that are not taken", lambda: MemoryServer(tokens=["another"]), "a.json --auth bearer --token-file token", {"a_json": study(), "token": b"x-token"}, 4),
    ("not allowed", lambda: MemoryServer(fault=failing(403, "no")), "a.json", {"a_json": study()}, 4),
    ("no answer", lambda: Scripted([Answer(0, ends="close")]), "a.json", {"a_json": study()}, 5),
    ("never time", lambda: MemoryServer(fault=failing(503, "later", Retry_After="1")), "a.json", {"a_json": study()}, 5),
    ("no time", MemoryServer, "a.json --deadline 0.000001", {"a_json": study()}, 5),
]


@pytest.mark.parametrize(("server", "arguments", "files", "code"), [case[1:] for case in CODES_OF], ids=[case[0] for case in CODES_OF])
def test_the_exit_code_says_what_is_to_be_done(run: Run, server: Callable[[], Scripted], arguments: str, files: dict[str, bytes], code: int) -> None:
    with server() as there:
        found = run(arguments, there, **files)
    assert found.code == code, found.err
    assert code == 0 or found.err or found.out


# The end

def test_a_run_that_ends_early_says_so_and_how_to_go_on(run: Run) -> None:
    files = {"a_ndjson": b"\n".join(map(study, range(20)))}
    with MemoryServer(fault=failing(405, "no transactions here")) as server:
        found = run("a.ndjson --journal push.journal --json", server, **files)
        assert (found.code, len(posted(server)), found.lines[-1]["summary"]["complete"]) == (1, 1, False)
    assert "trialbridge: the run ended before its input did, since every other record would have fared the same; --journal push.journal --resume goes on\n" in found.err
    with MemoryServer(fault=failing(405, "no transactions here")) as server:
        found = run("a.ndjson", server)
    assert "since every other record would have fared the same; with --journal FILE, --resume could go on\n" in found.err


def test_a_journal_that_cannot_be_written_any_more_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with MemoryServer() as server:
        found = run("a.ndjson --journal push.journal", server, a_ndjson=study(1) + b"\n" + study(2))
        assert (found.code, posted(server)) == (5, [])
    assert "cannot write push.journal: No space left on device" in found.err


def test_whoever_interrupts_is_told_what_is_not_known(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Outcome] = []
    real: Callable[[Pushed, Outcome], None] = Pushed.tell

    def tell(pushed: Pushed, one: Outcome) -> None:
        real(pushed, one)
        told.append(one)
        raise KeyboardInterrupt

    monkeypatch.setattr(Pushed, "tell", tell)
    with MemoryServer() as server:
        found = run("a.ndjson --journal push.journal --json", server, a_ndjson=b"\n".join(map(study, range(20))))
    assert (found.code, len(told), found.lines[-1]["summary"]["complete"]) == (5, 1, False)
    assert re.search(r"trialbridge: interrupted.*; --journal push.journal --resume goes on\n", found.err)


# Help

def test_help_names_every_option_the_secrets_and_the_exit_codes(run: Run) -> None:
    found = run("--help")
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith("Usage: trialbridge push [OPTIONS] INPUT...\n\n  Push records to a FHIR server, once and whole, whatever happens on the way.\n")
    for option in push.params:
        for name in option.opts:
            assert not name.startswith("-") or re.search(rf"{name}\b", found.out), name
    for said in ("TRIALBRIDGE_TOKEN", "TRIALBRIDGE_KEY_PASSWORD", "Exit codes: 0 done;", "trialbridge push --server https://fhir.example.org/r4 --check"):
        assert said in found.out
    assert "  push " in CliRunner().invoke(trialbridge, ["--help"]).stdout


@pytest.mark.parametrize("name", ["password", "token", "secret", "client-secret"])
def test_no_option_takes_a_secret_itself(run: Run, name: str) -> None:
    assert run(f"a.json {S} --{name} {SECRET}", a_json=study()).code == 2
