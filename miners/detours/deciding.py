"""Which applications were decided, as opposed to those still open and those given up."""

import numpy as np

from eventlog.coded import Coded
from eventlog.kernels import Bools
from miners.cases import WITHDRAWN
from miners.standing import Standing


def decided(outcome: Coded, *, is_open: Bools | None, standing: Standing | None) -> Bools:
    """Which cases are closed and were not withdrawn; shape [cases].

    `outcome` is how each case ended (`miners.cases.outcomes`); a clock that was closed without a
    decision tells of giving up as well. None are decided where nothing says what closes a case
    (`is_open` is None). Where neither outcome nor clock tells of withdrawals, closed is decided.

    >>> import pyarrow as pa
    >>> outcome = Coded.of(pa.array(["favourable", "withdrawn", None]))
    >>> decided(outcome, is_open=np.array([False, False, True]), standing=None).tolist()
    [True, False, False]
    """
    if is_open is None:
        return np.zeros(len(outcome.codes), bool)
    given_up = ended_as(outcome, WITHDRAWN)
    if standing is not None:
        given_up |= standing.withdrawn
    return ~is_open & ~given_up


def ended_as(outcome: Coded, word: str) -> Bools:
    """Which cases ended so, e.g. `unfavourable`; shape [cases]."""
    said = np.array([*(label == word for label in outcome.vocabulary.labels), False], bool)
    return np.asarray(said[outcome.codes])
