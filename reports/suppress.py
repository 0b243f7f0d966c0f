"""What may leave the office: aggregates in which no small group of cases can be seen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from reports.graph import ProcessMap
from reports.protect import protect
from reports.results import (
    Giver,
    Handover,
    Results,
    Rework,
    Throughput,
    Variant,
)
from reports.told import without_totals
from reports.totals import tellable
from reports.ways import list_ways

_BORDERS = tuple(
    float(seconds)
    for seconds in (
        0, 60, 600, 3600, 6 * 3600, 86_400, 3 * 86_400, 7 * 86_400, 14 * 86_400, 30 * 86_400,
        60 * 86_400, 90 * 86_400, 180 * 86_400, 365 * 86_400, 730 * 86_400, 1460 * 86_400,
    )
)  # fmt: skip
_ROUND = 10
EVENT_COUNTS = frozenset({"stored", "repeats_dropped", "events", "executions"})
"""Counts of `run.json` that add up what the map shows; cases, rejects and findings do not."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """Results without small cells; what is None or absent here is nowhere in the report.

    `cases` is None when there are so few that nothing can be told. `rest_cases` and
    `rest_variants` are the cases and ways that `variants` does not list.
    """

    process: str
    as_of: str
    first: str
    last: str
    smallest_cell: int
    cases: int | None
    open_cases: int | None
    events: int | None
    events_about: bool
    graph: ProcessMap
    variants: tuple[Variant, ...]
    rest_cases: int
    rest_variants: int
    throughput: Throughput | None
    rework: tuple[Rework, ...]
    handover_by: Giver
    handover: tuple[Handover, ...]
    handover_pairs: int
    findings: tuple[Mapping[str, Any], ...]
    findings_withheld: int
    run: Mapping[str, Any]
    hidden: Mapping[str, int]

    @property
    def hidden_cells(self) -> int:
        """How many numbers were taken out."""
        return sum(self.hidden.values())


def suppress(results: Results) -> Published:
    """Take out every count of fewer than `smallest_cell` cases, and what would give it away."""
    least = results.smallest_cell
    if results.cases < least:
        return _nothing(results)
    safe = protect(results.graph, smallest_cell=least)
    rework = _rework(results, safe.graph)
    graph = _without_small_rework(safe.graph, results.rework, rework)
    ways = list_ways(results, graph)
    handover = tuple(
        _handover(row, results.cases, least)
        for row in results.handover
        if row.cases is not None and row.cases >= least
    )
    findings = tuple(
        without_totals(finding) if safe.events_about else finding
        for finding in results.findings
        if _may_be_told(finding, results.cases, least)
    )
    open_cases = results.open_cases
    if open_cases is not None and not tellable(open_cases, results.cases, least):
        open_cases = None
    events = results.graph.events
    return Published(
        process=results.process,
        as_of=results.as_of,
        first=results.first,
        last=results.last,
        smallest_cell=least,
        cases=results.cases,
        open_cases=open_cases,
        events=_rounded(events, least) if safe.events_about else events,
        events_about=safe.events_about,
        graph=graph,
        variants=ways.listed,
        rest_cases=ways.rest_cases,
        rest_variants=ways.rest_variants,
        throughput=_throughput(results, least),
        rework=rework,
        handover_by=results.handover_by,
        # People are not named in anything that may be passed on.
        handover=handover if results.handover_by is Giver.UNIT else (),
        handover_pairs=len(handover),
        findings=findings,
        findings_withheld=len(results.findings) - len(findings),
        run=_without_values(_run(results.run, least) if safe.events_about else results.run),
        hidden={
            "activities": safe.hidden_activities,
            "paths": safe.hidden_edges,
            "variants": ways.rest_variants,
            "rework": len(results.rework) - len(rework),
            "handover": len(results.handover) - len(handover),
        },
    )


def _nothing(results: Results) -> Published:
    return Published(
        process=results.process,
        as_of=results.as_of,
        first="",
        last="",
        smallest_cell=results.smallest_cell,
        cases=0 if results.cases == 0 else None,
        open_cases=None,
        events=0 if results.cases == 0 else None,
        events_about=False,
        graph=ProcessMap(activities=(), edges=()),
        variants=(),
        rest_cases=0,
        rest_variants=0,
        throughput=None,
        rework=(),
        handover_by=results.handover_by,
        handover=(),
        handover_pairs=0,
        findings=(),
        findings_withheld=len(results.findings),
        run={key: results.run[key] for key in _HARMLESS if key in results.run},
        hidden={"paths": len(results.graph.edges), "variants": len(results.variants)},
    )


_HARMLESS = ("switched_off", "lake_version", "definition", "package_version")


def _throughput(results: Results, least: int) -> Throughput | None:
    told = results.throughput
    if told is None or not tellable(told.cases, results.cases, least) or told.cases == 0:
        return None
    return replace(told, bins=merge_small(rebin(told.bins), least))


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


def _rework(results: Results, shown: ProcessMap) -> tuple[Rework, ...]:
    """Repeats by enough cases that do not tell how few did the activity only once or never.

    How often it came again is left out where its cases are not told beside its executions, for
    executions less repeats are the cases.
    """
    least = results.smallest_cell
    exact = {a.name: a.cases for a in results.graph.activities}
    untold = {a.name for a in shown.activities if a.cases is None and not a.about}
    return tuple(
        replace(row, executions=None) if row.activity in untold else row
        for row in results.rework
        if row.cases >= least
        and tellable(row.cases, results.cases, least)
        and tellable(row.cases, exact.get(row.activity) or row.cases, least)
    )


def _handover(row: Handover, cases: int, least: int) -> Handover:
    """A handover that nearly all cases had, rounded: it would tell how few had it not."""
    if row.cases is None:
        return row
    if tellable(row.cases, cases, least):
        few_repeats = 0 < row.frequency - row.cases < least
        return replace(row, cases=None) if few_repeats else row
    return replace(row, frequency=_rounded(row.frequency, least), cases=None, about=True)


def _may_be_told(finding: Mapping[str, Any], whole: int, least: int) -> bool:
    """Findings about few cases, about all but a few, or about a single officer stay inside."""
    cases = finding.get("cases")
    evidence = finding.get("evidence") or {}
    affected, total = evidence.get("affected"), evidence.get("total")
    return (
        not finding.get("subject", {}).get("resource")
        and (cases is None or tellable(cases, whole, least))
        # Few events are of few cases.
        and (affected is None or total is None or tellable(affected, total, least))
    )


def _without_small_rework(
    graph: ProcessMap, rework: tuple[Rework, ...], told: tuple[Rework, ...]
) -> ProcessMap:
    """Few cases may repeat an activity many times; then only its executions are told."""
    few = {row.activity for row in rework} - {row.activity for row in told}
    return replace(
        graph,
        activities=tuple(
            replace(a, cases=None, rework=None) if a.name in few else a for a in graph.activities
        ),
    )


def _run(run: Mapping[str, Any], least: int) -> Mapping[str, Any]:
    """Counts of events rounded, where their exact sum would tell a hidden number."""
    if "counts" not in run:
        return run
    counts = {
        name: _rounded(count, least) if name in EVENT_COUNTS else count
        for name, count in run["counts"].items()
    }
    return {**run, "counts": counts}


def _without_values(run: Mapping[str, Any]) -> Mapping[str, Any]:
    """Reasons of rejects without the rejected values, which may name a person or a case."""
    reasons: dict[str, int] = {}
    for reason, count in run.get("rejects", {}).items():
        told = impersonal(reason)
        reasons[told] = reasons.get(told, 0) + count
    return {**run, "rejects": reasons} if "rejects" in run else run


def impersonal(reason: str) -> str:
    """What was wrong, without the value that was.

    >>> impersonal('resource is 17; expected text')
    'resource is not as expected: text'
    >>> impersonal("case_id is missing")
    'case_id is missing'
    """
    found = re.fullmatch(r"(\S+) is .*; expected (.+)", reason, re.DOTALL)
    return f"{found[1]} is not as expected: {found[2]}" if found else reason


def _rounded(count: int, least: int) -> int:
    """The count to the nearest step, which is finer for what is small; nothing becomes zero.

    >>> _rounded(1434, 5), _rounded(22, 5), _rounded(2, 5), _rounded(0, 5)
    (1450, 20, 5, 0)
    """
    step = _ROUND * least if count >= _ROUND * least else least
    return max((count + step // 2) // step * step, least) if count else 0
