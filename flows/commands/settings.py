"""`runut settings`: what holds, and where each setting came from."""

import os
from pathlib import Path

from flows.options import AsJson, Quiet, examples
from flows.screen import screen
from flows.settings import settle

EXAMPLES = examples("runut settings", "RUNUT_LAKE=lake runut settings --json")


def settings(*, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Show every setting that holds and where it came from; secrets are masked.

    The command line speaks first, then the environment (RUNUT_…), then ./runut.toml, then the
    defaults. A file named by X_FILE is read for a secret X.
    """
    settled = settle({}, environment=os.environ, folder=Path.cwd())
    values = settled.masked()
    widest = max(map(len, values))
    with screen(as_json=as_json, quiet=quiet) as view:
        for line in settled.warnings:
            view.note(line)
        view.show(
            [
                f"{name:{widest}}  {value or '-'}  ({settled.origins[name]})"
                for name, value in values.items()
            ],
            {
                name: {"value": value, "from": settled.origins[name]}
                for name, value in values.items()
            },
        )
