"""Simulated offices as the miners see them: from the log alone."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from eventlog import schema
from eventlog.calendar import Calendars
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.log import Log
from miners.causes import Causes, split
from miners.hands import Hands, in_hand
from miners.queues import Queues, queues
from miners.work_items import Items, work_items
from simulation.process import APPLICANT_STEPS


@dataclass(frozen=True, kw_only=True)
class Mined:
    """What was found out about a simulated office; `truth` is the simulator's own account."""

    items: Items
    hands: Hands
    causes: Causes
    queues: Queues
    truth: dict[str, Any]


@pytest.fixture(scope="session")
def mined():
    """Finds out about a simulation by the office's calendar, or by plain time with `{}`."""

    def mine(simulation, calendar=None):
        calendar = {"calendar": {"country": "ID"}} if calendar is None else calendar
        told, fields = simulation.events, schema.incoming(())
        columns = {
            field.name: told.column(field.name).cast(field.type)
            if field.name in told.column_names
            else pa.nulls(told.num_rows, field.type)
            for field in fields
        }
        log = Log.of(finish(pa.table(columns, schema=fields)))
        began, now = int(log.timestamp.min()), int(log.timestamp.max())
        definition = Definition.model_validate(
            {"process": "permits", "timezone": "Asia/Jakarta", **calendar}
        )
        calendars = Calendars.of(definition, began, now)
        items = work_items(log)
        hands = in_hand(items, now)
        causes = split(items, hands, calendars=calendars, now=now)
        found = queues(
            items,
            hands,
            causes,
            calendars=calendars,
            began=began,
            now=now,
            applicant_steps=frozenset(APPLICANT_STEPS),
        )
        return Mined(items=items, hands=hands, causes=causes, queues=found, truth=simulation.truth)

    return mine
