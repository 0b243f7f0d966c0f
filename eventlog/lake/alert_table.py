"""The lake's table of alerts: one row for every change, so that a restart knows how they stand."""

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import TableNotFoundError

from eventlog import schema
from eventlog.lake import reading, tables
from eventlog.lake.tables import ALERTS, Place
from eventlog.lake.verdicts import translated

# Numbers the evaluations that changed something: of two at once, only one is let in.
_STREAM = "runut:alerts"


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
            columns = [*schema.ALERTS.names, "number"]
            found = reading.rows(self._place, self._table, ALERTS, columns, None)
        return found.sort_by("number").select(schema.ALERTS.names).cast(schema.ALERTS)

    def append(self, rows: pa.Table) -> None:
        """Add changes; Conflict when somebody else added some since this was opened."""
        if not rows.num_rows:
            return
        with translated(self._place.uri, "keeping alerts"):
            if self._table is None:
                tables.make_alerts(self._place, process=self._process)
                self._table = self._place.table(ALERTS)
            told = self._table.transaction_version(_STREAM) or 0
            numbers = pa.array(range(told + 1, told + 1 + rows.num_rows), pa.int64())
            write_deltalake(
                self._table,
                rows.append_column(pa.field("number", pa.int64(), nullable=False), numbers),
                mode="append",
                commit_properties=CommitProperties(
                    app_transactions=[Transaction(_STREAM, told + rows.num_rows)]
                ),
            )
