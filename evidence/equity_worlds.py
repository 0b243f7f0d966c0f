"""Applications drawn straight from chance, so that thousands of offices can be compared in minutes.

No queues here: what an application meets is drawn from its permit type, completeness, office and
month, from its applicant, and from the treatment of its group, if there is any. The affiliation
`other` builds more warehouses, files more at the slow office, in busy months and with more gaps,
and applies for companies less often; all of it slows files down without anybody treating them
differently.
"""

from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Bools, Int64s
from miners.equity.rows import Grouping, Strata
from miners.shares import Floats
from simulation.applications import drawn_applicants
from simulation.chance import drawn, stream

MONTHS = 18
HORIZON = 90.0
"""Days for which an application is followed; the log has those of 18 months of 30 days."""
MONTH = 30.0
AFFILIATIONS = ("none", "ruling", "other")
SHARES = (0.55, 0.25, 0.2)
OTHER = AFFILIATIONS.index("other")
APPLICANTS = 0.75
OPEN, DECIDED, WITHDRAWN = 0, 1, 2

_BUSY = np.array([1.0, 1, 0, 0, 0, 0, 0, 0, 0, 0.5, 1, 1, 1, 1, 0, 0, 0, 0])
_KIND_DAYS = np.array([0.0, 4.0, 10.0])
_OFFICE_DAYS = np.array([0.0, 0.0, 3.0])
_TARIFF = np.array([1.6, 4.0, 14.0])
_REFUSED_EARLY = np.array([0.03, 0.05, 0.06])
_REFUSED_AT_GATE = np.array([0.05, 0.07, 0.09])
_SCATTER, _APPLICANT = 0.28, 0.05
"""How far the days of comparable files scatter, and how far applicants differ, as a share."""


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """What is done to the applications of `other` and to no others; nothing by default.

    `days` longer, `requests` more of them asked for documents, `approval` fewer of them let
    through the gate (shares), `fee` more to pay (millions), `step` days longer at a step.
    """

    days: float = 0.0
    requests: float = 0.0
    approval: float = 0.0
    fee: float = 0.0
    step: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many applications there are, and which part of the applicants is of `other`."""

    cases: int = 5000
    other: float = SHARES[OTHER]


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """All applications of one office as its log has them; every array has shape [cases].

    `entered`, `ran` and `waited` are in days, `excess` (paid over tariff) in millions. `ended` says
    how (OPEN, DECIDED, WITHDRAWN) within `ran`, and `now` is when the log ends. `approved` is about
    decided ones; `passed` about those that `reached` the gate.
    """

    now: float
    entered: Floats
    ran: Floats
    ended: Int64s
    approved: Bools
    requested: Bools
    reached: Bools
    passed: Bools
    excess: Floats
    waited: Floats
    kind: Int64s
    affiliation: Grouping
    applicant_type: Grouping
    strata: Strata

    @property
    def cohort(self) -> Bools:
        """Those that entered early enough to be followed for the whole horizon."""
        return self.entered <= self.now - HORIZON


def draw(seed: int, size: Size, treatment: Treatment) -> World:
    """The world of a seed; a treatment changes nothing but what it says."""
    n = size.cases
    chance = stream(seed, "world")
    people = max(1, round(APPLICANTS * n))
    rest = (1 - size.other) / (SHARES[0] + SHARES[1])
    whose = drawn(chance.random(people), [SHARES[0] * rest, SHARES[1] * rest, size.other])
    who = drawn_applicants(chance.random(n), chance.pareto(3.0, people) + 1)
    affiliation = whose[who].astype(np.int64)
    other = affiliation == OTHER
    company = (chance.random(people) < np.where(whose == OTHER, 0.2, 0.35))[who]
    kinds = np.where(other[:, None], [0.42, 0.28, 0.3], [0.66, 0.22, 0.12])
    kind = drawn(chance.random(n), kinds * np.where(company[:, None], [0.5, 1.5, 1.8], 1.0))
    office = drawn(chance.random(n), np.where(other[:, None], [0.3, 0.2, 0.5], [0.45, 0.3, 0.25]))
    lacking = chance.random(n) < 0.2 + 0.15 * other
    month = drawn(chance.random(n), np.where(other[:, None], 1 + 0.8 * _BUSY, 1 + 0.1 * _BUSY))
    entered = (month + chance.random(n)) * MONTH
    usual = 12 + _KIND_DAYS[kind] + 5 * lacking + _OFFICE_DAYS[office] + 5 * _BUSY[month]
    pace = np.exp(_APPLICANT * chance.standard_normal(people))[who]
    work = usual * pace * chance.gamma(_SCATTER**-2, _SCATTER**2, n)
    early = chance.random(n) < _REFUSED_EARLY[kind] + 0.02 * lacking
    refused = _REFUSED_AT_GATE[kind] + 0.03 * lacking + treatment.approval * other
    passed = chance.random(n) >= refused
    took = work * np.where(early, 0.4, np.where(passed, 1.0, 0.8)) + treatment.days * other
    gives_up = np.where(chance.random(n) < 0.05, chance.exponential(12.0, n), np.inf)
    left = MONTHS * MONTH - entered
    ran = np.minimum(np.minimum(took, gives_up), left)
    ended = np.where(ran >= left, OPEN, np.where(gives_up < took, WITHDRAWN, DECIDED))
    asked = chance.random(n) < 0.06 + 0.84 * lacking + treatment.requests * other
    luck = drawn(chance.random(n), [0.82, 0.13, 0.05])
    tariff = _TARIFF[kind] * np.exp(0.3 * chance.standard_normal(n))
    excess = tariff * np.choose(luck, [0 * tariff, 0.03 * chance.standard_normal(n), 0 * tariff])
    waits = (1.5 + 1.5 * _BUSY[month]) * pace * chance.gamma(1.5, 1 / 1.5, n)
    return World(
        now=MONTHS * MONTH,
        entered=entered,
        ran=ran,
        ended=ended.astype(np.int64),
        approved=passed & ~early,
        requested=asked,
        reached=~early & (ended == DECIDED),
        passed=passed,
        excess=excess - 0.25 * tariff * (luck == 2) + treatment.fee * other,
        waited=waits + treatment.step * other,
        kind=kind.astype(np.int64),
        affiliation=Grouping(attribute="affiliation", names=AFFILIATIONS, place=affiliation),
        applicant_type=Grouping(
            attribute="applicant_type",
            names=("company", "individual"),
            place=np.where(company, 0, 1).astype(np.int64),
        ),
        strata=Strata.of(
            [part.astype(np.int64) for part in (kind, office, lacking, month)],
            cluster=who.astype(np.int64),
        ),
    )
