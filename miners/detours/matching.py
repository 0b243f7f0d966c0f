"""Which straight spans each strayed one is compared with: like cases, on the same way, as busy.

Both follow the same route (`miners.detours.spans`) in cases with the same values at entry: exact
cells of what was known before the detour. They also fall into the same week. A straight span falls
where it begins; a strayed one where the file was back on its way, which is its end less what that
way usually takes. Were it placed where it begins, the queue behind the detour would be compared
with that of some days earlier, and what the queue grew meanwhile be called a cost of the detour.

Where a cell holds too few straight spans, one thing after the other is let go: the week for its
month, the month for its quarter, then any time, then the attributes from the last to the first. A
route that nobody took straight stays unmatched.

Who is compared is decided by when a span began, never by how it ended. Near the end of a log only
quick spans are over, and those that strayed, being longer, lose more: that is length bias. So
spans count only if they began so long ago that nearly all like them are over (`PATIENCE`). The
few that are open even then are left out with those that began later.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from eventlog.calendar import DAY
from eventlog.coded import Coded
from eventlog.kernels import Bools, Int8s, Int32s, Int64s
from miners.detours.spans import ENOUGH, Sides, Spans
from miners.survival import kaplan_meier

PATIENCE = 0.95
"""The share of strayed spans that is over by the time after which all are taken to be."""
# The share of spans that is called most.
_MOSTLY = 0.8
# Beyond this, numbers of cells are counted anew, lest they leave 64 bits.
_WIDEST = 1 << 31
# How long the periods are in which spans are compared, in microseconds, the finest first.
_PERIODS = {"week": 7 * DAY, "month": 30 * DAY, "quarter": 90 * DAY}


@dataclass(frozen=True, kw_only=True, eq=False)
class Matching:
    """The strayed spans [strayed], each with the cell of straight ones that it is compared with.

    `cell` is -1 where there is none; `level` is a place in `levels`, which name what the cell
    was matched on beside the route. Cell c has the straight spans
    `rows[offsets[c]:offsets[c + 1]]`, places in `straight`; one span may be in several cells.
    """

    strayed: Spans
    straight: Spans
    cell: Int64s
    level: Int8s
    levels: tuple[tuple[str, ...], ...]
    rows: Int64s
    offsets: Int64s

    @property
    def cells(self) -> int:
        """How many cells are used."""
        return len(self.offsets) - 1

    def mostly(self, spans: Int64s) -> tuple[str, ...]:
        """What most of these strayed spans, all with a cell, are matched on: attributes, a period.

        What is of the same week is of the same month; the finest that most are matched on is told.
        """
        counts = np.bincount(self.level[spans], minlength=len(self.levels))

        def most(*names: str) -> bool:
            those = [any(name in level for name in names) for level in self.levels]
            return bool(counts[those].sum() >= _MOSTLY * len(spans))

        named = dict.fromkeys(name for level in self.levels for name in level)
        told = [name for name in named if name not in _PERIODS and most(name)]
        periods = tuple(_PERIODS)
        finest = [one for place, one in enumerate(periods) if most(*periods[: place + 1])]
        return (*told, *finest[:1])


def match(sides: Sides, attributes: Mapping[str, Coded], now: int) -> Matching:
    """Find the cell of each strayed span; `attributes` [cases], the most telling one first.

    `now` (µs UTC) is until when the log is known. Spans that began too lately, see above, have
    no cell and are in none.
    """
    strayed = sides.strayed
    straight = sides.straight.take(_early(sides.straight, _usual(sides.straight), now))
    routes, mine = np.unique(strayed.route, return_inverse=True)
    theirs = np.searchsorted(routes, straight.route)  # straight spans follow none but these
    back = strayed.end - _mean(straight, theirs, len(routes))[mine]
    keys = _Keys(attributes, len(routes), np.append(back, straight.start))
    cell, level = np.full(len(strayed), -1, np.int64), np.full(len(strayed), -1, np.int8)
    left = np.flatnonzero(_early(strayed, _patience(strayed), now) & ~strayed.open)
    levels = list(_levels(tuple(attributes)))
    rows, sizes = list[Int64s](), list[Int64s]()
    cells = 0
    for place, (names, period) in enumerate(levels):
        wanted = np.zeros(len(routes), bool)
        wanted[mine[left]] = True
        likes = np.flatnonzero(wanted[theirs])
        asked, others = keys.of(
            (mine[left], strayed.case[left], back[left]),
            (theirs[likes], straight.case[likes], straight.start[likes]),
            names,
            period,
        )
        known, asked = np.unique(asked, return_inverse=True)
        at = np.searchsorted(known, others)
        same = np.append(known, -1)[at] == others
        likes, at = likes[same], at[same]
        count = np.bincount(at, minlength=len(known))
        number = np.where(count >= ENOUGH, np.cumsum(count >= ENOUGH) - 1 + cells, -1)
        cell[left], level[left] = number[asked], np.where(number[asked] < 0, -1, place)
        likes, at = likes[number[at] >= 0], at[number[at] >= 0]
        rows.append(likes[np.argsort(at, kind="stable")])
        sizes.append(count[count >= ENOUGH])
        cells += len(sizes[-1])
        left = left[cell[left] < 0]
    return Matching(
        strayed=strayed,
        straight=straight,
        cell=cell,
        level=level,
        levels=tuple((*names, *((period,) if period else ())) for names, period in levels),
        rows=np.concatenate([np.empty(0, np.int64), *rows]),
        offsets=np.append(0, np.cumsum(np.concatenate([np.empty(0, np.int64), *sizes]))),
    )


def _levels(names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The attributes and the period to match on, from the finest cells to the coarsest."""
    for period in _PERIODS:
        yield names, period
    for many in range(len(names), -1, -1):
        yield names[:many], ""


_Columns = tuple[Int64s, Int32s, Int64s]


class _Keys:
    """One number for the cell of each span: its route, its case's attributes, its period."""

    def __init__(self, attributes: Mapping[str, Coded], routes: int, moments: Int64s) -> None:
        self._attributes, self._routes = attributes, routes
        self._first, self._last = int(moments.min(initial=0)), int(moments.max(initial=0))

    def of(
        self, one: _Columns, other: _Columns, names: tuple[str, ...], period: str
    ) -> tuple[Int64s, Int64s]:
        """The numbers of two sides, given as routes, cases and moments; all 0 or more."""
        case, when = np.append(one[1], other[1]), np.append(one[2], other[2])
        key, width = np.append(one[0], other[0]).astype(np.int64), self._routes
        for name in names:
            column = self._attributes[name]
            key, width = _with(key, width, column.codes[case] + 1, len(column.vocabulary) + 1)
        if period:
            micros = _PERIODS[period]
            first = self._first // micros
            key, width = _with(key, width, when // micros - first, self._last // micros - first + 1)
        return key[: len(one[0])], key[len(one[0]) :]


def _with(key: Int64s, width: int, more: Int64s | Int32s, values: int) -> tuple[Int64s, int]:
    """Numbers for pairs, of which there are no more than the second answer."""
    key, width = key * values + more, width * values
    if width > _WIDEST:
        known, key = np.unique(key, return_inverse=True)
        width = len(known)
    return np.asarray(key, np.int64), width


def _patience(strayed: Spans) -> dict[int, int]:
    """By the activity that spans begin with: the microseconds by which nearly all are over."""
    found: dict[int, int] = {}
    took = strayed.end - strayed.start
    for before in np.unique(strayed.before).tolist():
        mine = strayed.before == before
        over = kaplan_meier(took[mine], ~strayed.open[mine]).quantile(PATIENCE)
        found[before] = int(took[mine].max()) if over is None else int(over.value)
    return found


def _usual(straight: Spans) -> dict[int, int]:
    """The same of straight spans, all of which are over."""
    found: dict[int, int] = {}
    for before in np.unique(straight.before).tolist():
        mine = straight.before == before
        took = straight.end[mine] - straight.start[mine]
        found[before] = int(np.quantile(took, PATIENCE, method="higher"))
    return found


def _mean(straight: Spans, route: Int64s, routes: int) -> Int64s:
    """The mean microseconds of straight spans by route, from 0 to `routes` - 1; 0 without any."""
    count = np.bincount(route, minlength=routes)
    took = np.bincount(route, straight.end - straight.start, routes)
    return np.asarray(took / np.maximum(count, 1), np.int64)


def _early(spans: Spans, longest: Mapping[int, int], now: int) -> Bools:
    """Which spans began so early that their like are over by now; [spans]."""
    by_code = np.zeros(max(longest, default=-1) + 2, np.int64)  # the last is where ENTRY looks
    for before, micros in longest.items():
        by_code[before] = micros
    return np.asarray(spans.start <= now - by_code[spans.before])
