"""Where files stray from a drawn procedure: each distinct route is laid beside it once.

Read from the moves of an alignment (`miners.moves`), step by step:
- done by the case alone, and the procedure has no such activity: FOREIGN;
- done by the case alone, and another execution of the activity is in its place: AGAIN;
- done by the case alone, and later by the procedure alone: EARLY. Its partner is the step after
  which it would have been right; likewise where the procedure only might have done it later;
- done by the procedure alone, and later by the case alone: that was late. So the step which needs
  it was EARLY, and it is the partner;
- done by the case alone, and in no place that the procedure has for it on this route: FOREIGN;
- done by the procedure alone, and by the case never: left out.
What runs side by side in the procedure may be done in any order. In a case that is not decided the
procedure may stop anywhere: a step is left out only when one was done that needs it, and not while
it waits or is in hand. Steps that overlapped, or of which only the same date is told, were done
side by side, and none of them is early; routes are told without times, so they count as deviations
all the same. Of a pair that the office often has in hand together (`rules.mark`), neither step is
early in any case.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eventlog import kernels
from eventlog.coded import Coded
from eventlog.kernels import Bools, Int8s, Int32s, Int64s
from miners.detours import rule_loops
from miners.detours.aligned_loops import (
    AFTER,
    CODE,
    KIND,
    PAIR,
    PARTNER,
    STRAY,
    mark_ways,
    side_by_side,
)
from miners.detours.marks import CONFORMING, EARLY, Marks
from miners.detours.steps import Steps
from miners.moves import AT_THE_END, ON_THE_WAY, Moves, Ways, arrows_of, moves_of, new_desk
from miners.procedure.bpmn import Procedure

_OPEN = np.int64(0x5851F42D4C957F2D)  # an odd constant, so that open and decided routes differ


@dataclass(frozen=True, kw_only=True, eq=False)
class Aligned:
    """What strays in all cases, and how far their routes are from the procedure.

    `route` [cases] is the place of a case's route in `deviations` (the fewest steps that only one
    of case and procedure did) and `fitness` (one minus these over those of leaving the case and the
    procedure's shortest run apart, 0..1), both [routes]. Routes of decided cases are others than
    those of cases on their way, for which no run of the procedure has to be left apart.
    """

    marks: Marks
    route: Int32s
    deviations: Int64s
    fitness: npt.NDArray[np.float64]

    @property
    def log_fitness(self) -> float:
        """The mean fitness of the cases; 1 where there are none."""
        return float(self.fitness[self.route].mean()) if len(self.route) else 1.0

    @property
    def conforming(self) -> float:
        """The share of the cases that do not deviate at all; 1 where there are none."""
        straight = self.deviations[self.route] == 0
        return float(straight.mean()) if len(self.route) else 1.0


def mark_aligned(steps: Steps, procedure: Procedure, decided: Bools) -> Marks:
    """Mark what strays from the procedure; `decided` [cases] are the cases that have their end."""
    return aligned(steps, procedure, decided).marks


def aligned(steps: Steps, procedure: Procedure, decided: Bools) -> Aligned:
    """Align every distinct route once, and tell it for every case that took it.

    StopError where the procedure cannot be aligned with; one that was read can always.
    """
    route, example = _routes(steps, decided)
    ways = _ways(steps, example, decided, procedure.states.labels)
    moves = moves_of(ways, procedure.states)
    shortest = _shortest(procedure)
    lengths = np.diff(ways.offsets)
    worst = lengths + np.where(ways.ending == AT_THE_END, shortest, 0)
    return Aligned(
        marks=_marks(steps, route, ways, moves, procedure),
        route=route,
        deviations=moves.deviations,
        fitness=1.0 - moves.deviations / np.maximum(worst, 1),
    )


def _routes(steps: Steps, decided: Bools) -> tuple[Int32s, Int64s]:
    """The route of each case, and for each route one case that took it."""
    vocabulary = steps.activity.vocabulary
    hashes = kernels.sequence_hashes(steps.offsets, vocabulary.keys, steps.activity.codes)
    keys = hashes.view(np.int64)[::2] ^ np.where(decided, np.int64(0), _OPEN)
    route, _ = kernels.distinct(np.ascontiguousarray(keys))
    _, example = np.unique(route, return_index=True)
    return route, example.astype(np.int64)


def _ways(steps: Steps, example: Int64s, decided: Bools, labels: tuple[str, ...]) -> Ways:
    code = {label: i for i, label in enumerate(labels)}
    known = [code.get(label, -1) for label in steps.activity.vocabulary.labels]
    codes = np.array([*known, -1], np.int32)
    lengths = np.diff(steps.offsets)[example]
    places = _ranges(steps.offsets[:-1][example], lengths)
    return Ways(
        offsets=_offsets(lengths),
        codes=codes[steps.activity.codes[places]],
        ending=np.where(decided[example], AT_THE_END, ON_THE_WAY).astype(np.int8),
    )


def _shortest(procedure: Procedure) -> int:
    """How many steps the shortest run of the procedure has."""
    nothing = Ways(
        offsets=np.zeros(2, np.int64),
        codes=np.empty(0, np.int32),
        ending=np.full(1, AT_THE_END, np.int8),
    )
    return int(moves_of(nothing, procedure.states).deviations[0])


def _marks(steps: Steps, route: Int32s, ways: Ways, moves: Moves, procedure: Procedure) -> Marks:
    """Tell what was found of the routes for the cases that took them."""
    found, alone = _marked(ways, moves, procedure)
    labels, place = _labels(steps.activity, procedure)
    told = _ranges(ways.offsets[:-1][route], np.diff(steps.offsets))
    stray, partner = found[STRAY, told].astype(np.int8), place[found[PARTNER, told]]
    columns = (steps.offsets, steps.activity.codes, steps.began, steps.done)
    side_by_side(*columns, stray, partner, np.full(len(labels), -1, np.int64))
    beside = _let_be(steps, stray, partner, labels)
    rows = np.flatnonzero(alone[PAIR] < 0)
    row_offsets = np.searchsorted(rows, moves.alone_offsets)
    many = np.diff(row_offsets)[route]
    skipped = rows[_ranges(row_offsets[:-1][route], many)]
    case = np.repeat(np.arange(len(route), dtype=np.int32), many)
    activity, after = place[moves.alone[skipped]], moves.after[skipped]
    after = np.where(after < 0, -1, after + steps.offsets[:-1][case])
    gone = ~np.isin(
        _keys(case, activity, labels), _keys(steps.open_case, steps.open_activity, labels)
    )
    return Marks(
        stray=stray,
        partner=partner,
        skipped_case=case[gone],
        skipped_activity=activity[gone],
        skipped_after=after[gone],
        labels=labels,
        beside=beside,
    )


def _let_be(
    steps: Steps, stray: Int8s, partner: Int32s, names: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Nothing is EARLY of a pair that the office does side by side, as with rules; these pairs."""
    labels = len(names)
    early = np.flatnonzero(stray == EARLY)
    early = early[partner[early] >= 0]
    pairs = np.unique(
        np.column_stack([steps.activity.codes[early].astype(np.int64), partner[early]]), axis=0
    )
    if not len(pairs):
        return ()
    bounds = np.searchsorted(pairs[:, 0], np.arange(labels + 1)).astype(np.int64)
    beside = rule_loops.side_by_side(
        *(steps.offsets, steps.activity.codes, steps.began, steps.done),
        *(np.zeros(steps.cases, np.int32), labels, bounds, pairs[:, 1].astype(np.int32)),
    )
    keys = pairs[beside] @ np.array([labels, 1])
    mine = steps.activity.codes[early].astype(np.int64) * labels + partner[early]
    stray[early[np.isin(mine, keys)]] = CONFORMING
    return tuple(sorted((names[first], names[then]) for then, first in pairs[beside].tolist()))


def _marked(ways: Ways, moves: Moves, procedure: Procedure) -> tuple[Int64s, Int64s]:
    """`steps` and `alone` of the distinct routes, as `miners.detours.aligned_loops` tells."""
    begins, pairs = arrows_of(procedure.states)
    found = np.full((5, len(ways.codes)), -1, np.int64)
    found[CODE], found[KIND], found[STRAY] = ways.codes, moves.kinds, CONFORMING
    alone = np.full((3, len(moves.alone)), -1, np.int64)
    alone[CODE], alone[AFTER] = moves.alone, moves.after
    finals = np.where(ways.ending == ON_THE_WAY, -1, procedure.states.final)
    desk = new_desk(begins.shape[1])
    mark_ways(
        ways.offsets, found, moves.alone_offsets, alone, finals.astype(np.int64), begins, pairs,
        desk,
    )  # fmt: skip
    return found, alone


def _keys(case: Int32s, activity: Int32s, labels: tuple[str, ...]) -> Int64s:
    """One number for a case and an activity."""
    return case.astype(np.int64) * len(labels) + activity


def _labels(activity: Coded, procedure: Procedure) -> tuple[tuple[str, ...], Int32s]:
    """The labels of the marks, and where in them each activity of the procedure is (-1: -1)."""
    there = activity.vocabulary.labels
    labels = (*there, *(name for name in procedure.states.labels if name not in set(there)))
    code = {label: i for i, label in enumerate(labels)}
    return labels, np.array([*(code[name] for name in procedure.states.labels), -1], np.int32)


def _offsets(lengths: Int64s) -> Int64s:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _ranges(begins: Int64s, lengths: Int64s) -> Int64s:
    """The places begins[i], begins[i] + 1, ... for each i, one range behind the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    places = np.arange(total, dtype=np.int64)
    places += np.repeat(begins - (ends - lengths), lengths)
    return places
