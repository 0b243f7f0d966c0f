"""Spans of time that cases are counted in, none of them with only a few."""

_BORDERS = tuple(
    float(seconds)
    for seconds in (
        0, 60, 600, 3600, 6 * 3600, 86_400, 3 * 86_400, 7 * 86_400, 14 * 86_400, 30 * 86_400,
        60 * 86_400, 90 * 86_400, 180 * 86_400, 365 * 86_400, 730 * 86_400, 1460 * 86_400,
    )
)  # fmt: skip


def rebin(bins: tuple[tuple[float, float, int], ...]) -> tuple[tuple[float, float, int], ...]:
    """Bins between borders that people use (a minute, an hour, a day, a week, ...).

    A bin goes where its lower border lies; empty bins at both ends are left out.
    """
    tops = (*_BORDERS[1:], float("inf"))
    counts = [0] * len(_BORDERS)
    for low, _, count in bins:
        counts[max(sum(low >= border for border in _BORDERS) - 1, 0)] += count
    filled = [i for i, count in enumerate(counts) if count]
    if not filled:
        return ()
    return tuple((_BORDERS[i], tops[i], counts[i]) for i in range(filled[0], filled[-1] + 1))


def merge_small(
    bins: tuple[tuple[float, float, int], ...], least: int
) -> tuple[tuple[float, float, int], ...]:
    """Join neighbouring bins until none holds fewer than `least` cases, but for empty ones."""
    merged: list[tuple[float, float, int]] = []
    pending: tuple[float, float, int] | None = None
    for low, high, count in bins:
        pending = (pending[0], high, pending[2] + count) if pending else (low, high, count)
        if pending[2] == 0 or pending[2] >= least:
            merged.append(pending)
            pending = None
    while pending and merged:
        low, _, count = merged.pop()
        pending = (low, pending[1], count + pending[2])
        if pending[2] >= least:
            merged.append(pending)
            pending = None
    return tuple(merged)
