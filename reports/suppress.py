"""What may leave the office: aggregates in which no small group of cases can be seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.contents.detours import Detours
from reports.contents.equity import Equity
from reports.contents.favour import Favouritism
from reports.contents.scorecard import Scorecard
from reports.contents.terms import Terms
from reports.contents.voice import Voice
from reports.contents.waiting import Waiting
from reports.maps.graph import ProcessMap, with_standing
from reports.results import Giver, Handover, Party, Results, Rework, Throughput, Variant
from reports.withheld.counts import (
    rounded_count,
    rounded_run,
    told_reasons,
    withhold_handover,
    withhold_parties,
    withhold_rework,
    withhold_throughput,
    without_small_rework,
    without_values,
)
from reports.withheld.detours import withhold_detours
from reports.withheld.equity import largest_gap, with_gap, withhold_equity
from reports.withheld.favour import withhold_favouritism
from reports.withheld.protect import protect
from reports.withheld.scorecard import unnamed_units, withhold_scorecard
from reports.withheld.strays import with_strays
from reports.withheld.terms import withhold_terms
from reports.withheld.told import Shown, told, without_totals
from reports.withheld.totals import tellable
from reports.withheld.voice import withhold_voice
from reports.withheld.waiting import few_serve, withhold_waiting
from reports.withheld.ways import list_ways
from reports.words.names import Names


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
    equity: Equity | None
    favouritism: Favouritism | None
    voice: Voice | None
    scorecard: Scorecard | None
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
    rework = withhold_rework(results, safe.graph)
    graph = without_small_rework(safe.graph, results.rework, rework)
    ways = list_ways(results, graph)
    handover = tuple(
        withhold_handover(row, results.cases, least)
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
    graph = with_standing(_with_strays(graph, results), waiting.standing if waiting else {})
    few, rare = few_serve(results.waiting), _rare(results)
    equity = results.equity and withhold_equity(
        results.equity, graph=graph, few=few, least=least, hidden=rare
    )
    favouritism = results.favouritism and withhold_favouritism(
        results.favouritism, equity=results.equity, few=few, least=least
    )
    voice = results.voice and withhold_voice(results.voice, least=least, labels=results.labels)
    shown = Shown(
        terms=terms,
        detours=detours,
        equity=equity,
        favouritism=favouritism,
        labels=results.labels,
    )
    findings = tuple(
        without_totals(fit) if safe.events_about else fit
        for finding in results.findings
        if (fit := told(finding, whole=results.cases, least=least, shown=shown)) is not None
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
        events=rounded_count(events, least) if safe.events_about else events,
        events_about=safe.events_about,
        graph=with_gap(graph, largest_gap(equity) if equity else None),
        waiting=waiting,
        terms=terms,
        detours=detours,
        equity=equity,
        favouritism=favouritism,
        voice=voice,
        scorecard=results.scorecard
        and withhold_scorecard(results.scorecard, least=least, labels=results.labels),
        parties=withhold_parties(results.parties, least),
        variants=ways.listed,
        rest_cases=ways.rest_cases,
        rest_variants=ways.rest_variants,
        throughput=withhold_throughput(results, least),
        rework=rework,
        handover_by=results.handover_by,
        # People are not named in anything that may be passed on.
        handover=handover if results.handover_by is Giver.UNIT else (),
        handover_pairs=len(handover),
        findings=findings,
        findings_withheld=len(results.findings) - len(findings),
        run=told_reasons(
            without_values(rounded_run(results.run, least) if safe.events_about else results.run),
            least,
            rare,
        ),
        hidden={
            "activities": safe.hidden_activities,
            "paths": safe.hidden_edges,
            "variants": ways.rest_variants,
            "rework": len(results.rework) - len(rework),
            "handover": len(results.handover) - len(handover),
            **_hidden_beside(waiting, terms),
            **({"detours": detours.hidden} if detours else {}),
            **({"comparisons": equity.hidden} if equity else {}),
            **({"orders of work": favouritism.hidden} if favouritism else {}),
            **({"voices": voice.hidden} if voice else {}),
        },
        names=results.names,
    )


def _rare(results: Results) -> frozenset[str]:
    """Steps that few took, and units that few came to: their names alone tell of these."""
    least = results.smallest_cell
    steps = (each.name for each in results.graph.activities if (each.cases or 0) < least)
    units = unnamed_units(results.scorecard, least) if results.scorecard else frozenset[str]()
    return units.union(steps)


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
        equity=None,
        favouritism=None,
        voice=None,
        scorecard=None,
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
        run=told_reasons(
            {key: results.run[key] for key in _HARMLESS if key in results.run},
            results.smallest_cell,
            _rare(results),
        ),
        hidden={"paths": len(results.graph.edges), "variants": len(results.variants)},
        names=results.names,
    )


_HARMLESS = ("switched_off", "lake_version", "definition", "package_version")
