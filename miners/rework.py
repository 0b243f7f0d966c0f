"""Which steps are done again in the same case, and how often."""

import numpy as np
import pandas as pd

from eventlog import kernels
from eventlog.log import Log
from eventlog.tally import Summary
from miners.labels import Words, count_labels

COLUMNS = ("activity", "cases", "repeated_cases", "events", "rework", "share")


def observe(log: Log) -> Summary:
    """Count executions, cases, and cases with more than one execution, per activity."""
    done = log.executions
    vocabulary = log.activity.vocabulary
    executions, cases, repeated = kernels.count_executions(
        done.offsets, done.activity, len(vocabulary)
    )
    return Summary(tables={"activities": count_labels(vocabulary, executions, cases, repeated)})


def summarise(summary: Summary) -> pd.DataFrame:
    """Per activity: cases, cases that repeat it, executions, executions beyond the first.

    `share` is repeated_cases / cases. The most rework comes first.

    >>> from eventlog.letters import log
    >>> summarise(observe(log("P: a b a", "Q: a"))).to_dict("records")[0]["rework"]
    1
    """
    tally = summary["activities"]
    executions, cases, repeated = tally.counts.T if len(tally) else np.empty((3, 0), np.int64)
    words = Words.of(tally)
    order = np.lexsort((words.place, cases - executions))
    return pd.DataFrame(
        {
            "activity": words.text.take(words.place[order]),
            "cases": cases[order],
            "repeated_cases": repeated[order],
            "events": executions[order],
            "rework": (executions - cases)[order],
            "share": (repeated / np.maximum(cases, 1))[order],
        }
    )
