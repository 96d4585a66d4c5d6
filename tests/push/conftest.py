"""The servers that a push is tried on."""

from __future__ import annotations

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
