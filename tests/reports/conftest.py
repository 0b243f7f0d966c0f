"""Logs written as lists of letters, counted by hand into what the reports read."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from reports.contents.detours import Detours, read_detours
from reports.contents.equity import Equity
from reports.contents.equity_reading import read_equity
from reports.contents.favour import Favouritism, read_favouritism
from reports.contents.terms import Terms, read_terms
from reports.contents.waiting import Waiting, read_waiting
from reports.maps.graph import ProcessMap, read_map, with_standing
from reports.results import Giver, Handover, Party, Results, Rework, Throughput

Traces = Sequence[Sequence[str]]


def count_map(traces: Traces) -> dict[str, Any]:
    """map.json of a log in which the n-th step of a case comes n minutes after its start."""
    events: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    times: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    carriers: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for number, trace in enumerate(traces):
        events.update(trace)
        cases.update(set(trace))
        for place, pair in enumerate(pairwise(trace)):
            times[pair].append(60.0 * (place + 1))
            carriers[pair].add(number)
    return {
        "activities": [
            {"activity": a, "cases": cases[a], "events": n, "rework": n - cases[a]}
            for a, n in events.items()
        ],
        "edges": [
            {
                "source": s,
                "target": t,
                "frequency": len(all_times),
                "cases": len(carriers[s, t]),
                "seconds": {
                    "mean": sum(all_times) / len(all_times),
                    "p50": sorted(all_times)[len(all_times) // 2],
                    "p90": max(all_times),
                },
                "working_seconds": {
                    "mean": sum(all_times) / len(all_times) / 3,
                    "p50": sorted(all_times)[len(all_times) // 2] / 3,
                    "p90": max(all_times) / 3,
                },
            }
            for (s, t), all_times in times.items()
        ],
        "starts": dict(Counter(trace[0] for trace in traces)),
        "ends": dict(Counter(trace[-1] for trace in traces)),
    }


def count_results(traces: Traces, **changes: Any) -> Results:
    """Results of such a log; `changes` replace single parts."""
    ways = Counter(" > ".join(trace) for trace in traces)
    ranked = sorted(ways.items(), key=lambda way: (-way[1], way[0]))
    variants = pd.DataFrame(
        [
            (rank, n, n / len(traces), n * (way.count(" > ") + 1), way)
            for rank, (way, n) in enumerate(ranked, start=1)
        ],
        columns=["rank", "cases", "share", "events", "activities"],
    )
    lengths = Counter(60.0 * len(trace) for trace in traces)
    again: defaultdict[str, list[int]] = defaultdict(list)
    for trace in traces:
        for activity, n in Counter(trace).items():
            if n > 1:
                again[activity].append(n - 1)
    parts: dict[str, Any] = {
        "process": "building-permit",
        "as_of": "2026-03-02T09:14:00+00:00" if traces else "",
        "first": "2026-01-02T09:14:00+00:00" if traces else "",
        "last": "2026-03-02T09:14:00+00:00" if traces else "",
        "cases": len(traces),
        "open_cases": None,
        "graph": read_map(count_map(traces)),
        "variants": variants,
        "throughput": Throughput(
            cases=len(traces),
            mean=120.0,
            p50=120.0,
            p90=240.0,
            bins=tuple((low, low + 60, n) for low, n in sorted(lengths.items())),
        )
        if traces
        else None,
        "rework": tuple(
            Rework(activity=a, cases=len(n), executions=sum(n)) for a, n in sorted(again.items())
        ),
        "handover_by": Giver.UNIT,
        "handover": (
            Handover(source="counter", target="planning", frequency=9, cases=8, p50_seconds=60.0),
        ),
        "findings": (),
        "run": {
            "counts": {"events_in": sum(map(len, traces))},
            "rejects": {"no time zone": 2},
            "switched_off": {"lateness": "no activity closes a case"},
            "lake_version": 3,
            "definition": "abc",
            "package_version": "0.1.0",
        },
    }
    return Results(**{**parts, **changes})


@pytest.fixture(scope="session")
def map_of() -> Callable[[Traces], ProcessMap]:
    return lambda traces: read_map(count_map(traces))


@pytest.fixture(scope="session")
def results_of() -> Callable[..., Results]:
    return count_results


@pytest.fixture(scope="session")
def office() -> Traces:
    """A permit office: one main way, two detours, and a few ways that hardly anybody went."""
    return [
        *[["Receive", "Check", "Decide", "Send"]] * 60,
        *[["Receive", "Check", "Ask", "Check", "Decide", "Send"]] * 25,
        *[["Receive", "Refuse"]] * 12,
        *[["Receive", "Check", "Check", "Decide", "Send"]] * 9,
        *[["Receive", "Check", "Inspect", "Decide", "Send"]] * 3,
        ["Receive", "Decide", "Appeal", "Decide", "Send"],
    ]


def queue_of(activity: str, **changes: Any) -> dict[str, Any]:
    """A queue as in bottlenecks.json: 400 files, a planning office of 6, a slow start."""
    return {
        "activity": activity,
        "unit": "planning",
        "cases": 400,
        "waiting": 812.3456,
        "mean": 2.0309,
        "ci_low": 1.4,
        "ci_high": 2.6,
        "share_of_waiting": 1.0,
        "main_cause": "contention",
        "causes": {"contention": 600.2, "prioritisation": 200.1, "applicant": 0.0},
        "service_known": True,
        "items": 412,
        "median": 0.7,
        "p90": 5.54,
        "officers": 6.0,
        "utilisation": 0.9094,
        "queue_longest": 23,
        "open_now": 17,
        "oldest_open": 5.7,
        "one_more_officer": {
            "wait_with_one_more": 1.36,
            "silent_because": None,
            "assumptions": {"en": "The same files come.", "id": "Berkas yang sama datang."},
        },
        "days": [
            {"day": f"2026-{1 + n // 28:02}-{1 + n % 28:02}", "mean": 4.0 + n / 10, "most": 23}
            for n in range(100)
        ],
        **changes,
    }


def place_of(activity: str, cases: int, rule: str = "only next step") -> dict[str, Any]:
    """Where open applications stand, as in bottlenecks.json."""
    return {
        "activity": activity,
        "rule": rule,
        "after": rule == "waiting after",
        "cases": cases,
        "oldest_days": 52.47,
        "median_days": 5.54,
    }


def kept_of(**changes: Any) -> dict[str, Any]:
    """How a term is kept, as in lateness.json."""
    return {
        "standard": "term",
        "attribute": None,
        "group": None,
        "cases": 1003,
        "judged": 912,
        "over": 91,
        "open_over": 12,
        "silent": 0,
        "left_out": 0,
        "share": {"value": 0.0998, "low": 0.081, "high": 0.121},
        "decided_in_time": 0.85,
        "withdrawn_in_time": 0.05,
        "days_over": 1.994,
        "case_days_over": 300.5,
        "unit": "working days",
        "terms": [14.0],
        **changes,
    }


def promises_of(**changes: Any) -> dict[str, Any]:
    """Promises as in lateness.json: of half and of 80 % good ones, of 90 % one kept too rarely."""

    def one(share: float, days: int, kept: float, reason: str | None) -> dict[str, Any]:
        told = {"value": kept, "low": kept - 0.02, "high": kept + 0.02}
        return {"share": share, "days": days - 0.2, "whole_days": days, "kept": told,
                "kept_whole": told, "tested": 502, "reason": reason,
                "publishable": reason is None}  # fmt: skip

    return {
        "attribute": None,
        "group": None,
        "cases": 1003,
        "decided": 914,
        "unit": "working days",
        "months": 1,
        "promises": [
            one(0.5, 4, 0.52, None),
            one(0.8, 12, 0.81, None),
            one(0.9, 17, 0.8, "kept too rarely"),
        ],
        **changes,
    }


def spread_of(**changes: Any) -> dict[str, Any]:
    """How unpredictable the time is, as in lateness.json."""
    return {
        "measure": "time",
        "attribute": None,
        "group": None,
        "cases": 1003,
        "ratio": {"value": 2.37, "low": 2.2, "high": 2.5},
        "usual": 5.34,
        "unlucky": 12.66,
        "unit": "working days",
        **changes,
    }


def detour_of(kind: str, *activities: str, **changes: Any) -> dict[str, Any]:
    """A detour as in detours.json: 34 of 98 applications took it, three days each."""
    return {
        "type": kind,
        "activities": list(activities),
        "units": None,
        "cause": "office",
        "cases": 34,
        "eligible": 98,
        "share": 34 / 98,
        "ci_low": 0.26,
        "ci_high": 0.45,
        "times": 37,
        "days_per_case": 3.04,
        "days_ci_low": 2.61,
        "days_ci_high": 3.48,
        "case_days": 103.36,
        "coverage": 1.0,
        "matched_on": ["kind_of_building"],
        "months": [
            {"month": f"2026-{n:02}", "cases": cases, "eligible": 16}
            for n, cases in enumerate((3, 4, 5, 6, 7, 9), start=1)
        ],
        "trend": {"change": 0.21, "ci_low": 0.02, "ci_high": 0.39, "told": True},
        "concentrates": [
            {"attribute": "kind_of_building", "value": "shop", "cases": 22, "eligible": 40,
             "share": 0.55, "elsewhere": 12 / 56, "difference": 0.31, "ci_low": 0.12,
             "ci_high": 0.5, "q_value": 0.002},
        ],
        "without": {
            "cases": 104,
            "detoured": 33,
            "mean": {"now": 14.21, "then": 13.26, "ci_low": 13.02, "ci_high": 13.49},
            "median": {"now": 12.0, "then": 11.4, "ci_low": 11.1, "ci_high": 11.9},
            "p90": {"now": 27.3, "then": 24.1, "ci_low": 23.0, "ci_high": 25.2},
            "over_term": {"now": 0.28, "then": 0.21, "ci_low": 0.19, "ci_high": 0.23},
            "clock": True,
        },
        **changes,
    }  # fmt: skip


def idle_step_of(**changes: Any) -> dict[str, Any]:
    """A step that decided nothing, as in detours.json."""
    return {
        "activity": "Decide", "cases": 98, "next": "Send", "share_next": 1.0, "upper_bound": 0.03,
        "unfavourable": 12,
        "gap": {"value": 0.011, "ci_low": -0.02, "ci_high": 0.04},
        "case_days_service": 40.2, "case_days_waiting": 81.7, **changes,
    }  # fmt: skip


def detours_from(*detours: Any, **parts: Any) -> Detours:
    """What detours.json with these detours tells, with some of its other parts replaced."""
    content = {
        "by": "rules", "unit": "working days", "cases": 110, "detoured_cases": 41, "days": 131.2,
        "ci_low": 101.3, "ci_high": 160.7, "coverage": 1.0, "conforming": 69 / 110,
        "detours": list(detours),
        "edges": [], "activities": [], "idle_steps": [], "reference": [], "without": None, **parts,
    }  # fmt: skip
    return read_detours(content)


def gap_of(**changes: Any) -> dict[str, Any]:
    """A gap as in equity.json: 2.9 working days more among 1,190 applications, told."""
    return {
        "attribute": "affiliation", "group": "other", "measure": "time", "activity": None,
        "feature": None, "unit": "working days", "cases": 1_191, "others": 3_312,
        "raw": {"value": 3.6123, "ci_low": 3.1, "ci_high": 4.1},
        "entry": {"value": 2.9312, "ci_low": 2.41, "ci_high": 3.42},
        "process": {"value": 0.8213, "ci_low": 0.31, "ci_high": 1.34},
        "direct": {"value": 2.7, "ci_low": 2.2, "ci_high": 3.2},
        "together_with": [], "p_value": 1e-9, "q_value": 1e-8, "coverage": 0.944,
        "permuted": False, "told": True, "why_not": None, "smallest_seen": 0.7123,
        "severity": "high", "strength": "strong", "restricted": False, "material": 1.0,
        "mean_others": 9.3,
        "parts": [{"what": "requests", "value": 1.7, "ci_low": 1.4, "ci_high": 2.0},
                  {"what": "unexplained", "value": 0.82, "ci_low": 0.3, "ci_high": 1.3}],
        "edges": [{"source": "Check", "target": "Ask", "value": 2.1, "ci_low": 1.8, "ci_high": 2.4},
                  {"source": "Ask", "target": "Check", "value": 0.6, "ci_low": 0.4,
                   "ci_high": 0.8},
                  {"source": "Check", "target": "Decide", "value": -0.3, "ci_low": -0.5,
                   "ci_high": -0.1},
                  {"source": "Decide", "target": None, "value": 0.4, "ci_low": 0.1,
                   "ci_high": 0.7},
                  {"source": "Secret", "target": "Decide", "value": 0.1, "ci_low": 0.0,
                   "ci_high": 0.2}],
        "halves": [{"from": "2026-01-02", "to": "2026-01-29", "value": 2.7, "p_value": 0.0001},
                   {"from": "2026-01-30", "to": "2026-03-02", "value": 3.1, "p_value": 0.0001}],
        "robustness": {"value": 0.183, "benchmark": "permit_type", "as_strong": 1.2312},
        "e_value": 2.1, "hazard_ratio": None, "odds_ratio": None, **changes,
    }  # fmt: skip


def silent_of(**changes: Any) -> dict[str, Any]:
    """A gap that is not told, as in equity.json."""
    quiet = {
        "told": False, "why_not": "unsure", "severity": None, "strength": None, "parts": [],
        "edges": [], "halves": [], "robustness": None, "process": None, "direct": None,
    }  # fmt: skip
    return gap_of(**{**quiet, **changes})


def picked_of(**changes: Any) -> dict[str, Any]:
    """Who is picked sooner, as in favouritism.json."""
    return {
        "activity": "Check", "attribute": "affiliation", "group": "ours", "items": 1_402,
        "others": 4_703, "positions": 1.4321, "ci_low": 1.1, "ci_high": 1.8, "pick_score": 0.08,
        "p_value": 1e-6, "q_value": 1e-5, "coverage": 0.97, "overtakes_per_item": 3.21,
        "overtaken_per_item": 1.04, "told": True, "why_not": None, "smallest_seen": 0.41,
        "strength": "strong", "severity": "medium", "restricted": False, **changes,
    }  # fmt: skip


def equity_content_of(*gaps: Any, **parts: Any) -> dict[str, Any]:
    """equity.json with these gaps, and some of its other parts replaced."""
    return {
        "unit": "working days", "horizon_days": 90, "compared_on": ["permit_type", "month"],
        "cases": 5_000, "cohort": 4_613, "left_out": {},
        "attributes": [
            {"attribute": "affiliation", "basis": "audit order 12/2026", "sensitive": True,
             "groups": [{"group": "ours", "cases": 1_203}, {"group": "other", "cases": 1_303},
                        {"group": "none", "cases": 2_494}], "coverage": 0.95},
            {"attribute": "district", "basis": None, "sensitive": False,
             "groups": [{"group": "north", "cases": 2_502}, {"group": "south", "cases": 2_498}],
             "coverage": 1.0},
        ],
        "gaps": list(gaps), "intersections": [], "routes": [], "fee_speed": None,
        "not_tested": [], **parts,
    }  # fmt: skip


def equity_from(*gaps: Any, **parts: Any) -> Equity:
    """What equity.json with these gaps tells."""
    return read_equity(equity_content_of(*gaps, **parts))


def favouritism_from(*groups: Any, **parts: Any) -> Favouritism:
    """What favouritism.json with these groups tells."""
    return read_favouritism(
        {"picks": 22_403, "service_class": ["permit_type"], "groups": list(groups), "officers": [],
         "not_tested": [], **parts}
    )  # fmt: skip


def waiting_from(*queues: Any, places: Sequence[Any] = (), unit: str = "working days") -> Waiting:
    """What bottlenecks.json with these queues and places tells."""
    return read_waiting({"unit": unit, "queues": list(queues), "open": list(places)})


def terms_from(**parts: Any) -> Terms:
    """What lateness.json tells, with some of its parts replaced."""
    content = {"term": kept_of(), "groups": [], "steps": [], "promises": [promises_of()],
               "spreads": [spread_of()], **parts}  # fmt: skip
    return read_terms(content)


@pytest.fixture(scope="session")
def queue() -> Callable[..., dict[str, Any]]:
    return queue_of


@pytest.fixture(scope="session")
def place() -> Callable[..., dict[str, Any]]:
    return place_of


@pytest.fixture(scope="session")
def kept() -> Callable[..., dict[str, Any]]:
    return kept_of


@pytest.fixture(scope="session")
def promises() -> Callable[..., dict[str, Any]]:
    return promises_of


@pytest.fixture(scope="session")
def waiting_of() -> Callable[..., Waiting]:
    return waiting_from


@pytest.fixture(scope="session")
def terms_of() -> Callable[..., Terms]:
    return terms_from


@pytest.fixture(scope="session")
def detour() -> Callable[..., dict[str, Any]]:
    return detour_of


@pytest.fixture(scope="session")
def idle_step() -> Callable[..., dict[str, Any]]:
    return idle_step_of


@pytest.fixture(scope="session")
def detours_of() -> Callable[..., Detours]:
    return detours_from


@pytest.fixture(scope="session")
def gap() -> Callable[..., dict[str, Any]]:
    return gap_of


@pytest.fixture(scope="session")
def silent() -> Callable[..., dict[str, Any]]:
    return silent_of


@pytest.fixture(scope="session")
def picked() -> Callable[..., dict[str, Any]]:
    return picked_of


@pytest.fixture(scope="session")
def equity_file() -> Callable[..., dict[str, Any]]:
    return equity_content_of


@pytest.fixture(scope="session")
def equity_of() -> Callable[..., Equity]:
    return equity_from


@pytest.fixture(scope="session")
def favouritism_of() -> Callable[..., Favouritism]:
    return favouritism_from


@pytest.fixture(scope="session")
def everything(office: Traces) -> Results:
    """The permit office with all that can be told: queues, open applications, terms, promises."""
    waiting = waiting_from(
        queue_of("Check"),
        queue_of("Decide", unit="board", officers=1.0, items=90, cases=88, waiting=40.0),
        queue_of("Send", unit=None, service_known=False, causes={}, officers=0.0,
                 utilisation=None, one_more_officer=None, waiting=20.0, ci_low=None, ci_high=None),
        queue_of("Appeal", cases=2, items=2, waiting=77_777.0, unit="secret unit"),
        places=[place_of("Check", 12), place_of("Check", 7, "started"), place_of("Ask", 3),
                place_of("Ask", 9, "waiting after"), place_of("Appeal", 2)],
    )  # fmt: skip
    house = {"attribute": "kind_of_building", "group": "house", "cases": 500}
    shop = {"attribute": "kind_of_building", "group": "shop", "cases": 503}
    terms = terms_from(
        groups=[kept_of(judged=450, over=50, **house), kept_of(judged=462, over=41, **shop)],
        steps=[kept_of(standard="Check", terms=[3.0])],
        promises=[promises_of(), promises_of(**house), promises_of(**shop)],
        spreads=[
            spread_of(),
            spread_of(measure="fee", usual=1.0, unlucky=1.15, unit="times the tariff"),
        ],
    )
    detours = detours_from(
        detour_of("ping-pong", "Check", "Ask", times=40),
        detour_of("repeated", "Check", cause="applicant", cases=9, times=9, case_days=27.4),
        detour_of("wrong-order", "Check", "Decide", units=None, cause=None, cases=6, times=6,
                  eligible=98, case_days=-4.2, days_per_case=-0.7, days_ci_low=-1.2,
                  days_ci_high=0.1, months=[], trend=None, concentrates=[], without=None),
        detour_of("inserted", "Appeal", units=["secret desk"], cases=2, times=2, case_days=0.4),
        edges=[
            {"source": "Check", "target": "Ask", "frequency": 25, "straying": 6,
             "straying_cases": 6},
            {"source": "Ask", "target": "Check", "frequency": 25, "straying": 25,
             "straying_cases": 25},
            {"source": "Check", "target": "Decide", "frequency": 94, "straying": 3,
             "straying_cases": 3},
            {"source": "Receive", "target": "Check", "frequency": 97, "straying": 0,
             "straying_cases": 0},
        ],
        activities=[
            {"activity": "Ask", "events": 25, "straying": 25, "straying_cases": 25, "skipped": 0},
            {"activity": "Check", "events": 131, "straying": 34, "straying_cases": 34,
             "skipped": 13},
        ],
        idle_steps=[idle_step_of()],
    )  # fmt: skip
    results = count_results(office, waiting=waiting, terms=terms, detours=detours)
    spent = results.throughput
    assert spent is not None
    return replace(
        results,
        graph=with_standing(results.graph, waiting.standing),
        throughput=replace(spent, working=(3_600.0, 7_200.0)),
        parties=(
            Party(name="office", cases=110, seconds=110 * 7_200.0),
            Party(name="applicant", cases=44, seconds=110 * 3_600.0),
            Party(name="external", cases=3, seconds=7.0),
        ),
    )
