"""The compiled loops of `miners.equity.gates`: what each case completed, and where it failed.

`gate` [steps] is a number from 0 to `gates` - 1, -1 for a step at no gate. Steps of case c are
rows `offsets[c]` to `cut[c]` - 1; what comes later has no part in its decision.
"""

import numba
import numpy as np

from eventlog.kernels import Bools, Int8s, Int32s, Int64s

NOT_REACHED, PASSED, FAILED, UNTOLD = 0, 1, 2, 3


@numba.njit(cache=True, nogil=True)
def _reached(begin: int, end: int, gate: Int32s, last: Int64s, own: Int64s) -> int:
    """Put the gates of one case into `own` and the row of their last step into `last`; how many.

    `last` [gates] must be -1 all over.
    """
    count = 0
    for row in range(begin, end):
        here = gate[row]
        if here < 0:
            continue
        if last[here] < 0:
            own[count] = here
            count += 1
        last[here] = row
    return count


@numba.njit(cache=True, nogil=True)
def pairs(
    offsets: Int64s, cut: Int64s, gate: Int32s, gates: int, which: Bools
) -> tuple[Int64s, Int64s]:
    """How many cases of `which` reached gate h [gates], and gate m ahead of h [m, h]."""
    reached = np.zeros(gates, np.int64)
    ahead = np.zeros((gates, gates), np.int64)
    last, own = np.full(gates, -1, np.int64), np.empty(gates, np.int64)
    for case in range(offsets.size - 1):
        if not which[case]:
            continue
        count = _reached(offsets[case], cut[case], gate, last, own)
        for one in own[:count]:
            reached[one] += 1
            for other in own[:count]:
                ahead[other, one] += last[other] < last[one]
        for one in own[:count]:
            last[one] = -1
    return reached, ahead


@numba.njit(cache=True, nogil=True)
def _formal(one: int, last: Int64s, needs: Bools) -> bool:
    """Whether a gate was reached past another one that whoever is approved has behind them."""
    formal = False
    for other in range(last.size):
        formal |= needs[other, one] and last[other] < 0
    return formal


@numba.njit(cache=True, nogil=True)
def fates(
    offsets: Int64s, cut: Int64s, gate: Int32s, needs: Bools, kept: Int64s, at_last: Int8s
) -> tuple[Int64s, Int8s]:
    """The gate at which each case's way ended [cases] (-1: none), and its fate [kept, cases].

    `at_last` [cases] is the fate at that gate, and at all others where it is PASSED; `kept` are the
    gates of which fates are told.
    `needs` [m, h] says that to come to h without m is a formality: the file was signed, not judged.
    A case at which all gates are formalities left one out; then none is.
    """
    gates = needs.shape[0]
    final = np.full(offsets.size - 1, -1, np.int64)
    fate = np.full((kept.size, offsets.size - 1), NOT_REACHED, np.int8)
    last, own = np.full(gates, -1, np.int64), np.empty(gates, np.int64)
    for case in range(offsets.size - 1):
        count = _reached(offsets[case], cut[case], gate, last, own)
        latest, formal_too = -1, -1
        for one in own[:count]:
            if formal_too < 0 or last[one] > last[formal_too]:
                formal_too = one
            if not _formal(one, last, needs) and (latest < 0 or last[one] > last[latest]):
                latest = one
        end = latest if latest >= 0 else formal_too
        final[case] = end
        for place in range(kept.size):
            one = kept[place]
            if last[one] < 0:
                continue
            if one == end or at_last[case] == PASSED:
                fate[place, case] = at_last[case]
            elif last[one] < last[end] and (latest < 0 or not _formal(one, last, needs)):
                fate[place, case] = PASSED
        for one in own[:count]:
            last[one] = -1
    return final, fate
