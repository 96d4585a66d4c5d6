"""Every format that a Trial can be read from or written to.  A new one: one module, one line here, samples.

The line names the format's object as `module:attribute`; it is loaded when it is used.  `sign` is how a document of the
format is known: member names of its outermost JSON object (any of them), or lines of a page (all of them).  Where the
signs of several fit, `claims` is asked: `module:function`, from the parsed document to the name of its format or None.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, Protocol

from msgspec import Struct

from converter.loss import Loss
from converter.problems import Problem
from converter.trial import Trial


class Reading(Struct, frozen=True):
    """What reading one document gave: the trial, what was doubtful in it, and what it left behind.

    `said_once` is true when the reader made sure that no object of the document has two members of one name.
    """

    trial: Trial
    problems: tuple[Problem, ...] = ()
    lost: tuple[Loss, ...] = ()
    said_once: bool = False


class Writing(Struct, frozen=True):
    """What writing one trial gave: the document, and what was doubtful or lost (paths are the Trial's)."""

    document: bytes
    problems: tuple[Problem, ...] = ()
    lost: tuple[Loss, ...] = ()


class Format(Protocol):
    """A format, as `converter.convert` uses it.

    It may also have `locate(document, trial, path)`: where the document says what the Trial has at `path`, None for nowhere; and
    `prepared(trials)`: the same format, sooner done with writing those.
    """

    name: str

    def read(self, document: bytes) -> Reading:
        """The trial in `document`, one record.  Raises Problems when it cannot be read."""

    def write(self, trial: Trial) -> Writing:
        """`trial` as one compact document.  Raises Problems when the format is only read, or the trial is malformed."""


def load(target: str) -> Any:
    """What `module:attribute` names."""
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


class Entry(Struct, frozen=True):
    """A line of the registry."""

    target: str
    title: str
    sign: tuple[str, ...]
    writes: bool = True
    page: bool = False
    claims: str = ""

    def load(self) -> Any:
        """The format's object."""
        return load(self.target)


FORMATS = {
    "clinconnect_page": Entry("converter.formats.clinconnect_page:FORMAT", "ClinConnect web page: its text, or saved HTML",
                              ("Trial Information", "ClinConnect Summary"), writes=False, page=True),
    "meddatax_page": Entry("converter.formats.meddatax_page:FORMAT", "MedDataX web page: its text, or saved HTML",
                           ("Basic Information", "Brief Summary"), writes=False, page=True),
    "ctgov": Entry("converter.formats.ctgov:FORMAT", "ClinicalTrials.gov API v2, JSON", ("protocolSection",)),
    "r4": Entry("mappings.fhir_format:R4", "FHIR R4 (4.0.1), a Bundle", ("resourceType",), claims="mappings.releases:release_of"),
    "r4b": Entry("mappings.fhir_format:R4B", "FHIR R4B (4.3.0), a Bundle", ("resourceType",), claims="mappings.releases:release_of"),
    "r5": Entry("mappings.fhir_format:R5", "FHIR R5 (5.0.0), a Bundle", ("resourceType",), claims="mappings.releases:release_of"),
    "trial": Entry("converter.formats.trial_json:FORMAT", "Our own record, JSON or YAML",
                   ("title", "official_title", "study_type", "sponsor", "arms", "criteria", "source", "id"),
                   claims="converter.formats.trial_json:claims"),
}


def is_fhir(name: str) -> bool:
    """True of the format that is a release of FHIR."""
    return FORMATS[name].target.startswith("mappings.fhir_format:")


@cache
def format_named(name: str) -> Any:
    """The format of that name.  Raises KeyError when there is none."""
    return FORMATS[name].load()
