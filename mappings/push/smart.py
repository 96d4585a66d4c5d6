"""A program that signs for itself: SMART Backend Services          https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html

Signing needs PyJWT and cryptography, which come with trialbridge[smart].
"""

from __future__ import annotations

import hashlib
import os
import time
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from converter.json_text import encode, parse
from converter.problems import Problems, refuse, shown
from mappings.push.authorization import Unauthorised
from mappings.push.discovery import Endpoint
from mappings.push.secrets import KEY_PASSWORD, Redactor, secret_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    Private = RSAPrivateKey | EllipticCurvePrivateKey

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = 240
"""Seconds that an assertion is valid; SMART allows no more than 300, by the clock of the endpoint."""
SMALLEST = 2048
"""Bits of an RSA key."""
CURVE = "secp384r1"
EXPECTED = "expected a private key as PEM or JWK: RSA of 2048 bits or more, or EC on the curve P-384"
REQUIRED = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}
"""The members of a JWK that its thumbprint covers: RFC 7638, section 3.2."""


class Key:
    """A private key, the algorithm that signs with it, and the name under which the endpoint knows its public half."""

    def __init__(self, private: Private, algorithm: str, id: str):
        self.private, self.algorithm, self.id = private, algorithm, id


class Assertion:
    """Shows a signed statement of who the client is; each serves one request."""

    def __init__(self, client_id: str, key: Key, redactor: Redactor):
        self.client_id, self._key, self._redactor = client_id, key, redactor
        self.kind = f"SMART Backend Services, {key.algorithm}"
        self.advice = f"check --client-id, and that the public half of --key is registered for it (its kid is {key.id})"

    def fits(self, endpoint: Endpoint) -> None:
        """Raises Unauthorised when the endpoint takes no signature of this key's kind."""
        if endpoint.algorithms and self._key.algorithm not in endpoint.algorithms:
            raise Unauthorised(f"the token endpoint {endpoint.printable} takes signatures by {shown(', '.join(endpoint.algorithms))}, and "
                               f"those of --key are by {self._key.algorithm}; give another key")

    def request(self, endpoint: Endpoint) -> tuple[dict[str, str], dict[str, str]]:
        """A new assertion: its jti is never used again."""
        import jwt

        claims = {"iss": self.client_id, "sub": self.client_id, "aud": endpoint.url, "exp": int(time.time()) + LIFE, "jti": str(uuid4())}
        signed = jwt.encode(claims, self._key.private, self._key.algorithm, headers={"kid": self._key.id})
        self._redactor.add(signed)
        return {}, {"client_assertion_type": ASSERTION, "client_assertion": signed}

    def otherwise(self) -> bool:
        """There is no other way."""
        return False


def key(path: Path, password: str | None) -> Key:
    """The private key in a file, PEM (perhaps encrypted) or JWK.  Raises Problems, also when what signs is not installed."""
    try:
        import cryptography  # noqa: F401
        import jwt  # noqa: F401
    except ImportError:
        raise refuse("what smart-backend signs with is not installed; install trialbridge[smart]", "--auth") from None
    text = secret_file(path, "--key")
    if text.lstrip().startswith("{"):
        return key_of_jwk(text, path)
    private = private_of_pem(text.encode(), path, password)
    return key_of(private, path, {})


def private_of_pem(pem: bytes, path: Path, password: str | None) -> Any:
    """The private key in a PEM text.  Raises Problems."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    with suppress(TypeError):  # so it says that the key is encrypted
        try:
            return load_pem_private_key(pem, None)
        except (ValueError, UnsupportedAlgorithm):
            raise refuse(f"found no private key in {path}; {EXPECTED}", "--key") from None
    if password is None:
        raise refuse(f"the key in {path} is encrypted; set the environment variable {KEY_PASSWORD} to its password", "--key")
    try:
        return load_pem_private_key(pem, os.fsencode(password))
    except (ValueError, UnsupportedAlgorithm):
        raise refuse(f"the password in {KEY_PASSWORD} does not open the key in {path}", "--key") from None


def key_of_jwk(text: str, path: Path) -> Key:
    """The private key in a JWK: RFC 7517, RFC 7518.  Raises Problems."""
    from jwt.algorithms import ECAlgorithm, RSAAlgorithm
    from jwt.exceptions import InvalidKeyError

    algorithms: dict[Any, Any] = {"RSA": RSAAlgorithm, "EC": ECAlgorithm}
    try:
        jwk = parse(text.encode())
    except Problems:
        jwk = {}
    if "keys" in jwk:
        raise refuse(f"found a set of keys in {path}; expected one of them alone, the private key that signs", "--key")
    kind = algorithms.get(jwk.get("kty")) if isinstance(jwk.get("kty"), str) else None
    try:
        private = kind.from_jwk(jwk) if kind and "d" in jwk else None
    except (InvalidKeyError, ValueError, TypeError, KeyError):
        private = None
    if private is None:
        raise refuse(f"found no private key in {path}; {EXPECTED}", "--key")
    return key_of(private, path, jwk)


def key_of(private: Any, path: Path, jwk: dict[str, Any]) -> Key:
    """The key with the algorithm that SMART wants for it, and its id: that of its JWK, else its thumbprint.  Raises Problems."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from jwt.algorithms import ECAlgorithm, RSAAlgorithm

    if isinstance(private, RSAPrivateKey) and private.key_size >= SMALLEST:
        algorithm, public = "RS384", RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    elif isinstance(private, EllipticCurvePrivateKey) and private.curve.name == CURVE:
        algorithm, public = "ES384", ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    else:
        raise refuse(f"found another key in {path}; {EXPECTED}", "--key")
    if jwk.get("alg", algorithm) != algorithm:
        raise refuse(f"the key in {path} is meant for {shown(jwk['alg'])}; expected one for {algorithm}", "--key")
    id = jwk.get("kid")
    return Key(private, algorithm, id if isinstance(id, str) and id else thumbprint(public))


def thumbprint(jwk: dict[str, Any]) -> str:
    """The name that a public key has by what it is: RFC 7638."""
    covered = encode({name: jwk[name] for name in REQUIRED[jwk["kty"]]})
    return urlsafe_b64encode(hashlib.sha256(covered).digest()).rstrip(b"=").decode()
