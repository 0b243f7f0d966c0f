"""What may be passed on of repeats, handovers, parties and counts of a run."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from reports.charts.spans import merge_small, rebin
from reports.maps.graph import ProcessMap
from reports.results import Handover, Party, Results, Rework, Throughput
from reports.withheld.reasons import told_reason
from reports.withheld.totals import nearest, tellable

_ROUND = 10
EVENT_COUNTS = frozenset({"stored", "repeats_dropped", "events", "executions"})
"""Counts of `run.json` that add up what the map shows; cases, rejects and findings do not."""


def withhold_throughput(results: Results, least: int) -> Throughput | None:
    """How long cases take, in bins of enough of them; None where few are counted or left out."""
    spent = results.throughput
    if spent is None or not tellable(spent.cases, results.cases, least) or spent.cases == 0:
        return None
    return replace(spent, bins=merge_small(rebin(spent.bins), least))


def withhold_parties(parties: tuple[Party, ...], least: int) -> tuple[Party, ...]:
    """Parties that enough cases lay with; nothing where only one would be left."""
    kept = tuple(
        replace(party, cases=nearest(party.cases, least))
        for party in parties
        if party.cases >= least
    )
    return kept if len(kept) > 1 else ()


def withhold_rework(results: Results, shown: ProcessMap) -> tuple[Rework, ...]:
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


def withhold_handover(row: Handover, cases: int, least: int) -> Handover:
    """A handover that nearly all cases had, rounded: it would tell how few had it not."""
    if row.cases is None:
        return row
    if tellable(row.cases, cases, least):
        few_repeats = 0 < row.frequency - row.cases < least
        return replace(row, cases=None) if few_repeats else row
    return replace(row, frequency=rounded_count(row.frequency, least), cases=None, about=True)


def without_small_rework(
    graph: ProcessMap, rework: tuple[Rework, ...], kept: tuple[Rework, ...]
) -> ProcessMap:
    """Few cases may repeat an activity many times; then only its executions are told."""
    few = {row.activity for row in rework} - {row.activity for row in kept}
    return replace(
        graph,
        activities=tuple(
            replace(a, cases=None, rework=None) if a.name in few else a for a in graph.activities
        ),
    )


def rounded_run(run: Mapping[str, Any], least: int) -> Mapping[str, Any]:
    """Counts of events rounded, where their exact sum would tell a hidden number."""
    if "counts" not in run:
        return run
    counts = {
        name: rounded_count(count, least) if name in EVENT_COUNTS else count
        for name, count in run["counts"].items()
    }
    return {**run, "counts": counts}


def told_reasons(
    run: Mapping[str, Any], least: int, hidden: Collection[str] = ()
) -> Mapping[str, Any]:
    """Why things were not looked at, without the numbers and names of a few.

    `hidden` are the names that are not told.
    """
    if "switched_off" not in run:
        return run
    told = dict(
        told_reason(what, str(why), least=least, hidden=hidden)
        for what, why in run["switched_off"].items()
    )
    return {**run, "switched_off": told}


def without_values(run: Mapping[str, Any]) -> Mapping[str, Any]:
    """Reasons of rejects without the rejected values, which may name a person or a case."""
    reasons: dict[str, int] = {}
    for reason, count in run.get("rejects", {}).items():
        what = impersonal(reason)
        reasons[what] = reasons.get(what, 0) + count
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


def rounded_count(count: int, least: int) -> int:
    """The count to the nearest step, which is finer for what is small; nothing becomes zero.

    >>> rounded_count(1434, 5), rounded_count(22, 5), rounded_count(2, 5), rounded_count(0, 5)
    (1450, 20, 5, 0)
    """
    step = _ROUND * least if count >= _ROUND * least else least
    return max((count + step // 2) // step * step, least) if count else 0
