"""How much less sure a median is where applications that came at about the same time fare alike.

A queue that is long today is long tomorrow, so applications beside each other in time are no draws
of their own. So the lengths are cut into stretches of days with about equally many, and how far
shares under the median lie apart between stretches tells how sure the median is (the variance of
cluster sums; Woodruff 1952 for medians). Where two sets lie in the same stretches, what these have
in common cancels; where one came later than the other, it does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy import special

from eventlog.kernels import Int32s, Int64s
from miners.shares import Floats

_STRETCHES, _FEWEST, _IN_STRETCH = 20, 6, 5
_MOST_LEANING = 0.8


@dataclass(frozen=True, kw_only=True, eq=False)
class Apart:
    """Which lengths are under their median (-1), on it (0) or over it (1), and their days; [rows].

    `alike` is how many lengths there are of each application.
    """

    signs: Floats
    day: Int32s
    alike: float


def apart(sides: Sequence[Apart], *, sure: float) -> list[float]:
    """How many standard errors of independent lengths the limits of each median lie off.

    `sides` are one set of lengths or two that are compared; `sure` is how often limits hold.
    """
    quantile = (1 + sure) / 2
    plain = textbook(sure)
    days = np.concatenate([side.day for side in sides])
    fewest = min(len(side.day) / side.alike for side in sides)
    many = min(_STRETCHES, int(fewest) // _IN_STRETCH * len(sides))
    if many < _FEWEST or not len(days):
        return [plain * sqrt(side.alike) for side in sides]
    stretch = _stretches(days, many)
    ends = np.cumsum([len(side.day) for side in sides])[:-1]
    sums = [
        np.bincount(of, weights=_centred(side.signs), minlength=many) / len(side.signs)
        for side, of in zip(sides, np.split(stretch, ends), strict=True)
    ]
    lie = [int((np.bincount(of, minlength=many) > 0).sum()) for of in np.split(stretch, ends)]
    if min(lie) < _FEWEST // len(sides):
        return [plain * sqrt(side.alike) for side in sides]
    own = [float((each**2).sum()) * n / (n - 1) for each, n in zip(sums, lie, strict=True)]
    together = sums[0] if len(sums) == 1 else sums[0] - sums[1]
    # Less than 1 where both fare alike in the same stretches.
    common = float((together**2).sum()) / max(sum(float((each**2).sum()) for each in sums), 1e-12)
    wider = common * _widened(sums, lie)
    strict = float(special.stdtrit(max(sum(lie) - len(lie), 1), quantile))
    return [
        max(
            strict * sqrt(variance * wider / _alone(side.signs)) if bool(side.signs.any()) else 0.0,
            plain * sqrt(side.alike),
        )
        for side, variance in zip(sides, own, strict=True)
    ]


def textbook(sure: float) -> float:
    """The same where lengths are independent: a quantile of the normal distribution."""
    return float(special.ndtri((1 + sure) / 2))


def _widened(sums: Sequence[Floats], lie: Sequence[int]) -> float:
    """By how much the variance is larger because stretches lean on those before them; 1 or more.

    As in `engine.scorecard.certainty`: the correlation of neighbours, freed of its bias in short
    series (Kendall 1954).
    """
    below = sum(float((each**2).sum()) for each in sums)
    many = min(lie)
    if below <= 0:
        return 1.0
    beside = sum(float((each[1:] * each[:-1]).sum()) for each in sums)
    leaning = (beside / below * many / (many - 1) + 1 / many) / max(1 - 3 / many, 0.5)
    leaning = min(max(leaning, 0.0), _MOST_LEANING)
    return (1 + leaning) / (1 - leaning)


def _centred(signs: Floats) -> Floats:
    return np.asarray(signs - signs.mean(), np.float64)


def _alone(signs: Floats) -> float:
    """The variance of the mean sign if lengths were independent."""
    return float((_centred(signs) ** 2).mean()) / len(signs)


def _stretches(days: Int32s, many: int) -> Int64s:
    """The stretch, from 0, of each day: about equally many in each; [rows].

    >>> _stretches(np.array([5, 1, 2, 9, 9, 3], np.int32), 3).tolist()
    [1, 0, 0, 2, 2, 1]
    """
    place = days.astype(np.int64) - int(days.min())
    count = np.bincount(place)
    before = np.cumsum(count) - count
    return np.asarray((before * many // len(days))[place], np.int64)
