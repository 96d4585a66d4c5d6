"""Clients, their secrets and keys, and the credentials that are made of them."""

import json
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from mappings.push.addresses import base
from mappings.push.client import Client
from mappings.push.credentials import credentials
from mappings.push.http import Transport
from mappings.push.secrets import Redactor
from mappings.push.smart import thumbprint
from mappings.push.tls import context
from tests.push.token_server import TokenServer

SECRET = "s3cr3t/of+ours=&"
PASSWORD = "pa55w0rd of the key"
CLIENT = "bridge & co"
TOKEN = {"environ": {"TRIALBRIDGE_TOKEN": SECRET}}
CRUS = "system/ResearchStudy.crus system/PlanDefinition.crus system/Group.crus"
TRANSPORT = Transport(context())


def written(path: Path, content: bytes | str, mode: int = 0o600) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


@cache
def private(kind: str):
    return {
        "RSA": lambda: rsa.generate_private_key(65537, 2048), "RSA 1024": lambda: rsa.generate_private_key(65537, 1024),
        "EC": lambda: ec.generate_private_key(ec.SECP384R1()), "EC P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "Ed25519": ed25519.Ed25519PrivateKey.generate,
    }[kind]()


def pem(kind: str, password: str = "") -> bytes:
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return private(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def jwk(kind: str, **members) -> str:
    algorithm = RSAAlgorithm if kind.startswith("RSA") else ECAlgorithm
    return json.dumps({**algorithm.to_jwk(private(kind), as_dict=True), **members})


def public_thumbprint(kind: str) -> str:
    return thumbprint((RSAAlgorithm if kind == "RSA" else ECAlgorithm).to_jwk(private(kind).public_key(), as_dict=True))


def made(auth: str, url: str = "https://fhir.example.org/r4", environ=None, redactor=None, wait=None, **options):
    """Credentials, in an environment of their own; a wait is over at once."""
    return credentials(auth, base=base(url), transport=TRANSPORT, redactor=redactor or Redactor(), environ=environ or {},
                       wait=wait or (lambda seconds: True), **options)


def asking(server: TokenServer, found, headers=None) -> Client:
    return Client(base(server.url), TRANSPORT, found, Redactor(), headers)


def secret_client(server: TokenServer, **options):
    return made("client-credentials", server.url, {"TRIALBRIDGE_TOKEN": SECRET}, client_id=CLIENT, **options)


def smart(server: TokenServer, tmp_path: Path, kind: str = "EC", **options):
    server.keys[CLIENT, public_thumbprint(kind)] = private(kind).public_key()
    return made("smart-backend", server.url, client_id=CLIENT, key=written(tmp_path / "key", pem(kind)), **options)
