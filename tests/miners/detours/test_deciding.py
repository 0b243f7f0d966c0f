"""Decided is closed and not given up."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from eventlog.coded import Coded
from eventlog.kernels import UNKNOWN
from miners.detours.deciding import decided, ended_as
from miners.standing import Standing

OUTCOME = Coded.of(pa.array(["favourable", "withdrawn", None, "unfavourable", None]))
IS_OPEN = np.array([False, False, False, True, True])


def standing(withdrawn):
    n = len(withdrawn)
    return Standing(
        entered=np.zeros(n, np.int64),
        seen=np.ones(n, np.int64),
        last=np.ones(n, np.int64),
        elapsed=np.zeros(n, np.int64),
        working=None,
        ended=np.ones(n, bool),
        withdrawn=np.array(withdrawn),
        term=np.full(n, UNKNOWN),
        in_working=np.zeros(n, bool),
    )


def test_closed_and_not_given_up_is_decided():
    found = decided(OUTCOME, is_open=IS_OPEN, standing=None)
    assert found.tolist() == [True, False, True, False, False]


def test_a_clock_that_was_closed_without_a_decision_tells_of_giving_up():
    given_up = standing([False, False, True, False, False])
    found = decided(OUTCOME, is_open=IS_OPEN, standing=given_up)
    assert found.tolist() == [True, False, False, False, False]


def test_nobody_is_decided_where_nothing_closes_a_case():
    assert not decided(OUTCOME, is_open=None, standing=None).any()


def test_an_outcome_that_nobody_told_is_none():
    assert ended_as(OUTCOME, "unfavourable").tolist() == [False, False, False, True, False]
    silent = replace(OUTCOME, codes=np.full(5, -1, np.int32))
    assert not ended_as(silent, "unfavourable").any()
