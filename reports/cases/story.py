"""The story of one case: its steps, how it compares with others, and what may be told of it."""

from dataclasses import dataclass

import numpy as np

from eventlog.kernels import UNKNOWN, Bools
from reports.cases.marks import Marks
from reports.cases.rows import Called, Row, row_of, took
from reports.explore.arrays import Traces

_SECOND = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Step:
    """One piece of work in a case; moments are µs UTC, lengths milliseconds, None: not known.

    It lay from `enabled` to `started` and was worked on from there to `completed`; a step that is
    not `completed` is still to be done. `again`: the case did the same before. `waited_days` is
    the waiting in working days.
    """

    activity: str
    unit: str
    officer: str
    enabled: int | None
    started: int | None
    completed: int | None
    waiting_ms: int | None
    service_ms: int | None
    waited_days: float | None
    again: bool

    @property
    def begins(self) -> int | None:
        """The first moment that is known of it."""
        known = (self.enabled, self.started, self.completed)
        return next((moment for moment in known if moment is not None), None)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """How a case compares with closed ones: `longer` is the share of them that took less time.

    They are those with the `value` of the `attribute`, or all where both are empty; `median_ms` is
    what half of them took at most.
    """

    attribute: str
    value: str
    cases: int
    median_ms: int
    longer: float


@dataclass(frozen=True, kw_only=True)
class Story:
    """All that may be told of one case; `attributes` are the name and the value of each.

    `variant` is the rank of its way, taken by `alike` cases.
    """

    row: Row
    until: int
    steps: tuple[Step, ...]
    route: tuple[str, ...]
    variant: int
    alike: int
    attributes: tuple[tuple[str, str], ...]
    beside: tuple[Beside, ...]


def tell_case(traces: Traces, marks: Marks, place: int, called: Called) -> Story:
    """The story of the case at this place; persons and what needs a basis are left out of it.

    Groups of fewer cases than `smallest_cell` are not compared with.
    """
    variant = int(traces.variant[place])
    row = row_of(traces, marks, place, called)
    return Story(
        row=row,
        until=int(traces.entered[place]) + 1000 * row.took_ms,
        steps=_steps(traces, marks, place, called),
        route=traces.route(place),
        variant=variant,
        alike=int((traces.variant == variant).sum()),
        attributes=tuple(
            (name, attribute.values[attribute.codes[place]])
            for name, attribute in traces.attributes.items()
            if not (attribute.person or attribute.sensitive) and attribute.codes[place] >= 0
        ),
        beside=_beside(traces, place),
    )


def _steps(traces: Traces, marks: Marks, place: int, called: Called) -> tuple[Step, ...]:
    work = traces.work
    first, last = np.searchsorted(work.case, [place, place + 1]).tolist()
    seen: set[int] = set()
    told = []
    for item in range(first, last):
        activity, unit, officer = (
            int(column[item]) for column in (work.activity, work.unit, work.resource)
        )
        waited = _known(int(work.waiting_worked_ms[item]))
        told.append(
            Step(
                activity=traces.activities[activity],
                unit=work.units[unit] if unit >= 0 else "",
                officer=called.officer(work.resources[officer]) if officer >= 0 else "",
                enabled=_known(int(work.enabled[item])),
                started=_known(int(work.started[item])),
                completed=_known(int(work.completed[item])),
                waiting_ms=_known(int(work.waiting_ms[item])),
                service_ms=_known(int(work.service_ms[item])),
                waited_days=waited / marks.day_ms if waited is not None and marks.day_ms else None,
                again=activity in seen,
            )
        )
        seen.add(activity)
    return tuple(sorted(told, key=_when))


def _when(step: Step) -> tuple[bool, int, int]:
    """In the order in which steps were done; what is not done yet stands last."""
    done = step.completed
    return (done is None, done if done is not None else 0, step.begins or 0)


def _known(told: int) -> int | None:
    return None if told == UNKNOWN else told


def _beside(traces: Traces, place: int) -> tuple[Beside, ...]:
    """Beside all closed cases, and beside those with the same value, attribute by attribute."""
    closed = traces.still_open != 1
    groups = [("", "", closed)]
    for name, attribute in traces.attributes.items():
        code = int(attribute.codes[place])
        if attribute.preset and code >= 0:
            groups.append((name, attribute.values[code], closed & (attribute.codes == code)))
    told = (_compared(traces, place, *group) for group in groups)
    return tuple(one for one in told if one is not None)


def _compared(
    traces: Traces, place: int, attribute: str, value: str, cases: Bools
) -> Beside | None:
    others = cases.copy()
    others[place] = False
    times = np.sort(traces.throughput_ms[others])
    times = times[np.searchsorted(times, 0) :]  # unknown ones lie below zero
    if len(times) < max(traces.smallest_cell, 1):
        return None
    return Beside(
        attribute=attribute,
        value=value,
        cases=len(times),
        median_ms=int(times[(len(times) - 1) // 2]),
        longer=float(np.searchsorted(times, took(traces, place)) / len(times)),
    )
