"""Which changes of alerts people must hear of, and what they are sent."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from engine.alerting import wording
from engine.alerting.silences import Acknowledgement, Silences
from engine.alerting.standing import ENDED, Past, Standing

NOTHING = Silences()
IsClosed = Callable[[datetime], bool]


@dataclass(frozen=True, kw_only=True)
class News:
    """A change that people hear of, and its place in the history.

    `reminder` is how often they had heard before that this alert fires: 0 the first time.
    """

    place: int
    alert: Standing
    reminder: int


def beginning(past: Past) -> int:
    """How much of the history somebody may skip who is told of alerts for the first time.

    All before the first of those that fire now: what is long over is no news.
    """
    firing = {alert.key for alert in past.living() if alert.state == "firing"}
    changes = zip(past.places, past.changes, strict=True)
    return next((place for place, alert in changes if alert.key in firing), past.count)


def worth_telling(past: Past, heard: int, silences: Silences = NOTHING) -> list[News]:
    """What people must hear of, who have heard the first `heard` changes.

    That are alerts that fire, unless a silence holds at the time of the evaluation, and of those
    that people had heard of that they are over, silence or not. What ended while it was still
    pending, or silenced from its first to its last moment, nobody hears of. Nothing that ended
    later than they have heard may be forgotten.
    """
    if heard >= past.count:
        return []
    return [news for news in _told(past, silences) if news.place >= heard]


def firing_now(past: Past, silences: Silences = NOTHING) -> list[News]:
    """What fires now, as people last heard of it, in the order in which they did."""
    alive = {alert.key for alert in past.living() if alert.state == "firing"}
    last = {news.alert.key: news for news in _told(past, silences)}
    return [news for key, news in last.items() if key in alive]


def _told(past: Past, silences: Silences) -> Iterator[News]:
    times: Counter[str] = Counter()
    for place, alert in zip(past.places, past.changes, strict=True):
        if alert.state in ENDED and times[alert.key]:
            yield News(place=place, alert=alert, reminder=0)
        if alert.state == "firing" and not silences.mutes(alert, alert.evaluated):
            yield News(place=place, alert=alert, reminder=times[alert.key])
            times[alert.key] += 1


def page_of(url: str, activity: str | None) -> str:
    """Where an alert leads to: to its step, where `url` is that of the pages of `runut serve`.

    >>> page_of("https://permits.example/", "Check plan")
    'https://permits.example/map/details?place=Check+plan'
    >>> page_of("https://permits.example/report.html", "Check plan")
    'https://permits.example/report.html'
    """
    if activity is None or urlsplit(url).path not in {"", "/"}:
        return url
    return f"{url.rstrip('/')}/map/details?{urlencode({'place': activity})}"


def message(
    alert: Standing,
    *,
    timezone: str,
    url: str | None,
    reminder: int = 0,
    seen: Acknowledgement | None = None,
    is_closed: IsClosed = lambda _: False,
) -> dict[str, Any]:
    """The alert as it is sent to `permit.alerts` (interface.md), times in the office's zone.

    `reminder` is how often it was told before that it fires, `seen` who had acknowledged it by
    then, and `is_closed` says on which days the office does not work.
    """
    zone = ZoneInfo(timezone)
    local = replace(
        alert, since=alert.since.astimezone(zone), evaluated=alert.evaluated.astimezone(zone)
    )
    return {
        "alert_id": alert.alert_id,
        "key": alert.key,
        "state": "resolved" if alert.state in ENDED else alert.state,
        "severity": alert.severity,
        "measure": alert.measure,
        "subject": {
            "activity": alert.subject.activity,
            "attribute": alert.subject.attribute,
            "group": alert.subject.group,
        },
        "value": _figure(alert.value),
        "unit": alert.unit,
        "threshold": _figure(alert.threshold),
        "usual": None if alert.usual is None else _figure(alert.usual),
        "since": local.since.isoformat(),
        "evaluated": local.evaluated.isoformat(),
        "reminder": reminder,
        "acknowledged": None
        if seen is None
        else {"by": seen.by, "at": seen.at.astimezone(zone).isoformat()},
        "cases": list(alert.cases),
        "rule": alert.rule,
        "url": None if url is None else page_of(url, alert.subject.activity),
        "wording": wording.worded(
            local,
            closed=is_closed(local.evaluated),
            reminder=reminder > 0,
            seen_by=None if seen is None else seen.by or "",
        ),
    }


def _figure(value: float) -> float | int:
    """A count as a whole number, as people and the contract write it."""
    return int(value) if float(value).is_integer() else value
