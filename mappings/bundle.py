"""Trial <-> transaction Bundle: the three resources together, and back       https://hl7.org/fhir/R5/bundle.html

One Bundle per trial with three entries: ResearchStudy, PlanDefinition, Group.  What belongs to one of them alone is
contained in it, so a push is three conditional writes and leaves no orphans.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from converter.compiled import Bad, Module
from converter.json_text import encode
from converter.problems import Problems
from converter.reading import checker
from converter.table import Mapping
from converter.trial import Trial
from converter.visit import Visit
from mappings.criteria import Coded, apart, together
from mappings.datatypes import UNHELD
from mappings.group import GROUP, criteria
from mappings.identity import SID, full_url, is_told_apart, request, study_id, study_system
from mappings.plan_definition import PLAN_DEFINITION
from mappings.research_study import RESEARCH_STUDY

TABLES = {"ResearchStudy": RESEARCH_STUDY, "PlanDefinition": PLAN_DEFINITION, "Group": GROUP}
DIALECTS = ("r5", "r4", "r4-own")
"""R4 and R4B are one dialect; `r4-own` has R5's elements under our own addresses (`--extensions own`)."""


def systems(trial: Trial) -> dict[str, str]:
    """The identifier system of each resource; its value is always `study_id`."""
    return {"ResearchStudy": study_system(trial), "PlanDefinition": SID + "protocol", "Group": SID + "eligibility"}


def entry(kind: str, system: str, value: str, resource: dict[str, Any]) -> dict[str, Any]:
    return {"fullUrl": full_url(kind, system, value), "resource": resource, "request": request(kind, system, value)}


def bundle(trial: Trial, resources: dict[str, Any]) -> dict[str, Any]:
    """The resources as one transaction."""
    value, system = study_id(trial), systems(trial)
    entries = [entry(kind, system[kind], value, resource) for kind, resource in resources.items()]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def write(trial: Trial, dialect: str, visit: Visit, coded: Coded | None = None) -> dict[str, Any]:
    """The Bundle of the trial, by the interpreter, with its criteria coded so; what is wrong or doubtful is noted in `visit`."""
    if not is_told_apart(trial):
        visit.warn("has neither number nor title nor sponsor, so every such record has the same identifiers: on a server one takes the "
                   "place of the other")
    resources = {kind: visit.attempt("", table.on(dialect).write, trial) for kind, table in TABLES.items()}
    if visit.failed:
        raise Problems(visit.problems)
    resources["Group"] = with_coded(resources["Group"], trial, coded)
    return bundle(trial, {kind: legal(resource) for kind, resource in resources.items()})


def with_coded(group: dict[str, Any], trial: Trial, coded: Coded | None) -> dict[str, Any]:
    """The Group with coded criteria in the place of the sections' words, which are its last characteristics."""
    return group if coded is None else together(without_words(group, trial), coded)


def without_words(group: dict[str, Any], trial: Trial) -> dict[str, Any]:
    """The Group without the sections' words, which are its last characteristics."""
    return {**group, "characteristic": group.get("characteristic", [])[:-len(criteria(trial) or ()) or None]}


def plain(group: dict[str, Any], trial: Trial) -> dict[str, Any]:
    """The Group without its coded criteria, with the sections' words in their place."""
    whole = [*group.get("characteristic", ()), *(criteria(trial) or ())]
    return {**group, "characteristic": whole} if whole else group


NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def legal(tree: Any) -> Any:
    """The tree with what derived members repeat of a text that FHIR or XHTML cannot hold made legal.

    The text itself is kept exact beside its own element; here a blank text is left out, with what would hold nothing else (ele-1,
    and ext-1 of a part of an extension), and a character that FHIR, or the XML of a narrative, cannot have is shown as U+FFFD
    (XML 1.0, 2.2).
    """
    if isinstance(tree, dict):
        made = {name: NO_XML.sub("\ufffd", part) if name == "div" else legal(part)
                for name, part in tree.items() if not isinstance(part, str) or part.strip()}
        return {name: part for name, part in made.items() if part not in ({}, [])}
    if isinstance(tree, list):
        return [part for part in map(legal, tree) if part != {} and not (isinstance(part, dict) and part.keys() == {"url"})]
    return UNHELD.sub("\ufffd", tree) if isinstance(tree, str) and UNHELD.search(tree) else tree


def read(resources: dict[str, tuple[str, dict[str, Any]]], dialect: str, visit: Visit) -> Trial | None:
    """The trial of the resources (each with its path), by the interpreter; None when nothing in them is understood."""
    found: dict[str, Any] = {}
    for kind, table in TABLES.items():
        if kind in resources:
            path, resource = resources[kind]
            here = visit if not path else visit.at(path)
            for name, value in (here.attempt("", table.on(dialect).gather, resource) or {}).items():
                found.setdefault(name, value)
    return Trial(**found) if found else None


def in_dialect(dialect: str) -> list[tuple[str, Mapping]]:
    return [(kind, table.on(dialect)) for kind, table in TABLES.items()]


@cache
def fast_writer(dialect: str) -> Callable[[Trial, Coded | None], dict[str, Any]]:
    """The compiled writer of that dialect, whose tree is made to be encoded; it raises whatever it likes."""
    m = Module()
    names = [(kind, m.writer(table)) for kind, table in in_dialect(dialect)]
    made = m.load()
    writers = [(kind, made[name]) for kind, name in names]

    def write(trial: Trial, coded: Coded | None) -> dict[str, Any]:
        if not is_told_apart(trial):
            raise Bad
        resources = {kind: writer(trial) for kind, writer in writers}
        resources["Group"] = with_coded(resources["Group"], trial, coded)
        return bundle(trial, resources)

    return write


@cache
def fast_reader(dialect: str) -> Callable[[dict[str, Any]], Trial]:
    """The compiled reader of that dialect.  It accepts only what the writer would write, but for narrative, fullUrl and
    request, and raises whatever it likes."""
    m = Module()
    names = [(m.reader(table), checker(m, table), table.fields) for _, table in in_dialect(dialect)]
    made = m.load()
    readers = [(made[reader], made[check], fields) for reader, check, fields in names]

    def read(tree: dict[str, Any]) -> Trial:
        entries = tree["entry"]
        if len(tree) != 3 or tree["resourceType"] != "Bundle" or tree["type"] != "transaction" or len(entries) != 3:
            raise Bad
        if any(part.keys() != ENTRY for part in entries):
            raise Bad
        *resources, whole = [part["resource"] for part in entries]
        group, coded = apart(whole)
        found: dict[str, Any] = {}
        for resource, (reader, _, fields) in zip((*resources, group), readers, strict=True):
            found.update(zip(fields, reader(resource), strict=True))
        trial = Trial(**found)
        if coded is not None:
            from mappings.coded_criteria import again  # with its grammars and vocabularies only where it is needed

            if trial.criteria is None or together(group, coded) != whole or encode(coded) != encode(again(coded, trial.criteria, dialect)):
                raise Bad
            group = plain(group, trial)
        for resource, (_, check, _) in zip((*resources, group), readers, strict=True):
            check(resource, trial)
        return trial

    return read


ENTRY = {"fullUrl", "resource", "request"}
