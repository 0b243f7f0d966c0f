"""When applications come in: at the desk within office hours, online at any hour, by season."""

from datetime import UTC, datetime, timedelta
from math import ceil

import numpy as np

from simulation.chance import stream
from simulation.hours import Ints
from simulation.office import Office

HOUR = 3600


def application_times(office: Office) -> tuple[Ints, int]:
    """Seconds of UTC at which `office.cases` applications come in, ascending, and the last moment.

    Given their number, the arrivals of an inhomogeneous Poisson process are independent draws from
    its rate (order statistics), so a flat rate gives Poisson arrivals exactly.
    """
    week = len(office.hours.weekdays)
    days = ceil(1.5 * office.cases / office.per_day * 7 / week) + 40
    table = office.hours.timetable(office.start, office.start + timedelta(days=days))
    first = opening(office)
    hours = np.arange(days * 24 + 1, dtype=np.int64) * HOUR + first
    online = office.online * office.per_day * week / 7 / 24
    desk = (1 - office.online) * office.per_day / office.hours.day
    mass = online + desk * np.diff(table.worked_many(hours))
    months = hours[:-1].astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12
    total = np.concatenate([[0.0], np.cumsum(mass * np.asarray(office.season)[months])])
    places = np.sort(stream(office.seed, "arrivals").random(office.cases)) * office.cases
    arrived = np.interp(places, total, hours).astype(np.int64)
    return arrived, int(np.interp(office.cases, total, hours))


def opening(office: Office) -> int:
    """The first second of the simulated time: midnight, UTC, of the day that `office` starts."""
    day = office.start
    return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def closing(office: Office, last_application: int) -> int:
    """The second at which the log ends."""
    if office.horizon is None:
        return last_application
    return opening(office) + round(office.horizon.total_seconds())
