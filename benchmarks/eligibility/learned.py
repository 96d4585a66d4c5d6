"""The weights that ship were learned from every annotated text, so what they say of these is no measure: others can take their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from converter.eligibility import mentions, tables, tagger

MADE = ("weights.tsv", "mention_confidence.tsv")


class Folder:
    """The data of the package, but what was learned is of another folder."""

    def __init__(self, package: Any, own: Path):
        self.package = package
        self.own = own

    def joinpath(self, name: str) -> Any:
        return self.own / name if name in MADE else self.package.joinpath(name)


def learned(folder: Path) -> None:
    """Mentions are found by the weights of the folder, which `tools.tagger --part work --to FOLDER` makes.  Raises SystemExit without."""
    for name in MADE:
        if not (folder / name).exists():
            raise SystemExit(f"there is no {folder / name} (python -m tools.tagger … --part work --to {folder} makes it)")
    tables.FOLDER = Folder(tables.FOLDER, folder)  # type: ignore[assignment]
    tagger.weights.cache_clear()
    mentions.confidences.cache_clear()
