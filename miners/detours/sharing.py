"""Whose the days of a span are in which a file takes several detours at once.

Each detour is given what it costs where it comes alone, and what remains (less than nothing, where
a file does one thing while it waits for the other) is shared equally. One that hardly ever comes
alone has no price of its own: where such a one is in the span, it takes all that remains. So shares
add up to what the span took too long, nothing is counted twice, and nothing depends on the order
in which detours are looked at.
"""

from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Bools, Int64s
from miners.survival import Floats

ALONE = 5
"""Spans that a detour needs to itself to have a price of its own."""
HALF = 0.5
"""The share of its spans that a detour must have to itself for that."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shares:
    """How the excess of spans is shared among the detours in them.

    `milliseconds` [episodes] adds up to the excess, nan where nobody knows that; were the excess
    one more, it would be `part` [episodes] more. `alone` [episodes] says that there is no detour of
    another subject in the span. `price` [subjects] is the mean of a subject's detours where they
    come alone, nan where that are too few. `residual` [spans] is how far an excess lies from what
    the detours in the span usually come to.
    """

    milliseconds: Floats
    part: Floats
    alone: Bools
    price: Floats
    residual: Floats


def share(subject: Int64s, span: Int64s, excess: Floats, subjects: int) -> Shares:
    """Share `excess` [spans], nan where unknown, among detours: `subject`, `span` [episodes]."""
    spans = len(excess)
    known = ~np.isnan(excess)[span]
    together = np.bincount(span, minlength=spans)[span]
    alone = _alone(subject, span, spans)
    lone = known & alone
    count = np.bincount(subject[lone], minlength=subjects)
    sums = np.bincount(subject[lone], (excess[span] / together)[lone], subjects)
    # A span that a subject has to itself is one observation, however often it strays in it.
    observed = np.bincount(subject[lone], 1 / together[lone], subjects)
    # A few that came alone do not speak for many that came together with others.
    all_spans = np.bincount(subject[known], 1 / _same(subject, span, subjects)[known], subjects)
    speaks = observed >= np.maximum(ALONE, HALF * all_spans) - _SLACK
    price = np.where(speaks, sums / np.maximum(count, 1), np.nan)

    own = ~np.isnan(price)[subject]
    given = np.where(own, price[subject], 0.0)
    unpriced = np.bincount(span, ~own, spans)[span]
    part = np.where(unpriced == 0, 1 / together, ~own / np.maximum(unpriced, 1))
    milliseconds = given + part * (excess - np.bincount(span, given, spans))[span]
    told = np.bincount(subject[known], minlength=subjects)
    mean = np.bincount(subject[known], milliseconds[known], subjects) / np.maximum(told, 1)
    usual = np.where(np.isnan(price), mean, price)
    return Shares(
        milliseconds=milliseconds,
        part=part,
        alone=alone,
        price=price,
        residual=excess - np.bincount(span, usual[subject], spans),
    )


_SLACK = 1e-6


def _same(subject: Int64s, span: Int64s, subjects: int) -> Int64s:
    """How many detours of the same subject are in the span of each; [episodes]."""
    _, place, count = np.unique(span * subjects + subject, return_inverse=True, return_counts=True)
    return np.asarray(count[place], np.int64)


def _alone(subject: Int64s, span: Int64s, spans: int) -> Bools:
    """Which detours share their span with none of another subject; [episodes]."""
    least, most = np.full(spans, np.iinfo(np.int64).max), np.full(spans, -1)
    np.minimum.at(least, span, subject)
    np.maximum.at(most, span, subject)
    return np.asarray((least == most)[span])
