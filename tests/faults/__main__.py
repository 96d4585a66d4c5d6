"""`python -m tests.faults [--engines own,models,hapi] [--write]` prints the table of seeded faults.

Ours always runs; of the others stands what is kept of them.  --write renews that for the engines named, and writes the page.
"""

import argparse

from tests.faults import examples
from tests.faults.change import RELEASES
from tests.faults.engines import ENGINES
from tests.faults.findings import NOT_YET, cases, enough, keep, missed, not_yet, run
from tests.faults.report import NAMES, PAGE, page, totals, verdicts
from tests.faults.table import FAULTS

options = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
options.add_argument("--engines", default="own", help="which engines run now, with commas: own, models, hapi")
options.add_argument("--write", action="store_true", help="keep what was found, and write docs/faults.md")
options.add_argument("--fresh", action="store_true", help="with --write: all faults again, not only the new and changed ones")
options.add_argument("--missed", action="store_true", help="print only the faults that ours does not find")
options.add_argument("--say", metavar="FAULT", help="print everything that the engines say of one fault")
chosen = options.parse_args()
engines = chosen.engines.split(",")
if strangers := set(engines) - set(ENGINES):
    options.error(f"no engine is called {', '.join(strangers)}")
if chosen.say:
    for release in RELEASES:
        asked = [case for case in cases(release) if case.fault.name == chosen.say]
        for engine in engines:
            for case, issues in zip(asked, run(engine, release, asked), strict=True):
                print(f"{release} {engine}, at {case.place}:", *(f"\n  {one}" for one in issues))
    raise SystemExit
if chosen.write:
    for engine in engines:
        if engine != "own":
            keep(engine, chosen.fresh)
every = verdicts(list(NAMES))
if chosen.write:
    PAGE.write_text(page(every), encoding="utf-8")
    still = missed("own").union(*map(examples.missed, examples.RELEASES)) if examples.FOLDER.is_dir() else missed("own") | {
        name for name in not_yet() if "/" in name}
    NOT_YET.write_text("".join(f"{name}\n" for name in sorted(not_yet() & still)))
for fault in FAULTS:
    for release in fault.releases:
        said = {engine: every[engine][fault.name, release] or "–" for engine in every}
        if not chosen.missed or not enough(said["own"], fault):
            print(f"{release}  {fault.name:45} {fault.rule:28} " + "  ".join(f"{NAMES[engine]} {one:9}" for engine, one in said.items()))
print(*totals(every), sep="\n")
