"""Losses that a user accepts, named by globs of their paths: a difference that one of them names counts no more.

    resultsSection                                      the member, and all that stands in it
    protocolSection.*.overallStatus                     * is any run of characters within one step
    **.geoPoint                                         ** is any number of steps
    protocolSection.contactsLocationsModule.locations   every entry of the list; locations[3] is the one

A name without an index stands for every entry of a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from converter.problems import refuse

PARTS = re.compile(r"\*\*\.?|\*|\?|\[\d+\]|\[\*?\]|\.|[^*?.\[]+|.")


class Allowances:
    """The globs of a run, and which of them have named something."""

    def __init__(self, globs: Iterable[str] = ()):
        self.globs = {glob: re.compile(pattern(glob)) for glob in globs}
        self.used: set[str] = set()

    def name(self, path: str) -> bool:
        """True of a path that is accepted.  Every glob that fits it counts as used."""
        fitting = [glob for glob, form in self.globs.items() if form.match(path)]
        self.used.update(fitting)
        return bool(fitting)

    @property
    def unused(self) -> list[str]:
        """The globs that have named nothing yet, in their order."""
        return [glob for glob in self.globs if glob not in self.used]


def pattern(glob: str) -> str:
    """The glob as a regular expression to be matched at the start of a path."""
    made = ""
    parts = PARTS.findall(glob)
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        if part.startswith("**"):
            made += r"(?:.*\.)?" if part.endswith(".") else ".*"
        elif part in ("[*]", "[]"):
            made += r"\[\d+\]"
        else:
            made += {"*": r"[^.\[\]]*", "?": r"[^.\[\]]"}.get(part, re.escape(part))
        if following == "." and not part.endswith("]"):
            made += r"(?:\[\d+\])*"
    return made + r"(?=$|[.\[])"


def read_allowances(given: Iterable[str]) -> Allowances:
    """The globs on a command line; "@FILE" stands for those in a file, one to a line, # beginning a comment.

    Raises Problems when a file cannot be read, or a glob is empty.
    """
    globs: list[str] = []
    for one in given:
        if not one.startswith("@"):
            globs.append(one.strip())
            continue
        try:
            text = Path(one[1:]).read_text(encoding="utf-8-sig")
        except OSError as error:
            raise refuse(f"{one[1:]}: {error.strerror}; expected a file of paths, one to a line") from None
        except UnicodeDecodeError:
            raise refuse(f"{one[1:]}: is not UTF-8; expected a file of paths, one to a line") from None
        globs += [line for line in (line.partition("#")[0].strip() for line in text.splitlines()) if line]
    if "" in globs:
        raise refuse("found an empty path; expected one such as resultsSection")
    return Allowances(globs)
