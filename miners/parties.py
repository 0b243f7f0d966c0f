"""Whose time it was: how long each application lay with the applicant, third parties, the office.

The time of a case, from its first event to its last, is cut at its events, and each piece belongs
to one party, the first of these that applies:

- the **applicant**: while a suspension of `clock.suspended` lasts, and before a step of
  `applicant_steps` completes (since the execution before it);
- **third parties**: before an execution by a unit of `external_units` completes (since the
  execution before it), queue and work alike;
- the **office**: the rest.

Where several things go on at the same time, a piece belongs to whoever completed the next step:
that is who moved the file, not who could be blamed for it.
"""

from dataclasses import dataclass

import numpy as np

from eventlog.calendar import Calendars
from eventlog.definition import Definition
from eventlog.kernels import Bools, Int64s
from eventlog.log import Log
from miners import clock_loops as loops
from miners.clock import suspended_rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Shares:
    """The time of each case by party, milliseconds; shape [cases], None where nobody can tell.

    `applicant` is None where the process file names neither suspensions nor steps of the
    applicant, `external` where it names no external units; their time is then the office's.
    `office` is None where both are: all of the time is not the office's own. What is told adds up
    to the whole time of the case.
    """

    applicant: Int64s | None
    external: Int64s | None
    office: Int64s | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Parties:
    """Elapsed time by party, working time by party (None without a calendar), and what lacks.

    `missing` are the keys of the process file that would have to be filled in for the parties
    that are not told.
    """

    elapsed: Shares
    working: Shares | None
    missing: tuple[str, ...]


def parties(log: Log, definition: Definition, calendars: Calendars | None) -> Parties:
    """Split the time of each case; `log` has the activities as they came.

    Working time is by the office's calendar, whoever's time it is.

    >>> from eventlog.letters import log
    >>> said = Definition.bare(applicant_steps=["pay"])
    >>> found = parties(log("P: send bill pay issue"), said, None)
    >>> found.elapsed.applicant.tolist(), found.elapsed.office.tolist(), found.missing
    ([3600000], [7200000], ('external_units',))
    """
    party = loops.parties(
        log.offsets,
        log.lifecycle,
        log.activity.codes,
        log.unit.codes,
        suspended_rows(log, definition),
        _named(log.activity.vocabulary.labels, definition.applicant_steps),
        _named(log.unit.vocabulary.labels, definition.external_units),
    )
    has_applicant = bool(definition.clock.suspended or definition.applicant_steps)
    has_external = bool(definition.external_units)

    def shares(moments: Int64s) -> Shares:
        whole = loops.sums_by_party(log.offsets, party, moments)
        applicant, external = whole[loops.APPLICANT] // 1000, whole[loops.EXTERNAL] // 1000
        return Shares(
            applicant=applicant if has_applicant else None,
            external=external if has_external else None,
            # The rest, so that nothing is lost between whole milliseconds.
            office=whole.sum(axis=0) // 1000 - applicant - external
            if has_applicant or has_external
            else None,
        )

    return Parties(
        elapsed=shares(log.timestamp),
        working=None if calendars is None else shares(calendars.office.worked(log.timestamp)),
        missing=("applicant_steps",) * (not has_applicant)
        + ("external_units",) * (not has_external),
    )


def _named(labels: tuple[str, ...], names: tuple[str, ...]) -> Bools:
    return np.array([label in names for label in labels], np.bool_)
