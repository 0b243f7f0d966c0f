"""What is known of a difference in treatment before it is put into words, exact or rounded."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from miners.survival import Estimate

MEASURES = ("time", "outcome", "withdrawn", "route", "waiting", "fee")
FEATURES = (
    "requests", "requests-again", "rework", "repeated", "ping-pong", "skipped",
    "duplicate-approval", "inserted", "wrong-order",
)  # fmt: skip
"""What may happen to an application on its way; the features of the measure `route`."""
PERIODS = ("week", "month", "quarter", "year")
SHARE, CURRENCY = "share", "currency"
UNITS = ("working days", "days", SHARE, CURRENCY)
UNEXPLAINED = "unexplained"
PARTS = ("requests", "rework", "route", "officers", UNEXPLAINED)
"""What of the process a gap may go along with."""
_SURE = 0.05
_NEVER_TOLD = "is sensitive and has no basis; nothing may be told of it"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """In what applications must be alike to be compared, and how long each is followed.

    `attributes` are the legitimate differences, `period` that of entry (None: any time).
    `horizon_days` are elapsed days from entry.
    """

    attributes: tuple[str, ...] = ()
    period: str | None = None
    horizon_days: float | None = None

    def __post_init__(self) -> None:
        """Refuse an unknown period and a horizon that is none."""
        if self.period is not None and self.period not in PERIODS:
            raise ValueError(f'period is "{self.period}"; expected one of {", ".join(PERIODS)}')
        if self.horizon_days is not None and not self.horizon_days > 0:
            raise ValueError(f"horizon_days is {self.horizon_days}; expected more than 0")

    @classmethod
    def read(cls, found: Mapping[str, Any], attributes: Sequence[str]) -> Self:
        """What `found`, the content of equity.json, compares the values of `attributes` on.

        >>> found = {"compared_on": ["kind", "office", "month"], "horizon_days": 90}
        >>> Compared.read(found, ["office"])
        Compared(attributes=('kind',), period='month', horizon_days=90)
        """
        *names, last = found["compared_on"] or [""]
        period = last if last in PERIODS else None
        if last and period is None:
            names.append(last)
        return cls(
            attributes=tuple(name for name in names if name not in attributes),
            period=period,
            horizon_days=found.get("horizon_days"),
        )


@dataclass(frozen=True, kw_only=True)
class Part:
    """How much of a gap goes along with one thing that the process did."""

    what: str
    value: float

    def __post_init__(self) -> None:
        """Refuse what has no name in words."""
        if self.what not in PARTS:
            raise ValueError(f'a part is "{self.what}"; expected one of {", ".join(PARTS)}')


@dataclass(frozen=True, kw_only=True)
class Edge:
    """How much of a gap lies between two steps, or at one (`target` is None)."""

    source: str
    target: str | None
    value: float


@dataclass(frozen=True, kw_only=True)
class Robust:
    """How strong something that nobody recorded would have to be to explain a gap away.

    `value` is the share of what is left unexplained that it would have to explain, of who is in the
    group and of the measure alike; `left` is what would be left of the gap, in its unit, beside
    something as strong as the attribute `benchmark`.
    """

    value: float
    benchmark: str | None = None
    left: float | None = None

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        if not 0 <= self.value <= 1:
            raise ValueError(f"a robustness value is {self.value}; expected 0 to 1")


@dataclass(frozen=True, kw_only=True)
class GapTold:
    """A group less comparable others, by one measure.

    `subject` has one attribute with its value, or two (an intersection); `entry` is the gap
    adjusted for what is known at entry, `raw` has no adjustment, `process` is adjusted for what
    the process did too, `direct` for the other attributes that are compared (of an intersection:
    for each of its two). `unit` is one of UNITS; shares are from -1 to 1. `cases` and `others` are
    how many have a known score, `coverage` the share of the group with others to compare with;
    `rounded` says that the figures are so. `with_work` says that no start is known at the step, so
    that waiting is told with the work. `together` are attributes that cannot be told apart from
    this one. `bases` are the grounds on which sensitive attributes of the subject are analysed.
    `in_both_halves` is whether the gap was found in each half of the period by itself (None: not
    asked). `smallest_seen` is the smallest gap that the test would have seen 4 times of 5;
    `why_not` why the gap is no finding; `mean_others` the mean of the others.
    """

    subject: tuple[tuple[str, str], ...]
    measure: str
    unit: str
    cases: int
    others: int
    coverage: float
    compared: Compared
    activity: str | None = None
    feature: str | None = None
    resource: str | None = None
    with_work: bool = False
    raw: Estimate | None = None
    entry: Estimate | None = None
    process: Estimate | None = None
    direct: Estimate | None = None
    together: tuple[str, ...] = ()
    bases: Mapping[str, str] | None = None
    in_both_halves: bool | None = None
    smallest_seen: float | None = None
    material: float | None = None
    why_not: str | None = None
    parts: tuple[Part, ...] = ()
    edges: tuple[Edge, ...] = ()
    mean_others: float | None = None
    robust: Robust | None = None
    rounded: bool = False

    def __post_init__(self) -> None:
        """Refuse what there are no words for, and limits that do not hold their value."""
        if not self.subject:
            raise ValueError("a gap has no subject; expected attribute and value")
        if self.measure not in MEASURES:
            raise ValueError(f'measure is "{self.measure}"; expected one of {", ".join(MEASURES)}')
        if self.unit not in UNITS:
            raise ValueError(f'unit is "{self.unit}"; expected one of {", ".join(UNITS)}')
        if (self.feature in FEATURES) != (self.measure == "route"):
            raise ValueError(
                f'feature is "{self.feature}" of measure "{self.measure}"; expected with route, '
                f"and only there, one of {', '.join(FEATURES)}"
            )
        if self.measure == "waiting" and self.activity is None:
            raise ValueError("waiting has no activity; expected the step that was waited at")
        for told in (self.raw, self.entry, self.process, self.direct):
            refuse_crossed("a gap", told)

    @classmethod
    def read(cls, gap: Mapping[str, Any], found: Mapping[str, Any], *, rounded: bool) -> Self:
        """One of `gaps` or `intersections` in `found`, the content of equity.json.

        ValueError where an attribute is sensitive and nobody stated a basis.
        """
        subject = _subject(gap["attribute"], gap["group"], found["attributes"])
        names = [name for name, _ in subject]
        return cls(
            subject=subject,
            measure=gap["measure"],
            unit=gap["unit"],
            cases=gap["cases"],
            others=gap["others"],
            coverage=gap["coverage"],
            compared=Compared.read(found, names),
            activity=gap.get("activity"),
            feature=gap.get("feature"),
            resource=gap.get("resource"),
            with_work=bool(gap.get("with_work")),
            raw=_estimate(gap.get("raw")),
            entry=_estimate(gap.get("entry")),
            process=_estimate(gap.get("process")),
            direct=_estimate(gap.get("direct")),
            together=tuple(gap.get("together_with") or ()),
            bases=bases(names, found["attributes"]),
            in_both_halves=replicated(
                gap.get("halves") or (), (gap.get("entry") or {}).get("value")
            ),
            smallest_seen=gap.get("smallest_seen"),
            material=gap.get("material"),
            why_not=gap.get("why_not"),
            parts=tuple(
                Part(what=part["what"], value=part["value"])
                for part in gap.get("parts") or ()
                if part["value"] is not None
            ),
            edges=tuple(
                Edge(source=edge["source"], target=edge["target"], value=edge["value"])
                for edge in gap.get("edges") or ()
                if _sure(edge)
            ),
            mean_others=gap.get("mean_others"),
            robust=_robust(gap.get("robustness")),
            rounded=rounded,
        )


def refuse_crossed(what: str, told: Estimate | None) -> None:
    """ValueError where `what` is told as no number, or lies outside its own limits."""
    if told is None:
        return
    if not math.isfinite(told.value):
        raise ValueError(f"{what} is {told.value}; expected a number, or None where nobody knows")
    if told.low is not None and told.high is not None and not told.low <= told.value <= told.high:
        raise ValueError(f"{what} is {told.value}, outside its limits {told.low} to {told.high}")


def replicated(halves: Sequence[Mapping[str, Any]], value: float | None) -> bool | None:
    """Whether each half of the period shows a gap of `value` by itself; None where nobody asked.

    >>> replicated([{"value": 2.0, "p_value": 0.01}, {"value": -2.0, "p_value": 0.01}], 1.0)
    False
    """
    if not halves or value is None:
        return None
    return all(
        one["p_value"] is not None and one["p_value"] <= _SURE and one["value"] * value > 0
        for one in halves
    )


def bases(names: Sequence[str], attributes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """On what grounds those of `names` are analysed that have one, as equity.json states them.

    >>> bases(["faith"], [{"attribute": "faith", "sensitive": True, "basis": "order 7"}])
    {'faith': 'order 7'}
    """
    known = {one["attribute"]: one for one in attributes if one["attribute"] in names}
    for name, one in known.items():
        if one.get("sensitive") and not one.get("basis"):
            raise ValueError(f'"{name}" {_NEVER_TOLD}')
    return {name: one["basis"] for name, one in known.items() if one.get("basis")}


def _subject(
    attribute: str, group: str, attributes: Sequence[Mapping[str, Any]]
) -> tuple[tuple[str, str], ...]:
    """Attribute and value; two pairs where `a+b` and `x+y` are joined from known ones.

    >>> known = [{"attribute": "a", "groups": [{"group": "x+"}]},
    ...          {"attribute": "b", "groups": [{"group": "y"}]}]
    >>> _subject("a+b", "x++y", known), _subject("a", "x+", known)
    ((('a', 'x+'), ('b', 'y')), (('a', 'x+'),))
    """
    groups = {one["attribute"]: [each["group"] for each in one["groups"]] for one in attributes}
    if attribute in groups:
        return ((attribute, group),)
    for first, second in itertools.permutations(groups, 2):
        if f"{first}+{second}" != attribute:
            continue
        for one, other in itertools.product(groups[first], groups[second]):
            if f"{one}+{other}" == group:
                return ((first, one), (second, other))
    return ((attribute, group),)


def _estimate(limits: Mapping[str, float | None] | None) -> Estimate | None:
    if limits is None or limits["value"] is None:
        return None
    return Estimate(value=limits["value"], low=limits["ci_low"], high=limits["ci_high"])


def _robust(found: Mapping[str, Any] | None) -> Robust | None:
    if found is None or found["value"] is None:
        return None
    return Robust(value=found["value"], benchmark=found["benchmark"], left=found["as_strong"])


def _sure(edge: Mapping[str, Any]) -> bool:
    """Whether a stretch of the way surely carries a part of the gap."""
    low, high = edge.get("ci_low"), edge.get("ci_high")
    return low is not None and high is not None and (low > 0 or high < 0)
