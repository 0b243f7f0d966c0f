"""Small pictures beside the map: how long cases take, and how large a share is."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from reports.charts.colours import CAUSE_FILLS, INK
from reports.language import say
from reports.maps.shapes import FACES, px, text
from reports.results import Throughput
from reports.words.wording import duration, number

_WIDE = 440.0
_ROW = 26.0
_NAMES = 138.0
_NUMBERS = 62.0
_BAR = "#3a73ab"
_BAR_WIDE = 70.0
_CURVE_WIDE, _CURVE_HIGH = 100.0, 28.0


def span(low: float, high: float) -> str:
    """The words for a span of durations in seconds.

    >>> span(0.0, 60.0), span(3600.0, 86_400.0), span(86_400.0, float("inf"))
    ('under 1 min', '1 h to 1 d', '1 d or more')
    """
    if high == float("inf"):
        return say("%(low)s or more", low=duration(low))
    if low == 0:
        return say("under %(high)s", high=duration(high))
    return say("%(low)s to %(high)s", low=duration(low), high=duration(high))


def histogram(throughput: Throughput, *, title: str) -> str:
    """Bars of cases by how long they took, as an SVG picture; counts are printed beside."""
    most = max((count for _, _, count in throughput.bins), default=1)
    high = _ROW * len(throughput.bins) + 4
    room = _WIDE - _NAMES - _NUMBERS
    rows = []
    for index, (low, top, count) in enumerate(throughput.bins):
        y = 2 + _ROW * index
        bar = px(max(room * count / most, 1.0) if count else 0.0)
        words = text(span(low, top))
        rows.append(
            f"<g><title>{words}: {number(count)}</title>"
            f'<text x="{px(_NAMES - 10)}" y="{px(y + 17)}" text-anchor="end">'
            f'{words}</text><rect x="{px(_NAMES)}" y="{px(y + 3)}" '
            f'width="{bar}" height="{px(_ROW - 6)}" rx="2" fill="{_BAR}"/>'
            f'<text x="{px(_NAMES + float(bar) + 7)}" y="{px(y + 17)}" '
            f'font-weight="600">{number(count)}</text></g>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="histogram" role="img" '
        f'aria-labelledby="histogram-title" viewBox="0 0 {px(_WIDE)} {px(high)}" '
        f'width="{px(_WIDE)}" height="{px(high)}" font-family="{FACES}" '
        f'font-size="13" fill="{INK}"><title id="histogram-title">{text(title)}</title>'
        f'<path d="M{px(_NAMES)} 0V{px(high)}" stroke="#b8c4cc"/>'
        f"{''.join(rows)}</svg>"
    )


def share_bar(part: float) -> str:
    """A bar for a share of 0 to 1; its number stands beside it in the table.

    There are many of them on a page, so how they look stands in its style sheet.
    """
    bar = px(max(_BAR_WIDE * part, 1.0))
    return f'<svg class="share" aria-hidden="true"><path d="M0 5h{bar}"/></svg>'


def split_bar(days: Mapping[str, float], *, title: str) -> str:
    """A bar of the causes of waiting side by side; `title` tells the same in words."""
    total = sum(days.values())
    if not total:
        return ""
    parts, left = [], 0.0
    for cause, fill in CAUSE_FILLS.items():
        wide = 140 * days.get(cause, 0.0) / total
        if wide:
            parts.append(f'<rect x="{px(left)}" width="{px(wide)}" height="12" fill="{fill}"/>')
        left += wide
    return (
        '<svg class="split" role="img" viewBox="0 0 140 12" '
        f'width="140" height="12" preserveAspectRatio="none"><title>{text(title)}</title>'
        f"{''.join(parts)}</svg>"
    )


def cause_key(cause: str) -> str:
    """The colour of a cause, for its row in a table; its name stands beside it."""
    return (
        '<svg class="mark" aria-hidden="true" '
        f'viewBox="0 0 12 12" width="12" height="12"><rect width="12" height="12" rx="2" '
        f'fill="{CAUSE_FILLS[cause]}"/></svg>'
    )


def sparkline(values: Sequence[float], *, title: str) -> str:
    """A curve of values from the first to the last time; `title` tells it in words."""
    most = max(values, default=0.0)
    if not most:
        return ""
    step = _CURVE_WIDE / max(len(values) - 1, 1)
    heights = [round(1 + (_CURVE_HIGH - 2) * (1 - value / most)) for value in values]
    points = [(round(step * place), height) for place, height in enumerate(heights)]
    # Whole units, each point from the one before it: there are many curves on a page.
    moves = [f"{x - left} {y - high}" for (left, high), (x, y) in pairwise(points)]
    # Its sides and its bottom lie outside the picture, so that only the curve has a line.
    left, right, low = px(-2), px(_CURVE_WIDE + 2), px(_CURVE_HIGH + 2)
    return (
        f'<svg class="curve" role="img" viewBox="0 0 {px(_CURVE_WIDE)} {px(_CURVE_HIGH)}" '
        f'width="{px(_CURVE_WIDE)}" height="{px(_CURVE_HIGH)}"><title>{text(title)}</title>'
        f'<path d="M{left} {low}V{heights[0]}H0l{" ".join(moves)}H{right}V{low}Z"/></svg>'
    )
