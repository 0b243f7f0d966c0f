"""The past of a watched lake: an hour's worth of commits, as a watch makes them."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from stock import CACHE
from watch_office import COUNTERS, STEPS

from engine.compacting import Compacting
from eventlog import identity, schema
from eventlog.lake import Lake

# In an hour; a watch commits a little more than three times a second.
COMMITS = 12_000
_EVENTS = 500
_AT_ONCE = 100
_EVERY = 300


def past(commits: int, folder: Path) -> None:
    """Copy a lake that has had so many commits of 500 events to `folder`.

    It is made once and kept; its cases ended in the two hours before it was made.
    """
    made, ready = CACHE / f"watch-{commits}", CACHE / f"watch-{commits}.ready"
    if not ready.exists():
        shutil.rmtree(made, ignore_errors=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        _make(made, commits)
        ready.touch()
    shutil.copytree(made, folder, copy_function=_linked)


def _linked(source: str, target: str) -> None:
    """The same file under another name, but for what a lake writes over."""
    try:
        copied = Path(source).name == "_last_checkpoint"
        (shutil.copy2 if copied else os.link)(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)


def _make(folder: Path, commits: int) -> None:
    print(f"making a lake of {commits:,} commits", flush=True)
    lake = Lake.create(folder, process="office", case_attributes=["desk"])
    writer, nothing = lake.writer("file/past"), schema.REJECTS.empty_table()
    began = datetime.now(UTC) - timedelta(hours=2)
    with ThreadPoolExecutor(1) as pool:
        compacting = Compacting(lake, pool, every=_EVERY)
        for first in range(0, commits, _AT_ONCE):
            many = min(_AT_ONCE, commits - first) * _EVENTS
            rows = _rows(first * _EVENTS, many, began)
            for start in range(0, many, _EVENTS):
                at = first * _EVENTS + start
                writer.append(rows.slice(start, _EVENTS), nothing, start=at, next=at + _EVENTS)
                compacting.committed()


def _rows(first: int, many: int, began: datetime) -> pa.Table:
    """Events from the `first` on, half a millisecond apart; each case has one of each step."""
    number = np.arange(first, first + many)
    case = number // len(STEPS)
    numbers, cases = number.tolist(), case.tolist()
    text = pa.array(["past"] * many)
    columns = {
        "event_id": pa.array([f"past-{one}" for one in numbers]),
        "case_id": pa.array([f"past-{one}" for one in cases]),
        "activity": pa.array(STEPS).take(pa.array(number % len(STEPS))),
        "timestamp": pa.array(int(began.timestamp() * 1e6) + 500 * number).cast(schema.TIMESTAMP),
        "lifecycle": pa.array(["complete"] * many),
        "desk": pa.array([f"counter-{one % COUNTERS}" for one in cases]),
        "topic": text,
        "partition": pa.array(np.zeros(many, np.int32)),
        "offset": pa.array(number),
        "source": text,
    }
    told = schema.incoming(("desk",))
    arrays = [columns.get(f.name, pa.nulls(many, f.type)) for f in told]
    return identity.finish(pa.table(arrays, schema=told))
