"""How long the queue of each activity was, and how busy those who do it were."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simulation.hours import Ints, Timetable
from simulation.journal import Done, Journal, Lying
from simulation.officers import Officer

HOUR = 3600


def activity_account(
    journal: Journal,
    staff: Mapping[str, Sequence[Officer]],
    hours: Timetable,
    window: tuple[int, int],
    day: int,
) -> dict[str, Any]:
    """The account of each activity of the office, by name.

    `servers`: officers of the units that did it. `joined`, `started`, `completed`: items within the
    window. `arrival_rate`: items joining a working day. `service_hours`: mean working hours of a
    started item. `utilisation`: working time spent on it over the servers' working time (a folder
    counts once). `queue_mean`, `queue_p99`: items enabled and not started, weighted by working
    time; `queue_mean_elapsed` by elapsed time. `waiting_days`: working case-days from enabled to
    start, or to the end where nobody started; `waiting_hours_mean` per joined item.
    """
    end = window[1]
    lain: list[Done | Lying] = [*journal.done, *journal.lying]
    names = sorted({one.activity for one in lain})
    capacity = hours.between(*window)
    answer: dict[str, Any] = {}
    for name in names:
        done = [one for one in journal.done if one.activity == name]
        lying = [one for one in journal.lying if one.activity == name]
        both: list[Done | Lying] = [*done, *lying]
        units = {one.unit for one in both}
        servers = sum(len(staff[unit]) for unit in units)
        enabled = np.array([one.enabled for one in both], np.int64)
        left = np.array([one.started for one in done] + [end] * len(lying), np.int64)
        joins, leaves = hours.worked_many(enabled), hours.worked_many(left)
        worked = hours.worked(window[0]), hours.worked(end)
        mean, p99 = _queue(joins, leaves, worked)
        waited = int((leaves - joins).sum())
        answer[name] = {
            "servers": servers,
            "joined": len(enabled),
            "started": len(done),
            "completed": sum(one.completed < end for one in done),
            "arrival_rate": len(enabled) / capacity * day,
            "service_hours": float(np.mean([one.service for one in done])) / HOUR if done else None,
            "utilisation": _busy(done, hours, end) / (capacity * servers),
            "queue_mean": mean,
            "queue_p99": p99,
            "queue_mean_elapsed": _queue(enabled, left, window)[0],
            "waiting_days": waited / day,
            "waiting_hours_mean": waited / len(enabled) / HOUR,
        }
    return answer


def _busy(done: Sequence[Done], hours: Timetable, end: int) -> int:
    folders = {(one.resource, one.started): one for one in done}
    return sum(min(one.service, hours.between(one.started, end)) for one in folders.values())


def _queue(joins: Ints, leaves: Ints, window: tuple[int, int]) -> tuple[float, float]:
    """Mean and 99th percentile of the number waiting, weighted by time.

    >>> _queue(np.array([0, 5]), np.array([10, 10]), (0, 20))
    (0.75, 2.0)
    """
    moments = np.concatenate([[window[0]], joins, leaves, [window[1]]])
    steps = np.concatenate([[0], np.ones_like(joins), -np.ones_like(leaves), [0]])
    order = np.argsort(moments, kind="stable")
    level = np.cumsum(steps[order])[:-1]
    spent = np.diff(moments[order])
    total = int(spent.sum())
    by_level = np.argsort(level, kind="stable")
    reached = np.searchsorted(np.cumsum(spent[by_level]), 0.99 * total)
    return float((level * spent).sum() / total), float(level[by_level][reached])
