"""How much of a stream lies unread, and for how long at most."""

import pytest

from connectors.unread import Unread


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def unread(clock):
    return Unread(clock)


def seconds(unread):
    behind = unread.behind()
    return None if behind is None else behind.total_seconds()


def test_nothing_is_known_before_anything_is_ours(unread):
    assert (unread.lag(), unread.behind()) == (None, None)
    unread.see(0, 5, 9, None)
    assert unread.lag() is None


def test_of_a_backlog_the_age_is_known_with_the_first_message_read(unread):
    unread.begin(0, 0, 100)
    assert (unread.lag(), seconds(unread)) == (100, None)
    unread.see(0, 10, 100, 940_000)
    assert (unread.lag(), seconds(unread)) == (90, 60.0)


def test_a_message_after_a_long_silence_is_not_as_old_as_the_silence(unread, clock):
    unread.begin(0, 0, 1)
    unread.see(0, 1, 1, 400_000)
    assert (unread.lag(), seconds(unread)) == (0, 0.0)
    clock.now += 3600
    unread.see(0, 1, 1, None)
    clock.now += 2
    unread.see(0, 1, 2, None)
    assert (unread.lag(), seconds(unread)) == (1, 2.0)


def test_the_oldest_of_all_partitions_counts_and_lags_add_up(unread):
    for partition, written in ((0, 990_000), (1, 900_000), (2, None)):
        unread.begin(partition, 0, 10)
        unread.see(partition, 10 if written is None else 4, 10, written)
    assert (unread.lag(), seconds(unread)) == (12, 100.0)
    unread.drop(1)
    assert (unread.lag(), seconds(unread)) == (6, 10.0)


def test_a_producer_whose_clock_runs_ahead_makes_no_age_below_nothing(unread):
    unread.begin(0, 0, 10)
    unread.see(0, 1, 10, 2_000_000)
    assert seconds(unread) == 0.0


def test_what_is_read_again_may_be_old(unread):
    unread.begin(0, 0, 10)
    unread.see(0, 10, 10, 999_000)
    unread.see(0, 2, 10, None)
    assert (unread.lag(), seconds(unread)) == (8, None)


def test_an_end_that_is_not_told_is_taken_from_the_last_answer(unread):
    unread.begin(0, 0, 10)
    unread.see(0, 4, None, 999_000)
    assert unread.lag() == 6
    unread.see(0, 12, None, 999_000)
    assert unread.lag() == 0
