"""How far apart usual and unlucky applicants are: what one in ten exceeds, over the median.

The ratio P90/P50 of the time until the decision (open cases counted, Kaplan-Meier), and of what
was charged against the tariff. Limits are percentiles of a seeded bootstrap (Efron 1981).
"""

from dataclasses import dataclass

import numpy as np

from eventlog.coded import Coded
from eventlog.kernels import Bools, Int64s
from miners.groups import groups
from miners.standing import Standing
from miners.survival import Estimate, Floats, kaplan_meier

TIME, FEE = "time", "fee"
LEAST = 50
"""Cases decided (or charged) without which no ratio is told."""
_USUAL, _UNLUCKY = 0.5, 0.9
_DRAWS = 400
# Beyond so many distinct values the bootstrap works on that many equally filled classes of them.
_CLASSES = 5000
_SLACK = 1e-9


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How unpredictable a measure is for all cases, or for a group of an attribute.

    `ratio` is P90/P50 with 95 % limits, None where fewer than LEAST cases tell it, P90 is not
    reached by them, or the median is nothing. `usual` and `unlucky` are P50 and P90 in `unit`:
    days for time; for fees `times the tariff`, or `times the usual fee` where there is no tariff.
    """

    measure: str
    attribute: str | None
    group: str | None
    cases: int
    ratio: Estimate | None
    usual: float | None
    unlucky: float | None
    unit: str


def time_spread(
    standing: Standing, *, seed: int, attribute: str | None = None, group: str | None = None
) -> Spread:
    """How unpredictable the time until the decision is; a withdrawn case is followed until then."""
    seen = standing.followed()
    decided = seen.ended & ~seen.withdrawn
    return _spread(
        TIME, attribute, group, seen.ran.astype(np.float64) / seen.day, decided, seed, seen.unit
    )


def time_spread_by_value(
    standing: Standing, attribute: str, values: Coded, *, seed: int
) -> list[Spread]:
    """How unpredictable the time is for each value of an attribute, by name; `values` [cases]."""
    return [
        time_spread(standing.take(marked), seed=seed, attribute=attribute, group=name)
        for name, marked in groups(attribute, values)
    ]


@dataclass(frozen=True, kw_only=True, eq=False)
class Charged:
    """What was charged to each case in relation to what was due; `times` [cases], NaN unknown."""

    times: Floats
    unit: str

    @staticmethod
    def over_tariff(charged: Floats, official: Floats) -> "Charged":
        """Charged over the tariff's fee; cases without either, or with nothing due, are unknown."""
        due = np.where(official > 0, official, np.nan)
        return Charged(times=charged / due, unit="times the tariff")

    @staticmethod
    def over_usual(charged: Floats, strata: Int64s) -> "Charged":
        """Charged over the median of comparable cases, where no tariff is known.

        `strata` [cases] numbers the cells of what may legitimately make a difference. Cells with
        fewer than two fees, or where mostly nothing is charged, are unknown.
        """
        times = np.full(len(charged), np.nan)
        known = ~np.isnan(charged)
        for cell in np.unique(strata[known]).tolist():
            same = known & (strata == cell)
            usual = float(np.median(charged[same]))
            if int(same.sum()) > 1 and usual > 0:
                times[same] = charged[same] / usual
        return Charged(times=times, unit="times the usual fee")


def fee_spread(
    charged: Charged, *, seed: int, attribute: str | None = None, group: str | None = None
) -> Spread:
    """How unpredictable the fee is."""
    times = charged.times[~np.isnan(charged.times)]
    return _spread(FEE, attribute, group, times, np.ones(len(times), bool), seed, charged.unit)


def fee_spread_by_value(
    charged: Charged, attribute: str, values: Coded, *, seed: int
) -> list[Spread]:
    """How unpredictable the fee is for each value of an attribute, by name; `values` [cases]."""
    return [
        fee_spread(
            Charged(times=charged.times[marked], unit=charged.unit),
            seed=seed,
            attribute=attribute,
            group=name,
        )
        for name, marked in groups(attribute, values)
    ]


def _spread(
    measure: str,
    attribute: str | None,
    group: str | None,
    amounts: Floats,
    ended: Bools,
    seed: int,
    unit: str,
) -> Spread:
    usual, unlucky, ratio = None, None, None
    if int(ended.sum()) >= LEAST:
        # Ranks serve as whole numbers for the curve; the amounts themselves are told.
        every, place = np.unique(amounts, return_inverse=True)
        curve = kaplan_meier(place.astype(np.int64), ended)
        usual, unlucky = (
            None if found is None else float(every[int(found.value)])
            for found in (curve.quantile(_USUAL), curve.quantile(_UNLUCKY))
        )
        if usual and unlucky is not None:
            low, high = _limits(every, place, ended, seed)
            value = unlucky / usual
            ratio = Estimate(
                value=value,
                low=None if low is None else min(low, value),
                high=None if high is None else max(high, value),
            )
    return Spread(
        measure=measure,
        attribute=attribute,
        group=group,
        cases=len(amounts),
        ratio=ratio,
        usual=usual,
        unlucky=unlucky,
        unit=unit,
    )


def _limits(
    every: Floats, place: Int64s, ended: Bools, seed: int
) -> tuple[float | None, float | None]:
    """The 2.5 and 97.5 percentiles of P90/P50 over draws of the cases with replacement.

    A draw in which P90 is not reached counts as larger than all others; a limit that falls among
    these is None. `place` [cases] is each case's amount in `every` [distinct amounts], ascending.
    """
    if len(every) > _CLASSES:
        # A class stands for its middle amount: 1 in 5,000 of the cases, finer than the limits.
        share = np.cumsum(np.bincount(place, minlength=len(every))) / len(place)
        of_class = np.minimum((share * _CLASSES).astype(np.int64), _CLASSES - 1)
        _, of_class = np.unique(of_class, return_inverse=True)
        heads = np.flatnonzero(np.diff(of_class, prepend=-1))
        ends = np.append(heads[1:], len(every))
        every, place = every[(heads + ends - 1) // 2], of_class[place]
    size = len(every)
    cells = np.bincount(place * 2 + ended, minlength=2 * size)
    drawn = np.random.default_rng(seed).multinomial(len(place), cells / len(place), size=_DRAWS)
    open_, ends_ = drawn[:, 0::2], drawn[:, 1::2]
    left = (open_ + ends_)[:, ::-1].cumsum(axis=1)[:, ::-1]
    steps = np.divide(left - ends_, left, out=np.ones(left.shape), where=left > 0)
    beyond = np.cumprod(steps, axis=1)
    usual, unlucky = (_crossing(beyond, every, 1 - share) for share in (_USUAL, _UNLUCKY))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(usual > 0, unlucky / usual, np.inf)
    ratios[~np.isfinite(unlucky)] = np.inf
    low, high = np.quantile(ratios, (0.025, 0.975), method="nearest").tolist()
    return (low if np.isfinite(low) else None), (high if np.isfinite(high) else None)


def _crossing(beyond: Floats, every: Floats, share: float) -> Floats:
    """The first amount at which each draw's curve is at or below the share; inf where never."""
    below = beyond <= share + _SLACK
    found: Floats = np.where(below.any(axis=1), every[below.argmax(axis=1)], np.inf)
    return found
