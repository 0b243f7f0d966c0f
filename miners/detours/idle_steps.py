"""Steps of the office after which every file goes the same way: worth a look, no more than that.

A step that always hands on to the same next one, and after which no file was refused, given up or
sent back at once, may do nothing that a machine could not, or nothing at all. A log cannot show
that: what was found out at the step may be what a later one decides by. So a candidate comes with
what speaks against it, and is no advice to do away with anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.detours.steps import Steps
from miners.differences import differences
from miners.survival import Estimate
from miners.work_items import Items

LEAST_CASES = 100
"""Cases with a step without which nothing is told of it."""
LARGEST = 0.02
"""What the share of cases that went another way must be sure to stay under."""
MATERIAL = 0.05
"""The difference in refusals, with and without the step, from which on the step matters."""
_LEAST_SKIPPING = 30
_SURE = 0.95
# Four gates would share the refusals: a step must be sure to have fewer than one of them would.
_GATES = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Ends:
    """How the cases end; each [cases].

    `is_open` is None where nobody says what closes a case; then a case that stops at a step has
    gone another way. `refused` and `given_up` are None where nobody says how cases end. `stratum`
    numbers cells of what may legitimately make a difference.
    """

    is_open: Bools | None
    decided: Bools
    refused: Bools | None
    given_up: Bools | None
    stratum: Int64s

    def __post_init__(self) -> None:
        """Refuse columns of unequal length."""
        columns = (self.is_open, self.refused, self.given_up, self.stratum)
        if any(len(column) != len(self.decided) for column in columns if column is not None):
            raise ValueError("the columns of ends differ in length")


@dataclass(frozen=True, kw_only=True)
class IdleStep:
    """A step of the office that never changed the way of a file.

    Of `cases` that did it and went on, all but `otherwise` went to `following`, a `share`; of
    endlessly many, less than `upper_bound` would go otherwise (Clopper & Pearson 1934, one-sided
    95 %). `refused_later` of these were refused further on, None where nobody says. `skipping` is
    how many decided cases came to `following` without the step, and `gap` how much more often those
    with it were refused than those without, in the same stratum; None where too few can be
    compared. So where `gap` is None, nothing in the log tells whether the step has a part in the
    decision. `waiting` and `service` are case-days, None where nobody told.
    """

    activity: str
    cases: int
    following: str
    otherwise: int
    share: float
    upper_bound: float
    refused_later: int | None
    skipping: int
    gap: Estimate | None
    waiting: float | None = None
    service: float | None = None


def spared(definition: Definition, coarse: Mapping[str, str] | None) -> frozenset[str]:
    """The activities that are no candidates whatever the log shows, by the process file.

    These are the applicant's, those that move the clock, close a case or tell how it ended, the
    gates at which files are known to fail, and complaints. `coarse` is the coarser activity of each
    label, where the map has any: one is spared with any of those that it stands for.
    """
    clock, outcome = definition.clock, definition.outcome
    named = {*definition.applicant_steps, *clock.starts, *clock.stops, *clock.closes}
    named.update(*((pair.from_, pair.until) for pair in clock.suspended))
    if outcome is not None:
        named |= {*outcome.favourable_activities, *outcome.unfavourable_activities}
        named |= {*outcome.withdrawn_activities}
    if definition.equity is not None:
        named |= {*definition.equity.gates}
    if definition.voice is not None:
        named |= {*definition.voice.complaints}
    if coarse is None:
        return frozenset(named)
    return frozenset(coarse[label] for label in named if label in coarse)


def idle_steps(
    steps: Steps,
    ends: Ends,
    *,
    spared: frozenset[str],
    applicants: frozenset[str],
    external_units: frozenset[str],
) -> list[IdleStep]:
    """The candidates, those done in most cases first, without the time that they take.

    Not the first step of a case, nor one that asks something of the applicant (whose next step is
    one of `applicants`), nor one that runs beside others, nor one done mostly by `external_units`.
    """
    rows = _Rows(steps.merged(), ends, external_units)
    labels = steps.activity.vocabulary.labels
    found = [
        _candidate(rows, ends, code, applicants)
        for code, label in enumerate(labels)
        if label not in spared and label not in applicants
    ]
    told = [one for one in found if one is not None]
    return sorted(told, key=lambda one: (-one.cases, one.activity))


def days_in(items: Items, activity: str, milliseconds: Int64s, *, day: int) -> float | None:
    """The sum over the executions of an activity, in case-days; None where no time is known.

    `milliseconds` [items] is their waiting or their service, `day` the milliseconds of a day.
    """
    labels = items.activity.vocabulary.labels
    if activity not in labels:
        return None
    known = (items.activity.codes == labels.index(activity)) & (milliseconds != UNKNOWN)
    return float(milliseconds[known].sum() / day) if known.any() else None


class _Rows:
    """What follows each step; arrays [steps].

    `following` is the activity of the next step, the number of activities where the case ended
    here, -1 where it is still open. `beside` says that another step of the case ran at the time.
    """

    def __init__(self, steps: Steps, ends: Ends, external_units: frozenset[str]) -> None:
        self.steps, self.case = steps, steps.case
        self.labels = steps.activity.vocabulary.labels
        codes = steps.activity.codes
        self.first = np.ones(len(steps), bool)
        self.first[1:] = self.case[1:] != self.case[:-1]
        last = np.append(self.first[1:], True) if len(steps) else self.first
        self.following = np.append(codes[1:], -1).astype(np.int64)[: len(steps)]
        self.following[last] = len(self.labels)
        if ends.is_open is not None:
            self.following[last & ends.is_open[self.case]] = -1
        self.beside = _beside(steps)
        units = steps.unit.vocabulary.labels
        theirs = np.array([*(unit in external_units for unit in units), False], bool)
        self.external = theirs[steps.unit.codes]
        self.order = np.argsort(codes, kind="stable")
        self.bounds = np.searchsorted(codes[self.order], np.arange(len(self.labels) + 1))

    def of(self, code: int) -> Int64s:
        """The places of an activity, ascending."""
        return self.order[self.bounds[code] : self.bounds[code + 1]]

    def cases_with(self, code: int) -> Bools:
        """Which cases have an activity; shape [cases]."""
        having = np.zeros(self.steps.cases, bool)
        having[self.case[self.of(code)]] = True
        return having

    def earliest(self, code: int) -> Int64s:
        """The first place of an activity in each case, beyond the last one if none; [cases]."""
        place = np.full(self.steps.cases, len(self.case))
        rows = self.of(code)[::-1]
        place[self.case[rows]] = rows
        return place


def _beside(steps: Steps) -> Bools:
    """Which steps overlap in time with another step of their case; shape [steps]."""
    if not len(steps):
        return np.zeros(0, bool)
    case = steps.case.astype(np.int64)
    ordered = np.sort(steps.began)
    began, done = (np.searchsorted(ordered, moment) for moment in (steps.began, steps.done))
    # Moments count from one case to the next, so that one running minimum serves all cases.
    shift = case * (len(steps) + 1)
    earliest = np.minimum.accumulate((shift + began)[::-1])[::-1]
    same = case[1:] == case[:-1]
    found = np.zeros(len(steps), bool)
    found[:-1] = same & (earliest[1:] < (shift + done)[:-1])
    found[1:] |= same & (steps.done[:-1] > steps.began[1:])
    return found


def _candidate(rows: _Rows, ends: Ends, code: int, applicants: frozenset[str]) -> IdleStep | None:
    mine = rows.of(code)
    mine = mine[rows.following[mine] >= 0]
    if not len(mine) or rows.external[mine].mean() > 1 / 2 or rows.first[mine].mean() > 1 / 2:
        return None
    following = int(np.argmax(np.bincount(rows.following[mine])))
    if following == len(rows.labels) or rows.labels[following] in applicants:
        return None
    cases = np.unique(rows.case[mine])
    strayed = rows.following[mine] != following
    strayed |= rows.beside[mine] | (rows.earliest(following)[rows.case[mine]] < mine)
    otherwise = np.unique(rows.case[mine[strayed]])
    refused = ends.refused
    for ended in (refused, ends.given_up):
        if ended is not None and ended[otherwise].any():
            return None
    n, k = len(cases), len(otherwise)
    upper = float(stats.beta.ppf(_SURE, k + 1, n - k)) if k < n else 1.0
    having = np.zeros(rows.steps.cases, bool)
    having[cases] = True
    if n < LEAST_CASES or upper > _limit(having, ends):
        return None
    skipping, gap = _gap(having, rows.cases_with(following), ends)
    if gap is not None and _matters(gap):
        return None
    return IdleStep(
        activity=rows.labels[code],
        cases=n,
        following=rows.labels[following],
        otherwise=k,
        share=1 - k / n,
        upper_bound=upper,
        refused_later=None if refused is None else int((refused & having).sum()),
        skipping=skipping,
        gap=gap,
    )


def _limit(having: Bools, ends: Ends) -> float:
    """What cases that go another way must stay under: where refusals are rare, so are gates.

    Where nobody was ever refused, the log may have been made of approvals only: nothing is told.
    """
    if ends.refused is None:
        return LARGEST
    decided = ends.decided & having
    share = float((ends.refused & decided).sum()) / max(int(decided.sum()), 1)
    return min(LARGEST, share / _GATES)


def _gap(having: Bools, came: Bools, ends: Ends) -> tuple[int, Estimate | None]:
    """How many decided cases came without the step, and the difference in refusals."""
    with_it, without = (ends.decided & came & marked for marked in (having, ~having))
    skipping = int(without.sum())
    if ends.refused is None or min(skipping, int(with_it.sum())) < _LEAST_SKIPPING:
        return skipping, None
    _, stratum = np.unique(ends.stratum, return_inverse=True)
    counts = [
        np.bincount(stratum[marked], minlength=int(stratum.max()) + 1)[:, None].astype(np.float64)
        for marked in (with_it & ends.refused, with_it, without & ends.refused, without)
    ]
    found = differences(*counts)
    if np.isnan(found.value[0]):
        return skipping, None
    return skipping, Estimate(
        value=float(found.value[0]), low=float(found.low[0]), high=float(found.high[0])
    )


def _matters(gap: Estimate) -> bool:
    assert gap.low is not None
    assert gap.high is not None
    return abs(gap.value) > MATERIAL or gap.low > 0 or gap.high < 0
