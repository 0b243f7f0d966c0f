"""Brings the lake up to date with the topic, for the command line and the scheduler alike."""

from collections.abc import Callable
from pathlib import Path

from engine.ingest import IngestReport
from engine.ingest import ingest as ingest_into
from flows import wire
from flows.settings import Settings


def ingest(
    settings: Settings,
    *,
    here: Path,
    once: bool,
    stop: Callable[[], bool],
    progress: Callable[[IngestReport], None],
) -> IngestReport:
    """Read the topic of the process into its lake, made when it is not there yet.

    With `once` ends when everything that was sent has been read, otherwise when `stop` says so;
    what was read is committed first. `progress` hears the sums after every commit.
    """
    process = wire.definition(settings, here=here)
    key = wire.pseudonym_key(settings, process)
    wire.lake_address(settings)
    # before the lake: without a broker no empty lake is left behind
    source = wire.source(settings, process)
    try:
        lake = wire.open_or_make_lake(settings, process)
    except BaseException:
        source.close()
        raise
    return ingest_into(source, lake, process, key=key, once=once, stop=stop, progress=progress)
