"""The lake as it was known at an earlier time, and how far back that goes."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from eventlog.errors import StopError, UsageError
from eventlog.lake import reading
from eventlog.lake.commits import Commits, commits, committed
from eventlog.lake.rewriting import OURS
from eventlog.lake.tables import EVENTS, REJECTS, Place
from eventlog.lake.verdicts import translated
from eventlog.moments import EPOCH

# Milliseconds since 1970 before which tidy() has deleted what no longer counted.
KEPT_SINCE = OURS + "kept-since"
# By how much the clocks of several writers may disagree; milliseconds.
_DISAGREE = 60_000


def version_at(place: Place, time: datetime) -> int:
    """The version of the last commit at or before `time`, among those that are kept.

    UsageError for a time without an offset, or from before what is kept: it names the earliest
    possible one.
    """
    if time.tzinfo is None:
        raise UsageError(f"{time.isoformat()}: a time needs its offset, e.g. {time.isoformat()}Z")
    with translated(place.uri, "looking for an earlier version"):
        instant = _milliseconds(time)
        held = commits(place, EVENTS)
        kept = place.table(EVENTS).transaction_version(KEPT_SINCE)
        found = _last(place, EVENTS, held, instant)
        whole = found is not None and (
            kept is None or (instant >= kept and _whole(place, held, found, kept))
        )
        if found is None or not whole:
            first = earliest(place)
            raise UsageError(
                f"{place.uri}: nothing is kept from {time.isoformat()}; the earliest time possible"
                f" is {first.isoformat()}"
            )
        return found


def earliest(place: Place) -> datetime:
    """The earliest time that the lake can still be read as of."""
    held = commits(place, EVENTS)
    kept = place.table(EVENTS).transaction_version(KEPT_SINCE)
    for version in held.openable:
        at = committed(place, EVENTS, version)
        if at is not None and (kept is None or _whole(place, held, version, kept)):
            return EPOCH + timedelta(milliseconds=at if kept is None else max(at, kept))
    raise StopError(f"{place.address(EVENTS)}: no commit is left that says when it was made")


def _whole(place: Place, held: Commits, version: int, kept: int) -> bool:
    """Whether no file of the version was deleted when it was all that counted before `kept`."""
    at = committed(place, EVENTS, version)
    if (at is not None and at >= kept) or version == max(held.commits):
        return True
    # It counted until the next commit, but where that one was thinned out nobody knows until when.
    after = committed(place, EVENTS, version + 1)
    return after is not None and after >= kept


def rejects_at(place: Place, events_version: int) -> int | None:
    """The version that the rejects had when the events got theirs; None: the newest.

    Rejects are written just before the events of their batch, so what stood there at that time
    belongs to it; what came later does not, and the same version tells the same numbers as long
    as its hour is not thinned out. Where nothing is kept from then, the oldest that is kept.
    """
    instant = committed(place, EVENTS, events_version)
    held = commits(place, REJECTS)
    if instant is None or not held.openable:
        return None
    found = _last(place, REJECTS, held, instant)
    return held.openable[0] if found is None else found


def _last(place: Place, name: str, held: Commits, instant: int) -> int | None:
    """The last version at or before `instant`, milliseconds since 1970."""
    openable = held.openable
    # The clocks of writers may disagree a little, so the first later one is not looked for.
    past = bisect_right(
        openable, instant + _DISAGREE, key=lambda one: committed(place, name, one) or 0
    )
    for version in reversed(openable[:past]):
        at = committed(place, name, version)
        if at is not None and at <= instant:
            return version
    return None


def latest(place: Place, table: DeltaTable) -> datetime | None:
    """The latest event at or before the table's last commit, else the latest of all."""
    listed = reading.files(table)
    at = committed(place, EVENTS, table.version())
    until = datetime.now(UTC) if at is None else EPOCH + timedelta(milliseconds=at)
    told = listed.column("max.timestamp") if "max.timestamp" in listed.column_names else None
    if told is not None and not told.null_count and listed.num_rows:
        newest = _moment(pc.max(told))
        if newest is not None and newest <= until:
            return newest
    rows = reading.rows(place, table, EVENTS, ["timestamp"], None).column("timestamp")
    if not len(rows):
        return None
    happened = rows.filter(pc.less_equal(rows, pa.scalar(until, rows.type)))
    return _moment(pc.max(happened if len(happened) else rows))


def _moment(scalar: pa.Scalar) -> datetime | None:
    found: datetime | None = scalar.as_py()
    return None if found is None else found.astimezone(UTC)


def _milliseconds(time: datetime) -> int:
    return (time - EPOCH) // timedelta(milliseconds=1)
