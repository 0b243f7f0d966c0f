"""What the map can tell beside how often: times, and where it strays from the way."""

from collections.abc import Callable, Mapping
from enum import Enum

from reports.charts import colours
from reports.language import mark, say
from reports.maps.graph import Activity, Edge, Late, ProcessMap
from reports.maps.legend import Key
from reports.maps.plan import frequency_text, gap_text, straying_text, waiting_text, working_text
from reports.maps.strays import MOSTLY, Strays
from reports.words.wording import number, share


class Overlay(Enum):
    """What the numbers and colours on the edges tell."""

    FREQUENCY = "frequency"
    WAITING = "waiting"
    WORKING = "working"
    CONFORMANCE = "conformance"
    LATENESS = "lateness"
    GAP = "gap"
    BESIDE = "beside"


GAPS = (Overlay.GAP, Overlay.BESIDE)
"""How much longer a group takes: than comparable others, or than what is seen beside it."""


TEXTS: Mapping[Overlay, Callable[[Edge], str]] = {
    Overlay.FREQUENCY: frequency_text,
    Overlay.WAITING: waiting_text,
    Overlay.WORKING: working_text,
    Overlay.CONFORMANCE: straying_text,
    Overlay.LATENESS: frequency_text,
    Overlay.GAP: gap_text,
    Overlay.BESIDE: gap_text,
}
"""What an overlay writes on an edge."""

_TIMES = (mark("Number: time"), mark("half pass within the first, 90 % within the second"))
_GAP_WORDS = (mark("less time"), mark("no clear gap"), mark("more time"), mark("much more"))
_SHARES = (
    mark("never"), mark("under 10 %"), mark("under 50 %"), mark("50 % or more"),
)  # fmt: skip
KEYS: Mapping[Overlay, Key | None] = {
    Overlay.FREQUENCY: None,
    Overlay.WAITING: Key(
        what=mark("Median time"),
        words=(mark("under 1 h"), mark("under 1 d"), mark("under 7 d"), mark("longer")),
        colours=colours.wait_scale(),
        numbers=_TIMES,
    ),
    Overlay.WORKING: Key(
        what=mark("Working time"),
        words=(mark("under 1 h"), mark("under 8 h"), mark("under 40 h"), mark("longer")),
        colours=colours.wait_scale(),
        numbers=_TIMES,
    ),
    Overlay.CONFORMANCE: Key(
        what=mark("Strays"),
        words=_SHARES,
        colours=colours.stray_scale(),
        numbers=(
            mark("Number"),
            mark("how many of the passages stray from the procedure or the usual route"),
        ),
        dashed=mark("half of these steps or more stray"),
        dashed_line=3,
    ),
    Overlay.GAP: Key(
        what=mark("The group takes"),
        words=_GAP_WORDS,
        colours=colours.gap_scale(),
        numbers=(
            mark("Number"),
            mark("days more or less than comparable applications, with 95 % limits"),
        ),
        dashed_line=0,
    ),
    Overlay.LATENESS: Key(
        what=mark("Steps too late"),
        words=_SHARES,
        colours=colours.stray_scale(),
        numbers=(mark("In the box"), mark("how many of the steps took longer than the standard")),
        boxes=True,
    ),
    Overlay.BESIDE: Key(
        what=mark("The first takes"),
        words=_GAP_WORDS,
        colours=colours.gap_scale(),
        numbers=(
            mark("Number"),
            mark("days more or less than the second selection, with 95 % limits"),
        ),
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
    if any(activity.late for activity in graph.activities):
        told.append(Overlay.LATENESS)
    if any(edge.gap for edge in graph.edges):
        told.append(Overlay.GAP)
    return tuple(told)


def summary(graph: ProcessMap, overlay: Overlay) -> str:
    """What the picture shows, in a sentence."""
    what = {
        Overlay.FREQUENCY: say("how often each path was taken"),
        Overlay.WAITING: say("the median time from step to step, and within what nine in ten pass"),
        Overlay.WORKING: say("the same in working time"),
        Overlay.CONFORMANCE: say(
            "how often each path strays from the procedure or the usual route"
        ),
        Overlay.LATENESS: say("how often each step takes longer than its standard"),
        Overlay.GAP: say(
            "how many days more or less each path takes a group than comparable others"
        ),
        Overlay.BESIDE: say(
            "how many days more or less each path takes than in the second selection"
        ),
    }[overlay]
    return say(
        "Process map from start to end: %(activities)s activities, %(paths)s paths, "
        "showing %(what)s",
        activities=number(len(graph.activities)),
        paths=number(len(graph.edges)),
        what=what,
    )


def mostly_off(one: Edge | Activity) -> bool:
    """Whether half of the passages or more stray from the procedure or the usual route."""
    times = one.frequency if isinstance(one, Edge) else one.events
    return one.strays is not None and one.strays.share(times) >= MOSTLY


def straying_words(strays: Strays) -> str:
    """How often a path or a step strays, for those who point at it or hear it read."""
    said = say("; none of them stray") if strays.count == 0 else ""
    if strays.few:
        said = say("; they stray in a few cases")
    elif strays.count:
        said = say("; about %(n)s of them stray", n=number(strays.count))
    if strays.left_out:
        said += say("; left out in about %(n)s cases", n=number(strays.left_out))
    return said


def late_words(late: Late) -> str:
    """How often a step is late, with its limits, for those who point at it or hear it read."""
    if late.few:
        return say("; late in a few cases")
    if late.over is None or late.share is None:
        return ""
    said = say("; late %(over)s of %(n)s times", over=number(late.over), n=number(late.judged))
    low, high = late.share.low, late.share.high
    if low is None or high is None:
        return f"{said} ({share(late.share.value)})"
    return said + say(
        " (%(share)s; 95 %% limits %(low)s to %(high)s)",
        share=share(late.share.value),
        low=share(low),
        high=share(high),
    )
