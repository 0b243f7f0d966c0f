"""Which steps are unusual: the usual routes do without them, and nothing explains them."""

import numpy as np

from eventlog.kernels import Bools, Int32s, Int64s
from miners.detours.simple_routes import Paths
from miners.detours.usual_loops import CASES, DONE, FIRST, HANDED, LAST
from miners.detours.usual_rules import FEW, Choices, Pairs
from miners.shares import wilson

RARE = 0.05
"""A step is unusual where it is sure that a smaller share of the cases has it."""
_COMMON, _MOST, _NEARLY_ALL = 0.2, 0.5, 0.9
_USUAL_END = 0.05


def unusual(
    paths: Paths, stratum: Int32s, pairs: Pairs, *, office: Bools, mandatory: Bools
) -> Bools:
    """Which steps of the office fewer than one case in twenty has, without need; shape [labels].

    `stratum` [cases] is the cell of each case's attributes at entry, -1 where they are unknown;
    `pairs` [rows, rows] count the decided cases; `office` [labels] are the office's steps,
    `mandatory` [rows] those that nearly all decided cases have. Rare alone is no detour. A step is
    left in peace

    - where a fifth of the cases in some stratum has it (the fire brigade advises on warehouses),
    - where a fifth of its executions begin or end a case (a withdrawal, a complaint),
    - where most are answered by a step of the applicant at once (asking for documents),
    - where most of its cases are not decided,
    - where it mostly comes after what usually ends a case (an objection, an appeal),
    - where it stands in for a step that nearly all others have: that is another way to go,
    - where it belongs to such a way: its cases have another step too, and among all cases that
      have that one it is not rare (views are given in an extended procedure, which is rare itself).
    """
    habits, decided = paths.habits(paths.filled), paths.habits(paths.decided)
    done = np.maximum(habits[:, DONE], 1)
    rare = (
        office
        & (habits[:, CASES] >= FEW)
        & _rare(habits[:, CASES], len(paths.filled))
        & _rare(decided[:, CASES], len(paths.decided))
    )
    rim = (habits[:, FIRST] >= _COMMON * done) | (habits[:, LAST] >= _COMMON * done)
    exchange = habits[:, HANDED] >= _MOST * done
    undecided = decided[:, CASES] < _MOST * habits[:, CASES]
    plain = rare & ~rim & ~exchange & ~undecided & ~_in_some_stratum(paths, stratum)
    explained = _after_the_end(decided[paths.rows], pairs) | _stands_in(pairs, mandatory)
    plain[paths.rows[explained]] = False
    plain[paths.rows[_on_a_branch(pairs, known=~plain[paths.rows])]] = False
    return np.asarray(plain)


def _rare(count: Int64s, of: int) -> Bools:
    return np.asarray(wilson(count, np.full(len(count), of))[1] < RARE)


def _in_some_stratum(paths: Paths, stratum: Int32s) -> Bools:
    """Which steps are common in some stratum, however small."""
    size, steps = len(paths.labels), paths.steps
    once = np.unique(steps.case.astype(np.int64) * size + steps.activity.codes)
    case, label = np.divmod(once, max(size, 1))
    told = stratum[case] >= 0
    pairs, count = np.unique(
        stratum[case[told]].astype(np.int64) * size + label[told], return_counts=True
    )
    cell, label = np.divmod(pairs, max(size, 1))
    cases = np.bincount(stratum[paths.filled][stratum[paths.filled] >= 0])
    low, _ = wilson(count, cases[cell])
    out = np.zeros(size, bool)
    out[label[low >= _COMMON]] = True
    return out


def _after_the_end(decided: Int64s, pairs: Pairs) -> Bools:
    """Which steps mostly come after one with which many cases end."""
    ends = decided[:, LAST] >= _USUAL_END * pairs.cases
    after = pairs.ahead[ends] >= _MOST * np.maximum(pairs.having, 1)[None, :]
    return np.asarray(after.any(axis=0))


def _stands_in(pairs: Pairs, mandatory: Bools) -> Bools:
    """Which steps cases have that more often than others lack a mandatory one."""
    return np.asarray(Choices.of(pairs, mandatory).instead.any(axis=0))


def _on_a_branch(pairs: Pairs, *, known: Bools) -> Bools:
    """Which steps nearly only cases with some optional step have, among which they are not rare.

    The optional step must be `known` [rows] itself: two odd ones do not explain each other.
    """
    having = pairs.having
    optional = known & (having < _MOST * pairs.cases)
    belongs = (pairs.both >= _NEARLY_ALL * np.maximum(having, 1)) & optional[:, None]
    np.fill_diagonal(belongs, val=False)
    _, high = wilson(pairs.both, np.broadcast_to(having[:, None], pairs.both.shape))
    return np.asarray((belongs & (high >= RARE)).any(axis=0))
