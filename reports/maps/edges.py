"""The lines of the map, and the numbers on them."""

from collections.abc import Iterable
from itertools import pairwise
from math import hypot

from reports.charts import colours
from reports.language import say, say_many
from reports.maps.graph import Edge
from reports.maps.legend import SLATE, dashes
from reports.maps.once import shareable
from reports.maps.overlays import GAPS, TEXTS, Overlay, mostly_off, straying_words
from reports.maps.plan import CHIP, Route, frequency_text, gap_text, stroke
from reports.maps.shapes import nearest, path, px, text, with_arrow
from reports.words.wording import FONT, duration, number, width, worked

_UNKNOWN = "#c3cad4"


def draw_edge(edge: Edge, route: Route, overlay: Overlay, most: int) -> str:
    """The line of an edge with its arrowhead; dashed where it shows that most of it strays."""
    return (
        f'<g class="edge" color="{edge_colour(edge, overlay)}">'
        + shareable(
            f"<title>{text(edge_title(edge, overlay))}</title>"
            + shareable(draw_line(edge, route, overlay, most))
        )
        + "</g>"
    )


def draw_line(edge: Edge, route: Route, overlay: Overlay, most: int) -> str:
    """The line and its arrowhead alone, in the colour of the text around them."""
    thick = stroke(edge.frequency, top=most)
    reach = 6.0 + 0.9 * thick
    line, back = with_arrow(route.points, reach)
    tip = route.points[-1]
    half = (3.2 + 0.55 * thick) / reach
    across = ((tip[1] - back[1]) * half, (back[0] - tip[0]) * half)
    arrow = " ".join(
        f"{px(x)},{px(y)}"
        for x, y in (
            tip,
            (back[0] + across[0], back[1] + across[1]),
            (back[0] - across[0], back[1] - across[1]),
        )
    )
    look = f"{dashes(thick)} " if _dashed(edge, overlay) else ""
    return (
        f'<path d="{path(line)}" fill="none" stroke="currentColor" '
        f'stroke-width="{px(thick)}" {look}stroke-linejoin="round"/>'
        f'<polygon points="{arrow}" fill="currentColor"/>'
    )


def edge_colour(edge: Edge, overlay: Overlay) -> str:
    """The colour of a line; one of its own where the overlay has nothing to tell of it."""
    if overlay in {Overlay.FREQUENCY, Overlay.LATENESS}:
        return SLATE
    colour = _UNKNOWN
    if overlay is Overlay.WAITING and edge.seconds:
        colour = colours.wait_colour(edge.seconds.p50)
    elif overlay is Overlay.WORKING and edge.working:
        colour = colours.work_colour(edge.working.p50)
    elif overlay is Overlay.CONFORMANCE and (strays := edge.strays):
        colour = colours.stray_colour(
            strays.share(edge.frequency), some=strays.few or bool(strays.count)
        )
    elif overlay in GAPS and (lag := edge.gap):
        colour = colours.gap_colour(lag.days.value, part=lag.part, sure=lag.sure)
    return colour


def _dashed(edge: Edge, overlay: Overlay) -> bool:
    """Whether most of what passes strays, or, on the map of a gap, it takes the group less time."""
    if overlay in GAPS:
        return edge.gap is not None and edge.gap.sure and edge.gap.days.value < 0
    return overlay is Overlay.CONFORMANCE and mostly_off(edge)


def edge_title(edge: Edge, overlay: Overlay) -> str:
    """What the picture tells of an edge, in words."""
    told = say_many(
        "%(path)s: %(n)s time",
        "%(path)s: %(n)s times",
        edge.frequency,
        path=edge,
        n=frequency_text(edge),
    )
    if edge.cases is not None and edge.cases != edge.frequency:
        told += say_many(" in %(n)s case", " in %(n)s cases", edge.cases, n=number(edge.cases))
    if overlay is Overlay.CONFORMANCE and edge.strays is not None:
        return told + straying_words(edge.strays)
    if overlay in GAPS and edge.gap:
        return told + say("; days more or less than others: %(gap)s", gap=gap_text(edge))
    if edge.seconds:
        told += say(
            "; from step to step: median %(median)s, 90 %% within %(most)s, mean %(mean)s",
            median=duration(edge.seconds.p50),
            most=duration(edge.seconds.p90),
            mean=duration(edge.seconds.mean),
        )
    if edge.working:
        told += say(
            "; in working time: median %(median)s, 90 %% within %(most)s",
            median=worked(edge.working.p50),
            most=worked(edge.working.p90),
        )
    return told


def draw_numbers(numbers: Iterable[str]) -> str:
    """All numbers of a map in one group, which says how their letters look."""
    return (
        f'<g text-anchor="middle" font-size="{px(FONT - 1)}" fill="{colours.INK}">'
        f"{''.join(numbers)}</g>"
    )


def draw_number(edge: Edge, route: Route, overlay: Overlay) -> str:
    """The number of an edge; nothing where this overlay has none for it.

    How its letters look is said once for all of them (`draw_numbers`).
    """
    words = TEXTS[overlay](edge)
    if not words:
        return ""
    wide = number_width(edge, overlay)
    x, y = route.label
    return (
        f'<g class="number">{_leader(route, wide)}'
        f'<rect x="{px(x - wide / 2)}" y="{px(y - CHIP / 2 + 1)}" '
        f'width="{px(wide)}" height="{px(CHIP - 2)}" rx="5" fill="#ffffff" fill-opacity="0.94"/>'
        f'<text x="{px(x)}" y="{px(y + 4.3)}">{text(words)}</text></g>'
    )


def _leader(route: Route, wide: float) -> str:
    """A fine dotted line from a number that stands beside its line to the line."""
    x, y = route.label
    near = min(
        (nearest(a, b, route.label) for a, b in pairwise(route.points)),
        key=lambda point: hypot(point[0] - x, point[1] - y),
    )
    if abs(near[0] - x) <= wide / 2 and abs(near[1] - y) <= CHIP / 2:
        return ""
    return (
        f'<path d="M{px(x)} {px(y)}L{px(near[0])} {px(near[1])}" stroke="{SLATE}" '
        f'stroke-width="1" stroke-dasharray="1.5 2.5"/>'
    )


def number_width(edge: Edge, overlay: Overlay) -> float:
    """How wide the number of an edge is, in px."""
    return round(width(TEXTS[overlay](edge), size=FONT - 1) + 6)
