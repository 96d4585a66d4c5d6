"""Whom we trust and whom we show ourselves to, on real connections."""

import ssl
from pathlib import Path
from types import SimpleNamespace

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, load_pem_private_key

from converter.problems import Problems
from mappings.push.http import Transport, Unanswered
from mappings.push.tls import context
from tests.push.seen import everything
from tests.push.token_server import TokenServer

PASSWORD = "pa55w0rd of the key"


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    """Two authorities; certificates of the server by the first, and of clients by both; as files."""
    folder = tmp_path_factory.mktemp("pki")
    ours, other = trustme.CA(), trustme.CA()

    def written(name: str, content: bytes, mode: int = 0o600) -> Path:
        path = folder / name
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def client(name: str, ca: trustme.CA) -> tuple[Path, Path, Path]:
        found = ca.issue_cert(f"{name}@hospital.example.org")
        chain, key = b"".join(blob.bytes() for blob in found.cert_chain_pems), found.private_key_pem.bytes()
        encrypted = load_pem_private_key(key, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSWORD.encode()))
        return written(f"{name}.pem", chain, 0o644), written(f"{name}.key", key), written(f"{name}.encrypted", encrypted)

    cert, key, encrypted = client("client", ours)
    stranger, stranger_key, _ = client("stranger", other)
    return SimpleNamespace(
        folder=folder, ours=ours, ca=written("ca.pem", ours.cert_pem.bytes(), 0o644), other_ca=written("other-ca.pem", other.cert_pem.bytes(), 0o644),
        cert=cert, key=key, encrypted=encrypted, stranger=stranger, stranger_key=stranger_key, written=written,
        both=written("both.pem", cert.read_bytes() + encrypted.read_bytes()), open=written("open.key", key.read_bytes(), 0o640))


def server_context(pki, name="127.0.0.1", demanding=False, oldest_only=False) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pki.ours.issue_cert(name).configure_cert(found)
    if demanding:
        found.verify_mode = ssl.CERT_REQUIRED
        pki.ours.configure_trust(found)
    if oldest_only:
        found.minimum_version = found.maximum_version = ssl.TLSVersion.TLSv1_1
        found.set_ciphers("DEFAULT@SECLEVEL=0")
    return found


@pytest.fixture(scope="module")
def server(pki):
    with TokenServer(server_context(pki)) as found:
        yield found


@pytest.fixture(scope="module")
def demanding(pki):
    with TokenServer(server_context(pki, demanding=True)) as found:
        yield found


def asked(server: TokenServer, tls: ssl.SSLContext) -> int:
    """The status of an answer."""
    return Transport(tls).exchange("GET", f"{server.url}/metadata", {}).status


def test_who_is_in_the_bundle_is_trusted_whether_file_or_folder(pki, server, tmp_path):
    (tmp_path / "README").write_text("no certificate")
    (tmp_path / "hospital.crt").write_bytes(b"Our own authority\n" + pki.ca.read_bytes())
    (tmp_path / "other.pem").write_bytes(pki.other_ca.read_bytes())
    assert [asked(server, context(bundle)) for bundle in (pki.ca, tmp_path)] == [401, 401]


@pytest.mark.parametrize("bundle", [None, "other-ca.pem"])
def test_who_is_not_trusted_gets_nothing(pki, server, bundle):
    before = len(server.requests)
    with pytest.raises(Unanswered, match="CERTIFICATE_VERIFY_FAILED") as refused:
        asked(server, context(bundle and pki.folder / bundle))
    assert (refused.value.sent, refused.value.final, len(server.requests)) == (False, True, before)


def test_the_system_is_trusted_unless_there_is_a_bundle(pki, server, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.ca))  # where OpenSSL finds the system's store
    assert asked(server, context()) == 401
    with pytest.raises(Unanswered):
        asked(server, context(pki.other_ca))


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_what_the_environment_says_of_trust_to_other_programs_changes_nothing(pki, server, monkeypatch, name):
    monkeypatch.setenv(name, str(pki.ca))
    with pytest.raises(Unanswered, match="CERTIFICATE_VERIFY_FAILED"):
        asked(server, context())
    monkeypatch.setenv(name, str(pki.other_ca))
    assert asked(server, context(pki.ca)) == 401


def test_the_secrets_of_connections_are_not_written_where_the_environment_says(pki, server, monkeypatch, tmp_path):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "log"))
    assert asked(server, context(pki.ca)) == 401
    assert not (tmp_path / "log").exists()


def test_a_certificate_for_another_host_is_refused(pki):
    with TokenServer(server_context(pki, "other.example.org")) as server, pytest.raises(Unanswered, match="IP address mismatch") as refused:
        asked(server, context(pki.ca))
    assert (refused.value.final, server.requests) == (True, [])


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_nothing_older_than_tls_1_2_is_spoken(pki):
    with TokenServer(server_context(pki, oldest_only=True)) as server:
        tls = context(pki.ca)
        tls.set_ciphers("DEFAULT@SECLEVEL=0")
        with pytest.raises(Unanswered):
            asked(server, tls)
        tls.minimum_version = ssl.TLSVersion.TLSv1_1
        assert asked(server, tls) == 401


SHOWN = [
    # what, the certificate, its key, the password
    ("a key of its own", "cert", "key", None),
    ("a key of its own, and a password of another", "cert", "key", PASSWORD),
    ("an encrypted key", "cert", "encrypted", PASSWORD),
    ("an encrypted key in the same file", "both", None, PASSWORD),
]


@pytest.mark.parametrize(("cert", "key", "password"), [case[1:] for case in SHOWN], ids=[case[0] for case in SHOWN])
def test_a_server_that_wants_a_certificate_is_shown_one(pki, demanding, cert, key, password):
    assert asked(demanding, context(pki.ca, getattr(pki, cert), key and getattr(pki, key), password)) == 401


@pytest.mark.parametrize(("cert", "key"), [(None, None), ("stranger", "stranger_key")])
def test_a_server_that_wants_a_certificate_answers_nobody_else(pki, demanding, cert, key):
    before = len(demanding.requests)
    with pytest.raises(Unanswered):
        asked(demanding, context(pki.ca, cert and getattr(pki, cert), key and getattr(pki, key)))
    assert len(demanding.requests) == before


ENCRYPTED = "is encrypted; set the environment variable TRIALBRIDGE_KEY_PASSWORD to its password"
WRONG = "the password in TRIALBRIDGE_KEY_PASSWORD does not open the key in"
REFUSED = [
    # what, the options, what is said
    ("no password", {"cert": "client.pem", "key": "client.encrypted"}, f"--key: the key in client.encrypted {ENCRYPTED}"),
    ("no password for a key in the same file", {"cert": "both.pem"}, f"--cert: the key in both.pem {ENCRYPTED}"),
    ("another password", {"cert": "client.pem", "key": "client.encrypted", "password": "an0ther-pa55"}, f"--key: {WRONG} client.encrypted"),
    ("an empty password", {"cert": "client.pem", "key": "client.encrypted", "password": ""}, f"--key: {WRONG} client.encrypted"),
    ("a key that others can read", {"cert": "client.pem", "key": "open.key"},
     "--key: others may read or change open.key (its mode is 0640); expected a file for its owner alone: chmod 600"),
    ("a key in a certificate that others can read", {"cert": "client.pem"},
     "--cert: others may read or change client.pem (its mode is 0644); expected a file for its owner alone: chmod 600"),
    ("the key of another", {"cert": "client.pem", "key": "stranger.key"}, "--key: the key in stranger.key is not that of the certificate in client.pem"),
    ("no key", {"cert": "client.pem", "key": "text"}, "--cert: found no certificate in client.pem, or no private key in text; expected both as PEM"),
    ("no certificate", {"cert": "text", "key": "client.key"}, "--cert: found no certificate in text, or no private key in client.key; expected both as PEM"),
    ("a key alone", {"key": "client.key"}, "--key: is the key of a certificate, and there is none; give --cert too"),
    ("a certificate that is missing", {"cert": "missing", "key": "client.key"}, "--cert: missing cannot be read: No such file or directory"),
    ("a key that is missing", {"cert": "client.pem", "key": "missing"}, "--key: missing cannot be read: No such file or directory"),
    ("a folder as a key", {"cert": "client.pem", "key": "empty"}, "--key: empty is neither a file nor a pipe; expected a file with a secret"),
    ("no authority", {"ca_bundle": "text"}, "--ca-bundle: found no certificate in text; expected certificates as PEM"),
    ("an empty folder of authorities", {"ca_bundle": "empty"}, "--ca-bundle: found no certificate in empty; expected certificates as PEM"),
    ("a folder with half an authority", {"ca_bundle": "half"}, "--ca-bundle: found no certificate in half/ca.pem; expected certificates as PEM"),
    ("authorities that are missing", {"ca_bundle": "missing"},
     "--ca-bundle: missing cannot be read: No such file or directory; expected a file or folder of certificates"),
]


@pytest.mark.parametrize(("options", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_cannot_be_used_is_refused_and_nothing_is_asked(pki, monkeypatch, options, message):
    monkeypatch.chdir(pki.folder)
    pki.written("text", b"no PEM")
    for name in ("empty", "half"):
        (pki.folder / name).mkdir(exist_ok=True)
    (pki.folder / "half" / "ca.pem").write_bytes(pki.ca.read_bytes()[:300])
    with pytest.raises(Problems) as refused:
        context(**{name: value if name == "password" else Path(value) for name, value in options.items()})
    assert str(refused.value) == message
    assert not [secret for secret in ("an0ther-pa55", *pki.key.read_text().split("\n")[1:3]) if secret in everything(refused.value)]
