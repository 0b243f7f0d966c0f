"""The map of some of the applications, counted exactly from what happened in them."""

import numpy as np
import numpy.typing as npt

from eventlog.kernels import Bools, Int64s
from reports.explore.arrays import Moves, Traces
from reports.maps.graph import Activity, Edge, ProcessMap, Seconds, Terminal, strongest_first

Floats = npt.NDArray[np.float64]


def filtered(traces: Traces, cases: Bools) -> ProcessMap:
    """The map of the chosen `cases` [cases of all]; with all of them, what `map.json` holds.

    Counts are exact, quantiles the nearest rank itself (`map.json` keeps them within 3 %). How
    long an edge takes in working time is known of all cases together only, and left out else.
    """
    every = bool(cases.all())
    starts = _counted(traces.first, cases, len(traces.activities))
    ends = _counted(traces.last, cases, len(traces.activities))
    frequency, of_cases, mean, p50, p90 = _edge_figures(traces.moves, cases)
    source, target = traces.moves.source, traces.moves.target
    events = starts + np.bincount(target, frequency, len(starts)).astype(np.int64)
    visits = traces.visits
    done_by = _in_bounds(np.flatnonzero(cases[visits.cases]), visits.bounds)
    names = traces.activities
    activities = [
        Activity(
            name=names[place],
            cases=int(done_by[place]),
            events=int(events[place]),
            rework=int(events[place] - done_by[place]),
        )
        for place in np.flatnonzero(events).tolist()
    ]
    edges = [
        Edge(
            source=names[a],
            target=names[b],
            frequency=n,
            cases=m,
            seconds=Seconds(mean=average, p50=half, p90=most),
            working=traces.worked.get((names[a], names[b])) if every else None,
        )
        for a, b, n, m, average, half, most in zip(
            *(
                column[frequency > 0].tolist()
                for column in (source, target, frequency, of_cases, mean, p50, p90)
            ),
            strict=True,
        )
    ]
    edges += [
        Edge(source=Terminal.START, target=names[place], frequency=n, cases=n)
        for place, n in enumerate(starts.tolist())
        if n
    ]
    edges += [
        Edge(source=names[place], target=Terminal.END, frequency=n, cases=n)
        for place, n in enumerate(ends.tolist())
        if n
    ]
    return ProcessMap(activities=tuple(activities), edges=strongest_first(edges))


def _counted(codes: npt.NDArray[np.int32], cases: Bools, labels: int) -> Int64s:
    """How many of the chosen cases have each code; [labels]."""
    chosen = codes[cases]
    return np.bincount(chosen[chosen >= 0], minlength=labels)


def _in_bounds(rows: Int64s, bounds: Int64s) -> Int64s:
    """How many of these ascending rows lie in each stretch; [stretches]."""
    return np.diff(np.searchsorted(rows, bounds))


def _edge_figures(moves: Moves, cases: Bools) -> tuple[Int64s, Int64s, Floats, Floats, Floats]:
    """Frequency, cases, mean, P50 and P90 (nearest rank, seconds) of each edge; each [edges]."""
    rows = np.flatnonzero(cases[moves.case])
    at = np.searchsorted(rows, moves.bounds)
    frequency = np.diff(at)
    of_cases = _in_bounds(np.flatnonzero(cases[moves.cases]), moves.case_bounds)
    spans = moves.spans[rows]
    taken = np.flatnonzero(frequency)
    sums = np.zeros(len(moves), np.int64)
    if len(taken):
        sums[taken] = np.add.reduceat(spans, at[:-1][taken])
    many = np.maximum(frequency, 1)
    return (
        frequency,
        of_cases,
        np.rint(sums / many) / 1000,
        _ranked(spans, at, frequency, 1, 2),
        _ranked(spans, at, frequency, 9, 10),
    )


def _ranked(spans: Int64s, at: Int64s, frequency: Int64s, part: int, whole: int) -> Floats:
    """The nearest-rank quantile part/whole of each edge, in seconds; [edges].

    The rank is the smallest integer from n * part / whole on, reckoned in integers.
    """
    if not len(spans):
        return np.zeros(len(frequency))
    rank = np.maximum(-(-frequency * part // whole), 1)
    place = np.minimum(at[:-1] + rank - 1, len(spans) - 1)
    return np.asarray(spans[place] / 1000, np.float64)
