"""Records pushed through a bad network by a program that is killed again and again, and what the server holds at the end."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

from msgspec import Struct

from converter.convert import convert_all
from converter.documents import Inputs
from mappings.push.parcels import Given, parcel
from mappings.push.reading_back import looked_up
from mappings.server import Server
from tests.faults.proxy import Proxy, at_random

KINDS = ("ResearchStudy", "PlanDefinition", "Group")
SAMPLES = Path(__file__).parents[2] / "samples" / "ctgov"
RUNS = 60
"""A run that is not killed may end early, when nothing was to be reached; the next goes on.  With this many, something else is wrong."""


PREFLIGHT = 4
"""Requests of a run before it sends anything."""


class Held(Struct, frozen=True):
    """What happened: how often the program was started and killed, which faults the network had, how many resources of each type the
    server has more than before, and which records it does not hold just as they were sent."""

    runs: int
    kills: int
    requests: int
    faults: dict[str, int]
    counts: dict[str, int]
    wrong: tuple[str, ...]
    seconds: float


def numbered(count: int, begin: int) -> list[bytes]:
    """So many records, each with a number of its own: the samples again and again."""
    samples = [path.read_bytes() for path in sorted(SAMPLES.glob("*.json"))]
    return [re.sub(rb"NCT\d{8}", b"NCT%08d" % (begin + n), samples[n % len(samples)].replace(b"\n", b"")) for n in range(count)]


def stressed(url: str, records: Path, journal: Path, *, kills: int, share: float = 0.2, seed: int = 1, jobs: int = 4,
             release: str = "r4") -> Held:
    """Pushes the file of records to the server at `url`; of all requests, that share fails in some way, and the program is killed
    that often, each time after some more requests."""
    random, begun = Random(seed), time.monotonic()
    most = max(sum(1 for _ in records.open("rb")) // (kills + 1), 6)
    before = counted(url)
    command = [sys.executable, "-m", "converter.cli", "push", str(records), "--journal", str(journal), "--resume", "--jobs", str(jobs), "-q"]
    runs = killed = 0
    with Proxy(url, at_random(share, seed)) as proxy:
        while runs < RUNS:
            runs += 1
            process = subprocess.Popen([*command, "--server", proxy.url], stderr=subprocess.PIPE)
            last = len(proxy.requests) + random.randint(5, most + PREFLIGHT)
            while killed < kills and process.poll() is None and len(proxy.requests) < last:
                time.sleep(random.uniform(0.001, 0.02))
            if killed < kills and process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                killed += 1
                continue
            said = process.communicate()[1]
            if process.returncode == 0:
                break
            if process.returncode != 5:
                raise RuntimeError(f"ended with {process.returncode}: {said.decode()}")
        faults = Counter(request.fault for request in proxy.requests if request.fault)
        requests = len(proxy.requests)
    after = counted(url)
    return Held(runs, killed, requests, dict(faults), {kind: after[kind] - before[kind] for kind in KINDS},
                tuple(different(url, records, release)), time.monotonic() - begun)


def counted(url: str) -> dict[str, int]:
    """How many resources of each type the server has."""
    client = Server(url).client
    return {kind: client.ask("GET", f"{kind}?_summary=count", headers={"Cache-Control": "no-cache"}).tree["total"] for kind in KINDS}


def different(url: str, records: Path, release: str) -> list[str]:
    """What the server does not hold just as it was sent."""
    client = Server(url).client
    found = []
    for outcome in convert_all(Inputs([records]), release):
        assert outcome.document is not None, outcome.problems
        look = looked_up(client, parcel(Given(outcome.document)))
        if not look.same:
            found.append(f"{outcome.id}: {[one is not None for one in look.resources]} {'; '.join(map(str, look.differences))}")
    return found
