"""Whether a group has to wait longer for its files to be taken up than it used to.

Told by when files were taken up, not by when they came: of those that were taken up all is known,
while of files that came lately the slow ones are not there yet, and looking only at what is done
would make any window look quick. Of cases that were closed lately the same could be told, weeks
later.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from engine.alerting.readings_apart import days, labelled
from engine.alerting.rules import BEFORE_DRIFT, window_of
from engine.alerting.standing import Reading, Subject
from engine.treatment.comparing import COVERED, SEED
from engine.treatment.coverage import enough
from engine.treatment.frame import banded
from engine.watching.watched import Watched
from eventlog import schema
from eventlog.coded import Coded
from eventlog.definition import Definition
from eventlog.definition_alert import Alert
from eventlog.definition_parts import Equity
from eventlog.kernels import Bools, Int64s
from eventlog.moments import MICROSECOND
from miners.equity.kernel import compare
from miners.equity.rows import Gaps, Grouping, Strata
from miners.shares import Floats

SURE = 0.999
"""How sure a change must be, both ways. It is looked at again and again: see `drift_readings`."""
_FEWEST = 30
# How many days of work taken up are held for comparable: the fewest that leave enough files with
# somebody to compare with. From a Monday on: 1970-01-01 was a Thursday.
_DAYS = (1, 7, 14, 28)
_MONDAY = 3
_USUAL_SURE = 0.95
_DIGITS = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class _Taken:
    """What was taken up from the beginning of the reference on; arrays [rows].

    `days` is how long each file had waited, in `unit`; `now` marks those of the window.
    """

    days: Floats
    unit: str
    grouping: Grouping
    strata: Strata
    case: Int64s
    now: Bools


def alike(definition: Definition) -> tuple[str, ...]:
    """The attributes in whose values at entry files must be alike to be compared."""
    equity = definition.equity or Equity()
    by_term = tuple(definition.standard.by) if definition.standard else ()
    outcome, fees, voice = definition.outcome, definition.fees, definition.voice
    later = {
        outcome.attribute if outcome else None,
        fees.charged if fees else None,
        voice.satisfaction if voice else None,
    }
    named = (*(equity.legitimate or by_term), *equity.service_class)
    return tuple(dict.fromkeys(name for name in named if name not in later))


def drift_readings(watched: Watched, rule: Alert, definition: Definition) -> list[Reading]:
    """How far the gap of each value of `rule.by` has moved, by value: above 0, it waits longer.

    The gap is how much longer files of the value had waited when they were taken up than those of
    other values that were taken up in the same weeks, by the same unit and for the same activity,
    alike in what may make a difference; as the questions about equal treatment are asked, with the
    files of one applicant counted together. It is compared with that of the 180 days before the
    window. What is told is the end nearest to 0 of the interval of the change (Zou & Donner 2008,
    from the intervals of both gaps), and 0 where 0 lies in it; `usual` is the gap of the 180 days.

    A watch looks every few minutes at a window that moves on slowly: of a normal figure, the limit
    z is passed z * density(z) times in each length of the window if nothing changed (Leadbetter,
    Lindgren & Rootzén 1983, for correlation that falls like that of a moving sum). With a window of
    30 days and ten values, an interval of 99 % would raise 4 to 5 alerts a year; one of 99.9 %, as
    here, less than one (measured: docs/evidence.md).

    Nothing is told of a value with fewer than 30 files of 30 applicants, here or among the others
    they are compared with, in either span, with fewer cases than `privacy.smallest_cell`, or of
    which less than 60 % have somebody comparable.
    """
    taken = _taken(watched, rule, definition)
    if taken is None:
        return []
    smallest = definition.privacy.smallest_cell
    now, before = (_gaps(taken, rows) for rows in (taken.now, ~taken.now))
    told = _told(now) & _told(before)
    for rows in (taken.now, ~taken.now):
        mine = _cases(taken, rows)
        told &= (mine >= smallest) & (mine.sum() - mine >= smallest)
    low, high = _change(now, before)
    value = np.where(low > 0, low, np.where(high < 0, high, 0.0))
    return [
        Reading(
            subject=Subject(activity=rule.activity, attribute=rule.by, group=name),
            # Sums in another order differ in their last digits, and a watch keeps another order.
            value=round(float(value[place]), _DIGITS),
            unit=taken.unit,
            usual=round(float(before.value[place]), _DIGITS),
        )
        for place, name in enumerate(taken.grouping.names)
        if told[place]
    ]


def _taken(watched: Watched, rule: Alert, definition: Definition) -> _Taken | None:
    """What is compared; None where nobody can tell."""
    work = watched.work
    if work is None or rule.by is None or rule.by not in watched.cases.attributes:
        return None
    since = watched.now - window_of(rule) // MICROSECOND
    reference = since - BEFORE_DRIFT // MICROSECOND
    known = work.waited & (work.started > reference) & (work.started <= watched.now)
    if rule.activity is None:
        known &= ~labelled(work.activity, watched.applicants)
    else:
        known &= labelled(work.activity, {rule.activity})
    rows = np.flatnonzero(known)
    case = work.case[rows].astype(np.int64)
    grouping = Grouping.of(rule.by, watched.cases.attributes[rule.by]).take(case)
    started, unit = work.started[rows], work.unit.take(rows)
    codes = [work.activity.codes[rows].astype(np.int64), unit.codes.astype(np.int64)]
    codes += [
        _codes(name, watched.cases.attributes[name], definition)[case]
        for name in alike(definition)
        if name != rule.by and name in watched.cases.attributes
    ]
    day = _local_days(started, definition.timezone)
    cluster = _applicants(watched, definition)[case]
    choices = (Strata.of([*codes, day // many], cluster) for many in _DAYS)
    waited, told_in = days(watched, work.enabled[rows], started, unit)
    return _Taken(
        days=waited,
        unit=told_in,
        grouping=grouping,
        strata=enough(choices, grouping.place),
        case=case,
        now=started > since,
    )


def _codes(name: str, values: Coded, definition: Definition) -> Int64s:
    """A number for each value, or for the band that it lies in; [cases]."""
    bands = definition.bands.get(name)
    return Grouping.of(name, values).place if bands is None else banded(values, bands)


def _local_days(moments: Int64s, timezone: str) -> Int64s:
    """Days by local time, counted from a Monday; [rows]."""
    local = pa.array(moments, schema.TIMESTAMP).cast(pa.timestamp("us", tz=timezone))
    day = pc.local_timestamp(local).cast(pa.date32()).cast(pa.int32())
    since: Int64s = day.to_numpy(zero_copy_only=False).astype(np.int64)
    return since + _MONDAY


def _applicants(watched: Watched, definition: Definition) -> Int64s:
    """A number for each applicant, and for each case of which nobody knows whose it is; [cases]."""
    alone = np.arange(len(watched.cases), dtype=np.int64)
    name = definition.applicant_id
    if name is None or name not in watched.cases.attributes:
        return alone
    codes = watched.cases.attributes[name].codes.astype(np.int64)
    return np.where(codes >= 0, codes, codes.max(initial=-1) + 1 + alone)


def _gaps(taken: _Taken, rows: Bools) -> Gaps:
    strata = taken.strata.take(rows)
    # Strata of the other span are empty here, and to be added up all the same.
    own = Strata.of([strata.stratum], strata.cluster)
    return compare(taken.days[rows], taken.grouping.take(rows), own, seed=SEED)


def _told(gaps: Gaps) -> Bools:
    """Of which values enough is known; what needs permutations has too few for far-out limits."""
    rows = np.minimum(gaps.rows * gaps.coverage, gaps.others)
    told: Bools = gaps.told & ~gaps.permuted & (rows >= _FEWEST) & (gaps.coverage >= COVERED)
    return told


def _cases(taken: _Taken, rows: Bools) -> Int64s:
    """How many cases each value has among these rows; [values]."""
    known = rows & (taken.grouping.place >= 0)
    seen = np.zeros((len(taken.grouping.names), int(taken.case.max(initial=-1)) + 1), bool)
    seen[taken.grouping.place[known], taken.case[known]] = True
    return np.asarray(seen.sum(axis=1))


def _change(now: Gaps, before: Gaps) -> tuple[Floats, Floats]:
    """Between what values the gap has changed, `SURE`; [values]."""
    change = now.value - before.value
    (below, above), (below_before, above_before) = _reach(now), _reach(before)
    return (
        change - np.hypot(below, above_before),
        change + np.hypot(above, below_before),
    )


def _reach(gaps: Gaps) -> tuple[Floats, Floats]:
    """How far the limits lie below and above the gap: those of 95 %, each drawn out by Student's t.

    So a skewed gap keeps its longer side.
    """
    freedom = np.where(np.isnan(gaps.freedom), 1.0, gaps.freedom)
    far, near = (stats.t.ppf((1 + sure) / 2, freedom) for sure in (SURE, _USUAL_SURE))
    return (gaps.value - gaps.low) * far / near, (gaps.high - gaps.value) * far / near
