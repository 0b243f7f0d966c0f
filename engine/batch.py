"""Reads cases out of the lake and lets every miner see them, on all processors."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.slices import Slice
from eventlog.coded import Coded
from eventlog.errors import StopError
from eventlog.kernels import Int64s
from eventlog.lake import Lake
from eventlog.log import COLUMNS, Log
from eventlog.tally import Summary
from miners import Miner

# Below this many events, threads cost more than they bring.
_THREADED = 200_000


def read_log(
    lake: Lake, slice_: Slice | None, *, version: int, attributes: Sequence[str] = ()
) -> Log:
    """The cases of a slice (all, without one) at `version`, with these case attributes."""
    require_columns(lake, attributes)
    between = None if slice_ is None else (slice_.low, slice_.high)

    def event_ids(case_keys: Int64s, event_keys: Int64s) -> Sequence[str]:
        rows = lake.read(["event_key", "event_id"], version=version, cases=np.unique(case_keys))
        ids = rows.column("event_id").cast(pa.string()).to_pylist()
        text = dict(zip(rows.column("event_key").to_pylist(), ids, strict=True))
        return [text[key] for key in event_keys.tolist()]

    def contents() -> pa.ChunkedArray:
        again = lake.read(["event_key", "content_key"], version=version, between=between)
        if not again.column("event_key").equals(table.column("event_key")):
            raise AssertionError(f"{lake.uri}: version {version} came in two orders")
        return again.column("content_key")

    # What events say is compared where one came twice, and read only then.
    columns = [name for name in COLUMNS if name != "content_key"]
    table = lake.read([*columns, *attributes], version=version, between=between)
    return Log.of(table, attributes=attributes, event_ids=event_ids, contents=contents)


def require_columns(lake: Lake, attributes: Sequence[str]) -> None:
    """StopError when the lake has no column for one of these case attributes."""
    missing = set(attributes) - set(lake.case_attributes)
    if missing:
        raise StopError(
            f"the lake has no column for {', '.join(sorted(missing))}, which the process file "
            "declares under case_attributes; import or ingest with this process file first"
        )


def label_counts(lake: Lake, *, version: int) -> dict[str, int]:
    """How many rows the lake has for each activity, repeats included."""
    activity = lake.read(["activity"], version=version).column("activity")
    counted = pc.value_counts(activity.combine_chunks()).to_pylist()
    return {pair["values"]: pair["counts"] for pair in counted}


def case_ids(lake: Lake, slice_: Slice | None, *, version: int) -> dict[int, str]:
    """The id of every case by its key; a StopError when two ids share one key."""
    between = None if slice_ is None else (slice_.low, slice_.high)
    return ids_by_key(lake.read(["case_key", "case_id"], version=version, between=between))


def ids_by_key(table: pa.Table) -> dict[int, str]:
    """The id of every case by its key, from columns of both; StopError as `case_ids`."""
    keys = np.asarray(table.column("case_key").to_numpy(), np.int64)
    if not len(keys):
        return {}
    coded = Coded.of(table.column("case_id"))
    labels = coded.vocabulary.labels
    # One row per distinct pair: the key of each label's first row, then whether rows disagree.
    first = np.full(len(labels), -1, np.int64)
    first[coded.codes[::-1]] = np.arange(len(keys))[::-1]
    used = np.flatnonzero(first >= 0)
    of_label = keys[first[used]]
    order = np.argsort(of_label, kind="stable")
    same = np.flatnonzero(of_label[order][1:] == of_label[order][:-1])
    if len(same):
        one, other = (labels[used[order[same[0] + n]]] for n in (0, 1))
        raise StopError(
            f'the case ids "{one}" and "{other}" have the same 64-bit key; give one of them '
            "another id in the source and import again into a fresh lake"
        )
    return {int(key): labels[code] for key, code in zip(of_label, used, strict=True)}


def observe(log: Log, miners: Sequence[Miner]) -> Mapping[str, Summary]:
    """What each miner saw in the log, by the miner's name.

    Ranges of cases are observed side by side and added: that this is the same is the law that
    every miner keeps.
    """
    threads = (os.cpu_count() or 1) if len(log) >= _THREADED else 1
    if threads == 1 or log.cases < threads:
        return {miner.name: miner.observe(log) for miner in miners}
    targets = np.linspace(0, len(log), threads + 1)
    cuts = np.searchsorted(log.offsets, targets).tolist()
    cuts[-1] = log.cases
    parts = [log.between(a, b) for a, b in pairwise(cuts) if b > a]
    with ThreadPoolExecutor(threads) as pool:
        seen = pool.map(lambda part: {m.name: m.observe(part) for m in miners}, parts)
        return reduce(added, seen)


def added(one: Mapping[str, Summary], other: Mapping[str, Summary]) -> Mapping[str, Summary]:
    """What both saw, miner by miner."""
    return {name: summary + other[name] for name, summary in one.items()}
