"""What is compared before and after a day, of every application, once, as arrays."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from eventlog.kernels import UNKNOWN, Bools, Int8s, Int32s, Int64s
from miners.durations import Floats
from reports.explore.arrays import NOT_KNOWN, Traces
from reports.explore.offered import open_to_all, told_values
from reports.withheld.totals import tellable

_DAY_MICROS = 86_400_000_000
_DAY_MS = 86_400_000
_AFTER = "waiting after"
_MOST_VALUES = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Waits:
    """Every wait at a step: of which case, at which step, from which day, for how many days.

    Arrays are [waits]; `activity` is a place in `activities`, `started` whether it is over.
    `office` [activities] says which steps the office does, as far as anybody tells.
    """

    activities: tuple[str, ...]
    office: Bools
    case: Int32s
    activity: Int32s
    day: Int32s
    days: Floats
    started: Bools


@dataclass(frozen=True, kw_only=True, eq=False)
class Cases:
    """Every application; arrays are [cases].

    `entered` is the day of its first event by the office's clock, in days since 1970, `days` how
    long it took, or has taken so far where it is not `closed` (where nothing says what closes a
    case, each is with its last event, and `closing_known` is false). `late` and `detoured` are 1,
    0, or -1 where nobody knows. `stratum` is the same number for those that are alike in `alike`.
    `values` are, by attribute that everybody may choose by, those of its values that enough have
    and enough have not, and the place of each case's in them (-1: another or none). `today` is the
    day until which all is known.
    """

    entered: Int32s
    days: Floats
    closed: Bools
    closing_known: bool
    late: Int8s
    detoured: Int8s
    stratum: Int64s
    alike: tuple[str, ...]
    values: Mapping[str, tuple[tuple[str, ...], Int32s]]
    waits: Waits
    today: int
    smallest_cell: int

    def __len__(self) -> int:
        """How many there are."""
        return len(self.entered)

    @property
    def first(self) -> int:
        """The day on which the first one came; today where there is none."""
        return int(self.entered.min()) if len(self) else self.today


def read_cases(folder: Path, traces: Traces) -> Cases:
    """All applications of a folder that `runut mine` has written, and of its `traces`.

    What is read beside them are the detours, what open ones wait for, and in what compared ones
    are alike; what is not there is not known.
    """
    alike = tuple(name for name in _alike(folder) if name in traces.attributes)
    still_open = traces.still_open == 1
    so_far = (traces.now - traces.entered) / _DAY_MICROS
    return Cases(
        entered=traces.entered_day,
        days=np.where(still_open, np.maximum(so_far, 0), traces.throughput_ms / _DAY_MS),
        closed=~still_open,
        closing_known=bool((traces.still_open >= 0).any()),
        late=traces.late,
        detoured=_detoured(folder / "detour_cases.parquet", traces),
        stratum=_strata(traces, alike),
        alike=alike,
        values={
            name: (labels, _places_of(traces, name, labels))
            for name in open_to_all(traces)
            if 0 < len(labels := _labels(traces, name)) <= _MOST_VALUES
        },
        waits=_waits(folder / "open_items.parquet", traces),
        today=int(_local_days(np.array([traces.now], np.int64), traces.timezone)[0]),
        smallest_cell=traces.smallest_cell,
    )


def _labels(traces: Traces, name: str) -> tuple[str, ...]:
    """The values that enough applications have, and that enough have not."""
    one, whole = traces.attributes[name], traces.cases
    counts = np.bincount(one.codes[one.codes >= 0], minlength=len(one.values)).tolist()
    count = dict(zip(one.values, counts, strict=True))
    return tuple(
        value
        for value in told_values(traces, name)
        if count[value] < whole and tellable(count[value], whole, traces.smallest_cell)
    )


def _places_of(traces: Traces, name: str, labels: tuple[str, ...]) -> Int32s:
    """The place of each case's value among these, -1 for any other; [cases]."""
    one = traces.attributes[name]
    known = {label: place for place, label in enumerate(labels)}
    places = [known.get(value, NOT_KNOWN) for value in one.values]  # noqa: PD011 - no data frame
    return np.array([*places, NOT_KNOWN], np.int32)[one.codes]


def _alike(folder: Path) -> tuple[str, ...]:
    """In what compared applications are alike, as voices or equal treatment were told."""
    for name in ("voice.json", "equity.json"):
        path = folder / name
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            return tuple(one for one in found["compared_on"] if one != "month")
    return ()


def _local_days(moments: Int64s, timezone: str) -> Int32s:
    """The days of moments (µs UTC) by the office's clock, since 1970."""
    local = pd.to_datetime(moments, unit="us", utc=True).tz_convert(ZoneInfo(timezone))
    days = local.tz_localize(None).to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.asarray(days, np.int32)


def _strata(traces: Traces, alike: tuple[str, ...]) -> Int64s:
    cell = np.zeros(traces.cases, np.int64)
    for name in alike:
        one = traces.attributes[name]
        cell = cell * (len(one.values) + 1) + one.codes + 1
    return np.asarray(np.unique(cell, return_inverse=True)[1], np.int64)


def _detoured(path: Path, traces: Traces) -> Int8s:
    if not path.exists():
        return np.full(traces.cases, -1, np.int8)
    taken = ds.dataset(path, format="parquet").to_table(columns=["case_id"]).column(0)
    out = np.zeros(traces.cases, np.int8)
    found = pc.index_in(taken.unique(), traces.case_ids).drop_null()
    out[found.to_numpy(zero_copy_only=False)] = 1
    return out


def _waits(path: Path, traces: Traces) -> Waits:
    """The waits of work done and under way, and of what open cases wait for without an event."""
    work, now = traces.work, np.int64(traces.now)
    # Without starts, work has waited until it was finished.
    left = np.where(work.started != UNKNOWN, work.started, work.completed)
    parts = [(work.case, work.activity, work.enabled, left)]
    if path.exists():
        parts.append(_standing(path, traces))
    case, activity, enabled, left = (np.concatenate(part) for part in zip(*parts, strict=True))
    over = left != UNKNOWN
    micros = np.where(over, left, now) - enabled
    someone = work.activity[(work.resource >= 0) | (work.unit >= 0)]
    office = np.bincount(someone, minlength=len(traces.activities)) > 0
    kept = (enabled != UNKNOWN) & (micros >= 0) & (activity >= 0) & (case >= 0)
    return Waits(
        activities=traces.activities,
        office=office if office.any() else ~office,
        case=case[kept].astype(np.int32),
        activity=activity[kept].astype(np.int32),
        day=_local_days(enabled[kept], traces.timezone),
        days=micros[kept] / _DAY_MICROS,
        started=over[kept],
    )


def _standing(path: Path, traces: Traces) -> tuple[Int32s, Int32s, Int64s, Int64s]:
    """What open cases wait for, where the step is known and no event of it has come yet."""
    table = ds.dataset(path, format="parquet").to_table()
    table = table.filter(pc.not_equal(table.column("rule"), _AFTER))
    names = pa.array(traces.activities, pa.string())
    case, activity = (
        pc.fill_null(pc.index_in(table.column(name).combine_chunks(), known), -1).to_numpy()
        for name, known in (("case_id", traces.case_ids), ("activity", names))
    )
    since = table.column("since").cast(pa.int64()).fill_null(UNKNOWN).to_numpy()
    work = traces.work
    at_hand = work.completed == UNKNOWN
    known = np.isin(_pairs(case, activity), _pairs(work.case[at_hand], work.activity[at_hand]))
    rows = np.flatnonzero(~known)
    nothing = np.full(len(rows), UNKNOWN, np.int64)
    return case[rows], activity[rows], since[rows], nothing


def _pairs(case: Int32s, activity: Int32s) -> Int64s:
    return case.astype(np.int64) * 2**20 + activity
