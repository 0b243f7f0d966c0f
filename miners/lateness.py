"""How many applications take longer than the office promised, those still open counted too.

An open case that is over its term is late; one that is not may still become late. Counting closed
cases only would leave out just those that take long, so the share over term is read from the
Kaplan-Meier curve at the term, one curve for each distinct term. A withdrawn case has ended: it
was late if it was over its term by then.
"""

from dataclasses import dataclass

import numpy as np

from eventlog.coded import Coded
from eventlog.kernels import UNKNOWN, Bools, Int64s
from miners.groups import groups
from miners.standing import DAY, Standing
from miners.survival import Estimate, beyond_own_limit, ended_by, kaplan_meier

OVERALL = "term"
LEAST_JUDGED = 20
"""Cases known to be late or in time without which no share is told."""
_DECIDED, _WITHDRAWN = 1, 2


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """How one standard is kept, by all cases or by a group of an attribute.

    `standard` is `term`, or the activity whose own term it is (then a "case" is one execution).
    Of `cases` with that term, `judged` are known to be late or in time, `over` are late, and
    `open_over` of these still open, of which `silent` had no event for so long that they may have
    ended without a record. `share` is the share over term, open cases counted; `decided_in_time`
    and `withdrawn_in_time` are the shares of the rest; all None where fewer than LEAST_JUDGED are
    judged or nobody is followed as long as the term. `left_out` are cases with a term that nobody
    is followed up to. `days_over` is the median time over the term among the late, open ones
    counted as longer than so far; None where more than half of the late are still open.
    `case_days_over` is the time over term so far, summed. In both a silent case counts until its
    last event. `unit` is what days are: `working days`,
    `days`, or None where terms of both kinds are mixed (then no days are told). `terms` are the
    distinct terms in that unit. `without_start` are cases, term or not, whose clock never began.
    """

    standard: str
    attribute: str | None
    group: str | None
    cases: int
    judged: int
    over: int
    open_over: int
    silent: int
    left_out: int
    share: Estimate | None
    decided_in_time: float | None
    withdrawn_in_time: float | None
    days_over: float | None
    case_days_over: float | None
    unit: str | None
    terms: tuple[float, ...]
    without_start: int = 0


def lateness(
    standing: Standing,
    *,
    standard: str = OVERALL,
    attribute: str | None = None,
    group: str | None = None,
) -> Lateness:
    """How the term of each case is kept; the names only say what `standing` holds.

    Cases without a term, or whose clock never began, are left out.
    """
    termed = standing.take(standing.started & (standing.term != UNKNOWN))
    ran, term = termed.against_term, termed.term
    late = ran > term
    judged = int((termed.ended | late).sum())
    found = beyond_own_limit(ran, termed.ended, term) if judged >= LEAST_JUDGED else None
    in_time = None if found is None else _in_time(termed)
    unit, day = _unit(termed)
    open_late = late & ~termed.ended
    known = termed.followed()
    over = known.against_term - term
    over, over_ended = over[over > 0], known.ended[over > 0]
    return Lateness(
        standard=standard,
        attribute=attribute,
        group=group,
        cases=len(termed),
        judged=judged,
        over=int(late.sum()),
        open_over=int(open_late.sum()),
        silent=int((open_late & termed.silent).sum()),
        left_out=0 if found is None else found.left_out,
        share=None if found is None else found.share,
        decided_in_time=None if in_time is None else in_time[0],
        withdrawn_in_time=None if in_time is None else in_time[1],
        days_over=None if day is None else _median(over, over_ended, day),
        case_days_over=None if day is None else float(over.sum() / day),
        unit=unit,
        terms=() if day is None else tuple((np.unique(term) / day).tolist()),
        without_start=int((~standing.started).sum()),
    )


def lateness_by_value(
    standing: Standing, attribute: str, values: Coded, *, standard: str = OVERALL
) -> list[Lateness]:
    """How each value of an attribute keeps its terms, by name; `values` [cases]."""
    return [
        lateness(standing.take(marked), standard=standard, attribute=attribute, group=name)
        for name, marked in groups(attribute, values)
    ]


def lateness_by_step(items: Standing, activity: Coded) -> list[Lateness]:
    """How the steps that have terms of their own keep them, by activity.

    `items` has a row per execution of an activity, [items], as `activity`: `entered` when it was
    enabled, `ended` when it was completed; an item that was dropped because its case was closed is
    `withdrawn`. Its clock is waiting and service together.
    """
    labels = activity.vocabulary.labels
    return [
        lateness(items.take(activity.codes == code), standard=label)
        for label, code in sorted((label, code) for code, label in enumerate(labels))
        if bool((items.term[activity.codes == code] != UNKNOWN).any())
    ]


def _in_time(termed: Standing) -> tuple[float, float]:
    """The shares decided and withdrawn within their terms (Aalen-Johansen, a curve each term)."""
    causes = np.where(termed.ended, np.where(termed.withdrawn, _WITHDRAWN, _DECIDED), 0)
    ran = termed.against_term
    total = 0
    shares = np.zeros(_WITHDRAWN)
    for limit in np.unique(termed.term).tolist():
        same = termed.term == limit
        if kaplan_meier(ran[same], termed.ended[same]).share_beyond(limit) is None:
            continue
        found = ended_by(ran[same], causes[same], limit)
        shares[: len(found)] += found * int(same.sum())
        total += int(same.sum())
    decided, withdrawn = (shares / total).tolist()
    return decided, withdrawn


def _unit(termed: Standing) -> tuple[str | None, int | None]:
    """What a day over term is, and its milliseconds; None where terms of both kinds are mixed."""
    if not len(termed) or bool(termed.in_working.all()):
        return "working days", termed.working_day
    if not bool(termed.in_working.any()):
        return "days", DAY
    return None, None


def _median(over: Int64s, ended: Bools, day: int) -> float | None:
    found = kaplan_meier(over, ended).quantile(0.5)
    return None if found is None else found.value / day
