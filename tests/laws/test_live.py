"""Whatever comes in whatever order: what is kept up to date is what a batch would say."""

import tempfile
from datetime import timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from engine.abstraction import coarsened, coarser
from engine.at_hand import Keeping
from engine.batch import read_log
from engine.live import Live
from engine.running import RunningSummary, merged
from eventlog import identity, schema
from eventlog.definition import Definition
from eventlog.lake import Lake
from eventlog.tally import Summary, Tally
from miners import MINERS

HOUR = 3_600_000_000
NOTHING = timedelta(0)
FORGETFUL = Keeping(closed=NOTHING, open=NOTHING, idle=NOTHING, slack=0)
TWO_HOURS = timedelta(hours=2)
KEEPINGS = (FORGETFUL, Keeping(closed=NOTHING, slack=0), Keeping(idle=TWO_HOURS, slack=2))
DEFINITIONS = (
    {},
    {"clock": {"closes": ["z"]}},
    {"clock": {"closes": ["z"]}, "abstract": {"pattern": "^(.)", "keep": 2}},
)

# Few ids for many events: repeats, conflicting contents and ids in two cases come by themselves.
events = st.fixed_dictionaries(
    {
        "event_id": st.integers(0, 25).map("e{}".format),
        "case_id": st.integers(0, 4).map("P{}".format),
        "activity": st.sampled_from(["a1", "a2", "b1", "c1", "z"]),
        "timestamp": st.integers(0, 9).map(lambda hour: hour * HOUR),
        "sequence": st.sampled_from([None, None, 1, 2]),
        "lifecycle": st.sampled_from(["complete", "complete", "start"]),
        "resource": st.sampled_from([None, "ann", "bob"]),
        "unit": st.sampled_from([None, "counter"]),
        "district": st.sampled_from([None, "north"]),
    }
)
steps = st.lists(
    st.one_of(
        st.lists(events, min_size=1, max_size=6),
        st.lists(events, min_size=1, max_size=3),
        st.sampled_from(["send again", "restart", "tidy"]),
    ),
    min_size=2,
    max_size=7,
)


def rows(batch):
    columns = schema.incoming(["district"])
    table = pa.Table.from_pylist([{"source": "office", **event} for event in batch], columns)
    return identity.finish(table, from_stream=True)


def batch_answers(lake, definition):
    log = read_log(lake, None, version=lake.version, attributes=definition.case_attributes)
    if definition.abstract is not None:
        words = log.activity.vocabulary.labels
        counts = np.bincount(log.activity.codes, minlength=len(words)).tolist()
        counted = dict(zip(words, counts, strict=True))
        log = coarsened(log, coarser(counted, definition.abstract))
    return {miner.name: miner.observe(log) for miner in MINERS}


@settings(max_examples=25)
@given(steps, st.sampled_from(KEEPINGS), st.sampled_from(DEFINITIONS))
def test_what_is_followed_step_by_step_is_what_a_batch_sees(steps, keeping, parts):
    """Late, repeated, conflicting, after restarts and tidying, with cases let go and reopened."""
    definition = Definition.bare(case_attributes=["district"], **parts)
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake.create(folder, process="unnamed", case_attributes=["district"])
        live = Live(lake, definition, MINERS, keeping=keeping)
        writer, sent = lake.writer("office/permit.events/0"), []
        for step in steps:
            if step == "restart":
                live = Live(lake, definition, MINERS, keeping=keeping)
            elif step == "tidy":
                lake.tidy(retention=timedelta(days=90))
                writer = lake.writer("office/permit.events/0")
            elif sent or step != "send again":
                batch = sent[0] if step == "send again" else rows(step)
                sent.append(batch)
                start = writer.position or 0
                end = start + batch.num_rows
                writer.append(batch, schema.REJECTS.empty_table(), start=start, next=end)
            live.catch_up()
            assert live.version == lake.version
            expected = batch_answers(lake, definition)
            assert {name: live.summary(name) for name in expected} == expected


few = st.integers(0, 12)
tallies = few.flatmap(
    lambda n: st.builds(
        Tally.of,
        nps.arrays(np.int64, (n, 2), elements=st.integers(0, 3)),
        nps.arrays(np.int64, (n, 2), elements=st.integers(-2, 2)),
    )
)


def meaningful(tally):
    """The same tally with a list of keys behind each key."""
    meanings = pa.array([[*key, 7] for key in tally.keys.tolist()], pa.list_(pa.int64()))
    return Tally(keys=tally.keys, counts=tally.counts, meanings=meanings)


@given(tallies, tallies)
def test_merging_is_adding(a, b):
    assert merged(a, b) == a + b
    assert merged(meaningful(a), meaningful(b)) == meaningful(a + b)


@given(tallies, st.lists(st.tuples(tallies, tallies), max_size=8))
def test_a_running_summary_is_the_sum_of_its_changes(whole, changes):
    running, sum_ = RunningSummary(Summary(tables={"x": whole})), whole
    for before, after in changes:
        running.change(Summary(tables={"x": before}), Summary(tables={"x": after}))
        sum_ = sum_ - before + after
    assert running.summary() == Summary(tables={"x": sum_})
    assert running.summary() == running.summary()
