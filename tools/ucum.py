"""Makes `mappings/ucum.json`: the prefixes and units of UCUM, from its own table (ucum-essence.xml).

    python -m tools.ucum [--check]

The table is read from the Python package ucumvert, which is installed for development and carries it unchanged.
`--check` writes nothing and fails when the file is not what it would be.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parents[1] / "mappings" / "ucum.json"
NAMESPACE = "{http://unitsofmeasure.org/ucum-essence}"


def table() -> str:
    """The codes of the prefixes, of the units that take one, and of the others, as JSON."""
    root = ElementTree.fromstring(files("ucumvert").joinpath("vendor", "ucum-essence.xml").read_bytes())
    units = {unit.attrib["Code"]: unit.get("isMetric") == "yes" for kind in ("base-unit", "unit") for unit in root.iter(NAMESPACE + kind)}
    units.update((unit.attrib["Code"], True) for unit in root.iter(NAMESPACE + "base-unit"))
    made = {
        "version": f"{root.attrib['version']} of {root.attrib['revision-date']}",
        "prefixes": " ".join(prefix.attrib["Code"] for prefix in root.iter(NAMESPACE + "prefix")),
        "metric": " ".join(code for code, metric in units.items() if metric),
        "others": " ".join(code for code, metric in units.items() if not metric),
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true")
    made = table()
    if arguments.parse_args().check:
        return 0 if HERE.read_text(encoding="utf-8") == made else 1
    HERE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
