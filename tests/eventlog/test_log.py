"""A log holds whole cases, in order, each event once."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from eventlog import kernels, schema
from eventlog.identity import finish
from eventlog.letters import empty, log, shuffled, table
from eventlog.log import COLUMNS, Log


def letters(of: Log) -> dict[int, str]:
    """Each case's activities as one word, by case key."""
    labels = of.activity.vocabulary.labels
    return {
        int(key): "".join(labels[c] for c in of.activity.codes[first:last])
        for key, first, last in zip(of.case_key, of.offsets[:-1], of.offsets[1:], strict=True)
    }


@given(st.lists(st.text("abc", min_size=1, max_size=90), min_size=1, max_size=5), st.integers(0, 9))
def test_cases_come_out_in_order_whatever_came_first(words, seed):
    rows = table(*(f"case-{n}: {' '.join(word)}" for n, word in enumerate(words)))
    found = Log.of(shuffled(rows, seed))
    assert sorted(letters(found).values()) == sorted(words)
    assert letters(found) == letters(Log.of(rows))
    assert found.ties.sum() == 0


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(0, 5), st.integers(0, 2)),
        max_size=200,
    ),
    st.randoms(use_true_random=False),
)
def test_rows_that_stand_case_by_case_give_the_log_that_scattered_rows_give(events, random):
    """With repeats, conflicting contents, ties, and cases long and short."""

    def of(rows):
        case, number, when, content = (
            np.array([row[at] for row in rows], np.int64) for at in range(4)
        )
        arrays = {
            "case_key": pa.array(case),
            "event_key": pa.array(number),
            "content_key": pa.array(content),
            "timestamp": pa.array(when).cast(schema.TIMESTAMP),
            "sequence": pa.array([n % 3 or None for n in number.tolist()], pa.int64()),
            "activity": pa.array([f"{n}{c}" for n, c in zip(number, content, strict=True)]),
            "lifecycle": pa.array(["complete"] * len(rows)),
        }
        nothing = pa.nulls(len(rows), pa.string())
        return Log.of(pa.table({name: arrays.get(name, nothing) for name in COLUMNS}))

    scattered = list(events)
    random.shuffle(scattered)
    one, other = of(scattered), of(sorted(events, key=lambda event: event[0]))
    assert letters(one) == letters(other)
    for name in ("case_key", "offsets", "timestamp", "event_key", "repeats", "conflicts", "ties"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


def test_contents_are_fetched_only_where_an_event_came_twice():
    once = table("P: a b", "Q: c").sort_by("case_key")

    def never(_):
        raise AssertionError("asked for contents without a repeat")

    found = Log.of(once.drop_columns(["content_key"]), contents=never)
    assert letters(found) == letters(Log.of(once))
    twice = pa.concat_tables([once, once.slice(0, 1)]).sort_by("case_key")
    fetched = Log.of(
        twice.drop_columns(["content_key"]), contents=lambda _: twice.column("content_key")
    )
    assert fetched.repeats.sum() == 1
    assert letters(fetched) == letters(found)


def test_time_decides_before_sequence_and_sequence_before_the_id():
    rows = table("P: a b+0 c+0", "Q: x")
    swapped = rows.set_column(
        rows.schema.get_field_index("sequence"), "sequence", pa.array([2, 1, 0, None], pa.int64())
    )
    assert "cba" in letters(Log.of(swapped)).values()


def test_events_that_tie_on_everything_stand_in_the_order_of_their_ids():
    rows = table("P: a b+0 c+0")
    unnumbered = rows.set_column(
        rows.schema.get_field_index("sequence"), "sequence", pa.nulls(3, pa.int64())
    )
    ids = ["10", "9", "1"]
    named = finish(
        unnumbered.set_column(0, "event_id", pa.array(ids)).drop_columns(
            ["case_key", "event_key", "content_key"]
        )
    )
    found = Log.of(named)
    assert set(letters(found).values()) == {"cab"}
    assert found.ties.tolist() == [2]
    text = dict(zip(named.column("event_key").to_pylist(), ids, strict=True))
    fetched = Log.of(
        named.drop_columns(["event_id"]), event_ids=lambda _, keys: [text[k] for k in keys.tolist()]
    )
    assert letters(fetched) == letters(found)


def test_of_conflicting_contents_under_one_id_the_earliest_counts_whatever_arrived_first():
    late, early = table("P: a b"), table("P: a c+30")
    for first, second in ((late, early), (early, late)):
        found = Log.of(pa.concat_tables([first, second]))
        assert set(letters(found).values()) == {"ac"}
        assert (found.repeats.tolist(), found.conflicts.tolist()) == ([2], [1])


def test_an_id_in_two_cases_counts_in_both():
    rows = table("P: a", "Q: a").set_column(0, "event_id", pa.array(["same", "same"]))
    both = finish(rows.drop_columns(["case_key", "event_key", "content_key"]))
    assert len(Log.of(both)) == 2


def test_executions_are_the_complete_events_where_starts_exist_too():
    found = log("P: a/start a b/start b/suspend b/resume b", "Q: c/start")
    done = found.executions
    labels = found.activity.vocabulary.labels
    assert sorted(labels[c] for c in done.activity) == ["a", "b"]
    assert sorted(np.diff(done.offsets).tolist()) == [0, 2]


def test_the_first_value_holds_at_entry_and_the_last_now():
    rows = table("P: a b c", case_attributes={"x": {}})
    place = rows.schema.get_field_index("x")
    given_values = pa.array([None, "old", "new"], pa.string())
    found = Log.of(rows.set_column(place, "x", given_values), attributes=["x"])
    labels = found.attributes["x"].vocabulary.labels
    assert [labels[c] for c in found.entry_values("x")] == ["old"]
    assert [labels[c] for c in found.current_values("x")] == ["new"]


def test_selected_cases_keep_their_events():
    found = log("P: a b", "Q: c", "R: d e f")
    chosen = np.array([key in found.case_key[[0, 2]] for key in found.case_key])
    part = found.select(chosen)
    assert letters(part) == {k: w for k, w in letters(found).items() if k in part.case_key}


def test_equal_labels_become_one_activity():
    found = log("P: a1 a2 b")
    labels = [label[0] for label in found.activity.vocabulary.labels]
    assert set(letters(found.relabel(labels)).values()) == {"aab"}


def test_the_empty_log_holds():
    nothing = empty(("x",))
    assert (nothing.cases, len(nothing), len(nothing.executions.activity)) == (0, 0, 0)


@given(st.lists(st.integers(-5, 5), max_size=3000), st.booleans())
def test_every_key_gets_one_code_and_every_code_one_key(values, repeat):
    keys = np.array(values * (2 if repeat else 1), np.int64)
    codes, found = kernels.distinct(keys)
    assert np.array_equal(found[codes], keys)
    assert len(set(found.tolist())) == len(found)


def test_codes_hold_beyond_the_first_table_size():
    keys = np.random.default_rng(1).integers(-(2**62), 2**62, 100_000)
    codes, found = kernels.distinct(np.concatenate([keys, keys]))
    assert np.array_equal(found[codes[100_000:]], keys)
