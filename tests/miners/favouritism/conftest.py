"""Simulated offices as lines of files, and lines that are drawn pick by pick."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from eventlog import schema
from eventlog.coded import Coded, Vocabulary
from eventlog.definition import Definition
from eventlog.identity import finish
from eventlog.log import Log
from miners.desks import Owners, owners_of
from miners.equity.kernel import compare
from miners.equity.rows import Gaps, Grouping, Strata
from miners.favouritism.groups import strata_of_items
from miners.favouritism.officer_sums import ahead_of
from miners.favouritism.officers import scan
from miners.favouritism.overtakes import Overtakes, overtakes_of
from miners.favouritism.picks import Picks, Waits, picks_of, waits_of
from miners.open_items import open_items
from miners.placed import placed
from miners.work_items import Items, work_items
from simulation.process import APPLICANT_STEPS, ENTRY_ATTRIBUTES

MINUTE = 60_000_000
OFFICE = {
    "process": "permits",
    "timezone": "Asia/Jakarta",
    "clock": {"closes": ["Issue decision", "Refuse", "Withdraw"]},
}


@dataclass(frozen=True, kw_only=True)
class Favoured:
    """How the files of each value of one attribute are picked at one activity.

    `rows` are the items there, `grouping` the value of each; `score` compares pick scores,
    `positions` places in the line that were gained.
    """

    grouping: Grouping
    rows: Any
    score: Gaps
    positions: Gaps


@dataclass(frozen=True, kw_only=True)
class Looked:
    """An office's lines, and whose files lie in them."""

    items: Items
    owners: Owners
    waits: Waits
    picks: Picks
    overtakes: Overtakes
    groupings: list[Grouping]
    service_class: Any
    cluster: Any

    def favoured(self, activity):
        """What the comparison of groups says of one activity, attribute by attribute."""
        code = self.items.activity.vocabulary.labels.index(activity)
        in_line = self.waits.line >= 0
        rows = np.flatnonzero(in_line & (self.items.activity.codes == code))
        case = self.items.case[rows]
        strata = strata_of_items(self.waits).take(rows)
        if self.cluster is not None:
            strata = replace(strata, cluster=self.cluster[case])
        told = []
        for grouping in self.groupings:
            mine = grouping.take(case)
            told.append(
                Favoured(
                    grouping=mine,
                    rows=rows,
                    score=compare(self.picks.score[rows], mine, strata, seed=1),
                    positions=compare(self.overtakes.net[rows], mine, strata, seed=1),
                )
            )
        return told

    def scanned(self, **given):
        """What the scan of officers says."""
        own = self.items, self.waits, self.owners, self.groupings
        return scan(*own, ahead=self.ahead, **given)

    @property
    def ahead(self):
        """How far ahead of its line each file was picked."""
        return ahead_of(self.overtakes, self.picks)


@pytest.fixture(scope="session")
def looked():
    """Looks at a simulation; `classes` are the attributes that make a service class."""

    def look(simulation, *, classes=("permit_type",), groups=("agent",)):
        told, fields = simulation.events, schema.incoming(ENTRY_ATTRIBUTES)
        columns = {
            field.name: told.column(field.name).cast(field.type)
            if field.name in told.column_names
            else pa.nulls(told.num_rows, field.type)
            for field in fields
        }
        log = Log.of(finish(pa.table(columns, schema=fields)), attributes=ENTRY_ATTRIBUTES)
        now, found = int(log.timestamp.max()), work_items(log)
        still = open_items(found, log, Definition.model_validate(OFFICE), [])
        items, rule = placed(found, still)
        owners = owners_of(items, frozenset(APPLICANT_STEPS))

        def known(name):
            return Coded(codes=log.entry_values(name), vocabulary=log.attributes[name].vocabulary)

        one = np.zeros(log.cases, np.int64)
        service_class = Strata.of([one, *(known(name).codes for name in classes)]).stratum
        waits = waits_of(items, rule, owners, service_class, ends=log.ends, now=now)
        return Looked(
            items=items,
            owners=owners,
            waits=waits,
            picks=picks_of(waits),
            overtakes=overtakes_of(waits),
            groupings=[Grouping.of(name, known(name)) for name in groups],
            service_class=service_class,
            cluster=known("applicant").codes.astype(np.int64),
        )

    return look


@pytest.fixture(scope="session")
def drawn():
    """Draws one line of `length` files that officers take up one by one.

    `choose(officer, values, chance)` gets the values of the files that wait, oldest first, and
    says which place is picked; `groupings` are [files] of each attribute, so `values` is a matrix
    [waiting, attributes].
    """

    def draw(groupings, choose, *, officers=12, length=20, seed=1):
        chance = np.random.default_rng(seed)
        values = np.column_stack(list(groupings.values()))
        files = len(values)
        joined, left = np.empty(files, np.int64), np.empty(files, np.int64)
        who = np.full(files, -1, np.int32)
        waiting = list(range(length))
        joined[:length] = np.arange(length)
        picks = files - length
        for pick in range(picks):
            officer = int(chance.integers(officers))
            place = choose(officer, values[waiting], chance)
            file = waiting.pop(place)
            who[file], left[file] = officer, (pick + 1) * MINUTE
            waiting.append(length + pick)
            joined[length + pick] = (pick + 1) * MINUTE + 1
        left[waiting] = (picks + 1) * MINUTE
        line = np.zeros(files, np.int32)
        waits = Waits(
            line=line,
            lines=1,
            queue=np.zeros(1, np.int64),
            joined=joined,
            left=left,
            picked=who >= 0,
            officer=who,
        )
        one = Coded(codes=line, vocabulary=Vocabulary(labels=("Review",)))
        items = Items(
            case=np.arange(files, dtype=np.int32),
            position=line,
            activity=one,
            resource=Coded(
                codes=who, vocabulary=Vocabulary(labels=tuple(f"o{n}" for n in range(officers)))
            ),
            unit=one,
            enabled=joined,
            started=np.where(who >= 0, left, np.iinfo(np.int64).min),
            completed=np.where(who >= 0, left, np.iinfo(np.int64).min),
            scheduled=line > 0,
        )
        return Looked(
            items=items,
            owners=owners_of(items, frozenset()),
            waits=waits,
            picks=picks_of(waits),
            overtakes=overtakes_of(waits),
            groupings=[
                Grouping(
                    attribute=name,
                    names=tuple(f"{name} {n}" for n in range(int(place.max()) + 1)),
                    place=place.astype(np.int64),
                )
                for name, place in groupings.items()
            ],
            service_class=np.zeros(files, np.int64),
            cluster=None,
        )

    return draw
