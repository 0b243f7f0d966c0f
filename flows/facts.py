"""The first things to know of a process, in sentences: ways, lengths, repeats, waits, targets."""

from reports.maps.graph import Edge, place_name
from reports.results import Results

_DAY = 86_400
_HOUR = 3_600
# A path that few cases take is no news, however long it takes.
_SHARE_TOLD = 0.1
# So many missed targets are told; the scorecard has them all.
_MISSED = 3


def facts(results: Results) -> list[str]:
    """A few sentences, fewer where `--only` left something out or there are no events."""
    return [
        *_ways(results),
        *_lengths(results),
        *_repeats(results),
        *_longest(results),
        *_targets(results),
    ]


def _ways(results: Results) -> list[str]:
    variants = results.variants
    if not len(variants):
        return []
    share = f"{variants['share'].iloc[0]:.0%}"
    if len(variants) == 1:
        return [f"All {results.cases:,} cases went the same way."]
    ways = f"{results.cases:,} cases went {len(variants):,} different ways"
    return [f"{ways}; the commonest was taken by {share}."]


def _lengths(results: Results) -> list[str]:
    spent = results.throughput
    if spent is None:
        return []
    half = f"Half of the cases took up to {duration(spent.p50)} from first to last event"
    return [f"{half}, one in ten more than {duration(spent.p90)}."]


def _repeats(results: Results) -> list[str]:
    if not results.rework:
        return []
    most = max(results.rework, key=lambda row: (row.executions, row.activity))
    again = f"{most.executions:,} times in {most.cases:,} cases"
    return [f"{most.activity} is what is done again most often: {again}."]


def _longest(results: Results) -> list[str]:
    told = [
        (edge.seconds.p50, str(edge), edge)
        for edge in results.graph.edges
        if edge.seconds is not None and (edge.cases or 0) >= _SHARE_TOLD * results.cases
    ]
    if not told:
        return []
    longest: Edge = max(told)[2]
    assert longest.seconds is not None
    between = f"{place_name(longest.source)} and {place_name(longest.target)}"
    spent = f"a median of {duration(longest.seconds.p50)} (n = {longest.frequency:,})"
    return [f"Files lie longest between {between}: {spent}."]


def _targets(results: Results) -> list[str]:
    """How many targets are met, and the misses of the whole office."""
    if results.scorecard is None:
        return []
    judged = [line for line in results.scorecard.lines if line.met is not None]
    if not judged:
        return []
    met = sum(line.met == "yes" for line in judged)
    close = sum(line.met == "too close to tell" for line in judged)
    unsure = f", {close} are too close to tell" if close else ""
    missed = [line.wording["en"] for line in judged if line.met == "no" and line.of_office]
    return [f"{met} of {len(judged)} targets are met{unsure}.", *missed[:_MISSED]]


def duration(seconds: float) -> str:
    """A length of time in the unit that people would use, e.g. "3 days", "5 hours".

    >>> duration(129_600), duration(5400), duration(30)
    ('1.5 days', '1.5 hours', '0.5 minutes')
    """
    for unit, size in (("day", _DAY), ("hour", _HOUR), ("minute", 60)):
        if seconds >= size or unit == "minute":
            count = seconds / size
            figure = f"{count:.0f}" if count >= 10 else f"{count:.1f}".removesuffix(".0")  # noqa: PLR2004 (one decimal is enough for two digits)
            return f"{figure} {unit}" if figure == "1" else f"{figure} {unit}s"
    raise AssertionError
