"""Who passes work to whom, and how long it lies between them."""

from dataclasses import dataclass

import pandas as pd

from eventlog import kernels
from eventlog.coded import Vocabulary
from eventlog.kernels import Int32s
from eventlog.log import Executions, Log
from eventlog.tally import Summary, Tally
from miners.labels import Words, count_labels
from miners.pairs import change_tallies, pair_table


@dataclass(frozen=True, kw_only=True)
class Handovers:
    """Handovers between resources and between units, as tables with `miners.pairs.COLUMNS`.

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
    handovers, spans = change_tallies(
        done.offsets, codes, vocabulary.keys, done.timestamp, done.gap_bins
    )
    counts = kernels.count_codes(codes, len(vocabulary))
    return {
        name: count_labels(vocabulary, counts),
        f"{name}_handovers": handovers,
        f"{name}_durations": spans,
    }


def summarise(summary: Summary) -> Handovers:
    """Both tables, the most frequent handovers first.

    >>> from eventlog.letters import log
    >>> summarise(observe(log("P: a@ann b@bob c@bob"))).resources["target"].tolist()
    ['bob']
    """
    return Handovers(resources=_summarise("resources", summary), units=_summarise("units", summary))


def _summarise(name: str, summary: Summary) -> pd.DataFrame:
    return pair_table(
        Words.of(summary[name]), summary[f"{name}_handovers"], summary[f"{name}_durations"]
    )
