"""What the office could promise: the days within which half, 80 % and 90 % of applications end.

A promise made of last year's cases is broken as soon as a queue grows. So it is made of the pace
at which files moved lately: the life table of the last months (period analysis, Brenner &
Gefeller 1996), from the share of files still open at each age that were decided at that age. It is
then corrected by how the promises made of the months before have held since (split conformal
prediction, Vovk et al. 2005, on the ratio of what a case took to what it was promised), and
renewed every month. The back-test makes every promise of the past with what was known then.

A withdrawn application is followed until it was withdrawn, and keeps no promise. A silent one (see
`Standing.silent`) is followed until its last event.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from eventlog.coded import Coded
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.groups import groups
from miners.standing import Standing
from miners.survival import Estimate, Survival, beyond_own_limit, kaplan_meier

SHARES = (0.5, 0.8, 0.9)
MONTH = 2_629_800_000_000
"""Microseconds of a twelfth of a year of 365.25 days: promises are renewed so often."""
TOLERANCE = 0.05
"""How far the share of later cases that a promise covers may be from the share that it names."""
LEAST_TESTED = 50
"""Later cases without which nobody can tell whether a promise holds."""
_LEAST_ENDS = 100
_WINDOWS = (1, 2, 3, 6, 12, 24)
# Cases by which a promise is corrected: those of the last months, as many as can tell.
_LEAST_CORRECTING = 30
_CORRECTING = (6, 12)
_LARGEST_CORRECTION = 2.0
# The promises that are tested: those to the later half of the cases, of at most two years.
_TESTED_PART = 0.5
_TESTED_MONTHS = 24
_MILLIONTHS = 1_000_000

Reason = Literal["too few cases", "not followed long enough", "kept too rarely", "kept too often"]


@dataclass(frozen=True, kw_only=True)
class Promise:
    """Within how many days a `share` of applications is decided, and how that held in the past.

    `days` is as computed, `whole_days` what may be printed: rounded up. `kept` is the share of
    later cases that were decided within the promise made at their time (95 % limits), `kept_whole`
    within the rounded one, both of `tested` cases. `reason` says why it may not be published;
    None: it may.
    """

    share: float
    days: float | None
    whole_days: int | None
    kept: Estimate | None
    kept_whole: Estimate | None
    tested: int
    reason: Reason | None


@dataclass(frozen=True, kw_only=True)
class Promises:
    """The promises for all cases, or for a group of an attribute, in `unit`.

    `cases` is how many there are whose clock began, `decided` how many were decided; `months` the
    months whose pace the promise is made of.
    """

    attribute: str | None
    group: str | None
    cases: int
    decided: int
    unit: str
    months: int | None
    promises: tuple[Promise, ...]


def promises(
    standing: Standing, now: int, *, attribute: str | None = None, group: str | None = None
) -> Promises:
    """What could be promised at `now` (µs UTC) to those who apply in the coming month.

    `attribute` and `group` only name the cases that `standing` holds.
    """
    # In order of entry, so that the cases of a time are a range of places.
    begun = np.flatnonzero(standing.started)
    cases = standing.take(begun[np.argsort(standing.entered[begun], kind="stable")])
    made = _Made.of(cases)
    tested_from = _tested_from(cases, now)
    window = None
    for moment in _renewals(cases, tested_from, now):
        pace = _pace(cases, moment)
        if pace is not None:
            window = pace.months
            made.renew(cases, pace.curve, moment)
    seen = cases.followed()
    decided = seen.ended & ~seen.withdrawn
    return Promises(
        attribute=attribute,
        group=group,
        cases=len(cases),
        decided=int(decided.sum()),
        unit=cases.unit,
        months=window,
        promises=tuple(
            _tested(seen, decided, made, at, cases.entered > tested_from)
            for at in range(len(SHARES))
        ),
    )


def promises_by_value(
    standing: Standing, now: int, attribute: str, values: Coded
) -> list[Promises]:
    """The promises of each value of an attribute, by name; `values` [cases]."""
    return [
        promises(standing.take(marked), now, attribute=attribute, group=name)
        for name, marked in groups(attribute, values)
    ]


@dataclass(frozen=True, kw_only=True)
class _Pace:
    """How long cases last at the pace of the last `months`."""

    curve: Survival
    months: int


def _pace(cases: Standing, moment: int) -> _Pace | None:
    """The life table of the shortest window before `moment` that has enough cases decided in it.

    None where even the longest has not. A window in which the largest share is never reached is
    passed over for a longer one that reaches it.
    """
    entered = cases.take(_until(cases, moment))
    decided = entered.seen[entered.ended & ~entered.withdrawn & (entered.seen <= moment)]
    found = None
    for months in _WINDOWS:
        opens = moment - months * MONTH
        if int((decided > opens).sum()) < _LEAST_ENDS:
            continue
        known = entered.take(entered.seen > opens).known_by(moment).followed()
        known = known.take(known.seen > opens)
        curve = kaplan_meier(known.ran, known.ended & ~known.withdrawn, joined=known.ran_by(opens))
        found = _Pace(curve=curve, months=months)
        if curve.quantile(SHARES[-1]) is not None:
            break
    return found


def _until(cases: Standing, moment: int) -> slice:
    """The places of the cases that entered up to `moment`."""
    return slice(0, int(np.searchsorted(cases.entered, moment, side="right")))


def _within(cases: Standing, after: int, until: int) -> slice:
    """The places of the cases that entered after one moment and up to another."""
    first, last = np.searchsorted(cases.entered, [after, until], side="right").tolist()
    return slice(first, last)


@dataclass(kw_only=True)
class _Made:
    """The promises made so far: to each case the pace's quantile and what was promised, in ms.

    Both arrays have shape [shares, cases], UNKNOWN where there was nothing to say; `latest` is what
    is promised from the last renewal on.
    """

    pace: Int64s
    promised: Int64s
    latest: list[int | None]

    @staticmethod
    def of(cases: Standing) -> "_Made":
        """Nothing has been promised yet."""
        shape = (len(SHARES), len(cases))
        return _Made(
            pace=np.full(shape, UNKNOWN),
            promised=np.full(shape, UNKNOWN),
            latest=[None] * len(SHARES),
        )

    def renew(self, cases: Standing, curve: Survival, moment: int) -> None:
        """Make the promises for those who enter in the month after `moment`."""
        to_come = _within(cases, moment, moment + MONTH)
        longest = 0
        for at, share in enumerate(SHARES):
            found = curve.quantile(share)
            self.latest[at] = None
            if found is None:
                continue
            correction = _correction(cases, self.pace[at], share, moment)
            # A promise to more people is never shorter than one to fewer.
            longest = max(longest, round(found.value * correction))
            self.latest[at] = longest
            self.pace[at, to_come] = max(round(found.value), 1)
            self.promised[at, to_come] = longest


def _correction(cases: Standing, pace: Int64s, share: float, moment: int) -> float:
    """By what the pace's quantile must be multiplied for `share` of the recent cases to keep it.

    The quantile of (what a case took / the pace's quantile at its entry) over the cases of the
    last months, open ones included; 1 where these cannot tell. `pace` has shape [cases].
    """
    for months in _CORRECTING:
        recent = _within(cases, moment - months * MONTH, moment)
        told = pace[recent] != UNKNOWN
        if int(told.sum()) < _LEAST_CORRECTING:
            continue
        known = cases.take(recent).known_by(moment).followed()
        ratios = known.ran[told] * _MILLIONTHS // pace[recent][told]
        found = kaplan_meier(ratios, (known.ended & ~known.withdrawn)[told]).quantile(share)
        if found is not None:
            correction = found.value / _MILLIONTHS
            return min(max(correction, 1 / _LARGEST_CORRECTION), _LARGEST_CORRECTION)
    return 1.0


def _tested_from(cases: Standing, now: int) -> int:
    """From when on the promises are tested, µs UTC."""
    if not len(cases):
        return now
    later = int(np.quantile(cases.entered, _TESTED_PART, method="lower"))
    return max(later, now - _TESTED_MONTHS * MONTH)


def _renewals(cases: Standing, tested_from: int, now: int) -> list[int]:
    """The moments at which promises are made, a month apart, up to now.

    They begin as long before the test as a correction looks back.
    """
    if not len(cases):
        return []
    begin = max(int(cases.entered.min()), tested_from - _CORRECTING[-1] * MONTH)
    return [now - months * MONTH for months in range((now - begin) // MONTH, -1, -1)]


def _tested(seen: Standing, decided: Bools, made: _Made, at: int, later: Bools) -> Promise:
    """The promise of SHARES[at] with what became of its like; `decided`, `later` [cases]."""
    share, limit, day = SHARES[at], made.latest[at], seen.day
    told = later & (made.promised[at] != UNKNOWN)
    limits = made.promised[at, told]
    whole = -(-limits // day) * day
    over, over_whole = (
        beyond_own_limit(seen.ran[told], decided[told], each) for each in (limits, whole)
    )
    kept = None if over is None else _complement(over.share)
    tested = 0 if over is None else over.cases
    return Promise(
        share=share,
        days=None if limit is None else limit / day,
        whole_days=None if limit is None else -(-limit // day),
        kept=kept,
        kept_whole=None if over_whole is None else _complement(over_whole.share),
        tested=tested,
        reason=_reason(share, limit, kept, tested, int(decided.sum())),
    )


def _reason(
    share: float, limit: int | None, kept: Estimate | None, tested: int, decided: int
) -> Reason | None:
    """Why the promise may not be published; None where it may.

    It may where the share of later cases that it covers is within TOLERANCE of the share that it
    names, or cannot be told from it by that many cases.
    """
    if decided < _LEAST_ENDS:
        return "too few cases"
    if limit is None:
        return "not followed long enough"
    if kept is None or tested < LEAST_TESTED:
        return "too few cases"
    assert kept.low is not None
    assert kept.high is not None
    if kept.value < share - TOLERANCE and kept.high < share:
        return "kept too rarely"
    if kept.value > share + TOLERANCE and kept.low > share:
        return "kept too often"
    return None


def _complement(over: Estimate) -> Estimate:
    assert over.low is not None
    assert over.high is not None
    return Estimate(value=1 - over.value, low=1 - over.high, high=1 - over.low)
