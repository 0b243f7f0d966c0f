"""Which queues are worth telling about: the steps at which most of the office's waiting lies."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from engine import bottleneck_wording as wording
from engine.labels import NO_LABELS, Labels
from engine.queue_doubts import Doubts, Place
from miners.queues import Queue, Queues

# A queue is told when it holds this share of all waiting, so there are never more than ten, and
# when its items wait this long on average: less changes nobody's plans. Dates without a time tell
# nothing shorter than a day.
SHARE = 0.10
MATERIAL_DAYS = 0.25
_DATED_DAYS = 1.0
_LARGE_SHARE = 0.25
_LONG_DAYS = 1.0
_MANY_ITEMS = 100
_SOME_ITEMS = 30
# An interval wider than half of its mean on either side says little about the size.
_WIDE = 0.5
# From this share on, a queue is mostly told by dates without a time.
_MOSTLY = 0.5
# From this share on, it is said that the applicant had the file.
_SOME = 0.05


def findings(
    found: Queues, doubts: Mapping[Place, Doubts], names: Labels = NO_LABELS
) -> list[dict[str, Any]]:
    """The `bottleneck` findings (interface.md), most waiting first.

    `doubts` are those of each queue; none where it is left out. `names` are what activities are
    called, by language. A queue is told when it holds at
    least a tenth of all waiting and its items wait a quarter of a (working) day or more on average,
    a whole day where most have dates without times. Severity is *high* when it holds a quarter of
    all waiting and its items wait a day or more, *medium* when one of both holds, else *low*.
    Strength is *strong* with start events, times of day, 100 items and a confidence interval within
    half of the mean on either side, *moderate* with 30 items and an interval, else *weak*.
    """
    told = [(queue, doubts.get((queue.activity, queue.unit), Doubts())) for queue in found.queues]
    return [
        _finding(queue, doubt, found.unit, names)
        for queue, doubt in told
        if queue.share >= SHARE
        and queue.mean >= (_DATED_DAYS if doubt.dated >= _MOSTLY else MATERIAL_DAYS)
    ]


def _finding(queue: Queue, doubts: Doubts, unit: str, names: Labels) -> dict[str, Any]:
    parts = ["bottleneck", queue.activity, *([] if queue.unit is None else [queue.unit])]
    return {
        "id": "/".join(quote(part, safe="") for part in parts),
        "kind": "bottleneck",
        "subject": {"activity": queue.activity, "unit": queue.unit},
        "effect": {
            "value": _rounded(queue.mean),
            "unit": unit,
            "ci_low": _rounded(queue.low),
            "ci_high": _rounded(queue.high),
            "raw": None,
        },
        "q_value": None,
        "cases": queue.cases,
        "cost": {"value": _rounded(queue.waiting), "unit": "case-days"},
        "severity": _severity(queue),
        "strength": _strength(queue, doubts),
        "wording": _words(queue, doubts, unit, names),
        "evidence": evidence(queue, doubts),
    }


def _words(queue: Queue, doubts: Doubts, unit: str, names: Labels) -> Mapping[str, str]:
    dated = doubts.dated >= _MOSTLY
    tell = wording.told_by_dates if dated else wording.told
    said = tell(queue, main_cause(queue), unit, names)
    if queue.service_known or doubts.applicant < _SOME:
        return said
    return wording.with_applicant(said, doubts.applicant)


def main_cause(queue: Queue) -> str | None:
    """The cause of most of the queue's waiting; None where none of it could be told."""
    known = {cause: days for cause, days in queue.causes.items() if days > 0}
    return max(known, key=lambda cause: known[cause]) if known else None


def evidence(queue: Queue, doubts: Doubts) -> dict[str, Any]:
    """The figures behind a finding, fit for JSON; days as the finding's unit says."""
    estimate: Mapping[str, Any] | None = None
    if queue.estimate is not None:
        one = queue.estimate
        estimate = {
            "officers": _rounded(one.officers),
            "officers_needed": one.needed,
            "ratio": _rounded(one.ratio),
            "wait_with_one_more": _rounded(one.wait),
            "silent_because": None if one.reason is None else wording.REASONS[one.reason],
            "assumptions": wording.ASSUMPTIONS,
        }
    return {
        "share_of_waiting": _rounded(queue.share),
        "main_cause": main_cause(queue),
        "causes": {cause: _rounded(days) for cause, days in queue.causes.items()},
        "service_known": queue.service_known,
        "dated": _rounded(doubts.dated),
        "applicant_share": None if queue.service_known else _rounded(doubts.applicant),
        "items": queue.items,
        "median": _rounded(queue.median),
        "p90": _rounded(queue.p90),
        "arrivals_per_hour": _rounded(queue.arrivals),
        "service_per_officer_hour": _rounded(queue.service_rate),
        "officers": _rounded(queue.officers),
        "officers_present": _rounded(queue.present),
        "utilisation": _rounded(queue.utilisation),
        "load_of_present": _rounded(queue.load),
        "queue_mean": _rounded(queue.length),
        "queue_longest": queue.longest,
        "queue_trend": _rounded(queue.trend),
        "littles_law": _rounded(queue.little),
        "open_now": queue.open_now,
        "oldest_open": _rounded(queue.oldest),
        "median_open": _rounded(queue.open_median),
        "open_by_rule": dict(queue.open_by_rule),
        "one_more_officer": estimate,
        "interval": wording.INTERVAL,
    }


def _severity(queue: Queue) -> str:
    large, long = queue.share >= _LARGE_SHARE, queue.mean >= _LONG_DAYS
    if large and long:
        return "high"
    return "medium" if large or long else "low"


def _strength(queue: Queue, doubts: Doubts) -> str:
    if queue.low is None or queue.high is None or queue.items < _SOME_ITEMS:
        return "weak"
    narrow = queue.high - queue.mean <= _WIDE * queue.mean
    known = queue.service_known and doubts.dated < _MOSTLY
    sure = known and queue.items >= _MANY_ITEMS and narrow
    return "strong" if sure else "moderate"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
