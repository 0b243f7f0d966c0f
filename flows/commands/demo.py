"""`runut demo`: everything once, on simulated permits, without a server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.common import settled
from flows.commands.mine import fields, worst
from flows.options import AsJson, Quiet, examples
from flows.screen import screen

if TYPE_CHECKING:
    from flows.demo import Demonstration

EXAMPLES = examples("runut demo", "runut demo --out try-runut")
_FOLDER = Path("out") / "demo"


def demo(
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for all that is made.")
    ] = _FOLDER,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Simulate a permit office, put its events into a lake, mine them, and write the report.

    Needs no server. Says what it did, what it found, and where to look.
    """
    settings = settled(quiet=quiet)
    from flows.demo import demonstrate  # noqa: PLC0415 (numba, simpy and pandas take seconds)
    from simulation.demo import demo_office, demo_plants  # noqa: PLC0415

    with screen(as_json=as_json, quiet=quiet) as view:
        done = demonstrate(
            out,
            office=demo_office(),
            plants=demo_plants(),
            key_file=settings.key_file,
            here=Path.cwd(),
            progress=view.progress,
        )
        view.show(
            told(done),
            {
                "folder": str(done.folder),
                "planted": [plant.kind for plant in done.plants],
                **fields(done.mined),
            },
        )


def told(done: "Demonstration") -> list[str]:
    """What was done, what was found, and where to look, in plain words."""
    from flows.facts import facts  # noqa: PLC0415 (pandas and Arrow take seconds)
    from reports.reading import read_results  # noqa: PLC0415

    mined = done.mined
    counts = mined.run["counts"]
    size = f"{mined.cases:,} applications, {counts['stored']:,} events"
    return [
        "What was done",
        f"- A permit office was simulated: {size}. It misbehaves on purpose.",
        f"- Its events went into a lake, {done.folder / 'lake'}, as they would from Kafka.",
        "- The lake was mined: which way applications travel, how often, how long it takes.",
        "",
        "What was found",
        *(f"- {fact}" for fact in facts(read_results(mined.folder))),
        *worst(mined),
        "",
        "Where to look",
        f"- The report, in a browser: {(mined.folder / 'report.html').resolve()}",
        f"- Pages to explore it: runut serve --results {mined.folder}",
        f"- The process map as a picture: {mined.folder / 'map.svg'}",
        f"- The model, for any BPMN tool: {mined.folder / 'model.bpmn'}",
        f"- What was planted in the office: {done.folder / 'office' / 'truth.json'}",
    ]
