"""What every command does first: settle what holds."""

import os
import sys
from pathlib import Path

from flows.settings import Settings, settle


def settled(*, quiet: bool, **flags: object) -> Settings:
    """The settings under these options of the command line; oddities are told on stderr."""
    found = settle(flags, environment=os.environ, folder=Path.cwd())
    if not quiet:
        for line in found.warnings:
            print(f"runut: {line}", file=sys.stderr)
    return found.settings
