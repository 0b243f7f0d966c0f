"""Which routes are simple and frequent: what most applications take that do not loop."""

from dataclasses import dataclass

import numpy as np

from eventlog import kernels
from eventlog.kernels import Bools, Int32s, Int64s
from miners.detours import usual_loops as loops
from miners.detours.steps import Steps, applicant_steps
from miners.detours.usual_rules import ENOUGH, Pairs

COVERED = 0.8
"""The share of the loop-free cases that the frequent routes cover."""
_MOST_ROWS = 150


@dataclass(frozen=True, kw_only=True, eq=False)
class Paths:
    """The way of every case: its steps, how often it repeats something, which variant it is.

    `filled` are the places of cases that have any steps, `decided` of those that are decided too.
    `theirs` [steps] are the steps of applicants; `repeats` and `variant` have shape [cases].
    `rows` are the codes of the activities that pairs are counted of, the commonest; `place`
    [labels] is each one's row, -1 for the others.
    """

    steps: Steps
    filled: Int64s
    decided: Int64s
    theirs: Bools
    repeats: Int32s
    variant: Int32s
    rows: Int64s
    place: Int32s

    @staticmethod
    def of(steps: Steps, decided: Bools | None, applicants: frozenset[str]) -> "Paths":
        """The paths of all cases; without `decided` [cases], all count as decided."""
        vocabulary, codes = steps.activity.vocabulary, steps.activity.codes
        lengths = np.diff(steps.offsets)
        filled = np.flatnonzero(lengths)
        hashes = kernels.sequence_hashes(steps.offsets, vocabulary.keys, codes)
        variant, _ = kernels.distinct(np.ascontiguousarray(hashes.view(np.int64)[::2]))
        commonest = np.argsort(-np.bincount(codes, minlength=len(vocabulary)), kind="stable")
        rows = np.sort(commonest[:_MOST_ROWS]).astype(np.int64)
        place = np.full(len(vocabulary), -1, np.int32)
        place[rows] = np.arange(len(rows), dtype=np.int32)
        return Paths(
            steps=steps,
            filled=filled,
            decided=filled if decided is None else filled[decided[filled]],
            theirs=applicant_steps(steps, applicants),
            repeats=loops.repeats(steps.offsets, codes, len(vocabulary)),
            variant=variant,
            rows=rows,
            place=place,
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The activities by their codes."""
        return self.steps.activity.vocabulary.labels

    def habits(self, cases: Int64s) -> Int64s:
        """What these cases do with each activity; [labels, 9], see `usual_loops.habits`."""
        steps = self.steps
        return np.asarray(
            loops.habits(steps.offsets, steps.activity.codes, self.theirs, len(self.labels), cases)
        )

    def pairs(self, cases: Int64s) -> Pairs:
        """What these cases do with each two activities among `rows`."""
        steps = self.steps
        both, ahead, across = loops.pairs(
            steps.offsets,
            steps.activity.codes,
            steps.began,
            steps.done,
            self.place,
            len(self.rows),
            cases,
        )
        return Pairs(cases=len(cases), both=both, ahead=ahead, across=across)


@dataclass(frozen=True, kw_only=True, eq=False)
class Routes:
    """The cases [used] whose routes tell what is usual, how many `routes` these are, and why they.

    `covered` is the share of the used cases among those that came into question.
    """

    cases: Int64s
    routes: int
    covered: float
    why: str


def simple_routes(paths: Paths, decided: Int64s) -> Routes | None:
    """The simple frequent routes among these decided cases; None where they are too few.

    The most frequent loop-free routes until they cover `COVERED` of the loop-free cases; all
    loop-free cases where nearly each has a route of its own; and where too few are loop-free,
    the half of the cases that repeats least.
    """
    if len(decided) < ENOUGH:
        return None
    simple = decided[paths.repeats[decided] == 0]
    if len(simple) < ENOUGH:
        return _simplest_half(paths, decided, len(simple))
    _, route, cases = np.unique(paths.variant[simple], return_inverse=True, return_counts=True)
    descending = -np.sort(-cases)
    needed = int(np.searchsorted(np.cumsum(descending), COVERED * len(simple))) + 1
    if 2 * needed > len(simple):
        return Routes(
            cases=simple,
            routes=len(cases),
            covered=1.0,
            why=f"nearly every case has a route of its own: told from all {len(simple):,} of "
            f"{len(decided):,} decided cases that do nothing twice",
        )
    # Equally frequent routes come in together, so that no order among them matters.
    frequent = cases >= descending[needed - 1]
    used = simple[frequent[route]]
    return Routes(
        cases=used,
        routes=int(frequent.sum()),
        covered=len(used) / len(simple),
        why=f"told from the commonest routes ({int(frequent.sum()):,}) that do nothing twice, "
        f"which {len(used):,} of {len(decided):,} decided cases took",
    )


def _simplest_half(paths: Paths, decided: Int64s, simple: int) -> Routes | None:
    repeats = paths.repeats[decided]
    half = (len(decided) - 1) // 2
    most = np.partition(repeats, half)[half]
    used = decided[repeats <= most]
    if len(used) < ENOUGH:
        return None
    return Routes(
        cases=used,
        routes=len(np.unique(paths.variant[used])),
        covered=len(used) / len(decided),
        why=f"only {simple:,} of {len(decided):,} decided cases do nothing twice: told from the "
        f"{len(used):,} that repeat least",
    )
