"""A watch that let go what lies before every window reads what a mining run reads of everything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from engine.alerting.readings import read_alerts
from engine.alerting.rules import case_window, item_window
from engine.batch import ids_of
from engine.case_look import look_at
from engine.looks import Looks
from engine.opening import OpeningHours
from engine.watching.of_whole import of_whole
from engine.watching.watched import Feed
from eventlog.definition import Definition
from eventlog.kernels import UNKNOWN
from eventlog.letters import table
from eventlog.log import Log

CASES = 240
DAY = 86_400_000_000
NOW = round(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()) * 1_000_000
RULES = [
    {"measure": "queue_length", "activity": "b"},
    {"measure": "queue_length", "by": "unit"},
    {"measure": "oldest_item", "by": "kind"},
    {"measure": "waiting_p90", "window": "20 days"},
    {"measure": "waiting_p90", "by": "unit", "window": "12 days"},
    {"measure": "overdue_cases", "by": "kind"},
    {"measure": "soon_overdue_cases"},
    {"measure": "rework_share", "by": "kind", "window": "15 days"},
    {"measure": "rework_share", "activity": "b", "window": "22 days"},
    {"measure": "arrivals_less_completions"},
    {"measure": "arrivals_less_completions", "by": "kind", "window": "10 days"},
    {"measure": "arrivals_less_completions", "activity": "b", "by": "unit"},
    {"measure": "share_over_term", "by": "kind", "window": "25 days"},
    {"measure": "silence"},
    {"measure": "silence", "by": "kind", "window": "2 days"},
    {"measure": "silence", "activity": "c", "by": "unit", "window": "1 day"},
    {"measure": "silence", "activity": "c", "by": "kind", "window": "5h"},
]
# Once with a calendar and few words of the process, once with terms by the clock.
OFFICES = [
    {
        "calendar": {
            "days": "mon-fri",
            "hours": "08:00-16:00",
            "units": {"Planning": {"hours": "08:00-12:00"}},
        },
        "standard": {"term": "4 working days"},
    },
    {
        "standard": {"term": "5 days"},
        "clock": {
            "starts": ["a"],
            "stops": ["d"],
            "closes": ["e", "d"],
            "suspended": [{"from": "s", "until": "r"}],
        },
    },
]


def office(parts):
    return Definition.bare(
        **{
            "clock": {"starts": ["a"], "stops": ["d"]},
            "privacy": {"smallest_cell": 3},
            "case_attributes": ["kind"],
            "alerts": [
                {"name": f"rule {place}", "above": 0, **rule} for place, rule in enumerate(RULES)
            ],
            **parts,
        }
    )


def watched(definition, chance):
    """An office of sixty days, of which the last event is at noon on 2 March."""
    steps = ["b", "c", "b/schedule", "b/start", "s", "r", "c/start", "e"]
    cases, kinds = [], {}
    for number in range(CASES):
        words = [
            f"{word}+{chance.integers(0, 4000)}@{chance.choice(['ann', 'bob', 'cid', 'dan'])}"
            for word in chance.choice(steps, chance.integers(1, 6))
        ]
        closing = ["d+900"] * int(chance.random() < 0.7)
        cases.append(f"P{number}: a {' '.join([*words, *closing])}")
        kinds[f"P{number}"] = str(chance.choice(["house", "House", "shop", "hall"]))
    rows = table(*cases, case_attributes={"kind": kinds})
    ids = rows.column("case_id").cast(pa.string()).to_pylist()
    began = dict(zip(kinds, NOW - chance.integers(0, 60 * DAY, CASES), strict=True))
    moments = rows.column("timestamp").cast(pa.int64()).to_numpy()
    moments = moments + [began[case] - int(moments.min()) for case in ids]
    units = [{"b": "Planning", "c": "counter"}.get(name) for name in rows["activity"].to_pylist()]
    for name, values in (("timestamp", moments), ("unit", units)):
        place = rows.schema.get_field_index(name)
        column = pa.array(values, rows.schema.field(place).type)
        rows = rows.set_column(place, rows.schema.field(place), column)
    rows = rows.filter(pa.array(moments <= NOW))
    log = Log.of(rows, attributes=("kind",))
    opening = OpeningHours(definition)
    looks = Looks(definition, opening, now=NOW, coarse=None)
    looked = look_at(log, log, definition, opening, now=NOW)
    looks.add(log, log, looked, ids_of(log.case_key, rows.to_batches()))
    found = of_whole(looks.whole([("a", "b"), ("b", "c"), ("c", "d")]), definition)
    return replace(found, feed=Feed(lag=0, rejects=np.empty(0, np.int64)))


def let_go(whole, definition, chance):
    """What must still be known of it, in any order."""
    micros = timedelta(microseconds=1)
    cases, work, open_ = whole.cases, whole.work, whole.open
    since = whole.now - case_window(definition) // micros
    stays = chance.permutation(np.flatnonzero(cases.is_open | (cases.last > since)))
    since = whole.now - item_window(definition) // micros
    known = np.flatnonzero(np.maximum(work.started, work.completed) > since)
    # Work of the window is work of a case that an event of the window belongs to.
    stays = np.concatenate([stays, np.setdiff1d(work.case[known], stays)])
    place = np.full(len(cases), -1, np.int32)
    place[stays] = np.arange(len(stays), dtype=np.int32)
    rows, waits = chance.permutation(known), chance.permutation(len(open_))
    standing = whole.standing()

    def chosen(part, places, **instead):
        """All columns of a part at these places."""
        columns = {
            name: value.take(places)
            if hasattr(value, "take") and hasattr(value, "codes")
            else value[places]
            for name, value in vars(part).items()
            if name not in instead and value is not None
        }
        return replace(part, **columns, **instead)

    return replace(
        whole,
        cases=chosen(
            cases,
            stays,
            attributes={name: values.take(stays) for name, values in cases.attributes.items()},
        ),
        ids=lambda places: whole.ids(stays[places]),
        work=chosen(work, rows, case=place[work.case[rows]]),
        open=chosen(open_, waits, case=place[open_.case[waits]]),
        standing=lambda: standing.take(stays),
    )


@pytest.mark.parametrize("parts", OFFICES, ids=["by calendar", "by the clock"])
@pytest.mark.parametrize("seed", range(3))
def test_what_lies_before_the_windows_matters_to_nobody(seed, parts):
    chance, definition = np.random.default_rng(seed), office(parts)
    everything = watched(definition, chance)
    left = let_go(everything, definition, chance)
    assert len(left.cases) < len(everything.cases)
    assert len(left.work) < len(everything.work)
    assert (left.work.completed != UNKNOWN).any()
    found = read_alerts(left, definition)
    assert not found.off
    assert found == read_alerts(everything, definition)
    assert all(found.found.values())
