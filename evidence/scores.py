"""What the offices of all seeds come to: the figures of the page, and whether they are enough."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from measuring import MEANS, Found, Interval, Judged, Measured
from offices import CLEAN, KINDS, TOGETHER
from verdict import Verdict

ENOUGH, HELD, TOLD_IN_CLEAN = 0.95, 0.9, 0.05
"""The targets: precision and recall, intervals that hold the truth, findings in clean offices."""
NAMES = {"rules": "rules", "bpmn": "BPMN drawing", "usual routes": "usual routes"}
"""What offices are judged by, as the page calls it."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How well one kind is found by one means: cases over all offices in which it was planted.

    `found` counts cases in offices without the kind too: these are all wrong. `offices` are those
    in which it was planted, `worst` is the lowest recall in one of them.
    """

    kind: str
    offices: int
    found: int
    planted: int
    right: int
    worst: float

    @property
    def precision(self) -> float | None:
        """The share of the found cases that were planted; None where none was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float:
        """The share of the planted cases that were found."""
        return self.right / self.planted if self.planted else 1.0


@dataclass(frozen=True, kw_only=True)
class Price:
    """How well a cost is told: `held` of the `priced` intervals have the truth in them.

    `offices` are those in which the detour was planted, `days` is what it truly added and `off` how
    far estimates were from that on the average, `width` how wide the intervals were; all means, in
    working days for a case.
    """

    offices: int
    priced: int
    held: int
    days: float
    off: float
    width: float

    @property
    def share(self) -> float | None:
        """The share of the intervals that hold the truth; None without any."""
        return self.held / self.priced if self.priced else None


def judged(measured: Iterable[Measured], by: str) -> Iterator[tuple[Measured, Judged]]:
    """Each office with what is found in it by one means."""
    for one in measured:
        for each in one.judged:
            if each.by == by:
                yield one, each


def kind(measured: Sequence[Measured], by: str, name: str) -> Kind:
    """How well a kind is found."""
    every = [
        found for _, each in judged(measured, by) for found in each.kinds if found.kind == name
    ]
    planted = [one for one in every if one.planted]
    return Kind(
        kind=name,
        offices=len(planted),
        found=sum(one.found for one in every),
        planted=sum(one.planted for one in planted),
        right=sum(one.right for one in planted),
        worst=min((one.right / one.planted for one in planted), default=1.0),
    )


def rare(
    measured: Sequence[Measured], by: str, name: str, *, least: float, most: float
) -> tuple[int, float | None]:
    """In how many offices from `least` to below `most` of all cases took a detour, and its recall.

    None where there is no such office.
    """
    planted = right = offices = 0
    for one, each in judged(measured, by):
        for found in each.kinds:
            if found.kind == name and found.planted and least <= found.planted / one.cases < most:
                offices += 1
                planted += found.planted
                right += found.right
    return offices, right / planted if planted else None


def price(measured: Sequence[Measured], by: str, name: str) -> Price:
    """How well the cost of a kind is told."""
    return _price(
        (found.days, found.cost)
        for _, each in judged(measured, by)
        for found in each.kinds
        if found.kind == name
    )


def naive(measured: Sequence[Measured], name: str) -> Price:
    """The same of the figure that comes from whole throughput times."""
    return _price(
        (found.days, one.naive.get(name))
        for one, each in judged(measured, MEANS[0])
        for found in each.kinds
        if found.kind == name
    )


def total(measured: Sequence[Measured], by: str) -> Price:
    """How well the case-days of all detours are told, in offices where nothing is left out."""
    return _price((one.total, each.total) for one, each in judged(measured, by) if summed(one))


def summed(one: Measured) -> bool:
    """Whether the office has several kinds and none that saves days, which have no true total."""
    return one.name == TOGETHER and "skipped" not in one.planted


def _price(pairs: Iterable[tuple[float | None, Interval | None]]) -> Price:
    every = [(truth, told) for truth, told in pairs if truth is not None]
    priced = [(truth, told) for truth, told in every if told is not None]
    many = max(len(priced), 1)
    return Price(
        offices=len(every),
        priced=len(priced),
        held=sum(told.holds(truth) for truth, told in priced),
        days=sum(truth for truth, _ in every) / max(len(every), 1),
        off=sum(told.value - truth for truth, told in priced) / many,
        width=sum(told.width for _, told in priced) / many,
    )


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """Findings of what nobody planted: `told_in` so many offices of `offices`, `findings` in all.

    `marked` offices have any case that is said to stray in a way that nobody planted.
    """

    offices: int
    told_in: int
    findings: int
    wrong: int
    marked: int


def wrong(measured: Sequence[Measured], by: str, *names: str) -> Wrong:
    """How often what nobody planted is told in the offices of these names."""
    pairs = [(one, each) for one, each in judged(measured, by) if one.name in names]
    return Wrong(
        offices=len(pairs),
        told_in=sum(bool(each.wrong) for _, each in pairs),
        findings=sum(each.findings for _, each in pairs),
        wrong=sum(len(each.wrong) for _, each in pairs),
        marked=sum(any(_stray(found) for found in each.kinds) for _, each in pairs),
    )


def _stray(found: Found) -> bool:
    return found.found > found.right


def verdicts(measured: Sequence[Measured]) -> list[Verdict]:
    """All targets, by what offices are judged by."""
    return [one for by in MEANS for one in _verdicts(measured, by)]


def _verdicts(measured: Sequence[Measured], by: str) -> Iterator[Verdict]:
    kinds = [one for name in KINDS if (one := kind(measured, by, name)).offices]
    least = f"at least {ENOUGH:.0%}".replace("%", " %")
    yield _least(
        f"{NAMES[by]}: precision of the worst kind",
        least,
        {one.kind: one.precision for one in kinds if one.precision is not None},
        ENOUGH,
    )
    yield _least(
        f"{NAMES[by]}: recall of the worst kind", least, {k.kind: k.recall for k in kinds}, ENOUGH
    )
    prices = {name: price(measured, by, name).share for name in KINDS}
    yield _least(
        f"{NAMES[by]}: intervals with the planted cost in them, worst kind",
        f"at least {HELD:.0%}".replace("%", " %"),
        {name: share for name, share in prices.items() if share is not None},
        HELD,
    )
    clean = wrong(measured, by, CLEAN)
    yield Verdict(
        what=f"{NAMES[by]}: clean offices in which any detour is told",
        target=f"at most {TOLD_IN_CLEAN:.0%}".replace("%", " %"),
        measured=f"{clean.told_in} of {clean.offices}",
        met=clean.told_in <= TOLD_IN_CLEAN * clean.offices if clean.offices else None,
    )


def _least(what: str, target: str, shares: Mapping[str, float], enough: float) -> Verdict:
    if not shares:
        return Verdict(what=what, target=target, measured="", met=None)
    worst = min(shares, key=lambda name: shares[name])
    return Verdict(
        what=what,
        target=target,
        measured=f"{shares[worst] * 100:.1f} % ({worst})",
        met=shares[worst] >= enough,
    )
