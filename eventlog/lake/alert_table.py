"""The lake's table of alerts: one row for every change, and how far each channel has heard them."""

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import TableNotFoundError

from eventlog import schema
from eventlog.lake import reading, tables
from eventlog.lake.tables import ALERTS, Place
from eventlog.lake.verdicts import Conflict, translated

# Numbers the changes: of two evaluations at once, only one is let in.
_CHANGES = "runut:alerts"
_NUMBER = pa.field("number", pa.int64(), nullable=False)


class AlertTable:
    """All that was told of alerts, as it was when this was opened; made with the first row."""

    def __init__(self, place: Place, *, process: str) -> None:
        self._place = place
        self._process = process
        with translated(place.uri, "reading alerts"):
            try:
                self._table: DeltaTable | None = place.table(ALERTS)
            except TableNotFoundError:
                self._table = None

    def rows(self) -> pa.Table:
        """Every change with the columns of `schema.ALERTS`, in the order in which they came."""
        if self._table is None:
            return schema.ALERTS.empty_table()
        with translated(self._place.uri, "reading alerts"):
            columns = [*schema.ALERTS.names, _NUMBER.name]
            found = reading.rows(self._place, self._table, ALERTS, columns, None)
        return found.sort_by(_NUMBER.name).select(schema.ALERTS.names).cast(schema.ALERTS)

    def append(self, rows: pa.Table) -> None:
        """Add changes; Conflict when somebody else added some since this was opened."""
        if not rows.num_rows:
            return
        with translated(self._place.uri, "keeping alerts"):
            table = self._made()
            told = table.transaction_version(_CHANGES) or 0
            numbers = pa.array(range(told + 1, told + 1 + rows.num_rows), _NUMBER.type)
            _commit(table, rows.append_column(_NUMBER, numbers), _CHANGES, told + rows.num_rows)

    def heard(self, channel: str) -> int | None:
        """How many changes, from the first on, `channel` has heard; None: it is not known yet."""
        if self._table is None:
            return None
        with translated(self._place.uri, "reading alerts"):
            return self._table.transaction_version(_stream(channel))

    def note(self, channel: str, heard: int) -> None:
        """Write down how many changes `channel` has heard; Conflict when somebody else did."""
        if self._table is None:
            raise ValueError(f"{channel} cannot have heard {heard} changes: there is none yet")
        empty = pa.schema([*schema.ALERTS, _NUMBER]).empty_table()
        with translated(self._place.uri, "noting who has heard of alerts"):
            _commit(self._table, empty, _stream(channel), heard)

    def _made(self) -> DeltaTable:
        """The table, made when it was not there; Conflict when somebody else just did that."""
        if self._table is None:
            tables.make_alerts(self._place, process=self._process)
            table = self._place.table(ALERTS)
            if table.transaction_version(_CHANGES) is not None:
                raise Conflict(f"{self._place.uri}: somebody else kept alerts at the same time")
            self._table = table
        return self._table


def _stream(channel: str) -> str:
    return f"{_CHANGES}:{channel}"


def _commit(table: DeltaTable, rows: pa.Table, stream: str, version: int) -> None:
    write_deltalake(
        table,
        rows,
        mode="append",
        commit_properties=CommitProperties(app_transactions=[Transaction(stream, version)]),
    )
