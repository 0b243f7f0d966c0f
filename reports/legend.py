"""What the boxes, lines, colours and badges of the map mean, written below it."""

from dataclasses import dataclass

from reports import colours
from reports.badges import badge, badge_after
from reports.once import shareable
from reports.plan import badge_width, stroke
from reports.shapes import px
from reports.wording import FONT, number, width

SLATE = "#4a5a70"
"""Lines whose colour tells nothing."""
LEGEND_WIDTH = 640.0
_TOP, _ROW = 24.0, 28.0
_INDENT = 150.0

_DASHES = (1.6, 0.9)
_DASHED_AT = 1.0


@dataclass(frozen=True, kw_only=True)
class Key:
    """What the colours of lines tell, the words for each, and what the numbers say.

    `dashed` are the words for a dashed border; where they are empty, no border is dashed.
    `dashed_line` is the place of the words whose line is; None: no line is.
    """

    what: str
    words: tuple[str, ...]
    colours: tuple[str, ...]
    numbers: tuple[str, str]
    dashed: str = ""
    dashed_line: int | None = None


def dashes(thick: float) -> str:
    """The attribute that makes a line of this thickness a dashed one."""
    drawn, free = (px(4 + part * thick) for part in _DASHES)
    return f'stroke-dasharray="{drawn} {free}"'


def legend_height(key: Key | None, *, badges: bool) -> float:
    """How high the legend is in px; `badges` is whether the map has any."""
    rows = 2 + badges
    if key is not None:
        rows += 2 + bool(key.dashed)
    return _TOP + _ROW * rows + 4


def legend(key: Key | None, *, top: float, most: int, most_events: int, badges: bool) -> str:
    """The legend under a map that ends at `top`, whose lines and boxes count up to so many."""
    rows = [_boxes(most_events), _lines(most)]
    if key is not None:
        rows += [_scale(key), _said(*key.numbers)]
        if key.dashed:
            rows.append(_dashed(key))
    if badges:
        rows.append(_badges())
    drawn = [
        f'<g transform="translate(0 {px(top + _TOP + _ROW * place)})">{shareable(row)}</g>'
        for place, row in enumerate(rows)
    ]
    return (
        f'<g class="legend" font-size="{px(FONT - 1)}" fill="{colours.INK}">'
        f'<path d="M20 {px(top + 2)}H{px(LEGEND_WIDTH - 20)}" stroke="#dde3ea"/>'
        f"{''.join(drawn)}</g>"
    )


def _boxes(most_events: int) -> str:
    scale = "".join(
        f'<rect x="{px(_INDENT + 24 * i)}" y="-8" width="24" height="16" fill="{fill}" '
        f'stroke="#5c7796" stroke-width="0.5"/>'
        for i, fill in enumerate(colours.node_scale())
    )
    right = _INDENT + 24 * len(colours.node_scale()) + 8
    return (
        f'<text x="20" y="4">Box: how often</text>{scale}'
        f'<text x="{px(right)}" y="4">0 to {number(most_events)}</text>'
    )


def _lines(most: int) -> str:
    parts = ['<text x="20" y="4">Line: how often</text>']
    x = _INDENT
    for frequency in sorted({max(most // 100, 1), max(most // 4, 1), most}):
        parts.append(
            f'<path d="M{px(x)} 0h34" stroke="{SLATE}" '
            f'stroke-width="{px(stroke(frequency, top=most))}"/>'
            f'<text x="{px(x + 40)}" y="4">{number(frequency)}</text>'
        )
        x += 52 + width(number(frequency), size=FONT - 1)
    return "".join(parts)


def _scale(key: Key) -> str:
    parts = [f'<text x="20" y="4">{key.what}</text>']
    for place, (colour, words) in enumerate(zip(key.colours, key.words, strict=True)):
        x = _INDENT + 104 * place
        look = f" {dashes(_DASHED_AT)}" if place == key.dashed_line else ""
        parts.append(
            f'<path d="M{px(x)} 0h24" stroke="{colour}" stroke-width="5"{look}/>'
            f'<text x="{px(x + 30)}" y="4">{words}</text>'
        )
    return "".join(parts)


def _said(what: str, words: str) -> str:
    return f'<text x="20" y="4">{what}</text><text x="{px(_INDENT)}" y="4">{words}</text>'


def _dashed(key: Key) -> str:
    return (
        f'<rect x="21" y="-8" width="46" height="16" rx="4" fill="#ffffff" '
        f'stroke="{key.colours[-1]}" stroke-width="2.5" {dashes(1.0)}/>'
        f'<text x="{px(_INDENT)}" y="4">{key.dashed}</text>'
    )


def _badges() -> str:
    first, second = _INDENT, _INDENT + 190
    room = badge_width("12") + 7
    return (
        '<text x="20" y="4">Open: how many</text>'
        f'{badge(first, -9, "12")}<text x="{px(first + room)}" y="4">stand at the step now</text>'
        f"{badge_after(second, -9, '12')}"
        f'<text x="{px(second + room)}" y="4">did it last; next step not known</text>'
    )
