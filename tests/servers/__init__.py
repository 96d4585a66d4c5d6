"""Real FHIR servers for tests: HAPI's in R4 and R5, and Medplum's router in R4, each on a free port of 127.0.0.1 with nothing in it.

    with hapi("r4", token="secret") as server:
        requests.get(server.url + "/Group", headers={"Authorization": "Bearer " + server.token})

They are built when they are first needed, and keep what they hold in memory.  `python -m tests.servers` starts them for a person.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from tests.servers.building import Unavailable, built, missing
from tests.servers.process import Server, running

__all__ = ["Server", "Unavailable", "hapi", "medplum", "missing"]

JAVA = ("java", "-Xmx1500m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error")
"""HAPI starts in half the time when its code is compiled only once, and needs the least memory with this collector."""


@contextmanager
def hapi(release: Literal["r4", "r5"] = "r4", *, token: str | None = None, validate: bool = False, max_bundle: int | None = None,
         search_cache: int | None = None) -> Iterator[Server]:
    """A HAPI FHIR server of that release runs; at the end it is stopped, and what it holds is gone.

    With a `token`, it refuses what does not carry it (401; /metadata is open).  With `validate`, it refuses resources with
    errors (422).  It refuses transactions of more than `max_bundle` entries (413).  For `search_cache` milliseconds it answers a
    search as it did before; HAPI's own setting is 60000.  Raises Unavailable when it cannot be built here, RuntimeError when it
    does not start.
    """
    target = built("hapi")
    command = [*JAVA, "-cp", os.pathsep.join([f"{target}/server.jar", f"{target}/lib/*"]), "trialbridge.Main"]
    settings = {"RELEASE": release, "VALIDATE": "1" if validate else "", "MAX_BUNDLE": str(max_bundle or ""),
                "SEARCH_CACHE_MS": str(search_cache or "")}
    with running(f"HAPI's server ({release})", command, settings, token) as server:
        yield server


@contextmanager
def medplum(*, token: str | None = None, transactions: bool = True, rollback: bool = True) -> Iterator[Server]:
    """Medplum's FHIR router runs, R4, over its repository in memory; at the end it is stopped, and what it holds is gone.

    With a `token`, it refuses what does not carry it (401; /metadata is open).  Without `transactions`, it executes them as
    batches.  Without `rollback`, what a transaction wrote before it failed stays.  Raises as `hapi` does.
    """
    program = built("medplum").with_name("server.mjs")
    settings = {"TX": "1" if transactions else "0", "ROLLBACK": "1" if rollback else "0"}
    with running("Medplum's server", ["node", str(program)], settings, token) as server:
        yield server
