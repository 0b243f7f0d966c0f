"""Whatever comes in whatever order, and whenever it is asked: a watch knows what a batch does."""

import tempfile
from datetime import timedelta
from functools import partial

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.abstraction import coarsened, coarser
from engine.alerting.rules import case_window, item_window
from engine.at_hand import Keeping
from engine.batch import case_ids, instances, read_log
from engine.case_look import look_at
from engine.live import Live
from engine.looks import Looks
from engine.opening import OpeningHours
from engine.watching.following import Following
from engine.watching.kept import Kept
from engine.watching.of_whole import of_whole
from eventlog import identity, schema
from eventlog.definition import Definition
from eventlog.lake import Lake
from miners import dfg

HOUR = 3_600_000_000
NOTHING = timedelta(0)
KEEPINGS = (
    Keeping(closed=NOTHING, open=NOTHING, idle=NOTHING, slack=0),
    Keeping(closed=NOTHING, slack=0),
    Keeping(),
)
CLOCK = {
    "starts": ["a1"],
    "stops": ["z"],
    "suspended": [{"from": "b1", "until": "c1"}, {"from": "a2", "until": "b2"}],
}
HOURS = "00:00-01:00, 02:00-03:00, 04:00-05:00, 07:00-08:00, 10:00-11:00, 13:00-14:00"
ALERTS = [
    {"name": "slow", "measure": "waiting_p90", "above": 1, "window": "4h"},
    {"name": "late", "measure": "share_over_term", "above": 0.1, "by": "district", "window": "6h"},
]
PARTS = (
    {"alerts": ALERTS[:1]},
    {"clock": {"closes": ["z"]}, "alerts": ALERTS[:1], "procedure": {"once": ["a2"]}},
    {"clock": CLOCK, "standard": {"term": "3h"}, "alerts": ALERTS},
    {
        "clock": {**CLOCK, "closes": ["z", "y"]},
        "standard": {"term": "0.5 working days", "by": {"district": {"North": "2h"}}},
        "calendar": {"days": "mon-sun", "hours": HOURS},
        "procedure": {"order": [["a1", "b1"], ["c1", "z"]], "once": ["b2"]},
        "alerts": ALERTS,
    },
    {
        "clock": CLOCK,
        "standard": {"term": "3h"},
        "abstract": {"pattern": "^(.)", "keep": 2},
        "applicant_steps": ["b1", "b2"],
        "alerts": ALERTS[:1],
    },
)

# Few ids for many events: repeats, conflicting contents and ids in two cases come by themselves.
events = st.fixed_dictionaries(
    {
        "event_id": st.integers(0, 40).map("e{}".format),
        "case_id": st.integers(0, 3).map("P{}".format),
        "activity": st.sampled_from(["a1", "a1", "a2", "b1", "b1", "b2", "c1", "y", "z"]),
        "timestamp": st.integers(0, 9).map(lambda hour: hour * HOUR),
        "sequence": st.sampled_from([None, None, 1, 2]),
        "lifecycle": st.sampled_from(["complete"] * 5 + ["start", "schedule"]),
        "resource": st.sampled_from([None, "ann", "bob"]),
        "unit": st.sampled_from([None, "counter", "archive"]),
        "district": st.sampled_from([None, None, "north", "south"]),
        "attributes": st.sampled_from([None, None, '{"concept:instance":"1"}']),
    }
)
steps = st.lists(
    st.one_of(
        st.lists(events, min_size=1, max_size=8),
        st.lists(events, min_size=1, max_size=3),
        st.sampled_from(["send again", "restart", "tidy"]),
    ),
    min_size=2,
    max_size=6,
)
# Half of them lie before the latest event, some a breath before or after a term is over.
nows = st.lists(
    st.builds(
        lambda hour, more: hour * HOUR + more,
        st.integers(0, 18),
        st.integers(-1, 1).map(lambda breath: breath * 1000),
    ),
    min_size=1,
    max_size=3,
)


def rows(batch):
    columns = schema.incoming(["district"])
    table = pa.Table.from_pylist([{"source": "office", **event} for event in batch], columns)
    return identity.finish(table, from_stream=True)


def batch(lake, definition):
    """Gives what a mining run makes of the whole lake at a moment."""
    version, coarse = lake.version, None
    log = read_log(lake, None, version=version, attributes=definition.case_attributes)
    if definition.abstract is not None:
        words = log.activity.vocabulary.labels
        counts = np.bincount(log.activity.codes, minlength=len(words)).tolist()
        coarse = coarser(dict(zip(words, counts, strict=True)), definition.abstract)
    mined = coarsened(log, coarse)
    names = partial(instances, lake, version)
    ids = case_ids(lake, log.case_key, None, version=version)
    edges = dfg.summarise(dfg.observe(mined)).edges
    pairs = list(zip(edges["source"].tolist(), edges["target"].tolist(), strict=True))

    def watched(now):
        opening = OpeningHours(definition)
        looks = Looks(definition, opening, now=now, coarse=coarse)
        look = look_at(log, mined, definition, opening, now=now, instances=names)
        looks.add(log, mined, look, ids)
        return of_whole(looks.whole(pairs), definition)

    return watched


def canonical(watched, definition, latest):
    """All that it says of what matters at the `latest` moment, whatever the order of its rows."""
    micro = timedelta(microseconds=1)
    cases = watched.cases
    standing = watched.standing()
    matter = cases.last > latest - case_window(definition) // micro
    matter |= False if cases.is_open is None else cases.is_open
    told = [cases.key, watched.ids(np.arange(len(cases))), cases.began, cases.last, cases.closed]
    optional = (cases.is_open, cases.over, cases.due, cases.ended, cases.suspended)
    told += [column for column in optional if column is not None]
    told += [texts(column) for column in cases.attributes.values()]
    if standing is not None:
        columns = ("entered", "seen", "last", "elapsed", "working", "ended", "withdrawn", "term")
        every = [getattr(standing, name) for name in (*columns, "in_working")]
        told += [column for column in every if column is not None]
    said = {
        "now": watched.now,
        "heard": watched.heard if watched.now == latest else None,
        "cases": listed(told, matter),
        "missing": [column is None for column in optional],
        "day": None if standing is None else standing.working_day,
        "ever": watched.ever,
        "applicants": watched.applicants,
    }
    work, open_ = watched.work, watched.open
    if work is not None:
        since = latest - item_window(definition) // micro
        recent = np.maximum.reduce([work.enabled, work.started, work.completed]) > since
        columns = (work.activity, work.resource, work.unit, work.enabled, work.started)
        said["work"] = table(cases, work, (*columns, work.completed, work.again), recent)
    if open_ is not None:
        columns = (open_.activity, open_.unit, open_.enabled, open_.started, open_.rule)
        said["open"] = table(cases, open_, columns, np.ones(len(open_), bool))
    return said


def table(cases, rows, columns, marked):
    told = [cases.key[rows.case], *(texts(c) if hasattr(c, "codes") else c for c in columns)]
    return listed(told, marked)


def listed(columns, marked):
    return sorted(zip(*(list(np.asarray(column)[marked]) for column in columns), strict=True))


def texts(column):
    return np.array([*column.vocabulary.labels, ""], object)[column.codes]


def holds(steps, nows, keeping, parts):
    """The law, of one course of events."""
    definition = Definition.bare(case_attributes=["district"], **parts)
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake.create(folder, process="unnamed", case_attributes=["district"])

        def follow(now):
            kept = Kept(definition, now=now, slack=0)
            return Following(Live(lake, definition, (), followers=(kept,), keeping=keeping), kept)

        following, latest = follow(min(nows)), min(nows)
        writer, sent = lake.writer("office/permit.events/0"), []
        for place, step in enumerate(steps):
            if step == "restart":
                following = follow(latest)
            elif step == "tidy":
                lake.tidy(retention=timedelta(days=90))
                writer = lake.writer("office/permit.events/0")
            elif sent or step != "send again":
                came = sent[0] if step == "send again" else rows(step)
                sent.append(came)
                start = writer.position or 0
                end = start + came.num_rows
                writer.append(came, schema.REJECTS.empty_table(), start=start, next=end)
            following.catch_up()
            expected = batch(lake, definition)
            for now in nows[place % 2 :]:
                latest = max(latest, now)
                found = canonical(following.watched(now, None), definition, latest)
                assert found == canonical(expected(now), definition, latest)


def course(*cases):
    """Events as rows, a case after another: "P a1 0 b1 1" does a1 at the hour 0, b1 at 1."""
    told, nothing = [], dict.fromkeys(["sequence", "resource", "unit", "district", "attributes"])
    for case in cases:
        name, *words = case.split()
        for activity, hour in zip(words[::2], words[1::2], strict=True):
            event = {"event_id": f"{name}{hour}", "case_id": name, "lifecycle": "complete"}
            told.append({**nothing, **event, "activity": activity, "timestamp": int(hour) * HOUR})
    return told


# Clocks that stand still before and after their term, twice, until they go on; a step that another
# one may follow than was known.
BEFORE = course("P0 a1 0 b1 1", "P1 a1 0 a2 2 b2 3 b1 4", "P2 a1 0 b1 9", "P3 a1 1")
LATER = course("P0 c1 6 b1 7", "P1 c1 8", "P3 b2 2")
EXAMPLE = ([BEFORE, LATER], [5 * HOUR, 12 * HOUR, 8 * HOUR - 1000, 18 * HOUR], KEEPINGS[0])

courses = (steps, nows, st.sampled_from(KEEPINGS), st.sampled_from(PARTS))


@settings(max_examples=8)
@example(*EXAMPLE, PARTS[2])
@example(*EXAMPLE, PARTS[3])
@given(*courses)
def test_what_is_watched_step_by_step_is_what_a_batch_reads(steps, nows, keeping, parts):
    """Late, repeated, after restarts and tidying; before the latest event and long after it."""
    holds(steps, nows, keeping, parts)


@pytest.mark.long
@settings(max_examples=200)
@given(*courses)
def test_what_is_watched_is_what_a_batch_reads_in_many_more_courses_of_events(
    steps, nows, keeping, parts
):
    """The same law, tried harder."""
    holds(steps, nows, keeping, parts)
