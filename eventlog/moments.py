"""Moments as Runut keeps them, microseconds since 1970 UTC, and as Python does."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """A moment with an offset, in µs UTC.

    >>> microseconds(datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC))
    2000000
    """
    return (moment - EPOCH) // MICROSECOND


def moment_of(microseconds: int) -> datetime:
    """The moment that lies so many µs after 1970, in UTC; exact.

    >>> moment_of(2_000_001).isoformat()
    '1970-01-01T00:00:02.000001+00:00'
    """
    return EPOCH + microseconds * MICROSECOND
