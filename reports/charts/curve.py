"""A small curve of months beside its target, as it stands on a scorecard."""

from collections.abc import Sequence

from reports.maps.shapes import px, text

_WIDE, _HIGH, _EDGE = 160.0, 40.0, 4.0


def score_curve(values: Sequence[float | None], *, target: float | None, title: str) -> str:
    """A line through the months, broken where one has no number, with its target dashed.

    The scale goes from the least to the most of what is drawn, so that a change is seen; how large
    it is, is printed beside. Empty where fewer than two months have a number. `title` tells the
    same in words.
    """
    told = [value for value in values if value is not None]
    if len(told) < 2:  # noqa: PLR2004 (a point is no curve)
        return ""
    drawn = told if target is None else [*told, target]
    low, high = min(drawn), max(drawn)
    span = (high - low) or 1.0
    step = (_WIDE - 2 * _EDGE) / (len(values) - 1)

    def place(value: float) -> str:
        return px(_EDGE + (_HIGH - 2 * _EDGE) * (1 - (value - low) / span))

    path, pen = [], "M"
    for number, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{px(_EDGE + step * number)} {place(value)}")
        pen = "L"
    last = max(number for number, value in enumerate(values) if value is not None)
    dashed = "" if target is None else f'<path class="aim" d="M0 {place(target)}H{px(_WIDE)}"/>'
    return (
        f'<svg class="score" role="img" viewBox="0 0 {px(_WIDE)} {px(_HIGH)}" '
        f'width="{px(_WIDE)}" height="{px(_HIGH)}"><title>{text(title)}</title>{dashed}'
        f'<path d="{"".join(path)}"/>'
        f'<circle cx="{px(_EDGE + step * last)}" cy="{place(told[-1])}" r="3.5"/></svg>'
    )
