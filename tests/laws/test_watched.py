"""Whatever comes in whatever order, and whenever it is asked: a watch knows what a batch does."""

import tempfile
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.at_hand import Keeping
from engine.live import Live
from engine.watching.following import Following
from engine.watching.kept import Kept
from eventlog import identity, schema
from eventlog.definition import Definition
from eventlog.lake import Lake

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


def holds(batches, steps, nows, keeping, parts):
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
            expected = batches.batch(lake, definition)
            for now in nows[place % 2 :]:
                latest = max(latest, now)
                found = batches.canonical(following.watched(now, None), definition, latest)
                assert found == batches.canonical(expected(now), definition, latest)


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
def test_what_is_watched_step_by_step_is_what_a_batch_reads(batches, steps, nows, keeping, parts):
    """Late, repeated, after restarts and tidying; before the latest event and long after it."""
    holds(batches, steps, nows, keeping, parts)


@pytest.mark.long
@settings(max_examples=200)
@given(*courses)
def test_what_is_watched_is_what_a_batch_reads_in_many_more_courses_of_events(
    batches, steps, nows, keeping, parts
):
    """The same law, tried harder."""
    holds(batches, steps, nows, keeping, parts)
