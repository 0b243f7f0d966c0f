"""The lake as it was known at an earlier time, and how far back that goes."""

import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from eventlog.errors import StopError, UsageError
from eventlog.lake import reading
from eventlog.lake.rewriting import OURS
from eventlog.lake.tables import EVENTS, REJECTS, Place
from eventlog.lake.verdicts import translated

# Milliseconds since 1970 before which tidy() has deleted what no longer counted.
KEPT_SINCE = OURS + "kept-since"
_LOG = "_delta_log"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def version_at(place: Place, time: datetime) -> int:
    """The version of the last commit at or before `time`.

    UsageError for a time without an offset, or from before what is kept: it names the earliest
    possible one.
    """
    if time.tzinfo is None:
        raise UsageError(f"{time.isoformat()}: a time needs its offset, e.g. {time.isoformat()}Z")
    with translated(place.uri, "looking for an earlier version"):
        table = place.table(EVENTS)
        instant = _milliseconds(time)
        limit = 64
        while True:  # most look back a little; the whole log may be long
            commits = _commits(table, limit)
            fitting = [version for at, version in commits if at <= instant]
            if fitting or len(commits) < limit:
                break
            limit *= 8
        kept = table.transaction_version(KEPT_SINCE)
        if not fitting or (kept is not None and instant < kept) or not _loads(place, fitting[0]):
            first = earliest(place)
            raise UsageError(
                f"{place.uri}: nothing is kept from {time.isoformat()}; the earliest time possible"
                f" is {first.isoformat()}"
            )
        return fitting[0]


def earliest(place: Place) -> datetime:
    """The earliest time that the lake can still be read as of."""
    table = place.table(EVENTS)
    versions = _versions(place, EVENTS)
    low, high = 0, len(versions) - 1  # the newest loads; what loads is a tail of the log
    while low < high:
        middle = (low + high) // 2
        if _loads(place, versions[middle]):
            high = middle
        else:
            low = middle + 1
    # Clocks of several writers may disagree: the time must find no version before this one.
    first = max(_committed(place, EVENTS, version) for version in versions[: high + 1])
    kept = table.transaction_version(KEPT_SINCE)
    return _EPOCH + timedelta(milliseconds=max(first, kept or first))


def rejects_at(place: Place, events_version: int) -> int:
    """The version that the rejects had when the events got theirs.

    Rejects are written just before the events of their batch, so what stood there at that time
    belongs to it; what came later does not, and the same version tells the same numbers for ever.
    Where that version has been forgotten by `tidy`, the oldest that is kept.
    """
    instant = _committed(place, EVENTS, events_version)
    versions = _versions(place, REJECTS)
    # From the newest back: who asks mostly asks about now, and the whole log may be long.
    at = next((v for v in reversed(versions) if _committed(place, REJECTS, v) <= instant), None)
    for version in [versions[0] if at is None else at, *versions]:
        if _loads(place, version, REJECTS):
            return version
    return versions[-1]


def latest(place: Place, table: DeltaTable) -> datetime | None:
    """The latest event at or before the table's last commit, else the latest of all."""
    listed = reading.files(table)
    at, _ = _commits(table, 1)[0]
    committed = _EPOCH + timedelta(milliseconds=at)
    told = listed.column("max.timestamp") if "max.timestamp" in listed.column_names else None
    if told is not None and not told.null_count and listed.num_rows:
        newest = _moment(pc.max(told))
        if newest is not None and newest <= committed:
            return newest
    rows = reading.rows(place, table, EVENTS, ["timestamp"], None).column("timestamp")
    if not len(rows):
        return None
    happened = rows.filter(pc.less_equal(rows, pa.scalar(committed, rows.type)))
    return _moment(pc.max(happened if len(happened) else rows))


def _moment(scalar: pa.Scalar) -> datetime | None:
    found: datetime | None = scalar.as_py()
    return None if found is None else found.astimezone(UTC)


def _commits(table: DeltaTable, limit: int | None) -> list[tuple[int, int]]:
    """(milliseconds since 1970, version) of the commits, newest first.

    The times are those written in the commits: files' times change when a lake is copied.
    """
    return [(commit["timestamp"], commit["version"]) for commit in table.history(limit)]


def _versions(place: Place, name: str) -> list[int]:
    """The versions of a table whose commits are kept, the oldest first."""
    found = place.filesystem(name).get_file_info(pafs.FileSelector(_LOG))
    names = (one.base_name.removesuffix(".json") for one in found if one.extension == "json")
    return sorted(int(one) for one in names if one.isdigit())


def _committed(place: Place, name: str, version: int) -> int:
    """When a version was committed, in milliseconds since 1970, as its commit says."""
    with place.filesystem(name).open_input_stream(f"{_LOG}/{version:020d}.json") as file:
        for line in file.read().splitlines():
            if said := json.loads(line).get("commitInfo"):
                return int(said["timestamp"])
    raise StopError(f"{place.address(name)}: version {version} does not say when it was committed")


def _loads(place: Place, version: int, name: str = EVENTS) -> bool:
    try:
        place.table(name, version)
    except DeltaError:
        return False
    return True


def _milliseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(milliseconds=1)
