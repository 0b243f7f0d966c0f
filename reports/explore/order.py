"""In which order the steps of an application were done, where several bear the same moment."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from eventlog.errors import StopError
from eventlog.kernels import Bools, Int32s, Int64s

SEPARATOR = " > "
"""What stands between two activities in `variants.csv`."""


def by_time(case: Int32s, completed: Int64s) -> Int64s | None:
    """The order of the rows by case and moment, rows of one moment as they stand; None: they do.

    `case` ascends; both have shape [rows]. Only cases that are out of order are sorted.
    """
    back = np.flatnonzero((completed[1:] < completed[:-1]) & (case[1:] == case[:-1]))
    if not len(back):
        return None
    wrong = np.zeros(int(case[-1]) + 1, bool)
    wrong[case[back]] = True
    rows = np.flatnonzero(wrong[case])
    order = np.arange(len(case))
    order[rows] = rows[np.lexsort((completed[rows], case[rows]))]
    return order


def tied(offsets: Int64s, activity: Int32s, completed: Int64s) -> Bools:
    """Which cases did two different steps at the same moment; [cases]."""
    same = np.zeros(len(activity) + 1, np.int64)
    both = (completed[1:] == completed[:-1]) & (activity[1:] != activity[:-1])
    same[2:] = np.cumsum(both)
    # A pair belongs to a case if both rows do.
    first = np.minimum(offsets[:-1] + 1, offsets[1:])
    return np.asarray(same[offsets[1:]] > same[first])


def settle(
    offsets: Int64s,
    activity: Int32s,
    completed: Int64s,
    *,
    cases: Int64s,
    rank: Int32s,
    routes: pa.Array,
    names: tuple[str, ...],
) -> Int32s:
    """The activities [steps] with those of these `cases` in the order that their variant tells.

    `rank` [cases of all] is each case's place in `routes` (`variants.csv`) from 1. Raises
    `StopError` where a variant contradicts the work that was done; where names hold what stands
    between names, such a case stays as it is.
    """
    ranks, place = np.unique(rank[cases], return_inverse=True)
    if ranks[0] < 1 or ranks[-1] > len(routes):
        raise _torn()
    bounds, codes = read_routes(routes.take(pa.array(ranks - 1)), names)
    counts = np.diff(offsets)[cases]
    fits = np.diff(bounds)[place] == counts
    case, counts, place = cases[fits], counts[fits], place[fits]
    ends = np.cumsum(counts)
    within = np.arange(int(counts.sum())) - np.repeat(ends - counts, counts)
    rows = within + np.repeat(offsets[:-1][case], counts)
    owner = np.repeat(np.arange(len(case)), counts)
    told = codes[within + np.repeat(bounds[:-1][place], counts)]
    order = np.lexsort((activity[rows], completed[rows], owner))
    again = np.lexsort((told, completed[rows], owner))
    wrong = np.zeros(len(case), bool)  # at some moment the variant tells of other steps
    wrong[owner[activity[rows][order] != told[again]]] = True
    if (wrong.any() or not fits.all()) and not _ambiguous(names):
        raise _torn()
    out = activity.copy()
    kept = ~wrong[owner]
    out[rows[kept]] = told[kept]
    return out


def read_routes(routes: pa.Array, names: tuple[str, ...]) -> tuple[Int64s, Int32s]:
    """Texts as in `variants.csv` as places in `names`: bounds [routes + 1], codes [steps].

    >>> read_routes(pa.array(["a > b", "b"]), ("a", "b"))[1].tolist()
    [0, 1, 1]
    """
    if _ambiguous(names):
        found = [_parted(text, names) for text in routes.to_pylist()]
        bounds = np.cumsum([0, *(len(route) for route in found)])
        return bounds, np.array([code for route in found for code in route], np.int32)
    parts = pc.split_pattern(routes.cast(pa.string()), SEPARATOR)
    codes = pc.index_in(parts.flatten(), pa.array(names, pa.string()))
    if codes.null_count:
        raise _torn()
    lengths = pc.list_value_length(parts).to_numpy(zero_copy_only=False)
    return np.cumsum(np.concatenate([[0], lengths])), codes.to_numpy(zero_copy_only=False)


def _ambiguous(names: tuple[str, ...]) -> bool:
    """Whether a route may be read in several ways."""
    return any(SEPARATOR in name for name in names)


def _parted(text: str, names: tuple[str, ...]) -> list[int]:
    """The text in names, where names may hold the separator: the longest that leads to an end."""
    pieces = text.split(SEPARATOR)
    place = {name: code for code, name in enumerate(names)}
    longest = 1 + max(name.count(SEPARATOR) for name in names)
    # From the end: which name to take at each piece, None where no way leads to the end.
    taken: list[tuple[int, int] | None] = [None] * len(pieces)
    for at in range(len(pieces) - 1, -1, -1):
        for size in range(min(longest, len(pieces) - at), 0, -1):
            code = place.get(SEPARATOR.join(pieces[at : at + size]))
            if code is not None and (at + size == len(pieces) or taken[at + size] is not None):
                taken[at] = (size, code)
                break
    out, at = [], 0
    while at < len(pieces):
        step = taken[at]
        if step is None:
            raise _torn()
        at += step[0]
        out.append(step[1])
    return out


def _torn() -> StopError:
    return StopError(
        "variants.csv and work_items.parquet do not tell of the same steps; run `runut mine` again"
    )
