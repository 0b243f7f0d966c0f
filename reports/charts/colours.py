"""Colours that people with any colour vision can tell apart, always beside a printed value."""

from collections.abc import Iterable, Mapping

INK = "#16202c"
"""Text on white."""

_NODE_SCALE = ("#eef3f9", "#d3e1f0", "#a9c6e2", "#6f9fcb", "#3a73ab", "#1d4f86")
_DARK_FROM = 4
_WAIT_SCALE = ("#8392a6", "#b5721a", "#b3530f", "#6b1d07")
WAIT_STEPS = (3_600.0, 86_400.0, 7 * 86_400.0)
"""Borders in seconds between the colours of waiting: an hour, a day, a week."""
WORK_STEPS = (3_600.0, 8 * 3_600.0, 40 * 3_600.0)
"""The same in working time: an hour, about a day, about a week."""

_STRAY_SCALE = ("#8392a6", "#3f7fb5", "#a8540c", "#6b1d07")
STRAY_STEPS = (0.1, 0.5)
"""Borders between the colours of what strays: under a tenth, under half, most of it."""

_GAP_SCALE = ("#2b6ca8", "#8392a6", "#b5721a", "#6b1d07")
GAP_STEP = 0.25
"""From this part of the gap on, an edge carries much of it."""

BADGE = ("#ffd65c", "#7a4d00")
"""Fill and border behind the number of open applications that stand at a step."""
CAUSE_FILLS = {
    "contention": "#1d4f86",
    "prioritisation": "#e08214",
    "batching": "#44aa99",
    "unavailability": "#9c4f96",
    "extraneous": "#b8c4cc",
    "applicant": "#eedd88",
}
"""Colours of the causes of waiting, of differing lightness; their names stand beside them."""

# Twelve fills of differing lightness (after Paul Tol's light and Okabe-Ito's schemes); further
# activities get the same colours with another border, and their name is always there.
_CHIP_FILLS = (
    "#77aadd", "#ee8866", "#eedd88", "#44bb99", "#ffaabb", "#99ddff",
    "#bbcc33", "#c9a3d6", "#d2b48c", "#aaaa00", "#b8c4cc", "#f2b447",
)  # fmt: skip
_CHIP_BORDERS = ("#16202c00", "#16202c", "#9c1c28")


def node_fill(events: int, *, top: int) -> str:
    """Fill of a box: the darker, the more often the activity happens (`top` = the most)."""
    return _NODE_SCALE[_node_step(events, top)]


def node_ink(events: int, *, top: int) -> str:
    """Letters that stand out on `node_fill` (contrast at least 4.5 to 1)."""
    return "#ffffff" if _node_step(events, top) >= _DARK_FROM else INK


def _node_step(events: int, top: int) -> int:
    return min(int(len(_NODE_SCALE) * events / max(top, 1)), len(_NODE_SCALE) - 1)


def node_scale() -> tuple[str, ...]:
    """All fills, lightest first, for a legend."""
    return _NODE_SCALE


def wait_colour(seconds: float) -> str:
    """Colour of an edge by its median time: under an hour, a day, a week, longer."""
    return _WAIT_SCALE[sum(seconds >= border for border in WAIT_STEPS)]


def work_colour(seconds: float) -> str:
    """Colour of an edge by its median working time: under an hour, 8 hours, 40 hours, longer."""
    return _WAIT_SCALE[sum(seconds >= border for border in WORK_STEPS)]


def wait_scale() -> tuple[str, ...]:
    """All colours of waiting, shortest first, for a legend."""
    return _WAIT_SCALE


def stray_colour(part: float, *, some: bool) -> str:
    """Colour of an edge by the share that leaves the way; `some` is whether any does."""
    return _STRAY_SCALE[1 + sum(part >= border for border in STRAY_STEPS) if some else 0]


def stray_scale() -> tuple[str, ...]:
    """All colours of straying, none first, for a legend."""
    return _STRAY_SCALE


def gap_colour(days: float, *, part: float, sure: bool) -> str:
    """Colour of an edge on which a group takes so many days more or (below zero) less than others.

    `part` is what part of its whole gap that is, `sure` whether the limits leave out zero.
    """
    if not sure:
        return _GAP_SCALE[1]
    return _GAP_SCALE[0] if days < 0 else _GAP_SCALE[2 + (abs(part) >= GAP_STEP)]


def gap_scale() -> tuple[str, ...]:
    """All colours of a gap, less time first, for a legend."""
    return _GAP_SCALE


def activity_colours(names: Iterable[str]) -> Mapping[str, str]:
    """Style classes per activity by its place in `names`; the same everywhere on a page."""
    fills, borders = len(_CHIP_FILLS), len(_CHIP_BORDERS)
    return {name: f"a{i % fills} b{i // fills % borders}" for i, name in enumerate(names)}


def class_fill(classes: str) -> str:
    """The fill behind the classes of an activity, for pictures that carry no style sheet."""
    return _CHIP_FILLS[int(classes.split(" ", maxsplit=1)[0].removeprefix("a"))]


def chip_style() -> str:
    """The style sheet of the classes that `activity_colours` gives out."""
    fills = [f".a{i}{{background:{fill}}}" for i, fill in enumerate(_CHIP_FILLS)]
    borders = [f".b{i}{{border-color:{border}}}" for i, border in enumerate(_CHIP_BORDERS)]
    return "".join([*fills, *borders]) + "\n"
