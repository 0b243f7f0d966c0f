"""Pieces of work run side by side, and what they find comes in their order."""

import os
import threading

import pytest

from engine.treatment.side_by_side import side_by_side


def test_what_is_found_comes_in_the_order_of_the_work():
    """The first piece ends last of all that run beside it."""
    others = threading.Event()

    def first():
        assert os.cpu_count() == 1 or others.wait(60)
        return "first"

    def second():
        others.set()
        return "second"

    assert list(side_by_side([first, second])) == ["first", "second"]


def test_work_is_taken_up_only_as_other_work_is_done():
    """So a long list of pieces holds the rows of few of them at a time."""
    taken = []

    def pieces():
        for number in range(50):
            taken.append(number)
            yield lambda number=number: number

    held = [len(taken) - found for found in side_by_side(pieces())]
    assert len(taken) == 50
    assert max(held) <= (os.cpu_count() or 1) + 1


def test_a_piece_that_fails_says_so():
    def bad():
        raise ValueError("no rows")

    with pytest.raises(ValueError, match="no rows"):
        list(side_by_side([bad]))
