"""Which step directly follows which, how often, and how long it takes to get there.

The directly-follows graph joins consecutive executions (complete events) of a case. Frequencies
are exact, means to a millisecond, quantiles within 3 % (`durations`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventlog import following, kernels
from eventlog.log import Log
from eventlog.tally import Summary, Tally
from miners import durations
from miners.labels import count_labels, texts


@dataclass(frozen=True, kw_only=True)
class ProcessMap:
    """The directly-follows graph as tables.

    `activities`: activity, cases, events, rework. `edges`: source, target, frequency, cases,
    mean_seconds, p50_seconds, p90_seconds. `starts` and `ends`: activity, cases. The most
    frequent come first, equals in alphabetical order.
    """

    activities: pd.DataFrame
    edges: pd.DataFrame
    starts: pd.DataFrame
    ends: pd.DataFrame


def observe(log: Log) -> Summary:
    """Count activities, edges with their durations, starts and ends over complete cases."""
    done = log.executions
    vocabulary = log.activity.vocabulary
    keys, labels = vocabulary.keys, len(vocabulary)
    executions, cases, _ = kernels.count_executions(done.offsets, done.activity, labels)
    source, target, sums, histogram = following.pair_durations(
        done.offsets, done.activity, labels, done.timestamp, done.gap_bins
    )
    ends = np.column_stack([keys[source], keys[target]])
    filled = np.diff(done.offsets) > 0
    first = done.activity[done.offsets[:-1][filled]]
    last = done.activity[done.offsets[1:][filled] - 1]
    return Summary(
        tables={
            "activities": count_labels(vocabulary, executions, cases),
            "edges": Tally.of(ends, sums),
            "edge_durations": durations.sparse(ends, histogram),
            "starts": Tally.of(keys, np.bincount(first, minlength=labels)),
            "ends": Tally.of(keys, np.bincount(last, minlength=labels)),
        }
    )


def summarise(summary: Summary) -> ProcessMap:
    """The graph with labels, means and quantiles.

    >>> from eventlog.letters import log
    >>> summarise(observe(log("P: a b a", "Q: a b"))).edges[["source", "target", "frequency"]]
      source target  frequency
    0      a      b          2
    1      b      a          1
    """
    label = texts(summary["activities"])
    activities = summary["activities"]
    edges = summary["edges"]
    frequency, cases, milliseconds = edges.counts.T if len(edges) else np.empty((3, 0), np.int64)
    p50, p90 = durations.quantiles(
        summary["edge_durations"], edges.keys, milliseconds, [0.5, 0.9]
    ).T
    return ProcessMap(
        activities=_frame(
            ["cases", "events"],
            activity=[label[key] for key in activities.keys[:, 0].tolist()],
            cases=activities.counts[:, 1],
            events=activities.counts[:, 0],
            rework=activities.counts[:, 0] - activities.counts[:, 1],
        ),
        edges=_frame(
            ["frequency"],
            source=[label[key] for key in edges.keys[:, 0].tolist()],
            target=[label[key] for key in edges.keys[:, 1].tolist()],
            frequency=frequency,
            cases=cases,
            mean_seconds=np.rint(milliseconds / np.maximum(frequency, 1)) / 1000,
            p50_seconds=p50,
            p90_seconds=p90,
        ),
        starts=_counted(summary["starts"], label),
        ends=_counted(summary["ends"], label),
    )


def _counted(tally: Tally, label: dict[int, str]) -> pd.DataFrame:
    names = [label[key] for key in tally.keys[:, 0].tolist()]
    return _frame(["cases"], activity=names, cases=tally.counts[:, 0])


def _frame(by: list[str], **columns: object) -> pd.DataFrame:
    """A table with the largest first and equals in alphabetical order."""
    frame = pd.DataFrame(columns)
    words = [name for name in ("activity", "source", "target") if name in columns]
    frame[words] = frame[words].astype(str)
    return frame.sort_values(
        [*by, *words], ascending=[False] * len(by) + [True] * len(words), ignore_index=True
    )
