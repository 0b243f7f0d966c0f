"""At which step applications fail, and which of those that come to it get past it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Bools, Int8s, Int32s, Int64s
from miners.detours.steps import Steps
from miners.equity import gate_loops as loops
from miners.shares import Floats

LEAST_REFUSED = 10
"""Refusals at an activity without which it is not found to be a gate."""
_LEAST_SHARE = 0.01
_USUAL = 0.9
_COMMONER = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Gate:
    """A step at which applications may fail.

    `reached` [cases] are those that were judged there; `passed` [cases] is 1 for those of them that
    got past it, 0 for those that failed there, and NaN where that is not known (yet), as it is
    for those that never came there.
    """

    activity: str
    reached: Bools
    passed: Floats

    def __post_init__(self) -> None:
        """Refuse columns of unequal length, and cases that passed what they never reached."""
        if len(self.reached) != len(self.passed):
            raise ValueError(
                f"reached has {len(self.reached)} cases, passed {len(self.passed)}; expected equal"
            )
        if bool((~np.isnan(self.passed) & ~self.reached).any()):
            raise ValueError(f"a case passed {self.activity} and never reached it")

    @property
    def failed(self) -> Bools:
        """Which cases failed there; [cases]."""
        return np.asarray(self.passed == 0)


def gates_of(
    steps: Steps,
    *,
    named: Sequence[str],
    favourable: Bools,
    unfavourable: Bools,
    ending: frozenset[str],
    applicants: frozenset[str],
    refusing: frozenset[str] = frozenset(),
) -> list[Gate]:
    """The gates that are `named`, in that order, else those found, the earliest first.

    `favourable` and `unfavourable` [cases] say how cases ended; all others are open, withdrawn, or
    nobody knows. `ending` are the activities that end a case, `refusing` those of them that refuse.
    The steps of a refused case count up to the first one that refuses; up to the first that ends,
    where it has none (the refusal stands in an attribute); all, where it has none of these either.

    A refused case failed at the last gate that it completed, and passed the ones before; the last
    completion of a gate counts. A favourable case passed every gate that it completed. Any other
    passed all but the last: of that nobody knows.

    One thing is no gate to a case: a step that it came to past a gate that favourable cases have
    behind them there (nine in ten of them), if refused cases lack it three times as often. A file
    that failed the site review and is then signed and refused failed at the review; it was not
    judged at the signature.

    Where `named` is empty, a gate is an activity that is neither the applicant's nor ends a case,
    at which at least 10 refused cases and 1 % of all of them failed, and that 10 others passed. The
    step with which most cases begin may be one as well, though the applicant did it: who is refused
    right behind it failed at the office's first look. Names that no event has give no gate.
    """
    if len(favourable) != steps.cases or len(unfavourable) != steps.cases:
        raise ValueError(
            f"there are {steps.cases} cases, but {len(favourable)} favourable and "
            f"{len(unfavourable)} unfavourable marks; expected one each a case"
        )
    if bool((favourable & unfavourable).any()):
        raise ValueError("a case ended both favourably and unfavourably; expected one of them")
    labels = steps.activity.vocabulary.labels
    does = np.bincount(steps.activity.codes, minlength=len(labels))
    theirs = applicants - _first_look(steps)
    listed = named or [label for label in labels if label not in theirs | ending]
    names = [name for name in dict.fromkeys(listed) if name in labels and does[labels.index(name)]]
    if not names:
        return []
    gate = _coded(labels, names)[steps.activity.codes]
    cut = _cut(steps, unfavourable, ending, refusing)
    needs = _needs(steps.offsets, cut, gate, len(names), favourable, unfavourable)
    at_last = np.full(steps.cases, loops.UNTOLD, np.int8)
    at_last[favourable], at_last[unfavourable] = loops.PASSED, loops.FAILED
    ways = (steps.offsets, cut, gate, needs)
    kept = np.arange(len(names))
    if not named:
        final, _ = loops.fates(*ways, kept[:0], at_last)
        kept = _found(steps, gate, final, unfavourable, len(names))
    _, fate = loops.fates(*ways, kept, at_last)
    gates = [_gate(names[one], row) for one, row in zip(kept.tolist(), fate, strict=True)]
    if named:
        return gates
    return [one for one in gates if int((one.passed == 1).sum()) >= LEAST_REFUSED]


def _first_look(steps: Steps) -> frozenset[str]:
    """The activity with which more than half of the cases begin, if there is one."""
    begins = steps.offsets[:-1][np.diff(steps.offsets) > 0]
    counts = np.bincount(steps.activity.codes[begins], minlength=1)
    most = int(counts.argmax())
    often = 2 * int(counts[most]) > len(begins)
    return frozenset([steps.activity.vocabulary.labels[most]] if often else [])


def _gate(activity: str, fate: Int8s) -> Gate:
    reached = fate != loops.NOT_REACHED
    told = reached & (fate != loops.UNTOLD)
    return Gate(
        activity=activity,
        reached=reached,
        passed=np.where(told, (fate == loops.PASSED).astype(np.float64), np.nan),
    )


def _coded(labels: Sequence[str], names: Sequence[str]) -> Int32s:
    """By the code of an activity the place of its name among `names`, -1 for any other."""
    places = {name: place for place, name in enumerate(names)}
    return np.array([*(places.get(label, -1) for label in labels), -1], np.int32)


def _cut(
    steps: Steps, unfavourable: Bools, ending: frozenset[str], refusing: frozenset[str]
) -> Int64s:
    """Before which step each case's decision was taken: its refusal, its end, or after all."""
    labels = steps.activity.vocabulary.labels
    cut = steps.offsets[1:].copy()
    for activities in (ending, refusing):  # what refuses outweighs what ends
        marked = np.array([*(label in activities for label in labels), False], bool)
        rows = np.flatnonzero(marked[steps.activity.codes])[::-1]
        cut[steps.case[rows]] = rows  # the first of each case is written last
    return np.where(unfavourable, cut, steps.offsets[1:])


def _needs(
    offsets: Int64s,
    cut: Int64s,
    gate: Int32s,
    gates: int,
    favourable: Bools,
    unfavourable: Bools,
) -> Bools:
    """Which gate [m] whoever comes to another [h] has behind them, unless they were refused."""
    reached, ahead = loops.pairs(offsets, cut, gate, gates, favourable)
    refused, with_it = loops.pairs(offsets, cut, gate, gates, unfavourable)
    enough = (reached >= LEAST_REFUSED) & (refused >= LEAST_REFUSED)
    lack = 1 - ahead / np.maximum(reached, 1)
    refused_lack = 1 - with_it / np.maximum(refused, 1)
    usual = (lack <= 1 - _USUAL) & (refused_lack > 0) & (refused_lack >= _COMMONER * lack)
    needs: Bools = usual & enough[None, :] & ~np.eye(gates, dtype=bool)
    return needs


def _found(steps: Steps, gate: Int32s, final: Int64s, unfavourable: Bools, gates: int) -> Int64s:
    """The gates at which enough refused cases failed, in the order in which cases come to them."""
    ends = final[unfavourable & (final >= 0)]
    failed = np.bincount(ends, minlength=gates)
    least = max(LEAST_REFUSED, _LEAST_SHARE * int(unfavourable.sum()))
    kept = np.flatnonzero(failed >= least)
    rows = np.flatnonzero(gate >= 0)
    place = rows - steps.offsets[:-1][steps.case[rows]]
    sums = np.bincount(gate[rows], weights=place, minlength=gates)
    mean = sums / np.maximum(np.bincount(gate[rows], minlength=gates), 1)
    return kept[np.argsort(mean[kept], kind="stable")]
