"""Which cases are tried on which servers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.push.checks import REAL


def cases(name: str, all_of_them: Iterable[Any], really: Iterable[Any]) -> pytest.MarkDecorator:
    """Every case on the server in memory, and some on real ones: where these only stand behind what goes wrong."""
    real = [pytest.param(place, one, marks=pytest.mark.servers) for place in REAL for one in really]
    return pytest.mark.parametrize(("place", name), [*(("memory", one) for one in all_of_them), *real], indirect=["place"])
