"""What the map section shows: the pictures with their overlays, and what their table needs."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from reports.charts.colours import activity_colours
from reports.maps.graph import ProcessMap, choose
from reports.maps.layout import layout
from reports.maps.overlays import overlays
from reports.maps.svg import draw_maps
from reports.suppress import Published
from reports.withheld.equity import largest_gap
from reports.words.names import named


def map_values(published: Published, colours: Mapping[str, str]) -> dict[str, Any]:
    """The strongest paths, drawn once for each overlay, with the colours of the activities."""
    shown = choose(published.graph)
    drawn = named(shown, published.names)
    names = published.names
    stripes = activity_colours(names.get(code, code) for code in colours)
    looks = overlays(drawn)
    pictures = [
        (overlay.value, Markup(picture))  # noqa: S704 - our own writer, which escapes
        for overlay, picture in zip(
            looks, draw_maps(drawn, layout(drawn), looks, stripes), strict=True
        )
    ]
    return {
        "shown": shown,
        "working_known": any(edge.working for edge in shown.edges),
        "straying_known": any(edge.strays for edge in shown.edges),
        "gap_shown": largest_gap(published.equity)
        if published.equity and any(edge.gap for edge in shown.edges)
        else None,
        "coverage": _coverage(shown, published.graph),
        "pictures": pictures if shown.activities else [],
    }


def _coverage(shown: ProcessMap, whole: ProcessMap) -> float:
    """Share of all steps from place to place that the shown edges stand for."""
    total = sum(edge.frequency for edge in whole.edges)
    return sum(edge.frequency for edge in shown.edges) / total if total else 0.0
