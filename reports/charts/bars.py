"""One gap three times: as it came, among comparable applications, and with like handling."""

from collections.abc import Callable, Mapping

from reports.contents.equity import Gap
from reports.contents.terms import Limits
from reports.language import say
from reports.maps.shapes import px, text
from reports.words.wording import gap_number, width

RAW, ENTRY, PROCESS = "raw", "entry", "process"
"""What a gap is adjusted for: nothing, what is known at entry, what the process did as well."""
# Narrow enough to be read on a phone, where the picture shrinks to the screen.
_LEFT, _ROOM = 140.0, 200.0
_ROW, _BAR = 30.0, 16.0
_LETTERS = 13.5


def adjusted(gap: Gap) -> list[tuple[str, Limits]]:
    """The gap by what it is adjusted for, as far as each is known."""
    parts = ((RAW, gap.raw), (ENTRY, gap.entry), (PROCESS, gap.process))
    return [(name, told) for name, told in parts if told is not None]


def three_bars(gap: Gap, *, names: Mapping[str, str], title: str) -> str:
    """Bars from zero with their 95 % limits, values printed; `names` by what it is adjusted for.

    How it looks stands in the style sheet of the page. Lightness, place and words tell the bars
    apart, so no colour vision is needed.
    """
    rows = adjusted(gap)
    reach = [0.0, *(part for _, told in rows for part in _parts(told))]
    low, high = min(reach), max(reach)
    scale = _ROOM / (high - low) if high > low else 0.0

    def at(value: float) -> float:
        return _LEFT + (value - low) * scale

    wide = (
        _LEFT
        + _ROOM
        + 20
        + 1.1 * max(width(_said(told, gap.unit), size=_LETTERS) for _, told in rows)
    )
    tall = _ROW * len(rows) + 6
    drawn = []
    for place, (name, told) in enumerate(rows):
        middle = 3 + _ROW * (place + 0.5)
        start, end = sorted((at(0.0), at(told.value)))
        drawn.append(
            f'<g class="{name}"><text x="{px(_LEFT - 12)}" y="{px(middle + 4.5)}" '
            f'text-anchor="end">{text(names[name])}</text>'
            f'<rect x="{px(start)}" y="{px(middle - _BAR / 2)}" width="{px(max(end - start, 1))}" '
            f'height="{px(_BAR)}"/>{_whisker(told, at, middle)}'
            f'<text x="{px(_LEFT + _ROOM + 12)}" y="{px(middle + 4.5)}">'
            f"<tspan>{text(gap_number(told.value, gap.unit))}</tspan>"
            f"{text(limits_text(told, gap.unit))}</text></g>"
        )
    return (
        f'<svg class="bars" role="img" viewBox="0 0 {px(wide)} {px(tall)}" width="{px(wide)}" '
        f'height="{px(tall)}"><title>{text(title)}</title>{"".join(drawn)}'
        f'<path class="zero" d="M{px(at(0.0))} 0V{px(tall)}"/></svg>'
    )


def _said(told: Limits, unit: str) -> str:
    return gap_number(told.value, unit) + limits_text(told, unit)


def limits_text(told: Limits, unit: str) -> str:
    """The limits behind a value; empty where they are not known.

    >>> limits_text(Limits(value=2.9, low=2.4, high=3.3), "days")
    ' (+2.4 to +3.3)'
    """
    if told.low is None or told.high is None:
        return ""
    low, high = gap_number(told.low, unit), gap_number(told.high, unit)
    return " " + say("(%(low)s to %(high)s)", low=low, high=high)


def _parts(told: Limits) -> list[float]:
    return [part for part in (told.value, told.low, told.high) if part is not None]


def _whisker(told: Limits, at: Callable[[float], float], middle: float) -> str:
    if told.low is None or told.high is None:
        return ""
    left, right = px(at(told.low)), px(at(told.high))
    top, bottom = px(middle - 4), px(middle + 4)
    return f'<path d="M{left} {top}V{bottom}M{left} {px(middle)}H{right}M{right} {top}V{bottom}"/>'
