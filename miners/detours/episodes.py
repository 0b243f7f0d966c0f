"""A detour from where a file strays until it is back: its kind, what it touches, who causes it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eventlog.kernels import Int8s, Int32s, Int64s

REPEATED, PING_PONG, DUPLICATE, INSERTED, SKIPPED, WRONG_ORDER = range(6)
KINDS = (
    "repeated", "ping-pong", "duplicate-approval", "inserted", "skipped", "wrong-order",
)  # fmt: skip
"""The kinds of detours by their codes, named as in interface.md."""

OFFICE, APPLICANT, NOBODY_KNOWS = 0, 1, -1


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a kind of detour is about: one row of the results.

    `activities`: what is done again (of a longer loop all of it, in the order in which it was done
    first, without what lay on the way once), the pair that the file goes between, the step that is
    inserted or skipped, or the pair (should be first, was done first). `units` are the two that the
    file goes between (or the second that approves), None where units have no part in it. `cause` is
    `office` or `applicant` where detours are told by who causes them (`by_cause`).
    """

    kind: str
    activities: tuple[str, ...]
    units: tuple[str, ...] | None = None
    cause: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Episodes:
    """Every detour of every case, in the order of cases and of `first`; arrays [episodes].

    `subject` is a place in `subjects`. `before` is the last conforming step before the file
    strayed, -1 where it strayed from its first step; `first` and `last` are the first and the last
    step that strays (for a skipped step both are `before`); `after` is the first conforming step
    behind `last`, -1 where none came (yet). These are places in `Steps`. `cause` is OFFICE,
    APPLICANT or NOBODY_KNOWS.
    """

    case: Int32s
    subject: Int32s
    before: Int64s
    first: Int64s
    last: Int64s
    after: Int64s
    cause: Int8s
    subjects: Sequence[Subject]

    def __post_init__(self) -> None:
        """Refuse columns of unequal length, and subjects that are not there."""
        columns = (self.subject, self.before, self.first, self.last, self.after, self.cause)
        if any(len(column) != len(self) for column in columns):
            raise ValueError("the columns of episodes differ in length")
        if len(self) and not 0 <= int(self.subject.min()) <= int(self.subject.max()) < len(
            self.subjects
        ):
            raise ValueError("an episode has a subject that is not listed")

    def __len__(self) -> int:
        """How many detours there are."""
        return len(self.case)

    @property
    def kind(self) -> Int8s:
        """The kind of each detour, a place in `KINDS`."""
        codes = np.array([KINDS.index(subject.kind) for subject in self.subjects], np.int8)
        return codes[self.subject] if len(self) else np.empty(0, np.int8)


def by_cause(episodes: Episodes) -> Episodes:
    """The same detours with one subject for those that the office causes, one for the others'."""
    if not len(episodes):
        return episodes
    pairs = episodes.subject.astype(np.int64) * len(_CAUSES) + (episodes.cause + 1)
    distinct, subject = np.unique(pairs, return_inverse=True)
    told = [
        replace(episodes.subjects[pair // len(_CAUSES)], cause=_CAUSES[pair % len(_CAUSES)])
        for pair in distinct.tolist()
    ]
    return replace(episodes, subject=subject.astype(np.int32), subjects=told)


# By the codes of causes, from NOBODY_KNOWS on.
_CAUSES = (None, "office", "applicant")
