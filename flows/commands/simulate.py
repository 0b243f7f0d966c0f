"""`runut simulate`: a permit office's log with planted truths, and the truth beside it."""

from pathlib import Path
from typing import Annotated

import typer

from flows.options import AsJson, Quiet, examples
from flows.results import refuse_foreign
from flows.screen import screen

EXAMPLES = examples(
    "runut simulate --seed 1 --out office",
    'runut simulate --plant "understaffed:activity=Review zoning,factor=0.6" --out office',
    "runut simulate --plant ping-pong --plant surcharge --cases 2000 --out office",
)
_MARK = "truth.json"


def simulate(
    *,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder to write to.")],
    plant: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND[:FIELD=VALUE,…]", help="What is wrong in the office."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="Another number, another office.")] = 1,
    cases: Annotated[int, typer.Option(metavar="N", help="How many applications.")] = 5000,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Simulate a permit office: its log as files, and truth.json with what was planted.

    The same seed and plants give the same log. Without --plant the office does nothing wrong.
    """
    refuse_foreign(out, mark=_MARK)
    # numba-free, but simpy and Arrow still take most of a second
    from simulation.office import Office  # noqa: PLC0415
    from simulation.plants import parse_plant  # noqa: PLC0415
    from simulation.running import simulate as run  # noqa: PLC0415
    from simulation.writing import write  # noqa: PLC0415

    plants = [parse_plant(text) for text in plant or ()]
    office = Office(cases=cases, seed=seed)
    with screen(as_json=as_json, quiet=quiet) as view:
        with view.progress.stage("simulating"):
            simulation = run(office, plants)
        with view.progress.stage("writing"):
            files = write(simulation, out)
        events = simulation.events.num_rows
        planted = ", ".join(p.kind for p in plants) or "nothing"
        view.show(
            [
                f"Simulated {events:,} events of {cases:,} cases; planted: {planted}.",
                *(f"- {file}" for file in files),
            ],
            {
                "events": events,
                "cases": cases,
                "seed": seed,
                "plants": [p.kind for p in plants],
                "files": [str(file) for file in files],
            },
        )
