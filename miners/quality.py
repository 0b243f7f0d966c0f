"""How far the events can be trusted: what is missing, tied, dated without a time, or doubled.

These are the `data-quality` findings of interface.md. Each check counts what it affects and of
how many; a share of zero is no finding.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from eventlog import kernels
from eventlog.event import COMPLETE
from eventlog.kernels import Bools, Int32s, Int64s
from eventlog.log import Log
from eventlog.tally import Summary, Tally
from miners import quality_loops as loops
from miners.standing import SILENCE

_QUARTER_HOUR = 15 * 60 * 1_000_000
_DAY = 86_400_000_000
_LONG_QUIET = 30 * _DAY
ALONE = "alone at the end"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check: `affected` of `total` (events or cases, as `of` says) in `column`.

    `cases` is how many cases are touched.
    """

    check: str
    column: str | None
    affected: int
    total: int
    of: str
    cases: int

    def __add__(self, other: "Check") -> "Check":
        """The same check over the cases of both."""
        assert (self.check, self.column) == (other.check, other.column)
        return replace(
            self,
            affected=self.affected + other.affected,
            total=self.total + other.total,
            cases=self.cases + other.cases,
        )

    @property
    def share(self) -> float:
        """Affected over total, 0 to 1; 0 where there is nothing."""
        return self.affected / self.total if self.total else 0.0


def shared_ids(*, events: int, cases: int, total: int) -> Check:
    """The one check that crosses cases: events whose id an event of another case has too."""
    return Check(
        check="id in two cases",
        column="event_id",
        affected=events,
        total=total,
        of="events",
        cases=cases,
    )


def alone_at_the_end(near: Check) -> Check:
    """Whether the latest event of all comes 30 days or more after the one before it.

    Such a date may be mistyped, and then it moves "now" for every open case. `near` is the sum of
    the check `ALONE` over all cases: the events of the last 30 days up to now. More than one is
    none alone.
    """
    if near.affected == 1 < near.total:
        return near
    return replace(near, affected=0, cases=0)


def check(
    log: Log,
    *,
    timezone: str,
    now: int,
    is_open: Bools | None = None,
    applicant_steps: Sequence[str] = (),
    entry_attributes: Sequence[str] = (),
) -> list[Check]:
    """Every check that adds up over cases, in a fixed order; `timezone` decides what midnight is.

    What lies after `now` (microseconds UTC), the end of what is known, had not happened yet.
    `is_open` [cases] says which cases are open, None that nobody knows: then none is missed.
    Steps of the applicant are nobody's work and need no start. `entry_attributes` are those whose
    value at entry is used to compare cases; a later change of one is reported.
    """
    by_event = [
        ("date without time", "timestamp", midnights(log.timestamp, timezone)),
        ("in the future", "timestamp", log.timestamp > now),
        # As it adds up: how many lie so near the end; `alone_at_the_end` says whether that is one.
        (
            ALONE,
            "timestamp",
            (log.timestamp > now - _LONG_QUIET) & (log.timestamp <= now),
        ),
        ("missing", "resource", log.resource.codes < 0),
        ("missing", "unit", log.unit.codes < 0),
    ]
    by_case = [
        ("repeated", "event_id", log.repeats, len(log) + int(log.repeats.sum())),
        ("conflicting", "event_id", log.conflicts, len(log) + int(log.repeats.sum())),
        ("tied", "timestamp", log.ties, len(log)),
    ]
    return [
        *(
            Check(
                check=name,
                column=column,
                affected=int(counts.sum()),
                total=total,
                of="events",
                cases=int((counts > 0).sum()),
            )
            for name, column, counts, total in by_case
        ),
        *(
            Check(
                check=name,
                column=column,
                affected=int(hit.sum()),
                total=len(log),
                of="events",
                cases=_cases_with(log, hit),
            )
            for name, column, hit in by_event
        ),
        _missing_start(log, applicant_steps),
        *_case_checks(log, now, is_open, entry_attributes),
    ]


def _missing_start(log: Log, applicant_steps: Sequence[str]) -> Check:
    """Completed work of which no event tells when it was taken up."""
    labels = log.activity.vocabulary.labels
    asked = np.array([label not in applicant_steps for label in labels], np.bool_)
    without, completed, cases = loops.never_started(
        log.offsets, log.lifecycle, log.activity.codes, asked
    )
    return Check(
        check="missing start",
        column="lifecycle",
        affected=int(without),
        total=int(completed),
        of="events",
        cases=int(cases),
    )


def _case_checks(
    log: Log, now: int, is_open: Bools | None, entry_attributes: Sequence[str]
) -> Iterable[Check]:
    def cases(name: str, column: str | None, affected: int) -> Check:
        return Check(
            check=name,
            column=column,
            affected=affected,
            total=log.cases,
            of="cases",
            cases=affected,
        )

    yield cases("single event", None, int((np.diff(log.offsets) == 1).sum()))
    if is_open is not None:
        yield cases("silent", None, int((is_open & (now - log.ends > SILENCE)).sum()))
    for name in entry_attributes:
        changed = kernels.changing_cases(log.offsets, log.attributes[name].codes)
        yield cases("changed after entry", name, int(changed))
        yield cases("missing", name, int((log.entry_values(name) < 0).sum()))


def _cases_with(log: Log, hit: Bools) -> int:
    if not len(log):
        return 0
    return int((np.add.reduceat(hit.astype(np.int64), log.offsets[:-1]) > 0).sum())


def midnights(timestamp: Int64s, timezone: str) -> Bools:
    """Which times are midnight to the microsecond in `timezone`: dates without a time."""
    out = np.zeros(len(timestamp), bool)
    # Clocks differ from UTC by whole quarters of an hour, so nearly all times are ruled out here.
    candidates = np.flatnonzero(timestamp % _QUARTER_HOUR == 0)
    if len(candidates):
        moments = pd.DatetimeIndex(timestamp[candidates].view("datetime64[us]"), tz="UTC")
        local = moments.tz_convert(ZoneInfo(timezone)).tz_localize(None)
        out[candidates] = local.to_numpy("datetime64[us]").astype(np.int64) % _DAY == 0
    return out


def unfinished(log: Log) -> Summary:
    """What `never_completed` has to know of a block of cases, as counts that add up.

    Whether an activity is never completed shows only when all cases are known, so each case
    tells which of its activities it did not complete: tally `activities` has events and
    completed events by label key, `cases` the cases by the set of such labels.
    """
    vocabulary = log.activity.vocabulary
    done = log.lifecycle == COMPLETE
    codes = log.activity.codes
    events = np.bincount(codes, minlength=len(vocabulary)).astype(np.int64)
    completed = np.bincount(codes[done], minlength=len(vocabulary)).astype(np.int64)
    offsets, labels = _unfinished_sets(log, done)
    hashes = kernels.sequence_hashes(offsets, vocabulary.keys, labels)
    return Summary(
        tables={
            "activities": Tally.of(vocabulary.keys, np.column_stack([events, completed])),
            "cases": Tally.of(
                hashes.view(np.int64).reshape(-1, 2),
                np.ones(len(offsets) - 1, np.int64),
                pa.ListArray.from_arrays(
                    pa.array(offsets.astype(np.int32)), pa.array(vocabulary.keys[labels])
                ),
            ),
        }
    )


def never_completed(summary: Summary) -> Check:
    """Events of activities that no event of any case completes, so that no map shows them."""
    activities, cases = summary["activities"], summary["cases"]
    never = activities.counts[:, 1] == 0
    keys = set(activities.keys[never, 0].tolist())
    sets = [] if cases.meanings is None else cases.meanings.to_pylist()
    hit = np.array([not keys.isdisjoint(labels) for labels in sets], bool)
    return Check(
        check="never completed",
        column="lifecycle",
        affected=int(activities.counts[never, 0].sum()),
        total=int(activities.counts[:, 0].sum()),
        of="events",
        cases=int(cases.counts[hit].sum()) if len(cases) else 0,
    )


def _unfinished_sets(log: Log, done: Bools) -> tuple[Int64s, Int32s]:
    """The activities that each case has and does not complete: offsets and codes by label key.

    Cases that complete all they have are left out.
    """
    rows = np.flatnonzero(~done)
    if not len(rows):
        return np.zeros(1, np.int64), np.empty(0, np.int32)
    labels = len(log.activity.vocabulary)
    case = np.repeat(np.arange(log.cases), np.diff(log.offsets))
    pair = case * labels + log.activity.codes
    left = np.setdiff1d(pair[rows], pair[done])
    case, code = np.divmod(left, labels)
    order = np.lexsort((log.activity.vocabulary.keys[code], case))
    _, counts = np.unique(case, return_counts=True)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return offsets, code[order].astype(np.int32)
