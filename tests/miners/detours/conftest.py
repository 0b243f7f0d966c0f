"""Steps of cases written as letters, and simulated offices as steps."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from eventlog import schema
from eventlog.definition_file import load
from eventlog.identity import finish
from eventlog.letters import table
from eventlog.log import Log
from miners.detours.finding import episodes
from miners.detours.rules import mark
from miners.detours.steps import Steps, steps_of
from miners.work_items import work_items

APPLICANTS = frozenset("p")
PROCESS = Path(__file__).parents[3] / "config" / "processes" / "building-permit.yaml"


@dataclass(frozen=True, kw_only=True)
class Told:
    """Steps, and the place of each case among those that were written down."""

    steps: Steps
    written: list[int]

    def in_order(self, by_case):
        """What is known of each case of the log [cases] (or a list each), as they were written."""
        out = [None] * len(self.written)
        for place, one in zip(self.written, by_case, strict=True):
            out[place] = one
        return out

    def of_case(self, values):
        """What was written down for each case, for the cases of the log."""
        return np.array([values[place] for place in self.written])

    def marked(self, rules, *, decided=True, applicants=APPLICANTS):
        """All cases held against these rules."""
        cases = self.steps.cases
        every, flags = np.zeros(cases, np.int32), np.full(cases, decided)
        return mark(self.steps, [rules], every, flags, applicants)

    def detours(self, marks, applicants=APPLICANTS):
        """Per case as written: (kind, activities, units, places of before to after, cause)."""
        found = episodes(self.steps, marks, applicants)
        columns = zip(found.before, found.first, found.last, found.after, strict=True)
        out = [[] for _ in range(self.steps.cases)]
        for case, subject, places, cause in zip(
            found.case, found.subject, columns, found.cause, strict=True
        ):
            one, begins = found.subjects[subject], self.steps.offsets[case]
            assert all(place < 0 or self.steps.case[place] == case for place in places)
            within = tuple(int(place - begins) if place >= 0 else -1 for place in places)
            out[case].append((one.kind, one.activities, one.units, within, int(cause)))
        return self.in_order(out)


@pytest.fixture(scope="session")
def told():
    """Steps of cases written as letters without names; `a@desk` is done by the unit "desk"."""

    def tell(*cases, names=None):
        names = names or [f"case-{n}" for n in range(len(cases))]
        rows = table(*(f"{name}: {case}" for name, case in zip(names, cases, strict=True)))
        rows = rows.set_column(rows.column_names.index("unit"), "unit", rows["resource"])
        log = Log.of(rows)
        keys = dict(zip(rows["case_key"].to_pylist(), rows["case_id"].to_pylist(), strict=True))
        written = [names.index(keys[key]) for key in log.case_key.tolist()]
        return Told(steps=steps_of(work_items(log), log.cases), written=written)

    return tell


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A simulated office as its log tells it; `decided` [cases] by the deciding steps."""

    steps: Steps
    decided: np.ndarray
    case_ids: list[str]


@pytest.fixture(scope="session")
def process():
    """The process file of the simulated office."""
    return load(PROCESS)


@pytest.fixture(scope="session")
def office_log():
    """Reads the log of a simulation."""

    def read(simulation):
        events, fields = simulation.events, schema.incoming(())
        columns = {
            field.name: events.column(field.name).cast(field.type)
            if field.name in events.column_names
            else pa.nulls(events.num_rows, field.type)
            for field in fields
        }
        rows = finish(pa.table(columns, schema=fields))
        log = Log.of(rows)
        ids = dict(zip(rows["case_key"].to_pylist(), rows["case_id"].to_pylist(), strict=True))
        steps = steps_of(work_items(log), log.cases)
        ends = [label in {"Issue decision", "Refuse"} for label in log.activity.vocabulary.labels]
        decided = np.zeros(log.cases, bool)
        decided[steps.case[np.array(ends)[steps.activity.codes]]] = True
        keys = log.case_key.tolist()
        return Seen(steps=steps, decided=decided, case_ids=[ids[key] for key in keys])

    return read
