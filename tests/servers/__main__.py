"""`python -m tests.servers` starts the servers for a person, tells their URLs, and stops them at Ctrl-C."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack

from tests.servers import Unavailable, hapi, medplum


def main() -> int:
    """Starts what can be built here; 1 when nothing can."""
    servers = [("Medplum R4", medplum()), ("HAPI R4", hapi("r4")), ("HAPI R5", hapi("r5"))]
    with ExitStack() as started:
        some = False
        try:
            for name, server in servers:
                try:
                    print(f"{name:<11}{started.enter_context(server).url}", flush=True)
                    some = True
                except Unavailable as reason:
                    print(f"{name:<11}{reason}", file=sys.stderr)
            if some:
                print("Ctrl-C stops them", flush=True)
                signal.pause()
        except KeyboardInterrupt:
            pass
    return 0 if some else 1


if __name__ == "__main__":
    sys.exit(main())
