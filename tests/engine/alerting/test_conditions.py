"""An alert begins beyond its threshold, ends where it is clear, and does not come and go."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alerting.calm import Judge
from engine.alerting.life import Keeping, Reading, Subject, beyond, evaluate, learning
from eventlog.definition import Definition

NOON = datetime(2026, 3, 2, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONING = Subject(activity="Review zoning")


def rules(**more):
    alert = {"name": "queue", "measure": "queue_length", "activity": "Review zoning", **more}
    return Definition.bare(timezone="Asia/Jakarta", alerts=[alert]).alerts


def queue(length, **more):
    return {"queue": [Reading(subject=ZONING, value=length, unit="files", **more)]}


def states(of, lengths, judge=evaluate, **more):
    """What changes, by the place of the reading, one a minute; None: nothing was read."""
    history, changed = [], []
    for minute, length in enumerate(lengths):
        readings = {} if length is None else queue(length, **more)
        found = judge(of, readings, history, now=NOON + minute * MINUTE)
        history += found
        changed += [(minute, alert.state) for alert in found]
    return changed


def test_an_alert_ends_where_it_is_clear_and_not_at_its_threshold():
    of = rules(above=40, clear=30)
    assert states(of, [41, 39, 31, 41, 30, 39]) == [(0, "firing"), (4, "resolved")]
    few = rules(below=5, clear=10)
    assert states(few, [4, 6, 9, 10]) == [(0, "firing"), (3, "resolved")]


def test_what_waits_to_fire_is_forgotten_at_the_threshold_already():
    of = rules(above=40, clear=30, **{"for": "5m"})
    assert states(of, [41, 39]) == [(0, "pending"), (1, "resolved")]


def test_a_watch_ends_an_alert_only_when_it_has_been_calm_for_long_enough():
    judge = Judge(unless_told=3 * MINUTE).evaluate
    lengths = [41, 5, 5, 41, 5, 5, 5, 5]
    assert states(rules(above=40), lengths, judge) == [(0, "firing"), (7, "resolved")]


def test_a_rule_may_say_itself_how_long_it_must_be_calm():
    of = rules(above=40, keep_firing_for="1m")
    judge = Judge(unless_told=3 * MINUTE).evaluate
    assert states(of, [41, 5, 5], judge) == [(0, "firing"), (2, "resolved")]


def test_a_mining_run_ends_it_at_once_for_it_does_not_know_what_lay_between():
    assert states(rules(above=40, keep_firing_for="1h"), [41, 5]) == [
        (0, "firing"),
        (1, "resolved"),
    ]


def test_what_could_not_be_read_for_a_moment_was_calm_if_it_is_before_and_after():
    judge = Judge(unless_told=2 * MINUTE).evaluate
    assert states(rules(above=40), [41, 5, None, 5], judge) == [(0, "firing"), (3, "resolved")]


def test_a_restart_only_delays_the_end():
    of, history = rules(above=40), []
    for minute, length in enumerate([41, 5, 5, 5, 5, 5]):
        if minute in {0, 3}:
            judge = Judge(unless_told=2 * MINUTE)
        now = NOON + minute * MINUTE
        history += judge.evaluate(of, queue(length), history, now=now)
    assert [(a.state, (a.evaluated - NOON) // MINUTE) for a in history] == [
        ("firing", 0),
        ("resolved", 5),
    ]


def test_what_goes_to_and_fro_every_few_seconds_does_not_fill_the_book():
    of, history, judge = rules(above=40, **{"for": "1h"}), [], Judge(unless_told=MINUTE)
    for second in range(0, 3600, 5):
        now = NOON + timedelta(seconds=second)
        history += judge.evaluate(of, queue(41 if second % 10 else 5), history, now=now)
    assert [alert.state for alert in history] == ["pending", "resolved"]
    for minute in range(60, 122):
        history += judge.evaluate(of, queue(41), history, now=NOON + minute * MINUTE)
    assert [(a.state, (a.evaluated - NOON) // MINUTE) for a in history[2:]] == [
        ("pending", 61),
        ("firing", 120),
    ]


MOMENTS = st.lists(
    st.tuples(
        st.integers(0, 600),  # seconds since the reading before
        st.sampled_from([None, 0, 19, 25, 30, 31, 60]),
        st.integers(0, 2000),  # seconds since which the events tell it to be so
        st.booleans(),  # the watch is started anew
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(
    moments=MOMENTS,
    keep=st.sampled_from([0, 60, 300]),
    last=st.sampled_from([0, 120, 400]),
    clear=st.sampled_from([None, 20]),
)
def test_two_firings_lie_apart_by_how_long_it_must_be_calm_and_must_last(
    moments, keep, last, clear
):
    """Whatever the readings do, and also when the watch is started anew in between."""
    of = rules(above=30, clear=clear, **{"for": f"{last} s"} if last else {})
    now, history, judge = NOON, [], Judge(unless_told=timedelta(seconds=keep))
    for later, length, ago, anew in moments:
        now += timedelta(seconds=later)
        if anew:
            judge = Judge(unless_told=timedelta(seconds=keep))
        since = now - timedelta(seconds=ago)
        readings = {} if length is None else queue(length, since=since)
        history += judge.evaluate(of, readings, history, now=now)
    begun = {}
    for alert in history:
        if alert.state == "firing":
            begun.setdefault(alert.key, alert.evaluated)
    times = list(begun.values())
    apart = timedelta(seconds=keep + last)
    assert all(b - a >= apart for a, b in itertools.pairwise(times))


def test_what_is_too_much_at_night_is_usual_in_the_morning():
    of = rules(above_usual=4)
    assert evaluate(of, queue(12, usual=3, spread=2), [], now=NOON)
    assert evaluate(of, queue(12, usual=10, spread=3), [], now=NOON) == []


def test_the_spread_decides_how_far_beyond_the_usual_is_too_far():
    of = rules(above_usual=4, clear=2)
    (alert,) = evaluate(of, queue(12, usual=3, spread=2), [], now=NOON)
    assert (alert.state, alert.threshold, alert.usual) == ("firing", 11, 3)
    later = NOON + MINUTE
    assert evaluate(of, queue(8, usual=3, spread=2), [alert], now=later) == []
    (over,) = evaluate(of, queue(7, usual=3, spread=2), [alert], now=later)
    assert (over.state, over.threshold) == ("resolved", 11)
    few = rules(below_usual=3)
    (alert,) = evaluate(few, queue(2, usual=12, spread=3), [], now=NOON)
    assert (alert.state, alert.threshold) == ("firing", 3)


@pytest.mark.parametrize("more", [{}, {"usual": 3.0}])
def test_a_rule_that_learns_what_is_usual_neither_begins_nor_ends_an_alert(more):
    of = rules(above_usual=4)
    unknown = queue(99, **more)
    assert evaluate(of, unknown, [], now=NOON) == []
    assert beyond(of, unknown) == []
    assert [rule.name for rule, _ in learning(of, unknown)] == ["queue"]
    fired = evaluate(of, queue(99, usual=3, spread=1), [], now=NOON)
    assert evaluate(of, queue(0, **more), fired, now=NOON + MINUTE) == []


def test_an_alert_against_the_usual_is_over_when_nothing_waits_any_more():
    of = rules(above_usual=4)
    fired = evaluate(of, queue(99, usual=3, spread=1), [], now=NOON)
    (over,) = evaluate(of, {"queue": []}, fired, now=NOON + MINUTE)
    assert (over.state, over.value) == ("resolved", 0)


def test_what_the_events_tell_does_not_count_from_before_it_was_seen_to_be_over():
    of, since = rules(above=40, **{"for": "10m"}), NOON - timedelta(hours=3)
    history = []
    for minute, length in [(0, 41), (1, 5), (2, 41), (10, 41), (11, 41)]:
        now = NOON + minute * MINUTE
        history += evaluate(of, queue(length, since=since), history, now=now)
    assert [(a.state, (a.evaluated - NOON) // MINUTE) for a in history] == [
        ("firing", 0),
        ("resolved", 1),
        ("pending", 2),
        ("firing", 11),
    ]


def test_a_mining_run_of_older_events_begins_nothing_that_a_watch_has_seen_end():
    history = evaluate(rules(above=40), queue(41), [], now=NOON)
    history += evaluate(rules(above=40), queue(5), history, now=NOON + 2 * MINUTE)
    assert evaluate(rules(above=40), queue(41), history, now=NOON + MINUTE) == []
    assert evaluate(rules(above=40), queue(41), history, now=NOON + 3 * MINUTE)


def test_an_alert_that_goes_on_is_told_again_after_its_time_with_what_is_now():
    of = rules(above=40, remind="10m")
    history = evaluate(of, queue(41, cases=("a",)), [], now=NOON)
    for minute in range(1, 22):
        now = NOON + minute * MINUTE
        history += evaluate(of, queue(41 + minute, cases=("b",)), history, now=now)
    assert [(a.state, a.value, a.cases) for a in history] == [
        ("firing", 41, ("a",)),
        ("firing", 51, ("b",)),
        ("firing", 61, ("b",)),
    ]
    assert len({(a.key, a.since) for a in history}) == 1


def test_nobody_is_reminded_of_what_is_calm():
    of = rules(above=40, remind="1m")
    judge = Judge(unless_told=timedelta(hours=1)).evaluate
    assert states(of, [41, 5, 5, 5], judge) == [(0, "firing")]


def test_keeping_counts_from_when_it_became_calm():
    fired = evaluate(rules(above=40), queue(41), [], now=NOON)
    key, now = fired[0].key, NOON + 9 * MINUTE
    for calm, ends in [({}, False), ({key: now - 4 * MINUTE}, False), ({key: NOON}, True)]:
        keeping = Keeping(unless_told=5 * MINUTE, calm=calm)
        found = evaluate(rules(above=40), queue(1), fired, now=now, keeping=keeping)
        assert bool(found) == ends
