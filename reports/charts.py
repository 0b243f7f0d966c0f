"""Small pictures beside the map: how long cases take, and how large a share is."""

from reports.colours import INK
from reports.results import Throughput
from reports.shapes import FACES, px, text
from reports.wording import duration, number

_WIDE = 420.0
_ROW = 26.0
_NAMES = 118.0
_NUMBERS = 62.0
_BAR = "#3a73ab"


def span(low: float, high: float) -> str:
    """The words for a span of durations in seconds.

    >>> span(0.0, 60.0), span(3600.0, 86_400.0), span(86_400.0, float("inf"))
    ('under 1 min', '1 h to 1 d', '1 d or more')
    """
    if high == float("inf"):
        return f"{duration(low)} or more"
    return f"under {duration(high)}" if low == 0 else f"{duration(low)} to {duration(high)}"


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
    """A bar for a share of 0 to 1; its number stands beside it in the table."""
    bar = px(max(100 * part, 1.0))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="share" aria-hidden="true" '
        'viewBox="0 0 100 10" width="100" height="10" preserveAspectRatio="none">'
        f'<rect width="100" height="10" rx="2" fill="#e6ebf1"/>'
        f'<rect width="{bar}" height="10" rx="2" fill="{_BAR}"/></svg>'
    )
