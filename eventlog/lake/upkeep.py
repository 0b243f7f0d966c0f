"""What keeps the lake quick while somebody writes to it all day: joined files, a short log."""

from datetime import UTC, datetime, timedelta

from eventlog.lake import rewriting, tables, thinning
from eventlog.lake.commits import commits
from eventlog.lake.tables import EVENTS, REJECTS, Place
from eventlog.lake.verdicts import translated

# Fewer are not worth a commit of their own. Each costs a reader about a millisecond.
_FEW = 64
# Only versions with a checkpoint outlast their hour, so each hour needs one. Deltalake writes one
# every 100 commits.
_CHECKPOINTED = timedelta(minutes=30)


def compact(place: Place) -> bool:
    """Join the small files of each table and thin out its log; whether files were joined.

    Files that a clustering wrote and those of 8 MB or more are left alone. Of versions older than
    an hour one an hour is kept. Conflict when another rewrite came first.
    """
    now = datetime.now(UTC)
    names = (EVENTS, REJECTS, *tables.small(place))
    for name in names:
        _checkpoint(place, name, now)
        thinning.thin(place, name, now=now)
    joined = [rewriting.merge(place, name, at_least=_FEW) for name in names]
    return any(one.rows for one in joined)


def _checkpoint(place: Place, name: str, now: datetime) -> None:
    """Write a checkpoint where commits came since the last one, and that was a while ago."""
    with translated(place.address(name), "writing a checkpoint"):
        held = commits(place, name)
        newest = max(held.commits, default=0)
        base = max(held.bases, default=newest)
        if base < newest and held.commits[base] < now - _CHECKPOINTED:
            place.table(name).create_checkpoint()
