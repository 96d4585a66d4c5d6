"""Real FHIR servers, started when a test first asks for them; `make servers-test` runs the tests that do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from tests.servers import Server, Unavailable, hapi, medplum

TOKEN = "Zr7-only.for~tests"


def lent(server: AbstractContextManager[Server]) -> Iterator[Server]:
    """The server, until the fixture's scope ends; a skip that says what to install, where it cannot be built."""
    try:
        with server as running:
            yield running
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def hapi_r4() -> Iterator[Server]:
    yield from lent(hapi("r4"))


@pytest.fixture(scope="session")
def hapi_r5() -> Iterator[Server]:
    yield from lent(hapi("r5"))


@pytest.fixture(scope="session", name="medplum")
def medplum_r4() -> Iterator[Server]:
    yield from lent(medplum())


@pytest.fixture(scope="module")
def hapi_r4_token() -> Iterator[Server]:
    """It demands its `token`."""
    yield from lent(hapi("r4", token=TOKEN))


@pytest.fixture(scope="module")
def hapi_r4_validating() -> Iterator[Server]:
    """It refuses resources with errors."""
    yield from lent(hapi("r4", validate=True))
