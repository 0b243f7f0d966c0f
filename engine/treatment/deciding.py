"""Which gaps are told: sure, large, of enough comparable cases, and not another group's."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from engine.treatment.comparing import SEED, SURE, Tested, why_not
from engine.treatment.gap import MIRROR, NOT_DIRECT, OPEN, OUTCOME, UNSURE, Gap, estimate
from miners.equity.adjusting import direct, together
from miners.equity.kernel import compare
from miners.equity.rows import Grouping

_LEFT = 0.5


def decide(tests: Sequence[Tested], groupings: Sequence[Grouping]) -> list[Tested]:
    """Which gaps are told: sure, large, of enough comparable cases, and not another attribute's."""
    judged = _with_gates([_undoubted(_alone(one)) for one in tests])
    directly = [_directly(one, groupings) if one.gap.told else one for one in judged]
    return _unmirrored(_unexplained(directly))


def sure_beside(
    tests: Sequence[Tested], others: Sequence[float]
) -> tuple[list[Tested], list[float]]:
    """The decided tests, and the q-values of the `others` of the family, by their p-values.

    A mirror counts for nothing: one gap with nine mirrors is one finding, and makes no other any
    surer than one does.
    """
    decided = list(tests)
    while True:
        known = [place for place, one in enumerate(decided) if one.gap.p_value is not None]
        told_of = {_asked(one) for one in decided if one.gap.told}
        own = [_counted(decided[place], told_of) for place in known]
        every = [*own, *others]
        q_values = stats.false_discovery_control(every).tolist() if every else []
        gone = False
        for place, q_value in zip(known, q_values, strict=False):
            gap = decided[place].gap
            if not gap.told:
                continue
            q_value = max(q_value, gap.q_value or 0.0)  # noqa: PLW2901 - never surer than before
            told = q_value <= SURE
            gone |= not told
            gap = replace(gap, q_value=q_value, told=told, why=None if told else UNSURE)
            decided[place] = replace(decided[place], gap=gap)
        if not gone:
            return decided, q_values[len(own) :]


def _counted(one: Tested, told: Collection[tuple[str, ...]]) -> float:
    """The p-value of a test in the family; 1 where it is sure, but only beside one that is told."""
    gap = one.gap
    assert gap.p_value is not None
    sure = (gap.q_value or 0.0) <= SURE and not gap.told
    return 1.0 if sure and _asked(one) in told else gap.p_value


def _asked(one: Tested) -> tuple[str, ...]:
    """What was asked, and of which attribute."""
    return (one.gap.attribute, *one.gap.question.key)


def _alone(one: Tested) -> Tested:
    gap = one.gap
    if gap.p_value is None or gap.entry is None:
        return one
    why = why_not(gap, gap.q_value or 0.0)
    return replace(one, gap=replace(gap, told=why is None, why=why))


def _undoubted(one: Tested) -> Tested:
    """A gap, told only if by the other scores half of it is left too, and enough to be told."""
    gap, asked = one.gap, one.gap.question
    if not gap.told or gap.entry is None:
        return one
    for score in asked.also:
        found = compare(score, one.grouping, one.strata, seed=SEED)
        value, low, high = (float(part[one.place]) for part in (found.value, found.low, found.high))
        sure = low > 0 if gap.entry.value > 0 else high < 0
        least = max(asked.material, _LEFT * abs(gap.entry.value))
        if not sure or abs(value) < least:
            return replace(one, gap=replace(gap, told=False, why=asked.doubt))
    return one


def _with_gates(tests: Sequence[Tested]) -> list[Tested]:
    """Where open cases may explain who is refused at all, they may so at each gate too."""
    doubted = {
        (one.gap.attribute, one.gap.group)
        for one in tests
        if one.gap.why == OPEN and one.gap.question.activity is None
    }
    return [
        replace(one, gap=replace(one.gap, told=False, why=OPEN))
        if one.gap.told
        and one.gap.question.measure == OUTCOME
        and (one.gap.attribute, one.gap.group) in doubted
        else one
        for one in tests
    ]


def _directly(one: Tested, groupings: Sequence[Grouping]) -> Tested:
    """What is left of a gap once the other attributes are adjusted for."""
    rows = one.gap.question.rows
    others = [other.take(rows) for other in groupings if other.attribute != one.gap.attribute]
    if one.crossed or not others:
        return one
    asked = one.gap.question
    found = direct(
        asked.score if asked.tested is None else asked.tested, one.grouping, one.strata, others
    )
    left = estimate(found, one.place)
    same = together(one.grouping, one.strata, others)[one.place]
    return replace(one, gap=replace(one.gap, direct=left, together=tuple(same)))


def _unexplained(tests: Sequence[Tested]) -> list[Tested]:
    """Of gaps that come with each other, those that are left once the others are adjusted for.

    Where none of one question is left, nobody can say which attribute it is: the surest is told
    together with the others.
    """
    kept: dict[tuple[str, str, str], list[Tested]] = {}
    replaced: dict[int, Tested] = {}
    for one in tests:
        if one.gap.told and not one.crossed:
            kept.setdefault(one.gap.question.key, []).append(one)
        elif one.gap.told and not _is_direct(one.gap):
            gap = replace(one.gap, told=False, why=NOT_DIRECT)
            replaced[id(one)] = replace(one, gap=gap)
    for candidates in kept.values():
        if any(_is_direct(one.gap) for one in candidates):
            gone = [one for one in candidates if not _is_direct(one.gap)]
            for one in gone:
                gap = replace(one.gap, told=False, why=NOT_DIRECT)
                replaced[id(one)] = replace(one, gap=gap)
            continue
        first = min(candidates, key=lambda one: one.gap.p_value or 0.0)
        rest = {one.gap.attribute for one in candidates} - {first.gap.attribute}
        for one in candidates:
            if one.gap.attribute == first.gap.attribute:
                names = tuple(sorted(rest | set(one.gap.together)))
                replaced[id(one)] = replace(one, gap=replace(one.gap, together=names))
            else:
                gap = replace(one.gap, told=False, why=NOT_DIRECT)
                replaced[id(one)] = replace(one, gap=gap)
    return [replaced.get(id(one), one) for one in tests]


def _unmirrored(tests: Sequence[Tested]) -> list[Tested]:
    """Of several groups of one attribute that stand out, those that do so among the rest too.

    What one group has more of, the others have less: if one is favoured, all others look slighted.
    The surest gap is told as it is, the next one without the rows of the first, and so on.
    """
    replaced: dict[int, Tested] = {}
    kept: dict[tuple[str, ...], list[Tested]] = {}
    for one in tests:
        if one.gap.told:
            kept.setdefault((one.gap.attribute, *one.gap.question.key), []).append(one)
    for candidates in kept.values():
        ordered = sorted(candidates, key=_surest)
        apart = [ordered[0].place]
        for one in ordered[1:]:
            if _stands_out(one, apart):
                apart.append(one.place)
            else:
                replaced[id(one)] = replace(one, gap=replace(one.gap, told=False, why=MIRROR))
    return [replaced.get(id(one), one) for one in tests]


def _surest(one: Tested) -> tuple[float, str]:
    gap = one.gap
    assert gap.entry is not None
    return -abs(gap.entry.value) / max(gap.error, 1e-300), gap.group


def _stands_out(one: Tested, apart: Sequence[int]) -> bool:
    """Whether a group differs from what is left without the rows of the groups `apart`."""
    asked, grouping = one.gap.question, one.grouping
    rest = replace(grouping, place=np.where(np.isin(grouping.place, apart), -1, grouping.place))
    found = compare(asked.score, rest, one.strata, seed=SEED)
    p_value = found.p_value
    if asked.tested is not None:
        p_value = compare(asked.tested, rest, one.strata, seed=SEED).p_value
    value, low, high = (float(part[one.place]) for part in (found.value, found.low, found.high))
    assert one.gap.entry is not None
    same = value * one.gap.entry.value > 0 and not low <= 0 <= high
    return same and abs(value) >= asked.material and float(p_value[one.place]) <= SURE


def _is_direct(gap: Gap) -> bool:
    """Whether a gap of the same direction, and worth telling, is left beside the other attributes.

    An attribute that cannot be told apart from this one is none of them: the two are told together.
    """
    if gap.direct is None or gap.entry is None:
        return True
    low, high = gap.direct.low, gap.direct.high
    if low is None or high is None or abs(gap.direct.value) < gap.question.material:
        return False
    return low > 0 if gap.entry.value > 0 else high < 0
