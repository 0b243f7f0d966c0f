"""Mines a lake and replaces the folder of results, for the command line and the scheduler alike."""

import dataclasses
from datetime import datetime
from pathlib import Path

from engine.mining import Mined
from engine.mining import mine as mine_lake
from engine.progress import Progress
from flows import wire
from flows.options import Engine
from flows.results import replaced
from flows.settings import Settings
from reports.reading import can_report, write_report


def mine(
    settings: Settings,
    *,
    here: Path,
    as_of: datetime | None = None,
    only: frozenset[str] | None = None,
    engine: Engine = Engine.LOCAL,
    memory: str | None = None,
    master: str | None = None,
    progress: Progress,
) -> Mined:
    """Answer every question (or those of `only`) on the lake that `settings` name.

    `here` is where process files are looked up by name, `memory` a size such as "1GB" to stay
    under, `master` the address of a Spark cluster. The results appear all at once when everything
    went well.
    """
    folder = wire.results_folder(settings)
    lake = wire.open_lake(settings)
    process, drawn = wire.definition_and_drawing(settings, here=here)
    wire.require_same_process(lake, process)
    with (
        wire.look(engine, memory=memory, master=master) as look,
        replaced(folder) as draft,
    ):
        mined = mine_lake(
            lake,
            process,
            draft,
            as_of=as_of,
            only=only,
            procedure=drawn,
            look=look,
            progress=progress,
        )
        if can_report(draft):
            with progress.stage("report"):
                write_report(draft)
    return dataclasses.replace(mined, folder=folder)
