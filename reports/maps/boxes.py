"""The boxes of the map: the start, the end, and the steps between, with what is told of each."""

from reports.charts import colours
from reports.language import say, say_many
from reports.maps.badges import draw_badges, standing_words
from reports.maps.graph import Activity, Terminal
from reports.maps.legend import dashes
from reports.maps.overlays import Overlay, late_words, mostly_off, straying_words
from reports.maps.plan import LINE, Box, late_text, straying_step_text
from reports.maps.shapes import px, text
from reports.words.wording import number

_TERMINALS = {
    Terminal.START: ("#d5f0dc", "#1b7a3d", "#0f5128"),
    Terminal.END: ("#fbdcdc", "#b3292f", "#7d151b"),
}


def terminal_shape(terminal: Terminal, box: Box) -> str:
    """Where cases begin or end."""
    fill, border, ink = _TERMINALS[terminal]
    return (
        f'<rect x="{px(box.left)}" y="{px(box.top)}" width="{px(box.width)}" '
        f'height="{px(box.height)}" rx="{px(box.height / 2)}" fill="{fill}" stroke="{border}" '
        f'stroke-width="1.5"/><text x="{px(box.x)}" y="{px(box.y + 4.5)}" text-anchor="middle" '
        f'font-weight="600" fill="{ink}">{text(box.lines[0])}</text>'
    )


def activity_title(activity: Activity, overlay: Overlay) -> str:
    """What the picture tells of a step, in words."""
    count = ("≈ " if activity.about else "") + number(activity.events)
    code = f" ({activity.code})" if activity.code else ""
    told = say_many(
        "%(step)s: %(n)s time",
        "%(step)s: %(n)s times",
        activity.events,
        step=activity.name + code,
        n=count,
    )
    if activity.cases is not None:
        told += say_many(
            " in %(n)s case", " in %(n)s cases", activity.cases, n=number(activity.cases)
        )
    if activity.rework:
        told += say(", %(n)s of them again in the same case", n=number(activity.rework))
    if overlay is Overlay.CONFORMANCE and activity.strays is not None:
        told += straying_words(activity.strays)
    if overlay is Overlay.LATENESS and activity.late is not None:
        told += late_words(activity.late)
    return told + standing_words(activity)


def activity_shape(activity: Activity, box: Box, overlay: Overlay, most: int, classes: str) -> str:
    """The box of a step: darker the more often it was done (`most`), its colour as a stripe."""
    ink = colours.node_ink(activity.events, top=most)
    first = box.y - LINE * (len(box.lines) + 1) / 2 + LINE * 0.76
    lines = [
        f'<text x="{px(box.x)}" y="{px(first + LINE * i)}">{text(line)}</text>'
        for i, line in enumerate(box.lines)
    ]
    lines.append(
        f'<text x="{px(box.x)}" y="{px(first + LINE * len(box.lines))}" '
        f'font-weight="700">{text(_count(activity, overlay))}</text>'
    )
    return (
        f'<rect x="{px(box.left)}" '
        f'y="{px(box.top)}" width="{px(box.width)}" height="{px(box.height)}" rx="7" '
        f'fill="{colours.node_fill(activity.events, top=most)}" {_border(activity, overlay)}/>'
        f'<rect x="{px(box.left + 4)}" y="{px(box.top + 5)}" '
        f'width="5" height="{px(box.height - 10)}" rx="2.5" stroke="#ffffff" '
        f'stroke-width="0.8" fill="{colours.class_fill(classes)}"/>'
        f'<g text-anchor="middle" fill="{ink}" '
        f'unicode-bidi="plaintext">{"".join(lines)}</g>{draw_badges(activity, box)}'
    )


def _count(activity: Activity, overlay: Overlay) -> str:
    """What is written under the name."""
    if overlay is Overlay.CONFORMANCE and activity.strays is not None:
        return straying_step_text(activity)
    if overlay is Overlay.LATENESS and activity.late is not None:
        return late_text(activity)
    return ("≈ " if activity.about else "") + number(activity.events)


def _border(activity: Activity, overlay: Overlay) -> str:
    if overlay is Overlay.CONFORMANCE and activity.strays is not None and mostly_off(activity):
        return f'stroke="{colours.stray_scale()[-1]}" stroke-width="2.5" {dashes(1.0)}'
    if overlay is Overlay.LATENESS and (late := activity.late) is not None:
        part = late.share.value if late.share else 0.0
        colour = colours.stray_colour(part, some=late.few or bool(late.over))
        return f'stroke="{colour}" stroke-width="4"'
    return 'stroke="#5c7796" stroke-width="1"'
