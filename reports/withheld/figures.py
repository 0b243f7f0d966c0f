"""Figures with as many digits as may be passed on, and as say something."""

from math import floor, log10

from reports.contents.terms import Limits

_SHARE_DIGITS = 3
_CURRENCY_DIGITS = 3
# Into so many parts a share is cut, where each is of a smallest cell or more.
_STEPS = (20, 10, 5, 2, 1)


def rounded(limits: Limits, digits: int) -> Limits:
    """A figure and its limits to so many digits.

    >>> rounded(Limits(value=0.12345, low=None, high=0.2), 3)
    Limits(value=0.123, low=None, high=0.2)
    """
    low, high = limits.low, limits.high
    return Limits(
        value=round(limits.value, digits),
        low=None if low is None else round(low, digits),
        high=None if high is None else round(high, digits),
    )


def figures(limits: Limits, unit: str) -> Limits:
    """A gap and its limits, all with as many digits as suit the largest of them.

    One digit more where the limits would read the same: an interval of no width is a false one.

    >>> figures(Limits(value=2.8731, low=2.4321, high=3.3141), "working days")
    Limits(value=2.9, low=2.4, high=3.3)
    >>> figures(Limits(value=123_456.0, low=98_765.0, high=None), "currency")
    Limits(value=123000.0, low=99000.0, high=None)
    >>> figures(Limits(value=1.8767, low=1.8533, high=1.8997), "working days")
    Limits(value=1.88, low=1.85, high=1.9)
    """
    parts = (limits.value, limits.low, limits.high)
    largest = max(abs(part) for part in parts if part is not None)
    digits = _digits(largest, unit)
    told = rounded(limits, digits)
    return rounded(limits, digits + 1) if told.low is not None and told.low == told.high else told


def figure(value: float, unit: str) -> float:
    """A single figure with as many digits as suit it.

    >>> figure(0.8123, "days"), figure(3.8123, "days"), figure(0.07123, "share")
    (0.81, 3.8, 0.071)
    """
    return round(value, _digits(abs(value), unit))


def stepped(share: float, of: int, least: int) -> float:
    """A share down to steps that no few of so many make: how many it is of is not told to one.

    >>> stepped(0.944, 500, 5), stepped(0.944, 60, 5), stepped(0.6, 60, 5), stepped(1.0, 9, 5)
    (0.9, 0.9, 0.6, 1.0)
    """
    steps = next(count for count in _STEPS if count <= max(of // least, 1))
    return round(floor(steps * share + 1e-9) / steps, 2)


def _digits(largest: float, unit: str) -> int:
    if unit == "share":
        return _SHARE_DIGITS
    if unit == "currency":
        return _CURRENCY_DIGITS - 1 - floor(log10(largest)) if largest else 0
    return 2 if largest < 1 else 1
