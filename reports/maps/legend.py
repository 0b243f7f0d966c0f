"""What the boxes, lines, colours and badges of the map mean, written below it."""

from dataclasses import dataclass

from reports.charts import colours
from reports.language import mark, say
from reports.maps.badges import badge, badge_after
from reports.maps.once import shareable
from reports.maps.plan import badge_width, stroke
from reports.maps.shapes import px, text
from reports.words.wording import FONT, number, width

SLATE = "#4a5a70"
"""Lines whose colour tells nothing."""
LEGEND_WIDTH = 640.0
"""How wide a legend is at least, in px."""
_TOP, _ROW = 24.0, 28.0
_INDENT = 150.0
_CELL, _SECOND = 104.0, 190.0
_LEFT, _BETWEEN = 20.0, 14.0

_DASHES = (1.6, 0.9)
_DASHED_AT = 1.0


@dataclass(frozen=True, kw_only=True)
class Key:
    """What the colours of lines tell, the words for each, and what the numbers say.

    `boxes` is whether it is the borders of boxes that are coloured. All words are said later.
    `dashed` are the words for a dashed border; where they are empty, no border is dashed.
    `dashed_line` is the place of the words whose line is; None: no line is.
    """

    what: str
    words: tuple[str, ...]
    colours: tuple[str, ...]
    numbers: tuple[str, str]
    dashed: str = ""
    dashed_line: int | None = None
    boxes: bool = False


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


def legend_width(key: Key | None, *, badges: bool) -> float:
    """How wide the legend is in px, in the language spoken."""
    indent = _indent(key, badges=badges)
    ends = [LEGEND_WIDTH - _LEFT]
    if key is not None:
        ends.append(indent + _cell(key) * (len(key.words) - 1) + 30 + _wide(key.words[-1]))
        ends += [indent + _wide(key.numbers[1]), indent + _wide(key.dashed)]
    if badges:
        room = badge_width("12") + 7
        ends.append(indent + _second(room) + room + _wide(_AFTER))
    return round(max(ends) + _LEFT)


def legend(key: Key | None, *, top: float, most: int, most_events: int, badges: bool) -> str:
    """The legend under a map that ends at `top`, whose lines and boxes count up to so many."""
    indent = _indent(key, badges=badges)
    rows = [_boxes(most_events, indent), _lines(most, indent)]
    if key is not None:
        rows += [_scale(key, indent), _said(*key.numbers, indent)]
        if key.dashed:
            rows.append(_dashed(key, indent))
    if badges:
        rows.append(_badges(indent))
    drawn = [
        f'<g transform="translate(0 {px(top + _TOP + _ROW * place)})">{shareable(row)}</g>'
        for place, row in enumerate(rows)
    ]
    return (
        f'<g class="legend" font-size="{px(FONT - 1)}" fill="{colours.INK}">'
        f'<path d="M20 {px(top + 2)}H{px(legend_width(key, badges=badges) - 20)}" '
        'stroke="#dde3ea"/>'
        f"{''.join(drawn)}</g>"
    )


_BOX, _LINE, _OPEN = mark("Box: how often"), mark("Line: how often"), mark("Open: how many")
_AT, _AFTER = mark("stand at the step now"), mark("did it last; next step not known")


def _wide(message: str) -> float:
    return width(say(message), size=FONT - 1)


def _indent(key: Key | None, *, badges: bool) -> float:
    """Where the second column begins: behind the widest words of the first."""
    first = [
        _BOX,
        _LINE,
        *([key.what, key.numbers[0]] if key else []),
        *([_OPEN] if badges else []),
    ]
    return max(_INDENT, round(_LEFT + max(map(_wide, first)) + _BETWEEN))


def _cell(key: Key) -> float:
    """How far the colours of a scale are apart, so that the widest words fit between."""
    return max(_CELL, round(30 + max(map(_wide, key.words[:-1])) + _BETWEEN / 2))


def _second(room: float) -> float:
    return max(_SECOND, round(room + _wide(_AT) + 2 * _BETWEEN))


def _boxes(most_events: int, indent: float) -> str:
    scale = "".join(
        f'<rect x="{px(indent + 24 * i)}" y="-8" width="24" height="16" fill="{fill}" '
        f'stroke="#5c7796" stroke-width="0.5"/>'
        for i, fill in enumerate(colours.node_scale())
    )
    right = indent + 24 * len(colours.node_scale()) + 8
    until = say("0 to %(most)s", most=number(most_events))
    return (
        f'<text x="20" y="4">{text(say(_BOX))}</text>{scale}'
        f'<text x="{px(right)}" y="4">{text(until)}</text>'
    )


def _lines(most: int, indent: float) -> str:
    parts = [f'<text x="20" y="4">{text(say(_LINE))}</text>']
    x = indent
    for frequency in sorted({max(most // 100, 1), max(most // 4, 1), most}):
        parts.append(
            f'<path d="M{px(x)} 0h34" stroke="{SLATE}" '
            f'stroke-width="{px(stroke(frequency, top=most))}"/>'
            f'<text x="{px(x + 40)}" y="4">{number(frequency)}</text>'
        )
        x += 52 + width(number(frequency), size=FONT - 1)
    return "".join(parts)


def _scale(key: Key, indent: float) -> str:
    parts = [f'<text x="20" y="4">{text(say(key.what))}</text>']
    for place, (colour, words) in enumerate(zip(key.colours, key.words, strict=True)):
        x = indent + _cell(key) * place
        look = f" {dashes(_DASHED_AT)}" if place == key.dashed_line else ""
        drawn = f'<path d="M{px(x)} 0h24" stroke="{colour}" stroke-width="5"{look}/>'
        if key.boxes:
            drawn = (
                f'<rect x="{px(x + 1)}" y="-7" width="22" height="14" rx="4" fill="#ffffff" '
                f'stroke="{colour}" stroke-width="3"/>'
            )
        parts.append(f'{drawn}<text x="{px(x + 30)}" y="4">{text(say(words))}</text>')
    return "".join(parts)


def _said(what: str, words: str, indent: float) -> str:
    return (
        f'<text x="20" y="4">{text(say(what))}</text>'
        f'<text x="{px(indent)}" y="4">{text(say(words))}</text>'
    )


def _dashed(key: Key, indent: float) -> str:
    return (
        f'<rect x="21" y="-8" width="46" height="16" rx="4" fill="#ffffff" '
        f'stroke="{key.colours[-1]}" stroke-width="2.5" {dashes(1.0)}/>'
        f'<text x="{px(indent)}" y="4">{text(say(key.dashed))}</text>'
    )


def _badges(indent: float) -> str:
    room = badge_width("12") + 7
    first, second = indent, indent + _second(room)
    return (
        f'<text x="20" y="4">{text(say(_OPEN))}</text>'
        f'{badge(first, -9, "12")}<text x="{px(first + room)}" y="4">{text(say(_AT))}</text>'
        f"{badge_after(second, -9, '12')}"
        f'<text x="{px(second + room)}" y="4">{text(say(_AFTER))}</text>'
    )
