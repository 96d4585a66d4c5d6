"""Where secrets are read from, what is refused there, and that nobody sees them."""

import json
import os
import sys
import threading
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from converter.problems import Problems
from mappings.push import secrets
from mappings.push.secrets import LARGEST, MASK, Redactor, header_file, key_password, secret_command, secret_file, source
from tests.push.seen import everything

SECRET = "s3cr3t/t0ken+of=ours"


def private(path: Path, content: bytes | str, mode: int = 0o600) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


@pytest.mark.parametrize(("content", "text"), [
    ("abc", "abc"), ("abc\n", "abc"), ("abc\r\n", "abc"), ("abc\n\n", "abc\n"), (" abc ", " abc "), ("\ufeffabc\n", "abc"), ("ä\nb\n", "ä\nb"),
    (b"x" * LARGEST, "x" * LARGEST),
])
def test_a_file_gives_its_text_without_the_line_end_at_its_end(tmp_path, content, text):
    assert secret_file(private(tmp_path / "a", content), "--token-file") == text
    assert secret_file(private(tmp_path / "b", content, 0o400), "--token-file") == text


def test_a_pipe_gives_its_text_whatever_its_mode(tmp_path):
    read, write = os.pipe()
    os.write(write, b"abc\n")
    os.close(write)
    assert secret_file(Path(f"/dev/fd/{read}"), "--token-file") == "abc"
    os.close(read)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "fifo").chmod(0o666)
    writing = threading.Thread(target=(tmp_path / "fifo").write_bytes, args=(b"abc\n",))
    writing.start()
    assert secret_file(tmp_path / "fifo", "--token-file") == "abc"
    writing.join()


OPEN_TO_OTHERS = "--key: others may read or change {path} (its mode is {mode}); expected a file for its owner alone: chmod 600"
REFUSED_FILES = [
    # what, its content, its mode, what is said
    ("readable by the group", SECRET, 0o640, OPEN_TO_OTHERS.replace("{mode}", "0640")),
    ("readable by all", SECRET, 0o644, OPEN_TO_OTHERS.replace("{mode}", "0644")),
    ("writable by others", SECRET, 0o602, OPEN_TO_OTHERS.replace("{mode}", "0602")),
    ("empty", "", 0o600, "--key: found nothing in {path}; expected a secret"),
    ("blank", " \n\n", 0o600, "--key: found nothing in {path}; expected a secret"),
    ("too large", SECRET * LARGEST, 0o600, "--key: found more than 64 KiB in {path}; expected a secret"),
    ("Latin-1", SECRET.encode() + b"\xe9", 0o600, "--key: found bytes in {path} that are not UTF-8; expected a secret as text"),
]


@pytest.mark.parametrize(("content", "mode", "message"), [case[1:] for case in REFUSED_FILES], ids=[case[0] for case in REFUSED_FILES])
def test_what_is_no_secret_file_is_refused(tmp_path, content, mode, message):
    path = private(tmp_path / "key", content, mode)
    with pytest.raises(Problems) as refused:
        secret_file(path, "--key")
    assert str(refused.value) == message.replace("{path}", str(path))
    assert SECRET not in everything(refused.value)


@pytest.mark.parametrize(("name", "message"), [
    ("missing", "--key: {path} cannot be read: No such file or directory; expected a file with a secret"),
    (".", "--key: {path} cannot be read: Is a directory; expected a file with a secret"),
    ("/dev/null", "--key: {path} is neither a file nor a pipe; expected a file with a secret"),
])
def test_what_is_no_file_is_refused(tmp_path, name, message):
    path = tmp_path / name
    with pytest.raises(Problems) as refused:
        secret_file(path, "--key")
    assert str(refused.value) == message.replace("{path}", str(path))


PYTHON = f"'{sys.executable}'"


@pytest.mark.parametrize(("command", "text"), [
    (f"{PYTHON} -c 'print(\"abc\")'", "abc"),
    ("printf 'a  b'", "a  b"),
    ("echo $HOME; echo `id` | cat", "$HOME; echo `id` | cat"),
])
def test_a_command_gives_what_it_prints_and_no_shell_reads_it(command, text):
    assert secret_command(command, "--token-command") == text


def test_a_command_reads_nothing_of_our_input():
    ours = os.dup(0)
    read, write = os.pipe()
    os.write(write, b"an input of ours")
    os.close(write)
    os.dup2(read, 0)
    try:
        assert secret_command(f"{PYTHON} -c 'import sys; print(len(sys.stdin.read()))'", "--token-command") == "0"
    finally:
        os.dup2(ours, 0)
        os.close(read)
        os.close(ours)


def test_the_person_sees_what_a_command_prints_as_errors(capfd):
    assert secret_command(f"{PYTHON} -c 'import sys; print(\"abc\"); print(\"touch the key\", file=sys.stderr)'", "--token-command") == "abc"
    assert capfd.readouterr() == ("", "touch the key\n")


WANTED = "expected a command that prints a secret"
REFUSED_COMMANDS = [
    # what, the command, what is said
    ("it fails", f"sh -c 'echo {SECRET}; exit 3'", f"'sh' failed with exit code 3; {WANTED}"),
    ("there is none", f"no-such-program {SECRET}", f"'no-such-program' cannot be started: No such file or directory; {WANTED}"),
    ("it prints nothing", f"true {SECRET}", "found nothing in what 'true' printed; expected a secret"),
    ("it prints no text", f"printf '{SECRET}\\377'", "found bytes in what 'printf' printed that are not UTF-8; expected a secret as text"),
    ("it prints too much", "head -c 70000 /dev/zero", "found more than 64 KiB in what 'head' printed; expected a secret"),
    ("it does not end", f"sh -c 'echo {SECRET}; exec sleep 30'", f"'sh' printed no secret within 1 s; {WANTED}"),
    ("it is empty", " ", "found nothing; expected a command and its arguments"),
    ("a quotation does not end", f"echo '{SECRET}", "cannot be taken apart into words: No closing quotation; expected a command and its arguments"),
]


@pytest.mark.parametrize(("command", "message"), [case[1:] for case in REFUSED_COMMANDS], ids=[case[0] for case in REFUSED_COMMANDS])
def test_a_command_that_gives_no_secret_is_refused_and_its_output_is_not_shown(monkeypatch, command, message):
    if "sleep" in command:
        monkeypatch.setattr(secrets, "PATIENCE", 1.0)
    with pytest.raises(Problems) as refused:
        secret_command(command, "--token-command")
    assert str(refused.value) == f"--token-command: {message}"
    assert SECRET not in everything(refused.value)


@pytest.mark.parametrize(("file", "command", "environ", "found", "place"), [
    ("of a file", "echo of a command", {"TRIALBRIDGE_TOKEN": "of the environment"}, "of a file", "from a file"),
    (None, "echo of a command", {"TRIALBRIDGE_TOKEN": "of the environment"}, "of a command", "from a command"),
    (None, None, {"TRIALBRIDGE_TOKEN": "of the environment"}, "of the environment", "from the environment"),
])
def test_a_file_comes_before_a_command_and_both_before_the_environment(tmp_path, file, command, environ, found, place):
    secret = source(private(tmp_path / "a", file) if file else None, command, environ)
    assert secret and (secret.read(), secret.place) == (found, place)


@pytest.mark.parametrize("environ", [{}, {"TRIALBRIDGE_TOKEN": "", "TRIALBRIDGE_KEY_PASSWORD": ""}])
def test_what_is_empty_in_the_environment_is_not_there(environ):
    assert source(None, None, environ) is None
    assert key_password(environ) is None


def test_headers_are_read_from_a_file(tmp_path):
    path = private(tmp_path / "h", f"# for the gateway\n\nX-Api-Key:  {SECRET} \r\nCookie: a=b; c=\"d:e\"\nauthorization: Token {SECRET}x\nX-A: 1\n")
    redactor = Redactor()
    assert header_file(path, "none", redactor) == {
        "X-Api-Key": SECRET, "Cookie": 'a=b; c="d:e"', "authorization": f"Token {SECRET}x", "X-A": "1"}
    assert redactor.clean(f"{SECRET} Token {SECRET}x {SECRET}x 1") == f"{MASK} {MASK} {MASK} 1"


REFUSED_HEADERS = [
    # a line, what is said
    (SECRET, "is no header; expected Name: value"),
    (f": {SECRET}", "is no header; expected Name: value"),
    ("X-Key:", "is no header; expected Name: value"),
    (f"X Key: {SECRET}", "is no header; expected Name: value"),
    (f" X-Key: {SECRET}", "is no header; expected Name: value"),
    (f"X-Kéy: {SECRET}", "is no header; expected Name: value"),
    (f"X-Key: {SECRET}\rHost: x", "gives X-Key a value with characters that a header cannot have; expected ASCII without control characters"),
    (f"X-Key: {SECRET}\x00", "gives X-Key a value with characters that a header cannot have; expected ASCII without control characters"),
    (f"X-Key: {SECRET}é", "gives X-Key a value with characters that a header cannot have; expected ASCII without control characters"),
    (f"x-first: {SECRET}", "gives x-first again; expected each header once"),
    ("Host: example.org", "gives Host, which is set for each request by what is sent; leave it out"),
    ("content-length: 5", "gives content-length, which is set for each request by what is sent; leave it out"),
    ("Content-Type: text/plain", "gives Content-Type, which is set for each request by what is sent; leave it out"),
    ("ACCEPT: */*", "gives ACCEPT, which is set for each request by what is sent; leave it out"),
    ("Transfer-Encoding: chunked", "gives Transfer-Encoding, which is set for each request by what is sent; leave it out"),
    (f"Authorization: {SECRET}", "gives Authorization, which --auth bearer sets; leave one of the two out"),
]


@pytest.mark.parametrize(("line", "message"), REFUSED_HEADERS)
def test_a_header_that_cannot_be_sent_is_refused_without_its_value(tmp_path, line, message):
    path = private(tmp_path / "h", f"X-First: 1\n{line}\n")
    with pytest.raises(Problems) as refused:
        header_file(path, "bearer", Redactor())
    assert str(refused.value) == f"--header-file: line 2 of {path} {message}"
    assert SECRET not in everything(refused.value)


def test_a_file_of_headers_is_for_its_owner_alone(tmp_path):
    with pytest.raises(Problems, match=r"--header-file: others may read or change"):
        header_file(private(tmp_path / "h", "X-A: 1", 0o644), "none", Redactor())


@pytest.mark.parametrize(("text", "shown"), [
    ("a {}.", "a [secret]."),
    ("{}{}", "[secret][secret]"),
    ("none", "none"),
    ('{"password": "abc"}', '{"password": "abc"}'),
    ("a longer one: {}-and-more", "a longer one: [secret]"),
])
def test_secrets_are_masked(text, shown):
    redactor = Redactor()
    for secret in (SECRET, f"{SECRET}-and-more", "abc", ""):
        redactor.add(secret)
    assert redactor.clean(text.replace("{}", SECRET)) == shown


@pytest.mark.parametrize("secret", ['a"quoted\\one', "with blank & sign", "mit Umlaut ä", "half \ud800 character"])
@pytest.mark.parametrize("form", [str, json.dumps, lambda text: json.dumps(text, ensure_ascii=False), lambda text: quote_plus(text, errors="replace")])
def test_secrets_are_masked_as_they_stand_in_json_and_in_forms(secret, form):
    redactor = Redactor()
    redactor.add(secret)
    assert redactor.clean(form(secret)).strip('"') == MASK


def test_secrets_are_masked_in_what_a_server_repeats():
    redactor = Redactor()
    redactor.add("s€cret")
    assert redactor.clean_bytes(b"\xff" + "s€cret".encode()) == b"\xff[secret]"
    assert redactor.clean_headers({"location": "/a?b=s%E2%82%ACcret", "etag": "1"}) == {"location": "/a?b=[secret]", "etag": "1"}


def test_threads_share_a_redactor():
    redactor, found = Redactor(), [f"secret number {n}." for n in range(400)]

    def add(part: list[str]) -> None:
        for secret in part:
            redactor.add(secret)
    threads = [threading.Thread(target=add, args=(found[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert redactor.clean("\n".join(found)) == "\n".join([MASK] * 400)
    assert not [secret for secret in found if secret in repr(redactor)]
