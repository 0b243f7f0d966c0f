"""One gap between a group and comparable others, with all that is known about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from eventlog.kernels import Bools, Int64s
from miners.equity.rows import Gaps
from miners.equity.within import Amounts
from miners.shares import Floats
from miners.survival import Estimate

TIME, OUTCOME, WITHDRAWN, ROUTE, WAITING, FEE, PICKED = (
    "time", "outcome", "withdrawn", "route", "waiting", "fee", "picked",
)  # fmt: skip
"""What treatment is compared by; `outcome` also of those who reached a gate."""
SMALL, UNSURE, COVERAGE, NOT_DIRECT, MIRROR, OPEN, REFUSED = (
    "small", "unsure", "coverage", "not direct", "mirror", "open", "refused",
)  # fmt: skip
"""Why a gap is not told, besides those of miners.equity.rows. MIRROR: only against another group
that stands out more; among the rest there is no gap. OPEN: what becomes of the undecided may
explain it. REFUSED: it goes with who is refused, which ends a file early or late."""
_DIGITS = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """One measure, with a score for each row: an application, or a work item of one.

    `rows` are the places of the cases that the rows belong to; `score` is NaN where it is unknown.
    `tested` is what decides whether there is a gap, where that is not the score that is told.
    `also` are scores [rows] by which the gap must be there too; `doubt` says why not, if it is not.
    `with_work` says that a wait is told together with the work that follows it.
    `entered` says by what moment rows are split into an earlier and a later half. A gap below
    `material` is not worth telling; one above zero is to the group's disadvantage where `adverse`
    is 1, one below where it is -1. A group and its others need `least` rows each, and, where the
    score is 0 or 1, `least_events` of the rarer.
    """

    measure: str
    activity: str | None = None
    feature: str | None = None
    unit: str
    score: Floats
    rows: Int64s
    entered: Int64s
    material: float
    tested: Floats | None = None
    also: tuple[Floats, ...] = ()
    doubt: str = UNSURE
    with_work: bool = False
    adverse: int = 1
    least: int = 50
    least_events: int = 0

    @property
    def without_rows(self) -> "Question":
        """The question alone: a number for each of a million rows is held for a while only."""
        nobody, unscored = np.empty(0, np.int64), np.empty(0)
        tested = None if self.tested is None else unscored
        return replace(self, score=unscored, rows=nobody, entered=nobody, tested=tested, also=())

    @property
    def key(self) -> tuple[str, str, str]:
        """What is asked, as a text to sort by."""
        return (self.measure, self.activity or "", self.feature or "")


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A group less comparable others, by one measure.

    `entry` is the gap adjusted for what is legitimate at entry, with its standard `error` and the
    `freedom` of that; `raw` has no adjustment, `process` is adjusted for what the process did too,
    `direct` for the other attributes that are compared; `direct_error` is its standard error and
    freedom where it is `direct` that was tested, as of two attributes together. `p_value` is None
    where nothing could be tested, and `why` then says why. `more` are further figures as
    equity.json has them.
    """

    attribute: str
    group: str
    question: Question
    cases: int
    others: int
    raw: Estimate | None
    entry: Estimate | None
    error: float
    freedom: float
    p_value: float | None
    coverage: float
    permuted: bool
    why: str | None
    restricted: bool
    q_value: float | None = None
    told: bool = False
    direct: Estimate | None = None
    direct_error: tuple[float, float] | None = None
    together: tuple[str, ...] = ()
    process: Estimate | None = None
    severity: str | None = None
    strength: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def adverse(self) -> bool:
        """Whether the group is worse off."""
        return self.entry is not None and self.entry.value * self.question.adverse > 0

    def content(self) -> dict[str, Any]:
        """The gap as it stands in equity.json."""
        asked = self.question
        return {
            "attribute": self.attribute,
            "group": self.group,
            "measure": asked.measure,
            "activity": asked.activity,
            "feature": asked.feature,
            "unit": asked.unit,
            "cases": self.cases,
            "others": self.others,
            "raw": limits(self.raw),
            "entry": limits(self.entry),
            "process": limits(self.process),
            "direct": limits(self.direct),
            "together_with": list(self.together),
            "p_value": rounded(self.p_value, 9),
            "q_value": rounded(self.q_value, 9),
            "coverage": rounded(self.coverage),
            "permuted": self.permuted,
            "told": self.told,
            "why_not": self.why,
            "severity": self.severity,
            "strength": self.strength,
            "restricted": self.restricted,
            "material": asked.material,
            "with_work": asked.with_work,
            **self.more,
        }


def gaps_of(
    question: Question,
    attribute: str,
    names: Sequence[str],
    found: Gaps,
    raw: Gaps | None,
    *,
    shown: Bools,
    restricted: bool,
) -> list[Gap]:
    """One gap for each value that is marked in `shown` [values]."""
    told = []
    for place in np.flatnonzero(shown).tolist():
        known = bool(found.told[place])
        told.append(
            Gap(
                attribute=attribute,
                group=names[place],
                question=question,
                cases=int(found.rows[place]),
                others=int(found.others[place]),
                raw=None if raw is None else estimate(raw, place),
                entry=estimate(found, place) if known else None,
                error=float(found.error[place]),
                freedom=float(found.freedom[place]),
                p_value=float(found.p_value[place]) if known else None,
                coverage=float(np.nan_to_num(found.coverage[place])),
                permuted=bool(found.permuted[place]),
                why=None if known else found.why[place],
                restricted=restricted,
            )
        )
    return told


def estimate(found: Gaps | Amounts, place: int | tuple[int, int]) -> Estimate | None:
    """The amount at one place with its limits; None where it cannot be told."""
    value, low, high = (float(part[place]) for part in (found.value, found.low, found.high))
    if np.isnan(value):
        return None
    return Estimate(
        value=value, low=None if np.isnan(low) else low, high=None if np.isnan(high) else high
    )


def limits(told: Estimate | None) -> dict[str, float | None] | None:
    """An estimate as JSON has it."""
    if told is None:
        return None
    parts = {"value": told.value, "ci_low": told.low, "ci_high": told.high}
    return {name: rounded(part) for name, part in parts.items()}


def rounded(value: float | None, digits: int = _DIGITS) -> float | None:
    """A number with few digits; None for what is not known."""
    return None if value is None or not np.isfinite(value) else round(float(value), digits)
