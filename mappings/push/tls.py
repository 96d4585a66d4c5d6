"""Whom we trust when a connection is made, and the certificate that we show"""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path

from converter.problems import refuse
from mappings.push.secrets import KEY_PASSWORD, kept_private

CERTIFICATE = re.compile(rb"-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----")


def context(ca_bundle: Path | None = None, cert: Path | None = None, key: Path | None = None,
            password: str | None = None) -> ssl.SSLContext:
    """TLS 1.2 or later, to a server whose certificate names its host and is signed by somebody whom we trust.

    That is whom the system trusts (OpenSSL's own store of certificates, not certifi's, so that the authority of a hospital need be
    installed once only; OpenSSL looks for it where SSL_CERT_FILE and SSL_CERT_DIR say), or, with `ca_bundle`, who is in that file or
    folder and nobody else.  `cert` is our certificate as PEM, with its chain; its key is in `key`, or in the same file.  `password` opens
    an encrypted key; none is ever asked for.  Raises Problems.
    """
    # Not ssl.create_default_context, which writes the secrets of every connection to the file that SSLKEYLOGFILE names.
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    found.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_bundle is None:
        found.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        trust(found, ca_bundle)
    if cert is not None:
        show(found, cert, key, password)
    elif key is not None:
        raise refuse("is the key of a certificate, and there is none; give --cert too", "--key")
    return found


def trust(context: ssl.SSLContext, ca_bundle: Path) -> None:
    """The context trusts who is in the file, or in the files of the folder.  Raises Problems."""
    # OpenSSL takes a folder only where its files are named by hashes, and finds nothing in any other without a word.
    file = ca_bundle
    try:
        for file in sorted(one for one in ca_bundle.iterdir() if one.is_file()) if ca_bundle.is_dir() else [ca_bundle]:
            if file is ca_bundle or CERTIFICATE.search(file.read_bytes()):
                context.load_verify_locations(file)
    except ssl.SSLError:
        raise refuse(f"found no certificate in {file}; expected certificates as PEM", "--ca-bundle") from None
    except OSError as error:
        raise refuse(f"{file} cannot be read: {error.strerror}; expected a file or folder of certificates", "--ca-bundle") from None
    if not context.cert_store_stats()["x509"]:
        raise refuse(f"found no certificate in {ca_bundle}; expected certificates as PEM", "--ca-bundle")


def show(context: ssl.SSLContext, cert: Path, key: Path | None, password: str | None) -> None:
    """The context shows the certificate to a server that asks for one.  Raises Problems."""
    option = "--cert" if key is None else "--key"
    for path, name in ((cert, "--cert"), (key or cert, option)):
        try:
            status = path.stat()
        except OSError as error:
            raise refuse(f"{path} cannot be read: {error.strerror}", name) from None
    kept_private(status, path, option)
    asked = False

    def opening() -> bytes:
        nonlocal asked
        asked = True
        if password is None:
            raise refuse(f"the key in {path} is encrypted; set the environment variable {KEY_PASSWORD} to its password", option)
        return os.fsencode(password)

    try:
        context.load_cert_chain(cert, key, opening)
    except ssl.SSLError as error:
        if asked:
            raise refuse(f"the password in {KEY_PASSWORD} does not open the key in {path}", option) from None
        if error.reason == "KEY_VALUES_MISMATCH":
            raise refuse(f"the key in {path} is not that of the certificate in {cert}", option) from None
        raise refuse(f"found no certificate in {cert}, or no private key in {path}; expected both as PEM", "--cert") from None
    except OSError as error:
        raise refuse(f"{cert} or {path} cannot be read: {error.strerror}", "--cert") from None
