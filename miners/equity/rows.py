"""What is compared with what: groups of applications, and which of them are comparable."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from eventlog.coded import Coded
from eventlog.kernels import Bools, Int64s
from miners.shares import Floats

ALONE, CONSTANT, FEW = "alone", "constant", "few"
"""Why a value cannot be told: nobody comparable, nothing differs in any stratum, or too few."""
# Codes that stretch over more than so many times their number are sorted; a table is quicker else.
_SPARSE = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class Grouping:
    """One attribute: its values in lower case, by name, and which of them each row has.

    `place` [rows] is -1 for a row without a value. A row is an application or a work item.
    """

    attribute: str
    names: tuple[str, ...]
    place: Int64s

    def take(self, rows: Int64s | Bools) -> "Grouping":
        """The same attribute for some rows, or for rows that belong to those: places or marks."""
        return replace(self, place=self.place[rows])

    @staticmethod
    def of(attribute: str, values: Coded) -> "Grouping":
        """The values that occur; two that differ in upper and lower case alone are one.

        >>> import pyarrow as pa
        >>> found = Grouping.of("kind", Coded.of(pa.array(["Shop", "house", None, "HOUSE"])))
        >>> found.names, found.place.tolist()
        (('house', 'shop'), [1, 0, -1, 0])
        """
        lower = [label.lower() for label in values.vocabulary.labels]
        used = np.unique(values.codes)
        names = tuple(sorted({lower[code] for code in used.tolist() if code >= 0}))
        places = {name: place for place, name in enumerate(names)}
        of_code = np.array([*(places.get(label, -1) for label in lower), -1], np.int64)
        return Grouping(attribute=attribute, names=names, place=of_code[values.codes])


@dataclass(frozen=True, kw_only=True, eq=False)
class Strata:
    """Which rows are comparable: those of one stratum.

    `stratum` [rows] counts from 0 to `count` - 1, -1 for a row that is left out. `cluster` [rows]
    numbers applicants (-1: unknown, a cluster of its own); None where nobody knows who applies.
    """

    stratum: Int64s
    count: int
    cluster: Int64s | None = None

    def take(self, rows: Int64s | Bools) -> "Strata":
        """The same strata for some rows: places or marks."""
        cluster = None if self.cluster is None else self.cluster[rows]
        return replace(self, stratum=self.stratum[rows], cluster=cluster)

    @staticmethod
    def of(parts: Sequence[Int64s], cluster: Int64s | None = None) -> "Strata":
        """One stratum for each combination of codes that occurs; `parts` are of shape [rows].

        A code of -1 (unknown) is a value of its own: what is not known is compared with what is
        not known.

        >>> Strata.of([np.array([0, 0, 1, 1]), np.array([5, -1, 5, 5])]).stratum.tolist()
        [1, 0, 2, 2]
        """
        if not parts:
            raise ValueError("no parts to make strata of; give one array of zeros")
        mixed: Int64s = np.zeros(len(parts[0]), np.int64)
        for part in parts:
            code = numbered(part)
            mixed = numbered(mixed * (int(code.max(initial=0)) + 1) + code)
        return Strata(stratum=mixed, count=int(mixed.max(initial=-1)) + 1, cluster=cluster)


def numbered(codes: Int64s) -> Int64s:
    """The codes numbered anew, from 0 and without gaps, in their order; [rows].

    >>> numbered(np.array([7, -1, 7, 3])).tolist()
    [2, 0, 2, 1]
    """
    if not len(codes):
        return np.zeros(0, np.int64)
    first, last = int(codes.min()), int(codes.max())
    if last - first > _SPARSE * len(codes):
        return np.asarray(np.unique(codes, return_inverse=True)[1], np.int64)
    place = codes - first if first else codes
    found = np.zeros(last - first + 1, bool)
    found[place] = True
    return (np.cumsum(found) - 1)[place]


@dataclass(frozen=True, kw_only=True, eq=False)
class Gaps:
    """For each value of a grouping: its rows less comparable rows of all other values.

    Arrays have shape [values]. `rows` and `others` are how many rows with a known score have the
    value and any other, in all strata; `value` is the adjusted gap with its standard `error`, its
    degrees of `freedom` (inf: normal) and its 95 % limits, in the unit of the score. `p_value` is
    that of no gap in any stratum. `coverage` is the share of the value's rows that have others to
    be compared with. All but counts and `coverage` are NaN where the value cannot be told, and
    `why` says why (ALONE, CONSTANT or FEW; empty where it can). `permuted` says that the p-value
    comes from permutations, since too few rows are compared for the normal curve.
    """

    rows: Int64s
    others: Int64s
    value: Floats
    error: Floats
    freedom: Floats
    low: Floats
    high: Floats
    p_value: Floats
    coverage: Floats
    permuted: Bools
    why: tuple[str, ...]

    def __len__(self) -> int:
        """How many values there are."""
        return len(self.value)

    @cached_property
    def told(self) -> Bools:
        """Which values can be told."""
        return ~np.isnan(self.p_value)
