"""Which files each officer picked, and which others lay there: compiled loops.

Lines and their items are as in `pick_loops`. What one officer picks from a line at one moment is
one pick, of which each item is a part. `place` [items] is the value of each item's case, -1 for
none.
"""

from typing import NamedTuple

import numba
import numpy as np

from eventlog.kernels import Int32s, Int64s
from miners.ascending import ascending
from miners.favouritism.pick_loops import taken_from
from miners.shares import Floats


class _Tally(NamedTuple):
    """How many there are of each value; `met` lists the first `kinds`[0] values that there are.

    `slot` [values] is the place of each of them in that list, `size`[0] how many there are with or
    without a value.
    """

    counts: Int64s
    met: Int64s
    slot: Int64s
    kinds: Int64s
    size: Int64s


class _Rules(NamedTuple):
    """What is counted: see `pair_lines`; `left`, `officer`, `place` and `apart` are [items].

    `without` [kinds of `apart`, values] is how many of each are there, `without_all` [kinds] how
    many in all.
    """

    left: Int64s
    officer: Int32s
    middle: Int64s
    place: Int32s
    apart: Int32s
    apart_of: Int32s
    without: Int64s
    without_all: Int64s


class _Sums(NamedTuple):
    """What is added up: see `pair_lines`."""

    sums: Floats
    squares: Floats
    picks: Int64s


@numba.njit(cache=True, nogil=True)
def _tally(values: int) -> _Tally:
    return _Tally(
        np.zeros(values, np.int64),
        np.empty(values, np.int64),
        np.empty(values, np.int64),
        np.zeros(1, np.int64),
        np.zeros(1, np.int64),
    )


@numba.njit(cache=True, nogil=True)
def _put(tally: _Tally, value: int) -> None:
    tally.size[0] += 1
    if value >= 0:
        if tally.counts[value] == 0:
            tally.met[tally.kinds[0]] = value
            tally.slot[value] = tally.kinds[0]
            tally.kinds[0] += 1
        tally.counts[value] += 1


@numba.njit(cache=True, nogil=True)
def _take(tally: _Tally, value: int) -> None:
    tally.size[0] -= 1
    if value >= 0:
        tally.counts[value] -= 1
        if tally.counts[value] == 0:
            tally.kinds[0] -= 1
            last = tally.met[tally.kinds[0]]
            tally.met[tally.slot[value]] = last
            tally.slot[last] = tally.slot[value]


@numba.njit(cache=True, nogil=True)
def _clear(tally: _Tally) -> None:
    for place in range(tally.kinds[0]):
        tally.counts[tally.met[place]] = 0
    tally.kinds[0] = 0
    tally.size[0] = 0


@numba.njit(cache=True, nogil=True)
def pair_lines(
    offsets: Int64s,
    coming: Int64s,
    going: Int64s,
    joined: Int64s,
    left: Int64s,
    officer: Int32s,
    middle: Int64s,
    place: Int32s,
    apart: Int32s,
    apart_of: Int32s,
    sums: Floats,
    squares: Floats,
    picks: Int64s,
) -> None:
    """Add up, officer by officer, how often values were picked and how often chance would have.

    `coming` and `going` are the items of each line, see `in_order`.
    `officer` [items] is -1 for items whose pick is no choice to be counted. `sums` [3, halves,
    officers, values] are the picks of a value, those expected (its share of the line) and their
    variance; halves end and begin after `middle` [officers]. `squares` [officers, values] sums the
    squared differences, `picks` [halves, officers] counts. A pick that took all there was chose
    nothing and does not count. For officer r, the items with `apart` == `apart_of`[r] >= 0 are
    left out, as if they had never been there.
    """
    values = squares.shape[1]
    there, part = _tally(values), _tally(values)
    kinds = 1 + max(-1, apart_of.max()) if apart_of.size else 0
    without, without_all = np.zeros((kinds, values), np.int64), np.zeros(kinds, np.int64)
    rules = _Rules(left, officer, middle, place, apart, apart_of, without, without_all)
    out = _Sums(sums, squares, picks)
    for line in range(offsets.size - 1):
        by_coming = coming[offsets[line] : offsets[line + 1]]
        by_going = going[offsets[line] : offsets[line + 1]]
        came = low = 0
        while low < by_going.size:
            moment = left[by_going[low]]
            while came < by_going.size and joined[by_coming[came]] <= moment:
                item = by_coming[came]
                _put(there, place[item])
                _count(rules, item, 1)
                came += 1
            high = low
            while high < by_going.size and left[by_going[high]] == moment:
                high += 1
            _pick(by_going[low:high], there, part, rules, out)
            for gone in range(low, high):
                item = by_going[gone]
                _take(there, place[item])
                _count(rules, item, -1)
            low = high


@numba.njit(cache=True, nogil=True)
def _count(rules: _Rules, item: int, more: int) -> None:
    """Count an item that comes or goes among those that some officer's picks are told without."""
    kind = rules.apart[item]
    if 0 <= kind < rules.without_all.size:
        rules.without_all[kind] += more
        if rules.place[item] >= 0:
            rules.without[kind, rules.place[item]] += more


@numba.njit(cache=True, nogil=True)
def in_order(
    offsets: Int64s, rows: Int64s, joined: Int64s, left: Int64s, officer: Int32s
) -> tuple[Int64s, Int64s]:
    """The items of each line as they joined, and as they left; at one moment by officer."""
    coming, going = np.empty(rows.size, np.int64), np.empty(rows.size, np.int64)
    for line in range(offsets.size - 1):
        low, high = offsets[line], offsets[line + 1]
        mine = rows[low:high]
        coming[low:high] = mine[ascending(taken_from(joined, mine))]
        mine = mine[ascending(taken_from(officer, mine))]
        going[low:high] = mine[ascending(taken_from(left, mine))]
    return coming, going


@numba.njit(cache=True, nogil=True)
def _pick(gone: Int64s, there: _Tally, part: _Tally, rules: _Rules, out: _Sums) -> None:
    """Count the picks of one moment; `gone` are the items that leave, officer by officer."""
    end = 0
    while end < gone.size:
        who, begin = rules.officer[gone[end]], end
        while end < gone.size and rules.officer[gone[end]] == who:
            end += 1
        if who < 0:
            continue
        _gather(part, gone[begin:end], who, rules)
        many, without = there.size[0], rules.apart_of[who]
        if without >= 0:
            many -= rules.without_all[without]
        if 0 < part.size[0] < many:
            half = 1 if rules.left[gone[begin]] > rules.middle[who] else 0
            out.picks[half, who] += 1
            _compare(part, there, many, half, who, rules, out)
        _clear(part)


@numba.njit(cache=True, nogil=True)
def _gather(tally: _Tally, items: Int64s, who: int, rules: _Rules) -> None:
    """Count the values of the items that are not left out for this officer."""
    without = rules.apart_of[who]
    for item in items:
        if without < 0 or rules.apart[item] != without:
            _put(tally, rules.place[item])


@numba.njit(cache=True, nogil=True)
def _compare(
    part: _Tally, there: _Tally, many: int, half: int, who: int, rules: _Rules, out: _Sums
) -> None:
    """Add one pick out of `many`: a folder is drawn at once, and counts as a single file does."""
    left_over, without = (many - part.size[0]) / (many - 1), rules.apart_of[who]
    for spot in range(there.kinds[0]):
        value = there.met[spot]
        offered = there.counts[value]
        if without >= 0:
            offered -= rules.without[without, value]
        share, did = offered / many, part.counts[value] / part.size[0]
        out.sums[0, half, who, value] += did
        out.sums[1, half, who, value] += share
        out.sums[2, half, who, value] += share * (1 - share) * left_over
        out.squares[who, value] += (did - share) ** 2


@numba.njit(cache=True, nogil=True)
def early_sums(
    strata: Int64s,
    who: Int32s,
    picks: Int64s,
    items: Int64s,
    score: Floats,
    rank: Floats,
    place: Int32s,
    sums: Floats,
    counts: Floats,
) -> None:
    """Add up how much higher the scores of each value's picks are than those of other picks.

    Stratum s, of one officer `who`[s], has the picks strata[s] to strata[s + 1]; pick p has the
    items picks[p] to picks[p + 1] of `items`, and a `score` and a `rank`. `sums` [5, officers,
    values]: sum of scores above their mean and its permutation variance, the same of ranks, and the
    weight, by which the first is a difference of means. `counts` [officers, values]: picks.
    """
    values = counts.shape[1]
    part, met = _tally(values), _tally(values)
    # Of each value in one stratum: its picks, their squares, and their scores and ranks.
    of = np.zeros((4, values))
    for stratum in range(strata.size - 1):
        low, high = strata[stratum], strata[stratum + 1]
        size = high - low
        if size <= 1:
            continue
        above, above_rank = score[low:high], rank[low:high]
        above, above_rank = above - above.mean(), above_rank - above_rank.mean()
        for pick in range(low, high):
            for spot in range(picks[pick], picks[pick + 1]):
                _put(part, place[items[spot]])
            for spot in range(part.kinds[0]):
                value = part.met[spot]
                did = part.counts[value] / part.size[0]
                _put(met, value)
                of[0, value] += did
                of[1, value] += did * did
                of[2, value] += did * above[pick - low]
                of[3, value] += did * above_rank[pick - low]
            _clear(part)
        spread, spread_rank = (above**2).sum(), (above_rank**2).sum()
        one = who[stratum]
        for spot in range(met.kinds[0]):
            value = met.met[spot]
            weight = of[1, value] - of[0, value] ** 2 / size
            counts[one, value] += of[0, value]
            sums[0, one, value] += of[2, value]
            sums[1, one, value] += weight * spread / (size - 1)
            sums[2, one, value] += of[3, value]
            sums[3, one, value] += weight * spread_rank / (size - 1)
            sums[4, one, value] += weight
            of[:, value] = 0
        _clear(met)


@numba.njit(cache=True, nogil=True)
def ranks(strata: Int64s, score: Floats) -> Floats:
    """The rank of each score in its stratum as a share of its size, equals sharing theirs."""
    out = np.empty(score.size, np.float64)
    for stratum in range(strata.size - 1):
        begin, size = strata[stratum], strata[stratum + 1] - strata[stratum]
        order = np.argsort(score[begin : begin + size])
        low = 0
        while low < size:
            high = low
            while high < size and score[begin + order[high]] == score[begin + order[low]]:
                high += 1
            for place in range(low, high):
                out[begin + order[place]] = (low + high - 1) / 2 / (size + 1)
            low = high
    return out
