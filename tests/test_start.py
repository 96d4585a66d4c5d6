"""The program starts at once: what is heavy is imported when it is used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = ("pydantic", "requests", "jsonschema", "rich", "lxml", "selectolax", "ruamel", "fhir", "mappings", "multiprocessing",
         "importlib.metadata", "hypothesis")


def run(code: str, *arguments: str) -> str:
    found = subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
                           capture_output=True, text=True, check=True)
    return found.stdout


LOADED = """
import sys
from converter.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print()
print(*sys.modules)
"""


@pytest.mark.parametrize(("arguments", "light"), [
    (["--help"], (*HEAVY, "msgspec", "converter.trial", "json")),
    (["--version"], (*HEAVY, "msgspec", "converter.trial")),
    (["schema"], (*HEAVY, "msgspec", "converter.trial")),
    (["formats"], HEAVY),
    (["convert", "--help"], HEAVY),
    (["validate", "--help"], HEAVY),
    (["roundtrip", "--help"], HEAVY),
])
def test_what_is_not_needed_is_not_imported(arguments, light):
    loaded = run(LOADED, *arguments).splitlines()[-1].split()
    assert [name for name in loaded if name in light] == []


def test_a_conversion_imports_what_its_formats_need(tmp_path):
    (path := tmp_path / "a.json").write_bytes(b'{"title":"A","arms":[{"name":"x"}]}')
    loaded = run(LOADED, "convert", str(path), "--to", "ctgov", "--from", "trial", "-o", str(tmp_path / "b.json")).splitlines()[-1].split()
    assert [name for name in loaded if name in HEAVY] == []


def test_help_takes_less_than_200_milliseconds():
    code = "import time; from converter.cli import main\ntry: main(['--help'])\nexcept SystemExit: print(time.process_time())"
    assert min(float(run(code).splitlines()[-1]) for _ in range(3)) < 0.2
