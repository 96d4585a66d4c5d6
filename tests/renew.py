"""What the samples give stands in `samples/trials`, `samples/bundles` and `samples/reports`; `python -m tests.renew` renews it.

A sample is any file in a folder of `samples/` that is not itself made here: a new one needs no code.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from converter.convert import Outcome, read, write
from converter.formats import Reading
from converter.guess import guess
from converter.json_text import indented
from converter.report import line

SAMPLES = Path(__file__).parents[1] / "samples"
MADE = ("trials", "bundles", "reports")
"""The folders that are made."""
RELEASES = ("r4", "r4b", "r5")


class Sample(Struct, frozen=True):
    """A record of some format."""

    path: Path
    format: str
    content: bytes

    @property
    def name(self) -> str:
        """The beginning of the names of what it gives."""
        return f"{self.format}-{self.path.stem}"

    @property
    def source(self) -> str:
        """Where it is, from the folder of samples on."""
        return self.path.relative_to(SAMPLES).as_posix()

    def read(self) -> Reading:
        """The trial in it."""
        return read(self.content, self.format)


def samples() -> list[Sample]:
    """Every sample, in the order of their names.  Raises Problems when the format of one cannot be told."""
    found = []
    for path in SAMPLES.glob("*/*"):
        if path.parent.name not in MADE and path.is_file() and not path.name.startswith("."):
            content = path.read_bytes()
            found.append(Sample(path, guess(content), content))
    return sorted(found, key=lambda sample: sample.name)


def made_from(sample: Sample) -> Iterator[tuple[str, bytes]]:
    """What one sample gives: each file's name from the folder of samples on, and its content."""
    reading = sample.read()
    outcome = Outcome(sample.source, 0, reading.trial.id, "done", None, reading.lost, reading.problems)
    yield f"reports/{sample.name}.json", indented(line(outcome))
    yield f"trials/{sample.name}.json", indented(write(reading.trial, "trial"))
    for release in RELEASES:
        yield f"bundles/{sample.name}.{release}.json", indented(write(reading.trial, release))


def made() -> dict[str, bytes]:
    """What all samples give."""
    return {name: content for sample in samples() for name, content in made_from(sample)}


def standing() -> dict[str, bytes]:
    """What stands in the folders that are made."""
    return {path.relative_to(SAMPLES).as_posix(): path.read_bytes() for folder in MADE for path in (SAMPLES / folder).glob("*")}


def renew() -> list[str]:
    """Writes what changed, removes what no sample gives any more, and returns the names of both."""
    before, after = standing(), made()
    for name in before.keys() - after.keys():
        (SAMPLES / name).unlink()
    changed = [name for name, content in after.items() if before.get(name) != content]
    for name in changed:
        (SAMPLES / name).parent.mkdir(exist_ok=True)
        (SAMPLES / name).write_bytes(after[name])
    return sorted([*changed, *(before.keys() - after.keys())])


if __name__ == "__main__":
    for changed in renew():
        print(changed)
