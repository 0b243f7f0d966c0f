"""A small table of the lake whose rows are numbered in the order in which they came."""

from contextlib import suppress
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from eventlog.lake import reading, tables
from eventlog.lake.tables import Place
from eventlog.lake.verdicts import Conflict, translated

NUMBER = pa.field("number", pa.int64(), nullable=False)


class NumberedTable:
    """The rows of one table, as it was when this was opened; the table is made with the first row.

    `stream` numbers the rows: of two who add some at once, only one is let in.
    """

    def __init__(
        self, place: Place, *, process: str, name: str, columns: pa.Schema, stream: str
    ) -> None:
        self._place = place
        self._process = process
        self._name = name
        self._columns = columns
        self._stream = stream
        self._table: DeltaTable | None = None
        self.refresh()

    def refresh(self) -> Self:
        """See what was added since; cheap where nothing was."""
        with translated(self._place.uri, f"reading {self._name}"):
            try:
                if self._table is not None:
                    self._table.update_incremental()
            except DeltaError:  # so old that the commits after it are no longer kept
                self._table = None
            if self._table is None:
                with suppress(TableNotFoundError):
                    self._table = self._place.table(self._name)
        return self

    @property
    def version(self) -> int | None:
        """The version of the table that this sees; None before there is one."""
        return None if self._table is None else self._table.version()

    def rows(self, after: int = 0) -> pa.Table:
        """The rows in their order, without the first `after`."""
        if self._table is None:
            return self._columns.empty_table()
        names = self._columns.names
        with translated(self._place.uri, f"reading {self._name}"):
            found = reading.rows(
                self._place,
                self._table,
                self._name,
                [*names, NUMBER.name],
                pc.field(NUMBER.name) > after,
                self._written(after),
            )
        return found.sort_by(NUMBER.name).select(names).cast(self._columns)

    def append(self, rows: pa.Table) -> None:
        """Add rows; Conflict when somebody else added some since this was opened or refreshed."""
        if not rows.num_rows:
            return
        with translated(self._place.uri, f"keeping {self._name}"):
            table = self._made()
            told = table.transaction_version(self._stream) or 0
            numbers = pa.array(range(told + 1, told + 1 + rows.num_rows), NUMBER.type)
            self._commit(
                table, rows.append_column(NUMBER, numbers), self._stream, told + rows.num_rows
            )

    def _position(self, stream: str) -> int | None:
        """Where another stream of the same table has got to."""
        if self._table is None:
            return None
        with translated(self._place.uri, f"reading {self._name}"):
            return self._table.transaction_version(stream)

    def _move(self, stream: str, position: int) -> None:
        """Note where another stream has got to; Conflict when somebody else did meanwhile."""
        assert self._table is not None  # what was never told has not been heard
        empty = pa.schema([*self._columns, NUMBER]).empty_table()
        with translated(self._place.uri, f"noting who has heard of {self._name}"):
            self._commit(self._table, empty, stream, position)

    def _written(self, after: int) -> list[str]:
        """The files that may hold rows with a number above `after`."""
        assert self._table is not None
        listed = reading.files(self._table)
        if "max.number" not in listed.column_names:
            found: list[str] = listed.column("path").to_pylist()
            return found
        highest = listed.column("max.number")
        wanted = pc.or_kleene(pc.is_null(highest), pc.greater(highest, after))
        chosen: list[str] = listed.column("path").filter(pc.fill_null(wanted, True)).to_pylist()
        return chosen

    def _made(self) -> DeltaTable:
        """The table, made when it was not there; Conflict when somebody else just did that."""
        if self._table is None:
            numbered = pa.schema([*self._columns, NUMBER])
            tables.make_small(self._place, self._name, process=self._process, columns=numbered)
            table = self._place.table(self._name)
            if table.transaction_version(self._stream) is not None:
                raise Conflict(
                    f"{self._place.uri}: somebody else kept {self._name} at the same time"
                )
            self._table = table
        return self._table

    @staticmethod
    def _commit(table: DeltaTable, rows: pa.Table, stream: str, position: int) -> None:
        write_deltalake(
            table,
            rows,
            mode="append",
            commit_properties=CommitProperties(app_transactions=[Transaction(stream, position)]),
        )
