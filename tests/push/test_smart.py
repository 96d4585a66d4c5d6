"""Who signs for himself: which keys can, and what a token endpoint that enforces SMART's rules takes."""

import json
from pathlib import Path

import jwt
import pytest
from jwt.algorithms import ECAlgorithm

from converter.problems import Problems
from mappings.push.credentials import Unauthorised
from mappings.push.secrets import MASK, Redactor
from mappings.push.smart import thumbprint
from tests.push.identities import CLIENT, CRUS, PASSWORD, asking, jwk, made, pem, private, public_thumbprint, smart, written
from tests.push.seen import everything
from tests.push.token_server import TokenServer


@pytest.fixture
def server():
    with TokenServer() as found:
        yield found


EXPECTED_KEY = "expected a private key as PEM or JWK: RSA of 2048 bits or more, or EC on the curve P-384"
NO_KEY = f"found no private key in key; {EXPECTED_KEY}"
ANOTHER_KEY = f"found another key in key; {EXPECTED_KEY}"
KEYS = [
    # what, the file, the password, what is said
    ("RSA of 1024 bits", lambda: pem("RSA 1024"), None, ANOTHER_KEY),
    ("EC on P-256", lambda: pem("EC P-256"), None, ANOTHER_KEY),
    ("Ed25519", lambda: pem("Ed25519"), None, ANOTHER_KEY),
    ("a JWK with RSA of 1024 bits", lambda: jwk("RSA 1024"), None, ANOTHER_KEY),
    ("a JWK with EC on P-256", lambda: jwk("EC P-256"), None, ANOTHER_KEY),
    ("a JWK for another algorithm", lambda: jwk("RSA", alg="RS256"), None, "the key in key is meant for 'RS256'; expected one for RS384"),
    ("a set of keys", lambda: json.dumps({"keys": [json.loads(jwk("EC"))]}), None,
     "found a set of keys in key; expected one of them alone, the private key that signs"),
    ("a JWK of a public key", lambda: json.dumps(ECAlgorithm.to_jwk(private("EC").public_key(), as_dict=True)), None, NO_KEY),
    ("a JWK of a secret", lambda: json.dumps({"kty": "oct", "k": "c2VjcmV0", "d": "x"}), None, NO_KEY),
    ("a JWK whose parts do not fit", lambda: jwk("EC", x="AAAA"), None, NO_KEY),
    ("a JWK with another type of kty", lambda: jwk("EC", kty=["EC"]), None, NO_KEY),
    ("half a JWK", lambda: jwk("EC")[:80], None, NO_KEY),
    ("half a PEM", lambda: pem("EC")[:80], None, NO_KEY),
    ("another text", lambda: "secret", None, NO_KEY),
    ("no password", lambda: pem("EC", PASSWORD), None, "the key in key is encrypted; set the environment variable TRIALBRIDGE_KEY_PASSWORD to its password"),
    ("another password", lambda: pem("EC", PASSWORD), "an0ther-pa55", "the password in TRIALBRIDGE_KEY_PASSWORD does not open the key in key"),
]


@pytest.mark.parametrize(("content", "password", "message"), [case[1:] for case in KEYS], ids=[case[0] for case in KEYS])
def test_a_key_that_cannot_sign_is_refused(tmp_path, monkeypatch, content, password, message):
    monkeypatch.chdir(tmp_path)
    text = content()
    written(tmp_path / "key", text)
    with pytest.raises(Problems) as refused:
        made("smart-backend", client_id="a", key=Path("key"), environ={"TRIALBRIDGE_KEY_PASSWORD": password} if password else {})
    assert str(refused.value) == f"--key: {message}"
    seen, lines = everything(refused.value), (text if isinstance(text, str) else text.decode()).splitlines()
    assert not [part for part in (PASSWORD, "an0ther-pa55", json.loads(jwk("EC"))["d"], *(line for line in lines if len(line) > 20)) if part in seen]


def test_a_key_that_others_can_read_is_refused(tmp_path):
    with pytest.raises(Problems, match=r"--key: others may read or change .*chmod 600"):
        made("smart-backend", client_id="a", key=written(tmp_path / "key", pem("EC"), 0o644))


SIGNED = [
    # what, the key's file, its password, the kind of key, the kid
    ("RSA as PEM", lambda: pem("RSA"), "", "RSA", None),
    ("EC as PEM", lambda: pem("EC"), "", "EC", None),
    ("EC as PEM, and a password of another", lambda: pem("EC"), PASSWORD, "EC", None),
    ("RSA as PEM, encrypted", lambda: pem("RSA", PASSWORD), PASSWORD, "RSA", None),
    ("EC as PEM, encrypted", lambda: pem("EC", PASSWORD), PASSWORD, "EC", None),
    ("RSA as JWK", lambda: jwk("RSA", kid="key 1"), "", "RSA", "key 1"),
    ("EC as JWK", lambda: jwk("EC", kid="key 1", alg="ES384", key_ops=["sign"]), "", "EC", "key 1"),
    ("a JWK without kid", lambda: jwk("RSA"), "", "RSA", None),
    ("a JWK whose kid is no text", lambda: jwk("EC", kid=5), "", "EC", None),
]


@pytest.mark.parametrize(("content", "password", "kind", "kid"), [case[1:] for case in SIGNED], ids=[case[0] for case in SIGNED])
def test_a_signed_assertion_is_exchanged_for_a_token(server, tmp_path, content, password, kind, kid):
    server.keys[CLIENT, kid or public_thumbprint(kind)] = private(kind).public_key()
    redactor = Redactor()
    found = made("smart-backend", server.url, {"TRIALBRIDGE_KEY_PASSWORD": password}, redactor, client_id=CLIENT, key=written(tmp_path / "key", content()))
    assert asking(server, found).ask("GET", "metadata").status == 200
    assert found.scopes == tuple(CRUS.split())
    assert found.described() == f"SMART Backend Services, {'RS' if kind == 'RSA' else 'ES'}384, client bridge & co, token endpoint {server.token_url}"
    assert [request.path for request in server.requests] == ["/fhir/.well-known/smart-configuration", "/token", "/fhir/metadata"]
    form = server.asked("/token")[0].form
    assert set(form) == {"grant_type", "scope", "client_assertion_type", "client_assertion"}
    claims = jwt.decode(form["client_assertion"], options={"verify_signature": False})
    assert set(claims) == {"iss", "sub", "aud", "exp", "jti"}
    assert redactor.clean(f"{form['client_assertion']} {password}").split() == [MASK] * (2 if password else 1)


def test_the_thumbprint_is_that_of_the_specification():
    """The example of RFC 7638, section 3.1."""
    modulus = ("0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXA"
               "rwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lF"
               "d2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw")
    assert thumbprint({"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_every_request_for_a_token_has_an_assertion_of_its_own(server, tmp_path):
    server.script = [(200, {}, json.dumps({"token_endpoint": server.token_url}).encode()), (503, {}, b""), None]
    found = smart(server, tmp_path)
    found.headers()
    assertions = [request.form["client_assertion"] for request in server.asked("/token")]
    assert len(set(assertions)) == 3 and len(server.granted) == 1


def test_the_least_that_is_needed_is_asked_for(server, tmp_path):
    asked = []
    for options, configuration in (
        ({}, {}), ({}, {"capabilities": ["permission-v1", "permission-v2"]}), ({}, {"capabilities": ["permission-v1", 5]}), ({}, {"capabilities": "permission-v1"}),
        ({"kinds": ("ResearchStudy", "SearchParameter")}, {}), ({"scope": "system/*.*"}, {"capabilities": ["permission-v1"]}),
    ):
        server.configuration = configuration
        smart(server, tmp_path, **options).headers()
        asked.append(server.asked("/token")[-1].form["scope"])
    old = " ".join(f"system/{kind}.{right}" for kind in ("ResearchStudy", "PlanDefinition", "Group") for right in ("read", "write"))
    assert asked == [CRUS, CRUS, old, CRUS, "system/ResearchStudy.crus system/SearchParameter.crus", "system/*.*"]


def test_an_unknown_key_is_named_by_its_kid(server, tmp_path):
    found = smart(server, tmp_path)
    server.keys.clear()
    with pytest.raises(Unauthorised) as refused:
        found.headers()
    assert refused.value.reason == (
        f"the token endpoint {server.token_url} granted no token (HTTP 401, invalid_client): check --client-id, and that the public half of --key is "
        f"registered for it (its kid is {public_thumbprint('EC')})")
    assert not [request for request in server.asked("/token") if request.form["client_assertion"] in everything(refused.value)]


def test_a_clock_that_differs_is_named_where_an_assertion_is_refused(server, tmp_path):
    server.ahead = 600
    with pytest.raises(Unauthorised, match=r"\(HTTP 400, invalid_client\): check .*; the clock here is (599|600|601) s behind the server's: set it right$"):
        smart(server, tmp_path).headers()


def test_a_key_of_another_kind_than_the_endpoint_takes_is_refused_before_it_signs(server, tmp_path):
    server.configuration = {"token_endpoint_auth_signing_alg_values_supported": ["RS384", "\x1b[31m", 5]}
    with pytest.raises(Unauthorised) as refused:
        smart(server, tmp_path, "EC").headers()
    assert refused.value.reason == (f"the token endpoint {server.token_url} takes signatures by 'RS384, \\x1b[31m', and those of --key are by ES384; "
                                    "give another key")
    assert server.asked("/token") == []
    assert smart(server, tmp_path, "RSA").headers()
