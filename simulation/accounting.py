"""The truth behind the log: what was planted, whom it touched, what it cost, where files lay."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from simulation.applications import Applications
from simulation.chance import Flags
from simulation.hours import Timetable
from simulation.journal import Journal
from simulation.office import Office
from simulation.officers import Officer
from simulation.opinions import Opinions
from simulation.planted import days_added, planted
from simulation.plants import Plant
from simulation.process import OUTCOME_OF, SUBMIT
from simulation.queueing import activity_account

CAUSES = ("batching", "prioritisation", "contention", "unavailability", "extraneous")


def account(
    *,
    office: Office,
    plants: Sequence[Plant],
    applications: Applications,
    turned: Mapping[int, Flags],
    journal: Journal,
    staff: Mapping[str, Sequence[Officer]],
    hours: Timetable,
    window: tuple[int, int],
    opinions: Opinions,
) -> dict[str, Any]:
    """The whole account, fit for JSON.

    - `office`, `window`, `cases` (seen in the log), `open_cases`, `events`, `outcomes`;
    - `plants`: in the order given, see `simulation.planted.planted`; `counts` sums them by kind;
    - `days`: what all of them added together, see `simulation.planted.days_added`;
    - `units`: `officers`; `utilisation`, the working time with files in hand over the officers'
      working time; `utilisation_present`, the same over the time that they were not away;
    - `voice`: who answers how satisfied they are, see `simulation.opinions.Opinions.account`;
    - `activities`: see `simulation.queueing.activity_account`;
    - `waiting`: case-days of working time (one day is one working day of the office) that started
      items lay between enabled (the case's previous step was complete) and start, by cause, seen
      from the officer who took the item up, the first that applies at each moment:
      *batching* until the folder was full; *prioritisation* while the officer had a later-enabled
      item in hand; *contention* while it was an earlier-enabled one; *unavailability* while the
      officer was away with empty hands; *extraneous* for the rest: the file was held back, or idle
      officers could not have it. `total` is their sum; `not_started` is what items had waited that
      nobody had started at the end. Nights and holidays do not count in any of them.
    """
    start, end = window
    outcomes = Counter(
        OUTCOME_OF[one.activity]
        for one in journal.told
        if one.lifecycle == "complete" and one.activity in OUTCOME_OF
    )
    seen = sum(one.activity == SUBMIT for one in journal.told)
    found = planted(office, plants, applications, turned, journal, hours)
    counts: Counter[str] = Counter()
    for one in found:
        counts[one["kind"]] += one["counts"]["cases"]
    capacity = hours.between(start, end)
    day = office.hours.day
    waiting = {cause: sum(getattr(one, cause) for one in journal.done) / day for cause in CAUSES}
    not_started = sum(hours.between(one.enabled, end) for one in journal.lying) / day
    return {
        "office": _plain(office),
        "window": {"start": _moment(start), "end": _moment(end), "working_days": capacity / day},
        "cases": seen,
        "open_cases": seen - outcomes.total(),
        "events": len(journal.told),
        "outcomes": dict(sorted(outcomes.items())),
        "plants": found,
        "counts": dict(sorted(counts.items())),
        "days": days_added(journal, hours, day),
        "units": {
            name: _unit(officers, hours.worked(start), hours.worked(end))
            for name, officers in staff.items()
        },
        "activities": activity_account(journal, staff, hours, window, day),
        "voice": opinions.account(),
        "waiting": {**waiting, "total": sum(waiting.values()), "not_started": not_started},
    }


def _unit(officers: Sequence[Officer], start: int, end: int) -> dict[str, Any]:
    busy = sum(officer.busy(start, end) for officer in officers)
    away = sum(officer.absent(start, end) for officer in officers)
    offered = (end - start) * len(officers)
    return {
        "officers": [officer.name for officer in officers],
        "utilisation": busy / offered,
        "utilisation_present": busy / (offered - away),
    }


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, tz=UTC).isoformat()


def _plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    match value:
        case timedelta():
            return value.total_seconds()
        case date():
            return value.isoformat()
        case Mapping():
            return {key: _plain(one) for key, one in value.items()}
        case tuple() | list():
            return [_plain(one) for one in value]
        case _ if dataclasses.is_dataclass(value):
            names = (field.name for field in dataclasses.fields(value))
            return {name: _plain(getattr(value, name)) for name in names}
        case _:
            return value
