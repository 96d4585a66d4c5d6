"""The servers that a push is tried on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.push.checks import Place

pytest.register_assert_rewrite("tests.push.checks")  # before it is imported, so that it says what was not true


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """The server that the test's parameter names; one in memory is empty."""
    from tests.push.checks import placed

    yield from placed(request)


@pytest.fixture(autouse=True)
def no_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is trusted whom a test does not name: to read the system's authorities anew for every Server takes a quarter of the time."""
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    monkeypatch.setenv("SSL_CERT_DIR", os.devnull)
