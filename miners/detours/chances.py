"""When each application could have taken a detour, when it did, and who was followed for long."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventlog.kernels import Bools, Int64s
from miners.detours.episodes import Episodes, Subject
from miners.detours.steps import Steps

NEVER = int(np.iinfo(np.int64).max)
"""A moment that did not come."""

_MOST = 0.9
# Where work gets slower, fewer detours would show in a short time: nearly all must have shown.
_SHOWN = 0.98
_NEARLY_ALL = 0.95
_RARELY = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Chances:
    """One detour: when a case could have it first, and when it had; [cases], µs UTC or NEVER.

    Whoever had it, could. It was taken `times` times; a share of the `eligible` cases took it.
    """

    subject: Subject
    times: int
    eligible: int
    could: Int64s
    had: Int64s


@dataclass(frozen=True, kw_only=True, eq=False)
class Followed:
    """The cases in which it can be told whether they took a detour in good time; [cases].

    All are known for equally long, `window` microseconds from their entry, and so are equally
    likely to be found with the detour, however late they came. `eligible` could have had it soon
    enough to be followed from then on, `had` are those of them that did.
    """

    eligible: Bools
    had: Bools
    window: int


def chances(
    episodes: Episodes, steps: Steps, *, entered: Int64s, decided: Bools
) -> Iterator[Chances]:
    """Each subject of the episodes in turn; `entered` (µs UTC) and `decided` are [cases].

    A step can be repeated, doubled or gone back to once it was done; left out, in a case that was
    decided or went past it; two steps are in wrong order where both were done. Any case in which
    something was done is eligible for a step that has no place in it, and could take it once it
    came to where that step mostly comes in: other cases may have been over by then.
    """
    firsts = _Firsts(steps)
    order = np.argsort(episodes.subject, kind="stable")
    bounds = np.searchsorted(episodes.subject[order], np.arange(len(episodes.subjects) + 1))
    some = np.diff(steps.offsets) > 0
    last = np.full(steps.cases, NEVER)
    last[some] = steps.done[steps.offsets[1:][some] - 1]
    for place, subject in enumerate(episodes.subjects):
        rows = order[bounds[place] : bounds[place + 1]]
        match subject.kind:
            case "inserted":
                could = _came_to(episodes.before[rows], steps, firsts)
                could = np.where(some, entered, NEVER) if could is None else could
            case "skipped":
                past = firsts.done(subject.activities[0])
                could = np.minimum(past, np.where(decided, last, NEVER))
            case "wrong-order":
                one, other = (firsts.done(name) for name in subject.activities)
                could = np.maximum(one, other)
            case _:
                could = firsts.done(subject.activities[0])
        # A step that is missing ahead of the first is missed once the case could have had it.
        strayed = episodes.first[rows]
        when = np.where(strayed < 0, entered[episodes.case[rows]], steps.done[strayed])
        had = np.full(steps.cases, NEVER)
        np.minimum.at(had, episodes.case[rows], when)
        could = np.where((had < NEVER) & (could == NEVER), had, could)
        yield Chances(
            subject=subject,
            times=len(rows),
            eligible=int((some if subject.kind == "inserted" else could < NEVER).sum()),
            could=could,
            had=np.where(had < NEVER, np.maximum(had, could), NEVER),
        )


def followed(found: Chances, *, entered: Int64s, now: int, closed_only: Int64s | None) -> Followed:
    """Who came early enough to be known for as long as the detour takes to show.

    That is the time from entry within which nine of ten that come to it have come to it, and the
    time from there within which nearly all that take the detour have taken it. `closed_only` is
    how long each case lasted (µs, [cases]) where the log has closed cases only: of those that came
    late only the short ones are there then, so nearly all must have had the time to close.
    """
    could = found.could < NEVER
    had = found.had < NEVER
    reach = _within(_MOST, (found.could - entered)[could])
    taken = _within(_SHOWN, (found.had - found.could)[had])
    window = reach + taken
    if closed_only is not None:
        window = max(window, _within(_NEARLY_ALL, closed_only))
    eligible = could & (entered <= now - window) & (found.could - entered <= reach)
    return Followed(
        eligible=eligible, had=eligible & had & (found.had - found.could <= taken), window=window
    )


def _came_to(before: Int64s, steps: Steps, firsts: "_Firsts") -> Int64s | None:
    """When each case first did one of the usual steps before; None where that is none at all."""
    usual = _RARELY * len(before)
    if not len(before) or (before < 0).sum() >= usual:
        return None
    codes, many = np.unique(steps.activity.codes[before[before >= 0]], return_counts=True)
    labels = steps.activity.vocabulary.labels
    moments = [firsts.done(labels[code]) for code in codes[many >= usual].tolist()]
    return np.min(moments, axis=0) if moments else None


def _within(share: float, spans: Int64s) -> int:
    return int(np.quantile(spans, share, method="higher")) if len(spans) else 0


class _Firsts:
    """When each activity was first done in each case."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        codes = steps.activity.codes
        labels = steps.activity.vocabulary.labels
        # Numbers of 16 bits are sorted much faster.
        narrow = codes.astype(np.int16) if len(labels) <= np.iinfo(np.int16).max else codes
        self._order = np.argsort(narrow, kind="stable")
        self._bounds = np.searchsorted(codes[self._order], np.arange(len(labels) + 1))
        self._places = {label: place for place, label in enumerate(labels)}

    def done(self, activity: str) -> Int64s:
        """When it was first done, NEVER where it was not; shape [cases]."""
        first = np.full(self._steps.cases, NEVER)
        place = self._places.get(activity)
        if place is not None:
            rows = self._order[self._bounds[place] : self._bounds[place + 1]][::-1]
            # Steps stand in the order in which they were done: the last to be put is the first.
            first[self._steps.case[rows]] = self._steps.done[rows]
        return first
