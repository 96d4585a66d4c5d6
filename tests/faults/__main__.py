"""`python -m tests.faults [--engines own,models,hapi] [--write]` prints the table of seeded faults.

Engines named run now; without them ours does, and the others stand as they are kept.  --write keeps what was found and the page.
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
options.add_argument("--missed", action="store_true", help="print only the faults that ours does not find")
options.add_argument("--say", metavar="FAULT", help="print everything that the engines say of one fault")
chosen = options.parse_args()
engines = chosen.engines.split(",")
if strangers := set(engines) - set(ENGINES):
    options.error(f"no engine is called {', '.join(strangers)}")
if chosen.say:
    for release in RELEASES:
        for engine in engines:
            for case, issues in zip(cases(release), run(engine, release), strict=True):
                if case.fault.name == chosen.say:
                    print(f"{release} {engine}, at {case.place}:", *(f"\n  {one}" for one in issues))
    raise SystemExit
if chosen.write:
    for engine in engines:
        if engine != "own":
            keep(engine)
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
