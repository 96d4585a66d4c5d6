"""What `trialbridge criteria` gives for the two pages that the project began with; `python -m tests.criteria` renews it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from converter.commands import trialbridge

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGES = Path("samples", "pages")
FORMS = {"txt": "text", "json": "json"}


def made() -> dict[str, bytes]:
    """Every file's name and what it is to hold: what a person reads and the JSON of each page, and one page of HTML of both.

    To be run in the folder of the project.
    """
    found = {f"{page.stem}.{end}": shown(page, form) for page in sorted(PAGES.glob("*.txt")) for end, form in FORMS.items()}
    return {**found, "pages.html": shown(PAGES, "html")}


def shown(path: Path, form: str) -> bytes:
    """What the command prints."""
    done = CliRunner().invoke(trialbridge, ["criteria", path.as_posix(), "--format", form], env={"FORCE_COLOR": None})
    assert (done.exit_code, done.stderr) == (0, ""), done.stderr
    return done.stdout_bytes


def standing() -> dict[str, bytes]:
    """What stands in this folder."""
    return {path.name: path.read_bytes() for path in HERE.iterdir() if path.is_file() and path.suffix != ".py"}
