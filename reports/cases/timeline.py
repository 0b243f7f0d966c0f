"""The timeline of one case as a picture: a row a step, how long it lay and how long it was done."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from reports.cases.story import Step
from reports.charts.colours import INK, class_fill
from reports.language import say
from reports.maps.shapes import FACES, px, text
from reports.words.dates import day
from reports.words.wording import FONT, duration, width

ROWS = 80
"""Steps in the picture; the table beside it has all of them."""

_ROW = 26.0
_BAR = 14.0
_WIDE = 960.0
_TOP = 34.0
_MARGIN = 12.0
_LABELS = (120.0, 300.0)
_LEAST = 2.5
_SOFT, _LINE, _LAY = "#52606f", "#dde3ea", "#e3e8ee"
_TICKS = 6


def draw_timeline(
    steps: Sequence[Step],
    *,
    begin: int,
    end: int,
    is_open: bool,
    names: Mapping[str, str],
    classes: Mapping[str, str],
    timezone: str,
    title: str,
) -> str:
    """The steps from `begin` to `end` (µs UTC) as an SVG; `end` is now where the case `is_open`.

    A pale bar is waiting, a coloured one work, a framed one both where nobody tells them apart; a
    dot is a step of which only the end is known. Deterministic; no style sheet, no script.
    """
    shown = steps[:ROWS]
    labels = [_label(step, names) for step in shown]
    room = min(max([_LABELS[0], *(width(label) + 16 for label in labels)]), _LABELS[1])
    high = _TOP + _ROW * len(shown) + _MARGIN
    scale = _Scale(begin=begin, end=max(end, begin + 1), left=room, right=_WIDE - _MARGIN)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {px(_WIDE)} {px(high)}" '
        f'width="{px(_WIDE)}" height="{px(high)}" role="img" aria-labelledby="timeline" '
        f'font-family="{FACES}" font-size="{px(FONT)}">'
    )
    parts = [
        head,
        f'<title id="timeline">{text(title)}</title>',
        *_axis(scale, high, ZoneInfo(timezone)),
    ]
    for place, (step, label) in enumerate(zip(shown, labels, strict=True)):
        y = _TOP + _ROW * place
        parts.append(
            f"<g><title>{text(_words(step, label))}</title>"
            f'<text x="0" y="{px(y + 17)}" fill="{INK}" unicode-bidi="plaintext">'
            f"{text(_cut(label, room - 12))}</text>"
            f"{_bars(step, scale, y + 6, class_fill(classes.get(step.activity, 'a0 b0')))}</g>"
        )
    if is_open:
        parts.append(_now(scale, high))
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Scale:
    """Where a moment stands between left and right, in px."""

    def __init__(self, *, begin: int, end: int, left: float, right: float) -> None:
        self.begin, self.end, self.left, self.right = begin, end, left, right

    def __call__(self, moment: int) -> float:
        share = (moment - self.begin) / (self.end - self.begin)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)


def _label(step: Step, names: Mapping[str, str]) -> str:
    return names.get(step.activity, step.activity)


def _cut(label: str, room: float) -> str:
    """The label as far as there is room; all of it stands in the title and in the table."""
    if width(label) <= room:
        return label
    kept = label
    while kept and width(kept + "…") > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _words(step: Step, label: str) -> str:
    told = [label if not step.unit else say("%(step)s at %(unit)s", step=label, unit=step.unit)]
    if step.waiting_ms is not None:
        told.append(say("waited %(time)s", time=duration(step.waiting_ms / 1000)))
    if step.service_ms is not None:
        told.append(say("work of %(time)s", time=duration(step.service_ms / 1000)))
    if step.completed is None:
        told.append(say("not done yet"))
    return "; ".join(told)


def _bars(step: Step, scale: _Scale, y: float, fill: str) -> str:
    """Waiting, then work; open ends run up to the end of the picture."""
    end = scale.end if step.completed is None else step.completed
    if step.enabled is None and step.started is None:
        return (
            f'<circle cx="{px(scale(end))}" cy="{px(y + _BAR / 2)}" r="5" fill="{fill}" '
            f'stroke="{INK}"/>'
        )
    if step.started is None:
        return _bar(scale(step.enabled or 0), scale(end), y, f'fill="{_LAY}" stroke="{fill}"')
    drawn = ""
    if step.enabled is not None and step.enabled < step.started:
        drawn = _bar(scale(step.enabled), scale(step.started), y, f'fill="{_LAY}" stroke="#8392a6"')
    dashed = ' stroke-dasharray="4 2"' if step.completed is None else ""
    return drawn + _bar(scale(step.started), scale(end), y, f'fill="{fill}" stroke="{INK}"{dashed}')


def _bar(left: float, right: float, y: float, look: str) -> str:
    return (
        f'<rect x="{px(left)}" y="{px(y)}" width="{px(max(right - left, _LEAST))}" '
        f'height="{px(_BAR)}" {look}/>'
    )


def _axis(scale: _Scale, high: float, zone: ZoneInfo) -> list[str]:
    """Lines at the beginnings of days, with their dates; the first day at the left."""
    parts = []
    free = scale.left
    for moment in _midnights(scale, zone):
        x = scale(moment)
        label = day(datetime.fromtimestamp(moment / 1_000_000, zone).date().isoformat())
        wide = width(label, size=12)
        parts.append(f'<path d="M{px(x)} {px(_TOP - 4)}V{px(high - _MARGIN)}" stroke="{_LINE}"/>')
        if x >= free and x + wide <= scale.right:
            parts.append(
                f'<text x="{px(x)}" y="{px(_TOP - 12)}" font-size="12" fill="{_SOFT}">'
                f"{text(label)}</text>"
            )
            free = x + wide + 14
    return parts


def _midnights(scale: _Scale, zone: ZoneInfo) -> list[int]:
    """Beginnings of days by the office's clock, evenly spaced, some six at most."""
    first = datetime.fromtimestamp(scale.begin / 1_000_000, zone).date()
    last = datetime.fromtimestamp(scale.end / 1_000_000, zone).date()
    days = (last - first).days
    step = max(-(-days // _TICKS), 1)
    dates = (first + timedelta(days=number) for number in range(0, days + 1, step))
    moments = (
        int(datetime(one.year, one.month, one.day, tzinfo=zone).timestamp()) * 1_000_000
        for one in dates
    )
    return [max(moment, scale.begin) for moment in moments if moment <= scale.end]


def _now(scale: _Scale, high: float) -> str:
    return (
        f'<path d="M{px(scale.right)} {px(_TOP - 8)}V{px(high - _MARGIN)}" stroke="#b3292f" '
        f'stroke-width="1.5"/><text x="{px(scale.right)}" y="{px(_TOP - 12)}" text-anchor="end" '
        f'font-size="12" font-weight="600" fill="#7d151b">{text(say("now"))}</text>'
    )
