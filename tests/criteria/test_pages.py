"""What the command gives for both pages is what was read and found right."""

import pytest

from tests.criteria import ROOT, made, standing


def test_what_stands_here_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert made() == standing()
