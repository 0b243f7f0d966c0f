"""The first thing that the installed command runs: quiet even when it is stopped while it loads."""

import signal
import sys


def main() -> None:
    """Load the command line and run it; Ctrl-C in the half second before is no traceback either."""
    try:
        from flows.cli import main as command  # noqa: PLC0415 (what may be interrupted)
    except KeyboardInterrupt:
        print("runut: stopped", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
    command()
