"""The lake's rows of a few cases, and the logs that they make."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.batch import instances
from eventlog.kernels import Bools, Int64s
from eventlog.lake import Lake
from eventlog.lake.arrivals import Arrivals
from eventlog.lake.finding import Finder
from eventlog.log import Log
from miners.work_items import INSTANCE, instance_names

# Marks rows that came; no case attribute can have a space in its name.
_MARK = "came now"


def log_of(lake: Lake, rows: pa.Table, attributes: Sequence[str], *, version: int) -> Log:
    """The log of complete cases; `rows` are as `with_ids` gives them.

    Where events tie and their ids were not read, these are looked up in the lake.
    """

    def event_ids(case_keys: Int64s, event_keys: Int64s) -> Sequence[str]:
        tied = rows.filter(pc.is_in(rows.column("event_key"), pa.array(np.unique(event_keys))))
        if tied.column("event_id").null_count:
            tied = lake.read(["event_key", "event_id"], version=version, cases=np.unique(case_keys))
        ids = tied.column("event_id").to_pylist()
        text = dict(zip(tied.column("event_key").to_pylist(), ids, strict=True))
        return [text[key] for key in event_keys.tolist()]

    return Log.of(rows, attributes=attributes, event_ids=event_ids)


def logs_of(
    lake: Lake, was: pa.Table, came: pa.Table, attributes: Sequence[str], *, version: int
) -> tuple[Log, Log]:
    """The touched cases without and with the rows that came.

    The rows are ordered once: where no event is told twice, leaving some out of an order
    leaves the others in order. In the first log, `ties` are those of the second.
    """
    rows = pa.concat_tables([was, came])
    marks = np.zeros(rows.num_rows, np.int32)
    marks[was.num_rows :] = 1
    marked = pa.DictionaryArray.from_arrays(pa.array(marks), pa.array(["was", "came"]))
    rows = rows.append_column(_MARK, marked)
    after = log_of(lake, rows, (*attributes, _MARK), version=version)
    keep = after.attributes[_MARK].codes == 0
    after = replace(after, attributes={n: c for n, c in after.attributes.items() if n != _MARK})
    if after.repeats.any():
        return log_of(lake, was, attributes, version=version), after
    return after.keep(keep), after


class InstanceNames:
    """Which execution an event says that it belongs to, as `engine.batch.instances` tells it.

    Asked about few cases, again and again: it knows where which cases can be, and does not look at
    all while no event says anything of the kind. `change` tells it of later commits.
    """

    def __init__(self, lake: Lake, *, version: int) -> None:
        self._lake = lake
        self._version = version
        columns = ("case_key", "event_key", "attributes")
        self._finder = Finder(lake, version=version, columns=columns)
        self._told: bool | None = None
        self._read: tuple[Int64s, pa.Table] | None = None

    def change(self, came: Arrivals) -> None:
        """Follow commits; their rows must have the column `attributes`."""
        self._finder.change(added=came.added, removed=came.removed)
        self._version, self._read = came.version, None
        if self._told is False:
            self._told = _tell_instances(came.rows.column("attributes"))

    def __call__(self, case_keys: Int64s, event_keys: Int64s) -> Sequence[str | None]:
        """What these events say, None where they say nothing; [n]."""
        if self._told is None:
            batches = self._lake.batches(["attributes"], version=self._version, between=None)
            self._told = any(_tell_instances(batch.column("attributes")) for batch in batches)
        if not self._told:
            return [None] * len(event_keys)
        cases = np.unique(case_keys)
        if self._read is None or not np.isin(cases, self._read[0]).all():
            rows = self._finder.rows(cases)
            if rows is None:  # files were deleted meanwhile; the newest version says the same
                return instances(self._lake, self._lake.version, case_keys, event_keys)
            self._read = cases, rows
        rows = self._read[1]
        chosen = rows.filter(pc.is_in(rows.column("event_key"), pa.array(np.unique(event_keys))))
        said = instance_names(chosen.column("attributes").cast(pa.string()))
        name = dict(zip(chosen.column("event_key").to_pylist(), said, strict=True))
        return [name.get(key) for key in event_keys.tolist()]


def _tell_instances(attributes: pa.Array | pa.ChunkedArray) -> bool:
    """Whether any event may say which execution it belongs to."""
    if attributes.null_count == len(attributes):
        return False
    told = pc.match_substring(attributes.cast(pa.string()), INSTANCE)
    return bool(pc.any(told).as_py())


def with_ids(rows: pa.Table) -> pa.Table:
    """The rows with a last column of event ids that may be null, whether read or not."""
    if "event_id" not in rows.column_names:
        return rows.append_column("event_id", pa.nulls(rows.num_rows, pa.string()))
    ids = rows.column("event_id")
    return rows.drop(["event_id"]).append_column(pa.field("event_id", pa.string()), ids)


def integers(rows: pa.Table, name: str) -> Int64s:
    """A column of whole numbers or of moments, in µs UTC; shape [rows]."""
    return np.array(rows.column(name).cast(pa.int64()).to_numpy(), np.int64)


def bools(column: pa.Array | pa.ChunkedArray | None) -> Bools | None:
    """A column of truths without nulls; None where there is none."""
    return None if column is None else np.asarray(column.cast(pa.uint8())).astype(bool)
