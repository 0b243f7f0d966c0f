"""Logs written as lists of letters, counted by hand into what the reports read."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from reports.graph import ProcessMap, read_map
from reports.results import Giver, Handover, Results, Rework, Throughput

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
