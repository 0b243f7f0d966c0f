"""The whole log in one piece: read the lake, observe everything, say what it comes to."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from engine.abstraction import abstract
from eventlog.definition import Definition
from eventlog.errors import StopError
from eventlog.kernels import Int64s
from eventlog.lake import Lake
from eventlog.log import COLUMNS, Coded, Log
from eventlog.tally import Summary
from miners import Miner


def read_log(lake: Lake, definition: Definition, *, version: int) -> Log:
    """Every case of the lake at `version`, with the case attributes that the process declares."""
    attributes = definition.case_attributes
    missing = set(attributes) - set(lake.case_attributes)
    if missing:
        raise StopError(
            f"the lake has no column for {', '.join(sorted(missing))}, which the process file "
            "declares under case_attributes; import or ingest with this process file first"
        )
    table = lake.read([*COLUMNS, *attributes], version=version)

    def event_ids(case_keys: Int64s, event_keys: Int64s) -> Sequence[str]:
        rows = lake.read(["event_key", "event_id"], version=version, cases=np.unique(case_keys))
        ids = rows.column("event_id").cast(pa.string()).to_pylist()
        text = dict(zip(rows.column("event_key").to_pylist(), ids, strict=True))
        return [text[key] for key in event_keys.tolist()]

    return abstract(Log.of(table, attributes=attributes, event_ids=event_ids), definition)


def case_ids(lake: Lake, *, version: int) -> dict[int, str]:
    """The id of every case by its key; a StopError when two ids share one key."""
    table = lake.read(["case_key", "case_id"], version=version)
    keys = np.asarray(table.column("case_key").to_numpy(), np.int64)
    coded = Coded.of(table.column("case_id"))
    code = coded.codes
    if not len(keys):
        return {}
    pairs = np.unique(np.column_stack([keys, code]), axis=0) if len(keys) else keys
    distinct, counts = np.unique(pairs[:, 0], return_counts=True)
    labels = coded.vocabulary.labels
    if len(distinct) < len(pairs):
        both = pairs[pairs[:, 0] == distinct[counts > 1][0], 1]
        first, second = (labels[c] for c in both[:2])
        raise StopError(
            f'the case ids "{first}" and "{second}" have the same 64-bit key; give one of them '
            "another id in the source and import again into a fresh lake"
        )
    return {int(key): labels[c] for key, c in pairs.tolist()}


def observe(log: Log, miners: Sequence[Miner]) -> Mapping[str, Summary]:
    """What each miner saw in the log, by the miner's name."""
    return {miner.name: miner.observe(log) for miner in miners}
