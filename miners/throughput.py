"""How long a permit takes from its first event to its last."""

from dataclasses import dataclass

import numpy as np

from eventlog import following
from eventlog.log import Log
from eventlog.tally import Summary, Tally
from miners import durations

_ALL = np.zeros((1, 1), np.int64)


@dataclass(frozen=True, kw_only=True)
class Throughput:
    """Elapsed time from first to last event, in seconds; None where there is no case.

    `bins` are (from, to, cases), in seconds, in order, without empty ones.
    """

    cases: int
    mean_seconds: float | None
    p50_seconds: float | None
    p90_seconds: float | None
    bins: tuple[tuple[float, float, int], ...]


def observe(log: Log) -> Summary:
    """Count cases by their duration."""
    milliseconds = (log.ends - log.starts) // 1000
    histogram = following.bin_durations(milliseconds)
    totals = np.array([[len(milliseconds), milliseconds.sum()]], np.int64)
    return Summary(
        tables={
            "cases": Tally.of(_ALL, totals),
            "durations": durations.sparse(_ALL, histogram),
        }
    )


def summarise(summary: Summary) -> Throughput:
    """Number, mean, median and P90 with the distribution.

    >>> from eventlog.letters import log
    >>> summarise(observe(log("P: a b", "Q: a b"))).mean_seconds
    3600.0
    """
    cases, milliseconds = summary["cases"].counts[0].tolist() if len(summary["cases"]) else (0, 0)
    if not cases:
        return Throughput(cases=0, mean_seconds=None, p50_seconds=None, p90_seconds=None, bins=())
    histogram = summary["durations"]
    sums = np.array([milliseconds], np.int64)
    p50, p90 = durations.quantiles(histogram, _ALL, sums, [0.5, 0.9])[0].tolist()
    low, high = durations.bin_edges(histogram.keys[:, 1])
    bins = zip(low / 1000, high / 1000, histogram.counts[:, 0], strict=True)
    return Throughput(
        cases=cases,
        mean_seconds=round(milliseconds / cases) / 1000,
        p50_seconds=p50,
        p90_seconds=p90,
        bins=tuple((float(a), float(b), int(n)) for a, b, n in bins),
    )
