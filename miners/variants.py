"""Which routes permits take from their first step to their last, and how many take each."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa

from eventlog import kernels
from eventlog.kernels import Int64s
from eventlog.log import Log
from eventlog.tally import Summary, Tally
from miners.labels import count_labels

COLUMNS = ("rank", "cases", "share", "events", "activities")
SEPARATOR = " > "


def keys(log: Log) -> Int64s:
    """The key of each case's variant: two independent 64-bit hashes; shape [cases, 2]."""
    done = log.executions
    hashes = kernels.sequence_hashes(done.offsets, log.activity.vocabulary.keys, done.activity)
    return hashes.view(np.int64).reshape(-1, 2)


def observe(log: Log) -> Summary:
    """Count cases and executions per variant; a case without any execution has no variant."""
    done = log.executions
    vocabulary = log.activity.vocabulary
    executions, _, _ = kernels.count_executions(done.offsets, done.activity, len(vocabulary))
    lengths = np.diff(done.offsets)
    filled = np.flatnonzero(lengths)
    case_variant = keys(log)[filled]
    code, _ = kernels.distinct(np.ascontiguousarray(case_variant[:, 0]))
    # One case stands for its variant; 128 bits decide in the tally, 64 only inside this block.
    variants = int(code.max()) + 1 if len(code) else 0
    example = np.empty(variants, np.int64)
    example[code[::-1]] = np.arange(len(code))[::-1]
    cases = np.bincount(code, minlength=variants)
    taken = filled[example]
    sequences = _sequences(done.offsets, vocabulary.keys[done.activity], taken)
    values = np.column_stack([cases, cases * lengths[taken]])
    return Summary(
        tables={
            "labels": count_labels(vocabulary, executions),
            "variants": Tally.of(case_variant[example], values, sequences),
        }
    )


def _sequences(offsets: Int64s, label_keys: Int64s, cases: Int64s) -> pa.Array:
    """The label keys of these cases' executions, one list a case."""
    lengths = np.diff(offsets)[cases]
    ends = np.cumsum(lengths)
    places = np.arange(int(ends[-1]) if len(ends) else 0)
    places += np.repeat(offsets[:-1][cases] - (ends - lengths), lengths)
    bounds = np.concatenate([[0], ends]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(bounds), pa.array(label_keys[places]))


def ranked(summary: Summary) -> tuple[Int64s, list[tuple[str, ...]], Int64s]:
    """Variants by rank: keys [n, 2], their activities, and [n, 2] cases and executions.

    The most frequent come first, equals in the order of their activities' labels.
    """
    tally = summary["variants"]
    routes = _routes(tally, summary["labels"])
    order = sorted(range(len(routes)), key=lambda at: (-int(tally.counts[at, 0]), routes[at]))
    places = np.array(order, np.int64)
    return tally.keys[places], [routes[at] for at in order], tally.counts[places]


def _routes(tally: Tally, labels: Tally) -> list[tuple[str, ...]]:
    """Each variant's activities by name."""
    if tally.meanings is None or labels.meanings is None or not len(tally):
        return [()] * len(tally)
    # Keys of a tally stand in order, so a name is found by halving.
    places = np.searchsorted(labels.keys[:, 0], tally.meanings.flatten().to_numpy())
    names = np.array(labels.meanings.to_pylist(), object)[places].tolist()
    ends = np.cumsum(tally.meanings.value_lengths().to_numpy()).tolist()
    return [tuple(names[a:b]) for a, b in pairwise([0, *ends])]


def summarise(summary: Summary) -> pd.DataFrame:
    """All variants by rank: rank (from 1), cases, share (0 to 1), events, activities.

    >>> from eventlog.letters import log
    >>> summarise(observe(log("P: a b", "Q: a b", "R: a c")))["activities"].tolist()
    ['a > b', 'a > c']
    """
    _, routes, values = ranked(summary)
    total = max(1, int(values[:, 0].sum()))
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(routes) + 1),
            "cases": values[:, 0],
            "share": values[:, 0] / total,
            "events": values[:, 1],
            "activities": pd.Series([SEPARATOR.join(route) for route in routes], dtype=str),
        }
    )
