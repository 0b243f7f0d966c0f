"""From counts over usual routes to rules: what nearly all do, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from eventlog.kernels import Bools, Int64s
from miners.detours.usual_loops import ANSWERED, CASES, REPEATS, SINGLE
from miners.shares import Floats, wilson

ENOUGH = 30
"""Fewer cases than these do not tell what is usual."""
NEARLY_ALL, AT_LEAST = 0.9, 0.75
"""What is a rule: the share of cases that keep it, and the least that this share may truly be."""
FEW = 3
"""Fewer cases than these are an accident, of which nothing can be said."""
_INSTEAD, _TIMES, _CHANCE = 0.2, 3.0, 0.01
_TWICE = 2
_MOSTLY = 0.5
_NEARLY_ALWAYS = 0.95


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Counts over `cases` cases, each [activities, activities]; see `usual_loops.pairs`."""

    cases: int
    both: Int64s
    ahead: Int64s
    across: Int64s

    @property
    def having(self) -> Int64s:
        """How many cases have each activity; [activities]."""
        return np.diagonal(self.both)


def nearly_all(kept: Int64s, of: Int64s) -> Bools:
    """Whether so many cases are enough, and `kept` of them nearly all; shape as given."""
    low, _ = wilson(kept, of)
    return (of >= ENOUGH) & (kept >= NEARLY_ALL * of) & (low >= AT_LEAST)


@dataclass(frozen=True, kw_only=True, eq=False)
class Choices:
    """Who does without a step, and what else they do; [activities], [activities, activities].

    `lacking` cases do without the step of the row, `having` cases have it; `lacking_with` and
    `having_with` of them have the step of the column.
    """

    lacking: Int64s
    lacking_with: Int64s
    having: Int64s
    having_with: Int64s

    @staticmethod
    def of(pairs: Pairs, asked: Bools) -> "Choices":
        """The counts for the activities that are asked for; nothing for the others."""
        having = np.where(asked, pairs.having, 0)
        having_with = np.where(asked[:, None], pairs.both, 0)
        lacking_with = np.where(asked[:, None], pairs.having[None, :] - pairs.both, 0)
        return Choices(
            lacking=np.where(asked, pairs.cases - pairs.having, 0),
            lacking_with=lacking_with,
            having=having,
            having_with=having_with,
        )

    @staticmethod
    def sum(parts: Sequence["Choices"]) -> "Choices | None":
        """The counts over all of these cases; None without any."""
        if not parts:
            return None
        return Choices(
            lacking=np.sum([one.lacking for one in parts], axis=0),
            lacking_with=np.sum([one.lacking_with for one in parts], axis=0),
            having=np.sum([one.having for one in parts], axis=0),
            having_with=np.sum([one.having_with for one in parts], axis=0),
        )

    @property
    def instead(self) -> Bools:
        """Which step of the column is done instead of that of the row; [activities, activities].

        A fifth of the cases without the step, at least two, have the other one, and that three
        times as often as cases with the step, which chance alone would hardly bring about. Whoever
        is refused needs no permit to be sent: that is a choice on the way, nothing is left out.
        """
        lacking, having = (np.maximum(n, 1)[:, None] for n in (self.lacking, self.having))
        share, usual = self.lacking_with / lacking, self.having_with / having
        usual_at_least = (self.having_with + 0.5) / (having + 1)
        chance = stats.binom.sf(self.lacking_with - 1, lacking, usual_at_least)
        return np.asarray(
            (self.lacking_with >= _TWICE)
            & (share >= np.maximum(_INSTEAD, _TIMES * usual))
            & (chance < _CHANCE)
        )


def passed_over(choices: Choices, order: Bools) -> Bools:
    """Which steps most cases without them have gone past; [activities].

    They did one that should come after it, by `order` [activities, activities]. Where they did
    not, the step may yet come.
    """
    later = np.where(order, choices.lacking_with, 0).max(axis=1, initial=0)
    return np.asarray(2 * later >= choices.lacking)


def in_order(*tellers: Pairs) -> Bools:
    """Which pairs nearly all cases take in this order: the row's first; [activities, activities].

    Cases in which the two overlap need no order and count against it; those in which they were
    finished at one and the same moment (a date without a time) tell nothing. Where the first of the
    `tellers` has too few cases to be sure either way, the next one tells.
    """
    rule = np.zeros(tellers[0].both.shape, bool)
    asking = np.ones_like(rule)
    strength = np.zeros(rule.shape)
    for pairs in tellers:
        told = pairs.ahead + pairs.ahead.T + pairs.across
        low, high = wilson(pairs.ahead, told)
        strength = np.where(asking, low, strength)
        here = asking & nearly_all(pairs.ahead, told)
        rule |= here
        asking &= ~here & (high >= NEARLY_ALL)
    return acyclic(rule, strength=strength)


def acyclic(rule: Bools, *, strength: Floats) -> Bools:
    """The pairs without those that would close a circle, the weakest of which go; [n, n].

    >>> rule = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]], bool)
    >>> acyclic(rule, strength=np.array([[0, 0.9, 0], [0, 0, 0.8], [0.7, 0, 0]])).astype(int)
    array([[0, 1, 0],
           [0, 0, 1],
           [0, 0, 0]])
    """
    if not _circles(rule):
        return rule
    reach = np.eye(len(rule), dtype=bool)
    kept = np.zeros_like(rule)
    first, then = np.nonzero(rule)
    for at in np.lexsort((then, first, -strength[first, then])).tolist():
        a, b = first[at], then[at]
        if reach[b, a]:
            continue
        kept[a, b] = True
        if not reach[a, b]:
            reach |= np.outer(reach[:, a], reach[b])
    return kept


def _circles(rule: Bools) -> bool:
    """Whether some activities would have to come before themselves."""
    left = np.ones(len(rule), bool)
    while left.any():
        free = left & ~rule[left].any(axis=0)
        if not free.any():
            return True
        left &= ~free
    return False


def plain(rule: Bools, pairs: Pairs) -> Bools:
    """Without pairs that follow from two others by a step that nearly always lies between; [n, n].

    If zoning comes before the inspection and that before signing, one file signed too early is one
    detour and not two.
    """
    out = rule.copy()
    having = pairs.having
    for between in np.flatnonzero(having >= _NEARLY_ALWAYS * pairs.cases).tolist():
        implied = np.outer(rule[:, between], rule[between])
        without = pairs.cases - int(having[between])
        out &= ~(implied & (without <= (1 - _NEARLY_ALWAYS) * pairs.both))
    return out


def mostly_once(own: Int64s, everywhere: Int64s) -> Bools:
    """Which activities most cases that have them have once; shape [labels].

    Both are habits [labels, 9] of decided cases; what too few of the `own` tell is taken from
    `everywhere`.
    """
    told = np.where(own[:, [CASES]] >= ENOUGH, own, everywhere)
    low, _ = wilson(told[:, SINGLE], told[:, CASES])
    return np.asarray((told[:, CASES] >= ENOUGH) & (low > _MOSTLY))


def answering(habits: Int64s) -> Bools:
    """Which activities are mostly repeated after a step of the applicant; shape [labels].

    A file that was completed is checked again, as it should be.
    """
    again = habits[:, REPEATS]
    return np.asarray((again > 0) & (2 * habits[:, ANSWERED] >= again))
