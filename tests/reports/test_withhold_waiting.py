"""Of queues and open applications, nothing is told of a few cases or of a single officer."""

import dataclasses
import random

import pytest

from eventlog.errors import StopError
from reports.contents.waiting import read_waiting
from reports.withheld.totals import nearest, withheld
from reports.withheld.waiting import withhold_waiting

LEAST = 5


def test_a_queue_of_few_cases_is_not_listed_and_its_waiting_is_in_no_sum(waiting_of, queue):
    told = withhold_waiting(
        waiting_of(queue("Check"), queue("Appeal", cases=4, items=4, waiting=77.0)), least=LEAST
    )
    assert [one.activity for one in told.queues] == ["Check"]
    assert told.waiting == 812.0
    assert told.queues[0].share == 1.0
    assert told.hidden_queues == 1


def test_counts_of_files_are_rounded_so_that_the_map_does_not_tell_who_waits(waiting_of, queue):
    """412 files came, and the map tells 409 executions: three wait now."""
    told = withhold_waiting(waiting_of(queue("Check", open_now=3)), least=LEAST).queues[0]
    assert (told.items, told.cases) == (410, 400)
    assert (told.open_now, told.oldest) == (None, None)


@pytest.mark.parametrize(("open_now", "told"), [(0, 0), (4, None), (5, 5), (17, 15)])
def test_who_waits_now_is_told_of_nobody_or_of_enough(waiting_of, queue, open_now, told):
    found = withhold_waiting(waiting_of(queue("Check", open_now=open_now)), least=LEAST)
    assert found.queues[0].open_now == told


@pytest.mark.parametrize(("officers", "told"), [(1.0, False), (2.4, False), (2.6, True)])
def test_what_one_or_two_officers_do_stays_inside(waiting_of, queue, officers, told):
    """How busy they are, why files wait for them and what a colleague would change is theirs."""
    one = withhold_waiting(waiting_of(queue("Check", officers=officers)), least=LEAST).queues[0]
    assert one.few_officers is not told
    assert bool(one.causes) is told
    for figure in (one.officers, one.utilisation, one.estimate):
        assert (figure is not None) is told
    assert (one.mean, one.p90) == (2.0, 5.5)


def test_causes_of_the_hidden_do_not_follow_from_the_sum(waiting_of, queue):
    found = waiting_of(queue("Check"), queue("Sign", officers=1.0, causes={"unavailability": 9.9}))
    told = withhold_waiting(found, least=LEAST)
    assert told.causes["unavailability"] == 0
    assert told.causes["contention"] == 600


def test_where_no_officer_is_named_that_is_not_called_few(waiting_of, queue):
    found = waiting_of(queue("Check", officers=0.0, causes={}))
    told = withhold_waiting(found, least=LEAST).queues[0]
    assert (told.officers, told.few_officers) == (None, False)


def test_the_curve_is_of_weeks_in_which_enough_files_came(waiting_of, queue):
    """A mean length of 9 and a mean wait of 2 days are 4.5 files a day: 20 of them in 5 days."""
    told = withhold_waiting(waiting_of(queue("Check")), least=LEAST).queues[0]
    assert told.stretch_days == 5
    assert len(told.lengths) == 20
    assert told.lengths[-1] == pytest.approx(13.7)
    slow = withhold_waiting(waiting_of(queue("Check", mean=20.0)), least=LEAST).queues[0]
    assert slow.stretch_days == 45 or slow.lengths == ()


def test_a_queue_that_was_never_long_has_no_curve(waiting_of, queue):
    told = withhold_waiting(waiting_of(queue("Check", queue_longest=4)), least=LEAST).queues[0]
    assert (told.longest, told.lengths) == (None, ())


def test_places_of_few_go_with_the_smallest_other_until_they_are_enough(waiting_of, place):
    places = [place("a", 40), place("b", 9), place("c", 6), place("d", 2)]
    told = withhold_waiting(waiting_of(places=places), least=LEAST)
    assert [(p.activity, p.cases, p.oldest_days) for p in told.places] == [
        ("a", 40, 52.0), ("b", 10, 52.0),
    ]  # fmt: skip
    assert told.hidden_places == 2


def test_the_map_gets_rounded_numbers_of_enough_open_applications(waiting_of, place):
    places = [place("a", 3, "started"), place("a", 4), place("a", 27, "waiting after"),
              place("b", 4)]  # fmt: skip
    told = withhold_waiting(waiting_of(places=places), least=LEAST).standing
    assert set(told) == {"a"}
    assert dataclasses.astuple(told["a"]) == (5, 25, True)


def test_parts_that_are_hidden_are_at_least_two_and_together_enough():
    dice = random.Random(4)
    for _ in range(500):
        parts = [dice.choice([0, 1, 2, 4, 5, 9, 60]) for _ in range(dice.randrange(1, 7))]
        gone = withheld(parts, LEAST)
        told = [count for place, count in enumerate(parts) if place not in gone]
        assert all(count == 0 or count >= LEAST for count in told), parts
        if gone and any(told):
            assert len(gone) > 1, parts
            assert sum(parts[place] for place in gone) >= LEAST, parts


def test_rounding_keeps_near_and_makes_nothing_of_something():
    for count in range(1, 200):
        assert abs(nearest(count, LEAST) - count) <= max(LEAST // 2, LEAST - count)
        assert nearest(count, LEAST) % LEAST == 0 < nearest(count, LEAST)
    assert nearest(7, 1) == 7


def test_a_file_of_another_version_is_refused_with_the_way_out(queue):
    without = {key: value for key, value in queue("Check").items() if key != "officers"}
    with pytest.raises(StopError, match=r"bottlenecks.json .*'officers'.* run `runut mine` again"):
        read_waiting({"unit": "days", "queues": [without], "open": []})
    with pytest.raises(StopError, match="waits because of 'mood'; expected one of contention"):
        read_waiting({"unit": "days", "queues": [queue("Check", causes={"mood": 1.0})], "open": []})
