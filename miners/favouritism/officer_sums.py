"""How often each officer picked each value, how often chance would have, and how early."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import special, stats

from eventlog.kernels import Bools, Int32s, Int64s
from miners.ascending import ascending
from miners.favouritism import officer_loops
from miners.favouritism.overtakes import Overtakes, overtakes_of
from miners.favouritism.picks import Picks, Waits, picks_of
from miners.hands import by_owner
from miners.shares import Floats

_NOTHING = 1e-9  # a variance of ranks that is only rounding


@dataclass(frozen=True, kw_only=True, eq=False)
class Desk:
    """The items of one activity: who waited, and who picked; columns [rows].

    `offsets` [lines + 1], `coming` and `going` are lines and their rows, as `in_order` of the
    loops puts them. `officer` is a place in `officers`, -1 for an item whose pick does not count,
    `ahead` the share of those beside it in its line that a picked item passed. `middle` [officers]
    is the moment at which half of an officer's picks are done.
    """

    offsets: Int64s
    coming: Int64s
    going: Int64s
    line: Int32s
    joined: Int64s
    left: Int64s
    officer: Int32s
    officers: Int64s
    ahead: Floats
    middle: Int64s

    @staticmethod
    def of(waits: Waits, officer: Int32s) -> "Desk":
        """The desk of `waits`, all of one activity; `officer` [rows] is as above, but in codes."""
        return Desk.told(waits, officer, ahead_of(overtakes_of(waits), picks_of(waits)))

    @staticmethod
    def told(waits: Waits, officer: Int32s, ahead: Floats) -> "Desk":
        """The same where it is known already how far `ahead` [rows] each was picked."""
        offsets, order = by_owner(waits.line, waits.lines)
        counted = np.flatnonzero(officer >= 0)
        officers, who = np.unique(officer[counted], return_inverse=True)
        own = np.full(len(waits), -1, np.int32)
        own[counted] = who
        left = waits.left
        sizes = np.bincount(who, minlength=len(officers))
        in_turn = np.lexsort((left[counted], who))
        halfway = np.cumsum(sizes) - sizes + (sizes - 1) // 2
        coming, going = officer_loops.in_order(offsets, order, waits.joined, left, own)
        return Desk(
            offsets=offsets,
            coming=coming,
            going=going,
            line=waits.line,
            joined=waits.joined,
            left=left,
            officer=own,
            officers=officers.astype(np.int64),
            ahead=ahead,
            middle=left[counted][in_turn][halfway],
        )

    @cached_property
    def turns(self) -> "_Turns":
        """All picks that count, officer by officer."""
        return _turns(self, np.flatnonzero(self.officer >= 0))

    def only(self, officers: Bools) -> "Desk":
        """The same where the picks of these [officers] alone count."""
        mine = (self.officer >= 0) & officers[self.officer]
        return replace(self, officer=np.where(mine, self.officer, np.int32(-1)))


def ahead_of(overtakes: Overtakes, picks: Picks) -> Floats:
    """The share of those beside it in its line that each picked item passed; [items]."""
    return np.asarray(overtakes.passed / np.maximum(picks.waiting - 1, 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Turns:
    """The picks of each officer from each line, in their order; see `officer_loops.early_sums`.

    `many` [officers] is how many picks each has.
    """

    strata: Int64s
    who: Int32s
    picks: Int64s
    rows: Int64s
    score: Floats
    rank: Floats
    many: Int64s


def _turns(desk: Desk, rows: Int64s) -> _Turns:
    """The picks that these rows are part of."""
    officers, lines = len(desk.officers), len(desk.offsets) - 1
    rows = rows[ascending(desk.left[rows])]
    key = desk.officer[rows].astype(np.int64) * lines + desk.line[rows]
    _, places = by_owner(key.astype(np.int32), officers * lines)
    rows, key = rows[places], key[places]
    left = desk.left[rows]
    stratum = np.ones(len(rows), bool)
    stratum[1:] = key[1:] != key[:-1]
    pick = stratum.copy()
    pick[1:] |= left[1:] != left[:-1]
    first = np.flatnonzero(pick)
    picks = np.append(first, len(rows))
    score = np.add.reduceat(np.append(desk.ahead[rows], 0.0), first) / np.diff(picks)
    begins = np.flatnonzero(stratum[first])
    strata = np.append(begins, len(first))
    who = desk.officer[rows][first]
    return _Turns(
        strata=strata,
        who=who[begins],
        picks=picks,
        rows=rows,
        score=score,
        rank=officer_loops.ranks(strata, score),
        many=np.bincount(who, minlength=officers),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Apart:
    """Files left out for an officer: those whose `place` [rows] is `of` [officers], from 0 up."""

    place: Int32s
    of: Int32s


@dataclass(frozen=True, kw_only=True, eq=False)
class Signals:
    """Both signals for all officers and values; arrays [officers, values].

    See `officers.Scan`; `z` is the difference in standard deviations, NaN where
    there was no choice. `up` and `down` are one-sided p-values of both signals together, 1 where
    one of them cannot be told.
    """

    picks: Int64s
    of_group: Floats
    expected: Floats
    z: Floats
    paired: Floats
    paired_error: Floats
    paired_p: Floats
    early: Floats
    early_error: Floats
    early_p: Floats
    p_value: Floats
    halves: Floats
    half_p: Floats

    def where(self, changed: Bools, other: "Signals") -> "Signals":
        """These, but those of `other` where `changed` [officers, values]."""
        return Signals(
            **{
                name: np.where(changed, getattr(other, name), getattr(self, name))
                for name in (
                    *("picks", "of_group", "expected", "z", "paired", "paired_error", "paired_p"),
                    *("early", "early_error", "early_p", "p_value", "halves", "half_p"),
                )
            },
        )


def signals(desk: Desk, place: Int32s, values: int, apart: Apart | None, fewest: int) -> Signals:
    """Both signals; `place` [rows] is the value of each item, below `values`, or -1.

    `fewest` is how many picks of a value, and others, the second signal needs of an officer.
    """
    officers = len(desk.officers)
    none = Apart(place=place, of=np.full(officers, -1, np.int32))
    apart = apart or none
    sums = np.zeros((3, 2, officers, values))
    squares = np.zeros((officers, values))
    picks = np.zeros((2, officers), np.int64)
    officer_loops.pair_lines(
        desk.offsets, desk.coming, desk.going, desk.joined, desk.left, desk.officer, desk.middle,
        place, apart.place, apart.of, sums, squares, picks,
    )  # fmt: skip
    did, expected, variance = sums.sum(axis=1)
    many = np.maximum(picks.sum(axis=0), 1)[:, None]
    differs = did - expected
    spread = np.maximum(variance, squares - differs**2 / many)
    up, down = _tails(did, expected, variance)
    half_up, half_down = _tails(*sums)
    early = _early(desk, place, values, apart, fewest)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(variance > 0, differs / np.sqrt(variance), np.nan)
        halves = (sums[0] - sums[1]) / np.maximum(picks, 1)[:, :, None]
    both = np.minimum(np.fmax(up, early.up), np.fmax(down, early.down))
    told = ~np.isnan(up) & ~np.isnan(early.up)
    return Signals(
        picks=np.repeat(picks.sum(axis=0)[:, None], values, axis=1),
        of_group=did,
        expected=expected,
        z=z,
        paired=np.where(variance > 0, differs / many, np.nan),
        paired_error=np.where(variance > 0, np.sqrt(spread) / many, np.nan),
        paired_p=np.minimum(1, 2 * np.minimum(up, down)),
        early=early.value,
        early_error=early.error,
        early_p=np.minimum(1, 2 * np.minimum(early.up, early.down)),
        p_value=np.where(told, np.minimum(1, 2 * both), 1.0),
        halves=halves,
        half_p=np.minimum(1, 2 * np.minimum(half_up, half_down)),
    )


def _tails(did: Floats, expected: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """The chance of as many picks or more, and of as many or fewer; NaN without variance.

    Picks with different chances are less spread than a binomial count (Hoeffding 1956); the
    binomial here has their mean and their variance, and its tails are exact where a normal curve's
    are too short for a rare group.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = np.where(variance > 0, 1 - variance / expected, np.nan)
        chance = np.clip(chance, 1e-12, 1 - 1e-12)
        size = expected / chance
        got = np.minimum(did, size)
        more = np.where(got > 0, special.betainc(got, size - got + 1, chance), 1.0)
        fewer = np.where(
            got + 1 <= size,
            1 - special.betainc(got + 1, np.maximum(size - got, 1e-12), chance),
            1.0,
        )
    known = variance > 0
    return np.where(known, more, np.nan), np.where(known, fewer, np.nan)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Early:
    """The second signal; arrays [officers, values], NaN where it cannot be told."""

    value: Floats
    error: Floats
    up: Floats
    down: Floats


def _early(desk: Desk, place: Int32s, values: int, apart: Apart, fewest: int) -> _Early:
    """Compare the officer's picks of a value with the officer's others, in the same line.

    The effect is a difference of means; the p-value is that of ranks (van Elteren 1960), which one
    odd pick does not move.
    """
    turns = desk.turns
    if (apart.of >= 0).any():
        kept = apart.of[desk.officer]
        stay = (desk.officer >= 0) & ~((kept >= 0) & (apart.place == kept))
        turns = _turns(desk, np.flatnonzero(stay))
    officers = len(desk.officers)
    sums, counts = np.zeros((5, officers, values)), np.zeros((officers, values))
    officer_loops.early_sums(
        turns.strata, turns.who, turns.picks, turns.rows, turns.score, turns.rank, place,
        sums, counts,
    )  # fmt: skip
    many = turns.many[:, None]
    told = (sums[3] > _NOTHING) & (counts >= fewest) & (many - counts >= fewest)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(told, sums[2] / np.sqrt(sums[3]), np.nan)
        return _Early(
            value=np.where(told, sums[0] / sums[4], np.nan),
            error=np.where(told, np.sqrt(sums[1]) / sums[4], np.nan),
            up=stats.norm.sf(z),
            down=stats.norm.cdf(z),
        )
