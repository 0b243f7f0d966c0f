"""Pictures of what citizens say: how far those are from others to whom something happened."""

from collections.abc import Callable, Mapping, Sequence
from math import log

from reports.contents.terms import Limits
from reports.contents.voice import Comparison, Score
from reports.language import say
from reports.maps.shapes import px, text
from reports.words.wording import about, decimal, number, width

TIMES, POINTS = "times", "points"
"""What a row of figures tells: how many times as often, or how many points apart."""
# Names stand above their figures, so that the picture can be read on a phone.
_ROOM, _GAP, _ROW, _LETTERS = 190.0, 14.0, 46.0, 13.5
_DOT = 4.5
_EDGE = 8.0
# No ratio is drawn farther out than this.
_FARTHEST = 16.0
_SCORES, _BAR = 26.0, 16.0


def figures_text(told: Limits, unit: str) -> str:
    """A ratio or a difference in points, with its limits.

    >>> figures_text(Limits(value=1.82, low=1.31, high=2.53), TIMES)
    '1.8 times (1.3 to 2.5)'
    """
    said = [
        "" if part is None else decimal(part) if unit == TIMES else _points(part)
        for part in (told.value, told.low, told.high)
    ]
    value = say("%(number)s times", number=said[0]) if unit == TIMES else said[0]
    if not said[1] or not said[2]:
        return value
    return value + " " + say("(%(low)s to %(high)s)", low=said[1], high=said[2])


def _points(value: float) -> str:
    said = decimal(abs(value))
    sign = "" if not round(value, 1) else "+" if value > 0 else "\u2212"
    return sign + said


def rows_of_figures(
    rows: Sequence[Comparison], *, names: Mapping[str, str], unit: str, title: str
) -> str:
    """Dots with their 95 % limits about the line of no difference; values are printed.

    `names` by event. A full dot is more than chance, a hollow one is not: so no colour is needed.
    """
    drawn = [(one, one.figures) for one in rows if one.figures is not None]
    if not drawn:
        return ""
    at = _scale([told for _, told in drawn], unit)
    wide = _EDGE + max(
        _ROOM + _GAP + 1.05 * max(width(figures_text(t, unit), size=_LETTERS) for _, t in drawn),
        1.05 * max(width(names[one.event], size=_LETTERS) for one, _ in drawn),
    )
    tall = _ROW * len(drawn) + 6
    parts = [
        _row(place, names[one.event], told, at, unit, look="sure" if one.sure else "unsure")
        for place, (one, told) in enumerate(drawn)
    ]
    return (
        f'<svg class="voices" role="img" viewBox="0 0 {px(wide)} {px(tall)}" width="{px(wide)}" '
        f'height="{px(tall)}"><title>{text(title)}</title>'
        f'<path class="zero" d="{_lines(len(drawn), at(1.0 if unit == TIMES else 0.0))}"/>'
        f"{''.join(parts)}</svg>"
    )


def score_bars(scores: Sequence[Score], *, title: str) -> str:
    """Bars of answers by score, the highest first; counts are printed beside, about."""
    most = max((one.answers or 0 for one in scores), default=0)
    if not most:
        return ""
    names = [_score(one) for one in reversed(scores)]
    left = 12 + max(width(name, size=_LETTERS) for name in names)
    wide, tall = left + _ROOM + 80, _SCORES * len(scores) + 4
    drawn = []
    for place, (name, one) in enumerate(zip(names, reversed(scores), strict=True)):
        y = 2 + _SCORES * place
        said = say("few") if one.answers is None else about(one.answers)
        bar = max(_ROOM * (one.answers or 0) / most, 1.0)
        drawn.append(
            f'<text x="{px(left - 10)}" y="{px(y + 17)}" text-anchor="end">{text(name)}</text>'
            f'<rect x="{px(left)}" y="{px(y + 5)}" width="{px(bar)}" height="{px(_BAR)}"/>'
            f'<text x="{px(left + bar + 8)}" y="{px(y + 17)}">{text(said)}</text>'
        )
    return (
        f'<svg class="voices scores" role="img" viewBox="0 0 {px(wide)} {px(tall)}" '
        f'width="{px(wide)}" height="{px(tall)}"><title>{text(title)}</title>'
        f"{''.join(drawn)}</svg>"
    )


def _score(one: Score) -> str:
    low, high = (
        number(round(end)) if end == round(end) else decimal(end) for end in (one.low, one.high)
    )
    return low if one.low == one.high else say("%(low)s to %(high)s", low=low, high=high)


def _scale(drawn: Sequence[Limits], unit: str) -> Callable[[float], float]:
    """Where on the picture a value is; ratios by their logarithm, so that 2 is as far as 1/2."""
    ends = [
        part for told in drawn for part in (told.value, told.low, told.high) if part is not None
    ]
    kept = [_near(end, unit) for end in (*ends, 1.0 if unit == TIMES else 0.0)]
    low, high = min(kept), max(kept)
    span = high - low or 1.0
    return lambda value: _EDGE + (_near(value, unit) - low) / span * (_ROOM - 2 * _EDGE)


def _near(value: float, unit: str) -> float:
    if unit != TIMES:
        return value
    return log(min(max(value, 1 / _FARTHEST), _FARTHEST))


def _lines(rows: int, x: float) -> str:
    """The line of no difference, beside each row of figures and not through its name."""
    return "".join(f"M{px(x)} {px(3 + _ROW * place + 21)}v{px(_ROW - 25)}" for place in range(rows))


def _row(
    place: int, name: str, told: Limits, at: Callable[[float], float], unit: str, *, look: str
) -> str:
    top = 3 + _ROW * place
    middle = top + 31
    low = told.value if told.low is None else told.low
    high = told.value if told.high is None else told.high
    return (
        f'<g class="{look}"><text x="0" y="{px(top + 15)}">{text(name)}'
        f'</text><path d="M{px(at(low))} {px(middle)}H{px(at(high))}"/>'
        f'<circle cx="{px(at(told.value))}" cy="{px(middle)}" r="{px(_DOT)}"/>'
        f'<text class="figure" x="{px(_ROOM + _GAP)}" y="{px(middle + 4.5)}">'
        f"{text(figures_text(told, unit))}</text></g>"
    )
