"""Puts a simulated log and its truth into a folder, for people and for the other commands."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from eventlog.errors import StopError
from simulation.process import CASE_ATTRIBUTES
from simulation.running import Simulation

FIXED = ("event_id", "case_id", "activity", "sequence", "lifecycle", "resource", "unit")
MICROSECONDS = 1_000_000


def write(simulation: Simulation, folder: Path, *, zone: str = "Asia/Jakarta") -> list[Path]:
    """Write events.csv, events.parquet, events.jsonl, work_items.parquet and truth.json.

    events.jsonl holds one event a line as the topic carries it, with times in `zone`; events.csv
    has the same times with their offset. StopError where the folder cannot be written.
    """
    files = [
        folder / name
        for name in (
            "events.csv",
            "events.parquet",
            "events.jsonl",
            "work_items.parquet",
            "truth.json",
        )
    ]
    stamps = _stamps(simulation.events, zone)
    place = simulation.events.schema.get_field_index("timestamp")
    written = simulation.events.set_column(place, "timestamp", pa.array(stamps, pa.string()))
    truth = msgspec.json.format(msgspec.json.encode(simulation.truth), indent=2)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pyarrow.csv.write_csv(written, files[0])
        pyarrow.parquet.write_table(simulation.events, files[1])
        files[2].write_bytes(event_lines(simulation.events, zone=zone))
        pyarrow.parquet.write_table(simulation.items, files[3])
        files[4].write_bytes(truth + b"\n")
    except OSError as error:
        raise StopError(
            f"{folder}: the simulated log cannot be written: {error.strerror or error}; "
            "choose another folder with --out"
        ) from error
    return files


def event_lines(events: pa.Table, *, zone: str = "Asia/Jakarta") -> bytes:
    """The events as lines of JSON, each as the topic carries it; what is null is left out."""
    columns: dict[str, list[Any]] = {name: events[name].to_pylist() for name in FIXED}
    stamps = _stamps(events, zone)
    cases = [dict[str, str]() for _ in stamps]
    for name in CASE_ATTRIBUTES:
        for case, value in zip(cases, events[name].to_pylist(), strict=True):
            if value is not None:
                case[name] = value
    messages: list[dict[str, Any]] = []
    for values, stamp, case in zip(zip(*columns.values(), strict=True), stamps, cases, strict=True):
        message = {
            name: value for name, value in zip(columns, values, strict=True) if value is not None
        }
        message["timestamp"] = stamp
        if case:
            message["case"] = case
        messages.append(message)
    return msgspec.json.Encoder().encode_lines(messages)


def _stamps(events: pa.Table, zone: str) -> list[str]:
    """RFC 3339 texts of the events' moments in `zone`."""
    place = ZoneInfo(zone)
    seconds = (events["timestamp"].cast(pa.int64()).to_numpy() // MICROSECONDS).tolist()
    return [datetime.fromtimestamp(at, tz=UTC).astimezone(place).isoformat() for at in seconds]
