"""What may leave the office: aggregates in which no small group of cases can be seen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from reports.detours import Detours
from reports.graph import ProcessMap, with_standing
from reports.names import Names
from reports.protect import protect
from reports.results import (
    Giver,
    Handover,
    Party,
    Results,
    Rework,
    Throughput,
    Variant,
)
from reports.spans import merge_small, rebin
from reports.terms import Terms
from reports.told import told, without_totals
from reports.totals import nearest, tellable
from reports.waiting import Waiting
from reports.ways import list_ways
from reports.withhold_detours import withhold_detours
from reports.withhold_strays import with_strays
from reports.withhold_terms import withhold_terms
from reports.withhold_waiting import withhold_waiting

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
    waiting: Waiting | None
    terms: Terms | None
    detours: Detours | None
    parties: tuple[Party, ...]
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
    names: Names

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
    waiting = results.waiting and withhold_waiting(results.waiting, least=least)
    terms = results.terms and withhold_terms(
        results.terms,
        activity_cases={a.name: a.cases or 0 for a in results.graph.activities},
        least=least,
    )
    detours = results.detours and withhold_detours(results.detours, least=least)
    findings = tuple(
        without_totals(fit) if safe.events_about else fit
        for finding in results.findings
        if (fit := told(finding, whole=results.cases, least=least, terms=terms, detours=detours))
        is not None
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
        graph=with_standing(_with_strays(graph, results), waiting.standing if waiting else {}),
        waiting=waiting,
        terms=terms,
        detours=detours,
        parties=_parties(results.parties, least),
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
            **_hidden_beside(waiting, terms),
            **({"detours": detours.hidden} if detours else {}),
        },
        names=results.names,
    )


def _hidden_beside(waiting: Waiting | None, terms: Terms | None) -> Mapping[str, int]:
    """How many queues, places, groups and steps are not told."""
    return {
        "queues": waiting.hidden_queues if waiting else 0,
        "places": waiting.hidden_places if waiting else 0,
        "groups": terms.hidden_groups if terms else 0,
        "steps": terms.hidden_steps if terms else 0,
    }


def _with_strays(graph: ProcessMap, results: Results) -> ProcessMap:
    """The map with what strays on it, where somebody asked."""
    if results.detours is None:
        return graph
    return with_strays(
        graph,
        exact=results.graph,
        edges=results.detours.edges,
        activities=results.detours.activities,
        cases=results.cases,
        least=results.smallest_cell,
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
        waiting=None,
        terms=None,
        detours=None,
        parties=(),
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
        names=results.names,
    )


_HARMLESS = ("switched_off", "lake_version", "definition", "package_version")


def _throughput(results: Results, least: int) -> Throughput | None:
    spent = results.throughput
    if spent is None or not tellable(spent.cases, results.cases, least) or spent.cases == 0:
        return None
    return replace(spent, bins=merge_small(rebin(spent.bins), least))


def _parties(parties: tuple[Party, ...], least: int) -> tuple[Party, ...]:
    """Parties that enough cases lay with; nothing where only one would be left."""
    kept = tuple(
        replace(party, cases=nearest(party.cases, least))
        for party in parties
        if party.cases >= least
    )
    return kept if len(kept) > 1 else ()


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


def _without_small_rework(
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


def _rounded(count: int, least: int) -> int:
    """The count to the nearest step, which is finer for what is small; nothing becomes zero.

    >>> _rounded(1434, 5), _rounded(22, 5), _rounded(2, 5), _rounded(0, 5)
    (1450, 20, 5, 0)
    """
    step = _ROUND * least if count >= _ROUND * least else least
    return max((count + step // 2) // step * step, least) if count else 0
