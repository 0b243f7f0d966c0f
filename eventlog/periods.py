"""When an application came in, as the calendar of the office counts: its week, month or year."""

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventlog import schema
from eventlog.kernels import Int64s

Period = Literal["week", "month", "quarter", "year"]
_MONTHS = 12
_PER = {"month": 1, "quarter": 3, "year": 12}
# 1970-01-01 was a Thursday: weeks begin on the Monday three days before.
_WEEK, _MONDAY = 7, 3


def periods(moments: Int64s, timezone: str, period: Period) -> Int64s:
    """The number of the period in which each moment (µs UTC) lies by local time; same shape.

    Months and longer are counted from the year 0, weeks (from Monday) from 1970 on.

    >>> periods(np.array([0, 86_400_000_000 * 40]), "UTC", "month").tolist()
    [23640, 23641]
    """
    local = pa.array(moments, schema.TIMESTAMP).cast(pa.timestamp("us", tz=timezone))
    if period == "week":
        day = pc.local_timestamp(local).cast(pa.date32()).cast(pa.int32())
        days: Int64s = day.to_numpy(zero_copy_only=False).astype(np.int64)
        return (days + _MONDAY) // _WEEK
    year, month = (part(local).to_numpy(zero_copy_only=False) for part in (pc.year, pc.month))
    months: Int64s = np.asarray(year * _MONTHS + month - 1, np.int64)
    return months // _PER[period]
