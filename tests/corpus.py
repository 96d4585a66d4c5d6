"""Where the records for development are, which stay outside of the project."""

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("TRIALBRIDGE_DATA") or Path(__file__).parents[2] / "shared" / "data")


def corpus(name: str) -> Path:
    """The folder or file of that name in the records for development; where it is absent, the test is skipped."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the records for development are not here: {path} (TRIALBRIDGE_DATA names another folder)")
    return path
