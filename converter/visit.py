"""Where a reader or writer is in a document, and what it notices on the way."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from msgspec import Struct, to_builtins

from converter.loss import Loss, left
from converter.problems import Problem, join

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "MISSING", "__bool__": lambda self: False})()


class Refused(ValueError):
    """A codec cannot spell this value; the sentence says what was found and what was expected, `where` how far in."""

    def __init__(self, message: str, where: str = ""):
        super().__init__(message)
        self.where = where


class Beside(Struct, frozen=True):
    """What a codec gives when the member cannot hold the value: `tree` goes beside it, at "_member" (FHIR JSON 2.6.1)."""

    tree: Any


class Kept(list[Any]):
    """Parts that an object keeps apart from its tree, while they are read: each is found by its id at once, the first of several."""

    @cached_property
    def by_id(self) -> dict[str, dict[str, Any]]:
        return {part["id"]: part for part in reversed(self) if isinstance(part, dict) and isinstance(part.get("id"), str)}


class Visit:
    """Where we are in a document, and what was noticed on the way.

    `aside` holds the parts that the present object keeps apart from its tree, `around` those of the whole document.
    """

    __slots__ = ("around", "aside", "index", "lost", "path", "problems")

    def __init__(self, path: str = "", problems: list[Problem] | None = None, lost: list[Loss] | None = None):
        self.path = path
        self.problems: list[Problem] = [] if problems is None else problems
        self.lost: list[Loss] = [] if lost is None else lost
        self.aside: Any = None
        self.around: Any = None
        self.index = 1

    def at(self, step: str | int) -> Visit:
        """One step further in."""
        inner = Visit(join(self.path, step), self.problems, self.lost)
        inner.aside, inner.around = self.aside, self.around
        inner.index = step + 1 if isinstance(step, int) else self.index
        return inner

    def under(self, aside: Any) -> Visit:
        """The same place, with its own linked parts."""
        inner = Visit(self.path, self.problems, self.lost)
        inner.aside, inner.around = aside, self.around
        return inner

    def lose(self, step: str, value: Any) -> None:
        """Note a value of the Trial that the format has no place for."""
        tree = to_builtins(value)
        self.lost.append(left(join(self.path, step), tree, "has no place in this format"))

    def warn(self, message: str) -> None:
        """Note something doubtful here."""
        self.problems.append(Problem(self.path, message, "warning"))

    def attempt(self, step: str | int, act: Callable[..., Any], *args: Any) -> Any:
        """What `act` gives one step further in; MISSING, and the problem noted, when it refuses."""
        here = self.at(step) if step != "" else self
        try:
            return act(*args, here)
        except Refused as refused:
            problem = Problem(join(here.path, refused.where) if refused.where else here.path, str(refused))
            if problem not in self.problems:  # several rows may meet the same wrong object
                self.problems.append(problem)
            return MISSING

    @property
    def failed(self) -> bool:
        """True once anything was refused."""
        return any(problem.severity == "error" for problem in self.problems)
