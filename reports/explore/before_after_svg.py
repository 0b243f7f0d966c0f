"""The months before and after a day as a line, with the day marked."""

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from math import ceil, floor, log10

from reports.explore.before_after_found import Month
from reports.language import say
from reports.maps.shapes import px, text
from reports.words.dates import day as day_said
from reports.words.dates import month as month_said
from reports.words.wording import about, days, share

_WIDE, _HIGH = 640.0, 240.0
_LEFT, _RIGHT, _TOP, _LOW = 56.0, 16.0, 26.0, 40.0
_TICKS = 4
_LABELS = 8

Scale = Callable[[float], float]


def line_of_months(months: Sequence[Month], marked: date, *, in_days: bool, title: str) -> str:
    """A dot with its 95 % limits for each month, joined by a line; gaps where nothing is told.

    Every dot has its value in words (a title), and the same stands in a table beside it.
    """
    told = [(place, one) for place, one in enumerate(months) if one.value is not None]
    if not told:
        return ""
    year, number = (int(part) for part in months[0].month.split("-"))
    ends = [
        part for _, one in told if one.value for part in (one.value.value, one.value.high or 0.0)
    ]
    top = _nice(max(ends) or 1.0)
    wide = (_WIDE - _LEFT - _RIGHT) / max(len(months), 1)

    def x(place: float) -> float:
        return _LEFT + wide * (place + 0.5)

    def y(value: float) -> float:
        return _TOP + (_HIGH - _TOP - _LOW) * (1 - min(max(value, 0.0), top) / top)

    parts = [_axis(top, y, in_days=in_days), *_names(months, x)]
    parts.append(f'<path class="line" d="{_path(told, x, y)}"/>')
    for place, one in told:
        parts.append(_dot(place, one, x, y, in_days=in_days))
    part = (marked.day - 1) / monthrange(marked.year, marked.month)[1]
    at = x((marked.year - year) * 12 + marked.month - number + part - 0.5)
    if _LEFT <= at <= _WIDE - _RIGHT:
        side = "end" if at > _WIDE / 2 else "start"
        shift = -6 if side == "end" else 6
        parts.append(
            f'<path class="mark" d="M{px(at)} {px(_TOP - 12)}V{px(_HIGH - _LOW)}"/>'
            f'<text class="marked" x="{px(at + shift)}" y="{px(_TOP - 4)}" text-anchor="{side}">'
            f"{text(day_said(marked.isoformat()))}</text>"
        )
    return (
        f'<svg class="months" role="img" viewBox="0 0 {px(_WIDE)} {px(_HIGH)}" '
        f'width="{px(_WIDE)}" height="{px(_HIGH)}"><title>{text(title)}</title>{"".join(parts)}'
        f"</svg>"
    )


def _said(value: float, *, in_days: bool) -> str:
    return days(value) if in_days else share(value)


def _axis(top: float, y: Scale, *, in_days: bool) -> str:
    parts = []
    for step in range(_TICKS + 1):
        value = top * step / _TICKS
        said = text(_said(value, in_days=in_days) if value else "0")
        parts.append(
            f'<path class="tick" d="M{px(_LEFT)} {px(y(value))}H{px(_WIDE - _RIGHT)}"/>'
            f'<text x="{px(_LEFT - 8)}" y="{px(y(value) + 4)}" text-anchor="end">{said}</text>'
        )
    return "".join(parts)


def _names(months: Sequence[Month], x: Scale) -> list[str]:
    every = max(ceil(len(months) / _LABELS), 1)
    return [
        f'<text x="{px(x(place))}" y="{px(_HIGH - 14)}" text-anchor="middle">'
        f"{text(month_said(one.month))}</text>"
        for place, one in enumerate(months)
        if place % every == 0
    ]


def _path(told: Sequence[tuple[int, Month]], x: Scale, y: Scale) -> str:
    drawn, before = "", -2
    for place, one in told:
        if one.value is None:
            continue
        letter = "L" if place == before + 1 else "M"
        drawn += f"{letter}{px(x(place))} {px(y(one.value.value))}"
        before = place
    return drawn


def _dot(place: int, one: Month, x: Scale, y: Scale, *, in_days: bool) -> str:
    value = one.value
    assert value is not None
    said = say(
        "%(month)s: %(value)s, n %(cases)s",
        month=month_said(one.month),
        value=_said(value.value, in_days=in_days),
        cases=about(one.cases),
    )
    whisker = ""
    if value.low is not None and value.high is not None:
        whisker = f'<path d="M{px(x(place))} {px(y(value.low))}V{px(y(value.high))}"/>'
    return (
        f'<g class="dot"><title>{text(said)}</title>{whisker}'
        f'<circle cx="{px(x(place))}" cy="{px(y(value.value))}" r="4"/></g>'
    )


def _nice(most: float) -> float:
    """A round number that is at least so large.

    >>> _nice(24.1), _nice(0.97)
    (40.0, 1.0)
    """
    size = 10.0 ** floor(log10(most))
    return float(
        next(step * size for step in (1, 2, 4, 6, 8, 10) if step * size >= most * 0.999999)
    )
