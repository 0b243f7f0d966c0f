"""What citizens feel of whole applications: how long, in time or not, how often they come."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from engine.judging import USUAL
from engine.scorecard.ground import Counted, Ground, Untold
from engine.scorecard.rows import InTime, Ratio, Rows, Share, Within, rows
from engine.voice.heard import complaint_activities
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.cases import WITHDRAWN
from miners.detours.deciding import ended_as
from miners.detours.marks import CONFORMING
from miners.shares import Floats
from miners.standing import SILENCE

Builder = Callable[[Ground], Counted | Untold]
"""Counts one indicator in all cases."""


def decided_within(ground: Ground, *, share: float) -> Counted | Untold:
    """Days from entry to decision, by entry; who gave up is followed until then, as the silent are.

    By the clock where there is one, else from the first event to the last.
    """
    standing = ground.whole.standing
    if standing is None or not bool(standing.started.any()):
        return _first_to_last(ground, share)
    known = standing.followed()
    counted = rows(
        known.entered,
        np.flatnonzero(standing.started),
        known.ran.astype(np.float64),
        (known.ended & ~known.withdrawn).astype(np.float64),
    )
    return Counted(
        rows=counted,
        statistic=Within(share, known.day),
        measured_in="working days" if known.counts_working_days else "days",
        counts="entered",
    )


def _first_to_last(ground: Ground, share: float) -> Counted:
    whole, time = ground.whole, ground.time
    silent = whole.now - whole.ends > SILENCE
    seen = np.where(ground.over | silent, whole.ends, whole.now)
    gave_up = ended_as(whole.outcome, WITHDRAWN)
    return Counted(
        rows=rows(
            whole.starts,
            np.arange(len(seen)),
            time.between(whole.starts, np.maximum(seen, whole.starts)).astype(np.float64),
            (ground.over & ~gave_up).astype(np.float64),
        ),
        statistic=Within(share, time.day),
        measured_in="working days" if time.unit == "working days" else "days",
        counts="entered",
    )


def in_time(ground: Ground) -> Counted | Untold:
    """Who got an answer within the term, by entry; open ones counted."""
    standing = ground.whole.standing
    termed = None if standing is None else standing.started & (standing.term != UNKNOWN)
    if standing is None or termed is None or not bool(termed.any()):
        return Untold(why="no term")
    known = standing.take(termed)
    return Counted(
        rows=rows(
            known.entered,
            np.flatnonzero(termed),
            known.against_term.astype(np.float64),
            known.ended.astype(np.float64),
            limit=known.term,
        ),
        statistic=InTime(),
        measured_in="share",
        counts="entered",
    )


def requests(ground: Ground) -> Counted | Untold:
    """How often the applicant had to do something, in applications that were closed."""
    complaints = _complaints(ground)
    steps = frozenset(ground.whole.applicants) - complaints
    items = ground.items
    if not steps:
        return Untold(why="no applicant steps")
    done = _named(items.activity.vocabulary.labels, steps)[items.activity.codes]
    done &= items.completed != UNKNOWN
    times = np.bincount(items.case[done], minlength=len(ground.over))
    return Counted(rows=_closed(ground, times), statistic=Ratio(), measured_in="times")


def satisfaction(ground: Ground) -> Counted | Untold:
    """What those who answered said, by when their application was closed."""
    answers = ground.whole.answers
    if answers is None or not bool(np.isfinite(answers).any()):
        return Untold(why="no satisfaction")
    counted = _closed(ground, answers)
    return Counted(
        rows=counted.take(np.isfinite(counted.top)), statistic=Ratio(), measured_in="score"
    )


def complaints(ground: Ground) -> Counted | Untold:
    """Complaints that came, per hundred applications that were closed in the same time."""
    named, items = _complaints(ground), ground.items
    if not named:
        return Untold(why="no complaints")
    came = _named(items.activity.vocabulary.labels, named)[items.activity.codes]
    came &= items.completed != UNKNOWN
    closed = _closed(ground, np.zeros(len(ground.over)))
    at, case = items.completed[came], items.case[came]
    none = np.zeros(len(at))
    both = rows(
        np.concatenate([closed.at, at]),
        np.concatenate([closed.case, case]),
        np.concatenate([closed.top, none + 1]),
        np.concatenate([closed.bottom, none]),
    )
    return Counted(rows=both, statistic=Ratio(100.0), measured_in="per hundred")


def straight(ground: Ground) -> Counted:
    """Decided applications that took no detour."""
    return _of_decided(ground, ~ground.judged.detoured)


def conforming(ground: Ground) -> Counted | Untold:
    """Decided applications in which every step was as the procedure has it, and none left out."""
    judged = ground.judged
    if judged.by == USUAL:
        return Untold(why="no procedure")
    strayed = np.zeros(len(ground.over), bool)
    strayed[judged.steps.case[judged.marks.stray != CONFORMING]] = True
    strayed[judged.marks.skipped_case] = True
    return _of_decided(ground, ~strayed)


def fee_over_tariff(ground: Ground) -> Counted | Untold:
    """What was charged over the tariff, where both are known."""
    if ground.whole.fees is None:
        return Untold(why="no fees")
    charged, official = ground.whole.fees
    counted = _closed(ground, charged - official)
    return Counted(
        rows=counted.take(np.isfinite(counted.top)), statistic=Ratio(), measured_in="currency"
    )


OF_CASES: Mapping[str, Builder] = MappingProxyType(
    {
        "p50_working_days": partial(decided_within, share=0.5),
        "p80_working_days": partial(decided_within, share=0.8),
        "p90_working_days": partial(decided_within, share=0.9),
        "on_time_share": in_time,
        "requests_per_case": requests,
        "satisfaction_mean": satisfaction,
        "complaints_per_100": complaints,
        "straight_share": straight,
        "conforming_share": conforming,
        "fee_over_tariff": fee_over_tariff,
    }
)
"""Indicators of applications, by name."""


def _closed(ground: Ground, top: Floats | Int64s) -> Rows:
    """A row for each closed case, with a number [cases]."""
    places = np.flatnonzero(ground.over)
    amounts = top[places].astype(np.float64)
    return rows(ground.over_at[places], places, amounts, np.ones(len(places)))


def _of_decided(ground: Ground, marked: Bools) -> Counted:
    """The share of the decided cases that are marked, [cases]."""
    decided = ground.judged.decided if ground.whole.is_open is not None else ground.over
    counted = _closed(ground, marked.astype(np.float64))
    return Counted(rows=counted.take(decided[counted.case]), statistic=Share(), measured_in="share")


def _complaints(ground: Ground) -> frozenset[str]:
    voice = ground.definition.voice
    return complaint_activities(() if voice is None else voice.complaints, ground.whole.coarse)


def _named(labels: tuple[str, ...], names: frozenset[str]) -> Bools:
    """Which codes are of these names; the last place is for no code."""
    return np.array([*(label in names for label in labels), False], bool)
