"""What may be passed on of queues and of open applications: no few cases, no single officer.

Numbers of files are rounded to the smallest cell, for the map tells executions exactly and the
difference would be those who wait now. What a unit of one or two officers does is what these
persons do, so how busy they are, why their files wait and what a colleague would change stays
inside (decision 11).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import ceil, floor
from types import MappingProxyType
from typing import overload

from reports.contents.waiting import Place, Queue, Standing, Waiting
from reports.withheld.totals import nearest, withheld

FEWEST_OFFICERS = 3
"""Officers of a unit without which its work is that of persons who can be named."""
# A point of a curve of queue lengths is made of this many smallest cells of files, and of a week.
_CELLS_PER_POINT = 4
_LEAST_STRETCH = 5
_LEAST_TENTH = 0.05
_FEWEST_POINTS, _MOST_POINTS = 4, 60


def withhold_waiting(waiting: Waiting, *, least: int) -> Waiting:
    """Queues and places of at least `least` cases, with numbers from which no fewer follow."""
    queues = [queue for queue in waiting.queues if queue.cases >= least]
    total = sum(queue.waiting for queue in queues)
    gone = withheld([place.cases for place in waiting.places], least)
    places = [place for number, place in enumerate(waiting.places) if number not in gone]
    return Waiting(
        unit=waiting.unit,
        queues=tuple(
            _queue(queue, least, share=queue.waiting / total if total else 0.0) for queue in queues
        ),
        places=tuple(_place(place, least) for place in places),
        standing=_standing(waiting.standing, least),
        hidden_queues=len(waiting.queues) - len(queues),
        hidden_places=len(gone),
    )


def few_officers(officers: float | None) -> bool:
    """Whether so few serve a queue that its figures tell of persons; also where nobody knows.

    >>> few_officers(2.4), few_officers(2.9), few_officers(None)
    (True, False, True)
    """
    return officers is None or round(officers) < FEWEST_OFFICERS


def few_serve(waiting: Waiting | None) -> Callable[[str], bool]:
    """Whether so few serve an activity, in all units, that what happens there tells of persons.

    Where the log names no officer at all, nobody can be made out; where nobody looked, everybody.
    """
    if waiting is None:
        return lambda _: True
    officers: dict[str, float] = {}
    for queue in waiting.queues:
        officers[queue.activity] = officers.get(queue.activity, 0.0) + (queue.officers or 0.0)
    if not any(officers.values()):
        return lambda _: False
    return lambda activity: few_officers(officers.get(activity))


def _queue(queue: Queue, least: int, *, share: float) -> Queue:
    open_now = queue.open_now
    stand = open_now is not None and (open_now == 0 or open_now >= least)
    stretch, lengths = _curve(queue, least)
    told = replace(
        queue,
        cases=nearest(queue.cases, least),
        items=nearest(queue.items, least),
        waiting=float(round(queue.waiting)),
        share=round(share, 3),
        mean=_days(queue.mean),
        low=_days(queue.low),
        high=_days(queue.high),
        median=_days(queue.median),
        p90=_days(queue.p90),
        causes={cause: float(round(days)) for cause, days in queue.causes.items()},
        longest=None if (queue.longest or 0) < least else nearest(queue.longest or 0, least),
        lengths=lengths,
        stretch_days=stretch,
        open_now=nearest(open_now, least) if stand and open_now is not None else None,
        # The oldest is one file: whole days, and never of a few.
        oldest=float(floor(queue.oldest)) if stand and queue.oldest is not None else None,
    )
    if few_officers(queue.officers):
        return replace(
            told,
            causes={},
            officers=None,
            utilisation=None,
            estimate=None,
            few_officers=bool(queue.officers),
        )
    return replace(
        told,
        officers=float(round(queue.officers or 0)),
        utilisation=None if queue.utilisation is None else round(queue.utilisation, 2),
        estimate=queue.estimate and replace(queue.estimate, wait=_days(queue.estimate.wait)),
    )


def _curve(queue: Queue, least: int) -> tuple[int, tuple[float, ...]]:
    """Mean lengths over stretches in which enough files came, the latest stretch complete.

    How many come in a day follows from Little's law: the mean length over the mean wait.
    """
    days = len(queue.lengths)
    mean = sum(queue.lengths) / days if days else 0.0
    if (queue.longest or 0) < least or not mean or not queue.mean:
        return 1, ()
    needed = ceil(_CELLS_PER_POINT * least * queue.mean / mean)
    stretch = max(_LEAST_STRETCH, needed, ceil(days / _MOST_POINTS))
    points = days // stretch
    if points < _FEWEST_POINTS:
        return 1, ()
    told = queue.lengths[days - points * stretch :]
    return stretch, tuple(
        round(sum(told[at : at + stretch]) / stretch, 1) for at in range(0, len(told), stretch)
    )


def _place(place: Place, least: int) -> Place:
    return replace(
        place,
        cases=nearest(place.cases, least),
        median_days=round(place.median_days, 1),
        oldest_days=float(floor(place.oldest_days)),
    )


def _standing(exact: Mapping[str, Standing], least: int) -> Mapping[str, Standing]:
    def told(count: int) -> int:
        return nearest(count, least) if count >= least else 0

    kept = {
        name: Standing(at=told(one.at), after=told(one.after), about=least > 1)
        for name, one in exact.items()
    }
    return MappingProxyType({name: one for name, one in kept.items() if one.at or one.after})


@overload
def _days(value: float) -> float: ...
@overload
def _days(value: float | None) -> float | None: ...
def _days(value: float | None) -> float | None:
    """To one decimal, once and for all: rounded twice, findings and tables would differ."""
    if value is None:
        return None
    return round(value, 1 if value >= _LEAST_TENTH else 2)
