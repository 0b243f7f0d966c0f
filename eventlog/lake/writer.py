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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

from eventlog.errors import StopError
from eventlog.lake import reading, rewriting
from eventlog.lake.tables import EVENTS, REJECTS, Place, arrow_schema
from eventlog.lake.verdicts import Conflict, translated

# A handle that is kept grows slower with every version that it sees, whoever commits them (145 ms
# after 600); a fresh one does not (measured, deltalake 1.6.6).
_KEEP = 64


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """What was read of one stream from position `start`; the next part begins at `next`.

    `events` has the columns of `schema.events` (attributes may be missing: null), `rejects` those
    of `schema.REJECTS`, with `offset` filled. Either or both may be empty: gaps move the position
    too.
    """

    stream: str
    events: pa.Table
    rejects: pa.Table
    start: int
    next: int

    def __post_init__(self) -> None:
        """Refuse rows without a place in the stream."""
        rows = self.events.num_rows or self.rejects.num_rows
        if self.next < self.start or (self.next == self.start and rows):
            raise ValueError(
                f"{self.stream}: a batch of rows from {self.start} cannot end at {self.next}"
            )
        if self.rejects.column("offset").null_count:
            raise ValueError(f"{self.stream}: a reject without its offset cannot be told apart")


class JointWriter:
    """The one who appends for several streams, one commit for all of them together.

    A commit costs the same whatever is in it. Open one whenever a stream is assigned to you, and
    another after any error.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._usable = True
        self._open()

    def _open(self) -> None:
        with translated(self._place.uri, "opening the lake for writing"):
            self._events = self._place.table(EVENTS)
            self._rejects = self._place.table(REJECTS)
            self._columns = arrow_schema(self._events)
            self._opened = self._events.version()

    def position(self, stream: str) -> int | None:
        """Where the stream's next part begins, as this handle knows it; None before the first.

        Conflict where the handle was opened so long ago that what it knows it from is gone.
        """
        with translated(self._place.uri, "looking up a position"):
            return self._events.transaction_version(stream)

    def append(self, parts: Sequence[Part]) -> None:
        """Add a part of each of some streams, all or none.

        Conflict when one's `start` is not its stream's position (before the first append any will
        do) or another writer got ahead; then nothing of these events is in.
        """
        self._require(parts)
        moving = [part for part in parts if part.next > part.start]
        if not moving:
            return
        self._usable = False  # until all of this has gone well
        if self._events.version() - self._opened >= _KEEP:
            self._open()
            self._require_positions(moving)
        refused = [part for part in moving if part.rejects.num_rows]
        if refused:
            self._look_afresh(moving)
        aligned = pa.concat_tables([self._aligned(part.events) for part in moving])
        if refused:
            self._append_rejects(refused)
        with translated(self._place.uri, "adding events"):
            _commit(self._events, aligned, {part.stream: part.next for part in moving})
        self._usable = True

    def _require(self, parts: Sequence[Part]) -> None:
        if not self._usable:
            raise Conflict(f"{self._place.uri}: this writer met an error before; open another")
        if len({part.stream for part in parts}) < len(parts):
            raise ValueError("two parts of one stream in one commit; join them first")
        self._require_positions(parts)

    def _require_positions(self, parts: Sequence[Part]) -> None:
        for part in parts:
            position = self.position(part.stream)
            if position is not None and position != part.start:
                self._usable = False
                raise Conflict(
                    f"{self._place.uri}: {part.stream} stands at {position}, but this batch was"
                    f" read from {part.start}; open another writer and go on from its position"
                )

    def _look_afresh(self, parts: Sequence[Part]) -> None:
        """See what others did since; before rejects, which cannot share the events' commit.

        It keeps a writer that has long been overtaken from leaving rejects behind, and loosens
        nothing, since the positions are required again on the newer look.
        """
        with translated(self._place.uri, "looking at the lake afresh"):
            self._events.update_incremental()
            self._columns = arrow_schema(self._events)  # one may have been added
        self._require_positions(parts)

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

    def _append_rejects(self, parts: Sequence[Part]) -> None:
        """Add rejects before their batch's events, with positions of their own beside them."""
        with translated(self._place.uri, "adding rejects"):
            fresh, positions = [], {}
            for part in parts:
                held = self._rejects.transaction_version(part.stream)
                overtaken = held is not None and held > part.start
                rejects = self._not_held(part.rejects) if overtaken else part.rejects
                if rejects.num_rows:
                    fresh.append(rejects)
                    positions[part.stream] = max(part.next, held or part.next)
            if fresh:
                _commit(self._rejects, pa.concat_tables(fresh), positions)

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


class Writer:
    """The one who appends for one stream: `<cluster>/<topic>/<partition>` or `file/<sha256>`.

    Open one whenever the stream is assigned to you, and another after any error.
    """

    def __init__(self, place: Place, stream: str) -> None:
        if not stream or stream.startswith(rewriting.OURS):
            raise ValueError(f"stream {stream!r}: expected e.g. 'cluster/permit.events/0'")
        self.stream = stream
        self._joint = JointWriter(place)

    @property
    def position(self) -> int | None:
        """Where the next batch begins, as this writer's handle knows it; None before the first."""
        return self._joint.position(self.stream)

    def append(self, events: pa.Table, rejects: pa.Table, *, start: int, next: int) -> None:  # noqa: A002 - the contract's word
        """Add a batch that was read from position `start`; the next one begins at `next`.

        `events` and `rejects` are as in `Part`. Conflict when `start` is not the position (before
        the first append any will do) or another writer got ahead; then nothing of the batch's
        events is in.
        """
        part = Part(stream=self.stream, events=events, rejects=rejects, start=start, next=next)
        self._joint.append([part])


def _commit(table: DeltaTable, rows: pa.Table, positions: Mapping[str, int]) -> None:
    """One commit of rows (or none) and positions; gives way only to what cannot touch them."""
    write_deltalake(
        table,
        rows,
        mode="append",
        commit_properties=CommitProperties(
            app_transactions=[Transaction(stream, place) for stream, place in positions.items()]
        ),
    )


def _tuples(table: pa.Table, names: list[str]) -> list[tuple[object, ...]]:
    return list(zip(*(table.column(name).to_pylist() for name in names), strict=True))
