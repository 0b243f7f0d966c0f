"""The lake's table of measures: what the alert rules read each hour, for what is usual."""

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import TableNotFoundError

from eventlog import schema
from eventlog.lake import reading, tables
from eventlog.lake.tables import MEASURES, Place
from eventlog.lake.verdicts import Conflict, translated

_HOURS = "runut:measures"
# Hours since 1970, by which files are left out and kept in order.
_HOUR = pa.field("hour", pa.int64(), nullable=False)


class MeasureTable:
    """What the rules read, with the columns of `schema.MEASURES`; made with the first row."""

    def __init__(self, place: Place, *, process: str) -> None:
        self._place = place
        self._process = process
        with translated(place.uri, "reading measures"):
            try:
                self._table: DeltaTable | None = place.table(MEASURES)
            except TableNotFoundError:
                self._table = None

    @property
    def kept(self) -> datetime | None:
        """The beginning of the latest hour of which measures are kept; None before the first."""
        if self._table is None:
            return None
        with translated(self._place.uri, "reading measures"):
            hour = self._table.transaction_version(_HOURS)
        return None if hour is None else datetime.fromtimestamp(hour * 3600, UTC)

    def rows(self, since: datetime) -> pa.Table:
        """What was read at `since` or later, the earliest first."""
        if self._table is None:
            return schema.MEASURES.empty_table()
        later = pc.field("at") >= pa.scalar(since, schema.TIMESTAMP)
        names = schema.MEASURES.names
        with translated(self._place.uri, "reading measures"):
            found = reading.rows(
                self._place, self._table, MEASURES, names, later, self._written(since)
            )
        return found.sort_by("at").cast(schema.MEASURES)

    def append(self, rows: pa.Table, *, at: datetime) -> bool:
        """Keep what was read at `at`, unless that hour (or a later one) is kept already.

        Gives whether it was kept; Conflict when somebody else kept some since this was opened.
        """
        hour, kept = _hour(at), self.kept
        if not rows.num_rows or (kept is not None and hour <= _hour(kept)):
            return False
        hours = pa.repeat(pa.scalar(hour, _HOUR.type), rows.num_rows)
        with translated(self._place.uri, "keeping measures"):
            write_deltalake(
                self._made(),
                rows.append_column(_HOUR, hours),
                mode="append",
                commit_properties=CommitProperties(app_transactions=[Transaction(_HOURS, hour)]),
            )
        return True

    def _written(self, since: datetime) -> list[str]:
        """The files that may hold what was read at `since` or later."""
        assert self._table is not None
        listed = reading.files(self._table)
        if "max.hour" not in listed.column_names:
            found: list[str] = listed.column("path").to_pylist()
            return found
        wanted = pc.greater_equal(listed.column("max.hour"), _hour(since))
        chosen: list[str] = listed.column("path").filter(pc.fill_null(wanted, True)).to_pylist()
        return chosen

    def _made(self) -> DeltaTable:
        """The table, made when it was not there; Conflict when somebody else just did that."""
        if self._table is None:
            columns = schema.MEASURES.append(_HOUR)
            tables.make_small(self._place, MEASURES, process=self._process, columns=columns)
            table = self._place.table(MEASURES)
            if table.transaction_version(_HOURS) is not None:
                raise Conflict(f"{self._place.uri}: somebody else kept measures at the same time")
            self._table = table
        return self._table


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600
