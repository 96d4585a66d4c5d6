"""What may import what.  Lower floors know nothing of higher ones."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = [
    ["converter.trial", "converter.visit", "converter.codec", "converter.place", "converter.rows", "converter.table", "converter.writing",
     "converter.reading", "converter.compiled", "converter.wire", "converter.problems",
     "converter.loss", "converter.words", "converter.registries", "converter.json_text", "converter.version"],
    ["converter.formats", "converter.eligibility", "converter.guess", "converter.schema", "mappings.datatypes", "mappings.concepts", "mappings.extensions", "mappings.links",
     "mappings.terms", "mappings.definitions", "mappings.known_extensions", "mappings.primitives", "mappings.xhtml", "mappings.ucum", "mappings.known_codes",
     "mappings.invariants", "mappings.looking", "mappings.ids", "mappings.coded", "mappings.extension_checks", "mappings.references", "mappings.transactions",
     "mappings.releases", "mappings.countries", "mappings.identity", "mappings.narrative"],
    ["mappings.parts", "mappings.people", "mappings.places", "mappings.study_codecs", "mappings.study_facts", "mappings.registry_facts",
     "mappings.foreign", "mappings.characteristics", "mappings.criteria", "mappings.coded_criteria", "mappings.foreign_criteria", "mappings.research_study", "mappings.plan_definition", "mappings.group", "mappings.provenance"],
    ["mappings.bundle", "mappings.own_extensions", "mappings.chosen", "mappings.doubts", "mappings.fhir_format", "mappings.fields", "mappings.profiles", "mappings.conformance", "mappings.models", "mappings.origin",
     "mappings.search_parameters"],
    ["converter.archive", "converter.folder", "converter.splitting", "converter.source", "converter.documents", "converter.convert",
     "converter.criteria", "converter.criteria_sheets",
     "converter.outputs", "converter.report",
     "converter.workers", "converter.summary", "converter.progress", "converter.validation", "converter.differences", "converter.allowances",
     "converter.roundtrip", "converter.contrast", "converter.cases", "converter.junit", "converter.annotations", "converter.tally", "converter.sheets",
     "converter.readying", "converter.pushed", "mappings.push", "mappings.server"],
    ["converter.commands", "converter.cli", "converter.__main__"],
]
FILES = [path for folder in ("converter", "mappings") for path in sorted((ROOT / folder).rglob("*.py")) if path.name != "__init__.py"]


def floor(module: str) -> int | None:
    return next((n for n, names in enumerate(FLOORS) for name in names if module == name or module.startswith(name + ".")), None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    here = floor(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert here is not None, "the module is on no floor"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            if name.split(".")[0] in ("converter", "mappings") and name not in ("converter", "mappings"):
                there = floor(name)
                assert there is not None and there <= here, f"imports {name} from a higher floor"


@pytest.mark.parametrize("package", ["converter", "mappings"])
def test_the_package_itself_imports_nothing(package: str) -> None:
    """Each package is imported by the other: an import here would go round in a circle, and slow the start."""
    tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
