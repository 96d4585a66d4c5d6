"""The program `trialbridge`, run.

Nothing is imported here but what ending it needs: each process that `converter.workers` spawns imports this module too.
"""

from __future__ import annotations

import atexit
import gc
import signal
import sys


def ending() -> list[signal.Signals]:
    """The signals that end the program.  What is ignored stays so: nohup asks for that."""
    named = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))
    return [number for number in named if number is not None and signal.getsignal(number) != signal.SIG_IGN]


def interrupt(_: int, __: object) -> None:
    """Ends the program as Ctrl-C does, once: `timeout` and what runs it in CI tell it twice, and clearing up must not be cut off."""
    for number in ending():
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> None:
    """Runs the program.  Leaves by SystemExit with the exit code; a traceback never shows."""
    import click

    from converter.commands import trialbridge

    gc.set_threshold(50_000, 20, 100)  # what is imported stays, and need not be looked through again and again
    atexit.register(gc.freeze)  # nor once more at the end
    # Ended from outside or by a terminal that closes, it leaves as little behind as on Ctrl-C.
    for number in ending():
        signal.signal(number, interrupt)
    try:
        trialbridge.main(arguments, prog_name="trialbridge")
    except OSError as error:
        click.echo(f"trialbridge: {error.filename or 'standard output'}: {error.strerror}", err=True)
        sys.exit(1)
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        click.echo(f"trialbridge: this is a bug in trialbridge ({said}); please report it with the command: "
                   f"trialbridge {' '.join(sys.argv[1:] if arguments is None else arguments)}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
