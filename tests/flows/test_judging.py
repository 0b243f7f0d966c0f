"""The loop that judges goes on after trouble, and says so when it could not judge at the end."""

import threading
import time

import pytest

from eventlog.errors import RetryError
from eventlog.lake import Conflict
from flows.live.judging import Judging
from flows.live.operations.health import Heartbeats

PATIENCE = 30.0


class Lakeside:
    """A watch, and who hears of it: it fails as often as it is told to, then finds a number."""

    def __init__(self, *troubles):
        self.troubles = list(troubles)
        self.made, self.found, self.waits = 0, 0, []
        self.first = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self):
        self.made += 1
        return self

    def evaluate(self, *, lag):
        self.first.set()
        assert self.gate.wait(PATIENCE)
        if self.troubles:
            raise self.troubles.pop(0)
        return lag

    def evaluated(self, found):
        self.found += found

    def waiting(self, error, seconds):
        self.waits.append((str(error), seconds))


@pytest.fixture
def judging():
    def make(lakeside, within=60.0):
        beat = Heartbeats().expect("judge", within=within)
        return Judging(lakeside, hearer=lakeside, beat=beat, lag=lambda: 1)

    return make


def until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_after_trouble_the_lake_is_read_anew_and_after_a_race_it_is_not(judging):
    lakeside = Lakeside(Conflict("a race"), RetryError("gone"))
    loop = judging(lakeside)
    loop.start()
    until(lambda: lakeside.found)
    loop.finish()
    assert lakeside.made == 2
    assert lakeside.waits == [("gone", 1.0)]


def test_what_was_not_judged_at_the_end_is_said(judging):
    lakeside = Lakeside(RetryError("gone"), RetryError("still gone"))
    loop = judging(lakeside)
    loop.start()
    until(lambda: lakeside.waits)
    with pytest.raises(RetryError, match="still gone"):
        loop.finish()
    assert lakeside.found == 0


def test_a_race_at_the_end_is_run_again(judging):
    lakeside = Lakeside(Conflict("a race"))
    lakeside.gate.clear()
    loop = judging(lakeside)
    loop.start()
    assert lakeside.first.wait(PATIENCE)
    threading.Timer(0.2, lakeside.gate.set).start()
    loop.finish()
    assert lakeside.found >= 1


def test_what_cannot_heal_ends_the_loop(judging):
    lakeside = Lakeside(ZeroDivisionError("a bug"))
    loop = judging(lakeside)
    loop.start()
    until(lambda: loop.broken)
    with pytest.raises(ZeroDivisionError):
        loop.finish()
