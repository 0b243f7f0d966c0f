"""Which queues are worth telling about: the steps at which most of the office's waiting lies."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from engine import bottleneck_wording as wording
from miners.queues import Queue, Queues

# A queue is told when it holds this share of all waiting, so there are never more than ten, and
# when its items wait this long on average: less changes nobody's plans.
SHARE = 0.10
MATERIAL_DAYS = 0.25
_LARGE_SHARE = 0.25
_LONG_DAYS = 1.0
_MANY_ITEMS = 100
_SOME_ITEMS = 30
# An interval wider than half of its mean on either side says little about the size.
_WIDE = 0.5


def findings(found: Queues) -> list[dict[str, Any]]:
    """The `bottleneck` findings (interface.md), most waiting first.

    A queue is told when it holds at least a tenth of all waiting and its items wait a quarter of a
    (working) day or more on average. Severity is *high* when it holds a quarter of all waiting and
    its items wait a day or more, *medium* when one of both holds, else *low*. Strength is *strong*
    with start events, 100 items and a confidence interval within half of the mean on either side,
    *moderate* with 30 items and an interval, else *weak*.
    """
    return [
        _finding(queue, found.unit)
        for queue in found.queues
        if queue.share >= SHARE and queue.mean >= MATERIAL_DAYS
    ]


def _finding(queue: Queue, unit: str) -> dict[str, Any]:
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
        "strength": _strength(queue),
        "wording": wording.told(queue, main_cause(queue), unit),
        "evidence": evidence(queue),
    }


def main_cause(queue: Queue) -> str | None:
    """The cause of most of the queue's waiting; None where none of it could be told."""
    known = {cause: days for cause, days in queue.causes.items() if days > 0}
    return max(known, key=lambda cause: known[cause]) if known else None


def evidence(queue: Queue) -> dict[str, Any]:
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


def _strength(queue: Queue) -> str:
    if queue.low is None or queue.high is None or queue.items < _SOME_ITEMS:
        return "weak"
    narrow = queue.high - queue.mean <= _WIDE * queue.mean
    sure = queue.service_known and queue.items >= _MANY_ITEMS and narrow
    return "strong" if sure else "moderate"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
