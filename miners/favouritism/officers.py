"""Which officers pick whose files ahead of their turn: two signals that must agree.

*Paired*: at each pick of an officer, the files of a group that were there to be picked have a
share of the line; over many picks an officer who does not care takes that share (a log-rank test
for each officer). *Early*: among the officer's own picks, those of the group passed a larger part
of the line, as it stood then, than the others. An officer who works for one district only is paired
with its people, yet does not pick them earlier than the rest of that district; one who picks in
any order but the group's files no earlier is not told either. A file that comes back to the
officer who knows it is no pick out of a line, and is left out.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy import stats

from eventlog.kernels import Bools, Int32s, Int64s
from miners.desks import Owners
from miners.equity.rows import Grouping
from miners.favouritism.officer_pairs import FEWEST_EACH, Told, tested
from miners.favouritism.officer_sums import Desk, signals
from miners.favouritism.picks import Waits
from miners.shares import Floats
from miners.work_items import Items

MATERIAL_AHEAD = 0.1
"""What counts as early: a tenth of the line more than the officer's other picks pass."""
# Who is this surely paired with a value of an attribute by which work is divided works by it.
_SPECIAL = 0.001


@dataclass(frozen=True, kw_only=True, eq=False)
class Scan:
    """Officers by values at one activity, as far as they can be tested; columns [pairs].

    `officer` is a code of the items' resources, `attribute` a place among the groupings, `value` a
    place among the attribute's names. `picks` counts the officer's picks with something to choose
    from, `of_group` those of the value (a folder counts by its parts) and `expected` those that
    blind picks would have been. `paired` is the difference as a share of picks; `early` how much
    larger a part of the line the value's picks passed than the officer's others. Both have a
    standard error and a two-sided p-value; NaN where they cannot be told. `p_value` is that of
    both signals on the same side. `halves` [2, pairs] has `paired` in the first and the second
    half of the officer's picks, `middle` is the moment between; `half_p` its p-values. `apart` says
    that the officer's picks of the value that stands out most are left out.
    """

    activity: str
    officer: Int64s
    attribute: Int64s
    value: Int64s
    picks: Int64s
    of_group: Floats
    expected: Floats
    paired: Floats
    paired_error: Floats
    paired_p: Floats
    early: Floats
    early_error: Floats
    early_p: Floats
    p_value: Floats
    halves: Floats
    half_p: Floats
    middle: Int64s
    apart: Bools

    def __len__(self) -> int:
        """How many pairs of an officer and a value are tested."""
        return len(self.officer)

    def sure(
        self, chosen: Bools, *, in_all: int, tests: int, false: float, material: float
    ) -> Bools:
        """Which of the `chosen` [pairs] also meet all else that is asked of a finding.

        The interval of `paired`, made wider for having been chosen, lies beyond `material`, `early`
        is at least `MATERIAL_AHEAD` on the same side, and both halves are. `chosen` are those that
        the Benjamini-Hochberg procedure found among `tests` of all activities at a rate `false`,
        `in_all` how many it found there.
        """
        low, high = adjusted_limits(
            self.paired, self.paired_error, chosen=in_all, tests=tests, false=false
        )
        side = np.sign(self.paired)
        with np.errstate(invalid="ignore"):
            beyond = np.where(side > 0, low > material, high < -material)
            early = self.early * side >= MATERIAL_AHEAD
            steady = (self.halves * side > 0).all(axis=0)
        return np.asarray(chosen & beyond & early & steady)


def adjusted_limits(
    value: Floats, error: Floats, *, chosen: int, tests: int, false: float
) -> tuple[Floats, Floats]:
    """Limits for values that were chosen for being large: level 1 - chosen * false / tests.

    So, of the intervals of the chosen ones, a share of `false` at the most misses the truth on
    average (false coverage rate, Benjamini & Yekutieli 2005).
    """
    half = stats.norm.isf(false * max(1, chosen) / max(1, tests) / 2) * error
    return value - half, value + half


def scan(
    items: Items,
    waits: Waits,
    owners: Owners,
    groupings: Sequence[Grouping],
    *,
    ahead: Floats,
    divided_by: Sequence[Grouping] = (),
) -> list[Scan]:
    """All officers and values, activity by activity; rows of `groupings` are cases.

    `ahead` [items] is as `officer_sums.ahead_of` has it. Activities run side by side.

    One who takes a group's files out of turn takes all others more seldom and later, which
    would look like a slight. So for each officer the value that stands out most, of all attributes,
    is tested as it is, and the others among the files that do not have it. An officer all of whose
    picks are of one value cannot be told by this scan, nor can one who never picks it.

    `divided_by` are attributes by which work may rightly be shared out, e.g. the district. An
    officer who is paired with a value of one of them is tested among files of equal value, as if
    each value had a line of its own.
    """
    if not waits.lines or not groupings:
        return []
    counted = np.where(returned(items), np.int32(-1), waits.officer)
    of_line = owners.pairs[waits.queue, 0].astype(np.int64)
    activity = np.where(waits.line >= 0, of_line[waits.line], -1)

    def at(code: int) -> Scan | None:
        rows = np.flatnonzero(activity == code)
        here, officer = waits.take(rows), counted[rows]
        if not (officer >= 0).any():
            return None
        desk = Desk.told(here, officer, ahead[rows])
        places = [one.place[items.case[rows]].astype(np.int32) for one in groupings]
        told = Told.of(desk, places, [len(one.names) for one in groupings])
        shared = [one.place[items.case[rows]].astype(np.int32) for one in divided_by]
        special = _specialists(desk, shared, [len(one.names) for one in divided_by])
        for attribute in np.unique(special[special >= 0]).tolist():
            finer = Desk.of(here.split(shared[attribute]), officer).only(special == attribute)
            told = told.where(special == attribute, Told.of(finer, places, told.sizes))
        return _listed(items.activity.vocabulary.labels[code], desk, told)

    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        found = list(threads.map(at, np.unique(of_line).tolist()))
    return [one for one in found if one is not None and len(one)]


def _specialists(desk: Desk, places: Sequence[Int32s], sizes: Sequence[int]) -> Int64s:
    """The attribute with a value that each officer is paired with most surely, -1 for none."""
    best = np.full(len(desk.officers), _SPECIAL)
    found = np.full(len(desk.officers), -1, np.int64)
    for attribute, (place, size) in enumerate(zip(places, sizes, strict=True)):
        told = signals(desk, place, size, None, FEWEST_EACH)
        paired = np.where(tested(desk, told, place, size), told.paired_p, 1.0)
        least = np.nan_to_num(paired, nan=1.0).min(axis=1, initial=1.0)
        found = np.where(least < best, attribute, found)
        best = np.minimum(best, least)
    return found


def returned(items: Items) -> Bools:
    """Which items came back to the officer who had done the same on the same file before."""
    out = np.zeros(len(items), bool)
    known = np.flatnonzero(items.resource.codes >= 0)
    labels, officers = len(items.activity.vocabulary), len(items.resource.vocabulary)
    key = items.case[known].astype(np.int64) * labels + items.activity.codes[known]
    key = key * officers + items.resource.codes[known]
    order = np.lexsort((items.position[known], key))
    again = np.zeros(len(known), bool)
    again[order[1:]] = key[order[1:]] == key[order[:-1]]
    out[known] = again
    return out


def _listed(activity: str, desk: Desk, told: Told) -> Scan:
    """The tested pairs of all attributes, one after the other."""
    pairs = [np.nonzero(usual) for usual in told.tested]

    def column(name: str) -> Floats:
        parts = [
            getattr(one, name)[..., who, value]
            for one, (who, value) in zip(told.signals, pairs, strict=True)
        ]
        return np.concatenate(parts, axis=-1)

    who = np.concatenate([officer for officer, _ in pairs])
    return Scan(
        activity=activity,
        officer=desk.officers[who],
        attribute=np.repeat(np.arange(len(pairs)), [len(officer) for officer, _ in pairs]),
        value=np.concatenate([value for _, value in pairs]),
        picks=column("picks").astype(np.int64),
        middle=desk.middle[who],
        apart=np.concatenate([mark[pair] for mark, pair in zip(told.apart, pairs, strict=True)]),
        **{
            name: column(name)
            for name in (
                *("of_group", "expected", "paired", "paired_error", "paired_p", "early"),
                *("early_error", "early_p", "p_value", "halves", "half_p"),
            )
        },
    )
