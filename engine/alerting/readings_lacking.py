"""What the events do not tell that an alert rule needs: why it could not be read this time."""

from collections.abc import Callable, Mapping

import numpy as np

from engine.alerting.readings_apart import Asked
from engine.alerting.readings_of_work import waits
from engine.alerting.rules import NOT_CLOSED, OF_TERMS, OF_THE_STREAM, WATCH_ONLY
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN

BY_WATCH = "is read by runut watch, not by a mining run"
"""How it ends why a rule of the stream could not be read: nothing that a mining run left out."""
_NO_OFFICERS = "a unit of one or two officers is not told"
_OF_OPEN_WORK = frozenset({"queue_length", "oldest_item", "arrivals_less_completions"})
_OF_WAITING = frozenset({"waiting_p90", "disparity_drift"})


def lacking(asked: Asked, definition: Definition) -> str | None:
    """Why the rule cannot be read of what is there; None when all that it needs is."""
    measure = asked.rule.measure
    if measure in OF_TERMS:
        return None if asked.watched.cases.over is not None else "terms were not looked at"
    why = _of_stream(asked) if measure in WATCH_ONLY else None
    if why is None and not _goes_without_work(asked):
        why = _of_work(asked, definition)
    return why


def _of_work(asked: Asked, definition: Definition) -> str | None:
    watched, rule = asked.watched, asked.rule
    if watched.work is None:
        return "bottlenecks were not looked for"
    if rule.measure in _OF_WAITING and not sum(watched.ever.waited.values()):
        return "no event tells when work was started"
    if rule.measure in _OF_OPEN_WORK and watched.open is None:
        return NOT_CLOSED
    if rule.activity is not None and rule.activity not in _activities(asked, definition):
        return f'no event has the activity "{rule.activity}"'
    return _OF_UNITS[rule.measure](asked) if rule.by == "unit" else None


def _of_stream(asked: Asked) -> str | None:
    measure, feed = asked.rule.measure, asked.watched.feed
    if feed is None:
        return f"{measure} {BY_WATCH}"
    if measure == "lag" and feed.lag is None:
        return "the topic does not say how many events it has that are not in the lake"
    if measure == "silence" and asked.watched.heard == UNKNOWN:
        return "no event has come yet"
    return None


def _goes_without_work(asked: Asked) -> bool:
    """Whether the measure goes by the stream, by cases or by their events."""
    rule = asked.rule
    by_cases = rule.activity is None and rule.by != "unit"
    return rule.measure in OF_THE_STREAM or (
        by_cases and rule.measure in {"arrivals_less_completions", "silence"}
    )


def _activities(asked: Asked, definition: Definition) -> set[str]:
    """The activities that there are, or may be: what the procedure names may be waited for."""
    known = {name for name, _ in asked.watched.ever.items}
    if definition.procedure is not None:
        known |= {name for pair in definition.procedure.order for name in pair}
    return known


def _took_up(asked: Asked) -> str | None:
    ever = asked.watched.ever
    if not _count(asked, ever.waited, of_units=True):
        return "no event tells which unit took it up"
    return None if _count(asked, ever.known) else f"no event tells who took it up; {_NO_OFFICERS}"


def _did(asked: Asked) -> str | None:
    """Of work done again also whether it is known by whom any was done lately."""
    if not _count(asked, asked.watched.ever.items, of_units=True):
        return "no event tells which unit did it"
    if asked.rule.measure == "rework_share" and _done_by_nobody(asked):
        return f"no event of late tells who did it; {_NO_OFFICERS}"
    return None


def _has(asked: Asked) -> str | None:
    return None if _unit_of_open_known(asked) else "no event tells which unit has what waits"


def _count(
    asked: Asked, counts: Mapping[tuple[str, str | None], int], *, of_units: bool = False
) -> int:
    """How much of the rule's activity there ever was (of units: of a known unit)."""
    activity = asked.rule.activity
    return sum(
        count
        for (name, unit), count in counts.items()
        if activity in {None, name} and not (of_units and unit is None)
    )


def _done_by_nobody(asked: Asked) -> bool:
    """Whether work was completed lately, and of none it is known by whom."""
    work = asked.watched.work
    assert work is not None
    rows = asked.recent(work.activity, work.completed)
    return bool(len(rows)) and not bool((work.resource.codes[rows] >= 0).any())


def _unit_of_open_known(asked: Asked) -> bool:
    """Whether a unit is known of what waits; where nothing waits, of any work there ever was."""
    work = asked.watched.open
    assert work is not None
    if asked.rule.measure != "arrivals_less_completions":
        rows = np.flatnonzero(waits(asked, work))
        if len(rows):
            return bool((work.unit.codes[rows] >= 0).any())
    return any(unit is not None for _, unit in asked.watched.ever.items)


_OF_UNITS: Mapping[str, Callable[[Asked], str | None]] = {
    "queue_length": _has,
    "oldest_item": _has,
    "arrivals_less_completions": _has,
    "waiting_p90": _took_up,
    "rework_share": _did,
    "silence": _did,
}
"""What each measure that can be told of units must know of them."""
