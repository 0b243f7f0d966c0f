"""Reads the measures of alert rules off what is watched: by a mining run or by a live watch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.alerting import readings_of_cases, readings_of_stream, readings_of_work
from engine.alerting.drift import drift_readings
from engine.alerting.life import Reading
from engine.alerting.readings_apart import Asked
from engine.alerting.readings_lacking import lacking
from engine.alerting.rules import SLOW, unreadable
from engine.watching.watched import Watched
from eventlog.definition import Definition
from eventlog.definition_alert import Alert

__all__ = ["SLOW", "Readings", "read_alerts"]


@dataclass(frozen=True, kw_only=True)
class Readings:
    """The readings by the rule's name, and why the other rules could not be read."""

    found: Mapping[str, Sequence[Reading]]
    off: Mapping[str, str]


def read_alerts(
    watched: Watched, definition: Definition, *, rules: Sequence[Alert] | None = None
) -> Readings:
    """Read the rules (None: all of the process file) that can be told at `watched.now`.

    A rule looks back over its window, beginning excluded and now included, or that of
    `engine.alerting.rules.DEFAULT_WINDOWS`; else at what is there now:

    - `queue_length` (files): open work that waits for the activity (without one, for any but the
      applicant's own);
    - `oldest_item` (working days, or days without a calendar): the age of the oldest of these;
    - `waiting_p90` (as above): of what was taken up in the window, if that is 10 or more and no
      fewer than `privacy.smallest_cell`, and of a unit only with 3 officers or more;
    - `rework_share` (share): of the work completed in the window, what the case had had done
      before; if it is 20 or more, and else as waiting is;
    - `arrivals_less_completions` (files): work of the activity that came in the window less what
      was completed; without an activity, cases that began less cases that were closed;
    - `overdue_cases` (files): open cases whose clock runs and passed their term;
    - `soon_overdue_cases` (files): open cases whose clock runs, is not suspended and passes the
      term within the window from now on;
    - `share_over_term` (share): of the cases whose clock began in the window, open ones counted
      (`miners.lateness`);
    - `disparity_drift` (as waiting): `engine.alerting.drift`;
    - by a watch only, `silence` (working hours, or hours), `rejects` (files) in the window and
      `lag` (events).

    With `by`, each value of that attribute at entry (or each unit, where it is known) is read
    apart; values that fewer cases than `privacy.smallest_cell` ever had are not, since alerts go
    out. Where fewer cases than that are behind what is told of a group, none of them is named.
    """
    found: dict[str, list[Reading]] = {}
    off: dict[str, str] = {}
    smallest = definition.privacy.smallest_cell
    for rule in definition.alerts if rules is None else rules:
        asked = Asked(watched=watched, rule=rule, smallest=smallest)
        why = unreadable(rule, definition) or lacking(asked, definition)
        if why is not None:
            off[rule.name] = why
        elif rule.measure == "disparity_drift":
            found[rule.name] = drift_readings(watched, rule, definition)
        else:
            found[rule.name] = list(_MEASURES[rule.measure](asked))
    return Readings(found=found, off=off)


def _arrivals_less_completions(asked: Asked) -> Iterable[Reading]:
    if asked.rule.activity is None:
        return readings_of_cases.arrivals_less_completions(asked)
    return readings_of_work.arrivals_less_completions(asked)


_MEASURES: Mapping[str, Callable[[Asked], Iterable[Reading]]] = {
    "queue_length": readings_of_work.queue_length,
    "oldest_item": readings_of_work.oldest_item,
    "waiting_p90": readings_of_work.waiting_p90,
    "rework_share": readings_of_work.rework_share,
    "arrivals_less_completions": _arrivals_less_completions,
    "overdue_cases": readings_of_cases.overdue_cases,
    "soon_overdue_cases": readings_of_cases.soon_overdue_cases,
    "share_over_term": readings_of_cases.share_over_term,
    "silence": readings_of_stream.silence,
    "rejects": readings_of_stream.rejects,
    "lag": readings_of_stream.lag,
}
