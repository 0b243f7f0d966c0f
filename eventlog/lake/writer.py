"""Adds batches to the lake, each together with the place in its source where the next one begins.

Events and position are one commit: both are in, or neither is. Three things keep it exactly once.
The position is an *application transaction* of Delta, which refuses a commit when the same stream's
moved since this handle looked. That does not help against a writer that reopens the table, so
before every append the position on this very handle must be the one that the batch was read from.
And a writer that met any error is finished: what it knows may be wrong.

`kill -9` is survived, because the commit is one file that appears under its name at once or not at
all. Loss of power is the file system's and the object store's to survive: nothing here calls fsync.
"""

from collections import Counter
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

from eventlog.errors import StopError
from eventlog.lake import reading, rewriting
from eventlog.lake.tables import EVENTS, REJECTS, Place, arrow_schema
from eventlog.lake.verdicts import Conflict, translated

# A handle that is kept grows slower with every commit that it makes (145 ms after 600), a fresh
# one is as fast at 2,500 commits as at the first (measured, deltalake 1.6.6).
_KEEP = 64
# So many small files make reading slow (about a millisecond each); then they are merged.
_SMALL_FILES = 512


class Writer:
    """The one who appends for one stream: `<cluster>/<topic>/<partition>` or `file/<sha256>`.

    Open one whenever the stream is assigned to you, and another after any error.
    """

    def __init__(self, place: Place, stream: str) -> None:
        if not stream or stream.startswith(rewriting.OURS):
            raise ValueError(f"stream {stream!r}: expected e.g. 'cluster/permit.events/0'")
        self._place = place
        self.stream = stream
        self._usable = True
        self._open()

    def _open(self) -> None:
        with translated(self._place.uri, "opening the lake for writing"):
            self._events = self._place.table(EVENTS)
            self._rejects = self._place.table(REJECTS)
            self._columns = arrow_schema(self._events)
            self._commits = 0

    @property
    def position(self) -> int | None:
        """Where the next batch begins, as this writer's handle knows it; None before the first."""
        return self._events.transaction_version(self.stream)

    def append(self, events: pa.Table, rejects: pa.Table, *, start: int, next: int) -> None:  # noqa: A002 - the contract's word
        """Add a batch that was read from position `start`; the next one begins at `next`.

        `events` has the columns of `schema.events` (attributes may be missing: null), `rejects`
        those of `schema.REJECTS`, with `offset` filled. Either or both may be empty: a batch of
        gaps moves the position too. Conflict when `start` is not the position (before the first
        append any will do) or another writer got ahead; then nothing of the batch's events is in.
        """
        if next < start or (next == start and (events.num_rows or rejects.num_rows)):
            raise ValueError(f"{self.stream}: a batch of rows from {start} cannot end at {next}")
        if rejects.column("offset").null_count:
            raise ValueError(f"{self.stream}: a reject without its offset cannot be told apart")
        self._require(start)
        if next == start:
            return
        self._usable = False  # until all of this has gone well
        if self._commits >= _KEEP:
            self._refresh()
            self._require_position(start)
        if rejects.num_rows:
            self._look_afresh(start)
        aligned = self._aligned(events)
        if rejects.num_rows:
            self._append_rejects(rejects, start, next)
        with translated(self._place.uri, "adding events"):
            _commit(self._events, aligned, self.stream, next)
        self._commits += 1
        self._usable = True

    def _require(self, start: int) -> None:
        if not self._usable:
            raise Conflict(
                f"{self._place.uri}: the writer of {self.stream} met an error before; open another"
            )
        self._require_position(start)

    def _require_position(self, start: int) -> None:
        position = self.position
        if position is not None and position != start:
            self._usable = False
            raise Conflict(
                f"{self._place.uri}: {self.stream} stands at {position}, but this batch was read"
                f" from {start}; open another writer and go on from its position"
            )

    def _refresh(self) -> None:
        """Merge small files and open the tables anew; the caller looks at the position again."""
        for name in (EVENTS, REJECTS):
            with suppress(Conflict):  # somebody else is rewriting; theirs is as good
                rewriting.merge(self._place, name, at_least=_SMALL_FILES)
        self._open()

    def _look_afresh(self, start: int) -> None:
        """See what others did since; before rejects, which cannot share the events' commit.

        It keeps a writer that has long been overtaken from leaving rejects behind, and loosens
        nothing, since the position is required again on the newer look.
        """
        with translated(self._place.uri, "looking at the lake afresh"):
            self._events.update_incremental()
            self._columns = arrow_schema(self._events)  # one may have been added
        self._require_position(start)

    def _aligned(self, events: pa.Table) -> pa.Table:
        """The batch in the table's own columns; StopError for one that the lake does not have."""
        unknown = sorted(set(events.column_names).difference(self._columns.names))
        if unknown:
            raise StopError(
                f"{self._place.uri}: the lake has no column {unknown[0]!r}; open it with the"
                " process definition that declares it before anything is added"
            )
        arrays = []
        for field in self._columns:
            if field.name in events.column_names:
                arrays.append(events.column(field.name).cast(field.type))
            else:
                arrays.append(pa.nulls(events.num_rows, field.type))
        return pa.table(arrays, schema=self._columns)

    def _append_rejects(self, rejects: pa.Table, start: int, next: int) -> None:  # noqa: A002 - as above
        """Add rejects before their batch's events, with their own position beside them."""
        with translated(self._place.uri, "adding rejects"):
            held = self._rejects.transaction_version(self.stream)
            if held is not None and held > start:
                rejects = self._not_held(rejects)
            if rejects.num_rows:
                _commit(self._rejects, rejects, self.stream, max(next, held or next))

    def _not_held(self, rejects: pa.Table) -> pa.Table:
        """A replay's rejects without those that came in before the events could.

        Compared one by one, not by position alone: after a change of the process definition the
        same messages may be refused for the first time.
        """
        places = rejects.column("offset").combine_chunks().unique()
        held = reading.rows(
            self._place,
            self._rejects,
            REJECTS,
            rejects.column_names,
            pc.field("offset").isin(places),
        )
        identity = [name for name in rejects.column_names if name not in {"received", "reason"}]
        known = Counter(_tuples(held, identity))
        keep = []
        for row in _tuples(rejects, identity):
            keep.append(known[row] == 0)
            known[row] -= known[row] > 0
        return rejects.filter(pa.array(keep, pa.bool_()))


def _commit(table: DeltaTable, rows: pa.Table, stream: str, version: int) -> None:
    """One commit of rows (or none) and position; gives way only to what cannot touch it."""
    write_deltalake(
        table,
        rows,
        mode="append",
        commit_properties=CommitProperties(app_transactions=[Transaction(stream, version)]),
    )


def _tuples(table: pa.Table, names: list[str]) -> list[tuple[object, ...]]:
    return list(zip(*(table.column(name).to_pylist() for name in names), strict=True))
