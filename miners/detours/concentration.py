"""Among which applications a detour is found more often than among comparable others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eventlog.coded import Coded
from eventlog.kernels import Bools, Int64s
from miners.detours.chances import Followed
from miners.differences import Differences, differences
from miners.shares import Floats
from miners.survival import Estimate

LEAST_TOLD = 10
"""Cases of a value with the detour without which nothing is told of it."""
MATERIAL = 0.05
"""The smallest difference of shares that is worth telling."""
MOST_VALUES = 30
"""Values beyond which an attribute tells single cases apart, and not groups of them."""
_LEAST_ELIGIBLE = 30
_COVERED = 0.6
_SURE = 0.05


@dataclass(frozen=True, kw_only=True)
class Concentration:
    """How often cases with a value of an attribute take the detour, and how often others do.

    `cases` of `eligible` with the value took it, a `share`; `elsewhere` is the share of all others.
    `difference` is told among comparable cases only: those alike in `compared_on`, and by when they
    came. So it need not be the one share less the other. `coverage` is the part of the value's
    cases that could be compared; `q_value` is for all comparisons of the run.
    """

    attribute: str
    value: str
    cases: int
    eligible: int
    share: float
    elsewhere: float
    difference: Estimate
    coverage: float
    compared_on: tuple[str, ...]
    p_value: float
    q_value: float

    @property
    def told(self) -> bool:
        """Whether it is found so much more often there that somebody should look."""
        low = self.difference.low
        return (
            self.q_value <= _SURE
            and self.cases >= LEAST_TOLD
            and min(self.difference.value, self.share - self.elsewhere) >= MATERIAL
            and low is not None
            and low > 0
            and self.coverage >= _COVERED
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Values:
    """One attribute: its values in lower case, and where each case stands.

    `cell` [cases] is the stratum of the case times the number of values, plus the place of its
    value; -1 where it has no value. `strata` is how many there are.
    """

    attribute: str
    names: tuple[str, ...]
    cell: Int64s
    strata: int
    compared_on: tuple[str, ...]


def prepared(
    attributes: Mapping[str, Coded], legitimate: Sequence[str], period: Int64s
) -> list[Values]:
    """The attributes with a few values, each with its strata; `period` [cases] is of entry.

    Strata are cells of the other attributes that are `legitimate`, and of the period; a value that
    is missing is a value of its own there.
    """
    grouped = {name: _grouped(values) for name, values in attributes.items()}
    told = []
    for name, (names, place) in grouped.items():
        if not 1 < len(names) <= MOST_VALUES:
            continue
        others = tuple(other for other in legitimate if other != name and other in grouped)
        _, stratum = np.unique(period, return_inverse=True)
        for other in others:
            mixed = stratum * (len(grouped[other][0]) + 1) + grouped[other][1] + 1
            _, stratum = np.unique(mixed, return_inverse=True)
        told.append(
            Values(
                attribute=name,
                names=names,
                cell=np.where(place >= 0, stratum * len(names) + place, -1),
                strata=int(stratum.max(initial=-1)) + 1,
                compared_on=others,
            )
        )
    return told


def _grouped(values: Coded) -> tuple[tuple[str, ...], Int64s]:
    """The values that occur, in lower case and by name, and the place of each case's; [cases]."""
    lower = [label.lower() for label in values.vocabulary.labels]
    used = np.unique(values.codes)
    names = tuple(sorted({lower[code] for code in used.tolist() if code >= 0}))
    places = {name: place for place, name in enumerate(names)}
    of_code = np.array([*(places.get(label, -1) for label in lower), -1], np.int64)
    return names, of_code[values.codes]


@dataclass(frozen=True, kw_only=True, eq=False)
class Compared:
    """Every value of one attribute that could be compared; arrays [values]."""

    values: Values
    place: Int64s
    cases: Floats
    eligible: Floats
    share: Floats
    elsewhere: Floats
    found: Differences

    def told(self, q_values: Sequence[float]) -> Iterator[Concentration]:
        """One row a value; `q_values` are of these comparisons."""
        for at, place in enumerate(self.place.tolist()):
            yield Concentration(
                attribute=self.values.attribute,
                value=self.values.names[place],
                cases=int(self.cases[at]),
                eligible=int(self.eligible[at]),
                share=float(self.share[at]),
                elsewhere=float(self.elsewhere[at]),
                difference=Estimate(
                    value=float(self.found.value[at]),
                    low=float(self.found.low[at]),
                    high=float(self.found.high[at]),
                ),
                coverage=float(self.found.coverage[at]),
                compared_on=self.values.compared_on,
                p_value=float(self.found.p_value[at]),
                q_value=q_values[at],
            )


def compare(values: Values, seen: Followed) -> Compared | None:
    """Each value against all others; None where the detour is too rare, or nothing compares.

    Which values are compared depends on how many cases have them, never on how many of these
    took the detour.
    """
    if int((seen.had & (values.cell >= 0)).sum()) < LEAST_TOLD:
        return None
    of, count = (_table(values, marked) for marked in (seen.eligible, seen.had))
    large = np.flatnonzero(of.sum(axis=0) >= _LEAST_ELIGIBLE)
    all_of, all_count = of.sum(axis=1)[:, None], count.sum(axis=1)[:, None]
    of, count = of[:, large], count[:, large]
    found = differences(count, of, all_count - count, all_of - of)
    known = np.flatnonzero(~np.isnan(found.p_value))
    if not len(known):
        return None
    cases, eligible = count.sum(axis=0)[known], of.sum(axis=0)[known]
    return Compared(
        values=values,
        place=large[known],
        cases=cases,
        eligible=eligible,
        share=cases / eligible,
        elsewhere=(all_count.sum() - cases) / (all_of.sum() - eligible),
        found=Differences(
            value=found.value[known],
            low=found.low[known],
            high=found.high[known],
            p_value=found.p_value[known],
            coverage=found.coverage[known],
        ),
    )


def _table(values: Values, marked: Bools) -> Floats:
    """How many of the marked cases [cases] have each value in each stratum; [strata, values]."""
    cells = values.cell[marked]
    size = values.strata * len(values.names)
    counted = np.bincount(cells[cells >= 0], minlength=size)
    return counted.reshape(values.strata, -1).astype(np.float64)
