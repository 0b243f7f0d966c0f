"""Which ways through the process may be listed beside the numbers of the map."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from reports.maps.graph import Place, ProcessMap, Terminal
from reports.results import Results, Variant, split_variant
from reports.withheld.totals import tellable

_Number = tuple[Hashable, ...]
"""What is counted: an activity or edge by executions or cases, or hidden edges at a place."""


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Variants that may be listed, and the cases and ways that they leave out."""

    listed: tuple[Variant, ...]
    rest_cases: int
    rest_variants: int


def list_ways(results: Results, shown: ProcessMap) -> Ways:
    """Variants of enough cases, less those that would tell a small group beside the map `shown`.

    Listed ways can be subtracted from what the map tells exactly: what is left of each number
    are the cases of the ways not listed, and those must be none or enough. Where they are few,
    the smallest listed way that is counted in that number is not listed either. When few cases
    altogether are left, they are counted with one way, marked `about`, if there is one with
    which all numbers agree.
    """
    least = results.smallest_cell
    told = _told(results.graph, shown)
    listed = _enough(results)
    counted = [_numbers(variant.activities, told, shown) for variant in listed]
    while True:
        left = _left(told, listed, counted)
        rest = results.cases - sum(variant.cases for variant in listed)
        concerned = {number for numbers in counted for number in numbers}
        few = [number for number in told if number in concerned and not _fine(left[number], least)]
        if tellable(rest, results.cases, least) and not few:
            break
        if 0 < rest < least and (merged := _merged(listed, counted, left, rest, results)):
            listed, rest = merged, 0
            break
        # The smallest way that the first such number counts; any, where only the rest is small.
        first = few[0] if few else None
        place = max(
            index for index, numbers in enumerate(counted) if first is None or first in numbers
        )
        listed, counted = (
            listed[:place] + listed[place + 1 :],
            counted[:place] + counted[place + 1 :],
        )
    return Ways(
        listed=tuple(listed),
        rest_cases=rest,
        rest_variants=len(results.variants) - len(listed),
    )


def _fine(left: int, least: int) -> bool:
    return left == 0 or left >= least


def _enough(results: Results) -> list[Variant]:
    """The variants that enough cases took, the most common first."""
    names = frozenset(activity.name for activity in results.graph.activities)
    table = results.variants.sort_values("rank")
    table = table[table["cases"] >= results.smallest_cell]
    return [
        Variant(
            cases=cases,
            share=cases / results.cases,
            events=events,
            activities=split_variant(joined, names),
        )
        for cases, events, joined in zip(
            table["cases"].tolist(),
            table["events"].tolist(),
            table["activities"].tolist(),
            strict=True,
        )
    ]


def _merged(
    listed: Sequence[Variant],
    counted: Sequence[Mapping[_Number, int]],
    left: Mapping[_Number, int],
    rest: int,
    results: Results,
) -> list[Variant] | None:
    """The list with the rest counted in one way, from the smallest up, if one fits."""
    for place in range(len(listed) - 1, -1, -1):
        numbers = counted[place]
        concerned = {number for numbers in counted for number in numbers}
        if all(
            _fine(left[number] - rest * numbers.get(number, 0), results.smallest_cell)
            for number in concerned
        ):
            cases = listed[place].cases + rest
            whole = replace(
                listed[place], cases=cases, share=cases / results.cases, events=None, about=True
            )
            return [*listed[:place], whole, *listed[place + 1 :]]
    return None


def _left(
    told: Mapping[_Number, int],
    listed: Sequence[Variant],
    counted: Sequence[Mapping[_Number, int]],
) -> dict[_Number, int]:
    """What is left of each told number once the listed ways are subtracted."""
    left = dict(told)
    for variant, numbers in zip(listed, counted, strict=True):
        for number, times in numbers.items():
            left[number] -= variant.cases * times
    return left


def _steps(activities: Sequence[str]) -> list[tuple[Place, Place]]:
    return list(pairwise([Terminal.START, *activities, Terminal.END]))


def _told(whole: ProcessMap, shown: ProcessMap) -> dict[_Number, int]:
    """The numbers of the map that are told exactly, and sums that follow from them.

    Where an activity's executions are told exactly, what enters it (or leaves it) by edges that
    are not told exactly is known altogether.
    """
    told: dict[_Number, int] = {}
    for activity in shown.activities:
        if not activity.about:
            told["executions", activity.name] = activity.events
            if activity.cases is not None:
                told["cases", activity.name] = activity.cases
    exact = {edge.key for edge in shown.edges if not edge.about}
    for edge in shown.edges:
        if not edge.about:
            told["executions", *edge.key] = edge.frequency
            if edge.cases is not None:
                told["cases", *edge.key] = edge.cases
    for edge in whole.edges:
        if edge.key not in exact:
            for number in _hidden_sums(edge.key, told):
                told[number] = told.get(number, 0) + edge.frequency
    return told


def _hidden_sums(
    key: tuple[Place, Place], told: Mapping[_Number, int]
) -> Iterable[tuple[str, Place]]:
    """The known sums that a hidden edge is part of."""
    source, target = key
    if source is Terminal.START or ("executions", source) in told:
        yield ("leaving", source)
    if target is Terminal.END or ("executions", target) in told:
        yield ("entering", target)


def _numbers(
    activities: Sequence[str], told: Mapping[_Number, int], shown: ProcessMap
) -> Counter[_Number]:
    """How often one case of a way counts in each told number."""
    exact = {edge.key for edge in shown.edges if not edge.about}
    numbers: Counter[_Number] = Counter()
    steps = _steps(activities)
    numbers.update(("executions", name) for name in activities)
    numbers.update(("executions", *key) for key in steps)
    numbers.update(("cases", name) for name in set(activities))
    numbers.update(("cases", *key) for key in set(steps))
    for key in steps:
        if key not in exact:
            numbers.update(_hidden_sums(key, told))
    return Counter({number: times for number, times in numbers.items() if number in told})
