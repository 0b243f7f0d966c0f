"""Keeps the lake quick and no older than promised: sorts it by case and deletes what has lapsed."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import TableNotFoundError

from eventlog.errors import UsageError
from eventlog.lake import history, rewriting, tables, thinning
from eventlog.lake.tables import ALERTS, EVENTS, MEASURES, REJECTS, SILENCES, Place, arrow_schema
from eventlog.lake.verdicts import Conflict, translated

# What a writer has written and not yet committed looks like a file that nobody needs.
SHORTEST = timedelta(hours=1)
_SMALL = (ALERTS, MEASURES, SILENCES)
# Of the small tables, fewer files are not worth joining.
_FEW = 16
# A watch joins small files every few minutes, and of two rewrites only one is let in.
_ATTEMPTS = 4


@dataclass(frozen=True, kw_only=True)
class TidyReport:
    """What tidying did to events and rejects; `earliest` is how far back one sees.

    The tables of alerts, silences and measures are tidied too, and not counted: they are small.
    """

    version: int
    rows_rewritten: int
    files_before: int
    files_after: int
    files_deleted: int
    earliest: datetime

    def __post_init__(self) -> None:
        """Refuse counts below zero."""
        counts = (self.version, self.rows_rewritten, self.files_before, self.files_after)
        if min(*counts, self.files_deleted) < 0:
            raise ValueError(f"a count below zero: {self}")


def tidy(place: Place, *, retention: timedelta) -> TidyReport:
    """Cluster by case, merge what is small, and forget versions older than `retention`.

    Safe beside writers and readers of anything younger than `retention`. Conflict (try again
    later) when another rewrite came first; UsageError for a retention under an hour.
    """
    if retention < SHORTEST:
        raise UsageError(f"retention is {retention}; expected an hour or more, e.g. 90 days")
    hours = -(-retention // timedelta(hours=1))
    events, rejects = _clustered(place, EVENTS), _clustered(place, REJECTS)
    deleted = sum(_forget(place, name, hours) for name in (EVENTS, REJECTS))
    for name in _SMALL:
        _tidy_small(place, name, hours)
    for name in tables.small(place):
        rewriting.merge(place, name, at_least=2)
        _forget(place, name, hours)
    with translated(place.uri, "tidying up"):
        return TidyReport(
            version=place.table(EVENTS).version(),
            rows_rewritten=events.rows + rejects.rows,
            files_before=events.files_before + rejects.files_before,
            files_after=events.files_after + rejects.files_after,
            files_deleted=deleted,
            earliest=history.earliest(place),
        )


def _clustered(place: Place, name: str) -> rewriting.Rewritten:
    """Cluster; where a watch joined small files meanwhile, once more from what is there now."""
    for _ in range(_ATTEMPTS - 1):
        with suppress(Conflict):
            return rewriting.cluster(place, name)
    return rewriting.cluster(place, name)


def _tidy_small(place: Place, name: str, hours: int) -> None:
    """Join the files of a table that is not large, where there is one, and delete what lapsed.

    Who has heard of what is kept: positions stand in the checkpoints. It is left for the next time
    where somebody writes to it right now.
    """
    with suppress(Conflict, TableNotFoundError):
        place.table(name)
        rewriting.merge(place, name, at_least=_FEW)
        _forget(place, name, hours)


def _forget(place: Place, name: str, hours: int) -> int:
    """Delete what stopped counting more than `hours` ago; gives the number of files."""
    with translated(place.address(name), "deleting what has lapsed"):
        table = place.table(name)
        _agree(table, hours)
        if name in {EVENTS, REJECTS} and _vacuum(table, hours, dry_run=True):
            _note(table, hours)
        gone = _vacuum(table, hours, dry_run=False)
        table = place.table(name)
        table.create_checkpoint()
        table.cleanup_metadata()
        thinning.thin(place, name, now=datetime.now(UTC))
        return gone


def _vacuum(table: DeltaTable, hours: int, *, dry_run: bool) -> int:
    """How many files were (or, dry, would be) deleted: lapsed ones, and what crashes left."""
    return len(
        table.vacuum(
            retention_hours=hours, enforce_retention_duration=False, dry_run=dry_run, full=True
        )
    )


def _agree(table: DeltaTable, hours: int) -> None:
    """Tell the table itself, so that checkpoints and other programs keep as much and no more.

    A writer at work meets a Conflict once, which is why this is done on a change only.
    """
    wanted = dict(_properties(hours))
    if not wanted.items() <= table.metadata().configuration.items():
        table.alter.set_table_properties(wanted)


def _properties(hours: int) -> Iterator[tuple[str, str]]:
    for name in ("delta.logRetentionDuration", "delta.deletedFileRetentionDuration"):
        yield name, f"interval {hours} hours"


def _note(table: DeltaTable, hours: int) -> None:
    """Write down, before anything is deleted, how far back the lake will be whole.

    A minute on the safe side, because the deleting looks at the clock again.
    """
    since = time.time_ns() // 1_000_000 - hours * 3_600_000 + 60_000
    columns = arrow_schema(table)
    write_deltalake(
        table,
        pa.table([pa.nulls(0, field.type) for field in columns], schema=columns),
        mode="append",
        commit_properties=CommitProperties(
            app_transactions=[Transaction(history.KEPT_SINCE, since)]
        ),
    )
