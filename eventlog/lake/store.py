"""One permit office's lake: open to anyone's SQL, with its past, and one `Writer` a stream."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from eventlog import schema
from eventlog.errors import RetryError, StopError, UsageError
from eventlog.lake import history, reading, shares, tables, tidying, upkeep
from eventlog.lake.alert_table import AlertTable
from eventlog.lake.measure_table import MeasureTable
from eventlog.lake.reading import Int64s
from eventlog.lake.silence_table import SilenceTable
from eventlog.lake.tables import EVENTS, REJECTS, Place
from eventlog.lake.verdicts import Conflict, translated
from eventlog.lake.writer import JointWriter, Writer


@dataclass(frozen=True, kw_only=True)
class Lake:
    """The lake at `place`, which holds `process` and has a column for each case attribute.

    It keeps nothing open: every call sees the newest version, or the one that it is told.
    """

    place: Place
    process: str
    case_attributes: tuple[str, ...]

    @classmethod
    def create(
        cls,
        uri: str | Path,
        *,
        process: str,
        case_attributes: Sequence[str],
        storage_options: Mapping[str, str] | None = None,
    ) -> "Lake":
        """Make a lake, or open the one that is there and give it the columns that it lacks.

        The lake may have more attributes than asked for. StopError when it holds another process
        or cannot be made; UsageError for an attribute that cannot be a column.
        """
        place = Place.of(uri, storage_options)
        present = tables.made(place, process=process, case_attributes=case_attributes)
        return cls(place=place, process=process, case_attributes=present)

    @classmethod
    def open(cls, uri: str | Path, *, storage_options: Mapping[str, str] | None = None) -> "Lake":
        """Open the lake at `uri`; StopError where there is none."""
        place = Place.of(uri, storage_options)
        process, present = tables.opened(place)
        return cls(place=place, process=process, case_attributes=present)

    @property
    def uri(self) -> str:
        """Where the lake is: an absolute path, or an object store's address."""
        return self.place.uri

    @property
    def schema(self) -> pa.Schema:
        """The columns of events, as `Writer.append` takes them."""
        return schema.events(self.case_attributes)

    @property
    def version(self) -> int:
        """The newest version of the events, looked up afresh."""
        with translated(self.uri, "looking up the version"):
            return self.place.table(EVENTS).version()

    def version_at(self, time: datetime | None) -> int:
        """The version of the last commit at or before `time` (with its offset); None: the newest.

        UsageError, naming the earliest time possible, for one from before what is kept.
        """
        return self.version if time is None else history.version_at(self.place, time)

    def position(self, stream: str) -> int | None:
        """Where the next read of `stream` begins, looked up afresh; None before its first."""
        with translated(self.uri, "looking up a position"):
            return self.place.table(EVENTS).transaction_version(stream)

    def writer(self, stream: str) -> Writer:
        """A writer for one stream, with a handle of its own; open it on assignment."""
        return Writer(self.place, stream)

    def joint_writer(self) -> JointWriter:
        """A writer for several streams, with a handle of its own; open it on assignment."""
        return JointWriter(self.place)

    def compact(self) -> bool:
        """Join the small files that came in lately, beside whoever writes; whether there were any.

        Conflict (try again later) when another rewrite came first.
        """
        return upkeep.compact(self.place)

    def read(
        self,
        columns: Sequence[str],
        *,
        version: int | None = None,
        cases: Int64s | None = None,
        between: tuple[int, int] | None = None,
    ) -> pa.Table:
        """The named columns of all events, or of the cases whose keys are given, shape [k].

        `between` reads only case keys from the first to the second, both included: a slice.

        Texts come dictionary-encoded, with one vocabulary a column; the order of rows means
        nothing. UsageError for a column or a version that is not there.
        """
        with translated(self.uri, "reading events"):
            table = self._at(version)
            known = tables.arrow_schema(table).names
            unknown = [column for column in columns if column not in known]
            if unknown:
                raise UsageError(
                    f"{self.uri}: there is no column {unknown[0]!r}; there are {', '.join(known)}"
                )
            with self._files_kept(version):
                return reading.events(self.place, table, EVENTS, columns, cases, between)

    def batches(
        self, columns: Sequence[str], *, version: int, between: tuple[int, int] | None
    ) -> Iterator[pa.RecordBatch]:
        """Columns that every file has (the fixed ones), little by little; texts as codes.

        Of all events, or those with case keys from the first to the second, both included.
        UsageError for a version that is not there.
        """
        with translated(self.uri, "reading events"):
            table = self._at(version)
            with self._files_kept(version):
                yield from reading.batches(self.place, table, EVENTS, columns, between)

    @contextmanager
    def _files_kept(self, version: int | None) -> Iterator[None]:
        """Say what it means that a file of that version is gone."""
        try:
            yield
        except FileNotFoundError as gone:
            if version is None:
                raise RetryError(
                    f"{self.uri}: files were put in order and deleted while they were read;"
                    " read again"
                ) from gone
            raise self._no_longer_kept(version) from gone

    def latest(self, version: int) -> datetime | None:
        """The latest event of `version` that had happened when it was committed; "now" for mining.

        A date that lies in the future is a typing error: taken for now, it would make every open
        case late. Where all events lie in the future (a simulation), the latest of all. None for a
        lake without events.
        """
        with translated(self.uri, "looking for the latest event"):
            return history.latest(self.place, self._at(version))

    def shares(self, *, version: int, rows: int) -> list[shares.Share]:
        """All events of `version`, dealt out by files in shares of about `rows` rows."""
        self._at(version)  # says what is wrong with a version that is not there
        return shares.shares(self.place, version, rows)

    def counts(self, version: int | None = None) -> tuple[int, int]:
        """How many rows `events` has at that version, and how many `rejects` had then."""
        with translated(self.uri, "counting"):
            return self._at(version).count(), self._rejects_at(version).count()

    def rejects(self, limit: int = 1000) -> pa.Table:
        """Up to `limit` rejects with the columns of `schema.REJECTS`."""
        with translated(self.uri, "reading rejects"):
            table = self.place.table(REJECTS)
            found = reading.dataset(self.place, table, REJECTS, dictionaries=[])
            return found.head(limit)

    def reject_reasons(self, version: int | None = None) -> dict[str, int]:
        """How many rejects there were for each reason at that version, the most frequent first."""
        with translated(self.uri, "reading rejects"):
            table = self._rejects_at(version)
            reasons = reading.rows(self.place, table, REJECTS, ["reason"], None).column("reason")
        counted = pc.value_counts(reasons.combine_chunks()).to_pylist()
        counted.sort(key=lambda pair: (-pair["counts"], pair["values"]))
        return {pair["values"]: pair["counts"] for pair in counted}

    def rejected_since(self, moment: int) -> Int64s:
        """When each event was set aside that was after `moment`; µs UTC, ascending, [rejects]."""
        with translated(self.uri, "reading rejects"):
            return reading.rejected_since(self.place, self.place.table(REJECTS), moment)

    def alerts(self) -> AlertTable:
        """What was told of alerts so far, and where changes are added."""
        return AlertTable(self.place, process=self.process)

    def silences(self) -> SilenceTable:
        """Of which alerts nobody is told for a time, and which were acknowledged."""
        return SilenceTable(self.place, process=self.process)

    def measures(self) -> MeasureTable:
        """What the alert rules read each hour."""
        return MeasureTable(self.place, process=self.process)

    def tidy(self, *, retention: timedelta) -> tidying.TidyReport:
        """Cluster by case, merge small files, forget versions older than `retention`."""
        return tidying.tidy(self.place, retention=retention)

    def _rejects_at(self, version: int | None) -> DeltaTable:
        """The rejects as they were when the events got `version`; the newest without one."""
        if version is None:
            return self.place.table(REJECTS)
        return self.place.table(REJECTS, history.rejects_at(self.place, version))

    def _at(self, version: int | None) -> DeltaTable:
        if version is None:
            return self.place.table(EVENTS)
        newest = self.version
        if not 0 <= version <= newest:
            raise UsageError(f"{self.uri}: there is no version {version}; the newest is {newest}")
        try:
            with translated(self.uri, f"opening version {version}"):
                return self.place.table(EVENTS, version)
        except (StopError, Conflict) as error:
            raise self._no_longer_kept(version) from error

    def _no_longer_kept(self, version: int) -> UsageError:
        return UsageError(
            f"{self.uri}: version {version} is no longer kept; the earliest time possible is"
            f" {history.earliest(self.place).isoformat()}"
        )
