"""Asks every question of every attribute, and says which gaps are worth telling."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy import stats

from engine.treatment.asking import Asked
from engine.treatment.frame import FEWEST
from engine.treatment.gap import (
    COVERAGE,
    SMALL,
    TIME,
    UNSURE,
    Gap,
    estimate,
    gaps_of,
    rounded,
)
from eventlog.kernels import Bools
from miners.equity.adjusting import beside
from miners.equity.intersections import crossed
from miners.equity.kernel import compare, unadjusted
from miners.equity.logrank import LogRank
from miners.equity.rows import FEW, Gaps, Grouping, Strata
from miners.shares import Floats

SURE = 0.05
"""The share of findings that may be wrong, and the chance of one where there is nothing."""
COVERED = 0.6
"""The share of a group that must have somebody comparable."""
SEED = 60_000
"""Draws of permutations: any number, as long as it is the same every time."""
_PAIR = 2

Ended = Callable[[Grouping, Strata], LogRank]


@dataclass(frozen=True, kw_only=True, eq=False)
class Tested:
    """One gap with what it was computed from, so that more can be said of it.

    One that cannot be told, however many others are, has none of its rows (`kept`).
    `crossed` is one of the values of two attributes together: its p-value and its `direct` gap are
    of what is left beside the two.
    """

    gap: Gap
    grouping: Grouping
    place: int
    strata: Strata
    ended: LogRank | None = None
    crossed: bool = False


Work = Callable[[], list[Tested]]
"""One question of one attribute, or of two together."""


def ask(
    asked: Iterable[Asked],
    groupings: Sequence[Grouping],
    *,
    ended: Ended | None,
    persons: frozenset[str],
) -> Iterator[Work]:
    """Every question of every attribute; `ended` is the log-rank test of time to decision."""
    for one in asked:
        for grouping in groupings:
            yield partial(_compared, one, grouping, ended=ended, persons=persons)


def why_not(gap: Gap, q_value: float) -> str | None:
    """Why a gap would not be told with such a q-value, whatever else there is; None if it might."""
    if gap.entry is None:
        return gap.why
    low, high = gap.entry.low, gap.entry.high
    if gap.coverage < COVERED:
        return COVERAGE
    if q_value > SURE or low is None or high is None or low <= 0 <= high:
        return UNSURE
    return SMALL if abs(gap.entry.value) < gap.question.material else None


def _kept(one: Tested) -> Tested:
    """A test with its rows if it may be told yet, else without; no q-value is below its p-value."""
    gap, nobody = one.gap, np.empty(0, np.int64)
    if gap.p_value is not None and gap.entry is not None and not why_not(gap, gap.p_value):
        return one
    return replace(
        one,
        gap=replace(gap, question=gap.question.without_rows),
        grouping=one.grouping.take(nobody),
        strata=one.strata.take(nobody),
    )


def _compared(
    one: Asked, whole: Grouping, *, ended: Ended | None, persons: frozenset[str]
) -> list[Tested]:
    question = one.question
    grouping, strata = whole.take(question.rows), one.comparable(whole)
    found = compare(question.score, grouping, strata, seed=SEED)
    raw = unadjusted(question.score, grouping, strata.cluster, seed=SEED)
    ranks = None
    if question.tested is not None:
        deciding = compare(question.tested, grouping, strata, seed=SEED)
        found = replace(found, p_value=deciding.p_value, permuted=deciding.permuted)
    if question.measure == TIME and ended is not None:
        ranks = ended(grouping, strata)
        found = _by_ranks(found, ranks)
    found = _enough(found, one, grouping)
    counts = np.bincount(whole.place[whole.place >= 0], minlength=len(whole.names))
    gaps = gaps_of(
        question,
        whole.attribute,
        whole.names,
        found,
        raw,
        shown=_shown(found, counts >= FEWEST, question.adverse),
        restricted=whole.attribute in persons,
    )
    places = {name: place for place, name in enumerate(whole.names)}
    others = _means_of_others(question.score, grouping)
    return [
        _kept(
            Tested(
                gap=replace(gap, more={"mean_others": rounded(others[places[gap.group]])}),
                grouping=grouping,
                place=places[gap.group],
                strata=strata,
                ended=ranks,
            )
        )
        for gap in gaps
    ]


def cross(asked: Asked, groupings: Sequence[Grouping], *, persons: frozenset[str]) -> list[Tested]:
    """The values of each two attributes together, beyond what each attribute explains alone."""
    found: list[Tested] = []
    rows = asked.question.rows
    for one, other in itertools.combinations(groupings, 2):
        both = crossed(one, other)
        if not len(both.names) or {one.attribute, other.attribute} & persons:
            continue
        strata, grouping = asked.comparable(both), both.take(rows)
        score = asked.question.score
        alone = beside(score, grouping, strata, [every.take(rows) for every in groupings])
        whole = compare(score, grouping, strata, seed=SEED)
        known = whole.told & alone.told
        tested = replace(
            whole,
            p_value=np.where(known, alone.p_value, np.nan),
            permuted=np.zeros(len(whole), bool),
            why=tuple(a or b for a, b in zip(whole.why, alone.why, strict=True)),
        )
        tested = _enough(tested, asked, grouping)
        raw = unadjusted(score, grouping, strata.cluster, seed=SEED)
        others = _means_of_others(score, grouping)
        gaps = gaps_of(
            asked.question,
            both.attribute,
            both.names,
            tested,
            raw,
            shown=np.ones(len(whole), bool),
            restricted=False,
        )
        found += [
            _kept(
                Tested(
                    gap=replace(
                        gap,
                        direct=estimate(alone, place),
                        direct_error=(float(alone.error[place]), float(alone.freedom[place])),
                        more={"mean_others": rounded(others[place])},
                    ),
                    grouping=grouping,
                    place=place,
                    strata=strata,
                    crossed=True,
                )
            )
            for place, gap in enumerate(gaps)
        ]
    return found


def _means_of_others(score: Floats, grouping: Grouping) -> list[float]:
    """For each value the mean score of all other values, comparable or not; NaN without any."""
    known = np.isfinite(score) & (grouping.place >= 0)
    place, values = grouping.place[known], len(grouping.names)
    rows = np.bincount(place, minlength=values)
    sums = np.bincount(place, score[known], minlength=values)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: list[float] = ((sums.sum() - sums) / (rows.sum() - rows)).tolist()
    return means


def _by_ranks(found: Gaps, ranks: LogRank) -> Gaps:
    """Time to decision is tested with open cases included; the days are told as they are."""
    small = found.permuted & found.told
    known = found.told & ~np.isnan(ranks.p_value)
    p_value = np.where(small, found.p_value, np.where(known, ranks.p_value, np.nan))
    why = tuple(
        reason or ranks.why[place] if np.isnan(p_value[place]) else ""
        for place, reason in enumerate(found.why)
    )
    return replace(found, p_value=p_value, why=why)


def _enough(found: Gaps, one: Asked, grouping: Grouping) -> Gaps:
    """Without the values of which too few rows, or too few of the rarer score, are there."""
    question = one.question
    short = (found.rows < question.least) | (found.others < question.least)
    if question.least_events:
        known = ~np.isnan(question.score) & (grouping.place >= 0)
        yes = float(question.score[known].sum())
        short |= min(yes, float(known.sum()) - yes) < question.least_events
    p_value = np.where(short, np.nan, found.p_value)
    why = tuple(
        FEW if few and not reason else reason
        for few, reason in zip(short.tolist(), found.why, strict=True)
    )
    return replace(found, p_value=p_value, why=why)


def _shown(found: Gaps, large: Bools, adverse: int) -> Bools:
    """The values that are told of; of two that mirror each other, the one that is worse off."""
    if len(found) != _PAIR:
        return large
    worse = 1 if np.nan_to_num(found.value[1]) * adverse > 0 else 0
    chosen = np.zeros(_PAIR, bool)
    chosen[worse if large[worse] else 1 - worse] = True
    return chosen & large


def with_q_values(tests: Sequence[Tested], q_values: Sequence[float]) -> list[Tested]:
    """The tests with the q-value of each that has a p-value, in their order.

    Two attributes together must be sure among their like too: that much is told of single
    attributes makes none of their pairs any surer (Efron 2008).
    """
    own = iter(q_values)
    found = [
        one if one.gap.p_value is None else replace(one, gap=replace(one.gap, q_value=next(own)))
        for one in tests
    ]
    pairs = [one for one in found if one.crossed and one.gap.p_value is not None]
    if not pairs:
        return found
    alike = stats.false_discovery_control(p_values(pairs)).tolist()
    surer = {
        id(one): replace(one, gap=replace(one.gap, q_value=max(one.gap.q_value or 0.0, q_value)))
        for one, q_value in zip(pairs, alike, strict=True)
    }
    return [surer.get(id(one), one) for one in found]


def p_values(tests: Sequence[Tested]) -> list[float]:
    """The p-values of the tests that have one, in their order."""
    return [one.gap.p_value for one in tests if one.gap.p_value is not None]
