"""Whether an attribute is known when an application comes in, or is written down on the way."""

from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Int64s
from eventlog.log import Log

LATE = 0.05
"""The share of values told later than at entry from which an attribute is not known at entry."""


@dataclass(frozen=True, kw_only=True)
class KnownLate:
    """Of the cases with a value at all (`known`), how many got it after entry (`late`)."""

    known: int = 0
    late: int = 0

    def __add__(self, other: "KnownLate") -> "KnownLate":
        """The counts of two parts of the cases together."""
        return KnownLate(known=self.known + other.known, late=self.late + other.late)

    @property
    def mostly_at_entry(self) -> bool:
        """Whether it can pass for known at entry."""
        return self.late <= LATE * self.known


def known_late(log: Log, attribute: str, applicants: frozenset[str]) -> KnownLate:
    """How many cases of `log` have their first value of an attribute later than at entry.

    Entry lasts as long as nothing but the first moment of the case, or an applicant's own step,
    has been told: what an officer writes down may depend on the officer.
    """
    if not len(log):
        return KnownLate()
    rows = np.arange(len(log))
    none = len(log)
    first = _first(np.where(log.attributes[attribute].codes >= 0, rows, none), log.offsets)
    own = np.array([label in applicants for label in log.activity.vocabulary.labels], bool)
    office = ~own[log.activity.codes] if len(own) else np.ones(len(log), bool)
    begun = log.timestamp > np.repeat(log.starts, np.diff(log.offsets))
    taken_up = _first(np.where(office & begun, rows, none), log.offsets)
    known = first < none
    return KnownLate(known=int(known.sum()), late=int((known & (first >= taken_up)).sum()))


def _first(rows: Int64s, offsets: Int64s) -> Int64s:
    return np.minimum.reduceat(rows, offsets[:-1])
