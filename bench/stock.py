"""What the benchmarks work on: lakes and an XES file, made once and kept in the cache."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from generate import blocks
from permits import ATTRIBUTES, permits

from eventlog import schema
from eventlog.lake import Lake
from simulation.demo import demo_plants
from simulation.office import STAFFING, Office
from simulation.running import simulate

ROOT = Path(__file__).parents[1]
CACHE = Path(os.environ.get("RUNUT_BENCH") or ROOT / ".cache" / "bench")
DATA = Path(os.environ.get("RUNUT_DATA") or ROOT.parent / "shared" / "data")
SMALL = 100_000
FEW_PERMITS = 10_000
PROCESS = "building-permit"
_TIMES = 10


def lake_of(events: int) -> Path:
    """A tidied lake of about so many events."""
    return _kept(f"lake-{events}", f"{events:,} events", (), blocks(events))


def permits_of(cases: int) -> Path:
    """A tidied lake of so many permit applications, with ten groups."""
    return _kept(f"permits-{cases}", f"{cases:,} applications", ATTRIBUTES, permits(cases))


def office_of(cases: int) -> Path:
    """A lake of so many applications to the office of the demo, at ten times its size.

    Ten times as many come on a day, to ten times as many officers: 65,000 in not quite two years.
    """
    folder, ready = CACHE / f"office-{cases}", CACHE / f"office-{cases}.ready"
    if not ready.exists():
        print(f"simulating {cases:,} applications", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        office = Office(
            cases=cases,
            seed=2026,
            per_day=Office.per_day * _TIMES,
            staffing={unit: officers * _TIMES for unit, officers in STAFFING.items()},
        )
        written = folder / "events.parquet"
        pq.write_table(simulate(office, demo_plants()).events, written)
        command = [ROOT / ".venv" / "bin" / "runut", "import", "--quiet", "--process", PROCESS]
        subprocess.run([*command, "--lake", folder / "lake", written], check=True, cwd=folder)
        written.unlink()
        ready.touch()
    return folder / "lake"


def _kept(name: str, what: str, attributes: Sequence[str], made: Iterable[pa.Table]) -> Path:
    place, ready = CACHE / name, CACHE / f"{name}.ready"
    if not ready.exists():
        print(f"making a lake of {what}", flush=True)
        shutil.rmtree(place, ignore_errors=True)  # one that was left half made
        CACHE.mkdir(parents=True, exist_ok=True)
        lake = Lake.create(place, process="bench", case_attributes=attributes)
        writer = lake.writer("file/bench")
        done = 0
        for block in made:
            nothing = schema.REJECTS.empty_table()
            writer.append(block, nothing, start=done, next=done + block.num_rows)
            done += block.num_rows
        lake.tidy(retention=timedelta(hours=1))
        ready.touch()
    return place


def written_xes() -> Path:
    """An XES file of about 100,000 events."""
    path = CACHE / "made.xes"
    if not path.exists():
        lake_of(SMALL)
        rows = (
            Lake.open(CACHE / f"lake-{SMALL}")
            .read(["case_id", "activity", "timestamp", "resource"])
            .to_pandas()
            .sort_values(["case_id", "timestamp"], kind="stable")
        )
        with path.with_suffix(".part").open("w", encoding="utf-8") as file:
            file.write('<?xml version="1.0" encoding="UTF-8"?>\n<log xes.version="1.0">\n')
            for case, events in rows.groupby("case_id", observed=True):
                file.write(f'<trace>\n<string key="concept:name" value="{case}"/>\n')
                for event in events.itertuples():
                    file.write(
                        f'<event>\n<string key="concept:name" value="{event.activity}"/>\n'
                        f'<string key="org:resource" value="{event.resource}"/>\n'
                        '<string key="lifecycle:transition" value="complete"/>\n'
                        f'<date key="time:timestamp" value="{event.timestamp.isoformat()}"/>\n'
                        "</event>\n"
                    )
                file.write("</trace>\n")
            file.write("</log>\n")
        path.with_suffix(".part").rename(path)
    return path
