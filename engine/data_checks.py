"""What is doubtful in the data of a look: the checks of its cases, and of what crosses them."""

import numpy as np

from engine.seen import Sums
from engine.shared_ids import SharedIds
from eventlog.definition import Definition
from eventlog.lake import Lake
from eventlog.log import Log
from miners.cases import open_cases
from miners.quality import ALONE, Check, alone_at_the_end, check, never_completed, shared_ids


def checked(log: Log, definition: Definition, *, now: int) -> list[Check]:
    """The checks of whole cases that add up; `now` as in `Asked`."""
    is_open = None
    if definition.closing:
        is_open = np.asarray(open_cases(log, definition).to_numpy(zero_copy_only=False), bool)
    return check(
        log,
        timezone=definition.timezone,
        now=now,
        is_open=is_open,
        applicant_steps=definition.applicant_steps,
        entry_attributes=_entry_attributes(definition),
    )


def all_checks(seen: Sums, shared: Check) -> list[Check]:
    """The checks of everything seen; `shared` is the one that crosses cases."""
    return [shared, *_recorded(seen), never_completed(seen.unfinished)]


def shared(lake: Lake, ids: SharedIds, *, version: int) -> Check:
    """The check of ids that stand in two cases."""
    twice, events = ids.twice()
    cases = np.empty(0, np.int64)
    if len(twice):
        columns = ["event_key", "case_key"]
        for batch in lake.batches(columns, version=version, between=None):
            keys = batch.column("event_key").to_numpy()
            place = np.minimum(np.searchsorted(twice, keys), len(twice) - 1)
            hit = batch.column("case_key").to_numpy()[twice[place] == keys]
            cases = np.union1d(cases, hit) if len(hit) else cases
    return shared_ids(events=events, cases=len(cases), total=ids.events)


def _recorded(seen: Sums) -> list[Check]:
    """Without checks of columns that no event fills: the process does not record them.

    Whether the latest event stands alone shows only here, where all are counted.
    """
    absent = {"resource": not seen.resources, "unit": not seen.units}
    return [
        alone_at_the_end(found) if found.check == ALONE else found
        for found in seen.checks
        if not absent.get(found.column or "", False)
    ]


def _entry_attributes(definition: Definition) -> tuple[str, ...]:
    if definition.equity is None:
        return ()
    named = [*definition.equity.groups, *definition.equity.legitimate]
    return tuple(dict.fromkeys(n for n in named if n in definition.case_attributes))
