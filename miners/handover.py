"""Who passes work to whom, and how long it lies between them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventlog import following, kernels
from eventlog.coded import Vocabulary
from eventlog.kernels import Int32s
from eventlog.log import Executions, Log
from eventlog.tally import Summary, Tally
from miners import durations
from miners.labels import count_labels, texts

COLUMNS = ("source", "target", "frequency", "cases", "mean_seconds", "p50_seconds", "p90_seconds")


@dataclass(frozen=True, kw_only=True)
class Handovers:
    """Handovers between resources and between units, as tables with `COLUMNS`.

    A handover joins two consecutive executions of a case whose resources (units) are both known
    and differ.
    """

    resources: pd.DataFrame
    units: pd.DataFrame


def observe(log: Log) -> Summary:
    """Count handovers between resources and between units, with their durations."""
    done = log.executions
    return Summary(
        tables={
            **_observe("resources", done, done.resource, log.resource.vocabulary),
            **_observe("units", done, done.unit, log.unit.vocabulary),
        }
    )


def _observe(
    name: str, done: Executions, codes: Int32s, vocabulary: Vocabulary
) -> dict[str, Tally]:
    keys = vocabulary.keys
    source, target, sums, histogram = following.pair_durations(
        done.offsets, codes, len(vocabulary), done.timestamp, done.gap_bins
    )
    passed = source != target
    ends = np.column_stack([keys[source], keys[target]])[passed]
    counts = kernels.count_codes(codes, len(vocabulary))
    dense = histogram.reshape(len(source), following.BINS)[passed].ravel()
    return {
        name: count_labels(vocabulary, counts),
        f"{name}_handovers": Tally.of(ends, sums[passed]),
        f"{name}_durations": durations.sparse(ends, dense),
    }


def summarise(summary: Summary) -> Handovers:
    """Both tables, the most frequent handovers first.

    >>> from eventlog.letters import log
    >>> summarise(observe(log("P: a@ann b@bob c@bob"))).resources["target"].tolist()
    ['bob']
    """
    return Handovers(resources=_summarise("resources", summary), units=_summarise("units", summary))


def _summarise(name: str, summary: Summary) -> pd.DataFrame:
    label = texts(summary[name])
    tally = summary[f"{name}_handovers"]
    frequency, cases, milliseconds = tally.counts.T if len(tally) else np.empty((3, 0), np.int64)
    p50, p90 = durations.quantiles(
        summary[f"{name}_durations"], tally.keys, milliseconds, [0.5, 0.9]
    ).T
    frame = pd.DataFrame(
        {
            "source": [label[key] for key in tally.keys[:, 0].tolist()],
            "target": [label[key] for key in tally.keys[:, 1].tolist()],
            "frequency": frequency,
            "cases": cases,
            "mean_seconds": np.rint(milliseconds / np.maximum(frequency, 1)) / 1000,
            "p50_seconds": p50,
            "p90_seconds": p90,
        }
    )
    frame[["source", "target"]] = frame[["source", "target"]].astype(str)
    return frame.sort_values(
        ["frequency", "source", "target"], ascending=[False, True, True], ignore_index=True
    )
