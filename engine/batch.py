"""Reads cases out of the lake and lets every miner see them, on all processors."""

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.slices import Slice
from eventlog.errors import StopError
from eventlog.identity import hash_strings
from eventlog.kernels import Int64s
from eventlog.lake import Lake
from eventlog.log import COLUMNS, Log
from eventlog.tally import Summary
from miners import Miner
from miners.work_items import instance_names

# Below this many events, threads cost more than they bring.
_THREADED = 200_000


def read_log(
    lake: Lake, slice_: Slice | None, *, version: int, attributes: Sequence[str] = ()
) -> Log:
    """The cases of a slice (all, without one) at `version`, with these case attributes."""
    require_columns(lake, attributes)
    between = None if slice_ is None else (slice_.low, slice_.high)

    def event_ids(case_keys: Int64s, event_keys: Int64s) -> pa.Array:
        return _event_ids(lake, version, case_keys, event_keys)

    def contents(event_key: Int64s) -> pa.ChunkedArray:
        again = lake.read(["event_key", "content_key"], version=version, between=between)
        if not np.array_equal(again.column("event_key").to_numpy(), event_key):
            raise AssertionError(f"{lake.uri}: version {version} came in two orders")
        return again.column("content_key")

    # What events say is compared where one came twice, and read only then.
    columns = dict.fromkeys([*COLUMNS, *attributes])
    del columns["content_key"]
    return Log.of(
        lake.read(list(columns), version=version, between=between),
        attributes=attributes,
        event_ids=event_ids,
        contents=contents,
    )


def _event_ids(lake: Lake, version: int, case_keys: Int64s, event_keys: Int64s) -> pa.Array:
    """The ids of these events, one key each; their cases lie between the keys of two."""
    wanted, place_of = np.unique(event_keys, return_inverse=True)
    row_of, rows, texts = np.zeros(len(wanted), np.int64), 0, list[pa.Array]()
    between = (int(case_keys.min()), int(case_keys.max()))
    for batch in lake.batches(["event_key", "event_id"], version=version, between=between):
        keys = batch.column("event_key").to_numpy()
        place = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
        hit = np.flatnonzero(wanted[place] == keys)
        row_of[place[hit]] = np.arange(rows, rows + len(hit))
        texts.append(batch.column("event_id").take(pa.array(hit)))
        rows += len(hit)
    return pa.chunked_array(texts).take(pa.array(row_of[place_of])).combine_chunks()


def instances(
    lake: Lake, version: int, case_keys: Int64s, event_keys: Int64s
) -> Sequence[str | None]:
    """Which execution each of these events says that it belongs to (`concept:instance`); [n]."""
    rows = lake.read(["event_key", "attributes"], version=version, cases=np.unique(case_keys))
    chosen = rows.filter(pc.is_in(rows.column("event_key"), pa.array(np.unique(event_keys))))
    said = instance_names(chosen.column("attributes").cast(pa.string()))
    name = dict(zip(chosen.column("event_key").to_pylist(), said, strict=True))
    return [name.get(key) for key in event_keys.tolist()]


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


def case_ids(lake: Lake, case_key: Int64s, slice_: Slice | None, *, version: int) -> pa.Array:
    """The id of each case of a slice, by its key in ascending order; StopError as `ids_of`."""
    between = None if slice_ is None else (slice_.low, slice_.high)
    return ids_of(case_key, lake.batches(["case_key", "case_id"], version=version, between=between))


def ids_of(case_key: Int64s, rows: Iterable[pa.RecordBatch]) -> pa.Array:
    """The id of each case, shape [cases]; `case_key` stands in ascending order.

    `rows` have the columns `case_key` and `case_id` of all events of these cases. StopError when
    two ids share one key.
    """
    row_of = np.full(len(case_key), -1, np.int64)
    # Another hash of the id, by which a second id of the same key is known.
    mark = np.zeros(len(case_key), np.int64)
    texts: list[pa.Array] = []
    held = 0
    for batch in rows:
        coded = batch.column("case_id")
        if not pa.types.is_dictionary(coded.type):
            coded = coded.dictionary_encode()
        codes = coded.indices.to_numpy()
        first = np.full(len(coded.dictionary), -1, np.int64)
        first[codes[::-1]] = np.arange(len(codes))[::-1]
        used = np.flatnonzero(first >= 0)
        found = coded.dictionary.take(pa.array(used))
        place = np.searchsorted(case_key, batch.column("case_key").to_numpy()[first[used]])
        new = np.flatnonzero(row_of[place] < 0)
        row_of[place[new]] = np.arange(held, held + len(new))
        texts.append(found.take(pa.array(new)))
        held += len(new)
        marks = hash_strings(pc.binary_join_element_wise("id", found, " "))
        mark[place[new]] = marks[new]
        other = np.flatnonzero(mark[place] != marks)
        if len(other):
            both = pa.chunked_array([*texts, found.slice(int(other[0]), 1)])
            _refuse(both[int(row_of[place[other[0]]])].as_py(), both[-1].as_py())
    return pa.chunked_array(texts, pa.string()).take(pa.array(row_of)).combine_chunks()


def _refuse(one: str, other: str) -> None:
    raise StopError(
        f'the case ids "{one}" and "{other}" have the same 64-bit key; give one of them '
        "another id in the source and import again into a fresh lake"
    )


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
