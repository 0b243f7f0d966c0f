"""How long it takes from step to step in working time: nights, weekends and holidays left out."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from eventlog import following
from eventlog.calendar import Calendars
from eventlog.coded import Coded
from eventlog.kernels import Int64s
from eventlog.log import Log
from eventlog.tally import Summary
from miners.labels import Words, count_labels
from miners.pairs import pair_table, pair_tallies

Opening = Callable[[int, int], Calendars]
"""The calendars for moments between two (microseconds since 1970 UTC)."""


def observe(log: Log, opening: Opening) -> Summary:
    """Count edges with their working time, by the calendar of the unit that the step came to."""
    done = log.executions
    vocabulary = log.activity.vocabulary
    worked = _worked(log, opening)
    edges, spans = pair_tallies(
        done.offsets,
        done.activity,
        vocabulary.keys,
        worked,
        following.gap_bins(done.offsets, worked),
    )
    executions = np.bincount(done.activity, minlength=len(vocabulary))
    return Summary(
        tables={
            # Only for the words: how often is the map's to tell.
            "activities": count_labels(vocabulary, executions),
            "edges": edges,
            "edge_durations": spans,
        }
    )


def summarise(summary: Summary) -> pd.DataFrame:
    """Edges with their working time: `miners.pairs.COLUMNS`, the most frequent first."""
    words = Words.of(summary["activities"])
    return pair_table(words, summary["edges"], summary["edge_durations"])


def _worked(log: Log, opening: Opening) -> Int64s:
    """A clock per case that runs in working time only: its reading at each execution, in µs."""
    done = log.executions
    at = done.timestamp
    if not len(at):
        return at
    before = np.empty_like(at)
    before[1:] = at[:-1]
    first = done.offsets[:-1][np.diff(done.offsets) > 0]
    before[first] = at[first]
    calendars = opening(int(at.min()), int(at.max()))
    unit = Coded(codes=done.unit, vocabulary=log.unit.vocabulary)
    return np.cumsum(calendars.between(before, at, unit) * 1000)
