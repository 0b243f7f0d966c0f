"""What every miner promises, whatever the log: the answer is a sum over cases."""

from dataclasses import fields, is_dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.opening import OpeningHours
from eventlog.definition import Definition
from eventlog.letters import empty, table
from eventlog.log import Log
from eventlog.tally import Summary
from miners import miners_with

OFFICE = Definition.bare(timezone="Asia/Jakarta", calendar={"country": "ID"})
EVERY = miners_with(OpeningHours(OFFICE))
miners = pytest.mark.parametrize("miner", EVERY, ids=lambda miner: miner.name)

_steps = st.lists(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from("abcd"),
        st.sampled_from(["", "", "", "/start", "/suspend"]),
        st.sampled_from(["", "+0", "+7", "+4000"]),
        st.sampled_from(["", "@ann", "@bob"]),
    ),
    min_size=1,
    max_size=7,
)
rows = st.lists(_steps, min_size=1, max_size=6).map(
    lambda cases: table(*(f"case-{n}: {' '.join(steps)}" for n, steps in enumerate(cases)))
)
seeds = st.integers(0, 2**32 - 1)


def same(a: object, b: object) -> bool:
    """Whether two answers say the same, whatever tables they are made of."""
    if isinstance(a, pd.DataFrame) and isinstance(b, pd.DataFrame):
        pd.testing.assert_frame_equal(a, b)
        return True
    if is_dataclass(a) and is_dataclass(b):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return bool(a == b)


def halves(events: pa.Table, seed: int) -> tuple[pa.Table, pa.Table]:
    """The events of some cases, and the events of the others."""
    case = events.column("case_key").to_numpy()
    keys = np.unique(case)
    chosen = np.random.default_rng(seed).random(len(keys)) < 0.5
    first = np.isin(case, keys[chosen])
    return events.filter(pa.array(first)), events.filter(pa.array(~first))


@miners
@given(events=rows, seed=seeds)
def test_the_order_of_arrival_changes_nothing(miner, events, seed):
    shuffled = events.take(np.random.default_rng(seed).permutation(events.num_rows))
    assert miner.observe(Log.of(events)) == miner.observe(Log.of(shuffled))


@miners
@given(events=rows, seed=seeds)
def test_events_delivered_again_change_nothing(miner, events, seed):
    choice = np.random.default_rng(seed).integers(0, events.num_rows, events.num_rows)
    again = pa.concat_tables([events.take(choice), events])
    assert miner.observe(Log.of(events)) == miner.observe(Log.of(again))


@miners
@given(events=rows, seed=seeds)
def test_blocks_of_cases_add_up_to_the_whole(miner, events, seed):
    a, b = halves(events, seed)
    whole = miner.observe(Log.of(events))
    assert miner.observe(Log.of(a)) + miner.observe(Log.of(b)) == whole
    assert miner.observe(Log.of(b)) + miner.observe(Log.of(a)) == whole


@miners
@given(events=rows, seed=seeds)
def test_what_was_added_can_be_taken_away(miner, events, seed):
    a, b = halves(events, seed)
    x, y = miner.observe(Log.of(a)), miner.observe(Log.of(b))
    assert x + y - y == x


@miners
@given(events=rows, seed=seeds)
def test_a_late_event_only_changes_the_case_it_touches(miner, events, seed):
    late = int(np.random.default_rng(seed).integers(events.num_rows))
    keep = np.arange(events.num_rows) != late
    before = events.filter(pa.array(keep))
    touched = events.column("case_key").to_numpy() == events.column("case_key")[late].as_py()
    was = Log.of(events.filter(pa.array(touched & keep)))
    is_now = Log.of(events.filter(pa.array(touched)))
    updated = miner.observe(Log.of(before)) - miner.observe(was) + miner.observe(is_now)
    assert updated == miner.observe(Log.of(events))
    assert same(miner.summarise(updated), miner.summarise(miner.observe(Log.of(events))))


@miners
@given(events=rows)
def test_an_empty_log_answers_with_the_same_columns(miner, events):
    full = miner.summarise(miner.observe(Log.of(events)))
    nothing = miner.summarise(miner.observe(empty()))
    assert shape(nothing) == shape(full)


def shape(answer: object) -> object:
    """The columns of every table of an answer, with their types."""
    if isinstance(answer, pd.DataFrame):
        return {name: answer[name].dtype.kind for name in answer.columns}
    if is_dataclass(answer):
        return {f.name: shape(getattr(answer, f.name)) for f in fields(answer)}
    return None


@miners
@given(events=rows)
def test_a_miner_leaves_the_log_as_it_was(miner, events):
    log = Log.of(events)
    before = [array.copy() for array in arrays(log)]
    miner.summarise(miner.observe(log))
    assert all(np.array_equal(a, b) for a, b in zip(before, arrays(log), strict=True))


def arrays(log: Log) -> list[np.ndarray]:
    return [
        log.case_key,
        log.offsets,
        log.activity.codes,
        log.timestamp,
        log.lifecycle,
        log.resource.codes,
        log.unit.codes,
    ]


@miners
@given(events=rows)
def test_nothing_plus_something_is_something(miner, events):
    seen = miner.observe(Log.of(events))
    assert miner.observe(empty()) + seen == seen
    assert seen + miner.observe(empty()) == seen
    assert isinstance(seen, Summary)
