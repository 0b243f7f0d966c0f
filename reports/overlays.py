"""What the map can tell beside how often: times, and where it strays from the way."""

from collections.abc import Callable, Mapping
from enum import Enum

from reports import colours
from reports.graph import Activity, Edge, ProcessMap
from reports.legend import Key
from reports.plan import frequency_text, gap_text, straying_text, waiting_text, working_text
from reports.strays import MOSTLY, Strays
from reports.wording import number


class Overlay(Enum):
    """What the numbers and colours on the edges tell."""

    FREQUENCY = "frequency"
    WAITING = "waiting"
    WORKING = "working"
    CONFORMANCE = "conformance"
    GAP = "gap"


TEXTS: Mapping[Overlay, Callable[[Edge], str]] = {
    Overlay.FREQUENCY: frequency_text,
    Overlay.WAITING: waiting_text,
    Overlay.WORKING: working_text,
    Overlay.CONFORMANCE: straying_text,
    Overlay.GAP: gap_text,
}
"""What an overlay writes on an edge."""

_TIMES = ("Number: time", "half pass within the first, 90 % within the second")
KEYS: Mapping[Overlay, Key | None] = {
    Overlay.FREQUENCY: None,
    Overlay.WAITING: Key(
        what="Median time",
        words=("under 1 h", "under 1 d", "under 7 d", "longer"),
        colours=colours.wait_scale(),
        numbers=_TIMES,
    ),
    Overlay.WORKING: Key(
        what="Working time",
        words=("under 1 h", "under 8 h", "under 40 h", "longer"),
        colours=colours.wait_scale(),
        numbers=_TIMES,
    ),
    Overlay.CONFORMANCE: Key(
        what="Strays",
        words=("never", "under 10 %", "under 50 %", "50 % or more"),
        colours=colours.stray_scale(),
        numbers=("Number", "how many of the passages stray from the procedure or the usual route"),
        dashed="half of these steps or more stray",
        dashed_line=3,
    ),
    Overlay.GAP: Key(
        what="The group takes",
        words=("less time", "no clear gap", "more time", "much more"),
        colours=colours.gap_scale(),
        numbers=("Number", "days more or less than comparable applications, with 95 % limits"),
        dashed_line=0,
    ),
}
"""What the colours and numbers of an overlay mean, for the legend."""


def overlays(graph: ProcessMap) -> tuple[Overlay, ...]:
    """The overlays that have something to tell; working time and straying only where known."""
    told = [Overlay.FREQUENCY, Overlay.WAITING]
    if any(edge.working for edge in graph.edges):
        told.append(Overlay.WORKING)
    if any(edge.strays for edge in graph.edges):
        told.append(Overlay.CONFORMANCE)
    if any(edge.gap for edge in graph.edges):
        told.append(Overlay.GAP)
    return tuple(told)


def summary(graph: ProcessMap, overlay: Overlay) -> str:
    """What the picture shows, in a sentence."""
    what = {
        Overlay.FREQUENCY: "how often each path was taken",
        Overlay.WAITING: "the median time from step to step, and within what nine in ten pass",
        Overlay.WORKING: "the same in working time",
        Overlay.CONFORMANCE: "how often each path strays from the procedure or the usual route",
        Overlay.GAP: "how many days more or less each path takes a group than comparable others",
    }[overlay]
    return (
        f"Process map from start to end: {number(len(graph.activities))} activities, "
        f"{number(len(graph.edges))} paths, showing {what}"
    )


def mostly_off(one: Edge | Activity) -> bool:
    """Whether half of the passages or more stray from the procedure or the usual route."""
    times = one.frequency if isinstance(one, Edge) else one.events
    return one.strays is not None and one.strays.share(times) >= MOSTLY


def straying_words(strays: Strays) -> str:
    """How often a path or a step strays, for those who point at it or hear it read."""
    said = "; none of them stray" if strays.count == 0 else ""
    if strays.few:
        said = "; they stray in a few cases"
    elif strays.count:
        said = f"; about {number(strays.count)} of them stray"
    return said + (
        f"; left out in about {number(strays.left_out)} cases" if strays.left_out else ""
    )
