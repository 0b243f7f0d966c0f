"""Who stood in which line and was picked when: what favouritism is told by."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from engine.happened import happened
from engine.treatment.asking import Asked, Asking
from engine.treatment.frame import Off
from engine.treatment.gap import PICKED, Question
from engine.treatment.waits import dates_only
from eventlog.kernels import UNKNOWN, Int32s, Int64s
from miners.desks import Owners, owners_of
from miners.equity.rows import Grouping, Strata
from miners.favouritism.groups import strata_of_items
from miners.favouritism.overtakes import Overtakes, overtakes_of
from miners.favouritism.picks import Picks, Waits, picks_of, waits_of
from miners.placed import placed
from miners.shares import Floats
from miners.work_items import Items

MATERIAL_POSITIONS = 0.5
"""The smallest gain of places in a line that is worth telling."""
_FEW_ITEMS = 30


@dataclass(frozen=True, kw_only=True, eq=False)
class Lines:
    """The items of all lines, how soon each was picked, and whom it passed; [items]."""

    items: Items
    owners: Owners
    waits: Waits
    picks: Picks
    overtakes: Overtakes

    def at(self, activity: int) -> Int64s:
        """The items in the lines of an activity, given by its code; [items there]."""
        of_line = self.owners.pairs[self.waits.queue, 0]
        mine = np.append(of_line == activity, False)  # the last one is for items in no line
        return np.flatnonzero(mine[self.waits.line])

    @property
    def activities(self) -> list[int]:
        """The codes of the activities that have lines, by their names."""
        labels = self.items.activity.vocabulary.labels
        codes = set(self.owners.pairs[self.waits.queue, 0].tolist())
        return sorted(codes, key=lambda one: labels[one])


def lines_of(asking: Asking) -> tuple[Lines | None, list[Off]]:
    """The lines of the office; None, with the reason, where nobody can say whose turn it was."""
    whole, frame = asking.whole, asking.frame
    if frame.service_class is None:
        why = (
            "the process file does not say under equity.service_class which files go first by "
            "right; write service_class: [] if all have the same right"
        )
        return None, [("favouritism", why)]
    assert whole.items is not None
    items = happened(whole.items, whole.now)
    if dates_only(items, items.enabled != UNKNOWN, asking.definition.timezone):
        why = "most steps are dated without a time; the order of picks within a day is unknown"
        return None, [("favouritism", why)]
    items, rule = placed(items, whole.still)
    owners = owners_of(items, whole.applicants)
    cases = len(whole.case_ids)
    classes = Strata.of([*frame.service_class.values(), np.zeros(cases, np.int64)]).stratum
    waits = waits_of(
        items,
        rule,
        owners,
        classes,
        ends=whole.ends,
        now=whole.now,
        applicant=whole.applicant,
    )
    off = []
    if not bool(owners.told.all()):
        why = "most of their items have no start; files are compared by the order of completion"
        names = {
            items.activity.vocabulary.labels[owners.pairs[q, 0]]
            for q in np.flatnonzero(~owners.told).tolist()
        }
        off.append((f"the order in which files are picked at {', '.join(sorted(names))}", why))
    lines = Lines(
        items=items,
        owners=owners,
        waits=waits,
        picks=picks_of(waits),
        overtakes=overtakes_of(waits),
    )
    return lines, off


def picked(lines: Lines, asking: Asking) -> Iterator[Asked]:
    """Whose files are picked ahead of their turn, activity by activity.

    The test is by pick scores; what is told are places in the line that were gained.
    """
    frame, items = asking.frame, lines.items
    cluster = None if frame.cluster is None else frame.cluster[items.case]
    every = strata_of_items(lines.waits, cluster)
    labels = items.activity.vocabulary.labels
    for code in lines.activities:
        rows = lines.at(code)
        if len(rows) < 2 * _FEW_ITEMS:
            continue
        here = every.take(rows)
        own = Strata.of([here.stratum], here.cluster)
        yield Asked(
            question=Question(
                measure=PICKED,
                activity=labels[code],
                unit="positions",
                score=lines.overtakes.net[rows],
                tested=lines.picks.score[rows],
                rows=items.case[rows].astype(np.int64),
                entered=lines.waits.joined[rows],
                material=MATERIAL_POSITIONS,
                least=_FEW_ITEMS,
            ),
            comparable=_always(own),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Passing:
    """What happened to the files of each group at a step, on average; 0 without any; [values].

    `score` is their pick score, `passed` how many older files each passed, `passed_by` how many
    younger ones passed it.
    """

    score: Floats
    passed: Floats
    passed_by: Floats

    @staticmethod
    def of(lines: Lines, grouping: Grouping, activity: str) -> "Passing":
        """At an activity, given by its name; rows of the `grouping` are cases."""
        rows = lines.at(lines.items.activity.vocabulary.labels.index(activity))
        place = grouping.place[lines.items.case[rows]]
        rows, place = rows[place >= 0], place[place >= 0]
        values = len(grouping.names)
        many = np.maximum(np.bincount(place, minlength=values), 1)

        def mean(column: Floats | Int32s) -> Floats:
            return np.asarray(np.bincount(place, column[rows], minlength=values) / many)

        return Passing(
            score=mean(lines.picks.score),
            passed=mean(lines.overtakes.passed),
            passed_by=mean(lines.overtakes.passed_by),
        )


def _always(strata: Strata) -> Callable[[Grouping], Strata]:
    """The same strata whichever attribute is compared."""
    return lambda _: strata
