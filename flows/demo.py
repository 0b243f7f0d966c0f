"""The demonstration: a permit office that misbehaves, from its events to a report."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.importing import ImportReport
from engine.mining import Mined
from engine.progress import Progress
from flows.importing import import_into
from flows.mine import mine
from flows.results import refuse_foreign
from flows.settings import Settings
from simulation.office import Office
from simulation.plants import Plant
from simulation.running import simulate
from simulation.writing import write

PROCESS = "building-permit"
_MARK = "office/truth.json"


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """What was planted, what came in and what was found; `folder` holds all of it."""

    folder: Path
    plants: tuple[Plant, ...]
    truth: dict[str, Any]
    imported: ImportReport
    mined: Mined


def demonstrate(
    folder: Path,
    *,
    office: Office,
    plants: Sequence[Plant],
    key_file: Path,
    here: Path,
    progress: Progress,
) -> Demonstration:
    """Simulate, import and mine below `folder`: office/, lake/ and results/.

    What an earlier demonstration left there is replaced; UsageError when `folder` holds anything
    else.
    """
    refuse_foreign(folder, mark=_MARK)
    with progress.stage("simulate a permit office"):
        simulation = simulate(office, plants)
        write(simulation, folder / "office")
    settings = Settings(
        process=PROCESS,
        lake=str(folder / "lake"),
        results=folder / "results",
        key_file=key_file,
    )
    if (folder / "lake").exists():
        shutil.rmtree(folder / "lake")
    imported = import_into(
        settings, [folder / "office" / "events.csv"], here=here, progress=progress
    )
    mined = mine(settings, here=here, progress=progress)
    return Demonstration(
        folder=folder,
        plants=tuple(plants),
        truth=simulation.truth,
        imported=imported.report,
        mined=mined,
    )
